//! The worker that decodes recordings, seen from the screen: questions go in,
//! answers come back, see [`crate::model::decoder`]. The other end is
//! `js/decode.ts` with [`Decoder`], in the same wasm module.

use crate::model::decoder::{self, Answer, Ask};
use crate::model::pack;
use crate::platform;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// What comes from the worker.
pub(crate) enum Word {
    /// An answer, and the bytes beside it.
    Said(Answer, Uint8Array),
    /// It could not start, or failed for good.
    Broken,
}

/// The worker; gone when dropped.
pub(crate) struct Background {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Background {
    /// Starts it from the script `script`, which is the dashboard's own. `tell`
    /// hears what comes from it.
    pub(crate) fn start(
        script: &str,
        tell: impl Fn(Word) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options)?;
        let broken = tell.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            tell(read(&event.data()).unwrap_or(Word::Broken));
        });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| broken(Word::Broken));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // The compiled module, so that it is neither fetched nor compiled again.
        worker.post_message(&wasm_bindgen::module())?;
        Ok(Self {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Asks; `bytes` are moved there.
    pub(crate) fn ask(&self, ask: &Ask, bytes: Option<&Uint8Array>) {
        let question = Uint8Array::from(pack::packed(ask).as_slice());
        let message = Array::of1(&question);
        let moved = Array::new();
        if let Some(bytes) = bytes {
            moved.push(&bytes.buffer());
            message.push(bytes);
        }
        if self
            .worker
            .post_message_with_transfer(&message, &moved)
            .is_err()
        {
            platform::warn("a question did not reach the decoder");
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn read(data: &JsValue) -> Option<Word> {
    let parts: &Array = data.dyn_ref()?;
    let answer: Uint8Array = parts.get(0).dyn_into().ok()?;
    let answer = pack::unpacked(&answer.to_vec())?;
    Some(Word::Said(answer, parts.get(1).dyn_into().ok()?))
}

/// What the worker itself calls.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Decoder {
    inner: decoder::Decoder,
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl Decoder {
    /// One without a recording.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers; empty if there is nothing to answer. [`Self::bytes`] are what
    /// travels beside it.
    // By value: the copy that crossing the boundary makes anyway.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what wasm-bindgen hands over"
    )]
    pub fn ask(&mut self, question: Vec<u8>, bytes: Vec<u8>) -> Vec<u8> {
        let (answer, bytes) = self.inner.ask_packed(&question, &bytes).unwrap_or_default();
        self.bytes = bytes;
        answer
    }

    /// There is something to do between the questions.
    pub fn busy(&self) -> bool {
        self.inner.busy()
    }

    /// Does a bit of it; the answer, if that completes one, empty if not.
    pub fn work(&mut self) -> Vec<u8> {
        self.inner.work_packed().unwrap_or_default()
    }

    /// Takes the bytes of the last answer.
    pub fn bytes(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }
}
