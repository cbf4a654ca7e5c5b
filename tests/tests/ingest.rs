//! What the ingest takes, stores once, and refuses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::gzip;
use sentiero_core::wire::{Directive, Limits, MAX_AHEAD, MAX_BEHIND, Refusal};
use std::sync::OnceLock;
use system_tests::client::{
    Answer, Dashboard, accept, announce, another_address, post, request, upload,
};
use system_tests::upload::{Visit, body, event, now, tab_id};
use system_tests::wait::within_a_minute;
use system_tests::worker::{Options, Worker};

fn url() -> &'static str {
    static WORKER: OnceLock<Worker> = OnceLock::new();
    &WORKER
        .get_or_init(|| Worker::start(Options::default()).unwrap())
        .url
}

/// Every event `[0, n)` of tab 1, once and in order.
fn assert_stored(visit: &Visit, n: u32) {
    let dashboard = Dashboard::sign_in(url()).unwrap();
    let stored = dashboard.events(visit, "").unwrap();
    let expected: Vec<_> = (0..n)
        .map(|index| (tab_id(1).to_string(), index, event(&visit.sid, index)))
        .collect();
    assert_eq!(stored, expected);
}

#[test]
fn accepts_and_acknowledges() {
    let visit = Visit::new();
    let ack = accept(url(), visit.batch(1, 0, 5)).unwrap();
    assert_eq!((ack.next, ack.directive), (5, Directive::Ok));
    assert_stored(&visit, 5);
}

#[test]
fn the_same_batch_ten_times_at_once_is_stored_once() {
    let visit = Visit::new();
    let body = visit.batch(1, 0, 20);
    std::thread::scope(|scope| {
        for _ in 0..10 {
            let body = body.clone();
            scope.spawn(move || assert_eq!(accept(url(), body).unwrap().next, 20));
        }
    });
    assert_stored(&visit, 20);
}

#[test]
fn overlaps_are_trimmed_and_order_does_not_matter() {
    let visit = Visit::new();
    assert_eq!(accept(url(), visit.batch(1, 10, 10)).unwrap().next, 0);
    assert_eq!(accept(url(), visit.batch(1, 0, 6)).unwrap().next, 6);
    assert_eq!(accept(url(), visit.batch(1, 3, 20)).unwrap().next, 23);
    assert_eq!(accept(url(), visit.batch(1, 22, 3)).unwrap().next, 25);
    assert_stored(&visit, 25);
}

#[test]
fn many_batches_at_once_all_arrive() {
    let visit = Visit::new();
    std::thread::scope(|scope| {
        for part in 0..16 {
            let body = visit.batch(1, part * 5, 7);
            scope.spawn(move || accept(url(), body).unwrap());
        }
    });
    assert_stored(&visit, 82);
}

#[test]
fn answers_are_readable_by_the_page_and_nobody_else() {
    let answer = upload(url(), Visit::new().batch(1, 0, 1)).unwrap();
    assert_eq!(answer.header("access-control-allow-origin"), Some(url()));
    assert_eq!(answer.header("vary"), Some("Origin"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert_eq!(answer.header("set-cookie"), None);
    let refused = upload(url(), b"x".to_vec()).unwrap();
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some(url()),
        "a page must see why"
    );
}

#[test]
fn refuses_foreign_origins_and_unknown_sites() {
    let post = |path: &str, headers: &[(&str, &str)]| {
        let answer = request(
            "POST",
            &format!("{}{path}", url()),
            headers,
            Visit::new().batch(1, 0, 1),
        )
        .unwrap();
        (
            answer.status,
            answer.code(),
            answer
                .header("access-control-allow-origin")
                .map(str::to_owned),
        )
    };
    // Readable by anybody: it says nothing but that, and a recorder must know to stop.
    let forbidden = (403, "origin_not_allowed".to_owned(), Some("*".to_owned()));
    assert_eq!(post("/i/demo", &[]), forbidden);
    assert_eq!(post("/i/demo", &[("origin", "null")]), forbidden);
    assert_eq!(
        post("/i/demo", &[("origin", "https://evil.example")]),
        forbidden
    );
    assert_eq!(post("/i/nobody", &[("origin", url())]).0, 404);
    assert_eq!(post("/i/No%20Site", &[("origin", url())]).0, 404);
    let get = request(
        "GET",
        &format!("{}/i/demo", url()),
        &[("origin", url())],
        Vec::new(),
    )
    .unwrap();
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
}

#[test]
fn a_privacy_signal_is_obeyed() {
    let visit = Visit::new();
    let answer = request(
        "POST",
        &format!("{}/i/demo", url()),
        &[("origin", url()), ("sec-gpc", "1")],
        visit.batch(1, 0, 3),
    )
    .unwrap();
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert!(
        Dashboard::sign_in(url())
            .unwrap()
            .detail(&visit.sid)
            .unwrap()
            .is_none()
    );
}

#[test]
fn malformed_bodies_are_refused_with_a_reason() {
    let visit = Visit::new();
    let plain = |text: &str| gzip::compress(text.as_bytes());
    let header = visit.header(1, 0, 1);
    let mut torn = visit.batch(1, 0, 3);
    torn.truncate(torn.len() - 9);
    for (name, bytes, code) in [
        ("empty", Vec::new(), "not_gzip"),
        ("text", b"hello".to_vec(), "not_gzip"),
        ("torn", torn, "not_gzip"),
        ("no header", plain("[]\n{}\n"), "malformed_upload"),
        ("null", plain("null"), "malformed_upload"),
        (
            "invalid UTF-8",
            gzip::compress(&[0xff, 0xfe]),
            "malformed_upload",
        ),
        (
            "another count",
            body(&visit.header(1, 0, 2), &["{}"]),
            "malformed_upload",
        ),
        (
            "no events",
            body(&visit.header(1, 0, 0), &Vec::<String>::new()),
            "malformed_upload",
        ),
        (
            "overflow",
            body(&visit.header(1, u32::MAX, 1), &["{}"]),
            "malformed_upload",
        ),
        ("broken JSON", body(&header, &["{\"type\":3"]), "not_json"),
        ("no event", body(&header, &["{\"type\":3}"]), "not_an_event"),
        ("an array", body(&header, &["[]"]), "not_an_event"),
        (
            "a later version",
            plain("{\"v\":99}\n{}\n"),
            "malformed_upload",
        ),
        (
            "a path as id",
            plain(
                r#"{"v":1,"sid":"../../x","tab":"a","window":"b","seq":0,"first":0,"n":1,"sent":1}"#,
            ),
            "malformed_upload",
        ),
    ] {
        let answer = upload(url(), bytes).unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{name}: {}",
            answer.text()
        );
    }
    assert!(
        Dashboard::sign_in(url())
            .unwrap()
            .detail(&visit.sid)
            .unwrap()
            .is_none()
    );
}

