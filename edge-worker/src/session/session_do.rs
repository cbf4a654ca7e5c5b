//! The shell around [`Actor`]: one command in, one answer out.

use super::client::path;
use crate::config;
use crate::http::{self, Body};
use crate::object;
use crate::store::log;
use crate::store::platform::Platform;
use crate::store::sql::SqlBuffer;
use sentiero_core::lifecycle::{Actor, Append, Erase};
use sentiero_core::recording::Selection;
use sentiero_core::store::StoreError;
use sentiero_core::wire::Limits;
use worker::{
    DurableObject, Env, Request, Response, ResponseBuilder, Result, State, durable_object,
};

/// One visit.
#[durable_object(alarm)]
pub struct SessionObject {
    state: State,
    env: Env,
}

impl DurableObject for SessionObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        match self.command(&mut req).await {
            Ok(answer) => Ok(answer),
            Err(StoreError(cause)) => {
                worker::console_error!("session object: {cause}");
                http::answer(500, Body::Empty)
            }
        }
    }

    /// Never fails: after six failures the platform would forget the alarm.
    async fn alarm(&self) -> Result<Response> {
        if let Err(StoreError(cause)) = self.actor().alarm(http::now()).await {
            worker::console_error!("session object: the alarm could not be set again: {cause}");
        }
        http::answer(200, Body::Empty)
    }
}

impl SessionObject {
    fn actor(&self) -> Actor<SqlBuffer, Platform, Platform, Platform> {
        let platform = Platform::new(&self.env);
        Actor {
            buffer: SqlBuffer::new(self.state.storage()),
            recordings: platform.clone(),
            records: platform.clone(),
            index: platform,
            timing: config::timing(&self.env),
            limits: Limits::DEFAULT,
            log,
        }
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            path::APPEND => {
                let (append, body) = object::unframe::<Append>(&framed)?;
                match self
                    .actor()
                    .append(&append, body.to_vec(), http::now())
                    .await?
                {
                    Ok(ack) => Ok(http::answer(200, Body::json(&ack))?),
                    Err(refused) => Ok(http::answer(403, Body::json(&refused))?),
                }
            }
            path::ERASE => {
                let (erase, _) = object::unframe::<Erase>(&framed)?;
                self.actor().erase(&erase, http::now()).await?;
                Ok(http::answer(200, Body::Empty)?)
            }
            path::HELD => {
                let (selection, _) = object::unframe::<Selection>(&framed)?;
                // No `await` between: both are of one moment.
                let actor = self.actor();
                let held = actor.held()?;
                let chunk = actor.buffered_chunk(&selection)?;
                Ok(ResponseBuilder::new().fixed(object::frame(&held, &chunk)?))
            }
            #[cfg(feature = "contract")]
            path::CONTRACT => {
                let (property, _) = object::unframe::<crate::contract::Property>(&framed)?;
                let broken = crate::contract::in_object(&property, self.actor()).await;
                Ok(http::answer(200, Body::json(&broken))?)
            }
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
