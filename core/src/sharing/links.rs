//! Links that show one session to whoever has them.

use super::Range;
use crate::field::{self, FieldError};
use crate::id::{Millis, SiteKey, TokenId};
use crate::order;
use crate::store::StoreError;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const DAY: Millis = 86_400_000;

/// The most links of a site that have not expired.
pub const MAX_LINKS: u64 = 200;
/// The longest that a link holds, days.
pub const MAX_DAYS: u32 = 90;

/// A link without its secret, of which only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Names it in lists and for revoking it; no secret.
    pub id: TokenId,
    /// What stands for its session in the audit log; not the session's id.
    pub session: String,
    /// The name of who made it.
    pub by: String,
    /// When it was made, ms since the epoch.
    pub created: Millis,
    /// From when on it is refused, ms since the epoch.
    pub expires: Millis,
    /// The first moment that it shows, ms since the epoch; none: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// The last moment that it shows; none: to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Millis>,
}

impl Link {
    /// Whether it is refused at `now` because its time is over.
    pub fn is_expired(&self, now: Millis) -> bool {
        now >= self.expires
    }

    /// What of its session it shows. Its ends were checked when it was made.
    pub fn range(&self) -> Range {
        Range {
            from: self.from.unwrap_or(Range::WHOLE.from),
            to: self.to.unwrap_or(Range::WHOLE.to),
        }
    }
}

/// A link as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// All that is told of it.
    pub link: Link,
    /// The session's id, which nobody can read who has not the link's secret.
    pub sealed: String,
}

/// The body of `POST /api/sites/{site}/sessions/{sid}/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// Days until it is refused, 1 to 90.
    #[serde(default = "default_days")]
    pub days: u32,
    /// The first moment that it shows, ms since the epoch; none: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Millis>,
    /// The last moment that it shows; none: to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Millis>,
}

fn default_days() -> u32 {
    7
}

impl NewLink {
    /// Reads a request; the error names the field that is wrong.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let wanted: Self = field::read(text, "{}", "link")?;
        if !(1..=MAX_DAYS).contains(&wanted.days) {
            let reason = format!("must be 1 to {MAX_DAYS}, not {}", wanted.days);
            return Err(FieldError::new("days", reason));
        }
        Range::new(wanted.from, wanted.to)?;
        Ok(wanted)
    }

    /// The link that was asked for by `by`, to what `session` stands for.
    pub fn made(self, id: TokenId, session: String, by: String, now: Millis) -> Link {
        Link {
            id,
            session,
            by,
            created: now,
            expires: now.saturating_add(Millis::from(self.days) * DAY),
            from: self.from,
            to: self.to,
        }
    }
}

/// Where the links to a site's sessions are kept.
///
/// What has expired is forgotten when a list is asked for or a link is added.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Links {
    /// The links of a site that hold at `now`, in the order of [`newest_first`].
    async fn links(&self, site: &SiteKey, now: Millis) -> Result<Vec<Link>, StoreError>;
    /// Keeps a link under the hash of its secret, if there is [`room`]; false if there is none.
    /// To look and to write are one step. Again, it is kept once.
    async fn add(
        &self,
        site: &SiteKey,
        hash: &str,
        kept: &Kept,
        now: Millis,
    ) -> Result<bool, StoreError>;
    /// The link of a site by the hash of its secret; none if it is refused at `now`.
    async fn link(
        &self,
        site: &SiteKey,
        hash: &str,
        now: Millis,
    ) -> Result<Option<Kept>, StoreError>;
    /// Forgets a link; false if there is none of this id.
    async fn withdraw(&self, site: &SiteKey, id: &TokenId) -> Result<bool, StoreError>;
    /// Forgets all of a site, which is deleted; what is not there is no failure.
    async fn clear(&self, site: &SiteKey) -> Result<(), StoreError>;
}

/// Links as they are listed: by when they were made, and of one moment by their ids.
pub fn newest_first(links: &mut [Link]) {
    order::sort_by(links, |one, other| {
        (other.created, &other.id).cmp(&(one.created, &one.id))
    });
}

/// Whether there is room for the link of `hash` beside those that are `kept` and have not
/// expired at `now`.
pub fn room<'a>(kept: impl Iterator<Item = (&'a str, &'a Link)>, hash: &str, now: Millis) -> bool {
    let others = kept.filter(|(known, link)| *known != hash && !link.is_expired(now));
    (others.count() as u64) < MAX_LINKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn link(days: u32) -> Link {
        let wanted = NewLink::parse(&format!(r#"{{"days":{days}}}"#)).unwrap();
        wanted.made(TokenId::new(&[1; 8]), "a1".into(), "operator".into(), 10)
    }

    #[test]
    fn a_wish_is_checked_field_by_field() {
        assert_eq!(NewLink::parse("{}").unwrap().days, 7);
        for text in [
            r#"{"days":1}"#,
            r#"{"days":90}"#,
            r#"{"from":5}"#,
            r#"{"from":5,"to":5}"#,
        ] {
            assert!(NewLink::parse(text).is_ok(), "{text}");
        }
        for (field, text) in [
            ("days", r#"{"days":0}"#),
            ("days", r#"{"days":91}"#),
            ("days", r#"{"days":"7"}"#),
            ("to", r#"{"from":6,"to":5}"#),
            ("from", r#"{"from":-1}"#),
            ("day", r#"{"day":7}"#),
            ("link", "x"),
            ("link", "7"),
        ] {
            assert_eq!(NewLink::parse(text).unwrap_err().field, field, "{text}");
        }
    }

    #[test]
    fn a_link_expires_and_shows_its_range() {
        let link = link(2);
        assert!(!link.is_expired(10 + 2 * DAY - 1) && link.is_expired(10 + 2 * DAY));
        assert_eq!(link.range(), Range::WHOLE);
        let part = Link {
            from: Some(5),
            ..link
        };
        assert_eq!((part.range().from, part.range().to), (5, Millis::MAX));
    }

    #[test]
    fn the_expired_and_oneself_take_no_room() {
        let (old, new) = (link(1), link(2));
        let hashes: Vec<String> = (0..MAX_LINKS).map(|n| format!("{n}")).collect();
        let of = |links: &Link| {
            let all: Vec<(&str, Link)> =
                hashes.iter().map(|h| (h.as_str(), links.clone())).collect();
            all
        };
        let has_room = |all: &[(&str, Link)], hash: &str, now| {
            room(all.iter().map(|(hash, link)| (*hash, link)), hash, now)
        };
        let (old, new) = (of(&old), of(&new));
        assert!(!has_room(&new, "new", DAY) && has_room(&new, "7", DAY));
        assert!(has_room(&new[1..], "new", DAY));
        assert!(has_room(&old, "new", 10 + DAY) && !has_room(&old, "new", DAY));
    }

    proptest! {
        #[test]
        fn anything_is_answered(text in "\\PC{0,80}") {
            let _ = NewLink::parse(&text);
        }
    }
}
