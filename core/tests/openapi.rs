//! `docs/openapi.json` against the one table of the API's requests.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::access::{Found, Needs, RESOURCES, find};
use serde_json::Value;
use std::collections::BTreeSet;

const FILE: &str = include_str!("../../docs/openapi.json");
const PAGE: &str = include_str!("../../docs/api.md");

fn document() -> Value {
    serde_json::from_str(FILE).unwrap()
}

/// Every request as `METHOD path`, and what it needs.
fn described() -> BTreeSet<(String, String)> {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap();
        for (method, operation) in methods.iter().filter(|(name, _)| *name != "parameters") {
            let needs = operation["x-needs"].as_str().unwrap();
            let path = path.strip_prefix('/').unwrap();
            let request = format!("{} {path}", method.to_uppercase());
            described.insert((request, needs.to_owned()));
        }
    }
    described
}

fn words(needs: Needs) -> String {
    match needs {
        Needs::Nothing => "nothing".to_owned(),
        Needs::SignIn => "sign_in".to_owned(),
        Needs::Scope(scope) => scope.to_string(),
        Needs::Both(one, other) => format!("{one}, {other}"),
        Needs::Everywhere(scope) => format!("{scope} everywhere"),
    }
}

#[test]
fn every_request_is_described_with_what_it_needs_and_no_other() {
    let mut table = BTreeSet::new();
    for resource in RESOURCES {
        let segments: Vec<&str> = resource.path.split('/').collect();
        for method in resource.allow.split(", ") {
            let Found::Request(needs, _) = find(method, &segments) else {
                panic!("{method} {}", resource.path)
            };
            table.insert((format!("{method} {}", resource.path), words(needs)));
        }
    }
    assert_eq!(described(), table);
}

#[test]
fn every_place_of_a_path_is_described() {
    let document = document();
    for (path, item) in document["paths"].as_object().unwrap() {
        let blanks = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let described = item["parameters"].as_array().into_iter().flatten();
        let described = described.map(|parameter| parameter["name"].as_str().unwrap());
        assert!(blanks.eq(described), "{path}");
    }
}

/// Names that are referred to, wherever.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(place)) = fields.get("$ref") {
                found.insert(place.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn what_is_referred_to_is_there_and_nothing_is_there_for_nobody() {
    let document = document();
    let mut used = BTreeSet::new();
    references(&document, &mut used);
    let mut there = BTreeSet::new();
    for kind in ["schemas", "responses"] {
        let all = document["components"][kind].as_object().unwrap();
        there.extend(all.keys().map(|name| format!("#/components/{kind}/{name}")));
    }
    assert_eq!(used, there);
}

/// The page for people names every request.
#[test]
fn the_page_names_every_request() {
    for (request, _) in described() {
        assert!(PAGE.contains(&format!("`{request}`")), "{request}");
    }
}
