//! What reports said of a month's sheets is kept, really asked for, and never outlives what it
//! was made of. Looked at in the month's own storage, because a counter or a clock could not
//! tell an answer that was kept from one that was quick.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::analytics::report::Answer;
use sentiero_core::analytics::session::{Session, Topic, Visit};
use serde_json::Value;
use std::time::Duration;
use system_tests::client::{Dashboard, erase};
use system_tests::filling::Filled;
use system_tests::made_up::sessions;
use system_tests::wait::until;

const SOON: Duration = Duration::from_secs(30);

/// Three sheets, and rows behind them that are in none.
const ROWS: u64 = 5_000;

/// Far more than there are, so that an answer which has it can only be one that was changed.
const MANY: u64 = 1_000_000;

/// What a month keeps, the last used first.
const KEPT: &str = "SELECT hex(asked) AS asked, CAST(report AS TEXT) AS report FROM kept \
                    ORDER BY used DESC";

fn kept(filled: &Filled) -> Vec<Value> {
    filled.sql(KEPT).unwrap()
}

/// `top` of each kept overview, the last used first.
fn tops(filled: &Filled) -> Vec<u64> {
    let of = |row: &Value| {
        let report: Value = serde_json::from_str(row["report"].as_str().unwrap()).unwrap();
        report["overview"]["top"].as_u64().unwrap()
    };
    kept(filled).iter().map(of).collect()
}

fn ask(dashboard: &Dashboard, path: &str) -> Answer {
    let answer = dashboard.get(&format!("reports/{path}")).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json().unwrap()
}

/// How many sessions an overview counts.
fn overview(dashboard: &Dashboard, query: &str) -> u64 {
    match ask(dashboard, &format!("overview?{query}")) {
        Answer::Overview(answer) => answer.counts.sessions,
        other => panic!("{other:?}"),
    }
}

/// Makes everything that is kept say that there were [`MANY`] more sessions.
fn exaggerate(filled: &Filled) {
    let before = r#""sessions":{"sessions":"#;
    for row in kept(filled) {
        let report = row["report"].as_str().unwrap();
        let at = report.find(before).unwrap() + before.len();
        let digits = report[at..].find(',').unwrap();
        let count: u64 = report[at..at + digits].parse().unwrap();
        let more = count + MANY;
        let changed = format!("{}{more}{}", &report[..at], &report[at + digits..]);
        let (asked, changed) = (row["asked"].as_str().unwrap(), changed.replace('\'', "''"));
        let query = format!(
            "UPDATE kept SET report = CAST('{changed}' AS BLOB) WHERE hex(asked) = '{asked}'"
        );
        filled.sql(&query).unwrap();
    }
}

#[test]
fn a_second_question_is_answered_from_it_until_a_sheet_changes() {
    let filled = Filled::telling(ROWS, &sessions(64)).unwrap();
    let dashboard = &filled.dashboard;
    let one_user = "user=kunde-42";
    assert_eq!(overview(dashboard, ""), ROWS);
    let of_one = overview(dashboard, one_user);
    assert_eq!(kept(&filled).len(), 2);
    let whom = kept(&filled)
        .iter()
        .any(|row| row.to_string().contains("kunde"));
    assert!(!whom, "who was asked for is not told");

    exaggerate(&filled);
    assert_eq!(overview(dashboard, ""), ROWS + MANY, "the kept one is read");
    assert_eq!(overview(dashboard, one_user), of_one + MANY);
    // Another question is none of them, and reads the sheets.
    assert_eq!(overview(dashboard, "every=week"), ROWS);
    assert_eq!(overview(dashboard, "not=device%3Dtv"), ROWS);

    // One of a sheet is erased: nothing that was kept is believed any more.
    erase(&filled.worker.url, &filled.sid(100).unwrap()).unwrap();
    until("its row is gone", SOON, || {
        let rows = filled.sql("SELECT count(*) AS n FROM session").unwrap();
        (rows[0]["n"] == ROWS - 1).then_some(())
    });
    assert_eq!(kept(&filled), [] as [Value; 0]);
    assert_eq!(overview(dashboard, ""), ROWS - 1);
    exaggerate(&filled);
    assert_eq!(overview(dashboard, ""), ROWS - 1 + MANY);

    // One that lies in no sheet yet changes nothing of them, and is counted all the same.
    erase(&filled.worker.url, &filled.sid(ROWS - 1).unwrap()).unwrap();
    until("its row is gone, too", SOON, || {
        (overview(dashboard, "") == ROWS - 2 + MANY).then_some(())
    });
    // When a sheet is written to, it goes in the same step, whoever writes.
    filled
        .sql("UPDATE session SET live = 0 WHERE sid = (SELECT min(sid) FROM session)")
        .unwrap();
    assert_eq!(kept(&filled), [] as [Value; 0]);
    assert_eq!(overview(dashboard, ""), ROWS - 2);
}

