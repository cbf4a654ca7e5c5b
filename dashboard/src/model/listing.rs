//! What the list shows, as the address says it: a range of time, a filter, an
//! order.
//!
//! The filter and the order are the API's own words. A range can also be
//! relative ("the last 7 days"), so that a saved segment means the same
//! tomorrow; it becomes two instants when the list is asked for.

use core::fmt;
use sentiero_core::filter::Filter;
use sentiero_core::id::Millis;
use sentiero_core::listing::{Cursor, Search, Sort};
use sentiero_core::query;

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// A range of time that moves along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// The last 60 minutes.
    Hour,
    /// Since midnight, where the viewer is.
    Today,
    /// The day before.
    Yesterday,
    /// The last 7 times 24 hours.
    Week,
    /// The last 14 times 24 hours.
    Fortnight,
    /// The last 30 times 24 hours.
    Month,
    /// The last 90 times 24 hours.
    Quarter,
}

impl Range {
    /// Every range, the shortest first.
    pub const ALL: [Self; 7] = [
        Self::Hour,
        Self::Today,
        Self::Yesterday,
        Self::Week,
        Self::Fortnight,
        Self::Month,
        Self::Quarter,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "Last hour",
            Self::Today => "Today",
            Self::Yesterday => "Yesterday",
            Self::Week => "Last 7 days",
            Self::Fortnight => "Last 14 days",
            Self::Month => "Last 30 days",
            Self::Quarter => "Last 90 days",
        }
    }

    /// Its word in addresses.
    fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::Week => "7d",
            Self::Fortnight => "14d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.word() == word)
    }

    /// From when on, and until when.
    fn resolve(self, moment: Moment) -> (Millis, Option<Millis>) {
        let Moment { now, today, before } = moment;
        match self {
            Self::Hour => (now.saturating_sub(HOUR), None),
            Self::Today => (today, None),
            Self::Yesterday => (before, Some(today)),
            Self::Week => (now.saturating_sub(7 * DAY), None),
            Self::Fortnight => (now.saturating_sub(14 * DAY), None),
            Self::Month => (now.saturating_sub(30 * DAY), None),
            Self::Quarter => (now.saturating_sub(90 * DAY), None),
        }
    }
}

/// When it is, where the viewer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Now, ms since the epoch.
    pub now: Millis,
    /// The last midnight.
    pub today: Millis,
    /// The midnight before that; a day can have 23 hours.
    pub before: Millis,
}

/// The time before that a listing is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The same, then.
    pub listing: Listing,
    /// What that time is called: `the 7 days before`.
    pub name: String,
}

/// What the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// A range that moves along; then the filter has no dates.
    pub range: Option<Range>,
    /// All other conditions.
    pub filter: Filter,
    /// The order.
    pub sort: Sort,
}

