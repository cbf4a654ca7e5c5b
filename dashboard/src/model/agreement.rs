//! What the replay page reads of a recording is what core counts of it, for any recording:
//! the row of the list of sessions, the reports and the replay say the same.
//!
//! The edge's half is [`SessionState`], fed batch by batch; ours is the [`Decoder`], asked as
//! the page asks it, with the batches in another order.

use crate::model::activity::{Kind, Row};
use crate::model::decoder::{Answer, Ask, Decoder, Listing};
use crate::model::heat::Dot;
use crate::model::number;
use crate::model::recording::tests::chunk;
use crate::model::rows::Gap;
use crate::model::tabs::tests::tab_id;
use proptest::prelude::*;
use sentiero_core::analytics::facts::Vital;
use sentiero_core::analytics::session::{ClickKind, Session, Topic};
use sentiero_core::api::SessionRow;
use sentiero_core::digest::{Digest, GAP};
use sentiero_core::id::{Millis, SessionId, TabId, WindowId};
use sentiero_core::recording::{Buffered, SessionState, Visitor};
use sentiero_core::wire::{Header, VERSION};
use std::collections::BTreeMap;

const T0: Millis = 1_795_445_123_456;
const TABS: [char; 3] = ['a', 'b', 'c'];

/// A page: a form with a name, one without, a field outside of both, a button.
const PAGE: &str = r#"{"type":0,"id":1,"childNodes":[
    {"type":2,"tagName":"form","attributes":{"name":"pay"},"id":20,"childNodes":[
        {"type":2,"tagName":"input","attributes":{"name":"mail"},"childNodes":[],"id":2},
        {"type":2,"tagName":"input","attributes":{"name":"card"},"childNodes":[],"id":3}]},
    {"type":2,"tagName":"form","attributes":{},"id":21,"childNodes":[
        {"type":2,"tagName":"input","attributes":{"name":"words"},"childNodes":[],"id":4},
        {"type":2,"tagName":"input","attributes":{"type":"checkbox"},"childNodes":[],"id":5}]},
    {"type":2,"tagName":"input","attributes":{},"childNodes":[],"id":6},
    {"type":2,"tagName":"button","attributes":{},"childNodes":[],"id":7}]}"#;

