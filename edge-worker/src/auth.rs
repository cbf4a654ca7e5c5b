//! Sign-in: a password for a signed, expiring token.
//!
//! The token is `{expiry}.{nonce}.{signature}`; a cookie carries it to a
//! dashboard on the same host, a bearer header to one elsewhere. It is signed
//! with a key made of the secret and the password, so that changing either
//! signs everybody out. Compares take the same time for every input.
//!
//! API tokens are random and kept as a hash: what is looked up is the hash, so how long
//! that takes says nothing about a secret.

use hmac::{Hmac, Mac as _};
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::settings::Secrets;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long a sign-in lasts.
const LIFETIME: Millis = 12 * 3_600_000;
/// A token that has less than this left is renewed when it is used.
pub(crate) const RENEW_BELOW: Millis = LIFETIME - 3_600_000;

/// The cookie over https: `__Host-` makes browsers refuse it from subdomains.
const SECURE_COOKIE: &str = "__Host-sentiero";
/// The cookie over http, which only a local worker speaks.
const LOCAL_COOKIE: &str = "sentiero";

fn hmac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    // HMAC takes keys of any length, so this branch is never taken; an all-zero
    // signature would still be compared against a key nobody has.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// What is kept of an API token's secret. It has 160 random bits, so one round is enough.
pub(crate) fn token_hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Whether `given` is the dashboard's password.
pub(crate) fn is_password(secrets: &Secrets, given: &str) -> bool {
    let key = secrets.signing.as_bytes();
    let (given, right) = (
        hmac(key, &["password", given]),
        hmac(key, &["password", &secrets.password]),
    );
    given.ct_eq(&right).into()
}

/// What stands for `sid` where it must not be readable: the first 16 digits of a hash that
/// only this deployment can make.
pub(crate) fn alias(secrets: &Secrets, site: &str, sid: &str) -> String {
    let whole = hmac(secrets.signing.as_bytes(), &["alias", site, sid]);
    hex(&whole).chars().take(16).collect()
}

/// What a session's id is hidden under: bytes that only who has a link's secret can make. A
/// secret is for one session, so they are used once.
fn pad(secret: &str) -> impl Iterator<Item = u8> {
    let half = |name| hmac(secret.as_bytes(), &["link", name]);
    half("a").into_iter().chain(half("b"))
}

/// A session's id as it is kept with a link: nobody can read it without the link's secret.
pub(crate) fn seal(secret: &str, sid: &SessionId) -> String {
    let hidden = sid.as_str().bytes().zip(pad(secret));
    let hidden: Vec<u8> = hidden.map(|(byte, pad)| byte ^ pad).collect();
    hex(&hidden)
}

/// The session's id that was sealed with this secret.
pub(crate) fn unseal(secret: &str, sealed: &str) -> Option<SessionId> {
    let digits: Vec<u8> = sealed
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()?;
    let bytes = digits.chunks_exact(2).map(|pair| match pair {
        [high, low] => high << 4 | low,
        _ => 0,
    });
    let text: Vec<u8> = bytes
        .zip(pad(secret))
        .map(|(byte, pad)| byte ^ pad)
        .collect();
    SessionId::parse(core::str::from_utf8(&text).ok()?).ok()
}

/// A token that holds until `expires`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) expires: Millis,
    nonce: String,
}

impl Token {
    /// A new one; `nonce` is 16 random bytes.
    pub(crate) fn new(now: Millis, nonce: [u8; 16]) -> Self {
        Self {
            expires: now + LIFETIME,
            nonce: hex(&nonce),
        }
    }

    /// The same session, from now on; its [`Self::csrf`] stays.
    pub(crate) fn renewed(self, now: Millis) -> Self {
        Self {
            expires: now + LIFETIME,
            ..self
        }
    }

    fn key(secrets: &Secrets) -> [u8; 32] {
        hmac(secrets.signing.as_bytes(), &["session", &secrets.password])
    }

    /// The token as text.
    pub(crate) fn sign(&self, secrets: &Secrets) -> String {
        let expires = self.expires.to_string();
        let signature = hex(&hmac(
            &Self::key(secrets),
            &["token", &expires, &self.nonce],
        ));
        format!("{expires}.{}.{signature}", self.nonce)
    }

    /// Reads a token that was signed with `secrets` and still holds at `now`.
    pub(crate) fn verify(secrets: &Secrets, text: &str, now: Millis) -> Option<Self> {
        let mut parts = text.split('.');
        let (expires, nonce, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let right = hex(&hmac(&Self::key(secrets), &["token", expires, nonce]));
        let genuine: bool = signature.as_bytes().ct_eq(right.as_bytes()).into();
        let expires: Millis = expires.parse().ok()?;
        (genuine && now < expires).then(|| Self {
            expires,
            nonce: nonce.to_owned(),
        })
    }

    /// What a request that changes something must carry besides the cookie.
    pub(crate) fn csrf(&self, secrets: &Secrets) -> String {
        hex(&hmac(&Self::key(secrets), &["csrf", &self.nonce]))
    }

    /// Whether `given` is this session's [`Self::csrf`].
    pub(crate) fn is_csrf(&self, secrets: &Secrets, given: &str) -> bool {
        given.as_bytes().ct_eq(self.csrf(secrets).as_bytes()).into()
    }
}

/// The token of a `Cookie` header.
pub(crate) fn cookie_token(cookies: &str) -> Option<&str> {
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| {
            let ours = name == SECURE_COOKIE || name == LOCAL_COOKIE;
            ours.then_some(value)
        })
}

