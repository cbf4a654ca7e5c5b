//! Where in the code an error came by: the site's own frames in sight, the others folded.

use crate::model::captures::Fault;
use crate::model::text;
use sentiero_core::id::Millis;
use sentiero_core::issue::{Fingerprint, Frame, Issue, Thrown, frames};

/// An error of another issue that came so close may have been meant, ms: none of the recording
/// has the fingerprint if it was made by other rules.
const NEAR: Millis = 1_000;

/// The longest file that is shown.
const FILE: usize = 80;

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The function; empty if it has no name.
    pub function: String,
    /// The file's path.
    pub file: String,
    /// `12:7`; empty if it is not told.
    pub place: String,
    /// Everything, as it was told.
    pub whole: String,
}

/// Frames one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// One of the site's own code.
    Own(Line),
    /// Others: of libraries, extensions and engines.
    Folded(Vec<Line>),
}

/// The frames of a stack; none if it has none.
pub fn parts(stack: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for frame in frames(stack) {
        let line = line(&frame);
        match parts.last_mut() {
            _ if frame.in_app => parts.push(Part::Own(line)),
            Some(Part::Folded(lines)) => lines.push(line),
            _ => parts.push(Part::Folded(vec![line])),
        }
    }
    parts
}

fn line(frame: &Frame<'_>) -> Line {
    let place = match (frame.line, frame.column) {
        (0, _) => String::new(),
        (line, 0) => line.to_string(),
        (line, column) => format!("{line}:{column}"),
    };
    let address = text::address(frame.file);
    let file = if address.path.is_empty() {
        frame.file.to_owned()
    } else {
        address.path
    };
    let whole = if place.is_empty() {
        frame.file.to_owned()
    } else {
        format!("{}:{place}", frame.file)
    };
    Line {
        function: frame.function.to_owned(),
        file: shortened(&file),
        place,
        whole,
    }
}

/// The end of a path says more than its beginning.
fn shortened(file: &str) -> String {
    let over = file.chars().count().saturating_sub(FILE);
    if over == 0 {
        return file.to_owned();
    }
    format!("…{}", file.chars().skip(over + 1).collect::<String>())
}

/// The error of `issue` among those of a recording that is the closest to `at`; if there is none
/// of it, one that came at that moment.
pub fn occurrence(faults: &[Fault], issue: Fingerprint, at: Millis) -> Option<&Fault> {
    let away = |fault: &&Fault| fault.at.abs_diff(at);
    let own = faults.iter().filter(|fault| is_of(fault, issue));
    own.min_by_key(away).or_else(|| {
        let near = faults.iter().filter(|fault| away(fault) <= NEAR);
        near.min_by_key(away)
    })
}

fn is_of(fault: &Fault, issue: Fingerprint) -> bool {
    let thrown = Thrown {
        kind: "",
        message: &fault.message,
        stack: &fault.stack,
        source: &fault.place,
        rejected: fault.rejection,
    };
    Issue::of(&thrown).fingerprint == issue
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STACK: &str = "TypeError: a is null\n    at total (https://shop.example/assets/cart.js:12:7)\n    at u (https://shop.example/node_modules/react/index.js:3:9)\n    at v (https://shop.example/node_modules/react/index.js:4:9)\n    at https://shop.example/assets/main.js:88:1";

    fn fault(at: Millis, message: &str, stack: &str) -> Fault {
        Fault {
            at,
            message: message.to_owned(),
            place: String::new(),
            stack: stack.to_owned(),
            rejection: false,
            count: 1,
            skipped: 0,
        }
    }

    #[test]
    fn frames_of_others_are_folded() {
        let found = parts(STACK);
        let [Part::Own(first), Part::Folded(others), Part::Own(last)] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (first.function.as_str(), first.place.as_str()),
            ("total", "12:7")
        );
        assert_eq!(first.file, "/assets/cart.js");
        assert_eq!(first.whole, "https://shop.example/assets/cart.js:12:7");
        assert_eq!(others.len(), 2);
        assert_eq!((last.function.as_str(), last.place.as_str()), ("", "88:1"));
        assert_eq!(parts("nothing of that kind"), []);
    }

    #[test]
    fn a_long_path_keeps_its_end() {
        let long = format!("{}/cart.js", "a".repeat(200));
        let short = shortened(&long);
        assert!(short.starts_with('…') && short.ends_with("/cart.js"));
        assert_eq!(short.chars().count(), FILE);
    }

    #[test]
    fn the_error_of_the_issue_is_found_among_others() {
        let faults = [
            fault(1_000, "RangeError: too deep", ""),
            fault(9_000, "TypeError: a is null", STACK),
            fault(90_000, "TypeError: a is null", STACK),
        ];
        let issue = Issue::of(&Thrown {
            message: "TypeError: a is null",
            stack: STACK,
            ..Thrown::default()
        });
        let found = |issue, at| occurrence(&faults, issue, at).map(|fault| fault.at);
        assert_eq!(found(issue.fingerprint, 1_000), Some(9_000));
        assert_eq!(found(issue.fingerprint, 80_000), Some(90_000));
        let other = Fingerprint::of_number(5);
        assert_eq!(found(other, 1_200), Some(1_000));
        assert_eq!(found(other, 40_000), None);
    }

    proptest! {
        #[test]
        fn nothing_panics_on_any_stack(stack: String) {
            let _ = parts(&stack);
            let faults = [fault(0, &stack, &stack)];
            let _ = occurrence(&faults, Fingerprint::of_number(1), 0);
        }
    }
}
