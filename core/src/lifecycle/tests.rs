//! A session object's whole life on stores in memory, with faults at every step.

mod erasure;
mod faults;
mod finishing;
mod full;
mod issues;
mod quota;
mod reads;
mod server;
mod storage;

use super::{Actor, Append, Erase, Held, Refused, Timing};
use crate::chunk::Chunk;
use crate::gzip;
use crate::id::{Millis, SessionId, SiteKey, TabId, WindowId};
use crate::ingest::decode;
use crate::mask::{Masker, Mode};
use crate::recording::{Record, Selection, Visitor};
use crate::site::SiteConfig;
use crate::store::memory::{Fault, Memory, MemoryBuffer, Port};
use crate::store::{self, Buffer as _, Remembered};
use crate::wire::{Ack, Header, Limits, Upload, VERSION};
use pollster::block_on;
use proptest::prelude::*;
use std::collections::BTreeMap;

const START: Millis = 1_795_445_200_000;

/// One object over stores that outlive it.
#[derive(Default)]
struct World {
    stores: Memory,
    buffer: MemoryBuffer,
    /// Lost when the object is put out of memory, which may be at any time.
    remembered: store::Memory,
}

/// An upload as it arrives at its session's object at `now`.
fn arrived(upload: &Up, now: Millis) -> (Append, Vec<u8>) {
    taken(upload.body(), now)
}

fn taken(body: Vec<u8>, now: Millis) -> (Append, Vec<u8>) {
    let masked = decode(body, now)
        .and_then(|decoded| decoded.mask(&Masker::new(Mode::Inputs)))
        .unwrap();
    let site = SiteKey::parse("demo").unwrap();
    let config = SiteConfig::parse(r#"{"name":"x","origins":[]}"#).unwrap();
    masked.append(&site, &config, Visitor::default())
}

impl World {
    fn actor(&self) -> Actor<Remembered<'_, &MemoryBuffer>, &Memory, &Memory, &Memory> {
        Actor {
            buffer: Remembered::new(&self.buffer, &self.remembered),
            recordings: &self.stores,
            records: &self.stores,
            index: &self.stores,
            timing: Timing::DEFAULT,
            limits: Limits {
                session_events: 1_000,
                ..Limits::DEFAULT
            },
            log: |error| eprintln!("{error}"),
        }
    }

    fn upload(&self, upload: &Up, now: Millis) -> Result<Ack, Refused> {
        let (append, body) = arrived(upload, now);
        let answer = block_on(self.actor().append(&append, body, now)).unwrap();
        self.assert_remembers();
        answer
    }

    /// The alarm is not set any more, as the platform has it before it calls the object.
    fn goes_off(&self) {
        self.buffer.alarm_at.set(None);
        self.remembered.forget();
    }

    /// What is remembered is what is there.
    fn assert_remembers(&self) {
        let buffer = self.actor().buffer;
        assert_eq!(buffer.total().unwrap(), (&self.buffer).total().unwrap());
        assert_eq!(buffer.load().unwrap(), (&self.buffer).load().unwrap());
        assert_eq!(
            buffer.tombstone().unwrap(),
            (&self.buffer).tombstone().unwrap()
        );
        assert_eq!(
            block_on(buffer.alarm()).unwrap(),
            self.buffer.alarm_at.get()
        );
    }

    fn record(&self) -> Option<Record> {
        match self.actor().held().unwrap() {
            Held::Record(record) => Some(*record),
            Held::Nothing | Held::Erased => None,
        }
    }

    /// Lets time pass until no alarm is due before `until`.
    fn run_until(&self, until: Millis) {
        for _ in 0..1_000 {
            let Some(at) = self.buffer.alarm_at.get().filter(|at| *at <= until) else {
                return;
            };
            self.goes_off();
            block_on(self.actor().alarm(at)).unwrap();
            self.assert_remembers();
        }
        panic!("the alarm never rests");
    }

    /// Every event that is stored anywhere: index → payload, by tab.
    fn stored(&self) -> BTreeMap<TabId, Vec<(u32, String)>> {
        let everything = Selection {
            tab: None,
            from: 0,
            to: Millis::MAX,
        };
        let mut chunks: Vec<Vec<u8>> = self.stores.objects.borrow().values().cloned().collect();
        chunks.push(self.actor().buffered_chunk(&everything).unwrap());
        let mut events: BTreeMap<TabId, Vec<(u32, String)>> = BTreeMap::new();
        for chunk in chunks {
            for batch in Chunk::parse(&chunk).unwrap().batches {
                let body = batch.inflate().unwrap();
                let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
                assert_eq!(
                    (upload.header.first, upload.header.n),
                    (batch.meta.first, batch.meta.n)
                );
                let numbered = (batch.meta.first..).zip(upload.events);
                let numbered = numbered
                    .map(|(index, event)| (index, String::from_utf8(event.to_vec()).unwrap()));
                events.entry(batch.meta.tab).or_default().extend(numbered);
            }
        }
        for events in events.values_mut() {
            events.sort();
        }
        events
    }

    fn assert_holds(&self, tab: u8, n: u32) {
        let stored = self.stored();
        let expected: Vec<(u32, String)> = (0..n).map(|index| (index, event(index))).collect();
        assert_eq!(
            stored.get(&TabId::new(&[tab; 5])),
            Some(&expected),
            "tab {tab}"
        );
    }
}

