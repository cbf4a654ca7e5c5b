//! Which event indexes of a tab are stored: a sorted set of disjoint ranges.
//!
//! Deduplication by event index, not by batch, is what lets the leaving beacon
//! overlap with uploads that were under way.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Half-open, sorted, disjoint, non-adjacent ranges of event indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ranges(Vec<(u32, u32)>);

impl Ranges {
    /// Adds `[first, end)`.
    pub fn insert(&mut self, first: u32, end: u32) {
        if first >= end {
            return;
        }
        let (mut low, mut high) = (first, end);
        self.0.retain(|&(from, to)| {
            let touches = from <= end && to >= first;
            if touches {
                low = low.min(from);
                high = high.max(to);
            }
            !touches
        });
        let at = self.0.partition_point(|&(from, _)| from < low);
        self.0.insert(at, (low, high));
    }

    /// Adds everything of `other`.
    pub fn extend(&mut self, other: &Self) {
        for &(first, end) in &other.0 {
            self.insert(first, end);
        }
    }

    /// The parts of `[first, end)` that are not in the set.
    pub fn missing(&self, first: u32, end: u32) -> Vec<(u32, u32)> {
        let mut gaps = Vec::new();
        let mut at = first;
        for &(from, to) in &self.0 {
            if to <= at {
                continue;
            }
            if from >= end {
                break;
            }
            if from > at {
                gaps.push((at, from));
            }
            at = at.max(to);
        }
        if at < end {
            gaps.push((at, end));
        }
        gaps
    }

    /// The lowest index that is not stored.
    pub fn next(&self) -> u32 {
        match self.0.first() {
            Some(&(0, end)) => end,
            _ => 0,
        }
    }

    /// One past the highest index that is stored.
    pub fn end(&self) -> u32 {
        self.0.last().map_or(0, |&(_, end)| end)
    }

    /// How many ranges there are, each with a gap before the next.
    pub fn spans(&self) -> usize {
        self.0.len()
    }

    /// How many indexes are stored.
    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .map(|&(first, end)| u64::from(end - first))
            .sum()
    }

    /// The holes below the highest stored index: events that never arrived.
    pub fn gaps(&self) -> Vec<(u32, u32)> {
        self.0
            .last()
            .map_or_else(Vec::new, |&(_, end)| self.missing(0, end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn trims_an_overlap() {
        let mut ranges = Ranges::default();
        ranges.insert(10, 20);
        ranges.insert(30, 40);
        assert_eq!(ranges.missing(5, 45), [(5, 10), (20, 30), (40, 45)]);
        assert_eq!(ranges.missing(12, 18), []);
        assert_eq!(ranges.next(), 0);
        ranges.insert(0, 10);
        assert_eq!(ranges.next(), 20);
        assert_eq!(ranges.gaps(), [(20, 30)]);
    }

    proptest! {
        #[test]
        fn agrees_with_a_set(parts in prop::collection::vec((0u32..60, 0u32..20), 0..20), first in 0u32..60, n in 0u32..30) {
            let mut ranges = Ranges::default();
            let mut set = BTreeSet::new();
            for (at, len) in parts {
                ranges.insert(at, at + len);
                set.extend(at..at + len);
            }
            let missing: Vec<u32> = ranges.missing(first, first + n).into_iter().flat_map(|(a, b)| a..b).collect();
            let expected: Vec<u32> = (first..first + n).filter(|i| !set.contains(i)).collect();
            prop_assert_eq!(missing, expected);
            prop_assert_eq!(ranges.count(), set.len() as u64);
            prop_assert_eq!(ranges.next(), (0..=u32::MAX).find(|i| !set.contains(i)).unwrap_or(0));
            let sorted = ranges.0.windows(2).all(|pair| pair[0].1 < pair[1].0);
            prop_assert!(sorted);
        }
    }
}
