//! Sessions with known answers, counted by core and read off every screen.

use super::table::{View, assert_well_formed};
use super::view;
use sentiero_core::analytics::asked::Asked;
use sentiero_core::analytics::report::{Told as Meta, Who};
use sentiero_core::analytics::route::Routes;
use sentiero_core::analytics::session::{
    Attention, Click, ClickKind, Field, Mark, Metric, Session, Submit, Topic, Visit, Vital,
};
use sentiero_core::day::DAY;
use sentiero_core::id::Millis;
use std::collections::BTreeMap;

/// A Monday.
const MONDAY: Millis = 20_000 * DAY - (20_000 + 3) % 7 * DAY;

struct Told {
    started: Millis,
    device: &'static str,
    user: Option<&'static str>,
    errors: u32,
    session: Session,
}

/// Somebody who goes from `/` to `/cart`, one who also buys, and one who leaves at once.
fn sessions() -> Vec<Told> {
    let mut all = vec![
        visitor(MONDAY + 1_000, "desktop", Some("ada"), &["/", "/cart"]),
        visitor(
            MONDAY + DAY,
            "desktop",
            Some("bob"),
            &["/", "/cart", "/thanks"],
        ),
        visitor(MONDAY + 7 * DAY, "mobile", Some("ada"), &["/"]),
    ];
    for told in all.iter_mut().take(2) {
        let session = &mut told.session;
        let target = session.names_mut(Topic::Clicks).name("button#buy");
        let kinds = [ClickKind::RageFirst, ClickKind::Rage, ClickKind::Dead];
        session.clicks = (0..)
            .zip(kinds)
            .map(|(n, kind)| Click {
                visit: 1,
                at: 12_000 + n * 100,
                kind,
                place: (500, 300),
                target: (kind != ClickKind::Dead).then_some(target),
                share: (5_000, 5_000),
            })
            .collect();
        session.vitals = vec![Vital {
            visit: 0,
            at: 900,
            metric: Metric::Lcp,
            value: 2_600,
        }];
        session.attention = vec![Attention {
            visit: 1,
            seen: vec![(0, 4_000), (1, 2_000)],
            moves: vec![(0, 3, 2)],
        }];
        let names = session.names_mut(Topic::Forms);
        let (key, label, form) = (
            names.name("email"),
            names.name("E-mail"),
            names.name("order"),
        );
        session.fields = vec![Field {
            visit: 1,
            key,
            label,
            form,
            span: (13_000, 15_000),
            refills: 1,
        }];
    }
    let session = &mut all[1].session;
    let form = session.names_mut(Topic::Forms).name("order");
    session.submits = vec![Submit {
        visit: 1,
        at: 16_000,
        form,
    }];
    let names = session.names_mut(Topic::Marks);
    let (tag, value) = (names.name("purchase"), names.name("value"));
    session.marks = vec![Mark {
        visit: 2,
        at: 20_500,
        is_error: false,
        tag,
        values: vec![(value, 49.5)],
        issue: None,
    }];
    all[2].errors = 1;
    all
}

fn visitor(
    started: Millis,
    device: &'static str,
    user: Option<&'static str>,
    pages: &[&str],
) -> Told {
    let mut session = Session::default();
    for (n, page) in (0..).zip(pages) {
        let url = session
            .names_mut(Topic::Pages)
            .name(&format!("https://shop.example{page}"));
        session.visits.push(Visit {
            url,
            at: n * 10_000,
            length: 10_000,
            active: 4_000,
            viewport: (1_000, 800),
            deepest: 1_000,
            ..Visit::default()
        });
    }
    session.summary.duration = u32::try_from(pages.len()).unwrap() * 10_000;
    session.summary.active = 4_000;
    Told {
        started,
        device,
        user,
        errors: 0,
        session,
    }
}

/// What a screen says to a question.
fn shown(name: &str, query: &str) -> View {
    let asked = Asked::parse(name, query).unwrap();
    let mut report = asked.question.report(&Routes::default());
    for told in &sessions() {
        report.names(&told.session.names.each_ref());
        // On the telephone nothing is told.
        let plan = match told.user {
            _ if told.device == "mobile" => None,
            Some("ada") => Some("free"),
            _ => Some("pro"),
        };
        let meta: BTreeMap<String, String> = plan
            .map(|plan| ("plan".to_owned(), plan.to_owned()))
            .into_iter()
            .collect();
        let who = Who {
            started: told.started,
            region: plan.map(|_| "Bavaria"),
            told: Meta::Row(&meta),
            device: Some(told.device),
            user: told.user,
            errors: told.errors,
            events: 60,
            ..Who::default()
        };
        report.add(&who, &told.session);
    }
    let shown = view(&report.answer());
    assert_well_formed(&shown);
    assert!(!shown.is_empty(), "{name}");
    shown
}

/// The rows of a panel, cells apart by `|`; deeper ones begin with a dot for each level.
fn rows(view: &View, panel: usize) -> Vec<String> {
    let table = &view.panels[panel].table;
    let row = |row: &super::table::Row| {
        let depth = usize::try_from(row.depth).unwrap();
        format!("{}{}", ".".repeat(depth), row.said().join("|"))
    };
    table.rows.iter().map(row).collect()
}

fn headlines(view: &View) -> Vec<String> {
    view.headlines
        .iter()
        .map(|fact| fact.cell.value.said())
        .collect()
}

