//! What was counted of a site in one month, in SQLite: a row a day and word.

use crate::store::row::{self, has_table, integer};
use sentiero_core::count::{BYTES, Count};
use sentiero_core::day::Day;
use sentiero_core::store::StoreError;
use worker::SqlStorage;

type Result<T> = core::result::Result<T, StoreError>;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS counter (day TEXT NOT NULL, name TEXT NOT NULL, \
     n INTEGER NOT NULL, PRIMARY KEY (day, name)) WITHOUT ROWID";

const ADD: &str = "INSERT INTO counter (day, name, n) VALUES (?, ?, ?) \
     ON CONFLICT (day, name) DO UPDATE SET n = n + excluded.n";

/// Adds to counts.
pub(super) fn add(sql: &SqlStorage, counts: &[Count]) -> Result<()> {
    sql.exec(CREATE, None)?;
    for Count { day, name, n } in counts {
        let row = vec![day.to_string().into(), name.as_str().into(), integer(*n)];
        sql.exec(ADD, row)?;
    }
    Ok(())
}

/// What was counted from one day to another, both included.
pub(super) fn read(sql: &SqlStorage, from: Day, to: Day) -> Result<Vec<Count>> {
    if !has_table(sql, "counter")? {
        return Ok(Vec::new());
    }
    let query = "SELECT day, name, n FROM counter WHERE day >= ? AND day <= ? ORDER BY day, name";
    let days = vec![from.to_string().into(), to.to_string().into()];
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
    if !has_table(sql, "counter")? {
        return Ok(0);
    }
    let query = "SELECT coalesce(sum(n), 0) AS n FROM counter WHERE name = ?";
    let sum = row::first(sql, query, vec![BYTES.into()])?;
    sum.map_or(Ok(0), |mut row| row.number())
}
