//! Properties of [`Links`]. Each run needs sites without a link.

use super::{Broken, Case, Outcome, equal, hash, holds, suite};
use crate::day::DAY;
use crate::id::{Millis, SiteKey, TokenId};
use crate::sharing::{Kept, Link, Links, MAX_LINKS};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(links: Links =>
    at_first_there_is_none,
    a_link_comes_back_whole,
    the_newest_come_first,
    a_link_is_found_by_its_hash_alone,
    an_expired_link_is_refused_and_not_listed,
    a_withdrawn_link_is_refused_and_no_other,
    adding_again_is_once,
    there_are_no_more_links_than_can_be,
    the_expired_give_way,
    sites_do_not_see_each_others_links,
    a_site_is_cleared_and_no_other,
);

/// A link that was made `after` the case's time and holds for a week.
fn made(case: &Case, n: u64, after: Millis) -> Kept {
    let created = case.now.saturating_add(after);
    let link = Link {
        // The id takes all but the last four bits.
        id: TokenId::new(&(n << 4).to_be_bytes()),
        session: format!("{n:016x}"),
        by: format!("token {n} \"結帳\""),
        created,
        expires: created.saturating_add(7 * DAY),
        from: n.is_multiple_of(2).then_some(case.now),
        to: n.is_multiple_of(2).then_some(case.now.saturating_add(n)),
    };
    let sealed = format!("sealed {n}");
    Kept { link, sealed }
}

async fn added(links: &impl Links, case: &Case, n: u64, kept: &Kept) -> Outcome {
    let is_kept = links.add(&case.site, &hash(n), kept, case.now).await?;
    holds("there is room for a link", is_kept)
}

async fn is_refused(links: &impl Links, case: &Case, hash: &str, now: Millis) -> Outcome {
    let found = links.link(&case.site, hash, now).await?;
    equal("refused", &found, &None)
}

async fn listed(links: &impl Links, site: &SiteKey, now: Millis) -> Result<Vec<TokenId>, Broken> {
    let all = links.links(site, now).await?;
    Ok(all.into_iter().map(|link| link.id).collect())
}

/// And that is no failure.
async fn at_first_there_is_none(links: &impl Links, case: &Case) -> Outcome {
    is_refused(links, case, &hash(1), case.now).await?;
    let unknown = made(case, 1, 0).link.id;
    let is_gone = links.withdraw(&case.site, &unknown).await?;
    equal("withdrawn", &is_gone, &false)?;
    let list = links.links(&case.site, case.now).await?;
    equal("list", &list, &Vec::new())
}

/// Every field, where it is listed and where it is shown.
async fn a_link_comes_back_whole(links: &impl Links, case: &Case) -> Outcome {
    for n in [1, 2] {
        let kept = made(case, n, n);
        added(links, case, n, &kept).await?;
        let found = links.link(&case.site, &hash(n), case.now).await?;
        equal("shown", &found.as_ref(), &Some(&kept))?;
        let all = links.links(&case.site, case.now).await?;
        let found = all.into_iter().find(|link| link.id == kept.link.id);
        equal("listed", &found, &Some(kept.link))?;
    }
    Ok(())
}

/// Of one moment by their ids, so that a list stands still.
async fn the_newest_come_first(links: &impl Links, case: &Case) -> Outcome {
    for (n, after) in [(1, 5), (4, 0), (2, 9), (3, 5)] {
        added(links, case, n, &made(case, n, after)).await?;
    }
    let expected = [2, 3, 1, 4].map(|n| made(case, n, 0).link.id);
    let found = listed(links, &case.site, case.now).await?;
    equal("ids", &found, &expected.to_vec())
}

/// Not by a part of it, not by its id, not by another's.
async fn a_link_is_found_by_its_hash_alone(links: &impl Links, case: &Case) -> Outcome {
    let (one, other) = (made(case, 0xAB, 0), made(case, 0xCD, 0));
    added(links, case, 0xAB, &one).await?;
    added(links, case, 0xCD, &other).await?;
    let whole = hash(0xAB);
    for wrong in [
        "",
        "%",
        whole.get(..63).unwrap_or_default(),
        whole.to_uppercase().as_str(),
        one.link.id.as_str(),
        hash(0xABC).as_str(),
    ] {
        is_refused(links, case, wrong, case.now).await?;
    }
    for (n, kept) in [(0xAB, one), (0xCD, other)] {
        let found = links.link(&case.site, &hash(n), case.now).await?;
        equal("found", &found, &Some(kept))?;
    }
    Ok(())
}

/// The last millisecond counts, the next does not.
async fn an_expired_link_is_refused_and_not_listed(links: &impl Links, case: &Case) -> Outcome {
    let kept = made(case, 1, 0);
    added(links, case, 1, &kept).await?;
    let end = kept.link.expires;
    let last = links
        .link(&case.site, &hash(1), end.saturating_sub(1))
        .await?;
    holds("shown until the end", last.is_some())?;
    is_refused(links, case, &hash(1), end).await?;
    is_refused(links, case, &hash(1), end.saturating_add(DAY)).await?;
    let before = listed(links, &case.site, end.saturating_sub(1)).await?;
    equal("listed until the end", &before, &vec![kept.link.id])?;
    let after = listed(links, &case.site, end).await?;
    equal("listed afterwards", &after, &Vec::new())
}

