//! Issues: which are listed and in which order, and what is shown of one.
//!
//! ```text
//! report `errors` (how often, in the range) ─┐
//!                                            ├─► rows ─► list
//! what is known (since when, decided) ───────┘
//! ```
//!
//! | module | decides |
//! |---|---|
//! | [`shown`] | which issues are listed and in which order, as an address says it |
//! | [`list`] | the rows, how many there are of each state |
//! | [`trend`] | how often one came, as bars of equal length |
//! | [`deciding`] | what can be decided about one, and what is then said |
//! | [`stack`] | where in the code it came by |
//!
//! **Invariant.** Numbers are the report's, so they agree with every other screen; states are
//! those of what is known, which counts nothing.

pub mod deciding;
pub mod list;
pub mod shown;
pub mod stack;
pub mod trend;

pub use list::{Counts, Row, rows};
pub use shown::{Order, Shown, Which};

/// What an error without words is called.
pub const NAMELESS: &str = "An error that says nothing";

/// A title in two parts: the kind of error, and what it says. A title that names no kind is all
/// of it said.
pub fn title(title: &str) -> (&str, &str) {
    let is_kind = |kind: &str| {
        let mut letters = kind.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
            && kind.len() <= 60
            && letters.all(|letter| letter.is_ascii_alphanumeric() || "_.:$".contains(letter))
    };
    match title.split_once(": ") {
        Some((kind, said)) if is_kind(kind) && !said.trim().is_empty() => (kind, said),
        _ if title.is_empty() => ("Error", NAMELESS),
        _ => ("Error", title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_kind_and_what_is_said() {
        for (whole, parts) in [
            ("TypeError: a is null", ("TypeError", "a is null")),
            (
                "ActiveRecord::RecordNotFound: no #",
                ("ActiveRecord::RecordNotFound", "no #"),
            ),
            ("TypeError: ", ("Error", "TypeError: ")),
            (
                "could not load: the cart",
                ("Error", "could not load: the cart"),
            ),
            ("", ("Error", NAMELESS)),
        ] {
            assert_eq!(title(whole), parts, "{whole}");
        }
    }
}
