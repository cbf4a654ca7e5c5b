//! Stores that break one promise each: a property must notice.

use super::native::{case, writer};
use super::{Broken, index, recordings, records, reports, session};
use crate::analytics::pack::Packed;
use crate::analytics::report::{AnyReport, Example};
use crate::api::SessionRow;
use crate::facets::Facets;
use crate::filter::Filter;
use crate::id::{Millis, SessionId, SiteKey};
use crate::listing::Search;
use crate::quota::{Admission, Quota};
use crate::recording::Record;
use crate::store::memory::{Memory, MemoryBuffer};
use crate::store::{
    ChunkPlace, Index, ListedChunk, MaskedSum, Part, Recordings, Records, Reported, Result, Span,
};
use pollster::block_on;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// All sites are one.
    Sites,
    /// A listing ends with its first page.
    FirstPage,
    /// A listing does not tell the sizes.
    NoSizes,
    /// A listing shows the first chunk for a while after others were written.
    LaggingList,
    /// A part that reaches past the end is cut.
    ShortPart,
    /// What is there already stays.
    KeepsFirst,
    /// Nothing is removed.
    KeepsAll,
    /// The last to arrive wins.
    LastWins,
    /// What is erased may come again.
    EraseIsDelete,
    /// The list begins with the oldest.
    OldestFirst,
    /// The list ends with the month.
    WholeMonths,
    /// A condition is left out.
    IgnoresConditions,
    /// What is equal by the order is skipped when a page goes on.
    ForgetsTies,
    /// What reports read of a session is not kept.
    RowsOnly,
    /// A list of facets holds the value that was asked for only.
    KeepsOwnCondition,
    /// A session is judged anew whenever it asks.
    ForgetsVerdicts,
    /// Who was refused counts as well.
    CountsRefused,
    /// A quota of bytes is not looked at.
    FreeBytes,
    /// A session's bytes are counted by its row, not when they arrive.
    CountsRows,
}

#[derive(Clone, Copy)]
pub(super) struct Flawed<'a> {
    pub(super) memory: &'a Memory,
    pub(super) flaw: Flaw,
}

impl Flawed<'_> {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn site(&self, site: &SiteKey) -> SiteKey {
        if self.is(Flaw::Sites) {
            return SiteKey::parse("one").unwrap();
        }
        site.clone()
    }
}

impl Recordings for Flawed<'_> {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()> {
        let site = &self.site(place.site);
        let place = ChunkPlace { site, ..*place };
        let known = Recordings::get(&self.memory, &place).await?;
        if self.is(Flaw::KeepsFirst) && known.is_some() {
            return Ok(());
        }
        Recordings::put(&self.memory, &place, bytes, row).await
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        let site = &self.site(place.site);
        Recordings::get(&self.memory, &ChunkPlace { site, ..*place }).await
    }

    async fn part(&self, place: &ChunkPlace<'_>, part: Part) -> Result<Option<Vec<u8>>> {
        let site = &self.site(place.site);
        let place = ChunkPlace { site, ..*place };
        if !self.is(Flaw::ShortPart) {
            return self.memory.part(&place, part).await;
        }
        let bytes = Recordings::get(&self.memory, &place).await?;
        Ok(bytes.map(|bytes| {
            let rest = bytes.into_iter().skip(part.offset.try_into().unwrap());
            rest.take(part.length.try_into().unwrap()).collect()
        }))
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<ListedChunk>> {
        let mut chunks = self.memory.list(&self.site(site), sid).await?;
        match self.flaw {
            Flaw::FirstPage => chunks.truncate(1_000),
            Flaw::LaggingList => chunks.truncate(1),
            Flaw::NoSizes => chunks.iter_mut().for_each(|chunk| chunk.bytes = 5),
            _ => {}
        }
        Ok(chunks)
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()> {
        if self.is(Flaw::KeepsAll) {
            return Ok(());
        }
        Recordings::remove(&self.memory, &self.site(site), sid, names).await
    }
}

impl Records for Flawed<'_> {
    async fn put(&self, site: &SiteKey, record: &Record, days: u32) -> Result<()> {
        let site = &self.site(site);
        let known = Records::get(&self.memory, site, &record.sid).await?;
        if self.is(Flaw::KeepsFirst) && known.is_some() {
            return Ok(());
        }
        Records::put(&self.memory, site, record, days).await
    }

    async fn get(&self, site: &SiteKey, sid: &SessionId) -> Result<Option<Record>> {
        Records::get(&self.memory, &self.site(site), sid).await
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        if self.is(Flaw::KeepsAll) {
            return Ok(());
        }
        Records::remove(&self.memory, &self.site(site), sid).await
    }
}

