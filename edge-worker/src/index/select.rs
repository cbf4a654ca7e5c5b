//! Which rows a filter takes, in SQL: the same as [`Filter::matches`], which the contract of
//! the stores compares it with.

use super::rows::{COLUMNS, exists, read, two};
use super::sheets;
use crate::store::row::{self, integer};
use core::cell::Cell;
use sentiero_core::api::SessionRow;
use sentiero_core::facets::{By, Facet, Facets};
use sentiero_core::filter::Filter;
use sentiero_core::id::SessionId;
use sentiero_core::listing::{Search, Sort};
use sentiero_core::retention::place_of;
use sentiero_core::store::StoreError;
use worker::{SqlStorage, SqlStorageValue};

type Result<T> = core::result::Result<T, StoreError>;

/// What [`SessionRow::addresses`] gives, as one text: no address holds a line's end.
const ADDRESSES: &str = "instr(lower(entry || char(10) || exit || char(10) || \
     coalesce(visited, '')), ?) > 0";

/// Values of one list of facets that a month counts.
const COUNTED: usize = 1_000;

/// Conditions that must all hold, and their parameters in order.
struct Conditions {
    sql: String,
    values: Vec<SqlStorageValue>,
}

impl Conditions {
    fn of(filter: &Filter) -> Self {
        let mut all = Self {
            sql: "1".to_owned(),
            values: Vec::new(),
        };
        let Filter {
            from,
            before,
            user,
            country,
            region,
            timezone,
            browser,
            os,
            device,
            entry,
            url,
            referrer,
            meta,
            event,
            errors,
            rage,
            dead,
            min_duration,
            max_duration,
            live,
            q,
            any,
            not,
        } = filter;
        all.text("sid >= ?", from.map(place_of));
        all.text("sid < ?", before.map(place_of));
        for (name, value) in [
            ("country", country),
            ("region", region),
            ("timezone", timezone),
            ("browser", browser),
            ("os", os),
            ("device", device),
            ("entry", entry),
        ] {
            all.text(&format!("{name} = ?"), value.clone());
        }
        all.text(&listed("users", "value = ?"), user.clone());
        all.text(&listed("named", "value = ?"), event.clone());
        for (key, value) in meta {
            all.text(&listed("meta", "value = ?"), Some(pair(key, value)));
        }
        all.number("live = ?", live.map(u64::from));
        all.number("duration >= ?", *min_duration);
        all.number("duration <= ?", *max_duration);
        for (condition, wanted) in [
            ("errors > 0", errors),
            ("rage > 0", rage),
            ("dead > 0", dead),
        ] {
            if *wanted {
                all.and(condition);
            }
        }
        all.text("instr(lower(referrer), ?) > 0", small(referrer.as_ref()));
        all.text(ADDRESSES, small(url.as_ref()));
        if let Some(part) = small(q.as_ref()) {
            let user = listed("users", "instr(lower(value), ?) > 0");
            all.and(&format!("(instr(sid, ?) = 1 OR {user} OR {ADDRESSES})"));
            let parts = [part.as_str(), &part, &part];
            all.values.extend(parts.map(SqlStorageValue::from));
        }
        all.one_of(any);
        for one in not {
            // What is not known is null: it does not take the row, so its opposite does.
            all.put(" AND NOT coalesce((", one, "), 0)");
        }
        all
    }

    /// One of `any` must hold, if there are any.
    fn one_of(&mut self, any: &[Filter]) {
        let Some((first, others)) = any.split_first() else {
            return;
        };
        self.put(" AND ((", first, ")");
        for one in others {
            self.sql.push_str(" OR ");
            self.put("(", one, ")");
        }
        self.sql.push(')');
    }

    /// The conditions of a filter, in between.
    fn put(&mut self, before: &str, filter: &Filter, behind: &str) {
        let one = Self::of(filter);
        for part in [before, &one.sql, behind] {
            self.sql.push_str(part);
        }
        self.values.extend(one.values);
    }

    fn and(&mut self, condition: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
    }

    fn text(&mut self, condition: &str, value: Option<String>) {
        if let Some(value) = value {
            self.and(condition);
            self.values.push(value.into());
        }
    }

    fn number(&mut self, condition: &str, value: Option<u64>) {
        if let Some(value) = value {
            self.and(condition);
            self.values.push(integer(value));
        }
    }
}

fn small(text: Option<&String>) -> Option<String> {
    text.map(|text| text.to_ascii_lowercase())
}

/// Whether one of a column's values, a JSON list or null, is so.
fn listed(column: &str, is: &str) -> String {
    format!("({column} IS NOT NULL AND EXISTS (SELECT 1 FROM json_each({column}) WHERE {is}))")
}

/// A pair of metadata as one text, that no other pair has.
pub(super) fn pair(key: &str, value: &str) -> String {
    format!("{}:{key}{value}", key.len())
}

/// The pair that [`pair`] wrote.
pub(super) fn unpair(text: &str) -> Option<(String, String)> {
    let (length, rest) = text.split_once(':')?;
    let (key, value) = rest.split_at_checked(length.parse().ok()?)?;
    Some((key.to_owned(), value.to_owned()))
}

