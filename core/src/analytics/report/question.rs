//! What is asked, as it stands in an address.

use super::Limit;
use crate::field::FieldError;
use crate::query;
use crate::text::{decimal, parse_decimal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The most rows that can be asked for; without `top` there are all.
pub const MAX_TOP: u32 = 10_000;

/// Which report, and what it is asked. In an address: its name, and parameters beside those
/// of the filter, none of which it shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// All pages.
    Pages {
        /// So many rows.
        top: Limit,
    },
}

/// Names and values of a query.
type Pairs = Vec<(String, String)>;

/// The parameters of a question, taken one by one.
struct Taken(Pairs);

impl Taken {
    /// The value of a parameter, if it was given once.
    fn text(&mut self, name: &str) -> Result<Option<String>, FieldError> {
        let mut all = self.list(name).into_iter();
        match (all.next(), all.next()) {
            (_, Some(_)) => Err(query::twice(name)),
            (value, None) => Ok(value),
        }
    }

    /// All values of a parameter, in order.
    fn list(&mut self, name: &str) -> Vec<String> {
        let (own, rest) = core::mem::take(&mut self.0)
            .into_iter()
            .partition(|(other, _)| other == name);
        self.0 = rest;
        Pairs::into_iter(own).map(|(_, value)| value).collect()
    }

    /// A number from `least` to `most`.
    fn number(&mut self, name: &str, least: u32, most: u32) -> Result<Option<u32>, FieldError> {
        let Some(value) = self.text(name)? else {
            return Ok(None);
        };
        let number = parse_decimal(value.as_bytes()).and_then(|value| u32::try_from(value).ok());
        let number = number.filter(|number| (least..=most).contains(number));
        let reason = || format!("must be a number from {least} to {most}");
        number
            .map(Some)
            .ok_or_else(|| FieldError::new(name, reason()))
    }

    fn top(&mut self) -> Result<Limit, FieldError> {
        Ok(Limit(self.number("top", 1, MAX_TOP)?))
    }
}

impl Question {
    /// The names of all reports.
    pub const NAMES: [&str; 1] = ["pages"];

    /// Its name in an address.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pages { .. } => "pages",
        }
    }

    /// The question of that name, by its parameters of `pairs`; what is left of them is the
    /// filter's.
    pub fn take(name: &str, pairs: Pairs) -> Result<(Self, Pairs), FieldError> {
        let mut taken = Taken(pairs);
        let question = match name {
            "pages" => Self::Pages { top: taken.top()? },
            _ => {
                let reason = format!("must be one of {}", Self::NAMES.join(", "));
                return Err(FieldError::new("report", reason));
            }
        };
        Ok((question, taken.0))
    }

    /// Its parameters as the query part of an address, without `?`.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        match self {
            Self::Pages { top } => push_top(&mut query, *top),
        }
        query
    }
}

fn push_top(query: &mut String, top: Limit) {
    if let Some(top) = top.0 {
        query::push(query, "top", &decimal(top.into()));
    }
}

#[cfg(test)]
mod tests;
