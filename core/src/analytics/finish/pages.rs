//! Which page was shown when, in which window and scrolled to where.
//!
//! * Each page load is split where its address changes. What came before the first address
//!   belongs to the first page; an address that is told again changes nothing; a page to
//!   which the visitor comes back is shown anew.
//! * A page load without an address is one page without.

use super::Load;
use crate::analytics::facts::{Facts, Size};
use crate::analytics::session::{Session, Topic, Visit};
use crate::digest::{Bursts, Digest};
use crate::event::DOCUMENT;
use crate::id::{Millis, TabId};
use crate::order;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A page while it was shown; times are by the visitor's clock.
#[derive(Clone, Debug)]
pub(super) struct Shown<'a> {
    /// Without query and fragment.
    pub(super) url: &'a str,
    /// From when on what happened belongs to it.
    pub(super) from: Millis,
    /// When its address was told.
    told: Millis,
    pub(super) to: Millis,
    /// Its place in [`Session::visits`].
    pub(super) visit: u32,
}

/// Where the document was scrolled to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) at: Millis,
    pub(super) x: u32,
    pub(super) y: u32,
    /// The furthest from the top at about this time.
    deepest: u32,
    /// A snapshot tells it: nobody need have scrolled.
    pub(super) is_told: bool,
}

/// A page load.
#[derive(Clone, Debug)]
pub(super) struct Loaded<'a> {
    /// Counted in order of first events.
    number: u32,
    pub(super) load: Load,
    /// In order of time, at least one.
    pub(super) shown: Vec<Shown<'a>>,
    /// In order of time.
    pub(super) positions: Vec<Position>,
    sizes: Vec<(Millis, Size)>,
    /// When the visitor did something.
    pub(super) bursts: Bursts,
}

impl Loaded<'_> {
    /// The page that was shown.
    fn shown(&self, at: Millis) -> Option<&Shown<'_>> {
        let next = self.shown.partition_point(|shown| shown.from <= at);
        self.shown.get(next.saturating_sub(1))
    }

    /// The size of the window; the first that was told if none was yet.
    pub(super) fn size(&self, at: Millis) -> Option<Size> {
        let next = self.sizes.partition_point(|(when, _)| *when <= at);
        let size = self.sizes.get(next.saturating_sub(1));
        size.map(|(_, size)| *size)
    }

    /// How far the document was scrolled: x and y.
    pub(super) fn scrolled(&self, at: Millis) -> (u32, u32) {
        let next = self.positions.partition_point(|position| position.at <= at);
        let last = next
            .checked_sub(1)
            .and_then(|last| self.positions.get(last));
        last.map_or((0, 0), |last| (last.x, last.y))
    }

    /// How far down the visitor saw while `shown` was.
    fn deepest(&self, shown: &Shown<'_>) -> u32 {
        let height = |at| self.size(at).map_or(0, |size| size.height);
        let depths = self.positions_of(shown);
        let depths = depths.map(|position| position.deepest + height(position.at));
        depths.max().unwrap_or(0).max(height(shown.told))
    }

    /// Where the document was while `shown` was.
    pub(super) fn positions_of(&self, shown: &Shown<'_>) -> impl Iterator<Item = &Position> {
        let visit = shown.visit;
        let is_here = move |at| self.shown(at).is_some_and(|shown| shown.visit == visit);
        let first = self
            .positions
            .partition_point(|position| position.at < shown.from);
        let later = self.positions.iter().skip(first);
        later.take_while(move |position| is_here(position.at))
    }

    /// How long the visitor did something while `shown` was, ms.
    fn active(&self, shown: &Shown<'_>) -> Millis {
        self.busy(shown).map(|(from, to)| to - from).sum()
    }

    /// When the visitor did something while `shown` was.
    pub(super) fn busy(&self, shown: &Shown<'_>) -> impl Iterator<Item = (Millis, Millis)> {
        let (begin, end) = (shown.from, shown.to);
        let bursts = self.bursts.spans();
        bursts
            .map(move |(from, to)| (from.max(begin), to.min(end)))
            .filter(|(from, to)| from < to)
    }
}

