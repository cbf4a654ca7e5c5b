//! Sessions for the tests of reports: told by hand, and any.

use super::{Report, Who};
use crate::analytics::session::{
    Attention, BAND, COLUMNS, Click, ClickKind, Field, Mark, Metric, Name, Names, Occurrence,
    Session, Submit, Summary, Topic, Visit, Vital,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Who, with texts of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) started: u64,
    pub(crate) rank: u32,
    pub(crate) device: Option<String>,
    pub(crate) browser: Option<String>,
    pub(crate) os: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) meta: BTreeMap<String, String>,
    pub(crate) live: bool,
    pub(crate) events: u64,
    pub(crate) errors: u32,
    pub(crate) session: Session,
}

impl Told {
    /// A session that began then.
    pub(crate) fn at(started: u64) -> Self {
        Self {
            started,
            ..Self::default()
        }
    }

    pub(crate) fn who(&self) -> Who<'_> {
        Who {
            started: self.started,
            rank: self.rank,
            device: self.device.as_deref(),
            browser: self.browser.as_deref(),
            os: self.os.as_deref(),
            country: self.country.as_deref(),
            region: self.region.as_deref(),
            user: self.user.as_deref(),
            told: super::Told::Row(&self.meta),
            live: self.live,
            events: self.events,
            errors: self.errors,
        }
    }

    pub(crate) fn device(mut self, device: &str) -> Self {
        self.device = Some(device.into());
        self
    }

    pub(crate) fn name(&mut self, topic: Topic, text: &str) -> Name {
        self.session.names_mut(topic).name(text)
    }

    /// What is counted next happens on this page.
    pub(crate) fn visit(mut self, url: &str, at: u32, active: u32) -> Self {
        let url = self.name(Topic::Pages, url);
        self.session.visits.push(Visit {
            url,
            at,
            length: active,
            active,
            viewport: (1_000, 800),
            deepest: 800,
            ..Visit::default()
        });
        self
    }

    /// The page's place.
    pub(crate) fn last(&self) -> u32 {
        u32::try_from(self.session.visits.len()).unwrap() - 1
    }

    pub(crate) fn click(mut self, target: Option<&str>, at: u32, kind: ClickKind) -> Self {
        let target = target.map(|target| self.name(Topic::Clicks, target));
        self.session.clicks.push(Click {
            visit: self.last(),
            at,
            kind,
            target,
            ..Click::default()
        });
        self
    }

    pub(crate) fn mark(mut self, tag: &str, at: u32, is_error: bool) -> Self {
        let tag = self.name(Topic::Marks, tag);
        self.session.marks.push(Mark {
            visit: self.last(),
            at,
            is_error,
            tag,
            values: Vec::new(),
            issue: None,
        });
        self
    }

    /// So many errors of an issue.
    pub(crate) fn error(mut self, issue: &str, title: &str, at: u32, times: u32) -> Self {
        let issue = self.name(Topic::Marks, issue);
        self = self.mark(title, at, true);
        let occurrence = Occurrence {
            issue,
            times,
            held: 0,
        };
        self.session.marks.last_mut().unwrap().issue = Some(occurrence);
        self
    }

    pub(crate) fn release(mut self, release: &str) -> Self {
        self.session.summary.release = Some(self.name(Topic::Summary, release));
        self
    }

    /// The text of a name, to count by texts.
    pub(crate) fn text(&self, topic: Topic, name: Name) -> String {
        self.session.names(topic).text(name).to_owned()
    }

    /// The address of a page.
    pub(crate) fn url(&self, visit: u32) -> String {
        let visit = &self.session.visits[usize::try_from(visit).unwrap()];
        self.text(Topic::Pages, visit.url)
    }
}

/// All of them in one report.
pub(crate) fn folded<R: Report>(empty: &R, all: &[Told]) -> R {
    let mut report = empty.clone();
    for told in all {
        report.names(&told.session.names.each_ref());
        report.add(&told.who(), &told.session);
    }
    report
}