/// From now on, and for good. Again, there is none of this id.
async fn a_withdrawn_link_is_refused_and_no_other(links: &impl Links, case: &Case) -> Outcome {
    let (one, other) = (made(case, 1, 0), made(case, 2, 0));
    added(links, case, 1, &one).await?;
    added(links, case, 2, &other).await?;
    for expected in [true, false, false] {
        let is_gone = links.withdraw(&case.site, &one.link.id).await?;
        equal("withdrawn", &is_gone, &expected)?;
        is_refused(links, case, &hash(1), case.now).await?;
        let left = listed(links, &case.site, case.now).await?;
        equal("list", &left, &vec![other.link.id.clone()])?;
    }
    let kept = links.link(&case.site, &hash(2), case.now).await?;
    holds("the other is shown", kept.is_some())
}

/// Who lost an answer asks again.
async fn adding_again_is_once(links: &impl Links, case: &Case) -> Outcome {
    let kept = made(case, 1, 0);
    for _ in 0..2 {
        added(links, case, 1, &kept).await?;
        let all = listed(links, &case.site, case.now).await?;
        equal("list", &all, &vec![kept.link.id.clone()])?;
    }
    let found = links.link(&case.site, &hash(1), case.now).await?;
    equal("shown", &found, &Some(kept))
}

/// The last one that can be is taken, the next is not and changes nothing; one that is kept may
/// come again.
async fn there_are_no_more_links_than_can_be(links: &impl Links, case: &Case) -> Outcome {
    for n in 0..MAX_LINKS {
        added(links, case, n, &made(case, n, 0)).await?;
    }
    let before = links.links(&case.site, case.now).await?;
    equal("how many", &(before.len() as u64), &MAX_LINKS)?;
    let (n, more) = (MAX_LINKS, made(case, MAX_LINKS, 0));
    let is_kept = links.add(&case.site, &hash(n), &more, case.now).await?;
    equal("one too many is kept", &is_kept, &false)?;
    is_refused(links, case, &hash(n), case.now).await?;
    added(links, case, n - 1, &made(case, n - 1, 0)).await?;
    let after = links.links(&case.site, case.now).await?;
    holds("nothing changed", after == before)?;
    let first = made(case, 0, 0).link.id;
    links.withdraw(&case.site, &first).await?;
    added(links, case, n, &more).await
}

/// And not one that still holds.
async fn the_expired_give_way(links: &impl Links, case: &Case) -> Outcome {
    let end = case.now.saturating_add(7 * DAY);
    for n in 0..MAX_LINKS {
        // The first two expire at `end`, the others a millisecond later.
        added(links, case, n, &made(case, n, u64::from(n > 1))).await?;
    }
    for (n, expected) in [(0, true), (1, true), (2, false)] {
        let n = MAX_LINKS.saturating_add(n);
        let more = made(case, n, 7 * DAY);
        let is_kept = links.add(&case.site, &hash(n), &more, end).await?;
        equal(format!("{n} is kept"), &is_kept, &expected)?;
    }
    let left = listed(links, &case.site, end).await?;
    for n in 0..MAX_LINKS {
        let is_left = left.contains(&made(case, n, 0).link.id);
        equal(format!("link {n}"), &is_left, &(n > 1))?;
    }
    Ok(())
}

/// Not in a list, not by a hash, not to be withdrawn.
async fn sites_do_not_see_each_others_links(links: &impl Links, case: &Case) -> Outcome {
    let other = case.neighbour()?;
    let kept = made(case, 1, 0);
    added(links, case, 1, &kept).await?;
    let found = links.link(&other, &hash(1), case.now).await?;
    equal("shown", &found, &None)?;
    equal("list", &listed(links, &other, case.now).await?, &Vec::new())?;
    let is_gone = links.withdraw(&other, &kept.link.id).await?;
    equal("withdrawn", &is_gone, &false)?;
    let left = listed(links, &case.site, case.now).await?;
    equal("its own list", &left, &vec![kept.link.id])
}

/// Again, and where there never was a link, it is no failure.
async fn a_site_is_cleared_and_no_other(links: &impl Links, case: &Case) -> Outcome {
    let other = case.neighbour()?;
    let kept = made(case, 1, 0);
    added(links, case, 1, &kept).await?;
    links
        .add(&other, &hash(2), &made(case, 2, 0), case.now)
        .await?;
    for _ in 0..2 {
        links.clear(&case.site).await?;
        is_refused(links, case, &hash(1), case.now).await?;
        equal(
            "left",
            &listed(links, &case.site, case.now).await?,
            &Vec::new(),
        )?;
    }
    equal(
        "another's",
        &listed(links, &other, case.now).await?.len(),
        &1,
    )?;
    added(links, case, 1, &kept).await
}
