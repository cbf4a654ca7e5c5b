//! Who reaches a goal.

use super::Pages;
use super::steps::said;
use super::table::{Cell, Column, Headline, Mood, Panel, Row, Table, View, others};
use super::value::{Value, percent};
use crate::model::text;
use sentiero_core::analytics::report::conversions::{Answer, List, Row as Source};

pub(super) fn view(answer: &Answer) -> View {
    let pages = Pages::of(answer.entries.rows.iter().map(|row| row.value.as_str()));
    let page = |value: &str| pages.cell(value);
    let from = |value: &str| Cell::text(value, "Direct, or not told");
    let plain = |value: &str| Cell::text(value, "Unknown");
    let mut panels = vec![
        list("Entry pages", "Page", &answer.entries, &page),
        list("Referrers", "From", &answer.referrers, &from),
    ];
    let campaigns = [
        ("Sources", "utm_source", &answer.sources),
        ("Mediums", "utm_medium", &answer.mediums),
        ("Campaigns", "utm_campaign", &answer.campaigns),
        ("Terms", "utm_term", &answer.terms),
        ("Contents", "utm_content", &answer.contents),
    ];
    let told = campaigns
        .iter()
        .filter(|(.., found)| !found.rows.is_empty());
    panels.extend(told.map(|(title, head, found)| list(title, head, found, &plain)));
    let whole = &answer.whole;
    View {
        over: None,
        headlines: vec![
            Headline {
                name: "Converted",
                cell: Cell::count(whole.conversions).behind(&whole.converting),
                about: "Sessions that reached the goal. They open at that moment.",
                under: said(&answer.asked.goal),
            },
            Headline {
                name: "Rate",
                cell: Cell::new(Value::share(whole.rate)),
                about: "Converted, of all sessions that told their first page.",
                under: String::new(),
            },
            Headline {
                name: "Did not convert",
                cell: Cell::count(whole.sessions.saturating_sub(whole.conversions))
                    .behind(&whole.not_converting),
                about: "Sessions that did not reach the goal.",
                under: String::new(),
            },
        ],
        panels,
        sessions: Some(whole.sessions),
        left_out: (answer.left_out > 0).then(|| {
            format!(
                "{} told no first page and are left out.",
                text::plural(answer.left_out, "session")
            )
        }),
    }
}

fn list(title: &str, head: &str, list: &List, shown: &dyn Fn(&str) -> Cell) -> Panel {
    let most = list.rows.iter().map(|row| row.sessions).max().unwrap_or(0);
    let row = |row: &Source| {
        let missed = row.sessions.saturating_sub(row.conversions);
        let mood = if row.is_low { Mood::Faint } else { Mood::Plain };
        Row::new(vec![
            shown(&row.value),
            Cell::count(row.sessions)
                .of(most)
                .among(&row.not_converting.narrow),
            Cell::count(row.conversions).behind(&row.converting),
            Cell::count(missed).behind(&row.not_converting),
            Cell::new(Value::share(row.rate)).mood(mood),
        ])
    };
    let rate = sentiero_core::analytics::report::spread::permille(
        list.others_conversions,
        list.others_sessions,
    );
    let rest = rate.map_or_else(String::new, |rate| {
        format!(
            "{}, {} converted",
            text::plural(list.others_sessions, "session"),
            percent(rate)
        )
    });
    Panel {
        title: title.to_owned(),
        about: "",
        chart: None,
        table: Table {
            columns: vec![
                Column::text(head),
                Column::number("Sessions", ""),
                Column::number("Converted", "They open at the moment of the goal."),
                Column::number("Did not", ""),
                Column::number("Rate", "Pale: of fewer than 5 sessions."),
            ],
            rows: list.rows.iter().map(row).collect(),
            others: others(list.others, "other", &rest),
        },
        is_half: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::analytics::report::conversions::Asked;
    use sentiero_core::analytics::report::{Limit, Step};

    #[test]
    fn campaigns_are_shown_where_there_are_any() {
        let row = |value: &str, sessions, conversions| Source {
            value: value.to_owned(),
            sessions,
            conversions,
            rate: Some(250),
            is_low: sessions < 5,
            ..Source::default()
        };
        let answer = Answer {
            whole: row("", 44, 11),
            left_out: 2,
            sources: List {
                rows: vec![row("news", 40, 10), row("ad", 4, 1)],
                others: 1,
                others_sessions: 4,
                others_conversions: 1,
            },
            asked: Asked {
                goal: Step::Event("purchase".to_owned()),
                top: Limit::default(),
            },
            entries: List::default(),
            referrers: List::default(),
            mediums: List::default(),
            campaigns: List::default(),
            terms: List::default(),
            contents: List::default(),
        };
        let shown = view(&answer);
        crate::model::report::table::assert_well_formed(&shown);
        let titles: Vec<_> = shown
            .panels
            .iter()
            .map(|panel| panel.title.as_str())
            .collect();
        assert_eq!(titles, ["Entry pages", "Referrers", "Sources"]);
        let table = &shown.panels[2].table;
        assert_eq!(table.rows[0].cells[3].value, Value::Count(30));
        assert_eq!(
            (table.rows[0].cells[4].mood, table.rows[1].cells[4].mood),
            (Mood::Plain, Mood::Faint)
        );
        assert_eq!(
            table.others.as_deref(),
            Some("and 1 other more with 4 sessions, 25 % converted")
        );
        assert_eq!(
            shown.left_out.as_deref(),
            Some("2 sessions told no first page and are left out.")
        );
    }
}
