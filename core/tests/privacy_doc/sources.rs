//! What is read from the sources: keys, options, tags, headers, bindings, tables.

use crate::page::{
    Names, PAGE, agree, between, constant, edge, listed, names, only_in, read, scripts, sources,
};

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
