//! What a site's own server tells, on the built worker: with its session, alone, twice, too
//! much, by the wrong token; and by the programs that docs/server-errors.md prints.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "what was left out is worth knowing")]

mod askers;

use askers::{Asker, refused, worker};
use sentiero_core::analytics::report::{Answer as Report, errors};
use sentiero_core::api::IssuedToken;
use sentiero_core::id::{SessionId, TabId};
use sentiero_core::issue::{Known, List};
use sentiero_core::server::MAX_BODY;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, accept, erase, request};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker, root};

const SOON: Duration = Duration::from_secs(30);

fn token(asker: &Asker, scopes: &[&str], sites: &Value) -> String {
    let body = json!({"name": "server", "scopes": scopes, "sites": sites});
    let answer = asker.ask("POST", "tokens", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json::<IssuedToken>().unwrap().secret
}

/// Somebody who tells.
struct Server {
    url: String,
    secret: String,
}

impl Server {
    fn of(worker: &Worker, asker: &Asker) -> Self {
        Self {
            url: format!("{}/e/demo", worker.url),
            secret: token(asker, &["tell"], &json!(["demo"])),
        }
    }

    fn send(&self, body: Vec<u8>) -> Answer {
        let bearer = format!("Bearer {}", self.secret);
        request("POST", &self.url, &[("authorization", &bearer)], body).unwrap()
    }

    fn tell(&self, body: &Value) -> Answer {
        self.send(body.to_string().into_bytes())
    }

    fn told(&self, body: &Value) -> Value {
        let answer = self.tell(body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // No page can read it.
        assert_eq!(answer.header("access-control-allow-origin"), None);
        answer.json().unwrap()
    }
}

/// A visit whose page was uploaded.
fn visited(worker: &Worker) -> Visit {
    let visit = Visit::started(now() - 30_000);
    accept(&worker.url, visit.batch(1, 0, 3)).unwrap();
    visit
}

fn error(sid: &SessionId, message: &str) -> Value {
    json!({"type": "KeyError", "message": message, "sid": sid,
           "backtrace": ["app/cart.rb:12:in 'sum'"], "release": "s1"})
}

/// The events of the session's server lane.
fn lane(dashboard: &Dashboard, visit: &Visit) -> Vec<String> {
    let events = dashboard.events(visit, "").unwrap();
    let server = TabId::server();
    let lane = events
        .into_iter()
        .filter(|(tab, ..)| *tab == server.as_str());
    lane.map(|(_, _, event)| event).collect()
}

fn known(dashboard: &Dashboard, title: &str) -> Option<Known> {
    let list: List = dashboard.get("issues?limit=200").unwrap().json().unwrap();
    list.issues
        .into_iter()
        .find(|known| known.title.contains(title))
}

#[test]
fn an_error_stands_in_its_session_once_and_among_the_issues() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    let server = Server::of(&worker, &asker);
    let visit = visited(&worker);
    let call = json!({"id": "job-1", "errors": [error(&visit.sid, "no price for ann@mail.example")],
        "events": [{"name": "declined", "sid": visit.sid, "payload": {"tries": 2, "password": "hunter2-secret"}}]});
    let first = server.told(&call);
    assert_eq!(first["errors"][0]["linked"], true);
    assert_eq!(first["events"], json!([{"linked": true}]));
    assert_eq!(server.told(&call), first);
    let events = lane(&dashboard, &visit);
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].contains("app/cart.rb:12") && events[1].contains(r#""tries":2"#));
    let detail = dashboard.detail(&visit.sid).unwrap().unwrap();
    assert_eq!((detail.row.errors, detail.row.tabs), (1, 1));
    assert_eq!(detail.row.named, ["declined"]);
    let issue = known(&dashboard, "KeyError: no price").unwrap();
    assert_eq!(json!(issue.issue), first["errors"][0]["issue"]);
    assert_eq!(issue.releases, ["s1"]);
    let report = until("reports count it", SOON, || {
        let report = dashboard.get("reports/errors").unwrap().json().unwrap();
        let Report::Errors(errors::Answer { rows, .. }) = report else {
            panic!("another report")
        };
        rows.into_iter().find(|row| row.issue == issue.issue.text())
    });
    assert_eq!((report.count, report.sessions), (1, 1));
    for secret in ["ann@mail.example", "hunter2-secret"] {
        let hits = worker.storage_hits(secret.as_bytes()).unwrap();
        assert!(hits.is_empty(), "{secret} in {hits:?}");
    }
    let taken = until("it is counted", SOON, || {
        let counted = dashboard.counters().unwrap();
        (counted.get("server_events") == Some(&2)).then_some(counted)
    });
    assert_eq!(taken.get("server_errors"), Some(&2));

    // Erased, it takes nothing more, and nothing of it is left but the issue.
    assert_eq!(erase(&worker.url, &visit.sid).unwrap().status, 204);
    let after = server.told(&json!({"errors": [error(&visit.sid, "after the erasure")]}));
    assert_eq!(after["errors"][0]["refused"], "session_erased");
    assert_eq!(dashboard.detail(&visit.sid).unwrap(), None);
    assert_eq!(known(&dashboard, "after the erasure"), None);
    until("nothing is left of it", SOON, || {
        let left = |text: &[u8]| worker.storage_contains(text).unwrap();
        (!left(b"app/cart.rb:12") && !left(b"after the erasure")).then_some(())
    });
}

#[test]
fn without_a_session_it_is_an_issue_and_nothing_else() {
    let worker = Worker::start(Options::finishing_after(1.0)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let server = Server::of(&worker, &Asker::at(&worker.url, &dashboard));
    let alone = json!({"type": "Timeout", "message": "nobody answered"});
    let answer = server.told(&json!({"errors": [alone]}));
    assert_eq!(answer["errors"][0]["linked"], false);
    assert!(known(&dashboard, "Timeout: nobody").is_some());
    // A session that no page has: it waits, is shown to nobody, and is forgotten.
    let nobody = Visit::started(now() - 5_000);
    server.told(&json!({"errors": [error(&nobody.sid, "of nobody")]}));
    assert_eq!(dashboard.detail(&nobody.sid).unwrap(), None);
    until("it is forgotten", SOON, || {
        (!worker.storage_contains(b"app/cart.rb:12").unwrap()).then_some(())
    });
    assert!(known(&dashboard, "of nobody").is_some());
    assert!(dashboard.list("").unwrap().sessions.is_empty());
    // One of another week.
    let old = Visit::started(now() - 8 * 86_400_000);
    let answer = server.told(&json!({"errors": [error(&old.sid, "of long ago")]}));
    assert_eq!(answer["errors"][0]["refused"], "clock_out_of_range");
}

#[test]
fn what_comes_before_the_page_waits_for_it() {
    let asker = Asker::signed_in();
    let dashboard = Dashboard::sign_in(&worker().url).unwrap();
    let server = Server::of(worker(), &asker);
    let visit = Visit::started(now() - 1_000);
    server.told(&json!({"errors": [error(&visit.sid, "too early")]}));
    accept(&worker().url, visit.batch(1, 0, 3)).unwrap();
    assert_eq!(lane(&dashboard, &visit).len(), 1);
    assert_eq!(dashboard.detail(&visit.sid).unwrap().unwrap().row.errors, 1);
}

#[test]
fn who_may_not_tell_is_told_why() {
    let asker = Asker::signed_in();
    let worker = worker();
    let body = json!({"errors": [{"type": "E", "message": "x"}]}).to_string();
    let site = asker.create("told");
    assert_eq!(site.key.as_str(), "told");
    let ask = |site: &str, secret: &str| {
        let bearer = format!("Bearer {secret}");
        let url = format!("{}/e/{site}", worker.url);
        request(
            "POST",
            &url,
            &[("authorization", &bearer)],
            body.clone().into(),
        )
        .unwrap()
    };
    let tell = token(&asker, &["tell"], &json!(["told"]));
    assert_eq!(ask("told", &tell).status, 200);
    let read = token(&asker, &["read"], &json!("all"));
    refused(&ask("told", &read), 403, "missing_scope");
    refused(&ask("demo", &tell), 403, "other_site");
    let every = token(&asker, &["tell"], &json!("all"));
    refused(&ask("nobody", &every), 404, "not_found");
    refused(&ask("told", "sentiero_short"), 401, "unknown_token");
    let made_up = format!("sentiero_{}", "a".repeat(32));
    refused(&ask("told", &made_up), 401, "unknown_token");
    // Nothing that a browser sends by itself.
    let url = format!("{}/e/told", worker.url);
    let cookie: Vec<(&str, &str)> = asker
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    refused(
        &request("POST", &url, &cookie, body.clone().into()).unwrap(),
        401,
        "unknown_token",
    );
    for method in ["GET", "OPTIONS"] {
        let headers = [("origin", "https://shop.example")];
        let answer = request(method, &url, &headers, Vec::new()).unwrap();
        refused(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    // It can do nothing else, and ends when it is revoked.
    let teller = Asker::bearer(&tell);
    let list = teller.ask("GET", "sites/told/sessions", &Value::Null);
    refused(&list, 403, "missing_scope");
    let tokens = asker.ask("GET", "tokens", &Value::Null).text();
    let tokens: Value = serde_json::from_str(&tokens).unwrap();
    for token in tokens["tokens"].as_array().unwrap() {
        if token["sites"] == json!(["told"]) {
            let path = format!("tokens/{}", token["id"].as_str().unwrap());
            assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 204);
        }
    }
    refused(&ask("told", &tell), 401, "unknown_token");
    let counted = until("refusals are counted", SOON, || {
        let counters = asker.ask("GET", "sites/told/counters", &Value::Null).text();
        let words = ["unknown_token", "missing_scope", "method_not_allowed"];
        words
            .iter()
            .all(|word| counters.contains(word))
            .then_some(counters)
    });
    assert!(counted.contains("server_errors"), "{counted}");
}

#[test]
fn what_is_wrong_is_named_and_nothing_of_it_is_kept() {
    let asker = Asker::signed_in();
    let server = Server::of(worker(), &asker);
    let good = json!({"type": "E", "message": "kept-by-nobody"});
    for (body, named) in [
        (json!([]), "`body`"),
        (json!({"errors": []}), "`errors`"),
        (
            json!({"errors": [good, {"type": "E"}]}),
            "`errors[1].message`",
        ),
        (
            json!({"errors": [good], "events": [{"name": "x"}]}),
            "`events[0].sid`",
        ),
        (
            json!({"errors": [{"type": "E", "message": "", "context": {"headers": {"cookie": "x"}}}]}),
            "`errors[0].context.headers`",
        ),
        (json!({"errors": vec![good.clone(); 33]}), "`errors`"),
    ] {
        let answer = server.tell(&body);
        refused(&answer, 400, "malformed_call");
        assert!(answer.text().contains(named), "{named}: {}", answer.text());
    }
    refused(&server.send(b"\xff".to_vec()), 400, "malformed_call");
    let mut edge = json!({"errors": [{"type": "E", "message": ""}]}).to_string();
    edge.push_str(&" ".repeat(MAX_BODY - edge.len()));
    assert_eq!(server.send(edge.clone().into()).status, 200);
    edge.push(' ');
    refused(&server.send(edge.into()), 413, "too_large");
    assert!(!worker().storage_contains(b"kept-by-nobody").unwrap());
}

#[test]
fn a_site_that_does_not_record_takes_nothing() {
    let options = Options::default().with_sites(&[("still", r#","recording":false"#)]);
    let worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let secret = token(
        &Asker::at(&worker.url, &dashboard),
        &["tell"],
        &json!("all"),
    );
    let url = format!("{}/e/still", worker.url);
    let server = Server { url, secret };
    let answer = server.tell(&json!({"errors": [{"type": "E", "message": "x"}]}));
    refused(&answer, 403, "stopped");
}

/// Runs a program of `tests/server`; false if its language is not on this machine.
fn run(program: &str, file: &str, server: &Server, sid: &SessionId) -> bool {
    let (url, _) = server.url.split_once("/e/").unwrap();
    let output = Command::new(program)
        .arg(root().join("tests/server").join(file))
        .env("SENTIERO_URL", url)
        .env("SENTIERO_SITE", "demo")
        .env("SENTIERO_TOKEN", &server.secret)
        .env("SID", sid.as_str())
        .output();
    let Ok(output) = output else {
        println!("skipped: {program} is not on this machine, so {file} was not run");
        return false;
    };
    let printed = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if printed.contains("cannot load such file -- rack") {
        println!("skipped: Rack is not on this machine, so {file} was not run");
        return false;
    }
    assert!(output.status.success(), "{file}: {printed}");
    let is_told = printed.contains("told") && !printed.contains("not told");
    assert!(
        is_told || printed.contains("\"linked\""),
        "{file}: {printed}"
    );
    true
}

#[test]
fn the_programs_of_the_documents_tell() {
    let asker = Asker::signed_in();
    let dashboard = Dashboard::sign_in(&worker().url).unwrap();
    let server = Server::of(worker(), &asker);
    for (program, file, release, frame) in [
        ("ruby", "tell.rb", "ruby-1", "tell.rb"),
        ("python3", "tell.py", "python-1", "in price"),
        ("node", "tell.mjs", "node-1", "at price"),
    ] {
        let visit = visited(worker());
        if !run(program, file, &server, &visit.sid) {
            continue;
        }
        let told = lane(&dashboard, &visit);
        assert_eq!(told.len(), 1, "{file}: {told:?}");
        let has = |part: &str| assert!(told[0].contains(part), "{part} in {}", told[0]);
        has(&format!(r#""release":"{release}""#));
        has(frame);
        has(r#""path":"/pay""#);
    }
    if run("sh", "tell.sh", &server, &Visit::new().sid) {
        assert!(known(&dashboard, "Timeout: the price list").is_some());
    }
}
