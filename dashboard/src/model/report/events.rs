//! Custom events and their numbers.

use super::table::{Cell, Column, Headline, Panel, Row, Table, View, others};
use super::value::Value;
use super::{asking, event};
use crate::model::text;
use sentiero_core::analytics::report::events::{Answer, Number, Row as Event};
use sentiero_core::analytics::report::spread::permille;

pub(super) fn view(answer: &Answer) -> View {
    let mut panels = answer.one.as_deref().map(event::panels).unwrap_or_default();
    panels.push(all(answer));
    let numbers = answer
        .rows
        .iter()
        .flat_map(|event| event.numbers.iter().map(move |number| (event, number)));
    let rows: Vec<Row> = numbers
        .map(|(event, number)| number_row(event, number))
        .collect();
    if !rows.is_empty() {
        panels.push(Panel {
            title: "Numbers".to_owned(),
            about: "What pages gave with their events. Percentiles are exact.",
            table: Table {
                columns: vec![
                    Column::text("Event"),
                    Column::text("Number"),
                    Column::number("Count", "How often it came."),
                    Column::number("Sum", ""),
                    Column::number("Mean", ""),
                    Column::number("Least", ""),
                    Column::number("Median", ""),
                    Column::number("p90", "Nine of ten are not above this."),
                    Column::number("Most", ""),
                ],
                rows,
                others: None,
            },
            ..Panel::default()
        });
    }
    View {
        over: None,
        headlines: match &answer.one {
            Some(one) => event::headlines(one, answer.sessions),
            None => headlines(answer),
        },
        panels,
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

fn headlines(answer: &Answer) -> Vec<Headline> {
    vec![
        Headline {
            name: "Events",
            cell: Cell::count(answer.count).somewhere(),
            about: "All that came. No filter asks for any event whatever: opens all sessions.",
            under: String::new(),
        },
        Headline {
            name: "Sessions",
            cell: Cell::count(answer.sessions).everyone(),
            about: "All of the range, also those without any event.",
            under: String::new(),
        },
    ]
}

pub(super) fn all(answer: &Answer) -> Panel {
    let most = answer.rows.iter().map(|row| row.count).max().unwrap_or(0);
    let row = |event: &Event| {
        Row::new(vec![
            name(&event.event),
            Cell::count(event.count).of(most).behind(&event.behind),
            Cell::count(event.sessions).behind(&event.behind),
            Cell::new(Value::share(permille(event.sessions, answer.sessions))),
        ])
    };
    Panel {
        title: "Events".to_owned(),
        table: Table {
            columns: vec![
                Column::text("Event"),
                Column::number("Count", "How often it came."),
                Column::number(
                    "Sessions",
                    "That it came in; they open where it first came.",
                ),
                Column::number("Share", "Of all sessions."),
            ],
            rows: answer.rows.iter().map(row).collect(),
            others: others(
                answer.others,
                "event",
                &format!("{} in all", text::number(answer.others_count)),
            ),
        },
        ..Panel::default()
    }
}

/// An event, leading to its days and occurrences.
fn name(event: &str) -> Cell {
    let cell = Cell::text(event, "Without a name");
    if event.is_empty() {
        return cell;
    }
    cell.leads(asking::events(event))
}

fn number_row(event: &Event, number: &Number) -> Row {
    let value = |number| Cell::new(Value::Number(number)).among(&event.behind.narrow);
    Row::new(vec![
        name(&event.event),
        Cell::text(&number.name, ""),
        Cell::count(number.count).behind(&event.behind),
        value(number.sum),
        value(number.mean),
        value(number.min),
        value(number.p50),
        value(number.p90),
        value(number.max),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_beside_their_event() {
        let answer = Answer {
            sessions: 40,
            count: 12,
            rows: vec![Event {
                event: "purchase".to_owned(),
                count: 12,
                sessions: 10,
                numbers: vec![Number {
                    name: "value".to_owned(),
                    count: 12,
                    sum: 1_200.5,
                    mean: 100.042,
                    ..Number::default()
                }],
                ..Event::default()
            }],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let said = |panel: usize| shown.panels[panel].table.rows[0].said();
        assert_eq!(said(0), ["purchase", "12", "10", "25 %"]);
        assert_eq!(
            said(1)[..5],
            ["purchase", "value", "12", "1,200.5", "100.042"]
        );
        assert_eq!(view(&Answer::default()).panels.len(), 1);
    }
}
