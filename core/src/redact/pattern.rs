//! A site's own patterns: order numbers, customer ids.
//!
//! A small part of regular expressions, in which nothing repeats without end: so a
//! pattern is a row of at most 63 places, each of which takes one character,
//! and where it can be is a set of bits. Any text takes linear time.
//!
//! | written | takes |
//! |---|---|
//! | `a` | itself (ASCII) |
//! | `\d` `\w` `\s` | a digit; a letter, digit or `_`; a space |
//! | `[a-z0-9_]` | one of these |
//! | `\.` | itself, whatever it means otherwise |
//! | `?` `{3}` `{2,5}` | what is before: perhaps, three times, two to five times |

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most places of a pattern.
const MAX_PLACES: usize = 63;

/// The longest text of a pattern.
const MAX_TEXT: usize = 255;

/// A pattern, checked when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    /// For each byte, the places that take it.
    takers: Vec<u64>,
    /// The places that may be left out.
    optional: u64,
    places: usize,
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// Something that is not in the table above.
    Unknown,
    /// It takes the empty text, so it would be everywhere.
    Empty,
    /// It has more than 63 places.
    TooLong,
}

impl core::fmt::Display for PatternError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Unknown => {
                "a pattern is made of ASCII characters, \\d, \\w, \\s, [classes], ?, {n} and {n,m}"
            }
            Self::Empty => "a pattern must not take the empty text",
            Self::TooLong => "a pattern takes at most 63 characters",
        })
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let bytes = text.as_bytes();
        if bytes.len() > MAX_TEXT {
            return Err(PatternError::TooLong);
        }
        let mut takers = vec![0; 256];
        let (mut optional, mut places) = (0_u64, 0);
        let mut at = 0;
        while at < bytes.len() {
            let element = bytes.get(at..).unwrap_or_default();
            let (element, _) = element
                .split_at_checked(length(element)?)
                .unwrap_or_default();
            let (least, most, next) = times(bytes, at + element.len())?;
            if places + most > MAX_PLACES {
                return Err(PatternError::TooLong);
            }
            // As many ones as times, at the places that are the element's.
            let ones = |times: usize| ((1_u64 << times) - 1) << places;
            optional |= ones(most) & !ones(least);
            for (byte, takers) in (0..=u8::MAX).zip(&mut takers) {
                if takes(element, byte) {
                    *takers |= ones(most);
                }
            }
            places += most;
            at = next;
        }
        if optional == (1 << places) - 1 {
            return Err(PatternError::Empty);
        }
        Ok(Self {
            text: text.into(),
            takers,
            optional,
            places,
        })
    }

    /// Where the longest match ends that begins at `at`; 0 if there is none.
    pub(super) fn end(&self, text: &[u8], at: usize) -> usize {
        let mut here = 1;
        let mut found = 0;
        let mut next = at;
        while here != 0
            && let Some(byte) = text.get(next)
        {
            let takers = self.takers.get(usize::from(*byte)).copied();
            here = (self.skip(here) & takers.unwrap_or_default()) << 1;
            next += 1;
            if self.skip(here) >> self.places & 1 == 1 {
                found = next;
            }
        }
        found
    }

    /// `here`, a set of places, and those that are reached by leaving some out.
    fn skip(&self, mut here: u64) -> u64 {
        loop {
            let more = (here & self.optional) << 1 & !here;
            if more == 0 {
                return here;
            }
            here |= more;
        }
    }
}

/// How long the element is that `text` begins with.
fn length(text: &[u8]) -> Result<usize, PatternError> {
    match text {
        [b'\\', escaped, ..] if is_escape(*escaped) => Ok(2),
        [b'[', class @ ..] => Ok(class_end(class)? + 2),
        [
            b'\\' | b'*'..=b'+' | b'(' | b')' | b'.' | b'?' | b'$' | b']' | b'^' | b'{'..=b'}',
            ..,
        ] => Err(PatternError::Unknown),
        [byte, ..] if byte.is_ascii() => Ok(1),
        _ => Err(PatternError::Unknown),
    }
}

fn is_escape(byte: u8) -> bool {
    byte.is_ascii() && (!byte.is_ascii_alphanumeric() || matches!(byte, b'd' | b'w' | b's'))
}

/// Where the `]` is of a class that begins here.
fn class_end(class: &[u8]) -> Result<usize, PatternError> {
    let mut at = 0;
    loop {
        at += match class.get(at..).unwrap_or_default() {
            [b']', ..] if at > 0 => return Ok(at),
            [b'\\', escaped, ..] if is_escape(*escaped) => 2,
            [] | [b'\\' | b'[' | b']' | b'^', ..] => return Err(PatternError::Unknown),
            [from, b'-', to, ..]
                if *to != b']' && (from > to || !to.is_ascii() || *to == b'\\') =>
            {
                return Err(PatternError::Unknown);
            }
            [_, b'-', to, ..] if *to != b']' => 3,
            [byte, ..] if byte.is_ascii() => 1,
            _ => return Err(PatternError::Unknown),
        };
    }
}

