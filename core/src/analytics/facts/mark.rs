//! Custom events of the page's own, and errors.

use super::notes::Note;
use super::store::{Reader, Writer};
use super::{MAX_MESSAGE, MAX_NAME_BYTES};
use crate::digest::{named, told};
use crate::event::MAX_NUMBERS;
use crate::mask::MASK;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A custom event, or an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// An error; else a custom event.
    pub is_error: bool,
    /// The event's tag, or the first line of the error's message, its numbers folded; empty
    /// if that was masked.
    pub tag: String,
    /// Numbers of the payload by their names.
    pub values: Vec<(String, Number)>,
}

/// A number with an order.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Mark {
    /// None of an event of the recorder's own, or of one whose tag was masked.
    pub(super) fn custom(tag: &str, numbers: &[(String, f64)]) -> Option<Self> {
        let values = numbers.iter().filter_map(|(name, value)| {
            let is_told = name.len() <= MAX_NAME_BYTES && value.is_finite();
            let name = told(name, MAX_NAME_BYTES).filter(|_| is_told)?;
            Some((name, Number(*value)))
        });
        Some(Self {
            is_error: false,
            tag: named(tag)?,
            values: values.collect(),
        })
    }

    pub(super) fn error(message: &str) -> Self {
        Self {
            is_error: true,
            tag: if message.contains(MASK) {
                String::new()
            } else {
                folded(message)
            },
            values: Vec::new(),
        }
    }
}

/// A message with a `#` in the place of each number, at most [`MAX_MESSAGE`] characters.
fn folded(message: &str) -> String {
    let mut text = String::new();
    let mut length = 0;
    for char in message.chars() {
        let is_digit = char.is_ascii_digit();
        if is_digit && text.ends_with('#') {
            continue;
        }
        if length == MAX_MESSAGE {
            break;
        }
        length += 1;
        text.push(if is_digit { '#' } else { char });
    }
    text
}

impl Note for Mark {
    const MOST: usize = 192 * 1_024;

    fn texts(&self) -> impl Iterator<Item = &str> {
        let names = self.values.iter().map(|(name, _)| &**name);
        core::iter::once(&*self.tag).chain(names)
    }

    fn weight(&self) -> usize {
        32 + 20 * self.values.len()
    }

    fn write<'a>(&'a self, out: &mut Writer<'a>) {
        out.number(self.is_error.into());
        out.text(&self.tag);
        out.number(i64::try_from(self.values.len()).unwrap_or(0));
        for (name, Number(value)) in &self.values {
            out.text(name);
            out.value(*value);
        }
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        let is_error = input.number()? == 1;
        let tag = input.text()?;
        let count = usize::try_from(input.number()?).ok()?;
        let values = (0..count.min(MAX_NUMBERS)).map(|_| {
            let name = input.text()?;
            let value = input.value().filter(|value| value.is_finite())?;
            Some((name, Number(value)))
        });
        let values = values.collect::<Option<_>>()?;
        Some(Self {
            is_error,
            tag,
            values,
        })
    }
}
