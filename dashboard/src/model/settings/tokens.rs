//! API tokens: what is asked for when one is made, and what state one is in.

use crate::model::text;
use sentiero_core::access::{All, ApiToken, NewToken, Reach, Scope};
use sentiero_core::field::FieldError;
use sentiero_core::id::{Millis, SiteKey};
use std::collections::BTreeSet;

const DAY: Millis = 86_400_000;
/// One that ends within this is worth a word.
const SOON: Millis = 14 * DAY;

/// How long a token may last: days, and what that is called.
pub const LENGTHS: [(u32, &str); 5] = [
    (7, "A week"),
    (30, "30 days"),
    (90, "90 days"),
    (365, "A year"),
    (730, "Two years"),
];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// For these sites; none: for all, also those that are made later.
    pub sites: Option<BTreeSet<SiteKey>>,
    /// How long.
    pub days: u32,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            name: String::new(),
            scopes: [Scope::Read].into(),
            sites: None,
            days: 90,
        }
    }
}

impl Wish {
    /// The request, or which field is wrong and why.
    pub fn request(&self) -> Result<NewToken, FieldError> {
        let request = NewToken {
            name: self.name.trim().to_owned(),
            scopes: self.scopes.iter().copied().collect(),
            sites: match &self.sites {
                None => Reach::All(All::All),
                Some(sites) => Reach::Only(sites.iter().cloned().collect()),
            },
            days: self.days,
        };
        request.check()?;
        Ok(request)
    }
}

/// What a scope lets somebody do, and what to think of first.
pub fn scope_says(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Lists, reports and counters; nothing that was recorded.",
        Scope::Export => "The recorded events themselves, and the list as a file.",
        Scope::Erase => "Delete recordings, for good.",
        Scope::Sites => "Read and change sites, their masking included.",
        Scope::Tell => "For your own server: tell its errors and events; nothing else.",
        Scope::Maps => "Upload and delete source maps; nothing else.",
        Scope::Admin => "Everything, also making tokens.",
    }
}

/// What state a token is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It can be used.
    Good,
    /// It ends soon.
    Ends,
    /// It is refused.
    Expired,
}

/// The state of `token` at `now`.
pub fn state(token: &ApiToken, now: Millis) -> State {
    if token.is_expired(now) {
        State::Expired
    } else if token.expires <= now.saturating_add(SOON) {
        State::Ends
    } else {
        State::Good
    }
}

/// Where it may be used.
pub fn reach(token: &ApiToken) -> String {
    match &token.sites {
        Reach::All(_) => "All sites".to_owned(),
        Reach::Only(sites) => {
            let keys: Vec<&str> = sites.iter().map(SiteKey::as_str).collect();
            keys.join(", ")
        }
    }
}

/// What it may do.
pub fn scopes(token: &ApiToken) -> String {
    let names: Vec<&str> = token.scopes.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

/// When it was last used, by the day.
pub fn used(token: &ApiToken, now: Millis) -> String {
    let days = |at: Millis| now.saturating_sub(at) / DAY;
    match token.used.map(days) {
        None => "Never".to_owned(),
        Some(0) => "Today".to_owned(),
        Some(1) => "Yesterday".to_owned(),
        Some(days) => format!("{} ago", text::plural(days, "day")),
    }
}

/// How long it still lasts.
pub fn ends(token: &ApiToken, now: Millis) -> String {
    if token.is_expired(now) {
        return "Expired".to_owned();
    }
    let days = token.expires.saturating_sub(now) / DAY;
    if days == 0 {
        "Today".to_owned()
    } else {
        format!("In {}", text::plural(days, "day"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sentiero_core::id::TokenId;

    fn token(expires: Millis, used: Option<Millis>, sites: Reach) -> ApiToken {
        ApiToken {
            id: TokenId::new(&[1; 8]),
            name: "ci".into(),
            scopes: vec![Scope::Read, Scope::Export],
            sites,
            created: 0,
            expires,
            used,
        }
    }

    #[test]
    fn a_wish_becomes_a_request_or_names_its_field() {
        let wish = Wish {
            name: " ci ".into(),
            ..Wish::default()
        };
        let request = wish.request().unwrap();
        assert_eq!((request.name.as_str(), request.days), ("ci", 90));
        assert_eq!(request.sites, Reach::All(All::All));
        for (field, wish) in [
            ("name", Wish::default()),
            (
                "scopes",
                Wish {
                    scopes: BTreeSet::new(),
                    ..wish.clone()
                },
            ),
            (
                "sites",
                Wish {
                    sites: Some(BTreeSet::new()),
                    ..wish.clone()
                },
            ),
            ("days", Wish { days: 0, ..wish }),
        ] {
            assert_eq!(wish.request().unwrap_err().field, field);
        }
        assert!(
            LENGTHS
                .iter()
                .any(|(days, _)| *days == Wish::default().days)
        );
    }

    #[test]
    fn a_token_is_told_in_words() {
        let now = 100 * DAY;
        let all = Reach::All(All::All);
        for (expires, kind, said) in [
            (now, State::Expired, "Expired"),
            (now + 5, State::Ends, "Today"),
            (now + DAY, State::Ends, "In 1 day"),
            (now + 14 * DAY, State::Ends, "In 14 days"),
            (now + 90 * DAY, State::Good, "In 90 days"),
        ] {
            let token = token(expires, None, all.clone());
            assert_eq!(
                (state(&token, now), ends(&token, now).as_str()),
                (kind, said)
            );
        }
        for (at, said) in [
            (None, "Never"),
            (Some(now), "Today"),
            (Some(now - DAY), "Yesterday"),
            (Some(now - 3 * DAY), "3 days ago"),
        ] {
            assert_eq!(used(&token(now, at, all.clone()), now), said);
        }
        let some = ["blog", "shop"].map(|key| SiteKey::parse(key).unwrap());
        let token = token(now, None, Reach::Only(some.to_vec()));
        assert_eq!(reach(&token), "blog, shop");
        assert_eq!(scopes(&token), "read, export");
    }
}
