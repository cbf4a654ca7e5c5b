//! The truth about a deployment's configuration: three Durable Objects of one class, one with
//! the configurations of all sites, one with the API tokens, one with what is known of signing in;
//! and one a site with the links to its sessions.
//!
//! A change is decided where it is written, so nobody overwrites what he has not read, and
//! whoever asks afterwards is told of it. KV can do neither (docs/adr/0038).

pub(crate) mod client;
mod gate;
mod links;
mod rows;
mod settings_do;

use sentiero_core::access::ApiToken;
use sentiero_core::id::{Millis, TokenId};
use sentiero_core::sharing::Kept;
use serde::{Deserialize, Serialize};

/// Ask for what is newer than a copy.
#[derive(Debug, Serialize, Deserialize)]
struct Sync {
    /// The revision of the copy; none if there is none.
    revision: Option<u64>,
}

/// Keep a token.
#[derive(Debug, Serialize, Deserialize)]
struct Issue {
    hash: String,
    token: ApiToken,
    now: Millis,
}

/// Keep a link.
#[derive(Debug, Serialize, Deserialize)]
struct AddLink {
    hash: String,
    kept: Kept,
    now: Millis,
}

/// Find a token by its hash, and remember the day; or a link.
#[derive(Debug, Serialize, Deserialize)]
struct Use {
    hash: String,
    now: Millis,
}

/// Forget a token, or a link.
#[derive(Debug, Serialize, Deserialize)]
struct Revoke {
    id: TokenId,
}
