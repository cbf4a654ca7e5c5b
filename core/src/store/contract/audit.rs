//! Properties of [`AuditLog`], and of what a [`Ledger`] writes into it.

use super::{Broken, Case, Outcome, equal, holds, suite};
use crate::audit::{Action, AuditLog, Entry, KEPT, Log};
use crate::erasure::{Kind, Ledger, Receipt};
use crate::id::{ErasureId, Millis, SiteKey};
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

/// How the time passes for what is kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Cleaning {
    /// Has it deleted what is too old at `now`, of a site or of the deployment: what a store
    /// does by itself.
    async fn clean(&self, site: Option<&SiteKey>, now: Millis) -> Result<(), StoreError>;
}

suite!(log: AuditLog, ledger: Ledger, cleaning: Cleaning =>
    an_empty_log_has_no_entries,
    an_entry_comes_back_whole,
    what_has_one_place_is_counted,
    what_changes_something_has_an_entry_each,
    the_newest_come_first,
    pages_walk_over_every_entry_once,
    sites_and_the_deployment_do_not_see_each_other,
    a_receipt_stands_in_the_log_once,
    what_is_too_old_is_deleted_and_nothing_else,
);

const LIMIT: u32 = 100;
const HOUR: Millis = 3_600_000;

fn entry(case: &Case, after: Millis, action: Action, subject: &str) -> Entry {
    let at = case.now.saturating_add(after);
    Entry::new(at, "betreiber \"1\" 結帳", action, Some(subject.to_owned()))
}

async fn read(log: &impl AuditLog, site: &SiteKey) -> Result<Vec<Entry>, Broken> {
    let Log { entries, next } = log.read(Some(site), None, LIMIT).await?;
    equal("a next page", &next, &None)?;
    Ok(entries)
}

/// A site that nobody has done anything with has no log, and that is no failure.
async fn an_empty_log_has_no_entries(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    equal("entries", &read(log, &case.site).await?, &Vec::new())?;
    let behind = log.read(Some(&case.site), Some("~"), 1).await?;
    let nothing = Log {
        entries: Vec::new(),
        next: None,
    };
    equal("before a place", &behind, &nothing)
}

/// Every field, with a subject and without.
async fn an_entry_comes_back_whole(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let with = entry(case, 5, Action::Export, "0f'%_");
    let without = Entry::new(case.now, "token x", Action::Retention, None);
    log.note(Some(&case.site), &with).await?;
    log.note(Some(&case.site), &without).await?;
    let found = read(log, &case.site).await?;
    equal("entries", &found, &vec![with, without])
}

/// In an hour, by who did what to what; the first time stays.
async fn what_has_one_place_is_counted(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let hour = case.now - case.now % HOUR + HOUR;
    let at = |at: Millis, subject: &str| Entry {
        at,
        ..entry(case, 0, Action::View, subject)
    };
    let first = at(hour + 1, "a");
    for entry in [
        first.clone(),
        at(hour + HOUR - 1, "a"),
        at(hour, "a"),
        at(hour + HOUR, "a"),
        at(hour + 2, "b"),
    ] {
        log.note(Some(&case.site), &entry).await?;
    }
    let counted = Entry { n: 3, ..first };
    let expected = vec![at(hour + HOUR, "a"), at(hour + 2, "b"), counted];
    equal("entries", &read(log, &case.site).await?, &expected)
}

/// Also in one hour, and of one subject.
async fn what_changes_something_has_an_entry_each(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let mut expected = Vec::new();
    for after in 0..3 {
        let entry = entry(case, after, Action::SiteChanged, "7");
        log.note(Some(&case.site), &entry).await?;
        expected.insert(0, entry);
    }
    equal("entries", &read(log, &case.site).await?, &expected)
}

/// Whatever the order in which they were written.
async fn the_newest_come_first(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    for after in [1, 200_000, 30, 0] {
        let entry = entry(case, after, Action::Export, "a");
        log.note(Some(&case.site), &entry).await?;
    }
    let found = read(log, &case.site).await?;
    let found: Vec<Millis> = found.iter().map(|entry| entry.at).collect();
    let expected = [200_000, 30, 1, 0].map(|after| case.now.saturating_add(after));
    equal("times", &found, &expected.to_vec())
}

