//! The words of a text: what stands between white space, quotes and brackets. An address
//! is one word, whatever is in it.

use super::finding::find;

/// Where the word at or after `at` begins and ends; none behind the last one.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(super) fn next(text: &[u8], mut at: usize) -> Option<(usize, usize)> {
    while let Some(length @ 1..) = separator(text.get(at..)?) {
        at += length;
    }
    let start = at;
    while separator(text.get(at..)?) == Some(0) {
        at += 1;
    }
    if find(text.get(start..at)?, b"://").is_some() {
        while text.get(at).is_some_and(|byte| !ends_url(*byte)) {
            at += 1;
        }
    }
    (at > start).then_some((start, at))
}

/// What no address holds, not even a careless one.
fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'<' | b'>' | b'`')
}

/// How many bytes at the start of `text` separate words; 0 if it is a word's, none at the
/// end.
///
/// Bullets are a word's, so that what is masked already does not make two of one. So is what
/// has no width: it is not seen, and tells `jane@` from `shop.example` to programs only. But
/// the mark U+2063 is not, because it has to stay.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn separator(text: &[u8]) -> Option<usize> {
    let (first, rest) = text.split_first()?;
    Some(match (first, rest) {
        (b'!'..=b'\'' | b'*'..=b'+' | b'-'..=b':' | b'=' | b'?'..=b'Z' | b'^'..=b'_', _)
            if *first != b'"' =>
        {
            0
        }
        // And soft hyphen, U+200B–U+200F, U+202A–U+202E, U+2060–U+206F, U+FEFF.
        (b'a'..=b'z' | b'\\' | b'~', _)
        | (0xc2, [0xad, ..])
        | (0xe2, [0x80, 0x8b..=0x8f | 0xaa..=0xae, ..] | [0x81, 0xa0..=0xa2 | 0xa4..=0xaf, ..])
        | (0xef, [0xbb, 0xbf, ..]) => 0,
        (0..0x80, _) => 1,
        // The punctuation of Latin-1.
        (0xc2, [_, ..]) => 2,
        // U+2000–U+207F but the bullet: spaces, dashes, quotes, dots.
        (0xe2, [0x80, third, ..]) if *third != 0xa2 => 3,
        // U+3000–U+303F: punctuation of East Asia. U+FEC0–U+FF3F: marks, wide punctuation.
        (0xe2, [0x81, _, ..]) | (0xe3, [0x80, _, ..]) | (0xef, [0xbb | 0xbc, _, ..]) => 3,
        _ => 0,
    })
}
