//! What the worker and the session objects ask of the index.

use super::{Erase, Forget, Masked, Page, Upsert};
use crate::config::binding;
use crate::http;
use crate::object;
use futures_util::future::try_join_all;
use sentiero_core::api::{Privacy, SessionList, SessionRow};
use sentiero_core::id::{Millis, Month, SessionId, SiteKey};
use sentiero_core::lifecycle::erased_until;
use sentiero_core::store::StoreError;
use sentiero_core::wire::MAX_AHEAD;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::index) const UPSERT: &str = "/upsert";
    pub(in crate::index) const ERASE: &str = "/erase";
    pub(in crate::index) const FORGET: &str = "/forget";
    pub(in crate::index) const MASKED: &str = "/masked";
    pub(in crate::index) const PAGE: &str = "/page";
    pub(in crate::index) const COUNT: &str = "/count";
    pub(in crate::index) const COUNTED: &str = "/counted";
    pub(in crate::index) const ADMIT: &str = "/admit";
    pub(in crate::index) const PING: &str = "/ping";
}

/// The name of a month's object: a storage format.
pub(super) fn name(site: &SiteKey, month: Month) -> String {
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

/// Deletes a session's row and lets no later one in.
pub(crate) async fn erase(env: &Env, site: &SiteKey, sid: &SessionId) -> Result<()> {
    let command = Erase {
        sid: sid.clone(),
        expected: http::now() < erased_until(sid.start()),
    };
    let name = name(site, sid.month());
    object::ok(object::call(env, binding::INDEX, &name, path::ERASE, &command, &[]).await?)?;
    Ok(())
}

/// Deletes a session's row and forgets that it was erased.
pub(crate) async fn forget(env: &Env, site: &SiteKey, sid: &SessionId) -> Result<()> {
    let command = Forget { sid: sid.clone() };
    let name = name(site, sid.month());
    object::ok(object::call(env, binding::INDEX, &name, path::FORGET, &command, &[]).await?)?;
    Ok(())
}

/// The months from that of `oldest` to that of `newest`, newest first.
pub(super) fn months(oldest: Millis, newest: Millis) -> Vec<Month> {
    let last = Month::of(oldest);
    let mut months = Vec::new();
    let mut month = Month::of(newest);
    while month >= last {
        months.push(month);
        month = month.previous();
    }
    months
}

/// What the edge had to mask in the sessions from `since` on.
pub(crate) async fn privacy(
    env: &Env,
    site: &SiteKey,
    since: Millis,
    now: Millis,
) -> Result<Privacy> {
    let command = Masked { since };
    let sum = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::MASKED, &command, &[]).await?;
        object::json::<(u64, u64)>(answer).await
    };
    let sums = try_join_all(months(since, now + MAX_AHEAD).into_iter().map(sum)).await?;
    let (sessions, values) = sums
        .into_iter()
        .fold((0, 0), |sum, month| (sum.0 + month.0, sum.1 + month.1));
    Ok(Privacy {
        sessions,
        values,
        since,
    })
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

    #[test]
    fn months_are_counted_from_edge_to_edge() {
        let named = |oldest, newest| -> Vec<String> {
            let months = months(oldest, newest);
            months.into_iter().map(|month| month.to_string()).collect()
        };
        let november = 1_793_491_200_000;
        assert_eq!(named(november, november), ["2026-11"]);
        assert_eq!(named(november - 1, november), ["2026-11", "2026-10"]);
        assert_eq!(named(november, november - 1), Vec::<String>::new());
    }
}
