//! Source maps in memory, under the same faults.

use super::super::Result;
use super::Memory;
use crate::erasure::{Rest, clear_beside};
use crate::id::{Millis, SiteKey};
use crate::source_map::{Listed, Maps, Place};
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

impl Rest for &Memory {
    async fn clear_site(&self, site: &SiteKey) -> Result<()> {
        clear_beside(site, self, self, self).await
    }
}

impl Maps for &Memory {
    async fn releases(&self, site: &SiteKey) -> Result<Vec<String>> {
        let mut found = BTreeSet::new();
        let look = || {
            let maps = self.maps.borrow();
            let own = maps.keys().filter(|(of, _)| of == site);
            found = own.map(|(_, place)| place.release.clone()).collect();
        };
        self.step(look).await?;
        Ok(found.into_iter().collect())
    }

    async fn maps(&self, site: &SiteKey, release: &str) -> Result<Vec<Listed>> {
        let mut found = Vec::new();
        let look = || {
            let maps = self.maps.borrow();
            let own = maps
                .iter()
                .filter(|((of, place), _)| of == site && place.release == release);
            let listed = own.map(|((_, place), (at, kept))| Listed {
                file: place.file.clone(),
                bytes: kept.len() as u64,
                at: *at,
            });
            found = listed.collect();
        };
        self.step(look).await?;
        Ok(found)
    }

    async fn put(&self, site: &SiteKey, place: &Place, kept: Vec<u8>) -> Result<()> {
        let write = || {
            let at: Millis = self.clock.get();
            let key = (site.clone(), place.clone());
            self.maps.borrow_mut().insert(key, (at, kept.clone()));
        };
        self.step(write).await
    }

    async fn map(&self, site: &SiteKey, place: &Place) -> Result<Option<Vec<u8>>> {
        let mut found = None;
        let key = (site.clone(), place.clone());
        let look = || found = self.maps.borrow().get(&key).map(|(_, kept)| kept.clone());
        self.step(look).await?;
        Ok(found)
    }

    async fn remove(&self, site: &SiteKey, release: &str, file: Option<&str>) -> Result<()> {
        let remove = || {
            self.maps.borrow_mut().retain(|(of, place), _| {
                let is_it = place.release == release && file.is_none_or(|file| place.file == file);
                of != site || !is_it
            });
        };
        self.step(remove).await
    }
}
