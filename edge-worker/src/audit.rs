//! The audit log: what is written into it, and when.
//!
//! Who, what, which site; no address, nothing of a visitor. An export is written down
//! before it happens. A change that has happened is not undone because it could not be
//! written down; the log of the worker has it then.

use crate::auth;
use crate::config;
use crate::error::ApiError;
use crate::guard::{OPERATOR, Who};
use crate::http::{self, Request};
use crate::ledger::client as ledger;
use crate::log;
use sentiero_core::audit::{Action, Entry};
use sentiero_core::id::SiteKey;
use sentiero_core::store::StoreError;
use worker::{Context, Env, Method, Response};

/// What is to be written down of a request.
pub(crate) struct Note {
    site: SiteKey,
    entry: Entry,
}

impl Note {
    /// What a request does, if that is written down.
    pub(crate) fn of(req: &Request, env: &Env, who: &Who, segments: &[&str]) -> Option<Self> {
        // A query that cannot be read is refused by who answers it.
        let format = http::query(req, "format").ok().flatten();
        let export = format.as_deref() != Some("chunk");
        let reads = req.method() == Method::Get;
        let (action, sid) = Action::of(reads, segments, export)?;
        let site = SiteKey::parse(segments.get(1)?).ok()?;
        let config = config::of(env);
        let secrets = config.secrets().ok()?;
        let subject = sid.map(|sid| auth::alias(secrets, site.as_str(), sid));
        Some(Self {
            entry: Entry::new(http::now(), who.name(), action, subject),
            site,
        })
    }

    /// Whether the request must wait until it is written down.
    pub(crate) fn is_binding(&self) -> bool {
        self.entry.action.is_binding()
    }

    /// Writes it down.
    pub(crate) async fn write(&self, env: &Env) -> core::result::Result<(), StoreError> {
        ledger::note(env, Some(&self.site), &self.entry).await
    }

    /// Writes it down without keeping the request waiting.
    pub(crate) fn write_later(self, env: &Env, ctx: &Context) {
        write_later(env, ctx, Some(self.site), self.entry);
    }
}

/// Writes down how signing in went.
pub(crate) fn sign_in(
    env: &Env,
    ctx: &Context,
    outcome: &core::result::Result<Response, ApiError>,
) {
    let (by, action) = match outcome {
        Ok(_) => (OPERATOR, Action::SignIn),
        Err(ApiError::WrongPassword) => ("", Action::SignInFailed),
        Err(ApiError::LockedOut { .. }) => ("", Action::LockedOut),
        Err(_) => return,
    };
    let entry = Entry::new(http::now(), by, action, None);
    write_later(env, ctx, None, entry);
}

/// Writes down what does not happen unless it is written down first.
pub(crate) async fn first(
    env: &Env,
    by: &str,
    action: Action,
    site: &SiteKey,
    subject: &str,
) -> core::result::Result<(), StoreError> {
    let entry = Entry::new(http::now(), by, action, Some(subject.to_owned()));
    ledger::note(env, Some(site), &entry).await
}

/// Writes down a change of settings that is durable. `subject` is the revision, or a token's id.
pub(crate) async fn changed(
    env: &Env,
    who: &Who,
    action: Action,
    site: Option<&SiteKey>,
    subject: &str,
) {
    let entry = Entry::new(http::now(), who.name(), action, Some(subject.to_owned()));
    if let Err(cause) = ledger::note(env, site, &entry).await {
        complain(&cause);
    }
}

fn write_later(env: &Env, ctx: &Context, site: Option<SiteKey>, entry: Entry) {
    let env = env.clone();
    ctx.wait_until(async move {
        if let Err(cause) = ledger::note(&env, site.as_ref(), &entry).await {
            complain(&cause);
        }
    });
}

fn complain(StoreError(cause): &StoreError) {
    log::failure("audit", None, "not_written", cause);
}
