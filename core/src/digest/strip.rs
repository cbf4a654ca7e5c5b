//! A visit at a glance: how busy the visitor was over its length, and where something went
//! wrong.
//!
//! [`Grid`] is what a digest keeps: counts in cells of time. Their width is a power of two,
//! the least by which no more than [`MAX_CELLS`] reach from the first to the last, so it
//! follows from the times alone; and wider cells are made of narrower ones. So the order of
//! merging does not matter. [`Strip`] is what a row shows of it.

use crate::id::Millis;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Cells of a grid, at most.
const MAX_CELLS: u64 = 64;

/// The narrowest cell is 2 to this, ms.
const NARROWEST: u32 = 10;

/// Buckets of a strip.
pub const BUCKETS: usize = 24;

/// What is counted in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    /// What the visitor did.
    deeds: u32,
    /// Errors of the page.
    errors: u32,
}

/// Counts in cells of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// A cell's width is 2 to this, ms.
    width: u32,
    cells: BTreeMap<u64, Cell>,
}

impl Default for Grid {
    fn default() -> Self {
        Self {
            width: NARROWEST,
            cells: BTreeMap::new(),
        }
    }
}

impl Grid {
    /// Whether nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many cells hold something.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Counts something that the visitor did.
    pub(super) fn deed(&mut self, at: Millis) {
        let cell = self.cells.entry(at >> self.width).or_default();
        cell.deeds = cell.deeds.saturating_add(1);
        self.widen();
    }

    /// Counts an error.
    pub(super) fn error(&mut self, at: Millis) {
        let cell = self.cells.entry(at >> self.width).or_default();
        cell.errors = cell.errors.saturating_add(1);
        self.widen();
    }

    /// Adds another.
    pub fn merge(&mut self, mut other: Self) {
        let width = self.width.max(other.width);
        self.widen_to(width);
        other.widen_to(width);
        for (place, cell) in other.cells {
            self.add(place, cell);
        }
        self.widen();
    }

    fn add(&mut self, place: u64, more: Cell) {
        let cell = self.cells.entry(place).or_default();
        cell.deeds = cell.deeds.saturating_add(more.deeds);
        cell.errors = cell.errors.saturating_add(more.errors);
    }

    /// Makes cells as wide as they have to be.
    fn widen(&mut self) {
        let (Some((first, _)), Some((last, _))) =
            (self.cells.first_key_value(), self.cells.last_key_value())
        else {
            return;
        };
        let (first, last, mut more) = (*first, *last, 0);
        while (last >> more) - (first >> more) >= MAX_CELLS {
            more += 1;
        }
        self.widen_to(self.width + more);
    }

    fn widen_to(&mut self, width: u32) {
        let more = width.saturating_sub(self.width).min(63);
        if more == 0 {
            return;
        }
        self.width += more;
        for (place, cell) in core::mem::take(&mut self.cells) {
            self.add(place >> more, cell);
        }
    }

    /// The strip of a visit of this span, in which `rage` were.
    pub fn strip(&self, span: Option<(Millis, Millis)>, rage: &[Millis]) -> Strip {
        let Some((from, to)) = span else {
            return Strip::default();
        };
        let mut sums = [0_u64; BUCKETS];
        let mut buckets = [Bucket::default(); BUCKETS];
        let axis = Axis {
            from,
            length: (to - from).max(BUCKETS as Millis),
        };
        for (place, cell) in &self.cells {
            let begin = place << self.width;
            let end = begin.saturating_add(1 << self.width);
            axis.spread(begin, end, u64::from(cell.deeds), &mut sums);
            let middle = begin.max(from).midpoint(end.min(to));
            if let Some(bucket) = buckets.get_mut(axis.bucket(middle)) {
                bucket.error |= cell.errors > 0;
            }
        }
        for at in rage {
            if let Some(bucket) = buckets.get_mut(axis.bucket(*at)) {
                bucket.rage = true;
            }
        }
        let most = sums.iter().copied().max().unwrap_or(0);
        for (bucket, sum) in buckets.iter_mut().zip(sums) {
            bucket.level = level(sum, most);
        }
        Strip(buckets.to_vec())
    }
}

/// From 0 (nothing) to 9 (as much as anywhere); by the square root, or the busiest moment
/// would hide all others.
fn level(sum: u64, most: u64) -> u8 {
    if sum == 0 || most == 0 {
        return 0;
    }
    let halves = (sum.saturating_mul(4 * 81) / most).isqrt();
    let share = halves.div_ceil(2);
    u8::try_from(share.clamp(1, 9)).unwrap_or(9)
}

