//! A page of the documentation around what a document says.

use std::fmt::Write as _;

use super::contents::{Contents, Entry, Group};
use super::markdown::{Outline, Rendered, escaped};
use super::source::Document;

/// Longer than this no description of a page is.
const LONGEST_DESCRIPTION: usize = 160;

const MARK: &str = r##"<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#1f5a41"/><path d="M8 27c0-5 12-4 12-9S9 14 9 9" fill="none" stroke="#f6f1e4" stroke-width="2.6" stroke-linecap="round" stroke-dasharray=".1 4.6"/><path d="M17.5 5.2v8l7-4z" fill="#f0b54a" stroke="#f0b54a" stroke-width="1.6" stroke-linejoin="round"/></svg>"##;

/// The whole page. Everything works without its script but searching and choosing colours,
/// which are hidden until the script is there.
pub(super) fn html(
    document: &Document,
    outline: &Outline,
    rendered: &Rendered,
    contents: &Contents,
) -> String {
    let title = escaped(outline.title());
    let name = if document.address == "/docs/" {
        "Sentiero documentation".to_owned()
    } else {
        format!("{title} · Sentiero documentation")
    };
    let description = escaped(&description(rendered));
    let body = rendered
        .html
        .replace("<img src=", "<img loading=\"lazy\" src=");
    let (toc, turn, menu) = (
        toc(outline),
        turn(contents.neighbours(&document.address)),
        menu(contents, &document.address),
    );
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{description}">
<title>{name}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">{MARK} Sentiero</a>
<form class="search" role="search" hidden>
<label class="unseen" for="search">Search the documentation</label>
<input id="search" type="search" placeholder="Search" autocomplete="off" spellcheck="false" aria-describedby="search-said" data-testid="docs-search">
<p class="unseen" id="search-said" role="status"></p>
<ol class="found" aria-label="Search results" hidden></ol>
</form>
<nav class="sites" aria-label="Sites"><a class="all" href="#contents">All pages</a><a href="/docs/">Docs</a><a href="/shop/">Demo shop</a><a href="/dashboard/">Dashboard</a></nav>
<button class="theme" type="button" data-testid="docs-theme" hidden></button>
</header>
<div class="layout">
<main id="main" tabindex="-1">
<article>
{body}</article>
{turn}</main>
{toc}<nav class="menu" id="contents" aria-label="Documentation">
{menu}</nav>
</div>
</body>
</html>
"##
    )
}

/// The beginning of what the page says.
fn description(rendered: &Rendered) -> String {
    let text = rendered.sections.first().map_or("", String::as_str);
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.len() + word.len() > LONGEST_DESCRIPTION {
            return short + " …";
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

/// What the page is about, if it is about several things.
fn toc(outline: &Outline) -> String {
    let shown: Vec<_> = outline
        .headings
        .iter()
        .skip(1)
        .filter(|heading| heading.level <= 3)
        .collect();
    if shown.len() < 2 {
        return String::new();
    }
    let mut html = String::from(
        "<nav class=\"toc\" aria-labelledby=\"toc\">\n<h2 id=\"toc\">On this page</h2>\n<ul>\n",
    );
    for heading in shown {
        let deep = if heading.level == 3 {
            " class=\"deep\""
        } else {
            ""
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            html,
            "<li{deep}><a href=\"#{}\">{}</a></li>",
            heading.id,
            escaped(&heading.text)
        );
    }
    html + "</ul>\n</nav>\n"
}

/// The pages before and behind this one.
fn turn((before, behind): (Option<&Entry>, Option<&Entry>)) -> String {
    let link = |entry: Option<&Entry>, rel: &str, word: &str| {
        entry.map_or_else(String::new, |Entry { name, address }| {
            format!(
                "<a rel=\"{rel}\" href=\"{address}\"><span>{word}</span> {}</a>\n",
                escaped(name)
            )
        })
    };
    format!(
        "<nav class=\"turn\" aria-label=\"Neighbouring pages\">\n{}{}</nav>\n",
        link(before, "prev", "Before"),
        link(behind, "next", "Next")
    )
}

fn menu(contents: &Contents, address: &str) -> String {
    let current = contents
        .current(address)
        .map(|entry| entry.address.as_str());
    let group = |Group { name, entries }: &Group| {
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| item(entry, address, current))
            .collect();
        format!(
            "<h2>{}</h2>\n<ul>\n{}</ul>\n",
            escaped(name),
            entries.concat()
        )
    };
    contents.groups.iter().map(group).collect()
}

fn item(Entry { name, address }: &Entry, shown: &str, current: Option<&str>) -> String {
    let mark = match current {
        Some(current) if current == address && shown == address => " aria-current=\"page\"",
        Some(current) if current == address => " aria-current=\"true\"",
        _ => "",
    };
    format!(
        "<li><a href=\"{address}\"{mark}>{}</a></li>\n",
        escaped(name)
    )
}
