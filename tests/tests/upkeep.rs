//! What is kept no longer goes, and an index that was lost is made again.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use sentiero_core::api::SessionRow;
use sentiero_core::chunk::ChunkWriter;
use sentiero_core::erasure::{Kind, Receipts};
use sentiero_core::gzip;
use sentiero_core::id::{Millis, SiteKey};
use sentiero_core::ingest::decode;
use sentiero_core::mask::{Masker, Mode};
use sentiero_core::recording::{Record, Visitor};
use sentiero_core::retention::Rebuilds;
use sentiero_core::site::SiteConfig;
use sentiero_core::wire::Limits;
use std::fs;
use std::time::Duration;
use system_tests::client::{Dashboard, erase, post};
use system_tests::upload::{Visit, body, event, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

const SOON: Duration = Duration::from_mins(1);
const DAY: Millis = 86_400_000;

fn rows(dashboard: &Dashboard) -> Vec<SessionRow> {
    dashboard.list("?limit=200").unwrap().sessions
}

fn site(days: u32) -> String {
    format!(r#"{{"name":"Kept","origins":["self"],"retention_days":{days}}}"#)
}

fn keeping(days: u32) -> Worker {
    let mut options = Options::finishing_after(0.3);
    options.sites.push(("kept".to_owned(), site(days)));
    Worker::start(options).unwrap()
}

fn record(worker: &Worker, visit: &Visit, n: u32, canary: &str) {
    let note = format!(
        r#"{{"type":5,"data":{{"tag":"note","payload":"{canary}"}},"timestamp":{}}}"#,
        visit.sid.start()
    );
    let mut events: Vec<String> = (0..n - 1).map(|index| event(&visit.sid, index)).collect();
    events.push(note);
    let mut header = visit.header(1, 0, n);
    header.end = true;
    let headers = [("cf-ipcountry", "NO")];
    let answer = post(&worker.url, "kept", &headers, body(&header, &events)).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn finished(dashboard: &Dashboard, n: usize) -> Vec<SessionRow> {
    until(&format!("{n} are finished"), SOON, || {
        let rows = rows(dashboard);
        (rows.len() == n && rows.iter().all(|row| !row.live)).then_some(rows)
    })
}

/// A session as a worker left it in R2 long ago: key, chunk, row.
fn stored(visit: &Visit, canary: &str) -> (String, Vec<u8>, SessionRow) {
    let events = [
        event(&visit.sid, 0),
        format!(
            r#"{{"type":5,"data":{{"tag":"note","payload":"{canary}"}},"timestamp":{}}}"#,
            visit.sid.start()
        ),
    ];
    let mut header = visit.header(1, 0, 2);
    header.sent = visit.sid.start();
    let masked = decode(body(&header, &events), visit.sid.start())
        .and_then(|decoded| decoded.mask(&Masker::new(Mode::Inputs)))
        .unwrap();
    let config = SiteConfig::parse(r#"{"name":"x","origins":[]}"#).unwrap();
    let kept = SiteKey::parse("kept").unwrap();
    let (append, member) = masked.append(&kept, &config, Visitor::default());
    let mut writer = ChunkWriter::default();
    writer.push(append.batch.meta, &member);
    let chunk = writer.finish();
    let name = format!("{:013}-0000", visit.sid.start());
    let parts = [(name.clone(), chunk.as_slice())];
    let visitor = Visitor {
        country: Some("CL".to_owned()),
        ..Visitor::default()
    };
    let (record, damaged) = Record::rebuild(&visit.sid, visitor, parts);
    assert_eq!(damaged, 0);
    let row = record.state.row(&visit.sid, false);
    (format!("r/{}/{}/{name}", kept, visit.sid), chunk, row)
}

fn put(worker: &mut Worker, visit: &Visit, canary: &str) -> SessionRow {
    let (key, chunk, row) = stored(visit, canary);
    let json = serde_json::to_string(&row).unwrap();
    worker.put_recording(&key, &chunk, &json).unwrap();
    row
}

fn rebuild(dashboard: &Dashboard) -> Rebuilds {
    let asked = dashboard.post("rebuild", "").unwrap();
    assert_eq!(asked.status, 202, "{}", asked.text());
    until("all months are made again", SOON, || {
        let state: Rebuilds = dashboard.get("rebuild").unwrap().json().unwrap();
        let done = state
            .months
            .iter()
            .all(|(_, month)| month.finished.is_some());
        done.then_some(state)
    })
}

fn assert_no_trace(worker: &Worker, canary: &str) {
    until(&format!("no trace of {canary}"), SOON, || {
        let hits = worker.storage_hits(canary.as_bytes()).unwrap();
        hits.is_empty().then_some(())
    });
}

#[test]
fn what_is_past_goes_and_the_rest_stays() {
    let mut worker = keeping(30);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let (gone, kept) = (Visit::started(now() - 5 * DAY), Visit::new());
    record(&worker, &gone, 3, "canary-gone");
    record(&worker, &kept, 3, "canary-kept");
    finished(&dashboard, 2);

    worker.configure("kept", &site(2)).unwrap();
    until("it is not shown", SOON, || {
        (rows(&dashboard).len() == 1).then_some(())
    });
    // Locally a changed configuration is known everywhere with the next question.
    until("it is deleted", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let hits = worker.storage_hits(b"canary-gone").unwrap();
        hits.is_empty().then_some(())
    });
    assert!(dashboard.detail(&gone.sid).unwrap().is_none());
    assert_eq!(dashboard.events(&kept, "").unwrap().len(), 3);
    assert!(worker.storage_contains(b"canary-kept").unwrap());

    worker.crash_and_restart().unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    assert_eq!(rows(&dashboard).len(), 1);
    assert!(!worker.storage_contains(b"canary-gone").unwrap());
}

#[test]
fn a_live_session_is_kept_until_it_is_finished() {
    let mut options = Options::default();
    options.vars.push(("LEAVE_SECONDS", "0.3".to_owned()));
    options.sites.push(("kept".to_owned(), site(3)));
    let mut worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let start = now() - 2 * DAY;
    let (live, gone) = (Visit::started(start), Visit::started(start + 1));
    let upload = |worker: &Worker, first: u32| {
        let events: Vec<String> = (first..first + 2)
            .map(|index| event(&live.sid, index))
            .collect();
        let body = body(&live.header(1, first, 2), &events);
        post(&worker.url, "kept", &[], body).unwrap().status
    };
    assert_eq!(upload(&worker, 0), 200);
    record(&worker, &gone, 3, "canary-gone");
    until("one is live and one finished", SOON, || {
        let mut live: Vec<bool> = rows(&dashboard).iter().map(|row| row.live).collect();
        live.sort_unstable();
        (live == [false, true]).then_some(())
    });
    worker.configure("kept", &site(1)).unwrap();
    until("the finished one is deleted", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let hits = worker.storage_hits(b"canary-gone").unwrap();
        hits.is_empty().then_some(())
    });
    assert_eq!(upload(&worker, 2), 200, "the live one goes on");
    let late = post(&worker.url, "kept", &[], gone.batch(2, 0, 1)).unwrap();
    assert_eq!((late.status, late.code().as_str()), (403, "session_erased"));
    worker.configure("kept", &site(3)).unwrap();
    let events = until("it is shown again", SOON, || {
        dashboard.events(&live, "").ok()
    });
    assert_eq!(events.len(), 4, "nothing of it was deleted");
}

#[test]
fn a_month_that_is_past_is_dropped_whole() {
    let mut worker = keeping(3_650);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let month = now() - 400 * DAY;
    let old: Vec<Visit> = (0..5).map(|n| Visit::started(month + n * 60_000)).collect();
    let expected: Vec<SessionRow> = old
        .iter()
        .map(|visit| put(&mut worker, visit, "canary-old"))
        .collect();
    let kept = Visit::new();
    record(&worker, &kept, 3, "canary-kept");
    finished(&dashboard, 1);
    let state = rebuild(&dashboard);
    assert_eq!(state.months.len(), 2, "{state:?}");
    let mut listed = rows(&dashboard);
    assert_eq!(listed.len(), 6);
    listed.remove(0);
    listed.reverse();
    assert_eq!(listed, expected, "found again in the recordings alone");
    assert_eq!(dashboard.events(&old[0], "").unwrap().len(), 2);

    worker.configure("kept", &site(30)).unwrap();
    until("it is deleted", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let hits = worker.storage_hits(b"canary-old").unwrap();
        hits.is_empty().then_some(())
    });
    assert_eq!(rows(&dashboard).len(), 1);
    // The month's object has nothing left, not even in its files.
    until("its storage is gone", SOON, || {
        let hits = worker.storage_hits(old[4].sid.as_str().as_bytes()).unwrap();
        hits.iter()
            .all(|path| !path.starts_with("do"))
            .then_some(())
    });
    assert_eq!(dashboard.events(&kept, "").unwrap().len(), 3);
}

/// What reports say of all sessions, and what the list could be narrowed by.
fn reports(dashboard: &Dashboard) -> Vec<String> {
    let paths = ["pages", "overview", "engagement", "events"].map(|name| format!("reports/{name}"));
    let all = paths.into_iter().chain(["sessions/facets".to_owned()]);
    let told: Vec<String> = all
        .map(|path| dashboard.get(&path).unwrap().text())
        .collect();
    assert!(told[0].contains("\"sessions\":12"), "{}", told[0]);
    told
}

#[test]
fn a_lost_index_is_made_again_row_by_row() {
    let mut worker = keeping(30);
    let mut dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let visits: Vec<Visit> = (0..12)
        .map(|n| Visit::started(now() - n % 6 * DAY))
        .collect();
    for (n, visit) in (3..).zip(&visits) {
        record(&worker, visit, n, "canary");
    }
    let erased = Visit::new();
    record(&worker, &erased, 3, "canary-gone");
    finished(&dashboard, 13);
    // Of several chunks the last one knows all.
    let late = &visits[0];
    let more = post(&worker.url, "kept", &[], late.last_batch(2, 0, 4)).unwrap();
    assert_eq!(more.status, 200, "{}", more.text());
    until("it is finished again", SOON, || {
        let rows = rows(&dashboard);
        let row = rows.iter().find(|row| row.sid == late.sid)?;
        (!row.live && row.tabs == 2).then_some(())
    });
    let answer = post(&worker.url, "kept/erase", &[], erased.sid.as_str().into()).unwrap();
    assert_eq!(answer.status, 204);
    assert_no_trace(&worker, "canary-gone");
    let original = finished(&dashboard, 12);
    let told = reports(&dashboard);

    // Also without the records: then the chunks themselves are read.
    for lost in [
        &["do/sentiero-IndexObject"][..],
        &["do/sentiero-IndexObject", "kv"],
    ] {
        worker
            .restart_after(|storage| {
                for part in lost {
                    fs::remove_dir_all(storage.join(part))?;
                }
                Ok(())
            })
            .unwrap();
        dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
        assert_eq!(rows(&dashboard), [], "the index is lost");
        let state = rebuild(&dashboard);
        assert!(
            state.months.iter().all(|(_, month)| month.unreadable == 0),
            "{state:?}"
        );
        assert_eq!(rows(&dashboard), original, "without {lost:?}");
        assert_eq!(reports(&dashboard), told, "without {lost:?}");
        // Again: nothing changes.
        rebuild(&dashboard);
        assert_eq!(rows(&dashboard), original);
        assert_eq!(reports(&dashboard), told);
    }
    assert_eq!(erase(&worker.url, &erased.sid).unwrap().status, 204);
}

/// What the stores hold is compressed, so that the search must inflate it.
#[test]
fn the_search_finds_what_a_chunk_holds() {
    let mut worker = keeping(3_650);
    let visit = Visit::started(now() - 400 * DAY);
    put(&mut worker, &visit, "canary-searched");
    assert!(worker.storage_contains(b"canary-searched").unwrap());
    let (_, chunk, _) = stored(&visit, "canary-searched");
    assert!(!chunk.windows(15).any(|window| window == b"canary-searched"));
    assert!(gzip::decompress(&chunk, 10).is_err());
}

#[test]
fn of_more_bytes_than_are_kept_the_oldest_go_whole() {
    let least = Limits::DEFAULT.session_bytes;
    let config = format!(r#"{{"name":"Kept","origins":["self"],"max_bytes":{least}}}"#);
    let mut options = Options::finishing_after(0.3);
    options.sites.push(("kept".to_owned(), config));
    let mut worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let start = now() - 6 * DAY;
    let visits: Vec<Visit> = (0..4).map(|n| Visit::started(start + n * DAY)).collect();
    // Nobody waits for 64 MiB to be uploaded. Of recordings that cannot be read rows are what
    // the metadata says, and that can be anything.
    for (visit, bytes) in visits.iter().zip([1, 1, least / 2, least / 2 - 10_000]) {
        let canary = if bytes == 1 {
            "canary-oldest"
        } else {
            "canary-kept"
        };
        let (key, _, row) = stored(visit, canary);
        let row = serde_json::to_string(&SessionRow { bytes, ..row }).unwrap();
        worker.put_recording(&key, canary.as_bytes(), &row).unwrap();
    }
    assert_eq!(dashboard.post("rebuild", "").unwrap().status, 202);
    until("the index is made again", SOON, || {
        (rows(&dashboard).len() == 4).then_some(())
    });
    // They all fit, with some bytes to spare, until one more is finished.
    let newest = Visit::new();
    record(&worker, &newest, 3, "canary-kept");
    let size = until("it is finished", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let row = rows(&dashboard)
            .into_iter()
            .find(|row| row.sid == newest.sid);
        row.filter(|row| !row.live).map(|row| row.bytes)
    });
    assert!(size < 9_000, "{size} bytes, which fit");
    assert_eq!(rows(&dashboard).len(), 5, "nothing is too much");
    let large = Visit::started(now() - DAY);
    let (key, _, row) = stored(&large, "canary-kept");
    // To the byte: the two oldest are what is too much.
    let bytes = 10_000 - size;
    let row = serde_json::to_string(&SessionRow { bytes, ..row }).unwrap();
    worker.put_recording(&key, b"canary-kept", &row).unwrap();
    assert_eq!(dashboard.post("rebuild", "").unwrap().status, 202);
    until("the oldest are erased", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        (rows(&dashboard).len() == 4).then_some(())
    });
    let kept: Vec<_> = rows(&dashboard).into_iter().map(|row| row.sid).collect();
    let expected = [&newest, &large, &visits[3], &visits[2]].map(|visit| visit.sid.clone());
    assert_eq!(kept, expected);
    assert_no_trace(&worker, "canary-oldest");
    let receipts: Receipts = dashboard.get("erasures").unwrap().json().unwrap();
    let evictions = receipts.erasures.iter();
    let evictions = evictions.filter(|it| it.kind == Kind::Eviction);
    assert!(evictions.clone().count() > 0 && evictions.clone().all(|it| it.by == "max_bytes"));
}

