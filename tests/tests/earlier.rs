//! What an earlier version has left in an object is read, and goes on.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::count::{BATCHES, EVENTS};
use sentiero_core::day::Day;
use sentiero_core::quota::Quota;
use std::time::Duration;
use system_tests::client::{Dashboard, accept, post, request};
use system_tests::upload::{Visit, event, now, tab_id};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

/// A worker of which objects can be made those of an earlier version. Sessions end soon after
/// their visitor left, and otherwise not.
fn worker() -> Worker {
    let mut options = Options {
        earlier: true,
        ..Options::default()
    };
    options.vars.push(("LEAVE_SECONDS", "0.3".to_owned()));
    let quota = format!(
        r#","quota":{}"#,
        serde_json::to_string(&Quota {
            bytes_per_month: Some(1),
            ..Quota::default()
        })
        .unwrap()
    );
    Worker::start(options.with_sites(&[("counted", ""), ("limited", &quota)])).unwrap()
}

fn make_earlier(worker: &Worker, object: &str) {
    let url = format!("{}/api/earlier/{object}", worker.url);
    let answer = request("POST", &url, &[], Vec::new()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Events of a tab, by their index.
fn assert_events(dashboard: &Dashboard, visit: &Visit, tab: u8, n: u32) {
    let query = format!("?tab={}", tab_id(tab));
    let stored = dashboard.events(visit, &query).unwrap();
    let expected: Vec<_> = (0..n)
        .map(|index| (tab_id(tab).to_string(), index, event(&visit.sid, index)))
        .collect();
    assert_eq!(stored, expected);
}

fn is_live(dashboard: &Dashboard, visit: &Visit) -> Option<bool> {
    let sessions = dashboard.list("").unwrap().sessions;
    let row = sessions.into_iter().find(|row| row.sid == visit.sid)?;
    Some(row.live)
}

/// Its batches, its chunk and what was saved of it: one that was finished, and came back.
#[test]
fn a_session_goes_on() {
    let worker = worker();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.last_batch(1, 0, 3)).unwrap();
    until("it is finished", SOON, || {
        (!is_live(&dashboard, &visit)?).then_some(())
    });
    accept(&worker.url, visit.batch(2, 0, 3)).unwrap();
    until("it is announced", SOON, || {
        is_live(&dashboard, &visit)?.then_some(())
    });

    make_earlier(&worker, &format!("SESSIONS/demo/{}", visit.sid));
    assert_events(&dashboard, &visit, 1, 3);
    assert_events(&dashboard, &visit, 2, 3);
    // What it has is not stored again, and what follows is.
    assert_eq!(accept(&worker.url, visit.batch(2, 0, 3)).unwrap().next, 3);
    let last = visit.last_batch(2, 3, 4);
    assert_eq!(accept(&worker.url, last).unwrap().next, 7);
    assert_events(&dashboard, &visit, 2, 7);
    until("it is finished", SOON, || {
        (!is_live(&dashboard, &visit)?).then_some(())
    });
    assert_events(&dashboard, &visit, 1, 3);
    assert_events(&dashboard, &visit, 2, 7);
}

/// Of one that no alarm has been at yet.
#[test]
fn a_session_that_has_just_begun_can_be_erased() {
    let worker = worker();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.batch(1, 0, 3)).unwrap();
    make_earlier(&worker, &format!("SESSIONS/demo/{}", visit.sid));
    let erased = system_tests::client::erase(&worker.url, &visit.sid);
    assert!(erased.unwrap().status < 300);
    assert!(dashboard.detail(&visit.sid).unwrap().is_none());
    let refused = post(&worker.url, "demo", &[], visit.batch(1, 3, 1)).unwrap();
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (403, "session_erased")
    );
}

/// Read first, and added to first.
#[test]
fn counts_go_on() {
    let worker = worker();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("counted");
    let month = Day::of(now()).month();
    let counted = |n: u64| {
        until(&format!("{n} batches are counted"), SOON, || {
            let counts = dashboard.counters().unwrap();
            (counts.get(BATCHES) == Some(&n)).then(|| counts[EVENTS])
        })
    };
    let upload = || {
        let batch = Visit::new().batch(1, 0, 3);
        assert_eq!(
            post(&worker.url, "counted", &[], batch).unwrap().status,
            200
        );
    };
    upload();
    assert_eq!(counted(1), 3);
    make_earlier(&worker, &format!("INDEX/counted/{month}"));
    assert_eq!(counted(1), 3);
    make_earlier(&worker, &format!("INDEX/counted/{month}"));
    upload();
    assert_eq!(counted(2), 6);
}

/// Bytes of before use a quota up.
#[test]
fn a_quota_of_bytes_knows_them() {
    let worker = worker();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("limited");
    let month = Day::of(now()).month();
    let upload = || {
        let batch = Visit::new().batch(1, 0, 3);
        post(&worker.url, "limited", &[], batch).unwrap()
    };
    assert_eq!(upload().status, 200);
    until("it is counted", SOON, || {
        dashboard.counters().unwrap().get(BATCHES).copied()
    });
    make_earlier(&worker, &format!("INDEX/limited/{month}"));
    assert_eq!(upload().code(), "quota_bytes");
}
