//! `cargo xtask screens`: pictures of every screen in every state, for people to look at. Never
//! part of a test: whether a screen is good, no program can tell.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::Repo;
use crate::setup;

const SPEC: Spec = Spec {
    command: "screens",
    switches: &[],
    options: &["--only", "--width", "--theme"],
};

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    SPEC.parse(arguments)?;
    build::all(repo)?;
    let browser = setup::for_browser_tests(repo).context("pictures need a browser")?;
    let status = process::node(repo, "tests/screens/main.mjs")
        .env("SENTIERO_CHROMIUM", &browser.chromium)
        .args(arguments)
        .status()?;
    // The script has said which pictures could not be made.
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
