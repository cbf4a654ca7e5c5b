//! The panes beside the player, but for the activity: what the page wrote to its
//! console, requested, threw; how forms were filled in. As entries that one list shows.

use crate::model::captures::{Captures, Fault, Line, Request};
use crate::model::forms::{Field, Form};
use crate::model::text;
use core::ops::Range;
use sentiero_core::id::Millis;

/// Entries that are in the document at once.
pub const MOST: usize = 300;

/// A pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// What happened.
    #[default]
    Activity,
    /// What the page wrote to the console.
    Console,
    /// What it requested.
    Network,
    /// What it threw.
    Errors,
    /// How forms were filled in.
    Forms,
    /// All that is known of the session.
    Details,
}

impl Pane {
    /// Every pane, in order.
    pub const ALL: [Self; 6] = [
        Self::Activity,
        Self::Console,
        Self::Network,
        Self::Errors,
        Self::Forms,
        Self::Details,
    ];

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Activity => "Activity",
            Self::Console => "Console",
            Self::Network => "Network",
            Self::Errors => "Errors",
            Self::Forms => "Forms",
            Self::Details => "Details",
        }
    }

    /// What is looked through by its field.
    pub fn searched(self) -> &'static str {
        match self {
            Self::Activity => "Search the activity",
            Self::Console => "Search the console",
            Self::Network => "Search the requests",
            Self::Errors => "Search the errors",
            Self::Forms => "Search the forms",
            Self::Details => "Search the details",
        }
    }

    /// For the markup.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Console => "console",
            Self::Network => "network",
            Self::Errors => "errors",
            Self::Forms => "forms",
            Self::Details => "details",
        }
    }

    /// What to say where there is nothing: what it would take.
    pub fn empty(self) -> &'static str {
        match self {
            Self::Console => {
                "No console lines on this page load. They are recorded if the tag says data-capture-console."
            }
            Self::Network => {
                "No requests on this page load. They are recorded if the tag says data-capture-network: address, status and duration, never what was in them."
            }
            Self::Errors => {
                "No errors on this page load. They are recorded if the tag says data-capture-errors."
            }
            Self::Forms => "No form was filled in on this page load.",
            Self::Activity | Self::Details => "",
        }
    }

    /// How many entries it has; none where that is no question.
    pub fn count(self, captures: &Captures, forms: &[Form]) -> Option<usize> {
        let count = match self {
            Self::Console => captures.console.len(),
            Self::Network => captures.network.len(),
            Self::Errors => captures.errors.len(),
            Self::Forms => forms.iter().map(|form| form.fields.len()).sum(),
            Self::Activity | Self::Details => 0,
        };
        (count > 0).then_some(count)
    }

    /// Its entries, in order of time (fields: by form).
    pub fn entries(self, captures: &Captures, forms: &[Form]) -> Vec<Entry> {
        match self {
            Self::Console => captures.console.iter().map(line).collect(),
            Self::Network => captures.network.iter().map(request).collect(),
            Self::Errors => captures.errors.iter().map(fault).collect(),
            Self::Forms => (1..)
                .zip(forms)
                .flat_map(|(number, form)| self::form(number, form))
                .collect(),
            Self::Activity | Self::Details => Vec::new(),
        }
    }
}

/// How an entry stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It does not.
    Plain,
    /// It heads what follows.
    Head,
    /// To be looked at.
    Warn,
    /// Something went wrong.
    Bad,
}

impl Tone {
    /// For the markup.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Head => "head",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// One entry of a pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Millis,
    /// How it stands out.
    pub tone: Tone,
    /// What it says.
    pub label: String,
    /// What else is known.
    pub detail: String,
    /// The error that it tells, whose stack is folded away at first.
    pub fault: Option<Fault>,
    /// A short word at the end.
    pub badge: String,
}

/// Those of `entries` that hold every word of `query`.
pub fn matching(entries: Vec<Entry>, query: &str) -> Vec<Entry> {
    let words: Vec<String> = query
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if words.is_empty() {
        return entries;
    }
    let holds = |entry: &Entry| {
        let stack = entry.fault.as_ref().map_or("", |fault| &fault.stack);
        let said = [&entry.label, &entry.detail, stack, &entry.badge];
        let said = said.map(str::to_lowercase).join(" ");
        words.iter().all(|word| said.contains(word.as_str()))
    };
    entries.into_iter().filter(holds).collect()
}

