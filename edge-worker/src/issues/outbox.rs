//! What is to be told to a site's webhook, in SQLite. Each function is one synchronous block,
//! as those of [`super::rows`]; when something is sent is decided in core.

use crate::store::row::{self, has_table, integer};
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::News;
use sentiero_core::issue::hook::{Delivery, MAX_SHOWN, MAX_WAITING, Queued, forgotten_before};
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// `due` is when it is sent next; none of what ended.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS hook (\
     id TEXT PRIMARY KEY, due INTEGER, v TEXT NOT NULL) WITHOUT ROWID";

const PUT: &str = "INSERT INTO hook (id, due, v) VALUES (?, ?, ?) \
     ON CONFLICT (id) DO UPDATE SET due = excluded.due, v = excluded.v";

/// What was taken out meanwhile stays out.
const CHANGE: &str = "UPDATE hook SET due = ?, v = ? WHERE id = ?";

/// Of what ended, all but the last.
const FORGET_MORE: &str = "DELETE FROM hook WHERE due IS NULL AND id NOT IN \
     (SELECT id FROM hook WHERE due IS NULL ORDER BY id DESC LIMIT ?)";

/// A site's deliveries.
pub(super) struct Outbox {
    sql: SqlStorage,
}

impl Outbox {
    pub(super) fn new(sql: SqlStorage) -> Self {
        Self { sql }
    }

    /// Whether anything was ever to be told.
    pub(super) fn is_open(&self) -> Result<bool> {
        has_table(&self.sql, "hook")
    }

    /// Takes in news, as far as there is room for it; how much there was none for.
    pub(super) fn take_in(&self, site: &SiteKey, news: &[News], now: Millis) -> Result<u64> {
        self.sql.exec(CREATE, None)?;
        let room = MAX_WAITING.saturating_sub(usize::try_from(self.waiting()?).unwrap_or(0));
        for news in news.iter().take(room) {
            self.put(&Queued::of(site, news.clone(), now))?;
        }
        Ok(news.len().saturating_sub(room) as u64)
    }

    /// Writes one that is new.
    pub(super) fn put(&self, queued: &Queued) -> Result<()> {
        self.sql.exec(CREATE, None)?;
        let id = queued.delivery.id.as_str().into();
        let json = serde_json::to_string(queued)?.into();
        self.sql.exec(PUT, vec![id, due_of(queued), json])?;
        Ok(())
    }

    /// Writes what became of one, if it is still there.
    pub(super) fn change(&self, queued: &Queued) -> Result<()> {
        let id = queued.delivery.id.as_str().into();
        let json = serde_json::to_string(queued)?.into();
        self.sql.exec(CHANGE, vec![due_of(queued), json, id])?;
        if queued.delivery.due.is_none() {
            self.sql
                .exec(FORGET_MORE, vec![integer(MAX_SHOWN as u64)])?;
        }
        Ok(())
    }

    /// Up to `limit` that are due.
    pub(super) fn due(&self, now: Millis, limit: u32) -> Result<Vec<Queued>> {
        let query = "SELECT v FROM hook WHERE due <= ? ORDER BY due, id LIMIT ?";
        row::jsons(&self.sql, query, vec![integer(now), integer(limit.into())])
    }

    /// When the next is due.
    pub(super) fn next(&self) -> Result<Option<Millis>> {
        if !self.is_open()? {
            return Ok(None);
        }
        let query = "SELECT due FROM hook WHERE due IS NOT NULL ORDER BY due LIMIT 1";
        let found = row::first(&self.sql, query, Vec::new())?;
        found.map(|mut row| row.number()).transpose()
    }

    /// What is due at `now` is so later.
    pub(super) fn postpone(&self, now: Millis, until: Millis) -> Result<()> {
        let query = "UPDATE hook SET due = ? WHERE due <= ?";
        self.sql.exec(query, vec![integer(until), integer(now)])?;
        Ok(())
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> Result<u64> {
        if !self.is_open()? {
            return Ok(0);
        }
        let query = "SELECT count(*) FROM hook WHERE due IS NOT NULL";
        let count = row::first(&self.sql, query, Vec::new())?;
        count.map_or(Ok(0), |mut row| row.number())
    }

    /// The last, the newest first.
    pub(super) fn last(&self) -> Result<Vec<Delivery>> {
        if !self.is_open()? {
            return Ok(Vec::new());
        }
        let query = "SELECT v FROM hook ORDER BY id DESC LIMIT ?";
        let found = row::jsons(&self.sql, query, vec![integer(MAX_SHOWN as u64)])?;
        Ok(found
            .into_iter()
            .map(|queued: Queued| queued.delivery)
            .collect())
    }

    /// Whether there is none, not even one that ended.
    pub(super) fn is_empty(&self) -> Result<bool> {
        if !self.is_open()? {
            return Ok(true);
        }
        Ok(row::first(&self.sql, "SELECT 1 FROM hook LIMIT 1", Vec::new())?.is_none())
    }

    /// Forgets what ended long ago.
    pub(super) fn forget(&self, now: Millis) -> Result<()> {
        if !self.is_open()? {
            return Ok(());
        }
        let oldest = format!("{:012x}", forgotten_before(now));
        let query = "DELETE FROM hook WHERE due IS NULL AND id < ?";
        self.sql.exec(query, vec![oldest.into()])?;
        Ok(())
    }

    /// Does not tell what only one session saw.
    pub(super) fn erase_seen(&self, by: &str) -> Result<()> {
        if !self.is_open()? {
            return Ok(());
        }
        let query = "DELETE FROM hook WHERE json_extract(v, '$.known.only') = ?";
        self.sql.exec(query, vec![by.into()])?;
        Ok(())
    }

    /// Forgets everything: nobody is told any more.
    pub(super) fn clear(&self) -> Result<()> {
        self.sql.exec("DELETE FROM hook", None)?;
        Ok(())
    }
}

fn due_of(queued: &Queued) -> SqlStorageValue {
    queued.delivery.due.map_or(SqlStorageValue::Null, integer)
}
