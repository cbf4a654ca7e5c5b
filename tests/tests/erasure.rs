//! A visitor has the own session erased: nothing of it is shown, taken or kept any more.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::wire::MAX_AHEAD;
use std::path::PathBuf;
use std::time::Duration;
use system_tests::client::{Dashboard, accept, another_address, erase, post, request, upload};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::{until, within_a_minute};
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

/// A batch of `n` events that hold `canary` in what was recorded.
fn batch(visit: &Visit, first: u32, n: u32, canary: &str, end: bool) -> Vec<u8> {
    let mut header = visit.header(1, first, n);
    header.end = end;
    let events: Vec<String> = (first..first + n)
        .map(|index| {
            format!(
                r#"{{"type":5,"data":{{"tag":"note","payload":"{canary}-{index}"}},"timestamp":{}}}"#,
                visit.sid.start() + u64::from(index)
            )
        })
        .collect();
    body(&header, &events)
}

fn is_listed(dashboard: &Dashboard, visit: &Visit) -> bool {
    let sessions = dashboard.list("").unwrap().sessions;
    sessions.iter().any(|row| row.sid == visit.sid)
}

/// Nobody is shown anything of it, and nothing more is taken.
fn assert_absent(worker: &Worker, dashboard: &Dashboard, visit: &Visit) {
    assert!(!is_listed(dashboard, visit), "the list");
    for path in ["", "/events", "/events?format=chunk"] {
        let answer = dashboard
            .get(&format!("sessions/{}{path}", visit.sid))
            .unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    let late = upload(&worker.url, visit.batch(1, 0, 3)).unwrap();
    assert_eq!(
        (late.status, late.code().as_str()),
        (403, "session_erased"),
        "{}",
        late.text()
    );
}

fn assert_erased(worker: &Worker, visit: &Visit) {
    let answer = erase(&worker.url, &visit.sid).unwrap();
    assert_eq!((answer.status, answer.body.len()), (204, 0));
}

/// Waits until no file of the worker holds `canary`.
fn assert_no_trace(worker: &Worker, canary: &str) {
    let mut last: Vec<PathBuf> = Vec::new();
    until(&format!("no trace; last in {last:?}"), SOON, || {
        last = worker.storage_hits(canary.as_bytes()).unwrap();
        last.is_empty().then_some(())
    });
}

#[test]
fn a_live_session_leaves_no_trace() {
    let mut worker = Worker::start(Options::default()).unwrap();
    let mut dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (erased, kept) = (Visit::new(), Visit::new());
    accept(
        &worker.url,
        batch(&erased, 0, 4, "canary-live-erased", false),
    )
    .unwrap();
    accept(&worker.url, batch(&kept, 0, 4, "canary-live-kept", false)).unwrap();
    until("both are listed", SOON, || {
        (is_listed(&dashboard, &erased) && is_listed(&dashboard, &kept)).then_some(())
    });
    assert!(worker.storage_contains(b"canary-live-erased").unwrap());

    assert_erased(&worker, &erased);
    assert_absent(&worker, &dashboard, &erased);
    assert_no_trace(&worker, "canary-live-erased");

    worker.crash_and_restart().unwrap();
    dashboard = Dashboard::sign_in(&worker.url).unwrap();
    assert_absent(&worker, &dashboard, &erased);
    assert_no_trace(&worker, "canary-live-erased");
    assert_eq!(dashboard.events(&kept, "").unwrap().len(), 4);
    assert!(worker.storage_contains(b"canary-live-kept").unwrap());
}

#[test]
fn a_finished_session_leaves_no_trace() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (erased, kept) = (Visit::new(), Visit::new());
    accept(
        &worker.url,
        batch(&erased, 0, 4, "canary-done-erased", true),
    )
    .unwrap();
    accept(&worker.url, batch(&kept, 0, 4, "canary-done-kept", true)).unwrap();
    let finished = |visit: &Visit| {
        let detail = dashboard.detail(&visit.sid).unwrap();
        detail.is_some_and(|detail| !detail.row.live)
    };
    until("both are finished", SOON, || {
        (finished(&erased) && finished(&kept)).then_some(())
    });
    let hits = worker.storage_hits(b"canary-done-erased").unwrap();
    assert!(
        hits.iter().any(|path| path.starts_with("r2")),
        "it was a file: {hits:?}"
    );

    assert_erased(&worker, &erased);
    assert_absent(&worker, &dashboard, &erased);
    assert_no_trace(&worker, "canary-done-erased");
    assert_absent(&worker, &dashboard, &erased);

    assert_eq!(dashboard.events(&kept, "").unwrap().len(), 4);
    assert!(is_listed(&dashboard, &kept));
    assert!(worker.storage_contains(b"canary-done-kept").unwrap());
}

