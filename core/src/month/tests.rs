//! A month's index under every fault at every step: what is put, made, kept, erased, made
//! again and dropped.

use super::*;
use crate::analytics::fold::Fold;
use crate::analytics::part;
use crate::analytics::report::{Answer, Question};
use crate::analytics::route::Routes;
use crate::analytics::session::{Session, Visit};
use crate::erasure::tests::{DAY, NOW, advances, site};
use crate::filter::Filter;
use crate::id::{Millis, Month};
use crate::retention::{Keeper, Plan, ask, put};
use crate::store::contract::row;
use crate::store::memory::{Fault, Made, Memory, MemoryMonth, Trouble};
use crate::store::{ChunkPlace, Recordings};
use pollster::block_on;
use std::cell::Cell;

const FAULTS: [Fault; 3] = [Fault::Failed, Fault::FailedButWritten, Fault::Twice];

/// What somebody does with a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// Session `n` is written, as it is the `time`th time.
    Put(u8, u32),
    /// It is erased: the index lets it in no more.
    Erase(u8),
    /// Its erasure is forgotten.
    Forget(u8),
    /// Every report is asked for.
    Ask,
    /// A list is asked for: sheets are made, no more than so many.
    List(u32),
    /// The alarm goes off, with sheets missing.
    Wake,
    /// The rows are made again from the recordings.
    Rebuild,
    /// The month is past, and dropped.
    Drop,
}

use Deed::{Ask, Drop, Erase, Forget, List, Put, Rebuild, Wake};

/// A life of a month: a dozen sessions, looked at, changed, erased, looked at again.
fn life() -> Vec<Deed> {
    let mut deeds: Vec<Deed> = (0..13).map(|n| Put(n, 0)).collect();
    deeds.extend([List(2), Wake, Ask, Ask]);
    deeds.extend([Put(3, 1), List(8), Ask]);
    deeds.extend([Erase(4), Put(4, 2), Ask, Wake]);
    deeds.extend([Forget(4), Put(13, 0), Ask, Rebuild, Ask]);
    deeds
}

/// How many sessions there are.
const ALL: u8 = 14;

/// When the month is past.
fn past() -> Millis {
    Month::of(NOW).next().start() + 400 * DAY
}

fn sid(n: u8) -> SessionId {
    // Three of them in one millisecond.
    SessionId::new(NOW + 1_000 * u64::from(n / 3), &[n; 17])
}

/// What only session `n` says.
fn secret(n: u8) -> String {
    format!("secret-{n:02}-word")
}

fn told(n: u8, time: u32) -> (SessionRow, Session) {
    let mut session = Session::default();
    let url = format!("https://shop.example/{}", secret(n));
    let url = session.names_mut(Topic::Pages).name(&url);
    session.visits.push(Visit {
        url,
        length: 9_000 + time,
        ..Visit::default()
    });
    let row = SessionRow {
        users: vec![secret(n)],
        device: Some(
            if n.is_multiple_of(2) {
                "mobile"
            } else {
                "desktop"
            }
            .into(),
        ),
        dead: time,
        ..row(&sid(n))
    };
    (row, session)
}

/// Such as read names, parts, and neither.
fn questions() -> Vec<(Question, Filter)> {
    let all = [
        ("pages", ""),
        ("retention", "device=mobile"),
        ("overview", "user=secret-04-word"),
    ];
    let question = |(name, filter)| {
        let (question, _) = Question::take(name, Vec::new()).unwrap();
        (question, Filter::parse(filter).unwrap())
    };
    all.map(question).into()
}

fn parts_of(made: &Made, sheet: &str) -> usize {
    let parts = made.parts.keys();
    parts.filter(|(first, _)| first == sheet).count()
}

