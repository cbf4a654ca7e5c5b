//! Calls from the worker to its Durable Objects.
//!
//! A panic in an object leaves its caller waiting for ever, so every call is
//! raced against a timeout ([`crate::patience`]).

use crate::log;
use crate::patience;
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use sentiero_core::json as text;
use sentiero_core::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Env, Method, Request, RequestInit, Response, ResponseBuilder, web_sys};

type Result<T> = core::result::Result<T, StoreError>;

/// The command that every class answers at once, and that stores nothing.
pub(crate) const PING: &str = "/ping";

/// An object that is no site's: theirs have a slash in their names, or are called otherwise.
const NOBODY: &str = "health";

/// A command's first part is JSON, its second bytes: a length before the JSON
/// tells them apart without encoding the bytes.
const LENGTH_BYTES: usize = 4;

/// Sends `command` and `bytes` to the object `name` of the class bound as `binding`.
pub(crate) fn call<'a, C: Serialize>(
    env: &'a Env,
    binding: &'a str,
    name: &'a str,
    path: &'a str,
    command: &C,
    bytes: &[u8],
) -> LocalBoxFuture<'a, Result<Response>> {
    let framed = serde_json::to_vec(command)
        .map_err(StoreError::from)
        .and_then(|json| frame(&json, bytes));
    send(env, binding, name, path, framed).boxed_local()
}

/// The same for every command, and boxed: or each caller would have its own copy.
async fn send(
    env: &Env,
    binding: &str,
    name: &str,
    path: &str,
    framed: Result<Vec<u8>>,
) -> Result<Response> {
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(Uint8Array::from(framed?.as_slice()).into()));
    let request = Request::new_with_init(&format!("https://object{path}"), &init)?;
    let what = [binding, path].concat();
    patience::store(&what, stub.fetch_with_request(request)).await
}

/// Whether objects of the class bound as `binding` answer.
pub(crate) async fn ping(env: &Env, binding: &str) -> Result<()> {
    ok(call(env, binding, NOBODY, PING, &(), &[]).await?)?;
    Ok(())
}

/// An answer that must be 200.
pub(crate) fn ok(answer: Response) -> Result<Response> {
    match answer.status_code() {
        200 => Ok(answer),
        status => Err(StoreError(format!("an object answered {status}"))),
    }
}

/// The JSON body of an answer that must be 200.
pub(crate) async fn json<T: DeserializeOwned>(answer: Response) -> Result<T> {
    read(ok(answer)?).await
}

/// The JSON body of an answer, whatever its status.
pub(crate) async fn read<T: DeserializeOwned>(answer: Response) -> Result<T> {
    Ok(text::parse(&bytes(answer).boxed_local().await?)?)
}

/// The body of an answer, in one piece: read as a stream it would take several
/// turns and an exception for each upload.
pub(crate) async fn bytes(answer: Response) -> Result<Vec<u8>> {
    let whole = web_sys::Response::from(answer)
        .array_buffer()
        .map_err(worker::Error::from)?;
    let buffer = JsFuture::from(whole).await.map_err(worker::Error::from)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// Answers a command to the object called `object` in the log. What failed is told there, and
/// who asked tries again.
pub(crate) fn answered(object: &'static str, outcome: Result<Response>) -> Response {
    outcome.unwrap_or_else(|StoreError(cause)| {
        log::failure(object, None, log::UNAVAILABLE, &cause);
        fixed(500, Vec::new())
    })
}

/// Answers an alarm of the object called `object`. What it was to do sets the alarm anew when
/// it fails, so an error here says that no alarm is set: it is handed on, because the platform
/// then wakes the object again by itself, six times at growing intervals.
pub(crate) fn woken(object: &'static str, outcome: Result<()>) -> worker::Result<Response> {
    outcome.map(|()| done()).map_err(|StoreError(cause)| {
        log::failure(object, None, "alarm_failed", &cause);
        // The platform writes this into its log, which is to hold no more than ours.
        worker::Error::RustError(format!("{object}: alarm_failed"))
    })
}

/// Nothing is to be said but that it is done.
pub(crate) fn done() -> Response {
    fixed(200, Vec::new())
}

/// What an object answers: no headers, because nobody but the worker sees it.
pub(crate) fn answer<T: Serialize>(status: u16, value: &T) -> Result<Response> {
    Ok(fixed(status, serde_json::to_vec(value)?))
}

/// The same with bytes behind it, for [`unframe`].
pub(crate) fn framed<T: Serialize>(value: &T, bytes: &[u8]) -> Result<Response> {
    Ok(fixed(200, frame(&serde_json::to_vec(value)?, bytes)?))
}

/// Bytes alone.
pub(crate) fn fixed(status: u16, bytes: Vec<u8>) -> Response {
    ResponseBuilder::new().with_status(status).fixed(bytes)
}

/// A command, or an answer, and bytes.
fn frame(json: &[u8], bytes: &[u8]) -> Result<Vec<u8>> {
    let length =
        u32::try_from(json.len()).map_err(|_| StoreError("a command is too long".to_owned()))?;
    let mut framed = Vec::with_capacity(LENGTH_BYTES + json.len() + bytes.len());
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(json);
    framed.extend_from_slice(bytes);
    Ok(framed)
}

/// Reads what [`frame`] made.
pub(crate) fn unframe<C: DeserializeOwned>(framed: &[u8]) -> Result<(C, &[u8])> {
    let short = || StoreError("a command is cut short".to_owned());
    let (length, rest) = framed
        .split_first_chunk::<LENGTH_BYTES>()
        .ok_or_else(short)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| short())?;
    let (json, bytes) = rest.split_at_checked(length).ok_or_else(short)?;
    Ok((text::parse(json)?, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames() {
        let framed = frame(br#"["a",1]"#, b"bytes").unwrap();
        let (command, bytes): ((String, u32), &[u8]) = unframe(&framed).unwrap();
        assert_eq!((command, bytes), (("a".to_owned(), 1), b"bytes".as_slice()));
        for cut in 0..8 {
            assert!(unframe::<(String, u32)>(&framed[..cut]).is_err());
        }
    }
}
