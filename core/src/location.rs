//! Where a visitor is, as far as that may be kept: country, region and time zone, as the
//! edge tells them of an address, and nothing finer.
//!
//! What does not look like one is none of them: the edge says `XX` and `T1` where it does not
//! know, and other hosts say what they like.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;

/// The longest name of a time zone, bytes. The longest that there is has 32.
pub const MAX_TIMEZONE: usize = 40;

/// Time zones of a town or a few people, which say more of a visitor than a region does:
/// whole names, or what names begin with.
const SMALL_ZONES: [&str; 12] = [
    "America/Indiana/",
    "America/Kentucky/",
    "America/North_Dakota/",
    "America/Boise",
    "America/Eirunepe",
    "America/Metlakatla",
    "Antarctica/",
    "Arctic/",
    "Atlantic/Jan_Mayen",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Europe/Busingen",
];

/// What the edge said of a visitor's place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// ISO 3166-1 alpha-2 code.
    pub country: Option<String>,
    /// ISO 3166-2 code, which begins with the country's: `DE-BE`.
    pub region: Option<String>,
    /// Name of the IANA time zone database: `Europe/Berlin`.
    pub timezone: Option<String>,
}

impl Location {
    /// Takes of a country's code, the code of one of its first-level subdivisions without the
    /// country, and a time zone's name what may be kept. Without a country there is no region.
    pub fn of(country: Option<&str>, subdivision: Option<&str>, timezone: Option<&str>) -> Self {
        let country = country.filter(|code| is_country(code));
        let subdivision = subdivision.filter(|code| is_subdivision(code));
        let region = country
            .zip(subdivision)
            .map(|(country, code)| format!("{country}-{code}"));
        let timezone = timezone.filter(|name| is_timezone(name) && !is_small(name));
        Self {
            country: country.map(str::to_owned),
            region,
            timezone: timezone.map(str::to_owned),
        }
    }
}

fn is_country(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && code != "XX"
}

fn is_subdivision(code: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    (1..=3).contains(&code.len()) && code.bytes().all(fits)
}

/// An area, and one or two names in it. Zones without an area are distances from UTC or old
/// names of countries.
fn is_timezone(name: &str) -> bool {
    let is_word = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+');
        word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.bytes().all(fits)
    };
    name.len() <= MAX_TIMEZONE
        && (2..=3).contains(&name.split('/').count())
        && name.split('/').all(is_word)
}

fn is_small(name: &str) -> bool {
    SMALL_ZONES.iter().any(|zone| name.starts_with(zone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use proptest::prelude::*;

    #[test]
    fn a_place_is_kept_to_the_region() {
        for (country, subdivision, region) in [
            (Some("DE"), Some("BE"), Some("DE-BE")),
            (Some("JP"), Some("13"), Some("JP-13")),
            (Some("FR"), Some("IDF"), Some("FR-IDF")),
            (Some("GB"), Some("ENG"), Some("GB-ENG")),
            (Some("IS"), Some("1"), Some("IS-1")),
            (Some("DE"), None, None),
            (Some("DE"), Some(""), None),
            (Some("DE"), Some("be"), None),
            (Some("DE"), Some("BERL"), None),
            (Some("DE"), Some("•••"), None),
            (Some("DE"), Some("B E"), None),
            (Some("XX"), Some("BE"), None),
            (Some("T1"), Some("BE"), None),
            (Some("de"), Some("BE"), None),
            (None, Some("BE"), None),
        ] {
            let found = Location::of(country, subdivision, None).region;
            assert_eq!(found.as_deref(), region, "{country:?} {subdivision:?}");
        }
    }

    #[test]
    fn what_is_no_country_is_none() {
        for code in ["", "D", "DEU", "de", "D1", "T1", "XX", "ÄÖ", "Ä", "../.."] {
            assert_eq!(Location::of(Some(code), None, None).country, None, "{code}");
        }
        let known = Location::of(Some("DE"), None, None).country;
        assert_eq!(known.as_deref(), Some("DE"));
    }

    #[test]
    fn time_zones_are_names_that_many_share() {
        for name in [
            "Europe/Berlin",
            "America/New_York",
            "America/Port-au-Prince",
            "America/Argentina/ComodRivadavia",
            "Etc/GMT+1",
        ] {
            let found = Location::of(None, None, Some(name)).timezone;
            assert_eq!(found.as_deref(), Some(name));
        }
        let longest = ["A/", &"b".repeat(MAX_TIMEZONE - 2)].concat();
        let longer = [longest.as_str(), "b"].concat();
        assert!(Location::of(None, None, Some(&longest)).timezone.is_some());
        for name in [
            "",
            "UTC",
            "GMT",
            "Europe/",
            "/Berlin",
            "Europe//Berlin",
            "Europe/Berlin/Mitte/Torstrasse",
            "Europe/Berlin ",
            "Europe/\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}",
            "../../x",
            "52.52/13.40",
            "<b>/x",
            longer.as_str(),
            // Smaller than a region.
            "America/Indiana/Tell_City",
            "Europe/Busingen",
            "Antarctica/Vostok",
        ] {
            assert_eq!(
                Location::of(None, None, Some(name)).timezone,
                None,
                "{name}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_else_is_kept(texts: [Option<String>; 3]) {
            let [country, subdivision, timezone] = texts.each_ref().map(Option::as_deref);
            let found = Location::of(country, subdivision, timezone);
            if let Some(region) = &found.region {
                let parts = region.split_once('-').unwrap();
                prop_assert_eq!(Some(parts.0), country);
                prop_assert!(region.len() <= 6 && found.country.is_some());
            }
            if let Some(zone) = &found.timezone {
                prop_assert!(zone.len() <= MAX_TIMEZONE && zone.is_ascii());
            }
            // What was kept is kept again.
            let code = found.region.as_ref().and_then(|region| region.split_once('-'));
            let code = code.map(|(_, code)| code.to_string());
            let again = Location::of(
                found.country.as_deref(), code.as_deref(), found.timezone.as_deref(),
            );
            prop_assert_eq!(again, found);
        }

        #[test]
        fn what_looks_like_one_is_bounded(
            country in "[A-Z0-9a-z]{1,3}",
            subdivision in "[A-Z0-9a-z]{0,4}",
            timezone in "[A-Za-z]{1,9}(/[A-Za-z_+-]{0,20}){0,3}",
        ) {
            let found = Location::of(Some(&country), Some(&subdivision), Some(&timezone));
            if let Some(region) = found.region {
                prop_assert!(region.len() <= 6);
                prop_assert_eq!(region, format!("{country}-{subdivision}"));
            }
            prop_assert!(found.timezone.is_none_or(|zone| zone.len() <= MAX_TIMEZONE));
        }
    }
}
