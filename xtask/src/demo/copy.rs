//! A copy of a visit: the same deeds, by somebody else at another time.
//!
//! It is made into what the edge would have stored of it, by the edge's own code: chunks,
//! record and row. What was masked stays masked.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use sentiero_core::chunk::ChunkWriter;
use sentiero_core::gzip;
use sentiero_core::id::{Millis, SessionId, TabId, WindowId};
use sentiero_core::lifecycle::PACK_BYTES;
use sentiero_core::recording::{Buffered, Record, SessionState, StoredChunk, Visitor};
use sentiero_core::wire::Header;

use super::clock::Clock;
use super::place;
use super::random::Random;
use super::visit::{Batch, Facts, Visit};

/// From packing a batch to its arrival at the edge, ms.
const ON_ITS_WAY: Millis = 180;

/// Members that have signed in so far; few enough that most come back.
const USERS: u64 = 60;

/// Who a copy is, and when.
#[derive(Clone, Debug)]
pub(super) struct Cast<'a> {
    pub(super) visit: &'a Visit,
    /// Whose device it is.
    pub(super) device: &'a Facts,
    /// Where they are.
    pub(super) country: &'a str,
    pub(super) start: Millis,
    /// How long their pauses are beside the recorded ones, percent.
    pub(super) leisure: u64,
    /// Where ids come from.
    pub(super) random: Random,
}

/// What is stored of a copy.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) record: Record,
    /// The bytes of each chunk of the record.
    pub(super) chunks: Vec<Vec<u8>>,
    pub(super) agent: String,
}

/// How long a copy with this `leisure` takes, ms.
pub(super) fn duration(visit: &Visit, leisure: u64) -> Millis {
    clock(visit, 0, leisure).at(visit.last)
}

fn clock(visit: &Visit, start: Millis, leisure: u64) -> Clock<'_> {
    Clock {
        recorded: visit.recorded,
        start,
        pauses: &visit.facts.pauses,
        leisure,
    }
}

/// A batch of a copy.
struct Made {
    batch: Buffered,
    member: Vec<u8>,
}

impl Cast<'_> {
    /// What the edge would have stored.
    pub(super) fn play(mut self) -> Result<Session> {
        let (region, timezone) = place::of(self.country, self.start);
        let visitor = Visitor {
            country: Some(self.country.to_owned()),
            region,
            timezone,
            browser: Some(self.device.browser.clone()),
            os: Some(self.device.os.clone()),
            device: Some(self.device.device.clone()),
        };
        let sid = SessionId::new(self.start, &self.random.bytes());
        let user = format!("member-{:04}", 1_000 + self.random.below(USERS));
        let batches = self.batches(&sid, &user)?;
        let arrival = batches.iter().map(|made| made.batch.at).min();
        let mut state = SessionState::new(arrival.unwrap_or(self.start), visitor);
        for made in &batches {
            state.add(&made.batch);
        }
        let created = state.created;
        let mut chunks = Vec::new();
        let mut stored = Vec::new();
        for (number, members) in packed(batches).into_iter().enumerate() {
            let mut writer = ChunkWriter::default();
            for made in members {
                writer.push(made.batch.meta, &made.member);
            }
            stored.push(StoredChunk {
                name: format!("{created:013}-{number:04}"),
                batches: writer.batches().to_vec(),
            });
            chunks.push(writer.finish());
        }
        let record = Record {
            v: Record::VERSION,
            sid,
            live: false,
            state,
            chunks: stored,
            buffered: Vec::new(),
        };
        let agent = self.device.agent.clone();
        Ok(Session {
            record,
            chunks,
            agent,
        })
    }

    fn batches(&mut self, sid: &SessionId, user: &str) -> Result<Vec<Made>> {
        let clock = clock(self.visit, self.start, self.leisure);
        let mut tabs: BTreeMap<&TabId, TabId> = BTreeMap::new();
        let mut windows: BTreeMap<&WindowId, WindowId> = BTreeMap::new();
        let random = &mut self.random;
        let mut made = Vec::new();
        for (number, Batch { header, events }) in self.visit.batches.iter().enumerate() {
            let tab = tabs
                .entry(&header.tab)
                .or_insert_with(|| TabId::new(&random.bytes()));
            let window = windows
                .entry(&header.window)
                .or_insert_with(|| WindowId::new(&random.bytes()));
            // The first one of a page has the snapshot, without which nothing is to be seen.
            let may_lack = self.visit.facts.story.gaps && header.first > 0;
            if may_lack && number % 3 == 1 {
                continue;
            }
            let header = Header {
                sid: sid.clone(),
                tab: tab.clone(),
                window: window.clone(),
                sent: clock.at(header.sent),
                // With an offset, an ingest would take it that this was packed just now.
                offset: None,
                ..header.clone()
            };
            let mut body = Vec::new();
            header.write_line(&mut body);
            let mut places = Vec::new();
            for event in events {
                let from = body.len();
                event.fill(|at| clock.at(at), user, &mut body);
                places.push(from..body.len());
                body.push(b'\n');
            }
            let lines: Vec<&[u8]> = places
                .into_iter()
                .filter_map(|place| body.get(place))
                .collect();
            let member = gzip::compress(&body);
            let at = header.sent + ON_ITS_WAY;
            let batch = Buffered::of(&header, &lines, member.len(), at)
                .map_err(|error| anyhow!("event {} of a copy is no event", error.index))?;
            made.push(Made { batch, member });
        }
        Ok(made)
    }
}

