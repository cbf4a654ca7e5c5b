//! The shell around [`Book`]: one command in, one answer out.

use super::book::Book;
use super::client::path;
use super::{List, Read};
use crate::http::{self, Body};
use crate::log;
use crate::object;
use sentiero_core::audit::Entry;
use sentiero_core::erasure::Receipt;
use sentiero_core::id::ErasureId;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// One site's ledger.
#[durable_object(alarm)]
pub struct LedgerObject {
    state: State,
}

impl DurableObject for LedgerObject {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        match self.command(&mut req).await {
            Ok(answer) => Ok(answer),
            Err(StoreError(cause)) => {
                log::failure("ledger_object", None, "failed", &cause);
                http::answer(500, Body::Empty)
            }
        }
    }

    /// Never fails: after six failures the platform would forget the alarm.
    async fn alarm(&self) -> Result<Response> {
        if let Err(StoreError(cause)) = self.book().clean(http::now()).await {
            log::failure("ledger_object", None, "alarm_lost", &cause);
        }
        http::answer(200, Body::Empty)
    }
}

impl LedgerObject {
    fn book(&self) -> Book {
        Book::new(self.state.storage())
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            path::PUT => {
                let (receipt, _) = object::unframe::<Receipt>(&framed)?;
                self.book().put(&receipt, http::now()).await?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::GET => {
                let (id, _) = object::unframe::<ErasureId>(&framed)?;
                Ok(http::answer(200, Body::json(&self.book().get(&id)?))?)
            }
            path::LIST => {
                let (List { before, limit }, _) = object::unframe(&framed)?;
                let found = self.book().list(before.as_ref(), limit)?;
                Ok(http::answer(200, Body::json(&found))?)
            }
            path::NOTE => {
                let (entry, _) = object::unframe::<Entry>(&framed)?;
                self.book().note(&entry, http::now()).await?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::READ => {
                let (Read { before, limit }, _) = object::unframe(&framed)?;
                let found = self.book().read(before.as_deref(), limit)?;
                Ok(http::answer(200, Body::json(&found))?)
            }
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
