//! Funnels: how many sessions did one step after the other, and where the others stopped.
//!
//! Each step comes strictly later than the one before, in whichever tab, with anything in
//! between (reference §5.9, with any number of steps and of any kind). Without a limit of
//! time steps are counted from the first time that the first was done, each at its earliest.
//! With one all steps lie within it after the first; a session counts by the attempt that got
//! furthest, of several by the one that got there first, and of those by the one that began
//! last.

use super::keys::index;
use super::spread::{Spread, permille};
use super::steps::{self, Done, Finder, Step};
use super::{Behind, Examples, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// One after the other.
    pub steps: Vec<Step>,
    /// From the first to the last, at most, ms.
    pub within: Option<u32>,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    sessions: u64,
    /// By step.
    counts: Vec<Counts>,
    #[serde(skip)]
    finder: Finder,
    #[serde(skip)]
    scratch: Scratch,
}

/// What was counted of a step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counts {
    sessions: u64,
    /// From the step before, s.
    gaps: Spread,
    /// Sessions that did it.
    done: Examples,
    /// Sessions that did it last of all steps.
    stopped: Examples,
}

/// Memory for one session after the other.
#[derive(Clone, Debug, Default)]
struct Scratch {
    done: Vec<Done>,
    /// The latest beginning of an attempt that did this step, by step.
    began: Vec<Option<u32>>,
    /// The attempt that counts, by step.
    attempt: Vec<Done>,
}

/// A funnel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// All sessions, also those that did nothing of it.
    pub sessions: u64,
    /// Step by step.
    pub rows: Vec<Row>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Which, as in an address.
    pub step: String,
    /// Sessions that did it and all before.
    pub sessions: u64,
    /// Of those that did the first step, thousandths; none if nobody did.
    pub of_first: Option<u32>,
    /// Of those that did the step before, thousandths; of the first step, of all sessions.
    pub of_previous: Option<u32>,
    /// Sessions that did the step before and not this; of the first step, nothing of it.
    pub dropped: u64,
    /// The median time from the step before, in whole seconds, as ms; none of the first step
    /// or of nobody.
    pub gap_median: Option<u64>,
    /// Sessions that did it, at that moment.
    pub behind: Behind,
    /// Sessions that did the step before and not this, at the moment when they did the step
    /// before; none of the first step.
    pub behind_dropped: Behind,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        let counts = asked.steps.iter().map(|_| Counts::default()).collect();
        Self {
            routes,
            asked,
            counts,
            ..Self::default()
        }
    }
}

impl Scratch {
    /// Finds the attempt that counts.
    fn attempt(&mut self, steps: usize, within: Option<u32>) {
        self.attempt.clear();
        let begin = match within {
            None => Some(0),
            Some(within) => self.best_begin(steps, within),
        };
        let Some(begin) = begin else { return };
        let from = self.done.partition_point(|done| done.at < begin);
        for done in self.done.iter().skip(from) {
            let (first, last) = (self.attempt.first(), self.attempt.last());
            let is_in_time = |first: &Done| within.is_none_or(|most| done.at - first.at <= most);
            if self.attempt.len() < steps
                && has(done.steps, self.attempt.len())
                && last.is_none_or(|last| last.at < done.at)
                && first.is_none_or(is_in_time)
            {
                self.attempt.push(*done);
            }
        }
    }

    /// When the attempt that counts begins. For each step only the latest beginning is kept:
    /// whatever an earlier one can still reach in time, it can too.
    fn best_begin(&mut self, steps: usize, within: u32) -> Option<u32> {
        self.began.clear();
        self.began.resize(steps, None);
        let mut best = None;
        for moment in self.done.chunk_by(|one, other| one.at == other.at) {
            let at = moment.first()?.at;
            let bits = moment.iter().fold(0, |bits, done| bits | done.steps);
            // From the last step on, so that two steps are never done at one moment.
            for step in (0..steps).rev().filter(|step| has(bits, *step)) {
                let began = match step.checked_sub(1) {
                    None => Some(at),
                    Some(before) => self.began.get(before).copied().flatten(),
                };
                let Some(began) = began.filter(|began| at - began <= within) else {
                    continue;
                };
                if let Some(slot) = self.began.get_mut(step) {
                    *slot = (*slot).max(Some(began));
                }
                if best.is_none_or(|(furthest, _)| step > furthest) {
                    best = Some((step, began));
                }
            }
        }
        best.map(|(_, began)| began)
    }
}

/// Whether a step's bit is set.
fn has(bits: u64, step: usize) -> bool {
    let step = u32::try_from(step).unwrap_or(u32::MAX);
    bits.checked_shr(step).is_some_and(|bits| bits & 1 == 1)
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        steps::topics(&self.asked.steps, false)
    }

    fn names(&mut self, names: &[&Names; 7]) {
        self.finder.names(&self.routes, &self.asked.steps, names);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        self.finder.find(session, &mut self.scratch.done);
        self.scratch
            .attempt(self.asked.steps.len(), self.asked.within);
        let mut before: Option<Done> = None;
        let mut stopped: Option<(&mut Counts, u32, u32)> = None;
        for (done, counts) in self.scratch.attempt.iter().zip(&mut self.counts) {
            let tab = session.visits.get(index(done.visit));
            let tab = tab.map_or(0, |visit| visit.tab);
            counts.sessions += 1;
            counts.done.add(who, done.at, tab);
            if let Some(before) = before.replace(*done) {
                counts.gaps.add(u64::from(done.at - before.at) / 1_000);
            }
            stopped = Some((counts, done.at, tab));
        }
        if let Some((counts, at, tab)) = stopped {
            counts.stopped.add(who, at, tab);
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        for (own, other) in self.counts.iter_mut().zip(other.counts) {
            own.sessions += other.sessions;
            own.gaps.merge(other.gaps);
            own.done.merge(other.done);
            own.stopped.merge(other.stopped);
        }
    }

    fn answer(&self) -> Answer {
        let first = self.counts.first().map_or(0, |counts| counts.sessions);
        let mut before: Option<(&Step, &Counts)> = None;
        let mut rows = Vec::new();
        for (step, counts) in self.asked.steps.iter().zip(&self.counts) {
            let previous = before.map_or(self.sessions, |(_, counts)| counts.sessions);
            let gap = before.and_then(|_| counts.gaps.counted().percentile(50));
            rows.push(Row {
                step: step.written(),
                sessions: counts.sessions,
                of_first: permille(counts.sessions, first),
                of_previous: permille(counts.sessions, previous),
                dropped: previous - counts.sessions.min(previous),
                gap_median: gap.map(|seconds| seconds * 1_000),
                behind: Behind::new(step.narrow(), &counts.done),
                behind_dropped: before.map_or_else(Behind::default, |(step, counts)| {
                    Behind::new(step.narrow(), &counts.stopped)
                }),
            });
            before = Some((step, counts));
        }
        Answer {
            asked: self.asked.clone(),
            sessions: self.sessions,
            rows,
        }
    }
}

#[cfg(test)]
mod tests;
