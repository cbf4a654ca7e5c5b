//! The upload format, version 1, and every limit; see docs/protocol.md.
//!
//! An upload is one gzip member. Inflated, its first line is a [`Header`] in
//! JSON, and each further line is one rrweb event. Both ends use this module:
//! the recorder writes with [`Header::write_line`], the edge reads with
//! [`Upload::parse`], and neither has a limit of its own.

use crate::id::{Millis, SessionId, TabId, WindowId};
use crate::json;
use crate::mask::Masker;
use crate::text::{parse_decimal, signed_decimal, write_decimal};
use alloc::string::String;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The version that this code writes. Every released version keeps decoding.
pub const VERSION: u32 = 1;

/// What one upload and one session may weigh; checked before anything is allocated for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body as it travels.
    pub compressed: usize,
    /// Bytes of a body inflated.
    pub inflated: usize,
    /// Bytes of one event.
    pub event: usize,
    /// Events of one session.
    pub session_events: u64,
    /// Compressed bytes of one session.
    pub session_bytes: u64,
    /// Page loads of one session. What is known of each is part of one row, which the
    /// session's object reads and writes whole.
    pub session_tabs: usize,
}

impl Limits {
    /// The limits of this version.
    pub const DEFAULT: Self = Self {
        compressed: 1 << 20,
        inflated: 16 << 20,
        event: 4 << 20,
        session_events: 50_000,
        session_bytes: 64 << 20,
        session_tabs: 1_000,
    };
}

/// How far ahead of the edge's clock a session may claim to have started, ms.
///
/// Small on purpose: it is also how young a session must look for the edge to
/// know that it cannot have been finished already ([`crate::lifecycle`]).
pub const MAX_AHEAD: Millis = 30_000;

/// How far the visitor's clock, as its recorder corrects it, may be off when a page load
/// sends for the first time, ms: more than a network takes, less than anybody would notice.
pub const MAX_OFF: Millis = 10_000;

/// How long after its start a session still takes batches, ms: a day of
/// recording and six of being offline.
pub const MAX_BEHIND: Millis = 7 * 24 * 3_600_000;

/// The first line of an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`] of the writer.
    pub v: u32,
    /// The session.
    pub sid: SessionId,
    /// The page load.
    pub tab: TabId,
    /// The browser tab.
    pub window: WindowId,
    /// Counts the uploads of a tab, from 0. For people who read logs: order and
    /// deduplication go by `first`.
    pub seq: u32,
    /// Index of the first event in this tab.
    pub first: u32,
    /// How many events follow.
    pub n: u32,
    /// When the batch was packed, by the visitor's clock.
    pub sent: Millis,
    /// What the recorder adds to the visitor's clock to have the edge's, ms, as far as the
    /// edge told it (with a 409): the session's id is made with it, times of events are not.
    /// None from recorders of before this was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
    /// On the first batch of a tab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// The visitor left the page; a later batch of the tab takes it back.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub end: bool,
}

/// What the recorder says of a page load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The page's address, as far as the site wants it.
    pub url: String,
    /// Where the visitor came from, likewise; empty if unknown.
    pub referrer: String,
    /// Viewport in CSS pixels.
    pub width: u32,
    /// See `width`.
    pub height: u32,
}

impl Meta {
    /// The longest address that is kept, bytes; the rest is cut.
    pub const MAX_URL: usize = 2_048;

    /// With what may stay of its addresses, at most [`Self::MAX_URL`] bytes each.
    #[must_use]
    pub fn cut(self, masker: &Masker) -> Self {
        Self {
            url: cut_url(masker, &self.url),
            referrer: cut_url(masker, &self.referrer),
            ..self
        }
    }
}

fn cut_url(masker: &Masker, url: &str) -> String {
    let mut url = masker.page_url(url);
    let end = (0..=Meta::MAX_URL)
        .rev()
        .find(|at| url.is_char_boundary(*at));
    url.truncate(end.unwrap_or_default());
    url
}

