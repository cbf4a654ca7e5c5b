//! Stores that break one promise each, for the ports of a session's own storage and of what
//! goes over many sessions; those of recordings, records and the index are [`mutants`]. Each
//! property is failed by one of them at least, and each of them fails one: a property that
//! nothing can fail is none, and neither is a promise that nobody looks at.

mod known;
mod many;
mod mapped;
mod settings;
mod shared;
mod signing;
mod writer;

use super::native::{case, writer as actor};
use super::{
    Outcome, SUITES, audit, buffer, chunks, counters, desk, erasing, gate, issues, ledger, links,
    maps, months, mutants, registry, session, sessions, shelf, stocks, tokens, upkeep,
};
use crate::erasure::Eraser;
use crate::id::SiteKey;
use crate::retention::Keeper;
use crate::store::memory::{Memory, MemoryBuffer, MemoryDesk, MemoryMonth};
use crate::store::{Result, StoreError};
use core::cell::Cell;
use pollster::block_on;
use std::collections::BTreeSet;
use std::vec::Vec;

/// What is wrong with a store. Some mean the same for several ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    /// What it is asked to keep is not kept.
    KeepsNothing,
    /// Only the first state of a thing is kept.
    KeepsFirst,
    /// The last to arrive wins.
    LastWins,
    /// Nothing is removed.
    RemovesNothing,
    /// Removing takes what lies beside it as well.
    RemovesMore,
    /// What is not there cannot be removed.
    RemovesOnce,
    /// What is not there is a failure.
    UnknownFails,
    /// What is not there is invented.
    Invents,
    /// The last comes first.
    Backwards,
    /// What is read is cut.
    Cuts,
    /// A page ends one too early.
    ShortPages,
    /// A page begins with where the last one ended.
    Repeats,
    /// All sites are one.
    Sites,
    /// Conditions are not looked at.
    TakesAll,
    /// A live row is treated as any other.
    LiveAsAny,
    /// The alarm outlives what it is for.
    KeepsAlarm,
    /// An alarm that is set stays as it is.
    FirstAlarm,
    /// Writing something moves the alarm.
    MovesAlarm,
    /// Tombstone and deletion are two things.
    BuriesBeside,
    /// To drop is to erase.
    DropIsErase,
    /// Who was erased may come again.
    Returns,
    /// What was erased is forgotten.
    ForgetsErased,
    /// Rows are left out of a listing.
    NoRows,
    /// When something was written is not known.
    NoTime,
    /// Sizes are not looked at.
    NoSizes,
    /// What does not fit is left out, and what lies behind it is looked at.
    Skips,
    /// What was there first counts, whatever became of it.
    FirstCounts,
    /// A copy is right, whatever has changed.
    Stale,
    /// The changes of each site are counted from one.
    Recounts,
    /// What is refused counts as a change.
    CountsRefused,
    /// There is no most; something else goes instead.
    Endless,
    /// Who erased something is not written down.
    Unnoted,
}

const FLAWS: [Flaw; 32] = [
    Flaw::KeepsNothing,
    Flaw::KeepsFirst,
    Flaw::LastWins,
    Flaw::RemovesNothing,
    Flaw::RemovesMore,
    Flaw::RemovesOnce,
    Flaw::UnknownFails,
    Flaw::Invents,
    Flaw::Backwards,
    Flaw::Cuts,
    Flaw::ShortPages,
    Flaw::Repeats,
    Flaw::Sites,
    Flaw::TakesAll,
    Flaw::LiveAsAny,
    Flaw::KeepsAlarm,
    Flaw::FirstAlarm,
    Flaw::MovesAlarm,
    Flaw::BuriesBeside,
    Flaw::DropIsErase,
    Flaw::Returns,
    Flaw::ForgetsErased,
    Flaw::NoRows,
    Flaw::NoTime,
    Flaw::NoSizes,
    Flaw::Skips,
    Flaw::FirstCounts,
    Flaw::Stale,
    Flaw::Recounts,
    Flaw::CountsRefused,
    Flaw::Endless,
    Flaw::Unnoted,
];

struct Flawed<S> {
    below: S,
    flaw: Flaw,
    asked: Cell<u32>,
}

impl<S> Flawed<S> {
    const fn new(below: S, flaw: Flaw) -> Self {
        let asked = Cell::new(0);
        Self { below, flaw, asked }
    }

