//! What the site's own server told, among what the visitor did.

use crate::model::activity::{Activity, Kind, Row};
use crate::model::captures::Fault;
use crate::model::pack::pack_fields;
use crate::model::tabs::Lane;
use sentiero_core::chunk::Chunk;
use sentiero_core::id::Millis;
use sentiero_core::wire::{Limits, Upload};

/// Where it came from, for people.
const FROM: &str = "On the server";

/// What was told while a page load was shown, by the page load's clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// In order of time.
    pub rows: Vec<Row>,
    /// The errors among them.
    pub errors: Vec<Fault>,
}

pack_fields!(Lane {
    events,
    from,
    until,
    offset,
    span
});

impl Lines {
    /// What of a chunk of the server lane stands in a page load. What does not read is left out.
    pub fn of(chunk: &[u8], lane: &Lane) -> Self {
        let mut activity = Activity::default();
        let batches = Chunk::parse(chunk).map_or(Vec::new(), |chunk| chunk.batches);
        for batch in batches.iter().filter(|batch| batch.meta.tab.is_server()) {
            let Ok(body) = batch.inflate() else { continue };
            let Ok(upload) = Upload::parse(&body, &Limits::DEFAULT) else {
                continue;
            };
            for (index, event) in (upload.header.first..).zip(&upload.events) {
                activity.event(index, event);
            }
        }
        let is_here = |at: Millis| (lane.from..lane.until).contains(&at);
        let shifted = |at: Millis| {
            let at = at.saturating_add_signed(lane.offset.saturating_neg());
            at.max(lane.span.0).min(lane.span.1)
        };
        let mut rows = activity.rows(&[], &[]);
        rows.retain(|row| is_here(row.at) && matches!(row.kind, Kind::Error | Kind::Custom));
        for row in &mut rows {
            row.at = shifted(row.at);
            row.until = row.at;
            row.detail = match row.detail.as_str() {
                "" => FROM.to_owned(),
                detail => format!("{FROM} · {detail}"),
            };
        }
        let mut errors = activity.captures().errors;
        errors.retain(|fault| is_here(fault.at));
        for fault in &mut errors {
            fault.at = shifted(fault.at);
            FROM.clone_into(&mut fault.place);
        }
        Self { rows, errors }
    }

    /// Puts them among `rows`, which are in order of time.
    pub fn among(&self, rows: &mut Vec<Row>) {
        if self.rows.is_empty() {
            return;
        }
        rows.extend(self.rows.iter().cloned());
        rows.sort_by_key(|row| row.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::chunk::{BatchMeta, ChunkWriter};
    use sentiero_core::gzip;
    use sentiero_core::id::{SessionId, TabId, WindowId};
    use sentiero_core::wire::{Header, VERSION};

    pub(crate) fn lane_of(events: &[&str]) -> Vec<u8> {
        let header = Header {
            v: VERSION,
            sid: SessionId::new(1, &[0; 17]),
            tab: TabId::server(),
            window: WindowId::server(),
            seq: 0,
            first: 64,
            n: u32::try_from(events.len()).unwrap(),
            sent: 1,
            offset: None,
            meta: None,
            end: true,
        };
        let meta = BatchMeta {
            tab: TabId::server(),
            first: 64,
            n: header.n,
            from: 0,
            to: 0,
            keyframe: false,
            bytes: 0,
        };
        let mut writer = ChunkWriter::default();
        writer.push(meta, &gzip::compress(&header.body(events)));
        writer.finish()
    }

    const LANE: Lane = Lane {
        events: 3,
        from: 1_000,
        until: 2_000,
        offset: 100,
        span: (900, 1_300),
    };

    #[test]
    fn what_was_told_stands_at_its_moment_by_the_clock_of_the_page() {
        let chunk = lane_of(&[
            r#"{"type":5,"data":{"tag":"error","payload":{"server":true,"kind":"KeyError","message":"no price","stack":"a.rb:1"}},"timestamp":1200}"#,
            r#"{"type":5,"data":{"tag":"paid","payload":{"tries":2}},"timestamp":1900}"#,
            r#"{"type":5,"data":{"tag":"of another page","payload":{}},"timestamp":2000}"#,
        ]);
        let lines = Lines::of(&chunk, &LANE);
        let told: Vec<_> = lines
            .rows
            .iter()
            .map(|row| (row.at, row.kind, row.label.as_str(), row.detail.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (1_100, Kind::Error, "KeyError: no price", "On the server"),
                (1_300, Kind::Custom, "paid", "On the server · {\"tries\":2}"),
            ]
        );
        let [fault] = &lines.errors[..] else {
            panic!("{:?}", lines.errors)
        };
        assert_eq!((fault.at, &*fault.message), (1_100, "KeyError: no price"));
        assert_eq!((&*fault.place, &*fault.stack), (FROM, "a.rb:1"));
        let mut rows = vec![Row {
            at: 1_200,
            ..lines.rows[0].clone()
        }];
        lines.among(&mut rows);
        assert!(rows.is_sorted_by_key(|row| row.at) && rows.len() == 3);
    }

    #[test]
    fn what_is_no_chunk_tells_nothing() {
        assert_eq!(Lines::of(b"<html>", &LANE), Lines::default());
    }
}
