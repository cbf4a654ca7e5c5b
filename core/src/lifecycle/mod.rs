//! When a session is announced, packed, finished and erased at the edge.
//!
//! Pure: a [`Status`] and the time give the next [`Step`]; the session object
//! performs it and asks again. Every step may be repeated without harm, so a
//! crash between two of them only delays. An [`Erasure`] does the same for a
//! session that its visitor had erased.
//!
//! [`Actor`] performs the steps over the ports of [`crate::store`]. One actor at a
//! time writes a session; it may be interrupted at any `await`, and for ever.
//!
//! **Why nothing is lost or doubled.** [`Actor::append`] checks which
//! event indexes are missing and inserts them without an `await` between, so
//! no other request runs in the middle; the platform holds the answer back
//! until the insert is durable. Batches leave the object only in
//! [`Actor::alarm`], after the recordings have them: either in one synchronous
//! block that also remembers the chunk, or with everything else, when row and
//! record are written, too, and the same synchronous block sees that no batch has
//! come since.
//!
//! **Why nothing comes back.** An erased session is a [`Tombstone`] in a table of
//! its own, written in the synchronous block that deletes the rest. Whoever may
//! have been waiting for a store looks for it before it writes anything. The
//! alarm then deletes the session from every store, twice, ten minutes apart; it
//! is the only one that writes there, so nothing else is under way but what had
//! lost its answer. The tombstone stays until no upload can be let in any more.
//!
//! [`Tombstone`]: crate::store::Tombstone

mod actor;
mod command;
mod cut;
mod erasure;
#[cfg(test)]
mod tests;

pub use actor::Actor;
pub(crate) use actor::backoff;
pub use command::{Append, Erase, Held, Refused};

use crate::id::Millis;
use crate::wire::{MAX_AHEAD, MAX_BEHIND};
use serde::{Deserialize, Serialize};

/// The life of a session, ms; configured by the operator in wrangler.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// From the first batch to being listed as live.
    pub announce: Millis,
    /// From the last batch to being finished, while a page is still open.
    pub idle: Millis,
    /// From the last batch to being finished, when every page was left.
    pub leave: Millis,
}

impl Timing {
    /// 5 s, 10 min, 1 min. The first is half of what is promised: an alarm goes off at its
    /// time at the earliest.
    pub const DEFAULT: Self = Self {
        announce: 5_000,
        idle: 600_000,
        leave: 60_000,
    };
}

/// The age at which a session is finished even while batches still come.
pub const MAX_AGE: Millis = 24 * 3_600_000;

/// Packs are made when this many compressed bytes are buffered.
pub const PACK_BYTES: u64 = crate::chunk::TARGET_BYTES;

/// What the next step depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// When this incarnation of the object took its first batch, edge clock.
    pub created: Millis,
    /// When it took its last one.
    pub last: Millis,
    /// Every page load that sent something has said that it was left.
    pub left: bool,
    /// The index knows the session as live.
    pub announced: bool,
    /// Compressed bytes that are in no chunk yet.
    pub buffered: u64,
    /// A page of it has come. Until then there is only what the site's server told, which
    /// waits: it makes no session.
    pub visited: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing until then.
    Sleep(Millis),
    /// Tell the index that the session is live.
    Announce,
    /// Write a chunk.
    Pack,
    /// Write what is left, the index row and the record, then forget everything.
    Finish,
    /// Forget everything: no page came.
    Drop,
}

impl Status {
    /// What to do at `now`.
    pub fn next_step(&self, timing: &Timing, now: Millis) -> Step {
        if !self.visited {
            let waited = self.last + timing.idle;
            return if now >= waited {
                Step::Drop
            } else {
                Step::Sleep(waited)
            };
        }
        let over = self.over_at(timing);
        if now >= over {
            return Step::Finish;
        }
        let announce = self.created + timing.announce;
        if !self.announced && now >= announce {
            return Step::Announce;
        }
        if self.buffered >= PACK_BYTES {
            return Step::Pack;
        }
        Step::Sleep(if self.announced {
            over
        } else {
            over.min(announce)
        })
    }

    /// When the session is over, if nothing more comes.
    fn over_at(&self, timing: &Timing) -> Millis {
        let quiet = self.last + if self.left { timing.leave } else { timing.idle };
        // Past its age a session ends with its next short pause, not in the midst of a burst.
        let aged = (self.created + MAX_AGE).max(self.last + timing.leave);
        quiet.min(aged)
    }
}

/// Whether a session that the object does not know may have been finished before,
/// so that it must be looked for its chunks first.
///
/// The first batch of a session is refused if its id lies more than
/// [`MAX_AHEAD`] in the future, and no session is finished sooner after its first
/// batch than `leave` or `idle`, whichever is shorter. So a session that looks
/// younger than that less [`MAX_AHEAD`] is new.
pub fn may_be_finished(started: Millis, timing: &Timing, now: Millis) -> bool {
    let soonest = timing.leave.min(timing.idle);
    let fresh_for = soonest.saturating_sub(MAX_AHEAD);
    now >= started.saturating_add(fresh_for)
}

/// How long after a purge nothing can still be on its way into a store: far more
/// than any command or upload takes.
pub const SETTLED: Millis = 10 * 60_000;

/// How long after the last moment at which an upload of it could be let in an
/// erased session is still remembered: an upload may be slow.
pub const ERASED_MARGIN: Millis = 3_600_000;

/// What is left of an erased session until it is forgotten, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When it was last deleted from every store, edge clock; none before the first time.
    pub purged: Option<Millis>,
    /// It was deleted again after what had been under way had settled.
    pub settled: bool,
}

