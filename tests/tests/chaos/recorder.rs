//! A recorder that behaves as badly as recorders may, and checks every answer.

use sentiero_core::api::EventLine;
use sentiero_core::id::SessionId;
use sentiero_core::ranges::Ranges;
use sentiero_core::wire::{Ack, Header};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use system_tests::client::{Answer, Connection, Dashboard};
use system_tests::random::Random;
use system_tests::upload::{Visit, body, event, tab_id};

/// Recorders that share a visit, a tab each.
pub(crate) const TABS: u8 = 3;
/// Visits of a group at most.
const MAX_VISITS: usize = 150;
/// Most uploads are for so many visits, so that their tabs upload at once; the others
/// come to rest meanwhile.
const LATEST: usize = 4;
const ALL: usize = MAX_VISITS;

/// Nobody asked to erase it; somebody did; the edge has confirmed it.
const KEPT: u8 = 0;
pub(crate) const ASKED: u8 = 1;
pub(crate) const ERASED: u8 = 2;

/// A visit as its pages know it.
pub(crate) struct Guest {
    pub(crate) visit: Visit,
    /// Sends large events, so that chunks are packed while it goes on.
    heavy: bool,
    pub(crate) erased: AtomicU8,
    /// By tab; each is one recorder's.
    pub(crate) pages: [Mutex<Page>; TABS as usize],
}

#[derive(Default)]
pub(crate) struct Page {
    /// One past the highest index that was sent.
    sent: u32,
    /// What the edge acknowledged.
    pub(crate) acknowledged: Ranges,
}

#[derive(Default)]
pub(crate) struct Counts {
    batches: AtomicU32,
    acknowledged: AtomicU32,
    unanswered: AtomicU32,
    busy: AtomicU32,
    refused: AtomicU32,
    revived: AtomicU32,
    readings: AtomicU32,
}

impl Counts {
    /// Past the test runner's capture: who runs a campaign wants to see it.
    pub(crate) fn tell(&self, outcome: &str) {
        let text = format!(
            "{outcome}; {} batches sent, {} acknowledged, {} cut off, {} busy, \
             {} refused after erasure, {} sessions revived, {} read meanwhile\n",
            total(&self.batches),
            total(&self.acknowledged),
            total(&self.unanswered),
            total(&self.busy),
            total(&self.refused),
            total(&self.revived),
            total(&self.readings),
        );
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }
}

