//! One Durable Object per erasure that an operator asks for.
//!
//! [`sentiero_core::erasure::Eraser`] decides; here is how it is reached. What is to be
//! erased lies here only, and goes with the object's storage when all is done.

pub(crate) mod client;
mod desk;
mod erasure_do;

use sentiero_core::erasure::Job;
use sentiero_core::id::Millis;
use serde::{Deserialize, Serialize};

/// Take an erasure on.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    job: Job,
    /// Nothing is erased before.
    begins: Millis,
}
