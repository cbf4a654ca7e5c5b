//! The worker's half: what to upload, and what to tell the page.

use crate::events::{Masked, lines, masked};
use crate::journal::{Commands, Journal};
use crate::leftovers::Leftovers;
use crate::{Source, millis, time};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use sentiero_core::batch::{Answer, Effect, Uploader};
use sentiero_core::mask::Masker;
use sentiero_core::session::Visit;

/// Masks, packs and uploads what a page records.
///
/// A page load is one stream of events; when its visit ends and another begins, a new
/// stream follows. They are uploaded one after the other, and before them what pages left
/// behind that are gone, unless that has to wait.
#[derive(Debug)]
pub struct Engine {
    masker: Masker,
    /// One a stream: the last takes events, the first is uploaded. Never empty.
    streams: Vec<Uploader>,
    leftovers: Leftovers,
    journal: Journal,
    effects: Vec<Effect>,
    commands: Commands,
    dropped: bool,
    /// No more events are taken.
    over: bool,
}

impl Engine {
    /// Of a page that begins to record, and uploads to `upload`.
    pub fn new(source: Source, upload: &str) -> Self {
        let Source { stream, masker } = source;
        Self {
            masker,
            streams: vec![Uploader::new(stream)],
            leftovers: Leftovers::default(),
            journal: Journal::new(upload),
            effects: Vec::new(),
            commands: Commands::default(),
            dropped: false,
            over: false,
        }
    }

    /// Takes the events of `text` (UTF-8), one a line.
    pub fn push(&mut self, text: &[u8], now: f64) {
        let now = millis(now);
        let Some(last) = self.streams.last_mut() else {
            return;
        };
        let first = last.next();
        let mut kept = Vec::with_capacity(text.len() + 1);
        let mut count = 0;
        for line in lines(text) {
            if self.over {
                break;
            }
            count += 1;
            let Masked { events, dropped } = masked(&self.masker, line, now);
            if dropped {
                note_dropped(&mut self.dropped, &mut self.commands);
            }
            for json in events {
                let before = kept.len();
                kept.extend_from_slice(&json);
                kept.push(b'\n');
                if !last.push(json, now) {
                    kept.truncate(before);
                    self.over = true;
                    self.commands
                        .say(&["halt", "too much waits for the network"]);
                    break;
                }
            }
        }
        last.came(count);
        let range = (first, last.next());
        let line = last.line();
        self.journal
            .keep(last.stream(), range, line, &kept, now, &mut self.commands);
    }

    /// What came so far shall be uploaded at once.
    pub fn flush(&mut self) {
        if let Some(last) = self.streams.last_mut() {
            last.flush();
        }
    }

    /// What follows belongs to another visit.
    pub fn rotate(&mut self, source: Source) {
        self.flush();
        self.streams.push(Uploader::new(source.stream));
    }

    /// The page load `tab` belongs to the visit `visit`, as [`visit`](crate::visit) returned
    /// it; see the command `clock`.
    pub fn resign(&mut self, tab: &str, visit: &str, now: f64) {
        let Some(visit) = Visit::read(visit) else {
            return;
        };
        let (journal, commands) = (&mut self.journal, &mut self.commands);
        for uploader in self.streams.iter_mut().chain(&mut self.leftovers.queue) {
            let old = uploader.stream().clone();
            if old.tab.as_str() != tab {
                continue;
            }
            uploader.resign(visit.sid.clone(), visit.offset());
            let (stream, range) = (uploader.stream(), (0, uploader.next()));
            if stream.sid != old.sid {
                let (line, events) = (uploader.line(), uploader.lines());
                journal.keep(stream, range, line, &events, millis(now), commands);
                commands.drop_before(&old, u32::MAX);
            }
        }
    }

    /// There is a network again.
    pub fn hurry(&mut self) {
        for uploader in self.streams.iter_mut().chain(&mut self.leftovers.queue) {
            uploader.hurry();
        }
    }