impl Header {
    /// An upload body before it is packed: this line, then each event on its own.
    pub fn body<E: AsRef<[u8]>>(&self, events: impl IntoIterator<Item = E>) -> Vec<u8> {
        let mut body = Vec::new();
        self.write_line(&mut body);
        for event in events {
            body.extend_from_slice(event.as_ref());
            body.push(b'\n');
        }
        body
    }

    /// Appends the header's line. The one canonical form: the edge stores a
    /// body untouched only if its first line is exactly this.
    pub fn write_line(&self, out: &mut Vec<u8>) {
        let Self {
            v,
            sid,
            tab,
            window,
            seq,
            first,
            n,
            sent,
            offset,
            meta,
            end,
        } = self;
        out.extend_from_slice(b"{\"v\":");
        write_decimal(u64::from(*v), out);
        for (key, id) in [
            ("sid", sid.as_str()),
            ("tab", tab.as_str()),
            ("window", window.as_str()),
        ] {
            write_key(key, out);
            json::write_string(id, out);
        }
        for (key, number) in [("seq", *seq), ("first", *first), ("n", *n)] {
            write_key(key, out);
            write_decimal(u64::from(number), out);
        }
        write_key("sent", out);
        write_decimal(*sent, out);
        if let Some(offset) = offset {
            write_key("offset", out);
            out.extend_from_slice(signed_decimal(*offset).as_bytes());
        }
        if let Some(meta) = meta {
            write_key("meta", out);
            meta.write(out);
        }
        if *end {
            write_key("end", out);
            out.extend_from_slice(b"true");
        }
        out.extend_from_slice(b"}\n");
    }

    /// One past the index of the last event.
    pub fn end_index(&self) -> u32 {
        self.first.saturating_add(self.n)
    }
}

impl Meta {
    fn write(&self, out: &mut Vec<u8>) {
        let Self {
            url,
            referrer,
            width,
            height,
        } = self;
        out.extend_from_slice(b"{\"url\":");
        json::write_string(url, out);
        write_key("referrer", out);
        json::write_string(referrer, out);
        for (key, number) in [("width", *width), ("height", *height)] {
            write_key(key, out);
            write_decimal(u64::from(number), out);
        }
        out.push(b'}');
    }
}

fn write_key(key: &str, out: &mut Vec<u8>) {
    out.push(b',');
    json::write_string(key, out);
    out.push(b':');
}

/// Why an upload was refused as malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The body is not UTF-8.
    NotText,
    /// The header is not what it should be; the reason names the field.
    Header(String),
    /// The header is of a version that this code does not know.
    Version(u32),
    /// No events, or an event index that overflows.
    Range,
    /// Another number of events than the header says.
    Count {
        /// `n` of the header.
        said: u32,
        /// Events that came.
        came: usize,
    },
    /// One event is over the limit.
    EventTooLarge {
        /// Its index in the tab.
        index: u32,
        /// The limit, bytes.
        limit: usize,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("the inflated body is not UTF-8"),
            Self::Header(reason) => write!(f, "the first line is not an upload header: {reason}"),
            Self::Version(v) => write!(
                f,
                "upload version {v} is not known here; this edge reads version {VERSION}"
            ),
            Self::Range => {
                f.write_str("an upload holds at least one event, and indexes stay below 2^32")
            }
            Self::Count { said, came } => {
                write!(f, "the header says {said} events, but {came} came")
            }
            Self::EventTooLarge { index, limit } => {
                write!(f, "event {index} is over the limit of {limit} bytes")
            }
        }
    }
}

impl core::error::Error for WireError {}

/// A decoded upload; events are slices of the inflated body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload<'a> {
    /// The header.
    pub header: Header,
    /// The events' JSON, not yet checked.
    pub events: Vec<&'a [u8]>,
}

