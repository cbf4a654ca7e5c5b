//! `cargo xtask test`: every check and test, one line each, and a sum at the end.
//!
//! Cheap stages come first. A failing stage shows its output and the run goes on;
//! only what needs a build is left out when the build failed.

mod counts;
mod dependencies;
mod stages;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::Repo;
use crate::setup;
use counts::Counts;

const SPEC: Spec = Spec {
    command: "test",
    switches: &["--fast", "--full"],
    options: &["--only"],
};

/// The titles of the stages that need nothing but Rust, in their order.
const QUICK: [&str; 4] = ["rustfmt", "clippy", "dependency rules", "native tests"];

/// The titles of those that need the wasm builds, Node or a browser.
const BUILT: [&str; 9] = [
    "tsc",
    "eslint",
    "size",
    "wrangler deploy --dry-run",
    "system tests",
    "recorder-wasm in Chromium",
    "dashboard in Chromium",
    "journeys in Chromium",
    "frameworks in Chromium",
];

/// Lines of a failing stage's output that are shown; the log has them all.
const SHOWN_LINES: usize = 1000;

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let flags = SPEC.parse(arguments)?;
    let mut run = Run {
        only: flags.value("--only").map(ToOwned::to_owned),
        ..Run::default()
    };
    if !run.wants_any(&QUICK) && !run.wants_any(&BUILT) {
        let titles = [&QUICK[..], &BUILT].concat().join(", ");
        bail!("no stage has what --only says in its title; there are: {titles}");
    }
    let full = flags.has("--full");
    fast(repo, &mut run, full);
    if !flags.has("--fast") {
        complete(repo, &mut run, full);
    }
    Ok(run.finish())
}

/// CI has no wishes of its own: what it runs, everyone can run.
pub(crate) fn ci(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    command(repo, arguments)
}

/// What needs nothing but Rust.
fn fast(repo: &Repo, run: &mut Run, full: bool) {
    let [rustfmt, clippy, dependency_rules, native_tests] = QUICK;
    run.stage(rustfmt, || stages::rustfmt(repo));
    run.stage(clippy, || stages::clippy(repo));
    run.stage(dependency_rules, || dependencies::check(repo));
    run.stage(native_tests, || stages::native_tests(repo, full));
}

/// What needs the wasm builds, Node or a browser.
fn complete(repo: &Repo, run: &mut Run, full: bool) {
    let [
        tsc,
        eslint,
        size,
        deploy,
        system,
        recorder,
        dashboard,
        journeys,
        frameworks,
    ] = BUILT;
    if !run.wants_any(&BUILT) {
        return;
    }
    let Some(environment) = run.prepare("setup", || prepared(repo)) else {
        return;
    };
    let Some(()) = run.prepare("build", || build::for_tests(repo)) else {
        return;
    };
    // Both read the types that wasm-bindgen wrote.
    run.stage(tsc, || stages::tsc(repo));
    run.stage(eslint, || stages::eslint(repo));
    run.stage(size, || stages::size(repo));
    run.stage(deploy, || stages::deploy(repo));
    let Some(browser) = run.prepare("browser", || setup::for_browser_tests(repo)) else {
        run.stage(system, || stages::system(repo, None, full));
        return;
    };
    for (title, package) in [(recorder, "recorder-wasm"), (dashboard, "dashboard")] {
        run.stage(title, || {
            stages::boundary(repo, &environment, &browser, package)
        });
    }
    let system = (system, || stages::system(repo, Some(&browser), full));
    let journeys = (journeys, || stages::journeys(repo, &browser, full));
    if full {
        // Campaigns take all that the machine has, for minutes.
        run.stage(system.0, system.1);
        run.stage(journeys.0, journeys.1);
    } else {
        run.beside(system, journeys);
    }
    if run.wants_any(&[frameworks])
        && let Some(()) = run.prepare("Ruby", || setup::for_framework_tests(repo))
    {
        run.stage(frameworks, || stages::frameworks(repo, &browser));
    }
}

fn prepared(repo: &Repo) -> Result<setup::Environment> {
    let _lock = repo.lock()?;
    setup::for_build(repo)
}

/// The sum so far.
#[derive(Default)]
struct Run {
    counts: Counts,
    /// Only stages with this in their titles are wanted.
    only: Option<String>,
}

/// What became of one stage.
enum Outcome {
    /// It ran; `output` is shown if something failed.
    Ran { counts: Counts, output: String },
    /// There is nothing to run yet.
    Nothing,
}

impl Run {
    /// Runs a stage and prints its line.
    fn stage(&mut self, title: &str, stage: impl FnOnce() -> Result<Outcome>) {
        if !self.wants_any(&[title]) {
            return;
        }
        print!("{title} … ");
        let _ = std::io::Write::flush(&mut std::io::stdout());
        let (counts, line) = told(stage);
        println!("{line}");
        self.counts += counts;
    }

