//! An exported recording, opened from a file: it gives what the API would give of the
//! session, out of memory. Nothing of it goes anywhere.
//!
//! A file is untrusted as any recording is: lines that are no events are an error that names
//! the first of them, whatever else they are never runs.

use crate::model::standalone;
use core::fmt;
use sentiero_core::api::{EventLine, SessionDetail};
use sentiero_core::chunk::ChunkWriter;
use sentiero_core::event::EventView;
use sentiero_core::gzip;
use sentiero_core::id::{Millis, SESSION_ENTROPY, SessionId, TabId, WindowId};
use sentiero_core::recording::{Buffered, Record, StoredChunk, Visitor};
use sentiero_core::wire::{Header, Limits, Upload, VERSION};
use std::collections::BTreeMap;

/// The site that opened files are shown under; no session of a real one of this name can have
/// the id of an opened one by chance.
pub const SITE: &str = "opened-file";

/// The largest file that is opened, bytes: more than the longest session gives.
pub const MOST_BYTES: usize = 512 << 20;

/// Events of one batch.
const BATCH_EVENTS: usize = 256;
/// About how much text a batch has, bytes.
const BATCH_BYTES: usize = 256 << 10;

/// Why a file is not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotARecording {
    /// It has no events.
    Empty,
    /// It is larger than [`MOST_BYTES`].
    TooLarge,
    /// A line is no event of a recording.
    Line(usize),
    /// It is a page of HTML, but not one that a recording was saved in; or it is damaged.
    Page,
    /// It is such a page of a version that this dashboard does not know.
    Version(u32),
}

impl fmt::Display for NotARecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("This file is empty."),
            Self::TooLarge => write!(
                f,
                "This file has more than {} MiB; no recording is that long.",
                MOST_BYTES >> 20
            ),
            Self::Line(number) => write!(
                f,
                "Line {number} is no event of a recording. Choose a file that “Share” on a session's page has given."
            ),
            Self::Page => f.write_str(
                "This page holds no recording, or is damaged. Choose a file that “Share” on a session's page has given.",
            ),
            Self::Version(version) => write!(
                f,
                "This file is of version {version}, which this dashboard does not know. Open it with the dashboard of the release that wrote it, or a newer one."
            ),
        }
    }
}

/// A recording in memory.
#[derive(Debug)]
pub struct Opened {
    record: Record,
    /// The gzip member of each batch, by page load and first event.
    members: BTreeMap<(TabId, u32), Vec<u8>>,
}

/// The events of a page load, by index; of one that is there twice, the first. And what its
/// clock lacks to have the edge's, ms, as its first line says.
#[derive(Default)]
struct Events<'a> {
    events: BTreeMap<u32, &'a [u8]>,
    offset: Option<i64>,
}