/// Which of `entries` are in the document: some around the one at `at`.
pub fn window(entries: &[Entry], at: Millis) -> Range<usize> {
    let begun = entries
        .iter()
        .rposition(|entry| entry.at <= at)
        .unwrap_or(0);
    let start = begun
        .saturating_sub(MOST / 2)
        .min(entries.len().saturating_sub(MOST));
    // In steps, so that the list stays while the playhead moves a little.
    let start = start / (MOST / 4) * (MOST / 4);
    start..(start + MOST).min(entries.len())
}

fn left_out(count: u64, word: &str) -> String {
    if count == 0 {
        String::new()
    } else {
        format!(
            "{} left out before: too many at once",
            text::plural(count, word)
        )
    }
}

fn joined(parts: &[String]) -> String {
    let said = parts.iter().filter(|part| !part.is_empty());
    said.map(String::as_str).collect::<Vec<_>>().join(" · ")
}

fn line(line: &Line) -> Entry {
    let tone = match line.level.as_str() {
        "error" => Tone::Bad,
        "warn" => Tone::Warn,
        _ => Tone::Plain,
    };
    Entry {
        at: line.at,
        tone,
        label: if line.text.is_empty() {
            "(nothing)".to_owned()
        } else {
            line.text.clone()
        },
        detail: left_out(line.skipped, "line"),
        fault: None,
        badge: line.level.clone(),
    }
}

fn request(request: &Request) -> Entry {
    let address = text::address(&request.url);
    let status = request.status.map(|status| status.to_string());
    let bytes = request.bytes.map(text::bytes).unwrap_or_default();
    let duration = format!("{} ms", text::number(request.duration));
    Entry {
        at: request.at,
        tone: if request.failed() {
            Tone::Bad
        } else {
            Tone::Plain
        },
        label: address.path,
        detail: joined(&[
            request.kind.clone(),
            duration,
            bytes,
            address.host,
            left_out(request.skipped, "request"),
        ]),
        fault: None,
        badge: status.unwrap_or_else(|| "no status".to_owned()),
    }
}

fn fault(fault: &Fault) -> Entry {
    let kind = if fault.rejection {
        "promise nobody caught"
    } else {
        ""
    };
    Entry {
        at: fault.at,
        tone: Tone::Bad,
        label: fault.message.clone(),
        detail: joined(&[
            fault.place.clone(),
            kind.to_owned(),
            left_out(fault.skipped, "error"),
        ]),
        fault: Some(fault.clone()),
        badge: if fault.count > 1 {
            format!("×{}", fault.count)
        } else {
            String::new()
        },
    }
}

fn form(number: usize, form: &Form) -> Vec<Entry> {
    let count = form.fields.len();
    let fields = text::plural(u64::try_from(count).unwrap_or(u64::MAX), "field");
    let sent = match form.sent.len() {
        _ if form.loose => String::new(),
        0 => "not sent, as far as is known".to_owned(),
        1 => "sent".to_owned(),
        times => format!("sent {times} times"),
    };
    let head = Entry {
        at: form.fields.first().map_or(0, |field| field.at),
        tone: Tone::Head,
        label: match form.name.as_str() {
            _ if form.loose => "Fields outside of forms".to_owned(),
            "" => format!("Form {number}"),
            name => format!("Form “{name}”"),
        },
        detail: joined(&[format!("{fields} touched"), sent]),
        fault: None,
        badge: String::new(),
    };
    let fields = (1..)
        .zip(&form.fields)
        .map(|(place, field)| entry(place, count, field));
    core::iter::once(head).chain(fields).collect()
}

fn entry(place: usize, count: usize, field: &Field) -> Entry {
    let refills = match field.refills {
        0 => String::new(),
        1 => "came back once".to_owned(),
        times => format!("came back {times} times"),
    };
    // Of a field that was filled in at once nothing can be said.
    let spent = if field.spent < 100 {
        String::new()
    } else {
        format!("{} on it", seconds(field.spent))
    };
    let next = field
        .next
        .map(|next| format!("{} to the next", seconds(next)));
    Entry {
        at: field.at,
        tone: if field.refills > 1 {
            Tone::Warn
        } else {
            Tone::Plain
        },
        label: field.name.clone(),
        detail: joined(&[spent, refills, next.unwrap_or_default()]),
        fault: None,
        badge: format!("Field {place} of {count}"),
    }
}

