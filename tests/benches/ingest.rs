//! How many batches a second one local worker makes durable, and how late the
//! latest acknowledgements are. Run by `cargo xtask bench`.
//!
//! What is uploaded are visits: a snapshot of 300 KB, then batches of 50 mixed events. Beside
//! it, in the same run, the floor: bodies of the same size that the worker reads and refuses
//! because they are no gzip. Absolute figures depend on the machine; the ratio to the floor
//! says what decoding, masking and storing cost.
//!
//! Then the same while somebody reads lists and recordings all the time, and somebody else
//! reports of the month that is written to, which holds 100 000 sessions (`SENTIERO_ROWS`); with
//! `SENTIERO_FULL=1` ten minutes of it, for the memory that it takes (else half a minute);
//! and what one visit costs on the platform, counted while a worker stores it.
//!
//! `SENTIERO_BENCH=floor,stored,reading,memory,cost` chooses parts.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use sentiero_core::api::Privacy;
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::mask::MASK;
use sentiero_core::wire::{Header, Limits};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};
use system_tests::client::{Connection, Dashboard, accept, request};
use system_tests::filling::{Filled, REPORTS, SEGMENT};
use system_tests::made_up::sessions;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

/// Batches of one visit, as long as the cost model says.
const BATCHES_A_VISIT: u32 = 20;
const EVENTS_A_BATCH: u32 = 50;
const SNAPSHOT_BYTES: usize = 300_000;
const PART: Duration = Duration::from_secs(6);
/// A turn in which all is read, and one in which nobody reads.
const BESIDE: Duration = Duration::from_secs(15);
/// Sessions of the month that reports are asked of.
const ROWS: u64 = 100_000;

/// What a recorder uploads at once, and what the edge answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A visit's batches, which are stored.
    Stored,
    /// Bodies of their sizes that are no gzip.
    Refused,
}

fn main() {
    let parts = std::env::var("SENTIERO_BENCH");
    let parts = parts
        .as_deref()
        .unwrap_or("floor,stored,reading,memory,cost");
    let wanted = |part: &str| parts.split(',').any(|name| name == part);
    let worker = Worker::start(Options::default()).unwrap();
    describe();
    run(&worker, "warm-up", 32, PART, Kind::Stored);
    let floor = wanted("floor").then(|| run(&worker, "read and refused", 32, PART, Kind::Refused));
    if wanted("stored") {
        run(&worker, "stored", 1, PART, Kind::Stored);
        run(&worker, "stored", 8, PART, Kind::Stored);
        let stored = run(&worker, "stored", 32, PART, Kind::Stored);
        if let Some(floor) = floor {
            println!(
                "stored / refused: {:.2} of the throughput",
                stored.rate / floor.rate
            );
        }
    }
    untouched(&worker);
    if wanted("reading") {
        reading();
    }
    if wanted("memory") {
        memory(&worker);
    }
    drop(worker);
    if wanted("cost") {
        cost();
    }
}

/// What the recorder has masked is stored as it came; a bench in which the edge masks, and
/// compresses again, would measure something else.
fn untouched(worker: &Worker) {
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let privacy: Privacy = dashboard.get("privacy").unwrap().json().unwrap();
    assert_eq!(privacy.values, 0, "values that the edge had to mask");
}

/// Says what a visit's uploads are like.
fn describe() {
    let visit = Visit::new();
    let sizes: Vec<usize> = (0..BATCHES_A_VISIT)
        .map(|number| batch(&visit, number).len())
        .collect();
    let rest = sizes.iter().skip(1).sum::<usize>() / (sizes.len() - 1);
    println!(
        "visits of {BATCHES_A_VISIT} batches: a snapshot of {SNAPSHOT_BYTES} bytes ({} compressed), \
         then {EVENTS_A_BATCH} mixed events each ({rest} compressed)",
        sizes.first().copied().unwrap_or_default()
    );
}

