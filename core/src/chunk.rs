//! How batches are laid out in one stored object.
//!
//! ```text
//! batch, batch, …            each an upload body (one gzip member), see `wire`
//! footer                     JSON: {"v":1,"batches":[{tab, first, n, from, to, keyframe, bytes}, …]}
//! footer length              u32, little endian
//! "STC1"                     so that a reader can tell a whole chunk from a torn one
//! ```
//!
//! The footer is last, so that a reader who knows nothing needs one ranged read
//! of the tail to find any batch. Batches stand in order of tab and first event.

use crate::gzip::{self, GzipError};
use crate::id::{Millis, TabId};
use crate::wire::Limits;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

const MAGIC: [u8; 4] = *b"STC1";
const VERSION: u32 = 1;
const LENGTH_BYTES: usize = 4;

/// The size at which a chunk is closed, bytes: one write of about this size
/// costs as much as one of a kilobyte.
pub const TARGET_BYTES: u64 = 1 << 20;

/// What a chunk's footer says of one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchMeta {
    /// The page load.
    pub tab: TabId,
    /// Index of its first event.
    pub first: u32,
    /// How many events.
    pub n: u32,
    /// Time of its earliest event, by the visitor's clock.
    pub from: Millis,
    /// Time of its latest event.
    pub to: Millis,
    /// It holds a full snapshot.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub keyframe: bool,
    /// Size of its gzip member.
    pub bytes: u32,
}

impl BatchMeta {
    /// One past the index of its last event.
    pub fn end(&self) -> u32 {
        self.first.saturating_add(self.n)
    }
}

#[derive(Serialize, Deserialize)]
struct Footer {
    v: u32,
    batches: Vec<BatchMeta>,
}

/// Lays out a chunk.
#[derive(Debug, Default)]
pub struct ChunkWriter {
    bytes: Vec<u8>,
    batches: Vec<BatchMeta>,
}

impl ChunkWriter {
    /// Appends one batch; `meta.bytes` is set from `member`.
    pub fn push(&mut self, meta: BatchMeta, member: &[u8]) {
        let bytes = u32::try_from(member.len()).unwrap_or(u32::MAX);
        self.batches.push(BatchMeta { bytes, ..meta });
        self.bytes.extend_from_slice(member);
    }

    /// What was appended, with the sizes that it has here.
    pub fn batches(&self) -> &[BatchMeta] {
        &self.batches
    }

    /// The whole chunk.
    pub fn finish(self) -> Vec<u8> {
        let Self { mut bytes, batches } = self;
        bytes.extend_from_slice(&Self::footer(batches));
        bytes
    }

    /// What follows the members of `batches`, for one who sends them as a stream.
    pub fn footer(batches: Vec<BatchMeta>) -> Vec<u8> {
        // Numbers, booleans and checked ids always serialise.
        let mut footer = serde_json::to_vec(&Footer {
            v: VERSION,
            batches,
        })
        .unwrap_or_default();
        let length = u32::try_from(footer.len()).unwrap_or(u32::MAX);
        footer.extend_from_slice(&length.to_le_bytes());
        footer.extend_from_slice(&MAGIC);
        footer
    }

    /// How many bytes a chunk of `batches` has.
    pub fn size(batches: &[BatchMeta]) -> u64 {
        let members: u64 = batches.iter().map(|batch| u64::from(batch.bytes)).sum();
        members + Self::footer(batches.to_vec()).len() as u64
    }
}

/// Why bytes are not a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkError {
    /// It does not end as a chunk does: torn, or something else.
    NotAChunk,
    /// The footer cannot be read; the reason.
    Footer(String),
    /// The footer's sizes do not add up to the bytes before it.
    Sizes,
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAChunk => f.write_str("not a chunk, or a torn one"),
            Self::Footer(reason) => write!(f, "the chunk's footer cannot be read: {reason}"),
            Self::Sizes => f.write_str("the chunk's footer does not fit its batches"),
        }
    }
}

