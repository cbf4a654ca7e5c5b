//! `POST /i/{site}`: authorise → limit → decode → mask → describe → store.
//! `POST /i/{site}/erase`: authorise → limit → erase.
//!
//! Only [`prepare`] looks into a body. What it returns has been through the mask;
//! nothing else can be stored.

use crate::config::binding;
use crate::error::ApiError;
use crate::http::{self, Body};
use crate::session::client;
use crate::sites;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::ingest::{erased_session, prepare};
use sentiero_core::lifecycle::{Append, Erase};
use sentiero_core::recording::Visitor;
use sentiero_core::site::SiteConfig;
use sentiero_core::wire::Limits;
use worker::{Env, Method, Request, Response, Result};

/// What a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That a batch is stored.
    Store,
    /// That a session is erased.
    Erase,
}

/// Handles one request of a page.
pub(crate) async fn handle(
    mut req: Request,
    env: &Env,
    site: &str,
    wanted: Wanted,
) -> Result<Response> {
    let mut readable_by = None;
    let answer = match take(&mut req, env, site, wanted, &mut readable_by).await {
        Ok(answer) => answer,
        Err(error) => error.into_refusal()?,
    };
    let headers = answer.headers();
    // A refusal holds nothing private, and a recorder that cannot read it would
    // take it for a broken network and try again.
    let readable_by = readable_by.as_deref().unwrap_or("*");
    headers.set("Access-Control-Allow-Origin", readable_by)?;
    headers.set("Access-Control-Expose-Headers", "Retry-After")?;
    headers.set("Vary", "Origin")?;
    Ok(answer)
}

async fn take(
    req: &mut Request,
    env: &Env,
    site: &str,
    wanted: Wanted,
    readable_by: &mut Option<String>,
) -> core::result::Result<Response, ApiError> {
    if req.method() != Method::Post {
        return Err(ApiError::Method("POST"));
    }
    // A visitor who does not want to be recorded is not, whatever the page does.
    // Who was recorded before may still have that erased.
    let signal = http::header(req, "Sec-GPC").is_some_and(|value| value.trim() == "1");
    if signal && wanted == Wanted::Store {
        return Ok(http::answer(204, Body::Empty)?);
    }
    let now = http::now();
    let site = SiteKey::parse(site).map_err(|_| ApiError::NotFound("site"))?;
    let config = sites::find(env, &site, now)
        .await?
        .ok_or(ApiError::NotFound("site"))?;
    let origin = http::header(req, "Origin")
        .filter(|origin| config.allows(origin, &http::own_origin(req)))
        .ok_or_else(|| ApiError::Forbidden {
            code: "origin_not_allowed",
            message: "This page's origin is not in the site's list of origins.".to_owned(),
        })?;
    *readable_by = Some(origin);
    limit_rate(req, env, &site).await?;
    match wanted {
        Wanted::Store => store(req, env, site, &config, now).await,
        Wanted::Erase => erase(req, env, site, now).await,
    }
}

async fn store(
    req: &mut Request,
    env: &Env,
    site: SiteKey,
    config: &SiteConfig,
    now: Millis,
) -> core::result::Result<Response, ApiError> {
    if let Some(stop) = config.stop() {
        return Ok(http::answer(200, Body::json(&stop))?);
    }
    let body = http::read_body(req, "body", Limits::DEFAULT.compressed).await?;
    let prepared = prepare(body, &config.masker(), now)?;
    let append = Append {
        site,
        sid: prepared.sid,
        batch: prepared.batch,
        visitor: visitor(req),
        retention_days: config.retention_days,
    };
    let ack = client::append(env, &append, prepared.body).await?;
    Ok(http::answer(200, Body::json(&config.pace(ack)))?)
}

/// More than any session id, with room for white space around it.
const ERASE_LIMIT: usize = 64;

async fn erase(
    req: &mut Request,
    env: &Env,
    site: SiteKey,
    now: Millis,
) -> core::result::Result<Response, ApiError> {
    let body = http::read_body(req, "body", ERASE_LIMIT).await?;
    let sid = erased_session(&body, now)?;
    client::erase(env, &Erase { site, sid }).await?;
    Ok(http::answer(204, Body::Empty)?)
}

/// Seconds until the rate limit's window is over at the latest.
const LIMIT_WINDOW: u32 = 60;

async fn limit_rate(
    req: &Request,
    env: &Env,
    site: &SiteKey,
) -> core::result::Result<(), ApiError> {
    let Some(block) = http::address_block(req) else {
        return Ok(());
    };
    let outcome = env
        .rate_limiter(binding::INGEST_LIMIT)?
        .limit(format!("{site} {block}"))
        .await?;
    if !outcome.success {
        return Err(ApiError::TooMany { wait: LIMIT_WINDOW });
    }
    Ok(())
}

/// What the edge says of a visitor: the country and nothing finer.
fn visitor(req: &Request) -> Visitor {
    // XX: unknown; T1: Tor, which is no country.
    let country = http::header(req, "CF-IPCountry").filter(|code| {
        code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) && code != "XX"
    });
    let agent = http::header(req, "User-Agent").unwrap_or_default();
    let (browser, os, device) = crate::agent::families(&agent);
    Visitor {
        country,
        browser,
        os,
        device,
    }
}
