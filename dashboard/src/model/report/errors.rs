//! Issues, and one of them.

use super::asking;
use super::table::{Cell, Column, Headline, Panel, Row, Table, View, others};
use super::value::Value;
use crate::model::issues::NAMELESS;
use crate::model::text;
use sentiero_core::analytics::report::Example;
use sentiero_core::analytics::report::errors::{Answer, Day, Row as Issue};
use sentiero_core::analytics::report::issue::{Answer as One, List};
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::filter::Filter;

pub(super) fn view(answer: &Answer) -> View {
    let errors = Filter {
        errors: true,
        ..Filter::default()
    };
    View {
        headlines: vec![
            Headline {
                name: "Errors",
                cell: Cell::count(answer.count),
                about: "All that pages threw, also those of an error that repeats.",
                under: left_out(answer.held),
            },
            Headline {
                name: "With errors",
                cell: Cell::count(answer.with_errors).narrow(errors),
                about: "Sessions in which the page threw an error.",
                under: String::new(),
            },
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "All of the range, also those without any error.",
                under: String::new(),
            },
        ],
        panels: vec![issues(answer), days(&answer.days)],
        sessions: Some(answer.sessions),
        ..View::default()
    }
}

fn left_out(held: u64) -> String {
    match held {
        0 => String::new(),
        held => format!("{} more left out by recorders", text::number(held)),
    }
}

fn issues(answer: &Answer) -> Panel {
    let most = answer.rows.iter().map(|row| row.count).max().unwrap_or(0);
    let row = |issue: &Issue| {
        Row::new(vec![
            Cell::text(&issue.title, NAMELESS).leads(asking::issue(&issue.issue)),
            Cell::count(issue.count).of(most).behind(&issue.behind),
            Cell::count(issue.sessions).behind(&issue.behind),
            Cell::new(Value::share(permille(issue.sessions, answer.sessions))),
            Cell::new(Value::Day(issue.first)),
            Cell::new(Value::Day(issue.last)),
        ])
    };
    Panel {
        title: "Issues".to_owned(),
        about: "Errors of one kind, message and place in the code.",
        table: Table {
            columns: vec![
                Column::text("Issue"),
                Column::number("Count", "How often it came."),
                Column::number(
                    "Sessions",
                    "That it came in; they open where it first came.",
                ),
                Column::number("Share", "Of all sessions."),
                Column::number("First", "Of the range, in UTC."),
                Column::number("Last", "Of the range, in UTC."),
            ],
            rows: answer.rows.iter().map(row).collect(),
            others: others(
                answer.others,
                "issue",
                &format!("{} in all", text::number(answer.others_count)),
            ),
        },
        ..Panel::default()
    }
}

fn days(days: &[Day]) -> Panel {
    let most = days.iter().map(|day| day.count).max().unwrap_or(0);
    let row = |day: &Day| {
        Row::new(vec![
            Cell::new(Value::Day(day.from)),
            Cell::count(day.count).of(most),
        ])
    };
    Panel {
        title: "Days".to_owned(),
        about: "Days of UTC on which it came.",
        table: Table {
            columns: vec![
                Column::text("Day"),
                Column::number("Count", "How often it came."),
            ],
            rows: days.iter().map(row).collect(),
            others: None,
        },
        is_half: true,
        ..Panel::default()
    }
}

pub(super) fn one(answer: &One) -> View {
    let mut panels = vec![days(&answer.days)];
    let lists = [
        (("Browsers", "Browser"), &answer.browsers, "Unknown browser"),
        (("Systems", "System"), &answer.systems, "Unknown system"),
        (("Pages", "Page"), &answer.pages, "Unknown page"),
        (("Releases", "Release"), &answer.releases, "No release told"),
    ];
    panels.extend(lists.map(|(names, list, unknown)| facet(names, list, unknown)));
    panels.push(moments(&answer.moments));
    let share = permille(answer.with_it, answer.sessions);
    View {
        headlines: vec![
            Headline {
                name: "Count",
                cell: Cell::count(answer.count),
                about: "How often it came.",
                under: answer.title.clone(),
            },
            Headline {
                name: "Sessions with it",
                cell: Cell::count(answer.with_it),
                about: "Sessions that it came in.",
                under: Value::share(share).said(),
            },
        ],
        panels,
        sessions: Some(answer.sessions),
        ..View::default()
    }
}

