//! What reports read of sessions, made anew where another version wrote it.
//!
//! A new version of the code may keep other facts of a session, or write them otherwise. Then
//! the rows of months that are closed hold what it cannot read. Each month's alarm goes through
//! them, some at a time, when nothing else is due, and makes of their records, or of the
//! recordings themselves, what this version reads. Meanwhile reports count such a session as
//! one of which nothing is known, and say how many there are.
//!
//! **Holds**: it may be interrupted at any step, and goes on behind the last session that was
//! looked at. A row is only written in place of the one that was read. What cannot be read
//! now is left as it is, and looked at again by the next pass; it stops neither the others nor
//! what else the alarm does.

use super::{Chunks, Keeper, Plan, Shelf, place_of};
use crate::analytics::pack::VERSION;
use crate::api::SessionRow;
use crate::erasure::Sessions;
use crate::id::Millis;
use crate::lifecycle::backoff;
use crate::store::{Recordings, Records, StoreError};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use serde::{Deserialize, Serialize};

type Result<T> = core::result::Result<T, StoreError>;

/// So many sessions one alarm makes anew at most.
pub const MADE_AT_ONCE: u32 = 32;

/// With the session that takes it over so many stored bytes an alarm ends: their recordings may
/// have to be read.
const READ_AT_ONCE: u64 = 16 << 20;

/// How far a pass through the rows is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anew {
    /// The version that they get.
    pub version: u8,
    /// The last session that was looked at.
    pub after: String,
    /// Sessions that were made anew.
    pub made: u64,
    /// Sessions that could not be read.
    pub failed: u64,
}

impl Anew {
    fn new(plan: &Plan) -> Self {
        Self {
            version: VERSION,
            after: place_of(plan.from),
            made: 0,
            failed: 0,
        }
    }

    /// How often in this pass something failed, for waiting.
    fn failures(&self) -> u32 {
        u32::try_from(self.failed).unwrap_or(u32::MAX)
    }
}

impl<S: Shelf, C: Chunks, R: Recordings, K: Records, O: Sessions> Keeper<S, C, R, K, O> {
    /// A page of making anew what rows hold of another version, if there may be such; gives
    /// when to go on, `rests` if nothing is left to be done.
    pub(super) async fn anew(&self, plan: &mut Plan, now: Millis, rests: Millis) -> Result<Millis> {
        if !plan.may_be_outdated() {
            return Ok(rests);
        }
        let known = plan.anew.take().filter(|anew| anew.version == VERSION);
        let mut anew = known.unwrap_or_else(|| Anew::new(plan));
        let failed = anew.failed;
        if self.page_anew(plan, &mut anew).await? {
            if anew.failed == 0 {
                plan.digested = VERSION;
            } else {
                // Another pass, when the month is looked at again.
                plan.anew = Some(Anew::new(plan));
            }
            return Ok(rests);
        }
        // Whatever failed may be out of order for a while.
        let wait = if anew.failed > failed {
            backoff(anew.failures())
        } else {
            0
        };
        plan.anew = Some(anew);
        Ok(now.saturating_add(wait).min(rests))
    }

    /// Goes on with a pass; whether that was the end of it.
    async fn page_anew(&self, plan: &Plan, anew: &mut Anew) -> Result<bool> {
        let outdated = self.shelf.outdated(&anew.after, MADE_AT_ONCE)?;
        let is_last = u32::try_from(outdated.len()).is_ok_and(|found| found < MADE_AT_ONCE);
        let all = outdated.len();
        let mut bytes: u64 = 0;
        for (looked, (row, revision)) in (1..).zip(outdated) {
            bytes = bytes.saturating_add(row.bytes);
            row.sid.as_str().clone_into(&mut anew.after);
            let has_failed = match self.make_anew(plan, row, revision).await {
                Ok(()) => {
                    anew.made += 1;
                    false
                }
                Err(error) => {
                    (self.log)(&error);
                    anew.failed += 1;
                    true
                }
            };
            if (has_failed || bytes >= READ_AT_ONCE) && (looked < all || !is_last) {
                return Ok(false);
            }
        }
        Ok(is_last)
    }

    async fn make_anew(&self, plan: &Plan, row: SessionRow, revision: Millis) -> Result<()> {
        let sid = row.sid.clone();
        let (row, packed) = self.remade(&plan.site, &sid, row).await?;
        self.shelf.replace(&row, &packed, revision, revision)
    }
}
