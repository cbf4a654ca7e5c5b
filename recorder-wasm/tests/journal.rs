//! Pages come and go, crash and are left, while uploads fail in every way: whatever was in
//! the journal or acknowledged is stored at last, each event once and in its place, and
//! nothing stays behind. The engine as JavaScript drives it, over a disk in memory.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use recorder_wasm::{Engine, Source, Tail, tab_id, visit};
use sentiero_core::gzip;
use sentiero_core::journal::QUIET;
use sentiero_core::wire::{Limits, Upload};
use std::collections::BTreeMap;

const T0: f64 = 1_795_445_123_456.0;
const UPLOAD: &str = "https://edge.example/i/demo";

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// What outlives a page: IndexedDB, and tails in localStorage, inflated.
#[derive(Default)]
struct Disk {
    batches: BTreeMap<String, Vec<u8>>,
    tails: BTreeMap<String, Vec<u8>>,
}

/// What the edge has stored.
#[derive(Default)]
struct Edge(BTreeMap<(String, u32), String>);

impl Edge {
    /// Takes a body; the lowest index that is missing of its page load.
    fn store(&mut self, body: &[u8]) -> u32 {
        let text = gzip::decompress(body, Limits::DEFAULT.inflated).unwrap();
        let upload = Upload::parse(&text, &Limits::DEFAULT).unwrap();
        let tab = upload.header.tab.to_string();
        for (index, event) in (upload.header.first..).zip(&upload.events) {
            let event = String::from_utf8(event.to_vec()).unwrap();
            let known = self
                .0
                .entry((tab.clone(), index))
                .or_insert_with(|| event.clone());
            assert_eq!(*known, event, "an index means one event, for ever");
        }
        let missing = (0..u32::MAX).find(|index| !self.0.contains_key(&(tab.clone(), *index)));
        missing.unwrap()
    }
}

struct Page {
    engine: Engine,
    tab: String,
    now: f64,
    /// Events made; those before `kept` and `acked` have to be stored at last.
    made: u32,
    kept: u32,
    acked: u32,
}

fn source(tab: &str) -> Source {
    let visit = visit("", T0, &[1; 17]);
    let sid = visit.split(' ').next().unwrap();
    let lines = [
        "inputs", "", "", "", "", "", sid, tab, tab, "1", "1", "", "",
    ];
    Source::of(&lines.join("\n")).unwrap()
}

fn event(tab: &str, index: u32) -> String {
    format!(
        r#"{{"type":5,"data":{{"tag":"n","payload":{{"of":"{tab}","i":{index}}}}},"timestamp":1}}"#
    )
}

impl Page {
    fn open(number: u8, now: f64, disk: &mut Disk) -> Self {
        let tab = tab_id(&[number; 5]);
        let mut page = Self {
            engine: Engine::new(source(&tab), UPLOAD),
            tab,
            now,
            made: 0,
            kept: 0,
            acked: 0,
        };
        page.survey(disk);
        for text in disk.tails.clone().into_values() {
            page.engine.take(&text, now);
        }
        page
    }

    fn survey(&mut self, disk: &mut Disk) {
        let keys: Vec<_> = disk.batches.keys().cloned().collect();
        let gone: Vec<_> = disk.tails.keys().cloned().collect();
        self.engine
            .survey(&keys.join("\n"), &gone.join("\n"), self.now);
        self.obey(disk);
    }

    fn obey(&mut self, disk: &mut Disk) {
        for command in self.engine.commands().lines() {
            let (verb, rest) = command.split_once(' ').unwrap();
            let words: Vec<_> = rest.split(' ').collect();
            match verb {
                "!keep" => {
                    let (line, key) = rest.split_once(' ').unwrap();
                    disk.batches.insert(key.to_owned(), self.engine.batch());
                    self.kept = line.parse().unwrap();
                }
                "!drop" => {
                    let (from, to) = rest.split_once('\t').unwrap();
                    disk.batches
                        .retain(|key, _| !(from..=to).contains(&key.as_str()));
                }
                "!load" => {
                    let batch = disk.batches.get(rest).cloned();
                    self.engine.take(&batch.unwrap(), self.now);
                }
                "acked" if words[0] == self.tab => self.acked = words[1].parse().unwrap(),
                "acked" => drop(disk.tails.remove(words[0])),
                "!again" => {}
                other => panic!("unexpected: {other} {rest}"),
            }
        }
    }

