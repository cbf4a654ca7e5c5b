//! What is cut replays as what was cut: an oracle that applies events as a player does
//! builds the same page from the parts, also after the edge has masked each of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    reason = "tests panic to fail"
)]

use proptest::prelude::*;
use sentiero_core::event::is_event;
use sentiero_core::mask::{MASK, Masker, Mode, UNMASKED};
use sentiero_core::split::{LEFT_OUT_TAG, WHOLE, cut, split};
use sentiero_core::wire::Limits;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const MODES: [Mode; 3] = [Mode::None, Mode::Inputs, Mode::Text];

fn mask(mode: Mode, event: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Masker::new(mode).mask_event(event, &mut out).unwrap();
    out
}

/// A page as a player has it: its nodes by id, each without its children and with their ids.
#[derive(Debug, Default, PartialEq)]
struct Page {
    nodes: BTreeMap<u64, (Value, Vec<u64>)>,
    scrolls: Vec<Value>,
    lists: [Vec<Value>; 3],
    notes: Vec<Value>,
}

fn id_of(node: &Value) -> u64 {
    node["id"].as_u64().unwrap()
}

impl Page {
    /// With an element of id 1 that is there already.
    fn with_element() -> Self {
        let mut page = Self::default();
        page.build(
            json!({"type": 2, "tagName": "main", "attributes": {}, "childNodes": [], "id": 1}),
        );
        page
    }

    fn of(mut self, events: &[Vec<u8>]) -> Self {
        for event in events {
            let mut event: Value = serde_json::from_slice(event).unwrap();
            let kind = event["type"].as_u64();
            let data = event["data"].take();
            match (kind, data["source"].as_u64()) {
                (Some(2), _) => {
                    let offset = &data["initialOffset"];
                    self.scrolls
                        .push(json!({"id": 1, "x": offset["left"], "y": offset["top"]}));
                    self.build(data["node"].clone());
                }
                (Some(5), _) => self.notes.push(data["payload"].clone()),
                (_, Some(3)) => self
                    .scrolls
                    .push(json!({"id": data["id"], "x": data["x"], "y": data["y"]})),
                _ => self.mutate(data),
            }
        }
        self
    }

    fn build(&mut self, mut node: Value) {
        let id = id_of(&node);
        let children = match node.get_mut("childNodes").map(Value::take) {
            Some(Value::Array(children)) => children,
            _ => vec![],
        };
        self.nodes
            .insert(id, (shown(&node), children.iter().map(id_of).collect()));
        for child in children {
            self.build(child);
        }
    }

    fn mutate(&mut self, mut data: Value) {
        for add in data["adds"].as_array_mut().unwrap() {
            let parent = add["parentId"].as_u64().unwrap();
            let (node, children) = self.nodes.get_mut(&parent).expect("the parent is there");
            assert!(node.get("childNodes").is_some(), "it takes children");
            let at = match add["nextId"].as_u64() {
                None => children.len(),
                Some(next) => children
                    .iter()
                    .position(|id| *id == next)
                    .expect("the next is there"),
            };
            children.insert(at, id_of(&add["node"]));
            self.build(add["node"].take());
        }
        for (list, name) in self
            .lists
            .iter_mut()
            .zip(["texts", "attributes", "removes"])
        {
            list.extend(data[name].as_array().unwrap().iter().cloned());
        }
    }
}

/// Without marks, as the player shows it.
fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => text.trim_start_matches(UNMASKED).into(),
        Value::Array(items) => items.iter().map(shown).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.clone(), shown(value)))
            .collect(),
        other => other.clone(),
    }
}

