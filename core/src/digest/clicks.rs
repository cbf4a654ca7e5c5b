//! Clicks that tell of frustration: many at one place, and those that nothing followed.
//!
//! * **Rage**: three clicks or more, each at most 500 ms after the one before and after the
//!   first, at most 10 px from the first, in each direction. They are one incident.
//! * **Dead**: a click of no such incident after which the page did nothing for 500 ms,
//!   although it was recorded on. What the page does: its content, a field, its address,
//!   its scroll position or the selection changes, media play, what was clicked takes the
//!   focus, or the page sends a custom event of its own. A click that leaves the page is not
//!   dead, because nothing is known of what came after.
//!
//! Batches come in any order, so nothing is judged before it is asked for: a digest keeps
//! the clicks themselves, whether they were answered within their batch, and the first
//! answer of a batch, which may be to a click of the batch before.

use crate::id::{Millis, TabId};
use crate::order;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The earliest clicks of a session are judged, so many of them.
pub const MAX_CLICKS: usize = 500;

/// First answers that are kept, the earliest.
const MAX_ANSWERS: usize = 1_000;

/// How long the page has for an answer, and how close clicks of an incident are, ms.
const REACH: Millis = 500;

/// How close they are on the page, px in each direction.
const NEAR: u32 = 10;

/// Clicks of an incident, at least.
const MANY: usize = 3;

/// A click: when, in which page load, where in the window.
type Click = (Millis, TabId, i32, i32);

/// What is kept of a session's clicks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clicks {
    /// Each with whether it was answered within its batch.
    #[serde(with = "list", skip_serializing_if = "BTreeMap::is_empty")]
    clicks: BTreeMap<Click, bool>,
    /// Of batches that begin with an answer: when, and in which page load.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    answers: BTreeSet<(Millis, TabId)>,
}

/// What a batch adds, as it is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Time and place, and the node.
    clicks: Vec<(Millis, i32, i32, u64)>,
    answers: Vec<Millis>,
    focused: Vec<(Millis, u64)>,
    first: Option<Millis>,
}

impl Reader {
    /// An event of any kind.
    pub(super) fn event(&mut self, at: Millis) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
    }

    /// A click on a node.
    pub(super) fn click(&mut self, at: Millis, (x, y): (i32, i32), node: u64) {
        self.clicks.push((at, x, y, node));
    }

    /// The page did something.
    pub(super) fn answer(&mut self, at: Millis) {
        self.answers.push(at);
    }

    /// A node took the focus: before its click where a mouse did it.
    pub(super) fn focus(&mut self, at: Millis, node: u64) {
        self.focused.push((at, node));
    }

    /// What is kept of the batch.
    pub(super) fn finish(mut self, tab: &TabId) -> Clicks {
        self.answers.sort_unstable();
        let took_focus = |at: Millis, node| {
            let mut focused = self.focused.iter();
            focused.any(|(when, which)| *which == node && when.abs_diff(at) <= REACH)
        };
        let clicks = self.clicks.iter().map(|&(at, x, y, node)| {
            let answered = follows(&self.answers, at) || took_focus(at, node);
            ((at, tab.clone(), x, y), answered)
        });
        // Of two clicks at one moment and place, both are answered or none.
        let mut found = Clicks::default();
        for (click, answered) in clicks {
            *found.clicks.entry(click).or_default() |= answered;
        }
        let early = |at: &&Millis| {
            self.first
                .is_some_and(|first| **at <= first.saturating_add(REACH))
        };
        let first = self.answers.first().filter(early);
        found.answers = first.map(|at| (*at, tab.clone())).into_iter().collect();
        found.trim();
        found
    }
}

/// Whether one of `answers`, which are in order, comes after `at` and in time.
fn follows(answers: &[Millis], at: Millis) -> bool {
    let later = answers.partition_point(|answer| *answer <= at);
    let next = answers.get(later);
    next.is_some_and(|answer| *answer <= at.saturating_add(REACH))
}

/// What the clicks tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frustration {
    /// When each incident of rage clicks began.
    pub rage: Vec<Millis>,
    /// Dead clicks.
    pub dead: u32,
}

impl Clicks {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.clicks.is_empty() && self.answers.is_empty()
    }

    /// How many clicks are kept.
    pub fn len(&self) -> usize {
        self.clicks.len()
    }

    /// Adds others of the same session.
    pub fn merge(&mut self, other: Self) {
        for (click, answered) in other.clicks {
            *self.clicks.entry(click).or_default() |= answered;
        }
        self.answers.extend(other.answers);
        self.trim();
    }

    fn trim(&mut self) {
        while self.clicks.len() > MAX_CLICKS {
            self.clicks.pop_last();
        }
        while self.answers.len() > MAX_ANSWERS {
            self.answers.pop_last();
        }
    }

    /// What they tell; `until` says when the last event of a page load was.
    pub fn judge(&self, until: impl Fn(&TabId) -> Option<Millis>) -> Frustration {
        let mut tabs: BTreeMap<&TabId, Vec<(Millis, i32, i32, bool)>> = BTreeMap::new();
        for ((at, tab, x, y), answered) in &self.clicks {
            tabs.entry(tab).or_default().push((*at, *x, *y, *answered));
        }
        let mut found = Frustration::default();
        for (tab, clicks) in tabs {
            let answers = self.answers.iter().filter(|(_, of)| of == tab);
            let answers: Vec<Millis> = answers.map(|(at, _)| *at).collect();
            let end = until(tab).unwrap_or(0);
            let mut rest = clicks.as_slice();
            while let Some((&(at, x, y, answered), others)) = rest.split_first() {
                let n = incident(rest, (at, x, y));
                if n >= MANY {
                    found.rage.push(at);
                    rest = rest.get(n..).unwrap_or_default();
                    continue;
                }
                let seen_on = at.saturating_add(REACH) <= end;
                if seen_on && !answered && !follows(&answers, at) {
                    found.dead = found.dead.saturating_add(1);
                }
                rest = others;
            }
        }
        found.rage.sort_unstable();
        found
    }
}

/// How many of `clicks`, from the first on, are close to it in time and place.
fn incident(clicks: &[(Millis, i32, i32, bool)], (first, x, y): (Millis, i32, i32)) -> usize {
    let close = clicks.iter().take_while(|(at, to_x, to_y, _)| {
        at - first <= REACH && x.abs_diff(*to_x) <= NEAR && y.abs_diff(*to_y) <= NEAR
    });
    close.count()
}

/// Clicks in JSON: a list, because keys must be texts there.
mod list {
    use super::{BTreeMap, Click, Deserialize, Deserializer, Serializer, Vec, order};

    pub(super) fn serialize<S: Serializer>(
        clicks: &BTreeMap<Click, bool>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let flat = |((at, tab, x, y), answered): (&Click, &bool)| {
            (*at, tab.clone(), *x, *y, u8::from(*answered))
        };
        serializer.collect_seq(clicks.iter().map(flat))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Click, bool>, D::Error> {
        let flat = Vec::<(super::Millis, super::TabId, i32, i32, u8)>::deserialize(deserializer)?;
        let click = |(at, tab, x, y, answered)| ((at, tab, x, y), answered != 0);
        Ok(order::map(flat.into_iter().map(click)))
    }
}

#[cfg(test)]
mod tests;
