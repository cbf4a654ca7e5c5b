//! How values are distributed, exactly.

use alloc::vec::Vec;
use core::mem;
use serde::{Deserialize, Serialize};

/// So many values are kept as they come before they are counted.
const LOOSE: usize = 64;

/// Where one in so many values came at least, all are counted by their place: no memory to
/// speak of beside what a list of them takes, and nothing to sort.
const SPARSE: usize = 4;

/// So are they where this many times as much was counted: two bytes for each time.
const FREQUENT: u64 = 4;

/// How often each value came. Nothing is rounded and nothing left out, so percentiles are
/// exact; its size is that of the values that differ.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<(u64, u64)>", into = "Vec<(u64, u64)>")]
pub struct Spread {
    /// How often each value from 0 on came, as far as they are [dense](SPARSE).
    dense: Vec<u64>,
    /// The values behind those, in order, none twice.
    counts: Vec<(u64, u64)>,
    /// Values that are not in there yet.
    loose: Vec<u64>,
    /// How many were counted.
    times: u64,
}

impl Spread {
    /// Counts a value.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub fn add(&mut self, value: u64) {
        self.times += 1;
        let place = usize::try_from(value).unwrap_or(usize::MAX);
        if let Some(count) = self.dense.get_mut(place) {
            *count += 1;
            return;
        }
        self.loose.push(value);
        // As long as what it is merged with, so that each value is moved a few times only.
        if self.loose.len() >= LOOSE.max(self.counts.len()) {
            self.settle();
        }
    }

    /// Counts all that `other` has counted.
    pub fn merge(&mut self, other: Self) {
        let all = merged(mem::take(self).into(), other.into());
        *self = Self::of(all);
    }

    /// What it counted.
    pub fn counted(&self) -> Counted {
        Counted(self.clone().into())
    }

    /// Of values in order, none twice.
    fn of(counts: Vec<(u64, u64)>) -> Self {
        let times = counts.iter().map(|(_, times)| times);
        let mut spread = Self {
            times: times.fold(0, |sum, times| sum.saturating_add(*times)),
            counts,
            ..Self::default()
        };
        spread.condense();
        spread
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn settle(&mut self) {
        if self.loose.is_empty() {
            return;
        }
        self.loose.sort_unstable();
        let mut new: Vec<(u64, u64)> = Vec::new();
        for value in self.loose.drain(..) {
            match new.last_mut() {
                Some((last, count)) if *last == value => *count += 1,
                _ => new.push((value, 1)),
            }
        }
        let counts = mem::take(&mut self.counts);
        self.counts = merged(counts, new);
        self.condense();
    }

    /// Counts by place as many of the values as are dense.
    fn condense(&mut self) {
        let begun = self.dense.len() / SPARSE;
        let frequent = usize::try_from(self.times / FREQUENT).unwrap_or(usize::MAX);
        let places = (begun + 1..).zip(&self.counts);
        let dense = places.filter_map(|(count, (value, _))| {
            let end = usize::try_from(*value).ok()?.checked_add(1)?;
            let is_dense = end <= count.saturating_mul(SPARSE).max(frequent);
            is_dense.then_some((end, count - begun))
        });
        let Some((end, taken)) = dense.last() else {
            return;
        };
        self.dense.resize(end, 0);
        for (value, times) in self.counts.drain(..taken) {
            let place = usize::try_from(value).unwrap_or(usize::MAX);
            if let Some(count) = self.dense.get_mut(place) {
                *count = count.saturating_add(times);
            }
        }
    }
}

/// Both lists as one in order.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn merged(one: Vec<(u64, u64)>, other: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    if one.is_empty() {
        return other;
    }
    let mut all = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    loop {
        let next = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) if a.0 == b.0 => {
                let count = b.1;
                other.next();
                one.next()
                    .map(|(value, first)| (value, first.saturating_add(count)))
            }
            (Some(a), Some(b)) if a.0 > b.0 => other.next(),
            (None, _) => other.next(),
            _ => one.next(),
        };
        let Some(next) = next else { return all };
        all.push(next);
    }
}

impl From<Vec<(u64, u64)>> for Spread {
    fn from(pairs: Vec<(u64, u64)>) -> Self {
        let mut counts: Vec<(u64, u64)> = Vec::with_capacity(pairs.len());
        for pair in pairs {
            // As it was written they are in order, which is cheap to hold to.
            match counts.last() {
                Some(last) if last.0 >= pair.0 => counts = merged(counts, [pair].into()),
                _ => counts.push(pair),
            }
        }
        Self::of(counts)
    }
}

