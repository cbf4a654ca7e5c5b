//! What many rows of the index say, column by column: what a list is narrowed, sorted and
//! counted by, and no more.
//!
//! A row of the index is some 400 bytes, of which a question looks at a few. A sheet holds
//! the rows of a span of time in three parts, each read only where a filter asks for it:
//! numbers and short names in 20 bytes a row; whose visits they are and what was said of
//! them; their addresses. Texts stand there once and rows name them by number, so a condition
//! on a text is decided once for each text and not for each row.
//!
//! [`Tally`] counts and [`Top`] finds the places of a page; both give exactly what
//! [`Facets::of`] and [`Search::order`](crate::listing::Search::order) say of the same rows,
//! which the tests here compare. A sheet does not hold the ids of its sessions, which are
//! longer than all the rest: a [`Place`] says which of the rows of a millisecond is meant.
//!
//! **Never**: the truth. A sheet is made of rows, and made again when one of them changes.

mod columns;
mod tally;
mod top;
mod who;

pub use tally::Tally;
pub use top::{Place, Top};
pub use who::Rows;

use crate::api::SessionRow;
use crate::facets::By;
use crate::filter::Filter;
use alloc::string::String;
use alloc::vec::Vec;
use columns::{Column, Lists, Reader, write_column, write_lists};
use core::fmt;

/// How many rows a sheet holds: this many, and where no other follows up to twice as many.
pub const ROWS: u32 = 1_024;

/// The largest part that is kept, bytes: far above what rows of ordinary visits take, and
/// below what a row of any SQLite may hold.
pub const MAX_PART: usize = 1 << 20;

/// The first byte of each part: its format.
pub const VERSION: u8 = 2;

/// A session id begins with its start in so many hexadecimal digits.
const START_DIGITS: usize = 12;

/// The bit of a row that another condition than those of [`By`] leaves out: theirs are below.
const REST: u8 = 1 << By::ALL.len();

/// A part of a sheet is not what [`write`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sheet of the index is malformed")
    }
}

impl core::error::Error for Malformed {}

/// The three parts of a sheet as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Numbers and short names: in every question.
    pub facts: Vec<u8>,
    /// Users, metadata and referrers, see [`Needs::names`].
    pub names: Vec<u8>,
    /// Addresses, see [`Needs::pages`].
    pub pages: Vec<u8>,
}

impl Written {
    /// Whether a part is larger than [`MAX_PART`], so that it cannot be kept.
    pub fn is_too_large(&self) -> bool {
        let parts = [&self.facts, &self.names, &self.pages];
        parts.into_iter().any(|part| part.len() > MAX_PART)
    }
}

/// Which parts of a sheet a filter looks at beside the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The second.
    pub names: bool,
    /// The third.
    pub pages: bool,
}

impl Needs {
    /// Those of `filter`.
    pub fn of(filter: &Filter) -> Self {
        let words = filter.q.is_some();
        let names = filter.user.is_some() || filter.referrer.is_some() || !filter.meta.is_empty();
        let own = Self {
            names: words || names,
            pages: words || filter.url.is_some() || filter.entry.is_some(),
        };
        filter.within().map(Self::of).fold(own, |all, one| Self {
            names: all.names || one.names,
            pages: all.pages || one.pages,
        })
    }
}

/// Whether sheets hold all that `filter` looks at. They do not hold what an id has after
/// its start.
pub fn decides(filter: &Filter) -> bool {
    decides_words(filter) && filter.within().all(decides)
}

fn decides_words(filter: &Filter) -> bool {
    let Some(words) = &filter.q else { return true };
    let start = words.as_bytes().get(..=START_DIGITS);
    start.is_none_or(|start| {
        let digits = start.iter().take(START_DIGITS);
        !digits.into_iter().all(u8::is_ascii_hexdigit)
    })
}

