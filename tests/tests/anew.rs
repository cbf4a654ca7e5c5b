//! What another version of the worker wrote for reports is made anew in the background, and
//! reports say meanwhile of how many sessions that is so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::analytics::pack::VERSION;
use sentiero_core::analytics::report::Answer;
use sentiero_core::api::PENDING_HEADER;
use sentiero_core::id::Month;
use std::time::Duration;
use system_tests::client::{Dashboard, accept};
use system_tests::filling::sql;
use system_tests::upload::{Visit, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);

/// More than one alarm makes anew.
const SESSIONS: u64 = 40;

/// Views that a report about pages counts, and how many sessions are pending.
fn pages(dashboard: &Dashboard, query: &str) -> (u64, u64) {
    let answer = dashboard.get(&format!("reports/pages{query}")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    let pending = answer.header(PENDING_HEADER);
    let pending = pending.map_or(0, |count| count.parse().unwrap());
    match answer.json().unwrap() {
        Answer::Pages(pages) => (pages.views, pending),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_another_version_wrote_is_pending_and_then_made_anew() {
    let options = Options {
        filled: true,
        ..Options::finishing_after(0.3)
    };
    let worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let start = now() - 60_000;
    let visits: Vec<Visit> = (0..SESSIONS).map(|n| Visit::started(start + n)).collect();
    for visit in &visits {
        accept(&worker.url, visit.last_batch(1, 0, 3)).unwrap();
    }
    until("all are finished", SOON, || {
        let rows = dashboard.list("?limit=200").unwrap().sessions;
        (rows.len() == visits.len() && rows.iter().all(|row| !row.live)).then_some(())
    });
    assert_eq!(pages(&dashboard, ""), (SESSIONS, 0));

    // As an earlier version left them: the plan knows nothing of versions. Its alarm is hours
    // away.
    let month = Month::of(start);
    let packed = "SELECT hex(packed) AS packed FROM session ORDER BY sid";
    let before = sql(&worker, month, packed).unwrap();
    let change = "UPDATE session SET packed = CAST(x'00' || substr(packed, 2) AS BLOB); \
                  UPDATE plan SET v = json_remove(v, '$.digested')";
    sql(&worker, month, change).unwrap();
    assert_ne!(sql(&worker, month, packed).unwrap(), before);

    // The first report says so, of its own time, and has it begun.
    let half = start + SESSIONS / 2;
    assert_eq!(
        pages(&dashboard, &format!("?before={half}")),
        (0, SESSIONS / 2)
    );
    until("all is made anew", SOON, || {
        let (views, pending) = pages(&dashboard, "");
        assert!(views + pending == SESSIONS, "{views} {pending}");
        (pending == 0).then_some(())
    });
    assert_eq!(pages(&dashboard, ""), (SESSIONS, 0));
    assert_eq!(sql(&worker, month, packed).unwrap(), before);
    let plan = "SELECT json_extract(v, '$.digested') AS version, \
                json_extract(v, '$.anew') AS anew FROM plan";
    until("it is done with", SOON, || {
        let plan = sql(&worker, month, plan).unwrap();
        let is_done = plan[0]["version"] == u64::from(VERSION) && plan[0]["anew"].is_null();
        is_done.then_some(())
    });
}
