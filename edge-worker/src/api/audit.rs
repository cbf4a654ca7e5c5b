//! The audit log: what is written into it, and reading it.

use super::login::Caller;
use super::sessions::{bad_query, page_limit, query, site};
use crate::error::ApiError;
use crate::http::{self, Body};
use crate::ledger::client as ledger;
use sentiero_core::audit::{Action, Entry};
use sentiero_core::id::SiteKey;
use sentiero_core::store::StoreError;
use worker::{Context, Env, Method, Request, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// Longer than any place in the log.
const MAX_PLACE: usize = 256;

/// What is to be written down of a request.
pub(crate) struct Note {
    site: SiteKey,
    entry: Entry,
}

impl Note {
    /// What a request does, if that is written down.
    pub(crate) fn of(req: &Request, caller: &Caller, segments: &[&str]) -> Option<Self> {
        let export = query(req, "format").as_deref() != Some("chunk");
        let reads = req.method() == Method::Get;
        let (action, sid) = Action::of(reads, segments, export)?;
        let site = SiteKey::parse(segments.get(1)?).ok()?;
        let subject = sid.map(|sid| caller.alias(&site, sid));
        Some(Self {
            entry: Entry::new(http::now(), caller.name(), action, subject),
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
        let env = env.clone();
        ctx.wait_until(async move {
            if let Err(StoreError(cause)) = self.write(&env).await {
                worker::console_error!("the audit log could not be written: {cause}");
            }
        });
    }
}

/// Writes down how signing in went.
pub(crate) fn sign_in(env: &Env, ctx: &Context, outcome: &Result<Response>) {
    let (by, action) = match outcome {
        Ok(_) => (super::login::OPERATOR, Action::SignIn),
        Err(ApiError::WrongPassword) => ("", Action::SignInFailed),
        Err(_) => return,
    };
    let entry = Entry::new(http::now(), by, action, None);
    let env = env.clone();
    ctx.wait_until(async move {
        if let Err(StoreError(cause)) = ledger::note(&env, None, &entry).await {
            worker::console_error!("the audit log could not be written: {cause}");
        }
    });
}

/// `GET /api/sites/{site}/audit`, and `GET /api/audit` for signing in.
pub(crate) async fn read(req: &Request, env: &Env, site_key: Option<&str>) -> Result<Response> {
    let key = match site_key {
        Some(key) => Some(site(env, key).await?.0),
        None => None,
    };
    let before = query(req, "before");
    if before
        .as_ref()
        .is_some_and(|before| before.len() > MAX_PLACE)
    {
        return Err(bad_query("before", "the `next` of a page"));
    }
    let limit = page_limit(req)?;
    let log = ledger::read(env, key.as_ref(), before, limit).await?;
    Ok(http::answer(200, Body::json(&log))?)
}
