//! Which field of a JSON object is wrong, and why: what configuration says to people.

use crate::json;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field, variable or secret by name; `redact.patterns` for one inside of another.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub reason: String,
}

impl FieldError {
    /// `field` is wrong because of `reason`.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
        }
    }

    /// The same of a field inside of another.
    pub(crate) fn within(self, outer: &str) -> Self {
        Self::new(format!("{outer}.{}", self.field), self.reason)
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.reason)
    }
}

impl core::error::Error for FieldError {}

/// Reads an object of fields. `complete` is one that holds every field that must be there,
/// valid, and nothing else: with it each given field is tried alone, so that the error can
/// name the one that is wrong. `whole` is what the object is called.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    complete: &str,
    whole: &str,
) -> Result<T, FieldError> {
    let refusal = |object: &str| json::parse::<T>(object.as_bytes()).err();
    json::parse(text.as_bytes())
        .map_err(|error| explain(text, complete, &refusal).unwrap_or_else(|| unread(whole, &error)))
}

fn unread(whole: &str, error: &serde_json::Error) -> FieldError {
    FieldError::new(whole, format!("cannot be read: {}", plain(error)))
}

/// Why an object is refused; none if it is not.
type Refusal<'a> = &'a dyn Fn(&str) -> Option<serde_json::Error>;

/// The first field that spoils an object which is otherwise complete. (Not generic: it is
/// in the worker once.)
fn explain(text: &str, complete: &str, refusal: Refusal<'_>) -> Option<FieldError> {
    json::parse::<&RawValue>(text.as_bytes()).ok()?;
    json::fields(text.as_bytes()).find_map(|(key, value)| {
        let error = refusal(&with(complete, key, value))?;
        let inner = json::fields(value).find_map(|(inner, value)| {
            let alone = with("{}", inner, value);
            let error = refusal(&with(complete, key, alone.as_bytes()))?;
            Some((format!("{}.{}", name(key), name(inner)), error))
        });
        let (field, error) = inner.unwrap_or_else(|| (name(key), error));
        Some(FieldError::new(
            field,
            format!("is refused: {}", plain(&error)),
        ))
    })
}

/// `object` with `key` set to `value`; both are JSON, the key without its quotes.
fn with(object: &str, key: &[u8], value: &[u8]) -> String {
    let others = json::fields(object.as_bytes()).filter(|(other, _)| *other != key);
    let fields: Vec<String> = others
        .chain([(key, value)])
        .map(|(key, value)| {
            let (key, value) = (String::from_utf8_lossy(key), String::from_utf8_lossy(value));
            format!("\"{key}\":{value}")
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn name(key: &[u8]) -> String {
    String::from_utf8_lossy(&json::unescape(key)).into_owned()
}

/// A parser's sentence without the place, which is one in a text that nobody has seen.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((sentence, _)) => sentence.to_owned(),
        None => text,
    }
}
