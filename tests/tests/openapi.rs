//! Real answers of the built worker against the schemas of `docs/openapi.json`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, worker};
use sentiero_core::api::LINK_HEADER;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;
use system_tests::client::{Answer, login, post, request};
use system_tests::upload::{Visit, body};
use system_tests::wait::until;
use system_tests::worker::{PASSWORD, root};

/// The description, and which requests were tried.
struct Api {
    document: Value,
    asker: Asker,
    tried: BTreeSet<String>,
}

impl Api {
    /// Looks at an answer to `method` on `path` as the description writes it.
    fn fits(&mut self, method: &str, path: &str, answer: &Answer) {
        let name = format!("{method} {path}");
        let operation = &self.document["paths"][format!("/{path}")][method.to_lowercase()];
        let mut response = &operation["responses"][answer.status.to_string()];
        assert!(
            !response.is_null(),
            "{name} gives {}: {}",
            answer.status,
            answer.text()
        );
        if let Some(place) = response["$ref"].as_str() {
            response = self.document.pointer(&place[1..]).unwrap();
        }
        if answer.status < 300 {
            self.tried.insert(name.clone());
        }
        let Some(content) = response["content"].as_object() else {
            assert!(answer.body.is_empty(), "{name}: {}", answer.text());
            return;
        };
        let kind = answer.header("content-type").unwrap();
        let schema = content.get(kind);
        let schema = schema.unwrap_or_else(|| panic!("{name} gives {kind}"));
        match kind {
            "application/json" => self.holds(&name, &schema["schema"], &answer.json().unwrap()),
            "application/x-ndjson" => {
                let text = answer.text();
                assert!(!text.is_empty(), "{name} gives nothing");
                for line in text.lines() {
                    let line = serde_json::from_str(line).unwrap();
                    self.holds(&name, &schema["schema"], &line);
                }
            }
            _ => {}
        }
    }

    /// What of JSON Schema the description uses; anything else in it fails.
    fn holds(&self, place: &str, schema: &Value, value: &Value) {
        for (word, wanted) in schema.as_object().unwrap() {
            let holds = match word.as_str() {
                "$ref" => {
                    let place_of_it = wanted.as_str().unwrap();
                    let schema = self.document.pointer(&place_of_it[1..]).unwrap();
                    self.holds(place, schema, value);
                    true
                }
                "type" => is_of(wanted.as_str().unwrap(), value),
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_i64() >= wanted.as_i64(),
                "maximum" => value.as_i64() <= wanted.as_i64(),
                "minProperties" => {
                    value.as_object().unwrap().len() as u64 >= wanted.as_u64().unwrap()
                }
                "maxProperties" => {
                    value.as_object().unwrap().len() as u64 <= wanted.as_u64().unwrap()
                }
                "pattern" => is_written(wanted.as_str().unwrap(), value.as_str().unwrap()),
                "required" => {
                    let mut names = wanted.as_array().unwrap().iter();
                    names.all(|name| value.get(name.as_str().unwrap()).is_some())
                }
                "properties" => {
                    for (name, inner) in value.as_object().unwrap() {
                        if let Some(schema) = wanted.get(name) {
                            self.holds(&format!("{place}: {name}"), schema, inner);
                        }
                    }
                    true
                }
                "additionalProperties" if wanted == &json!(false) => {
                    let known = schema["properties"].as_object().unwrap();
                    value
                        .as_object()
                        .unwrap()
                        .keys()
                        .all(|name| known.contains_key(name))
                }
                "additionalProperties" => {
                    let fields = value.as_object().unwrap().values();
                    fields.for_each(|inner| self.holds(place, wanted, inner));
                    true
                }
                "items" => {
                    let items = value.as_array().unwrap().iter();
                    items.for_each(|inner| self.holds(place, wanted, inner));
                    true
                }
                "oneOf" => wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| is_of(one["type"].as_str().unwrap(), value)),
                "description" => true,
                other => panic!("{place}: `{other}` is not looked at"),
            };
            assert!(holds, "{place}: {word} {wanted} does not hold of {value}");
        }
    }

    fn ask(&mut self, method: &str, path: &str, query: &str, body: &Value) -> Answer {
        self.ask_of("schemas", method, path, query, body)
    }

    /// Asks about a site; `path` is as the description writes it.
    fn ask_of(
        &mut self,
        site: &str,
        method: &str,
        path: &str,
        query: &str,
        body: &Value,
    ) -> Answer {
        let filled = path.replace("{site}", site);
        let answer = self.asker.ask(method, &format!("{filled}{query}"), body);
        self.fits(method, path, &answer);
        answer
    }

    /// The same with one more place of the path filled in.
    fn ask_for(
        &mut self,
        method: &str,
        path: &str,
        place: &str,
        query: &str,
        body: &Value,
    ) -> Answer {
        let start = path
            .rfind('{')
            .filter(|at| !path[*at..].starts_with("{site}"));
        let start = path.find("{sid}").or(start).unwrap();
        let end = start + path[start..].find('}').unwrap();
        let filled = format!("{}{place}{}{query}", &path[..start], &path[end + 1..]);
        let filled = filled.replace("{site}", "schemas");
        let answer = self.asker.ask(method, &filled, body);
        self.fits(method, path, &answer);
        answer
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("no such type: {other}"),
    }
}

