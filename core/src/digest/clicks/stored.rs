//! [`Clicks`] as JSON: numbers, each click's time as how long it is after the one before.

use super::{Click, Clicks, Millis, TabId};
use crate::order;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stored {
    /// Page loads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tabs: Vec<TabId>,
    /// Of each click: its time, the place of its page load in `tabs`, where it was in the
    /// window, and whether it was answered within its batch.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    list: Vec<i64>,
    /// Of each first answer: its time, and the place of its page load.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    first: Vec<i64>,
    /// As the first releases wrote them.
    #[serde(skip_serializing)]
    clicks: Vec<(Millis, TabId, i32, i32, u8)>,
    #[serde(skip_serializing)]
    answers: Vec<(Millis, TabId)>,
}

impl From<Clicks> for Stored {
    fn from(from: Clicks) -> Self {
        let mut places: BTreeMap<TabId, i64> = BTreeMap::new();
        let mut stored = Self::default();
        let mut place = |tab: &TabId| {
            let next = i64::try_from(places.len()).unwrap_or(i64::MAX);
            let place = *places.entry(tab.clone()).or_insert(next);
            if place == next {
                stored.tabs.push(tab.clone());
            }
            place
        };
        let mut before = 0;
        for ((at, tab, x, y), answered) in &from.clicks {
            let after = at.wrapping_sub(before).cast_signed();
            let click = [
                after,
                place(tab),
                (*x).into(),
                (*y).into(),
                i64::from(*answered),
            ];
            stored.list.extend(click);
            before = *at;
        }
        before = 0;
        for (at, tab) in &from.answers {
            let after = at.wrapping_sub(before).cast_signed();
            stored.first.extend([after, place(tab)]);
            before = *at;
        }
        stored
    }
}

impl From<Stored> for Clicks {
    fn from(stored: Stored) -> Self {
        let tab = |place: i64| stored.tabs.get(usize::try_from(place).ok()?).cloned();
        let pixels = |number: i64| i32::try_from(number).unwrap_or(0);
        let mut at: Millis = 0;
        let list = stored.list.as_chunks::<5>().0.iter();
        let clicks = list.filter_map(|[after, place, x, y, answered]| {
            at = at.wrapping_add(after.cast_unsigned());
            let click: Click = (at, tab(*place)?, pixels(*x), pixels(*y));
            Some((click, *answered != 0))
        });
        let old = stored.clicks.iter();
        let old = old.map(|(at, tab, x, y, answered)| ((*at, tab.clone(), *x, *y), *answered != 0));
        let clicks = order::map(old.chain(clicks));
        at = 0;
        let first = stored.first.as_chunks::<2>().0.iter();
        let answers = first.filter_map(|[after, place]| {
            at = at.wrapping_add(after.cast_unsigned());
            Some((at, tab(*place)?))
        });
        let answers = order::set(stored.answers.iter().cloned().chain(answers));
        let mut clicks = Self { clicks, answers };
        clicks.trim();
        clicks
    }
}
