//! How headlines changed since the time before.
//!
//! Numbers and times change by a share of what they were, shares by points. Of few nothing is
//! said: three sessions instead of two are no growth by half.

use super::SMALL;
use super::table::{Headline, View};
use super::value::{Value, percent};

/// How a headline changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which way, as a sign for those who see it; empty if neither.
    pub sign: &'static str,
    /// By how much: `12 %`, `1.5 points`.
    pub much: String,
    /// The rest of the sentence, for those who hear it: `more than in the 7 days before`.
    pub said: String,
}

/// For each headline how it changed since `before`, which is called `name`; none where too
/// few were counted then, or now.
pub fn changes(now: &View, before: &View, name: &str) -> Vec<Option<Change>> {
    let few = |view: &View| view.sessions.unwrap_or(0) < SMALL;
    let nothing = few(now) || few(before);
    let one = |headline: &Headline| {
        if nothing {
            return None;
        }
        let same = |other: &&Headline| other.name == headline.name;
        let then = before.headlines.iter().find(same)?;
        change(&headline.cell.value, &then.cell.value, name)
    };
    now.headlines.iter().map(one).collect()
}

fn change(now: &Value, before: &Value, name: &str) -> Option<Change> {
    let (now, before, points) = match (now, before) {
        (Value::Count(now), Value::Count(before)) if *before >= SMALL => (*now, *before, false),
        (Value::Time(now), Value::Time(before)) if *before > 0 => (*now, *before, false),
        (Value::Share(now), Value::Share(before)) => ((*now).into(), (*before).into(), true),
        _ => return None,
    };
    let apart = now.abs_diff(before);
    let thousandths = if points { apart } else { share(apart, before) };
    let (sign, than) = match now.cmp(&before) {
        _ if thousandths == 0 => ("", "as in"),
        core::cmp::Ordering::Greater => ("▲", "more than in"),
        _ => ("▼", "less than in"),
    };
    let amount = percent(u32::try_from(thousandths).unwrap_or(u32::MAX));
    let much = match thousandths {
        0 => "The same".to_owned(),
        10 if points => "1 point".to_owned(),
        _ if points => amount.replace(" %", " points"),
        _ => amount,
    };
    Some(Change {
        sign,
        much,
        said: format!("{than} {name}"),
    })
}

/// Thousandths of `before`, rounded half up; whole percents from ten on, where tenths of them
/// say nothing any more.
fn share(apart: u64, before: u64) -> u64 {
    let of = |unit: u128| {
        let (apart, before) = (u128::from(apart), u128::from(before).max(1));
        u64::try_from((apart * unit + before / 2) / before).unwrap_or(u64::MAX / 10)
    };
    match of(1_000) {
        fine @ ..100 => fine,
        _ => of(100).saturating_mul(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::table::Cell;
    use proptest::prelude::*;

    fn view(sessions: u64, value: Value) -> View {
        View {
            headlines: vec![Headline {
                name: "Sessions",
                cell: Cell::new(value),
                ..Headline::default()
            }],
            sessions: Some(sessions),
            ..View::default()
        }
    }

    fn said(now: Value, before: Value) -> Option<String> {
        let found = changes(&view(100, now), &view(100, before), "the day before");
        let change = found.into_iter().next().unwrap()?;
        Some(format!("{} {} {}", change.sign, change.much, change.said))
    }

    #[test]
    fn what_changed_is_said() {
        use Value::{Count, None as Nothing, Share, Time};
        for (now, before, words) in [
            (Count(112), Count(100), "▲ 12 % more than in the day before"),
            (Count(300), Count(97), "▲ 209 % more than in the day before"),
            (Count(99), Count(100), "▼ 1 % less than in the day before"),
            (
                Count(1_015),
                Count(1_000),
                "▲ 1.5 % more than in the day before",
            ),
            (Count(0), Count(100), "▼ 100 % less than in the day before"),
            (Count(50), Count(50), " The same as in the day before"),
            (Time(900), Time(1_000), "▼ 10 % less than in the day before"),
            (
                Share(925),
                Share(910),
                "▲ 1.5 points more than in the day before",
            ),
            (
                Share(910),
                Share(920),
                "▼ 1 point less than in the day before",
            ),
        ] {
            assert_eq!(said(now, before).as_deref(), Some(words));
        }
        for (now, before) in [
            (Count(100), Count(29)),
            (Time(5), Time(0)),
            (Nothing, Share(5)),
            (Share(5), Nothing),
            (Count(50), Time(50)),
        ] {
            assert_eq!(said(now, before), None);
        }
    }

    #[test]
    fn of_few_sessions_and_of_what_is_elsewhere_nothing_is_said() {
        let (few, many) = (view(29, Value::Share(5)), view(30, Value::Share(9)));
        for (now, before, count) in [(&few, &many, 0), (&many, &few, 0), (&many, &many, 1)] {
            let found = changes(now, before, "then");
            assert_eq!(found.iter().flatten().count(), count);
        }
        assert_eq!(
            changes(
                &many,
                &View {
                    sessions: Some(99),
                    ..View::default()
                },
                "then"
            ),
            [None]
        );
    }

    proptest! {
        #[test]
        fn never_panics(now: u64, before: u64) {
            let found = said(Value::Count(now), Value::Count(before));
            prop_assert_eq!(found.is_some(), before >= SMALL);
        }
    }
}
