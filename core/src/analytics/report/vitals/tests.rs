use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn report(top: Option<u32>) -> Report {
    Report::new(Routes::default(), Limit(top))
}

fn told(started: u64, url: &str, metric: Metric, value: u32) -> Told {
    let mut told = Told::at(started).visit(url, 0, 0);
    told.session.vitals.push(crate::analytics::session::Vital {
        visit: 0,
        at: 7,
        metric,
        value,
    });
    told
}

#[test]
fn bounds_are_googles() {
    for (metric, good, poor) in [
        (Metric::Lcp, 2_500, 4_001),
        (Metric::Inp, 200, 501),
        (Metric::Cls, 1_000, 2_501),
        (Metric::Fcp, 1_800, 3_001),
        (Metric::Ttfb, 800, 1_801),
    ] {
        let rating = |value| Rating::of(metric, value);
        assert_eq!(rating(good), Rating::Good, "{metric:?}");
        assert_eq!(rating(good + 1), Rating::NeedsImprovement, "{metric:?}");
        assert_eq!(rating(poor - 1), Rating::NeedsImprovement, "{metric:?}");
        assert_eq!(rating(poor), Rating::Poor, "{metric:?}");
    }
}

#[test]
fn the_colour_is_that_of_p75_and_not_of_the_most() {
    let values = [1_000, 1_000, 3_000, 9_000];
    let mut all: Vec<Told> = (0..)
        .zip(values)
        .map(|(n, value)| told(n, "https://s/a", Metric::Lcp, value))
        .collect();
    all.push(told(9, "https://s/b", Metric::Cls, 1_000));
    let answer = folded(&report(None), &all).answer();
    let lcp = &answer.rows[0].vitals[0];
    assert_eq!((&*lcp.metric, lcp.samples), ("lcp", 4));
    assert_eq!((lcp.p50, lcp.p75, lcp.p90), (1_000, 3_000, 9_000));
    assert_eq!((lcp.rating, lcp.mix), (Rating::NeedsImprovement, [2, 1, 1]));
    assert_eq!(
        (lcp.worst[0].value, lcp.worst[0].example.started),
        (9_000, 3)
    );
    assert_eq!(answer.rows[1].page, "s/b");
    assert_eq!(answer.rows[1].vitals.len(), 1);
    assert_eq!(answer.all.len(), 2);
    let first = folded(&report(Some(1)), &all).answer();
    assert_eq!(
        (first.rows.len(), first.others, first.others_samples),
        (1, 1, 1)
    );
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let mut samples: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
        for told in &all {
            for vital in &told.session.vitals {
                let page = super::super::pages::page_of(&Routes::default(), &told.url(vital.visit));
                let values = samples.entry((page, name(vital.metric).to_owned())).or_default();
                values.push(vital.value.into());
            }
        }
        let answer = folded(&report(None), &all).answer();
        let vitals: usize = answer.rows.iter().map(|row| row.vitals.len()).sum();
        prop_assert_eq!(vitals, samples.len());
        for row in answer.rows {
            for vital in row.vitals {
                let values = samples.get_mut(&(row.page.clone(), vital.metric)).unwrap();
                values.sort_unstable();
                let rank = |percent: usize| values[(values.len() * percent).div_ceil(100) - 1];
                prop_assert_eq!((vital.p50, vital.p75, vital.p90), (rank(50), rank(75), rank(90)));
                prop_assert_eq!(vital.worst[0].value, *values.last().unwrap());
                prop_assert_eq!(vital.mix.iter().sum::<u64>(), values.len() as u64);
            }
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
