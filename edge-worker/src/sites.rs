//! Site configurations: the settings object has them, and each isolate a copy, so that an
//! upload does not cost a call. The copy is whole: a key that is no site costs nothing.

use crate::config::binding;
use crate::log;
use crate::patience;
use crate::settings::client::Settings;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::order;
use sentiero_core::registry::{Entry, HOLDS_WITHIN_SECONDS, News, Registry as _, Tag};
use sentiero_core::site::SiteConfig;
use sentiero_core::store::StoreError;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use worker::Env;

/// How long a copy is used before the object is asked again. Whoever masks more from now
/// on should not have to wait for it.
const COPY_MS: Millis = HOLDS_WITHIN_SECONDS as Millis * 1_000;

/// A configuration, or why it cannot be used: one site's mistake must not lock others out.
pub(crate) type Parsed = Result<Rc<SiteConfig>, Rc<str>>;

/// What the object said. Plain data only: promises and I/O objects must not outlive their
/// request.
#[derive(Clone)]
struct Copy {
    until: Millis,
    revision: u64,
    sites: Rc<Sites>,
}

/// The sites by their ids, and whose the keys of their tags are.
struct Sites {
    by_id: BTreeMap<SiteKey, Parsed>,
    by_key: BTreeMap<SiteKey, Tag>,
}

impl Sites {
    fn of(entries: Vec<Entry>) -> Self {
        Self {
            by_key: order::map(entries.iter().flat_map(Entry::tags)),
            by_id: order::map(entries.into_iter().map(parse)),
        }
    }
}

thread_local! {
    static COPY: RefCell<Option<Copy>> = const { RefCell::new(None) };
}

/// The configuration of `site`; none if there is no such site.
pub(crate) async fn find(
    env: &Env,
    site: &SiteKey,
    now: Millis,
) -> Result<Option<Rc<SiteConfig>>, StoreError> {
    match read(env, site, now).await? {
        None => Ok(None),
        Some(Ok(config)) => Ok(Some(config)),
        Some(Err(reason)) => Err(StoreError(format!(
            "the configuration of site {site} is not valid: {reason}"
        ))),
    }
}

/// The same, where a configuration that cannot be used is told from a store that fails.
pub(crate) async fn read(
    env: &Env,
    site: &SiteKey,
    now: Millis,
) -> Result<Option<Parsed>, StoreError> {
    Ok(copy(env, now).await?.by_id.get(site).cloned())
}

/// Whose tag the key is, and the configuration of that site; none if it is no site's.
pub(crate) async fn tagged(
    env: &Env,
    key: &SiteKey,
    now: Millis,
) -> Result<Option<(Tag, Parsed)>, StoreError> {
    let sites = copy(env, now).await?;
    let tag = sites.by_key.get(key);
    Ok(tag.and_then(|tag| Some((tag.clone(), sites.by_id.get(&tag.site)?.clone()))))
}

/// Every site's key and name, in order of keys. One whose configuration is not valid is
/// called by its key.
pub(crate) async fn names(env: &Env, now: Millis) -> Result<Vec<(SiteKey, String)>, StoreError> {
    let sites = copy(env, now).await?;
    let named = sites.by_id.iter().map(|(key, config)| {
        let name = match config {
            Ok(config) => config.name.clone(),
            Err(_) => key.to_string(),
        };
        (key.clone(), name)
    });
    Ok(named.collect())
}

/// Makes this isolate ask again; others do when their copy is too old.
pub(crate) fn forget() {
    COPY.with_borrow_mut(|copy| {
        if let Some(copy) = copy {
            copy.until = 0;
        }
    });
}

async fn copy(env: &Env, now: Millis) -> Result<Rc<Sites>, StoreError> {
    let held = COPY.with_borrow(Clone::clone);
    if let Some(held) = held.as_ref().filter(|held| now < held.until) {
        return Ok(Rc::clone(&held.sites));
    }
    let revision = held.as_ref().map(|held| held.revision);
    let News { revision, sites } = Settings::new(env).news(revision).await?;
    let sites = match (sites, held) {
        (Some(sites), _) => Rc::new(Sites::of(sites)),
        (None, Some(held)) => held.sites,
        (None, None) => return Err(StoreError("the settings object said nothing".to_owned())),
    };
    keep(Copy {
        // From the question on, not from the answer: what changed between them may be missing.
        until: now + COPY_MS,
        revision,
        sites: Rc::clone(&sites),
    });
    Ok(sites)
}

/// Keeps a copy, unless a question that was asked later was answered sooner.
fn keep(new: Copy) {
    COPY.with_borrow_mut(|copy| {
        let newer = copy
            .as_ref()
            .is_none_or(|held| held.revision <= new.revision);
        if newer {
            *copy = Some(new);
        }
    });
}

fn parse(entry: Entry) -> (SiteKey, Parsed) {
    let Entry { key, config, .. } = entry;
    let parsed = match SiteConfig::stored(&config) {
        Ok(config) => Ok(Rc::new(config)),
        Err(error) => {
            log::malformed("site", Some(&key), &error);
            Err(error.to_string().into())
        }
    };
    (key, parsed)
}

/// Where earlier versions kept configurations in KV.
const PREFIX: &str = "c:";

/// The configurations in KV, by key.
pub(crate) async fn in_kv(env: &Env) -> Result<Vec<(SiteKey, String)>, StoreError> {
    let kv = env.kv(binding::KV)?;
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut list = kv.list().prefix(PREFIX.to_owned());
        if let Some(cursor) = cursor.take() {
            list = list.cursor(cursor);
        }
        let page = patience::store("KV list", list.execute()).await?;
        for key in page.keys {
            let Some(Ok(site)) = key.name.strip_prefix(PREFIX).map(SiteKey::parse) else {
                continue;
            };
            // A list can be ahead of the values. This is read once, so it is not to be missed.
            let config = patience::store("KV get", kv.get(&key.name).text()).await?;
            let config = config
                .ok_or_else(|| StoreError(format!("KV lists {} and does not have it", key.name)))?;
            found.push((site, config));
        }
        if page.list_complete || page.cursor.is_none() {
            return Ok(found);
        }
        cursor = page.cursor;
    }
}
