//! The end of a session under every fault at every step, while anything else goes on.
//!
//! The matrix is generated: each operation on a store that finishing takes, times what
//! becomes of it and where it waits, times what happens meanwhile. Whatever the cell,
//! retrying reaches the same final state, compared as a whole.

use super::erasure::poll;
use super::*;
use crate::chunk::BatchMeta;
use crate::reading::{Events, Format, find};
use crate::recording::StoredChunk;
use crate::store::memory::{Hold, Trouble};
use std::pin::pin;

/// When the session is finished, unless something is in the way.
pub(super) const END: Millis = START + 200_000;

/// What happens while an operation waits, or right after one has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    LateBatch,
    SecondTab,
    Repetition,
    Read,
    Erasure,
    Crash,
}

impl Meanwhile {
    const ALL: [Self; 7] = [
        Self::Nothing,
        Self::LateBatch,
        Self::SecondTab,
        Self::Repetition,
        Self::Read,
        Self::Erasure,
        Self::Crash,
    ];

    /// The batch that comes.
    fn batch(self, known: u32) -> Option<Up> {
        let (tab, first, n) = match self {
            Self::LateBatch => (1, known, 2),
            Self::SecondTab => (2, 0, 3),
            Self::Repetition => (1, 0, known),
            _ => return None,
        };
        let end = true;
        Some(Up { tab, first, n, end })
    }

    fn happens(self, world: &World, known: u32) {
        if let Some(batch) = self.batch(known) {
            world.upload(&batch, END).unwrap();
        }
        match self {
            Self::Read => world.assert_read(&[(1, known)]),
            Self::Erasure => world.erase(END),
            _ => {}
        }
    }

    /// The events that are acknowledged then, by tab.
    fn events(self, known: u32) -> Vec<(u8, u32)> {
        match self {
            Self::LateBatch => vec![(1, known + 2)],
            Self::SecondTab => vec![(1, known), (2, 3)],
            _ => vec![(1, known)],
        }
    }
}

/// Where in its life a session is that will now be finished.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// It was listed, and has a batch.
    Live,
    /// What it holds makes two chunks.
    Large,
    /// It was finished before, and holds a batch again.
    Revived,
    /// A chunk was written; nothing is left to pack.
    Packed,
}

impl Stage {
    pub(super) const ALL: [Self; 4] = [Self::Live, Self::Large, Self::Revived, Self::Packed];

    /// The world, and how many events of tab 1 are acknowledged.
    pub(super) fn world(self) -> (World, u32) {
        let world = World::default();
        let known = match self {
            Self::Live => {
                world.upload(&up(1, 0, 3), START).unwrap();
                world.run_until(START + 20_000);
                world.upload(&ending(3, 2), START + 20_000).unwrap();
                5
            }
            Self::Large => {
                world.upload(&up(1, 0, 1), START).unwrap();
                world.run_until(START + 20_000);
                world.upload_weighing(&up(1, 1, 1), 700_000, START + 30_000);
                world.upload_weighing(&ending(2, 1), 700_000, START + 30_000);
                3
            }
            Self::Revived => {
                world.upload(&ending(0, 3), START).unwrap();
                world.run_until(START + 70_000);
                assert!(world.record().is_none(), "finished");
                world.upload(&ending(3, 2), START + 75_000).unwrap();
                world.run_until(START + 76_000);
                5
            }
            Self::Packed => {
                world.upload(&up(1, 0, 1), START).unwrap();
                world.run_until(START + 20_000);
                world.upload_weighing(&ending(1, 1), 1 << 20, START + 30_000);
                world.run_until(START + 31_000);
                let record = world.record().unwrap();
                let left = record.buffered.len();
                assert_eq!((record.chunks.len(), left), (2, 0));
                2
            }
        };
        (world, known)
    }
}

/// Which operation something befalls.
#[derive(Clone, Copy, Debug)]
enum At {
    /// On a store, counted from 0.
    Operation(u32),
    /// The last step: the session's own storage is cleared.
    Clearing,
}

impl World {
    /// An upload that claims to weigh so many bytes.
    pub(super) fn upload_weighing(&self, upload: &Up, bytes: u32, now: Millis) {
        let (mut append, body) = arrived(upload, now);
        append.batch.meta.bytes = bytes;
        let appended = block_on(self.actor().append(&append, body, now));
        appended.unwrap().unwrap();
    }

    /// Runs the alarm once, as far as it comes, with `trouble` on the way.
    fn alarm_with(&self, at: At, trouble: Trouble, meanwhile: Meanwhile, known: u32) {
        match at {
            At::Operation(number) => self.stores.plan(number, trouble),
            At::Clearing => self.buffer.trouble_clearing(trouble),
        }
        self.goes_off();
        let actor = self.actor();
        let mut alarm = Box::pin(actor.alarm(END));
        let waits = poll(alarm.as_mut()).is_pending();
        assert_eq!(waits, trouble.hold.is_some(), "it is held where it shall");
        meanwhile.happens(self, known);
        if meanwhile == Meanwhile::Crash {
            drop(alarm);
            self.remembered.forget();
            // The platform repeats an alarm that has not ended.
            if self.buffer.alarm_at.get().is_none() {
                self.buffer.alarm_at.set(Some(END));
            }
        } else if waits {
            block_on(alarm).unwrap();
        }
        assert!(!self.stores.unplan(), "it was never reached");
    }

