//! `POST /e/{site}`: what a site's own server tells, by an API token of the scope `tell`.
//!
//! limit → authorise → read and mask → append to each session → tell the site's issues.
//!
//! Not for browsers: no answer has a header of CORS, because a token in a page is everybody's.
//! Whatever is taken or refused is counted for its site, if there is one.

use crate::count;
use crate::error::ApiError;
use crate::guard;
use crate::http::{self, Body, Request};
use crate::ingest::{limit, refused};
use crate::issues::client as issues;
use crate::session::client as sessions;
use crate::sites;
use sentiero_core::count::{SERVER_ERRORS, SERVER_EVENTS, STOPPED};
use sentiero_core::id::SiteKey;
use sentiero_core::ingest::{IngestError, Masked};
use sentiero_core::issue;
use sentiero_core::recording::Visitor;
use sentiero_core::server::{Call, MAX_BODY, Told};
use sentiero_core::site::SiteConfig;
use serde::Serialize;
use std::rc::Rc;
use worker::{Context, Env, Method, Response, Result};

type Outcome<T> = core::result::Result<T, ApiError>;

/// The answer: what became of each error and event, in the order of the call.
#[derive(Serialize)]
struct Answer {
    errors: Vec<Told>,
    events: Vec<Told>,
    /// Why sessions did not take what was told of them, a word for each error and event.
    #[serde(skip)]
    refused: Vec<&'static str>,
}

/// Handles one request of a server.
pub(crate) async fn handle(
    mut req: Request,
    env: &Env,
    ctx: &Context,
    site: &str,
) -> Result<Response> {
    let site = SiteKey::parse(site);
    let Ok(site) = site else {
        return ApiError::NotFound("site").into_refusal(None);
    };
    let outcome = take(&mut req, env, &site).await;
    match outcome {
        Ok(answer) => {
            let words = [
                (SERVER_ERRORS, answer.errors.len()),
                (SERVER_EVENTS, answer.events.len()),
            ];
            let words = words.map(|(word, n)| (word, n as u64)).into_iter();
            let words = words.chain(answer.refused.iter().map(|word| (*word, 1)));
            count::add(env, ctx, &site, words.filter(|(_, n)| *n > 0));
            http::answer(200, Body::json(&answer))
        }
        Err(error) => {
            // What anybody may make up is not counted.
            let found = sites::read(env, &site, http::now()).await;
            if found.is_ok_and(|found| found.is_some()) {
                refused(env, ctx, &site, &error);
            }
            error.into_refusal(Some(&site))
        }
    }
}

async fn take(req: &mut Request, env: &Env, site: &SiteKey) -> Outcome<Answer> {
    if req.method() != Method::Post {
        return Err(ApiError::Method("POST"));
    }
    limit(req, env, "server ", site).await?;
    guard::teller(req, env, site.as_str()).await?;
    let config = configured(env, site).await?;
    let body = http::read_body(req, "body", MAX_BODY).await?;
    let (entropy, rules) = (u64::from_le_bytes(http::random()?), config.masker());
    let call =
        Call::read(&body, &rules, entropy, http::now()).map_err(|error| ApiError::Malformed {
            code: "malformed_call",
            message: format!("{error}."),
        })?;
    let mut told: Vec<Told> = call.items().iter().map(unlinked).collect();
    let mut all_refused = Vec::new();
    for batch in call.batches() {
        let masked = call.masked(&batch, &rules, http::now());
        let refused = append(env, site, &config, masked).await?;
        all_refused.extend(batch.items.iter().filter_map(|_| refused));
        for at in &batch.items {
            if let Some(told) = told.get_mut(*at) {
                told.linked = refused.is_none();
                told.refused = refused.map(str::to_owned);
            }
        }
    }
    let days = config.retention_days;
    for (by, sightings) in call.sightings(&told) {
        let told = issue::Told {
            sightings,
            days,
            by,
        };
        issues::tell(env, site, &told).await?;
    }
    let (errors, events) = told.into_iter().partition(|told| told.issue.is_some());
    Ok(Answer {
        errors,
        events,
        refused: all_refused,
    })
}

/// The configuration of a site that records.
async fn configured(env: &Env, site: &SiteKey) -> Outcome<Rc<SiteConfig>> {
    let found = sites::read(env, site, http::now()).await?;
    let Ok(config) = found.ok_or(ApiError::NotFound("site"))? else {
        return Err(ApiError::MisconfiguredSite(site.clone()));
    };
    if config.recording {
        return Ok(config);
    }
    Err(ApiError::Forbidden {
        code: STOPPED,
        message: "Recording is switched off for this site, and what its server tells with it."
            .to_owned(),
    })
}

fn unlinked(item: &sentiero_core::server::Item) -> Told {
    Told {
        issue: item.issue.as_ref().map(|issue| issue.fingerprint),
        ..Told::default()
    }
}

/// Has a session store what was told of it; a word for why it does not, if it does not.
async fn append(
    env: &Env,
    site: &SiteKey,
    config: &SiteConfig,
    masked: core::result::Result<Masked, IngestError>,
) -> Outcome<Option<&'static str>> {
    let stored = match masked.map_err(ApiError::from) {
        Ok(masked) => sessions::append(env, site, config, Visitor::default(), masked).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(_) => Ok(None),
        Err(error @ (ApiError::Forbidden { .. } | ApiError::Clock { .. })) => {
            Ok(Some(error.code()))
        }
        Err(error) => Err(error),
    }
}
