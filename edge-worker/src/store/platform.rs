//! R2, KV, the index objects and the session objects behind the ports. No decisions here.

use super::{Result, chunk_key, prefix, record_key};
use crate::config::binding;
use crate::http;
use crate::index::{client as index, usage};
use crate::issues::client as issues;
use crate::patience::store;
use crate::session::client as session;
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::report::{AnyReport, Example};
use sentiero_core::api::SessionRow;
use sentiero_core::count::{Count, Counted};
use sentiero_core::day::Day;
use sentiero_core::facets::Facets;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, SessionId, SiteKey};
use sentiero_core::issue::{Decision, Fingerprint, Issues, Known, List, News, Told};
use sentiero_core::lifecycle::Held;
use sentiero_core::listing::Search;
use sentiero_core::quota::{Admission, Quota};
use sentiero_core::reading::Writer;
use sentiero_core::recording::{Record, Selection};
use sentiero_core::store::{
    ChunkPlace, Counters, Index, ListedChunk, MaskedSum, Part, Recordings, Records, Reported, Span,
    StoreError,
};
use sentiero_core::summary;
use std::collections::HashMap;
use worker::{Env, HttpMetadata, Range};

/// The platform.
#[derive(Clone)]
pub(crate) struct Platform {
    env: Env,
}

impl Platform {
    pub(crate) fn new(env: &Env) -> Self {
        Self { env: env.clone() }
    }

    #[cfg(feature = "contract")]
    pub(crate) fn env(&self) -> &Env {
        &self.env
    }

    /// Whether KV answers.
    pub(crate) async fn kv_answers(&self) -> Result<()> {
        let kv = self.env.kv(binding::KV)?;
        store("KV get", kv.get(NOTHING).text()).await?;
        Ok(())
    }

    /// Whether R2 answers.
    pub(crate) async fn r2_answers(&self) -> Result<()> {
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        store("R2 head", bucket.head(NOTHING)).await?;
        Ok(())
    }
}

/// A key that nothing is kept under: it has no prefix of ours.
const NOTHING: &str = "health";

/// The metadata entry that sums a session up, so that the index can be made
/// again from a listing.
pub(super) const SUMMARY: &str = "row";

/// The longest summary, bytes: R2 allows 8 KB of metadata, its emulation 2 KB.
const MAX_SUMMARY: usize = 2_000;

impl Recordings for Platform {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()> {
        let summary = summary::of(row, MAX_SUMMARY)?;
        let http = HttpMetadata {
            content_type: Some("application/octet-stream".to_owned()),
            ..HttpMetadata::default()
        };
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        let put = bucket
            .put(chunk_key(place), bytes)
            .http_metadata(http)
            .custom_metadata(HashMap::from([(SUMMARY.to_owned(), summary)]));
        store("R2 put", put.execute()).await?;
        Ok(())
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        let get = bucket.get(chunk_key(place));
        let Some(object) = store("R2 get", get.execute()).await? else {
            return Ok(None);
        };
        match object.body() {
            Some(body) => Ok(Some(store("R2 get", body.bytes()).await?)),
            None => Err(StoreError("a chunk has no body".to_owned())),
        }
    }

    async fn part(&self, place: &ChunkPlace<'_>, part: Part) -> Result<Option<Vec<u8>>> {
        let Part { offset, length } = part;
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        let key = chunk_key(place);
        let get = bucket.get(key.clone());
        let range = Range::OffsetWithLength { offset, length };
        let object = match store("R2 get", get.range(range).execute()).await {
            Ok(Some(object)) => object,
            Ok(None) => return Ok(None),
            // R2 fails, too, where a part begins past the end.
            Err(error) => {
                let head = store("R2 head", bucket.head(key)).await?;
                let size = head.map_or(0, |object| object.size());
                let ends_before = size < offset.saturating_add(length);
                return if ends_before { Ok(None) } else { Err(error) };
            }
        };
        let Some(body) = object.body() else {
            return Ok(None);
        };
        let bytes = store("R2 get", body.bytes()).await?;
        // Of a part that reaches past the end, R2 gives what there is.
        Ok(Some(bytes).filter(|bytes| bytes.len() as u64 == length))
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<ListedChunk>> {
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        let prefix = prefix(site, sid);
        let mut chunks = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let mut list = bucket.list().prefix(prefix.clone());
            if let Some(cursor) = cursor.take() {
                list = list.cursor(cursor);
            }
            let page = store("R2 list", list.execute()).await?;
            chunks.extend(page.objects().into_iter().filter_map(|object| {
                Some(ListedChunk {
                    name: object.key().strip_prefix(&prefix)?.to_owned(),
                    bytes: object.size(),
                })
            }));
            if !page.truncated() {
                return Ok(chunks);
            }
            cursor = page.cursor();
        }
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()> {
        let bucket = self.env.bucket(binding::RECORDINGS)?;
        for names in names.chunks(MAX_DELETES) {
            let places = names.iter().map(|name| ChunkPlace { site, sid, name });
            let keys: Vec<String> = places.map(|place| chunk_key(&place)).collect();
            store("R2 delete", bucket.delete_multiple(keys)).await?;
        }
        Ok(())
    }
}

/// R2 deletes so many objects at once.
pub(super) const MAX_DELETES: usize = 1_000;

const DAY_SECONDS: u64 = 86_400;
/// KV refuses to keep anything for less.
const MIN_TTL_SECONDS: u64 = 60;

impl Records for Platform {
    async fn put(&self, site: &SiteKey, record: &Record, days: u32) -> Result<()> {
        let kept = record.to_kept()?;
        let expires = record.sid.start() / 1_000 + u64::from(days) * DAY_SECONDS;
        let put = self
            .env
            .kv(binding::KV)?
            .put_bytes(&record_key(site, &record.sid), &kept)?
            .expiration(expires.max(http::now() / 1_000 + MIN_TTL_SECONDS));
        store("KV put", put.execute()).await
    }

