//! The query part of an address: names and values, percent-encoded.
//!
//! Written here, because core has no library for addresses and needs these two only.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::field::FieldError;

/// The longest query that is read, bytes; what is longer is refused before it is decoded.
pub const MAX_QUERY: usize = 8_192;

/// The names and values of `query`, decoded, in order. One without `=` has the value `""`.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, FieldError> {
    if query.len() > MAX_QUERY {
        let reason = format!("must not be longer than {MAX_QUERY} bytes");
        return Err(FieldError::new("query", reason));
    }
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name).ok_or_else(|| not_encoded("query"))?;
            if name.is_empty() {
                let reason = "must not hold a parameter without a name";
                return Err(FieldError::new("query", reason));
            }
            let value = decode(value).ok_or_else(|| not_encoded(&name))?;
            Ok((name, value))
        })
        .collect()
}

/// The value of the parameter `name`, decoded, if it is there; others are not looked at. Given
/// twice, nobody could say which holds.
pub fn get(query: &str, name: &str) -> Result<Option<String>, FieldError> {
    let mut found = None;
    for (other, value) in pairs(query)? {
        if other == name && found.replace(value).is_some() {
            return Err(twice(name));
        }
    }
    Ok(found)
}

/// The refusal of a parameter that there is not.
pub(crate) fn unknown(name: &str) -> FieldError {
    FieldError::new(shown(name), "is no parameter of this request")
}

/// The refusal of a parameter that was given before.
pub(crate) fn twice(name: &str) -> FieldError {
    FieldError::new(shown(name), "must not be given twice")
}

/// As much of a name as an error shows.
pub(crate) fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

fn not_encoded(field: &str) -> FieldError {
    FieldError::new(field, "must be UTF-8, percent-encoded")
}

/// Adds `name` and `value` to `query`.
pub fn push(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    encode(name, query);
    query.push('=');
    encode(value, query);
}

fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |at: u8| {
        HEX.get(usize::from(at))
            .map_or('0', |digit| char::from(*digit))
    };
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// None if it is not encoded well.
fn decode(text: &str) -> Option<String> {
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let hex = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let code = hex(rest.next())? * 16 + hex(rest.next())?;
                u8::try_from(code).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_as_browsers_write() {
        for (query, expected) in [
            ("", &[][..]),
            ("a=1&&b", &[("a", "1"), ("b", "")]),
            ("q=x%20y+z%2b&q==", &[("q", "x y z+"), ("q", "=")]),
            ("%C3%A4=%e7%b5%90", &[("ä", "結")]),
        ] {
            let found = pairs(query).unwrap();
            let found: Vec<(&str, &str)> = found.iter().map(|(n, v)| (&**n, &**v)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn refuses_what_is_not_encoded() {
        for (query, field) in [("a=%", "a"), ("a=%2", "a"), ("a=%xx", "a"), ("a=%ff", "a")] {
            assert_eq!(pairs(query).unwrap_err().field, field, "{query}");
        }
        assert_eq!(pairs("%ff=a").unwrap_err().field, "query");
        assert_eq!(pairs("a=1&=2").unwrap_err().field, "query");
        let long = |length| pairs(&format!("a={}", "x".repeat(length)));
        assert!(long(MAX_QUERY - 2).is_ok());
        assert_eq!(long(MAX_QUERY - 1).unwrap_err().field, "query");
    }

    #[test]
    fn a_parameter_is_found_by_its_name() {
        for (query, value) in [
            ("a=1", Some("1")),
            ("b=2&a=1", Some("1")),
            ("b=2&b=3&a=1", Some("1")),
            ("a", Some("")),
            ("a=b=c", Some("b=c")),
            ("%61=x%20y+z", Some("x y z")),
            ("b=?a=1", None),
            ("aa=1", None),
            ("", None),
        ] {
            assert_eq!(get(query, "a").unwrap().as_deref(), value, "{query}");
        }
        for query in ["a=1&a=1", "a=%ff", "a=1&%61"] {
            assert_eq!(get(query, "a").unwrap_err().field, "a", "{query}");
        }
        assert_eq!(get("b=%&a=1", "a").unwrap_err().field, "b");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(given in prop::collection::vec(("\\PC{1,9}", ".{0,20}"), 0..5)) {
            let mut query = String::new();
            for (name, value) in &given {
                push(&mut query, name, value);
            }
            prop_assert!(query.is_ascii());
            prop_assert_eq!(pairs(&query).unwrap(), given);
        }

        #[test]
        fn anything_is_read_or_refused(query in ".{0,60}") {
            let _ = pairs(&query);
        }
    }
}
