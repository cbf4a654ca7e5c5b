//! API tokens: make, list, revoke. A secret is in one answer only.

use crate::audit;
use crate::auth;
use crate::error::ApiError;
use crate::guard::Who;
use crate::http::{self, Body, Request};
use crate::settings::client::Settings;
use sentiero_core::access::{ApiToken, MAX_TOKENS, NewToken, Tokens as _};
use sentiero_core::api::{IssuedToken, TokenList};
use sentiero_core::audit::Action;
use sentiero_core::field::FieldError;
use sentiero_core::id::{TokenId, token_secret};
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// More than the longest request.
const MAX_BODY: usize = 8_192;

/// `GET /api/tokens`
pub(crate) async fn list(env: &Env) -> Result<Response> {
    let tokens = Settings::new(env).tokens().await?;
    Ok(http::answer(200, Body::json(&TokenList { tokens }))?)
}

/// `POST /api/tokens`
pub(crate) async fn issue(req: &mut Request, env: &Env, who: &Who) -> Result<Response> {
    let body = http::read_body(req, "token", MAX_BODY).await?;
    let text =
        String::from_utf8(body).map_err(|_| FieldError::new("body", "must be JSON in UTF-8"))?;
    let wanted = NewToken::parse(&text)?;
    let now = http::now();
    let token = ApiToken::new(wanted, TokenId::new(&http::random()?), now);
    let secret = token_secret(&http::random()?);
    let (settings, hash) = (Settings::new(env), auth::token_hash(&secret));
    if !settings.issue(&hash, &token, now).await? {
        return Err(ApiError::Conflict {
            code: "too_many_tokens",
            message: format!("There are {MAX_TOKENS} tokens already; revoke one first."),
        });
    }
    audit::changed(env, who, Action::TokenIssued, None, token.id.as_str()).await;
    Ok(http::answer(
        201,
        Body::json(&IssuedToken { secret, token }),
    )?)
}

/// `DELETE /api/tokens/{token}`
pub(crate) async fn revoke(env: &Env, who: &Who, id: &str) -> Result<Response> {
    let id = TokenId::parse(id).map_err(|_| ApiError::NotFound("token"))?;
    if !Settings::new(env).revoke(&id).await? {
        return Err(ApiError::NotFound("token"));
    }
    audit::changed(env, who, Action::TokenRevoked, None, id.as_str()).await;
    Ok(http::answer(204, Body::Empty)?)
}
