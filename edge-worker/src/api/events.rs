//! A session's events by range, streamed: one chunk in memory at a time,
//! however long the recording is.

use super::sessions::{bad_query, query, record, site};
use crate::error::ApiError;
use crate::http;
use crate::session::client;
use crate::store::platform::Platform;
use futures_util::stream;
use sentiero_core::api::EventLine;
use sentiero_core::chunk::{BatchMeta, Chunk, ChunkWriter, StoredBatch};
use sentiero_core::id::{Millis, SessionId, SiteKey, TabId};
use sentiero_core::recording::{Record, Selection};
use sentiero_core::store::StoreError;
use sentiero_core::store::{ChunkPlace, Recordings as _};
use sentiero_core::wire::{Limits, Upload};
use std::collections::VecDeque;
use std::rc::Rc;
use worker::{Env, Request, Response};

type Result<T> = core::result::Result<T, ApiError>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Ndjson,
    Chunk,
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Chunk => "application/vnd.sentiero.chunk",
        }
    }
}

/// `GET /api/sites/{site}/sessions/{sid}/events`
pub(crate) async fn events(
    req: &Request,
    env: &Env,
    site_key: &str,
    sid: &str,
) -> Result<Response> {
    let (selection, format) = parse(req)?;
    let (key, config) = site(env, site_key).await?;
    let record = record(env, &key, &config, sid).await?;
    let has_buffered = record.buffered.iter().any(|batch| selection.takes(batch));
    let buffered = if has_buffered {
        client::buffered(env, &key, &record.sid, &selection).await?
    } else {
        Vec::new()
    };
    let reader = Reader {
        platform: Platform::new(env),
        site: key,
        sid: record.sid.clone(),
        plan: plan(&record, &selection),
        format,
        buffered: buffered.into(),
        loaded: None,
        written: Vec::new(),
        finished: false,
    };
    let pieces = stream::try_unfold(reader, |mut reader| async move {
        let piece = reader
            .next()
            .await
            .map_err(|StoreError(cause)| worker::Error::RustError(cause))?;
        Ok::<_, worker::Error>(piece.map(|piece| (piece, reader)))
    });
    let builder = http::private(200)?.with_header("Content-Type", format.content_type())?;
    Ok(builder.from_stream(pieces)?)
}

fn parse(req: &Request) -> Result<(Selection, Format)> {
    let time = |name: &str, default: Millis| match query(req, name) {
        Some(text) => text
            .parse()
            .map_err(|_| bad_query(name, "milliseconds since 1970")),
        None => Ok(default),
    };
    let tab = match query(req, "tab") {
        Some(text) => Some(TabId::parse(&text).map_err(|_| bad_query("tab", "a tab id"))?),
        None => None,
    };
    let format = match query(req, "format").as_deref() {
        None | Some("ndjson") => Format::Ndjson,
        Some("chunk") => Format::Chunk,
        Some(_) => return Err(bad_query("format", "`ndjson` or `chunk`")),
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

/// Where a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// In the chunk of this name.
    Stored(Rc<str>),
    /// Still in the session object.
    Buffered,
}

/// A batch to send.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    source: Source,
    tab: TabId,
    first: u32,
}

/// The selected batches in order of tab and first event.
fn plan(record: &Record, selection: &Selection) -> VecDeque<Wanted> {
    let stored = record.chunks.iter().flat_map(|chunk| {
        let source = Source::Stored(Rc::from(chunk.name.as_str()));
        chunk
            .batches
            .iter()
            .map(move |batch| (source.clone(), batch))
    });
    let buffered = record
        .buffered
        .iter()
        .map(|batch| (Source::Buffered, batch));
    let mut wanted: Vec<Wanted> = stored
        .chain(buffered)
        .filter(|(_, batch)| selection.takes(batch))
        .map(|(source, batch)| Wanted {
            source,
            tab: batch.tab.clone(),
            first: batch.first,
        })
        .collect();
    wanted.sort_by(|a, b| (&a.tab, a.first).cmp(&(&b.tab, b.first)));
    wanted.into()
}

/// Walks the plan; batches of one chunk usually follow each other, so the last
/// chunk is kept.
struct Reader {
    platform: Platform,
    site: SiteKey,
    sid: SessionId,
    plan: VecDeque<Wanted>,
    format: Format,
    buffered: Rc<[u8]>,
    loaded: Option<(Rc<str>, Rc<[u8]>)>,
    /// What was sent, for the footer.
    written: Vec<BatchMeta>,
    finished: bool,
}

