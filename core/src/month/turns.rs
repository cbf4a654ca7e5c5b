//! When to let others have their turn.
//!
//! Where nobody waits, a pause takes no time, and every one is made. Where all objects share a
//! thread that is busy, each is as long as its queue: a report of a hundred pauses would take
//! ten seconds behind 32 connections that upload, and be given up. So after a long pause
//! some are left out: what waited works for as long as it had to wait, up to a bound that
//! others can bear.

use crate::id::Millis;
use core::cell::Cell;

/// What is done between two pauses, roughly, ms: eight sheets in wasm.
const SLICE: Millis = 10;
/// At most so many pauses in a row are left out. Others wait for 60 ms then, less than an
/// upload's 99th percentile may be (100 ms).
const MOST: u32 = 5;

/// The pauses of one deed.
#[derive(Debug, Default)]
pub struct Turns {
    left_out: Cell<u32>,
}

impl Turns {
    /// Whether the pause that is due shall be made; asked once for each.
    pub fn is_others(&self) -> bool {
        let left_out = self.left_out.get();
        self.left_out.set(left_out.saturating_sub(1));
        left_out == 0
    }

    /// A pause was made, and work went on after so many ms.
    pub fn waited(&self, ms: Millis) {
        // A clock that stands still while there is no I/O counts the slice before it, too.
        let others = ms.saturating_sub(SLICE) / SLICE;
        let others = u32::try_from(others).unwrap_or(MOST);
        self.left_out.set(others.min(MOST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many pauses are left out after one of so many ms.
    fn left_out_after(ms: Millis) -> usize {
        let turns = Turns::default();
        assert!(turns.is_others(), "the first is made");
        turns.waited(ms);
        let left_out = (0..100).take_while(|_| !turns.is_others()).count();
        assert!(turns.is_others(), "and all that follow");
        left_out
    }

    #[test]
    fn every_pause_is_made_where_nobody_waits() {
        for ms in [0, 1, SLICE, 2 * SLICE - 1] {
            assert_eq!(left_out_after(ms), 0, "{ms}");
        }
    }

    #[test]
    fn what_had_to_wait_works_for_as_long_up_to_a_bound() {
        assert_eq!(left_out_after(2 * SLICE), 1);
        assert_eq!(left_out_after(4 * SLICE), 3);
        for ms in [6 * SLICE, 7 * SLICE, 1_000, Millis::MAX] {
            assert_eq!(left_out_after(ms), MOST as usize, "{ms}");
        }
    }
}
