//! Issues in memory, under the same faults.

use super::super::Result;
use super::Memory;
use crate::id::{Millis, SiteKey};
use crate::issue::{Decision, Fingerprint, Issues, Known, List, News, Told};
use crate::store::contract::issues::Forgetting;
use alloc::vec::Vec;

impl Memory {
    fn known_issues(&self, site: &SiteKey) -> Vec<Known> {
        let all = self.issues.borrow();
        let own = all.iter().filter(|((of, _), _)| of == site);
        own.map(|(_, known)| known.clone()).collect()
    }

    fn see(&self, site: &SiteKey, told: &Told) -> Vec<News> {
        let mut news = Vec::new();
        for sighting in &told.sightings {
            let place = (site.clone(), sighting.issue);
            let before = self.issues.borrow_mut().remove(&place);
            let (known, why) = Known::see(before, sighting, told);
            news.extend(why.map(|why| News {
                why,
                known: known.clone(),
            }));
            self.issues.borrow_mut().insert(place, known);
        }
        for issue in Known::forgotten(self.known_issues(site)) {
            self.issues.borrow_mut().remove(&(site.clone(), issue));
        }
        news
    }
}

impl Issues for &Memory {
    async fn clear(&self, site: &SiteKey) -> Result<()> {
        let clear = || self.issues.borrow_mut().retain(|(of, _), _| of != site);
        self.step(clear).await
    }

    async fn tell(&self, site: &SiteKey, told: &Told) -> Result<Vec<News>> {
        let mut news = Vec::new();
        self.step(|| news = self.see(site, told)).await?;
        Ok(news)
    }

    async fn issues(&self, site: &SiteKey, after: Option<&str>, limit: u32) -> Result<List> {
        let mut found = Vec::new();
        self.step(|| found = self.known_issues(site)).await?;
        found.retain(|known| after.is_none_or(|after| *known.place() > *after));
        crate::order::sort_by(&mut found, |a, b| a.place().cmp(&b.place()));
        Ok(List::of(found, limit))
    }

    async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>> {
        let mut decided = None;
        let write = || {
            let mut all = self.issues.borrow_mut();
            let known = all.get_mut(&(site.clone(), issue));
            decided = known.map(|known| {
                *known = known.clone().decide(decision, now);
                known.clone()
            });
        };
        self.step(write).await?;
        Ok(decided)
    }

    async fn erase_seen(&self, site: &SiteKey, by: &str) -> Result<()> {
        let erase = || {
            let mut all = self.issues.borrow_mut();
            all.retain(|(of, _), known| of != site || known.only.as_deref() != Some(by));
        };
        self.step(erase).await
    }
}

impl Forgetting for &Memory {
    async fn forget(&self, site: &SiteKey, now: Millis) -> Result<()> {
        let forget = || {
            let mut all = self.issues.borrow_mut();
            all.retain(|(of, _), known| of != site || known.until > now);
        };
        self.step(forget).await
    }
}