/// What the description's few patterns mean: classes of characters, each so many times.
fn is_written(pattern: &str, text: &str) -> bool {
    let mut rest = text.as_bytes();
    let mut left = pattern
        .strip_prefix('^')
        .unwrap()
        .strip_suffix('$')
        .unwrap();
    while !left.is_empty() {
        if let Some(behind) = left.strip_prefix('-') {
            let Some(next) = rest.strip_prefix(b"-") else {
                return false;
            };
            (left, rest) = (behind, next);
            continue;
        }
        let (class, behind) = left[1..].split_once(']').unwrap();
        let (times, behind) = behind[1..].split_once('}').unwrap();
        let (least, most) = times.split_once(',').unwrap_or((times, times));
        let (least, most): (usize, usize) = (least.parse().unwrap(), most.parse().unwrap());
        let class = class.as_bytes();
        let fits = |byte: &u8| {
            let ranges = class
                .windows(3)
                .any(|w| w[1] == b'-' && (w[0]..=w[2]).contains(byte));
            ranges || (class.ends_with(b"-") && *byte == b'-')
        };
        let taken = rest.iter().take(most).take_while(|byte| fits(byte)).count();
        if taken < least {
            return false;
        }
        (left, rest) = (behind, &rest[taken..]);
    }
    rest.is_empty()
}

#[test]
fn patterns_mean_what_they_say() {
    for (pattern, right, wrong) in [
        ("^[a-z0-9-]{1,32}$", "shop-2", "Shop"),
        ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-11-28", "2026-11-2"),
        ("^[a-z2-7]{8}$", "aibaeaqc", "aibaeaq1"),
    ] {
        assert!(
            is_written(pattern, right) && !is_written(pattern, wrong),
            "{pattern}"
        );
        assert!(!is_written(pattern, ""), "{pattern}");
    }
}

/// A session with a click that is listed, of the site that is asked about.
fn session(api: &mut Api) -> String {
    let visit = Visit::new();
    let upload = post(&worker().url, "schemas", &[], visit.batch(1, 0, 4)).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
    let at = visit.sid.start() + 1_000;
    // Its fields in rrweb's order: in another they are masked.
    let error = format!(
        r#"{{"type":5,"data":{{"tag":"error","payload":{{"message":"no"}}}},"timestamp":{at}}}"#
    );
    let thrown = body(&visit.header(2, 4, 1), &[error]);
    let upload = post(&worker().url, "schemas", &[], thrown).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
    until("the session is listed", Duration::from_secs(10), || {
        let list = api.ask("GET", "sites/{site}/sessions", "?limit=1", &Value::Null);
        let list: Value = list.json().unwrap();
        (list["sessions"].as_array().unwrap().len() == 1).then_some(())
    });
    visit.sid.to_string()
}

