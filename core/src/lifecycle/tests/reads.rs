//! A reader sees every acknowledged event exactly once, at whatever moment it asks and
//! however long it takes: its steps and the writer's are interleaved in every way.

use super::erasure::poll;
use super::*;
use crate::reading::{Events, Format, find};
use std::cell::Cell;
use std::pin::Pin;
use std::task::Poll;

/// When the session is finished.
const END: Millis = START + 100_000;

/// What the writer does while somebody reads.
#[derive(Clone, Copy, Debug)]
enum Story {
    /// It finishes a session, in two chunks.
    Finish,
    /// A finished session is revived and finished again; readers of records see the first
    /// one all the time.
    Revive,
    /// The same, and no record is shown at all.
    ReviveUnseen,
}

impl Story {
    const ALL: [Self; 3] = [Self::Finish, Self::Revive, Self::ReviveUnseen];

    /// The world in which it begins, and how many events are acknowledged.
    fn world(self) -> (World, u32) {
        let world = World::default();
        let known = match self {
            Self::Finish => {
                world.upload(&up(1, 0, 2), START).unwrap();
                world.run_until(START + 20_000);
                for batch in [up(1, 2, 1), ending(3, 1)] {
                    let (mut append, body) = arrived(&batch, START + 40_000);
                    append.batch.meta.bytes = 700_000;
                    let actor = world.actor();
                    let appended = actor.append(&append, body, START + 40_000);
                    block_on(appended).unwrap().unwrap();
                }
                4
            }
            Self::Revive | Self::ReviveUnseen => {
                if matches!(self, Self::ReviveUnseen) {
                    world.stores.cache_records();
                }
                world.upload(&ending(0, 3), START).unwrap();
                world.run_until(START + 70_000);
                if matches!(self, Self::Revive) {
                    world.stores.cache_records();
                }
                3
            }
        };
        world.stores.slow.set(true);
        (world, known)
    }

    /// What the writer does; `known` is how many events are acknowledged.
    async fn happen(self, world: &World, known: &Cell<u32>) {
        let actor = world.actor();
        if !matches!(self, Self::Finish) {
            let (append, body) = arrived(&ending(3, 2), END);
            let appended = actor.append(&append, body, END).await;
            known.set(appended.unwrap().unwrap().next);
        }
        world.goes_off();
        actor.alarm(END + 60_000).await.unwrap();
    }
}

/// What a reader is told: how many events the detail counts, and the events.
async fn read(world: &World) -> (u64, String) {
    let actor = world.actor();
    let site = SiteKey::parse("demo").unwrap();
    let ports = (&actor, &&world.stores, &&world.stores);
    let all = Selection::ALL;
    let found = find(ports, &site, &sid(), &all, actor.log).await.unwrap();
    let found = found.expect("it is found at any moment");
    let batches = found.record.detail().batches;
    let counted = batches.iter().map(|batch| u64::from(batch.n)).sum();
    let mut events = Events::new(&world.stores, site, found, &all, Format::Ndjson, actor.log);
    let mut text = Vec::new();
    while let Some(piece) = events.next().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    (counted, String::from_utf8(text).unwrap())
}

/// Lets the writer and the reader take turns: `true` is a step of the writer's.
fn interleave(story: Story, turns: impl IntoIterator<Item = bool>) {
    let (world, known) = story.world();
    let known = Cell::new(known);
    let mut writer: Pin<Box<dyn Future<Output = ()>>> = Box::pin(story.happen(&world, &known));
    let mut reader = Box::pin(read(&world));
    let (mut written, mut at_start, mut answer) = (false, None, None);
    // After the turns that are given, the reader goes on to its end.
    for writers in turns.into_iter().chain(std::iter::repeat_n(false, 200)) {
        if writers && !written {
            written = poll(writer.as_mut()).is_ready();
        } else if !writers && answer.is_none() {
            at_start.get_or_insert(known.get());
            if let Poll::Ready(read) = poll(reader.as_mut()) {
                answer = Some(read);
            }
        }
    }
    let (counted, text) = answer.expect("the reader comes to its end");
    let n = text.lines().count();
    assert!(
        u64::try_from(n).unwrap() == counted,
        "{counted} counted, {n} read"
    );
    let n = u32::try_from(n).unwrap();
    assert!(n >= at_start.unwrap(), "{n} of {at_start:?} acknowledged");
    let tab = TabId::new(&[1; 5]);
    let line = |index| {
        let event = event(index);
        format!("{{\"tab\":\"{tab}\",\"index\":{index},\"event\":{event}}}\n")
    };
    assert_eq!(text, (0..n).map(line).collect::<String>());
}

/// How many steps the writer takes, and the reader when it takes the most.
fn steps(story: Story) -> (usize, usize) {
    let (world, known) = story.world();
    let known = Cell::new(known);
    let count = |mut future: Pin<Box<dyn Future<Output = ()> + '_>>| {
        (1..1_000)
            .find(|_| poll(future.as_mut()).is_ready())
            .expect("it ends")
    };
    let before = count(Box::pin(async {
        read(&world).await;
    }));
    let writer = count(Box::pin(story.happen(&world, &known)));
    let after = count(Box::pin(async {
        read(&world).await;
    }));
    let reader = before.max(after);
    (writer, reader)
}

#[test]
fn at_every_moment_of_the_writer_with_a_pause_at_every_step_of_the_reader() {
    let mut schedules = 0;
    for story in Story::ALL {
        let (writer, reader) = steps(story);
        for before in 0..=writer {
            for pause in 0..=reader {
                for during in 0..=writer - before {
                    let turns = [(true, before), (false, pause), (true, during)];
                    let turns = turns
                        .iter()
                        .flat_map(|&(who, n)| std::iter::repeat_n(who, n));
                    interleave(story, turns);
                    schedules += 1;
                }
            }
        }
    }
    println!("{schedules} schedules");
    assert!(schedules > 1_000, "{schedules}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn in_any_order_of_steps(story in 0usize..3, turns in prop::collection::vec(any::<bool>(), 0..80)) {
        interleave(Story::ALL[story], turns);
    }

    /// A chunk that was damaged or torn in its store costs what it held, and nothing else.
    #[test]
    fn damage_hides_no_more_than_it_must(
        chunk in 0usize..2, at in 0usize..2_000, cut: bool, flip in 1u8..=255, known: bool,
    ) {
        let (world, n) = Story::Finish.world();
        world.stores.slow.set(false);
        world.run_until(END + 3_600_000);
        let whole = block_on(read(&world)).1;
        if !known {
            world.stores.records.take();
        }
        if let Some(bytes) = world.stores.objects.borrow_mut().values_mut().nth(chunk) {
            let at = at % bytes.len();
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] ^= flip;
            }
        }
        let (_, text) = block_on(read(&world));
        prop_assert_eq!(whole.lines().count(), usize::try_from(n).unwrap());
        let kept: Vec<&str> = text.lines().collect();
        prop_assert!(kept.iter().all(|line| whole.lines().any(|whole| whole == *line)));
        // One chunk of two is as it was.
        prop_assert!(!kept.is_empty());
    }
}
