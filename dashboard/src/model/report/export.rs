//! Reports as files: CSV of the tables that are on the screen. (JSON is the answer as it came,
//! so nothing is written for it.)
//!
//! How a text is written is [`sentiero_core::csv`]'s; numbers stay numbers.

use super::table::{Cell, Row, Table, View};
use super::value::Value;
use sentiero_core::csv::{field, line};
use sentiero_core::json::write_string;

/// All tables of a report, each below its title, with a line between.
pub fn csv(view: &View) -> String {
    let mut out = String::new();
    let tables = view
        .panels
        .iter()
        .filter(|panel| !panel.table.columns.is_empty());
    for panel in tables {
        if !out.is_empty() {
            out.push_str("\r\n");
        }
        line(&mut out, [field(&panel.title)]);
        table(&mut out, &panel.table);
    }
    out
}

/// The same of sessions that are compared, each below its name; of one side it is [`csv`].
pub fn csv_sides(sides: &[(String, &View)]) -> String {
    if let [(_, view)] = sides {
        return csv(view);
    }
    let mut out = String::new();
    for (name, view) in sides {
        if !out.is_empty() {
            out.push_str("\r\n");
        }
        line(&mut out, [field(name)]);
        out.push_str(&csv(view));
    }
    out
}

/// The answers as they came, with whose sessions each is about; of one side the answer alone.
pub fn json_sides(sides: &[(String, &[u8])]) -> Vec<u8> {
    if let [(_, answer)] = sides {
        return answer.to_vec();
    }
    let mut out = Vec::new();
    for (name, answer) in sides {
        out.extend(if out.is_empty() { b"[" } else { b"," });
        out.extend(b"{\"sessions\":");
        write_string(name, &mut out);
        out.extend(b",\"answer\":");
        out.extend_from_slice(answer);
        out.push(b'}');
    }
    out.push(b']');
    out
}

fn table(out: &mut String, table: &Table) {
    let deepest = table.rows.iter().map(|row| row.depth).max().unwrap_or(0);
    let heads = table.columns.iter().enumerate().map(|(place, column)| {
        let values = table.rows.iter().filter_map(|row| row.cells.get(place));
        let unit = values
            .map(|cell| cell.value.unit())
            .find(|unit| !unit.is_empty());
        field(&format!("{}{}", column.name, unit.unwrap_or_default()))
    });
    let level = (deepest > 0).then(|| "Level".to_owned());
    line(out, level.into_iter().chain(heads));
    for Row { cells, depth } in &table.rows {
        let level = (deepest > 0).then(|| depth.to_string());
        line(out, level.into_iter().chain(cells.iter().map(written)));
    }
}

fn written(cell: &Cell) -> String {
    match &cell.value {
        // A negative number is none to be afraid of.
        Value::Number(number) => number.to_string(),
        value => field(&value.written()),
    }
}

/// What a file is called: `shop-pages-2026-11-27.csv`.
pub fn file_name(site: &str, report: &str, today: sentiero_core::id::Millis, kind: &str) -> String {
    let day = sentiero_core::day::Day::of(today);
    format!("{site}-{report}-{day}.{kind}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::report::table::{Column, Panel};
    use proptest::prelude::*;
    use sentiero_core::csv::read;

    fn shown(rows: Vec<Row>) -> View {
        View {
            panels: vec![Panel {
                title: "T".to_owned(),
                table: Table {
                    columns: vec![
                        Column::text("Name"),
                        Column::number("Share", ""),
                        Column::number("N", ""),
                    ],
                    rows,
                    others: None,
                },
                ..Panel::default()
            }],
            ..View::default()
        }
    }

    #[test]
    fn units_stand_in_the_head() {
        let row = |depth| Row {
            cells: vec![
                Cell::text("a", ""),
                Cell::new(Value::Share(125)),
                Cell::new(Value::Number(-1.5)),
            ],
            depth,
        };
        assert_eq!(
            csv(&shown(vec![row(0)])),
            "T\r\nName,Share (%),N\r\na,12.5,-1.5\r\n"
        );
        assert_eq!(
            csv(&shown(vec![row(0), row(1)])),
            "T\r\nLevel,Name,Share (%),N\r\n0,a,12.5,-1.5\r\n1,a,12.5,-1.5\r\n"
        );
    }

    #[test]
    fn compared_sides_stand_below_their_names() {
        let view = shown(Vec::new());
        let sides = [("All".to_owned(), &view), ("=Mine".to_owned(), &view)];
        assert_eq!(csv_sides(&sides[..1]), csv(&view));
        assert_eq!(
            csv_sides(&sides),
            format!("All\r\n{0}\r\n'=Mine\r\n{0}", csv(&view))
        );
        let sides: [(String, &[u8]); 2] = [
            ("All".to_owned(), b"{\"a\":1}"),
            ("My \"own\"".to_owned(), b"{}"),
        ];
        assert_eq!(json_sides(&sides[..1]), b"{\"a\":1}");
        let read: serde_json::Value = serde_json::from_slice(&json_sides(&sides)).unwrap();
        assert_eq!(
            read,
            serde_json::json!([
                {"sessions": "All", "answer": {"a": 1}},
                {"sessions": "My \"own\"", "answer": {}},
            ])
        );
    }

    #[test]
    fn a_file_is_named() {
        let name = file_name("shop", "pages", 0, "csv");
        assert_eq!(name, "shop-pages-1970-01-01.csv");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(names in prop::collection::vec("(=|\\+|-|@|\t|\r|\n|,|\"|a|ä){0,6}", 0..6), count: u64) {
            let rows = names.iter().map(|name| Row::new(vec![
                Cell::new(Value::Text(name.clone())),
                Cell::new(Value::None),
                Cell::count(count),
            ]));
            let read = read(&csv(&shown(rows.collect())));
            prop_assert_eq!(read.len(), names.len() + 2);
            for (row, name) in read.iter().skip(2).zip(&names) {
                prop_assert_eq!(row.len(), 3);
                prop_assert!(!row[0].starts_with(['=', '+', '-', '@', '\t', '\r']));
                prop_assert_eq!(row[0].strip_prefix('\'').unwrap_or(&row[0]), name);
                prop_assert_eq!(&row[2], &count.to_string());
            }
        }
    }
}
