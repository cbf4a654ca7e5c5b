//! [`Facts`] as JSON: lists of numbers, which name page loads and texts by their places.

use super::{Facts, Notes, Series};
use crate::id::{Millis, TabId};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The JSON of [`Facts`].
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    /// Page loads.
    tabs: Vec<TabId>,
    /// Texts, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<String>,
    /// Numbers of custom events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sizes: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scrolls: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pointer: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vitals: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    submits: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<(Millis, [String; 5])>,
}

/// Writes facts as numbers.
#[derive(Default)]
pub(super) struct Writer<'a> {
    tabs: BTreeMap<TabId, i64>,
    texts: BTreeMap<&'a str, i64>,
    /// The texts in order of their places.
    told: Vec<String>,
    values: Vec<f64>,
    numbers: Vec<i64>,
    before: Millis,
}

impl<'a> Writer<'a> {
    pub(super) fn number(&mut self, number: i64) {
        self.numbers.push(number);
    }

    /// A time, as how long it is after the one before, and a page load.
    pub(super) fn moment(&mut self, at: Millis, tab: &TabId) {
        self.number(at.wrapping_sub(self.before).cast_signed());
        self.before = at;
        let next = place(self.tabs.len());
        let tab = *self.tabs.entry(tab.clone()).or_insert(next);
        self.number(tab);
    }

    /// How long `first` was before the moment that was written last.
    pub(super) fn since(&mut self, first: Millis) {
        let since = self.before.saturating_sub(first);
        self.number(i64::try_from(since).unwrap_or(0));
    }

    /// A text, as its place among all of them.
    pub(super) fn text(&mut self, text: &'a str) {
        let next = place(self.texts.len());
        let at = *self.texts.entry(text).or_insert(next);
        if at == next {
            self.told.push(text.into());
        }
        self.number(at);
    }

    /// A number that may have a fraction.
    pub(super) fn value(&mut self, value: f64) {
        self.values.push(value);
    }

    /// The numbers that were written since the last call.
    fn take(&mut self) -> Vec<i64> {
        self.before = 0;
        core::mem::take(&mut self.numbers)
    }
}

fn place(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Reads what a [`Writer`] wrote.
pub(super) struct Reader<'a> {
    tabs: &'a [TabId],
    texts: &'a [String],
    values: core::slice::Iter<'a, f64>,
    numbers: core::slice::Iter<'a, i64>,
    before: Millis,
}

fn reader<'a>(stored: &'a Stored, numbers: &'a [i64]) -> Reader<'a> {
    Reader {
        tabs: &stored.tabs,
        texts: &stored.texts,
        values: stored.values.iter(),
        numbers: numbers.iter(),
        before: 0,
    }
}

impl Reader<'_> {
    pub(super) fn number(&mut self) -> Option<i64> {
        self.numbers.next().copied()
    }

    /// A number that is not negative, and fits.
    pub(super) fn count(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(super) fn moment(&mut self) -> Option<(Millis, TabId)> {
        let after = self.number()?;
        let tab = usize::try_from(self.number()?).ok()?;
        self.before = self.before.wrapping_add(after.cast_unsigned());
        Some((self.before, self.tabs.get(tab)?.clone()))
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let place = usize::try_from(self.number()?).ok()?;
        self.texts.get(place).cloned()
    }

    pub(super) fn value(&mut self) -> Option<f64> {
        self.values.next().copied()
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = Writer::default();
        self.sizes.write(&mut out);
        let sizes = out.take();
        self.scrolls.write(&mut out);
        let scrolls = out.take();
        self.pointer.write(&mut out);
        let pointer = out.take();
        self.inputs.write(&mut out);
        let inputs = out.take();
        self.vitals.write(&mut out);
        let vitals = out.take();
        self.targets.write(&mut out);
        let targets = out.take();
        self.fields.write(&mut out);
        let fields = out.take();
        self.submits.write(&mut out);
        let submits = out.take();
        self.marks.write(&mut out);
        let marks = out.take();
        let mut tabs: Vec<(TabId, i64)> = out.tabs.into_iter().collect();
        crate::order::sort_by(&mut tabs, |a, b| a.1.cmp(&b.1));
        let stored = Stored {
            tabs: tabs.into_iter().map(|(tab, _)| tab).collect(),
            texts: out.told,
            values: out.values,
            sizes,
            scrolls,
            pointer,
            inputs,
            vitals,
            targets,
            fields,
            submits,
            marks,
            campaign: self.campaign.clone(),
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let reader = |numbers| reader(&stored, numbers);
        Ok(Self {
            sizes: Series::read(reader(&stored.sizes)),
            scrolls: Series::read(reader(&stored.scrolls)),
            pointer: Series::read(reader(&stored.pointer)),
            inputs: Series::read(reader(&stored.inputs)),
            vitals: Series::read(reader(&stored.vitals)),
            targets: Notes::read(reader(&stored.targets)),
            fields: Notes::read(reader(&stored.fields)),
            submits: Notes::read(reader(&stored.submits)),
            marks: Notes::read(reader(&stored.marks)),
            campaign: stored.campaign,
        })
    }
}