impl Index for Flawed<'_> {
    async fn upsert(
        &self,
        site: &SiteKey,
        row: &SessionRow,
        packed: &Packed,
        revision: Millis,
    ) -> Result<()> {
        let revision = if self.is(Flaw::LastWins) { 0 } else { revision };
        let nothing = Packed::default();
        let packed = if self.is(Flaw::RowsOnly) {
            &nothing
        } else {
            packed
        };
        self.memory
            .upsert(&self.site(site), row, packed, revision)
            .await
    }

    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        match self.flaw {
            Flaw::EraseIsDelete => self.memory.forget(&self.site(site), sid).await,
            Flaw::KeepsAll => Ok(()),
            _ => self.memory.erase(&self.site(site), sid).await,
        }
    }

    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        self.memory.forget(&self.site(site), sid).await
    }

    async fn page(&self, site: &SiteKey, span: Span, search: &Search) -> Result<Vec<SessionRow>> {
        let oldest = if self.is(Flaw::WholeMonths) {
            0
        } else {
            span.oldest
        };
        let span = Span { oldest, ..span };
        let site = &self.site(site);
        let mut search = search.clone();
        match self.flaw {
            Flaw::IgnoresConditions => search.filter.url = None,
            Flaw::ForgetsTies => {
                if let Some(cursor) = &mut search.cursor {
                    cursor.sid = SessionId::new(0, &[0; 17]);
                }
            }
            _ => {}
        }
        let mut rows = self.memory.page(site, span, &search).await?;
        if self.is(Flaw::OldestFirst) {
            rows.reverse();
        }
        Ok(rows)
    }

    async fn facets(&self, site: &SiteKey, span: Span, filter: &Filter) -> Result<Facets> {
        let mut facets = self.memory.facets(&self.site(site), span, filter).await?;
        if self.is(Flaw::KeepsOwnCondition) && filter.country.is_some() {
            facets.country.truncate(1);
        }
        Ok(facets)
    }

    async fn report(
        &self,
        site: &SiteKey,
        span: Span,
        filter: &Filter,
        report: AnyReport,
    ) -> Result<Reported> {
        let site = &self.site(site);
        let mut filter = filter.clone();
        if self.is(Flaw::IgnoresConditions) {
            filter.url = None;
        }
        let oldest = if self.is(Flaw::WholeMonths) {
            0
        } else {
            span.oldest
        };
        let span = Span { oldest, ..span };
        self.memory.report(site, span, &filter, report).await
    }

    async fn named(&self, site: &SiteKey, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
        self.memory.named(&self.site(site), examples).await
    }

    async fn masked(&self, site: &SiteKey, span: Span) -> Result<MaskedSum> {
        self.memory.masked(&self.site(site), span).await
    }

    async fn is_erased(&self, site: &SiteKey, sid: &SessionId) -> Result<bool> {
        self.memory.is_erased(&self.site(site), sid).await
    }

    async fn admit(&self, site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission> {
        let site = &self.site(site);
        if self.is(Flaw::ForgetsVerdicts) {
            let mut admissions = self.memory.admissions.borrow_mut();
            admissions.retain(|other| other != sid);
        }
        let mut quota = *quota;
        if self.is(Flaw::FreeBytes) {
            quota.bytes_per_month = None;
        }
        if self.is(Flaw::CountsRows) {
            let rows = self.memory.rows.borrow();
            let used: u64 = rows.values().map(|(_, row, _)| row.bytes).sum();
            let limit = &mut quota.bytes_per_month;
            *limit = limit.map(|limit| limit.saturating_sub(used));
        }
        let verdict = self.memory.admit(site, sid, &quota).await?;
        if self.is(Flaw::CountsRefused) {
            let mut admissions = self.memory.admissions.borrow_mut();
            admissions.put(site, sid, Admission::Admitted);
        }
        Ok(verdict)
    }
}

