//! What a release has stored, the next one lists, replays, reports, erases and rebuilds.
//!
//! `tests/fixtures/releases/VERSION` is what that version stored of a small story (`store.json`,
//! every object, KV and R2), and what it said of it (`told.json`). A folder is never changed
//! once its version was released. Each of them is given to today's worker; and today's worker,
//! led through the story, must store in the same tables as the folder of its own version says:
//! who changes them raises the version and keeps a new folder, with
//! `SENTIERO_WRITE_RELEASE=1 cargo test -p system-tests --test upgrade`.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod askers;
mod story;

use askers::Asker;
use sentiero_core::api::LINK_HEADER;
use sentiero_core::audit::KEPT;
use sentiero_core::erasure::Receipt;
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::retention::Rebuilds;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use story::{CANARY, Told, answers, events, lead};
use system_tests::client::{Dashboard, post, request};
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker, root};

const SOON: Duration = Duration::from_mins(1);
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn releases() -> PathBuf {
    root().join("tests/fixtures/releases")
}

/// Whoever does nothing for so many seconds has left.
fn worker(idle: &str) -> Worker {
    let mut options = Options::default();
    options.vars.push(("IDLE_SECONDS", idle.to_owned()));
    options.vars.push(("LEAVE_SECONDS", "0.3".to_owned()));
    options.released = true;
    Worker::start(options).unwrap()
}

fn door(worker: &Worker, name: &str, body: Vec<u8>) -> Vec<u8> {
    let url = format!("{}/api/released/{name}", worker.url);
    let answer = request("POST", &url, &[], body).unwrap();
    assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    answer.body
}

fn dump(worker: &Worker) -> Value {
    serde_json::from_slice(&door(worker, "dump", Vec::new())).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> T {
    let path = folder.join(name);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A line for each object, key and chunk, so that a difference can be read.
fn lines(store: &Value) -> String {
    let parts = store.as_object().unwrap().iter().map(|(name, list)| {
        let list = list.as_array().unwrap().iter();
        let list: Vec<String> = list.map(|one| format!("    {one}")).collect();
        format!("  \"{name}\": [\n{}\n  ]", list.join(",\n"))
    });
    format!("{{\n{}\n}}\n", parts.collect::<Vec<_>>().join(",\n"))
}

/// What a store is made of, whatever it holds: tables by class, and how keys begin.
fn layout(store: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut layout: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in store["objects"].as_array().unwrap() {
        let tables = object["schema"].as_array().unwrap().iter();
        let tables = tables.map(|sql| sql.as_str().unwrap().to_owned());
        let class = object["class"].as_str().unwrap().to_owned();
        layout.entry(class).or_default().extend(tables);
    }
    for kind in ["kv", "r2"] {
        for entry in store[kind].as_array().unwrap() {
            let key = entry["key"].as_str().unwrap();
            let parts = key.split(['/', ':']).count();
            let shape = format!("{}… in {parts} parts", &key[..2]);
            layout.entry(kind.to_owned()).or_default().insert(shape);
            let metadata = entry["metadata"].as_object().into_iter().flatten();
            let metadata = metadata.map(|(name, _)| format!("metadata {name}"));
            layout.entry(kind.to_owned()).or_default().extend(metadata);
        }
    }
    layout
}

#[test]
fn what_is_stored_today_is_as_the_release_of_this_version_stores_it() {
    let mut worker = worker("600");
    let told = lead(&mut worker);
    let store = dump(&worker);
    let folder = releases().join(VERSION);
    if !folder.exists() && std::env::var_os("SENTIERO_WRITE_RELEASE").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("store.json"), lines(&store)).unwrap();
        let told = serde_json::to_string_pretty(&told).unwrap() + "\n";
        fs::write(folder.join("told.json"), told).unwrap();
    }
    let kept: Value = read(&folder, "store.json");
    assert_eq!(
        layout(&store),
        layout(&kept),
        "the stores' layout differs from that of {VERSION}: once that is released, raise the \
         version and keep a folder of the new one (see the head of this file)"
    );
}

/// Whether `now` says all that `before` said; it may say more. Of a list each entry must still
/// be there.
fn still_says(now: &Value, before: &Value) -> bool {
    match (now, before) {
        (Value::Object(now), Value::Object(before)) => before.iter().all(|(name, value)| {
            let now = now.get(name).unwrap_or(&Value::Null);
            still_says(now, value)
        }),
        (Value::Array(now), Value::Array(before)) => before
            .iter()
            .all(|value| now.iter().any(|now| still_says(now, value))),
        (now, before) => now == before,
    }
}

/// A worker that goes on with what a release has stored, and what that said of it.
fn upgraded(folder: &Path) -> (Worker, Told) {
    let mut worker = worker("1");
    let store = fs::read(folder.join("store.json")).unwrap();
    door(&worker, "fill", store);
    worker.crash_and_restart().unwrap();
    (worker, read(folder, "told.json"))
}

