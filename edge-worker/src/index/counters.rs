//! What was counted of a site in one month, in SQLite: a row a day.
//!
//! Counts come together, some seconds apart, and a row written is billed: so the words of a day
//! stand in one. An earlier version had a row for each word in a table `counter`; its counts are
//! moved by whoever looks first.

use crate::store::row::{self, has_table};
use sentiero_core::count::{BYTES, Count};
use sentiero_core::day::Day;
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// `n` is JSON: how often, by word.
const CREATE: &str =
    "CREATE TABLE IF NOT EXISTS counted (day TEXT PRIMARY KEY, n TEXT NOT NULL) WITHOUT ROWID";

/// Adds a JSON list of counts to what is there of their days, in one row for each.
const ADD: &str = "INSERT INTO counted (day, n) SELECT day, json_group_object(name, n) FROM (\
     SELECT day, name, sum(n) AS n FROM (\
     SELECT value ->> 'day' AS day, value ->> 'name' AS name, value ->> 'n' AS n FROM json_each(?1) \
     UNION ALL SELECT day, key, value FROM counted, json_each(counted.n) \
     WHERE day IN (SELECT value ->> 'day' FROM json_each(?1))) GROUP BY day, name) \
     WHERE true GROUP BY day ON CONFLICT (day) DO UPDATE SET n = excluded.n";

/// May be repeated: what is there has been moved before.
const MOVE: &str = "INSERT INTO counted (day, n) \
     SELECT day, json_group_object(name, n) FROM counter WHERE true GROUP BY day \
     ON CONFLICT (day) DO NOTHING";

/// Adds to counts.
pub(super) fn add(sql: &SqlStorage, counts: &[Count]) -> Result<()> {
    move_earlier(sql)?;
    sql.exec(CREATE, None)?;
    sql.exec(ADD, vec![serde_json::to_string(counts)?.into()])?;
    Ok(())
}

/// What was counted from one day to another, both included.
pub(super) fn read(sql: &SqlStorage, from: Day, to: Day) -> Result<Vec<Count>> {
    if !exists(sql)? {
        return Ok(Vec::new());
    }
    let query = "SELECT day, key, value FROM counted, json_each(counted.n) \
         WHERE day >= ? AND day <= ? ORDER BY day, key";
    let days: Vec<SqlStorageValue> = vec![from.to_string().into(), to.to_string().into()];
    row::rows(sql, query, days, |row| {
        Ok(Count {
            day: Day::parse(&row.text()?)?,
            name: row.text()?,
            n: row.number()?,
        })
    })
}

/// Bytes that arrived in the month.
pub(super) fn bytes(sql: &SqlStorage) -> Result<u64> {
    if !exists(sql)? {
        return Ok(0);
    }
    let query = "SELECT coalesce(sum(n ->> ?), 0) FROM counted";
    let sum = row::first(sql, query, vec![BYTES.into()])?;
    sum.map_or(Ok(0), |mut row| row.number())
}

/// Whether anything was counted.
fn exists(sql: &SqlStorage) -> Result<bool> {
    move_earlier(sql)?;
    has_table(sql, "counted")
}

/// Moves the counts of an earlier version, if there are any.
fn move_earlier(sql: &SqlStorage) -> Result<()> {
    if !has_table(sql, "counter")? {
        return Ok(());
    }
    for statement in [CREATE, MOVE, "DROP TABLE counter"] {
        sql.exec(statement, None)?;
    }
    Ok(())
}