impl Opened {
    /// Reads an export, or a page that a recording was saved in; `name` is the file's, which may
    /// say the session's id.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, NotARecording> {
        if bytes.len() > MOST_BYTES {
            return Err(NotARecording::TooLarge);
        }
        if standalone::is_page(bytes) {
            return Self::of_lines(name, &standalone::read(bytes)?);
        }
        Self::of_lines(name, bytes)
    }

    fn of_lines(name: &str, bytes: &[u8]) -> Result<Self, NotARecording> {
        let mut loads: BTreeMap<TabId, Events<'_>> = BTreeMap::new();
        let mut first = Millis::MAX;
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let (line, at) = read_line(line).ok_or(NotARecording::Line(number))?;
            let load = loads.entry(line.tab).or_insert_with(|| Events {
                offset: line.offset,
                ..Events::default()
            });
            first = first.min(at.saturating_add_signed(load.offset.unwrap_or(0)));
            let event = line.event.get().as_bytes();
            load.events.entry(line.index).or_insert(event);
        }
        if loads.is_empty() {
            return Err(NotARecording::Empty);
        }
        let sid = sid_in(name).unwrap_or_else(|| SessionId::new(first, &[0; SESSION_ENTROPY]));
        let mut opened = Self {
            record: Record::empty(&sid, Visitor::default()),
            members: BTreeMap::new(),
        };
        opened.record.chunks.push(StoredChunk {
            name: String::new(),
            batches: Vec::new(),
        });
        for (tab, load) in &loads {
            for run in runs(&load.events) {
                opened.add(tab, load.offset, &run);
            }
        }
        Ok(opened)
    }

    /// Adds the events of one batch, each with its index, without a hole between.
    fn add(&mut self, tab: &TabId, offset: Option<i64>, run: &[(u32, &[u8])]) {
        let (Some((first, _)), Ok(n)) = (run.first(), u32::try_from(run.len())) else {
            return;
        };
        // An export does not say which browser tab a page load was in: each has its own.
        let Ok(window) = WindowId::parse(tab.as_str()) else {
            return;
        };
        let events: Vec<&[u8]> = run.iter().map(|(_, event)| *event).collect();
        let header = Header {
            v: VERSION,
            sid: self.record.sid.clone(),
            tab: tab.clone(),
            window,
            seq: 0,
            first: *first,
            n,
            sent: 0,
            offset,
            meta: None,
            end: true,
        };
        let member = gzip::compress(&header.body(&events));
        // Every line was looked at: all are events.
        let Ok(mut batch) = Buffered::to_replay(&header, &events, member.len()) else {
            return;
        };
        batch.skew = 0;
        self.record.state.add_to_replay(&batch);
        if let Some(chunk) = self.record.chunks.first_mut() {
            chunk.batches.push(batch.meta);
        }
        self.members.insert((tab.clone(), *first), member);
    }

    /// Its id.
    pub fn sid(&self) -> &SessionId {
        &self.record.sid
    }

    /// What `GET …/sessions/{sid}` would give.
    pub fn detail(&self) -> SessionDetail {
        self.record.detail()
    }

    /// What `GET …/events?format=chunk` would give: the batches of a page load that overlap
    /// `from` to `to`.
    pub fn chunk(&self, tab: &TabId, from: Millis, to: Millis) -> Vec<u8> {
        let mut writer = ChunkWriter::default();
        for batch in self.record.chunks.iter().flat_map(|chunk| &chunk.batches) {
            let member = self.members.get(&(batch.tab.clone(), batch.first));
            let overlaps = batch.tab == *tab && batch.from <= to && batch.to >= from;
            if let (true, Some(member)) = (overlaps, member) {
                writer.push(batch.clone(), member);
            }
        }
        writer.finish()
    }

    /// The export again, in order of page load and index.
    pub fn lines(&self) -> Vec<u8> {
        let mut tabs: Vec<&TabId> = self.members.keys().map(|(tab, _)| tab).collect();
        tabs.dedup();
        tabs.into_iter()
            .flat_map(|tab| self.lines_of(tab))
            .collect()
    }

    /// The same of one page load.
    pub fn lines_of(&self, load: &TabId) -> Vec<u8> {
        let mut out = Vec::new();
        let own = self.members.iter().filter(|((tab, _), _)| tab == load);
        for ((tab, first), member) in own {
            let body = gzip::decompress(member, Limits::DEFAULT.inflated).unwrap_or_default();
            let Ok(upload) = Upload::parse(&body, &Limits::DEFAULT) else {
                continue;
            };
            let offset = upload.header.offset;
            let offset = offset.map_or_else(String::new, |offset| format!(",\"offset\":{offset}"));
            for (index, event) in (*first..).zip(upload.events) {
                out.extend_from_slice(
                    format!("{{\"tab\":\"{tab}\",\"index\":{index},\"event\":").as_bytes(),
                );
                out.extend_from_slice(event);
                out.extend_from_slice(offset.as_bytes());
                out.extend_from_slice(b"}\n");
            }
        }
        out
    }
}

/// A line, and its event's time.
fn read_line(line: &[u8]) -> Option<(EventLine<'_>, Millis)> {
    let line: EventLine<'_> = serde_json::from_slice(line).ok()?;
    let event = line.event.get().as_bytes();
    let view = EventView::read(event)?;
    (event.len() <= Limits::DEFAULT.event && line.index < u32::MAX).then_some((line, view.at))
}

/// The session's id, if the file is still called as it was downloaded.
fn sid_in(name: &str) -> Option<SessionId> {
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .find_map(|part| SessionId::parse(part).ok())
}

