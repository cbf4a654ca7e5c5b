//! Drives the built worker on real workerd: starts it, kills it, talks to it.
//!
//! The uploads are made, and the answers read, with the same `sentiero_core`
//! types that the recorder and the dashboard use.

pub mod client;
pub mod filling;
pub mod fuzz;
pub mod made_up;
pub mod random;
pub mod raw;
pub mod upload;
pub mod wait;
pub mod worker;
