//! API tokens on the built worker, and who may do what.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, config, refused, worker};
use sentiero_core::access::{MAX_TOKENS, RESOURCES};
use sentiero_core::api::{CSRF_HEADER, IssuedToken, SiteList, TokenList};
use sentiero_core::id::TokenId;
use sentiero_core::registry::MAX_SITES;
use serde_json::{Value, json};
use system_tests::client::{Dashboard, post, request};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const DAY: u64 = 86_400_000;
const SOON: std::time::Duration = std::time::Duration::from_secs(30);

fn issue(scopes: &[&str], sites: &Value) -> IssuedToken {
    let body = json!({"name": "test", "scopes": scopes, "sites": sites});
    let answer = Asker::signed_in().ask("POST", "tokens", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

/// Somebody with a new token of these scopes, for `sites`.
fn with_token(scopes: &[&str], sites: &Value) -> Asker {
    Asker::bearer(&issue(scopes, sites).secret)
}

/// A secret, and the hash under which it is kept.
const SECRET: &str = "sentiero_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const HASH: &str = "6b08d633a0ae20ed9cc50ec4ccdfa33c6201f02e04147b5bedb2be68b53e69de";

/// A command that keeps a token which ends at `expires`.
fn issue_until(hash: &str, number: u64, expires: u64) -> Value {
    let id = TokenId::new(&number.to_be_bytes());
    let token = json!({
        "id": id, "name": "x", "scopes": ["read"], "sites": "all", "created": 0, "expires": expires,
    });
    json!({"hash": hash, "token": token, "now": now()})
}

#[test]
fn a_token_is_made_listed_used_and_revoked() {
    let asker = Asker::signed_in();
    let body =
        json!({"name": "ci of shop", "scopes": ["read", "sites"], "sites": ["demo"], "days": 1});
    let answer = asker.ask("POST", "tokens", &body);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let IssuedToken { secret, token } = answer.json().unwrap();
    assert!(secret.starts_with("sentiero_"));
    assert!((now() + DAY).abs_diff(token.expires) < 60_000);
    assert_eq!(token.used, None);

    let list = asker.ask("GET", "tokens", &Value::Null);
    assert!(!list.text().contains(&secret), "a secret is shown once");
    let tokens: TokenList = list.json().unwrap();
    assert!(tokens.tokens.contains(&token));
    assert!(
        !worker().storage_contains(secret.as_bytes()).unwrap(),
        "only its hash is kept"
    );

    let script = Asker::bearer(&secret);
    let seen = script.ask("GET", "sites/demo/sessions", &Value::Null);
    assert_eq!(seen.status, 200, "{}", seen.text());
    let tokens: TokenList = asker.ask("GET", "tokens", &Value::Null).json().unwrap();
    let used = tokens
        .tokens
        .iter()
        .find(|other| other.id == token.id)
        .unwrap()
        .used;
    assert!(
        used.is_some_and(|day| day % DAY == 0 && now() - day < 2 * DAY),
        "{used:?}"
    );

    let path = format!("tokens/{}", token.id);
    assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 204);
    let after = script.ask("GET", "sites/demo/sessions", &Value::Null);
    refused(&after, 401, "unknown_token");
    refused(&asker.ask("DELETE", &path, &Value::Null), 404, "not_found");
    refused(
        &asker.ask("DELETE", "tokens/x", &Value::Null),
        404,
        "not_found",
    );
}

#[test]
fn a_token_is_refused_from_its_end_on() {
    let mut worker = Worker::start(Options::default()).unwrap();
    let ask = |worker: &Worker| {
        let asker = Asker {
            url: worker.url.clone(),
            ..Asker::bearer(SECRET)
        };
        asker.ask("GET", "sites/demo/sessions", &Value::Null)
    };
    let soon = now() + 8_000;
    assert_eq!(
        worker
            .ask("tokens", "/issue", &issue_until(HASH, 1, soon))
            .unwrap(),
        true
    );
    assert_eq!(ask(&worker).status, 200);
    until("it is refused", SOON, || {
        (ask(&worker).status != 200).then_some(())
    });
    assert!(now() >= soon, "not before its end");
    refused(&ask(&worker), 401, "unknown_token");
}

#[test]
fn a_wrong_wish_for_a_token_is_named() {
    let asker = Asker::signed_in();
    let with = |field: &str, value: Value| {
        let mut body = json!({"name": "x", "scopes": ["read"], "sites": "all"});
        body[field] = value;
        body
    };
    for (word, body) in [
        ("`name`", with("name", json!(""))),
        ("`scopes`", with("scopes", json!([]))),
        ("`scopes`", with("scopes", json!(["write"]))),
        ("`sites`", with("sites", json!("some"))),
        ("`days` must be 1 to 730", with("days", json!(731))),
        ("`days` must be 1 to 730", with("days", json!(0))),
        ("`secret`", with("secret", json!("chosen"))),
        (
            "missing field `sites`",
            json!({"name": "x", "scopes": ["read"]}),
        ),
    ] {
        let answer = asker.ask("POST", "tokens", &body);
        refused(&answer, 400, "wrong_field");
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
    refused(
        &asker.send("POST", "tokens", vec![b' '; 9_000]),
        413,
        "too_large",
    );
    refused(
        &asker.send("POST", "tokens", vec![0xff]),
        400,
        "wrong_field",
    );
}

/// A path of the table with something in each blank.
fn filled(path: &str) -> String {
    path.replace("{site}", "demo")
        .replace("{sid}", Visit::new().sid.as_str())
        .replace("{token}", "aaaaaaaaaaaa")
        .replace("{link}", "aaaaaaaaaaaa")
        .replace("{id}", "aaaaaaaaaaaa")
}

/// In the paths of what erases, and of its receipts.
const ERASING: [&str; 4] = ["/erase", "/purge", "/erasures", "/retention/"];

/// Scopes that a request needs, each of them.
type Scopes = &'static [&'static str];

/// Each method of each path of the table: what it is called, and the scopes that it needs
/// (none: no token will do).
fn requests() -> Vec<(&'static str, String, Option<Scopes>)> {
    let scope = |method: &str, path: &str| -> Option<Scopes> {
        Some(match (method, path) {
            (_, "logout" | "me") => return None,
            (_, path) if path.starts_with("tokens") => &["admin"],
            ("DELETE", "sites/{site}") => &["sites", "erase"],
            (_, "sites" | "sites/{site}") => &["sites"],
            (_, path) if path.contains("/keys") || path.contains("/webhook") => &["sites"],
            ("PUT", path) if path.contains("/issues/") => &["sites"],
            (_, path) if path.ends_with("/maps") => &["maps"],
            (_, path) if path.ends_with("/errors") || path.ends_with("/export") => &["export"],
            (_, path) if path.ends_with("/events") || path.contains("/links") => &["export"],
            (_, path) if path.ends_with("audit") || path.ends_with("/rebuild") => &["admin"],
            (_, path) if ERASING.iter().any(|part| path.contains(part)) => &["erase"],
            _ => &["read"],
        })
    };
    let open = ["login", "shared/{site}"];
    let all = RESOURCES
        .iter()
        .filter(|resource| !open.contains(&resource.path));
    all.flat_map(|resource| {
        let methods = resource.allow.split(", ");
        methods.map(move |method| (method, filled(resource.path), scope(method, resource.path)))
    })
    .collect()
}

#[test]
fn nothing_without_a_right() {
    let forged = format!("sentiero_{}", "a".repeat(32));
    for (method, path, _) in requests() {
        for (code, headers) in [
            ("sign_in_first", vec![]),
            ("sign_in_first", vec![("cookie", "sentiero=1.2.3")]),
            (
                "sign_in_first",
                vec![("authorization", "Bearer sentiero_short")],
            ),
            ("sign_in_first", vec![("authorization", "Basic abc")]),
        ] {
            let url = format!("{}/api/{path}", worker().url);
            let answer = request(method, &url, &headers, Vec::new()).unwrap();
            refused(&answer, 401, code);
        }
        let answer = Asker::bearer(&forged).ask(method, &path, &Value::Null);
        refused(&answer, 401, "unknown_token");
    }
}

#[test]
fn a_token_can_do_what_its_scope_says() {
    let scopes = ["read", "export", "erase", "sites", "tell", "maps", "admin"];
    let askers = scopes.map(|scope| (scope, with_token(&[scope], &json!("all"))));
    for (method, path, needed) in requests() {
        for (scope, asker) in &askers {
            // Without a body or a revision, so that nothing is changed.
            let answer = asker.ask(method, &path, &Value::Null);
            let Some(needed) = needed else {
                refused(&answer, 403, "sign_in_only");
                continue;
            };
            let lacks = |needed: &&&str| *needed != scope && *scope != "admin";
            match needed.iter().find(lacks) {
                None => {
                    assert!(
                        ![401, 403].contains(&answer.status),
                        "{scope} {method} {path}: {}",
                        answer.text()
                    );
                }
                Some(needed) => {
                    refused(&answer, 403, "missing_scope");
                    assert!(
                        answer.text().contains(&format!("`{needed}`")),
                        "{}",
                        answer.text()
                    );
                }
            }
        }
    }
}

#[test]
fn a_token_of_one_site_reaches_no_other() {
    let admin = Asker::signed_in();
    admin.create("mine");
    admin.create("theirs");
    let asker = with_token(&["read", "sites", "export"], &json!(["mine"]));
    let list: SiteList = asker.ask("GET", "sites", &Value::Null).json().unwrap();
    let keys: Vec<&str> = list.sites.iter().map(|site| site.key.as_str()).collect();
    assert_eq!(keys, ["mine"]);
    assert_eq!(
        asker.ask("GET", "sites/mine/sessions", &Value::Null).status,
        200
    );
    for site in ["theirs", "demo", "there-is-none"] {
        for path in [
            "",
            "/sessions",
            "/privacy",
            "/sessions/x",
            "/sessions/x/events",
            "/sessions/export",
        ] {
            let answer = asker.ask("GET", &format!("sites/{site}{path}"), &Value::Null);
            refused(&answer, 403, "other_site");
        }
        let body = json!({"revision": 1, "config": config("x")});
        refused(
            &asker.ask("PUT", &format!("sites/{site}"), &body),
            403,
            "other_site",
        );
        let path = format!("sites/{site}?revision=1");
        refused(&asker.ask("DELETE", &path, &Value::Null), 403, "other_site");
    }
    let body = json!({"key": "mine-too", "config": config("x")});
    refused(&asker.ask("POST", "sites", &body), 403, "other_site");
    let one_admin = with_token(&["admin"], &json!(["mine"]));
    refused(
        &one_admin.ask("GET", "tokens", &Value::Null),
        403,
        "other_site",
    );
}

#[test]
fn a_browser_needs_the_word_and_a_token_does_not() {
    let dashboard = Dashboard::sign_in(&worker().url).unwrap();
    let other = Dashboard::sign_in(&worker().url).unwrap();
    for (method, path, _) in requests() {
        if method == "GET" {
            continue;
        }
        let url = format!("{}/api/{path}", worker().url);
        for word in ["", "0", other.session.csrf.as_str()] {
            let headers = [("cookie", dashboard.cookie.as_str()), (CSRF_HEADER, word)];
            let answer = request(method, &url, &headers, Vec::new()).unwrap();
            refused(&answer, 403, "csrf");
        }
        // A page of an origin that is not listed, even with the word.
        let headers = [
            ("cookie", dashboard.cookie.as_str()),
            (CSRF_HEADER, dashboard.session.csrf.as_str()),
            ("origin", "https://evil.example"),
        ];
        let answer = request(method, &url, &headers, Vec::new()).unwrap();
        refused(&answer, 403, "origin_not_allowed");
    }
    let asker = with_token(&["sites"], &json!("all"));
    let answer = asker.ask("POST", "sites", &json!({"config": config("x")}));
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[test]
fn other_methods_are_told_which_there_are() {
    let asker = Asker::signed_in();
    for (path, allowed) in [
        ("sites", "GET, POST"),
        ("sites/demo", "GET, PUT, DELETE"),
        ("tokens", "GET, POST"),
        ("sites/demo/sessions", "GET"),
    ] {
        let answer = asker.ask("PATCH", path, &Value::Null);
        refused(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed));
    }
    for method in ["GET", "POST", "PUT"] {
        refused(
            &asker.ask(method, "nothing/here", &Value::Null),
            404,
            "not_found",
        );
    }
}

#[test]
fn tokens_and_sites_have_a_limit() {
    let mut worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    for number in 0..MAX_TOKENS - 1 {
        // One of them has expired: it makes room when there is none.
        let expires = if number == 7 { now() - 1 } else { now() + DAY };
        let command = issue_until(&format!("{number:064x}"), number, expires);
        assert_eq!(worker.ask("tokens", "/issue", &command).unwrap(), true);
    }
    let body = json!({"name": "x", "scopes": ["read"], "sites": "all"});
    for _ in 0..2 {
        assert_eq!(asker.ask("POST", "tokens", &body).status, 201);
    }
    let kept: TokenList = asker.ask("GET", "tokens", &Value::Null).json().unwrap();
    assert_eq!(kept.tokens.len() as u64, MAX_TOKENS);
    refused(&asker.ask("POST", "tokens", &body), 409, "too_many_tokens");

    // One is there: the demo.
    for number in 1..MAX_SITES - 1 {
        let text = config("x").to_string();
        let change = json!({"create": {"key": format!("s{number}"), "config": text}});
        assert!(worker.ask("sites", "/change", &change).unwrap()["Ok"].is_u64());
    }
    asker.create("last");
    let more = json!({"key": "one-more", "config": config("x")});
    refused(&asker.ask("POST", "sites", &more), 409, "too_many_sites");
    let all: SiteList = asker.ask("GET", "sites", &Value::Null).json().unwrap();
    assert_eq!(all.sites.len() as u64, MAX_SITES);
    let upload = post(&worker.url, "last", &[], Visit::new().batch(1, 0, 2)).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
}
