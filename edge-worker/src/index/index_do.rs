//! The shell around [`super::rows`]: one command in, one answer out.

use super::client::path;
use super::{Admit, Counted, Erase, Forget, Masked, Page, Upsert, counters, quota, rows};
use crate::http::{self, Body};
use crate::log;
use crate::object;
use sentiero_core::count::Count;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// One month of one site.
#[durable_object(fetch)]
pub struct IndexObject {
    state: State,
}

impl DurableObject for IndexObject {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        match self.command(&mut req).await {
            Ok(answer) => Ok(answer),
            Err(StoreError(cause)) => {
                log::failure("index_object", None, log::UNAVAILABLE, &cause);
                http::answer(500, Body::Empty)
            }
        }
    }
}

impl IndexObject {
    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        let sql = self.state.storage().sql();
        match req.path().as_str() {
            path::UPSERT => {
                let (Upsert { row, revision }, _) = object::unframe(&framed)?;
                rows::upsert(&sql, row, revision)?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::ERASE => {
                let (Erase { sid, expected }, _) = object::unframe(&framed)?;
                rows::erase(&sql, &sid, expected)?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::FORGET => {
                let (Forget { sid }, _) = object::unframe(&framed)?;
                rows::forget(&sql, &sid)?;
                quota::forget(&sql, &sid)?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::MASKED => {
                let (Masked { since }, _) = object::unframe(&framed)?;
                Ok(http::answer(200, Body::json(&rows::masked(&sql, since)?))?)
            }
            path::PAGE => {
                let (Page { before, limit }, _) = object::unframe(&framed)?;
                Ok(http::answer(
                    200,
                    Body::json(&rows::page(&sql, before.as_ref(), limit)?),
                )?)
            }
            path::COUNT => {
                let (counts, _) = object::unframe::<Vec<Count>>(&framed)?;
                counters::add(&sql, &counts)?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::COUNTED => {
                let (Counted { from, to }, _) = object::unframe(&framed)?;
                let counts = counters::read(&sql, from, to)?;
                Ok(http::answer(200, Body::json(&counts))?)
            }
            path::ADMIT => {
                let (Admit { sid, quota }, _) = object::unframe(&framed)?;
                let verdict = quota::admit(&sql, &sid, &quota, http::now())?;
                Ok(http::answer(200, Body::json(&verdict))?)
            }
            path::PING => Ok(http::answer(200, Body::Empty)?),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
