//! What of a month is kept no longer, and how its index is made again.
//!
//! Each month's index has a [`Plan`] and an alarm; [`Keeper`] does what is due, a page of
//! chunks at a time. It goes by the recordings, in order of sessions: chunks are
//! deleted last, so what a crash leaves is found again. The index follows, and is dropped
//! as a whole when its month is past. Every step may be repeated.
//!
//! **A session is never dropped while it is live**, and one of which uploads may still
//! come goes by its own erasure, so that they find its tombstone.

mod anew;
mod catch_up;
mod desk;
mod eviction;
mod keeper;
#[cfg(test)]
mod tests;

pub use anew::{Anew, MADE_AT_ONCE};
pub use catch_up::{ASKED_AT_ONCE, CAUGHT_UP_EVERY, CatchUp};
pub use desk::{ask, evicted, open, put, wake_by};
pub use eviction::{Bounds, Excess, Fit, Stock, Stocks, excess, overflow};
pub use keeper::{Chunks, Keeper, Shelf};

use crate::analytics::pack;
use crate::api::SessionRow;
use crate::id::{Millis, Month, SessionId, SiteKey};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const DAY: Millis = 86_400_000;
const HOUR: Millis = 3_600_000;

/// How often it is looked for more sessions than a site keeps, ms.
pub const EVICTED_EVERY: Millis = HOUR;

/// Chunks that are looked at in one step.
pub const PAGE: u32 = 200;

/// Chunks of one step of a rebuild: a store may give fewer at once with their rows.
pub const REBUILD_PAGE: u32 = 100;

/// What a month's index knows of its upkeep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its site.
    pub site: SiteKey,
    /// When the month begins.
    pub from: Millis,
    /// When the next one begins.
    pub to: Millis,
    /// Days that sessions are kept, as the site was configured when it was last looked at;
    /// 0 before.
    pub days: u32,
    /// The most that it was ever configured to while this month was looked at. Records
    /// expire after the days of when they were written.
    pub longest: u32,
    /// The last chunk that was looked at, if a sweep is under way.
    pub swept: Option<String>,
    /// How far making the index again is, if that was ever asked for.
    pub rebuild: Option<Rebuild>,
    /// The version of what reports read that all rows have, as far as it is known; 0 before.
    #[serde(default)]
    pub digested: u8,
    /// How far making it anew is, where rows have another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anew: Option<Anew>,
    /// How often somebody asked for it to be looked at now.
    #[serde(default)]
    pub asked: u32,
    /// When it was last looked for more sessions than the site keeps, and what `asked` was.
    #[serde(default)]
    pub evicted: Option<(Millis, u32)>,
    /// Alarms in a row that failed.
    pub failures: u32,
}

/// How far making a month's index again is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    /// The last chunk that was read; the end of the month when it is done.
    pub after: String,
    /// Rows that were written, or were there already; a session of several chunks may count
    /// more than once.
    pub restored: u64,
    /// Chunks that say nothing of their session.
    pub unreadable: u64,
    /// When it was done.
    pub finished: Option<Millis>,
}

/// The answer to `GET /api/sites/{site}/rebuild`, and to the request for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuilds {
    /// By month (`yyyy-mm`), newest first.
    pub months: Vec<(String, Rebuild)>,
}

/// A chunk as a listing shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its session.
    pub sid: SessionId,
    /// Its name below the session's prefix.
    pub name: String,
    /// When it was written.
    pub at: Millis,
    /// The session's row as it was then, if it was asked for and is there.
    pub row: Option<SessionRow>,
}

impl Listed {
    /// Its place in the order of a site's chunks.
    pub fn place(&self) -> String {
        format!("{}/{}", self.sid, self.name)
    }
}

/// What sorts before every chunk of a session that starts at `at` or later.
pub fn place_of(at: Millis) -> String {
    format!("{at:012x}")
}

impl Rebuild {
    /// One that begins.
    fn new(plan: &Plan) -> Self {
        Self {
            after: place_of(plan.from),
            restored: 0,
            unreadable: 0,
            finished: None,
        }
    }
}

