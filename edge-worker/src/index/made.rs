//! What is made of one month's rows ([`sentiero_core::month`]), in SQLite beside them.
//!
//! Triggers of the database delete a sheet when one of its rows is written or deleted, its
//! parts with it, and all answers when a sheet is made or deleted: in the same step, whoever
//! does it, also an earlier version of the worker. So writing a row costs no more than before
//! where nobody looks.

use super::rows::{self, OUTDATED, lines, pairs, version};
use crate::http;
use crate::store::row::{self, Row, integer};
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::report::Example;
use sentiero_core::api::SessionRow;
use sentiero_core::digest::Strip;
use sentiero_core::filter::Filter;
use sentiero_core::id::SessionId;
use sentiero_core::json;
use sentiero_core::month::{KeptSheet, Reach, Sheets, Turns, Wanted, span};
use sentiero_core::retention::place_of;
use sentiero_core::sheet::{self, Written};
use sentiero_core::store::StoreError;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use worker::{Delay, SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// Without a key of its own: one row written for each sheet. Parts are rows of their own:
/// SQLite reads a row from its beginning, so a report that wants one of seven would read the
/// others as well.
const CREATE: [&str; 9] = [
    "CREATE TABLE IF NOT EXISTS sheet (first TEXT PRIMARY KEY, until TEXT NOT NULL, \
     facts BLOB NOT NULL, names BLOB NOT NULL, pages BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS part (first TEXT NOT NULL, topic INTEGER NOT NULL, \
     bytes BLOB NOT NULL, PRIMARY KEY (first, topic)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS kept (asked BLOB PRIMARY KEY, used INTEGER NOT NULL, \
     report BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TRIGGER IF NOT EXISTS part_deleted AFTER DELETE ON sheet BEGIN \
     DELETE FROM part WHERE first = old.first; END",
    "CREATE TRIGGER IF NOT EXISTS kept_inserted AFTER INSERT ON sheet BEGIN \
     DELETE FROM kept; END",
    "CREATE TRIGGER IF NOT EXISTS kept_deleted AFTER DELETE ON sheet BEGIN \
     DELETE FROM kept; END",
    "CREATE TRIGGER IF NOT EXISTS sheet_inserted AFTER INSERT ON session BEGIN \
     DELETE FROM sheet WHERE first = (SELECT max(first) FROM sheet WHERE first <= new.sid) \
     AND until > new.sid; END",
    "CREATE TRIGGER IF NOT EXISTS sheet_updated AFTER UPDATE ON session BEGIN \
     DELETE FROM sheet WHERE first = (SELECT max(first) FROM sheet WHERE first <= new.sid) \
     AND until > new.sid; END",
    "CREATE TRIGGER IF NOT EXISTS sheet_deleted AFTER DELETE ON session BEGIN \
     DELETE FROM sheet WHERE first = (SELECT max(first) FROM sheet WHERE first <= old.sid) \
     AND until > old.sid; END",
];

/// How many of them are there.
const CREATED: &str = "SELECT count(*) FROM sqlite_master WHERE name IN \
     ('sheet', 'part', 'kept', 'part_deleted', 'kept_inserted', 'kept_deleted', \
     'sheet_inserted', 'sheet_updated', 'sheet_deleted')";

/// What no sheet holds before the last one: from where to where.
const GAPS: &str = "SELECT begun, first FROM \
     (SELECT first, lag(until, 1, '') OVER (ORDER BY first) AS begun FROM sheet) \
     WHERE begun < first";

/// What [`line`] reads of a row: with its users and metadata, and with its addresses, if they
/// are asked for.
fn line_of(names: bool, pages: bool) -> String {
    let lists = if names {
        "json_array(json(coalesce(users, '[]')), json(coalesce(named, '[]')), \
         json(coalesce(meta, '[]')))"
    } else {
        "json_array(json('[]'), json(coalesce(named, '[]')), json('[]'))"
    };
    let addresses = if pages {
        "json_array(entry, exit, coalesce(visited, ''))"
    } else {
        "json('[\"\",\"\",\"\"]')"
    };
    format!(
        "json_array(json_array(sid, live, duration, events, errors, rage, dead), \
         json_array(country, region, timezone, browser, os, device, referrer), {lists}, {addresses})"
    )
}

type Line = (
    (SessionId, u8, u64, u64, u32, u32, u32),
    [Option<String>; 7],
    [Vec<String>; 3],
    [String; 3],
);

/// A row as far as a sheet holds it: what [`line_of`] gives, its first column.
fn line(row: &mut Row) -> Result<SessionRow> {
    let text = row.text()?;
    let (numbers, texts, lists, addresses): Line = json::parse(text.as_bytes())?;
    let (sid, live, duration, events, errors, rage, dead) = numbers;
    let [country, region, timezone, browser, os, device, referrer] = texts;
    let [users, named, meta] = lists;
    let [entry, exit, visited] = addresses;
    Ok(SessionRow {
        started: sid.start(),
        sid,
        live: live == 1,
        duration,
        events,
        errors,
        rage,
        dead,
        country,
        region,
        timezone,
        browser,
        os,
        device,
        referrer,
        users,
        named,
        meta: pairs(&meta),
        entry,
        exit,
        visited: lines(Some(visited)),
        tabs: 0,
        pages: 0,
        clicks: 0,
        bytes: 0,
        masked: 0,
        active: 0,
        more: 0,
        strip: Strip::default(),
    })
}

fn reach(row: &mut Row) -> Result<Reach> {
    Ok(Reach::new(row.text()?, row.text()?))
}

fn packed(row: &mut Row) -> Result<Packed> {
    Ok(Packed::from_bytes(row.bytes()?))
}

/// The bounds of `reach`: of rows `sid >= ? AND sid < ?`, of sheets `until > ? AND first < ?`.
fn bounds(reach: &Reach) -> Vec<SqlStorageValue> {
    [&reach.first, &reach.until]
        .map(|bound| bound.as_str().into())
        .into()
}

/// What a question is kept under: it may name a person.
fn hash(asked: &[u8]) -> SqlStorageValue {
    SqlStorageValue::Blob(Sha256::digest(asked).to_vec())
}

/// SQLite of one month's object, in which there are rows.
pub(super) struct SqlSheets<'s> {
    sql: &'s SqlStorage,
    turns: Turns,
}

