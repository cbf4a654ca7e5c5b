//! Issues: which errors there were, in how many sessions, when first and last, and on which
//! days how often. [`crate::issue`] says which errors are one issue.
//!
//! Of an error that repeats the recorder sends few, and says with each which one it is: all of
//! them count. Of more different errors than it sends it says how many it left out; these belong
//! to no issue that is known, and stand beside. An issue is called what it is called most often.

use super::keys::{Lazy, Pairs, Table, index};
pub use super::seen::Day;
use super::seen::Seen;
use super::{Behind, Examples, Limit, Who};
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use crate::id::Millis;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    top: Limit,
    sessions: u64,
    all: Seen,
    held: u64,
    issues: Table<Counted>,
    titles: Table<()>,
    /// By issue and title: how often.
    called: Pairs<u64>,
    #[serde(skip)]
    issue_places: Lazy,
    #[serde(skip)]
    title_places: Lazy,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Counted {
    seen: Seen,
    examples: Examples,
}

/// Issues, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All sessions, also those without any.
    pub sessions: u64,
    /// Sessions with any.
    pub with_errors: u64,
    /// All errors that belong to an issue.
    pub count: u64,
    /// Errors that recorders left out because there were too many.
    pub held: u64,
    /// How many there were on each day.
    pub days: Vec<Day>,
    /// Issues, as far as they were asked for.
    pub rows: Vec<Row>,
    /// How many other issues there are.
    pub others: u64,
    /// How often they came.
    pub others_count: u64,
}

/// An issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its fingerprint.
    pub issue: String,
    /// What it is called.
    pub title: String,
    /// How often it came.
    pub count: u64,
    /// Sessions that it came in.
    pub sessions: u64,
    /// When it first came, of what was asked about; ms since the epoch, by the edge's clock.
    pub first: Millis,
    /// When it last came.
    pub last: Millis,
    /// On which days how often.
    pub days: Vec<Day>,
    /// Sessions that it came in, each at the first.
    pub behind: Behind,
}

impl Report {
    /// An empty one.
    pub fn new(top: Limit) -> Self {
        Self {
            top,
            ..Self::default()
        }
    }

    fn row(&self, (issue, place, counted): (&str, u32, &Counted), titles: &[&str]) -> Row {
        let (first, last) = counted.seen.span.unwrap_or_default();
        let narrow = Filter {
            errors: true,
            ..Filter::default()
        };
        Row {
            issue: issue.to_owned(),
            title: title(self.called.of(place), titles),
            count: counted.seen.times,
            sessions: counted.seen.sessions,
            first,
            last,
            days: counted.seen.days(),
            behind: Behind::new(narrow, &counted.examples),
        }
    }
}

/// What is said most often; of equal ones, what sorts first.
pub(super) fn title<'a>(called: impl Iterator<Item = (u32, &'a u64)>, titles: &[&str]) -> String {
    let named = called.map(|(place, times)| {
        let text = titles.get(index(place)).copied().unwrap_or_default();
        (Reverse(*times), text)
    });
    named
        .min()
        .map_or_else(String::new, |(_, text)| text.to_owned())
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Marks, Topic::Pages]
    }

    fn names(&mut self, [_, _, _, _, _, marks, _]: &[&Names; 7]) {
        self.issue_places.fill(marks);
        self.title_places.fill(marks);
    }

    fn looks_on(&self, session: &Session) -> bool {
        session.marks.iter().any(|mark| mark.issue.is_some())
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        for mark in &session.marks {
            let Some(occurrence) = mark.issue else {
                continue;
            };
            self.all.add(who, mark.at, occurrence);
            self.held += u64::from(occurrence.held);
            let issue = self.issue_places.of(occurrence.issue, &mut self.issues);
            let Some(place) = issue else { continue };
            if let Some(counted) = self.issues.at(place) {
                let visit = session.visits.get(index(mark.visit));
                counted.seen.add(who, mark.at, occurrence);
                let tab = visit.map_or(0, |visit| visit.tab);
                counted.examples.add(who, mark.at, tab);
            }
            if let Some(title) = self.title_places.of(mark.tag, &mut self.titles) {
                *self.called.at(place, title) += u64::from(occurrence.times);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.all.merge(other.all);
        self.held += other.held;
        let issues = self.issues.merge(other.issues, |own, other| {
            own.seen.merge(other.seen);
            own.examples.merge(other.examples);
        });
        let titles = self.titles.merge(other.titles, |(), ()| ());
        let places = |issue, title| Some((issues.of(issue)?, titles.of(title)?));
        self.called
            .merge(other.called, places, |own, other| *own += other);
    }

    fn answer(&self) -> Answer {
        let titles = self.titles.texts();
        let mut all: Vec<_> = self.issues.placed().collect();
        all.retain(|(.., counted)| counted.seen.sessions > 0);
        order::sort_by(&mut all, |a, b| b.2.seen.times.cmp(&a.2.seen.times));
        let (rows, others) = self.top.split(all);
        let counts = others.iter().map(|(.., counted)| counted.seen.times);
        Answer {
            sessions: self.sessions,
            with_errors: self.all.sessions,
            count: self.all.times,
            held: self.held,
            days: self.all.days(),
            others_count: counts.sum(),
            others: others.len() as u64,
            rows: rows.into_iter().map(|row| self.row(row, &titles)).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
