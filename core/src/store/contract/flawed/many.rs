//! The same for what goes over many sessions.

use super::super::native::case;
use super::{Flaw, Flawed, fails};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::count::{Count, Counted};
use crate::day::Day;
use crate::erasure::{Desk, Job, Ledger, Months, Receipt, Sessions};
use crate::filter::Filter;
use crate::id::{ErasureId, Millis, Month, SessionId, SiteKey};
use crate::lifecycle::{Erase, Held};
use crate::retention::{Bounds, Chunks, Fit, Listed, Plan, Shelf, Stock, Stocks};
use crate::store::memory::{Memory, MemoryDesk, MemoryMonth};
use crate::store::{Buffer as _, Counters, Result, Span};
use pollster::block_on;
use std::vec::Vec;

impl Chunks for Flawed<&Memory> {
    async fn page(
        &self,
        site: &SiteKey,
        after: &str,
        limit: u32,
        rows: bool,
    ) -> Result<(Vec<Listed>, bool)> {
        let site = self.site(site);
        let after = if self.is(Flaw::Repeats) { "" } else { after };
        let earlier = Millis::MAX - u64::from(self.below.operations.get());
        let (mut page, mut more) = self.below.page(&site, after, limit, rows).await?;
        match self.flaw {
            Flaw::UnknownFails if page.is_empty() => return fails(),
            Flaw::ShortPages => more = false,
            Flaw::Invents => more = true,
            Flaw::NoRows => page.iter_mut().for_each(|chunk| chunk.row = None),
            // Each time earlier than before.
            Flaw::NoTime => page.iter_mut().for_each(|chunk| chunk.at = earlier),
            Flaw::Cuts => {
                for row in page.iter_mut().filter_map(|chunk| chunk.row.as_mut()) {
                    row.users.truncate(1);
                }
            }
            Flaw::Backwards => page.reverse(),
            _ => {}
        }
        Ok((page, more))
    }

    async fn remove(&self, site: &SiteKey, chunks: &[Listed]) -> Result<()> {
        let site = &self.site(site);
        let mut chunks = chunks.to_vec();
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if chunks.is_empty() => return fails(),
            Flaw::RemovesMore => {
                let (all, _) = self.below.page(site, "", 1_000, false).await?;
                let begins = |other: &Listed| {
                    chunks
                        .iter()
                        .any(|chunk| other.place().starts_with(&chunk.place()))
                };
                chunks = all.into_iter().filter(begins).collect();
            }
            _ => {}
        }
        self.below.remove(site, &chunks).await
    }
}

impl Months for Flawed<&Memory> {
    async fn find(
        &self,
        site: &SiteKey,
        month: Month,
        filter: &Filter,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRow>> {
        let site = self.site(site);
        let filter = match self.flaw {
            Flaw::TakesAll => Filter::default(),
            _ => filter.clone(),
        };
        let after = if self.is(Flaw::Repeats) { None } else { after };
        let mut found = self.below.find(&site, month, &filter, after, limit).await?;
        match self.flaw {
            Flaw::UnknownFails if found.is_empty() => return fails(),
            Flaw::LiveAsAny => found.retain(|row| filter.matches(row)),
            Flaw::ShortPages => {
                let next = month.next();
                found.extend(self.below.find(&site, next, &filter, after, limit).await?);
            }
            Flaw::Returns => {
                let gone = self.below.refused.borrow();
                let rows = gone.contains(&case().sid(1));
                let row = found.first().cloned();
                found.extend(row.filter(|_| rows));
            }
            _ => {}
        }
        Ok(self.page(found))
    }
}

impl Ledger for Flawed<&Memory> {
    async fn put(&self, site: &SiteKey, receipt: &Receipt) -> Result<()> {
        let site = &self.site(site);
        let known = self.below.receipt(site, &receipt.id).await?;
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::KeepsFirst if known.is_some() => return Ok(()),
            Flaw::LastWins => {
                let key = (site.clone(), receipt.id.clone());
                self.below.receipts.borrow_mut().remove(&key);
            }
            _ => {}
        }
        self.below.put(site, receipt).await?;
        if self.is(Flaw::Unnoted) {
            self.below.audit.borrow_mut().clear();
        }
        Ok(())
    }

