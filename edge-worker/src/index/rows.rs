//! The rows of one month in SQLite.

use super::select::{pair, unpair};
use crate::store::row::{self, Row, integer};
use sentiero_core::analytics::pack::{self, Packed};
use sentiero_core::api::SessionRow;
use sentiero_core::digest::Strip;
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::json;
use sentiero_core::order;
use sentiero_core::retention::{Bounds, Fit, Stock, place_of};
use sentiero_core::store::StoreError;
use std::collections::BTreeMap;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS session (\
     sid TEXT PRIMARY KEY, revision INTEGER NOT NULL, live INTEGER NOT NULL, duration INTEGER NOT NULL, \
     tabs INTEGER NOT NULL, pages INTEGER NOT NULL, events INTEGER NOT NULL, clicks INTEGER NOT NULL, \
     errors INTEGER NOT NULL, bytes INTEGER NOT NULL, entry TEXT NOT NULL, exit TEXT NOT NULL, \
     country TEXT, browser TEXT, os TEXT, device TEXT, masked INTEGER NOT NULL DEFAULT 0, users TEXT, \
     active INTEGER NOT NULL DEFAULT 0, rage INTEGER NOT NULL DEFAULT 0, dead INTEGER NOT NULL DEFAULT 0, \
     more INTEGER NOT NULL DEFAULT 0, referrer TEXT, strip TEXT, visited TEXT, named TEXT, meta TEXT, \
     region TEXT, timezone TEXT, packed BLOB) WITHOUT ROWID";

/// For tables of before values that the edge had to mask were counted.
const ADD_MASKED: &str = "ALTER TABLE session ADD COLUMN masked INTEGER NOT NULL DEFAULT 0";

/// For tables of before users were known. JSON, as most sessions have none.
const ADD_USERS: &str = "ALTER TABLE session ADD COLUMN users TEXT";

/// For tables of before the list told a visit's story. `visited` is one address a line,
/// `named` a JSON list, `meta` one of pairs.
const ADD_STORY: [&str; 9] = [
    "ALTER TABLE session ADD COLUMN active INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN rage INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN dead INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN more INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN referrer TEXT",
    "ALTER TABLE session ADD COLUMN strip TEXT",
    "ALTER TABLE session ADD COLUMN visited TEXT",
    "ALTER TABLE session ADD COLUMN named TEXT",
    "ALTER TABLE session ADD COLUMN meta TEXT",
];

/// For tables of before more than the country was known.
const ADD_PLACE: [&str; 2] = [
    "ALTER TABLE session ADD COLUMN region TEXT",
    "ALTER TABLE session ADD COLUMN timezone TEXT",
];

/// For tables of before there were reports: what they read of a session, behind all that
/// lists read.
const ADD_PACKED: &str = "ALTER TABLE session ADD COLUMN packed BLOB";

/// Only of the few sessions that have any: an index of all would be billed with every row.
const CREATE_MASKED: &str =
    "CREATE INDEX IF NOT EXISTS session_masked ON session (masked) WHERE masked > 0";

/// The sessions that must not come back.
const CREATE_ERASED: &str =
    "CREATE TABLE IF NOT EXISTS erased (sid TEXT PRIMARY KEY) WITHOUT ROWID";

const UPSERT: &str = "INSERT INTO session \
     (sid, revision, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, country, browser, os, device, masked, users, \
     active, rage, dead, more, referrer, strip, visited, named, meta, region, timezone, packed) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (sid) DO UPDATE SET revision = excluded.revision, live = excluded.live, \
     duration = excluded.duration, tabs = excluded.tabs, pages = excluded.pages, events = excluded.events, \
     clicks = excluded.clicks, errors = excluded.errors, bytes = excluded.bytes, entry = excluded.entry, \
     exit = excluded.exit, country = excluded.country, browser = excluded.browser, os = excluded.os, \
     device = excluded.device, masked = excluded.masked, users = excluded.users, \
     active = excluded.active, rage = excluded.rage, dead = excluded.dead, more = excluded.more, \
     referrer = excluded.referrer, strip = excluded.strip, visited = excluded.visited, named = excluded.named, \
     meta = excluded.meta, region = excluded.region, timezone = excluded.timezone, packed = excluded.packed WHERE excluded.revision >= session.revision";

/// What [`read`] reads, in its order.
pub(super) const COLUMNS: &str = "sid, live, duration, tabs, pages, events, clicks, errors, bytes, \
     entry, exit, country, browser, os, device, masked, users, active, rage, dead, more, referrer, \
     strip, visited, named, meta, region, timezone";

