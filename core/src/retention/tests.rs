//! Months on stores in memory, with a fault at every step.

mod anew;
mod catch_up;

use super::*;
use crate::analytics::pack::Packed;
use crate::chunk::ChunkWriter;
use crate::erasure::tests::{DAY, NOW, World as Sessions, advances, sid, site, troubles};
use crate::lifecycle::erased_until;
use crate::recording::{Record, Visitor};
use crate::store::contract::batch;
use crate::store::memory::{Fault, Trouble};
use crate::store::{ChunkPlace, ListedChunk, Part, Recordings, Records, StoreError};
use pollster::block_on;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

type Outcome<T> = core::result::Result<T, StoreError>;

/// One month over stores that outlive it.
#[derive(Default)]
struct World {
    sessions: Sessions,
    /// By place: the session, the row in its metadata, and when it was written.
    chunks: RefCell<BTreeMap<String, Listed>>,
    records: RefCell<BTreeSet<SessionId>>,
    /// Records that can be read, and chunks by session and name.
    readable: RefCell<BTreeMap<SessionId, Record>>,
    bytes: RefCell<BTreeMap<(SessionId, String), Vec<u8>>>,
    /// What reports read of a session.
    packed: RefCell<BTreeMap<SessionId, Packed>>,
    rows: RefCell<BTreeMap<SessionId, (Millis, SessionRow)>>,
    remembers: Cell<bool>,
    plan: RefCell<Option<Plan>>,
    alarm: Cell<Option<Millis>>,
    meanwhile: Cell<Meanwhile>,
}

/// What happens while an operation waits.
#[derive(Clone, Copy, Debug, Default)]
enum Meanwhile {
    #[default]
    Nothing,
    /// Somebody asks for the month to be looked at.
    Asked,
    /// The step is ended for good, and repeated by the platform.
    Crash,
}

impl Meanwhile {
    const ALL: [Self; 3] = [Self::Nothing, Self::Asked, Self::Crash];
}

impl Chunks for &World {
    async fn page(
        &self,
        _site: &SiteKey,
        after: &str,
        limit: u32,
        rows: bool,
    ) -> Outcome<(Vec<Listed>, bool)> {
        self.sessions
            .faults
            .run(|| {
                let chunks = self.chunks.borrow();
                let behind = chunks.iter().filter(|(place, _)| place.as_str() > after);
                let mut page: Vec<Listed> = behind.map(|(_, chunk)| chunk.clone()).collect();
                let more = page.len() > limit as usize;
                page.truncate(limit as usize);
                if !rows {
                    for chunk in &mut page {
                        chunk.row = None;
                    }
                }
                (page, more)
            })
            .await
    }

    async fn remove(&self, _site: &SiteKey, chunks: &[Listed]) -> Outcome<()> {
        assert!(chunks.len() <= PAGE as usize);
        self.sessions
            .faults
            .run(|| {
                for chunk in chunks {
                    self.chunks.borrow_mut().remove(&chunk.place());
                }
            })
            .await
    }
}

impl Records for &World {
    async fn put(&self, _site: &SiteKey, _record: &Record, _days: u32) -> Outcome<()> {
        panic!("nobody writes records here");
    }

    async fn get(&self, _site: &SiteKey, sid: &SessionId) -> Outcome<Option<Record>> {
        self.sessions
            .faults
            .run(|| self.readable.borrow().get(sid).cloned())
            .await
    }

    async fn remove(&self, _site: &SiteKey, sid: &SessionId) -> Outcome<()> {
        self.sessions
            .faults
            .run(|| {
                self.records.borrow_mut().remove(sid);
            })
            .await
    }
}

impl Recordings for &World {
    async fn put(&self, _: &ChunkPlace<'_>, _: Vec<u8>, _: &SessionRow) -> Outcome<()> {
        panic!("nobody writes chunks here");
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Outcome<Option<Vec<u8>>> {
        let key = (place.sid.clone(), place.name.to_owned());
        self.sessions
            .faults
            .run(|| self.bytes.borrow().get(&key).cloned())
            .await
    }

    async fn part(&self, _: &ChunkPlace<'_>, _: Part) -> Outcome<Option<Vec<u8>>> {
        panic!("nobody reads parts here");
    }

    async fn list(&self, _site: &SiteKey, sid: &SessionId) -> Outcome<Vec<ListedChunk>> {
        let listed = || {
            let all = self.bytes.borrow();
            let own = all.iter().filter(|((other, _), _)| other == sid);
            own.map(|((_, name), bytes)| ListedChunk {
                name: name.clone(),
                bytes: bytes.len() as u64,
            })
            .collect()
        };
        self.sessions.faults.run(listed).await
    }

    async fn remove(&self, _: &SiteKey, _: &SessionId, _: &[String]) -> Outcome<()> {
        panic!("nobody deletes single chunks here");
    }
}

impl Shelf for &World {
    fn plan(&self) -> Outcome<Option<Plan>> {
        self.now(|| self.plan.borrow().clone())
    }

