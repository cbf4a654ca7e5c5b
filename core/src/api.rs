//! What the dashboard's API says: the same structs at both ends.
//!
//! | request | answer |
//! |---|---|
//! | `POST /api/login` [`Login`] | [`Session`] and a cookie; 401 wrong password, 429 too many tries, or too many that were wrong, 503 not configured |
//! | `POST /api/logout`, `POST /api/logout?everywhere` | 204 |
//! | `GET /api/me` | [`Session`]; 401 when not signed in |
//! | `GET /api/sites` | [`SiteList`] |
//! | `POST /api/sites` [`NewSite`] | 201 [`SiteAnswer`]; 409 there is one of this key |
//! | `GET /api/sites/{site}` | [`SiteAnswer`] |
//! | `PUT /api/sites/{site}` [`SiteChange`] | [`SiteAnswer`]; 409 somebody else changed it |
//! | `DELETE /api/sites/{site}?revision={revision}&confirm={sessions}` | 202 [`Receipt`](crate::erasure::Receipt); 409 somebody else changed it, or its sessions are not confirmed |
//! | `GET /api/sites/{site}/keys` | [`KeyList`] |
//! | `POST /api/sites/{site}/keys` | 201 [`KeyAnswer`]; 409 there are too many |
//! | `PUT /api/sites/{site}/keys/{key}` [`KeyChange`] | [`KeyAnswer`] |
//! | `DELETE /api/sites/{site}/keys/{key}` | 204; 409 it is enabled, or the site's id |
//! | `GET /api/sites/{site}/webhook` | [`WebhookAnswer`] |
//! | `POST /api/sites/{site}/webhook/secret` | 201 [`WebhookSecret`]; 409 there is no webhook, or somebody else changed the site |
//! | `POST /api/sites/{site}/webhook/test` | [`Delivery`]; 409 there is no webhook |
//! | `GET /api/tokens` | [`TokenList`] |
//! | `POST /api/tokens` [`NewToken`](crate::access::NewToken) | 201 [`IssuedToken`] |
//! | `DELETE /api/tokens/{id}` | 204 |
//! | `GET /api/sites/{site}/sessions?{filter}&sort={sort}&cursor={cursor}&limit={1..200}` | [`SessionList`]; the query is a [`Search`](crate::listing::Search) |
//! | `GET /api/sites/{site}/sessions/facets?{filter}` | [`Facets`]; the query is a [`Filter`](crate::filter::Filter) |
//! | `GET /api/sites/{site}/sessions/export?{filter}&sort={newest,oldest}&format={ndjson,csv}` | every session of the list, streamed; the query is an [`Export`](crate::listing::file::Export) |
//! | `GET /api/sites/{site}/issues?after={next}&limit={1..200}` | [`List`](crate::issue::List) |
//! | `PUT /api/sites/{site}/issues/{issue}` [`Decision`](crate::issue::Decision) | [`Known`](crate::issue::Known) |
//! | `GET /api/sites/{site}/privacy` | [`Privacy`] |
//! | `POST /api/sites/{site}/erase` [`EraseRequest`](crate::erasure::EraseRequest), `…/purge` [`PurgeRequest`](crate::erasure::PurgeRequest) | 200 [`Found`](crate::erasure::Found) without `confirm`; 202 [`Receipt`](crate::erasure::Receipt); 409 if the count is another |
//! | `GET /api/sites/{site}/erasures?before={id}&limit={1..200}`, `…/erasures/{id}` | [`Receipts`](crate::erasure::Receipts), [`Receipt`](crate::erasure::Receipt) |
//! | `GET /api/sites/{site}/audit?before={place}&limit={1..200}`, `GET /api/audit` | [`Log`](crate::audit::Log) |
//! | `POST /api/sites/{site}/retention/run` | 202 |
//! | `POST`, `GET /api/sites/{site}/rebuild` | [`Rebuilds`](crate::retention::Rebuilds) |
//! | `GET /api/sites/{site}/counters?from={day}&to={day}` | [`Counters`] |
//! | `GET /api/sites/{site}/sessions/{sid}` | [`SessionDetail`] |
//! | `GET /api/sites/{site}/sessions/{sid}/events?from={ms}&to={ms}&tab={tab}&format={ndjson,chunk,file}` | events whose batch overlaps the range; of `file` exactly the range |
//! | `GET /api/sites/{site}/links`, `…/sessions/{sid}/links` | [`LinkList`] |
//! | `POST /api/sites/{site}/sessions/{sid}/links` [`NewLink`](crate::sharing::NewLink) | 201 [`MadeLink`]; 403 links are off |
//! | `DELETE /api/sites/{site}/links/{link}` | 204 |
//! | `GET /api/shared/{site}` with [`LINK_HEADER`] | the events that a link shows, one a line; 404 |
//!
//! Every failure is a [`Problem`]. `format=ndjson` (the default) is one
//! [`EventLine`] per line, in order of tab and index; `format=chunk` is the
//! stored batches as one [`crate::chunk`], which costs the worker nothing to
//! make and which [`crate::chunk::Chunk::parse`] reads.
//!
//! Requests that change something carry the `csrf` value of the session in
//! [`CSRF_HEADER`]. A dashboard on another host sends the `token` of the
//! session as `Authorization: Bearer …` instead of the cookie. An API token is sent the same
//! way, needs no `csrf`, and can do what [`crate::access::RESOURCES`] says.

