//! `GET /health`, and what stands in the log.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::Health;
use sentiero_core::gzip;
use serde_json::Value;
use std::time::Duration;
use system_tests::client::{Dashboard, post, request};
use system_tests::upload::{Visit, body};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

fn without(binding: Option<&'static str>) -> Worker {
    Worker::start(Options {
        without: binding.into_iter().collect(),
        ..Options::default()
    })
    .unwrap()
}

#[test]
fn health_names_what_does_not_answer_and_nothing_else() {
    for (binding, failing) in [
        (None, None),
        (Some("KV"), Some("kv")),
        (Some("RECORDINGS"), Some("r2")),
        (Some("SESSIONS"), Some("sessions")),
        (Some("INDEX"), Some("index")),
        (Some("ERASURES"), Some("erasures")),
        (Some("LEDGER"), Some("ledger")),
        (Some("ISSUES"), Some("issues")),
    ] {
        let worker = without(binding);
        let url = format!("{}/health", worker.url);
        // The second one is given from what is known.
        for _ in 0..2 {
            let answer = request("GET", &url, &[], Vec::new()).unwrap();
            let expected = Health {
                ok: failing.is_none(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                failing: failing.map(str::to_owned).into_iter().collect(),
            };
            assert_eq!(answer.json::<Health>().unwrap(), expected, "{binding:?}");
            assert_eq!(answer.status, if expected.ok { 200 } else { 503 });
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        let post = request("POST", &url, &[], Vec::new()).unwrap();
        assert_eq!((post.status, post.header("allow")), (405, Some("GET")));
        let below = request("GET", &format!("{url}/x"), &[], Vec::new()).unwrap();
        assert_eq!(below.status, 404);
    }
}

/// A class that answers with an error, and one that never does: each is named, with the other
/// store that is down, and nobody waits long.
#[test]
fn each_class_that_is_broken_is_named() {
    let classes = [
        ("SessionObject", "sessions"),
        ("IndexObject", "index"),
        ("ErasureObject", "erasures"),
        ("LedgerObject", "ledger"),
        ("SettingsObject", "settings"),
        ("IssuesObject", "issues"),
    ];
    for fault in ["fail", "hang"] {
        let worker = Worker::start(Options {
            faults: true,
            ..Options::default()
        })
        .unwrap();
        let ask = || -> Vec<String> {
            let url = format!("{}/health", worker.url);
            let answer = request("GET", &url, &[], Vec::new()).unwrap();
            let health: Health = answer.json().unwrap();
            assert_eq!(
                (answer.status == 200, health.failing.is_empty()),
                (health.ok, health.ok)
            );
            health.failing
        };
        assert_eq!(ask(), Vec::<String>::new());
        // Each answer holds for some seconds: two classes at once, then the others.
        for broken in [&classes[..2], &classes[2..]] {
            let mut faults = serde_json::Map::new();
            faults.extend(
                broken
                    .iter()
                    .map(|(class, _)| ((*class).into(), fault.into())),
            );
            faults.insert("R2 head".to_owned(), fault.into());
            worker.break_with(&faults.into()).unwrap();
            let mut expected = vec!["r2".to_owned()];
            expected.extend(broken.iter().map(|(_, name)| (*name).to_owned()));
            until(&format!("{expected:?} {fault}"), SOON, || {
                (ask() == expected).then_some(())
            });
        }
        worker.break_with(&serde_json::json!({})).unwrap();
        until("all answer again", SOON, || ask().is_empty().then_some(()));
    }
}

#[test]
fn many_monitors_at_once_get_the_same_answer() {
    let worker = without(Some("RECORDINGS"));
    let url = format!("{}/health", worker.url);
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| assert_eq!(request("GET", &url, &[], Vec::new()).unwrap().status, 503));
        }
    });
    // However many asked, the store was asked once or twice.
    let asked = lines(&worker)
        .iter()
        .filter(|line| line["event"] == "health")
        .count();
    assert!((1..=2).contains(&asked), "{asked}");
}

/// The lines of the log that are ours.
fn lines(worker: &Worker) -> Vec<Value> {
    let log = worker.log().unwrap();
    let lines = log.lines().filter_map(|line| {
        let json = line.get(line.find('{')?..=line.rfind('}')?)?;
        serde_json::from_str::<Value>(json).ok()
    });
    lines.filter(|line| line.get("event").is_some()).collect()
}

