//! Engagement: how much visitors struggle, as a score of 0 to 100 for each session.
//!
//! | points | for | all of them at |
//! |---|---|---|
//! | 20 | incidents of rage | 3 |
//! | 15 | dead clicks | 3 |
//! | 15 | coming back to pages | 3 times |
//! | 10 | share of the time in gaps of more than 10 s | all of it |
//! | 10 | turns of the scrolling direction | 3 |
//! | 10 | one page only, for less than 5 s | |
//! | 10 | coming back to form fields | 2 times |
//! | 10 | an error in the last 8 s | |
//!
//! Less of something is its share of the points; their sum is rounded half up once (reference
//! §5.8). 100 is the top of the last fifth.

use super::keys::index;
use super::spread::Spread;
use super::{Behind, Example, Examples, Limit, Who};
use crate::analytics::session::{ClickKind, Names, Session, Topic};
use crate::filter::Filter;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// Scores are put together in so many bins of 20.
pub const BINS: usize = 5;

/// Without `top` so many sessions are told.
pub const SESSIONS: u32 = 20;

/// A session of one page and less than this bounced quickly, ms.
const QUICK: u32 = 5_000;

/// What a session showed of struggle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Signals {
    /// Incidents of rage.
    pub rage: u32,
    /// Clicks that nothing followed.
    pub dead: u32,
    /// Pages that the visitor came back to.
    pub revisits: u32,
    /// In gaps of more than 10 s, ms.
    pub idle: u32,
    /// From its first to its last event, ms.
    pub duration: u32,
    /// Turns of the scrolling direction.
    pub thrashes: u32,
    /// One page only, for less than 5 s.
    pub is_quick: bool,
    /// Times that the visitor came back to a form field.
    pub refills: u32,
    /// An error in the last 8 s.
    pub left_on_error: bool,
}

impl Signals {
    /// Those of a session.
    pub fn of(session: &Session) -> Self {
        let summary = &session.summary;
        let count = |is: fn(ClickKind) -> bool| {
            let clicks = session.clicks.iter().filter(|click| is(click.kind));
            u32::try_from(clicks.count()).unwrap_or(u32::MAX)
        };
        let first = session.visits.first();
        let is_one = first.is_some_and(|first| {
            let mut visits = session.visits.iter();
            visits.all(|visit| visit.url == first.url)
        });
        Self {
            rage: count(|kind| kind == ClickKind::RageFirst),
            dead: count(|kind| matches!(kind, ClickKind::Dead | ClickKind::DeadWithError)),
            revisits: summary.revisits,
            idle: summary.idle,
            duration: summary.duration,
            thrashes: summary.thrashes,
            is_quick: is_one && summary.duration < QUICK,
            refills: session
                .fields
                .iter()
                .fold(0, |sum, field| sum.saturating_add(field.refills)),
            left_on_error: summary.left_on_error,
        }
    }

    /// The score, 0 to 100.
    pub fn score(&self) -> u32 {
        // In parts of a point: a third, a half and a share of the time are whole numbers.
        let time = u64::from(self.duration.max(1));
        let whole = 6 * time;
        let part = |points: u64, n: u32, all: u32| {
            points * u64::from(n.min(all)) * (whole / u64::from(all))
        };
        let flag = |points: u64, is: bool| points * whole * u64::from(is);
        let parts = part(20, self.rage, 3)
            + part(15, self.dead, 3)
            + part(15, self.revisits, 3)
            + 10 * u64::from(self.idle).min(time) * 6
            + part(10, self.thrashes, 3)
            + flag(10, self.is_quick)
            + part(10, self.refills, 2)
            + flag(10, self.left_on_error);
        u32::try_from((2 * parts + whole) / (2 * whole)).unwrap_or(100)
    }
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    top: Limit,
    scores: Spread,
    bins: [Examples; BINS],
    /// The highest scores first, then the latest.
    worst: Vec<Row>,
    /// How many sessions showed it, in the order of [`Answer::signals`].
    signals: [u64; 8],
}

/// How much sessions struggle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All of them.
    pub sessions: u64,
    /// The score on average; none of nothing.
    pub mean: Option<u64>,
    /// The median score.
    pub median: Option<u64>,
    /// Scores from 0, 20, 40, 60 and 80 on.
    pub bins: Vec<Bin>,
    /// Sessions with any: rage, dead clicks, revisits, idle time, turns, a quick bounce,
    /// refills, an error at the end.
    pub signals: [u64; 8],
    /// The highest scores first, as many as were asked for, or [`SESSIONS`].
    pub rows: Vec<Row>,
}

/// Scores of a fifth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bin {
    /// The smallest.
    pub from: u64,
    /// How many sessions.
    pub sessions: u64,
    /// These sessions.
    pub behind: Behind,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which.
    pub example: Example,
    /// Its score.
    pub score: u32,
    /// What it showed.
    pub signals: Signals,
}

impl Report {
    /// An empty one.
    pub fn new(top: Limit) -> Self {
        Self {
            top,
            ..Self::default()
        }
    }

    fn take(&mut self, row: Row) {
        let key = |row: &Row| Reverse((row.score, row.example));
        let most = index(self.top.0.unwrap_or(SESSIONS));
        // Nearly all are below what is kept.
        if self.worst.len() >= most && self.worst.last().is_none_or(|last| key(last) < key(&row)) {
            return;
        }
        let place = self.worst.partition_point(|kept| key(kept) < key(&row));
        if place < most {
            self.worst.truncate(most.saturating_sub(1));
            self.worst.insert(place.min(self.worst.len()), row);
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Summary, Topic::Clicks, Topic::Forms]
    }

    fn names(&mut self, _: &[&Names; 7]) {}

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        let signals = Signals::of(session);
        let score = signals.score();
        self.scores.add(score.into());
        if let Some(bin) = self.bins.get_mut(bin_of(score.into())) {
            bin.add(who, 0, 0);
        }
        let shown = [
            signals.rage > 0,
            signals.dead > 0,
            signals.revisits > 0,
            signals.idle > 0,
            signals.thrashes > 0,
            signals.is_quick,
            signals.refills > 0,
            signals.left_on_error,
        ];
        for (count, shown) in self.signals.iter_mut().zip(shown) {
            *count += u64::from(shown);
        }
        let example = Example::of(who, 0, 0);
        self.take(Row {
            example,
            score,
            signals,
        });
    }

    fn merge(&mut self, other: Self) {
        self.scores.merge(other.scores);
        for (own, other) in self.bins.iter_mut().zip(other.bins) {
            own.merge(other);
        }
        for (own, other) in self.signals.iter_mut().zip(other.signals) {
            *own += other;
        }
        for row in other.worst {
            self.take(row);
        }
    }

    fn answer(&self) -> Answer {
        let scores = self.scores.counted();
        let bins = (0_u64..).zip(&self.bins).map(|(number, examples)| {
            let here = scores.0.iter();
            let here = here.filter(|(score, _)| (0_u64..).nth(bin_of(*score)) == Some(number));
            Bin {
                from: number * 20,
                sessions: here.map(|(_, count)| count).sum(),
                behind: Behind::new(Filter::default(), examples),
            }
        });
        Answer {
            sessions: scores.count(),
            mean: scores.mean(),
            median: scores.percentile(50),
            bins: bins.collect(),
            signals: self.signals,
            rows: self.worst.clone(),
        }
    }
}

/// Which bin a score is in.
fn bin_of(score: u64) -> usize {
    usize::try_from(score / 20).map_or(BINS - 1, |bin| bin.min(BINS - 1))
}

#[cfg(test)]
mod tests;
