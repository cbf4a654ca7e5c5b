//! Ports: what a deployment must be able to keep, in domain words.
//!
//! [`memory`] is the one implementation here, for tests; the edge worker brings
//! its platform's. Nothing of a platform shows through: an error is a sentence for
//! the log, and every operation may be repeated. [`contract`] is the list of what
//! every implementation must hold to; docs/storage.md says how to write one.

#[cfg(any(test, feature = "testing"))]
pub mod contract;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod remembered;

pub use remembered::{Memory, Remembered};

use crate::analytics::pack::Packed;
use crate::analytics::report::{AnyReport, Example};
use crate::api::SessionRow;
use crate::count::{Count, Counted};
use crate::day::{DAY, Day};
use crate::facets::Facets;
use crate::filter::Filter;
use crate::id::{Millis, Month, SessionId, SiteKey, TabId};
use crate::lifecycle::Erasure;
use crate::listing::Search;
use crate::quota::{Admission, Quota};
use crate::recording::{Buffered, Record, SessionState, StoredChunk};
use crate::wire::MAX_AHEAD;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::iter::successors;
use serde::{Deserialize, Serialize};

type Result<T> = core::result::Result<T, StoreError>;

/// A store failed; the text is for the log only.
///
/// It is no [`core::error::Error`] itself, so that every error can become one.
#[derive(Debug)]
pub struct StoreError(pub String);

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: core::error::Error> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Chunks of recordings, for good.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Recordings {
    /// Writes a chunk; writing the same one again does no harm.
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()>;
    /// A chunk's bytes; none if it is not there.
    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>>;
    /// A part of a chunk; none if the chunk is not there, or ends before the part does.
    /// Never less than was asked for.
    async fn part(&self, place: &ChunkPlace<'_>, part: Part) -> Result<Option<Vec<u8>>>;
    /// A session's chunks, in order of their names. It shows every chunk whose writing
    /// has ended, as it is now: a record is checked against it.
    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<ListedChunk>>;
    /// Deletes chunks; one that is not there is no failure.
    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()>;
}

/// Records of finished sessions.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Records {
    /// Keeps `record` for `days` from its session's start.
    async fn put(&self, site: &SiteKey, record: &Record, days: u32) -> Result<()>;
    /// A session's record, if there is one. It may be an earlier one, or none yet, for a
    /// while after another was put: [`crate::reading`] looks whether it lacks anything.
    async fn get(&self, site: &SiteKey, sid: &SessionId) -> Result<Option<Record>>;
    /// Deletes a session's record, if there is one.
    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
}

/// The rows that lists are made of.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Index {
    /// Writes a session's row, and what reports read of it, unless a later one (by
    /// `revision`) is there.
    async fn upsert(
        &self,
        site: &SiteKey,
        row: &SessionRow,
        packed: &Packed,
        revision: Millis,
    ) -> Result<()>;
    /// Deletes a session's row, and refuses every later one until it is forgotten.
    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
    /// Deletes a session's row, and forgets that it was erased.
    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()>;
    /// The rows of `span` that a search takes, in its order, no more than it asks for.
    /// [`Search::takes`] and [`Search::order`] say which and in what order.
    async fn page(&self, site: &SiteKey, span: Span, search: &Search) -> Result<Vec<SessionRow>>;
    /// What `filter` could be narrowed by in `span`, as [`Facets::of`] counts it.
    async fn facets(&self, site: &SiteKey, span: Span, filter: &Filter) -> Result<Facets>;
    /// `report` with all sessions of `span` counted that `filter` takes.
    async fn report(
        &self,
        site: &SiteKey,
        span: Span,
        filter: &Filter,
        report: AnyReport,
    ) -> Result<Reported>;
    /// The ids of sessions that a report named, in the same order; none where there is none.
    async fn named(&self, site: &SiteKey, examples: &[Example]) -> Result<Vec<Option<SessionId>>>;
    /// What the edge had to mask in the sessions of `span`.
    async fn masked(&self, site: &SiteKey, span: Span) -> Result<MaskedSum>;
    /// Whether a session was erased and is not forgotten. Its own [`Tombstone`] says so, too,
    /// but a platform may lose that in a crash while it deletes everything else.
    async fn is_erased(&self, site: &SiteKey, sid: &SessionId) -> Result<bool>;
    /// Whether a session may be opened. A verdict is remembered: asked again, the answer is
    /// the same, and a session counts once. A quota that limits nothing leaves a verdict as
    /// it is, and makes none.
    async fn admit(&self, site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission>;
}

