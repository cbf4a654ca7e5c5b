//! The order of the pages: as `docs/README.md` lists them, group by group, so that a forge
//! shows the same. A page that it does not list stands at the end, in the group of its folder.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use super::markdown::Outline;
use super::source::{self, Document};

/// The page that says the order.
pub(super) const ORDER: &str = "docs/README.md";

/// A page in the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// What it is called here.
    pub(super) name: String,
    pub(super) address: String,
}

/// Pages under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) entries: Vec<Entry>,
}

/// The navigation.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) groups: Vec<Group>,
    /// Pages of a folder that is listed as one: they stand behind its page, in their order.
    behind: Vec<Group>,
    problems: Vec<String>,
}

impl Contents {
    pub(super) fn of(documents: &[Document], outlines: &[Outline]) -> Self {
        let mut contents = Self::default();
        let mut listed = BTreeSet::from(["/docs/".to_owned()]);
        match documents.iter().find(|document| document.source == ORDER) {
            Some(order) => contents.groups = groups(&order.text),
            None => contents
                .problems
                .push(format!("{ORDER} is missing: it lists the pages")),
        }
        for entry in contents.groups.iter().flat_map(|group| &group.entries) {
            if !listed.insert(entry.address.clone()) {
                contents
                    .problems
                    .push(format!("{ORDER} lists {} twice", entry.address));
            }
        }
        for (document, outline) in documents.iter().zip(outlines) {
            if !listed.contains(&document.address) {
                contents.add(document, outline, &listed);
            }
        }
        contents
    }

    /// Adds what nobody listed.
    fn add(&mut self, document: &Document, outline: &Outline, listed: &BTreeSet<String>) {
        let folder = document.folder();
        let is_behind =
            folder.starts_with("docs/") && listed.contains(&source::address(&format!("{folder}/")));
        let name = match folder {
            "" => "Project".to_owned(),
            "docs" => "More".to_owned(),
            folder => source::name_of(folder),
        };
        let groups = if is_behind {
            &mut self.behind
        } else {
            &mut self.groups
        };
        let entry = Entry {
            name: outline.title().to_owned(),
            address: document.address.clone(),
        };
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.entries.push(entry),
            None => groups.push(Group {
                name,
                entries: vec![entry],
            }),
        }
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.problems.clone()
    }

    /// The pages before and behind `address`.
    pub(super) fn neighbours(&self, address: &str) -> (Option<&Entry>, Option<&Entry>) {
        let sequences: [Vec<&Entry>; 2] = [&self.groups, &self.behind]
            .map(|groups| groups.iter().flat_map(|group| &group.entries).collect());
        for entries in &sequences {
            if let Some(at) = entries.iter().position(|entry| entry.address == address) {
                let before = at.checked_sub(1).and_then(|at| entries.get(at));
                return (before.copied(), entries.get(at + 1).copied());
            }
        }
        (
            None,
            sequences
                .first()
                .and_then(|entries| entries.first())
                .copied(),
        )
    }

    /// The entry that is marked while `address` is shown: its own, or that of its folder.
    pub(super) fn current<'a>(&'a self, address: &'a str) -> Option<&'a Entry> {
        let all = || self.groups.iter().flat_map(|group| &group.entries);
        let own = all().find(|entry| entry.address == address);
        own.or_else(|| {
            all().find(|entry| entry.address != "/docs/" && address.starts_with(&entry.address))
        })
    }
}

/// The groups that the text of [`ORDER`] lists: a heading of the second level, and the first
/// link of each line below it.
fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut heading: Option<String> = None;
    let mut link: Option<Entry> = None;
    let mut in_item = false;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(level)) => {
                let name = heading.take().unwrap_or_default();
                if level as usize == 2 {
                    groups.push(Group {
                        name,
                        entries: Vec::new(),
                    });
                }
            }
            Event::Start(Tag::Item) => in_item = true,
            Event::Start(Tag::Link { dest_url, .. }) if in_item && link.is_none() => {
                link = address_of(&dest_url).map(|address| Entry {
                    name: String::new(),
                    address,
                });
            }
            Event::End(TagEnd::Link) => {
                if let (Some(entry), Some(group)) = (link.take(), groups.last_mut()) {
                    group.entries.push(entry);
                    in_item = false;
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                } else if let Some(entry) = &mut link {
                    entry.name.push_str(&text);
                }
            }
            _ => {}
        }
    }
    groups.retain(|group| !group.entries.is_empty());
    groups
}

