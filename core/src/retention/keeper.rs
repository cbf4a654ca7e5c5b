//! What a month's alarm does, over ports, so that every failure can be tried natively.

use super::{Listed, PAGE, Plan, REBUILD_PAGE, place_of};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::erasure::Sessions;
use crate::id::{Millis, SessionId, SiteKey};
use crate::lifecycle::{Erase, Held, backoff, erased_until};
use crate::order;
use crate::reading::finished;
use crate::recording::Visitor;
use crate::store::{Recordings, Records, StoreError};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

type Result<T> = core::result::Result<T, StoreError>;

/// All chunks of a site, in order of session and name.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Chunks {
    /// Up to `limit` chunks whose [`Listed::place`] lies behind `after`, and whether there are
    /// more; with their sessions' rows if `rows`. A row may be cut as [`crate::summary`] does.
    async fn page(
        &self,
        site: &SiteKey,
        after: &str,
        limit: u32,
        rows: bool,
    ) -> Result<(Vec<Listed>, bool)>;
    /// Deletes chunks, at most [`PAGE`]; one that is not there is no failure.
    async fn remove(&self, site: &SiteKey, chunks: &[Listed]) -> Result<()>;
}

/// The rows of one month, those that [`crate::store::Index`] has of it, as its keeper sees them,
/// of which there is one at a time. Synchronous where core looks and then writes: nobody else is
/// served between two calls without an `await` between. Each call is one step.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Shelf {
    /// What is known of its upkeep; none if it holds nothing.
    fn plan(&self) -> Result<Option<Plan>>;
    /// Saves.
    fn save_plan(&self, plan: &Plan) -> Result<()>;
    /// Whether a session's row says that it is live.
    fn is_live(&self, sid: &SessionId) -> Result<bool>;
    /// Up to `limit` sessions that have a row and started before `end`, oldest first.
    fn rows(&self, end: Millis, limit: u32) -> Result<Vec<SessionId>>;
    /// All sessions whose row says that they are live.
    fn live(&self) -> Result<Vec<SessionId>>;
    /// Up to `limit` sessions whose row says that they are live, that started at `oldest` or
    /// later and sort before `before`, the newest first; each with its row's revision.
    fn live_since(
        &self,
        oldest: Millis,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<(SessionId, Millis)>>;
    /// Deletes a session's row.
    fn drop_row(&self, sid: &SessionId) -> Result<()>;
    /// Writes a session's row, unless a later one (by `revision`) is there or it was erased.
    fn restore(&self, row: &SessionRow, packed: &Packed, revision: Millis) -> Result<()>;
    /// Up to `limit` finished sessions that sort behind `after`, oldest first, of which reports
    /// cannot read anything because another version wrote it ([`Packed::is_outdated`]); each
    /// with its row's revision.
    fn outdated(&self, after: &str, limit: u32) -> Result<Vec<(SessionRow, Millis)>>;
    /// Writes a session's row in place of the one whose revision is `known` and which is live
    /// as the new one is; where there is none, nothing.
    fn replace(
        &self,
        row: &SessionRow,
        packed: &Packed,
        known: Millis,
        revision: Millis,
    ) -> Result<()>;
    /// Whether sessions were erased that must not come back yet.
    fn remembers_erased(&self) -> Result<bool>;
    /// Forgets everything, to the last byte, the alarm as well.
    async fn clear(&self) -> Result<()>;
    /// When the alarm goes off, if one is set.
    async fn alarm(&self) -> Result<Option<Millis>>;
    /// Sets the alarm, in place of one that is set.
    async fn set_alarm(&self, at: Millis) -> Result<()>;
}

/// A month's ports.
pub struct Keeper<S, C, R, K, O> {
    /// Its own rows.
    pub shelf: S,
    /// All chunks of a site.
    pub chunks: C,
    /// Those of one session.
    pub recordings: R,
    /// Records of finished sessions.
    pub records: K,
    /// The sessions' objects.
    pub sessions: O,
    /// Where a failure is told that is retried later.
    pub log: fn(&StoreError),
}

