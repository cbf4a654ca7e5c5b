//! One Durable Object per site and month: a narrow row per session.
//!
//! Rows are clustered by session id, which sorts by time, so a page of the list
//! is one range read and needs no secondary index, which would be billed with every
//! row written. What looks at all of them reads [`sheets`]. All here can be rebuilt from R2.

pub(crate) mod client;
mod counters;
mod eviction;
mod index_do;
mod made;
mod quota;
mod rows;
mod select;
mod sheets;
mod shelf;
pub(crate) mod usage;

use sentiero_core::analytics::report::AnyReport;
use sentiero_core::api::SessionRow;
use sentiero_core::day::Day;
use sentiero_core::erasure::Filter;
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::quota::Quota;
use sentiero_core::store::Reported;
use serde::{Deserialize, Serialize};

/// Write a session's row.
#[derive(Debug, Serialize, Deserialize)]
struct Upsert {
    /// Its site; none from an object that still runs an earlier version.
    #[serde(default)]
    site: Option<SiteKey>,
    row: SessionRow,
    /// A row with a higher one is newer.
    revision: Millis,
}

/// Delete a session's row and let no later one in.
#[derive(Debug, Serialize, Deserialize)]
struct Erase {
    sid: SessionId,
    /// A row of it may still come, so it must be remembered also in a month
    /// that holds nothing yet.
    expected: bool,
}

/// Delete a session's row and what is remembered of its erasure.
#[derive(Debug, Serialize, Deserialize)]
struct Forget {
    sid: SessionId,
}

/// Sum up what the edge had to mask.
#[derive(Debug, Serialize, Deserialize)]
struct Masked {
    /// Only in sessions that started at or after this.
    since: Millis,
}

/// Read rows that a filter takes, and those of live sessions.
#[derive(Debug, Serialize, Deserialize)]
struct Find {
    filter: Filter,
    /// Only sessions after this one.
    after: Option<SessionId>,
    limit: u32,
}

/// Count in a report the sessions that a filter takes.
#[derive(Debug, Serialize, Deserialize)]
struct Ask {
    filter: sentiero_core::filter::Filter,
    /// With what it is asked, and nothing counted yet.
    report: AnyReport,
}

/// What comes of that.
#[derive(Debug, Serialize, Deserialize)]
enum Told {
    /// What there is to say.
    Report(Box<Reported>),
    /// What it reads is being made, as much as one call may take: to be asked again.
    Again,
}

/// Count the rows that a filter takes.
#[derive(Debug, Serialize, Deserialize)]
struct Matched {
    filter: Filter,
}

/// Look after this month now: delete what is past, or make the rows again.
#[derive(Debug, Serialize, Deserialize)]
struct Keep {
    site: SiteKey,
    /// Any instant of the month.
    month: Millis,
    /// Make the rows again from the recordings.
    rebuild: bool,
}

/// Read counts.
#[derive(Debug, Serialize, Deserialize)]
struct Counted {
    from: Day,
    /// Included.
    to: Day,
}

/// Add to counts.
#[derive(Debug, Serialize, Deserialize)]
struct Tally<C> {
    site: SiteKey,
    /// Any instant of the month.
    month: Millis,
    counts: Vec<C>,
}

/// Decide whether a session may be opened.
#[derive(Debug, Serialize, Deserialize)]
struct Admit {
    /// None where an earlier version asks.
    #[serde(default)]
    site: Option<SiteKey>,
    sid: SessionId,
    quota: Quota,
}
