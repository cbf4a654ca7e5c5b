//! From numbers to pictures: what is drawn where, in thousandths of the picture, and what is
//! said of each part to those who point at it, or hear it.
//!
//! **Invariant.** Pure, and the picture is as exact as its numbers: a share is rounded once, a
//! number that is not zero is never drawn as nothing.

mod columns;
mod flow;
mod funnel;
mod grid;
mod line;

pub use columns::{Bar, Columns, Part, columns, thousandths};
pub use flow::{Flow, Place, Stop, Went, flow};
pub use funnel::{Stage, stages};
pub use grid::{Grid, LEVELS, Tile, level};
pub use line::{Line, Point, line};

/// So wide and high is a picture, whatever its size on the screen.
pub const WHOLE: u32 = 1_000;

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// Upright bars, one beside the other.
    Columns(Columns),
    /// What came after what, step by step.
    Flow(Flow),
    /// How many are left after each step.
    Funnel(Vec<Stage>),
    /// Fields that are the darker the more there is.
    Grid(Grid),
    /// How something falls or rises.
    Line(Line),
}

/// `part` of `whole` in thousandths, rounded; 1 at least of what is not nothing, and never
/// more than all.
pub fn share(part: u64, whole: u64) -> u32 {
    if part == 0 || whole == 0 {
        return 0;
    }
    let share = (u128::from(part) * 2_000 + u128::from(whole)) / (u128::from(whole) * 2);
    u32::try_from(share).unwrap_or(WHOLE).clamp(1, WHOLE)
}

/// Where lines of a scale from 0 are, the last not below `most`: at most five steps of 1, 2 or
/// 5 times a power of ten, whole numbers.
pub fn scale(most: u64) -> Vec<u64> {
    let step = step(most);
    let steps = most.div_ceil(step).max(1);
    (0..=steps).map(|at| at.saturating_mul(step)).collect()
}

fn step(most: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for times in [1, 2, 5] {
            let step = power.saturating_mul(times);
            if step.saturating_mul(5) >= most {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scales_are_round() {
        for (most, lines) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (5, vec![0, 1, 2, 3, 4, 5]),
            (6, vec![0, 2, 4, 6]),
            (37, vec![0, 10, 20, 30, 40]),
            (120, vec![0, 50, 100, 150]),
        ] {
            assert_eq!(scale(most), lines, "{most}");
        }
    }

    proptest! {
        #[test]
        fn a_scale_holds_its_most(most in 0_u64..u64::MAX / 20) {
            let lines = scale(most);
            prop_assert!((2..=6).contains(&lines.len()));
            prop_assert!(lines.last().copied().unwrap_or(0) >= most);
            prop_assert_eq!(lines.first(), Some(&0));
        }

        #[test]
        fn shares_are_in_order(part: u64, more: u64, whole: u64) {
            let (less, more) = (part.min(more), part.max(more));
            prop_assert!(share(less, whole) <= share(more, whole));
            prop_assert!(share(more, whole) <= WHOLE);
            prop_assert_eq!(share(part, whole) > 0, part > 0 && whole > 0);
        }
    }
}
