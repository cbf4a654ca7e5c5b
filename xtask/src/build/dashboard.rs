//! The dashboard: beside the worker (`www/dist/dashboard`), or for another static host.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::stamp::{Step, Walk};
use super::wasm::Crate;
use super::{bundle, require_sources};
use crate::repo::Repo;
use crate::setup::Environment;

const CRATE: Crate = Crate {
    package: "dashboard",
    std: "std,panic_abort",
    small_std: true,
    profile: "size",
    passes: &["-Oz"],
    feature: None,
};

const SOURCES: &[&str] = &[
    "dashboard/index.html",
    "dashboard/style.css",
    "dashboard/js/main.ts",
    "dashboard/js/player.ts",
    "dashboard/js/viewer.ts",
    "dashboard/viewer.html",
];

/// A dashboard on another host than its worker.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// Origin of the worker, without a slash at the end.
    api: String,
    out: PathBuf,
}

impl Elsewhere {
    /// `--api` and `--out` come together or not at all.
    pub(super) fn parse(api: Option<&str>, out: Option<&str>) -> Result<Option<Self>> {
        match (api, out) {
            (None, None) => Ok(None),
            (Some(api), Some(out)) => Ok(Some(Self {
                api: origin(api)?,
                out: out.into(),
            })),
            _ => bail!("--api URL and --out DIR are given together"),
        }
    }
}

/// The API address ends up in a page and in its Content-Security-Policy, so it is an
/// origin and nothing else.
fn origin(url: &str) -> Result<String> {
    let origin = url.trim_end_matches('/');
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    let is_host = |host: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        !host.is_empty() && host.chars().all(allowed)
    };
    if !host.is_some_and(is_host) {
        bail!("--api takes an origin such as https://sentiero.example.com, not `{url}`");
    }
    Ok(origin.to_owned())
}

pub(super) fn build(repo: &Repo, environment: &Environment) -> Result<()> {
    CRATE.build(repo, environment)?;
    let step = Step {
        name: "dashboard-bundle",
        inputs: vec![
            "dashboard/js",
            "dashboard/pkg",
            "dashboard/index.html",
            "dashboard/viewer.html",
            "dashboard/style.css",
            "dashboard/style",
            "xtask/js/bundle.mjs",
            "package-lock.json",
            "tsconfig.json",
        ],
        walk: Walk::Everything,
        salt: String::new(),
    };
    step.refresh(repo, || {
        require_sources(repo, SOURCES)?;
        bundle(repo, "dashboard: bundle", "dashboard", &[])
    })
}

/// Writes the dashboard for another host; always, since nobody stamps that folder.
pub(super) fn build_elsewhere(
    repo: &Repo,
    environment: &Environment,
    elsewhere: &Elsewhere,
) -> Result<()> {
    CRATE.build(repo, environment)?;
    require_sources(repo, SOURCES)?;
    let out = std::path::absolute(&elsewhere.out)?;
    let out = out.to_string_lossy();
    let flags = [("--out", out.as_ref()), ("--api", elsewhere.api.as_str())];
    bundle(repo, "dashboard: bundle", "dashboard", &flags)?;
    println!("the dashboard for {} is in {out}", elsewhere.api);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_origins_only() {
        assert_eq!(origin("https://a.example/").unwrap(), "https://a.example");
        assert_eq!(
            origin("http://127.0.0.1:8787").unwrap(),
            "http://127.0.0.1:8787"
        );
        for bad in [
            "a.example",
            "https://",
            "https://a b",
            "https://a/api",
            "https://a\"",
            "ftp://a",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn wants_both_flags_or_none() {
        assert_eq!(Elsewhere::parse(None, None).unwrap(), None);
        assert!(Elsewhere::parse(Some("https://a"), None).is_err());
        assert!(Elsewhere::parse(None, Some("out")).is_err());
    }
}
