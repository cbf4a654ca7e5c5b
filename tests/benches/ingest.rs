//! How many batches a second one local worker makes durable, and how late the
//! latest acknowledgements are. Run by `cargo xtask bench`.
//!
//! Beside it, in the same run, the floor: bodies of the same size that the worker
//! reads and refuses because they are no gzip. Absolute figures depend on the
//! machine; the ratio to the floor says what decoding, masking and storing cost.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use sentiero_core::wire::{Header, Limits};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use system_tests::client::{Connection, Dashboard};
use system_tests::upload::{Visit, body, now};
use system_tests::worker::{Options, Worker};

const CONNECTIONS: u32 = 32;
/// Batches of one visit, as long as the cost model says.
const BATCHES_A_VISIT: u32 = 20;
const SECONDS: u64 = 10;

fn main() {
    let worker = Worker::start(Options::default()).unwrap();
    let sample = batch(&Visit::new(), 0);
    println!(
        "{CONNECTIONS} connections, batches of {} bytes ({SECONDS} s each)",
        sample.len()
    );
    run(&worker, "warm-up", 2, true);
    let floor = run(&worker, "read and refused", SECONDS, false);
    let stored = run(&worker, "stored", SECONDS, true);
    println!("stored / refused: {:.2} of the throughput", stored / floor);
    // What was acknowledged is there.
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let listed = dashboard.list("?limit=200").unwrap().sessions;
    assert!(listed.iter().all(|row| row.events > 0));
}

/// A batch of 50 events of a busy page: mutations with text that differs, moves, clicks.
fn batch(visit: &Visit, number: u32) -> Vec<u8> {
    let first = number * 50;
    let at = now();
    let events: Vec<String> = (first..first + 50)
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
            ..visit.header(1, first, 50)
        },
        &events,
    )
}

/// Requests a second.
fn run(worker: &Worker, name: &str, seconds: u64, stored: bool) -> f64 {
    let failed = AtomicU32::new(0);
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| connection(worker, end, stored, &failed)))
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap())
            .collect()
    });
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    times.sort();
    let percentile = |p: usize| {
        times
            .get((times.len() * p / 100).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{name:>20}: {rate:6.0} a second, p50 {:?}, p99 {:?}, failed {}",
        percentile(50),
        percentile(99),
        failed.load(Ordering::Relaxed)
    );
    rate
}

fn connection(worker: &Worker, end: Instant, stored: bool, failed: &AtomicU32) -> Vec<Duration> {
    let connection = Connection::new(&worker.url);
    let mut times = Vec::new();
    while Instant::now() < end {
        let visit = Visit::new();
        // Made before the clock runs: the recorder's work is not the edge's.
        let bodies: Vec<Vec<u8>> = (0..BATCHES_A_VISIT)
            .map(|number| batch(&visit, number))
            .collect();
        for body in bodies {
            debug_assert!(body.len() < Limits::DEFAULT.compressed);
            let start = Instant::now();
            let status = connection.upload("demo", if stored { body } else { vec![0; body.len()] });
            times.push(start.elapsed());
            if status.ok() != Some(if stored { 200 } else { 400 }) {
                failed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    times
}
