//! A ledger's own storage: SQLite.

use crate::store::row::{self, has_table};
use crate::store::sql::set_alarm;
use sentiero_core::audit::{Entry, Log, oldest, place_of};
use sentiero_core::erasure::Receipt;
use sentiero_core::id::{ErasureId, Millis};
use sentiero_core::json;
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue, Storage};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_RECEIPT: &str =
    "CREATE TABLE IF NOT EXISTS receipt (id TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

const CREATE_AUDIT: &str = "CREATE TABLE IF NOT EXISTS audit (\
     k TEXT PRIMARY KEY, v TEXT NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID";

/// Sorts after every id, which begins with a hex digit.
const AFTER_ALL: &str = "~";

/// How often it is looked for what is too old.
const CLEANING: Millis = 7 * 86_400_000;

/// SQLite of one ledger.
pub(super) struct Book {
    storage: Storage,
    sql: SqlStorage,
}

impl Book {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }

    /// Writes a receipt. A state that is further on is not taken back.
    pub(super) async fn put(&self, receipt: &Receipt, now: Millis) -> Result<()> {
        let known = self.get(&receipt.id)?;
        let is_first = known.is_none();
        if known.is_some_and(|known| receipt.is_behind(&known)) {
            return Ok(());
        }
        let is_new = !self.is_open()?;
        self.sql.exec(CREATE_RECEIPT, None)?;
        self.sql.exec(
            "INSERT INTO receipt (id, v) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET v = excluded.v",
            vec![
                receipt.id.as_str().into(),
                serde_json::to_string(receipt)?.into(),
            ],
        )?;
        if is_first {
            // In the same step: nothing is erased that is not in the log.
            self.insert(&receipt.noted())?;
        }
        if is_new {
            set_alarm(&self.storage, now + CLEANING).await?;
        }
        Ok(())
    }

    fn is_open(&self) -> Result<bool> {
        Ok(has_table(&self.sql, "receipt")? || has_table(&self.sql, "audit")?)
    }

    /// Writes an entry of the audit log, or counts it with those of its place.
    pub(super) async fn note(&self, entry: &Entry, now: Millis) -> Result<()> {
        let is_new = !self.is_open()?;
        self.insert(entry)?;
        if is_new {
            set_alarm(&self.storage, now + CLEANING).await?;
        }
        Ok(())
    }

    fn insert(&self, entry: &Entry) -> Result<()> {
        self.sql.exec(CREATE_AUDIT, None)?;
        self.sql.exec(
            "INSERT INTO audit (k, v, n) VALUES (?, ?, 1) ON CONFLICT (k) DO UPDATE SET n = n + 1",
            vec![entry.place().into(), serde_json::to_string(entry)?.into()],
        )?;
        Ok(())
    }

    /// The newest entries before `before`.
    pub(super) fn read(&self, before: Option<&str>, limit: u32) -> Result<Log> {
        if !has_table(&self.sql, "audit")? {
            return Ok(Log::of(Vec::new(), limit));
        }
        let before = before.unwrap_or(AFTER_ALL);
        let query = "SELECT k, v, n FROM audit WHERE k < ? ORDER BY k DESC LIMIT ?";
        // One more than asked for tells whether there is a next page.
        let values = vec![before.into(), i64::from(limit.saturating_add(1)).into()];
        let noted: Vec<(String, Entry)> = row::rows(&self.sql, query, values, |row| {
            let place = row.text()?;
            let entry: Entry = json::parse(row.text()?.as_bytes())?;
            let n = row.number()?;
            Ok((place, Entry { n, ..entry }))
        })?;
        Ok(Log::of(noted, limit))
    }

    fn receipts(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Receipt>> {
        if !has_table(&self.sql, "receipt")? {
            return Ok(Vec::new());
        }
        row::jsons(&self.sql, query, values)
    }

    pub(super) fn get(&self, id: &ErasureId) -> Result<Option<Receipt>> {
        let query = "SELECT v FROM receipt WHERE id = ?";
        Ok(self.receipts(query, vec![id.as_str().into()])?.pop())
    }

    /// The newest receipts before `before`.
    pub(super) fn list(&self, before: Option<&ErasureId>, limit: u32) -> Result<Vec<Receipt>> {
        let before = before.map_or(AFTER_ALL, ErasureId::as_str);
        let query = "SELECT v FROM receipt WHERE id < ? ORDER BY id DESC LIMIT ?";
        self.receipts(query, vec![before.into(), i64::from(limit).into()])
    }

    /// Deletes what is too old, and sets the next alarm.
    pub(super) async fn clean(&self, now: Millis) -> Result<()> {
        if has_table(&self.sql, "receipt")? {
            // Ids begin with when they were asked for, in 12 hex digits.
            let first = format!("{:012x}", oldest(now));
            self.sql
                .exec("DELETE FROM receipt WHERE id < ?", vec![first.into()])?;
        }
        if has_table(&self.sql, "audit")? {
            let first = place_of(oldest(now));
            self.sql
                .exec("DELETE FROM audit WHERE k < ?", vec![first.into()])?;
        }
        set_alarm(&self.storage, now + CLEANING).await
    }
}
