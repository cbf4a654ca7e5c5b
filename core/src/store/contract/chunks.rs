//! Properties of [`Chunks`]: the chunks that [`Recordings`] wrote, over all sessions of a site.

use super::{Broken, Case, Outcome, equal, holds, row, suite};
use crate::api::SessionRow;
use crate::digest::{MAX_USER_BYTES, MAX_USERS};
use crate::id::{SessionId, SiteKey};
use crate::retention::{Chunks, Listed, PAGE, REBUILD_PAGE, place_of};
use crate::store::{ChunkPlace, Recordings};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

suite!(chunks: Chunks, recordings: Recordings =>
    a_site_without_recordings_has_no_chunks,
    every_chunk_is_on_one_page_in_order,
    a_page_begins_behind_its_place,
    more_chunks_than_a_page_are_walked_over,
    a_row_comes_if_it_is_asked_for,
    the_longest_row_names_its_users,
    the_same_chunk_twice_is_one_with_the_later_row,
    what_is_written_later_says_so,
    what_is_removed_is_gone_and_nothing_else,
    a_whole_page_is_removed_and_removed_again,
    sites_do_not_see_each_other,
);

async fn put(
    recordings: &impl Recordings,
    site: &SiteKey,
    sid: &SessionId,
    name: &str,
    row: &SessionRow,
) -> Outcome {
    let place = ChunkPlace { site, sid, name };
    Ok(recordings.put(&place, b"bytes".to_vec(), row).await?)
}

/// Chunks `0-0` and `0-1` of each session.
async fn put_two_each(recordings: &impl Recordings, site: &SiteKey, sids: &[SessionId]) -> Outcome {
    for sid in sids {
        for name in ["0-1", "0-0"] {
            put(recordings, site, sid, name, &row(sid)).await?;
        }
    }
    Ok(())
}

/// All chunks of a site, page by page.
async fn walk(
    chunks: &impl Chunks,
    site: &SiteKey,
    limit: u32,
    rows: bool,
) -> Result<Vec<Listed>, Broken> {
    let mut found: Vec<Listed> = Vec::new();
    let mut after = String::new();
    loop {
        let (page, more) = chunks.page(site, &after, limit, rows).await?;
        holds(
            "a page has no more than its limit",
            page.len() <= limit as usize,
        )?;
        holds("an empty page is the last", !page.is_empty() || !more)?;
        for chunk in &page {
            let place = chunk.place();
            holds("each lies behind the one before", place > after)?;
            after = place;
        }
        found.extend(page);
        if !more {
            return Ok(found);
        }
    }
}

async fn places(chunks: &impl Chunks, site: &SiteKey, limit: u32) -> Result<Vec<String>, Broken> {
    let found = walk(chunks, site, limit, false).await?;
    Ok(found.iter().map(Listed::place).collect())
}

fn place(sid: &SessionId, name: &str) -> String {
    format!("{sid}/{name}")
}

fn both(sids: &[SessionId]) -> Vec<String> {
    let places = sids
        .iter()
        .flat_map(|sid| [place(sid, "0-0"), place(sid, "0-1")]);
    places.collect()
}

/// Before the first chunk there is nothing, and that is no failure.
async fn a_site_without_recordings_has_no_chunks(
    chunks: &impl Chunks,
    _recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let found = chunks.page(&case.site, "", 10, true).await?;
    equal("page", &found, &(Vec::new(), false))?;
    Ok(chunks.remove(&case.site, &[]).await?)
}

/// Whatever the size of a page, and whatever the order in which they were written.
async fn every_chunk_is_on_one_page_in_order(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sids = [case.sid(0), case.sid(1), case.sid(40 * 86_400_000)];
    let written = [2, 0, 1].iter().filter_map(|at| sids.get(*at).cloned());
    put_two_each(recordings, &case.site, &written.collect::<Vec<_>>()).await?;
    for limit in [1, 2, 4, 5, 6, 7, PAGE] {
        let found = places(chunks, &case.site, limit).await?;
        equal(format!("pages of {limit}"), &found, &both(&sids))?;
    }
    let (_, more) = chunks.page(&case.site, "", 6, false).await?;
    holds("a full last page says that it is the last", !more)
}

/// A place need not be one of a chunk; that of a chunk is left out itself.
async fn a_page_begins_behind_its_place(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sids = [case.sid(0), case.sid(1)];
    put_two_each(recordings, &case.site, &sids).await?;
    let all = both(&sids);
    for (after, skipped) in [
        (place_of(case.now), 0),
        (place_of(case.now + 1), 2),
        (place_of(case.now + 2), 4),
        (place(&case.sid(0), "0-0"), 1),
        (place(&case.sid(0), "0-00"), 1),
        (place(&case.sid(1), "0-1"), 4),
    ] {
        let (page, _) = chunks.page(&case.site, &after, 10, false).await?;
        let found: Vec<String> = page.iter().map(Listed::place).collect();
        let expected = all.get(skipped..).unwrap_or_default().to_vec();
        equal(format!("behind {after}"), &found, &expected)?;
    }
    Ok(())
}

/// With their rows, of which a store may give fewer at once, and without.
async fn more_chunks_than_a_page_are_walked_over(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let n = PAGE + 1;
    for at in 0..n {
        let sid = case.sid(u64::from(at));
        put(recordings, &case.site, &sid, "0-0", &row(&sid)).await?;
    }
    for (limit, rows) in [(PAGE, false), (REBUILD_PAGE, true)] {
        let found = walk(chunks, &case.site, limit, rows).await?;
        equal("how many", &found.len(), &(n as usize))?;
        holds(
            "a row where it was asked for",
            found.iter().all(|chunk| chunk.row.is_some() == rows),
        )?;
    }
    Ok(())
}

