//! `docs/privacy.md` names everything that is stored, and nothing else.
//!
//! A comment `<!-- checked: … -->` in the page stands before a table (the code words of its
//! first column count) or a paragraph (all of them). Each such list is compared with what
//! the code says, in both directions. What is serialised is taken from whole values, made
//! without `..`, so that a new field does not compile here before it is filled; the rest is
//! read from the sources.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use sentiero_core::access::{All, ApiToken, Reach, Scope};
use sentiero_core::analytics::facts::Facts;
use sentiero_core::analytics::route::Routes;
use sentiero_core::api::{Moment, SessionRow};
use sentiero_core::audit::{Action, Entry};
use sentiero_core::bot::Bots;
use sentiero_core::chunk::BatchMeta;
use sentiero_core::count::WORDS;
use sentiero_core::digest::{Digest, PageView, Strip};
use sentiero_core::erasure::{Filter, Job, Kind, Receipt, Target};
use sentiero_core::id::{ErasureId, SessionId, SiteKey, TabId, TokenId, WindowId};
use sentiero_core::issue::hook::Webhook;
use sentiero_core::lifecycle::Erasure;
use sentiero_core::mask::Mode;
use sentiero_core::quota::Quota;
use sentiero_core::ranges::Ranges;
use sentiero_core::recording::{Buffered, Record, SessionState, StoredChunk, TabState, Visitor};
use sentiero_core::redact::Redaction;
use sentiero_core::retention::{Anew, Plan, Rebuild};
use sentiero_core::sharing::{Kept, Link, Sharing};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Saved, Tombstone};
use sentiero_core::wire::{Header, Meta, VERSION};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Names = BTreeSet<String>;

const PAGE: &str = "docs/privacy.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The files below `folder` that end with `ending`, each with its path and its text up to its
/// tests.
fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect(&folder) {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{folder}/{name}");
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) && name != "tests.rs" {
                let text = read(&path);
                let code = text.split("#[cfg(test)]\nmod tests {").next();
                files.push((path, code.unwrap().to_owned()));
            }
        }
    }
    assert!(!files.is_empty(), "{folder}");
    files
}

/// What stands between `open` and the next `close`, wherever that is in `text`.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| part.split_once(close).map(|(inner, _)| inner))
        .collect()
}

fn names<S: Into<String>>(list: impl IntoIterator<Item = S>) -> Names {
    list.into_iter().map(Into::into).collect()
}

/// The words between backquotes.
fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What the list called `list` in `page` names; none if there is no such list.
fn listed(page: &str, list: &str) -> Option<Names> {
    let (_, rest) = page.split_once(&format!("<!-- checked: {list} -->\n"))?;
    let block: Vec<&str> = rest.lines().take_while(|line| !line.is_empty()).collect();
    let is_table = block.first()?.starts_with('|');
    let cells = block.iter().map(|line| {
        if is_table {
            line.split('|').nth(1).unwrap_or_default()
        } else {
            line
        }
    });
    Some(names(cells.flat_map(code_words)))
}

/// How `page` and the code differ about `list`; none if they do not.
fn difference(path: &str, page: &str, list: &str, code: &Names) -> Option<String> {
    let Some(listed) = listed(page, list) else {
        return Some(format!("{path} has no list `<!-- checked: {list} -->`"));
    };
    let lines = |from: &Names, other: &Names, text: &str| -> Vec<String> {
        let only = from.difference(other);
        only.map(|name| format!("  `{name}` {text}")).collect()
    };
    let mut wrong = lines(
        code,
        &listed,
        "is in the code and not on the page: add a row that says what it holds, for how long and why",
    );
    wrong.extend(lines(
        &listed,
        code,
        "is on the page and not in the code: remove it",
    ));
    let title = format!("{path}, list `<!-- checked: {list} -->`:");
    (!wrong.is_empty()).then(|| format!("{title}\n{}", wrong.join("\n")))
}

