//! The API of `sentiero_core::api`, asked from the browser.
//!
//! From the worker's own host the session is a cookie that scripts cannot
//! read. From another host it is a token, kept until the browser tab closes.

mod export;
mod issues;
mod settings;
mod sharing;

use crate::model::erasing::Ask;
use crate::model::failure::Failure;
use crate::model::plan::Request;
use crate::model::reading;
use crate::model::report::Name;
use crate::opened;
use crate::platform;
use js_sys::{Array, Reflect};
use sentiero_core::analytics::report::{Answer, Example};
use sentiero_core::api::{
    CSRF_HEADER, Facets, LINK_HEADER, Login, PENDING_HEADER, Privacy, Session, SessionDetail,
    SessionList,
};
use sentiero_core::erasure::{EraseRequest, Found, Receipt};
use sentiero_core::filter::Filter;
use sentiero_core::id::{ErasureId, SessionId, SiteKey, TabId};
use sentiero_core::listing::Search;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit,
    RequestMode, Response,
};

const TOKEN: &str = "sentiero-token";
/// After this a request has failed, ms.
const PATIENCE: u32 = 30_000;
/// The same for a whole recording.
const LONG_PATIENCE: u32 = 600_000;

/// So many pages are offered.
const KNOWN_PAGES: u32 = 200;

/// Ends a request whose answer is not wanted any more.
#[derive(Clone, Debug)]
pub(crate) struct Abort(Option<AbortController>);

impl Abort {
    /// For one request and what follows from it.
    pub(crate) fn new() -> Self {
        Self(AbortController::new().ok())
    }

    /// Ends it.
    pub(crate) fn now(&self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }

    fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }
}

/// What a report told.
pub(crate) struct Told {
    pub(crate) answer: Answer,
    /// The same as it came.
    pub(crate) json: Vec<u8>,
    /// How many of the sessions are still to be read anew, see [`PENDING_HEADER`].
    pub(crate) pending: u64,
}

/// A request.
#[derive(Clone, Copy)]
struct Call<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<&'a str>,
    csrf: Option<&'a str>,
    link: Option<&'a str>,
    patience: u32,
    abort: Option<&'a Abort>,
}

impl<'a> Call<'a> {
    fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            body: None,
            csrf: None,
            link: None,
            patience: PATIENCE,
            abort: None,
        }
    }

    fn post(path: &'a str) -> Self {
        Self {
            method: "POST",
            ..Self::get(path)
        }
    }
}

/// Where the API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// Empty: where this page is.
    base: String,
}

impl Client {
    /// As `<meta name="sentiero-api">` says.
    pub(crate) fn new(base: &str) -> Self {
        Self {
            base: base.trim().trim_end_matches('/').to_owned(),
        }
    }

    /// Scheme and host of the worker.
    pub(crate) fn origin(&self) -> String {
        if self.base.is_empty() {
            platform::origin()
        } else {
            self.base.clone()
        }
    }

    /// The worker is on another host than this page.
    pub(crate) fn elsewhere(&self) -> bool {
        !self.base.is_empty()
    }

    /// Signs in.
    pub(crate) async fn login(&self, password: String) -> Result<Session, Failure> {
        let body = serde_json::to_string(&Login { password }).unwrap_or_default();
        let session: Session = read(
            &self
                .send(Call {
                    body: Some(&body),
                    ..Call::post("/api/login")
                })
                .await?,
        )?;
        if self.elsewhere() {
            platform::keep_here(TOKEN, session.token.as_deref());
        }
        Ok(session)
    }

    /// Signs out; also if the worker cannot be told.
    pub(crate) async fn logout(&self, csrf: &str) {
        let _ = self
            .send(Call {
                csrf: Some(csrf),
                ..Call::post("/api/logout")
            })
            .await;
        platform::keep_here(TOKEN, None);
    }

    /// Who is signed in.
    pub(crate) async fn me(&self) -> Result<Session, Failure> {
        if self.elsewhere() && platform::kept_here(TOKEN).is_none() {
            return Err(Failure::SignedOut);
        }
        self.get("/api/me").await
    }

    /// One page of the list.
    pub(crate) async fn sessions(
        &self,
        site: &SiteKey,
        search: &Search,
    ) -> Result<SessionList, Failure> {
        let query = asked(&search.to_query());
        self.get(&format!("/api/sites/{site}/sessions{query}"))
            .await
    }

    /// How many sessions match, and what they could be narrowed by.
    pub(crate) async fn facets(&self, site: &SiteKey, filter: &Filter) -> Result<Facets, Failure> {
        let query = asked(&filter.to_query());
        self.get(&format!("/api/sites/{site}/sessions/facets{query}"))
            .await
    }

