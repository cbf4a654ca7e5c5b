//! The tokens of a deployment: which are kept, and what becomes of one that is shown.

use super::{ApiToken, MAX_TOKENS};
use crate::id::{Millis, TokenId};
use crate::order;
use crate::store::StoreError;
use alloc::string::String;
use alloc::vec::Vec;

/// Where the API tokens of a deployment are kept.
#[expect(async_fn_in_trait, reason = "one thread")]
pub trait Tokens {
    /// Every token, also those that have expired, in the order of [`newest_first`].
    async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError>;
    /// Keeps a token under the hash of its secret, if [`Room::of`] has room for it; false if
    /// there is none. To look and to write are one step.
    async fn issue(&self, hash: &str, token: &ApiToken, now: Millis) -> Result<bool, StoreError>;
    /// The token of a hash that is shown at `now`, as [`Shown::of`] says; none if it is
    /// refused. One that is revoked meanwhile does not come back by the day that is written.
    async fn shown(&self, hash: &str, now: Millis) -> Result<Option<ApiToken>, StoreError>;
    /// Forgets a token; false if there is none of this id.
    async fn revoke(&self, id: &TokenId) -> Result<bool, StoreError>;
}

/// Tokens as they are listed: by when they were made, and of one moment by their ids.
pub fn newest_first(tokens: &mut [ApiToken]) {
    order::sort_by(tokens, |one, other| {
        (other.created, &other.id).cmp(&(one.created, &one.id))
    });
}

/// A token as it is kept: by the hash of its secret.
pub type Kept = (String, ApiToken);

/// Whether there is room for one more token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Room {
    /// It is kept already: whoever asks did not get the answer.
    Known,
    /// There is, when the tokens of these hashes are forgotten. Mostly they are none.
    After(Vec<String>),
    /// There is none.
    Full,
}

impl Room {
    /// Whether there is room for the token of `hash` beside those that are `kept`. Where there
    /// is not, all that have expired at `now` make room.
    pub fn of(kept: &[Kept], hash: &str, now: Millis) -> Self {
        if kept.iter().any(|(known, _)| known == hash) {
            return Self::Known;
        }
        if (kept.len() as u64) < MAX_TOKENS {
            return Self::After(Vec::new());
        }
        let expired = kept.iter().filter(|(_, token)| token.is_expired(now));
        let expired: Vec<String> = expired.map(|(hash, _)| hash.clone()).collect();
        if expired.is_empty() {
            return Self::Full;
        }
        Self::After(expired)
    }
}

/// A token that was shown and is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// It, with the day.
    pub token: ApiToken,
    /// Whether the day is another than the one that is kept: it is written once a day.
    pub is_news: bool,
}

impl Shown {
    /// What becomes of the token that is `kept` under the hash that was shown at `now`; none if
    /// there is none, or it has expired.
    pub fn of(kept: Option<ApiToken>, now: Millis) -> Option<Self> {
        let token = kept.filter(|token| !token.is_expired(now))?;
        Some(match token.used_at(now) {
            Some(token) => Self {
                token,
                is_news: true,
            },
            None => Self {
                token,
                is_news: false,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::NewToken;
    use alloc::format;

    const DAY: Millis = 86_400_000;

    fn token(days: u32) -> ApiToken {
        let wanted = format!(r#"{{"name":"x","scopes":["read"],"sites":"all","days":{days}}}"#);
        let id = TokenId::new(&days.to_le_bytes().repeat(2).try_into().unwrap());
        ApiToken::new(NewToken::parse(&wanted).unwrap(), id, 0)
    }

    fn kept(n: u64, days: u32) -> Vec<Kept> {
        let kept = (0..n).map(|at| (format!("{days}-{at}"), token(days)));
        kept.collect()
    }

    #[test]
    fn only_who_has_expired_makes_room_and_only_where_there_is_none() {
        let room = |kept: &[Kept], hash| Room::of(kept, hash, DAY);
        let mut kept = [kept(2, 1), kept(MAX_TOKENS - 3, 2)].concat();
        assert_eq!(room(&kept, "new"), Room::After(Vec::new()));
        kept.push(("2-last".into(), token(2)));
        let expired = ["1-0", "1-1"].map(String::from).to_vec();
        assert_eq!(room(&kept, "new"), Room::After(expired));
        assert_eq!(Room::of(&kept, "new", DAY - 1), Room::Full);
        assert_eq!(room(&kept, "1-1"), Room::Known);
    }

    #[test]
    fn a_token_is_taken_until_it_expires_and_its_day_told_once() {
        let taken = |kept: &ApiToken, now| Shown::of(Some(kept.clone()), now);
        assert_eq!(Shown::of(None, 0), None);
        let first = taken(&token(2), 5).unwrap();
        assert_eq!((first.token.used, first.is_news), (Some(0), true));
        let again = taken(&first.token, DAY - 1).unwrap();
        assert_eq!((again.token.used, again.is_news), (Some(0), false));
        let later = taken(&first.token, 2 * DAY - 1).unwrap();
        assert_eq!((later.token.used, later.is_news), (Some(DAY), true));
        assert_eq!(taken(&first.token, 2 * DAY), None);
    }
}
