//! Reading of single fields; every error names the field and says what would be right.

use super::{MAX_CONTEXT, MAX_DEPTH, MAX_LINE, MAX_LINES};
use crate::field::FieldError;
use crate::issue::frames;
use crate::json::{self, Reader, Token};
use crate::mask::{MASK, UNMASKED};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub(super) type Result<T> = core::result::Result<T, FieldError>;

/// A field: where it is, for people, and its raw value.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) place: &'a str,
    pub(super) name: &'a str,
    pub(super) raw: &'a [u8],
}

impl Field<'_> {
    pub(super) fn refuse<T>(self, reason: impl Into<String>) -> Result<T> {
        Err(FieldError::new(within(self.place, self.name), reason))
    }

    /// A text, without the marks of what may be shown, which are the recorder's to give.
    pub(super) fn text(self) -> Result<String> {
        match json::string(self.raw) {
            Some(text) => Ok(unmarked(&text)),
            None => self.refuse("must be a text"),
        }
    }

    /// A text of 1 to `most` bytes without control characters.
    pub(super) fn word(self, most: usize) -> Result<String> {
        let text = self.text()?;
        if text.is_empty() || text.len() > most || text.contains(char::is_control) {
            return self.refuse(format!(
                "must be a text of 1 to {most} bytes without control characters"
            ));
        }
        Ok(text)
    }

    /// The frames among the lines of a text or of a list of texts. What else stands between
    /// them, as source code and messages, is not collected.
    pub(super) fn backtrace(self) -> Result<String> {
        let told: Vec<Cow<'_, str>> = match self.raw.first() {
            Some(b'"') => json::string(self.raw).into_iter().collect(),
            Some(b'[') => {
                let items = json::items(self.raw).map(json::string);
                match items.collect() {
                    Some(lines) => lines,
                    None => return self.refuse("must be a text or a list of texts"),
                }
            }
            _ => return self.refuse("must be a text or a list of texts"),
        };
        let lines = told.iter().flat_map(|text| text.lines());
        let lines = lines.map(str::trim).filter(|line| line.len() <= MAX_LINE);
        let lines = lines.filter(|line| !frames(line).is_empty());
        let kept: Vec<String> = lines.take(MAX_LINES).map(unmarked).collect();
        Ok(kept.join("\n"))
    }

    /// Appends a flat object: names, and texts, numbers or truths.
    pub(super) fn context(self, out: &mut Vec<u8>) -> Result<()> {
        if self.raw.first() != Some(&b'{') {
            return self.refuse("must be an object");
        }
        out.push(b'{');
        for (count, (key, value)) in json::fields(self.raw).enumerate() {
            let name = String::from_utf8_lossy(&json::unescape(key)).into_owned();
            let place = within(self.place, self.name);
            let field = Field {
                place: &place,
                name: &name,
                raw: value,
            };
            if count >= MAX_CONTEXT {
                return self.refuse(format!("must have at most {MAX_CONTEXT} fields"));
            }
            if name.is_empty() || name.len() > MAX_KEY || name.contains(char::is_control) {
                return self.refuse(format!("must have names of 1 to {MAX_KEY} bytes"));
            }
            if count > 0 {
                out.push(b',');
            }
            json::write_string(&name, out);
            out.push(b':');
            field.scalar(out)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn scalar(self, out: &mut Vec<u8>) -> Result<()> {
        match self.raw.first() {
            Some(b'"') => {
                let text: String = self.text()?.chars().take(MAX_TEXT).collect();
                // A path says where, as an address does, and its query whatever was asked.
                let is_path = matches!(self.name, "path" | "uri" | "fullpath");
                let text = text.split('?').next().filter(|_| is_path).unwrap_or(&text);
                json::write_string(text, out);
            }
            Some(b'{' | b'[') => {
                return self.refuse(
                    "must be a text, a number or a truth: name each value that shall be kept",
                );
            }
            _ => out.extend_from_slice(self.raw),
        }
        Ok(())
    }
}

/// Bytes of a name in a context, and characters of a text.
const MAX_KEY: usize = 64;
const MAX_TEXT: usize = 500;

pub(super) fn within(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.into()
    } else {
        format!("{place}.{name}")
    }
}

fn unmarked(text: &str) -> String {
    text.replace(UNMASKED, "")
}

/// Whether nothing was told but what was masked.
pub(super) fn is_masked(text: &str) -> bool {
    text.contains(MASK)
}

/// Whether `body` is a JSON object that is not too deep.
pub(super) fn check(body: &[u8]) -> Result<()> {
    let whole = |reason: &str| FieldError::new("body", reason);
    let not_json = || whole("must be JSON in UTF-8");
    let mut reader = Reader::new(body).map_err(|_| not_json())?;
    let mut depth = 0_usize;
    loop {
        match reader.next().map_err(|_| not_json())? {
            Token::Object | Token::Array => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::End => break,
            _ if depth == 0 => return Err(whole("must be an object")),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(whole(&format!("must be at most {MAX_DEPTH} levels deep")));
        }
    }
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        Ok(())
    } else {
        Err(whole("must be an object"))
    }
}

/// The fields of an object by their names, each of `known` once at most, and no other.
pub(super) fn known<'a, const N: usize>(
    place: &str,
    object: &'a [u8],
    known: [&str; N],
) -> Result<[Option<&'a [u8]>; N]> {
    let mut found = [None; N];
    for (key, value) in json::fields(object) {
        let key = json::unescape(key);
        let names = known.iter().zip(&mut found);
        let mut same = names.filter(|(name, _)| name.as_bytes() == &*key);
        let Some((name, slot)) = same.next() else {
            let name = String::from_utf8_lossy(&key);
            let names = known.join(", ");
            let reason = format!("is not known; known are {names}");
            return Err(FieldError::new(within(place, &name), reason));
        };
        if slot.replace(value).is_some() {
            return Err(FieldError::new(within(place, name), "is there twice"));
        }
    }
    Ok(found)
}
