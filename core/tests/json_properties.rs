//! The JSON scanner against serde, which is exact where it can follow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests panic to fail"
)]

use proptest::prelude::*;
use sentiero_core::json::{self, Reader, Token};
use serde_json::{Value, json};

fn accepts(text: &[u8]) -> bool {
    let Ok(mut reader) = Reader::new(text) else {
        return false;
    };
    loop {
        match reader.next() {
            Ok(Token::End) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn fields_are_what_serde_reads(map in prop::collection::btree_map(any::<String>(), value(), 0..8), pretty in any::<bool>()) {
        let object: Value = map.into_iter().collect();
        let text = if pretty { serde_json::to_vec_pretty(&object) } else { serde_json::to_vec(&object) }.unwrap();
        prop_assert!(accepts(&text));
        let object = object.as_object().unwrap();
        prop_assert_eq!(json::fields(&text).count(), object.len());
        for (key, value) in object {
            let raw = json::get(&text, key).unwrap();
            // Through text on both sides: serde's default float parser may be a bit off.
            let value_again: Value = serde_json::from_str(&value.to_string()).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Value>(raw).unwrap(), value_again);
            if let Value::String(text) = value {
                let read = json::string(raw);
                prop_assert_eq!(read.as_deref(), Some(text.as_str()));
            }
        }
    }

    #[test]
    fn strings_are_written_as_serde_writes_them(text in any::<String>()) {
        let mut written = Vec::new();
        json::write_string(&text, &mut written);
        prop_assert_eq!(&written, &serde_json::to_vec(&text).unwrap());
        let read = json::string(&written);
        prop_assert_eq!(read.as_deref(), Some(text.as_str()));
    }

    #[test]
    fn integers_and_decimals_are_exact(units in -999_999_999_999_999_i64..=999_999_999_999_999, places in 0..6_u32) {
        let decimal = format!("{units}e-{places}");
        prop_assert_eq!(json::number(decimal.as_bytes()), decimal.parse::<f64>().ok());
        let plain = format!("{}.{:02}", units / 1000, units.unsigned_abs() % 100);
        prop_assert_eq!(json::number(plain.as_bytes()), plain.parse::<f64>().ok());
    }

    #[test]
    fn other_numbers_are_close(number in any::<f64>()) {
        prop_assume!(number.is_finite() && (number == 0.0 || number.abs() > 1e-290));
        let text = json!(number).to_string();
        if let Some(read) = json::number(text.as_bytes()) {
            prop_assert!((read - number).abs() <= number.abs() * 1e-13, "{} read as {}", text, read);
        } else {
            prop_assert!(number.abs() > 1e308, "{}", text);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(prop::sample::select(b"{}[]\":,\\u019eE+-.tfnl \n\x00a\xc3".to_vec()), 0..24)) {
        let oracle = serde_json::from_slice::<&serde_json::value::RawValue>(&bytes).is_ok();
        prop_assert_eq!(accepts(&bytes), oracle);
        let _ = (json::fields(&bytes).count(), json::string(&bytes), json::number(&bytes));
        let keys = ["a", "t", "a"];
        prop_assert_eq!(json::get_all(&bytes, keys), keys.map(|key| json::get(&bytes, key)));
    }
}

#[test]
fn fields_of_odd_objects() {
    for (object, key, expected) in [
        (r#"{"a":1,"a":2}"#, "a", Some("1")),
        (r#" { "a" : [ 1 , {"b":2} ] , "b":3}"#, "b", Some("3")),
        (r#"{"a":{"b":1}}"#, "b", None),
        (r#"{"\u0061":"x"}"#, "a", Some(r#""x""#)),
        (r#"{"a":"}\"]","b":null}"#, "b", Some("null")),
        (r#"{"a":1} {"b":2}"#, "b", None),
        (r"[1]", "0", None),
        (r#"{"a":"#, "a", None),
        (r#"{"a":[1"#, "a", None),
        ("", "a", None),
    ] {
        assert_eq!(
            json::get(object.as_bytes(), key),
            expected.map(str::as_bytes),
            "{object}"
        );
        let keys = ["b", key, "c"];
        assert_eq!(
            json::get_all(object.as_bytes(), keys),
            keys.map(|key| json::get(object.as_bytes(), key)),
            "{object}"
        );
    }
}

#[test]
fn strings_and_numbers_that_serde_refuses() {
    for (raw, expected) in [
        (r#""\ud800""#, Some("\u{fffd}")),
        (r#""\udc00\ud800x""#, Some("\u{fffd}\u{fffd}x")),
        (r#""\ud83d\ude00""#, Some("😀")),
        (r#""\ud83d\u0041""#, Some("\u{fffd}A")),
        ("x", None),
        (r#"""#, None),
    ] {
        assert_eq!(json::string(raw.as_bytes()).as_deref(), expected, "{raw}");
    }
    let long = "9".repeat(400);
    for (raw, expected) in [
        ("1e400", None),
        ("-1e400", None),
        (long.as_str(), None),
        ("1e-400", Some(0.0)),
        ("1E+2", Some(100.0)),
        ("-0", Some(-0.0)),
        ("1732000000000", Some(1_732_000_000_000.0)),
        (
            "123456789012345678901234567890",
            Some(1.234_567_890_123_456_8e29),
        ),
        ("", None),
        ("-", None),
        ("1e", None),
        ("true", None),
        ("1x", None),
    ] {
        assert_eq!(json::number(raw.as_bytes()), expected, "{raw}");
    }
}
