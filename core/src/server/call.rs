//! A call, read and masked; what of it goes to which session, and what to the site's issues.

use super::read::{Field, Result, check, is_masked, known, within};
use super::{MAX_BODY, MAX_ITEMS, MAX_MESSAGE, MAX_PAYLOAD, STEP};
use crate::digest::{MAX_NAME_BYTES, MAX_VALUE_BYTES, cut, named};
use crate::event::{EventView, Kind, Said};
use crate::field::FieldError;
use crate::id::{Millis, SessionId};
use crate::ingest::{IngestError, Masked};
use crate::issue::{Fingerprint, Issue, Sighting, mark};
use crate::json;
use crate::mask::Masker;
use crate::text::{decimal, parse_decimal};
use crate::wire::{MAX_AHEAD, MAX_BEHIND};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Bytes of a call's id, of the name of an error's class, and of an environment.
const MAX_ID: usize = 64;
const MAX_KIND: usize = 200;
const MAX_ENVIRONMENT: usize = 64;

/// An error or an event, masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its session, if it was told.
    pub sid: Option<SessionId>,
    /// When it was, by the server's clock.
    pub at: Millis,
    /// As an event of a recording.
    event: Vec<u8>,
    /// What an error is an occurrence of; none of an event.
    pub issue: Option<Issue>,
    /// The release that raised it, if it was told.
    pub release: Option<String>,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its place in a lane.
    first: u32,
    /// Errors, then events, each in the order in which they were told.
    items: Vec<Item>,
}

/// What of a call belongs to one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The session.
    pub sid: SessionId,
    /// Which of the call's items.
    pub items: Vec<usize>,
}

/// What became of an error or an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The issue of an error; none of an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<Fingerprint>,
    /// It stands in its session.
    pub linked: bool,
    /// Why its session does not have it, though one was told: a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

impl Call {
    /// Reads a body that arrived at `now`; `entropy` is for a call that has no id.
    pub fn read(body: &[u8], masker: &Masker, entropy: u64, now: Millis) -> Result<Self> {
        if body.len() > MAX_BODY {
            return Err(FieldError::new(
                "body",
                format!("must be at most {MAX_BODY} bytes"),
            ));
        }
        check(body)?;
        let [id, errors, events] = known("", body, ["id", "errors", "events"])?;
        let place = match id.map(|raw| word("", "id", raw, MAX_ID)) {
            Some(id) => id?.bytes().fold(0xcbf2_9ce4_8422_2325, hash),
            None => entropy,
        };
        let mut items = Vec::new();
        for (name, raw) in [("errors", errors), ("events", events)] {
            let Some(raw) = raw else { continue };
            let read = if name == "errors" { error } else { event };
            list(name, raw, &mut items, |place, object| {
                read(place, object, masker, now)
            })?;
        }
        if items.is_empty() {
            return Err(FieldError::new("errors", "or `events` must have an item"));
        }
        Ok(Self {
            first: slot(place),
            items,
        })
    }

    /// Its errors and events: errors first.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What belongs to which session.
    pub fn batches(&self) -> Vec<Batch> {
        let mut found: Vec<Batch> = Vec::new();
        for (at, item) in self.items.iter().enumerate() {
            let Some(sid) = &item.sid else { continue };
            match found.iter_mut().find(|batch| batch.sid == *sid) {
                Some(batch) => batch.items.push(at),
                None => found.push(Batch {
                    sid: sid.clone(),
                    items: [at].into(),
                }),
            }
        }
        found
    }

    /// What its session stores of `batch`, which arrives at `now`.
    pub fn masked(
        &self,
        batch: &Batch,
        masker: &Masker,
        now: Millis,
    ) -> core::result::Result<Masked, IngestError> {
        let items = batch.items.iter().filter_map(|at| self.items.get(*at));
        let events = items.map(|item| &*item.event);
        Masked::of_server(batch.sid.clone(), self.first, events, masker, now)
    }

