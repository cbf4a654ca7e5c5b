//! Rage and dead clicks among the rows of the list.
//!
//! Which clicks they are is core's to say, as for the overlay of clicks
//! ([`crate::model::heat`]): the list of sessions, the overlay and this list agree.

use crate::model::activity::{Kind, Row};
use crate::model::heat::Dot;

/// `rows`, which are in order of time, with their clicks called what `dots` say: a dead
/// click is a row of its own kind, and an incident of rage is one row for all its clicks.
pub fn told(mut rows: Vec<Row>, dots: &[Dot]) -> Vec<Row> {
    let clicks = |(place, row): (usize, &Row)| (row.kind == Kind::Click).then_some(place);
    let places: Vec<usize> = rows.iter().enumerate().filter_map(clicks).collect();
    let mut places = places.into_iter().peekable();
    let mut merged = vec![false; rows.len()];
    // The row of the incident, and how many of its clicks are to come.
    let mut incident: Option<(usize, u32)> = None;
    for dot in dots {
        let row = |place: usize| rows.get(place);
        while places
            .next_if(|place| row(*place).is_some_and(|row| row.until < dot.at))
            .is_some()
        {}
        // A tap's row begins before its click.
        let begun = |place: &usize| row(*place).is_some_and(|row| row.at <= dot.at);
        let Some(place) = places.next_if(begun) else {
            continue;
        };
        let begun = incident.filter(|(_, left)| *left > 0 && dot.rage > 0);
        let Some(row) = rows.get_mut(begun.map_or(place, |(first, _)| first)) else {
            continue;
        };
        if let Some((first, left)) = begun {
            incident = Some((first, left - 1));
            row.until = dot.at;
            row.count += 1;
            if let Some(merged) = merged.get_mut(place) {
                *merged = true;
            }
        } else if dot.rage > 0 {
            incident = Some((place, dot.rage - 1));
            name(row, Kind::Rage, "Rage clicks", "each right after the other");
        } else if dot.dead {
            name(row, Kind::Dead, "Dead click", "the page did not answer");
        }
    }
    let mut merged = merged.into_iter();
    rows.retain(|_| !merged.next().unwrap_or(false));
    rows
}

/// Calls a click's row what it is; what was clicked stays in it.
fn name(row: &mut Row, kind: Kind, called: &str, meaning: &str) {
    row.kind = kind;
    let what = row.label.split_once(' ').map_or("", |(_, what)| what);
    row.label = if what.starts_with("at ") {
        format!("{called} {what}")
    } else {
        format!("{called} on {what}")
    };
    row.detail = match row.detail.as_str() {
        "" => meaning.to_owned(),
        place => format!("{meaning} · {place}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::id::Millis;

    fn row(at: Millis, until: Millis, kind: Kind, label: &str) -> Row {
        Row {
            at,
            until,
            index: 0,
            kind,
            label: label.to_owned(),
            detail: "button · 1, 2".to_owned(),
            count: 1,
        }
    }

    fn dot(at: Millis, rage: u32, dead: bool) -> Dot {
        Dot {
            at,
            node: 1,
            x: 1.0,
            y: 2.0,
            share: None,
            rage,
            dead,
        }
    }

    fn said(rows: Vec<Row>) -> Vec<(Millis, Millis, &'static str, String, u32)> {
        rows.into_iter()
            .map(|row| (row.at, row.until, row.kind.slug(), row.label, row.count))
            .collect()
    }

    #[test]
    fn a_dead_click_is_called_so_and_an_incident_is_one_row() {
        let rows = vec![
            row(0, 0, Kind::Page, "/cart"),
            row(1_000, 1_000, Kind::Click, "Clicked “Pay”"),
            row(1_200, 1_200, Kind::Click, "Clicked “Pay”"),
            row(1_300, 1_300, Kind::Click, "Double-clicked “Pay”"),
            row(1_350, 1_350, Kind::Scroll, "Scrolled"),
            row(1_400, 1_400, Kind::Click, "Clicked “Pay”"),
            row(5_000, 5_000, Kind::Click, "Clicked at 3, 4"),
            row(6_000, 6_120, Kind::Click, "Tapped p.note"),
            row(7_000, 7_000, Kind::Click, "Clicked a.home"),
            row(8_000, 8_000, Kind::Click, "Clicked “Save”"),
            row(8_100, 8_100, Kind::Click, "Clicked “Save”"),
            row(8_200, 8_200, Kind::Click, "Clicked “Save”"),
        ];
        let dots = [
            dot(1_000, 3, false),
            dot(1_200, 3, false),
            dot(1_400, 3, false),
            dot(5_000, 0, true),
            dot(6_100, 0, true),
            dot(7_000, 0, false),
            dot(8_000, 3, false),
            dot(8_100, 3, false),
            dot(8_200, 3, false),
        ];
        let of = |at, until, kind, label: &str, count| (at, until, kind, label.to_owned(), count);
        let told = told(rows, &dots);
        assert_eq!(told[1].detail, "each right after the other · button · 1, 2");
        assert_eq!(
            said(told),
            [
                of(0, 0, "page", "/cart", 1),
                of(1_000, 1_400, "rage", "Rage clicks on “Pay”", 3),
                of(1_300, 1_300, "click", "Double-clicked “Pay”", 1),
                of(1_350, 1_350, "scroll", "Scrolled", 1),
                of(5_000, 5_000, "dead", "Dead click at 3, 4", 1),
                of(6_000, 6_120, "dead", "Dead click on p.note", 1),
                of(7_000, 7_000, "click", "Clicked a.home", 1),
                of(8_000, 8_200, "rage", "Rage clicks on “Save”", 3),
            ]
        );
    }

    #[test]
    fn two_incidents_right_after_each_other_are_two() {
        let at = |n: Millis| row(n, n, Kind::Click, "Clicked “Pay”");
        let rows = (1..=6).map(|n| at(n * 100)).collect();
        let dots: Vec<Dot> = (1..=6).map(|n| dot(n * 100, 3, false)).collect();
        let counts: Vec<u32> = told(rows, &dots).iter().map(|row| row.count).collect();
        assert_eq!(counts, [3, 3]);
    }

    #[test]
    fn clicks_without_rows_and_rows_without_clicks_are_left_alone() {
        let rows = vec![row(1_000, 1_000, Kind::Click, "Right-clicked p")];
        assert_eq!(told(rows.clone(), &[]), rows);
        for at in [500, 5_000] {
            assert_eq!(told(rows.clone(), &[dot(at, 3, false)]), rows, "{at}");
        }
    }
}
