//! A Chromium for the tests, and the driver that wasm-bindgen-test needs.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::debian;
use crate::process;
use crate::repo::{self, Repo};

const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// The two must be one version, so both are named.
const PACKAGES: &str = "chromium chromium-driver";

const MAC_CHROME: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/// The browser that all tests share.
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    /// Without it there are no wasm boundary tests.
    pub(crate) chromedriver: Option<PathBuf>,
}

/// Finds a browser, or installs one.
pub(crate) fn ensure(repo: &Repo) -> Result<Browser> {
    if let (Some(chromium), Some(driver)) = (find_chromium(), find_chromedriver()) {
        return Ok(Browser {
            chromium,
            chromedriver: Some(driver),
        });
    }
    if debian::is_root(repo) && repo::on_path("apt-get").is_some() {
        let _lock = super::lock()?;
        debian::apt_update(repo, "a browser", PACKAGES)?;
        debian::apt_install(repo, PACKAGES)?;
    }
    let chromium = match find_chromium() {
        Some(chromium) => chromium,
        None => playwright(repo)?,
    };
    Ok(Browser {
        chromium,
        chromedriver: find_chromedriver(),
    })
}

/// `SENTIERO_CHROMIUM`, or a Chromium or Chrome on PATH.
fn find_chromium() -> Option<PathBuf> {
    from_env("SENTIERO_CHROMIUM")
        .or_else(|| CHROMIUM_NAMES.iter().find_map(|name| repo::on_path(name)))
        .or_else(|| Some(PathBuf::from(MAC_CHROME)).filter(|path| path.exists()))
}

/// `CHROMEDRIVER`, or one on PATH.
fn find_chromedriver() -> Option<PathBuf> {
    from_env("CHROMEDRIVER").or_else(|| repo::on_path("chromedriver"))
}

fn from_env(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(name)?);
    path.is_file().then_some(path)
}

/// Playwright's own build, in its per-user cache.
fn playwright(repo: &Repo) -> Result<PathBuf> {
    let script = "import('playwright-core').then(p => console.log(p.chromium.executablePath()))";
    let mut ask = process::command(repo, "node");
    let path = PathBuf::from(process::output(ask.args(["-e", script]))?);
    if path.exists() {
        return Ok(path);
    }
    let mut install = process::node(repo, "node_modules/playwright-core/cli.js");
    install.args(["install", "chromium"]);
    process::step(repo, "downloading Chromium", "chromium", &mut install).context(
        "the tests need a browser: install Chromium or Chrome, or set SENTIERO_CHROMIUM",
    )?;
    Ok(path)
}
