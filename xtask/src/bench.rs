//! `cargo xtask bench`: figures, each beside its floor in the same run. Never part of a test.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail, ensure};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::Repo;
use crate::setup;

/// What `dashboard` takes: less of it, or more.
const DASHBOARD: &[&str] = &["--shape", "--opens", "--seeks", "--playback"];

const SPEC: Spec = Spec {
    command: "bench",
    switches: &[],
    options: DASHBOARD,
};

/// What can be measured, by name.
const BENCHES: &[(&str, Bench)] = &[
    ("mask", Bench::Cargo("sentiero-core")),
    ("ingest", Bench::Cargo("system-tests")),
    ("list", Bench::Cargo("system-tests")),
    ("reports", Bench::Cargo("system-tests")),
    (
        "recorder",
        Bench::Browser("tests/benches/recorder/main.mjs"),
    ),
    (
        "dashboard",
        Bench::Browser("tests/benches/dashboard/main.mjs"),
    ),
];

#[derive(Debug, Clone, Copy)]
enum Bench {
    /// A bench of this package.
    Cargo(&'static str),
    /// A script that drives a browser.
    Browser(&'static str),
}

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let (wanted, rest) = match arguments.split_first() {
        Some((name, rest)) if !name.starts_with('-') => (Some(name.as_str()), rest),
        _ => (None, arguments),
    };
    SPEC.parse(rest)?;
    ensure!(
        rest.is_empty() || wanted == Some("dashboard"),
        "only `dashboard` takes {}",
        DASHBOARD.join(", ")
    );
    let chosen = chosen(wanted)?;
    build::all(repo)?;
    for (name, bench) in chosen {
        println!("{name}");
        let status = program(repo, name, bench)?.args(rest).status()?;
        ensure!(status.success(), "the bench `{name}` failed");
    }
    Ok(ExitCode::SUCCESS)
}

/// The bench called `wanted`, or all.
fn chosen(wanted: Option<&str>) -> Result<Vec<(&'static str, Bench)>> {
    let Some(wanted) = wanted else {
        return Ok(BENCHES.to_vec());
    };
    let found = BENCHES.iter().find(|(name, _)| *name == wanted);
    let Some(found) = found else {
        let known: Vec<&str> = BENCHES.iter().map(|(name, _)| *name).collect();
        bail!(
            "there is no bench `{wanted}`; there are {}",
            known.join(", ")
        );
    };
    Ok(vec![*found])
}

fn program(repo: &Repo, name: &str, bench: Bench) -> Result<Command> {
    match bench {
        Bench::Cargo(package) => {
            let mut command = process::command(repo, "cargo");
            command.args(["bench", "--quiet", "--package", package, "--bench", name]);
            Ok(command)
        }
        Bench::Browser(script) => {
            let browser = setup::for_browser_tests(repo).context("the bench needs a browser")?;
            let mut command = process::node(repo, script);
            command.env("SENTIERO_CHROMIUM", &browser.chromium);
            Ok(command)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_by_its_name_or_all() {
        let names = |wanted| -> Vec<&str> {
            let chosen = chosen(wanted).unwrap();
            chosen.iter().map(|(name, _)| *name).collect()
        };
        assert_eq!(
            names(None),
            ["mask", "ingest", "list", "reports", "recorder", "dashboard"]
        );
        assert_eq!(names(Some("recorder")), ["recorder"]);
        let error = chosen(Some("recoder")).unwrap_err().to_string();
        assert!(
            error.contains("mask, ingest, list, reports, recorder, dashboard"),
            "{error}"
        );
    }
}
