//! The masking rules, one row each: `tests/fixtures/masking_cases.json`.
//!
//! A row has a `name`, a `mode` (or `all`), an `event` (or its text as `raw`, where it is
//! no valid JSON or bytes matter), perhaps what is to be redacted (`redact`, as a site
//! says it), and what must come out: `expect` (`expect_raw`), `same`, or `malformed`. The
//! other shells run the same table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use sentiero_core::event::is_event;
use sentiero_core::mask::{Changes, Malformed, Masker, Mode};
use sentiero_core::redact::Redaction;
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
    #[serde(default)]
    redact: Redaction,
    expect: Option<&'a RawValue>,
    expect_raw: Option<String>,
    #[serde(default)]
    same: bool,
    #[serde(default)]
    malformed: bool,
}

fn mask(masker: &Masker, event: &str) -> Result<(String, Changes), Malformed> {
    let mut out = b"before".to_vec();
    let changes = masker.mask_event(event.as_bytes(), &mut out)?;
    let out = String::from_utf8(out).unwrap();
    Ok((out.strip_prefix("before").unwrap().into(), changes))
}

/// What is wrong with what came of a row, if anything.
fn check(case: &Case, mode: Mode) -> Option<String> {
    let masker = Masker::with(mode, case.redact.clone());
    let event = case.event.map(RawValue::get).or(case.raw.as_deref())?;
    let expect = case
        .expect
        .map(RawValue::get)
        .or(case.expect_raw.as_deref())
        .or(case.same.then_some(event));
    let Ok((out, changes)) = mask(&masker, event) else {
        return (!case.malformed).then(|| "refused".into());
    };
    if Some(out.as_str()) != expect {
        return Some(format!("{out}\n  expected {expect:?}"));
    }
    if (changes.masked == 0) != case.same {
        return Some(format!("counted {}", changes.masked));
    }
    let again = mask(&masker, &out);
    let unmasked = Changes {
        masked: 0,
        is_event: is_event(out.as_bytes()),
    };
    let stable = again.as_ref() == Ok(&(out, unmasked));
    (!stable).then(|| format!("a second time: {again:?}"))
}

#[test]
fn every_row_holds() {
    let table = include_str!("../../tests/fixtures/masking_cases.json");
    let cases: Vec<Case> = serde_json::from_str(table).unwrap();
    assert!(cases.len() > 400);
    let mut wrong = Vec::new();
    for case in &cases {
        let modes: &[Mode] = match case.mode {
            "none" => &[Mode::None],
            "inputs" => &[Mode::Inputs],
            "text" => &[Mode::Text],
            "all" => &[Mode::None, Mode::Inputs, Mode::Text],
            other => panic!("{}: unknown mode {other}", case.name),
        };
        for mode in modes {
            let found = check(case, *mode);
            wrong.extend(found.map(|found| format!("{} ({mode:?}): {found}", case.name)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
