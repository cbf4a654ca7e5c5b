//! A session as a whole.

use super::pages::{Loaded, Pages, Position, bare, short};
use crate::analytics::session::{Session, Topic};
use crate::digest::{RELEASE_KEY, told};
use crate::id::Millis;
use alloc::collections::BTreeSet;
use alloc::string::String;

/// A gap in which the visitor did nothing counts from here on, ms.
const IDLE: Millis = 10_000;

/// How far the page is scrolled, at least, where a change of direction counts, px.
const FAR: u32 = 100;

/// And how soon after each other, ms.
const SOON: Millis = 1_000;

/// An error in the last so many ms may be why the visitor left.
const LEFT: u32 = 8_000;

/// Bytes of the address that the visitor came from.
const MAX_REFERRER: usize = 256;

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let digest = pages.digest;
    let ends = pages.loads.values();
    let end = ends
        .map(|loaded| pages.time(loaded, loaded.load.span.1))
        .max();
    let soon = |at: u32| end.is_some_and(|end| at.saturating_add(LEFT) >= end);
    let errors = session.marks.iter().filter(|mark| mark.is_error);
    let left_on_error = errors.map(|mark| mark.at).any(soon);
    let thrashes = pages.loads.values().map(thrashes).sum();
    let referrer = referrer(pages, session);
    let referrer = referrer.map(|from| session.name(Topic::Summary, &from));
    let release = digest.meta.get(RELEASE_KEY);
    let release = release.map(|(_, release)| session.name(Topic::Summary, release));
    let none = Default::default();
    let campaign = digest.facts.campaign().unwrap_or(&none);
    let utm = campaign.each_ref().map(|text| {
        let text = Some(text).filter(|text| !text.is_empty())?;
        Some(session.name(Topic::Summary, text))
    });
    let revisits = revisits(session);
    let summary = &mut session.summary;
    summary.duration = short(digest.duration());
    summary.active = short(digest.bursts.total());
    summary.referrer = referrer;
    summary.utm = utm;
    summary.revisits = revisits;
    summary.idle = short(idle(pages));
    summary.thrashes = thrashes;
    summary.left_on_error = left_on_error;
    summary.release = release;
}

/// Pages that were shown before, but not just before: loading a page again is not coming
/// back to it.
fn revisits(session: &Session) -> u32 {
    let mut seen = BTreeSet::new();
    let mut last = None;
    let mut count = 0;
    for url in session.visits.iter().map(|visit| visit.url) {
        let is_new = seen.insert(url);
        count += u32::from(!is_new && last != Some(url));
        last = Some(url);
    }
    count
}

/// From the first event to the last, the gaps in which the visitor did nothing: a page that
/// moves by itself does not make him busy.
fn idle(pages: &Pages<'_>) -> Millis {
    let Some((from, to)) = pages.digest.span else {
        return 0;
    };
    let (mut idle, mut before) = (0, from);
    for (begin, end) in pages.digest.bursts.spans().chain([(to, to)]) {
        let gap = begin.saturating_sub(before);
        idle += if gap > IDLE { gap } else { 0 };
        before = before.max(end);
    }
    idle
}

fn thrashes(loaded: &Loaded<'_>) -> u32 {
    let triples = loaded.positions.windows(3);
    let count = triples.filter(|triple| match triple {
        [a, b, c] => turns(a, b, c),
        _ => false,
    });
    u32::try_from(count.count()).unwrap_or(u32::MAX)
}

/// Whether the visitor scrolled far from `a` to `b`, and soon far back to `c`.
fn turns(a: &Position, b: &Position, c: &Position) -> bool {
    let is_his = !b.is_told && !c.is_told;
    let is_far = a.y.abs_diff(b.y) > FAR && b.y.abs_diff(c.y) > FAR;
    is_his && is_far && (a.y < b.y) != (b.y < c.y) && c.at - b.at <= SOON
}

/// Without query and fragment; none if it is a page of the site itself, or was masked.
fn referrer(pages: &Pages<'_>, session: &Session) -> Option<String> {
    let (_, from) = pages.digest.referrer.as_ref()?;
    let entry = session.visits.first()?.url;
    let entry = origin(session.names(Topic::Pages).text(entry));
    let is_own = entry.is_some_and(|entry| origin(from).is_some_and(|from| same(from, entry)));
    let from = told(bare(from), MAX_REFERRER)?;
    (!is_own).then_some(from)
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let rest = url.get(host..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..host + end)
}
