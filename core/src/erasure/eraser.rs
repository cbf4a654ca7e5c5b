//! How an erasure goes on, over ports, so that every failure can be tried natively.

use super::{Filter, Job, Kind, Receipt, STEP, Target, looks_for_itself};
use crate::api::SessionRow;
use crate::id::{ErasureId, Millis, Month, SessionId, SiteKey};
use crate::issue::Issues;
use crate::lifecycle::{Erase, Held, backoff};
use crate::registry::Registry;
use crate::sharing::Links;
use crate::source_map::{Maps, remove_all};
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;

type Result<T> = core::result::Result<T, StoreError>;

/// Months without a match that are searched in one step.
const MONTHS: u32 = 12;

/// The sessions' own objects, as others may use them.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Sessions {
    /// What the session's object knows of it.
    async fn held(&self, site: &SiteKey, sid: &SessionId) -> Result<Held>;
    /// The same of several, in their order. One that does not answer soon has failed: whoever
    /// asks many of them does not wait for one.
    async fn held_each(&self, site: &SiteKey, sids: &[SessionId]) -> Vec<Result<Held>> {
        let mut held = Vec::with_capacity(sids.len());
        for sid in sids {
            held.push(self.held(site, sid).await);
        }
        held
    }
    /// Erases the session; returns when it is certain, and does no harm again.
    async fn erase(&self, erase: &Erase) -> Result<()>;
}

/// The index of a site, by month.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Months {
    /// Up to `limit` rows of `month` behind `after`, oldest first: those that `filter`
    /// takes, and of those that are live all that started when it says, as a live session's
    /// row may not be up to date.
    async fn find(
        &self,
        site: &SiteKey,
        month: Month,
        filter: &Filter,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRow>>;
}

/// Where receipts are kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Ledger {
    /// Writes a receipt, in the place of an earlier state of it. A state that is further on
    /// is not taken back ([`Receipt::is_behind`]): a write whose answer was lost may end after
    /// a later one. With its first state goes [`Receipt::noted`] into the site's audit log
    /// ([`crate::audit::AuditLog`]), in the same step.
    async fn put(&self, site: &SiteKey, receipt: &Receipt) -> Result<()>;
    /// A receipt, if there is one.
    async fn receipt(&self, site: &SiteKey, id: &ErasureId) -> Result<Option<Receipt>>;
    /// Up to `limit` receipts that were asked for before `before`, newest first.
    async fn receipts(
        &self,
        site: &SiteKey,
        before: Option<&ErasureId>,
        limit: u32,
    ) -> Result<Vec<Receipt>>;
}

/// What an erasure asks of the [`Registry`].
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Sites {
    /// Whether there is this site now; no copy of an earlier moment.
    async fn exists(&self, site: &SiteKey) -> Result<bool>;
}

impl<R: Registry> Sites for R {
    async fn exists(&self, site: &SiteKey) -> Result<bool> {
        let sites = self.news(None).await?.sites;
        let sites = sites.ok_or_else(|| StoreError("the registry told no sites".to_owned()))?;
        Ok(sites.iter().any(|entry| entry.key == *site))
    }
}

/// What a site has beside its sessions, and loses with them when it is deleted.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Rest {
    /// Deletes it: source maps, what is known of issues, links to sessions. Again, it does no
    /// harm.
    async fn clear_site(&self, site: &SiteKey) -> Result<()>;
}

/// Deletes what a site has beside its sessions from where each is kept.
pub async fn clear_beside(
    site: &SiteKey,
    maps: &impl Maps,
    issues: &impl Issues,
    links: &impl Links,
) -> Result<()> {
    remove_all(maps, site).await?;
    issues.clear(site).await?;
    links.clear(site).await
}

/// The erasure's own storage. Synchronous where core looks and then writes: nobody else is
/// served between two calls without an `await` between. Each call is one step.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Desk {
    /// What is left to be done; none if nothing is.
    fn load(&self) -> Result<Option<Job>>;
    /// Saves.
    fn save(&self, job: &Job) -> Result<()>;
    /// Forgets everything, to the last byte, the alarm as well.
    async fn clear(&self) -> Result<()>;
    /// When the alarm goes off, if one is set.
    async fn alarm(&self) -> Result<Option<Millis>>;
    /// Sets the alarm, in place of one that is set.
    async fn set_alarm(&self, at: Millis) -> Result<()>;
}

/// An erasure's ports.
pub struct Eraser<D, L, M, S, C> {
    /// Its own storage.
    pub desk: D,
    /// Where its receipt goes.
    pub ledger: L,
    /// Where sessions are found, and what a site has beside them.
    pub months: M,
    /// The sessions.
    pub sessions: S,
    /// Which sites there are.
    pub sites: C,
    /// Where a failure is told that is retried later.
    pub log: fn(&StoreError),
}

impl<D: Desk, L: Ledger, M: Months + Rest, S: Sessions, C: Sites> Eraser<D, L, M, S, C> {
    /// Takes an erasure on: when this returns it will be done, whatever fails. One that was
    /// taken on already is left as it is, unless it waited for this to confirm it or lacks its
    /// alarm. Nothing is erased before `begins`. As long as another erasure is under way here,
    /// it is not taken on, and leaves no receipt.
    ///
    /// An unconfirmed one will be done only if its site is gone.
    pub async fn start(&self, job: &Job, begins: Millis) -> Result<()> {
        let taken = self.desk.load()?.filter(|taken| !confirms(job, taken));
        if taken.is_none() {
            self.desk.save(job)?;
        }
        // Also of one that was taken on before: its alarm may be what failed then.
        if taken.is_none() || self.desk.alarm().await?.is_none() {
            let at = if taken.as_ref().unwrap_or(job).unconfirmed {
                looks_for_itself(begins)
            } else {
                begins
            };
            self.desk.set_alarm(at).await?;
        }
        let is_another = taken.is_some_and(|taken| taken.receipt.id != job.receipt.id);
        if is_another || job.unconfirmed {
            return Ok(());
        }
        // So that who asked can read it at once. Should this fail, the alarm writes it.
        if let Err(error) = self.ledger.put(&job.site, &job.receipt).await {
            (self.log)(&error);
        }
        Ok(())
    }