/// At 32 connections, with and without somebody who reads, in turns: what a machine does
/// besides is in both.
fn reading() {
    const TURNS: u32 = 3;
    let rows = std::env::var("SENTIERO_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let filled = Filled::telling(rows, &sessions(512)).unwrap();
    // The first question has the alarm make the sheets, the first report their parts.
    let facets = filled.dashboard.get("sessions/facets").unwrap();
    assert_eq!(facets.status, 200, "{}", facets.text());
    until("the sheets are made", Duration::from_mins(5), || {
        filled.has_sheets().unwrap().then_some(())
    });
    let mut asked = Vec::new();
    let mut questions = questions();
    ask(&filled, &mut questions, &mut asked);
    println!(
        "a month of {rows} sessions is read; its first report took {:.0} ms",
        asked.iter().sum::<f64>()
    );
    asked.clear();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        alone.push(run(&filled.worker, "nobody reads", 32, BESIDE, Kind::Stored).p99);
        let (is_over, reads) = (AtomicBool::new(false), AtomicU32::new(0));
        let before = asked.len();
        let p99 = std::thread::scope(|scope| {
            scope.spawn(|| read(&filled.dashboard, &is_over, &reads));
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    ask(&filled, &mut questions, &mut asked);
                }
            });
            let figures = run(&filled.worker, "all is read", 32, BESIDE, Kind::Stored);
            is_over.store(true, Ordering::Relaxed);
            figures.p99
        });
        println!(
            "{:>16} {} lists and recordings meanwhile, {} reports",
            "",
            reads.into_inner(),
            asked.len() - before
        );
        beside.push(p99);
    }
    println!(
        "{} reports of {} questions meanwhile: median {:.0} ms",
        asked.len(),
        2 * REPORTS.len(),
        median(asked)
    );
    let (alone, beside) = (median(alone), median(beside));
    println!(
        "p99 while lists, recordings and reports are read: {:.2} times as late \
         ({alone:.1} and {beside:.1} ms, medians of {TURNS})",
        beside / alone
    );
}

/// Every report, of all sessions and of a segment, again and again. Nobody has asked of the
/// segment before, so nothing that was kept answers.
fn questions() -> impl Iterator<Item = String> {
    (0_u64..).flat_map(|turn| {
        REPORTS.into_iter().flat_map(move |(name, question)| {
            let all = format!("reports/{name}?{question}");
            let some = format!("{all}&{SEGMENT}&max_duration={}", 10_000_000 + turn);
            [all, some]
        })
    })
}

/// Asks the next question, and notes how many milliseconds the answer took.
fn ask(filled: &Filled, questions: &mut impl Iterator<Item = String>, asked: &mut Vec<f64>) {
    let Some(question) = questions.next() else {
        return;
    };
    let begun = Instant::now();
    let answer = filled.dashboard.get(&question).unwrap();
    assert_eq!(answer.status, 200, "{question}: {}", answer.text());
    asked.push(begun.elapsed().as_secs_f64() * 1_000.0);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// An operator who has the list open, and looks at a session, and at its events.
fn read(dashboard: &Dashboard, is_over: &AtomicBool, reads: &AtomicU32) {
    while !is_over.load(Ordering::Relaxed) {
        let sessions = dashboard.list("?limit=50").unwrap().sessions;
        reads.fetch_add(1, Ordering::Relaxed);
        // One that is complete, or nearly: the newest have just begun.
        let Some(row) = sessions.iter().max_by_key(|row| row.events) else {
            continue;
        };
        look(dashboard, &row.sid);
        reads.fetch_add(2, Ordering::Relaxed);
    }
}

fn look(dashboard: &Dashboard, sid: &SessionId) {
    assert!(dashboard.detail(sid).unwrap().is_some());
    let events = format!("sessions/{sid}/events?format=chunk");
    let answer = dashboard.get(&events).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.body.is_empty());
}

/// What the processes hold after a while at 8 connections, in steps.
fn memory(worker: &Worker) {
    let full = std::env::var("SENTIERO_FULL").is_ok();
    let step = Duration::from_secs(if full { 60 } else { 6 });
    for _ in 0..if full { 10 } else { 5 } {
        run(worker, "for memory", 8, step, Kind::Stored);
    }
}

/// Prints what the platform bills for one visit: listed as live, [`BATCHES_A_VISIT`]
/// batches, left, finished.
fn cost() {
    let mut options = Options {
        counted: true,
        ..Options::default()
    };
    options.vars.push(("LEAVE_SECONDS", "0.5".to_owned()));
    // What is counted is written for all visits of an isolate together: as late as may be.
    options.vars.push(("COUNT_SECONDS", "25".to_owned()));
    let worker = Worker::start(options).unwrap();
    // What a worker does once, for the site's configuration and the month, is not the visit's.
    accept(&worker.url, Visit::new().last_batch(1, 0, 1)).unwrap();
    counted_until(&worker, "SessionObject deleteAll");

    let visit = Visit::new();
    accept(&worker.url, batch(&visit, 0)).unwrap();
    let mut counts = counted_until(&worker, "IndexObject requests");
    for number in 1..BATCHES_A_VISIT - 1 {
        accept(&worker.url, batch(&visit, number)).unwrap();
    }
    let first = first_of(BATCHES_A_VISIT - 1);
    accept(&worker.url, visit.last_batch(1, first, 10)).unwrap();
    for (name, count) in counted_until(&worker, "SessionObject deleteAll") {
        *counts.entry(name).or_default() += count;
    }
    println!("a visit of {BATCHES_A_VISIT} batches:");
    show(counts);
    drop(worker);
    cost_of_counting();
}