/// Whether a property holds for a store with that flaw.
fn holds(flaw: Flaw, suite: &str, name: &str) -> bool {
    let memory = &Memory::default();
    let store = Flawed { memory, flaw };
    let outcome = match suite {
        "recordings" => block_on(recordings::run(name, &store, &case())),
        "records" => block_on(records::run(name, &store, &case())),
        "index" => block_on(index::run(name, &store, &case())),
        "reports" => block_on(reports::run(name, &store, &case())),
        "session" => {
            let buffer = MemoryBuffer::default();
            block_on(session::run(name, &writer(&buffer, store), &case()))
        }
        other => Err(Broken(other.to_owned())),
    };
    outcome.is_ok()
}

/// Which property notices a flaw.
const NOTICED: [(Flaw, &str, &str); 32] = [
    (Flaw::Sites, "recordings", "sites_do_not_see_each_other"),
    (Flaw::Sites, "records", "sites_do_not_see_each_other"),
    (Flaw::Sites, "index", "sites_do_not_see_each_other"),
    (
        Flaw::FirstPage,
        "recordings",
        "more_chunks_than_a_page_are_listed_and_removed",
    ),
    (Flaw::NoSizes, "recordings", "the_same_chunk_twice_is_one"),
    (Flaw::LaggingList, "session", "an_old_record_hides_no_chunk"),
    (Flaw::ShortPart, "recordings", "a_part_past_the_end_is_none"),
    (
        Flaw::KeepsFirst,
        "recordings",
        "the_same_chunk_twice_is_one",
    ),
    (
        Flaw::KeepsFirst,
        "records",
        "a_later_record_takes_its_place",
    ),
    (
        Flaw::KeepsAll,
        "recordings",
        "what_is_removed_is_gone_and_nothing_else",
    ),
    (
        Flaw::KeepsAll,
        "records",
        "a_removed_record_is_gone_and_no_other",
    ),
    (
        Flaw::KeepsAll,
        "index",
        "an_erased_row_is_gone_and_no_other",
    ),
    (
        Flaw::KeepsAll,
        "session",
        "an_erased_session_leaves_nothing_in_any_store",
    ),
    (
        Flaw::LastWins,
        "index",
        "an_earlier_revision_changes_nothing",
    ),
    (
        Flaw::EraseIsDelete,
        "index",
        "an_erased_session_lets_no_later_row_in",
    ),
    (
        Flaw::EraseIsDelete,
        "session",
        "an_erased_session_leaves_nothing_in_any_store",
    ),
    (Flaw::Sites, "reports", "nothing_is_said_of_nobody"),
    (
        Flaw::RowsOnly,
        "reports",
        "a_report_counts_what_a_filter_takes",
    ),
    (
        Flaw::IgnoresConditions,
        "reports",
        "a_report_counts_what_a_filter_takes",
    ),
    (
        Flaw::WholeMonths,
        "reports",
        "a_report_counts_what_a_filter_takes",
    ),
    (
        Flaw::LastWins,
        "reports",
        "every_report_follows_every_write",
    ),
    (
        Flaw::KeepsAll,
        "reports",
        "every_report_follows_every_write",
    ),
    (Flaw::OldestFirst, "index", "the_newest_come_first"),
    (
        Flaw::IgnoresConditions,
        "index",
        "a_filter_takes_what_it_means",
    ),
    (
        Flaw::ForgetsTies,
        "index",
        "every_order_walks_over_every_row_once",
    ),
    (
        Flaw::KeepsOwnCondition,
        "index",
        "facets_count_what_a_filter_takes",
    ),
    (
        Flaw::WholeMonths,
        "index",
        "what_started_before_the_span_is_left_out",
    ),
    (
        Flaw::EraseIsDelete,
        "index",
        "what_is_erased_is_known_until_it_is_forgotten",
    ),
    (
        Flaw::EraseIsDelete,
        "session",
        "a_tombstone_that_is_lost_is_made_again",
    ),
    (Flaw::ForgetsVerdicts, "index", "a_verdict_stays"),
    (
        Flaw::CountsRefused,
        "index",
        "who_is_refused_does_not_count",
    ),
    (
        Flaw::Sites,
        "index",
        "sites_have_quotas_and_erasures_of_their_own",
    ),
];

#[test]
fn a_broken_promise_is_noticed() {
    for (flaw, suite, name) in NOTICED {
        assert!(!holds(flaw, suite, name), "{flaw:?}: {suite}::{name}");
    }
}
