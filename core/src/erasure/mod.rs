//! Many sessions erased at once, because an operator asks: which they are, how far it is,
//! and the receipt that stays.
//!
//! Each session goes by its own erasure ([`crate::lifecycle`]), with its tombstone, so that
//! late batches of it are refused. [`Eraser`] goes through them in small steps, each of
//! which may be repeated; it writes down which sessions it is about to erase before it
//! does, so the count is right after a crash, too.
//!
//! **What a receipt must never hold** is what was erased: no session id, no user, no
//! address. What is still to be done lies in the erasure's own storage, which is deleted as
//! a whole at its end.

mod eraser;
#[cfg(test)]
pub(crate) mod tests;

pub use eraser::{Desk, Eraser, Ledger, Months, Rest, Sessions, Sites, clear_beside};

pub use crate::filter::Filter;

use crate::audit::{Action, Entry};
use crate::digest::user_key;
use crate::id::{ErasureId, Millis, SessionId, SiteKey};
use crate::lifecycle::Timing;
use crate::order;
use crate::registry::HOLDS_WITHIN_SECONDS;
use crate::wire::MAX_AHEAD;
use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most session ids in one request.
pub const MAX_SESSIONS: usize = 1_000;

/// Sessions that are erased in one step.
pub const STEP: u32 = 20;

/// What a request wants erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Sessions by their ids.
    Sessions,
    /// All sessions of a user.
    User,
    /// What a filter takes.
    Filter,
    /// Everything before an instant.
    Purge,
    /// The oldest, because the site keeps only so many.
    Eviction,
    /// All, because their site is deleted.
    Site,
}

/// The body of `POST /api/sites/{site}/erase`: one of `sessions`, `user` and `filter`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EraseRequest {
    /// Ids, at most [`MAX_SESSIONS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Vec<SessionId>>,
    /// What the page gave to `identify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What their rows must say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// How many they are, as a request without this was told; not needed for `sessions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<u64>,
}

/// The body of `POST /api/sites/{site}/purge`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeRequest {
    /// Everything that started before this, ms since the epoch.
    pub before: Millis,
    /// As in [`EraseRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<u64>,
}

/// What is wrong with a request: a sentence for who sent it.
pub type Wrong = String;

/// What is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What was asked for.
    pub kind: Kind,
    /// Which sessions.
    pub target: Target,
    /// How many they are, as far as who asks knows.
    pub confirm: Option<u64>,
}

/// Which sessions an erasure is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// These.
    Sessions(Vec<SessionId>),
    /// Those that the index knows and the filter takes.
    Matching(Box<Filter>),
}

impl EraseRequest {
    /// What is wanted, if that is clear.
    pub fn wanted(self, now: Millis) -> Result<Wanted, Wrong> {
        let Self {
            sessions,
            user,
            filter,
            confirm,
        } = self;
        let (kind, target) = match (sessions, user, filter) {
            (Some(sessions), None, None) => {
                (Kind::Sessions, Target::Sessions(these(sessions, now)?))
            }
            (None, Some(user), None) => (Kind::User, Target::Matching(of_user(&user)?.into())),
            (None, None, Some(filter)) => (Kind::Filter, Target::Matching(checked(filter)?.into())),
            _ => return Err("Say exactly one of `sessions`, `user` and `filter`.".to_owned()),
        };
        Ok(Wanted {
            kind,
            target,
            confirm,
        })
    }
}

fn these(mut sessions: Vec<SessionId>, now: Millis) -> Result<Vec<SessionId>, Wrong> {
    order::sort_by(&mut sessions, Ord::cmp);
    sessions.dedup();
    if sessions.is_empty() || sessions.len() > MAX_SESSIONS {
        return Err(format!(
            "`sessions` must hold 1 to {MAX_SESSIONS} session ids; ask several times for more."
        ));
    }
    // Its tombstone would stay until then.
    let latest = now.saturating_add(MAX_AHEAD);
    if let Some(sid) = sessions.iter().find(|sid| sid.start() > latest) {
        return Err(format!(
            "{sid} begins in the future; no session has this id."
        ));
    }
    Ok(sessions)
}

fn of_user(user: &str) -> Result<Filter, Wrong> {
    let user = user_key(user).ok_or_else(|| {
        "`user` must be an id that the page gave to `identify`; one that was masked finds nobody."
            .to_owned()
    })?;
    Ok(Filter {
        user: Some(user),
        ..Filter::default()
    })
}

fn checked(filter: Filter) -> Result<Filter, Wrong> {
    if filter == Filter::default() {
        return Err(
            "`filter` must hold at least one condition; to erase everything, purge before now."
                .to_owned(),
        );
    }
    // A row has the first texts of a session only, and the rest is not known to be missing.
    if filter.denies_texts() {
        return Err("`not` must not ask for `user`, `entry`, `url`, `referrer`, `event`, `meta` or `q` where sessions are erased: a row holds the first of these only, so sessions that have what is looked for would go, too.".to_owned());
    }
    filter.checked().map_err(|error| format!("{error}."))
}

impl PurgeRequest {
    /// What is wanted.
    pub fn wanted(self) -> Wanted {
        let filter = Filter {
            before: Some(self.before),
            ..Filter::default()
        };
        Wanted {
            kind: Kind::Purge,
            target: Target::Matching(filter.into()),
            confirm: self.confirm,
        }
    }
}

