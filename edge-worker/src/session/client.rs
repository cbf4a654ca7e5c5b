//! What the worker asks of a session object.

use super::Append;
use crate::config::binding;
use crate::error::{ApiError, StoreError};
use crate::object;
use crate::store::session_name;
use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::recording::{Record, Selection};
use sentiero_core::wire::Ack;
use worker::Env;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::session) const APPEND: &str = "/append";
    pub(in crate::session) const RECORD: &str = "/record";
    pub(in crate::session) const BUFFERED: &str = "/buffered";
}

/// Stores a batch; returns after it is durable.
pub(crate) async fn append(env: &Env, append: &Append, body: Vec<u8>) -> Result<Ack, ApiError> {
    let name = session_name(&append.site, &append.sid);
    let answer = object::call(env, binding::SESSIONS, &name, path::APPEND, append, &body).await?;
    if answer.status_code() == 403 {
        return Err(ApiError::Forbidden {
            code: "session_full",
            message: "This session has reached its limit of events or bytes; nothing more of it is stored.".to_owned(),
        });
    }
    Ok(object::json(answer).await?)
}

/// The session, if its object holds it (it is live, or was a moment ago).
pub(crate) async fn record(
    env: &Env,
    site: &SiteKey,
    sid: &SessionId,
) -> Result<Option<Record>, StoreError> {
    let answer = object::call(
        env,
        binding::SESSIONS,
        &session_name(site, sid),
        path::RECORD,
        &(),
        &[],
    )
    .await?;
    object::json(answer).await
}

/// The batches of a selection that are not in R2 yet, as one chunk.
pub(crate) async fn buffered(
    env: &Env,
    site: &SiteKey,
    sid: &SessionId,
    selection: &Selection,
) -> Result<Vec<u8>, StoreError> {
    let answer = object::call(
        env,
        binding::SESSIONS,
        &session_name(site, sid),
        path::BUFFERED,
        selection,
        &[],
    )
    .await?;
    Ok(object::ok(answer)?.bytes().await?)
}
