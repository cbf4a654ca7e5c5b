//! What becomes of an upload before it is stored: decoded, checked, masked, described.
//!
//! Pure: the same bytes give the same batch natively, in a test and at the edge. The stages
//! are types: [`decode`] makes a [`Decoded`], [`Decoded::mask`] a [`Masked`], and nobody else
//! can make one, so that nothing can be stored that has not been through the mask.

use crate::gzip::{self, GzipError};
use crate::id::{Millis, SessionId, SiteKey, TabId, WindowId};
use crate::lifecycle::Append;
use crate::mask::Masker;
use crate::recording::{Buffered, Visitor};
use crate::site::SiteConfig;
use crate::wire::{
    Header, Limits, MAX_AHEAD, MAX_BEHIND, MAX_OFF, Upload, VERSION, WireError, event_lines,
};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

/// Why a body is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IngestError {
    /// It is not what it should be; never worth sending again.
    Malformed {
        /// A stable word for programs.
        code: &'static str,
        /// What is wrong, for people.
        message: String,
    },
    /// Something in it is over its limit.
    TooLarge {
        /// What is.
        what: &'static str,
        /// The limit, bytes.
        limit: u64,
    },
    /// Its session's id, or its clock, is too far from the time here.
    Clock {
        /// The time here.
        now: Millis,
    },
}

type Result<T> = core::result::Result<T, IngestError>;

/// An upload that is what it should be, as it came.
#[derive(Debug)]
pub struct Decoded {
    header: Header,
    /// The gzip member.
    body: Vec<u8>,
    /// What is in it.
    inflated: Vec<u8>,
    /// When it arrived.
    at: Millis,
}

/// A masked batch: the only thing that can be stored.
#[derive(Debug)]
pub struct Masked {
    sid: SessionId,
    batch: Buffered,
    body: Vec<u8>,
}

/// Decodes and checks one body that arrived at `now`.
pub fn decode(body: Vec<u8>, now: Millis) -> Result<Decoded> {
    let limits = Limits::DEFAULT;
    let inflated = gzip::decompress(&body, limits.inflated).map_err(|error| match error {
        GzipError::TooLarge => IngestError::TooLarge {
            what: "inflated body",
            limit: limits.inflated as u64,
        },
        GzipError::NotGzip | GzipError::Damaged => malformed("not_gzip", &error),
    })?;
    let upload = Upload::parse(&inflated, &limits).map_err(|error| match error {
        WireError::EventTooLarge { limit, .. } => IngestError::TooLarge {
            what: "event",
            limit: limit as u64,
        },
        other => malformed("malformed_upload", &other),
    })?;
    if upload.header.tab.is_server() {
        let reason = "the tab is that of servers, which no page is";
        return Err(malformed("malformed_upload", &reason));
    }
    check_clock(&upload.header, now)?;
    Ok(Decoded {
        header: upload.header,
        body,
        inflated,
        at: now,
    })
}

impl Decoded {
    /// Masks the events and the header's addresses, and describes the batch.
    pub fn mask(self, masker: &Masker) -> Result<Masked> {
        let Self {
            mut header,
            body,
            inflated,
            at,
        } = self;
        header.meta = header.meta.map(|meta| meta.cut(masker));
        let mut clean = Vec::with_capacity(inflated.len());
        header.write_line(&mut clean);
        let (places, count) = mask(event_lines(&inflated), masker, &mut clean)?;
        let events: Vec<&[u8]> = places
            .iter()
            .filter_map(|&(from, to)| clean.get(from..to))
            .collect();

        // Almost always the recorder has masked already and the body is stored as it came.
        let body = if clean == inflated && gzip::is_ours(&body) {
            body
        } else {
            gzip::compress(&clean)
        };
        small_enough("body", body.len(), Limits::DEFAULT.compressed)?;
        let mut batch = Buffered::of(&header, &events, body.len(), at).map_err(|error| {
            malformed(
                "not_an_event",
                &format!("event {} is not an rrweb event", error.index),
            )
        })?;
        batch.masked = count;
        Ok(Masked {
            sid: header.sid,
            batch,
            body,
        })
    }
}

