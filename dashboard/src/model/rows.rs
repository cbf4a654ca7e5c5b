//! The activity as it is listed: with idle time, filtered, and following playback.

use crate::model::activity::{Kind, Row};
use crate::model::pack::pack_fields;
use crate::model::text;
use core::ops::Range;
use sentiero_core::digest::{Bursts, GAP};
use sentiero_core::id::Millis;
use std::collections::BTreeSet;

/// A time in which the visitor did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last sign before it.
    pub from: Millis,
    /// The first sign after it.
    pub to: Millis,
}

pack_fields!(Gap { from, to });

/// The idle times inside `spans`, the parts of the recording that are loaded: of what is not,
/// nothing can be said. `bursts` are when the visitor did something, as core says
/// it: what lies between them is idle, and before the first and behind the last what is
/// longer than a [`GAP`].
pub fn gaps(bursts: &Bursts, spans: &[(Millis, Millis)]) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for &(from, to) in spans {
        let mut last = from;
        let inside = bursts
            .spans()
            .filter(|(begin, end)| *begin <= to && from <= *end);
        for (begin, end) in inside.chain([(to, to)]) {
            if begin.saturating_sub(last) > GAP {
                gaps.push(Gap {
                    from: last,
                    to: begin,
                });
            }
            last = end;
        }
    }
    gaps
}

/// `rows` with a row for each idle time, in order of time.
pub fn with_idle(mut rows: Vec<Row>, gaps: &[Gap]) -> Vec<Row> {
    rows.extend(gaps.iter().map(|gap| Row {
        at: gap.from,
        until: gap.to,
        index: u32::MAX,
        kind: Kind::Idle,
        label: format!("Idle for {}", text::duration(gap.to - gap.from)),
        detail: String::new(),
        count: 1,
    }));
    rows.sort_by_key(|row| (row.at, row.index));
    rows
}

/// How many rows there are of each kind.
pub fn counts(rows: &[Row]) -> [usize; Kind::ALL.len()] {
    Kind::ALL.map(|kind| rows.iter().filter(|row| row.kind == kind).count())
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The kinds to show; none: all.
    pub kinds: BTreeSet<Kind>,
    /// Words that a row must hold.
    pub query: String,
}

impl Filter {
    /// Which of `rows` pass.
    pub fn apply(&self, rows: &[Row]) -> Vec<usize> {
        let words: Vec<String> = self
            .query
            .to_lowercase()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let passes = |row: &Row| {
            if !self.kinds.is_empty() && !self.kinds.contains(&row.kind) {
                return false;
            }
            if words.is_empty() {
                return true;
            }
            let said = format!("{} {}", row.label, row.detail).to_lowercase();
            words.iter().all(|word| said.contains(word.as_str()))
        };
        rows.iter()
            .enumerate()
            .filter(|(_, row)| passes(row))
            .map(|(at, _)| at)
            .collect()
    }

    /// Shows the kind or not; alone at first, since one looks for something.
    pub fn toggle(&mut self, kind: Kind) {
        if !self.kinds.remove(&kind) {
            self.kinds.insert(kind);
        }
    }
}

/// The last of the `shown` rows that has begun at `at`, as a place in `shown`.
pub fn current(rows: &[Row], shown: &[usize], at: Millis) -> Option<usize> {
    let begun = |index: &usize| rows.get(*index).is_some_and(|row| row.at <= at);
    shown.partition_point(begun).checked_sub(1)
}

/// The row to go to from `at`: the next one, or the one before. Two rows closer
/// than half a second are one stop, so that going back never sticks.
pub fn step(rows: &[Row], shown: &[usize], at: Millis, forward: bool) -> Option<Millis> {
    let mut times = shown
        .iter()
        .filter_map(|index| rows.get(*index))
        .map(|row| row.at);
    if forward {
        times.find(|time| *time > at + 50)
    } else {
        times.rfind(|time| time + 500 < at)
    }
}

