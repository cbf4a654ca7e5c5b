//! How long reports take over a month of a million sessions, beside five thousand. Run by
//! `cargo xtask bench reports`.
//!
//! The month is filled as for `bench list`, and rows take turns with 512 made-up sessions
//! (`tests/src/made_up.rs`). Times are those of whole requests from the same machine: HTTP,
//! the worker, the object, SQLite and back. `SENTIERO_ROWS` says how many instead.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::{Duration, Instant};
use system_tests::filling::{Filled, REPORTS, SEGMENT};
use system_tests::made_up::sessions;
use system_tests::wait::until;

const ROWS: u64 = 1_000_000;
const FEW: u64 = 5_000;
const TURNS: usize = 5;

fn main() {
    let rows = std::env::var("SENTIERO_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    for rows in [FEW, rows] {
        measure(rows);
    }
}

fn measure(rows: u64) {
    let begun = Instant::now();
    let filled = Filled::telling(rows, &sessions(512)).unwrap();
    println!(
        "{rows} sessions: {} bytes of SQLite each, filled in {:.1} s",
        filled.bytes / rows,
        begun.elapsed().as_secs_f64()
    );
    let ask = |path: &str| {
        let begun = Instant::now();
        let answer = filled.dashboard.get(path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        begun.elapsed().as_secs_f64() * 1_000.0
    };
    // The list's first question has the alarm make the sheets.
    ask("sessions/facets");
    until("the sheets are made", Duration::from_mins(5), || {
        filled.has_sheets().unwrap().then_some(())
    });
    println!(
        "the first report, which makes the parts: {:.0} ms",
        ask("reports/pages")
    );
    println!(
        "{} bytes of SQLite each with sheets and parts",
        filled.bytes_now().unwrap() / rows
    );
    println!(
        "{:<14} {:>12} {:>12} {:>12}",
        "ms", "first", "median", "a segment"
    );
    for (name, question) in REPORTS {
        let first = ask(&format!("reports/{name}?{question}"));
        let all = median(|| ask(&format!("reports/{name}?{question}")));
        let some = median(|| ask(&format!("reports/{name}?{question}&{SEGMENT}")));
        println!("{name:<14} {first:>12.1} {all:>12.1} {some:>12.1}");
    }
}

fn median(mut once: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..TURNS).map(|_| once()).collect();
    times.sort_by(f64::total_cmp);
    times.get(TURNS / 2).copied().unwrap_or_default()
}