/// The length of a visit, in buckets.
struct Axis {
    from: Millis,
    length: Millis,
}

impl Axis {
    fn bucket(&self, at: Millis) -> usize {
        let after = u128::from(at.saturating_sub(self.from));
        let place = after * BUCKETS as u128 / u128::from(self.length);
        usize::try_from(place).map_or(BUCKETS - 1, |place| place.min(BUCKETS - 1))
    }

    /// Adds what was counted from `begin` to `end` to the buckets that it reaches over, each
    /// its share, in thousandths.
    fn spread(&self, begin: Millis, end: Millis, deeds: u64, sums: &mut [u64; BUCKETS]) {
        let begin = begin.max(self.from);
        let end = end
            .min(self.from.saturating_add(self.length))
            .max(begin + 1);
        let (first, last) = (self.bucket(begin), self.bucket(end - 1));
        let whole = u128::from(end - begin);
        for (index, sum) in sums.iter_mut().enumerate() {
            if index < first || index > last {
                continue;
            }
            let edge = |index: usize| {
                let after = u128::from(self.length) * index as u128 / BUCKETS as u128;
                u128::from(self.from) + after
            };
            let overlap = edge(index + 1)
                .min(u128::from(end))
                .saturating_sub(edge(index).max(u128::from(begin)));
            let share = u128::from(deeds) * 1_000 * overlap / whole;
            *sum = sum.saturating_add(u64::try_from(share).unwrap_or(u64::MAX));
        }
    }
}

/// As numbers: the width, and for each cell how far it is from the one before, and its counts.
impl Serialize for Grid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = 0;
        let cells = self.cells.iter().flat_map(|(place, cell)| {
            let numbers = [
                place - before,
                u64::from(cell.deeds),
                u64::from(cell.errors),
            ];
            before = *place;
            numbers
        });
        serializer.collect_seq(core::iter::once(u64::from(self.width)).chain(cells))
    }
}

impl<'de> Deserialize<'de> for Grid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numbers = Vec::<u64>::deserialize(deserializer)?;
        let Some((width, cells)) = numbers.split_first() else {
            return Ok(Self::default());
        };
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let width = count(*width).clamp(NARROWEST, 58);
        let mut grid = Self {
            width,
            cells: BTreeMap::new(),
        };
        let mut place: u64 = 0;
        for [after, deeds, errors] in cells.as_chunks::<3>().0 {
            place = place.saturating_add(*after).min(u64::MAX >> width);
            let (deeds, errors) = (count(*deeds), count(*errors));
            grid.add(place, Cell { deeds, errors });
        }
        grid.widen();
        Ok(grid)
    }
}

/// One part of a visit's length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How much the visitor did: 0 (nothing) to 9 (as much as anywhere in this visit).
    pub level: u8,
    /// The page threw an error.
    pub error: bool,
    /// The visitor clicked in rage.
    pub rage: bool,
}

/// A visit at a glance: [`BUCKETS`] parts of equal length, from its first to its last event;
/// none while nothing is known.
///
/// In JSON it is a text with a letter for each: the level as a digit, or the level as the
/// letter at its place in `abcdefghij` where an error was, `ABCDEFGHIJ` where rage was,
/// `klmnopqrst` where both were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip(Vec<Bucket>);

/// Letters by error and rage.
const LETTERS: [&[u8; 10]; 4] = [b"0123456789", b"abcdefghij", b"ABCDEFGHIJ", b"klmnopqrst"];

impl Strip {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its parts, in order of time.
    pub fn buckets(&self) -> &[Bucket] {
        &self.0
    }

    /// As text.
    pub fn text(&self) -> String {
        let letter = |bucket: &Bucket| {
            let row = usize::from(bucket.error) + 2 * usize::from(bucket.rage);
            let letters = LETTERS.get(row)?;
            let letter = letters.get(usize::from(bucket.level.min(9)))?;
            Some(char::from(*letter))
        };
        self.0.iter().filter_map(letter).collect()
    }

    /// Reads what [`Self::text`] writes; a strip of nothing if it is none.
    pub fn parse(text: &str) -> Self {
        let bucket = |letter: u8| {
            let mut rows = LETTERS.iter().enumerate();
            rows.find_map(|(row, letters)| {
                let level = letters.iter().position(|other| *other == letter)?;
                Some(Bucket {
                    level: u8::try_from(level).ok()?,
                    error: row % 2 == 1,
                    rage: row >= 2,
                })
            })
        };
        if text.len() > BUCKETS {
            return Self::default();
        }
        let buckets: Option<Vec<Bucket>> = text.bytes().map(bucket).collect();
        Self(buckets.unwrap_or_default())
    }
}

