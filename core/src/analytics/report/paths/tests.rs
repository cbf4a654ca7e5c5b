use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn report(page: Option<&str>, depth: u32, top: Option<u32>) -> Report {
    let asked = Asked {
        page: page.map(Into::into),
        depth,
        top: Limit(top),
    };
    Report::new(Routes::default(), asked)
}

fn walked(started: u64, pages: &[&str]) -> Told {
    let mut told = Told::at(started);
    for (at, page) in (0..).zip(pages) {
        told = told.visit(&format!("https://s/{page}"), at, 0);
    }
    told
}

#[test]
fn paths_are_followed_to_where_they_end() {
    let all = [
        walked(1, &["a", "a", "b", "c", "d"]),
        walked(2, &["x", "a", "b"]),
        walked(3, &["a", "c"]),
        walked(4, &["a"]),
        walked(5, &["x"]),
    ];
    let answer = folded(&report(Some("/a"), 3, None), &all).answer();
    assert_eq!((answer.sessions, answer.begun), (5, 4));
    let [a] = &answer.first[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((&*a.page, a.sessions, a.ended, a.cut), ("s/a", 4, 1, 0));
    let [b, c] = &a.next[..] else { panic!("{a:?}") };
    assert_eq!((&*b.page, b.sessions, b.ended, b.cut), ("s/b", 2, 1, 0));
    assert_eq!((&*c.page, c.sessions, c.ended, c.cut), ("s/c", 1, 1, 0));
    // The first goes on to `d`, which is no longer looked at.
    let last = &b.next[0];
    assert_eq!(
        (&*last.page, last.sessions, last.ended, last.cut),
        ("s/c", 1, 0, 1)
    );
    let moments: Vec<_> = b
        .behind
        .examples
        .iter()
        .map(|e| (e.started, e.at))
        .collect();
    assert_eq!(moments, [(2, 2), (1, 2)]);

    let first = folded(&report(None, 2, Some(1)), &all).answer();
    assert_eq!(first.begun, 5);
    assert_eq!(
        first.others,
        Some(Others {
            pages: 1,
            sessions: 2
        })
    );
    assert_eq!(
        first.first[0].others,
        Some(Others {
            pages: 1,
            sessions: 1
        })
    );
}

/// Every step of the tree by its pages.
fn flat(steps: &[Step], before: &[String], all: &mut BTreeMap<Vec<String>, (u64, u64)>) {
    for step in steps {
        let mut path = before.to_vec();
        path.push(step.page.clone());
        flat(&step.next, &path, all);
        all.insert(path, (step.sessions, step.ended));
    }
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(
        all in any_sessions(),
        from_cart in any::<bool>(),
        depth in 1_u32..5,
    ) {
        let mut expected: BTreeMap<Vec<String>, (u64, u64)> = BTreeMap::new();
        for told in &all {
            let count = u32::try_from(told.session.visits.len()).unwrap();
            let page = |visit| super::super::pages::page_of(&Routes::default(), &told.url(visit));
            let pages = (0..count).map(page);
            let mut pages: Vec<String> =
                pages.skip_while(|page| from_cart && !page.ends_with("/cart")).collect();
            pages.dedup();
            for end in 1..=pages.len().min(depth as usize) {
                let (sessions, ended) = expected.entry(pages[..end].to_vec()).or_default();
                *sessions += 1;
                *ended += u64::from(end == pages.len());
            }
        }
        let page = from_cart.then_some("/cart");
        let answer = folded(&report(page, depth, None), &all).answer();
        let mut found = BTreeMap::new();
        flat(&answer.first, &[], &mut found);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn holds(
        all in any_sessions(),
        cuts in cuts(),
        from_cart in any::<bool>(),
        top in prop::option::of(1_u32..3),
    ) {
        let page = from_cart.then_some("/cart");
        holds_to_the_laws(&report(page, 3, top), &all, cuts);
    }
}
