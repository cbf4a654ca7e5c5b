//! Which sessions of the list are selected.

use sentiero_core::id::SessionId;
use std::collections::BTreeSet;

/// The selected sessions, and the last one that was touched, from which a range
/// goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    sids: BTreeSet<SessionId>,
    last: Option<SessionId>,
}

impl Picked {
    /// How many.
    pub fn len(&self) -> usize {
        self.sids.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.sids.is_empty()
    }

    /// Whether `sid` is.
    pub fn has(&self, sid: &SessionId) -> bool {
        self.sids.contains(sid)
    }

    /// All of them, in order of their start.
    pub fn sids(&self) -> impl Iterator<Item = &SessionId> {
        self.sids.iter()
    }

    /// Selects `sid`, or no longer. With `range`, all from the last that was
    /// touched to `sid` in the order of `rows` become what `sid` becomes.
    pub fn touch(&mut self, sid: &SessionId, range: bool, rows: &[SessionId]) {
        let on = !self.sids.contains(sid);
        let at = |wanted: &SessionId| rows.iter().position(|row| row == wanted);
        let last = self.last.as_ref().filter(|_| range);
        let ends = last.and_then(at).zip(at(sid));
        let touched = match ends {
            Some((a, b)) => rows.get(a.min(b)..=a.max(b)).unwrap_or_default(),
            None => core::slice::from_ref(sid),
        };
        for sid in touched {
            if on {
                self.sids.insert(sid.clone());
            } else {
                self.sids.remove(sid);
            }
        }
        self.last = Some(sid.clone());
    }

    /// Selects all of `rows`; if all are selected, none.
    pub fn touch_all(&mut self, rows: &[SessionId]) {
        let on = self.share(rows) != Share::All;
        self.last = None;
        self.sids.clear();
        if on {
            self.sids.extend(rows.iter().cloned());
        }
    }

    /// How much of `rows` is selected.
    pub fn share(&self, rows: &[SessionId]) -> Share {
        let picked = rows.iter().filter(|sid| self.has(sid)).count();
        match picked {
            0 => Share::None,
            _ if picked == rows.len() => Share::All,
            _ => Share::Some,
        }
    }

    /// Selects none.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

/// How much of the list is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Nothing.
    None,
    /// A part.
    Some,
    /// Everything that is loaded.
    All,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sids() -> Vec<SessionId> {
        (1..=5)
            .rev()
            .map(|at| SessionId::new(at, &[0; 17]))
            .collect()
    }

    fn touched(touches: &[(usize, bool)]) -> Vec<u64> {
        let rows = sids();
        let mut picked = Picked::default();
        for (at, range) in touches {
            picked.touch(&rows[*at], *range, &rows);
        }
        picked.sids().map(SessionId::start).collect()
    }

    #[test]
    fn one_by_one_and_by_range() {
        assert_eq!(touched(&[(1, false)]), [4]);
        assert_eq!(touched(&[(1, false), (1, false)]), [0; 0]);
        // A range goes both ways, and from the last that was touched.
        assert_eq!(touched(&[(1, false), (3, true)]), [2, 3, 4]);
        assert_eq!(touched(&[(3, false), (1, true)]), [2, 3, 4]);
        assert_eq!(touched(&[(0, false), (4, false), (3, true)]), [1, 2, 5]);
        // It takes away what it would take away alone.
        assert_eq!(
            touched(&[(0, false), (4, true), (1, false), (3, true)]),
            [1, 5]
        );
        // Without a last one it is a single touch.
        assert_eq!(touched(&[(2, true)]), [3]);
    }

    #[test]
    fn a_range_from_what_is_gone_is_a_single_touch() {
        let rows = sids();
        let mut picked = Picked::default();
        picked.touch(&SessionId::new(99, &[0; 17]), false, &rows);
        picked.touch(&rows[2], true, &rows);
        assert_eq!(picked.len(), 2);
    }

    #[test]
    fn all_or_none() {
        let rows = sids();
        let mut picked = Picked::default();
        assert_eq!(picked.share(&rows), Share::None);
        picked.touch(&rows[0], false, &rows);
        assert_eq!(picked.share(&rows), Share::Some);
        picked.touch_all(&rows);
        assert_eq!((picked.share(&rows), picked.len()), (Share::All, 5));
        picked.touch_all(&rows);
        assert!(picked.is_empty());
        assert_eq!(picked.share(&[]), Share::None);
    }
}