/// What is compared before the start; none where that is all.
fn key(sort: Sort) -> Option<&'static str> {
    match sort {
        Sort::Newest | Sort::Oldest => None,
        Sort::Longest => Some("duration"),
        Sort::Events => Some("events"),
        Sort::Errors => Some("errors"),
        Sort::Frustration => Some("(rage + dead)"),
    }
}

/// The rows of a page, in its order. A month without sessions stays without storage.
/// `lacking`: whether sheets are missing that the alarm is to make.
pub(super) fn page(
    sql: &SqlStorage,
    lacking: &Cell<bool>,
    search: &Search,
) -> Result<Vec<SessionRow>> {
    if !exists(sql)? {
        return Ok(Vec::new());
    }
    match sheets::page(sql, lacking, search)? {
        Some(rows) => Ok(rows),
        None => page_of_rows(sql, search),
    }
}

fn page_of_rows(sql: &SqlStorage, search: &Search) -> Result<Vec<SessionRow>> {
    let mut all = Conditions::of(&search.filter);
    let key = key(search.sort);
    if let Some(cursor) = &search.cursor {
        let sid = cursor.sid.as_str();
        match key {
            None if search.sort == Sort::Oldest => all.and("sid > ?"),
            None => all.and("sid < ?"),
            Some(key) => {
                all.and(&format!("({key} < ? OR ({key} = ? AND sid < ?))"));
                all.values.extend([0; 2].map(|_| integer(cursor.value)));
            }
        }
        all.values.push(sid.into());
    }
    let order = match key {
        None if search.sort == Sort::Oldest => "sid".to_owned(),
        None => "sid DESC".to_owned(),
        Some(key) => format!("{key} DESC, sid DESC"),
    };
    let query = format!(
        "SELECT {COLUMNS} FROM session WHERE {} ORDER BY {order} LIMIT ?",
        all.sql
    );
    all.values.push(integer(u64::from(search.limit)));
    row::rows(sql, &query, all.values, read)
}

/// The oldest rows after `after` that `filter` takes, or that are live.
pub(super) fn find(
    sql: &SqlStorage,
    filter: &Filter,
    after: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    if !exists(sql)? {
        return Ok(Vec::new());
    }
    // The row of a live session may not say yet what would be found: only its start is sure.
    let start = Filter {
        from: filter.from,
        before: filter.before,
        ..Filter::default()
    };
    let mut all = Conditions::of(&start);
    let takes = Conditions::of(filter);
    all.and(&format!("(live = 1 OR ({}))", takes.sql));
    all.values.extend(takes.values);
    all.text("sid > ?", after.map(|sid| sid.as_str().to_owned()));
    let query = format!(
        "SELECT {COLUMNS} FROM session WHERE {} ORDER BY sid LIMIT ?",
        all.sql
    );
    all.values.push(integer(u64::from(limit)));
    row::rows(sql, &query, all.values, read)
}

/// How many rows `filter` takes, and how many of them are live.
fn counts(sql: &SqlStorage, filter: &Filter) -> Result<(u64, u64)> {
    let all = Conditions::of(filter);
    let query = format!(
        "SELECT count(*), coalesce(sum(live), 0) FROM session WHERE {}",
        all.sql
    );
    two(sql, &query, all.values)
}

/// How many rows `filter` takes.
pub(super) fn count(sql: &SqlStorage, filter: &Filter) -> Result<u64> {
    if !exists(sql)? {
        return Ok(0);
    }
    Ok(counts(sql, filter)?.0)
}

/// What `filter` could be narrowed by; `lacking` as for [`page`].
pub(super) fn facets(sql: &SqlStorage, lacking: &Cell<bool>, filter: &Filter) -> Result<Facets> {
    if !exists(sql)? {
        return Ok(Facets::default());
    }
    match sheets::facets(sql, lacking, filter, COUNTED)? {
        Some(facets) => Ok(facets),
        None => facets_of_rows(sql, filter),
    }
}

fn facets_of_rows(sql: &SqlStorage, filter: &Filter) -> Result<Facets> {
    let mut facets = Facets::default();
    (facets.total, facets.live) = counts(sql, filter)?;
    for by in By::ALL {
        let mut all = Conditions::of(&by.without(filter));
        let (column, from) = match by {
            By::Country => ("country", "session"),
            By::Region => ("region", "session"),
            By::Timezone => ("timezone", "session"),
            By::Browser => ("browser", "session"),
            By::Os => ("os", "session"),
            By::Device => ("device", "session"),
            By::Event => (
                "told.value",
                "session, json_each(coalesce(session.named, '[]')) AS told",
            ),
        };
        let query = format!(
            "SELECT {column}, count(*) FROM {from} \
             WHERE {column} IS NOT NULL AND {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
            all.sql
        );
        all.values.push(integer(COUNTED as u64));
        *facets.list(by) = row::rows(sql, &query, all.values, |row| {
            Ok(Facet {
                value: row.text()?,
                count: row.number()?,
            })
        })?;
    }
    Ok(facets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_no_other_pair() {
        assert_ne!(pair("a", "bc"), pair("ab", "c"));
        for (key, value) in [("plan", "pro"), ("", ""), ("größe:1", "2:x"), ("結", "\n")] {
            let found = unpair(&pair(key, value)).unwrap();
            assert_eq!(found, (key.to_owned(), value.to_owned()));
        }
        for text in ["", "x", "9:a", "1:é", ":a"] {
            assert_eq!(unpair(text), None, "{text}");
        }
    }
}
