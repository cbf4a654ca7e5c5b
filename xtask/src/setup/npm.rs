//! `npm ci`, when `node_modules` is missing or package-lock.json changed.

use std::fs;

use anyhow::{Context as _, Result};

use crate::process;
use crate::repo::{self, Repo};

/// The lock file that `node_modules` was made from, inside it so that both go together.
const STAMP: &str = "node_modules/.sentiero-lock.json";

pub(crate) fn ensure(repo: &Repo) -> Result<()> {
    let lock = repo::read(&repo.path("package-lock.json"))?;
    let stamp = repo.path(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::require("npm", "it comes with Node.js")?;
    let mut command = process::command(repo, "npm");
    command.args(["ci", "--no-audit", "--no-fund"]);
    process::step(repo, "npm ci", "npm-ci", &mut command)
        .context("cannot install the npm packages: is the npm registry reachable?")?;
    repo::write(&stamp, &lock)
}
