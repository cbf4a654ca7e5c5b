//! Who asks, and whether that is enough for what is asked. Every request of the API comes
//! through here before a handler sees it; what is needed stands in
//! [`sentiero_core::access::RESOURCES`].

use crate::api::login;
use crate::auth;
use crate::config;
use crate::error::ApiError;
use crate::http::{self, Request};
use crate::settings::client::Settings;
use sentiero_core::access::{Denied, Found, Grant, Needs, Scope, Tokens as _, find};
use sentiero_core::id::is_token_secret;
use worker::{Env, Method};

type Result<T> = core::result::Result<T, ApiError>;

/// The name of everybody who signs in with the one password.
pub(crate) const OPERATOR: &str = "operator";

/// Who asks.
pub(crate) struct Who {
    grant: Grant,
    name: String,
}

impl Who {
    /// Its name in receipts and in the audit, never a network address: [`OPERATOR`], `token` with
    /// a token's id and name, or `access` with whom Cloudflare Access let in.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What it may do.
    pub(crate) fn grant(&self) -> &Grant {
        &self.grant
    }
}

/// Lets a request through to its handler, or says why not. None for what needs nobody.
pub(crate) async fn guard(req: &Request, env: &Env, segments: &[&str]) -> Result<Option<Who>> {
    let (needs, site) = match find(req.method().as_ref(), segments) {
        Found::Request(Needs::Nothing, _) => return Ok(None),
        Found::Request(needs, site) => (needs, site),
        Found::OtherMethod(allowed) => return Err(ApiError::Method(allowed)),
        Found::Nothing => {
            // Only who is known is told what there is not.
            who(req, env).await?;
            return Err(ApiError::NotFound("resource"));
        }
    };
    let who = who(req, env).await?;
    who.grant.allows(needs, site)?;
    Ok(Some(who))
}

/// Who asks. Somebody who signed in must show the session's word with whatever changes
/// something: a browser sends a cookie by itself, and what Cloudflare Access adds. It never
/// sends a token by itself.
async fn who(req: &Request, env: &Env) -> Result<Who> {
    config::of(env).secrets()?;
    let bearer = http::header(req, "Authorization");
    let bearer = bearer
        .as_deref()
        .and_then(|value| value.strip_prefix("Bearer "));
    if let Some(secret) = bearer.filter(|text| is_token_secret(text)) {
        return token(env, secret).await;
    }
    let caller = login::caller(req, env).await?;
    if req.method() != Method::Get {
        caller.check_csrf(req)?;
    }
    Ok(Who {
        grant: Grant::SignedIn,
        name: caller.name().to_owned(),
    })
}

/// Lets a site's own server tell, or says why not: by an API token in the header
/// `Authorization`, and by nothing that a browser sends by itself.
pub(crate) async fn teller(req: &Request, env: &Env, site: &str) -> Result<()> {
    config::of(env).secrets()?;
    let bearer = http::header(req, "Authorization");
    let secret = bearer
        .as_deref()
        .and_then(|value| value.strip_prefix("Bearer "))
        .filter(|text| is_token_secret(text))
        .ok_or(ApiError::UnknownToken)?;
    let who = token(env, secret).await?;
    Ok(who.grant.allows(Needs::Scope(Scope::Tell), Some(site))?)
}

async fn token(env: &Env, secret: &str) -> Result<Who> {
    let token = Settings::new(env)
        .shown(&auth::token_hash(secret), http::now())
        .await?
        .ok_or(ApiError::UnknownToken)?;
    let name = format!("token {} {}", token.id, token.name);
    Ok(Who {
        grant: Grant::Token(token),
        name,
    })
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::SignIn => "sign_in_only",
            Denied::Scope(_) => "missing_scope",
            Denied::Site | Denied::Everywhere => "other_site",
        };
        Self::Forbidden {
            code,
            message: denied.to_string(),
        }
    }
}
