//! Which documents there are, and where each is served.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::repo;

/// A document as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// Its path in the repository, as `docs/privacy.md`; of the list of a folder, `docs/adr/`.
    pub(super) source: String,
    /// Where it is served, as `/docs/privacy/`.
    pub(super) address: String,
    /// Markdown.
    pub(super) text: String,
}

impl Document {
    /// The folder that it is in, as `docs` or nothing.
    pub(super) fn folder(&self) -> &str {
        self.source
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
    }
}

/// All documents: those at the root of the repository and those below `docs`, sorted, and a
/// list for each folder that has no README.
pub(super) fn all(root: &Path) -> Result<Vec<Document>> {
    let mut sources = Vec::new();
    collect(root, "", &mut sources)?;
    let mut documents = Vec::new();
    for source in sources {
        let text = repo::read(&root.join(&source))?;
        documents.push(Document {
            address: address(&source),
            text,
            source,
        });
    }
    documents.extend(lists(&documents));
    documents.sort_by(|a, b| a.source.cmp(&b.source));
    distinct(&documents)?;
    Ok(documents)
}

/// Below `docs` in all folders; at the root only what lies there.
fn collect(root: &Path, folder: &str, found: &mut Vec<String>) -> Result<()> {
    let path = root.join(folder);
    let entries = fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let source = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        if entry.path().is_dir() {
            if source.starts_with("docs") && (!folder.is_empty() || source == "docs") {
                collect(root, &source, found)?;
            }
        } else if is_markdown(&name) {
            found.push(source);
        }
    }
    Ok(())
}

fn is_markdown(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending == "md")
}

/// Where a document is served. What lies at the root of the repository is about the project.
pub(super) fn address(source: &str) -> String {
    let stem = source.strip_suffix(".md").unwrap_or(source);
    let place = match stem.strip_prefix("docs/") {
        Some("README") => String::new(),
        Some(rest) => rest.strip_suffix("/README").unwrap_or(rest).to_owned(),
        None => format!("project/{stem}"),
    };
    let place = place.to_lowercase();
    match place.trim_end_matches('/') {
        "" => "/docs/".to_owned(),
        place => format!("/docs/{place}/"),
    }
}

/// A page for each folder below `docs` that has none of its own, with what is in it.
fn lists(documents: &[Document]) -> Vec<Document> {
    let mut folders: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
    for document in documents {
        if document.folder().starts_with("docs/") {
            folders.entry(document.folder()).or_default().push(document);
        }
    }
    let has_readme = |folder: &str| {
        let readme = format!("{folder}/README.md");
        documents.iter().any(|document| document.source == readme)
    };
    folders
        .into_iter()
        .filter(|(folder, _)| !has_readme(folder))
        .map(|(folder, inside)| list(folder, &inside))
        .collect()
}

fn list(folder: &str, inside: &[&Document]) -> Document {
    let source = format!("{folder}/");
    let mut text = format!("# {}\n\n", name_of(folder));
    let mut sorted: Vec<_> = inside.to_vec();
    sorted.sort_by(|a, b| a.source.cmp(&b.source));
    for document in sorted {
        let file = document.source.rsplit('/').next().unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "* [{}]({file})", title(&document.text));
    }
    Document {
        address: address(&source),
        source,
        text,
    }
}

/// What a folder is called.
pub(super) fn name_of(folder: &str) -> String {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    if name == "adr" {
        return "Decisions".to_owned();
    }
    let mut letters = name.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The first heading, as it is written.
fn title(text: &str) -> &str {
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or("Untitled").trim()
}

/// Two documents of one address would write over each other.
fn distinct(documents: &[Document]) -> Result<()> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for Document {
        source, address, ..
    } in documents
    {
        if let Some(other) = seen.insert(address, source) {
            bail!("{source} and {other} would both be {address}: rename one");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::documents;

    #[test]
    fn where_documents_are_served() {
        for (source, expected) in [
            ("docs/README.md", "/docs/"),
            ("docs/privacy.md", "/docs/privacy/"),
            ("docs/CONTEXT.md", "/docs/context/"),
            ("docs/adr/0001-a.md", "/docs/adr/0001-a/"),
            ("docs/adr/README.md", "/docs/adr/"),
            ("docs/adr/", "/docs/adr/"),
            ("README.md", "/docs/project/readme/"),
        ] {
            assert_eq!(address(source), expected, "{source}");
        }
    }

    #[test]
    fn a_folder_without_a_page_gets_a_list() {
        let made = lists(&documents(&[
            ("docs/a.md", "# A"),
            ("docs/adr/0002-b.md", "# 2. B"),
            ("docs/adr/0001-a.md", "# 1. A"),
            ("docs/rails/README.md", "# Rails"),
            ("README.md", "# R"),
        ]));
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].address, "/docs/adr/");
        assert_eq!(
            made[0].text,
            "# Decisions\n\n* [1. A](0001-a.md)\n* [2. B](0002-b.md)\n"
        );
    }

    #[test]
    fn two_documents_of_one_address_are_refused() {
        let error = distinct(&documents(&[("docs/a.md", ""), ("docs/A.md", "")]));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("docs/A.md and docs/a.md"), "{error}");
    }
}
