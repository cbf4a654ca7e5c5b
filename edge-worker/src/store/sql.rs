//! A session object's own storage: SQLite.
//!
//! Two tables while a session is recorded, no index but the primary keys: each row written is billed, and
//! so is each index entry. `state` holds one row of JSON for the session and
//! one for each chunk; `batch` a row for each batch that is not in R2 yet. When the
//! session is erased, both give way to `erased` with one row of JSON.

use super::Result;
use super::row::{self, has_table};
use futures_util::future::poll_immediate;
use sentiero_core::id::{Millis, TabId};
use sentiero_core::recording::{Buffered, StoredChunk};
use sentiero_core::store::{Buffer, Saved, StoreError, Tombstone};
use std::pin::pin;
use worker::durable::ScheduledTime;
use worker::js_sys::Date;
use worker::wasm_bindgen::JsValue;
use worker::{SqlStorage, Storage};

const CREATE_STATE: &str =
    "CREATE TABLE IF NOT EXISTS state (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";
const CREATE_BATCH: &str = "CREATE TABLE IF NOT EXISTS batch (\
     tab TEXT NOT NULL, first INTEGER NOT NULL, info TEXT NOT NULL, body BLOB NOT NULL, \
     PRIMARY KEY (tab, first)) WITHOUT ROWID";

const CREATE_ERASED: &str =
    "CREATE TABLE IF NOT EXISTS erased (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

const STATE: &str = "state";
/// The row of `state` that holds [`Saved`].
const SESSION: &str = "session";
/// The rows of `state` that hold chunks begin so.
const CHUNK: &str = "chunk:";

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

    /// Creates the tables. Done before the first write only: an object that is
    /// merely asked must stay without storage, or it would be billed for ever.
    fn create(&self) -> Result<()> {
        self.sql.exec(CREATE_STATE, None)?;
        self.sql.exec(CREATE_BATCH, None)?;
        Ok(())
    }
}

impl Buffer for SqlBuffer {
    fn load(&self) -> Result<Option<Saved>> {
        if !has_table(&self.sql, "batch")? {
            return Ok(None);
        }
        let query = "SELECT v FROM state WHERE k = ?";
        row::json(&self.sql, query, vec![SESSION.into()])
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        self.create()?;
        row::put(&self.sql, STATE, SESSION, saved)
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        let query = "SELECT info FROM batch ORDER BY tab, first";
        row::jsons(&self.sql, query, Vec::new())
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        let query = "SELECT body FROM batch WHERE tab = ? AND first = ?";
        let values = vec![tab.as_str().into(), i64::from(first).into()];
        let missing = || StoreError("the body of a batch is missing".to_owned());
        let row = row::first(&self.sql, query, values)?;
        row.ok_or_else(missing)?.bytes()
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        self.sql.exec(
            "INSERT INTO batch (tab, first, info, body) VALUES (?, ?, ?, ?) ON CONFLICT (tab, first) DO NOTHING",
            vec![
                batch.meta.tab.as_str().into(),
                i64::from(batch.meta.first).into(),
                serde_json::to_string(batch)?.into(),
                body.into(),
            ],
        )?;
        Ok(())
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        let query = "SELECT v FROM state WHERE k > ? AND k < 'chunk;' ORDER BY k";
        row::jsons(&self.sql, query, vec![CHUNK.into()])
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        self.create()?;
        let key = format!("{CHUNK}{}", chunk.name);
        row::put(&self.sql, STATE, &key, chunk)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        self.sql.exec(
            "DELETE FROM batch WHERE tab = ? AND first = ?",
            vec![tab.as_str().into(), i64::from(first).into()],
        )?;
        Ok(())
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        if !has_table(&self.sql, "erased")? {
            return Ok(None);
        }
        let query = "SELECT v FROM erased WHERE k = ?";
        row::json(&self.sql, query, vec![SESSION.into()])
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        self.sql.exec(CREATE_ERASED, None)?;
        row::put(&self.sql, "erased", SESSION, tombstone)?;
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
