//! Stores in memory, with faults: failed, failed but written anyway (a timeout
//! after the commit), written twice. An operation can also be held, so that something
//! else happens while it is under way, and records can lag behind as a cache does.

mod issues;
mod links;
mod maps;
mod settings;
mod sheets;
mod upkeep;

pub use settings::Registered;
pub use sheets::Made;
pub use upkeep::{MemoryDesk, MemoryMonth};

use super::{
    Buffer, ChunkPlace, Counters, Index, ListedChunk, MaskedSum, Part, Recordings, Records,
    Reported, Result, Saved, Span, StoreError, Tombstone,
};
use crate::access::ApiToken;
use crate::access::gate::Tries;
use crate::analytics::fold::Fold;
use crate::analytics::pack::Packed;
use crate::analytics::report::{AnyReport, Example};
use crate::api::SessionRow;
use crate::audit::Entry;
use crate::count::{BYTES, Count, Counted};
use crate::day::Day;
use crate::erasure::Receipt;
use crate::facets::Facets;
use crate::filter::Filter;
use crate::id::{ErasureId, Millis, Month, SessionId, SiteKey, TabId};
use crate::issue::{Fingerprint, Known};
use crate::listing::Search;
use crate::quota::{Admission, Quota, Usage};
use crate::recording::{Buffered, Record, StoredChunk};
use crate::sharing::Kept;
use crate::source_map::Place;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::rc::Rc;
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
    /// It is written twice, as by a client that had lost the first answer.
    Twice,
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
    async fn write(&self, mut write: impl FnMut()) -> Result<()> {
        self.wait(Hold::Before).await;
        let fault = self.fault.take();
        if fault != Fault::Failed {
            write();
        }
        if fault == Fault::Twice {
            write();
        }
        self.wait(Hold::After).await;
        match fault {
            Fault::None | Fault::Twice => Ok(()),
            Fault::Failed | Fault::FailedButWritten => Err(StoreError("injected".to_owned())),
        }
    }

    /// Gives others one chance to run, if an operation is to be held here.
    async fn wait(&self, here: Hold) {
        if self.hold.get() != Some(here) {
            return;
        }
        self.hold.take();
        pause().await;
    }
}

/// Gives others one chance to run.
pub(crate) async fn pause() {
    let mut held = true;
    poll_fn(|context| {
        if core::mem::take(&mut held) {
            context.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

/// Something of each session, site by site.
#[derive(Clone, Debug, PartialEq)]
pub struct Shelf<V>(BTreeMap<(SiteKey, SessionId), V>);

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> Shelf<V> {
    /// How many sessions it has something of.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it has of a session, of whatever site.
    pub fn get(&self, sid: &SessionId) -> Option<&V> {
        let mut found = self.0.iter().filter(|((_, other), _)| other == sid);
        found.next().map(|(_, value)| value)
    }

    /// Whether it has something of a session.
    pub fn contains_key(&self, sid: &SessionId) -> bool {
        self.get(sid).is_some()
    }

    /// The same, for one that has no more than the fact.
    pub fn contains(&self, sid: &SessionId) -> bool {
        self.contains_key(sid)
    }

    /// All of it, in order of site and session.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values()
    }

    fn at(&self, site: &SiteKey, sid: &SessionId) -> Option<&V> {
        self.0.get(&(site.clone(), sid.clone()))
    }

    fn of<'a>(&'a self, site: &'a SiteKey) -> impl DoubleEndedIterator<Item = &'a V> {
        self.entries(site).map(|(_, value)| value)
    }

    fn entries<'a>(
        &'a self,
        site: &'a SiteKey,
    ) -> impl DoubleEndedIterator<Item = (&'a SessionId, &'a V)> {
        let own = self.0.iter().filter(move |((other, _), _)| other == site);
        own.map(|((_, sid), value)| (sid, value))
    }

    /// Keeps what it has of the sessions that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&SessionId) -> bool) {
        self.0.retain(|(_, sid), _| wanted(sid));
    }

    fn keep(&mut self, wanted: impl Fn(&SiteKey, &SessionId) -> bool) {
        self.0.retain(|(site, sid), _| wanted(site, sid));
    }

    /// Takes something of a session, in place of what it had.
    pub fn put(&mut self, site: &SiteKey, sid: &SessionId, value: V) {
        self.0.insert((site.clone(), sid.clone()), value);
    }

    fn drop(&mut self, site: &SiteKey, sid: &SessionId) {
        self.0.remove(&(site.clone(), sid.clone()));
    }
}

impl<V> core::ops::Index<&SessionId> for Shelf<V> {
    type Output = V;
    #[expect(clippy::expect_used, reason = "only tests ask so")]
    fn index(&self, sid: &SessionId) -> &V {
        self.get(sid).expect("nothing of this session")
    }
}

/// What befalls one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What becomes of it.
    pub fault: Fault,
    /// Whether it waits.
    pub hold: Option<Hold>,
}