/// Reports split anywhere and merged in any way say the same as one that saw everything.
pub(crate) fn holds_to_the_laws<R>(empty: &R, all: &[Told], cuts: (usize, usize))
where
    R: Report,
    R::Answer: Debug + PartialEq,
{
    let whole = folded(empty, all).answer();
    let at = |cut: usize| cut.min(all.len());
    let (first, second) = (at(cuts.0.min(cuts.1)), at(cuts.0.max(cuts.1)));
    let parts = [&all[..first], &all[first..second], &all[second..]];
    let [a, b, c] = parts.map(|part| folded(empty, part));
    let merge = |one: &R, other: &R| {
        let mut one = one.clone();
        one.merge(other.clone());
        one
    };
    assert_eq!(merge(&merge(&a, &b), &c).answer(), whole, "split anywhere");
    assert_eq!(merge(&a, &merge(&b, &c)).answer(), whole, "associative");
    assert_eq!(merge(&c, &merge(&b, &a)).answer(), whole, "commutative");
    assert_eq!(merge(empty, &a).answer(), a.answer(), "empty before");
    assert_eq!(merge(&a, empty).answer(), a.answer(), "empty behind");

    let mut backwards = all.to_vec();
    backwards.reverse();
    assert_eq!(folded(empty, &backwards).answer(), whole, "in any order");

    let sheet = sheet(all);
    let mut report = empty.clone();
    if let Some(told) = sheet.first() {
        report.names(&told.session.names.each_ref());
    }
    for told in &sheet {
        report.add(&told.who(), &told.session);
    }
    assert_eq!(report.answer(), whole, "texts told once a sheet");

    let written = serde_json::to_vec(&a).unwrap();
    let mut read: R = serde_json::from_slice(&written).unwrap();
    for told in &all[first..] {
        read.names(&told.session.names.each_ref());
        read.add(&told.who(), &told.session);
    }
    assert_eq!(read.answer(), whole, "written, read and continued");

    let written = serde_json::to_vec(&whole).unwrap();
    let read: R::Answer = serde_json::from_slice(&written).unwrap();
    assert_eq!(read, whole, "the answer, written and read");
}

/// The same sessions with the texts of all in each.
fn sheet(all: &[Told]) -> Vec<Told> {
    let mut names: [Names; 7] = Default::default();
    let mut sheet = all.to_vec();
    for told in &mut sheet {
        let own = told.session.names.clone();
        let mut map = |topic: usize, name: &mut Name| {
            *name = names[topic].name(own[topic].text(*name));
        };
        let session = &mut told.session;
        session.visits.iter_mut().for_each(|v| map(0, &mut v.url));
        let summary = &mut session.summary;
        let of_summary = summary.referrer.iter_mut();
        of_summary
            .chain(summary.utm.iter_mut().flatten())
            .chain(&mut summary.release)
            .for_each(|name| map(1, name));
        let targets = session.clicks.iter_mut().filter_map(|c| c.target.as_mut());
        targets.for_each(|name| map(2, name));
        for field in &mut session.fields {
            map(4, &mut field.key);
            map(4, &mut field.label);
            map(4, &mut field.form);
        }
        session.submits.iter_mut().for_each(|s| map(4, &mut s.form));
        for mark in &mut session.marks {
            map(5, &mut mark.tag);
            if let Some(occurrence) = &mut mark.issue {
                map(5, &mut occurrence.issue);
            }
            mark.values.iter_mut().for_each(|(name, _)| map(5, name));
        }
    }
    for told in &mut sheet {
        told.session.names.clone_from(&names);
    }
    sheet
}

fn text(from: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(from)
}

/// Fingerprints of issues.
pub(crate) const ISSUES: [&str; 3] = ["00000000000000a1", "00000000000000b2", "00000000000000c3"];

const URLS: &[&str] = &[
    "",
    "https://s.example/",
    "https://s.example/cart",
    "https://s.example/orders/17",
    "https://s.example/orders/18",
    "https://t.example/cart",
];

