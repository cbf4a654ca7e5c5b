//! One wasm crate for a browser: cargo, wasm-bindgen, wasm-opt.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::stamp::{Step, Walk};
use super::{inputs, wasm_id};
use crate::process;
use crate::repo::Repo;
use crate::setup::Environment;
use crate::setup::wasm_target::LEAN;

/// What rustc emits today and every supported browser runs.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// Names and debug data help nobody in a browser. The profile must not strip them:
/// wasm-bindgen reads `target_features`.
const STRIP: &[&str] = &[
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// A crate that browsers load.
pub(super) struct Crate {
    /// Package, and the folder that it is in.
    pub(super) package: &'static str,
    /// The parts of the standard library that it is built with.
    pub(super) std: &'static str,
    /// Whether that is built for size, too: sorting is slower then, and smaller.
    pub(super) small_std: bool,
    /// The profile of `Cargo.toml` that it is built with.
    pub(super) profile: &'static str,
    /// What wasm-opt does.
    pub(super) passes: &'static [&'static str],
    /// A feature for tests, with which it is built beside what is shipped.
    pub(super) feature: Option<&'static str>,
}

impl Crate {
    /// What steps and logs are called by.
    fn name(&self) -> String {
        let feature = self.feature.map(|feature| format!("-{feature}"));
        format!("{}{}", self.package, feature.unwrap_or_default())
    }

    /// Where the finished module is put.
    fn folder(&self, repo: &Repo) -> PathBuf {
        match self.feature {
            None => repo.path(self.package).join("pkg"),
            Some(feature) => repo.path("target/xtask").join(feature),
        }
    }

    /// Package name as rustc writes it into file names.
    fn file_stem(&self) -> String {
        self.package.replace('-', "_")
    }

    /// Builds `<package>/pkg` when the crate or core changed.
    pub(super) fn build(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let step = Step {
            name: &self.name(),
            inputs: inputs(&[self.package]),
            walk: Walk::Crate,
            salt: wasm_id(environment),
        };
        step.refresh(repo, || {
            self.cargo(repo, environment)?;
            self.bindgen(repo, environment)?;
            self.optimise(repo)?;
            let pkg = self.folder(repo);
            let name = self.file_stem();
            Ok(vec![
                pkg.join(format!("{name}.js")),
                pkg.join(format!("{name}_bg.wasm")),
            ])
        })
    }

    fn wasm(&self, repo: &Repo) -> PathBuf {
        let name = format!("{}_bg.wasm", self.file_stem());
        self.folder(repo).join(name)
    }

    /// Its own cargo call: features are unified within a call, so another shell's
    /// would leak into the recorder.
    fn cargo(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let package = self.package;
        let mut command = environment.wasm.lean_build(repo, self.std, self.small_std);
        command
            .args(["--package", package, "--lib", "--profile", self.profile])
            .args(["--target", "wasm32-unknown-unknown"])
            // What only tests need (`std` of the recorder).
            .arg("--no-default-features");
        if let Some(feature) = self.feature {
            command.args(["--features", feature]);
        }
        let name = self.name();
        let title = format!("{name}: cargo");
        process::step(repo, &title, &format!("cargo-{name}"), &mut command)
    }

    /// Where cargo leaves the module.
    fn output(&self, repo: &Repo) -> PathBuf {
        let folder = repo
            .wasm_target()
            .join(LEAN)
            .join("wasm32-unknown-unknown")
            .join(self.profile);
        folder.join(format!("{}.wasm", self.file_stem()))
    }

    fn bindgen(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let name = self.name();
        let pkg = self.folder(repo);
        if pkg.exists() {
            // Snippets of removed modules would stay.
            std::fs::remove_dir_all(&pkg).context("cannot clear pkg")?;
        }
        let mut command = process::command(repo, &environment.tools.wasm_bindgen);
        command
            .arg(self.output(repo))
            .args(["--target", "web", "--out-dir"])
            .arg(pkg);
        let log = format!("bindgen-{name}");
        process::step(repo, &format!("{name}: wasm-bindgen"), &log, &mut command)
    }

    fn optimise(&self, repo: &Repo) -> Result<()> {
        let wasm = self.wasm(repo);
        let title = format!("{}: wasm-opt", self.name());
        let mut command = process::node(repo, "node_modules/binaryen/bin/wasm-opt");
        command
            .args(self.passes)
            .args(FEATURES)
            .args(STRIP)
            .arg(&wasm)
            .arg("-o")
            .arg(&wasm);
        let log = format!("wasm-opt-{}", self.name());
        process::step(repo, &title, &log, &mut command)
    }
}
