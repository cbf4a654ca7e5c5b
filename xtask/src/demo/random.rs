//! Chance that repeats itself: the same seed gives the same sessions.

/// A generator (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The generator of `seed` for what `names` say; others of the same seed are independent.
    pub(super) fn of(seed: u64, names: &[u64]) -> Self {
        let mut random = Self(seed);
        for name in names {
            random.0 = random.next() ^ name.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below `end`; 0 if that is 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// One of `list`.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len() as u64);
        list.get(usize::try_from(at).ok()?)
    }

    /// A place in `weights`, more often where they are large.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        let found = weights.iter().position(|weight| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        found.unwrap_or(0)
    }

    /// Bytes for an id.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_itself_and_differs_by_name() {
        let draw = |names: &[u64]| Random::of(7, names).bytes::<16>();
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        assert_ne!(draw(&[1]), draw(&[1, 0]));
    }

    #[test]
    fn weights_decide() {
        let mut random = Random::of(1, &[]);
        let mut drawn = [0; 3];
        for _ in 0..1_000 {
            drawn[random.weighted(&[0, 900, 100])] += 1;
        }
        assert_eq!(drawn[0], 0);
        assert!((60..150).contains(&drawn[2]), "{drawn:?}");
    }
}
