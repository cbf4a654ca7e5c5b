//! The one way in: everything that JavaScript asks, as a verb, bytes and numbers.
//!
//! wasm-bindgen writes code on both sides for each function that it exports. Thirty of
//! them were a tenth of what a page downloads (docs/adr/0040), so there is one. `js/port.ts`
//! is its other end; native callers use what is behind it.
//!
//! **Invariant.** Nothing is decided here. An argument that cannot be read does nothing.

use crate::{Engine, Source, Tail, identity, millis};
use alloc::vec::Vec;
use core::str::from_utf8;
use sentiero_core::id::{Millis, SESSION_ENTROPY, TAB_ENTROPY};
use sentiero_core::text::decimal;
use wasm_bindgen::prelude::wasm_bindgen;

/// What can be asked; `verbs_are_the_same_on_both_sides` compares with `js/port.ts`.
///
/// Each says which arguments of [`Port::call`] it reads besides `now`, and what comes back,
/// unless it is nothing or the `text` that it is about. Two texts in one have a zero between them.
#[derive(Clone, Copy, Debug)]
pub enum Verb {
    /// [`Engine::new`]. `text`: where to upload to, and a [`Source`]. Nothing comes
    /// back if the source is none.
    Open,
    /// [`Engine::push`].
    Push,
    /// [`Engine::flush`].
    Flush,
    /// [`Engine::rotate`]. `text`: a [`Source`].
    Rotate,
    /// [`Engine::resign`]. `text`: the page load, and the visit.
    Resign,
    /// [`Engine::hurry`].
    Hurry,
    /// [`Engine::poll`].
    Poll,
    /// [`Engine::answer`]. `text`: the body, `x`: the status, `y`: `retry_after`, `z`: `random`.
    Answer,
    /// [`Engine::wake_at`], in decimal; nothing for never.
    Wake,
    /// [`Engine::commands`].
    Commands,
    /// [`Engine::batch`].
    Batch,
    /// [`Engine::survey`]. `text`: the pages that are gone, and the keys.
    Survey,
    /// [`Engine::take`].
    Take,
    /// [`Engine::keep_again`].
    KeepAgain,
    /// [`Engine::forget`].
    Forget,
    /// [`Tail::new`]. `text`: a [`Source`], and the events; `x`: `seq`, `y`: `first`.
    Tail,
    /// [`Tail::next`]. `x`: the limit.
    Next,
    /// [`Tail::first`], in decimal.
    First,
    /// [`identity::visit`]. `text`: 17 random bytes, what is stored.
    Visit,
    /// [`identity::look`]; as `Visit`.
    Look,
    /// [`identity::correct`]. `text`: 17 random bytes, the refused session, and what is stored;
    /// `x`: the edge's time.
    Correct,
    /// [`identity::until`], in decimal. `text`: what is stored.
    Until,
    /// [`identity::use_of`], as a byte. `text`: what is stored, `x`: `least`, `y`: `rate`.
    Use,
    /// [`identity::window_id`]. `text`: 5 random bytes, what is stored.
    Window,
    /// [`identity::tab_id`]. `text`: 5 random bytes.
    TabId,
}

/// By number, which is `verb as u8`.
const VERBS: &[Verb] = &[
    Verb::Open,
    Verb::Push,
    Verb::Flush,
    Verb::Rotate,
    Verb::Resign,
    Verb::Hurry,
    Verb::Poll,
    Verb::Answer,
    Verb::Wake,
    Verb::Commands,
    Verb::Batch,
    Verb::Survey,
    Verb::Take,
    Verb::KeepAgain,
    Verb::Forget,
    Verb::Tail,
    Verb::Next,
    Verb::First,
    Verb::Visit,
    Verb::Look,
    Verb::Correct,
    Verb::Until,
    Verb::Use,
    Verb::Window,
    Verb::TabId,
];

/// An instance of the module, as JavaScript has it: at most one engine, and one tail.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Port {
    engine: Option<Engine>,
    tail: Option<Tail>,
}

#[wasm_bindgen]
impl Port {
    /// Without an engine.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Does what the verb of this number says; none if it cannot be done, or there is nothing.
    pub fn call(
        &mut self,
        verb: u8,
        text: &[u8],
        now: f64,
        x: f64,
        y: f64,
        z: f64,
    ) -> Option<Vec<u8>> {
        let verb = *VERBS.get(usize::from(verb))?;
        match verb {
            Verb::Open => {
                let (upload, source) = halves(text)?;
                let source = Source::of(word(source)?)?;
                self.engine = Some(Engine::new(source, word(upload)?));
            }
            Verb::Tail => {
                let (source, events) = halves(text)?;
                let source = Source::of(word(source)?)?;
                self.tail = Some(Tail::new(source, whole(x), whole(y), events, now));
            }
            Verb::Next => return self.tail.as_mut()?.next(usize::try_from(whole(x)).ok()?),
            Verb::First => return Some(digits(self.tail.as_ref()?.first().into())),
            _ => {
                let said = who(verb, text, now, [x, y]);
                return said.or_else(|| ask(self.engine.as_mut()?, verb, text, now, [x, y, z]));
            }
        }
        Some(Vec::new())
    }
}

