//! The session list: refreshed from the top, continued at the bottom, one row
//! for a session whatever order the answers come in. While somebody reads it,
//! nothing in it moves.

use sentiero_core::api::{SessionList, SessionRow};
use sentiero_core::id::SessionId;
use sentiero_core::listing::{Cursor, Sort};
use std::collections::BTreeSet;

/// The loaded part of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// In the order that was asked for, each session once.
    pub rows: Vec<SessionRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<Cursor>,
    /// Sessions that came with the last page from the top.
    pub fresh: BTreeSet<SessionId>,
    sort: Sort,
    /// The first page as it is by now, if it has sessions that are not shown.
    waiting: Option<SessionList>,
}

impl Feed {
    /// The list as its first page alone.
    pub fn new(page: SessionList, sort: Sort) -> Self {
        let mut feed = Self {
            rows: page.sessions,
            next: page.next,
            sort,
            ..Self::default()
        };
        feed.order();
        feed
    }

    /// Takes in the first page again. What is known of sessions that are shown is
    /// brought up to date where they stand. With `still`, no row comes, goes or
    /// moves; what is new [waits](Self::waiting).
    pub fn refresh(&mut self, page: SessionList, still: bool) {
        for row in &mut self.rows {
            let found = page.sessions.iter().find(|new| new.sid == row.sid);
            if let Some(found) = found {
                row.clone_from(found);
            }
        }
        if !still {
            self.take(page);
            return;
        }
        let has_new = self.above(&page) > 0;
        self.waiting = has_new.then_some(page);
    }

    /// Sessions that are new and not shown yet; the first page may hold no more
    /// than a part of them.
    pub fn waiting(&self) -> usize {
        let waiting = self.waiting.as_ref();
        waiting.map_or(0, |page| self.above(page))
    }

    /// How many of `page` are new. What lies behind the last row that is shown is not: it moved
    /// up into the first page because others were erased, and comes with the next one.
    fn above(&self, page: &SessionList) -> usize {
        let new = self.new_in(page);
        let sort = self.sort;
        let end = self.rows.last().filter(|_| self.next.is_some());
        let is_above = |row: &&SessionRow| {
            end.is_none_or(|end| {
                sort.order((sort.value(row), &row.sid), (sort.value(end), &end.sid))
                    .is_lt()
            })
        };
        let rows = page.sessions.iter().filter(|row| new.contains(&row.sid));
        rows.filter(is_above).count()
    }

    /// Shows them.
    pub fn show_waiting(&mut self) {
        if let Some(page) = self.waiting.take() {
            self.take(page);
        }
    }

    fn new_in(&self, page: &SessionList) -> BTreeSet<SessionId> {
        let known: BTreeSet<&SessionId> = self.rows.iter().map(|row| &row.sid).collect();
        let sids = page.sessions.iter().map(|row| &row.sid);
        sids.filter(|sid| !known.contains(sid)).cloned().collect()
    }

    /// The first page becomes what is on top. Rows that it covers and does not
    /// hold were deleted or match no more, and go. If it holds nothing that we
    /// have, there is a hole between them: the list starts over, because a list
    /// that hides sessions lies.
    fn take(&mut self, page: SessionList) {
        self.waiting = None;
        self.fresh = self.new_in(&page);
        let hole = self.fresh.len() == page.sessions.len();
        let end = page
            .sessions
            .iter()
            .map(|row| Cursor::behind(self.sort, row));
        let end = end.max_by(|a, b| self.sort.order((a.value, &a.sid), (b.value, &b.sid)));
        let (Some(end), false, true) = (end, hole, page.next.is_some()) else {
            let fresh = core::mem::take(&mut self.fresh);
            *self = Self {
                fresh,
                ..Self::new(page, self.sort)
            };
            return;
        };
        self.rows.retain(|row| end.is_before(row));
        if self.rows.is_empty() {
            self.next = page.next;
        }
        self.rows.extend(page.sessions);
        self.order();
    }

