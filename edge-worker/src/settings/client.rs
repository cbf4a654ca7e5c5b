//! What the worker asks of the settings objects.

use super::{AddLink, Issue, Revoke, Sync, Use};
use crate::config::binding;
use crate::object;
use crate::store::{SIGN_IN, SITES, TOKENS, links_name};
use sentiero_core::access::gate::{Attempt, Gate};
use sentiero_core::access::{ApiToken, Tokens};
use sentiero_core::id::{Millis, SiteKey, TokenId};
use sentiero_core::registry::{Change, ChangeError, News, Registry};
use sentiero_core::sharing::{Kept, Link, Links};
use sentiero_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the objects' commands.
pub(super) mod path {
    pub(in crate::settings) const SYNC: &str = "/sync";
    pub(in crate::settings) const CHANGE: &str = "/change";
    pub(in crate::settings) const TOKENS: &str = "/tokens";
    pub(in crate::settings) const ISSUE: &str = "/issue";
    pub(in crate::settings) const USE: &str = "/use";
    pub(in crate::settings) const REVOKE: &str = "/revoke";
    pub(in crate::settings) const ATTEMPT: &str = "/attempt";
    pub(in crate::settings) const PASSED: &str = "/passed";
    pub(in crate::settings) const GENERATION: &str = "/generation";
    pub(in crate::settings) const END_ALL: &str = "/end-all";
    pub(in crate::settings) const LINKS: &str = "/links";
    pub(in crate::settings) const ADD_LINK: &str = "/link/add";
    pub(in crate::settings) const LINK: &str = "/link";
    pub(in crate::settings) const CLEAR_LINKS: &str = "/link/clear";
    pub(in crate::settings) const WITHDRAW: &str = "/link/withdraw";
}

/// The settings of a deployment: an object that has its sites, one that has its tokens, one that
/// knows of signing in, and one a site that has the links to its sessions.
#[derive(Clone)]
pub(crate) struct Settings {
    env: Env,
    sites: Cow<'static, str>,
    tokens: Cow<'static, str>,
    sign_in: Cow<'static, str>,
}

impl Settings {
    /// Those that the worker goes by.
    pub(crate) fn new(env: &Env) -> Self {
        Self {
            env: env.clone(),
            sites: SITES.into(),
            tokens: TOKENS.into(),
            sign_in: SIGN_IN.into(),
        }
    }

    /// Others, which nothing goes by. No site has a slash in its key.
    #[cfg(feature = "contract")]
    pub(crate) fn apart(env: &Env, name: &str) -> Self {
        Self {
            env: env.clone(),
            sites: format!("contract/{name}/sites").into(),
            tokens: format!("contract/{name}/tokens").into(),
            sign_in: format!("contract/{name}/sign-in").into(),
        }
    }

    async fn ask<C: Serialize, T: DeserializeOwned>(
        &self,
        object: &str,
        path: &str,
        command: &C,
    ) -> Result<T> {
        let answer = object::call(&self.env, binding::SETTINGS, object, path, command, &[]).await?;
        object::json(answer).await
    }
}

impl Registry for Settings {
    async fn news(&self, copy: Option<u64>) -> Result<News> {
        let sync = Sync { revision: copy };
        self.ask(&self.sites, path::SYNC, &sync).await
    }

    async fn change(&self, change: &Change) -> Result<core::result::Result<u64, ChangeError>> {
        self.ask(&self.sites, path::CHANGE, change).await
    }
}

impl Tokens for Settings {
    async fn tokens(&self) -> Result<Vec<ApiToken>> {
        self.ask(&self.tokens, path::TOKENS, &()).await
    }

    async fn issue(&self, hash: &str, token: &ApiToken, now: Millis) -> Result<bool> {
        let (hash, token) = (hash.to_owned(), token.clone());
        let issue = Issue { hash, token, now };
        self.ask(&self.tokens, path::ISSUE, &issue).await
    }

    async fn shown(&self, hash: &str, now: Millis) -> Result<Option<ApiToken>> {
        let hash = hash.to_owned();
        self.ask(&self.tokens, path::USE, &Use { hash, now }).await
    }

    async fn revoke(&self, id: &TokenId) -> Result<bool> {
        let id = id.clone();
        self.ask(&self.tokens, path::REVOKE, &Revoke { id }).await
    }
}

impl Gate for Settings {
    async fn attempt(&self, attempt: &Attempt) -> Result<Option<Millis>> {
        self.ask(&self.sign_in, path::ATTEMPT, attempt).await
    }

    async fn passed(&self, attempt: &Attempt) -> Result<()> {
        self.ask(&self.sign_in, path::PASSED, attempt).await
    }

    async fn generation(&self) -> Result<u64> {
        self.ask(&self.sign_in, path::GENERATION, &()).await
    }

    async fn end_all(&self) -> Result<u64> {
        self.ask(&self.sign_in, path::END_ALL, &()).await
    }
}

impl Links for Settings {
    async fn links(&self, site: &SiteKey, now: Millis) -> Result<Vec<Link>> {
        self.ask(&links_name(site), path::LINKS, &now).await
    }

    async fn add(&self, site: &SiteKey, hash: &str, kept: &Kept, now: Millis) -> Result<bool> {
        let (hash, kept) = (hash.to_owned(), kept.clone());
        let add = AddLink { hash, kept, now };
        self.ask(&links_name(site), path::ADD_LINK, &add).await
    }

    async fn link(&self, site: &SiteKey, hash: &str, now: Millis) -> Result<Option<Kept>> {
        let hash = hash.to_owned();
        let look = Use { hash, now };
        self.ask(&links_name(site), path::LINK, &look).await
    }

    async fn withdraw(&self, site: &SiteKey, id: &TokenId) -> Result<bool> {
        let id = id.clone();
        let withdraw = Revoke { id };
        self.ask(&links_name(site), path::WITHDRAW, &withdraw).await
    }

    async fn clear(&self, site: &SiteKey) -> Result<()> {
        self.ask(&links_name(site), path::CLEAR_LINKS, &()).await
    }
}
