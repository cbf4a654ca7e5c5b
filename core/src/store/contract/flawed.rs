//! Stores that break one promise each, for the ports of a session's own storage and of what
//! goes over many sessions. Each property is failed by one of them at least, and each of them
//! fails one: a property that nothing can fail is none, and neither is a promise that nobody
//! looks at.

mod settings;

use super::native::case;
use super::{
    Outcome, SUITES, audit, buffer, chunks, counters, desk, ledger, months, mutants, registry,
    sessions, shelf, stocks, tokens,
};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::count::{Count, Counted};
use crate::day::Day;
use crate::erasure::{Desk, Job, Ledger, Months, Receipt, Sessions};
use crate::filter::Filter;
use crate::id::{ErasureId, Millis, Month, SessionId, SiteKey, TabId};
use crate::lifecycle::{Erase, Held};
use crate::recording::{Buffered, StoredChunk};
use crate::retention::{Bounds, Chunks, Fit, Listed, Plan, Shelf, Stock, Stocks};
use crate::store::memory::{Memory, MemoryBuffer, MemoryDesk, MemoryMonth};
use crate::store::{Buffer, Counters, Result, Saved, Span, StoreError, Tombstone};
use pollster::block_on;
use std::collections::BTreeSet;
use std::vec::Vec;

/// What is wrong with a store. Some mean the same for several ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// What it is asked to keep is not kept.
    KeepsNothing,
    /// Only the first state of a thing is kept.
    KeepsFirst,
    /// The last to arrive wins.
    LastWins,
    /// Nothing is removed.
    RemovesNothing,
    /// Removing takes what lies beside it as well.
    RemovesMore,
    /// What is not there cannot be removed.
    RemovesOnce,
    /// What is not there is a failure.
    UnknownFails,
    /// What is not there is invented.
    Invents,
    /// The last comes first.
    Backwards,
    /// What is read is cut.
    Cuts,
    /// A page ends one too early.
    ShortPages,
    /// A page begins with where the last one ended.
    Repeats,
    /// All sites are one.
    Sites,
    /// Conditions are not looked at.
    TakesAll,
    /// A live row is treated as any other.
    LiveAsAny,
    /// The alarm outlives what it is for.
    KeepsAlarm,
    /// An alarm that is set stays as it is.
    FirstAlarm,
    /// Writing something moves the alarm.
    MovesAlarm,
    /// Tombstone and deletion are two things.
    BuriesBeside,
    /// To drop is to erase.
    DropIsErase,
    /// Who was erased may come again.
    Returns,
    /// What was erased is forgotten.
    ForgetsErased,
    /// Rows are left out of a listing.
    NoRows,
    /// When something was written is not known.
    NoTime,
    /// Sizes are not looked at.
    NoSizes,
    /// What does not fit is left out, and what lies behind it is looked at.
    Skips,
    /// What was there first counts, whatever became of it.
    FirstCounts,
    /// A copy is right, whatever has changed.
    Stale,
    /// The changes of each site are counted from one.
    Recounts,
    /// What is refused counts as a change.
    CountsRefused,
    /// There is no most; something else goes instead.
    Endless,
    /// Who erased something is not written down.
    Unnoted,
}

const FLAWS: [Flaw; 32] = [
    Flaw::KeepsNothing,
    Flaw::KeepsFirst,
    Flaw::LastWins,
    Flaw::RemovesNothing,
    Flaw::RemovesMore,
    Flaw::RemovesOnce,
    Flaw::UnknownFails,
    Flaw::Invents,
    Flaw::Backwards,
    Flaw::Cuts,
    Flaw::ShortPages,
    Flaw::Repeats,
    Flaw::Sites,
    Flaw::TakesAll,
    Flaw::LiveAsAny,
    Flaw::KeepsAlarm,
    Flaw::FirstAlarm,
    Flaw::MovesAlarm,
    Flaw::BuriesBeside,
    Flaw::DropIsErase,
    Flaw::Returns,
    Flaw::ForgetsErased,
    Flaw::NoRows,
    Flaw::NoTime,
    Flaw::NoSizes,
    Flaw::Skips,
    Flaw::FirstCounts,
    Flaw::Stale,
    Flaw::Recounts,
    Flaw::CountsRefused,
    Flaw::Endless,
    Flaw::Unnoted,
];

