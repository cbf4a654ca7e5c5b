//! The mutation check: one rule at a time is turned off, and a row of the table of cases
//! (`tests/fixtures/masking_cases.json`) has to see it.

use super::{Masker, Mode, guard};
use crate::redact::Redaction;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::println;

#[derive(Deserialize)]
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
}

impl Case<'_> {
    /// The modes that the row is about.
    fn modes(&self) -> &'static [Mode] {
        match self.mode {
            "none" => &[Mode::None],
            "inputs" => &[Mode::Inputs],
            "text" => &[Mode::Text],
            _ => &[Mode::None, Mode::Inputs, Mode::Text],
        }
    }

    /// Whether it comes out otherwise than the row says if the rule called `off` is off.
    fn sees(&self, off: &str) -> bool {
        let event = self.event.map(RawValue::get).or(self.raw.as_deref());
        let expect = self.expect.map(RawValue::get);
        let expect = expect.or(self.expect_raw.as_deref()).or(event);
        self.modes().iter().any(|mode| {
            let masker = Masker::with(*mode, self.redact.clone()).without(off);
            let mut out = Vec::new();
            // A row of what is no event sees nothing of rules.
            masker
                .mask_event(event.unwrap_or_default().as_bytes(), &mut out)
                .is_ok_and(|_| Some(out.as_slice()) != expect.map(str::as_bytes))
        })
    }
}

#[test]
fn every_rule_is_seen_by_a_row() {
    let table = include_str!("../../../tests/fixtures/masking_cases.json");
    let cases: Vec<Case<'_>> = serde_json::from_str(table).unwrap();
    let mut unseen: Vec<&str> = Vec::new();
    for rule in guard::NAMES.split(' ') {
        let seen: Vec<&str> = cases
            .iter()
            .filter(|case| case.sees(rule) && !case.sees(""))
            .map(|case| case.name)
            .collect();
        println!(
            "{rule:>10} {:>3} {}",
            seen.len(),
            seen.first().unwrap_or(&"")
        );
        if seen.is_empty() {
            unseen.push(rule);
        }
    }
    assert!(
        unseen.is_empty(),
        "no row sees that these are off: {unseen:?}"
    );
}
