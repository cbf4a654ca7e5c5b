//! Rows of live sessions, brought to where these are while somebody looks.
//!
//! A session's row is written when it is announced and when it is finished. In between the
//! list and reports would say what it was in its first seconds. So whoever looks at sessions
//! that may be live begins a **pass**: the writers of all live sessions of the month are asked
//! what they hold, the newest first, some at once, and rows that lag behind are written anew.
//! Nobody looks: nobody is asked, and nothing is written.
//!
//! **Holds**: a row is only written in place of the live one that was read before its writer
//! was asked. So nothing comes back that was erased or dropped meanwhile, nothing that is
//! finished becomes live, and a session has one row, whatever fails, is late or done twice.

use super::{Chunks, HOUR, Keeper, Shelf};
use crate::erasure::Sessions;
use crate::filter::Filter;
use crate::id::{Millis, SessionId};
use crate::lifecycle::{Held, MAX_AGE};
use crate::store::{Recordings, Records, StoreError};
use alloc::vec::Vec;
use core::cell::RefCell;

/// How long after a pass began the next one may, ms.
pub const CAUGHT_UP_EVERY: Millis = 30_000;

/// So many writers are asked at once.
pub const ASKED_AT_ONCE: u32 = 32;

/// Live sessions that started longer ago are not asked: one ends at [`MAX_AGE`]. Of one whose
/// uploads came that late, the row is right when it is finished, minutes later.
const OLDEST: Millis = MAX_AGE + HOUR;

/// How far the rows of a month's live sessions are brought up to date. It may be forgotten:
/// then the next who looks begins anew.
#[derive(Clone, Debug, Default)]
pub struct CatchUp {
    /// When the last pass began.
    begun: Option<Millis>,
    pass: Pass,
}

#[derive(Clone, Debug, Default)]
enum Pass {
    /// None is under way.
    #[default]
    Rests,
    /// No writer was asked yet.
    Begins,
    /// Those were asked that do not sort before this one.
    Behind(SessionId),
}

impl CatchUp {
    /// Somebody looks at the sessions that `filter` takes. Whether a pass begins with that.
    pub fn looked(&mut self, filter: &Filter, now: Millis) -> bool {
        let may_be_live = filter.before.is_none_or(|before| before > oldest(now));
        let is_soon = |begun: Millis| now < begun.saturating_add(CAUGHT_UP_EVERY);
        if !may_be_live || self.is_under_way() || self.begun.is_some_and(is_soon) {
            return false;
        }
        self.begun = Some(now);
        self.pass = Pass::Begins;
        true
    }

    /// Whether some writers are still to be asked.
    pub fn is_under_way(&self) -> bool {
        !matches!(self.pass, Pass::Rests)
    }

    /// Takes the next sessions to be asked, each with its row's revision. Whoever asks meanwhile
    /// gets others.
    fn take(&mut self, rows: &impl Shelf, now: Millis) -> Result<Vec<(SessionId, Millis)>> {
        let before = match core::mem::take(&mut self.pass) {
            Pass::Rests => return Ok(Vec::new()),
            Pass::Begins => None,
            Pass::Behind(sid) => Some(sid),
        };
        let taken = rows.live_since(oldest(now), before.as_ref(), ASKED_AT_ONCE)?;
        if let Some((last, _)) = taken.last()
            && u32::try_from(taken.len()).is_ok_and(|taken| taken >= ASKED_AT_ONCE)
        {
            self.pass = Pass::Behind(last.clone());
        }
        Ok(taken)
    }
}

type Result<T> = core::result::Result<T, StoreError>;

fn oldest(now: Millis) -> Millis {
    now.saturating_sub(OLDEST)
}

impl<S: Shelf, C: Chunks, R: Recordings, K: Records, O: Sessions> Keeper<S, C, R, K, O> {
    /// Asks the next live sessions of the pass that is under way how far they have come, and
    /// writes their rows. One that does not tell is asked again by the next pass.
    ///
    /// `state` is lent for a moment at a time: others may look while this waits.
    pub async fn catch_up(&self, state: &RefCell<CatchUp>, now: Millis) -> Result<()> {
        // First, so that a pass ends, whatever fails.
        let taken = state.borrow_mut().take(&self.shelf, now)?;
        let site = self.shelf.plan()?.map(|plan| plan.site);
        let Some(site) = site.filter(|_| !taken.is_empty()) else {
            return Ok(());
        };
        let sids: Vec<SessionId> = taken.iter().map(|(sid, _)| sid.clone()).collect();
        let told = self.sessions.held_each(&site, &sids).await;
        for ((sid, known), told) in taken.into_iter().zip(told) {
            match told {
                Ok(Held::Record(record)) => {
                    let state = &record.state;
                    // As of its last upload, so that a row says no less than its revision.
                    if state.last > known {
                        let (row, packed) = (state.row(&sid, true), state.packed(&sid));
                        self.shelf.replace(&row, &packed, known, state.last)?;
                    }
                }
                // Its row goes, or becomes that of a finished session, without us.
                Ok(Held::Nothing | Held::Erased) => {}
                Err(error) => (self.log)(&error),
            }
        }
        Ok(())
    }
}
