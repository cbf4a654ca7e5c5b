//! Who may ask what of the API, and what it says.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::{CSRF_HEADER, Session};
use sentiero_core::chunk::Chunk;
use std::sync::OnceLock;
use std::time::Duration;
use system_tests::client::{Dashboard, accept, login, request};
use system_tests::upload::{Visit, tab_id};
use system_tests::wait::{until, within_a_minute};
use system_tests::worker::{Options, PASSWORD, Worker};

const FOREIGN: &str = "https://ops.example";

fn url() -> &'static str {
    static WORKER: OnceLock<Worker> = OnceLock::new();
    let start = || {
        let mut options = Options::default();
        options.vars.push((
            "DASHBOARD_ORIGINS",
            format!("https://other.example {FOREIGN}"),
        ));
        Worker::start(options).unwrap()
    };
    &WORKER.get_or_init(start).url
}

#[test]
fn nothing_without_signing_in() {
    for path in [
        "me",
        "audit",
        "sites/demo/audit",
        "sites/demo/sessions",
        "sites/demo/counters",
        "sites/demo/sessions/x",
        "sites/demo/sessions/x/events",
        "anything",
    ] {
        for headers in [
            vec![],
            vec![("cookie", "sentiero=1.2.3")],
            vec![("authorization", "Bearer 1.2.3")],
        ] {
            let answer = request(
                "GET",
                &format!("{}/api/{path}", url()),
                &headers,
                Vec::new(),
            )
            .unwrap();
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "sign_in_first"),
                "{path}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        }
    }
}

#[test]
fn an_unconfigured_dashboard_is_closed() {
    let worker = Worker::start(Options {
        secrets: false,
        ..Options::default()
    })
    .unwrap();
    let asked = request("GET", &format!("{}/api/me", worker.url), &[], Vec::new()).unwrap();
    let tried = login(&worker.url, "", &[]).unwrap();
    for answer in [asked, tried] {
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (503, "not_configured")
        );
        assert!(
            answer
                .text()
                .contains("wrangler secret put DASHBOARD_PASSWORD"),
            "says what to do"
        );
    }
}

#[test]
fn signs_in_with_the_password_only() {
    let wrong = login(url(), "wrong", &[("cf-connecting-ip", "198.51.100.1")]).unwrap();
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (401, "wrong_password")
    );
    assert_eq!(wrong.header("set-cookie"), None);
    let broken = request(
        "POST",
        &format!("{}/api/login", url()),
        &[("cf-connecting-ip", "198.51.100.1")],
        b"{".to_vec(),
    )
    .unwrap();
    assert_eq!(
        (broken.status, broken.code().as_str()),
        (400, "malformed_login")
    );

    let right = login(url(), PASSWORD, &[("cf-connecting-ip", "198.51.100.1")]).unwrap();
    let cookie = right.header("set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let session: Session = right.json().unwrap();
    assert_eq!(session.token, None, "a cookie needs no second way in");
    assert_eq!(session.sites[0].key.as_str(), "demo");
}

#[test]
fn guessing_is_slowed_down() {
    let guess = |address: &str| login(url(), "guess", &[("cf-connecting-ip", address)]).unwrap();
    let mut block = 0;
    let (tries, refused) = within_a_minute(|| {
        block += 1;
        let tries = (0..9).take_while(|n| guess(&format!("192.0.{block}.{n}")).status == 401);
        (tries.count(), guess(&format!("192.0.{block}.200")))
    })
    .unwrap();
    assert_eq!(tries, 6, "a whole block counts as one");
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "locked_out")
    );
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=30).contains(&wait) && refused.text().contains(&format!("{wait} seconds")));
    let flood = || {
        let address = format!("192.0.{block}.201");
        (0..20)
            .map(|_| guess(&address))
            .find(|answer| answer.code() == "too_many_requests")
    };
    let flood = within_a_minute(flood).unwrap().unwrap();
    assert_eq!(flood.header("retry-after"), Some("60"));
    assert_eq!(guess("198.51.100.77").status, 401, "others are not held up");
}