/// Whatever the size of a page, also of entries of one moment; the last one says that it is.
async fn pages_walk_over_every_entry_once(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    for n in 0..5 {
        let entry = entry(case, n / 3, Action::Export, &format!("{n}"));
        log.note(Some(&case.site), &entry).await?;
    }
    let expected = read(log, &case.site).await?;
    equal("how many", &expected.len(), &5)?;
    for limit in [1, 2, 4, 5, 6] {
        let (mut walked, mut before) = (Vec::new(), None::<String>);
        loop {
            let page = log.read(Some(&case.site), before.as_deref(), limit).await?;
            let is_short = page.entries.len() <= usize::try_from(limit).unwrap_or_default();
            holds("a page is no longer than it may be", is_short)?;
            walked.extend(page.entries);
            before = page.next;
            if before.is_none() || walked.len() > expected.len() {
                break;
            }
        }
        equal(format!("pages of {limit}"), &walked, &expected)?;
    }
    Ok(())
}

/// One site's key begins with the other's; who signs in stands in neither log.
async fn sites_and_the_deployment_do_not_see_each_other(
    log: &impl AuditLog,
    _ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    let places = [Some(&case.site), Some(&neighbour), None];
    // The deployment's log is there once: its entries of this case are known by their subject.
    let subject = |n: usize| format!("{}/{n}", case.site);
    for (n, place) in places.iter().enumerate() {
        let entry = entry(case, 0, Action::Export, &subject(n));
        log.note(*place, &entry).await?;
    }
    for (n, place) in places.iter().enumerate() {
        let found = log.read(*place, None, LIMIT).await?.entries.into_iter();
        let found = found.filter_map(|entry| entry.subject);
        let own = found.filter(|subject| subject.starts_with(case.site.as_str()));
        let own: Vec<String> = own.collect();
        equal(format!("log {n}"), &own, &vec![subject(n)])?;
    }
    Ok(())
}

fn receipt(case: &Case, asked: Millis) -> Receipt {
    Receipt {
        id: ErasureId::new(asked, &[0x5A; 10]),
        kind: Kind::Filter,
        by: format!("token {}", case.site),
        asked,
        filter: None,
        withheld: Vec::new(),
        matched: 48,
        erased: 0,
        finished: None,
    }
}

/// With its first state: nothing is erased that is not in the log. Further states, late ones
/// and repeated ones add nothing.
async fn a_receipt_stands_in_the_log_once(
    log: &impl AuditLog,
    ledger: &impl Ledger,
    _cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let [begun, further, done] = super::ledger::states(receipt(case, case.now), case);
    let noted = Entry::new(
        case.now,
        &begun.by,
        Action::Erase,
        Some(begun.id.to_string()),
    );
    for state in [&begun, &begun, &further, &done, &further, &done] {
        ledger.put(&case.site, state).await?;
        let found = read(log, &case.site).await?;
        equal("entries", &found, &vec![noted.clone()])?;
    }
    Ok(())
}

/// To the millisecond, receipts as well as entries; another site's stay.
async fn what_is_too_old_is_deleted_and_nothing_else(
    log: &impl AuditLog,
    ledger: &impl Ledger,
    cleaning: &impl Cleaning,
    case: &Case,
) -> Outcome {
    let (site, neighbour) = (&case.site, case.neighbour()?);
    let (old, kept) = (receipt(case, case.now - 1), receipt(case, case.now));
    let other = entry(case, 0, Action::Export, "a");
    for receipt in [&old, &kept] {
        ledger.put(site, receipt).await?;
        ledger.put(&neighbour, receipt).await?;
    }
    log.note(Some(site), &other).await?;
    let before = read(log, site).await?;
    cleaning.clean(Some(site), case.now + KEPT - 1).await?;
    equal("a millisecond sooner", &read(log, site).await?, &before)?;
    for _ in 0..2 {
        cleaning.clean(Some(site), case.now + KEPT).await?;
        let left = ledger.receipts(site, None, LIMIT).await?;
        equal("receipts", &left, &vec![kept.clone()])?;
        let mut left = read(log, site).await?;
        left.retain(|entry| entry.action == Action::Erase);
        equal("entries of receipts", &left, &vec![kept.noted()])?;
        equal("entries", &read(log, site).await?.len(), &2)?;
    }
    let theirs = ledger.receipts(&neighbour, None, LIMIT).await?;
    equal("another site's", &theirs, &vec![kept, old])
}
