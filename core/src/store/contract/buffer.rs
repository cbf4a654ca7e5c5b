//! Properties of [`Buffer`]: what one session's own storage must hold to. Each run has a
//! storage of its own, with nothing in it.
//!
//! The functions before the properties are the only ones that know the port's methods.
#![allow(
    clippy::unused_async,
    reason = "properties have one shape, and much of this port is synchronous"
)]

use super::{Broken, Case, Outcome, batch, bytes, equal, holds, suite};
use crate::id::TabId;
use crate::lifecycle::{Append, Erasure};
use crate::recording::{Buffered, SessionState, StoredChunk, Visitor};
use crate::store::{Buffer, Saved, Tombstone};
use crate::wire::Limits;
use alloc::borrow::ToOwned as _;
use alloc::vec;
use alloc::vec::Vec;

suite!(Buffer:
    a_new_one_holds_nothing,
    asking_a_new_one_leaves_it_new,
    what_is_saved_comes_back,
    what_is_saved_last_counts,
    the_largest_session_is_saved,
    a_session_opens_with_its_first_batch,
    what_is_saved_later_counts_more_than_the_opening,
    a_session_outlives_the_batch_that_opened_it,
    batches_come_back_in_order_of_tab_and_first,
    a_batch_is_unique_by_tab_and_first,
    bodies_come_back_byte_for_byte,
    the_largest_body_is_kept,
    a_body_that_is_not_there_is_a_failure,
    one_batch_is_removed_and_no_other,
    removing_twice_does_no_harm,
    chunks_come_back_in_order,
    the_same_chunk_twice_is_one,
    batches_chunks_and_the_rest_do_not_mix,
    a_tombstone_takes_the_place_of_everything,
    a_tombstone_can_be_written_again,
    scrubbing_leaves_the_tombstone_and_sets_the_alarm,
    an_alarm_is_kept_until_it_is_set_again,
    an_alarm_can_be_set_earlier_and_later,
    writing_leaves_the_alarm,
    clearing_forgets_everything,
    clearing_forgets_a_tombstone,
    clearing_nothing_does_no_harm,
    it_can_be_used_again_after_clearing,
);

fn saved(case: &Case) -> Saved {
    Saved {
        site: case.site.clone(),
        sid: case.sid(0),
        retention_days: 30,
        state: SessionState::new(case.now, Visitor::default()),
        failures: 0,
    }
}

fn tombstone(case: &Case) -> Tombstone {
    Tombstone {
        site: case.site.clone(),
        sid: case.sid(0),
        erasure: Erasure::NEW,
        failures: 0,
    }
}

fn batch_of(case: &Case, tab: u8, first: u32) -> Result<Buffered, Broken> {
    let (Append { batch, .. }, _) = batch::up(tab, first, 1).arrived(&case.sid(0), case.now)?;
    Ok(batch)
}

fn chunk(case: &Case, name: &str, first: u32) -> Result<StoredChunk, Broken> {
    Ok(StoredChunk {
        name: name.to_owned(),
        batches: vec![batch_of(case, 1, first)?.meta],
    })
}

/// Begins a session, as its first batch does.
fn begin<S: Buffer>(store: &S, case: &Case) -> Outcome {
    Ok(store.save(&saved(case))?)
}

fn put<S: Buffer>(store: &S, case: &Case, (tab, first): (u8, u32), body: &[u8]) -> Outcome {
    Ok(store.insert(&batch_of(case, tab, first)?, body.to_vec())?)
}

/// Tab and first event of every batch; none of a storage that holds no session.
fn batches<S: Buffer>(store: &S) -> Result<Vec<(TabId, u32)>, Broken> {
    if store.load()?.is_none() {
        return Ok(Vec::new());
    }
    let batches = store.batches()?.into_iter();
    Ok(batches
        .map(|batch| (batch.meta.tab, batch.meta.first))
        .collect())
}

fn chunks<S: Buffer>(store: &S) -> Result<Vec<StoredChunk>, Broken> {
    if store.load()?.is_none() {
        return Ok(Vec::new());
    }
    Ok(store.chunks()?)
}

