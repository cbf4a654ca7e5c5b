//! The rows of one month in SQLite.

use sentiero_core::api::SessionRow;
use sentiero_core::erasure::Filter;
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::store::StoreError;
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS session (\
     sid TEXT PRIMARY KEY, revision INTEGER NOT NULL, live INTEGER NOT NULL, duration INTEGER NOT NULL, \
     tabs INTEGER NOT NULL, pages INTEGER NOT NULL, events INTEGER NOT NULL, clicks INTEGER NOT NULL, \
     errors INTEGER NOT NULL, bytes INTEGER NOT NULL, entry TEXT NOT NULL, exit TEXT NOT NULL, \
     country TEXT, browser TEXT, os TEXT, device TEXT, masked INTEGER NOT NULL DEFAULT 0, users TEXT) WITHOUT ROWID";

/// For tables of before values that the edge had to mask were counted.
const ADD_MASKED: &str = "ALTER TABLE session ADD COLUMN masked INTEGER NOT NULL DEFAULT 0";

/// For tables of before users were known. JSON, as most sessions have none.
const ADD_USERS: &str = "ALTER TABLE session ADD COLUMN users TEXT";

/// Only of the few sessions that have any: an index of all would be billed with every row.
const CREATE_MASKED: &str =
    "CREATE INDEX IF NOT EXISTS session_masked ON session (masked) WHERE masked > 0";

/// The sessions that must not come back.
const CREATE_ERASED: &str =
    "CREATE TABLE IF NOT EXISTS erased (sid TEXT PRIMARY KEY) WITHOUT ROWID";

const UPSERT: &str = "INSERT INTO session \
     (sid, revision, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, country, browser, os, device, masked, users) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (sid) DO UPDATE SET revision = excluded.revision, live = excluded.live, \
     duration = excluded.duration, tabs = excluded.tabs, pages = excluded.pages, events = excluded.events, \
     clicks = excluded.clicks, errors = excluded.errors, bytes = excluded.bytes, entry = excluded.entry, \
     exit = excluded.exit, country = excluded.country, browser = excluded.browser, os = excluded.os, \
     device = excluded.device, masked = excluded.masked, users = excluded.users WHERE excluded.revision >= session.revision";

const PAGE: &str = "SELECT sid, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, \
     country, browser, os, device, masked, users FROM session WHERE sid < ? ORDER BY sid DESC LIMIT ?";

/// What [`Filter`] takes; the parameters are those of [`conditions`].
const TAKES: &str = "(?3 IS NULL OR country = ?3) AND (?4 IS NULL OR browser = ?4) \
     AND (?5 IS NULL OR os = ?5) AND (?6 IS NULL OR device = ?6) AND (?7 IS NULL OR entry = ?7) \
     AND (?8 IS NULL OR live = ?8) AND (?9 IS NULL OR (users IS NOT NULL \
     AND EXISTS (SELECT 1 FROM json_each(users) WHERE value = ?9)))";

/// Sorts after every session id, which begins with a hex digit.
const AFTER_ALL: &str = "~";

/// A row as SQLite gives it.
#[derive(Deserialize)]
struct Row {
    sid: SessionId,
    live: u8,
    duration: Millis,
    tabs: u32,
    pages: u32,
    events: u64,
    clicks: u32,
    errors: u32,
    bytes: u64,
    entry: String,
    exit: String,
    country: Option<String>,
    browser: Option<String>,
    os: Option<String>,
    device: Option<String>,
    masked: u64,
    users: Option<String>,
}

impl From<Row> for SessionRow {
    fn from(row: Row) -> Self {
        let Row {
            sid,
            live,
            duration,
            tabs,
            pages,
            events,
            clicks,
            errors,
            bytes,
            entry,
            exit,
            country,
            browser,
            os,
            device,
            masked,
            users,
        } = row;
        let started = sid.start();
        let live = live == 1;
        Self {
            sid,
            started,
            duration,
            live,
            tabs,
            pages,
            events,
            clicks,
            errors,
            bytes,
            masked,
            users: users
                .and_then(|json| serde_json::from_str(&json).ok())
                .unwrap_or_default(),
            entry,
            exit,
            country,
            browser,
            os,
            device,
        }
    }
}

/// The parameters of [`TAKES`], and before them those of a range of ids.
fn conditions(filter: &Filter) -> Vec<SqlStorageValue> {
    let Filter {
        from,
        before,
        user,
        country,
        browser,
        os,
        device,
        entry,
        live,
    } = filter.clone();
    // Ids begin with their start in 12 hex digits.
    let place = |at: Millis| format!("{at:012x}");
    vec![
        place(from.unwrap_or(0)).into(),
        before.map_or_else(|| AFTER_ALL.to_owned(), place).into(),
        country.into(),
        browser.into(),
        os.into(),
        device.into(),
        entry.into(),
        live.map(i64::from).into(),
        user.into(),
    ]
}

