use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::one::OCCURRENCES;
use super::*;
use crate::analytics::report::Report as _;
use crate::day::DAY;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn report(top: Option<u32>) -> Report {
    Report::new(Limit(top))
}

fn bought(started: u64, prices: &[f64]) -> Told {
    let mut told = Told::at(started).visit("https://s/", 0, 0);
    for price in prices {
        told = told.mark("bought", 5, false);
        let name = told.name(Topic::Marks, "price");
        told.session
            .marks
            .last_mut()
            .unwrap()
            .values
            .push((name, *price));
    }
    told
}

#[test]
fn events_have_counts_and_numbers() {
    let all = [
        bought(1, &[10.0, -2.5, 0.1]),
        bought(2, &[1.2345, f64::NAN, f64::INFINITY]).mark("bought", 9, true),
        Told::at(3).visit("https://s/", 0, 0).mark("left", 1, false),
    ];
    let answer = folded(&report(None), &all).answer();
    assert_eq!((answer.sessions, answer.count), (3, 7));
    let row = &answer.rows[0];
    assert_eq!((&*row.event, row.count, row.sessions), ("bought", 6, 2));
    let price = Number {
        name: "price".into(),
        count: 4,
        sum: 8.835,
        mean: 2.209,
        min: -2.5,
        p50: 0.1,
        p90: 10.0,
        max: 10.0,
    };
    assert_eq!(row.numbers, [price]);
    assert_eq!(row.behind.narrow.event.as_deref(), Some("bought"));
    let first = folded(&report(Some(1)), &all).answer();
    assert_eq!(
        (first.rows.len(), first.others, first.others_count),
        (1, 1, 1)
    );
}

#[test]
fn sums_that_json_cannot_say_are_held_back() {
    let answer = folded(&report(None), &[bought(1, &[f64::MAX, f64::MAX])]).answer();
    assert_eq!(answer.rows[0].numbers[0].sum.to_bits(), f64::MAX.to_bits());
}

fn about(tag: &str) -> Report {
    Report::asked(Asked {
        tag: Some(tag.to_owned()),
        top: Limit::default(),
    })
}

#[test]
fn one_event_has_days_and_its_latest_occurrences() {
    let all = [
        // Begins on one day and goes on into the next.
        bought(DAY - 2, &[10.0, -2.5]),
        bought(3 * DAY, &[7.25]).mark("left", 9, false),
    ];
    let answer = folded(&about("bought"), &all).answer();
    assert_eq!(answer.rows.len(), 2);
    let one = answer.one.unwrap();
    assert_eq!((&*one.event, one.count, one.sessions), ("bought", 3, 2));
    let said: Vec<_> = one
        .days
        .iter()
        .map(|day| (day.from, day.count, day.numbers[0].sum, day.numbers[0].mean))
        .collect();
    assert_eq!(said, [(DAY, 2, 7.5, 3.75), (3 * DAY, 1, 7.25, 7.25)]);
    let day = &one.days[0].behind;
    assert_eq!(day.narrow.event.as_deref(), Some("bought"));
    assert_eq!(day.narrow.before, Some(2 * DAY));
    assert_eq!(day.examples[0].started, DAY - 2);
    let came: Vec<_> = one
        .occurrences
        .iter()
        .map(|it| (it.at, it.moment.started, it.moment.at, it.numbers[0].value))
        .collect();
    assert_eq!(
        came,
        [
            (3 * DAY + 5, 3 * DAY, 5, 7.25),
            // Of one moment: the one that was told last comes first.
            (DAY + 3, DAY - 2, 5, -2.5),
            (DAY + 3, DAY - 2, 5, 10.0),
        ]
    );
}

#[test]
fn an_event_that_did_not_come_has_neither() {
    let one = folded(&about("sold"), &[bought(1, &[1.0])]).answer().one;
    let none = One {
        event: "sold".to_owned(),
        ..One::default()
    };
    assert_eq!(one, Some(Box::new(none)));
    assert_eq!(report(None).answer().one, None);
}

#[test]
fn without_an_event_a_report_is_kept_as_it_was_before_one_could_be_asked_about() {
    let written = serde_json::to_string(&report(Some(3))).unwrap();
    assert_eq!(
        written,
        r#"{"top":3,"sessions":0,"events":[],"numbers":[],"values":[]}"#
    );
    let read: Report = serde_json::from_str(&written).unwrap();
    assert_eq!(read.answer(), report(Some(3)).answer());
}

#[test]
fn of_more_occurrences_the_latest_are_told_and_all_are_counted() {
    let many = OCCURRENCES as u64 + 20;
    let mut all: Vec<_> = (0..many).map(|at| bought(at, &[])).collect();
    for told in &mut all {
        *told = told.clone().mark("bought", 5, false);
    }
    let empty = about("bought");
    let mut report = folded(&empty, &all[..70]);
    report.merge(folded(&empty, &all[70..]));
    let one = report.answer().one.unwrap();
    assert_eq!((one.count, one.days[0].count), (many, many));
    let came: Vec<_> = one.occurrences.iter().map(|it| it.at).collect();
    let latest: Vec<_> = (20..many).rev().map(|at| at + 5).collect();
    assert_eq!(came, latest);
}

