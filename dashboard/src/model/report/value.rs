//! Numbers and texts of reports: as people read them, and as files hold them.

use crate::model::text;
use core::cmp::Ordering;
use sentiero_core::day::Day;
use sentiero_core::id::Millis;

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing is known: a share of nobody, a median of nothing.
    #[default]
    None,
    /// A text as it is.
    Text(String),
    /// A country by its ISO code, which the browser has a name for.
    Country(String),
    /// How many.
    Count(u64),
    /// A share in thousandths.
    Share(u32),
    /// A length of time, ms.
    Time(Millis),
    /// A length on the page, px.
    Pixels(u64),
    /// The UTC day that holds this instant.
    Day(Millis),
    /// An instant, of UTC as days are.
    Moment(Millis),
    /// Ten thousandths: a layout shift.
    Shift(u64),
    /// A number that a page gave.
    Number(f64),
}

impl Value {
    /// A share, if there is one.
    pub fn share(share: Option<u32>) -> Self {
        share.map_or(Self::None, Self::Share)
    }

    /// A length of time, if there is one.
    pub fn time(time: Option<Millis>) -> Self {
        time.map_or(Self::None, Self::Time)
    }

    /// Which of two comes first; numbers by their size, texts whatever the case of ASCII
    /// letters.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a) | Self::Country(a), Self::Text(b) | Self::Country(b)) => {
                let lower = |text: &str| text.to_ascii_lowercase();
                lower(a).cmp(&lower(b))
            }
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            _ => self.size().cmp(&other.size()),
        }
    }

    fn size(&self) -> u64 {
        match self {
            Self::None | Self::Text(_) | Self::Country(_) | Self::Number(_) => 0,
            Self::Share(share) => u64::from(*share),
            Self::Count(n)
            | Self::Time(n)
            | Self::Pixels(n)
            | Self::Day(n)
            | Self::Moment(n)
            | Self::Shift(n) => *n,
        }
    }

    /// As people read it.
    pub fn said(&self) -> String {
        match self {
            Self::None => "—".to_owned(),
            Self::Text(text) | Self::Country(text) => text.clone(),
            Self::Count(count) => text::number(*count),
            Self::Share(share) => percent(*share),
            Self::Time(time) => length(*time),
            Self::Pixels(pixels) => format!("{} px", text::number(*pixels)),
            Self::Day(at) => full_day(*at),
            Self::Moment(at) => format!("{}, {}", full_day(*at), time_of_day(*at)),
            Self::Shift(shift) => tenths(*shift, 4, 3),
            Self::Number(number) => decimal(*number),
        }
    }

    /// As a file holds it: a number without its unit, which the column's name says.
    pub fn written(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) | Self::Country(text) => text.clone(),
            Self::Count(number) | Self::Time(number) | Self::Pixels(number) => number.to_string(),
            Self::Share(share) => tenths(u64::from(*share), 1, 1),
            Self::Day(at) => Day::of(*at).to_string(),
            Self::Moment(at) => format!("{}T{}Z", Day::of(*at), time_of_day(*at)),
            Self::Shift(shift) => tenths(*shift, 4, 4),
            Self::Number(number) => number.to_string(),
        }
    }

    /// What a file adds to a column's name where such values stand.
    pub fn unit(&self) -> &'static str {
        match self {
            Self::Share(_) => " (%)",
            Self::Time(_) => " (ms)",
            Self::Pixels(_) => " (px)",
            _ => "",
        }
    }
}

/// `12.3 %`; whole where nothing is behind the point.
pub fn percent(thousandths: u32) -> String {
    match (thousandths / 10, thousandths % 10) {
        (whole, 0) => format!("{whole} %"),
        (whole, tenth) => format!("{whole}.{tenth} %"),
    }
}

/// A length of time: exact below ten seconds, where fractions matter.
pub fn length(time: Millis) -> String {
    match time {
        0 => "0s".to_owned(),
        1..1_000 => format!("{time}ms"),
        1_000..10_000 => format!("{}s", tenths(time / 100, 1, 1)),
        _ => text::duration(time),
    }
}

