//! Events that wait for their turn.

use super::{MAX_EVENTS, MAX_WAIT};
use crate::id::Millis;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

#[derive(Debug)]
struct Event {
    json: Box<[u8]>,
    came: Millis,
}

/// Masked events in order, and when they are to go.
#[derive(Debug, Default)]
pub(super) struct Pending {
    events: VecDeque<Event>,
    /// Index of the first of them.
    first: u32,
    bytes: usize,
    /// Events before this index do not wait.
    due: u32,
}

impl Pending {
    /// Nothing yet of a stream whose events before the index `first` are elsewhere.
    pub(super) fn from(first: u32) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// The events, in order.
    pub(super) fn events(&self) -> impl Iterator<Item = &[u8]> {
        self.events.iter().map(|event| &*event.json)
    }

    pub(super) fn push(&mut self, json: Box<[u8]>, now: Millis) {
        self.bytes += json.len();
        self.events.push_back(Event { json, came: now });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Index of the first event.
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// Index of the event that comes next.
    pub(super) fn next(&self) -> u32 {
        self.first
            .saturating_add(u32::try_from(self.events.len()).unwrap_or(u32::MAX))
    }

    /// What is here now shall go at once.
    pub(super) fn flush(&mut self) {
        self.due = self.next();
    }

    /// When the first event has to go, if nothing else comes; 0 for at once.
    pub(super) fn due_at(&self, target: usize) -> Option<Millis> {
        let first = self.events.front()?;
        let full = self.bytes >= target || self.next() - self.first >= MAX_EVENTS;
        Some(if full || self.due > self.first {
            0
        } else {
            first.came.saturating_add(MAX_WAIT)
        })
    }

    /// Takes the first event, and those after it as long as `target` bytes and `max` events allow.
    pub(super) fn take(&mut self, max: u32, target: usize) -> Vec<Box<[u8]>> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(event) = self.events.front() {
            let full = taken.len() >= usize::try_from(max).unwrap_or(usize::MAX)
                || bytes + event.json.len() > target;
            if full && !taken.is_empty() {
                break;
            }
            bytes += event.json.len();
            taken.extend(self.events.pop_front().map(|event| event.json));
        }
        self.moved(taken.len(), bytes);
        taken
    }

    fn moved(&mut self, n: usize, bytes: usize) {
        self.first = self
            .first
            .saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        self.bytes -= bytes;
    }

    /// Puts back what [`Self::take`] took last; it goes at once.
    pub(super) fn put_back(&mut self, events: Vec<Box<[u8]>>) {
        self.first = self.first.saturating_sub(super::body::count(&events));
        for json in events.into_iter().rev() {
            self.bytes += json.len();
            // It waited already; the instant no longer matters.
            self.events.push_front(Event { json, came: 0 });
        }
    }

    /// Forgets events before the index `next`, which the edge has from elsewhere.
    pub(super) fn forget_before(&mut self, next: u32) {
        while self.first < next {
            let Some(event) = self.events.pop_front() else {
                break;
            };
            self.moved(1, event.json.len());
        }
    }
}