/// Prints what the platform bills when an isolate writes what it counted of uploads.
fn cost_of_counting() {
    let mut options = Options {
        counted: true,
        ..Options::default()
    };
    // Nothing else asks the index meanwhile.
    options.vars.push(("ANNOUNCE_SECONDS", "600".to_owned()));
    let worker = Worker::start(options).unwrap();
    let mut counts = BTreeMap::new();
    // The first makes the month's table.
    for _ in 0..2 {
        accept(&worker.url, Visit::new().batch(1, 0, 1)).unwrap();
        counts = counted_until(&worker, "IndexObject rows written");
    }
    println!("what is counted of uploads, each time that it is written:");
    show(
        counts
            .into_iter()
            .filter(|(name, _)| name.starts_with("IndexObject")),
    );
}

fn show(counts: impl IntoIterator<Item = (String, u64)>) {
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

/// The first event of a visit's batch: the snapshot's has two.
fn first_of(number: u32) -> u32 {
    number
        .checked_sub(1)
        .map_or(0, |mixed| 2 + mixed * EVENTS_A_BATCH)
}

/// A batch of a visit: the page and its snapshot, then what happens on a busy page.
fn batch(visit: &Visit, number: u32) -> Vec<u8> {
    let (first, at) = (first_of(number), now());
    let events = if number == 0 {
        vec![page(at), a_snapshot().clone()]
    } else {
        (first..first + EVENTS_A_BATCH)
            .map(|index| event(index, at))
            .collect()
    };
    let n = u32::try_from(events.len()).unwrap();
    let header = Header {
        seq: number,
        ..visit.header(1, first, n)
    };
    body(&header, &events)
}

fn page(at: Millis) -> String {
    format!(
        r#"{{"type":4,"data":{{"href":"https://shop.example/list","width":1280,"height":800}},"timestamp":{at}}}"#
    )
}

/// Another number for each, the same in each run.
fn salt(index: u64) -> u64 {
    index.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The snapshot of every visit, made once: the machine is the worker's, too.
fn a_snapshot() -> &'static String {
    static SNAPSHOT: OnceLock<String> = OnceLock::new();
    SNAPSHOT.get_or_init(|| snapshot(SNAPSHOT_BYTES, now()))
}

/// A full snapshot of about `bytes`: a table as a back office shows it.
fn snapshot(bytes: usize, at: Millis) -> String {
    let mut nodes = String::new();
    let mut id = 2;
    while nodes.len() < bytes {
        let salt = salt(id);
        if id > 2 {
            nodes.push(',');
        }
        let _ = write!(
            nodes,
            r#"{{"type":2,"tagName":"td","attributes":{{"class":"cell c{}","data-key":"{:x}"}},"childNodes":[{{"type":3,"textContent":"Order {} of customer {}","id":{}}}],"id":{id}}}"#,
            salt % 20,
            salt >> 40,
            salt % 9_999,
            salt >> 50,
            id + 1
        );
        id += 2;
    }
    format!(
        r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[{nodes}],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":{at}}}"#
    )
}

/// An event of a busy page, as the recorder has masked it: of ten, four are changes of it, three moves of the pointer, and
/// one each what is scrolled, typed and clicked.
fn event(index: u32, at: Millis) -> String {
    let (salt, x, y) = (salt(u64::from(index)), index % 1_280, index % 800);
    let data = match index % 10 {
        0 | 3 => format!(
            r#"{{"source":0,"texts":[{{"id":{index},"value":"row {} of the table"}}],"attributes":[{{"id":{index},"attributes":{{"class":"cell is-active","style":"width:{x}px"}}}}],"removes":[],"adds":[]}}"#,
            salt % 99_999
        ),
        5 | 8 => format!(
            r#"{{"source":0,"texts":[],"attributes":[],"removes":[{{"parentId":4,"id":{index}}}],"adds":[{{"parentId":4,"nextId":null,"node":{{"type":2,"tagName":"td","attributes":{{"class":"c{}","title":"{:x}"}},"childNodes":[],"id":{index}}}}}]}}"#,
            salt % 20,
            salt >> 40
        ),
        1 | 4 | 7 => format!(
            r#"{{"source":1,"positions":[{{"x":{x},"y":{y},"id":{index},"timeOffset":-400}},{{"x":{y},"y":{x},"id":{index},"timeOffset":-200}},{{"x":{x},"y":{x},"id":{index},"timeOffset":0}}]}}"#
        ),
        2 => format!(r#"{{"source":3,"id":1,"x":0,"y":{y}}}"#),
        6 => format!(r#"{{"source":5,"text":"{MASK}","isChecked":false,"id":{index}}}"#),
        _ => format!(r#"{{"source":2,"type":2,"id":{index},"x":{x},"y":{y}}}"#),
    };
    format!(r#"{{"type":3,"data":{data},"timestamp":{at}}}"#)
}

/// What was measured of a part.
struct Figures {
    /// Requests a second.
    rate: f64,
    /// Of a hundred acknowledgements, ninety-nine came within so many ms.
    p99: f64,
}

/// Uploads over so many connections for a while, and prints what that took.
fn run(worker: &Worker, name: &str, connections: u32, time: Duration, kind: Kind) -> Figures {
    let failed = Mutex::default();
    let used = worker.usage().unwrap_or_default();
    let start = Instant::now();
    let end = start + time;
    let mut done: Vec<Upload> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| connection(worker, end, kind, &failed)))
            .collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().unwrap())
            .collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let rate = done.len() as f64 / seconds;
    let events = done
        .iter()
        .map(|upload| f64::from(upload.events))
        .sum::<f64>()
        / seconds;
    let now = worker.usage().unwrap_or_default();
    let processor = now.processor.saturating_sub(used.processor).as_secs_f64() * 1_000.0;
    done.sort_by_key(|upload| upload.took);
    let percentile = |p: usize| {
        let at = (done.len() * p / 100).min(done.len().saturating_sub(1));
        let took = done.get(at).map_or(Duration::ZERO, |upload| upload.took);
        took.as_secs_f64() * 1_000.0
    };
    println!(
        "{name:>16}, {connections:2} connections: {rate:5.0} a second ({events:6.0} events), \
         p50 {:.1}, p90 {:.1}, p99 {:.1} ms; processor {:.2} ms each, memory {} MB",
        percentile(50),
        percentile(90),
        percentile(99),
        processor / done.len().max(1) as f64,
        now.memory >> 20,
    );
    let failed: BTreeMap<String, u32> = failed.into_inner().unwrap();
    for (reason, count) in failed {
        println!("{count:>16} failed: {reason}");
    }
    Figures {
        rate,
        p99: percentile(99),
    }
}

/// One request that was answered.
struct Upload {
    took: Duration,
    /// How many events were stored.
    events: u32,
}

/// What failed, and how often.
type Failed = Mutex<BTreeMap<String, u32>>;

fn connection(worker: &Worker, end: Instant, kind: Kind, failed: &Failed) -> Vec<Upload> {
    let connection = Connection::new(&worker.url);
    let expected = if kind == Kind::Stored { 200 } else { 400 };
    let mut done = Vec::new();
    while Instant::now() < end {
        let visit = Visit::new();
        for number in 0..BATCHES_A_VISIT {
            // Made before the clock runs: the recorder's work is not the edge's.
            let body = batch(&visit, number);
            debug_assert!(body.len() < Limits::DEFAULT.compressed);
            let (body, events) = match kind {
                Kind::Stored if number == 0 => (body, 2),
                Kind::Stored => (body, EVENTS_A_BATCH),
                Kind::Refused => (vec![0; body.len()], 0),
            };
            let start = Instant::now();
            let answer = connection.post("demo", body);
            let took = start.elapsed();
            let reason = match answer {
                Ok(answer) if answer.status == expected => {
                    done.push(Upload { took, events });
                    continue;
                }
                Ok(answer) => format!("{} {}", answer.status, answer.text()),
                Err(error) => format!("{error:#}"),
            };
            *failed.lock().unwrap().entry(reason).or_default() += 1;
        }
    }
    done
}
