//! What is found within a word: e-mails, JWTs, long tokens.

use super::numbers::HARMLESS_DIGITS;
use crate::json;

/// A set of kinds of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub(crate) const EMAIL: Self = Self(1);
    pub(crate) const JWT: Self = Self(2);
    pub(crate) const TOKEN: Self = Self(4);
    pub(crate) const CARD: Self = Self(8);
    pub(crate) const IBAN: Self = Self(16);
    pub(crate) const PHONE: Self = Self(32);
    pub(crate) const PATTERN: Self = Self(64);
    pub(crate) const URL: Self = Self(128);
    pub(crate) const ALL: Self = Self(255);
    /// What is never part of a file's name that a page needs to load: such names often
    /// hold a hash.
    pub(crate) const IN_RESOURCE: Self = Self(1 | 2 | 64);

    pub(crate) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    #[cfg(any(test, feature = "mutants"))]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The least characters of a hexadecimal or base64 token: 128 bits of either.
const TOKEN: usize = 32;

const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
/// `+`, `/`, `=`, `_`, `-`: in tokens between the others.
const JOINT: u8 = 8;
/// In JWTs.
const DOT: u8 = 16;
const PART: u8 = LOWER | UPPER | DIGIT;

/// What each byte is.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "runs when it is compiled"
)]
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'+' | b'/' | b'=' | b'_' | b'-' => JOINT,
            b'.' => DOT,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether there may be anything to find in `text`, which may be JSON with its escapes.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn suspects(text: &[u8], phones: bool) -> bool {
    let enough = if phones { 7 } else { HARMLESS_DIGITS + 1 };
    let mut digits = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        // Behind the end are zeros, which are nothing that is looked for.
        let word = json::eight(text, at).unwrap_or_else(|| json::head(rest));
        digits += json::digits(word);
        if digits >= enough || (json::has(word, *b"@%:\\") && has_alert(rest)) {
            return true;
        }
        at += 8;
    }
    text.len() >= TOKEN && has_run(text)
}

/// Whether one of the first eight bytes of `text` begins what may be a finding.
fn has_alert(text: &[u8]) -> bool {
    (0..8).any(|at| text.get(at..).is_some_and(is_alert))
}

/// Whether `TOKEN` characters of tokens follow on each other.
///
/// Of as many in a row one stands at each multiple of `TOKEN`: only those are looked at,
/// and what is around them.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn has_run(text: &[u8]) -> bool {
    let is_of_run = |byte: &&u8| class(**byte) & (PART | JOINT | DOT) != 0;
    // Nothing before `start` is part of a run that goes on.
    let mut start = 0;
    while let Some((before, after)) = text
        .get(start..)
        .and_then(|rest| rest.split_at_checked(TOKEN))
    {
        let length = before.iter().rev().take_while(is_of_run).count();
        if length == TOKEN {
            return true;
        }
        let more = after.iter().take(TOKEN - length).take_while(is_of_run);
        if length > 0 && length + more.count() == TOKEN {
            return true;
        }
        start += TOKEN;
    }
    false
}

fn is_alert(text: &[u8]) -> bool {
    match text {
        [b':', next, ..] => matches!(next, b'/' | b'\\'),
        [b':'] => false,
        // Escapes that may hide a character that means something.
        [b'\\', next, ..] => matches!(next, b'u' | b'/'),
        // A bare `%` is a percentage.
        [b'%', next, ..] => next.is_ascii_hexdigit(),
        _ => text.first() == Some(&b'@'),
    }
}

/// Where `part` is in `text`.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = part.first();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| rest.len() >= part.len()) {
        if rest.first() == first && rest.starts_with(part) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Whether something of `kinds` is in `word`.
pub(super) fn is_secret(word: &[u8], kinds: Kinds) -> bool {
    (kinds.has(Kinds::EMAIL) && has_email(word))
        || (kinds.has(Kinds::JWT) && has_jwt(word))
        || (kinds.has(Kinds::TOKEN) && has_token(word))
}

/// A name, `@` and a domain with a dot in it; also with the `@` percent-encoded.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn has_email(word: &[u8]) -> bool {
    let mut rest = word;
    let mut before = b' ';
    while let [first, after @ ..] = rest {
        let domain = match rest {
            [b'@', domain @ ..]
            | [b'%', b'4', b'0', domain @ ..]
            | [b'%', b'2', b'5', b'4', b'0', domain @ ..] => domain,
            _ => &[],
        };
        if is_of_name(before) && is_domain(domain) {
            return true;
        }
        before = *first;
        rest = after;
    }
    false
}

