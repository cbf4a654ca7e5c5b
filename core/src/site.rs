//! What an operator configures for a site: `sites/{key}.json`, kept in KV under `c:{key}`.
//!
//! Unknown fields are errors, so that a misspelt privacy setting is never
//! silently without effect.

use crate::mask::{Masker, Mode};
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
    /// The most finished sessions that are kept: of more, the oldest are erased within an hour,
    /// whole. None for as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sessions: Option<u64>,
    /// `false` is the kill switch: nothing more is stored, and pages that record are told
    /// to stop with their next upload.
    #[serde(default = "yes")]
    pub recording: bool,
    /// Seconds that a page shall wait from one upload to the next; 0 for as it likes.
    #[serde(default)]
    pub slow_seconds: u32,
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
        if config.max_sessions == Some(0) {
            return Err("max_sessions must be 1 or more".to_owned());
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

    /// The answer to an upload that was not even looked at, because nothing is recorded; none
    /// if something is.
    pub fn stop(&self) -> Option<Ack> {
        (!self.recording).then_some(Ack {
            next: 0,
            directive: Directive::Stop,
            wait: 0,
        })
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
        assert_eq!(plain.stop(), None);
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
        let stop = site(r#","recording":false"#).stop().unwrap();
        assert_eq!((stop.next, stop.directive), (0, Directive::Stop));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, word) in [
            (
                r#"{"name":"x","origins":[],"slow_seconds":601}"#,
                "slow_seconds",
            ),
            (
                r#"{"name":"x","origins":[],"max_sessions":0}"#,
                "max_sessions",
            ),
            (r#"{"name":"x","origins":[],"recording":"no"}"#, "boolean"),
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
