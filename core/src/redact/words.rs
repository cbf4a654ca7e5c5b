//! The words of a text: what stands between white space, quotes and brackets. An address
//! is one word, whatever is in it.

use super::url::find_scheme;

/// Iterates over the places `[start, end)` of words.
pub(super) struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Words<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            match separator(rest) {
                0 => break,
                length => self.at += length,
            }
        }
        let start = self.at;
        while let Some(rest) = self.text.get(self.at..)
            && !rest.is_empty()
            && separator(rest) == 0
        {
            self.at += 1;
        }
        if find_scheme(self.text.get(start..self.at)?).is_some() {
            let rest = self.text.get(self.at..)?.iter();
            self.at += rest.take_while(|byte| !ends_url(**byte)).count();
        }
        Some((start, self.at))
    }
}

/// What no address holds, not even a careless one.
fn ends_url(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'<' | b'>' | b'`')
}

/// How many bytes at the start of `text` separate words; 0 if it is a word's.
///
/// Bullets are a word's, so that what is masked already does not make two of one.
pub(super) fn separator(text: &[u8]) -> usize {
    match text {
        [
            0..=b' ' | b'"' | b'(' | b')' | b',' | b';' | b'<' | b'>' | b'[' | b']' | b'{' | b'}'
            | b'|' | b'`' | 0x7f,
            ..,
        ] => 1,
        // U+00A0 no-break space, U+00AB and U+00BB quotes.
        [0xc2, 0xa0 | 0xab | 0xbb, ..] => 2,
        // U+2000–U+202F but the bullet: spaces, dashes, quotes, dots. U+2060–U+206F: invisible.
        [0xe2, 0x80, third, ..] if *third != 0xa2 => 3,
        [0xe2, 0x81, 0xa0..=0xaf, ..]
        // U+3000–U+3011: space and punctuation of East Asia; U+FEFF; U+FF08–U+FF0C, U+FF1A, U+FF1B.
        | [0xe3, 0x80, 0x80..=0x91, ..]
        | [0xef, 0xbb, 0xbf, ..]
        | [0xef, 0xbc, 0x88 | 0x89 | 0x8c | 0x9a | 0x9b, ..] => 3,
        _ => 0,
    }
}
