//! Stretches of time one after the other, as a chart needs them.

use sentiero_core::id::Millis;

/// More are not drawn: two years of days.
const MOST: u64 = 732;

/// All stretches of that length from the first to the last, also those of which nothing is
/// known, which a chart must not leave out; of more than two years those of which something is.
/// What is known is in order, each where its stretch begins.
pub(super) fn filled<T>(known: Vec<(Millis, T)>, length: Millis) -> Vec<(Millis, Option<T>)> {
    let (Some((first, _)), Some((last, _))) = (known.first(), known.last()) else {
        return Vec::new();
    };
    let (first, count) = (*first, last.saturating_sub(*first) / length.max(1));
    let mut known = known.into_iter();
    if count > MOST {
        return known.map(|(from, value)| (from, Some(value))).collect();
    }
    let mut known = known.by_ref().peekable();
    let stretch = |place: u64| {
        let from = first + place * length;
        let found = known.next_if(|(known, _)| *known <= from);
        (from, found.map(|(_, value)| value))
    };
    (0..=count).map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_is_there_without_a_value() {
        let known = vec![(10, 'a'), (30, 'b')];
        let all = [(10, Some('a')), (20, None), (30, Some('b'))];
        assert_eq!(filled(known, 10), all);
        assert_eq!(filled::<char>(Vec::new(), 10), []);
        let far = vec![(0, 'a'), (10 * MOST + 10, 'b')];
        assert_eq!(filled(far, 10).len(), 2);
    }
}
