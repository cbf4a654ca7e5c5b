//! How often the password may be tried, and from which sign-in on others have ended.
//!
//! Who does not know the password waits, longer each time, by the **place** that he tries
//! from: an address block, or a browser that signed in before. Places that are no such browser
//! wait together, too, when many fail: else who has many addresses would have many tries. An
//! attempt is counted before the password is looked at, so that many at once are many.
//!
//! **Nobody locks the operator out for ever.** A wait ends after [`Waits::longest`] at the
//! latest, and trying meanwhile does not make it longer. A browser that signed in before waits
//! for its own failures only. A place is called by a name that is made with the password, so
//! a new password begins with none.

use crate::id::Millis;
use crate::store::StoreError;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The most places of which failures are remembered; beyond that, the one that tried longest
/// ago is forgotten.
pub const MAX_PLACES: u64 = 2_000;

/// After so long without an attempt, a place's failures are forgotten, ms.
pub const FORGOTTEN: Millis = 24 * 3_600_000;

/// Where failures and the generation of sign-ins are kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Gate {
    /// Lets the password be looked at, and counts that as a failure, by [`Knock::of`]; else says
    /// for how many ms not. To look and to write are one step.
    async fn attempt(&self, attempt: &Attempt) -> Result<Option<Millis>, StoreError>;
    /// The password was right: what was counted for the attempt is taken back, and its place's
    /// failures are forgotten.
    async fn passed(&self, attempt: &Attempt) -> Result<(), StoreError>;
    /// The number of sign-ins that hold: those that were made under it.
    async fn generation(&self) -> Result<u64, StoreError>;
    /// Ends all sign-ins: the next generation, which was none before.
    async fn end_all(&self) -> Result<u64, StoreError>;
}

/// Somebody tries the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From where.
    pub place: String,
    /// The place of all that are no browser that signed in before; none for such a browser.
    pub all: Option<String>,
    /// When.
    pub now: Millis,
}

/// What is remembered of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How often the password was tried and not known.
    pub failed: u32,
    /// Until when it may not be tried again.
    pub until: Millis,
    /// When it was tried last.
    pub last: Millis,
}

/// How long one waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// So many failures cost nothing.
    pub free: u32,
    /// The wait after the next one, ms; each further one doubles it.
    pub first: Millis,
    /// No wait is longer, ms.
    pub longest: Millis,
    /// After so long without an attempt, what was is forgotten, ms.
    pub forgotten: Millis,
}

/// One place.
pub const ONE: Waits = Waits {
    free: 5,
    first: 30_000,
    longest: 15 * 60_000,
    forgotten: FORGOTTEN,
};

/// All places together.
pub const ALL: Waits = Waits {
    free: 50,
    first: 5_000,
    longest: 5 * 60_000,
    forgotten: 3_600_000,
};

impl Waits {
    /// The wait after so many failures.
    pub fn after(&self, failed: u32) -> Millis {
        let Some(doubled) = failed.checked_sub(self.free.saturating_add(1)) else {
            return 0;
        };
        let factor = 1_u64.checked_shl(doubled).unwrap_or(u64::MAX);
        self.first.saturating_mul(factor).min(self.longest)
    }

    /// What is left of the wait; 0 if it may be tried.
    fn left(&self, kept: Tries, now: Millis) -> Millis {
        // A clock that was ahead must not make anybody wait longer than the longest wait.
        kept.until.saturating_sub(now).min(self.longest)
    }

    /// One failure more.
    fn failed(&self, kept: Tries, now: Millis) -> Tries {
        let is_old = now.saturating_sub(kept.last) >= self.forgotten;
        let failed = if is_old { 0 } else { kept.failed };
        let failed = failed.saturating_add(1);
        Tries {
            failed,
            until: now.saturating_add(self.after(failed)),
            last: now,
        }
    }
}

/// An attempt that may be made: what is to be remembered of its place, and of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knock {
    /// Of its place.
    pub one: Tries,
    /// Of all; none where all do not matter.
    pub all: Option<Tries>,
}

