//! Where instants stand on the line: evenly, but an idle time takes little of it however long
//! it was, so that what happened keeps its room.

use super::Span;
use crate::model::number;
use crate::model::rows::Gap;
use sentiero_core::id::Millis;

/// An idle time is drawn as long as it was, or at most as this part of the time that is not
/// idle …
const PART: Millis = 50;
/// … and together they are at most as long as this part of it …
const ALL: Millis = 2;
/// … but no shorter than this, ms: of a visit that was nothing but idle, something shows.
const LEAST: Millis = 1_000;

/// The line: pieces in order, the first from 0, the last to 1. None of an empty recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scale {
    pieces: Vec<Piece>,
}

/// A time that is drawn evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: Millis,
    to: Millis,
    left: f64,
    right: f64,
}

impl Scale {
    /// The scale of a recording with these idle times, in order.
    pub fn new(span: Span, gaps: &[Gap]) -> Self {
        let times = times(span, gaps);
        let of = |idle: bool| times.iter().filter(move |time| time.idle == idle);
        let active: Millis = of(false).map(Time::length).sum();
        let idle_times = u64::try_from(of(true).count()).unwrap_or(u64::MAX);
        let most = (active / PART)
            .min(active / ALL / idle_times.max(1))
            .max(LEAST);
        let drawn = |time: &Time| {
            if time.idle {
                time.length().min(most)
            } else {
                time.length()
            }
        };
        let whole: Millis = times.iter().map(drawn).sum();
        let mut before = 0;
        let piece = |time: &Time| {
            let left = number::fraction(before, 0, whole);
            before += drawn(time);
            Piece {
                from: time.from,
                to: time.to,
                left,
                right: number::fraction(before, 0, whole),
            }
        };
        Self {
            pieces: times.iter().map(piece).collect(),
        }
    }

    /// Where `at` stands, from 0 to 1; what is outside stands at an end.
    pub fn fraction(&self, at: Millis) -> f64 {
        let next = self.pieces.partition_point(|piece| piece.to < at);
        let Some(piece) = self.pieces.get(next) else {
            return if self.pieces.is_empty() { 0.0 } else { 1.0 };
        };
        let inside = number::fraction(at, piece.from, piece.to);
        piece.left + (piece.right - piece.left) * inside
    }

    /// The instant at `fraction` of the line; none of an empty recording.
    pub fn instant(&self, fraction: f64) -> Option<Millis> {
        let next = self.pieces.partition_point(|piece| piece.right < fraction);
        let piece = self.pieces.get(next).or(self.pieces.last())?;
        let inside = (fraction - piece.left) / (piece.right - piece.left);
        Some(number::instant(inside, piece.from, piece.to))
    }
}

/// A part of the recording.
struct Time {
    from: Millis,
    to: Millis,
    idle: bool,
}

impl Time {
    fn length(&self) -> Millis {
        self.to - self.from
    }
}

