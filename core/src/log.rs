//! What a line of the log may say: which event, of which site, why; nothing of a visitor.
//!
//! A line is JSON. Its `event` and `reason` are words of this code. The `cause` of a failure
//! comes from a platform or a parser and may quote what it was given, so only what cannot be
//! a value is left of it ([`cleaned`]). What can be provoked from outside is written so
//! often a minute and then only counted ([`Sampler`]): a flood must not fill the log.

use crate::id::{Millis, SiteKey};
use alloc::collections::BTreeMap;
use alloc::string::String;
use serde::Serialize;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line<'a> {
    /// What happened, as a word.
    pub event: &'static str,
    /// The site, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<&'a SiteKey>,
    /// Why, as a word.
    pub reason: &'static str,
    /// Which variable, secret or field is wrong, by name, if one is: [`named`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'a str>,
    /// The cause as somebody else put it, [`cleaned`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// Lines of this event and reason that were not written before this one.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Line<'_> {
    /// The line as JSON. Our own type always serialises.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Bytes of a cause that are looked at.
const LONGEST_CAUSE: usize = 400;
/// Characters of a word that is kept: ids are longer, and so are most addresses.
const LONGEST_WORD: usize = 24;
/// What stands for what was taken out.
const GAP: &str = "…";

/// Characters of the longest name of a field that is told.
const LONGEST_FIELD: usize = 40;

/// The name of a field, if it looks like one: `IDLE_SECONDS`, `redact.patterns`. An object
/// that somebody wrote may have anything as the name of a field.
pub fn named(field: &str) -> Option<&str> {
    let is_name = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.');
    let fits = !field.is_empty() && field.len() <= LONGEST_FIELD;
    (fits && field.bytes().all(is_name) && !has_id(field)).then_some(field)
}

/// What may be said of a cause: its words, without what is quoted in it, e-mail and network
/// addresses, and ids.
pub fn cleaned(cause: &str) -> String {
    let end = (0..=LONGEST_CAUSE.min(cause.len()))
        .rev()
        .find(|at| cause.is_char_boundary(*at));
    let cause = cause.get(..end.unwrap_or_default()).unwrap_or_default();
    let mut clean = String::new();
    let mut push = |word: &str| {
        if clean.ends_with(GAP) && word == GAP {
            return;
        }
        if !clean.is_empty() {
            clean.push(' ');
        }
        clean.push_str(word);
    };
    for (at, part) in cause.split(['"', '\'', '`']).enumerate() {
        // Every second part is quoted; what a torn quotation holds is taken out, too.
        if at % 2 == 1 {
            push(GAP);
            continue;
        }
        for word in part.split_whitespace() {
            push(if may_be_said(word) { word } else { GAP });
        }
    }
    clean
}

fn may_be_said(word: &str) -> bool {
    let has_digits = word.bytes().any(|byte| byte.is_ascii_digit());
    let marks = |mark| word.matches(mark).count();
    let is_address = has_digits && (marks('.') > 1 || marks(':') > 1);
    // IPv6 may be written with letters only.
    let is_address = is_address || marks(':') > 2 || word.contains("::");
    let is_plain = word.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain
        && word.len() <= LONGEST_WORD
        && !is_address
        && !word.contains('@')
        && !word.contains("://")
        && !has_id(word)
}

/// Characters of the ids of page loads and of windows.
const SHORT_ID: usize = 8;
/// Words of causes that are as long, and written with the same letters: anything else of
/// this length may be an id.
const NO_IDS: [&str; 30] = [
    "answered", "argument", "canceled", "capacity", "complete", "contains", "database", "disabled",
    "document", "encoding", "exceeded", "expected", "function", "internal", "mismatch", "multiple",
    "overflow", "patterns", "platform", "position", "property", "received", "rejected", "required",
    "resource", "response", "security", "settings", "trailing", "variable",
];

/// Whether a part of a word can be the id of a page load or a window.
fn has_id(word: &str) -> bool {
    let is_base32 = |byte: u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
    let mut parts = word.split(|mark: char| !mark.is_ascii_alphanumeric());
    parts.any(|part| {
        part.len() == SHORT_ID && part.bytes().all(is_base32) && !NO_IDS.contains(&part)
    })
}

/// How many lines of one event and reason are written in [`WINDOW`].
const LINES: u32 = 10;
/// A minute, ms.
const WINDOW: Millis = 60_000;

/// Decides which lines are written. It knows as many events and reasons as there are words.
#[derive(Debug, Default)]
pub struct Sampler {
    windows: BTreeMap<(&'static str, &'static str), Window>,
}

#[derive(Debug)]
struct Window {
    since: Millis,
    lines: u32,
    skipped: u32,
}

impl Sampler {
    /// One that has seen nothing.
    pub const fn new() -> Self {
        Self {
            windows: BTreeMap::new(),
        }
    }

