//! What an operator configures for a site, and how it is checked.
//!
//! Unknown fields are errors, so that a misspelt privacy setting is never
//! silently without effect. Where configurations are kept, and how they are
//! changed, is in [`crate::registry`].

use crate::analytics::route::Routes;
use crate::bot::Bots;
use crate::count;
use crate::field::{self, FieldError};
use crate::issue::hook::Webhook;
use crate::mask::{Masker, Mode};
use crate::origin;
use crate::quota::Quota;
use crate::redact::Redaction;
use crate::retention::Bounds;
use crate::sharing::Sharing;
use crate::wire::{Ack, Directive, Limits};
use alloc::format;
use alloc::string::String;
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
    /// The most stored bytes (compressed) of finished sessions that are kept: of more, the
    /// oldest are erased within an hour, whole. None for as many as there are; at least what
    /// one session may have, so that the newest always stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
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
    /// What addresses reports count together, besides those that differ by ids alone. Not
    /// written where there are none: a worker of before does not know the field.
    #[serde(default, skip_serializing_if = "Routes::is_empty")]
    pub routes: Routes,
    /// What becomes of bots that say so ([`crate::bot`]).
    #[serde(default)]
    pub bots: Bots,
    /// Who is told of its issues, if anybody is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// How its sessions may be shared: not at all by default, which is not written either.
    #[serde(default, skip_serializing_if = "Sharing::is_off")]
    pub sharing: Sharing,
}

fn yes() -> bool {
    true
}

/// The longest [`SiteConfig::slow_seconds`]: recorders wait no longer, whoever asks.
const SLOWEST: u32 = 600;

fn default_retention() -> u32 {
    30
}

/// The most bytes of a configuration, as JSON.
pub const MAX_CONFIG: usize = 16 * 1024;
/// The most characters of [`SiteConfig::name`].
pub const MAX_NAME: usize = 100;
/// The most entries of [`SiteConfig::origins`] and of each list of [`Redaction`].
pub const MAX_ENTRIES: usize = 100;
/// The longest [`SiteConfig::retention_days`]: ten years.
const MAX_RETENTION: u32 = 3_650;
/// The longest name of a parameter in [`Redaction`].
const MAX_PARAMETER: usize = 64;

/// A configuration with the fields that must be there, and no more.
const LEAST: &str = r#"{"name":"x","origins":[]}"#;

impl SiteConfig {
    /// One that says no more than it must.
    pub fn new(name: String, origins: Vec<String>) -> Self {
        Self {
            name,
            origins,
            mask: Mode::default(),
            redact: Redaction::default(),
            retention_days: default_retention(),
            max_sessions: None,
            max_bytes: None,
            recording: yes(),
            slow_seconds: 0,
            quota: Quota::default(),
            routes: Routes::default(),
            bots: Bots::default(),
            webhook: None,
            sharing: Sharing::default(),
        }
    }

