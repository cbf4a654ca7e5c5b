//! The session list as a file: CSV or JSON, written page by page as it is read.

use crate::model::report::export::field;
use sentiero_core::api::SessionRow;
use sentiero_core::day::{DAY, Day};
use sentiero_core::id::Millis;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180, harmless in a spreadsheet, see [`field`].
    Csv,
    /// An array of rows as the API has them.
    Json,
}

impl Form {
    /// How a file of it ends.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// Its media type.
    pub fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
        }
    }
}

/// A file that is being written.
#[derive(Clone, Debug)]
pub struct File {
    form: Form,
    text: String,
    rows: u64,
}

/// The columns of CSV.
const HEADS: [&str; 24] = [
    "Session",
    "Started (UTC)",
    "Duration (ms)",
    "Active time (ms)",
    "Live",
    "Users",
    "Country",
    "Region",
    "Time zone",
    "Device",
    "Browser",
    "Operating system",
    "Entry page",
    "Exit page",
    "Referrer",
    "Page views",
    "Page loads",
    "Events",
    "Clicks",
    "Errors",
    "Rage",
    "Dead clicks",
    "Custom events",
    "Metadata",
];

impl File {
    /// An empty one.
    pub fn new(form: Form) -> Self {
        let text = match form {
            Form::Csv => format!("{}\r\n", HEADS.join(",")),
            Form::Json => "[".to_owned(),
        };
        Self {
            form,
            text,
            rows: 0,
        }
    }

    /// Writes the next page of the list.
    pub fn add(&mut self, rows: &[SessionRow]) {
        for row in rows {
            match self.form {
                Form::Csv => {
                    self.text.push_str(&cells(row).join(","));
                    self.text.push_str("\r\n");
                }
                Form::Json => {
                    let between = if self.rows == 0 { "\n" } else { ",\n" };
                    self.text.push_str(between);
                    // A row consists of texts and numbers, which can all be written.
                    self.text
                        .push_str(&serde_json::to_string(row).unwrap_or_default());
                }
            }
            self.rows += 1;
        }
    }

    /// How many rows are in it.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The whole file.
    pub fn end(mut self) -> Vec<u8> {
        if self.form == Form::Json {
            self.text.push_str("\n]\n");
        }
        self.text.into_bytes()
    }
}

fn cells(row: &SessionRow) -> [String; HEADS.len()] {
    let text = |text: &Option<String>| field(text.as_deref().unwrap_or_default());
    let list = |list: &[String]| field(&list.join("; "));
    let meta = row.meta.iter().map(|(key, value)| format!("{key}={value}"));
    let meta: Vec<String> = meta.collect();
    [
        field(row.sid.as_str()),
        instant(row.started),
        row.duration.to_string(),
        row.active.to_string(),
        if row.live { "yes" } else { "no" }.to_owned(),
        list(&row.users),
        text(&row.country),
        text(&row.region),
        text(&row.timezone),
        text(&row.device),
        text(&row.browser),
        text(&row.os),
        field(&row.entry),
        field(&row.exit),
        text(&row.referrer),
        row.pages.to_string(),
        row.tabs.to_string(),
        row.events.to_string(),
        row.clicks.to_string(),
        row.errors.to_string(),
        row.rage.to_string(),
        row.dead.to_string(),
        list(&row.named),
        list(&meta),
    ]
}

/// An instant as ISO 8601 has it: `2026-11-27T09:05:00.250Z`.
fn instant(at: Millis) -> String {
    let rest = at % DAY;
    format!(
        "{}T{:02}:{:02}:{:02}.{:03}Z",
        Day::of(at),
        rest / 3_600_000,
        rest / 60_000 % 60,
        rest / 1_000 % 60,
        rest % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::tests::row;
    use crate::model::report::export::tests::read;
    use proptest::prelude::*;

    fn written(form: Form, pages: &[Vec<SessionRow>]) -> String {
        let mut file = File::new(form);
        for page in pages {
            file.add(page);
        }
        let rows: usize = pages.iter().map(Vec::len).sum();
        assert_eq!(file.rows(), u64::try_from(rows).unwrap());
        String::from_utf8(file.end()).unwrap()
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
        let lines = read(&written(Form::Csv, &[vec![one.clone()]]));
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
    fn json_is_what_the_api_gave_page_by_page() {
        let pages = [vec![row(1, 2), row(3, 4)], vec![], vec![row(5, 6)]];
        let text = written(Form::Json, &pages);
        let again: Vec<SessionRow> = serde_json::from_str(&text).unwrap();
        assert_eq!(again, pages.concat());
        let none: Vec<SessionRow> = serde_json::from_str(&written(Form::Json, &[])).unwrap();
        assert_eq!(none, []);
        assert_eq!(
            (Form::Json.ending(), Form::Json.media()),
            ("json", "application/json")
        );
    }

    proptest! {
        #[test]
        fn whatever_pages_are_called_a_line_is_a_session(names in prop::collection::vec("(=|\\+|-|@|\t|\r|\n|,|\"|a|ä){0,6}", 0..5)) {
            let rows = names.iter().map(|name| SessionRow {
                entry: name.clone(),
                users: vec![name.clone()],
                referrer: Some(name.clone()),
                ..row(7, 1)
            });
            let lines = read(&written(Form::Csv, &[rows.collect()]));
            prop_assert_eq!(lines.len(), names.len() + 1);
            for line in &lines {
                prop_assert_eq!(line.len(), HEADS.len());
                for cell in line {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
                }
            }
        }
    }
}
