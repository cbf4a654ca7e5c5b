//! Sign-in: a password for a signed, expiring token.
//!
//! The token is `{started}.{expires}.{nonce}.{signature}`; a cookie carries it to a
//! dashboard on the same host, a bearer header to one elsewhere. It is signed with a key made
//! of the secret, the password and the generation of sign-ins, so that changing any of them
//! signs everybody out. It is renewed while it is used, and ends for good [`LONGEST`] after the
//! password was given. Compares take the same time for every input.
//!
//! A browser that signed in keeps a second token, which lets nothing but the password be tried
//! while others are made to wait ([`sentiero_core::access::gate`]).
//!
//! API tokens are random and kept as a hash: what is looked up is the hash, so how long
//! that takes says nothing about a secret.

use hmac::{Hmac, Mac as _};
use sentiero_core::id::{Millis, SessionId};
use sentiero_core::issue::hook::SECRET_PREFIX;
use sentiero_core::settings::Secrets;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long a sign-in lasts that is not used.
const LIFETIME: Millis = 12 * 3_600_000;
/// How long one lasts that is.
const LONGEST: Millis = 30 * 24 * 3_600_000;
/// How long a browser is known that signed in.
const KNOWN: Millis = 90 * 24 * 3_600_000;
/// A token that has less than this left is renewed when it is used.
pub(crate) const RENEW_BELOW: Millis = LIFETIME - 3_600_000;

/// The cookie over https: `__Host-` makes browsers refuse it from subdomains.
const SECURE_COOKIE: &str = "__Host-sentiero";
/// The cookie over http, which only a local worker speaks.
const LOCAL_COOKIE: &str = "sentiero";
/// The cookie of a browser that signed in, over https.
const KNOWN_SECURE_COOKIE: &str = "__Host-sentiero-known";
/// The same over http.
const KNOWN_LOCAL_COOKIE: &str = "sentiero-known";

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

/// What stands for where somebody tries the password, and must not be readable: an address
/// block, a browser that signed in, or, for nobody, all of them. Another password makes others.
pub(crate) fn place(secrets: &Secrets, whom: &str) -> String {
    let key = secrets.signing.as_bytes();
    hex(&hmac(key, &["place", &secrets.password, whom]))
}

/// The secret of a site's webhook: made of the deployment's, so it is kept nowhere, and another
/// one for each id.
pub(crate) fn hook_secret(secrets: &Secrets, site: &str, id: &str) -> String {
    let parts = ["webhook", site, id];
    let whole = hmac(secrets.signing.as_bytes(), &parts);
    [SECRET_PREFIX, &hex(&whole)].concat()
}

