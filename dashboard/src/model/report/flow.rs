//! Paths as a flow: of each step the pages that most came to, whatever they came from.

use super::Pages;
use crate::chart::{Chart, Place, Went, flow};
use crate::model::text;
use core::cmp::Reverse;
use sentiero_core::analytics::report::paths::{Answer, Others, Step};
use std::collections::BTreeMap;

/// So many pages of a step have a place of their own; the others share one.
const PLACES: usize = 6;

/// Draws the paths; none where nobody saw a second page.
pub(super) fn chart(answer: &Answer, names: &Pages) -> Option<Chart> {
    let mut counts = BTreeMap::new();
    count(&answer.first, 0, &mut counts);
    let mut drawing = Drawing::new(counts);
    drawing.steps(&answer.first, answer.others.as_ref(), 0, None);
    let places = drawing.places(names);
    flow(places, &drawing.went, answer.begun).map(Chart::Flow)
}

/// How many came to which page, by step.
type Counts<'a> = BTreeMap<(usize, &'a str), u64>;

fn count<'a>(steps: &'a [Step], depth: usize, counts: &mut Counts<'a>) {
    for step in steps {
        *counts.entry((depth, &step.page)).or_default() += step.sessions;
        count(&step.next, depth + 1, counts);
    }
}

/// What came to a place, and became of it.
#[derive(Default)]
struct Seen<'a> {
    /// None: other pages.
    page: Option<&'a str>,
    sessions: u64,
    ended: u64,
    cut: u64,
}

struct Drawing<'a> {
    /// By step, the most frequent first.
    steps: Vec<Vec<Seen<'a>>>,
    went: Vec<Went>,
}

impl<'a> Drawing<'a> {
    fn new(counts: Counts<'a>) -> Self {
        let mut order: Vec<_> = counts.into_iter().collect();
        order.sort_by_key(|((depth, page), sessions)| (*depth, Reverse(*sessions), *page));
        let mut steps: Vec<Vec<Seen<'a>>> = Vec::new();
        for ((depth, page), _) in order {
            if steps.len() <= depth {
                steps.push(Vec::new());
            }
            let Some(step) = steps.get_mut(depth) else {
                continue;
            };
            if step.len() < PLACES {
                step.push(Seen {
                    page: Some(page),
                    ..Seen::default()
                });
            }
        }
        Self {
            steps,
            went: Vec::new(),
        }
    }

    /// Takes `steps` and what follows them; `from` is the place that they were come to from.
    /// The depth is that of the API's answer, which is bounded.
    fn steps(
        &mut self,
        steps: &'a [Step],
        others: Option<&Others>,
        depth: usize,
        from: Option<usize>,
    ) {
        for step in steps {
            let Some(place) = self.place(depth, Some(&step.page)) else {
                continue;
            };
            if let Some(seen) = self.seen(depth, place) {
                seen.sessions += step.sessions;
                seen.ended += step.ended;
                seen.cut += step.cut;
            }
            self.go(depth, from, place, step.sessions);
            self.steps(&step.next, step.others.as_ref(), depth + 1, Some(place));
        }
        let Some(others) = others else { return };
        let Some(place) = self.place(depth, None) else {
            return;
        };
        if let Some(seen) = self.seen(depth, place) {
            seen.sessions += others.sessions;
        }
        self.go(depth, from, place, others.sessions);
    }

