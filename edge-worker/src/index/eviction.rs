//! A site that keeps only so many sessions: the oldest are erased.

use super::client as index;
use crate::erasure::client as erasure;
use crate::http;
use crate::log;
use sentiero_core::erasure::{Filter, Job, eviction};
use sentiero_core::id::{ErasureId, Millis, SiteKey};
use sentiero_core::retention::overflow;
use sentiero_core::store::StoreError;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// Who asks for it, in the receipt.
const BY: &str = "max_sessions";

/// Erases the oldest sessions of a site that has more than `max`, unless that is under way
/// already. A failure is told, and false; the next time comes.
pub(super) async fn run(env: &Env, site: &SiteKey, max: u64, now: Millis) -> bool {
    let done = evict(env, site, max, now).await;
    if let Err(error) = &done {
        log::retried(error);
    }
    done.is_ok()
}

async fn evict(env: &Env, site: &SiteKey, max: u64, now: Millis) -> Result<()> {
    let finished = Filter {
        live: Some(false),
        ..Filter::default()
    };
    let counts = index::counts(env, site, &finished, now).await?;
    let Some((month, stay)) = overflow(&counts, max) else {
        return Ok(());
    };
    // All before the oldest that stays; of a month that has none, all before its end.
    let kept = match stay.checked_sub(1) {
        Some(newer) => index::nth(env, site, month, newer)
            .await?
            .map(|sid| sid.start()),
        None => Some(month.next().start()),
    };
    let Some(kept) = kept else {
        return Ok(());
    };
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let id = ErasureId::new(now, &http::random()?);
    let excess = total.saturating_sub(max);
    let job = Job::new(site.clone(), id, eviction(kept), excess, BY.to_owned(), now);
    erasure::start(env, job, now).await?;
    Ok(())
}
