//! What pages told of sessions.

use super::overview::{figures, heads};
use super::table::{Cell, Column, Headline, Panel, Row, Table, View, others};
use super::value::Value;
use crate::model::text;
use sentiero_core::analytics::report::metadata::{Answer, Key};
use sentiero_core::analytics::report::overview::Row as Pair;
use sentiero_core::analytics::report::spread::permille;

pub(super) fn view(answer: &Answer) -> View {
    View {
        headlines: vec![
            Headline {
                name: "Sessions with metadata",
                cell: Cell::count(answer.told).somewhere(),
                about: "Of which a page told something. No filter asks for anything whatever: opens all sessions.",
                under: Value::share(permille(answer.told, answer.sessions)).said(),
            },
            Headline {
                name: "Sessions",
                cell: Cell::count(answer.sessions).everyone(),
                about: "All of the range, also those of which nothing was told.",
                under: String::new(),
            },
        ],
        panels: vec![keys(answer), values(answer)],
        sessions: Some(answer.sessions),
        ..View::default()
    }
}

fn keys(answer: &Answer) -> Panel {
    let row = |key: &Key| {
        let rows = u64::try_from(key.values.rows.len()).unwrap_or(u64::MAX);
        let mut cells = vec![Cell::text(&key.key, "Without a name")];
        cells.extend(figures(key.counts, answer.sessions, &key.behind));
        cells.push(Cell::count(rows.saturating_add(key.values.others)));
        Row::new(cells)
    };
    let mut columns = vec![Column::text("Key")];
    columns.extend(heads());
    columns.push(Column::number(
        "Values",
        "How many different ones there are.",
    ));
    Panel {
        title: "Keys".to_owned(),
        table: Table {
            columns,
            rows: answer.keys.iter().map(row).collect(),
            others: others(answer.others, "key", ""),
        },
        ..Panel::default()
    }
}

/// The values of all keys that were told.
pub(super) fn values(answer: &Answer) -> Panel {
    let row = |key: &Key, pair: &Pair| {
        let mut cells = vec![
            Cell::text(&key.key, "Without a name"),
            Cell::text(&pair.value, "Empty"),
        ];
        cells.extend(figures(pair.counts, answer.sessions, &pair.behind));
        Row::new(cells)
    };
    let pairs = answer.keys.iter();
    let pairs = pairs.flat_map(|key| key.values.rows.iter().map(move |pair| (key, pair)));
    let mut columns = vec![Column::text("Key"), Column::text("Value")];
    columns.extend(heads());
    Panel {
        title: "Values".to_owned(),
        about: "What was told last of a session.",
        table: Table {
            columns,
            rows: pairs.map(|(key, pair)| row(key, pair)).collect(),
            others: left_out(answer),
        },
        ..Panel::default()
    }
}

/// What of keys and values was not asked for.
fn left_out(answer: &Answer) -> Option<String> {
    let values: u64 = answer.keys.iter().map(|key| key.values.others).sum();
    let rest = match answer.others {
        0 => String::new(),
        keys => format!("those of {}", text::plural(keys, "key")),
    };
    match (values, rest.as_str()) {
        (0, "") => None,
        (0, _) => Some(format!("and {rest} more")),
        _ => others(values, "value", &rest),
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::assert_well_formed;
    use super::*;
    use sentiero_core::analytics::report::Behind;
    use sentiero_core::analytics::report::overview::{Counts, List};
    use sentiero_core::filter::Filter;

    fn counts(sessions: u64, with_errors: u64) -> Counts {
        Counts {
            sessions,
            with_errors,
            ..Counts::default()
        }
    }

    fn pair(key: &str, value: &str, counts: Counts) -> Pair {
        let mut narrow = Filter::default();
        narrow.meta.insert(key.to_owned(), value.to_owned());
        Pair {
            value: value.to_owned(),
            counts,
            behind: Behind {
                narrow,
                examples: Vec::new(),
            },
        }
    }

    fn told() -> Answer {
        let values = vec![
            pair("plan", "pro", counts(40, 10)),
            pair("plan", "free", counts(10, 1)),
        ];
        Answer {
            sessions: 100,
            told: 50,
            keys: vec![Key {
                key: "plan".to_owned(),
                counts: counts(50, 11),
                values: List {
                    rows: values,
                    others: 2,
                    ..List::default()
                },
                ..Key::default()
            }],
            others: 1,
        }
    }

    #[test]
    fn keys_and_values_open_their_sessions() {
        let shown = view(&told());
        assert_well_formed(&shown);
        let said = |panel: usize| shown.panels[panel].table.rows[0].said();
        assert_eq!(said(0), ["plan", "50", "50 %", "22 %", "4"]);
        assert_eq!(said(1), ["plan", "pro", "40", "40 %", "25 %"]);
        let cells = &shown.panels[1].table.rows[0].cells;
        let narrow = |cell: &Cell| cell.behind.clone().unwrap().narrow;
        assert_eq!(narrow(&cells[2]).meta["plan"], "pro");
        let failed = narrow(&cells[4]);
        assert!(failed.errors && failed.meta["plan"] == "pro");
    }

    #[test]
    fn what_was_not_asked_for_is_said() {
        let mut answer = told();
        let said = |answer: &Answer| values(answer).table.others;
        assert_eq!(
            said(&answer).as_deref(),
            Some("and 2 values more with those of 1 key")
        );
        answer.keys[0].values.others = 0;
        assert_eq!(said(&answer).as_deref(), Some("and those of 1 key more"));
        answer.others = 0;
        assert_eq!(said(&answer), None);
    }
}
