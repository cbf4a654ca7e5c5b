//! The errors of a session, as they were recorded.

use super::told::{ErrorList, ErrorSeen, ShownFrame};
use super::{Maps, Resolver, resolve};
use crate::api::EventLine;
use crate::digest::RELEASE_KEY;
use crate::event::{EventView, Fault, Kind, Said};
use crate::field::FieldError;
use crate::id::{Millis, SiteKey, TabId};
use crate::issue::{Fingerprint, Frame, Issue, Thrown, frame, frames};
use crate::json;
use crate::query;
use crate::reading::{Events, Format, Snapshot};
use crate::recording::{Record, Selection};
use crate::store::{Recordings, StoreError};
use crate::text::parse_decimal;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Errors in one answer, at most.
const MAX_ERRORS: usize = 20;
/// Frames of an error, at most.
const MAX_SHOWN: usize = 50;

/// Which errors of a session are asked for: the query of `…/sessions/{sid}/errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// In which page load and time, by the visitor's clock.
    pub selection: Selection,
    /// Only those of this issue.
    pub issue: Option<Fingerprint>,
    /// So many, 1 to 20.
    pub limit: usize,
}

impl Asked {
    /// Reads a query; the error names the parameter that is wrong.
    pub fn parse(query: &str) -> Result<Self, FieldError> {
        let mut asked = Self {
            selection: Selection::ALL,
            issue: None,
            limit: MAX_ERRORS,
        };
        let mut seen = Vec::new();
        for (name, value) in query::pairs(query)? {
            if seen.contains(&name) {
                return Err(query::twice(&name));
            }
            match name.as_str() {
                "tab" => {
                    let tab = TabId::parse(&value);
                    asked.selection.tab = Some(tab.map_err(|_| wrong("tab", "a tab id"))?);
                }
                "from" => asked.selection.from = time("from", &value)?,
                "to" => asked.selection.to = time("to", &value)?,
                "issue" => {
                    let issue = Fingerprint::parse(&value);
                    asked.issue = Some(issue.ok_or_else(|| wrong("issue", "16 hex digits"))?);
                }
                "limit" => {
                    let limit = value.parse().ok();
                    let limit = limit.filter(|limit| (1..=MAX_ERRORS).contains(limit));
                    asked.limit = limit.ok_or_else(|| wrong("limit", "a number from 1 to 20"))?;
                }
                _ => return Err(query::unknown(&name)),
            }
            seen.push(name);
        }
        Ok(asked)
    }
}

fn wrong(name: &str, expected: &str) -> FieldError {
    FieldError::new(name, format!("must be {expected}"))
}

fn time(name: &str, text: &str) -> Result<Millis, FieldError> {
    text.parse()
        .map_err(|_| wrong(name, "milliseconds since 1970"))
}

/// The errors of a session that are asked for, with their frames as they were before the build.
/// `found` is the session, taken for the same selection.
pub async fn seen<R: Recordings, M: Maps>(
    (recordings, maps): (R, &M),
    site: &SiteKey,
    found: Snapshot,
    asked: &Asked,
    log: fn(&StoreError),
) -> Result<ErrorList, StoreError> {
    let release = release(&found.record);
    let site_key = site.clone();
    let selection = &asked.selection;
    let events = Events::new(recordings, site_key, found, selection, Format::Ndjson, log);
    let (mut errors, more) = collect(events, asked).await?;
    let mut stacks: Vec<Vec<ShownFrame>> = errors
        .iter_mut()
        .map(|error| core::mem::take(&mut error.frames))
        .collect();
    let by = Resolver {
        maps,
        site,
        release: release.as_deref(),
    };
    let notes = resolve(&by, &mut stacks).await?;
    for (error, frames) in errors.iter_mut().zip(stacks) {
        error.frames = frames;
    }
    Ok(ErrorList {
        release,
        errors,
        more,
        notes,
    })
}

/// What reports count the session's errors under.
fn release(record: &Record) -> Option<String> {
    let (_, release) = record.state.digest.meta.get(RELEASE_KEY)?;
    Some(release.clone()).filter(|release| !release.is_empty())
}

/// As many as are asked for, and whether there are more.
async fn collect<R: Recordings>(
    mut events: Events<R>,
    asked: &Asked,
) -> Result<(Vec<ErrorSeen>, bool), StoreError> {
    let mut errors = Vec::new();
    while let Some(piece) = events.next().await? {
        for line in piece.split(|byte| *byte == b'\n') {
            let Some(error) = read(line, asked) else {
                continue;
            };
            if errors.len() == asked.limit {
                return Ok((errors, true));
            }
            errors.push(error);
        }
    }
    Ok((errors, false))
}

/// The error that a line tells, if it is asked for.
fn read(line: &[u8], asked: &Asked) -> Option<ErrorSeen> {
    // Most lines are none, and need not be read.
    if !line.windows(7).any(|part| part == b"\"error\"") {
        return None;
    }
    let line: EventLine<'_> = json::parse(line).ok()?;
    let event = line.event.get().as_bytes();
    let view = EventView::read(event)?;
    let Kind::Custom {
        said: Said::Error(fault),
        ..
    } = view.kind
    else {
        return None;
    };
    let is_then = (asked.selection.from..=asked.selection.to).contains(&view.at);
    let issue = Issue::of(&Thrown {
        kind: "",
        message: &fault.message,
        stack: &fault.stack,
        source: &fault.source,
        rejected: fault.rejected,
    });
    let is_it = asked.issue.is_none_or(|asked| asked == issue.fingerprint);
    (is_then && is_it).then(|| ErrorSeen {
        tab: line.tab,
        index: line.index,
        at: view.at,
        issue: issue.fingerprint.text(),
        frames: shown(&fault, event),
        message: fault.message,
    })
}

fn shown(fault: &Fault, event: &[u8]) -> Vec<ShownFrame> {
    let stack = crate::digest::cut(&fault.stack, crate::issue::MAX_STACK);
    let read = frames(stack);
    let mut shown: Vec<ShownFrame> = read.iter().take(MAX_SHOWN).map(frame_of).collect();
    if shown.is_empty() && !fault.source.is_empty() {
        shown.push(thrown_at(fault, event));
    }
    shown
}

fn frame_of(frame: &Frame<'_>) -> ShownFrame {
    ShownFrame {
        function: frame.function.to_owned(),
        file: frame.file.to_owned(),
        line: frame.line,
        column: frame.column,
        in_app: frame.in_app,
        original: None,
    }
}

/// Of an error without a stack: where the browser says that it was thrown.
fn thrown_at(fault: &Fault, event: &[u8]) -> ShownFrame {
    let payload = json::get(event, "data").and_then(|data| json::get(data, "payload"));
    let [line, column] = json::get_all(payload.unwrap_or_default(), ["lineno", "colno"]);
    let number = |raw: Option<&[u8]>| {
        let number = raw.and_then(parse_decimal).unwrap_or(0);
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    ShownFrame {
        file: fault.source.clone(),
        line: number(line),
        column: number(column),
        in_app: frame::is_in_app(&fault.source),
        ..ShownFrame::default()
    }
}
