//! The rows of a sheet one by one, as reports ask for them.

use super::columns::Lists;
use super::{Malformed, Sheet};
use crate::analytics::report::{Told, Who};
use crate::filter::Filter;
use alloc::vec::Vec;

/// What a report is told of each row of a sheet.
#[derive(Debug)]
pub struct Rows<'s> {
    /// Which of them a filter takes.
    takes: Vec<bool>,
    starts: Vec<u64>,
    events: Vec<u64>,
    errors: Vec<u64>,
    live: Vec<u64>,
    countries: Vec<Option<&'s str>>,
    regions: Vec<Option<&'s str>>,
    browsers: Vec<Option<&'s str>>,
    systems: Vec<Option<&'s str>>,
    devices: Vec<Option<&'s str>>,
    users: Vec<Option<&'s str>>,
    /// What was told of sessions, each different list once; and which of them each row has.
    told: (Vec<Vec<&'s str>>, Vec<u64>),
}

/// The first text of each row's list.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn first<'a>(lists: &Lists<'a>) -> Vec<Option<&'a str>> {
    let texts: Vec<Option<&str>> = lists
        .entries()
        .map(|texts| texts.first().copied())
        .collect();
    let codes = lists.codes().into_iter();
    codes
        .map(|code| {
            let place = usize::try_from(code).unwrap_or(usize::MAX);
            texts.get(place).copied().flatten()
        })
        .collect()
}

/// The lists, and which of them each row has.
fn told<'a>(lists: &Lists<'a>) -> (Vec<Vec<&'a str>>, Vec<u64>) {
    let entries = lists.entries().map(<[&str]>::to_vec);
    (entries.collect(), lists.codes())
}

impl<'s> Rows<'s> {
    /// The rows of `sheet`, of which `filter` takes some. Users, and what was told of
    /// sessions, are known if the sheet's second part was read.
    pub fn of(sheet: &Sheet<'s>, filter: &Filter) -> Result<Self, Malformed> {
        let fails = sheet.failing(filter)?;
        let [country, region, _timezone, browser, os, device, _event] = &sheet.by;
        Ok(Self {
            takes: fails.into_iter().map(|fail| fail == 0).collect(),
            starts: sheet.starts.values(),
            events: sheet.events.values(),
            errors: sheet.errors.values(),
            live: sheet.live.values(),
            countries: first(country),
            regions: first(region),
            browsers: first(browser),
            systems: first(os),
            devices: first(device),
            users: sheet
                .names
                .as_ref()
                .map(|names| first(&names.users))
                .unwrap_or_default(),
            told: sheet
                .names
                .as_ref()
                .map(|names| told(&names.meta))
                .unwrap_or_default(),
        })
    }

    /// What was told of the session at a place.
    fn told(&self, place: usize) -> Told<'_> {
        let (lists, codes) = &self.told;
        let list = codes
            .get(place)
            .map(|code| usize::try_from(*code).unwrap_or(usize::MAX));
        let found = list.and_then(|list| Some((list, lists.get(list)?)));
        found.map_or(Told::Nothing, |(list, texts)| Told::Sheet { list, texts })
    }

    /// How many there are, taken or not.
    pub fn len(&self) -> usize {
        self.takes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.takes.is_empty()
    }

    /// Whether the filter takes none of them.
    pub fn is_left_out(&self) -> bool {
        !self.takes.contains(&true)
    }

    /// Shows `look` every row that the filter takes, and its place.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub fn each<'r, E>(
        &'r self,
        mut look: impl FnMut(usize, &Who<'r>) -> Result<(), E>,
    ) -> Result<(), E> {
        let number = |list: &[u64], place: usize| list.get(place).copied().unwrap_or_default();
        let text = |list: &[Option<&'s str>], place: usize| list.get(place).copied().flatten();
        let (mut last, mut rank) = (None, 0);
        for (place, takes) in self.takes.iter().enumerate() {
            let started = number(&self.starts, place);
            rank = if last == Some(started) { rank + 1 } else { 0 };
            last = Some(started);
            if !takes {
                continue;
            }
            let who = Who {
                started,
                rank,
                device: text(&self.devices, place),
                browser: text(&self.browsers, place),
                os: text(&self.systems, place),
                country: text(&self.countries, place),
                region: text(&self.regions, place),
                user: text(&self.users, place),
                told: self.told(place),
                live: number(&self.live, place) > 0,
                events: number(&self.events, place),
                errors: u32::try_from(number(&self.errors, place)).unwrap_or(u32::MAX),
            };
            look(place, &who)?;
        }
        Ok(())
    }
}
