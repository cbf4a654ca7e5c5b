//! The links to a site's sessions in SQLite, in an object of the site's own. Each function is
//! one synchronous block, as those of [`super::rows`].

use crate::store::row::{self, has_table};
use sentiero_core::id::{Millis, TokenId};
use sentiero_core::json;
use sentiero_core::sharing::{Kept, Link, newest_first, room};
use sentiero_core::store::StoreError;
use worker::SqlStorage;

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS link (hash TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";
const PUT: &str = "INSERT INTO link (hash, v) VALUES (?, ?) \
     ON CONFLICT (hash) DO UPDATE SET v = excluded.v";

fn kept(sql: &SqlStorage) -> Result<Vec<(String, Kept)>> {
    row::rows(sql, "SELECT hash, v FROM link", Vec::new(), |row| {
        Ok((row.text()?, json::parse(row.text()?.as_bytes())?))
    })
}

fn forget(sql: &SqlStorage, hash: &str) -> Result<()> {
    sql.exec("DELETE FROM link WHERE hash = ?", vec![hash.into()])?;
    Ok(())
}

/// Those that hold at `now`; forgets the others.
fn current(sql: &SqlStorage, now: Millis) -> Result<Vec<(String, Kept)>> {
    let (expired, current): (Vec<_>, Vec<_>) = kept(sql)?
        .into_iter()
        .partition(|(_, kept)| kept.link.is_expired(now));
    for (hash, _) in &expired {
        forget(sql, hash)?;
    }
    Ok(current)
}

/// Every link that holds at `now`.
pub(super) fn links(sql: &SqlStorage, now: Millis) -> Result<Vec<Link>> {
    if !has_table(sql, "link")? {
        return Ok(Vec::new());
    }
    let current = current(sql, now)?.into_iter();
    let mut links: Vec<Link> = current.map(|(_, kept)| kept.link).collect();
    newest_first(&mut links);
    Ok(links)
}

/// Keeps a link, if there is room for it.
pub(super) fn add(sql: &SqlStorage, hash: &str, new: &Kept, now: Millis) -> Result<bool> {
    sql.exec(CREATE, None)?;
    let current = current(sql, now)?;
    let known = current.iter();
    if !room(
        known.map(|(hash, kept)| (hash.as_str(), &kept.link)),
        hash,
        now,
    ) {
        return Ok(false);
    }
    let json = serde_json::to_string(new)?;
    sql.exec(PUT, vec![hash.into(), json.into()])?;
    Ok(true)
}

/// The link of `hash`, unless it is refused at `now`.
pub(super) fn link(sql: &SqlStorage, hash: &str, now: Millis) -> Result<Option<Kept>> {
    if !has_table(sql, "link")? {
        return Ok(None);
    }
    let query = "SELECT v FROM link WHERE hash = ?";
    let found: Option<Kept> = row::json(sql, query, vec![hash.into()])?;
    Ok(found.filter(|kept| !kept.link.is_expired(now)))
}

/// Forgets the link called `id`; false if there was none.
pub(super) fn withdraw(sql: &SqlStorage, id: &TokenId) -> Result<bool> {
    if !has_table(sql, "link")? {
        return Ok(false);
    }
    let kept = kept(sql)?;
    let Some((hash, _)) = kept.iter().find(|(_, kept)| kept.link.id == *id) else {
        return Ok(false);
    };
    forget(sql, hash)?;
    Ok(true)
}

/// Forgets all of the site.
pub(super) fn clear(sql: &SqlStorage) -> Result<()> {
    sql.exec("DROP TABLE IF EXISTS link", None)?;
    Ok(())
}
