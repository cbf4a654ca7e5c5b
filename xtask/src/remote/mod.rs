//! Commands that talk to a running worker: `site`, `sourcemaps` and `token`.

mod key;
pub(crate) mod maps;
pub(crate) mod site;
pub(crate) mod token;

use std::env;
use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::dev::secrets;
use crate::process;
use crate::repo::Repo;

/// Where `cargo xtask dev` listens.
const LOCAL: &str = "http://127.0.0.1:8787";
const TOKEN: &str = "SENTIERO_TOKEN";
const PASSWORD: &str = "SENTIERO_PASSWORD";
/// The header with the session's word, as in `core::api`.
const CSRF: &str = "x-sentiero-csrf";

/// A worker, and what it lets us in by.
pub(crate) struct Remote<'a> {
    repo: &'a Repo,
    url: String,
    headers: Vec<(&'static str, String)>,
}

/// An answer.
pub(crate) struct Answer {
    status: u64,
    cookie: Option<String>,
    body: Value,
}

impl<'a> Remote<'a> {
    /// The worker at `url`, or the local one.
    pub(crate) fn connect(repo: &'a Repo, url: Option<&str>) -> Result<Self> {
        let url = url.unwrap_or(LOCAL).trim_end_matches('/').to_owned();
        require_safe(&url)?;
        let mut remote = Self {
            repo,
            url,
            headers: Vec::new(),
        };
        if let Some(token) = variable(TOKEN) {
            remote
                .headers
                .push(("authorization", format!("Bearer {token}")));
            return Ok(remote);
        }
        let password = remote.password()?;
        remote.sign_in(&password)?;
        Ok(remote)
    }

    /// Its address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn password(&self) -> Result<String> {
        if let Some(password) = variable(PASSWORD) {
            return Ok(password);
        }
        if is_local(&self.url)
            && let Some(password) = secrets::existing(self.repo)?
        {
            return Ok(password);
        }
        bail!(
            "who are you? Put an API token into {TOKEN} (`cargo xtask token create` makes one), \
             or the dashboard's password into {PASSWORD}"
        )
    }

    fn sign_in(&mut self, password: &str) -> Result<()> {
        let answer = self.send("POST", "login", Some(&json!({ "password": password })))?;
        let answer = answer.ok()?;
        let csrf = text(&answer.body, "csrf");
        let cookie = answer.cookie.context("the worker set no cookie")?;
        self.headers = vec![("cookie", cookie), (CSRF, csrf)];
        Ok(())
    }

    /// Sends a request to a path below `/api/`.
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
        let headers: serde_json::Map<String, Value> = self
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
            .collect();
        let url = format!("{}/api/{path}", self.url);
        let request = json!({
            "method": method, "url": url, "headers": headers, "body": body.map(Value::to_string),
        });
        let mut child = process::node(self.repo, "xtask/js/request.mjs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let mut input = child.stdin.take().context("node has no stdin")?;
        input.write_all(request.to_string().as_bytes())?;
        drop(input);
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{} does not answer ({}); is it running, and is --url right?",
            self.url,
            said.trim()
        );
        Answer::read(&output.stdout)
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Result<Self> {
        let raw: Value = serde_json::from_slice(bytes)?;
        let status = raw.get("status").and_then(Value::as_u64);
        let body = text(&raw, "body");
        Ok(Self {
            status: status.context("an answer without a status")?,
            cookie: raw.get("cookie").and_then(Value::as_str).map(str::to_owned),
            body: serde_json::from_str(&body).unwrap_or(Value::Null),
        })
    }

    /// The word of a refusal.
    pub(crate) fn code(&self) -> String {
        text(&self.body, "code")
    }

    /// The answer if it is one, or the sentence of the refusal.
    pub(crate) fn ok(self) -> Result<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        match self.body.get("message").and_then(Value::as_str) {
            Some(message) => bail!("{message} ({} {})", self.status, self.code()),
            None => bail!(
                "the answer is {} and not Sentiero's; is --url the worker's address?",
                self.status
            ),
        }
    }

    /// The body of an answer that is one.
    pub(crate) fn body(self) -> Result<Value> {
        Ok(self.ok()?.body)
    }
}

/// A field of an object as text; empty if it is none.
pub(crate) fn text(object: &Value, field: &str) -> String {
    let value = object.get(field).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

/// A list in an object.
fn list<'a>(object: &'a Value, field: &str) -> &'a [Value] {
    let value = object.get(field).and_then(Value::as_array);
    value.map_or(&[], Vec::as_slice)
}

/// The texts of a list in an object.
pub(crate) fn words<'a>(object: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list(object, field).iter();
    items.filter_map(Value::as_str).collect()
}

/// Prints a line for each entry of a list in an answer; `none` if there is none.
pub(crate) fn print_list(answer: &Value, field: &str, none: &str, line: impl Fn(&Value) -> String) {
    let entries = list(answer, field);
    if entries.is_empty() {
        println!("{none}");
    }
    for entry in entries {
        println!("{}", line(entry));
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_local(url: &str) -> bool {
    let rest = url.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host)
            .is_some_and(|port| port.is_empty() || port.starts_with(':'))
    })
}

/// A secret goes over https, or stays on this machine.
fn require_safe(url: &str) -> Result<()> {
    let host = url.strip_prefix("https://").unwrap_or_default();
    ensure!(
        is_local(url) || (!host.is_empty() && !host.contains(['/', '?', '#', '@'])),
        "--url takes the worker's address, as https://sentiero.example or {LOCAL}, not `{url}`"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_https_or_stay_here() {
        for url in [
            LOCAL,
            "http://localhost",
            "http://[::1]:9000",
            "https://sentiero.example",
            "https://sentiero.example:8443",
        ] {
            assert!(require_safe(url).is_ok(), "{url}");
        }
        for url in [
            "http://sentiero.example",
            "http://127.0.0.1.evil.example",
            "http://localhost@evil.example",
            "https://",
            "https://sentiero.example/api",
            "https://me@evil.example",
            "sentiero.example",
            "",
        ] {
            assert!(require_safe(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_refusal_is_its_sentence() {
        let answer = |status: u16, body: &str| {
            let raw = json!({ "status": status, "cookie": null, "body": body });
            Answer::read(raw.to_string().as_bytes()).unwrap()
        };
        let refused = answer(403, r#"{"code":"missing_scope","message":"No."}"#);
        assert_eq!(refused.code(), "missing_scope");
        let error = refused.ok().err().unwrap().to_string();
        assert_eq!(error, "No. (403 missing_scope)");
        let error = answer(404, "<html>").ok().err().unwrap().to_string();
        assert!(error.contains("--url"), "{error}");
        assert!(answer(204, "").ok().is_ok());
    }
}
