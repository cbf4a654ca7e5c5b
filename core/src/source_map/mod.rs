//! Source maps: which line of whose source an error came by, where the page's code was built.
//!
//! ```text
//! upload ─► check ─► Maps ─┐
//! stack ───► frames ───────┴─► resolve ─► frames with what they were before the build
//! ```
//!
//! A map belongs to a **release** and to a **file**: to the path under which pages load what was
//! built, whatever the host. It is looked at when somebody reads an error, and never when one
//! arrives: what tells issues apart stays as it is, with and without maps. Of an error whose page
//! told no release nothing is guessed.
//!
//! What is kept of a map is its places and names; the sources themselves only if who uploads it
//! asks for that. Nobody reads maps but the worker: what leaves is a place, a name and a few lines.
//!
//! **Holds**: a map is bounded before it is decoded ([`MAX_BYTES`], [`MAX_SEGMENTS`],
//! [`MAX_TEXTS`]), and nothing here panics on any bytes. What is behind the feature `maps` needs
//! the decoder, a crate that uses `std`, and is for the worker alone.

#[cfg(any(test, feature = "maps"))]
mod check;
#[cfg(any(test, feature = "maps"))]
mod decoded;
mod place;
#[cfg(any(test, feature = "maps"))]
mod resolve;
#[cfg(any(test, feature = "maps"))]
mod seen;
mod told;

#[cfg(any(test, feature = "maps"))]
pub use check::check;
#[cfg(any(test, feature = "maps"))]
pub use decoded::{Decoded, Unreadable};
pub use place::{MAX_FILE, MAX_RELEASE, Named, Place, check_release};
#[cfg(any(test, feature = "maps"))]
pub use resolve::{Resolver, resolve};
#[cfg(any(test, feature = "maps"))]
pub use seen::{Asked, seen};
pub use told::{
    ErrorList, ErrorSeen, Lines, MapList, MapRow, Original, Put, ReleaseRow, ShownFrame,
};

use crate::id::{Millis, SiteKey};
use crate::order;
use crate::store::StoreError;
use alloc::string::String;
use alloc::vec::Vec;

/// The largest map, bytes of JSON, as it is sent and as it is kept. A worker has 128 MB.
pub const MAX_BYTES: usize = 8 << 20;
/// Places that a map may tell: each takes 24 bytes when it is decoded.
pub const MAX_SEGMENTS: usize = 1_000_000;
/// Texts in a map: sources, names and all else.
pub const MAX_TEXTS: usize = 200_000;
/// Maps of a release; another is refused.
pub const MAX_MAPS: usize = 500;
/// Releases of a site that have maps; for another one the oldest goes.
pub const MAX_RELEASES: usize = 20;

/// A map, as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The path of the file that it is of.
    pub file: String,
    /// Bytes that are kept of it, compressed.
    pub bytes: u64,
    /// When it was written, by the store's clock.
    pub at: Millis,
}

/// Where source maps are kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Maps {
    /// The releases of a site that have maps, in order of their names.
    async fn releases(&self, site: &SiteKey) -> Result<Vec<String>, StoreError>;
    /// The maps of a release, in order of their files; none of one that has none.
    async fn maps(&self, site: &SiteKey, release: &str) -> Result<Vec<Listed>, StoreError>;
    /// Keeps a map, in the place of the one that was there.
    async fn put(&self, site: &SiteKey, place: &Place, kept: Vec<u8>) -> Result<(), StoreError>;
    /// What is kept of a map, if it is there.
    async fn map(&self, site: &SiteKey, place: &Place) -> Result<Option<Vec<u8>>, StoreError>;
    /// Deletes all maps of a release, or one; what is not there is no failure.
    async fn remove(
        &self,
        site: &SiteKey,
        release: &str,
        file: Option<&str>,
    ) -> Result<(), StoreError>;
}

/// Deletes all maps of a site.
pub async fn remove_all(maps: &impl Maps, site: &SiteKey) -> Result<(), StoreError> {
    for release in maps.releases(site).await? {
        maps.remove(site, &release, None).await?;
    }
    Ok(())
}

/// What became of a map that was to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is kept; releases that had to give way to its one, the oldest first.
    Yes(Vec<String>),
    /// Its release has [`MAX_MAPS`] others.
    Full,
}

/// Keeps a map. A release that is new may be one too many: those whose last map is the oldest
/// go first, and wholly.
///
/// Of several uploads at once each looks for itself, so there may be a few more for a while:
/// the next one sees them.
pub async fn keep(
    maps: &impl Maps,
    site: &SiteKey,
    place: &Place,
    kept: Vec<u8>,
) -> Result<Kept, StoreError> {
    let there = maps.maps(site, &place.release).await?;
    let is_another = there.iter().all(|map| map.file != place.file);
    if is_another && there.len() >= MAX_MAPS {
        return Ok(Kept::Full);
    }
    let mut gone = Vec::new();
    if there.is_empty() {
        gone = surplus(maps, site, &place.release).await?;
        for release in &gone {
            maps.remove(site, release, None).await?;
        }
    }
    maps.put(site, place, kept).await?;
    Ok(Kept::Yes(gone))
}

/// The releases that are too many beside `new`, the oldest first.
async fn surplus(maps: &impl Maps, site: &SiteKey, new: &str) -> Result<Vec<String>, StoreError> {
    let mut releases = maps.releases(site).await?;
    releases.retain(|release| release != new);
    let many = (releases.len() + 1).saturating_sub(MAX_RELEASES);
    if many == 0 {
        return Ok(Vec::new());
    }
    let mut aged = Vec::with_capacity(releases.len());
    for release in releases {
        let last = maps.maps(site, &release).await?;
        let last = last.iter().map(|map| map.at).max().unwrap_or(0);
        aged.push((last, release));
    }
    order::sort_by(&mut aged, Ord::cmp);
    aged.truncate(many);
    Ok(aged.into_iter().map(|(_, release)| release).collect())
}

#[cfg(test)]
mod tests;
