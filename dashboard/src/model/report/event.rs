//! One custom event: its days, the numbers that came with it, and its latest occurrences.

use super::stretch::filled;
use super::table::{Cell, Column, Headline, Panel, Row, Table, others};
use super::value::{Value, day, full_day};
use crate::chart::{Chart, Part, columns, thousandths};
use crate::model::text;
use sentiero_core::analytics::report::events::Number;
use sentiero_core::analytics::report::events::one::{Day, Occurrence, One};
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::day::DAY;
use std::collections::BTreeSet;

pub(super) fn headlines(one: &One, sessions: u64) -> Vec<Headline> {
    vec![
        Headline {
            name: "Times",
            cell: Cell::count(one.count).behind(&one.behind),
            about: "How often it came.",
            under: one.event.clone(),
        },
        Headline {
            name: "Sessions with it",
            cell: Cell::count(one.sessions).behind(&one.behind),
            about: "Sessions that it came in; they open where it first came.",
            under: Value::share(permille(one.sessions, sessions)).said(),
        },
        Headline {
            name: "Sessions",
            cell: Cell::count(sessions).everyone(),
            about: "All of the range, also those without it.",
            under: String::new(),
        },
    ]
}

pub(super) fn panels(one: &One) -> Vec<Panel> {
    let mut panels = vec![counts(one)];
    for name in names(one) {
        panels.push(figures(one, name, "sum", |number| number.sum));
        panels.push(figures(one, name, "mean", |number| number.mean));
    }
    panels.push(occurrences(one));
    panels
}

/// The names of all numbers that came with it.
fn names(one: &One) -> BTreeSet<&str> {
    let numbers = one.days.iter().flat_map(|day| &day.numbers);
    numbers.map(|number| number.name.as_str()).collect()
}

/// A number of a day, with its sessions: the list of them has those of earlier days, too.
fn on(day: &Day, cell: Cell) -> Cell {
    let mut cell = cell.behind(&day.behind);
    cell.is_among = cell.behind.is_some();
    cell
}

fn counts(one: &One) -> Panel {
    let known = one.days.iter().map(|day| (day.from, day.count)).collect();
    let part = |(from, count): (u64, Option<u64>)| {
        let count = count.unwrap_or_default();
        Part {
            said: format!("{}: {}", full_day(from), text::number(count)),
            name: day(from),
            whole: count,
            marked: 0,
        }
    };
    let parts = filled(known, DAY).into_iter().map(part);
    let row = |day: &Day| {
        Row::new(vec![
            Cell::new(Value::Day(day.from)),
            on(day, Cell::count(day.count)),
        ])
    };
    Panel {
        title: format!("{} by day", one.event),
        about: "By the UTC day on which it came.",
        chart: columns(parts.collect()).map(Chart::Columns),
        table: Table {
            columns: vec![
                Column::text("Day"),
                Column::number("Count", "How often it came."),
            ],
            rows: one.days.iter().map(row).collect(),
            others: None,
        },
        is_half: false,
    }
}

/// What days say of the number called `name`.
fn figures(one: &One, name: &str, what: &str, of: fn(&Number) -> f64) -> Panel {
    let known = |day: &'_ Day| -> Option<Number> {
        let mut numbers = day.numbers.iter();
        numbers.find(|number| number.name == name).cloned()
    };
    let days = || one.days.iter().filter_map(|day| Some((day, known(day)?)));
    let row = |(day, number): (&Day, Number)| {
        Row::new(vec![
            Cell::new(Value::Day(day.from)),
            on(day, Cell::count(number.count)),
            on(day, Cell::new(Value::Number(of(&number)))),
        ])
    };
    let values = days().map(|(day, number)| (day.from, of(&number)));
    Panel {
        title: format!("{name}: {what} by day"),
        about: "",
        chart: drawn(values.collect()),
        table: Table {
            columns: vec![
                Column::text("Day"),
                Column::number("Count", "How often it came with the event."),
                Column::number(if what == "sum" { "Sum" } else { "Mean" }, ""),
            ],
            rows: days().map(row).collect(),
            others: None,
        },
        is_half: true,
    }
}

/// Bars stand on zero: of what is below it there is the table alone.
fn drawn(values: Vec<(u64, f64)>) -> Option<Chart> {
    if values.iter().any(|(_, value)| *value < 0.0) {
        return None;
    }
    let part = |(from, value): (u64, Option<f64>)| {
        let said = value.map_or(Value::None, Value::Number).said();
        Part {
            said: format!("{}: {said}", full_day(from)),
            name: day(from),
            whole: whole(value.unwrap_or_default()),
            marked: 0,
        }
    };
    let parts = filled(values, DAY).into_iter().map(part);
    thousandths(parts.collect()).map(Chart::Columns)
}

/// In thousandths, to which answers are rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not below zero, and what is too large is drawn as the largest"
)]
fn whole(value: f64) -> u64 {
    (value * 1_000.0).round().min(1e18) as u64
}

