//! `cargo xtask site`: list, show, create, set, disable, enable, delete, key.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Remote, key, print_list, text, words};
use crate::args::{Flags, Spec};
use crate::repo::{self, Repo};

const SPEC: Spec = Spec {
    command: "site",
    switches: &["--yes"],
    options: &[
        "--url",
        "--file",
        "--name",
        "--origin",
        "--revision",
        "--sessions",
    ],
};

const VERBS: &str = "list, show, create, set, disable, enable, delete, key";

/// How often a change is made anew to what somebody else has just changed.
const TRIES: usize = 3;

pub(crate) fn command(repo: &Repo, arguments: &[String]) -> Result<ExitCode> {
    let (words, flags) = SPEC.parse_words(arguments)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let connect = || Remote::connect(repo, flags.value("--url"));
    match words.as_slice() {
        ["list"] => show_all(&connect()?)?,
        ["show", key] => {
            let site = read(&connect()?, key)?;
            println!("{}", serde_json::to_string_pretty(&site)?);
        }
        ["create"] => create(&flags, None, connect)?,
        ["create", key] => create(&flags, Some(*key), connect)?,
        ["set", key, fields @ ..] => set(&flags, key, fields, connect)?,
        ["disable", key] => change(&connect()?, key, &[("recording", json!(false))])?,
        ["enable", key] => change(&connect()?, key, &[("recording", json!(true))])?,
        ["delete", key] => delete(&flags, key, connect)?,
        ["key", rest @ ..] => key::command(rest, connect)?,
        [
            "list" | "show" | "create" | "set" | "disable" | "enable" | "delete",
            ..,
        ] => bail!(
            "`cargo xtask site {}` takes the key of one site; `cargo xtask help` shows it",
            words.join(" ")
        ),
        _ => bail!("`cargo xtask site` takes one of {VERBS}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn show_all(remote: &Remote<'_>) -> Result<()> {
    let answer = remote.send("GET", "sites", None)?.body()?;
    let none = "There is no site yet; `cargo xtask site create` makes one.";
    print_list(&answer, "sites", none, line);
    Ok(())
}

/// A site in one line.
fn line(site: &Value) -> String {
    let (key, revision) = (text(site, "key"), number(site, "revision"));
    if let Some(error) = site.get("error").and_then(Value::as_str) {
        return format!("{key:<32} {revision:>6}  not valid: {error}");
    }
    let config = site.get("config").unwrap_or(&Value::Null);
    let on = config.get("recording") == Some(&Value::Bool(true));
    let state = if on { "on" } else { "off" };
    let (name, origins) = (text(config, "name"), words(config, "origins").join(" "));
    format!("{key:<32} {revision:>6}  {state:<3}  {name}  [{origins}]")
}

fn number(object: &Value, field: &str) -> u64 {
    object
        .get(field)
        .and_then(Value::as_u64)
        .unwrap_or_default()
}

fn read(remote: &Remote<'_>, key: &str) -> Result<Value> {
    remote.send("GET", &format!("sites/{key}"), None)?.body()
}

fn create<'a>(
    flags: &Flags,
    key: Option<&str>,
    connect: impl FnOnce() -> Result<Remote<'a>>,
) -> Result<()> {
    let config = match (flags.value("--file"), flags.value("--name")) {
        (Some(file), None) => from_file(file)?,
        (None, Some(name)) => {
            let origins: Vec<&str> = flags.values("--origin").collect();
            ensure!(
                !origins.is_empty(),
                "which pages may record? Name each with --origin https://shop.example"
            );
            json!({ "name": name, "origins": origins })
        }
        _ => bail!("a new site needs either --file FILE, or --name NAME and --origin ORIGIN"),
    };
    let remote = connect()?;
    let body = match key {
        Some(key) => json!({ "key": key, "config": config }),
        None => json!({ "config": config }),
    };
    let made = remote.send("POST", "sites", Some(&body))?.body()?;
    say(&made);
    let (url, key) = (remote.url(), text(&made, "key"));
    println!("Its tag: <script src=\"{url}/sentiero.js\" data-site=\"{key}\" defer></script>");
    Ok(())
}

fn set<'a>(
    flags: &Flags,
    key: &str,
    fields: &[&str],
    connect: impl FnOnce() -> Result<Remote<'a>>,
) -> Result<()> {
    let Some(file) = flags.value("--file") else {
        let fields = fields
            .iter()
            .map(|field| assignment(field))
            .collect::<Result<Vec<_>>>()?;
        ensure!(
            !fields.is_empty(),
            "what shall change? Say FIELD=VALUE, or --file FILE --revision N"
        );
        return change(&connect()?, key, &fields);
    };
    ensure!(fields.is_empty(), "either --file or fields, not both");
    let revision: u64 = flags
        .value("--revision")
        .and_then(|text| text.parse().ok())
        .context("a whole file needs --revision N, the revision that it was made from; `site show` prints it")?;
    let body = json!({ "revision": revision, "config": from_file(file)? });
    let changed = connect()?.send("PUT", &format!("sites/{key}"), Some(&body))?;
    say(&changed.body()?);
    Ok(())
}

