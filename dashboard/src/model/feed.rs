//! The session list: refreshed from the top, continued at the bottom, one row
//! for a session whatever order the answers come in.

use sentiero_core::api::{SessionList, SessionRow};
use sentiero_core::id::SessionId;
use sentiero_core::listing::Cursor;
use std::collections::BTreeSet;

/// The loaded part of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Newest first, each session once.
    pub rows: Vec<SessionRow>,
    /// Where the next older page begins; none at the end.
    pub next: Option<Cursor>,
}

impl Feed {
    /// The list as its first page alone.
    pub fn new(page: SessionList) -> Self {
        let mut feed = Self {
            rows: page.sessions,
            next: page.next,
        };
        feed.order();
        feed
    }

    /// Takes in the first page again; answers the sessions that are new.
    ///
    /// Rows that the page covers and does not hold were deleted, and go. If the
    /// page ends before the newest row that we have, there is a hole between
    /// them: the list starts over, because a list that hides sessions lies.
    pub fn refresh(&mut self, page: SessionList) -> BTreeSet<SessionId> {
        let known: BTreeSet<SessionId> = self.rows.iter().map(|row| row.sid.clone()).collect();
        let oldest = page.sessions.iter().map(|row| &row.sid).min().cloned();
        let new = page
            .sessions
            .iter()
            .map(|row| &row.sid)
            .filter(|sid| !known.contains(sid))
            .cloned()
            .collect();
        let newest_known = known.last();
        let hole = page.next.is_some() && oldest.as_ref() > newest_known;
        if page.next.is_none() || hole {
            *self = Self::new(page);
            return new;
        }
        self.rows
            .retain(|row| oldest.as_ref().is_none_or(|oldest| row.sid < *oldest));
        if self.rows.is_empty() {
            self.next = page.next;
        }
        self.rows.extend(page.sessions);
        self.order();
        new
    }

    /// Continues with an older page.
    pub fn extend(&mut self, page: SessionList) {
        self.rows.extend(page.sessions);
        self.next = page.next;
        self.order();
    }

    /// Newest first; of two rows of a session the one with more events stays.
    fn order(&mut self) {
        self.rows
            .sort_by(|a, b| b.sid.cmp(&a.sid).then(b.events.cmp(&a.events)));
        self.rows.dedup_by(|later, kept| later.sid == kept.sid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::listing::Sort;
    use sentiero_core::recording::{SessionState, Visitor};

    fn row(start: u64, events: u64) -> SessionRow {
        let sid = SessionId::new(start, &[0; 17]);
        SessionRow {
            events,
            ..SessionState::new(0, Visitor::default()).row(&sid, false)
        }
    }

    fn page(starts: &[u64], next: Option<u64>) -> SessionList {
        SessionList {
            sessions: starts.iter().map(|start| row(*start, 1)).collect(),
            next: next.map(|start| Cursor::behind(Sort::Newest, &row(start, 1))),
            total: None,
        }
    }

    fn starts(feed: &Feed) -> Vec<u64> {
        feed.rows.iter().map(|row| row.started).collect()
    }

    #[test]
    fn continues_without_doubles() {
        let mut feed = Feed::new(page(&[9, 8, 7], Some(7)));
        feed.extend(page(&[7, 6, 5], None));
        assert_eq!(starts(&feed), [9, 8, 7, 6, 5]);
        assert_eq!(feed.next, None);
    }

    #[test]
    fn new_rows_come_on_top_and_deleted_ones_go() {
        let mut feed = Feed::new(page(&[9, 8, 7], Some(7)));
        feed.extend(page(&[6, 5, 4], Some(4)));
        let new = feed.refresh(page(&[10, 9, 7], Some(7)));
        assert_eq!(starts(&feed), [10, 9, 7, 6, 5, 4]);
        assert_eq!(new.len(), 1);
        assert_eq!(feed.next.as_ref().map(|next| next.sid.start()), Some(4));
    }

    #[test]
    fn a_hole_starts_the_list_over() {
        let mut feed = Feed::new(page(&[3, 2, 1], None));
        feed.refresh(page(&[9, 8, 7], Some(7)));
        assert_eq!(starts(&feed), [9, 8, 7]);
        assert_eq!(feed.next.as_ref().map(|next| next.sid.start()), Some(7));
    }

    #[test]
    fn the_last_page_is_the_whole_list() {
        let mut feed = Feed::new(page(&[3, 2], None));
        feed.refresh(page(&[3], None));
        assert_eq!(starts(&feed), [3]);
        let new = feed.refresh(page(&[], None));
        assert!(starts(&feed).is_empty() && new.is_empty());
    }

    #[test]
    fn the_fuller_row_of_a_session_stays() {
        let mut feed = Feed::new(SessionList {
            sessions: vec![row(5, 2)],
            next: None,
            total: None,
        });
        feed.extend(SessionList {
            sessions: vec![row(5, 7), row(4, 1)],
            next: None,
            total: None,
        });
        assert_eq!(
            feed.rows.iter().map(|row| row.events).collect::<Vec<_>>(),
            [7, 1]
        );
    }

    #[test]
    fn refreshing_an_empty_list_fills_it() {
        let mut feed = Feed::default();
        assert_eq!(feed.refresh(page(&[2, 1], Some(1))).len(), 2);
        assert_eq!(starts(&feed), [2, 1]);
        assert!(feed.next.is_some());
    }
}
