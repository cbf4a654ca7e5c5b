//! What pages left behind that are gone: uploaded under their own names, before anything
//! else of this page, unless it has to wait after a failure.

use crate::journal::Commands;
use alloc::vec::Vec;
use sentiero_core::batch::{Answer, Effect, Kept, Uploader};
use sentiero_core::id::Millis;

/// One uploader a page load, or more where something of it is missing in between.
#[derive(Debug, Default)]
pub(crate) struct Leftovers {
    pub(crate) queue: Vec<Uploader>,
    /// The answer that comes next is for the first of them.
    sent: bool,
}

impl Leftovers {
    /// Takes batches, one after the other in `text`; what is not whole ends it.
    pub(crate) fn take(&mut self, mut text: &[u8], now: Millis) {
        while let Some(kept) = Kept::read(&mut text) {
            let known = self.queue.iter().position(|uploader| {
                let stream = uploader.stream();
                stream.sid == kept.stream.sid
                    && stream.tab == kept.stream.tab
                    && (uploader.first()..=uploader.next()).contains(&kept.first)
            });
            let at = known.unwrap_or(self.queue.len());
            if known.is_none() {
                let stream = kept.stream.clone();
                self.queue.push(Uploader::of_gone(stream, kept.first));
            }
            if let Some(uploader) = self.queue.get_mut(at) {
                add(uploader, &kept, now);
            }
        }
    }

    /// The body to upload now, if any.
    pub(crate) fn poll(&mut self, now: Millis, effects: &mut Vec<Effect>) -> Option<Vec<u8>> {
        let body = self.queue.first_mut()?.poll(now, effects)?.to_vec();
        self.sent = true;
        Some(body)
    }

    pub(crate) fn wake_at(&self) -> Option<Millis> {
        self.queue.first().and_then(Uploader::wake_at)
    }

    /// What came back for the body of [`Self::poll`]; false if it was not for one of these.
    pub(crate) fn answer(
        &mut self,
        answer: &Answer<'_>,
        now: Millis,
        random: u32,
        commands: &mut Commands,
    ) -> bool {
        if !core::mem::take(&mut self.sent) {
            return false;
        }
        if self.queue.is_empty() {
            return true;
        }
        let mut uploader = self.queue.remove(0);
        let events = uploader.next() - uploader.first();
        let mut effects = Vec::new();
        uploader.answer(answer, now, random, &mut effects);
        let mut goes_on = !uploader.is_done();
        let stream = uploader.stream();
        for effect in effects {
            match effect {
                Effect::Acked { next } => {
                    commands.drop_before(stream, next);
                    if !goes_on {
                        commands.settled(stream);
                    }
                }
                Effect::Clock { now } if stream.sid.start() > now => commands.clock(stream, now),
                Effect::Stop { reason, all: true } => commands.stop(&reason, true),
                // What the edge will never take. The page may forget its tail.
                Effect::Clock { .. } | Effect::Stop { .. } => {
                    goes_on = false;
                    commands.drop_before(stream, u32::MAX);
                    commands.settled(stream);
                    commands.lost(1, events.into());
                }
                Effect::Snapshot | Effect::TooLarge => {}
            }
        }
        if goes_on {
            // One that fails must not keep the others waiting.
            let waits = uploader.wake_at().is_some_and(|at| at > now);
            let place = if waits { self.queue.len() } else { 0 };
            self.queue.insert(place, uploader);
        }
        true
    }
}

/// Adds the events of `kept` that the uploader does not have.
fn add(uploader: &mut Uploader, kept: &Kept, now: Millis) {
    let next = uploader.next();
    for (index, event) in (kept.first..).zip(kept.events()) {
        // One that does not fit in memory is the last: the rest would not be in its place.
        if index >= next && !uploader.push(event.into(), now) {
            break;
        }
    }
    uploader.flush();
}