/// Events as batches: none too large, none with a hole in it.
fn runs<'a>(events: &BTreeMap<u32, &'a [u8]>) -> Vec<Vec<(u32, &'a [u8])>> {
    let mut runs: Vec<Vec<(u32, &[u8])>> = Vec::new();
    let mut bytes = 0;
    for (&index, &event) in events {
        let goes_on = runs.last().is_some_and(|run| {
            let follows = run.last().is_some_and(|(last, _)| last + 1 == index);
            follows && run.len() < BATCH_EVENTS && bytes < BATCH_BYTES
        });
        if !goes_on {
            runs.push(Vec::new());
            bytes = 0;
        }
        bytes += event.len();
        if let Some(run) = runs.last_mut() {
            run.push((index, event));
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sentiero_core::chunk::Chunk;

    const SID: &str = "01a2b3c4d5e6abcdefghijklmnopqrstuv";

    fn line(tab: &str, index: u32, at: Millis) -> String {
        format!(
            r#"{{"tab":"{tab}","index":{index},"event":{{"type":3,"data":{{"source":2,"type":2,"id":1}},"timestamp":{at}}}}}"#
        )
    }

    fn batches_of(chunk: &[u8]) -> usize {
        Chunk::parse(chunk).unwrap().batches.len()
    }

    fn tab(name: &str) -> TabId {
        TabId::parse(name).unwrap()
    }

    fn open(lines: &[String]) -> Opened {
        Opened::read("x", lines.join("\n").as_bytes()).unwrap()
    }

    #[test]
    fn gives_what_the_api_would_give() {
        let lines = [
            line("aaaaaaaa", 0, 1_000),
            line("aaaaaaaa", 1, 2_000),
            line("bbbbbbbb", 0, 1_500),
        ];
        let opened = open(&lines);
        let detail = opened.detail();
        assert_eq!(
            (detail.row.events, detail.row.clicks, detail.row.tabs),
            (3, 3, 2)
        );
        assert_eq!((detail.row.started, detail.row.duration), (1_000, 1_000));
        assert!(!detail.row.live);
        assert_eq!((detail.clock_skew, detail.malformed), (0, 0));
        assert!(
            detail
                .tab_list
                .iter()
                .all(|tab| tab.ended && tab.gaps.is_empty())
        );
        assert_eq!(
            batches_of(&opened.chunk(&tab("aaaaaaaa"), 0, Millis::MAX)),
            1
        );
        assert_eq!(
            batches_of(&opened.chunk(&tab("aaaaaaaa"), 2_001, Millis::MAX)),
            0
        );
        assert_eq!(
            batches_of(&opened.chunk(&tab("cccccccc"), 0, Millis::MAX)),
            0
        );
    }

    #[test]
    fn what_is_exported_again_is_the_same() {
        let lines = [line("aaaaaaaa", 0, 1), line("aaaaaaaa", 7, 2)];
        let again = String::from_utf8(open(&lines).lines()).unwrap();
        assert_eq!(again, lines.join("\n") + "\n");
    }

    #[test]
    fn holes_are_gaps_and_what_is_there_twice_counts_once() {
        let lines = [
            line("aaaaaaaa", 5, 2),
            line("aaaaaaaa", 0, 1),
            line("aaaaaaaa", 5, 3),
        ];
        let detail = open(&lines).detail();
        assert_eq!(detail.row.events, 2);
        assert_eq!(detail.tab_list[0].gaps, [(1, 5)]);
    }

    #[test]
    fn batches_are_closed_at_their_limit() {
        let count = |n: u32| {
            let lines: Vec<String> = (0..n).map(|index| line("aaaaaaaa", index, 1)).collect();
            open(&lines).detail().batches.len()
        };
        assert_eq!((count(256), count(257)), (1, 2));
    }

    #[test]
    fn the_name_says_the_id_if_it_can() {
        let sid = SessionId::new(1_795_445_200_000, &[7; SESSION_ENTROPY]);
        let one = line("aaaaaaaa", 0, 9);
        for (name, expected) in [
            (format!("sentiero-{sid}.ndjson"), sid.clone()),
            (format!("sentiero-{sid} (1).ndjson"), sid.clone()),
            (
                "recording.json".to_owned(),
                SessionId::new(9, &[0; SESSION_ENTROPY]),
            ),
        ] {
            assert_eq!(
                *Opened::read(&name, one.as_bytes()).unwrap().sid(),
                expected
            );
        }
        assert_eq!(sid_in(SID), None, "too short to be one");
    }

    #[test]
    fn says_which_line_is_wrong() {
        let good = line("aaaaaaaa", 0, 1);
        for (text, expected) in [
            (String::new(), NotARecording::Empty),
            ("\n\n".to_owned(), NotARecording::Empty),
            ("<html>".to_owned(), NotARecording::Line(1)),
            (format!("{good}\n{{}}"), NotARecording::Line(2)),
            (format!("{good}\n\n{}", &good[..20]), NotARecording::Line(3)),
            (good.replace("aaaaaaaa", "../../.."), NotARecording::Line(1)),
            (
                good.replace("\"type\":3", "\"type\":\"3\""),
                NotARecording::Line(1),
            ),
        ] {
            assert_eq!(
                Opened::read("x", text.as_bytes()).err(),
                Some(expected),
                "{text}"
            );
        }
        assert!(NotARecording::Line(2).to_string().contains("Line 2"));
        assert!(NotARecording::TooLarge.to_string().contains("512 MiB"));
    }

    proptest! {
        #[test]
        fn takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Opened::read("x", &bytes);
        }

        #[test]
        fn every_event_is_in_exactly_one_batch(indexes in prop::collection::btree_set(0u32..2_000, 1..600)) {
            let lines: Vec<String> = indexes.iter().map(|index| line("aaaaaaaa", *index, 5)).collect();
            let detail = open(&lines).detail();
            let held: Vec<u32> = detail.batches.iter().flat_map(|batch| batch.first..batch.end()).collect();
            prop_assert_eq!(held, indexes.into_iter().collect::<Vec<_>>());
        }
    }
}
