//! The keys of a site's tag on the built worker: made, disabled, removed, and what pages are
//! told that send by them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused, worker};
use sentiero_core::api::{Counters, KeyAnswer, KeyList};
use sentiero_core::audit::{Action, Log};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::client::{Answer, post};
use system_tests::upload::Visit;
use system_tests::wait::until;

const WAIT: Duration = Duration::from_secs(10);

/// A visit's next upload by a key: the batch of index `seq`.
fn upload(key: &str, visit: &Visit, seq: u32) -> Answer {
    post(&worker().url, key, &[], visit.batch(1, seq * 3, 3)).unwrap()
}

/// Makes a key of a site.
fn make(asker: &Asker, site: &str) -> String {
    let answer = asker.ask("POST", &format!("sites/{site}/keys"), &Value::Null);
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made: KeyAnswer = answer.json().unwrap();
    assert!(made.enabled && made.holds_within_seconds == 5);
    made.key.to_string()
}

fn set(asker: &Asker, site: &str, key: &str, enabled: bool) {
    let path = format!("sites/{site}/keys/{key}");
    let answer = asker.ask("PUT", &path, &json!({ "enabled": enabled }));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer: KeyAnswer = answer.json().unwrap();
    assert_eq!((answer.key.as_str(), answer.enabled), (key, enabled));
}

/// The keys of a site, and which are enabled.
fn keys(asker: &Asker, site: &str) -> Vec<(String, bool)> {
    let answer = asker.ask("GET", &format!("sites/{site}/keys"), &Value::Null);
    let list: KeyList = answer.json().unwrap();
    let keys = list.keys.into_iter();
    keys.map(|known| (known.key.to_string(), known.enabled))
        .collect()
}

fn counted(asker: &Asker, site: &str, word: &str) -> u64 {
    let answer = asker.ask("GET", &format!("sites/{site}/counters"), &Value::Null);
    let counters: Counters = answer.json().unwrap();
    let words = counters.counts.iter().filter(|count| count.name == word);
    words.map(|count| count.n).sum()
}

#[test]
fn a_key_is_rotated_and_the_visit_goes_on() {
    let asker = Asker::signed_in();
    asker.create("rotating");
    assert_eq!(keys(&asker, "rotating"), [("rotating".to_owned(), true)]);
    let new = make(&asker, "rotating");

    // Both hold: one visit by either is one session.
    let visit = Visit::new();
    assert_eq!(upload("rotating", &visit, 0).status, 200);
    let answer = upload(&new, &visit, 1);
    assert_eq!(answer.status, 200, "{}", answer.text());
    until("the session has both batches", WAIT, || {
        let path = format!("sites/rotating/sessions/{}", visit.sid);
        let answer = asker.ask("GET", &path, &Value::Null);
        let session: Value = answer.json().unwrap_or_default();
        (session["events"] == json!(6)).then_some(())
    });

    set(&asker, "rotating", "rotating", false);
    refused(&upload("rotating", &visit, 2), 403, "key_disabled");
    assert_eq!(upload(&new, &visit, 2).status, 200);
    until("the refusal is counted at its site", WAIT, || {
        (counted(&asker, "rotating", "key_disabled") == 1).then_some(())
    });

    // The API and what is stored know the site by its id alone.
    let path = format!("sites/{new}/sessions");
    assert_eq!(asker.ask("GET", &path, &Value::Null).status, 404);

    set(&asker, "rotating", "rotating", true);
    assert_eq!(upload("rotating", &visit, 3).status, 200);
    let expected = [("rotating".to_owned(), true), (new, true)];
    assert_eq!(keys(&asker, "rotating"), expected);
}

#[test]
fn who_was_recorded_is_erased_by_any_key_of_the_site() {
    let asker = Asker::signed_in();
    asker.create("forgetting");
    let new = make(&asker, "forgetting");
    let visit = Visit::new();
    assert_eq!(upload(&new, &visit, 0).status, 200);
    set(&asker, "forgetting", &new, false);
    let erase = |key: &str| {
        let (path, sid) = (format!("{key}/erase"), visit.sid.as_str());
        post(&worker().url, &path, &[], sid.into()).unwrap()
    };
    refused(&erase("no-key-of-any-site"), 404, "not_found");
    assert_eq!(erase(&new).status, 204);
    refused(&upload("forgetting", &visit, 1), 403, "session_erased");
}

#[test]
fn a_key_that_is_removed_is_unknown() {
    let asker = Asker::signed_in();
    asker.create("removing");
    asker.create("removing-2");
    let (new, visit) = (make(&asker, "removing"), Visit::new());
    let path = format!("sites/removing/keys/{new}");
    let remove = |path: &str| asker.ask("DELETE", path, &Value::Null);
    refused(&remove(&path), 409, "key_stays");
    set(&asker, "removing", &new, false);

    // It is no key of another site, and nobody else's to change.
    let elsewhere = format!("sites/removing-2/keys/{new}");
    refused(&remove(&elsewhere), 404, "not_found");
    let body = json!({ "enabled": true });
    refused(&asker.ask("PUT", &elsewhere, &body), 404, "not_found");
    let site = json!({ "key": new, "config": { "name": "x", "origins": ["self"] } });
    refused(&asker.ask("POST", "sites", &site), 409, "site_exists");
    refused(&upload(&new, &visit, 0), 403, "key_disabled");

    assert_eq!(remove(&path).status, 204);
    refused(&remove(&path), 404, "not_found");
    refused(&upload(&new, &visit, 0), 404, "not_found");
    refused(&remove("sites/removing/keys/removing"), 409, "key_stays");
    refused(&remove("sites/removing/keys/No!"), 404, "not_found");
    assert_eq!(keys(&asker, "removing"), [("removing".to_owned(), true)]);
    until("each is written down", WAIT, || {
        let answer = asker.ask("GET", "sites/removing/audit", &Value::Null);
        let log: Log = answer.json().unwrap();
        let of_key = |action| {
            let mut entries = log.entries.iter();
            entries.any(|entry| entry.action == action && entry.subject.as_deref() == Some(&new))
        };
        let actions = [Action::KeyMade, Action::KeyDisabled, Action::KeyRemoved];
        actions.into_iter().all(of_key).then_some(())
    });
}

#[test]
fn a_wrong_request_is_named_and_keys_are_bounded() {
    let asker = Asker::signed_in();
    asker.create("bounded");
    for (body, said) in [
        (json!({}), "enabled"),
        (json!({ "enabled": 1 }), "`enabled`"),
        (json!({ "enabled": true, "more": 1 }), "`more`"),
        (json!([]), "`body`"),
    ] {
        let answer = asker.ask("PUT", "sites/bounded/keys/bounded", &body);
        refused(&answer, 400, "wrong_field");
        assert!(answer.text().contains(said), "{}", answer.text());
    }
    let path = "sites/nobodys/keys";
    for method in ["GET", "POST"] {
        refused(&asker.ask(method, path, &Value::Null), 404, "not_found");
    }
    for _ in 1..16 {
        make(&asker, "bounded");
    }
    let more = asker.ask("POST", "sites/bounded/keys", &Value::Null);
    refused(&more, 409, "too_many_keys");
    assert_eq!(keys(&asker, "bounded").len(), 16);
}
