//! `cargo xtask token`: list, create, revoke.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Remote, print_list, text, words};
use crate::args::{Flags, Spec};
use crate::repo::Repo;

const SPEC: Spec = Spec {
    command: "token",
    switches: &["--all-sites"],
    options: &["--url", "--name", "--scope", "--site", "--days"],
};

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let (words, flags) = SPEC.parse_words(arguments)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let connect = || Remote::connect(repo, flags.value("--url"));
    match words.as_slice() {
        ["list"] => show_all(&connect()?)?,
        ["create"] => {
            let wanted = wanted(&flags)?;
            let made = connect()?.send("POST", "tokens", Some(&wanted))?.body()?;
            println!("{}", line(&made));
            println!("{}", text(&made, "secret"));
            println!("Keep it now: it is shown once. Whoever has it can do what its scopes say.");
        }
        ["revoke", id] => {
            connect()?
                .send("DELETE", &format!("tokens/{id}"), None)?
                .ok()?;
            println!("token {id} is revoked; it is refused from now on");
        }
        ["revoke", ..] => bail!("`cargo xtask token revoke` takes one id; `token list` shows it"),
        _ => bail!("`cargo xtask token` takes one of list, create, revoke"),
    }
    Ok(ExitCode::SUCCESS)
}

/// What is asked for. The worker checks it; here only what it could not know is.
fn wanted(flags: &Flags) -> Result<Value> {
    let name = flags
        .value("--name")
        .context("--name NAME says what the token is for")?;
    let scopes: Vec<&str> = flags
        .values("--scope")
        .flat_map(|list| list.split(','))
        .collect();
    ensure!(
        !scopes.is_empty(),
        "--scope says what it may do: read, export, erase, sites, tell, maps or admin, between commas"
    );
    let sites: Vec<&str> = flags.values("--site").collect();
    let sites = match (sites.is_empty(), flags.has("--all-sites")) {
        (false, false) => json!(sites),
        (true, true) => json!("all"),
        _ => bail!("where? Either --site KEY, as often as needed, or --all-sites"),
    };
    let mut wanted = json!({ "name": name, "scopes": scopes, "sites": sites });
    if let Some(days) = flags.value("--days") {
        let days: u32 = days
            .parse()
            .ok()
            .with_context(|| format!("--days takes a number of days, not `{days}`"))?;
        wanted
            .as_object_mut()
            .context("a token is asked for by an object")?
            .insert("days".to_owned(), json!(days));
    }
    Ok(wanted)
}

fn show_all(remote: &Remote<'_>) -> Result<()> {
    let answer = remote.send("GET", "tokens", None)?.body()?;
    print_list(&answer, "tokens", "There is no token.", line);
    Ok(())
}

/// A token in one line.
fn line(token: &Value) -> String {
    let words = |field: &str| words(token, field).join(",");
    let sites = match token.get("sites").and_then(Value::as_str) {
        Some(all) => all.to_owned(),
        None => words("sites"),
    };
    let day = |field: &str| {
        let millis = token.get(field).and_then(Value::as_u64);
        millis.map_or_else(|| "never".to_owned(), date)
    };
    let (id, name, scopes) = (text(token, "id"), text(token, "name"), words("scopes"));
    let (expires, used) = (day("expires"), day("used"));
    format!("{id}  {name}  may {scopes} on {sites}; until {expires}; last used {used}")
}

/// `yyyy-mm-dd` of an instant in ms since the epoch, UTC.
fn date(millis: u64) -> String {
    // Years that begin in March, so that a leap day is the last of its year.
    let days = millis / 86_400_000 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let part = (5 * day + 2) / 153;
    let (month, day) = ((part + 2) % 12 + 1, day - (153 * part + 2) / 5 + 1);
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(words: &[&str]) -> Flags {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        SPEC.parse_words(&words).unwrap().1
    }

    #[test]
    fn says_what_is_asked_for() {
        let all = wanted(&flags(&[
            "--name",
            "ci",
            "--scope",
            "read,export",
            "--all-sites",
        ]));
        let expected = json!({ "name": "ci", "scopes": ["read", "export"], "sites": "all" });
        assert_eq!(all.unwrap(), expected);
        let some = wanted(&flags(&[
            "--name=ci",
            "--scope=read",
            "--scope=erase",
            "--site=a",
            "--site=b",
            "--days=7",
        ]));
        let expected =
            json!({ "name": "ci", "scopes": ["read", "erase"], "sites": ["a", "b"], "days": 7 });
        assert_eq!(some.unwrap(), expected);
        for (words, said) in [
            (vec!["--scope=read", "--all-sites"], "--name"),
            (vec!["--name=x", "--all-sites"], "--scope"),
            (vec!["--name=x", "--scope=read"], "where?"),
            (
                vec!["--name=x", "--scope=read", "--site=a", "--all-sites"],
                "where?",
            ),
            (
                vec!["--name=x", "--scope=read", "--all-sites", "--days=x"],
                "--days",
            ),
        ] {
            let error = wanted(&flags(&words)).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_token_in_one_line() {
        let shown = line(&json!({
            "id": "abc", "name": "ci", "scopes": ["read", "sites"], "sites": ["a"],
            "expires": 1_795_651_200_000_u64,
        }));
        assert_eq!(
            shown,
            "abc  ci  may read,sites on a; until 2026-11-26; last used never"
        );
    }

    #[test]
    fn days_of_the_calendar() {
        for (day, text) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (11_016, "2000-02-29"),
            (11_017, "2000-03-01"),
            (20_783, "2026-11-26"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(day * 86_400_000 + 86_399_999), text, "{day}");
        }
    }
}