    /// How much of its finished sessions is kept.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            sessions: self.max_sessions,
            bytes: self.max_bytes,
        }
    }

    /// Reads a configuration; the error names the field that is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        if text.len() > MAX_CONFIG {
            let reason = format!("must be at most {MAX_CONFIG} bytes of JSON");
            return Err(FieldError::new("config", reason));
        }
        Self::stored(text)
    }

    /// Reads one that is kept. It may be a little longer than the one that was given, because
    /// its defaults are written out.
    pub fn stored(text: &str) -> Result<Self, FieldError> {
        let config: Self = field::read(text, LEAST, "config")?;
        config.check()?;
        Ok(config)
    }

    /// Checks what the types of the fields do not say; the error names the field that is wrong.
    pub fn check(&self) -> Result<(), FieldError> {
        check_name("name", &self.name, MAX_NAME)?;
        self.check_origins()?;
        check_range("retention_days", self.retention_days, 1, MAX_RETENTION)?;
        if self.max_sessions == Some(0) {
            return Err(FieldError::new("max_sessions", "must be 1 or more"));
        }
        let least = Limits::DEFAULT.session_bytes;
        if self.max_bytes.is_some_and(|most| most < least) {
            let reason = format!("must be {least} or more: what one session may have");
            return Err(FieldError::new("max_bytes", reason));
        }
        check_range("slow_seconds", self.slow_seconds, 0, SLOWEST)?;
        self.routes.check()?;
        self.webhook.as_ref().map_or(Ok(()), Webhook::check)?;
        check_length("redact.patterns", self.redact.patterns.len())?;
        check_parameters("redact.allow", &self.redact.allow)?;
        check_parameters("redact.deny", &self.redact.deny)
    }

    fn check_origins(&self) -> Result<(), FieldError> {
        check_length("origins", self.origins.len())?;
        for (at, origin) in self.origins.iter().enumerate() {
            let wrong = |reason: String| Err(FieldError::new("origins", reason));
            if origin != SELF_ORIGIN
                && let Err(error) = origin::check(origin)
            {
                return wrong(format!("cannot hold {origin:?}: an origin {error}"));
            }
            let earlier = self.origins.iter().take(at);
            if earlier.into_iter().any(|other| other == origin) {
                return wrong(format!("holds {origin:?} twice"));
            }
        }
        Ok(())
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

/// A name for people: not empty, not too long, nothing that no screen shows.
pub(crate) fn check_name(field: &str, name: &str, most: usize) -> Result<(), FieldError> {
    let fits = (1..=most).contains(&name.chars().count());
    if fits && !name.trim().is_empty() && !name.chars().any(char::is_control) {
        return Ok(());
    }
    let reason = format!("must be 1 to {most} characters, not only white space, none of control");
    Err(FieldError::new(field, reason))
}

fn check_range(field: &str, value: u32, least: u32, most: u32) -> Result<(), FieldError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let reason = format!("must be {least} to {most}, not {value}");
    Err(FieldError::new(field, reason))
}

fn check_length(field: &str, length: usize) -> Result<(), FieldError> {
    if length <= MAX_ENTRIES {
        return Ok(());
    }
    let reason = format!("must have at most {MAX_ENTRIES} entries, not {length}");
    Err(FieldError::new(field, reason))
}