fn settings(api: &mut Api) {
    let none = Value::Null;
    let config = json!({"name": "x", "origins": ["self"], "redact": {"phones": true}, "routes": ["/a/*"], "webhook": {"url": "http://127.0.0.1:9/"}, "sharing": {"links": true}});
    let made = api.ask(
        "POST",
        "sites",
        "",
        &json!({"key": "schemas", "config": config}),
    );
    let made: Value = made.json().unwrap();
    api.ask(
        "POST",
        "sites",
        "",
        &json!({"key": "schemas", "config": config}),
    );
    api.ask("POST", "sites", "", &json!({"config": {}}));
    let change = json!({"revision": made["revision"], "config": config});
    api.ask("PUT", "sites/{site}", "", &change);
    api.ask("PUT", "sites/{site}", "", &change);
    api.ask("GET", "sites/{site}", "", &none);
    api.ask("GET", "sites", "", &none);
    api.ask_of("nobodys", "GET", "sites/{site}", "", &none);
    let key: Value = api
        .ask("POST", "sites/{site}/keys", "", &none)
        .json()
        .unwrap();
    let key = key["key"].as_str().unwrap().to_owned();
    let path = "sites/{site}/keys/{key}";
    api.ask_for("DELETE", path, &key, "", &none);
    api.ask_for("PUT", path, &key, "", &json!({"enabled": false}));
    api.ask("GET", "sites/{site}/keys", "", &none);
    api.ask_for("DELETE", path, &key, "", &none);
    api.ask("POST", "sites/{site}/webhook/test", "", &none);
    api.ask("POST", "sites/{site}/webhook/secret", "", &none);
    api.ask("GET", "sites/{site}/webhook", "", &none);
    let wanted = json!({"name": "ci", "scopes": ["read"], "sites": ["schemas"], "days": 1});
    let token: Value = api.ask("POST", "tokens", "", &wanted).json().unwrap();
    let everywhere = json!({"name": "ci", "scopes": ["read"], "sites": "all"});
    api.ask("POST", "tokens", "", &everywhere);
    api.ask("GET", "tokens", "", &none);
    api.ask_for(
        "DELETE",
        "tokens/{token}",
        token["id"].as_str().unwrap(),
        "",
        &none,
    );
    api.ask_for(
        "DELETE",
        "tokens/{token}",
        token["id"].as_str().unwrap(),
        "",
        &none,
    );
}

fn reading(api: &mut Api, sid: &str) {
    let none = Value::Null;
    for path in [
        "sites/{site}/sessions/facets",
        "sites/{site}/privacy",
        "sites/{site}/counters",
    ] {
        api.ask("GET", path, "", &none);
    }
    api.ask("GET", "sites/{site}/sessions", "?nonsense=1", &none);
    for query in ["", "?format=csv", "?format=xml"] {
        api.ask("GET", "sites/{site}/sessions/export", query, &none);
    }
    api.ask_for("GET", "sites/{site}/sessions/{sid}", sid, "", &none);
    for query in ["", "?format=chunk", "?from=x"] {
        api.ask_for(
            "GET",
            "sites/{site}/sessions/{sid}/events",
            sid,
            query,
            &none,
        );
    }
    let path = "/sites/{site}/reports/{report}";
    let names = api.document["paths"][path]["parameters"]
        .as_array()
        .unwrap()
        .clone();
    let names = names
        .iter()
        .find(|parameter| parameter["name"] == "report")
        .unwrap();
    let names = names["schema"]["enum"].as_array().unwrap().clone();
    for name in names {
        let name = name.as_str().unwrap();
        let query = match name {
            "funnel" => "?step=url:shop",
            _ => "",
        };
        api.ask_for("GET", &path[1..], name, query, &none);
    }
    let report = api.ask_for("GET", &path[1..], "events", "", &none);
    assert_eq!(report.status, 200, "{}", report.text());
    let started = u64::from_str_radix(&sid[..12], 16).unwrap();
    let query = format!("?started={started}&rank=0");
    api.ask("GET", "sites/{site}/sessions/named", &query, &none);
}

fn deciding(api: &mut Api) {
    let none = Value::Null;
    let issue = until("the issue is known", Duration::from_secs(30), || {
        let list: Value = api
            .ask("GET", "sites/{site}/issues", "?limit=1", &none)
            .json()
            .unwrap();
        list["issues"][0]["issue"].as_str().map(str::to_owned)
    });
    let path = "sites/{site}/issues/{issue}";
    for state in ["resolved", "gone"] {
        api.ask_for("PUT", path, &issue, "", &json!({"state": state}));
    }
    api.ask_for("PUT", path, "0", "", &json!({"state": "open"}));
}

fn mapping(api: &mut Api, sid: &str) {
    let (none, path) = (Value::Null, "sites/{site}/maps");
    let map = json!({"version": 3, "sources": ["a"], "names": [], "mappings": "AAAA"});
    api.ask("PUT", path, "?release=1&file=/a.js", &map);
    api.ask("PUT", path, "?release=1", &map);
    for query in ["", "?release=1", "?release=2"] {
        api.ask("GET", path, query, &none);
    }
    let errors = "sites/{site}/sessions/{sid}/errors";
    for query in ["", "?limit=0"] {
        api.ask_for("GET", errors, sid, query, &none);
    }
    api.ask("DELETE", path, "?release=1", &none);
    api.ask("DELETE", path, "", &none);
}

