//! Who may do what: API tokens and their scopes, and the one table of the API's requests.
//!
//! **Deny by default**: a request that is not in [`RESOURCES`] reaches no handler.

pub mod gate;
pub mod jwt;
mod token;
mod tokens;

pub use token::{All, ApiToken, MAX_TOKENS, NewToken, Reach, Scope};
pub use tokens::{Kept, Room, Shown, Tokens, newest_first};

use crate::id::SiteKey;
use core::fmt;

/// What a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: it is how one signs in, or shows a link to a session.
    Nothing,
    /// Somebody who signed in with the password. No token will do.
    SignIn,
    /// The scope, for the site in the path. Where the path names none, the answer holds
    /// only what the caller may see.
    Scope(Scope),
    /// Both scopes, for the site in the path.
    Both(Scope, Scope),
    /// The scope, for every site.
    Everywhere(Scope),
}

/// A path below `/api/`, and what each of its methods needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The path; `{…}` stands for one segment.
    pub path: &'static str,
    /// Its methods, as an `Allow` header names them.
    pub allow: &'static str,
    /// What each method needs, in the order of `allow`.
    needs: &'static [Needs],
}

const fn resource(path: &'static str, allow: &'static str, needs: &'static [Needs]) -> Resource {
    Resource { path, allow, needs }
}

/// Every request of the API.
pub const RESOURCES: &[Resource] = &[
    resource("login", "POST", &[Needs::Nothing]),
    resource("logout", "POST", &[Needs::SignIn]),
    resource("me", "GET", &[Needs::SignIn]),
    resource(
        "tokens",
        "GET, POST",
        &[
            Needs::Everywhere(Scope::Admin),
            Needs::Everywhere(Scope::Admin),
        ],
    ),
    resource(
        "tokens/{token}",
        "DELETE",
        &[Needs::Everywhere(Scope::Admin)],
    ),
    resource(
        "sites",
        "GET, POST",
        &[Needs::Scope(Scope::Sites), Needs::Everywhere(Scope::Sites)],
    ),
    resource(
        "sites/{site}",
        "GET, PUT, DELETE",
        &[
            Needs::Scope(Scope::Sites),
            Needs::Scope(Scope::Sites),
            // Its sessions are erased with it.
            Needs::Both(Scope::Sites, Scope::Erase),
        ],
    ),
    resource(
        "sites/{site}/keys",
        "GET, POST",
        &[Needs::Scope(Scope::Sites), Needs::Scope(Scope::Sites)],
    ),
    resource(
        "sites/{site}/keys/{key}",
        "PUT, DELETE",
        &[Needs::Scope(Scope::Sites), Needs::Scope(Scope::Sites)],
    ),
    resource("sites/{site}/webhook", "GET", &[Needs::Scope(Scope::Sites)]),
    resource(
        "sites/{site}/webhook/secret",
        "POST",
        &[Needs::Scope(Scope::Sites)],
    ),
    resource(
        "sites/{site}/webhook/test",
        "POST",
        &[Needs::Scope(Scope::Sites)],
    ),
    resource("audit", "GET", &[Needs::Everywhere(Scope::Admin)]),
    resource("sites/{site}/audit", "GET", &[Needs::Scope(Scope::Admin)]),
    resource("sites/{site}/erase", "POST", &[Needs::Scope(Scope::Erase)]),
    resource("sites/{site}/purge", "POST", &[Needs::Scope(Scope::Erase)]),
    resource(
        "sites/{site}/erasures",
        "GET",
        &[Needs::Scope(Scope::Erase)],
    ),
    resource(
        "sites/{site}/erasures/{id}",
        "GET",
        &[Needs::Scope(Scope::Erase)],
    ),
    resource(
        "sites/{site}/retention/run",
        "POST",
        &[Needs::Scope(Scope::Erase)],
    ),
    resource(
        "sites/{site}/rebuild",
        "GET, POST",
        &[Needs::Scope(Scope::Admin), Needs::Scope(Scope::Admin)],
    ),
    resource("sites/{site}/issues", "GET", &[Needs::Scope(Scope::Read)]),
    resource(
        "sites/{site}/issues/{issue}",
        "PUT",
        &[Needs::Scope(Scope::Sites)],
    ),
    resource("sites/{site}/counters", "GET", &[Needs::Scope(Scope::Read)]),
    resource("sites/{site}/privacy", "GET", &[Needs::Scope(Scope::Read)]),
    resource("sites/{site}/sessions", "GET", &[Needs::Scope(Scope::Read)]),
    resource(
        "sites/{site}/sessions/facets",
        "GET",
        &[Needs::Scope(Scope::Read)],
    ),
    resource(
        "sites/{site}/sessions/export",
        "GET",
        &[Needs::Scope(Scope::Export)],
    ),
    resource(
        "sites/{site}/sessions/named",
        "GET",
        &[Needs::Scope(Scope::Read)],
    ),
    resource(
        "sites/{site}/reports/{report}",
        "GET",
        &[Needs::Scope(Scope::Read)],
    ),
    resource(
        "sites/{site}/sessions/{sid}",
        "GET",
        &[Needs::Scope(Scope::Read)],
    ),
    resource(
        "sites/{site}/sessions/{sid}/links",
        "GET, POST",
        &[Needs::Scope(Scope::Export), Needs::Scope(Scope::Export)],
    ),
    resource("sites/{site}/links", "GET", &[Needs::Scope(Scope::Export)]),
    resource(
        "sites/{site}/links/{link}",
        "DELETE",
        &[Needs::Scope(Scope::Export)],
    ),
    resource(
        "sites/{site}/maps",
        "GET, PUT, DELETE",
        &[
            Needs::Scope(Scope::Maps),
            Needs::Scope(Scope::Maps),
            Needs::Scope(Scope::Maps),
        ],
    ),
    resource(
        "sites/{site}/sessions/{sid}/errors",
        "GET",
        &[Needs::Scope(Scope::Export)],
    ),
    resource("shared/{site}", "GET", &[Needs::Nothing]),
    resource(
        "sites/{site}/sessions/{sid}/events",
        "GET",
        &[Needs::Scope(Scope::Export)],
    ),
];

