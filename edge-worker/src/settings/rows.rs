//! Sites and tokens in SQLite. Each function is one synchronous block, so it happens wholly
//! or not at all, and nothing else happens meanwhile.

use crate::store::row::{self, Row, has_table, integer};
use sentiero_core::access::{ApiToken, Kept, Room, Shown, newest_first};
use sentiero_core::id::{Millis, SiteKey, TokenId};
use sentiero_core::json;
use sentiero_core::registry::{
    Change, ChangeError, Effect, Entry, News, TagKey, There, decide, keys_of,
};
use sentiero_core::store::StoreError;
use std::collections::BTreeMap;
use worker::SqlStorage;

type Result<T> = core::result::Result<T, StoreError>;

/// `site` without a configuration is no site: its revision is the number of the last change.
const CREATE_SITE: &str = "CREATE TABLE IF NOT EXISTS site (\
     key TEXT PRIMARY KEY, revision INTEGER NOT NULL, config TEXT NOT NULL) WITHOUT ROWID";
/// Keys of sites' tags that were made or changed; of a site that has none here, its id is one.
const CREATE_TAG: &str = "CREATE TABLE IF NOT EXISTS tag (\
     key TEXT PRIMARY KEY, site TEXT NOT NULL, made INTEGER NOT NULL, enabled INTEGER NOT NULL) WITHOUT ROWID";
const CREATE_TOKEN: &str =
    "CREATE TABLE IF NOT EXISTS token (hash TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// The row of `site` with the number of the last change. No site can be called so.
const LAST: &str = "";

const PUT_SITE: &str = "INSERT INTO site (key, revision, config) VALUES (?, ?, ?) \
     ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, config = excluded.config";
const PUT_TAG: &str = "INSERT INTO tag (key, site, made, enabled) VALUES (?, ?, ?, ?) \
     ON CONFLICT (key) DO UPDATE SET enabled = excluded.enabled";
const PUT_TOKEN: &str = "INSERT INTO token (hash, v) VALUES (?, ?) \
     ON CONFLICT (hash) DO UPDATE SET v = excluded.v";

fn revision(sql: &SqlStorage, key: &str) -> Result<Option<u64>> {
    let query = "SELECT revision FROM site WHERE key = ?";
    let found = row::first(sql, query, vec![key.into()])?;
    found.map(|mut row| row.number()).transpose()
}

fn put_site(sql: &SqlStorage, key: &str, revision: u64, config: &str) -> Result<()> {
    let bindings = vec![key.into(), integer(revision), config.into()];
    sql.exec(PUT_SITE, bindings)?;
    Ok(())
}

/// Begins with `sites`, unless somebody has begun meanwhile.
pub(super) fn begin(sql: &SqlStorage, sites: &[(SiteKey, String)]) -> Result<()> {
    sql.exec(CREATE_SITE, None)?;
    if revision(sql, LAST)?.is_some() {
        return Ok(());
    }
    for (key, config) in sites {
        put_site(sql, key.as_str(), 1, config)?;
    }
    put_site(sql, LAST, 1, "")
}

/// What is newer than `copy`.
pub(super) fn news(sql: &SqlStorage, copy: Option<u64>) -> Result<News> {
    let revision = revision(sql, LAST)?.unwrap_or_default();
    if copy == Some(revision) {
        return Ok(News {
            revision,
            sites: None,
        });
    }
    let mut kept = all_keys(sql)?;
    let query = "SELECT key, revision, config FROM site WHERE key <> ? ORDER BY key";
    let mut sites = row::rows(sql, query, vec![LAST.into()], |row| {
        Ok(Entry {
            key: SiteKey::parse(&row.text()?)?,
            revision: row.number()?,
            config: row.text()?,
            keys: Vec::new(),
        })
    })?;
    for site in &mut sites {
        site.keys = keys_of(&site.key, kept.remove(&site.key).unwrap_or_default());
    }
    Ok(News {
        revision,
        sites: Some(sites),
    })
}

/// The keys that were made or changed, by their sites.
fn all_keys(sql: &SqlStorage) -> Result<BTreeMap<SiteKey, Vec<TagKey>>> {
    let mut keys: BTreeMap<SiteKey, Vec<TagKey>> = BTreeMap::new();
    if !has_table(sql, "tag")? {
        return Ok(keys);
    }
    let query = "SELECT site, key, made, enabled FROM tag";
    let rows = row::rows(sql, query, Vec::new(), |row| {
        Ok((SiteKey::parse(&row.text()?)?, tag_key(row)?))
    })?;
    for (site, key) in rows {
        keys.entry(site).or_default().push(key);
    }
    Ok(keys)
}

fn tag_key(row: &mut Row) -> Result<TagKey> {
    Ok(TagKey {
        key: SiteKey::parse(&row.text()?)?,
        made: row.number()?,
        enabled: row.number()? == 1,
    })
}

fn keys(sql: &SqlStorage, site: &SiteKey) -> Result<Vec<TagKey>> {
    let query = "SELECT key, made, enabled FROM tag WHERE site = ?";
    let kept = row::rows(sql, query, vec![site.as_str().into()], tag_key)?;
    Ok(keys_of(site, kept))
}

