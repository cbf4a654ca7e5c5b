//! The sessions behind a number.

use super::Who;
use crate::analytics::route;
use crate::filter::Filter;
use crate::id::Millis;
use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// So many examples of a number are told.
pub const EXAMPLES: usize = 5;

/// A moment in a session: the store knows its id by start and rank, see
/// [`Place`](crate::sheet::Place).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    /// The session's start, ms since the epoch.
    pub started: Millis,
    /// How many sessions of that start have a smaller id.
    pub rank: u32,
    /// The moment, ms after the start.
    pub at: u32,
    /// In which page load, see [`Visit::tab`](crate::analytics::session::Visit::tab).
    pub tab: u32,
}

impl Example {
    /// A moment of a session.
    pub fn of(who: &Who<'_>, at: u32, tab: u32) -> Self {
        Self {
            started: who.started,
            rank: who.rank,
            at,
            tab,
        }
    }
}

/// The latest sessions behind a number, each with its first moment: which, does not depend on
/// the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Examples(Vec<Example>);

impl Examples {
    /// Takes a moment of a session, if it is one of the latest.
    pub fn add(&mut self, who: &Who<'_>, at: u32, tab: u32) {
        self.take(Example::of(who, at, tab));
    }

    /// Takes what is the latest of `other`.
    pub fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|example| self.take(example));
    }

    /// The latest first.
    pub fn list(&self) -> Vec<Example> {
        self.0.clone()
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn take(&mut self, new: Example) {
        let key = |example: &Example| Reverse((example.started, example.rank));
        // Reports read the latest sheets first, so nearly all are earlier than what is kept.
        if self.0.len() >= EXAMPLES && self.0.last().is_some_and(|last| key(last) < key(&new)) {
            return;
        }
        let place = self.0.partition_point(|kept| key(kept) < key(&new));
        if let Some(same) = self.0.get_mut(place)
            && key(same) == key(&new)
        {
            if (new.at, new.tab) < (same.at, same.tab) {
                *same = new;
            }
            return;
        }
        if place >= EXAMPLES {
            return;
        }
        self.0.truncate(EXAMPLES - 1);
        self.0.insert(place.min(self.0.len()), new);
    }
}

/// The sessions of which something is the largest, each with that moment; of equal ones the
/// latest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Extremes(Vec<(u64, Example)>);

impl Extremes {
    /// Takes a moment of a session, if it is one of the `most` largest.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn add(&mut self, value: u64, example: Example, most: usize) {
        let key = |(value, example): &(u64, Example)| Reverse((*value, *example));
        let new = (value, example);
        // Nearly all are smaller than what is kept.
        if self.0.len() >= most && self.0.last().is_none_or(|last| key(last) < key(&new)) {
            return;
        }
        let place = self.0.partition_point(|kept| key(kept) < key(&new));
        if place >= most || self.0.get(place) == Some(&new) {
            return;
        }
        self.0.truncate(most.saturating_sub(1));
        self.0.insert(place.min(self.0.len()), new);
    }

    /// Takes the largest of `other`.
    pub(super) fn merge(&mut self, other: Self, most: usize) {
        for (value, example) in other.0 {
            self.add(value, example, most);
        }
    }

    /// The largest first.
    pub(super) fn list(&self) -> Vec<Example> {
        self.0.iter().map(|(_, example)| *example).collect()
    }

    /// The largest first, with what is large.
    pub(super) fn all(&self) -> &[(u64, Example)] {
        &self.0
    }
}

/// How to get from a number to its sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    /// Conditions of the session list that hold for all of them; empty if none can be said.
    /// The list is then of at least these: it knows less of a session than a report does.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub narrow: Filter,
    /// Some of them, the latest first, at most [`EXAMPLES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

fn is_empty(filter: &Filter) -> bool {
    *filter == Filter::default()
}

impl Behind {
    /// Sessions that `narrow` finds, like `examples`.
    pub fn new(narrow: Filter, examples: &Examples) -> Self {
        Self {
            narrow,
            examples: examples.list(),
        }
    }

    /// Sessions that saw a page.
    pub fn of_page(page: &str, examples: &Examples) -> Self {
        Self::new(on_page(page), examples)
    }
}

/// Sessions that saw a page.
pub(super) fn on_page(page: &str) -> Filter {
    let literal = route::literal(page);
    Filter {
        url: (!literal.is_empty()).then(|| literal.to_owned()),
        ..Filter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn examples_are_the_latest_sessions_in_any_order(
            given in prop::collection::vec((0_u64..9, 0_u32..3, 0_u32..9, 0_u32..2), 0..40),
            cut in 0_usize..40,
        ) {
            let mut parts = [Examples::default(), Examples::default()];
            for (index, (started, rank, at, tab)) in given.iter().enumerate() {
                let who = Who { started: *started, rank: *rank, ..Who::default() };
                parts[usize::from(index >= cut)].add(&who, *at, *tab);
            }
            let [mut one, other] = parts;
            one.merge(other);
            let mut all = given;
            all.sort_by_key(|(started, rank, at, tab)| (Reverse((*started, *rank)), *at, *tab));
            all.dedup_by_key(|(started, rank, ..)| (*started, *rank));
            all.truncate(EXAMPLES);
            let found: Vec<_> = one.list().iter().map(|e| (e.started, e.rank, e.at, e.tab)).collect();
            prop_assert_eq!(found, all);
        }
    }
}
