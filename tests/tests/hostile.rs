//! Requests that no recorder sends, as bytes on a socket: never a 5xx, never a hang, and
//! nothing stored that was not acknowledged.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::gzip;
use sentiero_core::wire::{Ack, Header, Limits};
use std::sync::OnceLock;
use std::time::Duration;
use system_tests::client::{self, Dashboard};
use system_tests::raw::{Reply, exchange};
use system_tests::upload::{Visit, body, event, now};
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

fn url() -> &'static str {
    static WORKER: OnceLock<Worker> = OnceLock::new();
    &WORKER
        .get_or_init(|| Worker::start(Options::default()).unwrap())
        .url
}

fn host() -> &'static str {
    &url()[7..]
}

/// A request with exactly these lines between the request line and the body.
fn request(line: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{line}\r\nhost: {}\r\n{headers}\r\n", host()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn upload(headers: &str, body: &[u8]) -> Vec<u8> {
    let headers = format!(
        "origin: {}\r\ncontent-length: {}\r\n{headers}",
        url(),
        body.len()
    );
    request("POST /i/demo HTTP/1.1", &headers, body)
}

/// Sends it; whatever comes back is no 5xx, but of the HTTP server to what is no HTTP.
fn send(name: &str, bytes: &[u8]) -> Vec<Reply> {
    let replies = exchange(url(), bytes, 1).unwrap_or_else(|error| panic!("{name}: {error}"));
    for reply in &replies {
        assert!(
            reply.status < 500 || reply.is_servers(),
            "{name}: {reply:?}"
        );
    }
    replies
}

/// The status of the one answer; 0 if there is none.
fn status(name: &str, bytes: &[u8]) -> u16 {
    let replies = send(name, bytes);
    assert!(replies.len() <= 1, "{name}: {replies:?}");
    replies.first().map_or(0, |reply| reply.status)
}

/// Signed in once: who tries too often has to wait.
fn dashboard() -> &'static Dashboard {
    static DASHBOARD: OnceLock<Dashboard> = OnceLock::new();
    DASHBOARD.get_or_init(|| Dashboard::sign_in(url()).unwrap())
}

fn is_stored(visit: &Visit) -> bool {
    dashboard().detail(&visit.sid).unwrap().is_some()
}

#[test]
fn a_plain_upload_over_the_socket_is_stored() {
    let visit = Visit::new();
    let replies = send("plain", &upload("", &visit.batch(1, 0, 5)));
    let ack: Ack = serde_json::from_slice(&replies[0].body).unwrap();
    assert_eq!((replies[0].status, ack.next), (200, 5));
    assert!(is_stored(&visit));
}

