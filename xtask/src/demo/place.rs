//! In which region and time zone visitors of a country are.

/// Country, time zone, regions: the most populous first.
const PLACES: [(&str, &str, &[&str]); 10] = [
    ("DE", "Europe/Berlin", &["NW", "BY", "BW", "BE", "HH", "SN"]),
    ("AT", "Europe/Vienna", &["9", "3", "4", "7"]),
    ("CH", "Europe/Zurich", &["ZH", "BE", "VD"]),
    ("IT", "Europe/Rome", &["25", "62", "32"]),
    ("FR", "Europe/Paris", &["IDF", "ARA", "OCC"]),
    ("GB", "Europe/London", &["ENG", "SCT", "WLS"]),
    ("NL", "Europe/Amsterdam", &["ZH", "NH", "NB"]),
    ("NO", "Europe/Oslo", &["03", "46"]),
    ("US", "America/New_York", &["NY", "MA", "PA"]),
    ("JP", "Asia/Tokyo", &["13", "27"]),
];

/// The region and the time zone of one of a country's visitors, where they are known here.
pub(super) fn of(country: &str, visitor: u64) -> (Option<String>, Option<String>) {
    let Some((_, zone, regions)) = PLACES.iter().find(|place| place.0 == country) else {
        return (None, None);
    };
    // More of them are where more people live: the smaller of two numbers.
    let count = regions.len() as u64;
    let place = (visitor % count).min(visitor / count % count);
    let region = usize::try_from(place).ok().and_then(|at| regions.get(at));
    let region = region.map(|code| format!("{country}-{code}"));
    (region, Some((*zone).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::location::Location;

    #[test]
    fn they_are_such_as_the_edge_keeps() {
        for (country, zone, regions) in PLACES {
            for code in regions {
                let kept = Location::of(Some(country), Some(code), Some(zone));
                assert_eq!(kept.timezone.as_deref(), Some(zone));
                assert_eq!(kept.region, Some(format!("{country}-{code}")));
            }
            let (region, _) = of(country, 0);
            assert_eq!(region, Some(format!("{country}-{}", regions[0])));
        }
        assert_eq!(of("ZZ", 3), (None, None));
    }
}