/// A deleted row stays in SQLite's journal until others are written over it. That
/// is so where sessions share a file: in the index, and in what R2 is made of here.
#[test]
fn an_address_may_outlast_its_row_in_shared_journals_only() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    let page = format!(
        r#"{{"type":4,"data":{{"href":"https://shop.example/canary-address","width":1,"height":1}},"timestamp":{}}}"#,
        now()
    );
    let mut header = visit.header(1, 0, 1);
    header.end = true;
    accept(&worker.url, body(&header, &[page])).unwrap();
    until("it is finished", SOON, || {
        let detail = dashboard.detail(&visit.sid).unwrap();
        detail.filter(|detail| !detail.row.live)
    });
    let hits = || worker.storage_hits(b"canary-address").unwrap();
    assert!(
        hits()
            .iter()
            .any(|path| path.starts_with("r2/sentiero-recordings"))
    );
    assert!(hits().iter().any(|path| path.starts_with("kv")));
    assert_erased(&worker, &visit);
    assert_absent(&worker, &dashboard, &visit);
    until("only journals hold it", SOON, || {
        let left = hits();
        let journal = |path: &PathBuf| {
            let shared = ["do/sentiero-IndexObject", "r2/miniflare-R2BucketObject"];
            shared.iter().any(|folder| path.starts_with(folder))
                && path.to_string_lossy().ends_with("-wal")
        };
        left.iter().all(journal).then_some(())
    });
}

#[test]
fn nothing_of_it_comes_back_while_batches_still_come() {
    let worker = Worker::start(Options::finishing_after(0.2)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visits: Vec<Visit> = (0..6).map(|_| Visit::new()).collect();
    std::thread::scope(|scope| {
        for (number, visit) in visits.iter().enumerate() {
            let url = &worker.url;
            let canary = format!("canary-race-{number}");
            // Uploads until it is told to stop, as a recorder does.
            let recorder = scope.spawn(move || {
                let mut first = 0;
                loop {
                    let sent =
                        upload(url, batch(visit, first, 2, &canary, first % 4 == 2)).unwrap();
                    if sent.status != 200 {
                        return (first, sent.code());
                    }
                    first += 2;
                }
            });
            scope.spawn(move || {
                // At another moment of each one's life.
                std::thread::park_timeout(Duration::from_millis(120 * number as u64));
                assert_eq!(erase(url, &visit.sid).unwrap().status, 204);
                let late = upload(url, visit.batch(2, 0, 1)).unwrap();
                assert_eq!((late.status, late.code().as_str()), (403, "session_erased"));
                let (_, code) = recorder.join().unwrap();
                assert_eq!(code, "session_erased");
            });
        }
    });
    for visit in &visits {
        assert_absent(&worker, &dashboard, visit);
    }
    assert_no_trace(&worker, "canary-race-");
    for visit in &visits {
        assert_absent(&worker, &dashboard, visit);
    }
}

#[test]
fn whatever_is_known_of_it_the_answer_is_the_same() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let known = Visit::new();
    accept(&worker.url, known.batch(1, 0, 2)).unwrap();
    let unknown = Visit::new();
    let old = Visit::started(now() - 400 * 86_400_000);
    let answers: Vec<_> = [&known, &known, &unknown, &unknown, &old]
        .map(|visit| erase(&worker.url, &visit.sid).unwrap())
        .into_iter()
        .map(|answer| (answer.status, answer.body))
        .collect();
    assert_eq!(answers, vec![(204, Vec::new()); 5]);
    assert_absent(&worker, &dashboard, &known);
    assert_absent(&worker, &dashboard, &unknown);
}