    fn seen(&mut self, depth: usize, place: usize) -> Option<&mut Seen<'a>> {
        self.steps.get_mut(depth)?.get_mut(place)
    }

    /// Where a page is in its step; if it has no place of its own, the one of all others.
    fn place(&mut self, depth: usize, page: Option<&str>) -> Option<usize> {
        if self.steps.len() == depth {
            self.steps.push(Vec::new());
        }
        let step = self.steps.get_mut(depth)?;
        let find = |page: Option<&str>| step.iter().position(|seen| seen.page == page);
        let found = find(page).or_else(|| find(None));
        Some(found.unwrap_or_else(|| {
            step.push(Seen::default());
            step.len() - 1
        }))
    }

    fn go(&mut self, depth: usize, from: Option<usize>, to: usize, count: u64) {
        let (Some(from), Some(step)) = (from, depth.checked_sub(1)) else {
            return;
        };
        let same = |went: &&mut Went| (went.step, went.from, went.to) == (step, from, to);
        match self.went.iter_mut().find(same) {
            Some(went) => went.count += count,
            None => self.went.push(Went {
                step,
                from,
                to,
                count,
            }),
        }
    }

    fn places(&self, names: &Pages) -> Vec<Vec<Place>> {
        let name = |seen: &Seen<'_>| {
            seen.page
                .map_or_else(|| "Other pages".to_owned(), |page| names.short(page))
        };
        let column = |(depth, step): (usize, &Vec<Seen<'a>>)| {
            let place = |(place, seen): (usize, &Seen<'a>)| Place {
                name: name(seen),
                count: seen.sessions,
                // Of what is summed only some is known to have ended.
                ended: seen.page.map_or(0, |_| seen.ended),
                said: format!(
                    "{}, page {}: {}",
                    name(seen),
                    depth + 1,
                    self.said(depth, place, &name)
                ),
            };
            step.iter().enumerate().map(place).collect()
        };
        self.steps.iter().enumerate().map(column).collect()
    }

    /// How many came to a place and what became of them.
    fn said(&self, depth: usize, place: usize, name: &dyn Fn(&Seen<'_>) -> String) -> String {
        let find = |depth: usize, place: usize| self.steps.get(depth)?.get(place);
        let Some(seen) = find(depth, place) else {
            return String::new();
        };
        let mut parts = vec![text::plural(seen.sessions, "session")];
        let became = [(seen.ended, "ended here"), (seen.cut, "went further")];
        let known = became
            .into_iter()
            .filter(|(count, _)| *count > 0 && seen.page.is_some());
        parts.extend(known.map(|(count, what)| format!("{} {what}", text::number(count))));
        let left = |went: &&Went| (went.step, went.from) == (depth, place);
        let next = self.went.iter().filter(left);
        parts.extend(next.filter_map(|went| {
            let to = find(depth + 1, went.to)?;
            Some(format!("{} to {}", text::number(went.count), name(to)))
        }));
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Flow;

    fn step(page: &str, sessions: u64, ended: u64, next: Vec<Step>) -> Step {
        Step {
            page: format!("shop.example{page}"),
            sessions,
            ended,
            next,
            ..Step::default()
        }
    }

    fn drawn(answer: &Answer) -> Option<Flow> {
        let names = Pages::of(["shop.example/"].into_iter());
        match chart(answer, &names) {
            Some(Chart::Flow(flow)) => Some(flow),
            _ => None,
        }
    }

    fn stops(flow: &Flow) -> Vec<(u32, &str, u64)> {
        let stops = flow.stops.iter();
        stops
            .map(|stop| (stop.x, stop.name.as_str(), stop.count))
            .collect()
    }

    #[test]
    fn a_page_has_one_place_in_a_step_wherever_one_came_from() {
        let answer = Answer {
            sessions: 100,
            begun: 90,
            first: vec![
                step(
                    "/",
                    60,
                    10,
                    vec![step("/cart", 30, 30, vec![]), step("/a", 20, 20, vec![])],
                ),
                step("/a", 30, 5, vec![step("/cart", 25, 25, vec![])]),
            ],
            ..Answer::default()
        };
        let flow = drawn(&answer).unwrap();
        assert_eq!(
            stops(&flow),
            [
                (0, "/", 60),
                (0, "/a", 30),
                (500, "/cart", 55),
                (500, "/a", 20)
            ]
        );
        assert_eq!(flow.bands.len(), 3);
        assert_eq!(
            flow.stops[0].said,
            "/, page 1: 60 sessions, 10 ended here, 30 to /cart, 20 to /a"
        );
    }

    #[test]
    fn pages_without_a_place_share_one() {
        let many = (0..9).map(|n| {
            step(
                &format!("/{n}"),
                20 - n,
                0,
                vec![step("/end", 2, 2, vec![])],
            )
        });
        let answer = Answer {
            begun: 200,
            first: many.collect(),
            others: Some(Others {
                pages: 4,
                sessions: 8,
            }),
            ..Answer::default()
        };
        let flow = drawn(&answer).unwrap();
        let column: Vec<_> = stops(&flow).into_iter().filter(|(x, ..)| *x == 0).collect();
        assert_eq!(column.len(), PLACES + 1);
        // 14 + 13 + 12 of pages that are known, and 8 of others.
        assert_eq!(column[PLACES], (0, "Other pages", 47));
        assert_eq!(flow.stops[PLACES].ended, 0);
        assert_eq!(
            flow.stops[PLACES].said,
            "Other pages, page 1: 47 sessions, 6 to /end"
        );
        assert_eq!(flow.stops.last().map(|stop| stop.count), Some(18));
    }

    #[test]
    fn where_nobody_went_on_there_is_nothing_to_draw() {
        assert_eq!(drawn(&Answer::default()), None);
        let answer = Answer {
            begun: 5,
            first: vec![step("/", 5, 5, vec![])],
            ..Answer::default()
        };
        assert_eq!(drawn(&answer), None);
    }
}
