//! The one place that writes to the log; [`sentiero_core::log`] says what a line may hold.

use crate::http;
use sentiero_core::field::FieldError;
use sentiero_core::id::SiteKey;
use sentiero_core::log::{Line, Sampler, cleaned, named};
use sentiero_core::store::StoreError;
use std::cell::RefCell;

/// A store or an object failed; the caller was told to try again.
pub(crate) const UNAVAILABLE: &str = "unavailable";

thread_local! {
    /// Each isolate counts for itself.
    static SAMPLER: RefCell<Sampler> = const { RefCell::new(Sampler::new()) };
}

/// Something of ours failed.
pub(crate) fn failure(
    event: &'static str,
    site: Option<&SiteKey>,
    reason: &'static str,
    cause: &str,
) {
    if let Some(line) = line(event, site, reason, None, cause) {
        worker::console_error!("{line}");
    }
}

/// A field, variable or secret cannot be used.
pub(crate) fn malformed(event: &'static str, site: Option<&SiteKey>, error: &FieldError) {
    let field = Some(error.field.as_str());
    let reason = "malformed_configuration";
    if let Some(line) = line(event, site, reason, field, &error.reason) {
        worker::console_error!("{line}");
    }
}

/// What failed and is tried again later.
pub(crate) fn retried(error: &StoreError) {
    failure("session_object", None, "retried_later", &error.0);
}

/// A part of a recording, or its record, could not be read: the reader was shown the rest.
pub(crate) fn unreadable(error: &StoreError) {
    failure("recording", None, "unreadable", &error.0);
}

/// An upload was refused.
pub(crate) fn refused(site: &SiteKey, reason: &'static str) {
    if let Some(line) = line("refused", Some(site), reason, None, "") {
        worker::console_warn!("{line}");
    }
}

/// Something came by a key that no site has.
pub(crate) fn unknown_key() {
    if let Some(line) = line("refused", None, "unknown_key", None, "") {
        worker::console_warn!("{line}");
    }
}

fn line(
    event: &'static str,
    site: Option<&SiteKey>,
    reason: &'static str,
    field: Option<&str>,
    cause: &str,
) -> Option<String> {
    let skipped = SAMPLER.with_borrow_mut(|sampler| sampler.take(event, reason, http::now()))?;
    let line = Line {
        event,
        site,
        reason,
        field: field.and_then(named),
        cause: cleaned(cause),
        skipped,
    };
    Some(line.text())
}
