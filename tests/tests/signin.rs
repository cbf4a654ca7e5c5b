//! Signing in on the built worker: who guesses waits, who has signed in before does not, and
//! sign-ins end everywhere.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused};
use sentiero_core::access::gate::{ALL, ONE};
use sentiero_core::api::{Session, SignedIn};
use sentiero_core::audit::{Action, Log};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, another_address, login, request};
use system_tests::upload::now;
use system_tests::wait::until;
use system_tests::worker::{Options, PASSWORD, Worker};

const WAIT: Duration = Duration::from_secs(10);

fn start() -> Worker {
    Worker::start(Options::default()).unwrap()
}

fn from(worker: &Worker, address: &str, password: &str) -> Answer {
    login(&worker.url, password, &[("cf-connecting-ip", address)]).unwrap()
}

/// A browser that signed in, from `address`: its cookie that says so.
fn known(worker: &Worker, address: &str) -> String {
    let answer = from(worker, address, PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut cookies = answer.headers("set-cookie");
    let known = cookies.find(|cookie| cookie.starts_with("sentiero-known="));
    let known = known.unwrap();
    assert!(known.contains("HttpOnly") && known.contains("SameSite=Strict"));
    known.split(';').next().unwrap().to_owned()
}

#[track_caller]
fn waits(answer: &Answer, most: u64) {
    refused(answer, 429, "locked_out");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=most).contains(&seconds), "{seconds} s");
    let said = answer.text();
    assert!(said.contains(&format!("{seconds} seconds")), "{said}");
}

/// As many failures from a block as cost nothing, and one more.
fn fail(worker: &Worker, address: &str) {
    for _ in 0..=ONE.free {
        refused(&from(worker, address, "guess"), 401, "wrong_password");
    }
}

#[test]
fn who_guesses_waits_and_nobody_else() {
    let mut worker = start();
    let known = known(&worker, "203.0.113.5");
    fail(&worker, "203.0.113.7");
    waits(&from(&worker, "203.0.113.8", "guess"), 30);
    // Who knows it waits as well there: an answer would tell that it is the right one.
    waits(&from(&worker, "203.0.113.9", PASSWORD), 30);
    assert_eq!(from(&worker, "198.51.100.1", PASSWORD).status, 200);
    let browser = [
        ("cf-connecting-ip", "203.0.113.9"),
        ("cookie", known.as_str()),
    ];
    assert_eq!(login(&worker.url, PASSWORD, &browser).unwrap().status, 200);
    let (name, _) = known.rsplit_once('.').unwrap();
    fail(&worker, "192.0.2.7");
    for forged in [
        "",
        "sentiero-known=1.2.3.4",
        &format!("{name}.{}", "0".repeat(64)),
    ] {
        let forged = [("cf-connecting-ip", "192.0.2.9"), ("cookie", forged)];
        waits(&login(&worker.url, PASSWORD, &forged).unwrap(), 30);
    }
    // It opens nothing.
    let alone = request(
        "GET",
        &format!("{}/api/me", worker.url),
        &browser,
        Vec::new(),
    );
    refused(&alone.unwrap(), 401, "sign_in_first");

    worker.crash_and_restart().unwrap();
    waits(&from(&worker, "203.0.113.10", PASSWORD), 30);
    for address in [&b"203.0.113"[..], b"198.51.100"] {
        assert!(
            !worker.storage_contains(address).unwrap(),
            "an address is stored"
        );
    }
}

#[test]
fn many_who_fail_hold_up_strangers_only() {
    let worker = start();
    let known = known(&worker, &another_address());
    for _ in 0..=ALL.free {
        refused(
            &from(&worker, &another_address(), "guess"),
            401,
            "wrong_password",
        );
    }
    waits(&from(&worker, &another_address(), PASSWORD), 5);
    let browser = [("cookie", known.as_str())];
    let answer = login(&worker.url, PASSWORD, &browser).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    let log = || {
        let url = format!("{}/api/audit", worker.url);
        let log = request("GET", &url, &[("cookie", &cookie)], Vec::new());
        log.unwrap().json::<Log>().unwrap().entries
    };
    until("it is written down", WAIT, || {
        let entries = log();
        let count = |action| -> u64 {
            let of = entries.iter().filter(|entry| entry.action == action);
            of.map(|entry| entry.n).sum()
        };
        let failed = u64::from(ALL.free) + 1;
        (count(Action::SignInFailed) == failed && count(Action::LockedOut) == 1).then_some(())
    });
}

#[test]
fn sign_ins_end_everywhere() {
    let mut worker = start();
    let url = worker.url.clone();
    let here = Dashboard::sign_in(&url).unwrap();
    let there = Dashboard::sign_in(&url).unwrap();
    let asker = Asker::at(&url, &here);
    let wanted = json!({"name": "ci", "scopes": ["read"], "sites": "all"});
    let token = asker.ask("POST", "tokens", &wanted);
    let token: Value = token.json().unwrap();
    let session: Session = asker.ask("GET", "me", &Value::Null).json().unwrap();
    assert_eq!(session.by, SignedIn::Password);
    let left = session.expires.saturating_sub(now());
    assert!((11 * 3_600_000..=12 * 3_600_000).contains(&left), "{left}");

    // Not by a mistake, and not by somebody else's page.
    let wrong = asker.ask("POST", "logout?everywhere=no", &Value::Null);
    refused(&wrong, 400, "malformed_query");
    let cookie = [("cookie", there.cookie.as_str())];
    let end = format!("{url}/api/logout?everywhere");
    refused(
        &request("POST", &end, &cookie, Vec::new()).unwrap(),
        403,
        "csrf",
    );
    let by_token = [(
        "authorization",
        format!("Bearer {}", token["secret"].as_str().unwrap()),
    )];
    let by_token = [(by_token[0].0, by_token[0].1.as_str())];
    refused(
        &request("POST", &end, &by_token, Vec::new()).unwrap(),
        403,
        "sign_in_only",
    );
    assert_eq!(asker.ask("GET", "me", &Value::Null).status, 200);

    assert_eq!(asker.ask("POST", "logout", &Value::Null).status, 204);
    assert_eq!(
        request("GET", &format!("{url}/api/me"), &cookie, Vec::new())
            .unwrap()
            .status,
        200
    );
    assert_eq!(
        asker.ask("POST", "logout?everywhere", &Value::Null).status,
        204
    );
    let me = |url: &str, dashboard: &Dashboard| {
        let cookie = [("cookie", dashboard.cookie.as_str())];
        request("GET", &format!("{url}/api/me"), &cookie, Vec::new()).unwrap()
    };
    for dashboard in [&here, &there] {
        refused(&me(&url, dashboard), 401, "sign_in_first");
    }
    worker.crash_and_restart().unwrap();
    let url = worker.url.clone();
    refused(&me(&url, &there), 401, "sign_in_first");
    let sites = format!("{url}/api/sites/demo/sessions");
    assert_eq!(
        request("GET", &sites, &by_token, Vec::new())
            .unwrap()
            .status,
        200
    );
    let again = Dashboard::sign_in(&url).unwrap();
    let asker = Asker::at(&url, &again);
    let log: Log = asker.ask("GET", "audit", &Value::Null).json().unwrap();
    let ended = log
        .entries
        .iter()
        .find(|entry| entry.action == Action::SignInsEnded);
    let ended = ended.unwrap();
    assert_eq!(
        (ended.by.as_str(), ended.subject.as_deref()),
        ("operator", Some("1"))
    );
}
