//! Properties of [`Registry`]. Each run needs one of its own; what lies in it already may stay.

use super::{Broken, Case, Outcome, equal, holds, suite};
use crate::id::SiteKey;
use crate::registry::{
    Change, ChangeError, Entry, KeyDeed, MAX_KEYS, MAX_SITES, Registry, TagKey, keys_of,
};
use crate::site::MAX_CONFIG;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(registry: Registry =>
    a_site_that_is_not_there_is_not_invented,
    a_site_comes_back_whole,
    sites_stand_in_order_of_keys,
    a_copy_is_right_until_something_changes,
    every_change_has_a_number_of_its_own,
    nobody_overwrites_what_he_has_not_read,
    what_is_refused_changes_nothing,
    a_change_that_is_repeated_is_refused,
    a_deleted_site_is_gone_and_no_other,
    there_are_no_more_sites_than_can_be,
    a_key_is_as_it_was_last_made,
    a_key_belongs_to_one_site,
    keys_go_with_their_site,
    there_are_no_more_keys_than_can_be,
);

fn key(case: &Case, more: &str) -> Result<SiteKey, Broken> {
    Ok(SiteKey::parse(&format!("{}{more}", case.site))?)
}

fn create(key: &SiteKey, config: &str) -> Change {
    let (key, config) = (key.clone(), config.to_owned());
    Change::Create { key, config }
}

fn replace(key: &SiteKey, revision: u64, config: &str) -> Change {
    let (key, config) = (key.clone(), config.to_owned());
    Change::Replace {
        key,
        revision,
        config,
    }
}

fn delete(key: &SiteKey, revision: u64) -> Change {
    let key = key.clone();
    Change::Delete { key, revision }
}

/// A change that must happen; its number.
async fn changed(registry: &impl Registry, change: &Change) -> Result<u64, Broken> {
    let number = registry.change(change).await?;
    number.map_err(|error| Broken(format!("{change:?} was refused: {error:?}")))
}

async fn refused(registry: &impl Registry, change: &Change, why: ChangeError) -> Outcome {
    let answer = registry.change(change).await?;
    equal(format!("{change:?}"), &answer, &Err(why))
}

async fn all(registry: &impl Registry) -> Result<Vec<Entry>, Broken> {
    let sites = registry.news(None).await?.sites;
    sites.ok_or_else(|| Broken("who has no copy is told nothing".to_owned()))
}

async fn revision(registry: &impl Registry) -> Result<u64, Broken> {
    Ok(registry.news(None).await?.revision)
}

/// The sites of this case.
async fn own(registry: &impl Registry, case: &Case) -> Result<Vec<Entry>, Broken> {
    let mut own = all(registry).await?;
    own.retain(|entry| entry.key.as_str().starts_with(case.site.as_str()));
    Ok(own)
}

async fn is_kept(
    registry: &impl Registry,
    case: &Case,
    sites: &[(&SiteKey, u64, &str)],
) -> Outcome {
    let entry = |(key, revision, config): &(&SiteKey, u64, &str)| Entry {
        key: (*key).clone(),
        revision: *revision,
        config: (*config).to_owned(),
        keys: keys_of(key, Vec::new()),
    };
    let expected: Vec<Entry> = sites.iter().map(entry).collect();
    equal("sites", &own(registry, case).await?, &expected)
}

/// Before the first change there is nothing, and that is no failure.
async fn a_site_that_is_not_there_is_not_invented(
    registry: &impl Registry,
    case: &Case,
) -> Outcome {
    is_kept(registry, case, &[]).await?;
    let (site, neighbour) = (&case.site, case.neighbour()?);
    refused(registry, &replace(site, 1, "{}"), ChangeError::Unknown).await?;
    refused(registry, &delete(site, 1), ChangeError::Unknown).await?;
    let number = changed(registry, &create(&neighbour, "{}")).await?;
    is_kept(registry, case, &[(&neighbour, number, "{}")]).await?;
    refused(registry, &delete(site, number), ChangeError::Unknown).await
}

/// To the byte, whatever it holds and however long it is.
async fn a_site_comes_back_whole(registry: &impl Registry, case: &Case) -> Outcome {
    let odd = "{\"name\":\"Käufer '結帳' \u{2063}\\u0000\", \"more\": [1e400]}";
    let long = "ä".repeat(MAX_CONFIG / 2);
    let number = changed(registry, &create(&case.site, odd)).await?;
    is_kept(registry, case, &[(&case.site, number, odd)]).await?;
    let number = changed(registry, &replace(&case.site, number, &long)).await?;
    is_kept(registry, case, &[(&case.site, number, &long)]).await
}

