//! A site that is deleted: its sessions are erased with it, if who asks knows how many they
//! are, and the receipt and the log stay to be read.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod askers;

use askers::{Asker, refused};
use sentiero_core::api::{LinkList, SiteAnswer};
use sentiero_core::audit::{Action, Log};
use sentiero_core::erasure::{Kind, Receipt, Receipts};
use sentiero_core::issue::{Known, List};
use serde_json::{Value, json};
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, accept, post, upload};
use system_tests::upload::{Visit, body};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);

/// A worker, and who may delete its site `demo`.
struct Scene {
    worker: Worker,
    dashboard: Dashboard,
    asker: Asker,
}

impl Scene {
    fn new(options: Options) -> Self {
        let worker = Worker::start(options).unwrap();
        let dashboard = Dashboard::sign_in(&worker.url).unwrap();
        let asker = Asker::at(&worker.url, &dashboard);
        Self {
            worker,
            dashboard,
            asker,
        }
    }

    fn get(&self, path: &str) -> Answer {
        self.asker.ask("GET", path, &Value::Null)
    }

    fn revision(&self) -> u64 {
        let site: SiteAnswer = self.get("sites/demo").json().unwrap();
        site.revision
    }

    fn delete(&self, query: &str) -> Answer {
        let path = format!("sites/demo?{query}");
        self.asker.ask("DELETE", &path, &Value::Null)
    }

    fn issues(&self) -> Vec<Known> {
        let list: List = self.get("sites/demo/issues").json().unwrap();
        list.issues
    }

    /// The receipt, when everything of it is done.
    fn done(&self, receipt: &Receipt) -> Receipt {
        until("it is done", SOON, || {
            let answer = self.get(&format!("sites/demo/erasures/{}", receipt.id));
            assert_eq!(answer.status, 200, "{}", answer.text());
            let receipt: Receipt = answer.json().unwrap();
            receipt.finished.is_some().then_some(receipt)
        })
    }
}

/// The page says something, and throws.
fn canary(visit: &Visit) -> Vec<u8> {
    let header = visit.header(1, 0, 2);
    let at = visit.sid.start();
    let told = [
        ("note", r#""canary-gone""#),
        ("error", r#"{"message":"Error: gone"}"#),
    ];
    let event = |(tag, payload)| {
        format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
    };
    body(&header, &told.map(event))
}

#[test]
fn its_sessions_are_erased_with_it() {
    let scene = Scene::new(Options::finishing_after(0.5));
    let url = &scene.worker.url;
    let finished = [Visit::new(), Visit::new()];
    for visit in &finished {
        accept(url, canary(visit)).unwrap();
    }
    until("two are finished", SOON, || {
        let rows = scene.dashboard.list("").unwrap().sessions;
        (rows.len() == 2 && rows.iter().all(|row| !row.live)).then_some(())
    });
    // More than one session saw it, so it does not go with one.
    until("an issue is known", SOON, || {
        let known = scene.issues().pop()?;
        (known.only.is_none()).then_some(())
    });
    let session = format!("sites/demo/sessions/{}", finished[0].sid);
    let made = scene
        .asker
        .ask("POST", &format!("{session}/links"), &json!({}));
    assert_eq!(made.status, 201, "{}", made.text());
    let revision = scene.revision();

    refused(&scene.delete(""), 400, "malformed_query");
    refused(&scene.delete("revision=x"), 400, "malformed_query");
    let query = format!("revision={revision}&confirm=x");
    refused(&scene.delete(&query), 400, "malformed_query");
    // Who read an older revision is told of that, before anything is counted or erased.
    let query = format!("revision={}&confirm=2", revision + 1);
    refused(&scene.delete(&query), 409, "site_changed");
    let unconfirmed = scene.delete(&format!("revision={revision}"));
    refused(&unconfirmed, 409, "site_has_sessions");
    assert!(unconfirmed.text().contains("2 sessions"));
    let query = format!("revision={revision}&confirm=1");
    refused(&scene.delete(&query), 409, "count_changed");
    assert_eq!(scene.dashboard.list("").unwrap().sessions.len(), 2);
    assert!(scene.worker.storage_contains(b"canary-gone").unwrap());

    let answer = scene.delete(&format!("revision={revision}&confirm=2"));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let receipt: Receipt = answer.json().unwrap();
    assert_eq!((receipt.kind, receipt.matched), (Kind::Site, 2));
    // Nothing more is taken or shown.
    let late = upload(url, Visit::new().batch(1, 0, 3)).unwrap();
    refused_upload(&late, 404, "not_found");
    refused(&scene.get("sites/demo/sessions"), 404, "not_found");

    let receipt = scene.done(&receipt);
    assert_eq!(receipt.erased, 2);
    until("nothing is left", SOON, || {
        let left = scene.worker.storage_contains(b"canary-gone").unwrap();
        (!left).then_some(())
    });
    let receipts: Receipts = scene.get("sites/demo/erasures").json().unwrap();
    assert_eq!(receipts.erasures, [receipt]);
    let log: Log = scene.get("sites/demo/audit").json().unwrap();
    for action in [Action::Erase, Action::SiteDeleted] {
        assert!(log.entries.iter().any(|entry| entry.action == action));
    }
    // A site that never was has neither.
    refused(&scene.get("sites/nobody/erasures"), 404, "not_found");
    refused(&scene.get("sites/nobody/audit"), 404, "not_found");

    // Nothing comes back with the key.
    scene.asker.create("demo");
    assert_eq!(scene.issues(), []);
    let links: LinkList = scene.get("sites/demo/links").json().unwrap();
    assert_eq!(links.links, []);
}

/// What has just begun is in no list yet, and so in no count.
#[test]
fn a_session_that_has_just_begun_goes_with_the_others() {
    let mut options = Options::default();
    options.vars.push(("ANNOUNCE_SECONDS", "2".to_owned()));
    let scene = Scene::new(options);
    let visit = Visit::new();
    accept(&scene.worker.url, canary(&visit)).unwrap();
    let answer = scene.delete(&format!("revision={}", scene.revision()));
    assert_eq!(answer.status, 202, "{}", answer.text());
    let receipt: Receipt = answer.json().unwrap();
    assert_eq!((receipt.kind, receipt.matched), (Kind::Site, 0));
    assert_eq!(scene.done(&receipt).erased, 1);
    until("nothing is left", SOON, || {
        let left = scene.worker.storage_contains(b"canary-gone").unwrap();
        (!left).then_some(())
    });

    // A site that is made anew under the same key knows the erased session, and takes others.
    scene.asker.create("demo");
    let late = post(&scene.worker.url, "demo", &[], visit.batch(2, 0, 1)).unwrap();
    refused_upload(&late, 403, "session_erased");
    accept(&scene.worker.url, Visit::new().batch(1, 0, 1)).unwrap();
}

#[track_caller]
fn refused_upload(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code));
}
