//! Stores in memory, with faults: failed, and failed but written anyway (a
//! timeout after the commit).

use super::{Buffer, ChunkPlace, Index, Recordings, Records, Result, Saved, prefix};
use crate::error::StoreError;
use sentiero_core::api::SessionRow;
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use sentiero_core::recording::{Buffered, Record, StoredChunk};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What the next write does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// Nothing is written, an error comes back.
    Failed,
    /// It is written, and an error comes back.
    FailedButWritten,
}

#[derive(Default)]
struct Faults(Cell<Fault>);

impl Faults {
    fn write(&self, write: impl FnOnce()) -> Result<()> {
        let fault = self.0.take();
        if fault != Fault::Failed {
            write();
        }
        if fault == Fault::None {
            Ok(())
        } else {
            Err(StoreError("injected".to_owned()))
        }
    }
}

/// All outside stores at once.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) objects: RefCell<BTreeMap<String, Vec<u8>>>,
    pub(crate) records: RefCell<BTreeMap<SessionId, Record>>,
    pub(crate) rows: RefCell<BTreeMap<SessionId, (Millis, SessionRow)>>,
    recordings_fault: Faults,
    records_fault: Faults,
    index_fault: Faults,
}

/// Which store a fault is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Port {
    Recordings,
    Records,
    Index,
}

impl Memory {
    /// Makes the next write of `port` fail so.
    pub(crate) fn fail_next(&self, port: Port, fault: Fault) {
        let faults = match port {
            Port::Recordings => &self.recordings_fault,
            Port::Records => &self.records_fault,
            Port::Index => &self.index_fault,
        };
        faults.0.set(fault);
    }
}

impl Recordings for &Memory {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, _row: &SessionRow) -> Result<()> {
        self.recordings_fault
            .write(|| drop(self.objects.borrow_mut().insert(place.key(), bytes)))
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        Ok(self.objects.borrow().get(&place.key()).cloned())
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<String>> {
        let prefix = prefix(site, sid);
        let objects = self.objects.borrow();
        Ok(objects
            .keys()
            .filter_map(|key| key.strip_prefix(&prefix).map(str::to_owned))
            .collect())
    }
}

impl Records for &Memory {
    async fn put(&self, _site: &SiteKey, record: &Record, _days: u32) -> Result<()> {
        self.records_fault.write(|| {
            let mut records = self.records.borrow_mut();
            records.insert(record.sid.clone(), record.clone());
        })
    }
}

impl Index for &Memory {
    async fn upsert(&self, _site: &SiteKey, row: &SessionRow, revision: Millis) -> Result<()> {
        self.index_fault.write(|| {
            let mut rows = self.rows.borrow_mut();
            if rows
                .get(&row.sid)
                .is_none_or(|(known, _)| *known <= revision)
            {
                rows.insert(row.sid.clone(), (revision, row.clone()));
            }
        })
    }
}

type BatchKey = (TabId, u32);

/// A session object's storage.
#[derive(Default)]
pub(crate) struct MemoryBuffer {
    saved: RefCell<Option<Saved>>,
    batches: RefCell<BTreeMap<BatchKey, (Buffered, Vec<u8>)>>,
    chunks: RefCell<BTreeMap<String, StoredChunk>>,
    pub(crate) alarm_at: Cell<Option<Millis>>,
}

impl Buffer for &MemoryBuffer {
    fn load(&self) -> Result<Option<Saved>> {
        Ok(self.saved.borrow().clone())
    }

    fn save(&self, saved: &Saved) -> Result<()> {
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
        self.chunks
            .borrow_mut()
            .insert(chunk.name.clone(), chunk.clone());
        Ok(())
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        self.batches.borrow_mut().remove(&(tab.clone(), first));
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        self.saved.take();
        self.batches.take();
        self.chunks.take();
        self.alarm_at.take();
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        Ok(self.alarm_at.get())
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        self.alarm_at.set(Some(at));
        Ok(())
    }
}