    fn save_plan(&self, plan: &Plan) -> Outcome<()> {
        self.now(|| *self.plan.borrow_mut() = Some(plan.clone()))
    }

    fn is_live(&self, sid: &SessionId) -> Outcome<bool> {
        self.now(|| self.rows.borrow().get(sid).is_some_and(|(_, row)| row.live))
    }

    fn rows(&self, end: Millis, limit: u32) -> Outcome<Vec<SessionId>> {
        self.now(|| {
            let rows = self.rows.borrow();
            let past = rows.keys().filter(|sid| sid.start() < end);
            past.take(limit as usize).cloned().collect()
        })
    }

    fn live(&self) -> Outcome<Vec<SessionId>> {
        self.now(|| {
            let rows = self.rows.borrow();
            let live = rows.iter().filter(|(_, (_, row))| row.live);
            live.map(|(sid, _)| sid.clone()).collect()
        })
    }

    fn live_since(
        &self,
        oldest: Millis,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Outcome<Vec<(SessionId, Millis)>> {
        self.now(|| {
            let rows = self.rows.borrow();
            let live = rows.iter().rev().filter(|(_, (_, row))| row.live);
            let wanted = live.filter(|(sid, _)| {
                sid.start() >= oldest && before.is_none_or(|before| *sid < before)
            });
            let taken = wanted.take(limit as usize);
            taken.map(|(sid, (at, _))| (sid.clone(), *at)).collect()
        })
    }

    fn drop_row(&self, sid: &SessionId) -> Outcome<()> {
        self.now(|| drop(self.rows.borrow_mut().remove(sid)))
    }

    fn restore(&self, row: &SessionRow, packed: &Packed, revision: Millis) -> Outcome<()> {
        self.now(|| {
            let mut rows = self.rows.borrow_mut();
            let known = rows.get(&row.sid).map(|(known, _)| *known);
            if known.is_none_or(|known| known <= revision) {
                rows.insert(row.sid.clone(), (revision, row.clone()));
                let mut all = self.packed.borrow_mut();
                all.insert(row.sid.clone(), packed.clone());
            }
        })
    }

    fn outdated(&self, after: &str, limit: u32) -> Outcome<Vec<(SessionRow, Millis)>> {
        self.now(|| {
            let (rows, packed) = (self.rows.borrow(), self.packed.borrow());
            let wanted = rows.iter().filter(|(sid, (_, row))| {
                let is_outdated = packed.get(sid).is_some_and(Packed::is_outdated);
                is_outdated && !row.live && sid.as_str() > after
            });
            let taken = wanted.take(limit as usize);
            taken.map(|(_, (at, row))| (row.clone(), *at)).collect()
        })
    }

    fn replace(
        &self,
        row: &SessionRow,
        packed: &Packed,
        known: Millis,
        revision: Millis,
    ) -> Outcome<()> {
        self.now(|| {
            let mut rows = self.rows.borrow_mut();
            if let Some(there) = rows.get_mut(&row.sid)
                && (there.0, there.1.live) == (known, row.live)
            {
                *there = (revision, row.clone());
                let mut all = self.packed.borrow_mut();
                all.insert(row.sid.clone(), packed.clone());
            }
        })
    }

    fn remembers_erased(&self) -> Outcome<bool> {
        self.now(|| self.remembers.get())
    }

    async fn clear(&self) -> Outcome<()> {
        self.sessions
            .faults
            .run(|| {
                self.plan.take();
                self.rows.borrow_mut().clear();
                self.alarm.set(None);
            })
            .await
    }

    async fn alarm(&self) -> Outcome<Option<Millis>> {
        Ok(self.alarm.get())
    }

    async fn set_alarm(&self, at: Millis) -> Outcome<()> {
        self.now(|| self.alarm.set(Some(at)))
    }
}

/// The month of [`NOW`], with sessions that started so many days after its beginning.
fn world(days: impl IntoIterator<Item = u64>) -> World {
    let world = World::default();
    let plan = Plan::new(site(), Month::of(NOW));
    for (number, day) in (0u8..).zip(days) {
        world.add(&sid(plan.from + day * DAY, number));
    }
    *world.plan.borrow_mut() = Some(plan);
    world.alarm.set(Some(NOW));
    world
}

fn from() -> Millis {
    Month::of(NOW).start()
}

fn to() -> Millis {
    Month::of(NOW).next().start()
}

impl World {
    /// A finished session of two chunks.
    fn add(&self, sid: &SessionId) {
        self.sessions.add(sid, "NO", None);
        let row = self.sessions.rows.borrow()[sid].clone();
        for n in 0..2 {
            let chunk = Listed {
                sid: sid.clone(),
                name: format!("{NOW}-000{n}"),
                at: sid.start() + n,
                row: Some(SessionRow {
                    events: n,
                    ..row.clone()
                }),
            };
            self.chunks.borrow_mut().insert(chunk.place(), chunk);
        }
        self.records.borrow_mut().insert(sid.clone());
        let last = SessionRow { events: 1, ..row };
        self.rows
            .borrow_mut()
            .insert(sid.clone(), (sid.start() + 5, last));
    }

