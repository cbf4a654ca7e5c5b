//! Stores in memory, with faults: failed, and failed but written anyway (a
//! timeout after the commit). An operation can also be held, so that something
//! else happens while it is under way.

use super::{Buffer, ChunkPlace, Index, Recordings, Records, Result, Saved, StoreError, Tombstone};
use crate::api::SessionRow;
use crate::day::Day;
use crate::id::{Millis, SessionId, SiteKey, TabId};
use crate::quota::{Admission, Quota, Usage};
use crate::recording::{Buffered, Record, StoredChunk};
use alloc::borrow::ToOwned as _;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::Poll;

/// What the next write does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// It is written.
    #[default]
    None,
    /// Nothing is written, an error comes back.
    Failed,
    /// It is written, and an error comes back.
    FailedButWritten,
}

/// One store's next write: what becomes of it, and whether it waits.
#[derive(Default)]
struct Next {
    fault: Cell<Fault>,
    hold: Cell<Option<Hold>>,
}

/// Where a held operation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Before the store has done anything.
    Before,
    /// The store is done; its answer is still under way.
    After,
}

impl Next {
    async fn write(&self, write: impl FnOnce()) -> Result<()> {
        self.wait(Hold::Before).await;
        let fault = self.fault.take();
        if fault != Fault::Failed {
            write();
        }
        self.wait(Hold::After).await;
        if fault == Fault::None {
            Ok(())
        } else {
            Err(StoreError("injected".to_owned()))
        }
    }

    /// Gives others one chance to run, if an operation is to be held here.
    async fn wait(&self, here: Hold) {
        if self.hold.get() != Some(here) {
            return;
        }
        self.hold.take();
        let mut held = true;
        poll_fn(|_| {
            if core::mem::take(&mut held) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }
}

/// All outside stores at once.
#[derive(Default)]
pub struct Memory {
    /// Chunks by key.
    pub objects: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Records of finished sessions.
    pub records: RefCell<BTreeMap<SessionId, Record>>,
    /// The index: revision and row.
    pub rows: RefCell<BTreeMap<SessionId, (Millis, SessionRow)>>,
    /// What the index lets in no more.
    pub refused: RefCell<BTreeSet<SessionId>>,
    /// Verdicts on sessions that wanted to be opened.
    pub admissions: RefCell<BTreeMap<SessionId, Admission>>,
    /// How often somebody began to write something, deletions aside.
    pub writes: Cell<u32>,
    next: [Next; 4],
}

/// Which operations a fault is for.
#[derive(Clone, Copy, Debug)]
pub enum Port {
    /// Writing and deleting chunks.
    Recordings,
    /// Writing and deleting records.
    Records,
    /// Everything that changes the index.
    Index,
    /// Listing chunks.
    Listing,
}

impl Port {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Recordings, Self::Records, Self::Index, Self::Listing];
}

impl Memory {
    fn writing(&self, port: Port) -> &Next {
        self.writes.set(self.writes.get() + 1);
        self.next(port)
    }

    #[expect(clippy::indexing_slicing, reason = "one for each port")]
    fn next(&self, port: Port) -> &Next {
        &self.next[port as usize]
    }

    /// Makes the next operation of `port` fail so.
    pub fn fail_next(&self, port: Port, fault: Fault) {
        self.next(port).fault.set(fault);
    }

    /// Makes the next operation of `port` wait there until it is polled again.
    pub fn hold_next(&self, port: Port, hold: Hold) {
        self.next(port).hold.set(Some(hold));
    }
}

fn prefix(site: &SiteKey, sid: &SessionId) -> String {
    format!("{site}/{sid}/")
}

fn key(place: &ChunkPlace<'_>) -> String {
    format!("{}{}", prefix(place.site, place.sid), place.name)
}

impl Recordings for &Memory {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, _row: &SessionRow) -> Result<()> {
        let write = || drop(self.objects.borrow_mut().insert(key(place), bytes));
        self.writing(Port::Recordings).write(write).await
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        Ok(self.objects.borrow().get(&key(place)).cloned())
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<String>> {
        let prefix = prefix(site, sid);
        let mut names = Vec::new();
        let read = || {
            let objects = self.objects.borrow();
            let found = objects.keys().filter_map(|key| key.strip_prefix(&prefix));
            names.extend(found.map(str::to_owned));
        };
        self.next(Port::Listing).write(read).await?;
        Ok(names)
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()> {
        let write = || {
            for name in names {
                let key = key(&ChunkPlace { site, sid, name });
                self.objects.borrow_mut().remove(&key);
            }
        };
        self.next(Port::Recordings).write(write).await
    }
}

impl Records for &Memory {
    async fn put(&self, _site: &SiteKey, record: &Record, _days: u32) -> Result<()> {
        let write = || {
            let mut records = self.records.borrow_mut();
            records.insert(record.sid.clone(), record.clone());
        };
        self.writing(Port::Records).write(write).await
    }

