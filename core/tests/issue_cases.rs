//! Runs `tests/fixtures/issue_cases.json`: errors as browsers and languages spell them. Those of
//! one row are one issue, those of two rows are two. `title` stands where an engine's own words
//! make another one than the row's.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use sentiero_core::issue::{Fingerprint, Issue, Thrown};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: String,
    same: Vec<Spelling>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    of: String,
    #[serde(default)]
    kind: String,
    message: String,
    stack: String,
    #[serde(default)]
    rejected: bool,
    title: Option<String>,
}

#[test]
fn every_spelling_of_an_error_is_one_issue() {
    let text = include_str!("../../tests/fixtures/issue_cases.json");
    let rows: Vec<Row> = serde_json::from_str(text).unwrap();
    let mut rows_by_print: BTreeMap<Fingerprint, usize> = BTreeMap::new();
    for (number, row) in rows.iter().enumerate() {
        let mut print = None;
        for spelling in &row.same {
            let issue = Issue::of(&Thrown {
                kind: &spelling.kind,
                message: &spelling.message,
                stack: &spelling.stack,
                source: "",
                rejected: spelling.rejected,
            });
            let of = format!("{} in {}", row.title, spelling.of);
            let title = spelling.title.as_ref().unwrap_or(&row.title);
            assert_eq!(&issue.title, title, "{of}");
            let first = *print.get_or_insert(issue.fingerprint);
            assert_eq!(issue.fingerprint, first, "another issue: {of}");
        }
        let print = print.expect("a spelling");
        let other = rows_by_print.insert(print, number);
        assert_eq!(other, None, "the issue of another row: {}", row.title);
    }
}
