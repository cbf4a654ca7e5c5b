//! What the worker and the erasures ask of a site's ledger.

use super::{List, Read};
use crate::config::binding;
use crate::object;
use sentiero_core::audit::{Entry, Log};
use sentiero_core::erasure::Receipt;
#[cfg(feature = "contract")]
use sentiero_core::id::Millis;
use sentiero_core::id::{ErasureId, SiteKey};
use sentiero_core::store::StoreError;
use worker::Env;

type Result<T> = core::result::Result<T, StoreError>;

/// The paths of the object's commands.
pub(super) mod path {
    pub(in crate::ledger) const PUT: &str = "/put";
    pub(in crate::ledger) const GET: &str = "/get";
    pub(in crate::ledger) const LIST: &str = "/list";
    pub(in crate::ledger) const NOTE: &str = "/note";
    pub(in crate::ledger) const READ: &str = "/read";
    #[cfg(feature = "contract")]
    pub(in crate::ledger) const CLEAN: &str = "/clean";
}

/// The name of a site's ledger: a storage format.
fn name(site: &SiteKey) -> String {
    format!("{site}/ledger")
}

/// The ledger of the deployment itself, for signing in. No site has this name: a site's
/// ledger has a slash.
const OWN: &str = "ledger";

fn name_of(site: Option<&SiteKey>) -> String {
    site.map_or_else(|| OWN.to_owned(), name)
}

/// Writes an entry into the audit log of a site, or of the deployment.
pub(crate) async fn note(env: &Env, site: Option<&SiteKey>, entry: &Entry) -> Result<()> {
    let name = name_of(site);
    object::ok(object::call(env, binding::LEDGER, &name, path::NOTE, entry, &[]).await?)?;
    Ok(())
}

/// A page of the audit log of a site, or of the deployment.
pub(crate) async fn read(
    env: &Env,
    site: Option<&SiteKey>,
    before: Option<String>,
    limit: u32,
) -> Result<Log> {
    let name = name_of(site);
    let command = Read { before, limit };
    object::json(object::call(env, binding::LEDGER, &name, path::READ, &command, &[]).await?).await
}

/// Writes a receipt.
pub(crate) async fn put(env: &Env, site: &SiteKey, receipt: &Receipt) -> Result<()> {
    let name = name(site);
    object::ok(object::call(env, binding::LEDGER, &name, path::PUT, receipt, &[]).await?)?;
    Ok(())
}

/// A receipt, if there is one.
pub(crate) async fn get(env: &Env, site: &SiteKey, id: &ErasureId) -> Result<Option<Receipt>> {
    let name = name(site);
    object::json(object::call(env, binding::LEDGER, &name, path::GET, id, &[]).await?).await
}

/// The newest receipts before `before`.
pub(crate) async fn list(
    env: &Env,
    site: &SiteKey,
    before: Option<ErasureId>,
    limit: u32,
) -> Result<Vec<Receipt>> {
    let name = name(site);
    let command = List { before, limit };
    object::json(object::call(env, binding::LEDGER, &name, path::LIST, &command, &[]).await?).await
}

/// Has it do what its alarm does, as at `now`.
#[cfg(feature = "contract")]
pub(crate) async fn clean(env: &Env, site: Option<&SiteKey>, now: Millis) -> Result<()> {
    let name = name_of(site);
    object::ok(object::call(env, binding::LEDGER, &name, path::CLEAN, &now, &[]).await?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_storage_format() {
        let demo = SiteKey::parse("demo").unwrap();
        assert_eq!(name_of(Some(&demo)), "demo/ledger");
        assert_eq!(name_of(None), "ledger");
    }
}
