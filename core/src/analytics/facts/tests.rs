use super::*;
use crate::digest::Digest;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use proptest::prelude::*;

pub(crate) fn tab(name: &str) -> TabId {
    TabId::parse(name).unwrap()
}

pub(crate) fn incremental(at: Millis, data: &str) -> String {
    format!(r#"{{"type":3,"data":{{{data}}},"timestamp":{at}}}"#)
}

pub(crate) fn custom(at: Millis, tag: &str, payload: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
}

pub(crate) fn facts(tab_name: &str, events: &[String]) -> Facts {
    let events = events.iter().map(String::as_bytes);
    Digest::from_events(&tab(tab_name), events).facts
}

fn merged(mut a: Facts, b: Facts) -> Facts {
    a.merge(b);
    a
}

/// An event of any kind that is kept.
pub(crate) fn event(at: Millis, kind: u8, n: u32) -> String {
    let (x, y) = (n % 17 * 50, n % 23 * 91);
    match kind {
        0 => format!(
            r#"{{"type":4,"data":{{"href":"https://a.example/p{}","width":{},"height":600}},"timestamp":{at}}}"#,
            n % 4,
            300 + x
        ),
        1 => incremental(
            at,
            &format!(r#""source":3,"id":{},"x":{x},"y":{y}"#, n % 2 + 1),
        ),
        2 => incremental(
            at,
            &format!(r#""source":1,"positions":[{{"x":{x},"y":{y}}}]"#),
        ),
        3 => incremental(at, &format!(r#""source":5,"id":{}"#, n % 5)),
        4 => incremental(
            at,
            &format!(r#""source":2,"type":2,"id":7,"x":{},"y":9"#, x % 9),
        ),
        5 => custom(
            at,
            "__click",
            &format!(r#"{{"selector":"a.b{}","x":0.5,"y":0.25}}"#, n % 7),
        ),
        6 => custom(
            at,
            "__field",
            &format!(
                r#"{{"id":{},"field":"k{}","text":"L","form":"f"}}"#,
                n % 5,
                n % 4
            ),
        ),
        7 => custom(at, "__form_submit", r#"{"name":"f"}"#),
        8 => custom(at, "__perf", &format!(r#"{{"metric":"LCP","value":{n}}}"#)),
        9 => custom(
            at,
            "bought",
            &format!(r#"{{"price":{n}.25,"n":{}}}"#, n % 3),
        ),
        10 => custom(at, "error", &format!(r#"{{"message":"line {n}"}}"#)),
        11 => custom(
            at,
            "sentiero:environment",
            &format!(r#"{{"utm_source":"s{n}"}}"#),
        ),
        12 => format!(
            r#"{{"type":2,"data":{{"node":{{"id":{}}},"initialOffset":{{"left":0,"top":{y}}}}},"timestamp":{at}}}"#,
            n % 2 + 1
        ),
        13 => incremental(at, r#""source":0"#),
        _ => "broken".to_string(),
    }
}

pub(crate) fn stream(most: usize) -> impl Strategy<Value = Vec<String>> {
    let event = (0u64..3_000, 0u8..15, 0u32..400).prop_map(|(after, kind, n)| (after, kind, n));
    prop::collection::vec(event, 0..most).prop_map(|events| {
        let mut at = 1_795_445_123_456;
        let told = events.into_iter().map(|(after, kind, n)| {
            at += after;
            self::event(at, kind, n)
        });
        told.collect()
    })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let tab = prop_oneof![Just("aaaaaaaa"), Just("bbbbbbbb")];
    (tab, stream(40)).prop_map(|(tab, events)| facts(tab, &events))
}

proptest! {
    #[test]
    fn is_a_commutative_monoid(a in any_facts(), b in any_facts(), c in any_facts()) {
        prop_assert_eq!(merged(a.clone(), b.clone()), merged(b.clone(), a.clone()));
        prop_assert_eq!(merged(merged(a.clone(), b.clone()), c.clone()), merged(a.clone(), merged(b, c)));
        prop_assert_eq!(merged(a.clone(), Facts::default()), a);
    }

    /// Each event may go to any batch, and batches may come in any order.
    #[test]
    fn is_the_same_however_it_is_cut(events in stream(60), batches in prop::collection::vec(0usize..5, 60)) {
        let mut parts = vec![Vec::new(); 5];
        for (event, batch) in events.iter().zip(&batches) {
            parts[*batch].push(event.clone());
        }
        let whole = facts("aaaaaaaa", &events);
        let sum = parts.iter().rev().map(|part| facts("aaaaaaaa", part)).fold(Facts::default(), merged);
        prop_assert_eq!(sum, whole);
    }

    #[test]
    fn comes_back_from_json(a in any_facts(), b in any_facts()) {
        let facts = merged(a, b);
        let json = serde_json::to_string(&facts).unwrap();
        prop_assert_eq!(serde_json::from_str::<Facts>(&json).unwrap(), facts);
    }

    #[test]
    fn anything_is_read(
        numbers in prop::collection::vec(prop_oneof![any::<i64>(), 0i64..9], 0..40),
        values in prop::collection::vec(any::<f64>().prop_filter("JSON has no other", |value| value.is_finite()), 0..4)
    ) {
        let numbers = serde_json::to_value(numbers).unwrap();
        let mut json = serde_json::json!({"tabs": ["aaaaaaaa", "bbbbbbbb"], "texts": ["", "a"], "values": values});
        for list in ["sizes", "scrolls", "pointer", "inputs", "vitals", "targets", "fields", "submits", "marks"] {
            json[list] = numbers.clone();
        }
        let facts: Facts = serde_json::from_value(json).unwrap();
        let again: Facts = serde_json::from_str(&serde_json::to_string(&facts).unwrap()).unwrap();
        prop_assert_eq!(again, facts);
    }
}

/// Bounds hold in any order, too: more facts than fit, in two halves.
#[test]
fn too_much_is_the_same_in_any_order() {
    let long = "x".repeat(60);
    let events: Vec<String> = (0..9_000_u64)
        .flat_map(|n| {
            let at = 1_795_445_000_000 + n * 1_500;
            [
                event(at, 1, 2 * u32::try_from(n).unwrap()),
                event(at, 2, u32::try_from(n).unwrap()),
                event(at, 3, u32::try_from(n).unwrap()),
                event(at, 8, u32::try_from(n).unwrap()),
                custom(at, &format!("{long}{n}"), r#"{"a":1.5,"b":2}"#),
                custom(at, "__click", &format!(r#"{{"selector":"{long}{n}"}}"#)),
            ]
        })
        .collect();
    let whole = facts("aaaaaaaa", &events);
    for cut in [1, 20_000, 53_000] {
        let (a, b) = events.split_at(cut);
        let (a, b) = (facts("aaaaaaaa", a), facts("aaaaaaaa", b));
        assert_eq!(merged(b.clone(), a.clone()), whole, "{cut}");
        let (even, odd): (Vec<_>, Vec<_>) = events
            .chunks(cut % 997 + 1)
            .enumerate()
            .partition(|(n, _)| n % 2 == 0);
        let half = |part: Vec<(usize, &[String])>| {
            facts(
                "aaaaaaaa",
                &part
                    .into_iter()
                    .flat_map(|(_, events)| events.to_vec())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(merged(half(odd), half(even)), whole, "{cut}");
    }
    assert!(whole.pointer().count() > 2_048 && whole.pointer_cell() == 4_096);
    assert!(whole.scrolls().count() > 2_048);
    let marks = whole.marks().count();
    assert!((1_000..9_000).contains(&marks), "{marks}");
}

/// All that a program can send at once, as long as it can be: the row must hold it.
#[test]
fn the_fullest_digest_fits_into_its_row() {
    let mut digest = Digest::default();
    let wide = "\u{1}".repeat(400);
    let quoted = serde_json::to_string(&wide).unwrap();
    for name in ["aaaaaaaa", "bbbbbbbb"] {
        let events: Vec<String> = (0..25_000_u64)
            .map(|n| {
                // Days apart, so that each number is long.
                let at = 1_000_000_000_000 + n * 200_000_000;
                let (x, y) = (1_000_000 - n, 900_000 + n);
                match n % 12 {
                    0 => format!(r#"{{"type":4,"data":{{"href":"{y}{name}","width":19999,"height":{}}},"timestamp":{at}}}"#, 10_000 + n % 999),
                    1 => incremental(at, &format!(r#""source":3,"id":{x},"x":{x},"y":{y}"#)),
                    2 => incremental(at, &format!(r#""source":1,"positions":[{{"x":{x},"y":{y}}}]"#)),
                    3 => incremental(at, &format!(r#""source":5,"id":{x}000000"#)),
                    4 | 5 => incremental(at, &format!(r#""source":2,"type":2,"id":7,"x":-{x}000,"y":-{y}000"#)),
                    6 => custom(at, "__click", &format!(r#"{{"selector":"{n}{}","x":0.77777,"y":0.88888}}"#, &quoted[1..quoted.len() - 1])),
                    7 => custom(at, "__field", &format!(r#"{{"id":{x}000000,"field":"{n}k","text":{quoted},"form":"{n}f"}}"#)),
                    8 => custom(at, "__form_submit", &format!(r#"{{"name":"{n}"}}"#)),
                    9 => custom(at, "__perf", &format!(r#"{{"metric":"LCP","value":{x}}}"#)),
                    10 => custom(at, "error", &format!(r#"{{"message":{quoted}}}"#)),
                    _ => custom(at, &format!("e{n}{}", &quoted[1..200]), r#"{"aaaaaa":1.234567891234567e-300,"b":2.234567891234567e-300}"#),
                }
            })
            .collect();
        digest.merge(Digest::from_events(
            &tab(name),
            events.iter().map(String::as_bytes),
        ));
    }
    let facts = serde_json::to_vec(&digest.facts).unwrap();
    let row = serde_json::to_vec(&digest).unwrap();
    assert!(facts.len() < 900_000, "{}", facts.len());
    assert!(row.len() < 1_600_000, "{}", row.len());
    let again: Digest = serde_json::from_slice(&row).unwrap();
    assert_eq!(again, digest);
}

#[test]
fn names_are_what_the_page_called_them() {
    let long = "ü".repeat(200);
    let events = [
        custom(1, "bought", r#"{"price":9.5,"•••••":1,"text":"x"}"#),
        custom(2, "•••••", "{}"),
        custom(3, "__own", r#"{"n":1}"#),
        custom(4, "navigation", r#"{"n":1}"#),
        custom(
            5,
            "error",
            r#"{"message":"  Order 4711 failed at 12:30\nsecond"}"#,
        ),
        custom(6, "error", r#"{"message":"of •••••"}"#),
        custom(
            7,
            "error",
            &format!(r#"{{"message":"{}"}}"#, "e".repeat(300)),
        ),
        custom(8, &long, "{}"),
    ];
    let facts = facts("aaaaaaaa", &events);
    let marks: Vec<(Millis, bool, &str, usize)> = facts
        .marks()
        .map(|((at, _), mark)| (at, mark.is_error, &*mark.tag, mark.values.len()))
        .collect();
    assert_eq!(
        marks,
        [
            (1, false, "bought", 1),
            (5, true, "Order # failed at #:#", 0),
            (6, true, "of #", 0),
            (7, true, &*"e".repeat(200), 0),
            (8, false, &long[..64], 0),
        ]
    );
    let names = [
        custom(
            1,
            "__field",
            r#"{"id":3,"field":"pay email","text":"•••••","form":"pay"}"#,
        ),
        custom(
            1,
            "__field",
            r#"{"id":4,"field":"•••••","text":"E-mail","form":"pay"}"#,
        ),
        custom(2, "__click", r#"{"selector":"a#•••••"}"#),
        custom(3, "__form_submit", r#"{"name":"•••••"}"#),
    ];
    let facts = self::facts("aaaaaaaa", &names);
    let fields: Vec<(u64, &str, &str)> = facts
        .fields()
        .map(|(_, field)| (field.node, &*field.key, &*field.label))
        .collect();
    assert_eq!(fields, [(3, "pay email", "")]);
    assert_eq!(facts.targets().count(), 0);
    assert_eq!(
        facts
            .submits()
            .map(|(_, submit)| &*submit.form)
            .collect::<Vec<_>>(),
        [""]
    );
}

#[test]
fn an_error_that_repeats_stands_for_those_that_were_not_sent() {
    for (said, times) in [
        ("", 1),
        (r#","count":1"#, 1),
        (r#","count":10"#, 9),
        (r#","count":100"#, 90),
        (r#","count":1000000000"#, 900_000_000),
        (r#","count":11"#, 1),
        (r#","count":99999999999"#, 1),
    ] {
        let payload = format!(r#"{{"message":"Error: a","skipped":3{said}}}"#);
        let facts = facts("aaaaaaaa", &[custom(1, "error", &payload)]);
        let (_, mark) = facts.marks().next().unwrap();
        let occurrence = mark.issue.unwrap();
        assert_eq!((occurrence.times, occurrence.held), (times, 3), "{said}");
    }
}

/// An error of a record that was kept before there were issues.
#[test]
fn errors_of_before_are_read() {
    let before = r##"{"tabs":["aaaaaaaa"],"texts":["# of a"],"marks":[5,0,1,0,0,1]}"##;
    let facts: Facts = serde_json::from_str(before).unwrap();
    let marks: Vec<_> = facts.marks().map(|(_, mark)| mark.clone()).collect();
    let expected = Mark {
        is_error: true,
        tag: "# of a".into(),
        values: Vec::new(),
        issue: None,
    };
    assert_eq!(marks, [expected]);
}

#[test]
fn the_first_campaign_counts() {
    let events = [
        custom(9, "sentiero:environment", r#"{"utm_source":"late"}"#),
        custom(1, "sentiero:environment", r#"{"language":"de"}"#),
        custom(
            5,
            "sentiero:environment",
            r#"{"utm_source":"ads","utm_term":"•••••"}"#,
        ),
    ];
    let facts = facts("aaaaaaaa", &events);
    assert_eq!(
        facts.campaign(),
        Some(&["ads", "", "", "", ""].map(String::from))
    );
}
