//! Where in the code an error came by: the site's own frames in sight, the others folded.

use crate::model::captures::Fault;
use crate::model::text;
use sentiero_core::id::Millis;
use sentiero_core::issue::{Fingerprint, Frame, Issue, Thrown, frames};
use sentiero_core::source_map::{ErrorList, Original, ShownFrame, check_release};

/// An error of another issue that came so close may have been meant, ms: none of the recording
/// has the fingerprint if it was made by other rules.
const NEAR: Millis = 1_000;

/// The longest file that is shown.
const FILE: usize = 80;

/// Sentences about what could not be resolved.
const NOTES: usize = 3;

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
    /// The source around it; empty where it is not kept.
    pub source: Vec<SourceLine>,
}

/// A line of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// Its number, from 1.
    pub number: u32,
    /// It.
    pub text: String,
    /// The frame is in it.
    pub is_it: bool,
}

/// Frames one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// One of the site's own code.
    Own(Line),
    /// Others: of libraries, extensions and engines.
    Folded(Vec<Line>),
}

/// What source maps make of an error's frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The frames, with what they were before the build.
    frames: Vec<ShownFrame>,
    /// What could not be resolved, and what to do about it: a sentence each.
    pub notes: Vec<String>,
}

impl Resolved {
    /// What `list`, which was asked for around the time of `fault`, says of it.
    pub fn of(list: ErrorList, fault: &Fault) -> Self {
        let issue = issue_of(fault).text();
        let mut errors = list.errors.into_iter();
        let frames = errors
            .find(|error| error.at == fault.at && error.issue == issue)
            .map(|error| error.frames)
            .unwrap_or_default();
        let is_done = frames.iter().all(|frame| frame.original.is_some());
        let notes = if is_done {
            Vec::new()
        } else {
            notes(list.notes, list.release.as_deref())
        };
        Self { frames, notes }
    }

    /// A map says of any frame what it was.
    pub fn is_any(&self) -> bool {
        self.frames.iter().any(|frame| frame.original.is_some())
    }

    /// The frames, as they were before the build where that is known.
    pub fn parts(&self) -> Vec<Part> {
        let lines = self.frames.iter();
        folded(lines.map(|frame| (frame.in_app, original(frame))))
    }
}

/// The first few sentences of the API, and what helps where a map is missing.
fn notes(mut told: Vec<String>, release: Option<&str>) -> Vec<String> {
    let others = told.len().saturating_sub(NOTES);
    told.truncate(NOTES);
    if others > 0 {
        let more = text::plural(u64::try_from(others).unwrap_or(u64::MAX), "more file");
        told.push(format!("The same goes for {more}."));
    }
    let may_have_maps = release.is_some_and(|release| check_release(release).is_ok());
    if may_have_maps && !told.is_empty() {
        told.push(
            "Upload the maps of that release with `cargo xtask sourcemaps`; stacks are resolved when they are looked at, so it is not too late.".to_owned(),
        );
    }
    told
}

/// A build may have made what `fault` came by: a page loaded it from somewhere. A server's own
/// code was not.
pub fn may_be_built(fault: &Fault) -> bool {
    [&fault.stack, &fault.place]
        .iter()
        .any(|told| told.contains("://"))
}

/// The frames of a stack, as it came; none if it has none.
pub fn parts(stack: &str) -> Vec<Part> {
    let frames = frames(stack);
    folded(frames.iter().map(|frame| (frame.in_app, line(frame))))
}

/// Lines, each with whether it is of the site's own code.
fn folded(lines: impl Iterator<Item = (bool, Line)>) -> Vec<Part> {
    let mut parts = Vec::new();
    for (is_own, line) in lines {
        match parts.last_mut() {
            _ if is_own => parts.push(Part::Own(line)),
            Some(Part::Folded(lines)) => lines.push(line),
            _ => parts.push(Part::Folded(vec![line])),
        }
    }
    parts
}

fn line(frame: &Frame<'_>) -> Line {
    let place = place(frame.line, frame.column);
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
        source: Vec::new(),
    }
}

/// The frame before the build, with the one that ran as its `whole`.
fn original(frame: &ShownFrame) -> Line {
    let ran = line(&Frame {
        function: &frame.function,
        file: &frame.file,
        line: frame.line,
        column: frame.column,
        in_app: frame.in_app,
    });
    let Some(original) = &frame.original else {
        return ran;
    };
    let whole = if frame.function.is_empty() {
        ran.whole
    } else {
        format!("{} at {}", frame.function, ran.whole)
    };
    Line {
        function: original.function.clone(),
        file: shortened(within(&original.file)),
        place: place(original.line, original.column),
        whole,
        source: source(original),
    }
}

fn place(line: u32, column: u32) -> String {
    match (line, column) {
        (0, _) => String::new(),
        (line, 0) => line.to_string(),
        (line, column) => format!("{line}:{column}"),
    }
}

/// A source's name without the way from the built file to it, which says nothing of the source.
fn within(file: &str) -> &str {
    let mut rest = file;
    while let Some(inner) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = inner;
    }
    if rest.is_empty() { file } else { rest }
}

