//! Rage and dead clicks.

use super::Pages;
use super::table::{Cell, Column, Headline, Panel, Row, Table, View, others};
use super::value::{Value, percent};
use crate::model::text;
use sentiero_core::analytics::report::Device;
use sentiero_core::analytics::report::frustration::{Answer, Counts};
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::filter::Filter;

fn counted(counts: Counts) -> String {
    format!(
        "{} of rage, {}",
        text::plural(counts.rage, "incident"),
        text::plural(counts.dead, "dead click")
    )
}

/// How much there was, by sort; `name` goes before, `sessions` with those behind it after.
/// Each sort has its sessions among those that had it, and saw the page.
fn cells(name: Cell, counts: Counts, most: u64, sessions: Cell, saw: &Filter) -> Vec<Cell> {
    let had = |rage, dead, errors| Filter {
        rage,
        dead,
        errors,
        ..saw.clone()
    };
    let both = Cell::count(counts.rage + counts.dead).of(most);
    vec![
        name,
        match &sessions.behind {
            Some(behind) => both.behind(behind),
            None => both,
        },
        Cell::count(counts.rage).among(&had(true, false, false)),
        Cell::count(counts.dead).among(&had(false, true, false)),
        Cell::count(counts.with_error).among(&had(false, true, true)),
        sessions,
    ]
}

pub(super) fn view(answer: &Answer) -> View {
    View {
        over: None,
        headlines: headlines(answer),
        panels: vec![Panel {
            title: "Pages and elements".to_owned(),
            about: "The worst first. Below a page, the elements that were clicked.",
            table: Table {
                columns: vec![
                    Column::text("Page or element"),
                    Column::number("Both", "Incidents of rage and dead clicks together."),
                    Column::number("Rage", "Incidents."),
                    Column::number("Dead", "Clicks that nothing followed."),
                    Column::number(
                        "With error",
                        "Of the dead clicks, those that an error followed.",
                    ),
                    Column::number("Sessions", "With frustration here."),
                    Column::number("Of visitors", "Of the sessions that saw the page."),
                ],
                rows: rows(answer),
                others: answer
                    .others
                    .as_ref()
                    .and_then(|rest| others(rest.rows, "page", &counted(rest.counts))),
            },
            ..Panel::default()
        }],
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

/// The worst pages, each with its elements below it.
fn rows(answer: &Answer) -> Vec<Row> {
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let sum = |counts: Counts| counts.rage + counts.dead;
    let most = answer
        .rows
        .iter()
        .map(|row| sum(row.counts))
        .max()
        .unwrap_or(0);
    let mut rows = Vec::new();
    for page in &answer.rows {
        let mut cells_of_page = cells(
            names.link(&page.page, Kind::Dead, Device::Desktop),
            page.counts,
            most,
            Cell::count(page.sessions).behind(&page.behind),
            &page.behind.narrow,
        );
        cells_of_page.push(Cell::new(Value::share(permille(page.sessions, page.seen))));
        rows.push(Row::new(cells_of_page));
        let unnamed = (sum(page.unnamed) > 0).then(|| {
            (
                Cell::text("", "What the recorder did not name"),
                page.unnamed,
                Cell::default(),
            )
        });
        let targets = page.targets.iter().map(|target| {
            let sessions = Cell::count(target.sessions).behind(&target.behind);
            (
                Cell::text(&target.target, "Unnamed"),
                target.counts,
                sessions,
            )
        });
        for (name, counts, sessions) in targets.chain(unnamed) {
            let mut cells = cells(name, counts, most, sessions, &page.behind.narrow);
            cells.push(Cell::default());
            rows.push(Row { cells, depth: 1 });
        }
    }
    rows
}

fn headlines(answer: &Answer) -> Vec<Headline> {
    let one = |rage, dead| Filter {
        rage,
        dead,
        ..Filter::default()
    };
    let of = |rage, dead| {
        Cell::count(if rage {
            answer.counts.rage
        } else {
            answer.counts.dead
        })
        .narrow(one(rage, dead))
    };
    let either = Filter {
        any: vec![one(true, false), one(false, true)],
        ..Filter::default()
    };
    let share = permille(answer.affected, answer.sessions);
    vec![
        Headline {
            name: "Frustrated sessions",
            cell: Cell::count(answer.affected).narrow(either),
            about: "With rage or a dead click.",
            under: share.map_or_else(String::new, |share| {
                format!(
                    "{} of {}",
                    percent(share),
                    text::plural(answer.sessions, "session")
                )
            }),
        },
        Headline {
            name: "Incidents of rage",
            cell: of(true, false),
            about: "Three clicks or more within 500 ms and 10 px, counted once.",
            under: String::new(),
        },
        Headline {
            name: "Dead clicks",
            cell: of(false, true),
            about: "Clicks that the page did not react to for 500 ms.",
            under: if answer.counts.with_error > 0 {
                format!(
                    "{} followed by an error",
                    text::number(answer.counts.with_error)
                )
            } else {
                String::new()
            },
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::Behind;
    use sentiero_core::analytics::report::frustration::{Row as Page, Target};

    #[test]
    fn elements_stand_below_their_page() {
        let counts = |rage, dead| Counts {
            rage,
            dead,
            with_error: 0,
        };
        let answer = Answer {
            sessions: 40,
            affected: 4,
            counts: counts(3, 5),
            rows: vec![Page {
                page: "a.example/x".to_owned(),
                seen: 20,
                sessions: 4,
                counts: counts(3, 5),
                targets: vec![Target {
                    target: "#buy".to_owned(),
                    sessions: 3,
                    counts: counts(3, 2),
                    behind: Behind::default(),
                }],
                unnamed: counts(0, 3),
                ..Page::default()
            }],
            others: None,
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let rows: Vec<_> = shown.panels[0]
            .table
            .rows
            .iter()
            .map(|row| (row.depth, row.said().join(" ")))
            .collect();
        assert_eq!(
            rows,
            [
                (0, "/x 8 3 5 0 4 20 %".to_owned()),
                (1, "#buy 5 3 2 0 3 —".to_owned()),
                (1, "What the recorder did not name 3 0 3 0 — —".to_owned()),
            ]
        );
        assert_eq!(shown.headlines[0].under, "10 % of 40 sessions");
    }
}
