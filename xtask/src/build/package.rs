//! The npm package of the recorder, packed, in `target/npm`.

use anyhow::Result;

use super::file_list;
use super::stamp::{Step, Walk};
use crate::process;
use crate::repo::Repo;
use crate::setup::Environment;

const OUT: &str = "target/npm";

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    super::recorder::build(repo, environment)?;
    let step = Step {
        name: "package",
        inputs: vec![
            "recorder-wasm/js",
            "recorder-wasm/pkg",
            "xtask/js",
            "package-lock.json",
            "Cargo.toml",
            "LICENSE",
        ],
        walk: Walk::Everything,
        salt: String::new(),
    };
    step.refresh(repo, || {
        let list = repo.notes("stamps")?.join("package-files.json");
        let mut command = process::node(repo, "xtask/js/package.mjs");
        command.args(["--out", OUT, "--list"]).arg(&list);
        process::step(repo, "recorder: npm package", "package", &mut command)?;
        file_list(&list)
    })
}
