//! Web vitals: how fast pages are for those who visit them.
//!
//! A page's sample of a metric is what was last told of it in a visit; each visit counts, also
//! of an address that is loaded again (reference §5.6 and §11.4, 34). Ratings are Google's, by
//! the value that 75 % of all samples do not exceed: good up to the first bound, poor above
//! the second (<https://web.dev/articles/defining-core-web-vitals-thresholds>).

use super::behind::Extremes;
use super::keys::{Places, Table, index};
use super::spread::Spread;
use super::{Behind, EXAMPLES, Example, Limit, Who};
use crate::analytics::route::Routes;
use crate::analytics::session::{Metric, Names, Session, Topic};
use crate::filter::Filter;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// All metrics, the core web vitals first.
pub const METRICS: [Metric; 5] = [
    Metric::Lcp,
    Metric::Inp,
    Metric::Cls,
    Metric::Fcp,
    Metric::Ttfb,
];

/// The last good value, and the last that is not poor, in the metric's unit.
pub fn bounds(metric: Metric) -> (u64, u64) {
    match metric {
        Metric::Lcp => (2_500, 4_000),
        Metric::Inp => (200, 500),
        Metric::Cls => (1_000, 2_500),
        Metric::Fcp => (1_800, 3_000),
        Metric::Ttfb => (800, 1_800),
    }
}

/// What Google calls a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Nothing to do.
    #[default]
    Good,
    /// Could be better.
    NeedsImprovement,
    /// Bad.
    Poor,
}

impl Rating {
    /// Of a value of a metric.
    pub fn of(metric: Metric, value: u64) -> Self {
        let (good, fair) = bounds(metric);
        match value {
            value if value <= good => Self::Good,
            value if value <= fair => Self::NeedsImprovement,
            _ => Self::Poor,
        }
    }
}

/// A metric's name in answers.
fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::Lcp => "lcp",
        Metric::Inp => "inp",
        Metric::Cls => "cls",
        Metric::Fcp => "fcp",
        Metric::Ttfb => "ttfb",
    }
}

/// See the module.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    routes: Routes,
    top: Limit,
    /// In the order of [`METRICS`].
    pages: Table<[Samples; METRICS.len()]>,
    #[serde(skip)]
    places: Places,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Samples {
    values: Spread,
    worst: Extremes,
}

/// Pages, those with the most samples first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Of all pages.
    pub all: Vec<Vital>,
    /// Pages, as far as they were asked for.
    pub rows: Vec<Row>,
    /// How many other pages there are.
    pub others: u64,
    /// How many samples they have.
    pub others_samples: u64,
}

/// A page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Host and path, see [`Routes`].
    pub page: String,
    /// Of all metrics.
    pub samples: u64,
    /// Metrics with a sample, in the order of [`METRICS`].
    pub vitals: Vec<Vital>,
}

/// A metric.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vital {
    /// `lcp`, `inp`, `cls`, `fcp` or `ttfb`.
    pub metric: String,
    /// How many values: ms, of `cls` 10 000ths.
    pub samples: u64,
    /// Half are not above this.
    pub p50: u64,
    /// Three quarters are not above this.
    pub p75: u64,
    /// Nine of ten are not above this.
    pub p90: u64,
    /// Of `p75`.
    pub rating: Rating,
    /// How many samples are good, in between, and poor.
    pub mix: [u64; 3],
    /// The largest values.
    pub worst: Vec<Worst>,
    /// Sessions with the largest values.
    pub behind: Behind,
}

/// A large value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worst {
    /// In the metric's unit.
    pub value: u64,
    /// Where it was told.
    pub example: Example,
}

impl Report {
    /// An empty one.
    pub fn new(routes: Routes, top: Limit) -> Self {
        Self {
            routes,
            top,
            ..Self::default()
        }
    }
}

impl super::Report for Report {
    type Answer = Answer;

    fn topics(&self) -> &'static [Topic] {
        &[Topic::Pages, Topic::Vitals]
    }

    fn names(&mut self, [pages, ..]: &[&Names; 7]) {
        let (routes, table) = (&self.routes, &mut self.pages);
        let place = |address: &str| table.place(&super::pages::page_of(routes, address));
        self.places.fill(pages, place);
    }

    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn add(&mut self, who: &Who<'_>, session: &Session) {
        for vital in &session.vitals {
            let Some(visit) = session.visits.get(index(vital.visit)) else {
                continue;
            };
            let place = self.places.of(visit.url);
            let Some(page) = place.and_then(|place| self.pages.at(place)) else {
                continue;
            };
            let mut metrics = METRICS.into_iter().zip(page);
            if let Some((_, samples)) = metrics.find(|(metric, _)| *metric == vital.metric) {
                let value = vital.value.into();
                samples.values.add(value);
                let example = Example::of(who, vital.at, visit.tab);
                samples.worst.add(value, example, EXAMPLES);
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.pages.merge(other.pages, |own, other| {
            for (own, other) in own.iter_mut().zip(other) {
                merge(own, other);
            }
        });
    }

    fn answer(&self) -> Answer {
        let mut all: [Samples; METRICS.len()] = Default::default();
        let mut pages = Vec::new();
        for (text, page) in self.pages.all() {
            for (all, samples) in all.iter_mut().zip(page) {
                merge(all, samples.clone());
            }
            let vitals = vitals(page, &super::behind::on_page(text));
            let samples: u64 = vitals.iter().map(|vital| vital.samples).sum();
            if samples > 0 {
                pages.push(Row {
                    page: text.to_owned(),
                    samples,
                    vitals,
                });
            }
        }
        crate::order::sort_by(&mut pages, |a, b| b.samples.cmp(&a.samples));
        let (rows, others) = self.top.split(pages);
        Answer {
            all: vitals(&all, &Filter::default()),
            rows,
            others: others.iter().map(|_| 1).sum(),
            others_samples: others.iter().map(|row| row.samples).sum(),
        }
    }
}

fn merge(own: &mut Samples, other: Samples) {
    own.values.merge(other.values);
    own.worst.merge(other.worst, EXAMPLES);
}

/// Metrics with a sample.
fn vitals(samples: &[Samples; METRICS.len()], narrow: &Filter) -> Vec<Vital> {
    let metrics = METRICS.into_iter().zip(samples);
    metrics
        .filter_map(|(metric, samples)| vital(metric, samples, narrow))
        .collect()
}

fn vital(metric: Metric, samples: &Samples, narrow: &Filter) -> Option<Vital> {
    let values = samples.values.counted();
    let p75 = values.percentile(75)?;
    let of = |rating| {
        let values = values.0.iter();
        let values = values.filter(|(value, _)| Rating::of(metric, *value) == rating);
        values.map(|(_, count)| count).sum()
    };
    let worst = samples.worst.all().iter();
    let worst = worst.map(|(value, example)| Worst {
        value: *value,
        example: *example,
    });
    Some(Vital {
        metric: name(metric).to_owned(),
        samples: values.count(),
        p50: values.percentile(50)?,
        p75,
        p90: values.percentile(90)?,
        rating: Rating::of(metric, p75),
        mix: [Rating::Good, Rating::NeedsImprovement, Rating::Poor].map(of),
        worst: worst.collect(),
        behind: Behind {
            narrow: narrow.clone(),
            examples: samples.worst.list(),
        },
    })
}

#[cfg(test)]
mod tests;