    /// Runs two stages beside each other and prints the line of each when it ends. For those
    /// that mostly wait: alone, each leaves half of two cores idle.
    fn beside<A, B>(&mut self, first: (&str, A), second: (&str, B))
    where
        A: FnOnce() -> Result<Outcome> + Send,
        B: FnOnce() -> Result<Outcome> + Send,
    {
        if !self.wants_any(&[first.0]) || !self.wants_any(&[second.0]) {
            self.stage(first.0, first.1);
            self.stage(second.0, second.1);
            return;
        }
        println!("{} beside {} …", first.0, second.0);
        let (first, second) = thread::scope(|scope| {
            let first = scope.spawn(|| titled(first));
            let second = titled(second);
            (first.join(), second)
        });
        self.counts += first.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        self.counts += second;
    }

    /// Runs what later stages need. It prints its own progress; only failing counts.
    fn prepare<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        match work() {
            Ok(value) => Some(value),
            Err(error) => {
                self.counts += Counts::failure();
                println!("{title} … FAILED; the stages that need it are left out");
                println!("{}", indent(&format!("{error:#}")));
                None
            }
        }
    }

    /// Whether one of the stages with these titles is to run.
    fn wants_any(&self, titles: &[&str]) -> bool {
        let only = self.only.as_ref();
        only.is_none_or(|part| titles.iter().any(|title| title.contains(part)))
    }

    fn finish(self) -> ExitCode {
        println!(
            "{} passed, {} failed",
            self.counts.passed, self.counts.failed
        );
        if self.counts.failed > 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

/// Runs a stage and prints its line, with the title in front.
fn titled((title, stage): (&str, impl FnOnce() -> Result<Outcome>)) -> Counts {
    let (counts, line) = told(stage);
    println!("{title} … {line}");
    counts
}

/// Runs a stage: its counts, and what is said behind its title.
fn told(stage: impl FnOnce() -> Result<Outcome>) -> (Counts, String) {
    let start = Instant::now();
    let outcome = stage();
    let seconds = start.elapsed().as_secs_f64();
    match outcome {
        Ok(Outcome::Nothing) => (Counts::default(), "nothing to run".to_owned()),
        Ok(Outcome::Ran { counts, output }) => {
            let mut line = format!("{} ({seconds:.1} s)", counts.line());
            if counts.failed > 0 {
                let _ = write!(line, "\n{}", indent(&output));
            }
            (counts, line)
        }
        Err(error) => {
            let output = indent(&format!("{error:#}"));
            (
                Counts::failure(),
                format!("FAILED ({seconds:.1} s)\n{output}"),
            )
        }
    }
}

/// Output under a stage stands apart from the stages' own lines.
fn indent(text: &str) -> String {
    let mut out = String::new();
    for line in process::tail(text, SHOWN_LINES).lines() {
        let _ = writeln!(out, "    {line}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_stages_that_are_wanted_run() {
        for (only, expected) in [
            (None, &["clippy", "native tests", "system tests"][..]),
            (Some("tests"), &["native tests", "system tests"]),
            (Some("tsts"), &[]),
        ] {
            let mut run = Run {
                only: only.map(ToOwned::to_owned),
                ..Run::default()
            };
            let mut ran = Vec::new();
            for title in ["clippy", "native tests", "system tests"] {
                run.stage(title, || {
                    ran.push(title);
                    Ok(Outcome::Nothing)
                });
            }
            assert_eq!(ran, expected, "{only:?}");
        }
    }

    #[test]
    fn what_runs_beside_each_other_is_counted_once_each() {
        let passed = || {
            Ok(Outcome::Ran {
                counts: Counts::one(true),
                output: String::new(),
            })
        };
        for (only, expected) in [
            (None, (1, 1)),
            (Some("system"), (1, 0)),
            (Some("jou"), (0, 1)),
        ] {
            let mut run = Run {
                only: only.map(ToOwned::to_owned),
                ..Run::default()
            };
            run.beside(
                ("system tests", passed),
                ("journeys", || anyhow::bail!("no")),
            );
            assert_eq!((run.counts.passed, run.counts.failed), expected, "{only:?}");
        }
    }

    #[test]
    fn what_no_stage_is_called_is_refused_before_anything_runs() {
        let run = |only: &str| Run {
            only: Some(only.to_owned()),
            ..Run::default()
        };
        assert!(run("clippy").wants_any(&QUICK) && !run("clippy").wants_any(&BUILT));
        assert!(run("size").wants_any(&BUILT) && !run("size").wants_any(&QUICK));
        assert!(!run("tsts").wants_any(&QUICK) && !run("tsts").wants_any(&BUILT));
        let repo = Repo::find().unwrap();
        let error = command(&repo, &["--only".to_owned(), "tsts".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("clippy"), "{error}");
    }
}
