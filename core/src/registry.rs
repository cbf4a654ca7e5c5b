//! The configurations of all sites of a deployment, and how they change.
//!
//! One [revision](Entry::revision) counts the changes of all sites. So a site's revision
//! never comes back, not even after it was deleted and made again, and whoever holds a copy
//! needs to remember one number to know whether it is still what holds.

mod keys;

pub use keys::{KeyDeed, MAX_KEYS, Tag, TagKey, keys_of};

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
    /// The keys of its tag, by [`keys_of`].
    #[serde(default)]
    pub keys: Vec<TagKey>,
}

impl Entry {
    /// The keys of its tag, and that they are its.
    pub fn tags(&self) -> Vec<(SiteKey, Tag)> {
        let tag = |known: &TagKey| {
            let site = self.key.clone();
            let enabled = known.enabled;
            (known.key.clone(), Tag { site, enabled })
        };
        self.keys.iter().map(tag).collect()
    }
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
    /// Something is done with a key of a site's tag, whatever else was changed meanwhile.
    Key {
        /// The site's own key, its id.
        site: SiteKey,
        /// The key that it is done with.
        key: SiteKey,
        /// What.
        deed: KeyDeed,
    },
}

impl Change {
    /// The id of the site that it is about.
    pub fn site(&self) -> &SiteKey {
        match self {
            Self::Create { key, .. } | Self::Replace { key, .. } | Self::Delete { key, .. } => key,
            Self::Key { site, .. } => site,
        }
    }

    /// The key that it makes, if it makes one: no other site may have it.
    pub fn made(&self) -> Option<&SiteKey> {
        match self {
            Self::Create { key, .. }
            | Self::Key {
                key,
                deed: KeyDeed::Make,
                ..
            } => Some(key),
            _ => None,
        }
    }
}

/// What there is when a change is decided.
#[derive(Clone, Copy, Debug, Default)]
pub struct There<'a> {
    /// The number of the last change of any site.
    pub last: u64,
    /// The site's revision; none if there is no such site.
    pub current: Option<u64>,
    /// How many sites there are.
    pub sites: u64,
    /// The site's keys, by [`keys_of`].
    pub keys: &'a [TagKey],
    /// Whether [`Change::made`] is a key of any site's tag, or its id.
    pub taken: bool,
}

/// What a change does that may happen. The site is at the number of the change then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<'a> {
    /// The site has this configuration.
    Site(&'a str),
    /// There is no such site any more, and none of its keys.
    NoSite,
    /// The site has this key, or it is as this says.
    Key(TagKey),
    /// The site has this key no more.
    NoKey(&'a SiteKey),
}

/// Why a change did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeError {
    /// There is a site that has this key, or is called so.
    Exists,
    /// There is no site of this key.
    Unknown,
    /// Somebody else changed it; at this revision it is now.
    Changed(u64),
    /// There are [`MAX_SITES`] already.
    Full,
    /// The site has no such key.
    KeyUnknown,
    /// The site has [`MAX_KEYS`] already.
    KeysFull,
    /// The key is the site's id, or was not disabled before.
    KeyStays,
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

/// What `change` does and its number, if it may happen to what is `there`.
pub fn decide<'a>(change: &'a Change, there: &There<'_>) -> Result<(u64, Effect<'a>), ChangeError> {
    let next = there.last.saturating_add(1);
    let effect = match (change, there.current) {
        (Change::Create { .. }, Some(_)) => return Err(ChangeError::Exists),
        (Change::Create { .. }, None) if there.taken => return Err(ChangeError::Exists),
        (Change::Create { .. }, None) if there.sites >= MAX_SITES => return Err(ChangeError::Full),
        (Change::Create { config, .. }, None) => Effect::Site(config),
        (_, None) => return Err(ChangeError::Unknown),
        (Change::Replace { revision, .. } | Change::Delete { revision, .. }, Some(current))
            if *revision != current =>
        {
            return Err(ChangeError::Changed(current));
        }
        (Change::Replace { config, .. }, Some(_)) => Effect::Site(config),
        (Change::Delete { .. }, Some(_)) => Effect::NoSite,
        (Change::Key { key, deed, .. }, Some(_)) => {
            keys::after(*deed, key, there, next)?.map_or(Effect::NoKey(key), Effect::Key)
        }
    };
    Ok((next, effect))
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
            let there = There {
                current,
                sites,
                ..There::default()
            };
            assert_eq!(decide(change, &there).map(drop), answer, "{change:?}");
        }
    }

    #[test]
    fn a_key_is_made_disabled_and_removed() {
        use KeyDeed::{Disable, Enable, Make, Remove};
        let parse = |text: &str| SiteKey::parse(text).unwrap();
        let tag = |key: &str, enabled, made| TagKey {
            key: parse(key),
            enabled,
            made,
        };
        let kept = vec![tag("on", true, 7), tag("off", false, 3)];
        let keys = keys_of(&key(), kept);
        let names: Vec<&str> = keys.iter().map(|known| known.key.as_str()).collect();
        assert_eq!(names, ["shop", "off", "on"]);
        for (of, deed, taken, answer) in [
            ("new", Make, false, Ok(Some(tag("new", true, 10)))),
            ("new", Make, true, Err(ChangeError::Exists)),
            ("new", Enable, false, Err(ChangeError::KeyUnknown)),
            ("new", Remove, false, Err(ChangeError::KeyUnknown)),
            ("on", Disable, false, Ok(Some(tag("on", false, 7)))),
            ("on", Enable, false, Ok(Some(tag("on", true, 7)))),
            ("on", Remove, false, Err(ChangeError::KeyStays)),
            ("off", Enable, false, Ok(Some(tag("off", true, 3)))),
            ("off", Remove, false, Ok(None)),
            ("shop", Disable, false, Ok(Some(tag("shop", false, 0)))),
            ("shop", Remove, false, Err(ChangeError::KeyStays)),
        ] {
            let (site, key) = (key(), parse(of));
            let change = Change::Key { site, key, deed };
            let there = There {
                last: 9,
                current: Some(4),
                keys: &keys,
                taken,
                ..There::default()
            };
            let name = parse(of);
            let effect = |known: Option<TagKey>| known.map_or(Effect::NoKey(&name), Effect::Key);
            let expected = answer.map(|known| (10, effect(known)));
            assert_eq!(decide(&change, &there), expected, "{deed:?} {of}");
            let nobody = decide(&change, &There::default());
            assert_eq!(nobody, Err(ChangeError::Unknown), "{deed:?} {of}");
        }
    }

    /// Nobody may take what pages of another site send, whatever is asked for in what order.
    #[test]
    fn an_id_that_is_a_key_is_taken() {
        let change = Change::Create {
            key: key(),
            config: String::new(),
        };
        let there = There {
            taken: true,
            ..There::default()
        };
        assert_eq!(decide(&change, &there), Err(ChangeError::Exists));
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
                let there = There { current, sites: u64::from(kept.is_some()), ..There::default() };
                if decide(&change, &there).is_err() {
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
