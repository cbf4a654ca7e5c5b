//! Properties of all ports together: a session's whole life, as its writer leads it and
//! as a reader sees it at every stage. Time is an argument, so that days pass at once.

use super::batch::{Up, event, last, tab, up};
use super::{Broken, Case, Outcome, equal, holds};
use crate::analytics::pack::Packed;
use crate::api::{EventLine, SessionDetail, SessionRow};
use crate::id::{Millis, SessionId, TabId};
use crate::issue::Issues;
use crate::lifecycle::{Actor, Append, Erase, Held, Refused, SETTLED, Timing, erased_until};
use crate::listing::Search;
use crate::quota::{Exhausted, Quota};
use crate::reading::{Events, Format, Snapshot, find, list};
use crate::recording::Selection;
use crate::store::{Buffer, Index, Recordings, Records, Span, StoreError};
use crate::wire::{Ack, Limits};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// The limits of the sessions here: small enough to reach.
pub const LIMITS: Limits = Limits {
    session_events: 100,
    session_tabs: 20,
    ..Limits::DEFAULT
};

/// When the sessions here are listed and finished.
pub const TIMING: Timing = Timing::DEFAULT;

macro_rules! suite {
    ($($name:ident),+ $(,)?) => {
        /// The properties.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Runs one property on a writer whose storage is new.
        pub async fn run<B, R, K, I>(
            name: &str,
            actor: &Actor<B, R, K, I>,
            case: &Case,
        ) -> Outcome
        where
            B: Buffer,
            R: Recordings + Clone,
            K: Records,
            I: Index + Issues,
        {
            let visit = Visit { actor, case };
            match name {
                $(stringify!($name) => $name(&visit).await,)+
                _ => super::unknown(name),
            }
        }
    };
}

suite!(
    an_unknown_session_is_not_there,
    batches_add_up,
    batches_that_come_out_of_order_are_read_in_order,
    a_batch_that_is_sent_again_is_stored_once,
    an_overlap_is_stored_once,
    tabs_and_windows_are_kept_apart,
    a_tab_is_read_alone,
    a_range_of_time_is_read_alone,
    a_chunk_is_read_as_well_as_lines,
    it_is_listed_live_and_then_finished,
    finishing_changes_nothing_that_is_read,
    a_finished_session_leaves_its_writer_empty,
    a_late_batch_revives_it,
    an_old_record_hides_no_chunk,
    a_record_that_is_gone_is_made_again,
    a_record_of_chunks_that_are_gone_is_not_believed,
    a_full_session_refuses_a_batch_whole,
    a_session_has_so_many_page_loads,
    an_erased_session_is_hidden_at_once,
    an_erased_session_leaves_nothing_in_any_store,
    an_erased_session_takes_no_batch_until_none_can_come,
    erasing_an_unknown_session_and_erasing_twice,
    a_tombstone_that_is_lost_is_made_again,
    a_session_over_its_quota_is_refused_whole,
    a_session_that_was_let_in_goes_on,
);

struct Visit<'a, B, R, K, I> {
    actor: &'a Actor<B, R, K, I>,
    case: &'a Case,
}

/// An event as it is read.
type Read = (TabId, u32, String);

