//! Frames, and what they were before the build.

use super::decoded::Decoded;
use super::place::{MAX_FILE, Place, path_of};
use super::told::{Original, ShownFrame};
use super::{Maps, check_release};
use crate::id::SiteKey;
use crate::issue::frame;
use crate::store::StoreError;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Files whose maps are read for one answer.
const MAX_MAPS_READ: usize = 12;

/// Resolves frames of one release, one map in memory at a time.
pub struct Resolver<'a, M> {
    /// Where maps are kept.
    pub maps: &'a M,
    /// Of which site.
    pub site: &'a SiteKey,
    /// What the page told as its release, if it did.
    pub release: Option<&'a str>,
}

/// Gives the frames of several errors what they were before the build, and says what of them
/// could not be resolved: a sentence each, for people.
pub async fn resolve<M: Maps>(
    by: &Resolver<'_, M>,
    errors: &mut [Vec<ShownFrame>],
) -> Result<Vec<String>, StoreError> {
    let files = files(errors);
    let mut notes = Vec::new();
    if files.is_empty() {
        return Ok(notes);
    }
    let Some(release) = by.release else {
        notes.push("The page told no release, so no source map is looked for: give one to `setMetadata` as `release`.".to_owned());
        return Ok(notes);
    };
    if check_release(release).is_err() {
        notes.push("The release that the page told is not one that source maps can be kept for; give another to `setMetadata` as `release`.".to_owned());
        return Ok(notes);
    }
    // What a frame calls, by its error and its place in it.
    let mut calls = Vec::new();
    for file in files.iter().take(MAX_MAPS_READ) {
        match read(by, release, file).await? {
            Ok(map) => apply(&map, file, errors, &mut calls),
            Err(note) => notes.push(note),
        }
    }
    if files.len() > MAX_MAPS_READ {
        notes.push(format!(
            "The frames are of {} files; only the source maps of {MAX_MAPS_READ} were read.",
            files.len()
        ));
    }
    name(errors, &calls);
    Ok(notes)
}

/// The paths of files that may have a map, each once, those of the innermost frames first.
fn files(errors: &[Vec<ShownFrame>]) -> Vec<String> {
    let mut files = Vec::new();
    for frame in errors.iter().flatten() {
        if let Some(file) = file_of(frame).filter(|file| !files.contains(file)) {
            files.push(file);
        }
    }
    files
}

/// The path of a frame's file, if a map may be there for it: pages load it from somewhere, and
/// its place is told to the column.
fn file_of(frame: &ShownFrame) -> Option<String> {
    let is_loaded = frame.file.contains("://") && !frame.file.contains("-extension://");
    if !is_loaded || frame.line == 0 || frame.column == 0 {
        return None;
    }
    let path = path_of(&frame.file);
    (2..=MAX_FILE).contains(&path.len()).then_some(path)
}

async fn read<M: Maps>(
    by: &Resolver<'_, M>,
    release: &str,
    file: &str,
) -> Result<Result<Decoded, String>, StoreError> {
    let place = Place {
        release: release.to_owned(),
        file: file.to_owned(),
    };
    let Some(kept) = by.maps.map(by.site, &place).await? else {
        return Ok(Err(format!(
            "There is no source map of `{file}` in release `{release}`."
        )));
    };
    Ok(Decoded::read(&kept).map_err(|error| {
        format!("The source map of `{file}` in release `{release}` cannot be used: {error}.")
    }))
}

/// A name that stands where a frame calls: of its error, the frame's place, and the name.
type Call = (usize, usize, String);

fn apply(map: &Decoded, file: &str, errors: &mut [Vec<ShownFrame>], calls: &mut Vec<Call>) {
    for (error, frames) in errors.iter_mut().enumerate() {
        for (place, frame) in frames.iter_mut().enumerate() {
            if file_of(frame).is_none_or(|own| own != file) {
                continue;
            }
            // Stacks count from 1, maps from 0.
            let Some(found) = map.find(frame.line - 1, frame.column - 1) else {
                continue;
            };
            if let Some(name) = found.name {
                calls.push((error, place, name.to_owned()));
            }
            frame.in_app = frame::is_in_app(found.source);
            frame.original = Some(Original {
                function: frame.function.clone(),
                file: found.source.to_owned(),
                line: found.line.saturating_add(1),
                column: found.column.saturating_add(1),
                lines: map.lines(&found),
            });
        }
    }
}

/// A map has no names of functions, but where one is called its name stands: a frame's is where
/// the frame behind it is.
fn name(errors: &mut [Vec<ShownFrame>], calls: &[Call]) {
    for (error, place, name) in calls {
        let called = place.checked_sub(1);
        let frame = called.and_then(|called| errors.get_mut(*error)?.get_mut(called));
        // One without a name was called by the engine, or by another name than its own.
        if let Some(frame) = frame.filter(|frame| !frame.function.is_empty())
            && let Some(original) = &mut frame.original
        {
            original.function.clone_from(name);
        }
    }
}
