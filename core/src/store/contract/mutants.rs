//! Recordings, records and an index that break one promise each: a property must notice.

mod index;
mod noticed;

use super::native::{case, writer};
use super::{Outcome, counters, recordings, records, reports, session};
use crate::api::SessionRow;
use crate::day::DAY;
use crate::id::{SessionId, SiteKey};
use crate::recording::Record;
use crate::store::memory::{Memory, MemoryBuffer};
use crate::store::{ChunkPlace, ListedChunk, Part, Recordings, Records, Result, Span, StoreError};
use pollster::block_on;
use std::string::String;
use std::vec::Vec;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// All sites are one.
    Sites,
    /// A listing ends with its first page.
    FirstPage,
    /// A listing does not tell the sizes.
    NoSizes,
    /// A listing shows the first chunk for a while after others were written.
    LaggingList,
    /// A part that reaches past the end is cut.
    ShortPart,
    /// What is there already stays.
    KeepsFirst,
    /// Nothing is removed.
    KeepsAll,
    /// The last to arrive wins.
    LastWins,
    /// What is erased may come again.
    EraseIsDelete,
    /// The list begins with the oldest.
    OldestFirst,
    /// The list ends with the month.
    WholeMonths,
    /// A condition is left out.
    IgnoresConditions,
    /// What is equal by the order is skipped when a page goes on.
    ForgetsTies,
    /// What reports read of a session is not kept.
    RowsOnly,
    /// A list of facets holds the value that was asked for only.
    KeepsOwnCondition,
    /// A session is judged anew whenever it asks.
    ForgetsVerdicts,
    /// Who was refused counts as well.
    CountsRefused,
    /// A quota of bytes is not looked at.
    FreeBytes,
    /// A session's bytes are counted by its row, not when they arrive.
    CountsRows,
    /// What is kept is cut.
    Cuts,
    /// What is not there is a failure.
    UnknownFails,
    /// The whole is given for a part.
    WholeParts,
    /// What is long cannot be kept.
    RefusesLong,
    /// The last comes first.
    Backwards,
    /// What is not there cannot be removed.
    RemovesOnce,
    /// What was removed cannot be written again.
    WritesOnce,
    /// All sessions of a site are one.
    Sessions,
    /// What is past its days cannot be kept.
    RefusesOld,
    /// What is not known is an empty text.
    Fills,
    /// Numbers have 32 bits.
    Narrow,
    /// A page has no end.
    Endless,
    /// A page begins anew, whatever was read before.
    Repeats,
    /// Only the newest month is looked at.
    OneMonth,
    /// Who was erased stays so for ever.
    NeverForgets,
    /// Whoever asks again counts again.
    CountsAgain,
    /// What is meant for a day is meant for a month.
    OneDay,
    /// Sessions of which nothing is known are not there.
    OnlyKnown,
    /// Of those that started together, the first is meant.
    NoRanks,
}

/// All of them.
pub(super) const FLAWS: [Flaw; 38] = [
    Flaw::Sites,
    Flaw::FirstPage,
    Flaw::NoSizes,
    Flaw::LaggingList,
    Flaw::ShortPart,
    Flaw::KeepsFirst,
    Flaw::KeepsAll,
    Flaw::LastWins,
    Flaw::EraseIsDelete,
    Flaw::OldestFirst,
    Flaw::WholeMonths,
    Flaw::IgnoresConditions,
    Flaw::ForgetsTies,
    Flaw::RowsOnly,
    Flaw::KeepsOwnCondition,
    Flaw::ForgetsVerdicts,
    Flaw::CountsRefused,
    Flaw::FreeBytes,
    Flaw::CountsRows,
    Flaw::Cuts,
    Flaw::UnknownFails,
    Flaw::WholeParts,
    Flaw::RefusesLong,
    Flaw::Backwards,
    Flaw::RemovesOnce,
    Flaw::WritesOnce,
    Flaw::Sessions,
    Flaw::RefusesOld,
    Flaw::Fills,
    Flaw::Narrow,
    Flaw::Endless,
    Flaw::Repeats,
    Flaw::OneMonth,
    Flaw::NeverForgets,
    Flaw::CountsAgain,
    Flaw::OneDay,
    Flaw::OnlyKnown,
    Flaw::NoRanks,
];

#[derive(Clone, Copy)]
pub(super) struct Flawed<'a> {
    pub(super) memory: &'a Memory,
    pub(super) flaw: Flaw,
}

impl Flawed<'_> {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn site(&self, site: &SiteKey) -> SiteKey {
        if self.is(Flaw::Sites) {
            return SiteKey::parse("one").unwrap();
        }
        site.clone()
    }

    fn sid(&self, sid: &SessionId) -> SessionId {
        if self.is(Flaw::Sessions) {
            return case().sid(0);
        }
        sid.clone()
    }

    fn span(&self, span: Span) -> Span {
        let oldest = match self.flaw {
            Flaw::WholeMonths => 0,
            Flaw::OneMonth => span.oldest.max(case().month().start()),
            _ => span.oldest,
        };
        Span { oldest, ..span }
    }
}

fn fails<T>() -> Result<T> {
    Err(StoreError("it is not there".into()))
}

/// Another byte for each.
fn nth(number: usize) -> u8 {
    u8::try_from(number % 256).unwrap()
}

