//! The rows of one month in SQLite.

use crate::error::StoreError;
use crate::store::sql::has_table;
use sentiero_core::api::SessionRow;
use sentiero_core::id::{Millis, SessionId};
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS session (\
     sid TEXT PRIMARY KEY, revision INTEGER NOT NULL, live INTEGER NOT NULL, duration INTEGER NOT NULL, \
     tabs INTEGER NOT NULL, pages INTEGER NOT NULL, events INTEGER NOT NULL, clicks INTEGER NOT NULL, \
     errors INTEGER NOT NULL, bytes INTEGER NOT NULL, entry TEXT NOT NULL, exit TEXT NOT NULL, \
     country TEXT, browser TEXT, os TEXT, device TEXT) WITHOUT ROWID";

const UPSERT: &str = "INSERT INTO session \
     (sid, revision, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, country, browser, os, device) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
     ON CONFLICT (sid) DO UPDATE SET revision = excluded.revision, live = excluded.live, \
     duration = excluded.duration, tabs = excluded.tabs, pages = excluded.pages, events = excluded.events, \
     clicks = excluded.clicks, errors = excluded.errors, bytes = excluded.bytes, entry = excluded.entry, \
     exit = excluded.exit, country = excluded.country, browser = excluded.browser, os = excluded.os, \
     device = excluded.device WHERE excluded.revision >= session.revision";

const PAGE: &str = "SELECT sid, live, duration, tabs, pages, events, clicks, errors, bytes, entry, exit, \
     country, browser, os, device FROM session WHERE sid < ? ORDER BY sid DESC LIMIT ?";

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
            entry,
            exit,
            country,
            browser,
            os,
            device,
        }
    }
}

fn integer(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Writes a session's row, unless a newer one is there.
pub(super) fn upsert(sql: &SqlStorage, row: SessionRow, revision: Millis) -> Result<()> {
    sql.exec(CREATE, None)?;
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
    if !has_table(sql, "session")? {
        return Ok(Vec::new());
    }
    let before = before.map_or(AFTER_ALL, SessionId::as_str);
    let rows: Vec<Row> = sql
        .exec(PAGE, vec![before.into(), integer(u64::from(limit))])?
        .to_array()?;
    Ok(rows.into_iter().map(SessionRow::from).collect())
}
