//! What is said of a month's sessions together.

use super::make::{Maker, make_parts};
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
use alloc::string::String;
use alloc::vec::Vec;

/// How many sheets one call makes at most, some 15 ms each.
const SHEETS: u32 = 128;

/// How many sheets' parts one call makes at most, some 20 ms each.
const PARTS: u32 = 128;

/// How many sheets are read in one turn, one or two milliseconds each. At least two: one may
/// have been made around what was counted.
const READ_A_TURN: usize = 8;

/// How many rows are read in one turn, some 15 microseconds each.
const ROWS_A_TURN: usize = 500;

/// Raised when sheets and parts of the same format would give another report: one that is
/// kept is then not found.
const VERSION: u8 = 2;

/// So many reports of a month are kept, the last used.
const MOST: u32 = 32;

/// The largest report that is kept, bytes: a row of SQLite holds less than 2 MB.
const MAX_REPORT: usize = 1 << 20;

/// A bound of time that is finer comes from a clock, and is not asked for again.
const MINUTE: Millis = 60_000;

/// The ids where `filter` takes any.
pub fn span(filter: &Filter) -> Reach {
    Reach::new(
        filter.from.map(place_of).unwrap_or_default(),
        filter.before.map_or_else(|| END.to_owned(), place_of),
    )
}

/// Counts the sessions of a month that `filter` takes; none if more has to be made for that than
/// one call may: it is to be asked again. Sessions that lie in no sheet, the newest ones and
/// those of a sheet that would be too large, are read row by row.
pub async fn tell<S: Sheets>(
    sheets: &S,
    filter: &Filter,
    report: AnyReport,
) -> Result<Option<AnyReport>> {
    if !have_sheets(sheets).await? {
        return Ok(None);
    }
    match Teller::new(sheets, filter, &report).all().await {
        Ok(told) => Ok(told),
        // Another version wrote them, or they are damaged: they are made again.
        Err(Trouble::Malformed) => {
            sheets.forget_sheets()?;
            let mut teller = Teller::new(sheets, filter, &report);
            teller.rows(Reach::all()).await?;
            Ok(Some(teller.loose.into_report()))
        }
        Err(Trouble::Store(error)) => Err(error),
    }
}

/// Makes sheets that are missing; false if there are more than one call may make.
async fn have_sheets<S: Sheets>(sheets: &S) -> Result<bool> {
    for _ in 0..SHEETS {
        let mut maker = Maker::new(sheets, 1);
        maker.most()?;
        if !maker.is_short() {
            return Ok(true);
        }
        sheets.pause().await;
    }
    Ok(false)
}

