//! What the worker and the session objects ask of the index.

use super::{Ask, Erase, Find, Forget, Keep, Masked, Matched, Told, Upsert};
use crate::config::binding;
use crate::http;
use crate::object;
use futures_util::future::try_join_all;
use sentiero_core::analytics::pack::Packed;
use sentiero_core::analytics::report::{AnyReport, Example};
use sentiero_core::api::SessionRow;
use sentiero_core::facets::Facets;
use sentiero_core::filter::Filter;
use sentiero_core::id::{Millis, Month, SessionId, SiteKey};
use sentiero_core::lifecycle::erased_until;
use sentiero_core::listing::{Search, Sort};
use sentiero_core::order;
use sentiero_core::retention::{Bounds, Fit, Plan, Rebuild, Stock};
use sentiero_core::store::{MaskedSum, Reported, Span, StoreError};
use std::collections::BTreeMap;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::index) const UPSERT: &str = "/upsert";
    pub(in crate::index) const ERASE: &str = "/erase";
    pub(in crate::index) const FORGET: &str = "/forget";
    pub(in crate::index) const IS_ERASED: &str = "/is-erased";
    pub(in crate::index) const MASKED: &str = "/masked";
    pub(in crate::index) const PAGE: &str = "/page";
    pub(in crate::index) const FACETS: &str = "/facets";
    pub(in crate::index) const REPORT: &str = "/report";
    pub(in crate::index) const NAMED: &str = "/named";
    pub(in crate::index) const FIND: &str = "/find";
    pub(in crate::index) const MATCHED: &str = "/matched";
    pub(in crate::index) const KEEP: &str = "/keep";
    pub(in crate::index) const PLAN: &str = "/plan";
    pub(in crate::index) const STOCK: &str = "/stock";
    pub(in crate::index) const FIT: &str = "/fit";
    /// As an earlier version counts.
    pub(in crate::index) const COUNT: &str = "/count";
    pub(in crate::index) const TALLY: &str = "/tally";
    pub(in crate::index) const COUNTED: &str = "/counted";
    pub(in crate::index) const ADMIT: &str = "/admit";
    #[cfg(feature = "contract")]
    pub(in crate::index) const CONTRACT: &str = "/contract";
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
    packed: &Packed,
    revision: Millis,
) -> Result<()> {
    let command = Upsert {
        site: Some(site.clone()),
        row: row.clone(),
        revision,
    };
    let answer = object::call(
        env,
        binding::INDEX,
        &name(site, row.sid.month()),
        path::UPSERT,
        &command,
        packed.bytes(),
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

/// Whether a session was erased and is not forgotten.
pub(crate) async fn is_erased(env: &Env, site: &SiteKey, sid: &SessionId) -> Result<bool> {
    let name = name(site, sid.month());
    object::json(object::call(env, binding::INDEX, &name, path::IS_ERASED, sid, &[]).await?).await
}

/// The months from that of `oldest` to that of `newest`, newest first.
pub(super) fn months(oldest: Millis, newest: Millis) -> Vec<Month> {
    Span { oldest, newest }.months().collect()
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

/// Rows of a month that a filter takes, and those of live sessions, oldest first.
pub(crate) async fn find(
    env: &Env,
    site: &SiteKey,
    month: Month,
    filter: &Filter,
    after: Option<&SessionId>,
    limit: u32,
) -> Result<Vec<SessionRow>> {
    let command = Find {
        filter: filter.clone(),
        after: after.cloned(),
        limit,
    };
    let name = name(site, month);
    object::json(object::call(env, binding::INDEX, &name, path::FIND, &command, &[]).await?).await
}

/// How many sessions a filter takes, by their rows.
pub(crate) async fn count(env: &Env, site: &SiteKey, filter: &Filter, now: Millis) -> Result<u64> {
    let counts = counts(env, site, filter, now).await?;
    Ok(counts.into_iter().map(|(_, count)| count).sum())
}

/// How many sessions a filter takes by month, newest first.
pub(crate) async fn counts(
    env: &Env,
    site: &SiteKey,
    filter: &Filter,
    now: Millis,
) -> Result<Vec<(Month, u64)>> {
    let command = Matched {
        filter: filter.clone(),
    };
    let count = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::MATCHED, &command, &[]).await?;
        Result::Ok((month, object::json::<u64>(answer).await?))
    };
    let (first, last) = filter.months(now);
    try_join_all(months(first.start(), last.start()).into_iter().map(count)).await
}

/// What there is of finished sessions in each month of `span`, newest first.
pub(crate) async fn stock(env: &Env, site: &SiteKey, span: Span) -> Result<Vec<(Month, Stock)>> {
    let of_month = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::STOCK, &(), &[]).await?;
        Result::Ok((month, object::json::<Stock>(answer).await?))
    };
    try_join_all(span.months().map(of_month)).await
}

