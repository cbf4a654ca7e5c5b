//! A visitor has the session erased, at any moment of its life.

use super::*;
use crate::issue::{Fingerprint, Issues as _, Sighting, Told, mark};
use crate::lifecycle::{SETTLED, erased_until};
use crate::store::memory::Hold;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

impl World {
    pub(super) fn erase(&self, now: Millis) {
        let erase = Erase {
            site: SiteKey::parse("demo").unwrap(),
            sid: sid(),
        };
        block_on(self.actor().erase(&erase, now)).unwrap();
    }

    fn is_erased(&self) -> bool {
        self.actor().held().unwrap() == Held::Erased
    }

    /// What a reader is shown: the session object is asked first, then the stores.
    fn assert_hidden(&self) {
        assert!(self.is_erased());
        assert!(!self.stores.rows.borrow().contains_key(&sid()), "the list");
        assert!(!self.holds_batches(), "buffered batches");
    }

    /// As the only session.
    fn saw_an_error(&self) {
        let sighting = Sighting {
            issue: Fingerprint::of_number(1),
            title: "No account of Anna".to_owned(),
            first: START,
            last: START,
            release: None,
        };
        let told = Told {
            sightings: vec![sighting],
            days: 30,
            by: mark(&sid()),
        };
        let site = SiteKey::parse("demo").unwrap();
        block_on((&self.stores).tell(&site, &told)).unwrap();
    }

    fn holds_batches(&self) -> bool {
        let everything = Selection {
            tab: None,
            from: 0,
            to: Millis::MAX,
        };
        let chunk = self.actor().buffered_chunk(&everything).unwrap();
        !Chunk::parse(&chunk).unwrap().batches.is_empty()
    }

    /// Nothing of the session is in any store.
    pub(super) fn assert_gone(&self) {
        assert!(self.stores.objects.borrow().is_empty(), "chunks");
        assert!(self.stores.records.borrow().is_empty(), "record");
        assert!(self.stores.rows.borrow().is_empty(), "row");
        assert!(!self.holds_batches(), "buffered batches");
        assert!(self.stores.issues.borrow().is_empty(), "issue");
    }

    /// The index knows that the session was erased; its object does not.
    fn refuse(&self) {
        let site = SiteKey::parse("demo").unwrap();
        self.stores.refused.borrow_mut().put(&site, &sid(), ());
    }

    /// To the end of the tombstone's life.
    pub(super) fn assert_forgotten(&self) {
        let end = erased_until(START);
        self.run_until(end - 1);
        assert!(self.is_erased(), "remembered until no upload can come");
        assert!(self.stores.refused.borrow().contains(&sid()));
        self.assert_gone();
        self.run_until(end + 3_600_000);
        assert_eq!(self.actor().held().unwrap(), Held::Nothing);
        assert!(self.stores.refused.borrow().is_empty());
        assert_eq!(self.buffer.alarm_at.get(), None);
        self.assert_gone();
    }
}

fn last(tab: u8, first: u32, n: u32) -> Up {
    Up {
        end: true,
        ..up(tab, first, n)
    }
}

/// A session with a chunk, a row and a record, finished.
fn finished() -> World {
    let world = World::default();
    world.upload(&last(1, 0, 3), START).unwrap();
    world.run_until(START + 100_000);
    assert_eq!(world.stores.records.borrow().len(), 1);
    world.saw_an_error();
    world
}

/// A session with a chunk and a row that takes batches again.
fn revived() -> World {
    let world = finished();
    world.upload(&up(1, 3, 2), START + 100_000).unwrap();
    world
}

pub(super) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_live_session_goes_at_once() {
    let world = World::default();
    world.upload(&up(1, 0, 5), START).unwrap();
    world.run_until(START + 20_000);
    assert_eq!(world.stores.rows.borrow().len(), 1, "listed");
    world.erase(START + 20_000);
    world.assert_gone();
    world.assert_hidden();
    world.assert_forgotten();
}

#[test]
fn a_finished_session_is_hidden_at_once_and_deleted_by_the_alarm() {
    let world = finished();
    world.erase(START + 200_000);
    world.assert_hidden();
    assert!(!world.stores.objects.borrow().is_empty(), "not yet");
    world.run_until(START + 200_000);
    world.assert_gone();
    world.assert_forgotten();
}

