//! Faults of the session's own storage at every step, and of the stores while it is opened.
//!
//! Its own storage answers at once, so it is never slow; what it was asked for may not have
//! happened, may have happened nevertheless, or may happen twice.

use super::erasure::poll;
use super::faults::{END, Stage};
use super::*;
use crate::quota::Quota;
use crate::store::memory::{Hold, Trouble};

const FAULTS: [Fault; 3] = [Fault::Failed, Fault::FailedButWritten, Fault::Twice];

/// A fault of the operation of that number on its own storage.
type Planned = Option<(u32, Fault)>;

/// Makes a session, and says how many of its events are acknowledged.
type Life<'a> = &'a dyn Fn() -> (World, u32);

impl World {
    /// Who sends a batch sends it until it is acknowledged.
    fn send(&self, upload: &Up, now: Millis) {
        for _ in 0..3 {
            let (append, body) = arrived(upload, now);
            if let Ok(answer) = block_on(self.actor().append(&append, body, now)) {
                assert_eq!(next(answer), upload.first + upload.n);
                self.assert_remembers();
                return;
            }
        }
        panic!("it is never acknowledged");
    }

    /// As [`World::run_until`], where an alarm that fails is repeated by the platform.
    fn run_repeating(&self, until: Millis) {
        for _ in 0..1_000 {
            let Some(at) = self.buffer.alarm_at.get().filter(|at| *at <= until) else {
                return;
            };
            self.goes_off();
            if block_on(self.actor().alarm(at)).is_err() {
                self.remembered.forget();
                self.buffer.alarm_at.set(Some(at));
            }
            self.assert_remembers();
        }
        panic!("the alarm never rests");
    }

    fn plan_own(&self, planned: Planned) -> u32 {
        if let Some((number, fault)) = planned {
            self.buffer.plan_fault(number, fault);
        }
        self.buffer.operations()
    }
}

/// Runs it without a fault and with each at each operation that it then takes.
fn at_every_operation(run: impl Fn(Planned) -> u32) -> u32 {
    let operations = run(None);
    for number in 0..operations {
        for fault in FAULTS {
            let done = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
                run(Some((number, fault)));
            }));
            assert!(
                done.is_ok(),
                "operation {number} of {operations}: {fault:?}"
            );
        }
    }
    operations
}

#[test]
fn a_batch_that_its_storage_fails_is_sent_again_and_stored_once() {
    let begun = |n: u32| {
        let world = World::default();
        if n > 0 {
            world.upload(&up(1, 0, n), START).unwrap();
        }
        world
    };
    let finished = |n: u32| {
        let world = World::default();
        world.upload(&ending(0, n), START).unwrap();
        world.run_until(START + 70_000);
        assert!(world.record().is_none(), "finished");
        world
    };
    let lives: [(&dyn Fn(u32) -> World, u32); 3] = [(&begun, 0), (&begun, 3), (&finished, 3)];
    for (life, known) in lives {
        let operations = at_every_operation(|planned| {
            let world = life(known);
            let before = world.plan_own(planned);
            world.send(&up(1, known, 2), END);
            let operations = world.buffer.operations() - before;
            assert!(!world.buffer.unplan(), "it was reached");
            world.assert_read(&[(1, known + 2)]);
            world.run_until(END + 3_600_000);
            world.assert_read(&[(1, known + 2)]);
            assert!(world.record().is_none(), "it comes to its end");
            operations
        });
        assert!(operations > 0, "it is written");
    }
}

#[test]
fn an_alarm_that_its_storage_fails_ends_the_same() {
    // One that is not listed yet, one that makes two chunks, and those that only end: these
    // write nothing of their own, unless a batch comes meanwhile.
    let begun = || {
        let world = World::default();
        world.upload(&up(1, 0, 3), START).unwrap();
        (world, 3)
    };
    let large = || {
        let world = World::default();
        world.upload_weighing(&up(1, 0, 1), 700_000, START);
        world.upload_weighing(&up(1, 1, 1), 700_000, START);
        world.upload_weighing(&ending(2, 1), 700_000, START);
        (world, 3)
    };
    let lives: [(Life<'_>, u32); 6] = [
        (&begun, 2),
        (&large, 4),
        (&|| Stage::Live.world(), 0),
        (&|| Stage::Large.world(), 0),
        (&|| Stage::Revived.world(), 0),
        (&|| Stage::Packed.world(), 0),
    ];
    for (life, least) in lives {
        let operations = at_every_operation(|planned| {
            let (world, known) = life();
            let before = world.plan_own(planned);
            world.run_repeating(END + 3_600_000);
            let operations = world.buffer.operations() - before;
            assert!(!world.buffer.unplan(), "it was reached");
            world.assert_read(&[(1, known)]);
            assert_eq!(world.actor().held().unwrap(), Held::Nothing);
            assert_eq!(world.buffer.alarm_at.get(), None);
            let row = world.stores.rows.borrow()[&sid()].1.clone();
            assert_eq!(row.events, u64::from(known), "each is counted once");
            operations
        });
        assert!(operations >= least, "{operations}");
    }
}

#[test]
fn an_erasure_that_its_storage_fails_leaves_nothing() {
    for stage in Stage::ALL {
        let operations = at_every_operation(|planned| {
            let (world, _) = stage.world();
            let erase = Erase {
                site: SiteKey::parse("demo").unwrap(),
                sid: sid(),
            };
            let before = world.plan_own(planned);
            if block_on(world.actor().erase(&erase, END)).is_err() {
                // Who asked is told so, and asks again.
                block_on(world.actor().erase(&erase, END)).unwrap();
            }
            world.assert_remembers();
            world.run_repeating(END + 3_600_000);
            let operations = world.buffer.operations() - before;
            assert!(!world.buffer.unplan(), "it was reached");
            world.assert_gone();
            world.assert_forgotten();
            operations
        });
        assert!(operations > 0, "a tombstone is written");
    }
}

/// What happens while a store is asked whether the session may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    /// The same batch, by another request.
    Repetition,
    Erasure,
    /// The request is ended for good.
    Crash,
}

