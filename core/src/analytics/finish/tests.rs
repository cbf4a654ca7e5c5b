use crate::analytics::facts::tests::{custom, incremental, stream, tab};
use crate::analytics::session::{
    Attention, Click, ClickKind, Field, Mark, Metric, Session, Submit, Topic, Vital,
};
use crate::id::{Millis, SessionId, WindowId};
use crate::recording::{Buffered, SessionState, Visitor};
use crate::wire::{Header, Meta, VERSION};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

const T0: Millis = 1_795_445_123_456;

const A: &str = "aaaaaaaa";
const B: &str = "bbbbbbbb";

fn sid() -> SessionId {
    SessionId::new(T0, &[1; 17])
}

/// A batch of a page load whose clock is `offset` behind the edge's.
fn batch(name: &str, offset: i64, referrer: &str, events: &[String]) -> Buffered {
    let header = Header {
        v: VERSION,
        sid: sid(),
        tab: tab(name),
        window: WindowId::new(&[2; 5]),
        seq: 0,
        first: 0,
        n: u32::try_from(events.len()).unwrap(),
        sent: T0,
        offset: Some(offset),
        meta: Some(Meta {
            url: String::new(),
            referrer: referrer.into(),
            width: 1,
            height: 1,
        }),
        end: false,
    };
    let events: Vec<&[u8]> = events.iter().map(String::as_bytes).collect();
    Buffered::of(&header, &events, 1, T0).unwrap()
}

fn of(batches: &[Buffered]) -> Session {
    let mut state = SessionState::new(T0, Visitor::default());
    for batch in batches {
        state.add(batch);
    }
    state.analysis(&sid())
}

fn session(events: &[String]) -> Session {
    of(&[batch(A, 0, "", events)])
}

fn meta(at: Millis, href: &str) -> String {
    format!(
        r#"{{"type":4,"data":{{"href":"{href}","width":1000,"height":500}},"timestamp":{}}}"#,
        T0 + at
    )
}

