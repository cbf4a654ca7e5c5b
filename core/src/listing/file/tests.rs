use super::*;
use crate::csv::read;
use crate::filter;
use crate::id::SessionId;
use crate::recording::{SessionState, Visitor};
use proptest::prelude::*;

fn row(start: Millis, events: u64) -> SessionRow {
    let sid = SessionId::new(start, &[7; 17]);
    SessionRow {
        events,
        ..SessionState::new(1, Visitor::default()).row(&sid, false)
    }
}

fn written(form: Form, rows: &[SessionRow]) -> String {
    let mut text = form.head();
    for row in rows {
        form.write(row, &mut text).unwrap();
    }
    text
}

#[test]
fn instants_are_those_of_utc() {
    assert_eq!(instant(0), "1970-01-01T00:00:00.000Z");
    assert_eq!(instant(DAY + 33_300_250), "1970-01-02T09:15:00.250Z");
}

#[test]
fn a_session_is_a_line_under_its_heads() {
    let mut one = row(1_000, 60);
    one.users = vec!["ada".to_owned(), "@bob".to_owned()];
    one.browser = Some("Firefox".to_owned());
    one.entry = "https://shop.example/?a=1,2".to_owned();
    one.meta.insert("plan".to_owned(), "pro".to_owned());
    let lines = read(&written(Form::Csv, &[one.clone()]));
    assert_eq!(lines[0], HEADS);
    let cell = |head: &str| {
        let place = HEADS.iter().position(|known| *known == head).unwrap();
        lines[1][place].as_str()
    };
    for (head, said) in [
        ("Session", one.sid.as_str()),
        ("Started (UTC)", "1970-01-01T00:00:01.000Z"),
        ("Live", "no"),
        ("Users", "ada; @bob"),
        ("Browser", "Firefox"),
        ("Country", ""),
        ("Entry page", "https://shop.example/?a=1,2"),
        ("Events", "60"),
        ("Metadata", "plan=pro"),
    ] {
        assert_eq!(cell(head), said, "{head}");
    }
}

#[test]
fn a_line_of_json_is_a_row_of_the_list() {
    let rows = [row(1, 2), row(3, 4)];
    let text = written(Form::Ndjson, &rows);
    let again: Vec<SessionRow> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(again, rows);
    assert_eq!(written(Form::Ndjson, &[]), "");
}

#[test]
fn a_file_is_named() {
    let site = SiteKey::parse("shop").unwrap();
    let export = Export {
        form: Form::Csv,
        ..Export::default()
    };
    let name = export.file_name(&site, DAY);
    assert_eq!(name, "shop-sessions-1970-01-02.csv");
}

#[test]
fn what_is_wrong_is_named() {
    for (query, expected) in [
        (
            "sort=longest",
            "`sort` must be `newest` or `oldest`: a file goes by the start, and who reads it can sort it",
        ),
        ("format=xml", "`format` must be `ndjson` or `csv`"),
        ("format=csv&format=csv", "`format` must not be given twice"),
        ("limit=5", "`limit` is no parameter of this request"),
        ("cursor=x", "`cursor` is no parameter of this request"),
        ("from=x", "`from` must be a number of milliseconds"),
    ] {
        let error = Export::parse(query).unwrap_err();
        assert_eq!(error.to_string(), expected, "{query}");
    }
}

proptest! {
    #[test]
    fn what_is_asked_is_read(filter in filter::tests::any_filter(), oldest: bool, csv: bool) {
        let form = if csv { Form::Csv } else { Form::Ndjson };
        let export = Export { filter, oldest, form };
        prop_assert_eq!(Export::parse(&export.to_query()).unwrap(), export);
    }

    #[test]
    fn anything_is_answered(query in "[a-z=&%+.0-9]{0,40}") {
        let _ = Export::parse(&query);
    }

    #[test]
    fn whatever_pages_are_called_a_line_is_a_session(names in prop::collection::vec("(=|\\+|-|@|\t|\r|\n|,|\"|a|ä){0,6}", 0..5)) {
        let rows: Vec<SessionRow> = names.iter().map(|name| SessionRow {
            entry: name.clone(),
            users: vec![name.clone()],
            referrer: Some(name.clone()),
            ..row(7, 1)
        }).collect();
        let lines = read(&written(Form::Csv, &rows));
        prop_assert_eq!(lines.len(), names.len() + 1);
        for line in &lines {
            prop_assert_eq!(line.len(), HEADS.len());
            for cell in line {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
            }
        }
        prop_assert_eq!(written(Form::Ndjson, &rows).lines().count(), names.len());
    }
}
