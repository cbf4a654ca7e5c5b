//! The pages that are served as they are written.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::stamp::{self, Step, Walk};
use crate::process::Progress;
use crate::repo::Repo;

pub(super) fn build(repo: &Repo) -> Result<()> {
    let step = Step {
        name: "www",
        inputs: vec!["www"],
        walk: Walk::Everything,
        salt: String::new(),
    };
    step.refresh(repo, || {
        let progress = Progress::start("www: copy");
        let copied = copy(repo)?;
        progress.end();
        Ok(copied)
    })
}

fn copy(repo: &Repo) -> Result<Vec<PathBuf>> {
    let from = repo.path("www");
    let dist = repo.dist();
    fs::create_dir_all(&dist).with_context(|| format!("cannot create {}", dist.display()))?;
    let mut copied = Vec::new();
    for file in stamp::files(&from, Walk::Everything)? {
        let to = dist.join(file.strip_prefix(&from)?);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &to).with_context(|| format!("cannot write {}", to.display()))?;
        copied.push(to);
    }
    Ok(copied)
}