/// `0.4s`, `12.0s`.
fn seconds(length: Millis) -> String {
    format!("{}.{}s", length / 1_000, length % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entries: &[Entry]) -> Vec<String> {
        let entry = |entry: &Entry| {
            let Entry {
                at,
                tone,
                label,
                detail,
                fault,
                badge,
            } = entry;
            let more = fault.as_ref().map_or("", |fault| &fault.stack);
            format!("{at} {} {label} ({detail}) [{badge}] {more}", tone.slug())
        };
        entries.iter().map(entry).collect()
    }

    fn captures() -> Captures {
        let mut captures = Captures::default();
        for (at, tag, payload) in [
            (
                1,
                "__console",
                r#"{"level":"warn","args":["low"],"skipped":2}"#,
            ),
            (2, "__console", r#"{"level":"log","args":[]}"#),
            (
                3,
                "__network",
                r#"{"url":"https://api.example/cart","type":"fetch","status":503,"start":3,"duration":1204,"bytes":2048}"#,
            ),
            (4, "__network", r#"{"url":"/x","type":"img","duration":3}"#),
            (
                5,
                "error",
                r#"{"message":"x is null","source":"app.js","lineno":12,"stack":"at f","count":10}"#,
            ),
            (
                6,
                "error",
                r#"{"message":"no","type":"unhandledrejection","skipped":1}"#,
            ),
        ] {
            captures.event(at, tag, payload.as_bytes());
        }
        captures
    }

    #[test]
    fn says_what_the_page_said() {
        let captures = captures();
        let entries = |pane: Pane| shown(&pane.entries(&captures, &[]));
        assert_eq!(
            entries(Pane::Console),
            [
                "1 warn low (2 lines left out before: too many at once) [warn] ",
                "2 plain (nothing) () [log] "
            ]
        );
        assert_eq!(
            entries(Pane::Network),
            [
                "3 bad /cart (fetch · 1,204 ms · 2.0 KB · api.example) [503] ",
                "4 plain /x (img · 3 ms) [no status] "
            ]
        );
        assert_eq!(
            entries(Pane::Errors),
            [
                "5 bad x is null (app.js:12) [×10] at f",
                "6 bad no (promise nobody caught · 1 error left out before: too many at once) [] "
            ]
        );
    }

    #[test]
    fn says_how_forms_were_filled_in() {
        let field = |name: &str, at, refills, next| Field {
            name: name.to_owned(),
            at,
            spent: 2_340,
            refills,
            next,
        };
        let forms = [
            Form {
                name: "checkout".to_owned(),
                fields: vec![field("Email", 5, 0, Some(640)), field("Card", 9, 2, None)],
                sent: vec![90],
                loose: false,
            },
            Form {
                name: String::new(),
                fields: vec![field("Search", 2, 1, None)],
                sent: Vec::new(),
                loose: true,
            },
            Form {
                name: String::new(),
                fields: vec![field("Note", 3, 0, None)],
                sent: Vec::new(),
                loose: false,
            },
        ];
        assert_eq!(
            shown(&Pane::Forms.entries(&Captures::default(), &forms)),
            [
                "5 head Form “checkout” (2 fields touched · sent) [] ",
                "5 plain Email (2.3s on it · 0.6s to the next) [Field 1 of 2] ",
                "9 warn Card (2.3s on it · came back 2 times) [Field 2 of 2] ",
                "2 head Fields outside of forms (1 field touched) [] ",
                "2 plain Search (2.3s on it · came back once) [Field 1 of 1] ",
                "3 head Form 3 (1 field touched · not sent, as far as is known) [] ",
                "3 plain Note (2.3s on it) [Field 1 of 1] ",
            ]
        );
        assert_eq!(Pane::Forms.count(&Captures::default(), &forms), Some(4));
    }

    #[test]
    fn finds_words() {
        let found = |query| matching(Pane::Network.entries(&captures(), &[]), query).len();
        assert_eq!(
            (
                found(""),
                found("CART 503"),
                found("cart img"),
                found("api.example")
            ),
            (2, 1, 0, 1)
        );
    }

    #[test]
    fn shows_some_around_the_playhead() {
        let entry = |at| Entry {
            at,
            tone: Tone::Plain,
            label: String::new(),
            detail: String::new(),
            fault: None,
            badge: String::new(),
        };
        let entries: Vec<Entry> = (0..1_000).map(entry).collect();
        assert_eq!(window(&entries, 0), 0..300);
        assert_eq!(window(&entries, 500), 300..600);
        assert_eq!(window(&entries, 999), 675..975);
        assert_eq!(window(&entries[..10], 999), 0..10);
        assert_eq!(window(&[], 5), 0..0);
    }
}