/// What [`find`] finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A request that there is: what it needs, and the site in its path.
    Request(Needs, Option<&'a str>),
    /// The path is there, but not with this method; these are.
    OtherMethod(&'static str),
    /// Nothing.
    Nothing,
}

/// Looks a request up; `segments` are those of the path below `/api/`.
pub fn find<'a>(method: &str, segments: &[&'a str]) -> Found<'a> {
    let Some(resource) = RESOURCES
        .iter()
        .find(|resource| matches(resource.path, segments))
    else {
        return Found::Nothing;
    };
    let mut methods = resource.allow.split(", ").zip(resource.needs);
    match methods.find(|(allowed, _)| *allowed == method) {
        Some((_, needs)) => Found::Request(*needs, site_of(resource.path, segments)),
        None => Found::OtherMethod(resource.allow),
    }
}

fn is_blank(part: &str) -> bool {
    part.starts_with('{')
}

fn matches(path: &str, segments: &[&str]) -> bool {
    let mut parts = path.split('/');
    let same = segments.iter().all(|segment| {
        parts
            .next()
            .is_some_and(|part| is_blank(part) || part == *segment)
    });
    same && parts.next().is_none()
}

fn site_of<'a>(path: &str, segments: &[&'a str]) -> Option<&'a str> {
    let mut pairs = path.split('/').zip(segments);
    pairs
        .find(|(part, _)| *part == "{site}")
        .map(|(_, segment)| *segment)
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Somebody who signed in with the password, who may do everything.
    SignedIn,
    /// A token that is known and has not expired.
    Token(ApiToken),
}

/// Why somebody who is known may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No token may: it is for people.
    SignIn,
    /// The token has not this scope.
    Scope(Scope),
    /// The token is for other sites.
    Site,
    /// The token is for some sites only, and this is for all.
    Everywhere,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn => f.write_str("No API token can do this; sign in with the password."),
            Self::Scope(scope) => write!(
                f,
                "This token lacks the scope `{scope}`; make one that has it."
            ),
            Self::Site => f.write_str("This token is for other sites; make one for this site."),
            Self::Everywhere => {
                f.write_str("This token is for some sites only; this needs one for all sites.")
            }
        }
    }
}

impl Grant {
    /// Whether it is enough for a request that needs `needs`, with `site` in its path.
    pub fn allows(&self, needs: Needs, site: Option<&str>) -> Result<(), Denied> {
        let Self::Token(token) = self else {
            return Ok(());
        };
        let (scope, everywhere) = match needs {
            Needs::Nothing => return Ok(()),
            Needs::SignIn => return Err(Denied::SignIn),
            Needs::Scope(scope) => (scope, false),
            Needs::Both(scope, other) => {
                self.allows(Needs::Scope(scope), site)?;
                (other, false)
            }
            Needs::Everywhere(scope) => (scope, true),
        };
        if !token.has(scope) {
            return Err(Denied::Scope(scope));
        }
        if everywhere && !matches!(token.sites, Reach::All(_)) {
            return Err(Denied::Everywhere);
        }
        if site.is_some_and(|site| !token.sites.covers(site)) {
            return Err(Denied::Site);
        }
        Ok(())
    }

