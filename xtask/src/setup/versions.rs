//! The two things a machine must bring: Rust and Node.

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::repo::{self, Repo};

/// The oldest that every npm package here accepts; package.json says the same.
const NODE: (u32, u32) = (20, 19);

/// Fails with one clear sentence when Rust or Node is missing or too old.
pub(crate) fn check(repo: &Repo) -> Result<()> {
    check_rust(repo)?;
    check_node(repo)
}

fn check_rust(repo: &Repo) -> Result<()> {
    let wanted = rust_version(&repo::read(&repo.path("Cargo.toml"))?)
        .context("Cargo.toml of the workspace states no rust-version")?;
    let text = process::output(process::command(repo, "rustc").arg("--version"))?;
    let found = text.strip_prefix("rustc ").unwrap_or(&text);
    if major_minor(found) < major_minor(&wanted) {
        bail!("Rust {wanted} or newer is needed, this is {found}: run `rustup update stable`");
    }
    Ok(())
}

fn check_node(repo: &Repo) -> Result<()> {
    let (major, minor) = NODE;
    let wanted = format!("Node.js {major}.{minor} or newer");
    process::require("node", &format!("install {wanted}"))?;
    let found = process::output(process::command(repo, "node").arg("--version"))?;
    let version = found.strip_prefix('v').unwrap_or(&found);
    if major_minor(version) < Some(NODE) {
        bail!("{wanted} is needed, this is {found}");
    }
    Ok(())
}

fn rust_version(manifest: &str) -> Option<String> {
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version"))?;
    line.split('"').nth(1).map(str::to_owned)
}

fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split(['.', '-', ' ']);
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some((major, minor))
}

/// The version of `package` in a Cargo.lock.
pub(crate) fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    version.strip_suffix('"').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_locked_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "worker"), None);
    }

    #[test]
    fn compares_versions_by_number() {
        assert!(major_minor("1.100.0") > major_minor("1.95"));
        assert!(major_minor("20.19.1") >= Some((20, 0)));
        assert!(major_minor("18.0.0") < Some((20, 0)));
        assert_eq!(major_minor("1.96.0 (abc 2026)"), Some((1, 96)));
        assert_eq!(major_minor("?"), None);
    }

    #[test]
    fn reads_the_wanted_rust_version() {
        assert_eq!(
            rust_version("edition = \"2024\"\nrust-version = \"1.95\"\n").as_deref(),
            Some("1.95")
        );
    }
}
