//! What is said of a month's sessions together.

use super::make::{Maker, make_parts, session};
use super::{END, KeptSheet, Reach, Result, Sheets, Wanted};
use crate::analytics::fold::Fold;
use crate::analytics::pack;
use crate::analytics::report::{AnyReport, Unlike};
use crate::analytics::session::{Session, Topic};
use crate::filter::Filter;
use crate::id::Millis;
use crate::retention::place_of;
use crate::sheet::{self, Needs, Rows, Sheet, decides};
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How many sheets one call makes at most, some 15 ms each.
const SHEETS: u32 = 128;

/// How many sheets' parts one call makes at most, some 20 ms each.
const PARTS: usize = 128;

/// Raised when sheets and parts of the same format would give another report: one that is
/// kept is then not found.
const VERSION: u8 = 2;

/// So many reports of a month are kept, the last used.
const MOST: u32 = 32;

/// The largest report that is kept, bytes: a row of SQLite holds less than 2 MB.
const MAX_REPORT: usize = 1 << 20;

/// A bound of time that is finer comes from a clock, and is not asked for again.
const MINUTE: Millis = 60_000;

/// What comes of a question.
#[derive(Debug, Serialize, Deserialize)]
pub enum Told {
    /// The report, with everything counted.
    Report(Box<AnyReport>),
    /// What it reads is being made, as much as one call may take: to be asked again.
    Again,
}

/// The ids where `filter` takes any.
pub fn span(filter: &Filter) -> Reach {
    Reach::new(
        filter.from.map(place_of).unwrap_or_default(),
        filter.before.map_or_else(|| END.to_owned(), place_of),
    )
}

