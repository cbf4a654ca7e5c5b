//! What stays of an address.

use super::{Kinds, Redaction};
use crate::mask::MASK;
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

/// A parameter whose name is one of these, or holds one of [`DENIED_PARTS`], never stays.
const DENIED: &str =
    "key sig pwd pass code state nonce jwt sid assertion ticket email mail phone tel";
const DENIED_PARTS: [&str; 9] = [
    "token",
    "secret",
    "passw",
    "signature",
    "credential",
    "apikey",
    "api_key",
    "auth",
    "session",
];
/// And `otp`, which is in too many words.
const OTP: &str = "otp";

/// Where the address begins whose scheme and `://` is in `word`, if there is one.
pub(super) fn find_scheme(word: &[u8]) -> Option<usize> {
    let colon = word.windows(3).position(|window| window == b"://")?;
    let letters = word.get(..colon)?.iter().rev();
    let length = letters.take_while(|byte| is_of_scheme(**byte)).count();
    (length > 0).then_some(colon - length)
}

fn is_of_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Where the scheme of `url` ends, behind its colon; 0 if it has none.
fn scheme_end(url: &str) -> usize {
    let colon = url.bytes().position(|byte| !is_of_scheme(byte));
    match colon {
        Some(at) if at > 0 && url.as_bytes().get(at) == Some(&b':') => at + 1,
        _ => 0,
    }
}

/// `text` at the first `mark`, which belongs to what follows.
fn split(text: &str, mark: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(mark).unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

impl Redaction {
    /// What may stay of `url`; none if that is all of it.
    pub(crate) fn url(&self, url: &str, address: Address) -> Option<String> {
        let trimmed = url.trim_start_matches(|char: char| char <= ' ');
        let (scheme, rest) = trimmed.split_at_checked(scheme_end(trimmed))?;
        if !scheme.is_empty() && !rest.starts_with('/') {
            return Self::opaque(scheme, rest, address);
        }
        let mut new = String::from(scheme);
        let (path, query) = split(rest, |char| matches!(char, '?' | '#'));
        let (query, fragment) = split(query, |char| char == '#');
        self.path(path, address, &mut new);
        let mode = match address {
            Address::Link => self.urls,
            Address::Resource => UrlMode::Keep,
        };
        if let Some(query) = query.strip_prefix('?') {
            self.pairs(query, '?', mode, &mut new);
        }
        if let Some(fragment) = fragment.strip_prefix('#')
            && mode == UrlMode::Keep
        {
            self.fragment(fragment, &mut new);
        }
        (new != trimmed).then_some(new)
    }

    /// What may stay of a list of pictures for several densities (`srcset`).
    pub(crate) fn urls(&self, list: &str) -> Option<String> {
        let mut new = String::new();
        for part in list.split_inclusive(char::is_whitespace) {
            let url = part.trim_end_matches(|char: char| char.is_whitespace() || char == ',');
            let (url, rest) = part.split_at_checked(url.len())?;
            new.push_str(
                &self
                    .url(url, Address::Resource)
                    .unwrap_or_else(|| url.into()),
            );
            new.push_str(rest);
        }
        (new != list).then_some(new)
    }

    /// `scheme:` and something that is no path: what may stay of it is the scheme, and
    /// all of a picture.
    fn opaque(scheme: &str, rest: &str, address: Address) -> Option<String> {
        let is = |name: &str| scheme.eq_ignore_ascii_case(name);
        let inline = is("data:") || is("blob:");
        if rest.is_empty()
            || rest == MASK
            || is("about:")
            || (inline && address == Address::Resource)
        {
            return None;
        }
        let mut new = String::from(scheme);
        if !inline {
            new.push_str(MASK);
        }
        Some(new)
    }

    /// Host and path, without user and password.
    fn path(&self, path: &str, address: Address, out: &mut String) {
        let mut path = path;
        if let Some(rest) = path.strip_prefix("//") {
            let (host, rest) = split(rest, |char| matches!(char, '/' | '\\'));
            out.push_str("//");
            out.push_str(host.rsplit('@').next().unwrap_or_default());
            path = rest;
        }
        let kinds = match address {
            Address::Link => Kinds::ALL,
            Address::Resource => Kinds::IN_RESOURCE,
        };
        for (place, segment) in path.split('/').enumerate() {
            if place > 0 {
                out.push('/');
            }
            out.push_str(self.part(segment, kinds));
        }
    }

    /// `part`, or the mask if something is found in it.
    fn part<'a>(&self, part: &'a str, kinds: Kinds) -> &'a str {
        let suspects = |text: &str| self.suspects(text.as_bytes());
        if suspects(part) && self.finds(&decode(part), kinds.without(Kinds::URL)) {
            MASK
        } else {
            part
        }
    }

    /// The parameters of `query` that may stay, behind `mark`.
    fn pairs(&self, query: &str, mark: char, mode: UrlMode, out: &mut String) {
        if mode == UrlMode::Strip {
            return;
        }
        let mut mark = mark;
        for pair in query.split('&') {
            let (name, value) = split(pair, |char| char == '=');
            let decoded = decode(name).to_ascii_lowercase();
            let stays = !self.is_denied(&decoded)
                && (mode == UrlMode::Keep || is_in(&self.allow, &decoded))
                && self.part(name, Kinds::ALL) == name;
            if stays {
                out.push(mark);
                out.push_str(name);
                if let Some(value) = value.strip_prefix('=') {
                    out.push('=');
                    out.push_str(self.part(value, Kinds::ALL));
                }
                mark = '&';
            }
        }
    }

    /// A fragment is what a program makes of it: the name of a place, a path with a query
    /// of its own, or parameters.
    fn fragment(&self, fragment: &str, out: &mut String) {
        let (path, query) = split(fragment, |char| char == '?');
        if path.contains('=') {
            self.pairs(fragment, '#', UrlMode::Keep, out);
            return;
        }
        out.push('#');
        self.path(path, Address::Link, out);
        if let Some(query) = query.strip_prefix('?') {
            self.pairs(query, '?', UrlMode::Keep, out);
        }
    }

    /// Whether a parameter or a field called `name` (in lower case) never stays.
    fn is_denied(&self, name: &str) -> bool {
        is_secret_name(name)
            || DENIED.split(' ').any(|denied| denied == name)
            || is_in(&self.deny, name)
    }
}

/// Whether what is called `name` (in lower case) is a secret by its name.
pub(crate) fn is_secret_name(name: &str) -> bool {
    name == OTP || DENIED_PARTS.iter().any(|part| name.contains(part))
}

fn is_in(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `text` with percent-encoding resolved, and `+` as the space that it means in queries.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        let encoded = || u8::try_from(digit(0)? * 16 + digit(1)?).ok();
        rest = match (byte, (*byte == b'%').then(encoded).flatten()) {
            (_, Some(byte)) => {
                bytes.push(byte);
                after.get(2..).unwrap_or_default()
            }
            (b'+', _) => {
                bytes.push(b' ');
                after
            }
            _ => {
                bytes.push(*byte);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
