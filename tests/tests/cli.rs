//! `cargo xtask site` and `cargo xtask token` against the built worker.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use sentiero_core::api::SessionList;
use std::process::{Command, Output};
use std::time::Duration;
use system_tests::client::{post, request};
use system_tests::upload::Visit;
use system_tests::wait::until;
use system_tests::worker::{Options, PASSWORD, Worker, root};

/// Runs xtask, let in by `secret`; what it printed, and whether it was content.
fn xtask(worker: &Worker, secret: (&str, &str), words: &[&str]) -> (bool, String) {
    let output: Output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["run", "-q", "--package", "xtask", "--"])
        .args(words)
        .args(["--url", &worker.url])
        .env_remove("SENTIERO_TOKEN")
        .env_remove("SENTIERO_PASSWORD")
        .env(secret.0, secret.1)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
fn sites_and_tokens_on_the_command_line() {
    let worker = Worker::start(Options::default()).unwrap();
    let by_password = ("SENTIERO_PASSWORD", PASSWORD);
    let done = |secret, words: &[&str]| {
        let (content, text) = xtask(&worker, secret, words);
        assert!(content, "{words:?}: {text}");
        text
    };
    let refused = |secret, words: &[&str], said: &str| {
        let (content, text) = xtask(&worker, secret, words);
        assert!(!content && text.contains(said), "{words:?}: {text}");
    };

    // A token with which the rest is done: only so many may sign in within a minute.
    let text = done(
        by_password,
        &[
            "token",
            "create",
            "--name",
            "cli",
            "--scope",
            "sites,admin",
            "--all-sites",
        ],
    );
    let secret = text.lines().find(|line| line.starts_with("sentiero_"));
    let by_token = ("SENTIERO_TOKEN", secret.unwrap());

    let create = ["site", "create", "shop", "--name", "My shop", "--origin"];
    let wrong = [&create[..], &["https://shop.example/"]].concat();
    refused(by_token, &wrong, "`origins`");
    let right = [&create[..], &["https://shop.example"]].concat();
    let text = done(by_token, &right);
    assert!(text.contains("data-site=\"shop\""), "{text}");
    refused(by_token, &right, "site_exists");

    let text = done(
        by_token,
        &[
            "site",
            "set",
            "shop",
            "mask=text",
            "redact.phones=true",
            "retention_days=7",
            r#"routes=["/blog/*"]"#,
        ],
    );
    assert!(text.contains("after 5 s"), "{text}");
    refused(by_token, &["site", "set", "shop", "mask=some"], "`mask`");
    let text = done(by_token, &["site", "show", "shop"]);
    let site: serde_json::Value = serde_json::from_str(&text).unwrap();
    let config = site.get("config").unwrap();
    for (field, value) in [
        ("/mask", serde_json::json!("text")),
        ("/redact/phones", serde_json::json!(true)),
        ("/retention_days", serde_json::json!(7)),
        ("/routes", serde_json::json!(["/blog/*"])),
        ("/name", serde_json::json!("My shop")),
    ] {
        assert_eq!(config.pointer(field), Some(&value), "{text}");
    }

    done(by_token, &["site", "disable", "shop"]);
    let text = done(by_token, &["site", "list"]);
    let line = text.lines().find(|line| line.starts_with("shop ")).unwrap();
    assert!(line.contains("off  My shop"), "{line}");
    done(by_token, &["site", "enable", "shop"]);
    refused(by_token, &["site", "delete", "shop"], "--yes");
    let visit = Visit::new();
    let page = [("origin", "https://shop.example")];
    let answer = post(&worker.url, "shop", &page, visit.last_batch(1, 0, 3)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let delete = ["site", "delete", "shop", "--yes"];
    let list = format!("{}/api/sites/shop/sessions", worker.url);
    let bearer = format!("Bearer {}", by_token.1);
    until("the session is listed", Duration::from_mins(1), || {
        let answer = request("GET", &list, &[("authorization", &bearer)], Vec::new()).unwrap();
        let listed: SessionList = answer.json().unwrap();
        (!listed.sessions.is_empty()).then_some(())
    });
    refused(by_token, &delete, "--sessions");
    let wrong = [&delete[..], &["--sessions", "2"]].concat();
    refused(by_token, &wrong, "1 sessions match now");
    let right = [&delete[..], &["--sessions", "1"]].concat();
    let text = done(by_token, &right);
    assert!(text.contains("1 sessions are being erased"), "{text}");
    refused(by_token, &["site", "show", "shop"], "no such site");

    let text = done(by_token, &["token", "list"]);
    let line = text.lines().find(|line| line.contains("  cli  ")).unwrap();
    assert!(line.contains("may sites,admin on all"), "{line}");
    let id = line.split(' ').next().unwrap();
    done(by_token, &["token", "revoke", id]);
    refused(by_token, &["site", "list"], "unknown_token");
    refused(
        ("SENTIERO_PASSWORD", "wrong-password"),
        &["site", "list"],
        "wrong_password",
    );
}
