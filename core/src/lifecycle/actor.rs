//! What a session object does, over ports, so that every failure can be tried natively.

use super::cut::cut;
use super::{Append, Erase, Held, PACK_BYTES, Refused, Status, Step, Timing, may_be_finished};
use crate::chunk::ChunkWriter;
use crate::id::{Millis, SessionId, SiteKey};
use crate::issue::{Issues, Told};
use crate::quota::{Admission, Quota};
use crate::reading::{Writer, completed};
use crate::recording::{Buffered, Record, Selection, SessionState, StoredChunk};
use crate::store::{Buffer, ChunkPlace, Index, Recordings, Records, Saved, StoreError, Total};
use crate::wire::{Ack, Directive, Limits};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

pub(super) type Result<T> = core::result::Result<T, StoreError>;

/// A session object's ports and settings.
pub struct Actor<B, R, K, I> {
    /// The session's own storage.
    pub buffer: B,
    /// Where its chunks go.
    pub recordings: R,
    /// Where its record goes.
    pub records: K,
    /// Where it is listed, and its issues are known.
    pub index: I,
    /// When it is announced and finished.
    pub timing: Timing,
    /// How much it may hold.
    pub limits: Limits,
    /// Where a failure is told that is retried later.
    pub log: fn(&StoreError),
}

/// A session that takes a batch.
struct Opened {
    total: Total,
    /// Of one that is not stored yet: the chunks that it has from before.
    new: Option<Vec<StoredChunk>>,
}

impl<B: Buffer, R: Recordings, K: Records, I: Index + Issues> Actor<B, R, K, I> {
    /// Stores what is new of a batch and says which event is awaited next.
    pub async fn append(
        &self,
        append: &Append,
        body: Vec<u8>,
        now: Millis,
    ) -> Result<core::result::Result<Ack, Refused>> {
        let Opened { mut total, new } = match self.open(append, now).await? {
            Ok(opened) => opened,
            Err(refused) => return Ok(Err(refused)),
        };
        // No `await` from here to the insert: nothing else can run in between.
        let meta = &append.batch.meta;
        if new.is_none() && !total.sum.is_visited() && !meta.tab.is_server() {
            // What the server told opened it, which knows nothing of the visitor.
            total.saved.state.visitor = append.visitor.clone();
            total.sum.visitor = append.visitor.clone();
            self.buffer.save(&total.saved)?;
        }
        let stored = total.sum.stored(&meta.tab);
        let missing = stored.missing(meta.first, meta.end());
        let events: u64 = missing
            .iter()
            .map(|(first, end)| u64::from(end - first))
            .sum();
        if events > 0 && total.sum.is_full(meta, events, &self.limits) {
            return Ok(Err(Refused::Full));
        }
        if let Some(chunks) = &new {
            for chunk in chunks {
                self.buffer.add_chunk(chunk)?;
            }
        }
        let opening = new.is_some().then_some(&total.saved);
        self.insert_missing(opening, &append.batch, body, &missing)?;
        if !missing.is_empty() {
            total.add(&append.batch);
        }
        let status = Status {
            last: now,
            ..status(&total.sum, total.buffered)
        };
        self.wake(&status, now).await?;
        let directive = if total.sum.wants_snapshot(meta) {
            Directive::Snapshot
        } else {
            Directive::Ok
        };
        Ok(Ok(Ack {
            next: total.sum.stored(&meta.tab).next(),
            directive,
            wait: 0,
        }))
    }

