use super::super::testing::{Told, any_sessions, cuts, folded, holds_to_the_laws};
use super::*;
use crate::analytics::session::{ClickKind, Submit};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn report(page: &str, top: Option<u32>) -> Report {
    let asked = Asked {
        page: page.to_owned(),
        top: Limit(top),
    };
    Report::new(Routes::default(), asked)
}

fn summary(often: &Often) -> Vec<(&str, u64, u64)> {
    let rows = often.rows.iter();
    rows.map(|row| (&*row.text, row.times, row.sessions))
        .collect()
}

#[test]
fn only_what_happened_on_the_page_counts() {
    let all = [
        Told::at(1)
            .visit("https://s/", 0, 4_000)
            .click(Some("buy"), 1, ClickKind::Plain)
            .mark("seen", 2, false)
            .visit("https://s/orders/1", 10_000, 2_000)
            .click(Some("buy"), 10_001, ClickKind::Dead)
            .click(Some("buy"), 10_002, ClickKind::Plain)
            .click(Some("back"), 10_003, ClickKind::Plain)
            .click(None, 10_004, ClickKind::Plain)
            .mark("seen", 10_005, false)
            .mark("TypeError", 10_006, true),
        Told::at(2)
            .visit("https://s/orders/2", 0, 6_000)
            .click(Some("back"), 5, ClickKind::Plain)
            .mark("TypeError", 6, true)
            .mark("TypeError", 7, true),
        // Was never there.
        Told::at(3)
            .visit("https://s/", 0, 0)
            .mark("TypeError", 8, true),
        Told::at(4),
    ];
    let answer = folded(&report("s/orders/:id", None), &all).answer();
    assert_eq!(answer.sessions, 3);
    let page = &answer.page;
    assert_eq!((page.views, page.sessions), (2, 2));
    assert_eq!((page.entries, page.exits, page.bounces), (1, 2, 1));
    assert_eq!((page.active_mean, page.active_median), (4_000, 2_000));
    assert_eq!(answer.clicks, 5);
    assert_eq!(summary(&answer.targets), [("back", 2, 2), ("buy", 2, 1)]);
    assert_eq!(summary(&answer.errors), [("TypeError", 3, 2)]);
    assert_eq!(answer.events.count, 1);
    let narrow = &answer.events.rows[0].behind.narrow;
    assert_eq!(narrow.event.as_deref(), Some("seen"));
    assert_eq!(narrow.url.as_deref(), Some("s/orders/"));
    let behind = &answer.errors.rows[0].behind;
    assert!(behind.narrow.errors);
    let moments: Vec<_> = behind.examples.iter().map(|e| (e.started, e.at)).collect();
    assert_eq!(moments, [(2, 6), (1, 10_006)]);
    let frustration = answer.frustration.unwrap();
    assert_eq!((frustration.seen, frustration.counts.dead), (2, 1));
    let [desktop] = &answer.scroll[..] else {
        panic!("{:?}", answer.scroll)
    };
    assert_eq!((desktop.sessions, desktop.height), (2, 800));
}

#[test]
fn a_page_that_nobody_saw_is_empty() {
    let all = [Told::at(1)
        .visit("https://s/", 0, 0)
        .click(Some("x"), 1, ClickKind::Dead)];
    let answer = folded(&report("s/cart", None), &all).answer();
    assert_eq!((answer.sessions, answer.clicks), (1, 0));
    assert_eq!((&*answer.page.page, answer.page.views), ("s/cart", 0));
    assert!(answer.scroll.is_empty() && answer.frustration.is_none());
    assert_eq!(answer.targets, Often::default());
}

/// A report is kept and sent: it must not grow with what is called something elsewhere.
#[test]
fn names_of_other_pages_take_no_room() {
    let here = || {
        Told::at(1)
            .visit("https://s/", 0, 0)
            .click(Some("here"), 1, ClickKind::Dead)
            .mark("here", 2, false)
            .mark("here", 3, true)
    };
    let elsewhere = |number: u64| {
        let name = format!("elsewhere-{number}");
        let mut told = Told::at(2)
            .visit(&format!("https://s/{name}"), 0, 0)
            .click(Some(&name), 1, ClickKind::Dead)
            .mark(&name, 2, false)
            .mark(&name, 3, true);
        let (visit, form) = (told.last(), told.name(Topic::Forms, &name));
        told.session.submits.push(Submit { visit, at: 4, form });
        told
    };
    let written = |others: u64| {
        let all: Vec<Told> = (0..others).map(elsewhere).chain([here()]).collect();
        let report = folded(&report("s/", None), &all);
        let answer = report.answer();
        assert_eq!(summary(&answer.targets), [("here", 1, 1)]);
        assert_eq!(summary(&answer.errors), [("here", 1, 1)]);
        serde_json::to_string(&report).unwrap()
    };
    let many = written(50);
    assert!(!many.contains("elsewhere"), "{many}");
    // Counts of sessions have more digits.
    assert!(many.len() < written(1).len() + 20);
}

#[test]
fn a_path_alone_is_one_of_every_host() {
    let all = [
        Told::at(1).visit("https://s/cart", 0, 0),
        Told::at(2).visit("https://t/cart", 0, 0),
    ];
    let answer = folded(&report("/cart", None), &all).answer();
    assert_eq!((&*answer.page.page, answer.page.views), ("/cart", 2));
}

