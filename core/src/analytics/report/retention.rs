//! Retention: of the users who first came in a week, how many came again in the weeks after.
//!
//! A user is whom a page named by `identify`, the first one of a session; sessions that named
//! nobody cannot be told apart and are counted. The first week is the first in the range that
//! was asked for: what was before is not looked at. Weeks are those of UTC and begin on
//! Monday. A user counts once a week.

use super::overview::Every;
use super::spread::permille;
use super::{Examples, Who};
use crate::analytics::session::{Names, Session, Topic};
use crate::filter::Filter;
use crate::id::Millis;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    sessions: u64,
    unnamed: u64,
    /// Beginnings of the weeks in which each user came, in order.
    users: BTreeMap<String, Vec<Millis>>,
    /// Sessions with a user, by week.
    weeks: BTreeMap<Millis, Examples>,
}

/// Who came again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All sessions.
    pub sessions: u64,
    /// Of them, those that named no user: they are in no row.
    pub unnamed: u64,
    /// Users.
    pub users: u64,
    /// Weeks in which a user first came, in order.
    pub rows: Vec<Row>,
}

/// Users who first came in a week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// When the week begins, ms since the epoch.
    pub from: Millis,
    /// How many users.
    pub users: u64,
    /// Of them those who came in that week, in the one after it, and so on to the last week
    /// in which any user came.
    pub weeks: Vec<Cell>,
    /// Sessions of that week.
    pub behind: super::Behind,
}

/// Users who came in a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// How many.
    pub users: u64,
    /// Of those of the row, thousandths.
    pub share: u32,
}

impl Report {
    fn came(&mut self, user: &str, week: Millis) {
        // A name is copied only for a user who has nothing here yet.
        if !self.users.contains_key(user) {
            self.users.insert(user.to_owned(), Vec::new());
        }
        if let Some(weeks) = self.users.get_mut(user)
            && let Err(place) = weeks.binary_search(&week)
        {
            weeks.insert(place, week);
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[]
    }

    fn reads_who(&self) -> bool {
        true
    }

    fn names(&mut self, _: &[&Names; 7]) {}

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, _: &Session) {
        self.sessions += 1;
        let Some(user) = who.user else {
            self.unnamed += 1;
            return;
        };
        let week = Every::Week.start(who.started);
        self.came(user, week);
        self.weeks.entry(week).or_default().add(who, 0, 0);
    }

    fn merge(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.unnamed += other.unnamed;
        for (user, weeks) in other.users {
            for week in weeks {
                self.came(&user, week);
            }
        }
        for (week, examples) in other.weeks {
            self.weeks.entry(week).or_default().merge(examples);
        }
    }

    fn answer(&self) -> Answer {
        let mut cohorts: BTreeMap<Millis, BTreeMap<Millis, u64>> = BTreeMap::new();
        for weeks in self.users.values() {
            let Some(first) = weeks.first() else { continue };
            let cohort = cohorts.entry(*first).or_default();
            for week in weeks {
                *cohort.entry(*week).or_default() += 1;
            }
        }
        let last = self.weeks.keys().next_back().copied().unwrap_or_default();
        let rows = cohorts.iter().map(|(first, weeks)| {
            let users = weeks.get(first).copied().unwrap_or_default();
            Row {
                from: *first,
                users,
                weeks: cells(*first, last, users, weeks),
                behind: super::Behind {
                    narrow: of_week(*first),
                    examples: self
                        .weeks
                        .get(first)
                        .map(Examples::list)
                        .unwrap_or_default(),
                },
            }
        });
        Answer {
            sessions: self.sessions,
            unnamed: self.unnamed,
            users: u64::try_from(self.users.len()).unwrap_or(u64::MAX),
            rows: rows.collect(),
        }
    }
}

/// Every week from the first to the last, also those in which nobody came.
fn cells(first: Millis, last: Millis, users: u64, weeks: &BTreeMap<Millis, u64>) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut week = first;
    while week <= last {
        let came = weeks.get(&week).copied().unwrap_or_default();
        cells.push(Cell {
            users: came,
            share: permille(came, users).unwrap_or_default(),
        });
        week = after(week);
    }
    cells
}

/// The week after, whose length the week of the epoch, which is cut, does not have.
fn after(week: Millis) -> Millis {
    Every::Week.start(week.saturating_add(Every::Week.length()))
}

fn of_week(from: Millis) -> Filter {
    Filter {
        from: Some(from),
        before: Some(after(from)),
        ..Filter::default()
    }
}

#[cfg(test)]
mod tests;
