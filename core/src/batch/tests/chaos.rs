//! Whatever happens to uploads, in whatever order: every event arrives once, in its place.

use super::{Rig, event, read};
use crate::batch::Effect;
use crate::id::{Millis, SESSION_ENTROPY, SessionId};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What happens to an upload.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Stored,
    /// Stored, but the answer was lost.
    Unheard,
    Lost,
    Busy,
    Portal,
    TooLarge,
    Clock,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Push { n: u32, size: usize },
    Flush,
    Wait(Millis),
    Upload(Fate),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fate = prop_oneof![
        4 => Just(Fate::Stored),
        2 => Just(Fate::Unheard),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Busy),
        1 => Just(Fate::Portal),
        1 => Just(Fate::TooLarge),
        1 => Just(Fate::Clock),
    ];
    let step = prop_oneof![
        (1..300_u32, 1..600_usize).prop_map(|(n, size)| Step::Push { n, size }),
        Just(Step::Flush),
        (0..70_000_u64).prop_map(Step::Wait),
        fate.prop_map(Step::Upload),
    ];
    proptest::collection::vec(step, 1..60)
}

/// The edge: what it has, by session and index.
#[derive(Default)]
struct Edge {
    events: BTreeMap<(SessionId, u32), Vec<u8>>,
    last: Option<(u32, Vec<u8>)>,
    /// The recorder knows that something is stored.
    heard: bool,
}

impl Edge {
    /// An upload comes; it is either the last one again, or the one after it.
    fn receive(&mut self, rig: &mut Rig, fate: Fate) {
        let Some(body) = rig.poll() else { return };
        let (header, events) = read(&body);
        if let Some((expected, last)) = self.last.take() {
            assert!(
                header.first == expected || body == last,
                "{} after {expected}",
                header.first
            );
        }
        let fate = match fate {
            // Only of a session that it knows nothing of.
            Fate::Clock if self.events.keys().any(|(sid, _)| *sid == header.sid) => Fate::Stored,
            fate => fate,
        };
        if matches!(fate, Fate::Stored | Fate::Unheard) {
            for (index, event) in (header.first..).zip(events) {
                self.events
                    .entry((header.sid.clone(), index))
                    .or_insert(event);
            }
        }
        self.last = match fate {
            Fate::Stored => Some((header.end_index(), body)),
            Fate::Unheard | Fate::Lost | Fate::Busy | Fate::Portal if self.heard => {
                Some((u32::MAX, body))
            }
            // Packed anew, with what came since.
            _ => Some((header.first, body)),
        };
        self.heard |= matches!(fate, Fate::Stored);
        let effects = match fate {
            Fate::Stored => rig.answer(
                200,
                &format!("{{\"next\":{},\"directive\":\"ok\"}}", header.end_index()),
            ),
            Fate::Unheard | Fate::Lost => rig.answer(0, ""),
            Fate::Busy => rig.answer_after(503, "", 100),
            Fate::Portal => rig.answer(200, "<html>"),
            Fate::TooLarge => rig.answer(413, r#"{"limit":20000}"#),
            Fate::Clock => rig.answer(409, &format!("{{\"now\":{}}}", rig.now)),
        };
        if let [Effect::Clock { now }] = effects.as_slice() {
            rig.uploader
                .resign(SessionId::new(*now, &[7; SESSION_ENTROPY]), 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_is_lost_and_nothing_comes_twice(steps in steps()) {
        let mut rig = Rig::new();
        let mut edge = Edge::default();
        let mut sizes = Vec::new();
        for step in steps {
            match step {
                Step::Push { n, size } => {
                    sizes.extend(std::iter::repeat_n(size, usize::try_from(n).unwrap()));
                    rig.push(n, size);
                }
                Step::Flush => rig.uploader.flush(),
                Step::Wait(ms) => rig.now += ms,
                Step::Upload(fate) => edge.receive(&mut rig, fate),
            }
        }
        rig.uploader.flush();
        while let Some(at) = rig.uploader.wake_at() {
            rig.now = rig.now.max(at);
            edge.receive(&mut rig, Fate::Stored);
        }
        prop_assert!(rig.uploader.is_done());
        let sid = rig.uploader.stream().sid.clone();
        let came: Vec<_> = edge.events.range((sid.clone(), 0)..=(sid, u32::MAX)).collect();
        prop_assert_eq!(came.len(), sizes.len());
        for (index, (((_, at), came), size)) in (0..).zip(came.iter().zip(&sizes)) {
            prop_assert_eq!(index, *at);
            let placeholder = came.starts_with(br#"{"type":5"#);
            prop_assert!(placeholder || **came == *event(index, *size), "event {}", index);
        }
    }
}
