//! Which sessions of one month may be opened, in SQLite.
//!
//! Everything here happens in one synchronous block of the month's one object, so however
//! many sessions are opened at once, no more are let in than there may be. Only sites with
//! a quota have these tables.

use super::counters;
use crate::store::row::{self, has_table, integer};
use sentiero_core::day::{DAY, Day};
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::quota::{Admission, Exhausted, Quota, Usage};
use sentiero_core::store::StoreError;
use sentiero_core::wire::MAX_BEHIND;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// Verdicts; `refused` is null where it was let in.
const CREATE_ADMISSION: &str =
    "CREATE TABLE IF NOT EXISTS admission (sid TEXT PRIMARY KEY, refused TEXT) WITHOUT ROWID";

/// How many sessions of each day were let in, and refused.
const CREATE_USED: &str = "CREATE TABLE IF NOT EXISTS used (day TEXT PRIMARY KEY, \
     sessions INTEGER NOT NULL, refused INTEGER NOT NULL) WITHOUT ROWID";

const USE: &str = "INSERT INTO used (day, sessions, refused) VALUES (?, ?, ?) \
     ON CONFLICT (day) DO UPDATE SET sessions = sessions + excluded.sessions, refused = refused + excluded.refused";

/// So many refusals of a month are remembered. Whoever makes up ids could fill the storage
/// otherwise; later ones are refused because the quota is used up, as long as it is.
const REMEMBERED: u64 = 10_000;

/// How long a verdict matters: later, the session is refused for its clock.
const KEPT: Millis = MAX_BEHIND + DAY;

/// Whether a session may be opened; the first verdict holds.
pub(super) fn admit(
    sql: &SqlStorage,
    sid: &SessionId,
    quota: &Quota,
    now: Millis,
) -> Result<Admission> {
    if quota.is_unlimited() {
        return standing(sql, sid);
    }
    sql.exec(CREATE_ADMISSION, None)?;
    sql.exec(CREATE_USED, None)?;
    // Ids begin with their start in 12 hex digits.
    let oldest = format!("{:012x}", now.saturating_sub(KEPT));
    sql.exec("DELETE FROM admission WHERE sid < ?", vec![oldest.into()])?;
    if let Some(verdict) = known(sql, sid)? {
        return Ok(verdict);
    }
    let day = Day::of(sid.start());
    let used = used(sql, day)?;
    let verdict = quota.admit(Usage {
        day: used.day,
        month: used.month,
        bytes: counters::bytes(sql)?,
    });
    let refused = match verdict {
        Admission::Admitted => None,
        Admission::Refused(_) if used.refused >= REMEMBERED => return Ok(verdict),
        Admission::Refused(Exhausted::Sessions) => Some(SESSIONS),
        Admission::Refused(Exhausted::Bytes) => Some(BYTES),
    };
    let (admitted, denied) = if refused.is_none() { (1, 0) } else { (0, 1) };
    let row = vec![day.to_string().into(), integer(admitted), integer(denied)];
    sql.exec(USE, row)?;
    let refused = refused.map_or(SqlStorageValue::Null, Into::into);
    sql.exec(
        "INSERT INTO admission (sid, refused) VALUES (?, ?)",
        vec![sid.as_str().into(), refused],
    )?;
    Ok(verdict)
}

/// The verdict of a time when the site had a quota; nothing is counted and remembered.
fn standing(sql: &SqlStorage, sid: &SessionId) -> Result<Admission> {
    if !has_table(sql, "admission")? {
        return Ok(Admission::Admitted);
    }
    Ok(known(sql, sid)?.unwrap_or(Admission::Admitted))
}

const SESSIONS: &str = "sessions";
const BYTES: &str = "bytes";

fn known(sql: &SqlStorage, sid: &SessionId) -> Result<Option<Admission>> {
    let query = "SELECT refused FROM admission WHERE sid = ?";
    let Some(mut row) = row::first(sql, query, vec![sid.as_str().into()])? else {
        return Ok(None);
    };
    Ok(Some(match row.optional_text()?.as_deref() {
        None => Admission::Admitted,
        Some(BYTES) => Admission::Refused(Exhausted::Bytes),
        Some(_) => Admission::Refused(Exhausted::Sessions),
    }))
}

#[derive(Default)]
struct Used {
    day: u64,
    month: u64,
    refused: u64,
}

fn used(sql: &SqlStorage, day: Day) -> Result<Used> {
    let query = "SELECT coalesce(sum(CASE WHEN day = ? THEN sessions END), 0) AS day, \
         coalesce(sum(sessions), 0) AS month, coalesce(sum(refused), 0) AS refused FROM used";
    let Some(mut row) = row::first(sql, query, vec![day.to_string().into()])? else {
        return Ok(Used::default());
    };
    Ok(Used {
        day: row.number()?,
        month: row.number()?,
        refused: row.number()?,
    })
}

/// Forgets the verdict on a session that was erased; it has been counted.
pub(super) fn forget(sql: &SqlStorage, sid: &SessionId) -> Result<()> {
    if has_table(sql, "admission")? {
        sql.exec(
            "DELETE FROM admission WHERE sid = ?",
            vec![sid.as_str().into()],
        )?;
    }
    Ok(())
}
