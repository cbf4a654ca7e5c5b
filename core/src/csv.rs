//! CSV: RFC 4180, and harmless in a spreadsheet.
//!
//! Fields of commas, quotes and line ends are quoted, lines end in CR LF. A field that a
//! spreadsheet would take for a formula begins with `'`, so that a page's name cannot run in
//! it. Numbers are written by who has them, and stay numbers.

use alloc::format;
use alloc::string::String;
#[cfg(any(test, feature = "testing"))]
use alloc::vec::Vec;

/// A text as a field: harmless in a spreadsheet, and quoted where it must be; also where a
/// spreadsheet of another country would end a field.
pub fn field(text: &str) -> String {
    let armed = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if armed { "'" } else { "" };
    if text.contains([',', ';', '\t', '"', '\r', '\n']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

/// Writes a line of fields that are written already.
pub fn line(out: &mut String, fields: impl IntoIterator<Item = String>) {
    for (place, field) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&field);
    }
    out.push_str("\r\n");
}

/// Reads RFC 4180 as it is written: rows of fields.
///
/// # Panics
/// If the text is not written so.
#[cfg(any(test, feature = "testing"))]
pub fn read(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut now, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                now.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(core::mem::take(&mut now)),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'));
                row.push(core::mem::take(&mut now));
                rows.push(core::mem::take(&mut row));
            }
            _ => now.push(letter),
        }
    }
    assert!(!quoted && now.is_empty() && row.is_empty());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_disarmed() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\ta", "\"'\ta\""),
            ("a;=1", "\"a;=1\""),
            ("\ra", "\"'\ra\""),
            ("=\"a\",b", "\"'=\"\"a\"\",b\""),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(texts in prop::collection::vec("(=|\\+|-|@|\t|\r|\n|,|\"|a|ä){0,6}", 1..6)) {
            let mut out = String::new();
            line(&mut out, texts.iter().map(|text| field(text)));
            let read = read(&out);
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].len(), texts.len());
            for (field, text) in read[0].iter().zip(&texts) {
                prop_assert!(!field.starts_with(['=', '+', '-', '@', '\t', '\r']));
                prop_assert_eq!(field.strip_prefix('\'').unwrap_or(field), text);
            }
        }
    }
}
