//! What was counted of a site.

use super::erasures::key;
use super::sessions::bad_query;
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::sites;
use crate::store::platform::Platform;
use sentiero_core::api::{Counters, DEFAULT_COUNTED, MAX_COUNTED};
use sentiero_core::day::Day;
use sentiero_core::store::Counters as _;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/counters`
pub(crate) async fn counters(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    let key = key(site_key)?;
    // Also of one whose configuration cannot be used: that is counted, too.
    if sites::read(env, &key, http::now()).await?.is_none() {
        return Err(ApiError::NotFound("site"));
    }
    let to = day(req, "to")?.unwrap_or_else(|| Day::of(http::now()));
    let from = day(req, "from")?.unwrap_or_else(|| to.before(DEFAULT_COUNTED - 1));
    if from > to {
        return Err(bad_query("from", "a day that is not later than `to`"));
    }
    if to.since(from) >= MAX_COUNTED {
        let expected = format!("at most {} days before `to`", MAX_COUNTED - 1);
        return Err(bad_query("from", &expected));
    }
    let counts = Platform::new(env).counted(&key, from, to).await?;
    Ok(http::answer(
        200,
        Body::json(&Counters { from, to, counts }),
    )?)
}

fn day(req: &Request, name: &str) -> Result<Option<Day>> {
    http::query(req, name)?
        .map(|text| Day::parse(&text).map_err(|_| bad_query(name, "a day, yyyy-mm-dd")))
        .transpose()
}