impl Listing {
    /// Reads the query part of an address. What is wrong with it, if anything is:
    /// then everything is shown, which can be narrowed, rather than what nobody
    /// asked for.
    pub fn parse(text: &str) -> (Self, Option<String>) {
        match Self::read(text) {
            Ok(listing) => (listing, None),
            Err(wrong) => (Self::default(), Some(wrong)),
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let (own, rest): (Vec<&str>, Vec<&str>) = text
            .split('&')
            .filter(|pair| !pair.is_empty())
            .partition(|pair| pair.starts_with("range="));
        let search = Search::parse(&rest.join("&"))
            .map_err(|error| format!("`{}` {}", error.field, error.reason))?;
        let range = match own.as_slice() {
            [] => None,
            [pair] => {
                let word = pair.strip_prefix("range=").unwrap_or_default();
                let unknown =
                    || "`range` must be 1h, today, yesterday, 7d, 14d, 30d or 90d".to_owned();
                Some(Range::parse(word).ok_or_else(unknown)?)
            }
            _ => return Err("`range` must not be given twice".to_owned()),
        };
        let Search {
            mut filter, sort, ..
        } = search;
        if range.is_some() {
            (filter.from, filter.before) = (None, None);
        }
        Ok(Self {
            range,
            filter,
            sort,
        })
    }

    /// Everything is shown.
    pub fn is_all(&self) -> bool {
        self.range.is_none() && self.filter == Filter::default()
    }

    /// Has a range of time.
    pub fn has_dates(&self) -> bool {
        self.range.is_some() || self.filter.from.is_some() || self.filter.before.is_some()
    }

    /// The same at any time.
    #[must_use]
    pub fn without_dates(&self) -> Self {
        let mut listing = self.clone();
        listing.range = None;
        (listing.filter.from, listing.filter.before) = (None, None);
        listing
    }

    /// The same with another filter.
    #[must_use]
    pub fn with(&self, filter: Filter) -> Self {
        Self {
            filter,
            ..self.clone()
        }
    }

    /// The filter as the API is asked for it at `moment`.
    pub fn resolve(&self, moment: Moment) -> Filter {
        let mut filter = self.filter.clone();
        if let Some(range) = self.range {
            let (from, before) = range.resolve(moment);
            (filter.from, filter.before) = (Some(from), before);
        }
        filter
    }

    /// The time before of the same length, if what is shown has both ends. A range that has no
    /// end, or one to come, ends now; today is held against the same hours of yesterday.
    pub fn earlier(&self, moment: Moment) -> Option<Earlier> {
        let Moment { now, today, before } = moment;
        let filter = self.resolve(moment);
        let from = filter.from?;
        let until = match (self.range, filter.before) {
            (None, None) => return None,
            (_, until) => until.unwrap_or(now).min(now),
        };
        let length = until.checked_sub(from).filter(|length| *length > 0)?;
        let start = match self.range {
            Some(Range::Today) => before,
            _ => from.checked_sub(length)?,
        };
        // A day of 25 hours may be longer than the one before.
        let end = start.saturating_add(length).min(from);
        let name = match (self.range, length / DAY, length % DAY) {
            (Some(Range::Hour), ..) => "the hour before".to_owned(),
            (Some(Range::Today), ..) if start.saturating_add(length) <= today => {
                "yesterday until this time".to_owned()
            }
            (Some(Range::Today), ..) => "yesterday".to_owned(),
            (Some(Range::Yesterday), ..) | (_, 1, 0) => "the day before".to_owned(),
            (_, days, 0) if days > 1 => format!("the {days} days before"),
            _ => "the same time before".to_owned(),
        };
        let listing = Self {
            range: None,
            filter: Filter {
                from: Some(start),
                before: Some(end),
                ..filter
            },
            sort: self.sort,
        };
        Some(Earlier { listing, name })
    }

    /// A page of the list as the API is asked for it at `moment`.
    pub fn search(&self, moment: Moment, cursor: Option<Cursor>) -> Search {
        Search {
            filter: self.resolve(moment),
            sort: self.sort,
            cursor,
            ..Search::default()
        }
    }
}

/// The query part of the address, which [`Listing::parse`] reads.
impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let search = Search {
            filter: self.filter.clone(),
            sort: self.sort,
            ..Search::default()
        };
        let mut text = String::new();
        if let Some(range) = self.range {
            query::push(&mut text, "range", range.word());
        }
        let rest = search.to_query();
        if !text.is_empty() && !rest.is_empty() {
            text.push('&');
        }
        write!(f, "{text}{rest}")
    }
}