/// What it came with; `names` of many and of one.
fn facet((title, name): (&str, &str), list: &List, unknown: &str) -> Panel {
    let most = list.rows.iter().map(|row| row.sessions).max().unwrap_or(0);
    let rows = list.rows.iter().map(|row| {
        Row::new(vec![
            Cell::text(&row.value, unknown),
            Cell::count(row.sessions).of(most),
            Cell::count(row.count),
            Cell::new(Value::Day(row.first)),
        ])
    });
    Panel {
        title: title.to_owned(),
        table: Table {
            columns: vec![
                Column::text(name),
                Column::number("Sessions", "In which it came so."),
                Column::number("Count", "How often it did."),
                Column::number("First", "Of the range, in UTC."),
            ],
            rows: rows.collect(),
            others: others(list.others, "value", ""),
        },
        is_half: true,
        ..Panel::default()
    }
}

fn moments(moments: &[Example]) -> Panel {
    let row = |example: &Example| {
        let after = Value::Time(example.at.into());
        Row::new(vec![
            Cell::new(Value::Day(example.started)),
            Cell {
                moment: Some(*example),
                ..Cell::new(after)
            },
        ])
    };
    Panel {
        title: "Replays".to_owned(),
        about: "The latest sessions that it came in, each from where it first did.",
        table: Table {
            columns: vec![
                Column::text("Session of"),
                Column::number("After", "How long after the session's start."),
            ],
            rows: moments.iter().map(row).collect(),
            others: None,
        },
        is_half: true,
        ..Panel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::table::assert_well_formed;
    use sentiero_core::analytics::report::Question;
    use sentiero_core::analytics::report::issue::Row as Value;

    #[test]
    fn an_issue_leads_to_its_report() {
        let answer = Answer {
            sessions: 40,
            with_errors: 10,
            count: 12,
            held: 1_200,
            rows: vec![Issue {
                issue: "00000000000000a1".to_owned(),
                title: String::new(),
                count: 12,
                sessions: 10,
                ..Issue::default()
            }],
            ..Answer::default()
        };
        let shown = view(&answer);
        assert_well_formed(&shown);
        assert_eq!(shown.headlines[0].under, "1,200 more left out by recorders");
        let row = &shown.panels[0].table.rows[0];
        assert_eq!(row.said()[..4], [NAMELESS, "12", "10", "25 %"]);
        let Some(Question::Issue(asked)) = &row.cells[0].leads else {
            panic!("{row:?}")
        };
        assert_eq!(asked.issue, "00000000000000a1");
    }

    #[test]
    fn an_issue_opens_its_sessions_at_the_moment() {
        let example = Example {
            started: 1,
            rank: 0,
            at: 61_000,
            tab: 0,
        };
        let answer = One {
            sessions: 40,
            title: "TypeError: a".to_owned(),
            count: 12,
            with_it: 10,
            releases: List {
                rows: vec![Value {
                    value: String::new(),
                    sessions: 10,
                    count: 12,
                    first: 0,
                }],
                others: 2,
            },
            moments: vec![example],
            ..One::default()
        };
        let shown = one(&answer);
        assert_well_formed(&shown);
        let replays = shown.panels.last().unwrap();
        assert_eq!(replays.table.rows[0].cells[1].moment, Some(example));
        assert_eq!(shown.panels[4].table.names(), ["No release told"]);
        assert!(shown.panels[4].table.others.is_some());
    }
}
