//! The clock of a copy: another start, a person's pace, and the pauses that were only noted.

use sentiero_core::id::Millis;

/// Hands in the recording are so much quicker than a person's, in tenths.
const PACE: u64 = 25;

/// A moment at which the visitor did nothing for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Pause {
    /// When, by the recording's clock.
    pub(super) at: Millis,
    /// For how long, ms.
    pub(super) ms: Millis,
}

/// Maps the recording's time to a copy's. Order stays.
#[derive(Clone, Debug)]
pub(super) struct Clock<'a> {
    /// When the recording began.
    pub(super) recorded: Millis,
    /// When the copy begins.
    pub(super) start: Millis,
    /// In order of time.
    pub(super) pauses: &'a [Pause],
    /// How long this visitor's pauses are beside the recorded ones, percent.
    pub(super) leisure: u64,
}

impl Clock<'_> {
    /// When something happened in the copy that happened at `at`.
    pub(super) fn at(&self, at: Millis) -> Millis {
        let Some(since) = at.checked_sub(self.recorded) else {
            let before = (self.recorded - at) * PACE / 10;
            return self.start.saturating_sub(before);
        };
        let gone = self.pauses.iter().take_while(|pause| pause.at <= at);
        let rest: Millis = gone.map(|pause| pause.ms * self.leisure / 100).sum();
        self.start + since * PACE / 10 + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_lie_between_what_was_before_and_after() {
        let pauses = [
            Pause {
                at: 1_100,
                ms: 8_000,
            },
            Pause { at: 1_300, ms: 100 },
        ];
        let clock = Clock {
            recorded: 1_000,
            start: 50_000,
            pauses: &pauses,
            leisure: 50,
        };
        let times = [900, 1_000, 1_099, 1_100, 1_300].map(|at| clock.at(at));
        assert_eq!(times, [49_750, 50_000, 50_247, 54_250, 54_800]);
        assert!(times.is_sorted());
    }

    #[test]
    fn nothing_is_before_all_time() {
        let clock = Clock {
            recorded: 1_000,
            start: 5,
            pauses: &[],
            leisure: 100,
        };
        assert_eq!(clock.at(0), 0);
    }
}
