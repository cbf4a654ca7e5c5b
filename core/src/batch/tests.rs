mod chaos;

use super::*;
use crate::gzip;
use crate::id::{SESSION_ENTROPY, TAB_ENTROPY};
use crate::wire::{Header, Limits, Upload};

const T0: Millis = 1_795_445_123_456;
const OK: &str = r#"{"next":0,"directive":"ok"}"#;

pub(super) fn stream() -> Stream {
    Stream {
        sid: SessionId::new(T0, &[1; SESSION_ENTROPY]),
        tab: TabId::new(&[2; TAB_ENTROPY]),
        window: WindowId::new(&[3; TAB_ENTROPY]),
        offset: 0,
        meta: Meta {
            url: "https://shop.example/".into(),
            ..Meta::default()
        },
    }
}

/// Text that hardly compresses, as images and ids in a page do.
fn event(index: u32, size: usize) -> Box<[u8]> {
    let mut seed = u64::from(index) + 1;
    let noise: String = std::iter::repeat_with(|| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from(seed >> 58).unwrap())
    })
    .filter(|char| !matches!(char, '"' | '\\'))
    .take(size)
    .collect();
    format!("{{\"i\":{index},\"x\":\"{noise}\"}}")
        .into_bytes()
        .into()
}

fn read(body: &[u8]) -> (Header, Vec<Vec<u8>>) {
    let text = gzip::decompress(body, Limits::DEFAULT.inflated).unwrap();
    let upload = Upload::parse(&text, &Limits::DEFAULT).unwrap();
    (
        upload.header.clone(),
        upload.events.iter().map(|event| event.to_vec()).collect(),
    )
}

/// An uploader with a clock.
struct Rig {
    uploader: Uploader,
    now: Millis,
    pushed: u32,
    effects: Vec<Effect>,
}

impl Rig {
    fn new() -> Self {
        Self {
            uploader: Uploader::new(stream()),
            now: T0,
            pushed: 0,
            effects: Vec::new(),
        }
    }

    fn push(&mut self, n: u32, size: usize) {
        for _ in 0..n {
            assert!(self.uploader.push(event(self.pushed, size), self.now));
            self.pushed += 1;
        }
    }

    fn poll(&mut self) -> Option<Vec<u8>> {
        self.uploader
            .poll(self.now, &mut self.effects)
            .map(<[u8]>::to_vec)
    }

    /// Index range of the batch that is uploaded now.
    fn batch(&mut self) -> Option<(u32, u32)> {
        self.poll()
            .map(|body| read(&body).0)
            .map(|header| (header.first, header.end_index()))
    }

    fn answer(&mut self, status: u16, body: &str) -> Vec<Effect> {
        self.answer_after(status, body, 0)
    }

    fn answer_after(&mut self, status: u16, body: &str, retry_after: Millis) -> Vec<Effect> {
        let answer = Answer {
            status,
            body: body.as_bytes(),
            retry_after,
        };
        self.uploader
            .answer(&answer, self.now, 0, &mut self.effects);
        std::mem::take(&mut self.effects)
    }

    fn wait(&self) -> Option<Millis> {
        self.uploader
            .wake_at()
            .map(|at| at.saturating_sub(self.now))
    }
}

#[test]
fn packs_by_age_count_size_and_wish() {
    let mut rig = Rig::new();
    assert_eq!((rig.batch(), rig.wait()), (None, None));
    rig.push(3, 10);
    assert_eq!((rig.batch(), rig.wait()), (None, Some(MAX_WAIT)));
    rig.now += MAX_WAIT;
    assert_eq!((rig.batch(), rig.wait()), (Some((0, 3)), None));
    assert_eq!(rig.answer(200, OK), [Effect::Acked { next: 3 }]);

    rig.push(MAX_EVENTS + 1, 1);
    assert_eq!(rig.batch(), Some((3, 3 + MAX_EVENTS)));
    rig.answer(200, OK);
    assert_eq!((rig.batch(), rig.wait()), (None, Some(MAX_WAIT)));
    rig.uploader.flush();
    assert_eq!(rig.batch(), Some((3 + MAX_EVENTS, 4 + MAX_EVENTS)));
    rig.answer(200, OK);
    assert!(rig.uploader.is_done());

    rig.push(40, 20_000);
    let mut seen = Vec::new();
    while let Some(body) = rig.poll() {
        seen.push(body.len());
        rig.answer(200, OK);
    }
    assert!(seen.len() > 5, "{seen:?}");
    assert!(
        seen.iter().skip(1).all(|bytes| *bytes < 2 * TARGET_BYTES),
        "{seen:?}"
    );
}

