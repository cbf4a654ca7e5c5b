//! When the visitor was active: the times of what only a visitor does, as bursts.
//!
//! **Invariant**: what is kept depends on the times alone, not on the order in which they
//! came. How far apart two times of one burst may be follows from the span of all of them,
//! which only grows; and bursts that were told apart before are told apart less, so joining
//! late gives what joining early gives.

use crate::id::Millis;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Times that are no further apart are of one burst, ms.
pub const GAP: Millis = 5_000;

/// Gaps that the span of all bursts may be as long as; in a longer one, 2 h 50 min, gaps are
/// twice as long, and so on. So there are never more bursts than this and one.
const MAX_GAPS: Millis = 2_048;

/// Times as bursts: first and last of each, in order, ms since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bursts(Vec<(Millis, Millis)>);

impl Bursts {
    /// The bursts of some times, in any order.
    pub fn of(times: impl IntoIterator<Item = Millis>) -> Self {
        Self::joined(times.into_iter().map(|at| (at, at)).collect())
    }

    fn joined(mut spans: Vec<(Millis, Millis)>) -> Self {
        spans.sort_unstable();
        let first = spans.first().map_or(0, |(from, _)| *from);
        let last = spans.iter().map(|(_, to)| *to).max().unwrap_or(first);
        let mut gap = GAP;
        while (last - first) / gap > MAX_GAPS {
            gap *= 2;
        }
        let mut bursts: Vec<(Millis, Millis)> = Vec::new();
        for (from, to) in spans {
            match bursts.last_mut() {
                Some((_, end)) if from <= end.saturating_add(gap) => *end = (*end).max(to),
                _ => bursts.push((from, to)),
            }
        }
        Self(bursts)
    }

    /// Adds others.
    pub fn merge(&mut self, other: Self) {
        let mut spans = core::mem::take(&mut self.0);
        spans.extend(other.0);
        *self = Self::joined(spans);
    }

    /// How long all of them lasted, ms.
    pub fn total(&self) -> Millis {
        self.0.iter().map(|(from, to)| to - from).sum()
    }

    /// First and last time of each, in order.
    pub fn spans(&self) -> impl Iterator<Item = (Millis, Millis)> {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As numbers: how long after the end of the one before a burst begins, and how long it is.
impl Serialize for Bursts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut end = 0;
        let numbers = self.0.iter().flat_map(|&(from, to)| {
            let pair = [from - end, to - from];
            end = to;
            pair
        });
        serializer.collect_seq(numbers)
    }
}

impl<'de> Deserialize<'de> for Bursts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numbers = Vec::<Millis>::deserialize(deserializer)?;
        let mut end: Millis = 0;
        let spans = numbers.as_chunks::<2>().0.iter().map(|[after, length]| {
            let from = end.saturating_add(*after);
            end = from.saturating_add(*length);
            (from, end)
        });
        Ok(Self::joined(spans.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_near_is_one() {
        let at_the_edge = Bursts::of([10_000, 15_000, 1_000, 20_001]);
        assert_eq!(
            at_the_edge.0,
            [(1_000, 1_000), (10_000, 15_000), (20_001, 20_001)]
        );
        assert_eq!(at_the_edge.total(), 5_000);
        assert_eq!(Bursts::of([]).total(), 0);
    }

    #[test]
    fn a_long_visit_has_longer_gaps_and_no_more_bursts() {
        let long = GAP * MAX_GAPS;
        let exact = Bursts::of((0..=long).step_by(5_001));
        assert_eq!((exact.len(), exact.total()), (2_048, 0));
        let longer = Bursts::of([0, 10_000, long + GAP]);
        assert_eq!(longer.total(), 10_000);
        let hostile = Bursts::of((0..10_000).map(|at| at * 864_000_000_000));
        assert!(hostile.len() <= 2_049, "{}", hostile.len());
    }

    fn any() -> impl Strategy<Value = Bursts> {
        let near = prop::collection::vec(0u64..60_000, 0..9);
        let far = prop::collection::vec(0u64..50_000_000, 0..9);
        prop_oneof![near, far].prop_map(Bursts::of)
    }

    fn merged(mut a: Bursts, b: Bursts) -> Bursts {
        a.merge(b);
        a
    }

    proptest! {
        #[test]
        fn is_a_commutative_monoid(a in any(), b in any(), c in any()) {
            prop_assert_eq!(merged(a.clone(), b.clone()), merged(b.clone(), a.clone()));
            prop_assert_eq!(merged(merged(a.clone(), b.clone()), c.clone()), merged(a.clone(), merged(b, c)));
            prop_assert_eq!(merged(a.clone(), Bursts::default()), a);
        }

        #[test]
        fn is_the_same_however_it_is_cut(times in prop::collection::vec(0u64..30_000_000, 0..40), at in 0usize..40) {
            let (a, b) = times.split_at(at.min(times.len()));
            let cut = merged(Bursts::of(a.to_vec()), Bursts::of(b.to_vec()));
            prop_assert_eq!(cut, Bursts::of(times));
        }

        #[test]
        fn comes_back_from_json(bursts in any()) {
            let json = serde_json::to_string(&bursts).unwrap();
            prop_assert_eq!(serde_json::from_str::<Bursts>(&json).unwrap(), bursts);
        }
    }
}
