//! Identifiers and instants: checked once where they enter, trusted afterwards.
//!
//! Every identifier here becomes part of a storage key, so its alphabet and
//! length are a storage format: changing them loses data. None is ever built
//! from unchecked text.

use crate::day::{DAY, civil};
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use core::fmt;
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
pub type Millis = u64;

/// Lower-case base32 (RFC 4648 letters): safe in URLs, file names and object keys.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Hex digits of a session id that hold its start time.
const TIME_DIGITS: usize = 12;
/// Random base32 characters of a session id: 130 bits, which nobody guesses.
const RANDOM_CHARS: usize = 26;
/// Latest instant that fits [`TIME_DIGITS`].
pub(crate) const MAX_MILLIS: Millis = (1 << (4 * TIME_DIGITS)) - 1;

/// Random bytes that [`SessionId::new`] takes.
pub const SESSION_ENTROPY: usize = 17;
/// Random bytes that [`TabId::new`] and [`WindowId::new`] take.
pub const TAB_ENTROPY: usize = 5;

/// Text that is not an identifier of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId {
    /// What was expected, as a sentence for the person who sent it.
    pub expected: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl core::error::Error for InvalidId {}

/// The first `chars` base32 characters of `entropy`, most significant bit first.
fn base32(entropy: &[u8], chars: usize) -> String {
    let bit = |at: usize| {
        entropy
            .get(at / 8)
            .map_or(0, |byte| (byte >> (7 - at % 8)) & 1)
    };
    (0..chars)
        .map(|char_at| {
            let index = (0..5).fold(0usize, |acc, i| {
                acc << 1 | usize::from(bit(char_at * 5 + i))
            });
            BASE32.get(index).map_or('a', |byte| char::from(*byte))
        })
        .collect()
}

fn is_base32(text: &str) -> bool {
    text.bytes().all(|byte| BASE32.contains(&byte))
}

macro_rules! text_id {
    ($name:ident) => {
        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

/// The public key of a site: 1–32 of `a-z 0-9 -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteKey(String);
text_id!(SiteKey);

impl SiteKey {
    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !fits {
            return Err(InvalidId {
                expected: "a site key: 1 to 32 characters of a-z, 0-9 and -",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

impl SiteKey {
    /// A key that nobody has yet, for a site whose operator names none: `s` and 12 random
    /// base32 characters.
    pub fn random(entropy: &[u8; KEY_ENTROPY]) -> Self {
        let mut key = String::from("s");
        key.push_str(&base32(entropy, KEY_CHARS));
        Self(key)
    }
}

/// Random bytes that [`SiteKey::random`] and [`TokenId::new`] take.
pub const KEY_ENTROPY: usize = 8;
const KEY_CHARS: usize = 12;

/// Names an API token: 12 random base32 characters. It gives no right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenId(String);
text_id!(TokenId);

impl TokenId {
    /// A new id.
    pub fn new(entropy: &[u8; KEY_ENTROPY]) -> Self {
        Self(base32(entropy, KEY_CHARS))
    }

    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.len() != KEY_CHARS || !is_base32(text) {
            return Err(InvalidId {
                expected: "a token's id: 12 base32 characters",
            });
        }
        Ok(Self(text.to_owned()))
    }
}

/// What the secret of an API token begins with: tools that look for secrets in code know it by that.
const TOKEN_PREFIX: &str = "sentiero_";
/// Random base32 characters of a token's secret: 160 bits.
const TOKEN_CHARS: usize = 32;
/// Random bytes that [`token_secret`] takes.
pub const TOKEN_ENTROPY: usize = 20;

/// The secret of a new API token. It is shown once; only its hash is kept.
pub fn token_secret(entropy: &[u8; TOKEN_ENTROPY]) -> String {
    let mut secret = String::from(TOKEN_PREFIX);
    secret.push_str(&base32(entropy, TOKEN_CHARS));
    secret
}

/// Whether `text` looks like [`token_secret`]'s.
pub fn is_token_secret(text: &str) -> bool {
    text.strip_prefix(TOKEN_PREFIX)
        .is_some_and(|random| random.len() == TOKEN_CHARS && is_base32(random))
}

/// The secret of a link to a session: what opens it. It is shown once; only its hash is kept.
pub fn link_secret(entropy: &[u8; TOKEN_ENTROPY]) -> String {
    base32(entropy, TOKEN_CHARS)
}

/// Whether `text` looks like [`link_secret`]'s.
pub fn is_link_secret(text: &str) -> bool {
    text.len() == TOKEN_CHARS && is_base32(text)
}

/// A visit: 12 hex digits of its start in ms, then 26 random base32 characters.
/// Sorts by time; unguessable, so knowing one is the right to append to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId(String);
text_id!(SessionId);

impl SessionId {
    /// A new id for a session that starts at `start`.
    pub fn new(start: Millis, entropy: &[u8; SESSION_ENTROPY]) -> Self {
        let start = start.min(MAX_MILLIS);
        let digit =
            |shift: usize| char::from_digit(((start >> shift) & 15) as u32, 16).unwrap_or('0');
        let mut id: String = (0..TIME_DIGITS).rev().map(|at| digit(at * 4)).collect();
        id.push_str(&base32(entropy, RANDOM_CHARS));
        Self(id)
    }

    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let error = InvalidId {
            expected: "a session id: 12 hex digits and 26 base32 characters",
        };
        let (time, random) = text.split_at_checked(TIME_DIGITS).ok_or(error)?;
        let lower_hex = time
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !lower_hex || random.len() != RANDOM_CHARS || !is_base32(random) {
            return Err(error);
        }
        Ok(Self(text.to_owned()))
    }

    /// When the session started, by the clock of the browser that made the id.
    pub fn start(&self) -> Millis {
        let digits = self
            .0
            .chars()
            .take(TIME_DIGITS)
            .filter_map(|digit| digit.to_digit(16));
        digits.fold(0, |start, digit| start << 4 | Millis::from(digit))
    }

    /// The UTC month of the start, `yyyy-mm`: the shard of the index it lives in.
    pub fn month(&self) -> Month {
        Month::of(self.start())
    }
}

macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);
        text_id!($name);

        impl $name {
            /// A new id from random bytes.
            pub fn new(entropy: &[u8; TAB_ENTROPY]) -> Self {
                Self(base32(entropy, 8))
            }

            /// Checks `text`.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 8 || !is_base32(text) {
                    return Err(InvalidId { expected: $expected });
                }
                Ok(Self(text.to_owned()))
            }
        }
    };
}

