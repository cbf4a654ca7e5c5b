//! `cargo xtask site`, `cargo xtask token` and `cargo xtask sourcemaps` against the built worker.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::SessionList;
use sentiero_core::source_map::MapList;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
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

/// What succeeds.
fn done(worker: &Worker, secret: (&str, &str), words: &[&str]) -> String {
    let (content, text) = xtask(worker, secret, words);
    assert!(content, "{words:?}: {text}");
    text
}

/// What fails, and says why.
fn refused(worker: &Worker, secret: (&str, &str), words: &[&str], said: &str) {
    let (content, text) = xtask(worker, secret, words);
    assert!(!content && text.contains(said), "{words:?}: {text}");
}

/// A token with which the rest is done: only so many may sign in within a minute.
fn token(worker: &Worker) -> String {
    let words = [
        "token",
        "create",
        "--name",
        "cli",
        "--scope",
        "sites,admin",
        "--all-sites",
    ];
    let text = done(worker, ("SENTIERO_PASSWORD", PASSWORD), &words);
    let mut lines = text.lines();
    let secret = lines.find(|line| line.starts_with("sentiero_"));
    secret.unwrap().to_owned()
}

#[test]
fn sites_and_tokens_on_the_command_line() {
    let worker = Worker::start(Options::default()).unwrap();
    let secret = token(&worker);
    let by_token = ("SENTIERO_TOKEN", secret.as_str());
    let done = |secret, words: &[&str]| done(&worker, secret, words);
    let refused = |secret, words: &[&str], said: &str| refused(&worker, secret, words, said);

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

    let text = done(by_token, &["site", "key", "new", "shop"]);
    let (_, rest) = text.split_once("data-site=\"").unwrap();
    let key = rest.split('"').next().unwrap();
    let text = done(by_token, &["site", "key", "disable", "shop", key]);
    assert!(
        text.contains("is disabled") && text.contains("after 5 s"),
        "{text}"
    );
    let text = done(by_token, &["site", "key", "list", "shop"]);
    let state = |of: &str| text.lines().find(|line| line.starts_with(of)).unwrap();
    assert!(
        state("shop ").ends_with("on") && state(key).ends_with("off"),
        "{text}"
    );
    done(by_token, &["site", "key", "enable", "shop", key]);
    refused(
        by_token,
        &["site", "key", "remove", "shop", key],
        "key_stays",
    );
    done(by_token, &["site", "key", "disable", "shop", key]);
    done(by_token, &["site", "key", "remove", "shop", key]);
    refused(
        by_token,
        &["site", "key", "disable", "shop"],
        "one of its keys",
    );

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

/// Every field of a site: where it is, what it is set to, and a value that is none.
fn fields() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("name", json!("Renamed = twice"), "[]"),
        (
            "origins",
            json!(["self", "https://new.example"]),
            r#"["https://new.example/"]"#,
        ),
        ("mask", json!("text"), "some"),
        ("redact.phones", json!(true), "maybe"),
        ("redact.patterns", json!(["KD-[0-9]{4}"]), r#"["("]"#),
        ("redact.urls", json!("filter"), "all"),
        ("redact.allow", json!(["page"]), r#"[""]"#),
        ("redact.deny", json!(["token"]), "7"),
        ("retention_days", json!(7), "0"),
        ("max_sessions", json!(5_000), "0"),
        ("max_bytes", json!(1_000_000_000), "1"),
        ("recording", json!(false), "off"),
        ("slow_seconds", json!(30), "601"),
        ("quota.sessions_per_day", json!(100), "-1"),
        ("quota.sessions_per_month", json!(2_000), "many"),
        ("quota.bytes_per_month", json!(0), "1.5"),
        ("bots", json!("record"), "ignore"),
    ]
}

fn pointer(field: &str) -> String {
    format!("/{}", field.replace('.', "/"))
}

/// The names of all that a configuration says, those of an object within it by a point.
fn names(config: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in config.as_object().unwrap() {
        match value.as_object() {
            Some(inner) => names.extend(inner.keys().map(|inner| format!("{name}.{inner}"))),
            None => drop(names.insert(name.clone())),
        }
    }
    names
}

/// A file that lives as long as the test.
fn file(config: &Value) -> PathBuf {
    let path = root().join(format!("target/tmp/site-{}.json", std::process::id()));
    fs::write(&path, config.to_string()).unwrap();
    path
}

/// A right value, of another field.
fn beside(field: &str) -> &'static str {
    match field {
        "slow_seconds" => "name=Elsewhere",
        _ => "slow_seconds=9",
    }
}