/// What needs no engine: whose visit it is.
fn who(verb: Verb, text: &[u8], now: f64, [x, y]: [f64; 2]) -> Option<Vec<u8>> {
    let bytes = match verb {
        Verb::Window | Verb::TabId => TAB_ENTROPY,
        Verb::Until | Verb::Use => 0,
        _ => SESSION_ENTROPY,
    };
    let (random, rest) = text.split_at_checked(bytes)?;
    let said = match verb {
        Verb::Visit => identity::visit(word(rest)?, now, random),
        Verb::Look => identity::look(word(rest)?, now, random),
        Verb::Correct => {
            let (refused, stored) = halves(rest)?;
            identity::correct(word(stored)?, word(refused)?, now, x, random)
        }
        Verb::Until => decimal(millis(identity::until(word(rest)?))),
        Verb::Use => decimal(identity::use_of(word(rest)?, x, y).into()),
        Verb::Window => identity::window_id(word(rest)?, random),
        Verb::TabId => identity::tab_id(random),
        _ => return None,
    };
    Some(said.into())
}

/// What an engine is asked.
fn ask(
    engine: &mut Engine,
    verb: Verb,
    text: &[u8],
    now: f64,
    [x, y, z]: [f64; 3],
) -> Option<Vec<u8>> {
    match verb {
        Verb::Push => engine.push(text, now),
        Verb::Flush => engine.flush(),
        Verb::Rotate => engine.rotate(Source::of(word(text)?)?),
        Verb::Resign => {
            let (tab, visit) = halves(text)?;
            engine.resign(word(tab)?, word(visit)?, now);
        }
        Verb::Hurry => engine.hurry(),
        Verb::Poll => return engine.poll(now),
        Verb::Answer => engine.answer(u16::try_from(whole(x)).ok()?, text, y, now, whole(z)),
        Verb::Wake => {
            let at = Some(engine.wake_at()).filter(|at| *at >= 0.0)?;
            return Some(digits(millis(at)));
        }
        Verb::Commands => return Some(engine.commands().into()),
        Verb::Batch => return Some(engine.batch()),
        Verb::Survey => {
            let (gone, keys) = halves(text)?;
            engine.survey(word(keys)?, word(gone)?, now);
        }
        Verb::Take => engine.take(text, now),
        Verb::KeepAgain => engine.keep_again(now),
        Verb::Forget => engine.forget(),
        _ => return None,
    }
    Some(Vec::new())
}

/// The two texts in `text`.
fn halves(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == 0)?;
    let (one, rest) = text.split_at_checked(end)?;
    Some((one, rest.get(1..)?))
}

/// Text as Rust has it.
fn word(text: &[u8]) -> Option<&str> {
    from_utf8(text).ok()
}

fn digits(number: Millis) -> Vec<u8> {
    decimal(number).into()
}

/// A number that JavaScript took for a whole one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; negative and NaN become 0"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_the_same_on_both_sides() {
        let text = include_str!("../js/port.ts");
        let (_, list) = text.split_once("const enum Verb {").unwrap();
        let (list, _) = list.split_once('}').unwrap();
        let theirs: Vec<_> = list
            .split(',')
            .map(str::trim)
            .filter(|verb| !verb.is_empty())
            .collect();
        let ours: Vec<_> = VERBS.iter().map(|verb| format!("{verb:?}")).collect();
        assert_eq!(theirs, ours);
        assert!(
            VERBS
                .iter()
                .enumerate()
                .all(|(at, verb)| at == *verb as usize)
        );
    }

    #[test]
    fn what_cannot_be_read_does_nothing() {
        let mut port = Port::new();
        for verb in 0..=u8::MAX {
            for text in [b"".as_slice(), b"\xff", b"x", b"x\0y", &[0xff; 40]] {
                let said = port.call(verb, text, f64::NAN, -1.0, 1e300, f64::INFINITY);
                // Ids are made of anything, and of nothing stored nothing is known.
                let known = VERBS.get(usize::from(verb));
                let known = matches!(
                    known,
                    Some(Verb::TabId | Verb::Window | Verb::Until | Verb::Use)
                );
                assert!(said.is_none() || known, "{verb} {text:?}");
            }
        }
        assert_eq!(
            port.call(Verb::TabId as u8, b"1234", 0.0, 0.0, 0.0, 0.0),
            None
        );
        assert_eq!(port.call(Verb::Poll as u8, b"", 0.0, 0.0, 0.0, 0.0), None);
    }
}
