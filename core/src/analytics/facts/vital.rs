//! How fast a page was.

use super::series::Point;
use super::store::{Reader, Writer};
use crate::analytics::session::Metric;
use crate::id::Millis;

/// A web vital that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vital {
    /// Which.
    pub metric: Metric,
    /// Its value, in the metric's unit.
    pub value: u32,
}

const METRICS: [(&str, Metric); 5] = [
    ("LCP", Metric::Lcp),
    ("INP", Metric::Inp),
    ("CLS", Metric::Cls),
    ("FCP", Metric::Fcp),
    ("TTFB", Metric::Ttfb),
];

/// The largest value that is kept: 11 days, or a shift of 100 000.
const MAX_VALUE: u32 = 1_000_000_000;

impl Vital {
    /// None of a metric that is not known, or a value that cannot be.
    pub fn of(metric: &str, value: f64) -> Option<Self> {
        let (_, metric) = *METRICS.iter().find(|(name, _)| *name == metric)?;
        let unit = if metric == Metric::Cls { 10_000.0 } else { 1.0 };
        let value = whole(value * unit)?;
        Some(Self { metric, value })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to MAX_VALUE"
)]
fn whole(value: f64) -> Option<u32> {
    let is_believed = (0.0..=f64::from(MAX_VALUE)).contains(&value);
    is_believed.then_some((value + 0.5) as u32)
}

impl Point for Vital {
    const NARROWEST: u32 = 0;
    const MOST: usize = 1_024;

    fn apart(&self) -> u64 {
        let place = METRICS
            .iter()
            .position(|(_, metric)| *metric == self.metric);
        place.unwrap_or(0) as u64
    }

    fn gather(&mut self, _: &Self) {}

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.apart().cast_signed());
        out.number(self.value.into());
    }

    fn read(_: Millis, input: &mut Reader<'_>) -> Option<Self> {
        let place = usize::try_from(input.number()?).ok()?;
        let (_, metric) = *METRICS.get(place)?;
        let value = input.count()?.min(MAX_VALUE);
        Some(Self { metric, value })
    }
}
