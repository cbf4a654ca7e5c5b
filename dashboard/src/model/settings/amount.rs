//! Bytes as people type and read them in a field: `10 GB`, `1.5 MB`, `812`.

const UNITS: [(&str, u64); 5] = [
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// What is wrong with an amount that cannot be read.
pub const EXPECTED: &str = "Write a size like 500 MB or 1.5 GB.";

/// The largest unit in which `bytes` is whole: what [`parse`] reads as the same number.
pub fn exact(bytes: u64) -> String {
    let whole = |(_, unit): &&(&str, u64)| bytes > 0 && bytes.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().find(whole).unwrap_or(&("B", 1));
    format!("{} {name}", bytes / unit)
}

/// Reads a size; a number alone is bytes.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_uppercase();
    let letters = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, name) = text.split_at_checked(letters)?;
    let unit = match name {
        "" => 1,
        name => UNITS.iter().find(|(unit, _)| *unit == name)?.1,
    };
    let number = number.trim().replace([',', '\u{a0}', ' '], "");
    let (whole, part) = number.split_once('.').unwrap_or((&number, ""));
    if !whole
        .chars()
        .chain(part.chars())
        .all(|c| c.is_ascii_digit())
        || part.len() > 6
    {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let bytes = whole.checked_mul(unit)?;
    if part.is_empty() {
        return (!number.ends_with('.')).then_some(bytes);
    }
    let scale = 10_u64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part: u64 = part.parse().ok()?;
    if !unit.is_multiple_of(scale) {
        return None;
    }
    bytes.checked_add(part.checked_mul(unit / scale)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("812", Some(812)),
            ("812 B", Some(812)),
            ("10 GB", Some(10_000_000_000)),
            ("10gb", Some(10_000_000_000)),
            (" 1.5 MB ", Some(1_500_000)),
            ("0.5 kb", Some(500)),
            ("1,000 KB", Some(1_000_000)),
            ("2 TB", Some(2_000_000_000_000)),
            ("", None),
            ("GB", None),
            ("-1 GB", None),
            ("1. GB", None),
            ("1.5.2 GB", None),
            ("1.5 B", None),
            ("ten", None),
            ("1 XB", None),
            ("99999999999999 TB", None),
        ] {
            assert_eq!(parse(text), bytes, "{text}");
        }
    }

    #[test]
    fn sizes_are_written_in_the_largest_unit_that_fits() {
        for (bytes, text) in [
            (0, "0 B"),
            (812, "812 B"),
            (1_500_000, "1500 KB"),
            (10_000_000_000, "10 GB"),
        ] {
            assert_eq!(exact(bytes), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: u64) {
            prop_assert_eq!(parse(&exact(bytes)), Some(bytes));
        }

        #[test]
        fn anything_is_answered(text in "\\PC{0,24}") {
            let _ = parse(&text);
        }
    }
}
