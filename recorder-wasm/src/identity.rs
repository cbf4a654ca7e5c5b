//! Whose events these are: the decisions of `core::session`, for the page's own thread.
//!
//! Synchronous, because the page's thread owns the storage, and because a new visit
//! begins between two events: its snapshot must come before the action that began it.

use crate::{millis, time};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use sentiero_core::id::{SESSION_ENTROPY, SessionId, TAB_ENTROPY, TabId, WindowId};
use sentiero_core::session::{self, Visit};

/// Bytes of `random` that the functions of this module read.
const ENTROPY: usize = SESSION_ENTROPY;

/// The visit that an action at `now` belongs to, as it is to be stored (its first word
/// is the session id). `stored` is what the storage holds, or empty; `random` 17 bytes.
pub fn visit(stored: &str, now: f64, random: &[u8]) -> String {
    session::act(Visit::read(stored), millis(now), &entropy(random)).text()
}

/// The visit of a page on which nobody acted yet; as [`visit`].
pub fn look(stored: &str, now: f64, random: &[u8]) -> String {
    session::look(Visit::read(stored), millis(now), &entropy(random)).text()
}

/// What happens with a visit that must have lasted `least` ms, of a share of `rate` of all:
/// 0 nothing of it is recorded, 1 what is recorded waits, 2 it is sent.
pub fn use_of(stored: &str, least: f64, rate: f64) -> u8 {
    match Visit::read(stored) {
        Some(visit) if visit.sampled(rate) => 1 + u8::from(visit.sends(millis(least))),
        _ => 0,
    }
}

/// From when on an action may begin a new visit; `stored` as [`visit`] returned it.
pub fn until(stored: &str) -> f64 {
    Visit::read(stored).map_or(0.0, |visit| time(visit.until()))
}

/// The visit to go on with after the edge refused the session `refused`, whose own time
/// is `edge`; as [`visit`].
pub fn correct(stored: &str, refused: &str, now: f64, edge: f64, random: &[u8]) -> String {
    let stored = Visit::read(stored);
    let Ok(refused) = SessionId::parse(refused) else {
        return session::act(stored, millis(now), &entropy(random)).text();
    };
    session::correct(
        stored,
        &refused,
        millis(now),
        millis(edge),
        &entropy(random),
    )
    .text()
}

/// The browser tab's id: the stored one, or a new one.
pub fn window_id(stored: &str, random: &[u8]) -> String {
    let id =
        WindowId::parse(stored).unwrap_or_else(|_| WindowId::new(&entropy::<TAB_ENTROPY>(random)));
    id.as_str().to_owned()
}

/// An id for a page load.
pub fn tab_id(random: &[u8]) -> String {
    TabId::new(&entropy(random)).as_str().to_owned()
}

/// The first `N` bytes of `random`; missing ones are 0.
fn entropy<const N: usize>(random: &[u8]) -> [u8; N] {
    const { assert!(N <= ENTROPY) };
    let mut entropy = [0; N];
    entropy
        .iter_mut()
        .zip(random)
        .for_each(|(to, from)| *to = *from);
    entropy
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: f64 = 1_795_445_123_456.0;
    const MINUTE: f64 = 60_000.0;

    #[test]
    fn a_visit_goes_on_until_it_is_over() {
        let first = visit("", T0, &[1; 17]);
        assert!((until(&first) - (T0 + 30.0 * MINUTE)).abs() < 1.0);
        let kept = visit(&first, T0 + 29.0 * MINUTE, &[2; 17]);
        assert_eq!(kept.split(' ').next(), first.split(' ').next());
        let next = visit(&kept, T0 + 60.0 * MINUTE, &[3; 17]);
        assert_ne!(next.split(' ').next(), first.split(' ').next());
    }

    #[test]
    fn a_refused_session_is_replaced() {
        let first = visit("", T0, &[1; 17]);
        let sid = first.split(' ').next().unwrap();
        let edge = T0 - 60.0 * MINUTE;
        let corrected = correct(&first, sid, T0, edge, &[2; 17]);
        let sid = SessionId::parse(corrected.split(' ').next().unwrap()).unwrap();
        assert_eq!(sid.start(), millis(edge));
        assert!(Visit::read(&correct("", "x", T0, edge, &[])).is_some());
    }

    #[test]
    fn what_a_visit_is_used_for() {
        let seen = look("", T0, &[1; 17]);
        assert_eq!(look(&seen, T0 + MINUTE, &[2; 17]), seen);
        let uses = |visit: &str, least| [use_of(visit, least, 0.0), use_of(visit, least, 1.0)];
        assert_eq!((uses(&seen, 0.0), uses(&seen, 1.0)), ([0, 2], [0, 1]));
        let acted = visit(&seen, T0 + 3_000.0, &[2; 17]);
        assert_eq!((uses(&acted, 1.0), uses(&acted, 9_000.0)), ([0, 2], [0, 1]));
        assert_eq!(use_of("nonsense", 0.0, 1.0), 0);
    }

    #[test]
    fn ids() {
        let tab = tab_id(&[1; 5]);
        assert_eq!(window_id(&tab, &[2; 5]), tab);
        assert_eq!(window_id("nonsense!", &[1; 5]), tab);
        assert_eq!(
            (until("nonsense"), millis(-1.0), millis(f64::NAN)),
            (0.0, 0, 0)
        );
    }
}
