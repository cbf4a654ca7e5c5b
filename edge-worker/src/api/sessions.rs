//! The list of sessions, and one session.

use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::log;
use crate::sites;
use crate::store::platform::Platform;
use futures_util::stream::{self, StreamExt as _};
use sentiero_core::api::DEFAULT_PAGE;
use sentiero_core::field::FieldError;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::listing::file::Export;
use sentiero_core::listing::{Search, read_limit};
use sentiero_core::reading::{self, File, Snapshot};
use sentiero_core::recording::Selection;
use sentiero_core::site::SiteConfig;
use sentiero_core::store::{Index as _, Span, StoreError};
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

/// `GET /api/sites/{site}/sessions/export`
pub(crate) async fn export(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let wanted = Export::parse(http::whole_query(req)).map_err(|error| http::bad_field(&error))?;
    let now = http::now();
    let name = wanted.file_name(&key, now);
    let mut file = File::new(Platform::new(env), key, shown(&config, now), &wanted);
    // What cannot even begin is an answer that says so, and no file that breaks off.
    let first = file.next().await?;
    let rest = stream::try_unfold(file, |mut file| async move {
        let piece = file.next().await;
        let piece = piece.map_err(|StoreError(cause)| worker::Error::RustError(cause))?;
        Ok::<_, worker::Error>(piece.map(|piece| (piece, file)))
    });
    let pieces = stream::iter(first.map(Ok)).chain(rest);
    let disposition = format!("attachment; filename=\"{name}\"");
    let builder = http::private(200)?
        .with_header("Content-Type", wanted.form.content_type())?
        .with_header("Content-Disposition", &disposition)?;
    Ok(builder.from_stream(pieces)?)
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