#[test]
fn the_rest_is_summed() {
    let mut told = Told::at(1).visit("https://s/", 0, 0);
    for target in ["a", "b", "b", "c"] {
        told = told.click(Some(target), 1, ClickKind::Plain);
    }
    let answer = folded(&report("s/", Some(1)), &[told]).answer();
    assert_eq!(summary(&answer.targets), [("b", 2, 1)]);
    assert_eq!((answer.targets.others, answer.targets.others_times), (2, 2));
}

/// How often each text came on the page, and in how many sessions.
fn naive<'a>(texts: impl Iterator<Item = (usize, String)> + 'a) -> BTreeMap<String, (u64, u64)> {
    let mut times: BTreeMap<String, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for (session, text) in texts {
        let entry = times.entry(text).or_default();
        entry.0 += 1;
        entry.1.insert(session);
    }
    let counts = times.into_iter();
    counts
        .map(|(text, (times, sessions))| (text, (times, sessions.len() as u64)))
        .collect()
}

fn found(often: Often) -> BTreeMap<String, (u64, u64)> {
    let rows = often.rows.into_iter();
    rows.map(|row| (row.text, (row.times, row.sessions)))
        .collect()
}

/// A field is called here as it is on this page, not as it is most often on the site.
fn by_form(rows: impl Iterator<Item = forms::Row>) -> BTreeMap<String, forms::Row> {
    let rows = rows.map(|mut row| {
        row.fields.iter_mut().for_each(|field| field.label.clear());
        row.fields.sort_by(|a, b| a.key.cmp(&b.key));
        (row.form.clone(), row)
    });
    rows.collect()
}

const PAGES: [&str; 4] = [
    "s.example/",
    "s.example/orders/:id",
    "t.example/cart",
    "s.example/nobody",
];

proptest! {
    #[test]
    fn says_what_the_other_reports_say_of_the_page(
        all in any_sessions(), page in prop::sample::select(&PAGES[..]),
    ) {
        let (routes, every) = (Routes::default(), Limit(None));
        let answer = folded(&report(page, None), &all).answer();

        let pages = folded(&pages::Report::new(routes.clone(), every), &all).answer();
        prop_assert_eq!(answer.sessions, pages.sessions);
        let row = pages.rows.into_iter().find(|row| row.page == page);
        let unseen = || pages::Row { page: page.to_owned(), ..pages::Row::default() };
        prop_assert_eq!(answer.page, row.unwrap_or_else(unseen));
        let scroll = folded(&scroll::Report::new(routes.clone(), every), &all).answer();
        let scroll = scroll.rows.into_iter().filter(|row| row.page == page);
        prop_assert_eq!(answer.scroll, scroll.collect::<Vec<_>>());
        let vitals = folded(&vitals::Report::new(routes.clone(), every), &all).answer();
        let vitals = vitals.rows.into_iter().find(|row| row.page == page);
        prop_assert_eq!(answer.vitals, vitals.map(|row| row.vitals).unwrap_or_default());
        let frustration = folded(&frustration::Report::new(routes.clone(), every), &all).answer();
        let frustration = frustration.rows.into_iter().find(|row| row.page == page);
        prop_assert_eq!(answer.frustration, frustration);
        let forms = folded(&forms::Report::new(routes.clone(), every), &all).answer();
        let forms = forms.rows.into_iter().filter(|row| row.page == page);
        prop_assert_eq!(by_form(answer.forms.rows.into_iter()), by_form(forms));

        let here = |told: &Told, visit: u32| {
            let address = told.url(visit);
            !address.is_empty() && routes.page(&address) == page
        };
        let clicks = all.iter().enumerate().flat_map(|(at, told)| {
            let clicks = told.session.clicks.iter().filter(|click| here(told, click.visit));
            clicks.map(move |click| (at, click.target.map(|name| told.text(Topic::Clicks, name))))
        });
        let clicks: Vec<_> = clicks.collect();
        prop_assert_eq!(answer.clicks, clicks.len() as u64);
        let named = clicks.into_iter().filter_map(|(at, target)| Some((at, target?)));
        prop_assert_eq!(found(answer.targets), naive(named));
        let marks = |is_error: bool| {
            let all = all.iter().enumerate();
            all.flat_map(move |(at, told)| {
                let marks = told.session.marks.iter();
                let marks = marks.filter(move |mark| mark.is_error == is_error);
                let marks = marks.filter(move |mark| here(told, mark.visit));
                marks.map(move |mark| (at, told.text(Topic::Marks, mark.tag)))
            })
        };
        prop_assert_eq!(found(answer.errors), naive(marks(true)));
        let events = answer.events.rows.into_iter();
        let events = events.map(|row| (row.event, (row.count, row.sessions)));
        prop_assert_eq!(events.collect::<BTreeMap<_, _>>(), naive(marks(false)));
    }

    #[test]
    fn holds(
        all in any_sessions(),
        cuts in cuts(),
        top in prop::option::of(1_u32..4),
        page in prop::sample::select(&PAGES[..]),
    ) {
        holds_to_the_laws(&report(page, top), &all, cuts);
    }
}