impl Reader {
    async fn next(&mut self) -> core::result::Result<Option<Vec<u8>>, StoreError> {
        while let Some(wanted) = self.plan.pop_front() {
            let bytes = self.load(&wanted.source).await?;
            if let Some(piece) = self.piece(&wanted, &bytes) {
                return Ok(Some(piece));
            }
            // What is readable is worth more than nothing; the reader sees the hole in the indexes.
            crate::log::failure("events", Some(&self.site), "batch_unreadable", "");
        }
        if self.format == Format::Chunk && !self.finished {
            self.finished = true;
            return Ok(Some(ChunkWriter::footer(core::mem::take(
                &mut self.written,
            ))));
        }
        Ok(None)
    }

    async fn load(&mut self, source: &Source) -> core::result::Result<Rc<[u8]>, StoreError> {
        let name = match source {
            Source::Buffered => return Ok(Rc::clone(&self.buffered)),
            Source::Stored(name) => name,
        };
        if let Some((loaded, bytes)) = &self.loaded
            && loaded == name
        {
            return Ok(Rc::clone(bytes));
        }
        let place = ChunkPlace {
            site: &self.site,
            sid: &self.sid,
            name,
        };
        let bytes: Rc<[u8]> = self.platform.get(&place).await?.unwrap_or_default().into();
        self.loaded = Some((Rc::clone(name), Rc::clone(&bytes)));
        Ok(bytes)
    }

    fn piece(&mut self, wanted: &Wanted, chunk: &[u8]) -> Option<Vec<u8>> {
        let chunk = Chunk::parse(chunk).ok()?;
        let batch = chunk
            .batches
            .into_iter()
            .find(|batch| batch.meta.tab == wanted.tab && batch.meta.first == wanted.first)?;
        if self.format == Format::Ndjson {
            return lines(&batch);
        }
        let member = batch.member.to_vec();
        self.written.push(batch.meta);
        Some(member)
    }
}

/// A batch as lines of [`EventLine`].
fn lines(batch: &StoredBatch<'_>) -> Option<Vec<u8>> {
    let body = batch.inflate().ok()?;
    let upload = Upload::parse(&body, &Limits::DEFAULT).ok()?;
    let mut out = Vec::with_capacity(body.len() + upload.events.len() * 48);
    for (index, event) in (upload.header.first..).zip(upload.events) {
        let event = serde_json::from_slice(event).ok()?;
        let line = EventLine {
            tab: batch.meta.tab.clone(),
            index,
            event,
        };
        serde_json::to_writer(&mut out, &line).ok()?;
        out.push(b'\n');
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::recording::{SessionState, StoredChunk};

    fn meta(tab: &str, first: u32, from: Millis) -> BatchMeta {
        BatchMeta {
            tab: TabId::parse(tab).unwrap(),
            first,
            n: 1,
            from,
            to: from + 9,
            keyframe: false,
            bytes: 1,
        }
    }

    #[test]
    fn plans_in_order_of_tab_and_index_over_chunks() {
        let record = Record {
            v: 1,
            sid: SessionId::new(1, &[0; 17]),
            live: true,
            state: SessionState::default(),
            chunks: vec![
                StoredChunk {
                    name: "a".into(),
                    batches: vec![meta("bbbbbbbb", 1, 10), meta("aaaaaaaa", 0, 0)],
                },
                StoredChunk {
                    name: "b".into(),
                    batches: vec![meta("bbbbbbbb", 0, 0)],
                },
            ],
            buffered: vec![meta("aaaaaaaa", 1, 20)],
        };
        let all = Selection {
            tab: None,
            from: 0,
            to: 100,
        };
        let order = |selection: &Selection| -> Vec<String> {
            plan(&record, selection)
                .into_iter()
                .map(|wanted| format!("{}{}", &wanted.tab.as_str()[..1], wanted.first))
                .collect()
        };
        assert_eq!(order(&all), ["a0", "a1", "b0", "b1"]);
        assert_eq!(
            order(&Selection {
                tab: TabId::parse("bbbbbbbb").ok(),
                ..all.clone()
            }),
            ["b0", "b1"]
        );
        assert_eq!(
            order(&Selection {
                from: 10,
                to: 19,
                ..all
            }),
            ["b1"]
        );
    }
}