/// What the index is made of again: at least whose it is, who, how much and where from.
async fn a_row_comes_if_it_is_asked_for(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    let mut written = row(&sid);
    (written.visited, written.more) = (Vec::new(), 0);
    put(recordings, &case.site, &sid, "0-0", &written).await?;
    let (page, _) = chunks.page(&case.site, "", 10, true).await?;
    let rows: Vec<Option<SessionRow>> = page.into_iter().map(|chunk| chunk.row).collect();
    equal("with rows", &rows, &vec![Some(written)])?;
    let (page, _) = chunks.page(&case.site, "", 10, false).await?;
    let rows: Vec<Option<SessionRow>> = page.into_iter().map(|chunk| chunk.row).collect();
    equal("without rows", &rows, &vec![None])
}

/// Addresses may be cut. Users may not: an erasure of one would miss the session when its
/// index was made again.
async fn the_longest_row_names_its_users(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    let address = |letter: &str| format!("https://a.example/{}", letter.repeat(2_000));
    let users = (0..MAX_USERS).map(|at| format!("{at}").repeat(MAX_USER_BYTES));
    let longest = SessionRow {
        users: users.collect(),
        entry: address("a"),
        exit: address("z"),
        visited: vec![address("v"); 8],
        ..row(&sid)
    };
    put(recordings, &case.site, &sid, "0-0", &longest).await?;
    let (page, _) = chunks.page(&case.site, "", 10, true).await?;
    let found = page.into_iter().next().and_then(|chunk| chunk.row);
    let users = found.as_ref().map(|row| row.users.clone());
    equal("users", &users, &Some(longest.users))?;
    let events = found.map(|row| row.events);
    equal("events", &events, &Some(longest.events))
}

/// A step that is repeated leaves one chunk, and what it says then.
async fn the_same_chunk_twice_is_one_with_the_later_row(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    for events in [1, 2] {
        let row = SessionRow {
            events,
            ..row(&sid)
        };
        put(recordings, &case.site, &sid, "0-0", &row).await?;
    }
    let found = walk(chunks, &case.site, 10, true).await?;
    let events = found
        .into_iter()
        .map(|chunk| chunk.row.map(|row| row.events));
    equal("events", &events.collect::<Vec<_>>(), &vec![Some(2)])
}

/// Or of two rows the earlier one would win when the index is made again.
async fn what_is_written_later_says_so(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    let mut last = 0;
    for name in ["0-1", "0-0", "0-1"] {
        put(recordings, &case.site, &sid, name, &row(&sid)).await?;
        let found = walk(chunks, &case.site, 10, false).await?;
        let at = found
            .iter()
            .find(|chunk| chunk.name == name)
            .map(|chunk| chunk.at);
        holds("it is as late as what was written before", at >= Some(last))?;
        last = at.unwrap_or(last);
    }
    Ok(())
}

/// Also where one name begins as another does, and in another session.
async fn what_is_removed_is_gone_and_nothing_else(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let sids = [case.sid(0), case.sid(1)];
    for sid in &sids {
        for name in ["1-1", "1-10"] {
            put(recordings, &case.site, sid, name, &row(sid)).await?;
        }
    }
    let (page, _) = chunks.page(&case.site, "", 1, false).await?;
    chunks.remove(&case.site, &page).await?;
    let left = [
        place(&case.sid(0), "1-10"),
        place(&case.sid(1), "1-1"),
        place(&case.sid(1), "1-10"),
    ];
    equal(
        "left",
        &places(chunks, &case.site, 10).await?,
        &left.to_vec(),
    )?;
    let listed = recordings.list(&case.site, &case.sid(0)).await?;
    equal("its session's", &listed.len(), &1)
}

/// As many as there can be at once; a repetition finds none of them.
async fn a_whole_page_is_removed_and_removed_again(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let (sid, last) = (case.sid(0), case.sid(1));
    for at in 0..PAGE {
        let name = format!("{at:013}-0000");
        put(recordings, &case.site, &sid, &name, &row(&sid)).await?;
    }
    put(recordings, &case.site, &last, "0-0", &row(&last)).await?;
    let (page, more) = chunks.page(&case.site, "", PAGE, false).await?;
    equal("a page", &(page.len(), more), &(PAGE as usize, true))?;
    for _ in 0..2 {
        chunks.remove(&case.site, &page).await?;
        let left = places(chunks, &case.site, 10).await?;
        equal("left", &left, &vec![place(&last, "0-0")])?;
    }
    Ok(())
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(
    chunks: &impl Chunks,
    recordings: &impl Recordings,
    case: &Case,
) -> Outcome {
    let (neighbour, sids) = (case.neighbour()?, [case.sid(0)]);
    put_two_each(recordings, &neighbour, &sids).await?;
    equal(
        "chunks",
        &places(chunks, &case.site, 10).await?,
        &Vec::new(),
    )?;
    put_two_each(recordings, &case.site, &sids).await?;
    let (page, _) = chunks.page(&case.site, "", 10, false).await?;
    equal("own", &page.len(), &2)?;
    chunks.remove(&case.site, &page).await?;
    equal(
        "theirs",
        &places(chunks, &neighbour, 10).await?,
        &both(&sids),
    )?;
    let name = "0-0".to_owned();
    let kept = ChunkPlace {
        site: &neighbour,
        sid: &case.sid(0),
        name: &name,
    };
    holds("their bytes", recordings.get(&kept).await?.is_some())
}
