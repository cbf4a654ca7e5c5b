//! Source maps on the built worker: kept, listed, deleted, and what an error becomes by them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused, worker};
use sentiero_core::api::SiteAnswer;
use sentiero_core::audit::{Action, Log};
use sentiero_core::erasure::Receipt;
use sentiero_core::source_map::{ErrorList, MAX_BYTES, MapList, Put};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use system_tests::client::{Dashboard, request, upload};
use system_tests::raw;
use system_tests::upload::{Visit, body};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker, root};

const MAPS: &str = "sites/demo/maps";

/// What Chrome says of `tests/fixtures/maps/app.js`.
const STACK: &str = "TypeError: Cannot read properties of undefined (reading 'amount')\\n    at r (https://shop.example/assets/app.js:1:36)\\n    at n (https://shop.example/assets/app.js:1:83)";

fn map() -> Vec<u8> {
    fs::read(root().join("tests/fixtures/maps/app.js.map")).unwrap()
}

/// Somebody with a new token of these scopes, for the demo.
fn with_token(scopes: &[&str]) -> Asker {
    let wanted = json!({"name": "maps", "scopes": scopes, "sites": ["demo"]});
    let made: Value = Asker::signed_in()
        .ask("POST", "tokens", &wanted)
        .json()
        .unwrap();
    Asker::bearer(made["secret"].as_str().unwrap())
}