    /// Whether a line is written now, and how many were skipped before it.
    pub fn take(&mut self, event: &'static str, reason: &'static str, now: Millis) -> Option<u32> {
        let window = self.windows.entry((event, reason)).or_insert(Window {
            since: now,
            lines: 0,
            skipped: 0,
        });
        if now.saturating_sub(window.since) >= WINDOW {
            window.since = now;
            window.lines = 0;
        }
        if window.lines >= LINES {
            window.skipped = window.skipped.saturating_add(1);
            return None;
        }
        window.lines += 1;
        Some(core::mem::take(&mut window.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ErasureId, SessionId, TabId, WindowId};
    use proptest::prelude::*;

    #[test]
    fn a_line_is_json() {
        let site = SiteKey::parse("demo").unwrap();
        let line = Line {
            event: "ingest",
            site: Some(&site),
            reason: "unavailable",
            field: None,
            cause: cleaned("R2 said \"no\"\n"),
            skipped: 3,
        };
        assert_eq!(
            line.text(),
            r#"{"event":"ingest","site":"demo","reason":"unavailable","cause":"R2 said …","skipped":3}"#
        );
        let line = Line {
            site: None,
            cause: String::new(),
            skipped: 0,
            ..line
        };
        assert_eq!(line.text(), r#"{"event":"ingest","reason":"unavailable"}"#);
        let line = Line {
            field: named("IDLE_SECONDS"),
            ..line
        };
        assert_eq!(
            line.text(),
            r#"{"event":"ingest","reason":"unavailable","field":"IDLE_SECONDS"}"#
        );
    }

    #[test]
    fn only_a_name_is_told_as_a_field() {
        let longest = "a".repeat(LONGEST_FIELD);
        for name in ["IDLE_SECONDS", "redact.patterns", "origins", &longest] {
            assert_eq!(named(name), Some(name));
        }
        let longer = "a".repeat(LONGEST_FIELD + 1);
        for value in [
            "",
            "jane@shop.example",
            "4111",
            "a b",
            "aeaqcaib",
            "é",
            &longer,
        ] {
            assert_eq!(named(value), None, "{value}");
        }
    }

    #[test]
    fn a_cause_tells_what_failed_and_no_value() {
        for (cause, clean) in [
            (
                "SESSIONS/append did not answer in 10 s",
                "SESSIONS/append did not answer in 10 s",
            ),
            (
                "invalid type: string \"jane@shop.example\", expected u32 at line 1 column 10",
                "invalid type: string … , expected u32 at line 1 column 10",
            ),
            (
                "unknown field `4111 1111`, expected `sid`",
                "unknown field … , expected …",
            ),
            ("a torn 'quotation of secrets", "a torn …"),
            ("203.0.113.9 2001:db8::1 ::1 a:b:c:d jane@shop.example", "…"),
            ("at https://shop.example/cart?x=1 in", "at … in"),
            (
                "r/demo/01a208de6980vov2xk5lvov2xk5lvov2xk5lvo/1-2 has no body",
                "… has no body",
            ),
            ("Müller", "…"),
            (
                "batch aeaqcaib/0 in tab=aeaqcaib cannot be read",
                "batch … in … cannot be read",
            ),
            ("an object answered 500", "an object answered 500"),
            (
                "put: Unspecified error (0) (10001).",
                "put: Unspecified error (0) (10001).",
            ),
            ("", ""),
        ] {
            assert_eq!(cleaned(cause), clean, "{cause}");
        }
    }

    #[test]
    fn a_flood_is_counted_and_a_minute_later_told() {
        let mut sampler = Sampler::new();
        let mut take = |reason, now| sampler.take("ingest", reason, now);
        for _ in 0..LINES {
            assert_eq!(take("too_large", 1_000), Some(0));
        }
        for _ in 0..7 {
            assert_eq!(take("too_large", 1_000 + WINDOW - 1), None);
        }
        assert_eq!(take("not_gzip", 1_000), Some(0), "another reason");
        assert_eq!(take("too_large", 1_000 + WINDOW), Some(7));
        assert_eq!(take("too_large", 1_000 + WINDOW), Some(0));
        // A clock that goes back opens nothing.
        for _ in 2..LINES {
            assert_eq!(take("too_large", 0), Some(0));
        }
        assert_eq!(take("too_large", 0), None);
    }

    proptest! {
        #[test]
        fn ids_never_pass(at in 0u64..1 << 48, entropy: [u8; 17], before in "[ -~]{0,12}", after in ".{0,40}") {
            let sid = SessionId::new(at, &entropy);
            let clean = cleaned(&alloc::format!("{before}{sid}{after}"));
            prop_assert!(!clean.contains(sid.as_str()), "{}", clean);
        }

        #[test]
        fn ids_of_page_loads_and_windows_never_pass(
            entropy: [u8; 5], before in "([ -~]{0,12}[^a-zA-Z0-9])?", after in "([^a-zA-Z0-9].{0,40})?",
        ) {
            let (tab, window) = (TabId::new(&entropy), WindowId::new(&entropy));
            prop_assume!(!NO_IDS.contains(&tab.as_str()));
            for id in [tab.as_str(), window.as_str()] {
                let clean = cleaned(&alloc::format!("{before}{id}{after}"));
                prop_assert!(!clean.contains(id), "{}", clean);
                prop_assert_eq!(named(id), None);
            }
        }

        #[test]
        fn ids_of_erasures_never_pass(at in 0u64..1 << 48, entropy: [u8; 10], before in "[ -~]{0,12}", after in ".{0,40}") {
            let id = ErasureId::new(at, &entropy);
            let clean = cleaned(&alloc::format!("{before}{id}{after}"));
            prop_assert!(!clean.contains(id.as_str()), "{}", clean);
        }

        #[test]
        fn quoted_values_never_pass(value in "[a-z0-9]{6,20}", mark in "[\"'`]") {
            let clean = cleaned(&alloc::format!("invalid value: string {mark}{value}{mark}, expected"));
            prop_assert!(!clean.contains(&value), "{}", clean);
        }

        #[test]
        fn any_cause_is_cleaned(cause: String) {
            let clean = cleaned(&cause);
            prop_assert!(clean.len() <= 4 * LONGEST_CAUSE);
            prop_assert!(!clean.chars().any(char::is_control));
        }
    }
}
