//! Which batches of a page load to fetch next.
//!
//! The viewer waits for the batches between the last keyframe and the playhead
//! ([`Plan::needed`]); then what follows is fetched, then what came before, so
//! that the list of events becomes whole. What is on its way is not asked for again.

use core::ops::Range;
use sentiero_core::api::Batch;
use sentiero_core::id::Millis;
use std::collections::BTreeSet;

/// A request that the viewer waits for ends this far beyond the playhead, ms …
const SOON: Millis = 10_000;
/// … or after this many compressed bytes.
const BYTES: u64 = 1 << 20;
/// What nobody waits for comes in pieces that are decoded without a hitch.
const BACKGROUND_BYTES: u64 = 1 << 18;
/// So far beyond the playhead what was let go is fetched again, ms.
const AHEAD: Millis = 60_000;
/// More compressed bytes than this are let go, the farthest from the playhead first.
pub const KEPT: u64 = 24 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Missing,
    /// On its way.
    Asked,
    Loaded,
    /// What happened in it is listed; its events were let go.
    Read,
    /// The same, and its events are on their way again.
    Again,
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

    /// What the frame gets of it, compressed.
    fn bytes(&self) -> u64 {
        match self.state {
            State::Lost => 0,
            _ => self.batch.bytes.into(),
        }
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
    /// The viewer waits for it.
    pub awaited: bool,
}

impl Request {
    /// For all of a page load.
    pub fn whole(awaited: bool) -> Self {
        Self {
            from: 0,
            to: Millis::MAX,
            firsts: BTreeSet::new(),
            awaited,
        }
    }
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

