//! The fetched batches of one page load: decoded, deduplicated, and fit for
//! the player.
//!
//! Batches are kept compressed, because a long recording inflates to more than
//! a browser tab should hold, and only as far as the plan says; what the player
//! needs is inflated when it needs it. Recordings are untrusted: a batch that does not decode is counted.

use crate::model::activity::{self, Activity};
use sentiero_core::chunk::{Chunk, ChunkError};
use sentiero_core::digest::Digest;
use sentiero_core::id::TabId;
use sentiero_core::mask::UNMASKED;
use sentiero_core::wire::{Limits, Upload};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const FULL_SNAPSHOT: u8 = 2;
const META: u8 = 4;
/// [`UNMASKED`] as JSON may also write it.
const UNMASKED_ESCAPE: &[u8] = b"u2063";

/// What is known of one page load.
#[derive(Debug)]
pub struct Recording {
    tab: TabId,
    members: BTreeMap<u32, Vec<u8>>,
    /// Inflated, until the player had its chance to take them and they were read.
    fresh: BTreeMap<u32, Vec<u8>>,
    /// Taken in, and not read.
    unread: BTreeSet<u32>,
    read: BTreeSet<u32>,
    activity: Activity,
    /// What core says of it, a batch at a time as the edge has it.
    digest: Digest,
    damaged: u64,
}

/// Where the player's copy of the recording stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Index of the first event that it does not have.
    next: u32,
    /// An event that waits for the one after it.
    held: Option<Vec<u8>>,
}

impl Recording {
    /// Nothing yet of a page load.
    pub fn new(tab: TabId) -> Self {
        Self {
            tab,
            members: BTreeMap::new(),
            fresh: BTreeMap::new(),
            unread: BTreeSet::new(),
            read: BTreeSet::new(),
            activity: Activity::default(),
            digest: Digest::default(),
            damaged: 0,
        }
    }

    /// The page load.
    pub fn tab(&self) -> &TabId {
        &self.tab
    }

    /// What the visitor did, as far as it is loaded.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// What core counts of it, as far as it is loaded.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Batches that came and could not be decoded.
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Takes in an answer; the batches that are good now, by index of their first
    /// event. What happened in them is not known before they are [read](Self::read).
    pub fn accept(&mut self, chunk: &[u8]) -> Result<BTreeSet<u32>, ChunkError> {
        let mut good = BTreeSet::new();
        for (first, member) in self.split(chunk)? {
            if self.take(first, member) {
                good.insert(first);
            }
        }
        Ok(good)
    }

    /// The batches of an answer, compressed, each with the index of its first event.
    pub fn split(&self, chunk: &[u8]) -> Result<Vec<(u32, Vec<u8>)>, ChunkError> {
        let batches = Chunk::parse(chunk)?.batches.into_iter();
        let ours = batches.filter(|batch| batch.meta.tab == self.tab);
        Ok(ours
            .map(|batch| (batch.meta.first, batch.member.to_vec()))
            .collect())
    }

    /// Takes in one batch; false if it does not decode.
    pub fn take(&mut self, first: u32, member: Vec<u8>) -> bool {
        let inflated =
            inflate(&member).filter(|inflated| Upload::parse(inflated, &Limits::DEFAULT).is_ok());
        let Some(inflated) = inflated else {
            self.damaged += 1;
            return false;
        };
        self.members.insert(first, member);
        self.fresh.insert(first, inflated);
        self.unread.insert(first);
        true
    }

    /// Learns what happened in a batch that was taken in.
    pub fn read(&mut self, first: u32) {
        self.unread.remove(&first);
        let Some(inflated) = inflated(&self.fresh, &self.members, first) else {
            return;
        };
        let Ok(upload) = Upload::parse(&inflated, &Limits::DEFAULT) else {
            return;
        };
        let mut views = Vec::new();
        for (index, event) in (upload.header.first..).zip(&upload.events) {
            if self.read.insert(index) {
                views.extend(self.activity.event(index, event));
            }
        }
        let digest = Digest::without_facts(&self.tab, views);
        self.digest.merge_without_facts(digest);
    }

