//! What the page itself said, from the custom events of the recorder's captures
//! (docs/protocol.md, "Captured events"): its console, its requests, its errors,
//! its web vitals, and the facts of the visit.
//!
//! Recordings are untrusted: a payload that does not read is left out, and every
//! list has a limit.

use crate::model::activity::{float, push_up_to, string, whole};
use crate::model::pack::{pack_fields, pack_names};
use crate::model::text;
use sentiero_core::analytics::facts::Vital as Believed;
use sentiero_core::event::DROPPED_TAG;
use sentiero_core::id::Millis;
use sentiero_core::json::{self, Reader, Token};
use sentiero_core::mask::UNMASKED;

/// Entries of one list. The recorder throttles itself to far less.
const MOST: usize = 20_000;
/// Characters of a line.
const LINE: usize = 4_096;
/// Facts of a visit.
const FACTS: usize = 60;

/// A line of the page's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, by the visitor's clock.
    pub at: Millis,
    /// `error`, `warn`, `info`, `log` or `debug`.
    pub level: String,
    /// Its arguments, as a console shows them.
    pub text: String,
    /// Lines that were left out before it, because they came too fast.
    pub skipped: u64,
}

/// A request of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it began, by the visitor's clock.
    pub at: Millis,
    /// Its address, cut as the site says.
    pub url: String,
    /// What made it: `fetch`, `img`, …
    pub kind: String,
    /// HTTP status; none: of another origin that does not say, or it failed.
    pub status: Option<u64>,
    /// How long it took, ms.
    pub duration: Millis,
    /// Bytes as transferred, if the origin says.
    pub bytes: Option<u64>,
    /// Requests that were left out before it.
    pub skipped: u64,
}

impl Request {
    /// It certainly went wrong.
    pub fn failed(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }
}

/// An error that nothing in the page caught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// When, by the visitor's clock.
    pub at: Millis,
    /// What it says.
    pub message: String,
    /// `app.js:12:7`, as far as it is known.
    pub place: String,
    /// Its stack; empty if there is none.
    pub stack: String,
    /// A promise was rejected and nothing handled it.
    pub rejection: bool,
    /// How often it had come by then.
    pub count: u64,
    /// Errors that were left out before it.
    pub skipped: u64,
}

/// A web vital, as it was last told.
#[derive(Clone, Debug, PartialEq)]
pub struct Vital {
    /// `LCP`, `INP`, `CLS`, `FCP` or `TTFB`.
    pub name: String,
    /// ms; of `CLS` a number.
    pub value: f64,
    /// What Google's thresholds say.
    pub rating: Rating,
    /// When it was told.
    pub at: Millis,
}

/// How good a web vital is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// Good.
    Good,
    /// Needs improvement.
    Fair,
    /// Poor.
    Poor,
}

impl Rating {
    /// For the markup.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "needs improvement",
            Self::Poor => "poor",
        }
    }
}

impl Vital {
    /// With its unit: `1,204 ms`, `0.043`.
    pub fn shown(&self) -> String {
        if self.name == "CLS" {
            let thousandths = super::number::whole(self.value * 1_000.0);
            format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
        } else {
            format!("{} ms", text::number(super::number::whole(self.value)))
        }
    }

    /// What the letters stand for.
    pub fn meaning(&self) -> &'static str {
        match self.name.as_str() {
            "LCP" => "Largest Contentful Paint: when the main content was there",
            "INP" => "Interaction to Next Paint: how long the page took to answer",
            "CLS" => "Cumulative Layout Shift: how much the page jumped",
            "FCP" => "First Contentful Paint: when something was to be seen",
            "TTFB" => "Time to First Byte: how long the server took",
            _ => "",
        }
    }
}

/// What the recorder says that it left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Events of pages that were left before they could be uploaded.
    pub lost: u64,
    /// Events that were too large or damaged.
    pub dropped: u64,
    /// Changes of parts that changed too fast.
    pub stormed: u64,
    /// How often recording stopped because nobody acted.
    pub rests: u64,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Captures {
    /// Lines of the console, in order of time.
    pub console: Vec<Line>,
    /// Requests, in order of their start.
    pub network: Vec<Request>,
    /// Errors, in order of time.
    pub errors: Vec<Fault>,
    /// Web vitals.
    pub vitals: Vec<Vital>,
    /// What the browser and the page said of the visit; the last word counts.
    pub facts: Vec<(String, String)>,
    /// What is missing, by the recorder's own account.
    pub left_out: LeftOut,
    /// The captures that left a trace, by the name of their tag.
    pub seen: Vec<String>,
}