/// The sheet of `rows`, which are in the order of their ids.
pub fn write(rows: &[SessionRow]) -> Written {
    let mut facts = [VERSION].to_vec();
    let numbers: [fn(&SessionRow) -> u64; NUMBERS] = [
        |row| row.started,
        |row| row.duration,
        |row| row.events,
        |row| u64::from(row.errors),
        |row| u64::from(row.rage),
        |row| u64::from(row.dead),
        |row| u64::from(row.live),
    ];
    for number in numbers {
        let values: Vec<u64> = rows.iter().map(number).collect();
        write_column(&mut facts, &values);
    }
    for by in By::ALL {
        write_lists(&mut facts, &mut rows.iter().map(|row| by.texts(row)));
    }

    let mut names = [VERSION].to_vec();
    let mut users = rows.iter().map(|row| texts(&row.users));
    write_lists(&mut names, &mut users);
    let mut meta = rows.iter().map(|row| {
        let pairs = row.meta.iter();
        pairs
            .flat_map(|(key, value)| [key.as_str(), value])
            .collect()
    });
    write_lists(&mut names, &mut meta);
    let referrers = rows.iter().map(|row| row.referrer.as_deref());
    write_lists(
        &mut names,
        &mut referrers.map(|from| from.into_iter().collect()),
    );

    let mut pages = [VERSION].to_vec();
    let counts = rows.iter().map(|row| row.addresses().count() as u64);
    write_column(&mut pages, &counts.collect::<Vec<_>>());
    let addresses = rows.iter().flat_map(SessionRow::addresses);
    write_lists(&mut pages, &mut addresses.map(|address| [address].to_vec()));
    Written {
        facts,
        names,
        pages,
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

const NUMBERS: usize = 7;

/// A sheet that is looked at.
#[derive(Debug)]
pub struct Sheet<'a> {
    starts: Column<'a>,
    durations: Column<'a>,
    events: Column<'a>,
    errors: Column<'a>,
    rage: Column<'a>,
    dead: Column<'a>,
    live: Column<'a>,
    by: [Lists<'a>; By::ALL.len()],
    names: Option<Names<'a>>,
    pages: Option<Pages<'a>>,
}

#[derive(Debug)]
struct Names<'a> {
    users: Lists<'a>,
    meta: Lists<'a>,
    referrers: Lists<'a>,
}

/// The addresses of all rows, one after the other.
#[derive(Debug)]
struct Pages<'a> {
    counts: Column<'a>,
    addresses: Lists<'a>,
}

impl<'a> Sheet<'a> {
    /// Looks at what [`write`] wrote; the second and third part only where a filter
    /// [needs](Needs) them.
    pub fn read(
        facts: &'a [u8],
        names: Option<&'a [u8]>,
        pages: Option<&'a [u8]>,
    ) -> Result<Self, Malformed> {
        let mut facts = Reader::of(facts, VERSION)?;
        let starts = facts.any_column()?;
        let rows = starts.count();
        let sheet = Self {
            starts,
            durations: facts.column(rows)?,
            events: facts.column(rows)?,
            errors: facts.column(rows)?,
            rage: facts.column(rows)?,
            dead: facts.column(rows)?,
            live: facts.column(rows)?,
            by: [
                facts.lists(rows)?,
                facts.lists(rows)?,
                facts.lists(rows)?,
                facts.lists(rows)?,
                facts.lists(rows)?,
                facts.lists(rows)?,
                facts.lists(rows)?,
            ],
            names: names.map(|part| Names::read(part, rows)).transpose()?,
            pages: pages.map(|part| Pages::read(part, rows)).transpose()?,
        };
        facts.end()?;
        Ok(sheet)
    }

    /// How many rows it holds.
    fn rows(&self) -> usize {
        self.starts.count()
    }