fn occurrences(one: &One) -> Panel {
    let names = names(one);
    let mut columns = vec![
        Column::text("When"),
        Column::number("After", "How long after the session's start."),
    ];
    columns.extend(names.iter().map(|name| Column::number(name, "")));
    let row = |it: &Occurrence| {
        let mut cells = vec![
            Cell {
                moment: Some(it.moment),
                ..Cell::new(Value::Moment(it.at))
            },
            Cell::new(Value::Time(it.moment.at.into())),
        ];
        cells.extend(names.iter().map(|name| {
            let mut numbers = it.numbers.iter();
            let given = numbers.find(|given| given.name == *name);
            Cell::new(given.map_or(Value::None, |given| Value::Number(given.value)))
        }));
        Row::new(cells)
    };
    let told = u64::try_from(one.occurrences.len()).unwrap_or(u64::MAX);
    let rest = one.count.saturating_sub(told);
    let title = match rest {
        0 => "Each time that it came".to_owned(),
        _ => format!(
            "The latest {} of {}",
            text::number(told),
            text::number(one.count)
        ),
    };
    Panel {
        title,
        about: "In UTC, the latest first. Each opens the replay at its moment.",
        chart: None,
        table: Table {
            columns,
            rows: one.occurrences.iter().map(row).collect(),
            others: others(rest, "occurrence", ""),
        },
        is_half: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::Example;
    use sentiero_core::analytics::report::events::one::Given;

    fn day_of(place: u64, count: u64, sum: f64) -> Day {
        Day {
            from: place * DAY,
            count,
            numbers: vec![Number {
                name: "value".to_owned(),
                count,
                sum,
                mean: sum / 2.0,
                ..Number::default()
            }],
            ..Day::default()
        }
    }

    const MOMENT: Example = Example {
        started: 3 * DAY,
        rank: 0,
        at: 61_000,
        tab: 0,
    };

    fn purchase(sums: [f64; 2]) -> One {
        One {
            event: "purchase".to_owned(),
            count: 1_204,
            sessions: 10,
            days: vec![day_of(0, 4, sums[0]), day_of(3, 1_200, sums[1])],
            occurrences: vec![Occurrence {
                at: 3 * DAY + 61_000,
                moment: MOMENT,
                numbers: vec![Given {
                    name: "value".to_owned(),
                    value: 49.5,
                }],
            }],
            ..One::default()
        }
    }

    fn heights(panel: &Panel) -> Vec<u32> {
        let Some(Chart::Columns(drawn)) = &panel.chart else {
            panic!("no chart in {}", panel.title)
        };
        drawn.bars.iter().map(|bar| bar.height).collect()
    }

    #[test]
    fn days_are_drawn_and_listed() {
        let panels = panels(&purchase([0.5, 2.0]));
        let titles: Vec<_> = panels.iter().map(|panel| panel.title.as_str()).collect();
        assert_eq!(
            titles,
            [
                "purchase by day",
                "value: sum by day",
                "value: mean by day",
                "The latest 1 of 1,204"
            ]
        );
        assert_eq!(heights(&panels[0]).len(), 4);
        assert_eq!(heights(&panels[1]), [250, 0, 0, 1_000]);
        assert_eq!(heights(&panels[2]), [250, 0, 0, 1_000]);
        assert_eq!(panels[0].table.rows[1].said(), ["4 Jan 1970", "1,200"]);
        assert_eq!(panels[1].table.rows[0].said(), ["1 Jan 1970", "4", "0.5"]);
        assert_eq!(panels[2].table.rows[0].said(), ["1 Jan 1970", "4", "0.25"]);
    }

    #[test]
    fn occurrences_open_their_moment_and_what_is_left_out_is_said() {
        let panels = panels(&purchase([0.5, 2.0]));
        let table = &panels[3].table;
        assert_eq!(
            table.rows[0].said(),
            ["4 Jan 1970, 00:01:01", "1m 01s", "49.5"]
        );
        assert_eq!(table.rows[0].cells[0].moment, Some(MOMENT));
        assert_eq!(table.others.as_deref(), Some("and 1,203 occurrences more"));
    }

    #[test]
    fn what_is_below_zero_is_a_table_only() {
        let panels = panels(&purchase([-0.5, 2.0]));
        assert_eq!(panels[1].chart, None);
        assert_eq!(panels[1].table.rows[0].said()[2], "−0.5");
        assert_eq!(heights(&panels[0]).len(), 4);
    }

    #[test]
    fn numbers_that_are_too_large_are_drawn_all_the_same() {
        assert_eq!(whole(f64::MAX), 1_000_000_000_000_000_000);
        assert_eq!(whole(0.001), 1);
        assert!(!heights(&panels(&purchase([f64::MAX, 1.0]))[1]).is_empty());
    }
}