    /// The journal loses what this page wrote, and gets it anew.
    fn lose(&mut self, disk: &mut Disk) {
        self.obey(disk);
        disk.batches
            .retain(|key, _| key.split(' ').nth(1) != Some(&self.tab));
        self.engine.keep_again(self.now);
        self.obey(disk);
    }

    fn make(&mut self, n: u32) {
        let events: Vec<_> = (self.made..self.made + n)
            .map(|index| event(&self.tab, index))
            .collect();
        self.engine.push(events.join("\n").as_bytes(), self.now);
        self.made += n;
    }

    /// Uploads what is due, whatever becomes of it.
    fn upload(&mut self, fate: u32, edge: &mut Edge) {
        let Some(body) = self.engine.poll(self.now) else {
            return;
        };
        let ack = |next| format!(r#"{{"next":{next},"directive":"ok"}}"#);
        let (status, answer) = match fate {
            0 => (0, String::new()),
            1 => {
                edge.store(&body);
                (0, String::new())
            }
            2 => (503, String::new()),
            _ => (200, ack(edge.store(&body))),
        };
        self.engine
            .answer(status, answer.as_bytes(), 0.0, self.now, 0);
    }

    /// Is left: the beacon may arrive, and what is not kept goes to localStorage first.
    fn leave(self, arrives: bool, edge: &mut Edge, disk: &mut Disk) -> u32 {
        let from = self.acked.max(self.kept);
        for (first, is_kept) in [(self.acked, true), (from, false)] {
            let end = if is_kept { from } else { self.made };
            let events: Vec<_> = (first..end).map(|index| event(&self.tab, index)).collect();
            if events.is_empty() {
                continue;
            }
            let text = events.join("\n");
            let mut tail = Tail::new(source(&self.tab), 9, first, text.as_bytes(), self.now);
            while let Some(body) = tail.next(60_000) {
                if !is_kept {
                    let text = gzip::decompress(&body, Limits::DEFAULT.inflated).unwrap();
                    disk.tails.entry(self.tab.clone()).or_default().extend(text);
                }
                if arrives {
                    edge.store(&body);
                }
            }
        }
        self.made
    }
}

#[test]
fn whatever_was_kept_is_stored_once() {
    let seeds = if std::env::var_os("SENTIERO_FULL").is_some() {
        1_000
    } else {
        60
    };
    for seed in 0..seeds {
        let mut dice = Dice(seed);
        let (mut disk, mut edge) = (Disk::default(), Edge::default());
        let mut expected = Vec::new();
        let mut now = T0;
        for number in 1..=5 {
            let mut page = Page::open(number, now, &mut disk);
            for _ in 0..dice.below(12) {
                match dice.below(6) {
                    0 | 1 => page.make(1 + dice.below(90)),
                    2 => page.engine.flush(),
                    3 => page.lose(&mut disk),
                    4 => page.now += f64::from(dice.below(20_000)),
                    _ => page.upload(dice.below(6), &mut edge),
                }
                // A crash may come before the journal has what is new.
                if dice.below(4) > 0 {
                    page.obey(&mut disk);
                }
            }
            now = page.now;
            let tab = page.tab.clone();
            let stored = if dice.below(2) == 0 {
                page.leave(dice.below(2) == 0, &mut edge, &mut disk)
            } else {
                page.acked.max(page.kept)
            };
            expected.push((tab, stored));
        }
        // The last page finds everything, and has a network.
        now += f64::from(u32::try_from(QUIET).unwrap());
        let mut last = Page::open(99, now, &mut disk);
        while last.engine.wake_at() >= 0.0 {
            last.now = last.now.max(last.engine.wake_at());
            last.upload(9, &mut edge);
            last.obey(&mut disk);
        }
        for (tab, n) in expected {
            for index in 0..n {
                let stored = edge.0.get(&(tab.clone(), index));
                assert_eq!(stored, Some(&event(&tab, index)), "seed {seed}");
            }
        }
        assert_eq!(
            (disk.batches.len(), disk.tails.len()),
            (0, 0),
            "seed {seed}"
        );
    }
}
