//! What an error says, without what differs from time to time and from engine to engine.

use super::frame::is_id;
use crate::mask::{MASK, UNMASKED};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

/// Characters of a title.
pub const MAX_MESSAGE: usize = 200;

/// Bytes of a kind.
const MAX_KIND: usize = 64;

/// A message, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<'a> {
    /// The class of the error; empty if it is not told.
    pub(super) kind: &'a str,
    /// Which form it is of those that engines have their own words for.
    pub(super) form: Option<&'static str>,
    /// What tells it from others.
    pub(super) key: String,
    /// The same for people.
    text: String,
}

/// What browsers put before a message that nothing caught.
const UNCAUGHT: [&str; 4] = [
    "Uncaught (in promise) ",
    "Uncaught (in promise): ",
    "uncaught exception: ",
    "Uncaught ",
];

impl<'a> Said<'a> {
    /// Of a message whose kind is told, or stands in front of it, or of its stack.
    pub(super) fn of(kind: &'a str, message: &'a str, stack: &'a str) -> Self {
        let line = first_line(message);
        let caught = UNCAUGHT.iter().find_map(|prefix| line.strip_prefix(prefix));
        let line = caught.unwrap_or(line);
        let (kind, text) = match (kind.trim(), split(line)) {
            ("", ("", text)) => (split(first_line(stack)).0, text),
            ("", both) => both,
            (kind, _) => (kind, line),
        };
        let text = plain(text);
        if let Some((form, detail)) = known(&text) {
            return Self {
                kind,
                form: Some(form),
                key: folded(detail, true),
                text: folded(&unquoted(form, &text), true),
            };
        }
        let folded = folded(&text, names_names(&text));
        Self {
            kind,
            form: None,
            key: folded.clone(),
            text: folded,
        }
    }

    /// Kind and message; empty if all that was said is folded, or was masked.
    pub(super) fn title(&self) -> String {
        let says = self.text.contains(char::is_alphanumeric);
        let title = match (self.kind, self.text.as_str()) {
            ("", text) => {
                if says {
                    text.into()
                } else {
                    String::new()
                }
            }
            (kind, "") => folded(kind, true),
            (kind, text) => format!("{}: {text}", folded(kind, true)),
        };
        title.chars().take(MAX_MESSAGE).collect()
    }
}

/// Without what engines quote of JSON that they could not read: it may be anybody's data, and
/// has quotes in it, so all from the first one to the last known words is left out.
fn unquoted<'a>(form: &str, text: &'a str) -> Cow<'a, str> {
    let quote = text.find(['\'', '"', '`']).filter(|_| form == JSON);
    let Some((before, quoted)) = quote.and_then(|at| text.split_at_checked(at)) else {
        return Cow::Borrowed(text);
    };
    let end = if quoted.ends_with(NOT_JSON) {
        NOT_JSON
    } else {
        ""
    };
    Cow::Owned(format!("{before}#{end}"))
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default().trim_end()
}

