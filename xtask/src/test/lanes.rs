//! Test programs beside one another. One that drives a worker mostly waits, for a timer or for
//! the disk, so that several of them take little longer than one.

use std::iter;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;

use super::Outcome;
use super::counts::Counts;
use crate::process;
use crate::repo::Repo;

/// Programs that run at one time.
const LANES: usize = 2;

/// The longest begin first, so that no lane ends long after the other.
const LONGEST: [&str; 6] = [
    "erasure_proof",
    "faults",
    "webhooks",
    "live",
    "health",
    "upkeep",
];

/// What cargo says of something that it built.
#[derive(Deserialize)]
struct Built {
    #[serde(default)]
    executable: Option<PathBuf>,
    #[serde(default)]
    target: Target,
}

#[derive(Default, Deserialize)]
struct Target {
    name: String,
}

/// A test program.
struct Program {
    name: String,
    path: PathBuf,
}

/// Builds the test programs of a package and runs them, each with what `set` gives it.
pub(super) fn package(
    repo: &Repo,
    package: &str,
    set: impl Fn(&mut Command) + Sync,
) -> Result<Outcome> {
    let mut programs = built(repo, package)?;
    programs.sort_by_key(|program| {
        let place = LONGEST.iter().position(|name| *name == program.name);
        place.unwrap_or(LONGEST.len())
    });
    let folder = repo.path("tests");
    let (waiting, done) = (Mutex::new(programs.into_iter()), Mutex::new(Vec::new()));
    let next = || {
        waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .next()
    };
    thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                for program in iter::from_fn(next) {
                    let outcome = run(repo, &folder, &program, &set);
                    done.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(outcome);
                }
            });
        }
    });
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(sum(done.into_iter().collect::<Result<_>>()?))
}

fn run(
    repo: &Repo,
    folder: &Path,
    program: &Program,
    set: impl Fn(&mut Command),
) -> Result<(Counts, String)> {
    let mut command = process::command(repo, &program.path);
    command.current_dir(folder);
    set(&mut command);
    let done = process::logged(repo, &format!("system-{}", program.name), &mut command)?;
    let output = process::read_lossy(&done.log);
    let counts = Counts::of_cargo(&output).with_status(done.status.success());
    Ok((counts, output))
}

/// All together; of the output only what failed.
fn sum(done: Vec<(Counts, String)>) -> Outcome {
    let (mut counts, mut output) = (Counts::default(), String::new());
    for (of_program, text) in done {
        counts += of_program;
        if of_program.failed > 0 {
            output.push_str(&text);
        }
    }
    Outcome::Ran { counts, output }
}

fn built(repo: &Repo, package: &str) -> Result<Vec<Program>> {
    let mut command = process::command(repo, "cargo");
    let format = "--message-format=json-render-diagnostics";
    command.args(["test", "--no-run", "--package", package, format]);
    let output = command.output().context("cannot start cargo")?;
    if !output.status.success() {
        return Err(anyhow!("{}", String::from_utf8_lossy(&output.stderr)));
    }
    let messages = String::from_utf8(output.stdout)?;
    messages
        .lines()
        .filter_map(|line| program(line).transpose())
        .collect()
}

/// The program that a message of cargo's is about, if it is about one.
fn program(line: &str) -> Result<Option<Program>> {
    let Built { executable, target } = serde_json::from_str(line).context("what cargo says")?;
    Ok(executable.map(|path| Program {
        name: target.name,
        path,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_what_cargo_built_to_be_run() {
        let built = r#"{"reason":"compiler-artifact","target":{"name":"live","kind":["test"]},"executable":"/a/live-1"}"#;
        let library =
            r#"{"reason":"compiler-artifact","target":{"name":"core"},"executable":null}"#;
        let end = r#"{"reason":"build-finished","success":true}"#;
        assert_eq!(program(built).unwrap().unwrap().name, "live");
        assert!(program(library).unwrap().is_none());
        assert!(program(end).unwrap().is_none());
        assert!(program("no json").is_err());
    }

    #[test]
    fn what_failed_is_shown_and_all_is_counted() {
        let of = |passed, failed| Counts { passed, failed };
        let Outcome::Ran { counts, output } =
            sum(vec![(of(3, 0), "good".into()), (of(1, 2), "bad".into())])
        else {
            panic!("it ran");
        };
        assert_eq!(counts, of(4, 2));
        assert_eq!(output, "bad");
    }
}
