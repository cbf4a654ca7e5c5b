//! Forms: which fields were filled in and what they are called, which forms were sent. What
//! was filled in is not read.

use super::notes::Note;
use super::series::Point;
use super::store::{Reader, Writer};
use super::{MAX_LABEL_BYTES, MAX_NAME_BYTES, MAX_SELECTOR_BYTES};
use crate::digest::told;
use crate::id::Millis;
use alloc::string::String;

/// A field was filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// The field's node.
    pub node: u64,
    /// When it first was within the same cell of time.
    pub first: Millis,
}

impl Input {
    pub(super) fn of(first: Millis, node: u64) -> Self {
        let node = node.min(i64::MAX.cast_unsigned());
        Self { node, first }
    }
}

impl Point for Input {
    const NARROWEST: u32 = 0;
    const MOST: usize = 4_096;

    fn apart(&self) -> u64 {
        self.node
    }

    fn gather(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.node.cast_signed());
        out.since(self.first);
    }

    fn read(at: Millis, input: &mut Reader<'_>) -> Option<Self> {
        let node = u64::try_from(input.number()?).ok()?;
        let first = at.saturating_sub(input.count()?.into());
        Some(Self { node, first })
    }
}

/// What a field is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldName {
    /// The field's node.
    pub node: u64,
    /// What tells it from others in every visit.
    pub key: String,
    /// For people; empty if it is not known.
    pub label: String,
    /// What tells its form from others; empty if it has none.
    pub form: String,
}

impl FieldName {
    /// None without a key that may be kept.
    pub fn of(node: u64, [key, label, form]: &[String; 3]) -> Option<Self> {
        Some(Self {
            node: node.min(i64::MAX.cast_unsigned()),
            key: told(key, MAX_SELECTOR_BYTES)?,
            label: told(label, MAX_LABEL_BYTES).unwrap_or_default(),
            form: told(form, MAX_NAME_BYTES).unwrap_or_default(),
        })
    }
}

impl Note for FieldName {
    const MOST: usize = 64 * 1_024;

    fn texts(&self) -> impl Iterator<Item = &str> {
        [&*self.key, &*self.label, &*self.form].into_iter()
    }

    fn weight(&self) -> usize {
        40
    }

    fn write<'a>(&'a self, out: &mut Writer<'a>) {
        out.number(self.node.cast_signed());
        out.text(&self.key);
        out.text(&self.label);
        out.text(&self.form);
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            node: u64::try_from(input.number()?).ok()?,
            key: input.text()?,
            label: input.text()?,
            form: input.text()?,
        })
    }
}

/// A form was sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Submit {
    /// Its name, or its id; empty if it has none.
    pub form: String,
}

impl Submit {
    /// What is kept of a form's name.
    pub fn of(form: &str) -> Self {
        let form = told(form, MAX_NAME_BYTES).unwrap_or_default();
        Self { form }
    }
}

impl Note for Submit {
    const MOST: usize = 32 * 1_024;

    fn texts(&self) -> impl Iterator<Item = &str> {
        core::iter::once(&*self.form)
    }

    fn weight(&self) -> usize {
        24
    }

    fn write<'a>(&'a self, out: &mut Writer<'a>) {
        out.text(&self.form);
    }

    fn read(input: &mut Reader<'_>) -> Option<Self> {
        let form = input.text()?;
        Some(Self { form })
    }
}
