//! The session before or behind one, in the list that its address names.
//!
//! No list has to be remembered for it: a session's row says where in an order it is, so a
//! reload, a link from somebody else and the hundredth page all work. The API goes on from a
//! place downwards only. Upwards, an order by start is asked for in reverse; any other is
//! read from its top until it comes by, which is one page for whoever came from the first.

use crate::model::listing::{Listing, Moment};
use core::cmp::Ordering;
use sentiero_core::api::{MAX_PAGE, SessionList, SessionRow};
use sentiero_core::filter::Filter;
use sentiero_core::id::SessionId;
use sentiero_core::listing::{Cursor, Search, Sort};

/// So many pages are read from the top.
const PAGES: u32 = 10;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The one below.
    Next,
    /// The one above.
    Previous,
}

impl Way {
    /// Said where there is none.
    pub fn none(self) -> &'static str {
        match self {
            Self::Next => "This is the last session of the list.",
            Self::Previous => "This is the first session of the list.",
        }
    }
}

/// What a page of the list told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This is it.
    Session(SessionId),
    /// There is none.
    None,
    /// Ask for [`Walk::search`] again.
    More,
    /// It lies too far down to be looked for.
    TooFar,
}

/// The way to a session's neighbour.
#[derive(Clone, Debug)]
pub struct Walk {
    way: Way,
    filter: Filter,
    /// The order of the list.
    sort: Sort,
    here: Cursor,
    /// Where the next page begins; from the top without.
    cursor: Option<Cursor>,
    /// Of those above, the last that was read.
    above: Option<SessionId>,
    read: u32,
}

impl Walk {
    /// From `row` in the list that `listing` is at `moment`.
    pub fn new(way: Way, listing: &Listing, moment: Moment, row: &SessionRow) -> Self {
        let sort = match (way, listing.sort) {
            (Way::Previous, Sort::Newest) => Sort::Oldest,
            (Way::Previous, Sort::Oldest) => Sort::Newest,
            (_, sort) => sort,
        };
        let here = Cursor::behind(sort, row);
        let mut walk = Self {
            way,
            filter: listing.resolve(moment),
            sort,
            cursor: None,
            here,
            above: None,
            read: 0,
        };
        if !walk.reads_from_the_top() {
            walk.cursor = Some(walk.here.clone());
        }
        walk
    }

    fn reads_from_the_top(&self) -> bool {
        self.way == Way::Previous && !self.sort.is_by_start()
    }

    /// The page to ask for.
    pub fn search(&self) -> Search {
        Search {
            filter: self.filter.clone(),
            sort: self.sort,
            cursor: self.cursor.clone(),
            // A live session may have moved on, and come behind its own place.
            limit: if self.reads_from_the_top() {
                MAX_PAGE
            } else {
                2
            },
        }
    }