#[test]
fn one_upload_at_a_time_and_meta_on_the_first() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    rig.uploader.flush();
    let first = rig.poll().unwrap();
    rig.push(1, 10);
    rig.uploader.flush();
    assert_eq!(rig.poll(), None);
    rig.answer(200, OK);
    let second = rig.poll().unwrap();
    let (first, second) = (read(&first).0, read(&second).0);
    assert_eq!(
        (first.seq, first.meta.unwrap().url.as_str()),
        (0, "https://shop.example/")
    );
    assert_eq!((second.seq, second.meta, second.end), (1, None, false));
}

#[test]
fn tries_again_with_the_same_bytes_and_growing_waits() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    rig.uploader.flush();
    rig.poll();
    rig.answer(200, OK);
    rig.push(1, 10);
    rig.uploader.flush();
    let body = rig.poll();
    for wait in [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
        rig.answer(0, "");
        rig.push(1, 10);
        rig.uploader.flush();
        assert_eq!(rig.wait(), Some(wait));
        assert_eq!(rig.poll(), None);
        rig.now += wait;
        assert_eq!(rig.poll(), body);
    }
    rig.answer_after(429, "", 90_000);
    assert_eq!(rig.wait(), Some(90_000));
    rig.now += 90_000;
    rig.poll();
    rig.answer_after(503, "", u64::MAX);
    assert_eq!(rig.wait(), Some(600_000));
    rig.now += 600_000;
    assert_eq!(rig.poll(), body);
    assert_eq!(rig.answer(200, OK), [Effect::Acked { next: 2 }]);
    assert_eq!(rig.batch(), Some((2, 10)));
}

#[test]
fn until_something_is_stored_it_says_anew_when_it_sends() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    rig.uploader.flush();
    let first = read(&rig.poll().unwrap());
    rig.answer(0, "");
    rig.now += 3_600_000;
    let again = read(&rig.poll().unwrap());
    assert_eq!((first.0.seq, first.0.sent), (0, T0));
    assert_eq!((again.0.seq, again.0.sent), (1, T0 + 3_600_000));
    assert_eq!(first.1, again.1);
}

#[test]
fn the_jitter_is_half() {
    for (random, wait) in [(0, 500), (u32::MAX, 999)] {
        let mut rig = Rig::new();
        rig.push(1, 10);
        rig.uploader.flush();
        rig.poll();
        let answer = Answer {
            status: 503,
            body: b"",
            retry_after: 0,
        };
        rig.uploader
            .answer(&answer, rig.now, random, &mut Vec::new());
        assert_eq!(rig.wait(), Some(wait));
    }
}

