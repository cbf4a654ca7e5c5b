//! The Cloudflare Worker: takes batches in, keeps sessions, answers the dashboard.
//!
//! | module | is |
//! |---|---|
//! | [`app`] | the one match on method and path |
//! | [`ingest`] | `POST /i/{site}`: authorise, limit, decode, mask, append, acknowledge |
//! | [`server`] | `POST /e/{site}`: what a site's own server tells |
//! | [`count`] | what was taken and refused, gathered and written later |
//! | [`health`] | `GET /health` |
//! | [`log`] | the one place that writes to the log |
//! | [`session`] | one Durable Object per visit: the single writer of its batches |
//! | [`index`] | one Durable Object per site and month: the rows that lists are made of |
//! | [`erasure`] | one Durable Object per erasure that an operator asks for |
//! | [`ledger`] | one Durable Object per site: receipts, and who did what |
//! | [`issues`] | one Durable Object per site: what is known of its issues |
//! | [`store`] | ports in domain words, and their adapters for R2, KV and Durable Objects |
//! | [`api`] | what the dashboard asks |
//! | [`guard`], [`auth`], [`access`] | who asks, and whether that is enough; sign-in, by password or Cloudflare Access |
//! | [`generation`] | which sign-ins hold |
//! | [`settings`], [`sites`] | the objects with the configuration of all sites and the API tokens; the isolate's copy of the former |
//! | [`audit`] | changes by operators, reported in one place |
//! | `contract` | the stores' contract, only in the build that tests have |
//! | [`error`] | the only place that knows status codes |
//!
//! **Invariants.** A 200 leaves only after the batch is durable. Nothing is
//! stored that has not been through `sentiero_core::mask`. No panic path: a
//! panic would take every other request of the isolate down and hang a Durable
//! Object's caller. No state in memory that is not a cache, but for
//! counts of the last moment.

mod access;
mod api;
mod app;
mod audit;
mod auth;
mod config;
#[cfg(feature = "contract")]
mod contract;
mod count;
mod erasure;
mod error;
mod generation;
mod guard;
mod health;
mod http;
mod index;
mod ingest;
mod issues;
mod ledger;
mod log;
mod object;
mod patience;
mod server;
mod session;
mod settings;
mod sites;
mod store;

use worker::{Context, Env, Response, Result, event, web_sys};

#[event(fetch)]
async fn fetch(req: web_sys::Request, env: Env, ctx: Context) -> Result<Response> {
    app::handle(req.into(), env, &ctx).await
}
