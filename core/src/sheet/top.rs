//! The rows of a page of the list, found in many sheets.

use super::{Malformed, Sheet};
use crate::filter::Filter;
use crate::id::Millis;
use crate::listing::{Search, Sort};
use crate::order;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::mem;

/// Which row: where it stands in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What the order looks at before it looks at the start, see [`Sort::value`].
    pub value: u64,
    /// The session's start, ms since the epoch.
    pub start: Millis,
    /// How many sessions of that start have a smaller id.
    pub rank: u32,
}

/// The first places of an order, collected sheet by sheet.
#[derive(Debug)]
pub struct Top<'f> {
    filter: &'f Filter,
    sort: Sort,
    limit: usize,
    behind: Option<Place>,
    best: Vec<Place>,
    /// The last place of the page as far as it was sorted out.
    worst: Option<Place>,
}

impl<'f> Top<'f> {
    /// Those of `search`. Where it has a cursor, `before` says how many sessions with the
    /// start of the cursor's have a smaller id than that, or for [`Sort::Oldest`] no larger
    /// one.
    pub fn new(search: &'f Search, before: u32) -> Self {
        let behind = search.cursor.as_ref().map(|cursor| Place {
            value: cursor.value,
            start: cursor.sid.start(),
            rank: before,
        });
        Self {
            filter: &search.filter,
            sort: search.sort,
            limit: usize::try_from(search.limit).unwrap_or(usize::MAX),
            behind,
            best: Vec::new(),
            worst: None,
        }
    }

    fn order(&self, a: &Place, b: &Place) -> Ordering {
        match self.sort {
            Sort::Oldest => a.cmp(b),
            _ => b.cmp(a),
        }
    }

    /// Whether the page begins before `place`.
    fn is_behind(&self, place: &Place) -> bool {
        match (&self.behind, self.sort) {
            (None, _) => true,
            (Some(behind), Sort::Oldest) => behind <= place,
            (Some(behind), _) => place < behind,
        }
    }

    /// Looks at the rows of a sheet.
    pub fn add(&mut self, sheet: &Sheet<'_>) -> Result<(), Malformed> {
        let fails = sheet.failing(self.filter)?;
        if fails.iter().all(|fail| *fail > 0) {
            return Ok(());
        }
        let values = match self.sort {
            Sort::Newest | Sort::Oldest => alloc::vec![0; fails.len()],
            Sort::Longest => sheet.durations.values(),
            Sort::Events => sheet.events.values(),
            Sort::Errors => sheet.errors.values(),
            Sort::Frustration => {
                let dead = sheet.dead.values().into_iter();
                let rage = sheet.rage.values().into_iter();
                rage.zip(dead).map(|(a, b)| a.saturating_add(b)).collect()
            }
        };
        let mut last = None;
        let mut rank = 0;
        let rows = sheet.starts.values().into_iter().zip(values);
        for ((start, value), fail) in rows.zip(fails) {
            rank = if last == Some(start) { rank + 1 } else { 0 };
            last = Some(start);
            let place = Place { value, start, rank };
            if fail == 0 && self.is_behind(&place) {
                self.take(place);
            }
        }
        Ok(())
    }

    fn take(&mut self, place: Place) {
        let worst = self.worst.as_ref();
        if worst.is_some_and(|worst| self.order(worst, &place) == Ordering::Less) {
            return;
        }
        self.best.push(place);
        if self.best.len() >= self.limit.saturating_mul(2) {
            self.sort_out();
        }
    }

    fn sort_out(&mut self) {
        let mut best = mem::take(&mut self.best);
        order::sort_by(&mut best, |a, b| self.order(a, b));
        best.truncate(self.limit);
        self.best = best;
        if self.is_full() {
            self.worst = self.best.last().copied();
        }
    }

    fn is_full(&self) -> bool {
        self.best.len() >= self.limit
    }

    /// Whether no further sheet can change the page: it goes by the start, and sheets are
    /// looked at in its order.
    pub fn is_done(&self) -> bool {
        self.sort.is_by_start() && self.is_full()
    }

    /// The places of the page, in its order.
    pub fn places(mut self) -> Vec<Place> {
        self.sort_out();
        self.best
    }
}
