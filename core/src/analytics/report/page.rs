//! One page: who sees it and for how long, how far down, what is clicked on it, its forms, its
//! events, how fast it is, and what goes wrong (reference §5.11).
//!
//! It is put together from other reports, to which only this page has a name, and which are
//! told only what happened on it: so each number is the one that they have of the page, and a
//! field is called what it is called here. Where a session came in and left, and whether it
//! bounced, is judged by all of it.

use super::keys::index;
use super::tally::{Tallied, Tally};
use super::{Behind, Limit, Report as _, Who, events, forms, frustration, pages, scroll, vitals};
use crate::analytics::route::{Routes, is_page};
use crate::analytics::session::{Names, Session, Topic, Visit};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Which page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The page, see [`is_page`].
    pub page: String,
    /// So many rows of each list.
    pub top: Limit,
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    asked: Asked,
    pages: pages::Report,
    scroll: scroll::Report,
    frustration: frustration::Report,
    forms: forms::Report,
    vitals: vitals::Report,
    events: events::Report,
    errors: Tally,
    clicks: Tally,
    /// Clicks, also on what has no name.
    clicked: u64,
    /// Which texts of the sheet are addresses of the page.
    #[serde(skip)]
    is_asked: Vec<bool>,
    /// What the session that is being counted did on the page.
    #[serde(skip)]
    here: Session,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked.
    pub asked: Asked,
    /// Sessions that saw any page.
    pub sessions: u64,
    /// How often this one was seen, by whom, how long: all 0 if it was not.
    pub page: pages::Row,
    /// How far down, on each device class that saw it.
    pub scroll: Vec<scroll::Row>,
    /// How fast it is; metrics without a sample are left out.
    pub vitals: Vec<vitals::Vital>,
    /// Clicks in rage or in vain; none if there were none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frustration: Option<frustration::Row>,
    /// Its forms.
    pub forms: forms::Answer,
    /// Custom events while it was shown.
    pub events: events::Answer,
    /// All clicks on it.
    pub clicks: u64,
    /// Elements that were clicked, the most first.
    pub targets: Often,
    /// Errors while it was shown, the most frequent first.
    pub errors: Often,
}

/// What came how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Often {
    /// As far as asked for.
    pub rows: Vec<Times>,
    /// How many others there are.
    pub others: u64,
    /// How often they came.
    pub others_times: u64,
}

