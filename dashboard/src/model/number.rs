//! Milliseconds to fractions and back, in one place that rounds on purpose.

use sentiero_core::id::Millis;

/// As a float. Exact for every instant a browser's clock can show.
#[expect(clippy::cast_precision_loss, reason = "instants stay far below 2^53")]
pub fn float(number: u64) -> f64 {
    number as f64
}

/// A count as a float.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub fn count(number: usize) -> f64 {
    number as f64
}

/// Rounded; 0 for what is negative or no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped before"
)]
pub fn whole(number: f64) -> u64 {
    if number.is_nan() {
        0
    } else {
        number.round().clamp(0.0, 9e15) as u64
    }
}

/// With two decimals, for styles and paths. The standard formatter writes any
/// float exactly, and is larger than all that is written with it here.
pub fn decimal(number: f64) -> String {
    let hundredths = whole(number * 100.0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// An index; 0 for what is negative or no number.
pub fn index(number: f64) -> usize {
    usize::try_from(whole(number.floor())).unwrap_or(usize::MAX)
}

/// Where `at` lies between `from` and `to`, from 0 to 1.
pub fn fraction(at: Millis, from: Millis, to: Millis) -> f64 {
    let span = to.saturating_sub(from);
    if span == 0 {
        return 0.0;
    }
    (float(at.saturating_sub(from)) / float(span)).clamp(0.0, 1.0)
}

/// The instant at `fraction` between `from` and `to`.
pub fn instant(fraction: f64, from: Millis, to: Millis) -> Millis {
    let span = float(to.saturating_sub(from));
    from + whole(span * fraction.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounds_and_clamps() {
        assert_eq!(
            [
                whole(-1.0),
                whole(f64::NAN),
                whole(1.5),
                whole(f64::INFINITY)
            ],
            [0, 0, 2, 9_000_000_000_000_000]
        );
        assert_eq!(
            [decimal(0.0), decimal(33.333), decimal(99.999)],
            ["0.00", "33.33", "100.00"]
        );
        assert_eq!([index(-3.0), index(2.9)], [0, 2]);
        assert!(fraction(5, 10, 20).abs() < 1e-9);
        assert!((fraction(25, 10, 20) - 1.0).abs() < 1e-9);
        assert!(fraction(5, 5, 5).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn there_and_back(from in 0u64..1 << 43, span in 1u64..1 << 33, at: u64) {
            let at = from + at % span;
            let back = instant(fraction(at, from, from + span), from, from + span);
            prop_assert!(back.abs_diff(at) <= 1);
        }
    }
}