/// An event of one of the kinds that anything is counted of.
fn event(at: Millis, kind: u8, n: u32) -> String {
    let of =
        |kind: u8, data: &str| format!(r#"{{"type":{kind},"data":{{{data}}},"timestamp":{at}}}"#);
    let did = |data: &str| of(3, data);
    let custom =
        |tag: &str, payload: &str| of(5, &format!(r#""tag":"{tag}","payload":{{{payload}}}"#));
    let pressed = |kind: u8, more: &str| {
        let (node, x) = (n % 8, n % 14);
        did(&format!(
            r#""source":2,"type":{kind},"id":{node},"x":{x},"y":5{more}"#
        ))
    };
    match kind {
        0 => {
            let (path, query, width) = (n % 3, n % 5, 300 + n % 2);
            let href = format!("https://a.example/p{path}?q={query}");
            of(
                4,
                &format!(r#""href":"{href}","width":{width},"height":600"#),
            )
        }
        1 => {
            // An event is one line.
            let page = PAGE.replace('\n', "");
            of(
                2,
                &format!(r#""node":{page},"initialOffset":{{"left":0,"top":{n}}}"#),
            )
        }
        2 => pressed(2, ""),
        3 => pressed(2, &format!(r#","native":{}"#, n % 2)),
        4 => pressed(2, r#","native":0"#),
        5 => pressed(4, ""),
        6 => pressed(3, ""),
        7 => pressed(7, ""),
        8 => pressed(5, ""),
        9 => did(r#""source":0,"adds":[]"#),
        10 => did(&format!(r#""source":3,"id":{},"x":0,"y":{n}"#, n % 2 + 1)),
        11 | 12 => did(&format!(
            r#""source":5,"id":{},"text":"•","isChecked":false"#,
            n % 5 + 2
        )),
        13 => {
            let form = if n % 5 < 2 { r#","form":"pay""# } else { "" };
            let key = n % 4;
            custom(
                "__field",
                &format!(
                    r#""id":{},"field":"k{key}","text":"L{key}"{form}"#,
                    n % 5 + 2
                ),
            )
        }
        14 => custom(
            "__form_submit",
            ["", r#""name":"pay""#, r#""id":"pay""#][n as usize % 3],
        ),
        15 => {
            let metric = ["LCP", "INP", "CLS", "FCP", "TTFB", "XYZ"][n as usize % 6];
            custom(
                "__perf",
                &format!(r#""metric":"{metric}","value":{}.{n}"#, n % 3),
            )
        }
        16 => custom("error", &format!(r#""message":"line {n}""#)),
        17 => custom(
            ["bought", "page", "navigation"][n as usize % 3],
            r#""href":"https://b/""#,
        ),
        18 => did(&format!(
            r#""source":{},"positions":[{{"x":{n},"y":1}}]"#,
            [1, 6, 12][n as usize % 3]
        )),
        19 => did(&format!(
            r#""source":4,"width":{},"height":400"#,
            200 + n % 9
        )),
        20 => did(&format!(
            r#""source":{},"type":0,"id":7"#,
            [7, 14, 2, 8][n as usize % 4]
        )),
        _ => custom(
            "__click",
            &format!(r#""selector":"a","id":{},"x":0.5,"y":0.25"#, n % 8),
        ),
    }
}

/// Page loads, each of batches of events.
type Visit = Vec<Vec<Vec<String>>>;

fn page_load() -> impl Strategy<Value = Vec<Vec<String>>> {
    let pauses = vec![0, 0, 1, 90, 240, 480, 500, 501, 5_000, 5_001, 30_000];
    let kinds = prop_oneof![3 => 2u8..5, 4 => 0u8..22];
    let step = (prop::sample::select(pauses), kinds, 0u32..60, any::<bool>());
    let first = prop::sample::select(vec![0, 40, 7_000]);
    (first, prop::collection::vec(step, 1..60)).prop_map(|(first, steps)| {
        let mut at = T0 + first;
        let mut batches: Vec<Vec<String>> = vec![Vec::new()];
        for (after, kind, n, cut) in steps {
            at += after;
            if cut && batches.last().is_some_and(|batch| batch.len() > 2) {
                batches.push(Vec::new());
            }
            batches.last_mut().unwrap().push(event(at, kind, n));
        }
        batches
    })
}

fn visit() -> impl Strategy<Value = Visit> {
    prop::collection::vec(page_load(), 1..=TABS.len())
}

/// Each batch with the index of its first event.
fn indexed(batches: &[Vec<String>]) -> Vec<(u32, Vec<&str>)> {
    let mut first = 0;
    let mut found = Vec::new();
    for batch in batches {
        found.push((first, batch.iter().map(String::as_str).collect()));
        first += u32::try_from(batch.len()).unwrap();
    }
    found
}

fn sid() -> SessionId {
    SessionId::new(T0, &[1; 17])
}

/// What the edge makes of it.
fn edge(visit: &Visit) -> SessionState {
    let mut state = SessionState::new(T0, Visitor::default());
    for (name, batches) in TABS.iter().zip(visit) {
        for (first, events) in indexed(batches) {
            let header = Header {
                v: VERSION,
                sid: sid(),
                tab: tab_id(*name),
                window: WindowId::new(&[2; 5]),
                seq: 0,
                first,
                n: u32::try_from(events.len()).unwrap(),
                sent: T0,
                offset: Some(0),
                meta: None,
                end: false,
            };
            let events: Vec<&[u8]> = events.iter().map(|event| event.as_bytes()).collect();
            state.add(&Buffered::of(&header, &events, 1, T0).unwrap());
        }
    }
    state
}

/// What the replay page makes of one page load, whose batches come from the one at `turn` on,
/// and one of them twice.
fn page(name: char, batches: &[Vec<String>], span: (Millis, Millis), turn: usize) -> Listing {
    let mut decoder = Decoder::default();
    let tab = tab_id(name);
    assert_eq!(decoder.ask(Ask::Open { load: 1, tab }, b""), None);
    let mut batches = indexed(batches);
    let turn = turn % batches.len();
    batches.rotate_left(turn);
    batches.push(batches[0].clone());
    for (request, (first, events)) in (0..).zip(&batches) {
        let bytes = chunk(name, &[(*first, events)]);
        let awaited = request % 2 == 0;
        decoder.ask(Ask::Accept { request, awaited }, &bytes);
        while decoder.busy() {
            decoder.work();
        }
    }
    let spans = vec![span];
    assert_eq!(decoder.ask(Ask::List { spans }, b""), None);
    match decoder.work() {
        Some(Answer::Listed { listing, .. }) => *listing,
        other => panic!("{other:?}"),
    }
}

/// How many rows of these kinds there are, and how many events they stand for.
fn counted(pages: &[Listing], kinds: &[Kind]) -> (u32, u32) {
    let rows = pages.iter().flat_map(|page| &page.rows);
    let rows: Vec<&Row> = rows.filter(|row| kinds.contains(&row.kind)).collect();
    let count = u32::try_from(rows.len()).unwrap();
    (count, rows.iter().map(|row| row.count).sum())
}

/// The list's row says what the rows of the replay say.
fn agree_on_counts(row: &SessionRow, pages: &[Listing]) -> Result<(), TestCaseError> {
    let clicks = [Kind::Click, Kind::Rage, Kind::Dead];
    prop_assert_eq!(counted(pages, &clicks).1, row.clicks, "clicks");
    prop_assert_eq!(counted(pages, &[Kind::Rage]).0, row.rage, "rage");
    prop_assert_eq!(counted(pages, &[Kind::Dead]).0, row.dead, "dead clicks");
    prop_assert_eq!(counted(pages, &[Kind::Error]).0, row.errors, "errors");
    prop_assert_eq!(counted(pages, &[Kind::Page]).0, row.pages, "pages");
    let faults: usize = pages.iter().map(|page| page.captures.errors.len()).sum();
    prop_assert_eq!(
        u32::try_from(faults).unwrap(),
        row.errors,
        "errors of the pane"
    );
    Ok(())
}

/// Clicks are at the same places, and of the same kinds.
fn agree_on_clicks(session: &Session, pages: &[Listing]) -> Result<(), TestCaseError> {
    let kind = |rage: u32, dead: bool| match (rage, dead) {
        (1.., _) => "rage",
        (0, true) => "dead",
        (0, false) => "plain",
    };
    let mut ours = Vec::new();
    for dot in pages.iter().flat_map(|page| &page.heat.dots) {
        ours.push((dot.at - T0, place(dot), kind(dot.rage, dot.dead)));
    }
    let mut theirs = Vec::new();
    for click in &session.clicks {
        let kind = match click.kind {
            ClickKind::Plain => "plain",
            ClickKind::RageFirst | ClickKind::Rage => "rage",
            ClickKind::Dead | ClickKind::DeadWithError => "dead",
        };
        theirs.push((Millis::from(click.at), click.place, kind));
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    prop_assert_eq!(ours, theirs, "clicks of the overlay");
    Ok(())
}

/// Where on the page a click is drawn, px.
fn place(dot: &Dot) -> (u32, u32) {
    let whole = |side: f64| u32::try_from(number::whole(side)).unwrap();
    (whole(dot.x), whole(dot.y))
}

/// Which of the visits of a page load, `tab`, was shown at a time after the session's start.
fn shown(session: &Session, tab: u32, at: Millis) -> u32 {
    let visits = (0..).zip(&session.visits);
    let mut visits: Vec<(u32, Millis)> = visits
        .filter(|(_, visit)| visit.tab == tab)
        .map(|(place, visit)| (place, visit.at.into()))
        .collect();
    let first = visits[0].0;
    visits.retain(|(_, from)| *from <= at);
    visits.last().map_or(first, |(place, _)| *place)
}

/// By page and form: when it was begun and when it was sent then or later.
type Forms = BTreeMap<(u32, String), (Millis, Vec<Millis>)>;

/// Fields and forms are those of the report.
fn agree_on_forms(session: &Session, pages: &[(u32, Listing)]) -> Result<(), TestCaseError> {
    let name = |name| session.names(Topic::Forms).text(name).to_owned();
    let mut theirs = Vec::new();
    let mut begun = Forms::new();
    for field in &session.fields {
        let tab = session.visits[field.visit as usize].tab;
        let (from, to) = (Millis::from(field.span.0), Millis::from(field.span.1));
        theirs.push((tab, from, to - from, field.refills));
        let key = (field.visit, name(field.form));
        let known = begun.entry(key).or_insert((from, Vec::new()));
        known.0 = known.0.min(from);
    }
    for submit in &session.submits {
        let at = Millis::from(submit.at);
        if let Some((first, sent)) = begun.get_mut(&(submit.visit, name(submit.form)))
            && *first <= at
        {
            sent.push(at);
        }
    }
    let mut ours = Vec::new();
    let mut forms = Forms::new();
    for (tab, form) in pages
        .iter()
        .flat_map(|(tab, page)| page.forms.iter().map(|form| (*tab, form)))
    {
        for field in &form.fields {
            ours.push((tab, field.at - T0, field.spent, field.refills));
        }
        let first = form.fields[0].at - T0;
        let sent: Vec<Millis> = form.sent.iter().map(|at| at - T0).collect();
        let key = (shown(session, tab, first), form.name.clone());
        // Forms without names are one to the report: they are in the order in which they were
        // begun, and what was sent after a later one was sent after the first.
        forms.entry(key).or_insert((first, sent));
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    prop_assert_eq!(ours, theirs, "fields");
    prop_assert_eq!(forms, begun, "forms");
    Ok(())
}

/// Of each web vital the last value of a page load.
fn agree_on_vitals(session: &Session, pages: &[(u32, Listing)]) -> Result<(), TestCaseError> {
    let mut theirs = BTreeMap::new();
    for vital in &session.vitals {
        let tab = session.visits[vital.visit as usize].tab;
        let told = (vital.at, vital.value);
        let known = theirs.entry((tab, vital.metric)).or_insert(told);
        *known = (*known).max(told);
    }
    let mut ours = BTreeMap::new();
    for (tab, page) in pages {
        for vital in &page.captures.vitals {
            let told = Vital::of(&vital.name, vital.value).unwrap();
            let at = u32::try_from(vital.at - T0).unwrap();
            ours.insert((*tab, told.metric), (at, told.value));
        }
    }
    prop_assert_eq!(ours, theirs, "web vitals");
    Ok(())
}

/// What is not idle is what core calls active, but for the ends of the page load, of which
/// core says nothing.
fn agree_on_idle(
    digest: &Digest,
    gaps: &[Gap],
    span: (Millis, Millis),
) -> Result<(), TestCaseError> {
    let idle: Millis = gaps.iter().map(|gap| gap.to - gap.from).sum();
    let bursts: Vec<(Millis, Millis)> = digest.bursts.spans().collect();
    let ends = match (bursts.first(), bursts.last()) {
        (Some((first, _)), Some((_, last))) => [first - span.0, span.1 - last],
        _ => [span.1 - span.0, 0],
    };
    let short: Millis = ends.into_iter().filter(|end| *end <= GAP).sum();
    prop_assert_eq!(
        span.1 - span.0 - idle,
        digest.bursts.total() + short,
        "active time"
    );
    Ok(())
}

/// A page load's own digest, in one piece.
fn whole(tab: &TabId, batches: &[Vec<String>]) -> Digest {
    let events = batches.iter().flatten();
    Digest::from_events(tab, events.map(String::as_bytes))
}

fn agree(visit: &Visit, turn: usize) -> Result<(), TestCaseError> {
    let state = edge(visit);
    let session = state.analysis(&sid());
    let mut pages = Vec::new();
    let mut order = Vec::new();
    for (name, batches) in TABS.iter().zip(visit) {
        let tab = tab_id(*name);
        let digest = whole(&tab, batches);
        let span = digest.span.unwrap();
        let page = page(*name, batches, span, turn);
        agree_on_idle(&digest, &page.gaps, span)?;
        order.push((span.0, tab));
        pages.push(page);
    }
    agree_on_counts(&state.row(&sid(), false), &pages)?;
    agree_on_clicks(&session, &pages)?;
    // Page loads are counted in order of their first events.
    let mut sorted = order.clone();
    sorted.sort();
    let number = |one: &(Millis, TabId)| sorted.iter().position(|other| other == one).unwrap();
    let numbers = order.iter().map(|one| u32::try_from(number(one)).unwrap());
    let pages: Vec<(u32, Listing)> = numbers.zip(pages).collect();
    agree_on_forms(&session, &pages)?;
    agree_on_vitals(&session, &pages)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_the_replay_page_reads_is_what_core_counts(visit in visit(), turn in 0usize..20) {
        agree(&visit, turn)?;
    }
}
