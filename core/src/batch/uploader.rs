//! The state machine.

use super::answer::{Answer, Verdict};
use super::body::{Label, count, dropped, pack};
use super::lines::{Lines, Place};
use super::pending::Pending;
use super::{MAX_EVENTS, MAX_HELD, Stream, TARGET_BYTES};
use crate::id::{Millis, SessionId};
use crate::wire::{Ack, Directive, Limits};
use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Of a first batch it is not known how well it compresses; measured on shops and dashboards.
pub(super) const FIRST_RATIO: usize = 8;
/// The first wait after a failure, ms; each further one is twice as long, up to …
const RETRY_FIRST: Millis = 1_000;
/// … this.
const RETRY_MAX: Millis = 60_000;
/// The longest wait that the edge can ask for, ms: a typing error there must not silence a page.
const ASKED_MAX: Millis = 10 * 60_000;

/// What the shell has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The edge has every event before the index `next`: its original may be forgotten.
    Acked {
        /// See above.
        next: u32,
    },
    /// Take a full snapshot.
    Snapshot,
    /// The edge's time is `now`: correct the visit, then call [`Uploader::resign`].
    Clock {
        /// ms.
        now: Millis,
    },
    /// An event was larger than the edge takes; [`dropped`] stands in its place.
    TooLarge,
    /// Stop recording. An empty reason needs no line in the console.
    Stop {
        /// A sentence for the site's developer.
        reason: String,
        /// Nothing of this visitor is wanted, also of other pages and visits.
        all: bool,
    },
}

/// A batch that is on its way.
#[derive(Debug)]
struct Flight {
    first: u32,
    events: Vec<Box<[u8]>>,
    body: Vec<u8>,
    /// Handed out, and not answered yet.
    sent: bool,
}

/// After a 413: smaller batches, up to the end of the one that was refused.
#[derive(Clone, Copy, Debug)]
struct Cut {
    until: u32,
    max: u32,
}

/// Packs and uploads the events of one stream.
#[derive(Debug)]
pub struct Uploader {
    stream: Stream,
    pending: Pending,
    lines: Lines,
    flight: Option<Flight>,
    seq: u32,
    /// Something was stored under the session's id: it cannot change any more.
    settled: bool,
    failures: u32,
    not_before: Millis,
    /// Raw bytes per compressed byte, of the last batch.
    ratio: usize,
    target: usize,
    cut: Option<Cut>,
    /// The page is gone: its last batch says so.
    gone: bool,
    intake: Intake,
}

/// What becomes of further events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intake {
    Open,
    /// None is taken: after one that was refused, none can have its right index.
    Full,
    /// None is taken, and nothing is sent any more.
    Stopped,
}

