//! Attacks on somebody who is signed in, as an attacker would try them: from other people's
//! pages, by cookies, by addresses, from another tab. Uploads are attacked in `hostile.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused, worker};
use sentiero_core::access::RESOURCES;
use sentiero_core::api::{CSRF_HEADER, Session, SiteAnswer};
use serde_json::Value;
use system_tests::client::{Answer, Dashboard, request};

/// The victim: somebody who is signed in, and a browser that sends the cookie by itself.
fn victim() -> Asker {
    Asker::signed_in()
}

fn cookie(victim: &Asker) -> &str {
    &victim.headers[0].1
}

fn word(victim: &Asker) -> &str {
    &victim.headers[1].1
}

fn send(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let url = format!("{}/api/{path}", worker().url);
    request(method, &url, headers, body.into()).unwrap()
}

/// Every request of the API that changes something, with what stands for a segment filled in.
fn changes() -> Vec<(&'static str, String)> {
    let mut changes = Vec::new();
    for resource in RESOURCES.iter().filter(|resource| resource.path != "login") {
        let path = resource.path.replace("{site}", "demo");
        let path = path.replace(['{', '}'], "");
        let methods = resource.allow.split(", ").filter(|method| *method != "GET");
        changes.extend(methods.map(|method| (method, path.clone())));
    }
    assert!(changes.len() > 10, "{changes:?}");
    changes
}

/// What must not have changed.
fn demo(victim: &Asker) -> SiteAnswer {
    victim
        .ask("GET", "sites/demo", &Value::Null)
        .json()
        .unwrap()
}

#[test]
fn a_page_of_somebody_else_changes_nothing() {
    let (victim, before) = (victim(), demo(&victim()));
    let cookie = ("cookie", cookie(&victim));
    let own = worker().url.as_str();
    let port = own.rsplit(':').next().unwrap();
    let neighbour = format!("http://127.0.0.1:{}", port.parse::<u16>().unwrap() ^ 1);
    let longer = format!("{own}.evil.example");
    let other_scheme = own.replace("http:", "https:");
    for (method, path) in changes() {
        // A form, an image, a script: no word, whatever the content type.
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json",
        ] {
            let headers = [cookie, ("content-type", kind), ("origin", own)];
            refused(&send(method, &path, &headers, "{}"), 403, "csrf");
        }
        for origin in [
            "https://evil.example",
            "null",
            &neighbour,
            &longer,
            &other_scheme,
        ] {
            let headers = [cookie, ("origin", origin), (CSRF_HEADER, word(&victim))];
            refused(
                &send(method, &path, &headers, "{}"),
                403,
                "origin_not_allowed",
            );
        }
    }
    assert_eq!(demo(&victim), before);
}

