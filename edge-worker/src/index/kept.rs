//! What reports said of a month's sheets, so that the same question need not read them again.
//!
//! **Holds**: what is kept says what the sheets say. Triggers of the database delete all of it
//! when a sheet is made or deleted, in the same step; a sheet is deleted when one of its rows
//! is written or deleted. So nothing of an erased session stays in what is kept. A report takes
//! several turns; where it begins, a mark takes the place of its answer, which goes like one:
//! what was made while sheets changed is not kept.
//!
//! The filter is kept as a hash only: it may name a person. The rest of the question stands
//! in the report.

use super::sheets;
use crate::http;
use crate::store::row::{self, integer};
use sentiero_core::analytics::pack;
use sentiero_core::analytics::report::AnyReport;
use sentiero_core::filter::Filter;
use sentiero_core::id::Millis;
use sentiero_core::retention::place_of;
use sentiero_core::sheet;
use sentiero_core::store::StoreError;
use sha2::{Digest as _, Sha256};
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: [&str; 3] = [
    "CREATE TABLE IF NOT EXISTS kept (asked BLOB PRIMARY KEY, used INTEGER NOT NULL, \
     report BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TRIGGER IF NOT EXISTS kept_inserted AFTER INSERT ON sheet BEGIN \
     DELETE FROM kept; END",
    "CREATE TRIGGER IF NOT EXISTS kept_deleted AFTER DELETE ON sheet BEGIN \
     DELETE FROM kept; END",
];

/// Raised when sheets and parts of the same format would give another report: one that is kept
/// is then not found.
const VERSION: u8 = 2;

/// So many reports of a month are kept, the last used.
const MOST: u32 = 32;

/// The largest report that is kept, bytes: a row of SQLite holds less than 2 MB.
const MAX_REPORT: usize = 1 << 20;

/// A bound of time that is finer comes from a clock, and is not asked for again.
const MINUTE: Millis = 60_000;

/// What a report was asked about a month: a hash of it.
pub(super) struct Asked(Vec<u8>);

/// A report that is being made, to be kept.
pub(super) struct Making {
    asked: Asked,
    /// What stands in its place, and in that of no other.
    mark: Vec<u8>,
}

impl Asked {
    /// What is asked of the sheets of a month by an `empty` report of the sessions that
    /// `filter` takes; none if that will hardly be asked again.
    pub(super) fn of(sql: &SqlStorage, empty: &AnyReport, filter: &Filter) -> Result<Option<Self>> {
        let (first, until) = span(sql)?;
        let mut asked = filter.clone();
        // Bounds outside of the month are those of every question.
        asked.from = asked.from.filter(|from| place_of(*from) > first);
        asked.before = asked.before.filter(|before| place_of(*before) < until);
        if !is_asked_again(&asked) {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        let report = serde_json::to_vec(empty)?;
        hash.update([VERSION, sheet::VERSION, pack::VERSION]);
        for part in [&report, asked.to_query().as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        Ok(Some(Self(hash.finalize().to_vec())))
    }

    fn value(&self) -> SqlStorageValue {
        SqlStorageValue::Blob(self.0.clone())
    }

    /// The report, if it is kept.
    pub(super) fn read(&self, sql: &SqlStorage) -> Result<Option<AnyReport>> {
        for statement in CREATE {
            sql.exec(statement, None)?;
        }
        let query = "SELECT report, used = (SELECT max(used) FROM kept) FROM kept WHERE asked = ?";
        let Some(mut row) = row::first(sql, query, vec![self.value()])? else {
            return Ok(None);
        };
        let (bytes, is_last) = (row.bytes()?, row.number()? == 1);
        // Another version wrote it; what is made now takes its place.
        let Ok(report) = serde_json::from_slice(&bytes) else {
            return Ok(None);
        };
        if !is_last {
            let query = "UPDATE kept SET used = 1 + (SELECT max(used) FROM kept) WHERE asked = ?";
            sql.exec(query, vec![self.value()])?;
        }
        Ok(Some(report))
    }

    /// Says that the sheets are being asked.
    pub(super) fn begin(self, sql: &SqlStorage) -> Result<Making> {
        // No report reads so, and none that was begun before this one ends here.
        let mark = http::random::<16>()?.to_vec();
        let query = "INSERT INTO kept (asked, used, report) \
                     VALUES (?, 1 + (SELECT coalesce(max(used), 0) FROM kept), ?) \
                     ON CONFLICT (asked) DO UPDATE SET used = excluded.used, \
                     report = excluded.report";
        let values = vec![self.value(), SqlStorageValue::Blob(mark.clone())];
        sql.exec(query, values)?;
        let query = "DELETE FROM kept WHERE used <= \
                     (SELECT used FROM kept ORDER BY used DESC LIMIT 1 OFFSET ?)";
        sql.exec(query, vec![integer(MOST.into())])?;
        Ok(Making { asked: self, mark })
    }
}

impl Making {
    /// Keeps what the sheets said, if none of them was made or deleted meanwhile.
    pub(super) fn keep(self, sql: &SqlStorage, report: &AnyReport) -> Result<()> {
        let mut bytes = serde_json::to_vec(report)?;
        if bytes.len() > MAX_REPORT {
            bytes.clear();
        }
        let query = "UPDATE kept SET report = ? WHERE asked = ? AND report = ?";
        let (report, mark) = (
            SqlStorageValue::Blob(bytes),
            SqlStorageValue::Blob(self.mark),
        );
        sql.exec(query, vec![report, self.asked.value(), mark])?;
        Ok(())
    }
}

/// Whether no bound of time in a filter comes from a clock.
fn is_asked_again(filter: &Filter) -> bool {
    let bounds = [filter.from, filter.before];
    let mut bounds = bounds.iter().flatten();
    bounds.all(|bound| bound.is_multiple_of(MINUTE)) && filter.within().all(is_asked_again)
}

/// Where a month's sessions begin, and where its sheets end.
fn span(sql: &SqlStorage) -> Result<(String, String)> {
    let query = "SELECT (SELECT coalesce(min(sid), '') FROM session), \
                 coalesce((SELECT until FROM sheet ORDER BY first DESC LIMIT 1), '')";
    let row = row::first(sql, query, Vec::new())?;
    row.map_or(Ok((String::new(), sheets::END.to_owned())), |mut row| {
        Ok((row.text()?, row.text()?))
    })
}
