//! The recorder's Rust half: everything between rrweb's JSON and the network.
//!
//! It runs twice from one compiled module: in a dedicated worker as [`Engine`], which
//! masks, packs and says what to upload, and on the page's own thread for what must be
//! synchronous: whose visit it is ([`visit`]), and the last bodies of a page that is
//! being left ([`Tail`]). Decisions are in `sentiero-core`; here they meet JavaScript, which
//! reaches all of it by one function ([`Port`]).
//!
//! **Invariants.** Only strings, bytes and numbers cross, and only masked events come
//! out. No panic path: a page's recorder must not take the page down. No `web-sys` and
//! no `serde`: `js/engine.ts` does the fetching and the timers in fewer bytes than
//! their bindings would take (see docs/adr).

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod bare;
mod engine;
mod events;
mod identity;
mod journal;
mod leftovers;
mod port;
mod tail;

pub use engine::Engine;
pub use identity::{correct, look, tab_id, until, use_of, visit, window_id};
pub use port::{Port, Verb};
pub use tail::Tail;

use sentiero_core::batch::Stream;
use sentiero_core::id::{Millis, SessionId, TabId, WindowId};
use sentiero_core::mask::{Masker, Mode};
use sentiero_core::redact::Redaction;
use sentiero_core::text::{next_part, parse_decimal, parse_signed_decimal};
use sentiero_core::wire::Meta;

/// A page load and how it is masked: what [`Engine`] and [`Tail`] are made from.
#[derive(Clone, Debug)]
pub struct Source {
    stream: Stream,
    masker: Masker,
}

impl Source {
    /// From fourteen lines: the mask's mode; what to redact, five lines for
    /// [`Redaction::of_page`]; session, tab and window id; width and height of the viewport;
    /// the page's address and its referrer; by how much the visit corrects the browser's
    /// clock, in ms, where it does.
    ///
    /// None if an id or a pattern is not one. A mode that is not known masks most.
    pub fn of(lines: &str) -> Option<Self> {
        let mut rest = Some(lines);
        let mut next = || next_part(&mut rest, b'\n');
        let masker = masker(
            next()?,
            core::array::from_fn(|_| next().unwrap_or_default()),
        )?;
        let sid = SessionId::parse(next()?).ok()?;
        let tab = TabId::parse(next()?).ok()?;
        let window = WindowId::parse(next()?).ok()?;
        let mut pixels = || u32::try_from(parse_decimal(next()?.as_bytes())?).ok();
        let (width, height) = (pixels().unwrap_or(0), pixels().unwrap_or(0));
        let mut address = || next().unwrap_or_default().into();
        let meta = Meta {
            url: address(),
            referrer: address(),
            width,
            height,
        }
        .cut(&masker);
        let offset = next().and_then(|offset| parse_signed_decimal(offset.as_bytes()));
        Some(Self {
            stream: Stream {
                sid,
                tab,
                window,
                offset: offset.unwrap_or(0),
                meta,
            },
            masker,
        })
    }
}

fn masker(mode: &str, redaction: [&str; 5]) -> Option<Masker> {
    // A test turns rules off behind a `!`.
    #[cfg(feature = "mutants")]
    let (mode, off) = mode.split_once('!').unwrap_or((mode, ""));
    let mode = match mode {
        "inputs" => Mode::Inputs,
        "none" => Mode::None,
        _ => Mode::Text,
    };
    let masker = Masker::with(mode, Redaction::of_page(redaction).ok()?);
    #[cfg(feature = "mutants")]
    let masker = masker.without(off);
    Some(masker)
}

/// JavaScript's time: ms since the epoch as a float.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; negative and NaN become 0"
)]
fn millis(time: f64) -> Millis {
    time as Millis
}

/// And back; exact for 285 000 years.
#[expect(clippy::cast_precision_loss, reason = "times are below 2^53")]
fn time(millis: Millis) -> f64 {
    millis as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `docs/masking.md` says so: what is misspelt must not show more.
    #[test]
    fn a_mode_that_nobody_knows_masks_all_text() {
        let event = br#"{"type":3,"data":{"source":0,"texts":[{"id":1,"value":"Jane"}],"attributes":[],"removes":[],"adds":[]},"timestamp":1}"#;
        for mode in ["text", "", "everything", "NONE", "none ", "Inputs"] {
            let mut out = Vec::new();
            masker(mode, [""; 5])
                .unwrap()
                .mask_event(event, &mut out)
                .unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(!out.contains("Jane"), "{mode}: {out}");
        }
    }
}
