//! Tiles that are the darker the more there is: cells of a page.

use crate::model::number;

/// How dark a tile can be; 0 is nothing.
pub const LEVELS: u8 = 9;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// How many columns it has.
    pub columns: u32,
    /// How many rows.
    pub rows: u32,
    /// How many times as high as wide it is, thousandths.
    pub ratio: u32,
    /// Tiles; those of nothing are left out.
    pub tiles: Vec<Tile>,
}

/// A tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tile {
    /// From the left.
    pub column: u32,
    /// From the top.
    pub row: u32,
    /// How dark, from 1 to [`LEVELS`].
    pub level: u8,
    /// What is said of it.
    pub said: String,
}

/// How dark `n` of at most `most` is: by the root, so that what is rare beside one hot spot is
/// still seen. 0 is of nothing only.
pub fn level(n: u64, most: u64) -> u8 {
    if n == 0 || most == 0 {
        return 0;
    }
    let share = number::float(n.min(most)) / number::float(most);
    let level = number::whole((share.sqrt() * f64::from(LEVELS)).ceil());
    u8::try_from(level).unwrap_or(LEVELS).clamp(1, LEVELS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_most_is_the_darkest() {
        for (n, most, expected) in [
            (0, 9, 0),
            (1, 1_000_000, 1),
            (25, 100, 5),
            (100, 100, 9),
            (5, 0, 0),
        ] {
            assert_eq!(level(n, most), expected, "{n}/{most}");
        }
    }

    proptest! {
        #[test]
        fn more_is_not_lighter(n: u64, more: u64, most in 1_u64..) {
            let (less, more) = (n.min(more), n.max(more));
            prop_assert!(level(less, most) <= level(more, most));
            prop_assert_eq!(level(n, most) == 0, n == 0);
        }
    }
}