struct Flawed<S> {
    below: S,
    flaw: Flaw,
}

impl<S> Flawed<S> {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn site(&self, site: &SiteKey) -> SiteKey {
        if self.is(Flaw::Sites) {
            return case().site;
        }
        site.clone()
    }

    fn page<T>(&self, mut page: Vec<T>) -> Vec<T> {
        match self.flaw {
            Flaw::Backwards => page.reverse(),
            Flaw::Cuts => page.truncate(1),
            _ => {}
        }
        page
    }
}

fn fails<T>() -> Result<T> {
    Err(StoreError("it is not there".into()))
}

impl Buffer for Flawed<&MemoryBuffer> {
    fn load(&self) -> Result<Option<Saved>> {
        match self.below.load()? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    fn save(&self, saved: &Saved) -> Result<()> {
        let known = self.below.load()?.is_some();
        if self.is(Flaw::KeepsNothing) || (self.is(Flaw::KeepsFirst) && known) {
            return Ok(());
        }
        let mut saved = saved.clone();
        if self.is(Flaw::Cuts) {
            let addresses = &mut saved.state.digest.addresses;
            *addresses = addresses.iter().take(1).cloned().collect();
            saved.failures = 0;
        }
        self.below.save(&saved)
    }

    fn batches(&self) -> Result<Vec<Buffered>> {
        let mut batches = self.below.batches()?;
        if self.is(Flaw::Backwards) {
            batches.reverse();
        }
        Ok(batches)
    }

    fn body(&self, tab: &TabId, first: u32) -> Result<Vec<u8>> {
        match self.below.body(tab, first) {
            Err(_) if self.is(Flaw::Invents) => Ok(Vec::new()),
            Ok(body) if self.is(Flaw::Cuts) => Ok(body.into_iter().take(255).collect()),
            other => other,
        }
    }

    fn insert(&self, batch: &Buffered, body: Vec<u8>) -> Result<()> {
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::LastWins => self.below.remove(&batch.meta.tab, batch.meta.first)?,
            Flaw::MovesAlarm => self.below.alarm_at.set(Some(1)),
            _ => {}
        }
        self.below.insert(batch, body)
    }

    fn chunks(&self) -> Result<Vec<StoredChunk>> {
        let mut chunks = self.below.chunks()?;
        if self.is(Flaw::Backwards) {
            chunks.reverse();
        }
        Ok(chunks)
    }

    fn add_chunk(&self, chunk: &StoredChunk) -> Result<()> {
        let chunks = self.below.chunks()?;
        let known = chunks.iter().any(|known| known.name == chunk.name);
        if self.is(Flaw::KeepsNothing) || (self.is(Flaw::KeepsFirst) && known) {
            return Ok(());
        }
        self.below.add_chunk(chunk)
    }