/// All pages of a session.
pub(super) struct Pages<'a> {
    pub(super) digest: &'a Digest,
    start: Millis,
    pub(super) loads: BTreeMap<&'a TabId, Loaded<'a>>,
}

impl<'a> Pages<'a> {
    pub(super) fn of(digest: &'a Digest, start: Millis, loads: &'a BTreeMap<TabId, Load>) -> Self {
        let mut pages = Self {
            digest,
            start,
            loads: BTreeMap::new(),
        };
        let mut order: Vec<(u32, &TabId)> = Vec::new();
        for (tab, load) in loads {
            pages.loads.insert(tab, loaded(*load));
            order.push((pages.time_of(load, load.span.0), tab));
        }
        order::sort_by(&mut order, Ord::cmp);
        for (number, (_, tab)) in (0..).zip(order) {
            if let Some(load) = pages.loads.get_mut(tab) {
                load.number = number;
            }
        }
        pages.show(digest);
        pages.locate(&digest.facts);
        pages.act(&digest.facts);
        pages
    }

    /// Splits page loads at their addresses.
    fn show(&mut self, digest: &'a Digest) {
        for view in &digest.addresses {
            let Some(loaded) = self.loads.get_mut(&view.tab) else {
                continue;
            };
            let last = loaded.shown.last().map(|last| last.url);
            if let Some(url) = page_after(last, &view.url) {
                loaded.show(url, view.at);
            }
        }
        for loaded in self.loads.values_mut() {
            if loaded.shown.is_empty() {
                loaded.show("", loaded.load.span.0);
            }
            loaded.end();
        }
        let mut order: Vec<(u32, u32, &TabId, usize)> = Vec::new();
        for (tab, loaded) in &self.loads {
            for (place, shown) in loaded.shown.iter().enumerate() {
                let at = self.time_of(&loaded.load, shown.from);
                order.push((at, loaded.number, tab, place));
            }
        }
        order::sort_by(&mut order, Ord::cmp);
        let order: Vec<(TabId, usize)> = order
            .into_iter()
            .map(|(_, _, tab, place)| (tab.clone(), place))
            .collect();
        for (visit, (tab, place)) in (0..).zip(order) {
            let loaded = self.loads.get_mut(&tab);
            if let Some(shown) = loaded.and_then(|loaded| loaded.shown.get_mut(place)) {
                shown.visit = visit;
            }
        }
    }

    /// Notes sizes and positions.
    fn locate(&mut self, facts: &Facts) {
        for ((at, tab), size) in facts.sizes() {
            if let Some(loaded) = self.loads.get_mut(tab) {
                loaded.sizes.push((at, *size));
            }
        }
        let mut scrolls: Vec<_> = facts.scrolls().collect();
        // Of what is told at one time, the document's node comes first.
        order::sort_by(&mut scrolls, |((a, _), one), ((b, _), other)| {
            (a, !one.is_root).cmp(&(b, !other.is_root))
        });
        let mut roots: BTreeMap<&TabId, u64> = BTreeMap::new();
        for ((at, tab), scroll) in scrolls {
            let root = roots.entry(tab).or_insert(DOCUMENT);
            if scroll.is_root {
                *root = scroll.node;
            }
            if let Some(loaded) = self.loads.get_mut(tab).filter(|_| scroll.node == *root) {
                loaded.positions.push(Position {
                    at,
                    x: scroll.x,
                    y: scroll.y,
                    deepest: scroll.deepest,
                    is_told: scroll.is_root,
                });
            }
        }
    }

    /// Notes when the visitor did something.
    fn act(&mut self, facts: &Facts) {
        let mut times: BTreeMap<&TabId, Vec<Millis>> = BTreeMap::new();
        let pointer = facts
            .pointer()
            .map(|((at, tab), pointer)| (tab, [pointer.first, at]));
        let inputs = facts
            .inputs()
            .map(|((at, tab), input)| (tab, [input.first, at]));
        let scrolls = facts.scrolls().filter(|(_, scroll)| !scroll.is_root);
        let scrolls = scrolls.map(|((at, tab), _)| (tab, [at, at]));
        for (tab, pair) in pointer.chain(inputs).chain(scrolls) {
            times.entry(tab).or_default().extend(pair);
        }
        for (tab, times) in times {
            if let Some(loaded) = self.loads.get_mut(tab) {
                loaded.bursts = Bursts::of(times);
            }
        }
    }