    /// What is stored, or a new session, if its site may open one, which is not stored yet;
    /// an object that was finished before takes up what its chunks say. None of a session
    /// that was erased.
    async fn open(
        &self,
        append: &Append,
        now: Millis,
    ) -> Result<core::result::Result<Opened, Refused>> {
        if self.is_erased()? {
            return Ok(Err(Refused::Erased));
        }
        if let Some(total) = self.buffer.total()? {
            return Ok(Ok(Opened { total, new: None }));
        }
        let may_be_finished = may_be_finished(append.sid.start(), &self.timing, now);
        let finished = if may_be_finished {
            self.read_chunks(append).await?
        } else {
            None
        };
        // An object that knows nothing may have lost its tombstone. Not that of a page that
        // has just begun a session: nobody can have had it erased yet.
        let may_be_erased = may_be_finished || append.batch.meta.first > 0;
        if may_be_erased && self.was_erased(append, now).await? {
            return Ok(Err(Refused::Erased));
        }
        // A session that was refused stays so, whatever became of its site's quota.
        let asked = append.quota.or(may_be_erased.then(Quota::default));
        let admission = match (asked, &finished) {
            (Some(quota), None) => self.index.admit(&append.site, &append.sid, &quota).await?,
            _ => Admission::Admitted,
        };
        // Another request may have erased or opened it during the awaits.
        if self.is_erased()? {
            return Ok(Err(Refused::Erased));
        }
        if let Some(total) = self.buffer.total()? {
            return Ok(Ok(Opened { total, new: None }));
        }
        if let Admission::Refused(exhausted) = admission {
            return Ok(Err(Refused::Quota(exhausted)));
        }
        let mut state = SessionState::new(now, append.visitor.clone());
        let mut chunks = Vec::new();
        if let Some(record) = finished {
            // Clocks of an earlier incarnation are not comparable; the new batch brings its own.
            state = SessionState {
                created: now,
                last: now,
                skew: None,
                announced: false,
                ..record.state
            };
            chunks = record.chunks;
        }
        let Append {
            site,
            sid,
            retention_days,
            ..
        } = append.clone();
        let saved = Saved {
            site,
            sid,
            retention_days,
            state,
            failures: 0,
        };
        Ok(Ok(Opened {
            total: Total::of(saved, &[]),
            new: Some(chunks),
        }))
    }

    /// Whether the index knows that the session was erased. Its erasure then begins again.
    async fn was_erased(&self, append: &Append, now: Millis) -> Result<bool> {
        let Append { site, sid, .. } = append;
        if !self.index.is_erased(site, sid).await? {
            return Ok(false);
        }
        let (site, sid) = (site.clone(), sid.clone());
        self.erase(&Erase { site, sid }, now).await?;
        Ok(true)
    }

    pub(super) fn is_erased(&self) -> Result<bool> {
        Ok(self.buffer.tombstone()?.is_some())
    }

    async fn read_chunks(&self, append: &Append) -> Result<Option<Record>> {
        completed(
            &self.recordings,
            &append.site,
            &append.sid,
            None,
            append.visitor.clone(),
            self.log,
        )
        .await
    }

    /// Stores what is missing of a batch, and with the first of it the session that it opens.
    fn insert_missing(
        &self,
        mut opening: Option<&Saved>,
        batch: &Buffered,
        body: Vec<u8>,
        missing: &[(u32, u32)],
    ) -> Result<()> {
        if missing == [(batch.meta.first, batch.meta.end())] {
            return self.insert(opening, batch, body);
        }
        for &(first, end) in missing {
            let (part, body) = cut(batch, &body, first, end)?;
            self.insert(opening.take(), &part, body)?;
        }
        // It had everything, and lives on nevertheless.
        opening.map_or(Ok(()), |saved| self.buffer.save(saved))
    }

    fn insert(&self, opening: Option<&Saved>, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        match opening {
            Some(saved) => self.buffer.open(saved, batch, body),
            None => self.buffer.insert(batch, body),
        }
    }

    /// Makes sure that the alarm goes off in time for the next step. Writing an
    /// alarm costs as much as writing a row, so one that is early enough is left:
    /// it finds out by itself that it came too soon.
    async fn wake(&self, status: &Status, now: Millis) -> Result<()> {
        let at = match status.next_step(&self.timing, now) {
            Step::Sleep(until) => until,
            _ => now,
        };
        if self.buffer.alarm().await?.is_some_and(|set| set <= at) {
            return Ok(());
        }
        // Erased during the await: its alarm is not to be put off.
        if self.is_erased()? {
            return Ok(());
        }
        self.buffer.set_alarm(at).await
    }

    /// Does what is due. A failure is retried by a later alarm; the platform's
    /// own retries end after six.
    pub async fn alarm(&self, now: Millis) -> Result<()> {
        let Err(error) = self.run_steps(now).await else {
            return Ok(());
        };
        (self.log)(&error);
        let Some(failures) = self.count_failure()? else {
            return Ok(());
        };
        self.buffer.set_alarm(now + backoff(failures)).await
    }

    /// How many alarms in a row have failed now; none if there is nothing left to do.
    fn count_failure(&self) -> Result<Option<u32>> {
        if let Some(mut tombstone) = self.buffer.tombstone()? {
            tombstone.failures = tombstone.failures.saturating_add(1);
            self.buffer.bury(&tombstone)?;
            return Ok(Some(tombstone.failures));
        }
        let Some(mut saved) = self.buffer.load()? else {
            return Ok(None);
        };
        saved.failures = saved.failures.saturating_add(1);
        self.buffer.save(&saved)?;
        Ok(Some(saved.failures))
    }

