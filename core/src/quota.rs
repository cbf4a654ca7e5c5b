//! How much a site may record: sessions a day and a month, and bytes a month.
//!
//! A quota decides when a session is opened, and only then: a session is taken whole or
//! refused whole. It counts for the day and the month that its id names, so whatever is
//! used up stays used up, and a refused session stays refused when the day turns; besides,
//! whoever keeps the counts remembers each verdict, so that asking twice counts once.

use serde::{Deserialize, Serialize};

/// What a site may record; none of it is limited by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Sessions that begin on one UTC day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_per_day: Option<u64>,
    /// Sessions that begin in one UTC month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_per_month: Option<u64>,
    /// Stored bytes that arrive in one UTC month: when they are used up no new session of
    /// that month is opened, while those that are open go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_month: Option<u64>,
}

/// What a site has used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Sessions of the day that were let in.
    pub day: u64,
    /// Sessions of the month that were let in, the day's among them.
    pub month: u64,
    /// Bytes that arrived in the month.
    pub bytes: u64,
}

/// Which quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exhausted {
    /// The day's or the month's sessions.
    Sessions,
    /// The month's bytes.
    Bytes,
}

/// Whether a session may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    /// It is let in, for as long as it lasts.
    Admitted,
    /// It is refused, for good.
    Refused(Exhausted),
}

impl Quota {
    /// Whether it limits nothing, so that nobody need be asked.
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    /// Whether one more session may be opened.
    pub fn admit(&self, usage: Usage) -> Admission {
        let is_used_up = |quota: Option<u64>, used| quota.is_some_and(|quota| used >= quota);
        if is_used_up(self.sessions_per_day, usage.day)
            || is_used_up(self.sessions_per_month, usage.month)
        {
            return Admission::Refused(Exhausted::Sessions);
        }
        if is_used_up(self.bytes_per_month, usage.bytes) {
            return Admission::Refused(Exhausted::Bytes);
        }
        Admission::Admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_holds_at_its_edge() {
        let quota = |day, month, bytes| Quota {
            sessions_per_day: day,
            sessions_per_month: month,
            bytes_per_month: bytes,
        };
        let sessions = Admission::Refused(Exhausted::Sessions);
        let bytes = Admission::Refused(Exhausted::Bytes);
        for (quota, used, verdict) in [
            (
                quota(None, None, None),
                (u64::MAX, u64::MAX, u64::MAX),
                Admission::Admitted,
            ),
            (quota(Some(2), None, None), (1, 9, 9), Admission::Admitted),
            (quota(Some(2), None, None), (2, 9, 9), sessions),
            (quota(None, Some(2), None), (1, 1, 9), Admission::Admitted),
            (quota(None, Some(2), None), (0, 2, 9), sessions),
            (quota(None, None, Some(10)), (9, 9, 9), Admission::Admitted),
            (quota(None, None, Some(10)), (0, 0, 10), bytes),
            (quota(Some(1), None, Some(1)), (1, 1, 1), sessions),
            (quota(Some(0), None, None), (0, 0, 0), sessions),
        ] {
            let (day, month, bytes) = used;
            let usage = Usage { day, month, bytes };
            assert_eq!(quota.admit(usage), verdict, "{quota:?} {usage:?}");
        }
        assert!(Quota::default().is_unlimited());
        assert!(!quota(None, None, Some(0)).is_unlimited());
    }
}
