//! What the worker asks of the index besides its rows: counts and quotas.

use super::client::{months, name, path};
use super::{Admit, Counted, Tally};
use crate::config::binding;
use crate::object;
use futures_util::future::try_join_all;
use sentiero_core::count::{self, Count};
use sentiero_core::day::Day;
use sentiero_core::id::{Month, SessionId, SiteKey};
use sentiero_core::quota::{Admission, Quota};
use sentiero_core::store::StoreError;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// Adds to the counts of a site in one month.
pub(crate) async fn count(
    env: &Env,
    site: &SiteKey,
    month: Month,
    counts: &[count::Counted],
) -> Result<()> {
    let command = Tally {
        site: site.clone(),
        month: month.start(),
        counts: counts.to_vec(),
    };
    let name = name(site, month);
    object::ok(object::call(env, binding::INDEX, &name, path::TALLY, &command, &[]).await?)?;
    Ok(())
}

/// What was counted of a site from one day to another, both included.
pub(crate) async fn counted(env: &Env, site: &SiteKey, from: Day, to: Day) -> Result<Vec<Count>> {
    let command = Counted { from, to };
    let read = async |month: Month| {
        let name = name(site, month);
        let answer = object::call(env, binding::INDEX, &name, path::COUNTED, &command, &[]).await?;
        object::json::<Vec<Count>>(answer).await
    };
    let months = months(from.start(), to.start()).into_iter().rev();
    Ok(try_join_all(months.map(read)).await?.concat())
}

/// Whether a session may be opened.
pub(crate) async fn admit(
    env: &Env,
    site: &SiteKey,
    sid: &SessionId,
    quota: &Quota,
) -> Result<Admission> {
    let command = Admit {
        site: Some(site.clone()),
        sid: sid.clone(),
        quota: *quota,
    };
    let name = name(site, sid.month());
    let answer = object::call(env, binding::INDEX, &name, path::ADMIT, &command, &[]).await?;
    object::json(answer).await
}