impl Captures {
    /// Takes in a custom event. Whether it is one that only these lists show.
    pub fn event(&mut self, at: Millis, tag: &str, payload: &[u8]) -> bool {
        let told = |key| string(payload, key).map(|text| text::shorten(&text, LINE));
        let skipped = whole(payload, "skipped").unwrap_or(0);
        match tag {
            "__console" => push(
                &mut self.console,
                Line {
                    at,
                    level: told("level").unwrap_or_else(|| "log".to_owned()),
                    text: arguments(json::get(payload, "args").unwrap_or_default()),
                    skipped,
                },
            ),
            "__network" => {
                let Some(url) = told("url") else { return true };
                push(
                    &mut self.network,
                    Request {
                        at: whole(payload, "start").unwrap_or(at),
                        url,
                        kind: told("type").unwrap_or_default(),
                        status: whole(payload, "status").filter(|status| *status > 0),
                        duration: whole(payload, "duration").unwrap_or(0),
                        bytes: whole(payload, "bytes").filter(|bytes| *bytes > 0),
                        skipped,
                    },
                );
            }
            "__perf" => self.vital(at, payload),
            "error" => {
                self.fault(at, payload, skipped);
                return false;
            }
            "sentiero:environment" | "sentiero:metadata" => self.facts(payload),
            "sentiero:identify" => {
                if let Some(id) = told("id") {
                    self.fact("user".to_owned(), id);
                }
            }
            "sentiero:lost" | "sentiero:storm" | "sentiero:idle" | DROPPED_TAG => {
                self.left_out(tag, payload);
                return false;
            }
            _ => return false,
        }
        self.trace(tag);
        true
    }

    /// The same, each list in order.
    #[must_use]
    pub fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        sorted.console.sort_by_key(|line| line.at);
        sorted.network.sort_by_key(|request| request.at);
        sorted.errors.sort_by_key(|fault| fault.at);
        let order = ["LCP", "INP", "CLS", "FCP", "TTFB"];
        sorted
            .vitals
            .sort_by_key(|vital| order.iter().position(|name| *name == vital.name));
        sorted
    }

    /// Adds errors of the site's server.
    pub fn add_of_server(&mut self, errors: Vec<Fault>) {
        if errors.is_empty() {
            return;
        }
        self.errors.extend(errors);
        self.errors.sort_by_key(|fault| fault.at);
        self.trace("error");
    }

    fn left_out(&mut self, tag: &str, payload: &[u8]) {
        let LeftOut {
            lost,
            dropped,
            stormed,
            rests,
        } = &mut self.left_out;
        let (count, by) = match tag {
            "sentiero:lost" => (lost, whole(payload, "events").unwrap_or(0)),
            "sentiero:storm" => (stormed, whole(payload, "left").unwrap_or(0)),
            "sentiero:idle" => (rests, 1),
            _ => (dropped, 1),
        };
        *count = count.saturating_add(by);
    }

    fn trace(&mut self, tag: &str) {
        if !self.seen.iter().any(|seen| seen == tag) {
            self.seen.push(tag.to_owned());
        }
    }

    fn fault(&mut self, at: Millis, payload: &[u8], skipped: u64) {
        let told = |key| string(payload, key).unwrap_or_default();
        let source = told("source");
        let mut place = text::shorten(&source, LINE);
        for key in ["lineno", "colno"] {
            if let Some(number) = whole(payload, key).filter(|_| !source.is_empty()) {
                place = format!("{place}:{number}");
            }
        }
        let message = match told("kind") {
            kind if kind.is_empty() => told("message"),
            kind => format!("{kind}: {}", told("message")),
        };
        let message = text::shorten(&message, LINE);
        push(
            &mut self.errors,
            Fault {
                at,
                message: if message.is_empty() {
                    "Error without a message".to_owned()
                } else {
                    message
                },
                place,
                stack: text::shorten(&told("stack"), LINE),
                rejection: told("type") == "unhandledrejection",
                count: whole(payload, "count").unwrap_or(1).max(1),
                skipped,
            },
        );
        self.trace("error");
    }

    fn vital(&mut self, at: Millis, payload: &[u8]) {
        let (Some(name), Some(value)) = (string(payload, "metric"), float(payload, "value")) else {
            return;
        };
        // What core believes, and of two values at one moment the one that it keeps.
        if Believed::of(&name, value).is_none() {
            return;
        }
        let rating = match string(payload, "rating").as_deref() {
            Some("good") => Rating::Good,
            Some("poor") => Rating::Poor,
            _ => Rating::Fair,
        };
        let vital = Vital {
            name,
            value,
            rating,
            at,
        };
        match self
            .vitals
            .iter_mut()
            .find(|known| known.name == vital.name)
        {
            Some(known) if is_later(&vital, known) => *known = vital,
            Some(_) => {}
            None => self.vitals.push(vital),
        }
    }

    fn facts(&mut self, payload: &[u8]) {
        for (key, value) in json::fields(payload) {
            let key = plain(&String::from_utf8_lossy(&json::unescape(key)));
            let value = spoken(value);
            if !value.is_empty() {
                self.fact(text::shorten(&key, 64), text::shorten(&value, 256));
            }
        }
    }

    fn fact(&mut self, key: String, value: String) {
        if let Some(known) = self.facts.iter_mut().find(|(known, _)| *known == key) {
            known.1 = value;
        } else if self.facts.len() < FACTS {
            self.facts.push((key, value));
        }
    }
}

