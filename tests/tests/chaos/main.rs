//! Kills at random moments under load: nothing that was acknowledged is lost, nothing
//! is stored twice, nothing that was erased comes back, and everything ends where it
//! should.
//!
//! Several recorders upload tabs of the same visits at once: in order, again, overlapping,
//! with holes that are filled later; they leave, come back after the session was
//! finished, and have sessions erased. Sessions live for a second or two, so that every
//! step of a session's end is under way when the power goes.
//!
//! Half a minute, or ten with `SENTIERO_FULL=1`. `SENTIERO_SEED` repeats a run's
//! decisions; the moments of the kills differ each time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod recorder;

use recorder::{ASKED, Counts, ERASED, Guest, Recorder, TABS, missing};
use sentiero_core::chunk::Chunk;
use sentiero_core::id::SessionId;
use sentiero_core::wire::{Limits, Upload};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use system_tests::client::{Connection, Dashboard, erase, upload};
use system_tests::random::Random;
use system_tests::upload::now;
use system_tests::wait::until;
use system_tests::worker::{Options, Worker};

/// Groups of recorders that share visits.
const GROUPS: u32 = 2;
/// How long a worker that was started may take to acknowledge something.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long everything may take to come to rest.
const REST: Duration = Duration::from_mins(3);

/// Runs the recorders until the worker is killed under them, and starts it again.
fn round(
    worker: &mut Worker,
    groups: &[RwLock<Vec<Arc<Guest>>>],
    counts: &Counts,
    random: &mut Random,
) {
    let killed = AtomicBool::new(false);
    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    std::thread::scope(|scope| {
        for guests in groups {
            for tab in 0..TABS {
                let recorder = Recorder {
                    tab,
                    guests,
                    connection: Connection::new(&worker.url),
                    dashboard: dashboard.clone(),
                    killed: &killed,
                    counts,
                    random: Random::new(random.draw()),
                };
                scope.spawn(move || recorder.run());
            }
        }
        // Sometimes at once: what the start finds to do is cut short, too. Else under load.
        let moment = if random.chance(20) {
            150
        } else {
            wait_for_load(counts);
            2_500
        };
        std::thread::park_timeout(Duration::from_millis(u64::from(random.below(moment))));
        killed.store(true, Ordering::SeqCst);
        worker.kill();
    });
    worker.restart().unwrap();
}