impl Knock {
    /// What becomes of an attempt at `now`, where this is remembered of its place and of all
    /// (none where all do not matter); or for how many ms there may be none.
    pub fn of(one: Tries, all: Option<Tries>, now: Millis) -> Result<Self, Millis> {
        let of_all = all.map_or(0, |all| ALL.left(all, now));
        let left = ONE.left(one, now).max(of_all);
        if left > 0 {
            return Err(left);
        }
        Ok(Self {
            one: ONE.failed(one, now),
            all: all.map(|all| ALL.failed(all, now)),
        })
    }
}

impl Tries {
    /// What is remembered of all once an attempt that was counted turns out to be right.
    #[must_use]
    pub fn taken_back(self, now: Millis) -> Self {
        Self {
            failed: self.failed.saturating_sub(1),
            until: self.until.min(now),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    #[test]
    fn a_wait_doubles_up_to_the_longest() {
        let waits: Vec<Millis> = (4..13).map(|failed| ONE.after(failed) / 1_000).collect();
        assert_eq!(waits, [0, 0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(ONE.after(u32::MAX), ONE.longest);
        assert_eq!(ALL.after(50), 0);
        assert_eq!(ALL.after(51), 5_000);
        assert_eq!(ALL.after(70), ALL.longest);
    }

    #[test]
    fn a_wait_is_told_and_what_is_old_forgotten() {
        let kept = |failed, until| Tries {
            failed,
            until,
            last: 1_000_000,
        };
        let fresh = Tries::default();
        assert_eq!(Knock::of(kept(6, 1_030_000), None, 1_000_001), Err(29_999));
        let all = Some(kept(51, 1_040_000));
        assert_eq!(Knock::of(kept(6, 1_030_000), all, 1_000_001), Err(39_999));
        assert_eq!(Knock::of(fresh, all, 1_000_001), Err(39_999));
        let again = Knock::of(kept(6, 1_030_000), None, 1_030_000).unwrap();
        assert_eq!((again.one.failed, again.one.until), (7, 1_090_000));
        let later = 1_000_000 + FORGOTTEN;
        assert_eq!(
            Knock::of(kept(9, 0), None, later).unwrap().one,
            Tries {
                failed: 1,
                until: later,
                last: later
            }
        );
    }

    #[test]
    fn what_was_right_is_no_failure() {
        let now = 5_000_000;
        let knock = Knock::of(
            Tries::default(),
            Some(Tries {
                failed: 60,
                until: 0,
                last: now,
            }),
            now,
        );
        let all = knock.unwrap().all.unwrap();
        assert!(all.failed == 61 && all.until > now);
        let back = all.taken_back(now);
        assert_eq!((back.failed, back.until), (60, now));
    }

    proptest! {
        /// Whatever was tried when: nobody waits longer than the longest wait, not even by a
        /// clock that jumps, and who only waits is let in.
        #[test]
        fn nobody_waits_for_ever(times in proptest::collection::vec(0_u64..10_000_000_000, 1..80)) {
            let (mut one, mut all) = (Tries::default(), Tries::default());
            for now in times {
                match Knock::of(one, Some(all), now) {
                    Err(left) => {
                        prop_assert!(left <= ONE.longest.max(ALL.longest));
                    }
                    Ok(knock) => { one = knock.one; all = knock.all.unwrap(); }
                }
            }
            let end = one.until.max(all.until);
            prop_assert!(Knock::of(one, Some(all), end).is_ok());
        }

        /// In any hour nobody has more tries from one place than the free ones and those
        /// between which he waited.
        #[test]
        fn tries_are_few(gaps in proptest::collection::vec(0_u64..60_000, 1..400)) {
            let (mut one, mut now, mut tries) = (Tries::default(), 1_000_000, 0);
            for gap in gaps {
                now += gap;
                if let Ok(knock) = Knock::of(one, None, now) {
                    one = knock.one;
                    tries += 1;
                }
            }
            let hours = (now - 1_000_000) / 3_600_000 + 1;
            prop_assert!(tries <= 12 + 4 * hours, "{tries} in {hours} h");
        }
    }
}