impl Masked {
    /// What a site's server told of a session: events from the index `first` of its server lane.
    pub fn of_server<'a>(
        sid: SessionId,
        first: u32,
        events: impl IntoIterator<Item = &'a [u8]>,
        masker: &Masker,
        now: Millis,
    ) -> Result<Self> {
        let events: Vec<&[u8]> = events.into_iter().collect();
        let header = Header {
            v: VERSION,
            sid,
            tab: TabId::server(),
            window: WindowId::server(),
            seq: 0,
            first,
            n: u32::try_from(events.len()).unwrap_or(u32::MAX),
            sent: now,
            offset: None,
            meta: None,
            // Nobody waits for more of it.
            end: true,
        };
        check_clock(&header, now)?;
        let inflated = header.body(events);
        let decoded = Decoded {
            header,
            body: gzip::compress(&inflated),
            inflated,
            at: now,
        };
        let mut told = decoded.mask(masker)?;
        // What a server tells is masked here first; counted is what recorders let pass.
        told.batch.masked = 0;
        Ok(told)
    }

    /// How many events it holds.
    pub fn events(&self) -> u32 {
        self.batch.meta.n
    }

    /// How many bytes are stored of it.
    pub fn bytes(&self) -> u32 {
        self.batch.meta.bytes
    }

    /// The command that stores it, and the bytes that go with it.
    pub fn append(
        self,
        site: &SiteKey,
        config: &SiteConfig,
        visitor: Visitor,
    ) -> (Append, Vec<u8>) {
        let Self { sid, batch, body } = self;
        let append = Append {
            site: site.clone(),
            sid,
            batch,
            visitor,
            retention_days: config.retention_days,
            quota: (!config.quota.is_unlimited()).then_some(config.quota),
        };
        (append, body)
    }
}

/// The events' places in `out`, and how many values had to be changed.
type Places = (Vec<(usize, usize)>, u32);

/// Appends the masked events to `out`, a line each.
fn mask<'a>(
    events: impl Iterator<Item = &'a [u8]>,
    masker: &Masker,
    out: &mut Vec<u8>,
) -> Result<Places> {
    let limits = Limits::DEFAULT;
    let mut places = Vec::new();
    let mut count = 0u32;
    for (at, event) in events.enumerate() {
        let from = out.len();
        let changes = masker.mask_event(event, out).map_err(|_| {
            malformed(
                "not_json",
                &format!("line {} of the body is not well-formed JSON", at + 2),
            )
        })?;
        // A mask may be longer than what it hides, and whoever reads has the same limits.
        small_enough("event", out.len() - from, limits.event)?;
        small_enough("inflated body", out.len(), limits.inflated)?;
        count = count.saturating_add(changes.masked);
        places.push((from, out.len()));
        out.push(b'\n');
    }
    Ok((places, count))
}

/// Refuses what is over its limit.
fn small_enough(what: &'static str, bytes: usize, limit: usize) -> Result<()> {
    if bytes <= limit {
        return Ok(());
    }
    let limit = limit as u64;
    Err(IngestError::TooLarge { what, limit })
}

fn malformed(code: &'static str, reason: &dyn core::fmt::Display) -> IngestError {
    IngestError::Malformed {
        code,
        message: reason.to_string(),
    }
}

/// A session id's time is its place in the index and its retention, so it must be about right.
///
/// A clock that is behind makes ids that could be right. So the first upload of a page load
/// is looked at more closely: it was packed just now, if the recorder knows the time. What
/// is sent again, or anew after a refusal, is not: a slow network would never get through.
fn check_clock(header: &Header, now: Millis) -> Result<()> {
    let started = header.sid.start();
    let offset = header
        .offset
        .filter(|_| header.seq == 0 && header.first == 0);
    let is_off = offset.is_some_and(|offset| {
        let sent = header.sent.saturating_add_signed(offset);
        sent.abs_diff(now) > MAX_OFF
    });
    if is_off || started > now + MAX_AHEAD || started + MAX_BEHIND < now {
        return Err(IngestError::Clock { now });
    }
    Ok(())
}

