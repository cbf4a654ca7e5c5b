//! An operator has many sessions erased: by id, by user, by filter, before an instant.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::{CSRF_HEADER, SessionRow};
use sentiero_core::erasure::{Filter, Found, Kind, Receipt, Receipts};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, post, request, upload};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);
const DAY: u64 = 86_400_000;

/// A visit of one page that says whose it is, and holds `canary` in what was recorded.
fn record(worker: &Worker, visit: &Visit, user: &str, canary: &str, more: &[(&str, &str)]) {
    let mut header = visit.header(1, 0, 3);
    header.end = true;
    let at = visit.sid.start();
    let events = [
        format!(
            r#"{{"type":4,"data":{{"href":"https://shop.example/{user}","width":1,"height":1}},"timestamp":{at}}}"#
        ),
        format!(
            r#"{{"type":5,"data":{{"tag":"sentiero:identify","payload":{{"id":"{user}"}}}},"timestamp":{at}}}"#
        ),
        format!(r#"{{"type":5,"data":{{"tag":"note","payload":"{canary}"}},"timestamp":{at}}}"#),
    ];
    let answer = post(&worker.url, "demo", more, body(&header, &events)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn rows(dashboard: &Dashboard) -> Vec<SessionRow> {
    dashboard.list("?limit=200").unwrap().sessions
}

/// Waits until `n` sessions are listed, and finished.
fn finished(dashboard: &Dashboard, n: usize) {
    until(&format!("{n} are finished"), SOON, || {
        let rows = rows(dashboard);
        (rows.len() == n && rows.iter().all(|row| !row.live)).then_some(())
    });
}

/// How many sessions a request would erase.
fn matched(dashboard: &Dashboard, path: &str, request: &serde_json::Value) -> u64 {
    let answer = dashboard.post(path, &request.to_string()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json::<Found>().unwrap().matched
}

/// Has sessions erased, and waits until they are.
fn erased(dashboard: &Dashboard, path: &str, mut request: serde_json::Value) -> Receipt {
    if request.get("sessions").is_none() {
        request["confirm"] = json!(matched(dashboard, path, &request));
    }
    let answer = dashboard.post(path, &request.to_string()).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    receipt(dashboard, &answer)
}

/// The receipt of an erasure that was taken on, when it is done.
fn receipt(dashboard: &Dashboard, answer: &Answer) -> Receipt {
    let asked: Receipt = answer.json().unwrap();
    until("it is done", SOON, || {
        let answer = dashboard.get(&format!("erasures/{}", asked.id)).unwrap();
        assert_eq!(answer.status, 200, "the receipt is there at once");
        let receipt: Receipt = answer.json().unwrap();
        receipt.finished.is_some().then_some(receipt)
    })
}

/// Waits until no file holds `canary`, but for journals that sessions share.
fn assert_no_trace(worker: &Worker, canary: &str, shared_journals: bool) {
    let journal = |path: &PathBuf| {
        let shared = [
            "do/sentiero-IndexObject",
            "r2/miniflare-R2BucketObject",
            "kv/miniflare-KVNamespaceObject",
        ];
        shared.iter().any(|folder| path.starts_with(folder))
            && path.to_string_lossy().ends_with("-wal")
    };
    let start = std::time::Instant::now();
    loop {
        let mut left = worker.storage_hits(canary.as_bytes()).unwrap();
        left.retain(|path| !(shared_journals && journal(path)));
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < SOON, "{canary} is in {left:?}");
        std::thread::park_timeout(Duration::from_millis(100));
    }
}

/// What was erased is refused, not shown, and nowhere; the rest is as it was.
fn assert_only_kept(worker: &Worker, dashboard: &Dashboard, gone: &[Visit], kept: &[Visit]) {
    for visit in gone {
        let late = upload(&worker.url, visit.batch(2, 0, 1)).unwrap();
        assert_eq!((late.status, late.code().as_str()), (403, "session_erased"));
        assert!(dashboard.detail(&visit.sid).unwrap().is_none());
    }
    assert_no_trace(worker, "canary-gone", false);
    let mut listed: Vec<_> = rows(dashboard).into_iter().map(|row| row.sid).collect();
    let mut expected: Vec<_> = kept.iter().map(|visit| visit.sid.clone()).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
    for visit in kept {
        assert_eq!(dashboard.events(visit, "").unwrap().len(), 3);
    }
    assert!(worker.storage_contains(b"canary-kept").unwrap());
}

#[test]
fn all_sessions_of_a_user_leave_no_trace() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let gone = [Visit::new(), Visit::started(now() - 5 * DAY), Visit::new()];
    let kept = [Visit::new(), Visit::started(now() - 5 * DAY)];
    for visit in &gone {
        record(&worker, visit, "u-erase-me", "canary-gone", &[]);
    }
    for visit in &kept {
        record(&worker, visit, "u-keep-me", "canary-kept", &[]);
    }
    finished(&dashboard, 5);
    let users: Vec<_> = rows(&dashboard)
        .into_iter()
        .flat_map(|row| row.users)
        .collect();
    assert_eq!(users.iter().filter(|user| *user == "u-erase-me").count(), 3);

    let request = json!({ "user": "u-erase-me" });
    assert_eq!(matched(&dashboard, "erase", &request), 3);
    assert_eq!(
        matched(&dashboard, "erase", &json!({ "user": "u-erase" })),
        0
    );
    let surprise = json!({ "user": "u-erase-me", "confirm": 2 });
    let refused = dashboard.post("erase", &surprise.to_string()).unwrap();
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "count_changed")
    );
    assert!(
        refused.text().contains("`confirm`: 3"),
        "{}",
        refused.text()
    );
    assert_eq!(
        rows(&dashboard).len(),
        5,
        "nothing was erased without the right count"
    );

    // A row has the first texts of a session only: none goes because one is not among them.
    let denied = json!({ "filter": { "not": [{ "user": "u-keep-me" }] }, "confirm": 3 });
    let refused = dashboard.post("erase", &denied.to_string()).unwrap();
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("`not`"), "{}", refused.text());

    let receipt = erased(&dashboard, "erase", request);
    assert_eq!(
        (receipt.kind, receipt.matched, receipt.erased),
        (Kind::User, 3, 3)
    );
    assert_eq!(
        (receipt.by.as_str(), receipt.withheld.as_slice()),
        ("operator", &["user".to_owned()][..])
    );
    assert_only_kept(&worker, &dashboard, &gone, &kept);
    assert_no_trace(&worker, "u-erase-me", true);
    for visit in &gone {
        let tombstones = worker.storage_hits(visit.sid.as_str().as_bytes()).unwrap();
        let elsewhere = tombstones.iter().filter(|path| {
            path.starts_with("do/sentiero-LedgerObject")
                || path.starts_with("do/sentiero-ErasureObject")
        });
        assert_eq!(elsewhere.count(), 0, "no receipt names a session");
    }
}

