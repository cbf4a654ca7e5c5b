//! The [sheets](sentiero_core::sheet) of one month, in SQLite beside its rows.
//!
//! A sheet holds the sessions whose ids lie from `first` to before `until`. Triggers of the
//! database delete it when one of their rows is written or deleted, in the same step,
//! whoever does it: also an earlier version of the worker. So a sheet that is there says what
//! the rows say, and writing a row costs no more than before where nobody looks at the list.
//!
//! The next question makes what is missing, if it is little. If it is much, the rows answer
//! meanwhile, and the object's alarm makes it: nobody waits for that.
//!
//! Where sheets cannot answer, the caller asks the rows: the filter wants more than they
//! hold, so many sessions started in one millisecond that no sheet can end there, or a part
//! would be too large for a row of SQLite.

use super::rows::{self, COLUMNS, lines, pairs};
use crate::store::row::{self, Row, has_table, integer};
use core::cell::Cell;
use sentiero_core::api::SessionRow;
use sentiero_core::digest::Strip;
use sentiero_core::facets::Facets;
use sentiero_core::filter::Filter;
use sentiero_core::id::SessionId;
use sentiero_core::json;
use sentiero_core::listing::{Search, Sort};
use sentiero_core::retention::place_of;
use sentiero_core::sheet::{self, Malformed, Needs, Place, Sheet, Tally, Top, Written, decides};
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// Without a key of its own: one row written for each sheet.
const CREATE: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS sheet (first TEXT PRIMARY KEY, until TEXT NOT NULL, \
     facts BLOB NOT NULL, names BLOB NOT NULL, pages BLOB NOT NULL) WITHOUT ROWID",
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

/// What no sheet holds before the last one: from where to where.
const GAPS: &str = "SELECT begun, first FROM \
     (SELECT first, lag(until, 1, '') OVER (ORDER BY first) AS begun FROM sheet) \
     WHERE begun < first";

