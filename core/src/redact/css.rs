//! Style sheets: what they say, and what they load.

use super::finding::find;
use super::url::Address;
use super::{Kinds, Redaction};
use crate::json;
use crate::mask::MASK;
use crate::text::parts;
use alloc::vec::Vec;

/// The most that is read of how a declaration begins.
const LONGEST: usize = 64;

/// How much of a style sheet's own text may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Css {
    /// What it says is the page's own.
    Open,
    /// What it says could be form data or the page's text: strings of `content`, of custom
    /// properties and of others that show them are masked. Symbols stay.
    Closed,
    /// As `Closed`, of a value whose property is one of these.
    ClosedValue,
}

impl Redaction {
    /// Appends a style sheet, a declaration or a value to `out`, with what must not be seen
    /// replaced; false if nothing was.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(crate) fn css(&self, css: &[u8], closed: Css, out: &mut Vec<u8>) -> bool {
        let mut copied = 0;
        let (mut at, mut looked) = (0, 0);
        // Where the declaration begins that `at` is in.
        let mut declaration = 0;
        loop {
            at += json::without(css.get(at..).unwrap_or_default(), *b"\"'@(\\/");
            let Some(byte) = css.get(at) else {
                break;
            };
            let (start, end) = match byte {
                b'"' | b'\'' => (at + 1, string_end(css, at)),
                b'@' => word(css, at),
                // Unless its name went with a finding: then it is none, the next time either.
                b'(' if copied + 3 <= at && is_url(css, at) => url(css, at),
                b'/' if css.get(at + 1) == Some(&b'*') => comment(css, at + 2),
                b'\\' => (at, at + 1),
                // Of no interest, and most of what is found.
                _ => {
                    at += 1;
                    continue;
                }
            };
            // Separators inside of strings were not looked at.
            let since = css.get(looked..at).unwrap_or_default().iter();
            let ends = since
                .rev()
                .position(|byte| matches!(byte, b';' | b'{' | b'}'));
            declaration = ends.map_or(declaration, |back| at - back);
            while declaration < at && css.get(declaration).is_some_and(u8::is_ascii_whitespace) {
                declaration += 1;
            }
            // No name that matters here is longer.
            let begun = at.min(declaration + LONGEST);
            let before = css.get(declaration..begun).unwrap_or_default();
            let is_comment = *byte == b'/';
            if is_comment && declaration == at {
                declaration = end + 2;
            }
            // Behind a word may be a quote, which is not passed over.
            at = match byte {
                b'@' => end,
                b'/' if is_comment => end + 2,
                _ => end.max(at) + 1,
            };
            looked = at;
            let text = css.get(start..end).unwrap_or_default();
            let mut new = Vec::new();
            let changed = match byte {
                b'(' => self.url(text, Address::Resource, &mut new),
                b'@' | b'/' => self.redact(text, Kinds::EMAIL, &mut new),
                b'"' | b'\'' if is_loaded(before) => self.url(text, Address::Resource, &mut new),
                b'"' | b'\'' if closed.hides(before) && !is_symbol(text) => {
                    new.extend_from_slice(MASK.as_bytes());
                    true
                }
                b'"' | b'\'' => self.redact(text, Kinds::ALL, &mut new),
                _ => false,
            };
            if changed && start >= copied {
                out.extend_from_slice(css.get(copied..start).unwrap_or_default());
                out.append(&mut new);
                copied = end;
            }
        }
        if copied > 0 {
            out.extend_from_slice(css.get(copied..).unwrap_or_default());
        }
        copied > 0
    }
}

impl Css {
    /// Whether a string is masked before which its declaration says `before`.
    fn hides(self, before: &[u8]) -> bool {
        match self {
            Self::Open => false,
            Self::ClosedValue => true,
            Self::Closed => {
                let is_of_name = |byte: &&u8| !b":/ \t\n\r\x0c".contains(byte);
                let length = before.iter().take_while(is_of_name).count();
                before.get(..length).is_some_and(is_text_property)
            }
        }
    }
}

/// Properties and descriptors, besides custom properties, whose strings are shown.
const SHOWN: &[u8] = b"content quotes list-style list-style-type text-overflow text-emphasis \
text-emphasis-style hyphenate-character initial-value symbols additive-symbols prefix suffix \
negative pad";

