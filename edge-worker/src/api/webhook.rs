//! A site's webhook: what became of its deliveries, another secret, a test. Where it goes is
//! part of the site's configuration.

use super::erasures::key;
use super::sites::{apply, changed_to, entries};
use crate::auth;
use crate::config;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body};
use crate::issues::client as issues;
use sentiero_core::api::{WebhookAnswer, WebhookSecret};
use sentiero_core::audit::Action;
use sentiero_core::id::{SiteKey, TokenId};
use sentiero_core::issue::hook::Webhook;
use sentiero_core::registry::HOLDS_WITHIN_SECONDS;
use sentiero_core::site::SiteConfig;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/webhook`
pub(crate) async fn show(env: &Env, site: &str) -> Result<Response> {
    let site = key(site)?;
    let (_, config) = stored(env, &site).await?;
    let deliveries = issues::deliveries(env, &site).await?;
    let answer = WebhookAnswer {
        webhook: config.webhook,
        waiting: deliveries.waiting,
        deliveries: deliveries.last,
    };
    Ok(http::answer(200, Body::json(&answer))?)
}

/// `POST /api/sites/{site}/webhook/secret`: the one answer that holds it.
pub(crate) async fn make_secret(env: &Env, who: &Who, site: &str) -> Result<Response> {
    let site = key(site)?;
    let deployment = config::of(env);
    let secrets = deployment.secrets()?;
    let (revision, mut config) = stored(env, &site).await?;
    let id = TokenId::new(&http::random()?);
    let secret = auth::hook_secret(secrets, site.as_str(), id.as_str());
    let webhook = config.webhook.take().ok_or_else(|| none(&site))?;
    config.webhook = Some(Webhook {
        secret_id: Some(id),
        ..webhook
    });
    let change = changed_to(site, revision, &config)?;
    let revision = apply(env, who, Action::WebhookSecretMade, &change).await?;
    let answer = WebhookSecret {
        secret,
        revision,
        holds_within_seconds: HOLDS_WITHIN_SECONDS,
    };
    Ok(http::answer(201, Body::json(&answer))?)
}

/// `POST /api/sites/{site}/webhook/test`
pub(crate) async fn test(env: &Env, site: &str) -> Result<Response> {
    let site = key(site)?;
    let (_, config) = stored(env, &site).await?;
    let webhook = config.webhook.ok_or_else(|| none(&site))?;
    let delivery = issues::test(env, &site, &webhook).await?;
    Ok(http::answer(200, Body::json(&delivery))?)
}

/// A site's revision and configuration, as they are kept.
async fn stored(env: &Env, site: &SiteKey) -> Result<(u64, SiteConfig)> {
    let mut entries = entries(env).await?.into_iter();
    let entry = entries.find(|entry| entry.key == *site);
    let entry = entry.ok_or(ApiError::NotFound("site"))?;
    let config = SiteConfig::stored(&entry.config);
    let config = config.map_err(|_| ApiError::MisconfiguredSite(site.clone()))?;
    Ok((entry.revision, config))
}

fn none(site: &SiteKey) -> ApiError {
    ApiError::Conflict {
        code: "no_webhook",
        message: format!(
            "The site `{site}` has no webhook; give it one first: `webhook` with an `url` in its configuration."
        ),
    }
}
