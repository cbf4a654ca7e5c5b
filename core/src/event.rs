//! The few fields that we read of an rrweb event; the rest stays opaque bytes.
//!
//! Numbers are rrweb's protocol (`@rrweb/types` 2.1.6, `EventType` and
//! `IncrementalSource`).

use crate::id::Millis;
use crate::json;
use crate::mask::UNMASKED;
use crate::text::{parse_decimal, parse_signed_decimal};
use alloc::string::String;
use alloc::vec::Vec;

const FULL_SNAPSHOT: u8 = 2;
const INCREMENTAL: u8 = 3;
const META: u8 = 4;
const CUSTOM: u8 = 5;
const MUTATION: u8 = 0;
const MOUSE_MOVE: u8 = 1;
const MOUSE_INTERACTION: u8 = 2;
const SCROLL: u8 = 3;
const VIEWPORT_RESIZE: u8 = 4;
const INPUT: u8 = 5;
const TOUCH_MOVE: u8 = 6;
const LOG: u8 = 11;
const DRAG: u8 = 12;
const SELECTION: u8 = 14;
const CLICK: u8 = 2;
const FOCUS: u8 = 5;
const BLUR: u8 = 6;
const TOUCH_START: u8 = 7;

/// The tag of the custom event that stands in the place of one that was not
/// well-formed, so that indexes go on without a hole.
pub const DROPPED_TAG: &str = "sentiero:dropped";

/// The tag of the custom event by which a page says whose visit it is.
pub const IDENTIFY_TAG: &str = "sentiero:identify";

/// The tag of the custom event by which a page says more of a visit.
pub const METADATA_TAG: &str = "sentiero:metadata";

/// What an event is, as far as we need to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A full snapshot: replay can start here.
    FullSnapshot {
        /// The document's node.
        root: u64,
        /// How far it was scrolled, px from the left and from the top.
        scrolled: (i32, i32),
    },
    /// A page's address, sent with each full snapshot and each route change.
    Meta {
        /// The address.
        href: String,
        /// The window's width and height, px; 0 if it is not told.
        size: (u32, u32),
    },
    /// A click, also that of a tap.
    Click {
        /// What was clicked.
        node: u64,
        /// Where in the window, px.
        place: (i32, i32),
        /// Whether the browser itself does something for it (a field, media, a download);
        /// none if the recorder does not say.
        native: Option<bool>,
    },
    /// A finger came down.
    Tap {
        /// Where in the window, px.
        place: (i32, i32),
    },
    /// Something took the focus.
    Focus {
        /// What did.
        node: u64,
    },
    /// The visitor did something else by which the page need not change: moved the pointer,
    /// pressed a button.
    Deed {
        /// Where in the window the pointer was last, px; none if it is not told.
        place: Option<(i32, i32)>,
    },
    /// The visitor scrolled.
    Scrolled {
        /// What was scrolled.
        node: u64,
        /// How far, px from the left and from the top.
        to: (i32, i32),
    },
    /// The visitor filled in a field. What he entered is not read. Buttons of a group are not
    /// filled in when he chooses another one: rrweb tells of each that nobody triggered it.
    Input {
        /// The field.
        node: u64,
    },
    /// The visitor changed what the page shows in another way: selected text.
    Use,
    /// The window has another size.
    Resized {
        /// Its width and height, px.
        size: (u32, u32),
    },
    /// The page changed.
    Change,
    /// The page said whose visit it is.
    Identified {
        /// The id that it gave.
        user: String,
    },
    /// The page said more of the visit.
    Described {
        /// Names and values; numbers and truths as JSON writes them.
        meta: Vec<(String, String)>,
    },
    /// A custom event.
    Custom {
        /// Its tag.
        tag: String,
        /// What is read of its payload.
        said: Said,
    },
    /// Any other.
    Other,
}

