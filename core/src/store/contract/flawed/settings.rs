//! The same for sites, tokens and the audit log.

use super::{Flaw, Flawed, fails, run};
use crate::access::{ApiToken, Tokens};
use crate::audit::{AuditLog, Entry, Log};
use crate::day::DAY;
use crate::id::{Millis, SiteKey, TokenId};
use crate::registry::{Change, ChangeError, News, Registry};
use crate::store::Result;
use crate::store::contract::audit::Cleaning;
use crate::store::memory::Memory;
use std::string::String;
use std::vec::Vec;

impl Flawed<&Memory> {
    /// The revision of a site, if it is there.
    fn current(&self, key: &SiteKey) -> Option<u64> {
        let sites = self.below.sites.borrow();
        sites.sites.get(key).map(|(revision, _)| *revision)
    }

    /// `change` as somebody makes it who has read what is there.
    fn just_read(&self, change: &Change) -> Change {
        let (mut change, current) = (change.clone(), self.current(change.site()));
        if let Change::Replace { revision, .. } | Change::Delete { revision, .. } = &mut change {
            *revision = current.unwrap_or(*revision);
        }
        change
    }

    /// Makes room for one site more, whatever there is.
    fn makes_room(&self) {
        let mut sites = self.below.sites.borrow_mut();
        sites.sites.pop_last();
    }

    fn after_a_change(&self, change: &Change) {
        let key = change.site();
        let mut sites = self.below.sites.borrow_mut();
        if let Change::Key { key, .. } = change {
            match self.flaw {
                Flaw::KeepsNothing => drop(sites.keys.remove(key)),
                Flaw::RemovesMore => sites.keys.retain(|_, (_, known)| known.key == *key),
                _ => {}
            }
            return;
        }
        match self.flaw {
            Flaw::KeepsNothing | Flaw::RemovesMore => {
                let beginning = key.as_str();
                let begins = |other: &SiteKey| other.as_str().starts_with(beginning);
                let is_gone = self.is(Flaw::KeepsNothing) || !sites.sites.contains_key(key);
                sites.sites.retain(|other, _| !(is_gone && begins(other)));
            }
            Flaw::Recounts => {
                if let Some((revision, _)) = sites.sites.get_mut(key) {
                    *revision = 1;
                }
            }
            _ => {}
        }
    }
}

impl Registry for Flawed<&Memory> {
    async fn news(&self, copy: Option<u64>) -> Result<News> {
        let copy = if self.is(Flaw::TakesAll) { None } else { copy };
        let News { revision, sites } = self.below.news(copy).await?;
        let is_stale = self.is(Flaw::Stale) && copy.is_some();
        let mut sites = sites.filter(|_| !is_stale).map(|sites| self.page(sites));
        for entry in sites.iter_mut().flatten() {
            if self.is(Flaw::Cuts) {
                entry.config = entry.config.chars().take(100).collect();
            }
        }
        Ok(News { revision, sites })
    }

    async fn change(&self, change: &Change) -> Result<core::result::Result<u64, ChangeError>> {
        let known = self.current(change.site());
        let is_deletion = matches!(change, Change::Delete { .. });
        match self.flaw {
            Flaw::UnknownFails if known.is_none() && is_deletion => return fails(),
            Flaw::ForgetsErased if is_deletion => {
                let keys = self.below.sites.borrow().keys.clone();
                let deleted = self.below.change(change).await;
                self.below.sites.borrow_mut().keys = keys;
                return deleted;
            }
            Flaw::Sites if change.made().is_some_and(|key| key != change.site()) => {
                let mut sites = self.below.sites.borrow_mut();
                sites.keys.retain(|key, _| Some(key) != change.made());
            }
            Flaw::RemovesNothing if is_deletion => {
                self.below.sites.borrow_mut().revision += 1;
                return Ok(Ok(self.below.sites.borrow().revision));
            }
            Flaw::RemovesOnce if known.is_none() && is_deletion => {
                return Ok(Ok(self.below.sites.borrow().revision));
            }
            _ => {}
        }
        let change = match self.flaw {
            Flaw::LastWins => self.just_read(change),
            _ => change.clone(),
        };
        let mut changed = self.below.change(&change).await?;
        if self.is(Flaw::Endless) && changed == Err(ChangeError::KeysFull) {
            self.below.sites.borrow_mut().keys.pop_first();
            changed = self.below.change(&change).await?;
        }
        if self.is(Flaw::Endless) && changed == Err(ChangeError::Full) {
            self.makes_room();
            changed = self.below.change(&change).await?;
        }
        if self.is(Flaw::CountsRefused) && changed.is_err() {
            self.below.sites.borrow_mut().revision += 1;
        }
        if changed.is_ok() {
            self.after_a_change(&change);
        }
        Ok(changed)
    }
}

