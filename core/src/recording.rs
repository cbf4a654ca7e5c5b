//! What is known of one session at the edge, from its first batch to its record.
//!
//! Three shapes of the same knowledge: [`Buffered`] says what a batch adds that
//! is not in R2 yet, [`SessionState`] sums up what is, and [`Record`] is the
//! finished whole that KV keeps and the API shows. All are derived from stored
//! events only, so a record can be made again from the chunks in R2 alone.

mod kept;

use crate::analytics::pack::Packed;
use crate::analytics::{Load, session::Session};
use crate::api::{MAX_VISITED, SessionDetail, SessionRow, Signals, Tab};
use crate::chunk::{BatchMeta, Chunk, StoredBatch};
use crate::digest::{Digest, Frustration, PageView, cut};
use crate::event::{EventView, Kind};
use crate::id::{Millis, SessionId, TabId, WindowId};
use crate::order;
use crate::ranges::Ranges;
use crate::server::MAX_LANE;
use crate::wire::{Header, Limits, Upload};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What the edge itself knows of a visitor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visitor {
    /// ISO 3166-1 alpha-2 code, see [`Location`](crate::location::Location).
    pub country: Option<String>,
    /// ISO 3166-2 code, see there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Name of an IANA time zone, see there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Browser family.
    pub browser: Option<String>,
    /// Operating system family.
    pub os: Option<String>,
    /// `desktop`, `mobile` or `tablet`.
    pub device: Option<String>,
}

impl Visitor {
    /// What a row says of it.
    pub fn of(row: &SessionRow) -> Self {
        Self {
            country: row.country.clone(),
            region: row.region.clone(),
            timezone: row.timezone.clone(),
            browser: row.browser.clone(),
            os: row.os.clone(),
            device: row.device.clone(),
        }
    }
}

/// A stored batch and what it adds to its session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buffered {
    /// Its place and span.
    pub meta: BatchMeta,
    /// The browser tab of its page load.
    pub window: WindowId,
    /// The visitor left the page with this batch.
    pub end: bool,
    /// When it arrived, edge clock.
    pub at: Millis,
    /// Arrival minus the visitor's clock when it was packed.
    pub skew: i64,
    /// What the recorder adds to the visitor's clock, ms.
    #[serde(default)]
    pub offset: i64,
    /// Values that the edge had to mask.
    pub masked: u32,
    /// Its digest.
    pub digest: Digest,
}

/// What is wrong with the events of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEvent {
    /// Index of the first one that is no rrweb event.
    pub index: u32,
}

impl Buffered {
    /// What an upload adds; `bytes` is the size of its gzip member.
    pub fn of(
        header: &Header,
        events: &[&[u8]],
        bytes: usize,
        at: Millis,
    ) -> Result<Self, NotAnEvent> {
        Self::read(header, events, bytes, at, Digest::from_views)
    }

    /// The same for whoever only replays it, [without facts](Digest::without_facts).
    pub fn to_replay(header: &Header, events: &[&[u8]], bytes: usize) -> Result<Self, NotAnEvent> {
        Self::read(header, events, bytes, 0, Digest::without_facts)
    }

