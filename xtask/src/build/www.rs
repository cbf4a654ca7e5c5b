//! The pages that are served: landing page and demo shop as they are written, their scripts and
//! style sheets bundled, the documentation made of Markdown.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::bundle;
use super::stamp::{self, Step, Walk};
use crate::docs::Site;
use crate::process::Progress;
use crate::repo::Repo;

/// What is bundled, and not copied.
const SOURCES: &str = "www/src";

pub(super) fn build(repo: &Repo) -> Result<()> {
    step("www", &["www"]).refresh(repo, || {
        let progress = Progress::start("www: copy");
        let copied = copy(repo)?;
        progress.end();
        Ok(copied)
    })?;
    let bundled = [
        SOURCES,
        // The player, and the tokens of the design.
        "dashboard/js",
        "dashboard/style/tokens.css",
        "xtask/js/bundle.mjs",
        "package-lock.json",
        "tsconfig.json",
    ];
    step("www-bundle", &bundled).refresh(repo, || bundle(repo, "www: bundle", "site", &[]))?;
    let site = Site::of(repo)?;
    step("docs", &site.inputs()).refresh(repo, || {
        let progress = Progress::start("www: docs");
        let made = site.write(repo)?;
        progress.end();
        Ok(made)
    })
}

fn step<'a>(name: &'a str, inputs: &[&'a str]) -> Step<'a> {
    Step {
        name,
        inputs: inputs.to_vec(),
        walk: Walk::Everything,
        salt: String::new(),
    }
}

fn copy(repo: &Repo) -> Result<Vec<PathBuf>> {
    let from = repo.path("www");
    let sources = repo.path(SOURCES);
    let dist = repo.dist();
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let mut copied = Vec::new();
    for file in stamp::files(&from, Walk::Everything)? {
        if file.starts_with(&sources) {
            continue;
        }
        let to = dist.join(file.strip_prefix(&from)?);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &to).with_context(|| format!("cannot write {}", to.display()))?;
        copied.push(to);
    }
    Ok(copied)
}
