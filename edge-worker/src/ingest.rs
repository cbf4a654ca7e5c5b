//! `POST /i/{key}`: authorise → limit → decode → mask → append → acknowledge.
//! `POST /i/{key}/erase`: authorise → limit → erase.
//!
//! The key is one of a site's tag; from here on the site is called by its id. Of a key that is
//! disabled nothing is stored, but who was recorded by it may still have that erased.
//!
//! Each stage is a type: only [`Masked`] can be appended, and only core's mask makes one.
//! Whatever is taken or refused is counted for its site, under the word that is the
//! refusal's code; of a site that there is not, nothing is kept.

use crate::config::binding;
use crate::count;
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::log;
use crate::patience;
use crate::session::client;
use crate::sites;
use sentiero_core::agent::families;
use sentiero_core::count::{BATCHES, BYTES, ERASURES, EVENTS, KEY_DISABLED};
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::ingest::{Masked, decode, erased_session};
use sentiero_core::lifecycle::Erase;
use sentiero_core::location::Location;
use sentiero_core::recording::Visitor;
use sentiero_core::registry::Tag;
use sentiero_core::site::SiteConfig;
use sentiero_core::store::StoreError;
use sentiero_core::wire::{Ack, Limits};
use std::rc::Rc;
use worker::{Context, Env, Method, Response, Result};

/// What a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That a batch is stored.
    Store,
    /// That a session is erased.
    Erase,
}

/// A site that there is, and when and by whom it was asked for. Headers are read once: each
/// time is a call into JavaScript.
struct Site {
    /// Its id.
    key: SiteKey,
    /// Whether the key that the page named it by is enabled.
    enabled: bool,
    config: Rc<SiteConfig>,
    now: Millis,
    /// The page's origin, if it is in the site's list.
    origin: Option<String>,
    /// The User-Agent header.
    agent: String,
}

/// What was done.
enum Done {
    /// A batch of so many events and bytes is durable.
    Stored { ack: Ack, events: u32, bytes: u32 },
    /// A session is erased.
    Erased,
}

type Outcome<T> = core::result::Result<T, ApiError>;

/// Handles one request of a page.
pub(crate) async fn handle(
    mut req: Request,
    env: &Env,
    ctx: &Context,
    key: &str,
    wanted: Wanted,
) -> Result<Response> {
    let site = match find(&req, env, key).await {
        Ok(site) => site,
        Err(error) => {
            let site = match &error {
                ApiError::MisconfiguredSite(site) => Some(site.clone()),
                _ => None,
            };
            match (&site, &error) {
                (Some(site), _) => refused(env, ctx, site, &error),
                // What anybody may make up is counted by the log alone.
                (None, ApiError::NotFound(_)) => log::unknown_key(),
                _ => {}
            }
            return readable(error.into_refusal(site.as_ref())?, "*");
        }
    };
    let outcome = match wanted {
        Wanted::Store => store(&mut req, env, &site).await,
        Wanted::Erase => erase(&mut req, env, &site).await,
    };
    count(env, ctx, &site, &outcome);
    let answer = match outcome {
        Ok(done) => acknowledge(&done)?,
        Err(error) => error.into_refusal(Some(&site.key))?,
    };
    // A refusal holds nothing private, and a recorder that cannot read it would
    // take it for a broken network and try again.
    readable(answer, site.origin.as_deref().unwrap_or("*"))
}

async fn store(req: &mut Request, env: &Env, site: &Site) -> Outcome<Done> {
    authorise(req, site, Wanted::Store)?;
    limit(req, env, "", &site.key).await?;
    let body = http::read_body(req, "body", Limits::DEFAULT.compressed).await?;
    let decoded = decode(body, site.now)?;
    let masked = decoded.mask(&site.config.masker())?;
    append(req, env, site, masked).await
}

async fn erase(req: &mut Request, env: &Env, site: &Site) -> Outcome<Done> {
    authorise(req, site, Wanted::Erase)?;
    limit(req, env, "", &site.key).await?;
    let body = http::read_body(req, "body", ERASE_LIMIT).await?;
    let sid = erased_session(&body, site.now)?;
    let site = site.key.clone();
    client::erase(env, &Erase { site, sid }).await?;
    Ok(Done::Erased)
}

/// More than any session id, with room for white space around it.
const ERASE_LIMIT: usize = 64;

async fn find(req: &Request, env: &Env, key: &str) -> Outcome<Site> {
    let now = http::now();
    let key = SiteKey::parse(key).map_err(|_| ApiError::NotFound("site"))?;
    let (Tag { site, enabled }, config) = sites::tagged(env, &key, now)
        .await?
        .ok_or(ApiError::NotFound("site"))?;
    let Ok(config) = config else {
        return Err(ApiError::MisconfiguredSite(site));
    };
    Ok(Site {
        origin: allowed_origin(req, &config),
        agent: http::header(req, "User-Agent").unwrap_or_default(),
        key: site,
        enabled,
        config,
        now,
    })
}