/// The letters that these begin with, a bit each: most properties begin with another.
#[expect(clippy::indexing_slicing, reason = "runs when it is compiled")]
const SHOWN_FIRST: u32 = {
    let mut letters = 0;
    let mut at = 0;
    while at < SHOWN.len() {
        if at == 0 || SHOWN[at - 1] == b' ' {
            letters |= 1 << (SHOWN[at] - b'a');
        }
        at += 1;
    }
    letters
};

/// Whether one of [`SHOWN`] may begin with `letter`.
fn begins_shown(letter: u8) -> bool {
    let place = (letter | 0x20).wrapping_sub(b'a');
    place < 26 && SHOWN_FIRST >> place & 1 == 1
}

/// Whether the strings of the property `name` are shown, or may be.
pub(crate) fn is_text_property(name: &[u8]) -> bool {
    let name = name.trim_ascii();
    let plain = name.strip_prefix(b"-webkit-").unwrap_or(name);
    let known = || parts(SHOWN, b' ').any(|shown| shown.eq_ignore_ascii_case(plain));
    name.starts_with(b"--") || (plain.first().is_some_and(|first| begins_shown(*first)) && known())
}

/// Behind the last character of the string that begins at `at`, before its quote. An
/// unclosed one ends with its line.
fn string_end(css: &[u8], at: usize) -> usize {
    let quote = css.get(at);
    let mut end = at + 1;
    while let Some(byte) = css.get(end) {
        if matches!(byte, b'\n' | b'\r' | 0x0c) || Some(byte) == quote {
            return end;
        }
        end += match css.get(end..end + 3) {
            Some(b"\\\r\n") => 3,
            _ if *byte == b'\\' => 2,
            _ => 1,
        };
    }
    css.len()
}

/// The place of the comment whose text begins at `start`.
fn comment(css: &[u8], start: usize) -> (usize, usize) {
    let rest = css.get(start..).unwrap_or_default();
    (start, start + find(rest, b"*/").unwrap_or(rest.len()))
}

/// Whether the parenthesis at `at` is one of `url()`.
fn is_url(css: &[u8], at: usize) -> bool {
    let name = at.checked_sub(3).and_then(|from| css.get(from..at));
    name.is_some_and(|name| name.eq_ignore_ascii_case(b"url"))
}

/// The place of the address behind the parenthesis at `at`, in quotes or not.
fn url(css: &[u8], at: usize) -> (usize, usize) {
    let rest = css.get(at + 1..).unwrap_or_default();
    let start = at
        + 1
        + rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    if let Some(b'"' | b'\'') = css.get(start) {
        return (start + 1, string_end(css, start));
    }
    let rest = css.get(start..).unwrap_or_default();
    (
        start,
        start + rest.iter().take_while(|byte| **byte != b')').count(),
    )
}

/// Whether a string after `before` is the address of another sheet.
fn is_loaded(before: &[u8]) -> bool {
    let start = before.get(..7);
    start.is_some_and(|start| start.eq_ignore_ascii_case(b"@import"))
}

/// The place of the word around `at`.
fn word(css: &[u8], at: usize) -> (usize, usize) {
    let is_of_word =
        |byte: &&u8| byte.is_ascii_alphanumeric() || **byte >= 0x80 || b".-_+%@".contains(*byte);
    let before = css.get(..at).unwrap_or_default();
    let rest = css.get(at..).unwrap_or_default();
    let start = at - before.iter().rev().take_while(is_of_word).count();
    (start, at + rest.iter().take_while(is_of_word).count())
}

/// Nothing to read: punctuation, symbols, or a single character of an icon font.
fn is_symbol(text: &[u8]) -> bool {
    let text = match text {
        [b'\\', code @ ..] if code.len() <= 6 && code.iter().all(u8::is_ascii_hexdigit) => b"",
        text => text,
    };
    // What begins with these bytes: U+0080–U+00BF, U+2000–U+2FFF, private use.
    let is_mark = |byte: &u8| {
        matches!(byte, 0xc2 | 0xe2 | 0xee | 0xef | 0xf3 | 0x80..=0xbf)
            || (byte.is_ascii() && !byte.is_ascii_alphanumeric())
    };
    // Of U+F000–U+FFFF the private use only: behind it are letters in other shapes.
    let is_letter = |pair: &[u8]| matches!(pair, [0xef, 0xa4..=0xff]);
    text.iter().all(is_mark) && !text.windows(2).any(is_letter)
}
