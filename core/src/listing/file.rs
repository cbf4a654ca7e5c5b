//! The session list as a file: CSV, or JSON line by line; of every session that a filter
//! takes, in order of their starts.

use super::{Search, Sort};
use crate::api::SessionRow;
use crate::csv::{self, field};
use crate::day::{DAY, Day};
use crate::field::FieldError;
use crate::filter::Filter;
use crate::id::{Millis, SiteKey};
use crate::query;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

/// How many rows are read at once: a file of any length takes the memory of so many, and of a
/// million sessions 500 requests to their months.
pub const ROWS_AT_ONCE: u32 = 2_000;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// A line of JSON for each row, as the list has it.
    #[default]
    Ndjson,
    /// RFC 4180, harmless in a spreadsheet, see [`csv`].
    Csv,
}

impl Form {
    /// Its name in addresses, and how a file of it ends.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// What a file begins with.
    pub fn head(self) -> String {
        let mut out = String::new();
        if self == Self::Csv {
            csv::line(&mut out, HEADS.map(str::to_owned));
        }
        out
    }

    /// Writes a row.
    pub fn write(self, row: &SessionRow, out: &mut String) -> Result<(), serde_json::Error> {
        match self {
            Self::Ndjson => {
                out.push_str(&serde_json::to_string(row)?);
                out.push('\n');
            }
            Self::Csv => csv::line(out, cells(row)),
        }
        Ok(())
    }
}

/// Which file is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Export {
    /// Of which sessions.
    pub filter: Filter,
    /// The earliest first; else the latest. Another order would have to be sorted as a whole
    /// before its first row is known.
    pub oldest: bool,
    /// In which form.
    pub form: Form,
}

impl Export {
    /// Reads the query part of an address, as [`Self::to_query`] writes it; an error names
    /// the parameter.
    pub fn parse(query: &str) -> Result<Self, FieldError> {
        let (mut oldest, mut form) = (None, None);
        let mut filter = Filter::default();
        for (name, value) in query::pairs(query)? {
            let was_given = match name.as_str() {
                "sort" => oldest.replace(read_sort(&value)?).is_some(),
                "format" => form.replace(read_form(&value)?).is_some(),
                _ if filter.set(&name, value)? => false,
                _ => return Err(query::unknown(&name)),
            };
            if was_given {
                return Err(query::twice(&name));
            }
        }
        Ok(Self {
            filter: filter.checked()?,
            oldest: oldest.unwrap_or_default(),
            form: form.unwrap_or_default(),
        })
    }

    /// The query part of its address, without `?`; what is usual is left out.
    pub fn to_query(&self) -> String {
        let mut query = self.filter.to_query();
        if self.oldest {
            query::push(&mut query, "sort", self.sort().name());
        }
        if self.form != Form::default() {
            query::push(&mut query, "format", self.form.name());
        }
        query
    }

    /// What a file of `site` is called, made on the day of `now`:
    /// `shop-sessions-2026-11-27.csv`.
    pub fn file_name(&self, site: &SiteKey, now: Millis) -> String {
        format!("{site}-sessions-{}.{}", Day::of(now), self.form.name())
    }

    /// The pages that it is made of: the first one.
    pub(crate) fn search(&self) -> Search {
        Search {
            filter: self.filter.clone(),
            sort: self.sort(),
            cursor: None,
            limit: ROWS_AT_ONCE,
        }
    }

    fn sort(&self) -> Sort {
        if self.oldest {
            Sort::Oldest
        } else {
            Sort::Newest
        }
    }
}

fn read_sort(name: &str) -> Result<bool, FieldError> {
    match Sort::parse(name) {
        Some(Sort::Newest) => Ok(false),
        Some(Sort::Oldest) => Ok(true),
        _ => {
            let reason = "must be `newest` or `oldest`: a file goes by the start, and who reads it can sort it";
            Err(FieldError::new("sort", reason))
        }
    }
}

fn read_form(name: &str) -> Result<Form, FieldError> {
    let mut forms = [Form::Ndjson, Form::Csv].into_iter();
    let found = forms.find(|form| form.name() == name);
    found.ok_or_else(|| FieldError::new("format", "must be `ndjson` or `csv`"))
}

/// The columns of CSV.
const HEADS: [&str; 24] = [
    "Session",
    "Started (UTC)",
    "Duration (ms)",
    "Active time (ms)",
    "Live",
    "Users",
    "Country",
    "Region",
    "Time zone",
    "Device",
    "Browser",
    "Operating system",
    "Entry page",
    "Exit page",
    "Referrer",
    "Page views",
    "Page loads",
    "Events",
    "Clicks",
    "Errors",
    "Rage",
    "Dead clicks",
    "Custom events",
    "Metadata",
];

fn cells(row: &SessionRow) -> [String; HEADS.len()] {
    let text = |text: &Option<String>| field(text.as_deref().unwrap_or_default());
    let list = |list: &[String]| field(&list.join("; "));
    let meta = row.meta.iter().map(|(key, value)| format!("{key}={value}"));
    let meta: Vec<String> = meta.collect();
    [
        field(row.sid.as_str()),
        instant(row.started),
        row.duration.to_string(),
        row.active.to_string(),
        if row.live { "yes" } else { "no" }.to_owned(),
        list(&row.users),
        text(&row.country),
        text(&row.region),
        text(&row.timezone),
        text(&row.device),
        text(&row.browser),
        text(&row.os),
        field(&row.entry),
        field(&row.exit),
        text(&row.referrer),
        row.pages.to_string(),
        row.tabs.to_string(),
        row.events.to_string(),
        row.clicks.to_string(),
        row.errors.to_string(),
        row.rage.to_string(),
        row.dead.to_string(),
        list(&row.named),
        list(&meta),
    ]
}

/// An instant as ISO 8601 has it: `2026-11-27T09:05:00.250Z`.
fn instant(at: Millis) -> String {
    let rest = at % DAY;
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        Day::of(at),
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60,
        rest % 1_000
    )
}

#[cfg(test)]
mod tests;
