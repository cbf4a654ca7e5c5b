//! Lists and facets of one month from its [sheets](sentiero_core::sheet).
//!
//! The next question makes what is missing, if it is little. If it is much, the rows answer
//! meanwhile, and the object's alarm makes it: nobody waits for that.
//!
//! Where sheets cannot answer, the caller asks the rows: the filter wants more than they
//! hold, so many sessions started in one millisecond that no sheet can end there, or a part
//! would be too large for a row of SQLite.

use super::made::SqlSheets;
use super::rows::{self, COLUMNS};
use crate::store::row::{self, integer};
use core::cell::Cell;
use sentiero_core::api::SessionRow;
use sentiero_core::facets::Facets;
use sentiero_core::filter::Filter;
use sentiero_core::listing::{Search, Sort};
use sentiero_core::month::{self, Maker, Reach, Sheets as _, span};
use sentiero_core::retention::place_of;
use sentiero_core::sheet::{Malformed, Needs, Place, Sheet, Tally, Top, Written, decides};
use sentiero_core::store::StoreError;
use worker::SqlStorage;

type Result<T> = core::result::Result<T, StoreError>;

/// How many sheets one question makes at most. The contract asks of sheets only.
const AT_ONCE: u32 = if cfg!(feature = "contract") {
    256
} else {
    month::AT_ONCE
};

/// Shows `look` every sheet that may hold something from `first` to before `until`, in their
/// order or `backwards`, until it has seen enough. False if they cannot be shown; `lacking`
/// if that is because so many are missing.
fn show(
    sql: &SqlStorage,
    lacking: &Cell<bool>,
    filter: &Filter,
    reach: Reach,
    backwards: bool,
    mut look: impl FnMut(&Sheet<'_>) -> core::result::Result<bool, Malformed>,
) -> Result<bool> {
    // What the alarm makes already is not waited for.
    let sheets = SqlSheets::new(sql);
    let mut maker = Maker::new(&sheets, if lacking.get() { 0 } else { AT_ONCE });
    let last = maker.all()?;
    lacking.set(maker.is_short());
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
        row::each(
            sql,
            &query,
            vec![reach.first.into(), reach.until.into()],
            |row| {
                goes_on = look(&Written {
                    facts: row.bytes()?,
                    names: row.bytes()?,
                    pages: row.bytes()?,
                });
                Ok(goes_on == Ok(true))
            },
        )?;
    }
    if !backwards && goes_on == Ok(true) {
        goes_on = look(&last);
    }
    if goes_on.is_err() {
        // Another version wrote them, or they are damaged.
        sheets.forget_sheets()?;
    }
    Ok(goes_on.is_ok())
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
            span.first = span.first.max(place_of(start));
        } else {
            span.until = span.until.min(place_of(start.saturating_add(1)));
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
            SqlSheets::new(sql).forget_sheets()?;
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