fn count(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn total(counter: &AtomicU32) -> u32 {
    counter.load(Ordering::Relaxed)
}

/// The worker was killed while it was asked.
struct Gone;

/// Words that do not compress well and hold nothing that looks like a secret.
fn heavy_event(sid: &SessionId, tab: u8, index: u32) -> String {
    let mut random = Random::new(sid.start() ^ (u64::from(index) << 8) ^ u64::from(tab));
    let letter = |random: &mut Random| char::from(b'a' + u8::try_from(random.below(26)).unwrap());
    let mut text = String::new();
    for _ in 0..10_000 {
        text.extend((0..4).map(|_| letter(&mut random)));
        text.push(' ');
    }
    let at = sid.start() + u64::from(index);
    format!(r#"{{"type":5,"data":{{"tag":"note","payload":"{text}"}},"timestamp":{at}}}"#)
}

impl Guest {
    fn new(heavy: bool) -> Self {
        Self {
            visit: Visit::new(),
            heavy,
            erased: AtomicU8::new(KEPT),
            pages: std::array::from_fn(|_| Mutex::default()),
        }
    }

    fn event(&self, tab: u8, index: u32) -> String {
        if self.heavy {
            heavy_event(&self.visit.sid, tab, index)
        } else {
            event(&self.visit.sid, index)
        }
    }

    fn batch(&self, tab: u8, (first, end): (u32, u32), leaves: bool) -> Vec<u8> {
        let header = Header {
            end: leaves,
            ..self.visit.header(tab, first, end - first)
        };
        let events: Vec<String> = (first..end).map(|index| self.event(tab, index)).collect();
        body(&header, &events)
    }

    /// How many events of it were acknowledged.
    pub(crate) fn acknowledged(&self) -> u64 {
        let pages = self.pages.iter();
        pages
            .map(|page| page.lock().unwrap().acknowledged.count())
            .sum()
    }

    pub(crate) fn is(&self, state: u8) -> bool {
        self.erased.load(Ordering::SeqCst) == state
    }
}

/// One recorder while the worker lives.
pub(crate) struct Recorder<'a> {
    pub(crate) tab: u8,
    pub(crate) guests: &'a RwLock<Vec<Arc<Guest>>>,
    pub(crate) connection: Connection,
    pub(crate) dashboard: Dashboard,
    pub(crate) killed: &'a AtomicBool,
    pub(crate) counts: &'a Counts,
    pub(crate) random: Random,
}

impl Recorder<'_> {
    pub(crate) fn run(mut self) {
        while self.step().is_ok() {}
    }

    fn step(&mut self) -> Result<(), Gone> {
        let what = self.random.below(100);
        let guest = self.choose(if what < 24 { ALL } else { LATEST });
        match what {
            0 => self.erase(&guest),
            1..4 => self.read(&guest),
            4..14 => self.come_back(&guest),
            _ => self.upload(&guest).map(|_| ()),
        }
    }

    /// One of the `latest` visits, or now and then a new one.
    fn choose(&mut self, latest: usize) -> Arc<Guest> {
        let known = self.guests.read().unwrap().len();
        if known == 0 || (known < MAX_VISITS && self.random.chance(3)) {
            let guest = Arc::new(Guest::new(self.random.chance(6)));
            self.guests.write().unwrap().push(guest.clone());
            return guest;
        }
        let back = self.random.below(u32::try_from(latest.min(known)).unwrap());
        let guests = self.guests.read().unwrap();
        guests[guests.len() - 1 - usize::try_from(back).unwrap()].clone()
    }

    /// The answer, if there is one. Only a kill is an excuse for none.
    fn answer(&self, answer: anyhow::Result<Answer>) -> Result<Answer, Gone> {
        let answer = answer.map_err(|error| {
            assert!(
                self.killed.load(Ordering::SeqCst),
                "not killed, but {error}"
            );
            count(&self.counts.unanswered);
            Gone
        })?;
        if answer.status == 503 {
            count(&self.counts.busy);
        }
        Ok(answer)
    }

    /// What the recorder sends next of a page.
    fn range(&mut self, page: &Page, heavy: bool) -> (u32, u32) {
        let n = 1 + self.random.below(if heavy { 2 } else { 20 });
        let back = self.random.below(if heavy { 2 } else { 10 });
        let sent = page.sent;
        match self.random.below(100) {
            // Again, what may have been acknowledged or not.
            0..10 if back > 0 && sent > 0 => (sent.saturating_sub(back), sent),
            // Overlapping, as the beacon of a page that is left does.
            10..30 => (sent.saturating_sub(back), sent + n),
            // Earlier batches are late.
            30..35 => (sent + back, sent + back + n),
            35..60 => page
                .acknowledged
                .missing(0, sent)
                .first()
                .map_or((sent, sent + n), |&(first, end)| {
                    (first, end.min(first + n))
                }),
            _ => (sent, sent + n),
        }
    }

    /// Whether it was acknowledged.
    fn upload(&mut self, guest: &Guest) -> Result<bool, Gone> {
        let mut page = guest.pages[usize::from(self.tab)].lock().unwrap();
        let (first, end) = self.range(&page, guest.heavy);
        let leaves = self.random.chance(20);
        page.sent = page.sent.max(end);
        let was_erased = guest.is(ERASED);
        let body = guest.batch(self.tab, (first, end), leaves);
        count(&self.counts.batches);
        let answer = self.answer(self.connection.post("demo", body))?;
        match (answer.status, answer.code().as_str()) {
            (200, _) => {
                assert!(!was_erased, "{} takes batches again", guest.visit.sid);
                let ack: Ack = answer.json().unwrap();
                count(&self.counts.acknowledged);
                page.acknowledged.insert(first, end);
                assert!(ack.next >= page.acknowledged.next(), "forgot something");
                assert!(ack.next <= page.sent, "knows what was never sent");
                Ok(true)
            }
            (403, "session_erased") => {
                assert!(!guest.is(KEPT), "refused without reason");
                count(&self.counts.refused);
                Ok(false)
            }
            (503, _) => Ok(false),
            other => panic!("{other:?}"),
        }
    }

    fn erase(&self, guest: &Guest) -> Result<(), Gone> {
        let _ = guest
            .erased
            .compare_exchange(KEPT, ASKED, Ordering::SeqCst, Ordering::SeqCst);
        let sid = guest.visit.sid.as_str().as_bytes().to_vec();
        let answer = self.answer(self.connection.post("demo/erase", sid))?;
        match answer.status {
            204 => guest.erased.store(ERASED, Ordering::SeqCst),
            status => assert_eq!(status, 503),
        }
        Ok(())
    }

    /// Uploads to a session that is finished.
    fn come_back(&mut self, guest: &Guest) -> Result<(), Gone> {
        let path = format!("sessions/{}", guest.visit.sid);
        let answer = self.answer(self.dashboard.get(&path))?;
        assert!([200, 404, 503].contains(&answer.status), "{answer:?}");
        let finished = answer.text().contains(r#""live":false"#);
        if finished && self.upload(guest)? {
            count(&self.counts.revived);
        }
        Ok(())
    }

    /// Whatever is going on: what was acknowledged is there, once.
    fn read(&self, guest: &Guest) -> Result<(), Gone> {
        let acknowledged = guest.pages[usize::from(self.tab)]
            .lock()
            .unwrap()
            .acknowledged
            .clone();
        let query = format!("?tab={}", tab_id(self.tab));
        let path = format!("sessions/{}/events{query}", guest.visit.sid);
        let was_erased = guest.is(ERASED);
        let answer = self.answer(self.dashboard.get(&path))?;
        match answer.status {
            200 if was_erased => panic!("{} is shown again", guest.visit.sid),
            200 => {
                let stored = lines(&answer);
                assert_eq!(guest.doubled(&stored), 0, "read twice");
                // Erased meanwhile: what is left to show may be less.
                if guest.is(KEPT) {
                    assert_eq!(missing(&stored, self.tab, &acknowledged), 0, "not read");
                }
                count(&self.counts.readings);
            }
            404 => assert!(
                !guest.is(KEPT) || acknowledged.count() == 0,
                "not found, but acknowledged"
            ),
            status => assert_eq!(status, 503, "{}", answer.text()),
        }
        Ok(())
    }
}

type Line = (String, u32, String);

fn lines(answer: &Answer) -> Vec<Line> {
    let text = answer.text();
    let lines = text.lines().map(|line| {
        let line: EventLine<'_> = serde_json::from_str(line).unwrap();
        (
            line.tab.to_string(),
            line.index,
            line.event.get().to_owned(),
        )
    });
    lines.collect()
}

/// How many acknowledged events of `tab` are not stored.
pub(crate) fn missing(stored: &[Line], tab: u8, acknowledged: &Ranges) -> u64 {
    let name = tab_id(tab).to_string();
    let mut there = Ranges::default();
    for (_, index, _) in stored.iter().filter(|(tab, ..)| *tab == name) {
        there.insert(*index, index + 1);
    }
    let mut wanted = there.clone();
    wanted.extend(acknowledged);
    wanted.count() - there.count()
}

impl Guest {
    /// How many events are stored more than once, or not as they were sent.
    pub(crate) fn doubled(&self, stored: &[Line]) -> usize {
        let tabs: BTreeMap<String, u8> = (0..TABS)
            .map(|tab| (tab_id(tab).to_string(), tab))
            .collect();
        let right: BTreeSet<(u8, u32)> = stored
            .iter()
            .filter(|(tab, index, event)| self.event(tabs[tab], *index) == *event)
            .map(|(tab, index, _)| (tabs[tab], *index))
            .collect();
        stored.len() - right.len()
    }
}