#[test]
fn of_more_sessions_than_are_kept_the_oldest_go_whole() {
    let config = r#"{"name":"Kept","origins":["self"],"max_sessions":3}"#;
    let mut options = Options::finishing_after(0.3);
    options.sites.push(("kept".to_owned(), config.to_owned()));
    let worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("kept");
    let start = now() - 6 * DAY;
    let visits: Vec<Visit> = (0..6).map(|n| Visit::started(start + n * DAY)).collect();
    for (n, visit) in visits.iter().enumerate() {
        let canary = if n < 3 {
            "canary-oldest"
        } else {
            "canary-kept"
        };
        record(&worker, visit, 3, canary);
    }
    // Also of this month, whatever day it is.
    let newest = Visit::new();
    record(&worker, &newest, 3, "canary-kept");
    until("the oldest are erased", SOON, || {
        assert_eq!(dashboard.post("retention/run", "").unwrap().status, 202);
        let rows = rows(&dashboard);
        (rows.len() == 3 && rows.iter().all(|row| !row.live)).then_some(())
    });
    let kept: Vec<_> = rows(&dashboard).into_iter().map(|row| row.sid).collect();
    assert_eq!(
        kept,
        [&newest, &visits[5], &visits[4]].map(|visit| visit.sid.clone())
    );
    assert_no_trace(&worker, "canary-oldest");
    assert_eq!(dashboard.events(&visits[5], "").unwrap().len(), 3);
    let receipts: Receipts = dashboard.get("erasures").unwrap().json().unwrap();
    let of_eviction = receipts
        .erasures
        .iter()
        .filter(|it| it.kind == Kind::Eviction);
    assert!(of_eviction.clone().count() > 0);
    assert!(of_eviction.clone().all(|it| it.by == "max_sessions"));
    // However often it was asked for, one was under way at a time.
    let evictions: Vec<_> = of_eviction.collect();
    for pair in evictions.windows(2) {
        let (newer, older) = (pair[0], pair[1]);
        let done = older.finished.unwrap();
        assert!(done <= newer.asked, "{evictions:?}");
    }
}
