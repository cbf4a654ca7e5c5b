//! How often something came, as bars that stand for equally many days.

use crate::chart::{Chart, Part, columns};
use crate::model::report::value::{day, full_day};
use crate::model::text;
use sentiero_core::analytics::report::errors::Day;
use sentiero_core::day::DAY;
use sentiero_core::id::Millis;

/// So many bars at most.
const BARS: u64 = 30;

/// A bar: from when, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// When it begins, UTC.
    pub from: Millis,
    /// How often it came.
    pub count: u64,
}

/// How often it came from the day of `from` to that of `to`, both of them with it. What came
/// outside of that is left out.
pub fn bars(days: &[Day], (from, to): (Millis, Millis)) -> Vec<Bar> {
    let (first, last) = (from / DAY, to.max(from) / DAY);
    let all = last - first + 1;
    let each = all.div_ceil(BARS);
    let mut bars: Vec<Bar> = (0..all.div_ceil(each))
        .map(|place| Bar {
            from: (first + place * each) * DAY,
            count: 0,
        })
        .collect();
    for day in days {
        let place = (day.from / DAY)
            .checked_sub(first)
            .map(|after| after / each);
        let place = place.and_then(|place| usize::try_from(place).ok());
        if let Some(bar) = place.and_then(|place| bars.get_mut(place)) {
            bar.count += day.count;
        }
    }
    bars
}

/// The same in words, for those who do not see it.
pub fn said(bars: &[Bar]) -> String {
    let most = bars.iter().max_by_key(|bar| bar.count);
    match most {
        Some(most) if most.count > 0 => {
            let count = text::number(most.count);
            format!("Most often from {}: {count}", day(most.from))
        }
        _ => "It did not come".to_owned(),
    }
}

/// How high each of them is, 0 to `height`; what came at all can be seen.
pub fn heights(bars: &[Bar], height: u32) -> Vec<u32> {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let of = |bar: &Bar| {
        let scaled = bar.count.saturating_mul(height.into()) / most;
        let least = u64::from(bar.count > 0) * 2;
        u32::try_from(scaled.max(least)).unwrap_or(height)
    };
    bars.iter().map(of).collect()
}

/// The same as a chart.
pub fn chart(days: &[Day], span: (Millis, Millis)) -> Option<Chart> {
    let bars = bars(days, span);
    let length = match bars.as_slice() {
        [first, second, ..] => second.from - first.from,
        _ => DAY,
    };
    let part = |bar: &Bar| {
        let last = full_day(bar.from + length - DAY);
        let when = if length > DAY {
            format!("{} to {last}", day(bar.from))
        } else {
            last
        };
        Part {
            said: format!("{when}: {}", text::number(bar.count)),
            name: day(bar.from),
            whole: bar.count,
            marked: bar.count,
        }
    };
    columns(bars.iter().map(part).collect()).map(Chart::Columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(day: u64, count: u64) -> Day {
        Day {
            from: day * DAY,
            count,
        }
    }

    fn counts(bars: &[Bar]) -> Vec<u64> {
        bars.iter().map(|bar| bar.count).collect()
    }

    #[test]
    fn days_without_are_there_too() {
        let found = bars(&[on(10, 4), on(12, 1)], (9 * DAY + 5, 12 * DAY + 7));
        assert_eq!(counts(&found), [0, 4, 0, 1]);
        assert_eq!(said(&found), "Most often from 11 Jan: 4");
        assert_eq!(heights(&found, 20), [0, 20, 0, 5]);
        assert_eq!(said(&bars(&[], (0, 0))), "It did not come");
    }

    #[test]
    fn many_days_share_a_bar() {
        let found = bars(&[on(0, 1), on(1, 2), on(99, 3)], (0, 99 * DAY));
        assert_eq!(found.len(), 25);
        assert_eq!((found[0].count, found[24].count), (3, 3));
        assert_eq!(found[1].from, 4 * DAY);
    }

    #[test]
    fn a_bar_says_which_days_it_stands_for() {
        let spoken = |days: &[Day], span| {
            let Some(Chart::Columns(drawn)) = chart(days, span) else {
                panic!("columns");
            };
            drawn
                .bars
                .into_iter()
                .map(|bar| bar.said)
                .collect::<Vec<_>>()
        };
        let short = spoken(&[on(10, 4)], (10 * DAY, 11 * DAY));
        assert_eq!(short, ["11 Jan 1970: 4", "12 Jan 1970: 0"]);
        let long = spoken(&[on(1, 2)], (0, 99 * DAY));
        assert_eq!(long[0], "1 Jan to 4 Jan 1970: 2");
    }

    proptest! {
        #[test]
        fn nothing_within_is_lost(days in proptest::collection::vec((0_u64..500, 1_u64..9), 0..40), from in 0_u64..500, more in 0_u64..500) {
            let days: Vec<Day> = days.into_iter().map(|(at, count)| on(at, count)).collect();
            let found = bars(&days, (from * DAY, (from + more) * DAY));
            prop_assert!(found.len() <= 30 && !found.is_empty());
            let within = days.iter().filter(|day| (from..=from + more).contains(&(day.from / DAY)));
            let within: u64 = within.map(|day| day.count).sum();
            let shown: u64 = counts(&found).iter().sum();
            // The last bar may stand for days that are still to come.
            prop_assert!(shown >= within);
            prop_assert!(heights(&found, 20).iter().all(|height| *height <= 20));
        }
    }
}
