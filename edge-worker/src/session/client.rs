//! What the worker asks of a session object.

use crate::config::binding;
use crate::error::ApiError;
use crate::object;
use crate::store::session_name;
use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::lifecycle::{Append, Erase, Held, Refused};
use sentiero_core::recording::Selection;
use sentiero_core::store::StoreError;
use sentiero_core::wire::Ack;
use worker::Env;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::session) const APPEND: &str = "/append";
    pub(in crate::session) const ERASE: &str = "/erase";
    pub(in crate::session) const HELD: &str = "/held";
    #[cfg(feature = "contract")]
    pub(in crate::session) const CONTRACT: &str = "/contract";
}

/// Stores a batch; returns after it is durable.
pub(crate) async fn append(env: &Env, append: &Append, body: Vec<u8>) -> Result<Ack, ApiError> {
    let name = session_name(&append.site, &append.sid);
    let mut answer =
        object::call(env, binding::SESSIONS, &name, path::APPEND, append, &body).await?;
    if answer.status_code() == 403 {
        let refused: Refused = answer.json().await?;
        return Err(refused.into());
    }
    Ok(object::json(answer).await?)
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let (code, message) = match refused {
            Refused::Full => (
                "session_full",
                "This session has reached its limit of events or bytes; nothing more of it is stored.",
            ),
            Refused::Erased => (
                "session_erased",
                "This session was erased; nothing more of it is stored.",
            ),
        };
        Self::Forbidden {
            code,
            message: message.to_owned(),
        }
    }
}

/// Erases a session; returns after it is certain.
pub(crate) async fn erase(env: &Env, erase: &Erase) -> Result<(), StoreError> {
    let name = session_name(&erase.site, &erase.sid);
    let answer = object::call(env, binding::SESSIONS, &name, path::ERASE, erase, &[]).await?;
    object::ok(answer)?;
    Ok(())
}

/// What the session's object holds, and the batches of `selection` that are in no chunk
/// yet, as one chunk.
pub(crate) async fn held(
    env: &Env,
    site: &SiteKey,
    sid: &SessionId,
    selection: &Selection,
) -> Result<(Held, Vec<u8>), StoreError> {
    let name = session_name(site, sid);
    let answer = object::call(env, binding::SESSIONS, &name, path::HELD, selection, &[]).await?;
    let framed = object::ok(answer)?.bytes().await?;
    let (held, chunk) = object::unframe(&framed)?;
    Ok((held, chunk.to_vec()))
}

/// Runs a property in a session object that nobody has used; how it is broken, if it is.
#[cfg(feature = "contract")]
pub(crate) async fn contract(
    env: &Env,
    property: &crate::contract::Property,
) -> Result<Option<String>, StoreError> {
    let name = format!("contract/{}", property.site);
    let sessions = binding::SESSIONS;
    let answer = object::call(env, sessions, &name, path::CONTRACT, property, &[]).await?;
    object::json(answer).await
}