    fn keeper(&self) -> Keeper<&Self, &Self, &Self, &Self, &Sessions> {
        Keeper {
            shelf: self,
            chunks: self,
            recordings: self,
            records: self,
            sessions: &self.sessions,
            log: |error| eprintln!("{error}"),
        }
    }

    /// Lets time pass until no alarm is due before `until`; sessions are kept for `days`.
    fn run(&self, until: Millis, days: u32) {
        for _ in 0..10_000 {
            let Some(at) = self.alarm.get().filter(|at| *at <= until) else {
                return;
            };
            self.alarm.set(None);
            let keeper = self.keeper();
            let mut step = Box::pin(keeper.alarm(at, Some(days)));
            let done = match (advances(step.as_mut()), self.meanwhile.get()) {
                (Some(done), _) => done,
                (None, Meanwhile::Nothing) => block_on(step),
                (None, Meanwhile::Asked) => {
                    self.ask(at);
                    block_on(step)
                }
                (None, Meanwhile::Crash) => Err(StoreError("ended for good".to_owned())),
            };
            if done.is_err() {
                // The platform repeats an alarm that has failed.
                self.alarm.set(Some(at));
            }
        }
        panic!("the alarm never rests");
    }

    /// Asks for the month to be looked at now.
    fn ask(&self, now: Millis) {
        let plan = self.plan.borrow().clone();
        if let Some(plan) = plan {
            *self.plan.borrow_mut() = Some(plan.to_check());
            self.alarm.set(Some(now));
        }
    }

    fn now<T>(&self, done: impl FnMut() -> T) -> Outcome<T> {
        self.sessions.faults.run_now(done)
    }

