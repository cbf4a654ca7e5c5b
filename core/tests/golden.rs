//! Golden files: what any released version wrote must keep decoding.
//!
//! A file here is never changed. A new version adds files and their lines below;
//! `SENTIERO_WRITE_GOLDEN=1 cargo test -p sentiero-core --test golden` writes
//! those that are missing. What the current version writes lies in
//! `tests/fixtures/releases/VERSION`, beside what its stores held: today's bytes must be those.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use sentiero_core::analytics::facts::Facts;
use sentiero_core::analytics::pack::Packed;
use sentiero_core::chunk::{BatchMeta, Chunk, ChunkWriter};
use sentiero_core::digest::{Bursts, Clicks, Digest, Grid};
use sentiero_core::gzip;
use sentiero_core::id::{SessionId, TabId, WindowId};
use sentiero_core::recording::{Buffered, Record, Visitor};
use sentiero_core::site::SiteConfig;
use sentiero_core::wire::{Ack, Directive, Header, Limits, Meta, Upload, VERSION};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

const EVENTS: [&str; 3] = [
    r#"{"type":4,"data":{"href":"https://shop.example/","width":1280,"height":800},"timestamp":1795445123500}"#,
    r#"{"type":3,"data":{"source":2,"type":2,"id":7,"x":1008.1439208984375,"y":2},"timestamp":1795445124500}"#,
    r#"{"type":5,"data":{"tag":"odd","payload":{"surrogate":"\ud800","large":1e400}},"timestamp":1795445125500}"#,
];

fn header() -> Header {
    Header {
        v: VERSION,
        sid: SessionId::new(1_795_445_123_456, &[0xAB; 17]),
        tab: TabId::new(&[1; 5]),
        window: WindowId::new(&[2; 5]),
        seq: 4,
        first: 10,
        n: 3,
        sent: 1_795_445_126_000,
        offset: None,
        meta: Some(Meta {
            url: "https://shop.example/".to_owned(),
            referrer: "https://search.example/".to_owned(),
            width: 1280,
            height: 800,
        }),
        end: true,
    }
}

fn upload() -> Vec<u8> {
    gzip::compress(&header().body(EVENTS))
}

fn meta(bytes: usize) -> BatchMeta {
    BatchMeta {
        tab: header().tab,
        first: 10,
        n: 3,
        from: 1_795_445_123_500,
        to: 1_795_445_125_500,
        keyframe: false,
        bytes: u32::try_from(bytes).unwrap(),
    }
}

fn chunk() -> Vec<u8> {
    let mut writer = ChunkWriter::default();
    writer.push(meta(0), &upload());
    writer.finish()
}

fn record() -> Record {
    let chunk = chunk();
    let parts = [("1795445126000-0000".to_owned(), chunk.as_slice())];
    let (record, damaged) = Record::rebuild(&header().sid, Visitor::default(), parts);
    assert_eq!(damaged, 0);
    record
}

