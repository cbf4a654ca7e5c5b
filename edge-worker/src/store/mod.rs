//! Ports in domain words. Two implementations each: the platform's and, for
//! tests, memory with faults.

#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod platform;
pub(crate) mod sql;

use crate::error::StoreError;
use sentiero_core::api::SessionRow;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use sentiero_core::lifecycle::Erasure;
use sentiero_core::recording::{Buffered, Record, SessionState, StoredChunk};
use serde::{Deserialize, Serialize};

type Result<T> = core::result::Result<T, StoreError>;

/// Chunks of recordings, for good (R2).
pub(crate) trait Recordings {
    /// Writes a chunk; writing the same one again does no harm.
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()>;
    /// A chunk's bytes; none if it is not there.
    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>>;
    /// The names of a session's chunks, in order.
    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<String>>;
    /// Deletes chunks; one that is not there is no failure.
    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()>;
}

/// Records of finished sessions (KV).
pub(crate) trait Records {
    /// Keeps `record` for `days` from its session's start.
    async fn put(&self, site: &SiteKey, record: &Record, days: u32) -> Result<()>;
    /// Deletes a session's record, if there is one.
    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
}

/// The rows that lists are made of (one object per site and month).
pub(crate) trait Index {
    /// Writes a session's row, unless a later one (by `revision`) is there.
    async fn upsert(&self, site: &SiteKey, row: &SessionRow, revision: Millis) -> Result<()>;
    /// Deletes a session's row, and refuses every later one until it is forgotten.
    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
    /// Deletes a session's row, and forgets that it was erased.
    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
}

/// Where a chunk is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkPlace<'a> {
    pub(crate) site: &'a SiteKey,
    pub(crate) sid: &'a SessionId,
    /// `{gen}-{n}`.
    pub(crate) name: &'a str,
}

impl ChunkPlace<'_> {
    /// The object's key: a storage format.
    pub(crate) fn key(&self) -> String {
        format!("{}{}", prefix(self.site, self.sid), self.name)
    }
}

/// What the keys of a session's chunks begin with.
pub(crate) fn prefix(site: &SiteKey, sid: &SessionId) -> String {
    format!("r/{site}/{sid}/")
}

/// The KV key of a session's record.
pub(crate) fn record_key(site: &SiteKey, sid: &SessionId) -> String {
    format!("s:{site}:{sid}")
}

/// The name of a session's object.
pub(crate) fn session_name(site: &SiteKey, sid: &SessionId) -> String {
    format!("{site}/{sid}")
}

/// What a session object knows besides its buffered batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) site: SiteKey,
    pub(crate) sid: SessionId,
    pub(crate) retention_days: u32,
    /// The sum of what is packed.
    pub(crate) state: SessionState,
    /// Alarms in a row that failed.
    pub(crate) failures: u32,
}

/// What a session object remembers of a session that was erased. It lies apart
/// from [`Saved`]: a step that was running at that moment may save what it had
/// loaded before, and must not bring anything back by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) site: SiteKey,
    pub(crate) sid: SessionId,
    pub(crate) erasure: Erasure,
    /// Alarms in a row that failed.
    pub(crate) failures: u32,
}

/// A session object's own storage. Synchronous as SQLite is: what is written
/// without an `await` between becomes durable together.
pub(crate) trait Buffer {
    /// What was saved; none in an object that holds no session.
    fn load(&self) -> Result<Option<Saved>>;
    /// Saves.
    fn save(&self, saved: &Saved) -> Result<()>;
    /// Buffered batches, in order of tab and first event.
    fn batches(&self) -> Result<Vec<Buffered>>;
    /// The gzip member of a buffered batch.
    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>>;
    /// Adds a batch.
    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()>;
    /// Chunks that were written.
    fn chunks(&self) -> Result<Vec<StoredChunk>>;
    /// Remembers a chunk that was written.
    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()>;
    /// Forgets a buffered batch.
    fn remove(&self, tab: &TabId, first: u32) -> Result<()>;
    /// The session was erased, if it was.
    fn tombstone(&self) -> Result<Option<Tombstone>>;
    /// Writes the tombstone and, in the same step, deletes everything else.
    fn bury(&self, tombstone: &Tombstone) -> Result<()>;
    /// Leaves the tombstone and not a byte besides: deleted rows stay in SQLite's
    /// files until others take their place. Sets the alarm.
    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()>;
    /// Forgets everything.
    async fn clear(&self) -> Result<()>;
    /// When the alarm goes off, if one is set.
    async fn alarm(&self) -> Result<Option<Millis>>;
    /// Sets the alarm.
    async fn set_alarm(&self, at: Millis) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_storage_format() {
        let site = SiteKey::parse("demo").unwrap();
        let sid = SessionId::new(1_795_445_123_456, &[0xAB; 17]);
        let place = ChunkPlace {
            site: &site,
            sid: &sid,
            name: "1795445123456-0000",
        };
        assert_eq!(place.key(), format!("r/demo/{sid}/1795445123456-0000"));
        assert_eq!(record_key(&site, &sid), format!("s:demo:{sid}"));
        assert_eq!(session_name(&site, &sid), format!("demo/{sid}"));
    }
}
