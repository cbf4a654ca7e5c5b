//! The overview: how many sessions there were and when, how long they lasted, how many had an
//! error, and who came from where with what.
//!
//! Days and weeks are those of UTC, weeks begin on Monday; a session counts in the one in
//! which it started (reference §5.1). Lists say for each value how many of its sessions had an
//! error anywhere. Times are whole seconds before they are compared.

use super::keys::{OrNone, Places, Recent, Table};
use super::spread::{Spread, permille};
use super::{Behind, Examples, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Names, Session, Topic};
use crate::day::DAY;
use crate::filter::Filter;
use crate::id::Millis;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Where the bands of durations end, s; the last has no end.
pub const BANDS: [u64; 4] = [30, 120, 300, 900];

/// How long a stretch of time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// A day.
    #[default]
    Day,
    /// A week from Monday.
    Week,
}

impl Every {
    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Day, Self::Week]
            .into_iter()
            .find(|every| every.name() == name)
    }

    /// When the stretch begins that `at` lies in.
    pub fn start(self, at: Millis) -> Millis {
        let day = at / DAY;
        match self {
            Self::Day => day * DAY,
            // The first day of the epoch was a Thursday.
            Self::Week => day.saturating_sub((day + 3) % 7) * DAY,
        }
    }

    /// How long it is, ms.
    pub fn length(self) -> Millis {
        match self {
            Self::Day => DAY,
            Self::Week => 7 * DAY,
        }
    }
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    every: Every,
    top: Limit,
    sessions: Counts,
    live: u64,
    /// Of sessions, s.
    seconds: Spread,
    active: Spread,
    times: BTreeMap<Millis, Counts>,
    browsers: Table<Counted>,
    systems: Table<Counted>,
    devices: Table<Counted>,
    countries: Table<Counted>,
    regions: Table<Counted>,
    entries: Table<Counted>,
    referrers: Table<Counted>,
    #[serde(skip)]
    entry_places: Places,
    #[serde(skip)]
    referrer_places: OrNone,
    /// Of browsers, systems, devices, countries and regions.
    #[serde(skip)]
    recent: [Recent; 5],
}

/// What is counted of sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// How many.
    pub sessions: u64,
    /// Of them, those with an error.
    pub with_errors: u64,
    /// Their errors.
    pub errors: u64,
    /// Their stored events.
    pub events: u64,
}

impl Counts {
    pub(super) fn of(who: &Who<'_>) -> Self {
        Self {
            sessions: 1,
            with_errors: u64::from(who.errors > 0),
            errors: who.errors.into(),
            events: who.events,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.with_errors += other.with_errors;
        self.errors += other.errors;
        self.events = self.events.saturating_add(other.events);
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) counts: Counts,
    pub(super) examples: Examples,
}

impl Counted {
    pub(super) fn add(&mut self, who: &Who<'_>, counts: Counts) {
        self.counts.add(counts);
        self.examples.add(who, 0, 0);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.counts.add(other.counts);
        self.examples.merge(other.examples);
    }
}

/// All sessions at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// All of them.
    pub counts: Counts,
    /// Of them, those that are still being recorded.
    pub live: u64,
    /// Of sessions, those without an error, thousandths; none without a session.
    pub error_free: Option<u32>,
    /// How long they lasted on average, ms.
    pub duration_mean: u64,
    /// The median of it, ms.
    pub duration_median: u64,
    /// How long their visitors did something on average, ms.
    pub active_mean: u64,
    /// The median of it, ms.
    pub active_median: u64,
    /// How many lasted up to each of [`BANDS`], that not included, and longer.
    pub bands: [u64; BANDS.len() + 1],
    /// How long a stretch is.
    pub every: Every,
    /// Stretches of time, in order; those without a session are left out.
    pub times: Vec<Time>,
    /// Browser families.
    pub browsers: List,
    /// Operating system families.
    pub systems: List,
    /// Device classes.
    pub devices: List,
    /// Countries.
    pub countries: List,
    /// Regions of countries, as the network that a session came by names them.
    #[serde(default)]
    pub regions: List,
    /// First pages.
    pub entries: List,
    /// Where visitors came from, without their query; from nowhere is an empty text.
    pub referrers: List,
}

/// A stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    /// When it begins, ms since the epoch.
    pub from: Millis,
    /// Sessions that began in it.
    pub counts: Counts,
    /// How to find them.
    pub narrow: Filter,
}

/// Values, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// As far as they were asked for.
    pub rows: Vec<Row>,
    /// How many others there are.
    pub others: u64,
    /// Of their sessions.
    pub others_counts: Counts,
}

/// A value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is; empty if it is not known.
    pub value: String,
    /// Of its sessions.
    pub counts: Counts,
    /// Its sessions.
    pub behind: Behind,
}

