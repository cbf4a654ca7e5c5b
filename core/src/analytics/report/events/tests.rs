use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
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

proptest! {
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
