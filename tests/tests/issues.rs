//! Errors that were really sent: counted by issue, told to the site's issues, decided about.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused};
use sentiero_core::analytics::report::{Answer, errors, issue};
use sentiero_core::api::IssuedToken;
use sentiero_core::issue::{Known, List, State};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::client::{Dashboard, accept, erase};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

/// A custom event, its fields in rrweb's order: in another they are masked.
fn custom(at: u64, tag: &str, payload: &Value) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
}

/// A page throws, in a release, as a browser says it.
fn throws(worker: &Worker, release: &str, message: &str, stack: &str) -> Visit {
    let visit = Visit::started(now() - 30_000);
    let at = visit.sid.start();
    let href = "https://shop.example/cart";
    let events = [
        format!(r#"{{"type":4,"data":{{"href":"{href}","width":9,"height":9}},"timestamp":{at}}}"#),
        custom(at + 1, "sentiero:metadata", &json!({"release": release})),
        custom(
            at + 2_000,
            "error",
            &json!({"message": message, "stack": stack, "source": "https://shop.example/app.js"}),
        ),
        custom(
            at + 2_500,
            "error",
            &json!({"message": message, "stack": stack, "count": 10}),
        ),
    ];
    let header = visit.header(1, 0, 4);
    accept(&worker.url, body(&header, &events)).unwrap();
    visit
}

fn chrome(worker: &Worker, release: &str) -> Visit {
    throws(
        worker,
        release,
        "Uncaught TypeError: cart.pay is not a function",
        "TypeError: cart.pay is not a function\n    at HTMLButtonElement.onPay (https://shop.example/app.js:8:10)",
    )
}

fn firefox(worker: &Worker, release: &str) -> Visit {
    throws(
        worker,
        release,
        "TypeError: cart.pay is not a function",
        "onPay@https://shop.example/app.js:9:5\n",
    )
}

fn known(dashboard: &Dashboard) -> Vec<Known> {
    let answer = dashboard.get("issues").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json::<List>().unwrap().issues
}

fn counted(dashboard: &Dashboard) -> errors::Answer {
    match dashboard.get("reports/errors").unwrap().json().unwrap() {
        Answer::Errors(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn one(dashboard: &Dashboard, fingerprint: &str) -> issue::Answer {
    let path = format!("reports/issue?issue={fingerprint}");
    match dashboard.get(&path).unwrap().json().unwrap() {
        Answer::Issue(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_error_is_one_issue_in_every_browser_until_it_comes_in_another_release() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    assert_eq!(known(&dashboard), []);
    chrome(&worker, "1.0");
    firefox(&worker, "1.0");
    let answer = until("both are counted", SOON, || {
        Some(counted(&dashboard)).filter(|answer| answer.with_errors == 2)
    });
    let [row] = &answer.rows[..] else {
        panic!("{answer:?}")
    };
    // The first of each, and those that the tenth stands for.
    assert_eq!((answer.count, row.count, row.sessions), (20, 20, 2));
    assert_eq!(row.title, "TypeError: cart.pay is not a function");
    let facets = one(&dashboard, &row.issue);
    assert_eq!((facets.count, facets.with_it), (20, 2));
    assert_eq!(facets.releases.rows[0].value, "1.0");
    assert_eq!(facets.pages.rows[0].value, "shop.example/cart");
    assert_eq!(facets.moments[0].at, 2_000);

    let issues = until("it is known", SOON, || {
        Some(known(&dashboard)).filter(|known| !known.is_empty())
    });
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0].issue.text(), row.issue);
    assert_eq!(
        (issues[0].state, &issues[0].title),
        (State::Open, &row.title)
    );

    let path = format!("sites/demo/issues/{}", row.issue);
    let decided = asker.ask("PUT", &path, &json!({"state": "resolved"}));
    assert_eq!(decided.status, 200, "{}", decided.text());
    let resolved: Known = decided.json().unwrap();
    assert_eq!(resolved.resolved_in.as_deref(), Some("1.0"));
    let log = dashboard.get("audit").unwrap().text();
    assert!(
        log.contains("issue_decided") && log.contains(&row.issue),
        "{log}"
    );

    // Of the same release nothing is news, of another it is open again. Its errors come later
    // than the decision, by the clock of the page.
    let later = |release: &str| {
        let visit = Visit::started(now());
        let at = visit.sid.start() + 5_000;
        let thrown = json!({"message": "TypeError: cart.pay is not a function", "stack": "onPay@https://shop.example/app.js:9:5"});
        let events = [
            custom(at, "sentiero:metadata", &json!({"release": release})),
            custom(at + 1, "error", &thrown),
        ];
        accept(&worker.url, body(&visit.header(1, 0, 2), &events)).unwrap();
    };
    later("1.0");
    until("it came again", SOON, || {
        (known(&dashboard)[0].last > resolved.last).then_some(())
    });
    assert_eq!(known(&dashboard)[0].state, State::Resolved);
    later("1.1");
    until("it is open again", SOON, || {
        (known(&dashboard)[0].state == State::Open).then_some(())
    });
    assert!(known(&dashboard)[0].reopened.is_some());
}

#[test]
fn who_may_decide_and_about_what() {
    let asker = Asker::signed_in();
    let open = json!({"state": "open"});
    for (method, path, body, status, code) in [
        ("GET", "sites/nobody/issues", &Value::Null, 404, "not_found"),
        (
            "GET",
            "sites/demo/issues?limit=0",
            &Value::Null,
            400,
            "malformed_query",
        ),
        (
            "PUT",
            "sites/nobody/issues/00000000000000a1",
            &open,
            404,
            "not_found",
        ),
        (
            "PUT",
            "sites/demo/issues/00000000000000a1",
            &open,
            404,
            "not_found",
        ),
        ("PUT", "sites/demo/issues/A1", &open, 404, "not_found"),
    ] {
        refused(&asker.ask(method, path, body), status, code);
    }
    let wrong = asker.ask(
        "PUT",
        "sites/demo/issues/00000000000000a1",
        &json!({"state": "shut"}),
    );
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("state"), "{}", wrong.text());
    let token = json!({"name": "reader", "scopes": ["read"], "sites": ["demo"]});
    let token: IssuedToken = asker.ask("POST", "tokens", &token).json().unwrap();
    let reader = Asker::bearer(&token.secret);
    assert_eq!(
        reader.ask("GET", "sites/demo/issues", &Value::Null).status,
        200
    );
    let denied = reader.ask("PUT", "sites/demo/issues/00000000000000a1", &open);
    assert_eq!(denied.status, 403, "{}", denied.text());
    let nobody = Asker {
        headers: Vec::new(),
        ..asker
    };
    assert_eq!(
        nobody.ask("GET", "sites/demo/issues", &Value::Null).status,
        401
    );
}

#[test]
fn what_only_one_session_saw_is_erased_with_it() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let said = "Error: no account of Anna";
    let visit = throws(&worker, "1.0", said, "");
    chrome(&worker, "1.0");
    firefox(&worker, "1.0");
    let issues = until("all are known", SOON, || {
        Some(known(&dashboard)).filter(|known| known.len() == 2)
    });
    assert!(issues.iter().any(|known| known.title == said));
    assert!(issues.iter().all(|known| known.only.is_none()), "not shown");
    assert_eq!(erase(&worker.url, &visit.sid).unwrap().status, 204);
    let left = until("one is forgotten", SOON, || {
        Some(known(&dashboard)).filter(|known| known.len() == 1)
    });
    assert_ne!(left[0].title, said);
}
