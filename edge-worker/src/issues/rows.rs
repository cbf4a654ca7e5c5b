//! A site's issues in SQLite. What [`Rows::see`] and [`Rows::decide`] do is one synchronous
//! block, so it happens wholly or not at all, and nothing else happens meanwhile.

use crate::store::row::{self, has_table, integer};
use crate::store::sql::set_alarm;
use sentiero_core::id::Millis;
use sentiero_core::issue::{Decision, Fingerprint, Known, List, MAX_ISSUES, News, Told};
use sentiero_core::store::StoreError;
use worker::{SqlStorage, Storage};

type Result<T> = core::result::Result<T, StoreError>;

/// `place` is where it stands in the list, which begins with what came last.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS issue (\
     print TEXT PRIMARY KEY, place TEXT NOT NULL, until INTEGER NOT NULL, v TEXT NOT NULL) \
     WITHOUT ROWID";

const PUT: &str = "INSERT INTO issue (print, place, until, v) VALUES (?, ?, ?, ?) \
     ON CONFLICT (print) DO UPDATE SET \
     place = excluded.place, until = excluded.until, v = excluded.v";

/// Those behind the most that there may be, before those about which somebody decided.
const FORGET_MORE: &str = "DELETE FROM issue WHERE print IN (SELECT print FROM issue \
     ORDER BY json_extract(v, '$.decided') IS NULL, place LIMIT -1 OFFSET ?)";

/// How often it is looked for what is to be forgotten.
const CLEANING: Millis = 7 * 86_400_000;

/// SQLite of one site's issues.
pub(super) struct Rows {
    storage: Storage,
    sql: SqlStorage,
}

impl Rows {
    pub(super) fn new(storage: Storage) -> Self {
        let sql = storage.sql();
        Self { storage, sql }
    }

    fn is_open(&self) -> Result<bool> {
        has_table(&self.sql, "issue")
    }

    /// Takes in what a session saw, and has `queue` take in what of it is news, in one
    /// synchronous block. `queue` says when the next is to be told.
    pub(super) async fn tell(
        &self,
        told: &Told,
        now: Millis,
        queue: impl FnOnce(&[News]) -> Result<Option<Millis>>,
    ) -> Result<Vec<News>> {
        let is_new = !self.is_open()?;
        let news = self.see(told)?;
        let next = queue(&news)?;
        if is_new || next.is_some() {
            self.look_by(now, next).await?;
        }
        Ok(news)
    }

    /// Sets the alarm for `next`, or for when it is cleaned, whichever is sooner.
    pub(super) async fn look_by(&self, now: Millis, next: Option<Millis>) -> Result<()> {
        let cleaning = now.saturating_add(CLEANING);
        let at = next.map_or(cleaning, |next| next.min(cleaning));
        set_alarm(&self.storage, at).await
    }

    fn see(&self, told: &Told) -> Result<Vec<News>> {
        self.sql.exec(CREATE, None)?;
        let mut news = Vec::new();
        for sighting in &told.sightings {
            let before = self.get(sighting.issue)?;
            let (known, why) = Known::see(before.clone(), sighting, told);
            // A row that is written is billed.
            if before.as_ref() != Some(&known) {
                self.put(&known)?;
            }
            news.extend(why.map(|why| News { why, known }));
        }
        if !news.is_empty() {
            let most = integer(MAX_ISSUES as u64);
            self.sql.exec(FORGET_MORE, vec![most])?;
        }
        Ok(news)
    }

    fn get(&self, issue: Fingerprint) -> Result<Option<Known>> {
        let query = "SELECT v FROM issue WHERE print = ?";
        row::json(&self.sql, query, vec![issue.text().into()])
    }

    fn put(&self, known: &Known) -> Result<()> {
        let row = vec![
            known.issue.text().into(),
            known.place().into(),
            integer(known.until),
            serde_json::to_string(known)?.into(),
        ];
        self.sql.exec(PUT, row)?;
        Ok(())
    }

    /// Up to `limit` issues behind a place.
    pub(super) fn page(&self, after: Option<&str>, limit: u32) -> Result<List> {
        if !self.is_open()? {
            return Ok(List::default());
        }
        let query = "SELECT v FROM issue WHERE place > ? ORDER BY place LIMIT ?";
        let after = after.unwrap_or_default();
        // One more than asked for tells whether there is a next page.
        let values = vec![after.into(), i64::from(limit.saturating_add(1)).into()];
        Ok(List::of(row::jsons(&self.sql, query, values)?, limit))
    }

    /// Has an issue be what somebody decided.
    pub(super) fn decide(
        &self,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>> {
        if !self.is_open()? {
            return Ok(None);
        }
        let Some(known) = self.get(issue)? else {
            return Ok(None);
        };
        let decided = known.decide(decision, now);
        self.put(&decided)?;
        Ok(Some(decided))
    }

    /// Forgets what only one session saw.
    pub(super) fn erase_seen(&self, by: &str) -> Result<()> {
        if !self.is_open()? {
            return Ok(());
        }
        let query = "DELETE FROM issue WHERE json_extract(v, '$.only') = ?";
        self.sql.exec(query, vec![by.into()])?;
        Ok(())
    }

    /// Forgets what is remembered no longer, and sets the next alarm: at `next` something is to
    /// be told. With nothing left, and no delivery to show, everything goes.
    pub(super) async fn forget(
        &self,
        now: Millis,
        next: Option<Millis>,
        has_deliveries: bool,
    ) -> Result<()> {
        if self.left(now)? == 0 && !has_deliveries {
            return Ok(self.storage.delete_all().await?);
        }
        self.look_by(now, next).await
    }

    /// Forgets, and how many are left.
    fn left(&self, now: Millis) -> Result<u64> {
        if !self.is_open()? {
            return Ok(0);
        }
        self.sql
            .exec("DELETE FROM issue WHERE until <= ?", vec![integer(now)])?;
        let query = "SELECT count(*) FROM issue";
        let left = row::first(&self.sql, query, Vec::new())?;
        left.map_or(Ok(0), |mut row| row.number())
    }
}