#[test]
fn an_old_session_is_deleted_and_soon_forgotten() {
    let world = finished();
    let now = START + 300 * 24 * 3_600_000;
    world.erase(now);
    world.run_until(now);
    world.assert_gone();
    assert!(world.is_erased(), "KV may still show it");
    world.run_until(now + SETTLED);
    assert_eq!(world.actor().held().unwrap(), Held::Nothing);
}

#[test]
fn an_unknown_session_can_be_erased_before_its_first_batch() {
    let world = World::default();
    world.erase(START);
    assert_eq!(world.upload(&up(1, 0, 3), START + 10), Err(Refused::Erased));
    world.assert_forgotten();
}

#[test]
fn late_batches_are_refused_until_none_can_come() {
    let world = finished();
    world.erase(START + 200_000);
    for now in [
        START + 200_000,
        START + 200_001 + SETTLED,
        START + crate::wire::MAX_BEHIND,
    ] {
        world.run_until(now);
        for batch in [up(1, 0, 3), up(1, 3, 2), last(2, 0, 1)] {
            assert_eq!(world.upload(&batch, now), Err(Refused::Erased));
        }
    }
    world.assert_forgotten();
}

#[test]
fn twice_is_as_good_as_once() {
    let world = revived();
    let now = START + 200_000;
    world.erase(now);
    world.erase(now + 1);
    world.run_until(now + 2);
    world.assert_gone();
    world.erase(now + SETTLED);
    world.run_until(now + SETTLED);
    world.erase(now + 2 * SETTLED);
    world.assert_forgotten();
}

#[test]
fn another_erasure_wakes_one_that_sleeps_for_good() {
    let world = revived();
    world.erase(START + 200_000);
    world.goes_off();
    world.erase(START + 300_000);
    world.run_until(START + 300_000);
    world.assert_gone();
}

#[test]
fn every_fault_at_every_step_only_delays_it() {
    for port in Port::ALL {
        for fault in [Fault::Failed, Fault::FailedButWritten] {
            for round in 0..3 {
                let case = format!("{port:?} {fault:?} {round}");
                let world = revived();
                let now = START + 200_000;
                let mut at = now;
                // At once, at the first purge, at the second, at the end.
                if round == 0 {
                    world.stores.fail_next(port, fault);
                }
                world.erase(at);
                assert!(world.is_erased(), "{case}");
                if round == 1 {
                    world.stores.fail_next(port, fault);
                }
                world.run_until(at + 60_000);
                world.assert_gone();
                at += SETTLED;
                if round == 2 {
                    world.stores.fail_next(port, fault);
                }
                world.run_until(at + 60_000);
                assert!(world.is_erased(), "{case}");
                if matches!(port, Port::Index) {
                    world.run_until(erased_until(START) - 1);
                    world.stores.fail_next(port, fault);
                }
                world.assert_forgotten();
            }
        }
    }
}

#[test]
fn the_list_is_right_at_once_although_the_alarm_has_not_run() {
    let world = revived();
    world.erase(START + 200_000);
    assert!(world.stores.rows.borrow().is_empty());
    let world = revived();
    world.stores.fail_next(Port::Index, Fault::Failed);
    world.erase(START + 200_000);
    assert_eq!(world.stores.rows.borrow().len(), 1, "the index is down");
    assert_eq!(
        world.buffer.alarm_at.get(),
        Some(START + 200_000),
        "and is asked again at once"
    );
}

/// Runs the alarm until `port` holds it, erases, and lets the alarm go on.
fn erase_while_alarm_awaits(world: &World, port: Port, hold: Hold, fault: Fault, at: Millis) {
    let case = format!("{port:?} {hold:?} {fault:?}");
    world.stores.hold_next(port, hold);
    world.stores.fail_next(port, fault);
    let actor = world.actor();
    world.goes_off();
    {
        let mut alarm = pin!(actor.alarm(at));
        assert!(poll(alarm.as_mut()).is_pending(), "{case}: never held");
        world.erase(at);
        assert!(world.is_erased(), "{case}");
        assert!(!world.holds_batches(), "{case}: batches");
        let writes = world.stores.writes.get();
        block_on(alarm).unwrap();
        assert_eq!(world.stores.writes.get(), writes, "{case}: goes on writing");
    }
    assert!(world.is_erased(), "{case}: brought back");
    assert!(world.buffer.alarm_at.get().is_some(), "{case}: no alarm");
    world.run_until(at + 60_000);
    world.assert_gone();
    world.assert_forgotten();
}

