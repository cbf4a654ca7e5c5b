//! Texts of a report's own, and what was counted under them.

use crate::analytics::session::{Name, Names};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
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

    /// Takes in what `other` has; `add` makes one of two values.
    pub fn merge(&mut self, other: Self, mut add: impl FnMut(&mut V, V)) {
        for (text, value) in Vec::from(other) {
            if let Some(own) = self.of(&text) {
                add(own, value);
            }
        }
    }
}

impl<V> Table<V> {
    /// Texts with their values, in the order of the texts.
    pub fn all(&self) -> impl Iterator<Item = (&str, &V)> {
        let places = self.places.iter();
        places.filter_map(|(text, place)| Some((text.as_str(), self.values.get(index(*place))?)))
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

/// A place as an index.
pub fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
