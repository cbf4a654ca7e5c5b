//! Links to sessions in memory, under the same faults.

use super::super::Result;
use super::Memory;
use crate::id::{Millis, SiteKey, TokenId};
use crate::sharing::{Kept, Link, Links, newest_first, room};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

impl Links for &Memory {
    async fn clear(&self, site: &SiteKey) -> Result<()> {
        let clear = || self.links.borrow_mut().retain(|(of, _), _| of != site);
        self.step(clear).await
    }

    async fn links(&self, site: &SiteKey, now: Millis) -> Result<Vec<Link>> {
        let mut found = Vec::new();
        let look = || {
            self.forget_expired(site, now);
            let links = self.links.borrow();
            let own = links.iter().filter(|((of, _), _)| of == site);
            found = own.map(|(_, kept)| kept.link.clone()).collect();
        };
        self.step(look).await?;
        newest_first(&mut found);
        Ok(found)
    }

    async fn add(&self, site: &SiteKey, hash: &str, kept: &Kept, now: Millis) -> Result<bool> {
        let mut is_kept = false;
        let write = || {
            self.forget_expired(site, now);
            let mut links = self.links.borrow_mut();
            let own = links.iter().filter(|((of, _), _)| of == site);
            let own = own.map(|((_, hash), kept)| (hash.as_str(), &kept.link));
            is_kept = room(own, hash, now);
            if is_kept {
                links.insert((site.clone(), hash.to_owned()), kept.clone());
            }
        };
        self.step(write).await?;
        Ok(is_kept)
    }

    async fn link(&self, site: &SiteKey, hash: &str, now: Millis) -> Result<Option<Kept>> {
        let mut found = None;
        let place: (SiteKey, String) = (site.clone(), hash.to_owned());
        let look = || {
            let kept = self.links.borrow().get(&place).cloned();
            found = kept.filter(|kept| !kept.link.is_expired(now));
        };
        self.step(look).await?;
        Ok(found)
    }

    async fn withdraw(&self, site: &SiteKey, id: &TokenId) -> Result<bool> {
        let mut is_gone = false;
        let remove = || {
            let mut links = self.links.borrow_mut();
            let before = links.len();
            links.retain(|(of, _), kept| of != site || kept.link.id != *id);
            is_gone = links.len() < before;
        };
        self.step(remove).await?;
        Ok(is_gone)
    }
}

impl Memory {
    fn forget_expired(&self, site: &SiteKey, now: Millis) {
        let mut links = self.links.borrow_mut();
        links.retain(|(of, _), kept| of != site || !kept.link.is_expired(now));
    }
}