/// A source map: when it was written, and what is kept of it.
type Map = (Millis, Vec<u8>);

/// All outside stores at once.
#[derive(Default)]
pub struct Memory {
    /// Chunks by key.
    pub objects: RefCell<BTreeMap<String, Vec<u8>>>,
    /// What lies beside a chunk, by the same key: when it was written, and its session's row.
    pub notes: RefCell<BTreeMap<String, (Millis, SessionRow)>>,
    /// What time it is for those who are not told.
    pub clock: Cell<Millis>,
    /// What was counted, by site, day and word.
    pub counts: RefCell<BTreeMap<(SiteKey, Day, String), u64>>,
    /// The sites that there are.
    pub sites: RefCell<Registered>,
    /// API tokens, by the hash of their secret.
    pub tokens: RefCell<BTreeMap<String, ApiToken>>,
    /// Failures to sign in, by place.
    pub tries: RefCell<BTreeMap<String, Tries>>,
    /// The generation of sign-ins.
    pub generation: Cell<u64>,
    /// Links to sessions, by site and the hash of their secret.
    pub links: RefCell<BTreeMap<(SiteKey, String), Kept>>,
    /// Source maps by site and place: when each was written, and what is kept of it.
    pub maps: RefCell<BTreeMap<(SiteKey, Place), Map>>,
    /// The audit logs of sites and of the deployment, by place.
    pub audit: RefCell<BTreeMap<(Option<SiteKey>, String), Entry>>,
    /// What is known of issues.
    pub issues: RefCell<BTreeMap<(SiteKey, Fingerprint), Known>>,
    /// Receipts of erasures.
    pub receipts: RefCell<BTreeMap<(SiteKey, ErasureId), Receipt>>,
    /// The storage of each session's writer, for [`crate::erasure::Sessions`].
    pub writers: RefCell<Shelf<Rc<MemoryBuffer>>>,
    /// Records of finished sessions.
    pub records: RefCell<Shelf<Record>>,
    /// The index: revision and row.
    pub rows: RefCell<Shelf<(Millis, SessionRow, Packed)>>,
    /// What is made of the rows of each month of a site.
    pub made: RefCell<BTreeMap<(SiteKey, Month), Made>>,
    /// What the index lets in no more.
    pub refused: RefCell<Shelf<()>>,
    /// Verdicts on sessions that wanted to be opened.
    pub admissions: RefCell<Shelf<Admission>>,
    /// How often somebody began to write something, deletions aside.
    pub writes: Cell<u32>,
    /// How many operations began, reading ones included.
    pub operations: Cell<u32>,
    /// Every operation waits, before it does anything and again with its answer.
    pub slow: Cell<bool>,
    /// What a cache in front of the records still shows.
    cached: RefCell<Option<Shelf<Record>>>,
    /// What befalls the operation of this number.
    planned: Cell<Option<(u32, Trouble)>>,
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
    fn count_write(&self) {
        self.writes.set(self.writes.get() + 1);
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

    /// Makes the operation number `at` from now, counted from 0, go so.
    pub fn plan(&self, at: u32, trouble: Trouble) {
        self.planned
            .set(Some((self.operations.get() + at, trouble)));
    }

    /// Takes back what was planned; whether it had not happened yet.
    pub fn unplan(&self) -> bool {
        self.planned.take().is_some()
    }

    fn write_row(&self, site: &SiteKey, row: &SessionRow, packed: &Packed, revision: Millis) {
        let mut rows = self.rows.borrow_mut();
        let known = rows.at(site, &row.sid).map(|(known, ..)| *known);
        let refused = self.refused.borrow().at(site, &row.sid).is_some();
        if !refused && known.is_none_or(|known| known <= revision) {
            rows.put(site, &row.sid, (revision, row.clone(), packed.clone()));
            self.row_changed(site, &row.sid);
        }
    }

    fn drop_chunk(&self, place: &ChunkPlace<'_>) {
        self.objects.borrow_mut().remove(&key(place));
        self.notes.borrow_mut().remove(&key(place));
    }

    /// From now on readers see the records of this moment only.
    pub fn cache_records(&self) {
        let now = self.records.borrow().clone();
        *self.cached.borrow_mut() = Some(now);
    }

    /// What a site has used up of the day and the month in which a session began.
    fn usage(&self, admissions: &Shelf<Admission>, site: &SiteKey, sid: &SessionId) -> Usage {
        let mut usage = Usage::default();
        let admitted = admissions.entries(site);
        for (other, _) in admitted.filter(|(_, verdict)| **verdict == Admission::Admitted) {
            usage.month += u64::from(other.month() == sid.month());
            usage.day += u64::from(Day::of(other.start()) == Day::of(sid.start()));
        }
        let counts = self.counts.borrow();
        let own = counts
            .iter()
            .filter(|((of, day, _), _)| of == site && day.month() == sid.month());
        let bytes = own.filter(|((_, _, name), _)| name == BYTES);
        usage.bytes = bytes.map(|(_, n)| n).sum();
        usage
    }

    async fn operate(&self, port: Port, work: impl FnMut()) -> Result<()> {
        self.perform(self.next(port), work).await
    }

    async fn read(&self, work: impl FnMut()) -> Result<()> {
        self.perform(&Next::default(), work).await
    }

    /// Counts an operation that begins, and sees that what was planned befalls it.
    fn begins(&self, next: &Next) {
        let number = self.operations.get();
        self.operations.set(number + 1);
        if let Some((at, trouble)) = self.planned.get()
            && at == number
        {
            self.planned.take();
            next.fault.set(trouble.fault);
            next.hold.set(trouble.hold);
        }
    }

    async fn perform(&self, next: &Next, work: impl FnMut()) -> Result<()> {
        self.begins(next);
        let slow = self.slow.get();
        if slow {
            pause().await;
        }
        let done = next.write(work).await;
        if slow {
            pause().await;
        }
        done
    }
}

fn prefix(site: &SiteKey, sid: &SessionId) -> String {
    format!("{site}/{sid}/")
}

fn key(place: &ChunkPlace<'_>) -> String {
    format!("{}{}", prefix(place.site, place.sid), place.name)
}

fn cut(bytes: &[u8], part: Part) -> Option<Vec<u8>> {
    let from = usize::try_from(part.offset).ok()?;
    let length = usize::try_from(part.length).ok()?;
    bytes
        .get(from..from.checked_add(length)?)
        .map(<[u8]>::to_vec)
}

impl Recordings for &Memory {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()> {
        self.count_write();
        let write = || {
            let note = (self.clock.get(), row.clone());
            self.objects.borrow_mut().insert(key(place), bytes.clone());
            self.notes.borrow_mut().insert(key(place), note);
        };
        self.operate(Port::Recordings, write).await
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        self.read(|| found = self.objects.borrow().get(&key(place)).cloned())
            .await?;
        Ok(found)
    }

