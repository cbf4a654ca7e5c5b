//! The platform behind the ports of upkeep: what goes over many sessions.

use super::platform::{MAX_DELETES, Platform, SUMMARY};
use super::{Result, chunk_key, site_prefix};
use crate::config::binding;
use crate::index::client as index;
use crate::ledger::client as ledger;
use crate::patience::{soon, store};
use crate::session::client;
use crate::settings::client::Settings;
use futures_util::future::join_all;
use sentiero_core::api::SessionRow;
use sentiero_core::audit::{AuditLog, Entry, Log};
use sentiero_core::erasure::{Filter, Ledger, Months, Receipt, Rest, Sessions, clear_beside};
use sentiero_core::id::{ErasureId, Month, SessionId, SiteKey};
use sentiero_core::json;
use sentiero_core::lifecycle::{Erase, Held};
use sentiero_core::recording::Selection;
use sentiero_core::retention::{Bounds, Chunks, Fit, Listed, Stock, Stocks};
use sentiero_core::store::{ChunkPlace, Span};
use worker::{Env, Include, Object};

/// The platform.
#[derive(Clone)]
pub(crate) struct Upkeep {
    env: Env,
}

impl Upkeep {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }

    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    /// The months that hold recordings of a site, oldest first: found by going from each
    /// one's first chunk to what lies behind its end.
    pub(crate) async fn months(&self, site: &SiteKey) -> Result<Vec<Month>> {
        let mut months: Vec<Month> = Vec::new();
        let mut after = String::new();
        loop {
            let (page, _) = self.page(site, &after, 1, false).await?;
            let Some(chunk) = page.first() else {
                return Ok(months);
            };
            let month = chunk.sid.month();
            months.push(month);
            after = sentiero_core::retention::place_of(month.next().start());
        }
    }
}

/// A chunk of a listing; none if its key is no chunk's.
fn listed(object: &Object, prefix: &str, rows: bool) -> Option<Listed> {
    let key = object.key();
    let (sid, name) = key.strip_prefix(prefix)?.split_once('/')?;
    let row = || {
        let metadata = object.custom_metadata().ok()?;
        json::parse::<SessionRow>(metadata.get(SUMMARY)?.as_bytes()).ok()
    };
    Some(Listed {
        sid: SessionId::parse(sid).ok()?,
        name: name.to_owned(),
        at: object.uploaded().as_millis(),
        row: rows.then(row).flatten(),
    })
}

impl Chunks for Upkeep {
    async fn page(
        &self,
        site: &SiteKey,
        after: &str,
        limit: u32,
        rows: bool,
    ) -> Result<(Vec<Listed>, bool)> {
        let prefix = site_prefix(site);
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        let include = if rows {
            vec![Include::CustomMetadata]
        } else {
            Vec::new()
        };
        let list = bucket
            .list()
            .prefix(prefix.clone())
            .start_after(format!("{prefix}{after}"))
            .limit(limit)
            .include(include);
        let page = store("R2 list", list.execute()).await?;
        let objects = page.objects();
        let chunks = objects
            .iter()
            .filter_map(|object| listed(object, &prefix, rows));
        Ok((chunks.collect(), page.truncated()))
    }

    async fn remove(&self, site: &SiteKey, chunks: &[Listed]) -> Result<()> {
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        for chunks in chunks.chunks(MAX_DELETES) {
            let keys = chunks
                .iter()
                .map(|Listed { sid, name, .. }| chunk_key(&ChunkPlace { site, sid, name }));
            let keys = keys.collect::<Vec<String>>();
            store("R2 delete", bucket.delete_multiple(keys)).await?;
        }
        Ok(())
    }
}

impl Sessions for Upkeep {
    async fn held(&self, site: &SiteKey, sid: &SessionId) -> Result<Held> {
        let held = client::held(&self.env, site, sid, &Selection::NONE);
        Ok(held.await?.0)
    }

    async fn held_each(&self, site: &SiteKey, sids: &[SessionId]) -> Vec<Result<Held>> {
        let asked = sids
            .iter()
            .map(|sid| soon("a session", self.held(site, sid)));
        join_all(asked).await
    }

    async fn erase(&self, erase: &Erase) -> Result<()> {
        client::erase(&self.env, erase).await
    }
}

impl Months for Upkeep {
    async fn find(
        &self,
        site: &SiteKey,
        month: Month,
        filter: &Filter,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRow>> {
        index::find(&self.env, site, month, filter, after, limit).await
    }
}

impl Rest for Upkeep {
    async fn clear_site(&self, site: &SiteKey) -> Result<()> {
        let (issues, links) = (Platform::new(&self.env), Settings::new(&self.env));
        clear_beside(site, self, &issues, &links).await
    }
}

impl Stocks for Upkeep {
    async fn stock(&self, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>> {
        index::stock(&self.env, site, span).await
    }

    async fn fit(&self, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit> {
        index::fit(&self.env, site, month, bounds).await
    }
}

impl Ledger for Upkeep {
    async fn put(&self, site: &SiteKey, receipt: &Receipt) -> Result<()> {
        ledger::put(&self.env, site, receipt).await
    }

    async fn receipt(&self, site: &SiteKey, id: &ErasureId) -> Result<Option<Receipt>> {
        ledger::get(&self.env, site, id).await
    }

    async fn receipts(
        &self,
        site: &SiteKey,
        before: Option<&ErasureId>,
        limit: u32,
    ) -> Result<Vec<Receipt>> {
        ledger::list(&self.env, site, before.cloned(), limit).await
    }
}

impl AuditLog for Upkeep {
    async fn note(&self, site: Option<&SiteKey>, entry: &Entry) -> Result<()> {
        ledger::note(&self.env, site, entry).await
    }

    async fn read(&self, site: Option<&SiteKey>, before: Option<&str>, limit: u32) -> Result<Log> {
        ledger::read(&self.env, site, before.map(str::to_owned), limit).await
    }
}