/// Whether `element` takes `byte`.
fn takes(element: &[u8], byte: u8) -> bool {
    let mut rest = match element {
        [b'[', class @ .., b']'] => class,
        element => element,
    };
    loop {
        rest = match rest {
            [] => return false,
            [b'\\', escaped, rest @ ..] => {
                let takes = match escaped {
                    b'd' => byte.is_ascii_digit(),
                    b'w' => byte.is_ascii_alphanumeric() || byte == b'_',
                    b's' => byte == b' ',
                    escaped => byte == *escaped,
                };
                if takes {
                    return true;
                }
                rest
            }
            [from, b'-', to, ..] if (*from..=*to).contains(&byte) => return true,
            [_, b'-', _, rest @ ..] => rest,
            [only, ..] if *only == byte => return true,
            [_, rest @ ..] => rest,
        };
    }
}

/// How often at least and at most an element is taken that ends at `at`, and where the
/// next begins.
fn times(text: &[u8], at: usize) -> Result<(usize, usize, usize), PatternError> {
    let rest = match text.get(at..).unwrap_or_default() {
        [b'?', ..] => return Ok((0, 1, at + 1)),
        [b'{', rest @ ..] => rest,
        _ => return Ok((1, 1, at)),
    };
    // What is before the comma, and what is behind it or the same.
    let mut counts = [0; 2];
    let mut comma = 0;
    for (place, byte) in rest.iter().enumerate() {
        match (byte, counts.get_mut(comma)) {
            (b'0'..=b'9', Some(count)) if *count <= MAX_PLACES => {
                *count = *count * 10 + usize::from(byte - b'0');
            }
            (b'0'..=b'9', _) => return Err(PatternError::TooLong),
            (b',', _) if comma == 0 => comma = 1,
            (b'}', _) => {
                let [least, most] = counts;
                let most = if comma == 0 { least } else { most };
                if most > MAX_PLACES {
                    return Err(PatternError::TooLong);
                }
                let in_order = least <= most && most > 0;
                let times = (least, most, at + place + 2);
                return in_order.then_some(times).ok_or(PatternError::Unknown);
            }
            _ => return Err(PatternError::Unknown),
        }
    }
    Err(PatternError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<usize> {
        Some(Pattern::parse(pattern).unwrap().end(text.as_bytes(), 0)).filter(|end| *end > 0)
    }

    #[test]
    fn takes_what_it_says() {
        for (pattern, text, end) in [
            ("ORD-\\d{6}", "ORD-123456", Some(10)),
            ("ORD-\\d{6}", "ORD-12345", None),
            ("ORD-\\d{2,4}", "ORD-12345", Some(8)),
            ("[A-Z]{2}\\d?x", "ABx", Some(3)),
            ("[A-Z]{2}\\d?x", "AB7x", Some(4)),
            ("[A-Z]{2}\\d?x", "AB77x", None),
            ("\\w\\s\\.", "_ .", Some(3)),
            ("[a-c_-]{3}", "b-_", Some(3)),
            ("a?b?c", "c", Some(1)),
            ("a?b?c", "abc", Some(3)),
            ("\\d", "é", None),
            ("\\d{63}", &"1".repeat(63), Some(63)),
        ] {
            assert_eq!(found(pattern, text), end, "{pattern} in {text}");
        }
    }

    #[test]
    fn says_what_is_no_pattern() {
        for (text, error) in [
            ("", PatternError::Empty),
            ("a?", PatternError::Empty),
            ("a{0,3}", PatternError::Empty),
            ("a+", PatternError::Unknown),
            ("a.b", PatternError::Unknown),
            ("(a)", PatternError::Unknown),
            ("[a", PatternError::Unknown),
            ("[]", PatternError::Unknown),
            ("[^a]", PatternError::Unknown),
            ("[A-\\d]", PatternError::Unknown),
            ("a{", PatternError::Unknown),
            ("a{2,1}", PatternError::Unknown),
            ("a{1,2,3}", PatternError::Unknown),
            ("a{0}", PatternError::Unknown),
            ("a{-1}", PatternError::Unknown),
            ("\\b", PatternError::Unknown),
            ("\\", PatternError::Unknown),
            ("é", PatternError::Unknown),
            ("\\d{64}", PatternError::TooLong),
            ("\\d{40}\\d{40}", PatternError::TooLong),
            ("a{99999999999999999999}", PatternError::TooLong),
        ] {
            assert_eq!(Pattern::parse(text), Err(error), "{text}");
        }
    }
}
