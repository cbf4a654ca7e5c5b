//! Clicks that tell of frustration: many at one place, and those that nothing followed.
//!
//! * **Rage**: three clicks or more, each at most 500 ms after the one before and after the
//!   first, at most 10 px from the first, in each direction. They are one incident.
//! * **Dead**: a click of no such incident after which the page did nothing for 500 ms,
//!   although it was recorded on. What the page does: its content, a field, its address,
//!   its scroll position or the selection changes, media play, or the page sends a custom
//!   event of its own. A click that the browser itself serves (a field, media, a download)
//!   is not dead, as the recorder says; where it does not say, what was clicked takes the
//!   focus instead. A click that leaves the page is not dead, because nothing is known of
//!   what came after.
//!
//! Batches come in any order, so nothing is judged before it is asked for: a digest keeps
//! the clicks themselves, whether they were answered within their batch, and the first
//! answer of a batch, which may be to a click of the batch before; where that one came at the
//! moment of the batch's first event, which may be the click's, also the next one.

use crate::api::Moment;
use crate::event::{EventView, Kind};
use crate::id::{Millis, TabId};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The earliest clicks of a session are judged, so many of them: one every 10 s of a whole
/// day. Each comes with some other events, of which a session has 50 000; only a program
/// gets here, and must not fill the row.
pub const MAX_CLICKS: usize = 8_192;

/// First answers that are kept, the earliest: a batch has two at most.
const MAX_ANSWERS: usize = 8_192;

/// How long the page has for an answer, and how close clicks of an incident are, ms.
pub const REACH: Millis = 500;

/// How close they are on the page, px in each direction.
const NEAR: u32 = 10;

/// Clicks of an incident, at least.
const MANY: usize = 3;

/// A click: when, in which page load, where in the window.
type Click = (Millis, TabId, i32, i32);

/// What is kept of a session's clicks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "stored::Stored", into = "stored::Stored")]
pub struct Clicks {
    /// Each with whether it was answered within its batch.
    clicks: BTreeMap<Click, bool>,
    /// Of batches that begin with an answer: when, and in which page load.
    answers: BTreeSet<(Millis, TabId)>,
}

/// Clicks and answers of a page load or a part of it, as they are read.
#[derive(Clone, Debug, Default)]
pub(super) struct ClickReader {
    /// Time and place, the node, and whether the browser itself serves it, if that is known.
    clicks: Vec<(Millis, i32, i32, u64, Option<bool>)>,
    answers: Vec<Millis>,
    focused: Vec<(Millis, u64)>,
    first: Option<Millis>,
}

impl ClickReader {
    /// Takes in an event of any kind.
    pub(super) fn view(&mut self, view: &EventView) {
        let at = view.at;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        if super::is_answer(&view.kind) && self.answers.last() != Some(&at) {
            self.answers.push(at);
        }
        match &view.kind {
            Kind::Click {
                node,
                place: (x, y),
                native,
            } => self.clicks.push((at, *x, *y, *node, *native)),
            // Before its click where a mouse did it.
            Kind::Focus { node } => self.focused.push((at, *node)),
            _ => {}
        }
    }

    /// In order of time and place. Of two clicks at one moment and place, both are
    /// answered or none.
    fn answered(&mut self) -> BTreeMap<(Millis, i32, i32), bool> {
        self.answers.sort_unstable();
        self.focused.sort_unstable();
        let took_focus = |at: Millis, node| {
            let early = at.saturating_sub(REACH);
            let from = self.focused.partition_point(|(when, _)| *when < early);
            let mut near = self.focused.get(from..).unwrap_or_default().iter();
            near.by_ref()
                .take_while(|(when, _)| *when <= at.saturating_add(REACH))
                .any(|(_, which)| *which == node)
        };
        let mut found = BTreeMap::new();
        for &(at, x, y, node, native) in &self.clicks {
            // Buttons and links take the focus, too, whether or not they do anything.
            let served = || native.unwrap_or_else(|| took_focus(at, node));
            let answered = follows(&self.answers, at) || served();
            *found.entry((at, x, y)).or_default() |= answered;
        }
        found
    }

    /// What may answer a click of the batch before.
    fn first_answers(&self) -> impl Iterator<Item = Millis> + '_ {
        let begin = self.first.unwrap_or_default();
        let early = move |at: &Millis| *at <= begin.saturating_add(REACH);
        let first = self.answers.first().copied();
        // Nothing answers what came at the same moment. Mostly it is the first one.
        let next = self.answers.iter().copied().find(|at| *at > begin);
        [first, next].into_iter().flatten().filter(early)
    }

    /// What is kept of the batch.
    pub(super) fn finish(mut self, tab: &TabId) -> Clicks {
        let mut found = Clicks::default();
        for ((at, x, y), answered) in self.answered() {
            found.clicks.insert((at, tab.clone(), x, y), answered);
        }
        found.answers = self.first_answers().map(|at| (at, tab.clone())).collect();
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

/// A click of one page load: when, where, whether it was answered within its batch.
type Judged = (Millis, i32, i32, bool);

/// What a click is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// Neither of these.
    #[default]
    Fine,
    /// The page did not answer.
    Dead,
    /// One of an incident.
    Rage {
        /// How many clicks the incident has.
        of: usize,
        /// The click that it began with.
        first: bool,
    },
}

