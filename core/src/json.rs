//! JSON text, walked without recursion and without changing a byte.
//!
//! rrweb's events hold what serde cannot carry: lone surrogates (`"\ud800"`, which
//! browsers' `JSON.stringify` writes), numbers beyond `f64`, and a document as deep as
//! the page's. So nothing here builds a tree or a value: [`Reader`] checks the text and
//! names its tokens by position, and the small functions below read single fields of an
//! object as raw spans. The recorder uses them too, where `serde_json` would cost 20 KB.
//!
//! **Invariants.** No recursion, linear time, no allocation but one bit for each open
//! container beyond 64. [`Reader`] accepts exactly what is JSON (RFC 8259) in UTF-8, whatever the
//! depth. The field functions expect text that a [`Reader`] accepted: on any other they
//! answer something, but never panic and never loop.
//!
//! **Never**: changes, normalises or reorders what it reads.

mod fields;
mod reader;
mod text;

pub use fields::{Fields, fields, get, get_all, items};
pub(crate) use reader::{Ahead, USUAL_DEPTH, digits, eight, has, head, without};
pub use reader::{Reader, Span, Token, line_end};
pub use text::{number, string, unescape, write_bytes, write_string};

/// Reads a value of a format of ours. Text is read as bytes, too: `serde_json` has a reader
/// for each of them, and with both every format is in the worker twice, a hundred KB of code.
pub fn parse<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    serde_json::from_slice(json)
}

/// The text is not well-formed JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;
