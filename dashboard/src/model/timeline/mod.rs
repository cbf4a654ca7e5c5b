//! The recording on a line: markers, idle times, what is loaded, and what a
//! key or a pointer on it means.

mod scale;

pub use scale::Scale;

use crate::model::activity::{Kind, Row};
use crate::model::rows::Gap;
use crate::model::{number, text};
use core::fmt::Write as _;
use sentiero_core::id::Millis;

/// Markers next to each other share a place; so many places fit the line …
const PLACES: usize = 480;
/// … and so many keep it readable when there are …
const FEW_PLACES: usize = 160;
/// … more rows than this.
const CROWD: usize = 240;
/// How far from the pointer what happened is told of, of the line.
const REACH: f64 = 1.0 / 150.0;
/// How far a key moves, ms.
pub const STEP: Millis = 5_000;

/// A recording's first and last instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: Millis,
    /// The last.
    pub to: Millis,
}

impl Span {
    /// Its length.
    pub fn length(self) -> Millis {
        self.to.saturating_sub(self.from)
    }

    /// `at` as ms from the start.
    pub fn offset(self, at: Millis) -> Millis {
        at.clamp(self.from, self.to.max(self.from)) - self.from
    }
}

/// The markers of one kind as an SVG path over a box of 1000 × 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Of what.
    pub kind: Kind,
    /// One vertical stroke for each.
    pub path: String,
}

/// The markers of `rows`. Where several fall on one place, the weightiest shows.
pub fn marks(rows: &[Row], scale: &Scale) -> Vec<Marks> {
    let fit = if rows.len() > CROWD {
        FEW_PLACES
    } else {
        PLACES
    };
    let mut places: Vec<Option<Kind>> = vec![None; fit + 1];
    for row in rows {
        if matches!(row.kind, Kind::Idle) {
            continue;
        }
        let place = number::index(scale.fraction(row.at) * number::count(fit));
        if let Some(shown) = places.get_mut(place)
            && shown.is_none_or(|kind| kind.weight() < row.kind.weight())
        {
            *shown = Some(row.kind);
        }
    }
    let stroke = |kind: Kind| {
        let (from, to) = height(kind);
        let mut path = String::new();
        for (place, _) in places
            .iter()
            .enumerate()
            .filter(|(_, shown)| **shown == Some(kind))
        {
            let x = number::count(place) * 1_000.0 / number::count(fit);
            // Writing to a string cannot fail.
            let _ = write!(path, "M{} {from}V{to}", number::decimal(x));
        }
        path
    };
    let all = Kind::ALL.into_iter().map(|kind| Marks {
        kind,
        path: stroke(kind),
    });
    all.filter(|marks| !marks.path.is_empty()).collect()
}

/// How tall a marker stands: what is rare and telling is tall.
fn height(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Page | Kind::Error | Kind::Rage | Kind::Dead | Kind::Custom => ("0", "1"),
        Kind::Click | Kind::Input => (".15", ".85"),
        Kind::Scroll | Kind::View | Kind::Idle => (".28", ".72"),
    }
}

/// A stretch of the line, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Where it begins.
    pub left: f64,
    /// How long it is.
    pub width: f64,
}

impl Stretch {
    /// As inline style.
    pub fn style(self) -> String {
        format!(
            "left:{}%;width:{}%",
            number::decimal(self.left),
            number::decimal(self.width)
        )
    }
}

/// From one instant to another, on the line.
pub fn stretch(from: Millis, to: Millis, scale: &Scale) -> Stretch {
    let (start, end) = (scale.fraction(from), scale.fraction(to));
    Stretch {
        left: start * 100.0,
        width: (end - start) * 100.0,
    }
}

/// The idle times that are long enough to be seen.
pub fn idle(gaps: &[Gap], scale: &Scale) -> Vec<Stretch> {
    gaps.iter()
        .map(|gap| stretch(gap.from, gap.to, scale))
        .filter(|stretch| stretch.width >= 0.4)
        .collect()
}

/// What to say of the instant at `fraction` of the line: the time, and what
/// happened there or about there.
pub fn hint(
    rows: &[Row],
    gaps: &[Gap],
    (span, scale): (Span, &Scale),
    fraction: f64,
) -> (String, Option<(Kind, String)>) {
    let at = scale.instant(fraction).unwrap_or(span.from);
    let near =
        |row: &&Row| row.kind != Kind::Idle && (scale.fraction(row.at) - fraction).abs() <= REACH;
    let row = rows
        .iter()
        .filter(near)
        .max_by_key(|row| (row.kind.weight(), u64::MAX - row.at.abs_diff(at)));
    let said = row.map(|row| (row.kind, row.label.clone())).or_else(|| {
        let gap = gaps.iter().find(|gap| (gap.from..gap.to).contains(&at))?;
        Some((
            Kind::Idle,
            format!("Idle for {}", text::duration(gap.to - gap.from)),
        ))
    });
    (text::clock(span.offset(at)), said)
}

