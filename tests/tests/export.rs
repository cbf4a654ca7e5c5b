//! The session list as a file that the built worker streams: it is the list, whatever is in
//! it, and who goes away in the middle harms nobody.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sentiero_core::api::SessionRow;
use sentiero_core::audit::{Action, Log};
use sentiero_core::id::Month;
use sentiero_core::listing::file::{Form, ROWS_AT_ONCE};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, post, request};
use system_tests::filling::Filled;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);
const DAY: u64 = 86_400_000;

/// A worker whose site `long` has sessions of two months, more of them than are read at once.
fn filled() -> (Worker, Dashboard) {
    let options = Options {
        filled: true,
        ..Options::default()
    };
    let worker =
        Worker::start(options.with_sites(&[("long", r#","retention_days":200"#)])).unwrap();
    let first = Month::of(now() - 70 * DAY);
    for (month, rows) in [(first, ROWS_AT_ONCE + 300), (first.next(), 400)] {
        let from = month.start();
        let path = format!("api/fill/long/{month}?rows={rows}&from={from}&every=60000");
        let answer = request("POST", &format!("{}/{path}", worker.url), &[], Vec::new()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("long");
    (worker, dashboard)
}

/// One who calls himself what a spreadsheet would run.
fn hostile(worker: &Worker, dashboard: &Dashboard) {
    let visit = Visit::started(now() - 60_000);
    let at = visit.sid.start();
    let custom = |tag: &str, payload: &str| {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
    };
    let events = [
        custom("sentiero:identify", r#"{"id":"=cmd|calc, \"A1\""}"#),
        custom("sentiero:metadata", r#"{"@plan":"+1;2"}"#),
        custom("-1+1", "{}"),
    ];
    let answer = post(
        &worker.url,
        "long",
        &[],
        body(&visit.header(1, 0, 3), &events),
    )
    .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    until("it is listed", SOON, || {
        let rows = dashboard.list("?event=-1%2B1").unwrap().sessions;
        (rows.len() == 1).then_some(())
    });
}

/// Every session of the list, page by page.
fn listed(dashboard: &Dashboard, query: &str) -> Vec<SessionRow> {
    let (mut rows, mut next) = (Vec::new(), String::new());
    loop {
        let path = format!("?limit=200{query}{next}");
        let mut page = dashboard.list(&path).unwrap();
        rows.append(&mut page.sessions);
        match page.next {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return rows,
        }
    }
}

fn export(dashboard: &Dashboard, query: &str) -> Answer {
    let answer = dashboard.get(&format!("sessions/export?{query}")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

fn written(form: Form, rows: &[SessionRow]) -> String {
    let mut text = form.head();
    for row in rows {
        form.write(row, &mut text).unwrap();
    }
    text
}

#[test]
fn the_file_is_the_list() {
    let (worker, dashboard) = filled();
    hostile(&worker, &dashboard);
    let all = listed(&dashboard, "");
    assert_eq!(all.len(), ROWS_AT_ONCE as usize + 701);

    let csv = export(&dashboard, "format=csv");
    assert_eq!(csv.text(), written(Form::Csv, &all));
    assert!(
        csv.text().contains(r#","'=cmd|calc, ""A1""","#),
        "a formula is disarmed"
    );
    assert!(csv.text().contains(",'-1+1,\"'@plan=+1;2\"\r\n"));
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.header("cache-control"), Some("no-store"));
    let name = csv.header("content-disposition").unwrap();
    assert!(
        name.starts_with("attachment; filename=\"long-sessions-"),
        "{name}"
    );

    let lines = export(&dashboard, "");
    assert_eq!(lines.text(), written(Form::Ndjson, &all));
    for query in [
        "errors=true&country=DE",
        "any=rage%3Dtrue&any=dead%3Dtrue",
        "event=-1%2B1",
    ] {
        let some = listed(&dashboard, &format!("&sort=oldest&{query}"));
        assert!(!some.is_empty() && some.len() < all.len(), "{query}");
        let file = export(&dashboard, &format!("sort=oldest&{query}"));
        assert_eq!(file.text(), written(Form::Ndjson, &some), "{query}");
    }
    let nobody = export(&dashboard, "country=AQ&format=csv");
    assert_eq!(nobody.text(), Form::Csv.head());

    let log: Log = dashboard.get("audit").unwrap().json().unwrap();
    let is_export = |action| action == Action::ExportList;
    let exports = log.entries.iter().filter(|entry| is_export(entry.action));
    assert_eq!(exports.count(), 6, "each is written down");
}

#[test]
fn what_cannot_be_a_file_is_refused() {
    let worker = Worker::start(Options {
        faults: true,
        ..Options::default()
    })
    .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for (query, name) in [
        ("sort=longest", "`sort`"),
        ("format=xml", "`format`"),
        ("limit=5", "`limit`"),
        ("country=%ff", "`country`"),
    ] {
        let answer = dashboard.get(&format!("sessions/export?{query}")).unwrap();
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(name), "{}", answer.text());
    }
    // Not a file that breaks off where it begins.
    for object in ["IndexObject", "LedgerObject"] {
        worker.break_with(&json!({ object: "fail" })).unwrap();
        let answer = dashboard.get("sessions/export").unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (503, "unavailable"),
            "{object}"
        );
    }
}

#[test]
fn who_goes_away_in_the_middle_harms_nobody() {
    const ROWS: u64 = 24_000;
    let filled = Filled::with(ROWS).unwrap();
    let url = &filled.worker.url;
    for _ in 0..5 {
        let mut socket = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        let head = format!(
            "GET /api/sites/demo/sessions/export HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n\r\n",
            filled.dashboard.cookie
        );
        socket.write_all(head.as_bytes()).unwrap();
        let mut some = [0; 4_096];
        socket.read_exact(&mut some).unwrap();
        assert!(
            some.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(&some)
        );
    }
    let whole = export(&filled.dashboard, "");
    assert_eq!(whole.text().lines().count() as u64, ROWS);
    let log = filled.worker.log().unwrap();
    assert!(
        !log.contains("panic") && !log.contains("\"error\""),
        "{log}"
    );
}