/// Whatever the order in which they were made; a key may be the beginning of another's.
async fn sites_stand_in_order_of_keys(registry: &impl Registry, case: &Case) -> Outcome {
    for more in ["-b", "", "9", "-2", "-10"] {
        changed(registry, &create(&key(case, more)?, "{}")).await?;
    }
    let found = own(registry, case).await?.into_iter();
    let found: Vec<SiteKey> = found.map(|entry| entry.key).collect();
    let mut expected = Vec::new();
    for more in ["", "-10", "-2", "-b", "9"] {
        expected.push(key(case, more)?);
    }
    equal("keys", &found, &expected)
}

/// Whatever changes: something that is made, replaced or deleted.
async fn a_copy_is_right_until_something_changes(registry: &impl Registry, case: &Case) -> Outcome {
    let (site, neighbour) = (&case.site, case.neighbour()?);
    let (mut copies, mut number) = (vec![revision(registry).await?], 0);
    for what in 0..4 {
        let change = match what {
            0 => create(site, "{}"),
            1 => create(&neighbour, "{}"),
            2 => replace(&neighbour, number, "[]"),
            _ => delete(&neighbour, number),
        };
        number = changed(registry, &change).await?;
        for copy in &copies {
            let news = registry.news(Some(*copy)).await?;
            equal("the last change", &news.revision, &number)?;
            holds("a copy is not right any more", news.sites.is_some())?;
        }
        let news = registry.news(Some(number)).await?;
        equal("the last change", &news.revision, &number)?;
        equal("the copy is right", &news.sites, &None)?;
        copies.push(number);
    }
    Ok(())
}

/// Also after a site was deleted and made again: whoever read the first must not change the
/// second.
async fn every_change_has_a_number_of_its_own(registry: &impl Registry, case: &Case) -> Outcome {
    let (site, neighbour) = (&case.site, case.neighbour()?);
    let mut numbers = vec![revision(registry).await?];
    let first = changed(registry, &create(site, "{}")).await?;
    numbers.push(first);
    numbers.push(changed(registry, &create(&neighbour, "{}")).await?);
    let second = changed(registry, &replace(site, first, "[]")).await?;
    numbers.push(second);
    numbers.push(changed(registry, &delete(site, second)).await?);
    let again = changed(registry, &create(site, "{}")).await?;
    numbers.push(again);
    let rising = numbers.is_sorted_by(|one, next| one < next);
    holds(&format!("{numbers:?} rise"), rising)?;
    for number in [first, second] {
        let error = ChangeError::Changed(again);
        refused(registry, &replace(site, number, "[]"), error).await?;
    }
    Ok(())
}

/// Two who read the same: the second is told, and the first one's change stays.
async fn nobody_overwrites_what_he_has_not_read(registry: &impl Registry, case: &Case) -> Outcome {
    let site = &case.site;
    let read = changed(registry, &create(site, "0")).await?;
    let now = changed(registry, &replace(site, read, "1")).await?;
    for late in [
        replace(site, read, "2"),
        delete(site, read),
        replace(site, now.saturating_add(1), "2"),
    ] {
        refused(registry, &late, ChangeError::Changed(now)).await?;
        is_kept(registry, case, &[(site, now, "1")]).await?;
    }
    refused(registry, &create(site, "2"), ChangeError::Exists).await?;
    is_kept(registry, case, &[(site, now, "1")]).await
}

/// It has no number either, so every copy stays right.
async fn what_is_refused_changes_nothing(registry: &impl Registry, case: &Case) -> Outcome {
    let (site, other) = (&case.site, case.neighbour()?);
    let number = changed(registry, &create(site, "{}")).await?;
    for (change, why) in [
        (create(site, "[]"), ChangeError::Exists),
        (replace(site, 0, "[]"), ChangeError::Changed(number)),
        (delete(site, 0), ChangeError::Changed(number)),
        (replace(&other, number, "[]"), ChangeError::Unknown),
        (delete(&other, number), ChangeError::Unknown),
    ] {
        refused(registry, &change, why).await?;
        let news = registry.news(Some(number)).await?;
        equal("the last change", &news.revision, &number)?;
        equal("the copy is right", &news.sites, &None)?;
    }
    is_kept(registry, case, &[(site, number, "{}")]).await
}