fn assert_still_told(dashboard: &Dashboard, told: &Told) {
    let now_told = answers(dashboard, told);
    for (path, before) in &told.answers {
        // These end by themselves.
        if (path == "audit" || path == "erasures") && told.at + KEPT < now() {
            continue;
        }
        let now = &now_told[path];
        assert!(
            still_says(now, before),
            "{path}: {} said\n{before}\nand now\n{now}",
            told.version
        );
    }
    assert_eq!(events(dashboard, &told.whole), told.events);
}

/// Whoever has a secret of before has what it opens, until its own end.
fn assert_secrets(worker: &Worker, told: &Told) {
    let bearer = Asker {
        url: worker.url.clone(),
        headers: vec![(
            "authorization".to_owned(),
            format!("Bearer {}", told.token.0),
        )],
    };
    let status = |expires: Millis| if expires > now() { 200 } else { 401 };
    let list = bearer.ask("GET", "sites/shop/sessions", &Value::Null);
    assert_eq!(list.status, status(told.token.1), "{}", list.text());
    let (secret, expires) = &told.link;
    let url = format!("{}/api/shared/shop", worker.url);
    let shown = request("GET", &url, &[(LINK_HEADER, secret)], Vec::new()).unwrap();
    assert_eq!(shown.status == 200, *expires > now(), "{}", shown.text());
}

/// The session that was under way is finished, with all that was acknowledged.
fn assert_goes_on(dashboard: &Dashboard, told: &Told) {
    let (sid, before) = &told.under_way;
    until("it is finished", SOON, || {
        let rows = dashboard.list("?limit=200").unwrap().sessions;
        let row = rows.into_iter().find(|row| row.sid == *sid)?;
        (!row.live).then_some(())
    });
    assert_eq!(&events(dashboard, sid), before);
}

fn assert_stays_erased(worker: &Worker, dashboard: &Dashboard, sid: &SessionId) {
    assert!(dashboard.detail(sid).unwrap().is_none());
    let visit = Visit { sid: sid.clone() };
    let late = post(&worker.url, "shop", &[], visit.batch(3, 0, 1)).unwrap();
    assert_eq!((late.status, late.code().as_str()), (403, "session_erased"));
}

fn rebuild(dashboard: &Dashboard) {
    let asked = dashboard.post("rebuild", "").unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text());
    until("all months are made again", SOON, || {
        let state: Rebuilds = dashboard.get("rebuild").unwrap().json().unwrap();
        let mut months = state.months.iter();
        months
            .all(|(_, month)| month.finished.is_some())
            .then_some(())
    });
}

fn erase(dashboard: &Dashboard, user: &str) -> Receipt {
    let counted = dashboard.post("erase", &json!({ "user": user }).to_string());
    let counted: Value = counted.unwrap().json().unwrap();
    let request = json!({"user": user, "confirm": counted["matched"]});
    let asked = dashboard.post("erase", &request.to_string()).unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text());
    let id = asked.json::<Receipt>().unwrap().id;
    until("it is erased", SOON, || {
        let receipt: Receipt = dashboard
            .get(&format!("erasures/{id}"))
            .unwrap()
            .json()
            .unwrap();
        receipt.finished.is_some().then_some(receipt)
    })
}

fn assert_no_trace(worker: &Worker, canary: &str) {
    until(&format!("no trace of {canary}"), SOON, || {
        let hits = worker.storage_hits(canary.as_bytes()).unwrap();
        hits.is_empty().then_some(())
    });
}

fn upgrade_from(folder: &Path) {
    let (mut worker, told) = upgraded(folder);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("shop");
    assert_still_told(&dashboard, &told);
    assert_secrets(&worker, &told);
    assert_goes_on(&dashboard, &told);
    for sid in [&told.withdrawn, &told.wiped] {
        assert_stays_erased(&worker, &dashboard, sid);
    }

    // What comes now is beside what was there.
    let visit = Visit::new();
    let upload = post(&worker.url, "shop", &[], visit.last_batch(1, 0, 3)).unwrap();
    assert_eq!(upload.status, 200, "{}", upload.text());
    until("it is listed", SOON, || {
        let rows = dashboard.list("?limit=200").unwrap().sessions;
        rows.iter()
            .any(|row| row.sid == visit.sid && !row.live)
            .then_some(())
    });

    rebuild(&dashboard);
    assert_still_told(&dashboard, &told);

    // An operator erases, and retention does.
    assert_eq!(erase(&dashboard, story::USER).erased, 1);
    assert!(dashboard.detail(&told.whole).unwrap().is_none());
    assert_no_trace(&worker, &format!("{CANARY}-whole"));
    assert!(
        worker
            .storage_contains(format!("{CANARY}-old").as_bytes())
            .unwrap()
    );
    worker.configure("shop", &story::site(1)).unwrap();
    until("it is deleted", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let hits = worker.storage_hits(format!("{CANARY}-old").as_bytes());
        hits.unwrap().is_empty().then_some(())
    });
    assert!(dashboard.detail(&told.old).unwrap().is_none());
    assert_eq!(events(&dashboard, &visit.sid).len(), 3);
}

#[test]
fn a_worker_goes_on_with_what_each_release_has_stored() {
    let mut folders: Vec<PathBuf> = fs::read_dir(releases())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "no release was kept");
    for folder in folders {
        upgrade_from(&folder);
    }
}