    fn read(
        header: &Header,
        events: &[&[u8]],
        bytes: usize,
        at: Millis,
        digest: impl FnOnce(&TabId, Vec<EventView>) -> Digest,
    ) -> Result<Self, NotAnEvent> {
        let mut keyframe = false;
        let mut views = Vec::with_capacity(events.len());
        let mut span: Option<(Millis, Millis)> = None;
        for (index, event) in (header.first..).zip(events) {
            let view = EventView::read(event).ok_or(NotAnEvent { index })?;
            keyframe |= matches!(view.kind, Kind::FullSnapshot { .. });
            let (from, to) = span.unwrap_or((view.at, view.at));
            span = Some((from.min(view.at), to.max(view.at)));
            views.push(view);
        }
        let mut digest = digest(&header.tab, views);
        let (from, to) = span.unwrap_or((header.sent, header.sent));
        if let Some(meta) = &header.meta {
            digest.came_from(from, &meta.referrer);
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Ok(Self {
            meta: BatchMeta {
                tab: header.tab.clone(),
                first: header.first,
                n: header.n,
                from,
                to,
                keyframe,
                bytes,
            },
            window: header.window.clone(),
            end: header.end,
            at,
            skew: at.cast_signed().saturating_sub(header.sent.cast_signed()),
            offset: header.offset.unwrap_or(0),
            masked: 0,
            digest,
        })
    }
}

/// One page load, as far as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TabState {
    /// The browser tab.
    pub window: WindowId,
    /// Stored event indexes.
    pub stored: Ranges,
    /// Time of the first and last event.
    pub span: (Millis, Millis),
    /// One past the last index of the batch that said it was left.
    pub left_at: Option<u32>,
    /// A full snapshot is stored.
    #[serde(default)]
    pub keyframe: bool,
    /// What its recorder adds to the visitor's clock to have the edge's, ms.
    #[serde(default)]
    pub offset: i64,
}

impl TabState {
    /// Nothing came after the visitor left.
    pub fn left(&self) -> bool {
        let reached = self.stored.end();
        self.left_at.is_some_and(|left| left >= reached)
    }
}

/// A chunk in R2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChunk {
    /// Its name below the session's prefix: `{gen}-{n}`.
    pub name: String,
    /// Its batches.
    pub batches: Vec<BatchMeta>,
}

/// The sum of all batches of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionState {
    /// When this incarnation took its first batch, edge clock; part of chunk names.
    pub created: Millis,
    /// The number of the next chunk of this incarnation.
    pub next_chunk: u32,
    /// The index knows the session as live.
    pub announced: bool,
    /// When the last batch arrived, edge clock.
    pub last: Millis,
    /// Page loads.
    pub tabs: BTreeMap<TabId, TabState>,
    /// The digest of all events.
    pub digest: Digest,
    /// Compressed bytes of all batches.
    pub bytes: u64,
    /// The least delay between the visitor's clock and the edge's, ms.
    pub skew: Option<i64>,
    /// Values that the edge had to mask.
    pub masked: u64,
    /// Who it is, as far as the edge may know.
    pub visitor: Visitor,
}

impl SessionState {
    /// The state of a session whose first batch arrives at `now`.
    pub fn new(now: Millis, visitor: Visitor) -> Self {
        Self {
            created: now,
            last: now,
            visitor,
            ..Self::default()
        }
    }

    /// Adds what a batch adds.
    pub fn add(&mut self, batch: &Buffered) {
        self.take(batch, Digest::merge);
    }

    /// The same of batches that are only [replayed](Buffered::to_replay).
    pub fn add_to_replay(&mut self, batch: &Buffered) {
        self.take(batch, Digest::merge_without_facts);
    }

    fn take(&mut self, batch: &Buffered, merge: impl FnOnce(&mut Digest, Digest)) {
        let Buffered {
            meta,
            window,
            end,
            at,
            skew,
            offset,
            masked,
            digest,
        } = batch;
        self.last = self.last.max(*at);
        self.bytes += u64::from(meta.bytes);
        if !meta.tab.is_server() {
            self.skew = Some(self.skew.map_or(*skew, |least| least.min(*skew)));
        }
        self.masked += u64::from(*masked);
        merge(&mut self.digest, digest.clone());
        let tab = self
            .tabs
            .entry(meta.tab.clone())
            .or_insert_with(|| TabState {
                window: window.clone(),
                stored: Ranges::default(),
                span: (meta.from, meta.to),
                left_at: None,
                keyframe: false,
                offset: *offset,
            });
        tab.keyframe |= meta.keyframe;
        tab.stored.insert(meta.first, meta.end());
        tab.span = (tab.span.0.min(meta.from), tab.span.1.max(meta.to));
        if *end {
            tab.left_at = Some(tab.left_at.map_or(meta.end(), |left| left.max(meta.end())));
        }
    }

