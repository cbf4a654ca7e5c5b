//! A session object's own storage: SQLite.
//!
//! One table while a session is recorded, no index but the primary key: each row written is
//! billed, and so are each index entry and each table. A row of `batch` is a batch that is not
//! in R2 yet, or lies behind all batches in the order of the key: the session, and each chunk.
//! The first batch brings its session in `opens`, so both are one row; once the session is saved
//! again it has a row of its own, which counts. When the session is erased, the table gives way
//! to `erased` with one row of JSON.
//!
//! An earlier version kept session and chunks in a table `state`. Whoever looks whether there
//! is a session moves them first.

use super::Result;
use super::row::{self, has_table};
use futures_util::future::poll_immediate;
use sentiero_core::id::{Millis, TabId};
use sentiero_core::json;
use sentiero_core::recording::{Buffered, StoredChunk};
use sentiero_core::store::{Buffer, Saved, StoreError, Tombstone};
use std::pin::pin;
use worker::durable::ScheduledTime;
use worker::js_sys::Date;
use worker::wasm_bindgen::JsValue;
use worker::{SqlStorage, SqlStorageValue, Storage};

const CREATE_BATCH: &str = "CREATE TABLE IF NOT EXISTS batch (\
     tab TEXT NOT NULL, first INTEGER NOT NULL, info TEXT NOT NULL, opens TEXT, body BLOB NOT NULL, \
     PRIMARY KEY (tab, first)) WITHOUT ROWID";

const CREATE_ERASED: &str =
    "CREATE TABLE IF NOT EXISTS erased (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// How `batch` was created, if it is there, and whether an earlier version's `state` is.
const TABLES: &str = "SELECT (SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'batch'), \
     (SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'state')";

const ADD_OPENS: &str = "ALTER TABLE batch ADD COLUMN opens TEXT";

/// Moves what an earlier version kept in a table of its own.
const MOVE_STATE: [&str; 2] = [
    "INSERT INTO batch (tab, first, info, body) SELECT '~' || k, 0, v, x'' FROM state WHERE true \
     ON CONFLICT (tab, first) DO NOTHING",
    "DROP TABLE state",
];

/// What is no batch is under a `tab` that begins so, behind every tab's id: [`SESSION`] is the
/// row of [`Saved`], those of chunks begin with [`CHUNK`].
const SESSION: &str = "~session";
const CHUNK: &str = "~chunk:";

/// The key of a tombstone.
const ERASED: &str = "session";

const PUT: &str = "INSERT INTO batch (tab, first, info, body) VALUES (?, 0, ?, x'') \
     ON CONFLICT (tab, first) DO UPDATE SET info = excluded.info";

const INSERT: &str = "INSERT INTO batch (tab, first, info, opens, body) VALUES (?, ?, ?, ?, ?) \
     ON CONFLICT (tab, first) DO NOTHING";

const LOAD: &str = "SELECT coalesce((SELECT info FROM batch WHERE tab = ?), \
     (SELECT opens FROM batch WHERE opens IS NOT NULL))";

/// A batch that goes leaves the session that it brought, unless that has been saved since.
const KEEP_OPENED: &str = "INSERT INTO batch (tab, first, info, body) \
     SELECT ?, 0, opens, x'' FROM batch WHERE tab = ? AND first = ? AND opens IS NOT NULL \
     ON CONFLICT (tab, first) DO NOTHING";

/// SQLite of one session object.
pub(crate) struct SqlBuffer {
    storage: Storage,
    sql: SqlStorage,
}

/// When an object's alarm goes off, if one is set.
pub(crate) async fn alarm(storage: &Storage) -> Result<Option<Millis>> {
    let at = storage.get_alarm().await?;
    Ok(at.map(|at| Millis::try_from(at).unwrap_or(0)))
}

/// Sets an object's alarm.
pub(crate) async fn set_alarm(storage: &Storage, at: Millis) -> Result<()> {
    // Exact: milliseconds stay far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let date = Date::new(&JsValue::from_f64(at as f64));
    Ok(storage.set_alarm(ScheduledTime::new(date)).await?)
}