/// Which of `count` rows of `height` px to render, of a list scrolled by `top`.
pub fn window(count: usize, height: usize, top: usize, viewport: usize) -> Range<usize> {
    const AROUND: usize = 8;
    let first = (top / height.max(1)).min(count);
    let shown = viewport / height.max(1) + 2;
    first.saturating_sub(AROUND)..(first + shown + AROUND).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(at: Millis, kind: Kind, label: &str) -> Row {
        Row {
            at,
            until: at,
            index: 0,
            kind,
            label: label.into(),
            detail: String::new(),
            count: 1,
        }
    }

    fn sample() -> Vec<Row> {
        vec![
            row(0, Kind::Page, "/cart"),
            row(1_000, Kind::Click, "Clicked “Add to cart”"),
            row(1_000, Kind::Scroll, "Scrolled"),
            row(20_000, Kind::Click, "Clicked “Pay”"),
        ]
    }

    #[test]
    fn finds_idle_time_where_it_is_loaded() {
        let bursts = Bursts::of([1_000, 2_000, 9_000, 30_000, 31_000]);
        let gaps = |spans: &[(Millis, Millis)]| super::gaps(&bursts, spans);
        assert_eq!(
            gaps(&[(0, 31_000)]),
            [
                Gap {
                    from: 2_000,
                    to: 9_000
                },
                Gap {
                    from: 9_000,
                    to: 30_000
                }
            ]
        );
        assert_eq!(
            gaps(&[(0, 10_000), (29_000, 40_000)]),
            [
                Gap {
                    from: 2_000,
                    to: 9_000
                },
                Gap {
                    from: 31_000,
                    to: 40_000
                },
            ]
        );
        let none = |to| super::gaps(&Bursts::default(), &[(0, to)]).len();
        assert_eq!((none(5_000), none(5_001)), (0, 1));
    }

    #[test]
    fn lists_idle_time_in_place() {
        let rows = with_idle(
            sample(),
            &[Gap {
                from: 1_000,
                to: 20_000,
            }],
        );
        assert_eq!(
            rows.iter().map(|row| row.kind.slug()).collect::<Vec<_>>(),
            ["page", "click", "scroll", "idle", "click"]
        );
        assert_eq!(counts(&rows), [1, 2, 0, 1, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn narrows() {
        let rows = sample();
        let mut filter = Filter::default();
        assert_eq!(filter.apply(&rows), [0, 1, 2, 3]);
        filter.toggle(Kind::Click);
        assert_eq!(filter.apply(&rows), [1, 3]);
        filter.query = "CART add".into();
        assert_eq!(filter.apply(&rows), [1]);
        filter.toggle(Kind::Click);
        filter.query = "cart".into();
        assert_eq!(filter.apply(&rows), [0, 1]);
    }

    #[test]
    fn follows_playback() {
        let rows = sample();
        let all: Vec<usize> = (0..rows.len()).collect();
        assert_eq!(current(&rows, &all, 0), Some(0));
        assert_eq!(current(&rows, &all, 1_500), Some(2));
        assert_eq!(current(&rows, &[3], 1_500), None);
        assert_eq!(step(&rows, &all, 0, true), Some(1_000));
        assert_eq!(step(&rows, &all, 1_000, true), Some(20_000));
        assert_eq!(step(&rows, &all, 20_000, true), None);
        assert_eq!(step(&rows, &all, 20_000, false), Some(1_000));
        assert_eq!(step(&rows, &all, 1_200, false), Some(0));
    }

    proptest! {
        #[test]
        fn a_window_holds_what_is_seen(count in 0usize..100_000, top in 0usize..4_000_000, viewport in 0usize..2_000) {
            let shown = window(count, 40, top, viewport);
            prop_assert!(shown.end <= count);
            prop_assert!(shown.len() <= 70);
            let (first, last) = (top / 40, (top + viewport) / 40);
            if last < count {
                prop_assert!(shown.contains(&first) && shown.contains(&last));
            }
        }
    }
}
