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
pub(crate) use url::{Address, is_secret_name};
pub use url::{UrlMode, decode};

use crate::mask::MASK;
use crate::text::next_part;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter;
use serde::{Deserialize, Serialize};

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
    /// From what a page says: `phones` if it is anything but empty or `false`; patterns and
    /// names between spaces; `urls` the name of a mode, another counts as `strip`.
    pub fn of_page([phones, patterns, urls, allow, deny]: [&str; 5]) -> Result<Self, PatternError> {
        let words = |list| {
            let mut rest = Some(list);
            iter::from_fn(move || next_part(&mut rest, b' ')).filter(|word| !word.is_empty())
        };
        Ok(Self {
            phones: !matches!(phones, "" | "false"),
            patterns: words(patterns)
                .map(Pattern::parse)
                .collect::<Result<_, _>>()?,
            urls: match urls {
                "keep" => UrlMode::Keep,
                "filter" => UrlMode::Filter,
                _ => UrlMode::Strip,
            },
            allow: words(allow).map(String::from).collect(),
            deny: words(deny).map(String::from).collect(),
            off: Kinds::default(),
        })
    }

    /// `text` with what was found replaced; none if nothing was.
    pub fn text(&self, text: &str) -> Option<String> {
        let mut out = Vec::new();
        let found = self.redact(text.as_bytes(), Kinds::ALL, &mut out);
        // Whole words were replaced: what is left is text.
        found.then(|| String::from_utf8(out).unwrap_or_default())
    }

    /// Whether something of `kinds` is in `text`.
    fn finds(&self, text: &[u8], kinds: Kinds) -> bool {
        self.redact(text, kinds, &mut Vec::new())
    }

    /// Whether `text`, between the quotes of a JSON string or not, may have anything to
    /// find in it. False for nearly all text, and fast.
    pub(crate) fn suspects(&self, text: &[u8]) -> bool {
        !self.patterns.is_empty() || finding::suspects(text, self.phones)
    }

    /// Whether a value that was typed, perhaps not to its end, begins like what would be
    /// found: any `@`, or digits enough to identify somebody.
    pub(crate) fn suspects_typed(&self, text: &[u8]) -> bool {
        let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        text.contains(&b'@') || digits > numbers::HARMLESS_DIGITS || self.finds(text, Kinds::ALL)
    }

    /// Appends `text` to `out` with what was found replaced; false, and nothing, if
    /// nothing was.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(crate) fn redact(&self, text: &[u8], kinds: Kinds, out: &mut Vec<u8>) -> bool {
        if !self.suspects(text) {
            return false;
        }
        let kinds = kinds.without(self.off);
        let (mut looked, mut copied) = (0, 0);
        // Up to here a finding reaches that began in an earlier word.
        let mut hidden = 0;
        while let Some((start, end)) = words::next(text, looked) {
            let continues = start < hidden;
            for at in looked..end {
                hidden = hidden.max(self.reach(text, at, kinds));
            }
            looked = end;
            if continues {
                copied = end;
                continue;
            }
            let mut new = Vec::new();
            if start < hidden {
                new.extend_from_slice(MASK.as_bytes());
            } else if !self.word(text.get(start..end).unwrap_or_default(), kinds, &mut new) {
                continue;
            }
            out.extend_from_slice(text.get(copied..start).unwrap_or_default());
            out.append(&mut new);
            copied = end;
        }
        if copied > 0 {
            out.extend_from_slice(text.get(copied..).unwrap_or_default());
        }
        copied > 0
    }

    /// Appends to `out` what becomes of a word that no finding across words touches;
    /// false if it stays.
    fn word(&self, word: &[u8], kinds: Kinds, out: &mut Vec<u8>) -> bool {
        let scheme = url::find_scheme(word).filter(|_| kinds.has(Kinds::URL));
        let (before, url) = word
            .split_at_checked(scheme.unwrap_or(word.len()))
            .unwrap_or_default();
        if finding::is_secret(before, kinds) {
            out.extend_from_slice(MASK.as_bytes());
            return true;
        }
        out.extend_from_slice(before);
        scheme.is_some() && self.url(url, Address::Link, out)
    }

    /// Where a finding ends that begins at `at` and may reach over several words; 0 if
    /// there is none.
    fn reach(&self, text: &[u8], at: usize, kinds: Kinds) -> usize {
        let mut end = numbers::end(text, at, kinds, self.phones);
        if kinds.has(Kinds::PATTERN) {
            for pattern in &self.patterns {
                end = end.max(pattern.end(text, at));
            }
        }
        end
    }
}