/// What becomes of a session that is kept no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It stays for now, or somebody else deletes it.
    Left,
    /// It is deleted here.
    Doomed,
}

impl<S: Shelf, C: Chunks, R: Recordings, K: Records, O: Sessions> Keeper<S, C, R, K, O> {
    /// Does what is due, a step of it, and sees that the next one follows. `days` is the
    /// site's retention; none if there is no such site any more.
    pub async fn alarm(&self, now: Millis, days: Option<u32>) -> Result<()> {
        let Err(error) = self.step(now, days).await else {
            return Ok(());
        };
        self.failed(&error, now).await
    }

    /// Says what failed, and tries again later.
    pub async fn failed(&self, error: &StoreError, now: Millis) -> Result<()> {
        (self.log)(error);
        let Some(mut plan) = self.shelf.plan()? else {
            return Ok(());
        };
        plan.failures = plan.failures.saturating_add(1);
        self.shelf.save_plan(&plan)?;
        self.shelf.set_alarm(now + backoff(plan.failures)).await
    }

    async fn step(&self, now: Millis, days: Option<u32>) -> Result<()> {
        let Some(before) = self.shelf.plan()? else {
            return Ok(());
        };
        let mut plan = before.clone();
        let next = if plan.is_rebuilding() {
            self.restore(&mut plan, now).await?;
            Some(now)
        } else {
            plan.configured(days);
            match self.sweep(&mut plan, now).await? {
                // Nothing else is due.
                Some(rests) if rests > now => Some(self.anew(&mut plan, now, rests).await?),
                next => next,
            }
        };
        // Others may have asked for something during the awaits.
        let Some(stored) = self.shelf.plan()? else {
            return Ok(());
        };
        let asked = stored.is_asked_since(&before);
        let Some(next) = next.or(asked.then_some(now)) else {
            return self.shelf.clear().await;
        };
        self.shelf.save_plan(&stored.after_step(&before, plan))?;
        self.shelf.set_alarm(if asked { now } else { next }).await
    }

    /// A page of the sweep; gives when to go on, or none if nothing is left of the month.
    async fn sweep(&self, plan: &mut Plan, now: Millis) -> Result<Option<Millis>> {
        let Some(end) = plan.past(now) else {
            plan.swept = None;
            return Ok(Some(plan.next_check(now)));
        };
        let after = plan.swept.take().unwrap_or_else(|| place_of(plan.from));
        let (mut page, more) = self.chunks.page(&plan.site, &after, PAGE, false).await?;
        let listed = page.len();
        page.retain(|chunk| chunk.sid.start() < end);
        let last = page.last().map(Listed::place);
        let goes_on = more && page.len() == listed;
        self.delete(plan, page, now).await?;
        if let (true, Some(last)) = (goes_on, last) {
            plan.swept = Some(last);
            return Ok(Some(now));
        }
        self.sweep_rows(plan, end, now).await
    }

    /// Deletes what is past of a page of chunks: rows, records, and then the chunks.
    async fn delete(&self, plan: &Plan, mut page: Vec<Listed>, now: Millis) -> Result<()> {
        let sids = order::set(page.iter().map(|chunk| chunk.sid.clone()));
        let mut doomed = BTreeSet::new();
        for sid in sids {
            if self.fate(plan, &sid, now).await? == Fate::Doomed {
                self.forget(plan, &sid, now).await?;
                doomed.insert(sid);
            }
        }
        page.retain(|chunk| doomed.contains(&chunk.sid));
        if page.is_empty() {
            return Ok(());
        }
        self.chunks.remove(&plan.site, &page).await
    }

    /// Deletes a session's row and record. The rows of a month that is past go together.
    async fn forget(&self, plan: &Plan, sid: &SessionId, now: Millis) -> Result<()> {
        if !plan.is_past(now) {
            self.shelf.drop_row(sid)?;
        }
        if plan.outlives() {
            self.records.remove(&plan.site, sid).await?;
        }
        Ok(())
    }

