//! What the worker and the session objects ask of the index.

use super::{Erase, Forget, Masked, Page, Upsert};
use crate::config::binding;
use crate::http;
use crate::object;
use futures_util::future::try_join_all;
use sentiero_core::api::SessionRow;
use sentiero_core::id::{Millis, Month, SessionId, SiteKey};
use sentiero_core::lifecycle::erased_until;
use sentiero_core::store::{MaskedSum, Span, StoreError};
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::index) const UPSERT: &str = "/upsert";
    pub(in crate::index) const ERASE: &str = "/erase";
    pub(in crate::index) const FORGET: &str = "/forget";
    pub(in crate::index) const MASKED: &str = "/masked";
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
fn months(oldest: Millis, newest: Millis) -> Vec<Month> {
    let last = Month::of(oldest);
    let mut months = Vec::new();
    let mut month = Month::of(newest);
    while month >= last {
        months.push(month);
        month = month.previous();
    }
    months
}

/// What the edge had to mask in the sessions of `span`.
pub(crate) async fn masked(env: &Env, site: &SiteKey, span: Span) -> Result<MaskedSum> {
    let command = Masked { since: span.oldest };
    let sum = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::MASKED, &command, &[]).await?;
        object::json::<(u64, u64)>(answer).await
    };
    let months = months(span.oldest, span.newest);
    let sums = try_join_all(months.into_iter().map(sum)).await?;
    Ok(sums
        .into_iter()
        .fold(MaskedSum::default(), |sum, (sessions, values)| MaskedSum {
            sessions: sum.sessions + sessions,
            values: sum.values + values,
        }))
}

/// The newest rows of `span` before `before`, walking months backward.
pub(crate) async fn page(
    env: &Env,
    site: &SiteKey,
    span: Span,
    before: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    let newest = before.map_or(span.newest, |before| before.start().min(span.newest));
    let mut rows: Vec<SessionRow> = Vec::new();
    for month in months(span.oldest, newest) {
        let left = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        if left == 0 {
            break;
        }
        let command = Page {
            before: before.cloned(),
            limit: left,
        };
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::PAGE, &command, &[]).await?;
        let page = object::json::<Vec<SessionRow>>(answer).await?;
        // The last month begins before the span does.
        rows.extend(page.into_iter().filter(|row| row.started >= span.oldest));
    }
    Ok(rows)
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
