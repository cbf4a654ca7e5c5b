//! A session that has reached its limit: what makes it playable is what came first.

use super::*;
use crate::event::{EventView, Kind};

/// A snapshot and what follows, as a page sends it: event 0 is the address, 1 the snapshot.
fn body(first: u32, n: u32) -> Vec<u8> {
    let header = Header {
        v: VERSION,
        sid: sid(),
        tab: TabId::new(&[1; 5]),
        window: WindowId::new(&[1; 5]),
        seq: 0,
        first,
        n,
        sent: START,
        offset: None,
        meta: None,
        end: false,
    };
    let mut text = Vec::new();
    header.write_line(&mut text);
    for index in first..first + n {
        let event = if index == 1 {
            format!(
                r#"{{"type":2,"data":{{"node":{{"type":0,"childNodes":[],"id":1}},"initialOffset":{{"left":0,"top":0}}}},"timestamp":{}}}"#,
                START + 1
            )
        } else {
            event(index)
        };
        text.extend_from_slice(event.as_bytes());
        text.push(b'\n');
    }
    gzip::compress(&text)
}

#[test]
fn a_full_session_begins_with_its_snapshot_and_has_no_hole() {
    let world = World::default();
    let upload = |first, n, now| {
        let (append, body) = taken(body(first, n), now);
        block_on(world.actor().append(&append, body, now)).unwrap()
    };
    let mut stored = 0;
    let mut now = START;
    // In batches of 64 up to the limit of 1 000, and on: the rest is refused, whole batches.
    for first in (0..2_000).step_by(64) {
        now += 1_000;
        world.run_until(now);
        match upload(first, 64, now) {
            Ok(ack) => stored = ack.next,
            Err(refused) => assert_eq!(refused, Refused::Full),
        }
    }
    assert_eq!(stored, 960, "as many whole batches as fit");
    assert_eq!(
        upload(64, 64, now).unwrap().next,
        960,
        "a repetition is acknowledged"
    );
    world.run_until(now + 3_600_000);
    assert!(world.record().is_none(), "it is finished as any other");

    let events = world.stored().remove(&TabId::new(&[1; 5])).unwrap();
    let indexes: Vec<u32> = events.iter().map(|(index, _)| *index).collect();
    assert_eq!(indexes, (0..960).collect::<Vec<_>>(), "no hole");
    let kinds = events
        .iter()
        .map(|(_, event)| EventView::read(event.as_bytes()).unwrap().kind);
    let kinds: Vec<Kind> = kinds.take(2).collect();
    assert!(matches!(kinds[0], Kind::Meta { .. }) && matches!(kinds[1], Kind::FullSnapshot { .. }));
    let record = world.stores.records.borrow()[&sid()].clone();
    let detail = record.detail();
    assert!(detail.batches[0].keyframe && detail.tab_list[0].gaps.is_empty());
}
