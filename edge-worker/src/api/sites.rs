//! Sites: read, make, change, delete. With a site its sessions are erased.

use super::erasures::{key, of_site};
use super::sessions::bad_query;
use crate::audit;
use crate::config;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::settings::client::Settings;
use crate::sites;
use sentiero_core::api::{NewSite, SiteAnswer, SiteChange, SiteList};
use sentiero_core::audit::Action;
use sentiero_core::field::FieldError;
use sentiero_core::id::SiteKey;
use sentiero_core::issue::hook::Webhook;
use sentiero_core::registry::{
    Change, ChangeError, Entry, HOLDS_WITHIN_SECONDS, MAX_KEYS, MAX_SITES, Registry as _, There,
    decide,
};
use sentiero_core::site::{MAX_CONFIG, SiteConfig};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// More than a configuration and what stands around it.
const MAX_BODY: usize = MAX_CONFIG + 1_024;

const REVISION: &str = "the site's revision, as reading it gives it";

/// `GET /api/sites`: those that the caller may see.
pub(crate) async fn list(env: &Env, who: &Who) -> Result<Response> {
    let sites = entries(env).await?.into_iter();
    let sites = sites
        .filter(|entry| who.grant().covers(&entry.key))
        .map(answer)
        .collect();
    Ok(http::answer(200, Body::json(&SiteList { sites }))?)
}

/// `GET /api/sites/{site}`
pub(crate) async fn show(env: &Env, site: &str) -> Result<Response> {
    let key = key(site)?;
    let entry = entries(env).await?.into_iter();
    let entry = entry
        .into_iter()
        .find(|entry| entry.key == key)
        .ok_or(ApiError::NotFound("site"))?;
    Ok(http::answer(200, Body::json(&answer(entry)))?)
}

/// `POST /api/sites`
pub(crate) async fn create(req: &mut Request, env: &Env, who: &Who) -> Result<Response> {
    let NewSite { key, mut config } = NewSite::parse(&text(req).await?)?;
    let key = match key {
        Some(key) => key,
        None => SiteKey::random(&http::random()?),
    };
    config.webhook = Webhook::after(None, config.webhook, config::of(env).webhook_local())?;
    let change = Change::Create {
        key,
        config: json(&config)?,
    };
    let revision = apply(env, who, Action::SiteCreated, &change).await?;
    let after = config.webhook.as_ref();
    note_webhook(env, who, change.site(), None, after, revision).await;
    Ok(http::answer(
        201,
        Body::json(&changed(change.site(), revision, config)),
    )?)
}

/// `PUT /api/sites/{site}`
pub(crate) async fn replace(
    req: &mut Request,
    env: &Env,
    who: &Who,
    site: &str,
) -> Result<Response> {
    let key = key(site)?;
    let SiteChange {
        revision,
        mut config,
    } = SiteChange::parse(&text(req).await?)?;
    let before = webhook_of(env, &key).await?;
    let local = config::of(env).webhook_local();
    config.webhook = Webhook::after(before.as_ref(), config.webhook, local)?;
    let change = changed_to(key, revision, &config)?;
    let revision = apply(env, who, Action::SiteChanged, &change).await?;
    let after = config.webhook.as_ref();
    note_webhook(env, who, change.site(), before.as_ref(), after, revision).await;
    Ok(http::answer(
        200,
        Body::json(&changed(change.site(), revision, config)),
    )?)
}

/// `DELETE /api/sites/{site}?revision={revision}&confirm={sessions}`
///
/// The erasure is taken on first: sessions of a site that is gone could not be erased by
/// anybody. It begins when the site is gone, and is withdrawn if somebody else was faster to
/// change it.
pub(crate) async fn delete(req: &Request, env: &Env, who: &Who, site: &str) -> Result<Response> {
    let key = key(site)?;
    let revision = number(req, "revision", REVISION)?;
    let revision = revision.ok_or_else(|| bad_query("revision", REVISION))?;
    let confirm = number(req, "confirm", "the number of the site's sessions")?;
    let entry = entries(env)
        .await?
        .into_iter()
        .find(|entry| entry.key == key);
    let change = Change::Delete { key, revision };
    let there = There {
        current: entry.map(|entry| entry.revision),
        ..There::default()
    };
    decide(&change, &there).map_err(|error| refused(change.site(), error))?;
    let erasure = of_site(env, change.site().clone(), confirm, who.name()).await?;
    let deleted = apply(env, who, Action::SiteDeleted, &change).await;
    // What became of it is not known where the settings did not answer: the erasure looks itself.
    if let Err(ApiError::Conflict { .. } | ApiError::NotFound(_)) = deleted {
        erasure.withdraw(env).await;
    }
    deleted?;
    let receipt = erasure.confirm(env).await;
    Ok(http::answer(202, Body::json(&receipt))?)
}

