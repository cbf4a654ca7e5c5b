//! Making what is missing.

use super::{END, Reach, Result, Sheets};
use crate::analytics::part;
use crate::analytics::session::{Session, Topic};
use crate::id::Millis;
use crate::retention::{Shelf, place_of, wake_by};
use crate::sheet::{self, Written};
use crate::store::StoreError;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

/// How many sheets a question about a list makes at most, some 15 ms each.
pub const AT_ONCE: u32 = 8;

/// How many sheets, or sheets' parts, one alarm makes.
const IN_ALARM: u32 = 32;

/// Packed bytes of the sessions of one sheet that are made into parts at once: far above what
/// ordinary sessions have, and little beside an object's memory.
const MAX_PACKED: u64 = 8 << 20;

/// The largest part that is kept, bytes: a row of SQLite holds less than 2 MB.
const MAX_PART: usize = 1 << 20;

/// What stands for all parts of a sheet of which none can be kept.
const NONE: u8 = u8::MAX;

/// What stands for a topic among the parts of a sheet: a storage format.
fn number(topic: Topic) -> u8 {
    topic as u8
}

/// Makes the sheets that are missing.
#[derive(Debug)]
pub struct Maker<'s, S> {
    sheets: &'s S,
    /// How many it may make yet.
    left: u32,
    /// Whether it was not allowed to make all.
    is_short: bool,
}

impl<'s, S: Sheets> Maker<'s, S> {
    /// One that makes no more than `most`.
    pub fn new(sheets: &'s S, most: u32) -> Self {
        Self {
            sheets,
            left: most,
            is_short: false,
        }
    }

    /// Whether it was not allowed to make all.
    pub fn is_short(&self) -> bool {
        self.is_short
    }

    /// Makes all but the last sheet, which changes so soon that it is only given. None if
    /// they cannot be made.
    pub fn all(&mut self) -> Result<Option<Written>> {
        let Some(first) = self.most()? else {
            return Ok(None);
        };
        let last = self.made(&Reach::new(first, END))?;
        Ok(Some(last.unwrap_or_else(|| sheet::write(&[]))))
    }

    /// Makes all but the last sheet, and says where that begins.
    pub fn most(&mut self) -> Result<Option<String>> {
        self.sheets.prepare()?;
        for gap in self.sheets.gaps()? {
            let Some(first) = self.whole(gap.first, &gap.until)? else {
                return Ok(None);
            };
            let rest = Reach::new(first, gap.until);
            if self.sheets.nth(&rest, 0)?.is_none() {
                continue;
            }
            self.is_short = self.left == 0;
            if self.is_short || !self.keep(&rest)? {
                return Ok(None);
            }
        }
        let end = self.sheets.end()?;
        self.whole(end, END)
    }

    /// Makes sheets as long as two can be filled, and says where the next one begins.
    fn whole(&mut self, mut first: String, until: &str) -> Result<Option<String>> {
        loop {
            let reach = Reach::new(first.as_str(), until);
            if self.sheets.nth(&reach, 2 * S::ROWS - 1)?.is_none() {
                return Ok(Some(first));
            }
            let end = self.sheets.nth(&reach, S::ROWS)?;
            // Sessions of one millisecond lie in one sheet.
            let end = end.map(|sid| place_of(sid.start())).unwrap_or_default();
            self.is_short = self.left == 0;
            if end <= first || self.is_short {
                return Ok(None);
            }
            if !self.keep(&Reach::new(first, end.as_str()))? {
                return Ok(None);
            }
            first = end;
        }
    }

    /// Makes a sheet; false if it is too large.
    fn keep(&mut self, reach: &Reach) -> Result<bool> {
        if let Some(sheet) = self.made(reach)? {
            if sheet.is_too_large() {
                return Ok(false);
            }
            self.sheets.keep_sheet(reach, sheet)?;
        }
        self.left = self.left.saturating_sub(1);
        Ok(true)
    }

    /// The sheet of the rows in `reach`; none if there are none.
    fn made(&self, reach: &Reach) -> Result<Option<Written>> {
        let rows = self.sheets.rows(reach)?;
        Ok((!rows.is_empty()).then(|| sheet::write(&rows)))
    }
}

/// Makes parts of sheets that lie in `reach` and have none, of no more than `most`; true if
/// there are more.
pub(super) fn make_parts<S: Sheets>(sheets: &S, reach: &Reach, most: usize) -> Result<bool> {
    let missing = sheets.without_parts(reach, most.saturating_add(1))?;
    for reach in missing.iter().take(most) {
        sheets.keep_parts(&reach.first, &parts(sheets, reach)?)?;
    }
    Ok(missing.len() > most)
}

/// The parts of a sheet, without those that are too large; at least one that says that it
/// was looked at.
fn parts<S: Sheets>(sheets: &S, reach: &Reach) -> Result<Vec<(u8, Vec<u8>)>> {
    let none = || [(NONE, Vec::new())].into();
    if sheets.weight(reach)? > MAX_PACKED {
        return Ok(none());
    }
    // One of another version tells nothing, until it is made again.
    let packed = sheets.packed(reach)?;
    let sessions = packed
        .iter()
        .map(|packed| packed.read().unwrap_or_default());
    let mut sessions: Vec<Session> = sessions.collect();
    let all = Topic::ALL.map(|topic| (number(topic), part::of(&mut sessions, topic)));
    let mut parts = Vec::from(all);
    parts.retain(|(_, bytes)| bytes.len() <= MAX_PART);
    Ok(if parts.is_empty() { none() } else { parts })
}

/// Makes sheets that are missing, and then their parts, a few of them: nobody waits for that.
/// True if there are more.
async fn prepare<S: Sheets>(sheets: &S) -> Result<bool> {
    for _ in 0..IN_ALARM {
        let mut maker = Maker::new(sheets, 1);
        maker.most()?;
        if !maker.is_short && !make_parts(sheets, &Reach::all(), 1)? {
            return Ok(false);
        }
        sheets.pause().await;
    }
    Ok(true)
}

/// What a month's alarm does first: makes what somebody missed, as `lacking` says. True if
/// the month is to be looked after now, which sets the alarm anew; else it is set here.
/// A failure is told, and ends the making: the next who misses something says so again.
pub async fn wake(
    shelf: &impl Shelf,
    sheets: &impl Sheets,
    lacking: &Cell<bool>,
    now: Millis,
    log: fn(&StoreError),
) -> Result<bool> {
    if !lacking.get() {
        return Ok(true);
    }
    let more = prepare(sheets).await;
    if let Err(error) = &more {
        log(error);
    }
    lacking.set(more.unwrap_or_default());
    if lacking.get() {
        wake_by(shelf, now).await?;
    }
    Ok(!lacking.get())
}
