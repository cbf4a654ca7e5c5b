//! Properties of [`Stocks`]: what there is of a site's finished sessions, by the rows of the
//! [`Index`], and which of them stay.

use super::{Broken, Case, Outcome, equal, row, suite};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::id::{Millis, Month, SessionId};
use crate::retention::{Bounds, Excess, Fit, Stock, Stocks, excess};
use crate::store::{Index, Span};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(stocks: Stocks, index: Index =>
    a_site_without_sessions_has_no_stock,
    months_are_told_newest_first,
    months_outside_of_the_span_are_left_out,
    only_finished_sessions_count,
    a_row_that_changes_counts_as_it_is_now,
    what_was_erased_counts_no_more,
    the_newest_that_fit_stay,
    with_what_does_not_fit_all_older_go,
    nothing_stays_of_a_month_whose_newest_does_not_fit,
    without_bounds_everything_stays,
    another_month_is_not_looked_at,
    sites_do_not_see_each_other,
    what_is_too_much_is_found_over_months,
);

fn of(sid: &SessionId, bytes: u64) -> SessionRow {
    SessionRow { bytes, ..row(sid) }
}

/// Finished sessions of the case, each so many ms after the other, with these bytes.
async fn put(index: &impl Index, case: &Case, bytes: &[u64]) -> Outcome {
    for (after, bytes) in (0..).zip(bytes) {
        index
            .upsert(
                &case.site,
                &of(&case.sid(after), *bytes),
                &Packed::default(),
                1,
            )
            .await?;
    }
    Ok(())
}

/// What the site keeps: whatever the day, the month and the two before it.
fn kept(case: &Case) -> Span {
    Span {
        oldest: case.month().previous().previous().start(),
        newest: case.now,
    }
}

/// The months that hold something.
async fn stock(stocks: &impl Stocks, case: &Case) -> Result<Vec<(Month, Stock)>, Broken> {
    let mut months = stocks.stock(&case.site, kept(case)).await?;
    months.retain(|(_, stock)| *stock != Stock::default());
    Ok(months)
}

fn bounds(sessions: Option<u64>, bytes: Option<u64>) -> Bounds {
    Bounds { sessions, bytes }
}

fn whole(sessions: u64, bytes: u64) -> Stock {
    Stock { sessions, bytes }
}

/// No month is there before its first session, and that is no failure.
async fn a_site_without_sessions_has_no_stock(
    stocks: &impl Stocks,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    equal("stock", &stock(stocks, case).await?, &Vec::new())?;
    let month = case.sid(0).month();
    let fit = stocks
        .fit(&case.site, month, bounds(Some(1), Some(1)))
        .await?;
    equal("fit", &fit, &Fit::default())
}

/// Also if one between holds nothing; to the millisecond.
async fn months_are_told_newest_first(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let month = case.sid(0).month();
    let old = month.previous().previous();
    for (start, bytes) in [
        (old.next().start() - 1, 3),
        (month.start(), 10),
        (old.start(), 4),
        (case.now, 20),
    ] {
        let row = of(&Case::started(start), bytes);
        index
            .upsert(&case.site, &row, &Packed::default(), 1)
            .await?;
    }
    let expected = vec![(month, whole(2, 30)), (old, whole(2, 7))];
    equal("stock", &stock(stocks, case).await?, &expected)
}

/// To the millisecond, on both sides; what of a month lies outside counts with its month.
async fn months_outside_of_the_span_are_left_out(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let first = case.month().previous();
    for (start, bytes) in [
        (first.start() - 1, 1),
        (first.start(), 2),
        (case.month().start(), 4),
        (case.month().next().start(), 8),
    ] {
        let row = of(&Case::started(start), bytes);
        index
            .upsert(&case.site, &row, &Packed::default(), 1)
            .await?;
    }
    let span = Span {
        oldest: case.month().start() - 1,
        newest: case.month().next().start() - 1,
    };
    let mut found = stocks.stock(&case.site, span).await?;
    found.retain(|(_, stock)| *stock != Stock::default());
    let expected = vec![(case.month(), whole(1, 4)), (first, whole(1, 2))];
    equal("stock", &found, &expected)
}

/// A live session is never evicted, so it takes no room either.
async fn only_finished_sessions_count(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[1, 2, 4]).await?;
    let live = SessionRow {
        live: true,
        ..of(&case.sid(1), 2)
    };
    index
        .upsert(&case.site, &live, &Packed::default(), 2)
        .await?;
    let month = case.sid(0).month();
    let expected = vec![(month, whole(2, 5))];
    equal("stock", &stock(stocks, case).await?, &expected)?;
    let fit = stocks.fit(&case.site, month, bounds(Some(1), None)).await?;
    let expected = Fit {
        stays: Some(case.sid(2)),
        excess: 1,
    };
    equal("fit", &fit, &expected)?;
    let fit = stocks.fit(&case.site, month, bounds(None, Some(5))).await?;
    let expected = Fit {
        stays: Some(case.sid(0)),
        excess: 0,
    };
    equal("fit by bytes", &fit, &expected)
}

/// A session that goes on after it was finished grows.
async fn a_row_that_changes_counts_as_it_is_now(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[1, 2]).await?;
    index
        .upsert(&case.site, &of(&case.sid(0), 9), &Packed::default(), 2)
        .await?;
    index
        .upsert(&case.site, &of(&case.sid(1), 7), &Packed::default(), 0)
        .await?;
    let expected = vec![(case.sid(0).month(), whole(2, 11))];
    equal("stock", &stock(stocks, case).await?, &expected)
}