    async fn remove(&self, _site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || drop(self.records.borrow_mut().remove(sid));
        self.next(Port::Records).write(write).await
    }
}

impl Index for &Memory {
    async fn upsert(&self, _site: &SiteKey, row: &SessionRow, revision: Millis) -> Result<()> {
        let write = || {
            let mut rows = self.rows.borrow_mut();
            let known = rows.get(&row.sid).map(|(known, _)| *known);
            let refused = self.refused.borrow().contains(&row.sid);
            if !refused && known.is_none_or(|known| known <= revision) {
                rows.insert(row.sid.clone(), (revision, row.clone()));
            }
        };
        self.writing(Port::Index).write(write).await
    }

    async fn erase(&self, _site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || {
            self.rows.borrow_mut().remove(sid);
            self.refused.borrow_mut().insert(sid.clone());
        };
        self.next(Port::Index).write(write).await
    }

    async fn forget(&self, _site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || {
            self.rows.borrow_mut().remove(sid);
            self.refused.borrow_mut().remove(sid);
        };
        self.next(Port::Index).write(write).await
    }

    async fn is_erased(&self, _site: &SiteKey, sid: &SessionId) -> Result<bool> {
        Ok(self.refused.borrow().contains(sid))
    }

    async fn admit(&self, _site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission> {
        let mut verdict = Admission::Admitted;
        let write = || {
            let mut admissions = self.admissions.borrow_mut();
            let rows = self.rows.borrow();
            let of_month = |other: &&SessionId| other.month() == sid.month();
            let admitted = admissions
                .iter()
                .filter(|(_, verdict)| **verdict == Admission::Admitted)
                .map(|(other, _)| other)
                .filter(of_month);
            let day = |other: &SessionId| Day::of(other.start());
            let (mut of_day, mut of_months) = (0, 0);
            for other in admitted {
                of_months += 1;
                of_day += u64::from(day(other) == day(sid));
            }
            let usage = Usage {
                day: of_day,
                month: of_months,
                bytes: rows.values().map(|(_, row)| row.bytes).sum(),
            };
            let known = admissions.entry(sid.clone());
            verdict = *known.or_insert_with(|| quota.admit(usage));
        };
        self.writing(Port::Index).write(write).await?;
        Ok(verdict)
    }
}

type BatchKey = (TabId, u32);

/// A session object's storage.
#[derive(Default)]
pub struct MemoryBuffer {
    saved: RefCell<Option<Saved>>,
    batches: RefCell<BTreeMap<BatchKey, (Buffered, Vec<u8>)>>,
    chunks: RefCell<BTreeMap<String, StoredChunk>>,
    tombstone: RefCell<Option<Tombstone>>,
    /// When the alarm goes off.
    pub alarm_at: Cell<Option<Millis>>,
    asked: Next,
}

impl MemoryBuffer {
    /// Holds the answer to the next question for the alarm.
    pub fn hold_alarm(&self) {
        self.asked.hold.set(Some(Hold::After));
    }

    /// Nothing may be written beside a tombstone: whoever does has not looked for it.
    fn check_not_erased(&self) {
        assert!(
            self.tombstone.borrow().is_none(),
            "written after the erasure"
        );
    }
}

impl Buffer for &MemoryBuffer {
    fn load(&self) -> Result<Option<Saved>> {
        Ok(self.saved.borrow().clone())
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        self.check_not_erased();
        *self.saved.borrow_mut() = Some(saved.clone());
        Ok(())
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        Ok(self
            .batches
            .borrow()
            .values()
            .map(|(batch, _)| batch.clone())
            .collect())
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        let found = self
            .batches
            .borrow()
            .get(&(tab.clone(), first))
            .map(|(_, body)| body.clone());
        found.ok_or_else(|| StoreError("missing".to_owned()))
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.check_not_erased();
        let key = (batch.meta.tab.clone(), batch.meta.first);
        self.batches
            .borrow_mut()
            .entry(key)
            .or_insert((batch.clone(), body));
        Ok(())
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        Ok(self.chunks.borrow().values().cloned().collect())
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        self.check_not_erased();
        self.chunks
            .borrow_mut()
            .insert(chunk.name.clone(), chunk.clone());
        Ok(())
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        self.batches.borrow_mut().remove(&(tab.clone(), first));
        Ok(())
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        Ok(self.tombstone.borrow().clone())
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        *self.tombstone.borrow_mut() = Some(tombstone.clone());
        self.saved.take();
        self.batches.take();
        self.chunks.take();
        Ok(())
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        self.bury(tombstone)?;
        self.set_alarm(alarm).await
    }

    async fn clear(&self) -> Result<()> {
        self.tombstone.take();
        self.saved.take();
        self.batches.take();
        self.chunks.take();
        self.alarm_at.take();
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        let at = self.alarm_at.get();
        self.asked.wait(Hold::After).await;
        Ok(at)
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        self.alarm_at.set(Some(at));
        Ok(())
    }
}
