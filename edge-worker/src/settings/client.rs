//! What the worker asks of the settings objects.

use super::{Issue, Revoke, Sync, Use};
use crate::config::binding;
use crate::object;
use sentiero_core::access::ApiToken;
use sentiero_core::id::{Millis, TokenId};
use sentiero_core::registry::{Change, ChangeError, News};
use sentiero_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The names of the objects: storage formats.
const SITES: &str = "sites";
const TOKENS: &str = "tokens";

/// The paths of the objects' commands.
pub(super) mod path {
    pub(in crate::settings) const SYNC: &str = "/sync";
    pub(in crate::settings) const CHANGE: &str = "/change";
    pub(in crate::settings) const TOKENS: &str = "/tokens";
    pub(in crate::settings) const ISSUE: &str = "/issue";
    pub(in crate::settings) const USE: &str = "/use";
    pub(in crate::settings) const REVOKE: &str = "/revoke";
}

async fn ask<C: Serialize, T: DeserializeOwned>(
    env: &Env,
    object: &str,
    path: &str,
    command: &C,
) -> Result<T> {
    let answer = object::call(env, binding::SETTINGS, object, path, command, &[]).await?;
    object::json(answer).await
}

/// Every site, if a copy of `revision` is not right any more.
pub(crate) async fn sync(env: &Env, revision: Option<u64>) -> Result<News> {
    ask(env, SITES, path::SYNC, &Sync { revision }).await
}

/// Changes a site; the answer is its revision, that of a deletion included.
pub(crate) async fn change(
    env: &Env,
    change: &Change,
) -> Result<core::result::Result<u64, ChangeError>> {
    ask(env, SITES, path::CHANGE, change).await
}

/// Every token, the newest first.
pub(crate) async fn tokens(env: &Env) -> Result<Vec<ApiToken>> {
    ask(env, TOKENS, path::TOKENS, &()).await
}

/// Keeps a token; false if there are too many.
pub(crate) async fn issue(env: &Env, hash: String, token: &ApiToken, now: Millis) -> Result<bool> {
    let token = token.clone();
    ask(env, TOKENS, path::ISSUE, &Issue { hash, token, now }).await
}

/// The token of a hash, unless it has expired.
pub(crate) async fn use_token(env: &Env, hash: String, now: Millis) -> Result<Option<ApiToken>> {
    ask(env, TOKENS, path::USE, &Use { hash, now }).await
}

/// Forgets a token; false if there was none of this id.
pub(crate) async fn revoke(env: &Env, id: &TokenId) -> Result<bool> {
    let id = id.clone();
    ask(env, TOKENS, path::REVOKE, &Revoke { id }).await
}
