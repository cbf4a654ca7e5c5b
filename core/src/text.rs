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

/// The parts of a text between marks: one more than there are marks. As `split` does, but
/// one function for all, where the standard library has one for each kind of mark.
pub struct Parts<'a> {
    rest: Option<&'a [u8]>,
    mark: u8,
}

/// The parts of `text` between each two `mark`s.
pub fn parts(text: &[u8], mark: u8) -> Parts<'_> {
    Parts {
        rest: Some(text),
        mark,
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = rest.iter().position(|byte| *byte == self.mark);
        let (part, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        self.rest = after.get(1..);
        Some(part)
    }
}

/// The first part of `text`, taken from it; none when there are no more.
pub fn next_part<'a>(text: &mut Option<&'a str>, mark: u8) -> Option<&'a str> {
    let rest = (*text)?;
    let end = rest.bytes().position(|byte| byte == mark);
    *text = end.and_then(|end| rest.get(end + 1..));
    rest.get(..end.unwrap_or(rest.len()))
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
    fn parts_are_as_split_gives_them() {
        for text in ["", " ", "a", "a b", " a  b ", "é a"] {
            let expect: Vec<&str> = text.split(' ').collect();
            let found: Vec<&[u8]> = parts(text.as_bytes(), b' ').collect();
            assert_eq!(
                found,
                expect
                    .iter()
                    .map(|part| part.as_bytes())
                    .collect::<Vec<_>>()
            );
            let mut rest = Some(text);
            let found: Vec<&str> = core::iter::from_fn(|| next_part(&mut rest, b' ')).collect();
            assert_eq!(found, expect);
        }
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
