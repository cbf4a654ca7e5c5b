//! The audit log: who did what with a site's data, and when.
//!
//! It says nothing of visitors: a session stands there as a hash that only the deployment's
//! secret can make, so who knows a session's id can ask who viewed it, and nobody can read
//! ids from the log. Reading is counted by the hour; what changes something has an entry
//! each, and so has each export.

use crate::id::{Millis, SiteKey};
use crate::registry::KeyDeed;
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const HOUR: Millis = 3_600_000;

/// How long an entry, or a receipt of an erasure, is kept, ms.
pub const KEPT: Millis = 400 * 86_400_000;

/// The earliest time of which something is still kept at `now`.
pub fn oldest(now: Millis) -> Millis {
    now.saturating_sub(KEPT)
}

/// Where the audit log is kept: one of each site, and one of the deployment itself, which is
/// meant where no site is named.
///
/// What is from before [`oldest`] is deleted, here and among the receipts
/// ([`crate::erasure::Ledger`]), by a store itself and soon enough that no entry is kept a
/// month longer.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait AuditLog {
    /// Writes an entry, or counts it with the one that has its [place](Entry::place). Repeated
    /// after an answer that was lost, it counts once more: better than not at all.
    async fn note(&self, site: Option<&SiteKey>, entry: &Entry) -> Result<(), StoreError>;
    /// Up to `limit` entries before the place `before`, by [`Log::of`].
    async fn read(
        &self,
        site: Option<&SiteKey>,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Log, StoreError>;
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Sessions were listed, or one was asked for that a report names without its id.
    List,
    /// A report over sessions was asked for.
    Report,
    /// A session was looked at, or its events for replay.
    View,
    /// A session's events were downloaded.
    Export,
    /// The list of sessions was downloaded.
    ExportList,
    /// Sessions were asked to be erased; the receipt says which.
    Erase,
    /// Retention was asked for.
    Retention,
    /// The index was asked to be made again.
    Rebuild,
    /// A site was made.
    SiteCreated,
    /// A site's configuration was changed.
    SiteChanged,
    /// A site's configuration was deleted.
    SiteDeleted,
    /// A key of the site's tag was made.
    KeyMade,
    /// Such a key was enabled.
    KeyEnabled,
    /// Such a key was disabled.
    KeyDisabled,
    /// Such a key was removed.
    KeyRemoved,
    /// A webhook was set where there was none.
    WebhookSet,
    /// A webhook was changed.
    WebhookChanged,
    /// A webhook was removed.
    WebhookRemoved,
    /// A webhook has another secret.
    WebhookSecretMade,
    /// An API token was made.
    TokenIssued,
    /// An API token was revoked.
    TokenRevoked,
    /// A link to a session was made.
    LinkMade,
    /// A link to a session was revoked.
    LinkRevoked,
    /// A session was opened by a link.
    LinkOpened,
    /// Somebody decided about an issue.
    IssueDecided,
    /// Source maps of a release were kept.
    MapsKept,
    /// Source maps of a release were deleted.
    MapsDeleted,
    /// Somebody signed in.
    SignIn,
    /// Somebody did not know the password.
    SignInFailed,
    /// Somebody was not let try the password, because it was wrong too often.
    LockedOut,
    /// All sign-ins were ended.
    SignInsEnded,
}

impl Action {
    /// What a request to a path below `/api/` does that is written down, and to which
    /// session; none if nothing is. An erasure is written down with its receipt, a change
    /// of settings once it is durable, and what becomes of links by who does it.
    pub fn of<'a>(reads: bool, path: &[&'a str], export: bool) -> Option<(Self, Option<&'a str>)> {
        match (reads, path) {
            (true, ["sites", _, "sessions"] | ["sites", _, "sessions", "facets" | "named"]) => {
                Some((Self::List, None))
            }
            (true, ["sites", _, "sessions", "export"]) => Some((Self::ExportList, None)),
            (true, ["sites", _, "reports", _]) => Some((Self::Report, None)),
            (
                true,
                ["sites", _, "sessions", sid] | ["sites", _, "sessions", sid, "links" | "errors"],
            ) => Some((Self::View, Some(*sid))),
            (true, ["sites", _, "sessions", sid, "events"]) => {
                let action = if export { Self::Export } else { Self::View };
                Some((action, Some(*sid)))
            }
            (false, ["sites", _, "retention", "run"]) => Some((Self::Retention, None)),
            (false, ["sites", _, "rebuild"]) => Some((Self::Rebuild, None)),
            _ => None,
        }
    }

    /// What is written down of what was done with a key of a site's tag.
    pub fn of_key(deed: KeyDeed) -> Self {
        match deed {
            KeyDeed::Make => Self::KeyMade,
            KeyDeed::Enable => Self::KeyEnabled,
            KeyDeed::Disable => Self::KeyDisabled,
            KeyDeed::Remove => Self::KeyRemoved,
        }
    }

    /// Whether it must not happen unless it is written down first.
    pub fn is_binding(self) -> bool {
        matches!(self, Self::Export | Self::ExportList | Self::Erase)
    }

    /// Whether it is counted by the hour.
    fn is_counted(self) -> bool {
        matches!(
            self,
            Self::List
                | Self::Report
                | Self::View
                | Self::LinkOpened
                | Self::MapsKept
                | Self::SignInFailed
                | Self::LockedOut
        )
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, edge clock; the first time of those that are counted together.
    pub at: Millis,
    /// The name of who did it; no address.
    pub by: String,
    /// What.
    pub action: Action,
    /// The session's hash, the erasure's id, the site's revision, the key, the token's or link's id,
    /// the issue, or the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How often, in this hour.
    #[serde(default = "once")]
    pub n: u64,
}