/// What is counted of a site, by day and word ([`crate::count::WORDS`]).
///
/// What [`crate::count::BYTES`] counts in a UTC month, by when it arrived, is what a quota of
/// bytes is about: a row that says how large its session is, and an erasure, change nothing.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Counters {
    /// Adds to counts, all of one month. It is the one operation that counts again when it is
    /// repeated: after an answer that was lost, something may be counted twice.
    async fn add(&self, site: &SiteKey, counts: &[Counted]) -> Result<()>;
    /// What was counted from one day to another, both included, in order of day and word.
    async fn counted(&self, site: &SiteKey, from: Day, to: Day) -> Result<Vec<Count>>;
}

/// What a report says, and of how many sessions it says too little for now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reported {
    /// The report, with everything counted.
    pub report: AnyReport,
    /// Sessions that started when the filter says, whatever else it says, and count as such of
    /// which nothing is known because another version wrote what reports read
    /// ([`Packed::is_outdated`]): it is made anew.
    pub pending: u64,
}

/// Bytes of a chunk, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where they begin.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// Sessions, by when they started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The earliest start that counts.
    pub oldest: Millis,
    /// No session started later. Only says where to begin to look: what was put there
    /// nevertheless may be found or not.
    pub newest: Millis,
}

impl Span {
    /// The sessions that a site keeps at `now`, for `days`.
    pub fn kept(now: Millis, days: u32) -> Self {
        Self {
            oldest: now.saturating_sub(Millis::from(days) * DAY),
            // A visitor's clock may be a little ahead, over the edge of a month.
            newest: now.saturating_add(MAX_AHEAD),
        }
    }

    /// Its months, the newest first.
    pub fn months(self) -> impl Iterator<Item = Month> {
        let last = Month::of(self.oldest);
        let months = successors(Some(Month::of(self.newest)), |month| Some(month.previous()));
        months.take_while(move |month| *month >= last)
    }
}

/// What the edge had to mask in some sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaskedSum {
    /// Sessions in which it had to mask something.
    pub sessions: u64,
    /// Values that it had to mask in them.
    pub values: u64,
}

/// A chunk, as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedChunk {
    /// `{gen}-{n}`.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Where a chunk is.
#[derive(Clone, Copy, Debug)]
pub struct ChunkPlace<'a> {
    /// Its site.
    pub site: &'a SiteKey,
    /// Its session.
    pub sid: &'a SessionId,
    /// `{gen}-{n}`.
    pub name: &'a str,
}

/// What a session object knows besides its buffered batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// Its site.
    pub site: SiteKey,
    /// The session.
    pub sid: SessionId,
    /// Days that it is kept from its start.
    pub retention_days: u32,
    /// The sum of what is packed.
    pub state: SessionState,
    /// Alarms in a row that failed.
    pub failures: u32,
}

/// What a session object remembers of a session that was erased. It lies apart
/// from [`Saved`]: a step that was running at that moment may save what it had
/// loaded before, and must not bring anything back by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tombstone {
    /// Its site.
    pub site: SiteKey,
    /// The session.
    pub sid: SessionId,
    /// How far its deletion is.
    pub erasure: Erasure,
    /// Alarms in a row that failed.
    pub failures: u32,
}

/// Everything that a session object has stored of its session, packed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// What was saved.
    pub saved: Saved,
    /// The sum of what is packed and what is buffered.
    pub sum: SessionState,
    /// Compressed bytes that are buffered.
    pub buffered: u64,
}

