//! How something falls or rises, with the ground below it filled.

use super::{WHOLE, share};

/// A point of the line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// From the left, thousandths.
    pub x: u32,
    /// From the ground, thousandths.
    pub y: u32,
    /// Its name, if there is room for one.
    pub label: Option<String>,
    /// What is said of it.
    pub said: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// From left to right.
    pub points: Vec<Point>,
    /// An upright line and its name: where the fold is.
    pub mark: Option<(u32, String)>,
}

/// Draws numbers at equal distances as shares of `whole`: each with its name, and what is
/// said of it. A name stands at every `every`th. None where there are fewer than two.
pub fn line(numbers: Vec<(String, u64, String)>, whole: u64, every: usize) -> Option<Line> {
    let last = u64::try_from(numbers.len().checked_sub(1)?).ok()?;
    if last == 0 || whole == 0 {
        return None;
    }
    let point = |(place, (name, number, said)): (u64, (String, u64, String))| Point {
        x: share(place, last),
        y: share(number, whole),
        label: usize::try_from(place)
            .is_ok_and(|place| place.is_multiple_of(every.max(1)))
            .then_some(name),
        said,
    };
    Some(Line {
        points: (0..).zip(numbers).map(point).collect(),
        mark: None,
    })
}

impl Line {
    /// The line as an SVG path; `y` of SVG goes down.
    pub fn path(&self) -> String {
        let points = self.points.iter();
        let points = points.map(|point| format!("{} {}", point.x, WHOLE - point.y.min(WHOLE)));
        let points: Vec<_> = points.collect();
        format!("M{}", points.join("L"))
    }

    /// The ground below the line.
    pub fn area(&self) -> String {
        format!("{}L{WHOLE} {WHOLE}L0 {WHOLE}Z", self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_from_left_to_right() {
        let numbers = [8, 4, 0].map(|n| (n.to_string(), n, String::new()));
        let drawn = line(numbers.to_vec(), 8, 2).unwrap();
        assert_eq!(drawn.path(), "M0 0L500 500L1000 1000");
        assert_eq!(drawn.area(), "M0 0L500 500L1000 1000L1000 1000L0 1000Z");
        let labels: Vec<_> = drawn
            .points
            .iter()
            .map(|point| point.label.as_deref())
            .collect();
        assert_eq!(labels, [Some("8"), None, Some("0")]);
        assert_eq!(line(Vec::new(), 8, 1), None);
        assert_eq!(line(numbers[..1].to_vec(), 8, 1), None);
        assert_eq!(line(numbers.to_vec(), 0, 1), None);
    }
}
