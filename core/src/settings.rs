//! What the deployment's variables and secrets say. A value that cannot be used is an
//! error that names it: a default in its place would be a setting that nobody chose.

use crate::access::jwt::Issuer;
use crate::field::FieldError;
use crate::id::Millis;
use crate::lifecycle::Timing;
use crate::origin;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The longest time that a variable `…_SECONDS` can say: a day.
const MAX_SECONDS: u64 = 86_400;
/// The longest time that counts can wait, ms: the platform ends a request's work 30 s after
/// its answer.
const MAX_COUNT: Millis = 25_000;
/// How long counts wait unless it is said: see `core::cost` for what each writing costs.
const COUNT: Millis = 20_000;
/// Decimal places that count: a thousandth of a second.
const PLACES: usize = 3;
/// The shortest signing secret that is taken: 128 bits in hex.
pub const MIN_SIGNING_SECRET: usize = 32;
/// The shortest password that is taken.
pub const MIN_PASSWORD: usize = 8;

/// What signing in needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The dashboard's password.
    pub password: String,
    /// The key that cookies are signed with.
    pub signing: String,
}

impl core::fmt::Debug for Secrets {
    /// Says nothing of them.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secrets")
    }
}

/// The life of a session. A variable that is not there has its default.
pub fn timing(get: impl Fn(&str) -> Option<String>) -> Result<Timing, FieldError> {
    let Timing {
        announce,
        idle,
        leave,
    } = Timing::DEFAULT;
    let read = |name, default| match get(name) {
        Some(text) => millis(&text).ok_or_else(|| no_seconds(name, &text)),
        None => Ok(default),
    };
    Ok(Timing {
        announce: read("ANNOUNCE_SECONDS", announce)?,
        idle: read("IDLE_SECONDS", idle)?,
        leave: read("LEAVE_SECONDS", leave)?,
    })
}

/// How long counts are gathered before they are written, ms: the variable `COUNT_SECONDS`.
pub fn count_delay(text: Option<&str>) -> Result<Millis, FieldError> {
    let Some(text) = text else {
        return Ok(COUNT);
    };
    millis(text)
        .filter(|delay| *delay <= MAX_COUNT)
        .ok_or_else(|| {
            let longest = MAX_COUNT / 1_000;
            let reason = format!("must be a number of seconds from 0 to {longest}, not {text:?}");
            FieldError::new("COUNT_SECONDS", reason)
        })
}

fn no_seconds(name: &str, text: &str) -> FieldError {
    let reason =
        format!("must be a number of seconds from 0 to {MAX_SECONDS}, as 10 or 0.5, not {text:?}");
    FieldError::new(name, reason)
}

/// Seconds with at most three decimal places, in ms.
fn millis(text: &str) -> Option<Millis> {
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(places) || places.len() > PLACES {
        return None;
    }
    let seconds: u64 = whole.parse().ok()?;
    let parts: u64 = format!("{places:0<PLACES$}").parse().ok()?;
    let millis = seconds.checked_mul(1_000)?.checked_add(parts)?;
    (millis <= MAX_SECONDS * 1_000).then_some(millis)
}

/// Origins besides the worker's own whose pages may call the API. None where nothing is said.
pub fn dashboard_origins(text: Option<&str>) -> Result<Vec<String>, FieldError> {
    let listed = text.unwrap_or_default().split_whitespace();
    listed
        .map(|origin| match origin::check(origin) {
            Ok(()) => Ok(origin.to_owned()),
            Err(error) => Err(FieldError::new(
                "DASHBOARD_ORIGINS",
                format!("must hold origins between spaces; {origin:?} {error}"),
            )),
        })
        .collect()
}

/// Whether a webhook may be on the machine that the worker runs on: the variable
/// `WEBHOOK_LOCAL`, `true` or nothing. For development and tests.
pub fn webhook_local(text: Option<&str>) -> Result<bool, FieldError> {
    match text.unwrap_or_default() {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        other => {
            let reason = format!("must be true, false or empty, not {other:?}");
            Err(FieldError::new("WEBHOOK_LOCAL", reason))
        }
    }
}

/// The domain of Cloudflare Access's teams.
const ACCESS_DOMAIN: &str = ".cloudflareaccess.com";
/// The longest audience tag that is taken; Access makes them of 64 digits.
const MAX_AUDIENCE: usize = 128;