impl Uploader {
    /// Nothing is recorded yet.
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            pending: Pending::default(),
            lines: Lines::default(),
            flight: None,
            seq: 0,
            settled: false,
            failures: 0,
            not_before: 0,
            ratio: FIRST_RATIO,
            target: TARGET_BYTES,
            cut: None,
            gone: false,
            intake: Intake::Open,
        }
    }

    /// Of a page that is gone, what was kept from the index `first` on; it goes at once.
    ///
    /// Most of it is stored already, by the page's last beacon. So one event goes ahead:
    /// its acknowledgement says from where on the edge lacks anything.
    pub fn of_gone(stream: Stream, first: u32) -> Self {
        Self {
            pending: Pending::from(first),
            settled: first > 0,
            // Not its first upload, whose clock the edge would look at.
            seq: 1,
            cut: Some(Cut {
                until: first.saturating_add(1),
                max: 1,
            }),
            gone: true,
            ..Self::new(stream)
        }
    }

    /// The stream.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Index of the event that comes next.
    pub fn next(&self) -> u32 {
        self.pending.next()
    }

    /// Index of the first event that is not stored, as far as is known.
    pub fn first(&self) -> u32 {
        let flight = self.flight.as_ref();
        flight.map_or(self.pending.first(), |flight| flight.first)
    }

    /// The events from [`Self::first`] on, in order, each with a newline.
    pub fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::with_capacity(self.pending.bytes());
        let flight = self.flight.iter().flat_map(|flight| &flight.events);
        for event in flight.map(|event| &**event).chain(self.pending.events()) {
            lines.extend_from_slice(event);
            lines.push(b'\n');
        }
        lines
    }

    /// How many uploads were packed.
    pub fn seq(&self) -> u32 {
        self.seq
    }

    /// Everything was stored, or nothing more will be sent.
    pub fn is_done(&self) -> bool {
        self.is_stopped() || (self.flight.is_none() && self.pending.is_empty())
    }

    /// Takes a masked event, unless [`MAX_HELD`] was reached or uploads have stopped.
    #[must_use]
    pub fn push(&mut self, event: Box<[u8]>, now: Millis) -> bool {
        let fits = self.pending.bytes() + event.len() <= MAX_HELD;
        match self.intake {
            Intake::Open if fits => self.pending.push(event, now),
            Intake::Open => self.intake = Intake::Full,
            Intake::Full | Intake::Stopped => {}
        }
        self.intake == Intake::Open
    }

    /// The last events were `lines` lines of the page, which came together.
    pub fn came(&mut self, lines: u32) {
        self.lines.came(lines, self.pending.next());
    }

    /// How many lines of the page came.
    pub fn line(&self) -> u32 {
        self.lines.came.line
    }

    /// What the page may forget of its lines, when events before `next` are stored.
    pub fn stored_before(&mut self, next: u32) -> Place {
        self.lines.stored(next)
    }

    /// What is here shall be uploaded without waiting for more.
    pub fn flush(&mut self) {
        self.pending.flush();
    }

    /// The body to upload now; the next one comes after its [`Self::answer`].
    pub fn poll(&mut self, now: Millis, effects: &mut Vec<Effect>) -> Option<&[u8]> {
        if self.is_stopped() || now < self.not_before {
            return None;
        }
        while self.flight.is_none() {
            self.pack(now, effects)?;
        }
        let flight = self.flight.as_mut().filter(|flight| !flight.sent)?;
        flight.sent = true;
        Some(&flight.body)
    }

    /// When [`Self::poll`] is worth calling again, if nothing else happens.
    pub fn wake_at(&self) -> Option<Millis> {
        let due = match &self.flight {
            _ if self.is_stopped() => None,
            Some(flight) => (!flight.sent).then_some(0),
            None => self.pending.due_at(self.raw_target()),
        };
        due.map(|due| due.max(self.not_before))
    }

    /// Makes a batch of the events that are due; none if none are.
    fn pack(&mut self, now: Millis, effects: &mut Vec<Effect>) -> Option<()> {
        let target = self.raw_target();
        self.pending.due_at(target).filter(|due| *due <= now)?;
        let first = self.pending.first();
        let max = self
            .cut
            .filter(|cut| first < cut.until)
            .map_or(MAX_EVENTS, |cut| cut.max);
        let events = self.pending.take(max, target);
        let label = Label {
            seq: self.seq,
            first,
            sent: now,
            end: self.gone && self.pending.is_empty(),
        };
        let body = pack(&self.stream, label, &events);
        if body.len() > Limits::DEFAULT.compressed {
            self.split(first, events, now, effects);
            return Some(());
        }
        let raw: usize = events.iter().map(|event| event.len()).sum();
        self.ratio = (raw / body.len().max(1)).clamp(1, 64);
        self.seq += 1;
        self.flight = Some(Flight {
            first,
            events,
            body,
            sent: false,
        });
        Some(())
    }

    fn raw_target(&self) -> usize {
        self.target * self.ratio
    }

    /// Puts a batch back that is too large, to go in halves; a single event is given up.
    fn split(
        &mut self,
        first: u32,
        mut events: Vec<Box<[u8]>>,
        now: Millis,
        effects: &mut Vec<Effect>,
    ) {
        let n = count(&events);
        if let [event] = events.as_mut_slice() {
            *event = dropped(now).into();
            effects.push(Effect::TooLarge);
        }
        let until = self.cut.map_or(0, |cut| cut.until).max(first + n);
        self.cut = Some(Cut {
            until,
            max: (n / 2).max(1),
        });
        self.pending.put_back(events);
        self.pending.flush();
    }

    /// What came back for the body that [`Self::poll`] handed out; `random` is for the jitter.
    pub fn answer(
        &mut self,
        answer: &Answer<'_>,
        now: Millis,
        random: u32,
        effects: &mut Vec<Effect>,
    ) {
        let Some(flight) = self.flight.take_if(|flight| flight.sent) else {
            return;
        };
        match answer.verdict() {
            Verdict::Stored(ack) => self.stored(ack, now, effects),
            Verdict::Again if self.settled => {
                self.flight = Some(Flight {
                    sent: false,
                    ..flight
                });
                self.back_off(answer.retry_after, now, random);
            }
            Verdict::Again => {
                // Packed anew: when it was sent, the edge compares with its own clock.
                self.put_back(flight.events);
                self.back_off(answer.retry_after, now, random);
            }
            Verdict::Split(limit) => {
                if let Some(limit) = limit {
                    self.target = self.target.min(limit / 4 * 3).max(1);
                }
                if let [_] = flight.events.as_slice() {
                    // Even one event is too much for it; do not ask at full speed.
                    self.back_off(0, now, random);
                }
                self.split(flight.first, flight.events, now, effects);
            }
            Verdict::Clock(edge) if !self.settled => {
                self.put_back(flight.events);
                self.back_off(0, now, random);
                effects.push(Effect::Clock { now: edge });
            }
            Verdict::Clock(_) => {
                self.stop(
                    "the session has become too old to be stored",
                    false,
                    effects,
                );
            }
            Verdict::Unwanted => self.stop("", true, effects),
            Verdict::Refused(reason) => self.stop(&reason, false, effects),
        }
    }

    fn stored(&mut self, ack: Ack, now: Millis, effects: &mut Vec<Effect>) {
        self.settled = true;
        self.failures = 0;
        self.not_before = 0;
        // What the page's last beacon carried before it came back from the cache.
        self.pending.forget_before(ack.next);
        effects.push(Effect::Acked {
            next: self.pending.first(),
        });
        match ack.directive {
            Directive::Ok => {}
            Directive::Slow => {
                self.not_before = now.saturating_add(Millis::from(ack.wait).min(ASKED_MAX));
            }
            Directive::Snapshot => effects.push(Effect::Snapshot),
            Directive::Stop => {
                self.stop("the edge takes no more of this session", true, effects);
            }
        }
    }

    /// 1 s, 2 s, 4 s … 60 s, of which the second half is random: pages that failed
    /// together must not come back together.
    fn back_off(&mut self, asked: Millis, now: Millis, random: u32) {
        let longest = (RETRY_FIRST << self.failures.min(6)).min(RETRY_MAX);
        let half = longest / 2;
        let jitter = (half * Millis::from(random)) >> 32;
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.saturating_add(asked.min(ASKED_MAX).max(half) + jitter);
    }

    fn put_back(&mut self, events: Vec<Box<[u8]>>) {
        self.pending.put_back(events);
        self.pending.flush();
    }

    /// Goes on under another session id, which was made with `offset`, from index 0 on:
    /// nothing was stored under the old one.
    pub fn resign(&mut self, sid: SessionId, offset: i64) {
        if self.settled {
            return;
        }
        self.stream.sid = sid;
        self.stream.offset = offset;
        if let Some(flight) = self.flight.take() {
            self.put_back(flight.events);
        }
        if self.failures <= 1 {
            self.not_before = 0;
        }
    }

    fn is_stopped(&self) -> bool {
        self.intake == Intake::Stopped
    }

    /// There is a network again: what waits after a failure need not.
    pub fn hurry(&mut self) {
        if self.failures > 0 {
            self.not_before = 0;
        }
    }

    fn stop(&mut self, reason: &str, all: bool, effects: &mut Vec<Effect>) {
        self.intake = Intake::Stopped;
        self.flight = None;
        self.pending = Pending::default();
        effects.push(Effect::Stop {
            reason: reason.to_owned(),
            all,
        });
    }
}
