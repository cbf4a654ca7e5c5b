//! A site that keeps only so much: its oldest sessions are erased.

use crate::erasure::client as erasure;
use crate::http;
use crate::log;
use crate::store::upkeep::Upkeep;
use sentiero_core::erasure::{Job, eviction};
use sentiero_core::id::{ErasureId, Millis, SiteKey};
use sentiero_core::retention::excess;
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Span, StoreError};
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// Erases the oldest sessions of a site that has more than its bounds, unless that is under way
/// already. A failure is told, and false; the next time comes.
pub(super) async fn run(env: &Env, site: &SiteKey, config: &SiteConfig, now: Millis) -> bool {
    let done = evict(env, site, config, now).await;
    if let Err(error) = &done {
        log::retried(error);
    }
    done.is_ok()
}

async fn evict(env: &Env, site: &SiteKey, config: &SiteConfig, now: Millis) -> Result<()> {
    let (bounds, kept) = (config.bounds(), Span::kept(now, config.retention_days));
    let Some(found) = excess(&Upkeep::new(env), site, bounds, kept).await? else {
        return Ok(());
    };
    let id = ErasureId::new(now, &http::random()?);
    let wanted = eviction(found.before);
    let job = Job::new(site.clone(), id, wanted, found.sessions, found.by, now);
    erasure::start(env, job, now).await?;
    Ok(())
}
