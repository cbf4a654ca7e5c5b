//! What an operator configures for a site: `sites/{key}.json`, kept in KV under `c:{key}`.
//!
//! Unknown fields are errors, so that a misspelt privacy setting is never
//! silently without effect.

use crate::bot::Bots;
use crate::count;
use crate::mask::{Masker, Mode};
use crate::quota::Quota;
use crate::redact::Redaction;
use crate::wire::{Ack, Directive};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The word for the worker's own origin in [`SiteConfig::origins`].
pub const SELF_ORIGIN: &str = "self";

/// A site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    /// Its name for people.
    pub name: String,
    /// Origins (`https://shop.example`) whose pages may record; `self` is the
    /// worker's own. An empty list refuses everybody.
    pub origins: Vec<String>,
    /// The least that the edge masks; a page may mask more, never less, save for
    /// single elements that its author marked with `data-sentiero-unmask`.
    #[serde(default)]
    pub mask: Mode,
    /// What is taken out of what may be collected, besides what always is.
    #[serde(default)]
    pub redact: Redaction,
    /// Days that a session's record is kept and shown, from its start.
    #[serde(default = "default_retention")]
    pub retention_days: u32,
    /// `false` is the kill switch: nothing more is stored, and pages that record are told
    /// to stop with their next upload.
    #[serde(default = "yes")]
    pub recording: bool,
    /// Seconds that a page shall wait from one upload to the next; 0 for as it likes.
    #[serde(default)]
    pub slow_seconds: u32,
    /// How much it may record; without limit by default.
    #[serde(default)]
    pub quota: Quota,
    /// What becomes of bots that say so ([`crate::bot`]).
    #[serde(default)]
    pub bots: Bots,
}

fn yes() -> bool {
    true
}

/// The longest [`SiteConfig::slow_seconds`]: recorders wait no longer, whoever asks.
const SLOWEST: u32 = 600;

fn default_retention() -> u32 {
    30
}

impl SiteConfig {
    /// Reads a configuration; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if !(1..=3_650).contains(&config.retention_days) {
            return Err("retention_days must be 1 to 3650".to_owned());
        }
        if config.slow_seconds > SLOWEST {
            return Err("slow_seconds must be 0 to 600".to_owned());
        }
        Ok(config)
    }

    /// What the edge does to every event before it is stored.
    pub fn masker(&self) -> Masker {
        Masker::with(self.mask, self.redact.clone())
    }

    /// Why an upload of `agent`, a User-Agent header, is not even looked at; none if it is.
    /// A word of [`count::WORDS`]; the page is told to stop ([`Ack::STOP`]).
    pub fn unwanted(&self, agent: &str) -> Option<&'static str> {
        if !self.recording {
            return Some(count::STOPPED);
        }
        (self.bots == Bots::Drop && crate::bot::is_bot(agent)).then_some(count::BOT)
    }

    /// `ack` with what the site asks of every page, unless there is something more urgent.
    #[must_use]
    pub fn pace(&self, ack: Ack) -> Ack {
        match ack.directive {
            Directive::Ok if self.slow_seconds > 0 => Ack {
                directive: Directive::Slow,
                wait: self.slow_seconds.saturating_mul(1_000),
                ..ack
            },
            _ => ack,
        }
    }

    /// Whether a page of `origin` may record, when the worker itself is `own`.
    pub fn allows(&self, origin: &str, own: &str) -> bool {
        self.origins.iter().any(|allowed| match allowed.as_str() {
            SELF_ORIGIN => origin == own,
            listed => origin == listed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_refuses_everybody() {
        let site = SiteConfig::parse(r#"{"name":"x","origins":[]}"#).unwrap();
        assert!(!site.allows("https://a.example", "https://a.example"));
    }

    #[test]
    fn origins_match_exactly() {
        let site =
            SiteConfig::parse(r#"{"name":"x","origins":["self","https://a.example"]}"#).unwrap();
        for (origin, allowed) in [
            ("https://own.example", true),
            ("https://a.example", true),
            ("https://a.example:8443", false),
            ("http://a.example", false),
            ("https://b.a.example", false),
            ("null", false),
            ("self", false),
            ("", false),
        ] {
            assert_eq!(
                site.allows(origin, "https://own.example"),
                allowed,
                "{origin}"
            );
        }
    }

    #[test]
    fn a_site_paces_and_stops_its_pages() {
        let site = |more: &str| {
            SiteConfig::parse(&format!(r#"{{"name":"x","origins":[]{more}}}"#)).unwrap()
        };
        let ack = |directive| Ack {
            next: 7,
            directive,
            wait: 0,
        };
        let plain = site("");
        assert_eq!(plain.pace(ack(Directive::Ok)), ack(Directive::Ok));
        let slow = site(r#","slow_seconds":30"#);
        let paced = slow.pace(ack(Directive::Ok));
        assert_eq!(
            (paced.next, paced.directive, paced.wait),
            (7, Directive::Slow, 30_000)
        );
        for urgent in [Directive::Snapshot, Directive::Stop] {
            assert_eq!(slow.pace(ack(urgent)), ack(urgent));
        }
    }

    #[test]
    fn who_is_not_wanted_is_told_why() {
        let person = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0";
        for (config, agent, why) in [
            ("", person, None),
            ("", "", None),
            ("", "Googlebot/2.1", Some("bot")),
            (r#","bots":"drop""#, "Googlebot/2.1", Some("bot")),
            (r#","bots":"record""#, "Googlebot/2.1", None),
            (r#","recording":false"#, person, Some("stopped")),
            (r#","recording":false"#, "Googlebot/2.1", Some("stopped")),
        ] {
            let text = format!(r#"{{"name":"x","origins":[]{config}}}"#);
            let site = SiteConfig::parse(&text).unwrap();
            assert_eq!(site.unwanted(agent), why, "{config} {agent}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, word) in [
            (
                r#"{"name":"x","origins":[],"slow_seconds":601}"#,
                "slow_seconds",
            ),
            (r#"{"name":"x","origins":[],"recording":"no"}"#, "boolean"),
            (r#"{"name":"x","origins":[],"bots":"eat"}"#, "eat"),
            (
                r#"{"name":"x","origins":[],"quota":{"sessions":1}}"#,
                "sessions",
            ),
            (
                r#"{"name":"x","origins":[],"quota":{"sessions_per_day":-1}}"#,
                "-1",
            ),
            (r#"{"name":"x","origins":[],"maks":"text"}"#, "maks"),
            (r#"{"name":"x"}"#, "origins"),
            (
                r#"{"name":"x","origins":[],"retention_days":0}"#,
                "retention_days",
            ),
            (r#"{"name":"x","origins":[],"mask":"some"}"#, "some"),
            (
                r#"{"name":"x","origins":[],"redact":{"phone":true}}"#,
                "phone",
            ),
            (
                r#"{"name":"x","origins":[],"redact":{"patterns":["a+"]}}"#,
                "pattern",
            ),
        ] {
            let error = SiteConfig::parse(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
