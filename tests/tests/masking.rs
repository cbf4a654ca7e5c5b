//! The masking table over HTTP: what an old client uploads unmasked is stored as
//! the table says, byte for byte.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::event::is_event;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use system_tests::client::{Dashboard, post};
use system_tests::upload::{Visit, body, tab_id};
use system_tests::worker::{Options, Worker};

/// A row of `tests/fixtures/masking_cases.json`.
#[derive(Deserialize)]
struct Case {
    name: String,
    mode: String,
    event: Option<Box<RawValue>>,
    raw: Option<String>,
    expect: Option<Box<RawValue>>,
    expect_raw: Option<String>,
    #[serde(default)]
    same: bool,
    #[serde(default)]
    malformed: bool,
    /// The site's own rules.
    redact: Option<Box<RawValue>>,
}

/// An event as it is uploaded, and as it must be stored.
struct Row {
    name: String,
    event: String,
    expect: String,
}

/// Why a row cannot be compared over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    /// It is no rrweb event, not even with a time: the edge must refuse it.
    NoEvent,
    /// It holds a line break: an upload has one event a line.
    TwoLines,
}

/// The rows of one site: its floor and its rules.
#[derive(Default)]
struct Group {
    rows: Vec<Row>,
    malformed: Vec<(String, String)>,
    left: Vec<(Left, String, String)>,
}

type Groups = BTreeMap<(String, Option<String>), Group>;

fn groups() -> Groups {
    let table = include_str!("../fixtures/masking_cases.json");
    let cases: Vec<Case> = serde_json::from_str(table).unwrap();
    let mut groups = Groups::new();
    for case in cases {
        let modes = match case.mode.as_str() {
            "all" => vec!["none", "inputs", "text"],
            mode => vec![mode],
        };
        let redact = case.redact.as_ref().map(|rules| rules.get().to_owned());
        for mode in modes {
            let group = groups.entry((mode.to_owned(), redact.clone())).or_default();
            sort(&case, group);
        }
    }
    groups
}

fn sort(case: &Case, group: &mut Group) {
    let name = case.name.clone();
    let given = case.event.as_ref().map(|event| event.get().to_owned());
    let event = given.or_else(|| case.raw.clone()).unwrap();
    if case.malformed {
        group.malformed.push((name, event));
        return;
    }
    let expect = case.expect.as_ref().map(|event| event.get().to_owned());
    let expect = expect.or_else(|| case.expect_raw.clone());
    let expect = expect.unwrap_or_else(|| event.clone());
    assert_eq!(case.same, expect == event, "{name}");
    if event.contains('\n') {
        group.left.push((Left::TwoLines, name, event));
        return;
    }
    let (event, expect) = if is_event(event.as_bytes()) {
        (event, expect)
    } else {
        (timed(&event), timed(&expect))
    };
    if is_event(event.as_bytes()) {
        group.rows.push(Row {
            name,
            event,
            expect,
        });
    } else {
        group.left.push((Left::NoEvent, name, event));
    }
}

/// The same with a time, which many rows leave out and every event needs.
fn timed(event: &str) -> String {
    match event.trim_end().strip_suffix('}') {
        Some(open) => format!(r#"{open},"timestamp":1}}"#),
        None => event.to_owned(),
    }
}

/// A site for each group.
fn sites(groups: &Groups) -> Vec<(String, String)> {
    let config = |(mode, redact): &(String, Option<String>)| {
        let redact = redact.as_ref().map(|rules| format!(r#","redact":{rules}"#));
        let redact = redact.unwrap_or_default();
        format!(r#"{{"name":"Masking","origins":["self"],"mask":"{mode}"{redact}}}"#)
    };
    let named = groups.keys().enumerate();
    named
        .map(|(number, key)| (format!("masking-{number}"), config(key)))
        .collect()
}

#[test]
fn every_row_holds_over_http() {
    let groups = groups();
    let sites = sites(&groups);
    let options = Options {
        sites: sites.clone(),
        ..Options::default()
    };
    let worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (mut compared, mut malformed, mut left) = (0, 0, BTreeMap::new());
    for ((site, _), (key, group)) in sites.iter().zip(&groups) {
        let dashboard = dashboard.of(site);
        compare(&worker, &dashboard, site, &format!("{key:?}"), &group.rows);
        compared += group.rows.len();
        let refused = group.malformed.iter().map(|row| (row, None));
        for ((name, event), code) in refused {
            assert_refused(&worker, &dashboard, site, name, event, code);
            malformed += 1;
        }
        for (why, name, event) in &group.left {
            if *why == Left::NoEvent {
                let code = Some("not_an_event");
                assert_refused(&worker, &dashboard, site, name, event, code);
            }
            *left.entry(*why).or_insert(0) += 1;
        }
    }
    assert!(compared > 250, "{compared} rows were compared");
    assert!(malformed > 40, "{malformed} rows were refused");
    let left: Vec<(Left, usize)> = left.into_iter().collect();
    assert!(
        left.iter().map(|(_, count)| count).sum::<usize>() < compared / 10,
        "{left:?} of {compared} were left out"
    );
}

/// Uploads all rows at once, as an old client would, and reads them back.
fn compare(worker: &Worker, dashboard: &Dashboard, site: &str, group: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let visit = Visit::new();
    let events: Vec<&str> = rows.iter().map(|row| row.event.as_str()).collect();
    let n = u32::try_from(events.len()).unwrap();
    let answer = post(
        &worker.url,
        site,
        &[],
        body(&visit.header(1, 0, n), &events),
    )
    .unwrap();
    assert_eq!(answer.status, 200, "{group}: {}", answer.text());
    let stored = dashboard.events(&visit, "").unwrap();
    assert_eq!(stored.len(), rows.len(), "{group}");
    for (row, (index, (tab, at, event))) in rows.iter().zip((0u32..).zip(stored)) {
        assert_eq!((tab, at), (tab_id(1).to_string(), index), "{group}");
        // White space around an event belongs to the line, not to the event.
        assert_eq!(event, row.expect.trim(), "{group}: {}", row.name);
    }
    let detail = dashboard.detail(&visit.sid).unwrap().unwrap();
    let changed = rows.iter().filter(|row| row.event != row.expect).count();
    assert!(
        detail.masked_at_edge >= changed as u64,
        "{group}: {} counted, {changed} rows changed",
        detail.masked_at_edge
    );
    assert_eq!(detail.row.masked, detail.masked_at_edge);
}

fn assert_refused(
    worker: &Worker,
    dashboard: &Dashboard,
    site: &str,
    name: &str,
    event: &str,
    code: Option<&str>,
) {
    let visit = Visit::new();
    let good = r#"{"type":4,"data":{"href":"https://a/","width":1,"height":1},"timestamp":1}"#;
    // Not even what stands beside it is stored.
    let bytes = body(&visit.header(1, 0, 2), &[good, event]);
    let answer = post(&worker.url, site, &[], bytes).unwrap();
    assert_eq!(answer.status, 400, "{name}: {}", answer.text());
    let known = ["malformed_upload", "not_json", "not_an_event"];
    assert!(
        code.map_or(known.contains(&answer.code().as_str()), |code| code
            == answer.code()),
        "{name}: {}",
        answer.text()
    );
    assert!(dashboard.detail(&visit.sid).unwrap().is_none(), "{name}");
}
