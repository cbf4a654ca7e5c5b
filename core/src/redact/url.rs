//! What stays of an address.

use super::finding::find;
use super::{Kinds, Redaction};
use crate::mask::MASK;
use crate::text::parts;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What stays of query and fragment of an address that is followed: a link, a form's
/// target, a page. Path and host stay always, save for what is found in the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UrlMode {
    /// Nothing (the default).
    #[default]
    Strip,
    /// The query's parameters that are allowed by name.
    Filter,
    /// All that is not denied by name.
    Keep,
}

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// It is followed: see [`UrlMode`].
    Link,
    /// A picture, a style sheet: replay loads it, so its query stays but for what is denied.
    Resource,
}

/// A parameter that is called so never stays, …
const DENIED: &[u8] =
    b"key sig pwd pass code state nonce jwt sid assertion ticket email mail phone tel";
/// … nor one with one of these in its name.
const DENIED_PARTS: &[u8] =
    b"token secret passw signature credential apikey api_key auth session otp";

/// Where the address begins whose scheme and `://` is in `word`, if there is one.
pub(super) fn find_scheme(word: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let colon = from + find(word.get(from..)?, b"://")?;
        let letters = word.get(from..colon)?.iter().rev();
        let length = letters.take_while(|byte| is_of_scheme(**byte)).count();
        if length > 0 {
            return Some(colon - length);
        }
        from = colon + 3;
    }
}

fn is_of_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// `text` at the first of `marks`, which belongs to what follows.
#[cfg_attr(sentiero_lean, optimize(speed))]
fn split<'a>(text: &'a [u8], marks: &[u8]) -> (&'a [u8], &'a [u8]) {
    let at = text.iter().position(|byte| marks.contains(byte));
    text.split_at_checked(at.unwrap_or(text.len()))
        .unwrap_or_default()
}

impl Redaction {
    /// Appends what may stay of `url` to `out`; false if that is all of it.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    pub(crate) fn url(&self, url: &[u8], address: Address, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let spaces = url.iter().take_while(|byte| **byte <= b' ').count();
        let url = url.get(spaces..).unwrap_or_default();
        let letters = url.iter().take_while(|byte| is_of_scheme(**byte)).count();
        let scheme = match url.get(letters) {
            Some(b':') if letters > 0 => letters + 1,
            _ => 0,
        };
        let (scheme, rest) = url.split_at_checked(scheme).unwrap_or_default();
        out.extend_from_slice(scheme);
        if scheme.is_empty() || rest.starts_with(b"/") {
            self.location(rest, address, out);
        } else {
            opaque(scheme, rest, address, out);
        }
        out.get(start..) != Some(url)
    }

    /// What may stay of a list of pictures for several densities (`srcset`).
    pub(crate) fn urls(&self, list: &[u8], out: &mut Vec<u8>) -> bool {
        if let Some(scheme) = of_drawings(list) {
            out.extend_from_slice(scheme);
            return true;
        }
        let mut changed = false;
        for (place, url) in parts(list, b' ').enumerate() {
            if place > 0 {
                out.push(b' ');
            }
            let (url, comma) = match url {
                [url @ .., b','] => (url, true),
                url => (url, false),
            };
            changed |= self.url(url, Address::Resource, out);
            if comma {
                out.push(b',');
            }
        }
        changed
    }

    /// Host, path, query and fragment.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn location(&self, url: &[u8], address: Address, out: &mut Vec<u8>) {
        let (path, query) = split(url, b"?#");
        let (query, fragment) = split(query, b"#");
        self.path(path, address, out);
        let mode = match address {
            Address::Link => self.urls,
            Address::Resource => UrlMode::Keep,
        };
        self.pairs(query, mode, out);
        if mode != UrlMode::Keep {
            return;
        }
        // A fragment is what a program makes of it: the name of a place, a path with a
        // query of its own, or parameters.
        let (path, query) = split(fragment, b"?");
        if path.contains(&b'=') {
            self.pairs(fragment, mode, out);
        } else {
            let (mark, path) = path.split_at_checked(1).unwrap_or_default();
            out.extend_from_slice(mark);
            self.path(path, Address::Link, out);
            self.pairs(query, mode, out);
        }
    }

    /// Host and path, without user and password.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn path(&self, path: &[u8], address: Address, out: &mut Vec<u8>) {
        let mut path = path;
        // As browsers read it, careless ones included.
        let slashes = path.iter().take_while(|byte| b"/\\".contains(byte));
        let slashes = slashes.count();
        if slashes > 1 {
            let (slashes, rest) = path.split_at_checked(slashes).unwrap_or_default();
            let (host, rest) = split(rest, b"/\\");
            out.extend_from_slice(slashes);
            let name = parts(host, b'@').last().unwrap_or_default();
            if name.is_empty() && !host.is_empty() {
                // Without any host, the next name would be read as one.
                out.extend_from_slice(MASK.as_bytes());
            } else {
                self.part(name, Kinds::IN_RESOURCE, out);
            }
            path = rest;
        }
        let kinds = match address {
            Address::Link => Kinds::ALL,
            Address::Resource => Kinds::IN_RESOURCE,
        };
        for (place, segment) in parts(path, b'/').enumerate() {
            if place > 0 {
                out.push(b'/');
            }
            self.part(segment, kinds, out);
        }
    }

    /// Appends `part`, or the mask if something is found in it.
    #[cfg_attr(sentiero_lean, optimize(speed))]
    fn part(&self, part: &[u8], kinds: Kinds, out: &mut Vec<u8>) {
        // An address within an address is not read as one: that could go on for ever.
        let kinds = kinds.without(Kinds::URL);
        // A `+` is a space to some, and itself in base64.
        let found = self.suspects(part)
            && (self.finds(part, kinds) || {
                let decoded = decode(part);
                self.finds(&decoded, kinds) || self.has_denied(&decoded)
            });
        out.extend_from_slice(if found { MASK.as_bytes() } else { part });
    }

    /// The parameters that may stay of `query`, which begins with its mark or is empty.
    fn pairs(&self, query: &[u8], mode: UrlMode, out: &mut Vec<u8>) {
        let Some((mut mark, query)) = query.split_first() else {
            return;
        };
        if mode == UrlMode::Strip {
            return;
        }
        for pair in parts(query, b'&') {
            let (name, value) = split(pair, b"=");
            let decoded = decode(name);
            let stays = !self.is_denied(&decoded)
                && (mode == UrlMode::Keep || is_in(&self.allow, &decoded))
                && !self.finds(&decoded, Kinds::ALL.without(Kinds::URL));
            if !stays {
                continue;
            }
            out.push(*mark);
            out.extend_from_slice(name);
            if let Some(value) = value.strip_prefix(b"=") {
                out.push(b'=');
                self.part(value, Kinds::ALL, out);
            }
            mark = &b'&';
        }
    }

    /// Whether `text`, a parameter's value, is an address with parameters that never stay,
    /// or with a user.
    fn has_denied(&self, text: &[u8]) -> bool {
        let Some(address) = find(text, b"://").and_then(|at| text.get(at + 3..)) else {
            return false;
        };
        let (host, _) = split(address, b"/?#");
        let mut rest = address;
        while let [_, after @ ..] = split(rest, b"?#&").1 {
            if self.is_denied(split(after, b"=?#&").0) {
                return true;
            }
            rest = after;
        }
        host.contains(&b'@')
    }

    /// Whether a parameter called `name` never stays.
    fn is_denied(&self, name: &[u8]) -> bool {
        is_secret_name(name)
            || parts(DENIED, b' ').any(|denied| name.eq_ignore_ascii_case(denied))
            || is_in(&self.deny, name)
    }
}

