//! `cargo xtask bench`: figures, each beside its floor in the same run. Never part of a test.

use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::args::Spec;
use crate::build;
use crate::process;
use crate::repo::Repo;

const SPEC: Spec = Spec {
    command: "bench",
    switches: &[],
    options: &[],
};

/// Package and name of each bench.
const BENCHES: &[(&str, &str)] = &[("sentiero-core", "mask"), ("system-tests", "ingest")];

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    SPEC.parse(arguments)?;
    build::all(repo)?;
    for (package, bench) in BENCHES {
        println!("{bench}");
        let status = process::command(repo, "cargo")
            .args(["bench", "--quiet", "--package", package, "--bench", bench])
            .status()?;
        ensure!(status.success(), "the bench `{bench}` failed");
    }
    Ok(ExitCode::SUCCESS)
}
