//! API tokens: what they may do, where, until when, and what is asked for when one is made.

use crate::field::{self, FieldError};
use crate::id::{Millis, SiteKey, TokenId};
use crate::site::check_name;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a token may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read lists, numbers and what is known of sessions.
    Read,
    /// Read what was recorded: the events themselves; and take the whole list away as a file.
    Export,
    /// Delete recordings.
    Erase,
    /// Read and change configurations of sites.
    Sites,
    /// Tell errors and events of a site's own server.
    Tell,
    /// Keep and delete source maps: what a build server needs, and no more.
    Maps,
    /// Make and revoke tokens, which can give every right: so it includes all others.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Export,
        Self::Erase,
        Self::Sites,
        Self::Tell,
        Self::Maps,
        Self::Admin,
    ];

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Export => "export",
            Self::Erase => "erase",
            Self::Sites => "sites",
            Self::Tell => "tell",
            Self::Maps => "maps",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word for every site, also those that are made later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum All {
    /// Every site.
    All,
}

/// The sites that a token is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reach {
    /// Every site: `"all"`.
    All(All),
    /// These: `["shop"]`.
    Only(Vec<SiteKey>),
}

impl Reach {
    /// Whether `site` is among them.
    pub fn covers(&self, site: &str) -> bool {
        match self {
            Self::All(_) => true,
            Self::Only(sites) => sites.iter().any(|key| key.as_str() == site),
        }
    }
}

/// An API token without its secret, of which only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Names it in lists and for revoking it; no secret.
    pub id: TokenId,
    /// Its name for people.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Where.
    pub sites: Reach,
    /// When it was made, ms since the epoch.
    pub created: Millis,
    /// From when on it is refused, ms since the epoch.
    pub expires: Millis,
    /// The start of the last day (UTC) on which it was used; none if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Millis>,
}

const DAY: Millis = 86_400_000;

impl ApiToken {
    /// A token that somebody asked for.
    pub fn new(wanted: NewToken, id: TokenId, now: Millis) -> Self {
        let NewToken {
            name,
            scopes,
            sites,
            days,
        } = wanted;
        Self {
            id,
            name,
            scopes,
            sites,
            created: now,
            expires: now.saturating_add(Millis::from(days) * DAY),
            used: None,
        }
    }

    /// Whether it is refused at `now` because its time is over.
    pub fn is_expired(&self, now: Millis) -> bool {
        now >= self.expires
    }

    /// It with the day of `now` as the last on which it was used; none if that one or a later
    /// one is known.
    #[must_use]
    pub fn used_at(&self, now: Millis) -> Option<Self> {
        let day = now - now % DAY;
        self.used.is_none_or(|used| used < day).then(|| Self {
            used: Some(day),
            ..self.clone()
        })
    }

    pub(super) fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }
}

/// The body of `POST /api/tokens`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Its name for people: 1 to 64 characters.
    pub name: String,
    /// What it may do; at least one scope.
    pub scopes: Vec<Scope>,
    /// Where: `"all"`, or 1 to 100 keys of sites.
    pub sites: Reach,
    /// Days until it is refused, 1 to 730.
    #[serde(default = "default_days")]
    pub days: u32,
}

fn default_days() -> u32 {
    90
}

/// The most tokens of a deployment, expired ones included.
pub const MAX_TOKENS: u64 = 200;
const MAX_TOKEN_NAME: usize = 64;
const MAX_TOKEN_SITES: usize = 100;
const MAX_DAYS: u32 = 730;

/// What [`NewToken`] must have.
const LEAST: &str = r#"{"name":"x","scopes":["read"],"sites":"all"}"#;

