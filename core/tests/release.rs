//! There is one version, and a release is whole: what is published says the same number, and
//! what the changelog promises of it is there.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::PathBuf;

/// The workspace's: crates and the worker's health have it from there, the npm package and the
/// recorder by `xtask/js`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A package manifest's own version, which stands before those of others.
fn npm_version(path: &str) -> String {
    let text = read(path);
    let (_, rest) = text.split_once("\"version\": \"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn every_crate_and_package_has_the_one_version() {
    for krate in [
        "core",
        "dashboard",
        "edge-worker",
        "recorder-wasm",
        "tests",
        "xtask",
    ] {
        let manifest = read(&format!("{krate}/Cargo.toml"));
        let own = "version.workspace = true";
        assert!(manifest.lines().any(|line| line == own), "{krate}");
    }
    assert_eq!(npm_version("package.json"), VERSION);
    assert_eq!(npm_version("package-lock.json"), VERSION);
    let published = read("recorder-wasm/js/package.json");
    assert!(
        !published.contains("\"version\""),
        "xtask/js/package.mjs puts it in"
    );
}

#[test]
fn documents_name_it() {
    let protocol = read("docs/protocol.md");
    let told = format!("\"version\":\"{VERSION}\"");
    let times = protocol.matches("\"version\":\"").count();
    assert_eq!(protocol.matches(&told).count(), times, "docs/protocol.md");
    assert!(times >= 2, "health's, and the recorder's own");
    let (minor, _) = VERSION.rsplit_once('.').unwrap();
    let supported = format!("| {minor}.x, the newest release | yes |");
    assert!(read("SECURITY.md").contains(&supported), "{supported}");
}

/// The versions of the changelog's headings, with their days.
fn releases(changelog: &str) -> Vec<(String, String)> {
    let headings = changelog
        .lines()
        .filter_map(|line| line.strip_prefix("## ["));
    let releases = headings.filter_map(|heading| heading.split_once("] - "));
    releases
        .map(|(version, day)| (version.to_owned(), day.to_owned()))
        .collect()
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|n| n.parse().unwrap()).collect()
}

#[test]
fn the_changelog_is_in_order_and_ends_with_links() {
    const KINDS: &[&str] = &[
        "### Added",
        "### Changed",
        "### Deprecated",
        "### Removed",
        "### Fixed",
        "### Security",
    ];
    let changelog = read("CHANGELOG.md");
    let first = changelog.lines().find(|line| line.starts_with("## "));
    assert_eq!(first, Some("## [Unreleased]"));
    let releases = releases(&changelog);
    assert_eq!(releases.first().unwrap().0, VERSION, "the newest release");
    for pair in releases.windows(2) {
        let [(newer, day), (older, before)] = pair else {
            panic!("windows of two")
        };
        assert!(numbers(newer) > numbers(older) && day >= before, "{pair:?}");
    }
    for (version, day) in &releases {
        assert!(numbers(version).len() == 3 && day.len() == 10, "{version}");
        let link = format!("\n[{version}]: https://");
        assert!(changelog.contains(&link), "{version} has no link");
    }
    for line in changelog.lines().filter(|line| line.starts_with("### ")) {
        assert!(KINDS.contains(&line), "{line}");
    }
}
