//! Upright bars: numbers by time, and how values are distributed.

use super::{WHOLE, scale, share};
use crate::model::text;

/// A place for one bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// What it is about: a day, a band.
    pub name: String,
    /// How many in all.
    pub whole: u64,
    /// Of them, those that stand out.
    pub marked: u64,
    /// What is said of it.
    pub said: String,
}

/// A bar, in thousandths of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its name, if there is room for one.
    pub label: Option<String>,
    /// Where its place begins.
    pub x: u32,
    /// How wide its place is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
    /// How high of it what stands out is.
    pub marked: u32,
    /// What is said of it.
    pub said: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// From left to right.
    pub bars: Vec<Bar>,
    /// Lines: how high, and the number there.
    pub lines: Vec<(u32, String)>,
}

/// So many names fit below.
const LABELS: usize = 8;

/// Draws `parts`; none where there is nothing to draw.
pub fn columns(parts: Vec<Part>) -> Option<Columns> {
    draw(parts, text::short_number)
}

/// Draws `parts` that are told in thousandths; none where there is nothing to draw.
pub fn thousandths(parts: Vec<Part>) -> Option<Columns> {
    draw(parts, |line| match (line / 1_000, line % 1_000) {
        (whole, 0) => text::short_number(whole),
        (whole, rest) => format!("{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
    })
}

fn draw(parts: Vec<Part>, name: fn(u64) -> String) -> Option<Columns> {
    let most = parts.iter().map(|part| part.whole).max()?;
    let lines = scale(most);
    let top = lines.last().copied().unwrap_or(1);
    let count = u32::try_from(parts.len()).ok()?;
    let every = parts.len().div_ceil(LABELS).max(1);
    let edge = |place: u32| u64::from(place) * u64::from(WHOLE) / u64::from(count);
    let edge = |place: u32| u32::try_from(edge(place)).unwrap_or(WHOLE);
    let bar = |(place, (index, part)): (u32, (usize, Part))| Bar {
        label: index.is_multiple_of(every).then(|| part.name.clone()),
        x: edge(place),
        width: edge(place + 1) - edge(place),
        height: share(part.whole, top),
        marked: share(part.marked, top).min(share(part.whole, top)),
        said: part.said,
    };
    Some(Columns {
        bars: (0..count)
            .zip(parts.into_iter().enumerate())
            .map(bar)
            .collect(),
        lines: lines
            .iter()
            .map(|line| (share(*line, top), name(*line)))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(whole: u64, marked: u64) -> Part {
        Part {
            name: format!("n{whole}"),
            whole,
            marked,
            said: String::new(),
        }
    }

    #[test]
    fn bars_stand_on_one_scale() {
        let drawn = columns(vec![part(10, 0), part(40, 10), part(0, 0)]).unwrap();
        let bars: Vec<_> = drawn
            .bars
            .iter()
            .map(|bar| (bar.x, bar.width, bar.height, bar.marked))
            .collect();
        assert_eq!(
            bars,
            [(0, 333, 250, 0), (333, 333, 1_000, 250), (666, 334, 0, 0)]
        );
        let lines: Vec<_> = drawn
            .lines
            .iter()
            .map(|(at, name)| (*at, &**name))
            .collect();
        assert_eq!(
            lines,
            [
                (0, "0"),
                (250, "10"),
                (500, "20"),
                (750, "30"),
                (1_000, "40")
            ]
        );
        assert_eq!(columns(Vec::new()), None);
    }

    #[test]
    fn thousandths_are_named_as_wholes() {
        let names = |most| {
            let drawn = thousandths(vec![part(most, 0)]).unwrap();
            let names = drawn.lines.into_iter().map(|(_, name)| name);
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(1_400), "0 0.5 1 1.5");
        assert_eq!(names(12_000_000), "0 5k 10k 15k");
        assert_eq!(names(3), "0 0.001 0.002 0.003");
    }

    proptest! {
        #[test]
        fn places_fill_the_width(wholes in prop::collection::vec(0_u64..1 << 50, 1..400)) {
            let drawn = columns(wholes.iter().map(|whole| part(*whole, *whole)).collect()).unwrap();
            let mut x = 0;
            for (bar, whole) in drawn.bars.iter().zip(&wholes) {
                prop_assert_eq!(bar.x, x);
                x += bar.width;
                prop_assert_eq!(bar.height > 0, *whole > 0);
                prop_assert!(bar.marked <= bar.height && bar.height <= WHOLE);
            }
            prop_assert_eq!(x, WHOLE);
            let labels = drawn.bars.iter().filter(|bar| bar.label.is_some()).count();
            prop_assert!((1..=LABELS).contains(&labels));
        }
    }
}
