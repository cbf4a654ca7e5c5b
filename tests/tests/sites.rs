//! Sites through the API, on the built worker: what is refused and why, and when a change
//! holds; and variables that are wrong.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, config, refused, worker};
use sentiero_core::api::{SiteAnswer, SiteList};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use system_tests::client::{Answer, Dashboard, login, post};
use system_tests::upload::Visit;
use system_tests::wait::until;
use system_tests::worker::{Options, PASSWORD, Worker};

#[test]
fn a_site_is_made_read_changed_and_deleted() {
    let asker = Asker::signed_in();
    let made = asker.create("life");
    assert_eq!(made.holds_within_seconds, Some(5));
    let config = made.config.unwrap();
    assert_eq!((config.retention_days, config.recording), (30, true));

    let read: SiteAnswer = asker.ask("GET", "sites/life", &Value::Null).json().unwrap();
    assert_eq!(
        (read.revision, read.config.as_ref()),
        (made.revision, Some(&config))
    );
    let all: SiteList = asker.ask("GET", "sites", &Value::Null).json().unwrap();
    assert!(all.sites.iter().any(|site| site.key.as_str() == "life"));
    assert!(all.sites.is_sorted_by_key(|site| site.key.clone()));

    let body = json!({"revision": read.revision, "config": {"name": "New", "origins": [], "mask": "text"}});
    let changed = asker.ask("PUT", "sites/life", &body);
    assert_eq!(changed.status, 200, "{}", changed.text());
    let changed: SiteAnswer = changed.json().unwrap();
    assert!(changed.revision > read.revision);
    assert_eq!(changed.holds_within_seconds, Some(5));

    let path = format!("sites/life?revision={}", changed.revision);
    assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 202);
    for method in ["GET", "PUT"] {
        refused(&asker.ask(method, "sites/life", &body), 404, "not_found");
    }
    refused(&asker.ask("DELETE", &path, &Value::Null), 404, "not_found");
    refused(
        &asker.ask("GET", "sites/No!", &Value::Null),
        404,
        "not_found",
    );

    // Made again, it does not fall for a change that was meant for the one before.
    asker.create("life");
    refused(&asker.ask("PUT", "sites/life", &body), 409, "site_changed");
}

#[test]
fn a_key_is_made_up_where_none_is_chosen() {
    let asker = Asker::signed_in();
    let keys: Vec<String> = (0..2)
        .map(|_| {
            let answer = asker.ask("POST", "sites", &json!({"config": config("x")}));
            assert_eq!(answer.status, 201, "{}", answer.text());
            answer.json::<SiteAnswer>().unwrap().key.to_string()
        })
        .collect();
    assert_ne!(keys[0], keys[1]);
    let read = asker.ask("GET", &format!("sites/{}", keys[0]), &Value::Null);
    assert_eq!(read.status, 200);
}

#[test]
fn two_operators_do_not_overwrite_each_other() {
    let one = Asker::signed_in();
    let dashboard = Dashboard::sign_in(&worker().url).unwrap();
    let other = Asker::at(&worker().url, &dashboard);
    let made = one.create("two-operators");
    refused(
        &other.ask(
            "POST",
            "sites",
            &json!({"key": "two-operators", "config": config("x")}),
        ),
        409,
        "site_exists",
    );
    let change = |name: &str| json!({"revision": made.revision, "config": config(name)});
    assert_eq!(
        one.ask("PUT", "sites/two-operators", &change("one")).status,
        200
    );
    let late = other.ask("PUT", "sites/two-operators", &change("other"));
    refused(&late, 409, "site_changed");
    let kept: SiteAnswer = one
        .ask("GET", "sites/two-operators", &Value::Null)
        .json()
        .unwrap();
    assert!(
        late.text().contains(&format!("revision {}", kept.revision)),
        "{}",
        late.text()
    );
    assert_eq!(kept.config.unwrap().name, "one");
    let path = format!("sites/two-operators?revision={}", made.revision);
    refused(
        &other.ask("DELETE", &path, &Value::Null),
        409,
        "site_changed",
    );

    // At once, of many who read the same, one wins.
    let body = json!({"revision": kept.revision, "config": config("race")});
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let ask = || one.ask("PUT", "sites/two-operators", &body).status;
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|status| **status == 409).count(),
        5,
        "{answers:?}"
    );
}

