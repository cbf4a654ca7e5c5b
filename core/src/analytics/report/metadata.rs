//! Metadata: which keys pages gave to `setMetadata`, with which values, in how many sessions.
//!
//! Of a session rows know at most [`MAX_META`](crate::digest::MAX_META) keys, each with the
//! value that was told last; more is not known here. Each value is one that sessions can be
//! filtered by.

use super::keys::{Pairs, Table, index};
use super::overview::{Counted, Counts, List};
use super::{Behind, Limit, Told, Who};
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    top: Limit,
    sessions: u64,
    /// Of them, those of which something was told.
    told: u64,
    keys: Table<Counted>,
    values: Table<()>,
    /// By key and value.
    pairs: Pairs<Counted>,
    /// The places of keys and values of the sheet's lists that came already.
    #[serde(skip)]
    lists: BTreeMap<usize, Vec<(u32, u32)>>,
    /// Those of the session that is counted, where it is in no sheet.
    #[serde(skip)]
    row: Vec<(u32, u32)>,
}

/// Keys, those of the most sessions first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All sessions, also those of which nothing was told.
    pub sessions: u64,
    /// Those of which something was told.
    pub told: u64,
    /// As far as they were asked for.
    pub keys: Vec<Key>,
    /// How many others there are.
    pub others: u64,
}

/// A key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it is.
    pub key: String,
    /// Of its sessions.
    pub counts: Counts,
    /// Some of them. (No filter asks for a key with any value.)
    pub behind: Behind,
    /// Its values.
    pub values: List,
}

impl Report {
    /// An empty one.
    pub fn new(top: Limit) -> Self {
        Self {
            top,
            ..Self::default()
        }
    }

    fn key(&self, texts: &[&str], (key, place, counted): (&str, u32, &Counted)) -> Key {
        let values = self.pairs.of(place).map(|(place, counted)| {
            let text = texts.get(index(place)).copied().unwrap_or_default();
            (text, counted)
        });
        let mut values: Vec<(&str, &Counted)> = values.collect();
        order::sort_by(&mut values, |(a, one), (b, other)| {
            let by_count = Reverse(one.counts.sessions).cmp(&Reverse(other.counts.sessions));
            by_count.then_with(|| a.cmp(b))
        });
        let values = List::of(self.top, values, |value| {
            let mut narrow = Filter::default();
            narrow.meta.insert(key.to_owned(), value.to_owned());
            narrow
        });
        Key {
            key: key.to_owned(),
            counts: counted.counts,
            behind: Behind::new(Filter::default(), &counted.examples),
            values,
        }
    }
}

/// The places of what was told.
fn places(
    told: Told<'_>,
    keys: &mut Table<Counted>,
    values: &mut Table<()>,
    into: &mut Vec<(u32, u32)>,
) {
    told.each(|key, value| into.push((keys.place(key), values.place(value))));
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[]
    }

    fn reads_who(&self) -> bool {
        true
    }

    fn names(&mut self, _names: &[&Names; 7]) {
        self.lists.clear();
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, _session: &Session) {
        self.sessions += 1;
        let (keys, values) = (&mut self.keys, &mut self.values);
        let pairs = if let Some(list) = who.told.list() {
            self.lists.entry(list).or_insert_with(|| {
                let mut pairs = Vec::new();
                places(who.told, keys, values, &mut pairs);
                pairs
            })
        } else {
            self.row.clear();
            places(who.told, keys, values, &mut self.row);
            &mut self.row
        };
        if pairs.is_empty() {
            return;
        }
        self.told += 1;
        let counts = Counts::of(who);
        for (key, value) in pairs.iter() {
            if let Some(counted) = self.keys.at(*key) {
                counted.add(who, counts);
            }
            self.pairs.at(*key, *value).add(who, counts);
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.told += other.told;
        let keys = self.keys.merge(other.keys, Counted::merge);
        let values = self.values.merge(other.values, |(), ()| ());
        let places = |key, value| Some((keys.of(key)?, values.of(value)?));
        self.pairs.merge(other.pairs, places, Counted::merge);
    }

    fn answer(&self) -> Answer {
        let mut keys: Vec<_> = self.keys.placed().collect();
        order::sort_by(&mut keys, |a, b| {
            Reverse(a.2.counts.sessions).cmp(&Reverse(b.2.counts.sessions))
        });
        let (keys, others) = self.top.split(keys);
        let texts = self.values.texts();
        Answer {
            sessions: self.sessions,
            told: self.told,
            keys: keys.into_iter().map(|key| self.key(&texts, key)).collect(),
            others: others.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests;
