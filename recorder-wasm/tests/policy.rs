//! `js/policy.json`, which the page's half reads before there is an engine to ask, says
//! the same as the Rust that every event passes through afterwards.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use sentiero_core::batch::{MAX_EVENTS, MAX_WAIT};
use sentiero_core::json;
use sentiero_core::mask::{MASK, Masker, Mode, UNMASKED};

const POLICY: &str = include_str!("../js/policy.json");

fn text(key: &str) -> String {
    let raw = json::get(POLICY.as_bytes(), key).expect(key);
    json::string(raw).expect(key).into_owned()
}

fn number(key: &str) -> u64 {
    let raw = json::get(POLICY.as_bytes(), key).expect(key);
    str::from_utf8(raw).expect(key).parse().expect(key)
}

/// A snapshot of one element around a text, masked.
fn masked(mode: Mode, tag: &str, attributes: &str) -> String {
    let event = format!(
        r#"{{"type":2,"data":{{"node":{{"type":2,"tagName":"{tag}","attributes":{{{attributes}}},"childNodes":[{{"type":3,"textContent":"secret","id":2}}],"id":1}}}},"timestamp":1}}"#
    );
    let mut out = Vec::new();
    Masker::new(mode)
        .mask_event(event.as_bytes(), &mut out)
        .expect("well-formed");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn marks_are_the_same() {
    assert_eq!(text("mask"), MASK);
    assert_eq!(text("unmasked"), UNMASKED.to_string());
}

#[test]
fn batches_of_the_page_are_smaller_than_uploads() {
    assert!(number("batchEvents") <= u64::from(MAX_EVENTS));
    assert!(number("batchMs") <= MAX_WAIT);
    // 64 KiB is what browsers let all beacons of a page have together.
    assert!(number("beaconBytes") < 64 << 10);
}

/// What rrweb is told to mask is what Rust masks where it sees the element itself.
#[test]
fn selectors_are_the_rules() {
    for (key, part, tag, attributes) in [
        ("locked", "[data-rr-mask]", "p", r#""data-rr-mask":"""#),
        ("typed", "select", "select", ""),
        ("typed", "option", "option", ""),
        (
            "typed",
            "[contenteditable]",
            "div",
            r#""contenteditable":"true""#,
        ),
        ("typed", "[role=textbox i]", "div", r#""role":"textbox""#),
        (
            "typed",
            "[role=searchbox i]",
            "div",
            r#""role":"searchbox""#,
        ),
        ("typed", "[role=combobox i]", "div", r#""role":"combobox""#),
        (
            "typed",
            "[role=spinbutton i]",
            "div",
            r#""role":"spinbutton""#,
        ),
        ("typed", "[role=slider i]", "div", r#""role":"slider""#),
        ("typed", "[role=listbox i]", "div", r#""role":"listbox""#),
        ("typed", "[role=option i]", "div", r#""role":"option""#),
        ("typed", "output", "output", ""),
    ] {
        assert!(
            text(key)
                .split([',', ':', '(', ')'])
                .any(|selector| selector == part),
            "{key} {part}"
        );
        assert!(
            !masked(Mode::Inputs, tag, attributes).contains("secret"),
            "{part}"
        );
    }
    // Masked in every mode.
    for (part, attributes) in [
        ("[type=password i]", r#""type":"password","value":"secret""#),
        (
            "[data-rr-is-password]",
            r#""data-rr-is-password":"true","value":"secret""#,
        ),
        (
            "[autocomplete*=password i]",
            r#""autocomplete":"current-password","value":"secret""#,
        ),
        (
            "[autocomplete*=password i]",
            r#""autocomplete":"new-password","value":"secret""#,
        ),
        (
            "[autocomplete*=one-time i]",
            r#""autocomplete":"one-time-code","value":"secret""#,
        ),
        (
            "[autocomplete*=cc- i]",
            r#""autocomplete":"billing cc-number","value":"secret""#,
        ),
    ] {
        assert!(
            text("secret").split(',').any(|selector| selector == part),
            "{part}"
        );
        let event = masked(Mode::None, "input", attributes);
        assert!(!event.contains("\"value\":\"secret\""), "{event}");
    }
    assert_eq!(text("lifted"), "[data-sentiero-unmask]");
    assert!(masked(Mode::Text, "p", r#""data-sentiero-unmask":"""#).contains("secret"));
}
