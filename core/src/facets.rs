//! What a filter could be narrowed by: values and how many sessions have them.

use crate::api::SessionRow;
use crate::filter::Filter;
use crate::order;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::slice;
use serde::{Deserialize, Serialize};

/// The most values of one list of [`Facets`].
pub const MAX_FACETS: usize = 50;

/// The answer to `GET /api/sites/{site}/sessions/facets`.
///
/// The counts of a list leave the filter's own condition on it out, so they say how many
/// sessions there would be with each of its values. The most frequent come first, at most
/// [`MAX_FACETS`] of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// Sessions that match.
    pub total: u64,
    /// Of them, those that are being recorded.
    pub live: u64,
    /// Countries.
    pub country: Vec<Facet>,
    /// Regions.
    #[serde(default)]
    pub region: Vec<Facet>,
    /// Time zones.
    #[serde(default)]
    pub timezone: Vec<Facet>,
    /// Browsers.
    pub browser: Vec<Facet>,
    /// Operating systems.
    pub os: Vec<Facet>,
    /// Kinds of device.
    pub device: Vec<Facet>,
    /// Names of custom events.
    pub event: Vec<Facet>,
}

/// A value and how many sessions have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facet {
    /// The value.
    pub value: String,
    /// Sessions.
    pub count: u64,
}

/// Which list of [`Facets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Countries.
    Country,
    /// Regions.
    Region,
    /// Time zones.
    Timezone,
    /// Browsers.
    Browser,
    /// Operating systems.
    Os,
    /// Kinds of device.
    Device,
    /// Names of custom events.
    Event,
}

impl By {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::Country,
        Self::Region,
        Self::Timezone,
        Self::Browser,
        Self::Os,
        Self::Device,
        Self::Event,
    ];

    /// The filter without what it says of this alone: its condition, filters in
    /// [`not`](Filter::not) that say nothing else, and [`any`](Filter::any) if all do.
    pub fn without(self, filter: &Filter) -> Filter {
        let mut filter = filter.clone();
        if let Some(condition) = filter.text(self.name()) {
            *condition = None;
        }
        if Self::alone_in(&filter.any) == Some(self) {
            filter.any.clear();
        }
        filter
            .not
            .retain(|one| Self::alone_in(slice::from_ref(one)) != Some(self));
        filter
    }

    /// What all of these filters say something of, and of nothing else.
    pub(crate) fn alone_in(filters: &[Filter]) -> Option<Self> {
        let mut all = filters.iter().map(Self::alone);
        let first = all.next()??;
        all.all(|by| by == Some(first)).then_some(first)
    }

    fn alone(filter: &Filter) -> Option<Self> {
        if filter.conditions() != 1 || filter.within().next().is_some() {
            return None;
        }
        let texts = filter.texts();
        let (name, _) = texts.into_iter().find(|(_, text)| text.is_some())?;
        Self::ALL.into_iter().find(|by| by.name() == name)
    }

    /// The filter's field.
    fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Region => "region",
            Self::Timezone => "timezone",
            Self::Browser => "browser",
            Self::Os => "os",
            Self::Device => "device",
            Self::Event => "event",
        }
    }

    /// What a row says of it.
    pub(crate) fn texts(self, row: &SessionRow) -> Vec<&str> {
        fn one(value: Option<&str>) -> Vec<&str> {
            value.into_iter().collect()
        }
        match self {
            Self::Country => one(row.country.as_deref()),
            Self::Region => one(row.region.as_deref()),
            Self::Timezone => one(row.timezone.as_deref()),
            Self::Browser => one(row.browser.as_deref()),
            Self::Os => one(row.os.as_deref()),
            Self::Device => one(row.device.as_deref()),
            Self::Event => row.named.iter().map(String::as_str).collect(),
        }
    }
}

impl Facets {
    /// The list of that kind.
    pub fn list(&mut self, by: By) -> &mut Vec<Facet> {
        match by {
            By::Country => &mut self.country,
            By::Region => &mut self.region,
            By::Timezone => &mut self.timezone,
            By::Browser => &mut self.browser,
            By::Os => &mut self.os,
            By::Device => &mut self.device,
            By::Event => &mut self.event,
        }
    }

    /// What `filter` could be narrowed by in some rows: what every store must count.
    pub fn of<'a>(rows: impl Iterator<Item = &'a SessionRow>, filter: &Filter) -> Self {
        let rows: Vec<&SessionRow> = rows.collect();
        let mut facets = Self::default();
        for row in rows.iter().filter(|row| filter.matches(row)) {
            facets.total += 1;
            facets.live += u64::from(row.live);
        }
        for by in By::ALL {
            let filter = by.without(filter);
            let matching = rows.iter().filter(|row| filter.matches(row));
            let values = matching.flat_map(|row| by.texts(row));
            let counted = values.map(|value| Facet {
                value: value.to_owned(),
                count: 1,
            });
            *facets.list(by) = counted.collect();
        }
        Self::sum([facets])
    }

    /// Several as one: those of months, of which each counted its own sessions.
    pub fn sum(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for mut part in parts {
            all.total += part.total;
            all.live += part.live;
            for by in By::ALL {
                all.list(by).append(part.list(by));
            }
        }
        for by in By::ALL {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for Facet { value, count } in all.list(by).drain(..) {
                *counts.entry(value).or_default() += count;
            }
            let counted = counts.into_iter();
            let mut facets: Vec<Facet> = counted
                .map(|(value, count)| Facet { value, count })
                .collect();
            // Stable: what is as frequent stays in alphabetical order.
            order::sort_by(&mut facets, |a, b| b.count.cmp(&a.count));
            facets.truncate(MAX_FACETS);
            *all.list(by) = facets;
        }
        all
    }
}