#[test]
fn every_field_of_a_site_can_be_set_and_a_wrong_value_names_it() {
    let worker = Worker::start(Options::default()).unwrap();
    let secret = token(&worker);
    let by = ("SENTIERO_TOKEN", secret.as_str());
    let site = || -> Value {
        let text = done(&worker, by, &["site", "show", "shop"]);
        serde_json::from_str(&text).unwrap()
    };
    let create = [
        "site", "create", "shop", "--name", "Shop", "--origin", "self",
    ];
    done(&worker, by, &create);
    let before = site();

    // A wrong value is refused, names its field, and changes nothing; nor does what stands
    // beside it.
    for (field, _, wrong) in fields() {
        let set = format!("{field}={wrong}");
        let name = field.split('.').next_back().unwrap();
        let words = ["site", "set", "shop", &set, beside(field)];
        let (content, text) = xtask(&worker, by, &words);
        assert!(!content, "{set}: {text}");
        let named = text.contains(&format!("`{field}`")) || text.contains(name);
        assert!(named, "{set}: {text}");
    }
    for (set, named) in [
        ("retention=7", "`retention`"),
        ("redact.emails=true", "emails"),
        ("name.first=x", "`first`"),
        ("mask", "FIELD=VALUE"),
    ] {
        refused(&worker, by, &["site", "set", "shop", set], named);
    }
    refused(&worker, by, &["site", "set", "shop"], "FIELD=VALUE");
    let nobody = ["site", "set", "nobody", "mask=text"];
    refused(&worker, by, &nobody, "no such site");
    assert_eq!(site(), before);

    // All of them at once, and then each is what it was set to.
    let sets: Vec<String> = fields()
        .iter()
        .map(|(field, value, _)| match value.as_str() {
            Some(text) => format!("{field}={text}"),
            None => format!("{field}={value}"),
        })
        .collect();
    let mut words = vec!["site", "set", "shop"];
    words.extend(sets.iter().map(String::as_str));
    done(&worker, by, &words);
    let changed = site();
    for (field, value, _) in fields() {
        assert_eq!(
            changed["config"].pointer(&pointer(field)),
            Some(&value),
            "{field}"
        );
    }
    let known: BTreeSet<String> = fields()
        .iter()
        .map(|(field, ..)| (*field).to_owned())
        .collect();
    assert_eq!(
        names(&changed["config"]),
        known,
        "a field of a site is missing here"
    );

    // What is a limit can be taken away.
    let none = ["max_sessions=null", "max_bytes=null", "quota={}"];
    done(&worker, by, &[&["site", "set", "shop"][..], &none].concat());
    let config = &site()["config"];
    for field in ["/max_sessions", "/max_bytes", "/quota/sessions_per_day"] {
        assert_eq!(config.pointer(field), None, "{field}");
    }

    // A whole file needs the revision that it was made from.
    let path = file(&changed["config"]);
    let path = path.to_str().unwrap();
    let set = ["site", "set", "shop", "--file", path];
    refused(&worker, by, &set, "--revision");
    let old = changed["revision"].to_string();
    refused(
        &worker,
        by,
        &[&set[..], &["--revision", &old]].concat(),
        "site_changed",
    );
    let now = site()["revision"].to_string();
    done(&worker, by, &[&set[..], &["--revision", &now]].concat());
    assert_eq!(site()["config"], changed["config"]);

    // The same file makes a site, under a key that the worker chooses if none is said.
    let text = done(&worker, by, &["site", "create", "--file", path]);
    assert!(text.contains("data-site=\""), "{text}");
    refused(
        &worker,
        by,
        &["site", "create", "Shop 2", "--file", path],
        "`key`",
    );
    refused(&worker, by, &["site", "create", "x"], "--name");
    for verb in ["disable", "enable"] {
        refused(&worker, by, &["site", verb, "nobody"], "no such site");
        refused(&worker, by, &["site", verb], "key of one site");
        done(&worker, by, &["site", verb, "shop"]);
        assert_eq!(site()["config"]["recording"], json!(verb == "enable"));
    }
    let _ = fs::remove_file(path);
}