/// Whether another [`version`] wrote what reports read: [`Packed::is_outdated`] in SQL.
pub(super) const OUTDATED: &str = "length(packed) > 0 AND substr(packed, 1, 1) <> ?";

/// What `packed` begins with.
pub(super) fn version() -> SqlStorageValue {
    SqlStorageValue::Blob(vec![pack::VERSION])
}

/// A session's row of its [`COLUMNS`].
pub(super) fn read(row: &mut Row) -> Result<SessionRow> {
    let sid = SessionId::parse(&row.text()?)?;
    Ok(SessionRow {
        started: sid.start(),
        sid,
        live: row.number()? == 1,
        duration: row.number()?,
        tabs: row.count()?,
        pages: row.count()?,
        events: row.number()?,
        clicks: row.count()?,
        errors: row.count()?,
        bytes: row.number()?,
        entry: row.text()?,
        exit: row.text()?,
        country: row.optional_text()?,
        browser: row.optional_text()?,
        os: row.optional_text()?,
        device: row.optional_text()?,
        masked: row.number()?,
        users: list(row.optional_text()?),
        active: row.number()?,
        rage: row.count()?,
        dead: row.count()?,
        more: row.count()?,
        referrer: row.optional_text()?,
        strip: Strip::parse(&row.optional_text()?.unwrap_or_default()),
        visited: lines(row.optional_text()?),
        named: list(row.optional_text()?),
        meta: pairs(&list(row.optional_text()?)),
        region: row.optional_text()?,
        timezone: row.optional_text()?,
    })
}

/// A list that was written as JSON.
fn list(json: Option<String>) -> Vec<String> {
    json.and_then(|json| json::parse(json.as_bytes()).ok())
        .unwrap_or_default()
}

