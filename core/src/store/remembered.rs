//! A session object's storage with a memory of what is in it.
//!
//! A busy session sends a batch every few seconds, and each needs the sum of all
//! before it. Without a memory that is every buffered batch's row, read and parsed
//! again. The memory is a cache: what it holds was read from or written to the
//! storage below, by the one object that writes there, and it may be forgotten at
//! any moment. Whatever is no plain addition forgets it, and so does every failure.

use super::{Buffer, Result, Saved, Tombstone, Total};
use crate::id::{Millis, TabId};
use crate::recording::{Buffered, StoredChunk};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

/// What an object remembers of its storage, as long as it is in memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// It was looked whether the session was erased, and it was not.
    not_erased: Cell<bool>,
    /// What the storage holds.
    known: RefCell<Known>,
    /// An alarm that is set and has not gone off.
    alarm: Cell<Option<Millis>>,
    /// Counts what makes an answer about the alarm that is under way worthless.
    turn: Cell<u64>,
}

/// What is known of the session in the storage.
#[derive(Debug, Default)]
enum Known {
    /// Nothing yet.
    #[default]
    Unknown,
    /// There is none.
    NoSession,
    /// Its total.
    Session(Box<Total>),
}

impl Memory {
    /// Forgets everything. Whoever runs the alarm calls this before: one that went
    /// off is not set any more.
    pub fn forget(&self) {
        self.not_erased.set(false);
        self.known.take();
        self.forget_alarm();
    }

    /// Gives the turn in which an answer about the alarm may be remembered.
    fn forget_alarm(&self) -> u64 {
        self.alarm.set(None);
        self.turn.set(self.turn.get().wrapping_add(1));
        self.turn.get()
    }

    /// Remembers the alarm, unless it may have gone off or been set anew meanwhile.
    fn remember_alarm(&self, at: Option<Millis>, turn: u64) {
        if self.turn.get() == turn {
            self.alarm.set(at);
        }
    }

    fn remember(&self, total: Option<Total>) {
        let known = match total {
            None => Known::NoSession,
            // Many objects share the memory of one process.
            Some(total) if total.sum.weight() > MAX_WEIGHT => Known::Unknown,
            Some(total) => Known::Session(Box::new(total)),
        };
        self.known.replace(known);
    }
}

/// What is heavier is read again, bytes by [`crate::recording::SessionState::weight`]:
/// ten minutes of moving the pointer are lighter.
const MAX_WEIGHT: usize = 64 * 1_024;

/// A [`Buffer`] that does not ask the one below for what it remembers.
#[derive(Debug)]
pub struct Remembered<'a, B> {
    below: B,
    memory: &'a Memory,
}

impl<'a, B> Remembered<'a, B> {
    /// `below` with `memory`, which must have seen every write to it since it was
    /// last forgotten.
    pub const fn new(below: B, memory: &'a Memory) -> Self {
        Self { below, memory }
    }
}

impl<B: Buffer> Remembered<'_, B> {
    /// Does what makes the memory of the session wrong.
    fn changing<T>(&self, change: impl FnOnce(&B) -> Result<T>) -> Result<T> {
        self.memory.known.take();
        change(&self.below)
    }
}

