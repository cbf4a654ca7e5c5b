//! The Cloudflare Worker, by `worker-build` with the tools that setup installed.

use anyhow::{Result, bail};

use super::stamp::{Step, Walk};
use super::{inputs, wasm_id};
use crate::process;
use crate::repo::Repo;
use crate::setup::Environment;

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    let step = Step {
        name: "edge-worker",
        inputs: inputs(&["edge-worker"]),
        walk: Walk::Crate,
        salt: format!(
            "{} {}",
            wasm_id(environment),
            environment.tools.worker_build.display()
        ),
    };
    step.refresh(repo, || {
        run(repo, environment)?;
        let index = repo.path("edge-worker/build/index.js");
        if !index.is_file() {
            bail!("worker-build did not write {}", repo.show(&index));
        }
        Ok(vec![index, repo.path("edge-worker/build/index_bg.wasm")])
    })
}

/// With its three helpers given, worker-build downloads nothing.
fn run(repo: &Repo, environment: &Environment) -> Result<()> {
    let tools = &environment.tools;
    let mut command = environment.wasm.command(repo, &tools.worker_build);
    command
        .current_dir(repo.path("edge-worker"))
        .arg("--release")
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", repo.path("node_modules/esbuild/bin/esbuild"))
        .env(
            "WASM_OPT_BIN",
            repo.path("node_modules/binaryen/bin/wasm-opt"),
        );
    process::step(
        repo,
        "edge-worker: worker-build",
        "worker-build",
        &mut command,
    )
}
