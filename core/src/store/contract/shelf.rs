//! Properties of [`Shelf`], the upkeep's view of the rows that [`Index`] has of a month.
//!
//! Each run needs the shelf of [`Case::month`], and an index that is nobody else's.

use super::{Broken, Case, Outcome, equal, holds, row, suite};
use crate::analytics::pack::{Packed, VERSION};
use crate::analytics::session::Session;
use crate::api::SessionRow;
use crate::id::{Millis, Month, SessionId};
use crate::listing::Search;
use crate::retention::{Anew, Plan, Rebuild, Shelf};
use crate::store::{Index, Span};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

suite!(shelf: Shelf, index: Index =>
    a_new_month_holds_nothing,
    a_plan_comes_back_whole_and_the_latest_counts,
    rows_come_oldest_first_up_to_their_end_and_limit,
    live_rows_are_told_from_finished_ones,
    live_rows_come_newest_first_with_their_revisions,
    a_row_is_replaced_as_it_was_read_and_no_other,
    what_another_version_wrote_is_found_oldest_first,
    a_restored_row_is_listed,
    an_earlier_revision_restores_nothing,
    an_erased_session_is_not_restored,
    a_dropped_row_is_gone_and_may_come_again,
    what_is_erased_is_remembered_until_it_is_forgotten,
    clearing_forgets_everything_and_no_other_month,
    there_is_one_alarm,
);

impl Case {
    /// The month of [`Self::now`].
    pub fn month(&self) -> Month {
        Month::of(self.now)
    }
}

fn with_events(sid: &SessionId, events: u64) -> SessionRow {
    SessionRow { events, ..row(sid) }
}

/// The rows that a list shows, of this month and the next.
async fn listed(index: &impl Index, case: &Case) -> Result<Vec<SessionRow>, Broken> {
    let span = Span {
        oldest: case.month().start(),
        newest: case.month().next().start(),
    };
    let search = Search {
        limit: 100,
        ..Search::default()
    };
    Ok(index.page(&case.site, span, &search).await?)
}

fn later(case: &Case) -> Millis {
    case.now.saturating_add(1_000)
}

/// It is looked at before anything was written to it.
async fn a_new_month_holds_nothing(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    equal("plan", &shelf.plan()?, &None)?;
    equal("rows", &shelf.rows(later(case), 10)?, &Vec::new())?;
    equal("live", &shelf.live()?, &Vec::new())?;
    equal("is live", &shelf.is_live(&sid)?, &false)?;
    equal("erased", &shelf.remembers_erased()?, &false)?;
    shelf.drop_row(&sid)?;
    equal("alarm", &shelf.alarm().await?, &None)
}

/// Every field.
async fn a_plan_comes_back_whole_and_the_latest_counts(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let plan = Plan {
        days: 30,
        longest: 365,
        swept: Some("0123/0-0".to_owned()),
        rebuild: Some(Rebuild {
            after: "ab".to_owned(),
            restored: 4,
            unreadable: 5,
            finished: Some(case.now),
        }),
        digested: 1,
        anew: Some(Anew {
            version: 2,
            after: "cd".to_owned(),
            made: 8,
            failed: 9,
        }),
        asked: 6,
        failures: 7,
        ..Plan::new(case.site.clone(), case.month())
    };
    for asked in [1, 2, 2] {
        let plan = Plan {
            asked,
            ..plan.clone()
        };
        shelf.save_plan(&plan)?;
        equal("plan", &shelf.plan()?, &Some(plan))?;
    }
    Ok(())
}

/// To the millisecond, whatever the order in which they were written.
async fn rows_come_oldest_first_up_to_their_end_and_limit(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    for after in [2, 0, 3, 1] {
        shelf.restore(&row(&case.sid(after)), &Packed::default(), 1)?;
    }
    for (end, limit, expected) in [(4, 10, 4), (3, 10, 3), (0, 10, 0), (4, 2, 2), (4, 4, 4)] {
        let found = shelf.rows(case.now + end, limit)?;
        let expected: Vec<SessionId> = (0..expected).map(|after| case.sid(after)).collect();
        equal("rows", &found, &expected)?;
    }
    Ok(())
}

/// Nobody drops a session that is being recorded.
async fn live_rows_are_told_from_finished_ones(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    for after in 0..4 {
        let live = after % 2 == 1;
        shelf.restore(
            &SessionRow {
                live,
                ..row(&case.sid(after))
            },
            &Packed::default(),
            1,
        )?;
    }
    equal("live", &shelf.live()?, &vec![case.sid(1), case.sid(3)])?;
    for after in 0..5 {
        let live = shelf.is_live(&case.sid(after))?;
        equal("is live", &live, &(after == 1 || after == 3))?;
    }
    shelf.restore(&row(&case.sid(1)), &Packed::default(), 2)?;
    equal("finished", &shelf.live()?, &vec![case.sid(3)])
}

