//! An erasure's own storage: SQLite, one row of JSON.

use crate::store::sql::{has_table, set_alarm};
use sentiero_core::erasure::{Desk, Job};
use sentiero_core::id::Millis;
use sentiero_core::store::StoreError;
use serde::Deserialize;
use worker::{SqlStorage, Storage};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_JOB: &str =
    "CREATE TABLE IF NOT EXISTS job (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// SQLite of one erasure's object.
pub(super) struct SqlDesk {
    storage: Storage,
    sql: SqlStorage,
}

#[derive(Deserialize)]
struct Json {
    v: String,
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
        let found: Vec<Json> = self.sql.exec("SELECT v FROM job", None)?.to_array()?;
        found
            .first()
            .map(|row| serde_json::from_str(&row.v).map_err(StoreError::from))
            .transpose()
    }

    fn save(&self, job: &Job) -> Result<()> {
        self.sql.exec(CREATE_JOB, None)?;
        self.sql.exec(
            "INSERT INTO job (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
            vec!["job".into(), serde_json::to_string(job)?.into()],
        )?;
        Ok(())
    }

    async fn clear(&self) -> Result<()> {
        Ok(self.storage.delete_all().await?)
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        set_alarm(&self.storage, at).await
    }
}