#[test]
fn a_live_session_is_found_by_what_its_object_knows() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visit = Visit::new();
    assert_eq!(
        upload(&worker.url, visit.batch(1, 0, 2)).unwrap().status,
        200
    );
    until("it is listed", SOON, || {
        (rows(&dashboard).len() == 1).then_some(())
    });
    // After it was announced, the visitor signs in.
    let identify = format!(
        r#"{{"type":5,"data":{{"tag":"sentiero:identify","payload":{{"id":"u-late"}}}},"timestamp":{}}}"#,
        now()
    );
    let sent = upload(&worker.url, body(&visit.header(1, 2, 1), &[identify])).unwrap();
    assert_eq!(sent.status, 200, "{}", sent.text());
    let receipt = erased(&dashboard, "erase", json!({ "user": "u-late" }));
    assert_eq!(
        (receipt.matched, receipt.erased),
        (0, 1),
        "its row did not say it"
    );
    assert!(rows(&dashboard).is_empty());
    assert_no_trace(&worker, "u-late", false);
}

#[test]
fn what_a_filter_takes_is_what_its_rows_say() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let firefox =
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0";
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";
    let old = now() - 5 * DAY;
    let gone = [Visit::started(old), Visit::started(old + 1)];
    let kept = [Visit::new(), Visit::started(old + 2), Visit::new()];
    for visit in &gone {
        let headers = [("cf-ipcountry", "NO"), ("user-agent", firefox)];
        record(&worker, visit, "u-1", "canary-gone", &headers);
    }
    record(
        &worker,
        &kept[0],
        "u-1",
        "canary-kept",
        &[("cf-ipcountry", "NO"), ("user-agent", iphone)],
    );
    record(
        &worker,
        &kept[1],
        "u-2",
        "canary-kept",
        &[("user-agent", firefox)],
    );
    record(
        &worker,
        &kept[2],
        "u-\\\"1\\\"",
        "canary-kept",
        &[("cf-ipcountry", "CL")],
    );
    finished(&dashboard, 5);

    let listed = rows(&dashboard);
    let conditions = [
        json!({ "country": "NO" }),
        json!({ "country": "NL" }),
        json!({ "browser": "Firefox" }),
        json!({ "os": "iOS" }),
        json!({ "device": "mobile" }),
        json!({ "device": "desktop", "country": "NO" }),
        json!({ "entry": "https://shop.example/u-1" }),
        json!({ "entry": "https://shop.example/" }),
        json!({ "live": true }),
        json!({ "live": false }),
        json!({ "user": "u-1" }),
        json!({ "user": "u-\"1\"" }),
        json!({ "user": "1" }),
        json!({ "from": old + 1 }),
        json!({ "from": old, "before": old + 2 }),
        json!({ "before": old }),
        json!({ "country": "NO", "browser": "Firefox", "before": now() - DAY }),
    ];
    let mut counts = Vec::new();
    for condition in &conditions {
        let filter: Filter = serde_json::from_value(condition.clone()).unwrap();
        let expected = listed.iter().filter(|row| filter.matches(row)).count() as u64;
        let found = matched(&dashboard, "erase", &json!({ "filter": condition }));
        assert_eq!(found, expected, "{condition}");
        counts.push(found);
    }
    assert_eq!(counts, [3, 0, 3, 1, 1, 2, 3, 0, 0, 5, 3, 1, 0, 4, 2, 0, 2]);

    let receipt = erased(&dashboard, "erase", json!({ "filter": conditions[16] }));
    assert_eq!((receipt.kind, receipt.erased), (Kind::Filter, 2));
    assert_eq!(receipt.filter.unwrap().country.as_deref(), Some("NO"));
    assert_only_kept(&worker, &dashboard, &gone, &kept);
}

