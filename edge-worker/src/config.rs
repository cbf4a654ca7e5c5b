//! What wrangler.toml and the secrets say, read once per request.

use sentiero_core::id::Millis;
use sentiero_core::lifecycle::Timing;
use worker::Env;

/// Binding names, as in wrangler.toml.
pub(crate) mod binding {
    pub(crate) const KV: &str = "KV";
    pub(crate) const RECORDINGS: &str = "RECORDINGS";
    pub(crate) const SESSIONS: &str = "SESSIONS";
    pub(crate) const INDEX: &str = "INDEX";
    pub(crate) const ERASURES: &str = "ERASURES";
    pub(crate) const LEDGER: &str = "LEDGER";
    pub(crate) const LOGIN_LIMIT: &str = "LOGIN_LIMIT";
    pub(crate) const INGEST_LIMIT: &str = "INGEST_LIMIT";
}

/// The life of a session, from the variables `…_SECONDS`; what is missing or
/// no number keeps its default.
pub(crate) fn timing(env: &Env) -> Timing {
    let Timing {
        announce,
        idle,
        leave,
    } = Timing::DEFAULT;
    Timing {
        announce: millis(env, "ANNOUNCE_SECONDS").unwrap_or(announce),
        idle: millis(env, "IDLE_SECONDS").unwrap_or(idle),
        leave: millis(env, "LEAVE_SECONDS").unwrap_or(leave),
    }
}

fn millis(env: &Env, name: &str) -> Option<Millis> {
    let seconds: f64 = env.var(name).ok()?.to_string().parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked"
    )]
    (0.0..=86_400.0)
        .contains(&seconds)
        .then_some((seconds * 1_000.0) as Millis)
}

/// Origins besides the worker's own that may call the API from a browser.
pub(crate) fn dashboard_origins(env: &Env) -> Vec<String> {
    let listed = env
        .var("DASHBOARD_ORIGINS")
        .map(|list| list.to_string())
        .unwrap_or_default();
    listed.split_whitespace().map(str::to_owned).collect()
}

/// What signing in needs.
pub(crate) struct Secrets {
    /// The dashboard's password.
    pub(crate) password: String,
    /// The key that cookies are signed with.
    pub(crate) signing: String,
}

/// The shortest signing secret that is taken: 128 bits in hex.
const MIN_SIGNING_SECRET: usize = 32;

/// The secrets; none if they are missing or too weak to protect anything.
pub(crate) fn secrets(env: &Env) -> Option<Secrets> {
    let password = env.secret("DASHBOARD_PASSWORD").ok()?.to_string();
    let signing = env.secret("SESSION_SECRET").ok()?.to_string();
    let usable = !password.is_empty() && signing.len() >= MIN_SIGNING_SECRET;
    usable.then_some(Secrets { password, signing })
}
