//! The same for source maps.

use super::{Flaw, Flawed, fails};
use crate::erasure::{Rest, clear_beside};
use crate::id::SiteKey;
use crate::source_map::{Listed, Maps, Place};
use crate::store::Result;
use crate::store::memory::Memory;
use std::string::String;
use std::vec::Vec;

impl Flawed<&Memory> {
    /// Under what name such a store has it.
    fn place(&self, place: &Place) -> Place {
        let name = |text: &str| match self.flaw {
            Flaw::Cuts => text.chars().take(64).collect(),
            Flaw::LastWins => text.replace(|char: char| !char.is_ascii_alphanumeric(), "_"),
            _ => String::from(text),
        };
        Place {
            release: name(&place.release),
            file: name(&place.file),
        }
    }

    fn in_release(&self, release: &str) -> String {
        let file = String::new();
        let release = String::from(release);
        self.place(&Place { release, file }).release
    }
}

impl Rest for Flawed<&Memory> {
    async fn clear_site(&self, site: &SiteKey) -> Result<()> {
        clear_beside(site, self, self, self).await
    }
}

impl Maps for Flawed<&Memory> {
    async fn releases(&self, site: &SiteKey) -> Result<Vec<String>> {
        let releases = self.below.releases(&self.site(site)).await?;
        if self.is(Flaw::UnknownFails) && releases.is_empty() {
            return fails();
        }
        Ok(self.page(releases))
    }

    async fn maps(&self, site: &SiteKey, release: &str) -> Result<Vec<Listed>> {
        let release = self.in_release(release);
        let mut maps = self.below.maps(&self.site(site), &release).await?;
        if self.is(Flaw::NoSizes) {
            for map in &mut maps {
                map.bytes = 0;
            }
        }
        Ok(self.page(maps))
    }

    async fn put(&self, site: &SiteKey, place: &Place, kept: Vec<u8>) -> Result<()> {
        let (site, place) = (self.site(site), self.place(place));
        let is_known = self
            .below
            .maps
            .borrow()
            .contains_key(&(site.clone(), place.clone()));
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::KeepsFirst if is_known => return Ok(()),
            _ => {}
        }
        self.below.put(&site, &place, kept).await
    }

    async fn map(&self, site: &SiteKey, place: &Place) -> Result<Option<Vec<u8>>> {
        let found = self.below.map(&self.site(site), &self.place(place)).await?;
        if self.is(Flaw::Invents) {
            return Ok(found.or_else(|| Some(Vec::new())));
        }
        Ok(found)
    }

    async fn remove(&self, site: &SiteKey, release: &str, file: Option<&str>) -> Result<()> {
        let (site, release) = (self.site(site), self.in_release(release));
        match self.flaw {
            Flaw::RemovesNothing => return Ok(()),
            Flaw::RemovesMore => {
                let mut maps = self.below.maps.borrow_mut();
                maps.retain(|(_, place), _| !place.release.starts_with(&release));
            }
            Flaw::RemovesOnce => {
                let maps = self.below.maps(&site, &release).await?;
                let is_there = maps
                    .iter()
                    .any(|map| file.is_none_or(|file| map.file == file));
                if !is_there {
                    return fails();
                }
            }
            _ => {}
        }
        self.below.remove(&site, &release, file).await
    }
}