    /// The body to upload now, if any; its answer goes to [`Self::answer`].
    pub fn poll(&mut self, now: f64) -> Option<Vec<u8>> {
        while self.streams.len() > 1 && self.streams.first().is_some_and(Uploader::is_done) {
            self.streams.remove(0);
        }
        let now = millis(now);
        let mut body = self.leftovers.poll(now, &mut self.effects);
        if let (None, Some(uploader)) = (&body, self.streams.first_mut()) {
            body = uploader.poll(now, &mut self.effects).map(<[u8]>::to_vec);
        }
        self.perform();
        body
    }

    /// What came back: `status` is 0 if nothing did; `retry_after` is in ms, 0 if it was
    /// not said; `random` lies in 0..2³².
    pub fn answer(&mut self, status: u16, body: &[u8], retry_after: f64, now: f64, random: u32) {
        let retry_after = millis(retry_after);
        let answer = Answer {
            status,
            body,
            retry_after,
        };
        let now = millis(now);
        if self
            .leftovers
            .answer(&answer, now, random, &mut self.commands)
        {
            return;
        }
        if let Some(uploader) = self.streams.first_mut() {
            uploader.answer(&answer, now, random, &mut self.effects);
        }
        self.perform();
    }

    /// When to [`Self::poll`] again if nothing else happens; negative for never.
    pub fn wake_at(&self) -> f64 {
        let live = self.streams.first().and_then(Uploader::wake_at);
        let all = live.into_iter().chain(self.leftovers.wake_at());
        all.min().map_or(-1.0, time)
    }

    /// What the page has to do, one command a line, each once:
    ///
    /// * `acked TAB LINE SEQ SHIFT` – what the page handed over of TAB before its line LINE
    ///   may be forgotten; the next upload has the number SEQ; the lines before LINE were
    ///   SHIFT events more than lines.
    /// * `snapshot` – take a full snapshot.
    /// * `clock TAB MS SID` – the edge's time is MS, and it refused SID for it: correct the
    ///   visit and `resign` TAB.
    /// * `lost PAGES EVENTS` – so much will never be uploaded: say so in the recording.
    /// * `warn TEXT` – for the console.
    /// * `halt TEXT` – record no more; what was taken is still uploaded.
    /// * `wipe` – nothing of this visitor is wanted: delete what is kept of all pages.
    /// * `stop TEXT` – as `halt`, and forget everything. TEXT is for the console, if any.
    ///
    /// And what is for the journal, `js/journal.ts`, in this order:
    ///
    /// * `!keep LINE KEY` – write the [`Self::batch`] that is next under KEY. Then the page
    ///   hears `kept TAB LINE`: lines of TAB before LINE survive it.
    /// * `!drop FROM⇥TO` – delete all keys from FROM to TO.
    /// * `!survey` – read all keys, for [`Self::survey`].
    /// * `!load KEY` – read that batch, for [`Self::take`].
    /// * `!again MS` – `!survey` after MS.
    pub fn commands(&mut self) -> String {
        self.commands.take()
    }

    /// The batch of the next `!keep`.
    pub fn batch(&mut self) -> Vec<u8> {
        self.journal.batch()
    }

    /// Looks at the keys in the journal, one a line and sorted; `gone` are the page loads
    /// that left a tail, one a line.
    pub fn survey(&mut self, keys: &str, gone: &str, now: f64) {
        let (streams, leftovers) = (&self.streams, &self.leftovers.queue);
        let own = |tab: &str| {
            let mut all = streams.iter().chain(leftovers);
            all.any(|of| of.stream().tab.as_str() == tab)
        };
        self.journal
            .survey(keys, gone, &own, millis(now), &mut self.commands);
    }

    /// Uploads batches of a page that is gone, one after the other in `text`.
    pub fn take(&mut self, text: &[u8], now: f64) {
        self.leftovers.take(text, millis(now));
    }