/// Who lost an answer asks again and learns what holds; it does not happen a second time.
async fn a_change_that_is_repeated_is_refused(registry: &impl Registry, case: &Case) -> Outcome {
    let site = &case.site;
    let first = create(site, "{}");
    let number = changed(registry, &first).await?;
    refused(registry, &first, ChangeError::Exists).await?;
    let second = replace(site, number, "[]");
    let number = changed(registry, &second).await?;
    refused(registry, &second, ChangeError::Changed(number)).await?;
    is_kept(registry, case, &[(site, number, "[]")]).await?;
    let third = delete(site, number);
    let number = changed(registry, &third).await?;
    refused(registry, &third, ChangeError::Unknown).await?;
    equal("the last change", &revision(registry).await?, &number)
}

/// Also not one whose key begins with its own.
async fn a_deleted_site_is_gone_and_no_other(registry: &impl Registry, case: &Case) -> Outcome {
    let (site, neighbour) = (&case.site, case.neighbour()?);
    let number = changed(registry, &create(site, "{}")).await?;
    let theirs = changed(registry, &create(&neighbour, "[]")).await?;
    changed(registry, &delete(site, number)).await?;
    is_kept(registry, case, &[(&neighbour, theirs, "[]")]).await?;
    refused(registry, &replace(site, number, "{}"), ChangeError::Unknown).await?;
    let number = changed(registry, &create(site, "1")).await?;
    let both = [(site, number, "1"), (&neighbour, theirs, "[]")];
    is_kept(registry, case, &both).await
}

/// The last one that can be is taken, the next is not; those that are there can be changed,
/// and one that is deleted makes room.
async fn there_are_no_more_sites_than_can_be(registry: &impl Registry, case: &Case) -> Outcome {
    let mut last: Option<(SiteKey, u64)> = None;
    for n in all(registry).await?.len() as u64..MAX_SITES {
        let key = key(case, &format!("-{n}"))?;
        let number = changed(registry, &create(&key, "{}")).await?;
        last = Some((key, number));
    }
    let (key, number) = last.ok_or_else(|| Broken("there was no room at all".to_owned()))?;
    let count = all(registry).await?.len() as u64;
    equal("how many", &count, &MAX_SITES)?;
    let more = create(&case.site, "{}");
    refused(registry, &more, ChangeError::Full).await?;
    refused(registry, &create(&key, "[]"), ChangeError::Exists).await?;
    let number = changed(registry, &replace(&key, number, "[]")).await?;
    changed(registry, &delete(&key, number)).await?;
    changed(registry, &more).await?;
    let again = create(&key, "{}");
    refused(registry, &again, ChangeError::Full).await
}

fn with_key(site: &SiteKey, key: &SiteKey, deed: KeyDeed) -> Change {
    let (site, key) = (site.clone(), key.clone());
    Change::Key { site, key, deed }
}

/// A site has exactly these keys besides its id: what is in the tag, whether it is enabled,
/// and the change that made it.
async fn has_keys(
    registry: &impl Registry,
    site: &SiteKey,
    keys: &[(&SiteKey, bool, u64)],
) -> Outcome {
    let found = all(registry).await?.into_iter();
    let found = found.filter(|entry| entry.key == *site);
    let found: Vec<TagKey> = found.flat_map(|entry| entry.keys).collect();
    let key = |(key, enabled, made): &(&SiteKey, bool, u64)| TagKey {
        key: (*key).clone(),
        enabled: *enabled,
        made: *made,
    };
    let expected = keys_of(site, keys.iter().map(key).collect());
    equal(format!("keys of {site}"), &found, &expected)
}

/// Through all that can be done with one, and no other with it; also the id can be disabled,
/// and what is not done has no number.
async fn a_key_is_as_it_was_last_made(registry: &impl Registry, case: &Case) -> Outcome {
    use KeyDeed::{Disable, Enable, Make, Remove};
    let (site, neighbour) = (&case.site, case.neighbour()?);
    let (one, other) = (&key(case, "-k1")?, &key(case, "-k0")?);
    changed(registry, &create(site, "{}")).await?;
    changed(registry, &create(&neighbour, "{}")).await?;
    has_keys(registry, site, &[]).await?;
    for deed in [Enable, Disable, Remove] {
        refused(
            registry,
            &with_key(site, one, deed),
            ChangeError::KeyUnknown,
        )
        .await?;
    }
    let first = changed(registry, &with_key(site, one, Make)).await?;
    let second = changed(registry, &with_key(site, other, Make)).await?;
    has_keys(registry, site, &[(one, true, first), (other, true, second)]).await?;
    for key in [one, site] {
        refused(
            registry,
            &with_key(site, key, Remove),
            ChangeError::KeyStays,
        )
        .await?;
        changed(registry, &with_key(site, key, Disable)).await?;
    }
    let (off, on) = ((site, false, 0), (site, true, 0));
    let (mine, others) = ((one, false, first), (other, true, second));
    has_keys(registry, site, &[off, mine, others]).await?;
    refused(
        registry,
        &with_key(site, site, Remove),
        ChangeError::KeyStays,
    )
    .await?;
    changed(registry, &with_key(site, site, Enable)).await?;
    has_keys(registry, site, &[on, mine, others]).await?;
    let number = changed(registry, &with_key(site, one, Remove)).await?;
    has_keys(registry, site, &[(other, true, second)]).await?;
    has_keys(registry, &neighbour, &[]).await?;
    refused(
        registry,
        &with_key(site, one, Remove),
        ChangeError::KeyUnknown,
    )
    .await?;
    equal("the last change", &revision(registry).await?, &number)?;
    let again = changed(registry, &with_key(site, one, Make)).await?;
    has_keys(registry, site, &[(other, true, second), (one, true, again)]).await?;
    let config = changed(registry, &replace(site, again, "[]")).await?;
    holds("a change of keys is one of the site", config > again)?;
    has_keys(registry, site, &[(other, true, second), (one, true, again)]).await
}

