//! The shell around [`Eraser`]: one command in, one answer out, and an alarm.

use super::Start;
use super::client::{START, WITHDRAW};
use super::desk::SqlDesk;
use crate::http;
use crate::log;
use crate::object;
use crate::settings::client::Settings;
use crate::store::upkeep::Upkeep;
use sentiero_core::erasure::Eraser;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// What the log calls it.
const NAME: &str = "erasure_object";

/// One erasure.
#[durable_object(alarm)]
pub struct ErasureObject {
    state: State,
    env: Env,
}

impl DurableObject for ErasureObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.eraser().alarm(http::now()).await)
    }
}

impl ErasureObject {
    fn eraser(&self) -> Eraser<SqlDesk, Upkeep, Upkeep, Upkeep, Settings> {
        let upkeep = Upkeep::new(&self.env);
        Eraser {
            desk: SqlDesk::new(self.state.storage()),
            ledger: upkeep.clone(),
            months: upkeep.clone(),
            sessions: upkeep,
            sites: Settings::new(&self.env),
            log: log::retried,
        }
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            START => {
                let (Start { job, begins }, _) = object::unframe(&framed)?;
                self.eraser().start(&job, begins).await?;
                Ok(object::done())
            }
            WITHDRAW => {
                self.eraser().withdraw().await?;
                Ok(object::done())
            }
            #[cfg(feature = "contract")]
            super::client::CONTRACT => {
                let (property, _) = object::unframe::<crate::contract::Property>(&framed)?;
                let eraser = self.eraser();
                let broken = crate::contract::in_erasure(&property, &self.env, eraser).await;
                object::answer(200, &broken)
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
