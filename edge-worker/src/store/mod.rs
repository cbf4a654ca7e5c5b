//! The platform behind core's ports ([`sentiero_core::store`]), and the names that things have there.

mod maps;
pub(crate) mod platform;
pub(crate) mod row;
pub(crate) mod sql;
pub(crate) mod upkeep;

use sentiero_core::id::{SessionId, SiteKey};
use sentiero_core::store::{ChunkPlace, StoreError};

type Result<T> = core::result::Result<T, StoreError>;

/// The key of a chunk's object: a storage format.
pub(crate) fn chunk_key(place: &ChunkPlace<'_>) -> String {
    format!("{}{}", prefix(place.site, place.sid), place.name)
}

/// What the keys of all chunks of a site begin with.
pub(crate) fn site_prefix(site: &SiteKey) -> String {
    ["r/", site.as_str(), "/"].concat()
}

/// What the keys of a session's chunks begin with.
pub(crate) fn prefix(site: &SiteKey, sid: &SessionId) -> String {
    format!("r/{site}/{sid}/")
}

/// What the keys of all source maps of a site begin with. Core names the rest.
pub(crate) fn map_prefix(site: &SiteKey) -> String {
    format!("m/{site}/")
}

/// The KV key of a session's record.
pub(crate) fn record_key(site: &SiteKey, sid: &SessionId) -> String {
    format!("s:{site}:{sid}")
}

/// The name of the settings object that has the configurations of all sites.
pub(crate) const SITES: &str = "sites";

/// The name of the settings object that has the API tokens.
pub(crate) const TOKENS: &str = "tokens";

/// The name of the settings object that knows of signing in.
pub(crate) const SIGN_IN: &str = "sign-in";
/// The name of the settings object that has the links to a site's sessions. No site has a slash in
/// its key.
pub(crate) fn links_name(site: &SiteKey) -> String {
    format!("{site}/links")
}

/// The name of a session's object.
pub(crate) fn session_name(site: &SiteKey, sid: &SessionId) -> String {
    format!("{site}/{sid}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_storage_format() {
        let site = SiteKey::parse("demo").unwrap();
        let sid = SessionId::new(1_795_445_123_456, &[0xAB; 17]);
        let place = ChunkPlace {
            site: &site,
            sid: &sid,
            name: "1795445123456-0000",
        };
        assert_eq!(
            chunk_key(&place),
            format!("r/demo/{sid}/1795445123456-0000")
        );
        assert!(chunk_key(&place).starts_with(&site_prefix(&site)));
        assert_eq!(map_prefix(&site), "m/demo/");
        assert_eq!(record_key(&site, &sid), format!("s:demo:{sid}"));
        assert_eq!(session_name(&site, &sid), format!("demo/{sid}"));
        assert_eq!((SITES, TOKENS, SIGN_IN), ("sites", "tokens", "sign-in"));
        assert_eq!(links_name(&site), "demo/links");
    }
}