#[test]
fn a_purge_takes_what_began_before() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let edge = now() - 3 * DAY;
    let gone = [Visit::started(edge - 1), Visit::started(edge - DAY)];
    let kept = [Visit::started(edge), Visit::new()];
    for (visits, canary) in [(&gone, "canary-gone"), (&kept, "canary-kept")] {
        for visit in visits {
            record(&worker, visit, "u-1", canary, &[]);
        }
    }
    finished(&dashboard, 4);
    let receipt = erased(&dashboard, "purge", json!({ "before": edge }));
    assert_eq!(
        (receipt.kind, receipt.matched, receipt.erased),
        (Kind::Purge, 2, 2)
    );
    assert_eq!(receipt.filter.clone().unwrap().before, Some(edge));
    assert_only_kept(&worker, &dashboard, &gone, &kept);

    let by_id = erased(
        &dashboard,
        "erase",
        json!({ "sessions": [kept[0].sid, kept[1].sid] }),
    );
    assert_eq!(
        (by_id.kind, by_id.erased, by_id.filter.clone()),
        (Kind::Sessions, 2, None)
    );
    assert_no_trace(&worker, "canary-kept", false);
    let first: Receipts = dashboard.get("erasures?limit=1").unwrap().json().unwrap();
    assert_eq!(first.erasures, [by_id]);
    let next = format!("erasures?limit=1&before={}", first.next.unwrap());
    let last: Receipts = dashboard.get(&next).unwrap().json().unwrap();
    assert_eq!((last.erasures, last.next), (vec![receipt], None));
}

