//! What another version wrote, made anew, with a fault at every step.

use super::*;
use crate::analytics::pack::VERSION;

/// What another version wrote of a session.
fn outdated() -> Packed {
    Packed::from_bytes(vec![VERSION + 1, 9, 9])
}

/// A month with so many finished sessions of which reports can read nothing, although their
/// records and recordings are there.
fn world_of(count: u8) -> (World, BTreeMap<SessionId, Record>) {
    let world = world([]);
    let mut records = BTreeMap::new();
    for n in 0..count {
        let sid = sid(from() + u64::from(n) * HOUR, n);
        world.add(&sid);
        let (record, chunks) = told(&sid);
        for (name, bytes) in chunks {
            world.bytes.borrow_mut().insert((sid.clone(), name), bytes);
        }
        let mut readable = world.readable.borrow_mut();
        readable.insert(sid.clone(), record.clone());
        let mut packed = world.packed.borrow_mut();
        packed.insert(sid.clone(), outdated());
        records.insert(sid, record);
    }
    let plan = world.plan.take().unwrap();
    *world.plan.borrow_mut() = Some(plan.to_digest());
    (world, records)
}

impl World {
    fn planned(&self) -> Plan {
        self.plan.borrow().clone().unwrap()
    }

    /// How many sessions are as their records say.
    fn current(&self, records: &BTreeMap<SessionId, Record>) -> usize {
        let (rows, packed) = (self.rows.borrow(), self.packed.borrow());
        let is_current = |(sid, record): &(&SessionId, &Record)| {
            packed[*sid] == record.state.packed(sid)
                && rows.get(*sid).is_some_and(|(revision, row)| {
                    *row == record.state.row(sid, false) && *revision == sid.start() + 5
                })
        };
        records.iter().filter(is_current).count()
    }

    /// The next alarm, which must be due at `now`.
    fn wake(&self, now: Millis) {
        assert!(self.alarm.take().is_some_and(|at| at <= now));
        block_on(self.keeper().alarm(now, Some(365))).unwrap();
    }
}

#[test]
fn every_session_is_made_anew_some_at_a_time_and_then_nobody_looks_again() {
    let (world, records) = world_of(70);
    assert!(world.planned().may_be_outdated());
    let mut made = Vec::new();
    while world.planned().may_be_outdated() {
        world.wake(NOW);
        made.push(world.current(&records));
        assert!(made.len() < 9, "{made:?}");
    }
    assert_eq!(made, [32, 64, 70]);
    assert_eq!(world.planned().anew, None);
    assert!(world.alarm.get().unwrap() > NOW, "it rests");
    // One that comes later of another version is found when that is said.
    let sid = records.keys().next().unwrap();
    world.packed.borrow_mut().insert(sid.clone(), outdated());
    world.run(NOW + 2 * DAY, 365);
    assert_eq!(world.current(&records), 69);
    let plan = world.planned().to_digest();
    *world.plan.borrow_mut() = Some(plan);
    world.run(NOW + 4 * DAY, 365);
    assert_eq!(world.current(&records), 70);
}

#[test]
fn an_alarm_reads_no_more_than_it_may() {
    let (world, records) = world_of(5);
    for (_, row) in world.rows.borrow_mut().values_mut() {
        row.bytes = 9 << 20;
    }
    let mut made = Vec::new();
    while world.planned().may_be_outdated() {
        world.wake(NOW);
        made.push(world.current(&records));
    }
    assert_eq!(made, [2, 4, 5]);
}

#[test]
fn what_is_live_unreadable_or_of_this_version_is_left() {
    let (world, records) = world_of(4);
    let sids: Vec<_> = records.keys().cloned().collect();
    world.rows.borrow_mut().get_mut(&sids[0]).unwrap().1.live = true;
    // Neither a record nor a chunk: all that is left is the row.
    world.readable.borrow_mut().remove(&sids[1]);
    world
        .bytes
        .borrow_mut()
        .retain(|(sid, _), _| *sid != sids[1]);
    let own = Packed::of(&crate::analytics::session::Session::default());
    world
        .packed
        .borrow_mut()
        .insert(sids[2].clone(), own.clone());
    let before = world.rows.borrow().clone();
    world.run(NOW, 365);
    let packed = world.packed.borrow().clone();
    assert_eq!(packed[&sids[0]], outdated());
    assert_eq!(
        packed[&sids[1]],
        Packed::default(),
        "nothing is known of it"
    );
    assert_eq!(packed[&sids[2]], own);
    assert_eq!(packed[&sids[3]], records[&sids[3]].state.packed(&sids[3]));
    for sid in &sids[..3] {
        assert_eq!(world.rows.borrow()[sid], before[sid]);
    }
    assert!(!world.planned().may_be_outdated());
}

