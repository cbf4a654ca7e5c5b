//! The facets of many sheets.

use super::{Malformed, Sheet, bits};
use crate::facets::{By, Facet, Facets};
use crate::filter::Filter;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// What a filter could be narrowed by, counted sheet by sheet.
#[derive(Debug)]
pub struct Tally<'f> {
    filter: &'f Filter,
    total: u64,
    live: u64,
    counts: [BTreeMap<String, u64>; By::ALL.len()],
}

impl<'f> Tally<'f> {
    /// Nothing is counted yet.
    pub fn new(filter: &'f Filter) -> Self {
        Self {
            filter,
            total: 0,
            live: 0,
            counts: Default::default(),
        }
    }

    /// Counts the rows of a sheet.
    pub fn add(&mut self, sheet: &Sheet<'_>) -> Result<(), Malformed> {
        let fails = sheet.failing(self.filter)?;
        for (fail, live) in fails.iter().zip(sheet.live.values()) {
            if *fail == 0 {
                self.total += 1;
                self.live = self.live.saturating_add(live);
            }
        }
        for ((all, lists), bit) in self.counts.iter_mut().zip(&sheet.by).zip(bits()) {
            let mut counts: Vec<u64> = lists.entries().map(|_| 0).collect();
            // A list of facets leaves its own condition out.
            let takes = fails.iter().map(|fail| fail & !bit == 0);
            for (takes, code) in takes.zip(lists.codes()) {
                let place = usize::try_from(code).unwrap_or(usize::MAX);
                let count = counts.get_mut(place).ok_or(Malformed)?;
                *count += u64::from(takes);
            }
            let counted = lists.entries().zip(counts).filter(|(_, count)| *count > 0);
            for (texts, count) in counted {
                for text in texts {
                    match all.get_mut(*text) {
                        Some(sum) => *sum += count,
                        None => drop(all.insert((*text).to_owned(), count)),
                    }
                }
            }
        }
        Ok(())
    }

    /// The most frequent values of each list, at most `most`; [`Facets::sum`] makes one of
    /// those of several months.
    pub fn facets(self, most: usize) -> Facets {
        let mut facets = Facets {
            total: self.total,
            live: self.live,
            ..Facets::default()
        };
        for (by, counts) in By::ALL.into_iter().zip(self.counts) {
            let counted = counts.into_iter();
            let mut list: Vec<Facet> = counted
                .map(|(value, count)| Facet { value, count })
                .collect();
            order::sort_by(&mut list, |a, b| b.count.cmp(&a.count));
            list.truncate(most);
            *facets.list(by) = list;
        }
        facets
    }
}
