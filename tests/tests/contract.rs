//! The contract of the stores, on the edge's own: KV, R2 and Durable Objects on workerd.
//!
//! The worker here is a build that only tests have; the one that is deployed knows nothing
//! of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::store::contract::SUITES;
use system_tests::client::request;
use system_tests::worker::{Options, Worker};

/// How the property is broken, if it is.
fn run(worker: &Worker, suite: &str, name: &str) -> Option<String> {
    let url = format!("{}/contract/{suite}/{name}", worker.url);
    let answer = request("POST", &url, &[], Vec::new()).unwrap();
    assert_eq!(answer.status, 200, "{suite}::{name}: {}", answer.text());
    answer.json().unwrap()
}

#[test]
fn every_property_holds_on_the_platform() {
    let worker = Worker::start(Options {
        script: Some("target/xtask/contract/index.js"),
        ..Options::default()
    })
    .unwrap();
    let mut broken = Vec::new();
    for (suite, names) in SUITES {
        for name in *names {
            let how = run(&worker, suite, name);
            println!(
                "{suite}::{name} … {}",
                how.as_deref().map_or("holds", |_| "BROKEN")
            );
            broken.extend(how.map(|how| format!("{suite}::{name}: {how}")));
        }
        assert!(
            run(&worker, suite, "no_such_property").is_some(),
            "a property that is not there does not hold"
        );
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_worker_that_is_deployed_does_not_know_it() {
    let worker = Worker::start(Options::default()).unwrap();
    let (suite, names) = SUITES[0];
    let url = format!("{}/contract/{suite}/{}", worker.url, names[0]);
    for method in ["POST", "GET"] {
        let answer = request(method, &url, &[], Vec::new()).unwrap();
        assert_ne!(answer.text(), "null", "{method}");
        assert!(
            matches!(answer.status, 404 | 405),
            "{method}: {}",
            answer.status
        );
    }
}
