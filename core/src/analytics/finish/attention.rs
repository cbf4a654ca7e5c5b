//! Where the visitor looked, as far as it can be known: which rows of the page were in the
//! window while he did something, and where the pointer was.

use super::pages::{Loaded, Pages, Shown, short};
use crate::analytics::facts::Pointer;
use crate::analytics::session::{Attention, BAND, COLUMNS, Session};
use crate::id::Millis;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Cells of the pointer are about a second, or this many.
const SECOND: Millis = 1 << 10;

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let mut found: BTreeMap<u32, Attention> = BTreeMap::new();
    for loaded in pages.loads.values() {
        for shown in &loaded.shown {
            let seen = seen(loaded, shown);
            if !seen.is_empty() {
                at(&mut found, shown.visit).seen = seen;
            }
        }
    }
    let facts = &pages.digest.facts;
    let seconds = short(facts.pointer_cell() / SECOND);
    let mut moves: BTreeMap<(u32, u32, u32), u32> = BTreeMap::new();
    for ((when, tab), pointer) in facts.pointer() {
        let Some((loaded, visit)) = pages.place(tab, when) else {
            continue;
        };
        if let Some((row, column)) = cell(loaded, when, pointer) {
            *moves.entry((visit, row, column)).or_default() += seconds;
        }
    }
    for ((visit, row, column), seconds) in moves {
        at(&mut found, visit).moves.push((row, column, seconds));
    }
    session.attention = found.into_values().collect();
}

fn at(found: &mut BTreeMap<u32, Attention>, visit: u32) -> &mut Attention {
    let attention = found.entry(visit).or_default();
    attention.visit = visit;
    attention
}

/// Of each row of the page how long it was in the window.
fn seen(loaded: &Loaded<'_>, shown: &Shown<'_>) -> Vec<(u32, u32)> {
    let mut rows: BTreeMap<u32, u32> = BTreeMap::new();
    for (from, to) in loaded.busy(shown) {
        let first = loaded
            .positions
            .partition_point(|position| position.at <= from);
        let moved = loaded
            .positions
            .iter()
            .skip(first)
            .map(|position| position.at);
        let mut begin = from;
        for end in moved.take_while(|at| *at < to).chain([to]) {
            look(loaded, begin, end, &mut rows);
            begin = end;
        }
    }
    rows.into_iter().collect()
}

/// Nothing was scrolled between `from` and `to`.
fn look(loaded: &Loaded<'_>, from: Millis, to: Millis, rows: &mut BTreeMap<u32, u32>) {
    let Some(size) = loaded.size(from) else {
        return;
    };
    let (_, top) = loaded.scrolled(from);
    let last = top + size.height - 1;
    for row in top / BAND..=last / BAND {
        let time = rows.entry(row).or_default();
        *time = time.saturating_add(short(to - from));
    }
}

/// The row and column of the page; none if the window's width is not known.
fn cell(loaded: &Loaded<'_>, when: Millis, pointer: &Pointer) -> Option<(u32, u32)> {
    let width = loaded.size(when)?.width;
    let (_, top) = loaded.scrolled(when);
    let column = pointer.x * COLUMNS / width;
    Some(((top + pointer.y) / BAND, column.min(COLUMNS - 1)))
}