#[derive(Clone, Copy, Debug)]
struct Up {
    tab: u8,
    first: u32,
    n: u32,
    end: bool,
}

fn up(tab: u8, first: u32, n: u32) -> Up {
    Up {
        tab,
        first,
        n,
        end: false,
    }
}

/// A batch with which tab 1 is left.
fn ending(first: u32, n: u32) -> Up {
    Up {
        end: true,
        ..up(1, first, n)
    }
}

fn sid() -> SessionId {
    SessionId::new(START, &[9; 17])
}

fn event(index: u32) -> String {
    let at = START + Millis::from(index);
    if index == 0 {
        return format!(
            r#"{{"type":4,"data":{{"href":"https://a.example/","width":1,"height":1}},"timestamp":{at}}}"#
        );
    }
    format!(
        r#"{{"type":3,"data":{{"source":2,"type":2,"id":{index},"x":1,"y":2}},"timestamp":{at}}}"#
    )
}

impl Up {
    fn body(self) -> Vec<u8> {
        let Self { tab, first, n, end } = self;
        let header = Header {
            v: VERSION,
            sid: sid(),
            tab: TabId::new(&[tab; 5]),
            window: WindowId::new(&[tab; 5]),
            seq: 0,
            first,
            n,
            sent: START,
            offset: None,
            meta: None,
            end,
        };
        gzip::compress(&header.body((first..first + n).map(event)))
    }
}

fn next(ack: Result<Ack, Refused>) -> u32 {
    ack.unwrap().next
}

#[test]
fn the_same_batch_is_stored_once() {
    let world = World::default();
    for _ in 0..10 {
        assert_eq!(next(world.upload(&up(1, 0, 3), START + 10)), 3);
    }
    world.assert_holds(1, 3);
}

#[test]
fn an_overlap_is_trimmed() {
    let world = World::default();
    assert_eq!(next(world.upload(&up(1, 4, 4), START)), 0);
    assert_eq!(next(world.upload(&up(1, 0, 2), START)), 2);
    assert_eq!(
        next(world.upload(&up(1, 1, 9), START)),
        10,
        "fills [2,4) and [8,10)"
    );
    world.assert_holds(1, 10);
}

#[test]
fn a_life_without_faults() {
    let world = World::default();
    world.upload(&up(1, 0, 3), START + 1_000).unwrap();
    world.run_until(START + 5_999);
    assert!(world.stores.rows.borrow().is_empty(), "not announced yet");
    world.run_until(START + 6_000);
    assert!(world.stores.rows.borrow()[&sid()].1.live);
    world
        .upload(
            &Up {
                end: true,
                ..up(1, 3, 2)
            },
            START + 20_000,
        )
        .unwrap();
    world.run_until(START + 79_999);
    assert!(world.stores.objects.borrow().is_empty(), "not finished yet");
    world.run_until(START + 80_000);

    let row = world.stores.rows.borrow()[&sid()].1.clone();
    assert!(!row.live);
    assert_eq!(
        (row.events, row.clicks, row.pages, row.tabs, row.duration),
        (5, 4, 1, 1, 4)
    );
    assert_eq!(row.entry, "https://a.example/");
    let record = world.stores.records.borrow()[&sid()].clone();
    assert_eq!(record.detail().row, row);
    assert_eq!(world.stores.objects.borrow().len(), 1);
    assert!(
        world.record().is_none(),
        "the object has forgotten everything"
    );
    world.assert_holds(1, 5);
}

#[test]
fn an_idle_session_ends_after_ten_minutes() {
    let world = World::default();
    world.upload(&up(1, 0, 1), START).unwrap();
    world.run_until(START + 599_999);
    assert!(world.stores.objects.borrow().is_empty());
    world.run_until(START + 600_000);
    assert_eq!(world.stores.objects.borrow().len(), 1);
}

#[test]
fn one_tab_left_open_keeps_it_alive() {
    let world = World::default();
    world.upload(&up(1, 0, 1), START).unwrap();
    world
        .upload(
            &Up {
                end: true,
                ..up(2, 0, 1)
            },
            START,
        )
        .unwrap();
    world.run_until(START + 300_000);
    assert!(world.stores.objects.borrow().is_empty());
}

#[test]
fn a_late_batch_revives_it() {
    let world = World::default();
    world
        .upload(
            &Up {
                end: true,
                ..up(1, 0, 3)
            },
            START,
        )
        .unwrap();
    world.run_until(START + 100_000);
    assert!(world.record().is_none());

    assert_eq!(
        next(world.upload(&up(1, 1, 4), START + 200_000)),
        5,
        "knows what it stored before"
    );
    let live = world.record().unwrap();
    assert_eq!(
        (
            live.state.digest.events,
            live.chunks.len(),
            live.buffered.len()
        ),
        (5, 1, 1)
    );
    world.run_until(START + 2_000_000);
    assert_eq!(world.stores.objects.borrow().len(), 2);
    assert_eq!(world.stores.records.borrow()[&sid()].state.digest.events, 5);
    world.assert_holds(1, 5);
}