    async fn receipt(&self, site: &SiteKey, id: &ErasureId) -> Result<Option<Receipt>> {
        match self.below.receipt(&self.site(site), id).await? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    async fn receipts(
        &self,
        site: &SiteKey,
        before: Option<&ErasureId>,
        limit: u32,
    ) -> Result<Vec<Receipt>> {
        let before = if self.is(Flaw::Repeats) { None } else { before };
        let site = self.site(site);
        Ok(self.page(self.below.receipts(&site, before, limit).await?))
    }
}

impl Counters for Flawed<&Memory> {
    async fn add(&self, site: &SiteKey, counts: &[Counted]) -> Result<()> {
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::LastWins => self.below.counts.borrow_mut().clear(),
            _ => {}
        }
        self.below.add(&self.site(site), counts).await
    }

    async fn counted(&self, site: &SiteKey, from: Day, to: Day) -> Result<Vec<Count>> {
        let found = self.below.counted(&self.site(site), from, to).await?;
        if self.is(Flaw::UnknownFails) && found.is_empty() {
            return fails();
        }
        Ok(self.page(found))
    }
}

impl Sessions for Flawed<&Memory> {
    async fn held(&self, site: &SiteKey, sid: &SessionId) -> Result<Held> {
        let found = self.below.held(&self.site(site), sid).await?;
        Ok(match (self.flaw, found) {
            (Flaw::UnknownFails, Held::Nothing) => return fails(),
            (Flaw::ForgetsErased, Held::Erased) | (Flaw::KeepsNothing, Held::Record(_)) => {
                Held::Nothing
            }
            (_, found) => found,
        })
    }

    async fn erase(&self, erase: &Erase) -> Result<()> {
        let (site, sid) = (&self.site(&erase.site), &erase.sid);
        if self.is(Flaw::RemovesOnce) && matches!(self.below.held(site, sid).await?, Held::Erased) {
            return fails();
        }
        let erase = Erase {
            site: site.clone(),
            sid: sid.clone(),
        };
        self.below.erase(&erase).await?;
        match self.flaw {
            Flaw::Returns => self.below.writer(site, sid).buffer.clear().await,
            Flaw::RemovesNothing => crate::store::Index::forget(&self.below, site, sid).await,
            _ => Ok(()),
        }
    }
}

impl Shelf for Flawed<&MemoryMonth<'_>> {
    fn plan(&self) -> Result<Option<Plan>> {
        if self.is_tired() {
            return fails();
        }
        match self.below.plan()? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    fn save_plan(&self, plan: &Plan) -> Result<()> {
        if self.is(Flaw::KeepsFirst) && self.below.plan()?.is_some() {
            return Ok(());
        }
        self.below.save_plan(plan)
    }

    fn is_live(&self, sid: &SessionId) -> Result<bool> {
        Ok(self.is(Flaw::LiveAsAny) || self.below.is_live(sid)?)
    }

    fn rows(&self, end: Millis, limit: u32) -> Result<Vec<SessionId>> {
        Ok(self.page(self.below.rows(end, limit)?))
    }

    fn live(&self) -> Result<Vec<SessionId>> {
        self.below.live()
    }

    fn live_since(
        &self,
        oldest: Millis,
        before: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<(SessionId, Millis)>> {
        let (oldest, before) = match self.flaw {
            Flaw::TakesAll => (0, before),
            Flaw::Repeats => (oldest, None),
            _ => (oldest, before),
        };
        Ok(self.page(self.below.live_since(oldest, before, limit)?))
    }

    fn drop_row(&self, sid: &SessionId) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::DropIsErase => return block_on(self.below.erase(sid)),
            Flaw::RemovesMore => {
                for other in self.below.rows(Millis::MAX, 100)? {
                    self.below.drop_row(&other)?;
                }
            }
            _ => {}
        }
        self.below.drop_row(sid)
    }

    fn restore(&self, row: &SessionRow, packed: &Packed, revision: Millis) -> Result<()> {
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::LastWins => self.below.drop_row(&row.sid)?,
            Flaw::Returns => block_on(self.below.forget(&row.sid))?,
            _ => {}
        }
        self.below.restore(row, packed, revision)
    }

    fn outdated(&self, after: &str, limit: u32) -> Result<Vec<(SessionRow, Millis)>> {
        let after = if self.is(Flaw::Repeats) { "" } else { after };
        Ok(self.page(self.below.outdated(after, limit)?))
    }

    fn replace(
        &self,
        row: &SessionRow,
        packed: &Packed,
        known: Millis,
        revision: Millis,
    ) -> Result<()> {
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            // What was read before counts no more.
            Flaw::LastWins | Flaw::LiveAsAny => {
                return self.below.restore(row, packed, revision);
            }
            _ => {}
        }
        self.below.replace(row, packed, known, revision)
    }

    fn remembers_erased(&self) -> Result<bool> {
        Ok(!self.is(Flaw::ForgetsErased) && self.below.remembers_erased()?)
    }

    async fn clear(&self) -> Result<()> {
        if self.is(Flaw::RemovesNothing) {
            return Ok(());
        }
        let alarm = self.below.alarm_at.get();
        self.below.clear().await?;
        if self.is(Flaw::KeepsAlarm) {
            self.below.alarm_at.set(alarm);
        }
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        self.below.alarm().await
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) && self.below.alarm_at.get().is_some() {
            return Ok(());
        }
        self.below.set_alarm(at).await
    }
}