#[test]
fn obeys() {
    let check = |status: u16, body: &str, effects: &[Effect], wait: Option<Millis>| {
        let mut rig = Rig::new();
        rig.push(1, 10);
        rig.uploader.flush();
        rig.poll();
        rig.push(1, 10);
        rig.uploader.flush();
        assert_eq!(
            (&*rig.answer(status, body), rig.wait()),
            (effects, wait),
            "{status} {body}"
        );
    };
    let acked = |next| Effect::Acked { next };
    let stop = |reason: &str, all| Effect::Stop {
        reason: reason.into(),
        all,
    };
    check(200, r#"{"next":1,"directive":"ok"}"#, &[acked(1)], Some(0));
    check(200, r#"{"next":2,"directive":"ok"}"#, &[acked(2)], None);
    check(200, r#"{"next":9,"directive":"ok"}"#, &[acked(2)], None);
    check(
        200,
        r#"{"next":1,"directive":"slow","wait":5000}"#,
        &[acked(1)],
        Some(5_000),
    );
    check(
        200,
        r#"{"next":1,"directive":"snapshot"}"#,
        &[acked(1), Effect::Snapshot],
        Some(0),
    );
    let over = "the edge takes no more of this session";
    check(
        200,
        r#"{"next":1,"directive":"stop"}"#,
        &[acked(1), stop(over, true)],
        None,
    );
    check(204, "", &[stop("", true)], None);
    check(
        403,
        r#"{"message":"no such origin"}"#,
        &[stop("no such origin", false)],
        None,
    );
}

#[test]
fn a_wrong_clock_is_corrected_before_anything_is_stored() {
    let mut rig = Rig::new();
    rig.push(2, 10);
    rig.uploader.flush();
    let before = read(&rig.poll().unwrap());
    rig.push(1, 10);
    assert_eq!(
        rig.answer(409, r#"{"now":12345}"#),
        [Effect::Clock { now: 12_345 }]
    );
    let sid = SessionId::new(12_345, &[9; SESSION_ENTROPY]);
    rig.uploader.resign(sid.clone(), -7);
    let after = read(&rig.poll().unwrap());
    assert_eq!(
        (after.0.sid, after.0.first, after.0.seq, after.0.n),
        (sid, 0, 1, 3)
    );
    assert_eq!(after.1[..2], before.1);
    assert!(after.0.meta.is_some());
    assert_eq!((before.0.offset, after.0.offset), (Some(0), Some(-7)));
    // Once more at once would be a loop.
    rig.answer(409, r#"{"now":12345}"#);
    rig.uploader
        .resign(SessionId::new(1, &[9; SESSION_ENTROPY]), 0);
    assert_eq!(rig.wait(), Some(1_000));
}

#[test]
fn a_settled_session_keeps_its_id() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    rig.uploader.flush();
    rig.poll();
    rig.answer(200, OK);
    rig.push(1, 10);
    rig.uploader.flush();
    rig.poll();
    let effects = rig.answer(409, r#"{"now":12345}"#);
    assert_eq!(
        effects,
        [Effect::Stop {
            reason: "the session has become too old to be stored".into(),
            all: false,
        }]
    );
    let sid = rig.uploader.stream().sid.clone();
    rig.uploader
        .resign(SessionId::new(1, &[9; SESSION_ENTROPY]), 0);
    assert_eq!(rig.uploader.stream().sid, sid);
}

#[test]
fn splits_what_is_too_large() {
    let mut rig = Rig::new();
    rig.push(5, 10);
    rig.uploader.flush();
    let mut seen = Vec::new();
    let mut effects = Vec::new();
    while let Some((first, end)) = rig.batch() {
        seen.push((first, end));
        // Nothing with event 3 is taken, and never more than two.
        let stored = end - first <= 2 && !(first..end).contains(&3);
        let stored = stored || effects.contains(&Effect::TooLarge);
        effects.extend(if stored {
            rig.answer(200, OK)
        } else {
            rig.answer(413, "")
        });
        rig.now += rig.wait().unwrap_or(0);
    }
    assert_eq!(
        seen,
        [(0, 5), (0, 2), (2, 4), (2, 3), (3, 4), (3, 4), (4, 5)]
    );
    assert_eq!(
        effects
            .iter()
            .filter(|effect| **effect == Effect::TooLarge)
            .count(),
        1
    );
}

#[test]
fn a_batch_beyond_the_limit_is_not_even_sent() {
    let mut rig = Rig::new();
    rig.push(1, 3 << 20);
    rig.push(1, 10);
    rig.uploader.flush();
    let (header, events) = read(&rig.poll().unwrap());
    assert_eq!((header.first, header.n), (0, 1));
    assert_eq!(events[0], dropped(T0));
    assert_eq!(rig.effects, [Effect::TooLarge]);
    rig.answer(200, OK);
    assert_eq!(rig.batch(), Some((1, 2)));
}

#[test]
fn takes_nothing_after_what_was_too_much() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    assert!(!rig.uploader.push(vec![b' '; MAX_HELD].into(), T0));
    assert!(!rig.uploader.push(event(1, 10), T0));
    rig.uploader.flush();
    assert_eq!(rig.batch(), Some((0, 1)));
    rig.answer(200, OK);
    assert!(rig.uploader.is_done());
}

#[test]
fn a_tail_fits_the_beacon() {
    let events: Vec<_> = (7..107).map(|index| event(index, 3_000)).collect();
    let mut tail = Tail::new(stream(), 4, 7, events.clone(), T0);
    let limit = 60_000;
    let mut came = Vec::new();
    let mut seq = 4;
    while let Some(body) = tail.next(limit) {
        assert!(body.len() <= limit);
        let (header, events) = read(&body);
        assert_eq!(
            (header.first, header.seq, header.end),
            (7 + u32::try_from(came.len()).unwrap(), seq, true)
        );
        seq += 1;
        came.extend(events);
    }
    assert!(came.iter().eq(events.iter().map(|event| &**event)));
    assert!(seq < 14, "{seq}");
    let mut one = Tail::new(stream(), 0, 0, vec![event(0, 100_000)], T0);
    assert!(one.next(limit).unwrap().len() > limit);
    assert_eq!(one.next(limit), None);
}

#[test]
fn what_a_page_left_behind_goes_after_one_event_has_asked() {
    let gone = |first, n: u32| {
        let mut rig = Rig::new();
        rig.uploader = Uploader::of_gone(stream(), first);
        rig.pushed = first;
        rig.push(n, 10);
        rig.uploader.flush();
        rig
    };
    let next = |rig: &mut Rig| {
        let (header, _) = read(&rig.poll()?);
        Some((header.first, header.end_index(), header.end))
    };
    // The edge has nothing.
    let mut rig = gone(7, 5);
    assert_eq!(next(&mut rig), Some((7, 8, false)));
    rig.answer(200, r#"{"next":8,"directive":"ok"}"#);
    assert_eq!(next(&mut rig), Some((8, 12, true)));
    assert_eq!(rig.answer(200, OK), [Effect::Acked { next: 12 }]);
    assert!(rig.uploader.is_done());
    // It has some, or all, by the beacon.
    let mut rig = gone(7, 5);
    next(&mut rig);
    rig.answer(200, r#"{"next":10,"directive":"ok"}"#);
    assert_eq!(next(&mut rig), Some((10, 12, true)));
    let mut rig = gone(7, 5);
    next(&mut rig);
    let acked = rig.answer(200, r#"{"next":12,"directive":"ok"}"#);
    assert_eq!(acked, [Effect::Acked { next: 12 }]);
    assert!(rig.uploader.is_done());
    // A session of which something may be stored keeps its id.
    let mut rig = gone(7, 1);
    assert_eq!(next(&mut rig), Some((7, 8, true)));
    assert!(matches!(
        rig.answer(409, r#"{"now":1}"#)[..],
        [Effect::Stop { all: false, .. }]
    ));
    let mut rig = gone(0, 1);
    next(&mut rig);
    assert_eq!(rig.answer(409, r#"{"now":1}"#), [Effect::Clock { now: 1 }]);
}

#[test]
fn what_is_not_stored_can_be_written_down() {
    let mut rig = Rig::new();
    rig.push(3, 10);
    rig.uploader.flush();
    rig.poll();
    rig.push(2, 10);
    assert_eq!((rig.uploader.first(), rig.uploader.next()), (0, 5));
    rig.uploader
        .resign(SessionId::new(1, &[9; SESSION_ENTROPY]), 0);
    let all: Vec<_> = (0..5)
        .flat_map(|index| [&*event(index, 10), b"\n"].concat())
        .collect();
    assert_eq!(rig.uploader.lines(), all);
    rig.poll();
    rig.answer(200, OK);
    assert_eq!((rig.uploader.first(), rig.uploader.next()), (5, 5));
}

#[test]
fn a_network_that_is_back_ends_the_wait_after_a_failure_only() {
    let mut rig = Rig::new();
    rig.push(1, 10);
    rig.uploader.flush();
    rig.poll();
    rig.answer(0, "");
    rig.uploader.hurry();
    assert_eq!(rig.wait(), Some(0));
    rig.poll();
    rig.answer(200, r#"{"next":1,"directive":"slow","wait":5000}"#);
    rig.push(1, 10);
    rig.uploader.flush();
    rig.uploader.hurry();
    assert_eq!(rig.wait(), Some(5_000), "the edge asked for it");
}