#[derive(Clone, Debug)]
enum Node {
    Text(String),
    Element {
        tag: &'static str,
        attributes: Vec<(&'static str, Value)>,
        children: Vec<Node>,
        shadow: bool,
    },
}

fn leaf() -> impl Strategy<Value = Node> {
    let element =
        |tag, attributes: &'static [(&'static str, &'static str)], children| Node::Element {
            tag,
            attributes: attributes
                .iter()
                .map(|(name, value)| (*name, json!(value)))
                .collect(),
            children,
            shadow: false,
        };
    let texts = || vec![Node::Text("typed words".into())];
    prop_oneof![
        "[a-z é\u{1f600}\"\\\\]{0,20}".prop_map(Node::Text),
        Just(element(
            "img",
            &[("alt", "a picture"), ("src", "/a.png?v=1")],
            vec![]
        )),
        Just(element(
            "input",
            &[
                ("type", "text"),
                ("value", "typed"),
                ("placeholder", "hint"),
                ("title", "tip")
            ],
            vec![]
        )),
        Just(element(
            "input",
            &[("type", "password"), ("value", "hidden"), ("title", "tip")],
            vec![]
        )),
        Just(element("textarea", &[("value", "typed")], texts())),
        Just(element(
            "option",
            &[("selected", "true"), ("label", "one")],
            texts()
        )),
        Just(element(
            "style",
            &[],
            vec![
                Node::Text(".a::before{content:\"shown\";background:url(/a.png?x=1)}".into()),
                Node::Text(String::new())
            ]
        )),
        Just(element(
            "style",
            &[("_cssText", ".b{color:red}")],
            vec![Node::Text(String::new())]
        )),
        Just(element(
            "script",
            &[],
            vec![Node::Text("SCRIPT_PLACEHOLDER".into())]
        )),
        Just(element(
            "a",
            &[
                ("href", "/b?q=1#c"),
                ("title", "a link"),
                ("aria-label", "more")
            ],
            texts()
        )),
    ]
}

fn tree() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(7, 60, 5, |inner| {
        let wrapper = prop::sample::select(vec![
            ("div", "class", json!("c")),
            ("div", "rr_scrollTop", json!(40)),
            ("ul", "rr_scrollLeft", json!(7.5)),
            ("section", "contenteditable", json!("true")),
            ("div", "role", json!("listbox")),
            ("div", "data-rr-mask", json!("")),
            ("div", "data-sentiero-unmask", json!("")),
            ("p", "title", json!("a title")),
            ("select", "value", json!("one")),
        ]);
        (wrapper, prop::collection::vec(inner, 0..5), any::<bool>()).prop_map(
            |((tag, name, value), children, shadow)| Node::Element {
                tag,
                attributes: vec![(name, value)],
                children,
                shadow,
            },
        )
    })
}