    /// Whether it was asked more often than any property asks a store that is well. Whoever
    /// works on one that keeps nothing new would do the same step for ever.
    fn is_tired(&self) -> bool {
        self.asked.set(self.asked.get().saturating_add(1));
        self.asked.get() > PATIENCE
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn site(&self, site: &SiteKey) -> SiteKey {
        if self.is(Flaw::Sites) {
            return case().site;
        }
        site.clone()
    }

    fn page<T>(&self, mut page: Vec<T>) -> Vec<T> {
        match self.flaw {
            Flaw::Backwards => page.reverse(),
            Flaw::Cuts => page.truncate(1),
            _ => {}
        }
        page
    }
}

/// See [`Flawed::is_tired`].
const PATIENCE: u32 = 2_000;

fn fails<T>() -> Result<T> {
    Err(StoreError("it is not there".into()))
}

/// Runs a property on a store with that flaw.
fn run(suite: &str, name: &str, flaw: Flaw) -> Option<Outcome> {
    let (memory, case) = (&Memory::default(), case());
    let (buffer, desk) = (MemoryBuffer::default(), MemoryDesk::default());
    let month = MemoryMonth::new(memory, case.site.clone(), case.month());
    let flawed = Flawed::new(memory, flaw);
    Some(match suite {
        "buffer" => {
            let store = Flawed::new(&buffer, flaw);
            block_on(buffer::run(name, &store, &case))
        }
        "chunks" => block_on(chunks::run(name, &flawed, &memory, &case)),
        "shelf" => {
            let store = Flawed::new(&month, flaw);
            block_on(shelf::run(name, &store, &memory, &case))
        }
        "months" => block_on(months::run(name, &flawed, &memory, &case)),
        "stocks" => block_on(stocks::run(name, &flawed, &memory, &case)),
        "ledger" => block_on(ledger::run(name, &flawed, &case)),
        "sessions" => block_on(sessions::run(name, &flawed, &memory, &memory, &case)),
        "counters" => block_on(counters::run(name, &flawed, &memory, &case)),
        "registry" => block_on(registry::run(name, &flawed, &case)),
        "tokens" => block_on(tokens::run(name, &flawed, &case)),
        "gate" => block_on(gate::run(name, &flawed, &case)),
        "links" => block_on(links::run(name, &flawed, &case)),
        "maps" => block_on(maps::run(name, &flawed, &case)),
        "audit" => block_on(audit::run(name, &flawed, &flawed, &flawed, &case)),
        "issues" => block_on(issues::run(name, &flawed, &flawed, &case)),
        "desk" => {
            let store = Flawed::new(&desk, flaw);
            block_on(desk::run(name, &store, &case))
        }
        "session" => {
            let store = Flawed::new(&buffer, flaw);
            block_on(session::run(name, &actor(store, memory), &case))
        }
        "erasing" => {
            let eraser = Eraser {
                desk: Flawed::new(&desk, flaw),
                ledger: flawed,
                months: Flawed::new(memory, flaw),
                sessions: Flawed::new(memory, flaw),
                sites: memory,
                log: session::quiet,
            };
            block_on(erasing::run(name, &eraser, &memory, &case))
        }
        "upkeep" => {
            let keeper = Keeper {
                shelf: Flawed::new(&month, flaw),
                chunks: flawed,
                recordings: memory,
                records: memory,
                sessions: Flawed::new(memory, flaw),
                log: session::quiet,
            };
            block_on(upkeep::run(name, &keeper, &memory, &case))
        }
        _ => return None,
    })
}

/// What fails a property, of all that is wrong with stores.
fn failed_by(suite: &str, name: &str) -> Vec<std::string::String> {
    let here = FLAWS.iter().filter(|flaw| {
        let outcome = run(suite, name, **flaw);
        outcome.is_some_and(|outcome| outcome.is_err())
    });
    let here = here.map(|flaw| std::format!("{flaw:?}"));
    let there = mutants::FLAWS.iter().filter(|flaw| {
        let outcome = mutants::run(suite, name, **flaw);
        outcome.is_some_and(|outcome| outcome.is_err())
    });
    here.chain(there.map(|flaw| std::format!("a mutant's {flaw:?}")))
        .collect()
}

#[test]
fn every_property_is_failed_by_a_flawed_store_and_every_flaw_fails_one() {
    let (mut unfailed, mut noticed) = (Vec::new(), BTreeSet::new());
    for (suite, names) in SUITES {
        for name in *names {
            let failed = failed_by(suite, name);
            if failed.is_empty() {
                unfailed.push(std::format!("{suite}::{name}"));
            }
            println!("{suite}::{name} is failed by {}", failed.join(", "));
            noticed.extend(failed);
        }
    }
    assert!(unfailed.is_empty(), "nothing fails {unfailed:?}");
    let flaws = FLAWS.iter().map(|flaw| std::format!("{flaw:?}"));
    let mutants = mutants::FLAWS.iter();
    let flaws = flaws.chain(mutants.map(|flaw| std::format!("a mutant's {flaw:?}")));
    let unnoticed: Vec<_> = flaws.filter(|flaw| !noticed.contains(flaw)).collect();
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:?}");
}
