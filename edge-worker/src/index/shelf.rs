//! A month's own storage, for its upkeep: SQLite.
//!
//! `plan` holds one row of JSON, written with the first row of the month and with each step
//! of its upkeep.

use super::rows::{self, COLUMNS, OUTDATED};
use crate::store::row::{self, has_table, integer};
use crate::store::sql::{alarm, set_alarm};
use sentiero_core::analytics::pack::Packed;
use sentiero_core::api::SessionRow;
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::month::END;
use sentiero_core::retention::{Plan, Shelf, place_of};
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue, Storage};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_PLAN: &str =
    "CREATE TABLE IF NOT EXISTS plan (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID";

/// SQLite of one month's object.
pub(super) struct SqlShelf {
    storage: Storage,
    sql: SqlStorage,
}

impl SqlShelf {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }

    /// Whether there is anything to be looked after, or made again. A month without rows stays
    /// without storage, unless its rows are to be made again.
    pub(super) fn is_asked(&self, rebuild: bool) -> Result<bool> {
        if !rebuild && !rows::exists(&self.sql)? {
            return Ok(false);
        }
        rows::create(&self.sql)?;
        Ok(true)
    }

    fn sids(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<SessionId>> {
        if !rows::exists(&self.sql)? {
            return Ok(Vec::new());
        }
        row::rows(&self.sql, query, values, |row| {
            Ok(SessionId::parse(&row.text()?)?)
        })
    }
}

impl Shelf for SqlShelf {
    fn plan(&self) -> Result<Option<Plan>> {
        if !has_table(&self.sql, "plan")? {
            return Ok(None);
        }
        row::json(&self.sql, "SELECT v FROM plan", Vec::new())
    }

    fn save_plan(&self, plan: &Plan) -> Result<()> {
        self.sql.exec(CREATE_PLAN, None)?;
        row::put(&self.sql, "plan", "plan", plan)
    }

    fn is_live(&self, sid: &SessionId) -> Result<bool> {
        let query = "SELECT sid FROM session WHERE sid = ? AND live = 1";
        Ok(!self.sids(query, vec![sid.as_str().into()])?.is_empty())
    }

    fn rows(&self, end: Millis, limit: u32) -> Result<Vec<SessionId>> {
        let query = "SELECT sid FROM session WHERE sid < ? ORDER BY sid LIMIT ?";
        self.sids(query, vec![place_of(end).into(), i64::from(limit).into()])
    }

    fn live(&self) -> Result<Vec<SessionId>> {
        let query = "SELECT sid FROM session WHERE live = 1 ORDER BY sid";
        self.sids(query, Vec::new())
    }

    fn live_since(
        &self,
        oldest: Millis,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<(SessionId, Millis)>> {
        if !rows::exists(&self.sql)? {
            return Ok(Vec::new());
        }
        let query = "SELECT sid, revision FROM session WHERE sid >= ? AND sid < ? AND live = 1 \
                     ORDER BY sid DESC LIMIT ?";
        let before = before.map_or(END, SessionId::as_str);
        let values = vec![
            place_of(oldest).into(),
            before.into(),
            i64::from(limit).into(),
        ];
        row::rows(&self.sql, query, values, |row| {
            Ok((SessionId::parse(&row.text()?)?, row.number()?))
        })
    }

    fn drop_row(&self, sid: &SessionId) -> Result<()> {
        if rows::exists(&self.sql)? {
            rows::delete(&self.sql, sid)?;
        }
        Ok(())
    }

    fn restore(&self, row: &SessionRow, packed: &Packed, revision: Millis) -> Result<()> {
        rows::upsert(&self.sql, row.clone(), packed, revision)
    }

    fn outdated(&self, after: &str, limit: u32) -> Result<Vec<(SessionRow, Millis)>> {
        if !rows::exists(&self.sql)? {
            return Ok(Vec::new());
        }
        let query = format!(
            "SELECT {COLUMNS}, revision FROM session \
             WHERE sid > ? AND live = 0 AND {OUTDATED} ORDER BY sid LIMIT ?"
        );
        let values = vec![after.into(), rows::version(), i64::from(limit).into()];
        row::rows(&self.sql, &query, values, |row| {
            Ok((rows::read(row)?, row.number()?))
        })
    }

    fn replace(
        &self,
        row: &SessionRow,
        packed: &Packed,
        known: Millis,
        revision: Millis,
    ) -> Result<()> {
        let query = "SELECT sid FROM session WHERE sid = ? AND revision = ? AND live = ?";
        let values = vec![
            row.sid.as_str().into(),
            integer(known),
            integer(u64::from(row.live)),
        ];
        // No `await` between the two: nobody else writes there.
        if self.sids(query, values)?.is_empty() {
            return Ok(());
        }
        self.restore(row, packed, revision)
    }

    fn remembers_erased(&self) -> Result<bool> {
        let query = "SELECT sid FROM erased LIMIT 1";
        Ok(!self.sids(query, Vec::new())?.is_empty())
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
