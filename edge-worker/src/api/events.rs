//! A session's events by range, streamed: a part of one chunk in memory at a time,
//! however long the recording is.

use super::links::off;
use super::sessions::{bad_query, site, snapshot};
use crate::error::ApiError;
use crate::http::{self, Request};
use crate::log;
use crate::store::platform::Platform;
use futures_util::stream;
use sentiero_core::id::{Millis, SiteKey, TabId};
use sentiero_core::reading::{Events, Format, Snapshot};
use sentiero_core::recording::Selection;
use sentiero_core::sharing::{Range, Way};
use sentiero_core::store::StoreError;
use worker::{Env, Response};

type Result<T> = core::result::Result<T, ApiError>;

/// `GET /api/sites/{site}/sessions/{sid}/events`
pub(crate) async fn events(
    req: &Request,
    env: &Env,
    site_key: &str,
    sid: &str,
) -> Result<Response> {
    let (selection, format) = parse(req)?;
    let (key, config) = site(env, site_key).await?;
    if matches!(format, Format::Shared(_)) && !config.sharing.allows(Way::Files) {
        return Err(off(&key, Way::Files));
    }
    let found = snapshot(env, &key, &config, sid, &selection).await?;
    stream(env, key, found, &selection, format)
}

/// The events of a session, as they are read.
pub(super) fn stream(
    env: &Env,
    key: SiteKey,
    found: Snapshot,
    selection: &Selection,
    format: Format,
) -> Result<Response> {
    let platform = Platform::new(env);
    let events = Events::new(platform, key, found, selection, format, log::unreadable);
    let pieces = stream::try_unfold(events, |mut events| async move {
        let piece = events
            .next()
            .await
            .map_err(|StoreError(cause)| worker::Error::RustError(cause))?;
        Ok::<_, worker::Error>(piece.map(|piece| (piece, events)))
    });
    let builder = http::private(200)?.with_header("Content-Type", format.content_type())?;
    Ok(builder.from_stream(pieces)?)
}

fn parse(req: &Request) -> Result<(Selection, Format)> {
    let time = |name: &str, default: Millis| match http::query(req, name)? {
        Some(text) => text
            .parse()
            .map_err(|_| bad_query(name, "milliseconds since 1970")),
        None => Ok(default),
    };
    let tab = match http::query(req, "tab")? {
        Some(text) => Some(TabId::parse(&text).map_err(|_| bad_query("tab", "a tab id"))?),
        None => None,
    };
    let format = match http::query(req, "format")?.as_deref() {
        None | Some("ndjson") => Format::Ndjson,
        Some("chunk") => Format::Chunk,
        // Page loads are whole, and what a range needs is known by all batches.
        Some("file") => {
            let range =
                Range::parse(http::whole_query(req)).map_err(|error| http::bad_field(&error))?;
            return Ok((Selection::ALL, Format::Shared(range)));
        }
        Some(_) => return Err(bad_query("format", "`ndjson`, `chunk` or `file`")),
    };
    Ok((
        Selection {
            tab,
            from: time("from", 0)?,
            to: time("to", Millis::MAX)?,
        },
        format,
    ))
}