fn is_of_name(byte: u8) -> bool {
    byte > b' ' && !matches!(byte, b'@' | b':' | b',' | b';' | b'(' | b')' | b'<' | b'>')
}

/// Whether `text` begins with a domain of at least two labels. `2x.png` and `3.1.0` are
/// none: pictures for dense screens and packages are called so.
fn is_domain(text: &[u8]) -> bool {
    let (first, name_is_number) = label(text);
    let (name, rest) = text.split_at_checked(first).unwrap_or_default();
    let [b'.', rest @ ..] = rest else {
        return false;
    };
    let is_scale = matches!(name, [b'1'..=b'9', b'x']);
    let is_version = name_is_number && rest.first().is_some_and(u8::is_ascii_digit);
    first > 0 && label(rest).0 >= 2 && !is_scale && !is_version
}

/// How long the label of a domain is that `text` begins with, and whether it is a number.
fn label(text: &[u8]) -> (usize, bool) {
    let is_of_label = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'-' || **byte >= 0x80;
    let length = text.iter().take_while(is_of_label).count();
    let is_number = text.iter().take(length).all(u8::is_ascii_digit);
    (length, is_number)
}

/// `eyJ`, which is `{"` in base64, and sixteen characters more.
fn has_jwt(word: &[u8]) -> bool {
    let is_part = |byte: &&u8| class(**byte) & PART != 0 || matches!(byte, b'-' | b'_');
    let mut rest = word;
    while let Some(start) = find(rest, b"eyJ").and_then(|at| rest.get(at..)) {
        let length = start.iter().take_while(is_part).count();
        if length >= 19 {
            return true;
        }
        rest = start.get(length..).unwrap_or_default();
    }
    false
}

/// 32 hexadecimal digits, dashes between them or not; or as many characters of base64, of
/// either alphabet, that are no words in any spelling.
///
/// Random letters and digits change between lower case, upper case and digits six times in
/// ten; `several-words` and `path/to/file` hardly ever, and have more joints. What is
/// `writtenInOneWord` changes twice a word, which is less than four times in ten.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn has_token(word: &[u8]) -> bool {
    let (mut hex, mut parts, mut changes, mut digits) = (0, 0, 0, 0);
    let (mut joints, mut padding) = (0, 0);
    let mut last = JOINT;
    for byte in word.iter().chain(b" ") {
        let class = class(*byte);
        hex = match byte {
            b'-' => hex,
            _ if byte.is_ascii_hexdigit() => hex + 1,
            _ => 0,
        };
        let random =
            parts > TOKEN / 2 && (changes * 5 >= parts * 2 || (digits > 0 && changes * 8 >= parts));
        let ends = class & (PART | JOINT) == 0;
        if hex == TOKEN
            || (ends && parts + joints + padding >= TOKEN && joints * 5 <= parts && random)
        {
            return true;
        }
        if ends {
            (parts, changes, digits) = (0, 0, 0);
            (joints, padding) = (0, 0);
        } else if *byte == b'=' {
            padding += 1;
        } else if class == JOINT {
            joints += 1;
        } else {
            parts += 1;
            changes += usize::from(last != JOINT && class != last && parts > 1);
            digits += usize::from(class == DIGIT);
        }
        last = class;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As [`suspects`], a byte at a time.
    fn suspects_plainly(text: &[u8], phones: bool) -> bool {
        let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        let of_run = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(byte);
        digits >= if phones { 7 } else { HARMLESS_DIGITS + 1 }
            || (0..text.len()).any(|at| is_alert(&text[at..]))
            || text
                .split(|byte| !of_run(byte))
                .any(|run| run.len() >= TOKEN)
    }

    proptest! {
        #[test]
        fn suspects_what_a_plain_look_does(
            text in "([a-zA-Z0-9+/=_.-]{0,40}[ é,]?){0,4}|[0-9a ]{0,20}|[a%@:/\\\\u ]{0,12}",
            phones: bool,
        ) {
            let text = text.as_bytes();
            prop_assert_eq!(suspects(text, phones), suspects_plainly(text, phones));
        }

        #[test]
        fn finds_runs_at_every_place(before in 0_usize..70, run in 28_usize..36, after in 0_usize..40) {
            let text = [" ".repeat(before), "a".repeat(run), " ".repeat(after)].concat();
            prop_assert_eq!(has_run(text.as_bytes()), run >= TOKEN);
        }
    }
}