/// Whether the visitor, the page and the site's operator let this in.
fn authorise(req: &Request, site: &Site, wanted: Wanted) -> Outcome<()> {
    if req.method() != Method::Post {
        return Err(ApiError::Method("POST"));
    }
    // A visitor who does not want to be recorded is not, whatever the page does.
    // Who was recorded before may still have that erased.
    let signal = http::header(req, "Sec-GPC").is_some_and(|value| value.trim() == "1");
    if signal && wanted == Wanted::Store {
        return Err(ApiError::PrivacySignal);
    }
    if site.origin.is_none() {
        return Err(ApiError::Forbidden {
            code: "origin_not_allowed",
            message: "This page's origin is not in the site's list of origins.".to_owned(),
        });
    }
    if !site.enabled && wanted == Wanted::Store {
        return Err(ApiError::Forbidden {
            code: KEY_DISABLED,
            message: "This key is disabled; the page's tag needs a key of its site that is not."
                .to_owned(),
        });
    }
    match site.config.unwanted(&site.agent) {
        Some(why) if wanted == Wanted::Store => Err(ApiError::Stop(why)),
        _ => Ok(()),
    }
}

/// The page's origin, if it is in the site's list.
fn allowed_origin(req: &Request, config: &SiteConfig) -> Option<String> {
    http::header(req, "Origin").filter(|origin| config.allows(origin, &http::own_origin(req)))
}

/// Seconds until the rate limit's window is over at the latest.
const LIMIT_WINDOW: u32 = 60;

/// Lets so many requests through from each address block. What comes another way than uploads
/// is counted for itself, by its `lane`.
pub(crate) async fn limit(req: &Request, env: &Env, lane: &str, site: &SiteKey) -> Outcome<()> {
    let Some(block) = http::address_block(req) else {
        return Ok(());
    };
    let allowed = patience::limiter(env, binding::INGEST_LIMIT, format!("{lane}{site} {block}"));
    match allowed.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(ApiError::TooMany { wait: LIMIT_WINDOW }),
        // A limiter that does not answer lets everybody in: to lose what real visitors do is
        // worse than to take more from one address, and all other limits still hold.
        Err(StoreError(cause)) => {
            log::failure("ingest", Some(site), "limiter_unavailable", &cause);
            Ok(())
        }
    }
}

async fn append(req: &Request, env: &Env, site: &Site, masked: Masked) -> Outcome<Done> {
    let (events, bytes) = (masked.events(), masked.bytes());
    let ack = client::append(env, &site.key, &site.config, visitor(req, site), masked).await?;
    Ok(Done::Stored {
        ack: site.config.pace(ack),
        events,
        bytes,
    })
}

fn acknowledge(done: &Done) -> Result<Response> {
    match done {
        Done::Stored { ack, .. } => http::answer(200, Body::json(ack)),
        Done::Erased => http::answer(204, Body::Empty),
    }
}

fn count(env: &Env, ctx: &Context, site: &Site, outcome: &Outcome<Done>) {
    let add = |counts: &[(&'static str, u64)]| {
        count::add(env, ctx, &site.key, counts.iter().copied());
    };
    match outcome {
        Ok(Done::Stored { events, bytes, .. }) => add(&[
            (BATCHES, 1),
            (EVENTS, u64::from(*events)),
            (BYTES, u64::from(*bytes)),
        ]),
        Ok(Done::Erased) => add(&[(ERASURES, 1)]),
        Err(error) => refused(env, ctx, &site.key, error),
    }
}

/// Counts a refusal, and logs it.
pub(crate) fn refused(env: &Env, ctx: &Context, site: &SiteKey, error: &ApiError) {
    log::refused(site, error.code());
    count::add(env, ctx, site, [(error.code(), 1)]);
}

fn readable(answer: Response, by: &str) -> Result<Response> {
    let headers = answer.headers();
    headers.set("Access-Control-Allow-Origin", by)?;
    headers.set("Access-Control-Expose-Headers", "Retry-After")?;
    headers.set("Vary", "Origin")?;
    Ok(answer)
}

/// What the edge says of a visitor: where, to the region, and what browser.
fn visitor(req: &Request, site: &Site) -> Visitor {
    let country = http::header(req, "CF-IPCountry");
    let subdivision = http::told(req, "regionCode");
    let timezone = http::told(req, "timezone");
    let location = Location::of(
        country.as_deref(),
        subdivision.as_deref(),
        timezone.as_deref(),
    );
    let (browser, os, device) = families(&site.agent);
    Visitor {
        country: location.country,
        region: location.region,
        timezone: location.timezone,
        browser,
        os,
        device,
    }
}
