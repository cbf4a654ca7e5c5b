//! The list of sessions, and one session.

use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::log;
use crate::sites;
use crate::store::platform::Platform;
use sentiero_core::api::DEFAULT_PAGE;
use sentiero_core::field::FieldError;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::listing::{Search, read_limit};
use sentiero_core::reading::{self, Snapshot};
use sentiero_core::recording::Selection;
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Index as _, Span};
use std::rc::Rc;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// The site of a request, which must be configured.
pub(crate) async fn site(env: &Env, key: &str) -> Result<(SiteKey, Rc<SiteConfig>)> {
    let key = SiteKey::parse(key).map_err(|_| ApiError::NotFound("site"))?;
    let config = sites::find(env, &key, http::now())
        .await?
        .ok_or(ApiError::NotFound("site"))?;
    Ok((key, config))
}

/// A 400 that names a query parameter.
pub(crate) fn bad_query(name: &str, expected: &str) -> ApiError {
    http::bad_field(&FieldError::new(name, format!("must be {expected}")))
}

/// The query parameter `limit`.
pub(crate) fn page_limit(req: &Request) -> Result<u32> {
    let text = http::query(req, "limit")?;
    let limit = text.map_or(Ok(DEFAULT_PAGE), |text| read_limit(&text));
    limit.map_err(|error| http::bad_field(&error))
}

/// `GET /api/sites/{site}/sessions`
pub(crate) async fn list(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let search = Search::parse(http::whole_query(req)).map_err(|error| http::bad_field(&error))?;
    let span = shown(&config, http::now());
    let page = reading::list(&Platform::new(env), &key, span, &search).await?;
    Ok(http::answer(200, Body::json(&page))?)
}

/// `GET /api/sites/{site}/sessions/facets`
pub(crate) async fn facets(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let filter = Filter::parse(http::whole_query(req)).map_err(|error| http::bad_field(&error))?;
    let span = shown(&config, http::now());
    let facets = Platform::new(env).facets(&key, span, &filter).await?;
    Ok(http::answer(200, Body::json(&facets))?)
}

/// `GET /api/sites/{site}/privacy`
pub(crate) async fn privacy(env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let span = shown(&config, http::now());
    let privacy = reading::privacy(&Platform::new(env), &key, span).await?;
    Ok(http::answer(200, Body::json(&privacy))?)
}

/// The sessions that are shown.
pub(super) fn shown(config: &SiteConfig, now: Millis) -> Span {
    Span::kept(now, config.retention_days)
}

/// `GET /api/sites/{site}/sessions/{sid}`
pub(crate) async fn detail(env: &Env, site_key: &str, sid: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let found = snapshot(env, &key, &config, sid, &Selection::NONE).await?;
    Ok(http::answer(200, Body::json(&found.record.detail()))?)
}

/// A session's id in a path.
pub(super) fn session_id(text: &str) -> Result<SessionId> {
    SessionId::parse(text).map_err(|_| ApiError::NotFound("session"))
}

/// The session as it is now, with those of `selection` that are in no chunk yet.
pub(crate) async fn snapshot(
    env: &Env,
    site: &SiteKey,
    config: &SiteConfig,
    sid: &str,
    selection: &Selection,
) -> Result<Snapshot> {
    let sid = session_id(sid)?;
    if sid.start() < shown(config, http::now()).oldest {
        return Err(ApiError::NotFound("session"));
    }
    let platform = Platform::new(env);
    let ports = (&platform, &platform, &platform);
    let found = reading::find(ports, site, &sid, selection, log::unreadable).await?;
    found.ok_or(ApiError::NotFound("session"))
}
