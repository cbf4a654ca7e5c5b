//! Samples of code in documents. What a sample claims to be taken from, a test runs; so here it
//! is compared, letter for letter. A comment right before the sample says what holds for it:
//!
//! * `<!-- from: PATH#NAME -->`: it stands in that file between a line with `sample: NAME` and
//!   the next one with `sample ends`.
//! * `<!-- example: NAME -->`: a journey in `tests/e2e` runs it, which names the document, or an
//!   application of `tests/frameworks` does.
//! * `<!-- site -->`: each line is a site's configuration, by core's own reader.
//! * `<!-- shown: WHY -->`: nothing runs it, and why.
//!
//! Commands (`sh`) need no comment: what they call must be there.

use std::fs;
use std::path::Path;

use sentiero_core::site::SiteConfig;

use super::source::Document;

/// Languages of which a sample must say what holds for it.
const CODE: &[&str] = &[
    "html", "js", "jsx", "ts", "tsx", "json", "toml", "ruby", "rb", "erb", "py", "python", "php",
    "go",
];

/// A block of code, and the comment before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sample<'a> {
    /// Of the document, from 1.
    line: usize,
    language: &'a str,
    note: Option<&'a str>,
    code: &'a str,
}

/// What is wrong with the samples of `documents`. Decisions are of their day, and not looked at.
pub(super) fn problems(root: &Path, documents: &[Document]) -> Vec<String> {
    let current = documents
        .iter()
        .filter(|document| !document.source.starts_with("docs/adr/"));
    let all = current.flat_map(|document| {
        samples(&document.text)
            .into_iter()
            .filter_map(move |sample| {
                let why = problem(root, document, sample)?;
                Some(format!("{}:{}: {why}", document.source, sample.line))
            })
    });
    all.collect()
}

/// The samples of a document, whose fences may be indented.
fn samples(text: &str) -> Vec<Sample<'_>> {
    let mut found = Vec::new();
    let mut note = None;
    let mut open: Option<(usize, &str, usize)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let start = at;
        at += line.len();
        let line = line.trim();
        match (open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((number + 1, language, at)),
            (Some((line, language, from)), Some("")) => {
                let code = text.get(from..start).unwrap_or_default();
                found.push(Sample {
                    line,
                    language,
                    note: note.take(),
                    code,
                });
                open = None;
            }
            (None, None) if !line.is_empty() => {
                note = line
                    .strip_prefix("<!--")
                    .and_then(|rest| rest.strip_suffix("-->"))
                    .map(str::trim);
            }
            _ => {}
        }
    }
    found
}

fn problem(root: &Path, document: &Document, sample: Sample<'_>) -> Option<String> {
    if sample.language == "sh" {
        return sample
            .code
            .lines()
            .find_map(|line| command(root, line.trim()));
    }
    let note = sample.note.unwrap_or_default();
    match note.split_once(": ").unwrap_or((note, "")) {
        ("from", place) => taken_from(root, place, sample.code),
        ("example", _) => run_by_a_journey(root, &document.source),
        ("site", _) => configuration(sample.code),
        ("shown", why) if !why.is_empty() => None,
        _ if CODE.contains(&sample.language) => Some(
            "a sample of code says in a comment before it which test runs it, or from which file it is (xtask/src/docs/samples.rs)".to_owned(),
        ),
        _ => None,
    }
}

/// Compares with the part of a file that is named.
fn taken_from(root: &Path, place: &str, code: &str) -> Option<String> {
    let Some((path, name)) = place.split_once('#') else {
        return Some(format!(
            "`from: {place}` needs a file and a name, as `from: tests/a.rb#login`"
        ));
    };
    let Ok(text) = fs::read_to_string(root.join(path)) else {
        return Some(format!("there is no file {path}"));
    };
    match region(&text, name) {
        None => Some(format!(
            "{path} has no lines between `sample: {name}` and `sample ends`"
        )),
        Some(found) if flush(&found) == flush(code) => None,
        Some(found) => Some(format!(
            "it differs from `{name}` of {path}, which is:\n{}",
            flush(&found)
        )),
    }
}

/// What stands in `text` under a name.
fn region(text: &str, name: &str) -> Option<String> {
    let begins = |line: &str| {
        let after = line.split_once("sample: ").map(|(_, after)| after);
        after.is_some_and(|after| after.split_whitespace().next() == Some(name))
    };
    let mut lines = text.lines().skip_while(|line| !begins(line)).skip(1);
    let mut found = String::new();
    loop {
        let line = lines.next()?;
        if line.contains("sample ends") {
            return Some(found);
        }
        found.push_str(line);
        found.push('\n');
    }
}

/// Without what all lines are indented by, and without spaces at the ends.
fn flush(code: &str) -> String {
    let filled = || code.lines().filter(|line| !line.trim().is_empty());
    let indent = filled()
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = code
        .lines()
        .map(|line| line.get(indent..).unwrap_or("").trim_end())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// A journey that runs a document's examples names it.
fn run_by_a_journey(root: &Path, source: &str) -> Option<String> {
    let call = format!("examples('{source}')");
    let specs = fs::read_dir(root.join("tests/e2e")).ok()?;
    let mut texts = specs.filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok());
    let is_run = texts.any(|text| text.contains(&call)) || run_by_an_application(root, source);
    (!is_run).then(|| format!("no file of tests/e2e has {call}, so nothing runs this example"))
}

