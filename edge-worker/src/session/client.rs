//! What the worker asks of a session object.

use crate::config::binding;
use crate::error::ApiError;
use crate::object;
use crate::store::session_name;
use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::ingest::Masked;
use sentiero_core::lifecycle::{Append, Erase, Held, Refused};
use sentiero_core::quota::Exhausted;
use sentiero_core::recording::{Selection, Visitor};
use sentiero_core::site::SiteConfig;
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

/// Stores a batch, which must have been masked; returns after it is durable.
pub(crate) async fn append(
    env: &Env,
    site: &SiteKey,
    config: &SiteConfig,
    visitor: Visitor,
    masked: Masked,
) -> Result<Ack, ApiError> {
    let (append, body) = masked.append(site, config, visitor);
    Ok(upload(env, &append, &body).await??)
}

/// Has a session's writer store a batch.
pub(crate) async fn upload(
    env: &Env,
    append: &Append,
    body: &[u8],
) -> Result<Result<Ack, Refused>, StoreError> {
    let name = session_name(&append.site, &append.sid);
    let answer = object::call(env, binding::SESSIONS, &name, path::APPEND, append, body).await?;
    if answer.status_code() == 403 {
        return Ok(Err(object::read(answer).await?));
    }
    Ok(Ok(object::json(answer).await?))
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
            Refused::Quota(Exhausted::Sessions) => (
                "quota_sessions",
                "The site has recorded as many sessions as it may; nothing of this one is stored.",
            ),
            Refused::Quota(Exhausted::Bytes) => (
                "quota_bytes",
                "The site has stored as many bytes as it may this month; nothing of this session is stored.",
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
    let framed = object::bytes(object::ok(answer)?).await?;
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
