//! One page: what the other reports say of it, and what was clicked on it.

use super::table::{Cell, Column, Headline, Mood, Panel, Row, Table, View, others};
use super::value::Value;
use super::{Name, asking};
use crate::model::text;
use sentiero_core::analytics::report::Device;
use sentiero_core::analytics::report::heatmap::Kind;
use sentiero_core::analytics::report::page::{Answer, Often, Times};
use sentiero_core::analytics::report::spread::permille;
use sentiero_core::analytics::report::{frustration, scroll, vitals};

pub(super) fn view(answer: &Answer) -> View {
    let page = &answer.page;
    let mut panels = parts(answer);
    panels.push(errors(answer));
    panels.retain(|panel| !panel.table.rows.is_empty());
    panels.insert(0, clicked(answer));
    View {
        over: None,
        headlines: headlines(answer),
        panels,
        sessions: Some(page.sessions),
        left_out: None,
    }
}

fn headlines(answer: &Answer) -> Vec<Headline> {
    let page = &answer.page;
    let few = if page.entries < super::SMALL {
        Mood::Faint
    } else {
        Mood::Plain
    };
    let headline = |name, cell, about, under| Headline {
        name,
        cell,
        about,
        under,
    };
    let share = permille(page.sessions, answer.sessions);
    let share = Value::share(share).said();
    vec![
        headline(
            "Sessions",
            Cell::count(page.sessions).behind(&page.behind),
            "That saw the page.",
            format!("{share} of {}", text::number(answer.sessions)),
        ),
        headline(
            "Views",
            Cell::count(page.views).behind(&page.behind),
            "Page loads, and changes of address within one.",
            String::new(),
        ),
        headline(
            "Median time",
            Cell::new(Value::Time(page.active_median)),
            "Active time of a view; half are not longer.",
            format!("{} on average", Value::Time(page.active_mean).said()),
        ),
        headline(
            "Entries",
            Cell::count(page.entries).among(&page.behind.narrow),
            "Sessions that began here.",
            String::new(),
        ),
        headline(
            "Exits",
            Cell::count(page.exits).among(&page.behind.narrow),
            "Sessions that ended here.",
            String::new(),
        ),
        headline(
            "Bounces",
            Cell::new(Value::share(page.bounce_rate))
                .among(&page.behind.narrow)
                .mood(few),
            "Of the entries, those that saw no other address. Pale: of fewer than 30.",
            text::plural(page.bounces, "session"),
        ),
    ]
}

/// What other reports say of the page, as they show it.
fn parts(answer: &Answer) -> Vec<Panel> {
    let of_vitals = vitals::Answer {
        all: answer.vitals.clone(),
        ..vitals::Answer::default()
    };
    let of_scroll = scroll::Answer {
        rows: answer.scroll.clone(),
        ..scroll::Answer::default()
    };
    let of_frustration = frustration::Answer {
        rows: answer.frustration.clone().into_iter().collect(),
        ..frustration::Answer::default()
    };
    [
        (Name::Vitals, super::vitals::view(&of_vitals)),
        (Name::Scroll, super::scroll::view(&of_scroll)),
        (Name::Frustration, super::frustration::view(&of_frustration)),
        (Name::Forms, super::forms::view(&answer.forms)),
        (Name::Events, super::events::view(&answer.events)),
    ]
    .into_iter()
    .flat_map(|(name, view)| {
        let mut panels = view.panels;
        // There it is about all pages; here one has to know which report says it.
        if let Some(first) = panels.first_mut() {
            name.title().clone_into(&mut first.title);
        }
        panels
    })
    .collect()
}

fn clicked(answer: &Answer) -> Panel {
    let row = |times: &Times| {
        let name = Cell::text(&times.text, "");
        let heatmap = asking::heatmap(&answer.asked.page, Kind::Click, widest(answer));
        Row::new(vec![
            name.leads(heatmap),
            Cell::count(times.times)
                .of(answer.clicks)
                .behind(&times.behind),
            Cell::new(Value::share(permille(times.times, answer.clicks))),
            Cell::count(times.sessions).behind(&times.behind),
        ])
    };
    Panel {
        title: "Elements clicked".to_owned(),
        about: "An element leads to the heatmap. Clicks on what has no name count in none.",
        table: Table {
            columns: vec![
                Column::text("Element"),
                Column::number("Clicks", ""),
                Column::number("Of all", "Of all clicks on the page."),
                Column::number("Sessions", "That clicked it."),
            ],
            rows: answer.targets.rows.iter().map(row).collect(),
            others: rest(&answer.targets, "element", "click"),
        },
        ..Panel::default()
    }
}

