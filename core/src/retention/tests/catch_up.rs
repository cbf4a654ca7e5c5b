//! Rows of live sessions that follow these, with a fault at every step.

use super::*;
use crate::filter::Filter;

/// A month with so many live sessions, oldest first, whose rows are those of their
/// announcement. Each has been sent something since.
fn lagging(count: u8) -> (World, Vec<SessionId>) {
    let world = world([]);
    let mut sids = Vec::new();
    for n in 0..count {
        let sid = sid(NOW - HOUR + u64::from(n) * 1_000, n);
        world.add(&sid);
        world.rows.borrow_mut().get_mut(&sid).unwrap().1.live = true;
        let mut record = told(&sid).0;
        record.live = true;
        record.state.last = NOW - 10;
        let mut live = world.sessions.live.borrow_mut();
        live.insert(sid.clone(), record);
        sids.push(sid);
    }
    (world, sids)
}

/// One call of the writers; what happens `meanwhile` happens when something waits.
fn round(world: &World, state: &RefCell<CatchUp>, now: Millis, meanwhile: &dyn Fn()) {
    let keeper = world.keeper();
    let mut round = Box::pin(keeper.catch_up(state, now));
    let done = advances(round.as_mut());
    let done = done.unwrap_or_else(|| {
        meanwhile();
        block_on(round)
    });
    // The shell logs it; the next pass asks again.
    drop(done);
}

/// A whole pass.
fn pass(world: &World, state: &RefCell<CatchUp>, now: Millis, meanwhile: &dyn Fn()) {
    assert!(state.borrow_mut().looked(&Filter::default(), now));
    while state.borrow().is_under_way() {
        round(world, state, now, meanwhile);
    }
}

/// Whether a session's row says what its writer holds.
fn follows(world: &World, sid: &SessionId) -> bool {
    let record = world.sessions.live.borrow()[sid].clone();
    let (revision, row) = world.rows.borrow()[sid].clone();
    let packed = world.packed.borrow().get(sid).cloned();
    row == record.state.row(sid, true)
        && revision == record.state.last
        && packed == Some(record.state.packed(sid))
}

#[test]
fn the_newest_are_asked_first_and_some_at_once() {
    let count = u8::try_from(2 * ASKED_AT_ONCE + 6).unwrap();
    let (world, sids) = lagging(count);
    let state: RefCell<CatchUp> = RefCell::default();
    assert!(!sids.iter().any(|sid| follows(&world, sid)));
    assert!(state.borrow_mut().looked(&Filter::default(), NOW));
    let mut followed = Vec::new();
    while state.borrow().is_under_way() {
        round(&world, &state, NOW, &|| {});
        followed.push(sids.iter().filter(|sid| follows(&world, sid)).count());
        let newest = sids.iter().rev().take(*followed.last().unwrap());
        assert!(newest.into_iter().all(|sid| follows(&world, sid)));
    }
    assert_eq!(followed, [32, 64, 70]);
}

#[test]
fn who_looks_often_asks_once_in_a_while_and_only_of_what_may_be_live() {
    let (world, sids) = lagging(3);
    let state: RefCell<CatchUp> = RefCell::default();
    pass(&world, &state, NOW, &|| {});
    let all = Filter::default();
    let soon = NOW + CAUGHT_UP_EVERY - 1;
    assert!(!state.borrow_mut().looked(&all, soon));
    let yesterday = Filter {
        before: Some(NOW - DAY - 2 * HOUR),
        ..Filter::default()
    };
    assert!(!state.borrow_mut().looked(&yesterday, soon + 1));
    // Nothing came since: nothing is written.
    let before = world.rows.borrow().clone();
    pass(&world, &state, soon + 1, &|| {});
    assert_eq!(*world.rows.borrow(), before);
    let asked = world.sessions.faults.operations();
    let mut live = world.sessions.live.borrow_mut();
    live.get_mut(&sids[1]).unwrap().state.last = soon;
    drop(live);
    pass(&world, &state, soon + 1 + CAUGHT_UP_EVERY, &|| {});
    assert!(follows(&world, &sids[1]));
    // The rows, the plan, three writers, one row.
    assert_eq!(world.sessions.faults.operations() - asked, 6);
}