    /// About how much memory it takes, bytes.
    pub fn weight(&self) -> usize {
        const ENTRY: usize = 128;
        let tab = |tab: &TabState| ENTRY + tab.stored.spans() * size_of::<(u32, u32)>();
        let address = |view: &PageView| ENTRY + view.url.len();
        let tabs: usize = self.tabs.values().map(tab).sum();
        let Digest {
            addresses,
            bursts,
            clicked,
            grid,
            facts,
            ..
        } = &self.digest;
        let addresses: usize = addresses.iter().map(address).sum();
        let entries = clicked.len() + grid.len() / 4 + bursts.len() / 8;
        tabs + addresses + ENTRY * entries + facts.weight()
    }

    /// A page of it has come, and not only what the site's server tells.
    pub fn is_visited(&self) -> bool {
        self.tabs.keys().any(|tab| !tab.is_server())
    }

    /// It without what reports know of the server lane.
    #[must_use]
    pub fn of_pages(&self) -> Self {
        let mut state = self.clone();
        state.digest.facts.forget_server();
        state
    }

    /// Every page load has been left.
    pub fn left(&self) -> bool {
        !self.tabs.is_empty() && self.tabs.values().all(TabState::left)
    }

    /// The event indexes of a tab that are stored.
    pub fn stored(&self, tab: &TabId) -> Ranges {
        self.tabs
            .get(tab)
            .map_or_else(Ranges::default, |tab| tab.stored.clone())
    }

    /// Whether to ask the page load for a snapshot after `batch` was added: without one it
    /// cannot be replayed. Asked with the 64th event, and whenever they have doubled: a page
    /// that cannot give one must not be asked with every batch.
    pub fn wants_snapshot(&self, batch: &BatchMeta) -> bool {
        let doubled =
            (batch.first..batch.end()).any(|index| index >= 64 && index.is_power_of_two());
        doubled && self.tabs.get(&batch.tab).is_some_and(|tab| !tab.keyframe)
    }

    /// Whether `batch`, of which `events` are not stored yet, would take the session over its
    /// limits of events, bytes or page loads.
    pub fn is_full(&self, batch: &BatchMeta, events: u64, limits: &Limits) -> bool {
        if batch.tab.is_server() && self.stored(&batch.tab).count() + events > MAX_LANE {
            return true;
        }
        self.digest.events + events > limits.session_events
            || self.bytes + u64::from(batch.bytes) > limits.session_bytes
            || (self.page_loads() >= limits.session_tabs
                && !batch.tab.is_server()
                && !self.tabs.contains_key(&batch.tab))
    }

    fn page_loads(&self) -> usize {
        let loads = self.tabs.keys().filter(|tab| !tab.is_server());
        loads.count()
    }

    fn frustration(&self) -> Frustration {
        let clicked = &self.digest.clicked;
        clicked.judge(|tab| self.tabs.get(tab).map(|tab| tab.span.1))
    }

    /// The session as reports see it.
    pub fn analysis(&self, sid: &SessionId) -> Session {
        let loads = self.tabs.iter().filter(|(tab, _)| !tab.is_server());
        let loads = loads.map(|(tab, state)| {
            let (span, offset) = (state.span, state.offset);
            (tab.clone(), Load { span, offset })
        });
        Session::of(&self.digest, sid.start(), &order::map(loads))
    }

    /// The same as the index keeps it.
    pub fn packed(&self, sid: &SessionId) -> Packed {
        Packed::of(&self.analysis(sid))
    }

    /// When something first went wrong.
    fn signals(&self) -> Signals {
        let found = self.frustration();
        Signals {
            error: self.digest.first_error.clone(),
            rage: found.first_rage,
            dead: found.first_dead,
        }
    }

