//! One issue: how often it came and when, with which browsers and systems, on which pages, in
//! which releases, and the sessions in which it did, each with the moment.
//!
//! Numbers are those that the report of [all issues](super::errors) has of it. A page is the one
//! that was shown; a release is what the page gave to `setMetadata` last in that visit.

use super::behind::Extremes;
use super::errors::title;
use super::keys::{Lazy, Recent, Table, index};
use super::seen::{Day, Seen};
use super::{Example, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Mark, Names, Session, Topic};
use crate::id::Millis;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Sessions that are told with their moments.
pub const MOMENTS: usize = 50;

/// Which issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its [fingerprint](crate::issue::Fingerprint).
    pub issue: String,
    /// So many rows of each list.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    sessions: u64,
    seen: Seen,
    titles: Table<u64>,
    browsers: Table<Seen>,
    systems: Table<Seen>,
    pages: Table<Seen>,
    releases: Table<Seen>,
    moments: Extremes,
    /// The place of the issue among the texts of the sheet.
    #[serde(skip)]
    name: Option<u32>,
    #[serde(skip)]
    title_places: Lazy,
    #[serde(skip)]
    page_places: Lazy,
    #[serde(skip)]
    release_places: Lazy,
    /// Of browsers and systems.
    #[serde(skip)]
    recent: [Recent; 2],
}

/// An issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// All sessions, also those without it.
    pub sessions: u64,
    /// What it is called; empty if it did not come, or nothing may be said.
    pub title: String,
    /// How often it came.
    pub count: u64,
    /// Sessions that it came in.
    pub with_it: u64,
    /// When it first came, of what was asked about; ms since the epoch, by the edge's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Millis>,
    /// When it last came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Millis>,
    /// On which days how often.
    pub days: Vec<Day>,
    /// Browser families.
    pub browsers: List,
    /// Operating system families.
    pub systems: List,
    /// Pages on which it came.
    pub pages: List,
    /// Releases; an empty text where the page told none.
    pub releases: List,
    /// The latest sessions that it came in, the latest first, each at the first time that it
    /// came; at most [`MOMENTS`].
    pub moments: Vec<Example>,
}

/// Values, those with the most sessions first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// As far as they were asked for.
    pub rows: Vec<Row>,
    /// How many others there are.
    pub others: u64,
}

/// A value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is; empty if it is not known.
    pub value: String,
    /// Sessions in which the issue came with it.
    pub sessions: u64,
    /// How often it did.
    pub count: u64,
    /// When it first did, ms since the epoch.
    pub first: Millis,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        Self {
            routes,
            asked,
            ..Self::default()
        }
    }

    fn count(&mut self, who: &Who<'_>, session: &Session, mark: &Mark) {
        let Some(occurrence) = mark.issue else {
            return;
        };
        self.seen.add(who, mark.at, occurrence);
        if let Some(title) = self.title_places.of(mark.tag, &mut self.titles)
            && let Some(times) = self.titles.at(title)
        {
            *times += u64::from(occurrence.times);
        }
        let tables = [
            (&mut self.browsers, who.browser),
            (&mut self.systems, who.os),
        ];
        for ((table, text), recent) in tables.into_iter().zip(&mut self.recent) {
            let place = recent.place(text.unwrap_or_default(), |text| table.place(text));
            if let Some(seen) = table.at(place) {
                seen.add(who, mark.at, occurrence);
            }
        }
        let release = match session.summary.release {
            Some(name) => self.release_places.of(name, &mut self.releases),
            None => Some(self.releases.place("")),
        };
        if let Some(seen) = release.and_then(|place| self.releases.at(place)) {
            seen.add(who, mark.at, occurrence);
        }
        let visit = session.visits.get(index(mark.visit));
        let page = visit.and_then(|visit| self.page_places.of(visit.url, &mut self.pages));
        if let Some(seen) = page.and_then(|page| self.pages.at(page)) {
            seen.add(who, mark.at, occurrence);
        }
    }

    fn list(&self, table: &Table<Seen>) -> List {
        let all = table.by_weight(|seen| (seen.sessions, seen.times));
        let (rows, others) = self.asked.top.split(all);
        let row = |(value, seen): (&str, &Seen)| Row {
            value: value.to_owned(),
            sessions: seen.sessions,
            count: seen.times,
            first: seen.span.map_or(0, |(first, _)| first),
        };
        List {
            rows: rows.into_iter().map(row).collect(),
            others: others.len() as u64,
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Marks, Topic::Pages, Topic::Summary]
    }

    fn names(&mut self, [pages, summary, _, _, _, marks, _]: &[&Names; 7]) {
        let place = marks.all().position(|text| text == self.asked.issue);
        self.name = place.and_then(|place| u32::try_from(place).ok());
        if self.name.is_none() {
            return;
        }
        self.title_places.fill(marks);
        let page = |address| super::pages::page_of(&self.routes, address);
        self.page_places
            .fill(&Names::of(pages.all().map(page).collect()));
        self.release_places.fill(summary);
    }

    fn looks_on(&self, session: &Session) -> bool {
        let issues = session.marks.iter().filter_map(|mark| mark.issue);
        self.name.is_some() && issues.into_iter().any(|it| Some(it.issue) == self.name)
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        let Some(name) = self.name else { return };
        let is_it = |mark: &&Mark| mark.issue.is_some_and(|it| it.issue == name);
        let mut first: Option<(u32, u32)> = None;
        for mark in session.marks.iter().filter(is_it) {
            self.count(who, session, mark);
            let visit = session.visits.get(index(mark.visit));
            let moment = (mark.at, visit.map_or(0, |visit| visit.tab));
            first = Some(first.map_or(moment, |known| known.min(moment)));
        }
        if let Some((at, tab)) = first {
            let moment = Example::of(who, at, tab);
            self.moments.add(who.started, moment, MOMENTS);
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.seen.merge(other.seen);
        self.titles.merge(other.titles, |own, other| *own += other);
        for (own, other) in [
            (&mut self.browsers, other.browsers),
            (&mut self.systems, other.systems),
            (&mut self.pages, other.pages),
            (&mut self.releases, other.releases),
        ] {
            own.merge(other, Seen::merge);
        }
        self.moments.merge(other.moments, MOMENTS);
    }

    fn answer(&self) -> Answer {
        let titles = self.titles.texts();
        let called = self.titles.placed();
        let called = called.map(|(_, place, times)| (place, times));
        Answer {
            asked: self.asked.clone(),
            sessions: self.sessions,
            title: title(called.filter(|(_, times)| **times > 0), &titles),
            count: self.seen.times,
            with_it: self.seen.sessions,
            first: self.seen.span.map(|(first, _)| first),
            last: self.seen.span.map(|(_, last)| last),
            days: self.seen.days(),
            browsers: self.list(&self.browsers),
            systems: self.list(&self.systems),
            pages: self.list(&self.pages),
            releases: self.list(&self.releases),
            moments: self.moments.list(),
        }
    }
}

#[cfg(test)]
mod tests;
