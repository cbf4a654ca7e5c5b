//! How often each text came, in how many sessions, and which.

use super::keys::{Places, Table};
use super::{Example, Examples, Limit, Who};
use crate::analytics::session::{Name, Names};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Tally {
    texts: Table<Count>,
    #[serde(skip)]
    places: Places,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Count {
    times: u64,
    sessions: u64,
    examples: Examples,
    /// Which session was counted last.
    #[serde(skip)]
    seen: Option<(u64, u32)>,
}

/// What was counted of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) text: String,
    pub(super) times: u64,
    pub(super) sessions: u64,
    pub(super) examples: Examples,
}

impl Tally {
    /// The texts of a sheet.
    pub(super) fn names(&mut self, names: &Names) {
        let texts = &mut self.texts;
        self.places.fill(names, |text| texts.place(text));
    }

    /// Counts a text of the sheet, at that moment of a session. All of a session come one
    /// after the other.
    pub(super) fn add(&mut self, name: Name, who: &Who<'_>, at: u32, tab: u32) {
        let place = self.places.of(name);
        let Some(count) = place.and_then(|place| self.texts.at(place)) else {
            return;
        };
        count.times += 1;
        count.examples.add(who, at, tab);
        let Example { started, rank, .. } = Example::of(who, at, tab);
        if count.seen != Some((started, rank)) {
            count.seen = Some((started, rank));
            count.sessions += 1;
        }
    }

    /// Counts what `other` counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.texts.merge(other.texts, |own, other| {
            own.times += other.times;
            own.sessions += other.sessions;
            own.examples.merge(other.examples);
        });
    }

    /// The most frequent, as many as asked for; and of the others how many there are and how
    /// often they came.
    pub(super) fn most(&self, top: Limit) -> (Vec<Counted>, (u64, u64)) {
        let (most, others) = top.split(self.texts.by_weight(|count| count.times));
        let rest = others.iter().fold((0, 0), |(rows, times), (_, count)| {
            (rows + 1, times + count.times)
        });
        let most = most.into_iter().map(|(text, count)| Counted {
            text: text.to_owned(),
            times: count.times,
            sessions: count.sessions,
            examples: count.examples.clone(),
        });
        (most.collect(), rest)
    }
}