impl Plan {
    /// That of a month of which nothing is known yet.
    pub fn new(site: SiteKey, month: Month) -> Self {
        Self {
            site,
            from: month.start(),
            to: month.next().start(),
            days: 0,
            longest: 0,
            swept: None,
            rebuild: None,
            digested: pack::VERSION,
            anew: None,
            asked: 0,
            evicted: None,
            failures: 0,
        }
    }

    /// The same, to be made again from its beginning.
    #[must_use]
    pub fn to_rebuild(self) -> Self {
        let rebuild = Some(Rebuild::new(&self));
        Self { rebuild, ..self }
    }

    /// The same, where a row came of which reports cannot read anything: an earlier version of
    /// the worker wrote it.
    #[must_use]
    pub fn to_digest(self) -> Self {
        Self {
            digested: 0,
            ..self
        }
    }

    /// Whether there may be rows of which reports cannot read anything, because another version
    /// wrote it.
    pub fn may_be_outdated(&self) -> bool {
        self.digested != pack::VERSION
    }

    /// The same, to be looked at now.
    #[must_use]
    pub fn to_check(self) -> Self {
        Self {
            asked: self.asked.wrapping_add(1),
            ..self
        }
    }

    /// Whether something was asked for since it was as in `before`.
    fn is_asked_since(&self, before: &Self) -> bool {
        self.asked != before.asked || self.rebuild != before.rebuild
    }

    /// The same with what a step made of `before`; what was asked for meanwhile stays.
    fn after_step(self, before: &Self, step: Self) -> Self {
        let rebuild = if self.rebuild == before.rebuild {
            step.rebuild
        } else {
            self.rebuild
        };
        Self {
            asked: self.asked,
            rebuild,
            digested: if self.digested == before.digested {
                step.digested
            } else {
                self.digested
            },
            failures: 0,
            ..step
        }
    }

    fn is_rebuilding(&self) -> bool {
        let rebuild = self.rebuild.as_ref();
        rebuild.is_some_and(|rebuild| rebuild.finished.is_none())
    }

    /// The same with what the site is configured to; a site that is gone keeps what it had.
    fn configured(&mut self, days: Option<u32>) {
        self.days = days.unwrap_or(self.days);
        self.longest = self.longest.max(self.days);
    }

    /// Sessions of this month that started before this are kept no longer at `now`; none if
    /// all are kept.
    fn past(&self, now: Millis) -> Option<Millis> {
        if self.days == 0 {
            return None;
        }
        let cutoff = now.saturating_sub(Millis::from(self.days) * DAY);
        (cutoff > self.from).then(|| cutoff.min(self.to))
    }

    /// Whether `now` lies in this month.
    pub fn is_current(&self, now: Millis) -> bool {
        (self.from..self.to).contains(&now)
    }

    /// Whether it is to be looked at `now` for more sessions than the site keeps: by the month
    /// that takes new sessions, for all; once in [`EVICTED_EVERY`], and when somebody asks.
    pub fn evicts(&self, now: Millis) -> bool {
        let is_due = |(at, asked): (Millis, u32)| {
            asked != self.asked || now >= at.saturating_add(EVICTED_EVERY)
        };
        self.is_current(now) && self.evicted.is_none_or(is_due)
    }

    /// The same after it was looked for that at `now`, as it stood in `before`.
    #[must_use]
    pub fn after_eviction(self, before: &Self, now: Millis) -> Self {
        Self {
            evicted: Some((now, before.asked)),
            ..self
        }
    }

    /// Whether all of the month is past at `now`.
    fn is_past(&self, now: Millis) -> bool {
        self.past(now) == Some(self.to)
    }

    /// Whether a record may still be kept although its session is past.
    fn outlives(&self) -> bool {
        self.longest > self.days
    }

    /// When to look again: every hour while sessions are getting too old, and else every
    /// day, in case the site's retention was shortened.
    fn next_check(&self, now: Millis) -> Millis {
        let first = self.from.saturating_add(Millis::from(self.days) * DAY);
        if now < first {
            first.min(now + DAY)
        } else {
            now + HOUR
        }
    }
}
