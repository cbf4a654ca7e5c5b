//! The last steps of a session, while something else happens.

use super::*;
use crate::store::memory::Hold;
use std::pin::pin;
use std::task::{Context, Waker};

/// A batch that comes while `port` is at the last steps is kept, and so are those before.
fn a_batch_comes(port: Port, hold: Hold) {
    let world = World::default();
    world.upload(&up(1, 0, 2), START).unwrap();
    let last = Up {
        end: true,
        ..up(1, 2, 1)
    };
    world.upload(&last, START).unwrap();
    world.run_until(START + 59_999);
    world.goes_off();
    let actor = world.actor();
    {
        let mut finishing = pin!(actor.alarm(START + 60_000));
        let mut context = Context::from_waker(Waker::noop());
        world.stores.hold_next(port, hold);
        assert!(finishing.as_mut().poll(&mut context).is_pending());
        assert_eq!(next(world.upload(&up(1, 3, 2), START + 60_000)), 5);
        assert!(finishing.as_mut().poll(&mut context).is_ready());
    }
    world.assert_remembers();
    world.assert_holds(1, 5);
    world.run_until(START + 3_600_000);
    world.assert_holds(1, 5);
    assert!(world.record().is_none(), "finished in the end");
    assert_eq!(world.stores.records.borrow()[&sid()].state.digest.events, 5);
    assert_eq!(world.stores.rows.borrow()[&sid()].1.events, 5);
}

#[test]
fn a_batch_at_any_moment_of_the_end_is_kept() {
    for port in [Port::Recordings, Port::Index, Port::Records] {
        for hold in [Hold::Before, Hold::After] {
            a_batch_comes(port, hold);
        }
    }
}

#[test]
fn what_is_more_than_a_chunk_is_finished_in_several() {
    let world = World::default();
    for index in 0..3 {
        let (mut append, body) = arrived(&up(1, index, 1), START);
        // Together they are over the size of a chunk by one byte.
        append.batch.meta.bytes = (1 << 20) / 2 + u32::from(index == 0);
        block_on(world.actor().append(&append, body, START))
            .unwrap()
            .unwrap();
    }
    world.run_until(START + 3_600_000);
    assert_eq!(world.stores.objects.borrow().len(), 2);
    let record = world.stores.records.borrow()[&sid()].clone();
    assert_eq!(record.chunks.len(), 2);
    let events: u32 = record
        .chunks
        .iter()
        .flat_map(|chunk| &chunk.batches)
        .map(|batch| batch.n)
        .sum();
    assert_eq!(events, 3);
    world.assert_holds(1, 3);
}