    /// What a reader is shown: each event once, in order.
    pub(super) fn assert_read(&self, tabs: &[(u8, u32)]) {
        let actor = self.actor();
        let events = async {
            let site = SiteKey::parse("demo").unwrap();
            let ports = (&actor, &&self.stores, &&self.stores);
            let all = Selection::ALL;
            let found = find(ports, &site, &sid(), &all, actor.log).await.unwrap();
            let found = found.expect("it is found");
            let sum: u64 = tabs.iter().map(|(_, n)| u64::from(*n)).sum();
            assert_eq!(found.record.detail().row.events, sum, "the detail");
            let format = Format::Ndjson;
            let mut events = Events::new(&self.stores, site, found, &all, format, actor.log);
            let mut text = Vec::new();
            while let Some(piece) = events.next().await.unwrap() {
                text.extend_from_slice(&piece);
            }
            String::from_utf8(text).unwrap()
        };
        let found = block_on(events);
        let line = |tab: u8, index: u32| {
            let (tab, event) = (TabId::new(&[tab; 5]), event(index));
            format!("{{\"tab\":\"{tab}\",\"index\":{index},\"event\":{event}}}\n")
        };
        let tabs = tabs.iter();
        let expected: String = tabs
            .flat_map(|&(tab, n)| (0..n).map(move |index| line(tab, index)))
            .collect();
        assert_eq!(found, expected);
    }

    /// The batches of each chunk as its footer tells them.
    fn footers(&self) -> Vec<StoredChunk> {
        let objects = self.stores.objects.borrow();
        let chunks = objects.iter().map(|(key, bytes)| StoredChunk {
            name: key.rsplit('/').next().unwrap().to_owned(),
            batches: metas(bytes),
        });
        chunks.collect()
    }

    /// What is left when the session has come to its end.
    fn end_state(&self) -> EndState {
        let record = self.stores.records.borrow().get(&sid()).cloned();
        let record = record.expect("a record");
        let row = self.stores.rows.borrow()[&sid()].1.clone();
        assert_eq!(self.actor().held().unwrap(), Held::Nothing, "no session");
        assert_eq!(self.buffer.alarm_at.get(), None, "no alarm");
        assert_eq!(record.chunks, self.footers(), "the record names the chunks");
        assert_eq!(record.detail().row, row, "the row is the record's");
        assert!(!row.live && record.buffered.is_empty());
        EndState {
            objects: self.stores.objects.borrow().clone(),
            record,
        }
    }
}

fn metas(chunk: &[u8]) -> Vec<BatchMeta> {
    let chunk = Chunk::parse(chunk).unwrap();
    let batches = chunk.batches.into_iter();
    batches.map(|batch| batch.meta).collect()
}

#[derive(Debug, PartialEq)]
struct EndState {
    objects: BTreeMap<String, Vec<u8>>,
    record: Record,
}

impl EndState {
    /// The same, however the batches are spread over chunks: a batch that comes while a
    /// chunk is written lands in that chunk or in the next.
    fn spread(mut self) -> (Vec<Vec<u8>>, Record) {
        let mut members: Vec<Vec<u8>> = Vec::new();
        for chunk in self.objects.values() {
            let chunk = Chunk::parse(chunk).unwrap();
            members.extend(chunk.batches.iter().map(|batch| batch.member.to_vec()));
        }
        members.sort();
        // Which incarnation wrote it last, and when its clock was compared, is no content.
        // What a batch weighs is claimed here, and measured when a session is revived.
        let state = &mut self.record.state;
        (state.created, state.next_chunk, state.skew) = (0, 0, None);
        (state.announced, state.last, state.bytes) = (false, 0, 0);
        self.record.chunks.clear();
        (members, self.record)
    }
}

/// The end without any fault, with the same batches.
fn undisturbed(stage: Stage, batch: Option<Up>) -> EndState {
    let (world, _) = stage.world();
    if let Some(batch) = batch {
        world.upload(&batch, END).unwrap();
    } else {
        world.buffer.alarm_at.set(Some(END));
    }
    world.run_until(END + 3_600_000);
    world.end_state()
}

/// How many operations finishing takes.
fn operations(stage: Stage) -> u32 {
    let (world, _) = stage.world();
    let before = world.stores.operations.get();
    world.goes_off();
    block_on(world.actor().alarm(END)).unwrap();
    assert!(
        world.record().is_none(),
        "{stage:?} is finished by one alarm"
    );
    world.stores.operations.get() - before
}