/// What of a month's finished sessions stays.
pub(crate) async fn fit(env: &Env, site: &SiteKey, month: Month, bounds: Bounds) -> Result<Fit> {
    let name = name(site, month);
    object::json(object::call(env, binding::INDEX, &name, path::FIT, &bounds, &[]).await?).await
}

/// Has every month from `first` to `last` that holds rows looked after now: what the
/// site's retention does not keep is deleted.
pub(crate) async fn keep(env: &Env, site: &SiteKey, first: Month, last: Month) -> Result<()> {
    let keep = async |month: Month| {
        let command = Keep {
            site: site.clone(),
            month: month.start(),
            rebuild: false,
        };
        let name = name(site, month);
        object::ok(object::call(env, binding::INDEX, &name, path::KEEP, &command, &[]).await?)
    };
    try_join_all(months(first.start(), last.start()).into_iter().map(keep)).await?;
    Ok(())
}

/// Has a month's rows made again from the recordings.
pub(crate) async fn rebuild(env: &Env, site: &SiteKey, month: Month) -> Result<()> {
    let command = Keep {
        site: site.clone(),
        month: month.start(),
        rebuild: true,
    };
    let name = name(site, month);
    object::ok(object::call(env, binding::INDEX, &name, path::KEEP, &command, &[]).await?)?;
    Ok(())
}

/// How far making a month's rows again is; none if nobody asked for it.
pub(crate) async fn rebuilt(env: &Env, site: &SiteKey, month: Month) -> Result<Option<Rebuild>> {
    let name = name(site, month);
    let answer = object::call(env, binding::INDEX, &name, path::PLAN, &(), &[]).await?;
    let plan: Option<Plan> = object::json(answer).await?;
    Ok(plan.and_then(|plan| plan.rebuild))
}

/// A filter that takes nothing outside of `span`, and the months to look in, newest first.
fn within(span: Span, filter: &Filter) -> (Filter, Vec<Month>) {
    let from = filter
        .from
        .map_or(span.oldest, |from| from.max(span.oldest));
    let newest = filter
        .before
        .map_or(span.newest, |before| before.min(span.newest));
    let filter = Filter {
        from: Some(from),
        ..filter.clone()
    };
    (filter, months(from, newest))
}

