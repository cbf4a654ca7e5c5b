//! The documentation that is built of this repository.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn site() -> Site {
    Site::make(&root()).unwrap()
}

/// What stands between `<` and `>`: in text, these are escaped.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    let parts = html.split('<').skip(1);
    parts.filter_map(|part| part.split_once('>').map(|(tag, _)| tag))
}

/// What stands in `attribute="…"` of a page's tags.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let open = format!("{attribute}=\"");
    let found = tags(html).filter_map(|tag| tag.split_once(open.as_str())?.1.split_once('"'));
    found.map(|(value, _)| value).collect()
}

#[test]
fn nothing_is_wrong_with_the_documents() {
    assert_eq!(site().problems, Vec::<String>::new());
}

/// Looks at what is served, not at what the renderer means to have made.
#[test]
fn every_link_of_the_site_leads_to_a_page_a_heading_or_a_file() {
    let site = site();
    let anchors: BTreeMap<&str, BTreeSet<&str>> = site
        .pages
        .iter()
        .map(|(address, html)| (address.as_str(), values(html, " id").into_iter().collect()))
        .collect();
    // Of other parts of the build, and of the worker.
    let others = [
        "/",
        "/shop/",
        "/dashboard/",
        "/favicon.svg",
        "/docs/docs.css",
        "/docs/docs.js",
    ];
    for (page, html) in &site.pages {
        for target in [values(html, " href"), values(html, " src")].concat() {
            if target.starts_with("https://")
                || target.starts_with("mailto:")
                || others.contains(&target)
            {
                continue;
            }
            let (address, anchor) = target.split_once('#').unwrap_or((target, ""));
            let address = if address.is_empty() { page } else { address };
            if site.files.contains_key(address) {
                continue;
            }
            let there = anchors
                .get(address)
                .unwrap_or_else(|| panic!("{page} leads to {target}"));
            assert!(
                anchor.is_empty() || there.contains(anchor),
                "{page} leads to {target}"
            );
        }
    }
}

#[test]
fn every_page_is_reached_from_the_first_and_can_be_searched() {
    let site = site();
    let mut reached = BTreeSet::from(["/docs/"]);
    let mut next = vec!["/docs/"];
    while let Some(page) = next.pop() {
        for target in values(&site.pages[page], " href") {
            let address = target.split('#').next().unwrap();
            if site.pages.contains_key(address) && reached.insert(address) {
                next.push(address);
            }
        }
    }
    let all: BTreeSet<&str> = site.pages.keys().map(String::as_str).collect();
    assert_eq!(reached, all, "reached, and there");
    let index: Vec<(String, String, Vec<[String; 3]>)> = serde_json::from_str(&site.index).unwrap();
    let searched: BTreeSet<&str> = index.iter().map(|(address, ..)| address.as_str()).collect();
    assert_eq!(searched, all, "searched, and there");
    for (address, title, sections) in &index {
        assert!(!title.is_empty() && !sections.is_empty(), "{address}");
        for [anchor, ..] in sections {
            let id = format!(" id=\"{anchor}\"");
            assert!(site.pages[address].contains(&id), "{address}#{anchor}");
        }
    }
}

/// The policy in `www/_headers` lets nothing of this through; here it is told by name.
#[test]
fn no_page_has_anything_in_it_that_runs_or_comes_from_elsewhere() {
    for (page, html) in &site().pages {
        for tag in tags(html) {
            let name = tag.split([' ', '\n']).next().unwrap();
            assert!(
                !["style", "iframe", "object", "base"].contains(&name),
                "{page} has {tag}"
            );
            let names: String = tag.split('"').step_by(2).collect();
            assert!(
                !names.contains(" style=") && !names.contains(" on"),
                "{page} has {tag}"
            );
        }
        assert_eq!(html.matches("<script").count(), 1, "{page}");
        for source in values(html, " src") {
            assert!(source.starts_with("/docs/"), "{page} loads {source}");
        }
    }
}

#[test]
fn what_an_earlier_build_wrote_is_named_again() {
    let folder = std::env::temp_dir().join(format!("xtask-docs-{}", std::process::id()));
    let written = site().write_below(&root(), &folder).unwrap();
    let shown: BTreeSet<String> = written
        .iter()
        .map(|path| path.strip_prefix(&folder).unwrap().display().to_string())
        .collect();
    for file in [
        "docs/index.html",
        "docs/privacy/index.html",
        "docs/search.json",
        "docs/images/replay.png",
    ] {
        assert!(shown.contains(file), "{file} in {shown:?}");
        assert!(folder.join(file).is_file(), "{file}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