/// As far as they are asked for, each as it was last written.
async fn live_rows_come_newest_first_with_their_revisions(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = |after| case.sid(after);
    equal("none", &shelf.live_since(0, None, 9)?, &Vec::new())?;
    for (after, live, revision) in [(2, true, 7), (0, true, 5), (3, false, 8), (1, true, 6)] {
        let row = SessionRow {
            live,
            ..row(&sid(after))
        };
        shelf.restore(&row, &Packed::default(), revision)?;
    }
    let all = [(sid(2), 7), (sid(1), 6), (sid(0), 5)];
    for (oldest, before, limit, expected) in [
        (0, None, 9, 0..3),
        (case.now, None, 9, 0..3),
        (case.now + 1, None, 9, 0..2),
        (0, Some(sid(2)), 9, 1..3),
        (0, Some(sid(1)), 9, 2..3),
        (0, Some(sid(0)), 9, 3..3),
        (case.now + 1, Some(sid(2)), 9, 1..2),
        (0, None, 2, 0..2),
        (0, Some(sid(2)), 1, 1..2),
    ] {
        let found = shelf.live_since(oldest, before.as_ref(), limit)?;
        let expected = all.get(expected).unwrap_or_default().to_vec();
        equal("live", &found, &expected)?;
    }
    Ok(())
}

/// Whoever was asked for a row may have waited: what became of it meanwhile stays.
async fn a_row_is_replaced_as_it_was_read_and_no_other(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    let live = |events| SessionRow {
        live: true,
        ..with_events(&sid, events)
    };
    let packed = Packed::default();
    shelf.replace(&live(1), &packed, 5, 6)?;
    equal("none", &listed(index, case).await?, &Vec::new())?;
    shelf.restore(&live(1), &packed, 5)?;
    for (events, known, revision, expected) in
        [(2, 4, 7, 1), (3, 6, 7, 1), (4, 5, 7, 4), (5, 5, 8, 4)]
    {
        shelf.replace(&live(events), &packed, known, revision)?;
        equal("listed", &listed(index, case).await?, &vec![live(expected)])?;
    }
    let finished = with_events(&sid, 6);
    shelf.replace(&finished, &packed, 7, 8)?;
    equal("live", &listed(index, case).await?, &vec![live(4)])?;
    shelf.restore(&finished, &packed, 7)?;
    shelf.replace(&live(7), &packed, 7, 8)?;
    equal("finished", &listed(index, case).await?, &vec![finished])?;
    shelf.replace(&with_events(&sid, 8), &packed, 7, 7)?;
    equal(
        "again",
        &listed(index, case).await?,
        &vec![with_events(&sid, 8)],
    )?;
    index.erase(&case.site, &sid).await?;
    shelf.replace(&with_events(&sid, 9), &packed, 7, 9)?;
    equal("erased", &listed(index, case).await?, &Vec::new())
}

/// With everything that the row says, of finished sessions, behind a place.
async fn what_another_version_wrote_is_found_oldest_first(
    shelf: &impl Shelf,
    _index: &impl Index,
    case: &Case,
) -> Outcome {
    equal("none", &shelf.outdated("", 9)?, &Vec::new())?;
    let own = Packed::of(&Session::default());
    let outdated = Packed::from_bytes(vec![VERSION.wrapping_add(1), 1]);
    for (after, packed, live) in [
        (3, &outdated, false),
        (0, &own, false),
        (1, &outdated, false),
        (4, &outdated, true),
        (5, &Packed::default(), false),
        (2, &outdated, false),
    ] {
        let row = SessionRow {
            live,
            ..row(&case.sid(after))
        };
        shelf.restore(&row, packed, 5 + after)?;
    }
    let all: Vec<(SessionRow, Millis)> = (1..4)
        .map(|after| (row(&case.sid(after)), 5 + after))
        .collect();
    let place = |after| case.sid(after).as_str().to_owned();
    for (after, limit, expected) in [
        (String::new(), 9, 0..3),
        (place(0), 9, 0..3),
        (place(1), 9, 1..3),
        (place(3), 9, 3..3),
        (String::new(), 2, 0..2),
    ] {
        let found = shelf.outdated(&after, limit)?;
        let expected = all.get(expected).unwrap_or_default().to_vec();
        equal("outdated", &found, &expected)?;
    }
    // Made anew, it is found no more.
    shelf.replace(&row(&case.sid(1)), &own, 6, 6)?;
    let found = shelf.outdated("", 9)?;
    equal("left", &found, &all.get(1..).unwrap_or_default().to_vec())
}