impl Serialize for Strip {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Strip {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<str>::deserialize(deserializer)?;
        Ok(Self::parse(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid(deeds: &[Millis], errors: &[Millis]) -> Grid {
        let mut grid = Grid::default();
        for at in deeds {
            grid.deed(*at);
        }
        for at in errors {
            grid.error(*at);
        }
        grid
    }

    fn text(
        deeds: &[Millis],
        errors: &[Millis],
        span: (Millis, Millis),
        rage: &[Millis],
    ) -> String {
        grid(deeds, errors).strip(Some(span), rage).text()
    }

    #[test]
    fn shows_how_busy_a_visit_was() {
        assert_eq!(grid(&[], &[]).strip(None, &[]).text(), "");
        assert_eq!(text(&[], &[], (5, 5), &[]), "000000000000000000000000");
        // A bucket is as long as 2 cells.
        let span = (0, 48 << NARROWEST);
        let cell = |index: u64| index << NARROWEST;
        let deeds: Vec<Millis> = (0..81).map(|_| cell(46)).chain([cell(0)]).collect();
        assert_eq!(
            text(&deeds, &[cell(1), cell(47)], span, &[cell(47), cell(20)]),
            "b000000000A000000000000t"
        );
        assert_eq!(
            text(&[3; 7], &[], (0, 10), &[]),
            "999999999999999999999999",
            "one moment is all"
        );
    }

    #[test]
    fn cells_are_as_narrow_as_they_can_be() {
        let end = MAX_CELLS << NARROWEST;
        assert_eq!(grid(&[0, end - 1], &[]).width, NARROWEST);
        assert_eq!(grid(&[0, end], &[]).width, NARROWEST + 1);
        let hostile = grid(&[0, Millis::MAX], &[Millis::MAX / 2]);
        assert!(hostile.len() <= 3 && hostile.width < 64);
        assert_eq!(
            hostile.strip(Some((0, Millis::MAX)), &[]).buckets().len(),
            BUCKETS
        );
    }

    fn any_grid() -> impl Strategy<Value = Grid> {
        let times = |most: u64| prop::collection::vec(0..most, 0..9);
        (
            prop_oneof![times(100_000), times(100_000_000)],
            times(200_000),
        )
            .prop_map(|(deeds, errors)| grid(&deeds, &errors))
    }

    fn merged(mut a: Grid, b: Grid) -> Grid {
        a.merge(b);
        a
    }

    proptest! {
        #[test]
        fn is_a_commutative_monoid(a in any_grid(), b in any_grid(), c in any_grid()) {
            prop_assert_eq!(merged(a.clone(), b.clone()), merged(b.clone(), a.clone()));
            prop_assert_eq!(merged(merged(a.clone(), b.clone()), c.clone()), merged(a.clone(), merged(b, c)));
            prop_assert_eq!(merged(a.clone(), Grid::default()), a);
        }

        #[test]
        fn is_the_same_however_it_is_cut(times in prop::collection::vec(0u64..30_000_000, 0..40), at in 0usize..40) {
            let (a, b) = times.split_at(at.min(times.len()));
            prop_assert_eq!(merged(grid(a, &[]), grid(b, &[])), grid(&times, &[]));
        }

        #[test]
        fn comes_back_from_json(grid in any_grid(), to in 0u64..200_000, rage in 0u64..200_000) {
            let json = serde_json::to_string(&grid).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Grid>(&json).unwrap(), &grid);
            let strip = grid.strip(Some((0, to)), &[rage]);
            prop_assert_eq!(strip.buckets().len(), BUCKETS);
            let json = serde_json::to_string(&strip).unwrap();
            prop_assert_eq!(serde_json::from_str::<Strip>(&json).unwrap(), strip);
        }

        #[test]
        fn anything_is_read(numbers in prop::collection::vec(any::<u64>(), 0..20), text in ".{0,30}") {
            let json = serde_json::to_string(&numbers).unwrap();
            let grid: Grid = serde_json::from_str(&json).unwrap();
            prop_assert!(grid.len() <= 64);
            let _ = grid.strip(Some((0, 5)), &[]);
            let _ = Strip::parse(&text);
        }
    }
}
