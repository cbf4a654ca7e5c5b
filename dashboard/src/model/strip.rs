//! What happened when in a visit, small enough for a row of the list: bars over
//! the visit's time, as high as much was done, in the colour of the worst.

/// How it went in one part of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Nobody did anything.
    Calm,
    /// Somebody did something.
    Busy,
    /// With rage or dead clicks.
    Frustrated,
    /// With an error.
    Failed,
}

/// Width of the drawing.
pub const WIDTH: u32 = 120;
/// Height of the drawing.
pub const HEIGHT: u32 = 24;
/// The highest level.
pub const TOP: u8 = 9;

/// Where nothing was done there is a line, so that the time shows.
const LOWEST: u32 = 2;
/// Something that went wrong is seen, however little was done besides.
const SEEN: u32 = 10;
/// Between two bars.
const GAP: u32 = 1;

/// One bar of the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
    /// Its colour.
    pub mood: Mood,
}

/// The bars of `levels`, 0 to [`TOP`] each, from left to right. They stand on the
/// lower edge and fill the width.
pub fn bars(levels: &[(u8, Mood)]) -> Vec<Bar> {
    let count = u32::try_from(levels.len()).unwrap_or(u32::MAX).max(1);
    let edge = |at: u32| WIDTH.saturating_mul(at) / count;
    let bar = |(at, (level, mood)): (u32, &(u8, Mood))| {
        let (from, to) = (edge(at), edge(at + 1));
        let level = u32::from((*level).min(TOP));
        let height = LOWEST + level * (HEIGHT - LOWEST) / u32::from(TOP);
        let height = match mood {
            Mood::Calm | Mood::Busy => height,
            Mood::Frustrated | Mood::Failed => height.max(SEEN),
        };
        Bar {
            x: from,
            y: HEIGHT - height,
            width: (to - from).saturating_sub(GAP).max(1),
            height,
            mood: *mood,
        }
    };
    (0..).zip(levels).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bars_stand_on_the_edge_and_bad_ones_are_seen() {
        let bars = bars(&[
            (0, Mood::Calm),
            (9, Mood::Busy),
            (0, Mood::Failed),
            (9, Mood::Frustrated),
        ]);
        let shapes: Vec<_> = bars
            .iter()
            .map(|bar| (bar.x, bar.width, bar.height))
            .collect();
        assert_eq!(
            shapes,
            [(0, 29, 2), (30, 29, 24), (60, 29, 10), (90, 29, 24)]
        );
        assert!(bars.iter().all(|bar| bar.y + bar.height == HEIGHT));
        assert!(super::bars(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn stays_inside(levels in proptest::collection::vec(any::<u8>(), 0..64)) {
            let levels: Vec<_> = levels.into_iter().map(|level| (level, Mood::Busy)).collect();
            let mut end = 0;
            for bar in bars(&levels) {
                prop_assert!(bar.x >= end && bar.x + bar.width <= WIDTH);
                prop_assert!(bar.height <= HEIGHT && bar.height > 0);
                end = bar.x + bar.width;
            }
        }
    }
}
