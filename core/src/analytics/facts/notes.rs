//! Facts with texts, each with its time.
//!
//! They are kept from the first on until they weigh more than [`Note::MOST`]: up to and with
//! the one that does. So what is kept is the beginning of all of them, in whatever order they
//! came: what was left out before had too much in front of it, and has no less later.

use super::store::{Reader, Writer};
use crate::digest::escaped;
use crate::id::{Millis, TabId};
use alloc::collections::{BTreeMap, BTreeSet};

/// Bytes of memory for one of them, without its texts.
const ENTRY: usize = 96;

/// A fact with texts.
pub(super) trait Note: Clone + Ord {
    /// Bytes of JSON that are kept.
    const MOST: usize;
    /// Its texts; each is written once.
    fn texts(&self) -> impl Iterator<Item = &str>;
    /// Bytes of JSON without its texts, at most.
    fn weight(&self) -> usize;
    /// Writes it.
    fn write<'a>(&'a self, out: &mut Writer<'a>);
    /// Reads what [`Note::write`] wrote.
    fn read(input: &mut Reader<'_>) -> Option<Self>;
}

/// Facts of one kind; each with how often it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notes<N>(BTreeMap<(Millis, TabId, N), u32>);

impl<N: Note> Default for Notes<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<N: Note> Notes<N> {
    pub(super) fn add(&mut self, at: Millis, tab: &TabId, note: N) {
        self.put((at, tab.clone(), note), 1);
    }

    pub(super) fn add_some(&mut self, at: Millis, tab: &TabId, note: Option<N>) {
        if let Some(note) = note {
            self.add(at, tab, note);
        }
    }

    fn put(&mut self, note: (Millis, TabId, N), count: u32) {
        let known = self.0.entry(note).or_default();
        *known = known.saturating_add(count);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (note, count) in other.0 {
            self.put(note, count);
        }
        self.settle();
    }

    /// Takes out those of some page loads.
    pub(super) fn forget(&mut self, is_meant: impl Fn(&TabId) -> bool) {
        self.0.retain(|(_, tab, _), _| !is_meant(tab));
    }

    /// Bytes of memory.
    pub(super) fn weight(&self) -> usize {
        let texts = |(_, _, note): &(Millis, TabId, N)| note.texts().map(str::len).sum::<usize>();
        self.0.keys().map(|note| ENTRY + texts(note)).sum()
    }

    pub(super) fn settle(&mut self) {
        // It cannot be too much if each text counted each time is not.
        let most = |(_, _, note): &(Millis, TabId, N)| {
            note.weight() + note.texts().map(written).sum::<usize>()
        };
        if self.0.keys().map(most).sum::<usize>() <= N::MOST {
            return;
        }
        let mut seen = BTreeSet::new();
        let mut weight = 0;
        let over = self.0.keys().find(|(_, _, note)| {
            let is_over = weight > N::MOST;
            let new = note.texts().filter(|text| seen.insert(*text));
            weight += note.weight() + new.map(written).sum::<usize>();
            is_over
        });
        if let Some(over) = over.cloned() {
            self.0.split_off(&over);
        }
    }

    /// In order of time.
    pub(super) fn all(&self) -> impl Iterator<Item = ((Millis, &TabId), &N)> {
        self.0.iter().flat_map(|((at, tab, note), count)| {
            core::iter::repeat_n(((*at, tab), note), *count as usize)
        })
    }

    /// As numbers: of each how long after the one before, its page load, what it is, and how
    /// often.
    pub(super) fn write<'a>(&'a self, out: &mut Writer<'a>) {
        for ((at, tab, note), count) in &self.0 {
            out.moment(*at, tab);
            note.write(out);
            out.number(i64::from(*count));
        }
    }

    pub(super) fn read(mut input: Reader<'_>) -> Self {
        let mut notes = Self::default();
        while let Some((at, tab)) = input.moment() {
            let (Some(note), Some(count)) = (N::read(&mut input), input.number()) else {
                break;
            };
            let count = u32::try_from(count).unwrap_or(1).clamp(1, MOST_AT_ONCE);
            notes.put((at, tab, note), count);
        }
        notes.settle();
        notes
    }
}

/// Facts that are the same, as they are read: a session has no more events.
const MOST_AT_ONCE: u32 = 50_000;

/// Bytes of a text in JSON, with what is around it.
fn written(text: &str) -> usize {
    3 + escaped(text)
}