#[track_caller]
fn agree(path: &str, list: &str, code: &Names) {
    assert!(!code.is_empty(), "nothing was read from the code: {list}");
    if let Some(difference) = difference(path, &read(path), list, code) {
        panic!("{difference}");
    }
}

/// The only files of `files` in which `what` may stand are those that end with one of `homes`.
#[track_caller]
fn only_in(files: &[(String, String)], what: &str, homes: &[&str]) {
    let found: Names = files
        .iter()
        .filter(|(_, text)| text.contains(what))
        .map(|(path, _)| path.clone())
        .collect();
    let expected = names(homes.iter().copied());
    assert_eq!(
        found, expected,
        "`{what}` is where it was not: what it stores or reads must stand in {PAGE}, and this test must look there"
    );
}

#[test]
fn a_difference_is_found_in_both_directions() {
    let page = "<!-- checked: keys -->\n| key | why |\n|---|---|\n| `a` `b` | `x` |\n| `c` | |\n\ntext `d`\n\n<!-- checked: words -->\n`e` and\n`f`\n";
    assert_eq!(listed(page, "keys"), Some(names(["a", "b", "c"])));
    assert_eq!(listed(page, "words"), Some(names(["e", "f"])));
    assert_eq!(difference("p", page, "keys", &names(["a", "b", "c"])), None);
    let found = difference("p", page, "keys", &names(["a", "b", "new"])).unwrap();
    assert!(found.contains("`new` is in the code"), "{found}");
    assert!(found.contains("`c` is on the page"), "{found}");
    let found = difference("p", page, "other", &Names::new()).unwrap();
    assert!(found.contains("no list"), "{found}");
}

fn scripts() -> Vec<(String, String)> {
    sources("recorder-wasm/js", ".ts")
}

fn edge() -> Vec<(String, String)> {
    sources("edge-worker/src", ".rs")
}

/// The text of the constant `name`, wherever in `files` it is.
fn constant(files: &[(String, String)], name: &str) -> String {
    let open = format!("const {name} = '");
    let found = files
        .iter()
        .flat_map(|(_, text)| between(text, &open, '\''));
    found.map(str::to_owned).next().expect(name)
}

#[test]
fn keys_in_the_visitors_browser() {
    let files = scripts();
    let calls = files
        .iter()
        .flat_map(|(_, text)| between(text, "write('", ')'));
    let keys = calls.filter_map(|call| {
        let key = call.split(", ").nth(1)?;
        // That of a key of which all are deleted.
        if key == "key" {
            return None;
        }
        let literal = key.strip_prefix('\'').map(|key| key.replace('\'', ""));
        // Something may follow, as a page load's id does.
        let name = key.split(" + ").next()?;
        Some(literal.unwrap_or_else(|| constant(&files, name)))
    });
    let mut keys: Names = keys.collect();
    keys.insert(constant(&files, "DATABASE"));
    agree(PAGE, "browser keys", &keys);
    only_in(&files, "setItem", &["recorder-wasm/js/browser.ts"]);
    let journal = ["recorder-wasm/js/browser.ts", "recorder-wasm/js/journal.ts"];
    only_in(&files, "indexedDB.", &journal);
    only_in(&files, "indexedDB.open(DATABASE, ", &journal[1..]);
    for other in ["cookie", "caches.", "serviceWorker", "storage.getDirectory"] {
        only_in(&files, other, &[]);
    }
}

#[test]
fn options_of_a_page() {
    let config = read("recorder-wasm/js/config.ts");
    let options = between(&config, "export interface Options {", '}')[0];
    let fields = options
        .lines()
        .filter_map(|line| line.trim().split_once("?: "));
    let attribute = |name: &str| -> String {
        let dashed = name.chars().flat_map(|letter| {
            let dash = letter.is_ascii_uppercase().then_some('-');
            dash.into_iter().chain([letter.to_ascii_lowercase()])
        });
        format!("data-{}", dashed.collect::<String>())
    };
    let options = fields.map(|(name, _)| attribute(name)).collect();
    agree("README.md", "options of a page", &options);
}

