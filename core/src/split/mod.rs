//! What is too large for one event, as several: an event goes in, events come out that
//! replay as the same page.
//!
//! A full snapshot is cut at a node: what was written until there stays a snapshot, a
//! page that is whole but for its end. The nodes behind the cut follow in order of the
//! document as mutations that append them (rrweb's own form, without children), so that
//! each finds its parent, and neither the edge nor the player needs to know of any of it.
//! A mutation is cut between its items, and inside of a document that it attaches.
//! Scroll positions that a player restores while the page is not there yet come again.
//!
//! **Order.** Mask, then split: where a value stands is known of the whole event only. A
//! part shows less of that, so what was shown because an author had allowed it
//! (`data-sentiero-unmask` around it) gets the mark here, and no part is masked less than
//! in mode `inputs`. So what passes the edge whole passes it in parts, and nothing else.
//!
//! **Invariants.** Pure: the worker and the page that is being left make the same parts
//! of the same event, which is what keeps their indexes alike. No recursion. What cannot
//! be cut comes out as it was. A single value that no upload could carry is left out, and
//! [`LEFT_OUT_TAG`] says so.

mod nodes;
mod parts;

use crate::gzip;
use crate::json;
use crate::mask::Masker;
use crate::text::{parse_decimal, write_decimal};
use crate::wire::Limits;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use nodes::{LISTS, Nodes};
use parts::Parts;

/// An event of at most this many bytes stays one. Text compresses, so that less than this
/// always fits an upload.
pub const WHOLE: usize = 1 << 20;

/// Parts are about as large as this, bytes.
const PART: usize = WHOLE / 2;

/// A value of at most this many bytes fits an upload whatever it is …
const FITS: usize = 768 << 10;
/// … and one of more than this never.
const NEVER_FITS: usize = 3 << 20;

/// The tag of the custom event that says which value was left out.
pub const LEFT_OUT_TAG: &str = "sentiero:left-out";

/// The events to upload for `event`, masked. None if it is malformed, or no event.
pub fn split(masker: &Masker, event: &[u8]) -> Option<Vec<Box<[u8]>>> {
    let whole = masked(masker, false, event)?;
    if whole.len() <= WHOLE {
        return Some(vec![whole]);
    }
    let Some(mut parts) = cut(masker, &masked(masker, true, event)?, PART) else {
        return Some(vec![whole]);
    };
    // A part can only be read more strictly than the whole: what comes of that is ours to
    // mask, not the edge's.
    for part in &mut parts {
        *part = masked(masker, true, part)?;
    }
    Some(parts)
}

fn masked(masker: &Masker, strict: bool, event: &[u8]) -> Option<Box<[u8]>> {
    let mut out = Vec::new();
    // Text of JavaScript's own, which cannot but be well-formed when it is encoded.
    let changes = masker.mask_as(strict, event, &mut out).ok()?;
    changes.is_event.then(|| out.into())
}

/// `event` in parts of about `size` bytes; none if there is no place to cut it.
#[doc(hidden)]
pub fn cut(masker: &Masker, event: &[u8], size: usize) -> Option<Vec<Box<[u8]>>> {
    let nodes = Nodes::of(event)?;
    let time = json::get(event, "timestamp")?;
    if nodes.large.is_empty() {
        return parts(masker, event, &nodes, time, size);
    }
    let mut short = Vec::new();
    let mut copied = 0;
    for span in &nodes.large {
        short.extend_from_slice(event.get(copied..span.start)?);
        short.extend_from_slice(b"\"\"");
        copied = span.end;
    }
    short.extend_from_slice(event.get(copied..)?);
    let mut all = if short.len() > 2 * size {
        parts(masker, &short, &Nodes::of(&short)?, time, size)
    } else {
        None
    }
    .unwrap_or_else(|| vec![short.into()]);
    for span in &nodes.large {
        all.push(left_out(
            nodes.id_at(event, span.start),
            span.end - span.start,
            time,
        ));
    }
    Some(all)
}

/// Whether no upload can carry the value `raw`.
fn is_too_large(raw: &[u8]) -> bool {
    raw.len() > NEVER_FITS
        || (raw.len() > FITS && gzip::compress(raw).len() > Limits::DEFAULT.compressed / 16 * 15)
}

/// Says that a value of `bytes` of the node `id` is missing.
fn left_out(id: &[u8], bytes: usize, time: &[u8]) -> Box<[u8]> {
    let mut event = br#"{"type":5,"data":{"tag":""#.to_vec();
    event.extend_from_slice(LEFT_OUT_TAG.as_bytes());
    event.extend_from_slice(br#"","payload":{"id":"#);
    write_decimal(parse_decimal(id).unwrap_or_default(), &mut event);
    event.extend_from_slice(br#","bytes":"#);
    write_decimal(bytes as u64, &mut event);
    event.extend_from_slice(b"}},\"timestamp\":");
    event.extend_from_slice(time);
    event.push(b'}');
    event.into()
}

fn parts(
    masker: &Masker,
    event: &[u8],
    nodes: &Nodes,
    time: &[u8],
    size: usize,
) -> Option<Vec<Box<[u8]>>> {
    let mut parts = Parts::new(masker, event, nodes, time, size);
    if nodes.items.is_empty() {
        let root = 0;
        let at = nodes.cut(root, size)?;
        let mut skeleton = Vec::new();
        parts.truncated(0, root, at, event.len(), &mut skeleton)?;
        parts.done(skeleton);
        parts.rest(at)?;
        parts.flush();
        parts.scroll(at)?;
        return Some(parts.out);
    }
    for item in &nodes.items {
        let list = item.list.min(LISTS - 1);
        let cut = item
            .root
            .filter(|_| item.end - item.start > size)
            .and_then(|root| Some((root, nodes.cut(root, size)?)));
        if let Some((root, at)) = cut {
            let mut skeleton = Vec::new();
            parts.truncated(item.start, root, at, item.end, &mut skeleton)?;
            parts.push(list, &skeleton);
            parts.rest(at)?;
        } else {
            parts.push(list, event.get(item.start..item.end)?);
        }
    }
    parts.flush();
    Some(parts.out)
}
