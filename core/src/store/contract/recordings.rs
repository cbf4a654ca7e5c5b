//! Properties of [`Recordings`].

use super::{Broken, Case, Outcome, bytes, equal, holds, row, suite};
use crate::chunk::TARGET_BYTES;
use crate::id::{SessionId, SiteKey};
use crate::store::{ChunkPlace, ListedChunk, Part, Recordings};
use crate::wire::{Limits, Meta};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

suite!(Recordings:
    a_chunk_comes_back_byte_for_byte,
    what_is_not_there_is_none,
    the_same_chunk_twice_is_one,
    a_part_is_exactly_what_was_asked_for,
    a_part_past_the_end_is_none,
    the_largest_chunk_is_kept,
    the_longest_addresses_go_with_a_chunk,
    names_are_listed_in_order,
    more_chunks_than_a_page_are_listed_and_removed,
    what_is_removed_is_gone_and_nothing_else,
    removing_twice_does_no_harm,
    a_removed_chunk_can_be_written_again,
    sessions_do_not_see_each_other,
    sites_do_not_see_each_other,
);

async fn put<S: Recordings>(
    store: &S,
    site: &SiteKey,
    sid: &SessionId,
    name: &str,
    bytes: &[u8],
) -> Outcome {
    let place = ChunkPlace { site, sid, name };
    Ok(store.put(&place, bytes.to_vec(), &row(sid)).await?)
}

async fn listed<S: Recordings>(
    store: &S,
    site: &SiteKey,
    sid: &SessionId,
) -> Result<Vec<String>, Broken> {
    let chunks = store.list(site, sid).await?;
    Ok(chunks.into_iter().map(|chunk| chunk.name).collect())
}

async fn get<S: Recordings>(
    store: &S,
    site: &SiteKey,
    sid: &SessionId,
    name: &str,
) -> Result<Option<Vec<u8>>, Broken> {
    Ok(store.get(&ChunkPlace { site, sid, name }).await?)
}

/// Every byte comes back, also those that are no text.
async fn a_chunk_comes_back_byte_for_byte<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    for (name, bytes) in [("one", vec![0]), ("all", bytes(70_000))] {
        put(store, &case.site, &sid, name, &bytes).await?;
        equal(
            name,
            &get(store, &case.site, &sid, name).await?,
            &Some(bytes),
        )?;
    }
    Ok(())
}

/// An unknown session and an unknown chunk are no failure.
async fn what_is_not_there_is_none<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, known, unknown) = (&case.site, case.sid(0), case.sid(1));
    put(store, site, &known, "0", b"bytes").await?;
    for (sid, name) in [(&known, "1"), (&unknown, "0")] {
        equal("get", &get(store, site, sid, name).await?, &None)?;
        let place = ChunkPlace { site, sid, name };
        let part = Part {
            offset: 0,
            length: 1,
        };
        equal("part", &store.part(&place, part).await?, &None)?;
    }
    equal("list", &store.list(site, &unknown).await?, &Vec::new())
}

/// A step that is repeated after its answer was lost leaves one chunk; the later bytes count.
async fn the_same_chunk_twice_is_one<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    for bytes in [&b"first"[..], b"first", b"and more"] {
        put(store, &case.site, &sid, "0", bytes).await?;
    }
    let chunk = ListedChunk {
        name: "0".to_owned(),
        bytes: 8,
    };
    equal("list", &store.list(&case.site, &sid).await?, &vec![chunk])?;
    let found = get(store, &case.site, &sid, "0").await?;
    equal("bytes", &found, &Some(b"and more".to_vec()))
}

/// From the first byte, in the middle, up to the last, one, and all.
async fn a_part_is_exactly_what_was_asked_for<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid, name) = (&case.site, &case.sid(0), "0");
    let bytes = bytes(1_000);
    put(store, site, sid, name, &bytes).await?;
    for (offset, length) in [(0, 1), (0, 1_000), (1, 998), (500, 1), (999, 1), (256, 512)] {
        let part = Part {
            offset: offset as u64,
            length: length as u64,
        };
        let found = store.part(&ChunkPlace { site, sid, name }, part).await?;
        let expected = bytes.get(offset..offset + length).map(<[u8]>::to_vec);
        equal(format!("{length} from {offset}"), &found, &expected)?;
    }
    Ok(())
}

/// A chunk that is torn is no failure of the store, and less than was asked for no part.
async fn a_part_past_the_end_is_none<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid, name) = (&case.site, &case.sid(0), "0");
    put(store, site, sid, name, &bytes(1_000)).await?;
    for (offset, length) in [(0, 1_001), (999, 2), (1_000, 1), (5_000, 10)] {
        let part = Part { offset, length };
        let found = store.part(&ChunkPlace { site, sid, name }, part).await?;
        equal(format!("{length} from {offset} of 1000"), &found, &None)?;
    }
    Ok(())
}

/// A chunk is closed when it has reached its size, so the last batch may go over it.
async fn the_largest_chunk_is_kept<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    let target = usize::try_from(TARGET_BYTES).unwrap_or(usize::MAX);
    let largest = bytes(target + Limits::DEFAULT.compressed + 100_000);
    put(store, &case.site, &sid, "0", &largest).await?;
    let found = get(store, &case.site, &sid, "0").await?;
    holds("it comes back as it was", found == Some(largest))
}

