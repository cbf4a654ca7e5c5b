//! What reports read of one month: [parts](sentiero_core::analytics::part) beside its sheets.
//!
//! A part holds one topic of the sessions of a sheet. It is made by the alarm after the sheets
//! that it made, or by the first report that asks for it, and goes with its sheet, in the same
//! step: so a part that is there says what the rows say. Sessions that lie in no sheet, the
//! newest ones and those of a sheet that would be too large, are read row by row.

use super::kept;
use super::rows::{OUTDATED, exists, version};
use super::sheets::{self, END, LINE, line};
use crate::store::row::{self, Row, has_table, integer};
use sentiero_core::analytics::fold::Fold;
use sentiero_core::analytics::pack::{Malformed, Packed};
use sentiero_core::analytics::part;
use sentiero_core::analytics::report::{AnyReport, Example, Unlike};
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

/// How many sheets' parts the alarm makes before it lets others ask.
const PARTS_IN_ALARM: usize = 16;

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

/// Counts the sessions that `filter` takes; none if more has to be made than one call may.
pub(super) fn tell(
    sql: &SqlStorage,
    filter: &Filter,
    report: AnyReport,
) -> Result<Option<AnyReport>> {
    if !exists(sql)? {
        return Ok(Some(report));
    }
    if sheets::make(sql, SHEETS)? {
        return Ok(None);
    }
    let teller = Teller {
        sql,
        filter,
        fold: Fold::new(report.clone()),
        loose: Fold::new(report.clone()),
    };
    match teller.all() {
        Ok(told) => Ok(told),
        // Another version wrote them, or they are damaged: they are made again.
        Err(Trouble::Malformed) => {
            sheets::forget(sql)?;
            let mut fold = Fold::new(report);
            read_rows(sql, filter, &mut fold, "", END)?;
            Ok(Some(fold.into_report()))
        }
        Err(Trouble::Store(error)) => Err(error),
    }
}

/// How many sessions of the time of `filter` hold what another version wrote.
pub(super) fn outdated(sql: &SqlStorage, filter: &Filter) -> Result<u64> {
    if !exists(sql)? {
        return Ok(0);
    }
    let (from, before) = sheets::span(filter);
    let query = format!("SELECT count(*) FROM session WHERE sid >= ? AND sid < ? AND {OUTDATED}");
    let values = vec![from.into(), before.into(), version()];
    row::first(sql, &query, values)?.map_or(Ok(0), |mut row| row.number())
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
    /// What the sheets say.
    fold: Fold,
    /// What the rows say that lie in no sheet.
    loose: Fold,
}

impl Teller<'_> {
    /// Reads everything; none if more has to be made than one call may.
    fn all(mut self) -> core::result::Result<Option<AnyReport>, Trouble> {
        let mut end = END.to_owned();
        if decides(self.filter) && has_table(self.sql, "sheet")? {
            let asked = kept::Asked::of(self.sql, self.fold.report(), self.filter)?;
            let known = asked
                .as_ref()
                .map(|asked| asked.read(self.sql))
                .transpose()?;
            if let Some(report) = known.flatten() {
                self.fold = Fold::new(report);
                end = self.gaps()?;
            } else {
                if !self.make()? {
                    return Ok(None);
                }
                end = self.sheets()?;
                if let Some(asked) = asked {
                    asked.keep(self.sql, self.fold.report())?;
                }
            }
        }
        self.rows("", &end)?;
        let mut report = self.fold.into_report();
        let loose = self.loose.into_report();
        let merged = report.merge(loose).map_err(|Unlike| Trouble::Malformed);
        merged.map(|()| Some(report))
    }

    /// Reads the rows behind and between the sheets, and not those; tells where the first one
    /// begins.
    fn gaps(&mut self) -> Result<String> {
        let query = "SELECT first, until FROM sheet WHERE until > ? AND first < ? \
                     ORDER BY first DESC";
        let (from, before) = sheets::span(self.filter);
        let places = row::rows(self.sql, query, vec![from.into(), before.into()], place)?;
        let mut end = END.to_owned();
        for place in places {
            self.rows(&place.until, &end)?;
            end = place.first;
        }
        Ok(end)
    }

    /// Makes parts that are missing; false if there are more than one call may make.
    fn make(&self) -> Result<bool> {
        Ok(!make_parts(self.sql, sheets::span(self.filter), AT_ONCE)?)
    }

    /// Reads the sheets, and the rows behind and between them; tells where the first one
    /// begins. The latest come first: examples of a number are the latest sessions, so that
    /// hardly any that follows is one.
    fn sheets(&mut self) -> core::result::Result<String, Trouble> {
        let needs = Needs::of(self.filter);
        let names = needs.names || self.fold.reads_users();
        let column = |name, is_needed| if is_needed { name } else { "x''" };
        let (names, pages) = (column("names", names), column("pages", needs.pages));
        let (mut bytes, mut joins) = (Vec::new(), Vec::new());
        for number in self.fold.topics().iter().map(|topic| number(*topic)) {
            let own = format!("p{number}");
            bytes.push(format!(", {own}.bytes"));
            joins.push(format!(
                " LEFT JOIN part {own} ON {own}.first = sheet.first AND {own}.topic = {number}"
            ));
        }
        let (bytes, joins) = (bytes.concat(), joins.concat());
        let query = format!(
            "SELECT sheet.first, until, facts, {names}, {pages}{bytes} FROM sheet{joins} \
             WHERE until > ? AND sheet.first < ? ORDER BY sheet.first DESC"
        );
        let (from, before) = sheets::span(self.filter);
        let (mut end, mut trouble) = (END.to_owned(), None);
        row::each(self.sql, &query, vec![from.into(), before.into()], |row| {
            let place = place(row)?;
            self.rows(&place.until, &end)?;
            let read = self.sheet(&place, row);
            end = place.first;
            match read {
                Err(Trouble::Store(error)) => Err(error),
                Err(Trouble::Malformed) => {
                    trouble = Some(Trouble::Malformed);
                    Ok(false)
                }
                Ok(()) => Ok(true),
            }
        })?;
        trouble.map_or(Ok(end), Err)
    }

    /// Reads a sheet and its parts.
    fn sheet(&mut self, place: &Place, row: &mut Row) -> core::result::Result<(), Trouble> {
        let (facts, names, pages) = (row.bytes()?, row.bytes()?, row.bytes()?);
        let needs = Needs::of(self.filter);
        let names = (needs.names || self.fold.reads_users()).then_some(names.as_slice());
        let pages = needs.pages.then_some(pages.as_slice());
        let sheet = Sheet::read(&facts, names, pages)?;
        let rows = Rows::of(&sheet, self.filter)?;
        let mut parts: Parts = Vec::new();
        for topic in self.fold.topics() {
            let Some(bytes) = row.optional_bytes()? else {
                let fold = &mut self.fold;
                let (first, until) = (&place.first, &place.until);
                return Ok(read_rows(self.sql, self.filter, fold, first, until)?);
            };
            parts.push((*topic, bytes));
        }
        let parts: Vec<(Topic, &[u8])> = parts
            .iter()
            .map(|(topic, bytes)| (*topic, bytes.as_slice()))
            .collect();
        self.fold.sheet(&rows, &parts)?;
        Ok(())
    }

    /// Reads the rows in no sheet that lie from `first` to before `until` one by one.
    fn rows(&mut self, first: &str, until: &str) -> Result<()> {
        if first >= until {
            return Ok(());
        }
        read_rows(self.sql, self.filter, &mut self.loose, first, until)
    }
}

