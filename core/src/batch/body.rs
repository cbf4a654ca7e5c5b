//! Upload bodies: packed for a stream, and the last ones of a page that is being left.

use super::Stream;
use super::uploader::FIRST_RATIO;
use crate::event::DROPPED_TAG;
use crate::gzip;
use crate::id::Millis;
use crate::text::write_decimal;
use crate::wire::{Header, VERSION};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What stands in for an event that cannot be sent, so that indexes have no hole.
pub fn dropped(at: Millis) -> Vec<u8> {
    let mut event = Vec::new();
    event.extend_from_slice(br#"{"type":5,"data":{"tag":""#);
    event.extend_from_slice(DROPPED_TAG.as_bytes());
    event.extend_from_slice(br#"","payload":{}},"timestamp":"#);
    write_decimal(at, &mut event);
    event.push(b'}');
    event
}

/// What an upload says of itself, apart from its stream.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) seq: u32,
    pub(super) first: u32,
    pub(super) sent: Millis,
    pub(super) end: bool,
}

/// One upload: a gzip member.
pub(super) fn pack(stream: &Stream, label: Label, events: &[Box<[u8]>]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes(events) + 512);
    write_header(stream, label, count(events), &mut text);
    for event in events {
        text.extend_from_slice(event);
        text.push(b'\n');
    }
    gzip::compress(&text)
}

/// Appends the header's line of a batch of `n` events.
pub(super) fn write_header(stream: &Stream, label: Label, n: u32, out: &mut Vec<u8>) {
    let Label {
        seq,
        first,
        sent,
        end,
    } = label;
    let header = Header {
        v: VERSION,
        sid: stream.sid.clone(),
        tab: stream.tab.clone(),
        window: stream.window.clone(),
        seq,
        first,
        n,
        sent,
        offset: Some(stream.offset),
        meta: (first == 0).then(|| stream.meta.clone()),
        end,
    };
    header.write_line(out);
}

/// How many events these are; an index has 32 bits, and so has their number.
pub(super) fn count(events: &[Box<[u8]>]) -> u32 {
    u32::try_from(events.len()).unwrap_or(u32::MAX)
}

/// The last events of a page that is being left, as bodies that a beacon can carry.
///
/// Masked like all others, but packed at once and without memory of what became of
/// them: the edge drops what it has already, by event index.
#[derive(Debug)]
pub struct Tail {
    stream: Stream,
    label: Label,
    events: Vec<Box<[u8]>>,
    /// Raw bytes per compressed byte, of the last body.
    ratio: usize,
}

impl Tail {
    /// The masked `events` from index `first` on; `seq` goes on from the last known upload.
    pub fn new(stream: Stream, seq: u32, first: u32, events: Vec<Box<[u8]>>, now: Millis) -> Self {
        Self {
            stream,
            label: Label {
                seq,
                first,
                sent: now,
                end: true,
            },
            events,
            ratio: FIRST_RATIO,
        }
    }

    /// Index of the first event that is not packed yet.
    pub fn first(&self) -> u32 {
        self.label.first
    }

    /// The next body, the oldest events first: as many as fit `limit` compressed bytes,
    /// and at least one, which alone may be larger. None when all are packed.
    pub fn next(&mut self, limit: usize) -> Option<Vec<u8>> {
        // Never all at once: to compress megabytes for each body would take seconds.
        let mut n = prefix(&self.events, limit.saturating_mul(self.ratio)).max(1);
        loop {
            let events = self.events.get(..n)?;
            let body = pack(&self.stream, self.label, events);
            let ratio = (bytes(events) / body.len().max(1)).max(1);
            if body.len() <= limit || n == 1 {
                self.ratio = ratio;
                self.events.drain(..n);
                self.label.first += u32::try_from(n).unwrap_or(u32::MAX);
                self.label.seq += 1;
                return Some(body);
            }
            // A little less than in proportion: few attempts matter more than a full body.
            let fits = ratio.saturating_mul(limit) / 8 * 7;
            n = prefix(events, fits).clamp(1, n - 1);
        }
    }
}

fn bytes(events: &[Box<[u8]>]) -> usize {
    events.iter().map(|event| event.len() + 1).sum()
}

/// How many of the first `events` are of at most `limit` bytes together.
fn prefix(events: &[Box<[u8]>], limit: usize) -> usize {
    let mut left = limit;
    events
        .iter()
        .take_while(|event| {
            let fits = event.len() < left;
            left = left.saturating_sub(event.len() + 1);
            fits
        })
        .count()
}