impl Total {
    /// The total of a session and its buffered batches.
    pub fn of(saved: Saved, batches: &[Buffered]) -> Self {
        let mut total = Self {
            sum: saved.state.clone(),
            saved,
            buffered: 0,
        };
        for batch in batches {
            total.add(batch);
        }
        total
    }

    /// Adds a batch that was inserted.
    pub fn add(&mut self, batch: &Buffered) {
        self.sum.add(batch);
        self.buffered += u64::from(batch.meta.bytes);
    }
}

/// The own storage of a session's writer, of which there is one at a time. Synchronous where
/// core looks and then writes: nobody else is served between two calls without an `await`
/// between. Each call is one step, and durable when the answer leaves.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Buffer {
    /// What was saved; none in an object that holds no session.
    fn load(&self) -> Result<Option<Saved>>;
    /// Saves.
    fn save(&self, saved: &Saved) -> Result<()>;
    /// Buffered batches, in order of tab and first event.
    fn batches(&self) -> Result<Vec<Buffered>>;
    /// What was saved, and the sum of it and the buffered batches.
    fn total(&self) -> Result<Option<Total>> {
        let Some(saved) = self.load()? else {
            return Ok(None);
        };
        Ok(Some(Total::of(saved, &self.batches()?)))
    }
    /// The gzip member of a buffered batch.
    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>>;
    /// In one step: saves a session that is not there yet, and adds its first batch. A store
    /// that can fail between these writes must do them in one transaction of its own.
    fn open(&self, saved: &Saved, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.save(saved)?;
        self.insert(batch, body)
    }
    /// Adds a batch.
    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()>;
    /// Chunks that were written.
    fn chunks(&self) -> Result<Vec<StoredChunk>>;
    /// Remembers a chunk that was written.
    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()>;
    /// Forgets a buffered batch.
    fn remove(&self, tab: &TabId, first: u32) -> Result<()>;
    /// In one step: `saved` sums up the batches of `chunk` too, which is known and they are not
    /// buffered any more. A store that can fail between these writes must do them in one
    /// transaction of its own: half of it counts the batches twice.
    fn pack(&self, saved: &Saved, chunk: &StoredChunk) -> Result<()> {
        self.save(saved)?;
        for meta in &chunk.batches {
            self.remove(&meta.tab, meta.first)?;
        }
        self.add_chunk(chunk)
    }
    /// The session was erased, if it was.
    fn tombstone(&self) -> Result<Option<Tombstone>>;
    /// Writes the tombstone and, in the same step, deletes everything else.
    fn bury(&self, tombstone: &Tombstone) -> Result<()>;
    /// Leaves the tombstone and not a byte besides: what a database deletes may stay in its
    /// files until something else takes its place. Sets the alarm.
    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()>;
    /// Forgets everything. It begins at once: what was there when it was called is gone, and
    /// what another request writes meanwhile stays.
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
    fn a_span_has_the_months_that_it_touches() {
        let named = |oldest, newest| -> Vec<String> {
            let months = Span { oldest, newest }.months();
            months.map(|month| month.to_string()).collect()
        };
        let november = 1_793_491_200_000;
        assert_eq!(named(november, november), ["2026-11"]);
        assert_eq!(named(november - 1, november), ["2026-11", "2026-10"]);
        assert_eq!(named(november, november - 1), Vec::<String>::new());
        let january = named(0, 32 * DAY);
        assert_eq!(january, ["1970-02", "1970-01"], "there is an end");
    }

    #[test]
    fn what_is_kept_ends_with_its_first_day() {
        let span = Span::kept(100 * DAY, 30);
        assert_eq!(span.oldest, 70 * DAY);
        assert_eq!(span.newest, 100 * DAY + MAX_AHEAD);
        assert_eq!(Span::kept(DAY, 3_650).oldest, 0);
    }
}
