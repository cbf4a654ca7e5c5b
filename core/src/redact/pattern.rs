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
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most places of a pattern.
const MAX_PLACES: usize = 63;

/// A place takes the ASCII characters whose bit is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    takes: u128,
    optional: bool,
}

/// A pattern, checked when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    places: Vec<Place>,
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
        let mut places: Vec<Place> = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((takes, after)) = one(rest)? {
            let (least, most, after) = times(after)?;
            for time in 0..most {
                if places.len() == MAX_PLACES {
                    return Err(PatternError::TooLong);
                }
                places.push(Place {
                    takes,
                    optional: time >= least,
                });
            }
            rest = after;
        }
        if places.iter().all(|place| place.optional) {
            return Err(PatternError::Empty);
        }
        Ok(Self {
            text: text.into(),
            places,
        })
    }

    /// Where the longest match ends that begins at `at`.
    pub(super) fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let mut here = self.skip(1);
        let mut found = None;
        for (place, byte) in text.iter().enumerate().skip(at) {
            here = self.skip(self.step(here, *byte));
            if here == 0 {
                break;
            }
            if here >> self.places.len() & 1 == 1 {
                found = Some(place + 1);
            }
        }
        found
    }

    /// The places after those of `here` that take `byte`; a bit for each.
    fn step(&self, here: u64, byte: u8) -> u64 {
        let takes = |place: &Place| byte < 128 && place.takes >> byte & 1 == 1;
        self.places
            .iter()
            .enumerate()
            .filter(|(at, place)| here >> at & 1 == 1 && takes(place))
            .fold(0, |next, (at, _)| next | 2 << at)
    }

    /// `here`, and the places that are reached from there by leaving some out.
    fn skip(&self, here: u64) -> u64 {
        self.places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.optional)
            .fold(here, |here, (at, _)| here | (here >> at & 1) << (at + 1))
    }
}

type Rest<'a> = &'a [u8];

/// The characters that the first element of `text` takes, and what follows it.
fn one(text: Rest<'_>) -> Result<Option<(u128, Rest<'_>)>, PatternError> {
    Ok(Some(match text {
        [] => return Ok(None),
        [b'\\', escaped, rest @ ..] => (escape(*escaped)?, rest),
        [b'[', rest @ ..] => class(rest)?,
        [
            b'?' | b'{' | b'}' | b'\\' | b']' | b'*' | b'+' | b'(' | b')' | b'|' | b'.' | b'^'
            | b'$',
            ..,
        ] => return Err(PatternError::Unknown),
        [byte, rest @ ..] => (bit(*byte)?, rest),
    }))
}

fn bit(byte: u8) -> Result<u128, PatternError> {
    if byte < 128 {
        Ok(1 << byte)
    } else {
        Err(PatternError::Unknown)
    }
}

fn range(from: u8, to: u8) -> Result<u128, PatternError> {
    (from..=to).try_fold(0, |takes, byte| Ok(takes | bit(byte)?))
}

fn escape(byte: u8) -> Result<u128, PatternError> {
    Ok(match byte {
        b'd' => range(b'0', b'9')?,
        b'w' => range(b'0', b'9')? | range(b'a', b'z')? | range(b'A', b'Z')? | bit(b'_')?,
        b's' => bit(b' ')?,
        byte if byte.is_ascii_alphanumeric() => return Err(PatternError::Unknown),
        byte => bit(byte)?,
    })
}

/// What follows a `[`, to its `]`.
fn class(mut text: Rest<'_>) -> Result<(u128, Rest<'_>), PatternError> {
    let mut takes = 0;
    loop {
        text = match text {
            [b']', rest @ ..] if takes != 0 => return Ok((takes, rest)),
            [b'\\', escaped, rest @ ..] => {
                takes |= escape(*escaped)?;
                rest
            }
            [] | [b']' | b'[' | b'^' | b'\\', ..] => return Err(PatternError::Unknown),
            [from, b'-', to, rest @ ..] if from <= to && *to != b']' => {
                takes |= range(*from, *to)?;
                rest
            }
            [byte, rest @ ..] => {
                takes |= bit(*byte)?;
                rest
            }
        };
    }
}

/// How often at least and at most what was before is taken, and what follows.
fn times(text: Rest<'_>) -> Result<(usize, usize, Rest<'_>), PatternError> {
    let (count, rest) = match text {
        [b'?', rest @ ..] => return Ok((0, 1, rest)),
        [b'{', rest @ ..] => {
            let end = rest.iter().position(|byte| *byte == b'}');
            let end = end.ok_or(PatternError::Unknown)?;
            let (count, rest) = rest.split_at_checked(end).ok_or(PatternError::Unknown)?;
            (count, rest.get(1..).unwrap_or_default())
        }
        rest => return Ok((1, 1, rest)),
    };
    let number = |digits: &[u8]| {
        let number = crate::text::parse_decimal(digits).ok_or(PatternError::Unknown)?;
        usize::try_from(number).map_err(|_| PatternError::TooLong)
    };
    let mut parts = count.split(|byte| *byte == b',');
    let least = number(parts.next().unwrap_or_default())?;
    let most = parts.next().map_or(Ok(least), number)?;
    if parts.next().is_some() || least > most || most == 0 {
        return Err(PatternError::Unknown);
    }
    if most > MAX_PLACES {
        return Err(PatternError::TooLong);
    }
    Ok((least, most, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<usize> {
        Pattern::parse(pattern).unwrap().end(text.as_bytes(), 0)
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
            ("a{99999999999999999999}", PatternError::Unknown),
        ] {
            assert_eq!(Pattern::parse(text), Err(error), "{text}");
        }
    }
}