/// Until something is acknowledged, or nothing is for so long that the recorders must
/// have found something wrong; the round's end tells what.
fn wait_for_load(counts: &Counts) {
    let (before, start) = (counts.acknowledged(), Instant::now());
    while counts.acknowledged() == before && start.elapsed() < PATIENCE {
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Every row of the list: its session, and whether it is live.
fn listed(dashboard: &Dashboard) -> BTreeMap<SessionId, bool> {
    let mut rows = BTreeMap::new();
    let mut query = "?limit=200".to_owned();
    loop {
        let page = dashboard.list(&query).unwrap();
        rows.extend(page.sessions.into_iter().map(|row| (row.sid, row.live)));
        let Some(next) = page.next else { return rows };
        query = format!("?limit=200&cursor={next}");
    }
}

/// The session ids that follow `mark` anywhere in the files of a folder.
fn sids_after(worker: &Worker, folder: &str, mark: &[u8]) -> BTreeSet<SessionId> {
    let files = worker.stored_files(folder).unwrap();
    let mut found = BTreeSet::new();
    for file in files {
        let places = file.windows(mark.len()).enumerate();
        for (at, _) in places.filter(|(_, window)| *window == mark) {
            let id = file.get(at + mark.len()..at + mark.len() + SID_LENGTH);
            let id = id.and_then(|id| std::str::from_utf8(id).ok());
            found.extend(id.and_then(|id| SessionId::parse(id).ok()));
        }
    }
    found
}

/// 12 hex digits and 26 base32 characters.
const SID_LENGTH: usize = 38;

/// The sessions that have a chunk in R2.
fn in_chunks(worker: &Worker) -> BTreeSet<SessionId> {
    let files = worker.stored_files("r2/sentiero-recordings").unwrap();
    let chunks = files.iter().filter_map(|file| Chunk::parse(file).ok());
    let sids = chunks.filter_map(|chunk| {
        let body = chunk.batches.first()?.inflate().ok()?;
        let upload = Upload::parse(&body, &Limits::DEFAULT).ok()?;
        Some(upload.header.sid)
    });
    sids.collect()
}

fn duration() -> Duration {
    let full = std::env::var_os("SENTIERO_FULL").is_some();
    Duration::from_secs(if full { 600 } else { 20 })
}

fn seed() -> u64 {
    let given = std::env::var("SENTIERO_SEED").ok();
    given.map_or_else(now, |seed| seed.parse().unwrap())
}

/// Who asked and heard nothing asks again, as the recorder does.
fn ask_again(worker: &Worker, guests: &[Arc<Guest>]) {
    for guest in guests.iter().filter(|guest| guest.is(ASKED)) {
        let answer = erase(&worker.url, &guest.visit.sid).unwrap();
        assert_eq!(answer.status, 204);
        guest.erased.store(ERASED, Ordering::SeqCst);
    }
}

fn wait_for_rest(worker: &Worker, dashboard: &Dashboard, sids: &[&SessionId]) {
    until("every session is finished and listed", REST, || {
        let rows = listed(dashboard);
        let finished = |sid: &&SessionId| rows.get(*sid) == Some(&false);
        sids.iter().all(finished).then_some(())
    });
    until(
        "every session is in R2 and KV and in no object",
        REST,
        || {
            let chunks = in_chunks(worker);
            let records = sids_after(worker, "kv", b"s:demo:");
            let held = sids_after(worker, "do/sentiero-SessionObject", br#""sid":""#);
            let at_rest = |sid: &&SessionId| {
                chunks.contains(*sid) && records.contains(*sid) && !held.contains(*sid)
            };
            sids.iter().all(at_rest).then_some(())
        },
    );
}

/// Nobody is shown anything of it, and nothing more is taken.
fn assert_absent(worker: &Worker, dashboard: &Dashboard, erased: &[&Guest]) {
    let rows = listed(dashboard);
    for Guest { visit, .. } in erased {
        let sid = &visit.sid;
        assert!(!rows.contains_key(sid), "{sid} is listed");
        for path in ["", "/events", "/events?format=chunk"] {
            let answer = dashboard.get(&format!("sessions/{sid}{path}")).unwrap();
            assert_eq!(answer.status, 404, "{sid}{path}");
        }
        let late = upload(&worker.url, visit.batch(1, 0, 1)).unwrap();
        assert_eq!(late.code(), "session_erased");
    }
}

/// What became of the events of all that was kept.
#[derive(Default)]
struct Sum {
    acknowledged: u64,
    stored: usize,
    lost: u64,
    doubled: usize,
}

impl Sum {
    fn of(dashboard: &Dashboard, kept: &[&Guest]) -> Self {
        let mut sum = Self::default();
        for guest in kept {
            let stored = dashboard.events(&guest.visit, "").unwrap();
            sum.acknowledged += guest.acknowledged();
            sum.stored += stored.len();
            sum.doubled += guest.doubled(&stored);
            for tab in 0..TABS {
                let page = guest.pages[usize::from(tab)].lock().unwrap();
                sum.lost += missing(&stored, tab, &page.acknowledged);
            }
        }
        sum
    }
}

#[test]
fn kills_at_any_moment_lose_and_double_nothing() {
    let seed = seed();
    let mut random = Random::new(seed);
    let mut worker = Worker::start(Options::finishing_after(0.6)).unwrap();
    let groups: Vec<RwLock<Vec<Arc<Guest>>>> = (0..GROUPS).map(|_| RwLock::default()).collect();
    let counts = Counts::default();
    let start = Instant::now();
    let mut kills = 0;
    while start.elapsed() < duration() {
        round(&mut worker, &groups, &counts, &mut random);
        kills += 1;
    }

    let dashboard = Dashboard::sign_in(&worker.url).unwrap();
    let guests = groups
        .iter()
        .flat_map(|group| group.read().unwrap().clone());
    let guests: Vec<Arc<Guest>> = guests.collect();
    ask_again(&worker, &guests);
    let all = guests.iter().map(AsRef::as_ref);
    let (erased, kept): (Vec<&Guest>, Vec<&Guest>) = all
        .filter(|guest| guest.is(ERASED) || guest.acknowledged() > 0)
        .partition(|guest| guest.is(ERASED));
    let sids: Vec<&SessionId> = kept.iter().map(|guest| &guest.visit.sid).collect();
    wait_for_rest(&worker, &dashboard, &sids);
    let sum = Sum::of(&dashboard, &kept);
    assert_absent(&worker, &dashboard, &erased);
    counts.tell(&format!(
        "chaos, seed {seed}: {} s, {kills} kills, {} sessions kept and {} erased; \
         {} events acknowledged, {} stored, {} lost, {} doubled",
        start.elapsed().as_secs(),
        kept.len(),
        erased.len(),
        sum.acknowledged,
        sum.stored,
        sum.lost,
        sum.doubled,
    ));
    assert_eq!((sum.lost, sum.doubled), (0, 0));
    assert!(kept.len() > 2 && sum.acknowledged > 50, "it did not run");
}
