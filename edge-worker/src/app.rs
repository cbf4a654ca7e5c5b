//! The one match on method and path.

use crate::api::audit::{self, Note};
use crate::api::{erasures, events, login, sessions};
use crate::config;
use crate::error::ApiError;
use crate::http::{self, Body};
use crate::ingest::{self, Wanted};
use sentiero_core::api::CSRF_HEADER;
use worker::{Context, Env, Method, Request, Response, Result};

/// Answers a request. Static files are served before the worker is asked.
pub(crate) async fn handle(req: Request, env: Env, ctx: &Context) -> Result<Response> {
    let path = req.path();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["i", site] => ingest::handle(req, &env, site, Wanted::Store).await,
        ["i", site, "erase"] => ingest::handle(req, &env, site, Wanted::Erase).await,
        ["api", rest @ ..] => api(req, &env, ctx, rest).await,
        _ => ApiError::NotFound("page").into_problem(),
    }
}

/// Whose browser asks.
enum Caller {
    /// The worker's own page, or no browser at all.
    Own,
    /// A page of an origin that may show this worker's data.
    Foreign(String),
}

async fn api(mut req: Request, env: &Env, ctx: &Context, segments: &[&str]) -> Result<Response> {
    let caller = match caller(&req, env) {
        Ok(caller) => caller,
        Err(error) => return error.into_problem(),
    };
    let foreign = matches!(caller, Caller::Foreign(_));
    let answer = match route(&mut req, env, ctx, segments, foreign).await {
        Ok(answer) => answer,
        Err(error) => error.into_problem()?,
    };
    let headers = answer.headers();
    headers.append("Vary", "Origin")?;
    if let Caller::Foreign(origin) = caller {
        headers.set("Access-Control-Allow-Origin", &origin)?;
        headers.set("Access-Control-Allow-Methods", "GET, POST")?;
        headers.set(
            "Access-Control-Allow-Headers",
            &format!("authorization, content-type, {CSRF_HEADER}"),
        )?;
        headers.set("Access-Control-Max-Age", "600")?;
    }
    Ok(answer)
}

fn caller(req: &Request, env: &Env) -> core::result::Result<Caller, ApiError> {
    // A browser sends Origin with everything that can change something.
    let Some(origin) = http::header(req, "Origin") else {
        return Ok(Caller::Own);
    };
    if origin == http::own_origin(req) {
        return Ok(Caller::Own);
    }
    if config::dashboard_origins(env).contains(&origin) {
        return Ok(Caller::Foreign(origin));
    }
    Err(ApiError::Forbidden {
        code: "origin_not_allowed",
        message: "Pages of this origin may not call the API; the operator can add it to DASHBOARD_ORIGINS.".to_owned(),
    })
}

async fn route(
    req: &mut Request,
    env: &Env,
    ctx: &Context,
    segments: &[&str],
    foreign: bool,
) -> core::result::Result<Response, ApiError> {
    let method = req.method();
    if method == Method::Options && foreign {
        return Ok(http::answer(204, Body::Empty)?);
    }
    match (method, segments) {
        (Method::Post, ["login"]) => {
            let outcome = login::login(req, env, foreign).await;
            audit::sign_in(env, ctx, &outcome);
            outcome
        }
        (Method::Post, ["logout"]) => login::logout(req, env),
        (_, ["login" | "logout"]) => Err(ApiError::Method("POST")),
        (Method::Post, ["sites", site, rest @ ..]) if erasures::takes(rest) => {
            let caller = login::authorised(req, env)?;
            let note = Note::of(req, &caller, segments);
            let answer = erasures::mutate(req, env, &caller, site, rest).await?;
            if let Some(note) = note {
                note.write_later(env, ctx);
            }
            Ok(answer)
        }
        (Method::Get, _) => read(req, env, ctx, segments).await,
        _ => Err(ApiError::Method("GET")),
    }
}

/// Everything that only reads; nothing of it without signing in.
async fn read(
    req: &Request,
    env: &Env,
    ctx: &Context,
    segments: &[&str],
) -> core::result::Result<Response, ApiError> {
    let caller = login::caller(req, env)?;
    let note = Note::of(req, &caller, segments);
    // An export that cannot be written down does not happen.
    if let Some(note) = note.as_ref().filter(|note| note.is_binding()) {
        note.write(env).await?;
    }
    let answer = answer(req, env, segments).await?;
    if let Some(note) = note.filter(|note| !note.is_binding()) {
        note.write_later(env, ctx);
    }
    Ok(answer)
}

async fn answer(
    req: &Request,
    env: &Env,
    segments: &[&str],
) -> core::result::Result<Response, ApiError> {
    match segments {
        ["audit"] => audit::read(req, env, None).await,
        ["sites", site, "audit"] => audit::read(req, env, Some(*site)).await,
        ["me"] => login::me(req, env).await,
        ["sites", site, "privacy"] => sessions::privacy(env, site).await,
        ["sites", site, "erasures"] => erasures::list(req, env, site).await,
        ["sites", site, "erasures", id] => erasures::one(env, site, id).await,
        ["sites", site, "rebuild"] => erasures::rebuild(env, site).await,
        ["sites", site, "sessions"] => sessions::list(req, env, site).await,
        ["sites", site, "sessions", sid] => sessions::detail(env, site, sid).await,
        ["sites", site, "sessions", sid, "events"] => events::events(req, env, site, sid).await,
        _ => Err(ApiError::NotFound("resource")),
    }
}
