//! Facts that are small and many: one in a cell of time.
//!
//! A cell's width is the least power of two, from [`Point::NARROWEST`] on, by which there are
//! no more than [`Point::MOST`]. Wider cells are made of narrower ones, so the width, and what
//! is kept, follow from all facts alone. Facts narrower than a cell are exact as long as there
//! are few.

use super::store::{Reader, Writer};
use crate::id::{Millis, TabId};
use alloc::collections::BTreeMap;

/// The widest cell is 2 to this, ms: a quarter of an hour. Beyond, the earliest cells stay.
const WIDEST: u32 = 20;

/// Bytes of memory for one fact.
pub(super) const ENTRY: usize = 96;

/// A small fact.
pub(super) trait Point: Clone + Ord {
    /// The narrowest cell is 2 to this, ms.
    const NARROWEST: u32;
    /// Cells that are kept.
    const MOST: usize;
    /// What is not put into one cell, although it is of one time and page load.
    fn apart(&self) -> u64;
    /// Adds what is kept of another fact of the same cell, which was before, or sorts before.
    fn gather(&mut self, other: &Self);
    /// Writes it as numbers.
    fn write(&self, out: &mut Writer<'_>);
    /// Reads what [`Point::write`] wrote of a fact of this time.
    fn read(at: Millis, input: &mut Reader<'_>) -> Option<Self>;
}

/// A cell: its number, the page load, and what it is told apart by.
type Cell = (Millis, TabId, u64);

/// Facts of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Series<P> {
    width: u32,
    cells: BTreeMap<Cell, (Millis, P)>,
}

impl<P: Point> Default for Series<P> {
    fn default() -> Self {
        Self {
            width: P::NARROWEST,
            cells: BTreeMap::new(),
        }
    }
}

impl<P: Point> Series<P> {
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// How long a cell is, ms.
    pub(super) fn cell(&self) -> Millis {
        1 << self.width
    }

    pub(super) fn add(&mut self, at: Millis, tab: &TabId, point: P) {
        self.put(at, tab.clone(), point);
    }

    pub(super) fn add_some(&mut self, at: Millis, tab: &TabId, point: Option<P>) {
        if let Some(point) = point {
            self.add(at, tab, point);
        }
    }

    /// Of two facts in one cell the later one stays, or that which sorts last.
    fn put(&mut self, at: Millis, tab: TabId, point: P) {
        let cell = (at >> self.width, tab, point.apart());
        let Some(known) = self.cells.get_mut(&cell) else {
            self.cells.insert(cell, (at, point));
            return;
        };
        let mut earlier = (at, point);
        if *known < earlier {
            core::mem::swap(known, &mut earlier);
        }
        known.1.gather(&earlier.1);
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        let width = self.width.max(other.width);
        self.widen_to(width);
        other.widen_to(width);
        for ((_, tab, _), (at, point)) in other.cells {
            self.put(at, tab, point);
        }
        self.settle();
    }

    pub(super) fn settle(&mut self) {
        while self.cells.len() > P::MOST {
            if self.width >= WIDEST {
                self.cells.pop_last();
                continue;
            }
            self.widen_to(self.width + 1);
        }
    }

    fn widen_to(&mut self, width: u32) {
        if width <= self.width {
            return;
        }
        self.width = width;
        for ((_, tab, _), (at, point)) in core::mem::take(&mut self.cells) {
            self.put(at, tab, point);
        }
    }

    /// In order of time.
    pub(super) fn all(&self) -> impl Iterator<Item = ((Millis, &TabId), &P)> {
        self.cells
            .iter()
            .map(|((_, tab, _), (at, point))| ((*at, tab), point))
    }

    /// As numbers: the width; of each fact how long after the one before, its page load, and
    /// what it is.
    pub(super) fn write(&self, out: &mut Writer<'_>) {
        if self.cells.is_empty() {
            return;
        }
        out.number(i64::from(self.width));
        for ((_, tab, _), (at, point)) in &self.cells {
            out.moment(*at, tab);
            point.write(out);
        }
    }

    pub(super) fn read(mut input: Reader<'_>) -> Self {
        let mut series = Self::default();
        let Some(width) = input.number() else {
            return series;
        };
        let width = u32::try_from(width).unwrap_or(0);
        series.width = width.clamp(P::NARROWEST, WIDEST);
        while let Some((at, tab)) = input.moment() {
            let Some(point) = P::read(at, &mut input) else {
                break;
            };
            series.put(at, tab, point);
        }
        if series.cells.is_empty() {
            return Self::default();
        }
        series.settle();
        series
    }
}
