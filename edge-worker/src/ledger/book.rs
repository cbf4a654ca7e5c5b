//! A ledger's own storage: SQLite.

use super::KEPT;
use crate::store::sql::{has_table, set_alarm};
use sentiero_core::erasure::Receipt;
use sentiero_core::id::{ErasureId, Millis};
use sentiero_core::store::StoreError;
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue, Storage};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_RECEIPT: &str =
    "CREATE TABLE IF NOT EXISTS receipt (id TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// Sorts after every id, which begins with a hex digit.
const AFTER_ALL: &str = "~";

/// How often it is looked for what is too old.
const CLEANING: Millis = 7 * 86_400_000;

/// SQLite of one ledger.
pub(super) struct Book {
    storage: Storage,
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Json {
    v: String,
}

impl Book {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }

    /// Writes a receipt. A state that is further on is not taken back.
    pub(super) async fn put(&self, receipt: &Receipt, now: Millis) -> Result<()> {
        let known = self.get(&receipt.id)?;
        if known.is_some_and(|known| known.finished.is_some() || known.erased > receipt.erased) {
            return Ok(());
        }
        let is_new = !has_table(&self.sql, "receipt")?;
        self.sql.exec(CREATE_RECEIPT, None)?;
        self.sql.exec(
            "INSERT INTO receipt (id, v) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET v = excluded.v",
            vec![
                receipt.id.as_str().into(),
                serde_json::to_string(receipt)?.into(),
            ],
        )?;
        if is_new {
            set_alarm(&self.storage, now + CLEANING).await?;
        }
        Ok(())
    }

    fn receipts(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Receipt>> {
        if !has_table(&self.sql, "receipt")? {
            return Ok(Vec::new());
        }
        let rows: Vec<Json> = self.sql.exec(query, values)?.to_array()?;
        let read = |row: &Json| serde_json::from_str(&row.v).map_err(StoreError::from);
        rows.iter().map(read).collect()
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
            let oldest = format!("{:012x}", now.saturating_sub(KEPT));
            self.sql
                .exec("DELETE FROM receipt WHERE id < ?", vec![oldest.into()])?;
        }
        set_alarm(&self.storage, now + CLEANING).await
    }
}
