//! What the edge keeps of a visitor, what it had to mask, and how a site's floor works.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::{Facet, Facets, Privacy};
use sentiero_core::id::SessionId;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use system_tests::client::{Dashboard, TOLD, accept, erase, post};
use system_tests::upload::{Visit, body, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker, files, root};

const SOON: Duration = Duration::from_secs(30);

fn typed(text: &str) -> String {
    format!(
        r#"{{"type":3,"data":{{"source":5,"text":"{text}","isChecked":false,"id":9}},"timestamp":{}}}"#,
        now()
    )
}

/// A snapshot with a paragraph and a field, as a page without any mask would send it.
fn snapshot(text: &str, value: &str) -> String {
    format!(
        r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[{{"type":2,"tagName":"p","attributes":{{}},"childNodes":[{{"type":3,"textContent":"{text}","id":6}}],"id":5}},{{"type":2,"tagName":"input","attributes":{{"value":"{value}"}},"childNodes":[],"id":7}}],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":{}}}"#,
        now()
    )
}

fn privacy(dashboard: &Dashboard) -> Privacy {
    let answer = dashboard.get("privacy").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().unwrap()
}

#[test]
fn counts_what_pages_should_have_masked() {
    let worker = Worker::start(Options::default()).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let none = privacy(&dashboard);
    assert_eq!((none.sessions, none.values), (0, 0));
    let month = 30 * 86_400_000;
    assert!(
        (now() - month).abs_diff(none.since) < 60_000,
        "the demo keeps 30 days"
    );

    let start = now();
    let clean = Visit::new();
    accept(&worker.url, clean.batch(1, 0, 3)).unwrap();
    // Five days apart: in two months' objects, if a month begins between them.
    let late = Visit::started(start - 5 * 86_400_000);
    let sessions = [(Visit::new(), 1), (late, 2)];
    for (visit, n) in &sessions {
        let events: Vec<String> = (0..*n).map(|_| typed("secret")).collect();
        accept(&worker.url, body(&visit.header(1, 0, *n), &events)).unwrap();
    }
    until("all are counted", SOON, || {
        let found = privacy(&dashboard);
        ((found.sessions, found.values) == (2, 3)).then_some(())
    });
    let rows = dashboard.list("").unwrap().sessions;
    for (visit, n) in &sessions {
        let row = rows.iter().find(|row| row.sid == visit.sid).unwrap();
        assert_eq!(row.masked, u64::from(*n));
    }
    let row = until("it is listed", SOON, || {
        let rows = dashboard.list("").unwrap().sessions;
        rows.into_iter().find(|row| row.sid == clean.sid)
    });
    assert_eq!(row.masked, 0);

    assert_eq!(erase(&worker.url, &sessions[1].0.sid).unwrap().status, 204);
    let left = privacy(&dashboard);
    assert_eq!(
        (left.sessions, left.values),
        (1, 1),
        "erased ones do not count"
    );
    assert_eq!(dashboard.of("other").get("privacy").unwrap().status, 404);
}

/// The table of the first release had no column for it.
#[test]
fn an_index_of_before_is_brought_up_to_date() {
    // The row in the file gets older; the list shows it for ten years.
    let config = r#"{"name":"Old","origins":["self"],"retention_days":3650}"#;
    let mut worker = Worker::start(Options {
        sites: vec![("old".to_owned(), config.to_owned())],
        ..Options::default()
    })
    .unwrap();
    let upload = |url: &str, body| {
        let answer = post(url, "old", &[], body).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    let before = Visit::new();
    upload(&worker.url, before.batch(1, 0, 1));
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("old");
    until("it is listed", SOON, || {
        dashboard.list("").unwrap().sessions.pop()
    });
    worker
        .restart_after(|storage| {
            let old = root().join("tests/fixtures/golden/index-v1.sqlite");
            let object = index_object(storage, &before.sid);
            for suffix in ["-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{suffix}", object.display()));
            }
            fs::copy(old, object)?;
            Ok(())
        })
        .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("old");
    let listed = dashboard.list("").unwrap().sessions;
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].entry.as_str(), listed[0].events, listed[0].masked),
        ("https://shop.example/old", 7, 0)
    );
    let places = (listed[0].region.as_deref(), listed[0].timezone.as_deref());
    assert_eq!(places, (None, None), "nobody had asked");
    assert_eq!(privacy(&dashboard).values, 0);

    let visit = Visit::new();
    let told = [
        ("cf-ipcountry", "DE"),
        (TOLD, r#"{"regionCode":"BE","timezone":"Europe/Berlin"}"#),
    ];
    let secret = body(&visit.header(1, 0, 1), &[typed("secret")]);
    let answer = post(&worker.url, "old", &told, secret).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    until("it is counted", SOON, || {
        (privacy(&dashboard).values == 1).then_some(())
    });
    assert!(dashboard.list("").unwrap().sessions.len() >= 2);
    for query in ["?region=DE-BE", "?timezone=Europe/Berlin&sort=longest"] {
        let found = dashboard.list(query).unwrap().sessions;
        let found: Vec<&SessionId> = found.iter().map(|row| &row.sid).collect();
        assert_eq!(found, [&visit.sid], "{query}");
    }
    let facets: Facets = dashboard.get("sessions/facets").unwrap().json().unwrap();
    let counted = |list: &[Facet]| list.iter().map(|facet| facet.count).collect::<Vec<_>>();
    assert_eq!(
        (counted(&facets.region), counted(&facets.timezone)),
        (vec![1], vec![1])
    );
}

