//! Stacks, as engines and languages write them.
//!
//! | of | a line is |
//! |---|---|
//! | Chrome, Node, Java | `at function (file:line:column)` |
//! | Firefox, Safari | `function@file:line:column` |
//! | Python | `File "file", line n, in function`, the innermost last |
//! | Ruby | `file:line:in 'function'` |
//! | PHP | `#0 file(line): function()` |
//! | others | `file:line` or `file:line:column` |
//!
//! What is no such line is no frame. A function is told by its own name alone, because each
//! engine puts another class, object or `new` before it; functions without a name have none,
//! whatever an engine makes up for them. Frames behind an `await`, which not all engines tell,
//! are left out.

use alloc::string::String;
use alloc::vec::Vec;

/// Frames that are read.
pub const MAX_FRAMES: usize = 100;

/// Bytes of a line that may be a frame.
const MAX_LINE: usize = 1_000;

/// Where an error came by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The function's own name; empty if it has none.
    pub function: &'a str,
    /// The file, as it was told.
    pub file: &'a str,
    /// Its line; 0 if it is not told.
    pub line: u32,
    /// Its column; 0 if it is not told.
    pub column: u32,
    /// It is the site's own code: of no library, extension or engine.
    pub in_app: bool,
}

/// The frames of a stack, the innermost first; at most [`MAX_FRAMES`].
pub fn frames(stack: &str) -> Vec<Frame<'_>> {
    let mut frames = Vec::new();
    let mut is_reversed = false;
    for line in stack.lines() {
        let line = line.trim();
        if line.len() > MAX_LINE || frames.len() == MAX_FRAMES {
            continue;
        }
        if is_asynchronous(line) && !frames.is_empty() {
            break;
        }
        let read = python(line).inspect(|_| is_reversed = true);
        frames.extend(read.or_else(|| frame(line)));
    }
    if is_reversed {
        frames.reverse();
    }
    frames
}

/// Called by whoever waited: V8 says `async`, Firefox has an asterisk.
fn is_asynchronous(line: &str) -> bool {
    let function = line.split_once('@').map_or("", |(function, _)| function);
    line.starts_with("at async ") || function.contains('*')
}

fn frame(line: &str) -> Option<Frame<'_>> {
    v8(line)
        .or_else(|| with_at_sign(line))
        .or_else(|| ruby(line))
        .or_else(|| php(line))
        .or_else(|| bare(line))
}

fn of<'a>(function: &'a str, (file, line, column): (&'a str, u32, u32)) -> Frame<'a> {
    Frame {
        function: own_name(function),
        file,
        line,
        column,
        in_app: is_in_app(file),
    }
}

fn v8(line: &str) -> Option<Frame<'_>> {
    let rest = line.strip_prefix("at ")?;
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    if let Some((function, at)) = rest.strip_suffix(')').and_then(|rest| rest.split_once('(')) {
        return Some(of(function, place(at)));
    }
    // .NET: `at Class.Function() in file:line 12`
    if let Some((function, at)) = rest.split_once(" in ")
        && let Some((file, line)) = at.rsplit_once(":line ")
    {
        return Some(of(function, (file, number(line)?, 0)));
    }
    let found = place(rest);
    (found.1 > 0 || rest == "<anonymous>").then(|| of("", found))
}

fn with_at_sign(line: &str) -> Option<Frame<'_>> {
    let (function, at) = line.split_once('@')?;
    let found = place(at);
    let is_frame = found.1 > 0 || at == "[native code]";
    is_frame.then(|| of(function, found))
}

fn python(line: &str) -> Option<Frame<'_>> {
    let rest = line.strip_prefix("File \"")?;
    let (file, rest) = rest.split_once("\", line ")?;
    let (line, function) = rest.split_once(", in ").unwrap_or((rest, ""));
    Some(of(function, (file, number(line)?, 0)))
}

fn ruby(line: &str) -> Option<Frame<'_>> {
    let line = line.strip_prefix("from ").unwrap_or(line);
    let (at, function) = line.split_once(":in ")?;
    let found = place(at);
    let function = function.trim_start_matches(['\'', '`']);
    let function = function.split('\'').next().unwrap_or(function);
    (found.1 > 0).then(|| of(function, found))
}

fn php(line: &str) -> Option<Frame<'_>> {
    let (_, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let (at, function) = rest.split_once("): ")?;
    let (file, line) = at.rsplit_once('(')?;
    Some(of(function, (file, number(line)?, 0)))
}

/// `file:line` alone; a sentence that ends in a number is none.
fn bare(line: &str) -> Option<Frame<'_>> {
    let found = place(line);
    let is_file = !found.0.contains(' ') && found.0.contains(['/', '\\', '.']);
    (found.1 > 0 && is_file).then(|| of("", found))
}

