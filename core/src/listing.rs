//! The session list: in what order, from where on, and what it is narrowed by.
//!
//! A page of it is asked for by a [`Search`] and continued by a [`Cursor`], which is a place
//! in an order and no number of rows: sessions that come or go meanwhile neither repeat nor
//! hide any other.

pub mod file;

use crate::api::{DEFAULT_PAGE, MAX_PAGE, SessionRow};
use crate::field::FieldError;
use crate::filter::Filter;
use crate::id::{InvalidId, SessionId};
use crate::query;
use crate::text::{decimal, parse_decimal};
use alloc::format;
use alloc::string::{String, ToString as _};
use core::cmp::Ordering;
use core::fmt;
use serde::{Deserialize, Serialize};

/// The order of the list. What is equal by it comes in the order of [`Sort::Newest`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// By start, the latest first.
    #[default]
    Newest,
    /// By start, the earliest first.
    Oldest,
    /// By duration, the longest first.
    Longest,
    /// By stored events, the most first.
    Events,
    /// By errors, the most first.
    Errors,
    /// By rage and dead clicks together, the most first.
    Frustration,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 6] = [
        Self::Newest,
        Self::Oldest,
        Self::Longest,
        Self::Events,
        Self::Errors,
        Self::Frustration,
    ];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Longest => "longest",
            Self::Events => "events",
            Self::Errors => "errors",
            Self::Frustration => "frustration",
        }
    }

    /// The order of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }

    /// Whether it goes by the start alone.
    pub fn is_by_start(self) -> bool {
        matches!(self, Self::Newest | Self::Oldest)
    }

    /// What it looks at before it looks at the start; 0 where that is all.
    pub fn value(self, row: &SessionRow) -> u64 {
        match self {
            Self::Newest | Self::Oldest => 0,
            Self::Longest => row.duration,
            Self::Events => row.events,
            Self::Errors => u64::from(row.errors),
            Self::Frustration => u64::from(row.rage) + u64::from(row.dead),
        }
    }

    /// Which of two places comes first.
    pub fn order(self, a: (u64, &SessionId), b: (u64, &SessionId)) -> Ordering {
        if self == Self::Oldest {
            return a.1.cmp(b.1);
        }
        b.cmp(&a)
    }
}

/// A place in the list: behind one of its rows. Opaque to whoever gets one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The order that it is a place in.
    pub sort: Sort,
    /// What that looked at, see [`Sort::value`].
    pub value: u64,
    /// The session.
    pub sid: SessionId,
}

impl Cursor {
    /// The place behind `row`.
    pub fn behind(sort: Sort, row: &SessionRow) -> Self {
        Self {
            sort,
            value: sort.value(row),
            sid: row.sid.clone(),
        }
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            expected: "what `next` of the page before said",
        };
        let mut parts = text.splitn(3, '-');
        let mut next = || parts.next().ok_or(invalid);
        let (sort, value, sid) = (next()?, next()?, next()?);
        Ok(Self {
            sort: Sort::parse(sort).ok_or(invalid)?,
            value: parse_decimal(value.as_bytes()).ok_or(invalid)?,
            sid: SessionId::parse(sid)?,
        })
    }

    /// Whether `row` comes after it.
    pub fn is_before(&self, row: &SessionRow) -> bool {
        let place = (self.sort.value(row), &row.sid);
        self.sort.order((self.value, &self.sid), place) == Ordering::Less
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.sort.name(), self.value, self.sid)
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Which page of the list is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Which sessions.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// From where on; none is the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// The most sessions on it, 1 to [`MAX_PAGE`].
    pub limit: u32,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            sort: Sort::default(),
            cursor: None,
            limit: DEFAULT_PAGE,
        }
    }
}

impl Search {
    /// Reads the query part of an address, as [`Self::to_query`] writes it; an error names
    /// the parameter.
    pub fn parse(query: &str) -> Result<Self, FieldError> {
        let (mut sort, mut cursor, mut limit) = (None, None, None);
        let mut filter = Filter::default();
        for (name, value) in query::pairs(query)? {
            let was_given = match name.as_str() {
                "sort" => sort.replace(read_sort(&value)?).is_some(),
                "cursor" => cursor.replace(read_cursor(&value)?).is_some(),
                "limit" => limit.replace(read_limit(&value)?).is_some(),
                _ if filter.set(&name, value)? => false,
                _ => return Err(query::unknown(&name)),
            };
            if was_given {
                return Err(query::twice(&name));
            }
        }
        let sort = sort.unwrap_or_default();
        if cursor.as_ref().is_some_and(|cursor| cursor.sort != sort) {
            let reason = "is a place in another order; begin anew when `sort` changes";
            return Err(FieldError::new("cursor", reason));
        }
        Ok(Self {
            filter: filter.checked()?,
            sort,
            cursor,
            limit: limit.unwrap_or(DEFAULT_PAGE),
        })
    }

    /// The search as the query part of an address, without `?`; what is usual is left out.
    pub fn to_query(&self) -> String {
        let mut query = self.filter.to_query();
        if self.sort != Sort::default() {
            query::push(&mut query, "sort", self.sort.name());
        }
        if let Some(cursor) = &self.cursor {
            query::push(&mut query, "cursor", &cursor.to_string());
        }
        if self.limit != DEFAULT_PAGE {
            query::push(&mut query, "limit", &decimal(u64::from(self.limit)));
        }
        query
    }

    /// Whether `row` belongs on this page or a later one.
    pub fn takes(&self, row: &SessionRow) -> bool {
        let behind = self
            .cursor
            .as_ref()
            .is_none_or(|cursor| cursor.is_before(row));
        behind && self.filter.matches(row)
    }

    /// Which of two rows comes first.
    pub fn order(&self, a: &SessionRow, b: &SessionRow) -> Ordering {
        let place = |row: &SessionRow| self.sort.value(row);
        self.sort.order((place(a), &a.sid), (place(b), &b.sid))
    }
}

fn read_sort(name: &str) -> Result<Sort, FieldError> {
    Sort::parse(name).ok_or_else(|| {
        let names = Sort::ALL.map(Sort::name).join("`, `");
        FieldError::new("sort", format!("must be one of `{names}`"))
    })
}

fn read_cursor(text: &str) -> Result<Cursor, FieldError> {
    let reason = "must be what `next` of the page before said";
    Cursor::parse(text).map_err(|_| FieldError::new("cursor", reason))
}

/// Reads how many rows, or entries, a page may hold: the parameter `limit` of every list.
pub fn read_limit(text: &str) -> Result<u32, FieldError> {
    let limit = parse_decimal(text.as_bytes()).and_then(|limit| u32::try_from(limit).ok());
    limit
        .filter(|limit| (1..=MAX_PAGE).contains(limit))
        .ok_or_else(|| FieldError::new("limit", format!("must be a number from 1 to {MAX_PAGE}")))
}

#[cfg(test)]
mod tests;
