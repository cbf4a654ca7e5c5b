//! Who Cloudflare Access says that asks. Core reads and checks a token ([`jwt`]); here the
//! team's keys are fetched, and the platform's cryptography checks the signature.

use crate::error::ApiError;
use crate::http::{self, Request};
use crate::log;
use crate::patience;
use sentiero_core::access::jwt::{self, AccessError, Claimed, Found, Issuer, Key, Keys};
use sentiero_core::id::Millis;
use sentiero_core::store::StoreError;
use std::cell::RefCell;
use worker::js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array, global};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Fetch, Method, RequestInit, RequestRedirect};

type Result<T> = core::result::Result<T, ApiError>;

/// Where a team shows its keys.
const CERTS: &str = "/cdn-cgi/access/certs";

/// The cookie in which Access keeps its token.
const COOKIE: &str = "CF_Authorization";

const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

thread_local! {
    /// The keys of the team in `ACCESS_TEAM`. Plain data only, as in every cache.
    static KEYS: RefCell<Keys> = RefCell::default();
}

/// Whom Access lets in.
pub(crate) struct Visitor {
    /// An e-mail address.
    pub(crate) name: String,
    /// When its token ends.
    pub(crate) expires: Millis,
}

/// Who asks, if the request has a token of Access. One that is not right is refused.
pub(crate) async fn visitor(
    req: &Request,
    issuer: &Issuer,
    now: Millis,
) -> Result<Option<Visitor>> {
    let Some(token) = token(req) else {
        return Ok(None);
    };
    // Access may let its cookie go with what another site's page loads: that page would not
    // see the answer, but an export would stand in the audit log under the operator's name.
    if http::header(req, "Sec-Fetch-Site").as_deref() == Some("cross-site") {
        return Err(ApiError::Forbidden {
            code: "cross_site",
            message: "Pages of other sites may not ask with a sign-in of Access.".to_owned(),
        });
    }
    let claimed = Claimed::read(&token, issuer, now)?;
    let key = key(issuer, &claimed.kid, now).await?;
    if !is_signed(&key, &claimed).await? {
        return Err(AccessError::Signature.into());
    }
    let Claimed { name, expires, .. } = claimed;
    Ok(Some(Visitor { name, expires }))
}

/// The header is Access's own; the cookie is what it is made of, for requests that come past it.
fn token(req: &Request) -> Option<String> {
    http::header(req, "Cf-Access-Jwt-Assertion").or_else(|| {
        let cookies = http::header(req, "Cookie")?;
        let mut pairs = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(name, value)| (name == COOKIE).then(|| value.to_owned()))
    })
}

async fn key(issuer: &Issuer, kid: &str, now: Millis) -> Result<Key> {
    let find = || KEYS.with_borrow(|keys| keys.find(kid, now));
    if find() == Found::Ask {
        KEYS.with_borrow_mut(|keys| keys.ask(now));
        // A copy that is still in use outlives a team that does not answer.
        let asked = ask(issuer).await;
        match asked {
            Ok(keys) => KEYS.with_borrow_mut(|held| held.give(keys, now)),
            Err(StoreError(cause)) => {
                KEYS.with_borrow_mut(Keys::fail);
                log::failure("access", None, "keys_not_fetched", &cause);
            }
        }
    }
    match find() {
        Found::Key(key) => Ok(key),
        Found::Ask | Found::None => Err(AccessError::Key.into()),
        // Another request is asking: what this one says may well be true.
        Found::Wait => Err(StoreError("Access is being asked for its keys".to_owned()).into()),
    }
}

/// Asks the team for its keys.
async fn ask(issuer: &Issuer) -> core::result::Result<Vec<Key>, StoreError> {
    let mut init = RequestInit::new();
    // Keys are the team's own: wherever else it may lead is not asked.
    init.with_method(Method::Get)
        .with_redirect(RequestRedirect::Manual);
    let url = [issuer.team.as_str(), CERTS].concat();
    let request = worker::Request::new_with_init(&url, &init)?;
    let mut answer = patience::store("Access", Fetch::Request(request).send()).await?;
    if answer.status_code() != 200 {
        let status = answer.status_code();
        return Err(StoreError(format!("Access answered {status}")));
    }
    let body = patience::store("Access", answer.bytes()).await?;
    jwt::keys(&body).ok_or_else(|| StoreError("Access answered what has no keys".to_owned()))
}

/// Whether `key` signed what `claimed` says.
async fn is_signed(key: &Key, claimed: &Claimed<'_>) -> Result<bool> {
    let crypto = Reflect::get(&global(), &"crypto".into()).map_err(worker::Error::from)?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).map_err(worker::Error::from)?;
    let imported = call(&subtle, "importKey", &import(key)?).await;
    // A key that cannot be used signs nothing.
    let Ok(imported) = imported else {
        return Err(AccessError::Key.into());
    };
    let arguments = Array::of4(
        &ALGORITHM.into(),
        &imported,
        &Uint8Array::from(claimed.signature.as_slice()).into(),
        &Uint8Array::from(claimed.signed.as_bytes()).into(),
    );
    let verified = call(&subtle, "verify", &arguments).await;
    Ok(verified.map_err(worker::Error::from)? == JsValue::TRUE)
}

/// The arguments of `importKey`.
fn import(key: &Key) -> core::result::Result<Array, worker::Error> {
    let jwk = object(&[
        ("kty", "RSA"),
        ("alg", "RS256"),
        ("n", &key.n),
        ("e", &key.e),
    ])?;
    let algorithm = object(&[("name", ALGORITHM), ("hash", "SHA-256")])?;
    let uses = Array::of1(&"verify".into());
    Ok(Array::of5(
        &"jwk".into(),
        &jwk,
        &algorithm,
        &JsValue::FALSE,
        &uses,
    ))
}

fn object(fields: &[(&str, &str)]) -> core::result::Result<JsValue, worker::Error> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object.into())
}

async fn call(
    subtle: &JsValue,
    name: &str,
    arguments: &Array,
) -> core::result::Result<JsValue, JsValue> {
    let function: Function = Reflect::get(subtle, &name.into())?.dyn_into()?;
    let promise: Promise = function.apply(subtle, arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        Self::NotByAccess(error)
    }
}