/// Or an eviction would go on for what the last one took.
async fn what_was_erased_counts_no_more(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[1, 2, 4]).await?;
    index.erase(&case.site, &case.sid(2)).await?;
    let month = case.sid(0).month();
    let expected = vec![(month, whole(2, 3))];
    equal("stock", &stock(stocks, case).await?, &expected)?;
    let fit = stocks.fit(&case.site, month, bounds(Some(1), None)).await?;
    equal(
        "fit",
        &fit,
        &Fit {
            stays: Some(case.sid(1)),
            excess: 1,
        },
    )
}

/// At the edge of each bound, and of both.
async fn the_newest_that_fit_stay(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[5, 10, 20, 40]).await?;
    let month = case.sid(0).month();
    for (given, oldest, excess) in [
        (bounds(Some(4), None), 0, 0),
        (bounds(Some(3), None), 1, 1),
        (bounds(Some(1), None), 3, 3),
        (bounds(None, Some(75)), 0, 0),
        (bounds(None, Some(74)), 1, 1),
        (bounds(None, Some(70)), 1, 1),
        (bounds(None, Some(69)), 2, 2),
        (bounds(None, Some(40)), 3, 3),
        (bounds(Some(2), Some(70)), 2, 2),
        (bounds(Some(3), Some(60)), 2, 2),
    ] {
        let fit = stocks.fit(&case.site, month, given).await?;
        let expected = Fit {
            stays: Some(case.sid(oldest)),
            excess,
        };
        equal(format!("{given:?}"), &fit, &expected)?;
    }
    Ok(())
}

/// A smaller one as well: what is kept has no holes.
async fn with_what_does_not_fit_all_older_go(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[0, 1, 100, 1]).await?;
    let month = case.sid(0).month();
    let fit = stocks
        .fit(&case.site, month, bounds(None, Some(50)))
        .await?;
    equal(
        "fit",
        &fit,
        &Fit {
            stays: Some(case.sid(3)),
            excess: 3,
        },
    )
}

/// What is left of the bounds may be nothing.
async fn nothing_stays_of_a_month_whose_newest_does_not_fit(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[1, 9]).await?;
    let month = case.sid(0).month();
    for given in [
        bounds(Some(0), None),
        bounds(None, Some(8)),
        bounds(Some(5), Some(0)),
    ] {
        let fit = stocks.fit(&case.site, month, given).await?;
        equal(
            format!("{given:?}"),
            &fit,
            &Fit {
                stays: None,
                excess: 2,
            },
        )?;
    }
    Ok(())
}

/// As far as a number of JavaScript is exact.
async fn without_bounds_everything_stays(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    put(index, case, &[1, (1 << 53) - 2]).await?;
    let month = case.sid(0).month();
    let fit = stocks.fit(&case.site, month, Bounds::default()).await?;
    equal(
        "fit",
        &fit,
        &Fit {
            stays: Some(case.sid(0)),
            excess: 0,
        },
    )?;
    let expected = vec![(month, whole(2, (1 << 53) - 1))];
    equal("stock", &stock(stocks, case).await?, &expected)
}

/// To the millisecond.
async fn another_month_is_not_looked_at(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let month = case.sid(0).month();
    let starts = [
        month.start() - 1,
        month.start(),
        month.next().start() - 1,
        month.next().start(),
    ];
    for start in starts {
        index
            .upsert(
                &case.site,
                &of(&Case::started(start), 1),
                &Packed::default(),
                1,
            )
            .await?;
    }
    let fit = stocks.fit(&case.site, month, bounds(Some(1), None)).await?;
    let stays = Some(Case::started(month.next().start() - 1));
    equal("fit", &fit, &Fit { stays, excess: 1 })
}

/// The same session id in two sites, of which one's key begins with the other's.
async fn sites_do_not_see_each_other(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let neighbour = case.neighbour()?;
    index
        .upsert(&neighbour, &of(&case.sid(0), 5), &Packed::default(), 1)
        .await?;
    equal("own", &stock(stocks, case).await?, &Vec::new())?;
    let month = case.sid(0).month();
    let fit = stocks.fit(&case.site, month, bounds(Some(0), None)).await?;
    equal("own fit", &fit, &Fit::default())?;
    let theirs = stocks.fit(&neighbour, month, bounds(Some(0), None)).await?;
    equal("theirs", &theirs.excess, &1)
}

/// The decision itself, over this store.
async fn what_is_too_much_is_found_over_months(
    stocks: &impl Stocks,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let month = case.sid(0).month();
    let starts: [Millis; 4] = [
        case.now,
        month.start(),
        month.start() - 1,
        month.previous().start(),
    ];
    for start in starts {
        index
            .upsert(
                &case.site,
                &of(&Case::started(start), 10),
                &Packed::default(),
                1,
            )
            .await?;
    }
    let [_, second, third, _] = starts;
    for (given, expected) in [
        (bounds(Some(4), Some(40)), None),
        (bounds(Some(3), None), Some((third, 1, "max_sessions"))),
        (bounds(None, Some(39)), Some((third, 1, "max_bytes"))),
        (
            bounds(Some(2), None),
            Some((month.start(), 2, "max_sessions")),
        ),
        (bounds(None, Some(29)), Some((second, 2, "max_bytes"))),
        (
            bounds(Some(1), Some(20)),
            Some((case.now, 3, "max_sessions, max_bytes")),
        ),
    ] {
        let found = excess(stocks, &case.site, given, kept(case)).await?;
        let expected = expected.map(|(before, sessions, by)| Excess {
            before,
            sessions,
            by: by.to_owned(),
        });
        equal(format!("{given:?}"), &found, &expected)?;
    }
    Ok(())
}
