//! A recorder's and a dashboard's side of HTTP.

use crate::raw;
use crate::upload::Visit;
use crate::worker::PASSWORD;
use anyhow::{Context as _, Result, ensure};
use sentiero_core::api::{CSRF_HEADER, Counters, Session, SessionDetail, SessionList};
use sentiero_core::count::Count;
use sentiero_core::id::SessionId;
use sentiero_core::wire::Ack;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use ureq::Agent;
use ureq::http::{Request, Response};

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a header, by its lower-case name.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let headers = self.headers.iter().filter(move |(key, _)| key == name);
        headers.map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{}: {}", self.status, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The `code` of a refusal or problem.
    pub fn code(&self) -> String {
        let json: serde_json::Value = self.json().unwrap_or_default();
        json.get("code")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn send(agent: &Agent, request: Request<Vec<u8>>) -> Result<Answer> {
    let mut answer: Response<ureq::Body> = agent.run(request)?;
    let headers = answer.headers().iter();
    let headers = headers.map(|(key, value)| {
        (
            key.as_str().to_owned(),
            value.to_str().unwrap_or_default().to_owned(),
        )
    });
    let headers = headers.collect();
    let body = answer
        .body_mut()
        .with_config()
        .limit(1 << 30)
        .read_to_vec()?;
    Ok(Answer {
        status: answer.status().as_u16(),
        headers,
        body,
    })
}

/// A header that Miniflare takes for what Cloudflare tells a worker of a request: `request.cf`
/// as JSON.
pub const TOLD: &str = "mf-cf-blob";

/// Sends any request.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Result<Answer> {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(&agent(), request.body(body)?)
}

/// An address in another block than all before: one block may upload only so often.
pub fn another_address() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let [a, b, c, _] = (COUNT.fetch_add(1, Ordering::Relaxed) << 8).to_be_bytes();
    format!("{}.{b}.{c}.1", a.saturating_add(1))
}

/// Uploads a body as a page of the worker's own origin does.
pub fn upload(url: &str, body: Vec<u8>) -> Result<Answer> {
    let address = another_address();
    let headers = [("origin", url), ("cf-connecting-ip", &address)];
    request("POST", &format!("{url}/i/demo"), &headers, body)
}

/// Sends a body to a path below `/i/`, as a page of the worker's own origin does,
/// with more headers.
pub fn post(url: &str, path: &str, more: &[(&str, &str)], body: Vec<u8>) -> Result<Answer> {
    let address = another_address();
    let mut headers = vec![("origin", url), ("cf-connecting-ip", address.as_str())];
    headers.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    headers.extend(more);
    request("POST", &format!("{url}/i/{path}"), &headers, body)
}

/// Announces a body of `length` bytes below `/i/`, as a page of the worker's own origin
/// does, and sends none of it: whoever refuses a body unread may close the connection
/// while it is being written, and the answer is lost to a client that writes first.
pub fn announce(url: &str, path: &str, length: usize) -> Result<Answer> {
    let host = url.trim_start_matches("http://");
    let address = another_address();
    let head = format!(
        "POST /i/{path} HTTP/1.1\r\nhost: {host}\r\norigin: {url}\r\n\
         cf-connecting-ip: {address}\r\ncontent-length: {length}\r\n\r\n"
    );
    let replies = raw::exchange(url, head.as_bytes(), 1)?;
    let reply = replies.into_iter().next().context("no answer")?;
    let headers = reply.head.lines().filter_map(|line| line.split_once(": "));
    Ok(Answer {
        status: reply.status,
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: reply.body,
    })
}

/// Has a session of the demo site erased, as its page does.
pub fn erase(url: &str, sid: &SessionId) -> Result<Answer> {
    post(url, "demo/erase", &[], sid.as_str().into())
}

/// Uploads a body that must be accepted.
pub fn accept(url: &str, body: Vec<u8>) -> Result<Ack> {
    let answer = upload(url, body)?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
    answer.json()
}

/// Somebody who has signed in.
#[derive(Clone, Debug)]
pub struct Dashboard {
    url: String,
    site: String,
    /// The `Cookie` header.
    pub cookie: String,
    /// What the login said.
    pub session: Session,
}

impl Dashboard {
    /// Signs in.
    pub fn sign_in(url: &str) -> Result<Self> {
        let answer = login(url, PASSWORD, &[])?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
        let cookie = answer.header("set-cookie").context("no cookie")?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self {
            url: url.to_owned(),
            site: "demo".to_owned(),
            cookie,
            session: answer.json()?,
        })
    }

    /// The same for another site than the demo.
    #[must_use]
    pub fn of(&self, site: &str) -> Self {
        Self {
            site: site.to_owned(),
            ..self.clone()
        }
    }

    /// Asks for a path below `/api/sites/{site}/`.
    pub fn get(&self, path: &str) -> Result<Answer> {
        let url = format!("{}/api/sites/{}/{path}", self.url, self.site);
        request("GET", &url, &[("cookie", &self.cookie)], Vec::new())
    }

    /// Posts to a path below `/api/sites/{site}/`, with the session's word.
    pub fn post(&self, path: &str, body: &str) -> Result<Answer> {
        let url = format!("{}/api/sites/{}/{path}", self.url, self.site);
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("origin", self.url.as_str()),
            (CSRF_HEADER, self.session.csrf.as_str()),
        ];
        request("POST", &url, &headers, body.into())
    }

    /// A page of the list.
    pub fn list(&self, query: &str) -> Result<SessionList> {
        self.get(&format!("sessions{query}"))?.json()
    }

    /// What was counted in the last days, added up, by word.
    pub fn counters(&self) -> Result<BTreeMap<String, u64>> {
        let counters: Counters = self.get("counters")?.json()?;
        let mut sums = BTreeMap::new();
        for Count { name, n, .. } in counters.counts {
            *sums.entry(name).or_default() += n;
        }
        Ok(sums)
    }

    /// One session, if there is one.
    pub fn detail(&self, sid: &SessionId) -> Result<Option<SessionDetail>> {
        let answer = self.get(&format!("sessions/{sid}"))?;
        if answer.status == 404 {
            return Ok(None);
        }
        answer.json().map(Some)
    }

    /// The events of a visit as `(tab, index, event)`, in the order of the answer.
    pub fn events(&self, visit: &Visit, query: &str) -> Result<Vec<(String, u32, String)>> {
        let answer = self.get(&format!("sessions/{}/events{query}", visit.sid))?;
        ensure!(answer.status == 200, "{}: {}", answer.status, answer.text());
        let text = answer.text();
        text.lines()
            .map(|line| {
                let line: sentiero_core::api::EventLine<'_> = serde_json::from_str(line)?;
                Ok((
                    line.tab.to_string(),
                    line.index,
                    line.event.get().to_owned(),
                ))
            })
            .collect()
    }
}

/// Tries to sign in.
pub fn login(url: &str, password: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    let body = serde_json::to_vec(&sentiero_core::api::Login {
        password: password.to_owned(),
    })?;
    request("POST", &format!("{url}/api/login"), headers, body)
}

/// A recorder that keeps its connection.
#[derive(Debug)]
pub struct Connection {
    agent: Agent,
    url: String,
}

impl Connection {
    /// Connects with the first upload.
    pub fn new(url: &str) -> Self {
        Self {
            agent: agent(),
            url: url.to_owned(),
        }
    }

    /// Sends a body to a path below `/i/`.
    pub fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer> {
        let request = Request::post(format!("{}/i/{path}", self.url))
            .header("origin", &self.url)
            .header("cf-connecting-ip", another_address())
            .body(body)?;
        send(&self.agent, request)
    }
}