impl<'s> SqlSheets<'s> {
    /// For one deed.
    pub(super) fn new(sql: &'s SqlStorage) -> Self {
        Self {
            sql,
            turns: Turns::default(),
        }
    }

    fn text(&self, query: &str) -> Result<String> {
        let first = row::first(self.sql, query, Vec::new())?;
        first.map_or(Ok(String::new()), |mut row| row.text())
    }
}

impl Sheets for SqlSheets<'_> {
    async fn pause(&self) {
        if !self.turns.is_others() {
            return;
        }
        let before = http::now();
        Delay::from(Duration::ZERO).await;
        self.turns.waited(http::now().saturating_sub(before));
    }

    /// The contract of the stores has few rows.
    const ROWS: u32 = if cfg!(feature = "contract") {
        4
    } else {
        sheet::ROWS
    };

    fn prepare(&self) -> Result<()> {
        let created = row::first(self.sql, CREATED, Vec::new())?;
        if created.map_or(Ok(0), |mut row| row.number())? == CREATE.len() as u64 {
            return Ok(());
        }
        for statement in CREATE {
            self.sql.exec(statement, None)?;
        }
        Ok(())
    }

    fn nth(&self, reach: &Reach, place: u32) -> Result<Option<SessionId>> {
        let query =
            "SELECT sid FROM session WHERE sid >= ? AND sid < ? ORDER BY sid LIMIT 1 OFFSET ?";
        let mut values = bounds(reach);
        values.push(integer(u64::from(place)));
        let row = row::first(self.sql, query, values)?;
        row.map(|mut row| Ok(SessionId::parse(&row.text()?)?))
            .transpose()
    }

    fn rows(&self, reach: &Reach) -> Result<Vec<SessionRow>> {
        let line_of = line_of(true, true);
        let query =
            format!("SELECT {line_of} FROM session WHERE sid >= ? AND sid < ? ORDER BY sid");
        row::rows(self.sql, &query, bounds(reach), line)
    }

    fn each_row(
        &self,
        reach: &Reach,
        most: usize,
        wanted: Wanted,
        look: &mut dyn FnMut(&SessionRow, &Packed),
    ) -> Result<()> {
        let line_of = line_of(wanted.names, wanted.pages);
        let query = format!(
            "SELECT {line_of}, coalesce(packed, x'') FROM session \
             WHERE sid >= ? AND sid < ? ORDER BY sid LIMIT {most}"
        );
        row::each(self.sql, &query, bounds(reach), |row| {
            look(&line(row)?, &packed(row)?);
            Ok(true)
        })
    }

    fn packed(&self, reach: &Reach) -> Result<Vec<Packed>> {
        let query =
            "SELECT coalesce(packed, x'') FROM session WHERE sid >= ? AND sid < ? ORDER BY sid";
        row::rows(self.sql, query, bounds(reach), packed)
    }

    fn weight(&self, reach: &Reach) -> Result<u64> {
        let query =
            "SELECT coalesce(sum(length(packed)), 0) FROM session WHERE sid >= ? AND sid < ?";
        let row = row::first(self.sql, query, bounds(reach))?;
        row.map_or(Ok(0), |mut row| row.number())
    }

    fn begin(&self) -> Result<String> {
        self.text("SELECT coalesce(min(sid), '') FROM session")
    }

    fn gaps(&self) -> Result<Vec<Reach>> {
        row::rows(self.sql, GAPS, Vec::new(), reach)
    }

    fn end(&self) -> Result<String> {
        self.text("SELECT until FROM sheet ORDER BY first DESC LIMIT 1")
    }

    fn keep_sheet(&self, reach: &Reach, sheet: Written) -> Result<()> {
        let mut values = bounds(reach);
        let parts = [sheet.facts, sheet.names, sheet.pages];
        values.extend(parts.map(SqlStorageValue::Blob));
        let query = "INSERT INTO sheet (first, until, facts, names, pages) \
                     VALUES (?, ?, ?, ?, ?) ON CONFLICT (first) DO NOTHING";
        self.sql.exec(query, values)?;
        Ok(())
    }

    fn sheets(&self, reach_of: &Reach) -> Result<Vec<Reach>> {
        let query = "SELECT first, until FROM sheet WHERE until > ? AND first < ? \
                     ORDER BY first DESC";
        row::rows(self.sql, query, bounds(reach_of), reach)
    }

    fn each_sheet(
        &self,
        within: &Reach,
        most: usize,
        wanted: Wanted,
        look: &mut dyn FnMut(KeptSheet) -> Result<bool>,
    ) -> Result<()> {
        let column = |name, is_wanted| if is_wanted { name } else { "x''" };
        let (names, pages) = (column("names", wanted.names), column("pages", wanted.pages));
        let (mut bytes, mut joins) = (Vec::new(), Vec::new());
        for number in wanted.topics.iter().map(|topic| *topic as u8) {
            let own = format!("p{number}");
            bytes.push(format!(", {own}.bytes"));
            joins.push(format!(
                " LEFT JOIN part {own} ON {own}.first = sheet.first AND {own}.topic = {number}"
            ));
        }
        let (bytes, joins) = (bytes.concat(), joins.concat());
        let query = format!(
            "SELECT sheet.first, until, facts, {names}, {pages}{bytes} FROM sheet{joins} \
             WHERE until > ? AND sheet.first < ? ORDER BY sheet.first DESC LIMIT {most}"
        );
        row::each(self.sql, &query, bounds(within), |row| {
            let reach = reach(row)?;
            let written = Written {
                facts: row.bytes()?,
                names: row.bytes()?,
                pages: row.bytes()?,
            };
            let parts = wanted.topics.iter().map(|_| row.optional_bytes());
            let parts = parts.collect::<Result<Vec<_>>>()?;
            look(KeptSheet {
                reach,
                written,
                parts,
            })
        })
    }

    fn forget_sheets(&self) -> Result<()> {
        self.sql.exec("DELETE FROM sheet", None)?;
        Ok(())
    }

    fn without_parts(&self, within: &Reach, most: usize) -> Result<Vec<Reach>> {
        let query = format!(
            "SELECT first, until FROM sheet WHERE until > ? AND first < ? AND NOT EXISTS \
             (SELECT 1 FROM part WHERE part.first = sheet.first) LIMIT {most}"
        );
        row::rows(self.sql, &query, bounds(within), reach)
    }

    /// One statement, so that they are there all or none.
    fn keep_parts(&self, first: &str, parts: &[(u8, Vec<u8>)]) -> Result<()> {
        let mut values: Vec<SqlStorageValue> = Vec::new();
        for (number, bytes) in parts {
            values.extend([
                first.into(),
                integer(u64::from(*number)),
                SqlStorageValue::Blob(bytes.clone()),
            ]);
        }
        let rows = vec!["(?, ?, ?)"; parts.len()].join(", ");
        let query = format!(
            "INSERT INTO part (first, topic, bytes) VALUES {rows} \
             ON CONFLICT (first, topic) DO UPDATE SET bytes = excluded.bytes"
        );
        self.sql.exec(&query, values)?;
        Ok(())
    }

    fn answer(&self, asked: &[u8]) -> Result<Option<Vec<u8>>> {
        let query = "SELECT report, used = (SELECT max(used) FROM kept) FROM kept WHERE asked = ?";
        let Some(mut row) = row::first(self.sql, query, vec![hash(asked)])? else {
            return Ok(None);
        };
        let (bytes, is_last) = (row.bytes()?, row.number()? == 1);
        if !is_last {
            let query = "UPDATE kept SET used = 1 + (SELECT max(used) FROM kept) WHERE asked = ?";
            self.sql.exec(query, vec![hash(asked)])?;
        }
        Ok(Some(bytes))
    }

    fn mark(&self, asked: &[u8], most: u32) -> Result<Vec<u8>> {
        // No JSON, so no answer.
        let mark = [&[0], &http::random::<16>()?[..]].concat();
        let query = "INSERT INTO kept (asked, used, report) \
                     VALUES (?, 1 + (SELECT coalesce(max(used), 0) FROM kept), ?) \
                     ON CONFLICT (asked) DO UPDATE SET used = excluded.used, \
                     report = excluded.report";
        let marked = SqlStorageValue::Blob(mark.clone());
        self.sql.exec(query, vec![hash(asked), marked])?;
        let query = "DELETE FROM kept WHERE used <= \
                     (SELECT used FROM kept ORDER BY used DESC LIMIT 1 OFFSET ?)";
        self.sql.exec(query, vec![integer(most.into())])?;
        Ok(mark)
    }

    fn keep_answer(&self, asked: &[u8], mark: &[u8], answer: Option<&[u8]>) -> Result<()> {
        let mark = SqlStorageValue::Blob(mark.to_vec());
        let Some(answer) = answer else {
            let query = "DELETE FROM kept WHERE asked = ? AND report = ?";
            self.sql.exec(query, vec![hash(asked), mark])?;
            return Ok(());
        };
        let query = "UPDATE kept SET report = ? WHERE asked = ? AND report = ?";
        let answer = SqlStorageValue::Blob(answer.to_vec());
        self.sql.exec(query, vec![answer, hash(asked), mark])?;
        Ok(())
    }
}

/// How many sessions of the time of `filter` hold what another version wrote.
pub(super) fn outdated(sql: &SqlStorage, filter: &Filter) -> Result<u64> {
    if !rows::exists(sql)? {
        return Ok(0);
    }
    let query = format!("SELECT count(*) FROM session WHERE sid >= ? AND sid < ? AND {OUTDATED}");
    let mut values = bounds(&span(filter));
    values.push(version());
    row::first(sql, &query, values)?.map_or(Ok(0), |mut row| row.number())
}

/// The ids of sessions that a report named, in the same order.
pub(super) fn named(sql: &SqlStorage, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
    let sheets = SqlSheets::new(sql);
    let of = |example: &Example| {
        let until = place_of(example.started.saturating_add(1));
        let reach = Reach::new(place_of(example.started), until);
        sheets.nth(&reach, example.rank)
    };
    examples.iter().map(of).collect()
}