/// Whatever it is there: an id, a key, a key that is disabled.
async fn a_key_belongs_to_one_site(registry: &impl Registry, case: &Case) -> Outcome {
    use KeyDeed::{Disable, Make};
    let (site, neighbour) = (&case.site, &case.neighbour()?);
    let one = &key(case, "-k")?;
    changed(registry, &create(site, "{}")).await?;
    changed(registry, &create(neighbour, "{}")).await?;
    let made = changed(registry, &with_key(site, one, Make)).await?;
    for disabled in [false, true] {
        if disabled {
            changed(registry, &with_key(site, one, Disable)).await?;
        }
        refused(registry, &create(one, "{}"), ChangeError::Exists).await?;
        for (of, key) in [
            (neighbour, one),
            (neighbour, site),
            (site, site),
            (site, one),
        ] {
            refused(registry, &with_key(of, key, Make), ChangeError::Exists).await?;
        }
    }
    for deed in [KeyDeed::Enable, Disable, KeyDeed::Remove] {
        refused(
            registry,
            &with_key(neighbour, one, deed),
            ChangeError::KeyUnknown,
        )
        .await?;
        refused(registry, &with_key(one, one, deed), ChangeError::Unknown).await?;
    }
    has_keys(registry, site, &[(one, false, made)]).await?;
    has_keys(registry, neighbour, &[]).await
}

/// A site that is made anew begins with its id alone, and what was another's key may be one.
async fn keys_go_with_their_site(registry: &impl Registry, case: &Case) -> Outcome {
    use KeyDeed::{Disable, Make};
    let (site, neighbour) = (&case.site, &case.neighbour()?);
    let (one, other) = (&key(case, "-k")?, &key(case, "-l")?);
    changed(registry, &create(site, "{}")).await?;
    changed(registry, &create(neighbour, "{}")).await?;
    let theirs = changed(registry, &with_key(neighbour, other, Make)).await?;
    changed(registry, &with_key(site, one, Make)).await?;
    let number = changed(registry, &with_key(site, site, Disable)).await?;
    changed(registry, &delete(site, number)).await?;
    has_keys(registry, neighbour, &[(other, true, theirs)]).await?;
    changed(registry, &create(site, "{}")).await?;
    has_keys(registry, site, &[]).await?;
    changed(registry, &create(one, "{}")).await?;
    has_keys(registry, one, &[]).await
}

/// The last one that can be is made, the next is not; one that is removed makes room, one that
/// is disabled does not.
async fn there_are_no_more_keys_than_can_be(registry: &impl Registry, case: &Case) -> Outcome {
    use KeyDeed::{Disable, Make, Remove};
    let site = &case.site;
    changed(registry, &create(site, "{}")).await?;
    for n in 1..MAX_KEYS {
        changed(
            registry,
            &with_key(site, &key(case, &format!("-{n}"))?, Make),
        )
        .await?;
    }
    let more = with_key(site, &key(case, "-m")?, Make);
    refused(registry, &more, ChangeError::KeysFull).await?;
    let first = &key(case, "-1")?;
    changed(registry, &with_key(site, first, Disable)).await?;
    refused(registry, &more, ChangeError::KeysFull).await?;
    changed(registry, &with_key(site, first, Remove)).await?;
    changed(registry, &more).await?;
    let again = with_key(site, first, Make);
    refused(registry, &again, ChangeError::KeysFull).await
}