#[test]
fn deep_and_odd_json_passes_unchanged() {
    let visit = Visit::new();
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let odd = format!(
        r#"{{"type":5,"data":{{"tag":"odd","payload":{{"deep":{deep},"number":1e400,"surrogate":"\ud800","float":1008.1439208984375}}}},"timestamp":{}}}"#,
        now()
    );
    let answer = upload(url(), body(&visit.header(1, 0, 1), &[&odd])).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let stored = Dashboard::sign_in(url())
        .unwrap()
        .events(&visit, "")
        .unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].2, odd);
}

#[test]
fn limits_hold_at_their_edges() {
    let limits = Limits::DEFAULT;
    let told = |answer: Answer| {
        let refusal = answer.json::<Refusal>().ok();
        (answer.status, refusal.and_then(|refusal| refusal.limit))
    };
    let refusal = |bytes: Vec<u8>| told(upload(url(), bytes).unwrap());
    let visit = Visit::new();
    let event = |size: usize| {
        let frame = format!(
            r#"{{"type":5,"data":{{"tag":"x","payload":""}},"timestamp":{}}}"#,
            now()
        );
        frame.replace(
            r#""payload":"""#,
            &format!(r#""payload":"{}""#, "a".repeat(size - frame.len())),
        )
    };
    assert_eq!(
        refusal(body(&visit.header(1, 0, 1), &[event(limits.event)])).0,
        200
    );
    assert_eq!(
        refusal(body(&visit.header(1, 1, 1), &[event(limits.event + 1)])),
        (413, Some(limits.event as u64))
    );
    assert_eq!(
        refusal(vec![0; limits.compressed]).0,
        400,
        "fits, but is no gzip"
    );
    assert_eq!(
        told(announce(url(), "demo", limits.compressed + 1).unwrap()),
        (413, Some(limits.compressed as u64))
    );
    let bomb = gzip::compress(&vec![b'a'; limits.inflated + 1]);
    assert_eq!(refusal(bomb), (413, Some(limits.inflated as u64)));
}

#[test]
fn a_clock_that_is_far_off_is_told_the_time() {
    let at = |start: u64| {
        let visit = Visit::started(start);
        let answer = upload(url(), body(&visit.header(1, 0, 1), &[event(&visit.sid, 0)])).unwrap();
        (
            answer.status,
            answer
                .json::<Refusal>()
                .ok()
                .and_then(|refusal| refusal.now),
        )
    };
    let minute = 60_000;
    assert_eq!(at(now() + MAX_AHEAD - 5_000).0, 200);
    assert_eq!(at(now() - MAX_BEHIND + minute).0, 200);
    for start in [now() + MAX_AHEAD + minute, now() - MAX_BEHIND - minute, 0] {
        let (status, told) = at(start);
        assert_eq!(status, 409);
        assert!(told.unwrap().abs_diff(now()) < minute);
    }
}

#[test]
fn the_edge_masks_what_a_recorder_did_not() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let visit = Visit::new();
    let secret = "hunter2-canary-7431";
    let typed = format!(
        r#"{{"type":3,"data":{{"source":5,"text":"{secret}","isChecked":false,"id":9}},"timestamp":{}}}"#,
        now()
    );
    accept(&worker.url, body(&visit.header(1, 0, 1), &[&typed])).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    system_tests::wait::until("it is finished", std::time::Duration::from_secs(20), || {
        dashboard
            .detail(&visit.sid)
            .unwrap()
            .filter(|detail| !detail.row.live)
    });
    let detail = dashboard.detail(&visit.sid).unwrap().unwrap();
    assert_eq!(detail.masked_at_edge, 1, "counted");
    let stored = dashboard.events(&visit, "").unwrap();
    assert!(!stored[0].2.contains(secret));
    assert!(!worker.storage_contains(secret.as_bytes()).unwrap());
}

#[test]
fn an_address_block_may_upload_so_often() {
    let worker = Worker::start(Options::default()).unwrap();
    let (allowed, refusal) = within_a_minute(|| {
        let address = another_address();
        let headers = [("cf-connecting-ip", address.as_str())];
        let upload = || post(&worker.url, "demo", &headers, Vec::new()).unwrap();
        let allowed = (0..601).take_while(|_| upload().status == 400).count();
        (allowed, upload())
    })
    .unwrap();
    assert_eq!(allowed, 600);
    assert!(refusal.header("retry-after").is_some());
}