/// What an order is called.
pub fn sort_name(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest => "Newest first",
        Sort::Oldest => "Oldest first",
        Sort::Longest => "Longest",
        Sort::Events => "Most events",
        Sort::Errors => "Most errors",
        Sort::Frustration => "Most frustrated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOMENT: Moment = Moment {
        now: 100 * DAY,
        today: 99 * DAY + 5 * HOUR,
        before: 98 * DAY + 4 * HOUR,
    };

    fn parsed(text: &str) -> Listing {
        let (listing, wrong) = Listing::parse(text);
        assert_eq!(wrong, None, "{text}");
        listing
    }

    #[test]
    fn everything_is_the_empty_address() {
        assert!(parsed("").is_all());
        assert_eq!(Listing::default().to_string(), "");
        let sorted = parsed("sort=longest");
        assert!(sorted.is_all());
        assert_eq!(sorted.to_string(), "sort=longest");
    }

    #[test]
    fn ranges_move_along() {
        for (word, from, before) in [
            ("1h", MOMENT.now - HOUR, None),
            ("today", MOMENT.today, None),
            ("yesterday", MOMENT.before, Some(MOMENT.today)),
            ("7d", 93 * DAY, None),
            ("14d", 86 * DAY, None),
            ("30d", 70 * DAY, None),
            ("90d", 10 * DAY, None),
        ] {
            let listing = parsed(&format!("range={word}&errors=true&from=5"));
            assert_eq!(listing.to_string(), format!("range={word}&errors=true"));
            let filter = listing.resolve(MOMENT);
            assert_eq!(
                (filter.from, filter.before, filter.errors),
                (Some(from), before, true)
            );
            assert!(listing.has_dates() && !listing.without_dates().has_dates());
        }
        let fixed = parsed("from=5&before=9");
        assert!(fixed.has_dates() && !fixed.is_all());
        assert_eq!(fixed.resolve(MOMENT).from, Some(5));
        assert!(fixed.without_dates().is_all());
    }

    #[test]
    fn the_time_before_is_as_long() {
        for (text, before, name) in [
            (
                "range=1h",
                (MOMENT.now - 2 * HOUR, MOMENT.now - HOUR),
                "the hour before",
            ),
            (
                "range=today",
                (MOMENT.before, MOMENT.before + 19 * HOUR),
                "yesterday until this time",
            ),
            (
                "range=yesterday",
                (MOMENT.before - 25 * HOUR, MOMENT.before),
                "the day before",
            ),
            ("range=7d", (86 * DAY, 93 * DAY), "the 7 days before"),
            ("range=30d", (40 * DAY, 70 * DAY), "the 30 days before"),
            (
                "from=864000000&before=950400000",
                (9 * DAY, 10 * DAY),
                "the day before",
            ),
            (
                "from=864000000&before=864000005",
                (10 * DAY - 5, 10 * DAY),
                "the same time before",
            ),
            // What is to come is not waited for.
            (
                "from=8553600000&before=9000000000",
                (98 * DAY, 99 * DAY),
                "the day before",
            ),
        ] {
            let found = parsed(&format!("{text}&errors=true"))
                .earlier(MOMENT)
                .unwrap();
            let filter = found.listing.resolve(MOMENT);
            assert_eq!(
                (filter.from, filter.before),
                (Some(before.0), Some(before.1)),
                "{text}"
            );
            assert!(
                filter.errors && found.name == name,
                "{text}: {}",
                found.name
            );
        }
        for open in [
            "",
            "from=5",
            "before=5",
            // Before the beginning of time.
            "from=5&before=100",
            "range=90d",
        ] {
            assert_eq!(parsed(open).earlier(MOMENT), None, "{open}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (text, wrong) in [
            ("range=2w", "`range` must be"),
            ("range=7d&range=7d", "`range` must not be given twice"),
            ("colour=red", "`colour` is no parameter"),
            ("errors=maybe", "`errors` must be"),
            ("sort=best", "`sort` must be"),
            ("q=%zz", "`q` must be UTF-8"),
        ] {
            let (listing, said) = Listing::parse(text);
            assert!(
                said.as_ref().is_some_and(|said| said.starts_with(wrong)),
                "{text}: {said:?}"
            );
            assert_eq!(listing, Listing::default());
        }
    }

    proptest! {
        #[test]
        fn there_and_back(range in 0usize..8, sort in 0usize..6, errors: bool, q in proptest::option::of("[a-zäß /&=%+]{1,20}")) {
            let listing = Listing {
                range: Range::ALL.get(range).copied(),
                filter: Filter { errors, q, ..Filter::default() },
                sort: Sort::ALL[sort],
            };
            prop_assert_eq!(parsed(&listing.to_string()), listing);
        }

        #[test]
        fn never_panics(text: String) {
            let (listing, _) = Listing::parse(&text);
            prop_assert_eq!(parsed(&listing.to_string()), listing);
        }
    }
}
