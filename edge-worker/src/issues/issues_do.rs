//! The shell around [`Rows`]: one command in, one answer out.

use super::client::path;
use super::rows::Rows;
use super::{Decide, Page};
use crate::http;
use crate::object;
use sentiero_core::issue::Told;
use sentiero_core::store::StoreError;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// What the log calls it.
const NAME: &str = "issues_object";

/// One site's issues.
#[durable_object(alarm)]
pub struct IssuesObject {
    state: State,
}

impl DurableObject for IssuesObject {
    fn new(state: State, _env: Env) -> Self {
        Self { state }
    }

    async fn fetch(&self, mut req: Request) -> Result<Response> {
        Ok(object::answered(NAME, self.command(&mut req).await))
    }

    async fn alarm(&self) -> Result<Response> {
        object::woken(NAME, self.rows().forget(http::now()).await)
    }
}

impl IssuesObject {
    fn rows(&self) -> Rows {
        Rows::new(self.state.storage())
    }

    async fn command(&self, req: &mut Request) -> core::result::Result<Response, StoreError> {
        let framed = req.bytes().await?;
        match req.path().as_str() {
            path::TELL => {
                let (told, _) = object::unframe::<Told>(&framed)?;
                let news = self.rows().tell(&told, http::now()).await?;
                object::answer(200, &news)
            }
            path::PAGE => {
                let (Page { after, limit }, _) = object::unframe(&framed)?;
                let page = self.rows().page(after.as_deref(), limit)?;
                object::answer(200, &page)
            }
            path::DECIDE => {
                let (command, _) = object::unframe::<Decide>(&framed)?;
                let Decide {
                    issue,
                    decision,
                    now,
                } = command;
                let decided = self.rows().decide(issue, &decision, now)?;
                object::answer(200, &decided)
            }
            path::ERASE_SEEN => {
                let (by, _) = object::unframe::<String>(&framed)?;
                self.rows().erase_seen(&by)?;
                Ok(object::done())
            }
            #[cfg(feature = "contract")]
            path::FORGET => {
                let (now, _) = object::unframe(&framed)?;
                self.rows().forget(now).await?;
                Ok(object::done())
            }
            object::PING => Ok(object::done()),
            other => Err(StoreError(format!("unknown command {other}"))),
        }
    }
}