/// A parameter that is a number, if it is there.
fn number(req: &Request, name: &str, expected: &str) -> Result<Option<u64>> {
    let read = |text: String| text.parse().map_err(|_| bad_query(name, expected));
    http::query(req, name)?.map(read).transpose()
}

pub(super) async fn entries(env: &Env) -> Result<Vec<Entry>> {
    // Who has no copy gets all.
    let news = Settings::new(env).news(None).await?;
    Ok(news.sites.unwrap_or_default())
}

pub(super) async fn text(req: &mut Request) -> Result<String> {
    let body = http::read_body(req, "site", MAX_BODY).await?;
    String::from_utf8(body).map_err(|_| FieldError::new("body", "must be JSON in UTF-8").into())
}

/// The canonical form, with every default written out: what a field means when it is left
/// out may not change for a site that exists.
fn json(config: &SiteConfig) -> Result<String> {
    serde_json::to_string(config).map_err(|error| ApiError::Unavailable(error.into()))
}

/// Another configuration for a site.
pub(super) fn changed_to(key: SiteKey, revision: u64, config: &SiteConfig) -> Result<Change> {
    let config = json(config)?;
    Ok(Change::Replace {
        key,
        revision,
        config,
    })
}

/// The webhook that a site has, if it has one that can be read.
async fn webhook_of(env: &Env, key: &SiteKey) -> Result<Option<Webhook>> {
    let mut entries = entries(env).await?.into_iter();
    let entry = entries.find(|entry| entry.key == *key);
    let config = entry.and_then(|entry| SiteConfig::stored(&entry.config).ok());
    Ok(config.and_then(|config| config.webhook))
}

/// Writes down what became of a site's webhook, beside the change that it was part of.
async fn note_webhook(
    env: &Env,
    who: &Who,
    key: &SiteKey,
    before: Option<&Webhook>,
    after: Option<&Webhook>,
    revision: u64,
) {
    let Some(action) = Webhook::action(before, after) else {
        return;
    };
    audit::changed(env, who, action, Some(key), &revision.to_string()).await;
}

pub(super) async fn apply(env: &Env, who: &Who, action: Action, change: &Change) -> Result<u64> {
    let key = change.site();
    let changed = Settings::new(env).change(change).await?;
    let revision = changed.map_err(|error| refused(key, error))?;
    sites::forget();
    audit::changed(env, who, action, Some(key), &revision.to_string()).await;
    Ok(revision)
}

/// Why a change of the site `key` did not happen.
pub(super) fn refused(key: &SiteKey, error: ChangeError) -> ApiError {
    match error {
        ChangeError::Unknown => ApiError::NotFound("site"),
        ChangeError::Exists => ApiError::Conflict {
            code: "site_exists",
            message: format!(
                "There is a site `{key}` already, or one whose tag has that key; choose another key, or change that one."
            ),
        },
        ChangeError::Changed(now) => ApiError::Conflict {
            code: "site_changed",
            message: format!(
                "Somebody else changed the site `{key}`: it is at revision {now}. Read it again, and make your change to that."
            ),
        },
        ChangeError::Full => ApiError::Conflict {
            code: "too_many_sites",
            message: format!("There are {MAX_SITES} sites already; delete one first."),
        },
        ChangeError::KeyUnknown => ApiError::NotFound("key of this site"),
        ChangeError::KeysFull => ApiError::Conflict {
            code: "too_many_keys",
            message: format!(
                "The site `{key}` has {MAX_KEYS} keys already; remove one that is disabled first."
            ),
        },
        ChangeError::KeyStays => ApiError::Conflict {
            code: "key_stays",
            message: "Only a key that is disabled can be removed, and the site's id never; disable it instead.".to_owned(),
        },
    }
}

fn answer(entry: Entry) -> SiteAnswer {
    let parsed = SiteConfig::stored(&entry.config);
    let (config, error) = match parsed {
        Ok(config) => (Some(config), None),
        Err(error) => (None, Some(error.to_string())),
    };
    SiteAnswer {
        key: entry.key,
        revision: entry.revision,
        config,
        error,
        holds_within_seconds: None,
    }
}

fn changed(key: &SiteKey, revision: u64, config: SiteConfig) -> SiteAnswer {
    SiteAnswer {
        key: key.clone(),
        revision,
        config: Some(config),
        error: None,
        holds_within_seconds: Some(HOLDS_WITHIN_SECONDS),
    }
}

impl From<FieldError> for ApiError {
    fn from(error: FieldError) -> Self {
        Self::Malformed {
            code: "wrong_field",
            message: format!("{error}."),
        }
    }
}
