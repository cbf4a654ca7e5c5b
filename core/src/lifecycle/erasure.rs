//! How a session object erases its session; see [`super`] for why nothing comes back.

use super::actor::{Actor, Result};
use super::{Erase, Erasure, ErasureStep};
use crate::id::Millis;
use crate::issue::{self, Issues};
use crate::store::{Buffer, Index, Recordings, Records, Tombstone};
use alloc::string::String;
use alloc::vec::Vec;

impl<B: Buffer, R: Recordings, K: Records, I: Index + Issues> Actor<B, R, K, I> {
    /// Deletes the session for good. When this returns, nothing of it is shown
    /// or taken any more; the alarm deletes it from the stores.
    pub async fn erase(&self, erase: &Erase, now: Millis) -> Result<()> {
        let Erase { site, sid } = erase;
        if !self.is_erased()? {
            self.buffer.bury(&Tombstone {
                site: site.clone(),
                sid: sid.clone(),
                erasure: Erasure::NEW,
                failures: 0,
            })?;
            self.buffer.set_alarm(now).await?;
        } else if self.buffer.alarm().await?.is_none() {
            self.buffer.set_alarm(now).await?;
        }
        // Lists do not ask this object. Should the index fail, the alarm asks it again.
        if let Err(error) = self.index.erase(site, sid).await {
            (self.log)(&error);
        }
        Ok(())
    }

    /// Carries an erasure on as far as it is due.
    pub(super) async fn run_erasure(&self, mut tombstone: Tombstone, now: Millis) -> Result<()> {
        loop {
            let started = tombstone.sid.start();
            match tombstone.erasure.next_step(started, now) {
                ErasureStep::Sleep(until) => return self.buffer.set_alarm(until).await,
                ErasureStep::Purge => {
                    self.purge(&tombstone).await?;
                    tombstone.erasure = tombstone.erasure.after_purge(now);
                    tombstone.failures = 0;
                    self.buffer.scrub(&tombstone, now).await?;
                }
                ErasureStep::Forget => {
                    self.index.forget(&tombstone.site, &tombstone.sid).await?;
                    return self.buffer.clear().await;
                }
            }
        }
    }

    /// Deletes the session from every store; what is not there any more is no failure.
    async fn purge(&self, tombstone: &Tombstone) -> Result<()> {
        let Tombstone { site, sid, .. } = tombstone;
        self.index.erase(site, sid).await?;
        self.index.erase_seen(site, &issue::mark(sid)).await?;
        self.records.remove(site, sid).await?;
        let chunks = self.recordings.list(site, sid).await?;
        if chunks.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = chunks.into_iter().map(|chunk| chunk.name).collect();
        self.recordings.remove(site, sid, &names).await
    }
}
