//! `docs/privacy.md` names everything that is stored, and nothing else.
//!
//! A comment `<!-- checked: … -->` in the page stands before a table (the code words of its
//! first column count) or a paragraph (all of them). Each such list is compared with what
//! the code says, in both directions. What is serialised is taken from whole values, made
//! without `..`, so that a new field does not compile here before it is filled; the rest is
//! read from the sources.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

mod fields;
mod page;
mod sources;
mod values;
