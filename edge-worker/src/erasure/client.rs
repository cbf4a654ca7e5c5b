//! What the worker asks of an erasure's object.

use super::Start;
use crate::config::binding;
use crate::object;
use sentiero_core::erasure::Job;
use sentiero_core::id::{ErasureId, Millis, SiteKey};
use sentiero_core::store::StoreError;
use worker::Env;

/// The path of the object's one command.
pub(super) const START: &str = "/start";
#[cfg(feature = "contract")]
pub(super) const CONTRACT: &str = "/contract";

/// The name of an erasure's object: a storage format.
fn name(site: &SiteKey, id: &ErasureId) -> String {
    format!("{site}/{id}")
}

/// Has an erasure done, from `begins` on; returns when that is certain.
pub(crate) async fn start(env: &Env, job: Job, begins: Millis) -> Result<Job, StoreError> {
    let name = name(&job.site, &job.receipt.id);
    let start = Start { job, begins };
    object::ok(object::call(env, binding::ERASURES, &name, START, &start, &[]).await?)?;
    Ok(start.job)
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

    #[test]
    fn names_are_a_storage_format() {
        let site = SiteKey::parse("demo").unwrap();
        let id = ErasureId::new(1_795_445_123_456, &[0xAB; 10]);
        assert_eq!(name(&site, &id), "demo/01a208de6980vov2xk5lvov2xk5l");
    }
}