/// The oldest finished sessions of a site that keeps only so many: those before `kept`, the
/// oldest that stays.
pub fn eviction(kept: Millis) -> Wanted {
    Wanted {
        kind: Kind::Eviction,
        target: Target::Matching(Box::new(Filter {
            before: Some(kept),
            live: Some(false),
            ..Filter::default()
        })),
        confirm: None,
    }
}

/// All sessions of a site that is deleted.
pub fn of_site(confirm: Option<u64>) -> Wanted {
    Wanted {
        kind: Kind::Site,
        target: Target::Matching(Box::default()),
        confirm,
    }
}

/// When the sessions of a site that is deleted at `now` are erased: later than the last
/// batch of one can arrive, and the last session that such a batch opened is listed. What is
/// not listed is not found.
pub fn of_site_begins(now: Millis, timing: &Timing) -> Millis {
    let holds = Millis::from(HOLDS_WITHIN_SECONDS) * 1_000;
    now.saturating_add(2 * holds)
        .saturating_add(timing.announce)
}

/// How long it may take at the most, ms, until the erasure of a deleted site's sessions is
/// confirmed or withdrawn: the deletion itself is one call, which ends after 10 s.
const DECIDED_WITHIN: Millis = 60_000;

/// When an unconfirmed erasure that was meant to begin at `begins` looks for itself whether
/// the site is gone. Later than a deletion that nobody waits for any more can still happen.
pub fn looks_for_itself(begins: Millis) -> Millis {
    begins.saturating_add(DECIDED_WITHIN)
}

/// The answer to a request without `confirm`, and to one whose count is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Sessions that would be erased, by what the index knows.
    pub matched: u64,
}

/// What is kept of an erasure. It says nothing of those who were erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its id.
    pub id: ErasureId,
    /// What was asked for.
    pub kind: Kind,
    /// The name of who asked; no address.
    pub by: String,
    /// When, edge clock.
    pub asked: Millis,
    /// The filter, without what it withholds; none for sessions by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// Conditions of the filter that are not kept, by name, because they may say who it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// Sessions that were found when it was asked for.
    pub matched: u64,
    /// Sessions erased so far.
    pub erased: u64,
    /// When all was done; none while it is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Millis>,
}

impl Receipt {
    /// Whether `known`, another state of the same, is further on: then this one is late.
    pub fn is_behind(&self, known: &Self) -> bool {
        known.finished.is_some() || known.erased > self.erased
    }

    /// What the audit log says of it.
    pub fn noted(&self) -> Entry {
        let id = Some(self.id.to_string());
        Entry::new(self.asked, &self.by, Action::Erase, id)
    }
}

/// A page of the list of erasures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// Newest first.
    pub erasures: Vec<Receipt>,
    /// `before` of the next page; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ErasureId>,
}

/// An erasure under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its site.
    pub site: SiteKey,
    /// What will be kept of it.
    pub receipt: Receipt,
    /// What is left to be done.
    pub target: Target,
    /// The start of the month that is searched next; none when all were.
    pub month: Option<Millis>,
    /// The last session of that month that was looked at.
    pub after: Option<SessionId>,
    /// Sessions that are being erased.
    pub pending: Vec<SessionId>,
    /// The ledger has the receipt. Nothing is erased before.
    pub announced: bool,
    /// Alarms in a row that failed.
    pub failures: u32,
    /// It is the site's deletion that asks for it, and it is not known yet whether the site
    /// is gone. Nothing is erased and no receipt is written before.
    #[serde(default)]
    pub unconfirmed: bool,
}

impl Job {
    /// The same, taken on before its site is deleted: it is done only if the site is gone.
    #[must_use]
    pub fn unconfirmed(self) -> Self {
        Self {
            unconfirmed: true,
            ..self
        }
    }

    /// The same, now that the site is gone.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self {
            unconfirmed: false,
            ..self
        }
    }

    /// An erasure of `matched` sessions of `site` that `by` asks for at `now`.
    ///
    /// Sessions that begin later are not meant, so there is an end to it.
    pub fn new(
        site: SiteKey,
        id: ErasureId,
        wanted: Wanted,
        matched: u64,
        by: String,
        now: Millis,
    ) -> Self {
        let (target, month, disclosed) = match wanted.target {
            Target::Sessions(sessions) => (Target::Sessions(sessions), None, None),
            Target::Matching(filter) => {
                let disclosed = filter.disclosed();
                let latest = now.saturating_add(MAX_AHEAD);
                let before = filter.before.map_or(latest, |before| before.min(latest));
                let filter = Filter {
                    before: Some(before),
                    ..*filter
                };
                let (_, last) = filter.months(now);
                (
                    Target::Matching(filter.into()),
                    Some(last.start()),
                    Some(disclosed),
                )
            }
        };
        let (filter, withheld) = match disclosed {
            Some((filter, withheld)) => (Some(filter), withheld),
            None => (None, Vec::new()),
        };
        Self {
            site,
            receipt: Receipt {
                id,
                kind: wanted.kind,
                by,
                asked: now,
                filter,
                withheld,
                matched,
                erased: 0,
                finished: None,
            },
            target,
            month,
            after: None,
            pending: Vec::new(),
            announced: false,
            failures: 0,
            unconfirmed: false,
        }
    }
}
