//! `cargo xtask setup`: everything the other commands need, installed once.
//!
//! Each part first looks whether it is there (a few stats and two short
//! processes in all), so the other commands can simply call it. Tools go to a
//! per-user cache that every clone shares; nothing is installed system-wide
//! except, as root on Debian, packages of Debian.

mod browser;
mod cargo_tools;
mod debian;
mod npm;
mod ruby;
mod versions;
pub(crate) mod wasm_target;

use std::fs::File;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

pub(crate) use browser::Browser;
pub(crate) use cargo_tools::Tools;
pub(crate) use wasm_target::WasmToolchain;

use crate::args::Spec;
use crate::repo::{self, Repo};

const SPEC: Spec = Spec {
    command: "setup",
    switches: &[],
    options: &[],
};

/// What the builds use.
pub(crate) struct Environment {
    pub(crate) wasm: WasmToolchain,
    pub(crate) tools: Tools,
}

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    SPEC.parse(arguments)?;
    let _lock = repo.lock()?;
    for_build(repo)?;
    for_browser_tests(repo)?;
    for_framework_tests(repo)?;
    println!("everything is set up");
    Ok(ExitCode::SUCCESS)
}

/// All that `build` and `dev` need. The caller holds [`Repo::lock`].
pub(crate) fn for_build(repo: &Repo) -> Result<Environment> {
    versions::check(repo)?;
    let environment = Environment {
        wasm: wasm_target::ensure(repo)?,
        tools: cargo_tools::ensure(repo)?,
    };
    npm::ensure(repo)?;
    Ok(environment)
}

/// A browser and its driver, for `test`.
pub(crate) fn for_browser_tests(repo: &Repo) -> Result<Browser> {
    browser::ensure(repo)
}

/// What the sample applications of frameworks run on, for `test`.
pub(crate) fn for_framework_tests(repo: &Repo) -> Result<()> {
    ruby::ensure(repo)
}

/// Two clones may be set up at the same time; one waits for the other.
fn lock() -> Result<File> {
    let path = repo::cache()?.join("setup.lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
