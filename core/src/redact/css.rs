//! Style sheets: what they say, and what they load.

use super::url::Address;
use super::{Kinds, Redaction};
use crate::mask::MASK;
use alloc::string::String;

/// How much of a style sheet's own text may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Css {
    /// What it says is the page's own.
    Open,
    /// What it says could be form data or the page's text: strings of `content` and of
    /// custom properties are masked. Symbols stay.
    Closed,
    /// As `Closed`, of a value whose property is one of these.
    ClosedValue,
}

impl Redaction {
    /// A style sheet, a declaration or a value, with what must not be seen replaced; none
    /// if nothing was.
    pub(crate) fn css(&self, css: &str, closed: Css) -> Option<String> {
        let bytes = css.as_bytes();
        let mut out = String::new();
        let mut copied = 0;
        let mut at = 0;
        // Where the declaration begins that `at` is in.
        let mut declaration = 0;
        while let Some(byte) = bytes.get(at) {
            let (start, end) = match byte {
                b';' | b'{' | b'}' => {
                    declaration = at + 1;
                    at += 1;
                    continue;
                }
                b'\\' => {
                    at += 2;
                    continue;
                }
                b'"' | b'\'' => (at + 1, string_end(bytes, at)),
                b'(' if is_url(bytes, at) => (at + 1, url_end(bytes, at)),
                b'@' if at > 0 => (word_start(bytes, at), word_end(bytes, at)),
                _ => {
                    at += 1;
                    continue;
                }
            };
            let text = css.get(start..end).unwrap_or_default();
            let before = css
                .get(declaration..start.saturating_sub(1))
                .unwrap_or_default();
            let new = match byte {
                b'(' => self.css_url(text),
                b'@' => self.finds(text, Kinds::EMAIL).then(|| String::from(MASK)),
                _ if is_loaded(before) => self.url(text, Address::Resource),
                _ if closed.hides(before) && !is_symbol(text) => Some(MASK.into()),
                _ => self.text(text),
            };
            if let Some(new) = new
                && start >= copied
            {
                out.push_str(css.get(copied..start).unwrap_or_default());
                out.push_str(&new);
                copied = end;
            }
            at = end.max(at) + 1;
        }
        if copied == 0 {
            return None;
        }
        out.push_str(css.get(copied..).unwrap_or_default());
        Some(out)
    }

    /// The address between the parentheses of `url()`, in quotes or not.
    fn css_url(&self, text: &str) -> Option<String> {
        let url = text.trim();
        let quote = url.chars().next().filter(|char| matches!(char, '"' | '\''));
        let bare = url.trim_matches(|char| matches!(char, '"' | '\''));
        let new = self.url(bare, Address::Resource)?;
        let mut quoted = String::new();
        quoted.extend(quote);
        quoted.push_str(&new);
        quoted.extend(quote);
        Some(quoted)
    }
}

impl Css {
    /// Whether a string is masked before which its declaration says `before`.
    fn hides(self, before: &str) -> bool {
        match self {
            Self::Open => false,
            Self::ClosedValue => true,
            Self::Closed => {
                is_text_property(before.trim_start().split(':').next().unwrap_or_default())
            }
        }
    }
}

/// Whether the strings of the property `name` are shown, or may be.
pub(crate) fn is_text_property(name: &str) -> bool {
    let name = name.trim();
    name.starts_with("--")
        || name.eq_ignore_ascii_case("content")
        || name.eq_ignore_ascii_case("quotes")
}

/// Behind the last character of the string that begins at `at`, before its quote.
fn string_end(css: &[u8], at: usize) -> usize {
    let quote = css.get(at);
    let mut end = at + 1;
    while let Some(byte) = css.get(end) {
        match byte {
            b'\\' => end += 2,
            // An unclosed string ends with its line.
            b'\n' => return end,
            _ if Some(byte) == quote => return end,
            _ => end += 1,
        }
    }
    css.len()
}

/// Whether the parenthesis at `at` is one of `url()`.
fn is_url(css: &[u8], at: usize) -> bool {
    let name = at.checked_sub(3).and_then(|from| css.get(from..at));
    name.is_some_and(|name| name.eq_ignore_ascii_case(b"url"))
}

/// Where the `url()` ends whose parenthesis is at `at`.
fn url_end(css: &[u8], at: usize) -> usize {
    let rest = css.get(at + 1..).unwrap_or_default();
    let spaces = rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let quote = at + 1 + spaces;
    match css.get(quote) {
        Some(b'"' | b'\'') => (string_end(css, quote) + 1).min(css.len()),
        _ => rest
            .iter()
            .position(|byte| *byte == b')')
            .map_or(css.len(), |end| at + 1 + end),
    }
}

/// Whether a string after `before` is the address of another sheet.
fn is_loaded(before: &str) -> bool {
    let before = before.trim();
    before.len() >= 7
        && before
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("@import"))
}

fn is_of_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte >= 0x80 || b".-_+%@".contains(byte)
}

fn word_start(css: &[u8], at: usize) -> usize {
    let before = css.get(..at).unwrap_or_default();
    at - before
        .iter()
        .rev()
        .take_while(|byte| is_of_word(byte))
        .count()
}

fn word_end(css: &[u8], at: usize) -> usize {
    let rest = css.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_of_word(byte)).count()
}

/// Nothing to read: punctuation, or a single character of an icon font.
fn is_symbol(text: &str) -> bool {
    let escape = text
        .strip_prefix('\\')
        .is_some_and(|code| code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_private = |char| matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    escape
        || text == MASK
        || text
            .chars()
            .all(|char| is_private(char) || !char.is_alphanumeric())
}