    /// The visits.
    pub(super) fn tell(&self, session: &mut Session) {
        let mut visits: Vec<(&Loaded<'_>, &Shown<'_>)> = Vec::new();
        for loaded in self.loads.values() {
            visits.extend(loaded.shown.iter().map(|shown| (loaded, shown)));
        }
        order::sort_by(&mut visits, |(_, a), (_, b)| a.visit.cmp(&b.visit));
        for (loaded, shown) in visits {
            let size = loaded.size(shown.told);
            let visit = Visit {
                url: session.name(Topic::Pages, shown.url),
                tab: loaded.number,
                at: self.time_of(&loaded.load, shown.from),
                length: short(shown.to - shown.from),
                active: short(loaded.active(shown)),
                viewport: size.map_or((0, 0), |size| (size.width, size.height)),
                deepest: loaded.deepest(shown),
            };
            session.visits.push(visit);
        }
    }

    /// The page on which something happened: its page load, and its place among the visits;
    /// none of a page load that is not known.
    pub(super) fn place(&self, tab: &TabId, at: Millis) -> Option<(&Loaded<'a>, u32)> {
        let loaded = self.loads.get(tab)?;
        Some((loaded, loaded.shown(at)?.visit))
    }

    /// The page that was shown last before `at`, by the edge's clock, in any page load, or the
    /// first; and `at` after the session's start. None of a session without page loads.
    pub(super) fn place_at_edge(&self, at: Millis) -> Option<(u32, u32)> {
        let at = short(at.saturating_sub(self.start));
        let shown = self.loads.values().flat_map(|loaded| {
            let time = |shown: &Shown<'_>| self.time_of(&loaded.load, shown.from);
            let shown = loaded.shown.iter();
            shown.map(move |shown| (time(shown), shown.visit))
        });
        let (before, after): (Vec<_>, Vec<_>) = shown.partition(|(from, _)| *from <= at);
        let found = before.into_iter().max().or(after.into_iter().min());
        found.map(|(_, visit)| (at, visit))
    }

    /// A time of a page load, ms after the session's start.
    pub(super) fn time(&self, loaded: &Loaded<'_>, at: Millis) -> u32 {
        self.time_of(&loaded.load, at)
    }

    fn time_of(&self, load: &Load, at: Millis) -> u32 {
        let corrected = at.saturating_add_signed(load.offset);
        short(corrected.saturating_sub(self.start))
    }
}

/// A time that fits.
pub(super) fn short(time: Millis) -> u32 {
    u32::try_from(time).unwrap_or(u32::MAX)
}

fn loaded<'a>(load: Load) -> Loaded<'a> {
    Loaded {
        number: 0,
        load,
        shown: Vec::new(),
        positions: Vec::new(),
        sizes: Vec::new(),
        bursts: Bursts::default(),
    }
}

impl<'a> Loaded<'a> {
    /// Another page was told.
    fn show(&mut self, url: &'a str, told: Millis) {
        let from = self.shown.last().map_or(self.load.span.0, |_| told);
        self.shown.push(Shown {
            url,
            from,
            told,
            to: from,
            visit: 0,
        });
    }

    /// Each page ends where the next one begins.
    fn end(&mut self) {
        let mut end = self.load.span.1;
        for shown in self.shown.iter_mut().rev() {
            shown.to = end.max(shown.from);
            end = shown.from;
        }
    }
}

/// The page that `address` is of, if it is another than `shown`, the one before in the same
/// page load. What came before the first belongs to the first.
pub fn page_after<'a>(shown: Option<&str>, address: &'a str) -> Option<&'a str> {
    let url = bare(address);
    (!address.trim().is_empty() && shown != Some(url)).then_some(url)
}

/// An address without query and fragment.
pub(super) fn bare(url: &str) -> &str {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    url.get(..end).unwrap_or(url)
}