fn click(at: Millis, x: i32, y: i32) -> String {
    incremental(
        T0 + at,
        &format!(r#""source":2,"type":2,"id":7,"x":{x},"y":{y}"#),
    )
}

fn scroll(at: Millis, y: u32) -> String {
    incremental(T0 + at, &format!(r#""source":3,"id":1,"x":0,"y":{y}"#))
}

fn moved(at: Millis, x: u32, y: u32) -> String {
    incremental(
        T0 + at,
        &format!(r#""source":1,"positions":[{{"x":{x},"y":{y}}}]"#),
    )
}

fn changed(at: Millis) -> String {
    incremental(T0 + at, r#""source":0"#)
}

fn input(at: Millis, node: u32) -> String {
    incremental(
        T0 + at,
        &format!(r#""source":5,"id":{node},"text":"•••••""#),
    )
}

fn own(at: Millis, tag: &str, payload: &str) -> String {
    custom(T0 + at, tag, payload)
}

fn visits(session: &Session) -> Vec<(&str, u32, u32, u32)> {
    let url = |name| session.names(Topic::Pages).text(name);
    let visits = session.visits.iter();
    visits
        .map(|visit| (url(visit.url), visit.tab, visit.at, visit.length))
        .collect()
}

mod page_segments {
    use super::*;

    #[test]
    fn a_session_without_page_loads_has_none() {
        assert_eq!(of(&[]), Session::default());
    }

    #[test]
    fn a_page_load_without_an_address_is_one_page_without() {
        let blank = meta(100, " ");
        let other = format!(
            r#"{{"type":4,"data":{{"href":7}},"timestamp":{}}}"#,
            T0 + 150
        );
        let session = session(&[changed(50), blank, other, changed(250)]);
        assert_eq!(visits(&session), [("", 0, 50, 200)]);
    }

    #[test]
    fn pages_are_split_where_the_address_changes() {
        let session = session(&[
            changed(10),
            meta(100, "https://a/x?q=1#f"),
            meta(200, "https://a/x"),
            meta(300, "https://a/y"),
            meta(450, "https://a/x"),
            changed(700),
        ]);
        // What came before the first address is of the first page, the same address extends
        // it, and a page that is come back to is shown anew.
        let expected = [
            ("https://a/x", 0, 10, 290),
            ("https://a/y", 0, 300, 150),
            ("https://a/x", 0, 450, 250),
        ];
        assert_eq!(visits(&session), expected);
        assert_eq!(session.summary.revisits, 1);
    }

    #[test]
    fn page_loads_are_told_apart_and_times_corrected() {
        let first = batch(A, 0, "", &[meta(1_000, "https://a/x"), changed(9_000)]);
        // Its clock is 2 s behind.
        let second = batch(B, 2_000, "", &[meta(0, "https://a/x"), changed(500)]);
        let session = of(&[second, first]);
        let expected = [
            ("https://a/x", 0, 1_000, 8_000),
            ("https://a/x", 1, 2_000, 500),
        ];
        assert_eq!(visits(&session), expected);
        assert_eq!(
            session.summary.revisits, 0,
            "loading it again is not coming back"
        );
    }
}

mod clicks_and_heatmap {
    use super::*;

    fn places(session: &Session) -> Vec<(u32, (u32, u32))> {
        let clicks = session.clicks.iter();
        clicks.map(|click| (click.visit, click.place)).collect()
    }

    #[test]
    fn places_are_on_the_page() {
        let session = session(&[
            meta(0, "https://a/x"),
            click(100, 10, 20),
            scroll(200, 300),
            incremental(T0 + 250, r#""source":3,"id":9,"x":0,"y":70"#),
            click(300, 10, 20),
            // Out of the window.
            click(2_000, 5_000, -20),
            meta(3_000, "https://a/y"),
            scroll(3_001, 0),
            click(4_000, 10, 20),
        ]);
        let expected = [
            (0, (10, 20)),
            (0, (10, 320)),
            (0, (1_000, 300)),
            (1, (10, 20)),
        ];
        assert_eq!(places(&session), expected);
        assert_eq!(session.visits[0].viewport, (1_000, 500));
    }

    #[test]
    fn a_page_loaded_again_is_not_scrolled() {
        let first = batch(
            A,
            0,
            "",
            &[meta(0, "https://a/x"), scroll(10, 900), changed(20)],
        );
        let again = batch(B, 0, "", &[meta(30, "https://a/x"), click(40, 1, 2)]);
        assert_eq!(places(&of(&[first, again])), [(1, (1, 2))]);
    }

    /// A recorder that begins again on a page counts its nodes on.
    #[test]
    fn a_snapshot_says_which_node_the_document_is() {
        let snapshot = |at: Millis, root: u32, top: u32| {
            format!(
                r#"{{"type":2,"data":{{"node":{{"id":{root}}},"initialOffset":{{"left":0,"top":{top}}}}},"timestamp":{}}}"#,
                T0 + at
            )
        };
        let session = session(&[
            meta(0, "https://a/x"),
            snapshot(0, 1, 40),
            click(10, 0, 0),
            snapshot(1_000, 70, 100),
            click(1_010, 0, 0),
            scroll(2_000, 900),
            incremental(T0 + 2_010, r#""source":3,"id":70,"x":0,"y":200"#),
            click(2_020, 0, 0),
        ]);
        assert_eq!(
            places(&session),
            [(0, (0, 40)), (0, (0, 100)), (0, (0, 200))]
        );
        assert_eq!(session.visits[0].deepest, 700);
    }

    #[test]
    fn without_a_window_nothing_is_at_its_edge() {
        let address = format!(r#"{{"type":4,"data":{{"href":"u"}},"timestamp":{T0}}}"#);
        let session = session(&[address, moved(0, 30, 40), click(9, 3_000, 4_000)]);
        assert_eq!(places(&session), [(0, (3_000, 4_000))]);
        assert_eq!(
            (session.visits[0].viewport, session.attention.len()),
            ((0, 0), 0)
        );
    }

    #[test]
    fn elements_follow_their_clicks() {
        let aim = |at, selector: &str| {
            own(
                at,
                "__click",
                &format!(r#"{{"selector":"{selector}","x":0.25,"y":1}}"#),
            )
        };
        let session = session(&[
            meta(0, "https://a/x"),
            aim(99, "a.near"),
            click(100, 1, 1),
            click(250, 1, 1),
            aim(350, "b.at-the-edge"),
            click(1_000, 1, 1),
            aim(1_101, "c.too-late"),
        ]);
        let name = |click: &Click| {
            click
                .target
                .map(|name| session.names(Topic::Clicks).text(name).to_string())
        };
        let names: Vec<_> = session.clicks.iter().map(name).collect();
        assert_eq!(
            names,
            [Some("a.near".into()), Some("b.at-the-edge".into()), None]
        );
        let shares: Vec<_> = session.clicks.iter().map(|click| click.share).collect();
        assert_eq!(shares, [(2_500, 10_000), (2_500, 10_000), (0, 0)]);
    }
}

mod scroll_depth {
    use super::*;

    #[test]
    fn a_page_that_was_not_scrolled_was_seen_as_far_as_the_window() {
        assert_eq!(session(&[meta(0, "u"), changed(9)]).visits[0].deepest, 500);
    }

    #[test]
    fn the_deepest_counts_for_each_page() {
        let resized = incremental(T0 + 30, r#""source":4,"width":800,"height":300"#);
        let session = session(&[
            meta(0, "https://a/x"),
            scroll(10, 700),
            scroll(20, 200),
            resized,
            scroll(40, 800),
            meta(50, "https://a/y"),
            scroll(60, 10),
            changed(90),
        ]);
        let deepest: Vec<u32> = session.visits.iter().map(|visit| visit.deepest).collect();
        assert_eq!(deepest, [1_200, 510]);
        assert_eq!(session.visits[1].viewport, (1_000, 500));
    }
}

mod attention {
    use super::*;

    #[test]
    fn rows_count_while_the_visitor_acts() {
        let session = session(&[
            meta(0, "https://a/x"),
            moved(1_000, 500, 250),
            moved(3_000, 990, 499),
            scroll(4_000, 150),
            moved(5_000, 1_500, 0),
            // A pause.
            changed(60_000),
        ]);
        let seen: Vec<(u32, u32)> = [(0, 3_000)]
            .into_iter()
            .chain((1..5).map(|row| (row, 4_000)))
            .chain([(5, 1_000), (6, 1_000)])
            .collect();
        let moves = vec![(1, 39, 1), (2, 20, 1), (4, 39, 1)];
        let expected = Attention {
            visit: 0,
            seen,
            moves,
        };
        assert_eq!(session.attention, [expected]);
        assert_eq!(session.visits[0].active, 4_000);
        assert_eq!(
            (session.summary.active, session.summary.duration),
            (4_000, 60_000)
        );
    }
}

mod vitals {
    use super::*;

    #[test]
    fn the_last_report_of_each_page_and_metric_stands() {
        let vital = |at, metric: &str, value: &str| {
            own(
                at,
                "__perf",
                &format!(r#"{{"metric":"{metric}","value":{value}}}"#),
            )
        };
        let session = session(&[
            meta(0, "https://a/x"),
            vital(10, "LCP", "1200.4"),
            vital(20, "LCP", "1500.5"),
            vital(30, "CLS", "0.12345"),
            vital(40, "CLS", "-1"),
            vital(41, "LCP", "\"x\""),
            vital(42, "FOO", "1"),
            meta(100, "https://a/y"),
            vital(150, "CLS", "0.5"),
            meta(200, "https://a/x"),
            vital(250, "INP", "80"),
        ]);
        let vital = |visit, at, metric, value| Vital {
            visit,
            at,
            metric,
            value,
        };
        assert_eq!(
            session.vitals,
            [
                vital(0, 20, Metric::Lcp, 1_501),
                vital(0, 30, Metric::Cls, 1_235),
                vital(1, 150, Metric::Cls, 5_000),
                vital(2, 250, Metric::Inp, 80),
            ]
        );
    }
}

mod forms {
    use super::*;

    fn named(node: u32, key: &str, label: &str) -> String {
        own(
            5,
            "__field",
            &format!(r#"{{"id":{node},"field":"{key}","text":"{label}","form":"pay"}}"#),
        )
    }

    /// Page, key, label, form, first and last input, times that it was come back to.
    type Told<'a> = (u32, &'a str, &'a str, &'a str, (u32, u32), u32);

    fn told(session: &Session) -> Vec<Told<'_>> {
        let text = |name| session.names(Topic::Forms).text(name);
        let told = |field: &Field| {
            let (key, label, form) = (text(field.key), text(field.label), text(field.form));
            (field.visit, key, label, form, field.span, field.refills)
        };
        session.fields.iter().map(told).collect()
    }

    #[test]
    fn fields_have_keys_times_and_refills() {
        let session = session(&[
            meta(0, "https://a/x"),
            named(4, "pay email", "E-mail"),
            named(5, "pay card", ""),
            input(100, 4),
            input(200, 4),
            input(300, 5),
            input(400, 4),
            input(450, 4),
            input(500, 6),
            own(600, "__form_submit", r#"{"name":"pay"}"#),
            meta(700, "https://a/y"),
            input(800, 4),
            own(900, "__form_submit", r#"{"id":"other"}"#),
        ]);
        assert_eq!(
            told(&session),
            [
                (0, "pay email", "E-mail", "pay", (100, 450), 1),
                (0, "pay card", "pay card", "pay", (300, 300), 0),
                (0, "field #6", "field #6", "", (500, 500), 0),
                (1, "pay email", "E-mail", "pay", (800, 800), 0),
            ]
        );
        let text = |submit: &Submit| session.names(Topic::Forms).text(submit.form).to_string();
        let submits: Vec<_> = session
            .submits
            .iter()
            .map(|submit| (submit.visit, submit.at, text(submit)))
            .collect();
        assert_eq!(submits, [(0, 600, "pay".into()), (1, 900, "other".into())]);
    }

    #[test]
    fn no_value_leaks() {
        let typed = incremental(
            T0 + 10,
            r#""source":5,"id":4,"text":"geheim","isChecked":false"#,
        );
        let session = session(&[
            meta(0, "https://a/x"),
            typed,
            own(11, "navigation", r#"{"url":"https://a/y"}"#),
        ]);
        assert!(!format!("{session:?}").contains("geheim"));
        assert_eq!(session.submits, [], "following a link sends no form");
    }
}

mod frustration {
    use super::*;
    use ClickKind::{Dead, DeadWithError, Plain, Rage, RageFirst};

    fn kinds(events: &[String]) -> Vec<ClickKind> {
        let mut all = vec![meta(0, "https://a/x")];
        all.extend_from_slice(events);
        all.push(changed(60_000));
        session(&all)
            .clicks
            .iter()
            .map(|click| click.kind)
            .collect()
    }

    #[test]
    fn thresholds_are_where_they_are() {
        let three = |last: Millis, x| {
            kinds(&[
                click(1_000, 50, 50),
                click(1_250, 50, 50),
                click(1_000 + last, x, 50),
            ])
        };
        assert_eq!(three(500, 60), [RageFirst, Rage, Rage]);
        assert_eq!(three(501, 50), [Dead, Dead, Dead]);
        assert_eq!(three(500, 61), [Dead, Dead, Dead]);
        assert_eq!(
            kinds(&[click(1_000, 5, 5), click(1_100, 5, 5)]),
            [Dead, Dead]
        );
        let burst: Vec<String> = (0..6).map(|n| click(1_000 + n * 100, 5, 5)).collect();
        assert_eq!(kinds(&burst), [RageFirst, Rage, Rage, Rage, Rage, Rage]);
        let between = [
            click(1_000, 5, 5),
            changed(1_050),
            click(1_100, 5, 5),
            moved(1_150, 5, 5),
            click(1_200, 5, 5),
        ];
        assert_eq!(kinds(&between), [RageFirst, Rage, Rage]);
    }

    #[test]
    fn what_answers_a_click() {
        let after = |event: String| kinds(&[click(1_000, 5, 5), event]);
        assert_eq!(after(changed(1_500)), [Plain]);
        assert_eq!(after(changed(1_501)), [Dead]);
        assert_eq!(after(own(1_500, "bought", "{}")), [Plain]);
        assert_eq!(after(own(1_501, "bought", "{}")), [Dead]);
        assert_eq!(after(own(1_100, "__click", r#"{"selector":"a"}"#)), [Dead]);
        let error = r#"{"message":"x"}"#;
        assert_eq!(after(own(1_000, "error", error)), [DeadWithError]);
        assert_eq!(after(own(1_500, "error", error)), [DeadWithError]);
        assert_eq!(after(own(1_501, "error", error)), [Dead]);
        assert_eq!(after(own(999, "error", error)), [Dead]);
    }

    /// Not as in the tool that we follow: it withdraws the last click of any page that another
    /// one followed. Here the list, the replay and the reports must say the same.
    #[test]
    fn a_click_that_leaves_the_page_is_not_dead() {
        assert_eq!(
            kinds(&[click(1_000, 5, 5), meta(1_500, "https://a/y")]),
            [Plain]
        );
        let first = batch(
            A,
            0,
            "",
            &[
                meta(0, "https://a/x"),
                click(1_000, 5, 5),
                moved(1_499, 5, 5),
            ],
        );
        let next = batch(B, 0, "", &[meta(1_900, "https://a/y")]);
        assert_eq!(of(&[first, next]).clicks[0].kind, Plain);
    }

    #[test]
    fn the_list_says_the_same() {
        let events = [
            meta(0, "https://a/x"),
            click(1_000, 5, 5),
            click(1_100, 5, 5),
            click(1_200, 5, 5),
            click(9_000, 5, 5),
            click(19_000, 5, 5),
            own(19_001, "error", "{}"),
            changed(60_000),
        ];
        let mut state = SessionState::new(T0, Visitor::default());
        state.add(&batch(A, 0, "", &events));
        let row = state.row(&sid(), false);
        let session = state.analysis(&sid());
        let count = |kinds: &[ClickKind]| {
            session
                .clicks
                .iter()
                .filter(|click| kinds.contains(&click.kind))
                .count()
        };
        assert_eq!(row.rage as usize, count(&[RageFirst]));
        assert_eq!((row.dead as usize, 2), (count(&[Dead, DeadWithError]), 2));
        assert_eq!(row.duration, u64::from(session.summary.duration));
        assert_eq!(row.active, u64::from(session.summary.active));
    }
}

mod summary {
    use super::*;

    #[test]
    fn a_clean_session_tells_nothing() {
        let summary = session(&[meta(0, "https://a/x"), changed(9_000)]).summary;
        assert_eq!(
            (
                summary.revisits,
                summary.idle,
                summary.thrashes,
                summary.left_on_error
            ),
            (0, 0, 0, false)
        );
        assert_eq!((summary.referrer, summary.utm), (None, [None; 5]));
    }

    #[test]
    fn gaps_of_more_than_10_s_are_idle() {
        let idle = |events: &[String]| session(events).summary.idle;
        assert_eq!(
            idle(&[
                meta(0, "u"),
                moved(10_000, 1, 1),
                moved(20_001, 1, 1),
                changed(25_000)
            ]),
            10_001
        );
        assert_eq!(
            idle(&[meta(0, "u"), changed(9_000), changed(18_000)]),
            18_000,
            "a page that moves by itself"
        );
    }

    #[test]
    fn the_direction_changes_within_a_second() {
        let thrashes = |scrolls: &[(Millis, u32)]| {
            let mut events = vec![meta(0, "u")];
            events.extend(scrolls.iter().map(|(at, y)| scroll(*at, *y)));
            session(&events).summary.thrashes
        };
        assert_eq!(thrashes(&[(0, 0), (500, 101), (1_500, 0)]), 1);
        assert_eq!(thrashes(&[(0, 0), (500, 101), (1_501, 0)]), 0);
        assert_eq!(thrashes(&[(0, 0), (500, 100), (1_000, 0)]), 0);
        assert_eq!(thrashes(&[(0, 0), (500, 300), (900, 600)]), 0);
        assert_eq!(thrashes(&[(0, 0), (100, 300), (200, 0), (300, 300)]), 2);
    }

    #[test]
    fn an_error_in_the_last_8_s_is_left_on() {
        let left = |at| {
            session(&[meta(0, "u"), own(at, "error", "{}"), changed(20_000)])
                .summary
                .left_on_error
        };
        assert_eq!((left(12_000), left(11_999)), (true, false));
    }

    #[test]
    fn where_the_visitor_came_from() {
        let from = |referrer: &str| {
            let session = of(&[batch(A, 0, referrer, &[meta(0, "https://shop.example/x")])]);
            let name = session.summary.referrer?;
            Some(session.names(Topic::Summary).text(name).to_string())
        };
        let same = |text: &str| Some(text.to_string());
        assert_eq!(
            from("https://search.example/?q=x"),
            same("https://search.example/")
        );
        assert_eq!(from("https://SHOP.example/y"), None);
        assert_eq!(from("http://shop.example/y"), same("http://shop.example/y"));
        assert_eq!(
            from("https://shop.example:8443/y"),
            same("https://shop.example:8443/y")
        );
        assert_eq!(from("android-app"), same("android-app"));
        assert_eq!(from("https://•••••/"), None);
        assert_eq!(from(""), None);
    }
}

/// A recording of which everything is known, made of raw events.
#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one recording, from its start to its end"
)]
fn a_known_recording_is_told_exactly() {
    let mut events = vec![meta(0, "https://shop.example/?utm_source=x")];
    events.push(own(
        1,
        "sentiero:environment",
        r#"{"utm_source":"ads","utm_campaign":"spring"}"#,
    ));
    let rage = 3;
    for incident in 0..rage {
        let at = 10_000 + incident * 5_000;
        events.extend((0..4).map(|n| click(at + n * 100, 40, 60)));
        events.push(own(
            at + 50,
            "__click",
            r#"{"selector":"a#buy","x":0.5,"y":0.5}"#,
        ));
    }
    let dead = 7;
    events.extend((0..dead).map(|n| click(40_000 + n * 2_000, 400, 300)));
    events.push(scroll(60_000, 1_500));
    events.push(meta(70_000, "https://shop.example/checkout"));
    events.push(scroll(70_001, 0));
    for (n, key) in (0..).zip(["pay name", "pay street", "pay card"]) {
        let name = format!(r#"{{"id":{n},"field":"{key}","text":"{key}","form":"pay"}}"#);
        events.push(own(71_000 + n * 1_000, "__field", &name));
        events.push(input(71_000 + n * 1_000, u32::try_from(n).unwrap()));
        events.push(input(71_400 + n * 1_000, u32::try_from(n).unwrap()));
    }
    events.push(own(75_000, "bought", r#"{"total":19.5,"items":2}"#));
    events.push(own(76_000, "error", r#"{"message":"Card 17 refused"}"#));
    events.push(own(79_000, "__perf", r#"{"metric":"LCP","value":2400}"#));
    events.push(changed(80_000));
    let session = session(&events);
    let urls: Vec<_> = visits(&session);
    assert_eq!(
        urls,
        [
            ("https://shop.example/", 0, 0, 70_000),
            ("https://shop.example/checkout", 0, 70_000, 10_000)
        ]
    );
    let deepest: Vec<u32> = session.visits.iter().map(|visit| visit.deepest).collect();
    assert_eq!(deepest, [2_000, 500]);
    let count = |kind| {
        session
            .clicks
            .iter()
            .filter(|click| click.kind == kind)
            .count() as u64
    };
    assert_eq!(
        (
            count(ClickKind::RageFirst),
            count(ClickKind::Rage),
            count(ClickKind::Dead)
        ),
        (rage, rage * 3, dead)
    );
    let buys = session
        .clicks
        .iter()
        .filter(|click| click.target.is_some())
        .count() as u64;
    // Of each incident the first two are within the reach of the name.
    assert_eq!(buys, rage * 2);
    let drop_off: Vec<_> = session
        .fields
        .iter()
        .map(|field| (field.visit, field.span))
        .collect();
    assert_eq!(
        drop_off,
        [
            (1, (71_000, 71_400)),
            (1, (72_000, 72_400)),
            (1, (73_000, 73_400))
        ]
    );
    assert_eq!(session.submits, []);
    let text = |topic, name| session.names(topic).text(name);
    let marks: Vec<_> = session
        .marks
        .iter()
        .map(
            |Mark {
                 visit,
                 at,
                 is_error,
                 tag,
                 values,
                 issue,
             }| {
                assert_eq!(issue.is_some(), *is_error);
                let values: Vec<_> = values
                    .iter()
                    .map(|(name, value)| (text(Topic::Marks, *name), *value))
                    .collect();
                (*visit, *at, *is_error, text(Topic::Marks, *tag), values)
            },
        )
        .collect();
    let numbers = vec![("total", 19.5), ("items", 2.0)];
    assert_eq!(
        marks,
        [
            (1, 75_000, false, "bought", numbers),
            (1, 76_000, true, "Card # refused", vec![])
        ]
    );
    let lcp = Vital {
        visit: 1,
        at: 79_000,
        metric: Metric::Lcp,
        value: 2_400,
    };
    assert_eq!(session.vitals, [lcp]);
    let utm = session
        .summary
        .utm
        .map(|name| name.map(|name| text(Topic::Summary, name)));
    assert_eq!(utm, [Some("ads"), None, Some("spring"), None, None]);
    assert!(session.summary.left_on_error);
}

proptest! {
    /// The dashboard digests one loaded recording as a whole, the edge batch by batch, as they
    /// come: both say the same. Batches of a page load are pieces of it.
    #[test]
    fn it_is_the_same_however_the_recording_is_cut(
        one in stream(40), other in stream(40), cuts in prop::collection::vec(0usize..40, 4), order in any::<u64>()
    ) {
        let readable = |events: Vec<String>| -> Vec<String> {
            events.into_iter().filter(|event| event != "broken").collect()
        };
        let loads = [(A, readable(one)), (B, readable(other))];
        let filled = loads.iter().filter(|(_, events)| !events.is_empty());
        let whole: Vec<Buffered> = filled.map(|(name, events)| batch(name, 7, "", events)).collect();
        let mut pieces = Vec::new();
        for (name, events) in &loads {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (events.len() + 1)).collect();
            cuts.extend([0, events.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|cut| &events[cut[0]..cut[1]]);
            pieces.extend(parts.filter(|part| !part.is_empty()).map(|part| batch(name, 7, "", part)));
        }
        let mut shuffled: Vec<(u64, Buffered)> = (1..).map(|n: u64| n.wrapping_mul(order | 1) >> 7).zip(pieces).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<Buffered> = shuffled.into_iter().map(|(_, batch)| batch).collect();
        prop_assert_eq!(of(&shuffled), of(&whole));
    }

    #[test]
    fn places_name_what_there_is(events in stream(60)) {
        let events: Vec<String> = events.into_iter().filter(|event| event != "broken").collect();
        prop_assume!(!events.is_empty());
        let session = session(&events);
        let visits = u32::try_from(session.visits.len()).unwrap();
        let named = session.clicks.iter().map(|click| click.visit)
            .chain(session.attention.iter().map(|attention| attention.visit))
            .chain(session.fields.iter().map(|field| field.visit))
            .chain(session.submits.iter().map(|submit| submit.visit))
            .chain(session.marks.iter().map(|mark| mark.visit))
            .chain(session.vitals.iter().map(|vital| vital.visit));
        for visit in named {
            prop_assert!(visit < visits);
        }
        let active: u32 = session.visits.iter().map(|visit| visit.active).sum();
        prop_assert!(active <= session.summary.duration);
        let clicks = events.iter().filter(|event| event.contains(r#""source":2,"#)).count();
        prop_assert!(session.clicks.len() <= clicks);
    }
}
