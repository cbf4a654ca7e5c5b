//! How many batches a second one local worker makes durable, and how late the
//! latest acknowledgements are. Run by `cargo xtask bench`.
//!
//! Beside it, in the same run, the floor: bodies of the same size that the worker
//! reads and refuses because they are no gzip. Absolute figures depend on the
//! machine; the ratio to the floor says what decoding, masking and storing cost.
//!
//! Then what one visit costs on the platform, counted while a worker stores it.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use sentiero_core::wire::{Header, Limits};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use system_tests::client::{Connection, Dashboard, accept, request};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

/// Batches of one visit, as long as the cost model says.
const BATCHES_A_VISIT: u32 = 20;
const EVENTS_A_BATCH: u32 = 50;
const SECONDS: u64 = 6;

fn main() {
    let worker = Worker::start(Options::default()).unwrap();
    let sample = batch(&Visit::new(), 0);
    println!(
        "batches of {EVENTS_A_BATCH} events, {} bytes ({SECONDS} s each)",
        sample.len()
    );
    run(&worker, "warm-up", 32, true);
    let floor = run(&worker, "read and refused", 32, false);
    run(&worker, "stored", 1, true);
    run(&worker, "stored", 8, true);
    let stored = run(&worker, "stored", 32, true);
    println!("stored / refused: {:.2} of the throughput", stored / floor);
    // What was acknowledged is there.
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let listed = dashboard.list("?limit=200").unwrap().sessions;
    assert!(listed.iter().all(|row| row.events > 0));
    drop(worker);
    cost();
}

/// Prints what the platform bills for one visit: listed as live, [`BATCHES_A_VISIT`]
/// batches with a snapshot of 300 KB among them, left, finished.
fn cost() {
    let mut options = Options {
        counted: true,
        ..Options::default()
    };
    options.vars.push(("LEAVE_SECONDS", "0.5".to_owned()));
    let worker = Worker::start(options).unwrap();
    // What a worker does once, for the site's configuration and the month, is not the visit's.
    accept(&worker.url, Visit::new().last_batch(1, 0, 1)).unwrap();
    counted_until(&worker, "SessionObject deleteAll");

    let visit = Visit::new();
    let first = body(&visit.header(1, 0, 1), &[snapshot(300_000)]);
    accept(&worker.url, first).unwrap();
    let mut counts = counted_until(&worker, "IndexObject requests");
    for number in 1..BATCHES_A_VISIT - 1 {
        accept(&worker.url, batch(&visit, number)).unwrap();
    }
    let last = BATCHES_A_VISIT - 1;
    accept(&worker.url, visit.last_batch(1, last * EVENTS_A_BATCH, 10)).unwrap();
    for (name, count) in counted_until(&worker, "SessionObject deleteAll") {
        *counts.entry(name).or_default() += count;
    }
    println!("a visit of {BATCHES_A_VISIT} batches:");
    for (name, count) in counts {
        println!("{name:>30}: {count}");
    }
}

/// What was counted since the last time, up to when something called `name` is.
fn counted_until(worker: &Worker, name: &str) -> BTreeMap<String, u64> {
    let url = format!("{}/api/counts", worker.url);
    let mut sum: BTreeMap<String, u64> = BTreeMap::new();
    until(name, REST, || {
        let answer = request("GET", &url, &[], Vec::new()).unwrap();
        let counts: BTreeMap<String, u64> = answer.json().unwrap();
        for (name, count) in counts {
            *sum.entry(name).or_default() += count;
        }
        sum.contains_key(name).then_some(())
    });
    sum
}

const REST: Duration = Duration::from_mins(1);

/// A full snapshot of about `bytes`.
fn snapshot(bytes: usize) -> String {
    let nodes: Vec<String> = (0..bytes / 100)
        .map(|id| {
            let salt = (id as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!(
                r#"{{"type":2,"tagName":"td","attributes":{{"class":"c{salt:x}"}},"childNodes":[],"id":{}}}"#,
                id + 2
            )
        })
        .collect();
    format!(
        r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[{}],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":{}}}"#,
        nodes.join(","),
        now()
    )
}

/// A batch of 50 events of a busy page: mutations with text that differs, moves, clicks.
fn batch(visit: &Visit, number: u32) -> Vec<u8> {
    let first = number * EVENTS_A_BATCH;
    let at = now();
    let events: Vec<String> = (first..first + EVENTS_A_BATCH)
        .map(|index| {
            let salt = u64::from(index).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!(
                r#"{{"type":3,"data":{{"source":0,"texts":[{{"id":{index},"value":"row {salt:x} of the table"}}],"attributes":[{{"id":{index},"attributes":{{"class":"cell cell-{salt:016x} is-active","style":"width:{}px"}}}}],"removes":[],"adds":[{{"parentId":4,"nextId":null,"node":{{"type":2,"tagName":"td","attributes":{{"class":"c{salt:x}"}},"childNodes":[],"id":{index}}}}}]}},"timestamp":{at}}}"#,
                index % 997
            )
        })
        .collect();
    body(
        &Header {
            seq: number,
            ..visit.header(1, first, EVENTS_A_BATCH)
        },
        &events,
    )
}

/// Requests a second.
fn run(worker: &Worker, name: &str, connections: u32, stored: bool) -> f64 {
    let failed = Mutex::default();
    let used = worker.usage().unwrap_or_default();
    let start = Instant::now();
    let end = start + Duration::from_secs(SECONDS);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| connection(worker, end, stored, &failed)))
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap())
            .collect()
    });
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    let now = worker.usage().unwrap_or_default();
    let processor = now.processor.saturating_sub(used.processor).as_secs_f64() * 1_000.0;
    times.sort();
    let percentile = |p: usize| {
        let at = (times.len() * p / 100).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default().as_secs_f64() * 1_000.0
    };
    println!(
        "{name:>16}, {connections:2} connections: {rate:5.0} a second ({:6.0} events), \
         p50 {:.1}, p90 {:.1}, p99 {:.1} ms; processor {:.2} ms each, memory {} MB",
        rate * f64::from(EVENTS_A_BATCH),
        percentile(50),
        percentile(90),
        percentile(99),
        processor / times.len().max(1) as f64,
        now.memory >> 20,
    );
    let failed: BTreeMap<String, u32> = failed.into_inner().unwrap();
    for (reason, count) in failed {
        println!("{count:>16} failed: {reason}");
    }
    rate
}

/// What failed, and how often.
type Failed = Mutex<BTreeMap<String, u32>>;

fn connection(worker: &Worker, end: Instant, stored: bool, failed: &Failed) -> Vec<Duration> {
    let connection = Connection::new(&worker.url);
    let expected = if stored { 200 } else { 400 };
    let mut times = Vec::new();
    while Instant::now() < end {
        let visit = Visit::new();
        // Made before the clock runs: the recorder's work is not the edge's.
        let bodies: Vec<Vec<u8>> = (0..BATCHES_A_VISIT)
            .map(|number| batch(&visit, number))
            .collect();
        for body in bodies {
            debug_assert!(body.len() < Limits::DEFAULT.compressed);
            let body = if stored { body } else { vec![0; body.len()] };
            let start = Instant::now();
            let answer = connection.post("demo", body);
            times.push(start.elapsed());
            let reason = match answer {
                Ok(answer) if answer.status == expected => continue,
                Ok(answer) => format!("{} {}", answer.status, answer.text()),
                Err(error) => format!("{error:#}"),
            };
            *failed.lock().unwrap().entry(reason).or_default() += 1;
        }
    }
    times
}
