//! Signing in and out.

use crate::auth::{self, RENEW_BELOW, Token};
use crate::config::{self, binding};
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::patience;
use crate::sites;
use sentiero_core::api::{CSRF_HEADER, Login, Session, Site};
use sentiero_core::settings::Secrets;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// Longer passwords than this are refused before they are hashed.
const MAX_BODY: usize = 4_096;

/// A signed-in caller.
pub(crate) struct Caller {
    secrets: Secrets,
    token: Token,
    /// The token came as a cookie, which a browser sends by itself.
    by_cookie: bool,
}

/// Who calls; refuses everybody who has not signed in.
pub(crate) fn caller(req: &Request, env: &Env) -> Result<Caller> {
    let secrets = config::of(env).secrets()?.clone();
    let now = http::now();
    let bearer = http::header(req, "Authorization");
    let bearer = bearer
        .as_deref()
        .and_then(|value| value.strip_prefix("Bearer "));
    let cookies = http::header(req, "Cookie").unwrap_or_default();
    let text = bearer
        .or_else(|| auth::cookie_token(&cookies))
        .ok_or(ApiError::SignInFirst)?;
    let token = Token::verify(&secrets, text, now).ok_or(ApiError::SignInFirst)?;
    Ok(Caller {
        secrets,
        token,
        by_cookie: bearer.is_none(),
    })
}

impl Caller {
    /// Refuses a request that changes something without the session's own word.
    pub(crate) fn check_csrf(&self, req: &Request) -> Result<()> {
        let given = http::header(req, CSRF_HEADER).unwrap_or_default();
        if !self.token.is_csrf(&self.secrets, &given) {
            return Err(ApiError::Forbidden {
                code: "csrf",
                message: format!(
                    "This request needs the session's word in the {CSRF_HEADER} header."
                ),
            });
        }
        Ok(())
    }
}

/// `POST /api/login`. `foreign` is set for a dashboard on another host.
pub(crate) async fn login(req: &mut Request, env: &Env, foreign: bool) -> Result<Response> {
    let config = config::of(env);
    let secrets = config.secrets()?;
    let block = http::address_block(req).unwrap_or_else(|| "local".to_owned());
    // One that does not answer lets nobody try passwords: 503, and again later.
    if !patience::limiter(env, binding::LOGIN_LIMIT, block).await? {
        return Err(ApiError::TooMany { wait: 60 });
    }
    let body = http::read_body(req, "login", MAX_BODY).await?;
    let Login { password } =
        serde_json::from_slice(&body).map_err(|error| ApiError::Malformed {
            code: "malformed_login",
            message: format!("A login is JSON with a password: {error}"),
        })?;
    if !auth::is_password(secrets, &password) {
        return Err(ApiError::WrongPassword);
    }
    let token = Token::new(http::now(), http::random()?);
    let text = token.sign(secrets);
    let bearer = foreign.then(|| text.clone());
    let answer = http::answer(
        200,
        Body::json(&session(env, secrets, &token, bearer).await?),
    )?;
    if !foreign {
        keep(&answer, req, &text)?;
    }
    Ok(answer)
}

/// `GET /api/me`; renews a cookie that has been used for a while.
pub(crate) async fn me(req: &Request, env: &Env) -> Result<Response> {
    let caller = caller(req, env)?;
    let answer = http::answer(
        200,
        Body::json(&session(env, &caller.secrets, &caller.token, None).await?),
    )?;
    let now = http::now();
    if caller.by_cookie && caller.token.expires.saturating_sub(now) < RENEW_BELOW {
        keep(
            &answer,
            req,
            &caller.token.renewed(now).sign(&caller.secrets),
        )?;
    }
    Ok(answer)
}

/// `POST /api/logout`.
pub(crate) fn logout(req: &Request) -> Result<Response> {
    let answer = http::answer(204, Body::Empty)?;
    keep(&answer, req, "")?;
    Ok(answer)
}

fn keep(answer: &Response, req: &Request, token: &str) -> Result<()> {
    let secure = http::own_origin(req).starts_with("https:");
    Ok(answer
        .headers()
        .append("Set-Cookie", &auth::set_cookie(token, secure))?)
}

async fn session(
    env: &Env,
    secrets: &Secrets,
    token: &Token,
    bearer: Option<String>,
) -> Result<Session> {
    Ok(Session {
        csrf: token.csrf(secrets),
        token: bearer,
        sites: sites::names(env, http::now())
            .await?
            .into_iter()
            .map(|(key, name)| Site { key, name })
            .collect(),
    })
}
