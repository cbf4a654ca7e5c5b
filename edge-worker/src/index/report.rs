//! What reports read of one month: [parts](sentiero_core::analytics::part) beside its sheets.
//!
//! A part holds one topic of the sessions of a sheet. It is made by the first report that
//! asks for it, and goes with its sheet, in the same step: so a part that is there says what
//! the rows say. Sessions that lie in no sheet, the newest ones and those of a sheet that
//! would be too large, are read row by row.

use super::Told;
use super::rows::exists;
use super::sheets::{self, END, LINE, line};
use crate::store::row::{self, Row, has_table, integer};
use sentiero_core::analytics::fold::Fold;
use sentiero_core::analytics::pack::{Malformed, Packed};
use sentiero_core::analytics::part;
use sentiero_core::analytics::report::{AnyReport, Example};
use sentiero_core::analytics::session::{Session, Topic};
use sentiero_core::filter::Filter;
use sentiero_core::id::SessionId;
use sentiero_core::retention::place_of;
use sentiero_core::sheet::{Needs, Rows, Sheet, decides};
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// Parts are rows of their own: SQLite reads a row from its beginning, so a report that wants
/// one of seven would read the others as well.
const CREATE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS part (first TEXT NOT NULL, topic INTEGER NOT NULL, \
     bytes BLOB NOT NULL, PRIMARY KEY (first, topic)) WITHOUT ROWID",
    "CREATE TRIGGER IF NOT EXISTS part_deleted AFTER DELETE ON sheet BEGIN \
     DELETE FROM part WHERE first = old.first; END",
];

/// How many sheets' parts one call makes at most, some 20 ms each.
const AT_ONCE: usize = 128;

/// How many sheets one call makes at most, some 15 ms each.
const SHEETS: u32 = 128;

/// Packed bytes of the sessions of one sheet that are made into parts at once: far above what
/// ordinary sessions have, and little beside an object's memory.
const MAX_PACKED: u64 = 8 << 20;

/// The largest part that is kept, bytes: a row of SQLite holds less than 2 MB.
const MAX_PART: usize = 1 << 20;

/// A sheet: from where to before where.
struct Place {
    first: String,
    until: String,
}

/// Counts the sessions that `filter` takes.
pub(super) fn tell(sql: &SqlStorage, filter: &Filter, report: AnyReport) -> Result<Told> {
    if !exists(sql)? {
        return Ok(Told::Report(Box::new(report)));
    }
    if sheets::make(sql, SHEETS)? {
        return Ok(Told::Again);
    }
    let mut teller = Teller {
        sql,
        filter,
        fold: Fold::new(report.clone()),
        left: AT_ONCE,
    };
    match teller.all() {
        Ok(true) => Ok(Told::Report(Box::new(teller.fold.into_report()))),
        Ok(false) => Ok(Told::Again),
        // Another version wrote them, or they are damaged: they are made again.
        Err(Trouble::Malformed) => {
            sheets::forget(sql)?;
            let mut fold = Fold::new(report);
            read_rows(sql, filter, &mut fold, "", END)?;
            Ok(Told::Report(Box::new(fold.into_report())))
        }
        Err(Trouble::Store(error)) => Err(error),
    }
}

/// Why sheets could not be read.
enum Trouble {
    Malformed,
    Store(StoreError),
}

impl From<Malformed> for Trouble {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl From<sentiero_core::sheet::Malformed> for Trouble {
    fn from(_: sentiero_core::sheet::Malformed) -> Self {
        Self::Malformed
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A sheet's parts, of some topics.
type Parts = Vec<(Topic, Vec<u8>)>;

struct Teller<'a> {
    sql: &'a SqlStorage,
    filter: &'a Filter,
    fold: Fold,
    /// How many sheets' parts may still be made.
    left: usize,
}

impl Teller<'_> {
    /// Reads everything; false if more has to be made than one call may.
    fn all(&mut self) -> core::result::Result<bool, Trouble> {
        let (from, before) = sheets::span(self.filter);
        let mut begin = String::new();
        for place in self.places()? {
            self.rows(&begin, &place.first)?;
            begin.clone_from(&place.until);
            let is_outside = place.until <= from || place.first >= before;
            if !is_outside && !self.sheet(&place)? {
                return Ok(false);
            }
        }
        self.rows(&begin, END)?;
        Ok(true)
    }

    fn places(&self) -> Result<Vec<Place>> {
        if !decides(self.filter) || !has_table(self.sql, "sheet")? {
            return Ok(Vec::new());
        }
        for statement in CREATE {
            self.sql.exec(statement, None)?;
        }
        let query = "SELECT first, until FROM sheet ORDER BY first";
        row::rows(self.sql, query, Vec::new(), |row| {
            Ok(Place {
                first: row.text()?,
                until: row.text()?,
            })
        })
    }

