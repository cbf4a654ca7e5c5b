use super::super::testing::{ISSUES, Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::day::DAY;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn report(top: Option<u32>) -> Report {
    Report::new(Limit(top))
}

const A: &str = ISSUES[0];
const B: &str = ISSUES[1];

#[test]
fn issues_have_counts_and_times() {
    let all = [
        Told::at(DAY - 10)
            .visit("https://s/", 0, 0)
            .error(A, "TypeError: a", 5, 1)
            .error(A, "TypeError: a", 20, 9)
            .mark("bought", 30, false),
        Told::at(3 * DAY)
            .visit("https://s/cart", 0, 0)
            .error(A, "TypeError: other words", 0, 1)
            .error(B, "b", 7, 2),
        // Before there were issues.
        Told::at(1).visit("https://s/", 0, 0).mark("old", 1, true),
        Told::at(2),
    ];
    let answer = folded(&report(None), &all).answer();
    assert_eq!(
        (answer.sessions, answer.with_errors, answer.count),
        (4, 2, 13)
    );
    let day = |from, count| Day { from, count };
    assert_eq!(answer.days, [day(0, 1), day(DAY, 9), day(3 * DAY, 3)]);
    let [a, b] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((&*a.issue, &*a.title), (A, "TypeError: a"));
    assert_eq!((a.count, a.sessions), (11, 2));
    assert_eq!((a.first, a.last), (DAY - 5, 3 * DAY));
    assert_eq!(a.days, [day(0, 1), day(DAY, 9), day(3 * DAY, 1)]);
    assert!(a.behind.narrow.errors);
    let moments: Vec<_> = a
        .behind
        .examples
        .iter()
        .map(|e| (e.started, e.at))
        .collect();
    assert_eq!(moments, [(3 * DAY, 0), (DAY - 10, 5)]);
    assert_eq!((&*b.issue, b.count, b.sessions), (B, 2, 1));
    let first = folded(&report(Some(1)), &all).answer();
    assert_eq!(
        (first.rows.len(), first.others, first.others_count),
        (1, 1, 2)
    );
}

#[test]
fn what_recorders_left_out_is_told_beside() {
    let mut told = Told::at(1).visit("https://s/", 0, 0).error(A, "a", 5, 1);
    let mark = told.session.marks.last_mut().unwrap();
    mark.issue.as_mut().unwrap().held = 40;
    let answer = folded(&report(None), &[told]).answer();
    assert_eq!((answer.count, answer.held), (1, 40));
}

#[derive(Default)]
struct Naive {
    count: u64,
    sessions: BTreeSet<usize>,
    times: Vec<u64>,
    days: BTreeMap<u64, u64>,
    titles: BTreeMap<String, u64>,
}

fn naive(all: &[Told]) -> BTreeMap<String, Naive> {
    let mut issues: BTreeMap<String, Naive> = BTreeMap::new();
    for (number, told) in all.iter().enumerate() {
        for mark in &told.session.marks {
            let Some(occurrence) = mark.issue else {
                continue;
            };
            let issue = told.text(Topic::Marks, occurrence.issue);
            let issue = issues.entry(issue).or_default();
            let (at, times) = (
                told.started + u64::from(mark.at),
                u64::from(occurrence.times),
            );
            issue.count += times;
            issue.sessions.insert(number);
            issue.times.push(at);
            *issue.days.entry(at - at % DAY).or_default() += times;
            let title = told.text(Topic::Marks, mark.tag);
            *issue.titles.entry(title).or_default() += times;
        }
    }
    issues
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let issues = naive(&all);
        let answer = folded(&report(None), &all).answer();
        prop_assert_eq!(answer.rows.len(), issues.len());
        prop_assert_eq!(answer.count, issues.values().map(|issue| issue.count).sum::<u64>());
        let with: BTreeSet<usize> = issues.values().flat_map(|issue| issue.sessions.clone()).collect();
        prop_assert_eq!(answer.with_errors, with.len() as u64);
        prop_assert!(answer.rows.is_sorted_by_key(|row| Reverse(row.count)));
        for row in answer.rows {
            let issue = &issues[&row.issue];
            prop_assert_eq!((row.count, row.sessions), (issue.count, issue.sessions.len() as u64));
            prop_assert_eq!(Some(&row.first), issue.times.iter().min());
            prop_assert_eq!(Some(&row.last), issue.times.iter().max());
            let days: BTreeMap<u64, u64> = row.days.iter().map(|day| (day.from, day.count)).collect();
            prop_assert_eq!(&days, &issue.days);
            let most = issue.titles.values().max();
            prop_assert_eq!(issue.titles.get(&row.title), most);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
