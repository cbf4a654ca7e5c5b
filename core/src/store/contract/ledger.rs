//! Properties of [`Ledger`].

use super::{Broken, Case, Outcome, equal, suite};
use crate::erasure::{Kind, Ledger, Receipt};
use crate::filter::Filter;
use crate::id::{ErasureId, Millis, SiteKey};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(ledger: Ledger =>
    a_receipt_that_is_not_there_is_none,
    a_receipt_comes_back_whole,
    a_later_state_takes_its_place,
    an_earlier_state_changes_nothing,
    the_newest_come_first,
    pages_walk_over_every_receipt_once,
    sites_do_not_see_each_other,
);

fn id(case: &Case, after: Millis) -> ErasureId {
    ErasureId::new(case.now.saturating_add(after), &[0x5A; 10])
}

/// A receipt with a value in every field but the last.
fn receipt(case: &Case, after: Millis) -> Receipt {
    Receipt {
        id: id(case, after),
        kind: Kind::Filter,
        by: "betreiber \"1\"".to_owned(),
        asked: case.now.saturating_add(after),
        filter: Some(Filter {
            country: Some("NO".to_owned()),
            before: Some(case.now),
            ..Filter::default()
        }),
        withheld: vec!["user".to_owned(), "entry".to_owned()],
        matched: 48,
        erased: 0,
        finished: None,
    }
}

async fn listed(
    ledger: &impl Ledger,
    site: &SiteKey,
    before: Option<&ErasureId>,
    limit: u32,
) -> Result<Vec<ErasureId>, Broken> {
    let found = ledger.receipts(site, before, limit).await?;
    Ok(found.into_iter().map(|receipt| receipt.id).collect())
}

/// Before the first erasure there is nothing, and that is no failure.
async fn a_receipt_that_is_not_there_is_none(ledger: &impl Ledger, case: &Case) -> Outcome {
    let unknown = ledger.receipt(&case.site, &id(case, 0)).await?;
    equal("in an empty ledger", &unknown, &None)?;
    equal(
        "list",
        &listed(ledger, &case.site, None, 10).await?,
        &Vec::new(),
    )?;
    ledger.put(&case.site, &receipt(case, 1)).await?;
    let unknown = ledger.receipt(&case.site, &id(case, 0)).await?;
    equal("beside another", &unknown, &None)
}

/// Every field, alone and in a list.
async fn a_receipt_comes_back_whole(ledger: &impl Ledger, case: &Case) -> Outcome {
    let receipt = receipt(case, 0);
    ledger.put(&case.site, &receipt).await?;
    let found = ledger.receipt(&case.site, &receipt.id).await?;
    equal("alone", &found, &Some(receipt.clone()))?;
    let found = ledger.receipts(&case.site, None, 10).await?;
    equal("in a list", &found, &vec![receipt])
}

/// Step by step to its end; each may be repeated.
async fn a_later_state_takes_its_place(ledger: &impl Ledger, case: &Case) -> Outcome {
    let (begun, site) = (receipt(case, 0), &case.site);
    let further = Receipt {
        erased: 20,
        ..begun.clone()
    };
    let done = Receipt {
        erased: 48,
        finished: Some(case.now + 5),
        ..begun.clone()
    };
    for state in [begun, further, done] {
        for _ in 0..2 {
            ledger.put(site, &state).await?;
            let found = ledger.receipt(site, &state.id).await?;
            equal("state", &found, &Some(state.clone()))?;
        }
    }
    equal("how many", &listed(ledger, site, None, 10).await?.len(), &1)
}

/// An erasure that has begun, how it goes on, and its end.
pub(super) fn states(begun: Receipt, case: &Case) -> [Receipt; 3] {
    let further = Receipt {
        erased: 20,
        ..begun.clone()
    };
    let done = Receipt {
        finished: Some(case.now + 5),
        ..further.clone()
    };
    [begun, further, done]
}

/// A write that was given up for lost may end after the next one.
async fn an_earlier_state_changes_nothing(ledger: &impl Ledger, case: &Case) -> Outcome {
    let ([begun, further, done], site) = (states(receipt(case, 0), case), &case.site);
    for (latest, late) in [(&further, &begun), (&done, &further), (&done, &begun)] {
        ledger.put(site, latest).await?;
        ledger.put(site, late).await?;
        let found = ledger.receipt(site, &begun.id).await?;
        equal("state", &found, &Some(latest.clone()))?;
    }
    Ok(())
}

/// Whatever the order in which they were written.
async fn the_newest_come_first(ledger: &impl Ledger, case: &Case) -> Outcome {
    for after in [1, 2, 0] {
        ledger.put(&case.site, &receipt(case, after)).await?;
    }
    let expected = [2, 1, 0].map(|after| id(case, after)).to_vec();
    equal(
        "ids",
        &listed(ledger, &case.site, None, 10).await?,
        &expected,
    )
}

/// Whatever the size of a page.
async fn pages_walk_over_every_receipt_once(ledger: &impl Ledger, case: &Case) -> Outcome {
    for after in 0..5 {
        ledger.put(&case.site, &receipt(case, after)).await?;
    }
    let expected: Vec<ErasureId> = (0..5).rev().map(|after| id(case, after)).collect();
    for limit in [1, 2, 4, 5, 6] {
        let mut walked: Vec<ErasureId> = Vec::new();
        loop {
            let before = walked.last().cloned();
            let page = listed(ledger, &case.site, before.as_ref(), limit).await?;
            let is_last = page.is_empty();
            walked.extend(page);
            if is_last || walked.len() > expected.len() {
                break;
            }
        }
        equal(format!("pages of {limit}"), &walked, &expected)?;
    }
    Ok(())
}

/// The same id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(ledger: &impl Ledger, case: &Case) -> Outcome {
    let (neighbour, theirs) = (case.neighbour()?, receipt(case, 0));
    ledger.put(&neighbour, &theirs).await?;
    equal("own", &ledger.receipt(&case.site, &theirs.id).await?, &None)?;
    equal(
        "list",
        &listed(ledger, &case.site, None, 10).await?,
        &Vec::new(),
    )?;
    let further = Receipt {
        erased: 9,
        ..theirs.clone()
    };
    ledger.put(&case.site, &further).await?;
    let kept = ledger.receipt(&neighbour, &theirs.id).await?;
    equal("theirs", &kept, &Some(theirs))
}