#[test]
fn signing_out_needs_the_sessions_word() {
    let dashboard = Dashboard::sign_in(url()).unwrap();
    let logout = |csrf: &str| {
        let headers = [("cookie", dashboard.cookie.as_str()), (CSRF_HEADER, csrf)];
        request(
            "POST",
            &format!("{}/api/logout", url()),
            &headers,
            Vec::new(),
        )
        .unwrap()
    };
    assert_eq!(logout("").status, 403);
    let other = Dashboard::sign_in(url()).unwrap().session.csrf;
    assert_eq!(logout(&other).status, 403, "another session's word");
    let out = logout(&dashboard.session.csrf);
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[test]
fn foreign_pages_are_let_in_by_list_and_token_only() {
    let evil = login(url(), PASSWORD, &[("origin", "https://evil.example")]).unwrap();
    assert_eq!(
        (evil.status, evil.header("access-control-allow-origin")),
        (403, None)
    );

    let preflight = request(
        "OPTIONS",
        &format!("{}/api/login", url()),
        &[("origin", FOREIGN)],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-origin")
        ),
        (204, Some(FOREIGN))
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), None);

    let answer = login(url(), PASSWORD, &[("origin", FOREIGN)]).unwrap();
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    let token = answer.json::<Session>().unwrap().token.unwrap();
    let bearer = format!("Bearer {token}");
    let me = request(
        "GET",
        &format!("{}/api/me", url()),
        &[("origin", FOREIGN), ("authorization", &bearer)],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(
        (me.status, me.header("access-control-allow-origin")),
        (200, Some(FOREIGN))
    );
}

#[test]
fn lists_newest_first_in_pages() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    assert!(dashboard.list("").unwrap().sessions.is_empty());
    let now = system_tests::upload::now();
    // Some of them in the month before.
    let mut visits: Vec<Visit> = (0..7)
        .map(|n| Visit::started(now - n * 86_000_000))
        .collect();
    for visit in &visits {
        accept(&worker.url, visit.batch(1, 0, 1)).unwrap();
    }
    visits.sort_by(|a, b| b.sid.cmp(&a.sid));
    let newest_first: Vec<_> = visits.iter().map(|visit| visit.sid.clone()).collect();
    until("all are listed", Duration::from_secs(20), || {
        (dashboard.list("").unwrap().sessions.len() == 7).then_some(())
    });

    let mut paged = Vec::new();
    let mut query = "?limit=3".to_owned();
    loop {
        let page = dashboard.list(&query).unwrap();
        assert!(page.sessions.len() <= 3);
        paged.extend(page.sessions.into_iter().map(|row| row.sid));
        let Some(next) = page.next else { break };
        query = format!("?limit=3&cursor={next}");
    }
    assert_eq!(paged, newest_first);
    for (query, status) in [
        ("?limit=1", 200),
        ("?limit=200", 200),
        ("?limit=0", 400),
        ("?limit=201", 400),
        ("?limit=x", 400),
        ("?cursor=x", 400),
    ] {
        assert_eq!(
            dashboard.get(&format!("sessions{query}")).unwrap().status,
            status,
            "{query}"
        );
    }
}

#[test]
fn gives_events_by_range_and_tab() {
    let dashboard = Dashboard::sign_in(url()).unwrap();
    let visit = Visit::new();
    for part in 0..5 {
        accept(url(), visit.batch(1, part * 10, 10)).unwrap();
    }
    accept(url(), visit.batch(2, 0, 10)).unwrap();
    let start = visit.sid.start();
    let indexes = |query: &str| -> Vec<u32> {
        dashboard
            .events(&visit, query)
            .unwrap()
            .into_iter()
            .map(|(_, index, _)| index)
            .collect()
    };
    let tab = tab_id(1);
    assert_eq!(indexes(""), (0..50).chain(0..10).collect::<Vec<_>>());
    assert_eq!(
        indexes(&format!(
            "?tab={tab}&from={}&to={}",
            start + 15_000,
            start + 25_000
        )),
        (10..30).collect::<Vec<_>>()
    );
    assert_eq!(
        indexes(&format!("?from={}", start + 49_001)),
        Vec::<u32>::new()
    );

    let answer = dashboard
        .get(&format!(
            "sessions/{}/events?format=chunk&tab={tab}&to={}",
            visit.sid,
            start + 5_000
        ))
        .unwrap();
    let chunk = Chunk::parse(&answer.body).unwrap();
    let batches: Vec<_> = chunk
        .batches
        .iter()
        .map(|batch| (batch.meta.first, batch.meta.n))
        .collect();
    assert_eq!(batches, [(0, 10)]);
    for query in ["?tab=x", "?from=x", "?to=-1", "?format=xml"] {
        let answer = dashboard
            .get(&format!("sessions/{}/events{query}", visit.sid))
            .unwrap();
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "malformed_query"),
            "{query}"
        );
    }
}

#[test]
fn unknown_things_are_404() {
    let dashboard = Dashboard::sign_in(url()).unwrap();
    for path in [
        format!("sessions/{}", Visit::new().sid),
        "sessions/x".to_owned(),
        "sessions/x/events".to_owned(),
        "nothing".to_owned(),
    ] {
        assert_eq!(dashboard.get(&path).unwrap().status, 404, "{path}");
    }
    let other = request(
        "GET",
        &format!("{}/api/sites/other/sessions", url()),
        &[("cookie", &dashboard.cookie)],
        Vec::new(),
    )
    .unwrap();
    assert_eq!(other.status, 404);
}
