//! An erasure's own storage: SQLite, one row of JSON.

use crate::store::row::{self, has_table};
use crate::store::sql::{alarm, set_alarm};
use sentiero_core::erasure::{Desk, Job};
use sentiero_core::id::Millis;
use sentiero_core::store::StoreError;
use worker::{SqlStorage, Storage};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_JOB: &str =
    "CREATE TABLE IF NOT EXISTS job (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// SQLite of one erasure's object.
pub(super) struct SqlDesk {
    storage: Storage,
    sql: SqlStorage,
}

impl SqlDesk {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }
}

impl Desk for SqlDesk {
    fn load(&self) -> Result<Option<Job>> {
        if !has_table(&self.sql, "job")? {
            return Ok(None);
        }
        row::json(&self.sql, "SELECT v FROM job", Vec::new())
    }

    fn save(&self, job: &Job) -> Result<()> {
        self.sql.exec(CREATE_JOB, None)?;
        row::put(&self.sql, "job", "job", job)
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