    /// A report, asked as its address says.
    pub(crate) async fn report(
        &self,
        site: &SiteKey,
        report: &str,
        query: &str,
        abort: &Abort,
    ) -> Result<Told, Failure> {
        let path = format!("/api/sites/{site}/reports/{report}{}", asked(query));
        let call = Call {
            abort: Some(abort),
            ..Call::get(&path)
        };
        let response = self.respond(call).await?;
        let pending = response.headers().get(PENDING_HEADER).ok().flatten();
        let json = read_body(&response).await?.to_vec();
        Ok(Told {
            answer: read(&json)?,
            json,
            pending: pending.and_then(|count| count.parse().ok()).unwrap_or(0),
        })
    }

    /// The pages that there are, the most seen first, to be offered where one types. Without
    /// an answer nothing is offered: one can type all the same.
    pub(crate) async fn pages(&self, site: &SiteKey) -> Option<Answer> {
        let (query, abort) = (format!("top={KNOWN_PAGES}"), Abort::new());
        let told = self.report(site, Name::Pages.word(), &query, &abort);
        told.await.ok().map(|told| told.answer)
    }

    /// The session of an example.
    pub(crate) async fn named(
        &self,
        site: &SiteKey,
        example: &Example,
    ) -> Result<SessionId, Failure> {
        let Example { started, rank, .. } = example;
        self.get(&format!(
            "/api/sites/{site}/sessions/named?started={started}&rank={rank}"
        ))
        .await
    }

    /// How many sessions would be erased.
    pub(crate) async fn find_to_erase(
        &self,
        site: &SiteKey,
        ask: &Ask,
        csrf: &str,
    ) -> Result<Found, Failure> {
        read(&self.change(site, ask, csrf).await?)
    }

    /// Erases sessions.
    pub(crate) async fn erase_many(
        &self,
        site: &SiteKey,
        ask: &Ask,
        csrf: &str,
    ) -> Result<Receipt, Failure> {
        read(&self.change(site, ask, csrf).await?)
    }

    async fn change(&self, site: &SiteKey, ask: &Ask, csrf: &str) -> Result<Vec<u8>, Failure> {
        let (what, body) = match ask {
            Ask::Erase(request) => ("erase", serde_json::to_string(request)),
            Ask::Purge(request) => ("purge", serde_json::to_string(request)),
        };
        self.send(Call {
            body: Some(&body.unwrap_or_default()),
            csrf: Some(csrf),
            ..Call::post(&format!("/api/sites/{site}/{what}"))
        })
        .await
    }

    /// What is kept of an erasure.
    pub(crate) async fn receipt(&self, site: &SiteKey, id: &ErasureId) -> Result<Receipt, Failure> {
        self.get(&format!("/api/sites/{site}/erasures/{id}")).await
    }

    /// What the edge had to mask of a site.
    pub(crate) async fn privacy(&self, site: &SiteKey) -> Result<Privacy, Failure> {
        self.get(&format!("/api/sites/{site}/privacy")).await
    }

    /// One session.
    pub(crate) async fn detail(
        &self,
        site: &SiteKey,
        sid: &SessionId,
    ) -> Result<SessionDetail, Failure> {
        if let Some(opened) = opened::get(site, sid) {
            return Ok(opened.detail());
        }
        self.get(&format!("/api/sites/{site}/sessions/{sid}")).await
    }

    /// Stored batches as a chunk.
    pub(crate) async fn chunk(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        tab: &TabId,
        request: &Request,
        abort: &Abort,
    ) -> Result<js_sys::Uint8Array, Failure> {
        let Request { from, to, .. } = request;
        if let Some(opened) = opened::get(site, sid) {
            let chunk = opened.chunk(tab, *from, *to);
            return Ok(js_sys::Uint8Array::from(chunk.as_slice()));
        }
        let path = format!(
            "{}?format=chunk&tab={tab}&from={from}&to={to}",
            Self::events_path(site, sid)
        );
        self.ask(Call {
            abort: Some(abort),
            ..Call::get(&path)
        })
        .await
    }

    /// Erases one session for good.
    pub(crate) async fn erase(
        &self,
        site: &SiteKey,
        sid: &SessionId,
        csrf: &str,
    ) -> Result<(), Failure> {
        let path = format!("/api/sites/{site}/erase");
        let request = EraseRequest {
            sessions: Some(vec![sid.clone()]),
            ..EraseRequest::default()
        };
        let body = serde_json::to_string(&request).unwrap_or_default();
        let call = Call {
            body: Some(&body),
            csrf: Some(csrf),
            ..Call::post(&path)
        };
        self.ask(call).await.map(|_| ())
    }

