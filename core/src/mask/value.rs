//! What a single string is: empty, masked already, allowed, blank.

use super::names::one_of;
use super::{MASK, UNMASKED};
use crate::json;

/// A string of the event, between its quotes, escapes as they are.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(pub(super) &'a [u8]);

impl Value<'_> {
    /// Nothing that could be masked: empty, or masked already.
    pub(super) fn is_safe(self) -> bool {
        self.0.is_empty() || self.0 == MASK.as_bytes()
    }

    /// The recorder put [`UNMASKED`] in front: the page's author allowed this value.
    pub(super) fn is_allowed(self) -> bool {
        let mut mark = [0; 4];
        self.0
            .starts_with(UNMASKED.encode_utf8(&mut mark).as_bytes())
            || self.0.starts_with(b"\\u2063")
    }

    /// Only white space, of the kinds that lay a page out.
    pub(super) fn is_blank(self) -> bool {
        let mut rest = self.0;
        loop {
            rest = match rest {
                [] => return true,
                // U+00A0, U+200B and U+FEFF, as they are and as escapes.
                [b' ', rest @ ..]
                | [b'\\', b'n' | b't' | b'r' | b'f', rest @ ..]
                | [0xc2, 0xa0, rest @ ..]
                | [0xe2, 0x80, 0x8b, rest @ ..]
                | [0xef, 0xbb, 0xbf, rest @ ..]
                | [b'\\', b'u', b'0', b'0', b'a' | b'A', b'0', rest @ ..]
                | [b'\\', b'u', b'2', b'0', b'0', b'b' | b'B', rest @ ..]
                | [
                    b'\\',
                    b'u',
                    b'f' | b'F',
                    b'e' | b'E',
                    b'f' | b'F',
                    b'f' | b'F',
                    rest @ ..,
                ] => rest,
                _ => return false,
            }
        }
    }

    /// A state that a style sheet asks for; at most one bit of what it is about.
    pub(super) fn is_state(self) -> bool {
        one_of(self.0, "true false")
    }

    /// An identifier of a protocol: `drawImage`, `image/webp`, `Uint8Array`.
    pub(super) fn is_word(self) -> bool {
        let is_plain =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/');
        self.0.len() <= 40 && self.0.iter().all(is_plain)
    }
}

/// A text in lower case, escapes resolved, to compare with known words.
pub(super) enum Lower<'a> {
    /// It was so already, as nearly all are.
    Plain(&'a [u8]),
    /// The beginning of what had to be changed.
    Copy(Copied),
}

pub(super) struct Copied {
    bytes: [u8; 64],
    len: usize,
    whole: bool,
}

impl<'a> Lower<'a> {
    /// The lower case of `inner`, the text between the quotes of a string.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(super) fn new(inner: &'a [u8]) -> Self {
        if !inner
            .iter()
            .any(|byte| byte.is_ascii_uppercase() || *byte == b'\\')
        {
            return Self::Plain(inner);
        }
        let text = json::unescape(inner);
        let mut copy = Copied {
            bytes: [0; 64],
            len: text.len().min(64),
            whole: text.len() <= 64,
        };
        for (to, from) in copy.bytes.iter_mut().zip(text.iter()) {
            *to = from.to_ascii_lowercase();
        }
        Self::Copy(copy)
    }

    /// The text, or nothing if it is longer than any word that we know.
    pub(super) fn word(&self) -> &[u8] {
        if self.is_cut() { &[] } else { self.start() }
    }

    /// How the text begins.
    pub(super) fn start(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Copy(copy) => copy.bytes.get(..copy.len).unwrap_or_default(),
        }
    }

    /// Whether the text was longer than what is kept of it.
    pub(super) fn is_cut(&self) -> bool {
        matches!(self, Self::Copy(copy) if !copy.whole)
    }

    /// The words of the text, between white space.
    pub(super) fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.start()
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
    }
}
