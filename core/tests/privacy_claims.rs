//! What `docs/privacy.md` and `docs/masking.md` claim about masking and redaction, by example:
//! also what they admit is not found.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use sentiero_core::mask::{Masker, Mode};
use sentiero_core::redact::{Redaction, UrlMode};
use sentiero_core::site::SiteConfig;
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/privacy.md";
const FOR_AUTHORS: &str = "docs/masking.md";

/// What stands between `open` and the next `close`, wherever that is in `text`.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    let parts = text.split(open).skip(1);
    parts
        .filter_map(|part| part.split_once(close).map(|(inner, _)| inner))
        .collect()
}

/// What the page sends its readers to.
#[test]
fn files_that_the_page_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join(PAGE)).unwrap();
    let in_code = page.split('`').skip(1).step_by(2);
    let is_path = |text: &&str| {
        let end = text.rsplit_once('.').map(|(_, end)| end);
        text.contains('/') && !text.contains(' ') && matches!(end, Some("rs" | "mjs" | "json"))
    };
    let paths: Vec<&str> = in_code.filter(is_path).collect();
    assert!(paths.len() > 15, "{paths:?}");
    for path in paths {
        assert!(root.join(path).is_file(), "{PAGE} names {path}");
    }
    let links = between(&page, "](", ')');
    let links: Vec<&str> = links
        .iter()
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty() && !link.starts_with("https:"))
        .collect();
    assert!(links.len() > 8, "{links:?}");
    for link in links {
        assert!(
            root.join("docs").join(link).is_file(),
            "{PAGE} links to {link}"
        );
    }
}

/// Address modes, configurations and patterns, as written there.
#[test]
fn examples_for_authors_hold() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(FOR_AUTHORS);
    let page = fs::read_to_string(path).unwrap();
    let address = "https://shop.example/list?page=2&color=red&token=x#top";
    assert!(page.contains(address));
    for (mode, allow, deny) in [
        (UrlMode::Strip, "", ""),
        (UrlMode::Filter, "page", ""),
        (UrlMode::Keep, "", "color"),
    ] {
        let name = serde_json::to_value(mode).unwrap();
        let name = name.as_str().unwrap();
        let redaction = Redaction::of_page(["", "", name, allow, deny]).unwrap();
        let stays = redaction.text(address).unwrap();
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}`")));
        let row = row.unwrap_or_else(|| panic!("{FOR_AUTHORS} has no row for `{name}`"));
        assert!(row.ends_with(&format!("| `{stays}` |")), "{row}: {stays}");
    }
    let sites = between(&page, "```json\n", '`');
    let sites: Vec<&str> = sites.iter().flat_map(|block| block.lines()).collect();
    assert!(sites.len() >= 4, "{sites:?}");
    for example in sites {
        let rest = example.strip_prefix('{').unwrap();
        let site = format!(r#"{{"name":"x","origins":[],{rest}"#);
        SiteConfig::parse(&site).unwrap_or_else(|error| panic!("{example}: {error}"));
    }
    for patterns in between(&page, "data-redact-patterns=\"", '"') {
        Redaction::of_page(["", patterns, "", "", ""]).unwrap();
    }
}

/// What `docs/privacy.md` says about what is found and what is not, by example.
#[test]
fn findings_are_what_the_page_says() {
    let always = Redaction::default();
    let phones = Redaction::of_page(["true", "", "", "", ""]).unwrap();
    for text in [
        "jane@shop.example",
        "jane%40shop.example",
        "eyJhbGciOiJIUzI1NiJ9.e30.0123456789",
        "550e8400-e29b-41d4-a716-446655440000",
        "0123456789abcdef0123456789ABCDEF",
        "q8Zt3LwPa0Xv7RkYc5Bn1MdGf9Hs2JuE",
        "4111111111111111",
        "4111 1111-1111+1111",
        "DE89 3704 0044 0532 0130 00",
        "https://jane:x@shop.example/",
        "https://shop.example/?page=2",
        "https://shop.example/users/jane@shop.example",
    ] {
        assert!(always.text(text).is_some(), "{text} is not found");
    }
    for text in ["+49 30 1234567", "030 1234567", "415-555-2671"] {
        assert_eq!(always.text(text), None, "{text}");
        assert!(phones.text(text).is_some(), "{text} is not found");
    }
    for text in [
        "Jane Doe, 12 Elm Street, born 1980-02-29, order 123456",
        "jane@",
        "jane@localhost",
        "jane @ shop.example",
        "jane at shop.example",
        "jane＠shop.example",
        "www.shop.example/?token=x",
        "7992739871300000",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "4111 1111\n1111 1111",
        "41111111111111110000",
        "0.4111111111111111",
        "4111 1111 1111",
        "q8Zt3LwPa0Xv7RkYc5Bn1MdGf9Hs2Ju",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6Ik",
        "qwertzuiopasdfghjklyxcvbnmqwertzuiop",
    ] {
        assert_eq!(
            always.text(text),
            None,
            "{text} is found by now: say so in {PAGE}"
        );
    }
}

