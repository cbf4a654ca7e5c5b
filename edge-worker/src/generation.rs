//! Which sign-ins hold: those of the generation that the settings object names. Each isolate
//! has a copy, so that a signed-in request does not cost a call.

use crate::settings::client::Settings;
use sentiero_core::access::gate::Gate as _;
use sentiero_core::id::Millis;
use sentiero_core::registry::HOLDS_WITHIN_SECONDS;
use sentiero_core::store::StoreError;
use std::cell::Cell;
use worker::Env;

/// How long a copy is used before the object is asked again.
const COPY_MS: Millis = HOLDS_WITHIN_SECONDS as Millis * 1_000;

thread_local! {
    /// Until when the copy is used, and it.
    static COPY: Cell<Option<(Millis, u64)>> = const { Cell::new(None) };
}

/// The generation that holds. Where it cannot be asked for, nobody is signed in.
pub(crate) async fn current(env: &Env, now: Millis) -> Result<u64, StoreError> {
    if let Some((_, generation)) = COPY.get().filter(|(until, _)| now < *until) {
        return Ok(generation);
    }
    let generation = Settings::new(env).generation().await?;
    keep(generation, now);
    Ok(generation)
}

/// Ends all sign-ins: at once here, and elsewhere when the copy is too old.
pub(crate) async fn end_all(env: &Env, now: Millis) -> Result<u64, StoreError> {
    let generation = Settings::new(env).end_all().await?;
    keep(generation, now);
    Ok(generation)
}

/// Keeps a copy, unless a question that was asked later was answered sooner.
fn keep(generation: u64, now: Millis) {
    let held = COPY.get();
    if held.is_none_or(|(_, held)| held <= generation) {
        COPY.set(Some((now + COPY_MS, generation)));
    }
}
