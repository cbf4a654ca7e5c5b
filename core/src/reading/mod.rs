//! What the dashboard is shown: lists, one session, its events. Over the ports of
//! [`crate::store`], and right at any moment of a session's life.
//!
//! **Why nothing is missing or shown twice.** A session's writer is asked first, and
//! tells in one answer what it has written and what it holds still, with the held
//! bytes: batches that are packed a moment later are not looked for in vain. A writer
//! that holds nothing has written everything as chunks, and a list of chunks shows
//! each that was written. A record may lag behind that list, so it is completed from
//! the chunks that it does not name, and made anew should it name one that is gone or
//! has another size by now: a crash at the end of a session lets it be written again,
//! under the same name, with what came since. Nobody writes to a chunk that a writer
//! tells of.
//!
//! An erased session is known to its writer before any store forgets it, so the writer
//! is asked first for that reason, too.

mod events;
mod file;

pub use events::{Events, Format};
pub use file::File;

use crate::api::{Privacy, SessionList};
use crate::chunk::ChunkWriter;
use crate::id::{SessionId, SiteKey};
use crate::lifecycle::Held;
use crate::listing::{Cursor, Search};
use crate::order;
use crate::recording::{Record, Selection, Visitor};
use crate::store::{ChunkPlace, Index, ListedChunk, Recordings, Records, Span, StoreError};
use alloc::borrow::ToOwned as _;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(crate) type Result<T> = core::result::Result<T, StoreError>;

/// Who asks the one writer of a session.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Writer {
    /// What it holds, and of the batches that it holds those of `selection` as one chunk;
    /// both of the same moment.
    async fn held(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        selection: &Selection,
    ) -> Result<(Held, Vec<u8>)>;
}

/// A session as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What is known of it.
    pub record: Record,
    /// The selected batches that were in no chunk yet, as one.
    pub held: Vec<u8>,
}

/// The session with all that was acknowledged before this was asked, and those of its
/// batches that are in no chunk yet, as far as `selection` takes them; none of a session
/// that is unknown or erased.
pub async fn find<W: Writer, R: Recordings, K: Records>(
    (writer, recordings, records): (&W, &R, &K),
    site: &SiteKey,
    sid: &SessionId,
    selection: &Selection,
    log: fn(&StoreError),
) -> Result<Option<Snapshot>> {
    let (held, bytes) = writer.held(site, sid, selection).await?;
    match held {
        Held::Record(record) => {
            return Ok(Some(Snapshot {
                record: *record,
                held: bytes,
            }));
        }
        // Records and lists may show it for a while yet.
        Held::Erased => return Ok(None),
        Held::Nothing => {}
    }
    let visitor = Visitor::default();
    let record = finished((recordings, records), site, sid, visitor, log).await?;
    Ok(record.map(|record| Snapshot {
        record,
        held: Vec::new(),
    }))
}

/// The record of a session that no writer holds, with every chunk that is there; made from the
/// chunks, of a session of `visitor`, if none is kept.
pub async fn finished<R: Recordings, K: Records>(
    (recordings, records): (&R, &K),
    site: &SiteKey,
    sid: &SessionId,
    visitor: Visitor,
    log: fn(&StoreError),
) -> Result<Option<Record>> {
    let known = match records.get(site, sid).await {
        Ok(known) => known,
        // One of a shape that this version cannot read is made again.
        Err(error) => {
            log(&error);
            None
        }
    };
    completed(recordings, site, sid, known, visitor, log).await
}

/// The record of a session that no writer holds, with every chunk that is there:
/// `known`, completed, or made from the chunks alone. None if there is neither.
///
/// One chunk at a time is in memory, however long the session was.
pub async fn completed<R: Recordings>(
    recordings: &R,
    site: &SiteKey,
    sid: &SessionId,
    known: Option<Record>,
    visitor: Visitor,
    log: fn(&StoreError),
) -> Result<Option<Record>> {
    let chunks = recordings.list(site, sid).await?;
    if chunks.is_empty() {
        // Whoever removes chunks removes the record, too, but a record may lag.
        return Ok(None);
    }
    let mut record = match known {
        Some(known) if known.v == Record::VERSION && is_of(&known, &chunks) => known,
        Some(known) => Record::empty(sid, known.state.visitor),
        None => Record::empty(sid, visitor),
    };
    let there: BTreeSet<String> = order::set(record.chunks.iter().map(|c| c.name.clone()));
    let mut damaged = 0;
    for ListedChunk { name, .. } in chunks.iter().filter(|chunk| !there.contains(&chunk.name)) {
        let place = ChunkPlace { site, sid, name };
        // One that is gone since it was listed was erased.
        if let Some(bytes) = recordings.get(&place).await?
            && !record.add_chunk(name.to_owned(), &bytes)
        {
            damaged += 1;
        }
    }
    if damaged > 0 {
        log(&StoreError(format!(
            "{damaged} chunks of {sid} cannot be read"
        )));
    }
    Ok(Some(record))
}

/// Whether every chunk that a record names is there, with the batches that it says.
fn is_of(record: &Record, chunks: &[ListedChunk]) -> bool {
    let sizes: BTreeMap<&str, u64> = order::map(
        chunks
            .iter()
            .map(|chunk| (chunk.name.as_str(), chunk.bytes)),
    );
    record.chunks.iter().all(|chunk| {
        let size = ChunkWriter::size(&chunk.batches);
        sizes.get(chunk.name.as_str()) == Some(&size)
    })
}

/// A page of the list of sessions that started in `span`.
pub async fn list<I: Index>(
    index: &I,
    site: &SiteKey,
    span: Span,
    search: &Search,
) -> Result<SessionList> {
    // One more than asked for tells whether there is a next page.
    let wanted = Search {
        limit: search.limit.saturating_add(1),
        ..search.clone()
    };
    let mut sessions = index.page(site, span, &wanted).await?;
    let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let last = sessions.last().filter(|_| more);
    let next = last.map(|row| Cursor::behind(search.sort, row));
    let is_all = search.cursor.is_none() && !more;
    let total = is_all.then_some(sessions.len() as u64);
    Ok(SessionList {
        sessions,
        next,
        total,
    })
}

/// What the edge had to mask in the sessions that started in `span`.
pub async fn privacy<I: Index>(index: &I, site: &SiteKey, span: Span) -> Result<Privacy> {
    let sum = index.masked(site, span).await?;
    Ok(Privacy {
        sessions: sum.sessions,
        values: sum.values,
        since: span.oldest,
    })
}
