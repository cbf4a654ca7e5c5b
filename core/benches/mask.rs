//! How fast masking is: `cargo bench -p sentiero-core --bench mask`. Prints, asserts nothing.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use sentiero_core::mask::{Masker, Mode};

/// A full snapshot of about `nodes` elements, of the kind shops have.
fn snapshot(nodes: usize) -> String {
    let mut event = String::from(r#"{"type":2,"data":{"node":{"type":0,"childNodes":["#);
    for i in 0..nodes {
        if i > 0 {
            event.push(',');
        }
        let id = i * 4 + 2;
        match i % 5 {
            0 => write!(event, r#"{{"type":2,"tagName":"input","attributes":{{"type":"text","name":"field-{i}","class":"form-control","placeholder":"Your name","value":"Jane Doe"}},"childNodes":[],"id":{id}}}"#),
            1 => write!(event, r#"{{"type":2,"tagName":"a","attributes":{{"class":"card__link card__link--wide","href":"https://shop.example/products/{i}?ref=home"}},"childNodes":[{{"type":3,"textContent":"\n      A product with a name of some length, number {i}\n    ","id":{}}}],"id":{id}}}"#, id + 1),
            2 => write!(event, r#"{{"type":2,"tagName":"img","attributes":{{"src":"https://shop.example/images/{i}.webp?w=400","alt":"A picture","loading":"lazy","width":"400","height":"300"}},"childNodes":[],"id":{id}}}"#),
            _ => write!(event, r#"{{"type":2,"tagName":"div","attributes":{{"class":"grid grid-cols-3 gap-4 p-2 text-sm","data-testid":"product-{i}"}},"childNodes":[{{"type":3,"textContent":"€ {i}.99","id":{}}}],"id":{id}}}"#, id + 1),
        }
        .expect("a string takes it");
    }
    event.push_str(r#"],"id":1},"initialOffset":{"left":0,"top":0}},"timestamp":1732000000000}"#);
    event
}

/// What a busy page sends between snapshots.
fn incremental() -> Vec<String> {
    let mut positions = String::new();
    for i in 0..10 {
        let _ = write!(
            positions,
            r#"{}{{"x":{},"y":{},"id":{},"timeOffset":-{}}}"#,
            if i > 0 { "," } else { "" },
            100 + i,
            200 + i,
            40 + i,
            500 - i * 50
        );
    }
    vec![
        format!(r#"{{"type":3,"data":{{"source":1,"positions":[{positions}]}},"timestamp":1732000000001}}"#),
        r#"{"type":3,"data":{"source":2,"type":2,"id":37,"x":411,"y":220,"pointerType":0},"timestamp":1732000000002}"#.into(),
        r#"{"type":3,"data":{"source":5,"text":"Jane","isChecked":false,"userTriggered":true,"id":37},"timestamp":1732000000003}"#.into(),
        r#"{"type":3,"data":{"source":0,"texts":[{"id":81,"value":"3 items"}],"attributes":[{"id":80,"attributes":{"class":"badge badge--on","style":{"width":"12px"},"aria-label":"3 items"}}],"removes":[{"parentId":7,"id":90}],"adds":[{"parentId":7,"nextId":null,"node":{"type":2,"tagName":"li","attributes":{"class":"cart__line"},"childNodes":[],"id":901}},{"parentId":901,"nextId":null,"node":{"type":3,"textContent":"Trail shoes","id":902}}]},"timestamp":1732000000004}"#.into(),
        r#"{"type":3,"data":{"source":3,"id":1,"x":0,"y":1234.5},"timestamp":1732000000005}"#.into(),
    ]
}

fn run(name: &str, mode: Mode, events: &[String], rounds: usize) {
    let masker = Masker::new(mode);
    let mut out = Vec::new();
    let bytes = events.iter().map(String::len).sum::<usize>() * rounds;
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..rounds {
            for event in events {
                out.clear();
                let _ = black_box(masker.mask_event(black_box(event.as_bytes()), &mut out));
            }
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = bytes as f64 / best / 1e6;
    println!("{name:<12} {mode:?}: {rate:.0} MB/s");
}

fn main() {
    let snapshot = [snapshot(5_000)];
    let incremental = incremental();
    // Events of one's own, one a line, instead of ours.
    if let Ok(path) = std::env::var("SENTIERO_BENCH_EVENTS") {
        let text = std::fs::read_to_string(&path).expect("a file of events");
        let events: Vec<String> = text.lines().map(str::to_owned).collect();
        for mode in [Mode::None, Mode::Inputs, Mode::Text] {
            run(&path, mode, &events, 20);
        }
        return;
    }
    println!(
        "snapshot of {} bytes, {} other events",
        snapshot[0].len(),
        incremental.len()
    );
    for mode in [Mode::None, Mode::Inputs, Mode::Text] {
        run("snapshot", mode, &snapshot, 20);
        run("incremental", mode, &incremental, 10_000);
    }
}
