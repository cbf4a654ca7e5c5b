//! Erasures on stores in memory, with a fault at every step.

use super::*;
use crate::api::SessionRow;
use crate::id::Month;
use crate::lifecycle::{Erase, Held};
use crate::recording::{Record, Visitor};
use crate::store::StoreError;
use crate::store::memory::{Fault, Hold, Trouble, pause};
use pollster::block_on;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const NOW: Millis = 1_795_445_200_000;
pub(crate) const DAY: Millis = 86_400_000;

pub(crate) fn site() -> SiteKey {
    SiteKey::parse("demo").unwrap()
}

/// What befalls one operation, by its number.
#[derive(Default)]
pub(crate) struct Faults {
    count: Cell<u32>,
    at: Cell<Option<(u32, Trouble)>>,
    /// It was reached.
    reached: Cell<bool>,
}

/// Everything that can befall an operation but that it goes well at once.
pub(crate) fn troubles() -> Vec<Trouble> {
    let faults = [
        Fault::None,
        Fault::Failed,
        Fault::FailedButWritten,
        Fault::Twice,
    ];
    let holds = [None, Some(Hold::Before), Some(Hold::After)];
    let all = faults.iter().flat_map(|fault| {
        holds.map(|hold| Trouble {
            fault: *fault,
            hold,
        })
    });
    all.skip(1).collect()
}

impl Faults {
    /// The operation of that number, counted from now, goes so.
    pub(crate) fn plan(&self, number: u32, trouble: Trouble) {
        self.count.set(0);
        self.reached.set(false);
        self.at.set(Some((number, trouble)));
    }

    /// Whether it has happened.
    pub(crate) fn is_reached(&self) -> bool {
        self.reached.get()
    }

    /// How many operations there were.
    pub(crate) fn operations(&self) -> u32 {
        self.count.get()
    }

    fn next(&self) -> Trouble {
        let number = self.count.replace(self.count.get() + 1);
        let planned = self.at.get().filter(|(at, _)| *at == number);
        self.reached.set(self.reached.get() || planned.is_some());
        planned.map_or(
            Trouble {
                fault: Fault::None,
                hold: None,
            },
            |(_, trouble)| trouble,
        )
    }

    /// An operation of a store that is elsewhere.
    pub(crate) async fn run<T>(
        &self,
        done: impl FnMut() -> T,
    ) -> core::result::Result<T, StoreError> {
        let Trouble { fault, hold } = self.next();
        if hold == Some(Hold::Before) {
            pause().await;
        }
        let answer = under(fault, done);
        if hold == Some(Hold::After) {
            pause().await;
        }
        answer
    }

    /// An operation of one's own storage, which never waits.
    pub(crate) fn run_now<T>(
        &self,
        done: impl FnMut() -> T,
    ) -> core::result::Result<T, StoreError> {
        under(self.next().fault, done)
    }
}

fn under<T>(fault: Fault, mut done: impl FnMut() -> T) -> core::result::Result<T, StoreError> {
    let injected = || Err(StoreError("injected".to_owned()));
    match fault {
        Fault::None => Ok(done()),
        Fault::Failed => injected(),
        Fault::FailedButWritten => {
            done();
            injected()
        }
        Fault::Twice => {
            done();
            Ok(done())
        }
    }
}

/// Sessions, their rows, receipts, and one erasure.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) faults: Faults,
    pub(crate) rows: RefCell<BTreeMap<SessionId, SessionRow>>,
    /// What the object of a live session knows.
    pub(crate) live: RefCell<BTreeMap<SessionId, Record>>,
    pub(crate) erased: RefCell<BTreeSet<SessionId>>,
    pub(crate) receipts: RefCell<BTreeMap<ErasureId, Receipt>>,
    job: RefCell<Option<Job>>,
    alarm: Cell<Option<Millis>>,
    /// What the site had beside its sessions is gone.
    is_cleared: Cell<bool>,
    /// There is no site any more.
    site_is_gone: Cell<bool>,
}

impl Sites for &World {
    async fn exists(&self, _site: &SiteKey) -> Result<bool, StoreError> {
        self.faults.run(|| !self.site_is_gone.get()).await
    }
}

