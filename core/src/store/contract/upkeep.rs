//! Properties of the ports of a month's upkeep together: what [`Keeper`] leaves.
//!
//! Each run needs the shelf of [`Case::month`], and an index that is nobody else's.

use super::{Broken, Case, Outcome, equal, holds, row};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::erasure::Sessions;
use crate::id::{Millis, SessionId, SiteKey};
use crate::listing::Search;
use crate::retention::{Chunks, Keeper, PAGE, Plan, Shelf};
use crate::store::{ChunkPlace, Index, Recordings, Records, Span};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec::Vec;

macro_rules! suite {
    ($($name:ident),+ $(,)?) => {
        /// The properties.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Runs one property.
        pub async fn run<S: Shelf, C: Chunks, R: Recordings, K: Records, O: Sessions, I: Index>(
            name: &str,
            keeper: &Keeper<S, C, R, K, O>,
            index: &I,
            case: &Case,
        ) -> Outcome {
            let work = Work { keeper, index, case };
            match name {
                $(stringify!($name) => $name(&work).await,)+
                _ => super::unknown(name),
            }
        }
    };
}

suite!(
    what_is_past_goes_and_nothing_else,
    doing_it_again_changes_nothing,
    more_chunks_than_a_page_go,
    a_month_that_is_past_leaves_nothing,
    another_site_keeps_its_recordings,
    an_index_is_made_again_of_its_recordings,
);

const DAY: Millis = 86_400_000;

/// Days that sessions are kept here: so many that the month's own alarm finds nothing past.
const DAYS: u32 = 400;

struct Work<'a, S, C, R, K, O, I> {
    keeper: &'a Keeper<S, C, R, K, O>,
    index: &'a I,
    case: &'a Case,
}

impl<S: Shelf, C: Chunks, R: Recordings, K: Records, O: Sessions, I: Index>
    Work<'_, S, C, R, K, O, I>
{
    /// The session that started so many days after the month's beginning.
    fn sid(&self, day: Millis) -> SessionId {
        Case::started(self.case.month().start() + day * DAY)
    }

    /// When sessions that started so many days after the month's beginning are past.
    fn past(&self, day: Millis) -> Millis {
        self.case.month().start() + (u64::from(DAYS) + day) * DAY
    }

    /// A row that a listing of chunks gives back as it is.
    fn row(&self, day: Millis) -> SessionRow {
        SessionRow {
            visited: Vec::new(),
            more: 0,
            ..row(&self.sid(day))
        }
    }

    async fn record(&self, site: &SiteKey, day: Millis, chunks: u32) -> Outcome {
        let sid = &self.sid(day);
        for at in 0..chunks {
            let name = &format!("{at:013}-0000");
            let place = ChunkPlace { site, sid, name };
            let row = SessionRow {
                clicks: at + 1,
                ..self.row(day)
            };
            self.keeper
                .recordings
                .put(&place, b"bytes".to_vec(), &row)
                .await?;
        }
        Ok(())
    }

    /// Finished sessions of two chunks.
    async fn finished(&self, days: &[Millis]) -> Outcome {
        self.keeper
            .shelf
            .save_plan(&Plan::new(self.case.site.clone(), self.case.month()))?;
        for day in days {
            self.record(&self.case.site, *day, 2).await?;
            self.keeper
                .shelf
                .restore(&self.row(*day), &Packed::default(), 1)?;
        }
        Ok(())
    }

    /// Does what is due at `now`, to its end.
    async fn work(&self, now: Millis) -> Outcome {
        for _ in 0..50 {
            self.keeper.alarm(now, Some(DAYS)).await?;
            if self.keeper.shelf.alarm().await?.is_none_or(|at| at > now) {
                let plan = self.keeper.shelf.plan()?;
                return equal("failures", &plan.map_or(0, |plan| plan.failures), &0);
            }
        }
        Err(Broken("it never rests".to_owned()))
    }

    /// Which of the sessions of these days have chunks, and which have rows.
    async fn left(&self, days: &[Millis]) -> Result<(Vec<Millis>, Vec<Millis>), Broken> {
        let rows = self.keeper.shelf.rows(Millis::MAX, 1_000)?;
        let (mut with_chunks, mut with_rows) = (Vec::new(), Vec::new());
        for day in days {
            let sid = self.sid(*day);
            if !self
                .keeper
                .recordings
                .list(&self.case.site, &sid)
                .await?
                .is_empty()
            {
                with_chunks.push(*day);
            }
            if rows.contains(&sid) {
                with_rows.push(*day);
            }
        }
        Ok((with_chunks, with_rows))
    }

    async fn leaves(&self, days: &[Millis], left: &[Millis]) -> Outcome {
        let found = self.left(days).await?;
        equal("left", &found, &(left.to_vec(), left.to_vec()))
    }
}

