//! The same for the index.

use super::{Flaw, Flawed, fails, nth};
use crate::analytics::pack::Packed;
use crate::analytics::report::{AnyReport, Example};
use crate::api::SessionRow;
use crate::facets::Facets;
use crate::filter::Filter;
use crate::id::{Millis, SessionId, SiteKey};
use crate::issue::{Decision, Fingerprint, Issues, Known, List, News, Told};
use crate::listing::Search;
use crate::quota::{Admission, Quota};
use crate::store::{Index, MaskedSum, Reported, Result, Span};
use std::string::String;
use std::vec::Vec;

impl Issues for Flawed<'_> {
    async fn clear(&self, site: &SiteKey) -> Result<()> {
        Issues::clear(&self.memory, site).await
    }

    async fn tell(&self, site: &SiteKey, told: &Told) -> Result<Vec<News>> {
        self.memory.tell(site, told).await
    }

    async fn issues(&self, site: &SiteKey, after: Option<&str>, limit: u32) -> Result<List> {
        self.memory.issues(site, after, limit).await
    }

    async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>> {
        self.memory.decide(site, issue, decision, now).await
    }

    async fn erase_seen(&self, site: &SiteKey, by: &str) -> Result<()> {
        self.memory.erase_seen(site, by).await
    }
}

impl Index for Flawed<'_> {
    async fn upsert(
        &self,
        site: &SiteKey,
        row: &SessionRow,
        packed: &Packed,
        revision: Millis,
    ) -> Result<()> {
        let site = &self.site(site);
        let known = self.memory.rows.borrow().contains_key(&row.sid);
        let mut row = row.clone();
        match self.flaw {
            Flaw::KeepsFirst if known => return Ok(()),
            Flaw::OnlyKnown if *packed == Packed::default() => return Ok(()),
            Flaw::Cuts => row.users.truncate(1),
            Flaw::Fills => row.country = row.country.or(Some(String::new())),
            Flaw::Narrow => row.events = row.events.min(u32::MAX.into()),
            _ => {}
        }
        let revision = if self.is(Flaw::LastWins) { 0 } else { revision };
        let nothing = Packed::default();
        let packed = if self.is(Flaw::RowsOnly) {
            &nothing
        } else {
            packed
        };
        self.memory.upsert(site, &row, packed, revision).await
    }

    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        match self.flaw {
            Flaw::EraseIsDelete => self.memory.forget(&self.site(site), sid).await,
            Flaw::KeepsAll => Ok(()),
            Flaw::RemovesOnce if self.memory.refused.borrow().contains(sid) => fails(),
            _ => self.memory.erase(&self.site(site), sid).await,
        }
    }

    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        match self.flaw {
            Flaw::NeverForgets => return Ok(()),
            Flaw::RemovesOnce if !self.memory.refused.borrow().contains(sid) => return fails(),
            _ => {}
        }
        self.memory.forget(&self.site(site), sid).await
    }

    async fn page(&self, site: &SiteKey, span: Span, search: &Search) -> Result<Vec<SessionRow>> {
        let span = self.span(span);
        let site = &self.site(site);
        let mut search = search.clone();
        match self.flaw {
            Flaw::IgnoresConditions => search.filter.url = None,
            Flaw::ForgetsTies => {
                if let Some(cursor) = &mut search.cursor {
                    cursor.sid = SessionId::new(0, &[0; 17]);
                }
            }
            Flaw::Endless => search.limit = 1_000,
            Flaw::Repeats => search.cursor = None,
            _ => {}
        }
        let mut rows = self.memory.page(site, span, &search).await?;
        match self.flaw {
            Flaw::OldestFirst => rows.reverse(),
            Flaw::UnknownFails if rows.is_empty() => return fails(),
            _ => {}
        }
        Ok(rows)
    }

    async fn facets(&self, site: &SiteKey, span: Span, filter: &Filter) -> Result<Facets> {
        let mut facets = self.memory.facets(&self.site(site), span, filter).await?;
        if self.is(Flaw::KeepsOwnCondition) && filter.country.is_some() {
            facets.country.truncate(1);
        }
        Ok(facets)
    }

    async fn report(
        &self,
        site: &SiteKey,
        span: Span,
        filter: &Filter,
        report: AnyReport,
    ) -> Result<Reported> {
        let site = &self.site(site);
        let mut filter = filter.clone();
        if self.is(Flaw::IgnoresConditions) {
            filter.url = None;
        }
        let span = self.span(span);
        self.memory.report(site, span, &filter, report).await
    }

    async fn named(&self, site: &SiteKey, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
        let mut examples = examples.to_vec();
        if self.is(Flaw::NoRanks) {
            for example in &mut examples {
                example.rank = 0;
            }
        }
        self.memory.named(&self.site(site), &examples).await
    }

    async fn masked(&self, site: &SiteKey, span: Span) -> Result<MaskedSum> {
        let span = self.span(span);
        self.memory.masked(&self.site(site), span).await
    }

    async fn is_erased(&self, site: &SiteKey, sid: &SessionId) -> Result<bool> {
        self.memory.is_erased(&self.site(site), sid).await
    }

    async fn admit(&self, site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission> {
        let site = &self.site(site);
        if self.is(Flaw::ForgetsVerdicts) {
            let mut admissions = self.memory.admissions.borrow_mut();
            admissions.retain(|other| other != sid);
        }
        let mut quota = *quota;
        if self.is(Flaw::FreeBytes) {
            quota.bytes_per_month = None;
        }
        if self.is(Flaw::OneDay) {
            quota.sessions_per_month = quota.sessions_per_day;
        }
        if self.is(Flaw::CountsRows) {
            let rows = self.memory.rows.borrow();
            let used: u64 = rows.values().map(|(_, row, _)| row.bytes).sum();
            let limit = &mut quota.bytes_per_month;
            *limit = limit.map(|limit| limit.saturating_sub(used));
        }
        let verdict = self.memory.admit(site, sid, &quota).await?;
        let mut admissions = self.memory.admissions.borrow_mut();
        match self.flaw {
            Flaw::CountsRefused => admissions.put(site, sid, Admission::Admitted),
            Flaw::CountsAgain => {
                let another = SessionId::new(sid.start(), &[nth(admissions.len()); 17]);
                admissions.put(site, &another, Admission::Admitted);
            }
            _ => {}
        }
        Ok(verdict)
    }
}