/// What is read of a custom event's payload, by its tag.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Said {
    /// Nothing, or not what the tag promises.
    #[default]
    Nothing,
    /// Numbers of an event of the page's own: top-level fields, at most [`MAX_NUMBERS`].
    Numbers(Vec<(String, f64)>),
    /// An error.
    Error(Fault),
    /// The element that was clicked.
    Target {
        /// Its name.
        selector: String,
        /// Where in it, 0 to 1 of its width and height.
        share: (f64, f64),
    },
    /// The name of a form that was sent; its id if it has none.
    Submit(String),
    /// What a field of a form is called.
    Field {
        /// The field's node.
        node: u64,
        /// What tells it from others, for people, and what tells its form from others.
        names: [String; 3],
    },
    /// A web vital.
    Vital {
        /// Which.
        metric: String,
        /// Its value.
        value: f64,
    },
    /// `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `utm_content`; empty if not said.
    Campaign([String; 5]),
}

/// An error, as a page tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// Its class, where that is told apart from the message, as servers do; else empty.
    pub kind: String,
    /// Its message.
    pub message: String,
    /// Where it was thrown, as the browser writes it.
    pub stack: String,
    /// The file that threw it.
    pub source: String,
    /// It is a promise that nobody caught.
    pub rejected: bool,
    /// How often the page threw it until now; 0 if it does not say.
    pub count: u32,
    /// How many errors were left out before it.
    pub skipped: u32,
}

/// An event, as far as we need to know.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// Its time by the visitor's clock.
    pub at: Millis,
    /// What it is.
    pub kind: Kind,
}

impl EventView {
    /// Reads `event`; none if it is no rrweb event.
    pub fn read(event: &[u8]) -> Option<Self> {
        let [at, kind, data] = json::get_all(event, ["timestamp", "type", "data"]);
        let at = time(at?)?;
        let kind = small(kind?)?;
        let data = data.unwrap_or_default();
        let kind = match kind {
            FULL_SNAPSHOT => snapshot(data),
            META => text(data, "href").map_or(Kind::Other, |href| Kind::Meta {
                href,
                size: size(data),
            }),
            CUSTOM => text(data, "tag").map_or(Kind::Other, |tag| custom(tag, data)),
            INCREMENTAL => incremental(data),
            _ => Kind::Other,
        };
        Some(Self { at, kind })
    }
}

fn snapshot(data: &[u8]) -> Kind {
    let [node, offset] = json::get_all(data, ["node", "initialOffset"]);
    let root = node.and_then(|node| json::get(node, "id"));
    let [left, top] = json::get_all(offset.unwrap_or_default(), ["left", "top"]);
    Kind::FullSnapshot {
        root: root.and_then(parse_decimal).unwrap_or(DOCUMENT),
        scrolled: place(left, top).unwrap_or_default(),
    }
}

/// The node of a page's first document.
pub const DOCUMENT: u64 = 1;

/// Numbers that are read of a custom event.
pub const MAX_NUMBERS: usize = 8;

fn custom(tag: String, data: &[u8]) -> Kind {
    let payload = json::get(data, "payload").unwrap_or_default();
    let said = match tag.as_str() {
        IDENTIFY_TAG => match text(payload, "id") {
            Some(user) => return Kind::Identified { user },
            None => Said::Nothing,
        },
        METADATA_TAG => {
            return Kind::Described {
                meta: json::fields(payload).filter_map(described).collect(),
            };
        }
        "error" => Said::Error(fault(payload)),
        CLICK_TAG => target(payload),
        SUBMIT_TAG => {
            let name = text(payload, "name").filter(|name| !name.is_empty());
            Said::Submit(name.or_else(|| text(payload, "id")).unwrap_or_default())
        }
        FIELD_TAG => field(payload),
        VITAL_TAG => vital(payload),
        ENVIRONMENT_TAG => {
            Said::Campaign(CAMPAIGN.map(|key| text(payload, key).unwrap_or_default()))
        }
        _ => Said::Numbers(numbers(payload)),
    };
    Kind::Custom { tag, said }
}

/// The tag of the custom event that names a clicked element.
pub const CLICK_TAG: &str = "__click";

/// The tag of the custom event that says that a form was sent.
pub const SUBMIT_TAG: &str = "__form_submit";

/// The tag of the custom event that says what a field of a form is called.
pub const FIELD_TAG: &str = "__field";

/// The tag of the custom event with a web vital.
pub const VITAL_TAG: &str = "__perf";

/// The tag of the custom event by which the browser says what it is.
const ENVIRONMENT_TAG: &str = "sentiero:environment";

const CAMPAIGN: [&str; 5] = [
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
];