    async fn part(&self, place: &ChunkPlace<'_>, part: Part) -> Result<Option<Vec<u8>>> {
        let Some(bytes) = Recordings::get(self, place).await? else {
            return Ok(None);
        };
        Ok(cut(&bytes, part))
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<ListedChunk>> {
        let prefix = prefix(site, sid);
        let mut chunks = Vec::new();
        let read = || {
            let objects = self.objects.borrow();
            let found = objects.iter().filter_map(|(key, bytes)| {
                Some(ListedChunk {
                    name: key.strip_prefix(&prefix)?.to_owned(),
                    bytes: bytes.len() as u64,
                })
            });
            chunks = found.collect();
        };
        self.operate(Port::Listing, read).await?;
        Ok(chunks)
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()> {
        let write = || {
            for name in names {
                self.drop_chunk(&ChunkPlace { site, sid, name });
            }
        };
        self.operate(Port::Recordings, write).await
    }
}

impl Records for &Memory {
    async fn put(&self, site: &SiteKey, record: &Record, _days: u32) -> Result<()> {
        self.count_write();
        let write = || {
            let mut records = self.records.borrow_mut();
            records.put(site, &record.sid, record.clone());
        };
        self.operate(Port::Records, write).await
    }

    async fn get(&self, site: &SiteKey, sid: &SessionId) -> Result<Option<Record>> {
        let mut found = None;
        let read = || {
            found = match &*self.cached.borrow() {
                Some(cached) => cached.at(site, sid).cloned(),
                None => self.records.borrow().at(site, sid).cloned(),
            };
        };
        self.read(read).await?;
        Ok(found)
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || self.records.borrow_mut().drop(site, sid);
        self.operate(Port::Records, write).await
    }
}

impl Index for &Memory {
    async fn upsert(
        &self,
        site: &SiteKey,
        row: &SessionRow,
        packed: &Packed,
        revision: Millis,
    ) -> Result<()> {
        self.count_write();
        let write = || self.write_row(site, row, packed, revision);
        self.operate(Port::Index, write).await
    }

    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || {
            self.refused.borrow_mut().put(site, sid, ());
            self.drop_row(site, sid);
        };
        self.operate(Port::Index, write).await
    }

    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        let write = || {
            self.drop_row(site, sid);
            self.refused.borrow_mut().drop(site, sid);
        };
        self.operate(Port::Index, write).await
    }

