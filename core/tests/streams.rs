//! Streams of rrweb's harder features, hand-made in the shape of 2.1.6, through all modes;
//! and texts that no fixture should be as large as.
//!
//! In `tests/fixtures/streams` a value says where it must not be seen: `s3cret-always` in
//! no mode, `s3cret-form` but in mode `none`, `s3cret-text` only not in mode `text`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use std::fs;
use std::path::Path;

use sentiero_core::event::is_event;
use sentiero_core::mask::{Masker, Mode};
use serde_json::Value;
use serde_json::value::RawValue;

fn mask(mode: Mode, event: &str) -> (String, u32) {
    let mut out = Vec::new();
    let changes = Masker::new(mode)
        .mask_event(event.as_bytes(), &mut out)
        .expect(event);
    assert_eq!(changes.is_event, is_event(&out), "{event}");
    (String::from_utf8(out).unwrap(), changes.masked)
}

#[test]
fn secrets_go_where_they_must() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/streams"
    ));
    let mut streams = 0;
    // How often each secret was seen where it may be: fixtures that test nothing fail.
    let mut planted = [0; 3];
    let mut kept = [0; 3];
    for entry in fs::read_dir(folder).unwrap() {
        streams += 1;
        for event in fs::read_to_string(entry.unwrap().path()).unwrap().lines() {
            for (mode, gone) in [(Mode::None, 1), (Mode::Inputs, 2), (Mode::Text, 3)] {
                let (masked, changes) = mask(mode, event);
                assert!(serde_json::from_str::<Value>(&masked).is_ok(), "{masked}");
                assert_eq!(mask(mode, &masked), (masked.clone(), 0));
                assert_eq!(changes == 0, masked == event);
                let words = ["s3cret-always", "s3cret-form", "s3cret-text"];
                for (kind, word) in words.into_iter().enumerate() {
                    planted[kind] += event.matches(word).count();
                    kept[kind] += masked.matches(word).count();
                    assert!(kind >= gone || !masked.contains(word), "{mode:?}: {masked}");
                }
            }
        }
    }
    assert_eq!(streams, 6);
    assert!(planted.iter().all(|planted| *planted > 9), "{planted:?}");
    assert!(kept[0] == 0 && kept[1] > 9 && kept[2] > 9, "{kept:?}");
}

/// A text of 16 MB: nothing in it, and a finding at its end.
#[test]
fn sixteen_megabytes_are_one_value() {
    let words = "ordinary words \\u00e9 \\ud800 é ".repeat((16 << 20) / 32);
    let event =
        format!(r#"{{"type":5,"data":{{"tag":"x","payload":"{words}"}},"timestamp":1e400}}"#);
    let (masked, changes) = mask(Mode::Inputs, &event);
    assert!(changes == 0 && masked == event);
    let event = event.replace(r#""},"ti"#, r#" jane@example.org"},"ti"#);
    let (masked, changes) = mask(Mode::Inputs, &event);
    assert!(changes == 1 && !masked.contains("jane@"));
    assert!(serde_json::from_str::<&RawValue>(&masked).is_ok());
    assert_eq!(mask(Mode::Inputs, &masked).1, 0);
}
