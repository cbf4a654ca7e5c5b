//! `cargo xtask build`: everything that is deployed, each part only when its inputs changed.
//!
//! ```text
//! core + recorder-wasm ─► wasm ─► bundle ─► www/dist/{sentiero.js, r/}
//! core + dashboard     ─► wasm ─► bundle ─► www/dist/dashboard/
//! core + edge-worker   ─► worker-build   ─► edge-worker/build/
//! www                  ─► copy           ─► www/dist/
//! www/src              ─► bundle         ─► www/dist/{site,docs/docs}.{js,css}, replay/player.js
//! docs, *.md           ─► pages          ─► www/dist/docs/
//! recorder-wasm        ─► npm package    ─► target/npm/   (only if asked for)
//! core + edge-worker   ─► worker-build   ─► target/xtask/contract/   (tests only)
//! ```
//!
//! What is optimised as a whole keeps one core busy, so parts that need nothing of each other
//! are built beside each other, in two lanes.

mod dashboard;
mod package;
mod recorder;
mod stamp;
mod wasm;
mod worker;
mod www;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::args::Spec;
use crate::process;
use crate::repo::{self, Repo};
use crate::setup::{self, Environment};

const SPEC: Spec = Spec {
    command: "build",
    switches: &[],
    options: &["--only", "--api", "--out"],
};

/// Inputs of every wasm build: versions, profiles, and how we call the tools.
const SHARED_INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "package-lock.json",
    "core/Cargo.toml",
    "core/src",
    "xtask/src/build",
];

/// What `build` can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Recorder,
    Dashboard,
    Worker,
    Www,
    /// Not deployed, but published.
    Package,
    /// For tests alone.
    Mutants,
    /// The worker with the stores' contract, for a system test.
    Contract,
}

impl Part {
    /// What is deployed: what a browser loads, and the worker.
    const LANES: [&[Part]; 2] = [
        &[Part::Recorder, Part::Dashboard, Part::Www],
        &[Part::Worker],
    ];

    /// The same, and what only tests need.
    const LANES_FOR_TESTS: [&[Part]; 2] = [
        &[Part::Recorder, Part::Dashboard, Part::Www, Part::Package],
        &[Part::Worker, Part::Mutants, Part::Contract],
    ];

    fn parse(name: &str) -> Result<Self> {
        match name {
            "recorder" => Ok(Part::Recorder),
            "dashboard" => Ok(Part::Dashboard),
            "worker" => Ok(Part::Worker),
            "www" => Ok(Part::Www),
            "package" => Ok(Part::Package),
            "mutants" => Ok(Part::Mutants),
            "contract" => Ok(Part::Contract),
            _ => bail!(
                "--only takes recorder, dashboard, worker, www, package, mutants or contract, not `{name}`"
            ),
        }
    }
}

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let flags = SPEC.parse(arguments)?;
    let only = flags.value("--only").map(Part::parse).transpose()?;
    let elsewhere = dashboard::Elsewhere::parse(flags.value("--api"), flags.value("--out"))?;
    match (elsewhere, only) {
        (None, None) => all(repo)?,
        (None, Some(part)) => lanes(repo, &[&[part]])?,
        (Some(elsewhere), None | Some(Part::Dashboard)) => {
            let _lock = repo.lock()?;
            let environment = setup::for_build(repo)?;
            dashboard::build_elsewhere(repo, &environment, &elsewhere)?;
        }
        (Some(_), Some(_)) => bail!("--api and --out are for the dashboard alone"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds everything that is out of date.
pub(crate) fn all(repo: &Repo) -> Result<()> {
    lanes(repo, &Part::LANES)
}

/// The same, and what only tests need.
pub(crate) fn for_tests(repo: &Repo) -> Result<()> {
    lanes(repo, &Part::LANES_FOR_TESTS)
}

/// Builds the parts of each lane in their order, and the lanes beside each other. When one
/// fails, the others end what they are at.
fn lanes(repo: &Repo, lanes: &[&[Part]]) -> Result<()> {
    let _lock = repo.lock()?;
    let environment = &setup::for_build(repo)?;
    std::thread::scope(|scope| {
        let started: Vec<_> = lanes
            .iter()
            .map(|lane| scope.spawn(move || parts(repo, environment, lane)))
            .collect();
        let ended = started.into_iter().map(|lane| match lane.join() {
            Ok(built) => built,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

fn parts(repo: &Repo, environment: &Environment, parts: &[Part]) -> Result<()> {
    for part in parts {
        match part {
            Part::Recorder => recorder::build(repo, environment)?,
            Part::Dashboard => dashboard::build(repo, environment)?,
            Part::Worker => worker::build(repo, environment)?,
            Part::Www => www::build(repo)?,
            Part::Package => package::build(repo, environment)?,
            Part::Mutants => recorder::build_mutants(repo, environment)?,
            Part::Contract => worker::build_contract(repo, environment)?,
        }
    }
    Ok(())
}

/// The shared inputs and the ones of a crate.
fn inputs(own: &[&'static str]) -> Vec<&'static str> {
    [SHARED_INPUTS, own].concat()
}

/// Fails naming the first of `sources` that is not there.
fn require_sources(repo: &Repo, sources: &[&str]) -> Result<()> {
    for source in sources {
        if !repo.path(source).is_file() {
            bail!("{source} is missing");
        }
    }
    Ok(())
}

/// Runs xtask/js/bundle.mjs; returns the files that it wrote.
fn bundle(repo: &Repo, title: &str, what: &str, extra: &[(&str, &str)]) -> Result<Vec<PathBuf>> {
    let list = repo.notes("stamps")?.join(format!("{what}-files.json"));
    let mut command = process::node(repo, "xtask/js/bundle.mjs");
    command.arg(what).arg("--list").arg(&list);
    for (flag, value) in extra {
        command.args([flag, value]);
    }
    process::step(repo, title, &format!("bundle-{what}"), &mut command)?;
    file_list(&list)
}

fn file_list(list: &Path) -> Result<Vec<PathBuf>> {
    let text = repo::read(list)?;
    serde_json::from_str(&text).with_context(|| format!("{} is no list of files", list.display()))
}

/// Names the tools that a wasm build depends on and no input file tells.
fn wasm_id(environment: &Environment) -> String {
    let bindgen = environment.tools.wasm_bindgen.display();
    format!("{} {bindgen}", environment.wasm.id)
}
