//! One Durable Object per visit: the single writer of its batches.
//!
//! **Why nothing is lost or doubled.** [`actor::Actor::append`] checks which
//! event indexes are missing and inserts them without an `await` between, so
//! no other request runs in the middle; the platform holds the answer back
//! until the insert is durable. Batches leave the object only in
//! [`actor::Actor::alarm`], after R2 has them, in one synchronous block that
//! also remembers the chunk; the object forgets itself only when, in the same
//! synchronous block, no batch is left.

pub(crate) mod actor;
pub(crate) mod client;
mod session_do;
#[cfg(test)]
mod tests;

use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::recording::{Buffered, Visitor};
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

/// The session has reached its limit of events or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionFull;
