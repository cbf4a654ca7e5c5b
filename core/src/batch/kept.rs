//! Batches as text, for a journal that outlives the page: like uploads, but not packed,
//! because when they are uploaded at last they may have to be cut, joined or signed anew.

use super::Stream;
use super::body::{Label, write_header};
use crate::id::{Millis, SessionId, TabId, WindowId};
use crate::json;
use crate::text::{parse_decimal, parse_signed_decimal};
use crate::wire::{Meta, VERSION};
use alloc::string::String;
use alloc::vec::Vec;

/// The `n` masked events in `lines` from index `first` on, each with its newline, under a
/// header as uploads have it.
pub fn kept(stream: &Stream, first: u32, n: u32, now: Millis, lines: &[u8]) -> Vec<u8> {
    let label = Label {
        seq: 0,
        first,
        sent: now,
        end: false,
    };
    let mut text = Vec::with_capacity(lines.len() + 512);
    write_header(stream, label, n, &mut text);
    text.extend_from_slice(lines);
    text
}

/// A batch that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    /// Its page load.
    pub stream: Stream,
    /// Index of its first event.
    pub first: u32,
    /// How many events it has.
    pub n: u32,
    /// They themselves, each with its newline.
    pub lines: &'a [u8],
}

impl<'a> Kept<'a> {
    /// Reads the first batch of `text`, and takes it from it; none if that is none, whole.
    pub fn read(text: &mut &'a [u8]) -> Option<Self> {
        let (header, rest) = split_line(text)?;
        let number = |key| parse_decimal(json::get(header, key)?);
        let small = |key| u32::try_from(number(key)?).ok();
        if small("v") != Some(VERSION) {
            return None;
        }
        let (first, n) = (small("first")?, small("n")?);
        first.checked_add(n)?;
        let mut after = rest;
        for _ in 0..n {
            after = split_line(after)?.1;
        }
        let lines = rest.get(..rest.len() - after.len())?;
        *text = after;
        Some(Self {
            stream: Stream {
                sid: SessionId::parse(id(header, "sid")?).ok()?,
                tab: TabId::parse(id(header, "tab")?).ok()?,
                window: WindowId::parse(id(header, "window")?).ok()?,
                offset: parse_signed_decimal(json::get(header, "offset")?)?,
                meta: json::get(header, "meta").map(meta).unwrap_or_default(),
            },
            first,
            n,
            lines,
        })
    }

    /// One past the index of the last event.
    pub fn end(&self) -> u32 {
        self.first.saturating_add(self.n)
    }

    /// The events.
    pub fn events(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.lines;
        core::iter::from_fn(move || {
            let (line, after) = split_line(rest)?;
            rest = after;
            Some(line)
        })
    }
}

/// The first line of `text`, and what follows it; none if there is no whole line.
fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = text.split_at_checked(json::line_end(text))?;
    Some((line, rest.get(1..)?))
}

/// A string of which nothing is escaped.
fn id<'a>(object: &'a [u8], key: &str) -> Option<&'a str> {
    let raw = json::get(object, key)?;
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    core::str::from_utf8(inner).ok()
}

fn string(object: &[u8], key: &str) -> Option<String> {
    json::get(object, key)
        .and_then(json::string)
        .map(Into::into)
}

fn meta(object: &[u8]) -> Meta {
    let pixels = |key| u32::try_from(parse_decimal(json::get(object, key)?)?).ok();
    Meta {
        url: string(object, "url").unwrap_or_default(),
        referrer: string(object, "referrer").unwrap_or_default(),
        width: pixels("width").unwrap_or(0),
        height: pixels("height").unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::stream;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_it_writes() {
        let stream = Stream {
            offset: -5,
            meta: Meta {
                url: "https://a.example/\"\\é".into(),
                referrer: "https://b.example/".into(),
                width: 3,
                height: 4,
            },
            ..stream()
        };
        let one = kept(&stream, 0, 2, 7, b"{\"a\":1}\n{}\n");
        let two = kept(&stream, 2, 1, 8, b"[]\n");
        let both = [one, two].concat();
        let mut text = both.as_slice();
        let first = Kept::read(&mut text).unwrap();
        assert_eq!((&first.stream, first.first, first.end()), (&stream, 0, 2));
        let events: Vec<_> = first.events().collect();
        assert_eq!(events, [b"{\"a\":1}".as_slice(), b"{}"]);
        let second = Kept::read(&mut text).unwrap();
        assert_eq!(
            (second.first, second.n, second.lines),
            (2, 1, b"[]\n".as_slice())
        );
        assert_eq!(
            second.stream.meta,
            Meta::default(),
            "the address stands with index 0"
        );
        assert_eq!((Kept::read(&mut text), text), (None, b"".as_slice()));
    }

    #[test]
    fn half_of_one_is_none() {
        let whole = kept(&stream(), 0, 2, 7, b"{}\n{}\n");
        for end in 0..whole.len() {
            let mut text = &whole[..end];
            assert_eq!(Kept::read(&mut text), None, "{end}");
            assert_eq!(text.len(), end, "nothing is taken");
        }
        let text = String::from_utf8(whole).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("\"n\":2", "\"n\":x"),
            ("\"first\":0", "\"first\":4294967295"),
        ] {
            assert_eq!(
                Kept::read(&mut text.replace(from, to).as_bytes()),
                None,
                "{to}"
            );
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, cut in 0..400_usize, byte: u8) {
            let _ = Kept::read(&mut bytes.as_slice());
            let mut text = kept(&stream(), 0, 1, 7, b"{}\n");
            if let Some(at) = text.get_mut(cut) {
                *at = byte;
            }
            let _ = Kept::read(&mut text.as_slice());
        }
    }
}
