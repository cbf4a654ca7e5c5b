//! Pages.

use super::Pages;
use super::table::{Cell, Column, Headline, Mood, Panel, Row, Table, View, others};
use super::value::Value;
use crate::model::text;
use sentiero_core::analytics::report::pages::{Answer, Row as Page};

pub(super) fn view(answer: &Answer) -> View {
    let names = Pages::of(answer.rows.iter().map(|row| row.page.as_str()));
    let most = answer.rows.iter().map(|row| row.views).max().unwrap_or(0);
    let row = |page: &Page| {
        let few = page.entries < super::SMALL;
        Row::new(vec![
            names.page(&page.page),
            Cell::count(page.views).of(most).behind(&page.behind),
            Cell::count(page.sessions).behind(&page.behind),
            Cell::count(page.entries).among(&page.behind.narrow),
            Cell::count(page.exits).among(&page.behind.narrow),
            Cell::new(Value::share(page.bounce_rate))
                .among(&page.behind.narrow)
                .mood(if few { Mood::Faint } else { Mood::Plain }),
            Cell::new(Value::Time(page.active_median)).among(&page.behind.narrow),
            Cell::new(Value::Time(page.active_mean)).among(&page.behind.narrow),
        ])
    };
    let table = Table {
        columns: vec![
            Column::text("Page"),
            Column::number("Views", "Page loads, and changes of address within one."),
            Column::number("Sessions", "That saw the page."),
            Column::number("Entries", "Sessions that began here."),
            Column::number("Exits", "Sessions that ended here."),
            Column::number(
                "Bounces",
                "Of the entries, those that saw no other address. Pale: of fewer than 30.",
            ),
            Column::number("Median time", "Active time of a view; half are not longer."),
            Column::number("Mean time", "Active time of a view on average."),
        ],
        rows: answer.rows.iter().map(row).collect(),
        others: answer
            .others
            .as_ref()
            .and_then(|rest| others(rest.rows, "page", &text::plural(rest.views, "view"))),
    };
    let count = u64::try_from(answer.rows.len()).unwrap_or(u64::MAX);
    let rest = answer.others.as_ref().map_or(0, |rest| rest.rows);
    View {
        over: None,
        headlines: vec![
            Headline {
                name: "Pages",
                cell: Cell::count(count.saturating_add(rest)),
                about: "Ids in addresses are counted together.",
                under: String::new(),
            },
            Headline {
                name: "Views",
                cell: Cell::count(answer.views).everyone(),
                about: "Of all pages.",
                under: String::new(),
            },
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "That saw any page.",
                under: String::new(),
            },
        ],
        panels: vec![Panel {
            title: "Pages".to_owned(),
            about: "A page leads to its own report.",
            table,
            ..Panel::default()
        }],
        sessions: Some(answer.sessions),
        left_out: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::pages::Others;
    use sentiero_core::analytics::report::{Behind, Example};

    #[test]
    fn a_page_is_a_row() {
        let answer = Answer {
            sessions: 50,
            views: 90,
            rows: vec![Page {
                page: "shop.example/a".to_owned(),
                views: 60,
                sessions: 40,
                entries: 30,
                exits: 10,
                bounces: 3,
                bounce_rate: Some(100),
                active_mean: 2_500,
                active_median: 2_000,
                behind: Behind {
                    examples: vec![Example {
                        started: 1,
                        rank: 0,
                        at: 2,
                        tab: 0,
                    }],
                    ..Behind::default()
                },
            }],
            others: Some(Others {
                rows: 2,
                views: 30,
                ..Others::default()
            }),
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let table = &shown.panels[0].table;
        let said = table.rows[0].said();
        assert_eq!(said, ["/a", "60", "40", "30", "10", "10 %", "2s", "2.5s"]);
        assert_eq!(
            table.others.as_deref(),
            Some("and 2 pages more with 30 views")
        );
        assert!(table.rows[0].cells[2].behind.is_some());
        assert_eq!(shown.headlines[0].cell.value, Value::Count(3));
    }
}
