//! A session's events by range, piece by piece: never more than a part of one chunk in
//! memory, however long the recording is.

use super::{Result, Snapshot};
use crate::api::EventLine;
use crate::chunk::{BatchMeta, Chunk, ChunkWriter};
use crate::event::EventView;
use crate::gzip;
use crate::id::{SessionId, SiteKey, TabId};
use crate::order;
use crate::recording::{Record, Selection};
use crate::sharing::Range;
use crate::store::{ChunkPlace, Part, Recordings, StoreError};
use crate::wire::{Limits, Upload};
use alloc::borrow::ToOwned as _;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

/// How events are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of [`EventLine`] for each event.
    Ndjson,
    /// The stored batches as one chunk.
    Chunk,
    /// The same lines for whoever a session is shared with: of this range, and exactly so.
    Shared(Range),
}

impl Format {
    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson | Self::Shared(_) => "application/x-ndjson",
            Self::Chunk => "application/vnd.sentiero.chunk",
        }
    }
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// In this chunk of the plan.
    Stored(usize),
    /// In what the writer held.
    Held,
}

/// A batch to send.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    source: Source,
    meta: BatchMeta,
    /// Where its source has it, bytes.
    offset: u64,
}

/// What is wanted of one chunk: from the first batch to the end of the last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    name: String,
    part: Part,
}

/// The selected batches in order of tab and first event, and the chunks that they are in.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    batches: VecDeque<Wanted>,
    chunks: Vec<Stored>,
}

impl Plan {
    fn new(record: &Record, takes: &dyn Fn(&BatchMeta) -> bool) -> Self {
        let mut batches = Vec::new();
        let mut chunks = Vec::new();
        for chunk in &record.chunks {
            let source = Source::Stored(chunks.len());
            let wanted = located(source, &chunk.batches, takes);
            if let (Some(first), Some(last)) = (wanted.first(), wanted.last()) {
                let end = last.offset + u64::from(last.meta.bytes);
                chunks.push(Stored {
                    name: chunk.name.clone(),
                    part: Part {
                        offset: first.offset,
                        length: end - first.offset,
                    },
                });
                batches.extend(wanted);
            }
        }
        // Of what is held, only what is selected was handed over.
        let held: Vec<BatchMeta> = record
            .buffered
            .iter()
            .filter(|batch| takes(batch))
            .cloned()
            .collect();
        batches.extend(located(Source::Held, &held, takes));
        order::sort_by(&mut batches, |a, b| {
            (&a.meta.tab, a.meta.first).cmp(&(&b.meta.tab, b.meta.first))
        });
        Self {
            batches: batches.into(),
            chunks,
        }
    }

    /// The batches of which something is sent in `format`.
    fn of(record: &Record, selection: &Selection, format: Format) -> Self {
        let Format::Shared(range) = format else {
            return Self::new(record, &|batch| selection.takes(batch));
        };
        let stored = record.chunks.iter().flat_map(|chunk| &chunk.batches);
        let mut loads: BTreeMap<&TabId, Vec<&BatchMeta>> = BTreeMap::new();
        for batch in stored.chain(&record.buffered) {
            loads.entry(&batch.tab).or_default().push(batch);
        }
        Self::new(record, &|batch| {
            let load = loads.get(&batch.tab);
            load.and_then(|batches| range.needs(batches))
                .is_some_and(|(first, last)| (first..=last).contains(&batch.first))
        })
    }
}

/// The selected ones of `batches`, which lie one after the other from 0 on.
fn located(
    source: Source,
    batches: &[BatchMeta],
    takes: &dyn Fn(&BatchMeta) -> bool,
) -> Vec<Wanted> {
    let mut offset = 0;
    let mut wanted = Vec::new();
    for meta in batches {
        if takes(meta) {
            wanted.push(Wanted {
                source,
                meta: meta.clone(),
                offset,
            });
        }
        offset += u64::from(meta.bytes);
    }
    wanted
}

/// What was read last: batches of one chunk usually follow each other.
#[derive(Debug)]
struct Loaded {
    chunk: usize,
    bytes: Vec<u8>,
}

/// Walks a session's events.
#[derive(Debug)]
pub struct Events<R> {
    recordings: R,
    site: SiteKey,
    sid: SessionId,
    plan: Plan,
    /// The members of what the writer held, by tab and first event.
    held: BTreeMap<(TabId, u32), Vec<u8>>,
    format: Format,
    loaded: Option<Loaded>,
    /// What was sent, for the footer.
    written: Vec<BatchMeta>,
    finished: bool,
    log: fn(&StoreError),
}

