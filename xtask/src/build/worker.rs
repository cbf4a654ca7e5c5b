//! The Cloudflare Worker, by `worker-build` with the tools that setup installed.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::stamp::{Step, Walk};
use super::{inputs, wasm_id};
use crate::process;
use crate::repo::Repo;
use crate::setup::Environment;

/// What the contract's route says to a wrong word: whether a build has the contract in it.
const CONTRACT_MARK: &[u8] = b"there is no suite `";

/// What is deployed.
const SHIPPED: Variant = Variant {
    name: "edge-worker",
    folder: "edge-worker/build",
    arguments: &["--release"],
    contract: false,
};

/// What the system test of the stores' contract drives. Its own profile keeps it apart from
/// the shipped one and makes it quick to build; nobody downloads it.
const WITH_CONTRACT: Variant = Variant {
    name: "edge-worker-contract",
    folder: "target/xtask/contract",
    arguments: &[
        "--profile",
        "contract",
        "--no-opt",
        "--out-dir",
        "../target/xtask/contract",
        ".",
        "--features",
        "contract",
    ],
    contract: true,
};

/// A way to build the worker.
struct Variant {
    name: &'static str,
    /// Where `worker-build` writes.
    folder: &'static str,
    arguments: &'static [&'static str],
    /// Whether the stores' contract is in it.
    contract: bool,
}

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    refresh(repo, environment, &SHIPPED)
}

/// The worker that only tests have.
pub(super) fn build_contract(repo: &Repo, environment: &Environment) -> Result<()> {
    refresh(repo, environment, &WITH_CONTRACT)
}

fn refresh(repo: &Repo, environment: &Environment, variant: &Variant) -> Result<()> {
    let step = Step {
        name: variant.name,
        inputs: inputs(&["edge-worker"]),
        walk: Walk::Crate,
        salt: format!(
            "{} {}",
            wasm_id(environment),
            environment.tools.worker_build.display()
        ),
    };
    step.refresh(repo, || {
        run(repo, environment, variant)?;
        let folder = repo.path(variant.folder);
        let index = folder.join("index.js");
        if !index.is_file() {
            bail!("worker-build did not write {}", repo.show(&index));
        }
        let wasm = folder.join("index_bg.wasm");
        check_contract(&wasm, variant.contract)?;
        Ok(vec![index, wasm])
    })
}

/// Fails if the stores' contract is in a module that is shipped, or not in the one for tests.
fn check_contract(wasm: &Path, expected: bool) -> Result<()> {
    let bytes = std::fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let found = holds(&bytes, CONTRACT_MARK);
    if found == expected {
        return Ok(());
    }
    bail!(
        "{} {} the stores' contract",
        wasm.display(),
        if found { "holds" } else { "lacks" }
    )
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// With its three helpers given, worker-build downloads nothing.
fn run(repo: &Repo, environment: &Environment, variant: &Variant) -> Result<()> {
    let tools = &environment.tools;
    let mut command = environment.wasm.command(repo, &tools.worker_build);
    command
        .current_dir(repo.path("edge-worker"))
        .args(variant.arguments)
        .env("WASM_BINDGEN_BIN", &tools.wasm_bindgen)
        .env("ESBUILD_BIN", repo.path("node_modules/esbuild/bin/esbuild"))
        .env(
            "WASM_OPT_BIN",
            repo.path("node_modules/binaryen/bin/wasm-opt"),
        );
    process::step(
        repo,
        &format!("{}: worker-build", variant.name),
        &format!("worker-build-{}", variant.name),
        &mut command,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo;

    #[test]
    fn the_contract_is_looked_for_in_every_build() {
        let file = std::env::temp_dir().join(format!("xtask-contract-{}", std::process::id()));
        for (text, expected, ok) in [
            ("shipped", false, true),
            ("shipped", true, false),
            ("… there is no suite `x` …", true, true),
            ("… there is no suite `x` …", false, false),
        ] {
            repo::write(&file, text).unwrap();
            assert_eq!(
                check_contract(&file, expected).is_ok(),
                ok,
                "{text} {expected}"
            );
        }
        std::fs::remove_file(file).unwrap();
    }
}
