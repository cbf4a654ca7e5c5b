use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::report::Report as _;
use crate::analytics::session::{Field as Filled, Submit};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn report(top: Option<u32>) -> Report {
    Report::new(Routes::default(), Limit(top))
}

fn filled(mut told: Told, key: &str, label: &str, span: (u32, u32), refills: u32) -> Told {
    let visit = told.last();
    let key = told.name(Topic::Forms, key);
    let label = told.name(Topic::Forms, label);
    let form = told.name(Topic::Forms, "login");
    let field = Filled {
        visit,
        key,
        label,
        form,
        span,
        refills,
    };
    told.session.fields.push(field);
    told
}

fn sent(mut told: Told, at: u32) -> Told {
    let visit = told.last();
    let form = told.name(Topic::Forms, "login");
    told.session.submits.push(Submit { visit, at, form });
    told
}

fn began(started: u64) -> Told {
    let told = Told::at(started).visit("https://s/login", 0, 0);
    filled(told, "mail", "E-Mail", (100, 300), 1)
}

#[test]
fn forms_are_completed_or_left_at_a_field() {
    let all = [
        sent(began(1), 400),
        // Sent before anything was filled in, and on a later page.
        sent(sent(began(2), 99).visit("https://s/next", 500, 0), 600),
        // Left at the second field, then sent in another visit: it was left all the same.
        sent(
            began_again(filled(began(3), "word", "Password", (400, 900), 0)),
            2_500,
        ),
        // Nothing filled in.
        sent(Told::at(4).visit("https://s/login", 0, 0), 5),
    ];
    let answer = folded(&report(None), &all).answer();
    let row = &answer.rows[0];
    assert_eq!((&*row.page, &*row.form), ("s/login", "login"));
    assert_eq!((row.sessions, row.completed, row.rate), (3, 1, Some(333)));
    assert_eq!(row.submits, 4);
    let [mail, word] = &row.fields[..] else {
        panic!("{row:?}")
    };
    assert_eq!((&*mail.key, &*mail.label), ("mail", "E-Mail"));
    assert_eq!((mail.sessions, mail.touched), (3, Some(1_000)));
    assert_eq!((mail.time_mean, mail.refills, mail.dropped), (200, 4, 1));
    assert_eq!(
        (&*word.label, word.touched, word.dropped),
        ("Password", Some(333), 1)
    );
    let moments: Vec<_> = row
        .behind
        .examples
        .iter()
        .map(|e| (e.started, e.at))
        .collect();
    assert_eq!(moments, [(3, 900), (2, 300)]);
}

fn began_again(told: Told) -> Told {
    let told = told.visit("https://s/login", 2_000, 0);
    filled(told, "mail", "E-Mail", (2_100, 2_300), 1)
}

#[test]
fn a_field_is_called_what_most_call_it() {
    let called = |started, label| {
        let told = Told::at(started).visit("https://s/login", 0, 0);
        filled(told, "mail", label, (0, 1), 0)
    };
    let all = [called(1, "A"), called(2, "B"), called(3, "B")];
    assert_eq!(
        folded(&report(None), &all).answer().rows[0].fields[0].label,
        "B"
    );
    assert_eq!(
        folded(&report(None), &all[..2]).answer().rows[0].fields[0].label,
        "A"
    );
}

proptest! {
    #[test]
    fn agrees_with_counting_by_hand(all in any_sessions()) {
        let page = |told: &Told, visit| super::super::pages::page_of(&Routes::default(), &told.url(visit));
        let mut forms = BTreeSet::new();
        for told in &all {
            for field in &told.session.fields {
                forms.insert((page(told, field.visit), told.text(Topic::Forms, field.form)));
            }
        }
        let answer = folded(&report(None), &all).answer();
        let begun = answer.rows.iter().filter(|row| row.sessions > 0).count();
        prop_assert_eq!(begun, forms.len());
        for row in answer.rows {
            let key = (row.page.clone(), row.form.clone());
            let (mut sessions, mut completed, mut submits, mut dropped) = (0, 0, 0, 0);
            for told in &all {
                let is = |visit: u32, form: u32| {
                    (page(told, visit), told.text(Topic::Forms, form)) == key
                };
                let session = &told.session;
                let fields: Vec<_> = session.fields.iter().filter(|f| is(f.visit, f.form)).collect();
                let sent: Vec<_> = session.submits.iter().filter(|s| is(s.visit, s.form)).collect();
                submits += sent.len() as u64;
                let visits: BTreeSet<u32> = fields.iter().map(|field| field.visit).collect();
                let left = visits.iter().filter(|visit| {
                    let here = fields.iter().filter(|field| field.visit == **visit);
                    let first = here.map(|field| field.span.0).min().unwrap();
                    !sent.iter().any(|sent| sent.visit == **visit && sent.at >= first)
                });
                let left = left.count() as u64;
                dropped += left;
                sessions += u64::from(!visits.is_empty());
                completed += u64::from(!visits.is_empty() && left == 0);
            }
            prop_assert_eq!((row.sessions, row.completed), (sessions, completed));
            prop_assert_eq!(row.submits, submits);
            prop_assert_eq!(row.fields.iter().map(|field| field.dropped).sum::<u64>(), dropped);
            for field in &row.fields {
                prop_assert!(field.sessions <= sessions);
            }
        }
    }

    #[test]
    fn holds(all in any_sessions(), cuts in cuts(), top in prop::option::of(1_u32..3)) {
        holds_to_the_laws(&report(top), &all, cuts);
    }
}
