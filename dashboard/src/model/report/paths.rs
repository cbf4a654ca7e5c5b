//! What pages are seen one after the other.

use super::Pages;
use super::table::{Cell, Column, Headline, Panel, Row, Table, View};
use super::value::Value;
use crate::model::text;
use sentiero_core::analytics::report::paths::{Answer, Others, Step};
use sentiero_core::analytics::report::spread::permille;

/// Below each page so many that follow are listed; the others are summed.
const FOLLOWING: usize = 6;
/// So many first pages.
const FIRST: usize = 12;

pub(super) fn view(answer: &Answer) -> View {
    let mut known = Vec::new();
    collect(&answer.first, &mut known);
    let names = Pages::of(known.into_iter());
    let mut rows = Vec::new();
    let whole = Whole {
        names: &names,
        begun: answer.begun,
    };
    whole.steps(&answer.first, answer.others.as_ref(), 0, FIRST, &mut rows);
    let from = answer.asked.page.as_ref().map_or_else(
        || "From each session's first page".to_owned(),
        |page| format!("From {page}"),
    );
    View {
        over: None,
        headlines: vec![Headline {
            name: "Sessions with a path",
            cell: match &answer.asked.page {
                Some(page) => Cell::count(answer.begun).among(&super::saw(page)),
                None => Cell::count(answer.begun).everyone(),
            },
            about: "That saw the page paths begin at.",
            under: format!("of {}", text::number(answer.sessions)),
        }],
        panels: vec![Panel {
            title: from,
            about: "What was seen next, step by step; rare pages are put together. The grey foot of a page is of sessions that ended there.",
            chart: super::flow::chart(answer, &names),
            table: Table {
                columns: vec![
                    Column::text("Page"),
                    Column::number("Sessions", "That came here so. The bar is of all paths."),
                    Column::number(
                        "Of the page before",
                        "Of the sessions one line further out.",
                    ),
                    Column::number("Ended", "Saw no other page after it."),
                    Column::number("Went on", "Further than is shown."),
                ],
                rows,
                others: None,
            },
            ..Panel::default()
        }],
        sessions: Some(answer.begun),
        left_out: None,
    }
}

fn collect<'a>(steps: &'a [Step], known: &mut Vec<&'a str>) {
    for step in steps {
        known.push(&step.page);
        collect(&step.next, known);
    }
}

struct Whole<'a> {
    names: &'a Pages,
    begun: u64,
}

impl Whole<'_> {
    /// The rows of `steps` and of what follows them. The depth is that of the API's answer,
    /// which is at most [`paths::MAX_DEPTH`](sentiero_core::analytics::report::paths::MAX_DEPTH).
    fn steps(
        &self,
        steps: &[Step],
        others: Option<&Others>,
        depth: u32,
        most: usize,
        rows: &mut Vec<Row>,
    ) {
        let before = steps.iter().map(|step| step.sessions).sum::<u64>()
            + others.map_or(0, |others| others.sessions);
        let (shown, rest) = steps.split_at(most.min(steps.len()));
        for step in shown {
            rows.push(Row {
                cells: vec![
                    self.names.cell(&step.page),
                    Cell::count(step.sessions)
                        .of(self.begun)
                        .behind(&step.behind),
                    Cell::new(Value::share(permille(step.sessions, before))),
                    Cell::count(step.ended).among(&step.behind.narrow),
                    Cell::count(step.cut).among(&step.behind.narrow),
                ],
                depth,
            });
            self.steps(
                &step.next,
                step.others.as_ref(),
                depth.saturating_add(1),
                FOLLOWING,
                rows,
            );
        }
        let count = |steps: &[Step]| u64::try_from(steps.len()).unwrap_or(u64::MAX);
        let pages = count(rest) + others.map_or(0, |others| others.pages);
        if pages == 0 {
            return;
        }
        let sessions = rest.iter().map(|step| step.sessions).sum::<u64>()
            + others.map_or(0, |others| others.sessions);
        rows.push(Row {
            cells: vec![
                Cell::new(Value::Text(text::plural(pages, "other page"))),
                Cell::count(sessions).of(self.begun),
                Cell::new(Value::share(permille(sessions, before))),
                Cell::default(),
                Cell::default(),
            ],
            depth,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(page: &str, sessions: u64, next: Vec<Step>) -> Step {
        Step {
            page: format!("a.example{page}"),
            sessions,
            next,
            ..Step::default()
        }
    }

    #[test]
    fn what_follows_stands_below_and_nobody_is_lost() {
        let next: Vec<_> = (0..8)
            .map(|n| step(&format!("/{n}"), 8 - n, Vec::new()))
            .collect();
        let answer = Answer {
            sessions: 60,
            begun: 50,
            first: vec![step("/", 40, next)],
            others: Some(Others {
                pages: 3,
                sessions: 10,
            }),
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let rows: Vec<_> = shown.panels[0]
            .table
            .rows
            .iter()
            .map(|row| {
                (
                    row.depth,
                    row.cells[0].value.said(),
                    row.cells[1].value.said(),
                )
            })
            .collect();
        let expect =
            |depth, page: &str, sessions: &str| (depth, page.to_owned(), sessions.to_owned());
        assert_eq!(rows.len(), 9);
        assert_eq!(rows[0], expect(0, "/", "40"));
        assert_eq!(rows[1], expect(1, "/0", "8"));
        assert_eq!(rows[7], expect(1, "2 other pages", "3"));
        assert_eq!(rows[8], expect(0, "3 other pages", "10"));
    }
}