/// What to do next about an erased session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureStep {
    /// Nothing until then.
    Sleep(Millis),
    /// Delete it from every store.
    Purge,
    /// Forget that it was erased.
    Forget,
}

impl Erasure {
    /// An erasure that has just been asked for.
    pub const NEW: Self = Self {
        purged: None,
        settled: false,
    };

    /// What to do at `now`, when the session had started at `started`.
    ///
    /// It is deleted twice: a write that was under way when it was erased, and
    /// of which no answer came, may end after the first time.
    pub fn next_step(&self, started: Millis, now: Millis) -> ErasureStep {
        let Some(purged) = self.purged else {
            return ErasureStep::Purge;
        };
        let due = if self.settled {
            erased_until(started)
        } else {
            purged.saturating_add(SETTLED)
        };
        match (now >= due, self.settled) {
            (false, _) => ErasureStep::Sleep(due),
            (true, false) => ErasureStep::Purge,
            (true, true) => ErasureStep::Forget,
        }
    }

    /// The same after a purge at `now`.
    #[must_use]
    pub fn after_purge(self, now: Millis) -> Self {
        Self {
            purged: Some(now),
            settled: self.purged.is_some(),
        }
    }
}

/// Until when an upload of a session that started at `started` must be refused
/// because it was erased; later ones are refused for their clock.
pub fn erased_until(started: Millis) -> Millis {
    started.saturating_add(MAX_BEHIND + ERASED_MARGIN)
}

#[cfg(test)]
mod steps {
    use super::*;
    use proptest::prelude::*;

    const NEW: Status = Status {
        created: 1_000_000,
        last: 1_000_000,
        left: false,
        announced: false,
        buffered: 0,
        visited: true,
    };

    #[test]
    fn a_life() {
        let step =
            |status: Status, after: Millis| status.next_step(&Timing::DEFAULT, 1_000_000 + after);
        let announced = Status {
            announced: true,
            ..NEW
        };
        let left = Status {
            left: true,
            ..announced
        };
        assert_eq!(step(NEW, 0), Step::Sleep(1_005_000));
        assert_eq!(step(NEW, 4_999), Step::Sleep(1_005_000));
        assert_eq!(step(NEW, 5_000), Step::Announce);
        assert_eq!(step(announced, 10_000), Step::Sleep(1_600_000));
        assert_eq!(
            step(
                Status {
                    buffered: PACK_BYTES - 1,
                    ..announced
                },
                10_000
            ),
            Step::Sleep(1_600_000)
        );
        assert_eq!(
            step(
                Status {
                    buffered: PACK_BYTES,
                    ..announced
                },
                10_000
            ),
            Step::Pack
        );
        assert_eq!(step(announced, 599_999), Step::Sleep(1_600_000));
        assert_eq!(step(announced, 600_000), Step::Finish);
        assert_eq!(step(left, 59_999), Step::Sleep(1_060_000));
        assert_eq!(step(left, 60_000), Step::Finish);
    }

    #[test]
    fn a_day_ends_it() {
        let busy = Status {
            last: 1_000_000 + MAX_AGE - 1,
            announced: true,
            ..NEW
        };
        assert_eq!(
            busy.next_step(&Timing::DEFAULT, busy.last),
            Step::Sleep(busy.last + 60_000)
        );
    }

    #[test]
    fn a_finished_session_is_never_taken_for_new() {
        // The earliest possible end: created with the clock as far ahead as is let in, left at once.
        let timing = Timing::DEFAULT;
        let created = 1_000_000;
        let started = created + MAX_AHEAD;
        assert!(may_be_finished(started, &timing, created + timing.leave));
        assert!(!may_be_finished(created, &timing, created));
        assert!(!may_be_finished(started, &timing, created));
    }

    #[test]
    fn an_erasure() {
        let started = 1_000_000;
        let asked = started + 5_000;
        let step = |erasure: Erasure, now| erasure.next_step(started, now);
        assert_eq!(step(Erasure::NEW, asked), ErasureStep::Purge);
        let once = Erasure::NEW.after_purge(asked);
        let settled = asked + SETTLED;
        assert_eq!(step(once, settled - 1), ErasureStep::Sleep(settled));
        assert_eq!(step(once, settled), ErasureStep::Purge);
        let twice = once.after_purge(settled);
        let end = started + MAX_BEHIND + ERASED_MARGIN;
        assert_eq!(step(twice, settled), ErasureStep::Sleep(end));
        assert_eq!(step(twice, end - 1), ErasureStep::Sleep(end));
        assert_eq!(step(twice, end), ErasureStep::Forget);
    }

    #[test]
    fn an_old_session_is_deleted_twice_before_it_is_forgotten() {
        let now = 400 * 24 * 3_600_000;
        let once = Erasure::NEW.after_purge(now);
        assert_eq!(once.next_step(0, now), ErasureStep::Sleep(now + SETTLED));
        let twice = once.after_purge(now + SETTLED);
        assert_eq!(twice.next_step(0, now + SETTLED), ErasureStep::Forget);
    }

    proptest! {
        #[test]
        fn sleep_lies_ahead(last in 0u64..1 << 40, left: bool, announced: bool, visited: bool, buffered in 0u64..1 << 22, now in 0u64..1 << 41) {
            let status = Status { created: last / 2, last, left, announced, buffered, visited };
            if let Step::Sleep(until) = status.next_step(&Timing::DEFAULT, now) {
                prop_assert!(until > now);
            }
        }
    }
}
