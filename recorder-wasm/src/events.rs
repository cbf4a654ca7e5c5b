//! From a line of the page's JSON to a masked event.

use alloc::boxed::Box;
use alloc::vec::Vec;
use sentiero_core::batch::dropped;
use sentiero_core::id::Millis;
use sentiero_core::json;
use sentiero_core::mask::Masker;
use sentiero_core::split::split;
use sentiero_core::wire::Limits;

/// The lines of `text`: at least one.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = text.split_at_checked(json::line_end(text))?;
        rest = after.get(1..);
        Some(line)
    })
}

/// The masked events that a line became: at least one.
pub(crate) struct Masked {
    pub(crate) events: Vec<Box<[u8]>>,
    /// Something could not be sent; a note stands in its place.
    pub(crate) dropped: bool,
}

/// The event in `line`, masked, and in parts if it is large.
///
/// One that is malformed, is no rrweb event or is over the limit becomes a note, so that
/// the others keep their indexes.
pub(crate) fn masked(masker: &Masker, line: &[u8], now: Millis) -> Masked {
    let mut events = split(masker, line).unwrap_or_default();
    let mut lost = events.is_empty();
    if lost {
        events.push(dropped(now).into());
    }
    for event in &mut events {
        if event.len() > Limits::DEFAULT.event {
            lost = true;
            *event = dropped(now).into();
        }
    }
    Masked {
        events,
        dropped: lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::mask::Mode;

    #[test]
    fn one_for_one() {
        let huge = format!(
            r#"{{"type":5,"data":{{"tag":"{}"}},"timestamp":1}}"#,
            "x".repeat(Limits::DEFAULT.event)
        );
        let fine = r#"{"type":4,"data":{"href":"https://a.example/"},"timestamp":1}"#;
        let masker = Masker::new(Mode::Inputs);
        let events = [fine, "{", "", "{}", huge.as_str(), fine]
            .map(|line| masked(&masker, line.as_bytes(), 7));
        assert!(events.iter().all(|line| line.events.len() == 1));
        let dropped = events.each_ref().map(|event| event.dropped);
        assert_eq!(dropped, [false, true, true, true, true, false]);
        assert_eq!(*events[0].events[0], *fine.as_bytes());
        let note = r#"{"type":5,"data":{"tag":"sentiero:dropped","payload":{}},"timestamp":7}"#;
        assert_eq!(*events[1].events[0], *note.as_bytes());
    }
}