    /// What of the errors that `told` does not say erased is known to the site's issues, for
    /// each session by its [`mark`], which is empty where none was told.
    pub fn sightings(&self, told: &[Told]) -> Vec<(String, Vec<Sighting>)> {
        let mut all: Vec<(String, Vec<Sighting>)> = Vec::new();
        for (item, told) in self.items.iter().zip(told) {
            let Some(issue) = &item.issue else { continue };
            // Who had the session erased wants nothing more to be kept of it.
            if told.refused.as_deref() == Some("session_erased") {
                continue;
            }
            let by = item.sid.as_ref().map(mark).unwrap_or_default();
            let place = all.iter().position(|(other, _)| *other == by);
            let place = place.unwrap_or_else(|| {
                all.push((by, Vec::new()));
                all.len().saturating_sub(1)
            });
            let Some((_, seen)) = all.get_mut(place) else {
                continue;
            };
            let is_same = |seen: &&mut Sighting| {
                seen.issue == issue.fingerprint && seen.release == item.release
            };
            if let Some(seen) = seen.iter_mut().find(is_same) {
                seen.first = seen.first.min(item.at);
                seen.last = seen.last.max(item.at);
                continue;
            }
            seen.push(Sighting {
                issue: issue.fingerprint,
                title: issue.title.clone(),
                first: item.at,
                last: item.at,
                release: item.release.clone(),
            });
        }
        all
    }
}

/// Reads a list of items behind those that are there.
fn list(
    name: &str,
    raw: &[u8],
    items: &mut Vec<Item>,
    read: impl Fn(&str, &[u8]) -> Result<Item>,
) -> Result<()> {
    if raw.first() != Some(&b'[') {
        return Err(FieldError::new(name, "must be a list"));
    }
    for (at, object) in json::items(raw).enumerate() {
        if items.len() == MAX_ITEMS {
            let reason = format!("must have at most {MAX_ITEMS} items, with the other list");
            return Err(FieldError::new(name, reason));
        }
        let place = format!("{name}[{at}]");
        if object.first() != Some(&b'{') {
            return Err(FieldError::new(place, "must be an object"));
        }
        items.push(read(&place, object)?);
    }
    Ok(())
}

fn hash(sum: u64, byte: u8) -> u64 {
    (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// Where a call's events stand in a lane: [`MAX_ITEMS`] indexes for each of 2²⁶ calls.
fn slot(place: u64) -> u32 {
    let place = u32::try_from((place ^ (place >> 32)) & ((1 << 26) - 1)).unwrap_or(0);
    place * STEP
}

fn word(place: &str, name: &str, raw: &[u8], most: usize) -> Result<String> {
    Field { place, name, raw }.word(most)
}

fn must<'a>(place: &str, name: &str, raw: Option<&'a [u8]>) -> Result<&'a [u8]> {
    raw.ok_or_else(|| FieldError::new(within(place, name), "is missing"))
}

fn session(place: &str, raw: Option<&[u8]>) -> Result<Option<SessionId>> {
    // What a page says while it records nothing.
    let Some(raw) = raw.filter(|raw| !matches!(*raw, b"null" | b"\"\"")) else {
        return Ok(None);
    };
    let field = Field {
        place,
        name: "sid",
        raw,
    };
    match SessionId::parse(&field.text()?) {
        Ok(sid) => Ok(Some(sid)),
        Err(error) => field.refuse(format!("must be {}", error.expected)),
    }
}

fn time(place: &str, raw: Option<&[u8]>, now: Millis) -> Result<Millis> {
    let Some(raw) = raw else { return Ok(now) };
    let field = Field {
        place,
        name: "time",
        raw,
    };
    let whole = raw.split(|byte| *byte == b'.').next().unwrap_or(raw);
    match parse_decimal(whole).filter(|_| json::number(raw).is_some()) {
        Some(at) if at <= now + MAX_AHEAD && at + MAX_BEHIND >= now => Ok(at),
        _ => field.refuse("must be ms since 1970, of the last 7 days, by a clock that is right"),
    }
}

/// Begins an event of a recording.
fn begin(tag: &str) -> Vec<u8> {
    let mut out = br#"{"type":5,"data":{"tag":"#.to_vec();
    json::write_string(tag, &mut out);
    out.extend_from_slice(b",\"payload\":");
    out
}

/// Ends it, and masks it.
fn end(mut out: Vec<u8>, at: Millis, place: &str, masker: &Masker) -> Result<Vec<u8>> {
    out.extend_from_slice(b"},\"timestamp\":");
    out.extend_from_slice(decimal(at).as_bytes());
    out.push(b'}');
    let mut clean = Vec::with_capacity(out.len());
    match masker.mask_event(&out, &mut clean) {
        Ok(_) => Ok(clean),
        Err(json::Malformed) => Err(FieldError::new(place, "cannot be masked")),
    }
}

