//! Signing in and out.

use crate::access::{self, Visitor};
use crate::audit;
use crate::auth::{self, Cookie, RENEW_BELOW, Seal, Token};
use crate::config::{self, binding};
use crate::error::ApiError;
use crate::generation;
use crate::guard::{OPERATOR, Who};
use crate::http::{self, Body, Request};
use crate::patience;
use crate::settings::client::Settings;
use crate::sites;
use sentiero_core::access::gate::{Attempt, Gate as _};
use sentiero_core::api::{CSRF_HEADER, Login, Session, SignedIn, Site};
use sentiero_core::audit::Action;
use sentiero_core::field::FieldError;
use sentiero_core::id::Millis;
use sentiero_core::settings::Secrets;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// Longer passwords than this are refused before they are hashed.
const MAX_BODY: usize = 4_096;

/// A signed-in caller.
pub(crate) struct Caller {
    /// What it shows with whatever changes something.
    csrf: String,
    /// Its name in receipts and in the audit.
    name: String,
    by: SignedIn,
    expires: Millis,
    /// Of a sign-in with the password whose token came as a cookie.
    cookie: Option<(Seal, Token)>,
}

/// Who calls; refuses everybody who has not signed in, here or with Cloudflare Access.
pub(crate) async fn caller(req: &Request, env: &Env) -> Result<Caller> {
    let config = config::of(env);
    let now = http::now();
    let generation = generation::current(env, now).await?;
    let seal = Seal::of_sign_ins(config.secrets()?, generation);
    let bearer = http::header(req, "Authorization");
    if let Some(bearer) = &bearer {
        let text = bearer.strip_prefix("Bearer ");
        let token = text.and_then(|text| Token::verify(&seal, text, now));
        let token = token.ok_or(ApiError::SignInFirst)?;
        return Ok(Caller::of_password(&seal, &token));
    }
    let cookies = http::header(req, "Cookie").unwrap_or_default();
    let text = Cookie::SignIn.token(&cookies, is_https(req));
    if let Some(token) = text.and_then(|text| Token::verify(&seal, text, now)) {
        let caller = Caller::of_password(&seal, &token);
        return Ok(Caller {
            cookie: Some((seal, token)),
            ..caller
        });
    }
    let Some(issuer) = config.access()? else {
        return Err(ApiError::SignInFirst);
    };
    let visitor = access::visitor(req, issuer, now).await?;
    let Visitor { name, expires } = visitor.ok_or(ApiError::SignInFirst)?;
    Ok(Caller {
        csrf: seal.word(&name),
        name: format!("access {name}"),
        by: SignedIn::Access,
        expires,
        cookie: None,
    })
}

impl Caller {
    fn of_password(seal: &Seal, token: &Token) -> Self {
        Self {
            csrf: token.csrf(seal),
            name: OPERATOR.to_owned(),
            by: SignedIn::Password,
            expires: token.expires,
            cookie: None,
        }
    }

