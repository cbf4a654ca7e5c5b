//! The strict scanner: JSON text to tokens, one at a time.

use super::Malformed;
use alloc::vec::Vec;

/// A place in the text, quotes included where it is a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
}

/// What the text says next; where, is [`Reader::span`]'s to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    Close,
    /// A key of an object; its value follows.
    Key,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// The text ended, after exactly one value.
    End,
}

/// What follows, see [`Reader::ahead`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ahead {
    /// A key was read; its value follows.
    Key,
    /// An item of an array follows, or the text's one value.
    Value,
    /// The innermost object or array ended.
    Close,
    /// The text ended.
    End,
}

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A key or an item, or the end of the container.
    First,
    /// A comma and one of these, or the end of the container.
    More,
    /// The end of the text.
    Nothing,
}

/// Which of the open containers are objects: a bit each, the innermost is the lowest.
#[derive(Default)]
struct Open {
    /// The last up to 64.
    bits: u64,
    depth: usize,
    /// Those around these, 64 at once.
    outer: Vec<u64>,
}

impl Open {
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn push(&mut self, object: bool) {
        if self.depth.is_multiple_of(64) {
            self.push_bits();
        }
        self.bits = self.bits << 1 | u64::from(object);
        self.depth += 1;
    }

    fn push_bits(&mut self) {
        if self.depth > 0 {
            self.outer.push(self.bits);
        }
    }

    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bits >>= 1;
        if self.depth.is_multiple_of(64) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    /// The innermost is an object.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn is_object(&self) -> bool {
        self.bits & 1 == 1
    }
}

