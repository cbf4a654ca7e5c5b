//! What goes over many sessions, in memory: the same chunks, rows and writers as
//! [`super::Memory`] holds, under the same faults.

use super::super::{ChunkPlace, Index, Result, Span, StoreError};
use super::{Fault, Hold, Memory, MemoryBuffer, Next, pause};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::erasure::{Desk, Filter, Job, Ledger, Months, Receipt, Sessions};
use crate::id::{ErasureId, Millis, Month, SessionId, SiteKey};
use crate::lifecycle::{Actor, Append, Erase, Held, Refused, Timing};
use crate::retention::{Bounds, Chunks, Fit, Listed, Plan, Shelf, Stock, Stocks};
use crate::store::contract::sessions::Uploads;
use crate::wire::{Ack, Limits};
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

/// The writer of one session.
type Writer<'a> = Actor<Rc<MemoryBuffer>, &'a Memory, &'a Memory, &'a Memory>;

impl Memory {
    pub(super) async fn step(&self, work: impl FnMut()) -> Result<()> {
        self.perform(&Next::default(), work).await
    }

    /// Asks a session's writer something, under the faults of a call to it. What the writer
    /// asks of the stores is counted, and can fail, on its own.
    async fn reach<T>(&self, mut ask: impl AsyncFnMut() -> Result<T>) -> Result<T> {
        let next = Next::default();
        self.begins(&next);
        let slow = self.slow.get();
        if slow {
            pause().await;
        }
        next.wait(Hold::Before).await;
        let fault = next.fault.take();
        if fault == Fault::Failed {
            return Err(StoreError("injected".to_owned()));
        }
        let mut answer = ask().await;
        if fault == Fault::Twice {
            answer = ask().await;
        }
        next.wait(Hold::After).await;
        if slow {
            pause().await;
        }
        if fault == Fault::FailedButWritten {
            return Err(StoreError("injected".to_owned()));
        }
        answer
    }

    /// The writer of a session that may be new.
    pub fn writer(&self, site: &SiteKey, sid: &SessionId) -> Writer<'_> {
        let known = self.writers.borrow().at(site, sid).cloned();
        let buffer = known.unwrap_or_default();
        self.writers.borrow_mut().put(site, sid, buffer.clone());
        self.writer_over(buffer)
    }

    fn writer_over(&self, buffer: Rc<MemoryBuffer>) -> Writer<'_> {
        Actor {
            buffer,
            recordings: self,
            records: self,
            index: self,
            timing: Timing::DEFAULT,
            limits: Limits::DEFAULT,
            log: |_| {},
        }
    }

    /// The rows of a site, oldest first.
    pub fn all_rows(&self, site: &SiteKey) -> Vec<SessionRow> {
        let rows = self.rows.borrow();
        rows.of(site).map(|(_, row, _)| row.clone()).collect()
    }

    /// Lets every alarm of a session's writer go off that is due until `until`.
    pub async fn wake_writers(&self, until: Millis) -> Result<()> {
        while let Some((at, buffer)) = self.next_alarm(until) {
            buffer.alarm_at.take();
            self.writer_over(buffer).alarm(at).await?;
        }
        Ok(())
    }

    fn next_alarm(&self, until: Millis) -> Option<(Millis, Rc<MemoryBuffer>)> {
        let writers = self.writers.borrow();
        let set = writers
            .values()
            .filter_map(|buffer| Some((buffer.alarm_at.get()?, buffer.clone())));
        let due = set.filter(|(at, _)| *at <= until);
        due.min_by_key(|(at, _)| *at)
    }
}

impl Chunks for &Memory {
    async fn page(
        &self,
        site: &SiteKey,
        after: &str,
        limit: u32,
        rows: bool,
    ) -> Result<(Vec<Listed>, bool)> {
        let site_prefix = format!("{site}/");
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = (Vec::new(), false);
        let read = || {
            let notes = self.notes.borrow();
            let listed = notes.iter().filter_map(|(key, (at, row))| {
                let (sid, name) = key.strip_prefix(&site_prefix)?.split_once('/')?;
                Some(Listed {
                    sid: SessionId::parse(sid).ok()?,
                    name: name.to_owned(),
                    at: *at,
                    row: rows.then(|| row.clone()),
                })
            });
            let mut page: Vec<Listed> = listed
                .filter(|chunk| chunk.place().as_str() > after)
                .collect();
            let more = page.len() > limit;
            page.truncate(limit);
            found = (page, more);
        };
        self.step(read).await?;
        Ok(found)
    }