impl Node {
    /// As rrweb writes it, key by key (`serde_json` would sort them).
    fn write(&self, id: &mut u32, in_shadow: bool, out: &mut String) {
        *id += 1;
        let own = *id;
        let shadow = if in_shadow { r#","isShadow":true"# } else { "" };
        match self {
            Self::Text(text) => {
                let text = json!(text);
                out.push_str(&format!(
                    r#"{{"type":3,"textContent":{text},"id":{own}{shadow}}}"#
                ));
            }
            Self::Element {
                tag,
                attributes,
                children,
                shadow: host,
            } => {
                let fields: Vec<String> = attributes
                    .iter()
                    .map(|(name, value)| format!("{}:{value}", json!(name)))
                    .collect();
                out.push_str(&format!(
                    r#"{{"type":2,"tagName":"{tag}","attributes":{{{}}},"childNodes":["#,
                    fields.join(",")
                ));
                for (at, child) in children.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    child.write(id, *host && at % 2 == 0, out);
                }
                let host = if *host { r#","isShadowHost":true"# } else { "" };
                out.push_str(&format!(r#"],"id":{own}{host}{shadow}}}"#));
            }
        }
    }
}

/// A document of `trees`, the first id of which is `id` + 1.
fn document(trees: &[Node], mut id: u32) -> String {
    let own = id + 1;
    let mut out = format!(
        r#"{{"type":0,"childNodes":[{{"type":1,"name":"html","publicId":"","systemId":"","id":{}}},{{"type":2,"tagName":"html","attributes":{{"lang":"en"}},"childNodes":["#,
        id + 2
    );
    id += 3;
    for (at, tree) in trees.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        tree.write(&mut id, false, &mut out);
    }
    out.push_str(&format!(r#"],"id":{}}}],"id":{own}}}"#, own + 2));
    out
}

fn snapshot(trees: &[Node]) -> String {
    let node = document(trees, 0);
    format!(
        r#"{{"type":2,"data":{{"node":{node},"initialOffset":{{"left":0,"top":120}}}},"timestamp":1795445123500}}"#
    )
}

/// A mutation that adds `trees` in rrweb's way (each before the one that was added last), and
/// one document as a frame's.
fn mutation(trees: &[Node]) -> String {
    let mut id = 1;
    let mut adds = vec![format!(
        r#"{{"parentId":1,"nextId":null,"node":{{"type":2,"tagName":"iframe","attributes":{{}},"childNodes":[],"id":2}}}}"#
    )];
    id += 1;
    adds.push(format!(
        r#"{{"parentId":2,"nextId":null,"node":{}}}"#,
        document(trees, 1_000)
    ));
    let mut next = "null".to_owned();
    for tree in trees {
        let first = id + 1;
        let mut node = String::new();
        tree.write(&mut id, false, &mut node);
        adds.push(format!(r#"{{"parentId":1,"nextId":{next},"node":{node}}}"#));
        next = first.to_string();
    }
    let texts = r#"{"id":1,"value":"a"},{"id":1,"value":"b"}"#;
    let attributes = r#"{"id":1,"attributes":{"class":"x"}},{"id":1,"attributes":{"class":"y"}}"#;
    format!(
        r#"{{"type":3,"data":{{"source":0,"texts":[{texts}],"attributes":[{attributes}],"removes":[{{"parentId":9,"id":7}}],"adds":[{}]}},"timestamp":1795445123500}}"#,
        adds.join(",")
    )
}

/// Where elements were scrolled to, as the nodes of a page say.
fn scrolled(page: &Page) -> Vec<(u64, Value, Value)> {
    let of = |(id, (node, _)): (&u64, &(Value, Vec<u64>))| {
        let to = |name| node["attributes"].get(name).cloned();
        let (x, y) = (to("rr_scrollLeft"), to("rr_scrollTop"));
        (x.is_some() || y.is_some()).then(|| (*id, x.unwrap_or(json!(0)), y.unwrap_or(json!(0))))
    };
    page.nodes.iter().filter_map(of).collect()
}

/// Whether a node is as it should be. The one thing that a mark cannot say: that a style
/// sheet is inside of `data-sentiero-unmask`. Where all text is masked, its strings are.
fn is_as(found: &(Value, Vec<u64>), expected: &(Value, Vec<u64>)) -> bool {
    let closed = |node: &Value| node.to_string().replace("shown", MASK);
    found == expected
        || (closed(&found.0) == closed(&expected.0)
            && found.0.to_string().contains(MASK)
            && found.1 == expected.1)
}

fn boxed(parts: Vec<Box<[u8]>>) -> Vec<Vec<u8>> {
    parts.into_iter().map(Into::into).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn a_snapshot_in_parts_is_the_same_page(trees in prop::collection::vec(tree(), 1..6), size in 100_usize..4_000) {
        let event = snapshot(&trees);
        let Some(parts) = cut(&Masker::default(), event.as_bytes(), size) else {
            return Ok(());
        };
        let parts = boxed(parts);
        prop_assert!(parts.len() > 1 && parts.iter().all(|part| is_event(part)));
        let whole = Page::default().of(&[event.clone().into_bytes()]);
        let page = Page::default().of(&parts);
        prop_assert_eq!(&page.nodes, &whole.nodes);
        // The page itself is scrolled last, when all is there.
        prop_assert_eq!(page.scrolls.last(), Some(&json!({"id": 1, "x": 0, "y": 120})));
        // Whatever of it was not there yet in the snapshot, or not whole.
        let early = Page::default().of(&parts[..1]);
        let before = scrolled(&early);
        for (id, x, y) in scrolled(&whole) {
            let again = page.scrolls.iter().any(|to| to["id"] == id && to["x"] == x && to["y"] == y);
            prop_assert!(again || before.iter().any(|known| known.0 == id), "{id} is not scrolled");
        }
    }

    #[test]
    fn a_mutation_in_parts_does_the_same(trees in prop::collection::vec(tree(), 1..6), size in 100_usize..4_000) {
        let event = mutation(&trees);
        let parts = boxed(cut(&Masker::default(), event.as_bytes(), size).expect("it has items"));
        prop_assert!(parts.iter().all(|part| is_event(part)));
        let whole = Page::with_element().of(&[event.into_bytes()]);
        prop_assert_eq!(Page::with_element().of(&parts), whole);
    }

    /// The edge masks each part alone, and finds the same as in the whole.
    #[test]
    fn the_edge_masks_parts_as_the_whole(trees in prop::collection::vec(tree(), 1..6), size in 100_usize..2_000, kind: bool) {
        let (event, page) = if kind {
            (snapshot(&trees), Page::default as fn() -> Page)
        } else {
            (mutation(&trees), Page::with_element as fn() -> Page)
        };
        for mode in MODES {
            // What is cut is masked as in `inputs` at least.
            let from_page = mask(mode.max(Mode::Inputs), event.as_bytes());
            let Some(parts) = cut(&Masker::default(), &from_page, size) else { continue };
            let parts: Vec<Vec<u8>> = parts.iter().map(|part| mask(mode.max(Mode::Inputs), part)).collect();
            for site in MODES {
                let at_edge: Vec<Vec<u8>> = parts.iter().map(|part| mask(site, part)).collect();
                let whole = page().of(&[mask(site, &from_page)]);
                let (found, expected) = (page().of(&at_edge).nodes, whole.nodes);
                for (id, node) in &expected {
                    prop_assert!(found.get(id).is_some_and(|found| is_as(found, node)), "{:?} {:?}: {:?}, not {:?}", mode, site, found.get(id), node);
                }
                if site <= mode.max(Mode::Inputs) {
                    prop_assert_eq!(&at_edge, &parts, "the edge finds nothing to do");
                }
            }
        }
    }

    #[test]
    fn never_panics(text in "[{}\\[\\],:\"a-z0-9]{0,80}", at in 0_usize..2_000, size in 0_usize..500) {
        let _ = cut(&Masker::default(), text.as_bytes(), size);
        let event = snapshot(&[Node::Text(text)]);
        let _ = cut(&Masker::default(), event.as_bytes().get(..at).unwrap_or_default(), size);
    }
}

fn rows(n: usize) -> Node {
    let row = |at: usize| Node::Element {
        tag: "tr",
        attributes: vec![("class", json!(format!("row-{at}")))],
        children: (0..4)
            .map(|column| Node::Element {
                tag: "td",
                attributes: vec![],
                children: vec![Node::Text(format!("cell {column} of the row number {at}"))],
                shadow: false,
            })
            .collect(),
        shadow: false,
    };
    Node::Element {
        tag: "table",
        attributes: vec![("rr_scrollTop", json!(12))],
        children: (0..n).map(row).collect(),
        shadow: false,
    }
}

#[test]
fn five_megabytes_fit_the_limits_in_parts() {
    let event = snapshot(&[rows(12_000)]);
    assert!(event.len() > 5 << 20, "{}", event.len());
    let parts = boxed(split(&Masker::default(), event.as_bytes()).unwrap());
    assert!((10..30).contains(&parts.len()), "{}", parts.len());
    assert!(parts.iter().all(|part| part.len() <= WHOLE));
    assert_eq!(
        Page::default().of(&parts).nodes,
        Page::default().of(&[event.into_bytes()]).nodes
    );
}

#[test]
fn what_is_not_large_stays_one_event() {
    for event in [snapshot(&[rows(100)]), mutation(&[rows(100)])] {
        let parts = boxed(split(&Masker::default(), event.as_bytes()).unwrap());
        assert_eq!(parts, [event.into_bytes()]);
    }
    assert!(split(&Masker::default(), b"{").is_none());
    assert!(split(&Masker::default(), b"{}").is_none());
}

#[test]
fn what_cannot_be_cut_comes_out_as_it_was() {
    let payload = "words ".repeat(WHOLE / 3);
    let event = format!(r#"{{"type":5,"data":{{"tag":"x","payload":"{payload}"}},"timestamp":1}}"#);
    let parts = boxed(split(&Masker::default(), event.as_bytes()).unwrap());
    assert_eq!(parts, [event.into_bytes()]);
}

/// Text that does not compress.
fn noise(bytes: usize) -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                [(state >> 58) as usize],
        )
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn a_value_that_no_upload_carries_is_left_out_and_said() {
    let image = |bytes: usize| Node::Element {
        tag: "img",
        attributes: vec![(
            "src",
            json!(format!("data:image/png;base64,{}", noise(bytes))),
        )],
        children: vec![],
        shadow: false,
    };
    for (bytes, kept) in [(900 << 10, true), (2 << 20, false)] {
        let event = snapshot(&[rows(300), image(bytes), rows(300)]);
        let parts = boxed(split(&Masker::default(), event.as_bytes()).unwrap());
        assert!(parts.iter().all(|part| part.len() <= Limits::DEFAULT.event));
        let page = Page::default().of(&parts);
        assert_eq!(page.notes.is_empty(), kept, "{bytes}");
        let whole = Page::default().of(&[event.into_bytes()]);
        assert_eq!(page.nodes == whole.nodes, kept, "{bytes}");
        if let Some(note) = page.notes.first() {
            assert_eq!(note["bytes"].as_u64().unwrap(), bytes as u64 + 24);
            let (node, _) = &page.nodes[&note["id"].as_u64().unwrap()];
            assert_eq!(
                (&node["tagName"], &node["attributes"]["src"]),
                (&json!("img"), &json!(""))
            );
            assert!(
                parts
                    .iter()
                    .any(|part| String::from_utf8_lossy(part).contains(LEFT_OUT_TAG))
            );
        }
    }
}