    /// Events for the player, one a line: those of `firsts` that `feed` says it
    /// does not have, in order of index.
    pub fn lines(&mut self, firsts: &[u32], feed: &mut Feed) -> Vec<u8> {
        let mut out = Vec::new();
        for first in firsts
            .iter()
            .filter(|first| self.members.contains_key(first))
        {
            let Some(inflated) = inflated(&self.fresh, &self.members, *first) else {
                continue;
            };
            let Ok(upload) = Upload::parse(&inflated, &Limits::DEFAULT) else {
                continue;
            };
            for (index, event) in (upload.header.first..).zip(&upload.events) {
                if index >= feed.next {
                    feed.next = index.saturating_add(1);
                    feed.push(event, &mut out);
                }
            }
        }
        let unread = &self.unread;
        self.fresh.retain(|first, _| unread.contains(first));
        out
    }

    /// Lets go of batches; what happened in them stays known.
    pub fn forget(&mut self, firsts: &[u32]) {
        for first in firsts {
            self.members.remove(first);
            if !self.unread.contains(first) {
                self.fresh.remove(first);
            }
        }
    }
}

/// A batch as it was uploaded, from what is kept of it.
fn inflated<'a>(
    fresh: &'a BTreeMap<u32, Vec<u8>>,
    members: &BTreeMap<u32, Vec<u8>>,
    first: u32,
) -> Option<Cow<'a, [u8]>> {
    match fresh.get(&first) {
        Some(inflated) => Some(inflated.into()),
        None => inflate(members.get(&first)?).map(Cow::Owned),
    }
}

fn inflate(member: &[u8]) -> Option<Vec<u8>> {
    sentiero_core::gzip::decompress(member, Limits::DEFAULT.inflated).ok()
}

impl Feed {
    /// rrweb's player takes every Meta for the beginning of a snapshot, and
    /// drops what was before when it seeks. One that only tells a new address
    /// must not reach it, so a Meta waits for what follows.
    fn push(&mut self, event: &[u8], out: &mut Vec<u8>) {
        let Some((kind, ..)) = activity::head(event) else {
            return;
        };
        if let Some(meta) = self.held.take()
            && kind == FULL_SNAPSHOT
        {
            line(&meta, out);
        }
        if kind == META {
            self.held = Some(event.to_vec());
        } else {
            line(event, out);
        }
    }
}

fn line(event: &[u8], out: &mut Vec<u8>) {
    show_unmasked(event, out);
    out.push(b'\n');
}

