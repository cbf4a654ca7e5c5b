//! Changes by operators, reported in one place: who, what, which site. No address, nothing
//! of a visitor.

use crate::guard::Who;
use sentiero_core::id::SiteKey;
use serde::Serialize;

/// One change that happened.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    who: &'a str,
    what: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a SiteKey>,
    /// The revision, or a token's id.
    subject: &'a str,
}

/// Reports a change that is durable: a line of JSON in the log.
pub(crate) fn audit(who: &Who, what: &str, site: Option<&SiteKey>, subject: &str) {
    let line = Line {
        event: "audit",
        who: who.name(),
        what,
        site,
        subject,
    };
    if let Ok(json) = serde_json::to_string(&line) {
        worker::console_log!("{json}");
    }
}
