//! The shell around [`super::rows`]: one command in, one answer out.

use super::client::path;
use super::{Issue, Revoke, Sync, Use, rows};
use crate::http::{self, Body};
use crate::log;
use crate::object;
use crate::sites;
use crate::store::sql::has_table;
use sentiero_core::registry::Change;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

/// The configurations of all sites, or the API tokens.
#[durable_object(fetch)]
pub struct SettingsObject {
    state: State,
    env: Env,
}

impl DurableObject for SettingsObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        match self.command(&mut req).await {
            Ok(body) => http::answer(200, body),
            Err(StoreError(cause)) => {
                log::failure("settings_object", None, "failed", &cause);
                http::answer(500, Body::Empty)
            }
        }
    }
}

impl SettingsObject {
    async fn command(&self, req: &mut Request) -> core::result::Result<Body, StoreError> {
        let framed = req.bytes().await?;
        let sql = self.state.storage().sql();
        Ok(match req.path().as_str() {
            path::SYNC => {
                let (Sync { revision }, _) = object::unframe(&framed)?;
                self.begin(&sql).await?;
                Body::json(&rows::news(&sql, revision)?)
            }
            path::CHANGE => {
                let (change, _) = object::unframe::<Change>(&framed)?;
                self.begin(&sql).await?;
                Body::json(&rows::change(&sql, &change)?)
            }
            path::TOKENS => Body::json(&rows::tokens(&sql)?),
            path::ISSUE => {
                let (Issue { hash, token, now }, _) = object::unframe(&framed)?;
                Body::json(&rows::issue(&sql, &hash, &token, now)?)
            }
            path::USE => {
                let (Use { hash, now }, _) = object::unframe(&framed)?;
                Body::json(&rows::use_token(&sql, &hash, now)?)
            }
            path::REVOKE => {
                let (Revoke { id }, _) = object::unframe(&framed)?;
                Body::json(&rows::revoke(&sql, &id)?)
            }
            other => return Err(StoreError(format!("unknown command {other}"))),
        })
    }

    /// The first time, takes over what KV holds: earlier versions kept configurations there.
    async fn begin(&self, sql: &SqlStorage) -> core::result::Result<(), StoreError> {
        if has_table(sql, "site")? {
            return Ok(());
        }
        let earlier = sites::in_kv(&self.env).await?;
        rows::begin(sql, &earlier)
    }
}