    async fn remove(&self, site: &SiteKey, chunks: &[Listed]) -> Result<()> {
        let write = || {
            for Listed { sid, name, .. } in chunks {
                self.drop_chunk(&ChunkPlace { site, sid, name });
            }
        };
        self.step(write).await
    }
}

impl Sessions for &Memory {
    async fn held(&self, site: &SiteKey, sid: &SessionId) -> Result<Held> {
        self.reach(async || {
            let known = self.writers.borrow().at(site, sid).cloned();
            // Who is merely asked stays empty.
            self.writer_over(known.unwrap_or_default()).held()
        })
        .await
    }

    async fn erase(&self, erase: &Erase) -> Result<()> {
        self.reach(async || {
            let writer = self.writer(&erase.site, &erase.sid);
            writer.erase(erase, self.clock.get()).await
        })
        .await
    }
}

impl Uploads for &Memory {
    async fn upload(
        &self,
        append: &Append,
        body: Vec<u8>,
    ) -> Result<core::result::Result<Ack, Refused>> {
        let writer = self.writer(&append.site, &append.sid);
        writer.append(append, body, append.batch.at).await
    }
}

impl Months for &Memory {
    async fn find(
        &self,
        site: &SiteKey,
        month: Month,
        filter: &Filter,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRow>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let started = Filter {
            from: filter.from,
            before: filter.before,
            ..Filter::default()
        };
        let mut found = Vec::new();
        let read = || {
            let rows = self.rows.borrow();
            let rows = rows.of(site).map(|(_, row, _)| row);
            let rows = rows.filter(|row| row.sid.month() == month && started.matches(row));
            let rows = rows.filter(|row| row.live || filter.matches(row));
            let rows = rows.filter(|row| after.is_none_or(|after| *after < row.sid));
            found = rows.take(limit).cloned().collect();
        };
        self.step(read).await?;
        Ok(found)
    }
}

impl Stocks for &Memory {
    async fn stock(&self, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>> {
        let mut months: BTreeMap<Month, Stock> = BTreeMap::new();
        let read = || {
            months.clear();
            let wanted: Vec<Month> = span.months().collect();
            let rows = self.all_rows(site);
            let finished = rows.iter().filter(|row| !row.live);
            for row in finished.filter(|row| wanted.contains(&row.sid.month())) {
                let stock = months.entry(row.sid.month()).or_default();
                stock.sessions += 1;
                stock.bytes += row.bytes;
            }
        };
        self.step(read).await?;
        Ok(months.into_iter().rev().collect())
    }

    async fn fit(&self, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit> {
        let mut fit = Fit::default();
        let read = || {
            let rows = self.all_rows(site);
            let rows = rows.iter().rev();
            let own = rows.filter(|row| row.sid.month() == month && !row.live);
            fit = Fit::of(own.map(|row| (row.sid.clone(), row.bytes)), bounds);
        };
        self.step(read).await?;
        Ok(fit)
    }
}

impl Ledger for &Memory {
    async fn put(&self, site: &SiteKey, receipt: &Receipt) -> Result<()> {
        let write = || {
            let key = (site.clone(), receipt.id.clone());
            let mut receipts = self.receipts.borrow_mut();
            let known = receipts.get(&key);
            if known.is_none() {
                self.write_note(Some(site), &receipt.noted());
            }
            if !known.is_some_and(|known| receipt.is_behind(known)) {
                receipts.insert(key, receipt.clone());
            }
        };
        self.step(write).await
    }

    async fn receipt(&self, site: &SiteKey, id: &ErasureId) -> Result<Option<Receipt>> {
        let mut found = None;
        let key = (site.clone(), id.clone());
        self.step(|| found = self.receipts.borrow().get(&key).cloned())
            .await?;
        Ok(found)
    }

    async fn receipts(
        &self,
        site: &SiteKey,
        before: Option<&ErasureId>,
        limit: u32,
    ) -> Result<Vec<Receipt>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let read = || {
            let receipts = self.receipts.borrow();
            let own = receipts.iter().rev().filter(|((of, _), _)| of == site);
            let own = own.map(|(_, receipt)| receipt);
            let earlier = own.filter(|receipt| before.is_none_or(|before| receipt.id < *before));
            found = earlier.take(limit).cloned().collect();
        };
        self.step(read).await?;
        Ok(found)
    }
}

/// A fault of a store that answers at once, by the number of the operation.
#[derive(Default)]
pub(super) struct Planned {
    operations: Cell<u32>,
    planned: Cell<Option<(u32, Fault)>>,
}

impl Planned {
    /// Makes the operation number `at` from now, counted from 0, go so.
    pub(super) fn plan(&self, at: u32, fault: Fault) {
        let at = self.operations.get().saturating_add(at);
        self.planned.set(Some((at, fault)));
    }

