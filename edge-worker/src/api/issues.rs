//! A site's issues: what is known of them, and what somebody decides.

use super::erasures::key;
use super::sessions::{bad_query, page_limit, site};
use crate::audit;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::issues::client as issues;
use sentiero_core::audit::Action;
use sentiero_core::field::FieldError;
use sentiero_core::issue::{Decision, Fingerprint, Known, List};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// More than the longest request.
const MAX_BODY: usize = 1_024;

/// Longer than any place in the list.
const MAX_PLACE: usize = 64;

/// `GET /api/sites/{site}/issues`
pub(crate) async fn list(req: &Request, env: &Env, site_key: &str) -> Result<Response> {
    site(env, site_key).await?;
    let after = http::query(req, "after")?;
    if after.as_ref().is_some_and(|after| after.len() > MAX_PLACE) {
        return Err(bad_query("after", "the `next` of a page"));
    }
    let page = issues::page(env, &key(site_key)?, after, page_limit(req)?).await?;
    let page = List {
        issues: page.issues.into_iter().map(Known::shown).collect(),
        next: page.next,
    };
    Ok(http::answer(200, Body::json(&page))?)
}

/// `PUT /api/sites/{site}/issues/{issue}`
pub(crate) async fn decide(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site_key: &str,
    issue: &str,
) -> Result<Response> {
    site(env, site_key).await?;
    let issue = Fingerprint::parse(issue).ok_or(ApiError::NotFound("issue"))?;
    let body = http::read_body(req, "decision", MAX_BODY).await?;
    let text =
        String::from_utf8(body).map_err(|_| FieldError::new("body", "must be JSON in UTF-8"))?;
    let (decision, site_key) = (Decision::parse(&text)?, key(site_key)?);
    let decided = issues::decide(env, &site_key, issue, &decision, http::now()).await?;
    let known = decided.ok_or(ApiError::NotFound("issue"))?.shown();
    audit::changed(
        env,
        who,
        Action::IssueDecided,
        Some(&site_key),
        &issue.text(),
    )
    .await;
    Ok(http::answer(200, Body::json(&known))?)
}