/// The session that the body of an erasure names. It may be as old as it likes;
/// one from the future has nothing stored and could be recorded later.
pub fn erased_session(body: &[u8], now: Millis) -> Result<SessionId> {
    let text = core::str::from_utf8(body).unwrap_or_default();
    let sid = SessionId::parse(text.trim()).map_err(|error| {
        malformed(
            "malformed_session_id",
            &format!("the body must be {}, as plain text", error.expected),
        )
    })?;
    if sid.start() > now + MAX_AHEAD {
        return Err(IngestError::Clock { now });
    }
    Ok(sid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::{MASK, Mode};

    fn masker() -> Masker {
        Masker::new(Mode::Inputs)
    }

    fn prepare(body: Vec<u8>, masker: &Masker, now: Millis) -> Result<Masked> {
        decode(body, now)?.mask(masker)
    }

    const NOW: Millis = 1_795_445_200_000;
    const INPUT: &str = r#"{"type":3,"data":{"source":5,"text":"secret","isChecked":false,"id":7},"timestamp":1795445199000}"#;
    const CLICK: &str =
        r#"{"type":3,"data":{"source":2,"type":2,"id":7,"x":1,"y":2},"timestamp":1795445199500}"#;

    fn header(start: Millis, n: u32) -> Header {
        Header {
            v: VERSION,
            sid: SessionId::new(start, &[1; 17]),
            tab: TabId::new(&[2; 5]),
            window: WindowId::new(&[3; 5]),
            seq: 0,
            first: 0,
            n,
            sent: NOW - 500,
            offset: None,
            meta: None,
            end: false,
        }
    }

    fn body(header: &Header, events: &[&str]) -> Vec<u8> {
        let mut text = Vec::new();
        header.write_line(&mut text);
        text.extend_from_slice(events.join("\n").as_bytes());
        text.push(b'\n');
        gzip::compress(&text)
    }

    fn status(body: Vec<u8>) -> String {
        match prepare(body, &masker(), NOW) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn a_masked_body_is_stored_as_it_came() {
        let body = body(&header(NOW - 1_000, 1), &[CLICK]);
        let prepared = prepare(body.clone(), &masker(), NOW).unwrap();
        assert_eq!(prepared.body, body);
        assert_eq!(
            (
                prepared.batch.masked,
                prepared.batch.digest.clicks,
                prepared.batch.skew
            ),
            (0, 1, 500)
        );
    }

    #[test]
    fn what_a_recorder_should_have_masked_is_masked_and_counted() {
        let prepared = prepare(body(&header(NOW, 2), &[INPUT, CLICK]), &masker(), NOW).unwrap();
        let stored = gzip::decompress(&prepared.body, 10_000).unwrap();
        assert!(!String::from_utf8(stored).unwrap().contains("secret"));
        assert_eq!(prepared.batch.masked, 1);
        assert_eq!(prepared.batch.meta.n, 2);
    }

    #[test]
    fn nothing_hides_in_the_header() {
        let mut text = Vec::new();
        header(NOW, 1).write_line(&mut text);
        let text = String::from_utf8(text)
            .unwrap()
            .replace("{\"v\":1", "{\"note\":\"secret\",\"v\":1");
        let body = gzip::compress(format!("{text}{CLICK}\n").as_bytes());
        let stored =
            gzip::decompress(&prepare(body, &masker(), NOW).unwrap().body, 10_000).unwrap();
        assert!(!String::from_utf8(stored).unwrap().contains("secret"));
    }

    #[test]
    fn nothing_hides_around_the_text() {
        let plain = body(&header(NOW, 1), &[CLICK]);
        let mut stamped = plain.clone();
        stamped[4..10].copy_from_slice(b"secret");
        let masked = prepare(stamped, &masker(), NOW).unwrap();
        assert_eq!(masked.body, plain);
        let (deflated, trailer) = plain.split_last_chunk::<8>().unwrap();
        let stuffed = [deflated, b"secret", trailer].concat();
        assert!(status(stuffed).contains("not_gzip"));
    }

    #[test]
    fn refuses_with_a_reason() {
        for (body, reason) in [
            (b"plain".to_vec(), "not_gzip"),
            (gzip::compress(b"{}"), "malformed_upload"),
            (body(&header(NOW, 2), &[CLICK]), "malformed_upload"),
            (body(&header(NOW, 1), &["{"]), "not_json"),
            (body(&header(NOW, 1), &["[]"]), "not_an_event"),
            (
                body(&header(NOW, 1), &[r#"{"type":3,"data":{}}"#]),
                "not_an_event",
            ),
        ] {
            let status = status(body);
            assert!(status.contains(reason), "{status}");
        }
    }

    #[test]
    fn an_erasure_names_a_session() {
        let sid = |start| SessionId::new(start, &[1; 17]);
        let read = |body: &str| match erased_session(body.as_bytes(), NOW) {
            Ok(sid) => sid.to_string(),
            Err(error) => format!("{error:?}"),
        };
        for start in [0, NOW - MAX_BEHIND - 1, NOW, NOW + MAX_AHEAD] {
            let sid = sid(start).to_string();
            assert_eq!(read(&sid), sid);
            assert_eq!(read(&format!(" {sid}\r\n")), sid);
        }
        assert!(read(sid(NOW + MAX_AHEAD + 1).as_str()).contains("Clock"));
        let sid = sid(NOW).to_string();
        let sid = sid.as_str();
        for body in [
            "",
            "x",
            &sid[1..],
            &format!("{sid}a"),
            &format!("\"{sid}\""),
            &format!("sid={sid}"),
            &sid.to_uppercase(),
        ] {
            let answer = read(body);
            assert!(answer.contains("malformed_session_id"), "{body}: {answer}");
        }
        assert!(erased_session(&[0xff; 38], NOW).is_err());
    }

    #[test]
    fn the_clock_may_be_off_by_so_much() {
        let at = |start| status(body(&header(start, 1), &[CLICK]));
        assert_eq!(at(NOW + MAX_AHEAD), "ok");
        assert!(at(NOW + MAX_AHEAD + 1).contains("Clock"));
        assert_eq!(at(NOW - MAX_BEHIND), "ok");
        assert!(at(NOW - MAX_BEHIND - 1).contains("Clock"));
    }

    #[test]
    fn the_first_upload_tells_whether_the_clock_is_right() {
        let at = |seq, first, sent: Millis, offset| {
            let header = Header {
                seq,
                first,
                sent,
                offset,
                ..header(NOW - 1_000, 1)
            };
            status(body(&header, &[CLICK]))
        };
        let hour = 3_600_000;
        for (seq, first, sent, offset, ok) in [
            (0, 0, NOW - MAX_OFF, Some(0), true),
            (0, 0, NOW - MAX_OFF - 1, Some(0), false),
            (0, 0, NOW + MAX_OFF + 1, Some(0), false),
            // The recorder knows how far its clock is off.
            (0, 0, NOW - hour, Some(3_600_000), true),
            (0, 0, NOW + hour, Some(-3_600_000), true),
            (0, 0, NOW, Some(3_600_000), false),
            (0, 0, 0, Some(i64::MIN), false),
            // Sent again, anything later, and recorders that do not say.
            (1, 0, NOW - hour, Some(0), true),
            (0, 7, NOW - hour, Some(0), true),
            (0, 0, NOW - hour, None, true),
        ] {
            let status = at(seq, first, sent, offset);
            assert_eq!(
                status == "ok",
                ok,
                "{seq} {first} {sent} {offset:?}: {status}"
            );
        }
    }

    #[test]
    fn limits_are_exact() {
        let limits = Limits::DEFAULT;
        let event = |size: usize| {
            let empty = r#"{"type":5,"data":{"tag":"x","payload":""},"timestamp":1795445199000}"#;
            empty.replace(
                r#""payload":"""#,
                &format!(r#""payload":"{}""#, "a".repeat(size - empty.len())),
            )
        };
        assert_eq!(status(body(&header(NOW, 1), &[&event(limits.event)])), "ok");
        assert!(status(body(&header(NOW, 1), &[&event(limits.event + 1)])).contains("TooLarge"));
        let bomb = gzip::compress(&vec![b'a'; limits.inflated + 1]);
        assert!(status(bomb).contains("TooLarge"));
    }

    /// A change of so many texts of one letter.
    fn change(texts: usize) -> String {
        let texts = vec![r#"{"id":7,"value":"a"}"#; texts].join(",");
        format!(
            r#"{{"type":3,"data":{{"source":0,"texts":[{texts}],"attributes":[],"removes":[],"adds":[]}},"timestamp":1795445199000}}"#
        )
    }

    #[test]
    fn what_the_mask_lengthens_keeps_to_the_limits() {
        let limits = Limits::DEFAULT;
        let longer = MASK.len() - 1;
        let upload = |events: &[&str]| {
            let n = u32::try_from(events.len()).unwrap();
            prepare(body(&header(NOW, n), events), &Masker::new(Mode::Text), NOW)
        };
        let of = |texts: usize| change(texts).len() + texts * longer;
        let most = (limits.event - of(0)) / (of(2) - of(1));
        let (fits, over) = (change(most), change(most + 1));
        assert!(over.len() < limits.event && of(most + 1) > limits.event);
        let masked = upload(&[&fits]).unwrap();
        let stored = gzip::decompress(&masked.body, limits.inflated).unwrap();
        assert!(Upload::parse(&stored, &limits).is_ok(), "readers take it");
        let refused = |what, limit: usize| IngestError::TooLarge {
            what,
            limit: limit as u64,
        };
        let error = upload(&[&over]).unwrap_err();
        assert_eq!(error, refused("event", limits.event));
        let error = upload(&[fits.as_str(); 4]).unwrap_err();
        assert_eq!(error, refused("inflated body", limits.inflated));
    }
}
