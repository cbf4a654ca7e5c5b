//! What the API says of source maps, and of errors with them.

use crate::id::{Millis, TabId};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The answer to `GET /api/sites/{site}/maps`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapList {
    /// Releases that have maps, in order of their names; with `release` only that one.
    pub releases: Vec<ReleaseRow>,
}

/// A release that has maps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRow {
    /// Its name.
    pub release: String,
    /// Its maps, in order of their files; only where one release was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maps: Vec<MapRow>,
}

/// A map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapRow {
    /// The path of the file that it is of.
    pub file: String,
    /// Bytes that are kept of it, compressed.
    pub bytes: u64,
    /// When it was kept, ms since the epoch.
    pub at: Millis,
}

/// The answer to `PUT /api/sites/{site}/maps`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// The release that it belongs to.
    pub release: String,
    /// The path of the file that it is of.
    pub file: String,
    /// Bytes that are kept of it, compressed.
    pub bytes: u64,
    /// Whether the sources are kept with it.
    pub sources: bool,
    /// Releases whose maps had to give way, because a site keeps those of so many; the oldest
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
}

/// The answer to `GET /api/sites/{site}/sessions/{sid}/errors`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorList {
    /// The release that the session's page told; none if it told none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Errors, page load by page load, in order of their time.
    pub errors: Vec<ErrorSeen>,
    /// There are more: ask for a shorter time.
    #[serde(default)]
    pub more: bool,
    /// What of the frames could not be resolved, and why: a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// An error of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorSeen {
    /// In which page load.
    pub tab: TabId,
    /// The event's index in it.
    pub index: u32,
    /// When, ms since the epoch by the visitor's clock.
    pub at: Millis,
    /// The issue that it is an occurrence of.
    pub issue: String,
    /// What it says.
    pub message: String,
    /// Where it came by, the innermost first.
    pub frames: Vec<ShownFrame>,
}

/// A frame, as it came and as it was before the build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownFrame {
    /// The function's own name; empty if it has none.
    pub function: String,
    /// The file, as it was told.
    pub file: String,
    /// Its line; 0 if it is not told.
    pub line: u32,
    /// Its column; 0 if it is not told.
    pub column: u32,
    /// It is the site's own code: of no library, extension or engine.
    pub in_app: bool,
    /// What it was before the build, where a map says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

/// A place in somebody's source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// The function; what the frame says where no other name is known.
    pub function: String,
    /// The source's name.
    pub file: String,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// The lines around it, if the map was kept with its sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
}

/// Some lines of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The number of the first, from 1.
    pub first: u32,
    /// They.
    pub text: Vec<String>,
}