    /// Reads a sheet; false if its parts are to be made by another call.
    fn sheet(&mut self, place: &Place) -> core::result::Result<bool, Trouble> {
        let needs = Needs::of(self.filter);
        let pages = if needs.pages { "pages" } else { "x''" };
        let query = format!("SELECT facts, names, {pages} FROM sheet WHERE first = ?");
        let row = row::first(self.sql, &query, vec![place.first.as_str().into()])?;
        let Some(mut row) = row else {
            return Ok(true);
        };
        let (facts, names, pages) = (row.bytes()?, row.bytes()?, row.bytes()?);
        let pages = needs.pages.then_some(pages.as_slice());
        let sheet = Sheet::read(&facts, Some(&names), pages)?;
        let rows = Rows::of(&sheet, self.filter)?;
        if rows.is_left_out() {
            return Ok(true);
        }
        let mut parts = self.parts(place)?;
        if parts.is_none() {
            if self.left == 0 {
                return Ok(false);
            }
            self.left -= 1;
            make(self.sql, place)?;
            parts = self.parts(place)?;
        }
        let Some(parts) = parts else {
            self.rows(&place.first, &place.until)?;
            return Ok(true);
        };
        let parts: Vec<(Topic, &[u8])> = parts
            .iter()
            .map(|(topic, bytes)| (*topic, bytes.as_slice()))
            .collect();
        self.fold.sheet(&rows, &parts)?;
        Ok(true)
    }

    /// The parts of a sheet that the report reads; none if one is missing.
    fn parts(&self, place: &Place) -> Result<Option<Parts>> {
        let query = "SELECT bytes FROM part WHERE first = ? AND topic = ?";
        let mut parts = Vec::new();
        for topic in self.fold.topics() {
            let values = vec![place.first.as_str().into(), number(*topic)];
            let Some(mut row) = row::first(self.sql, query, values)? else {
                return Ok(None);
            };
            parts.push((*topic, row.bytes()?));
        }
        Ok(Some(parts))
    }

    /// Reads the rows that lie from `first` to before `until` one by one.
    fn rows(&mut self, first: &str, until: &str) -> Result<()> {
        if first >= until {
            return Ok(());
        }
        read_rows(self.sql, self.filter, &mut self.fold, first, until)
    }
}

/// What stands for a topic in the table: a storage format.
fn number(topic: Topic) -> SqlStorageValue {
    integer(u64::from(topic as u8))
}

fn packed(row: &mut Row) -> Result<Packed> {
    Ok(Packed::from_bytes(row.bytes()?))
}

/// Makes the parts of a sheet, unless they are too large.
fn make(sql: &SqlStorage, place: &Place) -> Result<()> {
    let span = || vec![place.first.as_str().into(), place.until.as_str().into()];
    let query = "SELECT coalesce(sum(length(packed)), 0) FROM session WHERE sid >= ? AND sid < ?";
    let bytes = row::first(sql, query, span())?.map_or(Ok(0), |mut row| row.number())?;
    if bytes > MAX_PACKED {
        return Ok(());
    }
    let query = "SELECT coalesce(packed, x'') FROM session WHERE sid >= ? AND sid < ? ORDER BY sid";
    let packed = row::rows(sql, query, span(), packed)?;
    let mut sessions: Vec<Session> = packed.iter().map(read).collect();
    for topic in Topic::ALL {
        let bytes = part::of(&mut sessions, topic);
        if bytes.len() > MAX_PART {
            continue;
        }
        let values = vec![
            place.first.as_str().into(),
            number(topic),
            SqlStorageValue::Blob(bytes),
        ];
        let query = "INSERT INTO part (first, topic, bytes) VALUES (?, ?, ?) \
                     ON CONFLICT (first, topic) DO UPDATE SET bytes = excluded.bytes";
        sql.exec(query, values)?;
    }
    Ok(())
}

/// A session; one of another version tells nothing, until it is made again.
fn read(packed: &Packed) -> Session {
    packed.read().unwrap_or_default()
}

/// Reads rows one by one, also those that the filter leaves out: a session is named by its
/// rank among those of its start.
fn read_rows(
    sql: &SqlStorage,
    filter: &Filter,
    fold: &mut Fold,
    first: &str,
    until: &str,
) -> Result<()> {
    let (from, before) = sheets::span(filter);
    let first = first.max(from.as_str()).to_owned();
    let until = until.min(before.as_str()).to_owned();
    let query = format!(
        "SELECT {LINE}, coalesce(packed, x'') FROM session WHERE sid >= ? AND sid < ? ORDER BY sid"
    );
    row::each(sql, &query, vec![first.into(), until.into()], |row| {
        let (row, packed) = (line(row)?, packed(row)?);
        fold.row(&row, &read(&packed), filter.matches(&row));
        Ok(true)
    })
}

/// The ids of sessions that a report named, in the same order.
pub(super) fn named(sql: &SqlStorage, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
    if !exists(sql)? {
        return Ok(examples.iter().map(|_| None).collect());
    }
    let query = "SELECT sid FROM session WHERE sid >= ? AND sid < ? ORDER BY sid LIMIT 1 OFFSET ?";
    let of = |example: &Example| {
        let values = vec![
            place_of(example.started).into(),
            place_of(example.started.saturating_add(1)).into(),
            integer(example.rank.into()),
        ];
        let row = row::first(sql, query, values)?;
        row.map(|mut row| Ok(SessionId::parse(&row.text()?)?))
            .transpose()
    };
    examples.iter().map(of).collect()
}
