//! One Durable Object per visit: the single writer of its batches.
//!
//! [`sentiero_core::lifecycle::Actor`] decides; here is how it is reached. What it
//! needs of the platform: no other request runs between two `await`s, and an answer
//! is held back until what was written before it is durable.

pub(crate) mod client;
mod session_do;