    /// Its row in the index.
    pub fn row(&self, sid: &SessionId, live: bool) -> SessionRow {
        let digest = &self.digest;
        let views = digest.page_views();
        let (visited, more) = visited(&views);
        let found = self.frustration();
        let meta = digest.meta.iter();
        let url = |view: Option<&PageView>| view.map_or_else(String::new, |view| view.url.clone());
        let Visitor {
            country,
            region,
            timezone,
            browser,
            os,
            device,
        } = self.visitor.clone();
        SessionRow {
            sid: sid.clone(),
            started: sid.start(),
            duration: digest.duration(),
            live,
            tabs: count(self.page_loads()),
            pages: count(views.len()),
            events: digest.events,
            clicks: digest.clicks,
            errors: digest.errors,
            bytes: self.bytes,
            masked: self.masked,
            users: digest.users.iter().cloned().collect(),
            entry: url(views.first()),
            exit: url(views.last()),
            country,
            region,
            timezone,
            browser,
            os,
            device,
            active: digest.bursts.total(),
            rage: count(found.rage.len()),
            dead: found.dead,
            referrer: digest
                .referrer
                .as_ref()
                .map(|(_, from)| from.clone())
                .filter(|from| !from.is_empty()),
            strip: digest.grid.strip(digest.span, &found.rage),
            visited,
            more,
            named: digest.named.iter().cloned().collect(),
            meta: order::map(meta.map(|(k, (_, v))| (k.clone(), v.clone()))),
        }
    }
}

/// Bytes of one address in a row's list, and of all.
const MAX_VISITED_BYTES: (usize, usize) = (256, 1_024);

/// The addresses that a row shows of some page views, and how many it does not. Control
/// characters, which no browser writes, are replaced: filters rely on it.
fn visited(views: &[PageView]) -> (Vec<String>, u32) {
    let mut seen = BTreeSet::new();
    let mut shown: Vec<String> = Vec::new();
    let mut room = MAX_VISITED_BYTES.1;
    let distinct = views.iter().map(|view| view.url.as_str());
    for url in distinct.filter(|url| !url.is_empty()) {
        if !seen.insert(url) {
            continue;
        }
        let text = cut(url, MAX_VISITED_BYTES.0).replace(char::is_control, "?");
        if shown.len() + 1 == seen.len() && shown.len() < MAX_VISITED && text.len() <= room {
            room -= text.len();
            shown.push(text);
        }
    }
    let more = count(seen.len() - shown.len());
    (shown, more)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A session with the places of its batches: what KV keeps of a finished one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this shape.
    pub v: u32,
    /// The session.
    pub sid: SessionId,
    /// Not finished yet.
    pub live: bool,
    /// What is known of it.
    pub state: SessionState,
    /// Its chunks in R2.
    pub chunks: Vec<StoredChunk>,
    /// Batches that are still in the session object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buffered: Vec<BatchMeta>,
}

impl Record {
    /// The version that this code writes. What a record of another says of the recording is made
    /// again from the chunks ([`crate::reading`]), as is what reports read of it.
    pub const VERSION: u32 = 2;

    /// The record of a session of which no chunk is known yet.
    pub fn empty(sid: &SessionId, visitor: Visitor) -> Self {
        Self {
            v: Self::VERSION,
            sid: sid.clone(),
            live: false,
            state: SessionState::new(0, visitor),
            chunks: Vec::new(),
            buffered: Vec::new(),
        }
    }

    /// Adds what can be read of a chunk; whether that is all of it. Of one without a readable
    /// footer nothing is added.
    ///
    /// A batch that cannot be read keeps its place, because those behind it are found by the
    /// sizes before them. Its events count as never stored: they may be sent again.
    pub fn add_chunk(&mut self, name: String, bytes: &[u8]) -> bool {
        let Ok(chunk) = Chunk::parse(bytes) else {
            return false;
        };
        let mut whole = true;
        let mut batches = Vec::with_capacity(chunk.batches.len());
        for stored in chunk.batches {
            let read = read_batch(&stored);
            whole &= read.is_some();
            if let Some(batch) = &read {
                self.state.add(batch);
            }
            batches.push(read.map_or(stored.meta, |batch| batch.meta));
        }
        self.chunks.push(StoredChunk { name, batches });
        whole
    }

