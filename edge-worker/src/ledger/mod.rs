//! One Durable Object per site: the receipts of erasures, and who did what.
//!
//! Nothing here says anything of a visitor. What is older than
//! [`sentiero_core::audit::KEPT`] is deleted by an alarm.

mod book;
pub(crate) mod client;
mod ledger_do;

use sentiero_core::id::ErasureId;
use serde::{Deserialize, Serialize};

/// Read a page of receipts, newest first.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    /// Only those before this one.
    before: Option<ErasureId>,
    limit: u32,
}

/// Read a page of the audit log, newest first.
#[derive(Debug, Serialize, Deserialize)]
struct Read {
    /// Only entries before this place.
    before: Option<String>,
    limit: u32,
}
