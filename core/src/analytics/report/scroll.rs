//! Scroll depth: how far down a page its visitors see.
//!
//! A session counts once for a page, by the deepest of its visits; those that never scrolled
//! saw what their window showed, and count (reference §5.4 and §11.4, 31). How high a page is
//! is not known: it is taken to be as high as anybody with such a device ever saw (so a
//! session's share does not depend on what it did itself, 30). A page is another one on each
//! device class, because its layout is.
//!
//! The fold is where the median window ends. Sessions whose window was not told are counted
//! apart.

use super::keys::{Places, Table};
use super::spread::{Counted, Spread, permille};
use super::{Behind, Device, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// Depths are told in steps of so many per cent, from 0 to 100.
pub const STEP: u64 = 5;

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    top: Limit,
    sessions: u64,
    pages: Table<[Page; Device::ALL.len()]>,
    #[serde(skip)]
    places: Places,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    unknown: u64,
    /// Of sessions, px.
    deepest: Spread,
    /// Of visits, px.
    windows: Spread,
    examples: Examples,
    /// Which session is being counted, how deep it saw, and whether its window was told.
    #[serde(skip)]
    seen: u64,
    #[serde(skip)]
    deep: u32,
    #[serde(skip)]
    told: bool,
}

/// Pages by device class, the most seen first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Sessions that saw any page.
    pub sessions: u64,
    /// Pages, as far as they were asked for.
    pub rows: Vec<Row>,
    /// How many other rows there are.
    pub others: u64,
    /// Sessions of the other rows; one that saw several counts for each.
    pub others_sessions: u64,
}

/// A page on a device class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Host and path, see [`Routes`].
    pub page: String,
    /// On which devices.
    pub device: Device,
    /// Sessions that saw it and whose window is known.
    pub sessions: u64,
    /// Sessions that saw it and whose window is not known.
    pub unknown: u64,
    /// How high the page is taken to be, px.
    pub height: u64,
    /// The median window's height, px.
    pub fold: u64,
    /// How deep sessions saw on average, px.
    pub mean: u64,
    /// How deep at most the shallower half saw, thousandths of the height.
    pub median: u32,
    /// Sessions that saw down to 0, 5, 10 … 100 % of the height, or further.
    pub reached: Vec<u64>,
    /// Sessions that saw it.
    pub behind: Behind,
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
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages]
    }

    fn names(&mut self, [pages, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.places.fill(pages, place);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        if session.visits.is_empty() {
            return;
        }
        self.sessions += 1;
        let device = Device::of(who.device);
        for visit in &session.visits {
            let place = self.places.of(visit.url);
            let Some(page) = place.and_then(|place| page_on(&mut self.pages, place, device)) else {
                continue;
            };
            if page.seen != self.sessions {
                page.seen = self.sessions;
                (page.deep, page.told) = (0, false);
                page.examples.add(who, visit.at, visit.tab);
            }
            if visit.viewport.1 > 0 {
                page.told = true;
                page.deep = page.deep.max(visit.deepest);
                page.windows.add(visit.viewport.1.into());
            }
        }
        for visit in &session.visits {
            let place = self.places.of(visit.url);
            if let Some(page) = place.and_then(|place| page_on(&mut self.pages, place, device))
                && page.seen == self.sessions
            {
                page.seen = 0;
                if page.told {
                    page.deepest.add(page.deep.into());
                } else {
                    page.unknown += 1;
                }
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.pages.merge(other.pages, |own, other| {
            for (own, other) in own.iter_mut().zip(other) {
                own.unknown += other.unknown;
                own.deepest.merge(other.deepest);
                own.windows.merge(other.windows);
                own.examples.merge(other.examples);
            }
        });
    }

    fn answer(&self) -> Answer {
        let mut all = Vec::new();
        for (text, devices) in self.pages.all() {
            for (device, page) in Device::ALL.into_iter().zip(devices) {
                let deepest = page.deepest.counted();
                let sessions = deepest.count() + page.unknown;
                if sessions > 0 {
                    all.push((sessions, text, device, page, deepest));
                }
            }
        }
        order::sort_by(&mut all, |a, b| Reverse(a.0).cmp(&Reverse(b.0)));
        let (rows, others) = self.top.split(all);
        Answer {
            sessions: self.sessions,
            rows: rows
                .into_iter()
                .map(|(_, text, device, page, deepest)| row(text, device, page, &deepest))
                .collect(),
            others: others.iter().map(|_| 1).sum(),
            others_sessions: others.iter().map(|other| other.0).sum(),
        }
    }
}

/// What is kept of a page on a device class, by the order of [`Device::ALL`].
fn page_on(
    pages: &mut Table<[Page; Device::ALL.len()]>,
    place: u32,
    device: Device,
) -> Option<&mut Page> {
    let devices = pages.at(place)?.iter_mut();
    let mut devices = Device::ALL.into_iter().zip(devices);
    devices.find_map(|(other, page)| (other == device).then_some(page))
}

fn row(text: &str, device: Device, page: &Page, deepest: &Counted) -> Row {
    let height = deepest.0.last().map_or(0, |(deepest, _)| *deepest);
    let median = deepest.percentile(50).unwrap_or_default();
    let mut narrow = super::behind::on_page(text);
    narrow.device = (device != Device::Unknown).then(|| device.name().to_owned());
    Row {
        page: text.to_owned(),
        device,
        sessions: deepest.count(),
        unknown: page.unknown,
        height,
        fold: page.windows.counted().percentile(50).unwrap_or_default(),
        mean: deepest.mean().unwrap_or_default(),
        median: permille(median, height).unwrap_or_default(),
        reached: reached(deepest, height),
        behind: Behind::new(narrow, &page.examples),
    }
}

/// How many saw down to each step of the height.
fn reached(deepest: &Counted, height: u64) -> Vec<u64> {
    let steps = 0..=100 / STEP;
    let counts = steps.map(|step| {
        let deep = deepest
            .0
            .iter()
            .filter(|(deep, _)| deep * 100 >= step * STEP * height);
        deep.map(|(_, count)| count).sum()
    });
    counts.collect()
}

#[cfg(test)]
mod tests;