    /// Forgets an erasure that was not confirmed: its site stays.
    pub async fn withdraw(&self) -> Result<()> {
        if self.desk.load()?.is_some_and(|job| job.unconfirmed) {
            self.desk.clear().await?;
        }
        Ok(())
    }

    /// Does a step, and sees that the next one follows. A failure is retried by a later
    /// alarm; the platform's own retries end after six.
    pub async fn alarm(&self, now: Millis) -> Result<()> {
        let Err(error) = self.step(now).await else {
            return Ok(());
        };
        (self.log)(&error);
        let Some(mut job) = self.desk.load()? else {
            return Ok(());
        };
        job.failures = job.failures.saturating_add(1);
        self.desk.save(&job)?;
        self.desk.set_alarm(now + backoff(job.failures)).await
    }

    async fn step(&self, now: Millis) -> Result<()> {
        let Some(mut job) = self.desk.load()? else {
            return Ok(());
        };
        if job.unconfirmed {
            return self.decide(&job, now).await;
        }
        if !job.announced {
            self.ledger.put(&job.site, &job.receipt).await?;
            job.announced = true;
        }
        if job.pending.is_empty() {
            self.choose(&mut job).await?;
        }
        if job.pending.is_empty() && is_searched(&job) {
            return self.finish(job, now).await;
        }
        // Written down before it happens, so that they are counted once whatever fails.
        self.desk.save(&job)?;
        for sid in &job.pending {
            let erase = Erase {
                site: job.site.clone(),
                sid: sid.clone(),
            };
            self.sessions.erase(&erase).await?;
        }
        job.receipt.erased += job.pending.len() as u64;
        job.pending.clear();
        job.failures = 0;
        self.desk.save(&job)?;
        // After the save, so that it never says more than is so.
        self.ledger.put(&job.site, &job.receipt).await?;
        self.desk.set_alarm(now).await
    }

    /// Nobody said what became of the site: whoever deleted it failed between the two.
    async fn decide(&self, job: &Job, now: Millis) -> Result<()> {
        let exists = self.sites.exists(&job.site).await?;
        // Asked again, because it may have been confirmed or withdrawn meanwhile.
        let Some(job) = self.desk.load()?.filter(|job| job.unconfirmed) else {
            return Ok(());
        };
        if exists {
            return self.desk.clear().await;
        }
        let job = job.confirmed();
        self.desk.save(&Job { failures: 0, ..job })?;
        self.desk.set_alarm(now).await
    }

    async fn finish(&self, mut job: Job, now: Millis) -> Result<()> {
        if job.receipt.kind == Kind::Site {
            self.months.clear_site(&job.site).await?;
        }
        job.receipt.finished = Some(now);
        self.ledger.put(&job.site, &job.receipt).await?;
        self.desk.clear().await
    }

    /// Decides which sessions are erased next.
    async fn choose(&self, job: &mut Job) -> Result<()> {
        if let Target::Sessions(left) = &mut job.target {
            let n = left.len().min(STEP as usize);
            job.pending = left.drain(..n).collect();
            return Ok(());
        }
        for _ in 0..MONTHS {
            if is_searched(job) || !job.pending.is_empty() {
                return Ok(());
            }
            self.search(job).await?;
        }
        Ok(())
    }

    /// Looks at the next rows of the month that it is at.
    async fn search(&self, job: &mut Job) -> Result<()> {
        let (Target::Matching(filter), Some(start)) = (&job.target, job.month) else {
            return Ok(());
        };
        let month = Month::of(start);
        let found = self
            .months
            .find(&job.site, month, filter, job.after.as_ref(), STEP)
            .await?;
        let is_last = found.len() < STEP as usize;
        job.after = found.last().map(|row| row.sid.clone());
        for row in found {
            let row = self.up_to_date(&job.site, row).await?;
            if filter.matches(&row) {
                job.pending.push(row.sid);
            }
        }
        if is_last {
            let (first, _) = filter.months(job.receipt.asked);
            job.month = (month > first).then(|| month.previous().start());
            job.after = None;
        }
        Ok(())
    }

    /// A live session's row tells what was known when it was announced.
    async fn up_to_date(&self, site: &SiteKey, row: SessionRow) -> Result<SessionRow> {
        if !row.live {
            return Ok(row);
        }
        Ok(match self.sessions.held(site, &row.sid).await? {
            Held::Record(record) => record.state.row(&row.sid, record.live),
            Held::Nothing | Held::Erased => row,
        })
    }
}

/// Whether `taken` waited for `job`.
fn confirms(job: &Job, taken: &Job) -> bool {
    taken.receipt.id == job.receipt.id && taken.unconfirmed && !job.unconfirmed
}

fn is_searched(job: &Job) -> bool {
    match &job.target {
        Target::Sessions(left) => left.is_empty(),
        Target::Matching(_) => job.month.is_none(),
    }
}