/// The UTC day that holds `at`, below a chart, where days stand side by side: `23 Nov`. A
/// report's days are those of UTC wherever it is read, so the browser's time zone must not
/// move them.
pub fn day(at: Millis) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let written = Day::of(at).to_string();
    let mut parts = written.split('-').skip(1);
    let (month, day) = (parts.next(), parts.next());
    let month = month.and_then(|month| month.parse::<usize>().ok());
    let name = month.and_then(|month| MONTHS.get(month.checked_sub(1)?));
    match (name, day) {
        (Some(name), Some(day)) => format!("{} {name}", day.trim_start_matches('0')),
        _ => written,
    }
}

/// The same with its year, where it stands alone: sites keep sessions for years.
pub fn full_day(at: Millis) -> String {
    let written = Day::of(at).to_string();
    let year = written.split('-').next().unwrap_or_default();
    format!("{} {year}", day(at))
}

/// The time of the UTC day: `09:05:00`.
fn time_of_day(at: Millis) -> String {
    let seconds = at / 1_000 % 86_400;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// A number of `of` digits behind the point, cut to `shown` of them, zeros at the end left out.
fn tenths(number: u64, of: u32, shown: u32) -> String {
    let unit = 10_u64.pow(of);
    let cut = 10_u64.pow(of.saturating_sub(shown));
    let width = usize::try_from(shown).unwrap_or(0);
    let rest = format!("{:0width$}", number % unit / cut);
    match rest.trim_end_matches('0') {
        "" => (number / unit).to_string(),
        rest => format!("{}.{rest}", number / unit),
    }
}

/// A page's own number: thousands apart, at most three digits behind the point.
fn decimal(number: f64) -> String {
    let short = format!("{:.3}", number.abs());
    let (whole, rest) = short.split_once('.').unwrap_or((&short, ""));
    let rest = rest.trim_end_matches('0');
    let whole = whole
        .parse()
        .map_or_else(|_| whole.to_owned(), text::number);
    let point = if rest.is_empty() { "" } else { "." };
    let is_zero = whole == "0" && rest.is_empty();
    let sign = if number < 0.0 && !is_zero { "−" } else { "" };
    format!("{sign}{whole}{point}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let monday = 1_763_942_400_000;
        for (value, said, written) in [
            (Value::None, "—", ""),
            (Value::Text("/a".to_owned()), "/a", "/a"),
            (Value::Count(12_345), "12,345", "12345"),
            (Value::Share(0), "0 %", "0"),
            (Value::Share(123), "12.3 %", "12.3"),
            (Value::Share(1_000), "100 %", "100"),
            (Value::Time(0), "0s", "0"),
            (Value::Time(420), "420ms", "420"),
            (Value::Time(2_500), "2.5s", "2500"),
            (Value::Time(9_999), "9.9s", "9999"),
            (Value::Time(65_000), "1m 05s", "65000"),
            (Value::Pixels(1_200), "1,200 px", "1200"),
            (Value::Day(monday), "24 Nov 2025", "2025-11-24"),
            (
                Value::Moment(monday + 32_700_999),
                "24 Nov 2025, 09:05:00",
                "2025-11-24T09:05:00Z",
            ),
            (Value::Shift(1_250), "0.125", "0.125"),
            (Value::Shift(12), "0.001", "0.0012"),
            (Value::Number(-1_234.5), "−1,234.5", "-1234.5"),
            (Value::Number(-0.000_1), "0", "-0.0001"),
            (Value::Number(f64::INFINITY), "inf", "inf"),
        ] {
            assert_eq!(value.said(), said, "{value:?}");
            assert_eq!(value.written(), written, "{value:?}");
        }
        assert_eq!(Value::share(None), Value::None);
        assert_eq!(Value::time(Some(3)), Value::Time(3));
    }

    #[test]
    fn values_have_an_order() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (less, more) in [
            (Value::Count(9), Value::Count(10)),
            (Value::Number(-2.0), Value::Number(-1.0)),
            (text("apple"), text("Berry")),
            (Value::Day(5), Value::Day(6)),
            (Value::Moment(5), Value::Moment(6)),
        ] {
            assert_eq!(less.compare(&more), Ordering::Less, "{less:?}");
            assert_eq!(more.compare(&less), Ordering::Greater, "{less:?}");
            assert_eq!(less.compare(&less), Ordering::Equal, "{less:?}");
        }
    }

    #[test]
    fn days_are_those_of_utc() {
        assert_eq!(day(0), "1 Jan");
        assert_eq!(day(86_399_999), "1 Jan");
        assert_eq!(day(86_400_000), "2 Jan");
        assert_eq!(full_day(86_400_000), "2 Jan 1970");
    }
}