    /// Takes back what was planned; whether it had not happened yet.
    pub(super) fn unplan(&self) -> bool {
        self.planned.take().is_some()
    }

    pub(super) fn operations(&self) -> u32 {
        self.operations.get()
    }

    /// An operation.
    pub(super) fn run<T>(&self, mut work: impl FnMut() -> T) -> Result<T> {
        let number = self.operations.get();
        self.operations.set(number.saturating_add(1));
        let fault = match self.planned.get() {
            Some((at, fault)) if at == number => {
                self.planned.take();
                fault
            }
            _ => Fault::None,
        };
        if fault == Fault::Failed {
            return Err(StoreError("injected".to_owned()));
        }
        let mut done = work();
        match fault {
            Fault::Twice => done = work(),
            Fault::FailedButWritten => return Err(StoreError("injected".to_owned())),
            Fault::None | Fault::Failed => {}
        }
        Ok(done)
    }
}

/// The rows of one month of a site, as its upkeep sees them: those of a [`Memory`].
pub struct MemoryMonth<'a> {
    pub(super) memory: &'a Memory,
    pub(super) site: SiteKey,
    pub(super) month: Month,
    /// What is known of its upkeep.
    pub plan: RefCell<Option<Plan>>,
    /// When the alarm goes off.
    pub alarm_at: Cell<Option<Millis>>,
    /// What it asks for its alarm waits, before anything is done and again with the answer.
    pub slow: Cell<bool>,
    /// How many answers were marked.
    pub(super) marks: Cell<u64>,
    pub(super) planned: Planned,
}

impl<'a> MemoryMonth<'a> {
    /// A month of which nothing is known.
    pub fn new(memory: &'a Memory, site: SiteKey, month: Month) -> Self {
        Self {
            memory,
            site,
            month,
            plan: RefCell::default(),
            alarm_at: Cell::default(),
            slow: Cell::default(),
            marks: Cell::default(),
            planned: Planned::default(),
        }
    }

    pub(super) async fn waits(&self) {
        if self.slow.get() {
            pause().await;
        }
    }

    /// Makes the operation number `at` on its own storage from now, counted from 0, go so.
    pub fn plan_fault(&self, at: u32, fault: Fault) {
        self.planned.plan(at, fault);
    }

    /// Takes back what was planned; whether it had not happened yet.
    pub fn unplan(&self) -> bool {
        self.planned.unplan()
    }

    /// How many operations on its own storage there were.
    pub fn operations(&self) -> u32 {
        self.planned.operations()
    }

    /// Erases a session of it in the index.
    pub async fn erase(&self, sid: &SessionId) -> Result<()> {
        Index::erase(&self.memory, &self.site, sid).await
    }

    /// Forgets that a session of it was erased.
    pub async fn forget(&self, sid: &SessionId) -> Result<()> {
        Index::forget(&self.memory, &self.site, sid).await
    }

    fn revision(&self, sid: &SessionId) -> Option<Millis> {
        let rows = self.memory.rows.borrow();
        rows.at(&self.site, sid).map(|(revision, _, _)| *revision)
    }

    fn sids(&self, wanted: impl Fn(&SessionRow) -> bool) -> Vec<SessionId> {
        let rows = self.memory.rows.borrow();
        let rows = rows.of(&self.site).map(|(_, row, _)| row);
        let own = rows.filter(|row| row.sid.month() == self.month && wanted(row));
        own.map(|row| row.sid.clone()).collect()
    }
}

