//! What a report shows: facts, and panels that are a chart and always a table. The table is
//! the accessible form of the chart and what is exported, so the three cannot disagree.

use super::value::Value;
use crate::chart::Chart;
use sentiero_core::analytics::report::{Behind, Example};
use sentiero_core::filter::Filter;

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Numbers of all sessions.
    pub facts: Vec<Fact>,
    /// Its parts, in order.
    pub panels: Vec<Panel>,
    /// How many sessions it is about: of few, shares say little.
    pub sessions: Option<u64>,
    /// What is not in it, and why.
    pub left_out: Option<String>,
}

/// A number with its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fact {
    /// What is counted.
    pub name: &'static str,
    /// How much.
    pub cell: Cell,
    /// How it is counted.
    pub about: &'static str,
    /// What stands below, smaller.
    pub under: String,
}

/// A part of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// How it is counted.
    pub about: &'static str,
    /// The picture, where one says more than the table.
    pub chart: Option<Chart>,
    /// The same in numbers.
    pub table: Table,
    /// It needs half of the width only.
    pub is_half: bool,
}

/// Rows under columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<Column>,
    /// A row has as many cells as there are columns.
    pub rows: Vec<Row>,
    /// What was cut off, in words.
    pub others: Option<String>,
}

/// The head of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// How it is counted; empty: as its name says.
    pub about: &'static str,
    /// Its values are numbers.
    pub is_number: bool,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// What is in it.
    pub cells: Vec<Cell>,
    /// It belongs to the row above that is one less deep.
    pub depth: u32,
}

/// How a value is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it is.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// It could be better.
    Middling,
    /// It should not be.
    Bad,
    /// Of too few to mean much.
    Faint,
}

/// A value and the sessions behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// What stands there.
    pub value: Value,
    /// How long a bar behind it is, thousandths.
    pub bar: Option<u32>,
    /// How it is to be taken.
    pub mood: Mood,
    /// How dark it is, from 1 to [`LEVELS`](crate::chart::LEVELS); 0: not at all.
    pub level: u8,
    /// The sessions behind it.
    pub behind: Option<Behind>,
    /// A moment of one session, that it opens at once.
    pub moment: Option<Example>,
}

impl Column {
    /// One of texts.
    pub fn text(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// One of numbers.
    pub fn number(name: &str, about: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            about,
            is_number: true,
        }
    }
}

impl Cell {
    /// A value alone.
    pub fn new(value: Value) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }

    /// A text; what is empty is said by `unknown`.
    pub fn text(text: &str, unknown: &str) -> Self {
        let text = if text.is_empty() { unknown } else { text };
        Self::new(Value::Text(text.to_owned()))
    }

    /// How many.
    pub fn count(count: u64) -> Self {
        Self::new(Value::Count(count))
    }

    /// With the sessions behind it; none where nothing was counted.
    #[must_use]
    pub fn behind(mut self, behind: &Behind) -> Self {
        let nothing = matches!(self.value, Value::Count(0) | Value::None);
        let unknown = behind.examples.is_empty() && behind.narrow == Filter::default();
        self.behind = (!nothing && !unknown).then(|| behind.clone());
        self
    }

    /// With the sessions that a filter finds.
    #[must_use]
    pub fn narrow(self, narrow: Filter) -> Self {
        self.behind(&Behind {
            narrow,
            ..Behind::default()
        })
    }

    /// With a bar of its share of `whole`.
    #[must_use]
    pub fn of(mut self, whole: u64) -> Self {
        if let Value::Count(count) = self.value {
            self.bar = Some(crate::chart::share(count, whole));
        }
        self
    }

    /// To be taken as `mood`.
    #[must_use]
    pub fn mood(mut self, mood: Mood) -> Self {
        self.mood = mood;
        self
    }
}

impl Row {
    /// One that belongs to none above.
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, depth: 0 }
    }
}

/// What was cut off a list, in words; none if nothing was.
pub fn others(rows: u64, what: &str, rest: &str) -> Option<String> {
    (rows > 0).then(|| {
        let what = crate::model::text::plural(rows, what);
        if rest.is_empty() {
            format!("and {what} more")
        } else {
            format!("and {what} more with {rest}")
        }
    })
}