fn once() -> u64 {
    1
}

/// A page of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// `before` of the next page; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Log {
    /// A page of up to `limit` entries of those `found` with their places, newest first. One
    /// more than that says that there is a next page.
    pub fn of(mut found: Vec<(String, Entry)>, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found
            .last()
            .filter(|_| more)
            .map(|(place, _)| place.clone());
        let entries = found.into_iter().map(|(_, entry)| entry).collect();
        Self { entries, next }
    }
}

impl Entry {
    /// One that happened once.
    pub fn new(at: Millis, by: &str, action: Action, subject: Option<String>) -> Self {
        Self {
            at,
            by: by.to_owned(),
            action,
            subject,
            n: 1,
        }
    }

    /// Its place in the log; entries of one place are counted together.
    pub fn place(&self) -> String {
        let time = if self.action.is_counted() {
            self.at - self.at % HOUR
        } else {
            self.at
        };
        let subject = self.subject.as_deref().unwrap_or_default();
        format!("{time:012x}/{}/{:?}/{subject}", self.by, self.action)
    }
}

/// What sorts before every entry of `at` or later.
pub fn place_of(at: Millis) -> String {
    format!("{at:012x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down() {
        for (reads, path, export, expected) in [
            (true, "sites/a/sessions", false, Some((Action::List, None))),
            (
                true,
                "sites/a/sessions/named",
                false,
                Some((Action::List, None)),
            ),
            (
                true,
                "sites/a/sessions/export",
                true,
                Some((Action::ExportList, None)),
            ),
            (
                true,
                "sites/a/sessions/x",
                false,
                Some((Action::View, Some("x"))),
            ),
            (
                true,
                "sites/a/sessions/x/links",
                false,
                Some((Action::View, Some("x"))),
            ),
            (
                true,
                "sites/a/sessions/x/events",
                false,
                Some((Action::View, Some("x"))),
            ),
            (
                true,
                "sites/a/sessions/x/events",
                true,
                Some((Action::Export, Some("x"))),
            ),
            (
                true,
                "sites/a/reports/pages",
                false,
                Some((Action::Report, None)),
            ),
            (true, "me", false, None),
            (true, "sites/a/erasures", false, None),
            (false, "sites/a/erase", false, None),
            (
                false,
                "sites/a/retention/run",
                false,
                Some((Action::Retention, None)),
            ),
            (
                false,
                "sites/a/rebuild",
                false,
                Some((Action::Rebuild, None)),
            ),
            (false, "sites/a/sessions/x/links", false, None),
            (true, "sites/a/links", false, None),
            (true, "shared/a", false, None),
            (false, "sites/a", false, None),
            (false, "tokens/x", false, None),
        ] {
            let path_list: Vec<&str> = path.split('/').collect();
            assert_eq!(Action::of(reads, &path_list, export), expected, "{path}");
        }
    }

    #[test]
    fn reading_is_counted_by_the_hour_and_changes_are_not() {
        let place = |at, action| Entry::new(at, "operator", action, None).place();
        let hour = 500_000 * HOUR;
        assert_eq!(
            place(hour, Action::List),
            place(hour + HOUR - 1, Action::List)
        );
        assert_ne!(place(hour, Action::List), place(hour + HOUR, Action::List));
        assert_ne!(place(hour, Action::List), place(hour, Action::View));
        assert_ne!(place(hour, Action::Export), place(hour + 1, Action::Export));
        assert!(place_of(hour) < place(hour, Action::List));
        assert!(place(hour - 1, Action::Export) < place_of(hour));
    }
}
