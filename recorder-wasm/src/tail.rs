//! The last events of a page that is being left.

use crate::events::{lines, masked};
use crate::{Source, millis};
use alloc::vec::Vec;
use sentiero_core::batch;

/// The last bodies of a page load, made at once on the page's own thread: uploads of a
/// worker do not survive its page.
#[derive(Debug)]
pub struct Tail {
    inner: batch::Tail,
}

impl Tail {
    /// Of the events in `text` (UTF-8), one a line, from index `first` on; `seq` is the number of
    /// the next upload as far as it is known.
    pub fn new(source: Source, seq: u32, first: u32, text: &[u8], now: f64) -> Self {
        let Source { stream, masker } = source;
        let now = millis(now);
        let mut events = Vec::new();
        for line in lines(text) {
            events.append(&mut masked(&masker, line, now).events);
        }
        Self {
            inner: batch::Tail::new(stream, seq, first, events, now),
        }
    }

    /// Index of the first event that is in none of the bodies so far.
    pub fn first(&self) -> u32 {
        self.inner.first()
    }

    /// The next body, the oldest events first; of at most `limit` bytes, unless a single
    /// event is larger. None when there are no more.
    pub fn next(&mut self, limit: usize) -> Option<Vec<u8>> {
        self.inner.next(limit)
    }
}
