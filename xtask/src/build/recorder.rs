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
];

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    let engine = Crate {
        package: "recorder-wasm",
        std: "core,alloc",
    };
    engine.build(repo, environment)?;
    let step = Step {
        name: "recorder-bundle",
        inputs: vec![
            "recorder-wasm/js",
            "recorder-wasm/pkg",
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