/// `scheme:` and something that is no path: what may stay of it is the scheme, and all of
/// a picture.
fn opaque(scheme: &[u8], rest: &[u8], address: Address, out: &mut Vec<u8>) {
    let is = |name: &[u8]| scheme.eq_ignore_ascii_case(name);
    let inline = is(b"data:") || is(b"blob:");
    let picture = address == Address::Resource && !(is(b"data:") && has_text(rest));
    if rest.is_empty() || is(b"about:") || (inline && picture) {
        out.extend_from_slice(rest);
    } else if !inline {
        out.extend_from_slice(MASK.as_bytes());
    }
}

/// Whether what a `data:` address holds may be read: a document, or a drawing that is not
/// lines alone.
fn has_text(data: &[u8]) -> bool {
    let (kind, data) = split(data, b",");
    let kind = kind.to_ascii_lowercase();
    if find(&kind, b"svg").is_none() {
        return find(&kind, b"text").is_some() || find(&kind, b"html").is_some();
    }
    let drawing = decode(data).to_ascii_lowercase();
    // A label, a title, a style: anything with a word between tags, or known to say one.
    let says = parts(&drawing, b'>').any(|part| {
        let (text, _) = split(part, b"<");
        text.len() < part.len() && text.iter().any(|byte| *byte > b' ' && *byte != b',')
    });
    says || parts(b"base64 label title data- href", b' ')
        .any(|word| find(&kind, word).or_else(|| find(&drawing, word)).is_some())
}

/// The `data:` in a list of pictures that has a document or a drawing in it, as it is written.
/// Where one ends cannot be told: careless ones have spaces and commas in them.
fn of_drawings(list: &[u8]) -> Option<&[u8]> {
    let lower = list.to_ascii_lowercase();
    let at = find(&lower, b"data:")?;
    let says = parts(b"svg text html", b' ').any(|kind| find(&lower, kind).is_some());
    list.get(at..at + 5).filter(|_| says)
}

/// Whether what is called `name` is a secret by its name.
pub(crate) fn is_secret_name(name: &[u8]) -> bool {
    let lower = name.to_ascii_lowercase();
    parts(DENIED_PARTS, b' ')
        .any(|part| find(&lower, part).is_some_and(|at| part != b"otp" || is_word(&lower, at)))
}

/// Whether the three letters at `at` stand for themselves, as not in `hotpink`.
fn is_word(name: &[u8], at: usize) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
    let before = at.checked_sub(1).and_then(|at| name.get(at));
    !is_letter(before) && !is_letter(name.get(at + 3))
}

fn is_in(names: &[String], name: &[u8]) -> bool {
    names
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
}

/// `text` with percent-encoding resolved, and `+` as the space that it means in queries.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return bytes,
            [b'%', high, low, after @ ..]
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                bytes.push(nibble(*high) << 4 | nibble(*low));
                after
            }
            [byte, after @ ..] => {
                bytes.push(if *byte == b'+' { b' ' } else { *byte });
                after
            }
        };
    }
}

/// What a hexadecimal digit says.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a' - 10) & 15,
    }
}