    async fn page(&self, site: &SiteKey, span: Span, search: &Search) -> Result<Vec<SessionRow>> {
        let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
        let mut page = Vec::new();
        let read = || {
            let rows = self.rows.borrow();
            let shown = rows.of(site).map(|(_, row, _)| row);
            let wanted = shown.filter(|row| row.started >= span.oldest && search.takes(row));
            page = wanted.cloned().collect();
            page.sort_by(|a, b| search.order(a, b));
            page.truncate(limit);
        };
        self.read(read).await?;
        Ok(page)
    }

    async fn facets(&self, site: &SiteKey, span: Span, filter: &Filter) -> Result<Facets> {
        let mut facets = Facets::default();
        let read = || {
            let rows = self.rows.borrow();
            let shown = rows.of(site).map(|(_, row, _)| row);
            let shown = shown.filter(|row| row.started >= span.oldest);
            facets = Facets::of(shown, filter);
        };
        self.read(read).await?;
        Ok(facets)
    }

    async fn report(
        &self,
        site: &SiteKey,
        span: Span,
        filter: &Filter,
        report: AnyReport,
    ) -> Result<Reported> {
        let when = filter.when();
        let mut found = Reported { report, pending: 0 };
        let empty = found.report.clone();
        let read = || {
            let mut fold = Fold::new(empty.clone());
            found.pending = 0;
            let rows = self.rows.borrow();
            for (_, row, packed) in rows.of(site) {
                let is_kept = row.started >= span.oldest;
                if packed.is_outdated() && is_kept && when.matches(row) {
                    found.pending += 1;
                }
                let session = packed.read().unwrap_or_default();
                fold.row(row, &session, is_kept && filter.matches(row));
            }
            found.report = fold.into_report();
        };
        self.read(read).await?;
        Ok(found)
    }

    async fn named(&self, site: &SiteKey, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
        let mut named = Vec::new();
        let read = || {
            let rows = self.rows.borrow();
            let of = |example: &Example| {
                let mut same = rows
                    .of(site)
                    .filter(|(_, row, _)| row.started == example.started);
                let rank = usize::try_from(example.rank).unwrap_or(usize::MAX);
                same.nth(rank).map(|(_, row, _)| row.sid.clone())
            };
            named = examples.iter().map(of).collect();
        };
        self.read(read).await?;
        Ok(named)
    }

    async fn masked(&self, site: &SiteKey, span: Span) -> Result<MaskedSum> {
        let mut sum = MaskedSum::default();
        let read = || {
            sum = MaskedSum::default();
            let rows = self.rows.borrow();
            let counted = rows.of(site).map(|(_, row, _)| row);
            for row in counted.filter(|row| row.started >= span.oldest && row.masked > 0) {
                sum.sessions += 1;
                sum.values += row.masked;
            }
        };
        self.read(read).await?;
        Ok(sum)
    }

    async fn is_erased(&self, site: &SiteKey, sid: &SessionId) -> Result<bool> {
        let mut erased = false;
        self.read(|| erased = self.refused.borrow().at(site, sid).is_some())
            .await?;
        Ok(erased)
    }

    async fn admit(&self, site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission> {
        self.count_write();
        let mut verdict = Admission::Admitted;
        let write = || {
            let mut admissions = self.admissions.borrow_mut();
            verdict = match admissions.at(site, sid) {
                Some(known) => *known,
                None if quota.is_unlimited() => return,
                None => quota.admit(self.usage(&admissions, site, sid)),
            };
            admissions.put(site, sid, verdict);
        };
        self.operate(Port::Index, write).await?;
        Ok(verdict)
    }
}

impl Counters for &Memory {
    async fn add(&self, site: &SiteKey, counts: &[Counted]) -> Result<()> {
        let write = || {
            let mut known = self.counts.borrow_mut();
            for Counted { day, name, n } in counts {
                let key = (site.clone(), *day, (*name).to_owned());
                *known.entry(key).or_default() += n;
            }
        };
        self.read(write).await
    }

