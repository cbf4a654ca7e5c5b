//! What sessions tell of issues, and what the API asks.

use super::{Decide, Deliveries, Page, Tell, Test};
use crate::config::binding;
use crate::object;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::hook::{Delivery, Webhook};
use sentiero_core::issue::{Decision, Fingerprint, Known, List, News, Told};
use sentiero_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::issues) const TELL: &str = "/tell";
    pub(in crate::issues) const PAGE: &str = "/page";
    pub(in crate::issues) const DECIDE: &str = "/decide";
    pub(in crate::issues) const CLEAR: &str = "/clear";
    pub(in crate::issues) const ERASE_SEEN: &str = "/erase-seen";
    pub(in crate::issues) const DELIVERIES: &str = "/deliveries";
    pub(in crate::issues) const TEST: &str = "/test";
    #[cfg(feature = "contract")]
    pub(in crate::issues) const FORGET: &str = "/forget";
}

/// The name of a site's object: a storage format.
fn name(site: &SiteKey) -> String {
    format!("{site}/issues")
}

async fn ask<C: Serialize, T: DeserializeOwned>(
    env: &Env,
    site: &SiteKey,
    path: &str,
    command: &C,
) -> Result<T> {
    let name = name(site);
    object::json(object::call(env, binding::ISSUES, &name, path, command, &[]).await?).await
}

/// Takes in what a session saw.
pub(crate) async fn tell(env: &Env, site: &SiteKey, told: &Told) -> Result<Vec<News>> {
    let (told, key) = (told.clone(), site.clone());
    ask(env, site, path::TELL, &Tell { site: key, told }).await
}

/// A page of a site's issues.
pub(crate) async fn page(
    env: &Env,
    site: &SiteKey,
    after: Option<String>,
    limit: u32,
) -> Result<List> {
    ask(env, site, path::PAGE, &Page { after, limit }).await
}

/// Has an issue be what somebody decided.
pub(crate) async fn decide(
    env: &Env,
    site: &SiteKey,
    issue: Fingerprint,
    decision: &Decision,
    now: Millis,
) -> Result<Option<Known>> {
    let decision = decision.clone();
    let command = Decide {
        issue,
        decision,
        now,
    };
    ask(env, site, path::DECIDE, &command).await
}

/// Forgets what only the session of this mark saw.
pub(crate) async fn erase_seen(env: &Env, site: &SiteKey, by: &str) -> Result<()> {
    let (name, path) = (name(site), path::ERASE_SEEN);
    object::ok(object::call(env, binding::ISSUES, &name, path, &by, &[]).await?)?;
    Ok(())
}

/// Forgets all of a site.
pub(crate) async fn clear(env: &Env, site: &SiteKey) -> Result<()> {
    let name = name(site);
    object::ok(object::call(env, binding::ISSUES, &name, path::CLEAR, &(), &[]).await?)?;
    Ok(())
}

/// The last deliveries to the site's webhook.
pub(crate) async fn deliveries(env: &Env, site: &SiteKey) -> Result<Deliveries> {
    ask(env, site, path::DELIVERIES, &()).await
}

/// Tells a webhook something made up; what became of it.
pub(crate) async fn test(env: &Env, site: &SiteKey, webhook: &Webhook) -> Result<Delivery> {
    let (webhook, key) = (webhook.clone(), site.clone());
    ask(env, site, path::TEST, &Test { site: key, webhook }).await
}

/// Has it do what its alarm does, as at `now`.
#[cfg(feature = "contract")]
pub(crate) async fn forget(env: &Env, site: &SiteKey, now: Millis) -> Result<()> {
    let name = name(site);
    object::ok(object::call(env, binding::ISSUES, &name, path::FORGET, &now, &[]).await?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_storage_format() {
        assert_eq!(name(&SiteKey::parse("demo").unwrap()), "demo/issues");
    }
}