#[test]
fn the_word_counts_in_its_header_only_and_for_its_session() {
    let victim = victim();
    let attacker = Dashboard::sign_in(&worker().url).unwrap().session.csrf;
    let word = word(&victim).to_owned();
    let half = &word[..word.len() / 2];
    let cookie = format!("{}; {CSRF_HEADER}={word}; csrf={word}", cookie(&victim));
    let upper = word.to_uppercase();
    let twice = format!("{word}, {word}");
    for given in ["", "null", "undefined", &attacker, half, &upper, &twice] {
        let headers = [("cookie", cookie.as_str()), (CSRF_HEADER, given)];
        let path = format!("sites/demo/retention/run?{CSRF_HEADER}={word}&csrf={word}");
        let body = format!(r#"{{"csrf":"{word}"}}"#);
        refused(&send("POST", &path, &headers, &body), 403, "csrf");
    }
}

/// A link, an image or a prefetch sends a GET with the cookie.
#[test]
fn a_get_changes_nothing_whatever_it_says_to_be() {
    let (victim, before) = (victim(), demo(&victim()));
    let cookie = ("cookie", cookie(&victim));
    for (method, path) in changes() {
        for name in [
            "x-http-method-override",
            "x-method-override",
            "x-http-method",
        ] {
            let path = format!("{path}?_method={method}");
            let headers = [cookie, (name, method)];
            let answer = send("GET", &path, &headers, "");
            assert!([200, 400, 404, 405].contains(&answer.status), "{path}");
            assert_eq!(answer.header("set-cookie"), None, "{path}");
        }
    }
    assert_eq!(demo(&victim), before);
    assert_eq!(victim.ask("GET", "me", &Value::Null).status, 200);
}

#[test]
fn no_answer_is_kept_guessed_or_shown_to_others() {
    let victim = victim();
    let cookie = ("cookie", cookie(&victim));
    let own = worker().url.as_str();
    let mut paths: Vec<String> = changes().into_iter().map(|(_, path)| path).collect();
    paths.extend(["me", "sites", "audit", "sites/demo/sessions", "nothing"].map(String::from));
    for path in &paths {
        for origin in [None, Some(own), Some("https://evil.example"), Some("null")] {
            let origin = origin.map(|origin| ("origin", origin));
            let headers: Vec<_> = [Some(cookie), origin].into_iter().flatten().collect();
            for method in ["GET", "OPTIONS", "POST", "HEAD"] {
                let answer = send(method, path, &headers, "");
                let told = |name| answer.header(name);
                assert_eq!(told("cache-control"), Some("no-store"), "{method} {path}");
                assert_eq!(
                    told("x-content-type-options"),
                    Some("nosniff"),
                    "{method} {path}"
                );
                for name in ["origin", "credentials", "headers", "methods"] {
                    let name = format!("access-control-allow-{name}");
                    assert_eq!(answer.header(&name), None, "{method} {path}");
                }
                let kind = told("content-type");
                let is_json = kind.is_none_or(|kind| kind == "application/json");
                assert!(is_json, "{method} {path}: {kind:?}");
            }
        }
    }
}

/// What is asked for stands in an answer only as what JSON makes of it, and never as a page.
#[test]
fn an_address_is_not_shown_as_a_page() {
    let victim = victim();
    let script = "%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        script.to_owned(),
        format!("sites/{script}"),
        format!("sites/demo/sessions?{script}=1"),
        format!("sites/demo/reports/pages?top={script}"),
        format!("sites/demo/sessions/{script}"),
    ] {
        let answer = victim.ask("GET", &path, &Value::Null);
        assert!(
            [400, 404].contains(&answer.status),
            "{path}: {}",
            answer.status
        );
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn a_cookie_is_bent_doubled_or_put_elsewhere_in_vain() {
    let victim = victim();
    let (name, token) = cookie(&victim).split_once('=').unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let [started, expires, nonce, signature] = parts[..] else {
        panic!("{token}")
    };
    let later = format!("{}", expires.parse::<u64>().unwrap() + 1);
    for bent in [
        format!("{started}.{later}.{nonce}.{signature}"),
        format!("{later}.{expires}.{nonce}.{signature}"),
        format!("{started}.{expires}.{nonce}"),
        format!("{started}.{expires}.{nonce}."),
        format!("{started}.{expires}..{signature}"),
        format!("{expires}.{nonce}.{signature}"),
        format!("+{started}.{expires}.{nonce}.{signature}"),
        format!("{token}.{token}"),
        format!("\"{token}\""),
        String::new(),
    ] {
        let answer = send("GET", "me", &[("cookie", &format!("{name}={bent}"))], "");
        refused(&answer, 401, "sign_in_first");
    }
    for elsewhere in [
        format!("__Host-{name}={token}"),
        format!("{name}-known={token}"),
        format!("CF_Authorization={token}"),
        format!("x{name}={token}"),
    ] {
        refused(
            &send("GET", "me", &[("cookie", &elsewhere)], ""),
            401,
            "sign_in_first",
        );
    }
    refused(
        &send("GET", &format!("me?token={token}"), &[], ""),
        401,
        "sign_in_first",
    );
    // A bearer that is wrong is not made good by a cookie that is right.
    let both = [("cookie", cookie(&victim)), ("authorization", "Bearer x")];
    refused(&send("GET", "me", &both, ""), 401, "sign_in_first");
}

/// Two tabs share one cookie. The one that signed in first has the word of a session that is no
/// more: it is told so, nothing happens, and asking who it is gives the word that counts.
#[test]
fn a_tab_of_before_is_told_and_goes_on() {
    let (first, second) = (victim(), Dashboard::sign_in(&worker().url).unwrap());
    let shared = ("cookie", second.cookie.as_str());
    let run = |word: &str| {
        let headers = [shared, (CSRF_HEADER, word)];
        send("POST", "sites/demo/retention/run", &headers, "")
    };
    refused(&run(word(&first)), 403, "csrf");
    let session: Session = send("GET", "me", &[shared], "").json().unwrap();
    assert_eq!(session.csrf, second.session.csrf);
    assert_eq!(run(&session.csrf).status, 202);
    // Signing out in one tab takes the cookie from both.
    let headers = [shared, (CSRF_HEADER, session.csrf.as_str())];
    let out = send("POST", "logout", &headers, "");
    let cookie = out.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("sentiero=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    refused(&send("POST", "logout", &[], ""), 401, "sign_in_first");
}

/// What keeps others out of the dashboard's own page: what it may load, and who may frame it.
#[test]
fn the_dashboard_runs_its_own_code_alone_and_in_no_frame() {
    let page = request(
        "GET",
        &format!("{}/dashboard/", worker().url),
        &[],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(page.status, 200);
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("access-control-allow-origin"), None);
    let policy = page.header("content-security-policy").unwrap();
    let directive = |name: &str| {
        let mut all = policy.split("; ").filter_map(|part| part.split_once(' '));
        all.find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    };
    for (name, value) in [
        ("default-src", "'none'"),
        ("script-src", "'self' 'wasm-unsafe-eval'"),
        ("connect-src", "'self'"),
        ("frame-src", "data: 'self'"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("frame-ancestors", "'none'"),
    ] {
        assert_eq!(directive(name), Some(value), "{name}");
    }
    assert_eq!(directive("object-src"), None, "default-src holds for it");
}
