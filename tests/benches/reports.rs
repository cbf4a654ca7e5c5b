//! How long reports take over a month of a million sessions, beside a hundred thousand and
//! five thousand. Run by `cargo xtask bench reports`.
//!
//! The month is filled as for `bench list`, and rows take turns with 512 made-up sessions
//! (`tests/src/made_up.rs`). Times are those of whole requests from the same machine: HTTP,
//! the worker, the object, SQLite and back. Each report is asked
//!
//! * **cold**: the first request of a worker that has just been started,
//! * **first**: of a worker that runs, which has not been asked this before,
//! * **again**: which has.
//!
//! Rows and bytes are what SQLite looked at and gave for a first time. `SENTIERO_ROWS` says how
//! many sessions instead, `SENTIERO_REPORTS=pages,vitals` which reports, and
//! `SENTIERO_BENCH=warm` leaves the cold ones out.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::{Duration, Instant};
use system_tests::filling::{Filled, REPORTS, SEGMENT};
use system_tests::made_up::sessions;
use system_tests::wait::until;

const SIZES: [u64; 3] = [5_000, 100_000, 1_000_000];
const TURNS: usize = 3;
const MB: f64 = 1e6;

fn main() {
    let asked = std::env::var("SENTIERO_ROWS").ok();
    match asked.map(|rows| rows.parse().unwrap()) {
        Some(rows) => measure(rows),
        None => SIZES.into_iter().for_each(measure),
    }
}

fn measure(rows: u64) {
    let begun = Instant::now();
    let mut filled = Filled::telling(rows, &sessions(512)).unwrap();
    println!(
        "{rows} sessions: {} bytes of SQLite each, filled in {:.1} s",
        filled.bytes / rows,
        begun.elapsed().as_secs_f64()
    );
    // The first question makes the sheets, or has the alarm make them and their parts where
    // they are many; of a small month, the first report makes these. It is refused where they
    // are many.
    let begun = Instant::now();
    ask(&filled, "sessions/facets");
    until("sheets are made", Duration::from_mins(10), || {
        filled.has_sheets().unwrap().then_some(())
    });
    filled.dashboard.get("reports/overview").unwrap();
    until("sheets and parts are made", Duration::from_mins(10), || {
        filled.has_parts().unwrap().then_some(())
    });
    let look = filled.look(true, false).unwrap();
    println!(
        "{} sheets with their parts in {:.1} s; {} bytes each with them",
        look.sheets,
        begun.elapsed().as_secs_f64(),
        look.size / rows
    );
    let with_cold = std::env::var("SENTIERO_BENCH").as_deref() != Ok("warm");
    println!(
        "{:<12} {:>8} {:>8} {:>8} {:>10} {:>8} | of a segment: {:>6} {:>8} {:>8} {:>10} {:>8}",
        "ms", "cold", "first", "again", "rows", "MB", "cold", "first", "again", "rows", "MB"
    );
    let wanted = std::env::var("SENTIERO_REPORTS").unwrap_or_default();
    let wanted = |name: &str| wanted.is_empty() || wanted.split(',').any(|one| one == name);
    for (name, question) in REPORTS.into_iter().filter(|(name, _)| wanted(name)) {
        let path = format!("reports/{name}?{question}");
        let all = Figures::of(&mut filled, &path, with_cold);
        let some = Figures::of(&mut filled, &format!("{path}&{SEGMENT}"), with_cold);
        println!("{name:<12} {all} | {:>13} {some}", "");
    }
    let look = filled.look(false, false).unwrap();
    let usage = filled.worker.usage().unwrap_or_default();
    println!(
        "memory of the wasm, of worker and objects together: {:.1} MB; of Node and workerd {:.0} MB",
        look.memory as f64 / MB,
        usage.memory as f64 / MB
    );
}

/// What was measured of one question.
struct Figures {
    cold: Option<f64>,
    first: f64,
    again: f64,
    rows: u64,
    bytes: u64,
}

impl Figures {
    fn of(filled: &mut Filled, path: &str, with_cold: bool) -> Self {
        let cold = with_cold.then(|| {
            filled.look(true, false).unwrap();
            filled.restart().unwrap();
            ask(filled, path)
        });
        let first = median(|| {
            filled.look(true, false).unwrap();
            ask(filled, path)
        });
        let again = median(|| ask(filled, path));
        filled.look(true, true).unwrap();
        ask(filled, path);
        let read = filled.look(false, false).unwrap();
        Self {
            cold,
            first,
            again,
            rows: read.rows,
            bytes: read.bytes,
        }
    }
}

impl core::fmt::Display for Figures {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.cold {
            Some(cold) => write!(f, "{cold:>8.0}")?,
            None => write!(f, "{:>8}", "-")?,
        }
        let (first, again, rows) = (self.first, self.again, self.rows);
        let bytes = self.bytes as f64 / MB;
        write!(f, " {first:>8.0} {again:>8.1} {rows:>10} {bytes:>8.1}")
    }
}

/// How long a question took, ms.
fn ask(filled: &Filled, path: &str) -> f64 {
    let begun = Instant::now();
    let answer = filled.dashboard.get(path).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn median(once: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = core::iter::repeat_with(once).take(TURNS).collect();
    times.sort_by(f64::total_cmp);
    times.get(TURNS / 2).copied().unwrap_or_default()
}