/// A pull scanner over one JSON text.
pub struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    span: Span,
    /// The first eight bytes of the key that was read last, zeros behind its end.
    head: u64,
    expect: Expect,
    /// What `expect` is behind a value.
    more: Expect,
    open: Open,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `text`, which must be UTF-8.
    pub fn new(text: &'a [u8]) -> Result<Self, Malformed> {
        core::str::from_utf8(text).map_err(|_| Malformed)?;
        Ok(Self::of(text))
    }

    /// A reader at the start of `text`, which is UTF-8 by its origin: that is not checked.
    pub fn of(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            span: Span { start: 0, end: 0 },
            head: 0,
            expect: Expect::Value,
            more: Expect::Nothing,
            open: Open::default(),
        }
    }

    /// The next token. After [`Token::End`] it stays there.
    #[expect(
        clippy::should_implement_trait,
        reason = "an error ends it, and End is a token: no iterator"
    )]
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub fn next(&mut self) -> Result<Token, Malformed> {
        match self.ahead()? {
            Ahead::Key => Ok(Token::Key),
            Ahead::Value => self.value(),
            Ahead::Close => Ok(Token::Close),
            Ahead::End => Ok(Token::End),
        }
    }

    /// Reads up to the next value, which [`Self::value`] then reads: a key, if there is one
    /// before it, or the end of a container.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    pub(crate) fn ahead(&mut self) -> Result<Ahead, Malformed> {
        let mut byte = self.skip_space();
        match self.expect {
            Expect::More if byte == b',' => {
                self.at += 1;
                byte = self.skip_space();
            }
            Expect::First if byte != self.open_ends() => {}
            Expect::Value => return Ok(Ahead::Value),
            _ => return self.end_of(byte),
        }
        if !self.open.is_object() {
            return Ok(Ahead::Value);
        }
        if byte != b'"' {
            return Err(Malformed);
        }
        self.key()?;
        if self.skip_space() != b':' {
            return Err(Malformed);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Ahead::Key)
    }

    /// What ends the innermost container.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn open_ends(&self) -> u8 {
        if self.open.is_object() { b'}' } else { b']' }
    }

    /// The end of a container, or of the text.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn end_of(&mut self, byte: u8) -> Result<Ahead, Malformed> {
        if self.expect == Expect::Nothing {
            let ended = self.at == self.text.len();
            return if ended {
                Ok(Ahead::End)
            } else {
                Err(Malformed)
            };
        }
        if byte != self.open_ends() {
            return Err(Malformed);
        }
        self.forth(self.at + 1);
        Ok(Ahead::Close)
    }

    /// Steps over a key; `at` is on its first quote.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn key(&mut self) -> Result<(), Malformed> {
        let start = self.at + 1;
        let Some(word) = eight(self.text, start) else {
            return self.last_key();
        };
        let found = specials(word);
        self.head = word;
        if found != 0 {
            // The lowest bit that was found, and all bits below it.
            let before = found ^ found.wrapping_sub(1);
            self.head &= before >> 8;
        }
        let length = if found == 0 {
            8
        } else {
            (found.trailing_zeros() / 8) as usize
        };
        self.string_from(start + length)
    }

    /// The same, of a key near the end of the text.
    fn last_key(&mut self) -> Result<(), Malformed> {
        self.string()?;
        self.head = head(self.inner(self.span));
        Ok(())
    }

    /// The first eight bytes of the key that was read last, the first in the lowest bits,
    /// and zeros behind its end.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// The string, number or word at `span` is dealt with as if it was read last.
    pub(crate) fn look_at(&mut self, span: Span) {
        self.span = span;
    }

    /// Where the key, string, number or word is that was read last.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The text at `span`.
    pub fn slice(&self, span: Span) -> &'a [u8] {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    /// The text between the quotes of the string at `span`, escapes as they are.
    pub fn inner(&self, span: Span) -> &'a [u8] {
        self.text
            .get(span.start + 1..span.end.saturating_sub(1))
            .unwrap_or_default()
    }

    /// The text from the container that was opened last: from its brace on.
    pub fn from_brace(&self) -> &'a [u8] {
        self.text
            .get(self.at.saturating_sub(1)..)
            .unwrap_or_default()
    }

    /// Where what was read last ends.
    pub fn at(&self) -> usize {
        self.at
    }

    /// How many containers are open.
    pub fn depth(&self) -> usize {
        self.open.depth
    }

    /// The byte at `at`, or at the end a NUL, which JSON does not have outside of strings
    /// either.
    #[expect(
        clippy::inline_always,
        reason = "a call for each byte is half the time where size counts"
    )]
    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        match self.text.get(at) {
            Some(byte) => *byte,
            None => 0,
        }
    }

    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn skip_space(&mut self) -> u8 {
        let byte = self.byte(self.at);
        // Nearly all JSON is written without any.
        if byte > b' ' {
            byte
        } else {
            self.skip_spaces()
        }
    }

    fn skip_spaces(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.byte(self.at) {
            self.at += 1;
        }
        self.byte(self.at)
    }

    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn open(&mut self, object: bool) {
        self.at += 1;
        self.open.push(object);
        self.more = Expect::More;
        self.expect = Expect::First;
    }

    /// Goes back to the value at `at`, of the object that was closed last.
    pub(crate) fn back(&mut self, at: usize) {
        self.open.push(true);
        self.more = Expect::More;
        self.expect = Expect::Value;
        self.at = at;
    }

    /// And to behind that object, which ends before `at`.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    pub(crate) fn forth(&mut self, at: usize) {
        self.at = at;
        self.open.pop();
        if self.open.depth == 0 {
            self.more = Expect::Nothing;
        }
        self.expect = self.more;
    }

    /// The value that follows, up to its end or to the brace that it begins with.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    pub(crate) fn value(&mut self) -> Result<Token, Malformed> {
        let byte = self.skip_space();
        let token = match byte {
            b'"' => {
                self.string()?;
                Token::String
            }
            b'{' => {
                self.open(true);
                return Ok(Token::Object);
            }
            b'[' => {
                self.open(false);
                return Ok(Token::Array);
            }
            b'-' | b'0'..=b'9' => {
                self.end(self.number(byte)?);
                Token::Number
            }
            _ => {
                self.end(self.word(byte)?);
                Token::Word
            }
        };
        self.expect = self.more;
        Ok(token)
    }

    /// A token ends before `end`.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn end(&mut self, end: usize) {
        self.span = Span {
            start: self.at,
            end,
        };
        self.at = end;
    }

    /// Where the word ends that begins with `byte`.
    fn word(&self, byte: u8) -> Result<usize, Malformed> {
        let word: &[u8] = match byte {
            b't' => b"true",
            b'f' => b"false",
            _ => b"null",
        };
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            Ok(self.at + word.len())
        } else {
            Err(Malformed)
        }
    }

    /// Where the number ends that begins with `byte`.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn number(&self, byte: u8) -> Result<usize, Malformed> {
        let mut at = self.at;
        // Most are whole, have no sign and are longer than one digit.
        if let b'1'..=b'9' = byte {
            at = digits_end(self.text, at);
            if !matches!(self.byte(at), b'.' | b'e' | b'E') {
                return Ok(at);
            }
        }
        self.long_number()
    }

    /// The same, of any number.
    fn long_number(&self) -> Result<usize, Malformed> {
        let mut at = self.at + usize::from(self.byte(self.at) == b'-');
        at = match self.byte(at) {
            b'0' => at + 1,
            _ => self.digits(at)?,
        };
        if self.byte(at) == b'.' {
            at = self.digits(at + 1)?;
        }
        if let b'e' | b'E' = self.byte(at) {
            at += 1 + usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
            at = self.digits(at)?;
        }
        Ok(at)
    }

    /// Where the digits end that begin at `start`.
    fn digits(&self, start: usize) -> Result<usize, Malformed> {
        let end = digits_end(self.text, start);
        if end > start { Ok(end) } else { Err(Malformed) }
    }

    /// Steps over a string; `at` is on its first quote.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn string(&mut self) -> Result<(), Malformed> {
        self.string_from(self.at + 1)
    }

    /// The same, if nothing in it before `at` means anything.
    #[expect(clippy::inline_always, reason = "see byte")]
    #[inline(always)]
    fn string_from(&mut self, mut at: usize) -> Result<(), Malformed> {
        loop {
            at = plain(self.text, at);
            match self.byte(at) {
                b'"' => {
                    self.end(at + 1);
                    return Ok(());
                }
                b'\\' => at = self.escape(at)?,
                // A control character, or the end of the text.
                _ => return Err(Malformed),
            }
        }
    }

    /// Behind the escape whose backslash is at `at`.
    fn escape(&self, at: usize) -> Result<usize, Malformed> {
        match self.byte(at + 1) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
            b'u' if (at + 2..at + 6).all(|at| self.byte(at).is_ascii_hexdigit()) => Ok(at + 6),
            _ => Err(Malformed),
        }
    }
}