/// Appends `json` without the marker of values that may be shown, as itself
/// and as an escape. Outside strings JSON has neither.
fn show_unmasked(json: &[u8], out: &mut Vec<u8>) {
    let mut marker = [0; 4];
    let marker = UNMASKED.encode_utf8(&mut marker).as_bytes();
    let mut rest = json;
    while let Some(at) = rest
        .iter()
        .position(|byte| *byte == b'\\' || Some(byte) == marker.first())
    {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        rest = if let Some(after) = from.strip_prefix(marker) {
            after
        } else if let Some(after) = from
            .strip_prefix(b"\\")
            .and_then(|escape| escape.strip_prefix(UNMASKED_ESCAPE))
        {
            after
        } else {
            // An escape is two bytes at least: `\\u2063` is a backslash and a text.
            let whole = if from.starts_with(b"\\") { 2 } else { 1 };
            let (copied, after) = from.split_at(whole.min(from.len()));
            out.extend_from_slice(copied);
            after
        };
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::tabs::tests::tab_id;
    use proptest::prelude::*;
    use sentiero_core::chunk::{BatchMeta, ChunkWriter};
    use sentiero_core::gzip;
    use sentiero_core::id::{SessionId, WindowId};
    use sentiero_core::wire::{Header, VERSION};

    pub(crate) fn chunk(tab: char, batches: &[(u32, &[&str])]) -> Vec<u8> {
        let mut writer = ChunkWriter::default();
        for (first, events) in batches {
            let header = Header {
                v: VERSION,
                sid: SessionId::new(1, &[0; 17]),
                tab: tab_id(tab),
                window: WindowId::new(&[0; 5]),
                seq: 0,
                first: *first,
                n: u32::try_from(events.len()).unwrap(),
                sent: 1,
                offset: None,
                meta: None,
                end: false,
            };
            let body = header.body(*events);
            let meta = BatchMeta {
                tab: tab_id(tab),
                first: *first,
                n: header.n,
                from: 0,
                to: 0,
                keyframe: false,
                bytes: 0,
            };
            writer.push(meta, &gzip::compress(&body));
        }
        writer.finish()
    }

    pub(crate) fn event(kind: u8, at: u32) -> String {
        format!(r#"{{"type":{kind},"data":{{"href":"https://a/{at}"}},"timestamp":{at}}}"#)
    }

    pub(crate) fn times(lines: &[u8]) -> Vec<u64> {
        lines
            .split(|byte| *byte == b'\n')
            .filter_map(|line| activity::head(line).map(|(_, at, _)| at))
            .collect()
    }

    #[test]
    fn gives_events_once_and_in_order() {
        let mut recording = Recording::new(tab_id('a'));
        let (a, b, c, d) = (event(3, 1), event(3, 2), event(3, 3), event(3, 4));
        let good = recording
            .accept(&chunk('a', &[(1, &[&b, &c]), (0, &[&a, &b]), (3, &[&d])]))
            .unwrap();
        assert_eq!(good, [0, 1, 3].into());
        let mut feed = Feed::default();
        assert_eq!(times(&recording.lines(&[0, 1], &mut feed)), [1, 2, 3]);
        assert_eq!(times(&recording.lines(&[1, 3], &mut feed)), [4]);
        // From anywhere again, from the compressed copy.
        assert_eq!(
            times(&recording.lines(&[1, 3], &mut Feed::default())),
            [2, 3, 4]
        );
    }

    #[test]
    fn a_meta_without_a_snapshot_stays_behind() {
        let mut recording = Recording::new(tab_id('a'));
        let events = [
            event(4, 1),
            event(2, 2),
            event(4, 3),
            event(3, 4),
            event(4, 5),
        ];
        let later = [event(2, 6), event(4, 7)];
        let batch = |events: &[String]| {
            events
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .clone()
                .join("|")
        };
        let split = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let (one, two) = (split(&batch(&events)), split(&batch(&later)));
        let one: Vec<&str> = one.iter().map(String::as_str).collect();
        let two: Vec<&str> = two.iter().map(String::as_str).collect();
        recording
            .accept(&chunk('a', &[(0, &one), (5, &two)]))
            .unwrap();
        let mut feed = Feed::default();
        assert_eq!(times(&recording.lines(&[0], &mut feed)), [1, 2, 4]);
        // The held one belongs to the snapshot that opens the next batch.
        assert_eq!(times(&recording.lines(&[5], &mut feed)), [5, 6]);
        let rows = |recording: &Recording| {
            let views = recording.digest().page_views();
            recording.activity().rows(&views, &[]).len()
        };
        assert_eq!(rows(&recording), 0, "not read");
        recording.read(5);
        recording.read(0);
        recording.read(0);
        assert_eq!(rows(&recording), 4);
    }

    #[test]
    fn leaves_out_other_tabs_and_damage() {
        let mut recording = Recording::new(tab_id('a'));
        assert!(recording.accept(b"<html>").is_err());
        assert_eq!(
            recording
                .accept(&chunk('b', &[(0, &[&event(3, 1)])]))
                .unwrap(),
            BTreeSet::new()
        );
        let mut writer = ChunkWriter::default();
        let meta = BatchMeta {
            tab: tab_id('a'),
            first: 0,
            n: 1,
            from: 0,
            to: 0,
            keyframe: true,
            bytes: 0,
        };
        writer.push(meta, b"no gzip");
        assert_eq!(recording.accept(&writer.finish()).unwrap(), BTreeSet::new());
        assert_eq!(recording.damaged(), 1);
    }

    #[test]
    fn takes_the_marker_away() {
        for (with, without) in [
            (r#"{"a":"\u2063Shown"}"#, r#"{"a":"Shown"}"#),
            (
                "{\"a\":\"\u{2063}Shown \u{2022}\"}",
                "{\"a\":\"Shown \u{2022}\"}",
            ),
            (r#"{"a":"\\u2063 \\\u2063"}"#, r#"{"a":"\\u2063 \\"}"#),
            (r#"{"a":"\u2064\"\u2063\""}"#, r#"{"a":"\u2064\"\""}"#),
            ("\\", "\\"),
        ] {
            let mut out = Vec::new();
            show_unmasked(with.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), without);
        }
    }

    proptest! {
        #[test]
        fn leaves_other_text_alone(text in "[^\u{2063}]{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            let mut out = Vec::new();
            show_unmasked(json.as_bytes(), &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), json);
        }

        #[test]
        fn what_was_json_stays_json(text in "[\\\\u2063\"x\u{2063}]{0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            let mut out = Vec::new();
            show_unmasked(json.as_bytes(), &mut out);
            let read: String = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read, text.replace('\u{2063}', ""));
        }
    }
}