/// The rows of a page. By start, months are walked until it is full; in any other order each
/// of them may hold its first row, so all are asked at once.
pub(crate) async fn page(
    env: &Env,
    site: &SiteKey,
    span: Span,
    search: &Search,
) -> Result<Vec<SessionRow>> {
    let (filter, mut months) = within(span, &search.filter);
    let search = Search {
        filter,
        ..search.clone()
    };
    let of_month = async |month: Month, limit: u32| {
        let search = Search {
            limit,
            ..search.clone()
        };
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::PAGE, &search, &[]).await?;
        object::json::<Vec<SessionRow>>(answer).await
    };
    let limit = usize::try_from(search.limit).unwrap_or(usize::MAX);
    if !search.sort.is_by_start() {
        let asked = months
            .into_iter()
            .map(|month| of_month(month, search.limit));
        let mut rows = try_join_all(asked).await?.concat();
        order::sort_by(&mut rows, |a, b| search.order(a, b));
        rows.truncate(limit);
        return Ok(rows);
    }
    if let Some(cursor) = &search.cursor {
        months.retain(|month| match search.sort {
            Sort::Oldest => *month >= cursor.sid.month(),
            _ => *month <= cursor.sid.month(),
        });
    }
    if search.sort == Sort::Oldest {
        months.reverse();
    }
    let mut rows: Vec<SessionRow> = Vec::new();
    for month in months {
        let left = limit.saturating_sub(rows.len());
        if left == 0 {
            break;
        }
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        rows.extend(of_month(month, left).await?);
    }
    Ok(rows)
}

/// What a filter could be narrowed by.
pub(crate) async fn facets(
    env: &Env,
    site: &SiteKey,
    span: Span,
    filter: &Filter,
) -> Result<Facets> {
    let (filter, months) = within(span, filter);
    let of_month = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::FACETS, &filter, &[]).await?;
        object::json::<Facets>(answer).await
    };
    let parts = try_join_all(months.into_iter().map(of_month)).await?;
    Ok(Facets::sum(parts))
}

/// A report over the months of `span`, all at once, of the sessions that `filter` takes.
pub(crate) async fn report(
    env: &Env,
    site: &SiteKey,
    span: Span,
    filter: &Filter,
    report: AnyReport,
) -> Result<Reported> {
    let (filter, months) = within(span, filter);
    let command = Ask { filter, report };
    let of_month = async |month: Month| {
        let name = name(site, month);
        loop {
            let answer = object::call(env, binding::INDEX, &name, path::REPORT, &command, &[]);
            match object::json::<Told>(answer.await?).await? {
                Told::Report(told) => return Result::Ok(*told),
                Told::Again => {}
            }
        }
    };
    let parts = try_join_all(months.into_iter().map(of_month)).await?;
    let (mut report, mut pending) = (command.report, 0);
    for part in parts {
        report.merge(part.report)?;
        pending += part.pending;
    }
    Ok(Reported { report, pending })
}

/// The ids of sessions that a report named, in the same order.
pub(crate) async fn named(
    env: &Env,
    site: &SiteKey,
    examples: &[Example],
) -> Result<Vec<Option<SessionId>>> {
    let month = |example: &Example| Month::of(example.started);
    let mut months: Vec<Month> = examples.iter().map(month).collect();
    months.sort_unstable();
    months.dedup();
    let of_month = async |wanted: Month| {
        let asked = examples.iter().filter(|example| month(example) == wanted);
        let asked: Vec<Example> = asked.copied().collect();
        let name = name(site, wanted);
        let answer = object::call(env, binding::INDEX, &name, path::NAMED, &asked, &[]).await?;
        let ids: Vec<Option<SessionId>> = object::json(answer).await?;
        Result::Ok((wanted, ids))
    };
    let found = try_join_all(months.into_iter().map(of_month)).await?;
    let mut found: BTreeMap<Month, _> = found
        .into_iter()
        .map(|(month, ids)| (month, ids.into_iter()))
        .collect();
    let next = |example| found.get_mut(&month(example)).and_then(Iterator::next);
    Ok(examples.iter().map(next).map(Option::flatten).collect())
}

/// Runs a property in the object of its month; how it is broken, if it is.
#[cfg(feature = "contract")]
pub(crate) async fn contract(
    env: &Env,
    property: &crate::contract::Property,
    month: Month,
) -> Result<Option<String>> {
    let name = name(&property.site, month);
    let answer = object::call(env, binding::INDEX, &name, path::CONTRACT, property, &[]).await?;
    object::json(answer).await
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