fn check_parameters(field: &str, names: &[String]) -> Result<(), FieldError> {
    check_length(field, names.len())?;
    let fits = |name: &String| (1..=MAX_PARAMETER).contains(&name.len());
    if names.iter().all(fits) {
        return Ok(());
    }
    let reason = format!("must hold names of 1 to {MAX_PARAMETER} bytes");
    Err(FieldError::new(field, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_said_is_the_same_however_a_site_is_made() {
        let made = SiteConfig::new("x".into(), Vec::new());
        assert_eq!(Ok(made), SiteConfig::parse(LEAST));
    }

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

    /// A configuration with `more` fields.
    fn with(more: &str) -> Result<SiteConfig, FieldError> {
        SiteConfig::parse(&format!(r#"{{"name":"x","origins":["self"],{more}}}"#))
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        for (field, more) in [
            ("maks", r#""maks":"text""#),
            ("mask", r#""mask":"some""#),
            ("mask", r#""mask":1"#),
            ("recording", r#""recording":"no""#),
            ("retention_days", r#""retention_days":0"#),
            ("retention_days", r#""retention_days":3651"#),
            ("retention_days", r#""retention_days":-1"#),
            ("retention_days", r#""retention_days":"30""#),
            ("max_sessions", r#""max_sessions":0"#),
            ("max_sessions", r#""max_sessions":-1"#),
            ("max_bytes", r#""max_bytes":67108863"#),
            ("max_bytes", r#""max_bytes":"1 GB""#),
            ("routes", r#""routes":"/blog/*""#),
            ("routes", r#""routes":["blog"]"#),
            ("routes", r#""routes":["/blog/*",1]"#),
            ("slow_seconds", r#""slow_seconds":601"#),
            ("slow_seconds", r#""slow_seconds":0.5"#),
            ("redact", r#""redact":true"#),
            ("redact.phone", r#""redact":{"phone":true}"#),
            ("redact.phones", r#""redact":{"phones":"yes"}"#),
            ("redact.patterns", r#""redact":{"patterns":["a+"]}"#),
            (
                "redact.patterns",
                r#""redact":{"urls":"keep","patterns":[""]}"#,
            ),
            ("bots", r#""bots":"eat""#),
            ("webhook", r#""webhook":"https://hooks.example.com/""#),
            ("webhook", r#""webhook":{}"#),
            (
                "webhook.url",
                r#""webhook":{"url":"http://hooks.example.com/"}"#,
            ),
            ("webhook.url", r#""webhook":{"url":"https://10.0.0.1/"}"#),
            (
                "webhook.dashboard",
                r#""webhook":{"url":"https://hooks.example.com/","dashboard":"/"}"#,
            ),
            ("quota.sessions", r#""quota":{"sessions":1}"#),
            (
                "quota.sessions_per_day",
                r#""quota":{"sessions_per_day":-1}"#,
            ),
            ("redact.urls", r#""redact":{"urls":"all"}"#),
            ("redact.allow", r#""redact":{"allow":[""]}"#),
            ("redact.deny", r#""redact":{"deny":"q"}"#),
        ] {
            assert_eq!(with(more).unwrap_err().field, field, "{more}");
        }
        for (field, text) in [
            ("config", ""),
            ("config", "[]"),
            ("config", r#"{"origins":[]}"#),
            ("config", r#"{"name":"x"}"#),
            ("config", r#"{"name":"x","name":"y","origins":[]}"#),
            ("name", r#"{"name":"","origins":[]}"#),
            ("name", r#"{"name":" ","origins":[]}"#),
            ("name", r#"{"name":"a\nb","origins":[]}"#),
            ("name", r#"{"name":7,"origins":[]}"#),
            ("origins", r#"{"name":"x","origins":"self"}"#),
            ("origins", r#"{"name":"x","origins":["*"]}"#),
            ("origins", r#"{"name":"x","origins":["self","self"]}"#),
            (
                "origins",
                r#"{"name":"x","origins":["https://a.example/"]}"#,
            ),
        ] {
            assert_eq!(SiteConfig::parse(text).unwrap_err().field, field, "{text}");
        }
    }

    #[test]
    fn says_what_is_allowed() {
        for (text, words) in [
            (r#"{"name":"x"}"#, "missing field `origins`"),
            (
                r#"{"name":"x","origins":["https://a.example/shop"]}"#,
                "no slash",
            ),
            (
                r#"{"name":"x","origins":[],"retention_days":0}"#,
                "`retention_days` must be 1 to 3650, not 0",
            ),
            (
                r#"{"name":"x","origins":[],"mask":"some"}"#,
                "`none`, `inputs`, `text`",
            ),
            (r#"{"name":"x","origins":[],"maks":1}"#, "unknown field"),
        ] {
            let error = SiteConfig::parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(!error.contains(" line "), "a place in no text: {error}");
        }
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let many = |n: usize, one: &dyn Fn(usize) -> String| {
            let all: Vec<String> = (0..n).map(one).collect();
            format!("[{}]", all.join(","))
        };
        let origins = |n| many(n, &|at| format!(r#""https://h{at}.example""#));
        let named = |name: &str, origins: &str| {
            SiteConfig::parse(&format!(r#"{{"name":"{name}","origins":{origins}}}"#))
        };
        assert!(named("x", &origins(MAX_ENTRIES)).is_ok());
        assert_eq!(
            named("x", &origins(MAX_ENTRIES + 1)).unwrap_err().field,
            "origins"
        );
        assert!(named(&"é".repeat(MAX_NAME), "[]").is_ok());
        assert!(named(&"é".repeat(MAX_NAME + 1), "[]").is_err());
        for (name, most) in [("retention_days", 3_650), ("slow_seconds", 600)] {
            assert!(with(&format!(r#""{name}":{most}"#)).is_ok());
            assert!(with(&format!(r#""{name}":{}"#, most + 1)).is_err());
        }
        for list in ["allow", "deny"] {
            let listed = |n| {
                with(&format!(
                    r#""redact":{{"{list}":{}}}"#,
                    many(n, &|at| format!(r#""n{at}""#))
                ))
            };
            assert!(listed(MAX_ENTRIES).is_ok());
            assert_eq!(
                listed(MAX_ENTRIES + 1).unwrap_err().field,
                format!("redact.{list}")
            );
            let name = |n: usize| with(&format!(r#""redact":{{"{list}":["{}"]}}"#, "n".repeat(n)));
            assert!(name(MAX_PARAMETER).is_ok() && name(MAX_PARAMETER + 1).is_err());
        }
        let patterns = |n| {
            with(&format!(
                r#""redact":{{"patterns":{}}}"#,
                many(n, &|at| format!(r#""p{at}""#))
            ))
        };
        assert!(patterns(MAX_ENTRIES).is_ok() && patterns(MAX_ENTRIES + 1).is_err());
        let padded = |n: usize| {
            let text = r#"{"name":"x","origins":[]}"#;
            SiteConfig::parse(&format!("{text}{}", " ".repeat(n - text.len())))
        };
        assert!(padded(MAX_CONFIG).is_ok() && padded(MAX_CONFIG + 1).is_err());
        // As long as it may be, of names that stay as they are; then its defaults are written out.
        let long = |n: usize| {
            let keys = many(n, &|at| format!(r#""{at:050}""#));
            let hosts = many(n, &|at| format!(r#""https://h{at:050}.example""#));
            let name = "n".repeat(MAX_NAME);
            format!(
                r#"{{"name":"{name}","origins":{hosts},"redact":{{"allow":{keys},"deny":{keys}}}}}"#
            )
        };
        let text = (1..=MAX_ENTRIES)
            .map(long)
            .take_while(|text| text.len() <= MAX_CONFIG)
            .last()
            .unwrap();
        let text = SiteConfig::parse(&text).unwrap();
        let written = serde_json::to_string(&text).unwrap();
        assert!(written.len() > MAX_CONFIG, "{}", written.len());
        assert_eq!(SiteConfig::stored(&written), Ok(text));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = r#"{"name":"Büro","origins":["self","https://a.example"],"mask":"text",
            "redact":{"phones":true,"patterns":["ORD-\\d{4}"],"urls":"filter","allow":["q"],"deny":["ref"]},
            "retention_days":7,"recording":false,"slow_seconds":5}"#;
        let config = SiteConfig::parse(text).unwrap();
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(SiteConfig::parse(&written), Ok(config));
    }

    proptest! {
        #[test]
        fn anything_is_answered(text in "\\PC{0,80}") {
            let _ = SiteConfig::parse(&text);
        }

        /// Whatever stands in a field, the field is named, or the whole is in order.
        #[test]
        fn whatever_stands_in_a_field_is_named(
            field in "(name|origins|mask|redact|retention_days|recording|slow_seconds|other)",
            value in "(null|true|-?[0-9]{1,12}|\"[a-z:/.]{0,12}\"|\\[\"[a-z:/.*]{0,12}\"\\]|\\{\"[a-z]{1,8}\":1\\})",
        ) {
            let mut object: serde_json::Value = serde_json::from_str(LEAST).unwrap();
            object[&field] = serde_json::from_str(&value).unwrap_or_default();
            if let Err(error) = SiteConfig::parse(&object.to_string()) {
                prop_assert!(error.field.starts_with(&field), "{error}");
            }
        }
    }
}