/// The devices that most of the page's visitors have.
fn widest(answer: &Answer) -> Device {
    let most = answer.scroll.iter().max_by_key(|row| row.sessions);
    most.map_or(Device::Desktop, |row| row.device)
}

fn errors(answer: &Answer) -> Panel {
    let most = answer.errors.rows.first().map_or(0, |first| first.times);
    let row = |times: &Times| {
        Row::new(vec![
            Cell::text(&times.text, "An error without a message"),
            Cell::count(times.times).of(most).behind(&times.behind),
            Cell::count(times.sessions).behind(&times.behind),
        ])
    };
    Panel {
        title: "Errors".to_owned(),
        about: "That came while the page was shown. Numbers in their messages are left out.",
        table: Table {
            columns: vec![
                Column::text("Error"),
                Column::number("Times", ""),
                Column::number("Sessions", "In which it came."),
            ],
            rows: answer.errors.rows.iter().map(row).collect(),
            others: rest(&answer.errors, "error", "time"),
        },
        ..Panel::default()
    }
}

fn rest(often: &Often, what: &str, times: &str) -> Option<String> {
    others(often.others, what, &text::plural(often.others_times, times))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::table::assert_well_formed;
    use sentiero_core::analytics::report::pages::Row as Page;
    use sentiero_core::analytics::report::{Behind, page};
    use sentiero_core::filter::Filter;

    fn times(text: &str, times: u64, sessions: u64) -> Times {
        let narrow = Filter {
            url: Some("shop.example/cart".to_owned()),
            ..Filter::default()
        };
        Times {
            text: text.to_owned(),
            times,
            sessions,
            behind: Behind {
                narrow,
                examples: Vec::new(),
            },
        }
    }

    fn answer() -> Answer {
        Answer {
            asked: page::Asked {
                page: "shop.example/cart".to_owned(),
                ..page::Asked::default()
            },
            sessions: 200,
            page: Page {
                page: "shop.example/cart".to_owned(),
                views: 60,
                sessions: 50,
                entries: 40,
                bounces: 4,
                bounce_rate: Some(100),
                active_mean: 2_500,
                active_median: 2_000,
                ..Page::default()
            },
            scroll: [(Device::Desktop, 10), (Device::Mobile, 40)]
                .map(|(device, sessions)| scroll::Row {
                    page: "shop.example/cart".to_owned(),
                    device,
                    sessions,
                    reached: vec![sessions; 21],
                    ..scroll::Row::default()
                })
                .into(),
            clicks: 8,
            targets: Often {
                rows: vec![times("button#buy", 4, 3)],
                others: 2,
                others_times: 3,
            },
            errors: Often {
                rows: vec![times("TypeError", 2, 1), times("", 1, 1)],
                ..Often::default()
            },
            ..Answer::default()
        }
    }

    #[test]
    fn a_page_is_headlines_and_what_there_is_of_it() {
        let shown = view(&answer());
        assert_well_formed(&shown);
        let said: Vec<_> = shown
            .headlines
            .iter()
            .map(|headline| (headline.cell.value.said(), headline.under.clone()))
            .collect();
        let said: Vec<_> = said.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(
            said,
            [
                ("50", "25 % of 200"),
                ("60", ""),
                ("2s", "2.5s on average"),
                ("40", ""),
                ("0", ""),
                ("10 %", "4 sessions"),
            ]
        );
        let clicked = &shown.panels[0];
        let row = &clicked.table.rows[0].cells;
        assert_eq!(
            clicked.table.rows[0].said(),
            ["button#buy", "4", "50 %", "3"]
        );
        assert!(row[3].behind.is_some());
        assert_eq!(
            row[0].leads,
            Some(asking::heatmap(
                "shop.example/cart",
                Kind::Click,
                Device::Mobile
            ))
        );
        assert_eq!(
            clicked.table.others.as_deref(),
            Some("and 2 elements more with 3 clicks")
        );
        let titles: Vec<_> = shown.panels.iter().map(|panel| &*panel.title).collect();
        assert_eq!(titles.first(), Some(&"Elements clicked"));
        assert_eq!(titles.get(1), Some(&"Scroll depth"));
        assert_eq!(titles.last(), Some(&"Errors"));
        // What there is nothing of has no panel.
        assert!(!titles.contains(&"Custom events"), "{titles:?}");
        let errors = &shown.panels.last().unwrap().table.rows;
        assert_eq!(
            errors[1].cells[0].value.said(),
            "An error without a message"
        );
    }
}