short_id!(
    /// One page context: 8 random characters, made anew for each page load, so
    /// that a duplicated browser tab can never share one.
    TabId,
    "a tab id: 8 base32 characters"
);
/// The tab and the window of what a site's server tells: a storage format.
const SERVER: &str = "server22";

impl TabId {
    /// The server lane of a session: what the site's own server tells. No page load has it.
    pub fn server() -> Self {
        Self(SERVER.to_owned())
    }

    /// Whether it is [`Self::server`].
    pub fn is_server(&self) -> bool {
        self.0 == SERVER
    }
}

impl WindowId {
    /// The window of [`TabId::server`].
    pub fn server() -> Self {
        Self(SERVER.to_owned())
    }
}

short_id!(
    /// One browser tab over its page loads: ties tab ids together for the tab switcher.
    WindowId,
    "a window id: 8 base32 characters"
);

/// Random bytes that [`ErasureId::new`] takes.
pub const ERASURE_ENTROPY: usize = 10;
/// Random base32 characters of an erasure's id.
const ERASURE_CHARS: usize = 16;

/// An erasure that an operator asked for: 12 hex digits of when, then 16 random base32
/// characters. Sorts by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErasureId(String);
text_id!(ErasureId);

impl ErasureId {
    /// A new id of an erasure that is asked for at `at`.
    pub fn new(at: Millis, entropy: &[u8; ERASURE_ENTROPY]) -> Self {
        Self(format!(
            "{:012x}{}",
            at.min(MAX_MILLIS),
            base32(entropy, ERASURE_CHARS)
        ))
    }

    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let error = InvalidId {
            expected: "an erasure's id: 12 hex digits and 16 base32 characters",
        };
        let (time, random) = text.split_at_checked(TIME_DIGITS).ok_or(error)?;
        let lower_hex = time
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !lower_hex || random.len() != ERASURE_CHARS || !is_base32(random) {
            return Err(error);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A UTC calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: u32,
    /// 1 to 12.
    month: u32,
}

impl Month {
    /// The month that contains `at`.
    pub fn of(at: Millis) -> Self {
        let (year, month, _) = civil(at.min(MAX_MILLIS) / DAY);
        Self {
            year: u32::try_from(year).unwrap_or(u32::MAX),
            month: u32::try_from(month).unwrap_or(1),
        }
    }

    /// Its first instant.
    ///
    /// Civil date to days by Howard Hinnant's `days_from_civil` (same page).
    pub fn start(self) -> Millis {
        let year = u64::from(self.year) - u64::from(self.month <= 2);
        let shifted = u64::from((self.month + 9) % 12);
        let day_of_year = (153 * shifted + 2) / 5;
        let year_of_era = year % 400;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = (year / 400 * 146_097 + day_of_era).saturating_sub(719_468);
        days * 86_400_000
    }