impl Tokens for Flawed<&Memory> {
    async fn tokens(&self) -> Result<Vec<ApiToken>> {
        let tokens = self.below.tokens().await?;
        if self.is(Flaw::UnknownFails) && tokens.is_empty() {
            return fails();
        }
        Ok(self.page(tokens))
    }

    async fn issue(&self, hash: &str, token: &ApiToken, now: Millis) -> Result<bool> {
        let mut hash = String::from(hash);
        let known = self.below.tokens.borrow().contains_key(&hash);
        match self.flaw {
            Flaw::KeepsNothing => return Ok(true),
            Flaw::LastWins => {
                self.below.tokens.borrow_mut().remove(&hash);
            }
            Flaw::Repeats if known => hash.push('+'),
            Flaw::UnknownFails if known => return fails(),
            Flaw::RemovesMore => {
                let mut tokens = self.below.tokens.borrow_mut();
                tokens.retain(|_, token| !token.is_expired(now));
            }
            _ => {}
        }
        let now = if self.is(Flaw::RemovesNothing) {
            0
        } else {
            now
        };
        let is_kept = self.below.issue(&hash, token, now).await?;
        if self.is(Flaw::Endless) && !is_kept {
            self.below.tokens.borrow_mut().pop_first();
            return self.below.issue(&hash, token, now).await;
        }
        Ok(is_kept)
    }

    async fn shown(&self, hash: &str, now: Millis) -> Result<Option<ApiToken>> {
        let mut hash = String::from(hash);
        if self.is(Flaw::Invents) {
            let tokens = self.below.tokens.borrow();
            let first = tokens.keys().find(|known| known.starts_with(&hash));
            hash = first.cloned().unwrap_or(hash);
        }
        let before = self.below.tokens.borrow().get(&hash).cloned();
        let ended = before.as_ref().is_some_and(|token| token.is_expired(now));
        if self.is(Flaw::TakesAll) && ended {
            return Ok(before);
        }
        let day = before.and_then(|token| token.used);
        let mut found = self.below.shown(&hash, now).await?;
        let kept = match self.flaw {
            Flaw::UnknownFails if found.is_none() => return fails(),
            Flaw::ForgetsErased if ended => {
                self.below.tokens.borrow_mut().remove(&hash);
                return Ok(None);
            }
            Flaw::KeepsFirst => day,
            Flaw::LastWins => Some(now - now % DAY),
            _ => return Ok(found),
        };
        if let Some(token) = &mut found {
            token.used = kept.or(token.used);
            let mut tokens = self.below.tokens.borrow_mut();
            tokens.insert(hash, token.clone());
        }
        Ok(found)
    }

    async fn revoke(&self, id: &TokenId) -> Result<bool> {
        match self.flaw {
            Flaw::RemovesNothing => return Ok(true),
            Flaw::RemovesMore => self.below.tokens.borrow_mut().clear(),
            _ => {}
        }
        let is_gone = self.below.revoke(id).await?;
        if self.is(Flaw::RemovesOnce) && !is_gone {
            return fails();
        }
        Ok(is_gone)
    }
}

