//! The recorder: `sentiero.js` under its stable name, and the hashed files in `r/`.

use anyhow::Result;

use super::stamp::{Step, Walk};
use super::wasm::Crate;
use super::{bundle, require_sources};
use crate::repo::Repo;
use crate::setup::Environment;

const SOURCES: &[&str] = &[
    "recorder-wasm/js/sentiero.ts",
    "recorder-wasm/js/recorder.ts",
    "recorder-wasm/js/engine.ts",
    "recorder-wasm/js/capture/index.ts",
    "recorder-wasm/js/vitals.ts",
    "recorder-wasm/js/storm.ts",
];

/// The engine as it is shipped, or with a feature for tests.
const fn engine(feature: Option<&'static str>) -> Crate {
    Crate {
        package: "recorder-wasm",
        std: "core,alloc",
        small_std: false,
        profile: "recorder",
        passes: match feature {
            // Twice, with the control flow made anew between: 1 % less than once.
            None => &["-Oz", "--flatten", "--rereloop", "-Oz", "-Oz", "--converge"],
            // Nobody downloads it.
            Some(_) => &["-O1"],
        },
        feature,
    }
}

/// The engine in which tests can turn off rules of the mask.
pub(super) fn build_mutants(repo: &Repo, environment: &Environment) -> Result<()> {
    engine(Some("mutants")).build(repo, environment)
}

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    engine(None).build(repo, environment)?;
    let step = Step {
        name: "recorder-bundle",
        inputs: vec![
            "recorder-wasm/js",
            "recorder-wasm/pkg",
            // It has the version.
            "Cargo.toml",
            "xtask/js/bundle.mjs",
            "package-lock.json",
            "tsconfig.json",
        ],
        walk: Walk::Everything,
        salt: String::new(),
    };
    step.refresh(repo, || {
        require_sources(repo, SOURCES)?;
        bundle(repo, "recorder: bundle", "recorder", &[])
    })
}
