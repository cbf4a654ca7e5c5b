use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn report(top: Option<u32>) -> Report {
    Report::new(Routes::default(), Limit(top))
}

fn saw(started: u64, device: &str, deepest: &[u32]) -> Told {
    let mut told = Told::at(started).device(device);
    for deep in deepest {
        told = told.visit("https://s/a", 0, 0);
        told.session.visits.last_mut().unwrap().deepest = *deep;
    }
    told
}

#[test]
fn all_visitors_count_also_those_who_never_scrolled() {
    let all = [
        saw(1, "desktop", &[800]),
        saw(2, "desktop", &[1_000, 4_000, 800]),
        saw(3, "desktop", &[2_000]),
        saw(4, "mobile", &[6_000]),
    ];
    let answer = folded(&report(None), &all).answer();
    let [desktop, mobile] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!((desktop.device, desktop.sessions), (Device::Desktop, 3));
    assert_eq!((desktop.height, desktop.fold), (4_000, 800));
    assert_eq!((desktop.mean, desktop.median), (2_267, 500));
    // 800 of 4 000 px are 20 %: that step is reached, the next is not.
    let mut expected = vec![3; 5];
    expected.extend([2; 6]);
    expected.extend([1; 10]);
    assert_eq!(desktop.reached, expected);
    assert_eq!((mobile.device, mobile.height), (Device::Mobile, 6_000));
    assert_eq!(mobile.reached, [1; 21]);
    assert_eq!(mobile.behind.narrow.device.as_deref(), Some("mobile"));
}

#[test]
fn a_window_that_was_not_told_is_counted_apart() {
    let mut told = saw(1, "desktop", &[0, 0]);
    told.session
        .visits
        .iter_mut()
        .for_each(|v| v.viewport = (0, 0));
    let answer = folded(&report(None), &[told]).answer();
    let row = &answer.rows[0];
    assert_eq!((row.sessions, row.unknown, row.height), (0, 1, 0));
    assert_eq!(row.reached, [0; 21]);
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        // (page, device): how deep each session saw, none if its window is not known.
        let mut samples: BTreeMap<(String, Device), Vec<Option<u32>>> = BTreeMap::new();
        for told in &all {
            let mut here: BTreeMap<String, Option<u32>> = BTreeMap::new();
            for (place, visit) in told.session.visits.iter().enumerate() {
                let url = told.url(u32::try_from(place).unwrap());
                let page = super::super::pages::page_of(&Routes::default(), &url);
                let deep = here.entry(page).or_default();
                if visit.viewport.1 > 0 {
                    *deep = Some(deep.unwrap_or(0).max(visit.deepest));
                }
            }
            let device = Device::of(told.device.as_deref());
            for (page, deep) in here {
                samples.entry((page, device)).or_default().push(deep);
            }
        }
        let answer = folded(&report(None), &all).answer();
        prop_assert_eq!(answer.rows.len(), samples.len());
        for row in answer.rows {
            let all = &samples[&(row.page.clone(), row.device)];
            let known: Vec<u32> = all.iter().flatten().copied().collect();
            let height = known.iter().max().copied().unwrap_or(0);
            prop_assert_eq!(row.unknown, (all.len() - known.len()) as u64);
            prop_assert_eq!((row.sessions, row.height), (known.len() as u64, u64::from(height)));
            for (step, count) in (0_u64..).zip(&row.reached) {
                let line = (step * u64::from(height)).div_ceil(20);
                let deep = known.iter().filter(|deep| u64::from(**deep) >= line).count();
                prop_assert_eq!(*count, deep as u64);
            }
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..4)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