type Event = (prop::sample::Index, u32, u8, &'static str, (u32, u32));

fn event() -> impl Strategy<Value = Event> {
    let share = (0_u32..=10_000, 0_u32..=10_000);
    let word = text(&["a", "b", "c", "d"]);
    (
        any::<prop::sample::Index>(),
        0_u32..20,
        0_u8..12,
        word,
        share,
    )
}

prop_compose! {
    fn visits()(
        mut all in prop::collection::vec(
            (text(URLS), 0_u32..3, 0_u32..20_000, 0_u32..9_000, 0_u32..5, 0_u32..4_000),
            0..6,
        ),
    ) -> Vec<(&'static str, Visit)> {
        all.sort_by_key(|visit| visit.2);
        let visit = |(url, tab, at, active, window, more)| {
            let viewport = [(0, 0), (400, 700), (400, 800), (1_000, 800), (1_000, 900)];
            let viewport: (u32, u32) = viewport[window as usize];
            let visit = Visit {
                url: 0,
                tab,
                at,
                length: active * 2,
                active,
                viewport,
                deepest: viewport.1 + more,
            };
            (url, visit)
        };
        all.into_iter().map(visit).collect()
    }
}

prop_compose! {
    /// Any session.
    pub(crate) fn any_session()(
        who in (0_u64..40, 0_u8..4, 0_u8..4, any::<bool>(), 0_u32..3, 0_u64..99),
        visits in visits(),
        mut clicks in prop::collection::vec(event(), 0..8),
        attention in prop::collection::vec(event(), 0..4),
        mut fields in prop::collection::vec(event(), 0..5),
        mut submits in prop::collection::vec(event(), 0..3),
        mut marks in prop::collection::vec(event(), 0..8),
        vitals in prop::collection::vec(event(), 0..5),
        numbers in (0_u32..700_000, 0_u32..300_000, 0_u32..5, 0_u32..90_000, 0_u32..5),
        words in (any::<bool>(), 0_u8..4, 0_u8..4),
    ) -> Told {
        let named = |place: u8, names: [&str; 4]| {
            names.get(usize::from(place)).filter(|name| !name.is_empty()).map(|name| (*name).into())
        };
        let mut told = Told {
            // Several weeks, so that reports by day have some.
            started: 1_795_000_000_000 + who.0 * 40_000_000,
            device: named(who.1, ["desktop", "mobile", "tablet", ""]),
            browser: named(who.2, ["Chrome", "Firefox", "Safari", ""]),
            os: named(who.1, ["Windows", "iOS", "Android", ""]),
            country: named(who.2, ["DE", "FR", "US", ""]),
            region: named(who.1, ["Bavaria", "Texas", "", ""]),
            user: named(who.1, ["ann", "bob", "eve", ""]),
            meta: [("plan", named(who.2, ["pro", "free", "", ""])), ("shop", named(who.1, ["a", "", "b", ""]))]
                .into_iter()
                .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                .collect(),
            live: who.3,
            errors: who.4,
            events: who.5,
            ..Told::default()
        };
        let count = visits.len();
        for (url, visit) in visits {
            let url = told.name(Topic::Pages, url);
            told.session.visits.push(Visit { url, ..visit });
        }
        let on = |event: &Event| u32::try_from(event.0.index(count.max(1))).unwrap();
        let has_pages = count > 0;
        let at = |event: &Event| event.1 * 1_000;
        for list in [&mut clicks, &mut fields, &mut submits, &mut marks] {
            list.sort_by_key(|event| event.1);
        }
        told.session.summary = Summary {
            duration: numbers.0,
            active: numbers.1,
            referrer: words.0.then(|| told.name(Topic::Summary, "https://news.example/a")),
            utm: [
                named(words.1, ["mail", "Ads", "", ""]).map(|text: String| {
                    told.name(Topic::Summary, &text)
                }),
                None,
                named(words.2, ["spring", "autumn", "", ""]).map(|text: String| {
                    told.name(Topic::Summary, &text)
                }),
                None,
                None,
            ],
            revisits: numbers.2,
            idle: numbers.3,
            thrashes: numbers.4,
            left_on_error: words.0 && words.1 == 0,
            release: named(words.2, ["1.0", "1.1", "", ""]).map(|text: String| {
                told.name(Topic::Summary, &text)
            }),
        };
        if !has_pages {
            return told;
        }
        for event in &clicks {
            let target = (event.2 < 9).then(|| told.name(Topic::Clicks, event.3));
            let kinds = [
                ClickKind::Plain,
                ClickKind::RageFirst,
                ClickKind::Rage,
                ClickKind::Dead,
                ClickKind::DeadWithError,
            ];
            told.session.clicks.push(Click {
                visit: on(event),
                at: at(event),
                kind: kinds[usize::from(event.2 % 5)],
                place: event.4,
                target,
                share: if target.is_some() { event.4 } else { (0, 0) },
            });
        }
        for event in &attention {
            let (row, column) = (event.4.0 / BAND, event.4.1 % COLUMNS);
            let visit = on(event);
            if told.session.attention.iter().any(|seen| seen.visit == visit) {
                continue;
            }
            told.session.attention.push(Attention {
                visit,
                seen: vec![(row, event.1 + 1), (row + 1, 5)],
                moves: vec![(row, column, event.1 + 1)],
            });
        }
        told.session.attention.sort_by_key(|seen| seen.visit);
        for event in &fields {
            let key = told.name(Topic::Forms, event.3);
            let label = told.name(Topic::Forms, if event.2 < 6 { event.3 } else { "Label" });
            let form = told.name(Topic::Forms, ["", "f", "g"][usize::from(event.2 % 3)]);
            told.session.fields.push(Field {
                visit: on(event),
                key,
                label,
                form,
                span: (at(event), at(event) + event.4.0),
                refills: u32::from(event.2 % 3),
            });
        }
        for event in &submits {
            let form = told.name(Topic::Forms, ["", "f", "g"][usize::from(event.2 % 3)]);
            told.session.submits.push(Submit { visit: on(event), at: at(event), form });
        }
        for event in &marks {
            let tag = told.name(Topic::Marks, event.3);
            let value = told.name(Topic::Marks, ["price", "count"][usize::from(event.2 % 2)]);
            let values = (event.2 > 4).then(|| (value, f64::from(event.4.0) / 100.0 - 3.0));
            let issue = (event.2 % 8 == 0).then(|| Occurrence {
                issue: told.name(Topic::Marks, ISSUES[event.1 as usize % ISSUES.len()]),
                times: event.4.0 + 1,
                held: event.4.1 % 3,
            });
            told.session.marks.push(Mark {
                visit: on(event),
                at: at(event),
                is_error: event.2 % 4 == 0,
                tag,
                values: values.into_iter().collect(),
                issue,
            });
        }
        for event in &vitals {
            let metrics = [Metric::Lcp, Metric::Inp, Metric::Cls, Metric::Fcp, Metric::Ttfb];
            let (visit, metric) = (on(event), metrics[usize::from(event.2 % 5)]);
            let known = |vital: &Vital| vital.visit == visit && vital.metric == metric;
            if !told.session.vitals.iter().any(known) {
                told.session.vitals.push(Vital { visit, at: at(event), metric, value: event.4.0 });
            }
        }
        told.session.vitals.sort_by_key(|vital| (vital.visit, vital.metric));
        told
    }
}

prop_compose! {
    /// Any sessions, in the order of their ids.
    pub(crate) fn any_sessions()(
        mut all in prop::collection::vec(any_session(), 0..14),
    ) -> Vec<Told> {
        all.sort_by_key(|told| told.started);
        for place in 1..all.len() {
            if all[place].started == all[place - 1].started {
                all[place].rank = all[place - 1].rank + 1;
            }
        }
        all
    }
}

/// Where they are split.
pub(crate) fn cuts() -> impl Strategy<Value = (usize, usize)> {
    (0_usize..14, 0_usize..14)
}
