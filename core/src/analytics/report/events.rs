//! Custom events: how often each came, in how many sessions, and what the numbers say that
//! pages gave with it.
//!
//! Numbers are kept as they are: percentiles are exact, by nearest rank, and a sum is always
//! taken from the smallest number on, so that it does not depend on who counted what. In the
//! answer they are rounded to thousandths.
//!
//! Asked about one event, it tells its days and its latest occurrences, too: see [`one`].

pub mod one;

use super::keys::{Lazy, Pairs, Table, index};
use super::spread::{Counted, Spread};
use super::tally::{Tallied, Tally};
use super::{Behind, Limit, Who};
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use one::{Chosen, One};
use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Of which event days and occurrences are told; of none if it is not said.
    pub tag: Option<String>,
    /// So many tags.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    top: Limit,
    sessions: u64,
    events: Tally,
    numbers: Table<()>,
    /// By event and name.
    values: Pairs<Spread>,
    /// The event that was asked about. (Without one, it is written as it was before one could
    /// be asked about.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<Chosen>,
    #[serde(skip)]
    number_places: Lazy,
}

/// Events, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// All sessions, also those without any.
    pub sessions: u64,
    /// All events.
    pub count: u64,
    /// Events by tag, as far as they were asked for.
    pub rows: Vec<Row>,
    /// How many other tags there are.
    pub others: u64,
    /// How often they came.
    pub others_count: u64,
    /// The event that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one: Option<Box<One>>,
}

/// A tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The tag.
    pub event: String,
    /// How often it came.
    pub count: u64,
    /// Sessions that it came in.
    pub sessions: u64,
    /// Numbers that came with it, by name.
    pub numbers: Vec<Number>,
    /// Sessions that it came in, at the first.
    pub behind: Behind,
}

/// A number that comes with an event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// How the page calls it.
    pub name: String,
    /// How often it came.
    pub count: u64,
    /// All together.
    pub sum: f64,
    /// On average.
    pub mean: f64,
    /// The smallest.
    pub min: f64,
    /// Half are not above this.
    pub p50: f64,
    /// Nine of ten are not above this.
    pub p90: f64,
    /// The largest.
    pub max: f64,
}

impl Report {
    /// An empty one, about all events.
    pub fn new(top: Limit) -> Self {
        Self {
            top,
            ..Self::default()
        }
    }

    /// An empty one.
    pub fn asked(asked: Asked) -> Self {
        Self {
            chosen: asked.tag.map(Chosen::new),
            ..Self::new(asked.top)
        }
    }

    /// What there is to say of the event that was asked about.
    fn one(&self, chosen: &Chosen, texts: &[&str]) -> One {
        let found = self.events.of(chosen.tag());
        let behind = |event: &Tallied| Behind::new(with(chosen.tag()), &event.examples);
        One {
            event: chosen.tag().to_owned(),
            count: found.as_ref().map_or(0, |event| event.times),
            sessions: found.as_ref().map_or(0, |event| event.sessions),
            behind: found.as_ref().map(behind).unwrap_or_default(),
            days: chosen.days(texts),
            occurrences: chosen.occurrences(texts),
        }
    }
}

/// Sessions in which an event of that tag came.
fn with(tag: &str) -> Filter {
    Filter {
        event: Some(tag.to_owned()),
        ..Filter::default()
    }
}

/// The numbers of `one`, an event or a day, by name.
fn numbers(values: &Pairs<Spread>, one: u32, texts: &[&str]) -> Vec<Number> {
    let numbers = values.of(one).filter_map(|(name, spread)| {
        let name = texts.get(index(name)).copied().unwrap_or_default();
        number(name, &spread.counted())
    });
    let mut numbers: Vec<Number> = numbers.collect();
    order::sort_by(&mut numbers, |a, b| a.name.cmp(&b.name));
    numbers
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Marks]
    }

    fn names(&mut self, [_, _, _, _, _, marks, _]: &[&Names; 7]) {
        self.events.names(marks);
        self.number_places.fill(marks);
        if let Some(chosen) = &mut self.chosen {
            chosen.names(marks);
        }
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        let marks = (0..).zip(&session.marks);
        for (which, mark) in marks.filter(|(_, mark)| !mark.is_error) {
            let tab = session.visits.get(index(mark.visit));
            let tab = tab.map_or(0, |visit| visit.tab);
            let Some(place) = self.events.add(mark.tag, who, mark.at, tab) else {
                continue;
            };
            let mut chosen = self.chosen.as_mut();
            let mut new = chosen
                .as_mut()
                .and_then(|chosen| chosen.add(who, mark, which, tab));
            for (name, value) in &mark.values {
                if value.is_finite()
                    && let Some(name) = self.number_places.of(*name, &mut self.numbers)
                {
                    let value = ordered(*value);
                    self.values.at(place, name).add(value);
                    if let (Some(chosen), Some(new)) = (&mut chosen, &mut new) {
                        chosen.number(new, name, value);
                    }
                }
            }
            if let (Some(chosen), Some(new)) = (chosen, new) {
                chosen.take(new);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        let events = self.events.merge(other.events);
        let numbers = self.numbers.merge(other.numbers, |(), ()| ());
        let places = |event, name| Some((events.of(event)?, numbers.of(name)?));
        self.values.merge(other.values, places, Spread::merge);
        if let (Some(own), Some(other)) = (&mut self.chosen, other.chosen) {
            own.merge(other, &numbers);
        }
    }

    fn answer(&self) -> Answer {
        let (rows, (others, others_count)) = self.events.most(self.top);
        let texts = self.numbers.texts();
        let row = |event: Tallied| Row {
            count: event.times,
            sessions: event.sessions,
            numbers: numbers(&self.values, event.place, &texts),
            behind: Behind::new(with(&event.text), &event.examples),
            event: event.text,
        };
        Answer {
            sessions: self.sessions,
            count: self.events.times(),
            rows: rows.into_iter().map(row).collect(),
            others,
            others_count,
            one: self
                .chosen
                .as_ref()
                .map(|chosen| Box::new(self.one(chosen, &texts))),
        }
    }
}

/// A whole number for each number, in the same order.
fn ordered(value: f64) -> u64 {
    // Both zeros are one.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

/// The number of [`ordered`].
fn number_of(ordered: u64) -> f64 {
    let is_positive = ordered >> 63 == 1;
    f64::from_bits(if is_positive {
        ordered & !(1 << 63)
    } else {
        !ordered
    })
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53")]
fn number(name: &str, values: &Counted) -> Option<Number> {
    let (min, max) = (values.0.first()?.0, values.0.last()?.0);
    let sum = values.0.iter().fold(0.0, |sum, (value, count)| {
        sum + number_of(*value) * *count as f64
    });
    // JSON has no infinity.
    let sum = f64::clamp(sum, f64::MIN, f64::MAX);
    let count = values.count();
    Some(Number {
        name: name.to_owned(),
        count,
        sum: rounded(sum),
        mean: rounded(sum / count as f64),
        min: rounded(number_of(min)),
        p50: rounded(number_of(values.percentile(50)?)),
        p90: rounded(number_of(values.percentile(90)?)),
        max: rounded(number_of(max)),
    })
}

/// To thousandths, where a number has any that are exact.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "both are below 2^53"
)]
fn rounded(value: f64) -> f64 {
    if value.abs() > 1e12 {
        return value;
    }
    let half = if value < 0.0 { -0.5 } else { 0.5 };
    (value * 1_000.0 + half) as i64 as f64 / 1_000.0
}

#[cfg(test)]
mod tests;
