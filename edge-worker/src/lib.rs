//! The Cloudflare Worker: takes batches in, keeps sessions, answers the dashboard.
//!
//! | module | is |
//! |---|---|
//! | [`app`] | the one match on method and path |
//! | [`ingest`] | `POST /i/{site}`: authorise, limit, decode, mask, store |
//! | [`session`] | one Durable Object per visit: the single writer of its batches |
//! | [`index`] | one Durable Object per site and month: the rows that lists are made of |
//! | [`store`] | ports in domain words, and their adapters for R2, KV and Durable Objects |
//! | [`api`] | what the dashboard asks |
//! | [`auth`] | sign-in |
//! | `contract` | the stores' contract, only in the build that tests have |
//! | [`error`] | the only place that knows status codes |
//!
//! **Invariants.** A 200 leaves only after the batch is durable. Nothing is
//! stored that has not been through `sentiero_core::mask`. No panic path: a
//! panic would take every other request of the isolate down and hang a Durable
//! Object's caller. No state in memory that is not a cache.

mod agent;
mod api;
mod app;
mod auth;
mod config;
#[cfg(feature = "contract")]
mod contract;
mod error;
mod http;
mod index;
mod ingest;
mod object;
mod session;
mod sites;
mod store;

use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn fetch(req: Request, env: Env, _ctx: Context) -> Result<Response> {
    app::handle(req, env).await
}
