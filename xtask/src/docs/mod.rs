//! The documentation as a site: every Markdown document of the repository, with navigation,
//! a table of contents, anchors and an index for searching, in `www/dist/docs`.
//!
//! The documents are written for a forge, and links between them are what works there. Here
//! they are translated ([`links`]); one that leads nowhere is an error, with all others of its
//! kind. Documents need not be known: [`contents`] says where one stands that nobody listed.

mod contents;
mod links;
mod markdown;
mod page;
mod samples;
mod search;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use self::contents::Contents;
use self::links::Links;
use self::markdown::{Outline, Rendered};
use crate::repo::{self, Repo};

/// The whole site, before it is written.
pub(crate) struct Site {
    /// HTML by address, as `/docs/privacy/`.
    pages: BTreeMap<String, String>,
    /// Files that pages show or lead to: address, and path in the repository.
    files: BTreeMap<String, String>,
    /// What is searched, as JSON.
    index: String,
    /// What it was made of, as paths in the repository.
    inputs: Vec<String>,
    /// Why it is not right.
    problems: Vec<String>,
}

impl Site {
    /// Makes it of the documents below `root`.
    fn make(root: &Path) -> Result<Self> {
        let documents = source::all(root)?;
        let outlines: Vec<Outline> = documents.iter().map(Outline::of).collect();
        let contents = Contents::of(&documents, &outlines);
        let links = Links::new(root, &documents, &outlines);
        let mut problems = contents.problems();
        let mut files = BTreeMap::new();
        let mut rendered = Vec::new();
        for (document, outline) in documents.iter().zip(&outlines) {
            let one = Rendered::of(document, outline, &links);
            problems.extend(one.problems.iter().cloned());
            files.extend(one.files.clone());
            rendered.push(one);
        }
        problems.extend(samples::problems(root, &documents));
        let index = search::index(&documents, &outlines, &rendered);
        let pages = documents
            .iter()
            .zip(&outlines)
            .zip(&rendered)
            .map(|((document, outline), one)| {
                let html = page::html(document, outline, one, &contents);
                (document.address.clone(), html)
            })
            .collect();
        let written = documents.iter().map(|document| &document.source);
        let inputs = written.chain(files.values());
        Ok(Self {
            pages,
            inputs: inputs
                .filter(|path| !path.ends_with('/'))
                .cloned()
                .collect(),
            files,
            index,
            problems,
        })
    }

    /// The documentation of this repository, if nothing is wrong with it.
    pub(crate) fn of(repo: &Repo) -> Result<Self> {
        let site = Self::make(repo.root())?;
        if site.problems.is_empty() {
            return Ok(site);
        }
        bail!(
            "the documentation is not right:\n{}",
            site.problems.join("\n")
        )
    }

    /// What it is made of and by.
    pub(crate) fn inputs(&self) -> Vec<&str> {
        let own = std::iter::once("xtask/src/docs");
        own.chain(self.inputs.iter().map(String::as_str)).collect()
    }

    /// Writes it into `www/dist/docs`; the files that it wrote.
    pub(crate) fn write(&self, repo: &Repo) -> Result<Vec<PathBuf>> {
        self.write_below(repo.root(), &repo.dist())
    }

    fn write_below(&self, root: &Path, dist: &Path) -> Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for (address, html) in &self.pages {
            let path = below(dist, address).join("index.html");
            repo::write(&path, html)?;
            written.push(path);
        }
        for (address, source) in &self.files {
            let path = below(dist, address);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(root.join(source), &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
            written.push(path);
        }
        let path = below(dist, search::ADDRESS);
        repo::write(&path, &self.index)?;
        written.push(path);
        Ok(written)
    }
}

fn below(dist: &Path, address: &str) -> PathBuf {
    dist.join(address.trim_matches('/'))
}

/// The documents of a site, for tests of its parts.
#[cfg(test)]
fn documents(files: &[(&str, &str)]) -> Vec<source::Document> {
    let make = |(source, text): &(&str, &str)| source::Document {
        source: (*source).to_owned(),
        address: source::address(source),
        text: (*text).to_owned(),
    };
    files.iter().map(make).collect()
}

#[cfg(test)]
mod tests;
