//! Properties of [`Records`].

use super::{Broken, Case, Outcome, batch, equal, holds, suite};
use crate::chunk::BatchMeta;
use crate::digest::PageView;
use crate::id::SessionId;
use crate::recording::{Record, StoredChunk, Visitor};
use crate::store::Records;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec::Vec;

suite!(Records:
    a_record_comes_back_whole,
    what_is_not_there_is_none,
    a_later_record_takes_its_place,
    the_largest_record_is_kept,
    a_removed_record_is_gone_and_no_other,
    removing_twice_does_no_harm,
    sites_do_not_see_each_other,
    a_record_of_a_session_past_its_days_is_no_failure,
);

const DAYS: u32 = 30;

/// A record of one chunk with one batch of `n` events.
fn record(sid: &SessionId, n: u32) -> Result<Record, Broken> {
    let (append, body) = batch::up(1, 0, n).arrived(sid, sid.start())?;
    let mut record = Record::empty(
        sid,
        Visitor {
            country: Some("FR".to_owned()),
            ..Visitor::default()
        },
    );
    let mut chunk = crate::chunk::ChunkWriter::default();
    chunk.push(append.batch.meta, &body);
    let read = record.add_chunk("0000000000017-0000".to_owned(), &chunk.finish());
    holds("the property's own chunk can be read", read)?;
    Ok(record)
}

/// Every field, byte for byte.
async fn a_record_comes_back_whole<S: Records>(store: &S, case: &Case) -> Outcome {
    let mut record = record(&case.sid(0), 3)?;
    record.state.digest.addresses.insert(PageView {
        at: case.now,
        tab: batch::tab(1),
        url: "https://shop.example/\u{2063}\"\\/äöü/結帳".to_owned(),
    });
    store.put(&case.site, &record, DAYS).await?;
    let found = store.get(&case.site, &record.sid).await?;
    equal("record", &found, &Some(record))
}

/// An unknown session is no failure.
async fn what_is_not_there_is_none<S: Records>(store: &S, case: &Case) -> Outcome {
    store
        .put(&case.site, &record(&case.sid(0), 1)?, DAYS)
        .await?;
    equal("get", &store.get(&case.site, &case.sid(1)).await?, &None)
}

/// A session that is revived is finished again. (A store may show the earlier one for a
/// while; one whose caches cannot be turned off runs this with a reader of its own.)
async fn a_later_record_takes_its_place<S: Records>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    for n in [1, 5, 5] {
        store.put(&case.site, &record(&sid, n)?, DAYS).await?;
    }
    let found = store.get(&case.site, &sid).await?;
    equal(
        "events",
        &found.map(|record| record.state.digest.events),
        &Some(5),
    )
}

/// A visit of as many pages, and about as many batches, as there can be.
async fn the_largest_record_is_kept<S: Records>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    let mut record = record(&sid, 1)?;
    record.state.digest.addresses = batch::most_pages(case.now);
    let batches: Vec<BatchMeta> = (0..50_000)
        .map(|first| BatchMeta {
            tab: batch::tab(1),
            first,
            n: 1,
            from: case.now,
            to: case.now,
            keyframe: false,
            bytes: 1_000,
        })
        .collect();
    record.chunks = batches
        .chunks(1_000)
        .zip(0u32..)
        .map(|(batches, at)| StoredChunk {
            name: format!("0000000000017-{at:04}"),
            batches: batches.to_vec(),
        })
        .collect();
    store.put(&case.site, &record, DAYS).await?;
    let found = store.get(&case.site, &sid).await?;
    holds("it comes back as it was", found == Some(record))
}

/// An erasure takes one session away.
async fn a_removed_record_is_gone_and_no_other<S: Records>(store: &S, case: &Case) -> Outcome {
    let (sid, other) = (case.sid(0), case.sid(1));
    for sid in [&sid, &other] {
        store.put(&case.site, &record(sid, 2)?, DAYS).await?;
    }
    store.remove(&case.site, &sid).await?;
    equal("removed", &store.get(&case.site, &sid).await?, &None)?;
    let kept = store.get(&case.site, &other).await?;
    equal("kept", &kept, &Some(record(&other, 2)?))
}

/// An erasure is repeated until it has an answer.
async fn removing_twice_does_no_harm<S: Records>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    store.put(&case.site, &record(&sid, 2)?, DAYS).await?;
    for sid in [&sid, &sid, &case.sid(1)] {
        store.remove(&case.site, sid).await?;
    }
    store.put(&case.site, &record(&sid, 3)?, DAYS).await?;
    let found = store.get(&case.site, &sid).await?;
    equal("written again", &found, &Some(record(&sid, 3)?))
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other<S: Records>(store: &S, case: &Case) -> Outcome {
    let (site, neighbour, sid) = (&case.site, &case.neighbour()?, &case.sid(0));
    store.put(neighbour, &record(sid, 2)?, DAYS).await?;
    equal("get", &store.get(site, sid).await?, &None)?;
    store.put(site, &record(sid, 3)?, DAYS).await?;
    store.remove(site, sid).await?;
    let kept = store.get(neighbour, sid).await?;
    equal("kept", &kept, &Some(record(sid, 2)?))
}

/// A session whose days are over may still be finished, for instance after a long failure.
async fn a_record_of_a_session_past_its_days_is_no_failure<S: Records>(
    store: &S,
    case: &Case,
) -> Outcome {
    let old = Case::started(case.now.saturating_sub(400 * 86_400_000));
    store.put(&case.site, &record(&old, 1)?, 1).await?;
    Ok(store.remove(&case.site, &old).await?)
}