/// Whether `told` stands in the place of `known`: it came later, or at the same moment and is
/// more.
fn is_later(told: &Vital, known: &Vital) -> bool {
    (told.at, told.value) >= (known.at, known.value)
}

pack_fields!(Line {
    at,
    level,
    text,
    skipped
});
pack_fields!(Request {
    at,
    url,
    kind,
    status,
    duration,
    bytes,
    skipped
});
pack_fields!(Fault {
    at,
    message,
    place,
    stack,
    rejection,
    count,
    skipped
});
pack_fields!(Vital {
    name,
    value,
    rating,
    at
});
pack_names!(Rating { Good, Fair, Poor });
pack_fields!(LeftOut {
    lost,
    dropped,
    stormed,
    rests
});
pack_fields!(Captures {
    console,
    network,
    errors,
    vitals,
    facts,
    left_out,
    seen
});

fn push<T>(list: &mut Vec<T>, entry: T) {
    push_up_to(MOST, list, entry);
}

/// Without the mark of what may be shown.
fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != UNMASKED).collect()
}

/// A value as a console shows it: texts without quotes, all else as JSON.
fn spoken(value: &[u8]) -> String {
    match json::string(value) {
        Some(text) => plain(&text),
        None => plain(core::str::from_utf8(value).unwrap_or_default()).replace("\\u2063", ""),
    }
}

/// The values of an array, side by side.
fn arguments(array: &[u8]) -> String {
    let shown: Vec<String> = items(array).into_iter().map(spoken).collect();
    text::shorten(&shown.join(" "), LINE)
}

