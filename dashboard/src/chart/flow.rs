//! Flows: a column for each step, what was come to in it one below the other, and bands to
//! what was come to next.

use super::{WHOLE, share};

/// A place that is come to in a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// What it is called.
    pub name: String,
    /// How many came.
    pub count: u64,
    /// Of them, those who went no further.
    pub ended: u64,
    /// What is said of it.
    pub said: String,
}

/// How many went from a place to one of the next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Went {
    /// The step, from 0.
    pub step: usize,
    /// The place in that step.
    pub from: usize,
    /// The place in the next.
    pub to: usize,
    /// How many.
    pub count: u64,
}

/// A place, in thousandths of the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// What it is called.
    pub name: String,
    /// How many came.
    pub count: u64,
    /// Its left edge.
    pub x: u32,
    /// Its upper edge.
    pub y: u32,
    /// How high it is.
    pub height: u32,
    /// How high of it, at its foot, those are who went no further.
    pub ended: u32,
    /// How much room it has, with its name.
    pub room: u32,
    /// What is said of it.
    pub said: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// How many columns there are.
    pub steps: u32,
    /// How wide a column is.
    pub column: u32,
    /// How wide a place is.
    pub width: u32,
    /// Column by column, from top to bottom.
    pub stops: Vec<Stop>,
    /// As SVG paths.
    pub bands: Vec<String>,
}

/// So much room the name of a place needs.
const NAME: u32 = 62;
/// So much is between two places.
const GAP: u32 = 16;
/// A place is so many times narrower than its column.
const NARROW: u32 = 18;

/// Draws places, of `whole` in all. None where nobody went on: that is no flow.
pub fn flow(steps: Vec<Vec<Place>>, went: &[Went], whole: u64) -> Option<Flow> {
    let count = u32::try_from(steps.len()).ok()?;
    if count < 2 || whole == 0 || went.is_empty() {
        return None;
    }
    let column = WHOLE / count;
    let height = tallest(&steps, whole);
    let drawn = |count: u64| scaled(share(count, whole), height);
    let mut columns: Vec<Vec<Stop>> = Vec::new();
    for (at, places) in (0..count).zip(steps) {
        let mut y = 0;
        let stop = |of: Place| {
            let tall = drawn(of.count);
            let room = tall.max(NAME);
            let stop = Stop {
                x: at * column,
                y,
                height: tall,
                ended: drawn(of.ended).min(tall),
                room,
                name: of.name,
                count: of.count,
                said: of.said,
            };
            y += room + GAP;
            stop
        };
        columns.push(places.into_iter().map(stop).collect());
    }
    let width = (column / NARROW).max(1);
    let bands = bands(&columns, went, width, &drawn);
    Some(Flow {
        steps: count,
        column,
        width,
        stops: columns.into_iter().flatten().collect(),
        bands,
    })
}

/// `share` of a picture in which all are `height` high; 1 at least of what is not nothing.
fn scaled(share: u32, height: u32) -> u32 {
    if share == 0 {
        return 0;
    }
    (share * height / WHOLE).max(1)
}

/// How high all can be drawn so that every column fits, each place with room for its name.
fn tallest(steps: &[Vec<Place>], whole: u64) -> u32 {
    let needs = |places: &Vec<Place>, height: u32| {
        let rooms = places
            .iter()
            .map(|place| scaled(share(place.count, whole), height).max(NAME) + GAP);
        rooms.sum::<u32>().saturating_sub(GAP)
    };
    let fits = |height: &u32| steps.iter().all(|places| needs(places, *height) <= WHOLE);
    // Where there are too many places even for their names the picture is cut at its foot.
    (1..=WHOLE / 10)
        .rev()
        .map(|ten| ten * 10)
        .find(fits)
        .unwrap_or(10)
}

