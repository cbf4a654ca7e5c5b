//! Which errors are one and the same.
//!
//! ```text
//! message ─► kind, what is said, folded ─┐
//! stack ───► frames ─► the top in-app ───┴─► Fingerprint    and a title for people
//! ```
//!
//! An **issue** is all errors of one [`Fingerprint`]: of the kind of error, of its message
//! without what differs from time to time, and of the uppermost frames of the site's own code
//! without lines and columns, which every release moves.
//!
//! * **The message is in it**, because one function fails in many ways, and in minified code
//!   functions are called alike. What would make two issues of one is taken out: numbers, ids,
//!   addresses and quoted values are folded to `#`, and what engines say in words of their own
//!   ([`message`]) is one form, which also stands in the place of the kind.
//! * **The kind is not**, of a promise that was rejected: only one engine tells it.
//! * **Frames of libraries, extensions and the engine are not**: [`frame`] says which are. With
//!   none left, the file that the browser names as the source counts.
//!
//! What becomes of an issue over time, and what somebody decides about it: [`Known`]. Whom it is
//! told: [`hook`].
//!
//! A fingerprint is no secret and keeps none: 64 bits, of texts that were redacted before.
//!
//! **Holds**: nothing here panics on any text, and work is linear in the first
//! [`MAX_STACK`] and [`MAX_SAID`] bytes, all that is looked at.

pub mod frame;
pub mod hook;
mod known;
pub mod message;

pub use frame::{Frame, MAX_FRAMES, frames};
pub use known::{
    Decision, Issues, Known, List, MAX_ISSUES, MAX_RELEASES, MAX_SIGHTINGS, News, Sighting, State,
    Told, Why, mark,
};
pub use message::MAX_MESSAGE;

use crate::digest::cut;
use crate::event::Fault;
use alloc::format;
use alloc::string::String;
use message::Said;

/// Bytes of a stack that are looked at.
pub const MAX_STACK: usize = 16 * 1_024;

/// Bytes of a message that are looked at.
pub const MAX_SAID: usize = 2 * 1_024;

/// In-app frames that tell issues apart: with more, the same function called from elsewhere
/// would be another issue.
const TOP: usize = 3;

/// An error, as it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thrown<'a> {
    /// Its class, where that is told apart from the message; else empty.
    pub kind: &'a str,
    /// What it says.
    pub message: &'a str,
    /// Where, in whatever form the language writes it.
    pub stack: &'a str,
    /// The file that threw it; empty if it is not told.
    pub source: &'a str,
    /// A promise that nobody caught.
    pub rejected: bool,
}

/// What an error is an occurrence of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// What all its errors have in common.
    pub fingerprint: Fingerprint,
    /// For people: kind and message, folded, at most [`MAX_MESSAGE`] characters; empty if
    /// nothing was said, or all of it was masked.
    pub title: String,
}

impl Issue {
    /// The issue of an error that is stored.
    pub fn of_fault(fault: &Fault) -> Self {
        Self::of(&Thrown {
            kind: &fault.kind,
            message: &fault.message,
            stack: &fault.stack,
            source: &fault.source,
            rejected: fault.rejected,
        })
    }

    /// The issue of an error.
    pub fn of(thrown: &Thrown<'_>) -> Self {
        let stack = cut(thrown.stack, MAX_STACK);
        let said = Said::of(
            cut(thrown.kind, MAX_SAID),
            cut(thrown.message, MAX_SAID),
            stack,
        );
        let mut print = Print::default();
        match said.form {
            Some(form) => print.part(form),
            None if thrown.rejected => print.part(""),
            None => print.part(said.kind),
        }
        print.part(&said.key);
        let all = frames(stack);
        let own = all.iter().filter(|frame| frame.in_app).take(TOP);
        let mut found = false;
        for frame in own {
            found = true;
            print.part(frame.function);
            print.part(&frame::file(frame.file));
        }
        if !found {
            print.part(&frame::file(cut(thrown.source, MAX_SAID)));
        }
        Self {
            fingerprint: Fingerprint(print.0),
            title: said.title(),
        }
    }
}

/// What all errors of an issue have in common: 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Reads what [`Self::text`] gives; nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex =
            text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let number = u64::from_str_radix(text, 16).ok()?;
        is_hex.then_some(Self(number))
    }

    /// As it stands in addresses.
    pub fn text(self) -> String {
        format!("{:016x}", self.0)
    }

    /// The same as a number, to be packed.
    pub fn number(self) -> u64 {
        self.0
    }

    /// Of the number that [`Self::number`] gives.
    pub fn of_number(number: u64) -> Self {
        Self(number)
    }
}

/// FNV-1a of 64 bits over parts that end with a byte no text has.
struct Print(u64);

impl Default for Print {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Print {
    fn part(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
