//! One Durable Object per site: what is known of its issues.
//!
//! It also tells the site's webhook of what is new (`outbox`, `post`), by the same alarm.
//!
//! What was not seen for as long as the site keeps sessions is deleted by an alarm; an object
//! that has nothing left has no storage, too.

pub(crate) mod client;
mod issues_do;
mod outbox;
mod post;
mod rows;

use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::issue::hook::{Delivery, Webhook};
use sentiero_core::issue::{Decision, Fingerprint, Told};
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

/// Take in what a session saw.
#[derive(Debug, Serialize, Deserialize)]
struct Tell {
    site: SiteKey,
    told: Told,
}

/// Tell a webhook something made up.
#[derive(Debug, Serialize, Deserialize)]
struct Test {
    site: SiteKey,
    webhook: Webhook,
}

/// What is shown of deliveries.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deliveries {
    pub(crate) waiting: u64,
    pub(crate) last: Vec<Delivery>,
}
