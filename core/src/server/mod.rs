//! What a site's own server tells: errors that it raised, and events.
//!
//! ```text
//! body ─► Call::read ─► Item, masked ─┬─► Batch of its session's server lane ─► replay, row, reports
//!                                     └─► Sighting ─► the site's issues
//! ```
//!
//! A session has one **server lane**: a tab of a fixed id ([`TabId::server`]), which no page load
//! can have. What is told is stored there as events like any others, so replays, reports,
//! retention and erasure know it without being told.
//!
//! * **Once**: a call that has an id stands at a place of the lane that follows from the id, so
//!   one that is sent again finds its events stored.
//! * **By the edge's clock**: a server has the time. The lane has no offset, and does not make a
//!   session longer.
//! * **Nothing that was not asked for**: fields are listed, others are refused by name; of a
//!   backtrace only lines that are frames are kept; a context is flat, so nobody hands over
//!   cookies, headers or parameters as a whole.
//! * **Masked here**: an [`Item`] is made by the site's masker only, before it is fingerprinted.

mod call;
mod read;
#[cfg(test)]
mod tests;

pub use call::{Batch, Call, Item, Told};

/// Bytes of a call.
pub const MAX_BODY: usize = 256 * 1_024;

/// How far apart the places of calls in the lane are.
const STEP: u32 = 32;

/// Errors and events of a call, together.
pub const MAX_ITEMS: usize = STEP as usize;

/// How deep a call's JSON may be.
pub const MAX_DEPTH: usize = 8;

/// Characters of a message that are kept.
pub const MAX_MESSAGE: usize = 4_000;

/// Lines of a backtrace that are looked at.
pub const MAX_LINES: usize = 100;

/// Characters of a line of a backtrace; longer ones are left out.
pub const MAX_LINE: usize = 1_000;

/// Bytes of an event's payload.
pub const MAX_PAYLOAD: usize = 16 * 1_024;

/// Fields of a context.
pub const MAX_CONTEXT: usize = 20;

/// Events that one session keeps in its server lane.
pub const MAX_LANE: u64 = 500;