/// A day's count, and its numbers by name.
type OnDay = (u64, BTreeMap<String, Vec<f64>>);

proptest! {
    #[test]
    fn one_agrees_with_counting_by_hand(all in any_sessions(), tag in prop::sample::select(vec!["a", "b", "e"])) {
        let mut days: BTreeMap<u64, OnDay> = BTreeMap::new();
        let mut came = Vec::new();
        for told in &all {
            for (which, mark) in told.session.marks.iter().enumerate() {
                if mark.is_error || told.text(Topic::Marks, mark.tag) != tag {
                    continue;
                }
                let at = told.started + u64::from(mark.at);
                let (count, numbers) = days.entry(at / DAY * DAY).or_default();
                *count += 1;
                let mut given = Vec::new();
                for (name, value) in &mark.values {
                    let name = told.text(Topic::Marks, *name);
                    numbers.entry(name.clone()).or_default().push(*value);
                    given.push((name, *value));
                }
                came.push((at, told.started, told.rank, which, given));
            }
        }
        came.sort_by(|a, b| b.partial_cmp(a).unwrap());
        let one = folded(&about(tag), &all).answer().one.unwrap();
        prop_assert_eq!(one.count, came.len() as u64);
        prop_assert_eq!(one.days.len(), days.len());
        for (day, (from, (count, numbers))) in one.days.iter().zip(&days) {
            prop_assert_eq!((day.from, day.count), (*from, *count));
            prop_assert_eq!(day.numbers.len(), numbers.len());
            for (number, (name, values)) in day.numbers.iter().zip(numbers) {
                let sum: f64 = values.iter().sum();
                prop_assert_eq!((&number.name, number.count), (name, values.len() as u64));
                prop_assert!((number.sum - sum).abs() < 0.001);
            }
        }
        prop_assert!(came.len() <= OCCURRENCES);
        for (found, (at, started, rank, _, given)) in one.occurrences.iter().zip(&came) {
            prop_assert_eq!((found.at, found.moment.started, found.moment.rank), (*at, *started, *rank));
            let numbers = found.numbers.iter().map(|it| (it.name.clone(), it.value));
            for ((name, value), (other, expected)) in numbers.zip(given) {
                prop_assert_eq!(&name, other);
                prop_assert!((value - expected).abs() < 0.001);
            }
        }
        prop_assert_eq!(one.occurrences.len(), came.len());
    }

    #[test]
    fn one_holds(all in any_sessions(), cuts in cuts(), tag in prop::sample::select(vec!["a", "b", "e"])) {
        holds_to_the_laws(&about(tag), &all, cuts);
    }

    #[test]
    fn numbers_keep_their_order(a in any::<f64>(), b in any::<f64>()) {
        prop_assume!(a.is_finite() && b.is_finite());
        prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.partial_cmp(&b).unwrap());
        prop_assert_eq!(number_of(ordered(a)).to_bits(), (a + 0.0).to_bits());
    }

    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let mut counts: BTreeMap<String, (u64, BTreeSet<usize>)> = BTreeMap::new();
        let mut values: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
        for (number, told) in all.iter().enumerate() {
            for mark in told.session.marks.iter().filter(|mark| !mark.is_error) {
                let tag = told.text(Topic::Marks, mark.tag);
                let (count, sessions) = counts.entry(tag.clone()).or_default();
                *count += 1;
                sessions.insert(number);
                for (name, value) in &mark.values {
                    let key = (tag.clone(), told.text(Topic::Marks, *name));
                    values.entry(key).or_default().push(*value);
                }
            }
        }
        let answer = folded(&report(None), &all).answer();
        prop_assert_eq!(answer.rows.len(), counts.len());
        for row in answer.rows {
            let (count, sessions) = &counts[&row.event];
            prop_assert_eq!((row.count, row.sessions), (*count, sessions.len() as u64));
            for number in row.numbers {
                let values = values.get_mut(&(row.event.clone(), number.name)).unwrap();
                values.sort_by(f64::total_cmp);
                let sum: f64 = values.iter().sum();
                prop_assert_eq!(number.count, values.len() as u64);
                prop_assert!((number.sum - sum).abs() < 0.001);
                prop_assert!((number.mean - sum / f64::from(u32::try_from(values.len()).unwrap())).abs() < 0.001);
                let rank = |percent: usize| values[(values.len() * percent).div_ceil(100) - 1];
                prop_assert!((number.p50 - rank(50)).abs() < 0.001);
                prop_assert!((number.p90 - rank(90)).abs() < 0.001);
            }
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