/// A late batch of a session that was finished, of a site with a quota: it is asked for its
/// chunks and whether it was erased; and the first of one that never was.
#[test]
fn every_fault_while_it_is_opened_stores_a_batch_once_or_not_at_all() {
    let late = |trouble: Option<(u32, Trouble)>, is_new: bool, meanwhile: Meanwhile| {
        let world = World::default();
        if !is_new {
            world.upload(&ending(0, 3), START).unwrap();
            world.run_until(START + 70_000);
        }
        let known = if is_new { 0 } else { 3 };
        let batch = up(1, known, 2);
        let request = || {
            let (mut append, body) = arrived(&batch, END);
            append.quota = Some(Quota {
                sessions_per_day: Some(1),
                ..Quota::default()
            });
            (append, body)
        };
        let before = world.stores.operations.get();
        if let Some((number, trouble)) = trouble {
            world.stores.plan(number, trouble);
        }
        let actor = world.actor();
        let (append, body) = request();
        let mut first = Box::pin(actor.append(&append, body, END));
        let waits = poll(first.as_mut()).is_pending();
        if waits {
            match meanwhile {
                Meanwhile::Nothing | Meanwhile::Crash => {}
                Meanwhile::Repetition => {
                    let (append, body) = request();
                    // A fault befalls whoever asks the store first: that may be this one.
                    if let Ok(answer) = block_on(world.actor().append(&append, body, END)) {
                        assert_eq!(next(answer), known + 2);
                    }
                }
                Meanwhile::Erasure => world.erase(END),
            }
        }
        let answered = waits && meanwhile != Meanwhile::Crash;
        let answer = if answered {
            Some(block_on(first))
        } else {
            None
        };
        let operations = world.stores.operations.get() - before;
        assert!(!world.stores.unplan(), "it was never reached");
        if meanwhile == Meanwhile::Erasure && waits {
            assert!(!matches!(answer, Some(Ok(Ok(_)))), "acknowledged");
            world.run_until(END + 60_000);
            world.assert_gone();
            return operations;
        }
        // Whoever has no answer, or a failure, sends it again.
        let again = (0..2).find_map(|_| {
            let (append, body) = request();
            block_on(world.actor().append(&append, body, END)).ok()
        });
        assert_eq!(again.map(next), Some(known + 2));
        world.assert_remembers();
        world.assert_read(&[(1, known + 2)]);
        world.run_until(END + 3_600_000);
        world.assert_read(&[(1, known + 2)]);
        let admitted = world.stores.admissions.borrow().len();
        assert!(admitted <= 1, "it counts once");
        operations
    };
    let faults = [
        Fault::None,
        Fault::Failed,
        Fault::FailedButWritten,
        Fault::Twice,
    ];
    let holds = [None, Some(Hold::Before), Some(Hold::After)];
    for is_new in [true, false] {
        let operations = late(None, is_new, Meanwhile::Nothing);
        assert!(operations >= if is_new { 1 } else { 3 }, "{operations}");
        for number in 0..operations {
            for (fault, hold) in faults.iter().flat_map(|f| holds.map(|hold| (*f, hold))) {
                let trouble = Some((number, Trouble { fault, hold }));
                late(trouble, is_new, Meanwhile::Nothing);
                if hold.is_none() {
                    continue;
                }
                for meanwhile in [Meanwhile::Repetition, Meanwhile::Erasure, Meanwhile::Crash] {
                    let cell = format!("{number} {fault:?} {hold:?} {meanwhile:?} {is_new}");
                    let done = std::panic::catch_unwind(|| late(trouble, is_new, meanwhile));
                    assert!(done.is_ok(), "{cell}");
                }
            }
        }
    }
}
