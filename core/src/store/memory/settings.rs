//! Sites, API tokens and the audit log in memory, under the same faults.

use super::super::Result;
use super::Memory;
use crate::access::gate::{Attempt, FORGOTTEN, Gate, Knock, MAX_PLACES, Tries};
use crate::access::{ApiToken, Kept, Room, Shown, Tokens, newest_first};
use crate::audit::{AuditLog, Entry, Log, oldest};
use crate::id::{Millis, SiteKey, TokenId};
use crate::registry::{
    Change, ChangeError, Effect, Entry as Site, News, Registry, TagKey, There, decide, keys_of,
};
use crate::store::contract::audit::Cleaning;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// The sites that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// The number of the last change.
    pub revision: u64,
    /// The last change of each, and its configuration.
    pub sites: BTreeMap<SiteKey, (u64, String)>,
    /// The keys of their tags that were made or changed, and whose they are.
    pub keys: BTreeMap<SiteKey, (SiteKey, TagKey)>,
}

impl Registered {
    fn news(&self, copy: Option<u64>) -> News {
        let site = |(key, (revision, config)): (&SiteKey, &(u64, String))| Site {
            key: key.clone(),
            revision: *revision,
            config: config.clone(),
            keys: self.keys(key),
        };
        News {
            revision: self.revision,
            sites: (copy != Some(self.revision)).then(|| self.sites.iter().map(site).collect()),
        }
    }

    fn keys(&self, site: &SiteKey) -> Vec<TagKey> {
        let own = self.keys.values().filter(|(of, _)| of == site);
        keys_of(site, own.map(|(_, key)| key.clone()).collect())
    }

    fn change(&mut self, change: &Change) -> core::result::Result<u64, ChangeError> {
        let site = change.site();
        let keys = self.keys(site);
        let is_known = |key| self.sites.contains_key(key) || self.keys.contains_key(key);
        let there = There {
            last: self.revision,
            current: self.sites.get(site).map(|(revision, _)| *revision),
            sites: self.sites.len() as u64,
            keys: &keys,
            taken: change.made().is_some_and(is_known),
        };
        let (number, effect) = decide(change, &there)?;
        self.revision = number;
        match effect {
            Effect::Site(config) => {
                let kept = (number, config.to_owned());
                self.sites.insert(site.clone(), kept);
            }
            Effect::NoSite => {
                self.sites.remove(site);
                self.keys.retain(|_, (of, _)| of != site);
            }
            Effect::Key(key) => {
                self.keys.insert(key.key.clone(), (site.clone(), key));
            }
            Effect::NoKey(key) => {
                self.keys.remove(key);
            }
        }
        if let Some((revision, _)) = self.sites.get_mut(site) {
            *revision = number;
        }
        Ok(number)
    }
}

impl Registry for &Memory {
    async fn news(&self, copy: Option<u64>) -> Result<News> {
        let mut news = Registered::default().news(None);
        self.step(|| news = self.sites.borrow().news(copy)).await?;
        Ok(news)
    }

    async fn change(&self, change: &Change) -> Result<core::result::Result<u64, ChangeError>> {
        let mut changed = Err(ChangeError::Unknown);
        self.step(|| changed = self.sites.borrow_mut().change(change))
            .await?;
        Ok(changed)
    }
}

impl Tokens for &Memory {
    async fn tokens(&self) -> Result<Vec<ApiToken>> {
        let mut tokens = Vec::new();
        self.step(|| tokens = self.tokens.borrow().values().cloned().collect())
            .await?;
        newest_first(&mut tokens);
        Ok(tokens)
    }

    async fn issue(&self, hash: &str, token: &ApiToken, now: Millis) -> Result<bool> {
        let mut is_kept = false;
        let write = || {
            let mut tokens = self.tokens.borrow_mut();
            let kept: Vec<Kept> = tokens.clone().into_iter().collect();
            let room = Room::of(&kept, hash, now);
            is_kept = room != Room::Full;
            if let Room::After(forgotten) = room {
                tokens.retain(|hash, _| !forgotten.contains(hash));
                tokens.insert(hash.to_owned(), token.clone());
            }
        };
        self.step(write).await?;
        Ok(is_kept)
    }

    async fn shown(&self, hash: &str, now: Millis) -> Result<Option<ApiToken>> {
        let mut taken = None;
        let look = || {
            let mut tokens = self.tokens.borrow_mut();
            let shown = Shown::of(tokens.get(hash).cloned(), now);
            taken = shown.map(|shown| shown.token);
            if let (Some(kept), Some(token)) = (tokens.get_mut(hash), &taken) {
                kept.clone_from(token);
            }
        };
        self.step(look).await?;
        Ok(taken)
    }