    /// What becomes of a session that is past; one of which uploads may still come is
    /// erased here.
    async fn fate(&self, plan: &Plan, sid: &SessionId, now: Millis) -> Result<Fate> {
        let may_come = now < erased_until(sid.start());
        if !may_come && !self.shelf.is_live(sid)? {
            return Ok(Fate::Doomed);
        }
        match self.sessions.held(&plan.site, sid).await? {
            Held::Record(_) | Held::Erased => Ok(Fate::Left),
            Held::Nothing if may_come => {
                let erase = Erase {
                    site: plan.site.clone(),
                    sid: sid.clone(),
                };
                self.sessions.erase(&erase).await?;
                Ok(Fate::Left)
            }
            Held::Nothing => Ok(Fate::Doomed),
        }
    }

    /// All chunks were looked at. Rows without any are left, and those of a month that goes
    /// as a whole.
    async fn sweep_rows(
        &self,
        plan: &mut Plan,
        end: Millis,
        now: Millis,
    ) -> Result<Option<Millis>> {
        let is_past = plan.is_past(now);
        let rows = if is_past {
            self.shelf.live()?
        } else {
            self.shelf.rows(end, PAGE)?
        };
        let mut left = 0;
        for sid in &rows {
            if self.fate(plan, sid, now).await? == Fate::Left {
                left += 1;
            } else {
                self.forget(plan, sid, now).await?;
            }
        }
        // Asked after the last await: what was written during them stays.
        if is_past && left == 0 && !self.shelf.remembers_erased()? && self.shelf.live()? == rows {
            return Ok(None);
        }
        // Full of such as can go: there may be more of them.
        if !is_past && rows.len() >= PAGE as usize && left == 0 {
            plan.swept = Some(place_of(end));
            return Ok(Some(now));
        }
        Ok(Some(plan.next_check(now)))
    }

    /// A page of making the index again.
    async fn restore(&self, plan: &mut Plan, now: Millis) -> Result<()> {
        let Some(mut rebuild) = plan.rebuild.take() else {
            return Ok(());
        };
        let (mut page, more) = self
            .chunks
            .page(&plan.site, &rebuild.after, REBUILD_PAGE, true)
            .await?;
        let listed = page.len();
        page.retain(|chunk| chunk.sid.start() < plan.to);
        let goes_on = more && page.len() == listed;
        if let Some(last) = page.last() {
            rebuild.after = last.place();
        }
        let listed = page.len();
        // In order of their names, so of a session's chunks the last one stays: it knows all.
        let with_row = page
            .into_iter()
            .filter_map(|chunk| Some((chunk.sid, (chunk.row?, chunk.at))));
        let with_row: Vec<(SessionId, (SessionRow, Millis))> = with_row.collect();
        rebuild.unreadable += (listed - with_row.len()) as u64;
        for (sid, (row, at)) in order::map(with_row) {
            let (row, packed) = match self.sessions.held(&plan.site, &sid).await? {
                Held::Erased => continue,
                Held::Record(record) => (record.state.row(&sid, true), record.state.packed(&sid)),
                Held::Nothing => self.remade(&plan.site, &sid, row).await?,
            };
            self.shelf.restore(&row, &packed, at)?;
            rebuild.restored += 1;
        }
        if !goes_on {
            rebuild.finished = Some(now);
            // Else it would name a session for as long as the month lasts.
            rebuild.after = place_of(plan.to);
        }
        plan.rebuild = Some(rebuild);
        Ok(())
    }

    /// What a finished session's record says, or its chunks if there is none: more than `row`,
    /// which stands in a chunk's metadata and is all that is left where no chunk can be read.
    pub(super) async fn remade(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        row: SessionRow,
    ) -> Result<(SessionRow, Packed)> {
        let stores = (&self.recordings, &self.records);
        let record = finished(stores, site, sid, Visitor::of(&row), self.log).await?;
        let readable = record.filter(|record| record.state.digest.events > 0);
        Ok(match readable {
            Some(record) => (record.state.row(sid, false), record.state.packed(sid)),
            None => (row, Packed::default()),
        })
    }
}