#[test]
fn a_wrong_field_is_named_and_nothing_changes() {
    let asker = Asker::signed_in();
    let made = asker.create("wrong");
    let with = |field: &str, value: Value| {
        let mut config = config("x");
        config[field] = value;
        config
    };
    for (word, config) in [
        ("`maks`", with("maks", json!("text"))),
        ("`mask`", with("mask", json!("some"))),
        ("`name`", with("name", json!(""))),
        ("`origins`", with("origins", json!(["https://a.example/"]))),
        ("`origins`", with("origins", json!(["*"]))),
        (
            "`retention_days` must be 1 to 3650",
            with("retention_days", json!(0)),
        ),
        (
            "`retention_days` must be 1 to 3650",
            with("retention_days", json!(3_651)),
        ),
        ("`slow_seconds`", with("slow_seconds", json!(601))),
        (
            "`routes` rule 2 must begin with `/`",
            with("routes", json!(["/blog/*", "blog"])),
        ),
        (
            "`routes` must not hold more than 50 rules",
            with("routes", json!(vec!["/a"; 51])),
        ),
        ("`recording`", with("recording", json!("no"))),
        (
            "`redact.patterns`",
            with("redact", json!({"patterns": ["a+"]})),
        ),
        ("`redact.phone`", with("redact", json!({"phone": true}))),
        ("missing field `origins`", json!({"name": "x"})),
    ] {
        for (method, path, body) in [
            ("POST", "sites", json!({"key": "never", "config": config})),
            (
                "PUT",
                "sites/wrong",
                json!({"revision": made.revision, "config": config}),
            ),
        ] {
            let answer = asker.ask(method, path, &body);
            refused(&answer, 400, "wrong_field");
            assert!(answer.text().contains(word), "{word}: {}", answer.text());
        }
    }
    let kept: SiteAnswer = asker
        .ask("GET", "sites/wrong", &Value::Null)
        .json()
        .unwrap();
    assert_eq!((kept.revision, kept.config), (made.revision, made.config));
    refused(
        &asker.ask("GET", "sites/never", &Value::Null),
        404,
        "not_found",
    );
}

#[test]
fn a_wrong_body_is_told_what_is_wrong() {
    let asker = Asker::signed_in();
    asker.create("bodies");
    for (word, method, path, body) in [
        (
            "`key`",
            "POST",
            "sites",
            json!({"key": "No!", "config": config("x")}),
        ),
        (
            "`key`",
            "PUT",
            "sites/bodies",
            json!({"key": "a", "revision": 1, "config": config("x")}),
        ),
        (
            "`revision`",
            "POST",
            "sites",
            json!({"revision": 1, "config": config("x")}),
        ),
        (
            "`revision`",
            "PUT",
            "sites/bodies",
            json!({"config": config("x")}),
        ),
        (
            "`revision`",
            "PUT",
            "sites/bodies",
            json!({"revision": "1", "config": config("x")}),
        ),
        ("missing field `config`", "POST", "sites", json!({})),
    ] {
        let answer = asker.ask(method, path, &body);
        refused(&answer, 400, "wrong_field");
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
    }
    for body in [
        b"".to_vec(),
        b"{".to_vec(),
        vec![0xff, 0xfe],
        b"[]".to_vec(),
    ] {
        refused(&asker.send("POST", "sites", body), 400, "wrong_field");
    }
    let large = vec![b' '; 18 * 1_024];
    refused(&asker.send("POST", "sites", large), 413, "too_large");
    for path in ["sites/bodies", "sites/bodies?revision=x"] {
        refused(
            &asker.ask("DELETE", path, &Value::Null),
            400,
            "malformed_query",
        );
    }
}

/// The kill switch, a list of origins and a deletion hold within the time that the answer says.
#[test]
fn a_change_holds_for_what_arrives() {
    let asker = Asker::signed_in();
    let made = asker.create("holds");
    let upload = || {
        let visit = Visit::new();
        post(&worker().url, "holds", &[], visit.batch(1, 0, 2)).unwrap()
    };
    until("the new site records", Duration::from_secs(10), || {
        (upload().status == 200).then_some(())
    });
    let within = |what: &str, holds: &dyn Fn(&Answer) -> bool| {
        let start = Instant::now();
        until(what, Duration::from_secs(10), || {
            holds(&upload()).then_some(())
        });
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "5 s, and a slow machine"
        );
    };
    let change = |revision: u64, config: Value| -> u64 {
        let answer = asker.ask(
            "PUT",
            "sites/holds",
            &json!({"revision": revision, "config": config}),
        );
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json::<SiteAnswer>().unwrap().revision
    };
    let off = json!({"name": "x", "origins": ["self"], "recording": false});
    let revision = change(made.revision, off);
    within("the site is off", &|answer| answer.text().contains("stop"));
    let elsewhere = json!({"name": "x", "origins": ["https://a.example"]});
    let revision = change(revision, elsewhere);
    within("the origin is refused", &|answer| {
        answer.code() == "origin_not_allowed"
    });
    let path = format!("sites/holds?revision={revision}");
    assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 202);
    within("the site is gone", &|answer| answer.status == 404);
}