impl List {
    /// Of `values`, which are in order, those that `top` asks for; `narrow` says how to find one.
    pub(super) fn of(
        top: Limit,
        values: Vec<(&str, &Counted)>,
        narrow: impl Fn(&str) -> Filter,
    ) -> Self {
        let (rows, others) = top.split(values);
        let row = |(text, value): (&str, &Counted)| Row {
            value: text.to_owned(),
            counts: value.counts,
            behind: Behind::new(narrow(text), &value.examples),
        };
        let mut list = Self {
            rows: rows.into_iter().map(row).collect(),
            ..Self::default()
        };
        for (_, value) in others {
            list.others += 1;
            list.others_counts.add(value.counts);
        }
        list
    }
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, every: Every, top: Limit) -> Self {
        Self {
            routes,
            every,
            top,
            ..Self::default()
        }
    }

    fn list(&self, table: &Table<Counted>, narrow: fn(&str) -> Filter) -> List {
        let values = table.by_weight(|value| value.counts.sessions);
        List::of(self.top, values, |text| match text {
            "" => Filter::default(),
            _ => narrow(text),
        })
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Summary]
    }

    fn names(&mut self, [pages, summary, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.entries);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.entry_places.fill(pages, place);
        self.referrer_places
            .fill(summary, |text| self.referrers.place(text));
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        let counts = Counts::of(who);
        self.sessions.add(counts);
        self.live += u64::from(who.live);
        self.seconds
            .add(u64::from(session.summary.duration) / 1_000);
        self.active.add(u64::from(session.summary.active) / 1_000);
        let time = self.every.start(who.started);
        self.times.entry(time).or_default().add(counts);

        let count = |value: Option<&mut Counted>| {
            if let Some(value) = value {
                value.add(who, counts);
            }
        };
        let tables = [
            (&mut self.browsers, who.browser),
            (&mut self.systems, who.os),
            (&mut self.devices, who.device),
            (&mut self.countries, who.country),
            (&mut self.regions, who.region),
        ];
        for ((table, text), recent) in tables.into_iter().zip(&mut self.recent) {
            let place = recent.place(text.unwrap_or_default(), |text| table.place(text));
            count(table.at(place));
        }
        let entry = session.visits.first();
        let entry = entry.and_then(|visit| self.entry_places.of(visit.url));
        count(entry.and_then(|place| self.entries.at(place)));
        let referrer = session.summary.referrer;
        let referrer = self.referrer_places.of(referrer, &mut self.referrers);
        count(self.referrers.at(referrer));
    }

    fn merge(&mut self, other: Self) {
        self.sessions.add(other.sessions);
        self.live += other.live;
        self.seconds.merge(other.seconds);
        self.active.merge(other.active);
        for (time, counts) in other.times {
            self.times.entry(time).or_default().add(counts);
        }
        for (own, other) in [
            (&mut self.browsers, other.browsers),
            (&mut self.systems, other.systems),
            (&mut self.devices, other.devices),
            (&mut self.countries, other.countries),
            (&mut self.regions, other.regions),
            (&mut self.entries, other.entries),
            (&mut self.referrers, other.referrers),
        ] {
            own.merge(other, Counted::merge);
        }
    }

    fn answer(&self) -> Answer {
        let Counts {
            sessions,
            with_errors,
            ..
        } = self.sessions;
        let (seconds, active) = (self.seconds.counted(), self.active.counted());
        let ms = |seconds: Option<u64>| seconds.unwrap_or_default() * 1_000;
        let mut bands = [0; BANDS.len() + 1];
        for (second, count) in &seconds.0 {
            let band = BANDS.partition_point(|end| end <= second);
            if let Some(sum) = bands.get_mut(band) {
                *sum += count;
            }
        }
        let time = |(from, counts): (&Millis, &Counts)| Time {
            from: *from,
            counts: *counts,
            narrow: Filter {
                from: Some(*from),
                before: Some(from.saturating_add(self.every.length())),
                ..Filter::default()
            },
        };
        Answer {
            counts: self.sessions,
            live: self.live,
            error_free: permille(sessions.saturating_sub(with_errors), sessions),
            duration_mean: ms(seconds.mean()),
            duration_median: ms(seconds.percentile(50)),
            active_mean: ms(active.mean()),
            active_median: ms(active.percentile(50)),
            bands,
            every: self.every,
            times: self.times.iter().map(time).collect(),
            browsers: self.list(&self.browsers, |value| Filter {
                browser: Some(value.to_owned()),
                ..Filter::default()
            }),
            systems: self.list(&self.systems, |value| Filter {
                os: Some(value.to_owned()),
                ..Filter::default()
            }),
            devices: self.list(&self.devices, |value| Filter {
                device: Some(value.to_owned()),
                ..Filter::default()
            }),
            countries: self.list(&self.countries, |value| Filter {
                country: Some(value.to_owned()),
                ..Filter::default()
            }),
            regions: self.list(&self.regions, |value| Filter {
                region: Some(value.to_owned()),
                ..Filter::default()
            }),
            entries: self.list(&self.entries, super::behind::on_page),
            referrers: self.list(&self.referrers, |value| Filter {
                referrer: Some(value.to_owned()),
                ..Filter::default()
            }),
        }
    }
}

#[cfg(test)]
mod tests;
