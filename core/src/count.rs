//! What is counted of a site, by day: what was taken, and what was refused and why.
//!
//! A count is a word and a number; nothing of a visitor is in it. Counts of the same words
//! are added, in any order, so they may be gathered where they arise and written together
//! later: a flood of refusals costs one write.

use crate::day::Day;
use crate::id::SiteKey;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Batches that were acknowledged, also those that were stored before.
pub const BATCHES: &str = "batches";
/// Events of acknowledged batches.
pub const EVENTS: &str = "events";
/// Bytes of acknowledged batches, as they are stored.
pub const BYTES: &str = "bytes";
/// Sessions that were asked to be erased.
pub const ERASURES: &str = "erasures";
/// Errors that the site's own server told.
pub const SERVER_ERRORS: &str = "server_errors";
/// Events that the site's own server told.
pub const SERVER_EVENTS: &str = "server_events";
/// Uploads of visitors who send `Sec-GPC: 1`.
pub const PRIVACY_SIGNAL: &str = "privacy_signal";
/// Uploads while the site does not record.
pub const STOPPED: &str = "stopped";
/// Uploads of declared bots.
pub const BOT: &str = "bot";
/// What was told by the webhook.
pub const WEBHOOK_DELIVERED: &str = "webhook_delivered";
/// What could not be told by the webhook, however often it was tried.
pub const WEBHOOK_FAILED: &str = "webhook_failed";
/// What was not even tried to be told, because too much was waiting.
pub const WEBHOOK_DROPPED: &str = "webhook_dropped";
/// Uploads by a key that is disabled.
pub const KEY_DISABLED: &str = "key_disabled";
/// What came while the site's stored configuration cannot be used.
pub const MISCONFIGURED: &str = "site_misconfigured";

/// Every word that is counted: the first seven are what was done, the others why something
/// was not. Where an upload is refused with a code, that is the word.
pub const WORDS: [&str; 34] = [
    BATCHES,
    EVENTS,
    BYTES,
    ERASURES,
    SERVER_ERRORS,
    SERVER_EVENTS,
    WEBHOOK_DELIVERED,
    PRIVACY_SIGNAL,
    STOPPED,
    BOT,
    KEY_DISABLED,
    "not_gzip",
    "malformed_upload",
    "not_json",
    "not_an_event",
    "malformed_session_id",
    "malformed_call",
    "unknown_token",
    "missing_scope",
    "other_site",
    "origin_not_allowed",
    "session_erased",
    "session_full",
    "quota_sessions",
    "quota_bytes",
    "method_not_allowed",
    "clock_out_of_range",
    "too_large",
    "incomplete_body",
    "too_many_requests",
    "unavailable",
    MISCONFIGURED,
    WEBHOOK_FAILED,
    WEBHOOK_DROPPED,
];

/// What was counted under one word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The day, by the edge's clock.
    pub day: Day,
    /// One of [`WORDS`].
    pub name: String,
    /// How much.
    pub n: u64,
}

/// Counts that are not written yet. Its size is that of the sites and words that there are.
#[derive(Debug, Default)]
pub struct Tally {
    sites: BTreeMap<SiteKey, BTreeMap<(Day, &'static str), u64>>,
}

impl Tally {
    /// An empty one.
    pub const fn new() -> Self {
        Self {
            sites: BTreeMap::new(),
        }
    }

    /// Adds to a word's count.
    pub fn add(&mut self, site: &SiteKey, day: Day, name: &'static str, n: u64) {
        // The key is copied only for a site that has nothing here yet.
        if !self.sites.contains_key(site) {
            self.sites.insert(site.clone(), BTreeMap::new());
        }
        if let Some(counts) = self.sites.get_mut(site) {
            let sum = counts.entry((day, name)).or_default();
            *sum = sum.saturating_add(n);
        }
    }

    /// Takes out what is to be written: for each site, counts of one month together.
    pub fn take(&mut self) -> Vec<(SiteKey, Vec<Counted>)> {
        let mut parts: Vec<(SiteKey, Vec<Counted>)> = Vec::new();
        for (site, counts) in core::mem::take(&mut self.sites) {
            for ((day, name), n) in counts {
                let counted = Counted { day, name, n };
                match parts.last_mut() {
                    Some((last, part))
                        if *last == site
                            && part.last().is_some_and(|c| c.day.month() == day.month()) =>
                    {
                        part.push(counted);
                    }
                    _ => parts.push((site.clone(), [counted].into())),
                }
            }
        }
        parts
    }
}

/// A [`Count`] on its way to where it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// See [`Count::day`].
    pub day: Day,
    /// See [`Count::name`].
    pub name: &'static str,
    /// See [`Count::n`].
    pub n: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day::DAY;

    #[test]
    fn words_are_told_apart() {
        let words: alloc::collections::BTreeSet<_> = WORDS.iter().collect();
        assert_eq!(words.len(), WORDS.len());
    }

    #[test]
    fn counts_are_summed_by_site_day_and_word_and_taken_by_month() {
        let site = |key| SiteKey::parse(key).unwrap();
        let last = Day::parse("2026-11-30").unwrap();
        let mut tally = Tally::new();
        assert_eq!(tally.take(), []);
        for (key, day, name, n) in [
            ("b", last, BOT, 1),
            ("a", last.next(), BOT, 1),
            ("a", last, BYTES, 70),
            ("a", last, BYTES, 7),
            ("a", Day::of(last.start() - DAY), BYTES, u64::MAX),
            ("a", Day::of(last.start() - DAY), BYTES, 1),
        ] {
            tally.add(&site(key), day, name, n);
        }
        let counted = |day, name, n| Counted { day, name, n };
        assert_eq!(
            tally.take(),
            [
                (
                    site("a"),
                    [
                        counted(last.before(1), BYTES, u64::MAX),
                        counted(last, BYTES, 77)
                    ]
                    .into()
                ),
                (site("a"), [counted(last.next(), BOT, 1)].into()),
                (site("b"), [counted(last, BOT, 1)].into()),
            ]
        );
        assert_eq!(tally.take(), []);
    }
}