/// Whose tokens of Cloudflare Access sign in, by the variables `ACCESS_TEAM` and `ACCESS_AUD`;
/// none if both are empty. A team on this machine is for tests: a deployed worker reaches none.
pub fn access(team: Option<&str>, audience: Option<&str>) -> Result<Option<Issuer>, FieldError> {
    let (team, audience) = (team.unwrap_or_default(), audience.unwrap_or_default());
    if team.is_empty() && audience.is_empty() {
        return Ok(None);
    }
    let name = team
        .strip_prefix("https://")
        .and_then(|host| host.strip_suffix(ACCESS_DOMAIN));
    let is_team = name.is_some_and(|name| !name.is_empty() && !name.contains(['.', ':']));
    let is_local = team.starts_with("http://127.0.0.1:");
    if !(is_team || is_local) || origin::check(team).is_err() {
        let reason = format!(
            "must be the team's origin, as https://team{ACCESS_DOMAIN}, where ACCESS_AUD is set"
        );
        return Err(FieldError::new("ACCESS_TEAM", reason));
    }
    let fits = (1..=MAX_AUDIENCE).contains(&audience.len());
    if !fits || !audience.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let reason = "must be the application's audience tag, where ACCESS_TEAM is set";
        return Err(FieldError::new("ACCESS_AUD", reason));
    }
    Ok(Some(Issuer {
        team: team.to_owned(),
        audience: audience.to_owned(),
    }))
}

