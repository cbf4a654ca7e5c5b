//! The rows of the list: what the report counts, and what is known of it.

use super::shown::{Order, Shown, Which};
use super::title;
use super::trend::{self, Bar};
use crate::model::text;
use sentiero_core::analytics::report::Behind;
use sentiero_core::analytics::report::errors::{Answer, Row as Counted};
use sentiero_core::day::DAY;
use sentiero_core::filter::Filter;
use sentiero_core::id::Millis;
use sentiero_core::issue::{Fingerprint, Known, State};
use std::cmp::Reverse;

/// For so long an issue is called new.
const NEW: Millis = DAY;

/// An issue in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub issue: Fingerprint,
    /// `TypeError`.
    pub kind: String,
    /// What it says.
    pub said: String,
    /// What was decided; none if it is not known, so nothing can be decided.
    pub state: Option<State>,
    /// It came for the first time within a day.
    pub is_new: bool,
    /// It was resolved and came again.
    pub came_again: bool,
    /// How often, in the range.
    pub count: u64,
    /// In how many sessions, in the range.
    pub sessions: u64,
    /// The sessions.
    pub behind: Behind,
    /// When it first came, of all that is known.
    pub first: Millis,
    /// When it last came.
    pub last: Millis,
    /// The last release in which it came, and how many others there were.
    pub release: Option<(String, usize)>,
    /// How often over the range.
    pub trend: Vec<Bar>,
}

/// How many issues of the range there are of each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    open: usize,
    resolved: usize,
    ignored: usize,
}

impl Counts {
    /// How many.
    pub fn of(self, which: Which) -> usize {
        match which {
            Which::Open => self.open,
            Which::Resolved => self.resolved,
            Which::Ignored => self.ignored,
            Which::All => self.open + self.resolved + self.ignored,
        }
    }
}

/// What there is to say of all, beside a heading.
pub fn total(answer: &Answer) -> String {
    let errors = text::plural(answer.count, "error");
    let sessions = text::number(answer.with_errors);
    let all = text::plural(answer.sessions, "session");
    format!("{errors} in {sessions} of {all}")
}

/// The span that trends are drawn over: the range's, or since the first that came in it.
pub fn span(filter: &Filter, answer: &Answer, now: Millis) -> (Millis, Millis) {
    let first = answer.rows.iter().map(|row| row.first).min();
    within(filter, first, now)
}

/// The range's span; since `first`, where it has no beginning.
pub fn within(filter: &Filter, first: Option<Millis>, now: Millis) -> (Millis, Millis) {
    let from = filter.from.or(first).unwrap_or(now);
    let to = filter.before.map_or(now, |before| before.saturating_sub(1));
    (from.min(now), to.clamp(from.min(now), now.max(from)))
}

/// The rows as `shown` says, and how many there are of each state. `known` is sorted by issue.
pub fn rows(
    answer: &Answer,
    known: &[Known],
    shown: Shown,
    (span, now): ((Millis, Millis), Millis),
) -> (Vec<Row>, Counts) {
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    for counted in &answer.rows {
        let Some(issue) = Fingerprint::parse(&counted.issue) else {
            continue;
        };
        let found = find(known, issue);
        let state = found.map(|known| known.state);
        match state.unwrap_or_default() {
            State::Open => counts.open += 1,
            State::Resolved => counts.resolved += 1,
            State::Ignored => counts.ignored += 1,
        }
        if shown.which.has(state.unwrap_or_default()) {
            rows.push(row(issue, counted, found, (span, now)));
        }
    }
    match shown.order {
        Order::Last => rows.sort_by_key(|row| Reverse(row.last)),
        Order::First => rows.sort_by_key(|row| Reverse(row.first)),
        Order::Count => rows.sort_by_key(|row| Reverse(row.count)),
        Order::Sessions => rows.sort_by_key(|row| Reverse(row.sessions)),
    }
    (rows, counts)
}

/// What is known of an issue, among what is sorted by issue.
pub fn find(known: &[Known], issue: Fingerprint) -> Option<&Known> {
    let place = known.binary_search_by_key(&issue, |known| known.issue);
    known.get(place.ok()?)
}

