//! Frustration: where visitors click in rage, or on what does nothing.
//!
//! An incident of rage is counted once, however many clicks it had. A click is dead if
//! nothing followed it; with an error of the page after it, it is also told apart (reference
//! §5.7; what rage and dead are is decided where a session is finished). Pages are sorted by
//! both together, and so are the elements of a page.

use super::keys::{Lazy, Pairs, Places, Table};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Click, ClickKind, Names, Session, Topic};
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    top: Limit,
    sessions: u64,
    affected: u64,
    pages: Table<Page>,
    targets: Table<()>,
    /// By page and target.
    found: Pairs<Found>,
    #[serde(skip)]
    page_places: Places,
    #[serde(skip)]
    target_places: Lazy,
}

/// How many there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Incidents of rage.
    pub rage: u64,
    /// Clicks that nothing followed.
    pub dead: u64,
    /// Of them, those that an error of the page followed.
    pub with_error: u64,
}

impl Counts {
    fn of(kind: ClickKind) -> Self {
        let dead = matches!(kind, ClickKind::Dead | ClickKind::DeadWithError);
        Self {
            rage: u64::from(kind == ClickKind::RageFirst),
            dead: u64::from(dead),
            with_error: u64::from(kind == ClickKind::DeadWithError),
        }
    }

    fn add(&mut self, other: Self) {
        self.rage += other.rage;
        self.dead += other.dead;
        self.with_error += other.with_error;
    }

    /// Rage and dead together.
    pub fn total(self) -> u64 {
        self.rage + self.dead
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Page {
    /// That saw it.
    sessions: u64,
    #[serde(skip)]
    seen: u64,
    found: Found,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Found {
    counts: Counts,
    sessions: u64,
    examples: Examples,
    #[serde(skip)]
    seen: u64,
}

/// Pages with frustration, the most first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All sessions.
    pub sessions: u64,
    /// Of them, those with any frustration.
    pub affected: u64,
    /// Of all pages.
    pub counts: Counts,
    /// Pages, as far as they were asked for.
    pub rows: Vec<Row>,
    /// The other pages together, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Host and path, see [`Routes`].
    pub page: String,
    /// Sessions that saw it.
    pub seen: u64,
    /// Of them, those with frustration on it.
    pub sessions: u64,
    /// How many there were.
    pub counts: Counts,
    /// Elements that were clicked, as far as they were asked for.
    pub targets: Vec<Target>,
    /// The other elements together, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<Others>,
    /// Clicks on what the recorder did not name.
    pub unnamed: Counts,
    /// Sessions with frustration on it, at the first.
    pub behind: Behind,
}

/// An element of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// As the recorder's click capture names it.
    pub target: String,
    /// Sessions that clicked it so.
    pub sessions: u64,
    /// How many there were.
    pub counts: Counts,
    /// Sessions that clicked it so, at the first.
    pub behind: Behind,
}

/// Rows that were not asked for, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    /// How many.
    pub rows: u64,
    /// How many there were on them.
    pub counts: Counts,
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

    fn click(&mut self, who: &Who<'_>, session: &Session, click: &Click, counts: Counts) {
        let Some(visit) = session.visits.get(super::keys::index(click.visit)) else {
            return;
        };
        let Some(place) = self.page_places.of(visit.url) else {
            return;
        };
        let number = self.sessions;
        let count = |found: &mut Found| {
            found.counts.add(counts);
            found.examples.add(who, click.at, visit.tab);
            if found.seen != number {
                found.seen = number;
                found.sessions += 1;
            }
        };
        if let Some(page) = self.pages.at(place) {
            count(&mut page.found);
        }
        let place_of = |name| self.target_places.of(name, &mut self.targets);
        if let Some(target) = click.target.and_then(place_of) {
            count(self.found.at(place, target));
        }
    }

