//! How many did one step after the other.

use super::steps::said_of;
use super::table::{Cell, Column, Headline, Mood, Panel, Row, Table, View};
use super::value::{Value, length, percent};
use crate::chart::{Chart, stages};
use crate::model::text;
use sentiero_core::analytics::report::funnel::{Answer, Row as Step};

pub(super) fn view(answer: &Answer) -> View {
    let first = answer.rows.first().map_or(0, |row| row.sessions);
    let last = answer.rows.last();
    let mood = if first < super::SMALL {
        Mood::Faint
    } else {
        Mood::Plain
    };
    let drawn = answer
        .rows
        .iter()
        .map(|row| (said_of(&row.step), row.sessions, said(row)));
    let rows = answer.rows.iter().enumerate().map(|(place, row)| {
        Row::new(vec![
            Cell::new(Value::Text(said_of(&row.step))),
            Cell::count(row.sessions).of(first).behind(&row.behind),
            Cell::new(Value::share(row.of_first)).mood(mood),
            Cell::new(Value::share(row.of_previous)).mood(mood),
            // Who did nothing of it is no loss of the first step.
            if place == 0 {
                Cell::default()
            } else {
                Cell::count(row.dropped).behind(&row.behind_dropped)
            },
            Cell::new(Value::time(row.gap_median)),
        ])
    });
    let table = Table {
        columns: vec![
            Column::text("Step"),
            Column::number("Sessions", "That did it and all before."),
            Column::number(
                "Of the first",
                "Of those that did the first step. Pale: of fewer than 30.",
            ),
            Column::number(
                "Of the step before",
                "Of those that did the step before; of the first step, of all sessions.",
            ),
            Column::number(
                "Lost",
                "Sessions that did the step before and not this one.",
            ),
            Column::number("Median time", "From the step before."),
        ],
        rows: rows.collect(),
        others: None,
    };
    let whole = last
        .and_then(|last| last.of_first)
        .map_or_else(String::new, |share| {
            format!("{} of those who began", percent(share))
        });
    let cell = |row: Option<&Step>| {
        row.map_or_else(
            || Cell::count(0),
            |row| Cell::count(row.sessions).behind(&row.behind),
        )
    };
    let (began, completed) = (cell(answer.rows.first()), cell(last));
    View {
        over: None,
        headlines: vec![
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "All of the range, also those that did no step.",
                under: String::new(),
            },
            Headline {
                name: "Began",
                cell: began,
                about: "Did the first step.",
                under: String::new(),
            },
            Headline {
                name: "Completed",
                cell: completed,
                about: "Did all steps, in order.",
                under: whole,
            },
        ],
        panels: vec![Panel {
            title: answer.asked.within.map_or_else(
                || "Step by step".to_owned(),
                |within| format!("Step by step, within {}", length(within.into())),
            ),
            about: "The pale part of a step is what was lost since the step before.",
            chart: (first > 0).then(|| Chart::Funnel(stages(drawn.collect()))),
            table,
            is_half: false,
        }],
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

fn said(row: &Step) -> String {
    let sessions = text::plural(row.sessions, "session");
    let all = [
        Some(format!("{}: {sessions}", said_of(&row.step))),
        row.of_first.map(percent),
        row.gap_median
            .map(|gap| format!("{} after the step before", length(gap))),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::{Behind, Example};

    #[test]
    fn a_step_says_who_came_and_who_was_lost() {
        let behind = Behind {
            examples: vec![Example {
                started: 1,
                rank: 0,
                at: 9,
                tab: 0,
            }],
            ..Behind::default()
        };
        let step = |step: &str, sessions, dropped, gap_median| Step {
            step: step.to_owned(),
            sessions,
            of_first: Some(u32::try_from(sessions * 10).unwrap()),
            of_previous: Some(500),
            dropped,
            gap_median,
            behind: behind.clone(),
            behind_dropped: behind.clone(),
        };
        let answer = Answer {
            sessions: 200,
            rows: vec![
                step("page:/a", 100, 0, None),
                step("error", 25, 75, Some(61_000)),
            ],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let said = shown.panels[0].table.rows[1].said();
        assert_eq!(said, ["Any error", "25", "25 %", "50 %", "75", "1m 01s"]);
        assert!(shown.panels[0].table.rows[1].cells[4].behind.is_some());
        assert_eq!(shown.panels[0].table.rows[0].cells[4], Cell::default());
        let Some(Chart::Funnel(stages)) = &shown.panels[0].chart else {
            panic!("no funnel");
        };
        assert_eq!((stages[1].before, stages[1].height), (1_000, 250));
        assert_eq!(
            stages[1].said,
            "Any error: 25 sessions, 25 %, 1m 01s after the step before"
        );
        assert_eq!(shown.headlines[2].under, "25 % of those who began");
    }

    #[test]
    fn of_nobody_nothing_is_drawn() {
        let shown = view(&Answer::default());
        assert_eq!(shown.panels[0].chart, None);
        assert!(shown.is_empty());
    }
}