use crate::access::ApiToken;
pub use crate::chunk::BatchMeta as Batch;
use crate::count::Count;
use crate::day::Day;
use crate::digest::{PageView, Strip};
pub use crate::facets::{Facet, Facets};
use crate::field::{self, FieldError};
use crate::id::{Millis, SessionId, SiteKey, TabId, WindowId};
use crate::issue::hook::{Delivery, Webhook};
use crate::listing::Cursor;
use crate::registry::TagKey;
use crate::sharing::Link;
use crate::site::SiteConfig;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The request header that carries [`Session::csrf`].
pub const CSRF_HEADER: &str = "x-sentiero-csrf";

/// With the answer to a report: how many sessions that started in its time count as such of which
/// nothing is known, because what another version wrote of them is being made anew. Not there if
/// there are none.
pub const PENDING_HEADER: &str = "x-sentiero-pending";

/// The request header that carries [`MadeLink::secret`].
pub const LINK_HEADER: &str = "x-sentiero-link";

/// Addresses in [`SessionRow::visited`].
pub const MAX_VISITED: usize = 12;

/// Sessions on one page of the list, unless `limit` says otherwise.
pub const DEFAULT_PAGE: u32 = 50;
/// The most sessions on one page.
pub const MAX_PAGE: u32 = 200;

/// The body of `POST /api/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The dashboard's password.
    pub password: String,
}

/// Who is signed in, and what they may see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// To be sent in [`CSRF_HEADER`] with every request that changes something.
    pub csrf: String,
    /// The bearer token of this session; only in the answer to a login from a
    /// dashboard on another host, which cannot keep the cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How one signed in.
    #[serde(default)]
    pub by: SignedIn,
    /// The name that the audit log has for it: `operator`, or `access` and whom Cloudflare Access
    /// let in.
    #[serde(default)]
    pub name: String,
    /// When it ends unless it is used before, ms since the epoch.
    #[serde(default)]
    pub expires: Millis,
    /// The sites of this deployment, by key.
    pub sites: Vec<Site>,
}

/// How somebody signed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedIn {
    /// With the dashboard's password.
    #[default]
    Password,
    /// With Cloudflare Access.
    Access,
}

/// A site as the dashboard names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its key.
    pub key: SiteKey,
    /// Its name for people.
    pub name: String,
}

/// The body of `POST /api/sites`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// Its key; if there is none, one is made up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<SiteKey>,
    /// Its configuration.
    pub config: SiteConfig,
}

impl NewSite {
    /// Reads a request; the error names the field that is wrong, of the configuration too.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let body: Raw = field::read(text, r#"{"config":{}}"#, "body")?;
        if body.revision.is_some() {
            let reason = "is for changes; a new site has none";
            return Err(FieldError::new("revision", reason));
        }
        Ok(Self {
            key: body.key,
            config: SiteConfig::parse(body.config.get())?,
        })
    }
}

/// The body of `PUT /api/sites/{site}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteChange {
    /// The revision that was read and changed.
    pub revision: u64,
    /// The whole new configuration.
    pub config: SiteConfig,
}

impl SiteChange {
    /// Reads a request; the error names the field that is wrong, of the configuration too.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let body: Raw = field::read(text, r#"{"config":{}}"#, "body")?;
        if body.key.is_some() {
            let reason = "stands in the path and cannot be changed";
            return Err(FieldError::new("key", reason));
        }
        let revision = body.revision.ok_or_else(|| {
            FieldError::new(
                "revision",
                "must be the revision that reading the site gave",
            )
        })?;
        Ok(Self {
            revision,
            config: SiteConfig::parse(body.config.get())?,
        })
    }
}

/// What both bodies have, with the configuration as it came.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    key: Option<SiteKey>,
    revision: Option<u64>,
    config: alloc::boxed::Box<serde_json::value::RawValue>,
}

