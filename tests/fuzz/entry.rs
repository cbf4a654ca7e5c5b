//! What is fuzzed, and what must hold for any bytes: one function a target. The fuzz
//! targets call them with libFuzzer's inputs, `core/tests/fuzz_corpus.rs` with the
//! committed corpus and its mutations.

use sentiero_core::json::{self, Reader, Token};
use sentiero_core::mask::{MASK, Masker, Mode};
use sentiero_core::wire::{Ack, Limits, Upload};
use sentiero_core::{chunk, event, gzip};
use serde_json::value::RawValue;

/// The reader accepts exactly what serde accepts; the field functions answer anything.
pub(crate) fn json(data: &[u8]) {
    let accepted = tokens(data).is_some();
    assert_eq!(
        accepted,
        serde_json::from_slice::<&RawValue>(data).is_ok(),
        "reader and serde disagree"
    );
    let fields = json::fields(data).count();
    assert!(fields <= data.len());
    for (key, value) in json::fields(data) {
        let name = String::from_utf8(json::unescape(key).into_owned());
        if let Ok(name) = name
            && accepted
        {
            assert!(json::get(data, &name).is_some());
        }
        let (_, _) = (json::string(value), json::number(value));
    }
    let (_, _) = (json::string(data), json::number(data));
    let (_, _) = (event::EventView::read(data), Ack::read(data));
    if let Ok(text) = core::str::from_utf8(data) {
        let mut written = Vec::new();
        json::write_string(text, &mut written);
        assert_eq!(json::string(&written).as_deref(), Some(text));
        assert_eq!(written, serde_json::to_vec(text).unwrap());
    }
}

/// Masking accepts what is JSON, keeps its shape, leaves nothing for a second time, and a
/// stricter mode leaves nothing for a looser one.
pub(crate) fn mask(data: &[u8]) {
    let shape = tokens(data);
    let mut outputs = Vec::new();
    for mode in [Mode::None, Mode::Inputs, Mode::Text] {
        let once = masked(mode, data);
        let before = shape.as_ref();
        assert_eq!(
            once.is_some(),
            before.is_some(),
            "refused what is JSON, or accepted what is not"
        );
        let (Some((out, changes)), Some(before)) = (once, before) else {
            continue;
        };
        let after = tokens(&out).expect("what is masked is JSON");
        assert!(
            before.len() == after.len() && before.iter().zip(&after).all(same_shape),
            "the shape changed"
        );
        assert_eq!(changes == 0, out == data, "counted {changes} changes");
        assert_eq!(
            masked(mode, &out),
            Some((out.clone(), 0)),
            "not idempotent in {mode:?}"
        );
        outputs.push(out);
    }
    if let [_, inputs, text] = outputs.as_slice() {
        assert_eq!(
            masked(Mode::Inputs, text),
            Some((text.clone(), 0)),
            "text mode left something"
        );
        assert_eq!(
            masked(Mode::Text, inputs).map(|(out, _)| out).as_ref(),
            Some(text),
            "the modes disagree"
        );
    }
}

/// An upload is read or refused.
pub(crate) fn wire(data: &[u8]) {
    if let Ok(upload) = Upload::parse(data, &Limits::DEFAULT) {
        assert!(upload.events.iter().all(|event| event.len() <= data.len()));
    }
}

/// A member is inflated within its limit or refused; what we write we can read.
pub(crate) fn gzip(data: &[u8]) {
    const LIMIT: usize = 1 << 16;
    if let Ok(inflated) = gzip::decompress(data, LIMIT) {
        assert!(inflated.len() <= LIMIT);
    }
    let member = gzip::compress(data);
    assert_eq!(gzip::decompress(&member, data.len()).as_deref(), Ok(data));
}

/// A chunk is read or refused.
pub(crate) fn chunk(data: &[u8]) {
    if let Ok(chunk) = chunk::Chunk::parse(data) {
        for batch in &chunk.batches {
            let _ = batch.inflate();
        }
    }
}

/// A token with what must not change of it.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Open(bool),
    Close,
    Key(String),
    String(String),
    Other(String),
}

/// Whether `after` is `before` with parts left out or masked.
fn same_shape((before, after): (&Part, &Part)) -> bool {
    match (before, after) {
        (Part::String(before), Part::String(after)) | (Part::Key(before), Part::Key(after)) => {
            before == after || is_made_of(&plain(after), &plain(before))
        }
        // A text written as a number.
        (Part::Other(before), Part::String(after)) => {
            after == MASK
                && before.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        }
        _ => before == after,
    }
}

/// What the text between the quotes of a JSON string says.
fn plain(inner: &str) -> String {
    String::from_utf8_lossy(&json::unescape(inner.as_bytes())).into()
}

/// Whether what `new` does not mask is in `old`, in the same order. (A denied parameter
/// changes the mark before the next one.)
fn is_made_of(new: &str, old: &str) -> bool {
    let mut rest = old.chars();
    new.split(MASK)
        .flat_map(str::chars)
        .all(|char| rest.any(|from| from == char || (from == '&' && matches!(char, '?' | '#'))))
}

fn tokens(data: &[u8]) -> Option<Vec<Part>> {
    let mut reader = Reader::new(data).ok()?;
    let mut parts = Vec::new();
    loop {
        parts.push(match reader.next().ok()? {
            Token::Object => Part::Open(true),
            Token::Array => Part::Open(false),
            Token::Close => Part::Close,
            Token::Key(key) => Part::Key(text(reader.inner(key))),
            Token::String(span) => Part::String(text(reader.inner(span))),
            Token::Number(span) | Token::Word(span) => Part::Other(text(reader.slice(span))),
            Token::End => return Some(parts),
        });
    }
}

fn text(raw: &[u8]) -> String {
    core::str::from_utf8(raw).unwrap().into()
}

fn masked(mode: Mode, data: &[u8]) -> Option<(Vec<u8>, u32)> {
    let mut out = Vec::new();
    let changes = Masker::new(mode).mask_event(data, &mut out);
    assert!(
        changes.is_ok() || out.is_empty(),
        "wrote something of a malformed event"
    );
    changes.ok().map(|changes| (out, changes.masked))
}
