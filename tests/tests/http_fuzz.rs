//! Hostile requests by the thousand against the built worker: never a 5xx, never a hang,
//! never something stored that was not acknowledged, nor acknowledged and not stored.
//!
//! The short form makes the same cases every time. With `SENTIERO_FULL=1` it runs for
//! `SENTIERO_HTTP_FUZZ_MINUTES` (10) on cases of `SENTIERO_HTTP_FUZZ_SEED` (another each
//! minute of the clock). A find is printed with its number; kept in a file of
//! `tests/fixtures/crashers/http` it is tried first by every run.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "how much was tried is worth knowing")]

use sentiero_core::api::{CSRF_HEADER, IssuedToken};
use sentiero_core::wire::{Ack, Directive};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use system_tests::client::{Dashboard, accept, request};
use system_tests::fuzz::{Numbers, call, case};
use system_tests::raw::{Reply, exchange};
use system_tests::upload::{Visit, now};
use system_tests::worker::{Options, Worker, files, root};

const SHORT: Duration = Duration::from_secs(20);
const THREADS: u64 = 4;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// How long, and which cases.
fn plan() -> (Duration, u64) {
    if std::env::var("SENTIERO_FULL").is_err() {
        return (SHORT, 1);
    }
    let minutes = number("SENTIERO_HTTP_FUZZ_MINUTES").unwrap_or(10);
    let seed = number("SENTIERO_HTTP_FUZZ_SEED").unwrap_or(now() / 60_000);
    (Duration::from_secs(60 * minutes), seed)
}

/// Tries numbers of `seed` on every thread for so long.
fn try_for(time: Duration, seed: u64, try_one: &(impl Fn(u64) + Sync)) {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                let mut numbers = Numbers::new(seed * THREADS + thread);
                while start.elapsed() < time {
                    try_one(numbers.any());
                }
            });
        }
    });
}

/// Finds of earlier runs, a number a line.
fn kept() -> Vec<u64> {
    let folder = root().join("tests/fixtures/crashers/http");
    let texts = files(&folder)
        .unwrap()
        .into_iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    let lines: Vec<String> = texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines
        .iter()
        .filter_map(|line| u64::from_str_radix(line.strip_prefix("0x")?, 16).ok())
        .collect()
}

/// What became of all cases.
#[derive(Default)]
struct Seen {
    cases: AtomicU64,
    stored: AtomicU64,
    statuses: Mutex<BTreeMap<u16, u64>>,
    finds: Mutex<Vec<String>>,
}

/// Tries one case; what is wrong with the answer.
fn attempt(url: &str, dashboard: &Dashboard, number: u64, seen: &Seen) -> Result<(), String> {
    let case = case(number, url);
    let replies = exchange(url, &case.bytes, case.answers).map_err(|error| error.to_string())?;
    seen.cases.fetch_add(1, Ordering::Relaxed);
    // `next` may be 0: what was stored need not begin there.
    let is_ack = |reply: &Reply| {
        let ack = serde_json::from_slice::<Ack>(&reply.body);
        reply.status == 200 && ack.is_ok_and(|ack| ack.directive != Directive::Stop)
    };
    let acknowledged = replies.iter().any(is_ack);
    for reply in &replies {
        *seen
            .statuses
            .lock()
            .unwrap()
            .entry(reply.status)
            .or_default() += 1;
        // What is no HTTP never comes to the worker.
        let is_servers = !case.as_usual && reply.is_servers();
        if reply.status >= 500 && !is_servers {
            return Err(format!("{}: {}", reply.status, reply.text()));
        }
    }
    if case.plain && !acknowledged {
        return Err(format!("a plain upload was not taken: {replies:?}"));
    }
    let stored = dashboard
        .detail(&case.visit.sid)
        .map_err(|error| error.to_string())?
        .is_some();
    if stored && !acknowledged {
        return Err(format!("stored, but not acknowledged: {replies:?}"));
    }
    if acknowledged && case.named && !stored {
        return Err("acknowledged, but not stored".to_owned());
    }
    if stored {
        is_readable(dashboard, &case.visit)?;
    }
    seen.stored.fetch_add(u64::from(stored), Ordering::Relaxed);
    Ok(())
}

