//! Requests and responses, as little of them as the rest needs.

use crate::error::ApiError;
use core::ops::{Deref, DerefMut};
use futures_util::StreamExt as _;
use sentiero_core::field::FieldError;
use sentiero_core::id::Millis;
use sentiero_core::origin;
use sentiero_core::query;
use serde::Serialize;
use worker::js_sys::{self, Function, Reflect, Uint8Array};
use worker::wasm_bindgen::JsCast as _;
use worker::{Date, Response, ResponseBuilder, Result, web_sys};

/// A request to the worker, with its address as it came.
///
/// `worker::Request::url` parses the address anew each time it is asked, by a library that
/// knows every script of the world: 110 KB of tables, and two parses for each upload.
pub(crate) struct Request {
    inner: worker::Request,
    url: String,
}

impl From<web_sys::Request> for Request {
    fn from(request: web_sys::Request) -> Self {
        Self {
            url: request.url(),
            inner: request.into(),
        }
    }
}

impl Deref for Request {
    type Target = worker::Request;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl DerefMut for Request {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}

/// What an answer carries.
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Vec<u8>),
}

impl Body {
    /// `value` as JSON. Our own types always serialise; should one not, the
    /// answer is empty JSON rather than a panic.
    pub(crate) fn json<T: Serialize>(value: &T) -> Self {
        Self::Json(serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec()))
    }
}

/// An answer that no cache keeps and no browser guesses the type of.
pub(crate) fn answer(status: u16, body: Body) -> Result<Response> {
    let builder = private(status)?;
    match body {
        Body::Empty => Ok(builder.empty()),
        Body::Json(bytes) => Ok(builder
            .with_header("Content-Type", "application/json")?
            .fixed(bytes)),
    }
}

/// The headers of every private answer.
pub(crate) fn private(status: u16) -> Result<ResponseBuilder> {
    ResponseBuilder::new()
        .with_status(status)
        .with_header("Cache-Control", "no-store")?
        .with_header("X-Content-Type-Options", "nosniff")
}

/// The edge's time.
pub(crate) fn now() -> Millis {
    Date::now().as_millis()
}

/// Random bytes from the platform.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let array = Uint8Array::from(bytes.as_slice());
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let fill: Function = Reflect::get(&crypto, &"getRandomValues".into())?.dyn_into()?;
    fill.call1(&crypto, &array)?;
    array.copy_to(&mut bytes);
    Ok(bytes)
}

/// A header's value, if it is there and text.
pub(crate) fn header(req: &Request, name: &str) -> Option<String> {
    req.headers().get(name).ok().flatten()
}

/// What Cloudflare tells of a request beside its headers, by its name in `request.cf`; none
/// where nothing is told, as on other hosts.
///
/// Not by `worker::Cf`, which panics where a text is missing.
pub(crate) fn told(req: &Request, name: &str) -> Option<String> {
    let all = Reflect::get(req.inner(), &"cf".into()).ok()?;
    Reflect::get(&all, &name.into()).ok()?.as_string()
}

/// The request's own origin: `https://host[:port]`.
pub(crate) fn own_origin(req: &Request) -> String {
    origin::of(&req.url).unwrap_or_default()
}

/// One query parameter, decoded; a query that cannot be read is an error that names what.
pub(crate) fn query(req: &Request, name: &str) -> core::result::Result<Option<String>, ApiError> {
    query::get(whole_query(req), name).map_err(|error| bad_field(&error))
}

/// All query parameters, as they were sent.
pub(crate) fn whole_query(req: &Request) -> &str {
    query_part(&req.url)
}

/// A 400 that names a query parameter.
pub(crate) fn bad_field(error: &FieldError) -> ApiError {
    ApiError::Malformed {
        code: "malformed_query",
        message: format!("{error}."),
    }
}

fn query_part(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or(url);
    url.split_once('?').map_or("", |(_, query)| query)
}

/// A visitor's address block (/24, /48), for rate limits only; never stored.
///
/// None where no proxy in front of the worker says it.
pub(crate) fn address_block(req: &Request) -> Option<String> {
    truncate(&header(req, "CF-Connecting-IP")?)
}

fn truncate(address: &str) -> Option<String> {
    use core::net::{IpAddr, Ipv6Addr};
    match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Some(format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
        }
    }
}

/// Reads a body of at most `limit` bytes; more is refused without reading on.
pub(crate) async fn read_body(
    req: &mut Request,
    what: &'static str,
    limit: usize,
) -> core::result::Result<Vec<u8>, ApiError> {
    let too_large = || ApiError::TooLarge {
        what,
        limit: limit as u64,
    };
    let announced = header(req, "Content-Length").and_then(|length| length.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // A body that cannot be read was broken off by who sends it, or is no HTTP. In one piece
    // if its length is known: a stream takes several turns and an exception.
    if announced.is_some() {
        let body = req.bytes().await.map_err(|_| ApiError::Incomplete)?;
        return if body.len() > limit {
            Err(too_large())
        } else {
            Ok(body)
        };
    }
    let Ok(mut stream) = req.stream() else {
        return Ok(Vec::new());
    };
    let mut body = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|_| ApiError::Incomplete)?;
        if body.len() + piece.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::{query_part, truncate};

    #[test]
    fn the_query_lies_between_its_marks() {
        for (rest, query) in [
            ("?a=1", "a=1"),
            ("?a=1#a=2", "a=1"),
            ("?b=?a=1", "b=?a=1"),
            ("#?a=1", ""),
            ("?", ""),
            ("", ""),
        ] {
            let url = format!("https://worker.example/api/a=0{rest}");
            assert_eq!(query_part(&url), query, "{rest}");
        }
    }

    #[test]
    fn addresses_become_blocks() {
        for (address, block) in [
            ("203.0.113.77", Some("203.0.113.0/24")),
            ("2001:db8:1:2:3::4", Some("2001:db8:1::/48")),
            ("0.0.0.0", Some("0.0.0.0/24")),
            ("255.255.255.255", Some("255.255.255.0/24")),
            ("::", Some("::/48")),
            ("::1", Some("::/48")),
            (
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                Some("ffff:ffff:ffff::/48"),
            ),
            ("2001:DB8:0:ffff::1", Some("2001:db8::/48")),
            // An IPv4 address that is written as IPv6 belongs to its IPv4 block.
            ("::ffff:203.0.113.77", Some("203.0.113.0/24")),
            ("::FFFF:cb00:714d", Some("203.0.113.0/24")),
            ("::ffff:0.0.0.0", Some("0.0.0.0/24")),
            ("::ffff:255.255.255.255", Some("255.255.255.0/24")),
            // One bit beside the mapped range is IPv6.
            ("::fffe:203.0.113.77", Some("::/48")),
            ("0:0:0:0:1:ffff:cb00:714d", Some("::/48")),
            ("::203.0.113.77", Some("::/48")),
            ("64:ff9b::203.0.113.77", Some("64:ff9b::/48")),
            // No address: nothing of it may become part of a name.
            ("203.0.113.77, 198.51.100.1", None),
            (" 203.0.113.77", None),
            ("203.0.113.077", None),
            ("203.0.113", None),
            ("[2001:db8::1]", None),
            ("2001:db8::1%eth0", None),
            ("203.0.113.0/24", None),
            ("", None),
            ("localhost", None),
        ] {
            assert_eq!(truncate(address).as_deref(), block, "{address}");
        }
    }
}
