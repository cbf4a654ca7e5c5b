//! When visits happen: days and hours as a shop has them.

use sentiero_core::day::Day;
use sentiero_core::id::Millis;

use super::random::Random;

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// Visits by hour of the day, UTC: asleep, lunch, and the sofa in the evening.
const BY_HOUR: [u64; 24] = [
    8, 5, 3, 2, 2, 5, 14, 26, 38, 44, 47, 52, 60, 52, 46, 45, 48, 56, 68, 84, 92, 76, 44, 20,
];

/// Visits by weekday, Monday first: who goes out on the week-end looks for gear before.
const BY_WEEKDAY: [u64; 7] = [90, 86, 92, 108, 122, 104, 118];

/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: u64 = 3;

/// A start within the last `days` days, today included, so that a visit of `duration` is over
/// by `now`; as long as today has any room for it.
pub(super) fn start(random: &mut Random, now: Millis, days: u64, duration: Millis) -> Millis {
    let today = Day::of(now);
    let latest = now.saturating_sub(duration);
    let weights: Vec<u64> = (0..days.max(1)).map(|ago| weight(today, ago)).collect();
    for _ in 0..64 {
        let ago = random.weighted(&weights) as u64;
        let hour = random.weighted(&BY_HOUR) as u64;
        let at = today.before(ago).start() + hour * HOUR + random.below(HOUR);
        if at <= latest {
            return at;
        }
    }
    latest
}

/// The evening before `now`: where the story is that everybody looks for first.
pub(super) fn yesterday_evening(now: Millis) -> Millis {
    Day::of(now).before(1).start() + 19 * HOUR + 42 * 60_000
}

/// How many visits a day has: by its weekday, and more lately than a month ago.
fn weight(today: Day, ago: u64) -> u64 {
    let day = today.before(ago).start() / DAY;
    let weekday = usize::try_from((day + FIRST_WEEKDAY) % 7).unwrap_or(0);
    let by_weekday = BY_WEEKDAY.get(weekday).copied().unwrap_or(100);
    by_weekday * 100_u64.saturating_sub(ago).max(40)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday, 2026-11-26, 10:30 UTC.
    const NOW: Millis = 1_795_689_000_000;

    #[test]
    fn every_start_is_within_the_days_and_over_by_now() {
        let mut random = Random::of(1, &[]);
        let oldest = Day::of(NOW).before(6).start();
        for _ in 0..2_000 {
            let at = start(&mut random, NOW, 7, 600_000);
            assert!((oldest..=NOW - 600_000).contains(&at), "{at}");
        }
    }

    #[test]
    fn evenings_are_busier_than_nights() {
        let mut random = Random::of(1, &[]);
        let mut hours = [0_u32; 24];
        for _ in 0..4_000 {
            let at = start(&mut random, NOW, 28, 0);
            hours[usize::try_from(at / HOUR % 24).unwrap()] += 1;
        }
        assert!(hours[20] > 10 * hours[3], "{hours:?}");
    }

    #[test]
    fn a_day_with_no_room_gives_the_latest_start() {
        let mut random = Random::of(1, &[]);
        let midnight = Day::of(NOW).start();
        assert_eq!(start(&mut random, midnight, 1, 60_000), midnight - 60_000);
    }

    #[test]
    fn yesterday_is_yesterday() {
        let at = yesterday_evening(NOW);
        assert_eq!(Day::of(at).next(), Day::of(NOW));
    }

    #[test]
    fn weekdays_are_where_the_calendar_has_them() {
        // Friday beats Tuesday, both yesterday.
        let friday = Day::parse("2026-11-27").unwrap();
        let tuesday = Day::parse("2026-11-24").unwrap();
        assert!(weight(friday, 0) > weight(tuesday, 0));
        assert_eq!(weight(friday, 0), 122 * 100);
    }
}