/// The signature of what is told to a webhook: HMAC-SHA-256 as any library makes it, in hex.
pub(crate) fn hook_signature(secret: &str, signed: &str) -> String {
    // As above, keys of any length are taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(signed.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// What tokens of one kind are signed with.
pub(crate) struct Seal([u8; 32]);

impl Seal {
    /// Of sign-ins of a generation.
    pub(crate) fn of_sign_ins(secrets: &Secrets, generation: u64) -> Self {
        let generation = generation.to_string();
        let parts = ["session", &secrets.password, &generation];
        Self(hmac(secrets.signing.as_bytes(), &parts))
    }

    /// What a request that changes something must carry of who is called `name` elsewhere.
    pub(crate) fn word(&self, name: &str) -> String {
        hex(&hmac(&self.0, &["word", name]))
    }

    /// Of browsers that signed in.
    pub(crate) fn of_browsers(secrets: &Secrets) -> Self {
        let parts = ["browser", &secrets.password];
        Self(hmac(secrets.signing.as_bytes(), &parts))
    }
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
    started: Millis,
    pub(crate) expires: Millis,
    nonce: String,
}

impl Token {
    /// Of a sign-in; `nonce` is 16 random bytes.
    pub(crate) fn new(now: Millis, nonce: [u8; 16]) -> Self {
        Self {
            started: now,
            expires: now + LIFETIME,
            nonce: hex(&nonce),
        }
    }

    /// Of a browser that signed in; likewise.
    pub(crate) fn of_browser(now: Millis, nonce: [u8; 16]) -> Self {
        Self {
            expires: now + KNOWN,
            ..Self::new(now, nonce)
        }
    }

    /// The same sign-in, from now on; its [`Self::csrf`] stays.
    pub(crate) fn renewed(self, now: Millis) -> Self {
        let last = self.started.saturating_add(LONGEST);
        Self {
            expires: now.saturating_add(LIFETIME).min(last),
            ..self
        }
    }

    /// What tells it from others of its kind.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The token as text.
    pub(crate) fn sign(&self, seal: &Seal) -> String {
        let (started, expires) = (self.started.to_string(), self.expires.to_string());
        let parts = ["token", &started, &expires, &self.nonce];
        let signature = hex(&hmac(&seal.0, &parts));
        format!("{started}.{expires}.{}.{signature}", self.nonce)
    }

    /// Reads a token that was signed with `seal` and still holds at `now`.
    pub(crate) fn verify(seal: &Seal, text: &str, now: Millis) -> Option<Self> {
        let mut parts = text.split('.');
        let (started, expires) = (parts.next()?, parts.next()?);
        let (nonce, signature) = (parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let right = hex(&hmac(&seal.0, &["token", started, expires, nonce]));
        let genuine: bool = signature.as_bytes().ct_eq(right.as_bytes()).into();
        let (started, expires) = (started.parse().ok()?, expires.parse::<Millis>().ok()?);
        (genuine && now < expires).then(|| Self {
            started,
            expires,
            nonce: nonce.to_owned(),
        })
    }

    /// What a request that changes something must carry besides the cookie.
    pub(crate) fn csrf(&self, seal: &Seal) -> String {
        hex(&hmac(&seal.0, &["csrf", &self.nonce]))
    }
}

/// Whether two texts are the same, in a time that does not tell how much of them is.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Of a sign-in.
    SignIn,
    /// Of a browser that signed in.
    Known,
}

impl Cookie {
    fn name(self, over_https: bool) -> &'static str {
        match (self, over_https) {
            (Self::SignIn, true) => SECURE_COOKIE,
            (Self::SignIn, false) => LOCAL_COOKIE,
            (Self::Known, true) => KNOWN_SECURE_COOKIE,
            (Self::Known, false) => KNOWN_LOCAL_COOKIE,
        }
    }

    /// Its token in a `Cookie` header. Over https only the name counts that a browser takes from
    /// this host alone: another one a neighbouring host could have set.
    pub(crate) fn token(self, cookies: &str, over_https: bool) -> Option<&str> {
        let name = self.name(over_https);
        let mut pairs = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.find_map(|(other, value)| (other == name).then_some(value))
    }

    /// The `Set-Cookie` that keeps `token`; an empty one removes it.
    pub(crate) fn set(self, token: &str, over_https: bool) -> String {
        let name = self.name(over_https);
        let secure = if over_https { "; Secure" } else { "" };
        let age = match self {
            _ if token.is_empty() => 0,
            Self::SignIn => LIFETIME / 1_000,
            Self::Known => KNOWN / 1_000,
        };
        format!("{name}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
    }
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
    fn a_webhooks_secret_is_its_sites_and_its_ids() {
        let secrets = |signing: &str| secrets("p", &signing.repeat(32));
        let one = hook_secret(&secrets("k"), "shop", "a");
        assert_eq!(one.len(), SECRET_PREFIX.len() + 64);
        assert_eq!(one, hook_secret(&secrets("k"), "shop", "a"));
        for other in [
            hook_secret(&secrets("l"), "shop", "a"),
            hook_secret(&secrets("k"), "sho", "pa"),
            hook_secret(&secrets("k"), "shop", "b"),
        ] {
            assert_ne!(one, other);
        }
    }

    /// By the example of RFC 4231 (test case 2).
    #[test]
    fn a_signature_is_what_every_library_makes() {
        assert_eq!(
            hook_signature("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    fn seal(password: &str, signing: &str, generation: u64) -> Seal {
        Seal::of_sign_ins(&secrets(password, signing), generation)
    }

    #[test]
    fn a_token_holds_until_it_expires() {
        let seal = seal("p", &"k".repeat(32), 0);
        let token = Token::new(1_000, [7; 16]);
        let text = token.sign(&seal);
        assert_eq!(Token::verify(&seal, &text, 1_000), Some(token.clone()));
        let last = token.expires - 1;
        assert_eq!(Token::verify(&seal, &text, last), Some(token.clone()));
        assert_eq!(Token::verify(&seal, &text, token.expires), None);
    }

    #[test]
    fn a_token_that_is_used_lives_on_but_not_for_ever() {
        let (token, seal) = (Token::new(1_000, [7; 16]), seal("p", &"k".repeat(32), 0));
        let word = token.csrf(&seal);
        let renewed = token.renewed(3_601_000);
        assert_eq!(renewed.expires, 3_601_000 + LIFETIME);
        assert_eq!(renewed.csrf(&seal), word);
        let last = renewed.renewed(LONGEST - 5);
        assert_eq!(last.expires, 1_000 + LONGEST);
        assert_eq!(last.clone().renewed(LONGEST), last);
    }

    #[test]
    fn a_bent_token_is_refused() {
        let key = "k".repeat(32);
        let right = seal("p", &key, 3);
        let text = Token::new(1_000, [7; 16]).sign(&right);
        for at in 0..text.len() {
            let mut bent = text.clone().into_bytes();
            bent[at] = if bent[at] == b'1' { b'2' } else { b'1' };
            let bent = String::from_utf8(bent).unwrap();
            assert_eq!(Token::verify(&right, &bent, 1_000), None, "bent at {at}");
        }
        assert_eq!(Token::verify(&right, &format!("{text}.x"), 1_000), None);
        assert_eq!(Token::verify(&right, "", 1_000), None);
        for (other, what) in [
            (seal("q", &key, 3), "another password"),
            (seal("p", &"l".repeat(32), 3), "another secret"),
            (seal("p", &key, 4), "another generation"),
            (Seal::of_browsers(&secrets("p", &key)), "another kind"),
        ] {
            assert_eq!(Token::verify(&other, &text, 1_000), None, "{what}");
        }
    }

    #[test]
    fn a_place_is_another_with_another_password() {
        let key = "k".repeat(32);
        let (one, other) = (secrets("p", &key), secrets("q", &key));
        assert_eq!(place(&one, "192.0.2.0/24"), place(&one, "192.0.2.0/24"));
        assert_ne!(place(&one, "192.0.2.0/24"), place(&one, ""));
        assert_ne!(place(&one, ""), place(&other, ""));
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
        let sealed = super::seal("one", &sid);
        assert_eq!(unseal("one", &sealed), Some(sid.clone()));
        assert_eq!(unseal("other", &sealed), None);
        assert!(!sealed.contains(sid.as_str()));
        assert_ne!(sealed, super::seal("other", &sid));
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
        let seal = seal("p", &"k".repeat(32), 0);
        let (one, other) = (Token::new(1, [1; 16]), Token::new(1, [2; 16]));
        assert!(is_same(&one.csrf(&seal), &one.csrf(&seal)));
        assert!(!is_same(&one.csrf(&seal), &other.csrf(&seal)));
        assert!(!is_same(&one.csrf(&seal), ""));
        assert_ne!(seal.word("me@ops.example"), seal.word("me@ops.exampl"));
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
        let both = "a=b; __Host-sentiero=t.o.k; __Host-sentiero-known=k; c=d";
        assert_eq!(Cookie::SignIn.token(both, true), Some("t.o.k"));
        assert_eq!(Cookie::Known.token(both, true), Some("k"));
        assert_eq!(Cookie::SignIn.token("sentiero=x", false), Some("x"));
        assert_eq!(Cookie::Known.token("sentiero=x", false), None);
        assert_eq!(Cookie::SignIn.token("xsentiero=x", false), None);
        assert_eq!(Cookie::SignIn.token("", true), None);
        // What a neighbouring host may have set.
        let tossed = "sentiero=x; __Secure-sentiero=x; __host-sentiero=x";
        assert_eq!(Cookie::SignIn.token(tossed, true), None);
        assert_eq!(Cookie::Known.token("sentiero-known=x", true), None);
    }

    #[test]
    fn cookies_stay_with_their_host() {
        let set = Cookie::Known.set("t", true);
        assert!(set.starts_with("__Host-sentiero-known=t; Path=/; Max-Age=7776000; "));
        for cookie in [Cookie::SignIn, Cookie::Known] {
            let (over_https, over_http) = (cookie.set("t", true), cookie.set("t", false));
            for set in [&over_https, &over_http] {
                assert!(set.contains("; HttpOnly; SameSite=Strict"), "{set}");
            }
            assert!(over_https.ends_with("; Secure") && !over_http.contains("Secure"));
            assert!(cookie.set("", true).contains("Max-Age=0;"));
        }
    }
}