impl Flawed<&Memory> {
    fn log<'a>(&self, site: Option<&'a SiteKey>) -> Option<&'a SiteKey> {
        site.filter(|_| !self.is(Flaw::Sites))
    }
}

impl AuditLog for Flawed<&Memory> {
    async fn note(&self, site: Option<&SiteKey>, entry: &Entry) -> Result<()> {
        let mut entry = entry.clone();
        match self.flaw {
            Flaw::KeepsNothing => return Ok(()),
            Flaw::NoTime => entry.at -= entry.at % 3_600_000,
            Flaw::KeepsFirst | Flaw::LastWins => {
                let place = (self.log(site).cloned(), entry.place());
                let known = self.below.audit.borrow_mut().remove(&place);
                if self.is(Flaw::KeepsFirst) {
                    entry = known.unwrap_or(entry);
                }
            }
            _ => {}
        }
        self.below.note(self.log(site), &entry).await
    }

    async fn read(&self, site: Option<&SiteKey>, before: Option<&str>, limit: u32) -> Result<Log> {
        let before = if self.is(Flaw::Repeats) { None } else { before };
        let Log { entries, mut next } = self.below.read(self.log(site), before, limit).await?;
        match self.flaw {
            Flaw::UnknownFails if entries.is_empty() => return fails(),
            Flaw::ShortPages => next = None,
            Flaw::Invents => next = entries.last().map(Entry::place),
            _ => {}
        }
        let entries = self.page(entries);
        Ok(Log { entries, next })
    }
}

impl Cleaning for Flawed<&Memory> {
    async fn clean(&self, site: Option<&SiteKey>, now: Millis) -> Result<()> {
        match self.flaw {
            Flaw::RemovesNothing => Ok(()),
            Flaw::RemovesMore => self.below.clean(site, now + 1).await,
            _ => self.below.clean(site, now).await,
        }
    }
}