    /// Makes a record again from the session's chunks (name and bytes of each).
    ///
    /// Of a chunk that is damaged, what is readable is taken, and it is counted in the second
    /// part: that is worth more than nothing.
    pub fn rebuild<'a>(
        sid: &SessionId,
        visitor: Visitor,
        chunks: impl IntoIterator<Item = (String, &'a [u8])>,
    ) -> (Self, u32) {
        let mut record = Self::empty(sid, visitor);
        let mut damaged = 0;
        for (name, bytes) in chunks {
            if !record.add_chunk(name, bytes) {
                damaged += 1;
            }
        }
        (record, damaged)
    }

    /// What the API shows of it.
    pub fn detail(&self) -> SessionDetail {
        let Self {
            sid, live, state, ..
        } = self;
        let mut tab_list: Vec<Tab> = state
            .tabs
            .iter()
            .map(|(id, tab)| Tab {
                tab: id.clone(),
                window: tab.window.clone(),
                events: tab.stored.count(),
                from: tab.span.0,
                to: tab.span.1,
                ended: tab.left(),
                offset: tab.offset,
                // Places in the server lane follow from calls: between them nothing is missing.
                gaps: if id.is_server() {
                    Vec::new()
                } else {
                    tab.stored.gaps()
                },
            })
            .collect();
        order::sort_by(&mut tab_list, |a, b| {
            (a.started(), &a.tab).cmp(&(b.started(), &b.tab))
        });
        let mut batches: Vec<BatchMeta> = self.batches().cloned().collect();
        order::sort_by(&mut batches, |a, b| {
            (&a.tab, a.first).cmp(&(&b.tab, b.first))
        });
        SessionDetail {
            row: state.row(sid, *live),
            tab_list,
            batches,
            page_views: self.page_views(),
            clock_skew: state.skew.unwrap_or(0),
            masked_at_edge: state.masked,
            malformed: u64::from(state.digest.dropped),
            signals: state.signals(),
        }
    }

    /// Its page views in order of time, by the edge's clock.
    fn page_views(&self) -> Vec<PageView> {
        let mut views = self.state.digest.page_views();
        for view in &mut views {
            let tab = self.state.tabs.get(&view.tab);
            view.at = view
                .at
                .saturating_add_signed(tab.map_or(0, |tab| tab.offset));
        }
        order::sort_by(&mut views, Ord::cmp);
        views
    }

    fn batches(&self) -> impl Iterator<Item = &BatchMeta> {
        self.chunks
            .iter()
            .flat_map(|chunk| &chunk.batches)
            .chain(&self.buffered)
    }
}

/// A batch of a chunk, described anew; none if it is damaged.
fn read_batch(stored: &StoredBatch<'_>) -> Option<Buffered> {
    let body = stored.inflate().ok()?;
    let upload = Upload::parse(&body, &Limits::DEFAULT).ok()?;
    let Header { sent, .. } = upload.header;
    Buffered::of(&upload.header, &upload.events, stored.member.len(), sent).ok()
}

/// A choice of batches: those of `tab`, if given, that overlap `[from, to]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Only this page load.
    pub tab: Option<TabId>,
    /// Earliest event time, ms.
    pub from: Millis,
    /// Latest event time, ms.
    pub to: Millis,
}

impl Selection {
    /// Every batch.
    pub const ALL: Self = Self {
        tab: None,
        from: 0,
        to: Millis::MAX,
    };

    /// No batch.
    pub const NONE: Self = Self {
        tab: None,
        from: Millis::MAX,
        to: 0,
    };

