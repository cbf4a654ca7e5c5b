//! R2 behind the port of source maps. No decisions here.

use super::platform::MAX_DELETES;
use super::upkeep::Upkeep;
use super::{Result, map_prefix};
use crate::config::binding;
use crate::patience::store;
use sentiero_core::id::SiteKey;
use sentiero_core::source_map::{Listed, Maps, Named, Place};
use sentiero_core::store::StoreError;
use worker::{Object, Objects};

impl Upkeep {
    /// All that lies below `prefix`, page by page; with `folders` only up to the next slash.
    async fn below(&self, prefix: &str, folders: bool) -> Result<Vec<Objects>> {
        let bucket = self.bucket()?;
        let mut pages: Vec<Objects> = Vec::new();
        loop {
            let mut list = bucket.list().prefix(prefix);
            if folders {
                list = list.delimiter("/");
            }
            if let Some(cursor) = pages.last().and_then(Objects::cursor) {
                list = list.cursor(cursor);
            }
            let page = store("R2 list", list.execute()).await?;
            let is_last = !page.truncated();
            pages.push(page);
            if is_last {
                return Ok(pages);
            }
        }
    }

    fn bucket(&self) -> Result<worker::Bucket> {
        Ok(self.env().bucket(binding::RECORDINGS)?)
    }
}

fn listed(object: &Object, prefix: &str) -> Option<Listed> {
    Some(Listed {
        file: Named::file_of(object.key().strip_prefix(prefix)?)?,
        bytes: object.size(),
        at: object.uploaded().as_millis(),
    })
}

fn release_prefix(site: &SiteKey, release: &str) -> String {
    [map_prefix(site), Named::release(release)].concat()
}

fn key(site: &SiteKey, place: &Place) -> String {
    [map_prefix(site), Named::map(place)].concat()
}

impl Maps for Upkeep {
    async fn releases(&self, site: &SiteKey) -> Result<Vec<String>> {
        let prefix = map_prefix(site);
        let pages = self.below(&prefix, true).await?;
        let folders = pages.iter().flat_map(Objects::delimited_prefixes);
        let names = folders.filter_map(|folder| Named::release_of(folder.strip_prefix(&prefix)?));
        let mut releases: Vec<String> = names.collect();
        // In order of their names, not of their keys.
        releases.sort_unstable();
        Ok(releases)
    }

    async fn maps(&self, site: &SiteKey, release: &str) -> Result<Vec<Listed>> {
        let prefix = release_prefix(site, release);
        let pages = self.below(&prefix, false).await?;
        let objects = pages.iter().flat_map(Objects::objects);
        let mut maps: Vec<Listed> = objects
            .filter_map(|object| listed(&object, &prefix))
            .collect();
        maps.sort_unstable_by(|one, other| one.file.cmp(&other.file));
        Ok(maps)
    }

    async fn put(&self, site: &SiteKey, place: &Place, kept: Vec<u8>) -> Result<()> {
        let bucket = self.bucket()?;
        let put = bucket.put(key(site, place), kept);
        store("R2 put", put.execute()).await?;
        Ok(())
    }

    async fn map(&self, site: &SiteKey, place: &Place) -> Result<Option<Vec<u8>>> {
        let bucket = self.bucket()?;
        let get = bucket.get(key(site, place));
        let Some(object) = store("R2 get", get.execute()).await? else {
            return Ok(None);
        };
        match object.body() {
            Some(body) => Ok(Some(store("R2 get", body.bytes()).await?)),
            None => Err(StoreError("a source map has no body".to_owned())),
        }
    }

    async fn remove(&self, site: &SiteKey, release: &str, file: Option<&str>) -> Result<()> {
        let keys = if let Some(file) = file {
            let (release, file) = (release.to_owned(), file.to_owned());
            vec![key(site, &Place { release, file })]
        } else {
            let pages = self.below(&release_prefix(site, release), false).await?;
            let objects = pages.iter().flat_map(Objects::objects);
            objects.map(|object| object.key()).collect()
        };
        let bucket = self.bucket()?;
        for keys in keys.chunks(MAX_DELETES) {
            store("R2 delete", bucket.delete_multiple(keys.to_vec())).await?;
        }
        Ok(())
    }
}
