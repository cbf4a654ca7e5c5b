//! Custom events, errors and web vitals, each on its page.

use super::pages::Pages;
use crate::analytics::facts::Number;
use crate::analytics::session::{Mark, Occurrence, Session, Topic, Vital};
use crate::mask::MASK;
use crate::order;
use alloc::collections::BTreeMap;

pub(super) fn tell(pages: &Pages<'_>, session: &mut Session) {
    let facts = &pages.digest.facts;
    for ((at, tab), mark) in facts.marks() {
        let place = if tab.is_server() {
            pages.place_at_edge(at)
        } else {
            let place = pages.place(tab, at);
            place.map(|(loaded, visit)| (pages.time(loaded, at), visit))
        };
        let Some((at, visit)) = place else {
            continue;
        };
        let tag = if mark.tag.is_empty() { MASK } else { &mark.tag };
        let values = mark.values.iter();
        let mark = Mark {
            visit,
            at,
            is_error: mark.is_error,
            tag: session.name(Topic::Marks, tag),
            values: values
                .map(|(name, Number(value))| (session.name(Topic::Marks, name), *value))
                .collect(),
            issue: mark.issue.map(|occurrence| Occurrence {
                issue: session.name(Topic::Marks, &occurrence.issue.text()),
                times: occurrence.times,
                held: occurrence.held,
            }),
        };
        session.marks.push(mark);
    }
    order::sort_by(&mut session.marks, |a, b| a.at.cmp(&b.at));
    // What was told last of a page stands.
    let mut last = BTreeMap::new();
    for ((at, tab), vital) in facts.vitals() {
        let Some((loaded, visit)) = pages.place(tab, at) else {
            continue;
        };
        let (metric, value) = (vital.metric, vital.value);
        let at = pages.time(loaded, at);
        let told = Vital {
            visit,
            at,
            metric,
            value,
        };
        last.insert((visit, metric), told);
    }
    session.vitals = last.into_values().collect();
}