#[test]
fn while_any_step_awaits_any_store() {
    let holds = [Hold::Before, Hold::After];
    let faults = [Fault::None, Fault::Failed, Fault::FailedButWritten];
    for hold in holds {
        for fault in faults {
            // Announcing.
            let world = World::default();
            world.upload(&up(1, 0, 3), START).unwrap();
            erase_while_alarm_awaits(&world, Port::Index, hold, fault, START + 10_000);
            // Packing, writing the row, writing the record.
            for port in [Port::Recordings, Port::Index, Port::Records] {
                let world = revived();
                // Past the announcement, so that the index is asked by the end alone.
                world.run_until(START + 150_000);
                erase_while_alarm_awaits(&world, port, hold, fault, START + 2_000_000);
            }
            // An erasure that is being carried out is asked for again.
            for port in Port::ALL {
                let world = revived();
                world.erase(START + 200_000);
                erase_while_alarm_awaits(&world, port, hold, fault, START + 200_000);
            }
        }
    }
}

#[test]
fn a_batch_that_came_first_does_not_put_it_off() {
    let world = World::default();
    let (append, body) = arrived(&up(1, 0, 2), START);
    world.buffer.hold_alarm();
    let actor = world.actor();
    {
        let mut appending = pin!(actor.append(&append, body, START));
        assert!(poll(appending.as_mut()).is_pending(), "asks for the alarm");
        world.erase(START);
        assert!(block_on(appending).unwrap().is_ok(), "it was stored before");
    }
    assert_eq!(world.buffer.alarm_at.get(), Some(START));
    world.assert_gone();
    world.assert_forgotten();
}

#[test]
fn a_tombstone_that_a_crash_took_is_made_again() {
    let world = finished();
    let now = START + 200_000;
    world.erase(now);
    world.run_until(now);
    // A crash while everything else was deleted.
    block_on((&world.buffer).clear()).unwrap();
    world.remembered.forget();
    assert!(!world.is_erased());
    for batch in [up(1, 3, 2), up(2, 0, 2)] {
        assert_eq!(world.upload(&batch, now + 1_000), Err(Refused::Erased));
        world.assert_hidden();
    }
    world.assert_forgotten();
}

#[test]
fn a_young_session_is_not_asked_for_unless_it_goes_on() {
    let world = World::default();
    world.refuse();
    assert!(world.upload(&up(1, 0, 2), START).is_ok());
    let world = World::default();
    world.refuse();
    assert_eq!(world.upload(&up(1, 2, 2), START), Err(Refused::Erased));
}

#[test]
fn while_a_batch_waits_for_what_was_stored_before() {
    for hold in [Hold::Before, Hold::After] {
        let world = finished();
        let now = START + 200_000;
        let (append, body) = arrived(&up(1, 3, 2), now);
        world.stores.hold_next(Port::Listing, hold);
        let actor = world.actor();
        {
            let mut appending = pin!(actor.append(&append, body, now));
            assert!(poll(appending.as_mut()).is_pending());
            world.erase(now);
            assert_eq!(block_on(appending).unwrap(), Err(Refused::Erased));
        }
        assert_eq!(world.buffer.alarm_at.get(), Some(now), "not put off");
        world.run_until(now);
        world.assert_gone();
        world.assert_forgotten();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happened before, is under way and fails: what was erased is
    /// gone, and stays away.
    #[test]
    fn it_stays_away(
        before in prop::collection::vec((0u8..3, 0u32..20, 1u32..8, any::<bool>(), 0u64..200_000), 0..10),
        after in prop::collection::vec((0u8..3, 0u32..20, 1u32..8, 0u64..2_000_000, 0u8..8), 0..10),
        gap in 0u64..700_000,
    ) {
        let world = World::default();
        let mut now = START;
        for (tab, first, n, end, pause) in before {
            now += pause;
            world.run_until(now);
            let stored = world.upload(&Up { tab, first, n, end }, now);
            prop_assert!(stored.is_ok());
        }
        now += gap;
        world.run_until(now);
        world.erase(now);
        prop_assert!(!world.holds_batches());
        for (tab, first, n, pause, fault) in after {
            let kind = if fault < 4 { Fault::Failed } else { Fault::FailedButWritten };
            world.stores.fail_next(Port::ALL[usize::from(fault % 4)], kind);
            prop_assert_eq!(world.upload(&up(tab, first, n), now), Err(Refused::Erased));
            now += pause;
            world.run_until(now);
            prop_assert!(world.is_erased());
        }
        world.run_until(now + 3_600_000);
        world.assert_forgotten();
    }
}
