//! A report about some sessions, as an address asks for it.

use super::report::Question;
use crate::field::FieldError;
use crate::filter::Filter;
use crate::query;
use alloc::string::String;

/// Which report, about which sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What is asked.
    pub question: Question,
    /// Of which sessions.
    pub filter: Filter,
}

impl Asked {
    /// Reads the query part of the address of the report `name`. What is neither the
    /// question's nor the filter's is an error.
    pub fn parse(name: &str, query: &str) -> Result<Self, FieldError> {
        let (question, rest) = Question::take(name, query::pairs(query)?)?;
        let mut filter = Filter::default();
        for (name, value) in rest {
            if !filter.set(&name, value)? {
                return Err(query::unknown(&name));
            }
        }
        Ok(Self {
            question,
            filter: filter.checked()?,
        })
    }

    /// The query that [`Self::parse`] reads, without `?`.
    pub fn to_query(&self) -> String {
        let mut query = self.question.to_query();
        let filter = self.filter.to_query();
        if !query.is_empty() && !filter.is_empty() {
            query.push('&');
        }
        query.push_str(&filter);
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_and_a_filter_share_an_address() {
        let query = "top=7&country=DE&errors=true";
        let asked = Asked::parse("pages", query).unwrap();
        assert_eq!(asked.filter.country.as_deref(), Some("DE"));
        assert_eq!(Asked::parse("pages", &asked.to_query()), Ok(asked));
        for (name, query, field) in [
            ("pages", "colour=red", "colour"),
            ("pages", "top=0", "top"),
            ("pages", "country=DE&country=FR", "country"),
            ("nothing", "", "report"),
        ] {
            let error = Asked::parse(name, query).unwrap_err().to_string();
            assert!(error.contains(field), "{name} {query}: {error}");
        }
    }
}
