//! What an operator has erased, and the receipts of it; retention at once; the index made
//! again.

use super::sessions::{bad_query, page_limit, site};
use crate::config;
use crate::erasure::client as erasure;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::index::client as index;
use crate::log;
use crate::store::upkeep::Upkeep;
use sentiero_core::erasure::{
    EraseRequest, Filter, Found, Job, Ledger as _, PurgeRequest, Receipt, Receipts, Target, Wanted,
    of_site as whole_site, of_site_begins,
};
use sentiero_core::id::{ErasureId, Millis, SiteKey};
use sentiero_core::retention::Rebuilds;
use serde::de::DeserializeOwned;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// More than the most session ids that are taken, in JSON.
const MAX_BODY: usize = 65_536;

/// `POST /api/sites/{site}/erase`
pub(crate) async fn erase(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site_key: &str,
) -> Result<Response> {
    let (site, _) = site(env, site_key).await?;
    let now = http::now();
    let wanted = body::<EraseRequest>(req).await?.wanted(now);
    start(env, site, wanted.map_err(malformed)?, who.name(), now).await
}

/// `POST /api/sites/{site}/purge`
pub(crate) async fn purge(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site_key: &str,
) -> Result<Response> {
    let (site, _) = site(env, site_key).await?;
    let wanted = body::<PurgeRequest>(req).await?.wanted();
    start(env, site, wanted, who.name(), http::now()).await
}

/// `POST /api/sites/{site}/retention/run`
pub(crate) async fn run_retention(env: &Env, site_key: &str) -> Result<Response> {
    let (site, _) = site(env, site_key).await?;
    let (first, last) = Filter::default().months(http::now());
    index::keep(env, &site, first, last).await?;
    Ok(http::answer(202, Body::Empty)?)
}

/// `POST /api/sites/{site}/rebuild`
pub(crate) async fn start_rebuild(env: &Env, site_key: &str) -> Result<Response> {
    let (site, _) = site(env, site_key).await?;
    for month in Upkeep::new(env).months(&site).await? {
        index::rebuild(env, &site, month).await?;
    }
    Ok(http::answer(202, Body::json(&rebuilds(env, &site).await?))?)
}

/// A key, also of a site that was deleted.
pub(super) fn key(site_key: &str) -> Result<SiteKey> {
    SiteKey::parse(site_key).map_err(|_| ApiError::NotFound("site"))
}

fn malformed(message: String) -> ApiError {
    ApiError::Malformed {
        code: "malformed_request",
        message,
    }
}

async fn body<T: DeserializeOwned>(req: &mut Request) -> Result<T> {
    let body = http::read_body(req, "request", MAX_BODY).await?;
    serde_json::from_slice(&body)
        .map_err(|error| malformed(format!("The body is not as described: {error}.")))
}

/// Has sessions erased, if who asks knows how many they are; else says it.
async fn start(
    env: &Env,
    site: SiteKey,
    wanted: Wanted,
    by: &str,
    now: Millis,
) -> Result<Response> {
    let matched = match &wanted.target {
        Target::Sessions(sessions) => sessions.len() as u64,
        Target::Matching(filter) => {
            let matched = index::count(env, &site, filter, now).await?;
            match wanted.confirm {
                None => return Ok(http::answer(200, Body::json(&Found { matched }))?),
                Some(confirm) if confirm != matched => return Err(count_changed(matched)),
                Some(_) => matched,
            }
        }
    };
    let id = ErasureId::new(now, &http::random()?);
    let job = Job::new(site, id, wanted, matched, by.to_owned(), now);
    let job = erasure::start(env, job, now).await?;
    Ok(http::answer(202, Body::json(&job.receipt))?)
}

/// An erasure of a site's sessions that is begun when the site is gone.
pub(super) struct OfSite {
    job: Job,
    /// How long it waits, ms, after the site is gone.
    wait: Millis,
}