    /// Its name in receipts and in the audit.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Refuses a request that changes something without the session's own word.
    pub(crate) fn check_csrf(&self, req: &Request) -> Result<()> {
        let given = http::header(req, CSRF_HEADER).unwrap_or_default();
        if !auth::is_same(&self.csrf, &given) {
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
    let now = http::now();
    let block = http::address_block(req).unwrap_or_else(|| "local".to_owned());
    // One that does not answer lets nobody try passwords: 503, and again later.
    if !patience::limiter(env, binding::LOGIN_LIMIT, block.clone()).await? {
        return Err(ApiError::TooMany { wait: 60 });
    }
    let body = http::read_body(req, "login", MAX_BODY).await?;
    let Login { password } =
        serde_json::from_slice(&body).map_err(|error| ApiError::Malformed {
            code: "malformed_login",
            message: format!("A login is JSON with a password: {error}"),
        })?;
    let browsers = Seal::of_browsers(secrets);
    let browser = browser(req, &browsers, now);
    let attempt = attempt(secrets, browser.as_ref(), &block, now);
    let settings = Settings::new(env);
    if let Some(left) = settings.attempt(&attempt).await? {
        return Err(ApiError::LockedOut {
            wait: seconds(left),
        });
    }
    if !auth::is_password(secrets, &password) {
        return Err(ApiError::WrongPassword);
    }
    settings.passed(&attempt).await?;
    let seal = Seal::of_sign_ins(secrets, generation::current(env, now).await?);
    let token = Token::new(now, http::random()?);
    let text = token.sign(&seal);
    let bearer = foreign.then(|| text.clone());
    let session = session(env, Caller::of_password(&seal, &token), bearer).await?;
    let answer = http::answer(200, Body::json(&session))?;
    if !foreign {
        keep(&answer, req, Cookie::SignIn, &text)?;
        let known = match browser {
            Some(known) => known,
            None => Token::of_browser(now, http::random()?),
        };
        keep(&answer, req, Cookie::Known, &known.sign(&browsers))?;
    }
    Ok(answer)
}

/// The token of a browser that signed in before.
fn browser(req: &Request, seal: &Seal, now: Millis) -> Option<Token> {
    let cookies = http::header(req, "Cookie")?;
    let text = Cookie::Known.token(&cookies, is_https(req))?;
    Token::verify(seal, text, now)
}

fn attempt(secrets: &Secrets, browser: Option<&Token>, block: &str, now: Millis) -> Attempt {
    let place = |whom: &str| auth::place(secrets, whom);
    match browser {
        Some(known) => Attempt {
            place: place(known.nonce()),
            all: None,
            now,
        },
        None => Attempt {
            place: place(block),
            all: Some(place("")),
            now,
        },
    }
}

/// Whole seconds, so that nobody who waits for them is early.
fn seconds(left: Millis) -> u32 {
    u32::try_from(left.div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// `GET /api/me`; renews a cookie that has been used for a while.
pub(crate) async fn me(req: &Request, env: &Env) -> Result<Response> {
    let mut caller = caller(req, env).await?;
    let cookie = caller.cookie.take();
    let answer = http::answer(200, Body::json(&session(env, caller, None).await?))?;
    let now = http::now();
    if let Some((seal, token)) = cookie
        && token.expires.saturating_sub(now) < RENEW_BELOW
    {
        keep(
            &answer,
            req,
            Cookie::SignIn,
            &token.renewed(now).sign(&seal),
        )?;
    }
    Ok(answer)
}

/// `POST /api/logout`; with `?everywhere` it ends all sign-ins, wherever they are.
pub(crate) async fn logout(req: &Request, env: &Env, who: &Who) -> Result<Response> {
    if everywhere(req)? {
        let generation = generation::end_all(env, http::now()).await?;
        let number = generation.to_string();
        audit::changed(env, who, Action::SignInsEnded, None, &number).await;
    }
    let answer = http::answer(204, Body::Empty)?;
    keep(&answer, req, Cookie::SignIn, "")?;
    Ok(answer)
}

fn everywhere(req: &Request) -> Result<bool> {
    match http::query(req, "everywhere")?.as_deref() {
        None => Ok(false),
        Some("" | "true") => Ok(true),
        Some(_) => {
            let reason = "must be `true`, or nothing; leave it out to sign out here only";
            Err(http::bad_field(&FieldError::new("everywhere", reason)))
        }
    }
}

fn is_https(req: &Request) -> bool {
    http::own_origin(req).starts_with("https:")
}

fn keep(answer: &Response, req: &Request, cookie: Cookie, token: &str) -> Result<()> {
    let set = cookie.set(token, is_https(req));
    Ok(answer.headers().append("Set-Cookie", &set)?)
}

async fn session(env: &Env, caller: Caller, bearer: Option<String>) -> Result<Session> {
    let Caller {
        csrf,
        name,
        by,
        expires,
        ..
    } = caller;
    Ok(Session {
        csrf,
        token: bearer,
        by,
        name,
        expires,
        sites: sites::names(env, http::now())
            .await?
            .into_iter()
            .map(|(key, name)| Site { key, name })
            .collect(),
    })
}
