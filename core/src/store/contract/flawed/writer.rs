//! The same for a session's own storage.

use super::{Flaw, Flawed, fails};
use crate::id::{Millis, TabId};
use crate::recording::{Buffered, StoredChunk};
use crate::store::memory::MemoryBuffer;
use crate::store::{Buffer, Result, Saved, Tombstone};
use pollster::block_on;
use std::vec::Vec;

impl Buffer for Flawed<&MemoryBuffer> {
    fn load(&self) -> Result<Option<Saved>> {
        if self.is_tired() {
            return fails();
        }
        match self.below.load()? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        let known = self.below.load()?.is_some();
        if self.is(Flaw::KeepsNothing) || (self.is(Flaw::KeepsFirst) && known) {
            return Ok(());
        }
        let mut saved = saved.clone();
        if self.is(Flaw::Cuts) {
            let addresses = &mut saved.state.digest.addresses;
            *addresses = addresses.iter().take(1).cloned().collect();
            saved.failures = 0;
        }
        self.below.save(&saved)
    }

    fn open(&self, saved: &Saved, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        if self.is(Flaw::KeepsNothing) {
            return Ok(());
        }
        self.below.open(saved, batch, body)
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        let mut batches = self.below.batches()?;
        if self.is(Flaw::Backwards) {
            batches.reverse();
        }
        Ok(batches)
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        match self.below.body(tab, first) {
            Err(_) if self.is(Flaw::Invents) => Ok(Vec::new()),
            Ok(body) if self.is(Flaw::Cuts) => Ok(body.into_iter().take(255).collect()),
            other => other,
        }
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::LastWins => self.below.remove(&batch.meta.tab, batch.meta.first)?,
            Flaw::MovesAlarm => self.below.alarm_at.set(Some(1)),
            _ => {}
        }
        self.below.insert(batch, body)
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        let mut chunks = self.below.chunks()?;
        if self.is(Flaw::Backwards) {
            chunks.reverse();
        }
        Ok(chunks)
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        let chunks = self.below.chunks()?;
        let known = chunks.iter().any(|known| known.name == chunk.name);
        if self.is(Flaw::KeepsNothing) || (self.is(Flaw::KeepsFirst) && known) {
            return Ok(());
        }
        self.below.add_chunk(chunk)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if self.below.body(tab, first).is_err() => return fails(),
            Flaw::RemovesMore => {
                for batch in self.below.batches()? {
                    if batch.meta.tab == *tab {
                        self.below.remove(tab, batch.meta.first)?;
                    }
                }
            }
            _ => {}
        }
        self.below.remove(tab, first)?;
        // What a batch has brought goes with it.
        if self.is(Flaw::RemovesMore) && self.below.batches()?.is_empty() {
            block_on(self.below.clear())?;
        }
        Ok(())
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        self.below.tombstone()
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        match self.flaw {
            Flaw::KeepsFirst if self.below.tombstone()?.is_some() => Ok(()),
            // The second of the two is not reached.
            Flaw::BuriesBeside => {
                let alarm = self.below.alarm_at.get();
                block_on(self.below.clear())?;
                self.below.alarm_at.set(alarm);
                Ok(())
            }
            _ => self.below.bury(tombstone),
        }
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) {
            return self.below.bury(tombstone);
        }
        self.below.scrub(tombstone, alarm).await
    }

    async fn clear(&self) -> Result<()> {
        let alarm = self.below.alarm_at.get();
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if alarm.is_none() => return fails(),
            _ => {}
        }
        self.below.clear().await?;
        if self.is(Flaw::KeepsAlarm) {
            self.below.alarm_at.set(alarm);
        }
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        let invented = self.is(Flaw::Invents).then_some(0);
        Ok(self.below.alarm().await?.or(invented))
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) && self.below.alarm_at.get().is_some() {
            return Ok(());
        }
        self.below.set_alarm(at).await
    }
}