    /// Some are on their way, or still to be asked for.
    pub fn unsettled(&self) -> bool {
        self.slots
            .iter()
            .any(|slot| matches!(slot.state, State::Missing | State::Asked))
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

    /// Where a run that ends at `end` can end, with the playhead before `from`: at
    /// the first batch that is missing, or with at most `most` bytes beyond `from`
    /// and `piece` more than it has there, but for a single batch that is larger.
    /// What lies before `from` is free; without a `piece` there is nothing else.
    pub fn reach(&self, end: usize, from: usize, most: u64, piece: u64) -> usize {
        let (mut ahead, mut added) = (self.bytes(from..end), 0);
        let mut reached = end;
        for (place, slot) in (end..).zip(self.slots.get(end..).unwrap_or_default()) {
            let bytes = slot.bytes();
            let full = (ahead > 0 && ahead + bytes > most) || (added > 0 && added + bytes > piece);
            if !slot.settled() || (place >= from && (piece == 0 || full)) {
                break;
            }
            if place >= from {
                ahead += bytes;
                added += bytes;
            }
            reached = place + 1;
        }
        reached
    }

    /// Compressed bytes of a range, without what is lost.
    pub fn bytes(&self, range: Range<usize>) -> u64 {
        let slots = self.slots.get(range).unwrap_or_default();
        slots.iter().map(Slot::bytes).sum()
    }

    /// Lets go of loaded batches outside of `needed`, the farthest first, until
    /// no more than `most` bytes are kept; those let go, by index of their first event.
    pub fn let_go(&mut self, needed: Range<usize>, at: Millis, most: u64) -> Vec<u32> {
        let loaded = |slot: &Slot| slot.state == State::Loaded;
        let all = self.slots.iter().filter(|slot| loaded(slot));
        let mut bytes: u64 = all.map(|slot| u64::from(slot.batch.bytes)).sum();
        if bytes <= most {
            return Vec::new();
        }
        let soon = self
            .slots
            .partition_point(|slot| slot.batch.from <= at.saturating_add(AHEAD));
        let kept = needed.start..needed.end.max(soon);
        let mut far: Vec<(usize, usize)> = (0..self.slots.len())
            .filter(|place| !kept.contains(place))
            .map(|place| {
                let behind = kept.start.saturating_sub(place);
                (behind.max(place.saturating_sub(kept.end)), place)
            })
            .collect();
        far.sort_unstable();
        let mut gone = Vec::new();
        while let Some((_, place)) = far.pop().filter(|_| bytes > most) {
            if let Some(slot) = self.slots.get_mut(place).filter(|slot| loaded(slot)) {
                slot.state = State::Read;
                bytes -= u64::from(slot.batch.bytes);
                gone.push(slot.batch.first);
            }
        }
        gone
    }

    /// What to fetch next with the playhead at `at`; none when nothing is
    /// missing. With `urgent`, only what the viewer waits for.
    pub fn next(&mut self, at: Millis, urgent: bool) -> Option<Request> {
        let needed = self.needed(at).unwrap_or(0..0);
        let ahead = at.saturating_add(AHEAD);
        let wanted = |place: usize, slot: &Slot| match slot.state {
            State::Missing => true,
            State::Read => place >= needed.start && slot.batch.from <= ahead,
            State::Asked | State::Again | State::Loaded | State::Lost => false,
        };
        let from = |start: usize| {
            let rest = self.slots.get(start..)?;
            let mut places = (start..).zip(rest);
            places
                .find(|(place, slot)| wanted(*place, slot))
                .map(|(place, _)| place)
        };
        let start = from(needed.start).or_else(|| from(0))?;
        let awaited = needed.contains(&start);
        if urgent && !awaited {
            return None;
        }
        let (horizon, most) = if awaited {
            (self.from(start)?.max(at).saturating_add(SOON), BYTES)
        } else {
            (Millis::MAX, BACKGROUND_BYTES)
        };
        let mut request = Request {
            from: Millis::MAX,
            to: 0,
            firsts: BTreeSet::new(),
            awaited,
        };
        let mut bytes = 0;
        for (place, slot) in (start..).zip(self.slots.get_mut(start..)?) {
            if !wanted(place, slot) {
                break;
            }
            let enough = bytes > 0
                && (bytes + u64::from(slot.batch.bytes) > most || slot.batch.from > horizon);
            if enough {
                break;
            }
            bytes += u64::from(slot.batch.bytes);
            request.from = request.from.min(slot.batch.from);
            request.to = request.to.max(slot.batch.to);
            request.firsts.insert(slot.batch.first);
            slot.state = match slot.state {
                State::Read => State::Again,
                _ => State::Asked,
            };
        }
        Some(request)
    }

    /// Takes back a request that failed or was given up.
    pub fn failed(&mut self, request: &Request) {
        for slot in &mut self.slots {
            if request.firsts.contains(&slot.batch.first) {
                slot.state = match slot.state {
                    State::Asked => State::Missing,
                    State::Again => State::Read,
                    other => other,
                };
            }
        }
    }

    /// The request brings something of `range`.
    pub fn helps(&self, request: &Request, range: &Range<usize>) -> bool {
        let slots = self.slots.get(range.clone()).unwrap_or_default();
        let mut on_way = slots
            .iter()
            .filter(|slot| matches!(slot.state, State::Asked | State::Again));
        on_way.any(|slot| request.firsts.contains(&slot.batch.first))
    }

    /// Takes in what an answer held.
    pub fn came(&mut self, came: &BTreeSet<u32>) {
        for slot in &mut self.slots {
            if came.contains(&slot.batch.first) {
                slot.state = State::Loaded;
            }
        }
    }

    /// The same; what was asked for and did not come is lost.
    pub fn arrived(&mut self, request: &Request, came: &BTreeSet<u32>) {
        self.came(came);
        for slot in &mut self.slots {
            let on_way = matches!(slot.state, State::Asked | State::Again);
            if on_way && request.firsts.contains(&slot.batch.first) {
                slot.state = State::Lost;
            }
        }
    }

    /// The parts that are or were loaded, as times, in order.
    pub fn spans(&self) -> Vec<(Millis, Millis)> {
        let mut spans: Vec<(Millis, Millis)> = Vec::new();
        let mut unbroken = false;
        for slot in &self.slots {
            let loaded = matches!(slot.state, State::Loaded | State::Read | State::Again);
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
                awaited: true,
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
    fn the_first_request_covers_some_seconds_or_a_megabyte() {
        assert_eq!(firsts(&plan("k----------", 10, &[]), 0), Some(vec![0, 10]));
        assert_eq!(
            firsts(&plan("----k------", 10, &[]), 45_000),
            Some(vec![40, 50])
        );
        // What is needed comes in one piece up to a megabyte.
        assert_eq!(
            firsts(&plan("k----------", 400_000, &[]), 95_000),
            Some(vec![0, 10])
        );
        assert_eq!(
            firsts(&plan("k---", 10, &[]), 15_000),
            Some(vec![0, 10, 20])
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
        assert_eq!((request.from, request.to), (40_000, 89_999));
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
    fn a_run_reaches_as_far_as_it_is_loaded_and_no_farther_than_it_may() {
        let plan = plan("k-------", 10, &[0, 10, 20, 30, 40, 60]);
        for (end, from, most, piece, reached) in [
            (1, 1, 100, 100, 5),
            (1, 1, 20, 100, 3),
            (1, 1, 100, 20, 3),
            (1, 1, 100, 19, 2),
            // What lies before the playhead is free.
            (1, 4, 10, 10, 5),
            (1, 4, 100, 0, 4),
            (3, 1, 20, 100, 3),
            // One batch is given however large it is.
            (1, 1, 1, 1, 2),
            (1, 1, 1, 0, 1),
            (5, 5, 100, 100, 5),
            (8, 8, 100, 100, 8),
        ] {
            let given = plan.reach(end, from, most, piece);
            assert_eq!(given, reached, "{end} {from} {most} {piece}");
        }
    }

    #[test]
    fn what_is_given_up_is_what_it_was_before() {
        let mut plan = plan("k---", 10, &[0, 10]);
        assert_eq!(plan.let_go(3..4, 35_000, 10), [0]);
        let before = plan.clone();
        let request = plan.next(5_000, false).unwrap();
        assert!(request.firsts.contains(&0));
        assert!(plan.helps(&request, &(0..1)) && !plan.helps(&request, &(1..2)));
        assert_eq!(plan.spans(), before.spans(), "what was read stays listed");
        plan.failed(&request);
        assert_eq!(plan, before);
        assert!(
            !plan.helps(&request, &(0..1)),
            "it is not on its way any more"
        );
        let request = plan.next(5_000, false).unwrap();
        plan.arrived(&request, &BTreeSet::new());
        assert_eq!(plan.lost(), request.firsts.len());
    }

    #[test]
    fn what_is_far_away_is_let_go_and_fetched_again_when_it_is_needed() {
        let all: Vec<u32> = (0..20).map(|number| number * 10).collect();
        let mut plan = plan("k---------k---------", 10, &all);
        assert_eq!(plan.let_go(10..12, 115_000, 200), Vec::<u32>::new());
        // The farthest first; never what is needed, or will be within a minute.
        assert_eq!(plan.let_go(10..12, 115_000, 150), [0, 10, 20, 30, 40]);
        assert_eq!(plan.let_go(10..12, 115_000, 0).len(), 7);
        assert_eq!(plan.loaded(0..20), [100, 110, 120, 130, 140, 150, 160, 170]);
        // It was read: nothing is fetched for the list, and all counts as loaded.
        assert_eq!(plan.spans(), [(0, 199_999)]);
        assert_eq!(firsts(&plan, 115_000), None);
        assert!(!plan.settled(&(0..3)));
        assert_eq!(firsts(&plan, 25_000), Some(vec![0, 10, 20, 30]));
        // What comes next is there before it is needed.
        assert_eq!(firsts(&plan, 125_000), Some(vec![180]));
    }

    #[test]
    fn what_does_not_come_is_lost_and_not_asked_for_again() {
        let mut plan = plan("k--", 10, &[]);
        assert!(plan.unsettled());
        let request = plan.next(0, false).unwrap();
        assert!(plan.unsettled());
        plan.arrived(&request, &[0, 20].into());
        assert!(!plan.unsettled());
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
