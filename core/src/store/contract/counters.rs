//! Properties of [`Counters`], and of the quota of bytes that [`Index`] keeps by them.

use super::{Case, Outcome, equal, row, suite};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::count::{BATCHES, BYTES, Count, Counted, EVENTS};
use crate::day::{DAY, Day};
use crate::id::SessionId;
use crate::quota::{Admission, Exhausted, Quota};
use crate::store::{Counters, Index};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

suite!(counters: Counters, index: Index =>
    nothing_is_counted_at_first,
    counts_of_a_word_and_a_day_add_up,
    the_largest_count_is_kept,
    days_are_read_from_one_to_another,
    days_of_several_months_are_read_together,
    sites_do_not_see_each_other,
    a_quota_of_bytes_holds_at_its_edge,
    no_bytes_at_all_let_nobody_in,
    bytes_of_another_month_do_not_count,
    only_what_arrived_counts_as_bytes,
);

fn day(case: &Case) -> Day {
    Day::of(case.now)
}

fn counted(day: Day, name: &'static str, n: u64) -> Counted {
    Counted { day, name, n }
}

fn count(day: Day, name: &str, n: u64) -> Count {
    let name = name.to_owned();
    Count { day, name, n }
}

/// Whether a session may be opened, of a site that may store so many bytes a month.
async fn admit(
    index: &impl Index,
    case: &Case,
    sid: &SessionId,
    bytes: u64,
    expected: Admission,
) -> Outcome {
    let quota = Quota {
        bytes_per_month: Some(bytes),
        ..Quota::default()
    };
    let verdict = index.admit(&case.site, sid, &quota).await?;
    equal(format!("a quota of {bytes} bytes"), &verdict, &expected)
}

const REFUSED: Admission = Admission::Refused(Exhausted::Bytes);

/// Before the first upload there is nothing, and that is no failure.
async fn nothing_is_counted_at_first(
    counters: &impl Counters,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let found = counters.counted(&case.site, day(case), day(case)).await?;
    equal("counts", &found, &Vec::new())
}

/// Whoever adds them, and in whatever order.
async fn counts_of_a_word_and_a_day_add_up(
    counters: &impl Counters,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let day = day(case);
    let first = [counted(day, EVENTS, 50), counted(day, BATCHES, 1)];
    let second = [counted(day, BATCHES, 2), counted(day, BATCHES, 4)];
    for counts in [&first, &second] {
        counters.add(&case.site, counts).await?;
    }
    let found = counters.counted(&case.site, day, day).await?;
    let expected = vec![count(day, BATCHES, 7), count(day, EVENTS, 50)];
    equal("counts", &found, &expected)
}

/// A site of whatever size, for whatever time.
async fn the_largest_count_is_kept(
    counters: &impl Counters,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let (day, most) = (day(case), (1 << 53) - 1);
    counters
        .add(&case.site, &[counted(day, BYTES, most - 1)])
        .await?;
    counters.add(&case.site, &[counted(day, BYTES, 1)]).await?;
    let found = counters.counted(&case.site, day, day).await?;
    equal("counts", &found, &vec![count(day, BYTES, most)])
}

/// Both included.
async fn days_are_read_from_one_to_another(
    counters: &impl Counters,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    // The first of its month has as many days behind it as are needed.
    let first = day(case).month().start();
    let day = |at: u64| Day::of(first + at * DAY);
    for at in [2, 0, 3, 1] {
        counters
            .add(&case.site, &[counted(day(at), BATCHES, at + 1)])
            .await?;
    }
    for (from, to) in [(0, 3), (1, 2), (2, 2), (3, 3), (4, 9)] {
        let found = counters.counted(&case.site, day(from), day(to)).await?;
        let expected = (from..=to.min(3)).map(|at| count(day(at), BATCHES, at + 1));
        equal(format!("{from} to {to}"), &found, &expected.collect())?;
    }
    Ok(())
}

/// In order, over the end of a month.
async fn days_of_several_months_are_read_together(
    counters: &impl Counters,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let first = day(case).month().start();
    let days = [Day::of(first - DAY), Day::of(first), Day::of(first + DAY)];
    for day in days {
        counters
            .add(&case.site, &[counted(day, BATCHES, 1)])
            .await?;
    }
    let [from, _, to] = days;
    let found = counters.counted(&case.site, from, to).await?;
    let expected = days.map(|day| count(day, BATCHES, 1)).to_vec();
    equal("counts", &found, &expected)
}

/// One's key begins with the other's.
async fn sites_do_not_see_each_other(
    counters: &impl Counters,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let (neighbour, day) = (case.neighbour()?, day(case));
    counters.add(&neighbour, &[counted(day, BYTES, 9)]).await?;
    let found = counters.counted(&case.site, day, day).await?;
    equal("counts", &found, &Vec::new())?;
    admit(index, case, &case.sid(0), 9, Admission::Admitted).await
}

/// One byte less than it lets the last one in; as many, and one more, nobody.
async fn a_quota_of_bytes_holds_at_its_edge(
    counters: &impl Counters,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let add = |n| [counted(day(case), BYTES, n)];
    counters.add(&case.site, &add(600)).await?;
    counters.add(&case.site, &add(399)).await?;
    admit(index, case, &case.sid(0), 1_000, Admission::Admitted).await?;
    counters.add(&case.site, &add(1)).await?;
    admit(index, case, &case.sid(1), 1_000, REFUSED).await?;
    counters.add(&case.site, &add(1)).await?;
    admit(index, case, &case.sid(2), 1_000, REFUSED).await?;
    admit(index, case, &case.sid(3), 1_002, Admission::Admitted).await?;
    admit(index, case, &case.sid(0), 1_000, Admission::Admitted).await
}

/// They are used up by nothing.
async fn no_bytes_at_all_let_nobody_in(
    _counters: &impl Counters,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    admit(index, case, &case.sid(0), 0, REFUSED).await?;
    admit(index, case, &case.sid(1), 1, Admission::Admitted).await
}

/// The month is that in which the session began.
async fn bytes_of_another_month_do_not_count(
    counters: &impl Counters,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let first = day(case).month().start();
    let before = Day::of(first - DAY);
    counters
        .add(&case.site, &[counted(before, BYTES, 50)])
        .await?;
    admit(index, case, &Case::started(first), 50, Admission::Admitted).await?;
    admit(index, case, &Case::started(first - 1), 50, REFUSED).await
}

/// What a row says of its session's size is not counted again, and what is erased is not
/// given back: it has arrived.
async fn only_what_arrived_counts_as_bytes(
    counters: &impl Counters,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let large = SessionRow {
        bytes: 5_000,
        ..row(&case.sid(0))
    };
    index
        .upsert(&case.site, &large, &Packed::default(), 1)
        .await?;
    let others = [
        counted(day(case), EVENTS, 5_000),
        counted(day(case), BATCHES, 5_000),
    ];
    counters.add(&case.site, &others).await?;
    admit(index, case, &case.sid(1), 1_000, Admission::Admitted).await?;
    counters
        .add(&case.site, &[counted(day(case), BYTES, 1_000)])
        .await?;
    index.erase(&case.site, &case.sid(0)).await?;
    admit(index, case, &case.sid(2), 1_000, REFUSED).await
}
