//! What is asked of a session, and what is answered.

use crate::id::{SessionId, SiteKey};
use crate::quota::{Exhausted, Quota};
use crate::recording::{Buffered, Record, Visitor};
use alloc::boxed::Box;
use serde::{Deserialize, Serialize};

/// A masked batch on its way to its session; the gzip member travels beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Append {
    /// Its site.
    pub site: SiteKey,
    /// Its session.
    pub sid: SessionId,
    /// What it adds.
    pub batch: Buffered,
    /// Who sends it, as far as the edge may know.
    pub visitor: Visitor,
    /// Days that the session is kept from its start, as the site is configured.
    pub retention_days: u32,
    /// How much its site may record, if that is limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
}

/// Why a session takes no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// It has reached its limit of events or bytes.
    Full,
    /// Its visitor had it erased.
    Erased,
    /// Its site may record no more; nothing of it is stored.
    Quota(Exhausted),
}

/// A session that is to be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Its site.
    pub site: SiteKey,
    /// The session.
    pub sid: SessionId,
}

/// What a session's object knows of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Held {
    /// Nothing: it is finished, or never was.
    Nothing,
    /// It is being recorded.
    Record(Box<Record>),
    /// It was erased; what other stores may still show of it is not to be shown.
    Erased,
}