    /// How many sessions each store holds: chunks, rows, records.
    fn counts(&self) -> (usize, usize, usize) {
        let chunks: BTreeSet<SessionId> = self
            .chunks
            .borrow()
            .values()
            .map(|it| it.sid.clone())
            .collect();
        (
            chunks.len(),
            self.rows.borrow().len(),
            self.records.borrow().len(),
        )
    }
}

#[test]
fn what_is_past_goes_within_an_hour_and_the_rest_stays() {
    let world = world([0, 1, 2, 20]);
    let first = from() + 30 * DAY;
    world.run(first, 30);
    assert_eq!(world.counts(), (4, 4, 4), "to the millisecond");
    world.run(first + HOUR, 30);
    assert_eq!(world.counts(), (3, 3, 4), "KV deletes by itself");
    world.run(first + DAY + HOUR, 30);
    assert_eq!(world.counts(), (2, 2, 4));
    world.run(first + 20 * DAY - 1, 30);
    assert_eq!(world.counts(), (1, 1, 4));
    assert!(world.plan.borrow().is_some());
}

#[test]
fn a_month_that_is_past_is_dropped_whole() {
    let world = world(0..29);
    world.run(to() + 30 * DAY - 1, 30);
    assert!(world.plan.borrow().is_some());
    world.run(to() + 30 * DAY + HOUR, 30);
    assert_eq!(world.counts(), (0, 0, 29));
    assert!(world.plan.borrow().is_none() && world.alarm.get().is_none());
}

#[test]
fn a_month_without_a_session_goes_with_what_else_is_kept_of_it() {
    let world = World::default();
    block_on(open(&&world, site(), Month::of(NOW), NOW)).unwrap();
    assert_eq!(world.alarm.get(), Some(NOW));
    let plan = world.plan.borrow().clone();
    block_on(open(&&world, site(), Month::of(NOW), NOW + HOUR)).unwrap();
    assert_eq!(world.alarm.get(), Some(NOW), "it is looked after already");
    assert_eq!(*world.plan.borrow(), plan);
    world.run(to() + 30 * DAY - 1, 30);
    assert!(world.plan.borrow().is_some());
    world.run(to() + 30 * DAY + HOUR, 30);
    assert!(world.plan.borrow().is_none() && world.alarm.get().is_none());
}

#[test]
fn a_shortened_retention_holds_for_what_is_stored() {
    let world = world(0..20);
    world.run(NOW, 365);
    assert_eq!(world.counts(), (20, 20, 20));
    // Nobody asks: a day later at the latest.
    let later = NOW + 10 * DAY;
    world.run(later, 365);
    world.run(later + DAY, 1);
    assert_eq!(
        world.counts(),
        (0, 0, 0),
        "the records, too: their time is not up"
    );
}

#[test]
fn it_is_done_at_once_if_it_is_asked_for() {
    let world = world(0..3);
    world.run(NOW, 365);
    let asked = world.plan.borrow().clone().unwrap().to_check();
    *world.plan.borrow_mut() = Some(asked);
    world.alarm.set(Some(NOW + 5 * DAY));
    world.run(NOW + 5 * DAY, 1);
    assert_eq!(world.counts(), (0, 0, 0));
}

#[test]
fn a_live_session_stays_until_it_is_finished() {
    let world = world([]);
    let old = sid(from(), 1);
    world.sessions.add_live(&old, None);
    world.add(&old);
    world
        .sessions
        .live
        .borrow_mut()
        .insert(old.clone(), Record::rebuild(&old, Visitor::default(), []).0);
    world.rows.borrow_mut().get_mut(&old).unwrap().1.live = true;
    for month in 1..6 {
        world.run(from() + month * 30 * DAY, 1);
        assert_eq!(world.counts(), (1, 1, 1), "month {month}");
    }
    world.sessions.live.borrow_mut().clear();
    world.rows.borrow_mut().get_mut(&old).unwrap().1.live = false;
    world.run(from() + 181 * DAY, 1);
    assert_eq!(world.counts(), (0, 0, 1));
    assert!(world.plan.borrow().is_none());
}

#[test]
fn a_row_that_is_live_by_mistake_goes() {
    let world = world([0]);
    world
        .rows
        .borrow_mut()
        .values_mut()
        .for_each(|(_, row)| row.live = true);
    world.run(to() + 31 * DAY, 30);
    assert!(world.plan.borrow().is_none());
    assert_eq!(world.counts().0, 0);
}

#[test]
fn one_of_which_uploads_may_come_leaves_a_tombstone() {
    let world = world([0]);
    let young = sid(from(), 0);
    world.alarm.set(Some(from()));
    world.run(from() + DAY + HOUR, 1);
    assert!(world.sessions.erased.borrow().contains(&young));
    let (other, late) = (sid(from(), 9), erased_until(from()));
    world.add(&other);
    world.run(late + DAY, 1);
    assert!(world.sessions.erased.borrow().contains(&other));

    let world = super::tests::world([]);
    world.add(&other);
    world.alarm.set(Some(late));
    world.run(late, 1);
    assert!(
        world.sessions.erased.borrow().is_empty(),
        "none can come any more"
    );
    assert_eq!(world.counts().0, 0);
}

#[test]
fn rows_without_chunks_go_too() {
    let world = world(0..250);
    world.chunks.borrow_mut().clear();
    let rows: Vec<_> = (0..250u64)
        .map(|n| sid(from() + n, u8::try_from(n).unwrap()))
        .collect();
    world.rows.borrow_mut().clear();
    for sid in &rows {
        world.add(sid);
    }
    world.chunks.borrow_mut().clear();
    world.alarm.set(Some(from() + 20 * DAY));
    world.run(from() + 20 * DAY, 10);
    assert_eq!(world.counts().1, 0);
    assert!(world.plan.borrow().is_some(), "the month goes on");
}

#[test]
fn erased_ids_outlive_the_rows() {
    let world = world([0]);
    world.remembers.set(true);
    world.run(to() + 31 * DAY, 30);
    assert!(world.plan.borrow().is_some(), "they must not come back");
    world.remembers.set(false);
    world.run(to() + 32 * DAY, 30);
    assert!(world.plan.borrow().is_none());
}

#[test]
fn pages_are_gone_through_to_the_end() {
    let world = world([]);
    for n in 0..255u8 {
        world.add(&sid(from() + u64::from(n), n));
    }
    let (next, before) = (sid(to(), 1), sid(from() - 1, 1));
    world.add(&next);
    world.add(&before);
    world.alarm.set(Some(to() + 31 * DAY));
    world.run(to() + 31 * DAY, 30);
    assert_eq!(world.counts().0, 2, "other months' are not touched");
}

#[test]
fn every_fault_at_every_step_only_delays() {
    let run = |fault: Option<(u32, Trouble)>, meanwhile: Meanwhile| {
        let world = world(0..12);
        let live = sid(from() + 3 * DAY, 3);
        let record = Record::rebuild(&live, Visitor::default(), []).0;
        world
            .sessions
            .live
            .borrow_mut()
            .insert(live.clone(), record);
        world.rows.borrow_mut().get_mut(&live).unwrap().1.live = true;
        world.run(NOW, 365);
        let (number, trouble) = fault.unwrap_or((u32::MAX, troubles()[0]));
        world.sessions.faults.plan(number, trouble);
        world.meanwhile.set(meanwhile);
        world.run(NOW + 5 * DAY, 1);
        assert_eq!(world.counts(), (1, 1, 1), "{fault:?}");
        let middle = world.sessions.faults.operations();
        world.sessions.live.borrow_mut().clear();
        world.run(to() + 3 * DAY, 1);
        assert_eq!(world.counts(), (0, 0, 0), "{fault:?}");
        assert!(world.plan.borrow().is_none(), "{fault:?}");
        middle
    };
    let operations = run(None, Meanwhile::Nothing);
    assert!(operations > 12, "{operations}");
    for number in 0..operations + 10 {
        for trouble in troubles() {
            // What waits and fails is not combined with the rest, so that this stays quick.
            let waits = trouble.hold.is_some() && trouble.fault == Fault::None;
            let all = if waits { 3 } else { 1 };
            for meanwhile in Meanwhile::ALL.into_iter().take(all) {
                run(Some((number, trouble)), meanwhile);
            }
        }
    }
}

#[test]
fn an_index_is_made_again_row_by_row_whatever_fails() {
    let run = |fault: Option<(u32, Trouble)>, meanwhile: Meanwhile| {
        let world = world((0..120).map(|n| n % 28));
        let erased = sid(from(), 0);
        let original = world.rows.borrow().clone();
        // The rows are lost, save for one that is newer than any chunk.
        let newer = sid(from() + DAY, 1);
        world.rows.borrow_mut().retain(|sid, _| *sid == newer);
        world.rows.borrow_mut().get_mut(&newer).unwrap().1.clicks = 77;
        world.sessions.erased.borrow_mut().insert(erased.clone());
        let plan = world.plan.take().unwrap();
        *world.plan.borrow_mut() = Some(plan.to_rebuild());
        let (number, trouble) = fault.unwrap_or((u32::MAX, troubles()[0]));
        world.sessions.faults.plan(number, trouble);
        world.meanwhile.set(meanwhile);
        world.run(NOW + HOUR, 365);
        let operations = world.sessions.faults.operations();
        let rebuilt = world.rows.borrow();
        assert!(!rebuilt.contains_key(&erased), "{fault:?}: comes back");
        assert_eq!(rebuilt.len(), original.len() - 1, "{fault:?}");
        for (sid, (_, row)) in rebuilt.iter() {
            if *sid == newer {
                assert_eq!(row.clicks, 77, "a newer row is not touched");
            } else {
                assert_eq!(*row, original[sid].1, "{fault:?}");
            }
        }
        let plan = world.plan.borrow().clone().unwrap();
        let made = plan.rebuild.unwrap();
        assert!(made.finished.is_some(), "{fault:?}");
        assert_eq!(made.after, place_of(plan.to), "names no session");
        operations
    };
    let operations = run(None, Meanwhile::Nothing);
    for number in (6..operations).step_by(31).chain(0..6) {
        for trouble in troubles() {
            let all = if trouble.hold.is_some() { 3 } else { 1 };
            for meanwhile in Meanwhile::ALL.into_iter().take(all) {
                run(Some((number, trouble)), meanwhile);
            }
        }
    }
}

/// A session with something to report, its chunks' names and bytes, and its visitor.
fn told(sid: &SessionId) -> (Record, Vec<(String, Vec<u8>)>) {
    let visitor = Visitor {
        country: Some("NO".to_owned()),
        ..Visitor::default()
    };
    let mut record = Record::empty(sid, visitor);
    let mut chunks = Vec::new();
    for n in 0..2 {
        let (append, body) = batch::up(n + 1, 0, 3).arrived(sid, sid.start()).unwrap();
        let mut chunk = ChunkWriter::default();
        chunk.push(append.batch.meta, &body);
        let (name, bytes) = (format!("{NOW}-000{n}"), chunk.finish());
        assert!(record.add_chunk(name.clone(), &bytes));
        chunks.push((name, bytes));
    }
    (record, chunks)
}

/// What a chunk's metadata says is cut, and reports read nothing of it.
#[test]
fn an_index_is_made_again_of_records_or_of_the_chunks_themselves() {
    for (has_record, is_damaged) in [(true, false), (false, false), (false, true)] {
        let world = world([3]);
        let sid = sid(from() + 3 * DAY, 0);
        let (record, chunks) = told(&sid);
        for (name, bytes) in chunks {
            let bytes = if is_damaged { b"x".to_vec() } else { bytes };
            world.bytes.borrow_mut().insert((sid.clone(), name), bytes);
        }
        if has_record {
            let mut records = world.readable.borrow_mut();
            records.insert(sid.clone(), record.clone());
        }
        let metadata = world.rows.borrow_mut().remove(&sid).unwrap().1;
        let plan = world.plan.take().unwrap();
        *world.plan.borrow_mut() = Some(plan.to_rebuild());
        world.run(NOW + HOUR, 365);
        let row = world.rows.borrow()[&sid].1.clone();
        let packed = world.packed.borrow()[&sid].clone();
        if is_damaged {
            assert_eq!(row, metadata, "all that is left");
            assert_eq!(packed, Packed::default());
        } else {
            assert_eq!(row, record.state.row(&sid, false), "{has_record}");
            assert_eq!(row.country.as_deref(), Some("NO"));
            assert_eq!(packed, record.state.packed(&sid), "{has_record}");
            assert_ne!(packed, Packed::default());
        }
    }
}

#[test]
fn what_is_asked_for_during_a_step_is_not_forgotten() {
    let plan = Plan::new(site(), Month::of(NOW));
    let step = Plan {
        days: 30,
        swept: Some("x".to_owned()),
        ..plan.clone()
    };
    let asked = plan.clone().to_check();
    assert!(asked.is_asked_since(&plan));
    assert_eq!(
        asked.clone().after_step(&plan, step.clone()).asked,
        asked.asked
    );
    let asked = plan.clone().to_rebuild();
    assert!(asked.is_asked_since(&plan));
    let after = asked.clone().after_step(&plan, step);
    assert!(after.is_rebuilding() && after.days == 30);
}

#[test]
fn it_is_looked_for_too_many_once_an_hour_and_when_somebody_asks() {
    let month = Month::of(NOW);
    let plan = Plan::new(site(), month);
    assert!(plan.evicts(NOW), "nobody has looked");
    assert!(plan.evicts(month.start()) && plan.evicts(month.next().start() - 1));
    assert!(!plan.evicts(month.start() - 1), "the month before does it");
    assert!(!plan.evicts(month.next().start()), "the next one does it");

    let looked = plan.clone().after_eviction(&plan, NOW);
    for (at, due) in [
        (NOW, false),
        (NOW + EVICTED_EVERY - 1, false),
        (NOW + EVICTED_EVERY, true),
    ] {
        assert_eq!(looked.evicts(at), due, "{}", at - NOW);
    }
    let asked = looked.clone().to_check();
    assert!(asked.evicts(NOW));
    assert!(!asked.clone().after_eviction(&asked, NOW).evicts(NOW));
    // Asked while it was looked: what was found may be older than that.
    assert!(asked.after_eviction(&looked, NOW).evicts(NOW));
}
