//! What may be collected: one idempotent function, used in the page and at the edge.
//!
//! [`Masker::mask_event`] copies one rrweb event and replaces the values that must not be
//! collected. It knows nothing but that event: the recorder runs it in its worker and, for
//! what is left when a page goes, in a second instance; the edge runs it again and counts
//! what it still had to change. Which elements are blocked, and which texts belong to an
//! element that the event does not show, is rrweb's to say, at the source: it replaces
//! such a value by [`MASK`], or marks it with [`UNMASKED`] where the author allows it.
//!
//! | what | `none` | `inputs` | `text` |
//! |---|---|---|---|
//! | passwords, one-time codes, card data | masked | masked | masked |
//! | inside `data-rr-mask`, `data-rr-block` | masked | masked | masked |
//! | form controls, editable elements: value, text, attributes with text | pass | masked | masked |
//! | the same inside `data-sentiero-unmask`, or marked by the recorder | pass | pass | pass |
//! | a value of an element known by its id only | pass | masked unless marked | masked unless marked |
//! | other text, and attributes with text | pass | pass | masked |
//! | what style sheets say: strings of `content`, custom properties and others that show them | pass | pass; of such elements masked | masked |
//! | comments, `srcdoc`, `on…` handlers, text of scripts, `<meta content>` | emptied or masked | same | same |
//! | strings of unknown events, fields and shapes; plugins and logs | masked | masked | masked |
//! | fonts, pictures, pointer, scroll, sizes, classes | pass | pass | pass |
//!
//! What passes and is text, an address or a style sheet goes through
//! [`redact`](crate::redact) in every mode, also if the author allowed it: e-mails, cards
//! and tokens are taken out, and addresses lose query and fragment.
//!
//! **Invariants.** The output is valid JSON of the same shape; a value is replaced as a
//! whole, by [`MASK`] whatever it was, or loses what was found in it. What is not replaced
//! is copied byte for byte. A second time changes nothing; a stricter mode leaves nothing
//! for a looser one. One pass (two for an event that contradicts itself), no recursion.
//!
//! **Never**: lets a string pass because nothing is known about it; shows a password,
//! whatever the mode or the mark; tells how long a masked value was; panics.
//!
//! `walk` goes through the event, `place` is rrweb's protocol, `element` what
//! elements and attributes are, `names` the words known, `value` single strings,
//! `parents` the elements that a mutation adds before their texts.

use alloc::vec::Vec;
mod element;
mod guard;
#[cfg(test)]
mod mutants;
mod names;
mod parents;
mod place;
mod value;
mod walk;

use crate::event::is_event;
pub use crate::json::Malformed;
use crate::redact::{Address, Redaction};
use alloc::string::String;
pub(crate) use element::{Head, Rule};
use guard::{Guard, Guards};
use place::Place;
use walk::{Stop, Walk};

/// What a masked value is replaced by: always the same five bullets, so that
/// neither length nor content of what was typed can be read from a recording.
pub const MASK: &str = "•••••";

/// Put in front of a value by the recorder when the page's author allowed it to
/// be shown (`data-sentiero-unmask`). Only values that carry it pass the mask,
/// here and again at the edge, where the element itself is no longer known.
/// U+2063 INVISIBLE SEPARATOR; the player takes it away before it replays.
pub const UNMASKED: char = '\u{2063}';

/// How much of a page is masked.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing but passwords.
    None,
    /// Every form control (the default).
    #[default]
    Inputs,
    /// Every form control and every text.
    Text,
}

/// What masking did to one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Values replaced by [`MASK`], cut or redacted, which were not already.
    pub masked: u32,
    /// It has a type and a time, as [`is_event`] asks for.
    pub is_event: bool,
}

/// A compiled policy.
#[derive(Clone, Debug, Default)]
pub struct Masker {
    policy: Policy,
    redaction: Redaction,
}

/// What decides about a single value.
#[derive(Clone, Copy, Debug, Default)]
struct Policy {
    mode: Mode,
    off: Guards,
}

impl Policy {
    /// Whether `guard` holds: always, but in a test that shows what happens if it does not.
    fn has(self, guard: Guard) -> bool {
        !self.off.has(guard)
    }
}

impl Masker {
    /// A masker for `mode`, with what is always redacted.
    pub fn new(mode: Mode) -> Self {
        Self::with(mode, Redaction::default())
    }

    /// A masker for `mode` and `redaction`.
    pub fn with(mode: Mode, redaction: Redaction) -> Self {
        let policy = Policy {
            mode,
            off: Guards::default(),
        };
        Self { policy, redaction }
    }

    /// The same, with the rules called `names` (between commas) turned off.
    ///
    /// # Panics
    ///
    /// If there is no such rule: a test that turns off nothing must not pass.
    #[cfg(any(test, feature = "mutants"))]
    #[must_use]
    #[expect(clippy::panic, reason = "for tests")]
    pub fn without(mut self, names: &str) -> Self {
        for name in names.split(',').filter(|name| !name.is_empty()) {
            match guard::find(name) {
                guard::Found::Guard(guard) => self.policy.off = self.policy.off.and(guard),
                guard::Found::Kind(kind) => self.redaction.off = self.redaction.off.and(kind),
                guard::Found::Nothing => panic!("there is no rule {name}"),
            }
        }
        self
    }

    /// Appends the masked form of one rrweb `event` (JSON text) to `out`; of a malformed
    /// one nothing, it must be dropped and counted.
    pub fn mask_event(&self, event: &[u8], out: &mut Vec<u8>) -> Result<Changes, Malformed> {
        core::str::from_utf8(event).map_err(|_| Malformed)?;
        self.mask_encoded(event, out)
    }

    /// As [`Self::mask_event`], of what is UTF-8 by its origin: that is not checked.
    pub fn mask_encoded(&self, event: &[u8], out: &mut Vec<u8>) -> Result<Changes, Malformed> {
        self.mask_as(false, event, out)
    }

    /// As [`Self::mask_encoded`]; if `strict`, as in mode `inputs` at least.
    pub(crate) fn mask_as(
        &self,
        strict: bool,
        event: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Changes, Malformed> {
        let start = out.len();
        out.reserve(event.len());
        let mut walk = Walk::new(self, event, out);
        if strict {
            walk = walk.strict();
        }
        let mut result = walk.run(Place::Event);
        if let Err(Stop::Conflict) = result {
            out.truncate(start);
            // Everything is masked: no mode is stricter.
            result = Walk::new(self, event, out).run(Place::Opaque);
            if let Ok(changes) = &mut result {
                changes.is_event = is_event(event);
            }
        }
        result.map_err(|_| {
            out.truncate(start);
            Malformed
        })
    }

    /// What may stay of the address of a page.
    pub fn page_url(&self, url: &str) -> String {
        let mut new = Vec::new();
        self.redaction.url(url.as_bytes(), Address::Link, &mut new);
        // Cut at ASCII characters only: what is left is text.
        String::from_utf8(new).unwrap_or_default()
    }
}

/// Appends `add`, one of the `adds` of a mutation that was masked already, with the mark in
/// front of all that would be masked for want of it: all around it may be shown (`rule`),
/// and the add does not say so.
pub(crate) fn mark(
    masker: &Masker,
    add: &[u8],
    rule: Rule,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    let marked = Walk::marking(masker, add, rule, out).run(Place::Add);
    marked.map(|_| ()).map_err(|_| Malformed)
}