/// A folder as a build leaves it: a script with its map, one without, and one whose map the
/// worker refuses if `is_bent`. It lives as long as the test.
fn built(is_bent: bool) -> PathBuf {
    let folder = root().join(format!("target/tmp/built-{}-{is_bent}", std::process::id()));
    fs::create_dir_all(folder.join("lazy")).unwrap();
    let fixture = root().join("tests/fixtures/maps");
    for file in ["app.js", "app.js.map"] {
        fs::copy(fixture.join(file), folder.join("lazy").join(file)).unwrap();
    }
    fs::write(folder.join("plain.js"), "plain()").unwrap();
    if is_bent {
        fs::write(folder.join("bent.js"), "bent()").unwrap();
        fs::write(folder.join("bent.js.map"), r#"{"version":2}"#).unwrap();
    }
    folder
}

#[test]
fn the_source_maps_of_a_build_on_the_command_line() {
    let worker = Worker::start(Options::default()).unwrap();
    let create = [
        "token", "create", "--name", "build", "--scope", "maps", "--site", "demo",
    ];
    let text = done(&worker, ("SENTIERO_PASSWORD", PASSWORD), &create);
    let mut lines = text.lines();
    let secret = lines.find(|line| line.starts_with("sentiero_")).unwrap();
    let by = ("SENTIERO_TOKEN", secret);
    let upload = |folder: &PathBuf, site: &str, more: &[&str]| {
        let folder = folder.to_str().unwrap();
        let mut words = vec!["sourcemaps", folder, "--site", site, "--release", "v 1"];
        words.extend(["--base", "https://shop.example/assets/"]);
        words.extend(more);
        xtask(&worker, by, &words)
    };
    let kept = || {
        let url = format!("{}/api/sites/demo/maps?release=v%201", worker.url);
        let bearer = format!("Bearer {secret}");
        let answer = request("GET", &url, &[("authorization", &bearer)], Vec::new()).unwrap();
        let list: MapList = (answer.status == 200).then(|| answer.json().unwrap())?;
        list.releases.into_iter().next()
    };
    let size = || kept().unwrap().maps[0].bytes;

    let whole = built(false);
    let (content, text) = upload(&whole, "demo", &["--dry-run"]);
    assert!(
        content && text.contains("1 source maps would be sent"),
        "{text}"
    );
    assert_eq!(kept(), None, "nothing was sent");
    let (content, text) = upload(&whole, "nobody", &[]);
    assert!(!content && text.contains("refused"), "{text}");
    let (content, text) = upload(&whole, "demo", &[]);
    assert!(
        content && text.contains("plain.js  skipped: it has no source map"),
        "{text}"
    );
    assert!(text.contains("1 source maps sent, 0 refused"), "{text}");
    let release = kept().unwrap();
    assert_eq!(release.maps.len(), 1);
    assert_eq!(release.maps[0].file, "/assets/lazy/app.js");
    let bare = size();

    // One that is refused is named, with what is wrong; the others are kept, and it fails.
    let bent = built(true);
    let (content, text) = upload(&bent, "demo", &["--sources"]);
    assert!(!content, "{text}");
    assert!(
        text.contains("/assets/bent.js  refused:") && text.contains("`version`"),
        "{text}"
    );
    assert!(text.contains("refused 1 source maps"), "{text}");
    assert!(size() > bare, "with the sources it is larger");
    for folder in [whole, bent] {
        let _ = fs::remove_dir_all(folder);
    }
}
