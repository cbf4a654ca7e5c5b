//! Properties of the ports of an operator's erasure together: what [`Eraser`] leaves.
//!
//! Each run needs a desk that is new.

use super::{Broken, Case, Outcome, equal, holds, row};
use crate::analytics::pack::Packed;
use crate::erasure::{
    Desk, EraseRequest, Eraser, Job, Ledger, Months, PurgeRequest, Receipt, Rest, STEP, Sessions,
    Sites, Wanted,
};
use crate::filter::Filter;
use crate::id::{ErasureId, Millis, SessionId, SiteKey};
use crate::lifecycle::Held;
use crate::listing::Search;
use crate::store::{Index, Span};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::vec::Vec;

macro_rules! suite {
    ($($name:ident),+ $(,)?) => {
        /// The properties.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Runs one property.
        pub async fn run<D: Desk, L: Ledger, M: Months + Rest, S: Sessions, C: Sites, I: Index>(
            name: &str,
            eraser: &Eraser<D, L, M, S, C>,
            index: &I,
            case: &Case,
        ) -> Outcome {
            let work = Work { eraser, index, case };
            match name {
                $(stringify!($name) => $name(&work).await,)+
                _ => super::unknown(name),
            }
        }
    };
}

suite!(
    a_purge_takes_what_is_older_and_nothing_else,
    a_purge_of_nothing_counts_none,
    a_purge_again_finds_nothing,
    more_than_a_step_are_erased_and_counted,
    a_filter_takes_what_it_means,
    sessions_go_by_their_ids_alone,
    another_site_keeps_its_sessions,
    an_unconfirmed_one_of_a_site_that_is_gone_is_done,
    a_withdrawn_one_erases_nothing,
    one_at_a_time_is_under_way,
);

const DAY: Millis = 86_400_000;

struct Work<'a, D, L, M, S, C, I> {
    eraser: &'a Eraser<D, L, M, S, C>,
    index: &'a I,
    case: &'a Case,
}

impl<D: Desk, L: Ledger, M: Months + Rest, S: Sessions, C: Sites, I: Index>
    Work<'_, D, L, M, S, C, I>
{
    /// Sessions `0..n` of the case, every third of them from Chile.
    async fn listed(&self, site: &SiteKey, n: Millis) -> Outcome {
        for after in 0..n {
            let mut row = row(&self.case.sid(after));
            let country = if after % 3 == 2 { "CL" } else { "NO" };
            row.country = Some(country.to_owned());
            self.index.upsert(site, &row, &Packed::default(), 1).await?;
        }
        Ok(())
    }

    fn now(&self) -> Millis {
        self.case.now.saturating_add(1_000)
    }

    fn job(&self, wanted: Wanted, matched: u64, number: u8) -> Job {
        let (site, now) = (self.case.site.clone(), self.now());
        let id = ErasureId::new(now, &[number; 10]);
        Job::new(site, id, wanted, matched, "operator".to_owned(), now)
    }

    /// Has it done to its end, and gives the receipt.
    async fn erase(&self, wanted: Wanted, matched: u64, number: u8) -> Result<Receipt, Broken> {
        self.done(&self.job(wanted, matched, number)).await
    }

    async fn done(&self, job: &Job) -> Result<Receipt, Broken> {
        let (site, now) = (&self.case.site, self.now());
        self.eraser.start(job, now).await?;
        for _ in 0..200 {
            if self.eraser.desk.load()?.is_none() {
                break;
            }
            self.eraser.alarm(now).await?;
        }
        equal("left to be done", &self.eraser.desk.load()?, &None)?;
        equal("alarm", &self.eraser.desk.alarm().await?, &None)?;
        let receipt = self.eraser.ledger.receipt(site, &job.receipt.id).await?;
        let receipt = receipt.ok_or_else(|| Broken("there is no receipt".to_owned()))?;
        equal("finished", &receipt.finished, &Some(now))?;
        Ok(receipt)
    }

    /// Of the sessions `0..n`, those at `left` are listed and nobody's; the others are erased.
    async fn leaves(&self, site: &SiteKey, n: Millis, left: &[Millis]) -> Outcome {
        let span = Span {
            oldest: self.case.now.saturating_sub(DAY),
            newest: self.case.now.saturating_add(DAY),
        };
        let search = Search {
            limit: 1_000,
            ..Search::default()
        };
        let rows = self.index.page(site, span, &search).await?;
        let listed: Vec<SessionId> = rows.into_iter().rev().map(|row| row.sid).collect();
        let expected: Vec<SessionId> = left.iter().map(|after| self.case.sid(*after)).collect();
        equal("listed", &listed, &expected)?;
        for after in 0..n {
            let sid = self.case.sid(after);
            let held = self.eraser.sessions.held(site, &sid).await?;
            let stays = left.contains(&after);
            let expected = if stays { Held::Nothing } else { Held::Erased };
            equal(format!("session {after}"), &held, &expected)?;
        }
        Ok(())
    }

    fn before(&self, after: Millis) -> Wanted {
        let before = self.case.now.saturating_add(after);
        PurgeRequest {
            before,
            confirm: None,
        }
        .wanted()
    }

    /// What a filter takes, of the last day.
    fn matching(&self, filter: Filter) -> Result<Wanted, Broken> {
        let from = Some(self.case.now.saturating_sub(DAY));
        let request = EraseRequest {
            filter: Some(Filter { from, ..filter }),
            ..EraseRequest::default()
        };
        self.wanted(request)
    }

    fn wanted(&self, request: EraseRequest) -> Result<Wanted, Broken> {
        request
            .wanted(self.case.now.saturating_add(DAY))
            .map_err(Broken)
    }
}