    /// Whether `site` is one that it may see.
    pub fn covers(&self, site: &SiteKey) -> bool {
        match self {
            Self::SignedIn => true,
            Self::Token(token) => token.sites.covers(site.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TokenId;
    use proptest::prelude::*;

    fn token(scopes: &[Scope], sites: Reach) -> Grant {
        Grant::Token(ApiToken {
            id: TokenId::new(&[1; 8]),
            name: "t".into(),
            scopes: scopes.to_vec(),
            sites,
            created: 0,
            expires: 1,
            used: None,
        })
    }

    fn only(site: &str) -> Reach {
        Reach::Only(vec![SiteKey::parse(site).unwrap()])
    }

    const EVERY: Reach = Reach::All(All::All);

    #[test]
    fn every_resource_is_said_once_and_wholly() {
        for (at, resource) in RESOURCES.iter().enumerate() {
            let methods: Vec<&str> = resource.allow.split(", ").collect();
            assert_eq!(methods.len(), resource.needs.len(), "{}", resource.path);
            let segments: Vec<&str> = resource.path.split('/').collect();
            let first = RESOURCES
                .iter()
                .position(|other| matches(other.path, &segments));
            assert_eq!(first, Some(at), "{} hides another", resource.path);
            for method in methods {
                assert!(
                    matches!(find(method, &segments), Found::Request(..)),
                    "{method} {}",
                    resource.path
                );
            }
            assert_eq!(find("PATCH", &segments), Found::OtherMethod(resource.allow));
        }
    }

    #[test]
    fn only_signing_in_and_showing_a_link_need_nothing() {
        let open: Vec<&str> = RESOURCES
            .iter()
            .filter(|resource| resource.needs.contains(&Needs::Nothing))
            .map(|resource| resource.path)
            .collect();
        assert_eq!(open, ["login", "shared/{site}"]);
    }

    #[test]
    fn requests_are_found() {
        let read = Needs::Scope(Scope::Read);
        for (method, path, found) in [
            (
                "GET",
                "sites/demo/sessions",
                Found::Request(read, Some("demo")),
            ),
            (
                "GET",
                "sites/demo/sessions/x/events",
                Found::Request(Needs::Scope(Scope::Export), Some("demo")),
            ),
            ("GET", "me", Found::Request(Needs::SignIn, None)),
            ("POST", "me", Found::OtherMethod("GET")),
            ("HEAD", "me", Found::OtherMethod("GET")),
            ("get", "me", Found::OtherMethod("GET")),
            ("GET", "me/", Found::Nothing),
            ("GET", "", Found::Nothing),
            ("GET", "sites/demo/sessions/x/events/y", Found::Nothing),
            ("GET", "site/demo", Found::Nothing),
        ] {
            let segments: Vec<&str> = path.split('/').collect();
            assert_eq!(find(method, &segments), found, "{method} {path}");
        }
        assert_eq!(find("GET", &[]), Found::Nothing);
    }

    #[test]
    fn a_scope_gives_what_it_says() {
        let scope = Needs::Scope;
        for have in Scope::ALL {
            for wanted in Scope::ALL {
                let allowed = have == wanted || have == Scope::Admin;
                let answer = token(&[have], EVERY).allows(scope(wanted), Some("demo"));
                assert_eq!(answer.is_ok(), allowed, "{have} for {wanted}");
                if !allowed {
                    assert_eq!(answer, Err(Denied::Scope(wanted)));
                }
            }
        }
    }

    #[test]
    fn both_scopes_are_needed_where_it_says_so() {
        let both = Needs::Both(Scope::Sites, Scope::Erase);
        for (have, answer) in [
            (&[Scope::Sites, Scope::Erase][..], Ok(())),
            (&[Scope::Admin], Ok(())),
            (&[Scope::Sites], Err(Denied::Scope(Scope::Erase))),
            (&[Scope::Erase], Err(Denied::Scope(Scope::Sites))),
            (&[Scope::Read], Err(Denied::Scope(Scope::Sites))),
        ] {
            assert_eq!(token(have, EVERY).allows(both, Some("shop")), answer);
        }
        let other = token(&[Scope::Sites, Scope::Erase], only("demo"));
        assert_eq!(other.allows(both, Some("shop")), Err(Denied::Site));
    }

    #[test]
    fn a_token_reaches_its_sites_only() {
        let grant = token(&[Scope::Sites], only("shop"));
        let needs = Needs::Scope(Scope::Sites);
        assert_eq!(grant.allows(needs, Some("shop")), Ok(()));
        assert_eq!(grant.allows(needs, Some("sho")), Err(Denied::Site));
        assert_eq!(grant.allows(needs, Some("demo")), Err(Denied::Site));
        assert_eq!(grant.allows(needs, None), Ok(()));
        assert_eq!(
            grant.allows(Needs::Everywhere(Scope::Sites), None),
            Err(Denied::Everywhere)
        );
        let every = token(&[Scope::Sites], EVERY);
        assert_eq!(every.allows(Needs::Everywhere(Scope::Sites), None), Ok(()));
    }

    #[test]
    fn no_token_is_a_person() {
        let every = token(&Scope::ALL, EVERY);
        assert_eq!(every.allows(Needs::SignIn, None), Err(Denied::SignIn));
        assert_eq!(Grant::SignedIn.allows(Needs::SignIn, None), Ok(()));
    }

    proptest! {
        #[test]
        fn anything_is_answered(method in "[A-Z]{0,6}", path in "[a-z/{}]{0,30}") {
            let segments: Vec<&str> = path.split('/').collect();
            let _ = find(&method, &segments);
        }
    }
}