/// Whether a text stands in anything that is made of rows.
fn says(made: &Made, text: &str) -> bool {
    let sheets = made.sheets.values();
    let sheets = sheets.flat_map(|(_, it)| [&it.facts, &it.names, &it.pages]);
    let answers = made.answers.values().map(|(_, answer)| answer);
    let mut all = sheets.chain(made.parts.values()).chain(answers);
    all.any(|bytes| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

/// What is there in the end.
#[derive(Debug, PartialEq)]
struct End {
    rows: Vec<(SessionRow, Packed)>,
    erased: Vec<u8>,
    is_planned: bool,
    is_woken: bool,
    answers: Vec<Answer>,
}

struct World<'a> {
    memory: &'a Memory,
    month: MemoryMonth<'a>,
    lacking: Cell<bool>,
}

impl<'a> World<'a> {
    fn over(memory: &'a Memory) -> Self {
        Self {
            memory,
            month: MemoryMonth::new(memory, site(), Month::of(NOW)),
            lacking: Cell::new(false),
        }
    }

    fn new(memory: &'a Memory) -> Self {
        let world = Self::over(memory);
        // What the rows are made again of, from the beginning.
        for n in 0..ALL {
            let (row, _) = told(n, 0);
            let (site, name) = (site(), "0000000000001-0000");
            let place = ChunkPlace {
                site: &site,
                sid: &sid(n),
                name,
            };
            let bytes = b"bytes".to_vec();
            block_on(Recordings::put(&world.memory, &place, bytes, &row)).unwrap();
        }
        world
    }

    fn keeper(&self) -> Keeper<&MemoryMonth<'a>, &Memory, &Memory, &Memory, &Memory> {
        Keeper {
            shelf: &self.month,
            chunks: self.memory,
            recordings: self.memory,
            records: self.memory,
            sessions: self.memory,
            log: |_| {},
        }
    }

    async fn does(&self, deed: Deed) -> Result<()> {
        let month = &&self.month;
        match deed {
            Put(n, time) => {
                let (row, session) = told(n, time);
                let told = (&row, &Packed::of(&session));
                put(month, Some(site()), told, u64::from(time), NOW).await
            }
            Erase(n) => self.month.erase(&sid(n)).await,
            Forget(n) => self.month.forget(&sid(n)).await,
            Ask => Box::pin(self.asks()).await,
            List(most) => {
                let mut maker = Maker::new(month, most);
                maker.all()?;
                self.lacking.set(maker.is_short());
                Ok(())
            }
            Wake => {
                self.lacking.set(true);
                while !wake(month, month, &self.lacking, NOW, |_| {}).await? {}
                Ok(())
            }
            Rebuild => {
                ask(month, site(), Month::of(NOW), true, NOW).await?;
                self.keeps(NOW).await
            }
            Drop => self.keeps(past()).await,
        }
    }

    /// The alarm goes off until it rests.
    async fn keeps(&self, now: Millis) -> Result<()> {
        for _ in 0..50 {
            self.keeper().alarm(now, Some(365)).await?;
            match self.month.alarm_at.get() {
                Some(at) if at <= now => {}
                // It has failed, and comes again.
                Some(_) if self.failures() > 0 => {}
                _ => return Ok(()),
            }
        }
        panic!("the alarm never rests");
    }

    fn failures(&self) -> u32 {
        let plan = self.month.plan.borrow();
        plan.as_ref().map_or(0, |plan| plan.failures)
    }

    /// Others change one session at most meanwhile, so it is counted as before or as after.
    async fn asks(&self) -> Result<()> {
        for (question, filter) in questions() {
            let before = self.expected(&question, &filter);
            let found = Box::pin(self.answer(&question, &filter)).await?;
            if found != before {
                assert_eq!(found, self.expected(&question, &filter), "{question:?}");
            }
        }
        Ok(())
    }

    async fn answer(&self, question: &Question, filter: &Filter) -> Result<Answer> {
        for _ in 0..50 {
            let empty = question.report(&Routes::default());
            if let Some(report) = Box::pin(tell(&&self.month, filter, empty)).await? {
                return Ok(report.answer());
            }
        }
        panic!("it is never told");
    }

    /// What the rows say, one by one.
    fn expected(&self, question: &Question, filter: &Filter) -> Answer {
        let mut fold = Fold::new(question.report(&Routes::default()));
        for (row, packed) in self.month.told(&Reach::all()) {
            fold.row(
                &row,
                &packed.read().unwrap_or_default(),
                filter.matches(&row),
            );
        }
        fold.into_report().answer()
    }

    /// Does something until it has worked, as who asks for it does.
    fn manages(&self, deed: Deed) {
        for _ in 0..5 {
            let done = block_on(self.does(deed));
            self.holds();
            if done.is_ok() {
                return;
            }
        }
        panic!("{deed:?} never works");
    }

    /// Does `deed` with every operation slow, and `other` at one of the moments when it
    /// waits; false if it has come to its end before.
    fn does_slowly(&self, deed: Deed, moment: u32, other: Deed) -> bool {
        let slow = |is_slow| {
            self.memory.slow.set(is_slow);
            self.month.slow.set(is_slow);
        };
        slow(true);
        let mut doing = Box::pin(self.does(deed));
        let (mut waited, mut happened) = (0, false);
        let done = loop {
            if let Some(done) = advances(doing.as_mut()) {
                break done;
            }
            if waited == moment {
                slow(false);
                self.manages(other);
                slow(true);
                happened = true;
            }
            waited += 1;
        };
        slow(false);
        done.unwrap();
        self.holds();
        happened
    }

    /// What is made says what the rows say, and nothing of who is erased is anywhere.
    fn holds(&self) {
        let made = self.month.made();
        let mut begun = String::new();
        for (first, (until, written)) in &made.sheets {
            assert!(begun <= *first && first < until, "sheets overlap");
            begun.clone_from(until);
            let told = self.month.told(&Reach::new(first.as_str(), until.as_str()));
            let rows: Vec<SessionRow> = told.iter().map(|(row, _)| row.clone()).collect();
            assert_eq!(*written, sheet::write(&rows), "a sheet is its rows");
            let mut sessions: Vec<Session> = told
                .iter()
                .map(|(_, packed)| packed.read().unwrap_or_default())
                .collect();
            let parts = parts_of(&made, first);
            assert!(parts == 0 || parts == Topic::ALL.len(), "all or none");
            for topic in Topic::ALL {
                let part = made.parts.get(&(first.clone(), topic as u8));
                let expected = part::of(&mut sessions, topic);
                assert!(
                    part.is_none_or(|part| *part == expected),
                    "a part is its rows"
                );
            }
        }
        let orphans = made
            .parts
            .keys()
            .find(|(first, _)| !made.sheets.contains_key(first));
        assert_eq!(orphans, None, "parts go with their sheets");
        for n in 0..ALL {
            let rows = self.memory.rows.borrow();
            if rows.get(&sid(n)).is_none() {
                assert!(!says(&made, &secret(n)), "{} is left", secret(n));
            }
        }
    }

    /// What is there when all has been said and done.
    fn end(&self) -> End {
        self.manages(Wake);
        self.manages(Ask);
        let made = self.month.made();
        let mut gaps = (&&self.month).gaps().unwrap();
        gaps.retain(|gap| !self.month.told(gap).is_empty());
        assert_eq!(gaps, [], "every sheet is made");
        assert!(made.sheets.keys().all(|first| parts_of(&made, first) > 0));
        let all = questions();
        let answers = all
            .iter()
            .map(|(q, filter)| block_on(self.answer(q, filter)).unwrap());
        End {
            rows: self.month.told(&Reach::all()),
            erased: (0..ALL)
                .filter(|n| self.memory.refused.borrow().contains(&sid(*n)))
                .collect(),
            is_planned: self.month.plan.borrow().is_some(),
            is_woken: self.month.alarm_at.get().is_some(),
            answers: answers.collect(),
        }
    }
}

