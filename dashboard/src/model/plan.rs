//! Which batches of a page load to fetch next.
//!
//! The viewer waits for the batches between the last keyframe and the playhead
//! ([`Plan::needed`]); then what follows is fetched, then what came before, so
//! that the list of events becomes whole. What is on its way is not asked for again.

use core::ops::Range;
use sentiero_core::api::Batch;
use sentiero_core::id::Millis;
use std::collections::BTreeSet;

/// What the viewer waits for ends this far beyond the playhead, ms …
const AHEAD: Millis = 60_000;
/// … or after this many compressed bytes.
const BYTES: u64 = 1 << 20;
/// What nobody waits for comes in pieces that are decoded without a hitch.
const BACKGROUND_BYTES: u64 = 1 << 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Missing,
    /// On its way.
    Asked,
    Loaded,
    /// Asked for, and not in the answer, or damaged.
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    batch: Batch,
    state: State,
}

impl Slot {
    /// It is here, or will never be.
    fn settled(&self) -> bool {
        matches!(self.state, State::Loaded | State::Lost)
    }
}

/// The batches of one page load, by index of their first event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    slots: Vec<Slot>,
}

/// A request for the batches of a time range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Time of the earliest event wanted.
    pub from: Millis,
    /// Time of the latest.
    pub to: Millis,
    /// The batches that the answer must hold, by index of their first event.
    pub firsts: BTreeSet<u32>,
}

impl Plan {
    /// Takes in what is stored by now; what is loaded stays so.
    pub fn update(&mut self, batches: impl IntoIterator<Item = Batch>) {
        let mut slots: Vec<Slot> = batches
            .into_iter()
            .map(|batch| Slot {
                batch,
                state: State::Missing,
            })
            .collect();
        slots.sort_by_key(|slot| slot.batch.first);
        slots.dedup_by_key(|slot| slot.batch.first);
        for slot in &mut slots {
            let known = self
                .slots
                .iter()
                .find(|known| known.batch.first == slot.batch.first);
            if let Some(known) = known.filter(|known| known.batch.n == slot.batch.n) {
                slot.state = known.state;
            }
        }
        self.slots = slots;
    }

    /// How many batches there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The first event index of the batch at `at`.
    pub fn first(&self, at: usize) -> Option<u32> {
        self.slots.get(at).map(|slot| slot.batch.first)
    }

    /// Time of the earliest event of the batch at `at`.
    pub fn from(&self, at: usize) -> Option<Millis> {
        self.slots.get(at).map(|slot| slot.batch.from)
    }

    /// The loaded batches of a range, by index of their first event.
    pub fn loaded(&self, range: Range<usize>) -> Vec<u32> {
        let slots = self.slots.get(range).unwrap_or_default();
        slots
            .iter()
            .filter(|slot| slot.state == State::Loaded)
            .map(|slot| slot.batch.first)
            .collect()
    }

