//! What many sessions say together.
//!
//! ```text
//! events ─► Digest ─► Session ─► a part of a sheet ─► Report ─► its answer
//!           merges    one visit,   1 024 visits,       merges
//!                     finished     packed by topic
//! ```
//!
//! [`Session`](session::Session) is one visit as reports see it, derived from its
//! [`Digest`](crate::digest::Digest) alone. It is written by [`Topic`](session::Topic), so
//! that a report reads only what it needs.
//!
//! **Never**: a sample or a cap over sessions. Every report looks at each session in its
//! range.

pub mod asked;
pub mod facts;
mod finish;
pub mod fold;
pub mod pack;
pub mod part;
pub mod report;
pub mod route;
pub mod session;

pub use finish::{AIM, Filled, Load, Touch, aim, filled, page_after};