/// As many batches to a chunk as the edge packs into one.
fn packed(batches: Vec<Made>) -> Vec<Vec<Made>> {
    let mut chunks: Vec<Vec<Made>> = Vec::new();
    let mut size = PACK_BYTES;
    for made in batches {
        if size >= PACK_BYTES {
            chunks.push(Vec::new());
            size = 0;
        }
        size += u64::from(made.batch.meta.bytes);
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(made);
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::tests::visit;
    use sentiero_core::chunk::Chunk;
    use sentiero_core::digest::Digest;
    use sentiero_core::wire::{Limits, Upload};

    const START: Millis = 1_795_000_000_000;

    fn cast(visit: &Visit) -> Cast<'_> {
        Cast {
            visit,
            device: &visit.facts,
            country: "NO",
            start: START,
            leisure: 100,
            random: Random::of(3, &[]),
        }
    }

    /// Name and bytes of each chunk, as a listing of R2 would give them.
    fn listed(session: &Session) -> Vec<(String, &[u8])> {
        let names = session.record.chunks.iter().map(|chunk| chunk.name.clone());
        names
            .zip(session.chunks.iter().map(Vec::as_slice))
            .collect()
    }

    #[test]
    fn a_copy_is_what_the_edge_would_make_of_its_chunks() {
        let visit = visit("buys", 10);
        let session = cast(&visit).play().unwrap();
        let record = &session.record;
        assert_eq!(record.sid.start(), START);
        let (again, damaged) =
            Record::rebuild(&record.sid, record.state.visitor.clone(), listed(&session));
        assert_eq!(damaged, 0);
        assert_eq!(again.state.digest, record.state.digest);
        assert_eq!(again.state.tabs, record.state.tabs);
        assert_eq!(again.chunks, record.chunks);
        let row = record.state.row(&record.sid, false);
        assert_eq!(row.users.len(), 1);
        assert!(row.users[0].starts_with("member-1"), "{:?}", row.users);
        assert_eq!(row.country.as_deref(), Some("NO"));
        assert_eq!((row.tabs, row.clicks), (2, 1));
    }

    #[test]
    fn times_are_the_copies_and_indexes_are_the_recordings() {
        let visit = visit("buys", 10);
        let session = cast(&visit).play().unwrap();
        let duration = duration(&visit, 100);
        assert!(duration > 5_000, "the pause is in it: {duration}");
        for chunk in &session.chunks {
            for (batch, recorded) in Chunk::parse(chunk)
                .unwrap()
                .batches
                .iter()
                .zip(&visit.batches)
            {
                let body = batch.inflate().unwrap();
                let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
                assert_eq!(upload.header.first, recorded.header.first);
                assert_eq!(upload.header.sid, session.record.sid);
                assert_eq!(upload.header.offset, None, "the ingest takes it late");
                let digest = Digest::from_events(&upload.header.tab, upload.events);
                let (from, to) = digest.span.unwrap();
                assert!(from >= START && to <= START + duration, "{from} {to}");
            }
        }
    }

    #[test]
    fn two_copies_share_nothing_that_names_a_visit() {
        let visit = visit("buys", 10);
        let one = cast(&visit).play().unwrap().record;
        let mut other = cast(&visit);
        other.random = Random::of(4, &[]);
        let other = other.play().unwrap().record;
        assert_ne!(one.sid, other.sid);
        assert!(
            one.state
                .tabs
                .keys()
                .all(|tab| !other.state.tabs.contains_key(tab))
        );
    }

    #[test]
    fn gaps_are_seen_as_gaps() {
        let mut visit = visit("gaps", 0);
        visit.facts.story.gaps = true;
        let record = cast(&visit).play().unwrap().record;
        let detail = record.detail();
        assert!(detail.tab_list.iter().any(|tab| !tab.gaps.is_empty()));
    }

    #[test]
    fn a_chunk_is_closed_when_it_is_full() {
        let full = |bytes: u32| Made {
            batch: Buffered {
                meta: sentiero_core::chunk::BatchMeta {
                    bytes,
                    ..visit_meta()
                },
                ..buffered()
            },
            member: Vec::new(),
        };
        let limit = u32::try_from(PACK_BYTES).unwrap();
        let sizes = |bytes: &[u32]| -> Vec<usize> {
            let chunks = packed(bytes.iter().map(|bytes| full(*bytes)).collect());
            chunks.iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(&[limit - 1, 1, 1]), [2, 1]);
        assert_eq!(sizes(&[limit, 1]), [1, 1]);
        assert!(sizes(&[]).is_empty());
    }

    fn buffered() -> Buffered {
        let header = &visit("buys", 10).batches[0].header;
        Buffered::of(header, &[], 0, START).unwrap()
    }

    fn visit_meta() -> sentiero_core::chunk::BatchMeta {
        buffered().meta
    }
}
