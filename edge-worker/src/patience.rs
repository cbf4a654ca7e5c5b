//! How long the worker waits for what the platform promised: one place for all of it.
//!
//! A store that never answers would hold a visitor's request, or an object's alarm, for as
//! long as the platform lets it. What takes longer than [`STORE`] has failed: a caller is
//! told 503 and tries again, and an alarm sets itself anew. Whatever was asked for may still
//! happen, which is safe because every command may be repeated.

use futures_util::future::{Either, FutureExt as _, LocalBoxFuture, select};
use sentiero_core::issue::hook::TIME_LIMIT;
use sentiero_core::store::StoreError;
use std::pin::pin;
use std::time::Duration;
use worker::{Delay, Env};

type Result<T> = core::result::Result<T, StoreError>;

/// How long an object or a store may take to answer.
const STORE: Duration = Duration::from_secs(10);

/// How long the rate limiter may take: it counts where the worker runs, and an upload waits
/// for it.
const LIMITER: Duration = Duration::from_secs(1);

/// How long somebody who looks waits for one of many sessions to say how far it has come.
const SOON: Duration = Duration::from_millis(500);

/// What one of many says to `work`, if it says it soon: it is asked again another time.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    within(what, SOON, work.boxed_local()).await
}

/// What who is told by a webhook says to `work`; none if he says nothing in time.
pub(crate) async fn hook<T>(work: LocalBoxFuture<'_, T>) -> Option<T> {
    unless(work, Delay::from(Duration::from_millis(TIME_LIMIT))).await
}

/// What a store says to `work`, if it says it in time. `what` is what the log calls it.
pub(crate) async fn store<T, E: Into<StoreError>>(
    what: &str,
    work: impl Future<Output = core::result::Result<T, E>>,
) -> Result<T> {
    let work = work.map(|done| done.map_err(Into::into));
    within(what, STORE, work.boxed_local()).await
}

/// Whether the rate limiter bound as `binding` lets `key` in.
pub(crate) async fn limiter(env: &Env, binding: &str, key: String) -> Result<bool> {
    let limiter = env.rate_limiter(binding)?;
    let work = limiter.limit(key).map(|done| Ok(done?.success));
    within(binding, LIMITER, work.boxed_local()).await
}

/// What `work` ends with within `limit`. Boxed, so that it is there once for each answer and
/// not for each caller.
async fn within<T>(what: &str, limit: Duration, work: LocalBoxFuture<'_, Result<T>>) -> Result<T> {
    let late = || {
        let time = match limit.as_millis() {
            ms if ms % 1_000 == 0 => format!("{} s", ms / 1_000),
            ms => format!("{ms} ms"),
        };
        StoreError(format!("{what} did not answer in {time}"))
    };
    unless(work, Delay::from(limit))
        .await
        .unwrap_or_else(|| Err(late()))
}

/// What `work` ends with; none if `end` comes first.
async fn unless<T>(work: LocalBoxFuture<'_, T>, end: impl Future<Output = ()>) -> Option<T> {
    match select(work, pin!(end)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[test]
    fn what_never_answers_ends() {
        let never = unless(pending::<u8>().boxed_local(), ready(()));
        assert_eq!(never.now_or_never(), Some(None));
    }

    #[test]
    fn what_answers_is_told_and_what_still_may_is_waited_for() {
        let both = unless(ready(7).boxed_local(), ready(()));
        assert_eq!(both.now_or_never(), Some(Some(7)), "in time is in time");
        let in_time = unless(ready(7).boxed_local(), pending());
        assert_eq!(in_time.now_or_never(), Some(Some(7)));
        let undecided = unless(pending::<u8>().boxed_local(), pending());
        assert_eq!(undecided.now_or_never(), None);
    }
}
