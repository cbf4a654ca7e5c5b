//! What a report shows: headlines, and panels that are a chart and always a table. The table is
//! the accessible form of the chart and what is exported, so the three cannot disagree.

use super::over::OverPage;
use super::value::Value;
use crate::chart::Chart;
use core::cmp::Ordering;
use sentiero_core::analytics::report::{Behind, Example, Question};
use sentiero_core::filter::Filter;

/// A whole report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Numbers of all sessions.
    pub headlines: Vec<Headline>,
    /// What is drawn over a page.
    pub over: Option<OverPage>,
    /// Its parts, in order.
    pub panels: Vec<Panel>,
    /// How many sessions it is about: of few, shares say little.
    pub sessions: Option<u64>,
    /// What is not in it, and why.
    pub left_out: Option<String>,
}

/// A number with its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
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
    /// The list of those has others, too: it cannot be narrowed to them.
    pub is_among: bool,
    /// A moment of one session, that it opens at once.
    pub moment: Option<Example>,
    /// Another report that tells more of it.
    pub leads: Option<Question>,
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
        let nothing = matches!(self.value, Value::Count(0) | Value::Share(0) | Value::None);
        let unknown = behind.examples.is_empty() && behind.narrow == Filter::default();
        self.behind = (!nothing && !unknown).then(|| behind.clone());
        self
    }

    /// With all sessions that the report is about.
    #[must_use]
    pub fn everyone(mut self) -> Self {
        let nothing = matches!(self.value, Value::Count(0) | Value::Share(0) | Value::None);
        self.behind = (!nothing).then(Behind::default);
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

    /// With the list that its sessions are in, among others: all of them hold to what `narrow`
    /// says, but a list cannot say the rest.
    #[must_use]
    pub fn among(mut self, narrow: &Filter) -> Self {
        self = self.narrow(narrow.clone());
        self.is_among = self.behind.is_some();
        self
    }

    /// With all sessions that the report is about, its own among others that no filter can
    /// leave out.
    #[must_use]
    pub fn somewhere(mut self) -> Self {
        self = self.everyone();
        self.is_among = self.behind.is_some();
        self
    }

    /// With another report that tells more of it.
    #[must_use]
    pub fn leads(mut self, question: Question) -> Self {
        self.leads = Some(question);
        self
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

/// By which column rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its place.
    pub column: usize,
    /// The largest first.
    pub falling: bool,
}

impl Order {
    /// The order after a press on the head of `column`: numbers begin with the largest,
    /// texts with the first; a second press turns it around, a third takes it away.
    pub fn pressed(before: Option<Self>, column: usize, is_number: bool) -> Option<Self> {
        match before {
            Some(order) if order.column == column => (order.falling == is_number).then_some(Self {
                column,
                falling: !is_number,
            }),
            _ => Some(Self {
                column,
                falling: is_number,
            }),
        }
    }
}

impl Table {
    /// Whether its rows can be ordered by their values: not where rows belong to others.
    pub fn is_flat(&self) -> bool {
        self.rows.len() > 1 && self.rows.iter().all(|row| row.depth == 0)
    }

    /// Its rows in that order, equal ones as they came; what is not known comes last.
    pub fn ordered(&self, order: Option<Order>) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        let Some(Order { column, falling }) = order.filter(|_| self.is_flat()) else {
            return rows;
        };
        let value = |row: &Row| row.cells.get(column).map(|cell| cell.value.clone());
        rows.sort_by(|a, b| {
            let (a, b) = (value(a).unwrap_or_default(), value(b).unwrap_or_default());
            match (a == Value::None, b == Value::None) {
                (false, false) if falling => b.compare(&a),
                (false, false) => a.compare(&b),
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
            }
        });
        rows
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

/// How tables read, for tests.
#[cfg(test)]
impl Row {
    /// Its cells.
    pub(super) fn said(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.value.said()).collect()
    }
}

#[cfg(test)]
impl Table {
    /// Its first column, from top to bottom.
    pub(super) fn names(&self) -> Vec<String> {
        let firsts = self.rows.iter().filter_map(|row| row.cells.first());
        firsts.map(|cell| cell.value.said()).collect()
    }
}

/// That rows fit under their columns and bars into their cells: asserted of every report.
#[cfg(test)]
pub(super) fn assert_well_formed(view: &View) {
    for panel in &view.panels {
        for row in &panel.table.rows {
            let (cells, columns) = (row.cells.len(), panel.table.columns.len());
            assert_eq!(cells, columns, "{}: {row:?}", panel.title);
            for cell in &row.cells {
                assert!(cell.bar.unwrap_or(0) <= crate::chart::WHOLE);
                assert!(cell.level <= crate::chart::LEVELS);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(values: &[Option<u64>]) -> Table {
        let cell = |value: &Option<u64>| Cell::new(value.map_or(Value::None, Value::Count));
        Table {
            columns: vec![Column::number("N", "")],
            rows: values
                .iter()
                .map(|value| Row::new(vec![cell(value)]))
                .collect(),
            others: None,
        }
    }

    fn said(table: &Table, falling: bool) -> String {
        let order = Order { column: 0, falling };
        let rows = table.ordered(Some(order)).into_iter();
        rows.flat_map(Row::said).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn rows_are_ordered_and_what_is_unknown_comes_last() {
        let flat = table(&[Some(3), None, Some(20), Some(1)]);
        assert_eq!(said(&flat, true), "20 3 1 —");
        assert_eq!(said(&flat, false), "1 3 20 —");
        let mut deep = flat.clone();
        deep.rows[1].depth = 1;
        assert_eq!(said(&deep, true), "3 — 20 1");
        let other = Order {
            column: 7,
            falling: true,
        };
        assert_eq!(flat.ordered(Some(other)).len(), 4);
    }

    #[test]
    fn a_press_orders_a_second_turns_around_a_third_takes_away() {
        for (is_number, first) in [(true, true), (false, false)] {
            let one = Order::pressed(None, 2, is_number);
            assert_eq!(
                one,
                Some(Order {
                    column: 2,
                    falling: first
                })
            );
            let two = Order::pressed(one, 2, is_number);
            assert_eq!(
                two,
                Some(Order {
                    column: 2,
                    falling: !first
                })
            );
            assert_eq!(Order::pressed(two, 2, is_number), None);
            let other = Order::pressed(two, 1, is_number);
            assert_eq!(
                other,
                Some(Order {
                    column: 1,
                    falling: first
                })
            );
        }
    }

    #[test]
    fn nothing_leads_nowhere() {
        let behind = Behind {
            narrow: Filter {
                errors: true,
                ..Filter::default()
            },
            ..Behind::default()
        };
        assert_eq!(Cell::count(0).behind(&behind).behind, None);
        assert_eq!(Cell::count(1).behind(&Behind::default()).behind, None);
        assert_eq!(Cell::count(1).behind(&behind).behind, Some(behind.clone()));
        assert_eq!(Cell::count(1).everyone().behind, Some(Behind::default()));
        assert_eq!(Cell::count(0).everyone().behind, None);
        let amid = Cell::count(2).somewhere();
        assert_eq!(
            (amid.behind, amid.is_among),
            (Some(Behind::default()), true)
        );
        let none = Cell::count(0).somewhere();
        assert_eq!((none.behind, none.is_among), (None, false));
        let some = Cell::count(2).among(&behind.narrow);
        assert_eq!(
            (some.behind.map(|some| some.narrow), some.is_among),
            (Some(behind.narrow.clone()), true)
        );
        let none = Cell::count(2).among(&Filter::default());
        assert_eq!((none.behind, none.is_among), (None, false));
        assert_eq!(others(0, "page", ""), None);
        assert_eq!(others(1, "page", "").as_deref(), Some("and 1 page more"));
    }

    proptest! {
        #[test]
        fn every_row_stays(values in prop::collection::vec(prop::option::of(any::<u64>()), 0..30), falling: bool) {
            let table = table(&values);
            let ordered = table.ordered(Some(Order { column: 0, falling }));
            let mut found: Vec<_> = ordered.iter().flat_map(|row| row.said()).collect();
            let mut all = table.names();
            found.sort();
            all.sort();
            prop_assert_eq!(found, all);
        }
    }
}