#[test]
fn visits() {
    let overview = shown("overview", "");
    assert_eq!(
        headlines(&overview),
        ["3", "66.7 %", "1", "180", "20s", "4s"]
    );
    assert_eq!(rows(&overview, 0).len(), 3);
    assert_eq!(rows(&overview, 1)[0], "Under 30 s|2|66.7 %");
    assert_eq!(rows(&overview, 2), ["/|3|100 %|33.3 %"]);
    assert_eq!(
        rows(&overview, 5),
        ["Bavaria|2|66.7 %|0 %", "Unknown|1|33.3 %|100 %"]
    );
    assert_eq!(
        rows(&overview, 6),
        ["Computer|2|66.7 %|0 %", "Phone|1|33.3 %|100 %"]
    );
    let pages = shown("pages", "");
    assert_eq!(rows(&pages, 0)[0], "/|3|3|3|1|33.3 %|4s|4s");
    assert_eq!(rows(&pages, 0)[1], "/cart|2|2|0|1|—|4s|4s");
    let paths = shown("paths", "");
    assert_eq!(
        rows(&paths, 0),
        [
            "/|3|100 %|1|0",
            "./cart|2|100 %|1|0",
            "../thanks|1|100 %|1|0"
        ]
    );
    let metadata = shown("metadata", "");
    assert_eq!(headlines(&metadata), ["2", "3"]);
    assert_eq!(rows(&metadata, 0), ["plan|2|66.7 %|0 %|2"]);
    assert_eq!(
        rows(&metadata, 1),
        ["plan|free|1|33.3 %|0 %", "plan|pro|1|33.3 %|0 %"]
    );
    let retention = shown("retention", "");
    let first = &rows(&retention, 0)[0];
    assert!(first.ends_with("|2|100 %|50 %"), "{first}");
}

#[test]
fn behaviour() {
    let heatmap = shown("heatmap", "page=/cart");
    assert_eq!(headlines(&heatmap)[..3], ["6", "4", "2"]);
    assert_eq!(rows(&heatmap, 0), ["button#buy|4|66.7 %|2"]);
    assert_eq!(rows(&heatmap, 1), ["300 px|20|2"]);
    let attention = shown("heatmap", "page=/cart&kind=attention");
    assert_eq!(rows(&attention, 0), ["0 px|8s", "100 px|4s"]);
    let moves = shown("heatmap", "page=/cart&kind=move");
    assert_eq!(rows(&moves, 0), ["0 px|3|4s"]);
    let scroll = shown("scroll", "");
    assert!(
        rows(&scroll, 0)[0].starts_with("/|Computer|2|100 %|100 %|"),
        "{:?}",
        rows(&scroll, 0)
    );
    let forms = shown("forms", "");
    assert_eq!(rows(&forms, 0), ["order|/cart|2|1|50 %|1|1"]);
    assert_eq!(rows(&forms, 1), ["E-mail|2|100 %|2s|2|1"]);
    let one = shown("events", "tag=purchase");
    assert_eq!(headlines(&one), ["1", "1", "3"]);
    assert_eq!(rows(&one, 0)[0].split('|').nth(1), Some("1"));
    assert_eq!(rows(&one, 1)[0].split('|').nth(2), Some("49.5"));
    assert!(
        rows(&one, 3)[0].ends_with("|20s|49.5"),
        "{:?}",
        rows(&one, 3)
    );
    let events = shown("events", "");
    assert_eq!(rows(&events, 0), ["purchase|1|1|33.3 %"]);
    assert_eq!(
        rows(&events, 1),
        ["purchase|value|1|49.5|49.5|49.5|49.5|49.5|49.5"]
    );
}

#[test]
fn quality_and_goals() {
    let frustration = shown("frustration", "");
    assert_eq!(headlines(&frustration), ["2", "2", "2"]);
    assert_eq!(
        rows(&frustration, 0),
        [
            "/cart|4|2|2|0|2|100 %",
            ".button#buy|2|2|0|0|2|—",
            ".What the recorder did not name|2|0|2|0|—|—"
        ]
    );
    let engagement = shown("engagement", "");
    assert_eq!(headlines(&engagement)[1], "3");
    assert_eq!(rows(&engagement, 1)[0], "Rage clicks|2|66.7 %|20");
    let vitals = shown("vitals", "");
    assert_eq!(
        rows(&vitals, 0),
        ["LCP · Largest contentful paint|2.6s|2.6s|2.6s|0 %|100 %|0 %|2|2.6s"]
    );
    let funnel = shown("funnel", "step=page:/&step=page:/cart&step=event:purchase");
    assert_eq!(
        rows(&funnel, 0),
        [
            "Page /|3|100 %|100 %|—|—",
            "Page /cart|2|66.7 %|66.7 %|1|10s",
            "Event purchase|1|33.3 %|50 %|1|10s"
        ]
    );
    let conversions = shown("conversions", "goal=page:/thanks");
    assert_eq!(headlines(&conversions), ["1", "33.3 %", "2"]);
    assert_eq!(rows(&conversions, 0), ["/|3|1|2|33.3 %"]);
}

#[test]
fn what_is_written_is_what_is_shown() {
    let funnel = shown("funnel", "step=page:/&step=page:/cart");
    assert_eq!(
        super::export::csv(&funnel),
        "Step by step\r\n\
         Step,Sessions,Of the first (%),Of the step before (%),Lost,Median time (ms)\r\n\
         Page /,3,100,100,,\r\n\
         Page /cart,2,66.7,66.7,1,10000\r\n"
    );
}
