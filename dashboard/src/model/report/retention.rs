//! Who comes again.

use super::table::{Cell, Column, Headline, Panel, Row, Table, View};
use super::value::Value;
use crate::chart::level;
use crate::model::text;
use sentiero_core::analytics::report::retention::{Answer, Row as Week};
use sentiero_core::day::DAY;
use sentiero_core::filter::Filter;
use sentiero_core::id::Millis;

pub(super) fn view(answer: &Answer) -> View {
    let columns = answer
        .rows
        .iter()
        .map(|row| row.weeks.len())
        .max()
        .unwrap_or(0);
    let row = |week: &Week| {
        let mut cells = vec![
            Cell::new(Value::Day(week.from)),
            Cell::count(week.users).behind(&week.behind),
        ];
        cells.extend((0..columns).map(|place| {
            week.weeks
                .get(place)
                .map_or_else(Cell::default, |cell| Cell {
                    level: level(cell.share.into(), 1_000),
                    ..Cell::new(Value::Share(cell.share)).among(&came(week.from, place))
                })
        }));
        Row::new(cells)
    };
    let mut heads = vec![
        Column::text("First came in the week of"),
        Column::number(
            "Users",
            "Who first came in that week. They open sessions of that week.",
        ),
    ];
    heads.extend((0..columns).map(|place| {
        Column::number(
            &format!("Week {place}"),
            "Of these users, those who came so many weeks later.",
        )
    }));
    View {
        over: None,
        headlines: vec![
            Headline {
                name: "Users",
                cell: Cell::count(answer.users).everyone(),
                about: "Named by the page with identify.",
                under: String::new(),
            },
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "All of the range.",
                under: String::new(),
            },
        ],
        panels: vec![Panel {
            title: "Weeks after the first".to_owned(),
            about: "Of the users who first came in a week, how many came again how many weeks later.",
            chart: None,
            table: Table {
                columns: heads,
                rows: answer.rows.iter().map(row).collect(),
                others: None,
            },
            is_half: false,
        }],
        sessions: Some(answer.sessions),
        left_out: (answer.unnamed > 0).then(|| {
            format!(
                "{} named no user and cannot be told apart: they are left out.",
                text::plural(answer.unnamed, "session")
            )
        }),
    }
}

/// Sessions of the week that is `place` weeks after the one that begins at `first`.
fn came(first: Millis, place: usize) -> Filter {
    let week = 7 * DAY;
    let after = u64::try_from(place).unwrap_or(u64::MAX);
    let from = first.saturating_add(week.saturating_mul(after));
    Filter {
        from: Some(from),
        before: Some(from.saturating_add(week)),
        ..Filter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::retention::Cell as Users;

    #[test]
    fn a_week_is_a_row_and_short_rows_are_filled() {
        let week = |at: u64, users, weeks: &[(u64, u32)]| Week {
            from: (4 + 7 * at) * DAY,
            users,
            weeks: weeks
                .iter()
                .map(|(users, share)| Users {
                    users: *users,
                    share: *share,
                })
                .collect(),
            ..Week::default()
        };
        let answer = Answer {
            sessions: 30,
            unnamed: 1,
            users: 14,
            rows: vec![
                week(0, 10, &[(10, 1_000), (4, 400)]),
                week(1, 4, &[(4, 1_000)]),
            ],
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let table = &shown.panels[0].table;
        assert_eq!(table.columns.len(), 4);
        assert!(table.rows.iter().all(|row| row.cells.len() == 4));
        let shown_weeks = |row: usize| -> Vec<_> {
            let cells = table.rows[row].cells.iter().skip(2);
            cells.map(|cell| (cell.value.said(), cell.level)).collect()
        };
        assert_eq!(
            shown_weeks(0),
            [("100 %".to_owned(), 9), ("40 %".to_owned(), 6)]
        );
        assert_eq!(
            shown_weeks(1),
            [("100 %".to_owned(), 9), ("—".to_owned(), 0)]
        );
        assert_eq!(
            shown.left_out.as_deref(),
            Some("1 session named no user and cannot be told apart: they are left out.")
        );
    }
}
