//! What reports read of one month: [parts](sentiero_core::analytics::part) beside its sheets.
//!
//! A part holds one topic of the sessions of a sheet. It is made by the alarm after the sheets
//! that it made, or by the first report that asks for it, and goes with its sheet, in the same
//! step: so a part that is there says what the rows say. Sessions that lie in no sheet, the
//! newest ones and those of a sheet that would be too large, are read row by row.
//!
//! A report lets others have their turn every few milliseconds: where all objects share a
//! thread, uploads would wait for it otherwise. Sessions may be written and erased meanwhile.
//! Each is counted once, as it was at some time while the report was made: the report goes
//! over the ids from the last to the first and never back, and a sheet that was made anew
//! around what is counted already is left to the rows.

use super::Told;
use super::kept;
use super::rows::exists;
use super::sheets::{self, END, line, line_of};
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
use std::time::Duration;
use worker::{Delay, SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// Parts are rows of their own: SQLite reads a row from its beginning, so a report that wants
/// one of seven would read the others as well.
const CREATE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS part (first TEXT NOT NULL, topic INTEGER NOT NULL, \
     bytes BLOB NOT NULL, PRIMARY KEY (first, topic)) WITHOUT ROWID",
    "CREATE TRIGGER IF NOT EXISTS part_deleted AFTER DELETE ON sheet BEGIN \
     DELETE FROM part WHERE first = old.first; END",
];

/// How many sheets' parts one call makes at most, some 20 ms each, which is one turn.
const AT_ONCE: usize = 128;

/// How many sheets, or sheets' parts, one alarm makes.
const IN_ALARM: u32 = 32;

/// How many sheets one call makes at most, some 15 ms each.
const SHEETS: u32 = 128;

/// How many of them in one turn.
const SHEETS_A_TURN: u32 = 2;

/// How many sheets are read in one turn, one or two milliseconds each.
const READ_A_TURN: usize = 8;

/// How many rows are read in one turn, some 15 to 20 microseconds each.
const ROWS_A_TURN: usize = 500;

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

/// Ends a turn: others go on before this does.
async fn pause() {
    Delay::from(Duration::ZERO).await;
}

/// Counts the sessions that `filter` takes.
pub(super) async fn tell(sql: &SqlStorage, filter: &Filter, report: AnyReport) -> Result<Told> {
    if !exists(sql)? {
        return Ok(Told::Report(Box::new(report)));
    }
    if !have_sheets(sql).await? {
        return Ok(Told::Again);
    }
    match Teller::new(sql, filter, &report).all().await {
        Ok(Some(report)) => Ok(Told::Report(Box::new(report))),
        Ok(None) => Ok(Told::Again),
        // Another version wrote them, or they are damaged: they are made again.
        Err(Trouble::Malformed) => {
            sheets::forget(sql)?;
            let mut teller = Teller::new(sql, filter, &report);
            teller.rows("", END).await?;
            Ok(Told::Report(Box::new(teller.loose.into_report())))
        }
        Err(Trouble::Store(error)) => Err(error),
    }
}