impl Stocks for Flawed<&Memory> {
    async fn stock(&self, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>> {
        let span = match self.flaw {
            Flaw::TakesAll => Span { oldest: 0, ..span },
            _ => span,
        };
        let months = self.below.stock(&self.site(site), span).await?;
        if self.is(Flaw::UnknownFails) && months.iter().all(|(_, stock)| stock.sessions == 0) {
            return fails();
        }
        let mut months = self.page(months);
        for (_, stock) in &mut months {
            if self.is(Flaw::NoSizes) {
                stock.bytes = stock.sessions;
            }
        }
        if self.is(Flaw::FirstCounts) {
            let all = self.below.all_rows(site);
            let ever = all.len().max(3) as u64;
            for (_, stock) in &mut months {
                stock.sessions = ever;
            }
        }
        Ok(months)
    }

    async fn fit(&self, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit> {
        let mut rows = self.below.all_rows(&self.site(site));
        rows.retain(|row| self.is(Flaw::TakesAll) || row.sid.month() == month);
        rows.retain(|row| self.is(Flaw::LiveAsAny) || !row.live);
        if !self.is(Flaw::Backwards) {
            rows.reverse();
        }
        let bytes = |row: &SessionRow| if self.is(Flaw::NoSizes) { 0 } else { row.bytes };
        let sessions = rows.iter().map(|row| (row.sid.clone(), bytes(row)));
        let sessions: Vec<_> = match bounds.bytes {
            Some(most) if self.is(Flaw::Skips) => sessions.filter(|it| it.1 <= most).collect(),
            _ => sessions.collect(),
        };
        let bounds = match self.flaw {
            Flaw::Invents => Bounds {
                sessions: Some(bounds.sessions.unwrap_or(1).max(1)),
                ..bounds
            },
            _ => bounds,
        };
        Ok(Fit::of(sessions.into_iter(), bounds))
    }
}

impl Desk for Flawed<&MemoryDesk> {
    fn load(&self) -> Result<Option<Job>> {
        if self.is_tired() {
            return fails();
        }
        match self.below.load()? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    fn save(&self, job: &Job) -> Result<()> {
        let known = self.below.load()?.is_some();
        if self.is(Flaw::KeepsNothing) || (self.is(Flaw::KeepsFirst) && known) {
            return Ok(());
        }
        self.below.save(job)
    }

    async fn clear(&self) -> Result<()> {
        let (known, alarm) = (self.below.load()?.is_some(), self.below.alarm_at.get());
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if !known => return fails(),
            _ => {}
        }
        self.below.clear().await?;
        if self.is(Flaw::KeepsAlarm) {
            self.below.alarm_at.set(alarm);
        }
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        self.below.alarm().await
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) && self.below.alarm_at.get().is_some() {
            return Ok(());
        }
        self.below.set_alarm(at).await
    }
}
