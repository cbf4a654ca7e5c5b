//! Custom events of the page's own, and errors.

use super::MAX_NAME_BYTES;
use super::notes::Note;
use super::store::{Reader, Writer};
use crate::digest::{named, told};
use crate::event::{Fault, MAX_NUMBERS};
use crate::issue::{Fingerprint, Issue};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A custom event, or an error.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// An error; else a custom event.
    pub is_error: bool,
    /// The event's tag, or the title of the error's [`Issue`].
    pub tag: String,
    /// Numbers of the payload by their names.
    pub values: Vec<(String, Number)>,
    /// What the error is an occurrence of; none of an event, and of an error in a record that
    /// was kept before there were issues.
    pub issue: Option<Occurrence>,
}

/// One or more errors of an issue that came together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// Of which.
    pub issue: Fingerprint,
    /// How many they are.
    pub times: u32,
    /// How many errors, of any issue, the recorder left out before.
    pub held: u32,
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
            issue: None,
        })
    }

    pub(super) fn error(fault: &Fault) -> Self {
        let issue = Issue::of_fault(fault);
        Self {
            is_error: true,
            tag: issue.title,
            values: Vec::new(),
            issue: Some(Occurrence {
                issue: issue.fingerprint,
                times: times(fault.count),
                held: fault.skipped,
            }),
        }
    }
}

/// The recorder sends the 1st, 10th, 100th … of an error that repeats, with which one it is:
/// that stands for all since the last one that was sent.
fn times(count: u32) -> u32 {
    let is_power = count
        .checked_ilog10()
        .is_some_and(|log| 10_u32.pow(log) == count);
    if is_power && count > 1 {
        count - count / 10
    } else {
        1
    }
}

/// How an error whose issue follows begins; an event begins with 0, an error without with 1.
const WITH_ISSUE: i64 = 2;

impl Note for Mark {
    const MOST: usize = 192 * 1_024;

    fn texts(&self) -> impl Iterator<Item = &str> {
        let names = self.values.iter().map(|(name, _)| &**name);
        core::iter::once(&*self.tag).chain(names)
    }

    fn weight(&self) -> usize {
        32 + 20 * self.values.len() + if self.issue.is_some() { 44 } else { 0 }
    }

    fn write<'a>(&'a self, out: &mut Writer<'a>) {
        out.number(i64::from(self.is_error) + i64::from(self.issue.is_some()));
        if let Some(Occurrence { issue, times, held }) = self.issue {
            out.number(issue.number().cast_signed());
            out.number(times.into());
            out.number(held.into());
        }
        out.text(&self.tag);
        out.number(i64::try_from(self.values.len()).unwrap_or(0));
        for (name, Number(value)) in &self.values {
            out.text(name);
            out.value(*value);
        }
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        let kind = input.number()?;
        let is_error = kind > 0;
        let issue = if kind == WITH_ISSUE {
            Some(Occurrence {
                issue: Fingerprint::of_number(input.number()?.cast_unsigned()),
                times: input.count()?,
                held: input.count()?,
            })
        } else {
            None
        };
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
            issue,
        })
    }
}