/// An event, as far as it matters here.
enum Event {
    /// A snapshot with an element of this name and these attributes.
    Element(&'static str, &'static str),
    /// Attributes that changed.
    Changed(&'static str),
    /// A text that was typed.
    Typed(&'static str),
    /// The payload of a custom event.
    Payload(&'static str),
}

use Event::{Changed, Element, Payload, Typed};

impl Event {
    fn json(&self) -> String {
        let (kind, data) = match self {
            Element(tag, attributes) => (
                2,
                format!(
                    r#"{{"node":{{"type":0,"childNodes":[{{"type":2,"tagName":"{tag}","attributes":{{{attributes}}},"childNodes":[],"id":2}}],"id":1}}}}"#
                ),
            ),
            Changed(attributes) => (
                3,
                format!(
                    r#"{{"source":0,"texts":[],"attributes":[{{"id":2,"attributes":{{{attributes}}}}}],"removes":[],"adds":[]}}"#
                ),
            ),
            Typed(text) => (
                3,
                format!(r#"{{"source":5,"text":"{text}","isChecked":false,"id":2}}"#),
            ),
            Payload(payload) => (5, format!(r#"{{"tag":"t","payload":{payload}}}"#)),
        };
        format!(r#"{{"type":{kind},"data":{data},"timestamp":1}}"#)
    }
}

/// A mode, an event, a part of it, and whether that part stays.
type Claim = (Mode, Event, &'static str, bool);

const CLAIMS: &[Claim] = &[
    (
        Mode::Text,
        Element("p", r#""class":"jane@shop.example""#),
        "jane",
        true,
    ),
    (
        Mode::Text,
        Element("p", r#""role":"jane@shop.example""#),
        "jane",
        true,
    ),
    (
        Mode::None,
        Element("p", r#""id":"jane@shop.example""#),
        "jane",
        false,
    ),
    (
        Mode::None,
        Element("img", r#""src":"https://a.example/b?w=80""#),
        "w=80",
        true,
    ),
    (
        Mode::None,
        Element("img", r#""src":"https://a.example/b?token=80""#),
        "80",
        false,
    ),
    (
        Mode::None,
        Element("img", r#""src":"/0123456789abcdef0123456789abcdef.png""#),
        "0123",
        true,
    ),
    (
        Mode::None,
        Element("a", r#""href":"/0123456789abcdef0123456789abcdef""#),
        "0123",
        false,
    ),
    (
        Mode::None,
        Element("a", r#""href":"mailto:jane@shop.example""#),
        "mailto:•••••",
        true,
    ),
    (
        Mode::None,
        Element("a", r#""href":"tel:110""#),
        "110",
        false,
    ),
    (
        Mode::None,
        Element("iframe", r#""src":"https://a.example/b?w=80""#),
        "w=80",
        false,
    ),
    (
        Mode::None,
        Changed(r#""src":"https://a.example/b?w=80""#),
        "w=80",
        true,
    ),
    (
        Mode::None,
        Element("a", r#""xlink:href":"https://a.example/b?w=80""#),
        "w=80",
        false,
    ),
    (
        Mode::Inputs,
        Element("x-price", r#""value":"free""#),
        "free",
        false,
    ),
    (
        Mode::Inputs,
        Element("li", r#""value":"free""#),
        "free",
        true,
    ),
    (Mode::None, Typed("free"), "free", true),
    (Mode::None, Typed("jane@"), "jane", false),
    (Mode::None, Typed("1234567890"), "1234567890", false),
    (Mode::Inputs, Typed("free"), "free", false),
    (Mode::Inputs, Payload(r#"{"plan":"free"}"#), "free", true),
    (
        Mode::Inputs,
        Payload(r#"{"authToken":{"a":"free"}}"#),
        "free",
        false,
    ),
    (Mode::Inputs, Payload(r#"{"email":"free"}"#), "free", true),
    (
        Mode::Inputs,
        Payload(r#"{"jane@shop.example":1}"#),
        "jane",
        false,
    ),
    (
        Mode::Inputs,
        Payload(r#"{"n":4111111111111111}"#),
        "4111",
        false,
    ),
    (
        Mode::Inputs,
        Payload(r#"{"pageUrl":"/a?w=80"}"#),
        "w=80",
        false,
    ),
    (
        Mode::None,
        Element("p", r#""style":"--a:'jane@shop.example'""#),
        "jane",
        false,
    ),
    (
        Mode::None,
        Element("p", r#""style":"/*4111111111111111*/ color:red""#),
        "4111",
        true,
    ),
    (
        Mode::None,
        Element("p", r#""style":"/*jane@shop.example*/ color:red""#),
        "jane",
        false,
    ),
    (
        Mode::Inputs,
        Element("p", r#""style":"--a:'free'""#),
        "free",
        true,
    ),
    (
        Mode::Inputs,
        Element("input", r#""style":"--a:'free'""#),
        "free",
        false,
    ),
    (
        Mode::Text,
        Element("p", r#""style":"--a:'free'""#),
        "free",
        false,
    ),
    (
        Mode::Text,
        Element("p", r#""style":"content:'→'""#),
        "→",
        true,
    ),
];

#[test]
fn what_passes_is_what_the_page_says() {
    for (mode, event, part, stays) in CLAIMS {
        let mut out = Vec::new();
        let masker = Masker::new(*mode);
        masker
            .mask_event(event.json().as_bytes(), &mut out)
            .unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out.contains(part),
            *stays,
            "{mode:?}: {part} in {out}; {PAGE} says otherwise"
        );
    }
}
