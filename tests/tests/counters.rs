//! Everything that is taken or refused is counted, for its site and day, under its word.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::Counters;
use sentiero_core::count::WORDS;
use sentiero_core::gzip;
use sentiero_core::wire::{Ack, Directive, Limits};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, announce, post, request};
use system_tests::raw;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);
const DAY: u64 = 86_400_000;

/// Waits until exactly this is counted.
fn assert_counted(dashboard: &Dashboard, site: &str, expected: &[(&str, u64)]) {
    let expected: BTreeMap<String, u64> = expected
        .iter()
        .map(|(name, n)| ((*name).to_owned(), *n))
        .collect();
    let mut last = BTreeMap::new();
    let dashboard = dashboard.of(site);
    let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        until("it is counted", SOON, || {
            last = dashboard.counters().unwrap();
            (last == expected).then_some(())
        });
    }));
    assert!(found.is_ok(), "{site}: {last:?}, not {expected:?}");
}

/// Sends from one address block until it is too much; how often it was not, and was.
fn flood(url: &str, site: &str) -> (u64, u64) {
    let block = [("cf-connecting-ip", "203.0.113.9")];
    let (refused, limited) = (AtomicU64::new(0), AtomicU64::new(0));
    // The limit is one of a minute: a slow machine may need a second one.
    let enough = || limited.load(Ordering::Relaxed) > 0 || refused.load(Ordering::Relaxed) > 5_000;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !enough() {
                    let status = post(url, site, &block, Vec::new()).unwrap().status;
                    assert!(matches!(status, 400 | 429), "{status}");
                    let seen = if status == 400 { &refused } else { &limited };
                    seen.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    (refused.into_inner(), limited.into_inner())
}

#[expect(clippy::too_many_lines, reason = "a table: a request for each word")]
#[test]
fn every_word_is_counted() {
    let worker = Worker::start(Options::default().with_sites(&[
        ("taken", ""),
        ("refused", ""),
        ("stopped", r#","recording":false"#),
        ("day", r#","quota":{"sessions_per_day":0}"#),
        ("bytes", r#","quota":{"bytes_per_month":0}"#),
    ]))
    .unwrap();
    let url = worker.url.as_str();
    let dashboard = Dashboard::sign_in(url).unwrap();
    let mut words = BTreeSet::new();

    let visit = Visit::new();
    let batch = visit.batch(1, 0, 5);
    let bytes = batch.len() as u64;
    for _ in 0..2 {
        assert_eq!(post(url, "taken", &[], batch.clone()).unwrap().status, 200);
    }
    let erased = |sid: &str| post(url, "taken/erase", &[], sid.into()).unwrap();
    assert_eq!(erased(visit.sid.as_str()).status, 204);
    let taken = [
        ("batches", 2),
        ("bytes", 2 * bytes),
        ("events", 10),
        ("erasures", 1),
    ];
    words.extend(taken.iter().map(|(word, _)| *word));

    let header = visit.header(1, 0, 1);
    let fresh = || Visit::new().batch(1, 0, 1);
    let full: Vec<String> = (0..50_001)
        .map(|_| format!(r#"{{"type":3,"timestamp":{}}}"#, now()))
        .collect();
    let full = body(&Visit::new().header(1, 0, 50_001), &full);
    let old = Visit::started(now() - 8 * DAY).batch(1, 0, 1);
    let refuse = |path: &str, headers: &[(&str, &str)], body: Vec<u8>| {
        post(url, path, headers, body).unwrap()
    };
    let bot = [("user-agent", "Mozilla/5.0 (compatible; Googlebot/2.1)")];
    let foreign = [("origin", "https://evil.example")];
    let refused: Vec<(&str, u16, Answer)> = vec![
        (
            "privacy_signal",
            204,
            refuse("refused", &[("sec-gpc", "1")], fresh()),
        ),
        ("bot", 200, refuse("refused", &bot, fresh())),
        ("not_gzip", 400, refuse("refused", &[], b"x".to_vec())),
        (
            "malformed_upload",
            400,
            refuse("refused", &[], gzip::compress(b"{}")),
        ),
        (
            "not_json",
            400,
            refuse("refused", &[], body(&header, &["{"])),
        ),
        (
            "not_an_event",
            400,
            refuse("refused", &[], body(&header, &["[]"])),
        ),
        (
            "malformed_session_id",
            400,
            refuse("refused/erase", &[], b"x".to_vec()),
        ),
        (
            "origin_not_allowed",
            403,
            refuse("refused", &foreign, fresh()),
        ),
        ("session_full", 403, refuse("refused", &[], full)),
        ("clock_out_of_range", 409, refuse("refused", &[], old)),
        (
            "too_large",
            413,
            announce(url, "refused", Limits::DEFAULT.compressed + 1).unwrap(),
        ),
        (
            "method_not_allowed",
            405,
            request(
                "GET",
                &format!("{url}/i/refused"),
                &[("origin", url)],
                vec![],
            )
            .unwrap(),
        ),
        (
            "method_not_allowed",
            405,
            request(
                "PUT",
                &format!("{url}/i/refused"),
                &[("origin", url)],
                fresh(),
            )
            .unwrap(),
        ),
    ];
    let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
    for (word, status, answer) in &refused {
        assert_eq!(answer.status, *status, "{word}: {}", answer.text());
        let code = answer.code();
        assert!(code.is_empty() || code == *word, "{code}, not {word}");
        *expected.entry(word).or_default() += 1;
    }
    // One address block too often.
    let (not_gzip, too_many) = flood(url, "refused");
    assert!(too_many > 0);
    *expected.entry("not_gzip").or_default() += not_gzip;
    expected.insert("too_many_requests", too_many);
    words.extend(expected.keys());
    let expected: Vec<_> = expected.into_iter().collect();

    assert_eq!(refuse("stopped", &[], fresh()).status, 200);
    assert_eq!(refuse("day", &[], fresh()).code(), "quota_sessions");
    assert_eq!(refuse("bytes", &[], fresh()).code(), "quota_bytes");
    let again = refuse("taken", &[], visit.batch(1, 5, 1));
    assert_eq!(again.code(), "session_erased");
    words.extend(["stopped", "quota_sessions", "quota_bytes", "session_erased"]);

    let taken: Vec<_> = taken.into_iter().chain([("session_erased", 1)]).collect();
    assert_counted(&dashboard, "taken", &taken);
    assert_counted(&dashboard, "refused", &expected);
    assert_counted(&dashboard, "stopped", &[("stopped", 1)]);
    assert_counted(&dashboard, "day", &[("quota_sessions", 1)]);
    assert_counted(&dashboard, "bytes", &[("quota_bytes", 1)]);
    assert_counted(&dashboard, "demo", &[]);
    // Not met here: see below, tests/keys.rs, tests/server.rs and tests/webhooks.rs.
    words.extend([
        "server_errors",
        "server_events",
        "malformed_call",
        "unknown_token",
        "missing_scope",
        "other_site",
        "unavailable",
        "incomplete_body",
        "site_misconfigured",
        "key_disabled",
        "webhook_delivered",
        "webhook_failed",
        "webhook_dropped",
    ]);
    assert_eq!(words, WORDS.into_iter().collect());
}

/// Announces more than it sends, and says that nothing more comes: the worker's own answer.
fn break_off(url: &str) -> Option<raw::Reply> {
    let host = &url[7..];
    let torn = format!(
        "POST /i/torn HTTP/1.1\r\nhost: {host}\r\norigin: {url}\r\ncontent-length: 100\r\n\r\nabc"
    );
    let replies = raw::exchange(url, torn.as_bytes(), 1).unwrap();
    replies.into_iter().find(raw::Reply::is_ours)
}

#[test]
fn a_body_that_breaks_off_is_refused_and_counted() {
    let worker = Worker::start(Options::default().with_sites(&[("torn", "")])).unwrap();
    // workerd may close the connection before the worker has answered.
    let reply = until("it is answered", SOON, || break_off(&worker.url));
    assert_eq!(reply.status, 408, "{}", reply.text());
    assert!(reply.text().contains("incomplete_body"), "{}", reply.text());
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("torn");
    let counted = until("it is counted", SOON, || {
        let counted = dashboard.counters().unwrap();
        (!counted.is_empty()).then_some(counted)
    });
    let words: Vec<_> = counted.keys().map(String::as_str).collect();
    assert_eq!(words, ["incomplete_body"]);
}

#[test]
fn a_store_that_fails_is_counted_and_said() {
    let worker = Worker::start(Options {
        without: vec!["SESSIONS"],
        ..Options::default()
    })
    .unwrap();
    let answer = post(&worker.url, "demo", &[], Visit::new().batch(1, 0, 1)).unwrap();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (503, "unavailable")
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    assert_counted(&dashboard, "demo", &[("unavailable", 1)]);
}

/// What an operator of an earlier version stored, or who wrote past the API.
#[test]
fn a_site_that_cannot_be_read_counts_what_it_refuses() {
    let mut worker = Worker::start(Options {
        sites: vec![(
            "torn".to_owned(),
            r#"{"name":"Torn","origins":7}"#.to_owned(),
        )],
        ..Options::default()
    })
    .unwrap();
    let url = worker.url.clone();
    let visit = Visit::new();
    let refused = [
        post(&url, "torn", &[], visit.batch(1, 0, 1)).unwrap(),
        post(&url, "torn/erase", &[], visit.sid.as_str().into()).unwrap(),
    ];
    for answer in refused {
        let told = (answer.status, answer.code());
        assert_eq!(told, (503, "site_misconfigured".to_owned()));
        assert_eq!(answer.header("retry-after"), Some("5"), "it is sent again");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    let dashboard = Dashboard::sign_in(&url).unwrap();
    assert_counted(&dashboard, "torn", &[("site_misconfigured", 2)]);
    // What needs the configuration says that it cannot be had.
    assert_eq!(dashboard.of("torn").get("sessions").unwrap().status, 503);

    let corrected = r#"{"name":"Torn","origins":["self"]}"#;
    worker.configure("torn", corrected).unwrap();
    until("what was kept back is taken", SOON, || {
        let answer = post(&url, "torn", &[], visit.batch(1, 0, 1)).unwrap();
        (answer.status == 200).then_some(())
    });
}

#[test]
fn a_flood_is_counted_and_an_unknown_site_leaves_nothing() {
    let worker = Worker::start(Options::default()).unwrap();
    let url = worker.url.as_str();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(post(url, "demo", &[], Vec::new()).unwrap().status, 400);
                    let unknown = post(url, "nobody-there", &[], Vec::new()).unwrap();
                    assert_eq!(unknown.status, 404);
                }
            });
        }
    });
    let dashboard = Dashboard::sign_in(url).unwrap();
    assert_counted(&dashboard, "demo", &[("not_gzip", 400)]);
    assert_eq!(
        dashboard.of("nobody-there").get("counters").unwrap().status,
        404
    );
    assert!(!worker.storage_contains(b"nobody-there").unwrap());
}

#[test]
fn days_are_asked_for_by_name() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asked = post(&worker.url, "demo", &[], Vec::new()).unwrap();
    assert_eq!(asked.status, 400);
    assert_counted(&dashboard, "demo", &[("not_gzip", 1)]);
    let get = |query: &str| -> Counters {
        let answer = dashboard.get(&format!("counters{query}")).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    };
    let all = get("");
    assert_eq!(all.to.since(all.from), 29);
    let [count] = all.counts.as_slice() else {
        panic!("{all:?}");
    };
    let (day, before) = (count.day, count.day.before(1));
    assert_eq!(get(&format!("?from={day}&to={day}")).counts, all.counts);
    assert_eq!(
        get(&format!("?from={day}&to={}", day.next())).counts,
        all.counts
    );
    assert_eq!(get(&format!("?from={before}&to={before}")).counts, []);
    assert_eq!(
        get(&format!("?from={}&to={day}", day.before(365))).counts,
        all.counts
    );
    for query in [
        format!("?from={day}&to={before}"),
        format!("?from={}&to={day}", day.before(366)),
        "?from=2026-02-30".to_owned(),
        "?to=today".to_owned(),
        "?from=".to_owned(),
    ] {
        let answer = dashboard.get(&format!("counters{query}")).unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "malformed_query"),
            "{query}"
        );
    }
    let path = format!("{}/api/sites/demo/counters", worker.url);
    let signed_out = request("GET", &path, &[], Vec::new()).unwrap();
    assert_eq!(signed_out.status, 401);
}

#[test]
fn declared_bots_are_stopped_unless_the_site_wants_them() {
    let worker = Worker::start(
        Options::default().with_sites(&[("drop", ""), ("record", r#","bots":"record""#)]),
    )
    .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36";
    let person = headless.replace("Headless", "");
    for (site, agent, stored) in [
        ("drop", headless, false),
        ("drop", person.as_str(), true),
        ("record", headless, true),
    ] {
        let visit = Visit::new();
        let answer = post(
            &worker.url,
            site,
            &[("user-agent", agent)],
            visit.batch(1, 0, 3),
        )
        .unwrap();
        let ack: Ack = answer.json().unwrap();
        let expected = if stored {
            (3, Directive::Ok)
        } else {
            (0, Directive::Stop)
        };
        assert_eq!((ack.next, ack.directive), expected, "{site} {agent}");
        let detail = dashboard.of(site).detail(&visit.sid).unwrap();
        assert_eq!(detail.is_some(), stored, "{site} {agent}");
        // Whose crawler it was may be erased all the same.
        let erase = format!("{site}/erase");
        let erased = post(
            &worker.url,
            &erase,
            &[("user-agent", agent)],
            visit.sid.as_str().into(),
        );
        assert_eq!(erased.unwrap().status, 204);
    }
}