/// A site as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteAnswer {
    /// Its key.
    pub key: SiteKey,
    /// The number of its last change; to be given back with the next one.
    pub revision: u64,
    /// Its configuration; none if what is kept is not valid any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<SiteConfig>,
    /// Why there is no `config`. Nothing is recorded until it is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// In the answer to a change: seconds after which it holds for every batch that arrives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds_within_seconds: Option<u32>,
}

/// The answer to `GET /api/sites`: in order of keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteList {
    /// The sites that the caller may see.
    pub sites: Vec<SiteAnswer>,
}

/// The answer to `GET /api/sites/{site}/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The keys of the site's tag, the oldest first; the site's id is one.
    pub keys: Vec<TagKey>,
}

/// The body of `PUT /api/sites/{site}/keys/{key}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// Whether what comes by the key is to be stored.
    pub enabled: bool,
}

impl KeyChange {
    /// Reads a request; the error names the field that is wrong.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        field::read(text, r#"{"enabled":true}"#, "body")
    }
}

/// A key of a site's tag that was made or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAnswer {
    /// It.
    pub key: SiteKey,
    /// Whether what comes by it is stored.
    pub enabled: bool,
    /// Seconds after which that holds for every batch that arrives.
    pub holds_within_seconds: u32,
}

/// What becomes of a site's news: the answer to `GET /api/sites/{site}/webhook`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookAnswer {
    /// Where it goes; none if nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// How many deliveries wait, of which some may not be shown.
    pub waiting: u64,
    /// The last deliveries, the newest first.
    pub deliveries: Vec<Delivery>,
}

/// A secret of a webhook that was made. It is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// It.
    pub secret: String,
    /// The site's revision, which this raised.
    pub revision: u64,
    /// Seconds after which all that is sent is signed with it.
    pub holds_within_seconds: u32,
}

/// The answer to `GET /api/tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    /// Every token, the newest first, expired ones too. No secrets.
    pub tokens: Vec<ApiToken>,
}

/// The answer to `POST /api/tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedToken {
    /// To be sent as `Authorization: Bearer …`. Nothing gives it a second time.
    pub secret: String,
    /// All else.
    #[serde(flatten)]
    pub token: ApiToken,
}

/// The answer to `GET /api/sites/{site}/links` and `…/sessions/{sid}/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkList {
    /// Links that have not expired, the newest first. No secrets.
    pub links: Vec<Link>,
}

/// The answer to `POST /api/sites/{site}/sessions/{sid}/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeLink {
    /// What opens it: `{dashboard}#/shared/{site}/{secret}`. Nothing gives it a second time.
    pub secret: String,
    /// All else.
    pub link: Link,
}

/// One session in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub sid: SessionId,
    /// Its start, ms since the epoch.
    pub started: Millis,
    /// From its first to its last event, ms.
    pub duration: Millis,
    /// Still being recorded, as far as the edge knows. The numbers of a live
    /// session are those of when somebody last looked ([`crate::retention::CatchUp`]).
    pub live: bool,
    /// Page loads that recorded.
    pub tabs: u32,
    /// Page views: page loads and route changes that changed the address.
    pub pages: u32,
    /// Stored events.
    pub events: u64,
    /// Clicks and taps.
    pub clicks: u32,
    /// Errors that the page threw (0 unless error capture is on).
    pub errors: u32,
    /// Stored bytes, compressed.
    pub bytes: u64,
    /// Values that the edge had to mask although the recorder should have; 0 in
    /// rows of before this was counted.
    #[serde(default)]
    pub masked: u64,
    /// Whose visit it is, by what the page gave to `identify`: up to 4 ids of 128 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// The first page, without query and fragment; empty while unknown.
    pub entry: String,
    /// The last page, likewise.
    pub exit: String,
    /// ISO 3166-1 alpha-2 code from the edge, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// ISO 3166-2 code ("DE-BE") from the edge, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Name of the IANA time zone ("Europe/Berlin") from the edge, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Browser family ("Chrome"), if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Operating system family ("Windows"), if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// `desktop`, `mobile` or `tablet`, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// How long the visitor did something, ms: bursts of what only a visitor does, of which
    /// no two deeds are more than [`GAP`](crate::digest::GAP) apart. This and what follows is
    /// 0 or empty in rows of before it was told.
    #[serde(default)]
    pub active: Millis,
    /// Incidents of rage clicks, see [`Clicks`](crate::digest::Clicks).
    #[serde(default)]
    pub rage: u32,
    /// Dead clicks, see there.
    #[serde(default)]
    pub dead: u32,
    /// The address that the visitor came from, at most 512 bytes, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// The visit at a glance.
    #[serde(default, skip_serializing_if = "Strip::is_empty")]
    pub strip: Strip,
    /// The first addresses that were shown, each once, in order, without query and fragment:
    /// at most [`MAX_VISITED`] and 1 024 bytes, each cut at 256 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visited: Vec<String>,
    /// How many other addresses were shown.
    #[serde(default)]
    pub more: u32,
    /// Names of custom events of the page's own, in alphabetical order: the first 16, each
    /// cut at 64 bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
    /// What the page gave to `setMetadata`: the 10 keys that sort first; values are cut at
    /// 128 bytes, and those that were masked are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub meta: BTreeMap<String, String>,
}