/// Where a key on the line leads from `at`.
pub fn key(key: &str, at: Millis, span: Span) -> Option<Millis> {
    let page = (span.length() / 10).max(STEP);
    let to = match key {
        "ArrowLeft" | "ArrowDown" => at.saturating_sub(STEP),
        "ArrowRight" | "ArrowUp" => at + STEP,
        "PageDown" => at.saturating_sub(page),
        "PageUp" => at + page,
        "Home" => span.from,
        "End" => span.to,
        _ => return None,
    };
    Some(to.clamp(span.from, span.to.max(span.from)))
}

/// The line's value for a screen reader.
pub fn spoken(at: Millis, span: Span) -> String {
    format!(
        "{} of {}",
        text::spoken(span.offset(at)),
        text::spoken(span.length())
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPAN: Span = Span {
        from: 1_000,
        to: 101_000,
    };

    fn even() -> Scale {
        Scale::new(SPAN, &[])
    }

    fn row(at: Millis, kind: Kind) -> Row {
        Row {
            at,
            until: at,
            index: 0,
            kind,
            label: kind.slug().into(),
            detail: String::new(),
            count: 1,
        }
    }

    #[test]
    fn the_weightiest_marker_of_a_place_shows() {
        let rows = [
            row(1_000, Kind::Page),
            row(51_000, Kind::Click),
            row(51_010, Kind::Error),
            row(60_000, Kind::Idle),
        ];
        let marks = marks(&rows, &even());
        assert_eq!(
            marks,
            [
                Marks {
                    kind: Kind::Page,
                    path: "M0.00 0V1".into()
                },
                Marks {
                    kind: Kind::Error,
                    path: "M500.00 0V1".into()
                },
            ]
        );
    }

    #[test]
    fn says_what_is_there() {
        let rows = [row(51_000, Kind::Click), row(51_100, Kind::Scroll)];
        let gaps = [Gap {
            from: 60_000,
            to: 90_000,
        }];
        let hint = |fraction| hint(&rows, &gaps, (SPAN, &even()), fraction);
        assert_eq!(
            hint(0.5),
            ("0:50".into(), Some((Kind::Click, "click".into())))
        );
        assert_eq!(
            hint(0.7),
            ("1:10".into(), Some((Kind::Idle, "Idle for 30s".into())))
        );
        assert_eq!(hint(0.0), ("0:00".into(), None));
    }

    #[test]
    fn keys_move_and_stop_at_the_ends() {
        for (name, at, to) in [
            ("ArrowLeft", 3_000, Some(1_000)),
            ("ArrowRight", 99_000, Some(101_000)),
            ("PageUp", 1_000, Some(11_000)),
            ("Home", 50_000, Some(1_000)),
            ("End", 50_000, Some(101_000)),
            ("x", 50_000, None),
        ] {
            assert_eq!(key(name, at, SPAN), to, "{name}");
        }
    }

    #[test]
    fn short_idle_times_are_not_drawn() {
        let gaps = [
            Gap {
                from: 1_000,
                to: 1_100,
            },
            Gap {
                from: 11_000,
                to: 21_000,
            },
        ];
        let drawn = idle(&gaps, &even());
        assert_eq!(drawn.len(), 1);
        assert_eq!(drawn.first().unwrap().style(), "left:10.00%;width:10.00%");
    }

    #[test]
    fn reads_aloud() {
        assert_eq!(spoken(43_000, SPAN), "42 seconds of 1 minute 40 seconds");
    }

    proptest! {
        #[test]
        fn never_panics(rows in prop::collection::vec(any::<u64>(), 0..20), from: u64, to: u64, fraction: f64) {
            let rows: Vec<Row> = rows.into_iter().map(|at| row(at, Kind::Click)).collect();
            let span = Span { from: from >> 8, to: to >> 8 };
            let scale = Scale::new(span, &[]);
            let _ = (marks(&rows, &scale), hint(&rows, &[], (span, &scale), fraction), spoken(from, span));
        }
    }
}