/// Without the marks of what may be shown.
fn plain(text: &str) -> Cow<'_, str> {
    if text.contains(UNMASKED) {
        Cow::Owned(text.replace(UNMASKED, ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// `TypeError: x is null` is a kind and what it says.
fn split(line: &str) -> (&str, &str) {
    let Some((kind, text)) = line.split_once(':') else {
        return if is_kind(line) {
            (line, "")
        } else {
            ("", line)
        };
    };
    if is_kind(kind) && (text.is_empty() || text.starts_with(' ')) {
        (kind, text.trim_start())
    } else {
        ("", line)
    }
}

fn is_kind(text: &str) -> bool {
    let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '$' | '.');
    text.len() <= MAX_KIND
        && text.chars().all(is_name)
        && (text.ends_with("Error") || text.ends_with("Exception"))
}

/// The form of what is no JSON.
const JSON: &str = "json";
const NOT_JSON: &str = " is not valid JSON";

/// Forms of which all is said by their name: what they begin or end with, or have in them.
const WHOLE: [(&str, &[&str]); 7] = [
    (
        "network",
        &[
            "Failed to fetch",
            "NetworkError when attempting to fetch resource.",
            "Load failed",
            "The network connection was lost.",
        ],
    ),
    ("module", &["Importing a module script failed."]),
    (
        "recursion",
        &[
            "Maximum call stack size exceeded",
            "Maximum call stack size exceeded.",
            "too much recursion",
        ],
    ),
    (
        "constant",
        &[
            "Assignment to constant variable.",
            "Attempted to assign to readonly property.",
        ],
    ),
    ("script", &["Script error.", "Script error"]),
    (
        "resize",
        &[
            "ResizeObserver loop limit exceeded",
            "ResizeObserver loop completed with undelivered notifications.",
        ],
    ),
    (JSON, &["Unexpected end of JSON input"]),
];

const BEGINNINGS: [(&str, &str); 5] = [
    ("module", "Failed to fetch dynamically imported module: "),
    ("module", "error loading dynamically imported module: "),
    ("constant", "invalid assignment to const "),
    (JSON, "JSON.parse: "),
    (JSON, "JSON Parse error: "),
];

/// The form of what Chrome, Firefox and Safari each say in their own words, and what
/// tells it from others of the same form.
fn known(text: &str) -> Option<(&'static str, &str)> {
    let is = |(_, all): &&(&str, &[&str])| all.contains(&text);
    if let Some((form, _)) = WHOLE.iter().find(is) {
        return Some((form, ""));
    }
    if let Some((form, _)) = BEGINNINGS.iter().find(|(_, begin)| text.starts_with(begin)) {
        return Some((form, ""));
    }
    if text.ends_with(NOT_JSON) || text.contains(" in JSON at position ") {
        return Some((JSON, ""));
    }
    no_value(text)
        .or_else(|| no_function(text))
        .or_else(|| no_variable(text))
}

/// A property of undefined or null.
fn no_value(text: &str) -> Option<(&'static str, &str)> {
    let form = |nothing: &str| match nothing {
        "undefined" => Some("of undefined"),
        "null" => Some("of null"),
        _ => None,
    };
    // V8: Cannot read properties of undefined (reading 'x')
    let v8 = ["Cannot read properties of ", "Cannot set properties of "];
    if let Some(rest) = v8.iter().find_map(|begin| text.strip_prefix(begin)) {
        let (nothing, property) = rest.split_once(" (")?;
        let property = property.split_once('\'')?.1.strip_suffix("')")?;
        return Some((form(nothing)?, property));
    }
    // Firefox: can't access property "x", y is undefined
    if let Some(rest) = text.strip_prefix("can't access property ") {
        let (property, rest) = rest.split_once(", ")?;
        let nothing = rest.rsplit(' ').next()?;
        return Some((form(nothing)?, property.trim_matches('"')));
    }
    // Safari: undefined is not an object (evaluating 'y.x')
    let (nothing, rest) = text.split_once(" is not an object (evaluating '")?;
    let expression = rest.strip_suffix("')")?;
    let expression = expression.split(" = ").next()?;
    Some((form(nothing)?, last_name(expression)))
}

/// Something that is called and is no function, or no constructor.
fn no_function(text: &str) -> Option<(&'static str, &str)> {
    let forms = [
        ("no function", " is not a function"),
        ("no constructor", " is not a constructor"),
    ];
    forms.iter().find_map(|(form, words)| {
        let (expression, rest) = text.split_once(words)?;
        let is_all = rest.is_empty() || rest.starts_with(". (In '") || rest.starts_with(" (eval");
        let is_one = !expression.contains(' ') || expression.starts_with("(intermediate value)");
        (is_all && is_one).then(|| (*form, last_name(expression)))
    })
}

/// A variable that is not there.
fn no_variable(text: &str) -> Option<(&'static str, &str)> {
    let name = match text.strip_prefix("Can't find variable: ") {
        Some(name) => name,
        None => text.strip_suffix(" is not defined")?,
    };
    let is_name = !name.is_empty() && !name.contains([' ', '\'', '"']);
    is_name.then_some(("no variable", name))
}

/// `x` of `a.b.x`, `a['x']` and `a.b[0].x`.
fn last_name(expression: &str) -> &str {
    let whole = expression.trim_end_matches([')', '(', ']', '\'', '"']);
    let start = whole
        .rfind(['.', '[', '\'', '"', ' '])
        .map_or(0, |at| at + 1);
    whole.get(start..).unwrap_or(whole)
}

/// Words by which a language says that a name is wrong: the quoted name is no value.
const NAMES: [&str; 9] = [
    "undefined method",
    "undefined local variable",
    "uninitialized constant",
    "has no attribute",
    "is not defined",
    "keyword argument",
    "No module named",
    "Cannot find module",
    "Undefined variable",
];

fn names_names(text: &str) -> bool {
    NAMES.iter().any(|words| text.contains(words))
}

/// `text` with `#` in the place of numbers, ids, addresses and masked values, and of what is
/// quoted unless `keeps_quoted`; at most [`MAX_MESSAGE`] characters.
pub(super) fn folded(text: &str, keeps_quoted: bool) -> String {
    let mut out = String::new();
    let (mut rest, mut before, mut length) = (text, ' ', 0);
    while let Some(char) = rest.chars().next() {
        if length >= MAX_MESSAGE {
            break;
        }
        let opens = !keeps_quoted && !is_told(before);
        let close = closing(char).filter(|_| opens);
        let quoted = close.and_then(|close| Some((close, end_of_quote(rest, char, close)?)));
        if let Some((close, end)) = quoted {
            out.extend([char, '#', close]);
            length += 3;
            rest = rest.get(end..).unwrap_or_default();
            before = close;
            continue;
        }
        let (taken, is_folded) = piece(rest, char);
        let (piece, behind) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        before = piece.chars().next_back().unwrap_or(' ');
        rest = behind;
        if is_folded {
            before = '#';
            if !out.ends_with('#') {
                out.push('#');
                length += 1;
            }
        } else {
            length += push(&mut out, piece, MAX_MESSAGE - length);
        }
    }
    out
}

/// Appends at most `most` characters, and says how many.
fn push(out: &mut String, piece: &str, most: usize) -> usize {
    let mut count = 0;
    for char in piece.chars().take(most) {
        out.push(char);
        count += 1;
    }
    count
}

fn closing(char: char) -> Option<char> {
    match char {
        '\'' | '"' => Some(char),
        '`' => Some('\''),
        '\u{2018}' => Some('\u{2019}'),
        '\u{201c}' => Some('\u{201d}'),
        '\u{ab}' => Some('\u{bb}'),
        _ => None,
    }
}

/// One past the quotation mark that ends what begins `rest`; an apostrophe within a word is
/// none. Of backquotes both ways to close are known.
fn end_of_quote(rest: &str, open: char, close: char) -> Option<usize> {
    let inner = rest.get(open.len_utf8()..)?;
    let ends = |found: char| found == close || (open == '`' && found == '`');
    let mut places = inner.char_indices().filter(|(_, char)| ends(*char));
    let end = places.find_map(|(at, char)| {
        let end = at + char.len_utf8();
        let next = inner.get(end..)?.chars().next();
        let is_end = next.is_none_or(|next| !is_told(next));
        is_end.then_some(end)
    })?;
    Some(open.len_utf8() + end)
}

/// How many bytes belong together, and whether they are folded.
fn piece(rest: &str, first: char) -> (usize, bool) {
    if first == '#' {
        return (1, true);
    }
    if rest.starts_with(MASK) {
        return (MASK.len(), true);
    }
    if !is_word(first) {
        return (first.len_utf8(), false);
    }
    let joined = run(rest, |char| is_word(char) || char == '-');
    let word = run(rest, is_word);
    if let Some(behind) = rest.get(word.len()..)
        && behind.starts_with("://")
    {
        let ends =
            |char: char| char.is_whitespace() || matches!(char, '\'' | '"' | ')' | ',' | '`');
        let address = run(rest, |char| !ends(char));
        return (address.len(), true);
    }
    if is_id(joined) {
        return (joined.len(), true);
    }
    if is_id(word) {
        return (word.len(), true);
    }
    let digits = run(rest, |char| char.is_ascii_digit());
    if digits.is_empty() {
        let letters = run(word, |char| !char.is_ascii_digit());
        return (letters.len(), false);
    }
    (digits.len() + fraction(rest, digits.len()), true)
}

/// Bytes of `.5` or `,234` behind the digits of a number.
fn fraction(rest: &str, from: usize) -> usize {
    let mut end = from;
    while let Some(behind) = rest.get(end..)
        && let Some(digits) = behind.strip_prefix(['.', ','])
        && digits.starts_with(|char: char| char.is_ascii_digit())
    {
        end += 1 + run(digits, |char| char.is_ascii_digit()).len();
    }
    end - from
}

/// A letter or digit, or what stands for some.
fn is_told(char: char) -> bool {
    char.is_alphanumeric() || char == '#' || MASK.contains(char)
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// The beginning of `text` that `takes` takes.
fn run(text: &str, takes: impl Fn(char) -> bool) -> &str {
    let end = text.find(|char| !takes(char)).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}
