//! The same for issues.

use super::{Flaw, Flawed, fails};
use crate::id::{Millis, SiteKey};
use crate::issue::{Decision, Fingerprint, Issues, Known, List, News, Told};
use crate::store::Result;
use crate::store::contract::issues::Forgetting;
use crate::store::memory::Memory;
use std::vec::Vec;

impl Issues for Flawed<&Memory> {
    async fn clear(&self, site: &SiteKey) -> Result<()> {
        let site = self.site(site);
        match self.flaw {
            Flaw::RemovesNothing => Ok(()),
            Flaw::RemovesMore => {
                self.below.issues.borrow_mut().clear();
                Ok(())
            }
            Flaw::RemovesOnce if self.below.issues.borrow().keys().all(|(of, _)| *of != site) => {
                fails()
            }
            _ => Issues::clear(&self.below, &site).await,
        }
    }

    async fn tell(&self, site: &SiteKey, told: &Told) -> Result<Vec<News>> {
        let (site, mut told) = (self.site(site), told.clone());
        let issues = &self.below.issues;
        for sighting in &mut told.sightings {
            let place = (site.clone(), sighting.issue);
            let known = issues.borrow().get(&place).cloned();
            match self.flaw {
                Flaw::Cuts => sighting.title = sighting.title.chars().take(12).collect(),
                // Each time it is told it is new.
                Flaw::Repeats | Flaw::LastWins => {
                    issues.borrow_mut().remove(&place);
                }
                Flaw::KeepsFirst => {
                    if let Some(known) = known {
                        (sighting.first, sighting.last) = (known.first, known.last);
                    }
                }
                // A page of before is taken for a new one.
                Flaw::Stale => sighting.release = None,
                Flaw::TakesAll => {
                    if let Some(known) = issues.borrow_mut().get_mut(&place) {
                        known.state = crate::issue::State::default();
                    }
                }
                _ => {}
            }
        }
        if self.is(Flaw::KeepsNothing) {
            return Ok(Vec::new());
        }
        let before = issues.borrow().clone();
        let news = self.below.tell(&site, &told).await?;
        if self.is(Flaw::Endless) {
            let gone = before
                .into_iter()
                .filter(|(of, _)| !issues.borrow().contains_key(of));
            let gone: Vec<_> = gone.collect();
            issues.borrow_mut().extend(gone);
        }
        Ok(news)
    }

    async fn issues(&self, site: &SiteKey, after: Option<&str>, limit: u32) -> Result<List> {
        let after = if self.is(Flaw::Repeats) { None } else { after };
        let List { issues, mut next } = self.below.issues(&self.site(site), after, limit).await?;
        match self.flaw {
            Flaw::UnknownFails if issues.is_empty() => return fails(),
            Flaw::ShortPages => next = None,
            Flaw::Invents => next = issues.last().map(Known::place),
            _ => {}
        }
        let mut issues = issues;
        if self.is(Flaw::Backwards) {
            issues.reverse();
        }
        Ok(List { issues, next })
    }

    async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>> {
        let site = self.site(site);
        let decided = self.below.decide(&site, issue, decision, now).await?;
        match self.flaw {
            Flaw::UnknownFails if decided.is_none() => fails(),
            Flaw::RemovesMore => {
                let mut issues = self.below.issues.borrow_mut();
                for known in issues.values_mut() {
                    *known = known.clone().decide(decision, now);
                }
                Ok(decided)
            }
            _ => Ok(decided),
        }
    }

    async fn erase_seen(&self, site: &SiteKey, by: &str) -> Result<()> {
        let site = self.site(site);
        match self.flaw {
            Flaw::RemovesNothing => Ok(()),
            Flaw::RemovesMore => {
                let mut issues = self.below.issues.borrow_mut();
                issues.retain(|(of, _), _| *of != site);
                Ok(())
            }
            _ => self.below.erase_seen(&site, by).await,
        }
    }
}

impl Forgetting for Flawed<&Memory> {
    async fn forget(&self, site: &SiteKey, now: Millis) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => Ok(()),
            Flaw::RemovesMore => self.below.forget(site, now + 1).await,
            _ => self.below.forget(&self.site(site), now).await,
        }
    }
}
