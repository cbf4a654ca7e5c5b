//! The same for signing in.

use super::{Flaw, Flawed, fails};
use crate::access::gate::{Attempt, Gate, MAX_PLACES};
use crate::id::Millis;
use crate::store::Result;
use crate::store::memory::Memory;

impl Gate for Flawed<&Memory> {
    async fn attempt(&self, attempt: &Attempt) -> Result<Option<Millis>> {
        let mut attempt = attempt.clone();
        match self.flaw {
            Flaw::Sites => attempt.place.clear(),
            Flaw::TakesAll => attempt.all = None,
            Flaw::NoTime => attempt.now = 0,
            Flaw::Invents => attempt.all = Some("all".into()),
            _ => {}
        }
        let waits = self.below.attempt(&attempt).await?;
        let mut tries = self.below.tries.borrow_mut();
        match self.flaw {
            Flaw::KeepsNothing => tries.clear(),
            Flaw::CountsRefused if waits.is_some() => {
                if let Some(kept) = tries.get_mut(&attempt.place) {
                    kept.failed += 1;
                }
            }
            // Somebody else goes instead of who tried longest ago.
            Flaw::Endless if tries.len() as u64 >= MAX_PLACES => drop(tries.pop_last()),
            _ => {}
        }
        Ok(waits)
    }

    async fn passed(&self, attempt: &Attempt) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesMore => self.below.tries.borrow_mut().clear(),
            Flaw::UnknownFails if self.below.tries.borrow().is_empty() => return fails(),
            _ => {}
        }
        self.below.passed(attempt).await
    }

    async fn generation(&self) -> Result<u64> {
        if self.is(Flaw::Stale) {
            return Ok(0);
        }
        self.below.generation().await
    }

    async fn end_all(&self) -> Result<u64> {
        if self.is(Flaw::Recounts) {
            self.below.generation.set(0);
        }
        self.below.end_all().await
    }
}
