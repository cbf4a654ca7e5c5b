//! What Cloudflare Access says of who asks: a JWT that it signs with one of its team's keys.
//!
//! Here everything is checked but the signature, which the platform's own cryptography does
//! ([`Claimed::signed`], [`Claimed::signature`], [`Key`]). **It fails closed**: what is missing,
//! written otherwise, or not known lets nobody in.

mod keys;

pub use keys::{Found, Key, Keys, MAX_KEYS_ANSWER, keys};

use crate::base64;
use crate::id::Millis;
use crate::json;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use serde::Deserialize;

/// The longest token that is read, bytes.
pub const MAX_TOKEN: usize = 8_192;
/// The longest id of a key, and the longest name.
const MAX_NAME: usize = 200;
/// By so much clocks may differ, s.
const LEEWAY: u64 = 30;

/// Whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The team's origin, `https://….cloudflareaccess.com`.
    pub team: String,
    /// The application's audience tag.
    pub audience: String,
}

/// Why a token lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessError {
    /// It is no JWT, or lacks something that Access writes.
    Malformed,
    /// It is not signed by RS256, or asks for something that is not known here.
    Algorithm,
    /// Somebody else made it.
    Issuer,
    /// It is for another application.
    Audience,
    /// It is over.
    Expired,
    /// It does not hold yet.
    NotYet,
    /// The team has no such key.
    Key,
    /// The signature is not the key's.
    Signature,
    /// It names nobody: a service token's has no e-mail address.
    Nobody,
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is no JWT of Cloudflare Access",
            Self::Algorithm => "it is not signed by RS256",
            Self::Issuer => "its issuer is not the team in ACCESS_TEAM",
            Self::Audience => "it is for another application than the one in ACCESS_AUD",
            Self::Expired => "it has expired; sign in to Access again",
            Self::NotYet => "it does not hold yet; a clock is wrong",
            Self::Key => "the team has no such key",
            Self::Signature => "its signature is wrong",
            Self::Nobody => "it names nobody; a service token needs an API token beside it",
        })
    }
}

impl core::error::Error for AccessError {}

