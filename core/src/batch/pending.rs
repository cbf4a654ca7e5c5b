//! Events that wait for their turn.

use super::{MAX_EVENTS, MAX_WAIT};
use crate::id::Millis;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// How rrweb writes the event that says where a page is.
const META: &[u8] = b"{\"type\":4,";

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

    /// Takes the first event, and those after it as long as `target` bytes and `max` events
    /// allow. A page's address stays with its snapshot, however large that is: replay can
    /// only start where it has both.
    pub(super) fn take(&mut self, max: u32, target: usize) -> Vec<Box<[u8]>> {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let mut n = 0;
        let mut bytes = 0;
        let mut after_meta = false;
        for event in &self.events {
            let large = bytes + event.json.len() > target;
            let alone = n == 1 && after_meta;
            if n >= max.max(1) || (n > 0 && large && !alone) {
                n -= usize::from(after_meta && n > 1);
                break;
            }
            n += 1;
            bytes += event.json.len();
            after_meta = event.json.starts_with(META);
        }
        let mut taken = Vec::new();
        while taken.len() < n
            && let Some(event) = self.events.pop_front()
        {
            self.moved(1, event.json.len());
            taken.push(event.json);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_its_snapshot_stay_together() {
        let take = |sizes: &[usize], max: u32| {
            let mut pending = Pending::default();
            for size in sizes {
                // One of 9 bytes stands for a page's address.
                let json = if *size == 9 {
                    META.into()
                } else {
                    vec![b' '; *size]
                };
                pending.push(json.into(), 0);
            }
            let mut batches = Vec::new();
            while !pending.is_empty() {
                batches.push(pending.take(max, 100).len());
            }
            assert_eq!(
                (pending.bytes(), pending.first() as usize),
                (0, sizes.len())
            );
            batches
        };
        assert_eq!(META.len(), 10);
        assert_eq!(take(&[40, 40, 40, 200, 1], 9), [2, 1, 1, 1]);
        assert_eq!(take(&[9, 200, 200], 9), [2, 1]);
        assert_eq!(take(&[40, 9, 200, 9, 50], 9), [1, 2, 2]);
        assert_eq!(take(&[40, 9, 50, 9], 2), [1, 2, 1]);
        assert_eq!(take(&[9, 200], 1), [1, 1], "the edge asked for no more");
    }
}
