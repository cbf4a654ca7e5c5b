//! Site configuration: KV, with a cache in the isolate so that an upload does
//! not cost a KV read.

use crate::config::binding;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::StoreError;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use worker::Env;

/// How long a configuration is used before KV is asked again. A change takes
/// effect within this and KV's own cache: whoever masks more from now on should
/// not have to wait for it.
const CACHE_MS: Millis = 5_000;
/// How long KV may answer from the cache of a location; no less is allowed.
const KV_CACHE_SECONDS: u64 = 30;
/// Site keys come from outside; this many are remembered, known and unknown.
const CACHE_SITES: usize = 1_000;

struct Cached {
    until: Millis,
    config: Option<Rc<SiteConfig>>,
}

thread_local! {
    /// Plain data only: promises and I/O objects must not outlive their request.
    static CACHE: RefCell<HashMap<SiteKey, Cached>> = RefCell::default();
}

/// The configuration of `site`; none if there is no such site.
pub(crate) async fn find(
    env: &Env,
    site: &SiteKey,
    now: Millis,
) -> Result<Option<Rc<SiteConfig>>, StoreError> {
    let cached = CACHE.with_borrow(|cache| {
        let entry = cache.get(site).filter(|entry| now < entry.until);
        entry.map(|entry| entry.config.clone())
    });
    if let Some(config) = cached {
        return Ok(config);
    }
    let config = read(env, site).await?.map(Rc::new);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHE_SITES {
            cache.clear();
        }
        cache.insert(
            site.clone(),
            Cached {
                until: now + CACHE_MS,
                config: config.clone(),
            },
        );
    });
    Ok(config)
}

async fn read(env: &Env, site: &SiteKey) -> Result<Option<SiteConfig>, StoreError> {
    let Some(text) = env
        .kv(binding::KV)?
        .get(&format!("{PREFIX}{site}"))
        .cache_ttl(KV_CACHE_SECONDS)
        .text()
        .await?
    else {
        return Ok(None);
    };
    let config = SiteConfig::parse(&text).map_err(|reason| {
        StoreError(format!(
            "the configuration of site {site} is not valid: {reason}"
        ))
    })?;
    Ok(Some(config))
}

const PREFIX: &str = "c:";

/// Every configured site's key, in order.
pub(crate) async fn keys(env: &Env) -> Result<Vec<SiteKey>, StoreError> {
    let kv = env.kv(binding::KV)?;
    let mut keys = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut list = kv.list().prefix(PREFIX.to_owned());
        if let Some(cursor) = cursor.take() {
            list = list.cursor(cursor);
        }
        let page = list.execute().await?;
        let names = page
            .keys
            .iter()
            .filter_map(|key| key.name.strip_prefix(PREFIX));
        keys.extend(names.filter_map(|name| SiteKey::parse(name).ok()));
        if page.list_complete || page.cursor.is_none() {
            return Ok(keys);
        }
        cursor = page.cursor;
    }
}
