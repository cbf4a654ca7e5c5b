//! The life of a session, as the dashboard sees it, and through crashes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;
use system_tests::client::{Dashboard, accept};
use system_tests::upload::{Visit, event, tab_id};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

fn assert_events(dashboard: &Dashboard, visit: &Visit, tab: u8, n: u32) {
    let stored = dashboard
        .events(visit, &format!("?tab={}", tab_id(tab)))
        .unwrap();
    let expected: Vec<_> = (0..n)
        .map(|index| (tab_id(tab).to_string(), index, event(&visit.sid, index)))
        .collect();
    assert_eq!(stored, expected);
}

#[test]
fn it_is_listed_live_then_finished_and_stays_readable() {
    let worker = Worker::start(Options::finishing_after(1.5)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.batch(1, 0, 3)).unwrap();
    let live = until("it is listed", SOON, || {
        dashboard.list("").unwrap().sessions.pop()
    });
    assert!(live.live);
    assert_eq!(
        (live.sid.clone(), live.events, live.entry.as_str()),
        (visit.sid.clone(), 3, "https://shop.example/")
    );

    accept(&worker.url, visit.last_batch(1, 3, 4)).unwrap();
    assert_events(&dashboard, &visit, 1, 7);
    let row = until("it is finished", SOON, || {
        dashboard
            .list("")
            .unwrap()
            .sessions
            .pop()
            .filter(|row| !row.live)
    });
    assert_eq!(
        (row.events, row.clicks, row.pages, row.tabs, row.duration),
        (7, 6, 1, 1, 6_000)
    );

    let detail = dashboard.detail(&visit.sid).unwrap().unwrap();
    assert_eq!(detail.row, row);
    assert!(detail.tab_list[0].ended && detail.tab_list[0].gaps.is_empty());
    assert_events(&dashboard, &visit, 1, 7);
}

#[test]
fn a_late_batch_revives_a_finished_session() {
    let worker = Worker::start(Options::finishing_after(0.5)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.last_batch(1, 0, 5)).unwrap();
    let finished = || {
        dashboard
            .list("")
            .unwrap()
            .sessions
            .pop()
            .filter(|row| !row.live)
    };
    until("it is finished", SOON, finished);
    assert_eq!(accept(&worker.url, visit.batch(1, 3, 6)).unwrap().next, 9);
    assert_eq!(accept(&worker.url, visit.batch(2, 0, 2)).unwrap().next, 2);
    until("it is finished again", SOON, || {
        finished().filter(|row| row.events == 11)
    });
    assert_events(&dashboard, &visit, 1, 9);
    assert_events(&dashboard, &visit, 2, 2);
}

#[test]
fn a_crash_loses_nothing_that_was_acknowledged() {
    let mut worker = Worker::start(Options::finishing_after(3.0)).unwrap();
    let visits: Vec<Visit> = (0..5).map(|_| Visit::new()).collect();
    for visit in &visits {
        accept(&worker.url, visit.batch(1, 0, 4)).unwrap();
        accept(&worker.url, visit.batch(2, 0, 3)).unwrap();
        accept(&worker.url, visit.batch(1, 4, 4)).unwrap();
    }
    worker.crash_and_restart().unwrap();

    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for visit in &visits {
        assert_events(&dashboard, visit, 1, 8);
        assert_events(&dashboard, visit, 2, 3);
        // A recorder that saw no acknowledgement sends again.
        assert_eq!(accept(&worker.url, visit.batch(1, 4, 4)).unwrap().next, 8);
    }
    until(
        "the alarms that were set before the crash finish all",
        SOON,
        || {
            let sessions = dashboard.list("").unwrap().sessions;
            (sessions.len() == visits.len() && sessions.iter().all(|row| !row.live)).then_some(())
        },
    );
    worker.crash_and_restart().unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for visit in &visits {
        assert_events(&dashboard, visit, 1, 8);
        assert_events(&dashboard, visit, 2, 3);
    }
}

/// With the times that are deployed: what is promised is ten seconds.
#[test]
fn a_live_session_is_listed_within_ten_seconds() {
    let worker = Worker::start(Options {
        vars: Vec::new(),
        ..Options::default()
    })
    .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    accept(&worker.url, visit.batch(1, 0, 3)).unwrap();
    let row = until("it is listed", Duration::from_secs(10), || {
        dashboard.list("").unwrap().sessions.pop()
    });
    assert_eq!((row.sid, row.live, row.events), (visit.sid, true, 3));
}
