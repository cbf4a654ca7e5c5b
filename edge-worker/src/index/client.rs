//! What the worker and the session objects ask of the index.

use super::{Page, Upsert};
use crate::config::binding;
use crate::error::StoreError;
use crate::object;
use sentiero_core::api::{SessionList, SessionRow};
use sentiero_core::id::{Millis, Month, SessionId, SiteKey};
use sentiero_core::wire::MAX_AHEAD;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::index) const UPSERT: &str = "/upsert";
    pub(in crate::index) const PAGE: &str = "/page";
}

/// The name of a month's object: a storage format.
fn name(site: &SiteKey, month: Month) -> String {
    format!("{site}/{month}")
}

/// Writes a session's row.
pub(crate) async fn upsert(
    env: &Env,
    site: &SiteKey,
    row: &SessionRow,
    revision: Millis,
) -> Result<()> {
    let command = Upsert {
        row: row.clone(),
        revision,
    };
    let answer = object::call(
        env,
        binding::INDEX,
        &name(site, row.sid.month()),
        path::UPSERT,
        &command,
        &[],
    )
    .await?;
    object::ok(answer)?;
    Ok(())
}

/// The newest sessions before `before`, walking months backward as far as
/// anything is kept.
pub(crate) async fn list(
    env: &Env,
    site: &SiteKey,
    before: Option<SessionId>,
    limit: u32,
    oldest: Millis,
    now: Millis,
) -> Result<SessionList> {
    let last = Month::of(oldest);
    // A visitor's clock may be a little ahead, over the edge of a month.
    let newest = Month::of(now + MAX_AHEAD);
    let mut month = before.as_ref().map_or(newest, SessionId::month).min(newest);
    // One more than asked for tells whether there is a next page.
    let wanted = limit.saturating_add(1);
    let mut sessions: Vec<SessionRow> = Vec::new();
    while month >= last {
        let left = wanted.saturating_sub(u32::try_from(sessions.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let page = Page {
            before: before.clone(),
            limit: left,
        };
        let answer = object::call(
            env,
            binding::INDEX,
            &name(site, month),
            path::PAGE,
            &page,
            &[],
        )
        .await?;
        sessions.extend(object::json::<Vec<SessionRow>>(answer).await?);
        month = month.previous();
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = sessions.len() > limit;
    sessions.truncate(limit);
    let next = sessions.last().filter(|_| more).map(|row| row.sid.clone());
    Ok(SessionList { sessions, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_storage_format() {
        let site = SiteKey::parse("demo").unwrap();
        assert_eq!(name(&site, Month::of(1_795_445_123_456)), "demo/2026-11");
    }
}
