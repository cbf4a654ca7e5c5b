//! The configurations of all sites of a deployment, and how they change.
//!
//! One [revision](Entry::revision) counts the changes of all sites. So a site's revision
//! never comes back, not even after it was deleted and made again, and whoever holds a copy
//! needs to remember one number to know whether it is still what holds.

use crate::id::SiteKey;
use crate::store::StoreError;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The most sites of a deployment.
pub const MAX_SITES: u64 = 1_000;

/// Seconds after which a change holds for every batch that arrives, wherever: so long an
/// isolate uses its copy. It counts from when it asked, not from when it was answered.
pub const HOLDS_WITHIN_SECONDS: u32 = 5;

/// A site as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its key.
    pub key: SiteKey,
    /// The number of its last change.
    pub revision: u64,
    /// Its configuration, as JSON. One that a later version finds wrong stays as it is.
    pub config: String,
}

/// The answer to whoever holds a copy of a certain revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The number of the last change of any site.
    pub revision: u64,
    /// Every site, in order of keys; none if the copy is still right.
    pub sites: Option<Vec<Entry>>,
}

/// A change of one site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A site that was not there.
    Create {
        /// Its key.
        key: SiteKey,
        /// Its configuration, as JSON that was checked.
        config: String,
    },
    /// Another configuration for a site that is at `revision`.
    Replace {
        /// Its key.
        key: SiteKey,
        /// The revision that was changed; if it is another by now, nothing happens.
        revision: u64,
        /// Its configuration, as JSON that was checked.
        config: String,
    },
    /// No more such site.
    Delete {
        /// Its key.
        key: SiteKey,
        /// As in `Replace`.
        revision: u64,
    },
}

impl Change {
    /// The site that it is about.
    pub fn key(&self) -> &SiteKey {
        match self {
            Self::Create { key, .. } | Self::Replace { key, .. } | Self::Delete { key, .. } => key,
        }
    }
}

/// Why a change did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeError {
    /// There is a site of this key already.
    Exists,
    /// There is no site of this key.
    Unknown,
    /// Somebody else changed it; at this revision it is now.
    Changed(u64),
    /// There are [`MAX_SITES`] already.
    Full,
}

/// Where the sites of a deployment are kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Registry {
    /// Every site, unless `copy` is the number of the last change of any of them; who has no
    /// copy gets all. It is the truth of this moment, no copy itself.
    async fn news(&self, copy: Option<u64>) -> Result<News, StoreError>;
    /// Changes a site if [`decide`] lets it, and says the number of the change, that of a
    /// deletion included: one that no change of any site had before. To look, to write and to
    /// count are one step, or one operator overwrites what another has just written.
    async fn change(&self, change: &Change) -> Result<Result<u64, ChangeError>, StoreError>;
}

/// Whether `change` may happen to a site that is at revision `current` (none if there is no
/// such site) among `sites` in all.
pub fn decide(change: &Change, current: Option<u64>, sites: u64) -> Result<(), ChangeError> {
    match (change, current) {
        (Change::Create { .. }, Some(_)) => Err(ChangeError::Exists),
        (Change::Create { .. }, None) if sites >= MAX_SITES => Err(ChangeError::Full),
        (Change::Create { .. }, None) => Ok(()),
        (Change::Replace { .. } | Change::Delete { .. }, None) => Err(ChangeError::Unknown),
        (Change::Replace { revision, .. } | Change::Delete { revision, .. }, Some(current)) => {
            if *revision == current {
                Ok(())
            } else {
                Err(ChangeError::Changed(current))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn key() -> SiteKey {
        SiteKey::parse("shop").unwrap()
    }

    #[test]
    fn a_change_needs_what_it_changes() {
        let (key, config) = (key(), String::from("{}"));
        let create = Change::Create {
            key: key.clone(),
            config: config.clone(),
        };
        let replace = Change::Replace {
            key: key.clone(),
            revision: 5,
            config,
        };
        let delete = Change::Delete { key, revision: 5 };
        for (change, current, sites, answer) in [
            (&create, None, 0, Ok(())),
            (&create, None, MAX_SITES - 1, Ok(())),
            (&create, None, MAX_SITES, Err(ChangeError::Full)),
            (&create, Some(5), 1, Err(ChangeError::Exists)),
            (&replace, Some(5), MAX_SITES, Ok(())),
            (&replace, Some(6), 1, Err(ChangeError::Changed(6))),
            (&replace, Some(4), 1, Err(ChangeError::Changed(4))),
            (&replace, None, 0, Err(ChangeError::Unknown)),
            (&delete, Some(5), 1, Ok(())),
            (&delete, Some(6), 1, Err(ChangeError::Changed(6))),
            (&delete, None, 0, Err(ChangeError::Unknown)),
        ] {
            assert_eq!(decide(change, current, sites), answer, "{change:?}");
        }
    }

    proptest! {
        /// Operators who each change what they read last: no change of one is undone unseen
        /// by another, also across deletions.
        #[test]
        fn nobody_overwrites_what_he_has_not_read(
            steps in proptest::collection::vec((0_usize..3, 0_u8..4), 1..60)
        ) {
            // What is kept: revision and who wrote it; and what each operator read last.
            let mut kept: Option<(u64, usize)> = None;
            let mut read: BTreeMap<usize, Option<u64>> = BTreeMap::new();
            let mut counter = 0;
            for (operator, deed) in steps {
                let seen = read.get(&operator).copied().flatten();
                let change = match (deed, seen) {
                    (0, _) => { read.insert(operator, kept.map(|(revision, _)| revision)); continue; }
                    (1, _) => Change::Create { key: key(), config: String::new() },
                    (2, Some(revision)) => Change::Replace { key: key(), revision, config: String::new() },
                    (3, Some(revision)) => Change::Delete { key: key(), revision },
                    _ => continue,
                };
                let current = kept.map(|(revision, _)| revision);
                if decide(&change, current, u64::from(kept.is_some())).is_err() {
                    continue;
                }
                // It happened to exactly what was read, or to nothing.
                if let Change::Create { .. } = &change {
                    prop_assert_eq!(kept, None);
                } else {
                    prop_assert_eq!(current, seen);
                }
                counter += 1;
                kept = (!matches!(change, Change::Delete { .. })).then_some((counter, operator));
            }
        }
    }
}