#[test]
fn events_of_our_own() {
    let mut files = scripts();
    files.extend(sources("core/src", ".rs"));
    let mut tags = Names::new();
    for (_, text) in &files {
        for quote in ['\'', '"'] {
            let found = between(text, &format!("{quote}sentiero:"), quote);
            // By itself it is the prefix that pages may not use.
            let found = found.iter().filter(|tag| !tag.is_empty());
            tags.extend(found.map(|tag| format!("sentiero:{tag}")));
        }
    }
    agree(PAGE, "events of our own", &tags);
}

#[test]
fn events_that_a_page_can_ask_for() {
    let files = sources("recorder-wasm/js/capture", ".ts");
    let mut tags = Names::new();
    for (_, text) in &files {
        for open in ["tools.add('", "const TAG = '"] {
            tags.extend(between(text, open, '\'').into_iter().map(str::to_owned));
        }
    }
    agree(PAGE, "captured events", &tags);
    // By a name that is not in place: of the error, and what the markup declares.
    let by_name = files.iter().map(|(_, text)| {
        let all = text.matches("tools.add(").count();
        all - text.matches("tools.add('").count()
    });
    assert_eq!(by_name.sum::<usize>(), 2);
}

#[test]
fn methods_of_a_page() {
    let api = read("recorder-wasm/js/api.ts");
    let body = between(&api, "export interface Sentiero {", '}')[0];
    let methods = body.lines().filter_map(|line| {
        let name = line.strip_prefix("  ")?.split_once('(')?.0;
        let is_name = name.chars().all(|letter| letter.is_ascii_alphabetic());
        is_name.then(|| name.to_owned())
    });
    let page = read("docs/recorder.md");
    let listed = listed(&page, "methods").expect("a list of methods");
    let listed = listed.iter().filter_map(|call| call.split('(').next());
    assert_eq!(names(listed), methods.collect());
}

#[test]
fn headers_that_the_edge_reads() {
    let files = edge();
    let mut headers = Names::new();
    for (path, text) in &files {
        for call in between(text, "header(req, ", ')')
            .into_iter()
            .chain(between(text, "header(&req, ", ')'))
        {
            let name = match call.trim_matches('"') {
                "CSRF_HEADER" => sentiero_core::api::CSRF_HEADER,
                "LINK_HEADER" => sentiero_core::api::LINK_HEADER,
                name if call.starts_with('"') => name,
                other => panic!("{path} reads a header by a name that is not in place: {other}"),
            };
            headers.insert(name.to_owned());
        }
    }
    agree(PAGE, "request headers", &headers);
    only_in(&files, "req.headers()", &["edge-worker/src/http.rs"]);
    only_in(&files, ".cf()", &[]);
    only_in(&files, "\"cf\"", &["edge-worker/src/http.rs"]);
    only_in(&scripts(), "headers:", &[]);
}

#[test]
fn what_the_edge_reads_of_what_cloudflare_tells() {
    let files = edge();
    let told = files.iter().flat_map(|(path, text)| {
        let calls = between(text, "http::told(req, ", ')');
        assert_eq!(
            calls.len(),
            text.matches("told(").count() - usize::from(path.ends_with("/http.rs")),
            "{path}"
        );
        calls
            .into_iter()
            .map(|name| name.trim_matches('"').to_owned())
    });
    agree(PAGE, "request properties", &told.collect());
}

#[test]
fn keys_in_the_operators_browser() {
    let files = sources("dashboard/src", ".rs");
    let constants = files
        .iter()
        .flat_map(|(_, text)| between(text, ": &str = \"sentiero", '"'));
    let mut keys: Names = constants.map(|rest| format!("sentiero{rest}")).collect();
    let auth = read("edge-worker/src/auth.rs");
    keys.extend(
        between(&auth, "_COOKIE: &str = \"", '"')
            .into_iter()
            .map(str::to_owned),
    );
    agree(PAGE, "operator's browser", &keys);
    only_in(&files, "set_item", &["dashboard/src/platform.rs"]);
    only_in(&sources("dashboard/js", ".ts"), "setItem", &[]);
}

