use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;

#[test]
fn weights_sum_to_a_hundred_and_nothing_is_no_struggle() {
    let all = Signals {
        rage: 9,
        dead: 9,
        revisits: 9,
        idle: 4_000,
        duration: 4_000,
        thrashes: 9,
        is_quick: true,
        refills: 9,
        left_on_error: true,
    };
    assert_eq!(all.score(), 100);
    assert_eq!(Signals::default().score(), 0);
}

#[test]
fn each_signal_counts_alone_and_up_to_its_points() {
    let none = Signals {
        duration: 60_000,
        ..Signals::default()
    };
    for (signals, score) in [
        (Signals { rage: 1, ..none }, 7),
        (Signals { rage: 3, ..none }, 20),
        (Signals { rage: 4, ..none }, 20),
        (Signals { dead: 1, ..none }, 5),
        (Signals { dead: 3, ..none }, 15),
        (
            Signals {
                revisits: 2,
                ..none
            },
            10,
        ),
        (
            Signals {
                idle: 30_000,
                ..none
            },
            5,
        ),
        (
            Signals {
                idle: 90_000,
                ..none
            },
            10,
        ),
        (
            Signals {
                idle: 2_999,
                ..none
            },
            0,
        ),
        (
            Signals {
                idle: 3_000,
                ..none
            },
            1,
        ),
        (
            Signals {
                thrashes: 1,
                ..none
            },
            3,
        ),
        (
            Signals {
                is_quick: true,
                ..none
            },
            10,
        ),
        (Signals { refills: 1, ..none }, 5),
        (
            Signals {
                left_on_error: true,
                ..none
            },
            10,
        ),
    ] {
        assert_eq!(signals.score(), score, "{signals:?}");
    }
}

#[test]
fn a_quick_bounce_is_of_one_page_below_5_s() {
    let told = |duration, pages: &[&str]| {
        let mut told = Told::at(1);
        for page in pages {
            told = told.visit(page, 0, 0);
        }
        told.session.summary.duration = duration;
        Signals::of(&told.session).is_quick
    };
    assert!(told(4_999, &["https://s/", "https://s/"]));
    assert!(!told(5_000, &["https://s/"]));
    assert!(!told(0, &["https://s/", "https://s/a"]));
    assert!(!told(0, &[]));
}

#[test]
fn bins_have_edges() {
    for (score, bin) in [(0, 0), (19, 0), (20, 1), (79, 3), (80, 4), (100, 4)] {
        assert_eq!(bin_of(score), bin, "{score}");
    }
}

#[test]
fn the_highest_scores_are_told() {
    let told = |started: u64, rage: u32| {
        let mut told = Told::at(started).visit("https://s/", 0, 0);
        for at in 0..rage {
            told = told.click(None, at, ClickKind::RageFirst);
        }
        told.session.summary.duration = 60_000;
        told
    };
    let all = [told(1, 0), told(2, 3), told(3, 1), told(4, 1)];
    let answer = folded(&Report::new(Limit(Some(3))), &all).answer();
    let rows: Vec<_> = answer
        .rows
        .iter()
        .map(|row| (row.example.started, row.score))
        .collect();
    assert_eq!(rows, [(2, 20), (4, 7), (3, 7)]);
    let bins: Vec<u64> = answer.bins.iter().map(|bin| bin.sessions).collect();
    assert_eq!(bins, [3, 1, 0, 0, 0]);
    assert_eq!((answer.mean, answer.median), (Some(9), Some(7)));
    assert_eq!(answer.signals[0], 3);
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let score = |told: &Told| {
            let (session, s) = (&told.session, &told.session.summary);
            let kinds = |kinds: &[ClickKind]| {
                let clicks = session.clicks.iter();
                let clicks = clicks.filter(|click| kinds.contains(&click.kind));
                f64::from(u32::try_from(clicks.count()).unwrap())
            };
            let share = |n: f64, all: f64| (n / all).min(1.0);
            let mut urls: Vec<u32> = session.visits.iter().map(|visit| visit.url).collect();
            urls.dedup();
            let refills: u32 = session.fields.iter().map(|field| field.refills).sum();
            20.0 * share(kinds(&[ClickKind::RageFirst]), 3.0)
                + 15.0 * share(kinds(&[ClickKind::Dead, ClickKind::DeadWithError]), 3.0)
                + 15.0 * share(s.revisits.into(), 3.0)
                + 10.0 * share(s.idle.into(), f64::from(s.duration.max(1)))
                + 10.0 * share(s.thrashes.into(), 3.0)
                + f64::from(u8::from(urls.len() == 1 && s.duration < 5_000)) * 10.0
                + 10.0 * share(refills.into(), 2.0)
                + f64::from(u8::from(s.left_on_error)) * 10.0
        };
        let answer = folded(&Report::new(Limit(Some(100))), &all).answer();
        prop_assert_eq!(answer.bins.iter().map(|bin| bin.sessions).sum::<u64>(), all.len() as u64);
        for row in &answer.rows {
            let place = (row.example.started, row.example.rank);
            let told = all.iter().find(|told| (told.started, told.rank) == place).unwrap();
            prop_assert!((f64::from(row.score) - score(told)).abs() <= 0.5 + 1e-6);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&Report::new(Limit(top)), &all, cuts);
    }
}
