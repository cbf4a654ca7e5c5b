//! The session list as a file, taken as it comes: what has come is the browser's, which may
//! put it on a disk, and not this page's memory.

use super::{Abort, Call, Client, asked, read_body, unanswered};
use crate::model::failure::Failure;
use js_sys::{Array, Uint8Array};
use sentiero_core::id::SiteKey;
use sentiero_core::listing::file::Export;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, ReadableStreamDefaultReader, ReadableStreamReadResult};

/// After this a file has failed, ms. It can be cancelled before.
const PATIENCE: u32 = 3_600_000;
/// So many bytes are in this page's memory before the browser has them.
const IN_MEMORY: u32 = 4 << 20;

impl Abort {
    /// Whether that was said.
    pub(crate) fn is_over(&self) -> bool {
        self.signal().is_some_and(|signal| signal.aborted())
    }
}

impl Client {
    /// The file; `look` sees each piece as it comes.
    pub(crate) async fn export(
        &self,
        site: &SiteKey,
        export: &Export,
        abort: &Abort,
        look: impl FnMut(&[u8]),
    ) -> Result<Blob, Failure> {
        let query = asked(&export.to_query());
        let path = format!("/api/sites/{site}/sessions/export{query}");
        let call = Call {
            patience: PATIENCE,
            abort: Some(abort),
            ..Call::get(&path)
        };
        let response = self.respond(call).await?;
        let Some(body) = response.body().filter(|_| response.ok()) else {
            // It says what is wrong, or nothing at all.
            let empty = read_body(&response).await?;
            return Blob::new_with_u8_array_sequence(&Array::of1(&empty))
                .map_err(|error| unanswered(&error));
        };
        let kind = export.form.content_type();
        let file = async {
            let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
            gathered(&reader, kind, look).await
        };
        file.await.map_err(|error: JsValue| unanswered(&error))
    }
}

async fn gathered(
    reader: &ReadableStreamDefaultReader,
    kind: &str,
    mut look: impl FnMut(&[u8]),
) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let joined = |parts: &Array| Blob::new_with_blob_sequence_and_options(parts, &options);
    let (mut parts, mut held) = (Array::new(), 0);
    loop {
        let read: ReadableStreamReadResult = JsFuture::from(reader.read()).await?.unchecked_into();
        if read.get_done() == Some(true) {
            return joined(&parts);
        }
        let piece: Uint8Array = read.get_value().dyn_into()?;
        look(&piece.to_vec());
        held += piece.length();
        parts.push(&piece);
        if held > IN_MEMORY {
            parts = Array::of1(&joined(&parts)?.into());
            held = 0;
        }
    }
}