fn check(stage: Stage, at: At, trouble: Trouble, meanwhile: Meanwhile) {
    let (world, known) = stage.world();
    world.alarm_with(at, trouble, meanwhile, known);
    if meanwhile == Meanwhile::Erasure {
        world.run_until(END + 60_000);
        world.assert_gone();
        world.assert_forgotten();
        return;
    }
    world.assert_read(&meanwhile.events(known));
    world.run_until(END + 3_600_000);
    world.assert_read(&meanwhile.events(known));
    let end = world.end_state();
    let expected = undisturbed(stage, meanwhile.batch(known));
    if meanwhile.batch(known).is_some() {
        assert_eq!(end.spread(), expected.spread());
    } else {
        assert_eq!(end, expected);
    }
}

#[test]
fn every_fault_at_every_step_ends_the_same_whatever_happens_meanwhile() {
    let faults = [
        Fault::None,
        Fault::Failed,
        Fault::FailedButWritten,
        Fault::Twice,
    ];
    let holds = [None, Some(Hold::Before), Some(Hold::After)];
    let mut cells = 0;
    for stage in Stage::ALL {
        let steps = (0..operations(stage)).map(At::Operation);
        for at in steps.chain([At::Clearing]) {
            for (fault, hold) in faults.iter().flat_map(|f| holds.map(|hold| (*f, hold))) {
                let trouble = Trouble { fault, hold };
                // What is cleared is gone before another request can run.
                if matches!(at, At::Clearing) && hold == Some(Hold::Before) {
                    continue;
                }
                for meanwhile in Meanwhile::ALL {
                    if meanwhile == Meanwhile::Crash && hold.is_none() {
                        continue;
                    }
                    let cell = format!("{stage:?}, {at:?}, {trouble:?}, {meanwhile:?}");
                    let done = std::panic::catch_unwind(|| check(stage, at, trouble, meanwhile));
                    assert!(done.is_ok(), "{cell}");
                    cells += 1;
                }
            }
        }
    }
    println!("{cells} cells");
    assert!(cells > 1_000, "{cells}");
}

/// Two faults in a row: the retry of a step fails as well.
#[test]
fn a_retry_may_fail_as_well() {
    for stage in Stage::ALL {
        let steps = operations(stage);
        for (first, second) in (0..steps).flat_map(|a| (0..steps).map(move |b| (a, b))) {
            for fault in [Fault::Failed, Fault::FailedButWritten] {
                let (world, known) = stage.world();
                let trouble = Trouble { fault, hold: None };
                let at = At::Operation(first);
                world.alarm_with(at, trouble, Meanwhile::Nothing, known);
                world.stores.plan(second, trouble);
                world.run_until(END + 3_600_000);
                world.stores.unplan();
                assert_eq!(
                    world.end_state(),
                    undisturbed(stage, None),
                    "{stage:?} {first} {second} {fault:?}"
                );
            }
        }
    }
}

/// A writer that is stopped for good after any number of its steps, again and again.
#[test]
fn crashes_in_a_row_only_delay() {
    for stage in Stage::ALL {
        let (world, known) = stage.world();
        for round in 0..40 {
            world.remembered.forget();
            world.buffer.alarm_at.set(Some(END));
            world.stores.slow.set(true);
            let actor = world.actor();
            let mut alarm = pin!(actor.alarm(END));
            for _ in 0..round % 9 {
                if poll(alarm.as_mut()).is_ready() {
                    break;
                }
            }
            world.stores.slow.set(false);
            world.assert_read(&[(1, known)]);
        }
        world.run_until(END + 3_600_000);
        assert_eq!(world.end_state(), undisturbed(stage, None), "{stage:?}");
    }
}

#[test]
fn a_batch_that_comes_while_it_is_finished_shows_it_live_again() {
    let (world, known) = Stage::Live.world();
    world.stores.hold_next(Port::Records, Hold::After);
    world.goes_off();
    let actor = world.actor();
    let mut alarm = Box::pin(actor.alarm(END));
    assert!(poll(alarm.as_mut()).is_pending());
    assert!(!world.stores.rows.borrow()[&sid()].1.live, "its row ends");
    world.upload(&up(1, known, 2), END).unwrap();
    block_on(alarm).unwrap();
    world.run_until(END);
    let row = world.stores.rows.borrow()[&sid()].1.clone();
    assert_eq!((row.live, row.events), (true, 7));
}

/// A crash lets a chunk be written again with what came since, while an earlier record of
/// it is shown: what that record lacks is found by the chunk's size.
#[test]
fn an_earlier_record_hides_nothing_of_a_chunk_that_grew() {
    let (world, known) = Stage::Live.world();
    let trouble = Trouble {
        fault: Fault::None,
        hold: Some(Hold::After),
    };
    let put_record = At::Operation(operations(Stage::Live) - 1);
    world.alarm_with(put_record, trouble, Meanwhile::Crash, known);
    world.stores.cache_records();
    world.upload(&ending(known, 2), END).unwrap();
    world.run_until(END + 3_600_000);
    assert!(world.record().is_none(), "it is finished");
    assert_eq!(world.stores.objects.borrow().len(), 1, "the same chunk");
    world.assert_read(&[(1, known + 2)]);
}
