//! Sends one delivery. What may be told, and what an answer means, is decided in core.

use crate::auth;
use crate::http;
use crate::patience;
use futures_util::future::FutureExt as _;
use sentiero_core::id::Millis;
use sentiero_core::issue::hook::address::Target;
use sentiero_core::issue::hook::{
    DELIVERY_HEADER, Failure, Notice, Outcome, Queued, SIGNATURE_HEADER, Webhook, signature_header,
    signed,
};
use worker::{
    AbortController, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Result,
};

/// Who sends, to who is told.
pub(super) struct Sender<'a> {
    /// Where to.
    pub(super) webhook: &'a Webhook,
    /// What is signed with.
    pub(super) secret: &'a str,
    /// Whether that may be this machine.
    pub(super) local: bool,
}

impl Sender<'_> {
    /// Sends it once. Of the answer only the status is looked at: the rest is not even read.
    pub(super) async fn send(&self, queued: &Queued) -> Outcome {
        let target = Target::parse(&self.webhook.url);
        let allowed = target
            .ok()
            .filter(|target| self.local || !target.is_local());
        let Some(target) = allowed else {
            return Outcome::Failed(Failure::NotAllowed);
        };
        let Ok(request) = self.request(&target, queued, http::now()) else {
            return Outcome::Failed(Failure::NotAllowed);
        };
        let controller = AbortController::default();
        let signal = controller.signal();
        let fetch = Fetch::Request(request);
        let answer = patience::hook(fetch.send_with_signal(&signal).boxed_local()).await;
        let outcome = match &answer {
            None => Outcome::Failed(Failure::TimedOut),
            Some(Err(_)) => Outcome::Failed(Failure::Unreachable),
            Some(Ok(answer)) => Outcome::Answered(answer.status_code()),
        };
        controller.abort();
        outcome
    }

    fn request(&self, target: &Target, queued: &Queued, now: Millis) -> Result<Request> {
        let body = serde_json::to_string(&Notice::of(queued, self.webhook))?;
        let timestamp = now / 1_000;
        let signature = auth::hook_signature(self.secret, &signed(timestamp, &body));
        let headers = Headers::new();
        headers.set("Content-Type", "application/json")?;
        headers.set("User-Agent", "Sentiero")?;
        headers.set(DELIVERY_HEADER, &queued.delivery.id)?;
        headers.set(SIGNATURE_HEADER, &signature_header(timestamp, &signature))?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_body(Some(body.into()))
            .with_redirect(RequestRedirect::Manual);
        Request::new_with_init(target.as_str(), &init)
    }
}