    /// Batches that were asked for and did not come.
    pub fn lost(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| slot.state == State::Lost)
            .count()
    }

    /// The batches that show the page as it was at `at`: from the last keyframe
    /// that was whole by then to the last batch that had begun. None if nothing
    /// can be replayed.
    pub fn needed(&self, at: Millis) -> Option<Range<usize>> {
        let usable = |slot: &Slot| slot.batch.keyframe && slot.state != State::Lost;
        let before = self
            .slots
            .iter()
            .rposition(|slot| usable(slot) && slot.batch.to <= at);
        let start = before.or_else(|| self.slots.iter().position(usable))?;
        let begun = self
            .slots
            .iter()
            .rposition(|slot| slot.batch.from <= at)
            .unwrap_or(start);
        Some(start..begun.max(start) + 1)
    }

    /// None of the range is still to come.
    pub fn settled(&self, range: &Range<usize>) -> bool {
        self.slots
            .get(range.clone())
            .unwrap_or_default()
            .iter()
            .all(Slot::settled)
    }

    /// The settled batches around a settled `range` that replay can begin and
    /// go on with: back to the earliest keyframe, on to the first that is missing.
    pub fn run(&self, range: Range<usize>) -> Range<usize> {
        let before = self.slots.get(..range.start).unwrap_or_default();
        let unbroken = before
            .iter()
            .rposition(|slot| !slot.settled())
            .map_or(0, |at| at + 1);
        let keyframe = before
            .get(unbroken..)
            .unwrap_or_default()
            .iter()
            .position(|slot| slot.batch.keyframe && slot.state == State::Loaded);
        let start = keyframe.map_or(range.start, |at| unbroken + at);
        let after = self.slots.get(range.end..).unwrap_or_default();
        let end = range.end + after.iter().take_while(|slot| slot.settled()).count();
        start..end
    }

    /// What to fetch next with the playhead at `at`; none when nothing is
    /// missing. With `urgent`, only what the viewer waits for.
    pub fn next(&mut self, at: Millis, urgent: bool) -> Option<Request> {
        let missing = |slot: &Slot| slot.state == State::Missing;
        let needed = self.needed(at).unwrap_or(0..0);
        let from = |start: usize| {
            let rest = self.slots.get(start..)?;
            rest.iter().position(missing).map(|at| start + at)
        };
        let start = from(needed.start).or_else(|| from(0))?;
        let awaited = needed.contains(&start);
        if urgent && !awaited {
            return None;
        }
        let (horizon, most) = if awaited {
            (self.from(start)?.max(at) + AHEAD, BYTES)
        } else {
            (Millis::MAX, BACKGROUND_BYTES)
        };
        let mut request = Request {
            from: Millis::MAX,
            to: 0,
            firsts: BTreeSet::new(),
        };
        let mut bytes = 0;
        for slot in self
            .slots
            .get_mut(start..)?
            .iter_mut()
            .take_while(|slot| missing(slot))
        {
            let enough = bytes > 0
                && (bytes + u64::from(slot.batch.bytes) > most || slot.batch.from > horizon);
            if enough {
                break;
            }
            bytes += u64::from(slot.batch.bytes);
            request.from = request.from.min(slot.batch.from);
            request.to = request.to.max(slot.batch.to);
            request.firsts.insert(slot.batch.first);
            slot.state = State::Asked;
        }
        Some(request)
    }

    /// Takes back a request that failed.
    pub fn failed(&mut self, request: &Request) {
        for slot in &mut self.slots {
            if slot.state == State::Asked && request.firsts.contains(&slot.batch.first) {
                slot.state = State::Missing;
            }
        }
    }

    /// Takes in what an answer held. What was asked for and did not come is lost.
    pub fn arrived(&mut self, request: &Request, came: &BTreeSet<u32>) {
        for slot in &mut self.slots {
            if came.contains(&slot.batch.first) {
                slot.state = State::Loaded;
            } else if slot.state == State::Asked && request.firsts.contains(&slot.batch.first) {
                slot.state = State::Lost;
            }
        }
    }

    /// The loaded parts, as times, in order.
    pub fn spans(&self) -> Vec<(Millis, Millis)> {
        let mut spans: Vec<(Millis, Millis)> = Vec::new();
        let mut unbroken = false;
        for slot in &self.slots {
            let loaded = slot.state == State::Loaded;
            match spans.last_mut() {
                Some(last) if loaded && unbroken => last.1 = last.1.max(slot.batch.to),
                _ if loaded => spans.push((slot.batch.from, slot.batch.to)),
                _ => {}
            }
            unbroken = loaded;
        }
        spans
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::tabs::tests::tab_id;
    use proptest::prelude::*;

    /// Batches of 10 s and 10 events, `k` with a keyframe, `-` without.
    pub(crate) fn batches(layout: &str, bytes: u32) -> Vec<Batch> {
        let batch = |(number, keyframe): (u32, char)| Batch {
            tab: tab_id('a'),
            first: number * 10,
            n: 10,
            from: u64::from(number) * 10_000,
            to: u64::from(number) * 10_000 + 9_999,
            keyframe: keyframe == 'k',
            bytes,
        };
        (0..).zip(layout.chars()).map(batch).collect()
    }

    fn plan(layout: &str, bytes: u32, loaded: &[u32]) -> Plan {
        let mut plan = Plan::default();
        plan.update(batches(layout, bytes));
        let firsts: BTreeSet<u32> = loaded.iter().copied().collect();
        plan.arrived(
            &Request {
                from: 0,
                to: 0,
                firsts: firsts.clone(),
            },
            &firsts,
        );
        plan
    }

    fn firsts(plan: &Plan, at: Millis) -> Option<Vec<u32>> {
        plan.clone()
            .next(at, false)
            .map(|request| request.firsts.into_iter().collect())
    }

    #[test]
    fn the_first_request_covers_a_minute_or_a_megabyte() {
        assert_eq!(
            firsts(&plan("k----------", 10, &[]), 0),
            Some(vec![0, 10, 20, 30, 40, 50, 60])
        );
        assert_eq!(
            firsts(&plan("k----------", 400_000, &[]), 0),
            Some(vec![0, 10])
        );
        // One batch is fetched however large it is.
        assert_eq!(firsts(&plan("k--", 2 << 20, &[]), 0), Some(vec![0]));
    }

    #[test]
    fn a_seek_needs_the_keyframe_before_it() {
        let plan = plan("k---k-----k-", 10, &[0, 10]);
        assert_eq!(plan.needed(75_000), Some(4..8));
        // The keyframe's own batch is not whole yet at 45 s.
        assert_eq!(plan.needed(45_000), Some(0..5));
        let mut plan = plan;
        let request = plan.next(75_000, true).unwrap();
        assert_eq!((request.from, request.to), (40_000, 119_999));
        assert_eq!(request.firsts.first(), Some(&40));
    }

    #[test]
    fn then_forward_then_back() {
        let plan = plan("k---k--", 10, &[40, 50]);
        assert_eq!(firsts(&plan, 55_000), Some(vec![60]));
        let plan = self::plan("k---k--", 10, &[40, 50, 60]);
        assert_eq!(firsts(&plan, 55_000), Some(vec![0, 10, 20, 30]));
        let plan = self::plan("k---k--", 10, &[0, 10, 20, 30, 40, 50, 60]);
        assert_eq!(firsts(&plan, 55_000), None);
    }

    #[test]
    fn a_run_begins_at_a_keyframe() {
        let plan = plan("-k--k--", 10, &[0, 10, 20, 30, 40, 50]);
        assert_eq!(plan.run(4..5), 1..6);
        let plan = self::plan("-k--k--", 10, &[20, 30, 40, 50]);
        assert_eq!(plan.run(4..5), 4..6);
    }

    #[test]
    fn what_does_not_come_is_lost_and_not_asked_for_again() {
        let mut plan = plan("k--", 10, &[]);
        let request = plan.next(0, false).unwrap();
        plan.arrived(&request, &[0, 20].into());
        assert_eq!((plan.lost(), plan.next(0, false)), (1, None));
        assert!(plan.settled(&(0..3)));
        assert_eq!(plan.loaded(0..3), [0, 20]);
        assert_eq!(plan.spans(), [(0, 9_999), (20_000, 29_999)]);
    }

    #[test]
    fn what_is_on_its_way_is_not_asked_for_again() {
        let mut plan = plan("k---k---------", 300_000, &[]);
        let first = plan.next(0, false).unwrap();
        // The viewer seeks: that cannot wait. Nothing else is urgent.
        let urgent = plan.next(45_000, true).unwrap();
        assert!(urgent.firsts.is_disjoint(&first.firsts));
        assert_eq!(plan.next(0, true), None);
        plan.failed(&first);
        assert_eq!(plan.next(0, true), Some(first));
    }

    #[test]
    fn new_batches_of_a_live_session_are_missing() {
        let mut plan = plan("k-", 10, &[0, 10]);
        plan.update(batches("k---", 10));
        assert_eq!(firsts(&plan, 0), Some(vec![20, 30]));
        assert_eq!(plan.spans(), [(0, 19_999)]);
        // A batch that grew was fetched in its old form.
        let mut grown = batches("k-", 10);
        if let Some(batch) = grown.last_mut() {
            batch.n = 20;
        }
        plan.update(grown);
        assert_eq!(firsts(&plan, 0), Some(vec![10]));
    }

    #[test]
    fn without_a_keyframe_nothing_plays_but_all_is_read() {
        let plan = plan("---", 10, &[]);
        assert_eq!(plan.needed(0), None);
        assert_eq!(firsts(&plan, 0), Some(vec![0, 10, 20]));
    }

    proptest! {
        #[test]
        fn everything_is_fetched_once(layout in "[k-]{1,40}", bytes in 1u32..1_500_000, seeks in prop::collection::vec(0u64..400_000, 1..60)) {
            let mut plan = plan(&layout, bytes, &[]);
            let mut fetched = BTreeSet::new();
            let mut seeks = seeks.into_iter().cycle();
            while let Some(request) = plan.next(seeks.next().unwrap_or(0), false) {
                prop_assert!(!request.firsts.is_empty());
                prop_assert!(request.firsts.is_disjoint(&fetched));
                fetched.extend(request.firsts.iter().copied());
                plan.arrived(&request, &request.firsts.clone());
            }
            prop_assert_eq!(fetched.len(), layout.len());
            prop_assert!(plan.settled(&(0..plan.len())));
        }
    }
}
