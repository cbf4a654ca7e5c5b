//! Personal data and secrets inside of text that otherwise may be collected.
//!
//! `mask` decides which values may be shown at all; what passes goes through here. A
//! finding is replaced by [`MASK`](crate::mask::MASK), together with the word that it
//! stands in: what hides next to a secret is rarely harmless, and a mask that is cut out
//! of the middle of a word would tell how long its neighbours are.
//!
//! | found | how |
//! |---|---|
//! | e-mail | `@` (or `%40`) between a name and a domain with a dot |
//! | card | 13–19 digits, in groups or not, that satisfy Luhn's check and begin as cards do |
//! | IBAN | country, check digits and account that satisfy ISO 13616's check |
//! | JWT | `eyJ` and what follows it |
//! | long token | 32 hex digits (also as UUID), 32 characters of base64 that are no words |
//! | telephone | only if asked for: with `+`, a leading 0, or grouped 3-3-4 |
//! | own patterns | what the site adds, see [`Pattern`] |
//! | address | user and password, denied parameters, and by [`UrlMode`] query and fragment |
//!
//! **Invariants.** A second time changes nothing: whole words are replaced, so that no
//! word is left that was not looked at. Time is linear in the length, whatever the text.
//!
//! **Never**: shows part of a finding; panics; depends on the language of the text.

mod css;
mod finding;
mod numbers;
mod pattern;
mod url;
mod words;

pub(crate) use css::{Css, is_text_property};
pub(crate) use finding::Kinds;
pub(crate) use numbers::is_card;
pub use pattern::{Pattern, PatternError};
pub use url::UrlMode;
pub(crate) use url::{Address, is_secret_name};

use crate::mask::MASK;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use words::Words;

/// What is looked for beyond what always is, and what stays of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redaction {
    /// Telephone numbers, too. They are hard to tell from other numbers.
    pub phones: bool,
    /// The site's own patterns.
    pub patterns: Vec<Pattern>,
    /// What stays of query and fragment of addresses that are followed.
    pub urls: UrlMode,
    /// Names of parameters that [`UrlMode::Filter`] lets stay.
    pub allow: Vec<String>,
    /// Names of parameters that never stay, besides the built-in ones.
    pub deny: Vec<String>,
    /// Kinds that are not looked for; empty unless a test turns one off.
    #[serde(skip)]
    pub(crate) off: Kinds,
}

impl Redaction {
    /// `text` with what was found replaced; none if nothing was.
    pub fn text(&self, text: &str) -> Option<String> {
        self.redact(text, Kinds::ALL)
    }

    /// Whether something of `kinds` is in `text`.
    pub(crate) fn finds(&self, text: &str, kinds: Kinds) -> bool {
        self.redact(text, kinds).is_some()
    }

    /// Whether `text`, between the quotes of a JSON string or not, may have anything to
    /// find in it. False for nearly all text, and fast.
    pub(crate) fn suspects(&self, text: &[u8]) -> bool {
        !self.patterns.is_empty() || finding::suspects(text, self.phones)
    }

    /// Whether a value that was typed, perhaps not to its end, begins like what would be
    /// found: any `@`, or digits enough to identify somebody.
    pub(crate) fn suspects_typed(&self, text: &str) -> bool {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        text.contains('@') || digits > numbers::HARMLESS_DIGITS || self.text(text).is_some()
    }

    fn redact(&self, text: &str, kinds: Kinds) -> Option<String> {
        if !self.suspects(text.as_bytes()) {
            return None;
        }
        let kinds = kinds.without(self.off);
        let spans = self.spans(text, kinds);
        let mut spans = spans.iter().peekable();
        let mut out = String::new();
        let mut copied = 0;
        // Up to here a finding reaches that is replaced already.
        let mut hidden = 0;
        for (start, end) in Words::new(text.as_bytes()) {
            let was_hidden = start < hidden;
            while let Some((_, to)) = spans.next_if(|(from, _)| *from < end) {
                hidden = hidden.max(*to);
            }
            let word = text.get(start..end).unwrap_or_default();
            let new = if was_hidden {
                Some(String::new())
            } else if start < hidden {
                Some(MASK.into())
            } else {
                self.word(word, kinds)
            };
            if let Some(new) = new {
                if !was_hidden {
                    out.push_str(text.get(copied..start).unwrap_or_default());
                }
                out.push_str(&new);
                copied = end;
            }
        }
        if copied == 0 {
            return None;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Some(out)
    }

    /// What becomes of a word that no finding across words touches; none if it stays.
    fn word(&self, word: &str, kinds: Kinds) -> Option<String> {
        let bytes = word.as_bytes();
        let Some(scheme) = url::find_scheme(bytes).filter(|_| kinds.has(Kinds::URL)) else {
            return finding::is_secret(bytes, kinds).then(|| MASK.into());
        };
        let (before, url) = word.split_at_checked(scheme)?;
        if finding::is_secret(before.as_bytes(), kinds) {
            return Some(MASK.into());
        }
        let mut new: String = before.into();
        new.push_str(&self.url(url, Address::Link)?);
        Some(new)
    }

    /// Findings that may reach over several words, in order, overlapping ones joined.
    fn spans(&self, text: &str, kinds: Kinds) -> Vec<(usize, usize)> {
        let bytes = text.as_bytes();
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut before = b' ';
        for (at, byte) in bytes.iter().enumerate() {
            let patterns = if kinds.has(Kinds::PATTERN) {
                self.patterns.as_slice()
            } else {
                &[]
            };
            let own = patterns
                .iter()
                .filter_map(|pattern| pattern.end(bytes, at))
                .max();
            let number = numbers::end(bytes, at, before, kinds, self.phones);
            if let Some(end) = own.max(number) {
                match spans.last_mut() {
                    Some(last) if last.1 >= at => last.1 = last.1.max(end),
                    _ => spans.push((at, end)),
                }
            }
            before = *byte;
        }
        spans
    }
}