/// A digest of another version is in the record as well: the recording says what it lacks.
#[test]
fn a_record_of_another_version_is_not_believed() {
    let (world, records) = world_of(2);
    for record in world.readable.borrow_mut().values_mut() {
        record.v = Record::VERSION - 1;
        record.state.digest = crate::digest::Digest {
            events: 77,
            ..Default::default()
        };
    }
    world.run(NOW, 365);
    assert_eq!(world.current(&records), 2);
}

/// What becomes of a session while it is made anew.
#[derive(Clone, Copy, Debug)]
enum Elsewhere {
    Nothing,
    Dropped,
    Written,
    Crash,
}

#[test]
fn whatever_fails_or_happens_meanwhile_it_only_delays() {
    let run = |fault: Option<(u32, Trouble)>, elsewhere: Elsewhere| {
        let (world, mut records) = world_of(4);
        let changed = records.keys().nth(1).cloned().unwrap();
        let mut newer = world.rows.borrow()[&changed].clone();
        newer = (
            NOW,
            SessionRow {
                clicks: 77,
                ..newer.1
            },
        );
        let happened = Cell::new(false);
        let happens = || {
            if happened.replace(true) {
                return;
            }
            match elsewhere {
                Elsewhere::Dropped => drop(world.rows.borrow_mut().remove(&changed)),
                Elsewhere::Written => {
                    let mut rows = world.rows.borrow_mut();
                    rows.insert(changed.clone(), newer.clone());
                    let mut packed = world.packed.borrow_mut();
                    packed.insert(changed.clone(), Packed::default());
                }
                Elsewhere::Nothing | Elsewhere::Crash => {}
            }
        };
        if let Some((number, trouble)) = fault {
            world.sessions.faults.plan(number, trouble);
        }
        // A pass that left something out is followed by another when the month is looked at.
        for _ in 0..200 {
            let at = world.alarm.get().filter(|at| *at <= NOW + 3 * DAY);
            let Some(at) = at else { break };
            world.alarm.set(None);
            let keeper = world.keeper();
            let mut step = Box::pin(keeper.alarm(at, Some(365)));
            let done = match advances(step.as_mut()) {
                Some(done) => done,
                None if matches!(elsewhere, Elsewhere::Crash) => {
                    drop(step);
                    Err(StoreError("ended for good".to_owned()))
                }
                None => {
                    happens();
                    block_on(step)
                }
            };
            if done.is_err() {
                // The platform repeats an alarm that has failed.
                world.alarm.set(Some(at));
            }
        }
        let what = format!("{fault:?} {elsewhere:?}");
        assert!(!world.planned().may_be_outdated(), "{what}");
        if happened.get() {
            match elsewhere {
                Elsewhere::Dropped => {
                    records.remove(&changed);
                    let rows = world.rows.borrow();
                    assert!(!rows.contains_key(&changed), "{what}");
                }
                Elsewhere::Written => {
                    records.remove(&changed);
                    assert_eq!(world.rows.borrow()[&changed], newer, "{what}");
                }
                Elsewhere::Nothing | Elsewhere::Crash => {}
            }
        }
        assert_eq!(world.current(&records), records.len(), "{what}");
        world.sessions.faults.operations()
    };
    let operations = run(None, Elsewhere::Nothing);
    assert!(operations > 12, "{operations}");
    for number in 0..operations {
        for trouble in troubles() {
            let all = [
                Elsewhere::Nothing,
                Elsewhere::Dropped,
                Elsewhere::Written,
                Elsewhere::Crash,
            ];
            let waits = if trouble.hold.is_some() { 4 } else { 1 };
            for elsewhere in all.into_iter().take(waits) {
                run(Some((number, trouble)), elsewhere);
            }
        }
    }
}
