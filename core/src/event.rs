//! The few fields that we read of an rrweb event; the rest stays opaque bytes.
//!
//! Numbers are rrweb's protocol (`@rrweb/types` 2.1.6, `EventType` and
//! `IncrementalSource`).

use crate::id::Millis;
use crate::json;
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A full snapshot: replay can start here.
    FullSnapshot,
    /// A page's address, sent with each full snapshot and each route change.
    Meta {
        /// The address.
        href: String,
    },
    /// A click, also that of a tap.
    Click {
        /// What was clicked.
        node: u64,
        /// Where in the window, px.
        place: (i32, i32),
    },
    /// A finger came down.
    Tap,
    /// Something took the focus.
    Focus {
        /// What did.
        node: u64,
    },
    /// The visitor did something else by which the page need not change: moved the pointer,
    /// pressed a button.
    Deed,
    /// The visitor changed what the page shows: scrolled, filled in a field, selected text.
    Use,
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
    },
    /// Any other.
    Other,
}

/// An event, as far as we need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            FULL_SNAPSHOT => Kind::FullSnapshot,
            META => text(data, "href").map_or(Kind::Other, |href| Kind::Meta { href }),
            CUSTOM => text(data, "tag").map_or(Kind::Other, |tag| custom(tag, data)),
            INCREMENTAL => incremental(data),
            _ => Kind::Other,
        };
        Some(Self { at, kind })
    }
}

fn custom(tag: String, data: &[u8]) -> Kind {
    let payload = || json::get(data, "payload").unwrap_or_default();
    match tag.as_str() {
        IDENTIFY_TAG => match text(payload(), "id") {
            Some(user) => Kind::Identified { user },
            None => Kind::Custom { tag },
        },
        METADATA_TAG => Kind::Described {
            meta: json::fields(payload()).filter_map(described).collect(),
        },
        _ => Kind::Custom { tag },
    }
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
        Some(MOUSE_MOVE | TOUCH_MOVE | DRAG) => Kind::Deed,
        Some(SCROLL | INPUT | SELECTION) => Kind::Use,
        Some(LOG) | None => Kind::Other,
        Some(MUTATION | VIEWPORT_RESIZE..) => Kind::Change,
    }
}

fn interaction(data: &[u8]) -> Kind {
    let [kind, node, x, y] = json::get_all(data, ["type", "id", "x", "y"]);
    let node = node.and_then(parse_decimal).unwrap_or(0);
    let whole = |raw: Option<&[u8]>| {
        let whole = raw?.split(|byte| *byte == b'.').next()?;
        i32::try_from(parse_signed_decimal(whole)?).ok()
    };
    match kind.and_then(small) {
        Some(CLICK) => Kind::Click {
            node,
            place: (whole(x).unwrap_or(0), whole(y).unwrap_or(0)),
        },
        Some(TOUCH_START) => Kind::Tap,
        Some(FOCUS) => Kind::Focus { node },
        Some(BLUR) | None => Kind::Other,
        Some(_) => Kind::Deed,
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
        let click = |node, place| Kind::Click { node, place };
        for (data, expected) in [
            (r#""source":2,"type":2"#, click(0, (0, 0))),
            (
                r#""source":2,"type":2,"id":7,"x":-1.75,"y":20,"pointerType":0"#,
                click(7, (-1, 20)),
            ),
            (
                r#""source":2,"type":2,"id":-1,"x":1e9,"y":"2""#,
                click(0, (0, 0)),
            ),
            (r#""source":2,"type":7,"id":7"#, Kind::Tap),
            (r#""source":2,"type":5,"id":7"#, Kind::Focus { node: 7 }),
            (r#""source":2,"type":6,"id":7"#, Kind::Other),
            (r#""source":2,"type":1"#, Kind::Deed),
            (r#""source":2"#, Kind::Other),
            (r#""source":1"#, Kind::Deed),
            (r#""source":6"#, Kind::Deed),
            (r#""source":12"#, Kind::Deed),
            (r#""source":3"#, Kind::Use),
            (r#""source":5"#, Kind::Use),
            (r#""source":14"#, Kind::Use),
            (r#""source":0"#, Kind::Change),
            (r#""source":4"#, Kind::Change),
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
    fn reads_what_it_needs() {
        for (event, expected) in [
            (
                r#"{"type":2,"data":{"node":{}},"timestamp":1.5}"#,
                Some(Kind::FullSnapshot),
            ),
            (
                r#"{"type":4,"data":{"href":"https:\/\/a"},"timestamp":1}"#,
                Some(Kind::Meta {
                    href: "https://a".into(),
                }),
            ),
            (
                r#"{"type":5,"data":{"tag":"x","payload":{"tag":"y"}},"timestamp":1}"#,
                Some(Kind::Custom { tag: "x".into() }),
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
