//! The sessions as files that the delivering scripts read: the chunks one behind the other in
//! `chunks.bin`, and a line for each session in `sessions.ndjson`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use sentiero_core::recording::StoredChunk;
use sentiero_core::summary;
use serde_json::{Value, json};

use super::copy::Session;

/// The file of the chunks.
const CHUNKS: &str = "chunks.bin";
/// The longest summary, bytes: the edge writes as much (`edge-worker/src/store/platform.rs`).
const MAX_SUMMARY: usize = 2_000;
/// The file of the sessions.
const SESSIONS: &str = "sessions.ndjson";

/// The files of a folder, being written.
pub(super) struct Pack {
    chunks: BufWriter<File>,
    sessions: BufWriter<File>,
    at: u64,
}

impl Pack {
    /// Begins in `folder`; what was there is written over.
    pub(super) fn create(folder: &Path) -> Result<Self> {
        let create = |name: &str| {
            let path = folder.join(name);
            let file = File::create(&path);
            file.with_context(|| format!("cannot write {}", path.display()))
        };
        Ok(Self {
            chunks: BufWriter::new(create(CHUNKS)?),
            sessions: BufWriter::new(create(SESSIONS)?),
            at: 0,
        })
    }

    /// Adds a session.
    pub(super) fn add(&mut self, session: &Session) -> Result<()> {
        let Session {
            record,
            chunks,
            agent,
        } = session;
        let mut places = Vec::new();
        for (stored, bytes) in record.chunks.iter().zip(chunks) {
            places.push(place(stored, self.at, bytes.len()));
            self.chunks.write_all(bytes)?;
            self.at += bytes.len() as u64;
        }
        let line = json!({
            "sid": record.sid,
            "start": record.sid.start(),
            "agent": agent,
            "country": record.state.visitor.country,
            "chunks": places,
            // As the worker writes it beside each chunk: a text that fits there.
            "row": summary::of(&record.state.row(&record.sid, false), MAX_SUMMARY)?,
            "record": record,
        });
        writeln!(self.sessions, "{line}")?;
        Ok(())
    }

    /// Ends; gives the bytes of all chunks.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.chunks.flush()?;
        self.sessions.flush()?;
        Ok(self.at)
    }
}

/// Where a chunk lies in the file, and where the members lie in it: each is an upload's body.
fn place(chunk: &StoredChunk, at: u64, length: usize) -> Value {
    let mut offset = at;
    let members: Vec<Value> = chunk
        .batches
        .iter()
        .map(|batch| {
            let member = json!({ "offset": offset, "length": batch.bytes });
            offset += u64::from(batch.bytes);
            member
        })
        .collect();
    json!({ "name": chunk.name, "offset": at, "length": length, "members": members })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::cast::{self, Wanted};
    use crate::demo::tests::visit;
    use sentiero_core::api::SessionRow;
    use sentiero_core::chunk::Chunk;
    use sentiero_core::gzip;

    #[test]
    fn what_the_lines_say_is_in_the_file() {
        let folder = std::env::temp_dir().join(format!("sentiero-pack-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let visits = [visit("buys", 10)];
        let wanted = Wanted {
            seed: 1,
            multiply: 3,
            days: 2,
            now: 1_795_689_000_000,
        };
        let mut pack = Pack::create(&folder).unwrap();
        for cast in cast::all(&visits, wanted) {
            pack.add(&cast.play().unwrap()).unwrap();
        }
        let size = pack.finish().unwrap();
        let bytes = std::fs::read(folder.join(CHUNKS)).unwrap();
        assert_eq!(size, bytes.len() as u64);
        let text = std::fs::read_to_string(folder.join(SESSIONS)).unwrap();
        assert_eq!(text.lines().count(), 3);
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let part = |place: &Value| {
                let number = |field: &str| usize::try_from(place[field].as_u64().unwrap()).unwrap();
                &bytes[number("offset")..number("offset") + number("length")]
            };
            // The worker reads a row of it when it makes its index again.
            let row = line["row"].as_str().unwrap();
            assert!(row.len() <= MAX_SUMMARY, "{} bytes", row.len());
            let row: SessionRow = serde_json::from_str(row).unwrap();
            assert_eq!(row.sid.as_str(), line["sid"]);
            for chunk in line["chunks"].as_array().unwrap() {
                assert!(Chunk::parse(part(chunk)).is_ok());
                for member in chunk["members"].as_array().unwrap() {
                    let body = gzip::decompress(part(member), 1 << 20).unwrap();
                    let sid = line["sid"].as_str().unwrap().as_bytes();
                    assert!(body.windows(sid.len()).any(|window| window == sid));
                }
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
