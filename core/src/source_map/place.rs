//! Which file of which release a map is of, and the name under which it is kept.

use crate::field::FieldError;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest name of a release that has maps, bytes: what is kept of one that a page tells.
pub const MAX_RELEASE: usize = 128;
/// The longest path of a file that has a map, bytes. With it, and each byte escaped, a map's
/// name is as long as a store of objects takes.
pub const MAX_FILE: usize = 200;

/// The file that a map is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The release, as pages tell it.
    pub release: String,
    /// The path under which pages load the file, whatever the host: `/assets/app.js`.
    pub file: String,
}

impl Place {
    /// Of `file` in `release`; `file` is an address or a path.
    pub fn new(release: &str, file: &str) -> Result<Self, FieldError> {
        check_release(release)?;
        let path = path_of(file);
        if path.len() < 2 || path.len() > MAX_FILE || path.chars().any(char::is_control) {
            let reason = format!(
                "must be the address or the path of a file as pages load it, like `/assets/app.js`, its path at most {MAX_FILE} bytes"
            );
            return Err(FieldError::new("file", reason));
        }
        Ok(Self {
            release: release.to_owned(),
            file: path,
        })
    }
}

/// Checks the name of a release.
pub fn check_release(release: &str) -> Result<(), FieldError> {
    let is_name = (1..=MAX_RELEASE).contains(&release.len())
        && !release.chars().any(char::is_control)
        && release.trim() == release;
    if is_name {
        return Ok(());
    }
    let reason = format!(
        "must be what pages give to `setMetadata` as `release`: 1 to {MAX_RELEASE} bytes, with no space at its ends"
    );
    Err(FieldError::new("release", reason))
}

/// The path of an address, without query and fragment, and not percent-encoded: a stack and who
/// uploads a map may write it differently.
pub(super) fn path_of(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| rest.get(at..).unwrap_or("")),
        None => address,
    };
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = unescape(path).unwrap_or_else(|| path.to_owned());
    if path.starts_with('/') {
        path
    } else {
        format!("/{path}")
    }
}

/// A release or a file as a part of a name: only letters, digits and `-_.~%`.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(digit));
        }
    }
    out
}

/// A hexadecimal digit.
fn digit(value: u8) -> char {
    let lower = char::from_digit(value.into(), 16).unwrap_or_default();
    lower.to_ascii_uppercase()
}

/// What was [escaped](escape); none if it was not.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let code = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(code).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The names of maps in a store of objects, where everything lies in one list: a storage format.
#[derive(Clone, Copy, Debug)]
pub struct Named;

impl Named {
    /// What the names of all maps of a release begin with, behind what stands for the site.
    pub fn release(release: &str) -> String {
        format!("{}/", escape(release))
    }

    /// A map's name, behind what stands for the site.
    pub fn map(place: &Place) -> String {
        format!("{}/{}", escape(&place.release), escape(&place.file))
    }

    /// The release that such a beginning is of.
    pub fn release_of(begin: &str) -> Option<String> {
        unescape(begin.strip_suffix('/')?)
    }

    /// The file that a name is of, behind that of its release.
    pub fn file_of(name: &str) -> Option<String> {
        unescape(name)
    }
}
