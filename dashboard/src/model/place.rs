//! How regions and time zones read.

/// A region's code with the name of its country, which `country` knows by its code. Names of
/// regions are in no browser, and a table of them would weigh more than all screens.
pub fn region(code: &str, country: impl Fn(&str) -> String) -> String {
    match code.split_once('-') {
        Some((of, _)) => format!("{code} · {}", country(of)),
        None => code.to_owned(),
    }
}

/// A time zone's name, as people write it.
pub fn timezone(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_tell_their_country() {
        let country = |code: &str| match code {
            "DE" => "Germany".to_owned(),
            other => other.to_owned(),
        };
        assert_eq!(region("DE-BE", country), "DE-BE · Germany");
        assert_eq!(region("QQ-1", country), "QQ-1 · QQ");
        assert_eq!(region("x", country), "x");
    }

    #[test]
    fn zones_are_written_with_spaces() {
        assert_eq!(timezone("America/New_York"), "America/New York");
    }
}