/// An element or an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// An element as the recorder's click capture names it, or an error's message with its
    /// numbers folded.
    pub text: String,
    /// How often.
    pub times: u64,
    /// In how many sessions.
    pub sessions: u64,
    /// These sessions, at the first.
    pub behind: Behind,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, asked: Asked) -> Self {
        let (all, top) = (Limit(None), asked.top);
        Self {
            pages: pages::Report::new(routes.clone(), all),
            scroll: scroll::Report::new(routes.clone(), all),
            frustration: frustration::Report::new(routes.clone(), top),
            forms: forms::Report::new(routes.clone(), top),
            vitals: vitals::Report::new(routes.clone(), all),
            events: events::Report::new(top),
            routes,
            asked,
            ..Self::default()
        }
    }

    fn is_seen(&self, visit: &Visit) -> bool {
        let here = self.is_asked.get(index(visit.url));
        here.copied().unwrap_or_default()
    }

    /// Whether a visit is one of the page.
    fn is_here(&self, session: &Session, visit: u32) -> bool {
        let visit = session.visits.get(index(visit));
        visit.is_some_and(|visit| self.is_seen(visit))
    }

    /// Takes over what happened on the page: pages keep their places.
    fn take(&mut self, session: &Session) {
        let mut here = core::mem::take(&mut self.here);
        here.visits.clone_from(&session.visits);
        let is_here = |visit: u32| self.is_here(session, visit);
        refill(&mut here.clicks, &session.clicks, |it| is_here(it.visit));
        refill(&mut here.fields, &session.fields, |it| is_here(it.visit));
        refill(&mut here.submits, &session.submits, |it| is_here(it.visit));
        refill(&mut here.marks, &session.marks, |it| is_here(it.visit));
        refill(&mut here.vitals, &session.vitals, |it| is_here(it.visit));
        self.here = here;
    }

    /// Counts clicks and errors of what was taken over.
    fn count(&mut self, who: &Who<'_>) {
        let tab = |visit: u32| {
            let visit = self.here.visits.get(index(visit));
            visit.map_or(0, |visit| visit.tab)
        };
        for click in &self.here.clicks {
            self.clicked += 1;
            if let Some(target) = click.target {
                self.clicks.add(target, who, click.at, tab(click.visit));
            }
        }
        for mark in self.here.marks.iter().filter(|mark| mark.is_error) {
            self.errors.add(mark.tag, who, mark.at, tab(mark.visit));
        }
    }

    fn often(&self, tally: &Tally, is_error: bool) -> Often {
        let (rows, (others, others_times)) = tally.most(self.asked.top);
        let row = |counted: Tallied| {
            let mut behind = Behind::of_page(&self.asked.page, &counted.examples);
            behind.narrow.errors = is_error;
            Times {
                text: counted.text,
                times: counted.times,
                sessions: counted.sessions,
                behind,
            }
        };
        Often {
            rows: rows.into_iter().map(row).collect(),
            others,
            others_times,
        }
    }

    fn events(&self) -> events::Answer {
        let mut events = self.events.answer();
        let on_page = super::behind::on_page(&self.asked.page);
        for row in &mut events.rows {
            row.behind.narrow.url.clone_from(&on_page.url);
        }
        events
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[
            Topic::Pages,
            Topic::Clicks,
            Topic::Forms,
            Topic::Marks,
            Topic::Vitals,
        ]
    }

    fn names(&mut self, names: &[&Names; 7]) {
        let (routes, asked) = (&self.routes, &self.asked.page);
        let [pages, _, clicks, _, _, marks, _] = names;
        let is_asked = |address| is_page(asked, &super::pages::page_of(routes, address));
        self.is_asked.clear();
        self.is_asked.extend(pages.all().map(is_asked));
        let called = |is_asked: &bool| {
            if *is_asked {
                asked.clone()
            } else {
                String::new()
            }
        };
        let called = Names::of(self.is_asked.iter().map(called).collect());
        let mut only = *names;
        only[0] = &called;
        self.pages.names(&only);
        self.scroll.names(&only);
        self.frustration.names(&only);
        self.forms.names(&only);
        self.vitals.names(&only);
        self.events.names(&only);
        self.clicks.names(clicks);
        self.errors.names(marks);
    }

    fn looks_on(&self, session: &Session) -> bool {
        session.visits.iter().any(|visit| self.is_seen(visit))
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        self.pages.add(who, session);
        if !self.looks_on(session) {
            return;
        }
        self.take(session);
        self.count(who);
        self.scroll.add(who, &self.here);
        self.frustration.add(who, &self.here);
        self.forms.add(who, &self.here);
        self.vitals.add(who, &self.here);
        self.events.add(who, &self.here);
    }

    fn merge(&mut self, other: Self) {
        self.pages.merge(other.pages);
        self.scroll.merge(other.scroll);
        self.frustration.merge(other.frustration);
        self.forms.merge(other.forms);
        self.vitals.merge(other.vitals);
        self.events.merge(other.events);
        self.errors.merge(other.errors);
        self.clicks.merge(other.clicks);
        self.clicked += other.clicked;
    }

    fn answer(&self) -> Answer {
        let page = &self.asked.page;
        let pages = self.pages.answer();
        let of_pages = pages.rows.into_iter();
        let scroll = self.scroll.answer().rows.into_iter();
        let mut vitals = self.vitals.answer().rows.into_iter();
        let mut frustration = self.frustration.answer().rows.into_iter();
        let unseen = || pages::Row {
            page: page.to_owned(),
            ..pages::Row::default()
        };
        Answer {
            asked: self.asked.clone(),
            sessions: pages.sessions,
            page: of_pages
                .into_iter()
                .find(|row| row.page == *page)
                .unwrap_or_else(unseen),
            scroll: scroll.filter(|row| row.page == *page).collect(),
            vitals: vitals
                .find(|row| row.page == *page)
                .map_or_else(Vec::new, |row| row.vitals),
            frustration: frustration.find(|row| row.page == *page),
            forms: self.forms.answer(),
            events: self.events(),
            clicks: self.clicked,
            targets: self.often(&self.clicks, false),
            errors: self.often(&self.errors, true),
        }
    }
}

/// What `all` has of the page, in the memory of `own`.
fn refill<T: Clone>(own: &mut Vec<T>, all: &[T], is_here: impl Fn(&T) -> bool) {
    own.clear();
    own.extend(all.iter().filter(|it| is_here(it)).cloned());
}

#[cfg(test)]
mod tests;
