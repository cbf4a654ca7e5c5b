//! The stages of a test run: which program, how its output is counted.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::Outcome;
use super::counts::Counts;
use super::lanes;
use crate::process;
use crate::repo::{self, Repo};
use crate::setup::{Browser, Environment};
use crate::size;

/// Chromium as root, in a container, without a screen.
const CHROMIUM_FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// They run in a stage of their own.
const FRAMEWORKS: [&str; 2] = ["acceptance.spec.mjs", "frameworks.spec.mjs"];

pub(super) fn rustfmt(repo: &Repo) -> Result<Outcome> {
    check(
        repo,
        "rustfmt",
        cargo(repo).args(["fmt", "--all", "--check"]),
    )
}

pub(super) fn clippy(repo: &Repo) -> Result<Outcome> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    check(repo, "clippy", cargo(repo).args(arguments))
}

pub(super) fn native_tests(repo: &Repo, full: bool) -> Result<Outcome> {
    let mut command = cargo(repo);
    command.args(["test", "--no-fail-fast"]);
    with_campaigns(&mut command, full);
    counted(repo, "native-tests", &mut command, Counts::of_cargo)
}

pub(super) fn tsc(repo: &Repo) -> Result<Outcome> {
    let mut command = process::node(repo, "node_modules/typescript/bin/tsc");
    check(repo, "tsc", command.args(["--noEmit", "--pretty", "false"]))
}

pub(super) fn eslint(repo: &Repo) -> Result<Outcome> {
    let mut command = process::node(repo, "node_modules/eslint/bin/eslint.js");
    check(repo, "eslint", command.args(["--max-warnings", "0", "."]))
}

pub(super) fn size(repo: &Repo) -> Result<Outcome> {
    let (output, within) = size::table(repo)?;
    Ok(Outcome::Ran {
        counts: Counts::one(within),
        output,
    })
}

/// What `npx wrangler deploy` does, up to the upload. It calls `cargo xtask build` as
/// wrangler.toml says, which finds everything fresh.
pub(super) fn deploy(repo: &Repo) -> Result<Outcome> {
    let mut command = process::node(repo, "node_modules/wrangler/bin/wrangler.js");
    command
        .args(["deploy", "--dry-run", "--outdir", "target/xtask/deploy"])
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_LOG_PATH", repo.notes("logs")?.join("wrangler"))
        .env("CI", "1");
    check(repo, "deploy", &mut command)
}

/// The `tests/web.rs` of a wasm crate, in a real browser.
pub(super) fn boundary(
    repo: &Repo,
    environment: &Environment,
    browser: &Browser,
    package: &str,
) -> Result<Outcome> {
    if !repo.path(package).join("tests/web.rs").is_file() {
        return Ok(Outcome::Nothing);
    }
    let driver = browser.chromedriver.as_ref().context(
        "these tests need chromedriver in the version of the browser: install it, or set CHROMEDRIVER",
    )?;
    let mut command = environment.wasm.cargo(repo);
    command
        .args([
            "test",
            "--package",
            package,
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(["--test", "web", "--no-fail-fast"])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            &environment.tools.wasm_bindgen_test_runner,
        )
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_ONLY_WEB", "1")
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            webdriver_json(repo, browser)?,
        )
        // The first start of a browser on a busy machine takes longer than their 5 s.
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    counted(
        repo,
        &format!("boundary-{package}"),
        &mut command,
        Counts::of_cargo,
    )
}

fn webdriver_json(repo: &Repo, browser: &Browser) -> Result<PathBuf> {
    let file = repo.path("target/xtask/webdriver.json");
    let capabilities = serde_json::json!({
        "goog:chromeOptions": { "args": CHROMIUM_FLAGS, "binary": browser.chromium }
    });
    repo::write(&file, &capabilities.to_string())?;
    Ok(file)
}

/// The Rust tests that drive the built worker on workerd.
pub(super) fn system(repo: &Repo, browser: Option<&Browser>, full: bool) -> Result<Outcome> {
    lanes::package(repo, "system-tests", |command| {
        with_campaigns(command, full);
        if let Some(browser) = browser {
            with_browser(command, browser);
        }
    })
}

/// The browser journeys: plain node:test with playwright-core.
pub(super) fn journeys(repo: &Repo, browser: &Browser, full: bool) -> Result<Outcome> {
    let mut files = journey_files(repo);
    files.retain(|file| !FRAMEWORKS.iter().any(|name| file.ends_with(name)));
    if files.is_empty() {
        return Ok(Outcome::Nothing);
    }
    let mut command = node_tests(repo, browser, files);
    with_campaigns(&mut command, full);
    counted(repo, "journeys", &mut command, Counts::of_node)
}

/// The journeys that need Ruby: without it, the others run all the same.
pub(super) fn frameworks(repo: &Repo, browser: &Browser) -> Result<Outcome> {
    let folder = repo.path("tests/e2e");
    let files = FRAMEWORKS.map(|name| folder.join(name));
    let mut command = node_tests(repo, browser, files.to_vec());
    counted(repo, "frameworks", &mut command, Counts::of_node)
}

fn node_tests(repo: &Repo, browser: &Browser, files: Vec<PathBuf>) -> Command {
    let mut command = process::command(repo, "node");
    // Most of a journey is waiting for the browser, so two at a time take little more than one.
    command
        .args(["--test", "--test-reporter=tap", "--test-concurrency=2"])
        .args(files);
    with_browser(&mut command, browser);
    command
}

fn journey_files(repo: &Repo) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(repo.path("tests/e2e"))
        .into_iter()
        .flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".spec.mjs"))
        .collect();
    files.sort();
    files
}

fn with_browser(command: &mut Command, browser: &Browser) {
    command.env("SENTIERO_CHROMIUM", &browser.chromium);
}

/// Tests that can run for minutes look for this and are short without it.
fn with_campaigns(command: &mut Command, full: bool) {
    if full {
        command.env("SENTIERO_FULL", "1");
    }
}

fn cargo(repo: &Repo) -> Command {
    process::command(repo, "cargo")
}

/// A program that is one test.
fn check(repo: &Repo, log: &str, command: &mut Command) -> Result<Outcome> {
    let done = process::logged(repo, log, command)?;
    Ok(Outcome::Ran {
        counts: Counts::one(done.status.success()),
        output: process::read_lossy(&done.log),
    })
}

/// A test runner.
fn counted(
    repo: &Repo,
    log: &str,
    command: &mut Command,
    count: impl Fn(&str) -> Counts,
) -> Result<Outcome> {
    let done = process::logged(repo, log, command)?;
    let output = process::read_lossy(&done.log);
    let counts = count(&output).with_status(done.status.success());
    Ok(Outcome::Ran { counts, output })
}
