//! Signing in with Cloudflare Access on the built worker, by a team of our own
//! (`tests/access.mjs`): who is let in, and every way in which nobody is.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::refused;
use sentiero_core::api::{CSRF_HEADER, Session, SignedIn};
use sentiero_core::audit::{Action, Log};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use system_tests::client::{Answer, request};
use system_tests::upload::now;
use system_tests::worker::{Options, Worker, root};

const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const HEADER: &str = "cf-access-jwt-assertion";

/// The team.
struct Team {
    process: Child,
    url: String,
    kid: String,
}

impl Team {
    fn start() -> Self {
        let mut process = Command::new("node")
            .current_dir(root())
            .arg("tests/access.mjs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| said[name].as_str().unwrap().to_owned();
        Self {
            process,
            url: text("url"),
            kid: text("kid"),
        }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> String {
        let url = format!("{}{path}", self.url);
        let answer = request(method, &url, &[], body.to_string().into_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{path}");
        answer.text()
    }

    /// What Access says of somebody who may come in.
    fn claims(&self) -> Value {
        let second = now() / 1_000;
        json!({
            "iss": self.url, "aud": [AUDIENCE], "exp": second + 600, "nbf": second - 5,
            "iat": second - 5, "email": "me@ops.example", "sub": "7335d417", "type": "app",
        })
    }

    fn sign(&self, claims: &Value) -> String {
        self.sign_by(&json!({"alg": "RS256", "kid": self.kid}), claims, "")
    }

    fn sign_by(&self, header: &Value, claims: &Value, key: &str) -> String {
        let wanted = json!({"header": header, "claims": claims, "key": key});
        self.ask("POST", "/sign", &wanted)
    }

    fn asked(&self) -> u32 {
        self.ask("GET", "/asked", &Value::Null).parse().unwrap()
    }

    fn worker(&self) -> Worker {
        let mut options = Options::default();
        options.vars.push(("ACCESS_TEAM", self.url.clone()));
        options.vars.push(("ACCESS_AUD", AUDIENCE.to_owned()));
        Worker::start(options).unwrap()
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn ask(worker: &Worker, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let url = format!("{}/api/{path}", worker.url);
    request(method, &url, headers, Vec::new()).unwrap()
}

fn me(worker: &Worker, token: &str) -> Answer {
    ask(worker, "GET", "me", &[(HEADER, token)])
}

#[test]
fn who_access_lets_in_is_signed_in() {
    let team = Team::start();
    let worker = team.worker();
    refused(&ask(&worker, "GET", "me", &[]), 401, "sign_in_first");
    let token = team.sign(&team.claims());
    let answer = me(&worker, &token);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("set-cookie"), None);
    let session: Session = answer.json().unwrap();
    let who = (session.by, session.name.as_str());
    assert_eq!(who, (SignedIn::Access, "access me@ops.example"));
    let cookie = format!("a=b; CF_Authorization={token}");
    let by_cookie = ask(&worker, "GET", "me", &[("cookie", &cookie)]);
    assert_eq!(by_cookie.json::<Session>().unwrap().csrf, session.csrf);
    assert_eq!(team.asked(), 1, "the keys are kept");

    // The browser sends it by itself, from other people's pages, too.
    let change = |headers: &[(&str, &str)]| {
        let all = [&[(HEADER, token.as_str())], headers].concat();
        ask(&worker, "POST", "sites/demo/retention/run", &all)
    };
    refused(&change(&[]), 403, "csrf");
    let others = team.sign(&with(team.claims(), "email", &json!("other@ops.example")));
    let others: Session = me(&worker, &others).json().unwrap();
    refused(&change(&[(CSRF_HEADER, &others.csrf)]), 403, "csrf");
    // What another site's page loads comes without an origin.
    let loaded = [(HEADER, token.as_str()), ("sec-fetch-site", "cross-site")];
    let export = format!("sites/demo/sessions/{}/events", "a".repeat(38));
    refused(&ask(&worker, "GET", &export, &loaded), 403, "cross_site");
    let foreign = [
        ("origin", "https://evil.example"),
        (CSRF_HEADER, &session.csrf),
    ];
    refused(&change(&foreign), 403, "origin_not_allowed");
    assert_eq!(change(&[(CSRF_HEADER, &session.csrf)]).status, 202);
    let log = ask(&worker, "GET", "sites/demo/audit", &[(HEADER, &token)]);
    let log: Log = log.json().unwrap();
    let entry = log
        .entries
        .iter()
        .find(|entry| entry.action == Action::Retention);
    assert!(entry.is_none_or(|entry| entry.by == "access me@ops.example"));
}

/// The claims with one changed.
fn with(mut claims: Value, name: &str, value: &Value) -> Value {
    claims[name] = value.clone();
    claims
}

#[test]
fn whatever_is_wrong_lets_nobody_in() {
    let team = Team::start();
    let worker = team.worker();
    let (claims, second) = (team.claims(), now() / 1_000);
    let right = team.sign(&claims);
    assert_eq!(me(&worker, &right).status, 200);
    for (name, value) in [
        ("iss", json!("https://evil.cloudflareaccess.com")),
        ("aud", json!(["0".repeat(64)])),
        ("aud", json!([])),
        ("exp", json!(second - 1)),
        ("nbf", json!(second + 300)),
        ("email", json!("")),
    ] {
        let token = team.sign(&with(claims.clone(), name, &value));
        refused(&me(&worker, &token), 401, "access_token");
    }
    let header = |alg: &str| json!({"alg": alg, "kid": team.kid});
    for alg in ["none", "HS256", "RS512"] {
        let token = team.sign_by(&header(alg), &claims, "");
        refused(&me(&worker, &token), 401, "access_token");
    }
    let other = team.sign_by(&header("RS256"), &claims, "other");
    refused(&me(&worker, &other), 401, "access_token");

    // Parts of two tokens, one of them of somebody else.
    let theirs = team.sign(&with(claims, "email", &json!("evil@evil.example")));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (ours, theirs) = (parts(&right), parts(&theirs));
    for token in [
        format!("{}.{}.{}", ours[0], theirs[1], ours[2]),
        format!("{}.{}.", ours[0], ours[1]),
        format!("{}.{}", ours[0], ours[1]),
        format!("{right}A"),
        "x".to_owned(),
        "a.b.c".to_owned(),
    ] {
        refused(&me(&worker, &token), 401, "access_token");
    }
    // As a bearer it is nothing: that is for tokens of ours.
    let bearer = format!("Bearer {right}");
    let answer = ask(&worker, "GET", "me", &[("authorization", &bearer)]);
    refused(&answer, 401, "sign_in_first");
}

#[test]
fn unknown_keys_are_asked_for_once_a_minute_and_a_team_that_is_away_does_no_harm() {
    let mut team = Team::start();
    let worker = team.worker();
    let known = team.sign(&team.claims());
    assert_eq!(me(&worker, &known).status, 200);
    for n in 0..5 {
        let header = json!({"alg": "RS256", "kid": format!("made-up-{n}")});
        let token = team.sign_by(&header, &team.claims(), "other");
        refused(&me(&worker, &token), 401, "access_token");
    }
    // A new key is known when the minute is over; until then the old ones still count.
    team.kid = team.ask("POST", "/rotate", &Value::Null);
    refused(
        &me(&worker, &team.sign(&team.claims())),
        401,
        "access_token",
    );
    assert_eq!(team.asked(), 1);
    team.process.kill().unwrap();
    assert_eq!(me(&worker, &known).status, 200);
}

#[test]
fn nothing_is_taken_of_a_team_that_does_not_answer() {
    let team = Team::start();
    let worker = team.worker();
    let token = team.sign(&team.claims());
    drop(team);
    refused(&me(&worker, &token), 401, "access_token");
}

#[test]
fn a_service_token_is_nobody_and_an_api_token_beside_it_counts() {
    let team = Team::start();
    let worker = team.worker();
    let claims = with(team.claims(), "email", &json!(""));
    let service = team.sign(&with(claims, "common_name", &json!("ci.access")));
    refused(&me(&worker, &service), 401, "access_token");
    let operator = team.sign(&team.claims());
    let session: Session = me(&worker, &operator).json().unwrap();
    let signed_in = [
        (HEADER, operator.as_str()),
        (CSRF_HEADER, session.csrf.as_str()),
    ];
    let url = format!("{}/api/tokens", worker.url);
    let body = json!({"name": "ci", "scopes": ["read"], "sites": ["demo"]});
    let made = request("POST", &url, &signed_in, body.to_string().into_bytes()).unwrap();
    assert_eq!(made.status, 201, "{}", made.text());
    let made: Value = made.json().unwrap();
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let both = [(HEADER, service.as_str()), ("authorization", &bearer)];
    assert_eq!(
        ask(&worker, "GET", "sites/demo/sessions", &both).status,
        200
    );
    refused(&ask(&worker, "GET", "tokens", &both), 403, "missing_scope");
}

#[test]
fn without_a_team_a_token_is_not_looked_at() {
    let team = Team::start();
    let worker = Worker::start(Options::default()).unwrap();
    let token = team.sign(&team.claims());
    refused(&me(&worker, &token), 401, "sign_in_first");
    assert_eq!(team.asked(), 0);
    let mut options = Options::default();
    options.vars.push(("ACCESS_TEAM", team.url.clone()));
    let half = Worker::start(options).unwrap();
    let answer = me(&half, &token);
    refused(&answer, 503, "misconfigured");
    assert!(answer.text().contains("ACCESS_AUD"), "{}", answer.text());
}