/// The secrets; none if one of them is not there yet. The error does not quote them.
pub fn secrets(
    password: Option<String>,
    signing: Option<String>,
) -> Result<Option<Secrets>, FieldError> {
    let (Some(password), Some(signing)) = (password, signing) else {
        return Ok(None);
    };
    if password.chars().count() < MIN_PASSWORD {
        let reason = format!("must have at least {MIN_PASSWORD} characters");
        return Err(FieldError::new("DASHBOARD_PASSWORD", reason));
    }
    if signing.len() < MIN_SIGNING_SECRET {
        let reason = format!(
            "must have at least {MIN_SIGNING_SECRET} characters; `openssl rand -hex 32` makes one"
        );
        return Err(FieldError::new("SESSION_SECRET", reason));
    }
    Ok(Some(Secrets { password, signing }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn announce(text: &str) -> Result<Millis, FieldError> {
        timing(|name| (name == "ANNOUNCE_SECONDS").then(|| text.to_owned()))
            .map(|timing| timing.announce)
    }

    #[test]
    fn what_is_not_there_has_its_default() {
        assert_eq!(timing(|_| None), Ok(Timing::DEFAULT));
        assert_eq!(dashboard_origins(None), Ok(vec![]));
        assert_eq!(dashboard_origins(Some("  ")), Ok(vec![]));
    }

    #[test]
    fn each_variable_is_read() {
        let timing = timing(|name| {
            let (_, value) = [
                ("ANNOUNCE_SECONDS", "1"),
                ("IDLE_SECONDS", "2.5"),
                ("LEAVE_SECONDS", "0.003"),
            ]
            .into_iter()
            .find(|(variable, _)| *variable == name)?;
            Some(value.to_owned())
        });
        let expected = Timing {
            announce: 1_000,
            idle: 2_500,
            leave: 3,
        };
        assert_eq!(timing, Ok(expected));
    }

    #[test]
    fn a_wrong_number_is_named() {
        for (text, millis) in [
            ("0", 0),
            ("0.2", 200),
            ("86400", 86_400_000),
            ("7.05", 7_050),
        ] {
            assert_eq!(announce(text), Ok(millis), "{text}");
        }
        for text in [
            "",
            " ",
            "ten",
            "-1",
            "+1",
            "1e3",
            "86400.001",
            "86401",
            "1.",
            ".5",
            "0.0001",
            "1,5",
            "NaN",
            "inf",
            "99999999999999999999",
        ] {
            let error = announce(text).unwrap_err().to_string();
            assert!(
                error.contains("ANNOUNCE_SECONDS") && error.contains("86400"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_wrong_origin_is_named() {
        let origins = dashboard_origins(Some("https://a.example  http://localhost:3000"));
        assert_eq!(
            origins.unwrap(),
            ["https://a.example", "http://localhost:3000"]
        );
        let error = dashboard_origins(Some("https://a.example https://b.example/"));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("DASHBOARD_ORIGINS") && error.contains("https://b.example/"),
            "{error}"
        );
    }

    #[test]
    fn a_weak_secret_is_named_and_not_quoted() {
        let secrets = |password: &str, signing: &str| {
            secrets(Some(password.to_owned()), Some(signing.to_owned()))
        };
        let (password, key) = ("p".repeat(MIN_PASSWORD), "k".repeat(MIN_SIGNING_SECRET));
        assert!(secrets(&password, &key).unwrap().is_some());
        let weak = secrets(&password[1..], &key).unwrap_err();
        assert_eq!(weak.field, "DASHBOARD_PASSWORD");
        assert!(!weak.to_string().contains("ppp"));
        let weak = secrets(&password, &key[1..]).unwrap_err();
        assert_eq!(weak.field, "SESSION_SECRET");
        assert!(!weak.to_string().contains("kkk"));
        assert_eq!(super::secrets(None, Some(key.clone())), Ok(None));
        assert_eq!(super::secrets(Some(password), None), Ok(None));
        let debug = Secrets {
            password: "hidden".to_owned(),
            signing: key,
        };
        assert!(!format!("{debug:?}").contains("hidden"));
    }

    #[test]
    fn access_needs_a_team_and_an_audience() {
        let team = "https://shop.cloudflareaccess.com";
        for none in [(None, None), (Some(""), Some("")), (Some(""), None)] {
            assert_eq!(access(none.0, none.1), Ok(None));
        }
        let issuer = access(Some(team), Some("4714c1358e65")).unwrap().unwrap();
        assert_eq!(
            (issuer.team.as_str(), issuer.audience.as_str()),
            (team, "4714c1358e65")
        );
        assert!(access(Some("http://127.0.0.1:8080"), Some("a")).is_ok());
        for wrong in [
            "",
            "shop",
            "http://shop.cloudflareaccess.com",
            "https://shop.cloudflareaccess.com/",
            "https://cloudflareaccess.com",
            "https://.cloudflareaccess.com",
            "https://a.b.cloudflareaccess.com",
            "https://cloudflareaccess.com.evil.example",
            "https://evil.example/.cloudflareaccess.com",
            "http://127.0.0.1:80@evil.example",
            "http://127.0.0.1.evil.example",
        ] {
            let error = access(Some(wrong), Some("a")).unwrap_err();
            assert_eq!(error.field, "ACCESS_TEAM", "{wrong}");
        }
        for wrong in ["", " ", "a b", "a\"", &"a".repeat(MAX_AUDIENCE + 1)] {
            let error = access(Some(team), Some(wrong)).unwrap_err();
            assert_eq!(error.field, "ACCESS_AUD", "{wrong}");
        }
    }

    #[test]
    fn webhooks_on_this_machine_are_asked_for() {
        for (text, local) in [
            (None, false),
            (Some(""), false),
            (Some("false"), false),
            (Some("true"), true),
        ] {
            assert_eq!(webhook_local(text), Ok(local));
        }
        let error = webhook_local(Some("yes")).unwrap_err();
        assert_eq!(error.field, "WEBHOOK_LOCAL");
    }

    #[test]
    fn counts_wait_no_longer_than_a_request_may_work() {
        assert_eq!(count_delay(None), Ok(COUNT));
        assert_eq!(count_delay(Some("0")), Ok(0));
        assert_eq!(count_delay(Some("25")), Ok(25_000));
        for wrong in ["25.001", "60", "-1", "x", ""] {
            let error = count_delay(Some(wrong)).unwrap_err();
            assert_eq!(error.field, "COUNT_SECONDS", "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_number_of_milliseconds_is_read_as_it_is(millis in 0..=MAX_SECONDS * 1_000) {
            let text = format!("{}.{:03}", millis / 1_000, millis % 1_000);
            prop_assert_eq!(announce(&text), Ok(millis));
        }

        #[test]
        fn anything_is_answered(text in "\\PC{0,30}") {
            let _ = (announce(&text), dashboard_origins(Some(&text)));
            let _ = (access(Some(&text), Some("a")), access(None, Some(&text)));
        }
    }
}
