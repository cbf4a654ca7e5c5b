//! The keys of a site's tag: listed, made, disabled, enabled, removed.

use super::erasures::key as id;
use super::sites::{entries, refused, text};
use crate::audit;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::settings::client::Settings;
use crate::sites;
use sentiero_core::api::{KeyAnswer, KeyChange, KeyList};
use sentiero_core::audit::Action;
use sentiero_core::id::SiteKey;
use sentiero_core::registry::{Change, HOLDS_WITHIN_SECONDS, KeyDeed, Registry as _};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/keys`
pub(crate) async fn list(env: &Env, site: &str) -> Result<Response> {
    let site = id(site)?;
    let mut entries = entries(env).await?.into_iter();
    let entry = entries.find(|entry| entry.key == site);
    let keys = entry.ok_or(ApiError::NotFound("site"))?.keys;
    Ok(http::answer(200, Body::json(&KeyList { keys }))?)
}

/// `POST /api/sites/{site}/keys`
pub(crate) async fn make(env: &Env, who: &Who, site: &str) -> Result<Response> {
    let key = SiteKey::random(&http::random()?);
    apply(env, who, id(site)?, key.clone(), KeyDeed::Make).await?;
    Ok(http::answer(201, answer(key, true))?)
}

/// `PUT /api/sites/{site}/keys/{key}`
pub(crate) async fn change(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site: &str,
    key: &str,
) -> Result<Response> {
    let key = parse(key)?;
    let KeyChange { enabled } = KeyChange::parse(&text(req).await?)?;
    let deed = if enabled {
        KeyDeed::Enable
    } else {
        KeyDeed::Disable
    };
    apply(env, who, id(site)?, key.clone(), deed).await?;
    Ok(http::answer(200, answer(key, enabled))?)
}

/// `DELETE /api/sites/{site}/keys/{key}`
pub(crate) async fn remove(env: &Env, who: &Who, site: &str, key: &str) -> Result<Response> {
    apply(env, who, id(site)?, parse(key)?, KeyDeed::Remove).await?;
    Ok(http::answer(204, Body::Empty)?)
}

fn parse(key: &str) -> Result<SiteKey> {
    SiteKey::parse(key).map_err(|_| ApiError::NotFound("key of this site"))
}

fn answer(key: SiteKey, enabled: bool) -> Body {
    Body::json(&KeyAnswer {
        key,
        enabled,
        holds_within_seconds: HOLDS_WITHIN_SECONDS,
    })
}

async fn apply(env: &Env, who: &Who, site: SiteKey, key: SiteKey, deed: KeyDeed) -> Result<()> {
    let change = Change::Key { site, key, deed };
    let changed = Settings::new(env).change(&change).await?;
    changed.map_err(|error| refused(change.site(), error))?;
    sites::forget();
    if let Change::Key { site, key, .. } = &change {
        audit::changed(env, who, Action::of_key(deed), Some(site), key.as_str()).await;
    }
    Ok(())
}