fn body<S: Buffer>(store: &S, (tab, first): (u8, u32)) -> Result<Vec<u8>, Broken> {
    Ok(store.body(&batch::tab(tab), first)?)
}

fn remove<S: Buffer>(store: &S, (tab, first): (u8, u32)) -> Outcome {
    Ok(store.remove(&batch::tab(tab), first)?)
}

/// A session with a batch, a chunk and an alarm.
async fn full<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    put(store, case, (1, 0), b"body")?;
    store.add_chunk(&chunk(case, "0", 9)?)?;
    Ok(store.set_alarm(case.now + 1_000).await?)
}

async fn is_empty<S: Buffer>(store: &S) -> Outcome {
    equal("session", &store.load()?, &None)?;
    equal("batches", &batches(store)?, &Vec::new())?;
    equal("chunks", &chunks(store)?, &Vec::new())?;
    equal("tombstone", &store.tombstone()?, &None)?;
    equal("alarm", &store.alarm().await?, &None)
}

fn ids(list: &[(u8, u32)]) -> Vec<(TabId, u32)> {
    let ids = list.iter();
    ids.map(|&(tab, first)| (batch::tab(tab), first)).collect()
}

/// No session, no tombstone, no alarm; none of it a failure.
async fn a_new_one_holds_nothing<S: Buffer>(store: &S, _case: &Case) -> Outcome {
    is_empty(store).await
}

/// Everybody may ask for a session that never was.
async fn asking_a_new_one_leaves_it_new<S: Buffer>(store: &S, case: &Case) -> Outcome {
    is_empty(store).await?;
    is_empty(store).await?;
    full(store, case).await?;
    equal("batches", &batches(store)?, &ids(&[(1, 0)]))
}

/// Every field.
async fn what_is_saved_comes_back<S: Buffer>(store: &S, case: &Case) -> Outcome {
    let mut expected = saved(case);
    expected.failures = 3;
    expected.state.add(&batch_of(case, 1, 0)?);
    expected.state.visitor.country = Some("ÄÖ".to_owned());
    store.save(&expected)?;
    equal("session", &store.load()?, &Some(expected))
}

/// Every step saves.
async fn what_is_saved_last_counts<S: Buffer>(store: &S, case: &Case) -> Outcome {
    let mut expected = saved(case);
    for failures in [0, 7, 2] {
        expected.failures = failures;
        store.save(&expected)?;
    }
    equal("session", &store.load()?, &Some(expected))
}

/// A visit of as many pages as a digest keeps.
async fn the_largest_session_is_saved<S: Buffer>(store: &S, case: &Case) -> Outcome {
    let mut expected = saved(case);
    expected.state.digest.addresses = batch::most_pages(case.now);
    store.save(&expected)?;
    holds("it comes back as it was", store.load()? == Some(expected))
}

/// Both are there, and the alarm is left to who opened it.
async fn a_session_opens_with_its_first_batch<S: Buffer>(store: &S, case: &Case) -> Outcome {
    store.open(&saved(case), &batch_of(case, 2, 5)?, b"first".to_vec())?;
    equal("session", &store.load()?, &Some(saved(case)))?;
    equal("batches", &batches(store)?, &ids(&[(2, 5)]))?;
    equal("chunks", &chunks(store)?, &Vec::new())?;
    equal("body", &body(store, (2, 5))?, &b"first".to_vec())?;
    equal("alarm", &store.alarm().await?, &None)?;
    put(store, case, (1, 0), b"second")?;
    equal("batches", &batches(store)?, &ids(&[(1, 0), (2, 5)]))
}

/// A session is opened once, and saved with every step.
async fn what_is_saved_later_counts_more_than_the_opening<S: Buffer>(
    store: &S,
    case: &Case,
) -> Outcome {
    store.open(&saved(case), &batch_of(case, 1, 0)?, b"body".to_vec())?;
    let mut later = saved(case);
    later.failures = 2;
    store.save(&later)?;
    equal("session", &store.load()?, &Some(later.clone()))?;
    remove(store, (1, 0))?;
    equal("session", &store.load()?, &Some(later))
}

