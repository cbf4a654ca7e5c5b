//! Conversions: which sessions reach a goal, by where they came from and where they came in.
//!
//! A session converts at most once, whenever and in whichever tab (reference §5.10). One that
//! told no first page is left out of all lists, and counted. Campaigns are those of the first
//! page's `utm_` parameters, which a session keeps although the rest of a query is cut
//! (§11.4, 32); a session without a parameter is in no row of it.

use super::keys::{OrNone, Places, Table, index};
use super::spread::permille;
use super::steps::{self, Done, Finder, Step};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Shares of fewer sessions than this say little.
pub const LOW_VOLUME: u64 = 5;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whoever does this converts.
    pub goal: Step,
    /// So many rows of each list.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    whole: Value,
    left_out: u64,
    entries: Table<Value>,
    referrers: Table<Value>,
    /// Source, medium, campaign, term and content.
    utm: [Table<Value>; 5],
    #[serde(skip)]
    entry_places: Places,
    #[serde(skip)]
    referrer_places: OrNone,
    #[serde(skip)]
    utm_places: [Places; 5],
    #[serde(skip)]
    finder: Finder,
    #[serde(skip)]
    done: Vec<Done>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Value {
    sessions: u64,
    conversions: u64,
    converting: Examples,
    others: Examples,
}

impl Value {
    fn add(&mut self, who: &Who<'_>, done: Option<(u32, u32)>) {
        self.sessions += 1;
        self.conversions += u64::from(done.is_some());
        match done {
            Some((at, tab)) => self.converting.add(who, at, tab),
            None => self.others.add(who, 0, 0),
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.conversions += other.conversions;
        self.converting.merge(other.converting);
        self.others.merge(other.others);
    }
}

/// Who converts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// All sessions with a first page.
    pub whole: Row,
    /// Sessions without one.
    pub left_out: u64,
    /// By the first page.
    pub entries: List,
    /// By where they came from; from nowhere is an empty text.
    pub referrers: List,
    /// By `utm_source`.
    pub sources: List,
    /// By `utm_medium`.
    pub mediums: List,
    /// By `utm_campaign`.
    pub campaigns: List,
    /// By `utm_term`.
    pub terms: List,
    /// By `utm_content`.
    pub contents: List,
}

/// Values, those of the most sessions first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// As far as they were asked for.
    pub rows: Vec<Row>,
    /// How many others there are.
    pub others: u64,
    /// Their sessions.
    pub others_sessions: u64,
    /// Their conversions.
    pub others_conversions: u64,
}

/// A value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub value: String,
    /// Its sessions.
    pub sessions: u64,
    /// Of them, those that converted.
    pub conversions: u64,
    /// Their share, thousandths; none of nothing.
    pub rate: Option<u32>,
    /// Fewer than [`LOW_VOLUME`] sessions.
    pub is_low: bool,
    /// Sessions that converted, at that moment.
    pub converting: Behind,
    /// Sessions that did not.
    pub not_converting: Behind,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        Self {
            routes,
            asked,
            whole: Value::default(),
            left_out: 0,
            entries: Table::default(),
            referrers: Table::default(),
            utm: Default::default(),
            entry_places: Places::default(),
            referrer_places: OrNone::default(),
            utm_places: Default::default(),
            finder: Finder::default(),
            done: Vec::new(),
        }
    }

    fn list(&self, table: &Table<Value>, narrow: fn(&str) -> Filter) -> List {
        let all = table.by_weight(|value| value.sessions);
        let (rows, others) = self.asked.top.split(all);
        let rows = rows.into_iter();
        let mut list = List {
            rows: rows
                .map(|(text, value)| self.row(text, value, &narrow(text)))
                .collect(),
            ..List::default()
        };
        for (_, value) in others {
            list.others += 1;
            list.others_sessions += value.sessions;
            list.others_conversions += value.conversions;
        }
        list
    }

    fn row(&self, text: &str, value: &Value, narrow: &Filter) -> Row {
        let goal = self.asked.goal.narrow();
        let converting = Filter {
            event: goal.event,
            errors: goal.errors,
            url: narrow.url.clone().or(goal.url),
            ..narrow.clone()
        };
        Row {
            value: text.to_owned(),
            sessions: value.sessions,
            conversions: value.conversions,
            rate: permille(value.conversions, value.sessions),
            is_low: value.sessions < LOW_VOLUME,
            converting: Behind::new(converting, &value.converting),
            not_converting: Behind::new(narrow.clone(), &value.others),
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        steps::topics(core::slice::from_ref(&self.asked.goal), true)
    }

    fn names(&mut self, names: &[&Names; 7]) {
        let [pages, summary, ..] = names;
        self.finder
            .names(&self.routes, core::slice::from_ref(&self.asked.goal), names);
        let (routes, table) = (&self.routes, &mut self.entries);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.entry_places.fill(pages, place);
        self.referrer_places
            .fill(summary, |text| self.referrers.place(text));
        for (places, table) in self.utm_places.iter_mut().zip(&mut self.utm) {
            places.fill(summary, |text| table.place(text));
        }
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        let entry = session.visits.first();
        let Some(entry) = entry.and_then(|visit| self.entry_places.of(visit.url)) else {
            self.left_out += 1;
            return;
        };
        self.finder.find(session, &mut self.done);
        let done = self.done.first().map(|done| {
            let visit = session.visits.get(index(done.visit));
            (done.at, visit.map_or(0, |visit| visit.tab))
        });
        self.whole.add(who, done);
        let count = |value: Option<&mut Value>| {
            if let Some(value) = value {
                value.add(who, done);
            }
        };
        count(self.entries.at(entry));
        let referrer = session.summary.referrer;
        let referrer = self.referrer_places.of(referrer, &mut self.referrers);
        count(self.referrers.at(referrer));
        let utm = session.summary.utm.iter().zip(&self.utm_places);
        for ((name, places), table) in utm.zip(&mut self.utm) {
            let place = name.and_then(|name| places.of(name));
            count(place.and_then(|place| table.at(place)));
        }
    }

    fn merge(&mut self, other: Self) {
        self.whole.merge(other.whole);
        self.left_out += other.left_out;
        self.entries.merge(other.entries, Value::merge);
        self.referrers.merge(other.referrers, Value::merge);
        for (own, other) in self.utm.iter_mut().zip(other.utm) {
            own.merge(other, Value::merge);
        }
    }

    fn answer(&self) -> Answer {
        let [sources, mediums, campaigns, terms, contents] = &self.utm;
        let utm = |table| self.list(table, |_| Filter::default());
        Answer {
            asked: self.asked.clone(),
            whole: self.row("", &self.whole, &Filter::default()),
            left_out: self.left_out,
            entries: self.list(&self.entries, super::behind::on_page),
            referrers: self.list(&self.referrers, |text| Filter {
                referrer: (!text.is_empty()).then(|| text.to_owned()),
                ..Filter::default()
            }),
            sources: utm(sources),
            mediums: utm(mediums),
            campaigns: utm(campaigns),
            terms: utm(terms),
            contents: utm(contents),
        }
    }
}

#[cfg(test)]
mod tests;