impl core::error::Error for ChunkError {}

/// One batch of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBatch<'a> {
    /// Its line of the footer.
    pub meta: BatchMeta,
    /// Its gzip member.
    pub member: &'a [u8],
}

impl StoredBatch<'_> {
    /// The upload body: [`crate::wire::Upload::parse`] reads it.
    pub fn inflate(&self) -> Result<Vec<u8>, GzipError> {
        gzip::decompress(self.member, Limits::DEFAULT.inflated)
    }
}

/// A read chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// Its batches, in stored order.
    pub batches: Vec<StoredBatch<'a>>,
}

impl<'a> Chunk<'a> {
    /// Reads a whole chunk.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ChunkError> {
        let rest = bytes.strip_suffix(&MAGIC).ok_or(ChunkError::NotAChunk)?;
        let (rest, length) = rest
            .split_last_chunk::<LENGTH_BYTES>()
            .ok_or(ChunkError::NotAChunk)?;
        let length =
            usize::try_from(u32::from_le_bytes(*length)).map_err(|_| ChunkError::NotAChunk)?;
        let start = rest
            .len()
            .checked_sub(length)
            .ok_or(ChunkError::NotAChunk)?;
        let (mut members, footer) = rest.split_at_checked(start).ok_or(ChunkError::NotAChunk)?;
        let footer: Footer = serde_json::from_slice(footer)
            .map_err(|error| ChunkError::Footer(error.to_string()))?;
        if footer.v != VERSION {
            return Err(ChunkError::Footer(format!(
                "version {} is not known here",
                footer.v
            )));
        }
        let mut batches = Vec::with_capacity(footer.batches.len());
        for meta in footer.batches {
            let size = usize::try_from(meta.bytes).map_err(|_| ChunkError::Sizes)?;
            let (member, after) = members.split_at_checked(size).ok_or(ChunkError::Sizes)?;
            batches.push(StoredBatch { meta, member });
            members = after;
        }
        if !members.is_empty() {
            return Err(ChunkError::Sizes);
        }
        Ok(Self { batches })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn meta(first: u32, bytes: usize) -> BatchMeta {
        BatchMeta {
            tab: TabId::new(&[1; 5]),
            first,
            n: 2,
            from: 10,
            to: 20,
            keyframe: first == 0,
            bytes: u32::try_from(bytes).unwrap(),
        }
    }

    fn chunk(members: &[Vec<u8>]) -> Vec<u8> {
        let mut writer = ChunkWriter::default();
        for (first, member) in (0..).zip(members) {
            writer.push(meta(first, 0), member);
        }
        writer.finish()
    }

    #[test]
    fn refuses_what_is_torn() {
        let whole = chunk(&[b"one".to_vec(), b"two".to_vec()]);
        for cut in 0..whole.len() {
            assert!(Chunk::parse(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(Chunk::parse(&[b"x", whole.as_slice()].concat()).is_err());
    }

    #[test]
    fn inflates_a_batch() {
        let bytes = chunk(&[gzip::compress(b"body")]);
        let chunk = Chunk::parse(&bytes).unwrap();
        assert_eq!(chunk.batches[0].inflate().unwrap(), b"body");
    }

    proptest! {
        #[test]
        fn round_trip(members: Vec<Vec<u8>>) {
            let bytes = chunk(&members);
            let read = Chunk::parse(&bytes).unwrap();
            let expected: Vec<StoredBatch> = (0..)
                .zip(&members)
                .map(|(first, member)| StoredBatch { meta: meta(first, member.len()), member })
                .collect();
            prop_assert_eq!(&read.batches, &expected);
            let metas: Vec<BatchMeta> = expected.into_iter().map(|batch| batch.meta).collect();
            prop_assert_eq!(ChunkWriter::size(&metas), bytes.len() as u64);
        }

        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = Chunk::parse(&bytes);
            let _ = Chunk::parse(&[bytes.as_slice(), &[2, 0, 0, 0], &MAGIC].concat());
        }
    }
}