/// The page that a link of [`ORDER`] leads to. That there is one is checked where links are.
fn address_of(written: &str) -> Option<String> {
    if written.contains("://") || written.starts_with('#') {
        return None;
    }
    let path = written.split('#').next().unwrap_or(written);
    let source = match path.strip_prefix("../") {
        Some(outside) => outside.to_owned(),
        None => format!("docs/{path}"),
    };
    Some(source::address(&source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::documents;

    fn contents(files: &[(&str, &str)]) -> Contents {
        let documents = documents(files);
        let outlines: Vec<_> = documents.iter().map(Outline::of).collect();
        Contents::of(&documents, &outlines)
    }

    fn shown(groups: &[Group]) -> Vec<String> {
        let line = |group: &Group| {
            let entries: Vec<_> = group
                .entries
                .iter()
                .map(|entry| format!("{} {}", entry.name, entry.address))
                .collect();
            format!("{}: {}", group.name, entries.join(", "))
        };
        groups.iter().map(line).collect()
    }

    const FILES: &[(&str, &str)] = &[
        ("CHANGELOG.md", "# Changelog"),
        ("README.md", "# Sentiero"),
        (
            "docs/README.md",
            "# Docs\n\n## Start\n\n* [Quick start](b.md): the [first](a.md) visit\n* [Changes](../CHANGELOG.md)\n\n## Empty\n\nText, and [elsewhere](https://a.example).\n\n## Deep\n\n* [Decisions](adr)\n",
        ),
        ("docs/a.md", "# The letter A"),
        ("docs/adr/", "# Decisions"),
        ("docs/adr/1.md", "# One"),
        ("docs/adr/2.md", "# Two"),
        ("docs/b.md", "# B"),
        ("docs/frameworks/rails.md", "# Rails"),
        ("docs/frameworks/", "# Frameworks"),
    ];

    #[test]
    fn listed_pages_come_first_and_no_page_is_missing() {
        let contents = contents(FILES);
        assert_eq!(contents.problems(), Vec::<String>::new());
        assert_eq!(
            shown(&contents.groups),
            [
                "Start: Quick start /docs/b/, Changes /docs/project/changelog/",
                "Deep: Decisions /docs/adr/",
                "Project: Sentiero /docs/project/readme/",
                "More: The letter A /docs/a/",
                "Frameworks: Rails /docs/frameworks/rails/, Frameworks /docs/frameworks/",
            ]
        );
        assert_eq!(
            shown(&contents.behind),
            ["Decisions: One /docs/adr/1/, Two /docs/adr/2/"]
        );
    }

    #[test]
    fn neighbours_are_of_the_same_row() {
        let contents = contents(FILES);
        let names = |address| {
            let (before, behind) = contents.neighbours(address);
            let name = |entry: Option<&Entry>| entry.map(|entry| entry.name.clone());
            (name(before), name(behind))
        };
        assert_eq!(names("/docs/"), (None, Some("Quick start".into())));
        assert_eq!(names("/docs/b/"), (None, Some("Changes".into())));
        assert_eq!(names("/docs/adr/1/"), (None, Some("Two".into())));
        assert_eq!(contents.current("/docs/adr/2/").unwrap().name, "Decisions");
    }

    #[test]
    fn a_page_that_is_listed_twice_is_told() {
        let twice = contents(&[
            ("docs/README.md", "# D\n\n## G\n\n* [a](a.md)\n* [b](a.md)"),
            ("docs/a.md", "# A"),
        ]);
        assert_eq!(twice.problems(), ["docs/README.md lists /docs/a/ twice"]);
        assert!(contents(&[]).problems()[0].contains("is missing"));
    }
}