/// That goes into a chunk as any other.
async fn a_session_outlives_the_batch_that_opened_it<S: Buffer>(store: &S, case: &Case) -> Outcome {
    store.open(&saved(case), &batch_of(case, 1, 0)?, b"body".to_vec())?;
    for _ in 0..2 {
        remove(store, (1, 0))?;
        equal("session", &store.load()?, &Some(saved(case)))?;
        equal("batches", &batches(store)?, &Vec::new())?;
    }
    Ok(())
}

/// Whatever the order in which they came.
async fn batches_come_back_in_order_of_tab_and_first<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    for place in [(2, 0), (1, 256), (1, 3), (1, 1_000), (3, 7), (1, 0)] {
        put(store, case, place, b"body")?;
    }
    let expected = [(1, 0), (1, 3), (1, 256), (1, 1_000), (2, 0), (3, 7)];
    equal("batches", &batches(store)?, &ids(&expected))
}

/// A batch that is written again does not change the one that was acknowledged.
async fn a_batch_is_unique_by_tab_and_first<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    put(store, case, (1, 0), b"first")?;
    put(store, case, (1, 0), b"again")?;
    put(store, case, (2, 0), b"other tab")?;
    put(store, case, (1, 1), b"other event")?;
    equal("batches", &batches(store)?, &ids(&[(1, 0), (1, 1), (2, 0)]))?;
    equal("body", &body(store, (1, 0))?, &b"first".to_vec())
}

/// Every byte, also those that are no text.
async fn bodies_come_back_byte_for_byte<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    put(store, case, (1, 0), &all)?;
    put(store, case, (1, 1), &[0])?;
    equal("all", &body(store, (1, 0))?, &all)?;
    equal("zero", &body(store, (1, 1))?, &vec![0])
}

/// A body at its limit.
async fn the_largest_body_is_kept<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    let largest = bytes(Limits::DEFAULT.compressed);
    put(store, case, (1, 0), &largest)?;
    holds("it comes back as it was", body(store, (1, 0))? == largest)
}

/// A chunk must not be written without it.
async fn a_body_that_is_not_there_is_a_failure<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    put(store, case, (1, 0), b"body")?;
    for place in [(1, 1), (2, 0)] {
        holds("an unknown body", body(store, place).is_err())?;
    }
    Ok(())
}

/// What is packed is removed, and nothing that came meanwhile.
async fn one_batch_is_removed_and_no_other<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    for place in [(1, 0), (1, 1), (1, 10), (2, 1)] {
        put(store, case, place, b"body")?;
    }
    remove(store, (1, 1))?;
    equal(
        "batches",
        &batches(store)?,
        &ids(&[(1, 0), (1, 10), (2, 1)]),
    )
}

/// A step may be repeated.
async fn removing_twice_does_no_harm<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    put(store, case, (1, 0), b"body")?;
    for place in [(1, 0), (1, 0), (5, 5)] {
        remove(store, place)?;
    }
    equal("batches", &batches(store)?, &Vec::new())?;
    put(store, case, (1, 0), b"again")?;
    equal("body", &body(store, (1, 0))?, &b"again".to_vec())
}

/// By name.
async fn chunks_come_back_in_order<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    let names = [
        "0000000000017-0000",
        "0000000000017-0001",
        "0000000000018-0000",
    ];
    let expected = names
        .iter()
        .zip(0..)
        .map(|(name, first)| chunk(case, name, first))
        .collect::<Result<Vec<_>, _>>()?;
    for chunk in expected.iter().rev() {
        store.add_chunk(chunk)?;
    }
    equal("chunks", &chunks(store)?, &expected)
}

/// The later one counts: it holds what the first one did, or more.
async fn the_same_chunk_twice_is_one<S: Buffer>(store: &S, case: &Case) -> Outcome {
    begin(store, case)?;
    for first in [0, 0, 4] {
        store.add_chunk(&chunk(case, "0", first)?)?;
    }
    equal("chunks", &chunks(store)?, &vec![chunk(case, "0", 4)?])
}

