//! How a month comes to be looked after, and what others ask of it.
//!
//! A plan without an alarm would be a month that nobody looks after: its sessions would stay
//! for ever. So whoever writes a row sees that both are there, also where the first one who
//! did was stopped between the two.

use super::{Plan, Shelf};
use crate::analytics::pack::Packed;
use crate::api::SessionRow;
use crate::id::{Millis, Month, SiteKey};
use crate::store::StoreError;

type Result<T> = core::result::Result<T, StoreError>;

/// Writes a session's row with what reports read of it, and sees that its month is looked
/// after. `site` is none where an earlier version asks.
pub async fn put(
    shelf: &impl Shelf,
    site: Option<SiteKey>,
    (row, packed): (&SessionRow, &Packed),
    revision: Millis,
    now: Millis,
) -> Result<()> {
    shelf.restore(row, packed, revision)?;
    if let Some(site) = site {
        open(shelf, site, row.sid.month(), now).await?;
    }
    if packed.is_outdated() {
        outdated_came(shelf)?;
    }
    Ok(())
}

/// Remembers that a row came which reports cannot read.
fn outdated_came(shelf: &impl Shelf) -> Result<()> {
    match shelf.plan()?.filter(|plan| !plan.may_be_outdated()) {
        Some(plan) => shelf.save_plan(&plan.to_digest()),
        None => Ok(()),
    }
}

/// Sees that a month is looked after, of which a row or something else is kept.
pub async fn open(shelf: &impl Shelf, site: SiteKey, month: Month, now: Millis) -> Result<()> {
    if shelf.plan()?.is_none() {
        // No `await` between the two: they become durable together.
        shelf.save_plan(&Plan::new(site, month))?;
        return shelf.set_alarm(now).await;
    }
    // While the alarm is at work there is none either: it then goes off once more.
    if shelf.alarm().await?.is_none() {
        shelf.set_alarm(now).await?;
    }
    Ok(())
}

/// Has a month looked after now, or its rows made again.
pub async fn ask(
    shelf: &impl Shelf,
    site: SiteKey,
    month: Month,
    rebuild: bool,
    now: Millis,
) -> Result<()> {
    let plan = shelf.plan()?.unwrap_or_else(|| Plan::new(site, month));
    let plan = if rebuild {
        plan.to_rebuild()
    } else {
        plan.to_check()
    };
    shelf.save_plan(&plan)?;
    shelf.set_alarm(now).await
}

/// Remembers that it was looked for too many sessions, as the plan stood in `before`.
pub fn evicted(shelf: &impl Shelf, before: &Plan, now: Millis) -> Result<()> {
    match shelf.plan()? {
        Some(plan) => shelf.save_plan(&plan.after_eviction(before, now)),
        None => Ok(()),
    }
}

/// Sees that the alarm goes off at `at` or earlier.
pub async fn wake_by(shelf: &impl Shelf, at: Millis) -> Result<()> {
    if shelf.alarm().await?.is_some_and(|set| set <= at) {
        return Ok(());
    }
    shelf.set_alarm(at).await
}
