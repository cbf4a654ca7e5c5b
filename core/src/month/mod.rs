//! What a month's index makes of its rows, so that lists and reports need not read them one
//! by one: [sheets](crate::sheet), their [parts](crate::analytics::part), and what reports
//! said of them.
//!
//! [`Sheets`] is where they lie; what is made, when, and what of it answers a question is
//! decided here, so that every failure can be tried natively.
//!
//! **Holds**, whatever fails and however often something is repeated: what is there says what
//! the rows say. Who writes or deletes a row deletes its sheet in the same step, who makes or
//! deletes a sheet deletes the answers, and a sheet takes its parts with it. So nothing of an
//! erased session is left in any of them, and what is missing is made by the next who asks.
//!
//! A report, and the alarm, let others have their turn every few milliseconds: where all
//! objects share a thread, uploads would wait for them otherwise. Sessions may be written and
//! erased meanwhile. A report counts each once, as it was at some time while it was made: it
//! goes over the ids from the last to the first and never back. What is kept as an answer was
//! made while no sheet changed.
//!
//! **Never**: the truth. All of it can be deleted at any time.

mod make;
mod tell;
#[cfg(test)]
mod tests;
mod turns;

pub use make::{AT_ONCE, Maker, wake};
pub use tell::{span, tell};
pub use turns::Turns;

use crate::analytics::pack::Packed;
use crate::analytics::session::Topic;
use crate::api::SessionRow;
use crate::id::SessionId;
use crate::sheet::{self, Written};
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

type Result<T> = core::result::Result<T, StoreError>;

/// Behind every id.
pub const END: &str = "~";

/// The ids from `first` to before `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Where it begins.
    pub first: String,
    /// Before where it ends.
    pub until: String,
}

impl Reach {
    /// From an id, or what one begins with, to before another.
    pub fn new(first: impl Into<String>, until: impl Into<String>) -> Self {
        Self {
            first: first.into(),
            until: until.into(),
        }
    }

    /// All ids.
    pub fn all() -> Self {
        Self::new("", END)
    }

    /// The ids behind one.
    fn behind(sid: &SessionId) -> String {
        // Sorts before every letter of an id.
        let mut first = sid.as_str().to_owned();
        first.push('-');
        first
    }

    /// Whether no id can lie in it.
    fn is_empty(&self) -> bool {
        self.first >= self.until
    }

    /// What lies in both.
    fn within(&self, other: &Self) -> Self {
        Self::new(
            self.first.as_str().max(&other.first),
            self.until.as_str().min(&other.until),
        )
    }
}

/// What a question reads of each sheet beside its first part, and of each row.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The second part: users, metadata, where they came from.
    pub names: bool,
    /// The third: addresses.
    pub pages: bool,
    /// Parts of these topics.
    pub topics: &'static [Topic],
}

/// A sheet that is kept, as far as it was wanted.
#[derive(Debug)]
pub struct KeptSheet {
    /// Which sessions it holds.
    pub reach: Reach,
    /// Its parts; empty where they were not wanted.
    pub written: Written,
    /// A part for each topic that was wanted; none where there is none.
    pub parts: Vec<Option<Vec<u8>>>,
}

/// The rows of one month, and what is made of them. Synchronous: what is written in one call
/// of what is here becomes durable together. An operation that fails may have been done.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Sheets {
    /// How many rows a sheet has.
    const ROWS: u32 = sheet::ROWS;

    /// Lets others have their turn, if [`Turns`] says that it is theirs.
    async fn pause(&self);

    /// Sees that sheets, parts and answers can be kept, and that every write of a row from
    /// now on deletes those that tell of it.
    fn prepare(&self) -> Result<()>;

    /// The id of the row at a place among those in `reach`, oldest first.
    fn nth(&self, reach: &Reach, place: u32) -> Result<Option<SessionId>>;
    /// The rows in `reach` as far as a sheet holds them, oldest first.
    fn rows(&self, reach: &Reach) -> Result<Vec<SessionRow>>;
    /// Shows the first `most` of them one after the other, with what reports read of each; users,
    /// metadata and addresses may be missing where they are not `wanted`.
    fn each_row(
        &self,
        reach: &Reach,
        most: usize,
        wanted: Wanted,
        look: &mut dyn FnMut(&SessionRow, &Packed),
    ) -> Result<()>;
    /// What reports read of them.
    fn packed(&self, reach: &Reach) -> Result<Vec<Packed>>;
    /// How many bytes that is.
    fn weight(&self, reach: &Reach) -> Result<u64>;
    /// What the ids of the month's rows begin with at the earliest; empty if there are none.
    fn begin(&self) -> Result<String>;

    /// What no sheet holds before the last one, oldest first.
    fn gaps(&self) -> Result<Vec<Reach>>;
    /// Where the last sheet ends; empty if there is none.
    fn end(&self) -> Result<String>;
    /// Keeps a sheet and deletes all answers; one that is there stays.
    fn keep_sheet(&self, reach: &Reach, sheet: Written) -> Result<()>;
    /// The sheets that may hold something of `reach`, latest first.
    fn sheets(&self, reach: &Reach) -> Result<Vec<Reach>>;
    /// Shows the first `most` of them, as long as `look` says true.
    fn each_sheet(
        &self,
        reach: &Reach,
        most: usize,
        wanted: Wanted,
        look: &mut dyn FnMut(KeptSheet) -> Result<bool>,
    ) -> Result<()>;
    /// Deletes every sheet, and so their parts and all answers.
    fn forget_sheets(&self) -> Result<()>;

    /// Up to `most` of the sheets that may hold something of `reach` and have no part.
    fn without_parts(&self, reach: &Reach, most: usize) -> Result<Vec<Reach>>;
    /// Keeps the parts of a sheet, by what stands for their topics: all in one step, as a
    /// sheet that has some of them counts as one that has all.
    fn keep_parts(&self, first: &str, parts: &[(u8, Vec<u8>)]) -> Result<()>;

    /// What is kept as the answer to a question. The question itself is not to be kept: it
    /// may name a person.
    fn answer(&self, asked: &[u8]) -> Result<Option<Vec<u8>>>;
    /// Puts a mark in the place of an answer that is being made, and keeps of all no more than
    /// `most`, the last used. No other mark is the same, nor an answer.
    fn mark(&self, asked: &[u8], most: u32) -> Result<Vec<u8>>;
    /// Keeps an answer, or none, in the place of its mark, if that is still there.
    fn keep_answer(&self, asked: &[u8], mark: &[u8], answer: Option<&[u8]>) -> Result<()>;
}
