use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn report(top: Option<u32>) -> Report {
    Report::new(Routes::default(), Limit(top))
}

#[test]
fn rage_and_dead_clicks_are_counted_where_they_were() {
    let all = [
        Told::at(1)
            .visit("https://s/a", 0, 0)
            .click(Some("buy"), 5, ClickKind::RageFirst)
            .click(Some("buy"), 6, ClickKind::Rage)
            .click(Some("buy"), 7, ClickKind::Rage)
            .click(Some("menu"), 9, ClickKind::Dead)
            .visit("https://s/b", 20, 0)
            .click(None, 21, ClickKind::DeadWithError),
        Told::at(2)
            .visit("https://s/a", 0, 0)
            .click(Some("buy"), 3, ClickKind::Dead)
            .click(Some("buy"), 4, ClickKind::Plain),
        Told::at(3).visit("https://s/a", 0, 0),
    ];
    let answer = folded(&report(None), &all).answer();
    assert_eq!((answer.sessions, answer.affected), (3, 2));
    assert_eq!(
        answer.counts,
        Counts {
            rage: 1,
            dead: 3,
            with_error: 1
        }
    );
    let [a, b] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((&*a.page, a.seen, a.sessions), ("s/a", 3, 2));
    assert_eq!(
        a.counts,
        Counts {
            rage: 1,
            dead: 2,
            with_error: 0
        }
    );
    assert_eq!(a.unnamed, Counts::default());
    let targets: Vec<_> = a
        .targets
        .iter()
        .map(|t| (&*t.target, t.sessions, t.counts.total()))
        .collect();
    assert_eq!(targets, [("buy", 2, 2), ("menu", 1, 1)]);
    assert_eq!((&*b.page, b.seen, b.sessions), ("s/b", 1, 1));
    assert_eq!(
        b.unnamed,
        Counts {
            rage: 0,
            dead: 1,
            with_error: 1
        }
    );
    let moments: Vec<_> = a
        .behind
        .examples
        .iter()
        .map(|e| (e.started, e.at))
        .collect();
    assert_eq!(moments, [(2, 3), (1, 5)]);
    assert!(b.behind.narrow.dead && !b.behind.narrow.rage);

    let first = folded(&report(Some(1)), &all).answer();
    assert_eq!(first.rows.len(), 1);
    assert_eq!(
        first.others,
        Some(Others {
            rows: 1,
            counts: b.counts
        })
    );
    let rest = Counts {
        rage: 0,
        dead: 1,
        with_error: 0,
    };
    assert_eq!(
        first.rows[0].others,
        Some(Others {
            rows: 1,
            counts: rest
        })
    );
}

/// A page, an element if it has a name, and how many sessions and clicks of which kind.
type Naive = BTreeMap<(String, Option<String>), (u64, Counts)>;

fn naive(all: &[Told]) -> Naive {
    let mut sessions: BTreeMap<_, BTreeSet<usize>> = BTreeMap::new();
    let mut found = Naive::new();
    for (number, told) in all.iter().enumerate() {
        for click in &told.session.clicks {
            let url = told.url(click.visit);
            let page = super::super::pages::page_of(&Routes::default(), &url);
            let target = click.target.map(|name| told.text(Topic::Clicks, name));
            let counts = match click.kind {
                ClickKind::RageFirst => (1, 0, 0),
                ClickKind::Dead => (0, 1, 0),
                ClickKind::DeadWithError => (0, 1, 1),
                ClickKind::Plain | ClickKind::Rage => continue,
            };
            let of_page = (page.clone(), None);
            for key in [Some(of_page), target.map(|target| (page, Some(target)))]
                .into_iter()
                .flatten()
            {
                sessions.entry(key.clone()).or_default().insert(number);
                let (_, sum) = found.entry(key).or_default();
                sum.rage += counts.0;
                sum.dead += counts.1;
                sum.with_error += counts.2;
            }
        }
    }
    for (key, numbers) in sessions {
        found.get_mut(&key).unwrap().0 = numbers.len() as u64;
    }
    found
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let answer = folded(&report(None), &all).answer();
        let mut found = Naive::new();
        for row in answer.rows {
            let total = row.counts.total();
            let named: u64 = row.targets.iter().map(|target| target.counts.total()).sum();
            prop_assert_eq!(named + row.unnamed.total(), total);
            for target in row.targets {
                let key = (row.page.clone(), Some(target.target));
                found.insert(key, (target.sessions, target.counts));
            }
            found.insert((row.page, None), (row.sessions, row.counts));
        }
        prop_assert_eq!(found, naive(&all));
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
