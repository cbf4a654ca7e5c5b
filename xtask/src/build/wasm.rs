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

/// Twice small, with the control flow made anew between: 1 % less than once.
const SMALL: &[&str] = &["-Oz", "--flatten", "--rereloop", "-Oz", "-Oz", "--converge"];

/// A crate that browsers load.
pub(super) struct Crate {
    /// Package, and the folder that it is in.
    pub(super) package: &'static str,
    /// The parts of the standard library that it is built with.
    pub(super) std: &'static str,
}

impl Crate {
    /// Package name as rustc writes it into file names.
    fn file_stem(&self) -> String {
        self.package.replace('-', "_")
    }

    /// Builds `<package>/pkg` when the crate or core changed.
    pub(super) fn build(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let package = self.package;
        let step = Step {
            name: package,
            inputs: inputs(&[package]),
            walk: Walk::Crate,
            salt: wasm_id(environment),
        };
        step.refresh(repo, || {
            self.cargo(repo, environment)?;
            self.bindgen(repo, environment)?;
            self.optimise(repo)?;
            let pkg = repo.path(package).join("pkg");
            let name = self.file_stem();
            Ok(vec![
                pkg.join(format!("{name}.js")),
                pkg.join(format!("{name}_bg.wasm")),
            ])
        })
    }

    fn wasm(&self, repo: &Repo) -> PathBuf {
        let name = format!("{}_bg.wasm", self.file_stem());
        repo.path(self.package).join("pkg").join(name)
    }

    /// Its own cargo call: features are unified within a call, so another shell's
    /// would leak into the recorder.
    fn cargo(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let package = self.package;
        let mut command = environment.wasm.lean_build(repo, self.std);
        command
            .args(["--package", package, "--lib", "--profile", "size"])
            .args(["--target", "wasm32-unknown-unknown"])
            // What only tests need (`std` of the recorder).
            .arg("--no-default-features");
        let title = format!("{package}: cargo");
        process::step(repo, &title, &format!("cargo-{package}"), &mut command)
    }

    /// Where cargo leaves the module.
    fn output(&self, repo: &Repo) -> PathBuf {
        let folder = repo
            .wasm_target()
            .join(LEAN)
            .join("wasm32-unknown-unknown/size");
        folder.join(format!("{}.wasm", self.file_stem()))
    }

    fn bindgen(&self, repo: &Repo, environment: &Environment) -> Result<()> {
        let package = self.package;
        let pkg = repo.path(package).join("pkg");
        if pkg.exists() {
            // Snippets of removed modules would stay.
            std::fs::remove_dir_all(&pkg).context("cannot clear pkg")?;
        }
        let mut command = process::command(repo, &environment.tools.wasm_bindgen);
        command
            .arg(self.output(repo))
            .args(["--target", "web", "--out-dir"])
            .arg(pkg);
        let log = format!("bindgen-{package}");
        process::step(
            repo,
            &format!("{package}: wasm-bindgen"),
            &log,
            &mut command,
        )
    }

    fn optimise(&self, repo: &Repo) -> Result<()> {
        let wasm = self.wasm(repo);
        let title = format!("{}: wasm-opt", self.package);
        let mut command = process::node(repo, "node_modules/binaryen/bin/wasm-opt");
        command
            .args(SMALL)
            .args(FEATURES)
            .args(STRIP)
            .arg(&wasm)
            .arg("-o")
            .arg(&wasm);
        let log = format!("wasm-opt-{}", self.package);
        process::step(repo, &title, &log, &mut command)
    }
}