/// Counts the sessions of a month that `filter` takes. Sessions that lie in no sheet, the
/// newest ones and those of a sheet that would be too large, are read row by row.
pub fn tell<S: Sheets>(sheets: &S, filter: &Filter, report: AnyReport) -> Result<Told> {
    let mut maker = Maker::new(sheets, SHEETS);
    maker.most()?;
    if maker.is_short() {
        return Ok(Told::Again);
    }
    let teller = Teller {
        sheets,
        filter,
        fold: Fold::new(report.clone()),
        loose: Fold::new(report.clone()),
    };
    match teller.all() {
        Ok(Some(report)) => Ok(Told::Report(Box::new(report))),
        Ok(None) => Ok(Told::Again),
        // Another version wrote them, or they are damaged: they are made again.
        Err(Trouble::Malformed) => {
            sheets.forget_sheets()?;
            let mut fold = Fold::new(report);
            read_rows(sheets, filter, &mut fold, &Reach::all())?;
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

impl From<pack::Malformed> for Trouble {
    fn from(_: pack::Malformed) -> Self {
        Self::Malformed
    }
}

impl From<sheet::Malformed> for Trouble {
    fn from(_: sheet::Malformed) -> Self {
        Self::Malformed
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

struct Teller<'a, S> {
    sheets: &'a S,
    filter: &'a Filter,
    /// What the sheets say.
    fold: Fold,
    /// What the rows say that lie in no sheet.
    loose: Fold,
}

impl<S: Sheets> Teller<'_, S> {
    /// Reads everything; none if more has to be made than one call may.
    fn all(mut self) -> core::result::Result<Option<AnyReport>, Trouble> {
        let mut end = END.to_owned();
        if decides(self.filter) {
            let asked = asked(self.sheets, self.fold.report(), self.filter)?;
            if let Some(report) = self.known(asked.as_deref())? {
                self.fold = Fold::new(report);
                end = self.gaps()?;
            } else {
                if make_parts(self.sheets, &span(self.filter), PARTS)? {
                    return Ok(None);
                }
                end = self.read_sheets()?;
                if let Some(asked) = asked {
                    self.keep(&asked)?;
                }
            }
        }
        self.rows("", &end)?;
        let mut report = self.fold.into_report();
        let loose = self.loose.into_report();
        let merged = report.merge(loose).map_err(|Unlike| Trouble::Malformed);
        merged.map(|()| Some(report))
    }

    /// What is kept of the sheets.
    fn known(&self, asked: Option<&[u8]>) -> Result<Option<AnyReport>> {
        let Some(asked) = asked else { return Ok(None) };
        let kept = self.sheets.answer(asked)?;
        // What another version wrote cannot be read: what is made now takes its place.
        Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Keeps what the sheets said.
    fn keep(&self, asked: &[u8]) -> Result<()> {
        let bytes = serde_json::to_vec(self.fold.report())?;
        if bytes.len() > MAX_REPORT {
            return Ok(());
        }
        self.sheets.keep_answer(asked, &bytes, MOST)
    }

    /// Reads the rows behind and between the sheets, and not those; tells where the first one
    /// begins.
    fn gaps(&mut self) -> Result<String> {
        let mut end = END.to_owned();
        for sheet in self.sheets.sheets(&span(self.filter))? {
            self.rows(&sheet.until, &end)?;
            end = sheet.first;
        }
        Ok(end)
    }

    /// Reads the sheets, and the rows behind and between them; tells where the first one
    /// begins. The latest come first: examples of a number are the latest sessions, so that
    /// hardly any that follows is one.
    fn read_sheets(&mut self) -> core::result::Result<String, Trouble> {
        let needs = Needs::of(self.filter);
        let wanted = Wanted {
            names: needs.names || self.fold.reads_users(),
            pages: needs.pages,
            topics: self.fold.topics(),
        };
        let (mut end, mut trouble) = (END.to_owned(), None);
        let (sheets, reach) = (self.sheets, span(self.filter));
        sheets.each_sheet(&reach, wanted, &mut |sheet| {
            self.rows(&sheet.reach.until, &end)?;
            let read = self.sheet(&sheet, wanted);
            end = sheet.reach.first;
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
    fn sheet(&mut self, kept: &KeptSheet, wanted: Wanted) -> core::result::Result<(), Trouble> {
        let names = wanted.names.then_some(kept.written.names.as_slice());
        let pages = wanted.pages.then_some(kept.written.pages.as_slice());
        let sheet = Sheet::read(&kept.written.facts, names, pages)?;
        let rows = Rows::of(&sheet, self.filter)?;
        let mut parts: Vec<(Topic, &[u8])> = Vec::new();
        for (topic, bytes) in wanted.topics.iter().zip(&kept.parts) {
            let Some(bytes) = bytes else {
                let fold = &mut self.fold;
                return Ok(read_rows(self.sheets, self.filter, fold, &kept.reach)?);
            };
            parts.push((*topic, bytes));
        }
        self.fold.sheet(&rows, &parts)?;
        Ok(())
    }

    /// Reads the rows in no sheet that lie from `first` to before `until` one by one.
    fn rows(&mut self, first: &str, until: &str) -> Result<()> {
        let reach = Reach::new(first, until);
        if reach.is_empty() {
            return Ok(());
        }
        read_rows(self.sheets, self.filter, &mut self.loose, &reach)
    }
}

/// Reads rows one by one, also those that the filter leaves out: a session is named by its
/// rank among those of its start.
fn read_rows<S: Sheets>(sheets: &S, filter: &Filter, fold: &mut Fold, reach: &Reach) -> Result<()> {
    sheets.each_row(&reach.within(&span(filter)), &mut |row, packed| {
        let takes = filter.matches(row);
        // What is left out is not unpacked.
        let session = if takes {
            session(packed)
        } else {
            Session::default()
        };
        fold.row(row, &session, takes);
    })
}

/// What is asked of the sheets of a month by an `empty` report of the sessions that `filter`
/// takes; none if that will hardly be asked again.
fn asked<S: Sheets>(sheets: &S, empty: &AnyReport, filter: &Filter) -> Result<Option<Vec<u8>>> {
    let (first, until) = (sheets.begin()?, sheets.end()?);
    let mut about = filter.clone();
    // Bounds outside of the month are those of every question.
    about.from = about.from.filter(|from| place_of(*from) > first);
    about.before = about.before.filter(|before| place_of(*before) < until);
    if !is_asked_again(&about) {
        return Ok(None);
    }
    let mut asked = Vec::from([VERSION, sheet::VERSION, pack::VERSION]);
    for part in [&serde_json::to_vec(empty)?, about.to_query().as_bytes()] {
        asked.extend_from_slice(part);
        asked.push(0);
    }
    Ok(Some(asked))
}

/// Whether no bound of time in a filter comes from a clock.
fn is_asked_again(filter: &Filter) -> bool {
    let bounds = [filter.from, filter.before];
    let mut bounds = bounds.iter().flatten();
    bounds.all(|bound| bound.is_multiple_of(MINUTE)) && filter.within().all(is_asked_again)
}