impl Recordings for Flawed<'_> {
    async fn put(&self, place: &ChunkPlace<'_>, bytes: Vec<u8>, row: &SessionRow) -> Result<()> {
        let (site, sid) = (&self.site(place.site), &self.sid(place.sid));
        let place = ChunkPlace {
            site,
            sid,
            ..*place
        };
        let known = Recordings::get(&self.memory, &place).await?.is_some();
        match self.flaw {
            Flaw::KeepsFirst | Flaw::WritesOnce if known => return Ok(()),
            Flaw::RefusesLong if row.entry.len() > 1_000 => return fails(),
            _ => {}
        }
        Recordings::put(&self.memory, &place, bytes, row).await
    }

    async fn get(&self, place: &ChunkPlace<'_>) -> Result<Option<Vec<u8>>> {
        let (site, sid) = (&self.site(place.site), &self.sid(place.sid));
        let place = ChunkPlace {
            site,
            sid,
            ..*place
        };
        match Recordings::get(&self.memory, &place).await? {
            None if self.is(Flaw::UnknownFails) => fails(),
            Some(bytes) if self.is(Flaw::Cuts) => Ok(Some(bytes.into_iter().take(100).collect())),
            found => Ok(found),
        }
    }

    async fn part(&self, place: &ChunkPlace<'_>, part: Part) -> Result<Option<Vec<u8>>> {
        let (site, sid) = (&self.site(place.site), &self.sid(place.sid));
        let place = ChunkPlace {
            site,
            sid,
            ..*place
        };
        match self.flaw {
            Flaw::WholeParts => return Recordings::get(&self.memory, &place).await,
            Flaw::ShortPart => {}
            _ => return self.memory.part(&place, part).await,
        }
        let bytes = Recordings::get(&self.memory, &place).await?;
        Ok(bytes.map(|bytes| {
            let rest = bytes.into_iter().skip(part.offset.try_into().unwrap());
            rest.take(part.length.try_into().unwrap()).collect()
        }))
    }

    async fn list(&self, site: &SiteKey, sid: &SessionId) -> Result<Vec<ListedChunk>> {
        let mut chunks = self.memory.list(&self.site(site), &self.sid(sid)).await?;
        match self.flaw {
            Flaw::FirstPage => chunks.truncate(1_000),
            Flaw::LaggingList => chunks.truncate(1),
            Flaw::NoSizes => chunks.iter_mut().for_each(|chunk| chunk.bytes = 5),
            Flaw::Backwards => chunks.reverse(),
            Flaw::UnknownFails if chunks.is_empty() => return fails(),
            _ => {}
        }
        Ok(chunks)
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId, names: &[String]) -> Result<()> {
        let (site, sid) = (&self.site(site), &self.sid(sid));
        match self.flaw {
            Flaw::KeepsAll | Flaw::WritesOnce => return Ok(()),
            Flaw::RemovesOnce => {
                let there = self.memory.list(site, sid).await?;
                let is_there = |name: &String| there.iter().any(|chunk| chunk.name == *name);
                if !names.iter().all(is_there) {
                    return fails();
                }
            }
            _ => {}
        }
        Recordings::remove(&self.memory, site, sid, names).await
    }
}

impl Records for Flawed<'_> {
    async fn put(&self, site: &SiteKey, record: &Record, days: u32) -> Result<()> {
        let site = &self.site(site);
        let known = Records::get(&self.memory, site, &record.sid).await?;
        let past = record.sid.start() + u64::from(days) * DAY < case().now;
        let mut record = record.clone();
        match self.flaw {
            Flaw::KeepsFirst if known.is_some() => return Ok(()),
            Flaw::RefusesOld if past => return fails(),
            Flaw::Cuts => {
                let addresses = &mut record.state.digest.addresses;
                *addresses = addresses.iter().take(1).cloned().collect();
            }
            _ => {}
        }
        Records::put(&self.memory, site, &record, days).await
    }

    async fn get(&self, site: &SiteKey, sid: &SessionId) -> Result<Option<Record>> {
        match Records::get(&self.memory, &self.site(site), sid).await? {
            None if self.is(Flaw::UnknownFails) => fails(),
            found => Ok(found),
        }
    }

    async fn remove(&self, site: &SiteKey, sid: &SessionId) -> Result<()> {
        let site = &self.site(site);
        let known = Records::get(&self.memory, site, sid).await?;
        match self.flaw {
            Flaw::KeepsAll => return Ok(()),
            Flaw::RemovesOnce if known.is_none() => return fails(),
            _ => {}
        }
        Records::remove(&self.memory, site, sid).await
    }
}

/// Runs a property on stores with that flaw.
pub(super) fn run(suite: &str, name: &str, flaw: Flaw) -> Option<Outcome> {
    let memory = &Memory::default();
    let store = Flawed { memory, flaw };
    Some(match suite {
        "recordings" => block_on(recordings::run(name, &store, &case())),
        "records" => block_on(records::run(name, &store, &case())),
        "index" => block_on(super::index::run(name, &store, &case())),
        "reports" => block_on(reports::run(name, &store, &case())),
        "session" => {
            let buffer = MemoryBuffer::default();
            block_on(session::run(name, &writer(&buffer, store), &case()))
        }
        "counters" => block_on(counters::run(name, &memory, &store, &case())),
        _ => return None,
    })
}
