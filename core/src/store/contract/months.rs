//! Properties of [`Months`]: what an erasure finds in the rows of the [`Index`].

use super::{Broken, Case, Outcome, equal, row, suite};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::erasure::Months;
use crate::filter::Filter;
use crate::id::{Millis, SessionId};
use crate::store::Index;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(months: Months, index: Index =>
    a_month_without_sessions_has_no_rows,
    rows_are_found_whole_and_oldest_first,
    pages_walk_over_every_row_once,
    a_filter_takes_what_it_means,
    a_live_row_is_found_by_its_start_alone,
    another_month_is_not_searched,
    what_was_erased_is_not_found,
    sites_do_not_see_each_other,
);

const LIMIT: u32 = 20;

async fn put(index: &impl Index, case: &Case, rows: &[SessionRow]) -> Outcome {
    for row in rows {
        index.upsert(&case.site, row, &Packed::default(), 1).await?;
    }
    Ok(())
}

/// The sessions of the case's month that a filter finds.
async fn found(
    months: &impl Months,
    case: &Case,
    filter: &Filter,
) -> Result<Vec<SessionId>, Broken> {
    let month = case.sid(0).month();
    let rows = months.find(&case.site, month, filter, None, LIMIT).await?;
    Ok(rows.into_iter().map(|row| row.sid).collect())
}

fn of(case: &Case, after: &[Millis]) -> Vec<SessionId> {
    after.iter().map(|after| case.sid(*after)).collect()
}

/// No month is there before its first session, and that is no failure.
async fn a_month_without_sessions_has_no_rows(
    months: &impl Months,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let found = found(months, case, &Filter::default()).await?;
    equal("found", &found, &Vec::new())
}

/// Every field: a filter is tried on them again.
async fn rows_are_found_whole_and_oldest_first(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let rows = [0, 1, 2].map(|after| row(&case.sid(after)));
    let mut written = rows.to_vec();
    written.reverse();
    put(index, case, &written).await?;
    let month = case.sid(0).month();
    let all = Filter::default();
    let found = months.find(&case.site, month, &all, None, LIMIT).await?;
    equal("rows", &found, &rows.to_vec())
}

/// Whatever the size of a page; a full page may be the last one.
async fn pages_walk_over_every_row_once(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sids: Vec<SessionId> = (0..6).map(|after| case.sid(after)).collect();
    put(index, case, &sids.iter().map(row).collect::<Vec<_>>()).await?;
    let month = case.sid(0).month();
    for limit in [1, 2, 3, 5, 6, 7] {
        let mut walked: Vec<SessionId> = Vec::new();
        loop {
            let (after, all) = (walked.last().cloned(), Filter::default());
            let page = months
                .find(&case.site, month, &all, after.as_ref(), limit)
                .await?;
            let is_last = page.len() < limit as usize;
            walked.extend(page.into_iter().map(|row| row.sid));
            if is_last || walked.len() > sids.len() {
                break;
            }
        }
        equal(format!("pages of {limit}"), &walked, &sids)?;
    }
    Ok(())
}

/// As [`Filter::matches`] says.
async fn a_filter_takes_what_it_means(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let mut rows = [0, 1, 2, 3].map(|after| row(&case.sid(after)));
    for (at, row) in (0u32..).zip(&mut rows) {
        let country = if at % 2 == 1 { "CL" } else { "NO" };
        row.country = Some(country.to_owned());
        row.users = vec![format!("user-{}", at / 2)];
        row.errors = at;
    }
    put(index, case, &rows).await?;
    let from_country = |country: &str| Filter {
        country: Some(country.to_owned()),
        ..Filter::default()
    };
    let user_one = Filter {
        user: Some("user-1".to_owned()),
        ..Filter::default()
    };
    let filters = [
        from_country("NO"),
        user_one.clone(),
        Filter {
            errors: true,
            ..Filter::default()
        },
        Filter {
            from: Some(case.now + 1),
            before: Some(case.now + 3),
            ..Filter::default()
        },
        Filter {
            country: Some("CL".to_owned()),
            before: Some(case.now + 2),
            ..Filter::default()
        },
        from_country("FR"),
        Filter {
            any: ["CL", "FR"].map(from_country).into(),
            not: [user_one].into(),
            ..Filter::default()
        },
        Filter {
            not: [Filter {
                referrer: Some("a".to_owned()),
                ..Filter::default()
            }]
            .into(),
            ..Filter::default()
        },
    ];
    for filter in filters {
        let expected = rows.iter().filter(|row| filter.matches(row));
        let expected: Vec<SessionId> = expected.map(|row| row.sid.clone()).collect();
        let found = found(months, case, &filter).await?;
        equal(format!("{filter:?}"), &found, &expected)?;
    }
    Ok(())
}

/// The rest of its row may say too little yet. Its start is sure.
async fn a_live_row_is_found_by_its_start_alone(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let mut rows = [0, 1, 2].map(|after| row(&case.sid(after)));
    for row in &mut rows {
        row.live = row.sid != case.sid(1);
    }
    put(index, case, &rows).await?;
    let nobody = Filter {
        user: Some("nobody".to_owned()),
        ..Filter::default()
    };
    let live = found(months, case, &nobody).await?;
    equal("whatever else it says", &live, &of(case, &[0, 2]))?;
    let later = Filter {
        from: Some(case.now + 1),
        ..nobody.clone()
    };
    let live = found(months, case, &later).await?;
    equal("from", &live, &of(case, &[2]))?;
    let earlier = Filter {
        before: Some(case.now + 2),
        ..nobody
    };
    let live = found(months, case, &earlier).await?;
    equal("before", &live, &of(case, &[0]))
}

/// To the millisecond.
async fn another_month_is_not_searched(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let month = case.sid(0).month();
    let (first, next) = (month.start(), month.next().start());
    let started = [first - 1, first, next - 1, next];
    let sids = started.map(Case::started);
    put(index, case, &sids.each_ref().map(row)).await?;
    let found = found(months, case, &Filter::default()).await?;
    equal(
        "found",
        &found,
        &[first, next - 1].map(Case::started).to_vec(),
    )
}

/// An erasure that is repeated goes on with what is left.
async fn what_was_erased_is_not_found(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let rows = [0, 1, 2].map(|after| row(&case.sid(after)));
    put(index, case, &rows).await?;
    index.erase(&case.site, &case.sid(1)).await?;
    put(index, case, &rows).await?;
    let found = found(months, case, &Filter::default()).await?;
    equal("found", &found, &of(case, &[0, 2]))
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(
    months: &impl Months,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    index
        .upsert(&neighbour, &row(&case.sid(0)), &Packed::default(), 1)
        .await?;
    let own = found(months, case, &Filter::default()).await?;
    equal("own", &own, &Vec::new())?;
    let (month, all) = (case.sid(0).month(), Filter::default());
    let theirs = months.find(&neighbour, month, &all, None, LIMIT).await?;
    equal("theirs", &theirs, &vec![row(&case.sid(0))])
}