    async fn run_steps(&self, now: Millis) -> Result<()> {
        loop {
            // Asked anew after every step: a step awaits, and who erases does not wait.
            if let Some(tombstone) = self.buffer.tombstone()? {
                return self.run_erasure(tombstone, now).await;
            }
            let Some(mut saved) = self.buffer.load()? else {
                return Ok(());
            };
            let buffered = self.buffer.batches()?;
            let sum = sum(&saved.state, &buffered);
            match status(&sum, buffered_bytes(&buffered)).next_step(&self.timing, now) {
                Step::Sleep(until) => return self.buffer.set_alarm(until).await,
                Step::Announce => {
                    self.index
                        .upsert(
                            &saved.site,
                            &sum.row(&saved.sid, true),
                            &sum.packed(&saved.sid),
                            now,
                        )
                        .await?;
                    if !self.is_erased()? {
                        self.tell_issues(&saved, &sum, now).await?;
                    }
                    if !self.is_erased()? {
                        saved.state.announced = true;
                        saved.failures = 0;
                        self.buffer.save(&saved)?;
                    }
                }
                Step::Pack => self.pack(saved, buffered).await?,
                Step::Finish if !fits_a_chunk(&buffered) => self.pack(saved, buffered).await?,
                Step::Finish => return self.finish(saved, buffered, now).await,
                Step::Drop => return self.buffer.clear().await,
            }
        }
    }

    /// Writes the first chunk's worth of buffered batches as a chunk, and removes them here.
    async fn pack(&self, mut saved: Saved, buffered: Vec<Buffered>) -> Result<()> {
        let chunk = self.put_chunk(&mut saved, &first_chunk(buffered)).await?;
        if self.is_erased()? {
            return Ok(());
        }
        // A crash here writes the same name again, with these batches or more.
        self.buffer.pack(&saved, &chunk)
    }

    /// Writes a chunk, and adds it to `saved`, which nobody knows yet.
    async fn put_chunk(&self, saved: &mut Saved, chosen: &[Buffered]) -> Result<StoredChunk> {
        let mut writer = ChunkWriter::default();
        for batch in chosen {
            writer.push(
                batch.meta.clone(),
                &self.buffer.body(&batch.meta.tab, batch.meta.first)?,
            );
            saved.state.add(batch);
        }
        // Whoever reads a part of the chunk finds it by these sizes.
        let batches = writer.batches().to_vec();
        let name = format!("{:013}-{:04}", saved.state.created, saved.state.next_chunk);
        let place = ChunkPlace {
            site: &saved.site,
            sid: &saved.sid,
            name: &name,
        };
        self.recordings
            .put(&place, writer.finish(), &saved.state.row(&saved.sid, false))
            .await?;
        saved.state.next_chunk += 1;
        saved.failures = 0;
        Ok(StoredChunk { name, batches })
    }

    /// Writes what is left as the last chunk, the row, the record; then nothing is left
    /// here. What was packed is not removed before: each removed row is billed, and
    /// forgetting everything removes them anyway. A crash in between begins anew.
    async fn finish(&self, mut saved: Saved, buffered: Vec<Buffered>, now: Millis) -> Result<()> {
        let mut last = None;
        if !buffered.is_empty() {
            last = Some(self.put_chunk(&mut saved, &buffered).await?);
            if self.is_erased()? {
                return Ok(());
            }
        }
        let mut record = self.record_of(&saved, Vec::new(), false)?;
        record.chunks.extend(last.clone());
        self.index
            .upsert(
                &saved.site,
                &saved.state.row(&saved.sid, false),
                &saved.state.packed(&saved.sid),
                now,
            )
            .await?;
        // Who erased it set the alarm that goes on from here.
        if self.is_erased()? {
            return Ok(());
        }
        self.tell_issues(&saved, &saved.state, now).await?;
        if self.is_erased()? {
            return Ok(());
        }
        self.records
            .put(&saved.site, &record, saved.retention_days)
            .await?;
        if self.is_erased()? {
            return Ok(());
        }
        // Nothing but this alarm removes batches, so as many are the same.
        if self.buffer.batches()?.len() == buffered.len() {
            return self.buffer.clear().await;
        }
        // A batch that came during the awaits keeps the session alive. Its row says that it
        // is finished, so it is announced again.
        saved.state.announced = false;
        match &last {
            Some(chunk) => self.buffer.pack(&saved, chunk)?,
            None => self.buffer.save(&saved)?,
        }
        self.buffer.set_alarm(now).await
    }

