//! Sorting and sorted maps, in code that is there once.
//!
//! The sort of the standard library is there once for each kind of thing that is sorted,
//! and so it is in a map that is made of a list: 6 KB of the worker each. Here only places
//! are sorted, by one such sort, and the things are then moved.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// Sorts `items`; what is equal stays in its order.
pub fn sort_by<T>(items: &mut [T], mut order: impl FnMut(&T, &T) -> Ordering) {
    let places = {
        let mut by = |a: usize, b: usize| match (items.get(a), items.get(b)) {
            (Some(a), Some(b)) => order(a, b),
            _ => Ordering::Equal,
        };
        sorted(items.len(), &mut by)
    };
    arrange(items, places);
}

/// The map of `pairs`; of two with one key the later one counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// The set of `items`.
pub fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// The places of `count` things in their order.
fn sorted(count: usize, by: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_unstable_by(|a, b| by(*a, *b).then_with(|| a.cmp(b)));
    places
}

/// Moves to each place what lies at the place that is written there, around each circle of
/// places once.
fn arrange<T>(items: &mut [T], mut places: Vec<usize>) {
    for start in 0..places.len() {
        let mut at = start;
        while let Some(place) = places.get_mut(at) {
            let from = mem::replace(place, at);
            if from == at || from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(
            given in prop::collection::vec((0_u8..20, any::<u16>()), 0..200),
        ) {
            let mut expected = given.clone();
            expected.sort_by_key(|(key, _)| *key);
            let mut found = given;
            sort_by(&mut found, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn maps_and_sets_are_those_of_the_standard_library(
            given in prop::collection::vec((0_u8..20, any::<u16>()), 0..50),
        ) {
            prop_assert_eq!(map(given.clone()), given.iter().copied().collect());
            prop_assert_eq!(set(given.clone()), given.into_iter().collect());
        }
    }
}
