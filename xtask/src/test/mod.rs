//! `cargo xtask test`: every check and test, one line each, and a sum at the end.
//!
//! Cheap stages come first. A failing stage shows its output and the run goes on;
//! only what needs a build is left out when the build failed.

mod counts;
mod dependencies;
mod lanes;
mod stages;

use std::fmt::Write as _;
use std::process::ExitCode;
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
    let browser = run.prepare("browser", || setup::for_browser_tests(repo));
    run.stage(system, || stages::system(repo, browser.as_ref(), full));
    let Some(browser) = browser else {
        return;
    };
    for (title, package) in [(recorder, "recorder-wasm"), (dashboard, "dashboard")] {
        run.stage(title, || {
            stages::boundary(repo, &environment, &browser, package)
        });
    }
    run.stage(journeys, || stages::journeys(repo, &browser, full));
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
        let start = Instant::now();
        print!("{title} … ");
        let _ = std::io::Write::flush(&mut std::io::stdout());
        let outcome = stage();
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(Outcome::Nothing) => println!("nothing to run"),
            Ok(Outcome::Ran { counts, output }) => {
                self.counts += counts;
                println!("{} ({seconds:.1} s)", counts.line());
                if counts.failed > 0 {
                    println!("{}", indent(&output));
                }
            }
            Err(error) => {
                self.counts += Counts::failure();
                println!("FAILED ({seconds:.1} s)\n{}", indent(&format!("{error:#}")));
            }
        }
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