#[test]
fn any_page_of_the_site_may_ask_without_a_preflight() {
    let worker = Worker::start(Options::default()).unwrap();
    let url = &worker.url;
    let sid = Visit::new().sid;
    let ask = |more: &[(&str, &str)]| post(url, "demo/erase", more, sid.as_str().into()).unwrap();
    // As `sendBeacon` sends a string; also of somebody who wants no recording any more.
    let answer = ask(&[
        ("content-type", "text/plain;charset=UTF-8"),
        ("sec-gpc", "1"),
        ("cookie", "a=b"),
    ]);
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some(url.as_str())
    );
    assert_eq!(answer.header("vary"), Some("Origin"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(
        upload(url, Visit { sid: sid.clone() }.batch(1, 0, 1))
            .unwrap()
            .status,
        403,
        "it was obeyed"
    );
}

#[test]
fn refuses_with_a_reason() {
    let worker = Worker::start(Options::default()).unwrap();
    let url = &worker.url;
    let visit = Visit::new();
    accept(url, visit.batch(1, 0, 2)).unwrap();
    let sid = visit.sid.as_str();
    let future = Visit::started(now() + MAX_AHEAD + 60_000).sid;
    let quoted = format!("\"{sid}\"");
    let long = " ".repeat(65);
    for (name, path, headers, bytes, expected) in [
        (
            "no id",
            "demo/erase",
            vec![],
            "",
            (400, "malformed_session_id"),
        ),
        (
            "no session id",
            "demo/erase",
            vec![],
            "x",
            (400, "malformed_session_id"),
        ),
        (
            "JSON",
            "demo/erase",
            vec![],
            quoted.as_str(),
            (400, "malformed_session_id"),
        ),
        (
            "part of one",
            "demo/erase",
            vec![],
            &sid[..37],
            (400, "malformed_session_id"),
        ),
        (
            "too long",
            "demo/erase",
            vec![],
            long.as_str(),
            (413, "too_large"),
        ),
        (
            "from the future",
            "demo/erase",
            vec![],
            future.as_str(),
            (409, "clock_out_of_range"),
        ),
        (
            "no such site",
            "nobody/erase",
            vec![],
            sid,
            (404, "not_found"),
        ),
        (
            "no such path",
            "demo/erased",
            vec![],
            sid,
            (404, "not_found"),
        ),
        (
            "another origin",
            "demo/erase",
            vec![("origin", "https://evil.example")],
            sid,
            (403, "origin_not_allowed"),
        ),
        (
            "no origin",
            "demo/erase",
            vec![("origin", "null")],
            sid,
            (403, "origin_not_allowed"),
        ),
    ] {
        let answer = post(url, path, &headers, bytes.into()).unwrap();
        assert_eq!((answer.status, answer.code().as_str()), expected, "{name}");
    }
    let told = post(url, "demo/erase", &[], b"x".to_vec()).unwrap();
    assert!(told.text().contains("12 hex digits"), "{}", told.text());
    let get = request(
        "GET",
        &format!("{url}/i/demo/erase"),
        &[("origin", url)],
        Vec::new(),
    )
    .unwrap();
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    let dashboard = Dashboard::sign_in(url).unwrap();
    assert_eq!(dashboard.events(&visit, "").unwrap().len(), 2, "untouched");
}

#[test]
fn an_address_block_may_ask_so_often() {
    let worker = Worker::start(Options::default()).unwrap();
    let (allowed, refusal) = within_a_minute(|| {
        let address = another_address();
        let headers = [("cf-connecting-ip", address.as_str())];
        let ask = || post(&worker.url, "demo/erase", &headers, Vec::new()).unwrap();
        let allowed = (0..601).take_while(|_| ask().status == 400).count();
        (allowed, ask())
    })
    .unwrap();
    assert_eq!(allowed, 600, "with its uploads");
    assert_eq!(refusal.header("retry-after"), Some("60"));
}
