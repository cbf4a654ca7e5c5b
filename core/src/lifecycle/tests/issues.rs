//! What a session tells of its issues, with a fault at every step.

use super::*;
use crate::issue::State;
use crate::store::memory::Trouble;

/// A page that throws, and is left.
fn failed(message: &str) -> Vec<u8> {
    let header = Header {
        v: VERSION,
        sid: sid(),
        tab: TabId::new(&[1; 5]),
        window: WindowId::new(&[2; 5]),
        seq: 0,
        first: 0,
        n: 1,
        sent: START,
        offset: None,
        meta: None,
        end: true,
    };
    let at = START + 7;
    let event = format!(
        r#"{{"type":5,"data":{{"tag":"error","payload":{{"message":"{message}"}}}},"timestamp":{at}}}"#
    );
    gzip::compress(&header.body([event.as_str()]))
}

fn thrown(message: &str) -> World {
    let world = World::default();
    let (append, body) = taken(failed(message), START);
    let answer = block_on(world.actor().append(&append, body, START));
    answer.unwrap().unwrap();
    world
}

#[test]
fn a_session_tells_its_issues_as_soon_as_it_is_listed() {
    let world = thrown("TypeError: a");
    world.run_until(START + 5_000);
    let issues = world.stores.issues.borrow().clone();
    let known: Vec<_> = issues.values().collect();
    assert_eq!(known.len(), 1);
    assert_eq!(
        (&*known[0].title, known[0].first),
        ("TypeError: a", START + 7)
    );
    assert_eq!(known[0].state, State::Open);
    // And again when it is finished: that changes nothing.
    world.run_until(START + 3_600_000);
    assert_eq!(*world.stores.issues.borrow(), issues);
}

#[test]
fn whatever_fails_an_issue_is_told_and_the_session_finished() {
    for fault in [Fault::Failed, Fault::FailedButWritten, Fault::Twice] {
        for at in 0.. {
            let world = thrown("TypeError: a");
            world.stores.plan(at, Trouble { fault, hold: None });
            world.run_until(START + 3_600_000);
            let is_over = world.stores.unplan();
            assert_eq!(world.stores.issues.borrow().len(), 1, "{fault:?} {at}");
            assert_eq!(world.stores.records.borrow().len(), 1, "{fault:?} {at}");
            if is_over {
                assert!(at > 3, "no step was tried");
                break;
            }
        }
    }
}

#[test]
fn a_session_without_errors_tells_nothing() {
    let world = World::default();
    world.upload(&ending(0, 2), START).unwrap();
    world.run_until(START + 3_600_000);
    assert!(world.stores.issues.borrow().is_empty());
    assert_eq!(world.stores.records.borrow().len(), 1);
}