impl<R: Recordings> Events<R> {
    /// The events of `selection`, which is the one that the snapshot was taken for; of what is
    /// shared a snapshot of all.
    pub fn new(
        recordings: R,
        site: SiteKey,
        snapshot: Snapshot,
        selection: &Selection,
        format: Format,
        log: fn(&StoreError),
    ) -> Self {
        let Snapshot { record, held } = snapshot;
        Self {
            recordings,
            site,
            plan: Plan::of(&record, selection, format),
            sid: record.sid,
            held: members(&held),
            format,
            loaded: None,
            written: Vec::new(),
            finished: false,
            log,
        }
    }

    /// The next bytes to send; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some(wanted) = self.plan.batches.pop_front() {
            let member = self.member(&wanted).await?;
            if let Some(piece) = member.and_then(|member| self.piece(wanted.meta.clone(), member)) {
                return Ok(Some(piece));
            }
            // What is readable is worth more than nothing; who asked sees the hole in the indexes.
            // Not which one: the log says nothing of a visitor.
            (self.log)(&StoreError("a batch cannot be read".to_owned()));
        }
        if self.format == Format::Chunk && !self.finished {
            self.finished = true;
            let written = core::mem::take(&mut self.written);
            return Ok(Some(ChunkWriter::footer(written)));
        }
        Ok(None)
    }

    /// A batch's gzip member; none if it is not where it should be.
    async fn member(&mut self, wanted: &Wanted) -> Result<Option<Vec<u8>>> {
        let index = match wanted.source {
            Source::Held => {
                let key = (wanted.meta.tab.clone(), wanted.meta.first);
                return Ok(self.held.remove(&key));
            }
            Source::Stored(index) => index,
        };
        let Some(stored) = self.plan.chunks.get(index) else {
            return Ok(None);
        };
        if self.loaded.as_ref().is_none_or(|l| l.chunk != index) {
            let place = ChunkPlace {
                site: &self.site,
                sid: &self.sid,
                name: &stored.name,
            };
            // One that is not there any more was erased since the snapshot was taken; a
            // torn one is of no use.
            let bytes = self.recordings.part(&place, stored.part).await?;
            let bytes = bytes.unwrap_or_default();
            self.loaded = Some(Loaded {
                chunk: index,
                bytes,
            });
        }
        let offset = wanted.offset - stored.part.offset;
        let bytes = self.loaded.as_ref().map_or(&[][..], |l| &l.bytes);
        Ok(slice(bytes, offset, wanted.meta.bytes))
    }

    fn piece(&mut self, meta: BatchMeta, member: Vec<u8>) -> Option<Vec<u8>> {
        match self.format {
            Format::Ndjson => lines(&meta, &member, None),
            Format::Shared(range) => lines(&meta, &member, Some(range)),
            Format::Chunk => {
                self.written.push(meta);
                Some(member)
            }
        }
    }
}

/// The members of a chunk, by tab and first event; none of one that cannot be read.
fn members(chunk: &[u8]) -> BTreeMap<(TabId, u32), Vec<u8>> {
    let batches = Chunk::parse(chunk).map_or_else(|_| Vec::new(), |chunk| chunk.batches);
    let members = batches.into_iter().map(|batch| {
        let BatchMeta { tab, first, .. } = batch.meta;
        ((tab, first), batch.member.to_vec())
    });
    order::map(members)
}

fn slice(bytes: &[u8], offset: u64, length: u32) -> Option<Vec<u8>> {
    let from = usize::try_from(offset).ok()?;
    let end = from.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(from..end).map(<[u8]>::to_vec)
}

/// A batch as lines of [`EventLine`], of which those in `range`, if there is one; none if it is
/// damaged, or another one.
fn lines(meta: &BatchMeta, member: &[u8], range: Option<Range>) -> Option<Vec<u8>> {
    let body = gzip::decompress(member, Limits::DEFAULT.inflated).ok()?;
    let upload = Upload::parse(&body, &Limits::DEFAULT).ok()?;
    if (&upload.header.tab, upload.header.first) != (&meta.tab, meta.first) {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() + upload.events.len() * 48);
    let takes = |event: &[u8]| {
        range.is_none_or(|range| EventView::read(event).is_some_and(|view| range.takes(&view)))
    };
    for (index, event) in (upload.header.first..).zip(upload.events) {
        if !takes(event) {
            continue;
        }
        let line = EventLine {
            tab: meta.tab.clone(),
            index,
            event: serde_json::from_slice(event).ok()?,
            offset: upload.header.offset.filter(|offset| *offset != 0),
        };
        out.extend_from_slice(&serde_json::to_vec(&line).ok()?);
        out.push(b'\n');
    }
    Some(out)
}

#[cfg(test)]
mod plans {
    use super::*;
    use crate::id::{Millis, WindowId};
    use crate::recording::{SessionState, StoredChunk};
    use crate::wire::Header;
    use alloc::vec;