/// What sums a session up lies beside its chunks, however long its addresses are.
async fn the_longest_addresses_go_with_a_chunk<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid, name) = (&case.site, &case.sid(0), "0");
    let address = |letter: &str| format!("https://a.example/{}", letter.repeat(Meta::MAX_URL - 18));
    let mut longest = row(sid);
    (longest.entry, longest.exit) = (address("a"), address("z"));
    let place = ChunkPlace { site, sid, name };
    store.put(&place, b"bytes".to_vec(), &longest).await?;
    let found = get(store, site, sid, name).await?;
    equal("bytes", &found, &Some(b"bytes".to_vec()))
}

/// Whatever the order in which they were written.
async fn names_are_listed_in_order<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let sid = case.sid(0);
    let names = ["17-0000", "17-0001", "17-0010", "9-0000", "99-0000"];
    for at in [3, 0, 4, 2, 1] {
        let name = names.get(at).copied().unwrap_or_default();
        put(store, &case.site, &sid, name, b"bytes").await?;
    }
    let found = listed(store, &case.site, &sid).await?;
    equal("names", &found, &names.map(str::to_owned).to_vec())
}

/// No store tells or removes without end at once; who asks is told all nevertheless.
async fn more_chunks_than_a_page_are_listed_and_removed<S: Recordings>(
    store: &S,
    case: &Case,
) -> Outcome {
    let (sid, other) = (case.sid(0), case.sid(1));
    let names: Vec<String> = (0..1_001).map(|at| format!("{at:013}-0000")).collect();
    for name in &names {
        put(store, &case.site, &sid, name, b"b").await?;
    }
    put(store, &case.site, &other, "0", b"other").await?;
    let found = listed(store, &case.site, &sid).await?;
    equal("how many", &found.len(), &names.len())?;
    holds("all names, in order", found == names)?;
    store.remove(&case.site, &sid, &names).await?;
    equal(
        "what is left",
        &store.list(&case.site, &sid).await?,
        &Vec::new(),
    )?;
    let found = listed(store, &case.site, &other).await?;
    equal("another session's", &found, &vec!["0".to_owned()])
}

/// Also where one name begins as another does.
async fn what_is_removed_is_gone_and_nothing_else<S: Recordings>(
    store: &S,
    case: &Case,
) -> Outcome {
    let (site, sid) = (&case.site, &case.sid(0));
    for name in ["1-1", "1-10", "1-2"] {
        put(store, site, sid, name, name.as_bytes()).await?;
    }
    store.remove(site, sid, &["1-1".to_owned()]).await?;
    let left = listed(store, site, sid).await?;
    equal("names", &left, &vec!["1-10".to_owned(), "1-2".to_owned()])?;
    equal("removed", &get(store, site, sid, "1-1").await?, &None)?;
    let kept = get(store, site, sid, "1-10").await?;
    equal("kept", &kept, &Some(b"1-10".to_vec()))
}

/// An erasure is repeated until it has an answer.
async fn removing_twice_does_no_harm<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid) = (&case.site, &case.sid(0));
    put(store, site, sid, "0", b"bytes").await?;
    let names = ["0".to_owned(), "never".to_owned()];
    store.remove(site, sid, &names).await?;
    store.remove(site, sid, &names).await?;
    store.remove(site, sid, &[]).await?;
    equal("names", &listed(store, site, sid).await?, &Vec::new())
}

/// Nothing of the removal outlasts it.
async fn a_removed_chunk_can_be_written_again<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid) = (&case.site, &case.sid(0));
    put(store, site, sid, "0", b"before").await?;
    store.remove(site, sid, &["0".to_owned()]).await?;
    put(store, site, sid, "0", b"after").await?;
    let found = get(store, site, sid, "0").await?;
    equal("bytes", &found, &Some(b"after".to_vec()))
}

/// Chunks of two sessions have the same names.
async fn sessions_do_not_see_each_other<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, sid, other) = (&case.site, &case.sid(0), &case.sid(1));
    put(store, site, sid, "0", b"one").await?;
    put(store, site, other, "0", b"other").await?;
    store.remove(site, sid, &["0".to_owned()]).await?;
    equal("removed", &get(store, site, sid, "0").await?, &None)?;
    let kept = get(store, site, other, "0").await?;
    equal("kept", &kept, &Some(b"other".to_vec()))
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other<S: Recordings>(store: &S, case: &Case) -> Outcome {
    let (site, neighbour, sid) = (&case.site, &case.neighbour()?, &case.sid(0));
    put(store, neighbour, sid, "0", b"neighbour").await?;
    equal("list", &store.list(site, sid).await?, &Vec::new())?;
    equal("get", &get(store, site, sid, "0").await?, &None)?;
    put(store, site, sid, "1", b"own").await?;
    store
        .remove(site, sid, &["0".to_owned(), "1".to_owned()])
        .await?;
    let kept = get(store, neighbour, sid, "0").await?;
    equal("kept", &kept, &Some(b"neighbour".to_vec()))
}
