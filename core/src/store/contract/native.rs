//! The contract, held to by the stores in memory.

use super::{
    Case, Outcome, audit, buffer, chunks, counters, desk, erasing, gate, index, issues, ledger,
    links, maps, months, recordings, records, registry, reports, session, sessions, shelf, stocks,
    tokens, upkeep,
};
use crate::erasure::Eraser;
use crate::id::SiteKey;
use crate::lifecycle::Actor;
use crate::retention::Keeper;
use crate::store::memory::{Memory, MemoryBuffer, MemoryDesk, MemoryMonth};
use crate::store::{self, Buffer, Remembered};
use pollster::block_on;
use std::vec::Vec;

/// A case; each run has stores of its own.
pub(super) fn case() -> Case {
    Case {
        site: SiteKey::parse("contract").unwrap(),
        now: 1_795_445_200_000,
    }
}

/// A writer over these stores.
pub(super) fn writer<B: Buffer, S: Clone>(buffer: B, stores: S) -> Actor<B, S, S, S> {
    Actor {
        buffer,
        recordings: stores.clone(),
        records: stores.clone(),
        index: stores,
        timing: session::TIMING,
        limits: session::LIMITS,
        log: session::quiet,
    }
}

/// Runs a suite and prints a line for each property.
fn check(suite: &str, names: &[&str], run: impl Fn(&str) -> Outcome) {
    let mut broken = Vec::new();
    for name in names {
        match run(name) {
            Ok(()) => println!("{suite}::{name} … holds"),
            Err(super::Broken(how)) => broken.push(format!("{suite}::{name}: {how}")),
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(run("no_such_property").is_err());
}

#[test]
fn recordings() {
    check("recordings", recordings::NAMES, |name| {
        block_on(recordings::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn records() {
    check("records", records::NAMES, |name| {
        block_on(records::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn index() {
    check("index", index::NAMES, |name| {
        block_on(index::run(name, &&Memory::default(), &case()))
    });
    check("reports", reports::NAMES, |name| {
        block_on(reports::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn buffer() {
    check("buffer", buffer::NAMES, |name| {
        block_on(buffer::run(name, &&MemoryBuffer::default(), &case()))
    });
}

#[test]
fn remembered_buffer() {
    check("buffer", buffer::NAMES, |name| {
        let (below, memory) = (MemoryBuffer::default(), store::Memory::default());
        let store = Remembered::new(&below, &memory);
        block_on(buffer::run(name, &store, &case()))
    });
}

#[test]
fn remembered_session() {
    check("session", session::NAMES, |name| {
        let (stores, below) = (Memory::default(), MemoryBuffer::default());
        let memory = store::Memory::default();
        let actor = writer(Remembered::new(&below, &memory), &stores);
        block_on(session::run(name, &actor, &case()))
    });
}

#[test]
fn session() {
    check("session", session::NAMES, |name| {
        let (stores, buffer) = (Memory::default(), MemoryBuffer::default());
        let actor = writer(&buffer, &stores);
        block_on(session::run(name, &actor, &case()))
    });
}

#[test]
fn chunks() {
    check("chunks", chunks::NAMES, |name| {
        let memory = &Memory::default();
        block_on(chunks::run(name, &memory, &memory, &case()))
    });
}

#[test]
fn shelf() {
    check("shelf", shelf::NAMES, |name| {
        let (memory, case) = (&Memory::default(), case());
        let month = MemoryMonth::new(memory, case.site.clone(), case.month());
        block_on(shelf::run(name, &&month, &memory, &case))
    });
}

#[test]
fn months() {
    check("months", months::NAMES, |name| {
        let memory = &Memory::default();
        block_on(months::run(name, &memory, &memory, &case()))
    });
}

#[test]
fn stocks() {
    check("stocks", stocks::NAMES, |name| {
        let memory = &Memory::default();
        block_on(stocks::run(name, &memory, &memory, &case()))
    });
}

#[test]
fn ledger() {
    check("ledger", ledger::NAMES, |name| {
        block_on(ledger::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn sessions() {
    check("sessions", sessions::NAMES, |name| {
        let memory = &Memory::default();
        block_on(sessions::run(name, &memory, &memory, &memory, &case()))
    });
}

#[test]
fn desk() {
    check("desk", desk::NAMES, |name| {
        block_on(desk::run(name, &&MemoryDesk::default(), &case()))
    });
}

#[test]
fn counters() {
    check("counters", counters::NAMES, |name| {
        let memory = &Memory::default();
        block_on(counters::run(name, &memory, &memory, &case()))
    });
}

#[test]
fn registry() {
    check("registry", registry::NAMES, |name| {
        block_on(registry::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn tokens() {
    check("tokens", tokens::NAMES, |name| {
        block_on(tokens::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn gate() {
    check("gate", gate::NAMES, |name| {
        block_on(gate::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn links() {
    check("links", links::NAMES, |name| {
        block_on(links::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn maps() {
    check("maps", maps::NAMES, |name| {
        block_on(maps::run(name, &&Memory::default(), &case()))
    });
}

#[test]
fn audit() {
    check("audit", audit::NAMES, |name| {
        let memory = &Memory::default();
        block_on(audit::run(name, &memory, &memory, &memory, &case()))
    });
}

#[test]
fn issues() {
    check("issues", issues::NAMES, |name| {
        let memory = &Memory::default();
        block_on(issues::run(name, &memory, &memory, &case()))
    });
}

#[test]
fn erasing() {
    check("erasing", erasing::NAMES, |name| {
        let (memory, desk) = (&Memory::default(), MemoryDesk::default());
        let eraser = Eraser {
            desk: &desk,
            ledger: memory,
            months: memory,
            sessions: memory,
            sites: memory,
            log: session::quiet,
        };
        block_on(erasing::run(name, &eraser, &memory, &case()))
    });
}

#[test]
fn upkeep() {
    check("upkeep", upkeep::NAMES, |name| {
        let (memory, case) = (&Memory::default(), case());
        let month = MemoryMonth::new(memory, case.site.clone(), case.month());
        let keeper = Keeper {
            shelf: &month,
            chunks: memory,
            recordings: memory,
            records: memory,
            sessions: memory,
            log: session::quiet,
        };
        block_on(upkeep::run(name, &keeper, &memory, &case))
    });
}
