//! Sharing on the built worker: what is off is refused, and what a link shows, until when.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused, worker};
use sentiero_core::api::{EventLine, LINK_HEADER, LinkList, MadeLink};
use sentiero_core::audit::{Action, Log};
use sentiero_core::sharing::{Link, MAX_LINKS};
use serde_json::{Value, json};
use system_tests::client::{Answer, post, request};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: std::time::Duration = std::time::Duration::from_secs(30);
const DAY: u64 = 86_400_000;

/// A session of the demo, which may be shared.
fn visit() -> Visit {
    let visit = Visit::new();
    let answer = post(&worker().url, "demo", &[], visit.batch(1, 0, 4)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    visit
}

fn links(visit: &Visit) -> String {
    format!("sites/demo/sessions/{}/links", visit.sid)
}

fn make(visit: &Visit, body: &Value) -> MadeLink {
    let answer = Asker::signed_in().ask("POST", &links(visit), body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

/// Opens a link, as from an address block of its own.
fn open(site: &str, secret: &str, block: u8) -> Answer {
    let url = format!("{}/api/shared/{site}", worker().url);
    let address = format!("203.0.{block}.7");
    let headers = [
        (LINK_HEADER, secret),
        ("CF-Connecting-IP", address.as_str()),
    ];
    request("GET", &url, &headers, Vec::new()).unwrap()
}

fn lines(answer: &Answer) -> usize {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    let lines = text.lines();
    lines
        .inspect(|line| drop(serde_json::from_str::<EventLine<'_>>(line).unwrap()))
        .count()
}

#[test]
fn a_link_shows_its_session_until_it_is_revoked() {
    let (visit, other) = (visit(), visit());
    let MadeLink { secret, link } = make(&visit, &json!({"days": 2}));
    assert!((now() + 2 * DAY).abs_diff(link.expires) < 60_000);
    let shown = open("demo", &secret, 1);
    assert_eq!(lines(&shown), 4);
    assert!(
        !shown.text().contains(visit.sid.as_str()),
        "the id is a right"
    );
    assert_eq!(shown.header("cache-control"), Some("no-store"));

    let asker = Asker::signed_in();
    let of = |path: &str| -> Vec<Link> {
        let answer = asker.ask("GET", path, &Value::Null);
        answer.json::<LinkList>().unwrap().links
    };
    assert_eq!(of(&links(&visit)), core::slice::from_ref(&link));
    assert!(of(&links(&other)).is_empty());
    assert!(of("sites/demo/links").contains(&link));
    assert!(!worker().storage_contains(secret.as_bytes()).unwrap());

    let path = format!("sites/demo/links/{}", link.id);
    assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 204);
    refused(&open("demo", &secret, 1), 404, "not_found");
    refused(&asker.ask("DELETE", &path, &Value::Null), 404, "not_found");
    assert!(of(&links(&visit)).is_empty());
}

#[test]
fn what_opens_nothing_is_told_the_same() {
    let MadeLink { secret, .. } = make(&visit(), &json!({}));
    let said = open("demo", &"a".repeat(32), 2).text();
    for (site, secret) in [
        ("demo", ""),
        ("demo", "short"),
        ("demo", &secret.to_uppercase()),
        ("there-is-none", &secret),
        ("No!", &secret),
    ] {
        let answer = open(site, secret, 2);
        refused(&answer, 404, "not_found");
        assert_eq!(answer.text(), said, "{site} {secret}");
    }
    let url = format!("{}/api/shared/demo?secret={secret}", worker().url);
    let in_address = request("GET", &url, &[], Vec::new()).unwrap();
    refused(&in_address, 404, "not_found");
    let (limit, secret) = (11, "b".repeat(32));
    let codes: Vec<u16> = (0..limit)
        .map(|_| open("demo", &secret, 3).status)
        .collect();
    assert_eq!(codes.last(), Some(&429), "{codes:?}");
}

#[test]
fn a_part_is_exact_and_a_session_that_is_erased_is_gone() {
    let visit = visit();
    let asker = Asker::signed_in();
    let path = format!("sites/demo/sessions/{}/events?format=file", visit.sid);
    let all = asker.ask("GET", &path, &Value::Null);
    assert_eq!(lines(&all), 4);
    let text = all.text();
    let times: Vec<u64> = text
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["event"]["timestamp"]
                .as_u64()
                .unwrap()
        })
        .collect();
    let made = make(&visit, &json!({"to": times[1]}));
    let until_then = times.iter().filter(|time| **time <= times[1]).count();
    assert_eq!(lines(&open("demo", &made.secret, 4)), until_then);
    let part = asker.ask("GET", &format!("{path}&to={}", times[1]), &Value::Null);
    assert_eq!(lines(&part), until_then);
    refused(
        &asker.ask("GET", &format!("{path}&from=9&to=8"), &Value::Null),
        400,
        "malformed_query",
    );

    let erase = json!({"sessions": [visit.sid]});
    assert_eq!(asker.ask("POST", "sites/demo/erase", &erase).status, 202);
    until("it is gone", SOON, || {
        (open("demo", &made.secret, 5).status == 404).then_some(())
    });
    refused(
        &asker.ask("POST", &links(&visit), &json!({})),
        404,
        "not_found",
    );
}

#[test]
fn what_a_site_does_not_share_is_refused_with_what_to_do() {
    let asker = Asker::signed_in();
    asker.create("unshared");
    let visit = Visit::new();
    let upload = post(&worker().url, "unshared", &[], visit.batch(1, 0, 2)).unwrap();
    assert_eq!(upload.status, 200);
    let session = format!("sites/unshared/sessions/{}", visit.sid);
    for (method, path, field) in [
        ("GET", format!("{session}/events?format=file"), "files"),
        ("POST", format!("{session}/links"), "links"),
    ] {
        let answer = asker.ask(method, &path, &json!({}));
        refused(&answer, 403, "sharing_off");
        let remedy = format!("site set unshared sharing.{field}=true");
        assert!(answer.text().contains(&remedy), "{}", answer.text());
    }
    assert_eq!(
        asker
            .ask("GET", &format!("{session}/events"), &Value::Null)
            .status,
        200
    );
}

#[test]
fn a_wrong_wish_is_named_and_nothing_is_invented() {
    let asker = Asker::signed_in();
    let visit = visit();
    for (word, body) in [
        ("`days` must be 1 to 90", json!({"days": 91})),
        ("`to`", json!({"from": 2, "to": 1})),
        ("`day`", json!({"day": 1})),
    ] {
        let answer = asker.ask("POST", &links(&visit), &body);
        refused(&answer, 400, "wrong_field");
        assert!(answer.text().contains(word), "{}", answer.text());
    }
    refused(
        &asker.ask("POST", &links(&Visit::new()), &json!({})),
        404,
        "not_found",
    );
    refused(
        &asker.ask("POST", "sites/demo/sessions/x/links", &json!({})),
        404,
        "not_found",
    );
    refused(
        &asker.ask("DELETE", "sites/demo/links/x", &Value::Null),
        404,
        "not_found",
    );
}

#[test]
fn links_have_an_end_and_a_limit_and_stand_in_the_audit_log() {
    let mut worker = Worker::start(Options::default()).unwrap();
    let dashboard = system_tests::client::Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    let visit = Visit::new();
    let upload = post(&worker.url, "demo", &[], visit.batch(1, 0, 2)).unwrap();
    assert_eq!(upload.status, 200);
    let first = asker.ask("POST", &links(&visit), &json!({}));
    let first: MadeLink = first.json().unwrap();
    for number in 1..MAX_LINKS {
        let hash = format!("{number:064x}");
        let link = json!({"id": format!("{:a>12}", ""), "session": "x", "by": "x", "created": 0, "expires": now() + DAY});
        let command = json!({"hash": hash, "kept": {"link": link, "sealed": ""}, "now": now()});
        assert_eq!(
            worker.ask("demo/links", "/link/add", &command).unwrap(),
            true
        );
    }
    refused(
        &asker.ask("POST", &links(&visit), &json!({})),
        409,
        "too_many_links",
    );

    let url = format!("{}/api/shared/demo", worker.url);
    for _ in 0..2 {
        let headers = [(LINK_HEADER, first.secret.as_str())];
        assert_eq!(
            lines(&request("GET", &url, &headers, Vec::new()).unwrap()),
            2
        );
    }
    let log: Log = asker
        .ask("GET", "sites/demo/audit", &Value::Null)
        .json()
        .unwrap();
    let opened = log
        .entries
        .iter()
        .find(|entry| entry.action == Action::LinkOpened);
    let opened = opened.unwrap();
    assert_eq!(
        (opened.n, opened.by.as_str()),
        (2, format!("link {}", first.link.id).as_str())
    );
    assert_eq!(opened.subject.as_ref(), Some(&first.link.session));
    let made = log
        .entries
        .iter()
        .filter(|entry| entry.action == Action::LinkMade);
    let made: Vec<_> = made.map(|entry| entry.subject.clone()).collect();
    assert!(made.contains(&Some(first.link.id.to_string())), "{made:?}");
}
