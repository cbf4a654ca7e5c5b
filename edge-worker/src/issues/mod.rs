//! One Durable Object per site: what is known of its issues.
//!
//! What was not seen for as long as the site keeps sessions is deleted by an alarm; an object
//! that has nothing left has no storage, too.

pub(crate) mod client;
mod issues_do;
mod rows;

use sentiero_core::id::Millis;
use sentiero_core::issue::{Decision, Fingerprint};
use serde::{Deserialize, Serialize};

/// Read a page.
#[derive(Debug, Serialize, Deserialize)]
struct Page {
    /// Only those behind this place.
    after: Option<String>,
    limit: u32,
}

/// Have an issue be what somebody decided.
#[derive(Debug, Serialize, Deserialize)]
struct Decide {
    issue: Fingerprint,
    decision: Decision,
    now: Millis,
}
