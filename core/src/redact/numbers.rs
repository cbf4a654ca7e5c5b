//! What is found by its digits: cards, IBANs, telephone numbers. They may be written in
//! groups, so they may reach over several words.

use super::finding::Kinds;

/// As many digits as identify nobody: of a card, the issuer's eight and one more.
pub(super) const HARMLESS_DIGITS: usize = 9;

/// Where a number ends that begins at `at`; none if there begins none. `before` is the
/// byte in front of it.
pub(super) fn end(text: &[u8], at: usize, before: u8, kinds: Kinds, phones: bool) -> Option<usize> {
    let first = text.get(at)?;
    if first.is_ascii_digit() && !before.is_ascii_digit() {
        let card = kinds.has(Kinds::CARD) && !is_fraction(text, at);
        let phone = phones && kinds.has(Kinds::PHONE);
        let card = card.then(|| card_end(text, at)).flatten();
        return card.max(phone.then(|| phone_end(text, at, before)).flatten());
    }
    let letter = first.is_ascii_alphabetic() && !before.is_ascii_alphanumeric();
    (letter && kinds.has(Kinds::IBAN))
        .then(|| iban_end(text, at))
        .flatten()
}

/// Whether the digits at `at` are behind a decimal point: coordinates have as many.
fn is_fraction(text: &[u8], at: usize) -> bool {
    matches!(text.get(..at), Some([.., b'0'..=b'9', b'.']))
}

/// How many bytes at `at` may stand between two groups; 0 if it is no such thing.
fn joint(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [b' ' | b'-' | b'+', ..] => 1,
        [0xc2, 0xa0, ..] => 2,
        [b'%', b'2', b'0', ..] | [0xe2, 0x80, 0x89 | 0x8b | 0x90 | 0x91 | 0xaf, ..] => 3,
        _ => 0,
    }
}

/// Walks groups of characters that `belongs` takes, joined by single joints, from `at` on,
/// up to `N` characters. Calls `check` with what was read at the end of each group and
/// answers where the last group ends for which it holds.
fn groups<const N: usize>(
    text: &[u8],
    mut at: usize,
    belongs: fn(&u8) -> bool,
    check: impl Fn(&[u8]) -> bool,
) -> Option<usize> {
    let mut read = [0; N];
    let mut length = 0;
    let mut found = None;
    loop {
        while let Some(byte) = text.get(at).filter(|byte| belongs(byte)) {
            *read.get_mut(length)? = *byte;
            length += 1;
            at += 1;
            if length == N && text.get(at).is_some_and(belongs) {
                return found;
            }
        }
        if check(read.get(..length)?) {
            found = Some(at);
        }
        let next = at + joint(text, at);
        if next == at || length == N || !text.get(next).is_some_and(belongs) {
            return found;
        }
        at = next;
    }
}

fn card_end(text: &[u8], at: usize) -> Option<usize> {
    groups::<19>(text, at, u8::is_ascii_digit, is_card)
}

/// 13 to 19 digits as ISO/IEC 7812 numbers cards: of a payment network (2–6), with
/// Luhn's check digit.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    let issuer = matches!(digits.first(), Some(b'2'..=b'6'));
    issuer && digits.len() >= 13 && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit.wrapping_sub(b'0'));
            match (place % 2, digit) {
                (0, _) => digit,
                (_, 5..) => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn iban_end(text: &[u8], at: usize) -> Option<usize> {
    let [a, b, c, d, ..] = text.get(at..)? else {
        return None;
    };
    let begins = a.is_ascii_alphabetic()
        && b.is_ascii_alphabetic()
        && c.is_ascii_digit()
        && d.is_ascii_digit();
    if !begins {
        return None;
    }
    groups::<34>(text, at, u8::is_ascii_alphanumeric, is_iban)
}

/// 15 to 34 characters whose number, the first four moved behind the others and letters
/// read as 10 to 35, leaves 1 when divided by 97 (ISO 13616).
fn is_iban(iban: &[u8]) -> bool {
    let Some((head, account)) = iban.split_at_checked(4).filter(|_| iban.len() >= 15) else {
        return false;
    };
    let rest = account.iter().chain(head).fold(0, |rest: u32, byte| {
        let value = char::from(*byte).to_digit(36).unwrap_or_default();
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    });
    rest == 1
}

/// A number with its country's code, with a leading 0, or in groups of 3, 3 and 4.
fn phone_end(text: &[u8], at: usize, before: u8) -> Option<usize> {
    let (mut digits, mut group, mut shape) = (0, 0, 0_u32);
    let mut end = at;
    let mut rest = at;
    while digits <= 15 {
        match text.get(rest) {
            Some(byte) if byte.is_ascii_digit() => {
                digits += 1;
                group += 1;
                rest += 1;
                end = rest;
            }
            Some(b' ' | b'-' | b'.' | b'/' | b'(' | b')') if rest < end + 2 => {
                shape = close(shape, group);
                group = 0;
                rest += 1;
            }
            _ => break,
        }
    }
    let shape = close(shape, group);
    let grouped = matches!(shape, 0x334 | 0x1334);
    let starts = before == b'+' || text.get(at) == Some(&b'0');
    let is_phone = (starts && (7..=15).contains(&digits)) || grouped;
    // A day of ISO 8601 or with a leading 0 is no number to call.
    let is_day = matches!(shape, 0x422 | 0x224);
    (is_phone && !is_day).then_some(end)
}

/// The sizes of groups, a hexadecimal digit each.
fn close(shape: u32, group: u32) -> u32 {
    match group {
        0 => shape,
        group => (shape << 4) | group.min(15),
    }
}
