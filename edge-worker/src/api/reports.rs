//! Reports over many sessions, and the sessions that they name.

use super::sessions::{bad_query, shown, site};
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::store::platform::Platform;
use sentiero_core::analytics::asked::Asked;
use sentiero_core::analytics::report::Example;
use sentiero_core::api::PENDING_HEADER;
use sentiero_core::store::Index as _;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/reports/{report}`
pub(crate) async fn report(
    req: &Request,
    env: &Env,
    site_key: &str,
    name: &str,
) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let asked = Asked::parse(name, http::whole_query(req));
    let Asked { question, filter } = asked.map_err(|error| http::bad_field(&error))?;
    let empty = question.report(&config.routes);
    let span = shown(&config, http::now());
    let told = Platform::new(env)
        .report(&key, span, &filter, empty)
        .await?;
    let answer = http::answer(200, Body::json(&told.report.answer()))?;
    if told.pending > 0 {
        let headers = answer.headers();
        headers.set(PENDING_HEADER, &told.pending.to_string())?;
    }
    Ok(answer)
}

/// `GET /api/sites/{site}/sessions/named`: the id of a session that a report named.
pub(crate) async fn named(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let (key, config) = site(env, site_key).await?;
    let example = Example {
        started: number(req, "started")?,
        rank: number(req, "rank")?,
        at: 0,
        tab: 0,
    };
    if example.started < shown(&config, http::now()).oldest {
        return Err(ApiError::NotFound("session"));
    }
    let mut found = Platform::new(env).named(&key, &[example]).await?;
    let sid = found.pop().flatten().ok_or(ApiError::NotFound("session"))?;
    Ok(http::answer(200, Body::json(&sid))?)
}

fn number<T: core::str::FromStr>(req: &Request, name: &str) -> Result<T> {
    let text = http::query(req, name)?;
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| bad_query(name, "the number that a report said"))
}
