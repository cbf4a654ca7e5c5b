//! A visit as tests/demo/record.mjs wrote it: who it was, and the batches that were stored.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use sentiero_core::chunk::Chunk;
use sentiero_core::event::EventView;
use sentiero_core::id::Millis;
use sentiero_core::wire::{Header, Limits, Upload};
use serde::Deserialize;

use super::clock::Pause;
use super::template::Template;

/// What a visit is an example of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Story {
    /// Its name in tests/demo/stories.mjs.
    pub(super) name: String,
    /// How many of a hundred visits are like it; 0: just this one is.
    pub(super) weight: u64,
    /// What to look for.
    pub(super) shows: String,
    /// Batches of it are to be missing.
    pub(super) gaps: bool,
}

/// Who visited.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Facts {
    /// What happens.
    pub(super) story: Story,
    /// The User-Agent header.
    pub(super) agent: String,
    /// What the edge makes of it.
    pub(super) browser: String,
    /// Likewise.
    pub(super) os: String,
    /// Likewise.
    pub(super) device: String,
    /// ISO 3166-1 alpha-2 code.
    pub(super) country: String,
    /// When they did nothing.
    pub(super) pauses: Vec<Pause>,
}

/// A batch, ready to be copied.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) header: Header,
    pub(super) events: Vec<Template>,
}

/// A recorded visit.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) facts: Facts,
    pub(super) batches: Vec<Batch>,
    /// When the recording began.
    pub(super) recorded: Millis,
    /// The time of its last event.
    pub(super) last: Millis,
}

impl Visit {
    /// All visits in `folder`, in order of their numbers.
    pub(super) fn all(folder: &Path) -> Result<Vec<Self>> {
        let mut visits = Vec::new();
        for number in 0.. {
            let facts = folder.join(format!("{number}.json"));
            if !facts.exists() {
                break;
            }
            let chunk = std::fs::read(folder.join(format!("{number}.chunk")))?;
            let visit = Self::read(&crate::repo::read(&facts)?, &chunk)
                .with_context(|| format!("visit {number}"))?;
            visits.push(visit);
        }
        ensure!(!visits.is_empty(), "nothing was recorded");
        Ok(visits)
    }

    /// One visit from its facts and its batches.
    pub(super) fn read(facts: &str, chunk: &[u8]) -> Result<Self> {
        let facts: Facts = serde_json::from_str(facts)?;
        let chunk = Chunk::parse(chunk).map_err(|error| anyhow!("{error}"))?;
        let mut bodies = Vec::new();
        for batch in &chunk.batches {
            bodies.push(batch.inflate().map_err(|error| anyhow!("{error}"))?);
        }
        let uploads: Vec<Upload<'_>> = bodies
            .iter()
            .map(|body| Upload::parse(body, &Limits::DEFAULT).map_err(|error| anyhow!("{error}")))
            .collect::<Result<_>>()?;
        let times = uploads.iter().flat_map(|upload| &upload.events);
        let times = times.filter_map(|event| Some(EventView::read(event)?.at));
        let (first, last) = times.fold((Millis::MAX, 0), |(first, last), at| {
            (first.min(at), last.max(at))
        });
        let recorded = uploads
            .first()
            .context("it has no batches")?
            .header
            .sid
            .start();
        let within = (first.min(recorded).saturating_sub(60_000), last + 60_000);
        let batches = uploads.into_iter().map(|upload| Batch {
            events: upload
                .events
                .iter()
                .map(|event| Template::of(event, within))
                .collect(),
            header: upload.header,
        });
        let batches = batches.collect();
        Ok(Self {
            facts,
            batches,
            recorded,
            last,
        })
    }
}