    async fn revoke(&self, id: &TokenId) -> Result<bool> {
        let mut is_gone = false;
        let remove = || {
            let mut tokens = self.tokens.borrow_mut();
            let before = tokens.len();
            tokens.retain(|_, token| token.id != *id);
            is_gone = tokens.len() < before;
        };
        self.step(remove).await?;
        Ok(is_gone)
    }
}

impl Gate for &Memory {
    async fn attempt(&self, attempt: &Attempt) -> Result<Option<Millis>> {
        let mut wait = None;
        let knock = || {
            let mut tries = self.tries.borrow_mut();
            let kept = |place: &String| tries.get(place).copied().unwrap_or_default();
            let all = attempt.all.as_ref().map(kept);
            match Knock::of(kept(&attempt.place), all, attempt.now) {
                Err(left) => wait = Some(left),
                Ok(Knock { one, all }) => {
                    remember(&mut tries, &attempt.place, one);
                    if let (Some(place), Some(all)) = (&attempt.all, all) {
                        remember(&mut tries, place, all);
                    }
                }
            }
        };
        self.step(knock).await?;
        Ok(wait)
    }

    async fn passed(&self, attempt: &Attempt) -> Result<()> {
        let forget = || {
            let mut tries = self.tries.borrow_mut();
            tries.remove(&attempt.place);
            if let Some(all) = attempt.all.as_ref().and_then(|all| tries.get_mut(all)) {
                *all = all.taken_back(attempt.now);
            }
        };
        self.step(forget).await
    }

    async fn generation(&self) -> Result<u64> {
        let mut generation = 0;
        self.step(|| generation = self.generation.get()).await?;
        Ok(generation)
    }

    async fn end_all(&self) -> Result<u64> {
        let mut generation = 0;
        let next = || {
            generation = self.generation.get() + 1;
            self.generation.set(generation);
        };
        self.step(next).await?;
        Ok(generation)
    }
}

/// What is too old goes, and where there is no room, what is oldest.
fn remember(tries: &mut BTreeMap<String, Tries>, place: &str, kept: Tries) {
    tries.retain(|_, known| kept.last.saturating_sub(known.last) < FORGOTTEN);
    while tries.len() as u64 >= MAX_PLACES && !tries.contains_key(place) {
        let oldest = tries.iter().min_by_key(|(_, known)| known.last);
        let Some(oldest) = oldest.map(|(place, _)| place.clone()) else {
            break;
        };
        tries.remove(&oldest);
    }
    tries.insert(place.to_owned(), kept);
}

impl Memory {
    pub(super) fn write_note(&self, site: Option<&SiteKey>, entry: &Entry) {
        let mut audit = self.audit.borrow_mut();
        let place = (site.cloned(), entry.place());
        audit
            .entry(place)
            .and_modify(|known| known.n += 1)
            .or_insert_with(|| entry.clone());
    }
}

impl Cleaning for &Memory {
    async fn clean(&self, site: Option<&SiteKey>, now: Millis) -> Result<()> {
        let clean = || {
            let of_another = |of: Option<&SiteKey>| of != site;
            let mut audit = self.audit.borrow_mut();
            audit.retain(|(of, _), entry| of_another(of.as_ref()) || entry.at >= oldest(now));
            let mut receipts = self.receipts.borrow_mut();
            receipts
                .retain(|(of, _), receipt| of_another(Some(of)) || receipt.asked >= oldest(now));
        };
        self.step(clean).await
    }
}

impl AuditLog for &Memory {
    async fn note(&self, site: Option<&SiteKey>, entry: &Entry) -> Result<()> {
        self.step(|| self.write_note(site, entry)).await
    }

    async fn read(&self, site: Option<&SiteKey>, before: Option<&str>, limit: u32) -> Result<Log> {
        let mut found = Vec::new();
        let read = || {
            let audit = self.audit.borrow();
            let own = audit
                .iter()
                .rev()
                .filter(|((of, _), _)| of.as_ref() == site);
            let own = own.map(|((_, place), entry)| (place.clone(), entry.clone()));
            let earlier = own.filter(|(place, _)| before.is_none_or(|before| **place < *before));
            found = earlier.collect();
        };
        self.step(read).await?;
        Ok(Log::of(found, limit))
    }
}
