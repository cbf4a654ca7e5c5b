//! Rows of an object's SQLite, read column by column.
//!
//! Most tables hold a value of ours as JSON under a key: [`json`], [`jsons`] and [`put`] are
//! for those. The others are read by [`rows`]. Not by serde, as the bindings offer it: that
//! looks each column up by its name in JavaScript, and brings a reader for each kind of row.

use super::Result;
use sentiero_core::json as text;
use sentiero_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::vec::IntoIter;
use worker::{SqlStorage, SqlStorageValue};

/// The columns of one row, from the first on.
pub(crate) struct Row(IntoIter<SqlStorageValue>);

impl Row {
    fn next(&mut self) -> SqlStorageValue {
        self.0.next().unwrap_or(SqlStorageValue::Null)
    }

    /// The next column, a text.
    pub(crate) fn text(&mut self) -> Result<String> {
        self.optional_text()?.ok_or_else(|| wrong("text"))
    }

    /// The next column, a text or null.
    pub(crate) fn optional_text(&mut self) -> Result<Option<String>> {
        match self.next() {
            SqlStorageValue::String(text) => Ok(Some(text)),
            SqlStorageValue::Null => Ok(None),
            _ => Err(wrong("text")),
        }
    }

    /// The next column, a number of ours: they are all whole and far below 2^53.
    pub(crate) fn number(&mut self) -> Result<u64> {
        let number = match self.next() {
            SqlStorageValue::Integer(number) => u64::try_from(number).ok(),
            _ => None,
        };
        number.ok_or_else(|| wrong("number"))
    }

    /// The next column, a number that is far below 2^32.
    pub(crate) fn count(&mut self) -> Result<u32> {
        u32::try_from(self.number()?).map_err(|_| wrong("number"))
    }

    /// The next column, bytes.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        self.optional_bytes()?.ok_or_else(|| wrong("bytes"))
    }

    /// The next column, bytes or null.
    pub(crate) fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>> {
        match self.next() {
            SqlStorageValue::Blob(bytes) => Ok(Some(bytes)),
            SqlStorageValue::Null => Ok(None),
            _ => Err(wrong("bytes")),
        }
    }
}

fn wrong(expected: &str) -> StoreError {
    StoreError(format!("a column of SQLite holds no {expected}"))
}

/// All rows that a query gives.
fn all(sql: &SqlStorage, query: &str, bindings: Vec<SqlStorageValue>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for columns in sql.exec(query, bindings)?.raw() {
        rows.push(Row(columns?.into_iter()));
    }
    Ok(rows)
}

/// The rows that a query gives, each as `read` makes it of its columns.
pub(crate) fn rows<T>(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
    read: impl Fn(&mut Row) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = all(sql, query, bindings)?.into_iter();
    rows.map(|mut row| read(&mut row)).collect()
}

/// Shows `look` the rows that a query gives, one after the other, as long as it says true:
/// for rows that are too much memory together.
pub(crate) fn each(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
    mut look: impl FnMut(&mut Row) -> Result<bool>,
) -> Result<()> {
    for columns in sql.exec(query, bindings)?.raw() {
        if !look(&mut Row(columns?.into_iter()))? {
            break;
        }
    }
    Ok(())
}

/// The first row that a query gives.
pub(crate) fn first(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
) -> Result<Option<Row>> {
    Ok(all(sql, query, bindings)?.into_iter().next())
}

/// The values that a query gives as JSON in its only column.
pub(crate) fn jsons<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
) -> Result<Vec<T>> {
    rows(sql, query, bindings, |row| {
        Ok(text::parse(row.text()?.as_bytes())?)
    })
}

/// The first of them.
pub(crate) fn json<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<SqlStorageValue>,
) -> Result<Option<T>> {
    match first(sql, query, bindings)? {
        Some(mut row) => Ok(Some(text::parse(row.text()?.as_bytes())?)),
        None => Ok(None),
    }
}

/// Writes `value` as JSON into a table of keys `k` and values `v`.
pub(crate) fn put<T: Serialize>(
    sql: &SqlStorage,
    table: &'static str,
    key: &str,
    value: &T,
) -> Result<()> {
    put_text(sql, table, key, serde_json::to_string(value)?)
}

fn put_text(sql: &SqlStorage, table: &'static str, key: &str, json: String) -> Result<()> {
    let query = format!(
        "INSERT INTO {table} (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v"
    );
    sql.exec(&query, vec![key.into(), json.into()])?;
    Ok(())
}

/// Whether an object's storage has a table yet. One that is merely asked must
/// stay without storage, or it would be billed for ever.
pub(crate) fn has_table(sql: &SqlStorage, table: &str) -> Result<bool> {
    let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
    Ok(first(sql, query, vec![table.into()])?.is_some())
}

/// A number for SQLite, which has signed ones; ours are far below.
pub(crate) fn integer(value: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(value).unwrap_or(i64::MAX))
}
