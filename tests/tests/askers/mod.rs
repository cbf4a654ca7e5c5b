//! Those who ask the API, and a worker that they share.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file has this module, and needs its own part"
)]

use sentiero_core::api::{CSRF_HEADER, SiteAnswer};
use serde_json::{Value, json};
use std::sync::OnceLock;
use system_tests::client::{Answer, Dashboard, request};
use system_tests::worker::{Options, Worker};

pub fn worker() -> &'static Worker {
    static WORKER: OnceLock<Worker> = OnceLock::new();
    WORKER.get_or_init(|| {
        let mut options = Options::default();
        options.vars.push(("WEBHOOK_LOCAL", "true".to_owned()));
        Worker::start(options).unwrap()
    })
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Asker {
    pub url: String,
    pub headers: Vec<(String, String)>,
}

impl Asker {
    /// Always the same: only so many may sign in within a minute.
    pub fn signed_in() -> Self {
        static DASHBOARD: OnceLock<Dashboard> = OnceLock::new();
        let sign_in = || Dashboard::sign_in(&worker().url).unwrap();
        Self::at(&worker().url, DASHBOARD.get_or_init(sign_in))
    }

    pub fn at(url: &str, dashboard: &Dashboard) -> Self {
        let csrf = dashboard.session.csrf.clone();
        Self {
            url: url.to_owned(),
            headers: vec![
                ("cookie".to_owned(), dashboard.cookie.clone()),
                (CSRF_HEADER.to_owned(), csrf),
            ],
        }
    }

    pub fn bearer(secret: &str) -> Self {
        Self {
            url: worker().url.clone(),
            headers: vec![("authorization".to_owned(), format!("Bearer {secret}"))],
        }
    }

    pub fn send(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        request(method, &format!("{}/api/{path}", self.url), &headers, body).unwrap()
    }

    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        self.send(method, path, body)
    }

    pub fn create(&self, key: &str) -> SiteAnswer {
        let answer = self.ask("POST", "sites", &json!({"key": key, "config": config(key)}));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json().unwrap()
    }
}

pub fn config(name: &str) -> Value {
    json!({"name": name, "origins": ["self"]})
}

#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{}",
        answer.text()
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}