/// The recording cut where idle times begin and end; none of it is empty.
fn times(span: Span, gaps: &[Gap]) -> Vec<Time> {
    let mut times = Vec::with_capacity(2 * gaps.len() + 1);
    let mut at = span.from;
    let mut push = |to: Millis, idle: bool| {
        if to > at {
            times.push(Time { from: at, to, idle });
            at = to;
        }
    };
    for gap in gaps {
        push(gap.from.min(span.to), false);
        push(gap.to.min(span.to), true);
    }
    push(span.to, false);
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gap(from: Millis, to: Millis) -> Gap {
        Gap { from, to }
    }

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    #[test]
    fn without_idle_time_it_is_even() {
        let scale = Scale::new(
            Span {
                from: 1_000,
                to: 101_000,
            },
            &[],
        );
        for (at, fraction) in [
            (0, 0.0),
            (1_000, 0.0),
            (51_000, 0.5),
            (101_000, 1.0),
            (200_000, 1.0),
        ] {
            assert!(near(scale.fraction(at), fraction), "{at}");
        }
        assert_eq!(scale.instant(0.25), Some(26_000));
        assert_eq!(
            [scale.instant(-1.0), scale.instant(2.0)],
            [Some(1_000), Some(101_000)]
        );
    }

    #[test]
    fn an_hour_of_idling_takes_a_fiftieth_of_what_is_not() {
        // 50 s, an hour of nothing, 50 s.
        let span = Span {
            from: 0,
            to: 3_700_000,
        };
        let scale = Scale::new(span, &[gap(50_000, 3_650_000)]);
        assert!(near(scale.fraction(50_000), 50.0 / 102.0));
        assert!(near(scale.fraction(3_650_000), 52.0 / 102.0));
        assert_eq!(scale.instant(0.5), Some(1_850_000));
    }

    #[test]
    fn a_short_one_is_as_long_as_it_was() {
        let scale = Scale::new(
            Span {
                from: 0,
                to: 1_000_000,
            },
            &[gap(10_000, 20_000)],
        );
        assert!(near(scale.fraction(20_000), 0.02));
    }

    #[test]
    fn many_leave_two_thirds_to_the_rest() {
        // 100 times 10 s of something and a minute of nothing.
        let gaps: Vec<_> = (0..100)
            .map(|n| gap(n * 70_000 + 10_000, (n + 1) * 70_000))
            .collect();
        let scale = Scale::new(
            Span {
                from: 0,
                to: 7_000_000,
            },
            &gaps,
        );
        assert!(near(scale.fraction(10_000), 10.0 / 1_500.0));
        assert!(near(scale.fraction(70_000), 15.0 / 1_500.0));
    }

    #[test]
    fn nothing_but_idle_time_is_a_line_all_the_same() {
        let scale = Scale::new(
            Span {
                from: 0,
                to: 60_000,
            },
            &[gap(0, 60_000)],
        );
        assert!(near(scale.fraction(30_000), 0.5));
        let none = Scale::new(Span { from: 7, to: 7 }, &[]);
        assert!(near(none.fraction(7), 0.0));
        assert_eq!(none.instant(0.5), None);
    }

    proptest! {
        #[test]
        fn it_goes_up_and_back(
            from in 0u64..1 << 41,
            length in 1u64..100_000_000,
            cuts in prop::collection::vec(0u64..100_000_000, 0..24),
            (one, other) in (0u64..100_000_000, 0u64..100_000_000),
        ) {
            let span = Span { from, to: from + length };
            let mut cuts: Vec<_> = cuts.into_iter().map(|at| from + at % length).collect();
            cuts.sort_unstable();
            let gaps: Vec<_> = cuts.chunks_exact(2).map(|pair| gap(pair[0], pair[1])).collect();
            let scale = Scale::new(span, &gaps);
            let (one, other) = (from + one.min(other) % length, from + one.max(other) % length);
            let (one, other) = (one.min(other), one.max(other));
            prop_assert!(scale.fraction(one) <= scale.fraction(other));
            prop_assert!(near(scale.fraction(span.from), 0.0) && near(scale.fraction(span.to), 1.0));
            let back = scale.instant(scale.fraction(one)).unwrap();
            // What is drawn a hundred times shorter is hit a hundred times less exactly.
            prop_assert!(near(scale.fraction(back), scale.fraction(one)), "{one} {back}");
        }

        #[test]
        fn never_panics(from: u64, to: u64, gaps in prop::collection::vec((any::<u64>(), any::<u64>()), 0..8), fraction: f64, at: u64) {
            let gaps: Vec<_> = gaps.into_iter().map(|(from, to)| gap(from >> 8, to >> 8)).collect();
            let scale = Scale::new(Span { from: from >> 8, to: to >> 8 }, &gaps);
            let _ = (scale.fraction(at), scale.instant(fraction));
        }
    }
}
