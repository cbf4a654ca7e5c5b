//! The shell around [`super::rows`]: one command in, one answer out.

use super::client::path;
use super::{AddLink, Issue, Revoke, Sync, Use, gate, links, rows};
use crate::object;
use crate::sites;
use crate::store::row::has_table;
use sentiero_core::access::gate::Attempt;
use sentiero_core::id::Millis;
use sentiero_core::registry::Change;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, SqlStorage, State, durable_object};

/// What the log calls it.
const NAME: &str = "settings_object";

/// The configurations of all sites, or the API tokens, or what is known of signing in, or the links
/// to a site's sessions.
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
        Ok(object::answered(NAME, self.command(&mut req).await))
    }
}

impl SettingsObject {
    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        let sql = self.state.storage().sql();
        match req.path().as_str() {
            path::SYNC => {
                let (Sync { revision }, _) = object::unframe(&framed)?;
                self.begin(&sql).await?;
                object::answer(200, &rows::news(&sql, revision)?)
            }
            path::CHANGE => {
                let (change, _) = object::unframe::<Change>(&framed)?;
                self.begin(&sql).await?;
                object::answer(200, &rows::change(&sql, &change)?)
            }
            path::TOKENS => object::answer(200, &rows::tokens(&sql)?),
            path::ISSUE => {
                let (Issue { hash, token, now }, _) = object::unframe(&framed)?;
                object::answer(200, &rows::issue(&sql, &hash, &token, now)?)
            }
            path::USE => {
                let (Use { hash, now }, _) = object::unframe(&framed)?;
                object::answer(200, &rows::shown(&sql, &hash, now)?)
            }
            path::REVOKE => {
                let (Revoke { id }, _) = object::unframe(&framed)?;
                object::answer(200, &rows::revoke(&sql, &id)?)
            }
            path::ATTEMPT => {
                let (attempt, _) = object::unframe::<Attempt>(&framed)?;
                object::answer(200, &gate::attempt(&sql, &attempt)?)
            }
            path::PASSED => {
                let (attempt, _) = object::unframe::<Attempt>(&framed)?;
                object::answer(200, &gate::passed(&sql, &attempt)?)
            }
            path::GENERATION => object::answer(200, &gate::generation(&sql)?),
            path::END_ALL => object::answer(200, &gate::end_all(&sql)?),
            path::LINKS => {
                let (now, _) = object::unframe::<Millis>(&framed)?;
                object::answer(200, &links::links(&sql, now)?)
            }
            path::ADD_LINK => {
                let (AddLink { hash, kept, now }, _) = object::unframe(&framed)?;
                object::answer(200, &links::add(&sql, &hash, &kept, now)?)
            }
            path::LINK => {
                let (Use { hash, now }, _) = object::unframe(&framed)?;
                object::answer(200, &links::link(&sql, &hash, now)?)
            }
            path::CLEAR_LINKS => {
                links::clear(&sql)?;
                object::answer(200, &())
            }
            path::WITHDRAW => {
                let (Revoke { id }, _) = object::unframe(&framed)?;
                object::answer(200, &links::withdraw(&sql, &id)?)
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
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
