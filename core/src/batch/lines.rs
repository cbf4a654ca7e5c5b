//! The page counts lines, the edge counts events.
//!
//! A line is an event as the page made it; one that is too large for one event becomes
//! several ([`crate::split`]). The page knows nothing of that. It keeps lines until it is
//! told that it may forget them, and for the last beacon it must know which index the
//! first one that it still has begins at: its line number, and how many events more than
//! lines came before it.

use alloc::vec::Vec;

/// A place in a stream: so many lines are before it, and so many events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Lines of the page.
    pub line: u32,
    /// Events that they became.
    pub event: u32,
}

impl Place {
    /// How many events more than lines are before it.
    pub fn shift(self) -> u32 {
        self.event.saturating_sub(self.line)
    }
}

/// The places in a stream between what the page handed over together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) came: Place,
    /// Those that are not stored yet, in order.
    places: Vec<Place>,
    stored: Place,
}

impl Lines {
    /// `lines` more came together; now there are `events` in all.
    pub(super) fn came(&mut self, lines: u32, events: u32) {
        self.came = Place {
            line: self.came.line.saturating_add(lines),
            event: events,
        };
        self.places.push(self.came);
    }

    /// The last place before which all is stored, when all events before `next` are.
    pub(super) fn stored(&mut self, next: u32) -> Place {
        while let Some(place) = self.places.first().filter(|place| place.event <= next) {
            self.stored = *place;
            self.places.remove(0);
        }
        self.stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_of_three_events() {
        let mut lines = Lines::default();
        lines.came(2, 2);
        lines.came(1, 5);
        lines.came(4, 9);
        for (next, line, shift) in [
            (0, 0, 0),
            (1, 0, 0),
            (2, 2, 0),
            (4, 2, 0),
            (5, 3, 2),
            (8, 3, 2),
            (9, 7, 2),
        ] {
            let place = lines.stored(next);
            assert_eq!((place.line, place.shift()), (line, shift), "{next}");
        }
    }

    proptest! {
        /// What the page keeps begins exactly at the event that it is told.
        #[test]
        fn nothing_that_is_not_stored_is_forgotten(
            pushes in prop::collection::vec(prop::collection::vec(1u32..4, 1..4), 1..20),
            acks in prop::collection::vec(0u32..120, 1..20),
        ) {
            let mut lines = Lines::default();
            // The first event of each line, and of what follows.
            let mut starts = vec![0];
            for push in &pushes {
                for events in push {
                    starts.push(starts.last().unwrap() + events);
                }
                lines.came(u32::try_from(push.len()).unwrap(), *starts.last().unwrap());
            }
            let mut acks = acks;
            acks.sort_unstable();
            for next in acks {
                let place = lines.stored(next);
                prop_assert_eq!(starts[place.line as usize], place.line + place.shift());
                prop_assert!(place.event <= next);
            }
        }
    }
}