impl<B: Buffer, R: Recordings + Clone, K: Records, I: Index + Issues> Visit<'_, B, R, K, I> {
    fn sid(&self) -> SessionId {
        self.case.sid(0)
    }

    /// The instant `after` ms after the session's start.
    fn at(&self, after: Millis) -> Millis {
        self.case.now.saturating_add(after)
    }

    async fn append(&self, batch: Up, after: Millis) -> Result<Result<Ack, Refused>, Broken> {
        self.append_to(None, batch, after).await
    }

    /// The same, of a site with a quota.
    async fn append_to(
        &self,
        quota: Option<Quota>,
        batch: Up,
        after: Millis,
    ) -> Result<Result<Ack, Refused>, Broken> {
        // Its own clock is right, so that a late batch is let in.
        let (append, body) = batch.arrived(&self.sid(), self.case.now)?;
        let mut append = Append {
            site: self.case.site.clone(),
            quota,
            ..append
        };
        append.batch.at = self.at(after);
        let done = self.actor.append(&append, body, self.at(after)).await?;
        Ok(done)
    }

    /// Appends what must be taken; the event that is awaited next.
    async fn add(&self, batch: Up, after: Millis) -> Result<u32, Broken> {
        match self.append(batch, after).await? {
            Ok(ack) => Ok(ack.next),
            Err(refused) => Err(Broken(format!("{batch:?} was refused: {refused:?}"))),
        }
    }

    /// Lets time pass up to `after`: alarms go off when they are due.
    async fn run_until(&self, after: Millis) -> Outcome {
        let until = self.at(after);
        for _ in 0..50 {
            match self.actor.buffer.alarm().await? {
                Some(at) if at <= until => self.actor.alarm(at).await?,
                _ => return Ok(()),
            }
        }
        Err(Broken("the alarm never rests".to_owned()))
    }

    async fn erase(&self, after: Millis) -> Outcome {
        let erase = Erase {
            site: self.case.site.clone(),
            sid: self.sid(),
        };
        Ok(self.actor.erase(&erase, self.at(after)).await?)
    }

    async fn find(&self, selection: &Selection) -> Result<Option<Snapshot>, Broken> {
        let ports = (self.actor, &self.actor.recordings, &self.actor.records);
        let (site, sid) = (&self.case.site, self.sid());
        Ok(find(ports, site, &sid, selection, self.actor.log).await?)
    }

    async fn detail(&self) -> Result<SessionDetail, Broken> {
        let found = self.find(&Selection::NONE).await?;
        let found = found.ok_or_else(|| Broken("the session is not found".to_owned()))?;
        Ok(found.record.detail())
    }

    async fn pieces(&self, selection: &Selection, format: Format) -> Result<Vec<u8>, Broken> {
        let Some(found) = self.find(selection).await? else {
            return Ok(Vec::new());
        };
        let recordings = self.actor.recordings.clone();
        let site = self.case.site.clone();
        let mut events = Events::new(recordings, site, found, selection, format, self.actor.log);
        let mut bytes = Vec::new();
        while let Some(piece) = events.next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    async fn events(&self, selection: &Selection) -> Result<Vec<Read>, Broken> {
        let text = self.pieces(selection, Format::Ndjson).await?;
        let lines = text.split(|byte| *byte == b'\n');
        lines.filter(|line| !line.is_empty()).map(read).collect()
    }

    async fn listed(&self) -> Result<Option<SessionRow>, Broken> {
        let span = Span {
            oldest: self.case.now.saturating_sub(86_400_000),
            newest: self.at(30_000),
        };
        let page = list(&self.actor.index, &self.case.site, span, &Search::default()).await?;
        Ok(page.sessions.into_iter().next())
    }

    fn expected(&self, tab_number: u8, n: u32) -> Vec<Read> {
        let start = self.case.now;
        let one = |index| (tab(tab_number), index, event(start, index));
        (0..n).map(one).collect()
    }

    async fn holds_events(&self, what: &str, tab_number: u8, n: u32) -> Outcome {
        let found = self.events(&Selection::ALL).await?;
        equal(what, &found, &self.expected(tab_number, n))
    }

    /// Three events of a page that was left, finished.
    async fn finished(&self) -> Outcome {
        self.add(last(1, 0, 3), 0).await?;
        self.run_until(100_000).await
    }

    /// Nothing of the session is found or listed.
    async fn is_absent(&self) -> Outcome {
        equal("found", &self.find(&Selection::ALL).await?, &None)?;
        equal("listed", &self.listed().await?, &None)
    }

    /// Nothing of the session is in any store.
    async fn is_gone(&self) -> Outcome {
        let (site, sid) = (&self.case.site, self.sid());
        let chunks = self.actor.recordings.list(site, &sid).await?;
        equal("chunks", &chunks, &Vec::new())?;
        equal("record", &self.actor.records.get(site, &sid).await?, &None)?;
        equal("row", &self.listed().await?, &None)
    }
}

