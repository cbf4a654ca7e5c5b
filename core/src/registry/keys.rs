//! The keys of a site's tag: by which its pages name it.
//!
//! A site is called by its id for ever, in every place where something of it is kept. Its id
//! is also its first key. Others can be made, and each can be disabled: what a page sends by a
//! disabled key is not stored. No two sites have the same key, and none has the id of another.

use super::{ChangeError, There};
use crate::id::SiteKey;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most keys of a site, its id among them.
pub const MAX_KEYS: usize = 16;

/// A key of a site's tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagKey {
    /// It.
    pub key: SiteKey,
    /// Whether what comes by it is stored.
    pub enabled: bool,
    /// The number of the change that made it; 0 of the site's id.
    pub made: u64,
}

/// What is done with a key of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyDeed {
    /// It is made, enabled.
    Make,
    /// What comes by it is stored again. Of one that is enabled: nothing happens to it.
    Enable,
    /// What comes by it is not stored any more.
    Disable,
    /// It is forgotten; it was disabled before.
    Remove,
}

/// Whose a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The site's id.
    pub site: SiteKey,
    /// See [`TagKey::enabled`].
    pub enabled: bool,
}

/// The keys of the site `id`, of which those in `kept` were changed or made, the oldest first:
/// its id is a key that is enabled unless something else is kept of it.
pub fn keys_of(id: &SiteKey, mut kept: Vec<TagKey>) -> Vec<TagKey> {
    if kept.iter().all(|known| known.key != *id) {
        kept.push(TagKey {
            key: id.clone(),
            enabled: true,
            made: 0,
        });
    }
    kept.sort_unstable_by_key(|known| known.made);
    kept
}

/// What `key` is after `deed`, which is the change number `next`, if that may be; none if it is
/// to be forgotten.
pub(super) fn after(
    deed: KeyDeed,
    key: &SiteKey,
    there: &There<'_>,
    next: u64,
) -> Result<Option<TagKey>, ChangeError> {
    let known = there.keys.iter().find(|known| known.key == *key);
    match (deed, known) {
        (KeyDeed::Make, _) if there.taken => Err(ChangeError::Exists),
        (KeyDeed::Make, _) if there.keys.len() >= MAX_KEYS => Err(ChangeError::KeysFull),
        (KeyDeed::Make, _) => Ok(Some(TagKey {
            key: key.clone(),
            enabled: true,
            made: next,
        })),
        (_, None) => Err(ChangeError::KeyUnknown),
        (KeyDeed::Remove, Some(known)) if known.enabled || known.made == 0 => {
            Err(ChangeError::KeyStays)
        }
        (KeyDeed::Remove, Some(_)) => Ok(None),
        (KeyDeed::Enable | KeyDeed::Disable, Some(known)) => Ok(Some(TagKey {
            enabled: deed == KeyDeed::Enable,
            ..known.clone()
        })),
    }
}