    /// Continues with the next page.
    pub fn extend(&mut self, page: SessionList) {
        self.rows.extend(page.sessions);
        self.next = page.next;
        self.order();
    }

    /// Takes out sessions that were erased.
    pub fn erased(&mut self, gone: impl Fn(&SessionId) -> bool) {
        self.rows.retain(|row| !gone(&row.sid));
        if let Some(page) = &mut self.waiting {
            page.sessions.retain(|row| !gone(&row.sid));
        }
    }

    /// What is known of a session that is shown.
    pub fn row(&self, sid: &SessionId) -> Option<&SessionRow> {
        self.rows.iter().find(|row| row.sid == *sid)
    }

    /// The sessions that are shown, from the top.
    pub fn sids(&self) -> Vec<SessionId> {
        self.rows.iter().map(|row| row.sid.clone()).collect()
    }

    /// In order; of two rows of a session the one with more events stays.
    fn order(&mut self) {
        self.rows
            .sort_by(|a, b| a.sid.cmp(&b.sid).then(b.events.cmp(&a.events)));
        self.rows.dedup_by(|later, kept| later.sid == kept.sid);
        let sort = self.sort;
        self.rows
            .sort_by(|a, b| sort.order((sort.value(a), &a.sid), (sort.value(b), &b.sid)));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn row(start: u64, events: u64) -> SessionRow {
        let sid = SessionId::new(start, &[0; 17]);
        let text = format!(
            r#"{{"sid":"{sid}","started":{start},"duration":0,"live":false,"tabs":1,"pages":1,
            "events":{events},"clicks":0,"errors":0,"bytes":0,"entry":"","exit":""}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn list(rows: Vec<SessionRow>, sort: Sort, more: bool) -> SessionList {
        let next = rows.last().filter(|_| more);
        let next = next.map(|row| Cursor::behind(sort, row));
        let mut list: SessionList = serde_json::from_str(r#"{"sessions":[]}"#).unwrap();
        (list.sessions, list.next) = (rows, next);
        list
    }

    fn page(starts: &[u64], more: bool) -> SessionList {
        let rows = starts.iter().map(|start| row(*start, 1)).collect();
        list(rows, Sort::Newest, more)
    }

    fn feed(starts: &[u64], more: bool) -> Feed {
        Feed::new(page(starts, more), Sort::Newest)
    }

    fn starts(feed: &Feed) -> Vec<u64> {
        feed.rows.iter().map(|row| row.started).collect()
    }

    fn fresh(feed: &Feed) -> Vec<u64> {
        feed.fresh.iter().map(SessionId::start).collect()
    }

    #[test]
    fn continues_without_doubles() {
        let mut feed = feed(&[9, 8, 7], true);
        feed.extend(page(&[7, 6, 5], false));
        assert_eq!(starts(&feed), [9, 8, 7, 6, 5]);
        assert_eq!(feed.next, None);
    }

    #[test]
    fn new_rows_come_on_top_and_deleted_ones_go() {
        let mut feed = feed(&[9, 8, 7], true);
        feed.extend(page(&[6, 5, 4], true));
        feed.refresh(page(&[10, 9, 7], true), false);
        assert_eq!(starts(&feed), [10, 9, 7, 6, 5, 4]);
        assert_eq!(fresh(&feed), [10]);
        assert_eq!(feed.next.as_ref().map(|next| next.sid.start()), Some(4));
    }

    #[test]
    fn a_hole_starts_the_list_over() {
        let mut feed = feed(&[3, 2, 1], false);
        feed.refresh(page(&[9, 8, 7], true), false);
        assert_eq!(starts(&feed), [9, 8, 7]);
        assert_eq!(feed.next.as_ref().map(|next| next.sid.start()), Some(7));
        assert_eq!(fresh(&feed), [7, 8, 9]);
    }

    #[test]
    fn the_last_page_is_the_whole_list() {
        let mut feed = feed(&[3, 2], false);
        feed.refresh(page(&[3], false), false);
        assert_eq!(starts(&feed), [3]);
        feed.refresh(page(&[], false), false);
        assert!(starts(&feed).is_empty() && fresh(&feed).is_empty());
        feed.refresh(page(&[2, 1], true), false);
        assert_eq!(starts(&feed), [2, 1]);
        assert!(feed.next.is_some());
    }

    #[test]
    fn nothing_moves_while_somebody_reads() {
        let mut feed = feed(&[9, 8, 7], true);
        let changed = list(vec![row(11, 1), row(10, 1), row(8, 50)], Sort::Newest, true);
        feed.refresh(changed, true);
        assert_eq!((starts(&feed), feed.waiting()), (vec![9, 8, 7], 2));
        assert_eq!(feed.row(&SessionId::new(8, &[0; 17])).unwrap().events, 50);
        feed.show_waiting();
        assert_eq!((starts(&feed), feed.waiting()), (vec![11, 10, 8, 7], 0));
        assert_eq!(fresh(&feed), [10, 11]);
        // What was waiting and is gone by now is waited for no more.
        feed.refresh(page(&[12, 11], true), true);
        feed.refresh(page(&[11, 10], true), true);
        assert_eq!(feed.waiting(), 0);
    }

    #[test]
    fn what_moves_up_when_others_are_erased_is_not_new() {
        let mut read = feed(&[9, 8, 7], true);
        read.erased(|sid| sid.start() == 8);
        read.refresh(page(&[9, 7, 6], true), true);
        assert_eq!(read.waiting(), 0);
        read.refresh(page(&[10, 9, 7], true), true);
        assert_eq!(read.waiting(), 1);
        // Where nothing is left to continue with, what comes at the end is new.
        let sort = Sort::Oldest;
        let mut whole = Feed::new(list(vec![row(1, 1), row(2, 1)], sort, false), sort);
        let longer = list(vec![row(1, 1), row(2, 1), row(3, 1)], sort, false);
        whole.refresh(longer, true);
        assert_eq!(whole.waiting(), 1);
    }

    #[test]
    fn keeps_the_order_that_was_asked_for() {
        let rows = |events: &[(u64, u64)]| events.iter().map(|(at, n)| row(*at, *n)).collect();
        let sort = Sort::Events;
        let mut feed = Feed::new(list(rows(&[(1, 90), (5, 50)]), sort, true), sort);
        feed.extend(list(rows(&[(9, 40), (3, 7)]), sort, false));
        assert_eq!(starts(&feed), [1, 5, 9, 3]);
        // The third has grown above the second.
        feed.refresh(list(rows(&[(1, 90), (9, 60)]), sort, true), false);
        assert_eq!(starts(&feed), [1, 9, 5, 3]);
        feed.refresh(list(rows(&[(7, 99), (1, 90)]), sort, true), true);
        assert_eq!((starts(&feed), feed.waiting()), (vec![1, 9, 5, 3], 1));
    }

    #[test]
    fn the_fuller_row_of_a_session_stays() {
        let sort = Sort::Newest;
        let mut feed = Feed::new(list(vec![row(5, 2)], sort, false), sort);
        feed.extend(list(vec![row(5, 7), row(4, 1)], sort, false));
        let events: Vec<u64> = feed.rows.iter().map(|row| row.events).collect();
        assert_eq!(events, [7, 1]);
    }

    #[test]
    fn erased_sessions_are_gone_at_once() {
        let mut feed = feed(&[9, 8, 7], true);
        feed.refresh(page(&[10, 9, 8], true), true);
        feed.erased(|sid| [8, 10].contains(&sid.start()));
        assert_eq!((starts(&feed), feed.waiting()), (vec![9, 7], 0));
    }
}