/// A page about a framework is named by the application that its examples are put into, which
/// fails if one of them has no place.
fn run_by_an_application(root: &Path, source: &str) -> bool {
    let name = source.strip_prefix("docs/frameworks/");
    let Some(name) = name.and_then(|name| name.strip_suffix(".md")) else {
        return false;
    };
    let applications = fs::read_to_string(root.join("tests/e2e/frameworks/samples.mjs"));
    applications.is_ok_and(|text| text.contains(&format!("document: '{name}'")))
}

/// Each line by itself; one that names no site says a part of one.
fn configuration(code: &str) -> Option<String> {
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut wrong = lines.filter_map(|line| {
        let fields = line.strip_prefix('{')?;
        let whole = if line.contains("\"name\"") {
            line.to_owned()
        } else {
            format!(r#"{{"name":"x","origins":[],{fields}"#)
        };
        Some(format!("`{line}`: {}", SiteConfig::parse(&whole).err()?))
    });
    wrong.next()
}

/// What a line of a shell calls must be there, as far as it is ours.
fn command(root: &Path, line: &str) -> Option<String> {
    let words: Vec<&str> = line
        .split_whitespace()
        .skip_while(|word| word.contains('='))
        .collect();
    match words.as_slice() {
        ["cargo", "xtask", verb, ..] => {
            let start = format!("\n  {verb} ");
            let is_known = *verb == "help" || crate::USAGE.contains(&start);
            (!is_known).then(|| format!("there is no `cargo xtask {verb}`"))
        }
        ["node", script, ..] if !script.starts_with('-') => {
            (!root.join(script).is_file()).then(|| format!("there is no {script}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docs::documents;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// What is said of a document with this text.
    fn said(text: &str) -> Vec<String> {
        problems(&root(), &documents(&[("docs/a.md", text)]))
    }

    #[test]
    fn samples_have_their_lines_and_notes() {
        let text = "a\n\n<!-- from: x#y -->\n```js\nlet a;\n```\n\n   ```sh\n   ls\n   ```\n<!-- z -->\ntext\n```\nb\n```\n";
        let found: Vec<_> = samples(text)
            .iter()
            .map(|s| (s.line, s.language, s.note, s.code))
            .collect();
        assert_eq!(
            found,
            [
                (4, "js", Some("from: x#y"), "let a;\n"),
                (8, "sh", None, "   ls\n"),
                (13, "", None, "b\n"),
            ]
        );
    }

    #[test]
    fn a_sample_is_compared_with_its_file() {
        let file = "a\n  // sample: one\n  let x = 1;\n\n    more();\n  // sample ends\n<!-- sample: two-2 -->\nb\n<!-- sample ends -->\n";
        assert_eq!(
            flush(&region(file, "one").unwrap()),
            "let x = 1;\n\n  more();"
        );
        assert_eq!(region(file, "two-2").unwrap(), "b\n");
        assert_eq!(region(file, "on"), None);
        assert_eq!(region("sample: open\nx", "open"), None);
        let unlike = said("<!-- from: xtask/src/docs/samples.rs#none -->\n```js\nx\n```\n");
        assert!(unlike[0].contains("has no lines between"), "{unlike:?}");
        let nowhere = said("<!-- from: no/file.rb#x -->\n```rb\nx\n```\n");
        assert_eq!(nowhere, ["docs/a.md:2: there is no file no/file.rb"]);
    }

    #[test]
    fn what_a_sample_claims_is_looked_at() {
        for (text, why) in [
            ("```js\nx\n```", "says in a comment before it"),
            (
                "<!-- shown: -->\n```js\nx\n```",
                "says in a comment before it",
            ),
            (
                "<!-- example: tag -->\n```html\nx\n```",
                "no file of tests/e2e has examples('docs/a.md')",
            ),
            ("<!-- site -->\n```json\n{ \"mask\": \"all\" }\n```", "mask"),
            (
                "```sh\ncargo xtask fly\n```",
                "there is no `cargo xtask fly`",
            ),
            (
                "```sh\nA=1 node tests/none.mjs --x\n```",
                "there is no tests/none.mjs",
            ),
        ] {
            let found = said(text);
            assert!(
                found.len() == 1 && found[0].contains(why),
                "{text}: {found:?}"
            );
        }
        for text in [
            "<!-- site -->\n```json\n{ \"redact\": { \"phones\": true } }\n{ \"mask\": \"text\" }\n```",
            "<!-- shown: it is rrweb's -->\n```js\nx\n```",
            "```sh\ncargo xtask dev --port 1\nnpx wrangler deploy\n```",
            "```\nanything\n```",
        ] {
            assert_eq!(said(text), Vec::<String>::new(), "{text}");
        }
    }
}