/// What a hostile request carries in each place, none of which may be in the log.
const SECRET: &str = "zvx7-canary-9431";
const AGENT: &str = "Mozilla/5.0 (canary-agent-5512)";
const ADDRESS: &str = "203.0.113.77";

#[test]
fn the_log_tells_what_failed_and_nothing_of_a_visitor() {
    let broken = without(Some("SESSIONS"));
    let works = Worker::start(Options {
        sites: vec![(
            "torn".to_owned(),
            format!(r#"{{"name":"{SECRET}","origins":7}}"#),
        )],
        ..Options::default()
    })
    .unwrap();
    let visit = Visit::new();
    let plain = |text: String| gzip::compress(text.as_bytes());
    let header = visit.header(1, 0, 1);
    let secret = |event: &str| body(&header, &[event.replace('$', SECRET)]);
    let sid = visit.sid.as_str();
    let bodies: Vec<Vec<u8>> = vec![
        SECRET.as_bytes().to_vec(),
        plain(format!("{{\"v\":\"{SECRET}\"}}")),
        plain(format!("{{\"v\":1,\"sid\":\"{SECRET}\"}}\n{{}}")),
        plain(format!("{{\"v\":1,\"{SECRET}\":\"{SECRET}\"}}\n{{}}")),
        secret("$"),
        secret(r#"{"type":3,"$":"$""#),
        secret(r#"{"type":"$","data":{"text":"$"},"timestamp":"$"}"#),
        visit.batch(1, 0, 3),
    ];
    let headers = [
        ("user-agent", AGENT),
        ("cf-connecting-ip", ADDRESS),
        ("referer", "https://shop.example/zvx7-canary-9431"),
        ("cookie", "zvx7-canary-9431=zvx7-canary-9431"),
        ("x-forwarded-for", ADDRESS),
    ];
    for worker in [&broken, &works] {
        for body in &bodies {
            post(&worker.url, "demo", &headers, body.clone()).unwrap();
        }
        post(&worker.url, "demo/erase", &headers, sid.into()).unwrap();
        post(&worker.url, "demo/erase", &headers, SECRET.into()).unwrap();
        post(
            &worker.url,
            &format!("{SECRET}?{SECRET}"),
            &headers,
            Vec::new(),
        )
        .unwrap();
        post(
            &worker.url,
            "demo",
            &[("origin", "https://zvx7-canary-9431.example")],
            vec![],
        )
        .unwrap();
    }
    let torn = post(&works.url, "torn", &headers, visit.batch(1, 0, 1)).unwrap();
    assert_eq!(torn.status, 503);
    Dashboard::sign_in(&works.url).unwrap();

    until("the failures stand in the log", SOON, || {
        let has = |worker: &Worker, event: &str, reason: &str| {
            lines(worker)
                .iter()
                .any(|line| line["event"] == event && line["reason"] == reason)
        };
        (has(&broken, "ingest", "unavailable")
            && has(&broken, "refused", "not_gzip")
            && has(&works, "refused", "not_json")
            && has(&works, "refused", "origin_not_allowed")
            && has(&works, "refused", "site_misconfigured")
            && has(&works, "site", "malformed_configuration"))
        .then_some(())
    });
    for worker in [&broken, &works] {
        let log = worker.log().unwrap();
        for value in [
            SECRET,
            AGENT,
            "canary",
            ADDRESS,
            "203.0.113",
            sid,
            &sid[12..],
        ] {
            assert!(!log.contains(value), "{value} is in the log:\n{log}");
        }
        for line in lines(worker) {
            let fields = line.as_object().unwrap();
            for name in fields.keys() {
                let known = ["event", "site", "reason", "field", "cause", "skipped"];
                assert!(known.contains(&name.as_str()), "{line}");
            }
            assert_ne!(fields.get("site"), Some(&Value::from(SECRET)));
        }
    }
}

#[test]
fn a_flood_does_not_fill_the_log() {
    let worker = without(None);
    for _ in 0..200 {
        assert_eq!(
            post(&worker.url, "demo", &[], Vec::new()).unwrap().status,
            400
        );
    }
    let written = lines(&worker)
        .iter()
        .filter(|line| line["reason"] == "not_gzip")
        .count();
    // Ten a minute, in one isolate; the flood may cross a minute.
    assert!((1..=20).contains(&written), "{written}");
}