#[test]
fn bindings_of_the_worker() {
    let toml = read("wrangler.toml");
    let mut section = "";
    let mut bindings = Names::new();
    for line in toml.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        }
        let (key, value) = line.split_once(" = ").unwrap_or_default();
        let named = matches!(section, "durable_objects.bindings" | "ratelimits");
        if key == "binding" || (key == "name" && named) {
            bindings.insert(value.trim_matches('"').to_owned());
        }
        assert!(
            key.is_empty() || key.starts_with('#') || KNOWN_SECTIONS.contains(&section),
            "wrangler.toml has a new section [{section}]: does it store something? See {PAGE}"
        );
    }
    agree(PAGE, "bindings", &bindings);
}

/// Sections of `wrangler.toml`, also those that bind nothing.
const KNOWN_SECTIONS: [&str; 11] = [
    "",
    "build",
    "assets",
    "kv_namespaces",
    "r2_buckets",
    "durable_objects.bindings",
    "migrations",
    "ratelimits",
    "vars",
    "observability",
    "observability.logs",
];

/// Cloudflare's own line of a request holds its address with the session's id, its headers and
/// where the visitor is.
#[test]
fn the_platform_logs_no_request() {
    let toml = read("wrangler.toml");
    let (_, section) = toml.split_once("\n[observability.logs]\n").unwrap();
    let section = section.split("\n[").next().unwrap();
    assert!(
        section
            .lines()
            .any(|line| line == "invocation_logs = false")
    );
    assert!(read(PAGE).contains("`invocation_logs = false`"));
}

#[test]
fn names_of_what_is_stored() {
    let files = edge();
    let formats = files
        .iter()
        .flat_map(|(_, text)| between(text, "format!(\"", '"'));
    let stored = formats
        .filter(|format| format.contains("{site}") && !format.contains(' '))
        .map(str::to_owned);
    let mut stored: Names = stored.collect();
    // What earlier versions kept in KV, and the objects that have names of their own.
    let prefix = read("edge-worker/src/sites.rs");
    let prefix = between(&prefix, "const PREFIX: &str = \"", '"')[0];
    stored.insert(format!("{prefix}{{site}}"));
    let settings = read("edge-worker/src/store/mod.rs");
    let objects = ["SITES", "TOKENS", "SIGN_IN"]
        .map(|name| between(&settings, &format!("const {name}: &str = \""), '"')[0].to_owned());
    stored.extend(objects);
    let ledger = read("edge-worker/src/ledger/client.rs");
    stored.insert(between(&ledger, "const OWN: &str = \"", '"')[0].to_owned());
    agree(PAGE, "names", &stored);
    let platform = "edge-worker/src/store/platform.rs";
    only_in(&files, ".kv(", &["edge-worker/src/sites.rs", platform]);
    only_in(
        &files,
        ".bucket(",
        &[
            platform,
            "edge-worker/src/store/maps.rs",
            "edge-worker/src/store/upkeep.rs",
        ],
    );
    let client = ["edge-worker/src/object.rs"];
    only_in(&files, ".durable_object(", &client);
}

/// Tables and columns that `code` creates, as `table.column`.
fn columns(code: &str) -> Names {
    let code = code.replace("\\\n", "");
    let mut found = Names::new();
    for statement in between(&code, "CREATE TABLE IF NOT EXISTS ", '"') {
        let (table, columns) = statement.split_once(" (").unwrap();
        for column in columns.split(", ") {
            let name = column.trim().split(' ').next().unwrap();
            // Only the key of several columns is no column.
            if name != "PRIMARY" && !name.ends_with(')') {
                found.insert(format!("{table}.{name}"));
            }
        }
    }
    for statement in between(&code, "ALTER TABLE ", '"') {
        let (table, column) = statement.split_once(" ADD COLUMN ").unwrap();
        found.insert(format!("{table}.{}", column.split(' ').next().unwrap()));
    }
    found
}

