use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::day::Day;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn report(every: Every, top: Option<u32>) -> Report {
    Report::new(Routes::default(), every, Limit(top))
}

#[test]
fn nothing_has_no_share() {
    let answer = report(Every::Day, None).answer();
    assert_eq!(answer, Answer::default());
    assert_eq!(answer.error_free, None);
}

#[test]
fn weeks_begin_on_monday() {
    for (day, every, start) in [
        ("2026-11-27", Every::Day, "2026-11-27"),
        ("2026-11-27", Every::Week, "2026-11-23"),
        ("2026-11-23", Every::Week, "2026-11-23"),
        ("2026-11-22", Every::Week, "2026-11-16"),
        ("1970-01-01", Every::Week, "1970-01-01"),
        ("1970-01-05", Every::Week, "1970-01-05"),
    ] {
        let day = Day::parse(day).unwrap();
        let found = every.start(day.start() + DAY - 1);
        assert_eq!(Day::of(found).to_string(), start, "{day}");
    }
}

#[test]
fn sessions_are_counted_at_a_glance() {
    let mut all = Vec::new();
    for (rank, started, errors, duration) in [
        (0, DAY, 0, 29_999),
        (1, DAY, 2, 30_000),
        (0, 3 * DAY, 0, 900_000),
    ] {
        let mut told = Told::at(started).visit("https://s/", 0, 0);
        (told.errors, told.events, told.rank) = (errors, 10, rank);
        told.session.summary.duration = duration;
        told.browser = Some("Firefox".into());
        all.push(told);
    }
    all[2].browser = None;
    all[1].region = Some("Bavaria".into());
    let referrer = all[0].name(Topic::Summary, "https://news.example/");
    all[0].session.summary.referrer = Some(referrer);
    let answer = folded(&report(Every::Day, None), &all).answer();
    let whole = Counts {
        sessions: 3,
        with_errors: 1,
        errors: 2,
        events: 30,
    };
    assert_eq!((answer.counts, answer.error_free), (whole, Some(667)));
    assert_eq!(answer.bands, [1, 1, 0, 0, 1]);
    assert_eq!(
        (answer.duration_mean, answer.duration_median),
        (320_000, 30_000)
    );
    let times: Vec<_> = answer
        .times
        .iter()
        .map(|time| (time.from, time.counts.sessions))
        .collect();
    assert_eq!(times, [(DAY, 2), (3 * DAY, 1)]);
    assert_eq!(answer.times[0].narrow.before, Some(2 * DAY));
    let texts = |list: &List| -> Vec<(String, u64)> {
        list.rows
            .iter()
            .map(|row| (row.value.clone(), row.counts.sessions))
            .collect()
    };
    assert_eq!(
        texts(&answer.browsers),
        [("Firefox".into(), 2), (String::new(), 1)]
    );
    assert_eq!(
        answer.browsers.rows[0].behind.narrow.browser.as_deref(),
        Some("Firefox")
    );
    assert_eq!(
        texts(&answer.regions),
        [(String::new(), 2), ("Bavaria".into(), 1)]
    );
    let bavaria = &answer.regions.rows[1];
    assert_eq!(bavaria.counts.with_errors, 1);
    assert_eq!(bavaria.behind.narrow.region.as_deref(), Some("Bavaria"));
    assert_eq!(answer.regions.rows[0].behind.narrow, Filter::default());
    assert_eq!(texts(&answer.entries), [("s/".into(), 3)]);
    let news = "https://news.example/".to_owned();
    assert_eq!(texts(&answer.referrers), [(String::new(), 2), (news, 1)]);
    let short = folded(&report(Every::Day, Some(1)), &all).answer();
    assert_eq!((short.browsers.rows.len(), short.browsers.others), (1, 1));
    assert_eq!(short.browsers.others_counts.sessions, 1);
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let answer = folded(&report(Every::Day, None), &all).answer();
        prop_assert_eq!(answer.counts.sessions, all.len() as u64);
        prop_assert_eq!(answer.live, all.iter().filter(|told| told.live).count() as u64);
        let errors: u32 = all.iter().map(|told| told.errors).sum();
        prop_assert_eq!(answer.counts.errors, u64::from(errors));
        prop_assert_eq!(answer.bands.iter().sum::<u64>(), all.len() as u64);
        let mut days: BTreeMap<u64, u64> = BTreeMap::new();
        let mut countries: BTreeMap<String, u64> = BTreeMap::new();
        let mut regions: BTreeMap<String, u64> = BTreeMap::new();
        for told in &all {
            *days.entry(Day::of(told.started).start()).or_default() += 1;
            *countries.entry(told.country.clone().unwrap_or_default()).or_default() += 1;
            *regions.entry(told.region.clone().unwrap_or_default()).or_default() += 1;
        }
        let found = answer.times.iter().map(|time| (time.from, time.counts.sessions));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), days);
        let found = answer.countries.rows.iter().map(|row| (row.value.clone(), row.counts.sessions));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), countries);
        let found = answer.regions.rows.iter().map(|row| (row.value.clone(), row.counts.sessions));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), regions);
        let mut lengths: Vec<u32> = all.iter().map(|t| t.session.summary.duration / 1_000).collect();
        lengths.sort_unstable();
        if let Some(middle) = lengths.get(lengths.len().saturating_sub(1) / 2) {
            prop_assert_eq!(answer.duration_median, u64::from(*middle) * 1_000);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(Every::Week, top), &all, cuts);
    }
}