impl Sessions for &World {
    async fn held(&self, _site: &SiteKey, sid: &SessionId) -> Result<Held, StoreError> {
        self.faults
            .run(|| {
                if self.erased.borrow().contains(sid) {
                    return Held::Erased;
                }
                let record = self.live.borrow().get(sid).cloned();
                record.map_or(Held::Nothing, |record| Held::Record(Box::new(record)))
            })
            .await
    }

    async fn erase(&self, erase: &Erase) -> Result<(), StoreError> {
        assert!(
            !self.receipts.borrow().is_empty() || self.job.borrow().is_none(),
            "before the receipt"
        );
        self.faults
            .run(|| {
                self.rows.borrow_mut().remove(&erase.sid);
                self.live.borrow_mut().remove(&erase.sid);
                self.erased.borrow_mut().insert(erase.sid.clone());
            })
            .await
    }
}

impl Months for &World {
    async fn find(
        &self,
        _site: &SiteKey,
        month: Month,
        filter: &Filter,
        after: Option<&SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let found = || {
            let rows = self.rows.borrow();
            let rows = rows
                .values()
                .filter(|row| row.sid.month() == month && (row.live || filter.matches(row)));
            let rows = rows.filter(|row| after.is_none_or(|after| *after < row.sid));
            rows.take(limit as usize).cloned().collect()
        };
        self.faults.run(found).await
    }
}

impl Rest for &World {
    async fn clear_site(&self, _site: &SiteKey) -> Result<(), StoreError> {
        self.faults.run(|| self.is_cleared.set(true)).await
    }
}

impl Ledger for &World {
    async fn put(&self, _site: &SiteKey, receipt: &Receipt) -> Result<(), StoreError> {
        self.faults
            .run(|| {
                // As a ledger promises: an earlier state changes nothing.
                let mut receipts = self.receipts.borrow_mut();
                let is_behind =
                    |known: &Receipt| known.finished.is_some() || known.erased > receipt.erased;
                if !receipts.get(&receipt.id).is_some_and(is_behind) {
                    receipts.insert(receipt.id.clone(), receipt.clone());
                }
            })
            .await
    }

    async fn receipt(
        &self,
        _site: &SiteKey,
        _id: &ErasureId,
    ) -> Result<Option<Receipt>, StoreError> {
        panic!("no erasure reads receipts");
    }

    async fn receipts(
        &self,
        _site: &SiteKey,
        _before: Option<&ErasureId>,
        _limit: u32,
    ) -> Result<Vec<Receipt>, StoreError> {
        panic!("no erasure reads receipts");
    }
}

impl Desk for &World {
    fn load(&self) -> Result<Option<Job>, StoreError> {
        self.faults.run_now(|| self.job.borrow().clone())
    }

    fn save(&self, job: &Job) -> Result<(), StoreError> {
        self.faults
            .run_now(|| *self.job.borrow_mut() = Some(job.clone()))
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.faults
            .run(|| {
                self.job.take();
                self.alarm.set(None);
            })
            .await
    }

    async fn alarm(&self) -> Result<Option<Millis>, StoreError> {
        self.faults.run_now(|| self.alarm.get())
    }

    async fn set_alarm(&self, at: Millis) -> Result<(), StoreError> {
        self.faults.run_now(|| self.alarm.set(Some(at)))
    }
}

pub(crate) fn sid(at: Millis, number: u8) -> SessionId {
    SessionId::new(at, &[number; 17])
}

impl World {
    pub(crate) fn add(&self, sid: &SessionId, country: &str, user: Option<&str>) {
        let (record, _) = Record::rebuild(sid, Visitor::default(), []);
        let row = SessionRow {
            country: Some(country.to_owned()),
            users: user.map(str::to_owned).into_iter().collect(),
            ..record.state.row(sid, false)
        };
        self.rows.borrow_mut().insert(sid.clone(), row);
    }

    /// A live session whose row does not say yet what its object knows.
    pub(crate) fn add_live(&self, sid: &SessionId, user: Option<&str>) {
        self.add(sid, "NL", None);
        self.rows.borrow_mut().get_mut(sid).unwrap().live = true;
        let (mut record, _) = Record::rebuild(sid, Visitor::default(), []);
        record.live = true;
        record.state.digest.users.extend(user.map(str::to_owned));
        self.live.borrow_mut().insert(sid.clone(), record);
    }