    fn meta(tab: &str, first: u32, from: Millis) -> BatchMeta {
        BatchMeta {
            tab: TabId::parse(tab).unwrap(),
            first,
            n: 1,
            from,
            to: from + 9,
            keyframe: false,
            bytes: 10,
        }
    }

    fn record() -> Record {
        Record {
            v: 1,
            sid: SessionId::new(1, &[0; 17]),
            live: true,
            state: SessionState::default(),
            chunks: vec![
                StoredChunk {
                    name: "a".into(),
                    batches: vec![
                        meta("aaaaaaaa", 0, 0),
                        meta("bbbbbbbb", 1, 10),
                        meta("cccccccc", 0, 50),
                    ],
                },
                StoredChunk {
                    name: "b".into(),
                    batches: vec![meta("bbbbbbbb", 0, 0)],
                },
            ],
            buffered: vec![meta("aaaaaaaa", 1, 20), meta("bbbbbbbb", 2, 30)],
        }
    }

    const ALL: Selection = Selection {
        tab: None,
        from: 0,
        to: 100,
    };

    #[test]
    fn in_order_of_tab_and_index_over_chunks() {
        let order = |selection: &Selection| -> Vec<String> {
            let plan = Plan::of(&record(), selection, Format::Ndjson);
            let names = plan.batches.iter().map(|wanted| {
                let Wanted { meta, offset, .. } = wanted;
                format!("{}{}@{offset}", &meta.tab.as_str()[..1], meta.first)
            });
            names.collect()
        };
        assert_eq!(
            order(&ALL),
            ["a0@0", "a1@0", "b0@0", "b1@10", "b2@10", "c0@20"]
        );
        let b = Selection {
            tab: TabId::parse("bbbbbbbb").ok(),
            ..ALL
        };
        assert_eq!(
            order(&b),
            ["b0@0", "b1@10", "b2@0"],
            "only what was handed over"
        );
        let middle = Selection {
            from: 10,
            to: 19,
            ..ALL
        };
        assert_eq!(order(&middle), ["b1@10"]);
    }

    #[test]
    fn what_is_shared_begins_with_a_snapshot_and_has_no_other_page_load() {
        let mut record = record();
        record.chunks[0].batches[0].keyframe = true;
        let order = |from, to| -> Vec<String> {
            let range = Range::new(Some(from), Some(to)).unwrap();
            let plan = Plan::of(&record, &Selection::ALL, Format::Shared(range));
            let names = plan
                .batches
                .iter()
                .map(|wanted| format!("{}{}", &wanted.meta.tab.as_str()[..1], wanted.meta.first));
            names.collect()
        };
        assert_eq!(order(0, 100), ["a0", "a1", "b0", "b1", "b2", "c0"]);
        assert_eq!(order(25, 28), ["a0", "a1"]);
        assert_eq!(order(55, 100), ["c0"]);
        assert!(order(70, 100).is_empty());
    }

    #[test]
    fn of_a_chunk_no_more_than_is_wanted() {
        let parts = |selection: &Selection| -> Vec<(String, u64, u64)> {
            let chunks = Plan::of(&record(), selection, Format::Ndjson).chunks;
            let parts = chunks.into_iter();
            parts
                .map(|stored| (stored.name, stored.part.offset, stored.part.length))
                .collect()
        };
        assert_eq!(parts(&ALL), [("a".into(), 0, 30), ("b".into(), 0, 10)]);
        let late = Selection {
            from: 10,
            to: 60,
            ..ALL
        };
        assert_eq!(parts(&late), [("a".into(), 10, 20)]);
    }

    #[test]
    fn lines_say_what_a_clock_lacked_where_it_lacked_something() {
        let meta = meta("aaaaaaaa", 3, 5);
        let event = r#"{"type":3,"data":{},"timestamp":5}"#;
        let line = |offset: Option<i64>| {
            let header = Header {
                v: crate::wire::VERSION,
                sid: SessionId::new(1, &[0; 17]),
                tab: meta.tab.clone(),
                window: WindowId::parse("aaaaaaaa").unwrap(),
                seq: 0,
                first: 3,
                n: 1,
                sent: 5,
                offset,
                meta: None,
                end: false,
            };
            let member = gzip::compress(&header.body([event.as_bytes()]));
            String::from_utf8(lines(&meta, &member, None).unwrap()).unwrap()
        };
        let with = |offset: &str| {
            format!("{{\"tab\":\"aaaaaaaa\",\"index\":3,\"event\":{event}{offset}}}\n")
        };
        assert_eq!(line(Some(-3_600_000)), with(",\"offset\":-3600000"));
        assert_eq!(line(Some(0)), with(""));
        assert_eq!(line(None), with(""));
    }
}
