//! The session list: narrowed and sorted by the worker, with what its rows tell.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::{Facets, SessionRow};
use sentiero_core::erasure::Found;
use sentiero_core::filter::Filter;
use sentiero_core::listing::Search;
use sentiero_core::wire::{Header, Meta};
use std::time::Duration;
use system_tests::client::{Answer, Dashboard, accept, erase};
use system_tests::filling::Filled;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

fn page(at: u64, path: &str) -> String {
    format!(
        r#"{{"type":4,"data":{{"href":"https://shop.example/{path}","width":1,"height":1}},"timestamp":{at}}}"#
    )
}

fn click(at: u64) -> String {
    format!(r#"{{"type":3,"data":{{"source":2,"type":2,"id":9,"x":5,"y":5}},"timestamp":{at}}}"#)
}

fn custom(at: u64, tag: &str, payload: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
}

fn upload(worker: &Worker, visit: &Visit, referrer: &str, events: &[String]) {
    let header = Header {
        meta: Some(Meta {
            url: "https://shop.example/".to_owned(),
            referrer: referrer.to_owned(),
            width: 1,
            height: 1,
        }),
        ..visit.header(1, 0, u32::try_from(events.len()).unwrap())
    };
    accept(&worker.url, body(&header, events)).unwrap();
}

/// One who clicks in rage on an error at the checkout, one who buys, one who only looks.
fn visits(worker: &Worker) -> [Visit; 3] {
    let start = now() - 60_000;
    let [angry, buyer, short] = [0, 1_000, 2_000].map(|after| Visit::started(start + after));
    let at = angry.sid.start();
    let mut events = vec![page(at, ""), page(at + 100, "Kasse")];
    events.extend([5_000, 5_200, 5_400].map(|after| click(at + after)));
    events.push(custom(at + 5_500, "error", r#"{"message":"x"}"#));
    events.push(click(at + 20_000));
    events.push(custom(
        at + 30_000,
        "sentiero:metadata",
        r#"{"plan":"pro"}"#,
    ));
    upload(worker, &angry, "https://suche.example/?q=x", &events);
    let at = buyer.sid.start();
    let events = [
        page(at, "korb"),
        custom(at + 1_000, "sentiero:identify", r#"{"id":"kunde-42"}"#),
        custom(at + 2_000, "bought", r"{}"),
    ];
    upload(worker, &buyer, "", &events);
    upload(worker, &short, "", &[page(short.sid.start(), "")]);
    [angry, buyer, short]
}

fn message(answer: &Answer) -> String {
    let problem: serde_json::Value = answer.json().unwrap();
    problem["message"].as_str().unwrap().to_owned()
}

#[test]
fn it_is_narrowed_and_sorted_and_tells_of_each_visit() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let [angry, buyer, short] = visits(&worker);
    until("all are listed", SOON, || {
        (dashboard.list("").unwrap().sessions.len() == 3).then_some(())
    });
    let sids = |query: &str| -> Vec<String> {
        let rows = dashboard.list(query).unwrap().sessions;
        rows.iter().map(|row| row.sid.to_string()).collect()
    };
    let [a, b, c] = [&angry, &buyer, &short].map(|visit| visit.sid.to_string());
    for (query, expected) in [
        ("", vec![&c, &b, &a]),
        ("?sort=oldest", vec![&a, &b, &c]),
        ("?sort=longest", vec![&a, &b, &c]),
        ("?sort=events&limit=2", vec![&a, &b]),
        ("?rage=true&errors=true&url=kasse", vec![&a]),
        ("?dead=true", vec![&a]),
        ("?meta.plan=pro", vec![&a]),
        ("?referrer=suche", vec![&a]),
        ("?event=bought", vec![&b]),
        ("?user=kunde-42", vec![&b]),
        ("?q=KUNDE", vec![&b]),
        (&format!("?q={}", &b[..30]), vec![&b]),
        ("?max_duration=2000", vec![&c, &b]),
        ("?rage=true&event=bought", vec![]),
    ] {
        assert_eq!(sids(query).iter().collect::<Vec<_>>(), expected, "{query}");
    }

    let row: SessionRow = dashboard.list("?rage=true").unwrap().sessions.remove(0);
    assert_eq!((row.rage, row.dead, row.errors, row.active), (1, 1, 1, 400));
    assert_eq!(
        row.visited,
        ["https://shop.example/", "https://shop.example/Kasse"]
    );
    assert_eq!(row.strip.buckets().len(), 24);
    assert!(
        row.strip
            .buckets()
            .iter()
            .any(|part| part.error && part.rage)
    );

    let first = dashboard.list("?sort=longest&limit=1").unwrap();
    let next = format!("?sort=longest&limit=5&cursor={}", first.next.unwrap());
    assert_eq!(sids(&next), [b, c]);
    assert_eq!(first.total, None);
    assert_eq!(dashboard.list("?url=kasse").unwrap().total, Some(1));

    let facets = |query: &str| -> Facets {
        let answer = dashboard.get(&format!("sessions/facets{query}")).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    };
    let all = facets("");
    assert_eq!((all.total, all.live), (3, 3));
    assert_eq!(
        (all.event[0].value.as_str(), all.event[0].count),
        ("bought", 1)
    );
    assert_eq!(facets("?rage=true").total, 1);

    // What the list shows is what an erasure would take.
    let erase = dashboard.post("erase", r#"{"filter":{"url":"KASSE","rage":true}}"#);
    assert_eq!(
        erase.unwrap().json::<Found>().unwrap(),
        Found { matched: 1 }
    );
}

#[test]
fn what_is_wrong_with_a_query_is_named() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for (path, name) in [
        ("sessions?before=x", "`before`"),
        ("sessions?cursor=x", "`cursor`"),
        ("sessions?sort=size", "`sort`"),
        ("sessions?limit=0", "`limit`"),
        ("sessions?os=%ff", "`os`"),
        ("sessions?page=2", "`page`"),
        ("sessions/facets?sort=newest", "`sort`"),
        ("sessions/facets?live=1", "`live`"),
    ] {
        let answer = dashboard.get(path).unwrap();
        assert_eq!(answer.status, 400, "{path}");
        assert!(message(&answer).starts_with(name), "{}", message(&answer));
    }
}

/// Every session, page by page.
fn everything(dashboard: &Dashboard) -> Vec<SessionRow> {
    let (mut rows, mut next) = (Vec::new(), String::new());
    loop {
        let mut page = dashboard.list(&format!("?limit=200{next}")).unwrap();
        rows.append(&mut page.sessions);
        match page.next {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return rows,
        }
    }
}

/// Every page that is measured is what core says of `rows` sessions.
fn assert_every_page_is_right(filled: &Filled, rows: usize) {
    let all = everything(&filled.dashboard);
    assert_eq!(all.len(), rows);
    for (what, path) in filled.pages().unwrap() {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        if path.starts_with("sessions/facets") {
            let found: Facets = filled.dashboard.get(&path).unwrap().json().unwrap();
            let filter = Filter::parse(query).unwrap();
            assert_eq!(found, Facets::of(all.iter(), &filter), "{what}");
            assert!(found.total > 0 && !found.event.is_empty(), "{what}");
            continue;
        }
        let search = Search::parse(query).unwrap();
        let mut expected: Vec<&SessionRow> = all.iter().filter(|row| search.takes(row)).collect();
        expected.sort_by(|a, b| search.order(a, b));
        expected.truncate(search.limit as usize);
        let found = filled
            .dashboard
            .list(&format!("?{query}"))
            .unwrap()
            .sessions;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{what}");
        let nobody = what == "words that nobody has" || what == "one user";
        assert!(nobody || !found.is_empty(), "{what} finds nothing");
    }
}

/// The short form of `cargo xtask bench list`: what it measures is there, and is right. Also
/// when rows were written, erased, or the object was out of memory since the last question.
#[test]
fn every_page_that_is_measured_is_what_core_says() {
    const ROWS: usize = 4_000;
    let mut filled = Filled::with(ROWS as u64).unwrap();
    assert_every_page_is_right(&filled, ROWS);
    // Again, of the sheets that the first questions left.
    assert_every_page_is_right(&filled, ROWS);

    let visit = Visit::started(now() - 3 * 86_400_000);
    upload(&filled.worker, &visit, "", &[page(visit.sid.start(), "x")]);
    let own = format!("?q={}", visit.sid);
    until("a late visit is listed", SOON, || {
        let listed = filled.dashboard.list(&own).unwrap().sessions.len();
        (listed == 1).then_some(())
    });
    assert_every_page_is_right(&filled, ROWS + 1);

    let all = everything(&filled.dashboard);
    for row in [&all[ROWS], &all[ROWS / 2], &all[1]] {
        let answer = erase(&filled.worker.url, &row.sid).unwrap();
        assert_eq!(answer.status, 204, "{}", answer.text());
    }
    assert_every_page_is_right(&filled, ROWS - 2);

    filled.worker.crash_and_restart().unwrap();
    filled.dashboard = Dashboard::sign_in(&filled.worker.url).unwrap();
    assert_every_page_is_right(&filled, ROWS - 2);
}

/// A month of so many sessions that no question makes all of its sheets: the rows answer the
/// first one, and the alarm makes the sheets by itself.
#[test]
fn nobody_waits_for_the_sheets_of_a_large_month() {
    const ROWS: usize = 24_000;
    let filled = Filled::with(ROWS as u64).unwrap();
    let first = filled.dashboard.list("?errors=true&limit=7").unwrap();
    let found: Vec<u32> = first.sessions.iter().map(|row| row.errors).collect();
    assert!(found.len() == 7 && !found.contains(&0), "{found:?}");
    // Right while they are being made, too.
    assert_every_page_is_right(&filled, ROWS);
    until("the sheets are made", SOON, || {
        filled.has_sheets().unwrap().then_some(())
    });
    assert_every_page_is_right(&filled, ROWS);
}