    fn eraser(&self) -> Eraser<&Self, &Self, &Self, &Self, &Self> {
        Eraser {
            desk: self,
            ledger: self,
            months: self,
            sessions: self,
            sites: self,
            log: |error| eprintln!("{error}"),
        }
    }

    fn start(&self, wanted: Wanted, matched: u64) -> ErasureId {
        let id = ErasureId::new(NOW, &[7; 10]);
        let job = Job::new(
            site(),
            id.clone(),
            wanted,
            matched,
            "operator".to_owned(),
            NOW,
        );
        block_on(self.eraser().start(&job, NOW)).unwrap();
        id
    }

    /// Runs alarms until there is none; gives the receipt.
    fn finish(&self, id: &ErasureId) -> Receipt {
        for _ in 0..200 {
            let Some(at) = self.alarm.take() else {
                return self.receipts.borrow()[id].clone();
            };
            if block_on(self.eraser().alarm(at)).is_err() {
                // The platform repeats an alarm that has failed.
                self.alarm.set(Some(at));
            }
        }
        panic!("the alarm never rests");
    }
}

fn filter(json: &str) -> EraseRequest {
    serde_json::from_str(&format!(r#"{{"filter":{json}}}"#)).unwrap()
}

/// 3 sessions of this month and 45 of a year ago from Norway, others from Chile.
fn world() -> World {
    let world = World::default();
    for number in 0..3 {
        world.add(&sid(NOW - DAY, number), "NO", Some("u-1"));
        world.add(&sid(NOW - 2 * DAY, number), "CL", Some("u-2"));
    }
    for number in 0..45 {
        world.add(&sid(NOW - 365 * DAY, number), "NO", None);
        world.add(&sid(NOW - 366 * DAY, number), "CL", None);
    }
    world
}

#[test]
fn what_a_filter_takes_goes_and_nothing_else() {
    let world = world();
    let wanted = filter(r#"{"country":"NO"}"#).wanted(NOW).unwrap();
    let id = world.start(wanted, 48);
    let receipt = world.finish(&id);
    assert_eq!(
        (receipt.matched, receipt.erased, receipt.finished),
        (48, 48, Some(NOW))
    );
    assert_eq!(world.erased.borrow().len(), 48);
    let left = world.rows.borrow();
    assert_eq!(left.len(), 48);
    assert!(
        left.values()
            .all(|row| row.country.as_deref() == Some("CL"))
    );
    assert!(
        world.job.borrow().is_none(),
        "the erasure has forgotten everything"
    );
}

#[test]
fn a_purge_ends_before_its_instant() {
    let world = World::default();
    let before = NOW - 10 * DAY;
    world.add(&sid(before - 1, 1), "NO", None);
    world.add(&sid(before, 2), "NO", None);
    let id = world.start(
        PurgeRequest {
            before,
            confirm: Some(1),
        }
        .wanted(),
        1,
    );
    assert_eq!(world.finish(&id).erased, 1);
    assert!(world.rows.borrow().contains_key(&sid(before, 2)));
}

#[test]
fn sessions_go_by_their_ids_also_if_the_index_knows_none() {
    let world = world();
    let sessions = vec![sid(NOW - DAY, 0), sid(NOW - 9 * DAY, 9), sid(NOW - DAY, 0)];
    let request = EraseRequest {
        sessions: Some(sessions),
        ..EraseRequest::default()
    };
    let id = world.start(request.wanted(NOW).unwrap(), 2);
    assert_eq!(world.finish(&id).erased, 2, "each once");
    assert_eq!(world.rows.borrow().len(), 95);
}

#[test]
fn a_user_is_found_in_what_live_sessions_know() {
    let world = world();
    world.add_live(&sid(NOW - 1_000, 1), Some("u-1"));
    world.add_live(&sid(NOW - 1_000, 2), Some("u-2"));
    world.add_live(&sid(NOW - 1_000, 3), None);
    let request = EraseRequest {
        user: Some("u-1".to_owned()),
        ..EraseRequest::default()
    };
    let id = world.start(request.wanted(NOW).unwrap(), 3);
    assert_eq!(world.finish(&id).erased, 4);
    assert_eq!(world.live.borrow().len(), 2);
}

#[test]
fn a_receipt_says_nothing_of_who_was_erased() {
    let world = world();
    let request =
        filter(r#"{"user":"u-1","entry":"https://a.example/jane","country":"NO","from":5}"#);
    let id = world.start(request.wanted(NOW).unwrap(), 3);
    let receipt = world.finish(&id);
    assert_eq!(receipt.withheld, ["user", "entry"]);
    let json = serde_json::to_string(&receipt).unwrap();
    assert!(
        json.contains(r#""country":"NO""#) && json.contains(r#""from":5"#),
        "{json}"
    );
    for secret in ["u-1", "jane", sid(NOW - DAY, 0).as_str()] {
        assert!(!json.contains(secret), "{json}");
    }
    let request = EraseRequest {
        sessions: Some(vec![sid(NOW, 1)]),
        ..EraseRequest::default()
    };
    let job = Job::new(
        site(),
        id,
        request.wanted(NOW).unwrap(),
        1,
        "a".to_owned(),
        NOW,
    );
    assert!(
        !serde_json::to_string(&job.receipt)
            .unwrap()
            .contains(sid(NOW, 1).as_str())
    );
}

#[test]
fn what_begins_later_is_not_meant() {
    let world = world();
    let id = world.start(filter(r#"{"live":false}"#).wanted(NOW).unwrap(), 96);
    let later = sid(NOW + MAX_AHEAD, 200);
    world.add(&later, "NO", None);
    assert_eq!(world.finish(&id).erased, 96);
    assert!(world.rows.borrow().contains_key(&later));
}

/// Those from Norway, of fourteen months.
fn recent() -> EraseRequest {
    let from = NOW - 400 * DAY;
    filter(&format!(r#"{{"country":"NO","from":{from}}}"#))
}

/// What happens while an operation waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meanwhile {
    Nothing,
    /// It is asked for again, because the first answer was lost.
    Repetition,
    /// Another session of those that are meant is listed.
    Listed,
    /// The step is ended for good, and repeated by the platform.
    Crash,
}

/// Polls once; whether it has ended.
pub(crate) fn advances<F: Future>(future: core::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = core::task::Context::from_waker(core::task::Waker::noop());
    match future.poll(&mut context) {
        core::task::Poll::Ready(done) => Some(done),
        core::task::Poll::Pending => None,
    }
}

impl World {
    /// Runs alarms until there is none, with `meanwhile` wherever one of them waits.
    fn finish_with(&self, id: &ErasureId, meanwhile: Meanwhile, again: &Job) -> Receipt {
        let eraser = self.eraser();
        for _ in 0..200 {
            let Some(at) = self.alarm.take() else {
                return self.receipts.borrow()[id].clone();
            };
            let mut step = Box::pin(eraser.alarm(at));
            let mut done = advances(step.as_mut());
            if done.is_none() {
                match meanwhile {
                    Meanwhile::Nothing => {}
                    Meanwhile::Repetition => {
                        // Of an erasure that is over, its object knows nothing any more.
                        if self.job.borrow().is_some() {
                            block_on(self.eraser().start(again, NOW)).unwrap();
                        }
                    }
                    Meanwhile::Listed => self.add(&sid(NOW - 380 * DAY, 200), "NO", None),
                    Meanwhile::Crash => {
                        drop(step);
                        self.alarm.set(Some(at));
                        continue;
                    }
                }
                done = Some(block_on(step));
            }
            if !matches!(done, Some(Ok(()))) {
                self.alarm.set(Some(at));
            }
        }
        panic!("the alarm never rests");
    }
}

#[test]
fn every_fault_at_every_step_only_delays() {
    let run = |trouble: Option<(u32, Trouble)>, meanwhile: Meanwhile| {
        let world = world();
        world.add_live(&sid(NOW - 1_000, 1), Some("u-1"));
        let wanted = recent().wanted(NOW).unwrap();
        let id = ErasureId::new(NOW, &[7; 10]);
        let job = Job::new(site(), id.clone(), wanted, 48, "operator".to_owned(), NOW);
        block_on(world.eraser().start(&job, NOW)).unwrap();
        if let Some((number, trouble)) = trouble {
            world.faults.plan(number, trouble);
        }
        let receipt = world.finish_with(&id, meanwhile, &job);
        let cell = format!("{trouble:?} {meanwhile:?}");
        let later = world.erased.borrow().contains(&sid(NOW - 380 * DAY, 200));
        assert!(receipt.finished.is_some(), "{cell}");
        assert_eq!(receipt.erased, 48 + u64::from(later), "{cell}");
        let erased = world.erased.borrow().len() as u64;
        assert_eq!(erased, receipt.erased, "{cell}");
        let chile = world.rows.borrow();
        let left = chile
            .values()
            .filter(|row| row.country.as_deref() == Some("NO"));
        let listed = world.rows.borrow().contains_key(&sid(NOW - 380 * DAY, 200));
        assert_eq!(left.count(), usize::from(listed), "{cell}");
        assert!(world.job.borrow().is_none(), "{cell}");
        assert!(trouble.is_none() || world.faults.is_reached(), "{cell}");
        world.faults.operations()
    };
    let before = {
        let world = world();
        world.add_live(&sid(NOW - 1_000, 1), Some("u-1"));
        world.start(recent().wanted(NOW).unwrap(), 48);
        world.faults.operations()
    };
    let operations = run(None, Meanwhile::Nothing) - before;
    assert!(operations > 60, "{operations}");
    let mut cells = 0;
    for number in 0..operations {
        for trouble in troubles() {
            run(Some((number, trouble)), Meanwhile::Nothing);
            cells += 1;
            for meanwhile in [Meanwhile::Repetition, Meanwhile::Listed, Meanwhile::Crash] {
                if trouble.hold.is_some() {
                    run(Some((number, trouble)), meanwhile);
                    cells += 1;
                }
            }
        }
    }
    println!("{cells} cells");
}

/// Taking it on: who asks again after a failure has it done once.
#[test]
fn every_fault_while_it_is_taken_on_leaves_it_to_be_done_once() {
    let ask = |trouble: Option<(u32, Trouble)>| {
        let world = world();
        if let Some((number, trouble)) = trouble {
            world.faults.plan(number, trouble);
        }
        let wanted = recent().wanted(NOW).unwrap();
        let id = ErasureId::new(NOW, &[7; 10]);
        let job = Job::new(site(), id.clone(), wanted, 48, "operator".to_owned(), NOW);
        if block_on(world.eraser().start(&job, NOW)).is_err() {
            block_on(world.eraser().start(&job, NOW)).unwrap();
        }
        let operations = world.faults.operations();
        let receipt = world.finish(&id);
        assert_eq!(receipt.erased, 48, "{trouble:?}");
        assert_eq!(world.erased.borrow().len(), 48, "{trouble:?}");
        operations
    };
    for number in 0..ask(None) {
        for trouble in troubles() {
            ask(Some((number, trouble)));
        }
    }
}

/// Whoever asks again for another one where the first lacks its alarm sets it going.
#[test]
fn one_without_an_alarm_holds_up_no_other() {
    let world = world();
    let first = world.start(recent().wanted(NOW).unwrap(), 48);
    world.alarm.set(None);
    let another = ErasureId::new(NOW + 1, &[8; 10]);
    let by = "operator".to_owned();
    let wanted = recent().wanted(NOW).unwrap();
    let second = Job::new(site(), another.clone(), wanted, 48, by, NOW);
    world.take_on(&second, NOW);
    assert!(!world.receipts.borrow().contains_key(&another));
    assert_eq!(world.finish(&first).erased, 48);
}

/// An erasure of a site that is confirmed, each asked for again after a failure.
#[test]
fn every_fault_while_it_is_confirmed_leaves_it_to_be_done_once() {
    let ask = |trouble: Option<(u32, Trouble)>| {
        let world = world();
        if let Some((number, trouble)) = trouble {
            world.faults.plan(number, trouble);
        }
        let job = of_deleted_site();
        for job in [job.clone(), job.clone().confirmed()] {
            if block_on(world.eraser().start(&job, NOW)).is_err() {
                block_on(world.eraser().start(&job, NOW)).unwrap();
            }
        }
        let operations = world.faults.operations();
        let receipt = world.finish(&job.receipt.id);
        assert_eq!(receipt.erased, 96, "{trouble:?}");
        assert!(receipt.finished.is_some(), "{trouble:?}");
        assert!(world.is_cleared.get(), "{trouble:?}");
        operations
    };
    for number in 0..ask(None) {
        for trouble in troubles() {
            ask(Some((number, trouble)));
        }
    }
}

fn of_deleted_site() -> Job {
    let id = ErasureId::new(NOW, &[7; 10]);
    let by = "operator".to_owned();
    Job::new(site(), id, of_site(Some(96)), 96, by, NOW).unconfirmed()
}

impl World {
    fn take_on(&self, job: &Job, begins: Millis) {
        block_on(self.eraser().start(job, begins)).unwrap();
    }

    fn assert_untouched(&self) {
        assert!(self.erased.borrow().is_empty());
        assert_eq!(self.rows.borrow().len(), 96);
        assert!(self.receipts.borrow().is_empty(), "nobody is told of it");
    }
}

#[test]
fn an_erasure_of_a_site_that_stays_is_withdrawn() {
    let world = world();
    world.take_on(&of_deleted_site(), NOW);
    world.assert_untouched();
    block_on(world.eraser().withdraw()).unwrap();
    assert!(world.job.borrow().is_none());
    assert_eq!(world.alarm.get(), None);
    world.assert_untouched();
}

#[test]
fn one_that_was_confirmed_is_not_withdrawn_and_begins_in_time() {
    let world = world();
    let (job, begins) = (of_deleted_site(), NOW + 15_000);
    world.take_on(&job, begins);
    let confirmed = job.confirmed();
    world.take_on(&confirmed, begins);
    assert_eq!(world.alarm.get(), Some(begins));
    // Repeated, and asked for in the wrong order, it stays what it is.
    world.take_on(&confirmed, begins + 1);
    world.take_on(&of_deleted_site(), begins + 2);
    block_on(world.eraser().withdraw()).unwrap();
    assert_eq!(world.alarm.get(), Some(begins));
    // Made anew meanwhile under the same key: what was there before goes all the same.
    assert!(!world.site_is_gone.get());
    assert_eq!(world.finish(&confirmed.receipt.id).erased, 96);
}

#[test]
fn what_nobody_confirmed_is_done_only_if_the_site_is_gone() {
    for (gone, erased) in [(false, 0), (true, 96)] {
        let world = world();
        let (job, begins) = (of_deleted_site(), NOW + 15_000);
        world.take_on(&job, begins);
        let at = looks_for_itself(begins);
        assert_eq!(world.alarm.get(), Some(at));
        world.site_is_gone.set(gone);
        // The settings do not answer at first, behind the look at the desk.
        let failed = Trouble {
            fault: Fault::Failed,
            hold: None,
        };
        world.faults.plan(1, failed);
        block_on(world.eraser().alarm(world.alarm.take().unwrap())).unwrap();
        world.assert_untouched();
        while let Some(at) = world.alarm.take() {
            block_on(world.eraser().alarm(at)).unwrap();
        }
        assert_eq!(world.erased.borrow().len(), erased);
        assert!(world.job.borrow().is_none());
        let receipts = world.receipts.borrow();
        let told = receipts.get(&job.receipt.id).map(|receipt| receipt.erased);
        assert_eq!(told, gone.then_some(96));
    }
}

/// The confirmation arrives while the erasure asks for itself.
#[test]
fn a_confirmation_that_comes_while_it_looks_is_not_lost() {
    struct Confirming<'a>(&'a World);
    impl Sites for Confirming<'_> {
        async fn exists(&self, _site: &SiteKey) -> Result<bool, StoreError> {
            self.0.take_on(&of_deleted_site().confirmed(), NOW + 99);
            Ok(true)
        }
    }
    let world = world();
    world.take_on(&of_deleted_site(), NOW);
    let eraser = Eraser {
        desk: &world,
        ledger: &world,
        months: &world,
        sessions: &world,
        sites: Confirming(&world),
        log: |error| panic!("{error}"),
    };
    block_on(eraser.alarm(NOW + 60_000)).unwrap();
    assert_eq!(world.alarm.get(), Some(NOW + 99));
    assert_eq!(world.finish(&of_deleted_site().receipt.id).erased, 96);
}

#[test]
fn one_erasure_at_a_time_is_under_way_in_one_place() {
    let world = world();
    let first = world.start(filter(r#"{"country":"NO"}"#).wanted(NOW).unwrap(), 48);
    let all = PurgeRequest {
        before: NOW,
        confirm: Some(96),
    };
    let another = ErasureId::new(NOW + 1, &[8; 10]);
    let by = "operator".to_owned();
    let second = Job::new(site(), another.clone(), all.wanted(), 96, by, NOW);
    world.take_on(&second, NOW);
    assert!(!world.receipts.borrow().contains_key(&another));
    assert_eq!(world.finish(&first).erased, 48);
    // The place is free again.
    world.take_on(&second, NOW);
    assert_eq!(world.finish(&another).erased, 48);
    assert!(!world.is_cleared.get(), "the site stays");
}

#[test]
fn a_request_says_exactly_what_it_wants() {
    let one = sid(NOW, 1);
    let ahead = sid(NOW + MAX_AHEAD, 1);
    let future = sid(NOW + MAX_AHEAD + 1, 1);
    let many = |n: usize| {
        let ids: Vec<String> = (0..n)
            .map(|n| format!("\"{}\"", sid(n as Millis, 1)))
            .collect();
        format!(r#"{{"sessions":[{}]}}"#, ids.join(","))
    };
    for (json, expected) in [
        ("{}".to_owned(), Err("exactly one")),
        (
            format!(r#"{{"sessions":["{one}"],"user":"u"}}"#),
            Err("exactly one"),
        ),
        (r#"{"sessions":[]}"#.to_owned(), Err("1 to 1000")),
        (many(1_000), Ok(Kind::Sessions)),
        (many(1_001), Err("1 to 1000")),
        (format!(r#"{{"sessions":["{ahead}"]}}"#), Ok(Kind::Sessions)),
        (format!(r#"{{"sessions":["{future}"]}}"#), Err("future")),
        (r#"{"user":""}"#.to_owned(), Err("identify")),
        (r#"{"user":"•••••"}"#.to_owned(), Err("identify")),
        (r#"{"user":"u-1"}"#.to_owned(), Ok(Kind::User)),
        (r#"{"filter":{}}"#.to_owned(), Err("at least one")),
        (
            r#"{"filter":{"from":2,"before":2}}"#.to_owned(),
            Err("before"),
        ),
        (
            r#"{"filter":{"from":1,"before":2}}"#.to_owned(),
            Ok(Kind::Filter),
        ),
        (r#"{"filter":{"country":""}}"#.to_owned(), Err("country")),
        (
            format!(r#"{{"filter":{{"entry":"{}"}}}}"#, "x".repeat(4_096)),
            Ok(Kind::Filter),
        ),
        (
            format!(r#"{{"filter":{{"entry":"{}"}}}}"#, "x".repeat(4_097)),
            Err("entry"),
        ),
    ] {
        let request: EraseRequest = serde_json::from_str(&json).unwrap();
        match (request.wanted(NOW), expected) {
            (Ok(wanted), Ok(kind)) => assert_eq!(wanted.kind, kind, "{json:.80}"),
            (Err(wrong), Err(word)) => assert!(wrong.contains(word), "{json:.80}: {wrong}"),
            (found, _) => panic!("{json:.80}: {found:?}"),
        }
    }
    for json in [
        r#"{"filter":{"contry":"NO"}}"#,
        r#"{"session":[]}"#,
        r#"{"sessions":["x"]}"#,
    ] {
        assert!(
            serde_json::from_str::<EraseRequest>(json).is_err(),
            "{json}"
        );
    }
    assert!(serde_json::from_str::<PurgeRequest>("{}").is_err());
}

proptest! {
    /// Bodies come from outside.
    #[test]
    fn reading_a_request_never_panics(json in r#"\{("(sessions|user|filter|confirm)":([0-9"{}\[\]a-z,:]{0,40}),?){0,3}\}"#, text: String) {
        for text in [json, text] {
            if let Ok(request) = serde_json::from_str::<EraseRequest>(&text) {
                let _ = request.wanted(NOW);
            }
            let _ = serde_json::from_str::<PurgeRequest>(&text);
        }
    }

    /// A filter with fewer conditions takes at least as much.
    #[test]
    fn conditions_only_narrow(from in 0u64..4, before in 0u64..4, live: bool, started in 0u64..4, is_live: bool) {
        let (record, _) = Record::rebuild(&sid(started, 1), Visitor::default(), []);
        let row = record.state.row(&record.sid, is_live);
        let filter = Filter { from: Some(from), before: Some(before), live: Some(live), ..Filter::default() };
        prop_assert_eq!(filter.matches(&row), from <= started && started < before && live == is_live);
        let wider = Filter { live: None, ..filter.clone() };
        prop_assert!(!filter.matches(&row) || wider.matches(&row));
        prop_assert!(Filter::default().matches(&row));
    }
}
