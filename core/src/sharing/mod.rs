//! What of a session may leave the dashboard: as a file, or by a link that shows it to
//! whoever has it. Both are off until a site's configuration turns them on.
//!
//! What leaves never says the session's id, because who knows that may append to the session
//! and erase it ([`SessionId`](crate::id::SessionId)); and of a session that is shared in
//! part no more than is needed to show that part ([`Range`]).

mod links;
mod range;

pub use links::{Kept, Link, Links, MAX_DAYS, MAX_LINKS, NewLink, newest_first, room};
pub use range::Range;

use crate::id::SiteKey;
use alloc::format;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// How a site's sessions may be shared; not at all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    /// Files: a session, or a part of one, that replays without a server, or as JSON.
    #[serde(default)]
    pub files: bool,
    /// Links that show a session to whoever has them, until they expire or are revoked.
    #[serde(default)]
    pub links: bool,
}

/// A way of sharing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// [`Sharing::files`].
    Files,
    /// [`Sharing::links`].
    Links,
}

impl Way {
    /// The field that allows it.
    fn field(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Links => "links",
        }
    }
}

impl Sharing {
    /// Whether nothing may be shared.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// Whether sessions may be shared so.
    pub fn allows(self, way: Way) -> bool {
        match way {
            Way::Files => self.files,
            Way::Links => self.links,
        }
    }
}

/// Why a session of `site` cannot be shared so, and what its operator can do about it.
pub fn remedy(site: &SiteKey, way: Way) -> String {
    let field = way.field();
    format!(
        "Sharing by {field} is off for this site; `cargo xtask site set {site} sharing.{field}=true` turns it on."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::SiteConfig;

    fn site(more: &str) -> Result<SiteConfig, crate::field::FieldError> {
        SiteConfig::parse(&format!(r#"{{"name":"x","origins":[]{more}}}"#))
    }

    #[test]
    fn nothing_is_shared_until_it_is_turned_on() {
        for (more, files, links) in [
            ("", false, false),
            (r#","sharing":{}"#, false, false),
            (r#","sharing":{"files":true}"#, true, false),
            (r#","sharing":{"links":true}"#, false, true),
            (r#","sharing":{"files":true,"links":true}"#, true, true),
        ] {
            let sharing = site(more).unwrap().sharing;
            assert_eq!(sharing.allows(Way::Files), files, "{more}");
            assert_eq!(sharing.allows(Way::Links), links, "{more}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (field, more) in [
            ("sharing", r#","sharing":true"#),
            ("sharing.files", r#","sharing":{"files":"yes"}"#),
            ("sharing.links", r#","sharing":{"files":true,"links":1}"#),
            ("sharing.link", r#","sharing":{"link":true}"#),
        ] {
            assert_eq!(site(more).unwrap_err().field, field, "{more}");
        }
    }

    #[test]
    fn what_is_off_is_not_written_and_what_is_on_is_read_again() {
        let written = serde_json::to_string(&site("").unwrap()).unwrap();
        assert!(!written.contains("sharing"), "{written}");
        let on = site(r#","sharing":{"links":true}"#).unwrap();
        let written = serde_json::to_string(&on).unwrap();
        assert_eq!(SiteConfig::parse(&written), Ok(on));
    }

    #[test]
    fn who_is_refused_is_told_what_to_do() {
        let said = remedy(&SiteKey::parse("shop").unwrap(), Way::Links);
        assert!(said.contains("site set shop sharing.links=true"), "{said}");
    }
}
