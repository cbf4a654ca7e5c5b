//! The one match on method and path.

use crate::api::{
    audit as log, counters, erasures, events, issues, keys, links, login, maps, reports, sessions,
    sites, tokens, webhook,
};
use crate::audit::{self, Note};
use crate::config;
use crate::error::ApiError;
use crate::guard::{Who, guard};
use crate::health;
use crate::http::{self, Body, Request};
use crate::ingest::{self, Wanted};
use crate::server;
use sentiero_core::api::{CSRF_HEADER, LINK_HEADER, PENDING_HEADER};
use worker::{Context, Env, Method, Response, Result};

/// Answers a request. Static files are served before the worker is asked.
pub(crate) async fn handle(req: Request, env: Env, ctx: &Context) -> Result<Response> {
    let path = req.path();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match segments.as_slice() {
        ["i", key] => ingest::handle(req, &env, ctx, key, Wanted::Store).await,
        ["i", key, "erase"] => ingest::handle(req, &env, ctx, key, Wanted::Erase).await,
        ["e", site] => server::handle(req, &env, ctx, site).await,
        ["health"] => health::handle(&req, &env).await,
        ["api", rest @ ..] => api(req, &env, ctx, rest).await,
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

async fn api(mut req: Request, env: &Env, ctx: &Context, segments: &[&str]) -> Result<Response> {
    if let Err(error) = config::of(env).check() {
        return error.into_problem();
    }
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
        headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")?;
        headers.set(
            "Access-Control-Allow-Headers",
            &format!("authorization, content-type, {CSRF_HEADER}, {LINK_HEADER}"),
        )?;
        headers.set("Access-Control-Expose-Headers", PENDING_HEADER)?;
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
    if config::of(env).dashboard_origins()?.contains(&origin) {
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
    let Some(who) = guard(req, env, segments).await? else {
        return open(req, env, ctx, segments, foreign).await;
    };
    let note = Note::of(req, env, &who, segments);
    // An export that cannot be written down does not happen.
    if let Some(note) = note.as_ref().filter(|note| note.is_binding()) {
        note.write(env).await?;
    }
    let answer = match method {
        Method::Get => read(req, env, &who, segments).await?,
        _ => change(req, env, &who, segments).await?,
    };
    if let Some(note) = note.filter(|note| !note.is_binding()) {
        note.write_later(env, ctx);
    }
    Ok(answer)
}

/// What needs nobody.
async fn open(
    req: &mut Request,
    env: &Env,
    ctx: &Context,
    segments: &[&str],
    foreign: bool,
) -> core::result::Result<Response, ApiError> {
    match segments {
        ["login"] => {
            let outcome = login::login(req, env, foreign).await;
            audit::sign_in(env, ctx, &outcome);
            outcome
        }
        ["shared", site] => links::open(req, env, site).await,
        _ => Err(ApiError::NotFound("resource")),
    }
}

/// Everything that only reads, for a caller whom [`guard`] has let through.
async fn read(
    req: &Request,
    env: &Env,
    who: &Who,
    segments: &[&str],
) -> core::result::Result<Response, ApiError> {
    match segments {
        ["audit"] => log::read(req, env, None).await,
        ["sites", site, "audit"] => log::read(req, env, Some(*site)).await,
        ["me"] => login::me(req, env).await,
        ["tokens"] => tokens::list(env).await,
        ["sites"] => sites::list(env, who).await,
        ["sites", site] => sites::show(env, site).await,
        ["sites", site, "keys"] => keys::list(env, site).await,
        ["sites", site, "webhook"] => webhook::show(env, site).await,
        ["sites", site, "issues"] => issues::list(req, env, site).await,
        ["sites", site, "counters"] => counters::counters(req, env, site).await,
        ["sites", site, "privacy"] => sessions::privacy(env, site).await,
        ["sites", site, "erasures"] => erasures::list(req, env, site).await,
        ["sites", site, "erasures", id] => erasures::one(env, site, id).await,
        ["sites", site, "rebuild"] => erasures::rebuild(env, site).await,
        ["sites", site, "sessions"] => sessions::list(req, env, site).await,
        ["sites", site, "sessions", "facets"] => sessions::facets(req, env, site).await,
        ["sites", site, "sessions", "export"] => sessions::export(req, env, site).await,
        ["sites", site, "sessions", "named"] => reports::named(req, env, site).await,
        ["sites", site, "reports", report] => reports::report(req, env, site, report).await,
        ["sites", site, "sessions", sid] => sessions::detail(env, site, sid).await,
        ["sites", site, "links"] => links::list(env, site, None).await,
        ["sites", site, "maps"] => maps::list(req, env, site).await,
        ["sites", site, "sessions", sid, "errors"] => maps::errors(req, env, site, sid).await,
        ["sites", site, "sessions", sid, "links"] => links::list(env, site, Some(*sid)).await,
        ["sites", site, "sessions", sid, "events"] => events::events(req, env, site, sid).await,
        _ => Err(ApiError::NotFound("resource")),
    }
}

/// Everything that changes something, for a caller whom [`guard`] has let through.
async fn change(
    req: &mut Request,
    env: &Env,
    who: &Who,
    segments: &[&str],
) -> core::result::Result<Response, ApiError> {
    match (req.method(), segments) {
        (Method::Post, ["logout"]) => login::logout(req, env, who).await,
        (Method::Post, ["tokens"]) => tokens::issue(req, env, who).await,
        (Method::Delete, ["tokens", token]) => tokens::revoke(env, who, token).await,
        (Method::Post, ["sites"]) => sites::create(req, env, who).await,
        (Method::Put, ["sites", site]) => sites::replace(req, env, who, site).await,
        (Method::Post, ["sites", site, "keys"]) => keys::make(env, who, site).await,
        (Method::Put, ["sites", site, "keys", key]) => keys::change(req, env, who, site, key).await,
        (Method::Delete, ["sites", site, "keys", key]) => keys::remove(env, who, site, key).await,
        (Method::Put, ["sites", site, "issues", issue]) => {
            issues::decide(req, env, who, site, issue).await
        }
        (Method::Post, ["sites", site, "webhook", "secret"]) => {
            webhook::make_secret(env, who, site).await
        }
        (Method::Post, ["sites", site, "webhook", "test"]) => webhook::test(env, site).await,
        (Method::Post, ["sites", site, "erase"]) => erasures::erase(req, env, who, site).await,
        (Method::Post, ["sites", site, "purge"]) => erasures::purge(req, env, who, site).await,
        (Method::Post, ["sites", site, "retention", "run"]) => {
            erasures::run_retention(env, site).await
        }
        (Method::Post, ["sites", site, "rebuild"]) => erasures::start_rebuild(env, site).await,
        (Method::Post, ["sites", site, "sessions", sid, "links"]) => {
            links::make(req, env, who, site, sid).await
        }
        (Method::Delete, ["sites", site, "links", link]) => {
            links::withdraw(env, who, site, link).await
        }
        (Method::Put, ["sites", site, "maps"]) => maps::put(req, env, who, site).await,
        (Method::Delete, ["sites", site, "maps"]) => maps::delete(req, env, who, site).await,
        (Method::Delete, ["sites", site]) => sites::delete(req, env, who, site).await,
        _ => Err(ApiError::NotFound("resource")),
    }
}

#[cfg(test)]
mod tests {
    use sentiero_core::access::RESOURCES;
    use sentiero_core::audit::Action;
    use std::collections::BTreeSet;

    /// The paths that the matches of this file know, written as the table writes them: a
    /// quoted word is itself, a name stands for one segment.
    fn arms() -> BTreeSet<String> {
        let code = include_str!("app.rs");
        let code = code.split("#[cfg(test)]").next().unwrap();
        let code = code.split("async fn open(").nth(1).unwrap();
        let patterns = code.lines().filter_map(|line| {
            let (pattern, _) = line.split_once(" => ")?;
            let (_, inner) = pattern.split_once('[')?;
            inner.split_once(']').map(|(inner, _)| inner)
        });
        let path = |pattern: &str| {
            let parts = pattern
                .split(", ")
                .map(|part| match part.strip_prefix('"') {
                    Some(word) => word.trim_end_matches('"').to_owned(),
                    None => format!("{{{part}}}"),
                });
            parts.collect::<Vec<_>>().join("/")
        };
        patterns.map(path).collect()
    }

    #[test]
    fn every_route_has_its_needs_and_every_need_its_route() {
        let table: BTreeSet<String> = RESOURCES
            .iter()
            .map(|resource| resource.path.to_owned())
            .collect();
        assert_eq!(arms(), table);
    }

    /// A word of a path must not be taken for the id of a session that somebody looked at.
    #[test]
    fn what_is_written_down_of_a_session_has_its_id() {
        for path in arms() {
            let segments: Vec<&str> = path.split('/').collect();
            for export in [false, true] {
                let subject = Action::of(true, &segments, export).and_then(|(_, sid)| sid);
                let expected = path.contains("/{sid}").then_some("{sid}");
                assert_eq!(subject, expected, "{path}");
            }
        }
    }
}