    fn events_path(site: &SiteKey, sid: &SessionId) -> String {
        format!("/api/sites/{site}/sessions/{sid}/events")
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        read(&self.send(Call::get(path)).await?)
    }

    async fn send(&self, call: Call<'_>) -> Result<Vec<u8>, Failure> {
        Ok(self.ask(call).await?.to_vec())
    }

    /// The same, without a copy of the body.
    async fn ask(&self, call: Call<'_>) -> Result<js_sys::Uint8Array, Failure> {
        read_body(&self.respond(call).await?).await
    }

    /// An answer whose body is still to be read.
    async fn respond(&self, call: Call<'_>) -> Result<Response, Failure> {
        match self.fetch(call).await {
            Ok(response) => Ok(response),
            Err(error) => Err(self.unanswered(&error).await),
        }
    }

    /// Why no answer came that may be read.
    async fn unanswered(&self, error: &JsValue) -> Failure {
        let failure = unanswered(error);
        if failure == Failure::Unreachable && self.elsewhere() && self.answers().await {
            return Failure::NotLetIn {
                page: platform::origin(),
            };
        }
        failure
    }

    /// Whether the worker is there, though it may not let this page read what it says.
    async fn answers(&self) -> bool {
        let init = RequestInit::new();
        init.set_mode(RequestMode::NoCors);
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE)));
        let Some(window) = web_sys::window() else {
            return false;
        };
        let url = format!("{}/health", self.base);
        JsFuture::from(window.fetch_with_str_and_init(&url, &init))
            .await
            .is_ok()
    }

    async fn fetch(&self, call: Call<'_>) -> Result<Response, JsValue> {
        let Call {
            method,
            path,
            body,
            csrf,
            link,
            patience,
            abort,
        } = call;
        let headers = Headers::new()?;
        if let Some(csrf) = csrf {
            headers.set(CSRF_HEADER, csrf)?;
        }
        if let Some(secret) = link {
            headers.set(LINK_HEADER, secret)?;
        }
        if body.is_some() {
            headers.set("content-type", "application/json")?;
        }
        let token = if self.elsewhere() {
            platform::kept_here(TOKEN)
        } else {
            None
        };
        if let Some(token) = token {
            headers.set("authorization", &format!("Bearer {token}"))?;
        }
        let init = RequestInit::new();
        init.set_method(method);
        init.set_headers(&headers);
        init.set_cache(RequestCache::NoStore);
        let credentials = if self.elsewhere() {
            RequestCredentials::Omit
        } else {
            RequestCredentials::SameOrigin
        };
        init.set_credentials(credentials);
        init.set_signal(Some(&ended_by(patience, abort)));
        if let Some(body) = body {
            init.set_body(&JsValue::from_str(body));
        }
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let url = format!("{}{path}", self.base);
        JsFuture::from(window.fetch_with_str_and_init(&url, &init))
            .await?
            .dyn_into()
    }
}

/// A query behind its `?`, if there is one.
fn asked(query: &str) -> String {
    if query.is_empty() {
        String::new()
    } else {
        format!("?{query}")
    }
}

/// What ends a request: that it takes too long, or that it is not wanted any more. A
/// browser that cannot have both (before 2024) lets it go on; nobody waits for it.
fn ended_by(patience: u32, abort: Option<&Abort>) -> AbortSignal {
    let late = AbortSignal::timeout_with_u32(patience);
    let Some(unwanted) = abort.and_then(Abort::signal) else {
        return late;
    };
    let class = Reflect::get(&js_sys::global(), &JsValue::from_str("AbortSignal"));
    let any = JsValue::from_str("any");
    if class.and_then(|class| Reflect::has(&class, &any)) == Ok(true) {
        AbortSignal::any(&Array::of2(&late, &unwanted))
    } else {
        late
    }
}

/// What an answer says, or what it says is wrong.
async fn read_body(response: &Response) -> Result<js_sys::Uint8Array, Failure> {
    let bytes = body_of(response)
        .await
        .map_err(|error| unanswered(&error))?;
    if response.ok() {
        Ok(bytes)
    } else {
        Err(Failure::of(response.status(), &bytes.to_vec()))
    }
}

async fn body_of(response: &Response) -> Result<js_sys::Uint8Array, JsValue> {
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    Ok(js_sys::Uint8Array::new(&buffer))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    reading::read(bytes).map_err(|_| Failure::Unreadable { status: 200 })
}

/// `fetch` rejects with a `DOMException` of this name when the signal timed out.
fn unanswered(error: &JsValue) -> Failure {
    let name = js_sys::Reflect::get(error, &JsValue::from_str("name"))
        .ok()
        .and_then(|name| name.as_string());
    if name.as_deref() == Some("TimeoutError") {
        Failure::Timeout
    } else {
        Failure::Unreachable
    }
}
