use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn report(top: Option<u32>) -> Report {
    Report::new(Routes::default(), Limit(top))
}

#[test]
fn pages_are_counted() {
    let all = [
        Told::at(1)
            .visit("https://s/", 0, 4_600)
            .visit("https://s/orders/1", 10_000, 1_000)
            .visit("https://s/", 20_000, 400),
        Told::at(2).visit("https://s/orders/2", 0, 3_000),
        // Loaded again: two views, and still a bounce.
        Told::at(3)
            .visit("https://s/", 0, 0)
            .visit("https://s/", 7_000, 0),
        // Two addresses of one page: no bounce.
        Told::at(4)
            .visit("https://s/orders/1", 0, 0)
            .visit("https://s/orders/2", 1, 0),
        Told::at(5),
    ];
    let answer = folded(&report(None), &all).answer();
    assert_eq!((answer.sessions, answer.views), (4, 8));
    assert_eq!(answer.others, None);
    let [home, orders] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(&*home.page, "s/");
    assert_eq!((home.views, home.sessions), (4, 2));
    assert_eq!((home.entries, home.exits, home.bounces), (2, 2, 1));
    assert_eq!(home.bounce_rate, Some(500));
    assert_eq!((home.active_mean, home.active_median), (1_250, 0));
    assert_eq!(&*orders.page, "s/orders/:id");
    assert_eq!((orders.views, orders.sessions), (4, 3));
    assert_eq!((orders.entries, orders.exits, orders.bounces), (2, 2, 1));
    assert_eq!((orders.active_mean, orders.active_median), (1_000, 0));
    assert_eq!(orders.behind.narrow.url.as_deref(), Some("s/orders/"));
    let moments: Vec<_> = orders
        .behind
        .examples
        .iter()
        .map(|e| (e.started, e.at))
        .collect();
    assert_eq!(moments, [(4, 0), (2, 0), (1, 10_000)]);
}

#[test]
fn the_rest_is_summed() {
    let all = [Told::at(1)
        .visit("https://s/a", 0, 0)
        .visit("https://s/b", 1, 0)
        .visit("https://s/c", 2, 0)
        .visit("https://s/a", 3, 0)];
    let answer = folded(&report(Some(1)), &all).answer();
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.rows[0].page, "s/a");
    let others = answer.others.unwrap();
    assert_eq!((others.rows, others.views), (2, 2));
    assert_eq!((others.entries, others.exits, others.bounces), (0, 0, 0));
    // As many as there are: nothing is left.
    assert_eq!(folded(&report(Some(3)), &all).answer().others, None);
}

/// The same, counted page by page.
fn naive(all: &[Told]) -> BTreeMap<String, Row> {
    let routes = Routes::default();
    let page = |told: &Told, visit: usize| match told.url(u32::try_from(visit).unwrap()) {
        address if address.is_empty() => String::new(),
        address => routes.page(&address),
    };
    let pages: BTreeSet<String> = all
        .iter()
        .flat_map(|told| (0..told.session.visits.len()).map(|visit| page(told, visit)))
        .collect();
    let mut rows = BTreeMap::new();
    for name in pages {
        let mut row = Row::default();
        let mut times = Vec::new();
        for told in all {
            let visits = &told.session.visits;
            let here: Vec<usize> = (0..visits.len())
                .filter(|v| page(told, *v) == name)
                .collect();
            row.views += here.len() as u64;
            row.sessions += u64::from(!here.is_empty());
            times.extend(here.iter().map(|visit| visits[*visit].active));
            let addresses: BTreeSet<u32> = visits.iter().map(|visit| visit.url).collect();
            if here.first() == Some(&0) {
                row.entries += 1;
                row.bounces += u64::from(addresses.len() == 1);
            }
            row.exits += u64::from(here.last().is_some_and(|last| last + 1 == visits.len()));
        }
        times.sort_unstable();
        let sum: u32 = times.iter().sum();
        let nearest = |sum: u64, count: u64| sum / count + u64::from(2 * (sum % count) >= count);
        row.active_mean = nearest(sum.into(), times.len() as u64);
        row.active_median = u64::from(times[(times.len() - 1) / 2] / 1_000 * 1_000);
        if row.entries > 0 {
            let share = nearest(row.bounces * 1_000, row.entries);
            row.bounce_rate = Some(u32::try_from(share).unwrap());
        }
        row.page.clone_from(&name);
        rows.insert(name, row);
    }
    rows
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let answer = folded(&report(None), &all).answer();
        let before = |a: &Row, b: &Row| (b.views, &a.page) < (a.views, &b.page);
        prop_assert!(answer.rows.is_sorted_by(before));
        let found = answer.rows.into_iter().map(|row| {
            (row.page.clone(), Row { behind: Behind::default(), ..row })
        });
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), naive(&all));
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..4)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