/// Makes sheets that are missing; false if there are more than one call may make.
async fn have_sheets(sql: &SqlStorage) -> Result<bool> {
    for _ in 0..SHEETS / SHEETS_A_TURN {
        if !sheets::make(sql, SHEETS_A_TURN)? {
            return Ok(true);
        }
        pause().await;
    }
    Ok(false)
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

impl<'a> Teller<'a> {
    fn new(sql: &'a SqlStorage, filter: &'a Filter, empty: &AnyReport) -> Self {
        Self {
            sql,
            filter,
            fold: Fold::new(empty.clone()),
            loose: Fold::new(empty.clone()),
        }
    }

    /// Reads everything; none if more has to be made than one call may.
    async fn all(mut self) -> core::result::Result<Option<AnyReport>, Trouble> {
        let mut end = END.to_owned();
        if decides(self.filter) && has_table(self.sql, "sheet")? {
            let asked = kept::Asked::of(self.sql, self.fold.report(), self.filter)?;
            let known = asked
                .as_ref()
                .map(|asked| asked.read(self.sql))
                .transpose()?;
            if let Some(report) = known.flatten() {
                self.fold = Fold::new(report);
                end = self.gaps().await?;
            } else {
                if !self.have_parts().await? {
                    return Ok(None);
                }
                let kept = asked.map(|asked| asked.begin(self.sql)).transpose()?;
                end = self.sheets().await?;
                if let Some(kept) = kept {
                    kept.keep(self.sql, self.fold.report())?;
                }
            }
        }
        self.rows("", &end).await?;
        let mut report = self.fold.into_report();
        let loose = self.loose.into_report();
        let merged = report.merge(loose).map_err(|Unlike| Trouble::Malformed);
        merged.map(|()| Some(report))
    }

    /// Reads the rows behind and between the sheets, and not those; tells where the first one
    /// begins.
    async fn gaps(&mut self) -> Result<String> {
        let query = "SELECT first, until FROM sheet WHERE until > ? AND first < ? \
                     ORDER BY first DESC";
        let (from, before) = sheets::span(self.filter);
        let places = row::rows(self.sql, query, vec![from.into(), before.into()], place)?;
        let mut end = END.to_owned();
        for place in places {
            self.rows(&place.until, &end).await?;
            end = place.first;
        }
        Ok(end)
    }

    /// Makes parts that are missing; false if there are more than one call may make.
    async fn have_parts(&self) -> Result<bool> {
        for _ in 0..AT_ONCE {
            if !make_parts(self.sql, sheets::span(self.filter), 1)? {
                return Ok(true);
            }
            pause().await;
        }
        Ok(false)
    }

    /// Reads the sheets, and the rows behind and between them; tells where the first one
    /// begins. The latest come first: examples of a number are the latest sessions, so that
    /// hardly any that follows is one.
    async fn sheets(&mut self) -> core::result::Result<String, Trouble> {
        let query = self.query();
        let mut end = END.to_owned();
        loop {
            let read = self.turn(&query, &end)?;
            for place in &read {
                self.rows(&place.until, &end).await?;
                end.clone_from(&place.first);
            }
            if read.len() < READ_A_TURN {
                return Ok(end);
            }
            pause().await;
        }
    }

    /// What gives sheets and their parts: between two places those before a third, the latest
    /// first.
    fn query(&self) -> String {
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
        format!(
            "SELECT sheet.first, until, facts, {names}, {pages}{bytes} FROM sheet{joins} \
             WHERE until > ? AND sheet.first < ? AND until <= ? \
             ORDER BY sheet.first DESC LIMIT {READ_A_TURN}"
        )
    }

    /// Reads the next sheets before `end`, and tells which.
    fn turn(&mut self, query: &str, end: &str) -> core::result::Result<Vec<Place>, Trouble> {
        let (from, before) = sheets::span(self.filter);
        let before = before.as_str().min(end);
        let (mut places, mut trouble) = (Vec::new(), None);
        let values = vec![from.into(), before.into(), end.into()];
        row::each(self.sql, query, values, |row| {
            let place = place(row)?;
            match self.sheet(&place, row) {
                Err(Trouble::Store(error)) => Err(error),
                Err(Trouble::Malformed) => {
                    trouble = Some(Trouble::Malformed);
                    Ok(false)
                }
                Ok(()) => {
                    places.push(place);
                    Ok(true)
                }
            }
        })?;
        trouble.map_or(Ok(places), Err)
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
                let mut first = place.first.clone();
                while let Some(last) =
                    read_rows(self.sql, self.filter, &mut self.fold, &first, &place.until)?
                {
                    first = last;
                }
                return Ok(());
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
    async fn rows(&mut self, first: &str, until: &str) -> Result<()> {
        let mut first = first.to_owned();
        while first.as_str() < until {
            let loose = &mut self.loose;
            let Some(last) = read_rows(self.sql, self.filter, loose, &first, until)? else {
                return Ok(());
            };
            first = last;
            pause().await;
        }
        Ok(())
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
pub(super) async fn prepare(sql: &SqlStorage) -> Result<bool> {
    let all = (String::new(), END.to_owned());
    for _ in 0..IN_ALARM {
        if !sheets::make(sql, 1)? && !make_parts(sql, all.clone(), 1)? {
            return Ok(false);
        }
        pause().await;
    }
    Ok(true)
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
    // One of another version tells nothing, until it is made again.
    let sessions = packed
        .iter()
        .map(|packed| packed.read().unwrap_or_default());
    let mut sessions: Vec<Session> = sessions.collect();
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

/// Reads the first rows behind `first`, which is none of them, one by one: also those that the
/// filter leaves out, because a session is named by its rank among those of its start. Tells
/// the last one, unless there are no more.
fn read_rows(
    sql: &SqlStorage,
    filter: &Filter,
    fold: &mut Fold,
    first: &str,
    until: &str,
) -> Result<Option<String>> {
    let (from, before) = sheets::span(filter);
    let first = first.max(from.as_str()).to_owned();
    let until = until.min(before.as_str()).to_owned();
    let mut needs = Needs::of(filter);
    needs.names |= fold.reads_users();
    let line_of = line_of(needs);
    let query = format!(
        "SELECT {line_of}, coalesce(packed, x'') FROM session WHERE sid > ? AND sid < ? \
         ORDER BY sid LIMIT {ROWS_A_TURN}"
    );
    let (mut read_yet, mut last) = (0, None);
    row::each(sql, &query, vec![first.into(), until.into()], |row| {
        let (row, packed) = (line(row)?, packed(row)?);
        let takes = filter.matches(&row);
        // What is left out is not unpacked.
        let session = if takes {
            packed.read_some(fold.topics()).unwrap_or_default()
        } else {
            Session::default()
        };
        fold.row(&row, &session, takes);
        read_yet += 1;
        last = (read_yet == ROWS_A_TURN).then_some(row.sid);
        Ok(true)
    })?;
    Ok(last.map(|sid| sid.as_str().to_owned()))
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