fn put(name: &str, text: &str, out: &mut Vec<u8>) {
    out.push(b',');
    json::write_string(name, out);
    out.push(b':');
    json::write_string(text, out);
}

fn error(place: &str, object: &[u8], masker: &Masker, now: Millis) -> Result<Item> {
    let [kind, message, stack, sid, at, release, environment, context] = known(
        place,
        object,
        [
            "type",
            "message",
            "backtrace",
            "sid",
            "time",
            "release",
            "environment",
            "context",
        ],
    )?;
    let sid = session(place, sid)?;
    let at = time(place, at, now)?;
    let kind = word(place, "type", must(place, "type", kind)?, MAX_KIND)?;
    let message = Field {
        place,
        name: "message",
        raw: must(place, "message", message)?,
    };
    let message: String = message.text()?.chars().take(MAX_MESSAGE).collect();
    let mut out = begin("error");
    // `server` tells it from an error of a page, for who reads an export.
    out.extend_from_slice(b"{\"server\":true");
    put("kind", &kind, &mut out);
    put("message", &message, &mut out);
    if let Some(raw) = stack {
        let name = "backtrace";
        put("stack", &Field { place, name, raw }.backtrace()?, &mut out);
    }
    for (name, raw, most) in [
        ("release", release, MAX_VALUE_BYTES),
        ("environment", environment, MAX_ENVIRONMENT),
    ] {
        if let Some(raw) = raw {
            put(name, &word(place, name, raw, most)?, &mut out);
        }
    }
    if let Some(raw) = context {
        let name = "context";
        out.extend_from_slice(b",\"context\":");
        Field { place, name, raw }.context(&mut out)?;
    }
    out.push(b'}');
    let event = end(out, at, place, masker)?;
    Ok(Item {
        sid,
        at,
        issue: issue(&event),
        release: release_of(&event),
        event,
    })
}

fn event(place: &str, object: &[u8], masker: &Masker, now: Millis) -> Result<Item> {
    let keys = ["name", "payload", "sid", "time"];
    let [name, payload, sid, at] = known(place, object, keys)?;
    let Some(sid) = session(place, sid)? else {
        let reason = "is missing: an event is kept with its session, or not at all";
        return Err(FieldError::new(within(place, "sid"), reason));
    };
    let at = time(place, at, now)?;
    let raw = must(place, "name", name)?;
    let name = word(place, "name", raw, MAX_NAME_BYTES)?;
    if named(&name).is_none() {
        let reason = "must not be `error` or `navigation`, nor begin with `__` or `sentiero:`";
        return Err(FieldError::new(within(place, "name"), reason));
    }
    let mut out = begin(&name);
    let payload = payload.unwrap_or(b"{}");
    if payload.first() != Some(&b'{') || payload.len() > MAX_PAYLOAD {
        let reason = format!("must be an object of at most {MAX_PAYLOAD} bytes");
        return Err(FieldError::new(within(place, "payload"), reason));
    }
    compact(payload, &mut out);
    Ok(Item {
        sid: Some(sid),
        at,
        event: end(out, at, place, masker)?,
        issue: None,
        release: None,
    })
}

/// Appends well-formed JSON without white space: an event is one line.
fn compact(json: &[u8], out: &mut Vec<u8>) {
    let (mut within, mut escaped) = (false, false);
    for byte in json {
        if !within && byte.is_ascii_whitespace() {
            continue;
        }
        within ^= *byte == b'"' && !escaped;
        escaped = within && *byte == b'\\' && !escaped;
        out.push(*byte);
    }
}

/// The issue of a masked error.
fn issue(event: &[u8]) -> Option<Issue> {
    match EventView::read(event)?.kind {
        Kind::Custom {
            said: Said::Error(fault),
            ..
        } => Some(Issue::of_fault(&fault)),
        _ => None,
    }
}

/// The release of a masked error; none if it was masked.
fn release_of(event: &[u8]) -> Option<String> {
    let payload = json::get(json::get(event, "data")?, "payload")?;
    let release = json::string(json::get(payload, "release")?)?;
    (!is_masked(&release)).then(|| cut(&release, MAX_VALUE_BYTES).to_owned())
}
