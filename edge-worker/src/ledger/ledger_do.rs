//! The shell around [`Book`]: one command in, one answer out.

use super::book::Book;
use super::client::path;
use super::{List, Read};
use crate::http;
use crate::object;
use sentiero_core::audit::Entry;
use sentiero_core::erasure::Receipt;
use sentiero_core::id::ErasureId;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// What the log calls it.
const NAME: &str = "ledger_object";

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
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.book().clean(http::now()).await)
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
                Ok(object::done())
            }
            path::GET => {
                let (id, _) = object::unframe::<ErasureId>(&framed)?;
                object::answer(200, &self.book().get(&id)?)
            }
            path::LIST => {
                let (List { before, limit }, _) = object::unframe(&framed)?;
                let found = self.book().list(before.as_ref(), limit)?;
                object::answer(200, &found)
            }
            path::NOTE => {
                let (entry, _) = object::unframe::<Entry>(&framed)?;
                self.book().note(&entry, http::now()).await?;
                Ok(object::done())
            }
            path::READ => {
                let (Read { before, limit }, _) = object::unframe(&framed)?;
                let found = self.book().read(before.as_deref(), limit)?;
                object::answer(200, &found)
            }
            #[cfg(feature = "contract")]
            path::CLEAN => {
                let (now, _) = object::unframe(&framed)?;
                self.book().clean(now).await?;
                Ok(object::done())
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