macro_rules! property {
    ($(#[$doc:meta])* $name:ident($work:ident) $body:block) => {
        $(#[$doc])*
        async fn $name<D, L, M, S, C, I>($work: &Work<'_, D, L, M, S, C, I>) -> Outcome
        where
            D: Desk,
            L: Ledger,
            M: Months + Rest,
            S: Sessions,
            C: Sites,
            I: Index,
        $body
    };
}

property! {
/// To the millisecond, and the receipt says how many.
a_purge_takes_what_is_older_and_nothing_else(work) {
    work.listed(&work.case.site, 4).await?;
    let receipt = work.erase(work.before(2), 2, 1).await?;
    equal("erased", &receipt.erased, &2)?;
    work.leaves(&work.case.site, 4, &[2, 3]).await
}
}

property! {
/// It is done, and nothing was there to be done.
a_purge_of_nothing_counts_none(work) {
    work.listed(&work.case.site, 2).await?;
    let receipt = work.erase(work.before(0), 0, 1).await?;
    equal("erased", &receipt.erased, &0)?;
    work.leaves(&work.case.site, 2, &[0, 1]).await
}
}

property! {
/// What was erased is erased once.
a_purge_again_finds_nothing(work) {
    work.listed(&work.case.site, 3).await?;
    for (number, erased) in [(1, 2), (2, 0)] {
        let receipt = work.erase(work.before(2), erased, number).await?;
        equal("erased", &receipt.erased, &erased)?;
        work.leaves(&work.case.site, 3, &[2]).await?;
    }
    Ok(())
}
}

property! {
/// Step by step, each session once.
more_than_a_step_are_erased_and_counted(work) {
    let n = u64::from(2 * STEP + 1);
    work.listed(&work.case.site, n).await?;
    let wanted = work.matching(Filter::default())?;
    let receipt = work.erase(wanted, n, 1).await?;
    equal("erased", &receipt.erased, &n)?;
    work.leaves(&work.case.site, n, &[]).await
}
}

property! {
/// And nothing else.
a_filter_takes_what_it_means(work) {
    work.listed(&work.case.site, 6).await?;
    let filter = Filter {
        country: Some("CL".to_owned()),
        ..Filter::default()
    };
    let receipt = work.erase(work.matching(filter)?, 2, 1).await?;
    equal("erased", &receipt.erased, &2)?;
    work.leaves(&work.case.site, 6, &[0, 1, 3, 4]).await
}
}

property! {
/// Each once, also one that no row tells of.
sessions_go_by_their_ids_alone(work) {
    work.listed(&work.case.site, 3).await?;
    let sessions = [1, 3, 1].map(|after| work.case.sid(after)).to_vec();
    let wanted = work.wanted(EraseRequest {
        sessions: Some(sessions),
        ..EraseRequest::default()
    })?;
    let receipt = work.erase(wanted, 2, 1).await?;
    equal("erased", &receipt.erased, &2)?;
    work.leaves(&work.case.site, 4, &[0, 2]).await
}
}

property! {
/// The same session ids in two sites, of which one's key begins with the other's.
another_site_keeps_its_sessions(work) {
    let neighbour = work.case.neighbour()?;
    for site in [&work.case.site, &neighbour] {
        work.listed(site, 2).await?;
    }
    let wanted = work.matching(Filter::default())?;
    let receipt = work.erase(wanted, 2, 1).await?;
    holds("its own were counted", receipt.erased == 2)?;
    work.leaves(&work.case.site, 2, &[]).await?;
    work.leaves(&neighbour, 2, &[0, 1]).await
}
}

property! {
/// The case's site is in nobody's settings: as if it had been deleted, and whoever did it had
/// ended before it said so.
an_unconfirmed_one_of_a_site_that_is_gone_is_done(work) {
    work.listed(&work.case.site, 3).await?;
    let job = work.job(work.before(2), 2, 1).unconfirmed();
    let receipt = work.done(&job).await?;
    equal("erased", &receipt.erased, &2)?;
    work.leaves(&work.case.site, 3, &[2]).await
}
}

property! {
/// Its site stays, and nothing tells of it.
a_withdrawn_one_erases_nothing(work) {
    work.listed(&work.case.site, 2).await?;
    let job = work.job(work.before(2), 2, 1).unconfirmed();
    let (eraser, now) = (work.eraser, work.now());
    eraser.start(&job, now).await?;
    eraser.withdraw().await?;
    equal("left to be done", &eraser.desk.load()?, &None)?;
    equal("alarm", &eraser.desk.alarm().await?, &None)?;
    eraser.alarm(now).await?;
    let receipt = eraser
        .ledger
        .receipt(&work.case.site, &job.receipt.id)
        .await?;
    equal("receipt", &receipt, &None)?;
    work.leaves(&work.case.site, 2, &[0, 1]).await
}
}

property! {
/// What is asked for meanwhile is not taken on, and the place is free afterwards.
one_at_a_time_is_under_way(work) {
    work.listed(&work.case.site, 4).await?;
    let first = work.job(work.before(1), 1, 1);
    let second = work.job(work.before(3), 2, 2);
    work.eraser.start(&first, work.now()).await?;
    work.eraser.start(&second, work.now()).await?;
    equal("erased", &work.done(&first).await?.erased, &1)?;
    let receipt = work
        .eraser
        .ledger
        .receipt(&work.case.site, &second.receipt.id)
        .await?;
    equal("receipt of the second", &receipt, &None)?;
    work.leaves(&work.case.site, 4, &[1, 2, 3]).await?;
    equal("erased afterwards", &work.done(&second).await?.erased, &2)?;
    work.leaves(&work.case.site, 4, &[3]).await
}
}
