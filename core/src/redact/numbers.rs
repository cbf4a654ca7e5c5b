//! What is found by its digits: cards, IBANs, telephone numbers. They may be written in
//! groups, so they may reach over several words.

use super::finding::Kinds;

/// As many digits as identify nobody: of a card, the issuer's eight and one more.
pub(super) const HARMLESS_DIGITS: usize = 9;

/// Where a number ends that begins at `at`; 0 if there begins none.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn end(text: &[u8], at: usize, kinds: Kinds, phones: bool) -> usize {
    let before = at
        .checked_sub(1)
        .and_then(|at| text.get(at))
        .copied()
        .unwrap_or(b' ');
    let Some(first) = text.get(at) else {
        return 0;
    };
    if first.is_ascii_digit() {
        if before.is_ascii_digit() {
            return 0;
        }
        let phone = phones && kinds.has(Kinds::PHONE);
        let phone = if phone {
            phone_end(text, at, before)
        } else {
            0
        };
        let card = kinds.has(Kinds::CARD) && !is_fraction(text, at);
        return phone.max(if card { groups(text, at, 19) } else { 0 });
    }
    let iban = kinds.has(Kinds::IBAN) && !before.is_ascii_alphanumeric() && begins_iban(text, at);
    if iban { groups(text, at, 34) } else { 0 }
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
        // Thin spaces and unusual hyphens.
        [b'%', b'2', b'0', ..] | [0xe2, 0x80, ..] => 3,
        _ => 0,
    }
}

/// Walks groups of characters, joined by single joints, from `at` on, and answers where
/// the last group ends with which they are a card (of at most 19 digits) or an IBAN (34
/// characters); 0 if they are none.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn groups(text: &[u8], mut at: usize, most: usize) -> usize {
    let mut read = [0; 34];
    let mut length = 0;
    let mut found = 0;
    let iban = most == read.len();
    let belongs = |at: usize| {
        let byte = text.get(at).copied().unwrap_or_default();
        (byte.is_ascii_digit() || (iban && byte.is_ascii_alphabetic())).then_some(byte)
    };
    while let Some(byte) = belongs(at).filter(|_| length < most) {
        if let Some(place) = read.get_mut(length) {
            *place = byte;
        }
        length += 1;
        at += 1;
        if belongs(at).is_none() {
            let read = read.get(..length).unwrap_or_default();
            if if iban { is_iban(read) } else { is_card(read) } {
                found = at;
            }
            at += joint(text, at);
        }
    }
    found
}

/// 13 to 19 digits as ISO/IEC 7812 numbers cards: of a payment network (2–6), with
/// Luhn's check digit.
pub(crate) fn is_card(digits: &[u8]) -> bool {
    let issuer = matches!(digits.first(), Some(b'2'..=b'6'));
    issuer && digits.len() >= 13 && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let (mut sum, mut doubled) = (0, false);
    for digit in digits.iter().rev() {
        let digit = u32::from(digit.wrapping_sub(b'0'));
        sum += match digit {
            5..=9 if doubled => digit * 2 - 9,
            _ if doubled => digit * 2,
            _ => digit,
        };
        doubled = !doubled;
    }
    sum % 10 == 0
}

/// A country's two letters and two check digits.
fn begins_iban(text: &[u8], at: usize) -> bool {
    let head = text.get(at..at + 4).unwrap_or_default();
    matches!(head, [a, b, c, d] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
        && c.is_ascii_digit() && d.is_ascii_digit())
}

/// 15 to 34 characters whose number, the first four moved behind the others and letters
/// read as 10 to 35, leaves 1 when divided by 97 (ISO 13616).
fn is_iban(iban: &[u8]) -> bool {
    let mut rest = 0;
    let turned = iban.iter().cycle().skip(4).take(iban.len());
    for byte in turned {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            _ => rest * 100 + u32::from((byte | 0x20).wrapping_sub(b'a')) + 10,
        } % 97;
    }
    iban.len() >= 15 && rest == 1
}

/// A number with its country's code, with a leading 0, or in groups of 3, 3 and 4.
fn phone_end(text: &[u8], at: usize, before: u8) -> usize {
    let (mut digits, mut group, mut shape) = (0, 0, 0_u32);
    let mut end = at;
    let mut rest = at;
    let mut found = 0;
    let starts = before == b'+' || text.get(at) == Some(&b'0');
    // Another number may follow, so each group may be the last.
    while digits <= 15 {
        let byte = text.get(rest).copied().unwrap_or_default();
        if byte.is_ascii_digit() {
            digits += 1;
            group += 1;
            rest += 1;
            end = rest;
            continue;
        }
        shape = close(shape, group);
        group = 0;
        let grouped = matches!(shape, 0x334 | 0x1334);
        // A day of ISO 8601 or with a leading 0 is no number to call.
        let is_day = matches!(shape, 0x422 | 0x224);
        if ((starts && digits >= 7) || grouped) && !is_day {
            found = end;
        }
        if !b" -./()".contains(&byte) || rest >= end + 2 {
            break;
        }
        rest += 1;
    }
    found
}

/// The sizes of groups, a hexadecimal digit each.
fn close(shape: u32, group: u32) -> u32 {
    match group {
        0 => shape,
        group => (shape << 4) | group.min(15),
    }
}
