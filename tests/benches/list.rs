//! How long a page of the session list takes where a month holds a million sessions, beside
//! the same page of ten thousand. Run by `cargo xtask bench list`.
//!
//! The index is that of one month, in the worker's own tables, filled by SQL
//! (`tests/benches/filling.mjs`). Times are those of whole requests from the same machine:
//! HTTP, the worker, the object, SQLite and back. `SENTIERO_ROWS` says how many instead.
#![allow(clippy::unwrap_used, reason = "a bench ends with what went wrong")]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::{Duration, Instant};
use system_tests::filling::Filled;
use system_tests::wait::until;

const ROWS: u64 = 1_000_000;
const FEW: u64 = 10_000;
const TURNS: usize = 11;

/// Milliseconds: the median, and what 95 of 100 stay below.
struct Figures {
    median: f64,
    p95: f64,
}

fn main() {
    let rows = std::env::var("SENTIERO_ROWS").map_or(ROWS, |rows| rows.parse().unwrap());
    let few = measure(FEW);
    let many = measure(rows);
    println!(
        "{:<26} {:>21} {:>21}",
        "ms",
        format!("{FEW} sessions"),
        format!("{rows} sessions")
    );
    println!(
        "{:<26} {:>10} {:>10} {:>10} {:>10}",
        "", "median", "p95", "median", "p95"
    );
    for ((what, few), (_, many)) in few.iter().zip(&many) {
        println!(
            "{what:<26} {:>10.1} {:>10.1} {:>10.1} {:>10.1}",
            few.median, few.p95, many.median, many.p95
        );
    }
}

/// Questions before there are sheets, of which the first ask for them.
const FIRST: u32 = 3;

fn measure(rows: u64) -> Vec<(&'static str, Figures)> {
    let begun = Instant::now();
    let filled = Filled::with(rows).unwrap();
    println!(
        "{rows} sessions: {} MB of SQLite, filled in {:.1} s",
        filled.bytes / 1_000_000,
        begun.elapsed().as_secs_f64()
    );
    let pages = filled.pages().unwrap().into_iter();
    let of = |path: &str| {
        let begun = Instant::now();
        let answer = filled.dashboard.get(path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        begun.elapsed()
    };
    let pages: Vec<_> = pages.collect();
    // What is asked first finds no sheets: it is told apart.
    for wanted in ["one in 20: errors", "facets"] {
        let (_, path) = pages.iter().find(|(what, _)| *what == wanted).unwrap();
        let first: Vec<String> = (0..FIRST)
            .map(|_| format!("{:.0}", of(path).as_secs_f64() * 1_000.0))
            .collect();
        println!("{wanted}, at first: {} ms", first.join(", "));
    }
    let begun = Instant::now();
    until("the sheets are made", Duration::from_mins(2), || {
        filled.has_sheets().unwrap().then_some(())
    });
    println!("sheets: {:.1} s later", begun.elapsed().as_secs_f64());
    pages
        .into_iter()
        .map(|(what, path)| {
            of(&path);
            let times: Vec<Duration> = (0..TURNS).map(|_| of(&path)).collect();
            (what, figures(times))
        })
        .collect()
}

fn figures(mut times: Vec<Duration>) -> Figures {
    times.sort();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len() - 1);
        times.get(place).unwrap().as_secs_f64() * 1_000.0
    };
    Figures {
        median: at(50),
        p95: at(95),
    }
}
