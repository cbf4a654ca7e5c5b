//! Why a request failed, and the only place that knows status codes.
//!
//! Callers get a code and a sentence; the log gets the cause; neither gets
//! payload data.

use crate::http::{self, Body};
use crate::log;
use sentiero_core::access::jwt::AccessError;
use sentiero_core::api::Problem;
use sentiero_core::count;
use sentiero_core::field::FieldError;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::ingest::IngestError;
use sentiero_core::store::StoreError;
use sentiero_core::wire::{Ack, Refusal};
use worker::{Response, Result};

/// Why a request failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 204 to an upload: its visitor does not want to be recorded.
    PrivacySignal,
    /// 200 to an upload, with the directive `stop`: why it was not looked at.
    Stop(&'static str),
    /// 400; the sentence says what is wrong.
    Malformed { code: &'static str, message: String },
    /// 401.
    SignInFirst,
    /// 401 to an API token.
    UnknownToken,
    /// 401 to a token of Cloudflare Access.
    NotByAccess(AccessError),
    /// 401 to a login.
    WrongPassword,
    /// 403; the sentence says why.
    Forbidden { code: &'static str, message: String },
    /// 404; what was not found.
    NotFound(&'static str),
    /// 405; the methods that are allowed.
    Method(&'static str),
    /// 408: the body broke off, or was no HTTP.
    Incomplete,
    /// 409: the session id lies outside the time that is let in.
    Clock { now: Millis },
    /// 409; the sentence says what stands in the way.
    Conflict { code: &'static str, message: String },
    /// 413; the limit in bytes.
    TooLarge { what: &'static str, limit: u64 },
    /// 429; seconds to wait.
    TooMany { wait: u32 },
    /// 429 to a login: too many did not know the password; seconds to wait.
    LockedOut { wait: u32 },
    /// 503; a sentence for the operator.
    NotConfigured(&'static str),
    /// 503; what of the deployment's configuration is wrong. It was logged when it was read.
    Misconfigured(FieldError),
    /// 503, to be retried: what is stored of the site's configuration cannot be used. What is
    /// wrong was logged when it was read.
    MisconfiguredSite(SiteKey),
    /// 503, to be retried; the cause is logged.
    Unavailable(StoreError),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<worker::Error> for ApiError {
    fn from(error: worker::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<IngestError> for ApiError {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Malformed { code, message } => Self::Malformed { code, message },
            IngestError::TooLarge { what, limit } => Self::TooLarge { what, limit },
            IngestError::Clock { now } => Self::Clock { now },
        }
    }
}

/// What a body is called that is a source map.
pub(crate) const SOURCE_MAP: &str = "source map";

/// Seconds after which a caller may try again when a store is unavailable.
const RETRY_SECONDS: u32 = 5;

impl ApiError {
    fn status(&self) -> u16 {
        match self {
            Self::Stop(_) => 200,
            Self::PrivacySignal => 204,
            Self::Malformed { .. } => 400,
            Self::SignInFirst | Self::UnknownToken | Self::NotByAccess(_) | Self::WrongPassword => {
                401
            }
            Self::Forbidden { .. } => 403,
            Self::NotFound(_) => 404,
            Self::Method(_) => 405,
            Self::Incomplete => 408,
            Self::Clock { .. } | Self::Conflict { .. } => 409,
            Self::TooLarge { .. } => 413,
            Self::TooMany { .. } | Self::LockedOut { .. } => 429,
            Self::NotConfigured(_)
            | Self::Misconfigured(_)
            | Self::MisconfiguredSite(_)
            | Self::Unavailable(_) => 503,
        }
    }

    /// A stable word for programs; refusals of an upload are counted under it.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::PrivacySignal => count::PRIVACY_SIGNAL,
            Self::Stop(why) => why,
            Self::Incomplete => "incomplete_body",
            Self::Malformed { code, .. }
            | Self::Forbidden { code, .. }
            | Self::Conflict { code, .. } => code,
            Self::SignInFirst => "sign_in_first",
            Self::UnknownToken => "unknown_token",
            Self::NotByAccess(_) => "access_token",
            Self::WrongPassword => "wrong_password",
            Self::NotFound(_) => "not_found",
            Self::Method(_) => "method_not_allowed",
            Self::Clock { .. } => "clock_out_of_range",
            Self::TooLarge { .. } => "too_large",
            Self::TooMany { .. } => "too_many_requests",
            Self::LockedOut { .. } => "locked_out",
            Self::NotConfigured(_) => "not_configured",
            Self::Misconfigured(_) => "misconfigured",
            Self::MisconfiguredSite(_) => count::MISCONFIGURED,
            Self::Unavailable(_) => "unavailable",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Malformed { message, .. }
            | Self::Forbidden { message, .. }
            | Self::Conflict { message, .. } => message.clone(),
            Self::SignInFirst => "Sign in first.".to_owned(),
            Self::UnknownToken => {
                "There is no such API token: it never was, it expired, or it was revoked.".to_owned()
            }
            Self::NotByAccess(error) => format!("The token of Cloudflare Access is not taken: {error}."),
            Self::WrongPassword => "That is not the dashboard's password.".to_owned(),
            Self::NotFound(what) => format!("There is no such {what}."),
            Self::Method(allowed) => format!("Only {allowed} is allowed here."),
            Self::Clock { .. } => {
                "The session id's time is too far from the server's; make a new one with the time in `now`.".to_owned()
            }
            Self::TooLarge { what: SOURCE_MAP, limit } => format!(
                "The source map is over the limit of {limit} bytes; leave the sources out of it, or split the file that it is of."
            ),
            Self::TooLarge { what, limit } => {
                format!("The {what} is over the limit of {limit} bytes; split the batch and send the parts.")
            }
            Self::TooMany { wait } => format!("Too many requests; try again in {wait} seconds."),
            Self::LockedOut { wait } => format!(
                "The password was wrong too often; it can be tried again in {wait} seconds."
            ),
            Self::NotConfigured(message) => (*message).to_owned(),
            Self::Misconfigured(error) => format!(
                "{error}. Correct it (a variable in wrangler.toml, a secret by `npx wrangler secret put`) and deploy."
            ),
            Self::MisconfiguredSite(_) => {
                "The site's stored configuration cannot be used; its operator has to save it again.".to_owned()
            }
            Self::PrivacySignal | Self::Stop(_) => "Nothing more is recorded here.".to_owned(),
            Self::Incomplete => "The body did not arrive whole; send it again.".to_owned(),
            Self::Unavailable(_) => "The server cannot do this now; try again.".to_owned(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { wait } | Self::LockedOut { wait } => Some(*wait),
            Self::MisconfiguredSite(_) | Self::Unavailable(_) => Some(RETRY_SECONDS),
            _ => None,
        }
    }

    /// Writes the cause of a failure of ours to the log.
    fn log(&self, event: &'static str, site: Option<&SiteKey>) {
        if let Self::Unavailable(StoreError(cause)) = self {
            log::failure(event, site, log::UNAVAILABLE, cause);
        }
    }

    /// The answer of the API.
    pub(crate) fn into_problem(self) -> Result<Response> {
        self.log("api", None);
        let problem = Problem {
            code: self.code().to_owned(),
            message: self.message(),
        };
        self.respond(&problem)
    }

    /// The answer of the ingest of `site`, if there is one.
    pub(crate) fn into_refusal(self, site: Option<&SiteKey>) -> Result<Response> {
        self.log("ingest", site);
        match self {
            Self::PrivacySignal => return http::answer(self.status(), Body::Empty),
            Self::Stop(_) => return http::answer(self.status(), Body::json(&Ack::STOP)),
            _ => {}
        }
        let now = if let Self::Clock { now } = &self {
            Some(*now)
        } else {
            None
        };
        let limit = if let Self::TooLarge { limit, .. } = &self {
            Some(*limit)
        } else {
            None
        };
        let refusal = Refusal {
            code: self.code().to_owned(),
            message: self.message(),
            now,
            limit,
        };
        self.respond(&refusal)
    }

    fn respond<T: serde::Serialize>(&self, body: &T) -> Result<Response> {
        let response = http::answer(self.status(), Body::json(body))?;
        if let Some(seconds) = self.retry_after() {
            response
                .headers()
                .set("Retry-After", &seconds.to_string())?;
        }
        if let Self::Method(allowed) = self {
            response.headers().set("Allow", allowed)?;
        }
        Ok(response)
    }
}
