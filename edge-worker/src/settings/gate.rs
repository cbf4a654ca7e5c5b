//! Failures to sign in and the generation of sign-ins in SQLite. Each function is one
//! synchronous block, as those of [`super::rows`].

use crate::store::row::{self, has_table, integer};
use sentiero_core::access::gate::{Attempt, FORGOTTEN, Knock, MAX_PLACES, Tries};
use sentiero_core::id::Millis;
use sentiero_core::store::StoreError;
use worker::SqlStorage;

type Result<T> = core::result::Result<T, StoreError>;

const CREATE_TRIES: &str = "CREATE TABLE IF NOT EXISTS tries (\
     place TEXT PRIMARY KEY, failed INTEGER NOT NULL, until INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID";
/// One row: sign-ins of before are no more.
const CREATE_GENERATION: &str = "CREATE TABLE IF NOT EXISTS generation (n INTEGER NOT NULL)";
const PUT_TRIES: &str = "INSERT INTO tries (place, failed, until, last) VALUES (?, ?, ?, ?) \
     ON CONFLICT (place) DO UPDATE SET failed = excluded.failed, until = excluded.until, last = excluded.last";

fn kept(sql: &SqlStorage, place: &str) -> Result<Option<Tries>> {
    let query = "SELECT failed, until, last FROM tries WHERE place = ?";
    let found = row::first(sql, query, vec![place.into()])?;
    let read = |mut row: row::Row| -> Result<Tries> {
        Ok(Tries {
            failed: row.count()?,
            until: row.number()?,
            last: row.number()?,
        })
    };
    found.map(read).transpose()
}

fn put(sql: &SqlStorage, place: &str, tries: Tries) -> Result<()> {
    let Tries {
        failed,
        until,
        last,
    } = tries;
    let numbers = [u64::from(failed), until, last].map(integer);
    let mut bindings = vec![place.into()];
    bindings.extend(numbers);
    sql.exec(PUT_TRIES, bindings)?;
    Ok(())
}

/// Counts an attempt, or says for how many ms there may be none.
pub(super) fn attempt(sql: &SqlStorage, attempt: &Attempt) -> Result<Option<Millis>> {
    sql.exec(CREATE_TRIES, None)?;
    let one = kept(sql, &attempt.place)?;
    let of_all = attempt.all.as_deref().map(|all| kept(sql, all));
    let of_all = of_all.transpose()?.map(Option::unwrap_or_default);
    let Knock { one: next, all } = match Knock::of(one.unwrap_or_default(), of_all, attempt.now) {
        Ok(knock) => knock,
        Err(left) => return Ok(Some(left)),
    };
    make_room(sql, attempt.now, one.is_none())?;
    put(sql, &attempt.place, next)?;
    if let (Some(place), Some(all)) = (&attempt.all, all) {
        put(sql, place, all)?;
    }
    Ok(None)
}

/// Forgets what is too old, and where there is one place more than can be, what is oldest.
fn make_room(sql: &SqlStorage, now: Millis, one_more: bool) -> Result<()> {
    let oldest = integer(now.saturating_sub(FORGOTTEN));
    sql.exec("DELETE FROM tries WHERE last <= ?", vec![oldest])?;
    let count = row::first(sql, "SELECT count(*) AS n FROM tries", Vec::new())?;
    let places = count.map_or(Ok(0), |mut row| row.number())?;
    if one_more && places >= MAX_PLACES {
        let query =
            "DELETE FROM tries WHERE place = (SELECT place FROM tries ORDER BY last LIMIT 1)";
        sql.exec(query, None)?;
    }
    Ok(())
}

/// Takes back what was counted for an attempt that was right.
pub(super) fn passed(sql: &SqlStorage, attempt: &Attempt) -> Result<()> {
    sql.exec(CREATE_TRIES, None)?;
    let place = attempt.place.as_str().into();
    sql.exec("DELETE FROM tries WHERE place = ?", vec![place])?;
    if let Some(place) = &attempt.all
        && let Some(all) = kept(sql, place)?
    {
        put(sql, place, all.taken_back(attempt.now))?;
    }
    Ok(())
}

/// The generation of sign-ins that hold.
pub(super) fn generation(sql: &SqlStorage) -> Result<u64> {
    if !has_table(sql, "generation")? {
        return Ok(0);
    }
    let found = row::first(sql, "SELECT n FROM generation", Vec::new())?;
    found.map_or(Ok(0), |mut row| row.number())
}

/// Begins the next generation.
pub(super) fn end_all(sql: &SqlStorage) -> Result<u64> {
    let next = generation(sql)?.saturating_add(1);
    sql.exec(CREATE_GENERATION, None)?;
    sql.exec("DELETE FROM generation", None)?;
    let number = integer(next);
    sql.exec("INSERT INTO generation (n) VALUES (?)", vec![number])?;
    Ok(next)
}