/// `field.inner=value`, the value being JSON or else text.
fn assignment(text: &str) -> Result<(&str, Value)> {
    let (field, value) = text
        .split_once('=')
        .filter(|(field, _)| field.split('.').all(|part| !part.is_empty()))
        .with_context(|| format!("`{text}` is no change; say FIELD=VALUE, as mask=text"))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    Ok((field, value))
}

/// Sets fields of what is there, and leaves the others as they are.
fn change(remote: &Remote<'_>, key: &str, fields: &[(&str, Value)]) -> Result<()> {
    let path = format!("sites/{key}");
    for last in (0..TRIES).rev() {
        let site = read(remote, key)?;
        let mut config = site
            .get("config")
            .cloned()
            .with_context(|| format!("{}; replace it by --file", text(&site, "error")))?;
        for (field, value) in fields {
            put(&mut config, field, value.clone())?;
        }
        let body = json!({ "revision": number(&site, "revision"), "config": config });
        let answer = remote.send("PUT", &path, Some(&body))?;
        // Only these fields are ours, so they can be set in what somebody else has made of it.
        if answer.code() == "site_changed" && last > 0 {
            continue;
        }
        say(&answer.body()?);
        return Ok(());
    }
    bail!("site {key} changes all the time; try again")
}

fn put(object: &mut Value, path: &str, value: Value) -> Result<()> {
    let fields = object
        .as_object_mut()
        .with_context(|| format!("`{path}` lies in no object"))?;
    match path.split_once('.') {
        None => {
            fields.insert(path.to_owned(), value);
            Ok(())
        }
        Some((field, rest)) => {
            let inner = fields.entry(field).or_insert_with(|| json!({}));
            put(inner, rest, value)
        }
    }
}

fn delete<'a>(
    flags: &Flags,
    key: &str,
    connect: impl FnOnce() -> Result<Remote<'a>>,
) -> Result<()> {
    ensure!(
        flags.has("--yes"),
        "this ends recording on {key} and erases its sessions for good; `disable` can be undone. \
         Say --yes if you mean it"
    );
    let sessions = flags.value("--sessions").map(str::parse::<u64>).transpose();
    let sessions = sessions.context("--sessions takes the number of the site's sessions")?;
    let remote = connect()?;
    let revision = number(&read(&remote, key)?, "revision");
    let confirm = sessions.map_or(String::new(), |number| format!("&confirm={number}"));
    let path = format!("sites/{key}?revision={revision}{confirm}");
    let answer = remote.send("DELETE", &path, None)?;
    let counted = ["site_has_sessions", "count_changed"].contains(&answer.code().as_str());
    let receipt = match answer.body() {
        Err(error) if counted => bail!("{error}; here it is --sessions and that number"),
        answer => answer?,
    };
    let (matched, id) = (number(&receipt, "matched"), text(&receipt, "id"));
    println!("site {key} is deleted; its {matched} sessions are being erased, receipt {id}");
    Ok(())
}

fn from_file(file: &str) -> Result<Value> {
    let text = repo::read(Path::new(file))?;
    serde_json::from_str(&text).with_context(|| format!("{file} is no JSON"))
}

fn say(site: &Value) {
    let (key, revision) = (text(site, "key"), number(site, "revision"));
    let seconds = number(site, "holds_within_seconds");
    println!("site {key} is at revision {revision}; that holds for every batch after {seconds} s");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_changes() {
        for (text, field, value) in [
            ("mask=text", "mask", json!("text")),
            ("retention_days=7", "retention_days", json!(7)),
            ("recording=false", "recording", json!(false)),
            ("name=A = B", "name", json!("A = B")),
            ("redact.phones=true", "redact.phones", json!(true)),
            (
                r#"origins=["https://a.example"]"#,
                "origins",
                json!(["https://a.example"]),
            ),
        ] {
            assert_eq!(assignment(text).unwrap(), (field, value), "{text}");
        }
        for text in ["mask", "=text", ".a=1", "a.=1", ""] {
            assert!(assignment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sets_a_field_and_leaves_the_others() {
        let mut config = json!({ "name": "x", "redact": { "phones": false, "deny": ["a"] } });
        put(&mut config, "redact.phones", json!(true)).unwrap();
        put(&mut config, "quota.sessions", json!(5)).unwrap();
        put(&mut config, "name", json!("y")).unwrap();
        let expected = json!({
            "name": "y", "redact": { "phones": true, "deny": ["a"] }, "quota": { "sessions": 5 },
        });
        assert_eq!(config, expected);
        assert!(put(&mut config, "name.inner", json!(1)).is_err());
    }

    #[test]
    fn a_site_in_one_line() {
        let config = json!({ "name": "Shop", "origins": ["self"], "recording": true });
        let shown = line(&json!({ "key": "shop", "revision": 7, "config": config }));
        assert!(shown.contains(" 7  on   Shop  [self]"), "{shown}");
        let shown = line(&json!({ "key": "shop", "revision": 7, "error": "`mask` is wrong" }));
        assert!(shown.contains("not valid: `mask` is wrong"), "{shown}");
    }
}