#[test]
fn so_many_are_kept_the_last_used() {
    let filled = Filled::with(ROWS).unwrap();
    let dashboard = &filled.dashboard;
    let ask = |top: u64| assert_eq!(overview(dashboard, &format!("top={top}")), ROWS);
    (1..=32).for_each(ask);
    let newest_first: Vec<u64> = (1..=32).rev().collect();
    assert_eq!(tops(&filled), newest_first);
    // The first is used again, so the second is the one that gives way.
    ask(1);
    ask(33);
    let expected: Vec<u64> = [33, 1].into_iter().chain((3..=32).rev()).collect();
    assert_eq!(tops(&filled), expected);
    // One that gave way is made again, and found then.
    ask(2);
    exaggerate(&filled);
    assert_eq!(overview(dashboard, "top=2"), ROWS + MANY);
    assert_eq!(tops(&filled).len(), 32);
    assert!(!tops(&filled).contains(&3));

    // A bound that comes from a clock is not asked for again, and takes nobody's place.
    let start = filled.sid(ROWS / 2).unwrap().start();
    let minute = start - start % 60_000;
    for (from, is_kept) in [(minute + 1, false), (minute, true)] {
        let before = kept(&filled);
        overview(dashboard, &format!("from={from}"));
        assert_eq!(kept(&filled) != before, is_kept, "{from}");
    }
}

/// Sessions that together saw so many pages that a report about all of them is over 1 MB.
fn wide() -> Vec<Session> {
    let session = |number: u32| {
        let mut session = Session::default();
        for place in 0..8 {
            let path = format!("{number}-{place}-{}", "x".repeat(120));
            let url = format!("https://shop.example/artikel/{path}");
            let url = session.names_mut(Topic::Pages).name(&url);
            session.visits.push(Visit {
                url,
                at: place * 1_000,
                length: 1_000,
                viewport: (390, 844),
                deepest: 844,
                ..Visit::default()
            });
        }
        session
    };
    (0..2_048).map(session).collect()
}

#[test]
fn what_is_too_large_is_not_kept_and_said_all_the_same() {
    let filled = Filled::telling(ROWS, &wide()).unwrap();
    let dashboard = &filled.dashboard;
    for _ in 0..2 {
        let Answer::Pages(pages) = ask(dashboard, "pages?top=1") else {
            panic!("another answer")
        };
        // Of the first row nothing is known.
        assert_eq!(pages.views, 8 * (ROWS - 1));
        assert!(pages.others.unwrap().rows > 10_000);
        assert_eq!(kept(&filled), [] as [Value; 0]);
    }
    ask(dashboard, "engagement");
    assert_eq!(kept(&filled).len(), 1, "what is small is kept beside it");
    let largest = filled
        .sql("SELECT max(length(report)) AS bytes FROM kept")
        .unwrap();
    assert!(largest[0]["bytes"].as_u64().unwrap() <= 1 << 20);
}