#[test]
fn a_pass_is_one_and_ends_where_nothing_is_live() {
    let (world, _) = lagging(40);
    let state: RefCell<CatchUp> = RefCell::default();
    let all = Filter::default();
    assert!(state.borrow_mut().looked(&all, NOW));
    assert!(!state.borrow_mut().looked(&all, NOW + DAY), "it goes on");
    round(&world, &state, NOW, &|| {});
    assert!(state.borrow().is_under_way());
    // Nothing is left to ask: the month is gone.
    world.rows.borrow_mut().clear();
    world.plan.take();
    round(&world, &state, NOW, &|| {});
    assert!(!state.borrow().is_under_way());
    // One that ended long ago is not asked, whatever its row says.
    let (world, sids) = lagging(1);
    let state: RefCell<CatchUp> = RefCell::default();
    pass(&world, &state, NOW + DAY + HOUR, &|| {});
    assert!(!follows(&world, &sids[0]));
}

/// What happens to a session while its writer is asked.
#[derive(Clone, Copy, Debug)]
enum Elsewhere {
    Nothing,
    Finished,
    Erased,
    Dropped,
    GoesOn,
}

impl Elsewhere {
    const ALL: [Self; 5] = [
        Self::Nothing,
        Self::Finished,
        Self::Erased,
        Self::Dropped,
        Self::GoesOn,
    ];

    fn happens(self, world: &World, sid: &SessionId) {
        let (mut rows, mut live) = (world.rows.borrow_mut(), world.sessions.live.borrow_mut());
        match self {
            Self::Nothing => {}
            Self::Finished => {
                let record = live.remove(sid).unwrap();
                rows.insert(sid.clone(), (NOW, record.state.row(sid, false)));
            }
            Self::Erased => {
                live.remove(sid);
                rows.remove(sid);
                world.sessions.erased.borrow_mut().insert(sid.clone());
            }
            Self::Dropped => drop(rows.remove(sid)),
            Self::GoesOn => live.get_mut(sid).unwrap().state.last = NOW,
        }
    }
}

#[test]
fn whatever_fails_or_happens_meanwhile_nothing_comes_back_and_nothing_is_counted_twice() {
    let run = |fault: Option<(u32, Trouble)>, elsewhere: Elsewhere| {
        let (world, sids) = lagging(4);
        let happened = Cell::new(false);
        let once = || {
            if !happened.replace(true) {
                elsewhere.happens(&world, &sids[1]);
            }
        };
        let state: RefCell<CatchUp> = RefCell::default();
        if let Some((number, trouble)) = fault {
            world.sessions.faults.plan(number, trouble);
        }
        pass(&world, &state, NOW, &once);
        let operations = world.sessions.faults.operations();
        once();
        let after = world.rows.borrow().get(&sids[1]).cloned();
        pass(&world, &state, NOW + CAUGHT_UP_EVERY, &|| {});
        let what = format!("{fault:?} {elsewhere:?}");
        let rows = world.rows.borrow().clone();
        for sid in sids.iter().filter(|sid| **sid != sids[1]) {
            assert!(follows(&world, sid), "{what}");
        }
        match elsewhere {
            Elsewhere::Nothing | Elsewhere::GoesOn => {
                assert!(follows(&world, &sids[1]), "{what}");
            }
            Elsewhere::Finished => {
                assert!(!rows[&sids[1]].1.live, "{what}");
                assert_eq!(rows.get(&sids[1]), after.as_ref(), "{what}");
            }
            Elsewhere::Erased | Elsewhere::Dropped => {
                assert!(!rows.contains_key(&sids[1]), "{what}");
            }
        }
        operations
    };
    let operations = run(None, Elsewhere::Nothing);
    assert!(operations > 6, "{operations}");
    for number in 0..operations {
        for trouble in troubles() {
            for elsewhere in Elsewhere::ALL {
                run(Some((number, trouble)), elsewhere);
            }
        }
    }
}
