//! Texts of a report's own, and what was counted under them.

use crate::analytics::session::{Name, Names};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// Values by text; a text is looked up once a sheet, and then named by its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<(String, V)>", into = "Vec<(String, V)>")]
#[serde(bound(
    serialize = "V: Clone + Serialize",
    deserialize = "V: Deserialize<'de>"
))]
pub struct Table<V> {
    places: BTreeMap<String, u32>,
    values: Vec<V>,
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self {
            places: BTreeMap::new(),
            values: Vec::new(),
        }
    }
}

impl<V: Default> Table<V> {
    /// The place of `text`, which is added if it is not there.
    pub fn place(&mut self, text: &str) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.places.insert(text.to_owned(), place);
        self.values.push(V::default());
        place
    }

    /// The value at a place.
    pub fn at(&mut self, place: u32) -> Option<&mut V> {
        self.values.get_mut(index(place))
    }

    /// The value of `text`.
    pub fn of(&mut self, text: &str) -> Option<&mut V> {
        let place = self.place(text);
        self.at(place)
    }

    /// Takes in what `other` has; `add` makes one of two values. What had a place in `other`
    /// then has the one that is told.
    pub fn merge(&mut self, other: Self, mut add: impl FnMut(&mut V, V)) -> Places {
        let mut places = Places::default();
        for (text, value) in Vec::from(other) {
            let place = self.place(&text);
            places.0.push(place);
            if let Some(own) = self.at(place) {
                add(own, value);
            }
        }
        places
    }
}

impl<V> Table<V> {
    /// Texts with their values, in the order of the texts.
    pub fn all(&self) -> impl Iterator<Item = (&str, &V)> {
        let places = self.places.iter();
        places.filter_map(|(text, place)| Some((text.as_str(), self.values.get(index(*place))?)))
    }

    /// Texts by their places.
    pub fn texts(&self) -> Vec<&str> {
        let mut texts = vec![""; self.values.len()];
        for (text, place) in &self.places {
            if let Some(slot) = texts.get_mut(index(*place)) {
                *slot = text;
            }
        }
        texts
    }

    /// Texts with their places and values, in the order of the texts.
    pub fn placed(&self) -> impl Iterator<Item = (&str, u32, &V)> {
        let places = self.places.iter();
        places.filter_map(|(text, place)| {
            Some((text.as_str(), *place, self.values.get(index(*place))?))
        })
    }

    /// Texts with their values where `weight` is not 0: the heaviest first, then by text.
    pub fn by_weight<W: Ord + Default>(&self, weight: impl Fn(&V) -> W) -> Vec<(&str, &V)> {
        let heavy = |(_, value): &(&str, &V)| weight(value) > W::default();
        let mut all: Vec<(&str, &V)> = self.all().filter(heavy).collect();
        order::sort_by(&mut all, |a, b| {
            Reverse(weight(a.1)).cmp(&Reverse(weight(b.1)))
        });
        all
    }
}

impl<V> From<Vec<(String, V)>> for Table<V> {
    fn from(pairs: Vec<(String, V)>) -> Self {
        let mut table = Self::default();
        for (text, value) in pairs {
            let place = u32::try_from(table.values.len()).unwrap_or(u32::MAX);
            // None is written twice; if one is, the first counts.
            if let Entry::Vacant(free) = table.places.entry(text) {
                free.insert(place);
                table.values.push(value);
            }
        }
        table
    }
}

impl<V> From<Table<V>> for Vec<(String, V)> {
    fn from(table: Table<V>) -> Self {
        let mut texts: Vec<(u32, String)> = Vec::with_capacity(table.places.len());
        texts.extend(table.places.into_iter().map(|(text, place)| (place, text)));
        order::sort_by(&mut texts, |a, b| a.0.cmp(&b.0));
        let texts = texts.into_iter().map(|(_, text)| text);
        texts.zip(table.values).collect()
    }
}

/// Values by two places.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Vec<(u32, u32, V)>", into = "Vec<(u32, u32, V)>")]
#[serde(bound(
    serialize = "V: Clone + Serialize",
    deserialize = "V: Deserialize<'de>"
))]
pub struct Pairs<V>(BTreeMap<(u32, u32), V>);

impl<V> Default for Pairs<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V: Default> Pairs<V> {
    /// The value of a pair.
    pub fn at(&mut self, one: u32, other: u32) -> &mut V {
        self.0.entry((one, other)).or_default()
    }

    /// Takes in what `other` has, whose places have new ones; `add` makes one of two values.
    pub fn merge(
        &mut self,
        other: Self,
        new: impl Fn(u32, u32) -> Option<(u32, u32)>,
        mut add: impl FnMut(&mut V, V),
    ) {
        for ((a, b), value) in other.0 {
            if let Some((a, b)) = new(a, b) {
                add(self.at(a, b), value);
            }
        }
    }
}

impl<V> Pairs<V> {
    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = (u32, u32, &V)> {
        self.0
            .iter()
            .map(|((one, other), value)| (*one, *other, value))
    }

