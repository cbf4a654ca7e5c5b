//! Custom events: how often each came, in how many sessions, and what the numbers say that
//! pages gave with it.
//!
//! Numbers are kept as they are: percentiles are exact, by nearest rank, and a sum is always
//! taken from the smallest number on, so that it does not depend on who counted what. In the
//! answer they are rounded to thousandths.

use super::keys::{Lazy, Pairs, Table, index};
use super::spread::{Counted, Spread};
use super::tally::{Tallied, Tally};
use super::{Behind, Limit, Who};
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    top: Limit,
    sessions: u64,
    events: Tally,
    numbers: Table<()>,
    /// By event and name.
    values: Pairs<Spread>,
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
    /// An empty one.
    pub fn new(top: Limit) -> Self {
        Self {
            top,
            ..Self::default()
        }
    }

    fn numbers(&self, texts: &[&str], event: u32) -> Vec<Number> {
        let values = self.values.of(event);
        let numbers = values.filter_map(|(name, spread)| {
            let name = texts.get(index(name)).copied().unwrap_or_default();
            number(name, &spread.counted())
        });
        let mut numbers: Vec<Number> = numbers.collect();
        order::sort_by(&mut numbers, |a, b| a.name.cmp(&b.name));
        numbers
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Marks]
    }

    fn names(&mut self, [_, _, _, _, _, marks, _]: &[&Names; 7]) {
        self.events.names(marks);
        self.number_places.fill(marks);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        for mark in session.marks.iter().filter(|mark| !mark.is_error) {
            let tab = session.visits.get(index(mark.visit));
            let tab = tab.map_or(0, |visit| visit.tab);
            let Some(place) = self.events.add(mark.tag, who, mark.at, tab) else {
                continue;
            };
            for (name, value) in &mark.values {
                if value.is_finite()
                    && let Some(name) = self.number_places.of(*name, &mut self.numbers)
                {
                    self.values.at(place, name).add(ordered(*value));
                }
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        let events = self.events.merge(other.events);
        let numbers = self.numbers.merge(other.numbers, |(), ()| ());
        let places = |event, name| Some((events.of(event)?, numbers.of(name)?));
        self.values.merge(other.values, places, Spread::merge);
    }

    fn answer(&self) -> Answer {
        let (rows, (others, others_count)) = self.events.most(self.top);
        let texts = self.numbers.texts();
        let row = |event: Tallied| Row {
            count: event.times,
            sessions: event.sessions,
            numbers: self.numbers(&texts, event.place),
            behind: Behind::new(
                Filter {
                    event: Some(event.text.clone()),
                    ..Filter::default()
                },
                &event.examples,
            ),
            event: event.text,
        };
        Answer {
            sessions: self.sessions,
            count: self.events.times(),
            rows: rows.into_iter().map(row).collect(),
            others,
            others_count,
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