/// Deeper than most of what is read, so that the stack need not grow.
pub(crate) const USUAL_DEPTH: usize = 64;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Sets the high bit of each byte of `word` that is 0. Bytes after the first found one may
/// be set wrongly, so only the first is to be used.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// Eight bytes of `text` from `at` on, the first in the lowest bits; none at its end.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
pub(crate) fn eight(text: &[u8], at: usize) -> Option<u64> {
    let bytes = text.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}

/// Sets the high bit of each byte of `word` that is a quote, a backslash or a control
/// character. As with [`zeros`], only the first is to be used.
const fn specials(word: u64) -> u64 {
    // A quote becomes a space, and a space something larger.
    let quoted = (word ^ (ONES * 2)).wrapping_sub(ONES * 0x21);
    let slashed = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (quoted | slashed) & !word & HIGH
}

/// The first eight bytes of `word`, the first in the lowest bits, and zeros behind its end.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(crate) fn head(word: &[u8]) -> u64 {
    if let Some(eight) = eight(word, 0) {
        return eight;
    }
    if let (Some(first), Some(last)) = (word.first_chunk(), word.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        // What both have is the same.
        return u64::from(first) | u64::from(last) << (8 * (word.len() - 4));
    }
    word.iter()
        .rev()
        .fold(0, |head, byte| head << 8 | u64::from(*byte))
}

/// The first place from `at` on of a quote, a backslash or a control character; the end of
/// `text` if there is none.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
pub(super) fn plain(text: &[u8], mut at: usize) -> usize {
    // Eight bytes at once.
    while let Some(word) = eight(text, at) {
        let found = specials(word);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let is_plain = |byte: u8| byte >= 0x20 && !matches!(byte, b'"' | b'\\');
    while text.get(at).copied().is_some_and(is_plain) {
        at += 1;
    }
    at
}

/// Marks the bytes of `word` that are no digits by their high bits.
const fn no_digits(word: u64) -> u64 {
    // A digit is less than ten above `0`, and nothing else is after this.
    let above = word ^ (ONES * b'0' as u64);
    (((above & !HIGH) + ONES * (0x80 - 10)) | above) & HIGH
}

/// Where the digits of `text` end that begin at `at`.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
fn digits_end(text: &[u8], mut at: usize) -> usize {
    while let Some(word) = eight(text, at) {
        let others = no_digits(word);
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while text.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    at
}

/// Where the first line of `text` ends.
pub fn line_end(text: &[u8]) -> usize {
    without(text, *b"\n")
}

/// How many of the eight bytes of `word` are digits.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
pub(crate) fn digits(word: u64) -> usize {
    8 - no_digits(word).count_ones() as usize
}

/// Whether one of the eight bytes of `word` is one of `marks`.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
pub(crate) fn has<const N: usize>(word: u64, marks: [u8; N]) -> bool {
    first_of(word, marks) != 0
}

/// Sets the high bit of the first byte of `word` that is one of `marks`; of those behind it
/// as [`zeros`] does.
#[expect(clippy::inline_always, reason = "see byte")]
#[inline(always)]
fn first_of<const N: usize>(word: u64, marks: [u8; N]) -> u64 {
    let mut found = 0;
    for mark in marks {
        found |= zeros(word ^ (ONES * u64::from(mark)));
    }
    found
}

/// How many bytes of `text` are none of `marks`, which are ASCII and no NUL.
#[cfg_attr(sentiero_lean, optimize(speed))]
pub(crate) fn without<const N: usize>(text: &[u8], marks: [u8; N]) -> usize {
    let mut at = 0;
    loop {
        let (word, last) = match eight(text, at) {
            Some(word) => (word, false),
            None => (head(text.get(at..).unwrap_or_default()), true),
        };
        let found = first_of(word, marks);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        if last {
            return text.len();
        }
        at += 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_at_once_are_as_one_by_one(text in "[a-c0-9@:\"\\\\\x00\x1f é]{0,30}", at in 0_usize..20) {
            let text = text.into_bytes();
            let stops = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            let at = at.min(text.len());
            let end = text[at..].iter().position(stops).map_or(text.len(), |end| at + end);
            prop_assert_eq!(plain(&text, at), end);
            let count = text.iter().take(8).filter(|byte| byte.is_ascii_digit()).count();
            prop_assert_eq!(digits(head(&text)), count);
            let first: Vec<u8> = text.iter().copied().chain([0; 8]).take(8).collect();
            prop_assert_eq!(head(&text).to_le_bytes().to_vec(), first);
            let mark = text.iter().position(|byte| b"@:".contains(byte));
            prop_assert_eq!(without(&text, *b"@:"), mark.unwrap_or(text.len()));
        }
    }
}
