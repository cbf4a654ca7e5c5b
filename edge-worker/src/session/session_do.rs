//! The shell around [`Actor`]: one command in, one answer out.

use super::client::path;
use crate::config;
use crate::http;
use crate::log;
use crate::object;
use crate::store::platform::Platform;
use crate::store::sql::SqlBuffer;
use sentiero_core::lifecycle::{Actor, Append, Erase};
use sentiero_core::recording::Selection;
use sentiero_core::store::{Memory, Remembered, StoreError};
use sentiero_core::wire::Limits;
use std::time::Duration;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// When a session looks again whether the deployment's configuration has been corrected.
const MISCONFIGURED: Duration = Duration::from_mins(1);

/// What the log calls it.
const NAME: &str = "session_object";

/// One visit.
#[durable_object(alarm)]
pub struct SessionObject {
    state: State,
    env: Env,
    memory: Memory,
}

impl DurableObject for SessionObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            state,
            env,
            memory: Memory::default(),
        }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.wake().await)
    }
}

impl SessionObject {
    async fn wake(&self) -> core::result::Result<(), StoreError> {
        self.memory.forget();
        match self.actor() {
            Ok(actor) => actor.alarm(http::now()).await,
            Err(StoreError(cause)) => {
                log::failure("session_object", None, "misconfigured", &cause);
                Ok(self.state.storage().set_alarm(MISCONFIGURED).await?)
            }
        }
    }

    fn actor(
        &self,
    ) -> core::result::Result<
        Actor<Remembered<'_, SqlBuffer>, Platform, Platform, Platform>,
        StoreError,
    > {
        let platform = Platform::new(&self.env);
        Ok(Actor {
            buffer: Remembered::new(SqlBuffer::new(self.state.storage()), &self.memory),
            recordings: platform.clone(),
            records: platform.clone(),
            index: platform,
            timing: config::of(&self.env).timing()?,
            limits: Limits::DEFAULT,
            log: log::retried,
        })
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            path::APPEND => {
                let (append, body) = object::unframe::<Append>(&framed)?;
                match self
                    .actor()?
                    .append(&append, body.to_vec(), http::now())
                    .await?
                {
                    Ok(ack) => object::answer(200, &ack),
                    Err(refused) => object::answer(403, &refused),
                }
            }
            path::ERASE => {
                let (erase, _) = object::unframe::<Erase>(&framed)?;
                self.actor()?.erase(&erase, http::now()).await?;
                Ok(object::done())
            }
            path::HELD => {
                let (selection, _) = object::unframe::<Selection>(&framed)?;
                // No `await` between: both are of one moment.
                let actor = self.actor()?;
                let held = actor.held()?;
                object::framed(&held, &actor.buffered_chunk(&selection)?)
            }
            #[cfg(feature = "contract")]
            path::CONTRACT => {
                let (property, _) = object::unframe::<crate::contract::Property>(&framed)?;
                let broken = crate::contract::in_object(&property, self.actor()?).await;
                object::answer(200, &broken)
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