fn row(
    issue: Fingerprint,
    counted: &Counted,
    known: Option<&Known>,
    (span, now): ((Millis, Millis), Millis),
) -> Row {
    let (kind, said) = title(&counted.title);
    let release = known.and_then(|known| {
        let last = known.releases.last()?;
        Some((last.clone(), known.releases.len() - 1))
    });
    let first = known.map_or(counted.first, |known| known.first.min(counted.first));
    Row {
        issue,
        kind: kind.to_owned(),
        said: said.to_owned(),
        state: known.map(|known| known.state),
        is_new: known.is_some() && now.saturating_sub(first) < NEW,
        came_again: known.is_some_and(|known| known.reopened.is_some()),
        count: counted.count,
        sessions: counted.sessions,
        behind: counted.behind.clone(),
        first,
        last: known.map_or(counted.last, |known| known.last.max(counted.last)),
        release,
        trend: trend::bars(&counted.days, span),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use sentiero_core::analytics::report::errors::Day;

    const NOW: Millis = 20 * DAY;

    pub(in crate::model::issues) fn known(issue: u64, state: State) -> Known {
        Known {
            issue: Fingerprint::of_number(issue),
            title: "TypeError: a is null".to_owned(),
            first: 3 * DAY,
            last: 18 * DAY,
            releases: vec!["1".to_owned(), "2".to_owned()],
            state,
            decided: None,
            resolved_in: None,
            reopened: None,
            until: 50 * DAY,
            only: None,
        }
    }

    fn counted(issue: u64, count: u64, first: Millis, last: Millis) -> Counted {
        Counted {
            issue: Fingerprint::of_number(issue).text(),
            title: "RangeError: too deep".to_owned(),
            count,
            sessions: 100 - count,
            first,
            last,
            days: vec![Day {
                from: last / DAY * DAY,
                count,
            }],
            behind: Behind::default(),
        }
    }

    fn answer() -> Answer {
        Answer {
            sessions: 200,
            with_errors: 9,
            count: 60,
            rows: vec![
                counted(1, 30, 10 * DAY, 19 * DAY),
                counted(2, 20, 19 * DAY + 1, 19 * DAY + 9),
                counted(3, 10, 12 * DAY, 13 * DAY),
            ],
            ..Answer::default()
        }
    }

    fn listed(which: Which, order: Order) -> (Vec<u64>, Counts) {
        let known = [known(1, State::Open), known(3, State::Resolved)];
        let shown = Shown { which, order };
        let answer = answer();
        let span = span(&Filter::default(), &answer, NOW);
        let (rows, counts) = rows(&answer, &known, shown, (span, NOW));
        (rows.iter().map(|row| row.issue.number()).collect(), counts)
    }

    #[test]
    fn a_state_has_its_issues_and_what_nobody_knows_is_open() {
        assert_eq!(listed(Which::Open, Order::Last).0, [2, 1]);
        assert_eq!(listed(Which::Resolved, Order::Last).0, [3]);
        assert_eq!(listed(Which::Ignored, Order::Last).0, [0_u64; 0]);
        let (all, counts) = listed(Which::All, Order::Count);
        assert_eq!(all, [1, 2, 3]);
        assert_eq!(Which::ALL.map(|which| counts.of(which)), [2, 1, 0, 3]);
    }

    #[test]
    fn the_order_is_as_asked() {
        assert_eq!(listed(Which::All, Order::First).0, [2, 1, 3]);
        assert_eq!(listed(Which::All, Order::Sessions).0, [3, 2, 1]);
    }

    #[test]
    fn what_is_known_reaches_further_than_the_range() {
        let answer = answer();
        let known = [known(1, State::Open)];
        let span = span(&Filter::default(), &answer, NOW);
        assert_eq!(span, (10 * DAY, NOW));
        let (rows, _) = rows(&answer, &known, Shown::default(), (span, NOW));
        let by = |issue| rows.iter().find(|row| row.issue.number() == issue).unwrap();
        let one = by(1);
        assert_eq!((one.first, one.last), (3 * DAY, 19 * DAY));
        assert_eq!(one.release, Some(("2".to_owned(), 1)));
        assert_eq!(
            (one.kind.as_str(), one.said.as_str()),
            ("RangeError", "too deep")
        );
        assert!(!one.is_new && one.state == Some(State::Open));
        assert_eq!(one.trend.len(), 11);
        // Nothing is known of it, so it is not said to be new either.
        assert!(!by(2).is_new && by(2).state.is_none());
        assert_eq!(total(&answer), "60 errors in 9 of 200 sessions");
    }

    #[test]
    fn the_span_is_the_range_s() {
        let filter = Filter {
            from: Some(15 * DAY),
            before: Some(18 * DAY),
            ..Filter::default()
        };
        assert_eq!(span(&filter, &answer(), NOW), (15 * DAY, 18 * DAY - 1));
        let later = Filter {
            from: Some(30 * DAY),
            ..Filter::default()
        };
        assert_eq!(span(&later, &Answer::default(), NOW), (NOW, NOW));
    }
}