#[expect(clippy::too_many_lines, reason = "a table of bodies")]
#[test]
fn hostile_bodies_are_refused() {
    let limits = Limits::DEFAULT;
    let visit = Visit::new();
    let header = visit.header(1, 0, 1);
    let one = event(&visit.sid, 1);
    let good = body(&header, &[&one]);
    let line = |fields: &str| {
        let text = format!(
            r#"{{"v":1,"sid":"{}","tab":"aeaqcaib","window":"aibaeaqc","seq":0,"first":0,"n":1,"sent":1{fields}}}"#,
            visit.sid
        );
        gzip::compress(format!("{text}\n{one}\n").as_bytes())
    };
    let raw = |text: &[u8]| gzip::compress(text);
    let mut checksum = good.clone();
    let at = checksum.len() - 6;
    checksum[at] ^= 1;
    let mut flags = good.clone();
    flags[3] = 0x1f;
    let twice = [good.clone(), good.clone()].concat();
    let after = [good.clone(), b"more".to_vec()].concat();
    let bomb = raw(&vec![b'a'; limits.inflated + 1]);
    let newlines = raw(&vec![b'\n'; limits.inflated]);
    let nested = format!("{}{}", "[".repeat(2_000_000), "]".repeat(2_000_000));
    let events = |events: &[&str]| {
        body(
            &visit.header(1, 0, u32::try_from(events.len()).unwrap()),
            events,
        )
    };
    let mut torn_text = Vec::new();
    header.write_line(&mut torn_text);
    torn_text.extend_from_slice(b"{\"type\":3,\"data\":{\"text\":\"\xff\"},\"timestamp\":1}");
    let torn_text = raw(&torn_text);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("text", b"hello".to_vec()),
        ("half of it", good[..good.len() / 2].to_vec()),
        ("no trailer", good[..good.len() - 8].to_vec()),
        ("a wrong checksum", checksum),
        ("gzip flags", flags),
        ("two members", twice),
        ("something behind", after),
        ("gzip in gzip", gzip::compress(&good)),
        ("a bomb", bomb),
        ("16 MiB of newlines", newlines),
        ("only a header", raw(b"{\"v\":1}")),
        (
            "invalid UTF-8 in the header",
            raw(b"{\"v\":1,\"sid\":\"\xff\xfe\"}\n{}\n"),
        ),
        ("invalid UTF-8 in an event", torn_text),
        ("NUL", raw(b"\0\0\0\n\0")),
        ("a header of an array", raw(b"[1]\n{}\n")),
        ("a deep header", raw(nested.as_bytes())),
        (
            "sid is a number",
            raw(format!("{{\"v\":1,\"sid\":7}}\n{one}\n").as_bytes()),
        ),
        ("n is negative", line(",\"n\":-1")),
        ("n twice", line(",\"n\":1")),
        (
            "a NUL behind",
            line("").iter().copied().chain([0]).collect(),
        ),
        ("seq too large", line(",\"seq\":4294967296")),
        ("end is text", line(",\"end\":\"yes\"")),
        ("meta is text", line(",\"meta\":\"x\"")),
        ("offset too large", line(",\"offset\":9223372036854775808")),
        ("event is null", events(&["null"])),
        ("event is a number", events(&["1e999"])),
        ("event is deep", events(&[&nested])),
        (
            "event without type",
            events(&[r#"{"data":{},"timestamp":1}"#]),
        ),
        (
            "type is text",
            events(&[r#"{"type":"3","data":{},"timestamp":1}"#]),
        ),
        (
            "timestamp is null",
            events(&[r#"{"type":3,"data":{},"timestamp":null}"#]),
        ),
        (
            "timestamp is negative",
            events(&[r#"{"type":3,"data":{},"timestamp":-1}"#]),
        ),
        (
            "timestamp is too large",
            events(&[r#"{"type":3,"data":{},"timestamp":1e400}"#]),
        ),
        (
            "a trailing comma",
            events(&[r#"{"type":3,"data":{},"timestamp":1,}"#]),
        ),
        ("one event too few", events(&[&one, ""])),
        ("too large", vec![0x1f; limits.compressed + 1]),
    ];
    for (name, bytes) in cases {
        let status = status(name, &upload("", &bytes));
        // An answer to what is still being written may be lost with the connection.
        let is_lost = status == 0 && bytes.len() > limits.compressed;
        let expected = if matches!(name, "a bomb" | "too large") {
            413
        } else {
            400
        };
        assert!(is_lost || status == expected, "{name}: {status}");
    }
    assert!(!is_stored(&visit));
}

/// A page's address is part of rows that hold 2 MB: its beginning is kept, and the event
/// is as it came.
#[test]
fn addresses_of_any_length_are_listed() {
    for bytes in [1 << 20, 2 << 20, (4 << 20) - 200] {
        let visit = Visit::new();
        let href = format!("https://shop.example/{}", "shoes/".repeat(bytes / 6));
        let at = visit.sid.start();
        let event = format!(
            r#"{{"type":4,"data":{{"href":"{href}","width":1,"height":1}},"timestamp":{at}}}"#
        );
        let upload = upload("", &body(&visit.header(1, 0, 1), &[&event]));
        assert_eq!(status("a long address", &upload), 200, "{bytes}");
        let entry = until("the session is listed", Duration::from_secs(30), || {
            let sessions = dashboard().list("?limit=50").unwrap().sessions;
            let row = sessions.into_iter().find(|row| row.sid == visit.sid)?;
            Some(row.entry)
        });
        assert!(href.starts_with(&entry) && entry.len() == 1_024, "{bytes}");
        let events = dashboard().events(&visit, "").unwrap();
        assert_eq!(events[0].2, event, "{bytes}");
    }
}

/// A site that masks texts, and an upload of a recorder that does not.
#[test]
fn what_the_mask_lengthens_is_refused_or_readable() {
    let site = r#"{"name":"x","origins":["self"],"mask":"text"}"#;
    let options = Options {
        sites: vec![("texts".to_owned(), site.to_owned())],
        ..Options::default()
    };
    let worker = Worker::start(options).unwrap();
    let dashboard = Dashboard::sign_in(&worker.url).unwrap().of("texts");
    for (texts, expected) in [(100_000, 200), (170_000, 413)] {
        let visit = Visit::new();
        let texts = vec![r#"{"id":7,"value":"a"}"#; texts].join(",");
        let event = format!(
            r#"{{"type":3,"data":{{"source":0,"texts":[{texts}],"attributes":[],"removes":[],"adds":[]}},"timestamp":{}}}"#,
            visit.sid.start()
        );
        assert!(event.len() < Limits::DEFAULT.event);
        let path = format!("{}/i/texts", worker.url);
        let headers = [("origin", worker.url.as_str())];
        let bytes = body(&visit.header(1, 0, 1), &[&event]);
        let answer = client::request("POST", &path, &headers, bytes).unwrap();
        assert_eq!(answer.status, expected, "{}", answer.text());
        if expected == 200 {
            assert_eq!(dashboard.events(&visit, "").unwrap().len(), 1);
        } else {
            assert!(dashboard.detail(&visit.sid).unwrap().is_none());
        }
    }
}

#[test]
fn clocks_replays_and_disorder() {
    let visit = Visit::new();
    let hour = 3_600_000;
    // The time of events is the visitor's: whatever it says is stored.
    let odd: Vec<String> = [0, 1, 8_640_000_000_000_000, now() + 100 * hour]
        .iter()
        .map(|at| {
            format!(
                r#"{{"type":3,"data":{{"source":2,"type":2,"id":1,"x":1,"y":1}},"timestamp":{at}}}"#
            )
        })
        .collect();
    let shifted = body(&visit.header(1, 0, 4), &odd);
    assert_eq!(status("odd times", &upload("", &shifted)), 200);
    for (name, header) in [
        (
            "sent 0",
            Header {
                sent: 0,
                offset: Some(0),
                ..visit.header(2, 0, 1)
            },
        ),
        (
            "sent far ahead",
            Header {
                sent: u64::MAX,
                offset: Some(0),
                ..visit.header(2, 0, 1)
            },
        ),
        (
            "offset",
            Header {
                offset: Some(i64::MIN),
                ..visit.header(2, 0, 1)
            },
        ),
    ] {
        let bytes = body(&header, &[event(&visit.sid, 1)]);
        assert_eq!(status(name, &upload("", &bytes)), 409, "{name}");
    }
    for start in [0, now() + hour, now() - 8 * 24 * hour, (1 << 48) - 1] {
        let off = Visit::started(start);
        assert_eq!(
            status("start", &upload("", &off.batch(1, 0, 1))),
            409,
            "{start}"
        );
        assert!(!is_stored(&off));
    }
    // Backwards, twice, and overlapping.
    let visit = Visit::new();
    for first in [30u32, 20, 10, 0, 10, 30, 25, 5] {
        assert_eq!(
            status("disorder", &upload("", &visit.batch(1, first, 10))),
            200
        );
    }
    let far = visit.batch(1, u32::MAX - 10, 10);
    assert_eq!(status("the last index", &upload("", &far)), 200);
    let stored = dashboard().events(&visit, "?to=9999999999999").unwrap();
    let indexes: Vec<u32> = stored.iter().map(|(_, index, _)| *index).collect();
    let expected: Vec<u32> = (0..40).chain(u32::MAX - 10..u32::MAX).collect();
    assert_eq!(indexes, expected);
}

#[expect(clippy::too_many_lines, reason = "a table of requests")]
#[test]
fn methods_paths_and_headers() {
    let visit = Visit::new();
    let batch = visit.batch(1, 0, 3);
    let length = format!("content-length: {}\r\n", batch.len());
    let origin = format!("origin: {}\r\n", url());
    let both = format!("{origin}{length}");
    let long = "a".repeat(20_000);
    let many: Vec<String> = (0..400)
        .map(|number| format!("x-{number}: {number}\r\n"))
        .collect();
    let many = many.concat();
    for (name, line, headers, expected) in [
        (
            "GET",
            "GET /i/demo HTTP/1.1",
            origin.clone(),
            [405].as_slice(),
        ),
        ("HEAD", "HEAD /i/demo HTTP/1.1", origin.clone(), &[405]),
        ("PUT", "PUT /i/demo HTTP/1.1", both.clone(), &[405]),
        ("PATCH", "PATCH /i/demo HTTP/1.1", both.clone(), &[405]),
        ("DELETE", "DELETE /i/demo HTTP/1.1", both.clone(), &[405]),
        (
            "OPTIONS",
            "OPTIONS /i/demo HTTP/1.1",
            origin.clone(),
            &[405],
        ),
        ("TRACE", "TRACE /i/demo HTTP/1.1", origin.clone(), &[405]),
        (
            "CONNECT",
            "CONNECT /i/demo HTTP/1.1",
            origin.clone(),
            &[500],
        ),
        (
            "unknown method",
            "STORE /i/demo HTTP/1.1",
            both.clone(),
            &[501],
        ),
        ("no method", "/i/demo", both.clone(), &[501]),
        (
            "another site",
            "POST /i/nobody HTTP/1.1",
            both.clone(),
            &[404],
        ),
        ("no site", "POST /i/ HTTP/1.1", both.clone(), &[404]),
        ("deeper", "POST /i/demo/x HTTP/1.1", both.clone(), &[404]),
        (
            "up",
            "POST /i/demo/../../api/me HTTP/1.1",
            both.clone(),
            &[405],
        ),
        (
            "encoded slash",
            "POST /i/demo%2ferase HTTP/1.1",
            both.clone(),
            &[404],
        ),
        (
            "encoded NUL",
            "POST /i/demo%00 HTTP/1.1",
            both.clone(),
            &[404],
        ),
        ("bad escape", "POST /i/%zz HTTP/1.1", both.clone(), &[404]),
        (
            "invalid UTF-8",
            "POST /i/%ff%fe HTTP/1.1",
            both.clone(),
            &[404],
        ),
        ("no origin", "POST /i/demo HTTP/1.1", length.clone(), &[403]),
        (
            "null origin",
            "POST /i/demo HTTP/1.1",
            format!("origin: null\r\n{length}"),
            &[403],
        ),
        (
            "two origins",
            "POST /i/demo HTTP/1.1",
            format!("{origin}{both}"),
            &[403],
        ),
        (
            "a long origin",
            "POST /i/demo HTTP/1.1",
            format!("origin: {long}\r\n{length}"),
            &[403],
        ),
        (
            "a long header",
            "POST /i/demo HTTP/1.1",
            format!("x: {long}{long}{long}\r\n{both}"),
            &[200],
        ),
        (
            "many headers",
            "POST /i/demo HTTP/1.1",
            format!("{many}{both}"),
            &[200],
        ),
        (
            "a wrong length",
            "POST /i/demo HTTP/1.1",
            format!("{origin}content-length: x\r\n"),
            &[500],
        ),
        (
            "a negative length",
            "POST /i/demo HTTP/1.1",
            format!("{origin}content-length: -1\r\n"),
            &[500],
        ),
        (
            "a huge length",
            "POST /i/demo HTTP/1.1",
            format!("{origin}content-length: 99999999999\r\n"),
            &[408],
        ),
        (
            "an endless length",
            "POST /i/demo HTTP/1.1",
            format!("{origin}content-length: 99999999999999999999999\r\n"),
            &[408],
        ),
        ("no length", "POST /i/demo HTTP/1.1", origin.clone(), &[400]),
        (
            "no colon",
            "POST /i/demo HTTP/1.1",
            format!("nonsense\r\n{both}"),
            &[400],
        ),
        ("an old HTTP", "POST /i/demo HTTP/0.9", both.clone(), &[200]),
        (
            "a later HTTP",
            "POST /i/demo HTTP/9.9",
            both.clone(),
            &[200],
        ),
    ] {
        let first = send(name, &request(line, &headers, &batch));
        let status = first.first().map_or(0, |reply| reply.status);
        assert!(expected.contains(&status), "{name}: {status}");
    }
    // Headers that mean nothing here, and none of which may be taken as more than it is.
    for (name, headers) in [
        ("gzip", "content-encoding: gzip\r\n"),
        ("br", "content-encoding: br\r\n"),
        ("nonsense", "content-encoding: x, y, z\r\n"),
        (
            "multipart",
            "content-type: multipart/form-data; boundary=x\r\n",
        ),
        ("no type", "content-type: \u{1F600}\r\n"),
        ("language", "accept-language: \u{e9}\u{e8}\r\n"),
        ("agent", "user-agent: \u{202e}\u{0}\r\n"),
        ("country", "cf-ipcountry: ../..\r\n"),
        ("address", "cf-connecting-ip: 1.2.3.4, 5.6.7.8\r\n"),
        ("range", "range: bytes=9-1\r\n"),
        ("expect", "expect: 100-continue\r\n"),
        (
            "upgrade",
            "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n",
        ),
        ("signal", "sec-gpc: 0\r\n"),
    ] {
        let visit = Visit::new();
        let status = status(name, &upload(headers, &visit.batch(1, 0, 3)));
        let expected = match name {
            // No header holds a NUL: the HTTP server says so before us.
            "agent" => 400,
            // A request to upgrade is a GET.
            "upgrade" => 405,
            _ => 200,
        };
        assert_eq!(status, expected, "{name}");
        assert_eq!(is_stored(&visit), status == 200, "{name}: {status}");
    }
}

#[test]
fn bodies_in_pieces_and_lies_about_their_length() {
    let chunked = format!("origin: {}\r\ntransfer-encoding: chunked\r\n", url());
    let pieces = |body: &[u8], size: usize| {
        let mut bytes = Vec::new();
        for piece in body.chunks(size) {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    };
    let line = "POST /i/demo HTTP/1.1";
    for size in [1, 7, 100_000] {
        let visit = Visit::new();
        let mut whole = pieces(&visit.batch(1, 0, 20), size);
        whole.extend_from_slice(b"0\r\n\r\n");
        assert_eq!(status("pieces", &request(line, &chunked, &whole)), 200);
        assert!(is_stored(&visit));
    }
    let large = vec![0x1f; Limits::DEFAULT.compressed + 1];
    let status_of = status(
        "too large in pieces",
        &request(line, &chunked, &pieces(&large, 4_096)),
    );
    // Or the answer is lost with the connection, on which the body is still being written.
    assert!(matches!(status_of, 0 | 413), "{status_of}");

    let visit = Visit::new();
    let batch = visit.batch(1, 0, 20);
    for (name, end) in [
        ("no last piece", ""),
        ("a wrong size", "zz\r\n"),
        ("a size too large", "ffffffffffffffffff\r\n"),
        ("a negative size", "-5\r\n"),
        ("no line end", "5"),
        ("more than it says", "2\r\nabcdef\r\n0\r\n\r\n"),
    ] {
        let bytes = [pieces(&batch, 50), end.as_bytes().to_vec()].concat();
        let status = status(name, &request(line, &chunked, &bytes));
        assert_eq!(status, 408, "{name}: the rest never comes");
        assert!(!is_stored(&visit), "{name}");
    }
    // Less: what is left of it is no gzip. More: the rest never comes.
    for (name, length, expected) in [
        ("less", batch.len() - 1, 400),
        ("more", batch.len() + 1, 408),
    ] {
        let headers = format!("origin: {}\r\ncontent-length: {length}\r\n", url());
        let first = send(name, &request(line, &headers, &batch));
        let status = first.first().map_or(0, |reply| reply.status);
        assert_eq!(status, expected, "{name}");
        assert!(!is_stored(&visit), "{name}");
    }
    let both = format!("{chunked}content-length: {}\r\n", batch.len());
    let smuggled = send("both lengths", &request(line, &both, &pieces(&batch, 50)));
    assert!(
        smuggled.iter().all(|reply| reply.status != 200),
        "{smuggled:?}"
    );
    assert!(!is_stored(&visit));
}