/// File, line and column of `file:line:column`.
fn place(at: &str) -> (&str, u32, u32) {
    let numbered = |text: &'_ str| {
        let (rest, digits) = text.rsplit_once(':')?;
        Some((rest.len(), number(digits)?))
    };
    let Some((end, last)) = numbered(at) else {
        return (at, 0, 0);
    };
    let before = at.get(..end).unwrap_or(at);
    match numbered(before) {
        Some((end, line)) => (before.get(..end).unwrap_or(before), line, last),
        None => (before, last, 0),
    }
}

fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}

/// What engines call code that has no name.
const NAMELESS: [&str; 14] = [
    "<anonymous>",
    "Object.<anonymous>",
    "anonymous",
    "(anonymous)",
    "global code",
    "module code",
    "eval code",
    "eval",
    "<module>",
    "<lambda>",
    "<main>",
    "<top (required)>",
    "{closure}",
    "{main}",
];

fn is_nameless(name: &str) -> bool {
    // Firefox: a function without a name within `outer` is `outer/<`.
    NAMELESS.contains(&name) || name.ends_with('<')
}

/// The name of a function, without what it belongs to.
fn own_name(told: &str) -> &str {
    let mut name = told.trim();
    for prefix in ["async ", "new ", "get ", "set "] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    // V8: `Object.called [as named]`; Ruby: `block (2 levels) in named`.
    name = name.split(" [as ").next().unwrap_or(name);
    name = name.rsplit(" in ").next().unwrap_or(name).trim();
    if is_nameless(name) {
        return "";
    }
    let name = name.split('(').next().unwrap_or(name);
    let own = name.rsplit(['.', '#', '/', ':', '\\', '>']).next();
    let own = own.unwrap_or(name).trim();
    if is_nameless(own) { "" } else { own }
}

/// What the places of code begin with that is no file of the site: engines, extensions.
const ELSEWHERE: [&str; 12] = [
    "<",
    "[",
    "eval at ",
    "index ",
    "node:",
    "internal/",
    "chrome-extension:",
    "moz-extension:",
    "safari-extension:",
    "safari-web-extension:",
    "webkit-masked-url:",
    "resource:",
];

/// Parts of the names of files that are of nobody's own code.
const FOREIGN: [&str; 18] = [
    "/node_modules/",
    "/bower_components/",
    "/vendor/",
    "/site-packages/",
    "/dist-packages/",
    "/lib/python",
    "/lib/ruby/",
    "/gems/",
    "//cdnjs.cloudflare.com/",
    "//unpkg.com/",
    "//esm.sh/",
    "//cdn.jsdelivr.net/",
    "//ajax.googleapis.com/",
    "//code.jquery.com/",
    "//www.googletagmanager.com/",
    "//www.google-analytics.com/",
    "//connect.facebook.net/",
    "> eval",
];

/// What the names of files of libraries begin with.
const LIBRARIES: [&str; 8] = [
    "jquery",
    "react-dom",
    "vendor",
    "chunk-vendors",
    "polyfill",
    "framework-",
    "bootstrap.min",
    "bootstrap.bundle",
];

/// Whether a file is the site's own code.
pub(crate) fn is_in_app(file: &str) -> bool {
    let is_elsewhere = ELSEWHERE.iter().any(|begin| file.starts_with(begin));
    if file.is_empty() || file == "native" || is_elsewhere {
        return false;
    }
    let file = file.to_ascii_lowercase().replace('\\', "/");
    let path = file.split(['?', '#']).next().unwrap_or(&file);
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_library = LIBRARIES.iter().any(|begin| name.starts_with(begin));
    !is_library && !FOREIGN.iter().any(|part| path.contains(part))
}

/// What tells a file from others in every release and on every host: its path, without
/// numbers and the hashes that builds put into names.
pub(super) fn file(told: &str) -> String {
    let path = match told.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| rest.get(at..).unwrap_or("")),
        None => told,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut out = String::new();
    let mut rest = path;
    while !rest.is_empty() {
        let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let marked = out.ends_with(['-', '.']) && behind.starts_with('.');
        if is_id(part) || (marked && is_hash(part)) {
            out.push('#');
        } else {
            fold_digits(part, &mut out);
        }
        let mark = behind.chars().next();
        out.extend(mark.map(|mark| if mark == '\\' { '/' } else { mark }));
        rest = behind.get(mark.map_or(0, char::len_utf8)..).unwrap_or("");
    }
    out
}

fn fold_digits(part: &str, out: &mut String) {
    for char in part.chars() {
        if !char.is_ascii_digit() {
            out.push(char);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
}

/// An id: hex digits, at least 8, with one that is no letter; or so long a word that has one.
pub(super) fn is_id(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let hex = word.strip_prefix("0x").unwrap_or(word);
    let is_hex = hex
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_long = word.len() >= 16 && !word.contains('-');
    has_digit && (is_long || (is_hex && (word.len() >= 8 || hex.len() < word.len())))
}

/// What a build puts into a name: `DiwrgTda`.
fn is_hash(part: &str) -> bool {
    let mixed = part
        .bytes()
        .skip(1)
        .any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    (8..=32).contains(&part.len()) && mixed
}