    /// Takes in that page.
    pub fn take(&mut self, page: &SessionList) -> Found {
        let mut others = page.sessions.iter().filter(|row| row.sid != self.here.sid);
        if !self.reads_from_the_top() {
            return others
                .next()
                .map_or(Found::None, |row| Found::Session(row.sid.clone()));
        }
        self.read += 1;
        let is_above = |row: &SessionRow| {
            let place = (self.sort.value(row), &row.sid);
            self.sort.order(place, (self.here.value, &self.here.sid)) == Ordering::Less
        };
        let passed = page.sessions.iter().any(|row| !is_above(row));
        if let Some(row) = others.take_while(|row| is_above(row)).last() {
            self.above = Some(row.sid.clone());
        }
        match &page.next {
            Some(next) if !passed && self.read < PAGES => {
                self.cursor = Some(next.clone());
                Found::More
            }
            Some(_) if !passed => Found::TooFar,
            _ => self.above.clone().map_or(Found::None, Found::Session),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::tests::row;
    use proptest::prelude::*;

    const MOMENT: Moment = Moment {
        now: 1_000_000,
        today: 900_000,
        before: 800_000,
    };

    /// What the API says of `all`.
    fn page(all: &[SessionRow], search: &Search) -> SessionList {
        let mut rows: Vec<SessionRow> = all
            .iter()
            .filter(|row| search.takes(row))
            .cloned()
            .collect();
        rows.sort_by(|a, b| search.order(a, b));
        let more = rows.len() > search.limit as usize;
        rows.truncate(search.limit as usize);
        let next = rows.last().filter(|_| more);
        SessionList {
            next: next.map(|row| Cursor::behind(search.sort, row)),
            sessions: rows,
            total: None,
        }
    }

    fn walked(way: Way, query: &str, all: &[SessionRow], from: &SessionRow) -> (Found, u32) {
        let (listing, wrong) = Listing::parse(query);
        assert_eq!(wrong, None);
        let mut walk = Walk::new(way, &listing, MOMENT, from);
        for asked in 1.. {
            match walk.take(&page(all, &walk.search())) {
                Found::More => {}
                found => return (found, asked),
            }
        }
        unreachable!("it ends")
    }

    fn rows(events: &[u64]) -> Vec<SessionRow> {
        (1..)
            .zip(events)
            .map(|(at, events)| row(at, *events))
            .collect()
    }

    #[test]
    fn each_order_has_both_ways() {
        let all = rows(&[5, 9, 7]);
        let sid = |n: usize| Found::Session(all[n].sid.clone());
        for (query, way, from, found) in [
            ("", Way::Next, 2, sid(1)),
            ("", Way::Previous, 0, sid(1)),
            ("", Way::Previous, 2, Found::None),
            ("", Way::Next, 0, Found::None),
            ("sort=oldest", Way::Next, 0, sid(1)),
            ("sort=oldest", Way::Previous, 1, sid(0)),
            ("sort=events", Way::Next, 1, sid(2)),
            ("sort=events", Way::Previous, 0, sid(2)),
            ("sort=events", Way::Previous, 1, Found::None),
            ("q=nobody", Way::Next, 1, Found::None),
            ("before=2", Way::Next, 1, sid(0)),
        ] {
            assert_eq!(
                walked(way, query, &all, &all[from]).0,
                found,
                "{query} {way:?} {from}"
            );
        }
    }

    #[test]
    fn a_session_that_moved_on_is_not_its_own_neighbour() {
        let mut all = rows(&[5, 9, 7]);
        let before = all[2].clone();
        all[2].events = 6;
        let (found, _) = walked(Way::Next, "sort=events", &all, &before);
        assert_eq!(found, Found::Session(all[0].sid.clone()));
        all[2].events = 20;
        let (found, _) = walked(Way::Previous, "sort=events", &all, &before);
        assert_eq!(found, Found::Session(all[1].sid.clone()));
    }

    #[test]
    fn upwards_it_reads_a_limited_number_of_pages() {
        let most = u64::from(PAGES * MAX_PAGE);
        let all = rows(&(0..=most + 1).rev().collect::<Vec<_>>());
        let at = |place: u64| &all[usize::try_from(place).unwrap()];
        let walked = |place| walked(Way::Previous, "sort=events", &all, at(place));
        let found = |place| Found::Session(at(place).sid.clone());
        assert_eq!(walked(1), (found(0), 1));
        assert_eq!(walked(200), (found(199), 2));
        assert_eq!(walked(most - 1), (found(most - 2), PAGES));
        assert_eq!(walked(most + 1), (Found::TooFar, PAGES));
    }

    proptest! {
        #[test]
        fn there_and_back(events in prop::collection::vec(0u64..5, 1..30), from: prop::sample::Index, sort in 0usize..6) {
            let all = rows(&events);
            let from = &all[from.index(all.len())];
            let query = format!("sort={}", Sort::ALL[sort].name());
            for (there, back) in [(Way::Next, Way::Previous), (Way::Previous, Way::Next)] {
                if let (Found::Session(sid), _) = walked(there, &query, &all, from) {
                    let other = all.iter().find(|row| row.sid == sid).unwrap();
                    prop_assert_eq!(walked(back, &query, &all, other).0, Found::Session(from.sid.clone()));
                }
            }
        }
    }
}