    /// Whether the selection takes a batch.
    pub fn takes(&self, batch: &BatchMeta) -> bool {
        let tab_fits = self.tab.as_ref().is_none_or(|tab| *tab == batch.tab);
        tab_fits && batch.to >= self.from && batch.from <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk::ChunkWriter;
    use crate::gzip;
    use crate::wire::VERSION;

    #[test]
    fn a_page_load_without_a_snapshot_is_asked_for_one_ever_more_rarely() {
        let batch = |first: u32, n: u32, keyframe: bool| Buffered {
            meta: BatchMeta {
                tab: TabId::new(&[1; 5]),
                first,
                n,
                from: 1,
                to: 2,
                keyframe,
                bytes: 10,
            },
            window: WindowId::new(&[2; 5]),
            end: false,
            at: 1,
            skew: 0,
            offset: 0,
            masked: 0,
            digest: Digest::default(),
        };
        let mut state = SessionState::new(1, Visitor::default());
        let mut asked = |first, n, keyframe| {
            let batch = batch(first, n, keyframe);
            state.add(&batch);
            state.wants_snapshot(&batch.meta)
        };
        let answers: Vec<u32> = (0..100)
            .map(|at| at * 10)
            .filter(|first| asked(*first, 10, false))
            .collect();
        assert_eq!(answers, [60, 120, 250, 510]);
        assert!(!asked(1_000, 10, true));
        assert!(!asked(1_020, 10, false), "it has one now");
    }

    fn batch(tab: usize, bytes: u32) -> BatchMeta {
        let [.., high, low] = tab.to_be_bytes();
        BatchMeta {
            tab: TabId::new(&[high, low, 0, 0, 0]),
            first: 0,
            n: 1,
            from: 1,
            to: 2,
            keyframe: false,
            bytes,
        }
    }

    #[test]
    fn a_session_is_full_at_each_of_its_limits() {
        let limits = Limits::DEFAULT;
        let mut state = SessionState::new(1, Visitor::default());
        let tab = TabState {
            window: WindowId::new(&[2; 5]),
            stored: Ranges::default(),
            span: (1, 2),
            left_at: None,
            keyframe: false,
            offset: 0,
        };
        for known in 0..limits.session_tabs - 1 {
            state.tabs.insert(batch(known, 0).tab, tab.clone());
        }
        state.bytes = limits.session_bytes - 10;
        state.digest.events = limits.session_events - 3;
        let (last, over) = (limits.session_tabs - 1, limits.session_tabs);
        assert!(!state.is_full(&batch(last, 10), 3, &limits));
        assert!(state.is_full(&batch(last, 11), 3, &limits));
        assert!(state.is_full(&batch(last, 10), 4, &limits));
        state.tabs.insert(batch(last, 0).tab, tab);
        assert!(!state.is_full(&batch(last, 10), 3, &limits));
        assert!(state.is_full(&batch(over, 10), 3, &limits));
        // All of this is written as one row of at most 2 MB.
        let row = serde_json::to_vec(&state).unwrap();
        assert!(row.len() < 200_000, "{}", row.len());
    }

    #[test]
    fn a_damaged_batch_takes_no_other_with_it() {
        let event = br#"{"type":4,"data":{"href":"https:\/\/a"},"timestamp":5}"#.as_slice();
        let mut chunk = ChunkWriter::default();
        for (number, damaged) in [(1, false), (2, true), (3, false)] {
            let header = Header {
                v: VERSION,
                sid: SessionId::new(5, &[9; 17]),
                tab: batch(number, 0).tab,
                window: WindowId::new(&[2; 5]),
                seq: 0,
                first: 0,
                n: 1,
                sent: 5,
                offset: None,
                meta: None,
                end: false,
            };
            let mut member = gzip::compress(&header.body([event]));
            if damaged {
                let middle = member.len() / 2;
                member[middle] ^= 0xff;
            }
            let meta = batch(number, u32::try_from(member.len()).unwrap());
            chunk.push(meta, &member);
        }
        let bytes = chunk.finish();
        let sid = SessionId::new(5, &[9; 17]);
        let name = "0-0".into();
        let (record, damaged) =
            Record::rebuild(&sid, Visitor::default(), [(name, bytes.as_slice())]);
        assert_eq!((damaged, record.state.digest.events), (1, 2));
        let held: Vec<u64> = (1..4)
            .map(|number| record.state.stored(&batch(number, 0).tab).count())
            .collect();
        assert_eq!(held, [1, 0, 1], "what cannot be read may be sent again");
        let places: Vec<u32> = record.chunks[0].batches.iter().map(|b| b.bytes).collect();
        let sum: u32 = places.iter().sum();
        assert_eq!(places.len(), 3);
        assert!(
            (sum as usize) < bytes.len(),
            "the sizes before a batch tell its place"
        );
    }
}