impl NewToken {
    /// Reads a request; the error names the field that is wrong.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wanted: Self = field::read(text, LEAST, "token")?;
        wanted.check()?;
        Ok(wanted)
    }

    /// Checks what the types of the fields do not say; the error names the field that is wrong.
    pub fn check(&self) -> Result<(), FieldError> {
        check_name("name", &self.name, MAX_TOKEN_NAME)?;
        self.check_scopes()?;
        self.check_sites()?;
        if !(1..=MAX_DAYS).contains(&self.days) {
            let reason = format!("must be 1 to {MAX_DAYS}, not {}", self.days);
            return Err(FieldError::new("days", reason));
        }
        Ok(())
    }

    fn check_scopes(&self) -> Result<(), FieldError> {
        let twice = |scope: &Scope| self.scopes.iter().filter(|other| *other == scope).count() > 1;
        if self.scopes.is_empty() || self.scopes.iter().any(twice) {
            let names = Scope::ALL.map(Scope::name).join(", ");
            let reason = format!("must name one or more of {names}, none of them twice");
            return Err(FieldError::new("scopes", reason));
        }
        Ok(())
    }

    fn check_sites(&self) -> Result<(), FieldError> {
        let Reach::Only(sites) = &self.sites else {
            return Ok(());
        };
        if (1..=MAX_TOKEN_SITES).contains(&sites.len()) {
            return Ok(());
        }
        let reason = format!("must be \"all\" or a list of 1 to {MAX_TOKEN_SITES} keys of sites");
        Err(FieldError::new("sites", reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wish_is_checked_field_by_field() {
        let parse = |more: &str| {
            NewToken::parse(&format!(
                r#"{{"name":"ci","scopes":["read"],"sites":"all"{more}}}"#
            ))
        };
        assert_eq!(parse("").unwrap().days, 90);
        for days in [1, 730] {
            assert!(parse(&format!(r#","days":{days}"#)).is_ok());
        }
        for (field, text) in [
            (
                "days",
                r#"{"name":"x","scopes":["read"],"sites":"all","days":0}"#,
            ),
            (
                "days",
                r#"{"name":"x","scopes":["read"],"sites":"all","days":731}"#,
            ),
            (
                "days",
                r#"{"name":"x","scopes":["read"],"sites":"all","days":"9"}"#,
            ),
            ("scopes", r#"{"name":"x","scopes":[],"sites":"all"}"#),
            (
                "scopes",
                r#"{"name":"x","scopes":["read","read"],"sites":"all"}"#,
            ),
            ("scopes", r#"{"name":"x","scopes":["write"],"sites":"all"}"#),
            ("sites", r#"{"name":"x","scopes":["read"],"sites":[]}"#),
            ("sites", r#"{"name":"x","scopes":["read"],"sites":["No!"]}"#),
            ("sites", r#"{"name":"x","scopes":["read"],"sites":"shop"}"#),
            ("name", r#"{"name":"","scopes":["read"],"sites":"all"}"#),
            ("scope", r#"{"name":"x","scope":["read"],"sites":"all"}"#),
            ("token", r#"{"name":"x","scopes":["read"]}"#),
            ("token", "x"),
        ] {
            assert_eq!(NewToken::parse(text).unwrap_err().field, field, "{text}");
        }
        let named = |n: usize| {
            NewToken::parse(&format!(
                r#"{{"name":"{}","scopes":["read"],"sites":"all"}}"#,
                "n".repeat(n)
            ))
        };
        assert!(named(MAX_TOKEN_NAME).is_ok() && named(MAX_TOKEN_NAME + 1).is_err());
        let sited = |n: usize| {
            let keys: Vec<String> = (0..n).map(|at| format!(r#""s{at}""#)).collect();
            let keys = keys.join(",");
            NewToken::parse(&format!(
                r#"{{"name":"x","scopes":["read"],"sites":[{keys}]}}"#
            ))
        };
        assert!(sited(MAX_TOKEN_SITES).is_ok() && sited(MAX_TOKEN_SITES + 1).is_err());
    }

    #[test]
    fn a_token_expires_and_knows_its_last_day() {
        let wanted =
            NewToken::parse(r#"{"name":"x","scopes":["read"],"sites":["shop"],"days":2}"#).unwrap();
        let token = ApiToken::new(wanted, TokenId::new(&[1; 8]), 10);
        assert!(!token.is_expired(10 + 2 * DAY - 1) && token.is_expired(10 + 2 * DAY));
        let used = token.used_at(DAY + 5).unwrap();
        assert_eq!(used.used, Some(DAY));
        assert_eq!(used.used_at(2 * DAY - 1), None, "once a day");
        assert!(used.used_at(2 * DAY).is_some());
        assert_eq!(used.used_at(DAY - 1), None, "a clock that is behind");
    }

    proptest! {
        #[test]
        fn anything_is_answered(text in "\\PC{0,80}") {
            let _ = NewToken::parse(&text);
        }
    }
}
