//! How often each text came, in how many sessions, and which.

use super::keys::{Lazy, Places, Table};
use super::{Examples, Limit, Who};
use crate::analytics::session::{Name, Names};
use crate::id::Millis;
use crate::order;
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
    places: Lazy,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Count {
    times: u64,
    sessions: u64,
    examples: Examples,
    /// Which session was counted last.
    #[serde(skip)]
    seen: Option<(Millis, u32)>,
}

impl Count {
    fn tallied((text, place, count): (&str, u32, &Self)) -> Tallied {
        Tallied {
            text: text.to_owned(),
            place,
            times: count.times,
            sessions: count.sessions,
            examples: count.examples.clone(),
        }
    }
}

/// What was counted of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tallied {
    pub(super) text: String,
    /// Its place, see [`Tally::add`].
    pub(super) place: u32,
    pub(super) times: u64,
    pub(super) sessions: u64,
    pub(super) examples: Examples,
}

impl Tally {
    /// The texts of a sheet.
    pub(super) fn names(&mut self, names: &Names) {
        self.places.fill(names);
    }

    /// Counts a text of the sheet, at that moment of a session; tells the text's own place, and
    /// none if the sheet has no such text. All of a session come one after the other.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn add(&mut self, name: Name, who: &Who<'_>, at: u32, tab: u32) -> Option<u32> {
        let place = self.places.of(name, &mut self.texts)?;
        let count = self.texts.at(place)?;
        count.times += 1;
        count.examples.add(who, at, tab);
        if count.seen != Some((who.started, who.rank)) {
            count.seen = Some((who.started, who.rank));
            count.sessions += 1;
        }
        Some(place)
    }

    /// Counts what `other` counted. What had a place there then has the one that is told.
    pub(super) fn merge(&mut self, other: Self) -> Places {
        self.texts.merge(other.texts, |own, other| {
            own.times += other.times;
            own.sessions += other.sessions;
            own.examples.merge(other.examples);
        })
    }

    /// How often any text came.
    pub(super) fn times(&self) -> u64 {
        self.texts.all().map(|(_, count)| count.times).sum()
    }

    /// The most frequent, as many as asked for; and of the others how many there are and how
    /// often they came.
    pub(super) fn most(&self, top: Limit) -> (Vec<Tallied>, (u64, u64)) {
        let mut all: Vec<_> = self.texts.placed().collect();
        // What an earlier version kept may have texts that were not counted.
        all.retain(|(.., count)| count.times > 0);
        order::sort_by(&mut all, |a, b| b.2.times.cmp(&a.2.times));
        let (most, others) = top.split(all);
        let rest = others.iter().fold((0, 0), |(rows, times), (.., count)| {
            (rows + 1, times + count.times)
        });
        let most = most.into_iter();
        (most.map(Count::tallied).collect(), rest)
    }

    /// What was counted of one text; none if it did not come.
    pub(super) fn of(&self, text: &str) -> Option<Tallied> {
        let mut all = self.texts.placed();
        let found = all.find(|(other, _, count)| *other == text && count.times > 0);
        found.map(Count::tallied)
    }
}