    fn row(&self, texts: &[&str], (text, place, page): (&str, u32, &Page)) -> Row {
        let mut targets: Vec<(&str, &Found)> = self
            .found
            .of(place)
            .map(|(target, found)| {
                let text = texts.get(super::keys::index(target));
                (text.copied().unwrap_or_default(), found)
            })
            .collect();
        order::sort_by(&mut targets, |a, b| {
            let weight = |found: &Found| Reverse(found.counts.total());
            weight(a.1).cmp(&weight(b.1)).then_with(|| a.0.cmp(b.0))
        });
        let mut unnamed = page.found.counts;
        for (_, found) in &targets {
            unnamed.rage -= found.counts.rage.min(unnamed.rage);
            unnamed.dead -= found.counts.dead.min(unnamed.dead);
            unnamed.with_error -= found.counts.with_error.min(unnamed.with_error);
        }
        let (targets, others) = self.top.split(targets);
        Row {
            page: text.to_owned(),
            seen: page.sessions,
            sessions: page.found.sessions,
            counts: page.found.counts,
            targets: targets
                .into_iter()
                .map(|(target, found)| Target {
                    target: target.to_owned(),
                    sessions: found.sessions,
                    counts: found.counts,
                    behind: behind(text, found),
                })
                .collect(),
            others: sum(others.iter().map(|(_, found)| found.counts)),
            unnamed,
            behind: behind(text, &page.found),
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Clicks]
    }

    fn names(&mut self, [pages, _, clicks, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.page_places.fill(pages, place);
        self.target_places.fill(clicks);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.sessions += 1;
        for visit in &session.visits {
            let place = self.page_places.of(visit.url);
            if let Some(page) = place.and_then(|place| self.pages.at(place))
                && page.seen != self.sessions
            {
                page.seen = self.sessions;
                page.sessions += 1;
            }
        }
        let mut affected = false;
        for click in &session.clicks {
            let counts = Counts::of(click.kind);
            if counts.total() > 0 {
                affected = true;
                self.click(who, session, click, counts);
            }
        }
        self.affected += u64::from(affected);
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.affected += other.affected;
        let pages = self.pages.merge(other.pages, |own, other| {
            own.sessions += other.sessions;
            merge(&mut own.found, other.found);
        });
        let targets = self.targets.merge(other.targets, |(), ()| ());
        let places = |page, target| Some((pages.of(page)?, targets.of(target)?));
        self.found.merge(other.found, places, merge);
    }

    fn answer(&self) -> Answer {
        let all = self.pages.placed();
        let mut all: Vec<_> = all
            .filter(|(_, _, page)| page.found.counts.total() > 0)
            .collect();
        order::sort_by(&mut all, |a, b| {
            let weight = |page: &Page| Reverse(page.found.counts.total());
            weight(a.2).cmp(&weight(b.2))
        });
        let mut counts = Counts::default();
        for (_, _, page) in &all {
            counts.add(page.found.counts);
        }
        let (rows, others) = self.top.split(all);
        let texts = self.targets.texts();
        Answer {
            sessions: self.sessions,
            affected: self.affected,
            counts,
            rows: rows
                .into_iter()
                .map(|page| self.row(&texts, page))
                .collect(),
            others: sum(others.iter().map(|(_, _, page)| page.found.counts)),
        }
    }
}

fn merge(own: &mut Found, other: Found) {
    own.counts.add(other.counts);
    own.sessions += other.sessions;
    own.examples.merge(other.examples);
}

fn behind(page: &str, found: &Found) -> Behind {
    let mut narrow = super::behind::on_page(page);
    narrow.rage = found.counts.rage > 0 && found.counts.dead == 0;
    narrow.dead = found.counts.dead > 0 && found.counts.rage == 0;
    Behind::new(narrow, &found.examples)
}

fn sum(others: impl Iterator<Item = Counts>) -> Option<Others> {
    let mut sum = Others::default();
    for counts in others {
        sum.rows += 1;
        sum.counts.add(counts);
    }
    (sum.rows > 0).then_some(sum)
}

#[cfg(test)]
mod tests;