impl<B: Buffer> Buffer for Remembered<'_, B> {
    fn load(&self) -> Result<Option<Saved>> {
        match &*self.memory.known.borrow() {
            Known::Unknown => self.below.load(),
            Known::NoSession => Ok(None),
            Known::Session(total) => Ok(Some(total.saved.clone())),
        }
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        let was_empty = matches!(&*self.memory.known.borrow(), Known::NoSession);
        self.changing(|below| below.save(saved))?;
        if was_empty {
            self.memory.remember(Some(Total::of(saved.clone(), &[])));
        }
        Ok(())
    }

    fn open(&self, saved: &Saved, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        let was_empty = matches!(&*self.memory.known.borrow(), Known::NoSession);
        self.changing(|below| below.open(saved, batch, body))?;
        if was_empty {
            let batch = core::slice::from_ref(batch);
            self.memory.remember(Some(Total::of(saved.clone(), batch)));
        }
        Ok(())
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        self.below.batches()
    }

    fn total(&self) -> Result<Option<Total>> {
        match &*self.memory.known.borrow() {
            Known::Unknown => {}
            Known::NoSession => return Ok(None),
            Known::Session(total) => return Ok(Some((**total).clone())),
        }
        let total = self.below.total()?;
        self.memory.remember(total.clone());
        Ok(total)
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        self.below.body(tab, first)
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        // Forgotten while it may fail, and if it does.
        let known = self.memory.known.take();
        self.below.insert(batch, body)?;
        if let Known::Session(mut total) = known {
            total.add(batch);
            self.memory.remember(Some(*total));
        }
        Ok(())
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        self.below.chunks()
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        // No part of the total.
        self.below.add_chunk(chunk)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        self.changing(|below| below.remove(tab, first))
    }

    fn pack(&self, saved: &Saved, chunk: &StoredChunk) -> Result<()> {
        self.changing(|below| below.pack(saved, chunk))
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        if self.memory.not_erased.get() {
            return Ok(None);
        }
        let tombstone = self.below.tombstone()?;
        self.memory.not_erased.set(tombstone.is_none());
        Ok(tombstone)
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        self.memory.forget();
        self.below.bury(tombstone)
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        self.memory.forget();
        self.below.scrub(tombstone, alarm).await
    }

    async fn clear(&self) -> Result<()> {
        self.memory.forget();
        let cleared = self.below.clear().await;
        // Whatever was learnt meanwhile may have been learnt before the end.
        self.memory.forget();
        cleared
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        if let Some(at) = self.memory.alarm.get() {
            return Ok(Some(at));
        }
        let turn = self.memory.turn.get();
        let at = self.below.alarm().await?;
        self.memory.remember_alarm(at, turn);
        Ok(at)
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        let turn = self.memory.forget_alarm();
        self.below.set_alarm(at).await?;
        self.memory.remember_alarm(Some(at), turn);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::PageView;
    use crate::id::{SessionId, SiteKey};
    use crate::recording::{SessionState, Visitor};
    use crate::store::memory::MemoryBuffer;
    use pollster::block_on;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// A session that weighs `weight`.
    fn saved(weight: usize) -> Saved {
        let mut state = SessionState::new(1, Visitor::default());
        let tab = TabId::new(&[1; 5]);
        let mut view = PageView {
            at: 1,
            tab,
            url: String::new(),
        };
        state.digest.addresses.insert(view.clone());
        let empty = state.weight();
        state.digest.addresses.clear();
        view.url = "a".repeat(weight - empty);
        state.digest.addresses.insert(view);
        assert_eq!(state.weight(), weight);
        Saved {
            site: SiteKey::parse("demo").unwrap(),
            sid: SessionId::new(1, &[1; 17]),
            retention_days: 30,
            state,
            failures: 0,
        }
    }

    #[test]
    fn what_is_heavy_is_not_remembered() {
        for (weight, kept) in [(MAX_WEIGHT, true), (MAX_WEIGHT + 1, false)] {
            let below = MemoryBuffer::default();
            (&below).save(&saved(weight)).unwrap();
            let memory = Memory::default();
            let buffer = Remembered::new(&below, &memory);
            assert_eq!(buffer.total().unwrap(), (&below).total().unwrap());
            let known = matches!(&*memory.known.borrow(), Known::Session(_));
            assert_eq!(known, kept, "{weight}");
        }
    }

    #[test]
    fn an_alarm_that_went_off_meanwhile_is_not_remembered() {
        let below = MemoryBuffer::default();
        below.alarm_at.set(Some(7));
        let memory = Memory::default();
        let buffer = Remembered::new(&below, &memory);
        below.hold_alarm();
        let mut asked = pin!(buffer.alarm());
        let mut context = Context::from_waker(Waker::noop());
        assert!(asked.as_mut().poll(&mut context).is_pending());
        below.alarm_at.set(None);
        memory.forget();
        assert!(matches!(
            asked.as_mut().poll(&mut context),
            Poll::Ready(Ok(Some(7)))
        ));
        assert_eq!(memory.alarm.get(), None);
        assert_eq!(block_on(buffer.alarm()).unwrap(), None);

        block_on(buffer.set_alarm(9)).unwrap();
        assert_eq!(memory.alarm.get(), Some(9));
        memory.forget();
        assert_eq!(memory.alarm.get(), None);
    }
}
