//! The one match on method and path.

use crate::api::{events, login, sessions};
use crate::config;
use crate::error::ApiError;
use crate::http::{self, Body};
use crate::ingest::{self, Wanted};
use sentiero_core::api::CSRF_HEADER;
use worker::{Env, Method, Request, Response, Result};

/// Answers a request. Static files are served before the worker is asked.
pub(crate) async fn handle(req: Request, env: Env) -> Result<Response> {
    let path = req.path();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["i", site] => ingest::handle(req, &env, site, Wanted::Store).await,
        ["i", site, "erase"] => ingest::handle(req, &env, site, Wanted::Erase).await,
        ["api", rest @ ..] => api(req, &env, rest).await,
        #[cfg(feature = "contract")]
        ["contract", suite, name] => crate::contract::handle(&env, suite, name).await,
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

async fn api(mut req: Request, env: &Env, segments: &[&str]) -> Result<Response> {
    let caller = match caller(&req, env) {
        Ok(caller) => caller,
        Err(error) => return error.into_problem(),
    };
    let foreign = matches!(caller, Caller::Foreign(_));
    let answer = match route(&mut req, env, segments, foreign).await {
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
    segments: &[&str],
    foreign: bool,
) -> core::result::Result<Response, ApiError> {
    let method = req.method();
    if method == Method::Options && foreign {
        return Ok(http::answer(204, Body::Empty)?);
    }
    match (method, segments) {
        (Method::Post, ["login"]) => login::login(req, env, foreign).await,
        (Method::Post, ["logout"]) => login::logout(req, env),
        (_, ["login" | "logout"]) => Err(ApiError::Method("POST")),
        (Method::Get, _) => read(req, env, segments).await,
        _ => Err(ApiError::Method("GET")),
    }
}

/// Everything that only reads; nothing of it without signing in.
async fn read(
    req: &Request,
    env: &Env,
    segments: &[&str],
) -> core::result::Result<Response, ApiError> {
    login::caller(req, env)?;
    match segments {
        ["me"] => login::me(req, env).await,
        ["sites", site, "privacy"] => sessions::privacy(env, site).await,
        ["sites", site, "sessions"] => sessions::list(req, env, site).await,
        ["sites", site, "sessions", sid] => sessions::detail(env, site, sid).await,
        ["sites", site, "sessions", sid, "events"] => events::events(req, env, site, sid).await,
        _ => Err(ApiError::NotFound("resource")),
    }
}
