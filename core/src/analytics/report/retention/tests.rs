use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::day::Day;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn came(user: Option<&str>, day: &str) -> Told {
    let mut told = Told::at(Day::parse(day).unwrap().start() + 5);
    told.user = user.map(Into::into);
    told
}

#[test]
fn users_come_again() {
    let all = [
        came(Some("ann"), "2026-11-02"),
        came(Some("ann"), "2026-11-08"),
        came(Some("bob"), "2026-11-04"),
        came(Some("ann"), "2026-11-16"),
        came(Some("eve"), "2026-11-17"),
        came(None, "2026-11-30"),
    ];
    let answer = folded(&Report::default(), &all).answer();
    assert_eq!((answer.sessions, answer.unnamed, answer.users), (6, 1, 3));
    let [first, second] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(Day::of(first.from).to_string(), "2026-11-02");
    let cell = |users, share| Cell { users, share };
    assert_eq!(first.weeks, [cell(2, 1_000), cell(0, 0), cell(1, 500)]);
    assert_eq!((second.users, &*second.weeks), (1, &[cell(1, 1_000)][..]));
    assert_eq!(
        first.behind.narrow.before,
        Some(first.from + Every::Week.length())
    );
    assert_eq!(first.behind.examples.len(), 3);
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let mut users: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let week = |at: u64| (at / 86_400_000 + 3) / 7;
        for told in &all {
            if let Some(user) = &told.user {
                users.entry(user.clone()).or_default().insert(week(told.started));
            }
        }
        let answer = folded(&Report::default(), &all).answer();
        prop_assert_eq!(answer.users, users.len() as u64);
        prop_assert_eq!(answer.rows.iter().map(|row| row.users).sum::<u64>(), answer.users);
        for row in &answer.rows {
            let first = week(row.from);
            let cohort: Vec<_> = users.values().filter(|weeks| weeks.first() == Some(&first)).collect();
            for (later, cell) in (0_u64..).zip(&row.weeks) {
                let came = cohort.iter().filter(|weeks| weeks.contains(&(first + later))).count();
                prop_assert_eq!(cell.users, came as u64);
            }
            let told: u64 = row.weeks.iter().map(|cell| cell.users).sum();
            let all: usize = cohort.iter().map(|weeks| weeks.len()).sum();
            prop_assert_eq!(told, all as u64);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts()) {
        holds_to_the_laws(&Report::default(), &all, cuts);
    }
}