fn sharing(api: &mut Api, sid: &str) {
    let (none, of_session) = (Value::Null, "sites/{site}/sessions/{sid}/links");
    let made = api.ask_for("POST", of_session, sid, "", &json!({"days": 1}));
    let made: Value = made.json().unwrap();
    api.ask_for("POST", of_session, sid, "", &json!({"days": 0}));
    api.ask_for("GET", of_session, sid, "", &none);
    api.ask("GET", "sites/{site}/links", "", &none);
    let url = format!("{}/api/shared/schemas", worker().url);
    for secret in [made["secret"].as_str().unwrap(), "guess"] {
        let shown = request("GET", &url, &[(LINK_HEADER, secret)], Vec::new()).unwrap();
        api.fits("GET", "shared/{site}", &shown);
    }
    let link = made["link"]["id"].as_str().unwrap();
    for _ in 0..2 {
        api.ask_for("DELETE", "sites/{site}/links/{link}", link, "", &none);
    }
}

fn erasing(api: &mut Api, sid: &str) {
    let none = Value::Null;
    let erase = "sites/{site}/erase";
    api.ask("POST", erase, "", &json!({"filter": {"q": sid}}));
    api.ask(
        "POST",
        erase,
        "",
        &json!({"filter": {"q": sid}, "confirm": 7}),
    );
    api.ask("POST", erase, "", &json!({}));
    let receipt: Value = api
        .ask("POST", erase, "", &json!({"sessions": [sid]}))
        .json()
        .unwrap();
    api.ask("POST", "sites/{site}/purge", "", &json!({"before": 1}));
    let purge = json!({"before": 1, "confirm": 0});
    api.ask("POST", "sites/{site}/purge", "", &purge);
    api.ask("GET", "sites/{site}/erasures", "?limit=1", &none);
    let id = receipt["id"].as_str().unwrap();
    api.ask_for("GET", "sites/{site}/erasures/{id}", id, "", &none);
    api.ask("POST", "sites/{site}/retention/run", "", &none);
    api.ask("POST", "sites/{site}/rebuild", "", &none);
    api.ask("GET", "sites/{site}/rebuild", "", &none);
    api.ask("GET", "sites/{site}/audit", "", &none);
    api.ask("GET", "audit", "?limit=1", &none);
}

#[test]
fn answers_are_as_described() {
    let text = fs::read_to_string(root().join("docs/openapi.json")).unwrap();
    let api = &mut Api {
        document: serde_json::from_str(&text).unwrap(),
        asker: Asker::signed_in(),
        tried: BTreeSet::new(),
    };
    for password in [PASSWORD, "wrong"] {
        let answer = login(&worker().url, password, &[]).unwrap();
        api.fits("POST", "login", &answer);
    }
    api.ask("GET", "me", "", &Value::Null);
    settings(api);
    let sid = session(api);
    reading(api, &sid);
    deciding(api);
    sharing(api, &sid);
    mapping(api, &sid);
    erasing(api, &sid);
    let nobody = Asker {
        headers: Vec::new(),
        ..api.asker.clone()
    };
    for (path, item) in api.document["paths"].as_object().unwrap().clone() {
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "parameters")
        {
            let method = method.to_uppercase();
            if path == "/login" || path == "/shared/{site}" {
                continue;
            }
            let filled = path[1..].replace("{site}", "demo").replace(['{', '}'], "");
            let answer = nobody.ask(&method, &filled, &Value::Null);
            assert_eq!(answer.status, 401, "{method} {path}");
            api.fits(&method, &path[1..], &answer);
        }
    }
    let site: Value = api
        .ask("GET", "sites/{site}", "", &Value::Null)
        .json()
        .unwrap();
    let query = format!("?revision={}&confirm=0", site["revision"]);
    until(
        "the site is empty, and deleted",
        Duration::from_secs(20),
        || {
            let answer = api.ask("DELETE", "sites/{site}", &query, &Value::Null);
            (answer.status == 202).then_some(())
        },
    );
    api.ask("POST", "logout", "", &Value::Null);
    let mut all = BTreeSet::new();
    for (path, item) in api.document["paths"].as_object().unwrap() {
        let methods = item
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| *name != "parameters");
        all.extend(methods.map(|method| format!("{} {}", method.to_uppercase(), &path[1..])));
    }
    let untried: Vec<_> = all.difference(&api.tried).collect();
    assert!(untried.is_empty(), "nobody tried {untried:?}");
}
