//! Who did what with a site's data is written down, and nothing of a visitor.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::audit::{Action, Entry, Log};
use serde_json::json;
use std::time::Duration;
use system_tests::client::{Dashboard, accept, login, request};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

/// The log of the site, or of signing in, once it satisfies `is`.
fn log(
    worker: &Worker,
    dashboard: &Dashboard,
    path: &str,
    is: impl Fn(&[Entry]) -> bool,
) -> Vec<Entry> {
    until(&format!("the log of {path}"), SOON, || {
        let url = format!("{}/api/{path}", worker.url);
        let headers = [("cookie", dashboard.cookie.as_str())];
        let answer = request("GET", &url, &headers, Vec::new()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let log: Log = answer.json().unwrap();
        is(&log.entries).then_some(log.entries)
    })
}

fn count(entries: &[Entry], action: Action) -> u64 {
    let of_it = entries.iter().filter(|entry| entry.action == action);
    of_it.map(|entry| entry.n).sum()
}

#[test]
fn what_was_done_is_written_down() {
    let worker = Worker::start(Options::default()).unwrap();
    let before = now();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (one, other) = (Visit::new(), Visit::new());
    for visit in [&one, &other] {
        accept(&worker.url, visit.batch(1, 0, 2)).unwrap();
    }
    for _ in 0..3 {
        dashboard.list("").unwrap();
    }
    assert_eq!(dashboard.get("reports/pages").unwrap().status, 200);
    dashboard.detail(&one.sid).unwrap().unwrap();
    dashboard.detail(&one.sid).unwrap().unwrap();
    let view = dashboard
        .get(&format!("sessions/{}/events?format=chunk", one.sid))
        .unwrap();
    assert_eq!(view.status, 200);
    dashboard.detail(&other.sid).unwrap().unwrap();
    dashboard.events(&one, "").unwrap();
    dashboard.events(&one, "").unwrap();
    assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
    let erase = json!({ "sessions": [other.sid] }).to_string();
    let erased = dashboard.post("erase", &erase).unwrap();
    assert_eq!(erased.status, 202);
    let refused = dashboard.post("erase", "{}").unwrap();
    assert_eq!(refused.status, 400, "what was refused did not happen");

    let entries = log(&worker, &dashboard, "sites/demo/audit", |entries| {
        count(entries, Action::List) == 3
            && count(entries, Action::Report) == 1
            && count(entries, Action::View) == 4
            && count(entries, Action::Retention) == 1
    });
    assert_eq!(count(&entries, Action::Export), 2);
    assert_eq!(count(&entries, Action::Erase), 1);
    assert!(entries.iter().all(|entry| entry.by == "operator"));
    assert!(
        entries
            .iter()
            .all(|entry| (before..=now()).contains(&entry.at))
    );
    let views: Vec<&Entry> = entries
        .iter()
        .filter(|entry| entry.action == Action::View)
        .collect();
    // The hour may end between two of them.
    assert!(
        (2..=4).contains(&views.len()),
        "counted by session and hour: {views:?}"
    );
    let export = entries
        .iter()
        .find(|entry| entry.action == Action::Export)
        .unwrap();
    assert!(
        views.iter().any(|view| view.subject == export.subject),
        "the same session"
    );
    let receipt: sentiero_core::erasure::Receipt = erased.json().unwrap();
    let erase = entries
        .iter()
        .find(|entry| entry.action == Action::Erase)
        .unwrap();
    assert_eq!(erase.subject, Some(receipt.id.to_string()));

    for sid in [&one.sid, &other.sid] {
        let hits = worker.storage_hits(sid.as_str().as_bytes()).unwrap();
        assert!(!hits.is_empty(), "the search finds what is kept");
        assert!(
            hits.iter()
                .all(|path| !path.starts_with("do/sentiero-LedgerObject")),
            "{hits:?}"
        );
    }
}

#[test]
fn pages_of_the_log_follow_each_other() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.batch(1, 0, 2)).unwrap();
    // Exports are written before they happen, and each by itself.
    for _ in 0..5 {
        dashboard.events(&visit, "").unwrap();
    }
    let mut all = Vec::new();
    let mut query = "audit?limit=2".to_owned();
    loop {
        let page: Log = dashboard.get(&query).unwrap().json().unwrap();
        all.extend(page.entries);
        let Some(next) = page.next else { break };
        query = format!("audit?limit=2&before={next}");
    }
    assert_eq!(count(&all, Action::Export), 5);
    assert!(all.is_sorted_by(|a, b| a.at >= b.at), "newest first");
    for wrong in [
        "audit?limit=0",
        &format!("audit?before={}", "x".repeat(513)),
    ] {
        assert_eq!(dashboard.get(wrong).unwrap().status, 400);
    }
    assert_eq!(dashboard.of("nobody").get("audit").unwrap().status, 404);
}

#[test]
fn signing_in_is_written_down_and_so_is_who_could_not() {
    let worker = Worker::start(Options::default()).unwrap();
    let address = [("cf-connecting-ip", "203.0.113.5")];
    for _ in 0..3 {
        assert_eq!(
            login(&worker.url, "canary-guess", &address).unwrap().status,
            401
        );
    }
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let entries = log(&worker, &dashboard, "audit", |entries| {
        count(entries, Action::SignIn) == 1 && count(entries, Action::SignInFailed) == 3
    });
    assert!(entries.iter().all(|entry| entry.subject.is_none()));
    for secret in ["canary-guess", "203.0.113"] {
        assert!(
            !worker.storage_contains(secret.as_bytes()).unwrap(),
            "{secret}"
        );
    }
}
