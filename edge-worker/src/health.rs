//! `GET /health`: whether KV, R2 and each class of Durable Objects answer. For monitors: no sign-in, and
//! nothing but that in the answer.

use crate::config::binding;
use crate::error::ApiError;
use crate::http::{self, Body, Request};
use crate::object;
use crate::store::platform::Platform;
use futures_util::future::{Either, LocalBoxFuture, join_all, select};
use sentiero_core::api::Health;
use sentiero_core::id::Millis;
use sentiero_core::store::StoreError;
use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;
use worker::{Delay, Env, Method, Response, Result};

/// How long each of them may take; they are asked at once.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How long an answer is given again, ms: whoever asks more often makes no load.
const CACHE_MS: Millis = 5_000;
/// How often who came while somebody is asking looks for the result.
const LOOK: Duration = Duration::from_millis(50);

/// The classes of Durable Objects, as an answer calls them.
const CLASSES: [(&str, &str); 6] = [
    ("sessions", binding::SESSIONS),
    ("index", binding::INDEX),
    ("erasures", binding::ERASURES),
    ("ledger", binding::LEDGER),
    ("settings", binding::SETTINGS),
    ("issues", binding::ISSUES),
];

/// A question whether something answers.
type Asked<'a> = LocalBoxFuture<'a, core::result::Result<(), StoreError>>;

/// What is known of the deployment.
#[derive(Clone, Default)]
struct Known {
    /// Until when `health` holds.
    until: Millis,
    health: Option<Health>,
    /// Somebody is asking, and has an answer by then.
    asking_until: Millis,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Answers a monitor.
pub(crate) async fn handle(req: &Request, env: &Env) -> Result<Response> {
    if !matches!(req.method(), Method::Get | Method::Head) {
        return ApiError::Method("GET").into_problem();
    }
    let health = match known().await {
        Some(health) => health,
        None => ask(env).await,
    };
    let status = if health.ok { 200 } else { 503 };
    http::answer(status, Body::json(&health))
}

/// What was found out a moment ago, or is being found out by another request.
async fn known() -> Option<Health> {
    loop {
        let now = http::now();
        let known = KNOWN.with_borrow(Known::clone);
        if now < known.until {
            return known.health;
        }
        if now >= known.asking_until {
            return None;
        }
        Delay::from(LOOK).await;
    }
}

async fn ask(env: &Env) -> Health {
    let limit = Millis::try_from(TIMEOUT.as_millis()).unwrap_or(CACHE_MS);
    KNOWN.with_borrow_mut(|known| known.asking_until = http::now() + limit + 1_000);
    let platform = Platform::new(env);
    let mut asked: Vec<(&str, Asked<'_>)> = vec![
        ("kv", Box::pin(platform.kv_answers())),
        ("r2", Box::pin(platform.r2_answers())),
    ];
    for (name, binding) in CLASSES {
        asked.push((name, Box::pin(object::ping(env, binding))));
    }
    let answers = asked
        .into_iter()
        .map(|(name, asked)| async move { (!in_time(asked).await).then(|| name.to_owned()) });
    let failing: Vec<String> = join_all(answers).await.into_iter().flatten().collect();
    let health = Health {
        ok: failing.is_empty(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        failing,
    };
    KNOWN.with_borrow_mut(|known| {
        *known = Known {
            until: http::now() + CACHE_MS,
            health: Some(health.clone()),
            asking_until: 0,
        };
    });
    health
}

/// Whether something is done within [`TIMEOUT`].
async fn in_time(work: Asked<'_>) -> bool {
    match select(work, pin!(Delay::from(TIMEOUT))).await {
        Either::Left((done, _)) => done
            .inspect_err(|StoreError(cause)| {
                crate::log::failure("health", None, crate::log::UNAVAILABLE, cause);
            })
            .is_ok(),
        Either::Right(_) => false,
    }
}
