//! Bytes as text of 64 letters (RFC 4648), in both alphabets. Each has one way to write each
//! text: what is not written so is refused, padding and bits that say nothing included.

use alloc::string::String;
use alloc::vec::Vec;

/// Which letters the last two are, and whether the end is filled up.
#[derive(Debug, Clone, Copy)]
pub struct Alphabet {
    last: [u8; 2],
    is_padded: bool,
}

/// What files and data addresses hold: `+`, `/`, filled up with `=`.
pub const STANDARD: Alphabet = Alphabet {
    last: *b"+/",
    is_padded: true,
};

/// What addresses and JWTs hold: `-`, `_`, no padding.
pub const URL: Alphabet = Alphabet {
    last: *b"-_",
    is_padded: false,
};

impl Alphabet {
    /// `bytes` as text.
    pub fn encode(self, bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        for group in bytes.chunks(3) {
            let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
            let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
            for at in 0..4 {
                if at <= group.len() {
                    text.push(self.letter(bits >> (18 - 6 * at) & 63));
                } else if self.is_padded {
                    text.push('=');
                }
            }
        }
        text
    }

    /// The bytes that `text` stands for; none if it is not how they are written.
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
        for group in self.without_padding(text)?.chunks(4) {
            let mut bits = 0_u32;
            for letter in group {
                bits = bits << 6 | self.value(*letter)?;
            }
            // Of 2 or 3 letters the last has bits that say nothing: they are 0.
            let (whole, rest) = match group.len() {
                4 => (3, 0),
                3 => (2, 2),
                2 => (1, 4),
                _ => return None,
            };
            if bits & ((1 << rest) - 1) != 0 {
                return None;
            }
            let [_, a, b, c] = (bits >> rest << (8 * (3 - whole))).to_be_bytes();
            bytes.extend([a, b, c].into_iter().take(whole));
        }
        Some(bytes)
    }

    /// The letters alone; none if the text is not filled up as it has to be.
    fn without_padding(self, text: &str) -> Option<&[u8]> {
        let text = text.as_bytes();
        if !self.is_padded {
            return Some(text);
        }
        let letters = text
            .strip_suffix(b"==")
            .or_else(|| text.strip_suffix(b"="))
            .unwrap_or(text);
        (letters.len().next_multiple_of(4) == text.len()).then_some(letters)
    }

    fn letter(self, value: u32) -> char {
        let value = u8::try_from(value).unwrap_or(u8::MAX);
        char::from(match value {
            0..=25 => b'A' + value,
            26..=51 => b'a' + (value - 26),
            52..=61 => b'0' + (value - 52),
            62 => self.last[0],
            _ => self.last[1],
        })
    }

    fn value(self, letter: u8) -> Option<u32> {
        Some(u32::from(match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            _ if letter == self.last[0] => 62,
            _ if letter == self.last[1] => 63,
            _ => return None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known(alphabet: Alphabet, answers: &[(&str, &[u8])], wrong: &[&str]) {
        for (text, bytes) in answers {
            assert_eq!(alphabet.decode(text).as_deref(), Some(*bytes), "{text}");
            assert_eq!(alphabet.encode(bytes), *text);
        }
        for text in wrong {
            assert_eq!(alphabet.decode(text), None, "{text}");
        }
    }

    #[test]
    fn known_answers_in_addresses() {
        known(
            URL,
            &[
                ("", b""),
                ("Zg", b"f"),
                ("Zm8", b"fo"),
                ("Zm9v", b"foo"),
                ("Zm9vYg", b"foob"),
                ("-_-_", &[0xFB, 0xFF, 0xBF]),
            ],
            &[
                "Z",
                "Zm9vY",
                "Zh",
                "Zm9",
                "Zg==",
                "Zm9v ",
                "+/+/",
                "Zm\u{e9}v",
            ],
        );
    }

    #[test]
    fn known_answers_in_files() {
        known(
            STANDARD,
            &[
                ("", b""),
                ("Zg==", b"f"),
                ("Zm8=", b"fo"),
                ("Zm9v", b"foo"),
                ("Zm9vYg==", b"foob"),
                ("Zm9vYmFy", b"foobar"),
                ("/+8=", &[0xFF, 0xEF]),
            ],
            &[
                "Z", "Zg", "Zg=", "Z===", "=", "==", "====", "Zg==Zg==", "Zh==", "Z=g=", "Zm9!",
                "Zm9v\n", "Zm9v====", "-_8=",
            ],
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            for alphabet in [STANDARD, URL] {
                prop_assert_eq!(alphabet.decode(&alphabet.encode(&bytes)), Some(bytes.clone()));
            }
        }

        /// What is read is written in one way only.
        #[test]
        fn what_is_read_is_written_so(text in "[A-Za-z0-9_/+=-]{0,24}|\\PC{0,24}") {
            for alphabet in [STANDARD, URL] {
                if let Some(bytes) = alphabet.decode(&text) {
                    prop_assert_eq!(&alphabet.encode(&bytes), &text);
                }
            }
        }
    }
}