/// A token whose signature nobody has looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed<'a> {
    /// The id of the key that it says it is signed with.
    pub kid: String,
    /// What is signed.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
    /// Who it says to be: an e-mail address.
    pub name: String,
    /// When it ends, ms.
    pub expires: Millis,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(default)]
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    exp: u64,
    #[serde(default)]
    nbf: u64,
    #[serde(default)]
    iat: u64,
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn has(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

impl<'a> Claimed<'a> {
    /// Reads a token and checks all that it says, at `now`.
    pub fn read(token: &'a str, issuer: &Issuer, now: Millis) -> Result<Self, AccessError> {
        let malformed = AccessError::Malformed;
        if token.len() > MAX_TOKEN {
            return Err(malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        let header: Header = part(header)?;
        if header.alg != "RS256" || header.crit.is_some() {
            return Err(AccessError::Algorithm);
        }
        let claims: Claims = part(claims)?;
        check(&claims, issuer, now / 1_000)?;
        // Who holds a service token may pass Access, and is not an operator for that: what it
        // may do here is said by an API token.
        if claims.email.is_empty() {
            return Err(AccessError::Nobody);
        }
        if !is_name(&header.kid) || !is_name(&claims.email) {
            return Err(malformed);
        }
        Ok(Self {
            kid: header.kid,
            signed,
            signature: base64::URL.decode(signature).ok_or(malformed)?,
            name: claims.email,
            expires: claims.exp.saturating_mul(1_000),
        })
    }
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, AccessError> {
    let bytes = base64::URL.decode(text).ok_or(AccessError::Malformed)?;
    json::parse(&bytes).map_err(|_| AccessError::Malformed)
}

fn check(claims: &Claims, issuer: &Issuer, now: u64) -> Result<(), AccessError> {
    let Issuer { team, audience } = issuer;
    if claims.iss != *team {
        return Err(AccessError::Issuer);
    }
    if !claims.aud.has(audience) {
        return Err(AccessError::Audience);
    }
    if claims.exp <= now {
        return Err(AccessError::Expired);
    }
    if claims.nbf.max(claims.iat) > now.saturating_add(LEEWAY) {
        return Err(AccessError::NotYet);
    }
    Ok(())
}

/// A name that can stand in the audit log and in a header.
fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned as _;
    use alloc::format;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const NOW: Millis = 1_795_445_200_000;
    const SECOND: u64 = NOW / 1_000;

    fn issuer() -> Issuer {
        Issuer {
            team: "https://team.cloudflareaccess.com".to_owned(),
            audience: "a".repeat(64),
        }
    }

    fn header() -> Value {
        json!({"alg": "RS256", "kid": "k1", "typ": "JWT"})
    }

    fn claims() -> Value {
        json!({
            "iss": "https://team.cloudflareaccess.com", "aud": ["b", "a".repeat(64)],
            "exp": SECOND + 60, "nbf": SECOND - 60, "iat": SECOND - 60,
            "email": "me@ops.example", "sub": "7", "type": "app",
        })
    }

    fn token(header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| base64::URL.encode(value.to_string().as_bytes());
        format!(
            "{}.{}.{}",
            encode(header),
            encode(claims),
            base64::URL.encode(b"signature")
        )
    }

    fn read(header: &Value, claims: &Value) -> Result<String, AccessError> {
        Claimed::read(&token(header, claims), &issuer(), NOW).map(|claimed| claimed.name)
    }

    /// The claims with one of them changed; null takes it away.
    fn with(mut value: Value, name: &str, other: Value) -> Value {
        if other.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = other;
        }
        value
    }

    #[test]
    fn a_token_says_who_it_is() {
        let text = token(&header(), &claims());
        let claimed = Claimed::read(&text, &issuer(), NOW).unwrap();
        assert_eq!(
            (claimed.kid.as_str(), claimed.name.as_str()),
            ("k1", "me@ops.example")
        );
        assert_eq!(claimed.signature, b"signature");
        assert_eq!(claimed.expires, (SECOND + 60) * 1_000);
        assert!(text.starts_with(claimed.signed) && claimed.signed.matches('.').count() == 1);
        // As that of a service token: it has a name, and is nobody.
        let service = with(
            with(claims(), "email", Value::Null),
            "common_name",
            json!("ci"),
        );
        assert_eq!(read(&header(), &service), Err(AccessError::Nobody));
        let one = with(claims(), "aud", json!("a".repeat(64)));
        assert!(read(&header(), &one).is_ok());
    }

    #[test]
    fn each_claim_is_checked() {
        use AccessError::{Audience, Expired, Issuer, Malformed, Nobody, NotYet};
        for (name, value, error) in [
            ("iss", json!("https://team.cloudflareaccess.com/"), Issuer),
            ("iss", json!("https://other.cloudflareaccess.com"), Issuer),
            ("iss", Value::Null, Malformed),
            ("aud", json!([]), Audience),
            ("aud", json!("a"), Audience),
            ("aud", json!(["A".repeat(64)]), Audience),
            ("aud", json!(7), Malformed),
            ("aud", Value::Null, Malformed),
            ("exp", json!(SECOND), Expired),
            ("exp", json!(0), Expired),
            ("exp", json!(-1), Malformed),
            ("exp", json!("9999999999"), Malformed),
            ("exp", Value::Null, Malformed),
            ("nbf", json!(SECOND + 31), NotYet),
            ("iat", json!(SECOND + 31), NotYet),
            ("email", Value::Null, Nobody),
            ("email", json!(""), Nobody),
            ("email", json!("me@ops.example\n"), Malformed),
            ("email", json!("m".repeat(201)), Malformed),
        ] {
            let wrong = with(claims(), name, value.clone());
            assert_eq!(read(&header(), &wrong), Err(error), "{name} {value}");
        }
        assert!(read(&header(), &with(claims(), "nbf", json!(SECOND + 30))).is_ok());
        assert!(read(&header(), &with(claims(), "exp", json!(SECOND + 1))).is_ok());
    }

    #[test]
    fn no_other_algorithm_is_taken() {
        for alg in ["none", "HS256", "rs256", "RS512", "ES256", ""] {
            let wrong = with(header(), "alg", json!(alg));
            assert_eq!(
                read(&wrong, &claims()),
                Err(AccessError::Algorithm),
                "{alg}"
            );
        }
        let critical = with(header(), "crit", json!(["b64"]));
        assert_eq!(read(&critical, &claims()), Err(AccessError::Algorithm));
        for name in ["alg", "kid"] {
            let wrong = with(header(), name, Value::Null);
            assert_eq!(
                read(&wrong, &claims()),
                Err(AccessError::Malformed),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_written_otherwise_is_no_token() {
        let right = token(&header(), &claims());
        let (signed, _) = right.rsplit_once('.').unwrap();
        for wrong in [
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
            signed.to_owned(),
            format!("{right}="),
            format!("{right}.x"),
            format!("{right} "),
            format!(" {right}"),
            right.replacen('.', "..", 1),
            format!("{signed}.{}", "A".repeat(MAX_TOKEN)),
        ] {
            let read = Claimed::read(&wrong, &issuer(), NOW);
            assert_eq!(read, Err(AccessError::Malformed), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_answered(text in "\\PC{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Claimed::read(&text, &issuer(), NOW);
            let _ = keys(&bytes);
            let parts = format!("{}.{}.{}", base64::URL.encode(text.as_bytes()), base64::URL.encode(&bytes), "AA");
            prop_assert!(Claimed::read(&parts, &issuer(), NOW).is_err());
        }

        /// Whatever is changed of what is signed: it is refused, or the bytes that the signature
        /// is compared with are others.
        #[test]
        fn nothing_can_be_changed_behind_the_signature(at in 0_usize..400, byte in any::<u8>()) {
            let right = token(&header(), &claims());
            let mut bent = right.clone().into_bytes();
            let at = at % bent.len();
            bent[at] = byte;
            let bent = String::from_utf8_lossy(&bent).into_owned();
            let issuer = issuer();
            let before = Claimed::read(&right, &issuer, NOW).unwrap();
            if let Ok(after) = Claimed::read(&bent, &issuer, NOW) && bent != right {
                prop_assert!(after.signed != before.signed || after.signature != before.signature);
            }
        }
    }
}