    /// The journal has lost what was in it: everything that is not stored goes there again.
    pub fn keep_again(&mut self, now: f64) {
        let (journal, commands) = (&mut self.journal, &mut self.commands);
        journal.emptied();
        for uploader in self.streams.iter().chain(&self.leftovers.queue) {
            let range = (uploader.first(), uploader.next());
            let (line, events) = (uploader.line(), uploader.lines());
            journal.keep(
                uploader.stream(),
                range,
                line,
                &events,
                millis(now),
                commands,
            );
        }
    }

    /// Nothing of this page shall stay in the journal.
    pub fn forget(&mut self) {
        for uploader in &self.streams {
            self.commands.drop_before(uploader.stream(), u32::MAX);
        }
    }

    fn perform(&mut self) {
        for effect in core::mem::take(&mut self.effects) {
            let Some(first) = self.streams.first_mut() else {
                return;
            };
            let stream = first.stream();
            match effect {
                Effect::Acked { next } => {
                    self.commands.drop_before(stream, next);
                    let place = first.stored_before(next);
                    self.commands.acked(first.stream(), place, first.seq());
                }
                Effect::Snapshot => self.commands.say(&["snapshot"]),
                Effect::Clock { now } => self.commands.clock(stream, now),
                Effect::TooLarge => note_dropped(&mut self.dropped, &mut self.commands),
                Effect::Stop { reason, all } => {
                    self.forget();
                    self.over = true;
                    self.commands.stop(&reason, all);
                }
            }
        }
    }
}

