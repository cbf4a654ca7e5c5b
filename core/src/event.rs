//! The few fields that we read of an rrweb event; the rest stays opaque bytes.
//!
//! Numbers are rrweb's protocol (`@rrweb/types` 2.1.6, `EventType` and
//! `IncrementalSource`).

use crate::id::Millis;
use crate::json;
use crate::text::parse_decimal;
use alloc::string::String;

const FULL_SNAPSHOT: u8 = 2;
const INCREMENTAL: u8 = 3;
const META: u8 = 4;
const CUSTOM: u8 = 5;
const MOUSE_INTERACTION: u8 = 2;
const CLICK: u8 = 2;
const TOUCH_START: u8 = 7;

/// The tag of the custom event that stands in the place of one that was not
/// well-formed, so that indexes go on without a hole.
pub const DROPPED_TAG: &str = "sentiero:dropped";

/// The tag of the custom event by which a page says whose visit it is.
pub const IDENTIFY_TAG: &str = "sentiero:identify";

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
    /// A click or a tap.
    Click,
    /// The page said whose visit it is.
    Identified {
        /// The id that it gave.
        user: String,
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
            INCREMENTAL if is_click(data) => Kind::Click,
            _ => Kind::Other,
        };
        Some(Self { at, kind })
    }
}

fn custom(tag: String, data: &[u8]) -> Kind {
    if tag != IDENTIFY_TAG {
        return Kind::Custom { tag };
    }
    let payload = json::get(data, "payload").unwrap_or_default();
    text(payload, "id").map_or(Kind::Custom { tag }, |user| Kind::Identified { user })
}

/// Whether the JSON number `raw` may be an event's time.
pub(crate) fn is_time(raw: &[u8]) -> bool {
    time(raw).is_some()
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

fn is_click(data: &[u8]) -> bool {
    let [source, kind] = json::get_all(data, ["source", "type"]).map(|raw| raw.and_then(small));
    source == Some(MOUSE_INTERACTION) && matches!(kind, Some(CLICK | TOUCH_START))
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
                r#"{"type":3,"data":{"source":2,"type":2},"timestamp":1}"#,
                Some(Kind::Click),
            ),
            (
                r#"{"type":3,"data":{"source":2,"type":7},"timestamp":1}"#,
                Some(Kind::Click),
            ),
            (
                r#"{"type":3,"data":{"source":2,"type":5},"timestamp":1}"#,
                Some(Kind::Other),
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