#[test]
fn what_a_site_was_given_survives_a_crash() {
    let mut worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let made = Asker::at(&worker.url, &dashboard).create("durable");
    worker.crash_and_restart().unwrap();
    let read: SiteAnswer = Asker::at(&worker.url, &dashboard)
        .ask("GET", "sites/durable", &Value::Null)
        .json()
        .unwrap();
    assert_eq!((read.revision, read.config), (made.revision, made.config));
}

/// Earlier versions kept configurations in KV.
#[test]
fn sites_in_kv_are_taken_over_once() {
    let old = r#"{"name":"Old","origins":["self"],"retention_days":7}"#;
    let mut worker = Worker::start(Options {
        kv: vec![
            ("c:old".to_owned(), old.to_owned()),
            ("c:broken".to_owned(), r#"{"name":"Broken"}"#.to_owned()),
        ],
        ..Options::default()
    })
    .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    let read: SiteAnswer = asker.ask("GET", "sites/old", &Value::Null).json().unwrap();
    let config = read.config.unwrap();
    assert_eq!((config.name.as_str(), config.retention_days), ("Old", 7));
    // What was wrong there is shown and closed, and can be put right.
    let broken: SiteAnswer = asker
        .ask("GET", "sites/broken", &Value::Null)
        .json()
        .unwrap();
    assert!(broken.config.is_none() && broken.error.unwrap().contains("origins"));
    let refused = post(&worker.url, "broken", &[], Visit::new().batch(1, 0, 2)).unwrap();
    assert_eq!(refused.status, 503);
    let body = json!({"revision": broken.revision, "config": {"name": "Put right", "origins": []}});
    assert_eq!(asker.ask("PUT", "sites/broken", &body).status, 200);
    // A deleted one does not come back from there.
    let path = format!("sites/old?revision={}", read.revision);
    assert_eq!(asker.ask("DELETE", &path, &Value::Null).status, 202);
    worker.crash_and_restart().unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    assert_eq!(asker.ask("GET", "sites/old", &Value::Null).status, 404);
}

/// A wrong variable closes what needs it and is named; it is never a default in silence.
#[test]
fn a_wrong_variable_is_named() {
    let visit = Visit::new();
    for (name, value, sentence, uploads) in [
        (
            "IDLE_SECONDS",
            "ten",
            "must be a number of seconds from 0 to 86400",
            503,
        ),
        (
            "ANNOUNCE_SECONDS",
            "86401",
            "must be a number of seconds from 0 to 86400",
            503,
        ),
        // Counts are then written as they come: nothing that is recorded depends on them.
        (
            "COUNT_SECONDS",
            "25.001",
            "must be a number of seconds from 0 to 25",
            200,
        ),
        (
            "DASHBOARD_ORIGINS",
            "https://a.example/",
            "must hold origins between spaces",
            200,
        ),
        (
            "SESSION_SECRET",
            "short",
            "must have at least 32 characters",
            200,
        ),
        (
            "DASHBOARD_PASSWORD",
            "short",
            "must have at least 8 characters",
            200,
        ),
    ] {
        let secrets = [
            ("DASHBOARD_PASSWORD", PASSWORD.to_owned()),
            ("SESSION_SECRET", "5e".repeat(32)),
        ];
        let mut vars: Vec<(&'static str, String)> = secrets.into();
        vars.retain(|(other, _)| *other != name);
        vars.push((name, value.to_owned()));
        let worker = Worker::start(Options {
            vars,
            secrets: false,
            ..Options::default()
        })
        .unwrap();
        let asked = login(&worker.url, PASSWORD, &[]).unwrap();
        assert_eq!(
            (asked.status, asked.code().as_str()),
            (503, "misconfigured"),
            "{name}: {}",
            asked.text()
        );
        let text = asked.text();
        assert!(text.contains(name) && text.contains(sentence), "{text}");
        assert!(
            !name.contains("SECRET") || !text.contains("short"),
            "{text}"
        );
        let upload = post(&worker.url, "demo", &[], visit.batch(1, 0, 2)).unwrap();
        assert_eq!(upload.status, uploads, "{name}: {}", upload.text());
        let line = until("the log names it", Duration::from_secs(30), || {
            let log = worker.log().unwrap();
            let line = log
                .lines()
                .find(|line| line.contains("malformed_configuration"));
            line.map(str::to_owned)
        });
        let field = format!(r#""field":"{name}""#);
        assert!(line.contains(&field), "{name}: {line}");
        assert!(!line.contains("short"), "{line}");
    }
}