/// Each is asked for alone.
async fn batches_chunks_and_the_rest_do_not_mix<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    equal("session", &store.load()?, &Some(saved(case)))?;
    equal("batches", &batches(store)?, &ids(&[(1, 0)]))?;
    equal("chunks", &chunks(store)?, &vec![chunk(case, "0", 9)?])?;
    equal("tombstone", &store.tombstone()?, &None)
}

/// In one step: there is never a session beside its tombstone.
async fn a_tombstone_takes_the_place_of_everything<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    store.bury(&tombstone(case))?;
    equal("session", &store.load()?, &None)?;
    equal("batches", &batches(store)?, &Vec::new())?;
    equal("chunks", &chunks(store)?, &Vec::new())?;
    equal("tombstone", &store.tombstone()?, &Some(tombstone(case)))?;
    let alarm = store.alarm().await?;
    equal("alarm", &alarm, &Some(case.now + 1_000))
}

/// Also in a storage that held nothing; the later one counts.
async fn a_tombstone_can_be_written_again<S: Buffer>(store: &S, case: &Case) -> Outcome {
    let mut expected = tombstone(case);
    for failures in [0, 1, 2] {
        expected.failures = failures;
        store.bury(&expected)?;
    }
    equal("tombstone", &store.tombstone()?, &Some(expected))?;
    equal("session", &store.load()?, &None)
}

/// An erasure goes on from there.
async fn scrubbing_leaves_the_tombstone_and_sets_the_alarm<S: Buffer>(
    store: &S,
    case: &Case,
) -> Outcome {
    full(store, case).await?;
    store.bury(&tombstone(case))?;
    let mut later = tombstone(case);
    later.erasure = later.erasure.after_purge(case.now);
    for _ in 0..2 {
        store.scrub(&later, case.now + 5_000).await?;
        equal("tombstone", &store.tombstone()?, &Some(later.clone()))?;
        equal("session", &store.load()?, &None)?;
        equal("alarm", &store.alarm().await?, &Some(case.now + 5_000))?;
    }
    Ok(())
}

/// To the millisecond.
async fn an_alarm_is_kept_until_it_is_set_again<S: Buffer>(store: &S, case: &Case) -> Outcome {
    for at in [case.now + 1_234, case.now + 1_235] {
        store.set_alarm(at).await?;
        for _ in 0..2 {
            equal("alarm", &store.alarm().await?, &Some(at))?;
        }
    }
    Ok(())
}

/// There is one alarm, and the last word counts.
async fn an_alarm_can_be_set_earlier_and_later<S: Buffer>(store: &S, case: &Case) -> Outcome {
    for after in [5_000, 1_000, 9_000] {
        store.set_alarm(case.now + after).await?;
    }
    let alarm = store.alarm().await?;
    equal("alarm", &alarm, &Some(case.now + 9_000))
}

/// An alarm that is early enough is left alone.
async fn writing_leaves_the_alarm<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    begin(store, case)?;
    put(store, case, (3, 0), b"body")?;
    remove(store, (3, 0))?;
    store.add_chunk(&chunk(case, "1", 0)?)?;
    let alarm = store.alarm().await?;
    equal("alarm", &alarm, &Some(case.now + 1_000))
}

/// The alarm, too: nothing is woken for a session that is not there.
async fn clearing_forgets_everything<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    store.clear().await?;
    is_empty(store).await
}

/// The last step of an erasure.
async fn clearing_forgets_a_tombstone<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    store.bury(&tombstone(case))?;
    store.clear().await?;
    is_empty(store).await
}

/// A step may be repeated.
async fn clearing_nothing_does_no_harm<S: Buffer>(store: &S, case: &Case) -> Outcome {
    store.clear().await?;
    full(store, case).await?;
    store.clear().await?;
    store.clear().await?;
    is_empty(store).await
}

/// A session that is finished may be revived.
async fn it_can_be_used_again_after_clearing<S: Buffer>(store: &S, case: &Case) -> Outcome {
    full(store, case).await?;
    store.clear().await?;
    begin(store, case)?;
    put(store, case, (7, 7), b"later")?;
    equal("batches", &batches(store)?, &ids(&[(7, 7)]))?;
    equal("chunks", &chunks(store)?, &Vec::new())?;
    equal("body", &body(store, (7, 7))?, &b"later".to_vec())
}
