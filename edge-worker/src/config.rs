//! What wrangler.toml and the secrets say, read once per isolate.
//!
//! A value that cannot be used closes what needs it, and the answer and the log name it.

use crate::error::ApiError;
use crate::log;
use sentiero_core::access::jwt::Issuer;
use sentiero_core::field::FieldError;
use sentiero_core::id::Millis;
use sentiero_core::lifecycle::Timing;
use sentiero_core::settings::{self, Secrets};
use sentiero_core::store::StoreError;
use std::cell::OnceCell;
use std::rc::Rc;
use worker::Env;
use worker::js_sys::{JSON, Reflect};

/// Binding names, as in wrangler.toml.
pub(crate) mod binding {
    pub(crate) const KV: &str = "KV";
    pub(crate) const RECORDINGS: &str = "RECORDINGS";
    pub(crate) const SESSIONS: &str = "SESSIONS";
    pub(crate) const INDEX: &str = "INDEX";
    pub(crate) const ERASURES: &str = "ERASURES";
    pub(crate) const LEDGER: &str = "LEDGER";
    pub(crate) const ISSUES: &str = "ISSUES";
    pub(crate) const SETTINGS: &str = "SETTINGS";
    pub(crate) const LOGIN_LIMIT: &str = "LOGIN_LIMIT";
    pub(crate) const INGEST_LIMIT: &str = "INGEST_LIMIT";
}

/// The variables and secrets. What is wrong with one does not close what can do without it.
pub(crate) struct Config {
    timing: Result<Timing, FieldError>,
    count_delay: Result<Millis, FieldError>,
    dashboard_origins: Result<Vec<String>, FieldError>,
    secrets: Result<Option<Secrets>, FieldError>,
    access: Result<Option<Issuer>, FieldError>,
    webhook_local: Result<bool, FieldError>,
}

thread_local! {
    /// Another value comes with another deployment, and so with another isolate.
    static CONFIG: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

/// What the deployment says.
pub(crate) fn of(env: &Env) -> Rc<Config> {
    CONFIG.with(|config| Rc::clone(config.get_or_init(|| Rc::new(Config::read(env)))))
}

impl Config {
    fn read(env: &Env) -> Self {
        let config = Self {
            timing: settings::timing(|name| variable(env, name)),
            count_delay: settings::count_delay(variable(env, "COUNT_SECONDS").as_deref()),
            dashboard_origins: settings::dashboard_origins(
                variable(env, "DASHBOARD_ORIGINS").as_deref(),
            ),
            secrets: settings::secrets(
                variable(env, "DASHBOARD_PASSWORD"),
                variable(env, "SESSION_SECRET"),
            ),
            access: settings::access(
                variable(env, "ACCESS_TEAM").as_deref(),
                variable(env, "ACCESS_AUD").as_deref(),
            ),
            webhook_local: settings::webhook_local(variable(env, "WEBHOOK_LOCAL").as_deref()),
        };
        let wrong = [
            config.timing.as_ref().err(),
            config.count_delay.as_ref().err(),
            config.dashboard_origins.as_ref().err(),
            config.secrets.as_ref().err(),
            config.access.as_ref().err(),
            config.webhook_local.as_ref().err(),
        ];
        for error in wrong.into_iter().flatten() {
            log::malformed("configuration", None, error);
        }
        config
    }

    /// The life of a session.
    pub(crate) fn timing(&self) -> Result<Timing, StoreError> {
        let wrong = |error| StoreError(format!("configuration: {error}"));
        self.timing.clone().map_err(wrong)
    }

    /// How long counts are gathered before they are written, ms. Not at all if the variable
    /// is wrong: the API says what to correct.
    pub(crate) fn count_delay(&self) -> Millis {
        self.count_delay.as_ref().copied().unwrap_or_default()
    }

    /// Origins besides the worker's own that may call the API from a browser.
    pub(crate) fn dashboard_origins(&self) -> Result<&[String], ApiError> {
        match &self.dashboard_origins {
            Ok(origins) => Ok(origins),
            Err(error) => Err(ApiError::Misconfigured(error.clone())),
        }
    }

    /// What signing in needs, or what the operator has to do.
    pub(crate) fn secrets(&self) -> Result<&Secrets, ApiError> {
        match &self.secrets {
            Ok(Some(secrets)) => Ok(secrets),
            Ok(None) => Err(ApiError::NotConfigured(
                "The dashboard has no password yet. Set both secrets: `npx wrangler secret put DASHBOARD_PASSWORD` and \
                 `openssl rand -hex 32 | npx wrangler secret put SESSION_SECRET`.",
            )),
            Err(error) => Err(ApiError::Misconfigured(error.clone())),
        }
    }

    /// Whose tokens of Cloudflare Access sign in, if any do.
    pub(crate) fn access(&self) -> Result<Option<&Issuer>, ApiError> {
        match &self.access {
            Ok(issuer) => Ok(issuer.as_ref()),
            Err(error) => Err(ApiError::Misconfigured(error.clone())),
        }
    }

    /// Whether webhooks may be on the machine that the worker runs on. Not if the variable is
    /// wrong: the API says what to correct.
    pub(crate) fn webhook_local(&self) -> bool {
        self.webhook_local.as_ref().is_ok_and(|local| *local)
    }

    /// Refuses if anything is wrong, also what only sessions need: who reads the API's
    /// answers is the one who can correct it.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let wrong = [
            self.timing.as_ref().err(),
            self.count_delay.as_ref().err(),
            self.dashboard_origins.as_ref().err(),
            self.secrets.as_ref().err(),
            self.access.as_ref().err(),
            self.webhook_local.as_ref().err(),
        ];
        match wrong.into_iter().flatten().next() {
            Some(error) => Err(ApiError::Misconfigured(error.clone())),
            None => Ok(()),
        }
    }
}

/// A variable or secret as text; none if there is none. Something that is no text is given
/// as JSON, so that a number counts and anything else is refused by whoever reads it.
fn variable(env: &Env, name: &str) -> Option<String> {
    let value = Reflect::get(env, &name.into()).ok()?;
    if value.is_undefined() || value.is_null() {
        return None;
    }
    if let Some(text) = value.as_string() {
        return Some(text);
    }
    let json = JSON::stringify(&value)
        .ok()
        .and_then(|text| text.as_string());
    Some(json.unwrap_or_default())
}
