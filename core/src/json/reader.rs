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

/// What the text says next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// An object begins.
    Object,
    /// An array begins.
    Array,
    /// The innermost object or array ends.
    Close,
    /// A key of an object; its value follows.
    Key(Span),
    /// A string.
    String(Span),
    /// A number.
    Number(Span),
    /// `true`, `false` or `null`.
    Word(Span),
    /// The text ended, after exactly one value.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// What the grammar allows next.
#[derive(Clone, Copy)]
enum Expect {
    Value,
    FirstKey,
    FirstItem,
    /// A comma, the end of the container, or of the text.
    More,
}

/// A pull scanner over one JSON text.
pub struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Container>,
    expect: Expect,
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
            open: Vec::new(),
            expect: Expect::Value,
        }
    }

    /// The next token. After [`Token::End`] it stays there.
    #[expect(
        clippy::should_implement_trait,
        reason = "an error ends it, and End is a token: no iterator"
    )]
    pub fn next(&mut self) -> Result<Token, Malformed> {
        let byte = self.skip_space();
        match self.expect {
            Expect::FirstKey if byte == b'}' => Ok(self.close()),
            Expect::FirstItem if byte == b']' => Ok(self.close()),
            Expect::FirstKey => self.key(byte),
            Expect::FirstItem | Expect::Value => self.value(byte),
            Expect::More => match (self.open.last(), byte) {
                (Some(container), b',') => {
                    let object = *container == Container::Object;
                    self.at += 1;
                    let byte = self.skip_space();
                    if object {
                        self.key(byte)
                    } else {
                        self.value(byte)
                    }
                }
                (Some(Container::Object), b'}') | (Some(Container::Array), b']') => {
                    Ok(self.close())
                }
                (None, _) if self.at == self.text.len() => Ok(Token::End),
                _ => Err(Malformed),
            },
        }
    }

    /// The whole text.
    pub fn text(&self) -> &'a [u8] {
        self.text
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
        self.open.len()
    }

    /// The byte here, or at the end a NUL, which JSON does not have outside of strings either.
    #[expect(
        clippy::inline_always,
        reason = "a call for each byte is half the time where size counts"
    )]
    #[inline(always)]
    fn peek(&self) -> u8 {
        match self.text.get(self.at) {
            Some(byte) => *byte,
            None => 0,
        }
    }

    #[expect(clippy::inline_always, reason = "see peek")]
    #[inline(always)]
    fn skip_space(&mut self) -> u8 {
        let byte = self.peek();
        // Nearly all JSON is written without any.
        if byte > b' ' {
            byte
        } else {
            self.skip_spaces()
        }
    }

    fn skip_spaces(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    fn close(&mut self) -> Token {
        self.at += 1;
        self.open.pop();
        self.expect = Expect::More;
        Token::Close
    }

    fn key(&mut self, byte: u8) -> Result<Token, Malformed> {
        if byte != b'"' {
            return Err(Malformed);
        }
        let key = self.string()?;
        if self.skip_space() != b':' {
            return Err(Malformed);
        }
        self.at += 1;
        self.expect = Expect::Value;
        Ok(Token::Key(key))
    }

    fn value(&mut self, byte: u8) -> Result<Token, Malformed> {
        let start = self.at;
        self.expect = Expect::More;
        match byte {
            b'"' => Ok(Token::String(self.string()?)),
            b'{' => {
                self.at += 1;
                self.open.push(Container::Object);
                self.expect = Expect::FirstKey;
                Ok(Token::Object)
            }
            b'[' => {
                self.at += 1;
                self.open.push(Container::Array);
                self.expect = Expect::FirstItem;
                Ok(Token::Array)
            }
            b'-' | b'0'..=b'9' => {
                self.number()?;
                Ok(Token::Number(Span {
                    start,
                    end: self.at,
                }))
            }
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => Err(Malformed),
        }
    }

    fn word(&mut self, word: &str) -> Result<Token, Malformed> {
        let start = self.at;
        self.at += word.len();
        let span = Span {
            start,
            end: self.at,
        };
        if self.slice(span) == word.as_bytes() {
            Ok(Token::Word(span))
        } else {
            Err(Malformed)
        }
    }

    fn number(&mut self) -> Result<(), Malformed> {
        if self.peek() == b'-' {
            self.at += 1;
        }
        match self.peek() {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if let b'e' | b'E' = self.peek() {
            self.at += 1;
            if let b'+' | b'-' = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at > start {
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    /// Steps over a string; `at` is on its first quote.
    fn string(&mut self) -> Result<Span, Malformed> {
        let start = self.at;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += plain(rest);
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(Span {
                        start,
                        end: self.at,
                    });
                }
                b'\\' => self.escape()?,
                // A control character, or the end of the text.
                _ => return Err(Malformed),
            }
        }
    }

    /// Steps over an escape; `at` is on its backslash.
    fn escape(&mut self) -> Result<(), Malformed> {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        match rest {
            [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
            [b'u', digits @ ..]
                if digits
                    .get(..4)
                    .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
            {
                self.at += 6;
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Sets the high bit of each byte of `word` that is 0. Bytes after the first found one may
/// be set wrongly, so only the first is to be used.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH
}

/// How many bytes of `text` are neither a quote, a backslash nor a control character.
pub(super) fn plain(text: &[u8]) -> usize {
    let (words, tail) = text.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        // Eight bytes at once.
        let word = u64::from_le_bytes(*word);
        let found = zeros(word ^ (ONES * u64::from(b'"')))
            | zeros(word ^ (ONES * u64::from(b'\\')))
            | (word.wrapping_sub(ONES * 0x20) & !word & HIGH);
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + tail
        .iter()
        .take_while(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
        .count()
}

/// Where the first line of `text` ends.
pub fn line_end(text: &[u8]) -> usize {
    without(text, *b"\n")
}

/// How many bytes of `text` are none of `marks`, which are ASCII.
pub(crate) fn without<const N: usize>(text: &[u8], marks: [u8; N]) -> usize {
    let (words, tail) = text.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let mut found = 0;
        for mark in marks {
            found |= zeros(word ^ (ONES * u64::from(mark)));
        }
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at + tail.iter().take_while(|byte| !marks.contains(byte)).count()
}