    /// What there is of one place, by the other.
    pub fn of(&self, one: u32) -> impl Iterator<Item = (u32, &V)> {
        let all = self.0.range((one, 0)..=(one, u32::MAX));
        all.map(|((_, other), value)| (*other, value))
    }
}

impl<V> From<Vec<(u32, u32, V)>> for Pairs<V> {
    fn from(list: Vec<(u32, u32, V)>) -> Self {
        Self(order::map(
            list.into_iter().map(|(a, b, value)| ((a, b), value)),
        ))
    }
}

impl<V> From<Pairs<V>> for Vec<(u32, u32, V)> {
    fn from(pairs: Pairs<V>) -> Self {
        let all = pairs.0.into_iter();
        all.map(|((a, b), value)| (a, b, value)).collect()
    }
}

/// Places of the short texts that came last, for those that come with each session: found
/// without comparing texts.
#[derive(Clone, Debug, Default)]
pub struct Recent([Option<(u128, u32)>; Self::SLOTS]);

impl Recent {
    const SLOTS: usize = 16;

    /// The place of `text`, as `find` gives it.
    #[inline]
    pub fn place(&mut self, text: &str, find: impl FnOnce(&str) -> u32) -> u32 {
        let Some(key) = Self::key(text) else {
            return find(text);
        };
        // Of these slots nearly every browser, system and country has one of its own.
        let slot = key.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) >> 124;
        let slot = usize::try_from(slot).unwrap_or_default();
        match self.0.get_mut(slot) {
            Some(Some((known, place))) if *known == key => *place,
            Some(slot) => slot.insert((key, find(text))).1,
            None => find(text),
        }
    }

    /// What no other text has; none of a long one.
    fn key(text: &str) -> Option<u128> {
        let mut key = [0; 16];
        let (length, rest) = key.split_first_mut()?;
        rest.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        *length = u8::try_from(text.len()).ok()?;
        Some(u128::from_le_bytes(key))
    }
}

/// For each text of a sheet, the place of the report's own.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<u32>);

impl Places {
    /// Says for a new sheet where its texts are.
    pub fn fill(&mut self, names: &Names, place: impl FnMut(&str) -> u32) {
        self.0.clear();
        self.0.extend(names.all().map(place));
    }

    /// The own place of a sheet's text; none if the sheet has no such text.
    pub fn of(&self, name: Name) -> Option<u32> {
        self.0.get(index(name)).copied()
    }
}

/// The same for texts that a session may lack: none is counted under the empty text.
#[derive(Clone, Debug, Default)]
pub struct OrNone {
    places: Places,
    /// The place of none, once one was counted.
    none: Option<u32>,
}

impl OrNone {
    /// Says for a new sheet where its texts are.
    pub fn fill(&mut self, names: &Names, place: impl FnMut(&str) -> u32) {
        self.places.fill(names, place);
    }

    /// The place in `own` of a sheet's text, or of none.
    #[inline]
    pub fn of<V: Default>(&mut self, name: Option<Name>, own: &mut Table<V>) -> u32 {
        let known = name.and_then(|name| self.places.of(name));
        known.unwrap_or_else(|| *self.none.get_or_insert_with(|| own.place("")))
    }
}

/// The same for a table of which a report counts few texts of many: a text has a place of the
/// report's own with the first time that it is counted. So what a filter or a page leaves out
/// takes no room, in memory or where a report is kept.
#[derive(Clone, Debug, Default)]
pub struct Lazy {
    /// The sheet's texts: sessions that are counted have none of their own.
    texts: Names,
    places: Vec<Option<u32>>,
}

impl Lazy {
    /// Says for a new sheet what its texts are.
    pub fn fill(&mut self, names: &Names) {
        self.texts.clone_from(names);
        self.places.clear();
        self.places.resize(self.texts.all().len(), None);
    }

    /// The place in `own` of a sheet's text; none if the sheet has no such text.
    pub fn of<V: Default>(&mut self, name: Name, own: &mut Table<V>) -> Option<u32> {
        let place = self.places.get_mut(index(name))?;
        if place.is_none() {
            *place = Some(own.place(self.texts.text(name)));
        }
        *place
    }
}

/// A place as an index.
pub fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_recent_text_has_the_place_that_was_found(texts in prop::collection::vec("[ab\u{0}ä]{0,18}", 0..60)) {
            let (mut recent, mut table) = (Recent::default(), Table::<u8>::default());
            for text in &texts {
                let place = recent.place(text, |text| table.place(text));
                prop_assert_eq!(place, table.place(text));
            }
        }

        #[test]
        fn short_texts_have_keys_of_their_own(one in "[ab\u{0}]{0,15}", other in "[ab\u{0}]{0,15}") {
            let (a, b) = (Recent::key(&one), Recent::key(&other));
            prop_assert!(a.is_some() && b.is_some());
            prop_assert_eq!(a == b, one == other);
            let long = alloc::format!("{one}{other}0123456789abcdef");
            prop_assert_eq!(Recent::key(&long), None);
        }
    }
}
