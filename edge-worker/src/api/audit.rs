//! Reading the audit log.

use super::erasures::key;
use super::sessions::{bad_query, page_limit, site};
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::ledger::client as ledger;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// Longer than any place in the log, which has the name of who did it: that of a token may have
/// 64 characters of four bytes each.
const MAX_PLACE: usize = 512;

/// `GET /api/sites/{site}/audit`, and `GET /api/audit` for signing in.
pub(crate) async fn read(req: &Request, env: &Env, site_key: Option<&str>) -> Result<Response> {
    let key = site_key.map(key).transpose()?;
    let before = http::query(req, "before")?;
    if before
        .as_ref()
        .is_some_and(|before| before.len() > MAX_PLACE)
    {
        return Err(bad_query("before", "the `next` of a page"));
    }
    let limit = page_limit(req)?;
    let log = ledger::read(env, key.as_ref(), before, limit).await?;
    if let Some(site_key) = site_key.filter(|_| log.entries.is_empty()) {
        // The log outlives its site; only what never was is not found.
        site(env, site_key).await?;
    }
    Ok(http::answer(200, Body::json(&log))?)
}
