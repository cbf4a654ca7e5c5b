//! The shell around [`Eraser`]: one command in, and an alarm.

use super::client::START;
use super::desk::SqlDesk;
use crate::http::{self, Body};
use crate::log;
use crate::object;
use crate::store::upkeep::Upkeep;
use sentiero_core::erasure::{Eraser, Job};
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

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
        match self.command(&mut req).await {
            Ok(answer) => Ok(answer),
            Err(StoreError(cause)) => {
                log::failure("erasure_object", None, "failed", &cause);
                http::answer(500, Body::Empty)
            }
        }
    }

    /// Never fails: after six failures the platform would forget the alarm.
    async fn alarm(&self) -> Result<Response> {
        if let Err(StoreError(cause)) = self.eraser().alarm(http::now()).await {
            log::failure("erasure_object", None, "alarm_lost", &cause);
        }
        http::answer(200, Body::Empty)
    }
}

impl ErasureObject {
    fn eraser(&self) -> Eraser<SqlDesk, Upkeep, Upkeep, Upkeep> {
        let upkeep = Upkeep::new(&self.env);
        Eraser {
            desk: SqlDesk::new(self.state.storage()),
            ledger: upkeep.clone(),
            months: upkeep.clone(),
            sessions: upkeep,
            log: log::retried,
        }
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            START => {
                let (job, _) = object::unframe::<Job>(&framed)?;
                self.eraser().start(&job, http::now()).await?;
                Ok(http::answer(200, Body::Empty)?)
            }
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
