//! The masking rules, one row each: `tests/fixtures/masking_cases.json`.
//!
//! A row has a `name`, a `mode` (or `all`), an `event` (or its text as `raw`, where it is
//! no valid JSON or bytes matter) and what must come out: `expect` (`expect_raw`), `same`,
//! or `malformed`. The other shells run the same table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use sentiero_core::mask::{Changes, Malformed, Masker, Mode};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case<'a> {
    name: &'a str,
    mode: &'a str,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    raw: Option<String>,
    expect: Option<&'a RawValue>,
    expect_raw: Option<String>,
    #[serde(default)]
    same: bool,
    #[serde(default)]
    malformed: bool,
}

fn mask(mode: Mode, event: &str) -> Result<(String, Changes), Malformed> {
    let mut out = b"before".to_vec();
    let changes = Masker::new(mode).mask_event(event.as_bytes(), &mut out)?;
    let out = String::from_utf8(out).unwrap();
    Ok((out.strip_prefix("before").unwrap().into(), changes))
}

#[test]
fn every_row_holds() {
    let table = include_str!("../../tests/fixtures/masking_cases.json");
    let cases: Vec<Case> = serde_json::from_str(table).unwrap();
    assert!(cases.len() > 120);
    for case in cases {
        let modes: &[Mode] = match case.mode {
            "none" => &[Mode::None],
            "inputs" => &[Mode::Inputs],
            "text" => &[Mode::Text],
            "all" => &[Mode::None, Mode::Inputs, Mode::Text],
            other => panic!("{}: unknown mode {other}", case.name),
        };
        let event = case
            .event
            .map(RawValue::get)
            .or(case.raw.as_deref())
            .unwrap();
        let expect = case
            .expect
            .map(RawValue::get)
            .or(case.expect_raw.as_deref());
        for mode in modes {
            let name = format!("{} ({mode:?})", case.name);
            let Ok((masked, changes)) = mask(*mode, event) else {
                assert!(case.malformed, "{name}: refused");
                continue;
            };
            assert!(!case.malformed, "{name}: accepted");
            let expect = if case.same {
                event
            } else {
                expect.expect(&name)
            };
            assert_eq!(masked, expect, "{name}");
            assert_eq!(
                changes.masked == 0,
                case.same,
                "{name}: counted {}",
                changes.masked
            );
            assert_eq!(
                mask(*mode, &masked),
                Ok((masked, Changes::default())),
                "{name}: a second time"
            );
        }
    }
}