fn read(line: &[u8]) -> Result<Read, Broken> {
    let line: EventLine<'_> =
        serde_json::from_slice(line).map_err(|error| Broken(format!("a line: {error}")))?;
    Ok((line.tab, line.index, line.event.get().to_owned()))
}

macro_rules! property {
    ($(#[$doc:meta])* $name:ident($visit:ident) $body:block) => {
        $(#[$doc])*
        async fn $name<B, R, K, I>($visit: &Visit<'_, B, R, K, I>) -> Outcome
        where
            B: Buffer,
            R: Recordings + Clone,
            K: Records,
            I: Index + Issues,
        $body
    };
}

property! {
/// And asking for it leaves nothing behind.
an_unknown_session_is_not_there(visit) {
    visit.is_absent().await?;
    equal("held", &visit.actor.held()?, &Held::Nothing)?;
    equal("alarm", &visit.actor.buffer.alarm().await?, &None)
}
}

property! {
/// Every acknowledged event is there at once.
batches_add_up(visit) {
    equal("next", &visit.add(up(1, 0, 3), 0).await?, &3)?;
    visit.holds_events("after one", 1, 3).await?;
    equal("next", &visit.add(up(1, 3, 4), 10).await?, &7)?;
    visit.holds_events("after two", 1, 7).await?;
    equal("count", &visit.detail().await?.row.events, &7)
}
}

property! {
/// The next event that is awaited is the first that is missing.
batches_that_come_out_of_order_are_read_in_order(visit) {
    equal("next", &visit.add(up(1, 6, 3), 0).await?, &0)?;
    equal("next", &visit.add(up(1, 3, 3), 1).await?, &0)?;
    let gaps = visit.detail().await?.tab_list.into_iter().map(|tab| tab.gaps);
    equal("gaps", &gaps.collect(), &vec![vec![(0, 3)]])?;
    equal("next", &visit.add(up(1, 0, 3), 2).await?, &9)?;
    visit.holds_events("events", 1, 9).await
}
}

property! {
/// While it is live, and when it is finished.
a_batch_that_is_sent_again_is_stored_once(visit) {
    for _ in 0..3 {
        equal("next", &visit.add(last(1, 0, 3), 0).await?, &3)?;
    }
    visit.holds_events("live", 1, 3).await?;
    visit.run_until(100_000).await?;
    equal("next", &visit.add(last(1, 0, 3), 200_000).await?, &3)?;
    visit.run_until(1_000_000).await?;
    visit.holds_events("finished", 1, 3).await
}
}

property! {
/// The beacon of a page that is left overlaps with uploads that were under way.
an_overlap_is_stored_once(visit) {
    visit.add(up(1, 0, 4), 0).await?;
    visit.add(up(1, 6, 2), 1).await?;
    equal("next", &visit.add(up(1, 2, 10), 2).await?, &12)?;
    visit.holds_events("live", 1, 12).await?;
    visit.run_until(1_000_000).await?;
    visit.holds_events("finished", 1, 12).await
}
}

property! {
/// With the number of events of each.
tabs_and_windows_are_kept_apart(visit) {
    visit.add(up(1, 0, 3), 0).await?;
    visit.add(up(2, 0, 5), 1).await?;
    visit.add(up(1, 3, 1), 2).await?;
    let detail = visit.detail().await?;
    let mut tabs: Vec<(TabId, u64)> =
        detail.tab_list.into_iter().map(|tab| (tab.tab, tab.events)).collect();
    tabs.sort();
    equal("tabs", &tabs, &vec![(tab(1), 4), (tab(2), 5)])?;
    equal("row", &(detail.row.tabs, detail.row.events), &(2, 9))?;
    let expected = [visit.expected(1, 4), visit.expected(2, 5)].concat();
    equal("events", &visit.events(&Selection::ALL).await?, &expected)
}
}

property! {
/// Also one that is unknown.
a_tab_is_read_alone(visit) {
    visit.add(up(1, 0, 3), 0).await?;
    visit.add(up(2, 0, 5), 1).await?;
    visit.run_until(1_000_000).await?;
    for (number, n) in [(1, 3), (2, 5), (3, 0)] {
        let selection = Selection { tab: Some(tab(number)), ..Selection::ALL };
        let found = visit.events(&selection).await?;
        equal(format!("tab {number}"), &found, &visit.expected(number, n))?;
    }
    Ok(())
}
}

property! {
/// A batch is read if it touches the range, wherever it is.
a_range_of_time_is_read_alone(visit) {
    for first in [0, 4, 8] {
        visit.add(up(1, first, 4), 0).await?;
    }
    for stage in ["live", "finished"] {
        for (from, to, first, end) in
            [(0, 0, 0, 4), (3_000, 4_000, 0, 8), (4_000, 7_000, 4, 8), (11_000, 20_000, 8, 12)]
        {
            let selection = Selection { tab: None, from: visit.at(from), to: visit.at(to) };
            let found = visit.events(&selection).await?;
            let expected = visit.expected(1, 12);
            let expected = expected.get(first..end).unwrap_or_default().to_vec();
            equal(format!("{stage}: {from} to {to}"), &found, &expected)?;
        }
        let after = Selection { tab: None, from: visit.at(12_000), to: visit.at(13_000) };
        equal(stage, &visit.events(&after).await?, &Vec::new())?;
        visit.run_until(1_000_000).await?;
    }
    Ok(())
}
}

property! {
/// The same batches, byte for byte, with a footer that fits.
a_chunk_is_read_as_well_as_lines(visit) {
    visit.add(up(1, 0, 3), 0).await?;
    visit.add(up(2, 0, 5), 1).await?;
    visit.add(up(1, 3, 1), 2).await?;
    let live = visit.pieces(&Selection::ALL, Format::Chunk).await?;
    let firsts = |bytes: &[u8]| -> Result<Vec<(TabId, u32, u32)>, Broken> {
        let chunk = crate::chunk::Chunk::parse(bytes)
            .map_err(|error| Broken(format!("no chunk: {error}")))?;
        let batches = chunk.batches.into_iter();
        Ok(batches.map(|batch| (batch.meta.tab, batch.meta.first, batch.meta.n)).collect())
    };
    let expected = vec![(tab(1), 0, 3), (tab(1), 3, 1), (tab(2), 0, 5)];
    equal("batches", &firsts(&live)?, &expected)?;
    visit.run_until(1_000_000).await?;
    let finished = visit.pieces(&Selection::ALL, Format::Chunk).await?;
    holds("the same bytes when it is finished", live == finished)
}
}

property! {
/// Not before its time, and with the numbers of then.
it_is_listed_live_and_then_finished(visit) {
    visit.add(up(1, 0, 3), 0).await?;
    visit.run_until(TIMING.announce - 1).await?;
    equal("too early", &visit.listed().await?, &None)?;
    visit.run_until(TIMING.announce).await?;
    let row = visit.listed().await?.map(|row| (row.sid, row.live, row.events));
    equal("live", &row, &Some((visit.sid(), true, 3)))?;
    visit.add(last(1, 3, 2), 20_000).await?;
    visit.run_until(20_000 + TIMING.leave - 1).await?;
    equal("still", &visit.listed().await?.map(|row| row.live), &Some(true))?;
    visit.run_until(20_000 + TIMING.leave).await?;
    let row = visit.listed().await?;
    let facts = row.as_ref().map(|row| (row.live, row.events, row.clicks, row.duration));
    equal("finished", &facts, &Some((false, 5, 4, 4_000)))?;
    equal("the same as the detail", &Some(visit.detail().await?.row), &row)
}
}

property! {
/// Who reads sees no difference, but that it is not live any more.
finishing_changes_nothing_that_is_read(visit) {
    visit.add(up(2, 0, 2), 0).await?;
    visit.add(last(1, 0, 3), 1).await?;
    let before = visit.detail().await?;
    holds("live", before.row.live)?;
    let events = visit.events(&Selection::ALL).await?;
    visit.run_until(1_000_000).await?;
    let mut after = visit.detail().await?;
    holds("finished", !after.row.live)?;
    after.row.live = true;
    equal("detail", &after, &before)?;
    equal("events", &visit.events(&Selection::ALL).await?, &events)
}
}

property! {
/// A session costs nothing there for ever after.
a_finished_session_leaves_its_writer_empty(visit) {
    visit.finished().await?;
    equal("held", &visit.actor.held()?, &Held::Nothing)?;
    equal("alarm", &visit.actor.buffer.alarm().await?, &None)?;
    visit.holds_events("and is read", 1, 3).await
}
}

property! {
/// With all that it had, while it is live again and when it is finished again.
a_late_batch_revives_it(visit) {
    visit.finished().await?;
    equal("next", &visit.add(up(1, 1, 5), 200_000).await?, &6)?;
    visit.holds_events("live", 1, 6).await?;
    let detail = visit.detail().await?;
    equal("detail", &(detail.row.live, detail.row.events), &(true, 6))?;
    visit.run_until(2_000_000).await?;
    visit.holds_events("finished", 1, 6).await?;
    let row = visit.listed().await?.map(|row| (row.live, row.events));
    equal("row", &row, &Some((false, 6)))
}
}

property! {
/// Records may lag: the one of before the session was revived is still shown.
an_old_record_hides_no_chunk(visit) {
    let (site, sid) = (&visit.case.site, visit.sid());
    visit.finished().await?;
    let old = visit.actor.records.get(site, &sid).await?;
    let old = old.ok_or_else(|| Broken("no record".to_owned()))?;
    visit.add(up(1, 3, 5), 200_000).await?;
    visit.run_until(2_000_000).await?;
    let expected = visit.detail().await?;
    visit.actor.records.put(site, &old, 30).await?;
    visit.holds_events("events", 1, 8).await?;
    let found = visit.detail().await?;
    equal("batches", &found.batches, &expected.batches)?;
    equal("row", &found.row, &expected.row)
}
}

property! {
/// The chunks alone tell all but what the edge knew of the visitor.
a_record_that_is_gone_is_made_again(visit) {
    visit.finished().await?;
    let expected = visit.detail().await?;
    visit.actor.records.remove(&visit.case.site, &visit.sid()).await?;
    visit.holds_events("events", 1, 3).await?;
    let found = visit.detail().await?;
    equal("batches", &found.batches, &expected.batches)?;
    equal("row", &found.row, &expected.row)
}
}

property! {
/// What was removed must not be announced by what remembers it.
a_record_of_chunks_that_are_gone_is_not_believed(visit) {
    let (site, sid) = (&visit.case.site, visit.sid());
    visit.finished().await?;
    let chunks = visit.actor.recordings.list(site, &sid).await?;
    equal("chunks", &chunks.len(), &1)?;
    let names: Vec<String> = chunks.into_iter().map(|chunk| chunk.name).collect();
    visit.actor.recordings.remove(site, &sid, &names).await?;
    equal("found", &visit.find(&Selection::ALL).await?, &None)
}
}

property! {
/// Half a batch would leave a hole; what is stored already is still acknowledged.
a_full_session_refuses_a_batch_whole(visit) {
    visit.add(up(1, 0, 99), 0).await?;
    equal("refused", &visit.append(up(1, 99, 2), 1).await?, &Err(Refused::Full))?;
    visit.holds_events("nothing of it", 1, 99).await?;
    equal("next", &visit.add(up(1, 99, 1), 2).await?, &100)?;
    equal("refused", &visit.append(up(2, 0, 1), 3).await?, &Err(Refused::Full))?;
    equal("next", &visit.add(up(1, 98, 2), 4).await?, &100)?;
    visit.holds_events("events", 1, 100).await
}
}

property! {
/// Those that are known go on.
a_session_has_so_many_page_loads(visit) {
    for tab in 1..=20 {
        visit.add(up(tab, 0, 1), u64::from(tab)).await?;
    }
    equal("one more", &visit.append(up(21, 0, 1), 30).await?, &Err(Refused::Full))?;
    equal("next", &visit.add(up(20, 1, 1), 31).await?, &2)
}
}

property! {
/// Live, finished and revived, before any alarm has run.
an_erased_session_is_hidden_at_once(visit) {
    visit.finished().await?;
    visit.add(up(1, 3, 2), 200_000).await?;
    visit.erase(200_001).await?;
    visit.is_absent().await?;
    equal("held", &visit.actor.held()?, &Held::Erased)
}
}

property! {
/// And what brings it back is refused.
an_erased_session_leaves_nothing_in_any_store(visit) {
    visit.finished().await?;
    let old = visit.actor.records.get(&visit.case.site, &visit.sid()).await?;
    visit.erase(200_000).await?;
    visit.run_until(200_000).await?;
    visit.is_gone().await?;
    if let Some(old) = old {
        let row = old.state.row(&visit.sid(), false);
        visit.actor.index.upsert(&visit.case.site, &row, &Packed::default(), Millis::from(u32::MAX)).await?;
    }
    visit.is_gone().await?;
    visit.run_until(200_000 + SETTLED).await?;
    visit.is_gone().await
}
}

property! {
/// Then nothing is remembered any more.
an_erased_session_takes_no_batch_until_none_can_come(visit) {
    visit.finished().await?;
    visit.erase(200_000).await?;
    let end = erased_until(visit.case.now) - visit.case.now;
    for after in [200_001, 200_001 + SETTLED, end - 1] {
        visit.run_until(after).await?;
        equal("refused", &visit.append(up(1, 3, 1), after).await?, &Err(Refused::Erased))?;
    }
    visit.run_until(end + 3_600_000).await?;
    equal("held", &visit.actor.held()?, &Held::Nothing)?;
    equal("alarm", &visit.actor.buffer.alarm().await?, &None)?;
    visit.is_gone().await
}
}

property! {
/// A request for erasure is repeated until it has an answer.
erasing_an_unknown_session_and_erasing_twice(visit) {
    visit.erase(0).await?;
    visit.erase(1).await?;
    equal("refused", &visit.append(up(1, 0, 3), 2).await?, &Err(Refused::Erased))?;
    visit.run_until(1_000).await?;
    visit.erase(2_000).await?;
    visit.run_until(3_000).await?;
    visit.is_absent().await?;
    visit.is_gone().await
}
}

property! {
/// A platform may lose it in a crash while it deletes everything else.
a_tombstone_that_is_lost_is_made_again(visit) {
    visit.finished().await?;
    visit.erase(200_000).await?;
    visit.run_until(200_000 + SETTLED).await?;
    visit.actor.buffer.clear().await?;
    let late = 200_001 + SETTLED;
    equal("refused", &visit.append(up(1, 3, 1), late).await?, &Err(Refused::Erased))?;
    equal("held", &visit.actor.held()?, &Held::Erased)?;
    visit.run_until(late).await?;
    visit.is_gone().await
}
}

property! {
/// And for good, without a trace.
a_session_over_its_quota_is_refused_whole(visit) {
    for (sessions, after) in [(0, 0), (0, 1), (9, 2)] {
        let refused = visit.append_to(Some(daily(sessions)), up(1, 0, 3), after).await?;
        equal("refused", &refused, &Err(Refused::Quota(Exhausted::Sessions)))?;
    }
    equal("held", &visit.actor.held()?, &Held::Nothing)?;
    equal("alarm", &visit.actor.buffer.alarm().await?, &None)?;
    visit.is_absent().await?;
    visit.is_gone().await
}
}

property! {
/// Whatever is used up meanwhile, also when it was finished and a batch comes late.
a_session_that_was_let_in_goes_on(visit) {
    for (sessions, first, after) in [(1, 0, 0), (0, 3, 1_000), (0, 6, 200_000)] {
        visit.run_until(after).await?;
        let taken = visit.append_to(Some(daily(sessions)), last(1, first, 3), after).await?;
        equal("next", &taken.map(|ack| ack.next), &Ok(first + 3))?;
    }
    visit.holds_events("events", 1, 9).await
}
}

fn daily(sessions: u64) -> Quota {
    Quota {
        sessions_per_day: Some(sessions),
        ..Quota::default()
    }
}

/// Where a failure is told that the property itself provokes.
pub fn quiet(_: &StoreError) {}