/// The oldest rows after `after` that `filter` takes, or that are live.
pub(super) fn find(
    sql: &SqlStorage,
    filter: &Filter,
    after: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    if !exists(sql)? {
        return Ok(Vec::new());
    }
    let query = format!(
        "SELECT sid, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, \
         country, browser, os, device, masked, users FROM session \
         WHERE sid >= ?1 AND sid < ?2 AND sid > ?10 AND (live = 1 OR ({TAKES})) \
         ORDER BY sid LIMIT ?11"
    );
    let mut values = conditions(filter);
    values.push(after.map_or("", SessionId::as_str).into());
    values.push(integer(u64::from(limit)));
    let rows: Vec<Row> = sql.exec(&query, values)?.to_array()?;
    Ok(rows.into_iter().map(SessionRow::from).collect())
}

/// The finished session that so many are newer than.
pub(super) fn nth(sql: &SqlStorage, newer: u64) -> Result<Option<SessionId>> {
    #[derive(Deserialize)]
    struct Found {
        sid: SessionId,
    }
    if !exists(sql)? {
        return Ok(None);
    }
    let query = "SELECT sid FROM session WHERE live = 0 ORDER BY sid DESC LIMIT 1 OFFSET ?";
    let found: Vec<Found> = sql.exec(query, vec![integer(newer)])?.to_array()?;
    Ok(found.into_iter().next().map(|row| row.sid))
}

/// How many rows `filter` takes.
pub(super) fn count(sql: &SqlStorage, filter: &Filter) -> Result<u64> {
    if !exists(sql)? {
        return Ok(0);
    }
    let query = format!(
        "SELECT count(*) AS n, 0 AS total FROM session WHERE sid >= ?1 AND sid < ?2 AND {TAKES}"
    );
    let found: Vec<Count> = sql.exec(&query, conditions(filter))?.to_array()?;
    Ok(found.first().map_or(0, |count| count.n))
}

pub(super) fn integer(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

#[derive(Deserialize)]
struct Definition {
    sql: String,
}

/// Whether there are rows; tables of an earlier version are brought up to date.
pub(super) fn exists(sql: &SqlStorage) -> Result<bool> {
    let query = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'session'";
    let found: Vec<Definition> = sql.exec(query, None)?.to_array()?;
    let Some(Definition { sql: definition }) = found.first() else {
        return Ok(false);
    };
    if !definition.contains("masked") {
        sql.exec(ADD_MASKED, None)?;
        sql.exec(CREATE_MASKED, None)?;
        sql.exec(CREATE_ERASED, None)?;
    }
    if !definition.contains("users") {
        sql.exec(ADD_USERS, None)?;
    }
    Ok(true)
}

pub(super) fn create(sql: &SqlStorage) -> Result<()> {
    if exists(sql)? {
        return Ok(());
    }
    sql.exec(CREATE, None)?;
    sql.exec(CREATE_MASKED, None)?;
    sql.exec(CREATE_ERASED, None)?;
    Ok(())
}

#[derive(Deserialize)]
struct Count {
    n: u64,
    total: u64,
}

fn is_erased(sql: &SqlStorage, sid: &SessionId) -> Result<bool> {
    let query = "SELECT count(*) AS n, 0 AS total FROM erased WHERE sid = ?";
    let found: Vec<Count> = sql.exec(query, vec![sid.as_str().into()])?.to_array()?;
    Ok(found.first().is_some_and(|count| count.n > 0))
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
    delete(sql, sid)?;
    sql.exec(
        "INSERT INTO erased (sid) VALUES (?) ON CONFLICT (sid) DO NOTHING",
        vec![sid.as_str().into()],
    )?;
    Ok(())
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

/// How many sessions of `since` or later hold values that the edge had to mask, and how many.
pub(super) fn masked(sql: &SqlStorage, since: Millis) -> Result<(u64, u64)> {
    if !exists(sql)? {
        return Ok((0, 0));
    }
    let query = "SELECT count(*) AS n, coalesce(sum(masked), 0) AS total FROM session \
         WHERE masked > 0 AND sid >= ?";
    // Ids begin with their start in 12 hex digits.
    let first = format!("{since:012x}");
    let found: Vec<Count> = sql.exec(query, vec![first.into()])?.to_array()?;
    Ok(found.first().map_or((0, 0), |count| (count.n, count.total)))
}

/// Writes a session's row, unless a newer one is there or it was erased.
pub(super) fn upsert(sql: &SqlStorage, row: SessionRow, revision: Millis) -> Result<()> {
    create(sql)?;
    if is_erased(sql, &row.sid)? {
        return Ok(());
    }
    let users = (!row.users.is_empty())
        .then(|| serde_json::to_string(&row.users))
        .transpose()?;
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
            users.into(),
        ],
    )?;
    Ok(())
}

/// The newest rows before `before`. A month without sessions stays without storage.
pub(super) fn page(
    sql: &SqlStorage,
    before: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    if !exists(sql)? {
        return Ok(Vec::new());
    }
    let before = before.map_or(AFTER_ALL, SessionId::as_str);
    let rows: Vec<Row> = sql
        .exec(PAGE, vec![before.into(), integer(u64::from(limit))])?
        .to_array()?;
    Ok(rows.into_iter().map(SessionRow::from).collect())
}
