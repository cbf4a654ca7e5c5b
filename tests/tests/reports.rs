//! Reports over sessions that were really sent: from events to numbers, through the worker.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::analytics::report::{Answer, Example, Question};
use sentiero_core::api::Facets;
use sentiero_core::id::SessionId;
use sentiero_core::wire::{Header, Meta};
use std::time::Duration;
use system_tests::client::{Dashboard, accept, erase, post};
use system_tests::filling::{Filled, REPORTS};
use system_tests::made_up::sessions;
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_secs(30);

fn page(at: u64, path: &str) -> String {
    format!(
        r#"{{"type":4,"data":{{"href":"https://shop.example/{path}","width":1000,"height":800}},"timestamp":{at}}}"#
    )
}

fn incremental(at: u64, data: &str) -> String {
    format!(r#"{{"type":3,"data":{{{data}}},"timestamp":{at}}}"#)
}

fn click(at: u64) -> String {
    incremental(at, r#""source":2,"type":2,"id":9,"x":500,"y":40"#)
}

fn custom(at: u64, tag: &str, payload: &str) -> String {
    format!(r#"{{"type":5,"data":{{"tag":"{tag}","payload":{payload}}},"timestamp":{at}}}"#)
}

fn upload(worker: &Worker, visit: &Visit, first: u32, events: &[String]) {
    let header = Header {
        meta: Some(Meta {
            url: "https://shop.example/".to_owned(),
            referrer: "https://suche.example/?q=x".to_owned(),
            width: 1000,
            height: 800,
        }),
        ..visit.header(1, first, u32::try_from(events.len()).unwrap())
    };
    accept(&worker.url, body(&header, events)).unwrap();
}

/// Looks at the shop, reads down, rages at the checkout. Sent in two pieces, cut between a
/// scroll and the clicks that it moves.
fn angry(worker: &Worker, visit: &Visit) {
    let at = visit.sid.start();
    let events = [
        page(at, "orders/1"),
        page(at + 2_000, "checkout"),
        incremental(at + 3_000, r#""source":3,"id":1,"x":0,"y":600"#),
    ];
    upload(worker, visit, 0, &events);
    let mut events: Vec<String> = [5_000, 5_200, 5_400].map(|after| click(at + after)).into();
    events.push(custom(
        at + 5_000,
        "__click",
        r#"{"selector":"button#pay","id":9,"x":0.5,"y":0.25}"#,
    ));
    events.push(custom(
        at + 7_000,
        "__perf",
        r#"{"metric":"LCP","value":2600,"rating":"needs-improvement"}"#,
    ));
    events.push(custom(
        at + 8_000,
        "error",
        r#"{"message":"pay 17 failed"}"#,
    ));
    upload(worker, visit, 3, &events);
}

/// Comes, pays, and is told so.
fn buyer(worker: &Worker, visit: &Visit) {
    let at = visit.sid.start();
    let events = [
        page(at, "orders/2"),
        page(at + 1_000, "checkout"),
        custom(at + 4_000, "bought", r#"{"total":12.5}"#),
    ];
    upload(worker, visit, 0, &events);
}

fn ask(dashboard: &Dashboard, path: &str) -> Answer {
    let answer = dashboard.get(&format!("reports/{path}")).unwrap();
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json().unwrap()
}

macro_rules! answer {
    ($dashboard:expr, $path:expr, $kind:ident) => {
        match ask($dashboard, $path) {
            Answer::$kind(answer) => answer,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn they_say_what_was_sent() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let start = now() - 60_000;
    let [one, two] = [0, 1_000].map(|after| Visit::started(start + after));
    angry(&worker, &one);
    buyer(&worker, &two);
    until("both are counted", SOON, || {
        let pages = answer!(&dashboard, "pages", Pages);
        // Each of a visit's batches is announced; the last of them tell the rage and the purchase.
        let angry = answer!(&dashboard, "pages?rage=true", Pages);
        let bought = answer!(&dashboard, "pages?event=bought", Pages);
        let all = (pages.sessions, pages.views, angry.sessions, bought.sessions);
        (all == (2, 4, 1, 1)).then_some(())
    });

    let pages = answer!(&dashboard, "pages", Pages);
    let counted: Vec<_> = pages
        .rows
        .iter()
        .map(|row| (row.page.as_str(), row.views, row.entries, row.exits))
        .collect();
    assert_eq!(
        counted,
        [
            ("shop.example/checkout", 2, 0, 2),
            ("shop.example/orders/:id", 2, 2, 0)
        ]
    );
    let either = "pages?any=rage%3Dtrue&any=event%3Dbought";
    assert_eq!(answer!(&dashboard, either, Pages).sessions, 2);
    let other = "pages?not=rage%3Dtrue";
    assert_eq!(answer!(&dashboard, other, Pages).sessions, 1);
    assert_eq!(answer!(&dashboard, "pages?country=AQ", Pages).sessions, 0);

    let anger = answer!(&dashboard, "frustration", Frustration);
    assert_eq!((anger.sessions, anger.affected), (2, 1));
    assert_eq!(anger.rows[0].page, "shop.example/checkout");
    assert_eq!(anger.rows[0].targets[0].target, "button#pay");
    let example: Example = anger.rows[0].behind.examples[0];
    assert_eq!(example.at, 5_000);
    let named = dashboard
        .get(&format!(
            "sessions/named?started={}&rank={}",
            example.started, example.rank
        ))
        .unwrap();
    assert_eq!(named.json::<SessionId>().unwrap(), one.sid);

    let scroll = answer!(&dashboard, "scroll", Scroll);
    let checkout = scroll
        .rows
        .iter()
        .find(|row| row.page.ends_with("checkout"))
        .unwrap();
    assert_eq!(
        (checkout.sessions, checkout.height, checkout.fold),
        (2, 1_400, 800)
    );

    let funnel = answer!(
        &dashboard,
        "funnel?step=page:/orders/:id&step=page:/checkout&step=event:bought",
        Funnel
    );
    let reached: Vec<u64> = funnel.rows.iter().map(|row| row.sessions).collect();
    assert_eq!(reached, [2, 2, 1]);

    let heatmap = answer!(&dashboard, "heatmap?page=/checkout&on=unknown", Heatmap);
    assert_eq!(
        (
            heatmap.total,
            heatmap.anchored,
            heatmap.width,
            heatmap.height
        ),
        (3, 1, 1_000, 1_400)
    );
    let page = answer!(&dashboard, "page?page=/checkout", Page);
    assert_eq!((page.page.sessions, page.clicks), (2, 3));
    let overview = answer!(&dashboard, "overview", Overview);
    assert_eq!(
        (overview.counts.sessions, overview.error_free),
        (2, Some(500))
    );

    for name in Question::NAMES {
        let needs = match name {
            "page" => "?page=/checkout",
            "heatmap" => "?page=/checkout&kind=move",
            "funnel" => "?step=error&step=click:button%23pay&within=60",
            "conversions" => "?goal=event:bought",
            "paths" => "?page=/checkout&depth=3",
            "issue" => "?issue=00000000000000a1",
            _ => "",
        };
        ask(&dashboard, &format!("{name}{needs}"));
    }

    // An erased session leaves every number at once.
    erase(&worker.url, &one.sid).unwrap();
    until("one is left", SOON, || {
        (answer!(&dashboard, "overview", Overview).counts.sessions == 1).then_some(())
    });
    assert_eq!(answer!(&dashboard, "frustration", Frustration).affected, 0);
}

/// Rules of a site hold for what was recorded before.
#[test]
fn a_sites_rules_say_which_addresses_are_one_page() {
    let rules = |rules: &str| format!(r#"{{"name":"x","origins":["self"],"routes":{rules}}}"#);
    let mut options = Options::default();
    options
        .sites
        .push(("ruled".into(), rules(r#"["/blog/*"]"#)));
    let mut worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("ruled");
    let visit = Visit::started(now() - 60_000);
    let at = visit.sid.start();
    let paths = ["blog/summer", "blog/17", "blog/17/print", "u/ann"];
    let events: Vec<String> = (0..)
        .zip(paths)
        .map(|(n, path)| page(at + n * 1_000, path))
        .collect();
    let header = visit.header(1, 0, u32::try_from(events.len()).unwrap());
    let sent = post(&worker.url, "ruled", &[], body(&header, &events)).unwrap();
    assert_eq!(sent.status, 200, "{}", sent.text());
    let pages = |expected: &[(&str, u64)]| {
        until(&format!("{expected:?}"), SOON, || {
            let pages = answer!(&dashboard, "pages", Pages).rows;
            let pages: Vec<_> = pages
                .iter()
                .map(|row| (row.page.as_str(), row.views))
                .collect();
            (pages == expected).then_some(())
        });
    };
    pages(&[
        ("shop.example/blog/*", 2),
        ("shop.example/blog/:id/print", 1),
        ("shop.example/u/ann", 1),
    ]);
    let one = answer!(&dashboard, "page?page=shop.example/blog/*", Page);
    assert_eq!(one.page.views, 2);

    let other = rules(r#"["/blog/**","/u/:name"]"#);
    worker.configure("ruled", &other).unwrap();
    pages(&[("shop.example/blog/**", 3), ("shop.example/u/:name", 1)]);
    worker.configure("ruled", &rules("[]")).unwrap();
    pages(&[
        ("shop.example/blog/:id", 1),
        ("shop.example/blog/:id/print", 1),
        ("shop.example/blog/summer", 1),
        ("shop.example/u/ann", 1),
    ]);
}

#[test]
fn a_wrong_question_says_what_is_wrong() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    for (path, status, word) in [
        ("reports/pages?top=0", 400, "`top`"),
        ("reports/pages?colour=red", 400, "`colour`"),
        ("reports/nothing", 400, "`report`"),
        ("reports/heatmap", 400, "`page`"),
        ("reports/page", 400, "`page`"),
        ("sessions/named?started=1", 400, "`rank`"),
        ("sessions/named?started=1&rank=0", 404, "session"),
    ] {
        let answer = dashboard.get(path).unwrap();
        let problem: serde_json::Value = answer.json().unwrap();
        let message = problem["message"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, status, "{path}: {message}");
        assert!(message.contains(word), "{path}: {message}");
    }
}

/// A month of several sheets, whose parts are made, read again, and made anew of those that
/// an erasure touched.
#[test]
fn a_large_month_is_counted_to_the_last_session() {
    const ROWS: u64 = 5_000;
    let told = sessions(64);
    let filled = Filled::telling(ROWS, &told).unwrap();
    let dashboard = &filled.dashboard;
    // As the rows take turns with them; of the first nothing is known.
    let turn = |i: u64| (i * 1_103_515_245 + 12_345) % 2_147_483_647 % 64;
    let views: usize = (1..ROWS)
        .map(|i| told[usize::try_from(turn(i)).unwrap()].visits.len())
        .sum();
    for _ in 0..2 {
        let pages = answer!(dashboard, "pages?top=3", Pages);
        assert_eq!(pages.sessions, ROWS - 1);
        assert_eq!(pages.views, u64::try_from(views).unwrap());
        let rows: u64 = pages.rows.iter().map(|row| row.views).sum();
        assert_eq!(rows + pages.others.unwrap().views, pages.views);
    }
    for (name, question) in REPORTS {
        ask(dashboard, &format!("{name}?{question}"));
    }
    let overview = answer!(dashboard, "overview?device=mobile", Overview);
    let listed = dashboard.get("sessions/facets?device=mobile").unwrap();
    let listed: Facets = listed.json().unwrap();
    assert_eq!(overview.counts.sessions, listed.total);
}
