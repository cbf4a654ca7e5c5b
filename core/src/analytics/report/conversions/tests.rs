use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn report(top: Option<u32>) -> Report {
    let goal = Step::Event("a".into());
    let top = Limit(top);
    Report::new(Routes::default(), Asked { goal, top })
}

#[test]
fn a_session_converts_once() {
    let mut first = Told::at(1)
        .visit("https://s/landing", 0, 0)
        .visit("https://s/other", 10, 0)
        .mark("a", 11, false)
        .mark("a", 12, false);
    let mail = first.name(Topic::Summary, "mail");
    first.session.summary.utm[0] = Some(mail);
    let mut all = vec![first, Told::at(9)];
    all.extend((2..6).map(|started| Told::at(started).visit("https://s/landing", 0, 0)));
    let answer = folded(&report(None), &all).answer();
    assert_eq!(answer.left_out, 1);
    let whole = &answer.whole;
    assert_eq!(
        (whole.sessions, whole.conversions, whole.rate),
        (5, 1, Some(200))
    );
    let [landing] = &answer.entries.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (&*landing.value, landing.sessions, landing.is_low),
        ("s/landing", 5, false)
    );
    let moments =
        |behind: &Behind| -> Vec<_> { behind.examples.iter().map(|e| (e.started, e.at)).collect() };
    assert_eq!(moments(&landing.converting), [(1, 11)]);
    assert_eq!(
        moments(&landing.not_converting),
        [(5, 0), (4, 0), (3, 0), (2, 0)]
    );
    assert_eq!(landing.converting.narrow.event.as_deref(), Some("a"));
    let [mail] = &answer.sources.rows[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (&*mail.value, mail.rate, mail.is_low),
        ("mail", Some(1_000), true)
    );
    assert_eq!(answer.campaigns, List::default());
    assert_eq!(answer.referrers.rows[0].value, "");
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let mut campaigns: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let (mut whole, mut left_out) = ((0, 0), 0);
        for told in &all {
            if told.session.visits.is_empty() {
                left_out += 1;
                continue;
            }
            let mut marks = told.session.marks.iter();
            let converts = marks.any(|mark| {
                !mark.is_error && told.text(Topic::Marks, mark.tag) == "a"
            });
            let add = |counts: &mut (u64, u64)| {
                counts.0 += 1;
                counts.1 += u64::from(converts);
            };
            add(&mut whole);
            if let Some(campaign) = told.session.summary.utm[2] {
                add(campaigns.entry(told.text(Topic::Summary, campaign)).or_default());
            }
        }
        let answer = folded(&report(None), &all).answer();
        prop_assert_eq!((answer.whole.sessions, answer.whole.conversions), whole);
        prop_assert_eq!(answer.left_out, left_out);
        let found = answer.campaigns.rows.iter();
        let found = found.map(|row| (row.value.clone(), (row.sessions, row.conversions)));
        prop_assert_eq!(found.collect::<BTreeMap<_, _>>(), campaigns);
        for list in [&answer.entries, &answer.referrers] {
            let sessions: u64 = list.rows.iter().map(|row| row.sessions).sum();
            prop_assert_eq!(sessions, whole.0);
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