fn source(original: &Original) -> Vec<SourceLine> {
    let Some(lines) = &original.lines else {
        return Vec::new();
    };
    let line = |(number, text): (u32, &String)| SourceLine {
        number,
        text: text.clone(),
        is_it: number == original.line,
    };
    (lines.first..).zip(&lines.text).map(line).collect()
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
    issue_of(fault) == issue
}

fn issue_of(fault: &Fault) -> Fingerprint {
    let thrown = Thrown {
        kind: "",
        message: &fault.message,
        stack: &fault.stack,
        source: &fault.place,
        rejected: fault.rejection,
    };
    Issue::of(&thrown).fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sentiero_core::id::TabId;
    use sentiero_core::source_map::{ErrorSeen, Lines};

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

    /// What the API says of the first frame of `STACK`, resolved, and of all others, not.
    fn listed(fault: &Fault, release: Option<&str>, notes: &[&str]) -> ErrorList {
        let shown = |(place, frame): (usize, &Frame<'_>)| ShownFrame {
            function: frame.function.to_owned(),
            file: frame.file.to_owned(),
            line: frame.line,
            column: frame.column,
            in_app: frame.in_app,
            original: (place == 0).then(|| Original {
                function: "priceOf".to_owned(),
                file: "../src/cart.ts".to_owned(),
                line: 9,
                column: 24,
                lines: Some(Lines {
                    first: 8,
                    text: vec!["// Fails.".to_owned(), "return price;".to_owned()],
                }),
            }),
        };
        let frames = frames(&fault.stack);
        let error = |at| ErrorSeen {
            tab: TabId::server(),
            index: 0,
            at,
            issue: issue_of(fault).text(),
            message: fault.message.clone(),
            frames: frames.iter().enumerate().map(shown).collect(),
        };
        ErrorList {
            release: release.map(str::to_owned),
            errors: vec![error(fault.at)],
            more: false,
            notes: notes.iter().map(|note| (*note).to_owned()).collect(),
        }
    }

    #[test]
    fn a_frame_is_what_it_was_before_the_build_and_says_what_ran() {
        let fault = fault(9_000, "TypeError: a is null", STACK);
        let resolved = Resolved::of(listed(&fault, Some("v1"), &[]), &fault);
        assert!(resolved.is_any());
        let found = resolved.parts();
        let [Part::Own(first), Part::Folded(others), Part::Own(last)] = found.as_slice() else {
            panic!("{found:?}")
        };
        let shown = [&first.function, &first.file, &first.place].map(String::as_str);
        assert_eq!(shown, ["priceOf", "src/cart.ts", "9:24"]);
        assert_eq!(
            first.whole,
            "total at https://shop.example/assets/cart.js:12:7"
        );
        let lines: Vec<_> = first
            .source
            .iter()
            .map(|one| (one.number, one.is_it))
            .collect();
        assert_eq!(lines, [(8, false), (9, true)]);
        assert_eq!((others.len(), last.place.as_str()), (2, "88:1"));
    }

    #[test]
    fn an_answer_about_other_errors_resolves_nothing() {
        let asked = fault(9_000, "TypeError: a is null", STACK);
        for other in [
            fault(9_001, &asked.message, STACK),
            fault(9_000, "RangeError: b", STACK),
        ] {
            let resolved = Resolved::of(listed(&other, Some("v1"), &["no map"]), &asked);
            assert!(!resolved.is_any() && resolved.parts().is_empty());
        }
    }

    #[test]
    fn only_what_a_page_loaded_may_have_been_built() {
        let mut told = fault(1, "x", STACK);
        assert!(may_be_built(&told));
        told.stack = "/app/models/tent.rb:12:in `price'".to_owned();
        assert!(!may_be_built(&told));
        told.place = "https://shop.example/app.js:1:36".to_owned();
        assert!(may_be_built(&told));
    }

    #[test]
    fn what_is_missing_is_said_with_what_to_do() {
        let fault = fault(9_000, "TypeError: a is null", STACK);
        let said =
            |release, notes: &[&str]| Resolved::of(listed(&fault, release, notes), &fault).notes;
        let missing = said(Some("v1"), &["no map of a", "b", "c", "d", "e"]);
        assert_eq!(
            missing.get(..3),
            Some(["no map of a", "b", "c"].map(str::to_owned).as_slice())
        );
        assert_eq!(
            missing.get(3).map(String::as_str),
            Some("The same goes for 2 more files.")
        );
        assert!(missing.last().unwrap().contains("cargo xtask sourcemaps"));
        assert_eq!(
            said(None, &["told no release"]),
            ["told no release"],
            "a map would not help"
        );
        assert_eq!(said(Some("v1"), &[]), [""; 0]);
    }

    #[test]
    fn the_way_to_a_source_is_left_out() {
        for (whole, short) in [
            ("../../src/a.ts", "src/a.ts"),
            ("./a.ts", "a.ts"),
            ("../", "../"),
            ("webpack://shop/a.ts", "webpack://shop/a.ts"),
        ] {
            assert_eq!(within(whole), short);
        }
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