/// Which property notices a flaw, beyond that one does.
const NOTICED: [(Flaw, &str, &str); 54] = [
    (
        Flaw::UnknownFails,
        "registry",
        "a_site_that_is_not_there_is_not_invented",
    ),
    (Flaw::KeepsNothing, "registry", "a_site_comes_back_whole"),
    (Flaw::Cuts, "registry", "a_site_comes_back_whole"),
    (Flaw::Backwards, "registry", "sites_stand_in_order_of_keys"),
    (
        Flaw::Stale,
        "registry",
        "a_copy_is_right_until_something_changes",
    ),
    (
        Flaw::TakesAll,
        "registry",
        "a_copy_is_right_until_something_changes",
    ),
    (
        Flaw::Recounts,
        "registry",
        "every_change_has_a_number_of_its_own",
    ),
    (
        Flaw::LastWins,
        "registry",
        "nobody_overwrites_what_he_has_not_read",
    ),
    (
        Flaw::CountsRefused,
        "registry",
        "what_is_refused_changes_nothing",
    ),
    (
        Flaw::RemovesOnce,
        "registry",
        "a_change_that_is_repeated_is_refused",
    ),
    (
        Flaw::RemovesNothing,
        "registry",
        "a_deleted_site_is_gone_and_no_other",
    ),
    (
        Flaw::RemovesMore,
        "registry",
        "a_deleted_site_is_gone_and_no_other",
    ),
    (
        Flaw::Endless,
        "registry",
        "there_are_no_more_sites_than_can_be",
    ),
    (
        Flaw::KeepsNothing,
        "registry",
        "a_key_is_as_it_was_last_made",
    ),
    (
        Flaw::RemovesMore,
        "registry",
        "a_key_is_as_it_was_last_made",
    ),
    (Flaw::Sites, "registry", "a_key_belongs_to_one_site"),
    (Flaw::ForgetsErased, "registry", "keys_go_with_their_site"),
    (
        Flaw::Endless,
        "registry",
        "there_are_no_more_keys_than_can_be",
    ),
    (Flaw::UnknownFails, "tokens", "at_first_there_is_none"),
    (Flaw::KeepsNothing, "tokens", "a_token_comes_back_whole"),
    (Flaw::Backwards, "tokens", "the_newest_come_first"),
    (
        Flaw::Invents,
        "tokens",
        "a_token_is_found_by_its_hash_alone",
    ),
    (
        Flaw::TakesAll,
        "tokens",
        "an_expired_token_is_refused_and_still_listed",
    ),
    (
        Flaw::ForgetsErased,
        "tokens",
        "an_expired_token_is_refused_and_still_listed",
    ),
    (
        Flaw::KeepsFirst,
        "tokens",
        "the_last_day_of_use_is_remembered",
    ),
    (
        Flaw::LastWins,
        "tokens",
        "the_last_day_of_use_is_remembered",
    ),
    (
        Flaw::RemovesNothing,
        "tokens",
        "a_revoked_token_is_refused_and_no_other",
    ),
    (
        Flaw::RemovesMore,
        "tokens",
        "a_revoked_token_is_refused_and_no_other",
    ),
    (
        Flaw::RemovesOnce,
        "tokens",
        "a_revoked_token_is_refused_and_no_other",
    ),
    (Flaw::Repeats, "tokens", "issuing_again_is_once"),
    (Flaw::LastWins, "tokens", "issuing_again_is_once"),
    (
        Flaw::Endless,
        "tokens",
        "there_are_no_more_tokens_than_can_be",
    ),
    (
        Flaw::RemovesNothing,
        "tokens",
        "the_expired_give_way_where_there_is_no_room",
    ),
    (
        Flaw::RemovesMore,
        "tokens",
        "the_expired_give_way_where_there_is_no_room",
    ),
    (Flaw::UnknownFails, "gate", "at_first_nobody_waits"),
    (
        Flaw::KeepsNothing,
        "gate",
        "who_fails_waits_longer_and_longer",
    ),
    (Flaw::Sites, "gate", "a_place_waits_for_itself"),
    (Flaw::TakesAll, "gate", "all_wait_where_many_fail"),
    (Flaw::Invents, "gate", "all_wait_where_many_fail"),
    (
        Flaw::CountsRefused,
        "gate",
        "who_waits_does_not_wait_longer",
    ),
    (Flaw::RemovesNothing, "gate", "what_was_right_is_no_failure"),
    (Flaw::RemovesMore, "gate", "what_was_right_is_no_failure"),
    (Flaw::NoTime, "gate", "what_is_old_is_forgotten"),
    (
        Flaw::Endless,
        "gate",
        "no_more_places_are_remembered_than_can_be",
    ),
    (Flaw::Recounts, "gate", "a_generation_is_never_there_again"),
    (Flaw::UnknownFails, "audit", "an_empty_log_has_no_entries"),
    (Flaw::KeepsFirst, "audit", "what_has_one_place_is_counted"),
    (
        Flaw::NoTime,
        "audit",
        "what_changes_something_has_an_entry_each",
    ),
    (Flaw::Backwards, "audit", "the_newest_come_first"),
    (
        Flaw::ShortPages,
        "audit",
        "pages_walk_over_every_entry_once",
    ),
    (
        Flaw::Sites,
        "audit",
        "sites_and_the_deployment_do_not_see_each_other",
    ),
    (Flaw::Unnoted, "audit", "a_receipt_stands_in_the_log_once"),
    (
        Flaw::RemovesNothing,
        "audit",
        "what_is_too_old_is_deleted_and_nothing_else",
    ),
    (
        Flaw::RemovesMore,
        "audit",
        "what_is_too_old_is_deleted_and_nothing_else",
    ),
];

#[test]
fn a_broken_promise_is_noticed_where_it_is_made() {
    for (flaw, suite, name) in NOTICED {
        let outcome = run(suite, name, flaw).expect("a suite that is tried");
        assert!(outcome.is_err(), "{flaw:?}: {suite}::{name}");
    }
}
