//! From links as they are written in the repository to those of the site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::markdown::Outline;
use super::source::Document;

/// Larger files are not served beside a document.
const MOST_BYTES: u64 = 512 * 1024;

/// What there is to lead to.
pub(super) struct Links<'a> {
    root: &'a Path,
    /// Address and anchors, by path in the repository.
    pages: BTreeMap<&'a str, (&'a str, BTreeSet<&'a str>)>,
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Out of the repository, as it is written.
    Elsewhere,
    /// To a page, with an anchor if one was named.
    Page(String),
    /// To a file that is served beside the pages: its address, its path in the repository.
    File(String, String),
    /// Nowhere; why.
    Nowhere(String),
}

impl<'a> Links<'a> {
    pub(super) fn new(root: &'a Path, documents: &'a [Document], outlines: &'a [Outline]) -> Self {
        let pages = documents.iter().zip(outlines).map(|(document, outline)| {
            let anchors = outline.headings.iter().map(|heading| heading.id.as_str());
            let page = (document.address.as_str(), anchors.collect());
            (document.source.as_str(), page)
        });
        Self {
            root,
            pages: pages.collect(),
        }
    }

    /// Where `written` in `document` leads.
    pub(super) fn target(&self, document: &Document, written: &str) -> Target {
        if ["https://", "http://", "mailto:"]
            .iter()
            .any(|scheme| written.starts_with(scheme))
        {
            return Target::Elsewhere;
        }
        let (path, anchor) = match written.split_once('#') {
            Some((path, anchor)) => (path, Some(anchor)),
            None => (written, None),
        };
        let Some(place) = place(document, path) else {
            return Target::Nowhere(format!("`{written}` leads out of the repository"));
        };
        match self.page(&place) {
            Some((address, anchors)) => match anchor {
                None => Target::Page((*address).to_owned()),
                Some(anchor) if anchors.contains(anchor) => {
                    Target::Page(format!("{address}#{anchor}"))
                }
                Some(anchor) => {
                    Target::Nowhere(format!("`{written}`: there is no heading `#{anchor}`"))
                }
            },
            None => self.file(&place, written),
        }
    }

    /// The page of a document, or of a folder.
    fn page(&self, place: &str) -> Option<&(&'a str, BTreeSet<&'a str>)> {
        let of_folder = [format!("{place}/"), format!("{place}/README.md")];
        let of_folder = of_folder
            .iter()
            .find_map(|source| self.pages.get(source.as_str()));
        self.pages.get(place).or(of_folder)
    }

    /// A file of the repository, served as text unless a document shows it.
    fn file(&self, place: &str, written: &str) -> Target {
        let path: PathBuf = self.root.join(place);
        let Ok(known) = path.metadata() else {
            return Target::Nowhere(format!("`{written}`: there is no {place}"));
        };
        if known.is_dir() {
            return Target::Nowhere(format!(
                "`{written}`: the folder {place} has no page; name a file"
            ));
        }
        if known.len() > MOST_BYTES {
            return Target::Nowhere(format!("`{written}`: {place} is too large to be served"));
        }
        let address = match place.strip_prefix("docs/") {
            Some(inside) => format!("/docs/{inside}"),
            None => format!("/docs/files/{place}.txt"),
        };
        Target::File(address, place.to_owned())
    }
}

/// The path in the repository that `path` means; nothing if it leads out of it.
fn place(document: &Document, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(document.source.clone());
    }
    let mut parts: Vec<&str> = document
        .folder()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::documents;

    #[test]
    fn links_of_the_repository_become_links_of_the_site() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let documents = documents(&[
            ("README.md", "# R\n\n## Try it"),
            ("docs/a.md", "# A\n\n## It's `so`"),
            ("docs/adr/", "# Decisions"),
            ("docs/adr/1.md", "# 1"),
        ]);
        let outlines: Vec<_> = documents.iter().map(Outline::of).collect();
        let links = Links::new(&root, &documents, &outlines);
        let page = |address: &str| Target::Page(address.to_owned());
        for (from, written, expected) in [
            (1, "https://a.example/x", Target::Elsewhere),
            (1, "#its-so", page("/docs/a/#its-so")),
            (
                1,
                "../README.md#try-it",
                page("/docs/project/readme/#try-it"),
            ),
            (0, "docs/a.md", page("/docs/a/")),
            (0, "docs/adr", page("/docs/adr/")),
            (3, "../a.md#its-so", page("/docs/a/#its-so")),
            (
                0,
                "LICENSE",
                Target::File("/docs/files/LICENSE.txt".into(), "LICENSE".into()),
            ),
            (
                1,
                "images/replay.png",
                Target::File(
                    "/docs/images/replay.png".into(),
                    "docs/images/replay.png".into(),
                ),
            ),
        ] {
            assert_eq!(
                links.target(&documents[from], written),
                expected,
                "{written}"
            );
        }
        for (from, written, why) in [
            (1, "#nothing", "no heading `#nothing`"),
            (1, "b.md", "there is no docs/b.md"),
            (1, "../../etc/passwd", "leads out of the repository"),
            (0, "xtask", "has no page"),
            (0, "javascript:alert(1)", "there is no javascript:alert(1)"),
        ] {
            let Target::Nowhere(said) = links.target(&documents[from], written) else {
                panic!("{written} leads somewhere");
            };
            assert!(said.contains(why), "{said}");
        }
    }
}
