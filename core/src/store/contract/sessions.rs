//! Properties of [`Sessions`]: the writers of a site's sessions, as others may use them.

use super::batch::up;
use super::{Broken, Case, Outcome, equal, holds, suite};
use crate::erasure::Sessions;
use crate::id::{SessionId, SiteKey};
use crate::lifecycle::{Append, Erase, Held, Refused};
use crate::store::{Index, StoreError};
use crate::wire::Ack;
use alloc::format;
use alloc::vec::Vec;

/// How an upload reaches the writer of its session.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Uploads {
    /// Gives a batch to its session's writer.
    async fn upload(
        &self,
        append: &Append,
        body: Vec<u8>,
    ) -> Result<Result<Ack, Refused>, StoreError>;
}

suite!(sessions: Sessions, uploads: Uploads, index: Index =>
    an_unknown_session_holds_nothing,
    a_live_session_tells_its_record,
    an_erased_session_says_so_and_no_other,
    an_erased_session_takes_no_batch,
    a_session_can_be_erased_before_its_first_batch,
    erasing_twice_does_no_harm,
    sites_do_not_see_each_other,
);

/// Uploads the first `n` events of a session.
async fn upload(
    uploads: &impl Uploads,
    site: &SiteKey,
    sid: &SessionId,
    n: u32,
) -> Result<Result<Ack, Refused>, Broken> {
    let (append, body) = up(1, 0, n).arrived(sid, sid.start())?;
    let site = site.clone();
    Ok(uploads.upload(&Append { site, ..append }, body).await?)
}

async fn begin(uploads: &impl Uploads, site: &SiteKey, sid: &SessionId, n: u32) -> Outcome {
    let ack = upload(uploads, site, sid, n).await?;
    let next = ack.map(|ack| ack.next);
    equal("the property's own batch", &next, &Ok(n))
}

/// What a session's writer holds, in short: how many events, if it is live.
async fn held(
    sessions: &impl Sessions,
    site: &SiteKey,
    sid: &SessionId,
) -> Result<Result<u64, Held>, Broken> {
    Ok(match sessions.held(site, sid).await? {
        Held::Record(record) => Ok(record.state.digest.events),
        other => Err(other),
    })
}

async fn erase(sessions: &impl Sessions, site: &SiteKey, sid: &SessionId) -> Outcome {
    let (site, sid) = (site.clone(), sid.clone());
    Ok(sessions.erase(&Erase { site, sid }).await?)
}

/// Anybody can ask for any id; being asked makes nothing of it.
async fn an_unknown_session_holds_nothing(
    sessions: &impl Sessions,
    _uploads: &impl Uploads,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    for _ in 0..2 {
        let found = held(sessions, &case.site, &case.sid(0)).await?;
        equal("held", &found, &Err(Held::Nothing))?;
    }
    let erased = index.is_erased(&case.site, &case.sid(0)).await?;
    equal("erased", &erased, &false)
}

/// What its row does not say yet, at once.
async fn a_live_session_tells_its_record(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    for n in [1, 3] {
        begin(uploads, &case.site, &sid, n).await?;
        let found = held(sessions, &case.site, &sid).await?;
        equal(format!("after {n}"), &found, &Ok(u64::from(n)))?;
    }
    let other = held(sessions, &case.site, &case.sid(1)).await?;
    equal("another", &other, &Err(Held::Nothing))
}

/// It is certain when the answer comes, also to the index.
async fn an_erased_session_says_so_and_no_other(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let (sid, other) = (case.sid(0), case.sid(1));
    for sid in [&sid, &other] {
        begin(uploads, &case.site, sid, 2).await?;
    }
    erase(sessions, &case.site, &sid).await?;
    let found = held(sessions, &case.site, &sid).await?;
    equal("held", &found, &Err(Held::Erased))?;
    let erased = index.is_erased(&case.site, &sid).await?;
    holds("the index refuses it", erased)?;
    let found = held(sessions, &case.site, &other).await?;
    equal("another", &found, &Ok(2))
}

/// Nothing of it comes back.
async fn an_erased_session_takes_no_batch(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    begin(uploads, &case.site, &sid, 2).await?;
    erase(sessions, &case.site, &sid).await?;
    for n in [2, 5] {
        let refused = upload(uploads, &case.site, &sid, n).await?;
        equal(
            "an upload",
            &refused.map(|ack| ack.next),
            &Err(Refused::Erased),
        )?;
    }
    let found = held(sessions, &case.site, &sid).await?;
    equal("held", &found, &Err(Held::Erased))
}

/// Its first batch may still be under way.
async fn a_session_can_be_erased_before_its_first_batch(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    erase(sessions, &case.site, &case.sid(0)).await?;
    let refused = upload(uploads, &case.site, &case.sid(0), 1).await?;
    equal(
        "an upload",
        &refused.map(|ack| ack.next),
        &Err(Refused::Erased),
    )
}

/// An erasure is repeated until it has an answer.
async fn erasing_twice_does_no_harm(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    begin(uploads, &case.site, &sid, 2).await?;
    for _ in 0..2 {
        erase(sessions, &case.site, &sid).await?;
        let found = held(sessions, &case.site, &sid).await?;
        equal("held", &found, &Err(Held::Erased))?;
        let erased = index.is_erased(&case.site, &sid).await?;
        holds("the index refuses it", erased)?;
    }
    Ok(())
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(
    sessions: &impl Sessions,
    uploads: &impl Uploads,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let (neighbour, sid) = (case.neighbour()?, case.sid(0));
    begin(uploads, &neighbour, &sid, 2).await?;
    let found = held(sessions, &case.site, &sid).await?;
    equal("own", &found, &Err(Held::Nothing))?;
    erase(sessions, &case.site, &sid).await?;
    let found = held(sessions, &neighbour, &sid).await?;
    equal("theirs", &found, &Ok(2))?;
    let erased = index.is_erased(&neighbour, &sid).await?;
    equal("their index", &erased, &false)
}
