//! `cargo xtask site key`: list, new, disable, enable, remove.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::{Remote, print_list, text};

pub(super) fn command<'a>(
    words: &[&str],
    connect: impl FnOnce() -> Result<Remote<'a>>,
) -> Result<()> {
    match words {
        ["list", site] => {
            let answer = connect()?.send("GET", &path(site), None)?.body()?;
            print_list(&answer, "keys", "There is no key.", line);
            Ok(())
        }
        ["new", site] => {
            let remote = connect()?;
            let made = remote.send("POST", &path(site), None)?.body()?;
            say(site, &made);
            let (url, key) = (remote.url(), text(&made, "key"));
            println!(
                "The tag: <script src=\"{url}/sentiero.js\" data-site=\"{key}\" defer></script>"
            );
            Ok(())
        }
        [verb @ ("disable" | "enable"), site, key] => {
            let body = json!({ "enabled": *verb == "enable" });
            let path = format!("{}/{key}", path(site));
            say(site, &connect()?.send("PUT", &path, Some(&body))?.body()?);
            Ok(())
        }
        ["remove", site, key] => {
            let path = format!("{}/{key}", path(site));
            connect()?.send("DELETE", &path, None)?.ok()?;
            println!("the key {key} of site {site} is removed; nothing is known of it any more");
            Ok(())
        }
        ["list" | "new" | "disable" | "enable" | "remove", ..] => bail!(
            "`cargo xtask site key list SITE` and `new SITE` take a site, `disable`, `enable` and `remove` a site and \
             one of its keys"
        ),
        _ => bail!("`cargo xtask site key` takes one of list, new, disable, enable, remove"),
    }
}

fn path(site: &str) -> String {
    format!("sites/{site}/keys")
}

/// A key in one line.
fn line(key: &Value) -> String {
    let on = key.get("enabled") == Some(&Value::Bool(true));
    let state = if on { "on" } else { "off" };
    format!("{:<32} {state}", text(key, "key"))
}

fn say(site: &str, answer: &Value) {
    let enabled = answer.get("enabled") == Some(&Value::Bool(true));
    let state = if enabled { "enabled" } else { "disabled" };
    let seconds = answer.get("holds_within_seconds").and_then(Value::as_u64);
    println!(
        "the key {} of site {site} is {state}; that holds for every batch after {} s",
        text(answer, "key"),
        seconds.unwrap_or_default()
    );
}