#[test]
fn a_repeated_batch_after_the_end_adds_nothing() {
    let world = World::default();
    world
        .upload(
            &Up {
                end: true,
                ..up(1, 0, 3)
            },
            START,
        )
        .unwrap();
    world.run_until(START + 100_000);
    assert_eq!(next(world.upload(&up(1, 0, 3), START + 200_000)), 3);
    world.run_until(START + 2_000_000);
    assert_eq!(world.stores.objects.borrow().len(), 1);
    world.assert_holds(1, 3);
}

#[test]
fn the_limit_of_a_session_is_exact() {
    let world = World::default();
    assert!(world.upload(&up(1, 0, 1_000), START).is_ok());
    assert_eq!(world.upload(&up(1, 1_000, 1), START), Err(Refused::Full));
    assert_eq!(
        next(world.upload(&up(1, 0, 1_000), START)),
        1_000,
        "a repetition is still acknowledged"
    );
    world.assert_holds(1, 1_000);
}

#[test]
fn every_fault_at_every_step_only_delays() {
    for port in [Port::Recordings, Port::Records, Port::Index] {
        for fault in [Fault::Failed, Fault::FailedButWritten] {
            let world = World::default();
            world.upload(&up(1, 0, 5), START).unwrap();
            world.run_until(START + 50_000);
            world.stores.fail_next(port, fault);
            world
                .upload(
                    &Up {
                        end: true,
                        ..up(1, 5, 5)
                    },
                    START + 50_000,
                )
                .unwrap();
            world.run_until(START + 110_000);
            assert!(
                world.record().is_some(),
                "{port:?} {fault:?}: kept until it worked"
            );
            world.run_until(START + 1_000_000);
            assert!(world.record().is_none(), "{port:?} {fault:?}");
            assert_eq!(
                world.stores.records.borrow()[&sid()].state.digest.events,
                10,
                "{port:?} {fault:?}"
            );
            assert!(
                !world.stores.rows.borrow()[&sid()].1.live,
                "{port:?} {fault:?}"
            );
            world.assert_holds(1, 10);
        }
    }
}

#[test]
fn a_large_buffer_is_packed_in_order() {
    let world = World::default();
    world.upload(&up(1, 0, 1), START).unwrap();
    // One that claims to weigh a megabyte makes the pack due at once.
    let (mut append, body) = arrived(&up(1, 1, 1), START);
    append.batch.meta.bytes = 1 << 20;
    block_on(world.actor().append(&append, body, START + 11_000))
        .unwrap()
        .unwrap();
    world.run_until(START + 11_000);
    let names: Vec<String> = world.stores.objects.borrow().keys().cloned().collect();
    let expected = ["0000", "0001"].map(|n| format!("demo/{}/{START}-{n}", sid()));
    assert_eq!(names, expected, "a chunk does not grow over its size");
    world.assert_holds(1, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the order, overlap, repetition and timing of uploads and
    /// faults: each event that was acknowledged is stored exactly once.
    #[test]
    fn nothing_is_lost_or_doubled(
        steps in prop::collection::vec((0u8..3, 0u32..30, 1u32..12, any::<bool>(), 0u64..200_000, 0u8..8), 1..25),
    ) {
        let world = World::default();
        let mut sent: BTreeMap<u8, std::collections::BTreeSet<u32>> = BTreeMap::new();
        let mut now = START;
        for (tab, first, n, end, pause, fault) in steps {
            now += pause;
            match fault {
                0 => world.stores.fail_next(Port::Recordings, Fault::Failed),
                1 => world.stores.fail_next(Port::Index, Fault::FailedButWritten),
                2 => world.stores.fail_next(Port::Records, Fault::Failed),
                3 => world.stores.fail_next(Port::Recordings, Fault::FailedButWritten),
                4 => world.remembered.forget(),
                _ => {}
            }
            world.run_until(now);
            let (append, body) = arrived(&Up { tab, first, n, end }, now);
            let send = || block_on(world.actor().append(&append, body.clone(), now));
            // A recorder sends again what met a failure.
            let answer = send().or_else(|_| send());
            prop_assert!(matches!(answer, Ok(Ok(_))), "{:?}", answer);
            sent.entry(tab).or_default().extend(first..first + n);
        }
        world.run_until(now + 3_600_000);
        let stored = world.stored();
        for (tab, indexes) in sent {
            let expected: Vec<(u32, String)> = indexes.into_iter().map(|index| (index, event(index))).collect();
            prop_assert_eq!(stored.get(&TabId::new(&[tab; 5])), Some(&expected));
        }
        prop_assert!(world.record().is_none(), "finished in the end");
    }
}