/// Whether `key` is an id or a key of any site.
fn is_taken(sql: &SqlStorage, key: &SiteKey) -> Result<bool> {
    let query = "SELECT key FROM site WHERE key = ?1 UNION ALL SELECT key FROM tag WHERE key = ?1";
    Ok(row::first(sql, query, vec![key.as_str().into()])?.is_some())
}

/// Changes a site, if that may be.
pub(super) fn change(
    sql: &SqlStorage,
    change: &Change,
) -> Result<core::result::Result<u64, ChangeError>> {
    sql.exec(CREATE_TAG, None)?;
    let site = change.site();
    let query = "SELECT count(*) AS n FROM site WHERE key <> ?";
    let count = row::first(sql, query, vec![LAST.into()])?;
    let made = change.made().map(|key| is_taken(sql, key)).transpose()?;
    let there = There {
        last: revision(sql, LAST)?.unwrap_or_default(),
        current: revision(sql, site.as_str())?,
        sites: count.map_or(Ok(0), |mut row| row.number())?,
        keys: &keys(sql, site)?,
        taken: made.unwrap_or_default(),
    };
    let (number, effect) = match decide(change, &there) {
        Ok(decided) => decided,
        Err(error) => return Ok(Err(error)),
    };
    perform(sql, site, number, effect)?;
    put_site(sql, LAST, number, "")?;
    Ok(Ok(number))
}

fn perform(sql: &SqlStorage, site: &SiteKey, number: u64, effect: Effect<'_>) -> Result<()> {
    let id = || site.as_str().into();
    match effect {
        Effect::Site(config) => return put_site(sql, site.as_str(), number, config),
        Effect::NoSite => {
            sql.exec("DELETE FROM tag WHERE site = ?", vec![id()])?;
            sql.exec("DELETE FROM site WHERE key = ?", vec![id()])?;
            return Ok(());
        }
        Effect::Key(TagKey { key, enabled, made }) => {
            let (key, enabled) = (key.as_str().into(), integer(u64::from(enabled)));
            sql.exec(PUT_TAG, vec![key, id(), integer(made), enabled])?;
        }
        Effect::NoKey(key) => {
            sql.exec("DELETE FROM tag WHERE key = ?", vec![key.as_str().into()])?;
        }
    }
    let query = "UPDATE site SET revision = ? WHERE key = ?";
    sql.exec(query, vec![integer(number), id()])?;
    Ok(())
}

fn kept(sql: &SqlStorage) -> Result<Vec<Kept>> {
    row::rows(sql, "SELECT hash, v FROM token", Vec::new(), |row| {
        Ok((row.text()?, json::parse(row.text()?.as_bytes())?))
    })
}

/// Every token.
pub(super) fn tokens(sql: &SqlStorage) -> Result<Vec<ApiToken>> {
    if !has_table(sql, "token")? {
        return Ok(Vec::new());
    }
    let mut tokens: Vec<ApiToken> = kept(sql)?.into_iter().map(|(_, token)| token).collect();
    newest_first(&mut tokens);
    Ok(tokens)
}

/// Keeps a token, if there is room for it.
pub(super) fn issue(sql: &SqlStorage, hash: &str, token: &ApiToken, now: Millis) -> Result<bool> {
    sql.exec(CREATE_TOKEN, None)?;
    match Room::of(&kept(sql)?, hash, now) {
        Room::Known => Ok(true),
        Room::Full => Ok(false),
        Room::After(forgotten) => {
            for hash in &forgotten {
                drop_token(sql, hash)?;
            }
            put_token(sql, hash, token)?;
            Ok(true)
        }
    }
}

fn put_token(sql: &SqlStorage, hash: &str, token: &ApiToken) -> Result<()> {
    let json = serde_json::to_string(token)?;
    sql.exec(PUT_TOKEN, vec![hash.into(), json.into()])?;
    Ok(())
}

fn drop_token(sql: &SqlStorage, hash: &str) -> Result<()> {
    sql.exec("DELETE FROM token WHERE hash = ?", vec![hash.into()])?;
    Ok(())
}

/// The token of `hash` that is shown at `now`.
pub(super) fn shown(sql: &SqlStorage, hash: &str, now: Millis) -> Result<Option<ApiToken>> {
    if !has_table(sql, "token")? {
        return Ok(None);
    }
    let query = "SELECT v FROM token WHERE hash = ?";
    let Some(shown) = Shown::of(row::json(sql, query, vec![hash.into()])?, now) else {
        return Ok(None);
    };
    if shown.is_news {
        put_token(sql, hash, &shown.token)?;
    }
    Ok(Some(shown.token))
}

/// Forgets the token called `id`; false if there was none.
pub(super) fn revoke(sql: &SqlStorage, id: &TokenId) -> Result<bool> {
    if !has_table(sql, "token")? {
        return Ok(false);
    }
    let kept = kept(sql)?;
    let Some((hash, _)) = kept.iter().find(|(_, token)| token.id == *id) else {
        return Ok(false);
    };
    drop_token(sql, hash)?;
    Ok(true)
}
