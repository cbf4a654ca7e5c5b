//! One Durable Object per visit: the single writer of its batches.
//!
//! **Why nothing is lost or doubled.** [`actor::Actor::append`] checks which
//! event indexes are missing and inserts them without an `await` between, so
//! no other request runs in the middle; the platform holds the answer back
//! until the insert is durable. Batches leave the object only in
//! [`actor::Actor::alarm`], after R2 has them, in one synchronous block that
//! also remembers the chunk; the object forgets itself only when, in the same
//! synchronous block, no batch is left.
//!
//! **Why nothing comes back.** An erased session is a [`Tombstone`] in a table of
//! its own, written in the synchronous block that deletes the rest. Whoever may
//! have been waiting for a store looks for it before it writes anything. The
//! alarm then deletes the session from every store, twice, ten minutes apart; it
//! is the only one that writes there, so nothing else is under way but what had
//! lost its answer. The tombstone stays until no upload can be let in any more.
//!
//! [`Tombstone`]: crate::store::Tombstone

pub(crate) mod actor;
pub(crate) mod client;
mod erasure;
mod session_do;
#[cfg(test)]
mod tests;

use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::recording::{Buffered, Record, Visitor};
use serde::{Deserialize, Serialize};

/// A masked batch on its way to its session; the gzip member travels beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Append {
    pub(crate) site: SiteKey,
    pub(crate) sid: SessionId,
    pub(crate) batch: Buffered,
    pub(crate) visitor: Visitor,
    pub(crate) retention_days: u32,
}

/// Why a session takes no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Refused {
    /// It has reached its limit of events or bytes.
    Full,
    /// Its visitor had it erased.
    Erased,
}

/// A session that is to be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Erase {
    pub(crate) site: SiteKey,
    pub(crate) sid: SessionId,
}

/// What a session's object knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Held {
    /// Nothing: it is finished, or never was.
    Nothing,
    /// It is being recorded.
    Record(Box<Record>),
    /// It was erased; what other stores may still show of it is not to be shown.
    Erased,
}
