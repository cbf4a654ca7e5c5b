//! How fast sessions are folded into reports: `cargo bench -p sentiero-core --bench reports`.
//! Prints, asserts nothing. A million sessions of a dozen pages each, in sheets of 1 024 that
//! are made once and shown again and again, so that only the fold is measured;
//! `SENTIERO_BENCH_SESSIONS` says another number.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::hint::black_box;
use std::time::Instant;

use sentiero_core::analytics::report::{Question, Who};
use sentiero_core::analytics::route::Routes;
use sentiero_core::analytics::session::{
    Attention, Click, ClickKind, Field, Mark, Metric, Names, Session, Submit, Summary, Topic,
    Visit, Vital,
};
use sentiero_core::query;

const SHEET: u64 = 1_024;

/// Numbers that look drawn by lot, always the same.
struct Lot(u64);

impl Lot {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(end)).unwrap_or_default()
    }
}

const KINDS: [ClickKind; 8] = [
    ClickKind::Plain,
    ClickKind::Plain,
    ClickKind::Plain,
    ClickKind::Plain,
    ClickKind::Plain,
    ClickKind::RageFirst,
    ClickKind::Rage,
    ClickKind::Dead,
];

const METRICS: [Metric; 5] = [
    Metric::Lcp,
    Metric::Inp,
    Metric::Cls,
    Metric::Fcp,
    Metric::Ttfb,
];

/// The texts of a sheet.
fn names() -> [Names; 7] {
    let mut names: [Names; 7] = Default::default();
    for (topic, count, text) in [
        (Topic::Pages, 60, "https://shop.example/a/page-"),
        (Topic::Summary, 12, "https://news.example/"),
        (Topic::Clicks, 80, "button.buy-"),
        (Topic::Forms, 20, "field-"),
        (Topic::Marks, 20, "event-"),
    ] {
        let place = Topic::ALL.iter().position(|other| *other == topic);
        let list = place.and_then(|place| names.get_mut(place));
        let list = list.expect("a topic has a place");
        for number in 0..count {
            list.name(&format!("{text}{number}"));
        }
    }
    names
}

fn session(lot: &mut Lot, names: &[Names; 7]) -> Session {
    let mut session = Session {
        names: names.clone(),
        ..Session::default()
    };
    let visits = 1 + lot.below(23);
    for number in 0..visits {
        let active = lot.below(90_000);
        session.visits.push(Visit {
            url: lot.below(60),
            tab: number / 8,
            at: number * 60_000,
            length: 60_000,
            active,
            viewport: ([390, 1_024, 1_440, 1_920][lot.below(4) as usize], 800),
            deepest: 800 + lot.below(4_000),
        });
    }
    for number in 0..12 {
        session.clicks.push(Click {
            visit: number * visits / 12,
            at: number * 5_000,
            kind: KINDS[lot.below(8) as usize],
            place: (lot.below(1_000), lot.below(3_000)),
            target: (number % 4 > 0).then(|| lot.below(80)),
            share: (lot.below(10_000), lot.below(10_000)),
        });
    }
    for visit in 0..visits.min(6) {
        session.attention.push(Attention {
            visit,
            seen: (0..8).map(|row| (row, 900)).collect(),
            moves: (0..12).map(|row| (row, lot.below(40), 2)).collect(),
        });
        session.vitals.extend(METRICS.map(|metric| Vital {
            visit,
            at: 9,
            metric,
            value: lot.below(5_000),
        }));
    }
    for number in 0..lot.below(4) {
        let at = number * 900;
        session.fields.push(Field {
            visit: 0,
            key: number,
            label: number,
            form: 19,
            span: (at, at + lot.below(4_000)),
            refills: lot.below(2),
        });
    }
    if lot.below(2) == 0 {
        session.submits.push(Submit {
            visit: 0,
            at: 9_000,
            form: 19,
        });
    }
    for number in 0..4 {
        session.marks.push(Mark {
            visit: 0,
            at: number * 7_000,
            is_error: lot.below(8) == 0,
            tag: lot.below(10),
            values: vec![(15, f64::from(lot.below(9_000)) / 100.0)],
            issue: None,
        });
    }
    session.summary = Summary {
        duration: visits * 60_000,
        active: lot.below(600_000),
        referrer: Some(lot.below(12)),
        utm: [Some(lot.below(4)), None, Some(lot.below(9)), None, None],
        revisits: lot.below(4),
        idle: lot.below(60_000),
        thrashes: lot.below(3),
        left_on_error: false,
        release: Some(lot.below(3)),
    };
    session
}

fn main() {
    let wanted = std::env::var("SENTIERO_BENCH_SESSIONS").ok();
    let wanted: u64 = wanted.map_or(1_000_000, |n| n.parse().expect("a number"));
    let mut lot = Lot(7);
    let names = names();
    let sheet: Vec<Session> = (0..SHEET).map(|_| session(&mut lot, &names)).collect();
    let users: Vec<String> = (0..wanted / 4).map(|n| format!("user-{n}")).collect();
    println!("{wanted} sessions, ms to fold, ms to merge with one as large, KB written");
    for (name, query) in [
        ("pages", ""),
        ("frustration", ""),
        ("scroll", ""),
        ("heatmap", "page=/a/page-7&kind=click"),
        ("heatmap", "page=/a/page-7&kind=move"),
        ("overview", ""),
        (
            "funnel",
            "step=page:/a/page-7&step=event:event-3&step=click:button.buy-4",
        ),
        (
            "funnel",
            "step=page:/a/page-7&step=event:event-3&step=error&within=600",
        ),
        ("vitals", ""),
        ("events", ""),
        ("conversions", "goal=event:event-3"),
        ("forms", ""),
        ("engagement", ""),
        ("paths", ""),
        ("retention", ""),
        ("metadata", ""),
        ("errors", ""),
        ("issue", "issue=00000000000000a1"),
    ] {
        let pairs = query::pairs(query).expect("a query");
        let (question, _) = Question::take(name, pairs).expect("a question");
        let mut report = question.report(&Routes::default());
        let start = Instant::now();
        let mut number = 0;
        while number < wanted {
            report.names(&names.each_ref());
            for session in &sheet {
                let user = usize::try_from(number * 7).unwrap_or_default() % users.len().max(1);
                let who = Who {
                    started: 1_795_000_000_000 + number * 2_600,
                    device: Some(["desktop", "desktop", "mobile"][(number % 3) as usize]),
                    browser: Some(["Chrome", "Firefox", "Safari"][(number % 3) as usize]),
                    os: Some(["Windows", "macOS", "iOS"][(number % 3) as usize]),
                    country: Some(["DE", "FR", "US", "JP"][(number % 4) as usize]),
                    region: Some(["Bavaria", "Texas", "Kyoto"][(number % 3) as usize]),
                    user: users.get(user).map(String::as_str),
                    events: 60,
                    ..Who::default()
                };
                report.add(black_box(&who), black_box(session));
                number += 1;
            }
        }
        let folded = start.elapsed().as_millis();
        let written = serde_json::to_vec(&report).expect("a report is written");
        let start = Instant::now();
        let mut both = report.clone();
        both.merge(report).expect("they were asked the same");
        black_box(both.answer());
        let merged = start.elapsed().as_millis();
        println!(
            "{name:<12} {folded:>6} {merged:>6} {:>6}  {query}",
            written.len() / 1_024
        );
    }
}