impl SqlBuffer {
    pub(crate) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }

    /// Creates the table. Done before the first write only: an object that is
    /// merely asked must stay without storage, or it would be billed for ever.
    fn create(&self) -> Result<()> {
        self.sql.exec(CREATE_BATCH, None)?;
        Ok(())
    }

    /// Whether there may be a session; that of an earlier version is brought up to date.
    fn exists(&self) -> Result<bool> {
        let Some(mut row) = row::first(&self.sql, TABLES, Vec::new())? else {
            return Ok(false);
        };
        let (Some(definition), states) = (row.optional_text()?, row.number()?) else {
            return Ok(false);
        };
        if !definition.contains("opens") {
            self.sql.exec(ADD_OPENS, None)?;
        }
        if states > 0 {
            for statement in MOVE_STATE {
                self.sql.exec(statement, None)?;
            }
        }
        Ok(true)
    }

    /// Writes a row that is no batch's.
    fn put(&self, key: &str, json: String) -> Result<()> {
        self.create()?;
        self.sql.exec(PUT, vec![key.into(), json.into()])?;
        Ok(())
    }

    /// Adds a batch, and with it the session that it opens, if it does.
    fn add(&self, batch: &Buffered, body: Vec<u8>, opens: Option<String>) -> Result<()> {
        let row = vec![
            batch.meta.tab.as_str().into(),
            i64::from(batch.meta.first).into(),
            serde_json::to_string(batch)?.into(),
            opens.into(),
            body.into(),
        ];
        self.sql.exec(INSERT, row)?;
        Ok(())
    }
}

/// The key of a batch.
fn key(tab: &TabId, first: u32) -> [SqlStorageValue; 2] {
    [tab.as_str().into(), i64::from(first).into()]
}

impl Buffer for SqlBuffer {
    fn load(&self) -> Result<Option<Saved>> {
        if !self.exists()? {
            return Ok(None);
        }
        let Some(mut row) = row::first(&self.sql, LOAD, vec![SESSION.into()])? else {
            return Ok(None);
        };
        let json = row.optional_text()?;
        Ok(json.map(|json| json::parse(json.as_bytes())).transpose()?)
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        self.put(SESSION, serde_json::to_string(saved)?)
    }

    fn open(&self, saved: &Saved, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.create()?;
        self.add(batch, body, Some(serde_json::to_string(saved)?))
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        let query = "SELECT info FROM batch WHERE tab < '~' ORDER BY tab, first";
        row::jsons(&self.sql, query, Vec::new())
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        let query = "SELECT body FROM batch WHERE tab = ? AND first = ?";
        let missing = || StoreError("the body of a batch is missing".to_owned());
        let row = row::first(&self.sql, query, key(tab, first).into())?;
        row.ok_or_else(missing)?.bytes()
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.add(batch, body, None)
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        let query = "SELECT info FROM batch WHERE tab > ? AND tab < '~chunk;' ORDER BY tab";
        row::jsons(&self.sql, query, vec![CHUNK.into()])
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        let key = format!("{CHUNK}{}", chunk.name);
        self.put(&key, serde_json::to_string(chunk)?)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        let [tab, first] = key(tab, first);
        let values = vec![SESSION.into(), tab.clone(), first.clone()];
        self.sql.exec(KEEP_OPENED, values)?;
        let query = "DELETE FROM batch WHERE tab = ? AND first = ?";
        self.sql.exec(query, vec![tab, first])?;
        Ok(())
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        if !has_table(&self.sql, "erased")? {
            return Ok(None);
        }
        let query = "SELECT v FROM erased WHERE k = ?";
        row::json(&self.sql, query, vec![ERASED.into()])
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        self.sql.exec(CREATE_ERASED, None)?;
        row::put(&self.sql, "erased", ERASED, tombstone)?;
        self.sql.exec("DROP TABLE IF EXISTS batch", None)?;
        self.sql.exec("DROP TABLE IF EXISTS state", None)?;
        Ok(())
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        let mut wipe = pin!(self.storage.delete_all());
        // Begins the deletion, and does not wait: the tombstone follows in the same step.
        let wiped = poll_immediate(wipe.as_mut()).await;
        self.bury(tombstone)?;
        self.set_alarm(alarm).await?;
        match wiped {
            Some(done) => Ok(done?),
            None => Ok(wipe.await?),
        }
    }

    async fn clear(&self) -> Result<()> {
        Ok(self.storage.delete_all().await?)
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        alarm(&self.storage).await
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        set_alarm(&self.storage, at).await
    }
}
