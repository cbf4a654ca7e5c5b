//! How events are packed and uploaded: order, retry, back-off.
//!
//! [`Uploader`] is a state machine without I/O for one page load ([`Stream`]).
//! Masked events go in, bodies come out one at a time, the answers go back in:
//!
//! ```text
//! push(event) ─► Pending ─► pack ─► Flight ─► poll() = body ─► POST
//!                  ▲                  │  ▲                       │
//!                  └── 409, 413 ──────┘  └── the same bytes ──── answer() ─► Effect
//! ```
//!
//! **Invariants.** One upload in flight, in the order of the events. A body that got
//! no answer is sent again byte for byte, for as long as the page lives: the edge then
//! sees either the batch it has, or the one it lacks. Indexes have no holes: an event
//! that cannot be sent is replaced by [`dropped`], never left out. Whatever is not
//! stored at the edge is held here.
//!
//! Events are held uncompressed and packed when their turn comes, because a batch may
//! have to be cut or signed anew; [`MAX_HELD`] bounds it.

mod answer;
mod body;
mod kept;
mod lines;
mod pending;
#[cfg(test)]
mod tests;
mod uploader;

pub use answer::Answer;
pub use body::{Tail, dropped};
pub use kept::{Kept, kept};
pub use lines::Place;
pub use uploader::{Effect, Uploader};

use crate::id::{Millis, SessionId, TabId, WindowId};
use crate::wire::Meta;

/// A batch is packed when its first event has waited this long, ms.
pub const MAX_WAIT: Millis = 10_000;
/// A batch has at most this many events.
pub const MAX_EVENTS: u32 = 256;
/// A batch is packed when it is expected to have this many compressed bytes.
pub const TARGET_BYTES: usize = 48 << 10;
/// Events of this many bytes wait at most, uncompressed; then recording stops.
pub const MAX_HELD: usize = 32 << 20;

/// A page load, as its uploads name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The session.
    pub sid: SessionId,
    /// The page load.
    pub tab: TabId,
    /// The browser tab.
    pub window: WindowId,
    /// What the visit adds to the browser's clock to have the edge's, ms.
    pub offset: i64,
    /// Sent along with the first event.
    pub meta: Meta,
}
