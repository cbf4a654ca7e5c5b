//! Pages: how often each was seen, by how many sessions, where they came in and left, and how
//! long they did something there.
//!
//! A view is a visit of a page: a page load or another address. A session enters on the page
//! that came first and leaves on the one that came last. It bounces if it saw one address
//! only, however often it was loaded; the share of bounces is that of entries (reference
//! §5.11, but by session, not by tab). Time is how long the visitor did something, so that a
//! page in a forgotten tab does not seem to be read.

use super::keys::{Places, Table};
use super::spread::{Spread, mean, permille};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic, Visit};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    top: Limit,
    sessions: u64,
    pages: Table<Page>,
    #[serde(skip)]
    places: Places,
}

/// What was counted of a page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    views: u64,
    sessions: u64,
    entries: u64,
    exits: u64,
    bounces: u64,
    /// Of all views, ms.
    active: u64,
    /// Of views, s.
    seconds: Spread,
    examples: Examples,
    /// Which session was counted last.
    #[serde(skip)]
    seen: u64,
}

/// Pages, the most seen first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Sessions that saw any page.
    pub sessions: u64,
    /// Views of all pages.
    pub views: u64,
    /// Pages, as far as they were asked for.
    pub rows: Vec<Row>,
    /// The other pages together, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Host and path, see [`Routes`]; empty if no address was told.
    pub page: String,
    /// How often it was seen.
    pub views: u64,
    /// By how many sessions.
    pub sessions: u64,
    /// Sessions that began here.
    pub entries: u64,
    /// Sessions that ended here.
    pub exits: u64,
    /// Sessions that began here and saw nothing else.
    pub bounces: u64,
    /// Of entries, thousandths; none without one.
    pub bounce_rate: Option<u32>,
    /// Active time of a view on average, ms.
    pub active_mean: u64,
    /// The median of it, in whole seconds, as ms.
    pub active_median: u64,
    /// Sessions that saw it.
    pub behind: Behind,
}

/// Pages that were not asked for, summed. (A session may have seen several, so sessions have
/// no sum.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    /// How many.
    pub rows: u64,
    /// How often they were seen.
    pub views: u64,
    /// Sessions that began there.
    pub entries: u64,
    /// Sessions that ended there.
    pub exits: u64,
    /// Sessions that began there and saw nothing else.
    pub bounces: u64,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, top: Limit) -> Self {
        Self {
            routes,
            top,
            ..Self::default()
        }
    }

    fn page(&mut self, visit: &Visit) -> Option<&mut Page> {
        let place = self.places.of(visit.url)?;
        self.pages.at(place)
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages]
    }

    fn names(&mut self, [pages, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let place = |address: &str| table.place(&page_of(routes, address));
        self.places.fill(pages, place);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        let (Some(first), Some(last)) = (session.visits.first(), session.visits.last()) else {
            return;
        };
        self.sessions += 1;
        let session_number = self.sessions;
        for visit in &session.visits {
            let Some(page) = self.page(visit) else {
                continue;
            };
            page.views += 1;
            page.active += u64::from(visit.active);
            page.seconds.add(u64::from(visit.active) / 1_000);
            if page.seen != session_number {
                page.seen = session_number;
                page.sessions += 1;
                page.examples.add(who, visit.at, visit.tab);
            }
        }
        let bounces = session.visits.iter().all(|visit| visit.url == first.url);
        if let Some(page) = self.page(first) {
            page.entries += 1;
            page.bounces += u64::from(bounces);
        }
        if let Some(page) = self.page(last) {
            page.exits += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        // Sessions are numbered anew from here on.
        self.pages.merge(other.pages, |own, other| {
            own.views += other.views;
            own.sessions += other.sessions;
            own.entries += other.entries;
            own.exits += other.exits;
            own.bounces += other.bounces;
            own.active += other.active;
            own.seconds.merge(other.seconds);
            own.examples.merge(other.examples);
        });
    }

    fn answer(&self) -> Answer {
        let all = self.pages.by_weight(|page| page.views);
        let views = all.iter().map(|(_, page)| page.views).sum();
        let (rows, others) = self.top.split(all);
        Answer {
            sessions: self.sessions,
            views,
            rows: rows.into_iter().map(row).collect(),
            others: (!others.is_empty()).then(|| sum(&others)),
        }
    }
}

/// The page of an address; an address that was not told has none.
pub(super) fn page_of(routes: &Routes, address: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    routes.page(address)
}

fn row((text, page): (&str, &Page)) -> Row {
    Row {
        page: text.to_owned(),
        views: page.views,
        sessions: page.sessions,
        entries: page.entries,
        exits: page.exits,
        bounces: page.bounces,
        bounce_rate: permille(page.bounces, page.entries),
        active_mean: mean(page.active.into(), page.views).unwrap_or_default(),
        active_median: page.seconds.counted().percentile(50).unwrap_or_default() * 1_000,
        behind: Behind::of_page(text, &page.examples),
    }
}

fn sum(others: &[(&str, &Page)]) -> Others {
    let mut sum = Others::default();
    for (_, page) in others {
        sum.rows += 1;
        sum.views += page.views;
        sum.entries += page.entries;
        sum.exits += page.exits;
        sum.bounces += page.bounces;
    }
    sum
}

#[cfg(test)]
mod tests;
