//! What of a session is to be shared.

use crate::model::text;
use sentiero_core::api::SessionDetail;
use sentiero_core::id::Millis;
use sentiero_core::sharing::MAX_DAYS;

/// What is said of a part that does not begin with the session.
pub const REACH: &str = "So that the page can be shown, its state since its last snapshot before the part comes along: how it changed, how it was scrolled, and its fields, masked as they are stored. Pointer, clicks and events of that time do not.";

/// A part of a session, by its ends as they are asked for; none is that of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The first moment, ms since the epoch, by the visitor's clock.
    pub from: Option<Millis>,
    /// The last.
    pub to: Option<Millis>,
}

impl Part {
    /// It as parameters of an address, each behind a `&`.
    pub fn query(self) -> String {
        let end = |name, at: Option<Millis>| at.map_or(String::new(), |at| format!("&{name}={at}"));
        [end("from", self.from), end("to", self.to)].concat()
    }
}

/// The first and the last moment of a session, by the visitor's clock.
pub fn span(detail: &SessionDetail) -> (Millis, Millis) {
    let from = detail.tab_list.iter().map(|tab| tab.from).min();
    let to = detail.tab_list.iter().map(|tab| tab.to).max();
    (from.unwrap_or_default(), to.unwrap_or_default())
}

/// The part between two moments as somebody wrote them, `0:42` after the start of a session of
/// `span`; nothing means its end. The error says what is wrong.
pub fn part(span: (Millis, Millis), from: &str, to: &str) -> Result<Part, String> {
    let (start, end) = span;
    let length = end.saturating_sub(start);
    let moment = |written: &str| -> Result<Option<Millis>, String> {
        if written.trim().is_empty() {
            return Ok(None);
        }
        let at = parse_clock(written)
            .ok_or_else(|| format!("Write a moment as {}.", text::clock(length / 2)))?;
        Ok(Some(at))
    };
    let (from, to) = (moment(from)?, moment(to)?);
    if from.unwrap_or(0) > to.unwrap_or(length).min(length) {
        return Err(format!(
            "The part must begin before it ends, and the session is {} long.",
            text::clock(length)
        ));
    }
    Ok(Part {
        from: from.filter(|at| *at > 0).map(|at| start + at),
        // The moment that is written is shown whole.
        to: to
            .map(|at| at.saturating_add(999))
            .filter(|at| *at < length)
            .map(|at| start + at),
    })
}

/// The days that a link shall hold, as somebody wrote them.
pub fn days(written: &str) -> Result<u32, String> {
    let days = written.trim().parse().ok();
    days.filter(|days| (1..=MAX_DAYS).contains(days))
        .ok_or_else(|| format!("1 to {MAX_DAYS} days."))
}

/// `1:02:03`, `2:03` or `3` as ms.
fn parse_clock(written: &str) -> Option<Millis> {
    let parts: Vec<&str> = written.trim().split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut seconds: Millis = 0;
    for (at, part) in parts.iter().enumerate() {
        let fits = (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let value: Millis = part.parse().ok().filter(|_| fits)?;
        if at > 0 && value > 59 {
            return None;
        }
        seconds = seconds * 60 + value;
    }
    Some(seconds * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SPAN: (Millis, Millis) = (10_000, 100_500);

    #[test]
    fn a_part_is_what_was_written() {
        let some = |from, to| Part { from, to };
        for (from, to, expected) in [
            ("", "", Part::default()),
            ("0:00", "1:30", Part::default()),
            (" 0:10 ", "", some(Some(20_000), None)),
            ("10", "0:20", some(Some(20_000), Some(30_999))),
            ("", "0:00:05", some(None, Some(15_999))),
            ("1:30", "9:00:00", some(Some(100_000), None)),
        ] {
            assert_eq!(part(SPAN, from, to), Ok(expected), "{from} to {to}");
        }
        for (from, to) in [
            ("x", ""),
            ("", "1:60"),
            ("1:2:3:4", ""),
            ("-1", ""),
            ("0:20", "0:10"),
            ("2:00", ""),
            (":", ""),
        ] {
            assert!(part(SPAN, from, to).is_err(), "{from} to {to}");
        }
    }

    #[test]
    fn a_part_as_parameters() {
        assert_eq!(Part::default().query(), "");
        let part = Part {
            from: Some(1),
            to: Some(2),
        };
        assert_eq!(part.query(), "&from=1&to=2");
    }

    #[test]
    fn days_are_few() {
        assert_eq!((days("1"), days(" 90 ")), (Ok(1), Ok(90)));
        for wrong in ["", "0", "91", "-1", "x", "1.5"] {
            assert!(days(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_answered(from in "\\PC{0,12}", to in "[0-9:]{0,12}", length in 0u64..10_000_000) {
            if let Ok(part) = part((5, 5 + length), &from, &to) {
                prop_assert!(part.from.unwrap_or(5) <= part.to.unwrap_or(5 + length));
            }
        }
    }
}