    /// For each row which conditions of `filter` leave it out: a bit for each of [`By`], and
    /// [`REST`] for all others.
    fn failing(&self, filter: &Filter) -> Result<Vec<u8>, Malformed> {
        let Filter {
            from,
            before,
            user,
            country,
            region,
            timezone,
            browser,
            os,
            device,
            entry,
            url,
            referrer,
            meta,
            event,
            errors,
            rage,
            dead,
            min_duration,
            max_duration,
            live,
            q,
            any,
            not,
        } = filter;
        let mut fails = alloc::vec![0; self.rows()];
        let given = [country, region, timezone, browser, os, device, event];
        for ((wanted, lists), bit) in given.into_iter().zip(&self.by).zip(bits()) {
            if let Some(wanted) = wanted {
                lists.leave_out(&mut fails, bit, &|texts| texts.contains(&wanted.as_str()));
            }
        }
        if from.is_some() || before.is_some() {
            self.starts.leave_out(&mut fails, REST, &|start| {
                from.is_none_or(|from| from <= start) && before.is_none_or(|before| start < before)
            });
        }
        if min_duration.is_some() || max_duration.is_some() {
            self.durations.leave_out(&mut fails, REST, &|duration| {
                min_duration.is_none_or(|min| min <= duration)
                    && max_duration.is_none_or(|max| duration <= max)
            });
        }
        let counts = [
            (errors, &self.errors),
            (rage, &self.rage),
            (dead, &self.dead),
        ];
        for (wanted, column) in counts {
            if *wanted {
                column.leave_out(&mut fails, REST, &|count| count > 0);
            }
        }
        if let Some(wanted) = live {
            let wanted = u64::from(*wanted);
            self.live
                .leave_out(&mut fails, REST, &|live| live == wanted);
        }
        if user.is_some() || !meta.is_empty() || referrer.is_some() {
            let names = self.names.as_ref().ok_or(Malformed)?;
            names.leave_out(&mut fails, filter);
        }
        if entry.is_some() || url.is_some() {
            let pages = self.pages.as_ref().ok_or(Malformed)?;
            if let Some(entry) = entry {
                pages.leave_out_entries(&mut fails, entry)?;
            }
            if let Some(url) = url {
                pages.leave_out(&mut fails, REST, &url.to_ascii_lowercase())?;
            }
        }
        if let Some(words) = q {
            self.leave_out_words(&mut fails, &words.to_ascii_lowercase())?;
        }
        if !any.is_empty() {
            self.leave_out_any(&mut fails, any)?;
        }
        for one in not {
            let bit = bit_of(core::slice::from_ref(one));
            for (fail, other) in fails.iter_mut().zip(self.failing(one)?) {
                *fail |= if other == 0 { bit } else { 0 };
            }
        }
        Ok(fails)
    }

    /// Leaves out rows that none of `any` takes.
    fn leave_out_any(&self, fails: &mut [u8], any: &[Filter]) -> Result<(), Malformed> {
        let mut left_out = alloc::vec![true; fails.len()];
        for one in any {
            for (left_out, other) in left_out.iter_mut().zip(self.failing(one)?) {
                *left_out &= other != 0;
            }
        }
        let bit = bit_of(any);
        for (fail, left_out) in fails.iter_mut().zip(left_out) {
            *fail |= if left_out { bit } else { 0 };
        }
        Ok(())
    }

    /// Leaves out rows of which neither the id begins with `words`, nor a user or an address
    /// contains it.
    fn leave_out_words(&self, fails: &mut [u8], words: &str) -> Result<(), Malformed> {
        const ID: u8 = 1;
        const USER: u8 = 2;
        const PAGE: u8 = 4;
        let names = self.names.as_ref().ok_or(Malformed)?;
        let pages = self.pages.as_ref().ok_or(Malformed)?;
        let mut without = alloc::vec![0; fails.len()];
        let span = starts_with(words);
        self.starts.leave_out(&mut without, ID, &|start| {
            span.is_some_and(|(first, last)| (first..=last).contains(&start))
        });
        names.users.leave_out_words(&mut without, USER, words);
        pages.leave_out(&mut without, PAGE, words)?;
        for (fail, without) in fails.iter_mut().zip(without) {
            if without == ID | USER | PAGE {
                *fail |= REST;
            }
        }
        Ok(())
    }
}