/// The file of the index object that holds a session's row.
fn index_object(storage: &Path, sid: &SessionId) -> PathBuf {
    let sid = sid.as_str().as_bytes();
    let found = files(storage).unwrap().into_iter().find(|path| {
        let bytes = fs::read(path).unwrap();
        path.to_string_lossy().contains("IndexObject")
            && bytes.windows(sid.len()).any(|window| window == sid)
    });
    let found = found.unwrap().display().to_string();
    found.trim_end_matches("-wal").into()
}

#[test]
fn a_page_cannot_lower_the_floor_and_raising_it_holds_within_seconds() {
    let config = |mask: &str| format!(r#"{{"name":"Floor","origins":["self"],"mask":"{mask}"}}"#);
    let mut worker = Worker::start(Options {
        sites: vec![("floor".to_owned(), config("inputs"))],
        ..Options::default()
    })
    .unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("floor");
    let stored = |worker: &Worker, text: &str, value: &str| -> String {
        let visit = Visit::new();
        let upload = body(&visit.header(1, 0, 1), &[snapshot(text, value)]);
        let answer = post(&worker.url, "floor", &[], upload).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        dashboard.events(&visit, "").unwrap()[0].2.clone()
    };
    let first = stored(&worker, "shown-text", "canary-floor-value");
    assert!(first.contains("shown-text"), "{first}");
    assert!(!first.contains("canary-floor-value"), "{first}");

    worker.configure("floor", &config("text")).unwrap();
    let changed = std::time::Instant::now();
    until("the floor is raised", Duration::from_secs(10), || {
        let now = stored(&worker, "raised-text", "canary-floor-value");
        (!now.contains("raised-text")).then_some(())
    });
    assert!(
        changed.elapsed() < Duration::from_secs(8),
        "5 s, and a slow machine"
    );
    for _ in 0..3 {
        let event = stored(&worker, "canary-floor-text", "canary-floor-value");
        assert!(!event.contains("canary-floor"), "{event}");
    }
    assert!(!worker.storage_contains(b"canary-floor").unwrap());
}

/// What identifies a visitor travels with every request; nothing of it is kept.
#[test]
fn no_address_and_no_header_of_a_visitor_is_kept() {
    let worker = Worker::start(Options::finishing_after(0.3)).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.7431.9 Safari/537.36 canary-agent";
    let headers = [
        ("cf-connecting-ip", "198.51.100.217"),
        ("x-forwarded-for", "198.51.100.218, 2001:db8:7431:9:1::219"),
        ("x-real-ip", "198.51.100.220"),
        ("forwarded", "for=198.51.100.221"),
        ("true-client-ip", "198.51.100.222"),
        ("user-agent", agent),
        ("accept-language", "canary-language"),
        ("cookie", "id=canary-cookie"),
        ("referer", "https://shop.example/path?canary-query=1"),
        ("authorization", "Bearer canary-authorization"),
        ("cf-ipcountry", "NL"),
        // What Cloudflare would tell in headers if a site's owner asked it to.
        ("cf-region-code", "canary-region"),
        ("cf-timezone", "canary-timezone"),
        (
            TOLD,
            concat!(
                r#"{"country":"NL","region":"canary-name","regionCode":"NH","city":"canary-city","#,
                r#""postalCode":"canary-postal","latitude":"52.370","longitude":"4.895","#,
                r#""metroCode":"canary-metro","timezone":"Europe/Amsterdam","colo":"canary-colo"}"#
            ),
        ),
    ];
    let visit = Visit::new();
    let sent = post(&worker.url, "demo", &headers, visit.last_batch(1, 0, 4)).unwrap();
    assert_eq!((sent.status, sent.header("set-cookie")), (200, None));
    let refused = post(&worker.url, "demo", &headers, b"x".to_vec()).unwrap();
    assert_eq!((refused.status, refused.header("set-cookie")), (400, None));
    let live = until("it is finished", SOON, || {
        let detail = dashboard.detail(&visit.sid).unwrap();
        detail.filter(|detail| !detail.row.live)
    });
    assert_eq!(
        (live.row.country.as_deref(), live.row.browser.as_deref()),
        (Some("NL"), Some("Chrome")),
        "the headers were read"
    );
    assert_eq!(
        (live.row.region.as_deref(), live.row.timezone.as_deref()),
        (Some("NL-NH"), Some("Europe/Amsterdam"))
    );
    let gone = Visit::new();
    let erased = post(
        &worker.url,
        "demo/erase",
        &headers,
        gone.sid.as_str().into(),
    )
    .unwrap();
    assert_eq!((erased.status, erased.header("set-cookie")), (204, None));

    // The search finds what is kept.
    assert!(
        worker
            .storage_contains(visit.sid.as_str().as_bytes())
            .unwrap()
    );
    assert!(worker.storage_contains(b"https://shop.example/").unwrap());
    for trace in [
        // Whole addresses, and the blocks that the rate limit goes by.
        "198.51.100",
        "2001:db8:7431",
        "canary-",
        "156.0.7431",
        "AppleWebKit",
        "52.370",
        "4.895",
        "X11",
    ] {
        let hits = worker.storage_hits(trace.as_bytes()).unwrap();
        assert!(hits.is_empty(), "{trace} is in {hits:?}");
    }
}