/// A month in the midst of its life.
struct Scene {
    memory: Memory,
    plan: Option<Plan>,
    alarm: Option<Millis>,
    lacking: bool,
}

impl Scene {
    fn after(deeds: &[Deed]) -> Self {
        let memory = Memory::default();
        let world = World::new(&memory);
        for deed in deeds {
            world.manages(*deed);
        }
        let plan = world.month.plan.borrow().clone();
        let (alarm, lacking) = (world.month.alarm_at.get(), world.lacking.get());
        Self {
            memory,
            plan,
            alarm,
            lacking,
        }
    }

    /// The same once more, in which something else happens; what comes of it.
    fn then(&self, happens: impl FnOnce(&World<'_>)) -> End {
        let (memory, known) = (Memory::default(), &self.memory);
        memory.objects.replace(known.objects.borrow().clone());
        memory.notes.replace(known.notes.borrow().clone());
        memory.rows.replace(known.rows.borrow().clone());
        memory.refused.replace(known.refused.borrow().clone());
        memory.made.replace(known.made.borrow().clone());
        let world = World::over(&memory);
        *world.month.plan.borrow_mut() = self.plan.clone();
        world.month.alarm_at.set(self.alarm);
        world.lacking.set(self.lacking);
        happens(&world);
        world.holds();
        world.end()
    }

    /// How many operations a deed takes: on the month's own storage, and on others.
    fn operations(&self, deed: Deed) -> (u32, u32) {
        let mut counted = (0, 0);
        self.then(|world| {
            let count = || (world.month.operations(), world.memory.operations.get());
            let before = count();
            world.manages(deed);
            let after = count();
            counted = (after.0 - before.0, after.1 - before.1);
        });
        counted
    }
}

/// What is tried: a deed, and what was done before.
fn scenes() -> Vec<(Scene, Deed)> {
    let mut dropped: Vec<Deed> = (0..11).map(|n| Put(n, 0)).collect();
    dropped.extend([Wake, Ask, Drop]);
    let last = dropped.len() - 1;
    let mut scenes = Vec::new();
    for (deeds, from) in [(life(), 12), (dropped, last)] {
        for place in [0].into_iter().chain(from..deeds.len()) {
            scenes.push((Scene::after(&deeds[..place]), deeds[place]));
        }
    }
    scenes
}

#[test]
fn a_life_without_faults() {
    let scene = Scene::after(&life());
    let made = scene.memory.made.borrow()[&(site(), Month::of(NOW))].clone();
    assert!(made.sheets.len() > 1 && made.parts.len() > 7 && made.answers.len() > 1);
    assert!(says(&made, &secret(0)), "else nothing would be looked for");
    let end = scene.then(|_| ());
    assert!(end.is_planned && end.is_woken);
    assert_eq!(end.rows.len(), usize::from(ALL));
    let end = scene.then(|world| world.manages(Erase(0)));
    assert_eq!(end.rows.len(), usize::from(ALL) - 1);
    // As long as an erased session must not come back, its month stays.
    let end = scene.then(|world| {
        world.manages(Drop);
    });
    let left = (end.rows.len(), end.is_planned, end.is_woken);
    assert_eq!(left, (0, false, false));
}

#[test]
fn every_fault_at_every_step_ends_the_same() {
    let mut cells = 0;
    for (scene, deed) in scenes() {
        let undisturbed = scene.then(|world| world.manages(deed));
        let (own, others) = scene.operations(deed);
        for fault in FAULTS {
            let mut check = |plan: &dyn Fn(&World<'_>)| {
                let end = scene.then(|world| {
                    plan(world);
                    world.manages(deed);
                    let reached = !world.month.unplan() && !world.memory.unplan();
                    assert!(reached, "it was never reached");
                });
                assert_eq!(end, undisturbed, "{deed:?}, {fault:?}");
                cells += 1;
            };
            for number in 0..own {
                check(&|world| world.month.plan_fault(number, fault));
            }
            for number in 0..others {
                let trouble = Trouble { fault, hold: None };
                check(&|world| world.memory.plan(number, trouble));
            }
        }
    }
    println!("{cells} cells");
    assert!(cells > 1_000, "{cells}");
}

/// Everything that waits waits, and at one of these moments somebody else does something.
#[test]
fn what_is_slow_ends_the_same_whatever_happens_meanwhile() {
    let mut cells = 0;
    for (scene, deed) in scenes() {
        let others = match deed {
            // Of a month that is past nobody writes anything any more.
            Drop => [Ask, Wake].as_slice(),
            _ => &[Ask, Wake, List(8), Put(2, 9), Erase(5)],
        };
        for other in others {
            let expected = scene.then(|world| {
                world.manages(deed);
                world.manages(*other);
            });
            for moment in 0.. {
                let mut waits = false;
                let end = scene.then(|world| waits = world.does_slowly(deed, moment, *other));
                if !waits {
                    break;
                }
                assert_eq!(end, expected, "{other:?} in {deed:?}, {moment}");
                cells += 1;
            }
        }
    }
    println!("{cells} cells");
    assert!(cells > 100, "{cells}");
}

/// A plan was saved, and its alarm could not be set: who writes the next row sets it.
#[test]
fn a_month_whose_alarm_was_lost_is_looked_after_again() {
    let memory = Memory::default();
    let world = World::new(&memory);
    world.manages(Put(0, 0));
    world.month.alarm_at.set(None);
    world.manages(Put(1, 0));
    assert_eq!(world.month.alarm_at.get(), Some(NOW));
}

/// Where no part of a sheet can be kept, that is known, and not tried again and again.
#[test]
fn a_sheet_too_heavy_for_parts_is_looked_at_once() {
    let memory = Memory::default();
    let world = World::new(&memory);
    let heavy = Packed::from_bytes(vec![0; 3 << 20]);
    for n in 0..11 {
        let (row, _) = told(n, 0);
        block_on(put(&&world.month, Some(site()), (&row, &heavy), 1, NOW)).unwrap();
    }
    let made = || {
        world.lacking.set(true);
        let shelf = &&world.month;
        let rests = block_on(wake(shelf, shelf, &world.lacking, NOW, |_| {})).unwrap();
        assert!(rests);
        world.month.made()
    };
    let first = made();
    assert!(
        first
            .sheets
            .keys()
            .all(|sheet| parts_of(&first, sheet) == 1)
    );
    let written = world.month.operations();
    assert_eq!(made(), first);
    let asked = world.month.operations() - written;
    assert!(asked < 15, "it looks, and makes nothing: {asked}");
    block_on(world.asks()).unwrap();
}