impl<'a> Upload<'a> {
    /// Reads an inflated body.
    pub fn parse(body: &'a [u8], limits: &Limits) -> Result<Self, WireError> {
        let text = core::str::from_utf8(body).map_err(|_| WireError::NotText)?;
        let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
        let header = parse_header(line)?;
        header
            .first
            .checked_add(header.n)
            .filter(|_| header.n > 0)
            .ok_or(WireError::Range)?;
        let rest = rest.strip_suffix('\n').unwrap_or(rest);
        // Counted before collecting: a body of newlines must not become a vector of millions.
        let came = if rest.is_empty() {
            0
        } else {
            rest.bytes().filter(|byte| *byte == b'\n').count() + 1
        };
        if usize::try_from(header.n) != Ok(came) {
            return Err(WireError::Count {
                said: header.n,
                came,
            });
        }
        let events: Vec<&[u8]> = rest.split('\n').map(str::as_bytes).collect();
        let too_large = (header.first..)
            .zip(&events)
            .find(|(_, event)| event.len() > limits.event);
        if let Some((index, _)) = too_large {
            return Err(WireError::EventTooLarge {
                index,
                limit: limits.event,
            });
        }
        Ok(Self { header, events })
    }
}

/// The lines behind the first one of a body that [`Upload::parse`] took.
pub(crate) fn event_lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.split(|byte| *byte == b'\n').skip(1)
}

fn parse_header(line: &str) -> Result<Header, WireError> {
    // The version is looked at first: a later version may have changed any other field.
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let reason = |error: serde_json::Error| WireError::Header(error.to_string());
    let Version { v } = crate::json::parse(line.as_bytes()).map_err(reason)?;
    if v != VERSION {
        return Err(WireError::Version(v));
    }
    crate::json::parse(line.as_bytes()).map_err(reason)
}

/// The answer to an upload that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The lowest event index of the tab that is not stored: all before it may be forgotten.
    pub next: u32,
    /// What the recorder shall do.
    pub directive: Directive,
    /// For [`Directive::Slow`]: ms to wait before the next upload.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What the edge asks of the recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Directive {
    /// Go on.
    Ok,
    /// Go on, but wait before the next upload.
    Slow,
    /// Take a full snapshot: the edge has none that makes the rest playable.
    Snapshot,
    /// Stop recording this session.
    Stop,
}

impl Ack {
    /// The answer to an upload that was not looked at, because nothing more of the page is
    /// wanted.
    pub const STOP: Self = Self {
        next: 0,
        directive: Directive::Stop,
        wait: 0,
    };

    /// Reads an acknowledgement without serde, for the recorder; none if it is not one.
    pub fn read(body: &[u8]) -> Option<Self> {
        let number = |key| u32::try_from(parse_decimal(json::get(body, key)?)?).ok();
        let directive = match json::get(body, "directive")? {
            b"\"ok\"" => Directive::Ok,
            b"\"slow\"" => Directive::Slow,
            b"\"snapshot\"" => Directive::Snapshot,
            b"\"stop\"" => Directive::Stop,
            // One that a later edge may send; what it acknowledges is stored all the same.
            other if other.starts_with(b"\"") => Directive::Ok,
            _ => return None,
        };
        Some(Self {
            next: number("next")?,
            directive,
            wait: number("wait").unwrap_or(0),
        })
    }
}