/// Takes on the erasure of all sessions of a site that is about to be deleted, if who asks
/// knows how many they are. They are counted by their rows, so one that has just begun may not
/// be among them; it is erased with the others. Nothing is erased until it is
/// [confirmed](OfSite::confirm), unless it finds out itself that the site is gone.
pub(super) async fn of_site(
    env: &Env,
    site: SiteKey,
    confirm: Option<u64>,
    by: &str,
) -> Result<OfSite> {
    let matched = index::count(env, &site, &Filter::default(), http::now()).await?;
    match confirm {
        None if matched > 0 => return Err(site_has_sessions(&site, matched)),
        Some(confirm) if confirm != matched => return Err(count_changed(matched)),
        _ => {}
    }
    let now = http::now();
    let id = ErasureId::new(now, &http::random()?);
    let wait = of_site_begins(0, &config::of(env).timing()?);
    let job = Job::new(site, id, whole_site(confirm), matched, by.to_owned(), now);
    let job = erasure::start(env, job.unconfirmed(), now + wait).await?;
    Ok(OfSite { job, wait })
}

impl OfSite {
    /// Begins, now that the site is gone. Should the erasure not hear of it, it finds out.
    pub(super) async fn confirm(self, env: &Env) -> Receipt {
        let receipt = self.job.receipt.clone();
        let begins = http::now() + self.wait;
        if let Err(error) = erasure::start(env, self.job.confirmed(), begins).await {
            log::retried(&error);
        }
        receipt
    }

    /// Forgets it, because the site stays. Should the erasure not hear of it, it finds out.
    pub(super) async fn withdraw(&self, env: &Env) {
        if let Err(error) = erasure::withdraw(env, &self.job).await {
            log::retried(&error);
        }
    }
}

fn site_has_sessions(site: &SiteKey, matched: u64) -> ApiError {
    ApiError::Conflict {
        code: "site_has_sessions",
        message: format!(
            "The site `{site}` has {matched} sessions, which are erased with it; if they shall be, say so with `confirm={matched}`."
        ),
    }
}

fn count_changed(matched: u64) -> ApiError {
    ApiError::Conflict {
        code: "count_changed",
        message: format!(
            "{matched} sessions match now; if they shall be erased, say so with `confirm`: {matched}."
        ),
    }
}

/// `GET /api/sites/{site}/erasures`
pub(crate) async fn list(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let key = key(site_key)?;
    let before = match http::query(req, "before")? {
        Some(text) => {
            Some(ErasureId::parse(&text).map_err(|_| bad_query("before", "an erasure's id"))?)
        }
        None => None,
    };
    let limit = page_limit(req)?;
    let ledger = Upkeep::new(env);
    let mut erasures = ledger.receipts(&key, before.as_ref(), limit + 1).await?;
    if erasures.is_empty() {
        // Receipts outlive their site; only what never was is not found.
        site(env, site_key).await?;
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = erasures.len() > limit;
    erasures.truncate(limit);
    let next = erasures.last().filter(|_| more).map(|last| last.id.clone());
    Ok(http::answer(200, Body::json(&Receipts { erasures, next }))?)
}

/// `GET /api/sites/{site}/erasures/{id}`
pub(crate) async fn one(env: &Env, site_key: &str, id: &str) -> Result<Response> {
    let key = key(site_key)?;
    let id = ErasureId::parse(id).map_err(|_| ApiError::NotFound("erasure"))?;
    let receipt = Upkeep::new(env).receipt(&key, &id).await?;
    let receipt = receipt.ok_or(ApiError::NotFound("erasure"))?;
    Ok(http::answer(200, Body::json(&receipt))?)
}

/// `GET /api/sites/{site}/rebuild`
pub(crate) async fn rebuild(env: &Env, site_key: &str) -> Result<Response> {
    let (site, _) = site(env, site_key).await?;
    Ok(http::answer(200, Body::json(&rebuilds(env, &site).await?))?)
}

async fn rebuilds(env: &Env, site: &SiteKey) -> Result<Rebuilds> {
    let mut months = Vec::new();
    for month in Upkeep::new(env).months(site).await?.into_iter().rev() {
        if let Some(rebuild) = index::rebuilt(env, site, month).await? {
            months.push((month.to_string(), rebuild));
        }
    }
    Ok(Rebuilds { months })
}
