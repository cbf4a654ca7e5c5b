//! What the worker asks of an erasure's object.

use super::Start;
use crate::config::binding;
use crate::object;
use sentiero_core::erasure::{Job, Kind, Receipt};
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::store::StoreError;
use worker::Env;

/// The paths of the object's commands.
pub(super) const START: &str = "/start";
pub(super) const WITHDRAW: &str = "/withdraw";
#[cfg(feature = "contract")]
pub(super) const CONTRACT: &str = "/contract";

/// The name of an erasure's object: a storage format. Evictions of a site share one, so that
/// there is one at a time.
fn name(site: &SiteKey, receipt: &Receipt) -> String {
    let Receipt { id, kind, .. } = receipt;
    match kind {
        Kind::Eviction => format!("{site}/eviction"),
        _ => format!("{site}/{id}"),
    }
}

/// Has an erasure done, from `begins` on; returns when that is certain. An unconfirmed one is
/// confirmed by the same, once more.
pub(crate) async fn start(env: &Env, job: Job, begins: Millis) -> Result<Job, StoreError> {
    let name = name(&job.site, &job.receipt);
    let start = Start { job, begins };
    object::ok(object::call(env, binding::ERASURES, &name, START, &start, &[]).await?)?;
    Ok(start.job)
}

/// Has an erasure that was not confirmed forgotten.
pub(crate) async fn withdraw(env: &Env, job: &Job) -> Result<(), StoreError> {
    let name = name(&job.site, &job.receipt);
    object::ok(object::call(env, binding::ERASURES, &name, WITHDRAW, &(), &[]).await?)?;
    Ok(())
}

/// Runs a property in an erasure's object that nobody has used; how it is broken, if it is.
#[cfg(feature = "contract")]
pub(crate) async fn contract(
    env: &Env,
    property: &crate::contract::Property,
) -> Result<Option<String>, StoreError> {
    let name = format!("contract/{}", property.site);
    let erasures = binding::ERASURES;
    let answer = object::call(env, erasures, &name, CONTRACT, property, &[]).await?;
    object::json(answer).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::erasure::{eviction, of_site};
    use sentiero_core::id::ErasureId;

    #[test]
    fn names_are_a_storage_format() {
        let site = SiteKey::parse("demo").unwrap();
        let id = ErasureId::new(1_795_445_123_456, &[0xAB; 10]);
        let by = || "operator".to_owned();
        let job = Job::new(site.clone(), id.clone(), of_site(None), 0, by(), 0);
        assert_eq!(
            name(&site, &job.receipt),
            "demo/01a208de6980vov2xk5lvov2xk5l"
        );
        let job = Job::new(site.clone(), id, eviction(1), 0, by(), 0);
        assert_eq!(name(&site, &job.receipt), "demo/eviction");
    }
}