/// The body of every answer to an upload that is not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// With 409: the edge's time, ms since the epoch, to correct the clock by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Millis>,
    /// With 413: the limit that was exceeded, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(first: u32, n: u32) -> Header {
        Header {
            v: VERSION,
            sid: SessionId::new(1_795_445_123_456, &[1; 17]),
            tab: TabId::new(&[2; 5]),
            window: WindowId::new(&[3; 5]),
            seq: 0,
            first,
            n,
            sent: 1_795_445_124_000,
            offset: None,
            meta: None,
            end: false,
        }
    }

    fn body(header: &Header, events: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        header.write_line(&mut out);
        for event in events {
            out.extend_from_slice(event.as_bytes());
            out.push(b'\n');
        }
        out
    }

    #[test]
    fn reads_what_it_writes() {
        let header = Header {
            meta: Some(Meta {
                url: "https://a.example/\"x\"".into(),
                referrer: String::new(),
                width: 1,
                height: 2,
            }),
            offset: Some(-3_600_000),
            end: true,
            ..header(5, 2)
        };
        let body = body(&header, &["{\"a\":1}", "{}"]);
        let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
        assert_eq!(upload.header, header);
        assert_eq!(upload.events, [b"{\"a\":1}".as_slice(), b"{}"]);
    }

    #[test]
    fn the_writer_and_serde_agree() {
        for offset in [None, Some(0), Some(i64::MIN)] {
            let mut line = Vec::new();
            let header = Header {
                offset,
                ..header(0, 1)
            };
            header.write_line(&mut line);
            assert_eq!(
                String::from_utf8(line).unwrap().trim_end(),
                serde_json::to_string(&header).unwrap()
            );
        }
    }

    #[test]
    fn names_what_is_wrong() {
        let check = |body: &[u8], part: &str| {
            let error = Upload::parse(body, &Limits::DEFAULT)
                .unwrap_err()
                .to_string();
            assert!(error.contains(part), "{error}");
        };
        check(b"", "header");
        check(b"[1]\n{}", "header");
        check(b"{\"v\":2}\n{}", "version 2");
        check(b"{\"v\":1}\n{}", "sid");
        check(&[0xff, b'\n'], "UTF-8");
        check(&body(&header(0, 0), &[]), "at least one");
        check(&body(&header(u32::MAX, 2), &["{}", "{}"]), "2^32");
        check(&body(&header(0, 2), &["{}"]), "2 events, but 1");
        check(&body(&header(0, 1), &["{}", "{}"]), "1 events, but 2");
    }

    #[test]
    fn the_event_limit_is_exact() {
        let limits = Limits {
            event: 10,
            ..Limits::DEFAULT
        };
        assert!(Upload::parse(&body(&header(3, 1), &["1234567890"]), &limits).is_ok());
        assert_eq!(
            Upload::parse(&body(&header(3, 1), &["12345678901"]), &limits),
            Err(WireError::EventTooLarge {
                index: 3,
                limit: 10
            })
        );
    }

    #[test]
    fn unknown_fields_pass() {
        let mut line = Vec::new();
        header(0, 1).write_line(&mut line);
        let text = String::from_utf8(line)
            .unwrap()
            .replace("{\"v\":1", "{\"later\":[{}],\"v\":1");
        assert!(Upload::parse(format!("{text}{{}}\n").as_bytes(), &Limits::DEFAULT).is_ok());
    }

    #[test]
    fn addresses_are_cut() {
        let masker = Masker::default();
        for (url, cut) in [
            ("https://a.example/p?token=1", "https://a.example/p"),
            ("https://a.example/p#me@x.org", "https://a.example/p"),
            ("https://a.example/p", "https://a.example/p"),
        ] {
            assert_eq!(cut_url(&masker, url), cut);
        }
        assert_eq!(cut_url(&masker, &"é".repeat(2_000)).len(), 2_048);
    }

    #[test]
    fn acknowledgements_read_back() {
        for ack in [
            Ack {
                next: 12,
                directive: Directive::Ok,
                wait: 0,
            },
            Ack {
                next: 0,
                directive: Directive::Slow,
                wait: 5_000,
            },
            Ack {
                next: 1,
                directive: Directive::Snapshot,
                wait: 0,
            },
            Ack {
                next: u32::MAX,
                directive: Directive::Stop,
                wait: 0,
            },
        ] {
            assert_eq!(Ack::read(&serde_json::to_vec(&ack).unwrap()), Some(ack));
        }
        for bad in [
            "",
            "{}",
            r#"{"next":-1,"directive":"ok"}"#,
            r#"{"next":1,"directive":7}"#,
        ] {
            assert_eq!(Ack::read(bad.as_bytes()), None);
        }
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Upload::parse(&bytes, &Limits::DEFAULT);
            let _ = Ack::read(&bytes);
        }

        #[test]
        fn never_panics_after_a_good_header(rest: String) {
            let mut bytes = body(&header(0, 1), &[]);
            bytes.extend_from_slice(rest.as_bytes());
            let _ = Upload::parse(&bytes, &Limits::DEFAULT);
        }
    }
}