/// Every event that a session says it has can be read.
fn is_readable(dashboard: &Dashboard, visit: &Visit) -> Result<(), String> {
    let wrong = |error: anyhow::Error| error.to_string();
    let events = dashboard.events(visit, "").map_err(wrong)?;
    let detail = dashboard.detail(&visit.sid).map_err(wrong)?;
    let said = detail.map_or(0, |detail| detail.row.events);
    if u64::try_from(events.len()) == Ok(said) {
        return Ok(());
    }
    Err(format!(
        "{said} events are said to be stored, {} are read",
        events.len()
    ))
}

#[test]
fn hostile_requests_by_the_thousand() {
    let (time, seed) = plan();
    let worker = Worker::start(Options::default()).unwrap();
    let url = worker.url.as_str();
    let dashboard = Dashboard::sign_in(url).unwrap();
    let tally = Seen::default();
    let try_one = |number: u64| {
        if let Err(wrong) = attempt(url, &dashboard, number, &tally) {
            println!("0x{number:016x}: {wrong}");
            tally
                .finds
                .lock()
                .unwrap()
                .push(format!("0x{number:016x}: {wrong}"));
        }
    };
    kept().into_iter().for_each(try_one);
    try_for(time, seed, &try_one);
    let (cases, stored) = (tally.cases.into_inner(), tally.stored.into_inner());
    let statuses = tally.statuses.into_inner().unwrap();
    println!("seed {seed}: {cases} cases, {stored} stored, answers by status {statuses:?}");
    let finds = tally.finds.into_inner().unwrap();
    assert!(
        finds.is_empty(),
        "{} finds:\n{}",
        finds.len(),
        finds.join("\n")
    );
    // It has met what it is for, and the worker is well.
    for status in [200, 400] {
        assert!(
            statuses.contains_key(&status),
            "no {status} in {cases} cases"
        );
    }
    assert!(stored > 0 && stored < cases);
    let health = request("GET", &format!("{url}/health"), &[], Vec::new()).unwrap();
    assert_eq!(health.status, 200, "{}", health.text());
    accept(url, Visit::new().batch(1, 0, 3)).unwrap();
}

/// What servers tell, changed here and there: never a 5xx, and what was left as it was is taken.
#[test]
fn hostile_calls_by_the_thousand() {
    let (time, seed) = plan();
    let worker = Worker::start(Options::default()).unwrap();
    let url = worker.url.as_str();
    let dashboard = Dashboard::sign_in(url).unwrap();
    let wanted = r#"{"name":"fuzz","scopes":["tell"],"sites":"all"}"#;
    let headers = [
        ("cookie", dashboard.cookie.as_str()),
        (CSRF_HEADER, dashboard.session.csrf.as_str()),
    ];
    let made = request(
        "POST",
        &format!("{url}/api/tokens"),
        &headers,
        wanted.into(),
    )
    .unwrap();
    let secret = made.json::<IssuedToken>().unwrap().secret;
    let (cases, taken) = (AtomicU64::new(0), AtomicU64::new(0));
    let finds = Mutex::new(Vec::new());
    let try_one = |number: u64| {
        let visit = Visit::new();
        let (bytes, plain) = call(number, url, &secret, &visit);
        let replies = exchange(url, &bytes, 1).unwrap();
        cases.fetch_add(1, Ordering::Relaxed);
        for reply in &replies {
            taken.fetch_add(u64::from(reply.status == 200), Ordering::Relaxed);
            // What is no HTTP never comes to the worker.
            let is_wrong = reply.status >= 500 && (plain || !reply.is_servers());
            if is_wrong || (plain && reply.status != 200) {
                let find = format!("0x{number:016x}: {}: {}", reply.status, reply.text());
                finds.lock().unwrap().push(find);
            }
        }
    };
    try_for(time, seed, &try_one);
    let (cases, taken) = (cases.into_inner(), taken.into_inner());
    println!("seed {seed}: {cases} calls, {taken} taken");
    let finds = finds.into_inner().unwrap();
    assert!(finds.is_empty(), "{}", finds.join("\n"));
    assert!(taken > 0 && taken < cases);
}