#[test]
fn tables_of_the_objects() {
    let (session, index, settings, gate) = (
        "edge-worker/src/store/sql.rs",
        "edge-worker/src/index/rows.rs",
        "edge-worker/src/settings/rows.rs",
        "edge-worker/src/settings/gate.rs",
    );
    let links = "edge-worker/src/settings/links.rs";
    let plan = "edge-worker/src/index/shelf.rs";
    let (job, ledger) = (
        "edge-worker/src/erasure/desk.rs",
        "edge-worker/src/ledger/book.rs",
    );
    agree(PAGE, "session tables", &columns(&read(session)));
    let (counters, quota, made) = (
        "edge-worker/src/index/counters.rs",
        "edge-worker/src/index/quota.rs",
        "edge-worker/src/index/made.rs",
    );
    let of_index = [index, plan, counters, quota, made].map(|file| columns(&read(file)));
    agree(
        PAGE,
        "index tables",
        &of_index.into_iter().flatten().collect(),
    );
    agree(PAGE, "erasure tables", &columns(&read(job)));
    agree(PAGE, "ledger tables", &columns(&read(ledger)));
    let (issues, outbox) = (
        "edge-worker/src/issues/rows.rs",
        "edge-worker/src/issues/outbox.rs",
    );
    let of_issues = [issues, outbox].map(|file| columns(&read(file)));
    agree(
        PAGE,
        "issues tables",
        &of_issues.into_iter().flatten().collect(),
    );
    let of_settings = [settings, gate, links].map(|file| columns(&read(file)));
    agree(
        PAGE,
        "settings tables",
        &of_settings.into_iter().flatten().collect(),
    );
    let homes = [
        session, index, plan, counters, quota, made, job, ledger, issues, outbox, settings, gate,
        links,
    ];
    let files = edge();
    only_in(&files, "CREATE TABLE", &homes);
    // Tables of keys and values are written by one function, for those that may call it.
    let shared = "edge-worker/src/store/row.rs";
    only_in(
        &files,
        "INSERT INTO",
        &[
            session, index, counters, quota, made, ledger, issues, outbox, settings, gate, links,
            shared,
        ],
    );
    only_in(&files, "row::put(", &[session, plan, job]);
    // The key-value store of an object, beside its tables.
    for call in ["storage().put", "storage.put", "put_multiple"] {
        only_in(&files, call, &[]);
    }
}

#[test]
fn kinds_of_redaction() {
    let code = read("core/src/redact/finding.rs");
    let kinds = code.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("pub(crate) const ")?;
        let (name, value) = rest.split_once(": Self = Self(")?;
        let bits: u16 = value.strip_suffix(");")?.parse().ok()?;
        bits.is_power_of_two().then(|| name.to_lowercase())
    });
    agree(PAGE, "redaction kinds", &kinds.collect());
}

#[test]
fn names_of_parameters_that_never_stay() {
    let code = read("core/src/redact/url.rs");
    for (constant, list) in [("DENIED", "denied names"), ("DENIED_PARTS", "denied parts")] {
        let (_, rest) = code
            .split_once(&format!("const {constant}: &[u8] ="))
            .unwrap();
        let words = between(rest, "b\"", '"')[0];
        agree(PAGE, list, &names(words.split(' ')));
    }
}

/// The keys of `value`, which must be an object, behind `prefix` and a dot.
fn keys(prefix: &str, value: &impl Serialize) -> Names {
    let Value::Object(fields) = serde_json::to_value(value).unwrap() else {
        panic!("{prefix} is no object");
    };
    let prefix = |name: &String| format!("{prefix}.{name}");
    fields.keys().map(prefix).collect()
}