/// Makes parts that are missing in `reach`; false if there are more than one call may make.
async fn have_parts<S: Sheets>(sheets: &S, reach: &Reach) -> Result<bool> {
    for _ in 0..PARTS {
        if !make_parts(sheets, reach, 1)? {
            return Ok(true);
        }
        sheets.pause().await;
    }
    Ok(false)
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

impl<'a, S: Sheets> Teller<'a, S> {
    fn new(sheets: &'a S, filter: &'a Filter, empty: &AnyReport) -> Self {
        Self {
            sheets,
            filter,
            fold: Fold::new(empty.clone()),
            loose: Fold::new(empty.clone()),
        }
    }

    /// Reads everything; none if more has to be made than one call may.
    async fn all(mut self) -> core::result::Result<Option<AnyReport>, Trouble> {
        let mut end = END.to_owned();
        if decides(self.filter) {
            let asked = asked(self.sheets, self.fold.report(), self.filter)?;
            if let Some(report) = self.known(asked.as_deref())? {
                self.fold = Fold::new(report);
                end = self.gaps().await?;
            } else {
                if !have_parts(self.sheets, &span(self.filter)).await? {
                    return Ok(None);
                }
                end = self.make(asked).await?;
            }
        }
        self.rows(Reach::new("", end)).await?;
        let mut report = self.fold.into_report();
        let loose = self.loose.into_report();
        let merged = report.merge(loose).map_err(|Unlike| Trouble::Malformed);
        merged.map(|()| Some(report))
    }

    /// What is kept of the sheets.
    fn known(&self, asked: Option<&[u8]>) -> Result<Option<AnyReport>> {
        let Some(asked) = asked else { return Ok(None) };
        let kept = self.sheets.answer(asked)?;
        // A mark, and what another version wrote, cannot be read: what is made now takes its
        // place.
        Ok(kept.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Reads the sheets, and the rows behind and between them, and keeps what the sheets said;
    /// tells where the first one begins.
    async fn make(&mut self, asked: Option<Vec<u8>>) -> core::result::Result<String, Trouble> {
        let Some(asked) = asked else {
            return self.read_sheets().await;
        };
        let mark = self.sheets.mark(&asked, MOST)?;
        let end = self.read_sheets().await?;
        let bytes = serde_json::to_vec(self.fold.report()).map_err(StoreError::from)?;
        let answer = (bytes.len() <= MAX_REPORT).then_some(bytes.as_slice());
        self.sheets.keep_answer(&asked, &mark, answer)?;
        Ok(end)
    }

    /// Reads the rows behind and between the sheets, and not those; tells where the first one
    /// begins.
    async fn gaps(&mut self) -> Result<String> {
        let mut end = END.to_owned();
        for sheet in self.sheets.sheets(&span(self.filter))? {
            self.rows(Reach::new(sheet.until, end)).await?;
            end = sheet.first;
        }
        Ok(end)
    }

    fn wanted(&self) -> Wanted {
        let needs = Needs::of(self.filter);
        Wanted {
            names: needs.names || self.fold.reads_who(),
            pages: needs.pages,
            topics: self.fold.topics(),
        }
    }

    /// Reads the sheets, and the rows behind and between them; tells where the first one
    /// begins. The latest come first: examples of a number are the latest sessions, so that
    /// hardly any that follows is one.
    async fn read_sheets(&mut self) -> core::result::Result<String, Trouble> {
        let mut end = END.to_owned();
        loop {
            let (gaps, shown) = self.turn(&mut end)?;
            for gap in gaps {
                self.rows(gap).await?;
            }
            if shown < READ_A_TURN {
                return Ok(end);
            }
            self.sheets.pause().await;
        }
    }

    /// Reads the next sheets before `end`, which is where the first of them begins then. Tells
    /// what lies behind and between them, and how many it was shown.
    fn turn(&mut self, end: &mut String) -> core::result::Result<(Vec<Reach>, usize), Trouble> {
        let (wanted, sheets) = (self.wanted(), self.sheets);
        let reach = span(self.filter).within(&Reach::new("", end.as_str()));
        let (mut gaps, mut shown, mut trouble) = (Vec::new(), 0, None);
        sheets.each_sheet(&reach, READ_A_TURN, wanted, &mut |sheet| {
            shown += 1;
            if sheet.reach.until > *end {
                // It was made around what is counted already: the rows say the rest.
                return Ok(true);
            }
            gaps.push(Reach::new(sheet.reach.until.as_str(), end.as_str()));
            end.clone_from(&sheet.reach.first);
            match self.sheet(&sheet, wanted) {
                Err(Trouble::Store(error)) => Err(error),
                Err(Trouble::Malformed) => {
                    trouble = Some(Trouble::Malformed);
                    Ok(false)
                }
                Ok(()) => Ok(true),
            }
        })?;
        trouble.map_or(Ok((gaps, shown)), Err)
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
                return Ok(self.without_part(kept.reach.clone(), wanted)?);
            };
            parts.push((*topic, bytes));
        }
        self.fold.sheet(&rows, &parts)?;
        Ok(())
    }

    /// Reads the rows of a sheet that has no part.
    fn without_part(&mut self, mut reach: Reach, wanted: Wanted) -> Result<()> {
        reach = reach.within(&span(self.filter));
        while let Some(first) = read_rows(self.sheets, self.filter, &mut self.fold, &reach, wanted)?
        {
            reach.first = first;
        }
        Ok(())
    }

    /// Reads rows in no sheet one by one.
    async fn rows(&mut self, mut reach: Reach) -> Result<()> {
        let wanted = self.wanted();
        reach = reach.within(&span(self.filter));
        while !reach.is_empty() {
            let loose = &mut self.loose;
            let Some(first) = read_rows(self.sheets, self.filter, loose, &reach, wanted)? else {
                return Ok(());
            };
            reach.first = first;
            self.sheets.pause().await;
        }
        Ok(())
    }
}

/// Reads the first rows of `reach` one by one, also those that the filter leaves out: a session
/// is named by its rank among those of its start. Tells where the others begin, if there may be
/// more.
fn read_rows<S: Sheets>(
    sheets: &S,
    filter: &Filter,
    fold: &mut Fold,
    reach: &Reach,
    wanted: Wanted,
) -> Result<Option<String>> {
    let (mut shown, mut rest) = (0, None);
    sheets.each_row(reach, ROWS_A_TURN, wanted, &mut |row, packed| {
        let takes = filter.matches(row);
        // What is left out is not unpacked. One of another version tells nothing, until it is
        // made again.
        let session = if takes {
            packed.read_some(wanted.topics).unwrap_or_default()
        } else {
            Session::default()
        };
        fold.row(row, &session, takes);
        shown += 1;
        rest = (shown == ROWS_A_TURN).then(|| Reach::behind(&row.sid));
    })?;
    Ok(rest)
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
