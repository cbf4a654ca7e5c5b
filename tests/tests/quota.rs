//! A site's quota: sessions are refused whole when they are opened, and never later.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::id::Month;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use system_tests::client::{Dashboard, post};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);
const DAY: u64 = 86_400_000;

fn start<T: AsRef<str>>(sites: &[(&str, T)]) -> Worker {
    let quota = |of: &str| format!(r#","quota":{{{of}}}"#);
    let sites: Vec<_> = sites
        .iter()
        .map(|(key, of)| (*key, quota(of.as_ref())))
        .collect();
    Worker::start(Options::finishing_after(0.3).with_sites(&sites)).unwrap()
}

/// The code of a refusal, or `ok`.
fn send(worker: &Worker, site: &str, body: Vec<u8>) -> String {
    let answer = post(&worker.url, site, &[], body).unwrap();
    if answer.status == 200 {
        return "ok".to_owned();
    }
    assert_eq!(answer.status, 403, "{}", answer.text());
    answer.code()
}

#[test]
fn sessions_a_day_hold_at_the_edge() {
    let worker = start(&[("three", r#""sessions_per_day":3"#)]);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("three");
    // All of one day, also when the test runs at midnight.
    let at = now() - 60_000;
    let visits: Vec<Visit> = (0..4).map(|_| Visit::started(at)).collect();
    for visit in &visits[..3] {
        assert_eq!(send(&worker, "three", visit.batch(1, 0, 3)), "ok");
        // The same again does not count again.
        assert_eq!(send(&worker, "three", visit.batch(1, 0, 3)), "ok");
    }
    for tab in [1, 2] {
        assert_eq!(
            send(&worker, "three", visits[3].batch(tab, 0, 3)),
            "quota_sessions"
        );
        assert_eq!(
            send(&worker, "three", visits[3].batch(tab, 3, 3)),
            "quota_sessions"
        );
    }
    assert!(dashboard.detail(&visits[3].sid).unwrap().is_none());
    // Who was let in goes on, also after having been finished.
    for visit in &visits[..3] {
        until("it is finished", SOON, || {
            let detail = dashboard.detail(&visit.sid).unwrap().unwrap();
            (!detail.row.live).then_some(())
        });
        assert_eq!(send(&worker, "three", visit.batch(1, 3, 3)), "ok");
        assert_eq!(dashboard.events(visit, "").unwrap().len(), 6);
    }
    // Another day has sessions of its own.
    assert_eq!(
        send(&worker, "three", Visit::started(at - DAY).batch(1, 0, 1)),
        "ok"
    );
    assert!(
        dashboard
            .list("")
            .unwrap()
            .sessions
            .iter()
            .all(|row| row.sid != visits[3].sid)
    );
}

#[test]
fn a_refused_session_stays_refused_when_there_is_room_again() {
    let mut worker = start(&[("one", r#""sessions_per_day":1"#)]);
    let at = now() - 60_000;
    let (first, second) = (Visit::started(at), Visit::started(at));
    assert_eq!(send(&worker, "one", first.batch(1, 0, 3)), "ok");
    assert_eq!(
        send(&worker, "one", second.batch(1, 0, 3)),
        "quota_sessions"
    );
    let more = r#"{"name":"x","origins":["self"],"quota":{"sessions_per_day":1000}}"#;
    worker.configure("one", more).unwrap();
    until("the new quota holds", SOON, || {
        // Always another one: who was refused stays so.
        let other = Visit::started(at).batch(1, 0, 3);
        (send(&worker, "one", other) == "ok").then_some(())
    });
    assert_eq!(
        send(&worker, "one", second.batch(1, 3, 3)),
        "quota_sessions"
    );
    worker.crash_and_restart().unwrap();
    assert_eq!(
        send(&worker, "one", second.batch(2, 0, 3)),
        "quota_sessions"
    );
    assert_eq!(send(&worker, "one", first.batch(1, 3, 3)), "ok");
}

#[test]
fn however_many_come_at_once_no_more_are_let_in() {
    let worker = start(&[("five", r#""sessions_per_day":5"#)]);
    let at = now() - 60_000;
    let admitted = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let visit = Visit::started(at);
                // Two tabs of it at once count as one.
                let tabs = [1, 2].map(|tab| (visit.clone(), tab));
                let verdicts = std::thread::scope(|scope| {
                    let tabs = tabs.map(|(visit, tab)| {
                        let worker = &worker;
                        scope.spawn(move || send(worker, "five", visit.batch(tab, 0, 2)))
                    });
                    tabs.map(|tab| tab.join().unwrap())
                });
                assert_eq!(verdicts[0], verdicts[1], "half a session");
                if verdicts[0] == "ok" {
                    admitted.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(admitted.load(Ordering::Relaxed), 5);
}

#[test]
fn sessions_a_month_are_those_of_all_its_days() {
    let worker = start(&[("two", r#""sessions_per_month":2"#)]);
    let at = now() - 60_000;
    // Two neighbouring days of one month.
    let pairs = [(at, at - DAY), (at - DAY, at - 2 * DAY)];
    let one_month = |pair: &&(u64, u64)| Month::of(pair.0) == Month::of(pair.1);
    let (late, early) = *pairs.iter().find(one_month).unwrap();
    assert_eq!(
        send(&worker, "two", Visit::started(late).batch(1, 0, 1)),
        "ok"
    );
    assert_eq!(
        send(&worker, "two", Visit::started(early).batch(1, 0, 1)),
        "ok"
    );
    for start in [late, early] {
        assert_eq!(
            send(&worker, "two", Visit::started(start).batch(1, 0, 1)),
            "quota_sessions"
        );
    }
}

#[test]
fn bytes_a_month_hold_at_the_edge() {
    let visit = Visit::new();
    let batch = visit.batch(1, 0, 40);
    let bytes = batch.len();
    let worker = start(&[
        ("reached", format!(r#""bytes_per_month":{bytes}"#)),
        ("not-reached", format!(r#""bytes_per_month":{}"#, bytes + 1)),
    ]);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for (site, verdict) in [("reached", "quota_bytes"), ("not-reached", "ok")] {
        assert_eq!(send(&worker, site, batch.clone()), "ok");
        until("its bytes are counted", SOON, || {
            let counters = dashboard.of(site).counters().unwrap();
            (counters.get("bytes") == Some(&(bytes as u64))).then_some(())
        });
        assert_eq!(
            send(&worker, site, Visit::new().batch(1, 0, 1)),
            verdict,
            "{site}"
        );
        assert_eq!(
            send(&worker, site, visit.batch(1, 40, 1)),
            "ok",
            "it is open"
        );
    }
}