/// The bit of what all of these filters say nothing but; [`REST`] if they say more.
fn bit_of(filters: &[Filter]) -> u8 {
    let alone = By::alone_in(filters);
    let mut all = By::ALL.into_iter().zip(bits());
    let of = all.find(|(by, _)| alone == Some(*by));
    of.map_or(REST, |(_, bit)| bit)
}

/// The bit of each of [`By`], in its order.
fn bits() -> impl Iterator<Item = u8> {
    (0..).map(|place| 1 << place)
}

/// The first and the last start with which an id begins with `text`, in small letters.
fn starts_with(text: &str) -> Option<(u64, u64)> {
    let missing = START_DIGITS.checked_sub(text.len())?;
    let begun = text.chars().try_fold(0_u64, |begun, digit| {
        Some(begun << 4 | u64::from(digit.to_digit(16)?))
    })?;
    let places = u32::try_from(missing).ok()? * 4;
    let first = begun << places;
    Some((first, first | ((1 << places) - 1)))
}

impl<'a> Names<'a> {
    fn read(part: &'a [u8], rows: usize) -> Result<Self, Malformed> {
        let mut part = Reader::of(part, VERSION)?;
        let names = Self {
            users: part.lists(rows)?,
            meta: part.lists(rows)?,
            referrers: part.lists(rows)?,
        };
        part.end()?;
        Ok(names)
    }

    /// Leaves out rows by what `filter` says of users, metadata and referrers.
    fn leave_out(&self, fails: &mut [u8], filter: &Filter) {
        if let Some(user) = &filter.user {
            self.users
                .leave_out(fails, REST, &|users| users.contains(&user.as_str()));
        }
        for (key, value) in &filter.meta {
            self.meta.leave_out(fails, REST, &|pairs| {
                let (pairs, _) = pairs.as_chunks::<2>();
                pairs.contains(&[key.as_str(), value.as_str()])
            });
        }
        if let Some(referrer) = &filter.referrer {
            let part = referrer.to_ascii_lowercase();
            self.referrers.leave_out_words(fails, REST, &part);
        }
    }
}

impl<'a> Pages<'a> {
    fn read(part: &'a [u8], rows: usize) -> Result<Self, Malformed> {
        let mut part = Reader::of(part, VERSION)?;
        let counts = part.column(rows)?;
        let addresses = part.any_lists()?;
        part.end()?;
        Ok(Self { counts, addresses })
    }

    /// Leaves out rows none of whose addresses contains `part`, in small letters.
    fn leave_out(&self, fails: &mut [u8], bit: u8, part: &str) -> Result<(), Malformed> {
        let Some(found) = self.addresses.containing(part) else {
            columns::leave_out_all(fails, bit);
            return Ok(());
        };
        self.each(fails, bit, &|codes| {
            codes.iter().any(|code| columns::at(&found, *code))
        })
    }

    /// Leaves out rows whose first address is not `entry`.
    fn leave_out_entries(&self, fails: &mut [u8], entry: &str) -> Result<(), Malformed> {
        let found = self.addresses.table(&|texts| texts == [entry]);
        self.each(fails, REST, &|codes| {
            codes.first().is_some_and(|code| columns::at(&found, *code))
        })
    }

    fn each(
        &self,
        fails: &mut [u8],
        bit: u8,
        takes: &dyn Fn(&[u64]) -> bool,
    ) -> Result<(), Malformed> {
        let codes = self.addresses.codes();
        let mut codes = codes.as_slice();
        for (fail, count) in fails.iter_mut().zip(self.counts.values()) {
            let count = usize::try_from(count).map_err(|_| Malformed)?;
            let (own, rest) = codes.split_at_checked(count).ok_or(Malformed)?;
            codes = rest;
            if !takes(own) {
                *fail |= bit;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