#[test]
fn a_crash_in_the_midst_only_delays() {
    let mut worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let mut dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let visits: Vec<Visit> = (0..70).map(|_| Visit::new()).collect();
    for visit in &visits {
        record(&worker, visit, "u-1", "canary-gone", &[]);
    }
    let kept = Visit::new();
    record(&worker, &kept, "u-2", "canary-kept", &[]);
    finished(&dashboard, 71);
    let request = json!({ "user": "u-1", "confirm": 70 });
    let answer = dashboard.post("erase", &request.to_string()).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    for _ in 0..2 {
        worker.crash_and_restart().unwrap();
        dashboard = Dashboard::sign_in(&worker.url).unwrap();
    }
    let receipt = receipt(&dashboard, &answer);
    assert_eq!(
        (receipt.matched, receipt.erased),
        (70, 70),
        "each is counted once"
    );
    assert_only_kept(&worker, &dashboard, &visits[68..], &[kept]);
}

#[test]
fn nobody_erases_without_signing_in_and_the_sessions_word() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (cookie, csrf) = (dashboard.cookie.as_str(), dashboard.session.csrf.as_str());
    for path in ["erase", "purge", "retention/run", "rebuild"] {
        let ask = |headers: &[(&str, &str)]| {
            let url = format!("{}/api/sites/demo/{path}", worker.url);
            let answer = request("POST", &url, headers, b"{}".to_vec()).unwrap();
            (answer.status, answer.code())
        };
        let refused = |status, code: &str| (status, code.to_owned());
        assert_eq!(ask(&[]), refused(401, "sign_in_first"), "{path}");
        assert_eq!(ask(&[("cookie", cookie)]), refused(403, "csrf"), "{path}");
        assert_eq!(
            ask(&[("cookie", cookie), (CSRF_HEADER, "x")]),
            refused(403, "csrf"),
            "{path}"
        );
        let foreign = [
            ("cookie", cookie),
            (CSRF_HEADER, csrf),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(ask(&foreign), refused(403, "origin_not_allowed"), "{path}");
        let nobody = dashboard.of("nobody").post(path, "{}").unwrap();
        assert_eq!(
            (nobody.status, nobody.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
    for path in ["erasures", "erasures/x", "rebuild"] {
        let url = format!("{}/api/sites/demo/{path}", worker.url);
        assert_eq!(
            request("GET", &url, &[], Vec::new()).unwrap().status,
            401,
            "{path}"
        );
    }
    for (path, text, status, code) in [
        ("erase", "", 400, "malformed_request"),
        ("erase", "{}", 400, "malformed_request"),
        ("erase", r#"{"filter":{}}"#, 400, "malformed_request"),
        (
            "erase",
            r#"{"filter":{"contry":"NO"}}"#,
            400,
            "malformed_request",
        ),
        (
            "purge",
            r#"{"before":"yesterday"}"#,
            400,
            "malformed_request",
        ),
        (
            "erase",
            &format!("{{{}", " ".repeat(65_536)),
            413,
            "too_large",
        ),
    ] {
        let answer = dashboard.post(path, text).unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{path}"
        );
    }
    for (path, status) in [
        ("erasures?limit=0", 400),
        ("erasures?before=x", 400),
        ("erasures/x", 404),
    ] {
        assert_eq!(dashboard.get(path).unwrap().status, status, "{path}");
    }
    let list: Receipts = dashboard.get("erasures").unwrap().json().unwrap();
    assert_eq!((list.erasures, list.next), (Vec::new(), None));
}
