//! UTC calendar days: what counts and quotas are kept by.

use crate::id::{MAX_MILLIS, Millis, Month};
use alloc::string::{String, ToString as _};
use core::fmt;
use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
pub const DAY: Millis = 86_400_000;

/// Days from 0000-03-01 to 1970-01-01.
const TO_EPOCH: u64 = 719_468;
/// Days of 400 years.
const ERA: u64 = 146_097;

/// A UTC calendar day, in JSON `yyyy-mm-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Day(u64);

/// A text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDay;

impl fmt::Display for NoDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a day is yyyy-mm-dd, from 1970 on")
    }
}

impl core::error::Error for NoDay {}

/// Year, month (1 to 12) and day (1 to 31) of a day since the epoch.
///
/// By Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>), for years from 1970.
pub(crate) fn civil(day: u64) -> (u64, u64, u64) {
    let days = day + TO_EPOCH;
    let era = days / ERA;
    let day_of_era = days % ERA;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`] (`days_from_civil`); none before 1970.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let year = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day.checked_sub(1)?;
    let year_of_era = year % 400;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (year / 400 * ERA + day_of_era).checked_sub(TO_EPOCH)
}

impl Day {
    /// The day that contains `at`.
    pub fn of(at: Millis) -> Self {
        Self(at.min(MAX_MILLIS) / DAY)
    }

    /// Its first millisecond.
    pub fn start(self) -> Millis {
        self.0 * DAY
    }

    /// The month that it lies in.
    pub fn month(self) -> Month {
        Month::of(self.start())
    }

    /// So many days earlier.
    #[must_use]
    pub fn before(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self::of((self.0 + 1) * DAY)
    }

    /// Days from `earlier` to this one, 0 if that is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads `yyyy-mm-dd`, and only what is written so.
    pub fn parse(text: &str) -> Result<Self, NoDay> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().ok());
        let mut part = || parts.next().flatten().map(u64::from).ok_or(NoDay);
        let (year, month, day) = (part()?, part()?, part()?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || year > 9_999 {
            return Err(NoDay);
        }
        let parsed = days(year, month, day).ok_or(NoDay)?;
        let parsed = Self::of(parsed.saturating_mul(DAY));
        // Refuses what no calendar has, and other ways to write it.
        if parsed.to_string() == text {
            Ok(parsed)
        } else {
            Err(NoDay)
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = NoDay;

    fn try_from(text: String) -> Result<Self, NoDay> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_have_names() {
        for (at, name) in [
            (0, "1970-01-01"),
            (DAY - 1, "1970-01-01"),
            (DAY, "1970-01-02"),
            (951_782_399_999, "2000-02-28"),
            (951_782_400_000, "2000-02-29"),
            (951_868_800_000, "2000-03-01"),
            (1_798_761_599_999, "2026-12-31"),
            (1_798_761_600_000, "2027-01-01"),
        ] {
            assert_eq!(Day::of(at).to_string(), name, "{at}");
            assert_eq!(Day::parse(name), Ok(Day::of(at)), "{name}");
        }
    }

    #[test]
    fn refuses_what_is_no_day() {
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-11-",
            "2026-11-31",
            "2026-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-01-00",
            "2026-1-1",
            "+2026-01-01",
            "1969-12-31",
            "0000-01-01",
            "99999-01-01",
            "2026-01-01-",
            "2026-01-01T00",
            " 2026-01-01",
            "4294967295-01-01",
        ] {
            assert_eq!(Day::parse(text), Err(NoDay), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_day_reads_back(at in 0u64..253_370_764_800_000) {
            let day = Day::of(at);
            prop_assert_eq!(Day::parse(&day.to_string()), Ok(day));
            prop_assert_eq!(day.month(), Month::of(at));
            prop_assert_eq!(day.next().before(1), day);
            prop_assert_eq!(day.next().since(day), 1);
            prop_assert_eq!(day.since(day.next()), 0);
        }

        #[test]
        fn parsing_never_panics(text in "[0-9+-]{0,14}|.{0,12}") {
            let _ = Day::parse(&text);
        }
    }
}
