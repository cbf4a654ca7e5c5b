//! Scalars: strings to and from their JSON form, numbers from it.

use super::reader::without;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// What the JSON string `raw` (quotes included) says; none if it is no string.
pub fn string(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(match unescape(inner) {
        Cow::Borrowed(text) => core::str::from_utf8(text).ok()?.into(),
        Cow::Owned(text) => String::from_utf8(text).ok()?.into(),
    })
}

/// What the JSON number `raw` says; none if it is no number or beyond `f64`.
///
/// Exact up to 15 significant digits and 22 places, which holds for every time, id and
/// coordinate; the last bit may differ beyond. The standard parser is exact everywhere,
/// but its tables would be a tenth of the recorder.
pub fn number(raw: &[u8]) -> Option<f64> {
    let (negative, raw) = match raw {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, raw),
    };
    if !raw.first()?.is_ascii_digit() {
        return None;
    }
    let mut digits = 0_u64;
    let mut exponent = 0_i32;
    let mut bytes = raw.iter();
    let mut fraction = false;
    let mut power = 0_i32;
    while let Some(byte) = bytes.next() {
        match byte {
            b'0'..=b'9' if digits < u64::MAX / 10 - 1 => {
                digits = digits * 10 + u64::from(byte - b'0');
                exponent -= i32::from(fraction);
            }
            // Digits beyond nineteen do not change an `f64`; only their place counts.
            b'0'..=b'9' => exponent += i32::from(!fraction),
            b'.' if !fraction => fraction = true,
            b'e' | b'E' => {
                power = scale(bytes.as_slice())?;
                break;
            }
            _ => return None,
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "an f64 is asked for")]
    let mut value = digits as f64;
    let exponent = exponent.saturating_add(power).clamp(-400, 400);
    // Powers up to 22 are exact; beyond, two steps keep each in range where the result is.
    let half = if exponent.abs() <= 22 {
        0
    } else {
        exponent / 2
    };
    for step in [half, exponent - half] {
        value = if step < 0 {
            value / ten(step.unsigned_abs())
        } else {
            value * ten(step.unsigned_abs())
        };
    }
    value
        .is_finite()
        .then_some(if negative { -value } else { value })
}

/// An exponent, capped far beyond what an `f64` can hold.
fn scale(raw: &[u8]) -> Option<i32> {
    let (negative, raw) = match raw {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, raw),
    };
    let mut value = 0_i32;
    for byte in raw {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i32::from(byte - b'0')).min(100_000);
    }
    (!raw.is_empty()).then_some(if negative { -value } else { value })
}

/// Ten to the power of `exponent`; exact up to 22.
fn ten(exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// What `inner`, the text between the quotes of a JSON string, says. A lone surrogate
/// reads as U+FFFD.
pub fn unescape(inner: &[u8]) -> Cow<'_, [u8]> {
    if without(inner, *b"\\") == inner.len() {
        return inner.into();
    }
    let mut text = Vec::new();
    let mut rest = inner;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            text.push(*first);
            continue;
        }
        let [escape, after @ ..] = rest else {
            break;
        };
        rest = after;
        text.push(match escape {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let point = code_point(&mut rest);
                text.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            escape => *escape,
        });
    }
    text.into()
}

/// The character of the four digits that `rest` begins with, and of those of a second
/// escape where they make a pair.
fn code_point(rest: &mut &[u8]) -> char {
    let unit = hex4(rest);
    if let 0xd800..0xdc00 = unit
        && let [b'\\', b'u', after @ ..] = *rest
        && let mut low = after
        && let low @ 0xdc00..0xe000 = hex4(&mut low)
    {
        *rest = after.get(4..).unwrap_or_default();
        let point = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        return char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Takes four hexadecimal digits; what is not one counts as a lone surrogate.
fn hex4(rest: &mut &[u8]) -> u32 {
    let digits = rest.get(..4).unwrap_or(rest);
    *rest = rest.get(digits.len()..).unwrap_or_default();
    let value = digits.iter().try_fold(0, |unit, digit| {
        char::from(*digit)
            .to_digit(16)
            .map(|digit| unit << 4 | digit)
    });
    value.unwrap_or(0xdfff)
}

/// Appends `text` as a JSON string, escaped as serde does: what must be, and no more.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    write_bytes(text.as_bytes(), out);
}

/// As [`write_string`], of text that is UTF-8 by its origin.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub fn write_bytes(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for byte in text.iter().copied() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend(
                    [byte >> 4, byte & 15]
                        .iter()
                        .filter_map(|nibble| HEX.get(usize::from(*nibble))),
                );
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
