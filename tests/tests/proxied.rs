//! Behind a proxy with TLS, on one machine: the worker is at the address that browsers use, and
//! nobody outside can say otherwise.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod askers;

use askers::refused;
use serde_json::json;
use system_tests::client::{Answer, request};
use system_tests::upload::{Visit, body};
use system_tests::worker::{Options, PASSWORD, Worker};

const AT: &str = "https://sentiero.example";

fn start() -> Worker {
    let options = Options {
        at: Some(AT),
        ..Options::default()
    };
    Worker::start(options).unwrap()
}

fn sign_in(worker: &Worker, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}/api/login", worker.url);
    let login = json!({"password": PASSWORD}).to_string();
    request("POST", &url, headers, login.into_bytes()).unwrap()
}

#[test]
fn one_signs_in_where_the_proxy_is() {
    let worker = start();
    let answer = sign_in(&worker, &[("origin", AT)]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("Secure"),
        "{cookie}"
    );
    let inside = worker.url.clone();
    refused(
        &sign_in(&worker, &[("origin", &inside)]),
        403,
        "origin_not_allowed",
    );
}

#[test]
fn headers_of_the_simulator_end_at_the_front() {
    let worker = start();
    let get = |path: &str, headers: &[(&str, &str)]| {
        request("GET", &format!("{}{path}", worker.url), headers, Vec::new()).unwrap()
    };
    // As somebody would get past a proxy that keeps the API to itself.
    let elsewhere = format!("{AT}/api/me");
    let asked = get("/health", &[("MF-Original-URL", &elsewhere)]);
    assert_eq!(asked.status, 200);
    assert_ne!(asked.text(), get("/api/me", &[]).text());
    let evil = "https://evil.example";
    let named = [
        ("origin", evil),
        ("mf-original-url", "https://evil.example/api/login"),
    ];
    refused(&sign_in(&worker, &named), 403, "origin_not_allowed");
    for door in [
        "/cdn-cgi/handler/scheduled",
        "/cdn-cgi",
        "/%63dn-cgi/mf/reload",
        "/x/../cdn-cgi/",
    ] {
        assert_eq!(get(door, &[]).status, 404, "{door}");
    }
}

#[test]
fn what_is_uploaded_comes_through_whole() {
    let worker = start();
    let visit = Visit::started(system_tests::upload::now());
    let at = visit.sid.start();
    let event = format!(
        r#"{{"type":5,"data":{{"tag":"a","payload":"{}"}},"timestamp":{at}}}"#,
        "x y ".repeat(20_000)
    );
    let url = format!("{}/i/demo", worker.url);
    let sent = body(&visit.header(1, 0, 1), &[event]);
    let answer = request("POST", &url, &[("origin", AT)], sent).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}
