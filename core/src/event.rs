//! The few fields that we read of an rrweb event; the rest stays opaque bytes.
//!
//! Numbers are rrweb's protocol (`@rrweb/types` 2.1.6, `EventType` and
//! `IncrementalSource`).

use crate::id::Millis;
use crate::json;

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
        let at = timestamp(event)?;
        let data = json::get(event, "data");
        let kind = match small(json::get(event, "type")?)? {
            FULL_SNAPSHOT => Kind::FullSnapshot,
            META => Kind::Meta {
                href: text(json::get(data?, "href")?)?,
            },
            CUSTOM => Kind::Custom {
                tag: text(json::get(data?, "tag")?)?,
            },
            INCREMENTAL if is_click(data?) => Kind::Click,
            _ => Kind::Other,
        };
        Some(Self { at, kind })
    }
}

/// The time of an event: a non-negative number of ms that a browser's clock can show.
fn timestamp(event: &[u8]) -> Option<Millis> {
    let number = json::number(json::get(event, "timestamp")?)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..8.64e15).contains(&number).then_some(number as Millis)
}

fn is_click(data: &[u8]) -> bool {
    let field = |key| json::get(data, key).and_then(small);
    field("source") == Some(MOUSE_INTERACTION) && matches!(field("type"), Some(CLICK | TOUCH_START))
}

fn small(raw: &[u8]) -> Option<u8> {
    core::str::from_utf8(raw).ok()?.parse().ok()
}

fn text(raw: &[u8]) -> Option<String> {
    json::string(raw).map(std::borrow::Cow::into_owned)
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
            (r#"{"type":0,"data":{},"timestamp":1}"#, Some(Kind::Other)),
            (r#"{"type":0,"data":{}}"#, None),
            (r#"{"type":0,"data":{},"timestamp":-1}"#, None),
            (r#"{"type":0,"data":{},"timestamp":1e300}"#, None),
            (r#"{"type":4,"data":"x","timestamp":1}"#, None),
            ("[]", None),
        ] {
            assert_eq!(kind(event), expected, "{event}");
        }
    }
}