impl SessionRow {
    /// Every address that it knows, some more than once.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        let ends = [self.entry.as_str(), self.exit.as_str()];
        ends.into_iter()
            .chain(self.visited.iter().map(String::as_str))
    }
}

/// One page of the session list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// In the order that was asked for.
    pub sessions: Vec<SessionRow>,
    /// `cursor` of the next page; none on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// How many sessions match, where the page tells that by itself: it is the first and the
    /// last. Else [`Facets`] say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// What the edge had to mask of a site, summed over the sessions that are listed.
///
/// Not 0 means that somebody uploads what a recorder of this site would have
/// masked: an old or hostile client, or a page whose own mask is below the site's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Sessions of which the edge had to mask something.
    pub sessions: u64,
    /// Values that it had to mask in them.
    pub values: u64,
    /// The start of the oldest session that could be counted, ms since the epoch.
    pub since: Millis,
}

/// The longest range of [`Counters`], days.
pub const MAX_COUNTED: u64 = 366;
/// Days of [`Counters`] unless the request says otherwise.
pub const DEFAULT_COUNTED: u64 = 30;

/// What was counted of a site's uploads, day by day, as [`crate::count`] names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// The first day.
    pub from: Day,
    /// The last day, included.
    pub to: Day,
    /// In order of day and name; what is 0 is left out.
    pub counts: Vec<Count>,
}

/// Whether the deployment works: `GET /health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Everything answers.
    pub ok: bool,
    /// The worker's version.
    pub version: String,
    /// What does not answer: `kv`, `r2`, or a class of Durable Objects: `sessions`, `index`,
    /// `erasures`, `ledger`, `settings`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failing: Vec<String>,
}

/// One session with all that is needed to replay it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDetail {
    /// Its row, up to date also while it is live.
    #[serde(flatten)]
    pub row: SessionRow,
    /// Its page loads, in order of their first event.
    pub tab_list: Vec<Tab>,
    /// Every stored batch, in order of tab and first event.
    pub batches: Vec<Batch>,
    /// Its page views, in order of time, by the edge's clock.
    pub page_views: Vec<PageView>,
    /// How far the visitor's clock was behind the edge's, ms; negative: ahead.
    /// Event times are the visitor's; add this to compare them with the edge's.
    pub clock_skew: i64,
    /// Values that the edge had to mask although the recorder should have.
    pub masked_at_edge: u64,
    /// Events that the recorder dropped because they were not well-formed.
    pub malformed: u64,
    /// When something first went wrong.
    #[serde(default)]
    pub signals: Signals,
}

/// When something first went wrong in a session; what it is not known of is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signals {
    /// The first error of the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Moment>,
    /// The first click of the first incident of rage clicks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rage: Option<Moment>,
    /// The first dead click.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead: Option<Moment>,
}

/// An instant of a page load.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// When, ms since the epoch by the visitor's clock.
    pub at: Millis,
    /// In which page load.
    pub tab: TabId,
}

/// One page load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tab {
    /// Its id.
    pub tab: TabId,
    /// The browser tab that it happened in.
    pub window: WindowId,
    /// Stored events.
    pub events: u64,
    /// Time of its first and last event, ms since the epoch.
    pub from: Millis,
    /// See `from`.
    pub to: Millis,
    /// The visitor left this page.
    pub ended: bool,
    /// What to add to the times of its events to have the edge's, ms; 0 where the visitor's
    /// clock is about right.
    #[serde(default)]
    pub offset: i64,
    /// Ranges `[first, end)` of event indexes that never arrived.
    pub gaps: Vec<(u32, u32)>,
}

impl Tab {
    /// When its first event was, by the edge's clock.
    pub fn started(&self) -> Millis {
        self.from.saturating_add_signed(self.offset)
    }
}

/// One line of `format=ndjson`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventLine<'a> {
    /// The page load.
    pub tab: TabId,
    /// The event's index in it.
    pub index: u32,
    /// The rrweb event, byte for byte as stored.
    #[serde(borrow)]
    pub event: &'a serde_json::value::RawValue,
    /// What the event's time lacks to be the edge's, ms; none if the clock was right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
}

/// Why a request failed: the body of every answer that is not 2xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people: what is wrong and what to do.
    pub message: String,
}