/// Both see the same rows, every field of them.
async fn a_restored_row_is_listed(shelf: &impl Shelf, index: &impl Index, case: &Case) -> Outcome {
    shelf.restore(&row(&case.sid(0)), &Packed::default(), 1)?;
    equal(
        "listed",
        &listed(index, case).await?,
        &vec![row(&case.sid(0))],
    )
}

/// A row that is newer than any chunk stays when the index is made again.
async fn an_earlier_revision_restores_nothing(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    for (events, revision, expected) in [(1, 5, 1), (2, 4, 1), (3, 5, 3), (4, 6, 4), (5, 1, 4)] {
        shelf.restore(&with_events(&sid, events), &Packed::default(), revision)?;
        let found = listed(index, case).await?;
        equal("listed", &found, &vec![with_events(&sid, expected)])?;
    }
    Ok(())
}

/// A recording that is being deleted brings nothing back.
async fn an_erased_session_is_not_restored(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    index.erase(&case.site, &sid).await?;
    shelf.restore(&row(&sid), &Packed::default(), 9)?;
    equal("rows", &shelf.rows(later(case), 10)?, &Vec::new())?;
    index.forget(&case.site, &sid).await?;
    shelf.restore(&row(&sid), &Packed::default(), 9)?;
    equal("forgotten", &shelf.rows(later(case), 10)?, &vec![sid])
}

/// To drop a row is not to erase its session: a rebuild may bring it back.
async fn a_dropped_row_is_gone_and_may_come_again(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let (sid, other) = (case.sid(0), case.sid(1));
    for sid in [&sid, &other] {
        shelf.restore(&row(sid), &Packed::default(), 5)?;
    }
    for _ in 0..2 {
        shelf.drop_row(&sid)?;
        equal("listed", &listed(index, case).await?, &vec![row(&other)])?;
    }
    equal("not erased", &shelf.remembers_erased()?, &false)?;
    shelf.restore(&row(&sid), &Packed::default(), 1)?;
    equal("again", &shelf.rows(later(case), 10)?, &vec![sid, other])
}

/// As long as it must not come back, its month must stay.
async fn what_is_erased_is_remembered_until_it_is_forgotten(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let sid = case.sid(0);
    shelf.restore(&row(&sid), &Packed::default(), 1)?;
    equal("at first", &shelf.remembers_erased()?, &false)?;
    index.erase(&case.site, &sid).await?;
    equal("erased", &shelf.remembers_erased()?, &true)?;
    equal("no row", &shelf.rows(later(case), 10)?, &Vec::new())?;
    index.forget(&case.site, &sid).await?;
    equal("forgotten", &shelf.remembers_erased()?, &false)
}

/// A month that is past leaves nothing behind, and may begin anew.
async fn clearing_forgets_everything_and_no_other_month(
    shelf: &impl Shelf,
    index: &impl Index,
    case: &Case,
) -> Outcome {
    let next = Case::started(case.month().next().start());
    index
        .upsert(&case.site, &row(&next), &Packed::default(), 1)
        .await?;
    shelf.restore(&row(&case.sid(0)), &Packed::default(), 1)?;
    index.erase(&case.site, &case.sid(1)).await?;
    shelf.save_plan(&Plan::new(case.site.clone(), case.month()))?;
    shelf.set_alarm(case.now).await?;
    for _ in 0..2 {
        shelf.clear().await?;
        equal("plan", &shelf.plan()?, &None)?;
        equal("rows", &shelf.rows(later(case), 10)?, &Vec::new())?;
        equal("erased", &shelf.remembers_erased()?, &false)?;
        equal("alarm", &shelf.alarm().await?, &None)?;
    }
    equal(
        "the next month",
        &listed(index, case).await?,
        &vec![row(&next)],
    )?;
    shelf.restore(&row(&case.sid(1)), &Packed::default(), 1)?;
    let rows = shelf.rows(later(case), 10)?;
    holds("it can be used again", rows == [case.sid(1)])
}

/// Setting it anew moves it, to earlier and to later.
async fn there_is_one_alarm(shelf: &impl Shelf, _index: &impl Index, case: &Case) -> Outcome {
    for after in [5, 9, 2] {
        let at = case.now.saturating_add(after * 1_000);
        shelf.set_alarm(at).await?;
        equal("alarm", &shelf.alarm().await?, &Some(at))?;
    }
    Ok(())
}