impl From<Spread> for Vec<(u64, u64)> {
    fn from(mut spread: Spread) -> Self {
        spread.settle();
        let dense = (0_u64..).zip(spread.dense);
        let mut all: Self = dense.filter(|(_, count)| *count > 0).collect();
        all.append(&mut spread.counts);
        all
    }
}

/// Values in order, each with how often it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted(pub Vec<(u64, u64)>);

impl Counted {
    /// How many values.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// The value below or at which `percent` of all values lie, by nearest rank: the
    /// smallest that is not less than so many of them. None without a value.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        let count = u128::from(self.count());
        let rank = (count * u128::from(percent)).div_ceil(100).max(1);
        let mut below = 0;
        self.0.iter().find_map(|(value, count)| {
            below += u128::from(*count);
            (below >= rank).then_some(*value)
        })
    }

    /// The sum of all values, divided by their count and rounded half up. None without one.
    pub fn mean(&self) -> Option<u64> {
        let values = self.0.iter();
        let sum: u128 = values
            .map(|(value, count)| u128::from(*value) * u128::from(*count))
            .sum();
        mean(sum, self.count())
    }
}

/// `sum` divided by `count`, rounded half up; none of nothing.
pub fn mean(sum: u128, count: u64) -> Option<u64> {
    let count = u128::from(count);
    let twice = sum.saturating_mul(2).saturating_add(count);
    let mean = twice.checked_div(count.saturating_mul(2))?;
    u64::try_from(mean).ok()
}

/// How many of 1 000 `part` is of `whole`, rounded half up; none of nothing.
pub fn permille(part: u64, whole: u64) -> Option<u32> {
    let share = mean(u128::from(part) * 1_000, whole)?;
    u32::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let spread = |values: &[u64]| {
            let mut spread = Spread::default();
            for value in values {
                spread.add(*value);
            }
            spread.counted()
        };
        let four = spread(&[4, 1, 3, 2]);
        for (percent, value) in [
            (0, 1),
            (25, 1),
            (26, 2),
            (50, 2),
            (75, 3),
            (76, 4),
            (100, 4),
        ] {
            assert_eq!(four.percentile(percent), Some(value), "{percent}");
        }
        assert_eq!(four.mean(), Some(3));
        assert_eq!(spread(&[7]).percentile(50), Some(7));
        assert_eq!(spread(&[]).percentile(50), None);
        assert_eq!(spread(&[]).mean(), None);
    }

    #[test]
    fn shares_are_rounded_half_up() {
        for (part, whole, share) in [
            (0, 0, None),
            (0, 3, Some(0)),
            (1, 3, Some(333)),
            (2, 3, Some(667)),
            (1, 2_000, Some(1)),
            (1, 2_001, Some(0)),
            (3, 3, Some(1_000)),
        ] {
            assert_eq!(permille(part, whole), share, "{part}/{whole}");
        }
    }

    #[test]
    fn dense_values_are_counted_by_place() {
        let spread = |pairs: &[(u64, u64)]| Spread::from(pairs.to_vec());
        // One in four, and one less than that.
        for (last, dense, listed) in [(7, 8, 0), (8, 1, 1)] {
            let spread = spread(&[(0, 1), (last, 1)]);
            assert_eq!((spread.dense.len(), spread.counts.len()), (dense, listed));
            assert_eq!(spread.counted().0, [(0, 1), (last, 1)]);
        }
        // One value of so many, and of one less.
        for (times, dense) in [(4 * 301, 301), (4 * 301 - 1, 0)] {
            let often = spread(&[(300, times)]);
            assert_eq!(often.dense.len(), dense);
            assert_eq!(often.counted().0, [(300, times)]);
        }
        let far = spread(&[(u64::MAX, 3)]);
        assert!(far.dense.is_empty());
        assert_eq!(far.counted().0, [(u64::MAX, 3)]);
    }

    proptest! {
        #[test]
        fn counts_like_a_sorted_list(
            parts in prop::collection::vec(prop::collection::vec(0_u64..300, 0..300), 0..4),
            percent in 0_u64..=100,
        ) {
            let mut all: Vec<u64> = parts.concat();
            all.sort_unstable();
            let mut whole = Spread::default();
            for part in parts {
                let mut spread = Spread::default();
                for value in part {
                    spread.add(value);
                }
                let written = serde_json::to_vec(&spread).unwrap();
                whole.merge(serde_json::from_slice(&written).unwrap());
            }
            let counted = whole.counted();
            prop_assert_eq!(counted.count(), all.len() as u64);
            let rank = (all.len() * usize::try_from(percent).unwrap()).div_ceil(100).max(1);
            prop_assert_eq!(counted.percentile(percent), all.get(rank - 1).copied());
        }
    }
}