macro_rules! property {
    ($(#[$doc:meta])* $name:ident($work:ident) $body:block) => {
        $(#[$doc])*
        async fn $name<S, C, R, K, O, I>($work: &Work<'_, S, C, R, K, O, I>) -> Outcome
        where
            S: Shelf,
            C: Chunks,
            K: Records,
            O: Sessions,
            R: Recordings,
            I: Index,
        $body
    };
}

property! {
/// Chunks and rows, to the millisecond.
what_is_past_goes_and_nothing_else(work) {
    let days = [0, 1, 5, 20];
    work.finished(&days).await?;
    work.work(work.past(1)).await?;
    work.leaves(&days, &[1, 5, 20]).await?;
    work.work(work.past(1) + 1).await?;
    work.leaves(&days, &[5, 20]).await
}
}

property! {
/// An alarm is repeated until it has an end.
doing_it_again_changes_nothing(work) {
    let days = [0, 5];
    work.finished(&days).await?;
    for _ in 0..3 {
        work.work(work.past(2)).await?;
        work.leaves(&days, &[5]).await?;
    }
    Ok(())
}
}

property! {
/// Of one session, and what follows.
more_chunks_than_a_page_go(work) {
    let days = [0, 1, 5];
    work.finished(&days).await?;
    work.record(&work.case.site, 0, PAGE + 1).await?;
    work.work(work.past(2)).await?;
    work.leaves(&days, &[5]).await
}
}

property! {
/// Not even its plan and its alarm.
a_month_that_is_past_leaves_nothing(work) {
    let days = [0, 5, 20];
    work.finished(&days).await?;
    work.work(work.past(32)).await?;
    work.leaves(&days, &[]).await?;
    equal("plan", &work.keeper.shelf.plan()?, &None)?;
    equal("alarm", &work.keeper.shelf.alarm().await?, &None)
}
}

property! {
/// The same session ids in two sites, of which one's key begins with the other's.
another_site_keeps_its_recordings(work) {
    let neighbour = work.case.neighbour()?;
    work.finished(&[0]).await?;
    work.record(&neighbour, 0, 2).await?;
    work.work(work.past(2)).await?;
    work.leaves(&[0], &[]).await?;
    let kept = work.keeper.recordings.list(&neighbour, &work.sid(0)).await?;
    equal("theirs", &kept.len(), &2)
}
}

property! {
/// The same rows, as the last chunk of each session tells them; who was erased stays away.
an_index_is_made_again_of_its_recordings(work) {
    let (case, days) = (work.case, [0, 1, 2, 3]);
    for day in days {
        work.record(&case.site, day, 2).await?;
    }
    work.index.erase(&case.site, &work.sid(2)).await?;
    let plan = Plan::new(case.site.clone(), case.month()).to_rebuild();
    work.keeper.shelf.save_plan(&plan)?;
    work.work(work.past(0) - 1).await?;
    let span = Span {
        oldest: case.month().start(),
        newest: case.month().next().start(),
    };
    let search = Search {
        limit: 100,
        ..Search::default()
    };
    let found = work.index.page(&case.site, span, &search).await?;
    let expected = [3, 1, 0].map(|day| SessionRow {
        clicks: 2,
        ..work.row(day)
    });
    equal("rows", &found, &expected.to_vec())?;
    let rebuild = work.keeper.shelf.plan()?.and_then(|plan| plan.rebuild);
    let done = rebuild.is_some_and(|rebuild| rebuild.finished.is_some() && rebuild.unreadable == 0);
    holds("it says that it is done", done)
}
}