    async fn get(&self, site: &SiteKey, sid: &SessionId) -> Result<Option<Record>> {
        let kv = self.env.kv(binding::KV)?;
        let get = kv.get(&record_key(site, sid));
        let Some(kept) = store("KV get", get.bytes()).await? else {
            return Ok(None);
        };
        Ok(Some(Record::from_kept(&kept)?))
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        let kv = self.env.kv(binding::KV)?;
        store("KV delete", kv.delete(&record_key(site, sid))).await
    }
}

impl Index for Platform {
    async fn upsert(
        &self,
        site: &SiteKey,
        row: &SessionRow,
        packed: &Packed,
        revision: Millis,
    ) -> Result<()> {
        index::upsert(&self.env, site, row, packed, revision).await
    }

    async fn erase(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        index::erase(&self.env, site, sid).await
    }

    async fn forget(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        index::forget(&self.env, site, sid).await
    }

    async fn page(&self, site: &SiteKey, span: Span, search: &Search) -> Result<Vec<SessionRow>> {
        index::page(&self.env, site, span, search).await
    }

    async fn facets(&self, site: &SiteKey, span: Span, filter: &Filter) -> Result<Facets> {
        index::facets(&self.env, site, span, filter).await
    }

    async fn report(
        &self,
        site: &SiteKey,
        span: Span,
        filter: &Filter,
        report: AnyReport,
    ) -> Result<Reported> {
        index::report(&self.env, site, span, filter, report).await
    }

    async fn named(&self, site: &SiteKey, examples: &[Example]) -> Result<Vec<Option<SessionId>>> {
        index::named(&self.env, site, examples).await
    }

    async fn masked(&self, site: &SiteKey, span: Span) -> Result<MaskedSum> {
        index::masked(&self.env, site, span).await
    }

    async fn is_erased(&self, site: &SiteKey, sid: &SessionId) -> Result<bool> {
        index::is_erased(&self.env, site, sid).await
    }

    async fn admit(&self, site: &SiteKey, sid: &SessionId, quota: &Quota) -> Result<Admission> {
        usage::admit(&self.env, site, sid, quota).await
    }
}

impl Issues for Platform {
    async fn tell(&self, site: &SiteKey, told: &Told) -> Result<Vec<News>> {
        issues::tell(&self.env, site, told).await
    }

    async fn issues(&self, site: &SiteKey, after: Option<&str>, limit: u32) -> Result<List> {
        issues::page(&self.env, site, after.map(str::to_owned), limit).await
    }

    async fn decide(
        &self,
        site: &SiteKey,
        issue: Fingerprint,
        decision: &Decision,
        now: Millis,
    ) -> Result<Option<Known>> {
        issues::decide(&self.env, site, issue, decision, now).await
    }

    async fn erase_seen(&self, site: &SiteKey, by: &str) -> Result<()> {
        issues::erase_seen(&self.env, site, by).await
    }

    async fn clear(&self, site: &SiteKey) -> Result<()> {
        issues::clear(&self.env, site).await
    }
}

impl Counters for Platform {
    async fn add(&self, site: &SiteKey, counts: &[Counted]) -> Result<()> {
        let Some(first) = counts.first() else {
            return Ok(());
        };
        usage::count(&self.env, site, first.day.month(), counts).await
    }

    async fn counted(&self, site: &SiteKey, from: Day, to: Day) -> Result<Vec<Count>> {
        usage::counted(&self.env, site, from, to).await
    }
}

impl Writer for Platform {
    async fn held(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        selection: &Selection,
    ) -> Result<(Held, Vec<u8>)> {
        session::held(&self.env, site, sid, selection).await
    }
}
