//! Small text without `core::fmt` and `FromStr`, whose machinery the recorder
//! would otherwise carry to every page for a handful of integers.

use alloc::string::String;
use alloc::vec::Vec;

/// Appends `number` in decimal.
pub(crate) fn write_decimal(number: u64, out: &mut Vec<u8>) {
    if number >= 10 {
        write_decimal(number / 10, out);
    }
    out.push(digit(number % 10));
}

fn digit(number: u64) -> u8 {
    b'0' + u8::try_from(number).unwrap_or(0)
}

/// `number` in decimal.
pub fn decimal(number: u64) -> String {
    let mut digits = Vec::new();
    write_decimal(number, &mut digits);
    digits.into_iter().map(char::from).collect()
}

/// `number` in decimal, with its sign.
pub fn signed_decimal(number: i64) -> String {
    let mut text = decimal(number.unsigned_abs());
    if number < 0 {
        text.insert(0, '-');
    }
    text
}

/// The number that `digits` are; none if they are anything but decimal digits
/// or more than fit.
pub fn parse_decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// As [`parse_decimal`], with a sign in front.
pub fn parse_signed_decimal(text: &[u8]) -> Option<i64> {
    match text.strip_prefix(b"-") {
        Some(digits) => 0i64.checked_sub_unsigned(parse_decimal(digits)?),
        None => i64::try_from(parse_decimal(text)?).ok(),
    }
}

/// `words` with a space between each two.
pub fn spaced(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", "+1", "1a", " 1", "18446744073709551616"] {
            assert_eq!(parse_decimal(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_decimal(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_signed_decimal(b"--1"), None);
        assert_eq!(parse_signed_decimal(b"9223372036854775808"), None);
    }

    #[test]
    fn spaces_words() {
        assert_eq!(spaced(&["a", "b c", "d"]), "a b c d");
        assert_eq!(spaced(&[]), "");
    }

    proptest! {
        #[test]
        fn agrees_with_std(number: u64, signed: i64) {
            prop_assert_eq!(decimal(number), number.to_string());
            prop_assert_eq!(signed_decimal(signed), signed.to_string());
            prop_assert_eq!(parse_decimal(number.to_string().as_bytes()), Some(number));
            prop_assert_eq!(parse_signed_decimal(signed.to_string().as_bytes()), Some(signed));
        }
    }
}
