use super::super::testing::{Told as Session, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;

fn report(top: Option<u32>) -> Report {
    Report::new(Limit(top))
}

fn session(rank: u32, errors: u32, pairs: &[(&str, &str)]) -> Session {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()));
    Session {
        rank,
        errors,
        meta: pairs.collect(),
        ..Session::at(1)
    }
}

#[test]
fn keys_have_values_and_their_sessions() {
    let all = [
        session(0, 0, &[("plan", "pro"), ("shop", "a")]),
        session(1, 2, &[("plan", "pro")]),
        session(2, 0, &[("plan", "free")]),
        session(3, 9, &[]),
    ];
    let answer = folded(&report(None), &all).answer();
    assert_eq!((answer.sessions, answer.told, answer.others), (4, 3, 0));
    let keys: Vec<_> = answer
        .keys
        .iter()
        .map(|key| (key.key.as_str(), key.counts.sessions))
        .collect();
    assert_eq!(keys, [("plan", 3), ("shop", 1)]);
    let values = &answer.keys[0].values;
    let said: Vec<_> = values
        .rows
        .iter()
        .map(|row| {
            (
                row.value.as_str(),
                row.counts.sessions,
                row.counts.with_errors,
            )
        })
        .collect();
    assert_eq!(said, [("pro", 2, 1), ("free", 1, 0)]);
    assert_eq!(values.rows[0].behind.narrow.meta["plan"], "pro");
    assert_eq!(answer.keys[0].behind.narrow, Filter::default());
    assert_eq!(answer.keys[0].behind.examples.len(), 3);

    let short = folded(&report(Some(1)), &all).answer();
    assert_eq!((short.keys.len(), short.others), (1, 1));
    let values = &short.keys[0].values;
    assert_eq!((values.others, values.others_counts.sessions), (1, 1));
}

#[test]
fn a_list_of_another_sheet_is_another() {
    let mut report = report(None);
    let (names, session) = (Names::default(), super::Session::default());
    for texts in [["plan", "pro"], ["plan", "free"]] {
        report.names(&[&names; 7]);
        let told = Told::Sheet {
            list: 0,
            texts: &texts,
        };
        let who = Who {
            told,
            ..Who::default()
        };
        report.add(&who, &session);
        report.add(&who, &session);
    }
    let values = report.answer().keys.remove(0).values;
    let said = values
        .rows
        .iter()
        .map(|row| (row.value.as_str(), row.counts.sessions));
    assert_eq!(said.collect::<Vec<_>>(), [("free", 2), ("pro", 2)]);
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let mut found: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
        for told in &all {
            for (key, value) in &told.meta {
                let (sessions, with_errors) = found.entry((key, value)).or_default();
                *sessions += 1;
                *with_errors += u64::from(told.errors > 0);
            }
        }
        let answer = folded(&report(None), &all).answer();
        prop_assert_eq!(answer.told, all.iter().filter(|told| !told.meta.is_empty()).count() as u64);
        let mut told = BTreeMap::new();
        for key in &answer.keys {
            let of_key = |told: &&Session| told.meta.contains_key(&key.key);
            prop_assert_eq!(key.counts.sessions, all.iter().filter(of_key).count() as u64);
            for row in &key.values.rows {
                let counts = (row.counts.sessions, row.counts.with_errors);
                told.insert((key.key.as_str(), row.value.as_str()), counts);
            }
        }
        prop_assert_eq!(told, found);
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
