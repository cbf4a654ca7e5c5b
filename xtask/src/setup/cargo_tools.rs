//! `wasm-bindgen` and `worker-build`, built from crates into the per-user cache.
//!
//! They run for seconds per build, so they are compiled quickly rather than
//! optimised. The folder names carry the version: another version is another folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::versions;
use crate::process;
use crate::repo::{self, Repo};

/// Must match the `worker` crate, which Cargo.toml pins.
const WORKER_BUILD: &str = "0.8.7";

/// Paths of the installed tools.
pub(crate) struct Tools {
    pub(crate) wasm_bindgen: PathBuf,
    pub(crate) wasm_bindgen_test_runner: PathBuf,
    pub(crate) worker_build: PathBuf,
}

struct Tool {
    krate: &'static str,
    version: String,
    binary: &'static str,
    minutes: u32,
}

/// Finds the tools, or builds them.
pub(crate) fn ensure(repo: &Repo) -> Result<Tools> {
    let lock = repo::read(&repo.path("Cargo.lock"))?;
    // The glue writer and the crate it writes for must be one version.
    let wasm_bindgen = versions::locked(&lock, "wasm-bindgen")
        .context("Cargo.lock names no wasm-bindgen version")?;
    let all = [
        Tool {
            krate: "wasm-bindgen-cli",
            version: wasm_bindgen,
            binary: "wasm-bindgen",
            minutes: 2,
        },
        Tool {
            krate: "worker-build",
            version: WORKER_BUILD.to_owned(),
            binary: "worker-build",
            minutes: 3,
        },
    ];
    let cache = repo::cache()?.join("tools");
    let [wasm_bindgen, worker_build] = all.map(|tool| (tool.path(&cache), tool));
    install_missing(repo, &cache, &[&wasm_bindgen, &worker_build])?;
    Ok(Tools {
        wasm_bindgen_test_runner: wasm_bindgen.0.with_file_name("wasm-bindgen-test-runner"),
        wasm_bindgen: wasm_bindgen.0,
        worker_build: worker_build.0,
    })
}

impl Tool {
    fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!("{}-{}", self.krate, self.version))
    }

    fn path(&self, cache: &Path) -> PathBuf {
        self.folder(cache).join("bin").join(self.binary)
    }

    fn cargo_install(&self, repo: &Repo, cache: &Path) -> Command {
        let mut command = process::command(repo, "cargo");
        command
            .current_dir(cache)
            .args(["install", "--bins", "--root"])
            .arg(self.folder(cache))
            .arg(format!("{}@{}", self.krate, self.version))
            .env("CARGO_TARGET_DIR", cache.join("build"))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        command
    }
}

fn install_missing(repo: &Repo, cache: &Path, tools: &[&(PathBuf, Tool)]) -> Result<()> {
    if tools.iter().all(|(path, _)| path.exists()) {
        return Ok(());
    }
    let _lock = super::lock()?;
    for (path, tool) in tools {
        if !path.exists() {
            install(repo, cache, tool)?;
        }
    }
    // Shared by the two while both are built; of no use afterwards.
    let build = cache.join("build");
    fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))
}

fn install(repo: &Repo, cache: &Path, tool: &Tool) -> Result<()> {
    fs::create_dir_all(cache)?;
    let Tool {
        krate,
        version,
        minutes,
        ..
    } = tool;
    let title = format!("installing {krate} {version} (about {minutes} min, once)");
    let log = format!("install-{krate}");
    let locked = process::step(
        repo,
        &title,
        &log,
        tool.cargo_install(repo, cache).arg("--locked"),
    );
    if locked.is_ok() {
        return Ok(());
    }
    // A mirror may lack the newest of the locked versions, and compatible ones do as
    // well: what must match exactly, the tools' own manifests pin exactly.
    let title = format!("{krate} {version} again, with other versions of its dependencies");
    process::step(repo, &title, &log, &mut tool.cargo_install(repo, cache))
        .with_context(|| format!("cannot install {krate}: is the crates registry reachable?"))
}