/// Once is enough for a console; how many there were can be seen in the recording.
fn note_dropped(dropped: &mut bool, commands: &mut Commands) {
    if !core::mem::replace(dropped, true) {
        commands.say(&[
            "warn",
            "an event was malformed or too large, a note stands in its place",
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::batch::MAX_HELD;
    use sentiero_core::gzip;
    use sentiero_core::wire::{Limits, Upload};

    const T0: f64 = 1_795_445_123_456.0;
    const UPLOAD: &str = "https://edge.example/i/demo";

    /// A page load of its own, of one visit.
    fn source(tab: u8) -> Source {
        let visit = crate::visit("", T0, &[1; 17]);
        let (sid, tab) = (visit.split(' ').next().unwrap(), crate::tab_id(&[tab; 5]));
        let lines = [
            "inputs",
            "",
            "",
            "",
            "",
            "",
            sid,
            &tab,
            &tab,
            "10",
            "20",
            "https://a.example/?q",
            "",
        ];
        Source::of(&lines.join("\n")).unwrap()
    }

    fn event(index: u32) -> String {
        format!(r#"{{"type":5,"data":{{"tag":"n","payload":{index}}},"timestamp":1}}"#)
    }

    fn read(body: &[u8]) -> (String, u32, u32) {
        let text = gzip::decompress(body, Limits::DEFAULT.inflated).unwrap();
        let header = Upload::parse(&text, &Limits::DEFAULT).unwrap().header;
        (header.tab.to_string(), header.first, header.n)
    }

    /// What is for the page.
    fn commands(engine: &mut Engine) -> Vec<String> {
        let all = engine.commands();
        let page = all.lines().filter(|line| !line.starts_with('!'));
        page.map(str::to_owned).collect()
    }

    fn ok(engine: &mut Engine) {
        engine.answer(200, br#"{"next":0,"directive":"ok"}"#, 0.0, T0, 0);
    }

    #[test]
    fn streams_go_one_after_the_other() {
        let (first, second) = (source(1), source(2));
        let mut engine = Engine::new(first.clone(), UPLOAD);
        engine.push([event(0), event(1)].join("\n").as_bytes(), T0);
        assert_eq!(engine.poll(T0), None);
        assert!((engine.wake_at() - T0 - 10_000.0).abs() < 1.0);
        engine.rotate(second.clone());
        engine.push(event(0).as_bytes(), T0);
        engine.flush();
        let (a, b) = (first.stream.tab.to_string(), second.stream.tab.to_string());
        assert_eq!(read(&engine.poll(T0).unwrap()), (a.clone(), 0, 2));
        assert_eq!((engine.poll(T0), engine.wake_at()), (None, -1.0));
        ok(&mut engine);
        assert_eq!(read(&engine.poll(T0).unwrap()), (b.clone(), 0, 1));
        ok(&mut engine);
        assert_eq!((engine.poll(T0), engine.wake_at()), (None, -1.0));
        assert_eq!(
            commands(&mut engine),
            [format!("acked {a} 2 1 0"), format!("acked {b} 1 1 0")]
        );
    }

    #[test]
    fn the_clock_is_corrected_by_the_page() {
        let source = source(1);
        let mut engine = Engine::new(source.clone(), UPLOAD);
        engine.push(event(0).as_bytes(), T0);
        engine.flush();
        engine.poll(T0);
        engine.answer(409, br#"{"now":1795400000000}"#, 0.0, T0, 0);
        let tab = source.stream.tab.as_str();
        assert_eq!(
            commands(&mut engine),
            [format!("clock {tab} 1795400000000 {}", source.stream.sid)]
        );
        let visit = crate::correct(
            "",
            source.stream.sid.as_str(),
            T0,
            1_795_400_000_000.0,
            &[2; 17],
        );
        engine.resign(tab, &visit, T0);
        let text = gzip::decompress(&engine.poll(T0).unwrap(), 10_000).unwrap();
        let header = Upload::parse(&text, &Limits::DEFAULT).unwrap().header;
        assert_eq!(header.sid.start(), 1_795_400_000_000);
        assert_eq!(header.meta.unwrap().url, "https://a.example/");
    }

    #[test]
    fn a_journal_that_was_lost_gets_all_that_is_not_stored() {
        let mut engine = Engine::new(source(1), UPLOAD);
        for index in 0..4 {
            engine.push(event(index).as_bytes(), T0);
            if index != 1 {
                engine.flush();
                assert_eq!(engine.poll(T0).is_some(), index != 3);
            }
            if index == 0 {
                ok(&mut engine);
            }
            engine.commands();
            engine.batch();
        }
        engine.keep_again(T0);
        let commands = engine.commands();
        assert!(commands.starts_with("!keep 4 "), "{commands}");
        assert_eq!(commands.lines().count(), 1);
        let text = String::from_utf8(engine.batch()).unwrap();
        let (header, events) = text.split_once('\n').unwrap();
        assert!(header.contains("\"first\":1,\"n\":3,"), "{header}");
        let expected = [event(1), event(2), event(3)].map(|event| event + "\n");
        assert_eq!(events, expected.concat(), "on its way, and waiting");
    }

    #[test]
    fn says_once_what_is_wrong() {
        let mut engine = Engine::new(source(1), UPLOAD);
        engine.push(b"{\n{", T0);
        let big = format!(
            r#"{{"type":5,"data":{{"tag":"{}"}},"timestamp":1}}"#,
            "x".repeat(3 << 20)
        );
        for _ in 0..=MAX_HELD / big.len() + 1 {
            engine.push(big.as_bytes(), T0);
        }
        let said = commands(&mut engine);
        assert!(said[0].starts_with("warn an event"), "{said:?}");
        assert_eq!(said[1..], ["halt too much waits for the network"]);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        assert!(Source::of("inputs\n\n\n\n\n\nx\ny\nz\n1\n1\n\n").is_none());
        assert!(Source::of("").is_none());
        let with = |patterns: &str| {
            let ids = "18de0b4b5c0aaaaaaaaaaaaaaaaaaaaaaaaaaa\naaaaaaaa\naaaaaaaa";
            Source::of(&format!("inputs\n\n{patterns}\n\n\n\n{ids}\n1\n1\n\n"))
        };
        assert!(with("ORD-\\d{6} K\\d").is_some());
        assert!(with("a+").is_none());
    }

    #[test]
    fn a_refusal_is_one_command() {
        let mut engine = Engine::new(source(1), UPLOAD);
        engine.push(event(0).as_bytes(), T0);
        engine.flush();
        engine.poll(T0);
        engine.answer(403, br#"{"message":"no\nsnapshot"}"#, 0.0, T0, 0);
        assert_eq!(commands(&mut engine), ["stop no snapshot"]);
    }
}
