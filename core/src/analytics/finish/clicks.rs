//! Clicks: on which page and element, and what they were.
//!
//! What is rage and what is dead is said by [`crate::digest::Clicks`]. A dead click in whose
//! reach the page threw an error is one by an error.

use super::pages::{Loaded, Pages};
use crate::analytics::facts::{MAX_SIDE, Target};
use crate::analytics::session::{Click, ClickKind, Session, Topic};
use crate::digest::{JudgedClick, REACH, Verdict};
use crate::id::{Millis, TabId};
use crate::order;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// A click's element is told within this, ms: in the same moment, but after other work.
pub const AIM: Millis = 100;

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let facts = &pages.digest.facts;
    let mut targets: BTreeMap<&TabId, Vec<(Millis, &Target)>> = BTreeMap::new();
    for ((at, tab), target) in facts.targets() {
        targets.entry(tab).or_default().push((at, target));
    }
    let mut errors: BTreeMap<&TabId, Vec<Millis>> = BTreeMap::new();
    for ((at, tab), _) in facts.marks().filter(|(_, mark)| mark.is_error) {
        errors.entry(tab).or_default().push(at);
    }
    let until = |tab: &TabId| pages.loads.get(tab).map(|loaded| loaded.load.span.1);
    for click in pages.digest.clicked.judged(until) {
        let Some((loaded, visit)) = pages.place(&click.tab, click.at) else {
            continue;
        };
        let aimed = targets
            .get(&click.tab)
            .and_then(|list| aim(list, click.at))
            .copied();
        let has_error = errors
            .get(&click.tab)
            .is_some_and(|list| follows(list, click.at));
        let target = aimed.map(|target| session.name(Topic::Clicks, &target.selector));
        session.clicks.push(Click {
            visit,
            at: pages.time(loaded, click.at),
            kind: kind(click.verdict, has_error),
            place: on_page(loaded, &click),
            target,
            share: aimed.map_or((0, 0), |target| target.share),
        });
    }
    order::sort_by(&mut session.clicks, |a, b| a.at.cmp(&b.at));
}

fn kind(verdict: Verdict, has_error: bool) -> ClickKind {
    match verdict {
        Verdict::Fine => ClickKind::Plain,
        Verdict::Rage { first: true, .. } => ClickKind::RageFirst,
        Verdict::Rage { .. } => ClickKind::Rage,
        Verdict::Dead if has_error => ClickKind::DeadWithError,
        Verdict::Dead => ClickKind::Dead,
    }
}

/// Of what is told of clicked elements, in order of time, that which is told nearest to `at`,
/// within [`AIM`].
pub fn aim<T>(targets: &[(Millis, T)], at: Millis) -> Option<&T> {
    let first = targets.partition_point(|(when, _)| *when + AIM < at);
    let near = targets.iter().skip(first);
    let near = near.take_while(|(when, _)| *when <= at + AIM);
    let nearest = near.min_by_key(|(when, _)| when.abs_diff(at));
    nearest.map(|(_, target)| target)
}

/// Whether one of `errors`, which are in order, came with the click or in time after it.
fn follows(errors: &[Millis], at: Millis) -> bool {
    let next = errors.partition_point(|error| *error < at);
    errors.get(next).is_some_and(|error| *error <= at + REACH)
}

/// Where on the page; what is outside of the window is at its edge.
fn on_page(loaded: &Loaded<'_>, click: &JudgedClick) -> (u32, u32) {
    let (width, height) = loaded
        .size(click.at)
        .map_or((MAX_SIDE, MAX_SIDE), |size| (size.width, size.height));
    let inside = |at: i32, side: u32| u32::try_from(at).unwrap_or(0).min(side);
    let (x, y) = loaded.scrolled(click.at);
    (
        x + inside(click.place.0, width),
        y + inside(click.place.1, height),
    )
}