fn sid() -> SessionId {
    SessionId::new(1_795_445_123_456, &[1; 17])
}

fn tab() -> TabId {
    TabId::new(&[2; 5])
}

fn window() -> WindowId {
    WindowId::new(&[3; 5])
}

fn batch() -> BatchMeta {
    BatchMeta {
        tab: tab(),
        first: 0,
        n: 1,
        from: 1,
        to: 2,
        keyframe: true,
        bytes: 3,
    }
}

fn view() -> PageView {
    PageView {
        at: 1,
        tab: tab(),
        url: "u".into(),
    }
}

/// A batch that begins with an answer and has a click.
fn told() -> Digest {
    let events = [
        r#"{"type":3,"data":{"source":0},"timestamp":1}"#,
        r#"{"type":3,"data":{"source":2,"type":2,"id":1,"x":1,"y":1},"timestamp":2}"#,
    ];
    Digest::from_events(&TabId::new(&[1; 5]), events.map(str::as_bytes))
}

fn digest() -> Digest {
    let Digest {
        bursts,
        clicked,
        grid,
        ..
    } = told();
    Digest {
        events: 1,
        clicks: 1,
        errors: 1,
        span: Some((1, 2)),
        addresses: [view()].into(),
        users: ["u".to_owned()].into(),
        dropped: 1,
        bursts,
        clicked,
        grid,
        named: ["n".to_owned()].into(),
        meta: [("k".to_owned(), (1, "v".to_owned()))].into(),
        referrer: Some((1, "u".to_owned())),
        first_error: Some(Moment { at: 1, tab: tab() }),
        facts: facts(),
    }
}