/// Bands in the order of their places, side by side at both ends.
fn bands(
    columns: &[Vec<Stop>],
    went: &[Went],
    width: u32,
    drawn: &dyn Fn(u64) -> u32,
) -> Vec<String> {
    let mut order: Vec<&Went> = went.iter().filter(|went| went.count > 0).collect();
    order.sort_by_key(|went| (went.step, went.from, went.to));
    let stop = |step: usize, place: usize| columns.get(step)?.get(place);
    // How much of a place is taken already, where bands leave and where they arrive.
    let none = || -> Vec<Vec<u32>> {
        let empty = |stops: &Vec<Stop>| vec![0; stops.len()];
        columns.iter().map(empty).collect()
    };
    let (mut left, mut arrived) = (none(), none());
    let mut take = |side: bool, step: usize, place: usize, tall: u32| {
        let taken = if side { &mut left } else { &mut arrived };
        let taken = taken.get_mut(step)?.get_mut(place)?;
        let stop = stop(step, place)?;
        // Rounded up, parts can be more than the whole.
        let from = stop.y + (*taken).min(stop.height.saturating_sub(tall));
        *taken += tall;
        Some((stop.x, from))
    };
    let band = |went: &Went| {
        let tall = drawn(went.count);
        let (x, y) = take(true, went.step, went.from, tall)?;
        let (to_x, to_y) = take(false, went.step + 1, went.to, tall)?;
        let x = x + width;
        let half = u32::midpoint(x, to_x);
        let (foot, to_foot) = (y + tall, to_y + tall);
        Some(format!(
            "M{x} {y}C{half} {y} {half} {to_y} {to_x} {to_y}V{to_foot}C{half} {to_foot} {half} {foot} {x} {foot}Z"
        ))
    };
    order.into_iter().filter_map(band).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place(count: u64, ended: u64) -> Place {
        Place {
            name: count.to_string(),
            count,
            ended,
            said: String::new(),
        }
    }

    fn went(step: usize, from: usize, to: usize, count: u64) -> Went {
        Went {
            step,
            from,
            to,
            count,
        }
    }

    #[test]
    fn columns_are_places_and_bands_lead_to_the_next() {
        let steps = vec![vec![place(60, 20), place(40, 40)], vec![place(40, 40)]];
        let drawn = flow(steps, &[went(0, 0, 0, 40)], 100).unwrap();
        assert_eq!((drawn.steps, drawn.column, drawn.width), (2, 500, 27));
        let places: Vec<_> = drawn
            .stops
            .iter()
            .map(|stop| (stop.x, stop.y, stop.height, stop.ended))
            .collect();
        // 98 % of the picture, so that both and what is between them fit.
        assert_eq!(
            places,
            [(0, 0, 588, 196), (0, 604, 392, 392), (500, 0, 392, 392)]
        );
        assert_eq!(
            drawn.bands,
            ["M27 0C263 0 263 0 500 0V392C263 392 263 392 27 392Z"]
        );
    }

    #[test]
    fn what_is_small_has_room_for_its_name() {
        let steps = vec![
            vec![place(1_000, 0)],
            vec![place(998, 0), place(1, 0), place(1, 1)],
        ];
        let all = [went(0, 0, 0, 998), went(0, 0, 1, 1), went(0, 0, 2, 1)];
        let drawn = flow(steps, &all, 1_000).unwrap();
        let rooms: Vec<_> = drawn.stops.iter().map(|stop| stop.room).collect();
        assert_eq!(rooms[2..], [NAME, NAME]);
        assert_eq!(drawn.stops[2].height, 1);
        assert_eq!(drawn.bands.len(), 3);
    }

    #[test]
    fn of_nobody_who_went_on_there_is_no_flow() {
        let one = || vec![vec![place(5, 5)]];
        assert_eq!(flow(Vec::new(), &[], 5), None);
        assert_eq!(flow(one(), &[], 5), None);
        let two = vec![vec![place(0, 0)], vec![place(0, 0)]];
        assert_eq!(flow(two, &[went(0, 0, 0, 0)], 0), None);
        // What leads nowhere is left out.
        let two = vec![vec![place(5, 0)], vec![place(5, 0)]];
        let drawn = flow(two, &[went(0, 0, 7, 5), went(9, 0, 0, 5)], 5).unwrap();
        assert_eq!(drawn.bands, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn everything_is_within_the_picture(
            counts in prop::collection::vec(prop::collection::vec(0_u64..1_000, 1..8), 2..12),
        ) {
            let whole: u64 = counts.iter().map(|step| step.iter().sum()).max().unwrap_or(0);
            let steps: Vec<Vec<Place>> = counts
                .iter()
                .map(|step| step.iter().map(|count| place(*count, *count / 2)).collect())
                .collect();
            let all: Vec<Went> = (0..counts.len() - 1)
                .map(|step| went(step, 0, 0, counts[step][0].min(counts[step + 1][0])))
                .collect();
            let Some(drawn) = flow(steps, &all, whole) else {
                prop_assert_eq!(whole, 0);
                return Ok(());
            };
            for stop in &drawn.stops {
                prop_assert!(stop.x + drawn.column <= WHOLE);
                prop_assert!(stop.y + stop.room <= WHOLE, "{stop:?}");
                prop_assert!(stop.ended <= stop.height && stop.height <= stop.room);
                prop_assert_eq!(stop.height > 0, stop.count > 0);
            }
        }
    }
}
