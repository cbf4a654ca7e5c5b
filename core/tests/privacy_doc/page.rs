//! The lists of a page, and the sources they are compared with.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) type Names = BTreeSet<String>;

pub(super) const PAGE: &str = "docs/privacy.md";

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The files below `folder` that end with `ending`, each with its path and its text up to its
/// tests.
pub(super) fn sources(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect(&folder) {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{folder}/{name}");
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if name.ends_with(ending) && name != "tests.rs" {
                let text = read(&path);
                let code = text.split("#[cfg(test)]\nmod tests {").next();
                files.push((path, code.unwrap().to_owned()));
            }
        }
    }
    assert!(!files.is_empty(), "{folder}");
    files
}

/// What stands between `open` and the next `close`, wherever that is in `text`.
pub(super) fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| part.split_once(close).map(|(inner, _)| inner))
        .collect()
}

pub(super) fn names<S: Into<String>>(list: impl IntoIterator<Item = S>) -> Names {
    list.into_iter().map(Into::into).collect()
}

/// The words between backquotes.
pub(super) fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What the list called `list` in `page` names; none if there is no such list.
pub(super) fn listed(page: &str, list: &str) -> Option<Names> {
    let (_, rest) = page.split_once(&format!("<!-- checked: {list} -->\n"))?;
    let block: Vec<&str> = rest.lines().take_while(|line| !line.is_empty()).collect();
    let is_table = block.first()?.starts_with('|');
    let cells = block.iter().map(|line| {
        if is_table {
            line.split('|').nth(1).unwrap_or_default()
        } else {
            line
        }
    });
    Some(names(cells.flat_map(code_words)))
}

/// How `page` and the code differ about `list`; none if they do not.
pub(super) fn difference(path: &str, page: &str, list: &str, code: &Names) -> Option<String> {
    let Some(listed) = listed(page, list) else {
        return Some(format!("{path} has no list `<!-- checked: {list} -->`"));
    };
    let lines = |from: &Names, other: &Names, text: &str| -> Vec<String> {
        let only = from.difference(other);
        only.map(|name| format!("  `{name}` {text}")).collect()
    };
    let mut wrong = lines(
        code,
        &listed,
        "is in the code and not on the page: add a row that says what it holds, for how long and why",
    );
    wrong.extend(lines(
        &listed,
        code,
        "is on the page and not in the code: remove it",
    ));
    let title = format!("{path}, list `<!-- checked: {list} -->`:");
    (!wrong.is_empty()).then(|| format!("{title}\n{}", wrong.join("\n")))
}

#[track_caller]
pub(super) fn agree(path: &str, list: &str, code: &Names) {
    assert!(!code.is_empty(), "nothing was read from the code: {list}");
    if let Some(difference) = difference(path, &read(path), list, code) {
        panic!("{difference}");
    }
}

/// The only files of `files` in which `what` may stand are those that end with one of `homes`.
#[track_caller]
pub(super) fn only_in(files: &[(String, String)], what: &str, homes: &[&str]) {
    let found: Names = files
        .iter()
        .filter(|(_, text)| text.contains(what))
        .map(|(path, _)| path.clone())
        .collect();
    let expected = names(homes.iter().copied());
    assert_eq!(
        found, expected,
        "`{what}` is where it was not: what it stores or reads must stand in {PAGE}, and this test must look there"
    );
}

#[test]
fn a_difference_is_found_in_both_directions() {
    let page = "<!-- checked: keys -->\n| key | why |\n|---|---|\n| `a` `b` | `x` |\n| `c` | |\n\ntext `d`\n\n<!-- checked: words -->\n`e` and\n`f`\n";
    assert_eq!(listed(page, "keys"), Some(names(["a", "b", "c"])));
    assert_eq!(listed(page, "words"), Some(names(["e", "f"])));
    assert_eq!(difference("p", page, "keys", &names(["a", "b", "c"])), None);
    let found = difference("p", page, "keys", &names(["a", "b", "new"])).unwrap();
    assert!(found.contains("`new` is in the code"), "{found}");
    assert!(found.contains("`c` is on the page"), "{found}");
    let found = difference("p", page, "other", &Names::new()).unwrap();
    assert!(found.contains("no list"), "{found}");
}

pub(super) fn scripts() -> Vec<(String, String)> {
    sources("recorder-wasm/js", ".ts")
}

pub(super) fn edge() -> Vec<(String, String)> {
    sources("edge-worker/src", ".rs")
}

/// The text of the constant `name`, wherever in `files` it is.
pub(super) fn constant(files: &[(String, String)], name: &str) -> String {
    let open = format!("const {name} = '");
    let found = files
        .iter()
        .flat_map(|(_, text)| between(text, &open, '\''));
    found.map(str::to_owned).next().expect(name)
}