/// A session whose page tells `release`, and fails.
fn failing(url: &str, release: Option<&str>) -> Visit {
    let visit = Visit::new();
    assert_eq!(upload(url, visit.batch(1, 0, 4)).unwrap().status, 200);
    let at = visit.sid.start() + 1_000;
    let custom = |tag: &str, payload: &str| {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
    };
    let mut events: Vec<String> = release
        .map(|release| {
            custom(
                "sentiero:metadata",
                &format!(r#"{{"release":"{release}"}}"#),
            )
        })
        .into_iter()
        .collect();
    events.push(custom(
        "error",
        &format!(r#"{{"message":"x is undefined","stack":"{STACK}"}}"#),
    ));
    let count = u32::try_from(events.len()).unwrap();
    let thrown = body(&visit.header(1, 4, count), &events);
    assert_eq!(upload(url, thrown).unwrap().status, 200);
    visit
}

fn errors(asker: &Asker, visit: &Visit, query: &str) -> ErrorList {
    let path = format!("sites/demo/sessions/{}/errors{query}", visit.sid);
    let answer = asker.ask("GET", &path, &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

#[test]
fn an_error_is_resolved_to_the_line_of_its_source() {
    let (maps, reader) = (with_token(&["maps"]), with_token(&["export"]));
    let file = "https://cdn.example/assets/app.js?v=7";
    let file = file.replace('?', "%3F");
    let path = format!("{MAPS}?release=v%2F1&file={file}&sources=true");
    let put = maps.send("PUT", &path, map());
    assert_eq!(put.status, 200, "{}", put.text());
    let put: Put = put.json().unwrap();
    assert_eq!((&*put.release, &*put.file), ("v/1", "/assets/app.js"));
    assert!(put.sources && put.gone.is_empty());

    let visit = failing(&worker().url, Some("v/1"));
    let list = errors(&reader, &visit, "");
    assert_eq!((list.release.as_deref(), list.more), (Some("v/1"), false));
    assert!(list.notes.is_empty(), "{:?}", list.notes);
    let frames = &list.errors[0].frames;
    assert_eq!((&*frames[0].function, frames[0].column), ("r", 36));
    let original = frames[0].original.as_ref().unwrap();
    assert_eq!(
        (&*original.function, &*original.file, original.line),
        ("priceOf", "../src/cart.ts", 9)
    );
    let lines = original.lines.as_ref().unwrap();
    assert_eq!(lines.text[3], "  return item.price!.amount;");

    let issue = &list.errors[0].issue;
    let found = errors(&reader, &visit, &format!("?issue={issue}&limit=1"));
    assert_eq!(found.errors, list.errors);
    let other = errors(&reader, &visit, "?issue=0000000000000000");
    assert!(other.errors.is_empty());
    let list: MapList = maps
        .ask("GET", &format!("{MAPS}?release=v%2F1"), &Value::Null)
        .json()
        .unwrap();
    assert_eq!(list.releases[0].maps[0].file, "/assets/app.js");

    let gone = maps.ask("DELETE", &format!("{MAPS}?release=v%2F1"), &Value::Null);
    assert_eq!(gone.status, 204, "{}", gone.text());
    let after = errors(&reader, &visit, "");
    assert_eq!(after.errors[0].frames[0].original, None);
    assert!(after.notes[0].contains("There is no source map of `/assets/app.js`"));
    let log: Log = Asker::signed_in()
        .ask("GET", "sites/demo/audit", &Value::Null)
        .json()
        .unwrap();
    for action in [Action::MapsKept, Action::MapsDeleted] {
        let entry = log.entries.iter().find(|entry| entry.action == action);
        assert_eq!(entry.unwrap().subject.as_deref(), Some("v/1"));
    }
}

#[test]
fn without_a_release_nothing_is_guessed() {
    let visit = failing(&worker().url, None);
    let list = errors(&Asker::signed_in(), &visit, "");
    assert_eq!((list.release, list.errors.len()), (None, 1));
    assert!(
        list.notes[0].contains("told no release"),
        "{:?}",
        list.notes
    );
}

#[test]
fn nobody_else_may_and_what_is_wrong_is_named() {
    let maps = with_token(&["maps"]);
    let path = format!("{MAPS}?release=1&file=/a.js");
    for asker in [
        with_token(&["sites"]),
        with_token(&["read", "export", "erase"]),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            refused(&asker.send(method, &path, map()), 403, "missing_scope");
        }
    }
    let url = format!("{}/api/{path}", worker().url);
    let anybody = request("PUT", &url, &[], map()).unwrap();
    refused(&anybody, 401, "sign_in_first");
    let page = [("Origin", "https://shop.example")];
    let from_a_page = request("GET", &url, &page, Vec::new()).unwrap();
    refused(&from_a_page, 403, "origin_not_allowed");
    for (query, code) in [
        ("?file=/a.js", "malformed_query"),
        ("?release=1", "malformed_query"),
        ("?release=1&file=/", "malformed_query"),
        ("?release=1&file=/a.js&sources=yes", "malformed_query"),
    ] {
        refused(
            &maps.send("PUT", &format!("{MAPS}{query}"), map()),
            400,
            code,
        );
    }
    let junk = maps.send("PUT", &path, b"{\"version\":3,\"sections\":[]}".to_vec());
    refused(&junk, 400, "wrong_field");
    assert!(junk.text().contains("`sections`"), "{}", junk.text());
    let mut largest = br#"{"version":3,"mappings":""}"#.to_vec();
    largest.resize(MAX_BYTES, b' ');
    let taken = maps.send("PUT", &path, largest);
    assert_eq!(taken.status, 200, "{}", taken.text());
    // A byte more is refused before any of it is read.
    let (name, secret) = &maps.headers[0];
    let head = format!(
        "PUT /api/{path} HTTP/1.1\r\nhost: worker\r\n{name}: {secret}\r\ncontent-length: {}\r\n\r\n",
        MAX_BYTES + 1
    );
    let replies = raw::exchange(&worker().url, head.as_bytes(), 1).unwrap();
    assert_eq!(replies[0].status, 413, "{}", replies[0].text());
}

#[test]
fn maps_go_with_their_site() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let asker = Asker::at(&worker.url, &dashboard);
    let put = asker.send("PUT", &format!("{MAPS}?release=1&file=/a.js"), map());
    assert_eq!(put.status, 200, "{}", put.text());
    let site: SiteAnswer = asker.ask("GET", "sites/demo", &Value::Null).json().unwrap();
    let delete = format!("sites/demo?revision={}", site.revision);
    let answer = asker.ask("DELETE", &delete, &Value::Null);
    assert_eq!(answer.status, 202, "{}", answer.text());
    let receipt: Receipt = answer.json().unwrap();
    let path = format!("sites/demo/erasures/{}", receipt.id);
    until("it is done", Duration::from_mins(1), || {
        let receipt: Receipt = asker.ask("GET", &path, &Value::Null).json().unwrap();
        receipt.finished
    });
    // Made anew under the same key, it has none.
    let anew = json!({"key": "demo", "config": {"name": "x", "origins": ["self"]}});
    let made = asker.ask("POST", "sites", &anew);
    assert_eq!(made.status, 201, "{}", made.text());
    let list: MapList = asker.ask("GET", MAPS, &Value::Null).json().unwrap();
    assert!(list.releases.is_empty(), "{list:?}");
}
