use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::analytics::session::ClickKind;
use proptest::prelude::*;

fn asked(steps: &[&str], within: Option<u32>) -> Asked {
    let steps = steps.iter().map(|step| Step::parse("step", step).unwrap());
    Asked {
        steps: steps.collect(),
        within,
    }
}

fn report(steps: &[&str], within: Option<u32>) -> Report {
    Report::new(Routes::default(), asked(steps, within))
}

fn sessions(answer: &Answer) -> Vec<u64> {
    answer.rows.iter().map(|row| row.sessions).collect()
}

#[test]
fn steps_of_every_kind_follow_one_another() {
    let all = [
        Told::at(1)
            .visit("https://s/cart", 0, 0)
            .click(Some("buy"), 4_000, ClickKind::Plain)
            .mark("paid", 9_000, false)
            .mark("Failed #", 10_000, true),
        Told::at(2)
            .visit("https://s/cart", 0, 0)
            .mark("paid", 1_000, false)
            .click(Some("buy"), 2_000, ClickKind::Plain),
        Told::at(3).visit("https://s/", 0, 0),
        Told::at(4).visit("https://s/cart", 7, 0),
    ];
    let steps = ["page:/cart", "click:buy", "event:paid", "error"];
    let answer = folded(&report(&steps, None), &all).answer();
    assert_eq!(answer.sessions, 4);
    assert_eq!(sessions(&answer), [3, 2, 1, 1]);
    let shares: Vec<_> = answer
        .rows
        .iter()
        .map(|row| (row.of_first, row.of_previous))
        .collect();
    assert_eq!(
        shares,
        [
            (Some(1_000), Some(750)),
            (Some(667), Some(667)),
            (Some(333), Some(500)),
            (Some(333), Some(1_000)),
        ]
    );
    let gaps: Vec<_> = answer.rows.iter().map(|row| row.gap_median).collect();
    assert_eq!(gaps, [None, Some(2_000), Some(5_000), Some(1_000)]);
    assert_eq!(answer.rows[1].dropped, 1);
    let dropped = &answer.rows[1].behind_dropped.examples;
    assert_eq!(
        dropped
            .iter()
            .map(|e| (e.started, e.at))
            .collect::<Vec<_>>(),
        [(4, 7)]
    );
    assert_eq!(answer.rows[2].behind.narrow.event.as_deref(), Some("paid"));
    let written: Vec<_> = answer.rows.iter().map(|row| &*row.step).collect();
    assert_eq!(written, steps);
}

#[test]
fn the_same_moment_is_not_later() {
    let told = |second| {
        [Told::at(1)
            .visit("https://s/", 0, 0)
            .mark("a", 5, false)
            .mark("b", second, false)]
    };
    let steps = report(&["event:a", "event:b"], None);
    assert_eq!(sessions(&folded(&steps, &told(5)).answer()), [1, 0]);
    assert_eq!(sessions(&folded(&steps, &told(6)).answer()), [1, 1]);
    // One step twice must be done twice.
    let twice = report(&["event:a", "event:a"], None);
    assert_eq!(sessions(&folded(&twice, &told(6)).answer()), [1, 0]);
}

#[test]
fn a_limit_of_time_counts_from_any_beginning() {
    let all = [Told::at(1)
        .visit("https://s/", 0, 0)
        .mark("a", 1_000, false)
        .mark("a", 60_000, false)
        .mark("b", 61_000, false)];
    for (within, reached) in [(999, [1, 0]), (1_000, [1, 1]), (60_000, [1, 1])] {
        let steps = report(&["event:a", "event:b"], Some(within));
        let answer = folded(&steps, &all).answer();
        assert_eq!(sessions(&answer), reached, "{within}");
        if reached[1] == 1 {
            assert_eq!(answer.rows[1].gap_median, Some(1_000), "{within}");
        }
    }
}

#[test]
fn nobody_has_no_share() {
    let answer = report(&["event:a", "event:b"], None).answer();
    assert!(
        answer
            .rows
            .iter()
            .all(|row| row.of_first.is_none() && row.of_previous.is_none())
    );
}

/// How many steps an attempt does that may begin anywhere.
fn naive(told: &Told, steps: &[Step], within: u32) -> usize {
    let is = |step: &Step, at: u32| {
        let session = &told.session;
        let marks = session.marks.iter().filter(|mark| mark.at == at);
        let mut marks = marks.map(|mark| (mark.is_error, told.text(Topic::Marks, mark.tag)));
        match step {
            Step::Event(tag) => marks.any(|mark| mark == (false, tag.clone())),
            Step::Error(text) => {
                marks.any(|(error, tag)| error && (text.is_empty() || tag == *text))
            }
            Step::Click(text) => session.clicks.iter().any(|click| {
                let target = click.target.map(|target| told.text(Topic::Clicks, target));
                click.at == at && target.as_ref() == Some(text)
            }),
            Step::Page(page) => (0..).zip(&session.visits).any(|(place, visit)| {
                let url = told.url(place);
                visit.at == at && !url.is_empty() && Routes::default().page(&url).ends_with(page)
            }),
        }
    };
    let session = &told.session;
    let mut times: Vec<u32> = session.visits.iter().map(|visit| visit.at).collect();
    times.extend(session.clicks.iter().map(|click| click.at));
    times.extend(session.marks.iter().map(|mark| mark.at));
    times.sort_unstable();
    times.dedup();
    let attempt = |begin: &u32| {
        let mut done = 0;
        for at in times
            .iter()
            .filter(|at| *at >= begin && **at - begin <= within)
        {
            done += usize::from(done < steps.len() && is(&steps[done], *at));
        }
        done
    };
    let begins = times.iter().filter(|at| is(&steps[0], **at));
    begins.map(attempt).max().unwrap_or(0)
}

const STEPS: &[&str] = &[
    "event:a",
    "event:b",
    "event:c",
    "click:a",
    "click:b",
    "page:/cart",
    "error",
    "error:a",
];

fn some_steps() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(STEPS), 2..5)
}

proptest! {
    #[test]
    fn agrees_with_trying_every_beginning(
        all in any_sessions(),
        steps in some_steps(),
        within in prop::option::of(0_u32..12_000),
    ) {
        let asked = asked(&steps, within);
        let mut expected = vec![0; steps.len()];
        for told in &all {
            let done = naive(told, &asked.steps, within.unwrap_or(u32::MAX));
            expected[..done].iter_mut().for_each(|count| *count += 1);
        }
        let answer = folded(&Report::new(Routes::default(), asked), &all).answer();
        prop_assert_eq!(sessions(&answer), expected);
    }

    #[test]
    fn holds(
        all in any_sessions(),
        cuts in cuts(),
        steps in some_steps(),
        within in prop::option::of(0_u32..12_000),
    ) {
        holds_to_the_laws(&report(&steps, within), &all, cuts);
    }
}