/// One of each kind.
fn facts() -> Facts {
    let custom = |tag: &str, payload: &str| {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":1}}"#)
    };
    let other = |data: &str| format!(r#"{{"type":3,"data":{{{data}}},"timestamp":1}}"#);
    let events = [
        r#"{"type":4,"data":{"href":"u","width":9,"height":9},"timestamp":1}"#.to_owned(),
        other(r#""source":3,"id":1,"x":0,"y":9"#),
        other(r#""source":1,"positions":[{"x":1,"y":2}]"#),
        other(r#""source":5,"id":4"#),
        custom("__perf", r#"{"metric":"LCP","value":9}"#),
        custom("__click", r#"{"selector":"a"}"#),
        custom("__field", r#"{"id":4,"field":"k","text":"l","form":"f"}"#),
        custom("__form_submit", r#"{"name":"f"}"#),
        custom("bought", r#"{"price":9.5}"#),
        custom("sentiero:environment", r#"{"utm_source":"s"}"#),
    ];
    Digest::from_events(&tab(), events.iter().map(String::as_bytes)).facts
}

fn visitor() -> Visitor {
    let some = || Some("x".to_owned());
    Visitor {
        country: some(),
        region: some(),
        timezone: some(),
        browser: some(),
        os: some(),
        device: some(),
    }
}

fn load() -> TabState {
    TabState {
        window: window(),
        stored: Ranges::default(),
        span: (1, 2),
        left_at: Some(1),
        keyframe: true,
        offset: 1,
    }
}

fn state() -> SessionState {
    SessionState {
        created: 1,
        next_chunk: 1,
        announced: true,
        last: 1,
        tabs: [(tab(), load())].into(),
        digest: digest(),
        bytes: 1,
        skew: Some(1),
        masked: 1,
        visitor: visitor(),
    }
}

fn chunk() -> StoredChunk {
    StoredChunk {
        name: "1-0".into(),
        batches: vec![batch()],
    }
}

fn record() -> Record {
    Record {
        v: Record::VERSION,
        sid: sid(),
        live: true,
        state: state(),
        chunks: vec![chunk()],
        buffered: vec![batch()],
    }
}

fn buffered() -> Buffered {
    Buffered {
        meta: batch(),
        window: window(),
        end: true,
        at: 1,
        skew: 1,
        offset: 1,
        masked: 1,
        digest: digest(),
    }
}

fn row() -> SessionRow {
    let Visitor {
        country,
        region,
        timezone,
        browser,
        os,
        device,
    } = visitor();
    SessionRow {
        sid: sid(),
        started: 1,
        duration: 1,
        live: true,
        tabs: 1,
        pages: 1,
        events: 1,
        clicks: 1,
        errors: 1,
        bytes: 1,
        masked: 1,
        users: vec!["u".to_owned()],
        entry: "u".into(),
        exit: "u".into(),
        country,
        region,
        timezone,
        browser,
        os,
        device,
        active: 1,
        rage: 1,
        dead: 1,
        referrer: Some("u".into()),
        strip: Strip::parse("0"),
        visited: vec!["u".into()],
        more: 1,
        named: vec!["n".into()],
        meta: [("k".to_owned(), "v".to_owned())].into(),
    }
}

fn plan() -> Plan {
    Plan {
        site: SiteKey::parse("demo").unwrap(),
        from: 1,
        to: 2,
        days: 30,
        longest: 30,
        swept: Some("x".into()),
        rebuild: Some(Rebuild {
            after: "x".into(),
            restored: 1,
            unreadable: 1,
            finished: Some(1),
        }),
        digested: 1,
        anew: Some(Anew {
            version: 1,
            after: "x".into(),
            made: 1,
            failed: 1,
        }),
        asked: 1,
        evicted: Some((1, 1)),
        failures: 1,
    }
}

fn filter() -> Filter {
    let some = || Some("x".to_owned());
    Filter {
        from: Some(1),
        before: Some(2),
        user: some(),
        country: some(),
        region: some(),
        timezone: some(),
        browser: some(),
        os: some(),
        device: some(),
        entry: some(),
        url: some(),
        referrer: some(),
        meta: [("x".to_owned(), "x".to_owned())].into(),
        event: some(),
        errors: true,
        rage: true,
        dead: true,
        min_duration: Some(1),
        max_duration: Some(2),
        live: Some(true),
        q: some(),
        any: Vec::new(),
        not: Vec::new(),
    }
}

/// One with others in it, which have the same fields.
fn filter_of_filters() -> Filter {
    Filter {
        any: vec![filter()],
        not: vec![filter()],
        ..filter()
    }
}

fn job() -> Job {
    Job {
        site: SiteKey::parse("demo").unwrap(),
        receipt: Receipt {
            id: ErasureId::new(1, &[1; 10]),
            kind: Kind::Filter,
            by: "x".into(),
            asked: 1,
            filter: Some(filter()),
            withheld: vec!["user".into()],
            matched: 1,
            erased: 1,
            finished: Some(1),
        },
        target: Target::Matching(Box::new(filter())),
        month: Some(1),
        after: Some(sid()),
        pending: vec![sid()],
        announced: true,
        failures: 1,
        unconfirmed: true,
    }
}

fn token() -> ApiToken {
    ApiToken {
        id: TokenId::new(&[1; 8]),
        name: "x".into(),
        scopes: vec![Scope::Read],
        sites: Reach::All(All::All),
        created: 1,
        expires: 2,
        used: Some(1),
    }
}

fn kept_link() -> Kept {
    let link = Link {
        id: TokenId::new(&[0; 8]),
        session: "x".into(),
        by: "x".into(),
        created: 1,
        expires: 2,
        from: Some(1),
        to: Some(2),
    };
    let sealed = "x".into();
    Kept { link, sealed }
}

#[test]
fn fields_of_records() {
    let erasure = Erasure {
        purged: Some(1),
        settled: true,
    };
    let saved = Saved {
        site: SiteKey::parse("demo").unwrap(),
        sid: sid(),
        retention_days: 30,
        state: state(),
        failures: 0,
    };
    let tombstone = Tombstone {
        site: SiteKey::parse("demo").unwrap(),
        sid: sid(),
        erasure,
        failures: 0,
    };
    let all = [
        keys("record", &record()),
        keys("state", &state()),
        keys("load", &load()),
        keys("digest", &digest()),
        keys("click", &digest().clicked),
        keys("facts", &facts()),
        keys("view", &view()),
        keys("visitor", &visitor()),
        keys("chunk", &chunk()),
        keys("batch", &batch()),
        keys("buffered", &buffered()),
        keys("row", &row()),
        keys("erasure", &erasure),
        keys("saved", &saved),
        keys("tombstone", &tombstone),
        keys("plan", &plan()),
        keys("rebuild", &plan().rebuild.unwrap()),
        keys("anew", &plan().anew.unwrap()),
        keys("job", &job()),
        keys("receipt", &job().receipt),
        keys("filter", &filter_of_filters()),
        keys("entry", &Entry::new(1, "x", Action::View, Some("x".into()))),
        keys("token", &token()),
        keys("kept", &kept_link()),
        keys("link", &kept_link().link),
    ];
    assert!(all.iter().all(|names| !names.is_empty()));
    agree(PAGE, "json", &all.into_iter().flatten().collect());
}

#[test]
fn fields_of_an_upload() {
    let meta = Meta {
        url: "u".into(),
        referrer: "u".into(),
        width: 1,
        height: 1,
    };
    let header = Header {
        v: VERSION,
        sid: sid(),
        tab: tab(),
        window: window(),
        seq: 0,
        first: 0,
        n: 1,
        sent: 1,
        offset: Some(1),
        meta: Some(meta.clone()),
        end: true,
    };
    let of_header = keys("", &header);
    let mut all = names(of_header.iter().map(|name| name.trim_start_matches('.')));
    all.extend(keys("meta", &meta));
    agree(PAGE, "upload header", &all);
}

#[test]
fn fields_of_a_sites_configuration() {
    let redact = Redaction::of_page(["true", "a", "keep", "b", "c"]).unwrap();
    let quota = Quota {
        sessions_per_day: Some(1),
        sessions_per_month: Some(1),
        bytes_per_month: Some(1),
    };
    let site = SiteConfig {
        name: "x".into(),
        origins: Vec::new(),
        mask: Mode::Inputs,
        redact: redact.clone(),
        retention_days: 1,
        max_sessions: Some(1),
        max_bytes: Some(1),
        recording: true,
        slow_seconds: 1,
        quota,
        routes: Routes::new(vec!["/a/*".into()]).unwrap(),
        bots: Bots::Record,
        webhook: Some(Webhook {
            url: "https://hooks.example.com/".into(),
            dashboard: Some("https://sentiero.example/".into()),
            secret_id: Some(TokenId::new(&[1; 8])),
        }),
        sharing: Sharing {
            files: true,
            links: true,
        },
    };
    let of_site = keys("", &site);
    let mut all = names(of_site.iter().map(|name| name.trim_start_matches('.')));
    assert!(all.remove("redact"), "its fields are listed instead");
    all.extend(keys("redact", &redact));
    assert!(all.remove("quota"), "likewise");
    all.extend(keys("quota", &quota));
    assert!(all.remove("webhook"), "likewise");
    all.extend(keys("webhook", &site.webhook));
    assert!(all.remove("sharing"), "likewise");
    all.extend(keys("sharing", &site.sharing));
    agree(PAGE, "site configuration", &all);
}

#[test]
fn words_that_are_counted() {
    agree("docs/protocol.md", "counted words", &names(WORDS));
}

/// Lines of the log are made in one place, which knows what may be said.
#[test]
fn who_writes_to_the_log() {
    let files = edge();
    let log = ["edge-worker/src/log.rs"];
    for (call, places) in [
        ("console_error!", &log[..]),
        ("console_warn!", &log[..]),
        ("console_log!", &[]),
        ("console_debug!", &[]),
    ] {
        only_in(&files, call, places);
    }
}