/// What [`line`] reads of a row: with its users and metadata, and with its addresses, if they
/// are asked for.
pub(super) fn line_of(needs: Needs) -> String {
    let lists = if needs.names {
        "json_array(json(coalesce(users, '[]')), json(coalesce(named, '[]')), \
         json(coalesce(meta, '[]')))"
    } else {
        "json_array(json('[]'), json(coalesce(named, '[]')), json('[]'))"
    };
    let addresses = if needs.pages {
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

/// Behind every id.
pub(super) const END: &str = "~";

/// The contract of the stores has few rows.
const ROWS: u32 = if cfg!(feature = "contract") {
    4
} else {
    sheet::ROWS
};

/// How many sheets one question makes at most, some 15 ms each. The contract asks of sheets
/// only.
const AT_ONCE: u32 = if cfg!(feature = "contract") { 256 } else { 8 };

/// A row as far as a sheet holds it: what [`line_of`] gives, its first column.
pub(super) fn line(row: &mut Row) -> Result<SessionRow> {
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

/// The sheet of the rows from `first` to before `until`; none if there are none.
fn made(sql: &SqlStorage, first: &str, until: &str) -> Result<Option<Written>> {
    let line_of_all = line_of(Needs {
        names: true,
        pages: true,
    });
    let query =
        format!("SELECT {line_of_all} FROM session WHERE sid >= ? AND sid < ? ORDER BY sid");
    let rows = row::rows(sql, &query, vec![first.into(), until.into()], line)?;
    Ok((!rows.is_empty()).then(|| sheet::write(&rows)))
}

fn keep(sql: &SqlStorage, first: &str, until: &str, sheet: Written) -> Result<()> {
    sql.exec(
        "INSERT INTO sheet (first, until, facts, names, pages) VALUES (?, ?, ?, ?, ?)",
        vec![
            first.into(),
            until.into(),
            SqlStorageValue::Blob(sheet.facts),
            SqlStorageValue::Blob(sheet.names),
            SqlStorageValue::Blob(sheet.pages),
        ],
    )?;
    Ok(())
}

/// The id of one of the rows from `first` to before `until`.
pub(super) fn nth(
    sql: &SqlStorage,
    first: &str,
    until: &str,
    place: u32,
) -> Result<Option<SessionId>> {
    let query = "SELECT sid FROM session WHERE sid >= ? AND sid < ? ORDER BY sid LIMIT 1 OFFSET ?";
    let values = vec![first.into(), until.into(), integer(u64::from(place))];
    let row = row::first(sql, query, values)?;
    row.map(|mut row| Ok(SessionId::parse(&row.text()?)?))
        .transpose()
}

/// Makes the sheets that are missing.
struct Maker<'s> {
    sql: &'s SqlStorage,
    /// How many it may make yet.
    left: u32,
    /// Whether it was not allowed to make all.
    is_short: bool,
}

/// Makes sheets that are missing, no more than `most`; true if there are more.
pub(super) fn make(sql: &SqlStorage, most: u32) -> Result<bool> {
    let mut maker = Maker::new(sql, most);
    maker.most()?;
    Ok(maker.is_short)
}

impl<'s> Maker<'s> {
    fn new(sql: &'s SqlStorage, most: u32) -> Self {
        Self {
            sql,
            left: most,
            is_short: false,
        }
    }

    /// Makes all but the last sheet, which changes so soon that it is only given. None if
    /// they cannot be made.
    fn all(&mut self) -> Result<Option<Written>> {
        let Some(first) = self.most()? else {
            return Ok(None);
        };
        let last = made(self.sql, &first, END)?;
        Ok(Some(last.unwrap_or_else(|| sheet::write(&[]))))
    }

    /// Makes all but the last sheet, and says where that begins.
    fn most(&mut self) -> Result<Option<String>> {
        let sql = self.sql;
        if !has_table(sql, "sheet")? {
            for statement in CREATE {
                sql.exec(statement, None)?;
            }
        }
        let gaps = row::rows(sql, GAPS, Vec::new(), |row| Ok((row.text()?, row.text()?)))?;
        for (first, until) in gaps {
            let Some(first) = self.whole(first, &until)? else {
                return Ok(None);
            };
            if nth(sql, &first, &until, 0)?.is_none() {
                continue;
            }
            self.is_short = self.left == 0;
            if self.is_short {
                return Ok(None);
            }
            let Some(rest) = made(sql, &first, &until)? else {
                continue;
            };
            if rest.is_too_large() {
                return Ok(None);
            }
            keep(sql, &first, &until, rest)?;
            self.left -= 1;
        }
        let last = row::first(
            sql,
            "SELECT until FROM sheet ORDER BY first DESC LIMIT 1",
            Vec::new(),
        )?;
        let first = last.map_or(Ok(String::new()), |mut row| row.text())?;
        self.whole(first, END)
    }

    /// Makes sheets as long as two can be filled, and says where the next one begins.
    fn whole(&mut self, mut first: String, until: &str) -> Result<Option<String>> {
        while nth(self.sql, &first, until, 2 * ROWS - 1)?.is_some() {
            let end = nth(self.sql, &first, until, ROWS)?;
            // Sessions of one millisecond lie in one sheet.
            let end = end.map(|sid| place_of(sid.start())).unwrap_or_default();
            self.is_short = self.left == 0;
            if end <= first || self.is_short {
                return Ok(None);
            }
            if let Some(sheet) = made(self.sql, &first, &end)? {
                if sheet.is_too_large() {
                    return Ok(None);
                }
                keep(self.sql, &first, &end, sheet)?;
            }
            self.left -= 1;
            first = end;
        }
        Ok(Some(first))
    }
}

/// Shows `look` every sheet that may hold something from `first` to before `until`, in their
/// order or `backwards`, until it has seen enough. False if they cannot be shown; `lacking`
/// if that is because so many are missing.
fn show(
    sql: &SqlStorage,
    lacking: &Cell<bool>,
    filter: &Filter,
    (first, until): (String, String),
    backwards: bool,
    mut look: impl FnMut(&Sheet<'_>) -> core::result::Result<bool, Malformed>,
) -> Result<bool> {
    // What the alarm makes already is not waited for.
    let mut maker = Maker::new(sql, if lacking.get() { 0 } else { AT_ONCE });
    let last = maker.all()?;
    lacking.set(maker.is_short);
    let Some(last) = last else {
        return Ok(false);
    };
    let needs = Needs::of(filter);
    let mut look = |sheet: &Written| {
        let names = needs.names.then_some(sheet.names.as_slice());
        let pages = needs.pages.then_some(sheet.pages.as_slice());
        look(&Sheet::read(&sheet.facts, names, pages)?)
    };
    let (names, pages) = (
        if needs.names { "names" } else { "x''" },
        if needs.pages { "pages" } else { "x''" },
    );
    let order = if backwards { "DESC" } else { "ASC" };
    let query = format!(
        "SELECT facts, {names}, {pages} FROM sheet WHERE until > ? AND first < ? \
         ORDER BY first {order}"
    );
    let mut goes_on = Ok(true);
    if backwards {
        goes_on = look(&last);
    }
    if goes_on == Ok(true) {
        row::each(sql, &query, vec![first.into(), until.into()], |row| {
            goes_on = look(&Written {
                facts: row.bytes()?,
                names: row.bytes()?,
                pages: row.bytes()?,
            });
            Ok(goes_on == Ok(true))
        })?;
    }
    if !backwards && goes_on == Ok(true) {
        goes_on = look(&last);
    }
    if goes_on.is_err() {
        forget(sql)?;
    }
    Ok(goes_on.is_ok())
}

/// Deletes every sheet: another version wrote them, or they are damaged.
pub(super) fn forget(sql: &SqlStorage) -> Result<()> {
    sql.exec("DELETE FROM sheet", None)?;
    Ok(())
}

/// What `filter` could be narrowed by; none if sheets cannot say it.
pub(super) fn facets(
    sql: &SqlStorage,
    lacking: &Cell<bool>,
    filter: &Filter,
    most: usize,
) -> Result<Option<Facets>> {
    if !decides(filter) {
        return Ok(None);
    }
    let mut tally = Tally::new(filter);
    let shown = show(sql, lacking, filter, span(filter), false, |sheet| {
        tally.add(sheet)?;
        Ok(true)
    })?;
    Ok(shown.then(|| tally.facets(most)))
}

/// The ids from where to before where `filter` takes any.
pub(super) fn span(filter: &Filter) -> (String, String) {
    (
        filter.from.map(place_of).unwrap_or_default(),
        filter.before.map_or_else(|| END.to_owned(), place_of),
    )
}

/// Whether the rows themselves give a page without looking at others: it goes by the start,
/// and takes every session of a time.
fn is_a_range(search: &Search) -> bool {
    let all = Filter {
        from: search.filter.from,
        before: search.filter.before,
        ..Filter::default()
    };
    search.sort.is_by_start() && search.filter == all
}

/// The rows of a page, in its order; none if sheets cannot say which.
pub(super) fn page(
    sql: &SqlStorage,
    lacking: &Cell<bool>,
    search: &Search,
) -> Result<Option<Vec<SessionRow>>> {
    let filter = &search.filter;
    if is_a_range(search) || !decides(filter) {
        return Ok(None);
    }
    let mut span = span(filter);
    let is_oldest = search.sort == Sort::Oldest;
    if search.sort.is_by_start()
        && let Some(cursor) = &search.cursor
    {
        let start = cursor.sid.start();
        if is_oldest {
            span.0 = span.0.max(place_of(start));
        } else {
            span.1 = span.1.min(place_of(start.saturating_add(1)));
        }
    }
    let mut top = Top::new(search, before(sql, search)?);
    let shown = show(sql, lacking, filter, span, !is_oldest, |sheet| {
        top.add(sheet)?;
        Ok(!top.is_done())
    })?;
    if !shown {
        return Ok(None);
    }
    let mut rows = Vec::new();
    for place in top.places() {
        let Some(row) = at(sql, &place)? else {
            forget(sql)?;
            return Ok(None);
        };
        rows.push(row);
    }
    Ok(Some(rows))
}

/// What [`Top::new`] asks of the sessions beside the cursor's.
fn before(sql: &SqlStorage, search: &Search) -> Result<u32> {
    let Some(cursor) = &search.cursor else {
        return Ok(0);
    };
    let is = match search.sort {
        Sort::Oldest => "<=",
        _ => "<",
    };
    let query = format!("SELECT count(*) FROM session WHERE sid >= ? AND sid {is} ?");
    let first = place_of(cursor.sid.start());
    let values = vec![first.into(), cursor.sid.as_str().into()];
    row::first(sql, &query, values)?.map_or(Ok(0), |mut row| row.count())
}

/// The row at a place.
fn at(sql: &SqlStorage, place: &Place) -> Result<Option<SessionRow>> {
    let query = format!(
        "SELECT {COLUMNS} FROM session WHERE sid >= ? AND sid < ? ORDER BY sid LIMIT 1 OFFSET ?"
    );
    let values = vec![
        place_of(place.start).into(),
        place_of(place.start.saturating_add(1)).into(),
        integer(u64::from(place.rank)),
    ];
    let row = row::first(sql, &query, values)?;
    row.map(|mut row| rows::read(&mut row)).transpose()
}
