//! Whether what is uploaded is a map that can be used, and what is kept of it.

use super::decoded::{Decoded, Form};
use super::{MAX_BYTES, MAX_SEGMENTS, MAX_TEXTS};
use crate::field::FieldError;
use crate::gzip;
use crate::json::{self, Reader, Token};
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The longest name of a source that is kept, bytes.
const MAX_SOURCE: usize = 1_024;

/// A map as builds write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Built<'a> {
    version: Option<u64>,
    sections: Option<IgnoredAny>,
    #[serde(borrow)]
    mappings: Option<Cow<'a, str>>,
    #[serde(default)]
    sources: Vec<Option<String>>,
    #[serde(default)]
    names: Vec<String>,
    source_root: Option<String>,
    #[serde(borrow, default)]
    sources_content: Option<Vec<Option<Cow<'a, str>>>>,
}

/// What is kept of a map: its places and names, and the sources only `with_sources`. The error
/// names what of it cannot be used.
pub fn check(bytes: &[u8], with_sources: bool) -> Result<Vec<u8>, FieldError> {
    if bytes.len() > MAX_BYTES {
        let reason = format!(
            "must not be larger than {MAX_BYTES} bytes; leave the sources out of it, or split the file that it is of"
        );
        return Err(FieldError::new("map", reason));
    }
    let text = without_guard(bytes);
    count_texts(text)?;
    let built: Built<'_> = json::parse(text)
        .map_err(|error| FieldError::new("map", format!("is no source map: {error}")))?;
    let form = form(built, with_sources)?;
    let kept = serde_json::to_vec(&form)
        .map_err(|error| FieldError::new("map", format!("cannot be kept: {error}")))?;
    if kept.len() > MAX_BYTES {
        let reason =
            format!("must not be larger than {MAX_BYTES} bytes with `sourceRoot` in its `sources`");
        return Err(FieldError::new("map", reason));
    }
    Decoded::of(form).map_err(|error| FieldError::new("mappings", format!("{error}")))?;
    Ok(gzip::compress(&kept))
}

/// Some servers put a line before JSON, so that nobody can run it as a script.
fn without_guard(bytes: &[u8]) -> &[u8] {
    if !bytes.starts_with(b")]}'") {
        return bytes;
    }
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.and_then(|end| bytes.get(end..)).unwrap_or(bytes)
}

/// Before anything is made of them: an empty text of three bytes takes many times that.
fn count_texts(text: &[u8]) -> Result<(), FieldError> {
    let malformed = |_| FieldError::new("map", "must be JSON in UTF-8");
    let mut reader = Reader::new(text).map_err(malformed)?;
    let mut texts = 0;
    loop {
        match reader.next().map_err(malformed)? {
            Token::End => return Ok(()),
            Token::String | Token::Number | Token::Word | Token::Object | Token::Array => {
                texts += 1;
            }
            Token::Key | Token::Close => {}
        }
        if texts > MAX_TEXTS {
            let reason = format!("must not have more than {MAX_TEXTS} values");
            return Err(FieldError::new("map", reason));
        }
    }
}

fn form(built: Built<'_>, with_sources: bool) -> Result<Form, FieldError> {
    if built.version != Some(3) {
        return Err(FieldError::new("version", "must be 3"));
    }
    if built.sections.is_some() {
        let reason = "is not taken: upload a map without sections, one for each file";
        return Err(FieldError::new("sections", reason));
    }
    let mappings = built
        .mappings
        .ok_or_else(|| FieldError::new("mappings", "must be there"))?;
    check_mappings(&mappings)?;
    let root = built.source_root.unwrap_or_default();
    let sources = built.sources.into_iter().map(|source| {
        let source = rooted(&root, source.unwrap_or_default());
        crate::digest::cut(&source, MAX_SOURCE).into()
    });
    let contents = built.sources_content.filter(|_| with_sources);
    let contents = contents.map(|contents| {
        let contents = contents.into_iter();
        contents
            .map(|content| content.map(Cow::into_owned))
            .collect()
    });
    Ok(Form {
        version: 3,
        sources: sources.collect(),
        names: built.names,
        mappings: mappings.into_owned(),
        sources_content: contents,
    })
}

fn rooted(root: &str, source: String) -> String {
    if root.is_empty() || source.starts_with('/') || source.contains("://") {
        return source;
    }
    let root = root.strip_suffix('/').unwrap_or(root);
    format!("{root}/{source}")
}

fn check_mappings(mappings: &str) -> Result<(), FieldError> {
    let is_mark = |byte: u8| matches!(byte, b',' | b';');
    let is_known =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') || is_mark(byte);
    if !mappings.bytes().all(is_known) {
        let reason = "must be base64 digits, commas and semicolons";
        return Err(FieldError::new("mappings", reason));
    }
    if mappings.bytes().filter(|byte| is_mark(*byte)).count() >= MAX_SEGMENTS {
        let reason = format!("must not tell more than {MAX_SEGMENTS} places; split the file");
        return Err(FieldError::new("mappings", reason));
    }
    Ok(())
}
