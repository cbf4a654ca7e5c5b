use crate::api::Moment;
use crate::digest::{Digest, MAX_CLICKS};
use crate::id::{Millis, TabId};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use proptest::prelude::*;

fn tab() -> TabId {
    TabId::parse("aaaaaaaa").unwrap()
}

fn incremental(at: Millis, data: &str) -> String {
    format!(r#"{{"type":3,"data":{{{data}}},"timestamp":{at}}}"#)
}

fn click(at: Millis, x: i32, y: i32) -> String {
    incremental(
        at,
        &format!(r#""source":2,"type":2,"id":7,"x":{x}.5,"y":{y}"#),
    )
}

/// What a recorder says that knows whether the browser serves a click.
fn told_click(at: Millis, native: u8) -> String {
    incremental(
        at,
        &format!(r#""source":2,"type":2,"id":7,"x":1,"y":1,"native":{native}"#),
    )
}

fn focus(at: Millis, node: u32) -> String {
    incremental(at, &format!(r#""source":2,"type":5,"id":{node}"#))
}

fn source(at: Millis, source: u8) -> String {
    incremental(at, &format!(r#""source":{source}"#))
}

fn custom(at: Millis, tag: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{{}}}},"timestamp":{at}}}"#)
}

fn digest(events: &[String]) -> Digest {
    Digest::from_events(&tab(), events.iter().map(String::as_bytes))
}

/// Rage incidents and dead clicks, when the last event is that of `digest`.
fn told(digest: &Digest) -> (usize, u32) {
    let until = digest.span.map(|(_, to)| to);
    let found = digest.clicked.judge(|_| until);
    (found.rage.len(), found.dead)
}

#[test]
fn three_clicks_at_one_place_are_rage() {
    for (clicks, expected) in [
        (&[(0, 5, 5), (250, 5, 5)][..], (0, 2)),
        (&[(0, 5, 5), (250, 5, 5), (500, 5, 5)], (1, 0)),
        (&[(0, 5, 5), (250, 5, 5), (501, 5, 5)], (0, 3)),
        (&[(0, 5, 5), (250, 15, 5), (500, 5, -5)], (1, 0)),
        (&[(0, 5, 5), (250, 16, 5), (500, 5, 5)], (0, 3)),
        (
            &[
                (0, 5, 5),
                (100, 5, 5),
                (200, 5, 5),
                (300, 5, 5),
                (700, 5, 5),
            ],
            (1, 1),
        ),
        (
            &[
                (0, 1, 1),
                (1, 1, 1),
                (2, 1, 1),
                (900, 1, 1),
                (901, 1, 1),
                (902, 1, 1),
            ],
            (2, 0),
        ),
    ] {
        let mut events: Vec<String> = clicks
            .iter()
            .map(|(at, x, y)| click(10_000 + at, *x, *y))
            .collect();
        events.push(source(60_000, 1));
        assert_eq!(told(&digest(&events)), expected, "{clicks:?}");
    }
}

#[test]
fn a_click_without_an_answer_is_dead() {
    let at = 10_000;
    for (others, expected) in [
        (&[][..], 1),
        (&[source(at, 0)], 1),
        (&[source(at + 1, 0)], 0),
        (&[source(at + 500, 0)], 0),
        (&[source(at + 501, 0)], 1),
        (&[source(at + 9, 3)], 0),
        (&[source(at + 9, 5)], 0),
        (&[source(at + 9, 7)], 0),
        (&[source(at + 9, 14)], 0),
        (&[source(at + 9, 1)], 1),
        (&[focus(at - 90, 7)], 0),
        (&[focus(at - 90, 8)], 1),
        (&[focus(at - 501, 7)], 1),
        (&[custom(at + 9, "added-to-cart")], 0),
        (&[custom(at + 9, "navigation")], 0),
        (&[custom(at + 9, "__click")], 1),
        (&[custom(at + 9, "error")], 1),
        (&[custom(at + 9, "sentiero:cost")], 1),
    ] {
        let mut events = [others, &[click(at, 1, 1), source(60_000, 1)]].concat();
        events.sort_by_key(|event| crate::event::EventView::read(event.as_bytes()).unwrap().at);
        assert_eq!(told(&digest(&events)), (0, expected), "{others:?}");
    }
}

#[test]
fn the_focus_is_no_answer_where_the_recorder_says_who_served_the_click() {
    let at = 10_000;
    for (native, others, expected) in [
        (0, &[][..], 1),
        // A button takes the focus when it is pressed, and does nothing.
        (0, &[focus(at - 90, 7)], 1),
        (0, &[focus(at - 90, 7), source(at + 9, 0)], 0),
        // A field that has the focus already, a download, a video.
        (1, &[], 0),
        (1, &[focus(at - 90, 7)], 0),
        // What says neither is as if nothing was said.
        (2, &[focus(at - 90, 7)], 0),
        (2, &[], 1),
    ] {
        let mut events = [others, &[told_click(at, native), source(60_000, 1)]].concat();
        events.sort_by_key(|event| crate::event::EventView::read(event.as_bytes()).unwrap().at);
        assert_eq!(told(&digest(&events)), (0, expected), "{native} {others:?}");
        let mut parts = digest(&events[..events.len() - 1]);
        parts.merge(digest(&events[events.len() - 1..]));
        assert_eq!(parts, digest(&events), "{native} {others:?}");
    }
}

#[test]
fn a_click_that_leaves_the_page_is_not_dead() {
    for (last, dead) in [(499, 0), (500, 1)] {
        let events = [click(10_000, 1, 1), source(10_000 + last, 1)];
        assert_eq!(told(&digest(&events)), (0, dead), "{last}");
    }
    let unknown = digest(&[click(10_000, 1, 1), source(60_000, 1)]);
    assert_eq!(unknown.clicked.judge(|_| None).dead, 0);
}

#[test]
fn page_loads_are_judged_apart() {
    let mut first = digest(&[click(10_000, 1, 1), source(60_000, 1)]);
    let other = [source(10_100, 0), click(10_200, 1, 1), source(60_000, 1)];
    let other = other.iter().map(String::as_bytes);
    first.merge(Digest::from_events(
        &TabId::parse("bbbbbbbb").unwrap(),
        other,
    ));
    assert_eq!(told(&first), (0, 2));
    // The first of both is told with its page load.
    let found = first.clicked.judge(|_| Some(60_000));
    let tab = tab();
    assert_eq!(found.first_dead, Some(Moment { at: 10_000, tab }));
    assert_eq!(found.first_rage, None);
}

#[test]
fn the_first_incident_is_told_wherever_it_was() {
    let rage = |at| {
        [
            click(at, 5, 5),
            click(at + 100, 5, 5),
            click(at + 200, 5, 5),
        ]
    };
    let mut all = digest(&rage(50_000));
    let other = TabId::parse("bbbbbbbb").unwrap();
    let early = rage(10_000);
    all.merge(Digest::from_events(
        &other,
        early.iter().map(String::as_bytes),
    ));
    let found = all.clicked.judge(|_| Some(60_000));
    assert_eq!(found.rage, [10_000, 50_000]);
    assert_eq!(
        found.first_rage,
        Some(Moment {
            at: 10_000,
            tab: other
        })
    );
}

#[test]
fn the_earliest_clicks_are_judged() {
    let clicks = |n: usize| -> Vec<String> {
        let mut events: Vec<String> = (0..n as u64).map(|i| click(i * 1_000, 1, 1)).collect();
        events.push(source(100_000_000, 1));
        events
    };
    let most = u32::try_from(MAX_CLICKS).unwrap();
    assert_eq!(told(&digest(&clicks(MAX_CLICKS))).1, most);
    let more = digest(&clicks(MAX_CLICKS + 1));
    assert_eq!((told(&more).1, more.clicks), (most, most + 1));
    let json = serde_json::to_string(&more.clicked).unwrap();
    assert!(json.len() < 120_000, "{}", json.len());
}

/// What released versions wrote is read.
#[test]
fn clicks_of_the_first_releases_are_read() {
    let old =
        r#"{"clicks":[[5,"aaaaaaaa",1,2,0],[900,"aaaaaaaa",-3,4,1]],"answers":[[7,"aaaaaaaa"]]}"#;
    let read: crate::digest::Clicks = serde_json::from_str(old).unwrap();
    let json = serde_json::to_string(&read).unwrap();
    let new = r#"{"tabs":["aaaaaaaa"],"list":[5,0,1,2,0,895,0,-3,4,1],"first":[7,0]}"#;
    assert_eq!(json, new);
    assert_eq!(
        serde_json::from_str::<crate::digest::Clicks>(new).unwrap(),
        read
    );
}

/// The batch that answers begins at the click's own moment, with what answers nothing yet.
#[test]
fn an_answer_at_the_moment_of_the_click_hides_no_later_one() {
    let events = [
        source(9_000, 0),
        click(10_000, 3, 3),
        custom(10_000, "bought"),
        source(10_001, 0),
        source(11_000, 0),
    ];
    assert_eq!(told(&digest(&events)), (0, 0));
    let mut merged = digest(&events[2..]);
    merged.merge(digest(&events[..2]));
    assert_eq!(told(&merged), (0, 0));
}

fn stream() -> impl Strategy<Value = Vec<String>> {
    let event = (0u64..400, 0u8..8, 0i32..25);
    prop::collection::vec(event, 0..40).prop_map(|events| {
        let mut at = 10_000;
        let told = events.into_iter().map(|(after, kind, x)| {
            at += after;
            match kind {
                0 => source(at, 0),
                1 => source(at, 1),
                2 => custom(at, "bought"),
                _ => click(at, x, 3),
            }
        });
        told.collect()
    })
}

proptest! {
    #[test]
    fn is_the_same_however_it_is_cut(events in stream(), cuts in prop::collection::vec(0usize..40, 0..4)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(events.len())).collect();
        cuts.extend([0, events.len()]);
        cuts.sort_unstable();
        let mut merged = Digest::default();
        // The last part first: batches may come in any order.
        for part in cuts.windows(2).rev() {
            merged.merge(digest(&events[part[0]..part[1]]));
        }
        prop_assert_eq!(told(&merged), told(&digest(&events)));
        let json = serde_json::to_string(&merged).unwrap();
        prop_assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), merged);
    }
}
