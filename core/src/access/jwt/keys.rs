//! The keys of a team: which can be used, and when the team is asked for them.

use super::is_name;
use crate::base64;
use crate::id::Millis;
use crate::json;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;

/// The longest answer with keys that is read, bytes.
pub const MAX_KEYS_ANSWER: usize = 65_536;
/// The most keys that are kept of one.
const MAX_KEYS: usize = 16;
/// The shortest modulus that is taken: 2 048 bits.
const MIN_MODULUS: usize = 256;
/// The longest: 8 192 bits.
const MAX_MODULUS: usize = 1_024;

/// A key of a team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, likewise.
    pub e: String,
}

#[derive(Deserialize)]
struct Answer {
    keys: Vec<RawKey>,
}

#[derive(Deserialize)]
struct RawKey {
    #[serde(default)]
    kid: String,
    #[serde(default)]
    kty: String,
    #[serde(default)]
    alg: String,
    #[serde(default, rename = "use")]
    purpose: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl RawKey {
    fn key(self) -> Option<Key> {
        let Self {
            kid,
            kty,
            alg,
            purpose,
            n,
            e,
        } = self;
        let is_for_us = kty == "RSA"
            && (alg.is_empty() || alg == "RS256")
            && (purpose.is_empty() || purpose == "sig");
        let modulus = base64::URL.decode(&n)?.len();
        let exponent = base64::URL.decode(&e)?.len();
        let is_sound =
            (MIN_MODULUS..=MAX_MODULUS).contains(&modulus) && (1..=8).contains(&exponent);
        (is_for_us && is_sound && is_name(&kid)).then_some(Key { kid, n, e })
    }
}

/// The keys of a team's answer that can be used; none of an answer that cannot be read.
pub fn keys(answer: &[u8]) -> Option<Vec<Key>> {
    if answer.len() > MAX_KEYS_ANSWER {
        return None;
    }
    let answer: Answer = json::parse(answer).ok()?;
    let keys = answer.keys.into_iter().filter_map(RawKey::key);
    Some(keys.take(MAX_KEYS).collect())
}

/// A copy of a team's keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    known: Vec<Key>,
    /// When they were given; none if they never were.
    given: Option<Millis>,
    /// When they were asked for.
    asked: Option<Millis>,
    /// Whether that question failed.
    failed: bool,
}

/// What there is for a token that names a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This one.
    Key(Key),
    /// The team has to be asked first.
    Ask,
    /// None; the team was asked just now.
    None,
    /// Nobody knows yet: the team is being asked.
    Wait,
}

/// A copy is renewed after so long, ms.
const RENEWED: Millis = 3_600_000;
/// One that cannot be renewed is used no longer than this, ms.
const USED: Millis = 24 * 3_600_000;
/// The team is not asked more often than this, ms.
const APART: Millis = 60_000;

impl Keys {
    /// The key called `kid`, at `now`.
    pub fn find(&self, kid: &str, now: Millis) -> Found {
        let age = |then: Option<Millis>| then.map_or(Millis::MAX, |then| now.abs_diff(then));
        let age_of_copy = age(self.given);
        let key = self.known.iter().find(|key| key.kid == kid);
        let key = key.filter(|_| age_of_copy < USED);
        let may_ask = age(self.asked) >= APART;
        match key {
            Some(key) if age_of_copy < RENEWED || !may_ask => Found::Key(key.clone()),
            _ if may_ask => Found::Ask,
            _ if age_of_copy >= USED && !self.failed => Found::Wait,
            _ => Found::None,
        }
    }

    /// The team is asked at `now`.
    pub fn ask(&mut self, now: Millis) {
        self.asked = Some(now);
        self.failed = false;
    }

    /// The team did not answer.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// The team answered a question that was asked at `now`.
    pub fn give(&mut self, keys: Vec<Key>, now: Millis) {
        self.known = keys;
        self.given = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned as _;
    use alloc::format;
    use serde_json::{Value, json};

    const NOW: Millis = 1_795_445_200_000;

    fn with(mut value: Value, name: &str, other: Value) -> Value {
        value[name] = other;
        value
    }

    fn jwk(kid: &str, n: usize) -> Value {
        let n = base64::URL.encode(&alloc::vec![7; n]);
        json!({"kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "n": n, "e": "AQAB"})
    }

    fn usable(keys: &[Value]) -> Vec<String> {
        let answer = json!({"keys": keys, "public_certs": [{"kid": "x", "cert": "y"}]});
        let keys = super::keys(answer.to_string().as_bytes()).unwrap();
        keys.into_iter().map(|key| key.kid).collect()
    }

    #[test]
    fn only_sound_keys_are_kept() {
        let right = jwk("right", 256);
        let wrong = [
            jwk("short", 255),
            jwk("long", 1_025),
            with(jwk("kind", 256), "kty", json!("EC")),
            with(jwk("algorithm", 256), "alg", json!("HS256")),
            with(jwk("purpose", 256), "use", json!("enc")),
            with(jwk("exponent", 256), "e", json!("")),
            with(jwk("modulus", 256), "n", json!("+/+/")),
            jwk("", 256),
        ];
        assert_eq!(usable(&[&wrong[..], &[right]].concat()), ["right"]);
        let many: Vec<Value> = (0..40).map(|n| jwk(&format!("k{n}"), 256)).collect();
        assert_eq!(usable(&many).len(), MAX_KEYS);
        for answer in ["", "[]", "{}", r#"{"keys":7}"#, "<html>"] {
            assert_eq!(keys(answer.as_bytes()), None, "{answer}");
        }
        let long = format!(r#"{{"keys":[]{}}}"#, " ".repeat(MAX_KEYS_ANSWER));
        assert_eq!(keys(long.as_bytes()), None);
    }

    #[test]
    fn the_team_is_asked_when_needed_and_not_more_often() {
        let key = |kid: &str| Key {
            kid: kid.to_owned(),
            n: String::new(),
            e: String::new(),
        };
        let mut keys = Keys::default();
        assert_eq!(keys.find("a", NOW), Found::Ask);
        keys.ask(NOW);
        assert_eq!(keys.find("a", NOW + APART - 1), Found::Wait);
        keys.fail();
        assert_eq!(keys.find("a", NOW + APART - 1), Found::None);
        keys.ask(NOW);
        keys.give([key("a")].into(), NOW);
        assert_eq!(keys.find("a", NOW + RENEWED - 1), Found::Key(key("a")));
        assert_eq!(keys.find("b", NOW + APART - 1), Found::None);
        assert_eq!(keys.find("b", NOW + APART), Found::Ask);
        // Old, and the team does not answer: used for a day, asked for each minute.
        assert_eq!(keys.find("a", NOW + RENEWED), Found::Ask);
        keys.ask(NOW + RENEWED);
        assert_eq!(keys.find("a", NOW + RENEWED + 1), Found::Key(key("a")));
        keys.ask(NOW + USED - 1);
        assert_eq!(keys.find("a", NOW + USED - 1), Found::Key(key("a")));
        assert_eq!(keys.find("a", NOW + USED), Found::Wait);
        assert_eq!(keys.find("a", NOW + USED + APART), Found::Ask);
        keys.give([key("b")].into(), NOW + USED);
        assert_eq!(keys.find("b", NOW + USED), Found::Key(key("b")));
    }
}