/// The values of an array; those before the place where it does not read.
fn items(array: &[u8]) -> Vec<&[u8]> {
    let mut items = Vec::new();
    let Ok(mut reader) = Reader::new(array) else {
        return items;
    };
    if reader.next() != Ok(Token::Array) {
        return items;
    }
    let mut start = 0;
    while let Ok(token) = reader.next() {
        match token {
            Token::String | Token::Number | Token::Word if reader.depth() == 1 => {
                items.push(reader.slice(reader.span()));
            }
            Token::Object | Token::Array if reader.depth() == 2 => start = reader.at() - 1,
            Token::Close if reader.depth() == 1 => {
                items.push(array.get(start..reader.at()).unwrap_or_default());
            }
            Token::End => break,
            _ => {}
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(events: &[(Millis, &str, &str)]) -> Captures {
        let mut captures = Captures::default();
        for (at, tag, payload) in events {
            captures.event(*at, tag, payload.as_bytes());
        }
        captures.sorted()
    }

    #[test]
    fn console_lines_read_as_in_a_console() {
        let captures = read(&[
            (
                5,
                "__console",
                r#"{"level":"warn","args":["cart",{"items":2,"token":"•••••"},[1,"x"],null,3.5],"skipped":4}"#,
            ),
            (
                2,
                "__console",
                r#"{"level":"error","args":["\u2063Shown"]}"#,
            ),
            (9, "__console", r#"{"args":7}"#),
        ]);
        let shown: Vec<_> = captures
            .console
            .iter()
            .map(|line| {
                (
                    line.at,
                    line.level.as_str(),
                    line.text.as_str(),
                    line.skipped,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (2, "error", "Shown", 0),
                (
                    5,
                    "warn",
                    r#"cart {"items":2,"token":"•••••"} [1,"x"] null 3.5"#,
                    4
                ),
                (9, "log", "", 0),
            ]
        );
    }

    #[test]
    fn requests_by_their_start() {
        let captures = read(&[
            (
                90,
                "__network",
                r#"{"url":"/b","type":"fetch","status":503,"start":80,"duration":10,"bytes":0}"#,
            ),
            (
                95,
                "__network",
                r#"{"url":"/a","type":"img","start":40,"duration":55,"bytes":1200}"#,
            ),
            (96, "__network", r#"{"type":"img"}"#),
        ]);
        let shown: Vec<_> = captures
            .network
            .iter()
            .map(|request| {
                (
                    request.at,
                    request.url.as_str(),
                    request.status,
                    request.bytes,
                    request.failed(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                (40, "/a", None, Some(1_200), false),
                (80, "/b", Some(503), None, true)
            ]
        );
    }

    #[test]
    fn errors_say_where() {
        let captures = read(&[
            (
                1,
                "error",
                r#"{"message":"x is null","source":"app.js","lineno":12,"colno":7,"stack":"at a\nat b"}"#,
            ),
            (
                2,
                "error",
                r#"{"message":"no","type":"unhandledrejection","lineno":3,"count":10,"skipped":2}"#,
            ),
            (3, "error", "{}"),
        ]);
        let shown: Vec<_> = captures
            .errors
            .iter()
            .map(|fault| {
                (
                    fault.message.as_str(),
                    fault.place.as_str(),
                    fault.rejection,
                    fault.count,
                    fault.skipped,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("x is null", "app.js:12:7", false, 1, 0),
                ("no", "", true, 10, 2),
                ("Error without a message", "", false, 1, 0),
            ]
        );
    }

    #[test]
    fn the_last_word_of_a_vital_counts() {
        let captures = read(&[
            (
                9,
                "__perf",
                r#"{"metric":"CLS","value":0.0432,"rating":"good"}"#,
            ),
            (
                4,
                "__perf",
                r#"{"metric":"CLS","value":0.9,"rating":"poor"}"#,
            ),
            (
                5,
                "__perf",
                r#"{"metric":"LCP","value":2604,"rating":"needs-improvement"}"#,
            ),
            (5, "__perf", r#"{"metric":"XYZ","value":1,"rating":"good"}"#),
            (
                6,
                "__perf",
                r#"{"metric":"INP","value":-1,"rating":"good"}"#,
            ),
        ]);
        let shown: Vec<_> = captures
            .vitals
            .iter()
            .map(|vital| format!("{} {} {}", vital.name, vital.shown(), vital.rating.slug()))
            .collect();
        assert_eq!(shown, ["LCP 2,604 ms fair", "CLS 0.043 good"]);
    }

    #[test]
    fn facts_of_the_visit() {
        let captures = read(&[
            (
                1,
                "sentiero:environment",
                r#"{"language":"it","viewport":"1280x800","pixel_ratio":2,"utm_source":""}"#,
            ),
            (2, "sentiero:metadata", r#"{"plan":"free"}"#),
            (3, "sentiero:metadata", r#"{"plan":"pro","\"":true}"#),
            (4, "sentiero:identify", r#"{"id":"u-1"}"#),
        ]);
        let fact = |key: &str| {
            let found = captures.facts.iter().find(|(known, _)| known == key);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(fact("language"), Some("it"));
        assert_eq!(fact("pixel_ratio"), Some("2"));
        assert_eq!(fact("utm_source"), None);
        assert_eq!(fact("plan"), Some("pro"));
        assert_eq!(fact("user"), Some("u-1"));
    }

    #[test]
    fn only_errors_are_also_activity() {
        let mut captures = Captures::default();
        for (tag, only_here) in [
            ("__console", true),
            ("__network", true),
            ("__perf", true),
            ("sentiero:environment", true),
            ("error", false),
            ("paid", false),
        ] {
            assert_eq!(captures.event(1, tag, b"{}"), only_here, "{tag}");
        }
    }

    #[test]
    fn lists_end() {
        let mut captures = Captures::default();
        for at in 0..=20_000 {
            captures.event(at, "__console", b"{}");
        }
        assert_eq!(captures.console.len(), 20_000);
    }

    proptest! {
        #[test]
        fn never_panics(payload in "\\PC{0,120}", tag in "__console|__network|__perf|error|sentiero:metadata") {
            let mut captures = Captures::default();
            captures.event(1, &tag, payload.as_bytes());
            captures.event(1, &tag, format!("{{\"args\":{payload},\"url\":{payload}}}").as_bytes());
            let _ = captures.sorted();
        }

        #[test]
        fn items_are_the_values(values in prop::collection::vec(prop_oneof![Just("1"), Just("\"a,]\""), Just("{\"a\":[1]}"), Just("[[],{}]"), Just("null")], 0..8)) {
            let array = format!("[ {} ]", values.join(" , "));
            let found: Vec<_> = items(array.as_bytes()).into_iter().map(|item| core::str::from_utf8(item).unwrap()).collect();
            prop_assert_eq!(found, values);
        }
    }
}
