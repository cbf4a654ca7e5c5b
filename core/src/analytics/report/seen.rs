//! How often an issue came, in how many sessions, and when.

use super::Who;
use crate::analytics::session::Occurrence;
use crate::day::DAY;
use crate::id::Millis;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) times: u64,
    pub(super) sessions: u64,
    /// When it came first, and last, by the edge's clock.
    pub(super) span: Option<(Millis, Millis)>,
    days: BTreeMap<Millis, u64>,
    /// Which session was counted last.
    #[serde(skip)]
    last: Option<(Millis, u32)>,
}

/// A day on which something came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// When it begins, UTC, ms since the epoch.
    pub from: Millis,
    /// How often it came.
    pub count: u64,
}

impl Seen {
    /// Counts what came `at` after the session's start. All of a session come one after the
    /// other.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn add(&mut self, who: &Who<'_>, at: u32, occurrence: Occurrence) {
        let times = u64::from(occurrence.times);
        let when = who.started.saturating_add(at.into());
        self.times += times;
        let (from, to) = self.span.unwrap_or((when, when));
        self.span = Some((from.min(when), to.max(when)));
        *self.days.entry(when / DAY * DAY).or_default() += times;
        if self.last != Some((who.started, who.rank)) {
            self.last = Some((who.started, who.rank));
            self.sessions += 1;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.times += other.times;
        self.sessions += other.sessions;
        self.span = match (self.span, other.span) {
            (Some((from, to)), Some((since, until))) => Some((from.min(since), to.max(until))),
            (one, other) => one.or(other),
        };
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
    }

    /// In order; days without are left out.
    pub(super) fn days(&self) -> Vec<Day> {
        let days = self.days.iter();
        days.map(|(from, count)| Day {
            from: *from,
            count: *count,
        })
        .collect()
    }
}
