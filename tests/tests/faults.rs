//! Stores, limiters and alarms that are slow or broken: callers are told to come back, real
//! visitors are let in, and nothing that was begun is forgotten.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused};
use sentiero_core::api::SiteAnswer;
use sentiero_core::erasure::{Receipt, Receipts};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, accept, login, post};
use system_tests::upload::Visit;
use system_tests::wait::until;
use system_tests::worker::{Options, PASSWORD, Worker};

const SOON: Duration = Duration::from_mins(1);

fn breakable() -> Worker {
    Worker::start(Options {
        faults: true,
        ..Options::finishing_after(0.3)
    })
    .unwrap()
}

fn finished(dashboard: &Dashboard, n: usize) {
    until(&format!("{n} are finished"), SOON, || {
        let rows = dashboard.list("").unwrap().sessions;
        (rows.len() == n && rows.iter().all(|row| !row.live)).then_some(())
    });
}

#[track_caller]
fn come_back(answer: &Answer) {
    let told = (answer.status, answer.code());
    assert_eq!(told, (503, "unavailable".to_owned()), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), Some("5"));
}

#[test]
fn a_store_that_never_answers_is_a_503() {
    let worker = breakable();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.last_batch(1, 0, 3)).unwrap();
    finished(&dashboard, 1);
    let detail = format!("sessions/{}", visit.sid);
    let events = format!("sessions/{}/events", visit.sid);
    worker.break_with(&json!({ "R2 list": "hang" })).unwrap();
    for path in [detail.as_str(), events.as_str(), "rebuild"] {
        // Listed as finished, its object answers for a moment from what it still holds.
        let answer = until("the store is asked", SOON, || {
            let answer = dashboard.get(path).unwrap();
            (answer.status != 200).then_some(answer)
        });
        come_back(&answer);
    }
    // A record that does not come is made again from the chunks.
    worker.break_with(&json!({ "KV get": "hang" })).unwrap();
    assert_eq!(dashboard.get(&detail).unwrap().status, 200);
    worker.break_with(&json!({})).unwrap();
    assert_eq!(dashboard.get(&detail).unwrap().status, 200);
    let log = worker.log().unwrap();
    assert!(log.contains("R2 list did not answer in 10 s"), "{log}");
    assert!(log.contains("KV get did not answer in 10 s"), "{log}");
}

#[test]
fn a_slow_store_only_delays_a_session() {
    let worker = breakable();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    worker.break_with(&json!({ "R2 put": "hang" })).unwrap();
    accept(&worker.url, Visit::new().last_batch(1, 0, 3)).unwrap();
    until("the alarm has given up", SOON, || {
        let log = worker.log().unwrap();
        log.contains("R2 put did not answer in 10 s").then_some(())
    });
    worker.break_with(&json!({})).unwrap();
    finished(&dashboard, 1);
}

#[test]
fn an_alarm_that_could_not_be_set_anew_is_not_lost() {
    let worker = breakable();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    worker.break_with(&json!({ "alarms": 1 })).unwrap();
    accept(&worker.url, Visit::new().last_batch(1, 0, 3)).unwrap();
    until("the alarm has failed", SOON, || {
        let log = worker.log().unwrap();
        log.contains("alarm_failed").then_some(())
    });
    finished(&dashboard, 1);
}

#[test]
fn a_limiter_that_does_not_answer_lets_visitors_in_and_nobody_try_passwords() {
    let worker = breakable();
    let from = [("cf-connecting-ip", "203.0.113.9")];
    for fault in ["hang", "fail"] {
        worker
            .break_with(&json!({ "INGEST_LIMIT": fault, "LOGIN_LIMIT": fault }))
            .unwrap();
        let upload = Visit::new().batch(1, 0, 3);
        let answer = post(&worker.url, "demo", &from, upload).unwrap();
        assert_eq!(answer.status, 200, "{fault}: {}", answer.text());
        come_back(&login(&worker.url, PASSWORD, &[]).unwrap());
    }
    let log = worker.log().unwrap();
    assert!(log.contains("limiter_unavailable"), "{log}");
    worker.break_with(&json!({})).unwrap();
    assert_eq!(login(&worker.url, PASSWORD, &[]).unwrap().status, 200);
}

/// Somebody changes the site between the erasure's start and the deletion.
#[test]
fn a_site_that_is_not_deleted_after_all_keeps_its_sessions() {
    let worker = breakable();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    let get = |path: &str| asker.ask("GET", path, &Value::Null);
    let revision = |key: &str| -> u64 {
        let site: SiteAnswer = get(&format!("sites/{key}")).json().unwrap();
        site.revision
    };
    accept(&worker.url, Visit::new().last_batch(1, 0, 3)).unwrap();
    accept(&worker.url, Visit::new().last_batch(1, 0, 3)).unwrap();
    finished(&dashboard, 2);
    asker.create("other");

    let read = revision("demo");
    let config = r#"{"name":"Changed meanwhile","origins":["self"]}"#;
    let change = json!({ "replace": { "key": "demo", "revision": read, "config": config } });
    worker.break_with(&json!({ "meanwhile": change })).unwrap();
    let path = format!("sites/demo?revision={read}&confirm=2");
    refused(
        &asker.ask("DELETE", &path, &Value::Null),
        409,
        "site_changed",
    );
    assert!(
        revision("demo") > read,
        "it stays, as somebody else made it"
    );

    // An erasure that is asked for later is done: by now the first one would be, too.
    let path = format!("sites/other?revision={}", revision("other"));
    let answer = asker.ask("DELETE", &path, &Value::Null);
    assert_eq!(answer.status, 202, "{}", answer.text());
    let later: Receipt = answer.json().unwrap();
    until("the later one is done", SOON, || {
        let receipt: Receipt = get(&format!("sites/other/erasures/{}", later.id))
            .json()
            .unwrap();
        receipt.finished
    });
    assert_eq!(dashboard.list("").unwrap().sessions.len(), 2);
    let receipts: Receipts = get("sites/demo/erasures").json().unwrap();
    assert_eq!(receipts.erasures, [], "nobody was told of an erasure");
}