/// A list that was written one a line.
pub(super) fn lines(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The pairs of metadata that were written as such.
pub(super) fn pairs(texts: &[String]) -> BTreeMap<String, String> {
    order::map(texts.iter().filter_map(|text| unpair(text)))
}

/// A list as JSON; null where it is empty.
fn json(list: &[String]) -> Result<SqlStorageValue> {
    if list.is_empty() {
        return Ok(SqlStorageValue::Null);
    }
    Ok(serde_json::to_string(list)?.into())
}

/// What there is of finished sessions.
pub(super) fn stock(sql: &SqlStorage) -> Result<Stock> {
    if !exists(sql)? {
        return Ok(Stock::default());
    }
    let query = "SELECT count(*), coalesce(sum(bytes), 0) FROM session WHERE live = 0";
    let (sessions, bytes) = two(sql, query, Vec::new())?;
    Ok(Stock { sessions, bytes })
}

/// What a bound is compared with where there is none: as far as numbers are exact.
const UNBOUNDED: u64 = (1 << 53) - 1;

/// What of the finished sessions stays: [`Fit::of`] in SQL, as there may be a million.
pub(super) fn fit(sql: &SqlStorage, bounds: Bounds) -> Result<Fit> {
    let all = stock(sql)?;
    if all.sessions == 0 {
        return Ok(Fit::default());
    }
    // Sums only grow from the newest to the oldest, so what fits has no holes.
    let query = "SELECT min(sid), count(*) FROM (SELECT sid, \
         row_number() OVER newer AS place, sum(bytes) OVER newer AS held \
         FROM session WHERE live = 0 \
         WINDOW newer AS (ORDER BY sid DESC ROWS UNBOUNDED PRECEDING)) \
         WHERE place <= ? AND held <= ?";
    let values = [bounds.sessions, bounds.bytes];
    let values = values.map(|bound| integer(bound.unwrap_or(UNBOUNDED)));
    let Some(mut row) = row::first(sql, query, values.to_vec())? else {
        return Ok(Fit::default());
    };
    let oldest = row.optional_text()?;
    let stay = row.number()?;
    Ok(Fit {
        stays: oldest.map(|sid| SessionId::parse(&sid)).transpose()?,
        excess: all.sessions.saturating_sub(stay),
    })
}

/// Whether there are rows; tables of an earlier version are brought up to date.
/// What shows that a step was done is done last in it: an error between two statements takes
/// back nothing.
pub(super) fn exists(sql: &SqlStorage) -> Result<bool> {
    let query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'session'";
    let Some(mut row) = row::first(sql, query, Vec::new())? else {
        return Ok(false);
    };
    let definition = row.text()?;
    if !definition.contains("masked") {
        sql.exec(CREATE_ERASED, None)?;
        sql.exec(ADD_MASKED, None)?;
        sql.exec(CREATE_MASKED, None)?;
    }
    if !definition.contains("users") {
        sql.exec(ADD_USERS, None)?;
    }
    if !definition.contains("meta TEXT") {
        for statement in ADD_STORY {
            sql.exec(statement, None)?;
        }
    }
    if !definition.contains("timezone") {
        for statement in ADD_PLACE {
            sql.exec(statement, None)?;
        }
    }
    if !definition.contains("packed") {
        sql.exec(ADD_PACKED, None)?;
    }
    Ok(true)
}

pub(super) fn create(sql: &SqlStorage) -> Result<()> {
    if exists(sql)? {
        return Ok(());
    }
    sql.exec(CREATE_ERASED, None)?;
    sql.exec(CREATE, None)?;
    sql.exec(CREATE_MASKED, None)?;
    Ok(())
}

fn is_erased(sql: &SqlStorage, sid: &SessionId) -> Result<bool> {
    let query = "SELECT sid FROM erased WHERE sid = ?";
    Ok(row::first(sql, query, vec![sid.as_str().into()])?.is_some())
}

/// Whether a session was erased and is not forgotten.
pub(super) fn was_erased(sql: &SqlStorage, sid: &SessionId) -> Result<bool> {
    Ok(exists(sql)? && is_erased(sql, sid)?)
}

/// Deletes a session's row and remembers that it must not come back; a month
/// without sessions stays without storage unless a row is `expected`.
pub(super) fn erase(sql: &SqlStorage, sid: &SessionId, expected: bool) -> Result<()> {
    if !exists(sql)? {
        if !expected {
            return Ok(());
        }
        create(sql)?;
    }
    // First, so that no row comes back even if the deletion fails and is repeated later.
    sql.exec(
        "INSERT INTO erased (sid) VALUES (?) ON CONFLICT (sid) DO NOTHING",
        vec![sid.as_str().into()],
    )?;
    delete(sql, sid)
}

/// Deletes a session's row, and that it was erased.
pub(super) fn forget(sql: &SqlStorage, sid: &SessionId) -> Result<()> {
    if !exists(sql)? {
        return Ok(());
    }
    delete(sql, sid)?;
    sql.exec(
        "DELETE FROM erased WHERE sid = ?",
        vec![sid.as_str().into()],
    )?;
    Ok(())
}

pub(super) fn delete(sql: &SqlStorage, sid: &SessionId) -> Result<()> {
    sql.exec(
        "DELETE FROM session WHERE sid = ?",
        vec![sid.as_str().into()],
    )?;
    Ok(())
}

/// The two numbers that a query gives.
pub(super) fn two(
    sql: &SqlStorage,
    query: &str,
    values: Vec<SqlStorageValue>,
) -> Result<(u64, u64)> {
    match row::first(sql, query, values)? {
        Some(mut row) => Ok((row.number()?, row.number()?)),
        None => Ok((0, 0)),
    }
}

/// How many sessions of `since` or later hold values that the edge had to mask, and how many.
pub(super) fn masked(sql: &SqlStorage, since: Millis) -> Result<(u64, u64)> {
    if !exists(sql)? {
        return Ok((0, 0));
    }
    let query =
        "SELECT count(*), coalesce(sum(masked), 0) FROM session WHERE masked > 0 AND sid >= ?";
    two(sql, query, vec![place_of(since).into()])
}

/// Writes a session's row, unless a newer one is there or it was erased.
pub(super) fn upsert(
    sql: &SqlStorage,
    row: SessionRow,
    packed: &Packed,
    revision: Millis,
) -> Result<()> {
    create(sql)?;
    if is_erased(sql, &row.sid)? {
        return Ok(());
    }
    let meta: Vec<String> = row.meta.iter().map(|(k, v)| pair(k, v)).collect();
    sql.exec(
        UPSERT,
        vec![
            row.sid.as_str().into(),
            integer(revision),
            integer(u64::from(row.live)),
            integer(row.duration),
            integer(u64::from(row.tabs)),
            integer(u64::from(row.pages)),
            integer(row.events),
            integer(u64::from(row.clicks)),
            integer(u64::from(row.errors)),
            integer(row.bytes),
            row.entry.into(),
            row.exit.into(),
            row.country.into(),
            row.browser.into(),
            row.os.into(),
            row.device.into(),
            integer(row.masked),
            json(&row.users)?,
            integer(row.active),
            integer(u64::from(row.rage)),
            integer(u64::from(row.dead)),
            integer(u64::from(row.more)),
            row.referrer.into(),
            row.strip.text().into(),
            row.visited.join("\n").into(),
            json(&row.named)?,
            json(&meta)?,
            row.region.into(),
            row.timezone.into(),
            SqlStorageValue::Blob(packed.bytes().to_vec()),
        ],
    )?;
    Ok(())
}