    /// The month after.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            return Self {
                year: self.year + 1,
                month: 1,
            };
        }
        Self {
            year: self.year,
            month: self.month + 1,
        }
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            return Self {
                year: self.year.saturating_sub(1),
                month: 12,
            };
        }
        Self {
            year: self.year,
            month: self.month - 1,
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ids_and_secrets_of_our_own_making_are_taken() {
        let key = SiteKey::random(&[0xAB; KEY_ENTROPY]);
        assert_eq!(SiteKey::parse(key.as_str()), Ok(key.clone()));
        assert_eq!(key.as_str().len(), 13);
        assert_ne!(key, SiteKey::random(&[0xAC; KEY_ENTROPY]));
        let id = TokenId::new(&[0xAB; KEY_ENTROPY]);
        assert_eq!(TokenId::parse(id.as_str()), Ok(id));
        assert!(TokenId::parse("").is_err() && TokenId::parse("ABCDEFGHIJKL").is_err());
        let secret = token_secret(&[0xAB; TOKEN_ENTROPY]);
        assert!(is_token_secret(&secret), "{secret}");
        assert_ne!(secret, token_secret(&[0xAC; TOKEN_ENTROPY]));
        let link = link_secret(&[0xAB; TOKEN_ENTROPY]);
        assert!(is_link_secret(&link) && !is_link_secret(&secret) && !is_link_secret(""));
        assert!(!is_link_secret(&link[1..]) && !is_link_secret(&link.to_uppercase()));
        for other in [
            &secret[1..],
            &secret[..secret.len() - 1],
            "",
            "1.2.3",
            "sentiero_",
        ] {
            assert!(!is_token_secret(other), "{other}");
        }
    }
    use proptest::prelude::*;

    #[test]
    fn a_session_id_is_a_storage_format() {
        let id = SessionId::new(1_795_445_123_456, &[0xAB; SESSION_ENTROPY]);
        assert_eq!(id.as_str(), "01a208de6980vov2xk5lvov2xk5lvov2xk5lvo");
        assert_eq!(id.start(), 1_795_445_123_456);
        assert_eq!(SessionId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for text in [
            "",
            "0",
            "01a2071b9180",
            "01A2071B9180vovl2xk3vovl2xk3vovl2x",
            "../../etc/passwd",
        ] {
            assert!(SessionId::parse(text).is_err(), "{text}");
        }
        for text in ["", "Demo", "a/b", "a b", &"a".repeat(33)] {
            assert!(SiteKey::parse(text).is_err(), "{text}");
        }
        assert!(SiteKey::parse(&"a".repeat(32)).is_ok());
        assert!(TabId::parse("abcdefg1").is_err());
        assert!(TabId::parse("abcdefg2").is_ok());
    }

    #[test]
    fn months() {
        for (at, month) in [
            (0, "1970-01"),
            (951_782_399_999, "2000-02"),
            (951_868_800_000, "2000-03"),
            (1_795_391_999_999, "2026-11"),
            (1_798_761_599_999, "2026-12"),
            (1_798_761_600_000, "2027-01"),
        ] {
            assert_eq!(Month::of(at).to_string(), month, "{at}");
        }
        assert_eq!(
            Month::of(1_798_761_600_000).previous().to_string(),
            "2026-12"
        );
        assert_eq!(
            Month::of(1_795_391_999_999).previous().to_string(),
            "2026-10"
        );
    }

    #[test]
    fn an_erasure_id_is_a_storage_format() {
        let id = ErasureId::new(1_795_445_123_456, &[0xAB; ERASURE_ENTROPY]);
        assert_eq!(id.as_str(), "01a208de6980vov2xk5lvov2xk5l");
        assert_eq!(ErasureId::parse(id.as_str()), Ok(id));
        for text in ["", "01a208de6980", "01A208de6980vov2xk5lvov2xk5l", "x"] {
            assert!(ErasureId::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_month_begins_where_the_one_before_ends(at in 0..4_102_444_800_000_u64) {
            let month = Month::of(at);
            prop_assert!(month.start() <= at && at < month.next().start());
            prop_assert_eq!(Month::of(month.start()), month);
            prop_assert_eq!(Month::of(month.next().start()), month.next());
            prop_assert_eq!(month.next().previous(), month);
            if month.start() > 0 {
                prop_assert_eq!(Month::of(month.start() - 1), month.previous());
            }
        }

        #[test]
        fn ids_sort_by_time(a in 0..MAX_MILLIS, b in 0..MAX_MILLIS, x: [u8; 17], y: [u8; 17]) {
            prop_assume!(a != b);
            let (first, second) = (SessionId::new(a, &x), SessionId::new(b, &y));
            prop_assert_eq!(first < second, a < b);
        }

        #[test]
        fn every_new_id_parses(at: u64, entropy: [u8; 17], short: [u8; 5]) {
            let id = SessionId::new(at, &entropy);
            prop_assert_eq!(SessionId::parse(id.as_str()), Ok(id.clone()));
            prop_assert!(TabId::parse(TabId::new(&short).as_str()).is_ok());
        }

        #[test]
        fn parsing_never_panics(text: String) {
            let _ = (ErasureId::parse(&text), SessionId::parse(&text), SiteKey::parse(&text), TabId::parse(&text));
        }
    }
}
