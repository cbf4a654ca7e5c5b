//! The same for links to sessions.

use super::{Flaw, Flawed, fails};
use crate::id::{Millis, SiteKey, TokenId};
use crate::sharing::{Kept, Link, Links};
use crate::store::Result;
use crate::store::memory::Memory;
use std::string::String;
use std::vec::Vec;

impl Links for Flawed<&Memory> {
    async fn clear(&self, site: &SiteKey) -> Result<()> {
        let site = self.site(site);
        match self.flaw {
            Flaw::RemovesNothing => Ok(()),
            Flaw::RemovesMore => {
                self.below.links.borrow_mut().clear();
                Ok(())
            }
            Flaw::RemovesOnce if self.below.links.borrow().keys().all(|(of, _)| *of != site) => {
                fails()
            }
            _ => Links::clear(&self.below, &site).await,
        }
    }

    async fn links(&self, site: &SiteKey, now: Millis) -> Result<Vec<Link>> {
        let now = if self.is(Flaw::TakesAll) { 0 } else { now };
        let links = self.below.links(&self.site(site), now).await?;
        if self.is(Flaw::UnknownFails) && links.is_empty() {
            return fails();
        }
        Ok(self.page(links))
    }

    async fn add(&self, site: &SiteKey, hash: &str, kept: &Kept, now: Millis) -> Result<bool> {
        let (site, mut hash) = (self.site(site), String::from(hash));
        let place = (site.clone(), hash.clone());
        let is_known = self.below.links.borrow().contains_key(&place);
        match self.flaw {
            Flaw::KeepsNothing => return Ok(true),
            Flaw::Repeats if is_known => hash.push('+'),
            Flaw::RemovesMore => self.below.links.borrow_mut().clear(),
            _ => {}
        }
        let now = if self.is(Flaw::RemovesNothing) {
            0
        } else {
            now
        };
        let is_kept = self.below.add(&site, &hash, kept, now).await?;
        if self.is(Flaw::Endless) && !is_kept {
            self.below.links.borrow_mut().pop_first();
            return self.below.add(&site, &hash, kept, now).await;
        }
        Ok(is_kept)
    }

    async fn link(&self, site: &SiteKey, hash: &str, now: Millis) -> Result<Option<Kept>> {
        let (site, mut hash) = (self.site(site), String::from(hash));
        if self.is(Flaw::Invents) {
            let links = self.below.links.borrow();
            let first = links.keys().find(|(_, known)| known.starts_with(&hash));
            hash = first.map_or(hash, |(_, known)| known.clone());
        }
        let now = if self.is(Flaw::TakesAll) { 0 } else { now };
        let found = self.below.link(&site, &hash, now).await?;
        if self.is(Flaw::UnknownFails) && found.is_none() {
            return fails();
        }
        Ok(found)
    }

    async fn withdraw(&self, site: &SiteKey, id: &TokenId) -> Result<bool> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(true),
            Flaw::RemovesMore => self.below.links.borrow_mut().clear(),
            _ => {}
        }
        let is_gone = self.below.withdraw(&self.site(site), id).await?;
        if self.is(Flaw::RemovesOnce) && !is_gone {
            return fails();
        }
        Ok(is_gone)
    }
}