fn fault(payload: &[u8]) -> Fault {
    let keys = [
        "message", "stack", "source", "type", "count", "skipped", "kind",
    ];
    let [message, stack, source, how, count, skipped, kind] = json::get_all(payload, keys);
    let said = |raw: Option<&[u8]>| {
        let text = raw.and_then(json::string);
        text.map_or_else(String::new, alloc::borrow::Cow::into_owned)
    };
    let number = |raw: Option<&[u8]>| {
        let number = raw.and_then(parse_decimal).unwrap_or(0);
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    Fault {
        kind: said(kind),
        message: said(message),
        stack: said(stack),
        source: said(source),
        rejected: said(how) == "unhandledrejection",
        count: number(count),
        skipped: number(skipped),
    }
}

fn target(payload: &[u8]) -> Said {
    let [selector, x, y] = json::get_all(payload, ["selector", "x", "y"]);
    let share = |raw: Option<&[u8]>| raw.and_then(json::number).unwrap_or(0.0);
    match selector.and_then(json::string) {
        Some(selector) => Said::Target {
            selector: selector.into_owned(),
            share: (share(x), share(y)),
        },
        None => Said::Nothing,
    }
}

fn field(payload: &[u8]) -> Said {
    // Without the marks of what may be shown.
    let name = |key| text(payload, key).unwrap_or_default().replace(UNMASKED, "");
    match json::get(payload, "id").and_then(parse_decimal) {
        Some(node) => Said::Field {
            node,
            names: ["field", "text", "form"].map(name),
        },
        None => Said::Nothing,
    }
}

fn vital(payload: &[u8]) -> Said {
    let value = json::get(payload, "value").and_then(json::number);
    match (text(payload, "metric"), value) {
        (Some(metric), Some(value)) => Said::Vital { metric, value },
        _ => Said::Nothing,
    }
}

fn numbers(payload: &[u8]) -> Vec<(String, f64)> {
    let pairs = json::fields(payload).filter_map(|(key, value)| {
        let value = json::number(value)?;
        let key = String::from_utf8(json::unescape(key).into_owned()).ok()?;
        Some((key, value))
    });
    pairs.take(MAX_NUMBERS).collect()
}

/// One pair of metadata; none if its value is no text, number or truth.
fn described((key, value): (&[u8], &[u8])) -> Option<(String, String)> {
    let key = String::from_utf8(json::unescape(key).into_owned()).ok()?;
    let value = match value.first()? {
        b'"' => json::string(value)?.into_owned(),
        b'{' | b'[' | b'n' => return None,
        _ => String::from_utf8(value.to_vec()).ok()?,
    };
    Some((key, value))
}

fn incremental(data: &[u8]) -> Kind {
    let source = json::get(data, "source").and_then(small);
    match source {
        Some(MOUSE_INTERACTION) => interaction(data),
        Some(MOUSE_MOVE | TOUCH_MOVE | DRAG) => Kind::Deed {
            place: last_place(data),
        },
        Some(SCROLL) => {
            let [node, x, y] = json::get_all(data, ["id", "x", "y"]);
            Kind::Scrolled {
                node: node.and_then(parse_decimal).unwrap_or(DOCUMENT),
                to: place(x, y).unwrap_or_default(),
            }
        }
        Some(INPUT) => match json::get_all(data, ["id", "userTriggered"]) {
            // The other buttons of a group of which the visitor chose one.
            [_, Some(b"false")] => Kind::Use,
            [node, _] => {
                let node = node.and_then(parse_decimal);
                node.map_or(Kind::Use, |node| Kind::Input { node })
            }
        },
        Some(SELECTION) => Kind::Use,
        Some(VIEWPORT_RESIZE) => Kind::Resized { size: size(data) },
        Some(LOG) | None => Kind::Other,
        Some(MUTATION..) => Kind::Change,
    }
}

/// A whole number of pixels; a fraction is cut.
fn pixels(raw: &[u8]) -> Option<i32> {
    let whole = raw.split(|byte| *byte == b'.').next()?;
    i32::try_from(parse_signed_decimal(whole)?).ok()
}

fn place(x: Option<&[u8]>, y: Option<&[u8]>) -> Option<(i32, i32)> {
    Some((pixels(x?)?, pixels(y?)?))
}

fn size(data: &[u8]) -> (u32, u32) {
    let side = |raw: Option<&[u8]>| {
        let side = raw.and_then(pixels).unwrap_or(0);
        u32::try_from(side).unwrap_or(0)
    };
    let [width, height] = json::get_all(data, ["width", "height"]);
    (side(width), side(height))
}

/// Where the pointer was last, of the places that one event tells.
fn last_place(data: &[u8]) -> Option<(i32, i32)> {
    let positions = json::get(data, "positions")?;
    let open = positions.iter().rposition(|byte| *byte == b'{')?;
    let [x, y] = json::get_all(positions.get(open..)?, ["x", "y"]);
    place(x, y)
}

/// What the recorder writes as 1 or 0.
fn truth(raw: &[u8]) -> Option<bool> {
    match raw {
        b"1" => Some(true),
        b"0" => Some(false),
        _ => None,
    }
}

fn interaction(data: &[u8]) -> Kind {
    let [kind, node, x, y, native] = json::get_all(data, ["type", "id", "x", "y", "native"]);
    let node = node.and_then(parse_decimal).unwrap_or(0);
    let at = |raw: Option<&[u8]>| raw.and_then(pixels).unwrap_or(0);
    match kind.and_then(small) {
        Some(CLICK) => Kind::Click {
            node,
            place: (at(x), at(y)),
            native: native.and_then(truth),
        },
        Some(TOUCH_START) => Kind::Tap {
            place: (at(x), at(y)),
        },
        Some(FOCUS) => Kind::Focus { node },
        Some(BLUR) | None => Kind::Other,
        Some(_) => Kind::Deed { place: place(x, y) },
    }
}

/// Whether the JSON number `raw` may be an event's time.
pub(crate) fn is_time(raw: &[u8]) -> bool {
    // Fifteen digits are less than the last instant.
    (raw.len() <= 15 && raw.iter().all(u8::is_ascii_digit) && !raw.is_empty())
        || time(raw).is_some()
}

/// Whether the JSON number `raw` may be an event's type.
pub(crate) fn is_small(raw: &[u8]) -> bool {
    small(raw).is_some()
}

/// Whether [`EventView::read`] takes `event`: it has a type and a time.
pub fn is_event(event: &[u8]) -> bool {
    timestamp(event).is_some() && json::get(event, "type").and_then(small).is_some()
}

/// The latest instant that a browser's clock can show (ECMA-262, Time Values).
const LAST_INSTANT: Millis = 8_640_000_000_000_000;

/// The time of an event; a fraction of a millisecond, which some plugins add, is cut.
fn timestamp(event: &[u8]) -> Option<Millis> {
    time(json::get(event, "timestamp")?)
}

fn time(raw: &[u8]) -> Option<Millis> {
    let whole = raw.split(|byte| *byte == b'.').next()?;
    let no_exponent = !raw.iter().any(|byte| matches!(byte, b'e' | b'E'));
    parse_decimal(whole).filter(|at| no_exponent && *at <= LAST_INSTANT)
}

fn small(raw: &[u8]) -> Option<u8> {
    u8::try_from(parse_decimal(raw)?).ok()
}

fn text(data: &[u8], key: &str) -> Option<String> {
    json::string(json::get(data, key)?).map(alloc::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(event: &str) -> Option<Kind> {
        EventView::read(event.as_bytes()).map(|view| view.kind)
    }

    #[test]
    fn reads_what_happened() {
        let click = |node, place| Kind::Click {
            node,
            place,
            native: None,
        };
        for (data, expected) in [
            (r#""source":2,"type":2"#, click(0, (0, 0))),
            (
                r#""source":2,"type":2,"id":7,"x":-1.75,"y":20,"pointerType":0"#,
                click(7, (-1, 20)),
            ),
            (
                r#""source":2,"type":2,"id":7,"x":1,"y":2,"native":0"#,
                Kind::Click {
                    node: 7,
                    place: (1, 2),
                    native: Some(false),
                },
            ),
            (
                r#""source":2,"type":2,"id":7,"x":1,"y":2,"native":1"#,
                Kind::Click {
                    node: 7,
                    place: (1, 2),
                    native: Some(true),
                },
            ),
            (
                r#""source":2,"type":2,"id":7,"x":1,"y":2,"native":"1""#,
                click(7, (1, 2)),
            ),
            (
                r#""source":2,"type":2,"id":-1,"x":1e9,"y":"2""#,
                click(0, (0, 0)),
            ),
            (r#""source":2,"type":7,"id":7"#, Kind::Tap { place: (0, 0) }),
            (r#""source":2,"type":5,"id":7"#, Kind::Focus { node: 7 }),
            (r#""source":2,"type":6,"id":7"#, Kind::Other),
            (r#""source":2,"type":1"#, Kind::Deed { place: None }),
            (r#""source":2"#, Kind::Other),
            (r#""source":1"#, Kind::Deed { place: None }),
            (r#""source":6"#, Kind::Deed { place: None }),
            (r#""source":12"#, Kind::Deed { place: None }),
            (
                r#""source":3"#,
                Kind::Scrolled {
                    node: 1,
                    to: (0, 0),
                },
            ),
            (
                r#""source":3,"id":9,"x":0,"y":240.5"#,
                Kind::Scrolled {
                    node: 9,
                    to: (0, 240),
                },
            ),
            (r#""source":5"#, Kind::Use),
            (r#""source":5,"id":4,"text":"x""#, Kind::Input { node: 4 }),
            (
                r#""source":5,"isChecked":false,"userTriggered":false,"id":4"#,
                Kind::Use,
            ),
            (
                r#""source":5,"userTriggered":true,"id":4"#,
                Kind::Input { node: 4 },
            ),
            (
                r#""source":1,"positions":[{"x":1,"y":2,"id":3},{"x":7.9,"y":8,"id":3}]"#,
                Kind::Deed {
                    place: Some((7, 8)),
                },
            ),
            (r#""source":14"#, Kind::Use),
            (r#""source":0"#, Kind::Change),
            (r#""source":4"#, Kind::Resized { size: (0, 0) }),
            (
                r#""source":4,"width":390.5,"height":-8"#,
                Kind::Resized { size: (390, 0) },
            ),
            (r#""source":8"#, Kind::Change),
            (r#""source":99"#, Kind::Change),
            (r#""source":11"#, Kind::Other),
            (r#""source":"0""#, Kind::Other),
            ("", Kind::Other),
        ] {
            let event = format!(r#"{{"type":3,"data":{{{data}}},"timestamp":1}}"#);
            assert_eq!(kind(&event), Some(expected), "{event}");
        }
    }

    #[test]
    fn reads_metadata() {
        let event = r#"{"type":5,"data":{"tag":"sentiero:metadata","payload":{"pl\u0061n":"pro","n":1.50,"t":true,"no":null,"o":{"x":1},"l":[1],"s":"\ud800"}},"timestamp":1}"#;
        let meta = [
            ("plan", "pro"),
            ("n", "1.50"),
            ("t", "true"),
            ("s", "\u{fffd}"),
        ];
        let meta = meta.map(|(key, value)| (key.into(), value.into())).to_vec();
        assert_eq!(kind(event), Some(Kind::Described { meta }));
        let event = r#"{"type":5,"data":{"tag":"sentiero:metadata","payload":7},"timestamp":1}"#;
        let meta = Vec::new();
        assert_eq!(kind(event), Some(Kind::Described { meta }));
    }

    #[test]
    fn reads_what_custom_events_say() {
        let said = |tag: &str, payload: &str| {
            let event = format!(
                r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":1}}"#
            );
            match kind(&event) {
                Some(Kind::Custom { said, .. }) => said,
                other => panic!("{other:?}"),
            }
        };
        let field = |key: &str, label: &str| Said::Field {
            node: 7,
            names: [key.into(), label.into(), String::new()],
        };
        let campaign = ["ads", "", "", "", ""].map(String::from);
        for (tag, payload, expected) in [
            (
                "bought",
                r#"{"price":9.5,"n":"2","o":{"x":1},"m":-3}"#,
                Said::Numbers(vec![("price".into(), 9.5), ("m".into(), -3.0)]),
            ),
            ("bought", "7", Said::Numbers(Vec::new())),
            (
                "error",
                r#"{"message":" a 1\nb"}"#,
                Said::Error(Fault {
                    message: " a 1\nb".into(),
                    ..Fault::default()
                }),
            ),
            (
                "error",
                r#"{"message":7,"stack":"s","source":"f","type":"unhandledrejection","count":10,"skipped":3,"lineno":5,"kind":"K"}"#,
                Said::Error(Fault {
                    kind: "K".into(),
                    message: String::new(),
                    stack: "s".into(),
                    source: "f".into(),
                    rejected: true,
                    count: 10,
                    skipped: 3,
                }),
            ),
            (
                "__click",
                r#"{"selector":"a#b","id":7,"x":0.25,"y":1}"#,
                Said::Target {
                    selector: "a#b".into(),
                    share: (0.25, 1.0),
                },
            ),
            ("__click", r#"{"selector":7}"#, Said::Nothing),
            (
                "__form_submit",
                r#"{"name":"","id":"pay"}"#,
                Said::Submit("pay".into()),
            ),
            (
                "__field",
                r#"{"id":7,"field":"k","text":"\u2063l"}"#,
                field("k", "l"),
            ),
            ("__field", r#"{"id":"7","field":"k"}"#, Said::Nothing),
            (
                "__perf",
                r#"{"metric":"CLS","value":0.25}"#,
                Said::Vital {
                    metric: "CLS".into(),
                    value: 0.25,
                },
            ),
            ("__perf", r#"{"metric":"CLS","value":"x"}"#, Said::Nothing),
            (
                "sentiero:environment",
                r#"{"utm_source":"ads"}"#,
                Said::Campaign(campaign),
            ),
        ] {
            assert_eq!(said(tag, payload), expected, "{tag} {payload}");
        }
        let many = (0..20).map(|n| format!(r#""k{n}":{n}"#));
        let many = many.collect::<Vec<_>>().join(",");
        match said("x", &format!("{{{many}}}")) {
            Said::Numbers(numbers) => assert_eq!(numbers.len(), MAX_NUMBERS),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn reads_what_it_needs() {
        for (event, expected) in [
            (
                r#"{"type":2,"data":{"node":{}},"timestamp":1.5}"#,
                Some(Kind::FullSnapshot {
                    root: 1,
                    scrolled: (0, 0),
                }),
            ),
            (
                r#"{"type":2,"data":{"node":{"id":70,"childNodes":[{"id":71}]},"initialOffset":{"left":3,"top":99.5}},"timestamp":1}"#,
                Some(Kind::FullSnapshot {
                    root: 70,
                    scrolled: (3, 99),
                }),
            ),
            (
                r#"{"type":4,"data":{"href":"https:\/\/a"},"timestamp":1}"#,
                Some(Kind::Meta {
                    href: "https://a".into(),
                    size: (0, 0),
                }),
            ),
            (
                r#"{"type":5,"data":{"tag":"x","payload":{"tag":"y"}},"timestamp":1}"#,
                Some(Kind::Custom {
                    tag: "x".into(),
                    said: Said::Numbers(Vec::new()),
                }),
            ),
            (
                r#"{"type":5,"data":{"tag":"sentiero:identify","payload":{"id":"u-\u00e9"}},"timestamp":1}"#,
                Some(Kind::Identified {
                    user: "u-é".into()
                }),
            ),
            (
                r#"{"type":5,"data":{"tag":"sentiero:identify","payload":{"id":7}},"timestamp":1}"#,
                Some(Kind::Custom {
                    tag: "sentiero:identify".into(),
                    said: Said::Nothing,
                }),
            ),
            (r#"{"type":0,"data":{},"timestamp":1}"#, Some(Kind::Other)),
            (r#"{"type":0,"data":{}}"#, None),
            (r#"{"type":0,"data":{},"timestamp":-1}"#, None),
            (r#"{"type":0,"data":{},"timestamp":1e300}"#, None),
            (r#"{"type":4,"data":"x","timestamp":1}"#, Some(Kind::Other)),
            (r#"{"type":"4","data":{},"timestamp":1}"#, None),
            (r#"{"type":4,"data":{},"timestamp":8640000000000001}"#, None),
            ("[]", None),
        ] {
            assert_eq!(is_event(event.as_bytes()), expected.is_some(), "{event}");
            assert_eq!(kind(event), expected, "{event}");
        }
    }
}
