//! How fast pages are.

use super::Pages;
use super::table::{Cell, Column, Mood, Panel, Row, Table, View, others};
use super::value::Value;
use crate::model::text;
use sentiero_core::analytics::report::Behind;
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::analytics::report::vitals::{Answer, Rating, Vital};

/// The words of metrics, in the order of the API, and what they are.
const METRICS: [(&str, &str, &str); 5] = [
    (
        "lcp",
        "LCP",
        "Largest contentful paint: when the main content was there. Good up to 2.5 s, poor above 4 s.",
    ),
    (
        "inp",
        "INP",
        "Interaction to next paint: how long the page took to react. Good up to 200 ms, poor above 500 ms.",
    ),
    (
        "cls",
        "CLS",
        "Cumulative layout shift: how much the page jumped. Good up to 0.1, poor above 0.25.",
    ),
    (
        "fcp",
        "FCP",
        "First contentful paint. Good up to 1.8 s, poor above 3 s.",
    ),
    (
        "ttfb",
        "TTFB",
        "Time to first byte. Good up to 800 ms, poor above 1.8 s.",
    ),
];

fn value(vital: &Vital, value: u64) -> Value {
    if vital.metric == "cls" {
        Value::Shift(value)
    } else {
        Value::Time(value)
    }
}

fn mood(rating: Rating) -> Mood {
    match rating {
        Rating::Good => Mood::Good,
        Rating::NeedsImprovement => Mood::Middling,
        Rating::Poor => Mood::Bad,
    }
}

pub(super) fn view(answer: &Answer) -> View {
    View {
        over: None,
        headlines: Vec::new(),
        panels: vec![all(answer), pages(answer)],
        sessions: None,
        left_out: None,
    }
}

fn all(answer: &Answer) -> Panel {
    let row = |vital: &Vital| {
        let named = METRICS.iter().find(|(word, ..)| *word == vital.metric);
        let name = named.map_or_else(
            || vital.metric.clone(),
            |(_, name, about)| full(name, about),
        );
        let [good, middling, poor] = vital.mix;
        let part = |n, mood| {
            let share = Value::share(permille(n, vital.samples));
            Cell::new(share).somewhere().mood(mood)
        };
        let worst = vital
            .worst
            .first()
            .map_or_else(Cell::default, |worst| Cell {
                moment: Some(worst.example),
                ..Cell::new(value(vital, worst.value))
            });
        Row::new(vec![
            Cell::text(&name, ""),
            Cell::new(value(vital, vital.p75))
                .behind(&vital.behind)
                .mood(mood(vital.rating)),
            Cell::new(value(vital, vital.p50)).somewhere(),
            Cell::new(value(vital, vital.p90)).behind(&vital.behind),
            part(good, Mood::Good),
            part(middling, Mood::Middling),
            part(poor, Mood::Bad),
            Cell::count(vital.samples).behind(&vital.behind),
            worst,
        ])
    };
    Panel {
        title: "All pages".to_owned(),
        about: "Colours are of the 75th percentile, by Google's bounds. No filter asks for vitals: numbers open the slowest, or all sessions.",
        table: Table {
            columns: vec![
                Column::text("Metric"),
                Column::number("p75", "Three quarters of the samples are not above this."),
                Column::number("Median", "Half of the samples are not above this."),
                Column::number("p90", "Nine of ten samples are not above this."),
                Column::number("Good", "Share of the samples."),
                Column::number("In between", "Share of the samples."),
                Column::number("Poor", "Share of the samples."),
                Column::number("Samples", "One a visit of a page. They open the slowest."),
                Column::number("Worst", "Opens the moment."),
            ],
            rows: answer.all.iter().map(row).collect(),
            others: None,
        },
        ..Panel::default()
    }
}

/// A metric's letters, and what they stand for, with which `about` begins.
fn full(name: &str, about: &str) -> String {
    let words = about.split([':', '.']).next();
    format!("{name} · {}", words.unwrap_or_default())
}

fn pages(answer: &Answer) -> Panel {
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let rows = answer.rows.iter().map(|page| {
        let mut cells = vec![names.cell(&page.page)];
        cells.extend(METRICS.iter().map(|(word, ..)| {
            let vital = page.vitals.iter().find(|vital| vital.metric == *word);
            vital.map_or_else(Cell::default, |vital| {
                let behind: &Behind = &vital.behind;
                Cell::new(value(vital, vital.p75))
                    .mood(mood(vital.rating))
                    .behind(behind)
            })
        }));
        let saw = page.vitals.first().map(|vital| &vital.behind.narrow);
        cells.push(saw.map_or_else(
            || Cell::count(page.samples),
            |saw| Cell::count(page.samples).among(saw),
        ));
        Row::new(cells)
    });
    let mut columns = vec![Column::text("Page")];
    columns.extend(
        METRICS
            .iter()
            .map(|(_, name, about)| Column::number(name, about)),
    );
    columns.push(Column::number("Samples", "Of all metrics."));
    Panel {
        title: "Pages, 75th percentile".to_owned(),
        about: "Each value opens the sessions with the largest values.",
        table: Table {
            columns,
            rows: rows.collect(),
            others: others(
                answer.others,
                "page",
                &text::plural(answer.others_samples, "sample"),
            ),
        },
        ..Panel::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::vitals::Row as Page;

    #[test]
    fn metrics_have_their_units_and_colours() {
        let vital = |metric: &str, p75, rating| Vital {
            metric: metric.to_owned(),
            samples: 4,
            p75,
            rating,
            mix: [2, 1, 1],
            ..Vital::default()
        };
        let answer = Answer {
            all: vec![
                vital("lcp", 2_600, Rating::NeedsImprovement),
                vital("cls", 900, Rating::Good),
            ],
            rows: vec![Page {
                page: "a.example/".to_owned(),
                samples: 4,
                vitals: vec![vital("cls", 900, Rating::Good)],
            }],
            ..Answer::default()
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let cell = |panel: usize, row: usize, at: usize| {
            let cell = &shown.panels[panel].table.rows[row].cells[at];
            (cell.value.said(), cell.mood)
        };
        assert_eq!(cell(0, 0, 1), ("2.6s".to_owned(), Mood::Middling));
        assert_eq!(cell(0, 1, 1), ("0.09".to_owned(), Mood::Good));
        assert_eq!(cell(0, 0, 4), ("50 %".to_owned(), Mood::Good));
        assert_eq!(cell(1, 0, 1), ("—".to_owned(), Mood::Plain));
        assert_eq!(cell(1, 0, 3), ("0.09".to_owned(), Mood::Good));
        for panel in &shown.panels {
            for row in &panel.table.rows {
                assert_eq!(row.cells.len(), panel.table.columns.len());
            }
        }
    }
}