    fn remove(&self, tab: &TabId, first: u32) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if self.below.body(tab, first).is_err() => return fails(),
            Flaw::RemovesMore => {
                for batch in self.below.batches()? {
                    if batch.meta.tab == *tab {
                        self.below.remove(tab, batch.meta.first)?;
                    }
                }
            }
            _ => {}
        }
        self.below.remove(tab, first)
    }

    fn tombstone(&self) -> Result<Option<Tombstone>> {
        match self.below.tombstone()? {
            Some(_) if self.is(Flaw::BuriesBeside) => Ok(None),
            found => Ok(found),
        }
    }

    fn bury(&self, tombstone: &Tombstone) -> Result<()> {
        if self.is(Flaw::KeepsFirst) && self.below.tombstone()?.is_some() {
            return Ok(());
        }
        self.below.bury(tombstone)
    }

    async fn scrub(&self, tombstone: &Tombstone, alarm: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) {
            return self.below.bury(tombstone);
        }
        self.below.scrub(tombstone, alarm).await
    }

    async fn clear(&self) -> Result<()> {
        let alarm = self.below.alarm_at.get();
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesOnce if alarm.is_none() => return fails(),
            _ => {}
        }
        self.below.clear().await?;
        if self.is(Flaw::KeepsAlarm) {
            self.below.alarm_at.set(alarm);
        }
        Ok(())
    }

    async fn alarm(&self) -> Result<Option<Millis>> {
        let invented = self.is(Flaw::Invents).then_some(0);
        Ok(self.below.alarm().await?.or(invented))
    }

    async fn set_alarm(&self, at: Millis) -> Result<()> {
        if self.is(Flaw::FirstAlarm) && self.below.alarm_at.get().is_some() {
            return Ok(());
        }
        self.below.set_alarm(at).await
    }
}

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
            Flaw::LastWins => return self.below.restore(row, packed, revision),
            Flaw::LiveAsAny => {
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

/// Runs a property on a store with that flaw.
fn run(suite: &str, name: &str, flaw: Flaw) -> Option<Outcome> {
    let (memory, case) = (&Memory::default(), case());
    let (buffer, desk) = (MemoryBuffer::default(), MemoryDesk::default());
    let month = MemoryMonth::new(memory, case.site.clone(), case.month());
    let flawed = Flawed {
        below: memory,
        flaw,
    };
    Some(match suite {
        "buffer" => {
            let store = Flawed {
                below: &buffer,
                flaw,
            };
            block_on(buffer::run(name, &store, &case))
        }
        "chunks" => block_on(chunks::run(name, &flawed, &memory, &case)),
        "shelf" => {
            let store = Flawed {
                below: &month,
                flaw,
            };
            block_on(shelf::run(name, &store, &memory, &case))
        }
        "months" => block_on(months::run(name, &flawed, &memory, &case)),
        "stocks" => block_on(stocks::run(name, &flawed, &memory, &case)),
        "ledger" => block_on(ledger::run(name, &flawed, &case)),
        "sessions" => block_on(sessions::run(name, &flawed, &memory, &memory, &case)),
        "counters" => {
            let flaw = match flaw {
                Flaw::Invents => mutants::Flaw::CountsRows,
                _ => mutants::Flaw::FreeBytes,
            };
            let index = mutants::Flawed { memory, flaw };
            if matches!(flawed.flaw, Flaw::Invents | Flaw::TakesAll) {
                block_on(counters::run(name, &flawed, &index, &case))
            } else {
                block_on(counters::run(name, &flawed, &memory, &case))
            }
        }
        "registry" => block_on(registry::run(name, &flawed, &case)),
        "tokens" => block_on(tokens::run(name, &flawed, &case)),
        "audit" => block_on(audit::run(name, &flawed, &flawed, &flawed, &case)),
        "desk" => {
            let store = Flawed { below: &desk, flaw };
            block_on(desk::run(name, &store, &case))
        }
        _ => return None,
    })
}

#[test]
fn every_property_is_failed_by_a_flawed_store_and_every_flaw_fails_one() {
    let (mut unfailed, mut noticed) = (Vec::new(), BTreeSet::new());
    let mut suites = 0;
    for (suite, names) in SUITES {
        let mut is_tried = false;
        for name in *names {
            let outcomes = FLAWS
                .iter()
                .filter_map(|flaw| Some((flaw, run(suite, name, *flaw)?)));
            let outcomes: Vec<_> = outcomes.collect();
            is_tried = !outcomes.is_empty();
            let failed = outcomes.iter().filter(|(_, outcome)| outcome.is_err());
            let failed: Vec<_> = failed.map(|(flaw, _)| std::format!("{flaw:?}")).collect();
            if is_tried && failed.is_empty() {
                unfailed.push(std::format!("{suite}::{name}"));
            }
            noticed.extend(failed);
        }
        suites += usize::from(is_tried);
    }
    assert_eq!(suites, 12);
    assert!(unfailed.is_empty(), "nothing fails {unfailed:?}");
    let unnoticed = FLAWS.iter().map(|flaw| std::format!("{flaw:?}"));
    let unnoticed: Vec<_> = unnoticed.filter(|flaw| !noticed.contains(flaw)).collect();
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:?}");
}
