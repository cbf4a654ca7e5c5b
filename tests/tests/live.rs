//! Live sessions are in the list and in reports as far as they have come.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::analytics::report::Answer;
use sentiero_core::api::SessionRow;
use std::time::Duration;
use system_tests::client::{Dashboard, accept, erase};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

/// Sessions are asked once in half a minute.
const SOON: Duration = Duration::from_mins(2);

fn page(at: u64, path: &str) -> String {
    format!(
        r#"{{"type":4,"data":{{"href":"https://shop.example/{path}","width":1000,"height":800}},"timestamp":{at}}}"#
    )
}

fn click(at: u64) -> String {
    format!(r#"{{"type":3,"data":{{"source":2,"type":2,"id":9,"x":500,"y":40}},"timestamp":{at}}}"#)
}

fn upload(worker: &Worker, visit: &Visit, first: u32, events: &[String], end: bool) {
    let mut header = visit.header(1, first, u32::try_from(events.len()).unwrap());
    header.end = end;
    accept(&worker.url, body(&header, events)).unwrap();
}

fn rows(dashboard: &Dashboard) -> Vec<SessionRow> {
    dashboard.list("?limit=200").unwrap().sessions
}

/// Sessions, and of how many pages views there were.
fn pages(dashboard: &Dashboard) -> (u64, u64, u64) {
    let answer = dashboard.get("reports/pages").unwrap();
    match answer.json().unwrap() {
        Answer::Pages(pages) => {
            let views = pages.views;
            (
                pages.sessions,
                views,
                u64::try_from(pages.rows.len()).unwrap(),
            )
        }
        other => panic!("{other:?}"),
    }
}

fn rage(dashboard: &Dashboard) -> u64 {
    let answer = dashboard.get("reports/frustration").unwrap();
    match answer.json().unwrap() {
        Answer::Frustration(anger) => anger.affected,
        other => panic!("{other:?}"),
    }
}

/// A worker at which sessions end soon after they were left, and else not.
fn start() -> Worker {
    let mut options = Options::default();
    options.vars.push(("LEAVE_SECONDS", "0.3".to_owned()));
    Worker::start(options).unwrap()
}

#[test]
fn what_came_after_it_was_announced_is_counted_before_it_ends_and_once() {
    let mut worker = start();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let (visit, other) = (
        Visit::started(now() - 30_000),
        Visit::started(now() - 29_000),
    );
    let at = visit.sid.start();
    upload(&worker, &visit, 0, &[page(at, "")], false);
    upload(&worker, &other, 0, &[page(at + 1_000, "")], false);
    until("both are announced", SOON, || {
        (rows(&dashboard).len() == 2).then_some(())
    });
    assert_eq!((pages(&dashboard), rage(&dashboard)), ((2, 2, 1), 0));

    let mut events = vec![page(at + 2_000, "checkout")];
    events.extend([5_000, 5_200, 5_400].map(|after| click(at + after)));
    upload(&worker, &visit, 1, &events, false);
    // An object that has forgotten when it asked asks at once.
    worker.crash_and_restart().unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let expected = ((2, 3, 2), 1);
    until("reports count it", SOON, || {
        ((pages(&dashboard), rage(&dashboard)) == expected).then_some(())
    });
    let listed = dashboard.list("?rage=true").unwrap().sessions;
    let told: Vec<_> = listed
        .iter()
        .map(|row| (&row.sid, row.live, row.clicks, row.pages))
        .collect();
    assert_eq!(told, [(&visit.sid, true, 3, 2)], "the list, too");

    // It is one session when it has ended, too.
    upload(&worker, &visit, 5, &[click(at + 20_000)], true);
    until("it is finished", SOON, || {
        let row = rows(&dashboard)
            .into_iter()
            .find(|row| row.sid == visit.sid);
        row.filter(|row| !row.live && row.clicks == 4)
    });
    assert_eq!((pages(&dashboard), rage(&dashboard)), expected);

    // And none when it is erased, while the other one goes on.
    let more = [page(at + 21_000, "checkout")];
    upload(&worker, &other, 1, &more, false);
    erase(&worker.url, &visit.sid).unwrap();
    until("the other one is followed", SOON, || {
        (pages(&dashboard) == (1, 2, 2)).then_some(())
    });
    let left: Vec<_> = rows(&dashboard).into_iter().map(|row| row.sid).collect();
    assert_eq!(left, [other.sid]);
}

#[test]
fn all_of_many_are_followed_although_few_are_asked_at_once() {
    const LIVE: u64 = 70;
    let mut worker = start();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let start = now() - 60_000;
    let visits: Vec<Visit> = (0..LIVE).map(|n| Visit::started(start + n)).collect();
    for visit in &visits {
        upload(&worker, visit, 0, &[page(visit.sid.start(), "")], false);
    }
    until("all are announced", SOON, || {
        (rows(&dashboard).len() == visits.len()).then_some(())
    });
    for visit in &visits {
        let at = visit.sid.start() + 1_000;
        upload(&worker, visit, 1, &[page(at, "checkout")], false);
    }
    worker.crash_and_restart().unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    until("all are followed", SOON, || {
        (pages(&dashboard) == (LIVE, 2 * LIVE, 2)).then_some(())
    });
    assert!(
        rows(&dashboard)
            .iter()
            .all(|row| row.live && row.pages == 2)
    );
}