impl Shelf for &MemoryMonth<'_> {
    fn plan(&self) -> Result<Option<Plan>> {
        self.planned.run(|| self.plan.borrow().clone())
    }

    fn save_plan(&self, plan: &Plan) -> Result<()> {
        self.planned
            .run(|| *self.plan.borrow_mut() = Some(plan.clone()))
    }

    fn is_live(&self, sid: &SessionId) -> Result<bool> {
        self.planned
            .run(|| !self.sids(|row| row.live && row.sid == *sid).is_empty())
    }

    fn rows(&self, end: Millis, limit: u32) -> Result<Vec<SessionId>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.planned.run(|| {
            let mut sids = self.sids(|row| row.started < end);
            sids.truncate(limit);
            sids
        })
    }

    fn live(&self) -> Result<Vec<SessionId>> {
        self.planned.run(|| self.sids(|row| row.live))
    }

    fn live_since(
        &self,
        oldest: Millis,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<(SessionId, Millis)>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let wanted = |row: &SessionRow| {
            row.live && row.started >= oldest && before.is_none_or(|before| row.sid < *before)
        };
        self.planned.run(|| {
            let sids = self.sids(wanted).into_iter().rev().take(limit);
            sids.filter_map(|sid| Some((sid.clone(), self.revision(&sid)?)))
                .collect()
        })
    }

    fn drop_row(&self, sid: &SessionId) -> Result<()> {
        self.planned.run(|| self.memory.drop_row(&self.site, sid))
    }

    fn restore(&self, row: &SessionRow, packed: &Packed, revision: Millis) -> Result<()> {
        self.planned
            .run(|| self.memory.write_row(&self.site, row, packed, revision))
    }

    fn outdated(&self, after: &str, limit: u32) -> Result<Vec<(SessionRow, Millis)>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.planned.run(|| {
            let rows = self.memory.rows.borrow();
            let own = rows.of(&self.site).filter(|(_, row, packed)| {
                row.sid.month() == self.month
                    && !row.live
                    && packed.is_outdated()
                    && row.sid.as_str() > after
            });
            let own = own.take(limit);
            own.map(|(revision, row, _)| (row.clone(), *revision))
                .collect()
        })
    }

    fn replace(
        &self,
        row: &SessionRow,
        packed: &Packed,
        known: Millis,
        revision: Millis,
    ) -> Result<()> {
        self.planned.run(|| {
            let is_there = !self
                .sids(|other| other.sid == row.sid && other.live == row.live)
                .is_empty();
            if is_there && self.revision(&row.sid) == Some(known) {
                self.memory.write_row(&self.site, row, packed, revision);
            }
        })
    }

    fn remembers_erased(&self) -> Result<bool> {
        self.planned.run(|| {
            let refused = self.memory.refused.borrow();
            let mut erased = refused.entries(&self.site);
            erased.any(|(sid, ())| sid.month() == self.month)
        })
    }

    async fn clear(&self) -> Result<()> {
        let of_another =
            |of: &SiteKey, sid: &SessionId| *of != self.site || sid.month() != self.month;
        let clear = || {
            self.plan.take();
            self.alarm_at.take();
            self.memory.rows.borrow_mut().keep(of_another);
            let key = (self.site.clone(), self.month);
            self.memory.made.borrow_mut().remove(&key);
            self.memory.refused.borrow_mut().keep(of_another);
            self.memory.admissions.borrow_mut().keep(of_another);
        };
        self.memory.step(clear).await
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        self.waits().await;
        let at = self.planned.run(|| self.alarm_at.get());
        self.waits().await;
        at
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        // It begins at once, as what is written beside it.
        let set = self.planned.run(|| self.alarm_at.set(Some(at)));
        self.waits().await;
        set
    }
}

/// An erasure's own storage.
#[derive(Default)]
pub struct MemoryDesk {
    /// What is left to be done.
    pub job: RefCell<Option<Job>>,
    /// When the alarm goes off.
    pub alarm_at: Cell<Option<Millis>>,
    planned: Planned,
}

impl MemoryDesk {
    /// Makes the operation number `at` from now, counted from 0, go so.
    pub fn plan_fault(&self, at: u32, fault: Fault) {
        self.planned.plan(at, fault);
    }

    /// Takes back what was planned; whether it had not happened yet.
    pub fn unplan(&self) -> bool {
        self.planned.unplan()
    }

    /// How many operations there were.
    pub fn operations(&self) -> u32 {
        self.planned.operations()
    }
}

impl Desk for &MemoryDesk {
    fn load(&self) -> Result<Option<Job>> {
        self.planned.run(|| self.job.borrow().clone())
    }

    fn save(&self, job: &Job) -> Result<()> {
        self.planned
            .run(|| *self.job.borrow_mut() = Some(job.clone()))
    }

    async fn clear(&self) -> Result<()> {
        self.planned.run(|| {
            self.job.take();
            self.alarm_at.take();
        })
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        Ok(self.alarm_at.get())
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        self.planned.run(|| self.alarm_at.set(Some(at)))
    }
}
