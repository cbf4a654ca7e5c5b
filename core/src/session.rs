//! When a visit begins and ends, in the browser.
//!
//! All tabs of a browser share one [`Visit`] in its storage. Each sign of life
//! passes through [`act`], which keeps the visit or begins a new one, so the limits
//! hold during a long-lived page and not only when one loads. A browser whose clock
//! is wrong learns it from the edge's 409 and starts over with [`correct`]; the
//! correction is kept in the record, for the visits that follow.
//!
//! A page that loads is no sign of life: it may be one of twenty that a browser restores.
//! It goes on with the visit that there is, or begins one in which nobody acted yet
//! ([`look`]). Until somebody does, and for as long as the site says, nothing is sent
//! ([`Visit::sends`]).
//!
//! **Invariant.** Only [`Visit::begin`] makes session ids, from the edge's time as
//! far as it is known. The other two instants are by the browser's own clock: they
//! are only ever compared with it.

use crate::id::{Millis, SESSION_ENTROPY, SessionId};
use crate::lifecycle;
use crate::text::{decimal, parse_decimal, parse_signed_decimal, parts, signed_decimal, spaced};
use alloc::string::String;

/// A visit is over when nobody did anything for this long, ms.
pub const IDLE: Millis = 30 * 60_000;

/// A visit is over at this age, ms; the edge finishes it then, too.
pub const MAX_AGE: Millis = lifecycle::MAX_AGE;

/// What the browser remembers of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub sid: SessionId,
    started: Millis,
    /// The last action; just before the start, if there was none.
    last: Millis,
    /// The edge's clock minus the browser's.
    offset: i64,
}

impl Visit {
    /// A visit that begins now, with an action or without.
    fn begin(now: Millis, offset: i64, entropy: &[u8; SESSION_ENTROPY]) -> Self {
        let sid = SessionId::new(now.saturating_add_signed(offset), entropy);
        Self {
            sid,
            started: now,
            last: now,
            offset,
        }
    }

    /// Reads what [`Self::text`] wrote; none if it is anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut fields = parts(text.as_bytes(), b' ');
        let sid = core::str::from_utf8(fields.next()?).ok()?;
        let visit = Self {
            sid: SessionId::parse(sid).ok()?,
            started: parse_decimal(fields.next()?)?,
            last: parse_decimal(fields.next()?)?,
            offset: parse_signed_decimal(fields.next()?)?,
        };
        fields.next().is_none().then_some(visit)
    }

    /// The visit as it is stored: `sid started last offset`.
    pub fn text(&self) -> String {
        let Self {
            sid,
            started,
            last,
            offset,
        } = self;
        spaced(&[
            sid.as_str(),
            &decimal(*started),
            &decimal(*last),
            &signed_decimal(*offset),
        ])
    }

    /// The edge's clock minus the browser's, ms, as far as is known.
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// From this instant on, an action may begin a new visit.
    pub fn until(&self) -> Millis {
        self.last
            .saturating_add(IDLE)
            .min(self.started.saturating_add(MAX_AGE))
    }

    /// Whether what is recorded may be sent, when a visit must last `least` ms up to its last
    /// action: 0 sends from the start, 1 with the first action.
    pub fn sends(&self, least: Millis) -> bool {
        self.last.saturating_add(1).saturating_sub(self.started) >= least
    }

    /// Whether the visit is one of those that are recorded, if that is a share of `rate` of
    /// them: by its id, so that all its pages agree. What is no number excludes nothing.
    pub fn sampled(&self, rate: f64) -> bool {
        // The last six characters are 30 random bits.
        let random = self.sid.as_str().as_bytes().get(32..).unwrap_or_default();
        let mut place = 0_u32;
        for letter in random {
            let five = match letter {
                b'2'..=b'7' => letter - b'2' + 26,
                _ => letter.saturating_sub(b'a'),
            };
            place = place << 5 | u32::from(five);
        }
        let below = f64::from(place) < rate * f64::from(1_u32 << 30);
        below || rate.is_nan()
    }

    /// Distances count, not signs: a clock that was set back must not keep a visit alive for ever.
    fn is_alive(&self, now: Millis) -> bool {
        now.abs_diff(self.last) < IDLE && now.abs_diff(self.started) < MAX_AGE
    }
}

