//! The list of sessions, and one session.

use crate::error::ApiError;
use crate::http::{self, Body};
use crate::index::client as index;
use crate::log;
use crate::session::client;
use crate::sites;
use crate::store::platform::Platform;
use sentiero_core::api::{DEFAULT_PAGE, MAX_PAGE};
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::lifecycle::{Held, read_record};
use sentiero_core::recording::{Record, Visitor};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::StoreError;
use std::rc::Rc;
use worker::{Env, Request, Response};

type Result<T> = core::result::Result<T, ApiError>;

const DAY: Millis = 86_400_000;

/// The site of a request, which must be configured.
pub(crate) async fn site(env: &Env, key: &str) -> Result<(SiteKey, Rc<SiteConfig>)> {
    let key = SiteKey::parse(key).map_err(|_| ApiError::NotFound("site"))?;
    let config = sites::find(env, &key, http::now())
        .await?
        .ok_or(ApiError::NotFound("site"))?;
    Ok((key, config))
}

/// One query parameter.
pub(crate) fn query(req: &Request, name: &str) -> Option<String> {
    let url = req.url().ok()?;
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

/// A 400 that names a query parameter.
pub(crate) fn bad_query(name: &str, expected: &str) -> ApiError {
    ApiError::Malformed {
        code: "malformed_query",
        message: format!("`{name}` must be {expected}."),
    }
}

/// The query parameter `limit`.
pub(crate) fn page_limit(req: &Request) -> Result<u32> {
    let Some(text) = query(req, "limit") else {
        return Ok(DEFAULT_PAGE);
    };
    text.parse()
        .ok()
        .filter(|limit| (1..=MAX_PAGE).contains(limit))
        .ok_or_else(|| bad_query("limit", &format!("a number from 1 to {MAX_PAGE}")))
}

/// `GET /api/sites/{site}/sessions`
pub(crate) async fn list(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let before = match query(req, "before") {
        Some(text) => {
            Some(SessionId::parse(&text).map_err(|_| bad_query("before", "a session id"))?)
        }
        None => None,
    };
    let limit = page_limit(req)?;
    let now = http::now();
    let oldest = oldest(&config, now);
    let page = index::list(env, &key, before, limit, oldest, now).await?;
    Ok(http::answer(200, Body::json(&page))?)
}

/// `GET /api/sites/{site}/privacy`
pub(crate) async fn privacy(env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let now = http::now();
    let privacy = index::privacy(env, &key, oldest(&config, now), now).await?;
    Ok(http::answer(200, Body::json(&privacy))?)
}

/// The start of the oldest session that is still shown.
fn oldest(config: &SiteConfig, now: Millis) -> Millis {
    now.saturating_sub(Millis::from(config.retention_days) * DAY)
}

/// `GET /api/sites/{site}/sessions/{sid}`
pub(crate) async fn detail(env: &Env, site_key: &str, sid: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let record = record(env, &key, &config, sid).await?;
    Ok(http::answer(200, Body::json(&record.detail()))?)
}

/// A session's record: from its object while that holds it, then from KV, and
/// from the chunks themselves while KV does not show it yet.
pub(crate) async fn record(
    env: &Env,
    site: &SiteKey,
    config: &SiteConfig,
    sid: &str,
) -> Result<Record> {
    let sid = SessionId::parse(sid).map_err(|_| ApiError::NotFound("session"))?;
    if sid.start() < oldest(config, http::now()) {
        return Err(ApiError::NotFound("session"));
    }
    match client::held(env, site, &sid).await? {
        Held::Record(record) => return Ok(*record),
        // KV may show its record for a while yet.
        Held::Erased => return Err(ApiError::NotFound("session")),
        Held::Nothing => {}
    }
    let platform = Platform::new(env);
    match platform.record(site, &sid).await {
        Ok(Some(record)) => return Ok(record),
        Ok(None) => {}
        // A record of a shape that this version cannot read is made again below.
        Err(StoreError(cause)) => {
            log::failure("record_unreadable", Some(site), "made_again", &cause);
        }
    }
    read_record(&platform, site, &sid, Visitor::default(), log::retried)
        .await?
        .ok_or(ApiError::NotFound("session"))
}