/// The `Set-Cookie` that keeps `token`; an empty one signs out.
pub(crate) fn set_cookie(token: &str, secure: bool) -> String {
    let (name, secure) = if secure {
        (SECURE_COOKIE, "; Secure")
    } else {
        (LOCAL_COOKIE, "")
    };
    let age = if token.is_empty() {
        0
    } else {
        LIFETIME / 1_000
    };
    format!("{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(password: &str, signing: &str) -> Secrets {
        Secrets {
            password: password.to_owned(),
            signing: signing.to_owned(),
        }
    }

    #[test]
    fn a_password_is_right_or_wrong() {
        let secrets = secrets("correct horse", &"k".repeat(32));
        assert!(is_password(&secrets, "correct horse"));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            assert!(!is_password(&secrets, wrong));
        }
    }

    #[test]
    fn a_token_holds_until_it_expires() {
        let secrets = secrets("p", &"k".repeat(32));
        let token = Token::new(1_000, [7; 16]);
        let text = token.sign(&secrets);
        assert_eq!(Token::verify(&secrets, &text, 1_000), Some(token.clone()));
        assert_eq!(
            Token::verify(&secrets, &text, token.expires - 1),
            Some(token.clone())
        );
        assert_eq!(Token::verify(&secrets, &text, token.expires), None);
    }

    #[test]
    fn a_bent_token_is_refused() {
        let right = secrets("p", &"k".repeat(32));
        let text = Token::new(1_000, [7; 16]).sign(&right);
        for at in 0..text.len() {
            let mut bent = text.clone().into_bytes();
            bent[at] = if bent[at] == b'1' { b'2' } else { b'1' };
            assert_eq!(
                Token::verify(&right, &String::from_utf8(bent).unwrap(), 1_000),
                None,
                "bent at {at}"
            );
        }
        assert_eq!(Token::verify(&right, &format!("{text}.x"), 1_000), None);
        assert_eq!(Token::verify(&right, "", 1_000), None);
        assert_eq!(
            Token::verify(&secrets("q", &"k".repeat(32)), &text, 1_000),
            None,
            "another password"
        );
        assert_eq!(
            Token::verify(&secrets("p", &"l".repeat(32)), &text, 1_000),
            None,
            "another secret"
        );
    }

    #[test]
    fn an_alias_tells_sessions_apart_and_needs_the_secret() {
        let (one, other) = (secrets("p", &"k".repeat(32)), secrets("p", &"l".repeat(32)));
        assert_eq!(alias(&one, "demo", "x"), alias(&one, "demo", "x"));
        assert_eq!(alias(&one, "demo", "x").len(), 16);
        for different in [
            alias(&one, "demo", "y"),
            alias(&one, "other", "x"),
            alias(&other, "demo", "x"),
        ] {
            assert_ne!(alias(&one, "demo", "x"), different);
        }
    }

    #[test]
    fn a_sealed_session_is_read_with_its_secret_alone() {
        let sid = SessionId::new(1_795_445_123_456, &[0xAB; 17]);
        let sealed = seal("one", &sid);
        assert_eq!(unseal("one", &sealed), Some(sid.clone()));
        assert_eq!(unseal("other", &sealed), None);
        assert!(!sealed.contains(sid.as_str()));
        assert_ne!(sealed, seal("other", &sid));
        for bent in ["", "zz", "0", &sealed[2..], &format!("{sealed}00")] {
            assert_eq!(unseal("one", bent), None, "{bent}");
        }
        assert_eq!(
            sealed, "cd7a232465ec3ce37f74416d9b97c38cf238f8f05259d7f256aa4ca3f6b70105ad574f3671ac",
            "a storage format"
        );
    }

    #[test]
    fn csrf_belongs_to_the_session() {
        let secrets = secrets("p", &"k".repeat(32));
        let (one, other) = (Token::new(1, [1; 16]), Token::new(1, [2; 16]));
        assert!(one.is_csrf(&secrets, &one.csrf(&secrets)));
        assert!(!one.is_csrf(&secrets, &other.csrf(&secrets)));
        assert!(!one.is_csrf(&secrets, ""));
    }

    #[test]
    fn a_hash_of_a_token_is_a_storage_format() {
        assert_eq!(
            token_hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn finds_its_cookie() {
        assert_eq!(
            cookie_token("a=b; __Host-sentiero=t.o.k; c=d"),
            Some("t.o.k")
        );
        assert_eq!(cookie_token("sentiero=x"), Some("x"));
        assert_eq!(cookie_token("xsentiero=x"), None);
        assert_eq!(cookie_token(""), None);
    }
}