    /// Says which issues the session has. It says so each time that its row is written, and of
    /// what was said before nothing comes.
    async fn tell_issues(&self, saved: &Saved, state: &SessionState, now: Millis) -> Result<()> {
        if state.digest.errors == 0 {
            return Ok(());
        }
        // What the server told was told with its own release, as soon as it came.
        let session = state.of_pages().analysis(&saved.sid);
        let days = saved.retention_days;
        if let Some(told) = Told::of(&session, &saved.sid, days, now) {
            self.index.tell(&saved.site, &told).await?;
        }
        Ok(())
    }

    fn record_of(&self, saved: &Saved, buffered: Vec<Buffered>, live: bool) -> Result<Record> {
        Ok(Record {
            v: Record::VERSION,
            sid: saved.sid.clone(),
            live,
            state: sum(&saved.state, &buffered),
            chunks: self.buffer.chunks()?,
            buffered: buffered.into_iter().map(|batch| batch.meta).collect(),
        })
    }

    /// The session as it is now.
    pub fn held(&self) -> Result<Held> {
        if self.is_erased()? {
            return Ok(Held::Erased);
        }
        let Some(saved) = self.buffer.load()? else {
            return Ok(Held::Nothing);
        };
        let record = self.record_of(&saved, self.buffer.batches()?, true)?;
        // What the server told waits for a page, which makes the session.
        Ok(if record.state.is_visited() {
            Held::Record(Box::new(record))
        } else {
            Held::Nothing
        })
    }

    /// The buffered batches of a selection, as one chunk.
    pub fn buffered_chunk(&self, selection: &Selection) -> Result<Vec<u8>> {
        let mut writer = ChunkWriter::default();
        if self.buffer.load()?.is_none() {
            return Ok(writer.finish());
        }
        for batch in self
            .buffer
            .batches()?
            .into_iter()
            .filter(|batch| selection.takes(&batch.meta))
        {
            let body = self.buffer.body(&batch.meta.tab, batch.meta.first)?;
            writer.push(batch.meta, &body);
        }
        Ok(writer.finish())
    }
}

impl<B: Buffer, R: Recordings, K: Records, I: Index + Issues> Writer for Actor<B, R, K, I> {
    async fn held(
        &self,
        _site: &SiteKey,
        _sid: &SessionId,
        selection: &Selection,
    ) -> Result<(Held, Vec<u8>)> {
        // No `await`: both are of one moment.
        Ok((Actor::held(self)?, self.buffered_chunk(selection)?))
    }
}

/// Everything that is stored, packed or not.
fn sum(state: &SessionState, buffered: &[Buffered]) -> SessionState {
    let mut sum = state.clone();
    for batch in buffered {
        sum.add(batch);
    }
    sum
}

/// What the next step depends on, when `buffered` bytes of `sum` are in no chunk.
fn status(sum: &SessionState, buffered: u64) -> Status {
    Status {
        created: sum.created,
        last: sum.last,
        left: sum.left(),
        announced: sum.announced,
        buffered,
        visited: sum.is_visited(),
    }
}

fn buffered_bytes(buffered: &[Buffered]) -> u64 {
    buffered
        .iter()
        .map(|batch| u64::from(batch.meta.bytes))
        .sum()
}

/// Whether all of it is the next chunk.
fn fits_a_chunk(buffered: &[Buffered]) -> bool {
    buffered.len() <= 1 || buffered_bytes(buffered) <= PACK_BYTES
}

/// The batches that make the next chunk: in order, up to its size, at least one.
fn first_chunk(buffered: Vec<Buffered>) -> Vec<Buffered> {
    let mut size = 0;
    let fits = |batch: &Buffered| {
        let first = size == 0;
        size += u64::from(batch.meta.bytes);
        first || size <= PACK_BYTES
    };
    buffered.into_iter().take_while(fits).collect()
}

/// Seconds 5, 10, 20 … up to 10 minutes.
pub(crate) fn backoff(failures: u32) -> Millis {
    let doubled = 5_000u64.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(600_000)
}
