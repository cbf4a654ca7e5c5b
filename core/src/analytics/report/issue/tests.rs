use super::super::errors;
use super::super::testing::{ISSUES, Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::day::DAY;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const A: &str = ISSUES[0];
const B: &str = ISSUES[1];

fn report(issue: &str, top: Option<u32>) -> Report {
    let asked = Asked {
        issue: issue.into(),
        top: Limit(top),
    };
    Report::new(Routes::default(), asked)
}

fn chrome(started: u64) -> Told {
    let mut told = Told::at(started).visit("https://s/orders/17", 0, 0);
    told.browser = Some("Chrome".into());
    told
}

#[test]
fn an_issue_has_facets_and_moments() {
    let all = [
        chrome(10).error(A, "a", 5, 1).release("1.0"),
        chrome(2 * DAY)
            .error(B, "b", 1, 1)
            .error(A, "a", 7, 9)
            .visit("https://s/orders/18", 8, 0)
            .error(A, "other words", 9, 1)
            .release("1.1"),
        Told::at(30).visit("https://s/", 0, 0).error(A, "a", 3, 2),
        chrome(40).error(B, "b", 1, 1),
    ];
    let answer = folded(&report(A, None), &all).answer();
    assert_eq!((answer.sessions, answer.with_it, answer.count), (4, 3, 13));
    assert_eq!(&*answer.title, "a");
    assert_eq!((answer.first, answer.last), (Some(15), Some(2 * DAY + 9)));
    let rows = |list: &List| -> Vec<(String, u64, u64)> {
        let rows = list.rows.iter();
        rows.map(|row| (row.value.clone(), row.sessions, row.count))
            .collect()
    };
    assert_eq!(
        rows(&answer.browsers),
        [("Chrome".into(), 2, 11), (String::new(), 1, 2)]
    );
    // Two addresses of one page.
    assert_eq!(
        rows(&answer.pages),
        [("s/orders/:id".into(), 2, 11), ("s/".into(), 1, 2)]
    );
    assert_eq!(
        rows(&answer.releases),
        [
            ("1.1".into(), 1, 10),
            (String::new(), 1, 2),
            ("1.0".into(), 1, 1)
        ]
    );
    let firsts: Vec<u64> = answer.releases.rows.iter().map(|row| row.first).collect();
    assert_eq!(firsts, [2 * DAY + 7, 33, 15]);
    let moments: Vec<_> = answer.moments.iter().map(|e| (e.started, e.at)).collect();
    assert_eq!(moments, [(2 * DAY, 7), (30, 3), (10, 5)]);
    let one = folded(&report(A, Some(1)), &all).answer();
    assert_eq!((one.releases.rows.len(), one.releases.others), (1, 2));
}

#[test]
fn an_issue_that_did_not_come_has_nothing() {
    let all = [chrome(10).error(B, "b", 5, 1)];
    let answer = folded(&report(A, None), &all).answer();
    let nothing = Answer {
        asked: answer.asked.clone(),
        sessions: 1,
        ..Answer::default()
    };
    assert_eq!(answer, nothing);
}

#[test]
fn so_many_moments_are_told() {
    let all: Vec<Told> = (1..100).map(|at| chrome(at).error(A, "a", 1, 1)).collect();
    let moments = folded(&report(A, None), &all).answer().moments;
    let started: Vec<u64> = moments.iter().map(|example| example.started).collect();
    let latest: Vec<u64> = (50..100).rev().collect();
    assert_eq!((started, MOMENTS), (latest, 50));
}

/// By browser: sessions and times.
fn by_browser(all: &[Told]) -> BTreeMap<String, (BTreeSet<usize>, u64)> {
    let mut found: BTreeMap<String, (BTreeSet<usize>, u64)> = BTreeMap::new();
    for (number, told) in all.iter().enumerate() {
        for occurrence in told.session.marks.iter().filter_map(|mark| mark.issue) {
            if told.text(Topic::Marks, occurrence.issue) == A {
                let browser = told.browser.clone().unwrap_or_default();
                let (sessions, times) = found.entry(browser).or_default();
                sessions.insert(number);
                *times += u64::from(occurrence.times);
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let answer = folded(&report(A, None), &all).answer();
        let found: BTreeMap<String, (u64, u64)> = answer.browsers.rows.iter()
            .map(|row| (row.value.clone(), (row.sessions, row.count)))
            .collect();
        let expected: BTreeMap<String, (u64, u64)> = by_browser(&all).into_iter()
            .map(|(browser, (sessions, times))| (browser, (sessions.len() as u64, times)))
            .collect();
        prop_assert_eq!(found, expected);
        for list in [&answer.systems, &answer.pages, &answer.releases] {
            prop_assert_eq!(list.rows.iter().map(|row| row.count).sum::<u64>(), answer.count);
        }
    }

    /// What the report of all issues has of it.
    #[test]
    fn agrees_with_the_report_of_all(all in any_sessions()) {
        let every = folded(&errors::Report::new(Limit(None)), &all).answer();
        for issue in ISSUES {
            let one = folded(&report(issue, None), &all).answer();
            prop_assert_eq!(one.sessions, every.sessions);
            let Some(row) = every.rows.iter().find(|row| row.issue == issue) else {
                prop_assert_eq!(one.count, 0);
                continue;
            };
            prop_assert_eq!((one.count, one.with_it, one.title), (row.count, row.sessions, row.title.clone()));
            prop_assert_eq!((one.first, one.last), (Some(row.first), Some(row.last)));
            prop_assert_eq!(&one.days, &row.days);
            let latest = &one.moments[..row.behind.examples.len()];
            prop_assert_eq!(latest, &row.behind.examples[..]);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(A, top), &all, cuts);
    }
}
