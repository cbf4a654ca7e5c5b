//! Cutting a batch, of which some events are stored already.

use super::actor::Result;
use crate::gzip;
use crate::recording::Buffered;
use crate::store::StoreError;
use crate::wire::{Header, Limits, Upload};
use alloc::format;
use alloc::vec::Vec;

/// The part `[first, end)` of a batch.
pub(super) fn cut(
    batch: &Buffered,
    body: &[u8],
    first: u32,
    end: u32,
) -> Result<(Buffered, Vec<u8>)> {
    let corrupt =
        |reason: &dyn core::fmt::Display| StoreError(format!("a batch cannot be cut: {reason}"));
    let inflated =
        gzip::decompress(body, Limits::DEFAULT.inflated).map_err(|error| corrupt(&error))?;
    let upload = Upload::parse(&inflated, &Limits::DEFAULT).map_err(|error| corrupt(&error))?;
    let place = |index: u32| usize::try_from(index - upload.header.first).unwrap_or(usize::MAX);
    let events = upload
        .events
        .get(place(first)..place(end))
        .ok_or_else(|| corrupt(&"its range is wrong"))?;
    let last = end == upload.header.end_index();
    let header = Header {
        first,
        n: end - first,
        end: upload.header.end && last,
        ..upload.header.clone()
    };
    let member = gzip::compress(&header.body(events));
    let part = Buffered::of(&header, events, member.len(), batch.at)
        .map_err(|_| corrupt(&"it holds no events"))?;
    // What the edge masked is counted with the part that is stored first.
    let masked = if first == batch.meta.first {
        batch.masked
    } else {
        0
    };
    Ok((
        Buffered {
            masked,
            skew: batch.skew,
            ..part
        },
        member,
    ))
}