/// The visit that an action at `now` belongs to.
pub fn act(stored: Option<Visit>, now: Millis, entropy: &[u8; SESSION_ENTROPY]) -> Visit {
    match stored {
        Some(visit) if visit.is_alive(now) => Visit {
            last: now.max(visit.last),
            ..visit
        },
        Some(visit) => Visit::begin(now, visit.offset, entropy),
        None => Visit::begin(now, 0, entropy),
    }
}

/// The visit of a page that loads at `now`, though nobody acted yet.
pub fn look(stored: Option<Visit>, now: Millis, entropy: &[u8; SESSION_ENTROPY]) -> Visit {
    match stored {
        Some(visit) if visit.is_alive(now) => visit,
        stored => {
            let offset = stored.map_or(0, |visit| visit.offset);
            let visit = Visit::begin(now, offset, entropy);
            Visit {
                last: visit.started.saturating_sub(1),
                ..visit
            }
        }
    }
}

/// The visit to go on with after the edge refused the session `refused` because of
/// its time: the one that another tab corrected meanwhile, or a new one.
pub fn correct(
    stored: Option<Visit>,
    refused: &SessionId,
    now: Millis,
    edge_now: Millis,
    entropy: &[u8; SESSION_ENTROPY],
) -> Visit {
    match stored {
        Some(visit) if visit.sid != *refused && visit.is_alive(now) => visit,
        _ => {
            // Both are far below 2^63: an id's time has 48 bits.
            let offset = i64::try_from(edge_now).unwrap_or(0) - i64::try_from(now).unwrap_or(0);
            Visit::begin(now, offset, entropy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T0: Millis = 1_795_445_123_456;
    const A: [u8; SESSION_ENTROPY] = [1; SESSION_ENTROPY];
    const B: [u8; SESSION_ENTROPY] = [2; SESSION_ENTROPY];
    const MINUTE: Millis = 60_000;

    /// A visit begun at `T0` with one action every ten minutes up to `last`.
    fn visit(last: Millis) -> Visit {
        let begun = act(None, T0, &A);
        (T0..=last)
            .step_by(600_000)
            .chain([last])
            .fold(begun, |visit, now| act(Some(visit), now, &B))
    }

    #[test]
    fn ends_by_idleness_and_by_age() {
        for (last, now, kept) in [
            (0, 0, true),
            (0, 30 * MINUTE - 1, true),
            (0, 30 * MINUTE, false),
            (20 * MINUTE, 45 * MINUTE, true),
            (24 * 60 * MINUTE - 1, 24 * 60 * MINUTE - 1, true),
            (24 * 60 * MINUTE - 1, 24 * 60 * MINUTE, false),
        ] {
            let before = visit(T0 + last);
            let after = act(Some(before.clone()), T0 + now, &B);
            assert_eq!(after.sid == before.sid, kept, "last {last}, now {now}");
            assert_eq!(
                T0 + now < before.until(),
                kept,
                "until: last {last}, now {now}"
            );
        }
    }

    #[test]
    fn nothing_is_sent_before_somebody_acts() {
        let seen = look(None, T0, &A);
        let sends = |visit: &Visit| [0, 1, 5_000].map(|least| visit.sends(least));
        assert_eq!(sends(&seen), [true, false, false]);
        let restored = look(Some(seen.clone()), T0 + MINUTE, &B);
        assert_eq!(restored, seen, "another page changes nothing");
        let acted = act(Some(restored), T0, &B);
        assert_eq!(
            (&acted.sid, sends(&acted)),
            (&seen.sid, [true, true, false])
        );
        let longer = act(Some(acted.clone()), T0 + 5_000, &B);
        assert_eq!(sends(&longer), [true, true, true]);
        assert_eq!(look(Some(longer.clone()), T0 + MINUTE, &B), longer);
        let next = look(Some(longer.clone()), T0 + 31 * MINUTE, &B);
        assert!(next.sid != longer.sid && !next.sends(1));
        assert!(act(None, T0, &A).sends(1));
    }

    #[test]
    fn a_sample_goes_by_the_id() {
        let visits: Vec<Visit> = (0..2_000_u32)
            .map(|n| {
                let mut entropy = [0; SESSION_ENTROPY];
                let mixed = n.wrapping_mul(2_654_435_769).to_be_bytes();
                for (at, byte) in entropy.iter_mut().enumerate() {
                    *byte = mixed[at % 4];
                }
                act(None, T0, &entropy)
            })
            .collect();
        let count = |rate| visits.iter().filter(|visit| visit.sampled(rate)).count();
        assert_eq!(count(0.0), 0);
        assert_eq!(count(1.0), 2_000);
        assert_eq!(count(f64::NAN), 2_000);
        for rate in [0.1, 0.5, 0.9] {
            let found = u32::try_from(count(rate)).unwrap();
            assert!((f64::from(found) - rate * 2_000.0).abs() < 100.0, "{rate}");
        }
        let tenth = visits.iter().filter(|visit| visit.sampled(0.1));
        assert!(tenth.clone().all(|visit| visit.sampled(0.2)));
        let later: Vec<Visit> = tenth
            .map(|visit| act(Some(visit.clone()), T0 + 9, &B))
            .collect();
        assert!(
            later.iter().all(|visit| visit.sampled(0.1)),
            "an action changes nothing"
        );
    }

    #[test]
    fn a_clock_set_back_ends_it() {
        let before = visit(T0);
        assert_eq!(act(Some(before.clone()), T0 - MINUTE, &B).sid, before.sid);
        assert_ne!(
            act(Some(before.clone()), T0 - 31 * MINUTE, &B).sid,
            before.sid
        );
    }

    #[test]
    fn a_correction_lasts() {
        let wrong = act(None, T0, &A);
        let edge = T0 - 3_600_000;
        let right = correct(Some(wrong.clone()), &wrong.sid, T0 + 5, edge, &B);
        assert_eq!(right.sid.start(), edge);
        let later = act(Some(right.clone()), T0 + 1000, &A);
        assert_eq!(later.sid, right.sid);
        let next = act(Some(later), T0 + 10 * 3_600_000, &A);
        assert_eq!(next.sid.start(), T0 + 9 * 3_600_000 - 5);
    }

    #[test]
    fn another_tabs_correction_is_taken() {
        let wrong = act(None, T0, &A);
        let other = correct(None, &wrong.sid, T0, T0 + 9_000_000, &B);
        assert_eq!(
            correct(Some(other.clone()), &wrong.sid, T0 + 1, T0 + 9_000_001, &A),
            other
        );
    }

    #[test]
    fn what_is_stored_is_a_format() {
        let visit = Visit {
            offset: -7,
            ..visit(T0 + MINUTE)
        };
        let text = "01a208de6980aeaqcaibaeaqcaibaeaqcaibae 1795445123456 1795445183456 -7";
        assert_eq!(visit.text(), text);
        assert_eq!(Visit::read(text), Some(visit));
        for text in [
            "",
            "x",
            "01a208de6980aeaqcaibaeaqcaibaeaqcaibae 1 2",
            &format!("{text} 1"),
            &text.replace('-', "a"),
        ] {
            assert_eq!(Visit::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text: String, last: u64, now: u64, edge: u64, offset: i64) {
            let _ = Visit::read(&text);
            let visit = Visit { sid: SessionId::new(now, &A), started: last, last, offset };
            prop_assert_eq!(Visit::read(&visit.text()), Some(visit.clone()));
            let _ = (visit.until(), visit.sends(now), look(Some(visit.clone()), now, &B), act(Some(visit.clone()), now, &B));
            let _ = correct(Some(visit.clone()), &visit.sid, now, edge, &A);
        }
    }
}
