//! One custom event: on which days of UTC it came how often and with which numbers, and its
//! latest occurrences.
//!
//! An event belongs to the day on which it came, by the edge's clock, whenever its session
//! began.

use super::{Number, number_of, numbers, rounded, with};
use crate::analytics::report::keys::{Pairs, Places, index};
use crate::analytics::report::spread::Spread;
use crate::analytics::report::{Behind, Example, Examples, Who};
use crate::analytics::session::{Mark, Names};
use crate::day::DAY;
use crate::filter::Filter;
use crate::id::Millis;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// So many occurrences are told.
pub const OCCURRENCES: usize = 100;

/// What is known of the event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct One {
    /// Its tag.
    pub event: String,
    /// How often it came.
    pub count: u64,
    /// Sessions that it came in.
    pub sessions: u64,
    /// They, at the first time that it came.
    pub behind: Behind,
    /// Days on which it came, in order.
    pub days: Vec<Day>,
    /// The latest first, at most [`OCCURRENCES`] of them.
    pub occurrences: Vec<Occurrence>,
}

/// A day on which the event came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Day {
    /// When it begins, UTC, ms since the epoch.
    pub from: Millis,
    /// How often it came.
    pub count: u64,
    /// Numbers that came with it, by name.
    pub numbers: Vec<Number>,
    /// Sessions that it came in on that day, at the first time. The list is of those that
    /// began before its end: a list does not know when in a session an event came.
    pub behind: Behind,
}

/// The event came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    /// When, ms since the epoch.
    pub at: Millis,
    /// Where it is seen.
    pub moment: Example,
    /// Numbers that came with it, by name.
    pub numbers: Vec<Given>,
}

/// A number that came with an occurrence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// How the page calls it.
    pub name: String,
    /// What it was.
    pub value: f64,
}

/// What is counted of the event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Chosen {
    tag: String,
    /// By the number of the day.
    days: BTreeMap<u32, Came>,
    /// By the number of the day, and the place of the number's name.
    values: Pairs<Spread>,
    /// The latest first.
    latest: Vec<Kept>,
    /// What the sheet calls it.
    #[serde(skip)]
    name: Option<u32>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Came {
    times: u64,
    examples: Examples,
}

/// An occurrence, its numbers as they are counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    when: Millis,
    moment: Example,
    /// Which of the session's marks: of one moment there can be several.
    which: u32,
    values: Vec<(u32, u64)>,
}

impl Kept {
    /// No two have the same; the latest is the least.
    fn key(&self) -> Reverse<(Millis, Millis, u32, u32)> {
        Reverse((self.when, self.moment.started, self.moment.rank, self.which))
    }
}

/// An occurrence whose numbers are being counted.
pub(super) struct New {
    day: u32,
    /// If it is one of the latest.
    kept: Option<Kept>,
}

/// The number of the day.
fn day(when: Millis) -> u32 {
    u32::try_from(when / DAY).unwrap_or(u32::MAX)
}

impl Chosen {
    /// Nothing of the event yet.
    pub(super) fn new(tag: String) -> Self {
        Self {
            tag,
            ..Self::default()
        }
    }

    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// The texts of a sheet.
    pub(super) fn names(&mut self, names: &Names) {
        let place = names.all().position(|text| text == self.tag);
        self.name = place.and_then(|place| u32::try_from(place).ok());
    }

    /// Counts a mark, the `which`th of its session, if it is this event; its numbers follow.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn add(&mut self, who: &Who<'_>, mark: &Mark, which: u32, tab: u32) -> Option<New> {
        if self.name != Some(mark.tag) {
            return None;
        }
        let when = who.started.saturating_add(mark.at.into());
        let day = day(when);
        let came = self.days.entry(day).or_default();
        came.times += 1;
        came.examples.add(who, mark.at, tab);
        let new = Kept {
            when,
            moment: Example::of(who, mark.at, tab),
            which,
            values: Vec::new(),
        };
        let kept = (self.place(&new) < OCCURRENCES).then_some(new);
        Some(New { day, kept })
    }

    /// Counts a number that came with it.
    pub(super) fn number(&mut self, new: &mut New, name: u32, value: u64) {
        self.values.at(new.day, name).add(value);
        if let Some(kept) = &mut new.kept {
            kept.values.push((name, value));
        }
    }

    /// Ends what [`Self::add`] began.
    pub(super) fn take(&mut self, new: New) {
        if let Some(kept) = new.kept {
            self.keep(kept);
        }
    }

    /// How many of the latest are later.
    fn place(&self, new: &Kept) -> usize {
        let key = new.key();
        self.latest.partition_point(|kept| kept.key() < key)
    }

    /// Keeps an occurrence if it is one of the latest.
    fn keep(&mut self, new: Kept) {
        let place = self.place(&new);
        if place < OCCURRENCES {
            self.latest.truncate(OCCURRENCES - 1);
            self.latest.insert(place, new);
        }
    }

    /// Counts what `other` counted, the names of whose numbers have new places.
    pub(super) fn merge(&mut self, other: Self, places: &Places) {
        for (day, came) in other.days {
            let own = self.days.entry(day).or_default();
            own.times += came.times;
            own.examples.merge(came.examples);
        }
        let place = |day, name| Some((day, places.of(name)?));
        self.values.merge(other.values, place, Spread::merge);
        for mut occurrence in other.latest {
            let values = occurrence.values.into_iter();
            let values = values.filter_map(|(name, value)| Some((places.of(name)?, value)));
            occurrence.values = values.collect();
            self.keep(occurrence);
        }
    }

    /// In order; `texts` are the names of numbers.
    pub(super) fn days(&self, texts: &[&str]) -> Vec<Day> {
        let days = self.days.iter();
        days.map(|(day, came)| {
            let from = Millis::from(*day) * DAY;
            let narrow = Filter {
                before: Some(from.saturating_add(DAY)),
                ..with(&self.tag)
            };
            Day {
                from,
                count: came.times,
                numbers: numbers(&self.values, *day, texts),
                behind: Behind::new(narrow, &came.examples),
            }
        })
        .collect()
    }

    /// The latest first; `texts` are the names of numbers.
    pub(super) fn occurrences(&self, texts: &[&str]) -> Vec<Occurrence> {
        let given = |(name, value): &(u32, u64)| Given {
            name: texts
                .get(index(*name))
                .copied()
                .unwrap_or_default()
                .to_owned(),
            value: rounded(number_of(*value)),
        };
        let latest = self.latest.iter();
        latest
            .map(|kept| {
                let mut numbers: Vec<Given> = kept.values.iter().map(given).collect();
                order::sort_by(&mut numbers, |a, b| a.name.cmp(&b.name));
                Occurrence {
                    at: kept.when,
                    moment: kept.moment,
                    numbers,
                }
            })
            .collect()
    }
}