    async fn counted(&self, site: &SiteKey, from: Day, to: Day) -> Result<Vec<Count>> {
        let mut found = Vec::new();
        let read = || {
            let counts = self.counts.borrow();
            let own = counts
                .iter()
                .filter(|((of, day, _), _)| of == site && from <= *day && *day <= to);
            let own = own.map(|((_, day, name), n)| Count {
                day: *day,
                name: name.clone(),
                n: *n,
            });
            found = own.collect();
        };
        self.read(read).await?;
        Ok(found)
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
    clearing: Next,
    planned: upkeep::Planned,
}

impl MemoryBuffer {
    /// Holds the answer to the next question for the alarm.
    pub fn hold_alarm(&self) {
        self.asked.hold.set(Some(Hold::After));
    }

    /// Makes the next clearing go so.
    pub fn trouble_clearing(&self, trouble: Trouble) {
        self.clearing.fault.set(trouble.fault);
        self.clearing.hold.set(trouble.hold);
    }

    /// Makes the write number `at` from now, counted from 0, go so.
    pub fn plan_fault(&self, at: u32, fault: Fault) {
        self.planned.plan(at, fault);
    }

    /// Takes back what was planned; whether it had not happened yet.
    pub fn unplan(&self) -> bool {
        self.planned.unplan()
    }

    /// How many writes began.
    pub fn operations(&self) -> u32 {
        self.planned.operations()
    }

    /// Nothing may be written beside a tombstone: whoever does has not looked for it.
    fn check_not_erased(&self) {
        assert!(
            self.tombstone.borrow().is_none(),
            "written after the erasure"
        );
    }
}

impl<T: core::ops::Deref<Target = MemoryBuffer>> Buffer for T {
    fn load(&self) -> Result<Option<Saved>> {
        Ok(self.saved.borrow().clone())
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        self.check_not_erased();
        self.planned
            .run(|| *self.saved.borrow_mut() = Some(saved.clone()))
    }

    fn open(&self, saved: &Saved, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.check_not_erased();
        let key = (batch.meta.tab.clone(), batch.meta.first);
        self.planned.run(|| {
            *self.saved.borrow_mut() = Some(saved.clone());
            let mut batches = self.batches.borrow_mut();
            let entry = batches.entry(key.clone());
            entry.or_insert_with(|| (batch.clone(), body.clone()));
        })
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
        self.planned.run(|| {
            let mut batches = self.batches.borrow_mut();
            let entry = batches.entry(key.clone());
            entry.or_insert_with(|| (batch.clone(), body.clone()));
        })
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        Ok(self.chunks.borrow().values().cloned().collect())
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        self.check_not_erased();
        let write = || {
            let mut chunks = self.chunks.borrow_mut();
            chunks.insert(chunk.name.clone(), chunk.clone());
        };
        self.planned.run(write)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        let key = (tab.clone(), first);
        self.planned
            .run(|| drop(self.batches.borrow_mut().remove(&key)))
    }

    fn pack(&self, saved: &Saved, chunk: &StoredChunk) -> Result<()> {
        self.check_not_erased();
        self.planned.run(|| {
            *self.saved.borrow_mut() = Some(saved.clone());
            let mut batches = self.batches.borrow_mut();
            for meta in &chunk.batches {
                batches.remove(&(meta.tab.clone(), meta.first));
            }
            let mut chunks = self.chunks.borrow_mut();
            chunks.insert(chunk.name.clone(), chunk.clone());
        })
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        Ok(self.tombstone.borrow().clone())
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        self.planned.run(|| {
            *self.tombstone.borrow_mut() = Some(tombstone.clone());
            self.saved.take();
            self.batches.take();
            self.chunks.take();
        })
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        self.bury(tombstone)?;
        self.set_alarm(alarm).await
    }

    async fn clear(&self) -> Result<()> {
        let clear = || {
            self.tombstone.take();
            self.saved.take();
            self.batches.take();
            self.chunks.take();
            self.alarm_at.take();
        };
        self.clearing.write(clear).await
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        let at = self.alarm_at.get();
        self.asked.wait(Hold::After).await;
        Ok(at)
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        self.planned.run(|| self.alarm_at.set(Some(at)))
    }
}
