//! A map that can be asked.

use super::told::Lines;
use super::{MAX_BYTES, MAX_TEXTS};
use crate::digest::cut;
use crate::{gzip, json};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use oxc_sourcemap::{JSONSourceMap, SourceMap};
use serde::{Deserialize, Serialize};

/// Lines that are shown before and behind the one that is meant.
const AROUND: u32 = 3;
/// Bytes of a line that are shown.
const MAX_LINE: usize = 240;

/// What is kept of a map: a map itself, so that any tool can read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Form {
    pub(super) version: u32,
    pub(super) sources: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) mappings: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sources_content: Option<Vec<Option<String>>>,
}

/// Why a map cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// What is kept of it is damaged.
    Damaged,
    /// Its mappings are none.
    Mappings,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "what is kept of it is damaged; upload it again",
            Self::Mappings => {
                "must be segments of 1, 4 or 5 numbers in VLQ whose sources and names are there"
            }
        })
    }
}

/// A place in a source, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found<'a> {
    /// The source's place in the map.
    id: u32,
    pub(super) source: &'a str,
    pub(super) line: u32,
    pub(super) column: u32,
    /// What stands exactly there, if it had another name.
    pub(super) name: Option<&'a str>,
}

/// A map that can be asked.
pub struct Decoded {
    map: SourceMap<'static>,
    sources: Vec<String>,
    names: Vec<String>,
    contents: Vec<Option<String>>,
}

impl Decoded {
    /// Of what [`check`](super::check()) gave.
    pub fn read(kept: &[u8]) -> Result<Self, Unreadable> {
        let text = gzip::decompress(kept, MAX_BYTES).map_err(|_| Unreadable::Damaged)?;
        let form: Form = json::parse(&text).map_err(|_| Unreadable::Damaged)?;
        if form.sources.len() + form.names.len() > MAX_TEXTS {
            return Err(Unreadable::Damaged);
        }
        Self::of(form)
    }

    pub(super) fn of(form: Form) -> Result<Self, Unreadable> {
        // The decoder only counts sources and names; we look them up ourselves.
        let map = SourceMap::from_json(JSONSourceMap {
            version: form.version,
            file: None,
            mappings: form.mappings,
            source_root: None,
            sources: vec![String::new(); form.sources.len()],
            sources_content: None,
            names: vec![String::new(); form.names.len()],
            debug_id: None,
            ignore_list: None,
        });
        Ok(Self {
            map: map.map_err(|_| Unreadable::Mappings)?,
            sources: form.sources,
            names: form.names,
            contents: form.sources_content.unwrap_or_default(),
        })
    }

    /// Where the code at `line` and `column`, both from 0, was before the build.
    ///
    /// Not by the decoder's own table, which has an entry for each line, also of those without
    /// code.
    pub(super) fn find(&self, line: u32, column: u32) -> Option<Found<'_>> {
        let (mut low, mut high) = (0, u32::try_from(self.map.get_tokens().len()).ok()?);
        while low < high {
            let middle = low + (high - low) / 2;
            let token = self.map.get_token(middle)?;
            if (token.get_dst_line(), token.get_dst_col()) <= (line, column) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let token = self.map.get_token(low.checked_sub(1)?)?;
        if token.get_dst_line() != line {
            return None;
        }
        let id = token.get_source_id()?;
        let named = token
            .get_name_id()
            .filter(|_| token.get_dst_col() == column);
        Some(Found {
            id,
            source: self.sources.get(usize::try_from(id).ok()?)?,
            line: token.get_src_line(),
            column: token.get_src_col(),
            name: named.and_then(|id| self.name(id)),
        })
    }

    fn name(&self, id: u32) -> Option<&str> {
        let name = self.names.get(usize::try_from(id).ok()?)?;
        Some(name.as_str()).filter(|name| !name.is_empty())
    }

    /// The lines around a place, if the source is there.
    pub(super) fn lines(&self, found: &Found<'_>) -> Option<Lines> {
        let content = self.contents.get(usize::try_from(found.id).ok()?)?;
        let first = found.line.saturating_sub(AROUND);
        let many = found.line - first + AROUND + 1;
        let lines = content.as_ref()?.lines();
        let lines = lines.skip(usize::try_from(first).ok()?);
        let lines = lines.take(usize::try_from(many).ok()?);
        let text: Vec<String> = lines.map(|line| cut(line, MAX_LINE).to_owned()).collect();
        let is_there = !text.is_empty();
        is_there.then_some(Lines {
            first: first.saturating_add(1),
            text,
        })
    }
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.map.get_tokens().len();
        write!(
            f,
            "a map of {places} places in {} sources",
            self.sources.len()
        )
    }
}
