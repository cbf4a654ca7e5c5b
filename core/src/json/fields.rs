//! Single fields of an object, as raw spans.

use super::reader::plain;
use super::unescape;

/// The fields of an object in order: the key between its quotes and the value, both raw.
pub struct Fields<'a> {
    text: &'a [u8],
    /// Behind the brace, or behind the last field; past the end when there are no more.
    at: usize,
}

/// The fields of `object`, which begins at its brace; what follows the object is ignored.
/// Anything that is not an object has none.
pub fn fields(object: &[u8]) -> Fields<'_> {
    let brace = skip_space(object, 0);
    let at = if object.get(brace) == Some(&b'{') {
        brace + 1
    } else {
        object.len()
    };
    Fields { text: object, at }
}

/// The raw value of the first field of `object` that is called `key`.
pub fn get<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    fields(object)
        .find(|(name, _)| is(name, key))
        .map(|(_, value)| value)
}

/// The same for several keys, in one pass.
pub fn get_all<'a, const N: usize>(object: &'a [u8], keys: [&str; N]) -> [Option<&'a [u8]>; N] {
    let mut found = [None; N];
    for (name, value) in fields(object) {
        for (key, place) in keys.iter().zip(&mut found) {
            if place.is_none() && is(name, key) {
                *place = Some(value);
            }
        }
        if found.iter().all(Option::is_some) {
            break;
        }
    }
    found
}

/// The items of the array `array`, raw; anything that is not an array has none.
pub fn items(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = skip_space(array, 0);
    let mut mark = b'[';
    core::iter::from_fn(move || {
        if array.get(at) != Some(&mark) {
            return None;
        }
        let start = skip_space(array, at + 1);
        let end = value_end(array, start).filter(|end| *end > start)?;
        (at, mark) = (skip_space(array, end), b',');
        array.get(start..end)
    })
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let at = core::mem::replace(&mut self.at, self.text.len());
        let mut key = skip_space(self.text, at);
        if self.text.get(key) == Some(&b',') {
            key = skip_space(self.text, key + 1);
        }
        if self.text.get(key) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(self.text, key)?;
        let colon = skip_space(self.text, key_end);
        if self.text.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(self.text, colon + 1);
        let end = value_end(self.text, value)?;
        self.at = end;
        Some((
            self.text.get(key + 1..key_end - 1)?,
            self.text.get(value..end)?,
        ))
    }
}

/// Whether the raw key `name` says `key`.
fn is(name: &[u8], key: &str) -> bool {
    name == key.as_bytes() || (name.contains(&b'\\') && *unescape(name) == *key.as_bytes())
}

/// The first place from `at` on that is no white space.
fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// Where the string at `start` ends, behind its quote.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = plain(text, at);
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the value at `start` ends; none if it does not.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            byte if is_scalar(*byte) => {
                while text.get(at).is_some_and(|byte| is_scalar(*byte)) {
                    at += 1;
                }
            }
            _ if depth > 0 => at += 1,
            _ => return None,
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn is_scalar(byte: u8) -> bool {
    matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')
}
