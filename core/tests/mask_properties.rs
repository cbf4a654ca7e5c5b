//! What must hold for every event, not only for those somebody thought of.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use proptest::prelude::*;
use sentiero_core::mask::{MASK, Masker, Mode, UNMASKED};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Planted where form data is; never to be seen again.
const SECRET: &str = "s3cr3t";
/// Planted where the page's own text is; `inputs` mode leaves it alone.
const PUBLIC: &str = "publ1c";

const MODES: [Mode; 3] = [Mode::None, Mode::Inputs, Mode::Text];

fn mask(mode: Mode, event: &str) -> (String, u32) {
    let mut out = Vec::new();
    let changes = Masker::new(mode)
        .mask_event(event.as_bytes(), &mut out)
        .expect(event);
    (String::from_utf8(out).unwrap(), changes.masked)
}

/// An object in the order given (`serde_json::Map` would sort it).
fn object(fields: &[(String, String)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(key, value)| format!("{}:{value}", json!(key)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// A tree as rrweb writes it: what a node is, and what was planted.
#[derive(Clone, Debug)]
enum Node {
    Text,
    Element {
        tag: &'static str,
        attributes: Vec<(&'static str, String)>,
        children: Vec<Node>,
    },
}

fn secret(n: u32) -> String {
    format!("{SECRET}{n}")
}

fn attribute(name: &'static str, value: impl Into<String>) -> (&'static str, String) {
    (name, value.into())
}

/// A form control with secrets in all of its text-carrying attributes, in any order.
fn control() -> impl Strategy<Value = Node> {
    let kind = prop::sample::select(vec![
        ("input", "text"),
        ("input", "hidden"),
        ("input", "password"),
        ("input", "checkbox"),
        ("input", "unheard-of"),
        ("textarea", ""),
        ("select", ""),
        ("option", ""),
        ("x-field", ""),
    ]);
    (kind, any::<u32>(), any::<bool>()).prop_flat_map(|((tag, kind), n, typed)| {
        let mut attributes = vec![
            attribute("value", secret(n)),
            attribute("class", PUBLIC),
            attribute("name", "n"),
        ];
        if tag != "x-field" {
            for name in [
                "placeholder",
                "title",
                "aria-label",
                "aria-valuetext",
                "data-value",
                "label",
                "whatever",
            ] {
                attributes.push(attribute(name, secret(n)));
            }
        }
        if typed && tag == "input" {
            attributes.push(attribute("type", kind));
        }
        let children = if matches!(tag, "textarea" | "select" | "option") {
            vec![Node::Text]
        } else {
            vec![]
        };
        (Just(tag), Just(attributes).prop_shuffle(), Just(children)).prop_map(
            |(tag, attributes, children)| Node::Element {
                tag,
                attributes,
                children,
            },
        )
    })
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![control(), Just(Node::Text)];
    leaf.prop_recursive(6, 48, 5, |inner| {
        let wrapper = prop::sample::select(vec![
            ("div", ("class", PUBLIC)),
            ("p", ("id", PUBLIC)),
            ("form", ("action", "/pay")),
            ("section", ("contenteditable", "true")),
            ("div", ("role", "textbox")),
            ("div", ("data-rr-mask", "")),
            ("div", ("data-rr-block", "")),
            ("select", ("class", "c")),
        ]);
        (wrapper, prop::collection::vec(inner, 0..5)).prop_map(
            |((tag, (name, value)), children)| Node::Element {
                tag,
                attributes: vec![attribute(name, value)],
                children,
            },
        )
    })
}

impl Node {
    /// As JSON, in rrweb's order of keys. Text `inside` a form holds a secret.
    fn json(&self, inside: bool, id: &mut u32) -> String {
        *id += 1;
        match self {
            Self::Text => {
                let text = if inside { SECRET } else { PUBLIC };
                format!(r#"{{"type":3,"textContent":"{text} {id}","id":{id}}}"#)
            }
            Self::Element {
                tag,
                attributes,
                children,
            } => {
                let own = *id;
                let form = inside || self.is_form();
                let children: Vec<String> =
                    children.iter().map(|child| child.json(form, id)).collect();
                format!(
                    r#"{{"type":2,"tagName":"{tag}","attributes":{},"childNodes":[{}],"id":{own}}}"#,
                    attributes_json(attributes),
                    children.join(",")
                )
            }
        }
    }

    fn is_form(&self) -> bool {
        let Self::Element {
            tag, attributes, ..
        } = self
        else {
            return false;
        };
        matches!(*tag, "textarea" | "select" | "option")
            || attributes.iter().any(|(name, _)| {
                matches!(
                    *name,
                    "contenteditable" | "role" | "data-rr-mask" | "data-rr-block"
                )
            })
    }

    /// As rrweb writes an added subtree: node by node, parents first, without children.
    fn adds(&self, parent: u32, inside: bool, id: &mut u32, out: &mut Vec<String>) {
        *id += 1;
        let own = *id;
        let (node, children) = match self {
            Self::Text => (self.json(inside, &mut (own - 1)), &[][..]),
            Self::Element {
                tag,
                attributes,
                children,
            } => {
                let alone = Self::Element {
                    tag,
                    attributes: attributes.clone(),
                    children: vec![],
                };
                (alone.json(inside, &mut (own - 1)), children.as_slice())
            }
        };
        out.push(format!(
            r#"{{"parentId":{parent},"nextId":null,"node":{node}}}"#
        ));
        for child in children {
            child.adds(own, inside || self.is_form(), id, out);
        }
    }

    /// Whether an element forbids everything inside of it.
    fn publics(&self, inside: bool) -> usize {
        match self {
            Self::Text => usize::from(!inside),
            Self::Element { children, .. } => children
                .iter()
                .map(|child| child.publics(inside || self.is_form()))
                .sum(),
        }
    }
}

fn attributes_json(attributes: &[(&'static str, String)]) -> String {
    let fields: Vec<_> = attributes
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value).to_string()))
        .collect();
    object(&fields)
}

fn snapshot(node: &str) -> String {
    format!(
        r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[{node}],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":1}}"#
    )
}

fn mutation(texts: &str, attributes: &str, adds: &str) -> String {
    format!(
        r#"{{"type":3,"data":{{"source":0,"texts":[{texts}],"attributes":[{attributes}],"removes":[],"adds":[{adds}]}},"timestamp":1}}"#
    )
}

/// JSON of any shape, from the words of rrweb's protocol, in any order and repeated.
fn protocol_json() -> impl Strategy<Value = String> {
    let words = vec![
        "type",
        "data",
        "source",
        "node",
        "tagName",
        "attributes",
        "childNodes",
        "textContent",
        "value",
        "text",
        "id",
        "adds",
        "texts",
        "parentId",
        "href",
        "payload",
        "commands",
        "property",
        "args",
        "style",
        "tag",
        "contenteditable",
        "data-rr-mask",
        "autocomplete",
        "other",
    ];
    let scalar = prop_oneof![
        (0..18_u8).prop_map(|n| n.to_string()),
        prop::sample::select(vec![
            "null",
            "true",
            "1e400",
            "-0.0",
            r#""\ud800""#,
            r#""\u2063x""#
        ])
        .prop_map(String::from),
        prop::sample::select(vec![
            "input",
            "password",
            "submit",
            "off",
            "/a?b#c",
            "",
            "fillStyle",
            "x",
            MASK
        ])
        .prop_map(|word| json!(word).to_string()),
        "\\PC{0,12}".prop_map(|text| json!(text).to_string()),
    ];
    scalar.prop_recursive(10, 96, 8, move |inner| {
        let key = prop::sample::select(words.clone()).prop_map(String::from);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key, inner), 0..8).prop_map(|fields| object(&fields)),
        ]
    })
}

/// Whether `after` is `before` with some values masked or cut.
fn same_shape(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after)
                    .all(|(before, after)| same_shape(before, after))
        }
        (Value::Object(before), Value::Object(after)) => {
            before.len() == after.len()
                && before
                    .iter()
                    .zip(after)
                    .all(|((a, before), (b, after))| a == b && same_shape(before, after))
        }
        (Value::String(before), Value::String(after)) => {
            after == MASK || before.starts_with(after.as_str())
        }
        (Value::Number(_), Value::String(after)) => after == MASK,
        _ => before == after,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn no_form_value_survives_a_snapshot(tree in tree()) {
        let event = snapshot(&tree.json(false, &mut 1));
        for mode in [Mode::Inputs, Mode::Text] {
            let (masked, _) = mask(mode, &event);
            prop_assert!(!masked.contains(SECRET), "{masked}");
        }
        // And nothing else was lost.
        let (masked, _) = mask(Mode::Inputs, &event);
        let texts = masked.matches(&format!(r#""textContent":"{PUBLIC}"#)).count();
        prop_assert_eq!(texts, tree.publics(false));
    }

    #[test]
    fn no_form_value_survives_added_nodes(tree in tree()) {
        let mut adds = Vec::new();
        tree.adds(1, false, &mut 1, &mut adds);
        let event = mutation("", "", &adds.join(","));
        for mode in [Mode::Inputs, Mode::Text] {
            let (masked, _) = mask(mode, &event);
            prop_assert!(!masked.contains(SECRET), "{masked}");
        }
    }

    #[test]
    fn no_form_value_survives_changed_attributes(
        names in prop::collection::vec("value|placeholder|title|alt|label|content|aria-label|data-[a-z]{1,9}|[a-z]{9,12}x", 1..6),
        text in any::<u32>(),
    ) {
        let fields: Vec<_> = names.into_iter().map(|name| (name, json!(secret(text)).to_string())).collect();
        let event = mutation("", &format!(r#"{{"id":1,"attributes":{}}}"#, object(&fields)), "");
        let (masked, changes) = mask(Mode::Inputs, &event);
        prop_assert!(!masked.contains(SECRET), "{masked}");
        prop_assert_eq!(usize::try_from(changes).unwrap(), fields.len());
    }

    #[test]
    fn no_password_survives_any_mode_or_marker(
        attributes in prop::sample::select(vec![
            ("type", "password"), ("data-rr-is-password", "true"), ("autocomplete", "cc-number"),
            ("autocomplete", "section-a one-time-code"), ("autocomplete", "new-password"),
        ]).prop_flat_map(|(name, value)| Just(vec![
            attribute("value", format!("{UNMASKED}{SECRET}")),
            attribute("data-sentiero-unmask", ""),
            attribute("placeholder", secret(1)),
            attribute("id", "i"),
            attribute(name, value),
        ]).prop_shuffle()),
    ) {
        let input = Node::Element { tag: "input", attributes: attributes.clone(), children: vec![] };
        let node = input.json(false, &mut 1);
        let add = format!(r#"{{"parentId":1,"nextId":null,"node":{node}}}"#);
        let change = format!(r#"{{"id":1,"attributes":{}}}"#, attributes_json(&attributes));
        for event in [snapshot(&node), mutation("", "", &add), mutation("", &change, "")] {
            for mode in MODES {
                let (masked, _) = mask(mode, &event);
                prop_assert!(!masked.contains(SECRET), "{masked}");
            }
        }
    }

    #[test]
    fn no_text_survives_text_mode(tree in tree(), text in "\\PC{0,20}") {
        let text = json!({"id": 1, "value": format!("{SECRET}{text}")}).to_string();
        prop_assert!(!mask(Mode::Text, &mutation(&text, "", "")).0.contains(SECRET));
        let (masked, _) = mask(Mode::Text, &snapshot(&tree.json(false, &mut 1)));
        prop_assert!(!masked.contains(&format!(r#""textContent":"{PUBLIC}"#)), "{masked}");
    }

    #[test]
    fn any_json_keeps_its_shape_and_needs_no_second_time(event in protocol_json()) {
        for mode in MODES {
            let (masked, changes) = mask(mode, &event);
            prop_assert!(serde_json::from_str::<&RawValue>(&masked).is_ok());
            prop_assert_eq!(changes == 0, masked == event);
            prop_assert_eq!(mask(mode, &masked), (masked.clone(), 0));
            let (before, after) = (serde_json::from_str::<Value>(&event), serde_json::from_str::<Value>(&masked));
            if let (Ok(before), Ok(after)) = (before, after) {
                prop_assert!(same_shape(&before, &after), "{event}\n{masked}");
            }
        }
        let (inputs, text) = (mask(Mode::Inputs, &event).0, mask(Mode::Text, &event).0);
        prop_assert_eq!(&mask(Mode::Text, &inputs).0, &text, "the stricter mode decides");
        prop_assert_eq!(mask(Mode::Inputs, &text), (text, 0));
    }

    #[test]
    fn any_bytes_are_masked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut out = Vec::new();
        let result = Masker::new(Mode::Inputs).mask_event(&bytes, &mut out);
        prop_assert_eq!(result.is_ok(), serde_json::from_slice::<&RawValue>(&bytes).is_ok());
    }

    #[test]
    fn events_without_text_pass_byte_for_byte(
        numbers in prop::collection::vec(any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()), 1..20),
        source in prop::sample::select(vec![1, 2, 3, 4, 6, 7, 12, 14]),
        space in "[ \n\r\t]{0,3}",
    ) {
        let event = format!(
            r#"{{{space}"type":3,"data":{{"source":{source},"positions":{numbers:?},"id":7{space}}},"timestamp":1e2}}{space}"#
        );
        for mode in MODES {
            prop_assert_eq!(mask(mode, &event), (event.clone(), 0));
        }
    }
}

/// A document `depth` elements deep with a password at the bottom.
fn deep(depth: usize) -> String {
    let mut node = format!(
        r#"{{"type":2,"tagName":"input","attributes":{{"type":"password","value":"{SECRET}"}},"childNodes":[],"id":9}}"#
    );
    let (open, close) = (
        r#"{"type":2,"tagName":"div","attributes":{},"childNodes":["#,
        r#"],"id":8}"#,
    );
    node = [open.repeat(depth).as_str(), &node, &close.repeat(depth)].concat();
    snapshot(&node)
}

#[test]
fn depth_has_no_limit() {
    for depth in [62, 127, 128, 129, 5_000, 100_000] {
        let event = deep(depth);
        for mode in MODES {
            let (masked, changes) = mask(mode, &event);
            assert_eq!((masked.contains(SECRET), changes), (false, 1), "{depth}");
            assert_eq!(masked, event.replace(SECRET, MASK), "{depth}");
        }
    }
    // Nesting that means nothing.
    let event = format!(
        r#"{{"type":5,"data":{{"tag":"x","payload":{}"y"{}}}}}"#,
        "[".repeat(1 << 20),
        "]".repeat(1 << 20)
    );
    assert_eq!(mask(Mode::Inputs, &event), (event, 0));
}

/// Shapes that would take minutes if anything were read more than a fixed number of times.
#[test]
fn hostile_shapes_take_one_pass() {
    let n = 50_000;
    let attributes = r#"{"id":1,"attributes":{"attributes":"#;
    let nested = format!("{}1{}", attributes.repeat(n), "}}".repeat(n));
    let options: Vec<String> = (0..n)
        .map(|i| format!(r#"{{"parentId":1,"node":{{"type":2,"tagName":"option","attributes":{{}},"childNodes":[],"id":{}}}}}"#, n - i))
        .collect();
    let open = r#"{"type":2,"tagName":"p","attributes":{"a":"b"},"childNodes":["#;
    let conflicts = format!("{}{}", open.repeat(n), r#"],"type":2}"#.repeat(n));
    for event in [
        mutation("", &nested, ""),
        mutation("", "", &options.join(",")),
        snapshot(&conflicts),
        format!(
            r#"{{"type":2,"data":{{"node":{{"type":2,"tagName":"p","attributes":{{{}"z":1}}}}}}}}"#,
            r#""type":"text","#.repeat(n)
        ),
        format!(r#"{{"type":4,"data":{{"href":"{}"}}}}"#, r"\\".repeat(n)),
    ] {
        for mode in MODES {
            let (masked, _) = mask(mode, &event);
            assert_eq!(mask(mode, &masked), (masked, 0));
        }
    }
}

/// More moved elements than are kept in order: their texts count as forbidden.
#[test]
fn too_many_moved_elements_fail_closed() {
    let add = |parent: usize, node: String| {
        format!(r#"{{"parentId":{parent},"nextId":null,"node":{node}}}"#)
    };
    let option = |id| {
        format!(r#"{{"type":2,"tagName":"option","attributes":{{}},"childNodes":[],"id":{id}}}"#)
    };
    let text = |id| format!(r#"{{"type":3,"textContent":"{SECRET}","id":{id}}}"#);
    let mut adds: Vec<String> = (0..6_000).map(|i| add(1, option(10_000 - i))).collect();
    adds.extend((0..6_000).map(|i| add(10_000 - i, text(20_000 + i))));
    assert!(
        !mask(Mode::Inputs, &mutation("", "", &adds.join(",")))
            .0
            .contains(SECRET)
    );
}

#[test]
fn malformed_events_leave_nothing_behind() {
    let mut out = b"kept".to_vec();
    let event = br#"{"type":3,"data":{"source":5,"text":"secret"},}"#;
    assert!(
        Masker::new(Mode::Inputs)
            .mask_event(event, &mut out)
            .is_err()
    );
    assert_eq!(out, b"kept");
}