/// The bytes of a golden file; writes it first if asked to and it is missing.
fn golden(name: &str, make: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/fixtures/golden")
        .join(name);
    if !path.exists() && std::env::var_os("SENTIERO_WRITE_GOLDEN").is_some() {
        fs::write(&path, make()).unwrap();
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn uploads_of_version_1() {
    let file = golden("upload-v1.gz", upload);
    let body = gzip::decompress(&file, Limits::DEFAULT.inflated).unwrap();
    let read = Upload::parse(&body, &Limits::DEFAULT).unwrap();
    assert_eq!(read.header, header());
    assert_eq!(read.events, EVENTS.map(str::as_bytes));
}

#[test]
fn chunks_of_version_1() {
    let file = golden("chunk-v1.bin", chunk);
    let read = Chunk::parse(&file).unwrap();
    assert_eq!(read.batches.len(), 1);
    assert_eq!(read.batches[0].meta, meta(read.batches[0].member.len()));
    let body = read.batches[0].inflate().unwrap();
    let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
    let described = Buffered::of(
        &upload.header,
        &upload.events,
        read.batches[0].member.len(),
        0,
    )
    .unwrap();
    assert_eq!(described.meta, read.batches[0].meta);
}

#[test]
fn records_of_version_1() {
    let file = golden("record-v1.json", || {
        serde_json::to_vec_pretty(&record()).unwrap()
    });
    let read: Record = serde_json::from_slice(&file).unwrap();
    let mut expected = record();
    // What the first release did not know yet.
    let digest = &mut expected.state.digest;
    *digest = Digest {
        bursts: Bursts::default(),
        clicked: Clicks::default(),
        grid: Grid::default(),
        named: BTreeSet::new(),
        meta: BTreeMap::new(),
        referrer: None,
        facts: Facts::default(),
        ..digest.clone()
    };
    expected.v = 1;
    assert_eq!(read, expected);
    assert_eq!(read.detail().row.clicks, 1);
}

/// With what tells of activity, names and where the visitor came from.
#[test]
fn records_of_version_1_that_tell_more() {
    let file = golden("record-v1-told.json", || {
        serde_json::to_vec_pretty(&record()).unwrap()
    });
    let read: Record = serde_json::from_slice(&file).unwrap();
    let mut expected = record();
    expected.state.digest.facts = Facts::default();
    expected.v = 1;
    assert_eq!(read, expected);
    let row = read.detail().row;
    assert_eq!(row.named, ["odd"]);
    assert_eq!(row.referrer.as_deref(), Some("https://search.example/"));
    assert_eq!(row.strip.text(), "000000089999999999960000");
}

/// With what reports are made of.
#[test]
fn records_of_version_1_with_facts() {
    let file = golden("record-v1-facts.json", || {
        serde_json::to_vec_pretty(&record()).unwrap()
    });
    let read: Record = serde_json::from_slice(&file).unwrap();
    assert_eq!(read, Record { v: 1, ..record() });
    assert_eq!(read.state.digest.facts.sizes().count(), 1);
}

const FAILED: [&str; 2] = [
    r#"{"type":5,"data":{"tag":"error","payload":{"message":"Uncaught TypeError: cart.pay is not a function","source":"https://shop.example/app.js","stack":"TypeError: cart.pay is not a function\n    at onPay (https://shop.example/app.js:8:10)","count":10,"skipped":2}},"timestamp":1795445123500}"#,
    r#"{"type":5,"data":{"tag":"sentiero:metadata","payload":{"release":"1.2.0"}},"timestamp":1795445124500}"#,
];

fn failed() -> Record {
    let header = Header { n: 2, ..header() };
    let member = gzip::compress(&header.body(FAILED));
    let mut writer = ChunkWriter::default();
    let meta = BatchMeta { n: 2, ..meta(0) };
    writer.push(meta, &member);
    let chunk = writer.finish();
    let parts = [("1795445126000-0000".to_owned(), chunk.as_slice())];
    Record::rebuild(&header.sid, Visitor::default(), parts).0
}

/// With the issues of errors.
#[test]
fn records_of_version_2() {
    let file = golden("record-v2.json", || {
        serde_json::to_vec_pretty(&failed()).unwrap()
    });
    let read: Record = serde_json::from_slice(&file).unwrap();
    assert_eq!(read, failed());
    let (_, mark) = read.state.digest.facts.marks().next().unwrap();
    let occurrence = mark.issue.unwrap();
    assert_eq!((occurrence.times, occurrence.held), (9, 2));
}

#[test]
fn acknowledgements_of_version_1() {
    let file = golden("ack-v1.json", || {
        serde_json::to_vec(&Ack {
            next: 13,
            directive: Directive::Slow,
            wait: 5_000,
        })
        .unwrap()
    });
    assert_eq!(
        Ack::read(&file),
        Some(Ack {
            next: 13,
            directive: Directive::Slow,
            wait: 5_000
        })
    );
}

#[test]
fn the_demo_site_is_valid() {
    let text =
        fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sites/demo.json"))
            .unwrap();
    SiteConfig::parse(&text).unwrap();
}

/// What this version writes, by its file; without compression, which may change by itself.
fn written() -> [(&'static str, Vec<u8>); 5] {
    let body = header().body(EVENTS);
    let mut writer = ChunkWriter::default();
    writer.push(meta(0), &body);
    let record = failed();
    let ack = Ack {
        next: 13,
        directive: Directive::Slow,
        wait: 5_000,
    };
    let packed = record.state.packed(&record.sid);
    [
        ("upload.jsonl", body),
        ("chunk.bin", writer.finish()),
        ("record.json", serde_json::to_vec_pretty(&record).unwrap()),
        ("ack.json", serde_json::to_vec(&ack).unwrap()),
        ("packed.bin", packed.bytes().to_vec()),
    ]
}

#[test]
fn what_is_written_today_is_what_this_version_keeps() {
    for (name, bytes) in written() {
        let file = format!("../releases/{}/{name}", env!("CARGO_PKG_VERSION"));
        let kept = golden(&file, || bytes.clone());
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&kept),
            "{name} is not written as this version's release writes it: once that is out, raise \
             the version in Cargo.toml and keep a file of the new one"
        );
    }
}

#[test]
fn what_each_release_wrote_is_read() {
    let releases = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/releases");
    let mut read = 0;
    for entry in fs::read_dir(releases).unwrap() {
        let folder = entry.unwrap().path();
        let file = |name: &str| fs::read(folder.join(name)).unwrap();
        let body = file("upload.jsonl");
        let upload = Upload::parse(&body, &Limits::DEFAULT).unwrap();
        assert_eq!(upload.header, header());
        assert_eq!(upload.events, EVENTS.map(str::as_bytes));
        let chunk = file("chunk.bin");
        let batches = Chunk::parse(&chunk).unwrap().batches;
        assert_eq!((batches.len(), batches[0].member), (1, body.as_slice()));
        let record: Record = serde_json::from_slice(&file("record.json")).unwrap();
        assert_eq!((record.sid, record.state.digest.errors), (header().sid, 1));
        let ack = Ack::read(&file("ack.json")).unwrap();
        assert_eq!((ack.next, ack.directive), (13, Directive::Slow));
        let packed = Packed::from_bytes(file("packed.bin"));
        assert!(packed.is_outdated() || packed.read().is_ok(), "{folder:?}");
        read += 1;
    }
    assert!(read > 0, "no release was kept");
}