fn place(row: &mut Row) -> Result<Place> {
    Ok(Place {
        first: row.text()?,
        until: row.text()?,
    })
}

/// What stands for a topic in the table: a storage format.
fn number(topic: Topic) -> u8 {
    topic as u8
}

/// What stands for all parts of a sheet that would be too large together.
const NONE: u8 = u8::MAX;

fn packed(row: &mut Row) -> Result<Packed> {
    Ok(Packed::from_bytes(row.bytes()?))
}

/// Makes parts of sheets that lie in a span and have none, of no more than `most`; true if
/// there are more.
fn make_parts(sql: &SqlStorage, (from, before): (String, String), most: usize) -> Result<bool> {
    for statement in CREATE {
        sql.exec(statement, None)?;
    }
    let query = format!(
        "SELECT first, until FROM sheet WHERE until > ? AND first < ? AND NOT EXISTS \
         (SELECT 1 FROM part WHERE part.first = sheet.first) LIMIT {}",
        most + 1
    );
    let missing = row::rows(sql, &query, vec![from.into(), before.into()], place)?;
    for place in missing.iter().take(most) {
        make(sql, place)?;
    }
    Ok(missing.len() > most)
}

/// Makes sheets that are missing, and then their parts, a few of them: nobody waits for that.
/// True if there are more.
pub(super) fn prepare(sql: &SqlStorage) -> Result<bool> {
    if sheets::make(sql, sheets::IN_ALARM)? {
        return Ok(true);
    }
    let all = (String::new(), END.to_owned());
    make_parts(sql, all, PARTS_IN_ALARM)
}

/// Makes the parts of a sheet, unless they are too large.
fn make(sql: &SqlStorage, place: &Place) -> Result<()> {
    let span = || vec![place.first.as_str().into(), place.until.as_str().into()];
    let query = "SELECT coalesce(sum(length(packed)), 0) FROM session WHERE sid >= ? AND sid < ?";
    let bytes = row::first(sql, query, span())?.map_or(Ok(0), |mut row| row.number())?;
    if bytes > MAX_PACKED {
        return keep(sql, place, NONE, Vec::new());
    }
    let query = "SELECT coalesce(packed, x'') FROM session WHERE sid >= ? AND sid < ? ORDER BY sid";
    let packed = row::rows(sql, query, span(), packed)?;
    let mut sessions: Vec<Session> = packed.iter().map(read).collect();
    for topic in Topic::ALL {
        let bytes = part::of(&mut sessions, topic);
        if bytes.len() <= MAX_PART {
            keep(sql, place, number(topic), bytes)?;
        }
    }
    Ok(())
}

fn keep(sql: &SqlStorage, place: &Place, number: u8, bytes: Vec<u8>) -> Result<()> {
    let values = vec![
        place.first.as_str().into(),
        integer(number.into()),
        SqlStorageValue::Blob(bytes),
    ];
    let query = "INSERT INTO part (first, topic, bytes) VALUES (?, ?, ?) \
                 ON CONFLICT (first, topic) DO UPDATE SET bytes = excluded.bytes";
    sql.exec(query, values)?;
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
        let takes = filter.matches(&row);
        // What is left out is not unpacked.
        let session = if takes {
            read(&packed)
        } else {
            Session::default()
        };
        fold.row(&row, &session, takes);
        Ok(true)
    })
}

/// The ids of sessions that a report named, in the same order.
pub(super) fn named(sql: &SqlStorage, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
    if !exists(sql)? {
        return Ok(examples.iter().map(|_| None).collect());
    }
    let of = |example: &Example| {
        let until = place_of(example.started.saturating_add(1));
        sheets::nth(sql, &place_of(example.started), &until, example.rank)
    };
    examples.iter().map(of).collect()
}