/// What each of `clicks` is; they are of one page load, in order, and its last event was
/// at `end`. `answers` are first answers of batches, in order.
fn verdicts(clicks: &[Judged], answers: &[Millis], end: Millis) -> Vec<Verdict> {
    let mut found = Vec::with_capacity(clicks.len());
    let mut rest = clicks;
    while let Some((&(at, x, y, answered), others)) = rest.split_first() {
        let of = incident(rest, (at, x, y));
        if of >= MANY {
            found.extend((0..of).map(|place| Verdict::Rage {
                of,
                first: place == 0,
            }));
            rest = rest.get(of..).unwrap_or_default();
            continue;
        }
        let seen_on = at.saturating_add(REACH) <= end;
        let dead = seen_on && !answered && !follows(answers, at);
        found.push(if dead { Verdict::Dead } else { Verdict::Fine });
        rest = others;
    }
    found
}

/// What the clicks tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frustration {
    /// When each incident of rage clicks began.
    pub rage: Vec<Millis>,
    /// Dead clicks.
    pub dead: u32,
    /// The click that the first incident began with.
    pub first_rage: Option<Moment>,
    /// The first dead click.
    pub first_dead: Option<Moment>,
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

    /// What each of them was, by page load and time; `until` says when the last event of a
    /// page load was.
    pub fn judged(&self, until: impl Fn(&TabId) -> Option<Millis>) -> Vec<JudgedClick> {
        let mut tabs: BTreeMap<&TabId, Vec<Judged>> = BTreeMap::new();
        for ((at, tab, x, y), answered) in &self.clicks {
            tabs.entry(tab).or_default().push((*at, *x, *y, *answered));
        }
        let mut answers: BTreeMap<&TabId, Vec<Millis>> = BTreeMap::new();
        for (at, tab) in &self.answers {
            answers.entry(tab).or_default().push(*at);
        }
        let mut found = Vec::with_capacity(self.clicks.len());
        for (tab, clicks) in tabs {
            let answers = answers.get(tab).map_or(&[][..], Vec::as_slice);
            let verdicts = verdicts(&clicks, answers, until(tab).unwrap_or(0));
            let judged = clicks.iter().zip(verdicts);
            found.extend(judged.map(|(&(at, x, y, _), verdict)| JudgedClick {
                at,
                tab: tab.clone(),
                place: (x, y),
                verdict,
            }));
        }
        found
    }

    /// What they tell; `until` as in [`Clicks::judged`].
    pub fn judge(&self, until: impl Fn(&TabId) -> Option<Millis>) -> Frustration {
        let mut found = Frustration::default();
        for JudgedClick {
            at, tab, verdict, ..
        } in self.judged(until)
        {
            match verdict {
                Verdict::Rage { first: true, .. } => {
                    found.rage.push(at);
                    keep_first(&mut found.first_rage, at, &tab);
                }
                Verdict::Dead => {
                    found.dead = found.dead.saturating_add(1);
                    keep_first(&mut found.first_dead, at, &tab);
                }
                Verdict::Fine | Verdict::Rage { .. } => {}
            }
        }
        found.rage.sort_unstable();
        found
    }
}

/// A click, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedClick {
    /// When, by the visitor's clock.
    pub at: Millis,
    /// In which page load.
    pub tab: TabId,
    /// Where in the window, px.
    pub place: (i32, i32),
    /// What it was.
    pub verdict: Verdict,
}

/// Keeps the earlier one; of two at one moment the page load whose id sorts first.
fn keep_first(known: &mut Option<Moment>, at: Millis, tab: &TabId) {
    if known
        .as_ref()
        .is_none_or(|known| (at, tab) < (known.at, &known.tab))
    {
        let tab = tab.clone();
        *known = Some(Moment { at, tab });
    }
}

/// How many of `clicks`, from the first on, are close to it in time and place.
fn incident(clicks: &[Judged], (first, x, y): (Millis, i32, i32)) -> usize {
    let close = clicks.iter().take_while(|(at, to_x, to_y, _)| {
        at - first <= REACH && x.abs_diff(*to_x) <= NEAR && y.abs_diff(*to_y) <= NEAR
    });
    close.count()
}

mod stored;

#[cfg(test)]
mod tests;
